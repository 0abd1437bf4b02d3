"""Does the panel know what it was not told? Figures left out in turn, predicted, and kept.

Three ways: each quarter of a year, each family of publishers, each kind of estimate is left out, the
posterior is sampled anew from the others, and the figures are predicted as they would have been
printed. All that the posterior learns (steps, biases) it learns without them. What it does not learn,
the errors of the table ``estimate_kinds``, are judgements and stay.

To keep it affordable

- the quarters are dealt into four folds, in turn, so that a quarter is never left out with the
  next one and its neighbours stay in;
- families with few figures are left out several at a time, in turn by their first month. That is
  harder than leaving out one.

With a figure goes what was made from it: the remainder of its list, and the ceilings for countries
that its list does not name. With a quarter go, without being predicted there, the figures by the same
family for the same countries whose longer periods reach into it: a mean over a year tells of its
quarters. Floors, ceilings and zeros are no figures to be predicted. They stay, unless their own list,
family or kind is left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from hashrate_migration import arguments
from hashrate_migration.country_panel import INPUTS, checks, estimates, model, yardsticks
from hashrate_migration.country_panel import METHOD_VERSION as PANEL_METHOD
from hashrate_migration.tables.derived import Derived, checksums, sha256
from hashrate_migration.tables.regions import REST

METHOD_VERSION = "1"
"""Changes with the meaning of the table's columns."""

QUARTER_FOLDS = 4
"""Folds into which the quarters are dealt."""

FAMILY_ALONE = 5
"""A family with so many figures is left out alone."""

FAMILY_FOLDS = 3
"""Folds into which the smaller families are dealt."""

CHAINS, WARMUP, DRAWS, SEED = 1, 200, 300, 0
"""Chains of each fold, steps of warm-up and draws of each chain, and the seed."""

FITTED_BY = (
    *("density.py", "estimates.py", "evidence.py", "posterior.py", "prior.py"),
    *("tangent.py", "whitening.py"),
)
"""Files of this package that a fold's draws depend on."""

CODE = (*FITTED_BY, "checks.py", "validation.py", "yardsticks.py")
"""Files of this package that the table depends on."""

TABLES = tuple(dict.fromkeys((*INPUTS, "regions")))
"""Tables of facts that it depends on."""

COMMAND = "hashrate-migration fit --validate"

_MAP_KINDS = ("pool_sample", "pool_sample_proxy")
_VENDOR_KIND = "vendor"
_DECIMALS = 4

_KEPT = Derived(
    "panel_validation",
    "Figures left out of the country panel and predicted from the others",
    COMMAND,
    ("diagnostics",),
)

Sample = Callable[..., Any]
"""A function as ``posterior.sample``."""


@dataclass(frozen=True)
class Fold:
    """What is left out together.

    Attributes
    ----------
    name : str
        Unique within its way.
    labels : Series
        Label (quarter, family or kind) of each figure to be predicted, by row.
    known : Series
        Whether a row stays, by row.
    """

    name: str
    labels: pd.Series
    known: pd.Series


def is_figure(rows: pd.DataFrame) -> pd.Series:
    """Which rows are figures that someone printed, and can be predicted.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.country_panel.observations`.
    """
    derived = rows["estimate_id"].str.startswith(estimates.REMAINDER)
    return rows["reads"].eq("share") & ~derived


def _dealt(labels: pd.Series, by: str, figures: pd.Series) -> dict[str, str]:
    """Label to the name of its fold."""
    own = labels[figures]
    if by == "quarter":
        return {
            label: f"quarters-{pd.Period(label, freq='Q').ordinal % QUARTER_FOLDS}"
            for label in own.unique()
        }
    counts = own.value_counts()
    if by == "kind":
        return {label: label for label in counts.index}
    # Figures are ordered by month, so `unique` gives the families by their first month.
    small = [label for label in own.unique() if counts[label] < FAMILY_ALONE]
    dealt = {label: f"small-{place % FAMILY_FOLDS}" for place, label in enumerate(small)}
    return {label: dealt.get(label, label) for label in own.unique()}


def _reaching_into(rows: pd.DataFrame, hidden: pd.Series) -> pd.Series:
    """Figures by the family of a hidden one, for the same countries, whose period meets its quarter."""
    quarter = rows["month"].dt.to_period("Q")
    spans = pd.DataFrame(
        {
            "family": rows["family"],
            "members": rows["members"],
            "first": quarter.dt.start_time,
            "last": quarter.dt.end_time,
        }
    )[hidden].drop_duplicates()
    figures = rows.loc[rows["reads"] == "share", ["family", "members", "start_month", "end_month"]]
    pairs = figures.reset_index(names="row").merge(spans, on=["family", "members"])
    meets = (pairs["start_month"] <= pairs["last"]) & (pairs["end_month"] >= pairs["first"])
    return rows.index.to_series().isin(pairs.loc[meets, "row"])


def folds(rows: pd.DataFrame, by: str) -> Iterator[Fold]:
    """What is left out together, one after the other.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.country_panel.observations`.
    by : {"quarter", "family", "kind"}
        What is left out. The quarter is that of the middle of a figure's period.

    Raises
    ------
    InputError
        For another `by`.
    """
    arguments.chosen(by, "by", checks.BY)
    labels = rows["month"].dt.to_period("Q").astype(str) if by == "quarter" else rows[by]
    figures = is_figure(rows)
    fold_of = labels.map(_dealt(labels, by, figures))
    for name in sorted(fold_of[figures].unique()):
        hidden = figures & fold_of.eq(name)
        # With a family or a kind all goes that it says; with a quarter what tells of its figures.
        gone = hidden | _reaching_into(rows, hidden) if by == "quarter" else fold_of.eq(name)
        lists = rows.loc[hidden, "list_id"].dropna().unique()
        # What a list says besides its figures (remainder, ceilings, zeros) goes with them.
        gone = gone | (~figures & rows["list_id"].isin(lists))
        yield Fold(str(name), labels[hidden], ~gone)


def _group(kinds: pd.Series) -> np.ndarray:
    choices = [kinds.isin(_MAP_KINDS), kinds.eq(_VENDOR_KIND)]
    return np.select(choices, checks.GROUPS[:2], checks.GROUPS[2])


def worst_rhat(shares: np.ndarray, chains: int) -> float:
    """The largest split R-hat of the logarithms of all shares.

    Parameters
    ----------
    shares : ndarray
        Draw x month x code, draws of one chain after those of another.
    chains : int
        How many chains there are.

    Notes
    -----
    Each chain is split into two (Gelman and others 2013, *Bayesian Data Analysis*, 11.4).
    """
    import arviz

    length = len(shares) // (2 * chains)
    halves = np.log(np.maximum(shares[: 2 * chains * length], 1e-12))
    data = arviz.convert_to_dataset(
        {"share": halves.reshape(2 * chains, length, *shares.shape[1:])}
    )
    # What stands still, such as a fake, has none.
    return float(arviz.rhat(data, method="identity")["share"].max())


def _predicted(
    rows: pd.DataFrame, fold: Fold, seed: int, sample: Sample | None
) -> tuple[np.ndarray, dict[str, Any]]:
    """Draws of the figures of a fold from the posterior of all others, and how the chains did."""
    if sample is None:
        # Only here: to read what is kept, the sampler need not be installed.
        from hashrate_migration.country_panel import posterior as sampler

        sample = sampler.sample
    assert sample is not None
    known = rows[fold.known].reset_index(drop=True)
    codes = [*estimates.countries(), REST]
    posterior = sample(
        known, model.months(), codes, chains=CHAINS, warmup=WARMUP, draws=DRAWS, pilot=0, seed=seed
    )
    draws = posterior.predict(rows.loc[fold.labels.index].reset_index(drop=True), seed)
    divergences = getattr(posterior, "divergences", None)
    about = {
        "fold": fold.name,
        "figures": len(fold.labels),
        "divergences": None if divergences is None else int(divergences),
        "rhat_max": round(worst_rhat(posterior.shares, posterior.chains), _DECIMALS),
    }
    return np.asarray(draws, dtype=np.float32), about


def _key(rows: pd.DataFrame, fold: Fold, seed: int) -> str:
    """Checksum of all that the draws of a fold depend on."""
    here = Path(__file__).resolve().parent
    # Texts and days as text: a checksum of objects would depend on how they are stored.
    told = rows.astype(str).to_csv(index=False)
    out = [fold.name, fold.labels.to_csv(), fold.known.to_csv()]
    sizes = [CHAINS, WARMUP, DRAWS, seed, str(model.months()[-1]), estimates.countries()]
    code = [sha256(here / name) for name in FITTED_BY]
    return hashlib.sha256(repr([told, out, sizes, code]).encode()).hexdigest()[:24]


def cache_folder() -> Path:
    """Where finished folds lie until the table is made: in the user's folder of caches."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "hashrate-migration" / "validation"


def _kept_fold(path: Path) -> tuple[np.ndarray, dict[str, Any]] | None:
    try:
        with np.load(path) as kept:
            return kept["draws"], json.loads(str(kept["about"]))
    # One that was being written when the machine stopped counts as none.
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _one_thread() -> None:
    """One processor for each process: folds run beside one another."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")


def _finished(
    rows: pd.DataFrame, fold: Fold, seed: int, sample: Sample | None, cache: Path | None
) -> tuple[np.ndarray, dict[str, Any]]:
    """The draws of a fold, kept or made now."""
    path = None if cache is None else cache / f"{_key(rows, fold, seed)}.npz"
    if path is not None and (kept := _kept_fold(path)):
        return kept
    draws, about = _predicted(rows, fold, seed, sample)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{os.getpid()}.tmp")
        with half.open("wb") as file:
            np.savez_compressed(file, draws=draws, about=json.dumps(about))
        half.replace(path)
    return draws, about


def _scored(rows: pd.DataFrame, by: str, fold: Fold, draws: np.ndarray, seed: int) -> pd.DataFrame:
    """The figures of a fold with what was predicted and what it was worth."""
    hidden = rows.loc[fold.labels.index].reset_index(drop=True)
    shown = ["estimate_id", "month", "members", "kind", "family", "source_id", "share_pct"]
    part = hidden[shown].copy()
    part.insert(0, "left_out", fold.labels.to_numpy())
    part.insert(0, "fold", fold.name)
    part.insert(0, "by", by)
    part.insert(part.columns.get_loc("share_pct"), "group", _group(part["kind"]))
    figures = hidden["log_odds"].to_numpy()
    tables = [part, checks.scores(draws, figures)]
    known = rows[fold.known & is_figure(rows)]
    for name, yardstick in zip(checks.YARDSTICKS, (yardsticks.lines, yardsticks.walk), strict=True):
        drawn = yardstick(known, hidden, len(draws), seed)
        tables.append(checks.scores(drawn, figures).add_prefix(f"{name}_"))
    return pd.concat(tables, axis=1)


def run(
    by: str,
    jobs: int = 1,
    progress: bool = False,
    *,
    rows: pd.DataFrame | None = None,
    sample: Sample | None = None,
    cache: Path | None = None,
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Leave out one after the other, sample the posterior from the rest and predict.

    Parameters
    ----------
    by : {"quarter", "family", "kind"}
        What is left out.
    jobs : int
        Folds that run beside one another, each in a process of its own.
    progress : bool
        Whether to say on the error stream which fold is done.
    rows : DataFrame, optional
        Default: :func:`hashrate_migration.country_panel.observations`.
    sample : callable, optional
        In place of ``posterior.sample``.
    cache : Path, optional
        Folder of finished folds, which are not run again.

    Returns
    -------
    DataFrame
        One row per figure, as :func:`table`.
    list of dict
        By fold: by, fold, figures, divergences and rhat_max.

    Raises
    ------
    InputError
        For another `by`, or jobs that are no number of 1 or more.
    """
    arguments.whole(jobs, "jobs", 1)
    rows = estimates.observations() if rows is None else rows
    asked = [(fold, SEED + place) for place, fold in enumerate(folds(rows, by))]
    done: dict[str, tuple[np.ndarray, dict[str, Any]]] = {}

    def finish(name: str, result: tuple[np.ndarray, dict[str, Any]]) -> None:
        done[name] = result
        if progress:
            print(f"{by} {len(done)}/{len(asked)}: {name}", file=sys.stderr, flush=True)

    if jobs == 1:
        for fold, seed in asked:
            finish(fold.name, _finished(rows, fold, seed, sample, cache))
    else:
        # Started anew, not forked: a library with threads of its own does not survive a fork.
        with ProcessPoolExecutor(jobs, get_context("spawn"), _one_thread) as pool:
            running = {
                pool.submit(_finished, rows, fold, seed, sample, cache): fold.name
                for fold, seed in asked
            }
            try:
                for future in as_completed(running):
                    finish(running[future], future.result())
            except BaseException:
                # What has not begun need not; what has is kept when it ends.
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    parts = [_scored(rows, by, fold, done[fold.name][0], seed) for fold, seed in asked]
    about = [{"by": by} | done[fold.name][1] for fold, _seed in asked]
    return pd.concat(parts, ignore_index=True), about


def _made_from() -> dict[str, Any]:
    """Versions, options and checksums of today."""
    return {
        "method": METHOD_VERSION,
        "panel_method": PANEL_METHOD,
        "quarter_folds": QUARTER_FOLDS,
        "family_alone": FAMILY_ALONE,
        "family_folds": FAMILY_FOLDS,
        "chains": CHAINS,
        "warmup": WARMUP,
        "draws": DRAWS,
        "seed": SEED,
        **checksums(Path(__file__).resolve().parent, CODE, TABLES),
    }


def write(
    jobs: int = 1,
    progress: bool = True,
    *,
    sample: Sample | None = None,
    cache: Path | None = None,
) -> list[Path]:
    """Leave out quarters, families and kinds, and keep what came of it.

    Finished folds stay in a folder of caches, so that what was stopped goes on where it was.

    Parameters
    ----------
    jobs, progress, sample
        See :func:`run`.
    cache : Path, optional
        Default: :func:`cache_folder`.

    Returns
    -------
    list of Path
        The table and its description.
    """
    made_from = _made_from()
    cache = cache_folder() if cache is None else cache
    results = [run(by, jobs, progress, sample=sample, cache=cache) for by in checks.BY]
    table = pd.concat([figures for figures, _about in results], ignore_index=True)
    about = [row for _figures, rows in results for row in rows]
    return _KEPT.write(table, made_from, _DECIMALS, diagnostics=about)


def description() -> dict[str, Any]:
    """What is written beside the table.

    Raises
    ------
    InputError
        If the table is not kept, or its description cannot be read.
    """
    return _KEPT.description()


def table() -> pd.DataFrame:
    """Every figure left out, with what was predicted for it, as kept.

    Returns
    -------
    DataFrame
        One row per figure and way: by (quarter, family or kind), fold, left_out (the quarter, family
        or kind), estimate_id, month (the middle of the figure's period), members, kind, family,
        source_id, group (map, vendor or other), share_pct (as published), then what
        :func:`hashrate_migration.country_panel.checks.scores` gives for the panel and, with the
        prefixes ``lines_`` and ``walk_``, for straight lines and for a random walk per country.

    Raises
    ------
    InputError
        If it is not kept, or is not what was kept.
    """
    whether = {
        f"{name}{what}": "boolean"
        for name in ("", *(f"{yardstick}_" for yardstick in checks.YARDSTICKS))
        for what in ("inside50", "inside90", "above")
    }
    return pd.read_csv(_KEPT.path(), dtype=whether, parse_dates=["month"])


def stale() -> list[str]:
    """What the kept table is older than.

    Returns
    -------
    list of str
        Parts of what it was made from that have changed since, such as ``code posterior.py``; empty
        if it belongs to today's code and tables.

    Raises
    ------
    InputError
        If it is not kept.
    """
    return _KEPT.stale(_made_from())
