r"""What blocks of pools run from the United States say of North America, at least.

A pool that finds b of the n blocks of a month has the part b / n of the network's hashrate. Pools run
from the United States serve miners of North America; what they gained from one month to the next,
less what came to them from other pools without moving, is a lower bound on what the United States and
Canada gained together.

A pool that a listed firm runs for itself is left out: its blocks are that firm's output, which
:mod:`.miners` has. Listed firms mine in the other pools too, so the two pieces are not wholly apart; as
bounds that lie far below what the map shows, both together say hardly more than one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from hashrate_migration import periods
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import positive
from hashrate_migration.flows.evidence.draws import NORMAL_95, array
from hashrate_migration.flows.evidence.miners import OTHERS_EHS
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables.read import load

HOME = "USA"
"""Home of the pools, as `pools` has it."""

OF_LISTED = ("marapool",)
"""Pools of a listed firm alone: Marathon's."""

PLACES = ("USA", "CAN")
"""Where their miners are."""

CHANGED_PART = (0.0, 0.5)
"""Judgement: part of what the pools gained that came from other pools without moving, lowest and
highest (90 percent). It can only lower the floor. Nobody publishes who changed; in these months firms
of both countries did."""


def pool_growth(before: periods.When = "2021-06", after: periods.When = "2021-07") -> pd.Series:
    """Hashrate of the pools in two months.

    Parameters
    ----------
    before, after : When
        Months within ``pool_blocks_daily``.

    Returns
    -------
    Series
        pools (their names), before_ehs, after_ehs, growth_ehs, and luck_ehs, the standard deviation of
        the growth that comes from the chance of finding blocks.

    Raises
    ------
    InputError
        For months without blocks by pool, or in the wrong order.
    """
    months = [periods.month(before, "before"), periods.month(after, "after")]
    table = load("pool_blocks_daily")
    table = table.assign(month=table["date"].dt.to_period("M").dt.start_time)
    days = table.groupby("month")["date"].nunique()
    whole = days[days == days.index.days_in_month].index
    if months[0] >= months[1] or not set(months) <= set(whole):
        raise InputError(
            f"before = {months[0]:%Y-%m} and after = {months[1]:%Y-%m} must run forward within "
            f"{whole[0]:%Y-%m} to {whole[-1]:%Y-%m}, the whole months of pool_blocks_daily.csv."
        )
    pools = load("pools").set_index("pool")
    own = pools.index[(pools["home"] == HOME) & ~pools.index.isin(OF_LISTED)]
    found = table[table["pool"].isin(own)].groupby("month")["blocks"].sum().reindex(months)
    if found.isna().any() or (found == 0).any():
        raise InputError(
            f"pool_blocks_daily.csv has no blocks of pools of {HOME} for {months[0]:%Y-%m} and then "
            f"{months[1]:%Y-%m}; choose other months."
        )
    every = table.groupby("month")["blocks"].sum().reindex(months)
    network = [float(network_hashrate(month, month).iloc[0]) for month in months]
    rate = found / every * network
    seen = table.loc[table["month"].isin(months) & table["pool"].isin(own), "pool"].unique()
    return pd.Series(
        {
            "pools": "+".join(sorted(str(pools.loc[pool, "name"]) for pool in seen)),
            "before_ehs": float(rate.iloc[0]),
            "after_ehs": float(rate.iloc[1]),
            "growth_ehs": float(rate.iloc[1] - rate.iloc[0]),
            # Finding blocks is chance: so many of them, by Poisson's law.
            "luck_ehs": float(np.sqrt((rate**2 / found).sum())),
        }
    )


def pools_floor(
    growth: Any,
    *,
    before: periods.When = "2021-06",
    after: periods.When = "2021-07",
    changed_part: tuple[float, float] = CHANGED_PART,
    others_ehs: float = OTHERS_EHS,
) -> np.ndarray:
    """How well draws of North America's growth agree with what its pools gained, at least.

    Parameters
    ----------
    growth : array-like
        EH/s that :data:`PLACES` gained together between the two months, a number per draw.
    before, after : When
        Months.
    changed_part : tuple of float
        Part of what the pools gained that came from other pools, lowest and highest.
    others_ehs : float
        What miners of other pools may have lost there, EH/s, one standard deviation.

    Returns
    -------
    ndarray
        Log-likelihood per draw: the probability that the floor lies below its growth.

    Raises
    ------
    InputError
        For growth that is no array of numbers, or as :func:`pool_growth`.
    """
    drawn = array(growth, "growth")
    floor = pool_growth(before, after)
    low, high = changed_part
    if not 0 <= low <= high <= 1:
        raise InputError(
            f"changed_part = ({low:g}, {high:g}) must run from low to high within 0 to 1."
        )
    others = positive(others_ehs, "others_ehs")
    came = floor["growth_ehs"] * np.array([(low + high) / 2, (high - low) / (2 * NORMAL_95)])
    sd = np.sqrt(floor["luck_ehs"] ** 2 + came[1] ** 2 + others**2)
    return np.asarray(norm.logcdf(drawn, loc=floor["growth_ehs"] - came[0], scale=sd))
