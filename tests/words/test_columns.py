from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import words
from hashrate_migration.words import columns, values
from hashrate_migration.words.columns import COLUMNS, Column, column


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_is_described_in_words(name):
    described = COLUMNS[name]
    assert described.heading
    # A name of a column is no heading.
    assert "_" not in described.heading
    assert not described.way or described.way in values.WAYS
    # Ratios near one take four.
    assert 0 <= described.decimals <= 4


@pytest.mark.parametrize(
    "name", [n for n in COLUMNS if n.rpartition("_")[2] in ("pct", "ehs", "gw")]
)
def test_the_unit_is_that_of_the_name(name):
    units = {"pct": "%", "ehs": "EH/s", "gw": "GW"}
    assert COLUMNS[name].unit == units[name.rpartition("_")[2]]


def test_the_title_is_heading_and_unit():
    assert column("share_pct").title == "share (%)"
    assert column("rank").title == "rank"


def test_regions_and_months_may_be_columns():
    assert column("USA", "EH/s").title == "United States (EH/s)"
    assert column(pd.Timestamp("2021-05-01"), "%").title == "2021-05 (%)"
    words.use("zh")
    assert column("USA").title == "美国"


def test_an_unknown_column_says_what_to_do():
    with pytest.raises(KeyError, match=r"'power gw' is no column of words/columns\.py"):
        column("power gw")


class TestSaid:
    @pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
    @pytest.mark.parametrize("name", ["share_pct", "month", "region", "used", "kind"])
    def test_what_is_not_there_is_a_dash(self, name, missing):
        assert column(name).said(missing) == values.MISSING

    @pytest.mark.parametrize(
        ("name", "value", "text"),
        [
            ("share_pct", 12.345, "12.35"),
            ("share_pct", np.float32(0), "0.00"),
            ("gain_ehs", 3.21, "+3.2"),
            ("gain_ehs", -3.21, "−3.2"),
            ("network_ehs", 1234.5, "1,234.5"),
            ("region", "USA", "United States"),
            ("month", pd.Timestamp("2021-05-01"), "2021-05"),
            ("date", pd.Timestamp("2021-05-21"), "2021-05-21"),
            ("year", 2021, "2021"),
            ("year", np.int64(2021), "2021"),
            ("used", True, "yes"),
            ("used", np.False_, "no"),
            ("share_band", "12.4 (7.9–14.9)", "12.4 (7.9–14.9)"),
            ("basis", "measured", "measured"),
        ],
    )
    def test_each_kind_of_value(self, name, value, text):
        assert column(name).said(value) == text


class TestFitted:
    def test_a_column_of_small_numbers_gets_decimals(self):
        small = pd.Series([0.004, 0.001])
        assert column("share_before_pct").fitted(small).decimals == 3

    def test_a_small_number_among_large_ones_gets_none(self):
        assert column("share_before_pct").fitted(pd.Series([40.0, 0.001])).decimals == 1

    @pytest.mark.parametrize(
        "other",
        [
            pd.Series([1, 2]),
            pd.Series(["a"]),
            pd.Series([np.nan, np.nan]),
            pd.Series([1.0, np.nan]),
        ],
    )
    def test_all_else_stays(self, other):
        assert Column("heading").fitted(other) == Column("heading")


def test_a_table_of_yes_and_no_speaks_the_language_in_use():
    # The words are messages of the catalogue; without a translation they stay English.
    words.use("zh")
    assert columns.column("used").said(True) == words.translated("yes")
