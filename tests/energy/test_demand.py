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
    on_map = by_region[by_region["source"] == "map"]["month"].unique()
    panel = by_region[by_region["source"] == "panel"]["month"].unique()
    assert on_map.max() == pd.Timestamp("2022-01-01")
    # In two months the map saw nobody in China; that is no share of zero.
    assert [f"{month:%Y-%m}" for month in panel[:3]] == ["2021-07", "2021-08", "2022-02"]
    assert by_region.groupby("month")["share_pct"].sum().to_numpy() == pytest.approx(100)


@pytest.mark.parametrize(
    ("window", "message"), [(("2019-01", None), "outside"), (("2021-01", "2020-01"), "swap")]
)
def test_windows_outside_are_refused(window, message):
    with pytest.raises(InputError, match=message):
        energy.power(*window)


def test_a_zero_of_the_map_is_not_taken_at_its_word(by_region):
    rows = by_region[by_region["month"].between("2021-07-01", "2021-08-01")]
    china = rows[rows["region"] == "CHN"]
    assert len(china) == 2
    assert (china["power_gw"] > 0).all()
    assert (china["low_gw"] < china["power_gw"]).all()
    # The regions stay those of the map: whom only the panel names is among the others.
    assert set(rows["region"]) == set(hm.load("mining_map")["region"])


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
        lambda start, end: energy.network_emissions(start, end),
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


def test_power_by_hand(small_world):
    # 60, 20, 10 and 10 percent of 5, 10 and 20 GW; 720 hours.
    rows = small_world.power
    columns = ["share_pct", "low_gw", "power_gw", "high_gw", "energy_twh"]
    assert rows.loc["CHN", columns].tolist() == pytest.approx([60, 3, 6, 12, 4.32])
    assert rows.loc["KAZ", columns].tolist() == pytest.approx([20, 1, 2, 4, 1.44])
    assert rows.loc["OTH", columns].tolist() == pytest.approx([10, 0.5, 1, 2, 0.72])
    assert small_world.network_power.tolist() == pytest.approx([5, 10, 20, 7.2])


def test_the_bounds_of_power_join_those_of_shares_and_network(by_region):
    panel = hm.panel().set_index(["month", "region"])
    network = hm.load("network_power").set_index("month")
    later = by_region[(by_region["source"] == "panel") & (by_region["month"] >= "2022-02-01")]
    later = later.set_index(["month", "region"])
    band, month = panel.loc[later.index], later.index.get_level_values("month")
    # What is to add up to the network is a mean of draws; the ends are those of the panel's band.
    mean = hm.country_panel.means().rename_axis(columns="region").stack()
    band = band.assign(share_pct=mean[later.index])
    for ours, share, gw in (
        ("low_gw", "low", "power_lower_gw"),
        ("power_gw", "share_pct", "power_best_gw"),
        ("high_gw", "high", "power_upper_gw"),
    ):
        by_hand = band[share].to_numpy() / 100 * network.loc[month, gw].to_numpy()
        assert later[ours].to_numpy() == pytest.approx(by_hand), ours
    on_map = by_region[by_region["source"] == "map"].groupby("month")
    for ours, gw in (("low_gw", "power_lower_gw"), ("high_gw", "power_upper_gw")):
        sums = on_map[ours].sum()
        assert sums.to_numpy() == pytest.approx(network.loc[sums.index, gw].to_numpy())


def test_machines_by_hand():
    table = energy.machine_power("2021-01", "2021-02", overhead=1.2)
    efficiency = hm.load("fleet_efficiency").set_index("month")["efficiency_best_j_per_th"]
    hashrate = hm.network_hashrate("2021-01", "2021-02")
    for month in table.index:
        # EH/s are a million TH/s: times J/TH that is MW.
        gw = hashrate[month] * efficiency[month] * 1.2 / 1000
        assert table.loc[month, "machine_gw"] == pytest.approx(gw)
        assert 10 < gw < 20  # 145 EH/s at some 70 J/TH
        best = hm.load("network_power").set_index("month").loc[month, "power_best_gw"]
        assert table.loc[month, "power_best_gw"] == best
        assert table.loc[month, "ratio"] == pytest.approx(gw / best)


def test_hours_by_hand():
    months = pd.DatetimeIndex(["2020-02-01", "2021-02-01", "2021-06-01", "2021-12-01"])
    assert demand.hours(months).tolist() == [696, 672, 720, 744]
    assert demand.hours(pd.Series(months)).tolist() == [696, 672, 720, 744]


def test_shares_of_a_month_add_up_on_the_map_and_after_it():
    shares = energy.shares()
    assert shares.groupby("month")["share_pct"].sum().to_numpy() == pytest.approx(100)
    network = energy.network_power()["power_best_gw"]
    summed = energy.power().groupby("month")["power_gw"].sum()
    assert summed.to_numpy() == pytest.approx(network.to_numpy())
