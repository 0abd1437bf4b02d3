"""Worlds whose flows are known, and how near the estimates come to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hashrate_migration import arguments
from hashrate_migration.flows.assumptions import Assumptions
from hashrate_migration.flows.checks import NEW, RETIRED, interval, part, positive
from hashrate_migration.flows.drawn_stocks import draw_shares
from hashrate_migration.flows.estimators import METHODS, estimate, with_returns
from hashrate_migration.flows.transport import lag_kernel
from hashrate_migration.flows.uncertainty import monte_carlo
from hashrate_migration.words import N_

MONTHS = pd.date_range("2020-01-01", periods=24, freq="MS")

HUB, PROXY = "HUB", "PRX"
DESTINATIONS = ("A", "B", "C", "D")
ABROAD = [*DESTINATIONS, PROXY]
REGIONS = [HUB, *ABROAD]

BAN = 10
"""Number of the month of change in which the hub begins to be cleared."""

CLEARANCE = (0.5, 0.7)
"""Part of the hub's stock that leaves in each month of the clearance."""

WORLD = replace(Assumptions(), home=HUB, proxies=(PROXY,), proxy_share=(0.0, 0.6))
"""Assumptions under which worlds are made and, unless told otherwise, estimated."""


@dataclass(frozen=True)
class World:
    """A simulated world.

    Attributes
    ----------
    observed : DataFrame
        Stocks as a map would show them, with sampling, luck and proxies; month x region, EH/s.
    stocks : DataFrame
        Stocks as they are.
    pairs : DataFrame
        Origin (with ``new``) x destination (with ``retired``): flows that departed in the months
        of the clearance; new machines from then on.
    departed_ehs : float
        What departed from the hub in these months.
    """

    observed: pd.DataFrame
    stocks: pd.DataFrame
    pairs: pd.DataFrame
    departed_ehs: float


def simulate(
    seed: int,
    assumptions: Assumptions = WORLD,
    *,
    lag_months: tuple[float, float] | None = None,
    noise: float = 1.0,
    turnover: float = 0.0,
) -> World:
    """Make a world: a hub that is cleared, its destinations and a proxy.

    Parameters
    ----------
    seed : int
        The same seed gives the same world.
    assumptions : Assumptions
        Ranges from which behaviour, sampling and proxies are drawn.
    lag_months : tuple of float, optional
        Another range of lags than the assumptions have.
    noise : float
        Sampling variance as a multiple of what the assumptions say.
    turnover : float
        Part of each stock that is scrapped each month and replaced by new machines: unseen by the
        stocks, but what the hub scraps in the months of its clearance departs and is retired, and what
        is put in its place is new.

    Returns
    -------
    World
        What is observed and what is true.
    """
    a = assumptions
    arguments.whole(seed, "seed")
    arguments.instance(a, "assumptions", Assumptions, "an Assumptions(…)")
    a.check()
    if lag_months is not None:
        interval(lag_months, "lag_months")
    positive(noise, "noise")
    part(turnover, "turnover")
    generator = np.random.default_rng(np.random.SeedSequence([seed, 77]))
    count, changes = len(REGIONS), len(MONTHS) - 1
    lag = lag_kernel(np.full(count, generator.uniform(*(lag_months or a.lag_months))), a.max_lag)
    retired, returned = generator.uniform(*a.retired_share), generator.uniform(*a.return_share)
    weights = np.exp(a.prior_sd * generator.standard_normal((count, count)))
    np.fill_diagonal(weights, 0)
    prior = with_returns(weights / weights.sum(axis=1, keepdims=True), returned)
    new_share = np.exp(a.prior_sd * generator.standard_normal(count))
    new_share /= new_share.sum()
    supply = generator.uniform(*a.supply_ehs)

    stock = np.array([70.0, 25, 12, 12, 10, 5])
    path, under_way = [stock.copy()], np.zeros((count, count, changes + a.max_lag + 1))
    # under_way: origin, destination, month of arrival; counted apart for the clearance.
    of_ban = np.zeros_like(under_way)
    new_since, retired_in_ban = np.zeros(count), np.zeros(count)
    departed = 0.0
    for month in range(changes):
        leaving = np.zeros(count)
        clearing = BAN <= month < BAN + len(CLEARANCE)
        if clearing:
            leaving[0] = stock[0] * CLEARANCE[month - BAN]
        elif generator.uniform() < 0.15:
            other = generator.integers(1, count)
            leaving[other] = 0.2 * stock[other]
        # No more can be scrapped than stays.
        gone = np.minimum(turnover * stock, stock - leaving)
        open_ = leaving == 0
        for k in range(a.max_lag + 1):
            moved = leaving[:, None] * (1 - retired) * prior * lag[:, k][None, :]
            under_way[:, :, month + k] += moved
            if clearing:
                of_ban[:, :, month + k] += moved
        # Nothing arrives where machines leave in the same month: it arrives a month later, as
        # net changes see it.
        late = under_way[:, ~open_, month].copy()
        under_way[:, ~open_, month] = 0
        under_way[:, ~open_, month + 1] += late
        late = of_ban[:, ~open_, month].copy()
        of_ban[:, ~open_, month] = 0
        of_ban[:, ~open_, month + 1] += late
        fresh = supply * generator.uniform(0.8, 1.2) * new_share * open_
        if clearing:
            retired_in_ban += leaving * retired + gone
            departed += leaving[0] + gone[0]
        if month >= BAN:
            new_since += fresh + gone
        stock = stock - leaving - gone + under_way[:, :, month].sum(axis=0) + fresh + gone
        path.append(stock.copy())
    true = np.array(path)
    pairs = np.zeros((count + 1, count + 1))
    pairs[:-1, :-1] = of_ban[:, :, :changes].sum(axis=2)
    still_off = of_ban[:, :, changes:].sum(axis=(1, 2))
    pairs[:-1, -1] = retired_in_ban + still_off
    pairs[-1, :-1] = new_since

    shown = true.copy()
    behind = generator.uniform(*a.proxy_share)
    hidden = np.minimum(true[:, -1] * behind / (1 - behind), true[:, 0])
    shown[:, -1] += hidden
    shown[:, 0] -= hidden
    total = shown.sum(axis=1, keepdims=True)
    loose = replace(a, pools=a.pools / noise)
    seen = draw_shares((shown / total).T, 1, loose, generator)[..., 0].T
    luck = 1 + generator.standard_normal((len(true), 1)) / np.sqrt(a.blocks_per_month)
    return World(
        observed=pd.DataFrame(seen * total * luck, MONTHS, REGIONS),
        stocks=pd.DataFrame(true, MONTHS, REGIONS),
        pairs=pd.DataFrame(pairs, [*REGIONS, NEW], [*REGIONS, RETIRED]),
        departed_ehs=departed,
    )


VARIANTS: Mapping[str, dict] = {
    N_("as assumed"): {},
    N_("longer lags"): {"lag_months": (4.0, 8.0)},
    N_("a noisier map"): {"noise": 4.0},
    N_("larger proxies"): {"assumptions": replace(WORLD, proxy_share=(0.6, 0.9))},
    N_("more new machines"): {"assumptions": replace(WORLD, supply_ehs=(15.0, 20.0))},
}
"""Name to how worlds differ from what the estimates assume, as options of :func:`simulate`."""

AS_ASSUMED = next(iter(VARIANTS))
"""Name of the variant in which the assumptions are true."""


def truth_test(
    worlds: int = 100, draws: int = 200, seed: int = 0, variants: list[str] | None = None
) -> pd.DataFrame:
    """How near the estimates come to the truth of simulated worlds.

    The table that this project shows is kept: :func:`hashrate_migration.flows.truth`.

    Parameters
    ----------
    worlds : int
        Worlds per variant.
    draws : int
        Draws per world.
    seed : int
        The same seed gives the same table.
    variants : list of str, optional
        Which of :data:`VARIANTS`; default: all.

    Returns
    -------
    DataFrame
        One row per variant, with its numbers of worlds and draws. ``coverage_...`` columns: part of
        worlds, in percent, in which the 90 percent interval of :func:`monte_carlo` holds the truth,
        for the flows from the hub to each destination together (``pairs``), for what went abroad,
        came back and was retired. ``error_...`` columns, for each method: sum of absolute errors of
        the hub's flows (by destination, with retired), as a part of what departed, in percent;
        median over worlds.

    Raises
    ------
    InputError
        If there are no worlds.
    """
    arguments.whole(worlds, "worlds", 1)
    arguments.draws_and_seed(draws, seed)
    wanted = [*VARIANTS] if variants is None else arguments.names(variants, "variants")
    for name in wanted:
        arguments.chosen(name, "variants", VARIANTS)
    rows = []
    for name in wanted:
        hits: dict[str, list[bool]] = {k: [] for k in ("pairs", "abroad", "back", "retired")}
        errors: dict[str, list[float]] = {method: [] for method in METHODS}
        for number in range(seed, seed + worlds):
            world = simulate(number, **VARIANTS[name])
            for figure, held in _held(world, draws, number).items():
                hits[figure] += held
            for method in METHODS:
                errors[method].append(_missed(world, method))
        rows.append(
            {
                "variant": name,
                "worlds": worlds,
                "draws": draws,
                **{f"coverage_{key}_pct": 100 * float(np.mean(v)) for key, v in hits.items()},
                **{f"error_{key}_pct": float(np.median(v)) for key, v in errors.items()},
            }
        )
    return pd.DataFrame(rows)


_START, _END = MONTHS[BAN + 1], MONTHS[BAN + len(CLEARANCE)]


def _held(world: World, draws: int, seed: int) -> dict[str, list[bool]]:
    """Whether the intervals hold the truth of a world: figure to one answer, or one per pair."""
    truth = world.pairs.loc[HUB]
    found = monte_carlo(
        world.observed, draws, seed, origin=HUB, start=_START, end=_END, assumptions=WORLD
    )
    own = found.pairs[found.pairs["origin"] == HUB].set_index("destination")
    inside = (own["low_ehs"] <= truth) & (truth <= own["high_ehs"])
    went = found.headlines.set_index("figure").loc["abroad"]
    return {
        "pairs": list(inside[ABROAD]),
        "abroad": [bool(went["low"] <= truth[ABROAD].sum() <= went["high"])],
        "back": [bool(inside[HUB])],
        "retired": [bool(inside[RETIRED])],
    }


def _missed(world: World, method: str) -> float:
    """Sum of the absolute errors of the hub's flows, percent of what departed."""
    truth = world.pairs.loc[HUB]
    flows = estimate(world.observed, method)
    chosen = flows[(flows["origin"] == HUB) & flows["departed"].between(_START, _END)]
    guess = chosen.groupby("destination")["flow_ehs"].sum()
    miss = (guess.reindex(truth.index).fillna(0.0) - truth).abs().sum()
    return float(100 * miss / world.departed_ehs)
