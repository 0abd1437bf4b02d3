"""Emissions of mining: electricity times its mix times the emissions of each source."""

from __future__ import annotations

import pandas as pd

from hashrate_migration.arguments import chosen
from hashrate_migration.energy.demand import hours, network_power_in, power_in, span_of
from hashrate_migration.energy.electricity import FUELS, SOURCES, as_shown, mixes
from hashrate_migration.errors import InputError
from hashrate_migration.periods import When
from hashrate_migration.tables.read import load

DEFAULT_FACTORS = "ipcc-2011"
"""Where one set is wanted: life-cycle medians of the IPCC's special report of 2011. Of the two
life-cycle sets it comes nearer to the grams that are published for the grids on which mining runs
(:func:`distance_from_grids`), and it has a figure of its own for every source, oil included."""

LIFE_CYCLE = ("ipcc-2011", "ipcc-2014")
"""Reviews that count the same thing and were made apart; ``direct`` counts less, and ``cambridge`` is
what Cambridge takes, kept to follow its figures."""


def factor_sets() -> list[str]:
    """Names of the sets of emission factors."""
    return list(load("emission_factors")["factors"].unique())


def factors_of(factors: str = DEFAULT_FACTORS) -> pd.Series:
    """Emissions per kWh of each fuel.

    Parameters
    ----------
    factors : str
        A set of the table ``emission_factors``.

    Returns
    -------
    Series
        Fuel to g CO2e/kWh.

    Raises
    ------
    InputError
        If there is no such set, or it lacks a fuel.
    """
    table = load("emission_factors")
    chosen(factors, "factors", factor_sets())
    known = table[table["factors"] == factors].set_index("fuel")["g_per_kwh"]
    known.index = known.index.astype(str)
    missing = [fuel for fuel in FUELS if fuel not in known.index]
    if missing:
        raise InputError(
            f"emission_factors.csv: the set {factors} has no factor for {', '.join(missing)}; add it."
        )
    return known[list(FUELS)]


def intensities(parts: pd.DataFrame, factors: str = DEFAULT_FACTORS) -> pd.Series:
    """Emissions per kWh of mixes.

    Parameters
    ----------
    parts : DataFrame
        Parts of each fuel, adding to one.
    factors : str
        Set of emission factors.

    Returns
    -------
    Series
        g CO2e/kWh, indexed as `parts`.

    Examples
    --------
    Half coal (1001 g), half hydro (4 g):

    >>> half = pd.DataFrame([dict.fromkeys(FUELS, 0.0) | {"coal": 0.5, "hydro": 0.5}])
    >>> intensities(half).tolist()
    [502.5]
    """
    return parts[list(FUELS)] @ factors_of(factors)


def distance_from_grids() -> pd.Series:
    """How far each life-cycle set is from the published grams of the grids on which mining runs.

    Returns
    -------
    Series
        Set to mean distance, g/kWh: mix times factors less the published intensity of the grid, without
        its sign, weighted with the electricity of mining there. Provinces and the rest are left out.
    """
    published = load("grid_by_country").set_index(["country", "year"])["intensity_g_per_kwh"]
    found = {}
    for name in LIFE_CYCLE:
        rows = emissions(factors=name)
        rows = rows[rows["basis"] == "national mix"]
        keys = zip(rows["region"], rows["month"].dt.year, strict=True)
        own = pd.Series([published.get(key) for key in keys], index=rows.index, dtype=float)
        gap = (rows["intensity_g_per_kwh"] - own).abs()
        weight = rows["energy_twh"].where(own.notna())
        found[name] = float((gap * weight).sum() / weight.sum())
    return pd.Series(found)


def emissions(
    start: When | None = None, end: When | None = None, factors: str = DEFAULT_FACTORS
) -> pd.DataFrame:
    """Electricity, mix and emissions of mining by region and month.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month; default: all months with shares and power.
    factors : str
        Set of emission factors.

    Returns
    -------
    DataFrame
        Long: month, region, share_pct, power_gw, low_gw, high_gw, energy_twh, the eight sources (parts
        of the region's electricity, adding to one), intensity_g_per_kwh, emissions_mt, low_mt,
        high_mt, source (``map`` or ``panel``) and basis (whose mix). Low and high join the bounds of
        power and share with the lowest and highest of the life-cycle sets and `factors`.

    Raises
    ------
    InputError
        For a window outside the data, an unknown set, or a mix or factor that is missing.

    Notes
    -----
    1 TWh at 500 g/kWh is 1e9 kWh times 500 g, 5e11 g: 0.5 Mt.
    """
    return emissions_in(span_of(start, end), factors)


def emissions_in(span: pd.DatetimeIndex, factors: str = DEFAULT_FACTORS) -> pd.DataFrame:
    """What :func:`emissions` gives, for these months."""
    chosen(factors, "factors", factor_sets())
    rows = power_in(span)
    parts = mixes(span, list(dict.fromkeys(rows["region"])))
    parts = parts.loc[pd.MultiIndex.from_frame(rows[["month", "region"]])].reset_index(drop=True)
    for name, values in as_shown(parts).items():
        rows[str(name)] = values
    sets = {name: intensities(parts, name) for name in {*LIFE_CYCLE, factors}}
    rows["intensity_g_per_kwh"] = sets[factors]
    rows["emissions_mt"] = rows["energy_twh"] * sets[factors] / 1000
    each = pd.DataFrame(sets)
    length = rows["month"].map(hours(span)) / 1000
    rows["low_mt"] = rows["low_gw"] * length * each.min(axis=1) / 1000
    rows["high_mt"] = rows["high_gw"] * length * each.max(axis=1) / 1000
    rows["basis"] = parts["basis"]
    order = [column for column in rows if column not in ("source", "basis")]
    return rows[[*order, "source", "basis"]]


def network_emissions(
    start: When | None = None,
    end: When | None = None,
    factors: str = DEFAULT_FACTORS,
) -> pd.DataFrame:
    """Mix, intensity and emissions of the whole network by month, at best guesses.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month; default: all.
    factors : str
        Set of emission factors.

    Returns
    -------
    DataFrame
        Indexed by month: power_gw, low_gw, high_gw (bounds of power), energy_twh, the eight sources
        (parts), intensity_g_per_kwh and emissions_mt: sums over :func:`emissions`. How far intensity
        and emissions may be off is said by :func:`hashrate_migration.energy.ranges`.

    Raises
    ------
    InputError
        As :func:`emissions`.
    """
    span = span_of(start, end)
    rows, network = emissions_in(span, factors), network_power_in(span)
    rows["weight"] = rows["share_pct"] / 100
    grouped = rows.groupby("month")
    result = pd.DataFrame(
        {
            "power_gw": network["power_best_gw"],
            "low_gw": network["power_lower_gw"],
            "high_gw": network["power_upper_gw"],
            "energy_twh": network["best_twh"],
        }
    )
    for source in (*SOURCES, "intensity_g_per_kwh"):
        result[source] = (rows["weight"] * rows[source]).groupby(rows["month"]).sum()
    return result.assign(emissions_mt=grouped["emissions_mt"].sum())


def yearly(monthly: pd.DataFrame) -> pd.DataFrame:
    """Years of a monthly table of the whole network.

    Parameters
    ----------
    monthly : DataFrame
        From :func:`network_emissions`.

    Returns
    -------
    DataFrame
        Indexed by year: months (how many), energy_twh, low_twh, high_twh (at the bounds of power),
        intensity_g_per_kwh (emissions over electricity) and emissions_mt.
    """
    length = hours(pd.DatetimeIndex(monthly.index)) / 1000
    table = pd.DataFrame(
        {
            "months": 1,
            "energy_twh": monthly["energy_twh"],
            "low_twh": monthly["low_gw"] * length,
            "high_twh": monthly["high_gw"] * length,
            "emissions_mt": monthly["emissions_mt"],
        }
    )
    years = table.groupby(pd.DatetimeIndex(table.index).year.rename("year")).sum()
    intensity = 1000 * years["emissions_mt"] / years["energy_twh"]
    years.insert(4, "intensity_g_per_kwh", intensity)
    return years
