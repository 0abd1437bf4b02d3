"""What pools show of a simulated world.

A machine works for a pool, mostly its owner's. Pools differ in where their miners are; some of them
report, by place, how much works for them. Their reports together are the map: month by month the part
of each region in what they see, times the network's hashrate as blocks show it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration.flows.world_kinds import Options
from hashrate_migration.flows.world_setting import Setting

POOLS = 12
"""Pools of a world; the first is about a fifth of the network, the last a fiftieth."""

BLOCKS_A_DAY = 144
"""By Bitcoin's rule of a block every ten minutes."""


def by_day(
    region: np.ndarray, on: np.ndarray, off: np.ndarray, ehs: np.ndarray, regions: int, days: int
) -> np.ndarray:
    """Hashrate that runs, of spells from day `on` to the day before `off`.

    Returns
    -------
    ndarray
        Region, day; EH/s.
    """
    # What is switched on and off on each day, added up over days. Spells that end after the last
    # day, or before they begin, count no further than they run.
    begin, end = np.minimum(on, days), np.minimum(np.maximum(off, on), days)
    at = np.concatenate([region * (days + 1) + begin, region * (days + 1) + end])
    steps = np.bincount(at, np.concatenate([ehs, -ehs]), regions * (days + 1))
    running = steps.reshape(regions, days + 1).cumsum(axis=1)[:, :-1]
    # Sums and differences of the same numbers leave a trace where nothing runs.
    return np.where(running > 1e-9, running, 0.0)


def by_month(daily: np.ndarray, months: pd.DatetimeIndex) -> np.ndarray:
    """Means over the days of each month: month, region."""
    lengths = months.days_in_month.to_numpy()
    first = np.concatenate([[0], lengths.cumsum()[:-1]])
    return (np.add.reduceat(daily, first, axis=1) / lengths).T


def shown_by_day(spells: pd.DataFrame, ehs: np.ndarray, s: Setting) -> np.ndarray:
    """Hashrate by the region where it is shown: region, day; EH/s."""
    on, off = spells["on"].to_numpy(), spells["off"].to_numpy()
    change = np.clip(spells["shown_from"].to_numpy(), on, off)
    count = len(s.regions)
    openly = by_day(spells["region"].to_numpy(), on, change, ehs, count, s.days)
    return openly + by_day(spells["shown_at"].to_numpy(), change, off, ehs, count, s.days)


def _pools_of(
    base: np.ndarray,
    owner: np.ndarray,
    place: np.ndarray,
    chance: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """A pool for each spell: its owner's in six of ten cases, else one that is liked in its place."""

    def liked(where: np.ndarray) -> np.ndarray:
        rank = rng.uniform(size=len(where))
        return np.minimum((chance.cumsum(axis=0)[:, where] < rank).sum(axis=0), len(chance) - 1)

    owners = liked(base)
    return np.where(rng.uniform(size=len(place)) < 0.6, owners[owner], liked(place))


def _reports(size: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pools that report, about 30 to 45 percent of the network."""
    wanted = rng.uniform(0.30, 0.45)
    found = np.zeros(len(size), dtype=bool)
    for pool in rng.permutation(len(size)):
        if size[found].sum() < wanted:
            found[pool] = True
    return found


def observed(
    spells: pd.DataFrame,
    base: np.ndarray,
    options: Options,
    s: Setting,
    rng: np.random.Generator,
) -> np.ndarray:
    """The map of a world.

    Parameters
    ----------
    spells : DataFrame
        As :func:`.world_history.spells` gives them.
    base : ndarray
        Region of each owner.
    options, s
        Kind and stage of the world.
    rng : Generator
        Source of chance.

    Returns
    -------
    ndarray
        Month, region; EH/s.
    """
    size = 1 / np.arange(2.0, POOLS + 2)
    size /= size.sum()
    report = _reports(size, rng)
    spread = rng.uniform(*options.pool_bias)
    # In the pools' eyes a machine is where it is shown, but its owner chooses by where it is.
    owner, place = spells["owner"].to_numpy(), spells["region"].to_numpy()

    def chances() -> np.ndarray:
        """Pool, region: parts of a region's miners that like a pool."""
        weight = size[:, None] * rng.lognormal(0.0, spread, (POOLS, len(s.regions)))
        return weight / weight.sum(axis=0)

    first = chances()
    before = _pools_of(base, owner, place, first, rng)
    again = _pools_of(base, owner, place, chances() if options.pools_change else first, rng)
    changes = options.pools_change | (rng.uniform(size=len(place)) < 0.1)
    after = np.where(changes, again, before)
    ehs = spells["ehs"].to_numpy()
    seen = shown_by_day(spells, ehs * report[before], s)
    seen[:, s.ban :] = shown_by_day(spells, ehs * report[after], s)[:, s.ban :]
    monthly = by_month(seen, s.months)
    shares = monthly / monthly.sum(axis=1, keepdims=True)
    # A pool knows places by the addresses that connect to it, of which it has some thousands.
    addresses = int(rng.integers(3_000, 15_001))
    counted = rng.multinomial(addresses, shares) / addresses
    network = by_month(shown_by_day(spells, ehs, s), s.months).sum(axis=1)
    expected = BLOCKS_A_DAY * s.months.days_in_month.to_numpy()
    luck = rng.poisson(expected) / expected
    return counted * (network * luck)[:, None]
