"""What must hold in a table beyond the types of its fields.

Each rule takes a validated table and raises :class:`InputError` naming the rows that
break it. ``read.load`` runs the rules of a table every time it is read.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.tables import difficulty as consensus

SHARE_TOLERANCE_PCT = 0.05
"""Shares are rounded to 0.01, so ten of them add to 100 within 0.05."""

RETARGET_TOLERANCE_S = 2 * 3600
"""Start-to-start time exceeds the measured time by one block interval, and a time stamp
may run up to two hours ahead of the clock of the network's nodes."""


def _check_sums(table: pd.DataFrame, column: str, file: str, zero_allowed: bool) -> None:
    sums = table.groupby("month")[column].sum()
    off = (sums - 100).abs() > SHARE_TOLERANCE_PCT + 1e-9
    if zero_allowed:
        off &= sums != 0
    if off.any():
        month = sums.index[off][0]
        raise InputError(
            f"{file}: the column {column} of {month:%Y-%m} adds up to {sums[month]:.2f}, not to "
            f"100 within {SHARE_TOLERANCE_PCT}; correct the shares of that month."
        )


def _check_grid(table: pd.DataFrame, file: str) -> None:
    months = pd.date_range(table["month"].min(), table["month"].max(), freq="MS")
    wanted = pd.MultiIndex.from_product([months, sorted(table["region"].unique())])
    missing = wanted.difference(pd.MultiIndex.from_frame(table[["month", "region"]]))
    if len(missing):
        month, region = missing[0]
        raise InputError(
            f"{file}: no row for {region} in {month:%Y-%m} ({len(missing)} missing in all); add it, "
            "with 0 if the share was measured as nothing."
        )


def mining_map(table: pd.DataFrame) -> None:
    """Every month has every region once, and its shares add to 100."""
    _check_grid(table, "mining_map.csv")
    _check_sums(table, "share_pct", "mining_map.csv", zero_allowed=False)


def china_provinces(table: pd.DataFrame) -> None:
    """Every month has every province, and shares add to 100, or all are zero."""
    _check_grid(table, "china_provinces.csv")
    _check_sums(table, "share_of_china_pct", "china_provinces.csv", zero_allowed=True)


def us_states(table: pd.DataFrame) -> None:
    """The shares of a month add to 100."""
    _check_grid(table, "us_states.csv")
    _check_sums(table, "share_of_us_pct", "us_states.csv", zero_allowed=False)


def difficulty_epochs(table: pd.DataFrame) -> None:
    """Epochs follow one another by 2016 blocks and obey the retarget rule."""
    file = "difficulty_epochs.csv"
    steps = table["height"].diff().dropna()
    if table["height"].iloc[0] != 0 or (steps != consensus.BLOCKS_PER_EPOCH).any():
        at_start = table["height"].iloc[0] != 0
        row = table.index[0] if at_start else steps.index[steps != consensus.BLOCKS_PER_EPOCH][0]
        raise InputError(
            f"{file}, row {row + 2}: height {table['height'][row]} does not follow the row before "
            f"by {consensus.BLOCKS_PER_EPOCH} blocks, starting from 0; add or correct the row."
        )
    order = table["start_time"].diff().dropna() <= pd.Timedelta(0)
    if order.any():
        row = order.index[order][0]
        raise InputError(
            f"{file}, row {row + 2}: start time {table['start_time'][row]} is not after that of the "
            "row before; correct the times."
        )
    implied = table["compact_target"].map(consensus.from_compact_target)
    wrong = ~np.isclose(table["difficulty"], implied, rtol=1e-12, atol=0)
    if wrong.any():
        row = table.index[wrong][0]
        raise InputError(
            f"{file}, row {row + 2}: difficulty {table['difficulty'][row]} is not what the compact "
            f"target {table['compact_target'][row]} says ({implied[row]}); correct one of them."
        )
    step = table["difficulty"].shift(-1) / table["difficulty"]
    limit = consensus.RETARGET_LIMIT * (1 + 1e-4)
    beyond = (step > limit) | (step < 1 / limit)
    took = table["start_time"].diff().shift(-1).dt.total_seconds()
    error = took - consensus.implied_seconds(table["difficulty"])
    beyond |= (error.abs() > RETARGET_TOLERANCE_S) & ~consensus.at_limit(table["difficulty"])
    if beyond.any():
        place = int(beyond.to_numpy().argmax())
        row, following = table.index[place], table.index[place + 1]
        raise InputError(
            f"{file}, row {following + 2}: the step from difficulty {table['difficulty'][row]} to "
            f"{table['difficulty'][following]} does not follow from the {took[row]:.0f} seconds of the "
            "period before; correct the times or the targets."
        )


def network_daily(table: pd.DataFrame) -> None:
    """Days follow one another without gaps; blocks are missing only at the end."""
    gaps = table["date"].diff().dropna() != pd.Timedelta(days=1)
    if gaps.any():
        row = gaps.index[gaps][0]
        raise InputError(
            f"network_daily.csv, row {row + 2}: {table['date'][row]:%Y-%m-%d} does not follow the day "
            "of the row before; add the missing days or put the rows in order."
        )
    counted = table["blocks"].notna()
    if (~counted & counted[::-1].cummax()[::-1]).any():
        row = table.index[~counted & counted[::-1].cummax()[::-1]][0]
        raise InputError(
            f"network_daily.csv, row {row + 2}: the block count is missing but later days have one; "
            "heights are sums of block counts, so fill it in."
        )


def share_estimates(table: pd.DataFrame) -> None:
    """Periods run forward, ranges upward, and a row repeats one that stands by itself."""
    file = "share_estimates.csv"
    known = set(table["estimate_id"])
    alone = set(table.loc[table["repeats"].isna(), "estimate_id"])
    problems = {
        "end_month is before start_month": table["end_month"] < table["start_month"],
        "only one of start_month and end_month is given": table["start_month"].isna()
        != table["end_month"].isna(),
        "share_high_pct is below share_pct": table["share_high_pct"] < table["share_pct"],
        "power_high_mw is below power_mw": table["power_high_mw"] < table["power_mw"],
        # A row may be added to the table by itself: what it repeats may stand elsewhere.
        "it repeats a row that repeats another": table["repeats"].isin(known - alone),
    }
    for problem, wrong in problems.items():
        if wrong.any():
            row = table.index[wrong][0]
            raise InputError(
                f"{file}, row {row + 2} ({table['estimate_id'][row]}): {problem}; correct it."
            )


def grid_by_country(table: pd.DataFrame) -> None:
    """The shares of a grid add to 100, and bioenergy is a part of the others."""
    file = "grid_by_country.csv"
    named = ["coal_pct", "gas_pct", "oil_pct", "nuclear_pct", "hydro_pct", "wind_pct", "solar_pct"]
    sums = table[[*named, "other_pct"]].sum(axis=1)
    problems = {
        f"the shares add up to {{}}, not to 100 within {SHARE_TOLERANCE_PCT}": (sums - 100).abs()
        > SHARE_TOLERANCE_PCT,
        "bioenergy_pct is above other_pct, of which it is a part": table["bioenergy_pct"]
        > table["other_pct"] + SHARE_TOLERANCE_PCT,
    }
    for problem, wrong in problems.items():
        if wrong.any():
            row = table.index[wrong][0]
            raise InputError(
                f"{file}, row {row + 2} ({table['country'][row]} {table['year'][row]}): "
                f"{problem.format(f'{sums[row]:.2f}')}; correct them."
            )


RULES: dict[str, Callable[[pd.DataFrame], None]] = {
    "mining_map": mining_map,
    "china_provinces": china_provinces,
    "us_states": us_states,
    "difficulty_epochs": difficulty_epochs,
    "network_daily": network_daily,
    "share_estimates": share_estimates,
    "grid_by_country": grid_by_country,
}
"""Table name to its rule."""


def halvings(epochs: pd.DataFrame, events: pd.DataFrame) -> None:
    """The dated halvings fall in the epochs that hold blocks 210000, 420000 and so on.

    Parameters
    ----------
    epochs, events : DataFrame
        The tables ``difficulty_epochs`` and ``policy_events``.

    Raises
    ------
    InputError
        Naming the event outside its epoch.
    """
    dates = events.loc[events["kind"] == "halving"].sort_values("date")
    for number, event in enumerate(dates.itertuples(), start=1):
        height = number * consensus.BLOCKS_PER_HALVING
        position = int(epochs["height"].searchsorted(height, side="right")) - 1
        first = epochs["start_time"].iloc[position].normalize()
        last = epochs["start_time"].iloc[position + 1]
        if not first <= event.date <= last:
            raise InputError(
                f"policy_events.csv: the halving {event.event_id} is not between {first:%Y-%m-%d} and "
                f"{last:%Y-%m-%d}, when block {height} was found; correct its date."
            )
