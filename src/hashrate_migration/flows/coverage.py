"""How often the intervals hold the truth, in worlds that the estimator did not make.

:func:`truth_table` runs :func:`hashrate_migration.flows.monte_carlo` on the maps of :mod:`.worlds`,
as anyone would who has a map, a month in which the exodus began and one in which it ended, and who
knows which places are proxies but not for how much. Coverage alone can be bought by wide intervals, so
their widths stand beside it, and beside those the widths that the accounts allow
(:func:`hashrate_migration.flows.bounds`, of the same map).
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration import arguments
from hashrate_migration.errors import InputError
from hashrate_migration.flows.bounds import bounds
from hashrate_migration.flows.checks import interval, part
from hashrate_migration.flows.estimators import METHODS, estimate
from hashrate_migration.flows.uncertainty import Assumptions, Draws, Range, monte_carlo
from hashrate_migration.flows.worlds import KINDS, World, make

PROXY_SHARE: Range = (0.0, 0.9)
"""What the estimator is told of the proxies: next to nothing."""

HEADLINES = ("abroad", "back", "departed", "retired")
"""Figures of the whole home."""

FIGURES = ("pairs", "marked", *HEADLINES)
"""What is held against the truth: the flows from home to each region abroad, that to the region which
the kind of world is about (if there is one), and the headlines."""

NORMAL_QUANTILE = 1.959963984540054
"""Of a two-sided interval of 95 percent."""


def wilson(part_: float, count: float) -> tuple[float, float]:
    """Interval of 95 percent for a part of which a sample is known.

    Parameters
    ----------
    part_ : float
        Part of the sample, from 0 to 1.
    count : float
        Size of the sample; the effective size, if it is one of clusters.

    Returns
    -------
    tuple of float
        Lowest and highest part (Wilson 1927, Journal of the American Statistical Association 22:
        209-212).
    """
    z = NORMAL_QUANTILE**2 / count
    centre = (part_ + z / 2) / (1 + z)
    half = np.sqrt(z * part_ * (1 - part_) + z**2 / 4) / (1 + z)
    return float(max(centre - half, 0.0)), float(min(centre + half, 1.0))


def effective_count(held: np.ndarray, world: np.ndarray) -> float:
    """Number of independent answers that are worth as much as these, several of which share a world.

    Parameters
    ----------
    held : ndarray
        True or false, by answer.
    world : ndarray
        Number of each answer's world.

    Returns
    -------
    float
        Number of answers divided by the design effect of the clusters (Kish 1965, Survey Sampling,
        ch. 5), which is taken to be 1 at least; the number of worlds, if all answers are the same.
    """
    hits = pd.Series(held, dtype=float)
    by_world = hits.groupby(np.asarray(world)).agg(["sum", "count"])
    rate, count, clusters = float(hits.mean()), len(hits), len(by_world)
    if rate in (0.0, 1.0) or clusters == 1:
        return float(clusters)
    # Variance of a ratio of totals of clusters (Cochran 1977, ch. 2 and 9).
    error = by_world["sum"] - rate * by_world["count"]
    variance = clusters / (clusters - 1) * float((error**2).sum()) / count**2
    effect = variance / (rate * (1 - rate) / count)
    return count / max(effect, 1.0)


def compare(world: World, found: Draws) -> pd.DataFrame:
    """Hold what was estimated against what is true.

    Parameters
    ----------
    world : World
        A world.
    found : Draws
        What :func:`.monte_carlo` makes of its map, with its home as origin.

    Returns
    -------
    DataFrame
        One row per answer: figure (of :data:`FIGURES`), destination (of pairs), true_ehs, low_ehs,
        median_ehs and high_ehs.
    """
    ends = ["low", "median", "high"]
    names = [f"{end}_ehs" for end in ends]
    own = found.pairs[found.pairs["origin"] == world.home].set_index("destination")
    pairs = own.loc[world.abroad, names].rename_axis("destination").reset_index()
    pairs.insert(0, "figure", "pairs")
    pairs["true_ehs"] = world.pairs.loc[world.home, world.abroad].to_numpy()
    marked = pairs[pairs["destination"] == world.marked].assign(figure="marked")
    headlines = found.headlines.set_index("figure").loc[list(HEADLINES), ends]
    headlines.columns = names
    true = (world.abroad_ehs, world.back_ehs, world.departed_ehs, world.retired_ehs)
    headlines = headlines.rename_axis("figure").reset_index().assign(true_ehs=true, destination="")
    columns = ["figure", "destination", "true_ehs", *names]
    return pd.concat([pairs, marked, headlines], ignore_index=True)[columns]


def _allowed(world: World, table: pd.DataFrame) -> pd.DataFrame:
    """The bounds of each answer, EH/s; none for what departed and was retired."""
    start, end = world.window
    found = {
        region: bounds(world.observed, world.home, region, start=start, end=end)
        for region in world.stocks
    }
    found["abroad"] = bounds(world.observed, world.home, start=start, end=end)
    found["back"] = found.pop(world.home)
    which = table["destination"].where(table["destination"] != "", table["figure"])
    ends = {
        f"bounds_{end}_ehs": which.map({name: one[f"{end}_ehs"] for name, one in found.items()})
        for end in ("low", "high")
    }
    return table.assign(**ends)


def missed(world: World, method: str) -> float:
    """How far a point estimate of the flows from home lies from the truth.

    Parameters
    ----------
    world : World
        A world.
    method : str
        One of :data:`.estimators.METHODS`, with its own assumptions.

    Returns
    -------
    float
        Sum of the absolute errors by destination, home and retired among them, as percent of what truly
        departed.
    """
    start, end = world.window
    found = estimate(world.observed, method)
    own = found[(found["origin"] == world.home) & found["departed"].between(start, end)]
    guess = own.groupby("destination")["flow_ehs"].sum()
    truth = world.pairs.loc[world.home]
    miss = (guess.reindex(truth.index).fillna(0.0) - truth).abs().sum()
    return float(100 * miss / world.departed_ehs)


def answers(kind: str, seed: int, *, draws: int, proxy_share: Range = PROXY_SHARE) -> pd.DataFrame:
    """What the estimator says of one world, beside the truth and the bounds.

    Parameters
    ----------
    kind : str
        One of :data:`.worlds.KINDS`.
    seed : int
        Of the world and of the draws.
    draws : int
        Draws of the estimator.
    proxy_share : range
        What it is told of the proxies.

    Returns
    -------
    DataFrame
        As :func:`compare`, with kind, world (its seed), departed_ehs (what truly departed),
        bounds_low_ehs and bounds_high_ehs (of pairs, abroad and back), and of each method missed_…,
        what its point estimate misses (:func:`missed`).
    """
    world = make(kind, seed)
    start, end = world.window
    told = Assumptions(home=world.home, proxies=world.proxies, proxy_share=proxy_share)
    found = monte_carlo(
        world.observed, draws, seed, origin=world.home, start=start, end=end, assumptions=told
    )
    table = _allowed(world, compare(world, found))
    points = {f"missed_{method}": missed(world, method) for method in METHODS}
    return table.assign(kind=kind, world=seed, departed_ehs=world.departed_ehs, **points)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Coverage and widths by kind of world and figure.

    Parameters
    ----------
    table : DataFrame
        Rows of :func:`answers`, of many worlds.

    Returns
    -------
    DataFrame
        See :func:`truth_table`.
    """
    departed = table["departed_ehs"]
    allowed = table["bounds_high_ehs"] - table["bounds_low_ehs"]
    table = table.assign(
        held=table["true_ehs"].between(table["low_ehs"], table["high_ehs"]),
        allows=table["true_ehs"].between(table["bounds_low_ehs"], table["bounds_high_ehs"]),
        width=100 * (table["high_ehs"] - table["low_ehs"]) / departed,
        allowed=100 * allowed / departed,
        wider=table["high_ehs"] - table["low_ehs"] > allowed,
        error=100 * (table["median_ehs"] - table["true_ehs"]) / departed,
    )
    rows = []
    for (kind, figure), own in table.groupby(["kind", "figure"], sort=False):
        rate = float(own["held"].mean())
        low, high = wilson(rate, effective_count(own["held"].to_numpy(), own["world"].to_numpy()))
        bounded = own[own["allowed"].notna()]
        rows.append(
            {
                "kind": kind,
                "figure": figure,
                "worlds": own["world"].nunique(),
                "answers": len(own),
                "coverage_pct": 100 * rate,
                "coverage_low_pct": 100 * low,
                "coverage_high_pct": 100 * high,
                "error_pct": own["error"].median(),
                "width_pct": own["width"].median(),
                "bounds_width_pct": bounded["allowed"].median(),
                "bounds_coverage_pct": 100 * bounded["allows"].mean(),
                "wider_than_bounds_pct": 100 * bounded["wider"].mean(),
                **{
                    f"error_{method}_pct": own[f"missed_{method}"].median()
                    if figure == "pairs"
                    else np.nan
                    for method in METHODS
                },
            }
        )
    return pd.DataFrame(rows)


def truth_table(
    kinds: list[str] | None = None,
    worlds: int = 100,
    draws: int = 1000,
    seed: int = 0,
    *,
    proxy_share: Range = PROXY_SHARE,
    jobs: int = 1,
    client: Any = None,
) -> pd.DataFrame:
    """How often 90 percent intervals hold the truth of worlds made by somebody else.

    Parameters
    ----------
    kinds : list of str, optional
        Which of :data:`.worlds.KINDS`; default: all.
    worlds : int
        Worlds of each kind.
    draws : int
        Draws of the estimator in each world.
    seed : int
        Of the first world; the others follow. The same seed gives the same table, whoever computes.
    proxy_share : range
        What the estimator is told of the part of the proxies' hashrate that is the home's.
    jobs : int
        Processes of this machine that share the worlds.
    client : distributed.Client, optional
        A Dask client whose workers share them instead.

    Returns
    -------
    DataFrame
        One row per kind and figure (:data:`FIGURES`), with the number of worlds and of answers (one
        per world; of pairs one per region abroad):

        - coverage_pct, coverage_low_pct, coverage_high_pct: answers whose interval holds the truth,
          with a Wilson interval of 95 percent, in which pairs count for as many independent answers
          as :func:`effective_count` says;
        - error_pct: median distance from the truth to the estimated median, percent of what truly
          departed; above zero where the estimate is too high;
        - width_pct: median width of the intervals, percent of what truly departed;
        - bounds_width_pct: median width of the bounds of the same figures; bounds_coverage_pct,
          answers whose truth lies within the bounds; wider_than_bounds_pct, answers whose interval is
          wider than the bounds. None for what departed and was retired, of which bounds say nothing;
        - error_net_pct and so on, of pairs only: median over worlds of what the point estimates miss
          (:func:`missed`).

    Raises
    ------
    InputError
        For an unknown kind, no worlds, draws or jobs, or what is no Dask client.
    """
    wanted = [*KINDS] if kinds is None else arguments.names(kinds, "kinds")
    for kind in wanted:
        arguments.chosen(kind, "kinds", KINDS)
    arguments.whole(worlds, "worlds", 1)
    arguments.draws_and_seed(draws, seed)
    part(interval(proxy_share, "proxy_share")[1], "proxy_share")
    arguments.whole(jobs, "jobs", 1)
    if client is not None and not hasattr(client, "map"):
        raise InputError(f"client = {arguments.shown(client)} is no Dask client; give one or None.")
    todo = [(kind, number) for kind in wanted for number in range(seed, seed + worlds)]
    names, numbers = zip(*todo, strict=True)
    run = partial(answers, draws=draws, proxy_share=proxy_share)
    if client is not None:
        tables = client.gather(client.map(run, names, numbers, pure=False))
    elif jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            tables = list(pool.map(run, names, numbers))
    else:
        tables = [run(*one) for one in todo]
    return summary(pd.concat(tables, ignore_index=True))
