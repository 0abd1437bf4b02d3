"""One country of the panel: what its profile says follows the tables, for every country."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import chronology, country_panel
from hashrate_migration.chapters import country as chapter
from hashrate_migration.periods import Window
from hashrate_migration.tables import regions
from hashrate_migration.words import values

COUNTRIES = country_panel.countries()
MAPPED = regions.mapped_countries()
WHOLE = Window(pd.Timestamp("2019-09-01"), pd.Timestamp("2022-01-01"))


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return hm.panel()


def test_only_a_country_at_zero_after_the_clearance_shows_nothing():
    assert chapter.nothing_shown("CHN") == [chronology.CLEARED, chronology.ZERO_AGAIN]
    assert chapter.nothing_shown("USA") == []
    assert chapter.nothing_shown(next(code for code in COUNTRIES if code not in MAPPED)) == []


def test_without_a_zero_on_the_map_no_month_shows_nothing(monkeypatch):
    shares = hm.shares()
    shares.loc[chronology.CLEARED, "CHN"] = 1.0
    monkeypatch.setattr(chapter.mining_map, "shares", lambda: shares)
    assert chapter.nothing_shown("CHN") == [chronology.ZERO_AGAIN]


@pytest.fixture(scope="module")
def ranks() -> pd.DataFrame:
    return chapter.ranks_today()


def titles(country: str, panel: pd.DataFrame, ranks: pd.DataFrame) -> list[str]:
    """Every title of a country's profile."""
    today = chapter.standing(panel, country)
    found = [
        chapter.panel_title(country, today),
        chapter.rank_today_title(country, ranks, today.month),
        chapter.world_title(country, today),
    ]
    if country in MAPPED:
        found += [chapter.map_title(country), chapter.gain_title(country)]
        found.append(chapter.rank_title(country))
    if len(inside := chapter.subdivisions(country, WHOLE)):
        found.append(chapter.subdivisions_title(country, inside))
    return found


@pytest.mark.parametrize("country", COUNTRIES)
class TestEveryCountry:
    def test_titles_say_numbers_that_tell_something(self, country, panel, ranks):
        for title in titles(country, panel, ranks):
            assert not re.search(r"nan|\b0\.0+ (to|percent)|to 0\.0+\b", title), title
            assert title[0].isupper()
            assert "{" not in title

    def test_titles_name_the_country(self, country, panel, ranks):
        first = titles(country, panel, ranks)[:3]
        assert all(values.name(country) in title for title in first)

    def test_change_and_band_are_those_of_the_panel(self, country, panel):
        today = chapter.standing(panel, country)
        own = panel[panel["region"] == country].set_index("month")
        then, now = own.loc["2022-01-01"], own.iloc[-1]
        title = chapter.panel_title(country, today)
        assert values.share_range(now) in title
        paths = country_panel.paths()[country].unstack("month")
        grown = (paths.iloc[:, -1] > paths[pd.Timestamp("2022-01-01")]).sum() / len(paths)
        assert today.grown_pct == pytest.approx(100 * grown)
        assert ("larger share" in title) == (grown >= 0.95)
        assert ("smaller share" in title) == (grown <= 0.05)
        assert ("is open" in title) == (0.05 < grown < 0.95)
        # Where the bands lie apart, the draws agree too.
        assert today.change == "grown" or now["low"] <= then["high"]
        assert today.change == "shrunk" or now["high"] >= then["low"]

    def test_the_peak_lies_where_estimates_reach(self, country, panel):
        today = chapter.standing(panel, country)
        own = panel[panel["region"] == country].set_index("month")
        reached = own[own["basis"] != "extrapolated"]
        # A country of which only floors are known has no month that estimates reach.
        reached = own if reached.empty else reached
        assert today.peak["share_pct"] == reached["share_pct"].max()
        assert today.peak_month in reached.index
        measured = own.index[(own.index > "2022-01-01") & (own["basis"] == "measured")]
        assert today.located == list(measured)

    def test_the_rank_lies_within_its_range(self, country, ranks):
        low, median, high = ranks.loc[country]
        assert 1 <= low <= median <= high <= len(COUNTRIES)

    def test_maps_end_with_today(self, country, panel):
        shown = chapter.maps(country, panel)
        assert len(shown) == (3 if country in MAPPED else 1)
        last = list(shown.values())[-1]
        assert last[country] == chapter.standing(panel, country).now["share_pct"]
        assert ("mining map" in chapter.world_caption(country)) == (country in MAPPED)


@pytest.mark.parametrize("country", MAPPED)
class TestOnTheMap:
    def test_the_passage_is_that_of_the_map(self, country):
        table = chapter.passage(country)
        assert table["month"].dt.strftime("%Y-%m").tolist() == [
            *("2021-05", "2021-07", "2021-09", "2022-01")
        ]
        assert table["gain_ehs"].iloc[0] == 0
        share = hm.shares()[country]
        assert table["share_pct"].tolist() == share[table["month"]].tolist()

    def test_gained_or_lost(self, country):
        gain = chapter.passage(country)["gain_ehs"].iloc[-1]
        title = chapter.gain_title(country)
        assert ("lost" in title.split(" through")[0]) == (gain < 0)
        assert values.ehs(abs(gain), 1) in title

    def test_its_peak_and_its_ends(self, country):
        own = chapter.on_the_map(country)
        share, stock = hm.shares()[country], hm.stocks()[country]
        assert (own.peak_pct, own.largest_ehs) == (share.max(), stock.max())
        assert share[own.peak_month] == own.peak_pct
        assert (own.first_pct, own.last_pct) == (share.iloc[0], share.iloc[-1])
        assert ("highest share" in chapter.map_title(country)) == (own.peak_month == own.last)


@pytest.mark.parametrize(
    ("larger", "change", "words"),
    [
        (95, "grown", "larger share than when"),
        (94, "unsure", "is open"),
        (6, "unsure", "is open"),
        (5, "shrunk", "smaller share than when"),
    ],
)
def test_a_share_has_grown_if_nearly_all_draws_say_so(panel, monkeypatch, larger, change, words):
    """A hundred draws, in so many of which the share of today is larger than at the map's end."""
    months = pd.DatetimeIndex(panel["month"].unique(), name="month")
    paths = pd.DataFrame(10.0, index=pd.RangeIndex(100, name="draw"), columns=months)
    paths[months[-1]] = [11.0] * larger + [9.0] * (100 - larger)
    monkeypatch.setattr(country_panel, "paths", lambda: paths.stack().to_frame("USA"))
    today = chapter.standing(panel, "USA")
    assert (today.grown_pct, today.shrunk_pct, today.change) == (larger, 100 - larger, change)
    assert words in chapter.panel_title("USA", today)


def test_small_shares_keep_a_figure(panel):
    today = chapter.standing(panel, "CHL")
    small = today.now.copy()
    small[["share_pct", "low", "high"]] = [0.02, 0.01, 0.04]
    title = chapter.panel_title("CHL", dataclasses.replace(today, now=small))
    assert "0.01 to 0.04 percent" in title


def test_winners_and_losers_beside_the_others(edit):
    assert chapter.gain_title("USA").endswith("more than any other country of the map")
    assert chapter.gain_title("CHN").endswith("more than any other country of the map")
    assert "of the eight other countries of the map one gained more" in chapter.gain_title("KAZ")
    assert "of the eight other countries of the map one lost more" in chapter.gain_title("IRN")
    # With another last month Kazakhstan has lost.
    table = hm.load("mining_map")
    last = table["month"].eq("2022-01-01")
    kazakh = table.index[last & table["region"].eq("KAZ")][0]
    rest = table.index[last & table["region"].eq("OTH")][0]
    moved = table.loc[kazakh, "share_pct"] - 1
    edit("mining_map", int(kazakh), "share_pct", "1")
    edit("mining_map", int(rest), "share_pct", f"{table.loc[rest, 'share_pct'] + moved:.2f}")
    assert chapter.gain_title("KAZ").startswith("Kazakhstan lost")


def test_ranks_before_and_after():
    assert "from rank 2" in chapter.rank_title("USA")
    assert "both in May 2021 and in January 2022" in chapter.rank_title("KAZ")
    shown = chapter.ranks_on_the_map("IRL", WHOLE, 3)
    assert "IRL" in shown
    assert len(shown.columns) == 4


def test_a_country_without_hashrate_has_no_rank(edit):
    table = hm.load("mining_map")
    last = table["month"].eq("2022-01-01")
    iran = table.index[last & table["region"].eq("IRN")][0]
    rest = table.index[last & table["region"].eq("OTH")][0]
    edit("mining_map", int(iran), "share_pct", "0")
    whole = table.loc[rest, "share_pct"] + table.loc[iran, "share_pct"]
    edit("mining_map", int(rest), "share_pct", f"{whole:.2f}")
    assert chapter.rank_title("IRN") == "Rank of Iran on the mining map"


def test_one_rank_or_a_range(ranks):
    month = pd.Timestamp("2026-07-01")
    sure = ranks.assign(low=ranks["median"], high=ranks["median"])
    assert "had rank" in chapter.rank_today_title("CHN", sure, month)
    wide = ranks.assign(low=2, high=7)
    assert "had a rank between 2 and 7" in chapter.rank_today_title("CHN", wide, month)


class TestEvents:
    def test_all_events_are_those_of_the_country(self, panel):
        acts = chapter.acts("KAZ", panel)
        assert set(acts["region"]) == {"KAZ"}
        assert chapter.acts("CHL", panel).empty

    def test_few_are_marked_all_of_many_the_national_ones(self, panel):
        few = chapter.acts("KAZ", panel)
        within = few[few["date"].between(WHOLE.start, WHOLE.last_day)]
        assert chapter.marked(few, WHOLE)["event_id"].tolist() == within["event_id"].tolist()
        many = chapter.marked(chapter.acts("CHN", panel), WHOLE)
        assert set(many["kind"]) == {"policy"}
        assert many["place"].isna().all()
        assert many["date"].between(WHOLE.start, WHOLE.last_day).all()

    def test_the_subtitle_speaks_of_numbers_only_where_there_are_some(self):
        assert "numbers" in chapter.map_subtitle(3)
        assert "numbers" not in chapter.map_subtitle(0)


class TestWithin:
    def test_provinces_add_up_to_the_country(self):
        inside = chapter.subdivisions("CHN", WHOLE)
        china = hm.stocks()["CHN"].loc[inside.index]
        assert ((inside.sum(axis=1) / china - 1).abs() < 0.0005).all()
        assert inside.index[-1] == chronology.AFTER
        assert chapter.subdivisions_table(inside).columns[0] == "month"

    def test_states_of_one_month(self):
        inside = chapter.subdivisions("USA", WHOLE)
        table = chapter.subdivisions_table(inside).set_index("region")
        assert table.loc["US-GA", "part_of_country_pct"] == pytest.approx(30.76, abs=0.01)
        assert table["hashrate_ehs"].sum() == pytest.approx(
            hm.stocks().loc[inside.index[0], "USA"], rel=0.001
        )
        assert chapter.subdivisions_title("USA", inside).startswith("Georgia held 31")

    def test_a_rest_of_states_is_not_the_largest(self):
        inside = chapter.subdivisions("USA", WHOLE)
        inside = inside.assign(**{"US-OTH": 100.0})
        assert chapter.subdivisions_title("USA", inside).startswith("Georgia")

    def test_the_rain_is_named_only_if_sichuan_follows_it(self):
        inside = chapter.subdivisions("CHN", WHOLE)
        assert chapter.subdivisions_title("CHN", inside).startswith("Mining moved with the rain")
        wet = inside.index.month.isin(range(6, 11))
        dry = inside.copy()
        dry.loc[wet, "CN-SC"] = 0.0
        plain = "Hashrate in China by province"
        assert chapter.subdivisions_title("CHN", dry) == plain
        assert chapter.subdivisions_title("CHN", inside.iloc[:2]) == plain

    def test_other_countries_and_months_have_none(self):
        assert chapter.subdivisions("KAZ", WHOLE).empty
        after = Window(pd.Timestamp("2021-08-01"), pd.Timestamp("2021-12-01"))
        assert chapter.subdivisions("CHN", after).empty


def test_parts_are_called_what_they_are():
    assert "by state" in chapter.subdivisions_subtitle("USA")
    assert "by state" in chapter.subdivisions_caption("USA")
    assert "by province" in chapter.subdivisions_subtitle("CHN")
    assert "by province" in chapter.subdivisions_caption("CHN")
    assert chapter.is_divided("CHN")
    assert not chapter.is_divided("CHL")


def test_upper_bounds_are_told_apart():
    bound = chapter.bounds("CHL").iloc[0]
    assert (f"{bound['start']:%Y-%m}", f"{bound['end']:%Y-%m}") == ("2019-09", "2020-04")
    assert chapter.bounds("CHN").empty
