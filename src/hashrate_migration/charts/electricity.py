"""Charts of power, of the sources of electricity, and of the seasons."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from hashrate_migration.charts import colours
from hashrate_migration.charts.bands import band, finish
from hashrate_migration.charts.series import stacked
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
    ax: Axes, monthly: pd.DataFrame, columns: tuple[str, str, str], unit: str, colour: str
) -> None:
    """A line from zero with its range.

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
    """
    band(ax, monthly.reset_index().assign(basis="measured"), colour, columns)
    ax.set_xlim(monthly.index[0], monthly.index[-1])
    finish(ax, unit, monthly[columns[2]].max() * 1.06)


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
    """Intensity as it was, and with the shares of before the ban.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    months : DataFrame
        From :func:`hashrate_migration.energy.no_ban`.
    """
    columns = ["intensity_g_per_kwh", "without_ban_g_per_kwh"]
    looks = [("o-", colours.INK, _("as it was")), ("s--", colours.CHINA, _("without the ban"))]
    for column, (line, colour, label) in zip(columns, looks, strict=True):
        ax.plot(months.index, months[column], line, color=colour, label=label)
    room = pd.Timedelta(days=5)  # for the marks of the first and the last month
    ax.set_xlim(months.index[0] - room, months.index[-1] + room)
    finish(ax, "g CO2e/kWh", 1.25 * months[columns].max().max())
    ax.legend(frameon=False, ncols=2, loc="upper right")
