"""Data and methods."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.chapters import methods as chapter
from hashrate_migration.flows.simulation import AS_ASSUMED


def test_sources_are_counted_by_kind():
    found = chapter.sources()
    assert found.count == len(hm.sources())
    assert found.originals + found.copies + found.own == found.count
    assert found.copies == (hm.sources()["kind"] == "secondary").sum()


def test_both_ways_agree_in_most_months():
    ratio = chapter.two_ways()
    assert ratio.mean() == pytest.approx(1, abs=0.01)
    apart = 100 * (ratio - 1).abs().sort_values().iloc[int(0.95 * len(ratio))]
    title = chapter.two_ways_title(ratio)
    assert title.startswith("In 95 percent of the months")
    assert float(title.split()[-2]) == pytest.approx(apart, abs=0.2)


def test_the_checks_are_ratios_around_one():
    table = chapter.ratio_checks(chapter.two_ways())
    assert (table["lowest_ratio"] <= 1).all()
    assert (table["highest_ratio"] >= 1).all()
    assert (table["lowest_ratio"] > 0.9).all()
    mapped = hm.load("mining_map")["month"].nunique()
    assert table["months"].iloc[0] == table["months"].iloc[1] == mapped


def test_the_truth_test_in_short():
    table = pd.DataFrame(
        {
            "variant": [AS_ASSUMED, "longer lags", "larger proxies"],
            "worlds": 10,
            "coverage_pairs_pct": [90.0, 80.0, 30.0],
            "coverage_back_pct": [85.0, 95.0, 20.0],
            "error_net_pct": [1.0, 2.0, 3.0],
        }
    )
    held = chapter.held(table)
    assert held.assumed == (85.0, 90.0)
    assert held.others == (20.0, 95.0)
    kept = chapter.held(flows.truth())
    assert 0 <= kept.others[0] <= kept.assumed[1] <= 100


def test_vendors_have_a_part_of_the_figures():
    since, part = chapter.vendors()
    assert since == pd.Timestamp("2025-01-01")
    assert 0 < part <= 100
