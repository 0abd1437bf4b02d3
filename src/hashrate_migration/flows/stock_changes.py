r"""Flows read off stocks by place of birth without accounts: differences, shares and rates.

Simpler relatives of :mod:`hashrate_migration.flows.stock_tables`, kept for comparison: none of them
meets the accounts of a region, since nobody is born, dies or moves on to a third region. Places of
birth stand for places of departure; a stock table is place of birth x region of residence, both in
the same order.

References
----------
Beine, M., Bertoli, S. and Fernández-Huertas Moraga, J. (2016). A practitioners' guide to gravity
models of international migration. The World Economy 39(4), 496-512. Differences, both ways.

Dennett, A. (2016). Estimating an annual time series of global migration flows: an alternative
methodology for using migrant stock data. In: Global Dynamics: Approaches from Complexity Science,
125-142. doi:10.1002/9781118937464.ch7

Rogers, A. and von Rabenau, B. (1971). Estimation of interregional migration streams from
place-of-birth-by-residence data. Demography 8(2), 185-194.

Abel, G. J. (2024). migest 2.0.5, `ffs_diff` and `ffs_rates`, whose reference prints the examples
that the tests reproduce.
"""

from __future__ import annotations

import numpy as np

from hashrate_migration.arguments import chosen
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import positive

DECREASES = ("return", "zero")
"""What becomes of stocks that shrink; see :func:`flows_from_differences`."""

NEGATIVES = ("keep", "zero")
"""What becomes of flows below zero; see :func:`flows_from_growth`."""


def flows_from_differences(
    before: np.ndarray, after: np.ndarray, decreases: str = "return"
) -> np.ndarray:
    """Flows as changes of the stocks of those who live where they were not born.

    Parameters
    ----------
    before, after : ndarray
        Place of birth x region, in the same order; the diagonal is not used.
    decreases : {"return", "zero"}
        What a stock that shrinks means. ``return``: they went back to their place of birth (Beine
        and Parsons 2015); ``zero``: nothing (Bertoli and Fernández-Huertas Moraga 2015).

    Returns
    -------
    ndarray
        Origin x destination, zeros on the diagonal.

    Raises
    ------
    InputError
        For tables that are not square or differ in shape, and an unknown choice.

    Examples
    --------
    Of those born in region 0, 5 more live in region 1; of those born in region 1, 2 fewer in
    region 0:

    >>> flows_from_differences([[9, 1], [4, 9]], [[9, 6], [2, 9]]).tolist()
    [[0.0, 7.0], [0.0, 0.0]]
    """
    chosen(decreases, "decreases", DECREASES)
    first, last = _square(before, "before"), _square(after, "after")
    _same_regions(first, last)
    change = last - first
    np.fill_diagonal(change, 0)
    grown = change.clip(min=0)
    return grown if decreases == "zero" else grown + (-change).clip(min=0).T


def flows_from_shares(stocks: np.ndarray, total: float) -> np.ndarray:
    r"""A known number of moves, shared out as the stocks of those born elsewhere (Dennett 2016).

    :math:`y_{ij} = M \, s_{ij} / \sum_{k \ne l} s_{kl}` for :math:`i \ne j`.

    Parameters
    ----------
    stocks : ndarray
        Place of birth x region, s; the diagonal is not used.
    total : float
        All moves, M, in the unit of the stocks. Where only stocks are known, the sum of the
        absolute net changes of the regions has been used.

    Returns
    -------
    ndarray
        Origin x destination, zeros on the diagonal.

    Raises
    ------
    InputError
        For a table that is not square or in which nobody lives away from home, and a negative
        total.
    """
    away = _square(stocks, "stocks").copy()
    np.fill_diagonal(away, 0)
    if away.sum() == 0:
        raise InputError("In the stocks nobody lives where they were not born; there is no share.")
    return positive(total, "total") * away / away.sum()


def flows_from_growth(before: np.ndarray, after: np.ndarray, negatives: str = "keep") -> np.ndarray:
    r"""Flows from the rates that turn one stock table into the other (Rogers and von Rabenau 1971).

    The rates G are those with :math:`S_{after} = S_{before} G`: all groups in a region move at the
    same rates, wherever they were born. The flow is :math:`y_{ij} = P_i G_{ij}`, with :math:`P_i`
    all who lived in region i before.

    Parameters
    ----------
    before, after : ndarray
        Place of birth x region, S.
    negatives : {"keep", "zero"}
        Whether flows below zero stay, as in the paper: a sign that the assumption of equal rates
        fails on these stocks; or are set to zero.

    Returns
    -------
    ndarray
        Origin x destination, zeros on the diagonal.

    Raises
    ------
    InputError
        For tables that are not square, differ in shape or have no such rates, and an unknown
        choice.
    """
    chosen(negatives, "negatives", NEGATIVES)
    first, last = _square(before, "before"), _square(after, "after")
    _same_regions(first, last)
    if np.linalg.matrix_rank(first) < len(first):
        raise InputError(
            "The stock table before has places of birth spread over regions in the same way; rates "
            "cannot be told apart, so use flows_from_stock_tables."
        )
    flows = first.sum(axis=0)[:, None] * np.linalg.solve(first, last)
    np.fill_diagonal(flows, 0)
    return flows.clip(min=0) if negatives == "zero" else flows


def _square(stocks: np.ndarray, name: str) -> np.ndarray:
    """A stock table with as many places of birth as regions."""
    table = np.asarray(stocks, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise InputError(
            f"The stock table {name} must have a place of birth for each region, in the same order."
        )
    if not (np.isfinite(table).all() and (table >= 0).all()):
        raise InputError(f"The stock table {name} must hold numbers of zero or more.")
    return table


def _same_regions(before: np.ndarray, after: np.ndarray) -> None:
    if before.shape != after.shape:
        raise InputError("The two stock tables must have the same regions.")
