"""Lots of machines in a simulated world: those of the first day, and those that makers deliver."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration.flows.world_setting import (
    FEWEST,
    GENERATIONS,
    HOME,
    LOT,
    MONTH,
    MOST,
    Owners,
    Setting,
)


def _farms(target: float, region: int, s: Setting, rng: np.random.Generator) -> pd.DataFrame:
    """Lots of farms of a region that together have about the target, EH/s."""
    per_machine = np.array(GENERATIONS[s.oldest :])
    # The newest has just come onto the market.
    mix = rng.dirichlet([*(6.0 for _ in per_machine[:-1]), 2.0])
    # More farms than can be needed: a mean farm has 4,700 machines.
    count = int(target * 1e6 / (FEWEST * 2 * (mix @ per_machine))) + 10
    # A Pareto distribution with exponent 0.8, cut at both ends.
    rank = rng.uniform(size=count) * (1 - (FEWEST / MOST) ** 0.8)
    machines = FEWEST * (1 - rank) ** (-1 / 0.8)
    lots = np.ceil(machines / LOT).astype(int)
    farm = np.repeat(np.arange(count), lots)
    generation = rng.choice(len(per_machine), len(farm), p=mix)
    size = (machines / lots)[farm]
    ehs = size * per_machine[generation] / 1e6
    inside = np.cumsum(ehs) <= target
    inside[0] = True
    table = pd.DataFrame(
        {
            "farm": farm,
            "region": region,
            "machines": size,
            "generation": s.oldest + generation,
            "ehs": ehs,
        }
    )
    return table[inside]


NETWORK = (90, 140)
"""EH/s that run when the stocks begin: about what Bitcoin had in the winter of 2020, and more."""


def first_lots(s: Setting, who: Owners, rng: np.random.Generator) -> pd.DataFrame:
    """Lots that run when the stocks begin."""
    network = rng.uniform(*NETWORK)
    found = [_farms(network * part, number, s, rng) for number, part in enumerate(s.shares)]
    lots = pd.concat(found, ignore_index=True)
    # A farm has one owner, whatever generations stand in it.
    farm = lots.groupby(["region", "farm"], sort=False).ngroup().to_numpy()
    at = lots.groupby(farm, sort=False)["region"].first().to_numpy()
    lots["owner"] = who.of(at, rng)[farm]
    return lots.drop(columns="farm").assign(on=0, new=False)


def new_lots(s: Setting, who: Owners, rng: np.random.Generator) -> pd.DataFrame:
    """Lots that makers deliver on one day of each week, to whoever bought them."""
    newest = len(GENERATIONS) - 1
    fewest, most = 500.0, float(LOT)
    mean = (most - fewest) / np.log(most / fewest) * GENERATIONS[newest] / 1e6
    count = rng.poisson(s.rates["supply_ehs"] * s.days / MONTH / mean)
    on = 7 * rng.integers(0, s.days // 7, count) + 1
    machines = np.exp(rng.uniform(np.log(fewest), np.log(most), count))
    # Who buys changes from quarter to quarter. The home buys half as much as its part of the network
    # would have it, nothing while it is cleared, and little afterwards.
    liking = np.append(0.5 * s.rates["home_share"] / (1 - s.rates["home_share"]), s.attraction[1:])
    quarters = s.days // 91 + 1
    buyers = liking * rng.gamma(2.0, 0.5, (quarters, len(liking)))
    weights = buyers[on // 91]
    weights[:, HOME] *= np.where(on < s.ban, 1.0, s.rates["home_buys"] * (on > s.last_cleared))
    region = elsewhere(_choice(weights, rng), on, s, rng)
    return pd.DataFrame(
        {
            "region": region,
            "machines": machines,
            "generation": newest,
            "ehs": machines * GENERATIONS[newest] / 1e6,
            "owner": who.of(region, rng),
            "on": on,
            "new": True,
        }
    )


def _choice(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One column for each row, drawn by the row's weights."""
    total = weights.cumsum(axis=1)
    rank = rng.uniform(size=(len(weights), 1)) * total[:, [-1]]
    return np.minimum((total < rank).sum(axis=1), weights.shape[1] - 1)


def places(count: int, s: Setting, rng: np.random.Generator, but: int = HOME) -> np.ndarray:
    """Places abroad, drawn by their attraction, but for one."""
    weights = np.where(np.arange(len(s.regions)) == but, 0.0, s.attraction)
    return rng.choice(len(weights), count, p=weights / weights.sum())


def elsewhere(
    region: np.ndarray, on: np.ndarray, s: Setting, rng: np.random.Generator
) -> np.ndarray:
    """Whoever would go where a second ban holds goes to another place."""
    region = region.copy()
    banned = (region == s.second) & (on >= s.second_ban)
    region[banned] = places(int(banned.sum()), s, rng, but=s.second)
    return region
