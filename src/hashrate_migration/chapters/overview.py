"""The key figures of the story, each computed from the tables by a stated rule."""

from __future__ import annotations

import pandas as pd

from hashrate_migration import chronology
from hashrate_migration.hashrate.mining_map import shares, stocks, through_the_ban
from hashrate_migration.hashrate.network import network_fall
from hashrate_migration.tables import regions


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
    back = china.loc[chronology.CLEARED :]
    returned = back.index[back > 0][0]
    peak, trough, regained = fall["peak_date"], fall["trough_date"], fall["regained_date"]
    rows = [
        ("China's highest share", china.max(), "%", f"{china.idxmax():%Y-%m}", "mining map"),
        (
            "China's share before the clearance",
            china[chronology.BEFORE],
            "%",
            f"{chronology.BEFORE:%Y-%m}",
            "mining map",
        ),
        (
            "China's hashrate before the clearance",
            stock["CHN"][chronology.BEFORE],
            "EH/s",
            f"{chronology.BEFORE:%Y-%m}",
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
            f"{chronology.BEFORE:%Y-%m} to {last:%Y-%m}",
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
