"""The stage of a simulated world: places, days, owners, and what all who live there have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration.flows.world_kinds import Options, Span

NEVER = 1_000_000
"""A day that no world sees."""

FEWEST, MOST = 1_000, 50_000
"""Machines of a farm."""

LOT = 8_000
"""Machines that are packed, sold and switched on together, at most."""

GENERATIONS = (14.0, 55.0, 95.0)
"""TH/s of a machine: the like of an Antminer S9, S17 and S19, by their makers' data sheets."""

ENERGY = (98.0, 45.0, 32.0)
"""J/TH of the same; a machine replaces old ones of the same power."""

MONTH = 30.4375
"""Days."""

HOME = 0
"""Number of the region that bans."""


@dataclass(frozen=True)
class Setting:
    """The stage of a world: places, days, and what all who live there have in common.

    Regions are numbered, the home first. Days are counted from the first of the stocks.

    Attributes
    ----------
    regions : list of str
        Names.
    proxies : ndarray
        Numbers of the regions where machines of the home may be shown.
    months : DatetimeIndex
        Months of the stocks.
    days : int
        Days of the stocks.
    ban : int
        Day of the ban.
    cleared : ndarray
        Day on which each province of the home is cleared.
    shares : ndarray
        Parts of the network by region when the stocks begin.
    attraction : ndarray
        How machines on the move spread over regions; adds to one, the home zero.
    trader, shrinking, second : int
        Regions of traders, of heavy losses, and of the second ban.
    second_ban : int
        Its day.
    oldest : int
        Number of the oldest generation there is.
    load_place, load_day : ndarray
        Region and day of arrival of each container load, by month since the ban and number.
    decisions : ndarray
        Parts of :data:`DECISIONS`.
    rates : dict
        Values drawn from the spans of the options, by their names.
    """

    regions: list[str]
    proxies: np.ndarray
    months: pd.DatetimeIndex
    days: int
    ban: int
    cleared: np.ndarray
    shares: np.ndarray
    attraction: np.ndarray
    trader: int
    shrinking: int
    second: int
    second_ban: int
    oldest: int
    load_place: np.ndarray
    load_day: np.ndarray
    decisions: np.ndarray
    rates: dict[str, float]

    @property
    def last_cleared(self) -> int:
        """Day on which the last machine that must go is off."""
        return int(self.cleared.max()) + CLEARED_WITHIN


DECISIONS = ("hide", "wait", "retire", "sell", "ship")
HIDE, WAIT, RETIRE, SELL, SHIP = range(len(DECISIONS))

LOAD_MONTHS = 12
"""Months after the ban for which loads are planned; no clearance is longer."""

CLEARED_WITHIN = 9
"""Days after its province's date by which the last farm is off."""

_RATES = (
    *("home_share", "supply_ehs", "renewal", "closing", "moving", "prepared", "scrap_old"),
    *("home_buys", "hides_at_proxy", "shrinking", "price_fall"),
)


def _between(span: Span, rng: np.random.Generator, count: int | None = None) -> np.ndarray:
    return rng.uniform(span[0], span[1], count)


def _day(span: Span, rng: np.random.Generator) -> int:
    return int(rng.integers(int(span[0]), int(span[1]) + 1))


def setting(options: Options, rng: np.random.Generator) -> Setting:
    """Draw the stage of a world.

    Parameters
    ----------
    options : Options
        The kind of world.
    rng : Generator
        Source of chance.

    Returns
    -------
    Setting
        Five to eight countries beside the home, one or two of them proxies; 24 to 26 months; the ban
        after 11 to 13 of them.
    """
    count = int(rng.integers(5, 9))
    hidden = int(rng.integers(1, 3))
    names = ["HOME", *(f"C{number}" for number in range(1, count - hidden + 1))]
    names += [f"PROXY{number}" for number in range(1, hidden + 1)]
    months = pd.date_range("2020-01-01", periods=int(rng.integers(24, 27)), freq="MS")
    ban = int(rng.integers(335, 396))
    provinces = int(rng.integers(4, 8))
    pull = rng.lognormal(0.0, 0.8, count + 1)
    pull[-hidden:] *= 0.3
    pull[HOME] = 0.0
    stock = rng.lognormal(0.0, 0.8, count + 1)
    stock[-hidden:] *= 0.5
    stock[HOME] = 0.0
    trader = int(rng.integers(1, count - hidden + 1))
    oldest = int(rng.integers(0, len(GENERATIONS) - 1))
    order = rng.uniform(size=provinces - 2)
    # What differs between kinds is drawn last, so that a seed gives all kinds the same places.
    rates = {name: float(_between(getattr(options, name), rng)) for name in _RATES}
    largest = int(stock.argmax())
    if options.shrinking[1]:
        # It loses more than it receives, so that its stock says nothing of what it received.
        stock[largest] *= 2
        pull[largest] = np.median(pull[1:])
    shares = (1 - rates["home_share"]) * stock / stock.sum()
    shares[HOME] = rates["home_share"]
    weights = np.array([float(_between(getattr(options, name), rng)) for name in DECISIONS])
    length = _day(options.clearance_days, rng) - CLEARED_WITHIN
    # The first province is cleared at once, the last at the end, the others in between.
    cleared = ban + np.concatenate([[1, length], 1 + (order * length).astype(int)])
    second_ban = ban + _day(options.second_ban_days, rng)
    attraction = pull / pull.sum()
    # Whatever is to go in a month goes when it is over: after weeks, or after many months.
    loads = (LOAD_MONTHS, max(options.loads_a_month, 1))
    left = ban + np.arange(1, LOAD_MONTHS + 1)[:, None] * MONTH
    weeks = rng.uniform(size=loads) < rates["prepared"]
    lag = np.where(weeks, rng.integers(5, 60, loads), rng.integers(60, 270, loads))
    return Setting(
        regions=names,
        proxies=np.arange(count + 1 - hidden, count + 1),
        months=months,
        days=int(np.sum(months.days_in_month)),
        ban=ban,
        cleared=cleared,
        shares=shares,
        attraction=attraction,
        trader=trader,
        shrinking=largest,
        second=int(pull.argmax()),
        second_ban=second_ban if options.second_ban_days != (0, 0) else NEVER,
        oldest=oldest,
        load_place=rng.choice(count + 1, loads, p=attraction),
        load_day=np.ceil(left).astype(int) + lag,
        decisions=weights / weights.sum(),
        rates=rates,
    )


@dataclass(frozen=True)
class Owners:
    """Owners of farms, each with one mind.

    Attributes
    ----------
    base : ndarray
        Region where an owner has most of its farms.
    size : ndarray
        How often it is an owner's when a farm changes hands or is built.
    place : ndarray
        Region abroad to which it would ship.
    decision : ndarray
        What it does at the ban, a number of :data:`DECISIONS`.
    prepared : ndarray
        Whether it has a site ready.
    """

    base: np.ndarray
    size: np.ndarray
    place: np.ndarray
    decision: np.ndarray
    prepared: np.ndarray

    def of(self, region: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Owners of farms in regions: mostly those who are based there."""
        found = np.zeros(len(region), dtype=int)
        for number in np.unique(region):
            weight = self.size * np.where(self.base == number, 1.0, 0.1)
            at = region == number
            found[at] = rng.choice(len(weight), int(at.sum()), p=weight / weight.sum())
        return found


def owners(s: Setting, rng: np.random.Generator) -> Owners:
    """Draw some 250 owners, a few of them with dozens of farms."""
    count = 250
    return Owners(
        base=rng.choice(len(s.regions), count, p=s.shares),
        size=1 + rng.pareto(1.3, count),
        place=rng.choice(len(s.regions), count, p=s.attraction),
        decision=rng.choice(len(DECISIONS), count, p=s.decisions),
        prepared=rng.uniform(size=count) < s.rates["prepared"],
    )
