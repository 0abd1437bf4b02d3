"""Emissions: units by hand, identities, ranges, sets of factors."""

from __future__ import annotations

import pytest

import hashrate_migration as hm
from hashrate_migration import energy
from hashrate_migration.energy import carbon, electricity
from hashrate_migration.errors import InputError


def test_units_by_hand():
    rows = energy.emissions("2020-05", "2020-05").set_index("region")
    kaz = rows.loc["KAZ"]
    assert kaz["emissions_mt"] == pytest.approx(
        kaz["energy_twh"] * kaz["intensity_g_per_kwh"] / 1000
    )
    # Kazakhstan's grid of 2020, source by source.
    parts, _ = electricity.country_mix("KAZ", 2020)
    assert kaz["intensity_g_per_kwh"] == pytest.approx((parts * carbon.factors_of()).sum())


def test_regions_add_up_to_the_network(by_region, monthly):
    sums = by_region.groupby("month")["emissions_mt"].sum()
    assert sums.to_numpy() == pytest.approx(monthly["emissions_mt"].to_numpy())
    mean = monthly["energy_twh"] * monthly["intensity_g_per_kwh"] / 1000
    assert mean.to_numpy() == pytest.approx(monthly["emissions_mt"].to_numpy())


def test_ranges_enclose(monthly):
    for middle, low, high in (
        ("intensity_g_per_kwh", "intensity_low", "intensity_high"),
        ("emissions_mt", "low_mt", "high_mt"),
    ):
        assert (monthly[low] <= monthly[middle] + 1e-9).all()
        assert (monthly[middle] <= monthly[high] + 1e-9).all()


def test_after_the_map_the_band_of_shares_is_carried_through(monthly):
    width = (monthly["intensity_high"] - monthly["intensity_low"]) / monthly["intensity_g_per_kwh"]
    assert width["2023-06-01"] > width["2022-01-01"]


@pytest.mark.parametrize("factors", carbon.LIFE_CYCLE)
def test_an_own_intensity_lies_near_embers(factors):
    # Ember counts life cycles too, with factors of its own.
    rows = energy.emissions("2021-01", "2021-01", factors=factors).set_index("region")
    grid = hm.load("grid_by_country").set_index(["country", "year"])["intensity_g_per_kwh"]
    for code in ("KAZ", "USA", "CAN", "RUS"):
        assert rows.loc[code, "intensity_g_per_kwh"] == pytest.approx(grid[code, 2021], rel=0.25)


def test_direct_emissions_are_lower_than_life_cycles():
    direct, life_cycle = (energy.emissions(factors=f) for f in ("direct", "ipcc-2014"))
    sums = [rows.groupby("month")["emissions_mt"].sum() for rows in (direct, life_cycle)]
    assert (sums[0] < sums[1]).all()


def test_unknown_and_incomplete_sets_are_refused(data_copy):
    with pytest.raises(InputError, match="factors = 'mine' is unknown; choose one of .*ipcc-2011"):
        energy.emissions(factors="mine")
    path = data_copy / "emission_factors.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(x for x in lines if not x.startswith("ipcc-2014,oil")) + "\n")
    with pytest.raises(InputError, match=r"ipcc-2014 has no factor for oil"):
        energy.emissions("2020-05", "2020-05")


def test_years(monthly):
    years = energy.yearly(monthly)
    assert years.loc[2020, "months"] == 12
    assert years.loc[2020, "energy_twh"] == pytest.approx(67.0, abs=0.3)
    ratio = 1000 * years["emissions_mt"] / years["energy_twh"]
    assert years["intensity_g_per_kwh"].to_numpy() == pytest.approx(ratio.to_numpy())
