"""Seasons in China: provinces add up, and the cycle finds the wet months."""

from __future__ import annotations

import pytest

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
