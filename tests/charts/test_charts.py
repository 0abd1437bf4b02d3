from __future__ import annotations

import io
import itertools
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hashrate_migration as hm
from hashrate_migration import charts
from hashrate_migration.charts import display, labels, maps
from hashrate_migration.country_panel import estimates
from hashrate_migration.errors import InputError
from hashrate_migration.findings import events


@pytest.fixture(autouse=True)
def look():
    charts.use()


def new(height: float = 4):
    return charts.new_figure("Finding", "Measure, unit", "Maker", height=height)


class TestSpread:
    @given(st.lists(st.floats(-10, 10), min_size=1, max_size=12), st.floats(0.01, 2))
    def test_neighbours_keep_their_distance_and_order(self, places, gap):
        spread = labels.spread(np.array(places), gap)
        assert (np.diff(np.sort(spread)) >= gap * (1 - 1e-6) - 1e-9).all()
        for (a, new_a), (b, new_b) in itertools.combinations(zip(places, spread, strict=True), 2):
            assert a == b or (a < b) == (new_a < new_b)

    @given(st.lists(st.floats(-10, 10), min_size=1, max_size=12), st.floats(0.01, 2))
    def test_the_mean_stays(self, places, gap):
        assert labels.spread(np.array(places), gap).mean() == pytest.approx(
            np.mean(places), abs=1e-6
        )

    def test_places_that_do_not_collide_stay(self):
        np.testing.assert_allclose(labels.spread(np.array([3.0, 1, 2]), 0.5), [3, 1, 2])


def shown(call, *arguments, **options):
    with mock.patch.object(display, "display") as sink:
        call(*arguments, **options)
    (data,), named = sink.call_args
    return data, named["metadata"]["hashrate_migration"]


class TestDisplay:
    def test_a_figure_carries_svg_png_and_its_texts(self):
        data, about = shown(charts.show_figure, new(), "a-name", "What it shows.")
        assert data["image/svg+xml"].lstrip().startswith("<?xml")
        assert data["image/png"]
        assert about == {
            "kind": "figure",
            "name": "a-name",
            "caption": "What it shows.",
            "alt": "What it shows.",
            "thumbnail": False,
        }

    def test_a_figure_is_the_same_twice(self):
        def draw():
            figure = new()
            charts.lines(figure.subplots(), hm.shares()[["CHN", "USA"]], "percent")
            return shown(charts.show_figure, figure, "twice", "Same.")[0]

        assert draw() == draw()

    def test_a_table_keeps_full_precision_in_its_csv(self):
        frame = pd.DataFrame({"name": ["a", None], "value": [1 / 3, np.nan]})
        data, about = shown(charts.show_table, frame, "t", "Values.", {"value": "{:.1f}"})
        assert "0.3<" in data["text/html"]
        assert "–" in data["text/html"]
        back = pd.read_csv(io.StringIO(data["text/csv"]))
        assert back["value"][0] == 1 / 3
        assert about["kind"] == "table"


class TestSeries:
    def test_axes_start_at_zero_and_name_their_unit(self):
        for draw in (charts.lines, charts.stacked):
            ax = new().subplots()
            draw(ax, hm.stocks()[["CHN", "USA"]], "EH/s")
            assert ax.get_ylim()[0] == 0
            assert ax.get_ylabel() == "EH/s"
            assert {t.get_text() for t in ax.texts} == {"China", "United States"}

    def test_names_in_chinese(self):
        ax = new().subplots()
        charts.lines(ax, hm.stocks()[["CHN"]], "EH/s", "zh")
        assert [t.get_text() for t in ax.texts] == ["中国"]

    def test_bars_start_at_zero(self):
        ax = new().subplots()
        charts.signed_bars(ax, pd.Series({"CHN": -3.0, "USA": 5.0}), "EH/s")
        assert {bar.get_x() for bar in ax.patches} == {0}
        assert {t.get_text() for t in ax.texts} == {"−3.0", "+5.0"}

    def test_labels_do_not_overlap(self):
        figure = new(4.6)
        ax = figure.subplots()
        charts.stacked(ax, hm.shares(), "percent")
        figure.canvas.draw()
        boxes = sorted((t.get_window_extent() for t in ax.texts), key=lambda box: box.y0)
        for low, high in itertools.pairwise(boxes):
            assert high.y0 > low.y0 + 0.6 * low.height

    def test_title_subtitle_and_source_lie_inside_the_figure(self):
        figure = charts.new_figure("A finding " * 20, "A measure " * 20, "A maker " * 30)
        figure.subplots()
        figure.canvas.draw()
        width, height = figure.canvas.get_width_height()
        for text in figure.texts:
            box = text.get_window_extent()
            assert box.x0 >= 0
            assert box.x1 <= width
            assert box.y0 >= 0
            assert box.y1 <= height


class TestTimeline:
    def test_events_of_a_day_share_a_number(self):
        ax = new().subplots()
        charts.lines(ax, hm.shares()[["CHN"]], "percent")
        chosen = events.events("2021-09", "2021-10", country="CHN", kinds=["policy"])
        numbered = charts.number_events(ax, chosen)
        assert list(numbered)[0] == "number"
        same_day = numbered[numbered["date"] == "2021-09-24"]["number"]
        assert len(same_day) == 2
        assert len(set(same_day)) == 1
        assert numbered["number"].max() == numbered["date"].nunique()

    def test_no_events_no_marks(self):
        ax = new().subplots()
        charts.lines(ax, hm.shares()[["CHN"]], "percent")
        before = len(ax.lines)
        assert charts.number_events(ax, events.events("2019-09", "2019-09")).empty
        assert len(ax.lines) == before


class TestMaps:
    def test_every_mapped_country_has_an_outline(self):
        assert set(hm.regions.mapped_countries()) <= set(maps.outlines().index)

    def test_unknown_country(self):
        with pytest.raises(InputError, match="no outline for 'OTH'"):
            charts.world(new().subplots(), hm.shares().iloc[0], highlight="OTH")

    def test_classes_hold_every_share(self):
        assert hm.shares().max(axis=None) <= maps.STEPS_PCT[-1]

    def test_every_country_of_the_panel_has_an_outline(self):
        assert set(estimates.countries()) <= set(maps.outlines().index)

    def test_several_maps_share_one_key(self):
        figure = new()
        charts.worlds(figure, {"A": hm.shares().iloc[0], "B": hm.shares().iloc[-1]})
        titles = [ax.get_title(loc="left") for ax in figure.axes]
        assert titles == ["A", "B", ""]
        texts = [text.get_text() for text in figure.axes[-1].texts]
        assert texts[0] == "0–1"
        assert texts[-1] == "not listed"


class TestBands:
    ROWS = pd.DataFrame(
        {
            "month": pd.date_range("2020-01-01", periods=4, freq="MS"),
            "share_pct": [1.0, 2.0, 3.0, 4.0],
            "low": [0.5, 1.5, 2.0, 2.0],
            "high": [2.0, 3.0, 4.0, 6.0],
            "basis": ["extrapolated", "measured", "interpolated", "extrapolated"],
        }
    )

    def test_beyond_the_estimates_the_line_is_dotted(self):
        ax = new().subplots()
        charts.band(ax, self.ROWS, "#000000", ("share_pct", "low", "high"))
        full, dotted = ax.lines
        assert np.isnan(full.get_ydata()).tolist() == [True, False, False, True]
        assert dotted.get_linestyle() == ":"
        # Both lines share the last known month.
        assert not np.isnan(dotted.get_ydata()[[0, 1, 2, 3]]).any()

    def test_marks_not_used_are_open(self):
        ax = new().subplots()
        rows = pd.DataFrame(
            {
                "month": pd.to_datetime(["2020-01-01", "2020-02-01"]),
                "kind": "vendor",
                "enters": [True, False],
                "share_pct": [1.0, 2.0],
            }
        )
        charts.marks(ax, rows, "share_pct", "#112233")
        faces = {line.get_ydata()[0]: line.get_markerfacecolor() for line in ax.lines}
        assert faces == {1.0: "#112233", 2.0: "white"}

    def test_the_key_names_each_kind_that_occurs_once(self):
        ax = new().subplots()
        charts.key_of_marks(ax, ["vendor", "pool_sample", "pool_sample_proxy"])
        texts = [text.get_text() for text in ax.get_legend().get_texts()]
        assert texts == ["pool sample, machines by address", "vendor"]


class TestFlows:
    PAIRS = pd.DataFrame(
        {
            "origin": ["CHN", "CHN", "CHN", "new"],
            "destination": ["USA", "KAZ", "retired", "USA"],
            "flow_ehs": [10.0, 5.0, 3.0, 4.0],
        }
    )

    def test_sankey_names_every_end_with_its_sum(self):
        ax = new().subplots()
        charts.sankey(ax, self.PAIRS)
        assert {t.get_text() for t in ax.texts} == {
            *("China  18.0", "new machines  4.0"),
            *("United States  14.0", "Kazakhstan  5.0", "retired or still off  3.0"),
        }

    def test_sankey_in_chinese(self):
        ax = new().subplots()
        charts.sankey(ax, self.PAIRS, "zh")
        assert "新机器  4.0" in {t.get_text() for t in ax.texts}

    def test_chord_names_every_region(self):
        figure = new(6)
        ax = figure.subplots(subplot_kw={"projection": "polar"})
        pairs = self.PAIRS.iloc[:2]
        charts.chord(ax, pairs)
        names = {t.get_text() for t in ax.texts}
        assert {"China", "United States", "Kazakhstan"} <= names

    def test_other_packages_do_not_change_the_look(self):
        import matplotlib as mpl

        mpl.rcParams["savefig.bbox"] = "tight"
        charts.use()
        assert mpl.rcParams["savefig.bbox"] is None

    def test_intervals_and_swings_label_their_rows(self):
        figure = new()
        left, right = figure.subplots(1, 2)
        table = pd.DataFrame(
            {
                "bound_low": [0, 0],
                "bound_high": [9, 5],
                "low": [2, 1],
                "median": [3, 2],
                "high": [5, 4],
            },
            index=["USA", "KAZ"],
        )
        charts.intervals(left, table, {"net": pd.Series({"USA": 0.0})}, "EH/s")
        labels = [t.get_text() for t in left.get_yticklabels()]
        assert labels == ["United States", "Kazakhstan"]
        swing = pd.DataFrame(
            {"low_label": ["1", "a"], "low": [3, 5], "high_label": ["4", "b"], "high": [8, 5.5]},
            index=["lag", "supply"],
        )
        charts.swings(right, swing, 5, "EH/s")
        assert [t.get_text() for t in right.get_yticklabels()] == ["supply", "lag"]
