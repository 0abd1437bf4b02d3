"""One panel of shares and hashrate by country and month, from every published estimate."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from hashrate_migration import arguments, chronology, periods
from hashrate_migration.country_panel import estimates
from hashrate_migration.country_panel.state_space import Smoothed, smooth
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.periods import When, month_window
from hashrate_migration.tables.read import version
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_

METHOD_VERSION = "1"
"""Raised whenever the method changes the panel's numbers."""

BAND = (0.05, 0.95)
"""Quantiles of the band."""

BAND_PCT = round(100 * (BAND[1] - BAND[0]))
"""Percent of the draws that lie within the band."""

INPUTS = ("mining_map", "share_estimates", "estimate_kinds", "network_daily", "network_power")
"""Tables from which the panel is made."""

MEASURED, INTERPOLATED, EXTRAPOLATED = N_("measured"), N_("interpolated"), N_("extrapolated")
"""What a month of a country rests on: an estimate that located machines there in that month; lies
between estimates; lies before the first or after the last."""


WIDEST_STEP = 5
"""At a step of 5, a share goes by more than a hundredfold in a month: no question about mining."""


@dataclass(frozen=True)
class Dynamics:
    """How fast shares may move.

    Attributes
    ----------
    walk_sd : float
        Standard deviation of a month's step of the log of a country's share. At 0.2 the bands
        hold about nine in ten of the estimates that were left out
        (:func:`hashrate_migration.country_panel.leave_out`); smaller steps hold fewer, larger
        ones are farther off in the middle.
    break_sd : float
        The same in the months of the break: machines left China, and some came back.
    break_start, break_end : str
        First and last month of the break; default: from the first month of the clearance to the one
        in which China is on the map again.
    """

    walk_sd: float = 0.2
    break_sd: float = 0.6
    break_start: str = f"{chronology.AFTER:%Y-%m}"
    break_end: str = f"{chronology.RETURN:%Y-%m}"

    def check(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        InputError
            Naming the number or month.
        """
        for name in ("walk_sd", "break_sd"):
            value = getattr(self, name)
            if not (arguments.is_number(value) and 0 < value <= WIDEST_STEP):
                raise InputError(
                    f"{name} = {arguments.shown(value)} is not a number above 0, up to {WIDEST_STEP}."
                )
        self.breaks()

    def breaks(self) -> pd.DatetimeIndex:
        """The months of the break."""
        first = periods.month(self.break_start, "break_start")
        last = periods.last_month(self.break_end, "break_end")
        if first > last:
            raise InputError(
                f"break_start = {self.break_start} is after break_end = {self.break_end}; swap them."
            )
        return pd.date_range(first, last, freq="MS")


DEFAULT = Dynamics()


def months() -> pd.DatetimeIndex:
    """Months of the panel: January 2013 to the last whole month of network data."""
    last = network_hashrate().index[-1]
    return pd.date_range(chronology.PANEL_BEGINS, last, freq="MS", name="month").as_unit("us")


@dataclass(frozen=True)
class _Asked:
    """What a panel is made from, compared by what is cheap to compare."""

    versions: tuple[tuple[Path, str], ...]
    handed_over: str
    dynamics: Dynamics
    table: pd.DataFrame | None = field(compare=False)
    kinds: pd.DataFrame | str | Path | None = field(compare=False)


@dataclass(frozen=True)
class _Fitted:
    """Estimates, and the path through them."""

    rows: pd.DataFrame
    path: Smoothed


def _digest(frame: pd.DataFrame) -> str:
    """Checksum of a frame's values and names."""
    values = pd.util.hash_pandas_object(frame).to_numpy().tobytes()
    return hashlib.sha256(values + repr([*frame.columns]).encode()).hexdigest()


def _fitted(
    table: pd.DataFrame | None, kinds: pd.DataFrame | str | Path | None, dynamics: Dynamics
) -> _Fitted:
    """Estimates and path; kept until a table of the package changes."""
    if table is not None:
        arguments.instance(table, "table", pd.DataFrame, "a table of estimates")
    arguments.instance(dynamics, "dynamics", Dynamics, "a Dynamics(…)")
    dynamics.check()
    frames = [table, estimates.kinds(kinds)]
    handed_over = " ".join("-" if frame is None else _digest(frame) for frame in frames)
    # The countries of the panel and the proxies among them stand in the table of regions.
    versions = tuple(version(name) for name in (*INPUTS, "regions"))
    return _fit(_Asked(versions, handed_over, dynamics, table, kinds))


@lru_cache(maxsize=8)
def _fit(asked: _Asked) -> _Fitted:
    rows = estimates.observations(asked.table, asked.kinds)
    codes, dynamics = [*estimates.countries(), REST], asked.dynamics
    path = smooth(rows, codes, months(), dynamics.walk_sd, dynamics.break_sd, dynamics.breaks())
    return _Fitted(rows, path)


def fit(
    table: pd.DataFrame | None = None,
    kinds: pd.DataFrame | str | Path | None = None,
    dynamics: Dynamics = DEFAULT,
) -> Smoothed:
    """Smooth the shares of all countries through all estimates.

    Parameters
    ----------
    table : DataFrame, optional
        Estimates in the form of the table ``share_estimates``; default: that table.
    kinds : DataFrame or path, optional
        Errors of kinds that replace those of the table ``estimate_kinds``.
    dynamics : Dynamics
        How fast shares may move.

    Returns
    -------
    Smoothed
        Kept, so that asking again for the same costs nothing.
    """
    return _fitted(table, kinds, dynamics).path


def _basis(rows: pd.DataFrame, span: pd.DatetimeIndex, codes: list[str]) -> pd.DataFrame:
    """Whether a month is measured, lies between estimates, or outside them."""
    basis = pd.DataFrame(EXTRAPOLATED, index=span, columns=codes)
    for code in codes:
        # A sum over several countries says where none of them is. The rest alone is seen in one:
        # together with the countries that the mining map did not list.
        own = rows[rows["members"] == code]
        if code == REST:
            on_map = rows["source_id"] == estimates.MAP_SOURCE
            own = rows[on_map & rows["members"].str.endswith(REST)]
        if own.empty:
            continue
        basis.loc[own["start_month"].min() : own["end_month"].max(), code] = INTERPOLATED
        located = own[own["locates"]]
        for start, end in set(zip(located["start_month"], located["end_month"], strict=True)):
            basis.loc[start:end, code] = MEASURED
    return basis


DRAWS_LIMITS = (100, 20_000)
"""Fewer draws make no band; more take gigabytes of memory and move nothing."""


def panel(
    start: When | None = None,
    end: When | None = None,
    regions: Sequence[str] | None = None,
    *,
    table: pd.DataFrame | None = None,
    kinds: pd.DataFrame | str | Path | None = None,
    dynamics: Dynamics = DEFAULT,
    draws: int = 1000,
    seed: int = 0,
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
    table, kinds, dynamics
        See :func:`fit`.
    draws : int
        Paths drawn for the band, 100 or more.
    seed : int
        Seed of the draws.

    Returns
    -------
    DataFrame
        One row per month and region: month, region, share_pct, low, high (percent of the
        network), hashrate_ehs, low_ehs, high_ehs and basis. The shares of a month add to 100; the
        bands do not. ``basis`` is ``measured`` (an estimate located machines there in that
        month), ``interpolated`` (between estimates) or ``extrapolated`` (before the first or
        after the last).

    Raises
    ------
    InputError
        For a month or region outside the panel, too few draws, or estimates that cannot enter.

    Notes
    -----
    The model is in :mod:`hashrate_migration.country_panel.state_space`. ``share_pct`` is the
    centre of the composition, the shares at the most likely log-ratios. Hashrate is the share times the
    network's mean hashrate, whose own error is far smaller.
    """
    arguments.draws_and_seed(draws, seed, *DRAWS_LIMITS)
    asked = None if regions is None else arguments.names(regions, "regions")
    fitted = _fitted(table, kinds, dynamics)
    path = fitted.path
    low, high = month_window(start, end, path.months, "the panel")
    chosen = asked or list(path.codes)
    for code in chosen:
        if code not in path.codes:
            raise InputError(
                f"Region {code!r} is not in the panel; it has: {', '.join(path.codes)}."
            )
        if chosen.count(code) > 1:
            raise InputError(f"Region {code!r} is asked for twice; name it once.")
    bands = np.quantile(path.draw(draws, seed), BAND, axis=0)
    basis = _basis(fitted.rows, path.months, path.codes)
    share, lower, upper = (
        pd.DataFrame(100 * values, index=path.months, columns=path.codes)
        for values in (path.shares(), *bands)
    )
    columns = {"share_pct": share, "low": lower, "high": upper, "basis": basis}
    stacked = {
        name: frame.loc[low:high, chosen].stack().rename_axis(["month", "region"])
        for name, frame in columns.items()
    }
    result = pd.DataFrame(stacked).reset_index()
    total = result["month"].map(network_hashrate(low, high)) / 100
    for name, source in (("hashrate_ehs", "share_pct"), ("low_ehs", "low"), ("high_ehs", "high")):
        result[name] = result[source] * total
    return result[
        [
            *("month", "region", "share_pct", "low", "high"),
            *("hashrate_ehs", "low_ehs", "high_ehs", "basis"),
        ]
    ]


def paths(
    draws: int = 1000,
    seed: int = 0,
    *,
    table: pd.DataFrame | None = None,
    kinds: pd.DataFrame | str | Path | None = None,
    dynamics: Dynamics = DEFAULT,
) -> pd.DataFrame:
    """Whole paths of shares, drawn from what the estimates leave open.

    For sums and means over months and countries, for which bands of single months say nothing.

    Parameters
    ----------
    draws : int
        How many.
    seed : int
        Seed; the same paths on which the bands of :func:`panel` rest.
    table, kinds, dynamics
        See :func:`fit`.

    Returns
    -------
    DataFrame
        Indexed by draw and month, one column per region; percent, each row adds to 100.
    """
    arguments.draws_and_seed(draws, seed, *DRAWS_LIMITS)
    path = fit(table, kinds, dynamics)
    values = 100 * path.draw(draws, seed)
    index = pd.MultiIndex.from_product([range(draws), path.months], names=["draw", "month"])
    return pd.DataFrame(
        values.reshape(-1, len(path.codes)), index=index, columns=pd.Index(path.codes)
    )


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
