"""How often the intervals of the flows hold the truth of simulated worlds, as reports show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import flows
from hashrate_migration.words import N_, translated
from hashrate_migration.words.columns import COLUMNS

USUAL = "as usual"

KINDS = {
    USUAL: N_("as usual: cleared within weeks"),
    "slow": N_("slow: cleared over half a year, the first back within weeks"),
    "lots": N_("lots: a few loads a month, each to one place at one time"),
    "pools": N_("pools: they see places unevenly, and others after the ban"),
    "shrinking": N_("shrinking: the largest destination loses old machines while it receives"),
    "price": N_("price: old machines go off everywhere at the same time"),
    "hidden": N_("hidden: a third of the home never leaves and is shown elsewhere"),
    "sold": N_("sold: machines pass through a country of traders"),
    "second wave": N_("second wave: a destination bans too"),
}
"""Kind of simulated worlds to what happens in them."""

FIGURES = ("pairs", "abroad", "back", "departed", "retired")
"""Figures that are shown; that of the country which a kind is about stays in the kept table."""


def _wide(table: pd.DataFrame, column: str, prefix: str) -> pd.DataFrame:
    wide = table.pivot(index="kind", columns="figure", values=column)
    wide = wide.loc[[kind for kind in KINDS if kind in wide.index], [*FIGURES]]
    return wide.rename(columns=lambda figure: f"{prefix}_{figure}_pct")


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """How often intervals hold the truth.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.truth`.

    Returns
    -------
    DataFrame
        variant (the kind of worlds, in words), worlds, and coverage_…_pct of each of :data:`FIGURES`.
    """
    wide = _wide(table, "coverage_pct", "coverage")
    worlds = table.groupby("kind")["worlds"].first().loc[wide.index]
    named = [translated(KINDS[str(kind)]) for kind in wide.index]
    return wide.reset_index(drop=True).assign(variant=named, worlds=worlds.to_numpy())[
        ["variant", "worlds", *wide.columns]
    ]


def widths(table: pd.DataFrame) -> pd.DataFrame:
    """How wide the intervals are, beside the bounds of the accounts.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.truth`.

    Returns
    -------
    DataFrame
        variant, width_…_pct of each of :data:`FIGURES`, and bounds_pairs_pct and bounds_abroad_pct:
        median widths, percent of what truly departed.
    """
    wide = _wide(table, "width_pct", "width")
    allowed = table.pivot(index="kind", columns="figure", values="bounds_width_pct").loc[wide.index]
    named = [translated(KINDS[str(kind)]) for kind in wide.index]
    return wide.assign(
        variant=named,
        bounds_pairs_pct=allowed["pairs"],
        bounds_abroad_pct=allowed["abroad"],
    ).reset_index(drop=True)[["variant", *wide.columns, "bounds_pairs_pct", "bounds_abroad_pct"]]


def errors(table: pd.DataFrame) -> pd.DataFrame:
    """How far the point estimates lie from the truth.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.truth`.

    Returns
    -------
    DataFrame
        variant, and error_…_pct of each method.
    """
    own = table[table["figure"] == "pairs"].set_index("kind")
    own = own.loc[[kind for kind in KINDS if kind in own.index]]
    named = [translated(KINDS[str(kind)]) for kind in own.index]
    columns = [f"error_{method}_pct" for method in flows.METHODS]
    return own.reset_index(drop=True).assign(variant=named)[["variant", *columns]]


@dataclass(frozen=True)
class Truth:
    """What the truth test says, in short.

    Attributes
    ----------
    usual : Series
        Coverage by figure in the worlds as usual, percent.
    errors : Series
        What the point estimates miss there, by method, percent of what departed.
    others : tuple of float
        Lowest and highest coverage in all other worlds, percent.
    margin : float
        By how much chance alone moves a coverage of 90 percent, two standard errors, points.
    worst_pct : float
        The lowest coverage of all kinds and figures, percent.
    worst_worlds, worst_figure : str
        Where it is, in the language in use.
    wider : list of str
        Figures whose median interval is wider than their bounds in a kind of worlds.
    """

    usual: pd.Series
    errors: pd.Series
    others: tuple[float, float]
    margin: float
    worst_pct: float
    worst_worlds: str
    worst_figure: str
    wider: list[str]


def truth(table: pd.DataFrame) -> Truth:
    """The truth test in short.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.truth`.
    """
    held = _wide(table, "coverage_pct", "coverage")
    kind, figure = held.stack().idxmin()
    others = held.drop(index=USUAL).stack()
    usual = held.loc[USUAL]
    usual.index = [*FIGURES]
    worlds = table["worlds"].min()
    points = table[(table["kind"] == USUAL) & (table["figure"] == "pairs")].iloc[0]
    too_wide = table[
        table["figure"].isin(FIGURES) & (table["width_pct"] > table["bounds_width_pct"])
    ]
    return Truth(
        usual=usual,
        errors=pd.Series({name: points[f"error_{name}_pct"] for name in flows.METHODS}),
        others=(float(others.min()), float(others.max())),
        margin=200 * float(np.sqrt(0.9 * 0.1 / worlds)),
        worst_pct=float(held.loc[kind, figure]),
        worst_worlds=translated(KINDS[str(kind)]),
        worst_figure=translated(COLUMNS[str(figure)].heading),
        wider=[
            translated(COLUMNS[f"coverage_{name}_pct"].heading)
            for name in FIGURES
            if name in set(too_wide["figure"])
        ],
    )
