"""Reading the panel: single rows, the largest countries, tables by year, published figures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from hashrate_migration import chronology
from hashrate_migration.country_panel import estimates
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST
from hashrate_migration.words.values import banded, enough, number


def at(panel: pd.DataFrame, region: str, month: str | pd.Timestamp) -> pd.Series:
    """The panel's row of a region and month."""
    rows = panel[(panel["region"] == region) & (panel["month"] == pd.Timestamp(month))]
    return rows.iloc[0]


def largest(panel: pd.DataFrame, count: int) -> list[str]:
    """Countries with the highest share at any time since the map began, the largest first."""
    since = panel[(panel["month"] >= mining_map.shares().index[0]) & (panel["region"] != REST)]
    order = since.groupby("region")["share_pct"].max().sort_values(ascending=False)
    return order.index[:count].tolist()


def largest_now(panel: pd.DataFrame, count: int) -> list[str]:
    """Countries with the highest share in the panel's last month, the largest first."""
    countries = panel[(panel["month"] == panel["month"].max()) & (panel["region"] != REST)]
    return countries.nlargest(count, "share_pct")["region"].tolist()


def year_ends(panel: pd.DataFrame, codes: Sequence[str], first_year: int = 2021) -> pd.DataFrame:
    """Share with band at the end of each year, one row per country, and at the last month.

    Parameters
    ----------
    panel : DataFrame
        From :func:`hashrate_migration.panel`.
    codes : sequence of str
        Countries.
    first_year : int
        First year whose December is shown.

    Returns
    -------
    DataFrame
        Columns country (code) and one per December and the last month, as ``37.4 (26.7–43.2)``.
    """
    months = panel["month"].drop_duplicates()
    ends = months[(months.dt.month == 12) & (months.dt.year >= first_year)]
    table: dict[str | pd.Timestamp, list[str]] = {"country": [*codes]}
    for month in (*ends, months.max()):  # a last month that is a December is one column
        cells = [at(panel, code, month) for code in codes]
        table[month] = [banded((row["share_pct"], row["low"], row["high"]), 1) for row in cells]
    return pd.DataFrame(table)


def _with_tiny_ends(row: Sequence[float], decimals: int) -> str:
    """The same as ``banded``, but nothing above zero is said to be zero: "<0.001 (<0.001–0.001)"."""
    if round(row[2], decimals) == 0:
        return banded(row, decimals)
    least = number(10**-decimals, decimals)
    middle, low, high = (
        f"<{least}" if part > 0 and round(part, decimals) == 0 else number(part, decimals)
        for part in row
    )
    return f"{middle} ({low}–{high})"


def by_year(panel: pd.DataFrame, code: str) -> pd.DataFrame:
    """A country at the end of each year and in the last month.

    Returns
    -------
    DataFrame
        Columns month, share_band, hashrate_band (as ``12.41 (7.90–14.92)``) and basis.
    """
    own = panel[panel["region"] == code].set_index("month")
    ends = own[(own.index.month == 12) | (own.index == own.index[-1])].reset_index()
    shares = ends[["share_pct", "low", "high"]].to_numpy()
    stocks = ends[["hashrate_ehs", "low_ehs", "high_ehs"]].to_numpy()
    return pd.DataFrame(
        {
            "month": ends["month"],
            "share_band": [_with_tiny_ends(row, enough(row, 2)) for row in shares],
            # Before 2018 a country's hashrate is a few EH/s or a part of one.
            "hashrate_band": [_with_tiny_ends(row, 1 if row[0] >= 10 else 3) for row in stocks],
            "basis": ends["basis"],
        }
    )


def figures_for(code: str, since: pd.Timestamp | None = None) -> pd.DataFrame:
    """Every figure published for a country.

    Parameters
    ----------
    code : str
        Country.
    since : Timestamp, optional
        First month, the mining map's own months then among them; default: all months, without the
        map.

    Returns
    -------
    DataFrame
        Columns start and end (first and last month of the period that a figure is for), share_pct,
        kind (in words), used (whether by the panel) and publisher.
    """
    rows = estimates.published_figures(since or chronology.PANEL_BEGINS)
    rows = rows[rows["region"] == code]
    if since is None:
        rows = rows[rows["source_id"] != estimates.MAP_SOURCE]
    names = estimates.kinds()["title"]
    publishers = load("sources").set_index("source_id")["publisher"]
    return pd.DataFrame(
        {
            "start": rows["start_month"],
            "end": rows["end_month"],
            "share_pct": rows["share_pct"],
            "kind": rows["kind"].map(names),
            "used": rows["enters"],
            "publisher": rows["source_id"].map(publishers),
        }
    ).reset_index(drop=True)
