"""What tables answer to a claim: a number, an interval, or that they do not cover it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from hashrate_migration import country_panel


@dataclass(frozen=True)
class Answer:
    """What the tables say: an interval, and for statements on every month one for each.

    Attributes
    ----------
    low, value, high : float
        The three are the same for a plain number. A table that is not complete gives `high` as
        infinite: there may be more than it has.
    each : tuple of Answer
        Month by month, for metrics that have a value in every month.
    unit : str
        Where the rows of a table have units of their own; default: the unit of the metric.
    others : tuple of (str, Answer)
        The same of every other subject, where it is asked who comes first.
    said : str
        The answer in words, where a number alone would not say it.
    """

    low: float
    value: float
    high: float
    each: tuple[Answer, ...] = ()
    unit: str = ""
    others: tuple[tuple[str, Answer], ...] = ()
    said: str = ""


@dataclass(frozen=True)
class Nothing:
    """That the tables do not cover what is asked.

    Attributes
    ----------
    reason : str
        What they have instead, in words.
    """

    reason: str


def number(value: float, unit: str = "", each: tuple[Answer, ...] = ()) -> Answer:
    """A plain number."""
    return Answer(value, value, value, each, unit)


def mean(values: pd.Series) -> Answer:
    """The mean of months, and each of them."""
    return number(float(values.mean()), each=tuple(number(float(value)) for value in values))


def interval(ends: Iterable[float]) -> Answer:
    """Low, value and high."""
    low, value, high = (float(end) for end in ends)
    return Answer(low, value, high)


def of_draws(values: pd.Series, interpolation: str = "linear") -> Answer:
    """Median and band of the draws."""
    low, high = country_panel.BAND
    return interval(values.quantile([low, 0.5, high], interpolation=interpolation))
