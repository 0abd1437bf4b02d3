"""Emissions: units by hand, identities, ranges, sets of factors."""

from __future__ import annotations

import pandas as pd
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


# The small world in June 2020 (720 hours): grams per kWh by ipcc-2011, ipcc-2014 and direct.
#   KAZ  .7 coal + .2 gas + .1 hydro:  700 + 100 + 1 = 801;  560 + 120 + 2 = 682;  630 + 80 = 710
#   USA  .2 coal + .4 gas + .2 nuclear + .05 hydro + .05 wind + .04 bioenergy + .06 geothermal:
#        200 + 200 + 4 + .5 + .5 + 1 + 3 = 409;  160 + 240 + 2 + 1 + 1 + 8 + 2.4 = 414.4;  340
#   OTH  the world, 500 TWh of China, 100 of Kazakhstan and 400 of the USA: .45 coal + .18 gas +
#        .13 nuclear + .13 hydro + .07 wind + .016 bioenergy + .024 geothermal:
#        450 + 90 + 2.6 + 1.3 + .7 + .4 + 1.2 = 546.2;  360 + 108 + 1.3 + 2.6 + 1.4 + 3.2 + .96
#        = 477.46;  405 + 72 = 477
#   CHN  .7 Sichuan (.8 hydro + .2 coal: 208; 176; 180) + .2 Xinjiang (.9 coal + .1 wind: 901; 722;
#        810) + .1 the nation (.6 coal + .1 nuclear + .2 hydro + .1 wind: 605; 487; 540):
#        145.6 + 180.2 + 60.5 = 386.3;  123.2 + 144.4 + 48.7 = 316.3;  126 + 162 + 54 = 342
GRAMS = {
    "CHN": (386.3, 316.3, 342.0),
    "KAZ": (801.0, 682.0, 710.0),
    "USA": (409.0, 414.4, 340.0),
    "OTH": (546.2, 477.46, 477.0),
}
# Network: 60, 20, 10 and 10 percent of 5, 10 and 20 GW; times .72 thousand hours are TWh.
TWH = {
    "CHN": (2.16, 4.32, 8.64),
    "KAZ": (0.72, 1.44, 2.88),
    "USA": (0.36, 0.72, 1.44),
    "OTH": (0.36, 0.72, 1.44),
}


@pytest.mark.parametrize("code", GRAMS)
@pytest.mark.parametrize("factors", ["ipcc-2011", "ipcc-2014", "direct"])
def test_emissions_by_hand(small_world, code, factors):
    row = small_world.emissions[factors].loc[code]
    first, second, direct = GRAMS[code]
    own = {"ipcc-2011": first, "ipcc-2014": second, "direct": direct}[factors]
    # The range runs over both life-cycle sets, and the set asked for where it is another.
    lowest, highest = min(first, second, own), max(first, second, own)
    low, best, high = TWH[code]
    assert row["intensity_g_per_kwh"] == pytest.approx(own, rel=1e-9)
    # TWh times g/kWh are thousand tonnes; a thousand of them are a Mt.
    assert row["energy_twh"] == pytest.approx(best, rel=1e-9)
    assert row["emissions_mt"] == pytest.approx(best * own / 1000, rel=1e-9)
    assert row["low_mt"] == pytest.approx(low * lowest / 1000, rel=1e-9)
    assert row["high_mt"] == pytest.approx(high * highest / 1000, rel=1e-9)


def test_emissions_in_figures(small_world):
    """The same, without a formula: what a reader finds with pencil and paper."""
    rows = small_world.emissions["ipcc-2011"]
    assert rows.loc["KAZ", ["low_mt", "emissions_mt", "high_mt"]].tolist() == pytest.approx(
        [0.49104, 1.15344, 2.30688]
    )
    assert rows.loc["USA", ["low_mt", "emissions_mt", "high_mt"]].tolist() == pytest.approx(
        [0.14724, 0.29448, 0.596736]
    )


@pytest.mark.parametrize(
    ("factors", "grams"),
    [
        # .6 CHN + .2 KAZ + .1 USA + .1 OTH: 231.78 + 160.2 + 40.9 + 54.62 = 487.5;
        # 189.78 + 136.4 + 41.44 + 47.746 = 415.366;  205.2 + 142 + 34 + 47.7 = 428.9.
        ("ipcc-2011", 487.5),
        ("ipcc-2014", 415.366),
        ("direct", 428.9),
    ],
)
def test_the_network_by_hand(small_world, factors, grams):
    row = small_world.network[factors].loc["2020-06-01"]
    assert row[["low_gw", "power_gw", "high_gw"]].tolist() == [5, 10, 20]
    assert row["energy_twh"] == pytest.approx(7.2)
    assert row["intensity_g_per_kwh"] == pytest.approx(grams)
    # 10 GW are 7.2 TWh.
    assert row["emissions_mt"] == pytest.approx(7.2 * grams / 1000)


def test_the_networks_mix_by_hand(small_world):
    row = small_world.network["ipcc-2011"].loc["2020-06-01"]
    # Coal in China: .7 * .2 + .2 * .9 + .1 * .6 = .38; .6 * .38 + .2 * .7 + .1 * .2 + .1 * .45.
    assert row["coal"] == pytest.approx(0.433)
    # Gas: .2 * .2 + .1 * .4 + .1 * .18.
    assert row["gas"] == pytest.approx(0.098)
    # Bioenergy and geothermal: .1 * .10 + .1 * .04.
    assert row["other"] == pytest.approx(0.014)
    assert row[list(electricity.SOURCES)].sum() == pytest.approx(1)


def test_years_by_hand():
    # January has 744 hours, February of 2021 672.
    months = pd.DatetimeIndex(["2020-12-01", "2021-01-01", "2021-02-01"])
    table = pd.DataFrame(
        {
            "low_gw": [1.0, 5.0, 6.0],
            "high_gw": [2.0, 20.0, 30.0],
            "energy_twh": [1.0, 7.0, 9.0],
            "emissions_mt": [0.5, 3.0, 5.0],
        },
        index=months,
    )
    expected = {
        "months": 2,
        "energy_twh": 16.0,
        "low_twh": 7.752,  # 5 * .744 + 6 * .672
        "high_twh": 35.04,  # 20 * .744 + 30 * .672
        "intensity_g_per_kwh": 500.0,  # 8 Mt over 16 TWh
        "emissions_mt": 8.0,
    }
    years = energy.yearly(table)
    assert years.columns.tolist() == list(expected)
    assert years.loc[2021].to_dict() == pytest.approx(expected)
    assert years.loc[2020, ["months", "low_twh"]].tolist() == pytest.approx([1, 0.744])


def test_bounds_by_region_are_those_of_power_and_factors(by_region):
    """In all months, the panel's too: no wider and no narrower than the two extremes."""
    sets = {name: energy.emissions(factors=name) for name in carbon.LIFE_CYCLE}
    grams = pd.DataFrame({name: rows["intensity_g_per_kwh"] for name, rows in sets.items()})
    thousand_hours = by_region["month"].dt.days_in_month * 24 / 1000
    low = by_region["low_gw"] * thousand_hours * grams.min(axis=1) / 1000
    high = by_region["high_gw"] * thousand_hours * grams.max(axis=1) / 1000
    assert by_region["low_mt"].to_numpy() == pytest.approx(low.to_numpy(), rel=1e-9)
    assert by_region["high_mt"].to_numpy() == pytest.approx(high.to_numpy(), rel=1e-9)
    assert (by_region["low_mt"] <= by_region["emissions_mt"] + 1e-12).all()
    assert (by_region["emissions_mt"] <= by_region["high_mt"] + 1e-12).all()
    twh = by_region["power_gw"] * thousand_hours
    assert by_region["energy_twh"].to_numpy() == pytest.approx(twh.to_numpy())


def test_years_are_the_sums_of_months_within_their_bounds(monthly):
    years = energy.yearly(monthly)
    year = monthly[monthly.index.year == 2022]
    thousand_hours = year.index.days_in_month.to_numpy() * 24 / 1000
    assert years.loc[2022, "low_twh"] == pytest.approx((year["low_gw"] * thousand_hours).sum())
    assert years.loc[2022, "high_twh"] == pytest.approx((year["high_gw"] * thousand_hours).sum())
    assert years.loc[2022, "energy_twh"] == pytest.approx((year["power_gw"] * thousand_hours).sum())
    # A mean of GW over 8760 hours.
    mean = (year["power_gw"] * thousand_hours).sum() / thousand_hours.sum()
    assert years.loc[2022, "energy_twh"] == pytest.approx(mean * 8.76)
    assert (years["low_twh"] < years["energy_twh"]).all()
    assert (years["energy_twh"] < years["high_twh"]).all()


def test_the_default_set_is_the_one_nearer_to_published_grids():
    distance = carbon.distance_from_grids()
    assert set(distance.index) == set(carbon.LIFE_CYCLE)
    assert distance.idxmin() == carbon.DEFAULT_FACTORS
