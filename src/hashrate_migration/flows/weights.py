r"""What a draw weighs: how likely the accounts are under its behaviour, and how likely evidence is.

**Accounts.** Let a draw's behaviour lead one to expect that R arrives in a month of all that departed,
S of new machines, and T for what turnover replaces. With lots of size l the arrivals A are a compound
Poisson variable: R + S with the variance l (R + S); turnover adds l T to that, and that supply and
places with power stray by sigma from month to month adds :math:`\sigma^2 (R^2 + S^2)`. The
log-likelihood is that of a normal variable with this mean and variance V, its normaliser included, so
that no scale is left free:

.. math:: \log L = -\tfrac12 \sum_t \frac{(A_t - R_t - S)^2}{V_t} + \log 2 \pi V_t .

It is taken over the arrivals abroad, all regions together, of each quarter from the start of the window
on, and over the arrivals at home of all these months as one sum: when what was switched off at home
comes back is an order of somebody, not a lag. A quarter has the sums of its months. Months before the
window say nothing of it.

**Candidates.** The likelihood needs no flows. So of many candidates for a draw, of which each costs a
small part of a solution, few are kept, in proportion to their likelihood (sampling importance
resampling: Rubin 1988; systematic: Carpenter, Clifford and Fearnhead 1999, IEE Proceedings 146: 2-7).
Those of a block weigh the same: the mean likelihood of its candidates. The expectation over weighted
draws is that of the posterior.

**Supply and turnover.** The level S is drawn for each candidate from its own posterior, on a grid over
its range, and the candidate weighs as the mean over the grid. What turnover replaces in a month, and the
new machines of a month, are normal given all else: their posteriors are drawn for the candidates that
are kept.

**What nothing explains** is punished after the solution: by the divergence of such arrivals from the
tiny mass expected, in lots.

**Evidence.** Each piece has a name and a log-likelihood of draws; these are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from hashrate_migration.arguments import shown
from hashrate_migration.errors import InputError
from hashrate_migration.flows.assumptions import Range, spread_over
from hashrate_migration.flows.behaviour import Behaviour
from hashrate_migration.flows.gross import Expected, Gross, Window, uneven
from hashrate_migration.flows.perturbed import UNEXPLAINED_EHS


class Evidence(Protocol):
    """What says something of the flows.

    Attributes
    ----------
    name : str
        By which tables call it.
    """

    name: str

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        """Of each row of :attr:`.summary.Draws.samples`; minus infinity for what cannot have been."""
        ...


QUARTER = 3
"""Months that are summed: when within a quarter a place gets its power, behaviour does not say."""

GRID = 8
"""Levels of supply at which the likelihood of a candidate is taken."""


def _monthly_variance(
    arrived: np.ndarray, supply: np.ndarray, b: Behaviour
) -> tuple[np.ndarray, np.ndarray]:
    """Of the supply's straying, and of all else that arrives; by draw and month."""
    spread = b.supply_spread[:, None] ** 2
    return spread * supply**2, b.lot_ehs[:, None] * (arrived + supply) + spread * arrived**2


def accounts_likelihood(
    flows: Gross, e: Expected, arrived: np.ndarray, b: Behaviour, window: Window, levels: np.ndarray
) -> np.ndarray:
    """Log-likelihood of the arrivals of each draw, given its behaviour: see the module.

    Parameters
    ----------
    flows : Gross
        Departures and arrivals, with turnover at its mean.
    e : Expected
        Places and lags.
    arrived : ndarray
        Draw x region x month: what is expected to arrive of all that departed, EH/s.
    b : Behaviour
        As drawn, but for the supply.
    window : Window
        Of the origin.
    levels : ndarray
        Draw x level: supplies to try, EH/s a month.

    Returns
    -------
    ndarray
        Draw x level.
    """
    home, since = window.origin, slice(window.start, None)

    quarters = np.arange(0, e.new.shape[2] - window.start, QUARTER)

    def split(values: np.ndarray, power: int = 1) -> np.ndarray:
        # Abroad by quarter, and home as one last column; sums of powers of months.
        own = values[:, home, since]
        abroad = values[:, :, since].sum(axis=1) - own
        by_quarter = np.add.reduceat(abroad**power, quarters, axis=1)
        return np.column_stack([by_quarter, (own**power).sum(axis=1)])

    share, new_squares, squares = split(e.new), split(e.new, 2), split(arrived, 2)
    there, turned, error = split(arrived), split(flows.replaced), split(flows.arrivals)
    spread = b.supply_spread[:, None] ** 2
    lot = b.lot_ehs[:, None]
    found = np.empty(levels.shape)
    for level in range(levels.shape[1]):
        supply = levels[:, level, None]
        mean = there + supply * share
        strays = spread * (squares + new_squares * supply**2)
        variance = np.maximum(lot * (mean + turned) + strays, 1e-9)
        terms = (error - mean) ** 2 / variance + np.log(2 * np.pi * variance)
        found[:, level] = -0.5 * terms.sum(axis=1)
    return found


def supply_levels(supply: Range, count: int, generator: np.random.Generator) -> np.ndarray:
    """Levels of supply for each candidate, one in each part of the range: draw x level."""
    place = (np.arange(GRID) + generator.uniform(size=(count, GRID))) / GRID
    return spread_over(supply, place, logarithmic=True)


def one_level(
    likelihood: np.ndarray, levels: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A level of each draw in proportion to its likelihood, and the log of their mean likelihood."""
    highest = likelihood.max(axis=1, keepdims=True)
    parts = np.exp(likelihood - highest)
    reached = np.cumsum(parts, axis=1)
    point = generator.uniform(size=(len(levels), 1)) * reached[:, -1:]
    chosen = np.minimum((reached < point).sum(axis=1), levels.shape[1] - 1)
    mean = highest[:, 0] + np.log(parts.mean(axis=1))
    return levels[np.arange(len(levels)), chosen], mean


def turned(
    flows: Gross,
    stocks: np.ndarray,
    arrived: np.ndarray,
    b: Behaviour,
    window: Window,
    generator: np.random.Generator,
) -> Gross:
    """Gross flows with turnover in lots, drawn given the arrivals."""
    there = arrived.sum(axis=1)
    strays, rest = _monthly_variance(there, b.supply_ehs[:, None], b)
    return uneven(flows, stocks, there + b.supply_ehs[:, None], strays + rest, b, window, generator)


def monthly_supply(
    flows: Gross, arrived: np.ndarray, b: Behaviour, window: Window, generator: np.random.Generator
) -> np.ndarray:
    """New machines of each month, drawn given the arrivals: draw x month, EH/s.

    From the start of the window on their mean is the level drawn: months stray around it.
    """
    supply, there = b.supply_ehs[:, None], arrived.sum(axis=1)
    strays, error = _monthly_variance(there, supply, b)
    gain = strays / np.maximum(strays + error, 1e-12)
    residual = flows.arrivals.sum(axis=1) - there - supply
    noise = np.sqrt((1 - gain) * strays) * generator.standard_normal(residual.shape)
    by_month = np.maximum(supply + gain * residual + noise, 0.05 * supply)
    mean = by_month[:, window.start :].mean(axis=1, keepdims=True)
    by_month[:, window.start :] *= supply / np.maximum(mean, 1e-12)
    return np.asarray(by_month)


def unexplained_likelihood(unexplained: np.ndarray, lot: np.ndarray) -> np.ndarray:
    """Minus the divergence of unexplained arrivals from the mass expected, in lots; by draw."""
    ratio = np.maximum(unexplained / UNEXPLAINED_EHS, 1e-12)
    divergence = unexplained * np.log(ratio) - unexplained + UNEXPLAINED_EHS
    return np.asarray(-divergence.sum(axis=(1, 2)) / lot)


def resampled(
    log_likelihood: np.ndarray, count: int, generator: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Numbers of the candidates kept, in random order, and the log of their mean likelihood."""
    highest = log_likelihood.max()
    likelihood = np.exp(log_likelihood - highest)
    steps = (np.arange(count) + generator.uniform()) / count
    reached = np.cumsum(likelihood)
    chosen = np.searchsorted(reached, steps * reached[-1])
    return generator.permutation(chosen), float(highest + np.log(likelihood.mean()))


def normalised(log_weights: np.ndarray) -> np.ndarray:
    """Weights that add to one."""
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def effective_number(weights: np.ndarray, candidate: np.ndarray) -> float:
    """Number of equal and independent draws that are worth as much (Kish 1965).

    Parameters
    ----------
    weights : ndarray
        By draw.
    candidate : ndarray
        Number of the candidate that each draw came from: draws of one candidate count as one.
    """
    own = pd.Series(weights).groupby(candidate).sum().to_numpy()
    return float(own.sum() ** 2 / (own**2).sum())


def checked_evidence(evidence: Sequence[Any] | None) -> list[Evidence]:
    """Pieces of evidence that can be used.

    Raises
    ------
    InputError
        If it is no list, or of a piece without name or likelihood, or of two of the same name.
    """
    if evidence is None:
        return []
    if not isinstance(evidence, list | tuple):
        raise InputError(f"evidence = {shown(evidence)} is not a list of pieces; give [piece, …].")
    for piece in evidence:
        named = isinstance(getattr(piece, "name", None), str)
        if not named or not callable(getattr(piece, "log_likelihood", None)):
            raise InputError(
                f"evidence holds {shown(piece)}, which has no name and log_likelihood(samples); give "
                "pieces that have both."
            )
    names = [piece.name for piece in evidence]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"evidence holds {twice[0]!r} twice; give each piece once.")
    return list(evidence)


def evidence_table(pieces: Sequence[Evidence], samples: pd.DataFrame) -> pd.DataFrame:
    """Log-likelihood of every draw by piece.

    Raises
    ------
    InputError
        For a piece that gives no number for a draw, or that no draw can meet.
    """
    columns = {}
    for piece in pieces:
        try:
            values = np.asarray(piece.log_likelihood(samples), dtype=float)
        except InputError:
            raise
        except (TypeError, ValueError):
            values = np.array(np.nan)
        if values.shape != (len(samples),) or np.isnan(values).any() or (values == np.inf).any():
            raise InputError(
                f"The evidence {piece.name!r} must give one number per draw, minus infinity for what "
                "cannot have been; correct its log_likelihood."
            )
        columns[piece.name] = values
    return pd.DataFrame(columns, index=samples.index)


def refuse_impossible(log_weights: np.ndarray, table: pd.DataFrame) -> None:
    """Refuse evidence that no draw can meet.

    Raises
    ------
    InputError
        Naming the piece, or all pieces if each can be met but not all together.
    """
    for name in table:
        if np.isneginf(log_weights + table[name].to_numpy()).all():
            raise InputError(
                f"No draw can meet the evidence {name!r}; widen the assumptions or leave it out."
            )
    if np.isneginf(log_weights + table.sum(axis=1).to_numpy()).all():
        raise InputError(
            f"No draw can meet the evidence of {', '.join(map(repr, table))} together; widen the "
            "assumptions or leave out a piece."
        )
