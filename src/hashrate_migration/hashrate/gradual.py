r"""Gradual change of a Poisson rate, to hold steps against: a decline, or a ramp.

A straight decline is a fine thing to fit with steps: the more of them, the better. Whether there were
steps is therefore a question of comparison. Here the level is

.. math:: H_d = H \, e^{g r_d},

with r from 0 to 1 along a path that is given: over the whole window (a decline), or standing at 0,
running evenly from one day to another, and standing at 1 from then on (a ramp). H has the prior of
every level, :math:`\Gamma(a, b)`, and drops out of the integral. The change g is normal around 0 with
the variance :math:`2 \psi_1(a)`, which is that of the log ratio of two levels with that prior:
neither shape knows more of the levels than the other. The integrand is log-concave in g, for
:math:`\sum_d e_d e^{g r_d}` is log-convex, so that Gauss and Hermite's quadrature around its peak
(Naylor and Smith 1982, Applied Statistics 31) is as good as exact.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, logsumexp, polygamma

from hashrate_migration.hashrate.changepoints import Prior, constant

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)

_NEWTON = 60
"""Rounds of Newton's method; steps are held to 1, so it also comes from far."""


def evidence(
    counts: np.ndarray, exposure: np.ndarray, paths: np.ndarray, prior: Prior
) -> np.ndarray:
    """Log marginal likelihood of counts whose log level moves along a path.

    Parameters
    ----------
    counts, exposure : ndarray, day
        Counts, and what they would be at a level of 1.
    paths : ndarray, path x day
        r of the module.
    prior : Prior
        Of levels.

    Returns
    -------
    ndarray, path
    """
    a, b = prior.shape, prior.rate
    variance = float(2 * polygamma(1, a))
    total, moved = counts.sum(), paths @ counts

    def exposed(change: np.ndarray) -> np.ndarray:
        return exposure * np.exp(change[:, None] * paths)

    change = np.zeros(len(paths))
    for _ in range(_NEWTON):
        weights = exposed(change)
        below = b + weights.sum(axis=1)
        mean = (weights * paths).sum(axis=1) / below
        spread = (weights * paths**2).sum(axis=1) / below - mean**2
        slope = moved - (a + total) * mean - change / variance
        curvature = (a + total) * spread + 1 / variance
        move = np.clip(slope / curvature, -1, 1)
        change = change + move
        if np.abs(move).max() < 1e-9:
            break
    width = 1 / np.sqrt(curvature)
    heights = []
    for node in _NODES:
        at = change + width * node
        below = b + exposed(at).sum(axis=1)
        heights.append(
            at * moved
            - (a + total) * np.log(below)
            - at**2 / (2 * variance)
            - 0.5 * np.log(2 * np.pi * variance)
            + node**2 / 2
        )
    integral = logsumexp(np.array(heights), axis=0, b=_WEIGHTS[:, None]) + np.log(width)
    outside = a * np.log(b) - gammaln(a) + gammaln(a + total) + constant(counts, exposure)
    return np.asarray(integral + outside)


def decline(counts: np.ndarray, exposure: np.ndarray, prior: Prior) -> float:
    """Log evidence of a level that changes at one rate from the first day to the last."""
    path = np.linspace(0.0, 1.0, len(counts))[None, :]
    return float(evidence(counts, exposure, path, prior)[0])


def ramps(counts: np.ndarray, exposure: np.ndarray, prior: Prior) -> np.ndarray:
    """Log evidence of every ramp, by its last day at the old level and its first at the new.

    A ramp takes two days and more: in a single one it would be a step.

    Returns
    -------
    ndarray, day x day
        Minus infinity where there is no ramp.
    """
    days = np.arange(len(counts))
    table = np.full((len(counts), len(counts)), -np.inf)
    for first in days[:-2]:
        ends = days[first + 2 :]
        paths = np.clip((days - first) / (ends - first)[:, None], 0, 1)
        table[first, ends] = evidence(counts, exposure, paths, prior)
    return table


def mean_evidence(table: np.ndarray) -> float:
    """Log evidence of a ramp: the mean over a table of :func:`ramps`, all alike probable beforehand."""
    known = table[np.isfinite(table)]
    return float(logsumexp(known) - np.log(len(known)))
