"""One block of draws: candidates, the few that are kept, and their flows.

A block is a function of the seed and its number alone, so that it does not matter who computes it and
how many follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hashrate_migration.flows import weights
from hashrate_migration.flows.assumptions import Assumptions
from hashrate_migration.flows.behaviour import Behaviour, draw_behaviour, lots
from hashrate_migration.flows.drawn_stocks import draw_stocks
from hashrate_migration.flows.gross import Expected, Gross, Window, expected, gross, landed
from hashrate_migration.flows.perturbed import Perturbed, solve

BLOCK = 64
"""Draws of a block. Fixed, so that numbers do not depend on who computes."""

CANDIDATES = 32
"""Candidates for each draw."""


@dataclass(frozen=True)
class Map:
    """What is known: the stocks, and the window of which the headlines speak.

    Attributes
    ----------
    shares : ndarray
        Region x month, parts.
    network : ndarray
        EH/s by month.
    codes, months : list of str
        Regions, and months like 2021-07.
    window : Window
        Of the origin; numbers of months of change, of which the first is that of the second stock.
    """

    shares: np.ndarray
    network: np.ndarray
    codes: list[str]
    months: list[str]
    window: Window


@dataclass(frozen=True)
class Drawn:
    """Draws of a block, the first axis of every array the draw.

    Attributes
    ----------
    table : ndarray
        Origin (regions, new) x destination (regions, retired), EH/s: what departed in the window, and
        new machines from its start on. The last cell holds all arrivals from its start on.
    log_weights : ndarray
        Up to a constant of all blocks.
    candidate : ndarray
        Number of the candidate of each draw.
    parameters : dict
        What was drawn once for each draw, by name.
    stocks : ndarray
        Region x month, from the month before the window on, EH/s.
    new : ndarray
        New machines by month from the start of the window on, EH/s.
    """

    table: np.ndarray
    log_weights: np.ndarray
    candidate: np.ndarray
    parameters: dict[str, np.ndarray]
    stocks: np.ndarray
    new: np.ndarray

    def first(self, draws: int) -> Drawn:
        """The first draws of the block."""
        return Drawn(
            self.table[:draws],
            self.log_weights[:draws],
            self.candidate[:draws],
            {name: values[:draws] for name, values in self.parameters.items()},
            self.stocks[:draws],
            self.new[:draws],
        )


EMPTIEST = 0.05
"""Judgement: no cell is emptier than this part of what is expected, for some machines move in small
lots. It keeps arrivals within reach of flows."""


def _uneven(generator: np.random.Generator, due: np.ndarray, size: np.ndarray) -> np.ndarray:
    """What lots make of expected flows."""
    return np.maximum(lots(generator, due, size), EMPTIEST * due)


def _kernel(
    flows: Gross,
    e: Expected,
    supply: np.ndarray,
    b: Behaviour,
    window: Window,
    waiting: float,
    generator: np.random.Generator,
) -> Perturbed:
    """Expectations made uneven by lots: of the origin's window, and of new machines."""
    home, inside = window.origin, window.months
    size = b.lot_ehs[:, None, None]
    departures = flows.departures
    moving = flows.running(b) / np.where(departures > 0, departures, 1.0)
    gone = 1 - moving * e.lag.sum(axis=2)[:, None, :]
    left = departures[:, home, inside]
    lag = np.repeat(e.lag[:, inside, None, :], len(departures[0]), axis=2)
    lag[:, :, home] = e.back_lag[:, inside]
    cells = moving[:, home, inside, None, None] * e.place[:, None, home, :, None] * lag
    never = 1 - cells.sum(axis=(2, 3))
    # Where nothing leaves, any kernel does.
    safe = np.where(left > 0, left, 1.0)
    cells = (
        _uneven(generator, cells * safe[:, :, None, None], size[..., None]) / safe[..., None, None]
    )
    gone[:, home, inside] = lots(generator, never * safe, b.lot_ehs[:, None]) / safe
    # Of all other departures together: what arrives in a region and month, in lots.
    others = flows.running(b)
    others[:, home, inside] = 0
    due = (e.place.transpose(0, 2, 1) @ others) @ e.lag
    factor = _uneven(generator, due, size) / np.maximum(due, 1e-12)
    new = _uneven(generator, e.new * supply[:, None, :], size) / np.maximum(
        supply[:, None, :], 1e-12
    )
    return Perturbed(
        place=e.place,
        lag=e.lag,
        moving=moving,
        gone=np.maximum(gone, 0.0),
        cells=cells,
        factor=factor,
        new=new,
        waiting=waiting,
        origin=home,
        window=inside,
    )


def run_block(
    number: int, *, seed: int, known: Map, assumptions: Assumptions, accounts: bool = True
) -> Drawn:
    """Draws of one block.

    Parameters
    ----------
    number : int
        Of the block.
    seed : int
        Of all blocks.
    known : Map
        Stocks and window.
    assumptions : Assumptions
        With `hidden` as it is to be taken.
    accounts : bool
        Whether draws are weighed by the likelihood of the accounts; if not, they are drawn from the
        assumptions alone (and still meet the accounts).
    """
    a, window = assumptions, known.window
    generator = np.random.default_rng(np.random.SeedSequence([seed, number]))
    count, regions = BLOCK * CANDIDATES, len(known.codes)
    stocks, parameters = draw_stocks(
        *(known.shares, known.network, count, known.codes, known.months),
        *(window.start + 1, a, generator),
    )
    stocks = np.ascontiguousarray(stocks.transpose(2, 0, 1))
    b = draw_behaviour(a, regions, count, generator)
    flows = gross(stocks, b, window, a.max_lag, generator)
    e = expected(stocks, b, window, a.max_lag)
    arrived = landed(flows, e, b, window)
    levels = weights.supply_levels(a.supply_ehs, count, generator)
    likelihood = np.zeros(levels.shape)
    if accounts:
        likelihood = weights.accounts_likelihood(flows, e, arrived, b, window, levels)
    supply_level, likelihood = weights.one_level(likelihood, levels, generator)
    b = replace(b, supply_ehs=supply_level)
    chosen, log_weight = weights.resampled(likelihood, BLOCK, generator)

    stocks, b, arrived = stocks[chosen], b.take(chosen), arrived[chosen]
    e = Expected(e.place[chosen], e.lag[chosen], e.back_lag[chosen], e.new[chosen])
    flows = weights.turned(flows.take(chosen), stocks, arrived, b, window, generator)
    supply = weights.monthly_supply(flows, arrived, b, window, generator)
    kernel = _kernel(flows, e, supply, b, window, a.undelivered_share, generator)
    # The range is one of what is delivered.
    sold = supply / (1 - a.undelivered_share)
    found = solve(kernel, flows.departures, flows.arrivals, sold)

    since = slice(window.start, None)
    table = np.zeros((BLOCK, regions + 1, regions + 1))
    table[:, :-1, :-1] = kernel.by_pair(found.rows, found.columns)
    departed = flows.departures[:, :, window.months].sum(axis=2)
    table[:, :-1, -1] = np.maximum(departed - table[:, :-1, :-1].sum(axis=2), 0)
    table[:, -1, :-1] = found.new[:, :, since].sum(axis=2)
    table[:, -1, -1] = flows.arrivals[:, :, since].sum(axis=(1, 2))
    log_weights = np.full(BLOCK, log_weight)
    if accounts:
        log_weights += weights.unexplained_likelihood(found.unexplained, b.lot_ehs)
    named = {name: values[chosen] for name, values in parameters.items()} | b.named()
    named["unexplained_ehs"] = found.unexplained[:, :, since].sum(axis=(1, 2))
    return Drawn(
        table=table,
        log_weights=log_weights,
        candidate=number * count + chosen,
        parameters=named,
        stocks=stocks[:, :, window.start :],
        new=found.new[:, :, since].sum(axis=1),
    )
