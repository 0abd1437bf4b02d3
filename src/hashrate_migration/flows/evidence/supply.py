r"""New machines per month, from what one maker sold and its part of the market.

Canaan is the only large maker that publishes the computing power it sold in each quarter, Q. With
its part s of the market, all makers together sold Q / s. What was sold is spread evenly over the
months of its quarter and delivered some months later:

.. math:: S_t = \frac{1}{s} \sum_k w_k \, q_{t-k}.

**The part of the market** is not published for 2020 to 2022. Two figures of 2019 bound it: Frost &
Sullivan's 21.9 percent of the computing power sold in the first half (in Canaan's prospectus), and
what follows from the year's sales of Canaan, those of MicroBT (600,000 machines of 60 TH/s, 36 EH/s)
and MicroBT's part of the market (35 percent, BitMEX Research): 10.5 / (36 / 0.35) = 10.2 percent. They
are taken for the ends of an interval of 90 percent. Canaan's 2 percent of 2025 stand in the table but
not in the interval: they are the part of machines in use by the firms of a survey, years later.

**One maker is not the market.** In some quarters Canaan sold a larger part than in others. A quarter
in which it sold next to nothing (the fourth of 2020) says nothing of the market and is passed over.

Sold is not running: the range is of what is delivered. A part of that takes the place of old
machines, and a part waits for power. Of the 56,826 machines that Marathon had received in 2021 by
1 December, at most 31,000 were running.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import multivariate_normal, norm

from hashrate_migration import periods
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import interval
from hashrate_migration.flows.evidence.draws import NORMAL_95, array, log_sd
from hashrate_migration.tables.read import load

MAKER = "Canaan"
"""The maker whose sales stand for the market."""

SOLD, SHARE = "computing power sold", "market share"
"""Metrics of hardware_makers; a million TH/s is one EH/s."""

RIGS, PER_RIG = "rigs sold", "hashrate per rig sold"
"""Metrics of a maker that publishes machines in place of computing power, units and TH/s."""

SHARE_YEAR = 2019
"""The last year before the ban for which parts of the market are published."""

SHARE_DRIFT = 0.15
"""Judgement: by how much the logarithm of a maker's part of the market strays in a year. In two
years that widens the interval of 2019, a factor of 2.1 from end to end, to one of 2.8."""

QUARTER_SD = 0.3
"""Judgement: how far (in logs) one maker's quarter strays from its part of the market over years.
Canaan's eight quarters of 2021 and 2022 stray by 0.5 from the means of their years; what of that was
the market's own up and down nobody has published, so a little more than half of the variance is
taken for that."""

HOLD_SD = 0.2
"""Judgement: how much (in logs) sales stray for each quarter between a month without a figure and the
nearest one that has it, as the root of that time."""

SPREAD_SD = 0.2
"""Judgement: how far (in logs) the months of a quarter stray from an even spread."""

ABSENT = 0.2
"""Judgement: a period in which the maker sold less than this part of its mean of the half years before
and after shows the maker out of goods, not the market out of buyers."""

DELIVERY_LAG = (1, 3)
"""Judgement: a machine counts as sold when it leaves the factory and runs one to three months later,
each month alike: freight and customs take weeks, putting up takes more."""


def market_share(maker: str = MAKER) -> tuple[float, float]:
    """Lowest and highest part of the market that follow for a maker from published figures.

    Parameters
    ----------
    maker : str
        A company of hardware_makers.

    Returns
    -------
    tuple of float
        Percent of the computing power sold in :data:`SHARE_YEAR`: of the shares published for it,
        and of its sales over the market that the sales and the share of another maker give.

    Raises
    ------
    InputError
        If fewer than two figures follow.

    Examples
    --------
    >>> [round(end, 1) for end in market_share()]
    [10.2, 21.9]
    """
    table = load("hardware_makers")
    year = (table["start_month"].dt.year == SHARE_YEAR) & (table["end_month"].dt.year == SHARE_YEAR)
    table = table[year & table["value"].notna()]
    whole = table[(table["start_month"].dt.month == 1) & (table["end_month"].dt.month == 12)]
    figures = whole.pivot_table(index="company", columns="metric", values="value", observed=True)
    figures = figures.reindex(columns=[SOLD, SHARE, RIGS, PER_RIG])
    sold = figures[SOLD].fillna(figures[RIGS] * figures[PER_RIG] / 1e6)
    # A maker's sales and its share give the market; this maker's sales over that are its share.
    by_others = (figures[SHARE] * sold.get(maker, np.nan) / sold).drop(maker, errors="ignore")
    own = table.loc[(table["company"] == maker) & (table["metric"] == SHARE), "value"]
    found = [*own, *by_others.dropna()]
    if len(found) < 2:
        raise InputError(
            f"hardware_makers.csv holds {len(found)} figures for the part of the market of {maker!r} in "
            f"{SHARE_YEAR}, but two are needed for a range; give share_pct."
        )
    return float(min(found)), float(max(found))


def monthly_sales(maker: str = MAKER) -> pd.DataFrame:
    """What a maker sold, spread evenly over the months of each period.

    Where a year overlaps quarters, what the quarters leave over belongs to its other months.

    Returns
    -------
    DataFrame
        Indexed by month: sold_ehs and period (its number); months that no period covers are left out.

    Raises
    ------
    InputError
        If the maker has no such figures.
    """
    table = load("hardware_makers")
    own = table[(table["company"] == maker) & (table["metric"] == SOLD) & table["value"].notna()]
    if own.empty:
        raise InputError(f"hardware_makers.csv has no {SOLD!r} of {maker!r}; choose another maker.")
    length = own["end_month"] - own["start_month"]
    sold: dict[pd.Timestamp, tuple[float, int]] = {}
    shortest_first = own.loc[length.sort_values(kind="stable").index]
    for number, row in enumerate(shortest_first.itertuples()):
        months = pd.date_range(row.start_month, row.end_month, freq="MS")
        rest = [month for month in months if month not in sold]
        left_over = row.value - sum(sold[month][0] for month in months if month in sold)
        sold |= {month: (max(left_over, 0.0) / len(rest), number) for month in rest}
    return pd.DataFrame.from_dict(sold, orient="index", columns=["sold_ehs", "period"]).sort_index()


def _present(sales: pd.DataFrame) -> pd.DataFrame:
    """Sales without the periods in which the maker had next to nothing to sell."""
    half_year = pd.DateOffset(months=6)
    absent = []
    for period, own in sales.groupby("period"):
        around = sales.loc[own.index[0] - half_year : own.index[-1] + half_year]
        around = around[around["period"] != period]
        if len(around) and own["sold_ehs"].mean() < ABSENT * around["sold_ehs"].mean():
            absent.append(period)
    return sales[~sales["period"].isin(absent)]


def _held(sales: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    """Sales of any months: of a month without a figure those of the nearest one that has it."""
    known = pd.PeriodIndex(sales.index, freq="M").astype("int64").to_numpy()
    wanted = pd.PeriodIndex(months, freq="M").astype("int64").to_numpy()
    apart = np.abs(wanted[:, None] - known)
    nearest = apart.argmin(axis=1)
    return sales.iloc[nearest].assign(apart=apart.min(axis=1)).set_axis(months)


def _months(months: Iterable[Any]) -> pd.DatetimeIndex:
    found = pd.DatetimeIndex([periods.month(month, "months") for month in months])
    if not len(found) or not found.is_monotonic_increasing or found.has_duplicates:
        raise InputError("months must be one month or more, in order, each once; correct them.")
    return found


def _moments(
    months: pd.DatetimeIndex, maker: str, share_pct: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and covariance of the logarithm of EH/s per month, and the error that months share."""
    low, high = market_share(maker) if share_pct is None else interval(share_pct, "share_pct")
    if low <= 0 or high > 100:
        raise InputError(
            f"share_pct = ({low:g}, {high:g}) must lie above 0 and within 100 percent."
        )
    years = np.abs((months - pd.Timestamp(SHARE_YEAR, 7, 1)).days.to_numpy()) / 365.25
    drift = SHARE_DRIFT**2 * years if share_pct is None else 0 * years
    shared = np.sqrt(log_sd(low, high) ** 2 + drift)

    first, last = DELIVERY_LAG
    lags = range(first, last + 1)
    before = pd.date_range(
        months[0] - pd.DateOffset(months=last), months[-1] - pd.DateOffset(months=first), freq="MS"
    )
    sales = _held(_present(monthly_sales(maker)), before)
    delivered = np.zeros((len(months), len(before)))
    for row, month in enumerate(months):
        places = before.get_indexer([month - pd.DateOffset(months=lag) for lag in lags])
        delivered[row, places] = sales["sold_ehs"].to_numpy()[places] / len(lags)
    total = delivered.sum(axis=1)
    parts = delivered / total[:, None]
    same = sales["period"].to_numpy()[:, None] == sales["period"].to_numpy()
    by_month = SPREAD_SD**2 + HOLD_SD**2 * sales["apart"].to_numpy() / 3
    noise = QUARTER_SD**2 * same + np.diag(by_month)
    covariance = np.outer(shared, shared) + parts @ noise @ parts.T
    return np.log(total / (np.sqrt(low * high) / 100)), covariance, shared


def supply_range(
    months: Iterable[Any], *, maker: str = MAKER, share_pct: tuple[float, float] | None = None
) -> pd.DataFrame:
    """New machines delivered per month by all makers.

    Parameters
    ----------
    months : iterable of months
        Month starts, texts like "2021-06", or a DatetimeIndex; in order.
    maker : str
        The maker whose sales stand for the market.
    share_pct : (float, float), optional
        Interval of 90 percent of the maker's part of the market, percent. Default:
        :func:`market_share`, widened by :data:`SHARE_DRIFT` for the years since.

    Returns
    -------
    DataFrame
        month; low_ehs, median_ehs, high_ehs (interval of 90 percent); log_sd of the logarithm, and
        log_sd_shared, the part of it that all months have in common (the maker's part of the
        market). EH/s of machines delivered in the month.

    Raises
    ------
    InputError
        For months out of order, an unknown maker, or a part of the market that cannot be.

    Examples
    --------
    >>> supply_range(["2021-12"], share_pct=(15, 20))["median_ehs"].round(1).tolist()
    [14.2]
    """
    index = _months(months)
    mean, covariance, shared = _moments(index, maker, share_pct)
    sd = np.sqrt(np.diag(covariance))
    return pd.DataFrame(
        {
            "month": index,
            "low_ehs": np.exp(mean - NORMAL_95 * sd),
            "median_ehs": np.exp(mean),
            "high_ehs": np.exp(mean + NORMAL_95 * sd),
            "log_sd": sd,
            "log_sd_shared": shared,
        }
    )


def supply_likelihood(
    new_ehs: Any,
    months: Iterable[Any],
    *,
    maker: str = MAKER,
    share_pct: tuple[float, float] | None = None,
) -> np.ndarray:
    """How well draws of the new machines of each month agree with what makers sold.

    Parameters
    ----------
    new_ehs : array-like
        Draw x month: EH/s of new machines delivered.
    months, maker, share_pct
        See :func:`supply_range`.

    Returns
    -------
    ndarray
        Log-likelihood per draw: normal in the logarithms, with errors that months share. Minus
        infinity where a month has none.

    Raises
    ------
    InputError
        As :func:`supply_range`, and for draws of another number of months.
    """
    index = _months(months)
    drawn = array(new_ehs, "new_ehs", 2)
    if drawn.shape[1] != len(index):
        raise InputError(
            f"new_ehs has {drawn.shape[1]} months and months {len(index)}; give a column for each."
        )
    if (drawn < 0).any():
        raise InputError("new_ehs holds values below zero; give EH/s of new machines.")
    mean, covariance, _ = _moments(index, maker, share_pct)
    possible = (drawn > 0).all(axis=1)
    found = np.full(len(drawn), -np.inf)
    if possible.any():
        logs = np.log(drawn[possible])
        found[possible] = multivariate_normal.logpdf(logs, mean, covariance)
    return found


def total_likelihood(
    total_ehs: Any,
    months: Iterable[Any],
    *,
    maker: str = MAKER,
    share_pct: tuple[float, float] | None = None,
) -> np.ndarray:
    """How well draws of the new machines of all months together agree with what makers sold.

    Parameters
    ----------
    total_ehs : array-like
        EH/s of new machines delivered in all of the months, a number per draw.
    months, maker, share_pct
        See :func:`supply_range`.

    Returns
    -------
    ndarray
        Log-likelihood per draw: normal in the logarithm, with the mean and variance that a sum of
        log-normal months has (Fenton 1960, IRE Transactions on Communications Systems 8: 57-67). Minus
        infinity for none.

    Raises
    ------
    InputError
        As :func:`supply_range`, and for draws below zero.
    """
    drawn = array(total_ehs, "total_ehs")
    if (drawn < 0).any():
        raise InputError("total_ehs holds values below zero; give EH/s of new machines.")
    mean, covariance, _ = _moments(_months(months), maker, share_pct)
    each = np.exp(mean + np.diag(covariance) / 2)
    total = each.sum()
    variance = np.log1p(each @ np.expm1(covariance) @ each / total**2)
    with np.errstate(divide="ignore"):
        logs = np.log(drawn)
    return np.asarray(norm.logpdf(logs, np.log(total) - variance / 2, np.sqrt(variance)))
