r"""Flows with their uncertainty, by draws.

A draw takes every uncertain thing once, makes the accounts anew and estimates the flows by
transport:

**Shares.** The mining map is a sample of k pools that find a part c of all blocks. Pools differ in
where their miners are: let delta be the intra-pool correlation of location (0: every pool has the
world's mix, 1: every pool sits in one country). A share p measured on such a cluster sample, drawn
without replacement, has the variance

.. math:: \mathrm{Var}(\hat p) = p (1 - p) \, \frac{\delta (1 - c)}{k},

that of a Dirichlet distribution around the map with concentration
:math:`n = k / (\delta (1 - c)) - 1` (Cochran 1977, Sampling Techniques, ch. 9, for cluster
sampling and the finite population correction). With k = 3.5 pools, c = 0.35 and delta = 0.05 that
is n = 107: a share of 44 percent is known within 4.8 points (one standard deviation), one of 7
within 2.5. delta is not known; it is an assumption. The same pools report every month, so their
error persists: it is drawn as a stationary series with the correlation `persistence` from month to
month. Draws are log-normal weights, normalised, whose variances match the Dirichlet's to first
order.

**Proxies.** A part of what the map shows in Germany and Ireland, and a part of China's drop in July
and August 2021, belongs to China; the parts are drawn uniformly from ranges.

**Network.** Blocks come by chance: N blocks in a month leave a relative error of
:math:`1/\sqrt N`.

**Behaviour.** Mean lag, supply of new machines, retirement, returns and the preference of each
origin for each destination (log-normal around equal) are drawn from ranges. These are drawn once
per block of draws, the others for each draw.

**Weights.** A draw whose behaviour would have led one to expect quite other arrivals than there
were is less plausible than one that fits. Draws are weighted by :math:`e^{-K/\tau}`, with K the
divergence that the transport solution minimises (:meth:`.transport.Problem.divergence`): a
likelihood in which flows of the size tau count as one independent event. tau is `dispersion` times
all departures and arrivals of the window. Its value was chosen on simulated worlds
(:func:`.simulation.truth_test`); how often the intervals hold the truth there is kept:
:func:`.kept.truth`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration import arguments, periods
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import (
    NEW,
    RETIRED,
    checked,
    interval,
    longest_lag,
    part,
    positive,
)
from hashrate_migration.flows.estimators import with_returns
from hashrate_migration.flows.transport import Problem, lag_kernel
from hashrate_migration.periods import When, month_window

BLOCK = 5
"""Draws that share one draw of behaviour. Fixed, so that numbers do not depend on who computes."""

Range = tuple[float, float]


_WIDEST_PRIOR = 10
"""At 10, weights of pairs differ by more than ten thousandfold either way."""


@dataclass(frozen=True)
class Assumptions:
    """What is assumed, with ranges (lowest, highest) where it is drawn.

    Attributes
    ----------
    pools, coverage, pool_correlation : float
        k, c and delta of the module's derivation.
    persistence : float
        Correlation of the sampling error from month to month.
    blocks_per_month : float
        For the luck of the network's blocks; 0 for none.
    proxies : tuple of str
        Regions whose hashrate is partly the home's, by `proxy_share`.
    proxy_share : range
        Part of the proxies' hashrate that belongs to `home`.
    hidden : mapping of month to range
        Part of the home's hashrate of `hidden_reference` that was there in the month but shown
        elsewhere. Default: for China's stocks of May to September 2021 what the chain says of
        them (:func:`summer_ranges`), else nothing.
    hidden_reference : str
        Month to which `hidden` refers.
    home : str
        The region that proxies hide.
    lag_months, supply_ehs, retired_share, return_share : range
        See :func:`hashrate_migration.flows.estimate`. The range of the supply runs from about the
        network's mean growth per month before the ban (which retirement makes a lower limit) to
        about that of the months after August 2021 (which returning machines make an upper one).
    prior_sd : float
        Standard deviation of the log of each pair's weight.
    max_lag : int
        Longest time under way, months.
    dispersion : float
        Size of one independent event, as a part of all departures and arrivals; infinite for draws
        without weights.
    """

    pools: float = 3.5
    coverage: float = 0.35
    pool_correlation: float = 0.05
    persistence: float = 0.99
    blocks_per_month: float = 4380.0
    proxies: tuple[str, ...] = ("DEU", "IRL")
    proxy_share: Range = (0.0, 1.0)
    hidden: Mapping[str, Range] | None = None
    hidden_reference: str = "2021-09"
    home: str = "CHN"
    lag_months: Range = (1.0, 4.0)
    supply_ehs: Range = (4.0, 12.0)
    retired_share: Range = (0.05, 0.25)
    return_share: Range = (0.1, 0.5)
    prior_sd: float = 0.7
    max_lag: int = 8
    dispersion: float = 0.1

    @property
    def concentration(self) -> float:
        """Concentration n of the Dirichlet distribution that the pool sample amounts to."""
        return self.pools / (self.pool_correlation * (1 - self.coverage)) - 1

    def check(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        InputError
            Naming the assumption.
        """
        for name in ("proxy_share", "lag_months", "supply_ehs", "retired_share", "return_share"):
            _, high = interval(getattr(self, name), name)
            if name.endswith("share"):
                part(high, name)
        for name in ("pools", "coverage", "pool_correlation", "blocks_per_month", "prior_sd"):
            positive(getattr(self, name), name)
        longest_lag(self.max_lag)
        if self.prior_sd > _WIDEST_PRIOR:
            raise InputError(f"prior_sd = {self.prior_sd} must be {_WIDEST_PRIOR} or less.")
        if self.dispersion != np.inf and positive(self.dispersion, "dispersion") == 0:
            raise InputError("dispersion = 0 would leave one draw alone; give more.")
        if self.proxies != ():
            arguments.names(self.proxies, "proxies")
        arguments.instance(self.home, "home", str, "a region")
        periods.month(self.hidden_reference, "hidden_reference")
        if self.hidden is not None:
            arguments.instance(self.hidden, "hidden", Mapping, "a mapping of months to ranges")
            for month, range_ in self.hidden.items():
                if not isinstance(month, str) or not re.fullmatch(r"\d{4}-\d{2}", month):
                    raise InputError(
                        f"hidden names {arguments.shown(month)}; write months like 2021-07."
                    )
                part(interval(range_, f"hidden[{month!r}]")[1], f"hidden[{month!r}]")
        if not (0 <= self.coverage < 1 and 0 < self.pool_correlation <= 1 and self.pools > 0):
            raise InputError(
                "coverage must lie in [0, 1), pool_correlation in (0, 1], pools above 0."
            )
        if self.concentration <= 0:
            raise InputError("These pools carry no information: raise pools or coverage.")
        part(self.persistence, "persistence")


def summer_ranges(stocks: pd.DataFrame) -> dict[str, Range]:
    """What the chain says of China's zero in July and August 2021, as parts of September's stock.

    July: if all that the network lost since May stood in China, at most the rest of China's stock
    of May can have been hidden. August: what came back in September beyond the growth of the
    network must have been running, so at least that much was hidden.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s, with the months 2021-05 to 2021-09.

    Returns
    -------
    dict
        Month to (lowest, highest), for ``Assumptions.hidden``.
    """
    may, july, august, september = pd.to_datetime(["2021-05", "2021-07", "2021-08", "2021-09"])
    network, china = stocks.sum(axis=1), stocks["CHN"]
    at_most = china[may] - (network[may] - network[july])
    at_least = china[september] - (network[september] - network[august])
    return {
        "2021-07": (0.0, float(np.clip(at_most / china[september], 0, 1))),
        "2021-08": (float(np.clip(at_least / china[september], 0, 1)), 1.0),
    }


def _hidden_by_default(stocks: pd.DataFrame, home: str) -> dict[str, Range]:
    summer = pd.date_range("2021-05-01", "2021-09-01", freq="MS")
    known = home == "CHN" and home in stocks.columns and summer.isin(stocks.index).all()
    # Stocks in which China never vanished have nothing to explain.
    if not known or stocks.loc["2021-08-01", home] > 0:
        return {}
    return summer_ranges(stocks)


def draw_shares(
    shares: np.ndarray, count: int, assumptions: Assumptions, generator: np.random.Generator
) -> np.ndarray:
    """Shares drawn around the map.

    Parameters
    ----------
    shares : ndarray
        Region, month; parts that add to one in each month. Zeros stay zero.
    count : int
        Draws.
    assumptions : Assumptions
        For concentration and persistence.
    generator : Generator
        Source of chance.

    Returns
    -------
    ndarray
        Region, month, draw.
    """
    regions, months = shares.shape
    noise = generator.standard_normal((regions, months, count))
    keep = assumptions.persistence
    for month in range(1, months):
        noise[:, month] = keep * noise[:, month - 1] + np.sqrt(1 - keep**2) * noise[:, month]
    with np.errstate(divide="ignore"):
        variance = np.log1p(1 / (assumptions.concentration * shares))
    spread = np.where(shares > 0, np.sqrt(np.where(shares > 0, variance, 0)), 0)[..., None]
    weights = shares[..., None] * np.exp(spread * noise - spread**2 / 2)
    return weights / weights.sum(axis=0)


def _draw_stocks(
    shares: np.ndarray,
    network: np.ndarray,
    count: int,
    codes: list[str],
    months: list[str],
    a: Assumptions,
    generator: np.random.Generator,
) -> np.ndarray:
    stocks = draw_shares(shares, count, a, generator) * network[:, None]
    if a.blocks_per_month:
        luck = generator.standard_normal((len(network), count)) / np.sqrt(a.blocks_per_month)
        stocks = stocks * (1 + luck)
    if a.home not in codes:
        return stocks
    home = codes.index(a.home)
    part_hidden = generator.uniform(*a.proxy_share, count)
    for proxy in a.proxies:
        if proxy in codes:
            moved = part_hidden * stocks[codes.index(proxy)]
            stocks[home] += moved
            stocks[codes.index(proxy)] -= moved
    quantile = generator.uniform(size=count)
    if a.hidden and a.hidden_reference in months:
        reference = stocks[home, months.index(a.hidden_reference)].copy()
        for month, (low, high) in a.hidden.items():
            if month not in months:
                continue
            t = months.index(month)
            others = stocks[:, t].sum(axis=0) - stocks[home, t]
            hidden = np.minimum((low + (high - low) * quantile) * reference, 0.9 * others)
            kept = 1 - hidden / others
            kept_home = stocks[home, t] + hidden
            stocks[:, t] *= kept
            stocks[home, t] = kept_home
    return stocks


def _run_block(
    number: int,
    *,
    seed: int,
    draws: int,
    shares: np.ndarray,
    network: np.ndarray,
    codes: list[str],
    months: list[str],
    window: tuple[int, int],
    assumptions: Assumptions,
) -> tuple[np.ndarray, np.ndarray]:
    """Flows of one block: origin (with new), destination (with retired), draw; and divergence."""
    a = assumptions
    generator = np.random.default_rng(np.random.SeedSequence([seed, number]))
    regions = len(codes)
    # One draw of behaviour for the block ...
    lag = np.full(regions, generator.uniform(*a.lag_months))
    retired, returned = generator.uniform(*a.retired_share), generator.uniform(*a.return_share)
    weights = np.exp(a.prior_sd * generator.standard_normal((regions, regions)))
    np.fill_diagonal(weights, 0)
    prior = with_returns(weights / weights.sum(axis=1, keepdims=True), returned)
    new_share = np.exp(a.prior_sd * generator.standard_normal(regions))
    problem = Problem(
        prior, lag_kernel(lag, a.max_lag), retired, new_share / new_share.sum(), len(network) - 1
    )
    # ... and one of everything else for each draw. All of the block are drawn even if fewer are
    # wanted, so that the first draws do not depend on how many follow.
    stocks = _draw_stocks(shares, network, BLOCK, codes, months, a, generator)
    supply = np.broadcast_to(generator.uniform(*a.supply_ehs, BLOCK), (len(network) - 1, BLOCK))
    stocks, supply = stocks[..., :draws], supply[:, :draws]
    change = np.diff(stocks, axis=1)
    departures, arrivals = np.maximum(-change, 0), np.maximum(change, 0)
    rows, columns = problem.solve(departures, arrivals, supply, tolerance=1e-7)
    inside = slice(window[0], window[1] + 1)
    table = np.zeros((regions + 1, regions + 1, draws))
    table[:-1, :-1] = problem.by_pair(rows, columns, inside)
    table[:-1, -1] = departures[:, inside].sum(axis=1) - table[:-1, :-1].sum(axis=1)
    since = slice(window[0], None)
    fresh = problem.new_share[:, None, None] * supply[None] * columns
    table[-1, :-1] = fresh[:, since].sum(axis=1)
    table[-1, -1] = arrivals[:, since].sum(axis=(0, 1))  # all arrivals, for the share of new ones
    return table, problem.divergence(rows, columns, departures, arrivals, supply)


HEADLINES = {
    "departed": "EH/s",
    "abroad": "EH/s",
    "back": "EH/s",
    "retired": "EH/s",
    "abroad_pct": "%",
    "relocated_pct": "%",
}
"""Headline to its unit: what departed from the origin within the window; what of it went abroad,
came back, and was retired or still off at the end of the stocks; what went abroad as a part of what
departed; relocated machines as a part of all arrivals since the start of the window."""


@dataclass(frozen=True)
class Draws:
    """Flows of many draws.

    Attributes
    ----------
    pairs : DataFrame
        origin, destination, low_ehs, median_ehs, high_ehs and mean_ehs: 90 percent intervals and
        means of the flow that departed within the window. Means add up, medians need not. Origin
        ``new``: new machines that arrived from the start of the window to the last month.
    headlines : DataFrame
        figure (of :data:`HEADLINES`), unit, low, median, high and mean.
    samples : DataFrame
        One row per draw: a column per headline, one per destination (its code: what it received
        from the origin, EH/s), and divergence_ehs (see the module on weights).
    weights : ndarray
        Weight of each draw; they add to one.
    """

    pairs: pd.DataFrame
    headlines: pd.DataFrame
    samples: pd.DataFrame
    weights: np.ndarray


def monte_carlo(
    stocks: pd.DataFrame,
    draws: int = 1000,
    seed: int = 0,
    *,
    origin: str = "CHN",
    start: When | None = None,
    end: When | None = None,
    assumptions: Assumptions | None = None,
    client: Any = None,
) -> Draws:
    """Flows with 90 percent intervals.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s: shares and network are taken from it.
    draws : int
        How many.
    seed : int
        The same seed gives the same numbers, with or without a client; more draws begin with the
        same ones.
    origin : str
        Region of which the headlines speak.
    start, end : str or date, optional
        Months of departure that count; default: all.
    assumptions : Assumptions, optional
        Default: those of the class.
    client : distributed.Client, optional
        A Dask client whose workers share the draws.

    Returns
    -------
    Draws
        Intervals by pair, headlines, and the draws of the headlines.

    Raises
    ------
    InputError
        For bad stocks or assumptions, no draws, an unknown origin, or a window outside the
        stocks.
    """
    stocks = checked(stocks)
    a = Assumptions() if assumptions is None else assumptions
    arguments.instance(a, "assumptions", Assumptions, "an Assumptions(…)")
    a.check()
    arguments.draws_and_seed(draws, seed)
    if client is not None and not hasattr(client, "submit"):
        raise InputError(f"client = {arguments.shown(client)} is no Dask client; give one or None.")
    codes = [str(region) for region in stocks.columns]
    if not isinstance(origin, str) or origin not in codes:
        raise InputError(
            f"There is no region {arguments.shown(origin)}; the stocks have: {', '.join(codes)}."
        )
    changes = pd.DatetimeIndex(stocks.index[1:])
    low, high = month_window(start, end, changes, "the months of change")
    if a.hidden is None:
        a = replace(a, hidden=_hidden_by_default(stocks, a.home))
    network = stocks.sum(axis=1).to_numpy()
    run = partial(
        _run_block,
        seed=seed,
        shares=(stocks.to_numpy() / network[:, None]).T,
        network=network,
        codes=codes,
        months=[f"{month:%Y-%m}" for month in stocks.index],
        window=(int(changes.get_loc(low)), int(changes.get_loc(high))),
        assumptions=a,
    )
    sizes = [BLOCK] * (draws // BLOCK) + ([draws % BLOCK] if draws % BLOCK else [])
    jobs = list(enumerate(sizes))
    if client is None:
        tables = [run(number, draws=size) for number, size in jobs]
    else:
        futures = [client.submit(run, number, draws=size, pure=False) for number, size in jobs]
        tables = client.gather(futures)
    divergence = np.concatenate([part_ for _, part_ in tables])
    event = a.dispersion * stocks.diff().abs().sum().sum()
    weights = np.exp(-(divergence - divergence.min()) / event) if event > 0 else divergence * 0 + 1
    table = np.concatenate([flows for flows, _ in tables], axis=2)
    return _summary(table, divergence, weights / weights.sum(), codes, origin)


SUMMARY = ("low", "median", "high", "mean")
"""What is said of the draws of a figure: the ends of an interval of 90 percent, median and mean."""


def _percent_of(part_: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return 100 * np.divide(part_, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _summary(
    table: np.ndarray, divergence: np.ndarray, weights: np.ndarray, codes: list[str], origin: str
) -> Draws:
    def summarised(values: np.ndarray, ending: str = "") -> dict[str, float]:
        # A part of nothing is no number: such draws say nothing about it.
        known = ~np.isnan(values)
        values, weight = values[known], weights[known]
        if weight.sum() == 0:
            return dict.fromkeys((f"{name}{ending}" for name in SUMMARY), np.nan)
        low, median, high = np.quantile(
            values, [0.05, 0.5, 0.95], weights=weight, method="inverted_cdf"
        )
        found = dict(
            zip(SUMMARY, (low, median, high, np.average(values, weights=weight)), strict=True)
        )
        return {f"{name}{ending}": value for name, value in found.items()}

    pairs = pd.DataFrame(
        {"origin": source, "destination": target, **summarised(table[i, j], "_ehs")}
        for i, source in enumerate([*codes, NEW])
        for j, target in enumerate([*codes, RETIRED])
        if (source, target) != (NEW, RETIRED)
    )
    home = codes.index(origin)
    own = table[home]
    departed = own.sum(axis=0)
    abroad = departed - own[home] - own[-1]
    relocated = table[-1, -1] - table[-1, :-1].sum(axis=0)
    samples = {
        "departed": departed,
        "abroad": abroad,
        "back": own[home],
        "retired": own[-1],
        "abroad_pct": _percent_of(abroad, departed),
        "relocated_pct": _percent_of(relocated, table[-1, -1]),
    }
    received = {code: own[j] for j, code in enumerate(codes) if j != home}
    return Draws(
        pairs=pairs,
        headlines=pd.DataFrame(
            {"figure": figure, "unit": unit, **summarised(samples[figure])}
            for figure, unit in HEADLINES.items()
        ),
        samples=pd.DataFrame(samples | received | {"divergence_ehs": divergence}),
        weights=weights,
    )


SUPPLY_SCENARIOS = ("low", "central", "high")
"""Thirds of the default range of the supply of new machines."""


def scenario(supply: str) -> Range:
    """Supply of new machines per month, EH/s, in a named scenario.

    Raises
    ------
    InputError
        For a name that is not in :data:`SUPPLY_SCENARIOS`.
    """
    arguments.chosen(supply, "supply", SUPPLY_SCENARIOS)
    low, high = Assumptions().supply_ehs
    edges = np.linspace(low, high, len(SUPPLY_SCENARIOS) + 1)
    number = SUPPLY_SCENARIOS.index(supply)
    return float(edges[number]), float(edges[number + 1])
