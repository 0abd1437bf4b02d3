"""Several small charts of one kind: countries of the panel, scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hashrate_migration.charts import colours
from hashrate_migration.charts.bands import band, finish, key_of_marks, marks
from hashrate_migration.tables import regions
from hashrate_migration.words import _, translated, values

_DASHES: dict[str, Any] = {
    "as it goes": "-",
    "US growth": "--",
    "second ban": "-.",
    "Kazakh power crisis": ":",
    "Gulf and Africa": (0, (5, 1, 1, 1, 1, 1)),
}
"""Line of each scenario, to tell them apart in grey."""

_MEASURES = {
    "percent": ("share_pct", "low", "high"),
    "EH/s": ("hashrate_ehs", "low_ehs", "high_ehs"),
}
"""Unit to the columns of the panel for middle, lower and upper end."""


def _country(
    ax: Axes, rows: pd.DataFrame, published: pd.DataFrame, unit: str, title: str = ""
) -> None:
    """One country's line, band and published figures."""
    columns = _MEASURES[unit]
    colour = regions.colour(str(rows["region"].iloc[0]))
    band(ax, rows, colour, columns)
    marks(ax, published, columns[0], colour)
    ax.set_xlim(rows["month"].iloc[0], rows["month"].iloc[-1] + pd.offsets.MonthEnd())
    top = max(rows[columns[2]].max(), published[columns[0]].max() if len(published) else 0)
    finish(ax, translated(unit), top * 1.1, title)


def height_of(count: int, columns: int = 2) -> float:
    """Height in inches of a figure of so many small charts."""
    return 2.3 + 1.75 * -(-count // columns)


def multiples(
    figure: Figure,
    panel: pd.DataFrame,
    published: pd.DataFrame,
    codes: Sequence[str],
    unit: str = "percent",
    columns: int = 2,
) -> None:
    """One small chart per country: line, band and every published figure.

    Parameters
    ----------
    figure : Figure
        Empty: ``charts.figure(…, axes=None)``.
    panel : DataFrame
        From :func:`hashrate_migration.panel`; the months to show.
    published : DataFrame
        From :func:`hashrate_migration.country_panel.published_figures`.
    codes : sequence of str
        Countries.
    unit : {"percent", "EH/s"}
        Shares or hashrate.
    columns : int
        Charts beside one another.
    """
    shown = published[published["month"].between(panel["month"].min(), panel["month"].max())]
    rows = -(-len(codes) // columns)
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[*[1] * rows, 0.36])
    for place, code in enumerate(codes):
        ax = figure.add_subplot(grid[divmod(place, columns)])
        own = panel[panel["region"] == code]
        # The name of a single country stands in the figure's title.
        title = values.name(code) if len(codes) > 1 else ""
        _country(ax, own, shown[shown["region"] == code], unit, title)
    kinds = shown.loc[shown["region"].isin(codes), "kind"].unique().tolist()
    key_of_marks(figure.add_subplot(grid[rows, :]), kinds)


def share_and_stock(
    figure: Figure, panel: pd.DataFrame, published: pd.DataFrame, code: str
) -> None:
    """One country's share above its hashrate, with bands and every published figure.

    Parameters are those of :func:`multiples`, for one country.
    """
    shown = published[published["region"].eq(code) & published["month"].ge(panel["month"].min())]
    own = panel[panel["region"] == code]
    upper, lower, key = figure.subplots(3, height_ratios=[1, 1, 0.24])
    _country(upper, own, shown, "percent")
    _country(lower, own, shown, "EH/s")
    key_of_marks(key, shown["kind"].unique().tolist())


def fans(
    figure: Figure,
    cases: pd.DataFrame,
    codes: Sequence[str],
    paths: pd.DataFrame | None = None,
) -> None:
    """One chart per country: median of each scenario, band and paths of the one without assumptions.

    Parameters
    ----------
    figure : Figure
        Empty: ``charts.figure(…, axes=None)``.
    cases : DataFrame
        From :func:`hashrate_migration.findings.outlook.scenarios`.
    codes : sequence of str
        Countries.
    paths : DataFrame, optional
        Some draws of :func:`hashrate_migration.findings.outlook.drawn`, drawn as thin lines.
    """
    rows = -(-len(codes) // 2)
    grid = figure.add_gridspec(rows + 1, 2, height_ratios=[*[1] * rows, 0.25])
    for place, code in enumerate(codes):
        ax = figure.add_subplot(grid[divmod(place, 2)])
        own = cases[cases["region"] == code]
        plain = own[own["scenario"] == "as it goes"]
        ax.fill_between(
            plain["month"], plain["low"], plain["high"], color=colours.PALE, alpha=0.4, linewidth=0
        )
        single = None if paths is None else paths[code].unstack("draw")
        if single is not None:
            ax.plot(single.index, single, color=colours.SOFT, alpha=0.35, linewidth=0.6, zorder=1)
        for name, line in _DASHES.items():
            case = own[own["scenario"] == name]
            ax.plot(case["month"], case["median"], color=colours.SCENARIOS[name], linestyle=line)
        ax.set_xlim(plain["month"].iloc[0], plain["month"].iloc[-1])
        top = max(plain["high"].max(), own["median"].max())
        if single is not None:
            top = max(top, single.max(axis=None))
        finish(ax, _("percent"), top * 1.08, values.name(code))
    key = figure.add_subplot(grid[rows, :])
    key.set_axis_off()
    handles = [
        Line2D([], [], color=colours.SCENARIOS[name], linestyle=line, label=translated(name))
        for name, line in _DASHES.items()
    ]
    if paths is not None:
        thin = Line2D([], [], color=colours.SOFT, alpha=0.6, linewidth=0.6, label=_("single paths"))
        handles.append(thin)
    key.legend(handles=handles, loc="center", ncols=3, frameon=False, fontsize=9)
