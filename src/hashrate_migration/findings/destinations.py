"""What makes a destination last: a score of countries, and how far what is not known moves it.

Events are compared between countries only as far as the same searches were made for all of them
(table ``event_searches``): an event that another search found says nothing of a country for which that
search was not made. And only what came to pass counts: a bill, an announcement or a remark is no act.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from hashrate_migration import arguments, country_panel
from hashrate_migration.energy.carbon import DEFAULT_FACTORS, intensities
from hashrate_migration.energy.electricity import mixes
from hashrate_migration.errors import InputError
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_

COMPONENTS = {
    "carbon": N_("carbon intensity of the grid (g CO2e/kWh)"),
    "reliability": N_("grid and weather events since 2021"),
    "policy": N_("acts of policy and enforcement since 2021"),
}
"""What counts against a country; each runs from 0 (best of all) to 1 (worst of all)."""

COUNTED = ("reliability", "policy")
"""Components that are counts of measures, of which some may not have been found."""

WEIGHTS = {"carbon": 1.0, "reliability": 1.0, "policy": 1.0}
"""Equal weights: no one knows better ones, which is why :func:`sensitivity` varies them."""

SINCE = pd.Timestamp("2021-01-01")
"""First day from which events are counted and shares are compared."""

SMALLEST_PCT = 1.0
"""Share of the network that makes a destination."""

FIXED = "fixed"
"""Protocol of the searches that were made with the same words for every country."""

DONE = ("in force", "enacted")
"""Statuses of what was done; what was proposed, announced or rejected is no act."""

UNKNOWN = ("weights", "events")
"""What the ranks are not sure of: how much each component counts, and what no search found."""

_QUANTILES = [country_panel.BAND[0], 0.5, country_panel.BAND[1]]


def searches() -> pd.DataFrame:
    """The searches that were made with the same words for every country.

    Returns
    -------
    DataFrame
        Indexed by country: searches (how many), results, hits and misses.
    """
    table = load("event_searches")
    own = table[table["protocol"] == FIXED].groupby("region")
    counted = own[["results", "hits", "misses"]].sum()
    counted.insert(0, "searches", own.size())
    return counted


def destinations() -> list[str]:
    """Countries of one percent of the network or more at some time since 2021, with recorded searches.

    No proxies; and not China, which the machines left, and for which no such search was made.
    """
    panel = country_panel.panel(SINCE)
    peak = panel[panel["region"] != REST].groupby("region")["share_pct"].max()
    order = peak.drop(index=regions.proxies()).sort_values(ascending=False)
    known = searches()
    whole = known.index[known["searches"] == known["searches"].max()]
    return [code for code in order.index[order >= SMALLEST_PCT] if code in set(whole)]


def _first_steps(table: pd.DataFrame) -> pd.Series:
    """The event with which the measure of each event began."""
    before = dict(zip(table["event_id"], table["follows"], strict=True))

    def first(event: str) -> str:
        while isinstance(earlier := before.get(event), str):
            event = earlier
        return event

    return table["event_id"].map(first)


def measures() -> pd.DataFrame:
    """What was done against mining, or happened to its power, at destinations since 2021.

    Returns
    -------
    DataFrame
        Indexed by measure (the id of its first event): region, component (reliability: grid and
        weather; policy: acts of policy and enforcement against mining), alike (whether one of the
        searches made alike for every country found it) and sources (the set of them). A rule that was
        enacted and then came into force is one measure.
    """
    events = load("policy_events")
    events = events.assign(measure=_first_steps(events))
    events = events[(events["date"] >= SINCE) & events["region"].isin(destinations())]
    natural = events["kind"].isin(["grid", "weather"])
    acts = events["kind"].isin(["policy", "enforcement"]) & events["effect"].eq("against")
    events = events[natural | acts].assign(
        component=np.where(natural, *COUNTED)[natural | acts],
        done=(natural | events["status"].isin(DONE))[natural | acts],
    )
    # A bill that these searches found does not make the act found that another one brought up.
    events["alike"] = events["done"] & events["found_by"].eq(FIXED)
    own = events.groupby("measure")
    table = pd.DataFrame(
        {
            "region": own["region"].first(),
            "component": own["component"].first(),
            "done": own["done"].any(),
            "alike": own["alike"].any(),
            "sources": own["source_id"].agg(frozenset),
        }
    )
    return table[table.pop("done")]


def _counts(found: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    wide = found.groupby(["region", "component"]).size().unstack(fill_value=0)
    return wide.reindex(index=codes, columns=[*COUNTED], fill_value=0).astype(int)


def found_pct() -> float:
    """Of the measures that any search found, the part that those made alike found, percent.

    The other searches were made for some countries only and miss some measures themselves, so this is
    rather too high.
    """
    return 100 * float(measures()["alike"].mean())


def components(without: Collection[str] = ()) -> pd.DataFrame:
    """What counts against each destination.

    Parameters
    ----------
    without : collection of str
        Sources (``source_id``) that are taken not to have been read: a measure counts if another
        source tells of it.

    Returns
    -------
    DataFrame
        Indexed by country: carbon (g CO2e/kWh of the grid in its last year), reliability and policy
        (:func:`measures` that the searches made alike found), and kept (share today over the highest
        share since 2021, of the panel's medians): what lasted.
    """
    codes = destinations()
    month = pd.DatetimeIndex([pd.Timestamp("2024-12-01")], name="month")
    carbon = intensities(mixes(month, codes), DEFAULT_FACTORS).droplevel("month")
    found = measures()
    left = found["sources"].map(lambda sources: bool(sources - set(without)))
    counts = _counts(found[found["alike"] & left], codes)
    table = pd.DataFrame({"carbon": carbon.reindex(codes)}).join(counts)
    panel = country_panel.panel(SINCE).pivot(index="month", columns="region", values="share_pct")
    table["kept"] = (panel.iloc[-1] / panel.max())[codes]
    return table.rename_axis("region")


def _scaled(values: np.ndarray) -> np.ndarray:
    """Components (last axis) over countries (the axis before) from 0 (best) to 1 (worst)."""
    least = values.min(axis=-2, keepdims=True)
    width = values.max(axis=-2, keepdims=True) - least
    return np.asarray((values - least) / np.where(width > 0, width, 1.0))


def _proportions(weights: Mapping[str, float] | None) -> np.ndarray:
    """Weights that add to one, in the order of the components."""
    arguments.instance({} if weights is None else weights, "weights", Mapping, "a mapping")
    given = {**WEIGHTS, **(weights or {})}
    for name, weight in given.items():
        if name not in COMPONENTS:
            raise InputError(
                f"weights names {arguments.shown(name)}; the components are: {', '.join(COMPONENTS)}."
            )
        if not (arguments.is_number(weight) and weight >= 0):
            raise InputError(f"weights gives {arguments.shown(weight)} for {name}; give 0 or more.")
    total = sum(given.values())
    if not np.isfinite(total):
        raise InputError("The weights add up to more than can be counted; give smaller ones.")
    if total == 0:
        raise InputError("The weights are all 0; give at least one above 0.")
    return np.array([given[name] / total for name in COMPONENTS])


def _scores(table: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    return 1 - _scaled(table[list(COMPONENTS)].to_numpy(float)) @ weights


def score(weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """A score of endurance from 0 (worst in everything) to 1 (best in everything).

    Parameters
    ----------
    weights : mapping, optional
        Weight of each of :data:`COMPONENTS`, 0 or more; only their proportions matter.

    Returns
    -------
    DataFrame
        :func:`components` with the column score, the best first.

    Raises
    ------
    InputError
        For an unknown component, a negative weight, or weights that are all 0.

    Notes
    -----
    Each component is scaled to 0 to 1 over the destinations; the score is one less their weighted
    mean. It describes; it has not been fitted to what lasted. What it rests on, :func:`sensitivity`
    and :func:`without_a_source` say.
    """
    proportions = _proportions(weights)
    table = components()
    scored = table.assign(score=_scores(table, proportions))
    return scored.sort_values("score", ascending=False, kind="stable")


def missed(counts: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Measures that the searches may have missed, drawn.

    Parameters
    ----------
    counts : ndarray, country x component
        Measures found.
    draws : int
    generator : Generator

    Returns
    -------
    ndarray, draw x country x component

    Notes
    -----
    If each measure is found with probability q, k are found and every number of measures was as likely
    before, those missed follow a negative binomial distribution with k + 1 successes of probability q.
    That of finding is drawn from what the searches made alike found of all measures that any search
    found (a beta distribution, flat before).
    """
    alike = measures()["alike"]
    chance = generator.beta(1 + alike.sum(), 1 + (~alike).sum(), size=(draws, 1, 1))
    return np.asarray(generator.negative_binomial(counts + 1, chance, size=(draws, *counts.shape)))


def drawn_ranks(
    draws: int = 1000,
    seed: int = 0,
    unknown: Collection[str] = UNKNOWN,
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Ranks of the destinations under weights that nobody knows and events that nobody found.

    Parameters
    ----------
    draws, seed : int
        How many, and where to begin.
    unknown : collection of {"weights", "events"}
        What is drawn: weights, all proportions alike likely (Dirichlet with ones), and events as of
        :func:`missed`.
    weights : mapping, optional
        As of :func:`score`, where weights are not drawn.

    Returns
    -------
    DataFrame
        Draw x country; 1 is the highest score, and what is equal shares the mean of its ranks.
    """
    arguments.draws_and_seed(draws, seed)
    for name in unknown:
        arguments.chosen(name, "unknown", UNKNOWN)
    proportions = np.broadcast_to(_proportions(weights), (draws, len(COMPONENTS)))
    table = components()
    generator = np.random.default_rng(seed)
    if "weights" in unknown:
        proportions = generator.dirichlet(np.ones(len(COMPONENTS)), size=draws)
    values = np.broadcast_to(
        table[list(COMPONENTS)].to_numpy(float), (draws, *table[[*COMPONENTS]].shape)
    )
    if "events" in unknown:
        places = [list(COMPONENTS).index(name) for name in COUNTED]
        values = values.copy()
        values[:, :, places] += missed(table[[*COUNTED]].to_numpy(), draws, generator)
    against = (_scaled(values) * proportions[:, None, :]).sum(axis=2)
    scores = pd.DataFrame(1 - against, columns=table.index).rename_axis("draw")
    # Equal scores are equal but for the last bits of the sums.
    return scores.round(12).rank(axis=1, ascending=False, method="average")


def sensitivity(
    draws: int = 1000,
    seed: int = 0,
    unknown: Collection[str] = UNKNOWN,
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """How the ranks move with what is not known.

    Parameters
    ----------
    draws, seed, unknown, weights
        See :func:`drawn_ranks`.

    Returns
    -------
    DataFrame
        Indexed by country, by median rank: low, median and high (5, 50 and 95 percent of the ranks,
        1 for the highest score).
    """
    table = drawn_ranks(draws, seed, unknown, weights).quantile(_QUANTILES).T
    table.columns = pd.Index(["low", "median", "high"])
    return table.rename_axis("region").sort_values(["median", "low"], kind="stable")


def without_a_source(weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """How the ranks move when a single source had not been read.

    Parameters
    ----------
    weights : mapping, optional
        As of :func:`score`.

    Returns
    -------
    DataFrame
        Indexed by country, by rank: rank, and low and high, the ends of its ranks with each source of
        a counted measure left out in turn.
    """
    proportions = _proportions(weights)
    found = measures()
    read = sorted(set().union(*found.loc[found["alike"], "sources"]))

    def ranks(without: Collection[str]) -> pd.Series:
        table = components(without)
        scores = pd.Series(_scores(table, proportions), table.index)
        return scores.round(12).rank(ascending=False, method="average")

    turns = pd.DataFrame({source: ranks([source]) for source in read})
    whole = ranks([])
    turns = turns.join(whole.rename("whole"))
    table = pd.DataFrame({"rank": whole, "low": turns.min(axis=1), "high": turns.max(axis=1)})
    return table.sort_values("rank", kind="stable")
