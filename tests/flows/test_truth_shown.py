"""The truth test as reports show it."""

from __future__ import annotations

import pandas as pd
import pytest

from hashrate_migration import flows
from hashrate_migration.flows import truth_shown as chapter
from hashrate_migration.flows.world_kinds import KINDS

COVERAGE = {"as usual": (90, 88, 96, 100, 95), "lots": (71, 79, 100, 96, 75, 1)}


@pytest.fixture
def table():
    rows = [
        {
            "kind": kind,
            "figure": figure,
            "worlds": 100,
            "coverage_pct": value,
            "width_pct": 10.0,
            "bounds_width_pct": 8.0 if (kind, figure) == ("lots", "back") else 20.0,
            "bounds_coverage_pct": 13.0 if kind == "lots" else 79.0,
            "error_pct": -4.0 if kind == "lots" else -19.0,
            **{f"error_{method}_pct": float(number) for number, method in enumerate(flows.METHODS)},
        }
        for kind, values in COVERAGE.items()
        # Only some kinds are about a country.
        for figure, value in zip(chapter.FIGURES, values, strict=False)
    ]
    return pd.DataFrame(rows)


def test_every_kind_of_world_is_told():
    assert set(chapter.KINDS) == set(KINDS)


def test_in_short(table):
    found = chapter.truth(table)
    assert found.usual["back"] == 96
    assert found.others == (1, 100)
    assert found.margin == pytest.approx(6)
    # The country that a kind is about is held no more gently than the others.
    assert found.worst_pct == 1
    assert found.worst_worlds.startswith("lots: ")
    assert found.worst_figure == "holds the flow to the country it is about"
    assert found.leaning["abroad"] == (-19, -4)
    assert found.bounded == (13, 79)
    assert found.wider == ["what ran in place again"]
    assert found.errors["proportional"] == 1


def test_its_tables(table):
    held = chapter.coverage(table)
    assert list(held["coverage_abroad_pct"]) == [88, 79]
    assert list(held["worlds"]) == [100, 100]
    wide = chapter.widths(table)
    assert list(wide["width_pairs_pct"]) == [10, 10]
    assert list(chapter.errors(table)["error_net_pct"]) == [0, 0]
    assert list(chapter.medians(table)["off_abroad_pct"]) == [-19, -4]
    assert held["coverage_marked_pct"].isna().to_list() == [True, False]


def test_the_kept_table_can_be_shown():
    kept = flows.truth()
    assert len(chapter.coverage(kept)) == len(chapter.widths(kept)) == len(chapter.errors(kept))
    assert chapter.truth(kept).worst_pct == kept["coverage_pct"].min()
