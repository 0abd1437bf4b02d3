"""The outlook in tables and figures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from hashrate_migration.findings.concentration import MEASURES
from hashrate_migration.tables import regions


def concentration_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Measures of concentration with their bands, as text.

    Parameters
    ----------
    rows : DataFrame
        Rows of :func:`hashrate_migration.findings.concentration.countries`.
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
