"""A country by year."""

from __future__ import annotations

import numpy as np
import pytest

import hashrate_migration as hm
from hashrate_migration import energy


def test_a_country_by_year(by_region):
    table = energy.country_years("KAZ")
    own = by_region[(by_region["region"] == "KAZ") & (by_region["month"].dt.year == 2021)]
    assert table.loc[2021, "energy_twh"] == pytest.approx(own["energy_twh"].sum())
    grid = hm.load("grid_by_country").set_index(["country", "year"])["generation_twh"]
    part = 100 * own["energy_twh"].sum() / grid["KAZ", 2021]
    assert table.loc[2021, "of_generation_pct"] == pytest.approx(part)
    # Four months are no year.
    assert np.isnan(table.loc[2019, "of_generation_pct"])


@pytest.mark.parametrize("code", ["CHN", "ARE", "NOR"])
def test_bounds_enclose_and_the_mix_is_whole(code):
    table = energy.country_years(code).dropna(subset=["coal_pct"])
    assert (table["low_gw"] <= table["power_gw"]).all()
    assert (table["power_gw"] <= table["high_gw"]).all()
    parts = table[["coal_pct", "gas_pct", "oil_pct", "low_carbon_pct"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(100)


def test_a_year_by_hand(by_region):
    table = energy.country_years("KAZ")
    for year in (2019, 2021, 2023):
        own = by_region[(by_region["region"] == "KAZ") & (by_region["month"].dt.year == year)]
        row = table.loc[year]
        assert row["months"] == len(own) == {2019: 4}.get(year, 12)
        for name in ("low_gw", "power_gw", "high_gw"):
            assert row[name] == pytest.approx(own[name].mean()), name
        mt = (own["energy_twh"] * own["intensity_g_per_kwh"] / 1000).sum()
        assert row["emissions_mt"] == pytest.approx(mt)
        assert row["intensity_g_per_kwh"] == pytest.approx(1000 * mt / own["energy_twh"].sum())
        coal = 100 * (own["coal"] * own["energy_twh"]).sum() / own["energy_twh"].sum()
        assert row["coal_pct"] == pytest.approx(coal)
        gas = 100 * (own["gas"] * own["energy_twh"]).sum() / own["energy_twh"].sum()
        assert row["gas_pct"] == pytest.approx(gas)
        assert row["coal_pct"] + row["gas_pct"] + row["oil_pct"] + row[
            "low_carbon_pct"
        ] == pytest.approx(100)


def test_regions_add_up_to_the_network_in_every_year(by_region, monthly):
    years = energy.yearly(monthly)
    sums = by_region.groupby(by_region["month"].dt.year)[["energy_twh", "emissions_mt"]].sum()
    for column in sums:
        assert sums[column].to_numpy() == pytest.approx(years[column].to_numpy())
