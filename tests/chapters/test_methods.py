"""Data and methods."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.chapters import methods as chapter
from hashrate_migration.country_panel.prior import Prior
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


DIAGNOSTICS = {
    "chains": 4,
    "draws": 1000,
    "warmup": 1500,
    "divergences": 2,
    "rhat_max": 1.0123,
    "ess_bulk_min": 412.4,
    "ess_tail_min": 380.0,
    "worst": [
        {"month": "2021-07", "region": "CHN", "rhat": 1.0123, "ess_bulk": 412.4, "ess_tail": 380.0},
    ],
}


def test_the_chains_in_short():
    table = chapter.chains(DIAGNOSTICS).table().set_index("check")["result"]
    assert table["chains"] == "4"
    assert table["draws of each chain"] == "1,000"
    assert table["divergences"] == "2"
    assert table["largest R-hat"] == "1.012"
    assert table["fewest effective draws, tails"] == "380"


def test_the_shares_on_which_the_chains_agree_least():
    table = chapter.slowest(DIAGNOSTICS)
    assert table.columns.tolist() == ["month", "region", "rhat", "ess_bulk", "ess_tail"]
    assert table.loc[0, "month"] == pd.Timestamp("2021-07-01")
    assert chapter.slowest(DIAGNOSTICS | {"worst": []}).empty


def test_the_fits_of_the_validation_by_way():
    rows = [
        {"by": "quarter", "fold": "a", "figures": 3, "divergences": 1, "rhat_max": 1.01},
        {"by": "quarter", "fold": "b", "figures": 4, "divergences": 2, "rhat_max": 1.05},
        {"by": "family", "fold": "c", "figures": 5, "divergences": None, "rhat_max": 1.02},
    ]
    table = chapter.folds({"diagnostics": rows}).set_index("left_out")
    assert table["folds"].to_dict() == {"each quarter": 2, "each family of publishers": 1}
    assert table.loc["each quarter", ["divergences", "rhat"]].tolist() == [3, 1.05]
    assert pd.isna(table.loc["each family of publishers", "divergences"])


def test_the_validation_in_short():
    score = {f"{name}crps": [0.1] * 4 for name in ("", "lines_", "walk_")}
    left_out = pd.DataFrame(
        {
            "by": ["quarter"] * 4,
            "group": ["map", "map", "vendor", "other"],
            "low90": 1.0,
            "high90": 2.0,
            "inside50": [True, True, False, False],
            "inside90": [True, True, True, False],
            "above": [True, True, True, False],
            "log_score": [1.0, 1.0, 1.0, 1.0],
            "lines_log_score": [0.0, 0.0, 2.0, 0.0],
            "walk_log_score": 0.0,
            "lines_inside90": True,
            "walk_inside90": True,
            **score,
        }
    )
    short = chapter.found_again(left_out)
    assert (short.figures, short.inside_pct, short.above_pct) == (4, 75, 75)
    assert (short.beyond_lines, short.groups) == (2, 3)
    # Of each group and of all: bands of 90 percent, inner bands but that of all, medians; and the
    # vendors' lines.
    assert short.missed == 4 + 3 + 4 + 1


def test_every_belief_of_the_panel_is_shown():
    table = chapter.beliefs()
    assert list(chapter.BELIEFS) == [field.name for field in dataclasses.fields(Prior)]
    other = chapter.beliefs(Prior(hidden=0.25))["size"]
    assert (table["size"] != other).sum() == 1
