r"""The transport problem of many draws, each with a kernel of its own that lots have made uneven.

As :mod:`.transport`, with three differences. Every draw has its own places and lags; of what leaves the
origin in the window each cell (month left, destination, month arrived) has its own expectation, and of
all other departures together what arrives in a region and month has a factor of its own. New
machines are an origin with a total S of each month: what is not delivered is slack that counts
:data:`STIFFNESS` times, so that supply binds. A source of tiny mass (:data:`UNEXPLAINED_EHS` in each
region and month) stands for arrivals that nothing explains; it keeps every draw solvable, and the
weights punish it.

What is solved is perturb and optimise: expectations that are drawn, and then the flows nearest to them
that meet the accounts (Papandreou and Yuille 2011, ICCV: 193-200; in the linear Gaussian case the
answers are draws of the posterior: Bardsley, Solonen, Haario and Laine 2014, SIAM Journal on Scientific
Computing 36: A1895-A1910). Here it is an approximation, as good as the coverage of its intervals.

Arrays have the draw as their first axis, so that products are stacks of small matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STIFFNESS = 16
"""How much more than a flow the undelivered machines of a month count. A whole number."""

UNEXPLAINED_EHS = 1e-4
"""Expected arrivals that nothing explains, per region and month."""

_PLAIN_ROUNDS = 3

ROUNDS = 400
"""After so many rounds what is still unmet counts as unexplained."""

TOLERANCE = 3e-4
"""Largest miss of an arrival, as a part of the largest departure or arrival."""


@dataclass
class Perturbed:
    """Kernels of a stack of draws.

    Attributes
    ----------
    place : ndarray
        Draw x origin x destination.
    lag : ndarray
        Draw x month departed x month arrived.
    moving, gone : ndarray
        Draw x region x month: parts of a departure that are expected to run again at a place and time of
        the product of the two, and not to run again by the end.
    cells : ndarray
        Draw x month of the window x destination x month arrived: parts of the origin's departure.
    factor : ndarray
        Draw x region x month: what lots make of the arrivals expected of all other departures.
    new : ndarray
        Draw x region x month: parts of the new machines of the month.
    waiting : float
        Part of them that is expected to be undelivered.
    origin : int
        Number of the region whose departures in the window have cells.
    window : slice
        Months of the window.
    """

    place: np.ndarray
    lag: np.ndarray
    moving: np.ndarray
    gone: np.ndarray
    cells: np.ndarray
    factor: np.ndarray
    new: np.ndarray
    waiting: float
    origin: int
    window: slice

    def __post_init__(self) -> None:
        """Lay out the kernels for stacks of products."""
        self.moving = self.moving.copy()
        self.moving[:, self.origin, self.window] = 0
        count, months, regions, arrived = self.cells.shape
        self._flat = self.cells.reshape(count, months, regions * arrived)
        self._place_t = np.ascontiguousarray(self.place.transpose(0, 2, 1))
        self._lag_t = np.ascontiguousarray(self.lag.transpose(0, 2, 1))

    def spread(self, columns: np.ndarray) -> np.ndarray:
        """Sum over destinations and arrival months of kernel x `columns` (draw, region, month)."""
        there = self.moving * (self.place @ ((columns * self.factor) @ self._lag_t))
        own = self._flat @ columns.reshape(len(columns), -1, 1)
        there[:, self.origin, self.window] = own[..., 0]
        return there

    def gather(self, rows: np.ndarray) -> np.ndarray:
        """Sum over origins and departure months of kernel x `rows` (draw, region, month)."""
        found = self.factor * ((self._place_t @ (self.moving * rows)) @ self.lag)
        own = rows[:, None, self.origin, self.window] @ self._flat
        found += own.reshape(found.shape)
        return found

    def by_pair(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Flows that departed in the window: draw, origin, destination."""
        under_way = ((columns * self.factor) @ self._lag_t)[:, :, self.window]
        left = (self.moving * rows)[:, :, self.window]
        table = self.place * (left @ under_way.transpose(0, 2, 1))
        own = rows[:, self.origin, self.window]
        table[:, self.origin] = np.einsum(
            "nw,nwjt,njt->nj", own, self.cells, columns, optimize=True
        )
        return table


@dataclass(frozen=True)
class Solution:
    """Scalings that meet the accounts.

    Attributes
    ----------
    rows, columns : ndarray
        Draw x region x month: departures times u, and v.
    new : ndarray
        Draw x region x month: new machines, EH/s.
    unexplained : ndarray
        Draw x region x month: arrivals from nowhere, EH/s.
    """

    rows: np.ndarray
    columns: np.ndarray
    new: np.ndarray
    unexplained: np.ndarray


def _undelivered(reached: np.ndarray, left: np.ndarray, waiting: float) -> np.ndarray:
    """One step of Newton towards the undelivered part x of a supply.

    It solves u e + x = 1 with u = (x / w) to the power of :data:`STIFFNESS`. As in
    :meth:`.transport.Problem._fit_rows` the left side rises and is convex in x, so steps from above
    never overshoot.
    """
    slope = reached * left ** (STIFFNESS - 1) / waiting**STIFFNESS
    return np.asarray(((STIFFNESS - 1) * slope * left + 1) / (STIFFNESS * slope + 1))


def solve(
    kernel: Perturbed, departures: np.ndarray, arrivals: np.ndarray, supply: np.ndarray
) -> Solution:
    """Scale rows and columns until departures, arrivals and supply are met.

    Parameters
    ----------
    kernel : Perturbed
        Expectations of a stack of draws.
    departures, arrivals : ndarray
        Draw x region x month, EH/s.
    supply : ndarray
        Draw x month, EH/s of new machines.
    """
    scale = max(departures.max(initial=0), arrivals.max(initial=0), 1e-12)
    columns = (arrivals > 0).astype(float)
    undelivered = np.ones(supply.shape)
    fresh = kernel.new * supply[:, None, :]
    safe = np.maximum(kernel.gone, 1e-9)
    for number in range(ROUNDS):
        rows = departures / (kernel.spread(columns) + safe)
        reached = (kernel.new * columns).sum(axis=1)
        undelivered = _undelivered(reached, undelivered, kernel.waiting)
        delivered = np.divide(
            1 - undelivered, reached, out=np.zeros_like(reached), where=reached > 1e-300
        )
        total = kernel.gather(rows) + fresh * delivered[:, None, :] + UNEXPLAINED_EHS
        fitted = arrivals / total
        missed = np.abs(columns - fitted) * total
        if number % 2 and missed.max() <= TOLERANCE * scale:
            break
        if number >= _PLAIN_ROUNDS and number < ROUNDS // 2:
            # A step half as long again (over-relaxation); should it not settle, plain rounds follow.
            step = np.divide(fitted, columns, out=np.ones_like(fitted), where=columns > 0)
            fitted = fitted * np.sqrt(np.minimum(step, 1e6))
        columns = fitted
    new = fresh * delivered[:, None, :] * columns
    unexplained = arrivals - kernel.gather(rows) * columns - new
    return Solution(rows, columns, new, np.maximum(unexplained, 0.0))
