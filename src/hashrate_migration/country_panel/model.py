"""One panel of shares and hashrate by country and month, from every published estimate.

Line and band of a country are median and quantiles of the same draws of one posterior
(:mod:`hashrate_migration.country_panel.posterior`). The draws of the package's own tables are kept
(:mod:`hashrate_migration.country_panel.kept`); only other tables are fitted anew, which takes
minutes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from hashrate_migration import arguments, chronology
from hashrate_migration.country_panel import bands, kept
from hashrate_migration.country_panel.bands import (
    BAND,
    BAND_PCT,
    EXTRAPOLATED,
    INTERPOLATED,
    MEASURED,
)
from hashrate_migration.country_panel.kept import INPUTS, METHOD_VERSION
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.periods import When, month_window
from hashrate_migration.tables.read import version
from hashrate_migration.tables.regions import REST

if TYPE_CHECKING:
    from hashrate_migration.country_panel.posterior import Posterior

__all__ = [
    "BAND",
    "BAND_PCT",
    "EXTRAPOLATED",
    "INPUTS",
    "INTERPOLATED",
    "MEASURED",
    "METHOD_VERSION",
    "codes",
    "compare",
    "fit",
    "means",
    "months",
    "panel",
    "paths",
    "steps",
]

Kinds: TypeAlias = pd.DataFrame | str | Path | None


def months() -> pd.DatetimeIndex:
    """Months of the panel: January 2013 to the last whole month of network data."""
    last = network_hashrate().index[-1]
    return pd.date_range(chronology.PANEL_BEGINS, last, freq="MS", name="month").as_unit("us")


def codes() -> list[str]:
    """Regions of the kept panel: its countries, then ``OTH``."""
    return list(kept.description()["codes"])


@dataclass(frozen=True)
class _Asked:
    """What a panel is fitted to, compared by what is cheap to compare."""

    versions: tuple[tuple[Path, str], ...]
    handed_over: str
    table: pd.DataFrame | None = field(compare=False)
    kinds: Kinds = field(compare=False)
    progress: bool = field(compare=False)


def _digest(frame: pd.DataFrame) -> str:
    """Checksum of a frame's values and names."""
    values = pd.util.hash_pandas_object(frame).to_numpy().tobytes()
    return hashlib.sha256(values + repr([*frame.columns]).encode()).hexdigest()


def fit(
    table: pd.DataFrame | None = None, kinds: Kinds = None, *, progress: bool = False
) -> Posterior:
    """Sample the shares of all countries, given all estimates; takes minutes.

    Parameters
    ----------
    table : DataFrame, optional
        Estimates in the form of the table ``share_estimates``; default: that table.
    kinds : DataFrame or path, optional
        Errors of kinds that replace those of the table ``estimate_kinds``.
    progress : bool
        Whether to show how far the sampler is.

    Returns
    -------
    Posterior
        Remembered, so that asking again for the same costs nothing.

    Raises
    ------
    InputError
        For estimates or kinds that cannot enter, or without the packages of the extra ``fit``.
    """
    from hashrate_migration.country_panel import estimates

    if table is not None:
        arguments.instance(table, "table", pd.DataFrame, "a table of estimates")
    frames = [table, estimates.kinds(kinds)]
    handed_over = " ".join("-" if frame is None else _digest(frame) for frame in frames)
    versions = tuple(version(name) for name in INPUTS)
    return _fit(_Asked(versions, handed_over, table, kinds, progress))


@lru_cache(maxsize=4)
def _fit(asked: _Asked) -> Posterior:
    from hashrate_migration.country_panel import estimates, posterior

    rows = estimates.observations(asked.table, asked.kinds)
    try:
        return posterior.sample(
            rows,
            months(),
            [*estimates.countries(), REST],
            seed=kept.SEED,
            progress=asked.progress,
        )
    except ModuleNotFoundError as error:
        if not error.name or error.name.startswith("hashrate_migration"):
            raise
        raise InputError(
            f"To fit the panel {error.name} is needed, which is not installed; "
            'run pip install "hashrate-migration[fit]".'
        ) from None


def _is_own(table: pd.DataFrame | None, kinds: Kinds) -> bool:
    """Whether anything but the package's own tables is asked for."""
    return table is not None or kinds is not None


def panel(
    start: When | None = None,
    end: When | None = None,
    regions: Sequence[str] | None = None,
    *,
    table: pd.DataFrame | None = None,
    kinds: Kinds = None,
) -> pd.DataFrame:
    """Monthly share and hashrate of every country, with its band.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month, both included; default: January 2013 to the last month of the
        network's data.
    regions : sequence of str, optional
        Codes; default: all countries that an estimate located after the mining map ended, those
        of the mining map, and ``OTH``.
    table, kinds
        See :func:`fit`; without them the kept panel is read.

    Returns
    -------
    DataFrame
        One row per month and region: month, region, share_pct (the median of the draws), low, high
        (5 and 95 percent of the draws; percent of the network), hashrate_ehs, low_ehs, high_ehs and
        basis. Medians need not add to 100 within a month; what is to add up is taken from
        :func:`paths`. ``basis`` is ``measured`` (an estimate located machines there in that month),
        ``interpolated`` (between estimates) or ``extrapolated`` (before the first or after the last).

    Raises
    ------
    InputError
        For a month or region outside the panel, estimates that cannot enter, or a kept panel that
        belongs to other tables.

    Notes
    -----
    Hashrate is the share times the network's mean hashrate, whose own error is far smaller.
    """
    asked = None if regions is None else arguments.names(regions, "regions")
    if _is_own(table, kinds):
        from hashrate_migration.country_panel import estimates

        drawn = fit(table, kinds)
        rows = estimates.observations(table, kinds)
        whole = bands.summary(drawn.shares, drawn.months, drawn.codes, rows)
    else:
        whole = kept.table()
    span = pd.DatetimeIndex(whole["month"].unique())
    known = whole["region"].unique().tolist()
    low, high = month_window(start, end, span, "the panel")
    chosen = asked or known
    for code in chosen:
        if code not in known:
            raise InputError(f"Region {code!r} is not in the panel; it has: {', '.join(known)}.")
        if chosen.count(code) > 1:
            raise InputError(f"Region {code!r} is asked for twice; name it once.")
    result = whole[whole["month"].between(low, high) & whole["region"].isin(chosen)]
    if asked:
        places = result["region"].map({code: place for place, code in enumerate(chosen)})
        result = result.iloc[np.lexsort([places, result["month"]])]
    return result.reset_index(drop=True)


def _in_percent(drawn: kept.Kept | Posterior) -> pd.DataFrame:
    values = 100 * drawn.shares.astype(float)
    values *= 100 / values.sum(axis=2, keepdims=True)
    index = pd.MultiIndex.from_product([range(len(values)), drawn.months], names=["draw", "month"])
    columns = pd.Index(drawn.codes)
    return pd.DataFrame(values.reshape(-1, len(columns)), index=index, columns=columns)


@lru_cache(maxsize=2)
def _kept_in_percent(drawn: kept.Kept) -> pd.DataFrame:
    return _in_percent(drawn)


def paths(*, table: pd.DataFrame | None = None, kinds: Kinds = None) -> pd.DataFrame:
    """Whole paths of shares, drawn from what the estimates leave open.

    For sums and means over months and countries, for ranks and for "more than", of which bands of
    single months say nothing.

    Parameters
    ----------
    table, kinds
        See :func:`fit`; without them the kept draws are read.

    Returns
    -------
    DataFrame
        Indexed by draw and month, one column per region; percent, each row adds to 100.
    """
    if _is_own(table, kinds):
        return _in_percent(fit(table, kinds))
    # Pandas copies it when it is written to.
    return _kept_in_percent(kept.read()).copy(deep=False)


def means() -> pd.DataFrame:
    """Mean of the kept draws: where shares of several countries are to add up to the whole.

    Medians of a month need not add to 100, means do.

    Returns
    -------
    DataFrame
        Month x region, percent; each row adds to 100.
    """
    return _means(kept.read()).copy(deep=False)


@lru_cache(maxsize=2)
def _means(drawn: kept.Kept) -> pd.DataFrame:
    values = 100 * drawn.shares.mean(axis=0, dtype=float)
    values *= 100 / values.sum(axis=1, keepdims=True)
    return pd.DataFrame(values, index=drawn.months, columns=pd.Index(drawn.codes))


def steps(*, table: pd.DataFrame | None = None, kinds: Kinds = None) -> pd.DataFrame:
    """How far the log of a share goes in a month since the mining map ended.

    Parameters
    ----------
    table, kinds
        See :func:`fit`; without them the kept draws are read.

    Returns
    -------
    DataFrame
        Indexed by draw, one column per region: the standard deviation of a month's step.
    """
    drawn = fit(table, kinds) if _is_own(table, kinds) else kept.read()
    index = pd.RangeIndex(len(drawn.steps), name="draw")
    return pd.DataFrame(drawn.steps.astype(float), index=index, columns=pd.Index(drawn.codes))


def compare(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """What a change of estimates does to the panel.

    Parameters
    ----------
    before, after : DataFrame
        From :func:`panel`, over the same months.

    Returns
    -------
    DataFrame
        Indexed by region, the largest change first: the month of the largest change of its
        share, before_pct and after_pct in that month, and change (percentage points).
    """
    keys = ["month", "region"]
    both = before[[*keys, "share_pct"]].merge(
        after[[*keys, "share_pct"]], on=keys, suffixes=("_before", "_after")
    )
    both["change"] = both["share_pct_after"] - both["share_pct_before"]
    largest = both.loc[both.groupby("region")["change"].apply(lambda moves: moves.abs().idxmax())]
    largest = largest.rename(
        columns={"share_pct_before": "before_pct", "share_pct_after": "after_pct"}
    )
    order = largest["change"].abs().sort_values(ascending=False, kind="stable").index
    return largest.loc[order].set_index("region")[["month", "before_pct", "after_pct", "change"]]
