from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import charts
from hashrate_migration.charts import colours
from hashrate_migration.energy import SOURCES

MONTHS = pd.date_range("2021-01-01", periods=4, freq="MS", name="month")


def test_every_source_of_the_mixes_has_a_name_and_a_colour():
    assert list(charts.source_names()) == list(colours.SOURCES)
    assert set(SOURCES) == set(colours.SOURCES)
    assert charts.source_names()["coal"] == "Coal"


class TestMix:
    @pytest.fixture
    def parts(self) -> pd.DataFrame:
        table = pd.DataFrame(0.0, MONTHS, list(colours.SOURCES))
        return table.assign(coal=0.6, hydro=0.398, solar=0.002)

    def test_parts_are_shown_as_percent_of_one_another(self, new, parts):
        ax = new().subplots()
        charts.mix(ax, parts)
        assert ax.get_ylabel() == "percent"
        assert ax.get_ylim()[1] == pytest.approx(1.02 * 99.8)

    def test_a_source_that_is_next_to_nothing_is_left_out(self, new, parts):
        ax = new().subplots()
        charts.mix(ax, parts)
        assert {text.get_text() for text in ax.texts} == {"Coal", "Hydro"}


def test_a_range_is_inside_the_axes(new):
    ax = new().subplots()
    table = pd.DataFrame({"power_gw": 10.0, "low_gw": 5.0, "high_gw": 20.0}, MONTHS)
    charts.ranged_line(ax, table, ("power_gw", "low_gw", "high_gw"), "GW", colours.NETWORK)
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 20
    assert ax.get_ylabel() == "GW"


def test_only_the_months_ahead_have_a_forecast(new):
    ax = new().subplots()
    cycle = pd.DataFrame(
        {
            "level": 0.5,
            "observed": [0.4, 0.5, 0.6, 0.1],
            "expected": [0.4, 0.5, 0.6, 0.5],
            "low": [np.nan, np.nan, np.nan, 0.4],
            "high": [np.nan, np.nan, np.nan, 0.6],
        },
        MONTHS,
    )
    charts.annual_cycle(ax, cycle)
    lines = {line.get_label(): line for line in ax.lines}
    assert len(lines["expected"].get_ydata()) == 1
    assert lines["observed"].get_ydata().tolist() == pytest.approx([40, 50, 60, 10])


def test_the_line_of_another_account_is_named(new):
    ax = new().subplots()
    table = pd.DataFrame({"grams": 500.0, "low": 400.0, "high": 600.0}, MONTHS)
    other = pd.Series(550.0, MONTHS[:2], name="Cambridge")
    charts.ranged_line(ax, table, ("grams", "low", "high"), "g", colours.CARBON, other)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["here", "Cambridge"]


def test_the_world_as_it_was_is_named_beside_the_other(new):
    ax = new().subplots()
    table = pd.DataFrame(
        {
            "intensity_g_per_kwh": 500.0,
            "low_g_per_kwh": 400.0,
            "high_g_per_kwh": 700.0,
            "without_ban_g_per_kwh": 480.0,
            "without_low_g_per_kwh": 380.0,
            "without_high_g_per_kwh": 600.0,
        },
        MONTHS,
    )
    charts.two_worlds(ax, table)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["as it was", "without the ban"]
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 700


def test_effects_stand_to_both_sides_of_zero_with_their_chance(new):
    ax = new().subplots()
    table = pd.DataFrame(
        {
            "effect_mt": [0.4, -5.0],
            "low_mt": [-1.0, -14.0],
            "high_mt": [3.0, -2.0],
            "raised_pct": [66.0, 0.0],
        },
        index=["place", "volume"],
    )
    charts.effects(ax, table, "Mt CO2e")
    names = [label.get_text().replace("\xa0", " ") for label in ax.get_yticklabels()]
    assert names == ["place\n+0.4, up in 66 percent", "volume\n−5.0, up in 0 percent"]
    left, right = ax.get_xlim()
    assert left < -14
    assert right > 3


def test_figures_outside_our_range_have_an_open_mark(new):
    ax = new().subplots()
    table = pd.DataFrame(
        {
            "value": [50.0, 90.0, np.nan],
            "theirs_low": [np.nan, np.nan, 22.0],
            "theirs_high": [np.nan, np.nan, 23.0],
            "ours": 40.0,
            "low": [30.0, 30.0, 20.0],
            "high": [60.0, 60.0, 60.0],
        },
        index=["one", "two", "three"],
    )
    charts.beside(ax, table, "Mt CO2e")
    marks = {mark.get_label(): mark.get_offsets() for mark in ax.collections}
    assert marks["published, outside it"].tolist() == [[90.0, 1.0]]
    assert marks["published, inside our range"].tolist() == [[50.0, 2.0], [22.5, 0.0]]
    assert ax.get_xlim()[0] == 0
