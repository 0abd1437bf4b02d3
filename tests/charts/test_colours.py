from __future__ import annotations

import re

import pytest

from hashrate_migration.charts import colours
from hashrate_migration.charts.multiples import _DASHES
from hashrate_migration.energy.seasons import provinces
from hashrate_migration.tables import regions

CODES = {
    name: value
    for name, value in vars(colours).items()
    if name.isupper() and isinstance(value, str)
}


def test_china_and_america_have_the_colours_of_the_table():
    assert regions.colour("CHN") == colours.CHINA
    assert regions.colour("USA") == colours.AMERICA


@pytest.mark.parametrize("group", ["SOURCES", "PROVINCES", "SCENARIOS"])
def test_things_of_one_figure_have_colours_of_their_own(group):
    chosen = getattr(colours, group)
    assert len(set(chosen.values())) == len(chosen)


def test_colours_can_be_read():
    named = [*CODES.values(), *colours.SOURCES.values(), *colours.SCENARIOS.values()]
    assert all(re.fullmatch(r"#[0-9A-F]{6}", code) for code in named)


def test_every_province_and_every_scenario_has_one():
    assert set(provinces()) <= set(colours.PROVINCES)
    assert set(_DASHES) == set(colours.SCENARIOS)
