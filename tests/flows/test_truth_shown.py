"""The truth test as reports show it."""

from __future__ import annotations

import pandas as pd
import pytest

from hashrate_migration import flows
from hashrate_migration.flows import truth_shown as chapter
from hashrate_migration.flows.world_kinds import KINDS

COVERAGE = {"as usual": (90, 88, 96, 100, 95), "lots": (71, 79, 100, 96, 75)}


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
            **{f"error_{method}_pct": float(number) for number, method in enumerate(flows.METHODS)},
        }
        for kind, values in COVERAGE.items()
        for figure, value in zip(chapter.FIGURES, values, strict=True)
    ]
    marked = {"kind": "lots", "figure": "marked", "worlds": 100, "coverage_pct": 1.0}
    return pd.DataFrame([*rows, marked])


def test_every_kind_of_world_is_told():
    assert set(chapter.KINDS) == set(KINDS)


def test_in_short(table):
    found = chapter.truth(table)
    assert found.usual["back"] == 96
    assert found.others == (71, 100)
    assert found.margin == pytest.approx(6)
    assert found.worst_pct == 71
    assert found.worst_worlds.startswith("lots: ")
    assert found.worst_figure == "holds a pair's flow"
    assert found.wider == ["what ran in place again"]
    assert found.errors["proportional"] == 1


def test_its_tables(table):
    held = chapter.coverage(table)
    assert list(held["coverage_abroad_pct"]) == [88, 79]
    assert list(held["worlds"]) == [100, 100]
    wide = chapter.widths(table)
    assert list(wide["width_pairs_pct"]) == [10, 10]
    assert list(chapter.errors(table)["error_net_pct"]) == [0, 0]


def test_the_kept_table_can_be_shown():
    kept = flows.truth()
    assert len(chapter.coverage(kept)) == len(chapter.widths(kept)) == len(chapter.errors(kept))
    assert 0 <= chapter.truth(kept).worst_pct <= 100
