"""The figures made linear around the most likely path, for the coordinates of :mod:`whitening`.

Nothing here changes what the posterior is; it makes it rounder, and so quicker to sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration.country_panel import density
from hashrate_migration.country_panel.density import HOLD, Shape
from hashrate_migration.country_panel.evidence import Evidence
from hashrate_migration.country_panel.prior import Prior
from hashrate_migration.tables.regions import REST

MANY = 2
"""Figures of one bias from which on the paths are made to follow it: with fewer it is hardly pinned."""

LARGE = 0.25
"""Share from which on a figure is looked at from both sides."""

AT_LEAST = 0.1
"""Least curvature of a limit, in units of its own error. Far on its easy side a limit does not bend the
density at all, but a path of which little is known comes across it."""

ROUNDS = 3
"""Times that the figures are made linear anew, around the best path found so far."""


@dataclass(frozen=True)
class Aid:
    """The figures made linear around a path: what the whitening needs of them."""

    centre: np.ndarray
    held: np.ndarray
    pull: np.ndarray
    figure: np.ndarray
    cell: np.ndarray
    slope: np.ndarray
    whole: np.ndarray
    others: np.ndarray
    strength: np.ndarray
    rest: np.ndarray
    followed: np.ndarray
    response: np.ndarray


def start(rows: pd.DataFrame, months: pd.DatetimeIndex, codes: list[str]) -> np.ndarray:
    """Logs of shares to begin with: estimates joined by straight lines in the log, month x code."""
    rows = rows[rows["reads"] == "share"]
    logs = np.log(rows["share_pct"] / 100)
    table = logs.groupby([rows["month"], rows["members"]]).mean().unstack()
    table = table.reindex(months).interpolate(limit_direction="both")
    path = table.reindex(columns=codes).fillna(np.log(0.004))
    path[REST] = np.log(0.08)
    values = path.to_numpy()
    return np.asarray(values - np.log(np.exp(values).sum(axis=1, keepdims=True)))


def around(
    seen: Evidence,
    logs: np.ndarray,
    shape: Shape,
    prior: Prior,
    *,
    respond: bool = True,
) -> Aid:
    """Make the figures linear around a path.

    Parameters
    ----------
    logs : ndarray, month x code
        Logs of shares before they are made to add to one.
    respond : bool
        Whether to find how the paths follow biases; without it they do not.
    """
    from scipy.special import logsumexp
    from scipy.stats import norm

    total = logsumexp(logs, axis=1, keepdims=True)
    shares = np.exp(logs - total)
    flat, codes = shares.ravel(), shares.shape[1]
    count = len(seen.value)
    inside = np.clip(np.bincount(seen.figure, seen.weight * flat[seen.cell], count), 1e-9, 1 - 1e-9)
    biases = np.zeros(len(seen.biases) + len(seen.parts))
    scale = np.hypot(seen.error_sd, seen.printed_sd)
    expected = np.asarray(
        density.expected(seen, logs - total, *np.split(biases, [len(seen.biases)]))
    )
    off = seen.value - expected
    # A t error pulls like a normal one whose weight falls with its distance.
    strength = (seen.tail_df + 1) / (seen.tail_df * scale**2 + off**2)
    beyond = -seen.sign * off / scale
    hazard = np.exp(norm.logpdf(beyond) - norm.logcdf(beyond))
    limit = seen.sign != 0
    strength = np.where(
        limit, np.maximum(hazard * (hazard + beyond), AT_LEAST) / scale**2, strength
    )
    rest = np.where(limit, seen.sign * hazard / scale / strength, off)
    steps = np.where(shape.breaks[:, None], np.hypot(prior.step, shape.break_sd), prior.step)
    figure, cell, weight = _both_sides(seen, inside, shares)
    slope = weight * flat[cell] / (inside * (1 - inside))[figure]
    atoms = pd.DataFrame({"figure": figure, "code": cell % codes, "side": weight > 0})
    whole = slope.copy()
    precision = np.zeros(shares.shape)
    for _ in range(ROUNDS):
        spread = _spread(precision, steps, prior)
        # Seen from one member of a sum, what the others leave open is error of the figure.
        atoms["slope"] = slope
        whole = atoms.groupby(["figure", "code", "side"])["slope"].transform("sum").to_numpy()
        atoms["open"] = slope * whole * spread.ravel()[cell]
        all_open = atoms.groupby(["figure", "side"])["open"].transform("sum").to_numpy()
        own = atoms.groupby(["figure", "code", "side"])["open"].transform("sum").to_numpy()
        each = 1 / (1 / strength[figure] + np.maximum(all_open - own, 0))
        open_ = shares**2 * spread
        held = shares**2 / (HOLD**2 + open_.sum(axis=1, keepdims=True) - open_)
        found = np.bincount(cell, each * slope * whole, flat.size)
        precision = found.reshape(shares.shape) + held
    of_bias = seen.bias[seen.bias < len(seen.biases)]
    of_part = seen.in_part[seen.in_part < len(seen.parts)] + len(seen.biases)
    counts = np.bincount(np.concatenate([of_bias, of_part]), minlength=len(biases))
    followed = np.flatnonzero(counts >= MANY)
    return Aid(
        centre=logs,
        held=held,
        pull=-held / np.maximum(shares, 1e-12) * total,
        figure=figure,
        cell=cell,
        slope=slope,
        whole=whole,
        others=np.maximum(all_open - own, 0),
        strength=strength * scale**2,
        rest=rest,
        followed=followed,
        response=(
            _response(seen, logs, followed, strength, steps, prior)
            if respond
            else np.zeros((flat.size, len(followed)))
        ),
    )


def _both_sides(
    seen: Evidence, inside: np.ndarray, shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Atoms of the figures' members and, of large figures, of all others too, with a minus.

    Whatever a figure adds to its members is taken from the others, which matters where it is large.
    """
    codes = shares.shape[1]
    table = pd.DataFrame(
        {"figure": seen.figure, "month": seen.cell // codes, "weight": seen.weight}
    )
    large = table[inside[seen.figure] > LARGE].drop_duplicates()
    figure = np.repeat(large["figure"].to_numpy(), codes)
    cell = (large["month"].to_numpy()[:, None] * codes + np.arange(codes)).ravel()
    weight = -np.repeat(large["weight"].to_numpy(), codes)
    mine = pd.MultiIndex.from_arrays([seen.figure, seen.cell])
    others = ~pd.MultiIndex.from_arrays([figure, cell]).isin(mine)
    return (
        np.concatenate([seen.figure, figure[others]]),
        np.concatenate([seen.cell, cell[others]]),
        np.concatenate([seen.weight, weight[others]]),
    )


def _spread(precision: np.ndarray, steps: np.ndarray, prior: Prior) -> np.ndarray:
    """Variance of every month's log share, given figures that count alone, month x code."""
    length, codes = precision.shape
    stay = prior.persistence
    spread = np.empty_like(precision)
    for code in range(codes):
        inverse = np.append(prior.start_sd**-2, steps[1:, code] ** -2)
        ahead = np.append(inverse[1:], 0.0)
        below = -stay * inverse[1:]
        matrix = np.diag(inverse + stay**2 * ahead + precision[:, code])
        matrix += np.diag(below, 1) + np.diag(below, -1)
        spread[:, code] = np.diagonal(np.linalg.inv(matrix))
    return spread


def _response(
    seen: Evidence,
    logs: np.ndarray,
    followed: np.ndarray,
    strength: np.ndarray,
    steps: np.ndarray,
    prior: Prior,
) -> np.ndarray:
    """How all paths together follow when one of the biases `followed` changes, near a path.

    Returns
    -------
    ndarray, (month x code) x bias
        Change of the log shares by unit of bias: the solution of the normal equations of all figures
        and of what is believed of paths.
    """
    import jax
    from jax.scipy.special import logsumexp
    from scipy.linalg import cho_factor, cho_solve

    length, codes = logs.shape
    biases = np.zeros(len(seen.biases) + len(seen.parts))

    def printed(path: Any, values: Any) -> Any:
        log_shares = path - logsumexp(path, axis=1, keepdims=True)
        return density.expected(seen, log_shares, *np.split(values, [len(seen.biases)]))

    def each(path: Any, values: Any) -> Any:
        return printed(path.reshape(length, codes), values)

    by_path = np.asarray(jax.jit(jax.jacrev(each))(logs.ravel(), biases))
    by_bias = np.asarray(jax.jit(jax.jacfwd(each, argnums=1))(logs.ravel(), biases))
    weighted = by_path.T * strength
    matrix = weighted @ by_path
    shares = np.exp(logs)
    shares /= shares.sum(axis=1, keepdims=True)
    inverse = np.vstack([np.full(codes, prior.start_sd**-2), steps[1:] ** -2])
    ahead = np.vstack([inverse[1:], np.zeros(codes)])
    diagonal = inverse + prior.persistence**2 * ahead
    place = np.arange(length * codes)
    matrix[place, place] += diagonal.ravel()
    side = (-prior.persistence * inverse[1:]).ravel()
    matrix[place[codes:], place[:-codes]] += side
    matrix[place[:-codes], place[codes:]] += side
    for month in range(length):
        own = slice(month * codes, (month + 1) * codes)
        matrix[own, own] += np.outer(shares[month], shares[month]) / HOLD**2
    return np.asarray(-cho_solve(cho_factor(matrix, lower=True), weighted @ by_bias[:, followed]))


def best(seen: Evidence, shape: Shape, prior: Prior, logs: np.ndarray) -> dict[str, Any]:
    """Make the figures linear around a path, find the most likely path, and do so again from there.

    Returns what the whitening needs of the last path.
    """
    import jax
    from jax.flatten_util import ravel_pytree
    from scipy.optimize import minimize

    # All else stays at its middle: the most likely sizes of steps and errors are no typical ones.
    free = ("noise", "growth")
    fixed = {name: np.zeros(size) for name, size in density.sizes(seen, shape).items()}
    point = {name: fixed.pop(name) for name in free}
    _, unravel = ravel_pytree(point)

    @jax.jit
    def slope(flat: Any, aid: dict[str, Any]) -> Any:
        energy = density.energy_of(seen, aid, shape, prior)
        return jax.value_and_grad(lambda values: energy(fixed | unravel(values)))(flat)

    for _ in range(ROUNDS):
        aid = vars(around(seen, logs, shape, prior, respond=False))
        # Around another path the noise means something else; all else keeps its meaning.
        begin, _ = ravel_pytree(point | {"noise": np.zeros_like(point["noise"])})

        def downhill(flat: np.ndarray, aid: dict[str, Any] = aid) -> tuple[float, np.ndarray]:
            value, gradient = slope(flat, aid)
            return float(value), np.asarray(gradient)

        result = minimize(
            downhill, np.asarray(begin), jac=True, method="L-BFGS-B", options={"maxiter": 150}
        )
        point = unravel(result.x)
        one = {name: np.asarray(value)[None] for name, value in (fixed | point).items()}
        logs = density.followed(seen, aid, shape, prior, one)["logs"][0]
    return at(seen, shape, prior, logs)


def at(seen: Evidence, shape: Shape, prior: Prior, logs: np.ndarray) -> dict[str, Any]:
    """What the whitening needs of a path, month x code."""
    return vars(around(seen, logs, shape, prior))
