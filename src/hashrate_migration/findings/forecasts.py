"""What the panel's model would have said of the year ahead, held against what was published then.

The model of :mod:`hashrate_migration.country_panel` is fitted, for each year of :data:`YEARS`, to the
figures that speak of months up to its December and to nothing later. What it says of the year after is
kept figure by figure, as the figure would have been printed: with its publisher's bias and the scatter
of its kind. Beside it stands *nothing changes*: the same draws, whose shares stay what they were in that
December.

Before the ban nobody knew that it would come. A fit to a year before it has no months of a break: their
larger steps, the growth that the others then had in common, and what the chain says of July and August
2021 are all taken out (:data:`NO_BAN`).

Three things remain that were not known then, and make the forecasts kinder than real ones: figures count
by the months of which they speak, and some were published later; the panel's countries are those of
today; and so are the judgements of ``prior`` and ``estimate_kinds``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration import arguments, chronology
from hashrate_migration.country_panel import METHOD_VERSION as PANEL_METHOD
from hashrate_migration.country_panel import checks, estimates, model, prior, validation
from hashrate_migration.tables.derived import Derived, checksums
from hashrate_migration.tables.regions import REST

METHOD_VERSION = "1"
"""Changes with the meaning of the table's columns."""

YEARS = tuple(range(2019, 2026))
"""Years at whose end a forecast is made: every one since the mining map began."""

CHAINS, WARMUP, DRAWS, PILOT, SEED = 1, 400, 1200, 300, 0
"""Chains of each fit, steps of warm-up and draws, draws of the run before it, and the first seed."""

_NOTHING = 1e-6
_WHATEVER = 1e6
NO_BAN = replace(
    prior.DEFAULT,
    banned_break=_NOTHING,
    other_break=_NOTHING,
    growth_sd=_NOTHING,
    kept_running_sd=_WHATEVER,
)
"""The prior of someone who does not know that China will ban mining."""

STILL = "still_"
"""Prefix of the columns of *nothing changes*."""

CODE = (
    *validation.FITTED_BY,
    *("checks.py", "../findings/forecasts.py"),
)
"""Files that the table depends on, from the folder of the country panel."""

COMMAND = "hashrate-migration fit forecasts"

_DECIMALS = 4

_KEPT = Derived(
    "panel_forecasts",
    "What the country panel would have said of the year ahead, beside what was published",
    COMMAND,
    ("diagnostics",),
)

_SHOWN = ("estimate_id", "month", "members", "kind", "family", "source_id", "share_pct")


def known(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Figures and limits that speak only of months up to the December of a year.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.country_panel.estimates.observations`.
    year : int
        At whose end the forecast is made.
    """
    return rows[rows["end_month"] < f"{year + 1}-01-01"].reset_index(drop=True)


def asked(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Figures, as somebody printed them, that speak only of months of the year after.

    Parameters
    ----------
    rows, year
        As of :func:`known`. Floors, ceilings, zeros and remainders of lists are no figures.
    """
    within = rows["start_month"].ge(f"{year + 1}-01-01") & rows["end_month"].lt(f"{year + 2}-01-01")
    return rows[within & validation.is_figure(rows)].reset_index(drop=True)


def span(year: int) -> pd.DatetimeIndex:
    """Months of a fit: those of the panel up to the December of the year after."""
    months = model.months()
    return months[months < f"{year + 2}-01-01"]


def belief(year: int) -> prior.Prior:
    """What could be held of steps at the end of a year: without the ban if it was still to come."""
    return NO_BAN if year < chronology.CALL.year else prior.DEFAULT


def still(shares: np.ndarray, months: pd.DatetimeIndex, year: int) -> np.ndarray:
    """Draws whose shares stay what they were in the December of a year.

    Parameters
    ----------
    shares : ndarray, draw x month x region
    months : DatetimeIndex
    year : int
    """
    frozen = shares.copy()
    last = months.get_loc(pd.Timestamp(year, 12, 1))
    frozen[:, last + 1 :] = shares[:, [last]]
    return frozen


def forecast(
    rows: pd.DataFrame, year: int, sample: Callable[..., Any] | None = None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Fit the model to what was known at the end of a year and score what it says of the next.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.country_panel.estimates.observations`.
    year : int
        At whose end the forecast is made.
    sample : callable, optional
        In place of ``posterior.sample``.

    Returns
    -------
    DataFrame
        Rows of :func:`table` of that year.
    dict
        year, known and asked (counts of figures), divergences and rhat_max of the chain.
    """
    if sample is None:
        # Only here: to read what is kept, the sampler need not be installed.
        from hashrate_migration.country_panel import posterior as sampler

        sample = sampler.sample
    told, wanted = known(rows, year), asked(rows, year)
    seed = SEED + year
    drawn = sample(
        told,
        span(year),
        [*estimates.countries(), REST],
        chains=CHAINS,
        warmup=WARMUP,
        draws=DRAWS,
        pilot=PILOT,
        seed=seed,
        prior=belief(year),
    )
    frozen = replace(drawn, shares=still(drawn.shares, drawn.months, year))
    figures = wanted["log_odds"].to_numpy()
    # The same seed: the same errors of figures, so that the two differ by the steps ahead alone.
    tables = [
        wanted[[*_SHOWN]],
        checks.scores(drawn.predict(wanted, seed), figures),
        checks.scores(frozen.predict(wanted, seed), figures).add_prefix(STILL),
    ]
    table = pd.concat(tables, axis=1)
    table.insert(0, "year", year)
    about = {
        "year": year,
        "known": int(validation.is_figure(told).sum()),
        "asked": len(wanted),
        "divergences": int(drawn.divergences),
        "rhat_max": round(validation.worst_rhat(drawn.shares, drawn.chains), _DECIMALS),
    }
    return table, about


def _made_from() -> dict[str, Any]:
    """Versions, options and checksums of today."""
    options = {"chains": CHAINS, "warmup": WARMUP, "draws": DRAWS, "pilot": PILOT, "seed": SEED}
    return {
        "method": METHOD_VERSION,
        "panel_method": PANEL_METHOD,
        "years": list(YEARS),
        **options,
        **checksums(Path(model.__file__).resolve().parent, CODE, validation.TABLES),
    }


def _one_thread() -> None:
    """One processor for each process: fits run beside one another."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")


def write(*, jobs: int = 1, progress: bool = True) -> list[Path]:
    """Make the forecasts and keep them; some minutes each.

    Parameters
    ----------
    jobs : int
        Fits that run beside one another, each in a process of its own.
    progress : bool
        Whether to say on the error stream which year is done.

    Returns
    -------
    list of Path
        The table and its description.
    """
    arguments.whole(jobs, "jobs", 1)
    made_from = _made_from()
    rows = estimates.observations()
    done: dict[int, tuple[pd.DataFrame, dict[str, Any]]] = {}
    # Started anew, not forked: a library with threads of its own does not survive a fork.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _one_thread) as pool:
        running = {pool.submit(forecast, rows, year): year for year in YEARS}
        for future in as_completed(running):
            done[running[future]] = future.result()
            if progress:
                print(f"forecasts: {len(done)} of {len(YEARS)}", file=sys.stderr, flush=True)
    table = pd.concat([done[year][0] for year in YEARS], ignore_index=True)
    diagnostics = [done[year][1] for year in YEARS]
    return _KEPT.write(table, made_from, _DECIMALS, diagnostics=diagnostics)


def description() -> dict[str, Any]:
    """What is written beside the table.

    Raises
    ------
    InputError
        If the table is not kept, or its description cannot be read.
    """
    return _KEPT.description()


def table() -> pd.DataFrame:
    """The forecasts and what was published, as kept.

    Returns
    -------
    DataFrame
        One row per figure: year (at whose end the forecast was made), estimate_id, month (the middle of
        the figure's period), members, kind, family, source_id, share_pct (as published), then what
        :func:`hashrate_migration.country_panel.checks.scores` gives for the model and, with the prefix
        :data:`STILL`, for *nothing changes*.

    Raises
    ------
    InputError
        If it is not kept, or is not what was kept.
    """
    whether = {
        f"{prefix}{what}": "boolean"
        for prefix in ("", STILL)
        for what in ("inside50", "inside90", "above")
    }
    return pd.read_csv(_KEPT.path(), dtype=whether, parse_dates=["month"])


def stale() -> list[str]:
    """What the kept table is older than.

    Returns
    -------
    list of str
        Parts of what it was made from that have changed since, such as ``code prior.py``; empty if it
        belongs to today's code and tables.

    Raises
    ------
    InputError
        If it is not kept.
    """
    return _KEPT.stale(_made_from())
