"""How a series grew: at what rate, and whether at one rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from hashrate_migration.errors import InputError

LEVEL = 0.90
"""Of the intervals."""

LEAST_MONTHS = 24
"""Fewer leave less than a year for each half."""

_MONTHS = 12

_LAGS = 3
"""Months over which changes that follow one another may be alike, in Newey and West's errors."""


@dataclass(frozen=True)
class Growth:
    """Growth of a monthly series.

    Attributes
    ----------
    rate, rate_low, rate_high : float
        Mean growth in doublings a year, with its interval.
    halves : tuple of float
        The same of the earlier and of the later half of the months.
    ratio, ratio_low, ratio_high : float
        Rate of the later half over that of the earlier, with its interval; exponential growth, which
        has one rate, has 1. The ends are infinite where one of the two rates may be zero.
    fit : float
        Part of the variance of the logarithms that a straight line takes up: 1 for growth at one
        rate.
    """

    rate: float
    rate_low: float
    rate_high: float
    halves: tuple[float, float]
    ratio: float
    ratio_low: float
    ratio_high: float
    fit: float


def _rate(changes: np.ndarray) -> tuple[float, float]:
    """Mean of monthly changes as a rate a year, and half the width of its interval.

    What moves the series in one month stays in it, so the mean change is asked and not the line
    through the levels, whose errors would be those of deviations that pass. The error is the larger
    of that of independent changes and that of Newey and West (1987).
    """
    ones = np.ones_like(changes)
    plain = sm.OLS(changes, ones).fit()
    lasting = sm.OLS(changes, ones).fit(
        cov_type="HAC", cov_kwds={"maxlags": _LAGS, "use_correction": True}
    )
    error = max(float(plain.bse[0]), float(lasting.bse[0]))
    quantile = float(stats.t.ppf((1 + LEVEL) / 2, len(changes) - 1))
    return _MONTHS * float(plain.params[0]), _MONTHS * quantile * error


def _fit(logs: np.ndarray) -> float:
    """Part of the variance that a straight line takes up."""
    return float(stats.linregress(np.arange(len(logs)), logs).rvalue ** 2)


def growth(series: pd.Series) -> Growth:
    """Rate of growth of a monthly series, and whether it was one rate.

    A series that grows exponentially grows at one rate. So the rates of both halves of the months are
    compared.

    Parameters
    ----------
    series : Series
        Values by month, above zero, in order.

    Raises
    ------
    InputError
        If there are fewer than :data:`LEAST_MONTHS`, or a value that is not above zero.
    """
    if len(series) < LEAST_MONTHS:
        raise InputError(
            f"The series has {len(series)} months; growth needs {LEAST_MONTHS}, give more of them."
        )
    if not (series > 0).all():
        raise InputError("The series has values that are not above zero; growth needs such values.")
    logs = np.log2(series.to_numpy(dtype=float))
    changes = np.diff(logs)
    rate, half_width = _rate(changes)
    middle = len(changes) // 2
    (early, early_width), (late, late_width) = _rate(changes[:middle]), _rate(changes[middle:])
    low, high = -np.inf, np.inf
    if early > early_width and late > late_width:
        # Errors of a ratio are those of its logarithm (delta method).
        spread = float(np.hypot(early_width / early, late_width / late))
        low, high = late / early * np.exp([-spread, spread])
    return Growth(
        rate=rate,
        rate_low=rate - half_width,
        rate_high=rate + half_width,
        halves=(early, late),
        ratio=late / early if early else np.nan,
        ratio_low=float(low),
        ratio_high=float(high),
        fit=_fit(logs),
    )
