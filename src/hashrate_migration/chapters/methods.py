"""Data and methods: sources counted, and places where two of them measure the same thing."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

import hashrate_migration as hm
from hashrate_migration import chronology, energy
from hashrate_migration.findings import outlook
from hashrate_migration.flows.simulation import AS_ASSUMED
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables.read import load
from hashrate_migration.words import N_, _

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


@dataclass(frozen=True)
class Held:
    """How often intervals hold the truth of simulated worlds: lowest and highest, percent.

    Attributes
    ----------
    assumed : tuple of float
        Where the worlds are as the estimates assume.
    others : tuple of float
        Where they are not.
    """

    assumed: tuple[float, float]
    others: tuple[float, float]


def held(truth: pd.DataFrame) -> Held:
    """The truth test in short.

    Parameters
    ----------
    truth : DataFrame
        From :func:`hashrate_migration.flows.truth`.
    """
    coverage = truth.set_index("variant").filter(like="coverage_")
    own, others = coverage.loc[[AS_ASSUMED]].stack(), coverage.drop(index=AS_ASSUMED).stack()
    return Held((own.min(), own.max()), (others.min(), others.max()))


def vendors() -> tuple[pd.Timestamp, float]:
    """Since when vendors publish lists, and their part of the figures used since then, percent."""
    return chronology.REBOUND_ENDS, outlook.vendors_part()
