"""Charts of power, of the sources of electricity, and of the seasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hashrate_migration.charts import colours
from hashrate_migration.charts.bands import band, finish
from hashrate_migration.charts.series import name_rows, stacked
from hashrate_migration.words import _, translated
from hashrate_migration.words.columns import COLUMNS

_LEAST_SHOWN = 0.005
"""Sources that never reach this part would be lines without a width."""


def source_names() -> dict[str, str]:
    """Sources of electricity as labels, in the order of a stack."""
    headings = {source: COLUMNS[f"{source}_pct"].heading for source in colours.SOURCES}
    return {source: translated(heading).capitalize() for source, heading in headings.items()}


def mix(ax: Axes, parts: pd.DataFrame) -> None:
    """Sources of electricity on top of one another, percent.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    parts : DataFrame
        By month: a column for each source of :data:`hashrate_migration.energy.SOURCES`, adding to one;
        other columns are left out.
    """
    shown = parts[list(colours.SOURCES)]
    shown = shown.loc[:, shown.max() > _LEAST_SHOWN]
    stacked(ax, 100 * shown, _("percent"), colours=colours.SOURCES, names=source_names())


def ranged_line(
    ax: Axes,
    monthly: pd.DataFrame,
    columns: tuple[str, str, str],
    unit: str,
    colour: str,
    other: pd.Series | None = None,
) -> None:
    """A line from zero with its range, and the line of somebody else.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    monthly : DataFrame
        Indexed by month.
    columns : tuple of str
        Names of the columns for the middle, the lower and the upper end.
    unit : str
        For the vertical axis.
    colour : str
        Of the line.
    other : Series, optional
        The same by another account, indexed by month; its name is shown.
    """
    band(ax, monthly.reset_index().assign(basis="measured"), colour, columns)
    ax.set_xlim(monthly.index[0], monthly.index[-1])
    if other is not None:
        ax.lines[0].set_label(_("here"))
        ax.plot(
            other.index, other, color=colours.INK, linestyle="--", linewidth=1.3, label=other.name
        )
        ax.legend(loc="lower left", ncols=2)
    finish(ax, unit, monthly[columns[2]].max() * 1.06)


def effects(ax: Axes, table: pd.DataFrame, unit: str) -> None:
    """Effects with their intervals to both sides of zero; names say how often each is above it.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        Indexed by what acts, the first on top: effect_mt, low_mt, high_mt and raised_pct.
    unit : str
        For the horizontal axis.
    """
    rows = np.arange(len(table))[::-1]
    ups = table["effect_mt"] > 0
    shades = [colours.RAISES if up else colours.LOWERS for up in ups]
    ax.hlines(rows, table["low_mt"], table["high_mt"], color=shades, linewidth=9, alpha=0.5)
    ax.scatter(
        table["effect_mt"], rows, marker="|", s=170, color=colours.INK, linewidths=2, zorder=4
    )
    ax.axvline(0, color=colours.SOFT, linewidth=0.9, zorder=1)
    names = [
        _(
            "{name}\n{effect:signed.1}, up in {part:percent}",
            name=name,
            effect=item["effect_mt"],
            part=item["raised_pct"],
        )
        for name, item in table.iterrows()
    ]
    name_rows(ax, rows, names)
    low, high = min(0.0, table["low_mt"].min()), max(0.0, table["high_mt"].max())
    room = 0.08 * (high - low)
    ax.set_xlim(low - room, high + room)
    ax.set_xlabel(unit)


def beside(ax: Axes, table: pd.DataFrame, unit: str) -> None:
    """Figures of others as marks, ours for the same period as a line with its range.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        Indexed by study and period, the first on top: value (missing for a range alone), theirs_low,
        theirs_high (missing for none), ours, low and high.
    unit : str
        For the horizontal axis.
    """
    rows = np.arange(len(table))[::-1]
    ax.hlines(rows, table["low"], table["high"], color=colours.CARBON, linewidth=8, alpha=0.35)
    ax.scatter(
        *(table["ours"], rows),
        marker="|",
        s=130,
        color=colours.CARBON,
        linewidths=2.2,
        zorder=3,
        label=_("here"),
    )
    ranged = (table["theirs_low"].notna() & table["theirs_high"].notna()).to_numpy()
    ax.hlines(
        *(rows[ranged], table["theirs_low"][ranged], table["theirs_high"][ranged]),
        color=colours.INK,
        linewidth=1.3,
        zorder=4,
    )
    value = table["value"].fillna((table["theirs_low"] + table["theirs_high"]) / 2)
    inside = ((value >= table["low"]) & (value <= table["high"])).to_numpy()
    for within, face, label in (
        (True, colours.INK, _("published, inside our range")),
        (False, "white", _("published, outside it")),
    ):
        own = inside == within
        ax.scatter(
            *(value[own], rows[own]),
            marker="D",
            s=34,
            facecolor=face,
            edgecolor=colours.INK,
            linewidth=1.1,
            zorder=5,
            label=label,
        )
    name_rows(ax, rows, [str(name) for name in table.index])
    ax.set_xlim(left=0)
    ax.set_xlabel(unit)


def annual_cycle(ax: Axes, cycle: pd.DataFrame) -> None:
    """A province's part of China: observed, without its season, and as forecast.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    cycle : DataFrame
        From :func:`hashrate_migration.energy.annual_cycle`.
    """
    pct = 100 * cycle[["level", "observed", "expected", "low", "high"]]
    ahead = pct[pct["low"].notna()]
    red, months = colours.CHINA, ahead.index
    ax.plot(pct.index, pct["level"], "--", color=colours.GREY, label=_("level without the season"))
    ax.plot(pct.index, pct["observed"], "o-", color=colours.INK, markersize=4, label=_("observed"))
    ax.plot(months, ahead["expected"], "s", color=red, label=_("expected"))
    ax.fill_between(months, ahead["low"], ahead["high"], color=red, alpha=0.25, linewidth=0)
    ax.set_xlim(pct.index[0], pct.index[-1] + pd.offsets.MonthEnd())
    finish(ax, _("percent of China's hashrate"), 1.3 * pct[["observed", "high"]].max().max())
    ax.legend(frameon=False, ncols=3, loc="upper center")


def two_worlds(ax: Axes, months: pd.DataFrame) -> None:
    """Intensity as it was, and with the shares of before the ban, each with its range.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    months : DataFrame
        From :func:`hashrate_migration.energy.ban_months`.
    """
    looks = [
        ("intensity_g_per_kwh", "", "o-", colours.INK, _("as it was")),
        ("without_ban_g_per_kwh", "without_", "s--", colours.CHINA, _("without the ban")),
    ]
    for column, prefix, line, colour, label in looks:
        ends = (months[f"{prefix}low_g_per_kwh"], months[f"{prefix}high_g_per_kwh"])
        ax.fill_between(months.index, *ends, color=colour, alpha=0.13, linewidth=0)
        ax.plot(months.index, months[column], line, color=colour, label=label)
    room = pd.Timedelta(days=5)  # for the marks of the first and the last month
    ax.set_xlim(months.index[0] - room, months.index[-1] + room)
    highest = months[["high_g_per_kwh", "without_high_g_per_kwh"]].max().max()
    finish(ax, "g CO2e/kWh", 1.2 * highest)
    ax.legend(frameon=False, ncols=2, loc="upper right")
