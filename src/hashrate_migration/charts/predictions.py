"""Predictions beside what came: figures against their bands, and where in them they lie."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter
from scipy.stats import binom

from hashrate_migration.charts.colours import ASSUMPTION, FAINT, GREY, INK, PALE
from hashrate_migration.words import _, translated, values

_CHANCE = (0.05, 0.95)
"""Quantiles of the counts that chance alone would give."""


def _percent_scale(ax: Axes) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda place, _position: values.small(place)))
        axis.set_minor_formatter(NullFormatter())


def observed_against_predicted(axes: np.ndarray, groups: Mapping[str, pd.DataFrame]) -> None:
    """Published figures over what was predicted for them, one chart per group; both scales logarithmic.

    Parameters
    ----------
    axes : ndarray of Axes
        As many as there are groups; those left over are hidden.
    groups : mapping
        Name in words to rows with the columns share_pct, median_pct, low90, high90 and inside90.
    """
    every = pd.concat(groups.values())
    low = min(every["share_pct"].min(), every["median_pct"].min()) / 1.5
    high = min(100.0, max(every["share_pct"].max(), every["median_pct"].max()) * 1.5)
    for ax, (name, rows) in zip(axes, groups.items(), strict=False):
        ax.plot([low, high], [low, high], color=FAINT, linewidth=1, zorder=1)
        for held, colour in ((True, GREY), (False, ASSUMPTION)):
            own = rows[rows["inside90"].astype(bool) == held]
            ends = own[["low90", "high90"]].clip(low, high)
            ax.hlines(
                own["share_pct"], ends["low90"], ends["high90"], color=colour, alpha=0.35, lw=0.8
            )
            ax.plot(
                *(own["median_pct"], own["share_pct"], "o" if held else "D"),
                color=colour,
                markersize=3,
                zorder=3,
            )
        ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
        _percent_scale(ax)
        ax.set_title(translated(name), loc="left", fontsize=10, color=INK)
        ax.set_xlabel(_("predicted, percent"))
    for ax in axes[len(groups) :]:
        ax.set_axis_off()
    axes[0].set_ylabel(_("published, percent"))
    held_mark, missed_mark = (
        Line2D([], [], color=colour, marker=mark, markersize=4, linewidth=0.8, label=label)
        for colour, mark, label in (
            (GREY, "o", _("band holds the figure")),
            (ASSUMPTION, "D", _("band misses it")),
        )
    )
    # Predictions follow the diagonal, and shares of many countries are small: the upper corner over it
    # is the emptiest, above all with few figures.
    fewest = min(range(len(groups)), key=lambda place: len([*groups.values()][place]))
    axes[fewest].legend(
        handles=[held_mark, missed_mark], loc="upper left", frameon=False, fontsize=8
    )


def forecast_bands(axes: np.ndarray, groups: Mapping[str, pd.DataFrame]) -> None:
    """Figures over time with the bands in which forecasts had put them, one chart per country.

    Parameters
    ----------
    axes : ndarray of Axes
        As many as there are groups.
    groups : mapping
        Name in words to rows of :func:`hashrate_migration.findings.forecasts.table`.
    """
    for ax, (name, rows) in zip(axes, groups.items(), strict=True):
        ax.vlines(
            rows["month"],
            rows["low90"],
            rows["high90"],
            color=PALE,
            linewidth=5,
            alpha=0.7,
            zorder=1,
        )
        ax.plot(rows["month"], rows["median_pct"], "_", color=GREY, markersize=7, zorder=2)
        for held, colour in ((True, INK), (False, ASSUMPTION)):
            own = rows[rows["inside90"].astype(bool) == held]
            ax.plot(
                *(own["month"], own["share_pct"], "o" if held else "D"),
                color=colour,
                markersize=3.5,
                zorder=3,
            )
        # The key stands above the highest band of the first chart.
        room = 1.35 if ax is axes[0] else 1.08
        ax.set_ylim(0, room * rows[["high90", "share_pct"]].max(axis=None))
        ax.set_title(name, loc="left", fontsize=10, color=INK)
        ax.set_ylabel(_("percent"))
    handles = [
        Line2D([], [], color=PALE, linewidth=5, label=_("band of the forecast")),
        Line2D([], [], color=GREY, marker="_", linestyle="", label=_("its median")),
        Line2D(
            [], [], color=INK, marker="o", markersize=4, linestyle="", label=_("published, inside")
        ),
        Line2D(
            *([], []),
            color=ASSUMPTION,
            marker="D",
            markersize=4,
            linestyle="",
            label=_("published, outside"),
        ),
    ]
    axes[0].legend(handles=handles, loc="upper right", ncols=2, frameon=False, fontsize=8)


def rank_bars(ax: Axes, counts: pd.Series, title: str = "") -> None:
    """How many figures lie in each part of their prediction, with what chance alone would give.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    counts : Series
        Count by lower end of the part (0 to 1), the parts of one width.
    title : str
        Of this chart.
    """
    width = 1 / len(counts)
    low, high = binom.ppf(_CHANCE, counts.sum(), width)
    ax.axhspan(low, high, color=PALE, alpha=0.4, linewidth=0)
    ax.axhline(counts.sum() * width, color=GREY, linewidth=0.8)
    ax.bar(counts.index + width / 2, counts, width=0.9 * width, color=ASSUMPTION)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, max(counts.max(), high) * 1.08)
    ax.set_xticks([0, 0.5, 1], [_("low end"), _("median"), _("high end")])
    ax.set_title(title, loc="left", fontsize=10, color=INK)
