"""Pictures of flows: Sankey and chord diagrams, intervals, arrivals by kind of origin."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from pycirclize import Circos

from hashrate_migration.charts import colours
from hashrate_migration.charts.colours import INK, SOFT
from hashrate_migration.charts.labels import spread
from hashrate_migration.charts.series import name_rows
from hashrate_migration.tables import regions
from hashrate_migration.words import N_, _, translated, values
from hashrate_migration.words.columns import COLUMNS

ACCOUNTS = {"new": N_("new machines"), "retired": N_("running nowhere")}
"""Origins and destinations of flows that are no regions."""

KINDS = {
    "abroad": N_("from China to abroad"),
    "back": N_("switched on again in China"),
    "others": N_("others"),
    "new": N_("new machines"),
}
"""Kinds of arrivals, from the bottom of a stack up. Others: between other countries, or from them to
China."""

_KIND_COLOURS = {
    "abroad": colours.CHINA,
    "back": colours.CHINA_PALE,
    "others": colours.GREY,
    "new": colours.NEW_MACHINES,
}

_ACCOUNT_COLOURS = {"new": colours.NEW_MACHINES, "retired": colours.RETIRED}


def party(code: str) -> str:
    """Name of an origin or a destination: a region, or one of :data:`ACCOUNTS`."""
    return translated(ACCOUNTS[code]) if code in ACCOUNTS else values.name(code)


def arrived(code: str, origin: str) -> str:
    """Name of a destination of what left an origin, which may be the origin itself."""
    return _("in {country:place} again", country=code) if code == origin else party(code)


def method_name(code: str) -> str:
    """Name of a method of estimation, as tables head its column."""
    return translated(COLUMNS[code].heading)


_BELOW = 0.3
"""How far below the bar of its row a mark stands, rows being 1 apart."""


_ROUNDS = 30
"""The height of a picture of flows and that of its labels settle within fewer."""


def _colour(code: str) -> str:
    return _ACCOUNT_COLOURS.get(code) or regions.colour(code)


def _stack(sizes: pd.Series, gap: float, apart: float) -> tuple[dict[str, float], float]:
    """Lower end of each box in a column, largest on top, and the upper end of the column.

    Boxes leave a gap, and their middles are so far apart that each has its label beside it.
    """
    places: dict[str, float] = {}
    top = middle = -np.inf
    for code, size in sizes.sort_values().items():
        middle = max(top + gap, middle + apart - float(size) / 2, 0.0) + float(size) / 2
        places[str(code)], top = middle - float(size) / 2, middle + float(size) / 2
    return places, top


def sankey(ax: Axes, pairs: pd.DataFrame) -> None:
    """Flows as bands from a column of origins to a column of destinations.

    Parameters
    ----------
    ax : Axes
        Where to draw; its frame is taken away.
    pairs : DataFrame
        Columns origin, destination and flow_ehs; rows without flow are left out. With low_ehs and
        high_ehs, each destination of a single origin is labelled with its interval too.
    """
    pairs = pairs[pairs["flow_ehs"] > 0]
    ranged = "low_ehs" in pairs and pairs["destination"].is_unique
    known = pairs.set_index("destination") if ranged else pd.DataFrame()

    def label(code: str, size: float, side: str) -> str:
        if side == "right" or not ranged:
            return f"{party(code)}  {values.number(size, 1)}"
        row = known.loc[code]
        said = values.banded([size, row["low_ehs"], row["high_ehs"]], 1)
        return f"{arrived(code, str(row['origin']))}  {said}"

    left = pairs.groupby("origin")["flow_ehs"].sum()
    right = pairs.groupby("destination")["flow_ehs"].sum()
    total = left.sum()
    part, tall = (0.056 if ranged else 0.046), total
    # A label has a height on paper; what that is in EH/s follows from the height of the columns.
    for _round in range(_ROUNDS):
        (starts, left_top), (ends, right_top) = (
            _stack(sizes, 0.035 * total, part * tall) for sizes in (left, right)
        )
        tall = max(left_top, right_top)
    # The shorter column is set in the middle of the taller.
    for places, top in ((starts, left_top), (ends, right_top)):
        places.update({code: place + (tall - top) / 2 for code, place in places.items()})
    used_left, used_right = dict(starts), dict(ends)
    order = pairs.assign(
        from_=pairs["origin"].map(starts), to=pairs["destination"].map(ends)
    ).sort_values(["from_", "to"])
    for row in order.itertuples():
        y0, y1, size = used_left[row.origin], used_right[row.destination], row.flow_ehs
        used_left[row.origin] += size
        used_right[row.destination] += size
        band = [(0, y0), (0.5, y0), (0.5, y1), (1, y1)]
        back = [(1, y1 + size), (0.5, y1 + size), (0.5, y0 + size), (0, y0 + size)]
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
        ax.add_patch(
            PathPatch(
                Path([*band, *back], codes),
                facecolor=_colour(row.destination if row.origin != "new" else "new"),
                alpha=0.55,
                linewidth=0,
            )
        )
    bottom = 0.0
    for places, sizes, x, side in ((starts, left, -0.03, "right"), (ends, right, 1.0, "left")):
        middles = np.array([places[code] + sizes[code] / 2 for code in places])
        spots = spread(middles, part * tall)
        bottom = min(bottom, float(spots.min()))
        for code, spot in zip(places, spots, strict=True):
            ax.add_patch(
                Rectangle(
                    (x, places[code]), 0.03, sizes[code], facecolor=_colour(code), linewidth=0
                )
            )
            ax.annotate(
                label(code, float(sizes[code]), side),
                (x - 0.012 if side == "right" else x + 0.042, spot),
                ha=side,
                va="center",
                # A picture of a single origin leads a page: it is read on a phone too.
                fontsize=11 if ranged else 9,
                color=INK,
            )
    ax.set_xlim(-0.32, 1.78 if ranged else 1.36)
    # A label that lies below the axes would not be drawn at all.
    ax.set_ylim(bottom - 0.02 * tall, 1.04 * tall)
    ax.set_axis_off()


def chord(ax: Axes, pairs: pd.DataFrame) -> None:
    """Flows between regions as a chord diagram, in the colour of their origin.

    Parameters
    ----------
    ax : Axes
        Polar axes.
    pairs : DataFrame
        Columns origin, destination and flow_ehs, regions only.
    """
    codes = pd.unique(pairs[["origin", "destination"]].to_numpy().ravel())
    matrix = (
        pairs.pivot(index="origin", columns="destination", values="flow_ehs")
        .reindex(index=codes, columns=codes)
        .fillna(0.0)
    )
    names = {code: party(code) for code in codes}
    diagram = Circos.chord_diagram(
        matrix.rename(index=names, columns=names),
        space=5,
        r_lim=(92, 97),
        cmap={names[code]: _colour(code) for code in codes},
        label_kws={"size": 9.5, "r": 101, "color": INK, "orientation": "vertical"},
        link_kws={"ec": "white", "lw": 0.3, "direction": 1},
    )
    diagram.plotfig(ax=ax)


def intervals(
    ax: Axes,
    table: pd.DataFrame,
    points: dict[str, pd.Series],
    unit: str,
) -> None:
    """Bounds, intervals and point estimates, one row per destination, marks below the bars.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        Indexed by destination, the first on top: bound_low, bound_high, low, median and high.
    points : dict
        Code of a method to its estimates by destination.
    unit : str
        For the horizontal axis.
    """
    rows = np.arange(len(table))[::-1]
    ax.hlines(
        rows, table["bound_low"], table["bound_high"], color=colours.FAINT, linewidth=2, zorder=1
    )
    shades = [_colour(str(code)) for code in table.index]
    ax.hlines(rows, table["low"], table["high"], color=shades, linewidth=8, alpha=0.55, zorder=2)
    ax.scatter(table["median"], rows, marker="|", s=160, color=INK, zorder=4, linewidths=2)
    for marker, (name, found) in zip("osD^", points.items(), strict=False):
        ax.scatter(
            found.reindex(table.index).fillna(0.0),
            rows - _BELOW,
            marker=marker,
            s=34,
            facecolor="white",
            edgecolor=INK,
            linewidth=1,
            zorder=3,
            label=method_name(name),
        )
    name_rows(ax, rows, [party(str(code)) for code in table.index])
    ax.set_xlim(left=-0.4)
    ax.set_ylim(-0.65, len(table) - 0.65)
    ax.set_xlabel(unit)
    ax.legend(loc="lower right", fontsize=9, title=_("point estimates"), title_fontsize=9)


def arrivals(ax: Axes, table: pd.DataFrame, unit: str) -> None:
    """Arrivals by month as stacked bars.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        Month x kind of :data:`KINDS`, EH/s, the first at the bottom.
    unit : str
        For the vertical axis.
    """
    bottom = np.zeros(len(table))
    places = np.arange(len(table))
    for kind in table:
        colour, label = _KIND_COLOURS[str(kind)], translated(KINDS[str(kind)])
        ax.bar(places, table[kind], bottom=bottom, color=colour, width=0.75, label=label)
        bottom += table[kind].to_numpy()
    ax.set_xticks(places, [values.short_month(month) for month in table.index])
    ax.set_ylabel(unit)
    ax.set_ylim(0, bottom.max() * 1.05)
    handles, names = ax.get_legend_handles_labels()
    ax.legend(
        handles[::-1],
        names[::-1],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        fontsize=9,
    )


def compared(ax: Axes, table: pd.DataFrame, unit: str) -> None:
    """Intervals of several figures, each by what it rests on, one group of rows under the other.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        One row per interval: group, label, low, median and high. The first group is on top; within a
        group the colour grows darker. Of several groups each has its name above its rows.
    unit : str
        For the horizontal axis.
    """
    labels = list(table["label"].unique())
    groups = list(table["group"].unique())
    shades = dict(zip(labels, np.linspace(0.25, 1.0, len(labels)), strict=True))
    several = len(groups) > 1
    # A row for the name of each group, and one that stays empty after it.
    height = len(labels) + 1.6
    rows = np.array(
        [
            -(groups.index(row.group) * height + several + labels.index(row.label))
            for row in table.itertuples()
        ]
    )
    for row, item in zip(rows, table.itertuples(), strict=True):
        ax.hlines(
            row,
            item.low,
            item.high,
            color=colours.ASSUMPTION,
            linewidth=7,
            alpha=0.75 * shades[item.label],
        )
    ax.scatter(table["median"], rows, marker="|", s=110, color=INK, zorder=4, linewidths=2)
    heads = groups if several else []
    places = [*rows, *(-place * height for place in range(len(heads)))]
    name_rows(ax, np.array(places), [*table["label"], *heads])
    # The font has one weight: names of groups stand out by their colour.
    for name in ax.get_yticklabels()[: len(rows) if several else 0]:
        name.set_color(SOFT)
    ax.set_xlim(left=0)
    ax.set_ylim(rows.min() - 0.8, 0.8)
    ax.set_xlabel(unit)


def moves(ax: Axes, table: pd.DataFrame, errors: pd.DataFrame, limit: float, unit: str) -> None:
    """How far each assumption moves several figures, the most effective on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        Indexed by the names of the assumptions, a column per figure (its name), signed.
    errors : DataFrame
        Of the same form: how far each move may be off, either way.
    limit : float
        A move of this size, either way, is marked by lines.
    unit : str
        For the horizontal axis.
    """
    rows = np.arange(len(table))[::-1]
    for edge in (-limit, limit):
        ax.axvline(edge, color=SOFT, linewidth=1, linestyle="--")
    ax.axvline(0, color=SOFT, linewidth=0.8)
    for shift, marker, name in zip((0.24, 0.08, -0.08, -0.24), "osD^", table, strict=False):
        ax.hlines(
            rows + shift,
            table[name] - errors[name],
            table[name] + errors[name],
            color=SOFT,
            linewidth=1,
        )
        ax.scatter(
            table[name],
            rows + shift,
            marker=marker,
            s=30,
            facecolor="white",
            edgecolor=INK,
            linewidth=1,
            zorder=3,
            label=name,
        )
    name_rows(ax, rows, list(table.index))
    ax.set_ylim(-0.7, len(table) - 0.3)
    ax.set_xlabel(unit)
    # The key stands below the axes: marks may lie anywhere in them.
    ax.legend(
        loc="upper right", bbox_to_anchor=(1.0, -0.13), ncols=2, fontsize=9, columnspacing=1.2
    )


def stepped(
    ax: Axes, by_day: pd.DataFrame, levels: pd.DataFrame, steps: list[pd.Timestamp]
) -> None:
    """Hashrate by day and group, the level of the whole, and the days on which it stepped.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    by_day : DataFrame
        Day x group (its name), EH/s.
    levels : DataFrame
        date, hashrate_ehs, low_ehs and high_ehs of the whole.
    steps : list of Timestamp
        First days of new levels.
    """
    ax.fill_between(
        levels["date"], levels["low_ehs"], levels["high_ehs"], color=colours.NETWORK, alpha=0.2
    )
    ax.plot(
        levels["date"],
        levels["hashrate_ehs"],
        color=colours.NETWORK,
        linewidth=2,
        label=_("the network's level"),
    )
    looks = ((colours.CHINA, "-"), (SOFT, "-"), (INK, ":"))
    for name, (colour, style) in zip(by_day, looks, strict=False):
        ax.plot(
            by_day.index, by_day[name], color=colour, linestyle=style, linewidth=1.6, label=name
        )
    for day in steps:
        ax.axvline(day, color=SOFT, linewidth=1, linestyle="--")
    ax.set_ylim(bottom=0)
    ax.set_ylabel("EH/s")
    days = pd.date_range(by_day.index[0], by_day.index[-1], freq="10D")
    ax.set_xticks(days, [values.short_day(day) for day in days])
    ax.legend(loc="upper right", fontsize=9)
