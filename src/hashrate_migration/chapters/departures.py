"""When the machines stopped: steps of June 2021 in the blocks, by pools and beside the acts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hashrate_migration.findings import events
from hashrate_migration.hashrate import pool_steps, steps
from hashrate_migration.hashrate.pool_steps import CHINA, CONTROL, NETWORK, UNASSIGNED
from hashrate_migration.words import N_, translated, values

GROUPS = {
    CHINA: N_("pools run from China"),
    UNASSIGNED: N_("pools without a known home"),
    CONTROL: N_("pools run elsewhere"),
    NETWORK: N_("the network"),
}
"""Group of pools to its name."""

SMOOTHED_DAYS = 3
"""Days over which a picture takes the mean of a group's blocks."""


@dataclass(frozen=True)
class Departures:
    """What the blocks say of June 2021.

    Attributes
    ----------
    steps : DataFrame
        As :attr:`hashrate_migration.hashrate.steps.Steps.table`: row per step of the network.
    by_pools : DataFrame
        As :func:`hashrate_migration.hashrate.pool_steps.by_pools`, on the same days.
    levels : DataFrame
        date, hashrate_ehs, low_ehs, high_ehs of the network.
    ramp_odds : float
        How many times as probable a ramp makes the blocks as the best number of steps.
    ramp : Series
        begins and ends: its first and last day.
    """

    steps: pd.DataFrame
    by_pools: pd.DataFrame
    levels: pd.DataFrame
    ramp_odds: float
    ramp: pd.Series

    def change(self, step: int, group: str) -> tuple[float, tuple[float, float]]:
        """Median and interval of what a group lost at a step (counted from 0), EH/s, as positive."""
        rows = self.by_pools[self.by_pools["group"] == group]
        row = rows[rows["step"] == step + 1].iloc[0]
        return -float(row["change_ehs"]), (-float(row["high_ehs"]), -float(row["low_ehs"]))


def departures() -> Departures:
    """Steps of the network's hashrate from May to July 2021, if it fell in steps."""
    found = steps.steps()
    shapes = found.shapes.set_index("shape")["probability_pct"]
    stepped = shapes[[name for name in shapes.index if "step" in str(name)]]
    return Departures(
        steps=found.table,
        by_pools=pool_steps.by_pools(at=list(found.table["date"])),
        levels=found.levels,
        ramp_odds=float(shapes["ramp"] / stepped.max()),
        ramp=found.ramp,
    )


def days(found: Departures) -> str:
    """The first days of the new levels, in words."""
    return values.items([values.day(day) for day in found.steps["date"]])


def steps_table(found: Departures) -> pd.DataFrame:
    """The steps by group of pools, as text.

    Returns
    -------
    DataFrame
        date, pool_group (its name), before_ehs, after_ehs and change_band (median and interval).
    """
    rows = found.by_pools
    ends = rows[["change_ehs", "low_ehs", "high_ehs"]].to_numpy()
    return pd.DataFrame(
        {
            "date": rows["date"],
            "pool_group": [translated(GROUPS[str(group)]) for group in rows["group"]],
            "before_ehs": rows["before_ehs"],
            "after_ehs": rows["after_ehs"],
            "change_band": [values.banded(row, 1) for row in ends],
        }
    )


def acts(found: Departures) -> pd.DataFrame:
    """The acts of provinces within the days of the window, in order.

    Returns
    -------
    DataFrame
        date, place and what_happened, as the tables of events have them.
    """
    first, last = found.levels["date"].iloc[[0, -1]]
    table = events.events(first, last, country="CHN", kinds=["policy"])
    return table[table["place"].notna()]


def by_day(found: Departures) -> pd.DataFrame:
    """Hashrate of each group of pools by day, a mean over some days.

    Returns
    -------
    DataFrame
        Day x group (in words), EH/s.
    """
    dates = pd.DatetimeIndex(found.levels["date"])
    blocks = pool_steps.group_blocks().loc[dates]
    each = blocks.div(steps.blocks_per_ehs(dates), axis=0)
    smooth = each.rolling(SMOOTHED_DAYS, center=True, min_periods=1).mean()
    return smooth.rename(columns={code: translated(GROUPS[str(code)]) for code in smooth})
