"""Flows with their uncertainty, by draws.

A draw takes every uncertain thing once (:mod:`.drawn_stocks`: where the hashrate stood;
:mod:`.behaviour`: how machines behave), makes gross accounts (:mod:`.gross`), perturbs what it expects
by lots and finds the flows nearest to that which meet the accounts (:mod:`.perturbed`). Draws are
weighed by the likelihood of the accounts given their behaviour, and by evidence (:mod:`.weights`). What
is assumed stands in :mod:`.assumptions`.

How often the intervals hold the truth in worlds that are not of their own making is kept:
:func:`.kept.truth`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration import arguments
from hashrate_migration.errors import InputError
from hashrate_migration.flows import weights as weighing
from hashrate_migration.flows.assumptions import (
    SUPPLY_SCENARIOS,
    Assumptions,
    Range,
    scenario,
)
from hashrate_migration.flows.block import BLOCK, Drawn, Map, run_block
from hashrate_migration.flows.checks import checked
from hashrate_migration.flows.drawn_stocks import draw_shares, hidden_by_default, summer_ranges
from hashrate_migration.flows.gross import Window
from hashrate_migration.flows.summary import (
    HEADLINES,
    Draws,
    joined,
    samples_of,
    summary,
)
from hashrate_migration.periods import When, month_window

__all__ = [
    "BLOCK",
    "HEADLINES",
    "SUPPLY_SCENARIOS",
    "Assumptions",
    "Draws",
    "Range",
    "draw_shares",
    "monte_carlo",
    "scenario",
    "summer_ranges",
]

ENOUGH = 100
"""Effective draws that an interval of 90 percent needs: five lie beyond either end."""

LIMIT = 8
"""No more than this many times the draws asked for are made to have enough."""


LEAD = 6
"""Months of change before the window that are looked at: what departed earlier is taken to have arrived,
or to run nowhere."""


def _known(stocks: pd.DataFrame, origin: str, start: When | None, end: When | None) -> Map:
    codes = [str(region) for region in stocks.columns]
    if not isinstance(origin, str) or origin not in codes:
        raise InputError(
            f"There is no region {arguments.shown(origin)}; the stocks have: {', '.join(codes)}."
        )
    changes = pd.DatetimeIndex(stocks.index[1:])
    low, high = month_window(start, end, changes, "the months of change")
    first = max(int(changes.get_loc(low)) - LEAD, 0)
    stocks, changes = stocks.iloc[first:], changes[first:]
    network = stocks.sum(axis=1).to_numpy()
    return Map(
        shares=(stocks.to_numpy() / network[:, None]).T,
        network=network,
        codes=codes,
        months=[f"{month:%Y-%m}" for month in stocks.index],
        window=Window(codes.index(origin), int(changes.get_loc(low)), int(changes.get_loc(high))),
    )


def monte_carlo(
    stocks: pd.DataFrame,
    draws: int = 1000,
    seed: int = 0,
    *,
    origin: str = "CHN",
    start: When | None = None,
    end: When | None = None,
    assumptions: Assumptions | None = None,
    evidence: Sequence[Any] | None = None,
    accounts: bool = True,
    client: Any = None,
) -> Draws:
    """Flows with 90 percent intervals.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s: shares and network are taken from it.
    draws : int
        How many. If these are worth fewer than :data:`ENOUGH` (a quarter of those asked for, if that is
        less), more follow, up to :data:`LIMIT` times as many.
    seed : int
        The same seed gives the same numbers, with or without a client; more draws begin with the
        same ones.
    origin : str
        Region of which the headlines speak.
    start, end : str or date, optional
        Months of departure that count; default: all.
    assumptions : Assumptions, optional
        Default: those of the class.
    evidence : sequence, optional
        Pieces with a name and log_likelihood(samples): see :class:`.weights.Evidence`. Default: none;
        the answer then rests on accounts and assumptions alone.
    accounts : bool
        Whether draws are weighed by how likely the accounts are under their behaviour. Without, every
        draw still meets the accounts: what the assumptions alone say.
    client : distributed.Client, optional
        A Dask client whose workers share the draws.

    Returns
    -------
    Draws
        Intervals by pair, headlines, and the draws of the headlines.

    Raises
    ------
    InputError
        For bad stocks or assumptions, no draws, an unknown origin, a window outside the stocks, or
        evidence that no draw can meet.

    Examples
    --------
    A world of one's own: months by regions, a home whose proxies are known, not their part::

        told = flows.Assumptions(home="HUB", proxies=("PRX",), proxy_share=(0.0, 0.9))
        found = flows.monte_carlo(stocks, origin="HUB", start="2020-12", end="2021-01",
                                  assumptions=told)
        found.headlines
    """
    stocks = checked(stocks)
    a = Assumptions() if assumptions is None else assumptions
    arguments.instance(a, "assumptions", Assumptions, "an Assumptions(…)")
    a.check()
    arguments.draws_and_seed(draws, seed)
    if client is not None and not hasattr(client, "submit"):
        raise InputError(f"client = {arguments.shown(client)} is no Dask client; give one or None.")
    pieces = weighing.checked_evidence(evidence)
    known = _known(stocks, origin, start, end)
    if a.hidden is None:
        a = replace(a, hidden=hidden_by_default(stocks, a.home))
    run = partial(run_block, seed=seed, known=known, assumptions=a, accounts=accounts)

    def blocks(first: int, last: int) -> list[Drawn]:
        numbers = range(first, last)
        if client is None:
            return [run(number) for number in numbers]
        found: list[Drawn] = client.gather([client.submit(run, n, pure=False) for n in numbers])
        return found

    count = -(-draws // BLOCK)
    found = blocks(0, count)
    found[-1] = found[-1].first(draws - (count - 1) * BLOCK)
    needed = min(float(ENOUGH), draws / 4)
    while True:
        drawn = joined(found)
        samples = samples_of(
            drawn, known.codes, known.months[known.window.start :], known.window.origin
        )
        table = weighing.evidence_table(pieces, samples)
        log_weights = drawn.log_weights + table.sum(axis=1).to_numpy()
        possible = not np.isneginf(log_weights).all()
        worth = 0.0
        if possible:
            worth = weighing.effective_number(weighing.normalised(log_weights), drawn.candidate)
        if worth >= needed or len(found) >= LIMIT * count:
            break
        # A block that was cut is taken whole before others follow.
        found[count - 1 : count] = blocks(count - 1, count)
        found += blocks(len(found), min(2 * len(found), LIMIT * count))
    if not possible:
        weighing.refuse_impossible(drawn.log_weights, table)
    note = "" if worth >= needed else _too_few(worth, needed, len(samples))
    return summary(
        drawn,
        samples,
        weighing.normalised(log_weights),
        accounts_weights=weighing.normalised(drawn.log_weights),
        evidence=table,
        codes=known.codes,
        note=note,
    )


def _too_few(worth: float, needed: float, made: int) -> str:
    return (
        f"The {made} draws made are worth {worth:.0f}, fewer than the {needed:.0f} that the ends of an "
        "interval need: take more draws, or see whether evidence and assumptions contradict each other."
    )
