"""The steps of June 2021 by groups of pools: run from China, run elsewhere, and unknown.

The days of steps are those of the whole network; between them each group has a level of its own. Pools
run elsewhere are the control: what their blocks do, the world outside did, moved machines and miners
who changed their pool included. A pool is not a place: pools run from China served miners abroad, and
pools without a known home served miners in China. So these are figures of pools, and not of provinces,
whose orders are only near in time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from hashrate_migration import arguments, periods
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.changepoints import Posterior, Prior
from hashrate_migration.hashrate.steps import (
    END,
    QUANTILES,
    START,
    changes,
    counted,
    drawn_over_numbers,
    levels_between,
    near,
)
from hashrate_migration.periods import When
from hashrate_migration.tables.read import load

CHINA, CONTROL, UNASSIGNED, NETWORK = "china", "control", "unassigned", "network"
"""Groups: pools run from China, pools run from elsewhere, pools whose home no source names, and all."""

ACTS: Mapping[str, str] = {
    "north-west": "2021-06-09-chn-1",
    "Sichuan": "2021-06-18-chn-1",
}
"""The acts beside the two steps, as rows of ``policy_events``: the order on Zhundong in Xinjiang, and
that of Sichuan. Qinghai's order fell on the day of the first and Yunnan's three days later, so that the
first step may hold some of theirs."""


def group_blocks() -> pd.DataFrame:
    """Blocks by day and group of pools.

    Returns
    -------
    DataFrame
        Day x group; every row adds up to the blocks of the network.
    """
    table = load("pool_blocks_daily").merge(load("pools")[["pool", "home"]], on="pool", how="left")
    group = np.where(table["home"] == "CHN", CHINA, CONTROL)
    table["group"] = np.where(table["home"].isna(), UNASSIGNED, group)
    wide = table.pivot_table(index="date", columns="group", values="blocks", aggfunc="sum")
    return wide.reindex(columns=[CHINA, CONTROL, UNASSIGNED]).fillna(0).astype(int)


def by_pools(
    start: When = START,
    end: When = END,
    number: int | None = None,
    *,
    at: Sequence[When] | None = None,
    most: int = 4,
    prior: Prior | None = None,
    draws: int = 4000,
    seed: int = 0,
) -> pd.DataFrame:
    """What each group of pools lost or gained at each step of the network.

    With the days given, this is the difference of mean hashrates before and after them, which holds
    whether the hashrate stepped there or slid.

    Parameters
    ----------
    start, end : str or date
        First and last day, within ``pool_blocks_daily``.
    number : int, optional
        Number of steps; default: the most probable one.
    at : sequence of dates, optional
        First days of new levels, instead of those that the blocks tell.
    most, prior, draws, seed
        As for :func:`hashrate_migration.hashrate.steps.steps`.

    Returns
    -------
    DataFrame
        Row per step and group (``network`` last): step, date (the most probable), group, before_ehs,
        after_ehs, change_ehs (medians), low_ehs, high_ehs (90 percent of the change),
        change_pct, and beyond_ehs, beyond_low_ehs, beyond_high_ehs: the change beyond what the group
        would have done had it changed by the percentage of the control; missing for the control
        and the network, of which it is a part. The control gains from what others lose, so
        `beyond_ehs` makes a loss rather too large; and it is small, so the interval is wide.

    Raises
    ------
    InputError
        If the window is outside the table, or as
        :func:`hashrate_migration.hashrate.steps.steps`.
    """
    arguments.draws_and_seed(draws, seed)
    dates, posterior, parts = _grouped(start, end, most, prior)
    generator = np.random.default_rng(seed)
    if at is not None:
        best = _places(at, dates)
        places = np.tile(best, (draws, 1))
    else:
        number = int(posterior.number().argmax()) if number is None else number
        arguments.whole(number, "number", 0, most)
        best = posterior.best(number)
        places = posterior.draw(number, draws, generator)
    levels = levels_between(posterior, parts, places, generator)
    levels[NETWORK] = np.sum(list(levels.values()), axis=0)
    control = levels[CONTROL][:, 1:] / levels[CONTROL][:, :-1]
    rows = []
    for step, place in enumerate(best):
        for group, level in levels.items():
            before, after = level[:, step], level[:, step + 1]
            change = np.quantile(after - before, QUANTILES)
            beyond = np.full(3, np.nan)
            if group in (CHINA, UNASSIGNED):
                beyond = np.quantile(after - before * control[:, step], QUANTILES)
            rows.append(
                (step + 1, dates[place], group, np.median(before), np.median(after))
                + (*change, 100 * np.median(after / before - 1), *beyond)
            )
    columns = ["step", "date", "group", "before_ehs", "after_ehs", "change_ehs", "low_ehs"]
    more = ["high_ehs", "change_pct", "beyond_ehs", "beyond_low_ehs", "beyond_high_ehs"]
    return pd.DataFrame(rows, columns=[*columns, *more])


def by_act(
    acts: Mapping[str, str] = ACTS,
    within_days: int = 2,
    *,
    start: When = START,
    end: When = END,
    most: int = 4,
    prior: Prior | None = None,
    draws: int = 4000,
    seed: int = 0,
) -> pd.DataFrame:
    """How much of each group of pools stopped within days of an act, over all numbers of steps.

    Nearness in time is all that joins a step and an act: the figures are those of the pools on
    these days, and no count of the act's province.

    Parameters
    ----------
    acts : mapping of str to str
        A name and the event_id of an act.
    within_days : int
        Steps so many days before and after the act count.
    start, end, most, prior, draws, seed
        As for :func:`by_pools`.

    Returns
    -------
    DataFrame
        Row per act and group: act, event_id, act_date, group, chance_pct (that the network had a step
        then), change_ehs, low_ehs, high_ehs (given that it had).

    Raises
    ------
    InputError
        If ``policy_events`` has no such act, or its date is outside the window.
    """
    arguments.draws_and_seed(draws, seed)
    dates, posterior, parts = _grouped(start, end, most, prior)
    generator = np.random.default_rng(seed)
    table = changes(drawn_over_numbers(posterior, parts, draws, generator), dates)
    table[f"change_{NETWORK}"] = table[[f"change_{name}" for name in parts]].sum(axis=1)
    known = load("policy_events").set_index("event_id")["date"]
    frames = []
    for name, event in acts.items():
        if event not in known.index:
            raise InputError(
                f"acts: {name} names {arguments.shown(event)}, which is no event_id of policy_events; "
                "correct it."
            )
        day = known[event]
        if not dates[0] <= day <= dates[-1]:
            raise InputError(
                f"acts: {name} ({event}) took place on {day:%Y-%m-%d}, outside the window from "
                f"{dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}; widen it."
            )
        found = near(table, day, within_days, draws).T
        found.index = found.index.str.removeprefix("change_").rename("group")
        found = found.reset_index()
        found.insert(0, "act", name)
        found.insert(1, "event_id", event)
        found.insert(2, "act_date", day)
        frames.append(found)
    return pd.concat(frames, ignore_index=True)


def _places(at: Sequence[When], dates: pd.DatetimeIndex) -> tuple[int, ...]:
    """Places of given days in a window."""
    if isinstance(at, str) or not isinstance(at, Sequence | pd.Index | pd.Series):
        raise InputError(f"at = {arguments.shown(at)} is not a list of days; give one or more.")
    days = [periods.read(day, "at").start_time for day in at]
    if sorted(set(days)) != days:
        raise InputError("The days of `at` are not in order, each once; sort them.")
    for day in days:
        if not dates[0] < day <= dates[-1]:
            raise InputError(
                f"at: {day:%Y-%m-%d} is not after {dates[0]:%Y-%m-%d} and up to {dates[-1]:%Y-%m-%d}, "
                "the days of the window; widen it."
            )
    return tuple(int(dates.get_loc(day)) for day in days)


def _grouped(
    start: When, end: When, most: int, prior: Prior | None
) -> tuple[pd.DatetimeIndex, Posterior, dict[str, np.ndarray]]:
    dates, posterior = counted(start, end, most, prior)
    blocks = group_blocks()
    for label, day in (("start", dates[0]), ("end", dates[-1])):
        if day not in blocks.index:
            raise InputError(
                f"{label} = {day:%Y-%m-%d} is outside pool_blocks_daily, which runs from "
                f"{blocks.index[0]:%Y-%m-%d} to {blocks.index[-1]:%Y-%m-%d}."
            )
    parts = {str(name): blocks.loc[dates, name].to_numpy(dtype=float) for name in blocks}
    return dates, posterior, parts
