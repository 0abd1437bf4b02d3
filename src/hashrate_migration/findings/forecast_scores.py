"""What forecasts of the panel's model were worth: coverage, scores, and the year that none foresaw."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hashrate_migration import arguments, chronology
from hashrate_migration.findings.forecasts import STILL

_SCORED = ("year", "members", "month", "share_pct", "low90", "high90", "inside90", "rank", "crps")
_MADE_BY = "findings.forecasts.table"


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """How the forecasts did, by the year that they spoke of.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.findings.forecasts.table`.

    Returns
    -------
    DataFrame
        Columns ahead (the year spoken of; missing for all together, the last row), figures,
        inside90_pct (of the figures, within the band of 90 percent), width_points (median width of that
        band), crps (mean; log-odds) and, for *nothing changes*, still_inside90_pct and still_crps.

    Raises
    ------
    InputError
        If a column is missing.
    """
    wanted = [*_SCORED, f"{STILL}inside90", f"{STILL}crps"]
    arguments.columns(table, "table", wanted, _MADE_BY)
    parts = [(year + 1, rows) for year, rows in table.groupby("year")]
    result = pd.DataFrame(
        [
            {
                "ahead": ahead,
                "figures": len(rows),
                "inside90_pct": 100 * float(rows["inside90"].mean()),
                f"{STILL}inside90_pct": 100 * float(rows[f"{STILL}inside90"].mean()),
                "width_points": float((rows["high90"] - rows["low90"]).median()),
                "crps": float(rows["crps"].mean()),
                f"{STILL}crps": float(rows[f"{STILL}crps"].mean()),
            }
            for ahead, rows in [*parts, (None, table)]
        ]
    )
    return result.astype({"ahead": "Int64"})


@dataclass(frozen=True)
class Surprise:
    """What a forecast said of a country, and what came.

    Attributes
    ----------
    month : Timestamp
        Of the figure.
    published_pct : float
        The figure.
    low, high : float
        Band of 90 percent of the forecast, percent of the network.
    as_low_pct : float
        Of the draws of the forecast, those below the figure, percent.
    """

    month: pd.Timestamp
    published_pct: float
    low: float
    high: float
    as_low_pct: float


def the_ban(table: pd.DataFrame, country: str = "CHN") -> Surprise:
    """The last figure for a country in the year of the ban, and the forecast made before it.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.findings.forecasts.table`.
    country : str

    Raises
    ------
    InputError
        If a column is missing.
    """
    arguments.columns(table, "table", _SCORED, _MADE_BY)
    own = table[table["year"].eq(chronology.CALL.year - 1) & table["members"].eq(country)]
    row = own.sort_values("month").iloc[-1]
    return Surprise(
        month=row["month"],
        published_pct=float(row["share_pct"]),
        low=float(row["low90"]),
        high=float(row["high90"]),
        as_low_pct=100 * float(row["rank"]),
    )
