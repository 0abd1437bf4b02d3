"""Power: units by hand, sums, windows."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hashrate_migration as hm
from hashrate_migration import energy, periods
from hashrate_migration.energy import demand
from hashrate_migration.errors import InputError

ALL = demand.months()

WINDOWS = st.tuples(st.integers(0, len(ALL) - 1), st.integers(0, len(ALL) - 1)).map(sorted)


def test_units_by_hand():
    # China in May 2020: share of the map times best guess; 744 hours.
    share = hm.shares("2020-05", "2020-05")
    part = share["CHN"].item() / share.sum(axis=1).item()
    gw = hm.load("network_power").set_index("month")["power_best_gw"]["2020-05-01"]
    rows = energy.power("2020-05", "2020-05").set_index("region")
    assert rows.loc["CHN", "power_gw"] == pytest.approx(part * gw)
    assert rows.loc["CHN", "energy_twh"] == pytest.approx(part * gw * 744 / 1000)


def test_regions_add_up_to_the_network(by_region):
    network = energy.network_power()
    sums = by_region.groupby("month")[["power_gw", "energy_twh"]].sum()
    assert sums["power_gw"].to_numpy() == pytest.approx(network["power_best_gw"].to_numpy())
    assert sums["energy_twh"].to_numpy() == pytest.approx(network["best_twh"].to_numpy())


def test_bounds_enclose(by_region):
    assert (by_region["low_gw"] <= by_region["power_gw"]).all()
    assert (by_region["power_gw"] <= by_region["high_gw"]).all()


def test_machines_come_to_the_model_of_their_own_source():
    table = energy.machine_power()
    assert table["ratio"].between(0.9, 1.1).all()
    row = table.iloc[0]
    # EH/s times J/TH are MW.
    megawatts = row["hashrate_ehs"] * row["efficiency_j_per_th"] * energy.OVERHEAD
    assert row["machine_gw"] == pytest.approx(megawatts / 1000)


def test_china_in_2020_is_near_43_twh(by_region):
    china = by_region[(by_region["region"] == "CHN") & (by_region["month"].dt.year == 2020)]
    assert china["energy_twh"].sum() == pytest.approx(43.4, abs=0.5)


def test_shares_are_the_maps_then_the_panels(by_region):
    last = by_region[by_region["source"] == "map"]["month"].max()
    assert last == pd.Timestamp("2022-01-01")
    assert by_region[by_region["source"] == "panel"]["month"].min() == pd.Timestamp("2022-02-01")
    assert by_region.groupby("month")["share_pct"].sum().to_numpy() == pytest.approx(100)


@pytest.mark.parametrize(
    ("window", "message"), [(("2019-01", None), "outside"), (("2021-01", "2020-01"), "swap")]
)
def test_windows_outside_are_refused(window, message):
    with pytest.raises(InputError, match=message):
        energy.power(*window)


def test_months_begin_with_the_mining_map():
    assert ALL[0] == hm.shares().index[0]
    assert ALL[-1] <= hm.load("network_power")["month"].max()


@settings(max_examples=5, deadline=None)
@given(WINDOWS)
def test_a_window_is_a_part_of_the_whole(by_region, window):
    first, last = ALL[window[0]], ALL[window[1]]
    columns = ["month", "region", "power_gw", "low_gw", "high_gw", "energy_twh", "source"]
    part = by_region.loc[by_region["month"].between(first, last), columns].reset_index(drop=True)
    asked = energy.power(f"{first:%Y-%m}", f"{last:%Y-%m}")
    pd.testing.assert_frame_equal(asked[columns], part)
    assert list(demand.span_of(first, last)) == list(asked["month"].unique())


@pytest.mark.parametrize(
    "ask",
    [
        energy.shares,
        energy.network_power,
        energy.power,
        energy.emissions,
        lambda start, end: energy.network_emissions(start, end, draws=100),
    ],
    ids=["shares", "network_power", "power", "emissions", "network_emissions"],
)
def test_a_window_is_read_once(ask, monkeypatch):
    """On the way from shares to emissions no function reads the ends of the window again."""
    read, seen = periods.read, []

    def reading(value, label):
        period = read(value, label)
        seen.append(f"{period.start_time:%Y-%m}")
        return period

    monkeypatch.setattr(periods, "read", reading)
    ask("2021-03", "2022-05")
    assert seen.count("2021-03") == 1
    assert seen.count("2022-05") == 1
