from __future__ import annotations

import pytest

from hashrate_migration.charts import cite
from hashrate_migration.country_panel import INPUTS
from hashrate_migration.errors import InputError
from hashrate_migration.tables.read import resource


def test_a_table_is_cited_with_its_source():
    assert cite("network_daily") == "Bitcoin block chain (network_daily)"


def test_tables_of_one_source_stand_together():
    assert cite("mining_map", "network_daily", "china_provinces") == (
        "Cambridge Centre for Alternative Finance, mining map (mining_map, china_provinces); "
        "Bitcoin block chain (network_daily)"
    )


def test_the_panel_is_named_before_the_tables_behind_it():
    text = cite("country_panel")
    assert text.startswith("country panel of this project; ")
    for table in INPUTS:
        assert text.count(table) == 1
        assert resource(table)["sources"][0]["title"] in text


def test_a_table_is_named_once():
    assert cite("country_panel", "mining_map") == cite("country_panel")
    assert cite("mining_map", "mining_map") == cite("mining_map")


def test_an_unknown_table():
    with pytest.raises(InputError, match="no table 'nothing'"):
        cite("nothing")
