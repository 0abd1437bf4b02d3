"""Mining of one country by year: electricity, mix, emissions."""

from __future__ import annotations

import pandas as pd

from hashrate_migration.arguments import chosen
from hashrate_migration.energy.carbon import DEFAULT_FACTORS, emissions
from hashrate_migration.tables.read import load


def country_years(region: str, factors: str = DEFAULT_FACTORS) -> pd.DataFrame:
    """Electricity and emissions of mining in a country, by year.

    Parameters
    ----------
    region : str
        Country of the panel.
    factors : str
        Set of emission factors.

    Returns
    -------
    DataFrame
        Indexed by year: months, power_gw, low_gw and high_gw (means), energy_twh, of_generation_pct
        (part of national generation; only for whole years, missing where the grid has no row), the
        mix: coal_pct, gas_pct, oil_pct and low_carbon_pct (nuclear, hydro, wind, solar and other),
        intensity_g_per_kwh, emissions_mt and basis.
    """
    rows = emissions(factors=factors)
    chosen(region, "region", rows["region"].unique())
    own = rows[rows["region"] == region].copy()
    own["year"] = own["month"].dt.year
    clean = ["nuclear", "hydro", "wind", "solar", "other"]
    own["clean_twh"] = own[clean].sum(axis=1) * own["energy_twh"]
    for fuel in ("coal", "gas", "oil"):
        own[f"{fuel}_twh"] = own[fuel] * own["energy_twh"]
    years = own.groupby("year").agg(
        months=("month", "size"),
        power_gw=("power_gw", "mean"),
        low_gw=("low_gw", "mean"),
        high_gw=("high_gw", "mean"),
        energy_twh=("energy_twh", "sum"),
        clean_twh=("clean_twh", "sum"),
        coal_twh=("coal_twh", "sum"),
        gas_twh=("gas_twh", "sum"),
        oil_twh=("oil_twh", "sum"),
        emissions_mt=("emissions_mt", "sum"),
        basis=("basis", lambda values: "; ".join(dict.fromkeys(values))),
    )
    grid = load("grid_by_country").set_index(["country", "year"])["generation_twh"]
    national = pd.Series({year: grid.get((region, year)) for year in years.index}, dtype=float)
    whole = years["months"] == 12
    used = years["energy_twh"] > 0
    return pd.DataFrame(
        {
            "months": years["months"],
            "power_gw": years["power_gw"],
            "low_gw": years["low_gw"],
            "high_gw": years["high_gw"],
            "energy_twh": years["energy_twh"],
            "of_generation_pct": (100 * years["energy_twh"] / national).where(whole),
            **{
                f"{name}_pct": (100 * years[f"{part}_twh"] / years["energy_twh"]).where(used)
                for name, part in (
                    ("coal", "coal"),
                    ("gas", "gas"),
                    ("oil", "oil"),
                    ("low_carbon", "clean"),
                )
            },
            "intensity_g_per_kwh": (1000 * years["emissions_mt"] / years["energy_twh"]).where(used),
            "emissions_mt": years["emissions_mt"],
            "basis": years["basis"],
        }
    )
