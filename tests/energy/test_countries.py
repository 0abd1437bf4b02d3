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
