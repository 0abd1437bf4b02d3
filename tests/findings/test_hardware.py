"""The makers of machines, and the machines."""

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.errors import InputError
from hashrate_migration.findings import hardware


def test_the_frontier_only_improves():
    best = hardware.frontier()["best_j_per_th"].dropna()
    assert best.is_monotonic_decreasing
    assert best.iloc[-1] == hm.load("hardware_models")["efficiency_j_per_th"].min()


def test_changes_compare_the_same_period_and_unit():
    table = hardware.maker("Canaan", "revenue")
    assert table.loc["2021-01-01", "change_pct"] == pytest.approx(100 * (4990 / 447.7 - 1))
    # Yuan in 2022, dollars in 2023: not to be compared.
    assert pd.isna(table.loc["2023-01-01", "change_pct"])
    halves = hardware.maker("Ebang", "revenue", months=6)
    assert halves.loc["2021-01-01", "change_pct"] == pytest.approx(100 * (18.3 / 11.04 - 1))


def test_unknown_figures_are_named():
    with pytest.raises(InputError, match="no 'beauty' of 'Canaan'; it has: .*revenue"):
        hardware.maker("Canaan", "beauty")
    with pytest.raises(InputError, match="'Acme'"):
        hardware.maker("Acme", "revenue")
