"""Worlds whose flows are known and which the estimator did not make.

``make("lots", 7)`` gives the map that pools show of a simulated world, and the truth beside it. The
world is made of farms and their owners, day by day (:mod:`.world_history`), and seen through pools
(:mod:`.world_view`); kinds differ as :data:`KINDS` says. Nothing is shared with the estimator: a test
holds these modules to it.

What is true is said in the terms of :func:`hashrate_migration.flows.monte_carlo`:

departed
    Machines that ran at home on the eve of the ban and were switched off there between then and the
    last day of the window, whatever the reason. Each counts once, with its hashrate.
pairs
    Where these ran next: in a region abroad; at home (``back``: switched off and on again, or sold
    to a buyer at home); or nowhere before the stocks end (``retired``: scrapped, stored or still
    under way). Who moves a second time counts where it ran first, since that is the flow that leaves
    home; where all of them are when the stocks end is in ``settled``.
new
    Machines from makers that were switched on from the first day of the window to the last of the
    stocks, by region; those that replaced old ones in place too.
hidden
    Machines that run at home and are shown elsewhere. They did not depart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import arguments
from hashrate_migration.flows.world_history import spells as lived
from hashrate_migration.flows.world_kinds import KINDS, Options
from hashrate_migration.flows.world_setting import HOME, Setting, owners, setting
from hashrate_migration.flows.world_view import by_day, by_month, observed, shown_by_day

NEW = "new"
"""Row of new machines in a table of flows."""

RETIRED = "retired"
"""Column of machines that did not run again before the stocks end."""

_OWN_SEED = 1_300_000_013
"""Beside a world's number, so that no other draws of the same number are drawn alike."""


@dataclass(frozen=True)
class World:
    """A simulated world: what is seen and what is true.

    Attributes
    ----------
    kind, seed
        What it was made from.
    observed : DataFrame
        Stocks as pools and blocks show them: month x region, EH/s.
    stocks : DataFrame
        Stocks as they are: means over the days of each month, EH/s.
    hidden : Series
        By month, what of the home's stock is shown elsewhere, EH/s.
    home : str
        Region of the ban.
    proxies : tuple of str
        Regions where machines of the home may be shown.
    ban : Timestamp
        Day of the ban.
    window : tuple of Timestamp
        First and last month of change that count: the month of the first clearance and the one after
        that of the last, in which the last of what left shows.
    marked : str or None
        Region that the kind is about: the one that loses old machines, that of the traders, or that
        of the second ban.
    pairs : DataFrame
        Origin (home, ``new``) x destination (regions, ``retired``), EH/s: see the module.
    settled : Series
        Where what departed runs when the stocks end (``retired``: nowhere), EH/s.
    arrivals : DataFrame
        Month x region: what departed, by where and when it ran next, EH/s. Columns add up to the
        home's row of `pairs`.
    spells : DataFrame
        The diary of all lots, as :func:`.world_history.spells` describes it.
    """

    kind: str
    seed: int
    observed: pd.DataFrame
    stocks: pd.DataFrame
    hidden: pd.Series
    home: str
    proxies: tuple[str, ...]
    ban: pd.Timestamp
    window: tuple[pd.Timestamp, pd.Timestamp]
    marked: str | None
    pairs: pd.DataFrame
    settled: pd.Series
    arrivals: pd.DataFrame
    spells: pd.DataFrame

    @property
    def abroad(self) -> list[str]:
        """Regions other than the home."""
        return [str(region) for region in self.stocks if region != self.home]

    @property
    def departed_ehs(self) -> float:
        """What left the home, EH/s."""
        return float(self.pairs.loc[self.home].sum())

    @property
    def abroad_ehs(self) -> float:
        """What of it ran next abroad, EH/s."""
        return float(self.pairs.loc[self.home, self.abroad].sum())

    @property
    def back_ehs(self) -> float:
        """What of it ran next at home again, EH/s."""
        return float(self.pairs.loc[self.home, self.home])

    @property
    def retired_ehs(self) -> float:
        """What of it did not run again before the stocks end, EH/s."""
        return float(self.pairs.loc[self.home, RETIRED])

    @property
    def new_ehs(self) -> float:
        """New machines from the start of the window on, EH/s."""
        return float(self.pairs.loc[NEW].sum())


def make(kind: str, seed: int) -> World:
    """Make a world.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    seed : int
        The same seed gives the same world; worlds of different kinds with one seed have the same
        places.

    Returns
    -------
    World
        What is seen and what is true.

    Raises
    ------
    InputError
        For an unknown kind or a seed below zero.
    """
    options = KINDS[arguments.chosen(kind, "kind", KINDS)]
    arguments.whole(seed, "seed")
    stage, people, lives, view = (
        np.random.default_rng(sequence)
        for sequence in np.random.SeedSequence([seed, _OWN_SEED]).spawn(4)
    )
    s = setting(options, stage)
    who = owners(s, people)
    spells = lived(options, s, who, lives)
    ehs = spells["ehs"].to_numpy()
    region, on, off = (spells[name].to_numpy() for name in ("region", "on", "off"))
    stocks = by_month(by_day(region, on, off, ehs, len(s.regions), s.days), s.months)
    at_home = spells[region == HOME]
    openly = shown_by_day(at_home, at_home["ehs"].to_numpy(), s)[[HOME]]
    first_day = s.months[0]
    start = _month_of(first_day, int(s.cleared.min()))
    end = _month_of(first_day, s.last_cleared) + pd.DateOffset(months=1)
    next_, last = _fates(spells, s)
    days_to_end = (end + pd.DateOffset(months=1) - first_day).days
    left = (region == HOME) & (on < s.ban) & (off >= s.ban) & (off < days_to_end)
    fresh = spells["new"].to_numpy() & (on >= (start - first_day).days)
    columns = [*s.regions, RETIRED]
    size = len(columns)
    pairs = [
        np.bincount(next_[left], ehs[left], size),
        np.bincount(region[fresh], ehs[fresh], size),
    ]
    return World(
        kind=kind,
        seed=seed,
        observed=pd.DataFrame(observed(spells, who.base, options, s, view), s.months, s.regions),
        stocks=pd.DataFrame(stocks, s.months, s.regions),
        hidden=pd.Series(stocks[:, HOME] - by_month(openly, s.months)[:, 0], s.months),
        home=s.regions[HOME],
        proxies=tuple(s.regions[number] for number in s.proxies),
        ban=first_day + pd.Timedelta(days=s.ban),
        window=(start, end),
        marked=_marked(options, s),
        pairs=pd.DataFrame(pairs, [s.regions[HOME], NEW], columns),
        settled=pd.Series(np.bincount(last[left], ehs[left], size), columns),
        arrivals=_arrivals(spells[left], spells, s),
        spells=spells,
    )


def _marked(options: Options, s: Setting) -> str | None:
    if options.shrinking[1]:
        return s.regions[s.shrinking]
    if options.resale:
        return s.regions[s.trader]
    if options.second_ban_days[1]:
        return s.regions[s.second]
    return None


def _month_of(first_day: pd.Timestamp, day: int) -> pd.Timestamp:
    """First day of the month in which a day of the stocks lies."""
    return (first_day + pd.Timedelta(days=day)).to_period("M").start_time


def _fates(spells: pd.DataFrame, s: Setting) -> tuple[np.ndarray, np.ndarray]:
    """Where the machines of each spell run next, and where when the stocks end.

    Both are numbers of regions, or one more than the last for nowhere.
    """
    nowhere = len(s.regions)
    region, off = spells["region"].to_numpy(), spells["off"].to_numpy()
    before = spells["came_from"].to_numpy()
    follows = before >= 0
    next_ = np.full(len(spells), nowhere)
    next_[before[follows]] = region[follows]
    last = np.where(off >= s.days, region, nowhere)
    # A spell is always below those that follow it, so going up tells each what became of it.
    for row in np.flatnonzero(follows)[::-1]:
        last[before[row]] = last[row]
    return next_, last


def _arrivals(left: pd.DataFrame, spells: pd.DataFrame, s: Setting) -> pd.DataFrame:
    """Month x region in which what left ran next."""
    came = spells[spells["came_from"].isin(left.index)]
    month = np.searchsorted(s.months.days_in_month.to_numpy().cumsum(), came["on"], side="right")
    count = len(s.regions)
    table = np.bincount(month * count + came["region"], came["ehs"], len(s.months) * count)
    return pd.DataFrame(table.reshape(len(s.months), count), s.months, s.regions)
