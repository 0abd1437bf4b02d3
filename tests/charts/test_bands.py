from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration import charts, country_panel
from hashrate_migration.charts import bands, colours

ROWS = pd.DataFrame(
    {
        "month": pd.date_range("2020-01-01", periods=4, freq="MS"),
        "share_pct": [1.0, 2.0, 3.0, 4.0],
        "low": [0.5, 1.5, 2.0, 2.0],
        "high": [2.0, 3.0, 4.0, 6.0],
        "basis": ["extrapolated", "measured", "interpolated", "extrapolated"],
    }
)


def test_beyond_the_estimates_the_line_is_dotted(new):
    ax = new().subplots()
    charts.band(ax, ROWS, "#000000", ("share_pct", "low", "high"))
    full, dotted = ax.lines
    assert np.isnan(full.get_ydata()).tolist() == [True, False, False, True]
    assert dotted.get_linestyle() == ":"
    # Both lines share the last known month.
    assert not np.isnan(dotted.get_ydata()).any()


def test_marks_that_are_not_used_are_open(new):
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


def test_the_key_names_each_kind_that_occurs_once(new):
    ax = new().subplots()
    charts.key_of_marks(ax, ["vendor", "pool_sample", "pool_sample_proxy"])
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    unused = "open or faint: not used by the panel"
    assert texts == ["pool sample, machines by address", "vendor", unused]


def test_kinds_without_a_mark_of_their_own_are_not_taken_for_another(new):
    ax = new().subplots()
    charts.key_of_marks(ax, ["vendor", "site"])
    handles = ax.get_legend().legend_handles
    named = {h.get_label(): h.get_marker() for h in handles}
    assert named["other kinds"] not in {mark for mark, _name in bands.MARKERS.values()}


def test_every_kind_that_the_panel_uses_has_a_mark_of_its_own():
    used = set(country_panel.observations()["kind"])
    assert used <= set(bands.MARKERS)
    shapes = {text: mark for mark, text in bands.MARKERS.values()}
    assert len(set(shapes.values())) == len(shapes)


class TestRangedBars:
    def test_bars_are_labelled_and_claims_hatched(self, new):
        ax = new().subplots()
        table = pd.DataFrame(
            {"value": [130.0, 95.0], "low": [np.nan, 80.0], "high": [np.nan, 110.0]},
            index=["claim", "computed"],
        )
        charts.ranged_bars(ax, table, "TWh")
        assert [text.get_text() for text in ax.texts] == ["130", "95"]
        assert [bar.get_hatch() for bar in ax.patches] == ["///", None]
        assert ax.get_xlim()[0] == 0

    def test_changes_have_their_sign(self, new):
        ax = new().subplots()
        table = pd.DataFrame({"value": [5.0, -3.0], "low": np.nan, "high": np.nan}, ["a", "b"])
        charts.ranged_bars(ax, table, "Mt")
        assert [text.get_text() for text in ax.texts] == ["+5", "−3"]


class TestRankRanges:
    TABLE = pd.DataFrame({"low": [1, 1], "median": [1, 2], "high": [2, 2]}, ["USA", "KAZ"])

    def test_rows_are_named_in_order(self, new):
        ax = new().subplots()
        charts.rank_ranges(ax, self.TABLE)
        names = [text.get_text() for text in ax.get_yticklabels()]
        assert names == ["United States", "Kazakhstan"]

    def test_one_country_stands_out(self, new):
        ax = new().subplots()
        charts.rank_ranges(ax, self.TABLE, "KAZ")
        shades = [text.get_color() for text in ax.get_yticklabels()]
        assert shades == [colours.SOFT, colours.INK]


def test_a_finished_axes_starts_at_zero(new):
    ax = new().subplots()
    ax.plot(ROWS["month"], ROWS["share_pct"])
    charts.finish(ax, "percent", 7, "Kazakhstan")
    assert ax.get_ylim() == (0, 7)
    assert ax.get_ylabel() == "percent"
    assert ax.get_title(loc="left") == "Kazakhstan"


def test_claims_are_stars_with_their_labels(new):
    ax = new().subplots()
    table = pd.DataFrame({"month": pd.to_datetime(["2021-08-01"]), "claimed_pct": [35.4]})
    bands.mark_claims(ax, table, ["35 percent"])
    assert [line.get_marker() for line in ax.lines] == ["*"]
    assert [text.get_text() for text in ax.texts] == ["35 percent"]


def test_a_month_that_is_missing_leaves_a_gap(new):
    ax = new().subplots()
    months = pd.to_datetime(["2020-01-01", "2020-02-01", "2020-04-01"])
    table = pd.DataFrame({"effective_number": 5.0}, months)
    table = table.assign(effective_number_low=4.0, effective_number_high=6.0)
    bands.effective_number(ax, table, "countries")
    assert np.isnan(ax.lines[0].get_ydata()).tolist() == [False, False, True, False]
    assert ax.get_ylim()[1] > 6
