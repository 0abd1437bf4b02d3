r"""Flows as entropic optimal transport in place and time.

What departs from region i in month s may arrive in region j in month t >= s. Before looking at
arrivals we expect

* :math:`D_{is} (1-\rho) \, p_{ij} \, g_j(t-s)` of it in j in month t, with a prior over
  destinations p (rows add to one) and a lag kernel g (the pmf of the months under way);
* :math:`D_{is} (\rho + (1-\rho)\,\mathrm{tail}_{is})` of it nowhere in the window: retired, or
  under way when it ends;
* :math:`S_t w_j` new machines in j in month t, from a supply S shared out by w.

The estimate is the table of flows nearest to these expectations, by Kullback-Leibler divergence
:math:`\sum y \log(y/m) - y + m` over all cells, that meets every departure D and every arrival A
exactly. Retired and new have no total of their own to meet: they are the slack. A part that is
assumed to be retired is an assumption about a total, not about one of many flows, so the
divergence of the retired counts :math:`\lambda` = 4 times; otherwise any mismatch between expected
and actual destinations would be settled by retiring machines. The solution is

.. math::
    y_{is,jt} = u_{is} v_{jt} m_{is,jt}, \quad r_{is} = u_{is}^{1/\lambda} m_{is,\cdot}, \quad
    n_{jt} = v_{jt} S_t w_j,

found by scaling rows and columns in turn (Sinkhorn; iterative proportional fitting with slack
cells). With the new and retired known it is the balanced transport problem that POT's
``ot.sinkhorn`` solves with cost -log m and regularisation 1.

The kernel is a product of place and lag, so for many draws at once one round is two small matrix
products per draw instead of one large.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.stats import nbinom

from hashrate_migration.errors import InputError

_LAG_SHAPE = 2

_PLAIN_ROUNDS, _RELAXED_ROUNDS = 3, 300

CHUNK = 128
"""Draws that are scaled together: as many as fit into a processor's cache with all arrays."""

STIFFNESS = 4
"""How much more than one flow the retired count: lambda of the module. A whole number, so that
its power is plain multiplication."""


def lag_kernel(mean_months: np.ndarray, max_lag: int) -> np.ndarray:
    """Probability of each number of months under way.

    A negative binomial with shape 2 (few machines are back at once, most around the mean, some
    much later), cut off at `max_lag`.

    Parameters
    ----------
    mean_months : ndarray
        Mean before the cut, per destination.
    max_lag : int
        Longest lag, months.

    Returns
    -------
    ndarray
        Destination x lag (0 to max_lag), rows add to one.
    """
    mean = np.asarray(mean_months, dtype=float)[:, None]
    if (mean < 0).any() or max_lag < 0:
        raise InputError("Lags must be of zero months or more.")
    weights = nbinom.pmf(np.arange(max_lag + 1), _LAG_SHAPE, _LAG_SHAPE / (_LAG_SHAPE + mean))
    return weights / weights.sum(axis=1, keepdims=True)


def _toeplitz(lag: np.ndarray, months: int) -> np.ndarray:
    """Lag kernel as matrices departed x arrived, one per destination."""
    table = np.zeros((len(lag), months, months))
    for k in range(min(lag.shape[1], months)):
        s = np.arange(months - k)
        table[:, s, s + k] = lag[:, k, None]
    return table


class Problem:
    """The part of a transport problem that many draws share: places and lags.

    Parameters
    ----------
    prior : ndarray
        Origin x destination, rows add to one.
    lag : ndarray
        Destination x lag.
    retired_share : float
        Expected part of departures that never comes back.
    new_share : ndarray
        Expected shares of new machines by region, adding to one.
    months : int
        Months of change in the window.
    """

    def __init__(
        self,
        prior: np.ndarray,
        lag: np.ndarray,
        retired_share: float,
        new_share: np.ndarray,
        months: int,
    ) -> None:
        self.arrive = _toeplitz(lag, months)
        self.place = (1 - retired_share) * prior
        self.new_share = new_share
        landed = np.einsum("ij,jst->is", prior, self.arrive)
        self.gone = retired_share + (1 - retired_share) * (1 - landed)
        self.stiff = np.maximum(self.gone, 1e-12)[:, :, None] ** -float(STIFFNESS)

    def spread(self, columns: np.ndarray) -> np.ndarray:
        """Sum over destinations and arrival months of kernel x `columns` (region, month, draw)."""
        under_way = self.arrive @ columns
        return np.tensordot(self.place, under_way, axes=1)

    def gather(self, rows: np.ndarray) -> np.ndarray:
        """Sum over origins and departure months of kernel x `rows` (region, month, draw)."""
        by_place = np.tensordot(self.place.T, rows, axes=1)
        return self.arrive.transpose(0, 2, 1) @ by_place

    def solve(
        self,
        departures: np.ndarray,
        arrivals: np.ndarray,
        supply: np.ndarray,
        tolerance: float = 1e-10,
        most: int = 10_000,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Scale rows and columns until departures and arrivals are met, for all draws at once.

        Parameters
        ----------
        departures, arrivals : ndarray
            Region, month, draw; EH/s.
        supply : ndarray
            Expected new machines by month and draw, EH/s.
        tolerance : float
            Largest miss, as a part of the largest departure or arrival of all draws.
        most : int
            Rounds before giving up.

        Returns
        -------
        rows, columns : ndarray
            Region, month, draw: departures times u, and v; zero where nothing departs or arrives.

        Raises
        ------
        InputError
            If arrivals cannot be met (no supply and no reachable departure).
        """
        if departures.shape[2] > CHUNK:
            cuts = [slice(k, k + CHUNK) for k in range(0, departures.shape[2], CHUNK)]
            # NumPy lets go of Python while it computes, so threads share the work.
            with ThreadPoolExecutor() as pool:
                parts = list(
                    pool.map(
                        lambda cut: self.solve(
                            departures[..., cut],
                            arrivals[..., cut],
                            supply[..., cut],
                            tolerance,
                            most,
                        ),
                        cuts,
                    )
                )
            return (
                np.concatenate([rows for rows, _ in parts], axis=2),
                np.concatenate([columns for _, columns in parts], axis=2),
            )
        fresh = self.new_share[:, None, None] * supply
        scale = max(departures.max(initial=0), arrivals.max(initial=0))
        columns = (arrivals > 0).astype(float)
        left = np.broadcast_to(self.gone[:, :, None], departures.shape).copy()
        for number in range(most):
            rows, left = self._fit_rows(departures, self.spread(columns), left)
            reached = self.gather(rows)
            reached += fresh
            fitted = np.divide(arrivals, reached, out=np.zeros_like(arrivals), where=reached > 0)
            if number % 2 and (np.abs(columns - fitted) * reached).max() <= tolerance * scale:
                columns = fitted
                break
            if _PLAIN_ROUNDS <= number < _RELAXED_ROUNDS:
                # A step half as long again, which saves a third of the rounds (over-relaxation);
                # should it not settle, plain rounds follow, which always do.
                step = np.divide(fitted, columns, out=np.ones_like(fitted), where=fitted > 0)
                fitted *= np.sqrt(step, out=step)
            columns = fitted
        else:
            raise InputError(
                "The departures and arrivals cannot be joined under these assumptions; allow longer "
                "lags, more retirement or more supply."
            )
        if ((arrivals > 0) & (columns == 0)).any():
            raise InputError(
                "Some arrivals have no departure within reach and no supply of new machines; allow "
                "longer lags or more supply."
            )
        return rows, columns

    def _fit_rows(
        self, departures: np.ndarray, expected: np.ndarray, left: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Scale rows so that what is relocated and what is left (retired) make up departures.

        The retired part x of a departure solves u e + x = 1 with u = (x / m)^lambda, where e is
        what would arrive unscaled and m what is expected to be retired. The left side rises and is
        convex in x, so Newton's steps from above never overshoot; one per round is enough as
        the rounds go on.
        """
        # slope = e (x / m)^lambda / x; a power by multiplication is many times faster than by **.
        slope = expected * self.stiff
        for _ in range(STIFFNESS - 1):
            slope *= left
        new = slope * left
        new *= STIFFNESS - 1
        new += 1
        slope *= STIFFNESS
        slope += 1
        new /= slope
        rows = (1 - new) * departures
        rows /= np.maximum(expected, 1e-300)
        return rows, new

    def divergence(
        self,
        rows: np.ndarray,
        columns: np.ndarray,
        departures: np.ndarray,
        arrivals: np.ndarray,
        supply: np.ndarray,
    ) -> np.ndarray:
        r"""How far the flows of a solution are from what was expected.

        Returns
        -------
        ndarray
            :math:`\sum y \log(y/m) - y + m` over all flows and new machines, plus lambda times the
            same over the retired; EH/s, one number per draw.
        """
        moved = rows * self.spread(columns)
        retired = np.maximum(departures - moved, 0)
        gone = departures * self.gone[:, :, None]
        # y = m u v, so y log(y/m) splits into the logs of the two scalings.
        u = np.divide(rows, departures, out=np.ones_like(rows), where=rows > 0)
        v = np.where(columns > 0, columns, 1.0)
        linked = (moved * np.log(u)).sum(axis=(0, 1)) + (arrivals * np.log(v)).sum(axis=(0, 1))
        expected = (departures - gone).sum(axis=(0, 1)) + supply.sum(axis=0)
        ratio = np.divide(retired, gone, out=np.ones_like(gone), where=(gone > 0) & (retired > 0))
        loss = (retired * np.log(ratio) - retired + gone).sum(axis=(0, 1))
        return linked - arrivals.sum(axis=(0, 1)) + expected + STIFFNESS * loss

    def flows(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Flows of one draw: origin, month departed, destination, month arrived."""
        kernel = self.place[:, None, :, None] * self.arrive.transpose(1, 0, 2)[None]
        return rows[:, :, None, None] * kernel * columns[None, None]

    def by_pair(
        self, rows: np.ndarray, columns: np.ndarray, departed: slice = slice(None)
    ) -> np.ndarray:
        """Flows summed over months departed and arrived: origin, destination, draw."""
        under_way = self.arrive @ columns
        return self.place[:, :, None] * np.einsum(
            "isn,jsn->ijn", rows[:, departed], under_way[:, departed], optimize=True
        )
