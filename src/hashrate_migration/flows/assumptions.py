"""What is assumed where no table says anything: ranges from which behaviour and errors are drawn.

Every range is a judgement, stated with its reason. None was chosen on worlds in which the intervals
are tested.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hashrate_migration import arguments, periods
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import interval, longest_lag, part, positive

Range = tuple[float, float]

_WIDEST_PRIOR = 10
"""At 10, weights of pairs differ by more than ten thousandfold either way."""

SHARES = (
    *("proxy_share", "hidden_share", "jump_share", "prepared_share", "retired_share"),
    *("return_share", "worn_out_share"),
)
"""Ranges of parts of one: drawn evenly."""

SCALES = (
    *("pool_correlation", "lag_months", "lot_ehs", "supply_ehs", "supply_spread"),
    "turnover",
)
"""Ranges of sizes and rates: drawn evenly on a logarithmic scale, where twice is as far as half."""

_PARTS = (*SHARES, "pool_correlation", "turnover")
"""What cannot pass one."""


@dataclass(frozen=True)
class Assumptions:
    """What is assumed, with ranges (lowest, highest) where it is drawn.

    Attributes
    ----------
    pools, coverage : float
        Pools of the mining map's sample, and the part of all blocks that they find: see
        :mod:`.drawn_stocks`.
    pool_correlation : range
        Intra-pool correlation of location: 0 if every pool has the world's mix, 1 if each sits in one
        country. From a fiftieth (pools open to all) to a fifth (pools with a home, such as Foundry's in
        North America). A number stands for a range without width.
    persistence : float
        Correlation of the sampling error from month to month.
    jump_share : range
        Part of the error's variance that is drawn anew when the window starts: the sample of pools
        before a ban is not that after it. From none to four fifths.
    pools_at_zero : float
        Pools that the sample is worth in months in which the map shows nothing at home: the pools that
        had been China's had lost most of their miners.
    blocks_per_month : float
        For the luck of the network's blocks; 0 for none.
    proxies : tuple of str
        Regions whose hashrate is partly the home's, by `proxy_share`.
    proxy_share : range
        Part of the proxies' hashrate that belongs to `home`.
    hidden : mapping of month to range
        Part of the home's hashrate of `hidden_reference` that was there in the month but shown
        elsewhere. Default: for China's stocks of May to September 2021 what the chain says of
        them (:func:`.drawn_stocks.summer_ranges`); for all others `hidden_share`.
    hidden_reference : str
        Month to which `hidden` refers.
    hidden_share : range
        Part of what the map shows the home to lack, since the window started, that stood there hidden;
        used where `hidden` is not given and not known. By the chain it was at most a quarter of what
        China lacked in July 2021 and at least a seventh in August: :func:`.drawn_stocks.summer_ranges`.
    home : str
        The region that proxies hide.
    lag_months : range
        Mean months under way of machines that were not prepared to move, or were switched off to wait.
        From six weeks (by container, to a ready place) to eight months (Bit Digital ran 28 percent of
        its machines after six months and 38 after nine). Those that are under way for longer than
        `max_lag` run nowhere.
    prepared_share : range
        Part of the machines that leave with a place to go: they run again within weeks (BIT Mining had
        90 percent running within a quarter). From none to most.
    supply_ehs : range
        New machines of all makers that are delivered per month. From the network's mean growth per month
        in the 20 months before the ban (3.6; retirement makes that a lower limit) to what follows from
        Canaan's best quarter of 2021 (7.7 EH/s) at 15 percent of the market (17).
    supply_spread : range
        Standard deviation of the logarithm of that from month to month. Canaan's quarters of 2021 and
        2022 stray by 0.5; the whole market strays less.
    undelivered_share : float
        Part of the machines sold for a month that is expected not to be delivered. Small, so that supply
        binds.
    retired_share : range
        Part of what leaves by a net loss that never runs again. From what Bit Digital left behind (1
        percent) to all that left its fleet, sold machines included (a third).
    return_share : range
        Part of what runs again that does so in the region that it left. Nobody counted it: from a
        twentieth to seven tenths.
    turnover : range
        Part of each stock that leaves and is replaced in a month on top of the net change. A machine is
        in use for five years at the most, and for 1.3 if it runs from release until it no longer pays
        (de Vries and Stoll 2021, Resources, Conservation and Recycling 175: 105901): a sixtieth to a
        sixteenth, less at the lower end since the stock of a growing network is young.
    worn_out_share : range
        Part of what turnover replaces that never runs again; the rest is sold on and moves.
    lot_ehs : range
        Hashrate that moves as one lot, to one place at one time: from 5,000 machines of 40 TH/s to
        100,000 of them, half of what one host in Russia is said to have taken.
    prior_sd : float
        Standard deviation of the log of each pair's weight. Counts of machines by country differ by
        factors of two to ten.
    max_lag : int
        Longest time under way, months.
    """

    pools: float = 3.5
    coverage: float = 0.35
    pool_correlation: Range | float = (0.02, 0.2)
    persistence: float = 0.99
    jump_share: Range = (0.0, 0.8)
    pools_at_zero: float = 1.5
    blocks_per_month: float = 4380.0
    proxies: tuple[str, ...] = ("DEU", "IRL")
    proxy_share: Range = (0.0, 1.0)
    hidden: Mapping[str, Range] | None = None
    hidden_reference: str = "2021-09"
    hidden_share: Range = (0.0, 0.35)
    home: str = "CHN"
    lag_months: Range = (1.5, 8.0)
    prepared_share: Range = (0.0, 0.6)
    supply_ehs: Range = (4.0, 18.0)
    supply_spread: Range = (0.15, 0.5)
    undelivered_share: float = 0.03
    retired_share: Range = (0.01, 0.33)
    return_share: Range = (0.05, 0.7)
    turnover: Range = (0.01, 0.06)
    worn_out_share: Range = (0.4, 1.0)
    lot_ehs: Range = (0.2, 4.0)
    prior_sd: float = 1.0
    max_lag: int = 12

    @property
    def correlation(self) -> Range:
        """The range of the intra-pool correlation."""
        if isinstance(self.pool_correlation, tuple | list):
            return self.pool_correlation[0], self.pool_correlation[1]
        return self.pool_correlation, self.pool_correlation

    @property
    def concentration(self) -> float:
        """Concentration n of the Dirichlet distribution that the pool sample amounts to.

        At the middle (the geometric mean) of the correlation's range.
        """
        return self.pools / (float(np.sqrt(np.prod(self.correlation))) * (1 - self.coverage)) - 1

    def check(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        InputError
            Naming the assumption.
        """
        for name in (*SHARES, *SCALES):
            low, high = interval(
                self.correlation if name == "pool_correlation" else getattr(self, name), name
            )
            if name in SHARES or name == "turnover":
                part(high, name)
            if name in ("lot_ehs", "supply_spread") and low == 0:
                raise InputError(
                    f"{name} = {(low, high)} must begin above zero; raise its lower end."
                )
        for name in ("pools", "coverage", "pools_at_zero", "blocks_per_month", "prior_sd"):
            positive(getattr(self, name), name)
        part(self.persistence, "persistence")
        if part(self.undelivered_share, "undelivered_share") in (0, 1):
            raise InputError("undelivered_share must lie above 0 and below 1; 0.03 is the default.")
        longest_lag(self.max_lag)
        if self.prior_sd > _WIDEST_PRIOR:
            raise InputError(f"prior_sd = {self.prior_sd} must be {_WIDEST_PRIOR} or less.")
        if self.proxies != ():
            arguments.names(self.proxies, "proxies")
        arguments.instance(self.home, "home", str, "a region")
        periods.month(self.hidden_reference, "hidden_reference")
        self._check_hidden()
        self._check_pools()

    def _check_hidden(self) -> None:
        if self.hidden is None:
            return
        arguments.instance(self.hidden, "hidden", Mapping, "a mapping of months to ranges")
        for month, range_ in self.hidden.items():
            if not isinstance(month, str) or not re.fullmatch(r"\d{4}-\d{2}", month):
                raise InputError(
                    f"hidden names {arguments.shown(month)}; write months like 2021-07."
                )
            part(interval(range_, f"hidden[{month!r}]")[1], f"hidden[{month!r}]")

    def _check_pools(self) -> None:
        low, high = self.correlation
        if not (0 <= self.coverage < 1 and low > 0 and high <= 1 and self.pools > 0):
            raise InputError(
                "coverage must lie in [0, 1), pool_correlation in (0, 1], pools above 0."
            )
        if not 0 < self.pools_at_zero <= self.pools:
            raise InputError(
                f"pools_at_zero = {self.pools_at_zero} must lie above 0 and be no more than pools."
            )
        if self.pools / (high * (1 - self.coverage)) - 1 <= 0:
            raise InputError("These pools carry no information: raise pools or coverage.")


def spread_over(range_: Range, place: np.ndarray, *, logarithmic: bool = False) -> np.ndarray:
    """Numbers at these places of a range, from 0 (its lower end) to 1 (its upper end).

    On a logarithmic scale if asked for, unless the range begins at zero.
    """
    low, high = range_
    if not logarithmic or low == 0:
        return np.asarray(low + (high - low) * place)
    return np.asarray(low * (high / low) ** place)


def drawn(
    generator: np.random.Generator, range_: Range, count: int, *, logarithmic: bool = False
) -> np.ndarray:
    """A number per draw from a range, evenly or evenly on a logarithmic scale."""
    return spread_over(range_, generator.uniform(size=count), logarithmic=logarithmic)


SUPPLY_SCENARIOS = ("low", "central", "high")
"""Thirds of the default range of the supply of new machines, each as wide as the others in logs."""


def scenario(supply: str) -> Range:
    """Supply of new machines per month, EH/s, in a named scenario.

    Raises
    ------
    InputError
        For a name that is not in :data:`SUPPLY_SCENARIOS`.
    """
    arguments.chosen(supply, "supply", SUPPLY_SCENARIOS)
    low, high = Assumptions().supply_ehs
    edges = np.geomspace(low, high, len(SUPPLY_SCENARIOS) + 1)
    number = SUPPLY_SCENARIOS.index(supply)
    return float(edges[number]), float(edges[number + 1])


def doubled_range(name: str, range_: Range) -> Range:
    """A range made twice as wide on the scale on which it is drawn.

    Parameters
    ----------
    name : str
        Of the assumption. Scales (:data:`SCALES`) widen around their geometric mean, others around
        their middle; none below zero, no part above one.
    range_ : range
        As assumed.

    Examples
    --------
    >>> doubled_range("retired_share", (0.25, 0.5))
    (0.125, 0.625)
    >>> doubled_range("lot_ehs", (1.0, 4.0))
    (0.5, 8.0)
    """
    low, high = range_
    if name in SCALES and low > 0:
        wide = np.sqrt(high / low)
        low, high = float(low / wide), float(high * wide)
    else:
        half = (high - low) / 2
        low, high = max(low - half, 0.0), high + half
    return low, min(high, 1.0) if name in _PARTS else high
