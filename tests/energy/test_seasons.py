"""Seasons in China: provinces add up, and the cycle finds the wet months."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.special import logit
from statsmodels.tsa.statespace.structural import UnobservedComponents

import hashrate_migration as hm
from hashrate_migration import chronology, energy
from hashrate_migration.energy import seasons
from hashrate_migration.errors import InputError


def test_provinces_add_up_to_china():
    rows = energy.province_power()
    china = hm.stocks()["CHN"]
    sums = rows.groupby("month")["hashrate_ehs"].sum()
    assert sums.to_numpy() == pytest.approx(china[sums.index].to_numpy())


def test_what_one_province_loses_others_gain():
    table = energy.rotation()
    assert table["swing_points"].sum() == pytest.approx(0, abs=1e-9)
    assert table.index[0] == "CN-SC"
    assert table.index[-1] == "CN-XJ"


def test_the_cycle_finds_the_wet_season():
    table = energy.annual_cycle("CN-SC")
    assert table["cycle"].loc["2020-08-01"] > 0.5
    assert table["cycle"].loc["2020-02-01"] < -0.5
    assert energy.annual_cycle("CN-XJ")["cycle"].loc["2020-08-01"] < 0
    # The last two months are a forecast with a band.
    assert table["low"].notna().sum() == 2


def test_an_unknown_province_is_refused():
    with pytest.raises(InputError, match="'CN-HK' is unknown"):
        energy.annual_cycle("CN-HK")


def test_the_rotation_is_a_wet_and_a_dry_season():
    months = seasons.months_of_rotation()
    assert months[-1] == chronology.CALM
    assert list(months[:6].month) == list(seasons.WET_MONTHS)
    assert not set(months[6:].month) & set(seasons.WET_MONTHS)


def test_power_of_provinces_by_hand(small_world):
    # China is at 60 percent of 10 GW; Sichuan has 70 percent of that in wet months, 20 in dry ones.
    rows = small_world.province_power.set_index(["month", "region"])
    wet, dry = pd.Timestamp("2020-06-01"), pd.Timestamp("2020-12-01")
    assert rows.loc[(wet, "CN-SC"), ["part", "power_gw"]].tolist() == pytest.approx([0.7, 4.2])
    assert rows.loc[(dry, "CN-SC"), ["part", "power_gw"]].tolist() == pytest.approx([0.2, 1.2])
    assert rows.loc[(wet, "CN-OTH"), "power_gw"] == pytest.approx(0.6)
    assert rows.loc[(wet, "CN-SC"), "season"] == "wet"
    assert rows.loc[(dry, "CN-SC"), "season"] == "dry"
    hashrate = hm.network_hashrate("2020-06", "2020-06").item()
    assert rows.loc[(wet, "CN-SC"), "hashrate_ehs"] == pytest.approx(0.7 * 0.6 * hashrate)


def test_the_rotation_by_hand(small_world):
    table = small_world.rotation
    assert table.loc["CN-SC", ["wet_pct", "dry_pct"]].tolist() == pytest.approx([70, 20])
    assert table["swing_points"][["CN-SC", "CN-XJ", "CN-OTH"]].tolist() == pytest.approx(
        [50, -50, 0]
    )
    # Half of China's 6 GW, and of 60 percent of the mean hashrate of the twelve months.
    assert table["swing_gw"][["CN-SC", "CN-XJ"]].tolist() == pytest.approx([3, -3])
    hashrate = hm.network_hashrate("2020-05", "2021-04").mean()
    assert table.loc["CN-SC", "swing_ehs"] == pytest.approx(0.5 * 0.6 * hashrate)


def test_the_forecasts_band_holds_nine_in_ten():
    table = energy.annual_cycle("CN-SC").dropna(subset=["low"])
    assert (table["low"] < table["expected"]).all()
    assert (table["expected"] < table["high"]).all()
    known = logit(energy.provinces()["CN-SC"].asfreq("MS").loc[: chronology.CALM])
    model = UnobservedComponents(
        known,
        level="local level",
        freq_seasonal=[{"period": 12, "harmonics": 1}],
        stochastic_freq_seasonal=[False],
    )
    forecast = model.fit(disp=False).get_forecast(len(table))
    # 1.645 standard errors to either side hold 90 percent of a normal distribution.
    for name, errors in (("low", -1.645), ("expected", 0), ("high", 1.645)):
        by_hand = forecast.predicted_mean + errors * forecast.se_mean
        assert logit(table[name]).to_numpy() == pytest.approx(by_hand.to_numpy(), abs=2e-3), name


def test_the_known_months_are_observed_and_expected_by_level_and_cycle():
    table = energy.annual_cycle("CN-SC")
    parts = energy.provinces()["CN-SC"]
    assert table["observed"].to_numpy() == pytest.approx(parts.to_numpy())
    calm = table.loc[: chronology.CALM]
    by_hand = logit(calm["level"]) + calm["cycle"]
    assert logit(calm["expected"]).to_numpy() == pytest.approx(by_hand.to_numpy())
