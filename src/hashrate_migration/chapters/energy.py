"""What energy and emissions say, in tables and sentences."""

from __future__ import annotations

import pandas as pd

from hashrate_migration import energy
from hashrate_migration.energy.carbon import LIFE_CYCLE
from hashrate_migration.energy.demand import hours
from hashrate_migration.energy.electricity import national_mixes, us_by_states
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load


def country_sentences(region: str) -> str:
    """Energy of a country in words (Markdown)."""
    years = country_years(region)
    whole = years[years["months"] == 12]
    last = whole.index[-1]
    row = whole.loc[last]
    text = (
        f"**Mining in {regions.in_text(region)}** used {row['energy_twh']:.1f} TWh in {last}, "
        f"{row['power_gw']:.2f} GW on average (between {row['power band'].replace('–', ' and ')} "
        "by the bounds of the network's power and of the share), and caused "
        f"{row['emissions_mt']:.1f} Mt CO2e at "
        f"{row['intensity_g_per_kwh']:.0f} g/kWh."
    )
    if pd.notna(row["of generation_pct"]):
        text += f" That is {row['of generation_pct']:.2f} percent of what the country generates."
    return text


def yearly_by_factors() -> pd.DataFrame:
    """Mean intensity of the network by year under each set of emission factors.

    Returns
    -------
    DataFrame
        Year x set, g CO2e/kWh, electricity-weighted.
    """
    table = {}
    for factors in energy.factor_sets():
        rows = energy.emissions(factors=factors)
        sums = rows.groupby(rows["month"].dt.year)[["emissions_mt", "energy_twh"]].sum()
        table[factors] = 1000 * sums["emissions_mt"] / sums["energy_twh"]
    return pd.DataFrame(table).rename_axis("year")


def beside_others() -> pd.DataFrame:
    """Our electricity beside what others have published.

    Returns
    -------
    DataFrame
        Columns what, period, published, ours (with the band from the bounds of power and share), unit,
        note and publisher.
    """
    rows = energy.power()
    publishers = load("sources").set_index("source_id")["publisher"]
    network = energy.network_power()[["power_best_gw", "power_lower_gw", "power_upper_gw"]]
    result = []
    for item in load("energy_estimates").itertuples():
        within = rows[rows["month"].between(item.start_month, item.end_month)]
        whole = pd.isna(item.region)
        own = within if whole else within[within["region"] == item.region]
        span = pd.DatetimeIndex(within["month"].unique())
        if len(span) < 12 * (item.end_month.year - item.start_month.year) + (
            item.end_month.month - item.start_month.month + 1
        ):
            continue
        monthly = own.groupby("month")[["power_gw", "low_gw", "high_gw"]].sum()
        if whole:
            monthly = network.loc[monthly.index]
        length = hours(pd.DatetimeIndex(monthly.index)) / 1000
        in_twh = pd.notna(item.energy_twh)
        values = (
            [(monthly[name] * length).sum() for name in monthly]
            if in_twh
            else [1000 * monthly[name].mean() for name in monthly]
        )
        low, high = (
            (item.energy_twh, item.energy_high_twh)
            if in_twh
            else (item.power_mw, item.power_high_mw)
        )
        digits = 1 if in_twh else 0
        result.append(
            {
                "what": "the network" if whole else regions.name(str(item.region)),
                "period": f"{item.start_month:%Y}"
                if item.end_month != item.start_month
                else f"{item.start_month:%Y-%m}",
                "published": f"{low:g}" if pd.isna(high) else f"{low:g}–{high:g}",
                "ours": f"{values[0]:.{digits}f} ({values[1]:.{digits}f}–{values[2]:.{digits}f})",
                "unit": "TWh" if in_twh else "MW",
                "note": item.note,
                "publisher": publishers[item.source_id],
            }
        )
    return pd.DataFrame(result)


def ban_variants() -> pd.DataFrame:
    """What the ban did to emissions from June 2021 to January 2022, under every choice.

    Returns
    -------
    DataFrame
        One row per choice: shares (map or panel), pattern before the ban, emission factors, arrivals
        (mean or marginal), emissions_mt, without ban_mt and difference_mt.
    """
    rows = []
    for marginal in (False, True):
        for shares in ("map", "panel"):
            for baseline in ("mean", "last_year"):
                for factors in LIFE_CYCLE:
                    table = energy.no_ban(
                        baseline=baseline, factors=factors, marginal=marginal, shares=shares
                    )
                    rows.append(
                        {
                            "arrivals": "largest fossil source" if marginal else "mean mix",
                            "shares": shares,
                            "pattern": baseline.replace("_", " "),
                            "factors": factors,
                            "emissions_mt": table["emissions_mt"].sum(),
                            "without ban_mt": table["without_ban_mt"].sum(),
                            "difference_mt": table["difference_mt"].sum(),
                        }
                    )
    return pd.DataFrame(rows)


def us_by_place() -> pd.DataFrame:
    """US mining with the national mix, and with the states' mixes of December 2021.

    Returns
    -------
    DataFrame
        One row per mix of 2021: mix, coal, gas, low-carbon (percent) and intensity_g_per_kwh.
    """
    national = national_mixes().loc["USA"].loc[2021]
    table = pd.DataFrame({"national mix": national, "states": us_by_states(2021)}).T
    clean = ["nuclear", "hydro", "wind", "solar", "bioenergy", "geothermal"]
    return pd.DataFrame(
        {
            "mix": table.index,
            "coal_pct": 100 * table["coal"].to_numpy(),
            "gas_pct": 100 * table["gas"].to_numpy(),
            "low-carbon_pct": 100 * table[clean].sum(axis=1).to_numpy(),
            "intensity_g_per_kwh": energy.intensities(table).to_numpy(),
        }
    )
