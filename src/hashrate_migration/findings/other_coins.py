"""What is known of the mining of other coins in China."""

from __future__ import annotations

import pandas as pd

from hashrate_migration.tables.read import load

CHINA_TAG = "china"

ASIAN_TAGS = ("asia", "asia-east", "china", "singapore", "south korea", "taiwan", "japan")
"""Tags behind which miners in China may stand: the pools moved labels between these in 2020."""

UNTAGGED = "others"


def ethereum() -> pd.DataFrame:
    """Bounds for China's part of Ethereum's blocks, by month.

    A tag says where the server of a pool stood, as the pool wrote it: no machine was located.

    Returns
    -------
    DataFrame
        Indexed by month, percent of the blocks: tagged_china_pct; asian_pct (any tag of
        :data:`ASIAN_TAGS`); asian_or_untagged_pct (with the blocks without a region).
    """
    table = (
        load("ethereum_blocks").pivot(index="month", columns="tag", values="share_pct").fillna(0)
    )
    asian = table[[tag for tag in ASIAN_TAGS if tag in table]].sum(axis=1)
    return pd.DataFrame(
        {
            "tagged_china_pct": table[CHINA_TAG],
            "asian_pct": asian,
            "asian_or_untagged_pct": asian + table[UNTAGGED],
        }
    ).rename_axis(None, axis=1)


def facts(coin: str | None = None) -> pd.DataFrame:
    """Published facts on other coins: rows of ``other_coins``, in order of time.

    Parameters
    ----------
    coin : str, optional
        Only those on this coin; default: all.
    """
    table = load("other_coins").sort_values(["coin", "date", "fact_id"])
    return table if coin is None else table[table["coin"] == coin]
