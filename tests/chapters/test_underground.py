"""Mining in China after the ban."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.chapters import underground as chapter

LAST = pd.Timestamp("2026-07-01")


def test_acts_are_chinese_and_after_the_ban():
    acts = chapter.acts(LAST)
    assert set(acts["region"]) == {"CHN"}
    assert acts["date"].min() >= pd.Timestamp("2021-07-01")
    assert set(acts["kind"]) <= {"policy", "enforcement", "weather", "grid"}
    marked = chapter.marked(acts)
    assert set(marked["event_id"]) < set(acts["event_id"])


def test_provinces_add_up_to_china():
    table = chapter.provinces()
    china = hm.stocks()["CHN"]
    assert table["april_ehs"].sum() == pytest.approx(china["2021-04-01"])
    assert table["june_ehs"].sum() == pytest.approx(china["2021-06-01"])
    assert table["june_ehs"].is_monotonic_decreasing
    assert chapter.remaining().sum() == pytest.approx(100)


def test_chinese_pools_are_those_of_the_last_month_with_labels():
    month, part = chapter.chinese_pools()
    blocks = hm.load("pool_blocks").merge(hm.load("pools"), on="pool", how="left")
    last = blocks[blocks["month"] == blocks["month"].max()]
    assert month == blocks["month"].max()
    by_hand = 100 * last.loc[last["home"] == "CHN", "blocks"].sum() / last["blocks"].sum()
    assert part == pytest.approx(by_hand)


def test_the_last_list_is_a_vendors_of_china():
    figures = pd.DataFrame(
        {
            "month": pd.to_datetime(["2025-05-01", "2025-10-01", "2025-11-01", "2026-07-01"]),
            "region": ["CHN", "CHN", "CHN", "USA"],
            "kind": ["vendor", "vendor", "expert", "vendor"],
        }
    )
    assert chapter.last_list(figures) == pd.Timestamp("2025-10-01")


def test_the_title_of_the_drought_follows_its_sign():
    assert "above" in chapter.drought_title(2.0)
    assert "below" in chapter.drought_title(-2.0)
    assert "2\N{NO-BREAK SPACE}percent" in chapter.drought_title(-2.0)
    drought = chapter.drought(chapter.acts(LAST))
    assert set(drought.events["date"].dt.strftime("%Y-%m")) == {"2022-08"}


def test_what_china_held_in_the_summer_is_counted_in_the_draws():
    held = chapter.summer()
    assert held.index.tolist() == list(pd.to_datetime(["2021-07-01", "2021-08-01"]))
    china = hm.country_panel.paths()["CHN"].xs("2021-07-01", level="month")
    for mark in chapter.HELD_MORE_THAN:
        by_hand = 100 * (china > mark).sum() / len(china)
        assert held.loc["2021-07-01", mark] == pytest.approx(by_hand)
    # More than more is held in fewer draws.
    assert (held.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)
    held.loc["2021-07-01", 5] = 50.0
    assert chapter.held_title(held) == (
        "In 50\N{NO-BREAK SPACE}percent of the panel's draws China held more than "
        "5\N{NO-BREAK SPACE}percent of the network in July 2021"
    )


def test_sichuan_is_switched_off_from_the_day_its_mines_say():
    off = chapter.sichuan_off()
    assert off == pd.Timestamp("2021-06-19")
    events = hm.load("policy_events").set_index("event_id")
    # The order came before, its deadline after.
    assert events.loc["2021-06-18-chn-1", "date"] < off < events.loc["2021-06-20-chn-1", "date"]
    assert events.loc["2021-06-19-chn-1", "follows"] == "2021-06-18-chn-1"
