r"""Demographers' estimates of flows from margins and from net totals.

These are the nearest relatives of our problem: migration between countries is seldom counted, but
stocks of migrants or net totals are. From stocks: :mod:`hashrate_migration.flows.stock_tables` and
:mod:`hashrate_migration.flows.stock_changes`.

References
----------
Abel, G. J. and Cohen, J. E. (2019). Bilateral international migration flow estimates for 200
countries. Scientific Data 6, 82.

Willekens, F. (1999). Modelling approaches to the indirect estimation of migration flows: from
entropy to EM. Mathematical Population Studies 7(3), 239-278.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, linprog, minimize

from hashrate_migration.errors import InputError


def fit_margins(
    rows: np.ndarray,
    columns: np.ndarray,
    seed: np.ndarray | None = None,
    tolerance: float = 1e-12,
    most: int = 100_000,
) -> np.ndarray:
    r"""The table with given margins that is nearest to a seed (iterative proportional fitting).

    :math:`y_{ij} = \alpha_i \beta_j m_{ij}`, the conditional maximisation of Willekens (1999),
    which keeps the odds ratios of the seed.

    Parameters
    ----------
    rows, columns : ndarray
        Wanted sums, of the same total.
    seed : ndarray, optional
        Table of weights m, zero where a flow is impossible; default: all one, which gives
        rows x columns / total.
    tolerance : float
        Largest miss of a row sum, as a part of the total.
    most : int
        Rounds before giving up.

    Returns
    -------
    ndarray
        Rows x columns.

    Raises
    ------
    InputError
        If the totals differ or no table with the zeros of the seed has these margins.

    Examples
    --------
    With all weights equal the table is rows x columns / total:

    >>> fit_margins(np.array([18.0, 20]), np.array([16.0, 22])).round(2).tolist()
    [[7.58, 10.42], [8.42, 11.58]]
    """
    rows, columns = np.asarray(rows, dtype=float), np.asarray(columns, dtype=float)
    total = rows.sum()
    if not np.isclose(total, columns.sum(), rtol=1e-9, atol=1e-12):
        raise InputError(
            f"The rows add up to {total:g} and the columns to {columns.sum():g}; make them equal."
        )
    weights = np.ones((len(rows), len(columns))) if seed is None else np.array(seed, dtype=float)
    if weights.shape != (len(rows), len(columns)) or (weights < 0).any():
        raise InputError(
            f"The seed must be a table of {len(rows)} x {len(columns)} numbers of zero or more."
        )
    if total == 0:
        return np.zeros_like(weights)
    table = weights
    for _ in range(most):
        sums = table.sum(axis=1)
        table = table * np.divide(rows, sums, out=np.zeros_like(rows), where=sums > 0)[:, None]
        sums = table.sum(axis=0)
        table = table * np.divide(columns, sums, out=np.zeros_like(columns), where=sums > 0)
        if np.abs(table.sum(axis=1) - rows).max() <= tolerance * total:
            if np.abs(table.sum(axis=0) - columns).max() > 1e-6 * total:
                break
            return table
    raise InputError(
        "No table with the zeros of the seed has these row and column sums; allow more flows."
    )


def flows_from_net_totals(
    net: np.ndarray,
    seed: np.ndarray,
    method: str = "entropy",
    *,
    total: float | None = None,
    keep_diagonal: bool = False,
) -> np.ndarray:
    r"""Flows between all pairs that give each region its net total and stay near a seed.

    Parameters
    ----------
    net : ndarray
        Inflow minus outflow of each region; adds up to zero.
    seed : ndarray
        Origin x destination flows to stay near; zeros stay zero.
    method : {"entropy", "lp", "least"}
        ``entropy``: least Kullback-Leibler divergence :math:`\sum y \log(y/m) - y + m`, whose
        solution is :math:`y_{ij} = m_{ij} \alpha_i / \alpha_j`: the log-linear model that
        iterative fitting of net totals solves as well. ``lp``: least sum of absolute
        deviations from the seed, a linear programme. ``least``: smallest sum of flows on the
        pairs of the seed, a linear programme; of all such tables one that deviates least from
        the seed. The solutions of linear programmes may not be the only ones.
    total : float, optional
        Sum of all flows, for ``entropy``: the seed is scaled until it comes out.
    keep_diagonal : bool
        Whether flows from a region to itself stay as the seed has them (they do not bear on net
        totals); default: they are zero.

    Returns
    -------
    ndarray
        Origin x destination.

    Raises
    ------
    InputError
        For net totals that do not add up to zero, a seed of the wrong shape, an unknown method, or
        net totals that no flows on the seed's pairs can give.

    Notes
    -----
    The entropy problem is solved in its dual, :math:`\sum m_{ij} e^{\lambda_j - \lambda_i} -
    \lambda \cdot net`, smooth and convex in one number per region.
    """
    net, weights = np.asarray(net, dtype=float), np.array(seed, dtype=float)
    count = len(net)
    if weights.shape != (count, count) or (weights < 0).any():
        raise InputError(f"The seed must be a table of {count} x {count} numbers of zero or more.")
    if abs(net.sum()) > 1e-9 * max(np.abs(net).sum(), 1):
        raise InputError(f"Net totals must add up to zero; these add up to {net.sum():g}.")
    if not keep_diagonal:
        np.fill_diagonal(weights, 0)
    if total is not None and method != "entropy":
        raise InputError("A total can be asked for with the method entropy only.")
    if method == "entropy":
        table = _nearest_by_entropy(net, weights)
        if total is not None:
            table = _with_total(net, weights, total)
    elif method == "lp":
        table = _nearest_by_deviation(net, weights)
    elif method == "least":
        table = _nearest_by_deviation(net, weights, least=True)
    else:
        raise InputError(f"method = {method!r} is unknown; choose one of entropy, lp, least.")
    missed = np.abs(table.sum(axis=0) - table.sum(axis=1) - net).max()
    if not missed <= 1e-7 * max(np.abs(net).max(), weights.max(), 1):
        raise InputError("No flows between the pairs of the seed give these net totals.")
    return table


def _nearest_by_entropy(net: np.ndarray, weights: np.ndarray) -> np.ndarray:
    scale = max(weights.max(), np.abs(net).max())

    def table(tilt: np.ndarray) -> np.ndarray:
        return weights * np.exp(np.clip(tilt[None, :] - tilt[:, None], -500, 500))

    def dual(tilt: np.ndarray) -> tuple[float, np.ndarray]:
        flows = table(tilt)
        return (
            (flows.sum() - tilt @ net) / scale,
            (flows.sum(axis=0) - flows.sum(axis=1) - net) / scale,
        )

    def curvature(tilt: np.ndarray) -> np.ndarray:
        flows = table(tilt)
        both = flows + flows.T
        return (np.diag(both.sum(axis=1)) - both) / scale

    found = minimize(
        dual,
        np.zeros(len(net)),
        jac=True,
        hess=curvature,
        method="trust-exact",
        options={"gtol": 1e-13, "maxiter": 1000},
    )
    # A tilt common to all regions changes nothing, so the last Newton steps are taken by
    # least squares.
    tilt = found.x
    for _ in range(5):
        _, slope = dual(tilt)
        tilt = tilt - np.linalg.lstsq(curvature(tilt), slope, rcond=None)[0]
    return table(tilt)


def _with_total(net: np.ndarray, weights: np.ndarray, total: float) -> np.ndarray:
    """The table nearest to the seed, scaled so that all flows add up to `total`."""

    def excess(log_scale: float) -> float:
        return float(_nearest_by_entropy(net, weights * np.exp(log_scale)).sum() - total)

    try:
        found = brentq(excess, -12, 12, xtol=1e-13)
    except ValueError:
        raise InputError(
            f"No flows with these net totals add up to {total:g}; ask for more."
        ) from None
    return _nearest_by_entropy(net, weights * np.exp(found))


def _nearest_by_deviation(net: np.ndarray, weights: np.ndarray, least: bool = False) -> np.ndarray:
    i, j = np.nonzero(weights)
    pairs, count = len(i), len(net)
    balance = np.zeros((count, pairs))
    balance[j, np.arange(pairs)] += 1
    balance[i, np.arange(pairs)] -= 1
    seed = weights[i, j]
    # y = seed + up - down with 0 <= down <= seed.
    equal, wanted = np.hstack([balance, -balance]), net - balance @ seed
    limits = [(0, None)] * pairs + [(0, value) for value in seed]
    if least:
        smallest = linprog(np.ones(pairs), A_eq=balance, b_eq=net, method="highs")
        if not smallest.success:
            return np.full_like(weights, np.nan)
        equal = np.vstack([equal, np.repeat([1.0, -1.0], pairs)])
        wanted = np.append(wanted, smallest.fun - seed.sum())
    found = linprog(np.ones(2 * pairs), A_eq=equal, b_eq=wanted, bounds=limits, method="highs")
    table = np.zeros_like(weights)
    if found.success:
        table[i, j] = seed + found.x[:pairs] - found.x[pairs:]
    return table
