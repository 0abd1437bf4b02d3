"""How good a prediction was: scores of figures that were left out, and what they add up to.

A prediction is a set of draws of the figure as it would have been printed, in log-odds: with the
publisher's bias and with the scatter of its kind. The panel and the yardsticks
(:mod:`hashrate_migration.country_panel.yardsticks`) are scored alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logsumexp
from scipy.stats import t as student

from hashrate_migration import arguments
from hashrate_migration.words import N_

BY = ("quarter", "family", "kind")
"""What can be left out together."""

GROUPS = ("map", "vendor", "other")
"""Groups of figures: the mining map, lists of vendors, all others."""

ALL = "all"
"""All groups together."""

YARDSTICKS = ("lines", "walk")
"""Prefixes of the columns of the yardsticks: straight lines, a random walk per country."""

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_KERNEL_DF = 4
_SCORED = ("by", "group", "inside50", "inside90", "above", "low90", "high90", "log_score", "crps")


def log_scores(draws: np.ndarray, figures: np.ndarray) -> np.ndarray:
    """Logarithm of the predictive density at each figure.

    Parameters
    ----------
    draws : ndarray
        Draw x figure, log-odds.
    figures : ndarray
        Log-odds as published.

    Returns
    -------
    ndarray
        Per figure; missing where a draw is.

    Notes
    -----
    The density is that of a kernel estimate with Silverman's width, 0.9 min(sd, IQR / 1.349)
    n^(-1/5) (Silverman 1986, *Density Estimation*, 3.31), and a kernel of Student's t with 4
    degrees of freedom. A normal kernel would give a figure beyond all draws nearly no density at
    all, however heavy the tail that was drawn from. The estimate is wider than the predictive
    distribution: of 500 draws of a normal one its variance is about a seventh too large, which costs
    a figure in the middle some hundredths and spares one in the tail. Scores are therefore to be
    compared only with scores by the same estimate of as many draws, as those of the yardsticks are.
    """
    low, high = np.quantile(draws, (0.25, 0.75), axis=0)
    width = 0.9 * np.minimum(draws.std(axis=0, ddof=1), (high - low) / 1.349)
    # All draws alike would give a width of nothing; a millionth in log-odds is no width either.
    width = np.maximum(width * len(draws) ** -0.2, 1e-6)
    density = student.logpdf((figures - draws) / width, _KERNEL_DF) - np.log(width)
    scores: np.ndarray = logsumexp(density, axis=0) - np.log(len(draws))
    return scores


def crps(draws: np.ndarray, figures: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of each figure, in log-odds; 0 is best.

    Parameters
    ----------
    draws : ndarray
        Draw x figure.
    figures : ndarray
        Log-odds as published.

    Notes
    -----
    E|X - y| - E|X - X'| / 2 over the draws (Gneiting and Raftery 2007, *JASA* 102, eq. 21), the
    second mean from the sorted draws.
    """
    count = len(draws)
    weights = 2 * np.arange(1, count + 1) - count - 1
    apart = 2 * (weights[:, None] * np.sort(draws, axis=0)).sum(axis=0) / count**2
    scores: np.ndarray = np.abs(draws - figures).mean(axis=0) - apart / 2
    return scores


def scores(draws: np.ndarray, figures: np.ndarray) -> pd.DataFrame:
    """Hold figures against what was predicted for them.

    Parameters
    ----------
    draws : ndarray
        Draw x figure, log-odds; a column of missing values where nothing was predicted.
    figures : ndarray
        Log-odds as published.

    Returns
    -------
    DataFrame
        One row per figure: median_pct, low50, high50, low90, high90 (percent), inside50, inside90
        (whether the band holds the figure), above (whether the figure lies above the median), rank
        (part of the draws below the figure, from 0 to 1), log_score and crps. All are missing where
        nothing was predicted.
    """
    figures = np.asarray(figures, dtype=float)
    predicted = ~np.isnan(draws).any(axis=0)
    draws, known = draws[:, predicted], figures[predicted]
    low90, low50, median, high50, high90 = np.quantile(draws, _QUANTILES, axis=0)
    ends = {
        "median_pct": median,
        "low50": low50,
        "high50": high50,
        "low90": low90,
        "high90": high90,
    }
    table = pd.DataFrame({name: 100 * expit(values) for name, values in ends.items()})
    table["inside50"] = (low50 <= known) & (known <= high50)
    table["inside90"] = (low90 <= known) & (known <= high90)
    table["above"] = known > median
    table["rank"] = (draws < known).mean(axis=0)
    table["log_score"] = log_scores(draws, known)
    table["crps"] = crps(draws, known)
    whether = ["inside50", "inside90", "above"]
    table[whether] = table[whether].astype("boolean")
    return table.set_index(np.flatnonzero(predicted)).reindex(range(len(figures)))


def summary(left_out: pd.DataFrame) -> pd.DataFrame:
    """How the panel and the yardsticks did, by what was left out and by group of figures.

    Parameters
    ----------
    left_out : DataFrame
        From :func:`hashrate_migration.country_panel.validation.table`.

    Returns
    -------
    DataFrame
        Columns by, group (those of :data:`GROUPS`, then ``all``), figures, inside50_pct,
        inside90_pct, above_pct (over all figures), width_points (median width of the band of 90
        percent), alone (figures whose countries have no other figure, so that no yardstick predicts
        them) and, over the figures that the yardsticks predict too, the mean log_score and crps of
        the panel, of lines and of walk (``lines_log_score`` …), with the part that the yardsticks'
        bands of 90 percent hold (``lines_inside90_pct`` …).

    Raises
    ------
    InputError
        If a column is missing.
    """
    of_yardsticks = [
        f"{name}_{score}" for name in YARDSTICKS for score in ("log_score", "crps", "inside90")
    ]
    made_by = "country_panel.validation.table"
    arguments.columns(left_out, "left_out", [*_SCORED, *of_yardsticks], made_by)
    rows = []
    for by in BY:
        for group in (*GROUPS, ALL):
            chosen = left_out["by"].eq(by) & (left_out["group"].eq(group) | (group == ALL))
            if chosen.any():
                rows.append({"by": by, "group": group} | _summed(left_out[chosen]))
    return pd.DataFrame(rows)


def _summed(rows: pd.DataFrame) -> dict[str, float]:
    both = rows[rows[[f"{name}_log_score" for name in YARDSTICKS]].notna().all(axis=1)]
    result = {
        "figures": len(rows),
        "inside50_pct": 100 * float(rows["inside50"].mean()),
        "inside90_pct": 100 * float(rows["inside90"].mean()),
        "above_pct": 100 * float(rows["above"].mean()),
        "width_points": float((rows["high90"] - rows["low90"]).median()),
        "alone": len(rows) - len(both),
    }
    for score in ("log_score", "crps"):
        for name in ("", *(f"{yardstick}_" for yardstick in YARDSTICKS)):
            result[f"{name}{score}"] = float(both[f"{name}{score}"].mean())
    for name in YARDSTICKS:
        held = both[f"{name}_inside90"].astype(float)
        result[f"{name}_inside90_pct"] = 100 * float(held.mean())
    return result


@dataclass(frozen=True)
class Target:
    """What the panel has to reach for the validation to be passed.

    Attributes
    ----------
    what : str
        In words.
    by : str
        What is left out; one of :data:`BY`.
    column : str
        Of :func:`summary`.
    low, high : float
        Limits in percent, both included.
    """

    what: str
    by: str
    column: str
    low: float
    high: float


TARGETS = (
    Target(N_("within the band of 90 percent"), "quarter", "inside90_pct", 85, 95),
    Target(N_("within the inner band"), "quarter", "inside50_pct", 40, 60),
    Target(N_("above the median"), "quarter", "above_pct", 40, 60),
    # Without its family a figure's bias is not known at all, and small families have few figures.
    Target(N_("within the band of 90 percent"), "family", "inside90_pct", 80, 100),
)
"""Limits for each group and for all together, set before the panel was scored."""

BEYOND_LINES = N_("log score above that of straight lines")
"""The target of each group: mean log score above that of straight lines."""


def targets(table: pd.DataFrame) -> pd.DataFrame:
    """Whether the panel reaches what it has to.

    Parameters
    ----------
    table : DataFrame
        From :func:`summary`.

    Returns
    -------
    DataFrame
        Columns target (in words), by, group, value, least, most (missing for no limit) and reached.
        A target of figures that there are none of has no row.
    """
    rows = []
    for target in TARGETS:
        own = table[table["by"].eq(target.by)]
        for group, value in zip(own["group"], own[target.column], strict=True):
            rows.append((target.what, target.by, group, value, target.low, target.high))
    for row in table[table["group"].ne(ALL)].dropna(subset=["lines_log_score"]).itertuples():
        gain = row.log_score - row.lines_log_score
        rows.append((BEYOND_LINES, row.by, row.group, gain, 0.0, np.nan))
    result = pd.DataFrame(rows, columns=["target", "by", "group", "value", "least", "most"])
    enough = result["value"].ge(result["least"])
    return result.assign(reached=enough & ~result["value"].gt(result["most"]))
