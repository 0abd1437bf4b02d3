r"""The accounts that every flow must meet.

For each region c and month t,

.. math:: X[c, t] = X[c, t-1] - D[c, t] + A[c, t].

What departs, D, is relocated, arriving in the same month or later, or retired; what arrives, A, is
relocated or new. Only the net change is observed. With ``turnover`` zero a region either loses or
gains in a month, never both: departures and arrivals are then the smallest that the stocks allow.
Any real exchange within a region (old machines out, others in) comes on top. ``turnover`` adds a
stated part of the stock to both sides.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration.arguments import columns
from hashrate_migration.flows.checks import NEW, RETIRED, checked, part

COLUMNS = ["origin", "destination", "departed", "month", "flow_ehs"]
"""Columns of a table of flows: see :func:`hashrate_migration.flows.estimate`."""


def margins(stocks: pd.DataFrame, turnover: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Departures and arrivals by month and region.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s.
    turnover : float
        Part of the stock of the month before that leaves and is replaced on top of the net change.

    Returns
    -------
    departures, arrivals : DataFrame
        Month x region, EH/s, from the second month on.
    """
    stocks = checked(stocks)
    extra = part(turnover, "turnover") * stocks.shift().iloc[1:]
    change = stocks.diff().iloc[1:]
    return (-change).clip(lower=0) + extra, change.clip(lower=0) + extra


def accounts(stocks: pd.DataFrame, turnover: float = 0.0) -> pd.DataFrame:
    """The accounts of every region and month, before anything is said of flows.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s.
    turnover : float
        See the module.

    Returns
    -------
    DataFrame
        Columns month, region, stock_before_ehs, departures_ehs, arrivals_ehs, stock_ehs.
    """
    departures, arrivals = margins(stocks, turnover)
    wide = {
        "stock_before_ehs": stocks.shift().iloc[1:],
        "departures_ehs": departures,
        "arrivals_ehs": arrivals,
        "stock_ehs": stocks.iloc[1:],
    }
    table = pd.concat({name: frame.stack() for name, frame in wide.items()}, axis=1)
    return table.rename_axis(["month", "region"]).reset_index()


def tidy(
    flows: np.ndarray,
    new: np.ndarray,
    retired: np.ndarray,
    months: pd.DatetimeIndex,
    regions: list[str],
) -> pd.DataFrame:
    """Arrays of flows as one long table, without empty rows.

    Parameters
    ----------
    flows : ndarray
        Origin, month departed, destination, month arrived.
    new, retired : ndarray
        Region, month.
    months : DatetimeIndex
        Months of change.
    regions : list of str
        Codes, in the order of the arrays.
    """
    codes = np.array(regions, dtype=object)
    stamps = months.to_numpy()
    i, s, j, t = np.nonzero(flows > 0)
    moved = pd.DataFrame(
        {
            "origin": codes[i],
            "destination": codes[j],
            "departed": stamps[s],
            "month": stamps[t],
            "flow_ehs": flows[i, s, j, t],
        }
    )
    j, t = np.nonzero(new > 0)
    fresh = pd.DataFrame(
        {
            "origin": NEW,
            "destination": codes[j],
            "departed": pd.NaT,
            "month": stamps[t],
            "flow_ehs": new[j, t],
        }
    )
    i, s = np.nonzero(retired > 0)
    gone = pd.DataFrame(
        {
            "origin": codes[i],
            "destination": RETIRED,
            "departed": stamps[s],
            "month": stamps[s],
            "flow_ehs": retired[i, s],
        }
    )
    parts = [part.astype({"departed": stamps.dtype}) for part in (moved, fresh, gone) if len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else moved
    return table.sort_values(["month", "departed", "origin", "destination"], ignore_index=True)[
        COLUMNS
    ]


def residuals(stocks: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """How far flows miss the accounts: X[t-1] - departures + arrivals - X[t].

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s.
    flows : DataFrame
        As given by :func:`hashrate_migration.flows.estimate`.

    Returns
    -------
    DataFrame
        Month x region, EH/s; zero up to rounding if the accounts are met.
    """
    stocks = checked(stocks)
    columns(flows, "flows", COLUMNS, "flows.estimate")
    out = flows[flows["origin"] != NEW].pivot_table(
        index="departed", columns="origin", values="flow_ehs", aggfunc="sum"
    )
    into = flows[flows["destination"] != RETIRED].pivot_table(
        index="month", columns="destination", values="flow_ehs", aggfunc="sum"
    )
    after = stocks.iloc[1:]
    out, into = (
        frame.reindex(index=after.index, columns=after.columns).fillna(0.0) for frame in (out, into)
    )
    return stocks.shift().iloc[1:] - out + into - after
