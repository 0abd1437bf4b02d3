"""What the accounts alone allow: the lowest and the highest flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from hashrate_migration.arguments import names as named
from hashrate_migration.arguments import shown
from hashrate_migration.errors import InputError
from hashrate_migration.flows.accounts import margins
from hashrate_migration.flows.checks import checked, longest_lag, part, positive
from hashrate_migration.flows.estimators import numbers_of, supply_by_month
from hashrate_migration.periods import When, month_window


@dataclass(frozen=True)
class _Programme:
    """Variables (moves, new, retired) and constraints of the accounts."""

    origin: np.ndarray
    departed: np.ndarray
    destination: np.ndarray
    arrived: np.ndarray
    equal: sparse.csr_matrix
    totals: np.ndarray
    supply_rows: sparse.csr_matrix
    retired_row: sparse.csr_matrix

    @property
    def size(self) -> int:
        return int(self.equal.shape[1])


def _programme(departures: np.ndarray, arrivals: np.ndarray, max_lag: int) -> _Programme:
    regions, months = departures.shape
    lags = np.arange(months)[None, :] - np.arange(months)[:, None]
    in_time = (lags >= 0) & (lags <= max_lag)
    # A region may get back what it lost: machines stored and switched on again.
    i, s, j, t = np.nonzero(
        (departures > 0)[:, :, None, None] & (arrivals > 0)[None, None] & in_time[None, :, None, :]
    )
    new_j, new_t = np.nonzero(arrivals > 0)
    gone_i, gone_s = np.nonzero(departures > 0)
    moves, fresh, gone = len(i), len(new_j), len(gone_i)
    size = moves + fresh + gone
    cell = np.arange(size)
    out_rows = np.full((regions, months), -1)
    out_rows[gone_i, gone_s] = np.arange(gone)
    in_rows = np.full((regions, months), -1)
    in_rows[new_j, new_t] = gone + np.arange(fresh)
    rows = np.concatenate(
        [out_rows[i, s], in_rows[j, t], in_rows[new_j, new_t], out_rows[gone_i, gone_s]]
    )
    columns = np.concatenate([cell[:moves], cell[:moves], cell[moves:]])
    equal = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (gone + fresh, size))
    totals = np.concatenate([departures[gone_i, gone_s], arrivals[new_j, new_t]])
    supply_rows = sparse.csr_matrix(
        (np.ones(fresh), (new_t, moves + np.arange(fresh))), (months, size)
    )
    retired_row = sparse.csr_matrix(
        (np.ones(gone), (np.zeros(gone, dtype=int), moves + fresh + np.arange(gone))), (1, size)
    )
    return _Programme(i, s, j, t, equal, totals, supply_rows, retired_row)


def _explain(
    programme: _Programme, supply: np.ndarray, lost: float, share: tuple[float, float], months: list
) -> str:
    """Find the least that must give way, and say which assumption it is."""
    size, count = programme.size, len(supply)
    # Extra supply per month, and retirement above or below its limits, each at a price of one.
    extra = sparse.identity(count, format="csr")
    zero = sparse.csr_matrix((1, count))
    upper = sparse.vstack(
        [
            sparse.hstack([programme.supply_rows, -extra, sparse.csr_matrix((count, 2))]),
            sparse.hstack([programme.retired_row, zero, sparse.csr_matrix([[-1.0, 0.0]])]),
            sparse.hstack([-programme.retired_row, zero, sparse.csr_matrix([[0.0, -1.0]])]),
        ],
        format="csr",
    )
    found = linprog(
        np.concatenate([np.zeros(size), np.ones(count + 2)]),
        A_ub=upper,
        b_ub=np.concatenate([supply, [share[1] * lost, -share[0] * lost]]),
        A_eq=sparse.hstack(
            [programme.equal, sparse.csr_matrix((programme.equal.shape[0], count + 2))]
        ),
        b_eq=programme.totals,
        method="highs",
    )
    short = found.x[size : size + count]
    over, under = found.x[size + count :]
    if short.max(initial=0) >= max(over, under):
        month = int(np.flatnonzero(short > 1e-9 * max(1, short.max()))[0])
        return (
            f"A supply of {supply[month]:g} EH/s of new machines is too low for the arrivals of "
            f"{months[month]:%Y-%m}: it needs {supply[month] + short[month]:.2f}"
            + (
                f"; other months that need more: {np.count_nonzero(short > 1e-9) - 1}"
                if np.count_nonzero(short > 1e-9) > 1
                else ""
            )
            + "; raise max_supply or max_lag."
        )
    if over > under:
        return (
            f"At most {100 * share[1]:g} percent retired is too low: the arrivals within reach leave "
            f"{100 * (share[1] + over / lost):.1f} percent of the departures without a place; raise "
            "retired_share or max_lag."
        )
    return (
        f"At least {100 * share[0]:g} percent retired is too high: the arrivals need more of the "
        f"departures back, at most {100 * (share[0] - under / lost):.1f} percent can be retired; lower "
        "retired_share or raise max_supply."
    )


def bounds(
    stocks: pd.DataFrame,
    origin: str | Sequence[str],
    destination: str | Sequence[str] | None = None,
    *,
    start: When | None = None,
    end: When | None = None,
    max_lag: int = 8,
    max_supply: float | np.ndarray = np.inf,
    retired_share: tuple[float, float] = (0.0, 1.0),
    turnover: float = 0.0,
) -> pd.Series:
    """The lowest and the highest flow that the accounts and the assumptions allow.

    Linear programmes over every flow by origin, month departed, destination and month arrived,
    solved by SciPy's HiGHS.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s.
    origin : str or sequence of str
        Where the machines departed.
    destination : str or sequence of str, optional
        Where they arrived; default: any other region ("left for abroad").
    start, end : str or date, optional
        Months of departure that count; default: all.
    max_lag : int
        Longest time under way, months.
    max_supply : float or array
        Most new machines per month, EH/s.
    retired_share : tuple of float
        Lowest and highest part of all departures that does not come back within the window.
    turnover : float
        See :mod:`hashrate_migration.flows.accounts`.

    Returns
    -------
    Series
        low_ehs and high_ehs, EH/s summed over the months, and departed_ehs: all that left the
        origins in these months.

    Raises
    ------
    InputError
        For an unknown region, a window outside the stocks, or assumptions that cannot hold
        together: the sentence says which.

    Notes
    -----
    The bounds take the stocks as they are. They say nothing of sampling error, and with
    ``turnover`` zero nothing of exchange within a region.
    """
    stocks = checked(stocks)
    names = [str(region) for region in stocks.columns]
    origins = [origin] if isinstance(origin, str) else named(origin, "origin")
    if destination is None:
        destinations = [name for name in names if name not in origins]
    else:
        destinations = (
            [destination] if isinstance(destination, str) else named(destination, "destination")
        )
    # Who names a region twice means it once.
    origins, destinations = list(dict.fromkeys(origins)), list(dict.fromkeys(destinations))
    for name in [*origins, *destinations]:
        if name not in names:
            raise InputError(f"There is no region {name!r}; the stocks have: {', '.join(names)}.")
    longest_lag(max_lag)
    if not isinstance(retired_share, tuple | list) or len(retired_share) != 2:
        raise InputError(
            f"retired_share = {shown(retired_share)} is no pair; give (lowest, highest)."
        )
    lowest, highest = (part(value, "retired_share") for value in retired_share)
    if lowest > highest:
        raise InputError(f"retired_share = {retired_share} is reversed; give (lowest, highest).")
    out, into = margins(stocks, turnover)
    months = pd.DatetimeIndex(out.index)
    low, high = month_window(start, end, months, "the months of change")
    departures, arrivals = out.to_numpy().T, into.to_numpy().T
    # A supply as large as all arrivals is as good as none at all.
    given = numbers_of(max_supply, "max_supply")
    if given.ndim == 0 and given != np.inf:
        positive(float(given), "max_supply")
    supply = supply_by_month(np.minimum(given, arrivals.sum() + 1.0), len(months), "max_supply")
    if not departures.any() and not arrivals.any():
        return pd.Series({"low_ehs": 0.0, "high_ehs": 0.0, "departed_ehs": 0.0})
    programme = _programme(departures, arrivals, max_lag)
    lost = departures.sum()
    inside = (months >= low) & (months <= high)
    chosen = (
        np.isin(programme.origin, [names.index(name) for name in origins])
        & np.isin(programme.destination, [names.index(name) for name in destinations])
        & inside[programme.departed]
    )
    objective = np.zeros(programme.size)
    objective[: len(chosen)] = chosen
    limits = sparse.vstack(
        [programme.supply_rows, programme.retired_row, -programme.retired_row], format="csr"
    )
    values = []
    for sign in (1, -1):
        found = linprog(
            sign * objective,
            A_ub=limits,
            b_ub=np.concatenate([supply, [highest * lost, -lowest * lost]]),
            A_eq=programme.equal,
            b_eq=programme.totals,
            method="highs",
        )
        if not found.success:
            raise InputError(_explain(programme, supply, lost, (lowest, highest), list(months)))
        values.append(sign * found.fun)
    rows = [names.index(name) for name in origins]
    return pd.Series(
        {
            "low_ehs": max(values[0], 0.0),
            "high_ehs": max(values[1], 0.0),
            "departed_ehs": departures[np.ix_(rows, inside)].sum(),
        }
    )
