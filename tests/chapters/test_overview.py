from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import chronology, country_panel, energy, periods
from hashrate_migration.chapters import migration, overview
from hashrate_migration.hashrate.mining_map import through_the_ban

LAST = pd.Timestamp("2022-01-01")


@pytest.fixture(scope="module")
def ban() -> pd.DataFrame:
    return through_the_ban()


@pytest.fixture(scope="module")
def drawn():
    return migration.drawn_flows(periods.Window(chronology.BEFORE, chronology.ZERO_AGAIN))


def test_key_figures_follow_the_tables(edit):
    figures = overview.key_figures().set_index("figure")["value"]
    assert figures["China's highest share"] == 75.53
    # Another table, another figure: nothing is typed in.
    table = hm.load("mining_map")
    row = table.index[table["month"].eq("2022-01-01") & table["region"].eq("CHN")][0]
    rest = table.index[table["month"].eq("2022-01-01") & table["region"].eq("OTH")][0]
    edit("mining_map", int(row), "share_pct", "20.11")
    edit("mining_map", int(rest), "share_pct", "10.02")
    figures = overview.key_figures().set_index("figure")["value"]
    assert figures["China's share at the map's end"] == 20.11


def test_every_key_figure_says_when_it_holds_and_how_it_is_computed():
    figures = overview.key_figures()
    assert figures.notna().all(axis=None)
    assert figures["when"].str.contains(r"\b20\d\d$").all()
    assert not figures["figure"].duplicated().any()


class TestTitles:
    def test_a_zero_on_the_map_is_called_vanished(self, ban):
        title = overview.moved_title(ban, LAST)
        assert "vanished from the map by July 2021" in title
        assert "the United States gained 42 until January 2022" in title

    def test_a_remainder_on_the_map_is_not(self, ban):
        other = ban.copy()
        other.loc["CHN", "cleared_ehs"] = 10.0
        title = overview.moved_title(other, LAST)
        assert "vanished" not in title
        assert f"China lost {other.loc['CHN', 'before_ehs'] - 10:.0f}" in title

    def test_losers_beside_china(self, ban):
        assert overview.before_after_title(ban).endswith("so did Iran and Russia")
        alone = ban.assign(gain_pct_points=ban["gain_pct_points"].clip(lower=-0.9))
        assert overview.before_after_title(alone).endswith("no country but China lost much")

    def test_who_led_the_map(self):
        share = hm.shares()
        assert (
            overview.leaders_title(share) == "China led the map in 2019, the United States in 2022"
        )
        assert (
            overview.leaders_title(share.loc[:"2021-05"]) == "China led the map in 2019 and in 2021"
        )

    @pytest.mark.parametrize(
        ("late", "wording"),
        [
            (400.0, "is cleaner, 400 grams instead of 500"),
            (520.0, "is no cleaner, 520 grams after 500"),
        ],
    )
    def test_a_kilowatt_hour_is_cleaner_only_if_it_is(self, late, wording):
        years = pd.DataFrame(
            {"emissions_mt": [33.0, 62.0], "intensity_g_per_kwh": [500.0, late]},
            index=pd.Index([2020, 2024], name="year"),
        )
        assert overview.carbon_title(years).endswith(wording)


def test_countries_before_and_after(ban):
    shown = overview.most_before_or_after(ban, 3)
    assert list(shown.index) == ["CHN", "USA", "KAZ"]
    assert "OTH" not in overview.most_before_or_after(ban, 9).index


def test_the_network_names_the_first_day_that_is_not_counted(edit):
    network = hm.network_hashrate("2017-01")
    daily = hm.load("network_daily")
    since = overview.published_since()
    assert daily.loc[daily["date"] < since, "blocks"].notna().all()
    assert daily.loc[daily["date"] >= since, "blocks"].isna().all()
    assert f"{since.day} {since:%B %Y}" in overview.network_caption(network)


def test_the_countries_of_today_are_the_largest_of_the_last_month():
    panel = hm.panel()
    codes = country_panel.largest_now(panel, overview.COUNTRIES_TODAY)
    now = panel[panel["month"] == panel["month"].max()].set_index("region")["share_pct"]
    others = now.drop([*codes, "OTH"])
    assert now[codes].is_monotonic_decreasing
    assert now[codes].min() >= others.max()
    # Who has grown since the map ended would be left out, were countries chosen by their highest share.
    assert set(codes) != set(country_panel.largest(panel, overview.COUNTRIES_TODAY))


class TestFlows:
    def test_main_flows_and_the_largest_receivers(self, drawn):
        table = overview.flow_figures(drawn)
        received = table[table["figure"].str.startswith("received by")]
        assert len(received) == overview.RECEIVERS
        assert received["median"].is_monotonic_decreasing
        assert "received by the United States" in set(received["figure"])
        assert not received["figure"].str.contains("Other|China").any()
        assert (table["low"] <= table["median"]).all()
        assert (table["median"] <= table["high"]).all()

    def test_widths_are_relative_to_the_median(self):
        headlines = pd.DataFrame(
            {
                "figure": ["departed", "back", "abroad_pct"],
                "low": [50.0, 10.0, 30.0],
                "median": [60.0, 20.0, 40.0],
                "high": [80.0, 30.0, 60.0],
            }
        )
        found = overview.abroad(SimpleNamespace(headlines=headlines))
        assert found.ends == (30.0, 60.0)
        assert found.departed_width == pytest.approx(50)
        assert found.returned_width == pytest.approx(100)


def test_the_network_agrees_with_the_map():
    agreement = overview.agreement()
    assert len(agreement) == len(hm.shares())
    assert agreement.max() < 0.1


def test_the_change_of_places_is_that_of_the_kept_draws():
    found = overview.change_of_places()
    kept = energy.ban_parts().query("choice == 'all'").set_index("effect")
    assert found.months == len(hm.shares().loc["2021-06":])
    assert found.low_mt < kept.loc["place", "effect_mt"] < found.high_mt
    assert found.raised_pct == kept.loc["place", "raised_pct"]
    assert found.whole_mt == kept.loc["total", "effect_mt"]


def test_verdicts_are_those_of_the_audit():
    found = overview.verdicts()
    checked = hm.claims.check()["verdict"]
    assert found.claims == len(checked)
    assert 0 < found.hold + found.contradicted <= found.claims


def test_a_number_of_months_has_no_decimals():
    said = overview.said(overview.key_figures()).set_index("figure")["value"]
    assert said["Months until the network regained its peak"] == "7 months"
    assert said["China's share before the clearance"] == "44.0 %"
