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

from hashrate_migration import arguments, periods
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
    starts = epochs["height"].to_numpy()
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
    height = daily.loc[counted, "blocks"].cumsum().to_numpy(dtype=int)
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
    work = _work_below(epochs["height"].to_numpy(), epochs)
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
    arguments.chosen(freq, "freq", _PERIODS)
    methods = {"daily": work_by_day, "epochs": work_by_epoch}
    work = methods[arguments.chosen(method, "method", methods)]()
    period, index_name = _PERIODS[freq]
    first, last = _whole_periods(work.index, period)
    if first > last:
        raise InputError(
            f"The network data ({method}) hold no whole {index_name}; choose a shorter freq."
        )
    low = first if start is None else periods.read(start, "start").start_time.to_period(period)
    high = last if end is None else periods.read(end, "end").end_time.to_period(period)
    if start is not None and end is not None and low > high:
        raise InputError(f"start = {start} is after end = {end}; swap them.")
    for label, given, value in (("start", start, low), ("end", end, high)):
        if not first <= value <= last:
            raise InputError(
                f"{label} = {given} is outside the {index_name}s that the network data ({method}) "
                f"cover whole, from {first} to {last}."
            )
    edges = pd.period_range(low, high + 1).start_time
    return pd.Series(
        _mean_rate(work, edges),
        index=edges[:-1].rename(index_name).as_unit("us"),
        name="hashrate_ehs",
    )


def _whole_periods(moments: pd.DatetimeIndex, period: str) -> tuple[pd.Period, pd.Period]:
    first = moments[0].to_period(period)
    if first.start_time < moments[0]:
        first += 1
    # The period in which the last moment falls goes on after it.
    return first, moments[-1].to_period(period) - 1


def _check_series(hashrate: pd.Series) -> None:
    """Stop if a series is not one of numbers by date, in order."""
    arguments.instance(hashrate, "hashrate", pd.Series, "a series by date")
    if hashrate.empty or not pd.api.types.is_numeric_dtype(hashrate):
        raise InputError("The series of hashrate holds no numbers; give EH/s by period.")
    index = hashrate.index
    if not isinstance(index, pd.DatetimeIndex) or not index.is_monotonic_increasing:
        raise InputError(
            "The series of hashrate is not indexed by dates in order; index it by the first days of "
            "its periods."
        )


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
    _check_series(hashrate)
    low = hashrate.index[0] if start is None else periods.read(start, "start").start_time
    high = hashrate.index[-1] if end is None else periods.read(end, "end").end_time
    window = hashrate.loc[low:high]
    if window.empty or window.isna().all():
        raise InputError(f"There is no hashrate between {low:%Y-%m-%d} and {high:%Y-%m-%d}.")
    peak = window.idxmax()
    since = hashrate.loc[peak:]
    regained = since.index[1:][since.iloc[1:] >= hashrate[peak]]
    back = regained[0] if len(regained) else pd.NaT
    valley = since.loc[:back] if len(regained) else since
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
        :func:`drawdown`. The peak is looked for from 2021-01 to the end of 2021-06.
    """
    monthly, daily = network_hashrate("2021-01"), network_hashrate("2021-01", freq="D")
    smooth = daily.rolling(SMOOTHED_DAYS).mean().dropna()
    return pd.DataFrame(
        {
            "monthly": drawdown(monthly, end="2021-06"),
            "daily": drawdown(smooth, end="2021-06"),
        }
    ).T
