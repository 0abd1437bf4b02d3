"""When the machines stopped: the page's tables of steps, pools and acts."""

from __future__ import annotations

import pandas as pd
import pytest

from hashrate_migration.chapters import departures as chapter
from hashrate_migration.hashrate import pool_steps, steps
from hashrate_migration.hashrate.mining_map import stocks


@pytest.fixture(scope="module")
def left():
    return chapter.departures()


def test_the_steps_are_those_of_the_blocks(left):
    assert list(left.steps["date"]) == list(steps.steps().table["date"])
    shapes = steps.steps().shapes.set_index("shape")["probability_pct"]
    assert left.ramp_odds == pytest.approx(shapes["ramp"] / shapes["2 steps"])


def test_around_the_acts_pools_of_china_lost(left):
    table = pool_steps.by_act(within_days=chapter.NEAR_DAYS)
    rows = table[table["group"] == "china"].set_index("act_date")
    assert [act.place for act in left.near] == ["the north-west", "Sichuan"]
    for act in left.near:
        row = rows.loc[act.day]
        assert 0 < act.ends[0] < act.lost < act.ends[1]
        assert (act.lost, act.chance_pct) == (-row["change_ehs"], row["chance_pct"])


def test_groups_add_up_to_the_network(left):
    rows = left.by_pools.set_index(["step", "group"])["before_ehs"].unstack()
    parts = rows[["china", "control", "unassigned"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(rows["network"].to_numpy(), rel=0.01)


def test_the_table_has_a_row_for_each_step_and_group(left):
    shown = chapter.steps_table(left)
    assert len(shown) == 4 * len(left.steps)
    assert "pools run from China" in set(shown["pool_group"])
    assert chapter.days(left) == "9 June 2021 and 19 June 2021"


def test_acts_are_of_provinces_within_the_days(left):
    acts = chapter.acts(left)
    assert {"Sichuan", "Yunnan"} <= set(acts["place"])
    assert acts["date"].between("2021-05-20", "2021-07-10").all()
    assert (acts["region"] == "CHN").all()


def test_provinces_lost_what_china_lost_between_the_months(left):
    table = chapter.by_province(left).set_index("region")
    china = stocks()["CHN"]
    assert table["before_ehs"].sum() == pytest.approx(china["2021-05-01"], rel=0.01)
    assert table["after_ehs"].sum() == pytest.approx(china["2021-06-01"], rel=0.01)
    assert table.index[0] == "CN-XJ"
    assert table["change_ehs"].is_monotonic_increasing
    # The map knows Sichuan's loss of late June not yet.
    assert table.loc["CN-SC", "change_ehs"] > 0
    assert table.loc["CN-SC", "dates_of_acts"] == (
        "2 June 2021, 18 June 2021, 19 June 2021 and 20 June 2021"
    )
    assert table.loc["CN-XJ", "dates_of_acts"] == "9 June 2021"
    assert table.loc["CN-BJ", "dates_of_acts"] == "–"


def test_the_picture_has_the_hashrate_of_each_day(left):
    table = chapter.by_day(left)
    assert list(table.index) == list(left.levels["date"])
    early = table.sum(axis=1).loc[: pd.Timestamp("2021-06-05")].mean()
    assert early == pytest.approx(left.levels["hashrate_ehs"].iloc[:10].mean(), rel=0.1)
