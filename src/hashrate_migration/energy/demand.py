"""Power of mining by country: the network's power shared out by hashrate.

What a user asks for by a first and a last month is read once, by :func:`span_of`; the functions whose
names end in ``_in`` take the months that come of it.
"""

from __future__ import annotations

import pandas as pd

from hashrate_migration.arguments import is_number, shown
from hashrate_migration.country_panel.model import means, panel
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate import mining_map
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.periods import When, month_window
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load

OVERHEAD = 1.10
"""Electricity of a site over that of its machines: cooling, transformers, networks. Cambridge's
best guess (1.01 and 1.20 are its bounds; methodology of the Electricity Consumption Index)."""

W_PER_GW = 1e9
HASHES_PER_EH = 1e18
HASHES_PER_TH = 1e12


def months() -> pd.DatetimeIndex:
    """Months with both shares and power: the mining map's first to the last of network_power."""
    # Before the map no month's shares are measured.
    first = mining_map.shares().index[0]
    last = min(load("network_power")["month"].max(), network_hashrate().index[-1])
    return pd.date_range(first, last, freq="MS", name="month").as_unit("us")


def span_of(start: When | None, end: When | None) -> pd.DatetimeIndex:
    """The months of a window that a user gives.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month, both included; None is the first or last of :func:`months`.

    Raises
    ------
    InputError
        If the window is reversed or outside.
    """
    known = months()
    low, high = month_window(start, end, known, "the months with shares and power")
    return known[(known >= low) & (known <= high)]


def hours(span: pd.DatetimeIndex | pd.Series) -> pd.Series:
    """Hours of each month, indexed by month, or as a series of months is.

    Examples
    --------
    >>> hours(pd.DatetimeIndex(["2020-02-01"])).item()
    696
    """
    if isinstance(span, pd.Series):
        return span.dt.days_in_month * 24
    return pd.Series(span.days_in_month * 24, index=span)


def shares(start: When | None = None, end: When | None = None) -> pd.DataFrame:
    """Shares of regions, with their bands: the mining map, then the country panel.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month, both included; default: all of :func:`months`.

    Returns
    -------
    DataFrame
        Long: month, region, share_pct, low, high (percent) and source (``map`` or ``panel``). The
        shares of a month add to 100: on the map rounding is taken out, and all three are the same;
        after it, and in the months in which the map shows nobody in China, they are the means of the
        panel's draws, whose medians need not add up. That the map saw nobody is no share of zero.

    Raises
    ------
    InputError
        If the window is reversed or outside.
    """
    return shares_in(span_of(start, end))


def panel_in(span: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the country panel in these months: month, region, share_pct, low and high.

    Here share_pct is the mean of the draws, not their median: power, mixes and emissions of countries
    are added up to those of the network.
    """
    mean = means().rename_axis(columns="region").stack().rename("share_pct").reset_index()
    rows = mean.merge(panel()[["month", "region", "low", "high"]], on=["month", "region"])
    return rows[rows["month"].isin(span)].reset_index(drop=True)


def shares_in(span: pd.DatetimeIndex) -> pd.DataFrame:
    """What :func:`shares` gives, for these months."""
    mapped = mining_map.shares()
    mapped = 100 * mapped.div(mapped.sum(axis=1), axis=0)
    shown = mapped[mapped["CHN"] > 0]
    on_map = shown.loc[shown.index.isin(span)].stack().rename("share_pct")
    early = on_map.rename_axis(["month", "region"]).reset_index()
    early["low"] = early["high"] = early["share_pct"]
    early["source"] = "map"
    beyond = span[~span.isin(shown.index)]
    if beyond.empty:
        return early
    later = panel_in(beyond).assign(source="panel")
    # In months of the map its regions stay: those that only the panel names are among the others.
    others = later["month"].isin(mapped.index) & ~later["region"].isin(mapped.columns)
    later["region"] = later["region"].mask(others, regions.REST)
    later = later.groupby(["month", "region", "source"], sort=False, as_index=False).sum()
    found = [table for table in (early, later[early.columns]) if len(table)]
    both = pd.concat(found, ignore_index=True)
    return both.sort_values("month", kind="stable", ignore_index=True)


def network_power(start: When | None = None, end: When | None = None) -> pd.DataFrame:
    """Power of the network by Cambridge's model.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month; default: all of :func:`months`.

    Returns
    -------
    DataFrame
        Indexed by month: power_lower_gw, power_best_gw, power_upper_gw and best_twh, the
        electricity of the month at the best guess.

    Raises
    ------
    InputError
        If the window is reversed or outside.
    """
    return network_power_in(span_of(start, end))


def network_power_in(span: pd.DatetimeIndex) -> pd.DataFrame:
    """What :func:`network_power` gives, for these months."""
    table = load("network_power").set_index("month").loc[span]
    table = table[["power_lower_gw", "power_best_gw", "power_upper_gw"]]
    # GW times hours are GWh; a thousand of them are a TWh.
    return table.assign(best_twh=table["power_best_gw"] * hours(table.index) / 1000)


def machine_power(
    start: When | None = None, end: When | None = None, overhead: float = OVERHEAD
) -> pd.DataFrame:
    """The same from the machines: hashrate times energy per hash times overhead.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month; default: all of :func:`months` that ``fleet_efficiency`` has.
    overhead : float
        Electricity of a site over that of its machines, 1 or more.

    Returns
    -------
    DataFrame
        Indexed by month: hashrate_ehs, efficiency_j_per_th, machine_gw, power_best_gw and ratio
        (machines over model).

    Notes
    -----
    100 EH/s at 50 J/TH are 1e20 hashes a second, or 1e8 TH/s; at 50 J each 5e9 W: 5 GW, and 5.5 GW
    with an overhead of 1.1.
    """
    if not (is_number(overhead) and overhead >= 1):
        raise InputError(f"overhead = {shown(overhead)} is not a number of 1 or more.")
    table = load("fleet_efficiency").set_index("month")["efficiency_best_j_per_th"]
    known = pd.DatetimeIndex(table.index.intersection(months()))
    low, high = month_window(start, end, known, "the months with fleet efficiency")
    span = known[(known >= low) & (known <= high)]
    hashrate, efficiency = network_hashrate()[span], table[span]
    watts = hashrate * HASHES_PER_EH / HASHES_PER_TH * efficiency * overhead
    result = pd.DataFrame(
        {
            "hashrate_ehs": hashrate,
            "efficiency_j_per_th": efficiency,
            "machine_gw": watts / W_PER_GW,
            "power_best_gw": network_power_in(span)["power_best_gw"],
        }
    )
    return result.assign(ratio=result["machine_gw"] / result["power_best_gw"])


def power(start: When | None = None, end: When | None = None) -> pd.DataFrame:
    """Power of mining by region and month: share times the network's power.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month; default: all of :func:`months`.

    Returns
    -------
    DataFrame
        Long: month, region, share_pct, power_gw, low_gw, high_gw, energy_twh (of the month) and
        source. The low end takes the lower bound of the network's power and of the share's
        band, the high end the upper ones.

    Raises
    ------
    InputError
        If the window is reversed or outside.

    Notes
    -----
    A region's machines are taken to be as efficient as the network's: cheap power keeps older
    machines running, so regions with cheap power are set too low.
    """
    return power_in(span_of(start, end))


def power_in(span: pd.DatetimeIndex) -> pd.DataFrame:
    """What :func:`power` gives, for these months."""
    rows, network = shares_in(span), network_power_in(span)
    of = {name: rows["month"].map(network[name]) for name in network}
    rows["power_gw"] = rows["share_pct"] / 100 * of["power_best_gw"]
    rows["low_gw"] = rows["low"] / 100 * of["power_lower_gw"]
    rows["high_gw"] = rows["high"] / 100 * of["power_upper_gw"]
    rows["energy_twh"] = rows["share_pct"] / 100 * of["best_twh"]
    columns = ["month", "region", "share_pct", "power_gw", "low_gw", "high_gw", "energy_twh"]
    return rows[[*columns, "source"]]
