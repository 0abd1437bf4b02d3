"""Machines and pools."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.chapters import hardware as chapter
from hashrate_migration.findings import concentration


def test_revenue_is_in_one_currency_and_by_year():
    table = chapter.revenue()
    assert table.index.tolist() == list(range(2017, 2023))
    assert table.loc[2021, "value"] == 4990
    assert chapter.other_currency_from() == 2023
    assert "was 11.1 times that of the year before" in chapter.revenue_title(table)
    assert "2017 to 2022 (from 2023 on" in chapter.revenue_caption(table)
    looks = chapter.year_colours(table.index)
    assert len(set(looks)) == 2
    assert looks.count(looks[4]) == 1


def test_a_year_of_lower_revenue_is_told_too():
    table = chapter.revenue()
    table.loc[2021, "change_pct"] = -50.0
    assert "was 0.5 times" in chapter.revenue_title(table)


def test_the_caption_without_another_currency(edit, data_copy):
    # As the file has its rows: a table comes in order of its key.
    table = pd.read_csv(data_copy / "hardware_makers.csv", dtype=str)
    own = (table["company"] == "Canaan") & (table["metric"] == "revenue")
    for row in table.index[own & (table["unit"] == "million USD")]:
        edit("hardware_makers", row, "unit", "million CNY")
    assert chapter.other_currency_from() is None
    assert "currency" not in chapter.revenue_caption(chapter.revenue())


def test_makers_are_counted_from_the_table():
    makers = chapter.makers()
    assert makers.every == ["Bitmain", "Canaan", "Ebang", "MicroBT"]
    assert makers.sold_known == ["Canaan", "Ebang"]
    rows = hm.load("hardware_makers")
    assert makers.periods == (rows["metric"] == "computing power sold").sum()
    assert makers.largest == "Bitmain"
    assert makers.missing == ["Bitmain", "Ebang"]


def test_the_table_of_makers_says_what_was_not_found():
    table = chapter.makers_table()
    assert set(table["figure"]) == {"revenue", "computing power sold", "market share"}
    missing = table[table["published_value"].isna()]
    assert dict(zip(missing["maker"], missing["note"], strict=True)) == {
        "Bitmain": "not found",
        "Ebang": chapter.NOT_WHOLE,
    }
    assert table["note"].notna().all()
    assert "Bitmain, Canaan and MicroBT" in set(table["maker"])


def test_efficiency_begins_with_the_fleet():
    table = chapter.efficiency()
    fleet = hm.load("fleet_efficiency").set_index("month")["efficiency_best_j_per_th"]
    assert table["fleet_j_per_th"].iloc[0] == fleet[table.index[0]]
    title = chapter.efficiency_title(table)
    assert f"{fleet[table.index[0]]:,.0f} joules" in title
    assert f"{fleet.iloc[-1]:.0f} in September 2024" in title
    widest = chapter.widest(table)
    assert widest.ban > widest.typical > 1


def test_homes_add_up_and_have_a_gap():
    homes = chapter.homes()
    assert homes.dropna().sum(axis=1).to_numpy() == pytest.approx(100)
    assert set(homes) == set(chapter.home_names()) == set(chapter.HOME_COLOURS)
    assert set(homes) == set(chapter.HOME_LINES)
    first, last = chapter.gap(homes)
    assert (first, last) == (pd.Timestamp("2018-11-01"), pd.Timestamp("2019-12-01"))
    assert "no labels from November 2018 to December 2019" in chapter.homes_subtitle(homes)
    whole = homes.loc["2020-01":]
    assert chapter.gap(whole) is None
    assert "labels" not in chapter.homes_subtitle(whole)
    title = chapter.homes_title(homes)
    assert f"{homes['CHN']['2017'].mean():.0f} percent of blocks in 2017" in title
    assert f"the United States found {homes['USA'].iloc[-1]:.0f} percent then" in title


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            24,
            44,
            "24 points above the map's share of China, and 44 points above it since the autumn of 2021",
        ),
        (
            24,
            -4,
            "24 points above the map's share of China, and 4 points below it since the autumn of 2021",
        ),
        (
            -2,
            44,
            "2 points below the map's share of China, and 44 points above it since the autumn of 2021",
        ),
        (
            -2,
            -4,
            "2 points below the map's share of China, and 4 points below it since the autumn of 2021",
        ),
    ],
)
def test_the_distance_has_its_direction(before, after, said):
    months = pd.to_datetime(["2021-04-01", "2021-05-01", "2021-07-01", "2021-09-01", "2021-10-01"])
    both = pd.DataFrame(
        {chapter.POOLS: [before, before, 90, after, after], chapter.MAP: 0.0}, index=months
    )
    assert said in chapter.distance_title(both)


def test_pools_and_map_share_their_months():
    both = chapter.pools_and_map()
    assert both.loc["2021-07-01", chapter.MAP] == 0
    assert both.loc["2021-07-01", chapter.POOLS] > 50
    assert set(both) == set(chapter.measure_names()) == set(chapter.MEASURE_LINES)


def test_pools_and_countries_are_compared_since_the_gap():
    pools = concentration.pools(draws=50)
    table = chapter.spread(pools)
    assert table.index.tolist() == [pd.Timestamp("2020-01-01"), pools.index[-1]]
    assert table["pools"].iloc[0] == pools.loc["2020-01-01", "effective_number"]
    assert f"{pools['effective_number'].iloc[-1]:.1f} equal ones" in (
        chapter.concentration_title(pools)
    )


def test_the_lists_have_a_gap_and_go_on_after_it():
    found = chapter.since()
    models = hm.load("hardware_models")
    inside = models["release_month"].between(found.before, found.after, inclusive="neither")
    assert not inside.any()
    assert (found.after - found.before).days > 365
    assert found.best < found.at_gap
    assert found.last == models["release_month"].max()


def test_surveyed_machines_stand_beside_those_of_the_model():
    found = chapter.since()
    assert found.year == 2024
    assert found.surveyed == 28.2
    fleet = hm.load("fleet_efficiency").set_index("month")["efficiency_best_j_per_th"]
    assert found.months == len(fleet.loc["2024"])
    assert found.modelled == pytest.approx(fleet.loc["2024"].mean())


def test_quarters_of_the_ban_are_those_of_the_reports():
    sold = chapter.quarters()
    assert sold[sold.index.year == 2021].tolist() == [2.0, 5.9, 6.7, 7.7]
    assert chapter.quarter_names(sold.index[-1:]) == ["2022 Q4"]
    year = chapter.ban_year()
    assert year.later == pytest.approx(6.7 + 7.7)
    network = hm.network_hashrate()
    assert year.grown == pytest.approx(network["2021-12-01"] - network["2021-07-01"])
    assert chapter.quarters_title(year).startswith(
        "In the last quarter of 2021 Canaan sold 3.9 times"
    )


def test_what_cannot_be_said_of_bitmain():
    silent = chapter.silent("Bitmain")
    # Its revenue of 2021 was looked for and not found, and nothing else of that year stands there.
    assert (silent.within, silent.looked_for) == (0, 1)
    assert silent.before["end_month"] == pd.Timestamp("2020-04-01")
    assert silent.after["start_month"] == pd.Timestamp("2025-04-01")
    assert chapter.silent("Canaan").within > 0
