"""The outlook in tables and figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hashrate_migration import charts, regions
from hashrate_migration.concentration import MEASURES

STYLES: dict[str, tuple[str, Any]] = {
    "as it goes": ("#222222", "-"),
    "US growth": ("#4189E0", "--"),
    "second ban": ("#D62F3A", "-."),
    "Kazakh power crisis": ("#B37A00", ":"),
    "Gulf and Africa": ("#2E7D5B", (0, (5, 1, 1, 1, 1, 1))),
}
"""Colour and line of each scenario; the lines tell them apart in grey."""


def concentration_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Measures of concentration with their bands, as text.

    Parameters
    ----------
    rows : DataFrame
        Rows of :func:`hashrate_migration.concentration.countries`.
    """
    digits = dict(zip(MEASURES, (3, 1, 0, 2), strict=True))
    table = {"month": [f"{month:%Y-%m}" for month in rows.index]}
    for name in MEASURES:
        d = digits[name]
        table[name.replace("_", " ")] = [
            f"{row[name]:.{d}f} ({row[f'{name}_low']:.{d}f}–{row[f'{name}_high']:.{d}f})"
            for _, row in rows.iterrows()
        ]
    return pd.DataFrame(table)


def fans(figure: Figure, cases: pd.DataFrame, codes: Sequence[str], language: str = "en") -> None:
    """One chart per country: median of each scenario, band of the one without assumptions.

    Parameters
    ----------
    figure : Figure
        From :func:`hashrate_migration.charts.new_figure`.
    cases : DataFrame
        From :func:`hashrate_migration.outlook.scenarios`.
    codes : sequence of str
        Countries.
    language : str
        Of the names.
    """
    rows = -(-len(codes) // 2)
    grid = figure.add_gridspec(rows + 1, 2, height_ratios=[*[1] * rows, 0.25])
    for place, code in enumerate(codes):
        ax = figure.add_subplot(grid[divmod(place, 2)])
        own = cases[cases["region"] == code]
        plain = own[own["scenario"] == "as it goes"]
        ax.fill_between(
            plain["month"], plain["low"], plain["high"], color="#BBBBBB", alpha=0.4, linewidth=0
        )
        for name, (colour, line) in STYLES.items():
            case = own[own["scenario"] == name]
            ax.plot(case["month"], case["median"], color=colour, linestyle=line)
        ax.set_xlim(plain["month"].iloc[0], plain["month"].iloc[-1])
        top = max(plain["high"].max(), own["median"].max())
        charts.finish(ax, "percent", top * 1.08, regions.name(code, language))
    key = figure.add_subplot(grid[rows, :])
    key.set_axis_off()
    handles = [
        Line2D([], [], color=colour, linestyle=line, label=name)
        for name, (colour, line) in STYLES.items()
    ]
    key.legend(handles=handles, loc="center", ncols=3, frameon=False, fontsize=9)


def final_table(cases: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Shares in the last month of every scenario, median and band."""
    last = cases[cases["month"] == cases["month"].max()].set_index(["scenario", "region"])
    table: dict[str, list[str]] = {"scenario": list(dict.fromkeys(cases["scenario"]))}
    for code in codes:
        table[regions.name(code)] = [
            f"{last.loc[(name, code), 'median']:.1f} ({last.loc[(name, code), 'low']:.1f}–"
            f"{last.loc[(name, code), 'high']:.1f})"
            for name in table["scenario"]
        ]
    return pd.DataFrame(table)
