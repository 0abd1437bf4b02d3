"""Data and methods: sources counted, and places where two of them measure the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

import hashrate_migration as hm
from hashrate_migration import chronology, energy
from hashrate_migration.chapters.panel import LEFT_OUT
from hashrate_migration.country_panel import checks
from hashrate_migration.country_panel.prior import DEFAULT, Prior
from hashrate_migration.findings import outlook
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables.read import load
from hashrate_migration.words import N_, _, values

MONTHS_PCT = 95
"""Part of the months for which the agreement of the two ways is told."""


@dataclass(frozen=True)
class Sources:
    """How many sources there are of each kind.

    Attributes
    ----------
    count, originals, copies, own : int
        All; originals; reports or copies of one; conventions of this project.
    """

    count: int
    originals: int
    copies: int
    own: int


def sources() -> Sources:
    """Count the sources by kind."""
    kinds = hm.sources()["kind"].value_counts()
    counts = [int(kinds.get(kind, 0)) for kind in ("primary", "secondary", "derived")]
    return Sources(int(kinds.sum()), *counts)


def two_ways() -> pd.Series:
    """Hashrate from block counts over that from difficulty periods, by month."""
    daily = hm.network_hashrate("2013-01", method="daily")
    return (daily / hm.network_hashrate("2013-01", method="epochs")).dropna().rename("ratio")


def two_ways_title(ratio: pd.Series) -> str:
    """How far the two ways lie apart in most months."""
    return _(
        "In {part} percent of the months both ways agree within {apart:number.1} percent",
        part=MONTHS_PCT,
        apart=100 * (ratio - 1).abs().quantile(MONTHS_PCT / 100),
    )


def ratio_checks(ratio: pd.Series) -> pd.DataFrame:
    """Places where two sources measure the same thing.

    Parameters
    ----------
    ratio : Series
        From :func:`two_ways`.

    Returns
    -------
    DataFrame
        Columns comparison (in words), months (how many), lowest_ratio and highest_ratio.
    """
    by_month = load("mining_map").groupby("month")[["hashrate_ehs", "share_pct"]].sum()
    span = mining_map.shares().index
    network = hm.network_hashrate(span[0], span[-1])
    compared = {
        N_("EH/s of the mining map over ours"): by_month["hashrate_ehs"] / network,
        N_("shares of the mining map, sum of a month over the whole"): by_month["share_pct"] / 100,
        N_("machines times hashrate over Cambridge's power"): energy.machine_power()["ratio"],
        N_("block counts over difficulty periods"): ratio,
    }
    return pd.DataFrame(
        {
            "comparison": name,
            "months": len(values),
            "lowest_ratio": values.min(),
            "highest_ratio": values.max(),
        }
        for name, values in compared.items()
    )


def vendors() -> tuple[pd.Timestamp, float]:
    """Since when vendors publish lists, and their part of the figures used since then, percent."""
    return chronology.REBOUND_ENDS, outlook.vendors_part()


@dataclass(frozen=True)
class Chains:
    """How the chains did from which the kept draws of the panel come.

    Attributes
    ----------
    count, draws, warmup : int
        Chains; draws of each; steps of each before the first that counts.
    divergences : int
        Steps at which the sampler failed; none in a posterior that it masters.
    rhat_max : float
        Largest R-hat of a share's logarithm over all months and countries; 1 if the chains agree.
    ess_bulk_min, ess_tail_min : float
        Smallest number of independent draws that say as much, for the middle and for the tails.
    """

    count: int
    draws: int
    warmup: int
    divergences: int
    rhat_max: float
    ess_bulk_min: float
    ess_tail_min: float

    def table(self) -> pd.DataFrame:
        """One row per check: check and result, both in words."""
        rows = {
            N_("chains"): values.number(self.count),
            N_("draws of each chain"): values.number(self.draws),
            N_("steps of warm-up in each chain"): values.number(self.warmup),
            N_("divergences"): values.number(self.divergences),
            N_("largest R-hat"): values.number(self.rhat_max, 3),
            N_("fewest effective draws, middle"): values.number(self.ess_bulk_min),
            N_("fewest effective draws, tails"): values.number(self.ess_tail_min),
        }
        return pd.DataFrame({"check": [*rows], "result": [*rows.values()]})


def chains(diagnostics: Mapping[str, Any]) -> Chains:
    """What is written beside the kept draws, in short.

    Parameters
    ----------
    diagnostics : mapping
        ``diagnostics`` of the description of the kept fit.
    """
    wanted = ("draws", "warmup", "divergences", "rhat_max", "ess_bulk_min", "ess_tail_min")
    return Chains(diagnostics["chains"], *(diagnostics[name] for name in wanted))


BELIEFS: Mapping[str, str] = {
    "usual_pct": N_("usual share of a country, middle, percent"),
    "usual_sd": N_("its spread, logarithm"),
    "rest_pct": N_("usual share of all others together, middle, percent"),
    "rest_sd": N_("its spread, logarithm"),
    "start_sd": N_("distance from the usual share in the first month, logarithm"),
    "half_life": N_("months in which half of a distance to the usual share is forgotten"),
    "step": N_("step of a month, middle, logarithm"),
    "largest_step": N_("largest step of a month outside of the break"),
    "step_sd": N_("spread of steps from era to era, logarithm"),
    "country_sd": N_("spread of steps from country to country, logarithm"),
    "era_sd": N_("spread of a country's steps from era to era against the others, logarithm"),
    "banned_break": N_("step of China in a month of the break, logarithm"),
    "other_break": N_("what the break adds to the steps of others, logarithm"),
    "growth_sd": N_("growth that all others have in common in a month of the break, logarithm"),
    "least_factor": N_("least factor on the errors of a kind"),
    "kind_sd": N_("spread of the rest of that factor, logarithm"),
    "list_sd": N_("how far a list may be off as a whole, logarithm"),
    "kept_running_sd": N_("how far hashrate abroad may have fallen while China was cleared"),
    "hidden": N_("chance that machines hid where the map's sample shows none"),
    "seen_pct": N_("share below which a sample shows none, percent"),
}
"""What each belief of :class:`hashrate_migration.country_panel.prior.Prior` is, in words."""


def beliefs(prior: Prior = DEFAULT) -> pd.DataFrame:
    """What the panel holds before a figure is seen.

    Returns
    -------
    DataFrame
        One row per number: belief (in words) and size.
    """
    held = vars(prior)
    return pd.DataFrame({"belief": [*BELIEFS.values()], "size": [held[name] for name in BELIEFS]})


def slowest(diagnostics: Mapping[str, Any]) -> pd.DataFrame:
    """The shares on which the chains agree least.

    Returns
    -------
    DataFrame
        Columns month, region, rhat, ess_bulk and ess_tail.
    """
    table = pd.DataFrame(
        diagnostics["worst"], columns=["month", "region", "rhat", "ess_bulk", "ess_tail"]
    )
    return table.assign(month=pd.to_datetime(table["month"]))


def folds(described: Mapping[str, Any]) -> pd.DataFrame:
    """How the fits of the validation did.

    Parameters
    ----------
    described : mapping
        From :func:`hashrate_migration.country_panel.validation.description`.

    Returns
    -------
    DataFrame
        One row per way: left_out (in words), folds (how many fits), divergences (of all together,
        missing if they were not counted) and rhat (the largest).
    """
    table = pd.DataFrame(described["diagnostics"]).groupby("by", sort=False)
    summed = table.agg(
        folds=("fold", "size"),
        divergences=("divergences", lambda counts: counts.sum(min_count=1)),
        rhat=("rhat_max", "max"),
    )
    return summed.rename_axis("left_out").reset_index().replace({"left_out": LEFT_OUT})


@dataclass(frozen=True)
class FoundAgain:
    """The validation of the panel in short: figures left out with their quarter.

    Attributes
    ----------
    figures : int
        How many.
    inside_pct, above_pct : float
        Part within the band of 90 percent, and above the median.
    beyond_lines, groups : int
        In how many groups of figures, of how many, the log score is above that of straight lines,
        over all ways of leaving out.
    missed : int
        How many targets are not reached.
    """

    figures: int
    inside_pct: float
    above_pct: float
    beyond_lines: int
    groups: int
    missed: int


def found_again(left_out: pd.DataFrame) -> FoundAgain:
    """Sum up the validation.

    Parameters
    ----------
    left_out : DataFrame
        From :func:`hashrate_migration.country_panel.validation.table`.
    """
    table = checks.summary(left_out)
    targets = checks.targets(table)
    whole = table[table["by"].eq("quarter") & table["group"].eq(checks.ALL)].iloc[0]
    lines = targets.loc[targets["target"] == checks.BEYOND_LINES, "reached"]
    return FoundAgain(
        int(whole["figures"]),
        whole["inside90_pct"],
        whole["above_pct"],
        int(lines.sum()),
        len(lines),
        int((~targets["reached"]).sum()),
    )
