from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.chapters import country as profile
from hashrate_migration.chapters import overview as summary
from hashrate_migration.reports import parameters
from hashrate_migration.tables import regions


def test_network_fall():
    fall = summary.network_fall()
    monthly = fall.loc["monthly"]
    assert f"{monthly['peak_date']:%Y-%m}" == "2021-05"
    assert f"{monthly['trough_date']:%Y-%m}" == "2021-07"
    network = hm.network_hashrate("2021-05", "2021-12")
    assert monthly["fall_pct"] == pytest.approx(100 * (1 - network.min() / network.iloc[0]))
    assert monthly["periods_to_regain"] == 7
    assert network[monthly["regained_date"]] >= network.iloc[0]
    assert (network.iloc[1:7] < network.iloc[0]).all()


def test_gains_and_losses_add_up_to_the_networks_change():
    table = summary.through_the_ban()
    network = hm.stocks().sum(axis=1)
    change = network.iloc[-1] - network[summary.LAST_MONTH_BEFORE]
    assert table["gain_ehs"].sum() == pytest.approx(change)
    assert table["gain_ehs"].is_monotonic_decreasing


def test_key_figures_follow_the_tables(edit):
    figures = summary.key_figures().set_index("figure")["value"]
    assert figures["China's highest share"] == 75.53
    # Another table, another figure: nothing is typed in.
    table = hm.load("mining_map")
    row = table.index[table["month"].eq("2022-01-01") & table["region"].eq("CHN")][0]
    rest = table.index[table["month"].eq("2022-01-01") & table["region"].eq("OTH")][0]
    edit("mining_map", int(row), "share_pct", "20.11")
    edit("mining_map", int(rest), "share_pct", "10.02")
    figures = summary.key_figures().set_index("figure")["value"]
    assert figures["China's share at the map's end"] == 20.11


@pytest.mark.parametrize("country", regions.mapped_countries())
def test_profile_sentences(country):
    text = profile.summary_sentences(country)
    assert regions.name(country) in text
    assert "nan" not in text.lower()
    for sentence in (
        profile.headline(country),
        profile.rank_headline(country),
        profile.gain_headline(country),
        profile.caveat(country),
    ):
        assert sentence[0].isupper() or sentence.startswith("**")
        assert "nan" not in sentence
    gain = profile.passage(country)["gain_ehs"]
    assert gain.iloc[0] == 0
    assert ("lost" in profile.gain_headline(country)) == (gain.iloc[-1] < 0)


def test_provinces_add_up_to_the_country():
    provinces = profile.subdivisions("CHN")
    assert provinces is not None
    by_month = provinces.groupby("month")["hashrate_ehs"].sum()
    china = hm.stocks()["CHN"].loc[by_month.index]
    assert ((by_month / china - 1).abs() < 0.0005).all()
    assert by_month.index[-1] == pd.Timestamp("2021-06-01")
    assert profile.subdivisions("KAZ") is None


def test_a_window_without_provinces_has_no_figure_of_them():
    window = parameters.check(start="2021-08", end="2021-12", country="CHN")
    assert profile.subdivisions_figure("CHN", window, "en") is None
