"""Charts of shares and stocks over time, and of changes between two dates."""

from __future__ import annotations

from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, FuncFormatter, MaxNLocator

from hashrate_migration.charts.colours import FAINT, FLEET, GREY, INK, NETWORK, SOFT
from hashrate_migration.charts.labels import label_ends
from hashrate_migration.tables import regions
from hashrate_migration.words import _, values


def _looks(columns: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    return values.names(columns), {c: regions.colour(c) for c in columns}


def time_axis(ax: Axes) -> None:
    """Write dates as years, or as months over years where the axis is short."""
    low, high = ax.get_xlim()
    locator = mdates.AutoDateLocator(minticks=4, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    long = high - low > 6 * 366

    def written(place: float, _position: int) -> str:
        when = pd.Timestamp(mdates.num2date(place).replace(tzinfo=None))
        return values.year(when) if long else values.short_month(when)

    ax.xaxis.set_major_formatter(FuncFormatter(written))


def name_rows(ax: Axes, rows: np.ndarray, names: list[str]) -> None:
    """Rows with their names, and a grid for the values only."""
    ax.set_yticks(rows, names)
    ax.tick_params(axis="y", length=0, labelcolor=INK)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")


def lines(ax: Axes, frame: pd.DataFrame, unit: str) -> None:
    """One line per region, named at its end, from zero.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        Month x region.
    unit : str
        For the vertical axis.
    """
    names, colours = _looks(list(frame))
    for region in frame:
        ax.plot(frame.index, frame[region], color=colours[region])
    # To the end of the last month: events of that month lie within.
    ax.set_xlim(frame.index[0], frame.index[-1] + pd.offsets.MonthEnd())
    ax.set_ylim(0, frame.to_numpy().max() * 1.06)
    ax.set_ylabel(unit)
    time_axis(ax)
    label_ends(ax, frame.iloc[-1].to_dict(), names, colours)


def series_line(ax: Axes, series: pd.Series, unit: str, colour: str = NETWORK) -> None:
    """One line from zero over its own dates.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    series : Series
        Values by date.
    unit : str
        For the vertical axis.
    colour : str
        Of the line.
    """
    ax.plot(series.index, series, color=colour)
    ax.set_xlim(series.index[0], series.index[-1])
    ax.set_ylim(0, series.max() * 1.08)
    ax.set_ylabel(unit)
    time_axis(ax)


def growth_line(ax: Axes, series: pd.Series, colour: str = NETWORK) -> None:
    """One line of hashrate over its own dates on a logarithmic scale: equal slopes mean equal growth.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    series : Series
        EH/s by date, all above zero.
    colour : str
        Of the line.
    """
    ax.semilogy(series.index, series * 1e18, color=colour)
    ax.yaxis.set_major_formatter(EngFormatter("H/s"))
    ax.set_xlim(series.index[0], series.index[-1])
    ax.set_ylabel(_("hashes per second"))
    time_axis(ax)


def stacked(
    ax: Axes,
    frame: pd.DataFrame,
    unit: str,
    colours: dict[str, str] | None = None,
    names: dict[str, str] | None = None,
) -> None:
    """Areas on top of one another, the first column at the bottom, named with swatches at the right.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        Month x region.
    unit : str
        For the vertical axis.
    colours : dict, optional
        Colour by column; default: those of the regions.
    names : dict, optional
        Name by column; default: those of the regions.
    """
    if names is None:
        names, own = _looks(list(frame))
        colours = colours or own
    assert colours is not None
    ax.stackplot(
        frame.index,
        frame.T.to_numpy(),
        colors=[colours[c] for c in frame],
        edgecolor="white",
        linewidth=0.7,
    )
    ax.set_xlim(frame.index[0], frame.index[-1])
    ax.set_ylim(0, frame.sum(axis=1).max() * 1.02)
    ax.set_ylabel(unit)
    time_axis(ax)
    tops = frame.iloc[-1].cumsum()
    middles = (tops - frame.iloc[-1] / 2).to_dict()
    # Light areas get dark names: amber or grey letters on white are hard to read. A swatch says which
    # area is meant where the areas are thin at the right edge.
    label_ends(ax, middles, names, dict.fromkeys(names, INK), size=9, swatches=colours)


def dumbbell(
    ax: Axes,
    before: pd.Series,
    after: pd.Series,
    unit: str,
    labels: tuple[str, str],
) -> None:
    """Two values per region, joined by a bar; the order is that of `before`, top first.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    before, after : Series
        Value by region.
    unit : str
        For the horizontal axis.
    labels : tuple of str
        What the hollow and the full mark stand for.
    """
    order = list(before.index)
    names, colours = _looks(order)
    rows = np.arange(len(order))[::-1]
    for row, region in zip(rows, order, strict=True):
        ends = [before[region], after[region]]
        ax.plot(ends, [row, row], color=colours[region], linewidth=3, alpha=0.45, zorder=1)
        ax.scatter(
            ends[0],
            row,
            s=52,
            facecolor="white",
            edgecolor=colours[region],
            linewidth=1.8,
            zorder=3,
        )
        ax.scatter(ends[1], row, s=58, color=colours[region], zorder=4)
    name_rows(ax, rows, [names[region] for region in order])
    ax.set_xlim(left=0)
    ax.margins(x=0.04)
    ax.set_xlabel(
        _(
            "{unit}   (hollow: {before}, full: {after})",
            unit=unit,
            before=labels[0],
            after=labels[1],
        )
    )


def signed_bars(
    ax: Axes, table: pd.Series, unit: str, colours: dict[str, str] | None = None
) -> None:
    """Horizontal bars to both sides of zero, largest on top, with their values.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : Series
        Value by region.
    unit : str
        For the horizontal axis.
    colours : dict, optional
        Colour by region; default: those of the regions.
    """
    ordered = table.sort_values()
    names, own = _looks(list(ordered.index))
    colours = colours or own
    bars = ax.barh(
        [names[region] for region in ordered.index],
        ordered,
        color=[colours[region] for region in ordered.index],
        height=0.68,
    )
    signed = bool((table < 0).any())
    texts = [values.signed(v, 1) if signed else values.number(v, 1) for v in ordered]
    ax.bar_label(bars, texts, padding=4, color=INK, fontsize=9)
    ax.axvline(0, color=SOFT, linewidth=0.8)
    ax.margins(x=0.14)
    if not signed:
        ax.set_xlim(left=0)
    ax.tick_params(axis="y", length=0, labelcolor=INK)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(unit)


def rank_lines(ax: Axes, ranks: pd.DataFrame, country: str) -> None:
    """Ranks by month, one country in its colour and the others faint.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    ranks : DataFrame
        Month x country, 1 for the largest; missing where a country has no hashrate.
    country : str
        The country to show.
    """
    names, colours = _looks(list(ranks))
    for region in ranks.columns.drop(country):
        ax.plot(ranks.index, ranks[region], color=FAINT, linewidth=1.5)
    ax.plot(
        ranks.index,
        ranks[country],
        color=colours[country],
        linewidth=3,
        marker="o",
        markersize=4.5,
    )
    ax.set_ylim(len(ranks.columns) + 0.4, 0.6)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_yticks(range(1, len(ranks.columns) + 1))
    ax.set_xlim(ranks.index[0], ranks.index[-1])
    ax.set_ylabel(_("rank"))
    time_axis(ax)
    ends = ranks.iloc[-1].dropna().to_dict()
    label_ends(ax, ends, names, {c: colours[c] if c == country else SOFT for c in names}, size=9)


def named_lines(
    ax: Axes,
    frame: pd.DataFrame,
    unit: str,
    names: dict[str, str],
    colours: dict[str, str],
    dashes: dict[str, Any],
) -> None:
    """Percentages of things that are no regions, each with its colour and line, named at its end.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        Month x what, percent; missing months leave gaps.
    unit : str
        For the vertical axis.
    names, colours, dashes : dict
        Text, colour and line of each column.
    """
    for name in frame:
        ax.plot(frame.index, frame[name], color=colours[name], linestyle=dashes[name])
    ax.set_xlim(frame.index[0], frame.index[-1])
    ax.set_ylim(0, 100)
    ax.set_ylabel(unit)
    time_axis(ax)
    label_ends(ax, frame.iloc[-1].to_dict(), names, colours, size=9)


def fleet_and_frontier(ax: Axes, table: pd.DataFrame) -> None:
    """Energy per hash: the machines in use with their band, and the best machine on sale, dashed.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        From :func:`hashrate_migration.findings.hardware.frontier`.
    """
    ax.fill_between(
        table.index, table["fleet_low"], table["fleet_high"], color=FLEET, alpha=0.2, linewidth=0
    )
    fleet, bought = table["fleet_j_per_th"].dropna(), table["best_j_per_th"].dropna()
    ax.plot(fleet.index, fleet, color=FLEET)
    ax.plot(bought.index, bought, color=INK, linestyle="--", drawstyle="steps-post")
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda place, _position: values.number(place)))
    ax.set_xlim(table.index[0], table.index[-1])
    ax.set_ylabel("J/TH")
    time_axis(ax)


def ratio_line(ax: Axes, ratio: pd.Series, unit: str) -> None:
    """A ratio by month around one.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    ratio : Series
        By month.
    unit : str
        For the vertical axis.
    """
    ax.axhline(1, color=GREY, linewidth=0.8)
    ax.plot(ratio.index, ratio, color=NETWORK, linewidth=1.1)
    ax.set_xlim(ratio.index[0], ratio.index[-1])
    ax.set_ylabel(unit)
    time_axis(ax)
