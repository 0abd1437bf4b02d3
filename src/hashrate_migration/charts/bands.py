"""Estimates with their bands: lines of a panel, and the published figures as marks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from hashrate_migration.charts.colours import FAINT, GREY, INK, NETWORK, SOFT
from hashrate_migration.charts.series import name_rows, time_axis
from hashrate_migration.tables import regions
from hashrate_migration.words import N_, _, translated, values

MARKERS = {
    "pool_sample": ("o", N_("pool sample, machines by address")),
    "pool_sample_proxy": ("o", N_("pool sample, machines by address")),
    "vendor": ("s", N_("vendor")),
    "expert": ("^", N_("analyst")),
    "statement": ("v", N_("statement")),
    "power": ("D", N_("megawatts")),
    "survey": ("P", N_("survey of firms")),
    "power_use": ("d", N_("electricity used")),
    "undated": ("p", N_("no date")),
    "floor": ("2", N_("at least")),
    "power_floor": ("2", N_("at least")),
    "listed_floor": ("2", N_("at least")),
    "unlisted": ("1", N_("at most")),
    "before_mining": ("1", N_("at most")),
    "none_seen": ("1", N_("at most")),
    "pool_home": ("x", N_("home country of pools")),
}
"""Mark and short name by kind of estimate; shapes stay apart in grey."""

_STROKES = ("x", "1", "2")
"""Marks without an inside: they cannot be open."""

_OTHER = ("h", N_("other kinds"))
"""Mark and name of all kinds that have none of their own."""


def band(ax: Axes, rows: pd.DataFrame, colour: str, columns: tuple[str, str, str]) -> None:
    """A line with its band: full where measured or between estimates, dotted beyond them.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    rows : DataFrame
        Rows of one region of :func:`hashrate_migration.panel`, by month.
    colour : str
        Of the line; the band is the same, lighter.
    columns : tuple of str
        Names of the columns for the middle, the lower and the upper end.
    """
    middle, low, high = columns
    months = rows["month"]
    ax.fill_between(months, rows[low], rows[high], color=colour, alpha=0.22, linewidth=0)
    beyond = rows["basis"] == "extrapolated"
    ax.plot(months, rows[middle].where(~beyond), color=colour)
    # The first month known belongs to both, so that the line has no gap.
    edge = beyond | beyond.shift(1, fill_value=False) | beyond.shift(-1, fill_value=False)
    ax.plot(months, rows[middle].where(edge), color=colour, linestyle=":", linewidth=1.2)


def marks(ax: Axes, estimates: pd.DataFrame, column: str, colour: str) -> None:
    """Published estimates as marks, one shape per kind; open or faint where not used.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    estimates : DataFrame
        With the columns month, kind, enters and `column`.
    column : str
        What to draw.
    colour : str
        Of the marks.
    """
    for (kind, enters), rows in estimates.groupby(["kind", "enters"]):
        marker, _name = MARKERS.get(str(kind), _OTHER)
        small = str(kind).startswith("pool_sample")
        ax.plot(
            rows["month"],
            rows[column],
            marker,
            markersize=2.6 if small else 5,
            markeredgewidth=1.2 if marker in _STROKES else 0.8,
            markeredgecolor=colour if marker in _STROKES or not enters else INK,
            markerfacecolor=colour if enters else "white",
            alpha=0.85 if enters or marker not in _STROKES else 0.4,
            zorder=3,
        )


def mark_claims(ax: Axes, table: pd.DataFrame, labels: list[str]) -> None:
    """Claimed shares as stars, each with its label.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        With the columns month and claimed_pct.
    labels : list of str
        What to write at each.
    """
    ax.plot(
        *(table["month"], table["claimed_pct"], "*"),
        color=INK,
        markersize=13,
        zorder=5,
        clip_on=False,
    )
    for row, label in zip(table.itertuples(), labels, strict=True):
        # Under the star; beside it where there is no room below.
        low = row.claimed_pct < 0.1 * ax.get_ylim()[1]
        ax.annotate(
            label,
            (row.month, row.claimed_pct),
            xytext=(10, 5) if low else (0, -30),
            textcoords="offset points",
            ha="left" if low else "center",
            fontsize=9,
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )


def key_of_marks(ax: Axes, kinds: list[str], columns: int = 3) -> None:
    """Say what the marks mean, on an axes of its own.

    Parameters
    ----------
    ax : Axes
        Left without frame.
    kinds : list of str
        Kinds that occur.
    columns : int
        Entries beside one another.
    """
    ax.set_axis_off()
    named = {MARKERS[kind][1]: MARKERS[kind][0] for kind in MARKERS if kind in kinds}
    if set(kinds) - set(MARKERS):
        named[_OTHER[1]] = _OTHER[0]
    look: dict[str, Any] = {"linestyle": "", "color": SOFT, "markersize": 5}
    handles = [
        Line2D([], [], marker=mark, label=translated(text), **look) for text, mark in named.items()
    ]
    unused = _("open or faint: not used by the panel")
    handles.append(Line2D([], [], marker="o", markerfacecolor="white", label=unused, **look))
    ax.legend(handles=handles, loc="center", ncols=columns, frameon=False, fontsize=8.5)


def finish(ax: Axes, unit: str, top: float, title: str | None = None) -> None:
    """Limits from zero, unit and dates, and a small title for one of several axes."""
    ax.set_ylim(0, top)
    ax.set_ylabel(unit)
    time_axis(ax)
    if title:
        ax.set_title(title, loc="left", fontsize=10, color=INK)


def effective_number(ax: Axes, measured: pd.DataFrame, unit: str) -> None:
    """Effective number of countries or pools by month, with its band.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    measured : DataFrame
        From :mod:`hashrate_migration.findings.concentration`; months that are missing leave a gap.
    unit : str
        For the vertical axis.
    """
    rows = measured.asfreq("MS").rename_axis("month").reset_index().assign(basis="measured")
    names = ("effective_number", "effective_number_low", "effective_number_high")
    band(ax, rows, NETWORK, names)
    ax.set_xlim(rows["month"].iloc[0], rows["month"].iloc[-1])
    finish(ax, unit, measured[names[2]].max() * 1.08)


def ranged_bars(ax: Axes, table: pd.DataFrame, unit: str) -> None:
    """Bars from zero with their ranges; the first, a claim, hatched.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        Indexed by what: value, low and high (missing for none).
    unit : str
        For the horizontal axis.
    """
    rows = np.arange(len(table))[::-1]
    colours = ["white", *[GREY] * (len(table) - 1)]
    bars = ax.barh(rows, table["value"], height=0.55, color=colours, edgecolor=INK, linewidth=0.8)
    bars[0].set_hatch("///")
    ranged = table["low"].notna().to_numpy()
    ax.hlines(rows[ranged], table["low"][ranged], table["high"][ranged], color=INK, linewidth=1.4)
    # At the end of the bar; above the range where one begins there.
    far = table[["value", "high"]].max(axis=1).clip(lower=0)
    room = max(far.max() - min(0.0, table["value"].min()), 1e-9)
    for row, value, above in zip(rows, table["value"], ranged, strict=True):
        ax.annotate(
            values.signed(value) if table["value"].min() < 0 else values.number(value),
            (max(value, 0.0), row),
            xytext=(4, 2 if above else 0),
            textcoords="offset points",
            va="bottom" if above else "center",
            fontsize=9,
            color=INK,
        )
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlim(min(0.0, table["value"].min() * 1.15), far.max() + 0.12 * room)
    ax.set_xlabel(unit)
    name_rows(ax, rows, list(table.index))


def rank_ranges(ax: Axes, table: pd.DataFrame, country: str | None = None) -> None:
    """Ranks of countries with the range that they take.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        Indexed by country, the first at the top: low, median, high.
    country : str, optional
        One that stands out among the others.
    """
    rows = np.arange(len(table))[::-1]
    own = table.index == country
    lines = [SOFT if stands_out or country is None else FAINT for stands_out in own]
    ax.hlines(rows, table["low"], table["high"], colors=lines, linewidth=2)
    for row, code, median in zip(rows, table.index, table["median"], strict=True):
        ax.plot(
            median, row, "o", color=regions.colour(str(code)), markeredgecolor=INK, markersize=7
        )
    ax.set_xlim(0.5, len(table) + 0.5)
    ax.set_xlabel(_("rank"))
    name_rows(ax, rows, [values.name(str(code)) for code in table.index])
    for text, stands_out in zip(ax.get_yticklabels(), own, strict=True):
        text.set_color(INK if stands_out or country is None else SOFT)
