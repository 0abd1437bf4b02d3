from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import hashrate_migration as hm
from hashrate_migration import charts


@pytest.mark.parametrize("draw", [charts.lines, charts.stacked])
def test_axes_start_at_zero_and_name_their_unit(new, draw):
    ax = new().subplots()
    draw(ax, hm.stocks()[["CHN", "USA"]], "EH/s")
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylabel() == "EH/s"
    assert {t.get_text() for t in ax.texts} == {"China", "United States"}


def test_a_region_has_its_colour(new):
    ax = new().subplots()
    charts.lines(ax, hm.stocks()[["CHN", "USA"]], "EH/s")
    drawn = [line.get_color() for line in ax.lines]
    assert drawn == [charts.colours.CHINA, charts.colours.AMERICA]


def test_names_in_chinese(new):
    charts.use("zh")
    ax = new().subplots()
    charts.lines(ax, hm.stocks()[["CHN"]], "EH/s")
    assert [t.get_text() for t in ax.texts] == ["中国"]


def test_a_stack_may_have_names_and_colours_of_its_own(new):
    ax = new().subplots()
    parts = pd.DataFrame({"coal": [60.0, 50], "wind": [40.0, 50]}, hm.shares().index[:2])
    names = {"coal": "Coal", "wind": "Wind"}
    charts.stacked(ax, parts, "percent", colours=charts.colours.SOURCES, names=names)
    assert {t.get_text() for t in ax.texts} == {"Coal", "Wind"}


def test_every_name_of_a_stack_has_a_swatch_of_its_area(new):
    ax = new().subplots()
    charts.stacked(ax, hm.stocks()[["CHN", "USA"]], "EH/s")
    swatches = [line.get_color() for line in ax.lines if line.get_marker() == "s"]
    assert swatches == [charts.colours.CHINA, charts.colours.AMERICA]
    heights = [line.get_ydata()[0] for line in ax.lines]
    assert heights == [text.xy[1] for text in ax.texts]


@pytest.mark.parametrize(
    ("language", "end", "tick"),
    [("en", "2021-12-31", "Jul\n2021"), ("zh", "2021-12-31", "7月\n2021")],
)
def test_a_short_axis_names_months(new, language, end, tick):
    charts.use(language)
    figure = new()
    ax = figure.subplots()
    charts.series_line(ax, hm.network_hashrate("2021-01-01", end, "D"), "EH/s")
    figure.draw_without_rendering()
    assert tick in [text.get_text() for text in ax.get_xticklabels()]


def test_a_long_axis_names_years(new):
    figure = new()
    ax = figure.subplots()
    charts.series_line(ax, hm.network_hashrate("2013-01", "2025-12"), "EH/s")
    figure.draw_without_rendering()
    assert all(text.get_text().isdigit() for text in ax.get_xticklabels())


def test_growth_is_on_a_scale_of_its_own(new):
    ax = new().subplots()
    charts.growth_line(ax, hm.network_hashrate("2013-01", "2025-12"))
    assert ax.get_yscale() == "log"


class TestSignedBars:
    def test_bars_start_at_zero_and_losses_have_their_sign(self, new):
        ax = new().subplots()
        charts.signed_bars(ax, pd.Series({"CHN": -3.0, "USA": 5.0}), "EH/s")
        assert {bar.get_x() for bar in ax.patches} == {0}
        assert {t.get_text() for t in ax.texts} == {"−3.0", "+5.0"}

    def test_without_losses_there_are_no_signs(self, new):
        ax = new().subplots()
        charts.signed_bars(ax, pd.Series({"CHN": 3.0, "USA": 5.0}), "EH/s")
        assert {t.get_text() for t in ax.texts} == {"3.0", "5.0"}
        assert ax.get_xlim()[0] == 0


def test_dumbbells_keep_the_given_order_and_say_what_the_marks_are(new):
    ax = new().subplots()
    before, after = pd.Series({"USA": 10.0, "CHN": 70.0}), pd.Series({"CHN": 40.0, "USA": 60.0})
    charts.dumbbell(ax, before, after, "EH/s", ("May", "January"))
    assert [t.get_text() for t in ax.get_yticklabels()] == ["United States", "China"]
    assert ax.get_xlabel() == "EH/s   (hollow: May, full: January)"


def test_the_first_rank_is_at_the_top(new):
    ax = new().subplots()
    charts.rank_lines(ax, hm.ranks(hm.stocks()), "KAZ")
    low, high = ax.get_ylim()
    assert high < 1 < low
    assert ax.lines[-1].get_color() == hm.regions.colour("KAZ")


def test_bars_of_things_that_are_no_countries_take_given_colours(new):
    ax = new().subplots()
    given = {"CHN": "#112233", "USA": "#445566"}
    charts.signed_bars(ax, pd.Series({"CHN": 1.0, "USA": 5.0}), "EH/s", colours=given)
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == ["#112233", "#445566"]


def test_lines_of_things_that_are_no_regions_are_named_at_their_ends(new):
    ax = new().subplots()
    months = hm.shares().index[:3]
    frame = pd.DataFrame({"a": [10.0, np.nan, 30.0], "b": [90.0, 80.0, 70.0]}, months)
    looks = {"a": charts.colours.CHINA, "b": charts.colours.GREY}
    charts.named_lines(ax, frame, "percent", {"a": "A", "b": "B"}, looks, {"a": "-", "b": "--"})
    assert {text.get_text() for text in ax.texts} == {"A", "B"}
    assert ax.get_ylim() == (0, 100)


def test_the_best_machine_on_sale_goes_down_by_steps(new):
    ax = new().subplots()
    charts.fleet_and_frontier(ax, hm.hardware.frontier())
    _fleet, bought = ax.lines
    assert bought.get_drawstyle() == "steps-post"
    assert (np.diff(bought.get_ydata()) <= 0).all()


def test_a_ratio_has_a_line_at_one(new):
    ax = new().subplots()
    charts.ratio_line(ax, pd.Series([0.99, 1.02], hm.shares().index[:2]), "ratio")
    assert ax.lines[0].get_ydata() == [1, 1]
