"""Reading dates and windows that a user gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import pandas as pd

from hashrate_migration.arguments import shown
from hashrate_migration.errors import InputError

When: TypeAlias = str | date | pd.Timestamp | pd.Period
"""A month ("2021-05"), a day ("2021-05-21"), a quarter ("2021Q2"), a year ("2021"), or their objects."""


_WRITTEN = re.compile(r"\d{4}((-\d{2}){0,2}|Q[1-4])", re.ASCII)


def read(value: When, label: str) -> pd.Period:
    """Turn a date in any of the usual forms into the period that it names.

    Parameters
    ----------
    value : When
        ``"2021-05"`` is a month, ``"2021-05-21"`` a day, ``"2021Q2"`` a quarter, ``"2021"`` a year.
    label : str
        How to call the value in an error.

    Returns
    -------
    Period
        With the frequency that the text has.

    Raises
    ------
    InputError
        If it is not a date.
    """
    period: Any = pd.NaT
    try:
        if isinstance(value, pd.Period):
            period = value
        elif isinstance(value, date):
            if getattr(value, "tzinfo", None) is not None:
                raise InputError(
                    f"{label} = {shown(value)} has a time zone, in which its day may be another than "
                    "in UTC; give the day alone, like 2021-05-21."
                )
            period = pd.Period(value, freq="D")
        # Left to itself, pandas takes 12:30 for a moment of the year 1.
        elif isinstance(value, str) and _WRITTEN.fullmatch(value):
            period = pd.Period(value)
    except (ValueError, TypeError) as error:
        if isinstance(error, InputError):
            raise
    if period is pd.NaT:
        raise InputError(
            f"{label} = {shown(value)} is not a date; write it like 2021-05 or 2021-05-21."
        )
    return period


def month(value: When, label: str) -> pd.Timestamp:
    """First day of the month that a date names.

    Raises
    ------
    InputError
        If it is not a date.
    """
    return read(value, label).start_time.to_period("M").start_time


def last_month(value: When, label: str) -> pd.Timestamp:
    """First day of the last month of what a date names: of a year, its December.

    Raises
    ------
    InputError
        If it is not a date.
    """
    return read(value, label).end_time.to_period("M").start_time


def month_window(
    start: When | None, end: When | None, months: pd.DatetimeIndex, source: str
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last month of a window, held against the months there are.

    Parameters
    ----------
    start, end : When or None
        First and last month, both included; of a year or a quarter its first as a start and its last
        as an end. None is the first or last there is.
    months : DatetimeIndex
        Months there are.
    source : str
        What the months belong to, for the error.

    Returns
    -------
    tuple of Timestamp
        Month starts.

    Raises
    ------
    InputError
        If a value is not a date, lies outside the months, or the two are reversed.
    """
    first, last = months.min(), months.max()
    low = first if start is None else month(start, "start")
    high = last if end is None else last_month(end, "end")
    for label, value in (("start", low), ("end", high)):
        if not first <= value <= last:
            raise InputError(
                f"{label} = {value:%Y-%m} is outside {source}, which runs from {first:%Y-%m} to "
                f"{last:%Y-%m}."
            )
    if low > high:
        raise InputError(f"start = {low:%Y-%m} is after end = {high:%Y-%m}; swap them.")
    return low, high


@dataclass(frozen=True)
class Window:
    """Months from a first to a last, both included; parsed once and passed on.

    Attributes
    ----------
    start, end : Timestamp
        Month starts.
    """

    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def last_day(self) -> pd.Timestamp:
        """Last day of the last month, for windows over days."""
        return self.end + pd.offsets.MonthEnd()


def window(start: When | None, end: When | None, months: pd.DatetimeIndex, source: str) -> Window:
    """A window of two months or more.

    Parameters are those of :func:`month_window`.

    Raises
    ------
    InputError
        As :func:`month_window`, and for a single month.
    """
    low, high = month_window(start, end, months, source)
    if low == high:
        raise InputError(
            f"start and end are both {low:%Y-%m}; give a window of two months or more."
        )
    return Window(low, high)
