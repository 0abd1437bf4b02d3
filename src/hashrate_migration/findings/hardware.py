"""Machines and their makers: efficiency, its frontier, sales through the ban."""

from __future__ import annotations

import pandas as pd

from hashrate_migration.arguments import is_whole, shown
from hashrate_migration.errors import InputError
from hashrate_migration.tables.read import load


def frontier() -> pd.DataFrame:
    """The best machine one could buy, and the machines that ran.

    Returns
    -------
    DataFrame
        Indexed by month: best_j_per_th (the most efficient machine released so far, to the last
        month of the lists), and fleet_j_per_th with fleet_low and fleet_high (Cambridge's estimate
        for the machines in use; low is the more efficient end).
    """
    models = load("hardware_models").dropna(subset=["efficiency_j_per_th"])
    released = models.groupby("release_month")["efficiency_j_per_th"].min()
    fleet = load("fleet_efficiency").set_index("month")
    last = max(fleet.index[-1], released.index[-1])
    months = pd.date_range(released.index[0], last, freq="MS", name="month")
    best = released.reindex(months).cummin().ffill()
    best = best.where(months <= released.index[-1])
    return pd.DataFrame(
        {
            "best_j_per_th": best,
            "fleet_j_per_th": fleet["efficiency_best_j_per_th"].reindex(months),
            "fleet_low": fleet["efficiency_lower_j_per_th"].reindex(months),
            "fleet_high": fleet["efficiency_upper_j_per_th"].reindex(months),
        }
    )


def maker(company: str, metric: str, months: int = 12) -> pd.DataFrame:
    """A figure of a maker over periods of one length.

    Parameters
    ----------
    company : str
        Maker.
    metric : str
        Figure, such as ``revenue`` or ``computing power sold``.
    months : int
        Length of the periods: 12 for years, 6 for halves, 3 for quarters.

    Returns
    -------
    DataFrame
        Indexed by the first month of the period: value, unit, note and change_pct (on the same
        period a year before; missing where that is not known, in another unit, or not above zero).

    Raises
    ------
    InputError
        If the table has no such maker or figure, or none for periods of that length.
    """
    table = load("hardware_makers")
    of_company = pd.Series([name == company for name in table["company"]], table.index)
    of_metric = pd.Series([name == metric for name in table["metric"]], table.index)
    own = table[of_company & of_metric]
    if own.empty:
        known = table.loc[of_company, "metric"].unique()
        raise InputError(
            f"hardware_makers.csv has no {shown(metric)} of {shown(company)}; it has: "
            f"{', '.join(known) if len(known) else ', '.join(table['company'].unique())}."
        )
    length = (
        own["end_month"].dt.to_period("M").astype("int64")
        - own["start_month"].dt.to_period("M").astype("int64")
        + 1
    )
    own = own.assign(length=length).dropna(subset="value")
    if not is_whole(months) or months not in set(own["length"]):
        lengths = ", ".join(map(str, sorted(set(own["length"])))) or "none with a value"
        raise InputError(
            f"hardware_makers.csv has no {metric!r} of {company!r} for periods of {shown(months)} "
            f"months; those that it has are of: {lengths}."
        )
    own = (
        own[(own["length"] == months) & own["value"].notna()].set_index("start_month").sort_index()
    )
    before = own.copy()
    before.index = before.index + pd.DateOffset(years=1)
    known = before.reindex(own.index)
    change = 100 * (own["value"] / known["value"] - 1)
    return pd.DataFrame(
        {
            "value": own["value"],
            "unit": own["unit"].astype(str),
            "note": own["note"],
            "change_pct": change.where((known["unit"] == own["unit"]) & (known["value"] > 0)),
        }
    )
