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


def test_a_length_without_figures_is_named():
    with pytest.raises(InputError, match=r"for periods of 5 months; .* of: 3, 12\."):
        hardware.maker("Canaan", "revenue", months=5)


def test_from_a_loss_there_is_no_change_in_percent():
    table = hardware.maker("Canaan", "net profit")
    # 122.0 after 376.0; then -1034.5, -215.1 and 2000.0 million yuan.
    assert table.loc["2018-01-01", "change_pct"] == pytest.approx(-67.5532, abs=1e-4)
    assert table.loc["2019-01-01", "change_pct"] == pytest.approx(-947.9508, abs=1e-4)
    assert table.loc[["2020-01-01", "2021-01-01"], "change_pct"].isna().all()


def test_best_machines_stand_beside_those_that_ran():
    table = hardware.frontier()
    assert table.index.name == "month"
    assert list(table) == ["best_j_per_th", "fleet_j_per_th", "fleet_low", "fleet_high"]
    # S3, S5 and the better of two in June 2016; a worse machine of July takes nothing back.
    best = table["best_j_per_th"]
    months = ["2014-07", "2014-11", "2014-12", "2016-06", "2016-07"]
    assert [best[f"{month}-01"] for month in months] == [765.69, 765.69, 510.82, 98, 98]
    # The S19 Pro of 2020, the S21 XP of September 2024 and the M70S+ of December 2025.
    months = ["2020-05", "2022-04", "2024-09", "2026-03"]
    assert [best[f"{month}-01"] for month in months] == [29.55, 29.55, 13.5, 12.87]
    # The lists end in March 2026, Cambridge's estimate in September 2024.
    assert table.index[[0, -1]].tolist() == [pd.Timestamp("2014-07-01"), pd.Timestamp("2026-03-01")]
    fleet = table[["fleet_low", "fleet_j_per_th", "fleet_high"]]
    assert fleet.loc["2020-05-01"].tolist() == [39.5, 62.8574, 91.3132]
    assert fleet.loc[:"2024-09-01"].notna().all(axis=None)
    assert fleet.loc["2024-10-01":].isna().all(axis=None)


def test_figures_of_a_maker_have_their_unit_and_only_the_year_before():
    table = hardware.maker("Canaan", "revenue")
    assert table.index.name == "start_month"
    assert list(table) == ["value", "unit", "note", "change_pct"]
    assert list(table.index.year) == list(range(2017, 2025))
    assert list(table["value"]) == [1308, 2705, 1422.6, 447.7, 4990, 4379, 211.5, 269.3]
    assert list(table["unit"]) == ["million CNY"] * 6 + ["million USD"] * 2
    by_hand = [None, 106.804, -47.408, -68.529, 1014.586, -12.244, None, 27.329]
    assert table["change_pct"].astype(float).to_numpy() == pytest.approx(
        pd.Series(by_hand, dtype=float).to_numpy(), abs=1e-3, nan_ok=True
    )
    own = hm.load("hardware_makers").query("company == 'Canaan' and metric == 'revenue'")
    years = own[own["end_month"].dt.month.eq(12) & own["start_month"].dt.month.eq(1)]
    assert table["note"].tolist() == years.sort_values("start_month")["note"].tolist()


def test_what_there_is_no_figure_of_is_listed():
    makers = ", ".join(hm.load("hardware_makers")["company"].unique())
    with pytest.raises(InputError) as stopped:
        hardware.maker("Acme", "revenue")
    assert str(stopped.value) == (
        f"hardware_makers.csv has no 'revenue' of 'Acme'; it has: {makers}."
    )
    with pytest.raises(InputError) as stopped:
        hardware.maker("Canaan", "revenue", months=True)
    assert str(stopped.value) == (
        "hardware_makers.csv has no 'revenue' of 'Canaan' for periods of True months; "
        "those that it has are of: 3, 12."
    )
