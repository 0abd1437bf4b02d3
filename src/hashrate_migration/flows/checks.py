"""Refuse stocks and assumptions that no account can be made of."""

from __future__ import annotations

import numpy as np
import pandas as pd

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
    if not np.isfinite(value) or value < 0:
        raise InputError(f"{name} = {value} must be a number of zero or more.")
    return float(value)


def part(value: float, name: str) -> float:
    """A number from 0 to 1.

    Raises
    ------
    InputError
        Naming the assumption.
    """
    if not 0 <= value <= 1:
        raise InputError(f"{name} = {value} must lie between 0 and 1.")
    return float(value)
