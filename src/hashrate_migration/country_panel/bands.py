"""Draws of shares summed up: the line, its band, and what each month rests on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_

BAND = (0.05, 0.95)
"""Quantiles of the band."""

BAND_PCT = round(100 * (BAND[1] - BAND[0]))
"""Percent of the draws that lie within the band."""

MEASURED, INTERPOLATED, EXTRAPOLATED = N_("measured"), N_("interpolated"), N_("extrapolated")
"""What a month of a country rests on: an estimate that located machines there in that month; lies
between estimates; lies before the first or after the last."""

COLUMNS = (
    *("month", "region", "share_pct", "low", "high"),
    *("hashrate_ehs", "low_ehs", "high_ehs", "basis"),
)
"""Columns of the panel."""


def basis(rows: pd.DataFrame, span: pd.DatetimeIndex, codes: Sequence[str]) -> pd.DataFrame:
    """Whether a month is measured, lies between estimates, or outside them.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.country_panel.observations`.
    span : DatetimeIndex
        Months of the panel.
    codes : sequence of str
        Its regions.

    Returns
    -------
    DataFrame
        Month x region. A floor, a ceiling or a sample that saw nobody reads no share, so none of
        them makes a month measured, nor one between estimates.
    """
    from hashrate_migration.country_panel.estimates import MAP_SOURCE

    table = pd.DataFrame(EXTRAPOLATED, index=span, columns=pd.Index(codes))
    rows = rows[rows["reads"] == "share"]
    for code in codes:
        # A sum over several countries says where none of them is. The rest alone is seen in one:
        # together with the countries that the mining map did not list.
        own = rows[rows["members"] == code]
        if code == REST:
            on_map = rows["source_id"] == MAP_SOURCE
            own = rows[on_map & rows["members"].str.endswith(REST)]
        if own.empty:
            continue
        table.loc[own["start_month"].min() : own["end_month"].max(), code] = INTERPOLATED
        located = own[own["locates"]]
        for start, end in set(zip(located["start_month"], located["end_month"], strict=True)):
            table.loc[start:end, code] = MEASURED
    return table


def summary(
    shares: np.ndarray, months: pd.DatetimeIndex, codes: Sequence[str], rows: pd.DataFrame
) -> pd.DataFrame:
    """The panel that draws of shares make.

    Parameters
    ----------
    shares : ndarray, draw x month x region
        Fractions.
    months : DatetimeIndex
        Months of the draws.
    codes : sequence of str
        Regions of the draws.
    rows : DataFrame
        The estimates behind the draws, for the basis.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`, by month and then in the order of `codes`: the median of the draws
        and the band :data:`BAND`, in percent of the network and in EH/s.
    """
    low, middle, high = 100 * np.quantile(shares, [BAND[0], 0.5, BAND[1]], axis=0)
    index = pd.MultiIndex.from_product([months, codes], names=["month", "region"])
    table = pd.DataFrame(
        {
            "share_pct": middle.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "basis": basis(rows, months, codes).to_numpy().ravel(),
        },
        index=index,
    ).reset_index()
    total = table["month"].map(network_hashrate(months[0], months[-1])) / 100
    for name, source in (("hashrate_ehs", "share_pct"), ("low_ehs", "low"), ("high_ehs", "high")):
        table[name] = table[source] * total
    return table[[*COLUMNS]]
