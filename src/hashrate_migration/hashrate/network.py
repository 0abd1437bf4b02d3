r"""Hashrate of the whole network, from the work that its blocks prove.

A block of difficulty D takes :math:`D \cdot 2^{32}` hashes on average, so the work of all
blocks up to a moment, W(t), grows with the hashrate, and the mean hashrate of a period is

.. math:: H = \frac{W(t_1) - W(t_0)}{t_1 - t_0}.

Two ways to know W(t), independent of each other in time:

``daily``
    Blocks found per day, summed to heights; each block counts with the difficulty of the
    period of 2016 blocks in which its height falls.
``epochs``
    Start times of the periods alone: 2016 blocks of one difficulty between two starts, at an
    even pace.

Counting by height matters: taking one difficulty per day, as most published daily series
do, misstates days on which the difficulty changes. In July 2021, when it fell by 28 percent in
one step, that alone moves the mean of the month by 0.1 percent.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration import periods
from hashrate_migration.errors import InputError
from hashrate_migration.tables import difficulty as consensus
from hashrate_migration.tables.read import load

SMOOTHED_DAYS = 7
"""Days over which daily hashrate is averaged: the luck of single days is smoothed out."""

_PERIODS = {
    "D": ("D", "day"),
    "W": ("W", "week"),
    "MS": ("M", "month"),
    "QS": ("Q", "quarter"),
    "YS": ("Y", "year"),
}


def _work_below(height: np.ndarray, epochs: pd.DataFrame) -> np.ndarray:
    """Work of all blocks below a height, in units of 2^32 hashes."""
    starts = epochs["height"].to_numpy(dtype=float)
    levels = epochs["difficulty"].to_numpy()
    before = np.concatenate([[0.0], np.cumsum(levels[:-1] * np.diff(starts))])
    position = np.searchsorted(starts, height, side="right") - 1
    return before[position] + (height - starts[position]) * levels[position]


def work_by_day() -> pd.Series:
    """Cumulative work at the end of each day, from block counts.

    Days after the last block count go on with the hashrate that the daily series publishes.

    Returns
    -------
    Series
        Exahashes since the first block; index: the moment at which the day ends.
    """
    daily = load("network_daily")
    counted = daily["blocks"].notna()
    # The block that begins it all (height 0) came days before the first of the table, so
    # the number of blocks counted so far is the height of the latest one.
    height = daily.loc[counted, "blocks"].astype(float).cumsum().to_numpy()
    work = _work_below(height + 1, load("difficulty_epochs"))
    work = work * consensus.HASHES_PER_DIFFICULTY / consensus.EXAHASH
    later = work[-1] + daily.loc[~counted, "hashrate_ehs"].cumsum().to_numpy() * 86_400
    ends = pd.DatetimeIndex(daily["date"] + pd.Timedelta(days=1))
    genesis = pd.Series([0.0], index=ends[:1] - pd.Timedelta(days=1))
    return pd.concat([genesis, pd.Series(np.concatenate([work, later]), index=ends)])


def work_by_epoch() -> pd.Series:
    """Cumulative work at the start of each difficulty period, from the periods alone.

    Returns
    -------
    Series
        Exahashes since the first block; index: start times.
    """
    epochs = load("difficulty_epochs")
    work = _work_below(epochs["height"].to_numpy(dtype=float), epochs)
    return pd.Series(
        work * consensus.HASHES_PER_DIFFICULTY / consensus.EXAHASH,
        index=pd.DatetimeIndex(epochs["start_time"]),
    )


def _mean_rate(work: pd.Series, edges: pd.DatetimeIndex) -> np.ndarray:
    seconds = (edges - work.index[0]) / pd.Timedelta(seconds=1)
    known = (work.index - work.index[0]) / pd.Timedelta(seconds=1)
    return np.diff(np.interp(seconds, known, work.to_numpy())) / np.diff(seconds)


def network_hashrate(
    start: periods.When | None = None,
    end: periods.When | None = None,
    freq: str = "MS",
    method: str = "daily",
) -> pd.Series:
    """Mean hashrate of the network by day, week, month, quarter or year.

    Parameters
    ----------
    start, end : str or date, optional
        Every period from the one that holds `start` to the one that holds `end` is given,
        whole. ``"2021-05"`` means the month. Default: the first and last whole periods that
        the data cover.
    freq : {"MS", "D", "W", "QS", "YS"}
        Length of a period, as pandas names it.
    method : {"daily", "epochs"}
        By block counts per day, or by the start times of difficulty periods alone.

    Returns
    -------
    Series
        Mean EH/s, named ``hashrate_ehs``; index: the first day of each period.

    Raises
    ------
    InputError
        For an unknown `freq` or `method`, reversed dates, or a period that the data do not
        cover whole.

    Examples
    --------
    >>> network_hashrate("2021-05", "2021-07").round(1).tolist()
    [161.2, 120.1, 100.3]
    """
    if freq not in _PERIODS:
        raise InputError(f"freq = {freq!r} is unknown; choose one of {', '.join(_PERIODS)}.")
    methods = {"daily": work_by_day, "epochs": work_by_epoch}
    if method not in methods:
        raise InputError(f"method = {method!r} is unknown; choose one of {', '.join(methods)}.")
    work = methods[method]()
    period, index_name = _PERIODS[freq]
    first, last = _whole_periods(work.index, period)
    low = first if start is None else periods.read(start, "start").start_time.to_period(period)
    high = last if end is None else periods.read(end, "end").end_time.to_period(period)
    if low > high:
        raise InputError(f"start = {start} is after end = {end}; swap them.")
    if low < first or high > last:
        raise InputError(
            f"The {index_name}s from {low} to {high} are not covered whole by the network data, which "
            f"run from {first} to {last} ({method})."
        )
    span = pd.period_range(low, high, freq=period)
    edges = span.start_time.append(pd.DatetimeIndex([span[-1].end_time.ceil("D")]))
    return pd.Series(
        _mean_rate(work, edges),
        index=pd.DatetimeIndex(span.start_time, name=index_name).as_unit("us"),
        name="hashrate_ehs",
    )


def _whole_periods(moments: pd.DatetimeIndex, period: str) -> tuple[pd.Period, pd.Period]:
    first = moments[0].to_period(period)
    if first.start_time < moments[0]:
        first += 1
    last = moments[-1].to_period(period)
    if last.end_time > moments[-1]:
        last -= 1
    return first, last


def drawdown(
    hashrate: pd.Series,
    start: periods.When | None = None,
    end: periods.When | None = None,
) -> pd.Series:
    """The fall from the highest value in a window, and the way back.

    Parameters
    ----------
    hashrate : Series
        EH/s by period, in order.
    start, end : str or date, optional
        Where to look for the peak; the trough and the recovery may lie after `end`.

    Returns
    -------
    Series
        peak_date, peak_ehs, trough_date, trough_ehs, fall_pct, regained_date (missing if it
        has not been regained) and periods_to_regain, counted from the peak.

    Raises
    ------
    InputError
        If the window holds no value.
    """
    low = hashrate.index[0] if start is None else periods.read(start, "start").start_time
    high = hashrate.index[-1] if end is None else periods.read(end, "end").end_time
    window = hashrate.loc[low:high]
    if window.empty:
        raise InputError(f"There is no hashrate between {low:%Y-%m-%d} and {high:%Y-%m-%d}.")
    peak = window.idxmax()
    after = hashrate.loc[peak:].iloc[1:]
    regained = after.index[after >= hashrate[peak]]
    back = regained[0] if len(regained) else pd.NaT
    valley = hashrate.loc[peak:] if back is pd.NaT else hashrate.loc[peak:back]
    return pd.Series(
        {
            "peak_date": peak,
            "peak_ehs": hashrate[peak],
            "trough_date": valley.idxmin(),
            "trough_ehs": valley.min(),
            "fall_pct": 100 * (1 - valley.min() / hashrate[peak]),
            "regained_date": back,
            "periods_to_regain": pd.NA
            if back is pd.NaT
            else int(hashrate.index.get_loc(back) - hashrate.index.get_loc(peak)),
        }
    )


def network_fall() -> pd.DataFrame:
    """How far the network fell in 2021 and how long it took to come back.

    Returns
    -------
    DataFrame
        Rows ``monthly`` and ``daily`` (means of :data:`SMOOTHED_DAYS`); columns of
        :func:`drawdown`. The peak is looked for from 2021-01 to the
        end of 2021-06.
    """
    monthly = network_hashrate("2021-01", "2023-12")
    daily = network_hashrate("2021-01-01", "2023-12-31", freq="D")
    smooth = daily.rolling(SMOOTHED_DAYS).mean().dropna()
    return pd.DataFrame(
        {
            "monthly": drawdown(monthly, "2021-01", "2021-06"),
            "daily": drawdown(smooth, "2021-01", "2021-06"),
        }
    ).T
