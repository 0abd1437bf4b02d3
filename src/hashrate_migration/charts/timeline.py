"""Events and phases on a time axis."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from hashrate_migration.charts.colours import INK, SOFT, TINT
from hashrate_migration.charts.labels import spread


def mark_events(
    ax: Axes, events: pd.DataFrame, colour: str = SOFT, span: tuple[float, float] = (0, 1)
) -> None:
    """A thin line at the date of each event.

    Parameters
    ----------
    ax : Axes
        With dates on its horizontal axis.
    events : DataFrame
        With a column ``date``.
    colour : str
        Of the lines.
    span : tuple of float
        Lower and upper end of the lines, in heights of the axes.
    """
    for date in events["date"].drop_duplicates():
        ax.axvline(date, *span, color=colour, linewidth=0.8, alpha=0.7, zorder=0.5)


def number_events(ax: Axes, events: pd.DataFrame, colour: str = SOFT) -> pd.DataFrame:
    """Lines at the dates of events, numbered above the axes for a table beside.

    Events of one day share a number. Numbers that would collide are moved apart and joined to
    their lines.

    Parameters
    ----------
    ax : Axes
        With dates on its horizontal axis, its limits set.
    events : DataFrame
        With a column ``date``, in order.
    colour : str
        Of the lines.

    Returns
    -------
    DataFrame
        The events with their ``number`` as the first column.
    """
    days = events["date"].drop_duplicates().reset_index(drop=True)
    left, right = ax.get_xlim()
    where = (mdates.date2num(days) - left) / (right - left)
    places = spread(where, 0.036)
    for number, (place, real) in enumerate(zip(places, where, strict=True), start=1):
        ax.plot(
            [real, real, place],
            [0, 1, 1.035],
            transform=ax.transAxes,
            color=colour,
            linewidth=0.8,
            alpha=0.75,
            clip_on=False,
            zorder=0.6,
        )
        ax.annotate(
            str(number),
            (place, 1.04),
            xycoords="axes fraction",
            ha="center",
            va="bottom",
            fontsize=8.5,
            color=INK,
            annotation_clip=False,
        )
    numbers = events["date"].map({day: number for number, day in enumerate(days, start=1)})
    return events.assign(number=numbers)[["number", *events.columns]]


def mark_points(ax: Axes, points: pd.DataFrame, colour: str = INK) -> None:
    """Dots on a line, each with its label above or below.

    Parameters
    ----------
    ax : Axes
        With dates on its horizontal axis.
    points : DataFrame
        Columns date, value, label and below (whether the label stands under the dot).
    colour : str
        Of the dots.
    """
    ax.scatter(points["date"], points["value"], color=colour, zorder=3)
    for point in points.itertuples():
        ax.annotate(
            str(point.label),
            (point.date, point.value),
            xytext=(0, -14 if point.below else 10),
            textcoords="offset points",
            ha="center",
            va="top" if point.below else "bottom",
            fontsize=9,
        )


def shade_phases(
    ax: Axes, phases: Sequence[tuple[pd.Timestamp, pd.Timestamp, str]], size: float = 9
) -> None:
    """Name phases along the top of the axes, with a tint behind every other one.

    Parameters
    ----------
    ax : Axes
        With dates on its horizontal axis, its limits set.
    phases : sequence of (start, end, name)
        In order, end excluded; a name may hold line breaks.
    size : float
        Points.
    """
    for index, (start, end, name) in enumerate(phases):
        if index % 2 == 0:
            ax.axvspan(start, end, color=TINT, linewidth=0, zorder=0)
        middle = (mdates.date2num(start) + mdates.date2num(end)) / 2
        ax.annotate(
            name,
            (middle, 1.02),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="bottom",
            fontsize=size,
            color=SOFT,
            linespacing=1.2,
            annotation_clip=False,
        )
