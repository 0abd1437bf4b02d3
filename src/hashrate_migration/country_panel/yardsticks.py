"""What one would say of a figure without the panel: two plain predictions to hold it against.

Both look only at other figures for the same countries and learn their errors from figures that are
not to be predicted. They give draws of the figure in log-odds, as the panel does
(:mod:`hashrate_migration.country_panel.checks` scores them alike).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.stats import t as student

FEWEST = 8
"""Fewer figures beside others for the same countries say nothing of errors: no prediction then."""

_DIFFUSE_SD = 30.0
"""Of a walk's level before its first figure, log-odds: any share, so to say."""

_LEAST_SD = 1e-3
"""Figures are not printed more finely than this, in log-odds."""


def _numbers(months: pd.Series) -> np.ndarray:
    """Months counted from the year 0."""
    return (12 * months.dt.year + months.dt.month).to_numpy(dtype=float)


def _straight(
    months: np.ndarray, values: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Straight lines through the means of months, flat outside, and months to the nearest figure."""
    places, which = np.unique(months, return_inverse=True)
    means = np.bincount(which, weights=values) / np.bincount(which)
    distance = np.abs(at[:, None] - places).min(axis=1)
    return np.interp(at, places, means), distance


def _series(known: pd.DataFrame) -> list[tuple[np.ndarray, np.ndarray]]:
    """Months and log-odds of the figures for each set of countries."""
    months, values = _numbers(known["month"]), known["log_odds"].to_numpy(dtype=float)
    places = known.groupby("members").indices.values()
    return [(months[own], values[own]) for own in places]


def _residuals(known: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Errors of straight lines where a figure is left out with its own quarter, and distances."""
    errors, distances = [], []
    for months, values in _series(known):
        quarters = (months - 1) // 3
        for quarter in np.unique(quarters):
            out = quarters == quarter
            if out.all():
                continue
            line, distance = _straight(months[~out], values[~out], months[out])
            errors.append(values[out] - line)
            distances.append(distance)
    if not errors:
        return np.empty(0), np.empty(0)
    return np.concatenate(errors), np.concatenate(distances)


def _scale(parameters: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Scale of the error so many months from the nearest figure; it grows if there is a second."""
    growth = np.exp(2 * parameters[2]) * distance if len(parameters) > 2 else 0.0
    scale: np.ndarray = np.sqrt(np.exp(2 * parameters[0]) + growth + _LEAST_SD**2)
    return scale


def _df(parameters: np.ndarray) -> float:
    return float(1 + np.exp(np.clip(parameters[1], -4, 4)))


def fit_residuals(errors: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Scale and tail of errors by the largest likelihood of Student's t.

    Parameters
    ----------
    errors : ndarray
        Log-odds.
    distance : ndarray
        Months to the nearest figure.

    Returns
    -------
    ndarray
        Logarithm of the scale, tail (degrees of freedom are 1 + exp of it) and, only if Akaike's
        criterion asks for it, the logarithm of the scale's growth with the root of the distance.
    """

    def cost(parameters: np.ndarray) -> float:
        scale = _scale(parameters, distance)
        # So far from any figure that it is not seen in the data, a parameter should not run away.
        away = 1e-3 * float((parameters**2).sum())
        return away - float((student.logpdf(errors / scale, _df(parameters)) - np.log(scale)).sum())

    begin = np.log(max(float(np.median(np.abs(errors))), 0.01))
    plain = minimize(cost, [begin, 1.0], method="Nelder-Mead")
    grown = minimize(cost, [begin, 1.0, begin - 1], method="Nelder-Mead")
    best: np.ndarray = (grown if grown.fun < plain.fun - 1 else plain).x
    return best


def lines(known: pd.DataFrame, wanted: pd.DataFrame, draws: int, seed: int) -> np.ndarray:
    """Straight lines in log-odds between the figures for the same countries, flat outside.

    Parameters
    ----------
    known, wanted : DataFrame
        Figures of :func:`hashrate_migration.country_panel.observations`: month, members, log_odds
        (of `wanted` only month and members are looked at).
    draws : int
        How many.
    seed : int
        Seed.

    Returns
    -------
    ndarray
        Draw x row of `wanted`, log-odds; missing where the same countries have no known figure, or
        all known figures are too few to learn an error from.

    Notes
    -----
    Errors are Student's t, scale and degrees of freedom fitted to the known figures, each left out
    with its own quarter.
    """
    drawn = np.full((draws, len(wanted)), np.nan)
    errors, distances = _residuals(known)
    if len(errors) < FEWEST:
        return drawn
    parameters = fit_residuals(errors, distances)
    noise = np.random.default_rng(seed).standard_t(_df(parameters), size=drawn.shape)
    for months, values, at, places in _pairs(known, wanted):
        line, distance = _straight(months, values, at)
        drawn[:, places] = line + _scale(parameters, distance) * noise[:, places]
    return drawn


def _pairs(known: pd.DataFrame, wanted: pd.DataFrame) -> Iterator[tuple[np.ndarray, ...]]:
    """For each set of countries: months and log-odds known; months wanted, and their places."""
    months, values = _numbers(known["month"]), known["log_odds"].to_numpy(dtype=float)
    at, there = _numbers(wanted["month"]), known.groupby("members").indices
    for members, places in wanted.groupby("members").indices.items():
        if members in there:
            own = there[members]
            yield months[own], values[own], at[places], places


def _covariance(first: np.ndarray, second: np.ndarray, step_sd: float) -> np.ndarray:
    """Covariance of the levels of a walk in two sets of months, its begin unknown."""
    common = np.minimum(first[:, None], second)
    covariance: np.ndarray = _DIFFUSE_SD**2 + step_sd**2 * common
    return covariance


def fit_walk(known: pd.DataFrame) -> tuple[float, float]:
    """Step of a month and scatter of a figure, the same for all, by the largest likelihood.

    Parameters
    ----------
    known : DataFrame
        See :func:`lines`.

    Returns
    -------
    tuple of float
        Standard deviations in log-odds: of a month's step, of a figure about the level.
    """
    series = [
        (months - months.min(), values - values.mean())
        for months, values in _series(known)
        if len(values) > 1
    ]

    def cost(parameters: np.ndarray) -> float:
        step, scatter = np.exp(parameters)
        total = 1e-3 * float((parameters**2).sum())
        for months, values in series:
            covariance = _covariance(months, months, step)
            covariance[np.diag_indices_from(covariance)] += scatter**2 + _LEAST_SD**2
            factor = cho_factor(covariance, lower=True)
            total += np.log(np.diag(factor[0])).sum() + values @ cho_solve(factor, values) / 2
        return float(total)

    step, scatter = np.exp(minimize(cost, [-2.0, -2.0], method="Nelder-Mead").x)
    return float(step), float(scatter)


def walk_moments(
    known: pd.DataFrame, wanted: pd.DataFrame, step_sd: float, scatter_sd: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of figures about a random walk through the known ones.

    Parameters
    ----------
    known, wanted : DataFrame
        See :func:`lines`.
    step_sd, scatter_sd : float
        From :func:`fit_walk`.

    Returns
    -------
    tuple of ndarray
        Per row of `wanted`, log-odds; missing where the same countries have no known figure.

    Notes
    -----
    The local level model, one level per set of countries with a diffuse begin (Durbin and Koopman
    2012, *Time Series Analysis by State Space Methods*, chapter 2), written as a normal
    distribution over all months: months without a figure and several figures in one need no care.
    """
    mean, sd = np.full((2, len(wanted)), np.nan)
    for months, values, at, places in _pairs(known, wanted):
        origin = min(months.min(), at.min())
        months, at = months - origin, at - origin
        level = values.mean()
        covariance = _covariance(months, months, step_sd)
        covariance[np.diag_indices_from(covariance)] += scatter_sd**2 + _LEAST_SD**2
        across = _covariance(at, months, step_sd)
        factor = cho_factor(covariance, lower=True)
        mean[places] = level + across @ cho_solve(factor, values - level)
        own_variance = _DIFFUSE_SD**2 + step_sd**2 * at
        told = np.einsum("ij,ji->i", across, cho_solve(factor, across.T))
        sd[places] = np.sqrt(np.maximum(own_variance - told, 0) + scatter_sd**2 + _LEAST_SD**2)
    return mean, sd


def walk(known: pd.DataFrame, wanted: pd.DataFrame, draws: int, seed: int) -> np.ndarray:
    """A random walk per set of countries, its step and scatter learned from the known figures.

    Parameters and result are those of :func:`lines`; the errors are normal.
    """
    drawn = np.full((draws, len(wanted)), np.nan)
    if known["members"].duplicated(keep=False).sum() < FEWEST:
        return drawn
    mean, sd = walk_moments(known, wanted, *fit_walk(known))
    drawn[:] = mean + sd * np.random.default_rng(seed).standard_normal(drawn.shape)
    return drawn
