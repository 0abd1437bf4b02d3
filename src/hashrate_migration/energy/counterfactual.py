"""What emissions would have been without the ban, and with dirtier arrivals."""

from __future__ import annotations

import pandas as pd

from hashrate_migration import arguments, chronology
from hashrate_migration.energy.carbon import DEFAULT_FACTORS, intensities
from hashrate_migration.energy.demand import network_power_in, panel_in, power_in, span_of
from hashrate_migration.energy.electricity import FUELS, country_mix, mixes, province_mixes
from hashrate_migration.hashrate import mining_map
from hashrate_migration.periods import When
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load

BASELINES = ("mean", "last_year")
"""Months before the ban from which the pattern is taken: all of the map's, or its last twelve."""

_FOSSIL = ("coal", "gas", "oil")


def pattern(baseline: str = "mean") -> pd.DataFrame:
    """Shares of regions, and of provinces in China, by calendar month before the ban.

    Parameters
    ----------
    baseline : {"mean", "last_year"}
        Mean of all months of the map before the ban, or of its last twelve.

    Returns
    -------
    DataFrame
        Calendar month (1 to 12) x region (China split into provinces); fractions that add to one.

    Raises
    ------
    InputError
        For another `baseline`.
    """
    arguments.chosen(baseline, "baseline", BASELINES)
    share = mining_map.shares().loc[: chronology.BEFORE]
    if baseline == "last_year":
        share = share.iloc[-12:]
    share = share.div(share.sum(axis=1), axis=0)
    table = load("china_provinces").pivot(
        index="month", columns="region", values="share_of_china_pct"
    )
    table = table.loc[share.index]
    provinces = table.div(table.sum(axis=1), axis=0).mul(share["CHN"], axis=0)
    parts = pd.concat([share.drop(columns="CHN"), provinces], axis=1)
    months = parts.groupby(pd.DatetimeIndex(parts.index).month).mean()
    return months.div(months.sum(axis=1), axis=0)


def _province_intensities(months: pd.DatetimeIndex, factors: str) -> pd.DataFrame:
    """Intensity of each province, with the last year of its statistics carried forward."""
    known = intensities(province_mixes(), factors).unstack("region")
    years = pd.Index(months.year).map(lambda year: min(year, known.index.max()))
    return known.loc[years].set_axis(months)


def _marginal(months: pd.DatetimeIndex, codes: list[str], factors: str) -> pd.DataFrame:
    """Intensity of each region's largest fossil source; the mean where it burns next to none."""
    parts = mixes(months, codes)
    mean = intensities(parts, factors)
    largest = parts[list(_FOSSIL)].idxmax(axis=1)
    only = pd.DataFrame(0.0, index=parts.index, columns=list(FUELS))
    for fuel in _FOSSIL:
        only.loc[largest == fuel, fuel] = 1.0
    plain = intensities(only, factors)
    burns = parts[list(_FOSSIL)].sum(axis=1) > 0.05
    return plain.where(burns, mean).unstack("region")


def no_ban(
    end: When | None = None,
    baseline: str = "mean",
    factors: str = DEFAULT_FACTORS,
    marginal: bool = False,
    shares: str = "map",
) -> pd.DataFrame:
    """Emissions as they were beside those with the shares of before the ban.

    Parameters
    ----------
    end : str or date, optional
        Last month; default: the last of the mining map. The first is the one after the call to crack
        down, June 2021.
    baseline : {"mean", "last_year"}
        Which months before the ban make the pattern.
    factors : str
        Set of emission factors.
    marginal : bool
        Whether hashrate that a region gained over its pattern is taken to run on the region's
        largest fossil source instead of its mean mix. A scenario, not a measurement: which plant
        answers to new load is not known.
    shares : {"map", "panel"}
        Shares as they were: the mining map's as far as it goes, or the country panel's throughout
        (means of its draws), which does not take China's zero of July and August 2021 at its word.

    Returns
    -------
    DataFrame
        Indexed by month: intensity_g_per_kwh and without_ban_g_per_kwh, emissions_mt,
        without_ban_mt and difference_mt (as it was, less without the ban). The network's power is
        the same in both, so the difference is that of places alone.

    Raises
    ------
    InputError
        For an unknown baseline or set, or months outside the data.

    Notes
    -----
    Without the ban China's provinces keep their parts of each calendar month, so the seasons go
    on; the other regions keep theirs.
    """
    arguments.chosen(shares, "shares", ("map", "panel"))
    arguments.instance(marginal, "marginal", bool, "true or false")
    last = mining_map.shares().index[-1] if end is None else end
    months = span_of(chronology.AFTER, last)
    rows = power_in(months) if shares == "map" else panel_in(months)
    codes = list(dict.fromkeys(rows["region"]))
    share = rows.pivot(index="month", columns="region", values="share_pct").fillna(0.0) / 100
    own = intensities(mixes(months, codes), factors).unstack("region")
    actual = (share * own[share.columns]).sum(axis=1)
    before = pattern(baseline).loc[months.month].set_axis(months)
    mapped = [code for code in before if code in regions.mapped_regions()]
    national = intensities(mixes(months, [*mapped, "CHN"]), factors).unstack("region")
    provinces = _province_intensities(months, factors)
    provinces["CN-OTH"] = _national_china(months, factors)
    everywhere = pd.concat([national[mapped], provinces], axis=1)
    without = (before * everywhere[before.columns]).sum(axis=1)
    if marginal:
        mean_share = before[mapped]
        gained = (share - mean_share.reindex(columns=share.columns).fillna(0.0)).clip(lower=0)
        # China's own pattern stands under its provinces.
        gained["CHN"] = 0.0
        extra = _marginal(months, codes, factors)[share.columns] - own[share.columns]
        actual = actual + (gained * extra).sum(axis=1)
    twh = network_power_in(months)["best_twh"]
    table = pd.DataFrame({"intensity_g_per_kwh": actual, "without_ban_g_per_kwh": without})
    table["emissions_mt"] = twh * actual / 1000
    table["without_ban_mt"] = twh * without / 1000
    return table.assign(difference_mt=table["emissions_mt"] - table["without_ban_mt"])


def _national_china(months: pd.DatetimeIndex, factors: str) -> pd.Series:
    """Intensity of China's national grid, whatever provinces the map has."""
    rows = pd.DataFrame([country_mix("CHN", month.year)[0] for month in months], index=months)
    return intensities(rows, factors)
