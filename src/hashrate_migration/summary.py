"""The key figures of the story, each computed from the tables by a stated rule."""

from __future__ import annotations

import pandas as pd

from hashrate_migration import regions
from hashrate_migration.hashrate_stocks import shares, stocks
from hashrate_migration.network import drawdown, network_hashrate

LAST_MONTH_BEFORE = pd.Timestamp("2021-05-01")
"""Month of the State Council committee's call to crack down (2021-05-21): the last month
whose sample is mostly from before the clearance."""

FIRST_MONTH_CLEARED = pd.Timestamp("2021-07-01")
"""First month after the provinces' deadlines of June 2021."""


def network_fall() -> pd.DataFrame:
    """How far the network fell in 2021 and how long it took to come back.

    Returns
    -------
    DataFrame
        Rows ``monthly`` and ``daily`` (seven-day means); columns of
        :func:`hashrate_migration.network.drawdown`. The peak is looked for from 2021-01 to the
        end of 2021-06.
    """
    monthly = network_hashrate("2021-01", "2023-12")
    daily = network_hashrate("2021-01-01", "2023-12-31", freq="D").rolling(7).mean().dropna()
    return pd.DataFrame(
        {
            "monthly": drawdown(monthly, "2021-01", "2021-06"),
            "daily": drawdown(daily, "2021-01", "2021-06"),
        }
    ).T


def through_the_ban() -> pd.DataFrame:
    """Share and hashrate of every region before, during and after the clearance.

    Returns
    -------
    DataFrame
        One row per region of the mining map, most gained hashrate first, with share_before_pct,
        share_cleared_pct and share_last_pct (percent of the network in 2021-05, 2021-07 and the last
        month of the map), before_ehs, cleared_ehs, last_ehs, and gain_ehs and gain_pct_points
        from 2021-05 to the last month.
    """
    share, stock = shares(), stocks()
    last = share.index[-1]
    table = pd.DataFrame(
        {
            "share_before_pct": share.loc[LAST_MONTH_BEFORE],
            "share_cleared_pct": share.loc[FIRST_MONTH_CLEARED],
            "share_last_pct": share.loc[last],
            "before_ehs": stock.loc[LAST_MONTH_BEFORE],
            "cleared_ehs": stock.loc[FIRST_MONTH_CLEARED],
            "last_ehs": stock.loc[last],
        }
    )
    table["gain_ehs"] = table["last_ehs"] - table["before_ehs"]
    table["gain_pct_points"] = table["share_last_pct"] - table["share_before_pct"]
    return table.sort_values("gain_ehs", ascending=False).rename_axis("region")


def key_figures() -> pd.DataFrame:
    """The numbers that the overview states.

    Returns
    -------
    DataFrame
        Columns figure, value, unit, when and rule (how it is computed).
    """
    share, stock = shares(), stocks()
    china = share["CHN"]
    fall = network_fall()
    ban = through_the_ban()
    last = share.index[-1]
    gains = ban.drop(index=["CHN", regions.REST])
    winner = gains["gain_ehs"].idxmax()
    kazakh = share["KAZ"]
    back = china.loc[FIRST_MONTH_CLEARED:]
    returned = back.index[back > 0][0]
    peak, trough, regained = fall["peak_date"], fall["trough_date"], fall["regained_date"]
    rows = [
        ("China's highest share", china.max(), "%", f"{china.idxmax():%Y-%m}", "mining map"),
        (
            "China's share before the clearance",
            china[LAST_MONTH_BEFORE],
            "%",
            f"{LAST_MONTH_BEFORE:%Y-%m}",
            "mining map",
        ),
        (
            "China's hashrate before the clearance",
            stock["CHN"][LAST_MONTH_BEFORE],
            "EH/s",
            f"{LAST_MONTH_BEFORE:%Y-%m}",
            "share x network",
        ),
        (
            "China's share on its return to the map",
            china[returned],
            "%",
            f"{returned:%Y-%m}",
            "first month above 0 after 2021-07",
        ),
        ("China's share at the map's end", china[last], "%", f"{last:%Y-%m}", "mining map"),
        (
            "Fall of the network, monthly means",
            fall.loc["monthly", "fall_pct"],
            "%",
            f"{peak['monthly']:%Y-%m} to {trough['monthly']:%Y-%m}",
            "peak to trough",
        ),
        (
            "Fall of the network, seven-day means",
            fall.loc["daily", "fall_pct"],
            "%",
            f"{peak['daily']:%Y-%m-%d} to {trough['daily']:%Y-%m-%d}",
            "peak to trough",
        ),
        (
            "Months until the network regained its peak",
            fall.loc["monthly", "periods_to_regain"],
            "months",
            f"{peak['monthly']:%Y-%m} to {regained['monthly']:%Y-%m}",
            "monthly means",
        ),
        (
            f"Largest gain: {regions.name(winner)}",
            gains.loc[winner, "gain_ehs"],
            "EH/s",
            f"{LAST_MONTH_BEFORE:%Y-%m} to {last:%Y-%m}",
            "change of share x network",
        ),
        (
            f"Share of {regions.in_text(winner)} at the map's end",
            share[winner][last],
            "%",
            f"{last:%Y-%m}",
            "mining map",
        ),
        (
            "Kazakhstan's highest share",
            kazakh.max(),
            "%",
            f"{kazakh.idxmax():%Y-%m}",
            "mining map",
        ),
    ]
    return pd.DataFrame(rows, columns=["figure", "value", "unit", "when", "rule"])
