"""Refuse stocks and assumptions that no account can be made of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration.arguments import instance, is_number, is_whole, shown
from hashrate_migration.errors import InputError

NEW = "new"
"""Origin of machines that were not running anywhere before."""

RETIRED = "retired"
"""Destination of machines that did not come back within the window."""


def checked(stocks: pd.DataFrame) -> pd.DataFrame:
    """Stocks that accounts can be made of.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s.

    Returns
    -------
    DataFrame
        The same, with numbers as floats.

    Raises
    ------
    InputError
        For missing months or values, negative stocks, fewer than two regions or months, a month in
        which all stocks are zero, or a region named like an account.
    """
    instance(stocks, "stocks", pd.DataFrame, "a table of months and regions")
    index = stocks.index
    if not isinstance(index, pd.DatetimeIndex) or len(index) < 2:
        raise InputError("Stocks need an index of at least two month-start timestamps.")
    wanted = pd.date_range(index[0], index[-1], freq="MS")
    missing = wanted.difference(index)
    if len(missing):
        raise InputError(
            f"The stocks have no row for {missing[0]:%Y-%m}; give every month from {index[0]:%Y-%m} to "
            f"{index[-1]:%Y-%m}."
        )
    if not index.equals(wanted):
        raise InputError("The months of the stocks are not month starts in order, each once.")
    if stocks.shape[1] < 2:
        raise InputError(f"Flows need at least two regions; the stocks have {stocks.shape[1]}.")
    reserved = {NEW, RETIRED} & set(stocks.columns)
    if reserved:
        raise InputError(f"A region cannot be called {reserved.pop()!r}: that is an account.")
    for region in stocks:
        if not pd.api.types.is_numeric_dtype(stocks[region]):
            raise InputError(f"The stocks of {region} are not numbers; convert them.")
    values = stocks.astype(float)
    for test, what in ((~np.isfinite(values), "not a number"), (values < 0, "negative")):
        if test.any(axis=None):
            month, region = test.stack()[lambda s: s].index[0]
            raise InputError(f"The stock of {region} in {month:%Y-%m} is {what}; correct it.")
    empty = values.sum(axis=1) == 0
    if empty.any():
        raise InputError(f"All stocks of {index[empty][0]:%Y-%m} are zero; leave the month out.")
    return values


def positive(value: float, name: str) -> float:
    """A number that must not be negative.

    Raises
    ------
    InputError
        Naming the assumption.
    """
    if not is_number(value) or value < 0:
        raise InputError(f"{name} = {shown(value)} must be a number of zero or more.")
    return float(value)


def part(value: float, name: str) -> float:
    """A number from 0 to 1.

    Raises
    ------
    InputError
        Naming the assumption.
    """
    if not is_number(value) or not 0 <= value <= 1:
        raise InputError(f"{name} = {shown(value)} must lie between 0 and 1.")
    return float(value)


LONGEST_LAG = 120
"""Months; no machine is under way for ten years."""


def longest_lag(value: int) -> int:
    """A number of months, for ``max_lag``.

    Raises
    ------
    InputError
        Naming the assumption.
    """
    if not is_whole(value) or not 0 <= value <= LONGEST_LAG:
        raise InputError(
            f"max_lag = {shown(value)} must be a number of months, whole and from 0 to {LONGEST_LAG}."
        )
    return int(value)


def interval(value: tuple[float, float], name: str) -> tuple[float, float]:
    """A lowest and a highest number, from 0 up.

    Raises
    ------
    InputError
        Naming the assumption.
    """
    if not (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(is_number(end) for end in value)
        and 0 <= value[0] <= value[1]
    ):
        raise InputError(f"{name} = {shown(value)} must be (lowest, highest), from 0 up.")
    return float(value[0]), float(value[1])
