"""Where the hashrate stood: shares of the mining map times the network's hashrate."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from hashrate_migration import arguments, chronology
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.periods import When, month_window
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load


def shares(start: When | None = None, end: When | None = None) -> pd.DataFrame:
    """Shares of the mining map, one column per region.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month, both included; default: all.

    Returns
    -------
    DataFrame
        Month x region, percent of the network.

    Raises
    ------
    InputError
        If the window is reversed or outside the mining map.
    """
    table = load("mining_map").pivot(index="month", columns="region", values="share_pct")
    low, high = month_window(start, end, pd.DatetimeIndex(table.index), "the mining map")
    return table.loc[low:high, regions.mapped_regions()]


def stocks(
    start: When | None = None,
    end: When | None = None,
    adjust: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Hashrate by month and region: share times network hashrate.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month, both included; default: all months of the mining map.
    adjust : mapping of str to float, optional
        Part of a region's hashrate that is taken for Chinese miners behind its proxies and
        counted in China: ``{"IRL": 1.0, "DEU": 0.5}``. Default: the map as published.

    Returns
    -------
    DataFrame
        Month x region, EH/s. A month adds up to the network's mean hashrate up to the
        rounding of the shares (0.05 percent).

    Raises
    ------
    InputError
        If the window is reversed or outside the mining map, or `adjust` names an unknown
        region or a part outside 0 to 1.

    Notes
    -----
    X[c, t] = s[c, t] / 100 * H[t], with s from the table ``mining_map`` and H from
    :func:`hashrate_migration.network_hashrate`.
    """
    share = shares(start, end)
    total = network_hashrate(share.index[0], share.index[-1])
    stock = share.mul(total, axis=0) / 100
    given = {} if adjust is None else adjust
    arguments.instance(given, "adjust", Mapping, "a mapping of regions to parts")
    for region, part in given.items():
        if region not in stock.columns or region == "CHN":
            raise InputError(
                f"adjust names {arguments.shown(region)}; it takes regions of the mining map other "
                f"than CHN: {', '.join(c for c in stock.columns if c != 'CHN')}."
            )
        if not (arguments.is_number(part) and 0 <= part <= 1):
            raise InputError(
                f"adjust gives {arguments.shown(part)} for {region}; give a part between 0 and 1."
            )
        stock["CHN"] += part * stock[region]
        stock[region] *= 1 - part
    return stock


def ranks(stock: pd.DataFrame) -> pd.DataFrame:
    """Rank of each country by hashrate in each month, 1 for the largest.

    Parameters
    ----------
    stock : DataFrame
        Month x region, EH/s; see :func:`stocks`.

    Returns
    -------
    DataFrame
        Month x country. ``OTH`` is no country and has no column; a country without hashrate has no
        rank (missing).
    """
    arguments.instance(stock, "stock", pd.DataFrame, "a table of months and regions")
    texts = [name for name in stock if not pd.api.types.is_numeric_dtype(stock[name])]
    if texts:
        raise InputError(f"The stock of {texts[0]} is not of numbers; convert it.")
    countries = stock.drop(columns=regions.REST, errors="ignore")
    return countries.where(countries > 0).rank(axis=1, ascending=False, method="min")


def largest_and_rest(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """The countries with the largest means, and all others added up as ``OTH``.

    Parameters
    ----------
    frame : DataFrame
        Month x region, from :func:`shares` or :func:`stocks`.
    count : int
        Countries to keep.

    Returns
    -------
    DataFrame
        Month x region, the largest first, the rest last.
    """
    countries = frame.drop(columns=regions.REST)
    largest = countries.mean().nlargest(count).index.tolist()
    return frame[largest].assign(**{regions.REST: frame.drop(columns=largest).sum(axis=1)})


def through_the_ban() -> pd.DataFrame:
    """Share and hashrate of every region before, during and after the clearance.

    Returns
    -------
    DataFrame
        One row per region of the mining map, most gained hashrate first, with share_before_pct,
        share_cleared_pct and share_last_pct (percent of the network in 2021-05, 2021-07 and the last
        month of the map), before_ehs, cleared_ehs, last_ehs, and gain_ehs and gain_pct_points
        from 2021-05 to the last month.
    """
    share, stock = shares(), stocks()
    last = share.index[-1]
    table = pd.DataFrame(
        {
            "share_before_pct": share.loc[chronology.BEFORE],
            "share_cleared_pct": share.loc[chronology.CLEARED],
            "share_last_pct": share.loc[last],
            "before_ehs": stock.loc[chronology.BEFORE],
            "cleared_ehs": stock.loc[chronology.CLEARED],
            "last_ehs": stock.loc[last],
        }
    )
    table["gain_ehs"] = table["last_ehs"] - table["before_ehs"]
    table["gain_pct_points"] = table["share_last_pct"] - table["share_before_pct"]
    return table.sort_values("gain_ehs", ascending=False).rename_axis("region")
