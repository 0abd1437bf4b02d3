r"""Flows between two stock tables whose groups are followed (demographic accounting).

A stock table says how many of each group (people by place of birth, machines by make) were in each
region. With births and deaths (new and retired machines are just that) each group's stock before
must turn into its stock after, and the moves that do it are estimated group by group.

Three steps: births and deaths are taken out of the tables; what still differs between the totals of
a group is balanced, or refused; moves are fitted to what remains.

References
----------
Abel, G. J. (2013). Estimating global migration flow tables using place of birth data. Demographic
Research 28(18), 505-546. The open balance, section 2.2, and the assumption that all stay who can.

Abel, G. J. and Sander, N. (2014). Quantifying global international migration flows. Science
343(6178), 1520-1522. The closed balance, in the supplement.

Abel, G. J. and Cohen, J. E. (2019). Bilateral international migration flow estimates for 200
countries. Scientific Data 6, 82. Six methods side by side.

Azose, J. J. and Raftery, A. E. (2019). Estimation of emigration, return migration, and transit
migration between all pairs of countries. PNAS 116(1), 116-122. The pseudo-Bayes estimate.

Abel, G. J. (2024). migest 2.0.5, the R package in which these methods are kept, `ffs_demo`. Its
reference prints the examples that the tests reproduce.
"""

from __future__ import annotations

import numpy as np

from hashrate_migration.arguments import chosen
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import part
from hashrate_migration.flows.demography import fit_margins

BALANCES = ("exact", "closed", "open")
"""What to do where a group's totals differ; see :func:`flows_from_stock_tables`."""

MINIMUM_WEIGHT = 0.87
"""Weight of the fewest moves in the pseudo-Bayes estimate, as Azose and Raftery (2019) and, with
them, Abel and Cohen (2019) use it. It comes from people between countries in five years; that it
suits machines is a judgement without evidence."""

CLOSING_ROUNDS = 10_000
"""Rounds of fitting after which a table counts as one that cannot be closed; tens are usual."""

ROUNDING = 1e-9
"""Differences below this part of a group's stock are taken for rounding."""


def flows_from_stock_tables(
    before: np.ndarray,
    after: np.ndarray,
    seed: np.ndarray | None = None,
    stayers: bool = True,
    *,
    births: np.ndarray | None = None,
    deaths: np.ndarray | None = None,
    balance: str = "exact",
    by_group: bool = False,
) -> np.ndarray:
    """Flows between two stock tables with as few moves as possible (Abel 2013).

    For each group (place of birth, or make of machine) the stayers are the smaller of the two
    stocks of a region, the largest diagonal that the stocks allow; the rest is fitted to the seed
    by iterative proportional fitting.

    Parameters
    ----------
    before, after : ndarray
        Group x region; where groups are places of birth, in the order of the regions.
    seed : ndarray, optional
        Origin x destination weights; default: all one.
    stayers : bool
        Whether as many as possible stay. If not, all are fitted to the seed, those who stay
        included: the other end of what the tables allow.
    births, deaths : ndarray, optional
        What was added and what ended between the tables, in the unit of the stocks: group x region,
        or by region only. Deaths by region are shared out among the groups there in proportion to
        their stock before. Births by region belong to the group that has the region's place in the
        order, its natives; where there are fewer natives after than births, they are shared out in
        proportion to the stock after.
    balance : {"exact", "closed", "open"}
        What to do if the totals of a group differ, births and deaths taken out. ``exact``: refuse.
        ``closed`` (Abel and Sander 2014): nobody comes from elsewhere, so the tables are off; each
        is fitted to the mean of the two totals of each group and keeps the totals of its regions.
        If already the grand totals differ, natives bear the difference, half in each table.
        ``open`` (Abel 2013): the group lost members to the rest of the world, in proportion to its
        stock before, or received them from there, in proportion to its stock after; these moves are
        left out of what is given.
    by_group : bool
        Whether to keep the groups apart.

    Returns
    -------
    ndarray
        Origin x destination, summed over groups, or group x origin x destination; zeros on the
        diagonal unless `stayers` is false.

    Raises
    ------
    InputError
        If the tables differ in shape, hold negative numbers, have fewer members than die or are
        born, or cannot be balanced in the way asked for.

    Examples
    --------
    Region 0 has 10 machines before and 7 after, region 1 has 5 and 9; 2 broke in region 0, and 3
    new ones came to region 1. So one machine moved:

    >>> flows_from_stock_tables([10, 5], [7, 9], births=[[0, 3]], deaths=[2, 0]).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    start, end = _adjusted(before, after, births, deaths, chosen(balance, "balance", BALANCES))
    moved = np.stack([_moves(*stocks, seed, stayers) for stocks in zip(start, end, strict=True)])
    return moved if by_group else moved.sum(axis=0)


def pseudo_bayes_flows(
    before: np.ndarray,
    after: np.ndarray,
    seed: np.ndarray | None = None,
    *,
    weight: float = MINIMUM_WEIGHT,
    births: np.ndarray | None = None,
    deaths: np.ndarray | None = None,
    balance: str = "exact",
    by_group: bool = False,
) -> np.ndarray:
    """Flows between the fewest moves and moves without attachment (Azose and Raftery 2019).

    The fewest moves leave most pairs empty, and nobody returns who could have stayed. Where all are
    as likely to move as to stay, moves are far too many. The weighted mean of the two meets the
    same stocks.

    Parameters
    ----------
    before, after, seed, births, deaths, balance, by_group
        As in :func:`flows_from_stock_tables`.
    weight : float
        Of the fewest moves, from 0 to 1.

    Returns
    -------
    ndarray
        As :func:`flows_from_stock_tables` with zeros on the diagonal.

    Raises
    ------
    InputError
        As :func:`flows_from_stock_tables`, and for a weight outside its range.
    """
    weight = part(weight, "weight")
    fewest, free = (
        flows_from_stock_tables(
            *(before, after, seed, stayers),
            births=births,
            deaths=deaths,
            balance=balance,
            by_group=by_group,
        )
        for stayers in (True, False)
    )
    mixed = weight * fewest + (1 - weight) * free
    return mixed * (1 - np.eye(mixed.shape[-1]))


def _moves(start: np.ndarray, end: np.ndarray, seed: np.ndarray | None, stay: bool) -> np.ndarray:
    """Origin x destination of one group with the same total before and after."""
    stayed = np.minimum(start, end) if stay else np.zeros_like(start)
    out, into = start - stayed, end - stayed
    if min(out.sum(), into.sum()) <= ROUNDING * start.sum():
        return np.zeros((len(start), len(start)))
    return fit_margins(out, into * (out.sum() / into.sum()), seed)


def _adjusted(
    before: np.ndarray,
    after: np.ndarray,
    births: np.ndarray | None,
    deaths: np.ndarray | None,
    balance: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Stock tables without births and deaths, with the same total before and after per group."""
    before = np.atleast_2d(np.asarray(before, dtype=float))
    after = np.atleast_2d(np.asarray(after, dtype=float))
    if before.shape != after.shape:
        raise InputError("The two stock tables must have the same groups and regions.")
    for table, name in ((before, "before"), (after, "after")):
        if not (np.isfinite(table).all() and (table >= 0).all()):
            raise InputError(f"The stock table {name} must hold numbers of zero or more.")
    born, died = _given(births, "births", before.shape), _given(deaths, "deaths", before.shape)
    if balance == "closed":
        before, after = _same_grand_total(before, after, born.sum() - died.sum())
    start = _without(before, _deaths_by_group(died, before), "deaths", "before")
    end = _without(after, _births_by_group(born, after), "births", "after")
    if balance == "exact":
        _refuse_differences(start, end)
        return start, end
    return (_closed if balance == "closed" else _opened)(start, end)


def _given(events: np.ndarray | None, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Births or deaths as the caller gave them, checked; none are zeros by region."""
    values = np.zeros(shape[1]) if events is None else np.asarray(events, dtype=float)
    if values.shape not in (shape, shape[1:]):
        raise InputError(
            f"{name} must have a number for each of the {shape[1]} regions, or a table of {shape[0]} "
            f"groups x {shape[1]} regions."
        )
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise InputError(f"{name} must be numbers of zero or more.")
    return values


def _shared(events: np.ndarray, stocks: np.ndarray) -> np.ndarray:
    """Events by region shared out among groups in proportion to their stock; group x region."""
    sums = stocks.sum(axis=0)
    return stocks * np.divide(events, sums, out=np.zeros_like(sums), where=sums > 0)


def _deaths_by_group(deaths: np.ndarray, before: np.ndarray) -> np.ndarray:
    if deaths.ndim == 2:
        return deaths
    _refuse_more_than_there_are(deaths, before, "deaths", "before")
    return _shared(deaths, before)


def _births_by_group(births: np.ndarray, after: np.ndarray) -> np.ndarray:
    groups, regions = after.shape
    if births.ndim == 2:
        return births
    if not births.any():
        return np.zeros_like(after)
    if groups != regions:
        raise InputError(
            f"births by region need one group per region, its natives, but there are {groups} groups "
            f"and {regions} regions; give births as a table of groups x regions."
        )
    _refuse_more_than_there_are(births, after, "births", "after")
    few_natives = np.diag(after) < births
    return np.where(few_natives, _shared(births, after), np.diag(births))


def _refuse_more_than_there_are(
    events: np.ndarray, stocks: np.ndarray, name: str, when: str
) -> None:
    sums = stocks.sum(axis=0)
    for region in np.flatnonzero(events > sums * (1 + ROUNDING)):
        raise InputError(
            f"Region {region + 1} has {events[region]:g} {name} but a stock of {sums[region]:g} "
            f"{when}; correct one of them."
        )


def _without(stocks: np.ndarray, events: np.ndarray, name: str, when: str) -> np.ndarray:
    """Stocks less births or deaths, group x region."""
    left = stocks - events
    for group, region in np.argwhere(left < -ROUNDING * np.maximum(stocks, events)):
        raise InputError(
            f"Group {group + 1} has {events[group, region]:g} {name} in region {region + 1} but a stock "
            f"of {stocks[group, region]:g} {when}; correct one of them."
        )
    return left.clip(min=0)


def _refuse_differences(start: np.ndarray, end: np.ndarray) -> None:
    totals = zip(start.sum(axis=1), end.sum(axis=1), strict=True)
    for number, (first, last) in enumerate(totals, start=1):
        if not np.isclose(first, last, rtol=ROUNDING, atol=0):
            raise InputError(
                f"Group {number} has {first:g} before and {last:g} after, births and deaths taken "
                "out; give those that explain it, or say balance='closed' or 'open'."
            )


def _same_grand_total(
    before: np.ndarray, after: np.ndarray, growth: float
) -> tuple[np.ndarray, np.ndarray]:
    """Tables whose grand totals differ by births less deaths; natives bear what is amiss."""
    missing = growth - (after.sum() - before.sum())
    if abs(missing) <= ROUNDING * max(before.sum(), after.sum()):
        return before, after
    groups, regions = before.shape
    if groups != regions:
        raise InputError(
            f"The grand total changes by {after.sum() - before.sum():g} and births less deaths are "
            f"{growth:g}; tables without natives, one group per region, close only if they agree."
        )
    # Half of what is missing is taken from the natives before, half added to those after.
    natives = (np.diag(before), np.diag(after))
    changes = (-missing / 2, missing / 2)
    for there, change in zip(natives, changes, strict=True):
        if there.sum() + change <= 0:
            raise InputError(
                f"There are {there.sum():g} natives, too few to bear a difference of {abs(change):g} "
                "between the grand totals and births less deaths; correct the tables."
            )
    scaled = [
        np.diag(there * change / there.sum())
        for there, change in zip(natives, changes, strict=True)
    ]
    return before + scaled[0], after + scaled[1]


def _closed(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both tables fitted to the mean of each group's two totals; regions keep theirs."""
    totals = (start.sum(axis=1) + end.sum(axis=1)) / 2
    return _refitted(start, totals, "before"), _refitted(end, totals, "after")


def _refitted(stocks: np.ndarray, totals: np.ndarray, name: str) -> np.ndarray:
    # The grand totals of the two tables may differ by rounding.
    wanted = totals * (stocks.sum() / totals.sum()) if totals.any() else totals
    try:
        table = fit_margins(wanted, stocks.sum(axis=0), stocks, most=CLOSING_ROUNDS)
    except InputError:
        raise InputError(
            f"The stock table {name} has too many zeros to be closed: no table with these zeros gives "
            "each group and each region its total; say balance='open'."
        ) from None
    # Groups must agree to the last digit, since few of them move; regions may miss by rounding.
    return _with_totals(table, totals)


def _opened(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Leavers taken out of the table before and those who came in out of the table after."""
    first, last = start.sum(axis=1), end.sum(axis=1)
    kept = np.minimum(first, last)
    return _with_totals(start, kept), _with_totals(end, kept)


def _with_totals(stocks: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Stocks with each group scaled to a total; a group without members stays empty."""
    sums = stocks.sum(axis=1)
    return stocks * np.divide(totals, sums, out=np.zeros_like(sums), where=sums > 0)[:, None]
