"""When the machines stopped: steps of June 2021 in the blocks, by pools and beside the acts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hashrate_migration import chronology
from hashrate_migration.chapters import provinces
from hashrate_migration.findings import events
from hashrate_migration.hashrate import pool_steps, steps
from hashrate_migration.hashrate.pool_steps import CHINA, CONTROL, NETWORK, UNASSIGNED
from hashrate_migration.tables.read import load
from hashrate_migration.words import N_, translated, values

GROUPS = {
    CHINA: N_("pools run from China"),
    UNASSIGNED: N_("pools without a known home"),
    CONTROL: N_("pools run elsewhere"),
    NETWORK: N_("the network"),
}
"""Group of pools to its name."""

ACTS = {"north-west": N_("the north-west"), "Sichuan": N_("Sichuan")}
"""Act of :data:`hashrate_migration.hashrate.pool_steps.ACTS` to where it was."""

NEAR_DAYS = 2
"""A step so many days before or after an act is near it."""

SMOOTHED_DAYS = 3
"""Days over which a picture takes the mean of a group's blocks."""


@dataclass(frozen=True)
class Act:
    """What pools run from China did around an act.

    Attributes
    ----------
    place : str
        In the language in use.
    day : Timestamp
        Of the act.
    chance_pct : float
        Probability that the network stepped within :data:`NEAR_DAYS` of it, percent.
    lost : float
        What pools run from China lost then, if it did, EH/s: median.
    ends : tuple of float
        Its interval.
    """

    place: str
    day: pd.Timestamp
    chance_pct: float
    lost: float
    ends: tuple[float, float]


@dataclass(frozen=True)
class Departures:
    """What the blocks say of June 2021.

    Attributes
    ----------
    steps : DataFrame
        As :attr:`hashrate_migration.hashrate.steps.Steps.table`: row per step of the network.
    by_pools : DataFrame
        As :func:`hashrate_migration.hashrate.pool_steps.by_pools`, on the same days.
    near : list of Act
        The acts beside the steps, over all numbers of steps.
    levels : DataFrame
        date, hashrate_ehs, low_ehs, high_ehs of the network.
    ramp_odds : float
        How many times as probable a ramp makes the blocks as the best number of steps.
    ramp : Series
        begins and ends: its first and last day.
    """

    steps: pd.DataFrame
    by_pools: pd.DataFrame
    near: list[Act]
    levels: pd.DataFrame
    ramp_odds: float
    ramp: pd.Series


def departures() -> Departures:
    """Steps of the network's hashrate from May to July 2021, if it fell in steps."""
    found = steps.steps()
    shapes = found.shapes.set_index("shape")["probability_pct"]
    stepped = shapes[[name for name in shapes.index if "step" in str(name)]]
    return Departures(
        steps=found.table,
        by_pools=pool_steps.by_pools(at=list(found.table["date"])),
        near=_near(),
        levels=found.levels,
        ramp_odds=float(shapes["ramp"] / stepped.max()),
        ramp=found.ramp,
    )


def _near() -> list[Act]:
    table = pool_steps.by_act(within_days=NEAR_DAYS)
    return [
        Act(
            place=translated(ACTS[str(row.act)]),
            day=row.act_date,
            chance_pct=row.chance_pct,
            lost=-row.change_ehs,
            ends=(-row.high_ehs, -row.low_ehs),
        )
        for row in table[table["group"] == CHINA].itertuples()
    ]


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


def by_province(found: Departures) -> pd.DataFrame:
    """What each province had on the map before the acts and in the last month that shows provinces.

    Parameters
    ----------
    found : Departures
        Whose days say which acts count.

    Returns
    -------
    DataFrame
        Largest loss first: region, before_ehs (mean of :data:`hashrate_migration.chronology.BEFORE`),
        after_ehs (mean of the month after it), change_ehs, and dates_of_acts (in words; a dash for
        none).
    """
    before, after = provinces.hashrate().loc[chronology.BEFORE :].iloc[:2].to_numpy()
    table = pd.DataFrame(
        {"region": provinces.hashrate().columns, "before_ehs": before, "after_ehs": after}
    )
    table["change_ehs"] = table["after_ehs"] - table["before_ehs"]
    told, names = acts(found), load("regions").set_index("region")["name_en"]
    table["dates_of_acts"] = [
        # "Xinjiang (Changji, Zhundong)" is Xinjiang.
        values.items(map(values.day, told.loc[told["place"].str.startswith(names[code]), "date"]))
        or values.MISSING
        for code in table["region"]
    ]
    return table.sort_values("change_ehs", ignore_index=True)


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
