"""Other coins: bounds by tags, and what was published."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.findings import other_coins


def test_bounds_are_in_order_and_below_the_whole():
    shares = other_coins.ethereum()
    assert (shares["tagged_china_pct"] <= shares["asian_pct"]).all()
    assert (shares["asian_pct"] <= shares["asian_or_untagged_pct"]).all()
    assert (shares["asian_or_untagged_pct"] < 100.01).all()


def test_tags_of_a_month_are_all_of_its_blocks():
    sums = hm.load("ethereum_blocks").groupby("month")["share_pct"].sum()
    assert sums.tolist() == pytest.approx([100] * len(sums), abs=0.01)
    due = pd.date_range("2015-07-01", "2022-09-01", freq="MS")
    assert list(sums.index) == list(due)


def test_facts_are_of_the_coin_that_was_asked_for():
    assert set(other_coins.facts("Chia")["coin"]) == {"Chia"}
    assert len(other_coins.facts()) == len(hm.load("other_coins"))


def test_what_was_looked_for_and_not_found_is_a_row():
    assert other_coins.facts("Chia")["value"].isna().any()
