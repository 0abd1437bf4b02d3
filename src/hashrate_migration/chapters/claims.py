"""What the claims say, laid out for figures."""

from __future__ import annotations

import pandas as pd

from hashrate_migration import energy
from hashrate_migration.energy.demand import hours
from hashrate_migration.findings import hardware
from hashrate_migration.tables.read import load


def shares_claimed(region: str) -> pd.DataFrame:
    """Shares of a country that claims name for one time.

    Returns
    -------
    DataFrame
        Columns claim_id, month (the middle of the claimed period) and value (percent).
    """
    table = load("claims")
    metrics = ["map_share_pct", "panel_share_pct"]
    rows = table[table["metric"].isin(metrics) & (table["subject"] == region)]
    pointed = rows["comparison"].eq("equals") | (
        rows["comparison"].eq("at_most") & rows["value"].lt(5)
    )
    rows = rows[pointed].drop_duplicates("claim_id")
    return pd.DataFrame(
        {
            "claim_id": rows["claim_id"],
            "month": rows["start_month"] + (rows["end_month"] - rows["start_month"]) / 2,
            # A claim of almost nothing is drawn as nothing.
            "value": rows["value"].where(rows["comparison"] == "equals", 0.0),
        }
    ).reset_index(drop=True)


def energy_claimed() -> pd.DataFrame:
    """Electricity of 2020: claimed for China, of China, of the network.

    Returns
    -------
    DataFrame
        Indexed by what: value, low, high (TWh; low and high missing for the claim).
    """
    claimed = load("claims").query("claim_id == 'c16'")["value"].iloc[0]
    rows = energy.power("2020-01", "2020-12")
    china = rows[rows["region"] == "CHN"]
    length = hours(china["month"]) / 1000
    network = energy.network_power("2020-01", "2020-12")
    span = hours(pd.DatetimeIndex(network.index)) / 1000
    return pd.DataFrame(
        {
            "value": [
                claimed,
                china["energy_twh"].sum(),
                network["best_twh"].sum(),
            ],
            "low": [
                float("nan"),
                (china["low_gw"] * length).sum(),
                (network["power_lower_gw"] * span).sum(),
            ],
            "high": [
                float("nan"),
                (china["high_gw"] * length).sum(),
                (network["power_upper_gw"] * span).sum(),
            ],
        },
        index=["the article, for China", "China", "the whole network"],
    )


def makers_2021() -> pd.DataFrame:
    """Change of revenue in 2021: claimed, and of the makers that publish.

    Returns
    -------
    DataFrame
        Indexed by what: value (percent), low and high (missing).
    """
    claimed = load("claims").query("claim_id == 'c31'")["value"].iloc[0]
    canaan = hardware.maker("Canaan", "revenue")["change_pct"].loc["2021-01-01"]
    ebang = hardware.maker("Ebang", "revenue", months=6)["change_pct"].loc["2021-01-01"]
    table = pd.DataFrame(
        {"value": [claimed, canaan, ebang]},
        index=["the article", "Canaan, 2021", "Ebang, first half of 2021"],
    )
    return table.assign(low=float("nan"), high=float("nan"))
