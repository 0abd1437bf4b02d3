"""Does the panel know what it was not told? Estimates left out, in turn, and looked for again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from hashrate_migration import arguments
from hashrate_migration.country_panel import estimates, model
from hashrate_migration.country_panel.state_space import expected, smooth
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_

_HALF_BAND = norm.ppf(model.BAND[1])
"""Half the width of the band of a normal distribution, in standard deviations."""


_LEFT_OUT = ("left_out", "kind", "share_pct", "expected_pct", "inside", "interpolated_pct")
"""Columns of :func:`leave_out` that are counted."""


_BY = ("source", "quarter")
"""What can be left out together."""


def _folds(rows: pd.DataFrame, by: str) -> Iterator[tuple[str, pd.Series]]:
    labels = {
        "source": rows["source_id"],
        "quarter": rows["month"].dt.to_period("Q").astype(str),
    }
    for label in labels[by].unique():
        yield label, labels[by] == label


def interpolated(known: pd.DataFrame, wanted: pd.DataFrame) -> pd.Series:
    """Shares by straight lines between the estimates for the same countries.

    What one would do without a model: the yardstick of :func:`leave_out`.

    Parameters
    ----------
    known, wanted : DataFrame
        Rows of :func:`hashrate_migration.country_panel.estimates.observations`.

    Returns
    -------
    Series
        Percent, for each row of `wanted`; before the first estimate the first, after the last
        the last, missing where there is none.
    """
    values = pd.Series(np.nan, index=wanted.index)
    for members, rows in wanted.groupby("members"):
        own = known[known["members"] == members].groupby("month")["share_pct"].mean()
        if len(own):
            days = own.index.to_numpy().astype("datetime64[D]").astype(float)
            at = rows["month"].to_numpy().astype("datetime64[D]").astype(float)
            values.loc[rows.index] = np.interp(at, days, own.to_numpy())
    return values


def leave_out(
    by: str = "source",
    kinds: pd.DataFrame | str | Path | None = None,
    dynamics: model.Dynamics = model.DEFAULT,
) -> pd.DataFrame:
    """Leave out each source, or each quarter, and predict its figures from the others.

    Parameters
    ----------
    by : {"source", "quarter"}
        What is left out together.
    kinds, dynamics
        See :func:`hashrate_migration.country_panel.fit`.

    Returns
    -------
    DataFrame
        One row per estimate: left_out, estimate_id, month, members, kind, share_pct (as
        published), expected_pct, low_pct, high_pct (band for a figure of its kind, normal in the
        log-odds), inside (whether the band holds the figure), interpolated_pct (straight lines
        between the remaining estimates) and distance (in standard deviations).

    Raises
    ------
    InputError
        For another `by`.
    """
    arguments.chosen(by, "by", _BY)
    rows = estimates.observations(kind_table=kinds)
    whole = model.fit(kinds=kinds, dynamics=dynamics)
    results = []
    for label, out in _folds(rows, by):
        # What a list leaves over tells of its rows: it goes with them, and is no figure itself.
        remainder = rows["estimate_id"].str.startswith(estimates.REMAINDER)
        tells = remainder & rows["month"].isin(rows.loc[out & (rows["kind"] == "vendor"), "month"])
        hidden, known = rows[out & ~remainder], rows[~out & ~tells]
        if hidden.empty:
            continue
        path = smooth(
            known,
            [*estimates.countries(), REST],
            model.months(),
            dynamics.walk_sd,
            dynamics.break_sd,
            dynamics.breaks(),
            guess=whole.log_ratios,
        )
        guess = expected(path, hidden)
        part = hidden[["estimate_id", "month", "members", "kind", "share_pct"]].copy()
        part.insert(0, "left_out", label)
        part["expected_pct"] = 100 * expit(guess["log_odds"])
        part["low_pct"] = 100 * expit(guess["log_odds"] - _HALF_BAND * guess["sd"])
        part["high_pct"] = 100 * expit(guess["log_odds"] + _HALF_BAND * guess["sd"])
        part["inside"] = part["share_pct"].between(part["low_pct"], part["high_pct"])
        part["interpolated_pct"] = interpolated(known, hidden)
        part["distance"] = (hidden["log_odds"] - guess["log_odds"]) / guess["sd"]
        results.append(part)
    return pd.concat(results, ignore_index=True)


def coverage(left_out: pd.DataFrame) -> pd.DataFrame:
    """How often the bands held, and how far off the middle was beside plain interpolation.

    Parameters
    ----------
    left_out : DataFrame
        From :func:`leave_out`.

    Returns
    -------
    DataFrame
        Indexed by the group of figures, ``mining map``, ``other estimates`` and ``all``; columns
        estimates, inside_pct, error_points (median distance of the expected share, over estimates
        that can also be interpolated) and interpolation_points (the same of straight lines).
    """
    arguments.columns(left_out, "left_out", _LEFT_OUT, "country_panel.leave_out")
    on_map = left_out["kind"].isin(["pool_sample", "pool_sample_proxy"])
    groups = {
        N_("mining map"): on_map,
        N_("other estimates"): ~on_map,
        N_("all"): on_map | ~on_map,
    }
    table = {}
    for name, chosen in groups.items():
        rows = left_out[chosen]
        both = rows.dropna(subset=["interpolated_pct"])
        table[name] = {
            "estimates": len(rows),
            "inside_pct": 100 * rows["inside"].mean(),
            "error_points": (both["expected_pct"] - both["share_pct"]).abs().median(),
            "interpolation_points": (both["interpolated_pct"] - both["share_pct"]).abs().median(),
        }
    return pd.DataFrame.from_dict(table, orient="index").astype({"estimates": int})


def by_label(left_out: pd.DataFrame) -> pd.DataFrame:
    """How often the bands held and how far off the middle was, for each source or quarter.

    Parameters
    ----------
    left_out : DataFrame
        From :func:`leave_out`.

    Returns
    -------
    DataFrame
        Indexed by left_out, the most figures first: estimates, inside (how many the band held),
        error_points (median distance over all of its figures) and interpolation_points (over those
        to which a straight line can be drawn; missing if there are none).
    """
    arguments.columns(left_out, "left_out", _LEFT_OUT, "country_panel.leave_out")
    off = left_out.assign(
        error_points=(left_out["expected_pct"] - left_out["share_pct"]).abs(),
        interpolation_points=(left_out["interpolated_pct"] - left_out["share_pct"]).abs(),
    )
    table = off.groupby("left_out").agg(
        estimates=("inside", "size"),
        inside=("inside", "sum"),
        error_points=("error_points", "median"),
        interpolation_points=("interpolation_points", "median"),
    )
    return table.sort_values("estimates", ascending=False, kind="stable")
