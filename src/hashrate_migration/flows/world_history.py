"""What farms and their owners do in a simulated world, day by day.

Farms of 1,000 to 50,000 machines are run by owners who have several, at home and abroad. The unit is
a lot: at most 8,000 machines of one generation that go together. What a lot does is a list of spells,
each from the day on which it is switched on in a region to the day on which it is switched off; a
spell that follows another of the same machines names it (`came_from`). Everything that happens to a
lot (it is scrapped, moved, replaced, cleared by the ban, sold on …) has a day; the first of them ends
the spell, and what its owner then decides makes the next. All spells that begin a chapter in the life
of their lots are worked on at once, then those that follow, until none is left.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration.flows.world_kinds import Options
from hashrate_migration.flows.world_lots import elsewhere, first_lots, new_lots, places
from hashrate_migration.flows.world_setting import (
    CLEARED_WITHIN,
    DECISIONS,
    ENERGY,
    GENERATIONS,
    HIDE,
    HOME,
    MONTH,
    NEVER,
    RETIRE,
    SELL,
    SHIP,
    WAIT,
    Owners,
    Setting,
)

CAUSES = ("scrapped", "moved", "replaced", "cleared", "unprofitable", "lost", "second", "resold")
"""Why a spell ends."""

# How long things take in days (first, and one more than the last), and how often they are done: like
# the spans of the options, judgements of what is plausible.
MOVING_DAYS = (14, 75)
PREPARED_DAYS = (10, 61)
UNPREPARED_FIRST, UNPREPARED_MEAN = 45, 120
SALE_FIRST, SALE_MEAN = 20, 75
RESALE_AFTER, RESALE_DAYS = (30, 151), (20, 91)
IDLE_DAYS = (60, 211)
SECOND_CLEARANCE, SECOND_DAYS = (0, 30), (20, 151)
LOST_UNTIL = 30
FOLLOWS_OWNER = 0.7
ALWAYS_HIDDEN, HIDDEN_ON_RETURN = 0.05, 0.15
NEWER_SCRAPPED, NEWER_REPLACED = 0.2, 0.3
ON_AGAIN, MOVES_ON = 0.6, 0.7


def _begin(lots: pd.DataFrame, s: Setting, who: Owners, rng: np.random.Generator) -> pd.DataFrame:
    """Add what is settled when a lot is switched on: decision, where it is shown, day to be resold."""
    count = len(lots)
    lots = lots.reset_index(drop=True)
    follows = rng.uniform(size=count) < FOLLOWS_OWNER
    own = rng.choice(len(DECISIONS), count, p=s.decisions)
    lots["decision"] = np.where(follows, who.decision[lots["owner"]], own)
    at_home = (lots["region"] == HOME).to_numpy()
    before = (lots["on"] < s.ban).to_numpy()
    province = rng.integers(0, len(s.cleared), count)
    lots["clear_day"] = np.where(
        at_home & before, s.cleared[province] + rng.integers(0, CLEARED_WITHIN + 1, count), NEVER
    )
    hides = at_home & before & (lots["decision"] == HIDE).to_numpy()
    # Some are shown elsewhere all the time, and some of those who come back. Who was hidden at home
    # before is so again.
    known = lots["shown_from"].to_numpy() < NEVER
    part = np.where(before, ALWAYS_HIDDEN, HIDDEN_ON_RETURN)
    always = at_home & (known | (rng.uniform(size=count) < part))
    lots["shown_from"] = np.where(always, lots["on"], np.where(hides, lots["clear_day"] - 1, NEVER))
    at_proxy = always | (rng.uniform(size=count) < s.rates["hides_at_proxy"])
    lots["shown_at"] = np.where(
        at_proxy, rng.choice(s.proxies, count), rng.integers(1, len(s.regions), count)
    )
    return lots


def _end(lots: pd.DataFrame, s: Setting, rng: np.random.Generator) -> pd.DataFrame:
    """Add the day on which each spell ends, and why."""
    count = len(lots)
    on = lots["on"].to_numpy()
    region = lots["region"].to_numpy()
    generation = lots["generation"].to_numpy()
    oldest, newest = generation == s.oldest, generation == len(GENERATIONS) - 1
    hides = (lots["decision"] == HIDE).to_numpy()
    before = on < s.ban

    def after(rate: float, factor: np.ndarray | float = 1.0) -> np.ndarray:
        """Day of something that happens to a part of the machines each month."""
        days = rng.exponential(size=count) * MONTH / np.maximum(rate * factor, 1e-12)
        return on + 1 + np.minimum(days, NEVER).astype(int)

    def some(part: float) -> np.ndarray:
        return rng.uniform(size=count) < part

    days = np.full((len(CAUSES), count), NEVER)
    days[0] = after(s.rates["closing"], np.where(oldest, 1.0, NEWER_SCRAPPED))
    days[1] = after(s.rates["moving"])
    days[2] = np.where(
        newest, NEVER, after(s.rates["renewal"], np.where(oldest, 1.0, NEWER_REPLACED))
    )
    # Nobody puts new machines where they must soon go.
    days[2, (days[2] >= s.ban) & (lots["clear_day"] < NEVER) & ~hides] = NEVER
    days[3] = np.where(hides, NEVER, lots["clear_day"])
    falls = ~newest & ((region != HOME) | hides) & before & some(s.rates["price_fall"])
    days[4] = np.where(falls, rng.integers(s.ban, s.last_cleared + 1, count), NEVER)
    loses = (region == s.shrinking) & ~newest & before & some(s.rates["shrinking"])
    days[5] = np.where(loses, rng.integers(s.ban, s.last_cleared + LOST_UNTIL, count), NEVER)
    goes = (region == s.second) & (on < s.second_ban)
    days[6] = np.where(goes, s.second_ban + rng.integers(*SECOND_CLEARANCE, count), NEVER)
    days[7] = lots["resale_day"]
    return lots.assign(off=days.min(axis=0), cause=days.argmin(axis=0))


def _left_home(
    gone: pd.DataFrame, options: Options, s: Setting, who: Owners, rng: np.random.Generator
) -> pd.DataFrame:
    """Next spells of lots that the ban has switched off, as their owners decide."""
    count = len(gone)
    owner, off = gone["owner"].to_numpy(), gone["off"].to_numpy()
    decision = gone["decision"].to_numpy().copy()
    old = (gone["generation"] == s.oldest).to_numpy()
    scrapped = (
        old & np.isin(decision, (SELL, SHIP)) & (rng.uniform(size=count) < s.rates["scrap_old"])
    )
    decision[scrapped] = RETIRE

    # Ship: to the owner's own place, or where room is found; within weeks, or after many months.
    loyal = rng.uniform(size=count) < FOLLOWS_OWNER
    region = np.where(loyal, who.place[owner], places(count, s, rng))
    weeks = rng.integers(*PREPARED_DAYS, count)
    long = UNPREPARED_FIRST + rng.gamma(2.0, UNPREPARED_MEAN / 2, count).astype(int)
    lag = np.where(who.prepared[owner], weeks, long)

    sells = decision == SELL
    lag = np.where(sells, SALE_FIRST + rng.gamma(1.5, SALE_MEAN / 1.5, count).astype(int), lag)
    buyer = rng.uniform(size=count)
    region = np.where(sells, places(count, s, rng), region)
    resold = np.full(count, NEVER)
    if options.resale:
        region = np.where(sells, s.trader, region)
        resold = np.where(sells, rng.integers(*RESALE_AFTER, count), NEVER)
    abroad = (decision == SHIP) | (sells & (buyer > options.sold_at_home + options.sold_for_scrap))
    if options.loads_a_month:
        month = ((off - s.ban) // MONTH).astype(int)
        load = rng.integers(0, options.loads_a_month, count)
        region, lag = s.load_place[month, load], s.load_day[month, load] - off

    home = (decision == WAIT) | (sells & (buyer <= options.sold_at_home))
    region = np.where(home, HOME, region)
    waits = rng.integers(int(options.wait_days[0]), int(options.wait_days[1]) + 1, count)
    lag = np.where(decision == WAIT, waits, lag)
    resold = np.where(home | (resold == NEVER), NEVER, off + lag + resold)
    # A buyer runs machines as its own; whoever ships or waits keeps them.
    lots = gone.assign(region=region, on=off + lag, resale_day=resold)
    lots["owner"] = np.where(sells, who.of(region, rng), owner)
    return lots[abroad | home]


def _next(
    ended: pd.DataFrame, options: Options, s: Setting, who: Owners, rng: np.random.Generator
) -> pd.DataFrame:
    """Spells that follow those that have ended."""

    def of(cause: str) -> pd.DataFrame:
        return ended[ended["cause"] == CAUSES.index(cause)].assign(resale_day=NEVER)

    moved = of("moved")
    moved["on"] = moved["off"] + rng.integers(*MOVING_DAYS, len(moved))
    moved["region"] = places(len(moved), s, rng)

    second = of("second")
    second = second[rng.uniform(size=len(second)) < MOVES_ON]
    second["on"] = second["off"] + rng.integers(*SECOND_DAYS, len(second))
    second["region"] = places(len(second), s, rng)

    resold = of("resold")
    resold["on"] = resold["off"] + rng.integers(*RESALE_DAYS, len(resold))
    resold["region"] = places(len(resold), s, rng, but=s.trader)

    price = of("unprofitable")
    price = price[rng.uniform(size=len(price)) < ON_AGAIN]
    price["on"] = price["off"] + rng.integers(*IDLE_DAYS, len(price))

    followers = [moved, second, resold, price, _left_home(of("cleared"), options, s, who, rng)]
    lots = pd.concat([*followers, _replacing(of("replaced"))], ignore_index=True)
    return lots.assign(region=elsewhere(lots["region"].to_numpy(), lots["on"].to_numpy(), s, rng))


def _replacing(replaced: pd.DataFrame) -> pd.DataFrame:
    """New machines in the place of old ones, of the same power and from the same day."""
    newest = len(GENERATIONS) - 1
    energy = np.array(ENERGY)
    ehs = replaced["ehs"] * energy[replaced["generation"]] / energy[newest]
    return replaced.assign(
        on=replaced["off"],
        ehs=ehs,
        machines=ehs * 1e6 / GENERATIONS[newest],
        generation=newest,
        came_from=-1,
        new=True,
    )


def spells(options: Options, s: Setting, who: Owners, rng: np.random.Generator) -> pd.DataFrame:
    """All that the lots of a world do.

    Parameters
    ----------
    options, s, who
        Kind, stage and owners of the world.
    rng : Generator
        Source of chance.

    Returns
    -------
    DataFrame
        One row per spell: ``region`` (number), ``on`` and ``off`` (days; it runs from the first to
        the day before the second), ``ehs``, ``machines``, ``generation``, ``owner``, ``came_from``
        (row of the spell before of the same machines, or -1), ``new`` (bought from a maker),
        ``cause`` (number of :data:`CAUSES`), ``shown_from`` and ``shown_at`` (day from which pools
        show it in another region, and that region).
    """
    lots = pd.concat([first_lots(s, who, rng), new_lots(s, who, rng)], ignore_index=True)
    lots = lots.assign(came_from=-1, resale_day=NEVER, shown_from=NEVER)
    done, rows = [], 0
    while len(lots):
        ended = _end(_begin(lots, s, who, rng), s, rng)
        ended.index = range(rows, rows + len(ended))
        done.append(ended)
        rows += len(ended)
        over = ended[ended["off"] < s.days]
        lots = _next(over.assign(came_from=over.index, new=False), options, s, who, rng)
        lots = lots[lots["on"] < s.days]
    table = pd.concat(done)
    return table[
        [
            *("region", "on", "off", "ehs", "machines", "generation", "owner", "came_from", "new"),
            *("cause", "shown_from", "shown_at"),
        ]
    ]
