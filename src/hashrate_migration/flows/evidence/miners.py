r"""What listed miners' output says of a country, at least.

A firm that finds B bitcoin in a month has the part B / (6.25 n) of the network's hashrate H, n being
the blocks of the month. What the listed firms of a country gained from one month to the next is a
lower bound of what the country gained, as far as firms that are not listed lost nothing.

Fees are in B, so the hashrate comes out a few percent high, in both months alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from hashrate_migration import periods
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import positive
from hashrate_migration.flows.evidence.draws import by_place
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables.read import load

SUBSIDY_BTC = 6.25
"""New bitcoin per block between the halvings of May 2020 and April 2024."""

_SUBSIDY_FROM, _SUBSIDY_TO = pd.Timestamp("2020-06-01"), pd.Timestamp("2024-03-01")

OTHERS_EHS = 1.0
"""Judgement: what firms of a country that are not listed may have lost in a month (one standard
deviation). In July 2021 a machine earned more than in June, so few were switched off."""


def own_hashrate(bitcoin: float, start: periods.When, end: periods.When) -> float:
    """Mean hashrate that found so many bitcoin.

    Parameters
    ----------
    bitcoin : float
        Bitcoin of the whole period.
    start, end : When
        First and last month of the period.

    Returns
    -------
    float
        EH/s.

    Raises
    ------
    InputError
        For months in which a block brought another number of new bitcoin.

    Examples
    --------
    What Riot and Marathon found in July 2021:

    >>> round(own_hashrate(444 + 442, "2021-07", "2021-07"), 2)
    3.25
    """
    first, last = periods.month(start, "start"), periods.month(end, "end")
    if not _SUBSIDY_FROM <= first <= last <= _SUBSIDY_TO:
        raise InputError(
            f"start = {first:%Y-%m} and end = {last:%Y-%m} must run forward within "
            f"{_SUBSIDY_FROM:%Y-%m} to {_SUBSIDY_TO:%Y-%m}, when a block brought {SUBSIDY_BTC} bitcoin."
        )
    days = network_hashrate(first, last + pd.offsets.MonthEnd(), freq="D")
    daily = load("network_daily").set_index("date")["blocks"]
    blocks = float(daily.loc[days.index[0] : days.index[-1]].sum())
    return bitcoin / (SUBSIDY_BTC * blocks) * float(days.mean())


def output_growth(
    before: periods.When = "2021-06", after: periods.When = "2021-07"
) -> pd.DataFrame:
    """Hashrate of the listed miners of each country in two months.

    Parameters
    ----------
    before, after : When
        Months; only firms with a figure for both count.

    Returns
    -------
    DataFrame
        Indexed by place: firms (their names), before_ehs, after_ehs, growth_ehs, and luck_ehs, the
        standard deviation of the growth that comes from the chance of finding blocks.

    Raises
    ------
    InputError
        If no firm has a figure for both months.
    """
    months = [periods.month(before, "before"), periods.month(after, "after")]
    table = load("miner_output")
    single = table[table["start_month"] == table["end_month"]]
    found = single.pivot_table(
        index=["place", "firm"], columns="start_month", values="bitcoin", observed=True
    )
    both = found.reindex(columns=months).dropna()
    if both.empty or months[0] >= months[1]:
        raise InputError(
            f"miner_output.csv has no firm with figures for {months[0]:%Y-%m} and then for "
            f"{months[1]:%Y-%m}; choose other months or add its rows."
        )
    names = both.reset_index("firm").groupby("place", observed=True)["firm"].agg("+".join)
    coins = both.groupby("place", observed=True).sum()
    rate = pd.DataFrame(
        {month: [own_hashrate(one, month, month) for one in coins[month]] for month in months},
        index=coins.index,
    )
    # Finding blocks is chance: B / 6.25 of them, by Poisson's law.
    luck = (rate / np.sqrt(coins / SUBSIDY_BTC)).pow(2).sum(axis=1).pow(0.5)
    return pd.DataFrame(
        {
            "firms": names,
            "before_ehs": rate[months[0]],
            "after_ehs": rate[months[1]],
            "growth_ehs": rate[months[1]] - rate[months[0]],
            "luck_ehs": luck,
        }
    )


def miners_floor(
    growth: Mapping[str, Any],
    *,
    before: periods.When = "2021-06",
    after: periods.When = "2021-07",
    others_ehs: float = OTHERS_EHS,
) -> np.ndarray:
    """How well draws of a country's growth agree with what its listed miners gained, at least.

    Parameters
    ----------
    growth : mapping of place to array
        EH/s gained between the two months, a number per draw. Places without listed miners do not
        count.
    before, after : When
        Months.
    others_ehs : float
        What firms that are not listed may have lost, one standard deviation.

    Returns
    -------
    ndarray
        Log-likelihood per draw: of each place the probability that the floor lies below its growth.
        A bound says nothing against a growth far above it.

    Raises
    ------
    InputError
        For months or places without listed miners.
    """
    drawn = by_place(growth, "growth")
    others = positive(others_ehs, "others_ehs")
    floors = output_growth(before, after)
    places = [place for place in drawn if place in floors.index]
    if not places:
        raise InputError(
            f"growth names {', '.join(drawn)}, but miner_output.csv has figures for "
            f"{', '.join(floors.index)}; give draws of one of these."
        )
    total = np.zeros(len(drawn[places[0]]))
    for place in places:
        floor = floors.loc[place]
        sd = float(np.hypot(floor["luck_ehs"], others))
        total += norm.logcdf(drawn[place], loc=floor["growth_ehs"], scale=sd)
    return total
