from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from hashrate_migration import charts, words
from hashrate_migration.charts import journeys

PAIRS = pd.DataFrame(
    {
        "origin": ["CHN", "CHN", "CHN", "new"],
        "destination": ["USA", "KAZ", "retired", "USA"],
        "flow_ehs": [10.0, 5.0, 3.0, 4.0],
    }
)


def test_sankey_names_every_end_with_its_sum(new):
    ax = new().subplots()
    charts.sankey(ax, PAIRS)
    assert {t.get_text() for t in ax.texts} == {
        *("China  18.0", "new machines  4.0"),
        *("United States  14.0", "Kazakhstan  5.0", "running nowhere  3.0"),
    }


def test_rows_without_flow_are_left_out(new):
    ax = new().subplots()
    none = pd.DataFrame({"origin": ["CHN"], "destination": ["RUS"], "flow_ehs": [0.0]})
    charts.sankey(ax, pd.concat([PAIRS, none]))
    assert not any("Russia" in text.get_text() for text in ax.texts)


def test_every_name_of_a_sankey_is_drawn_however_many_are_small(new):
    figure = new()
    ax = figure.subplots()
    codes = ["USA", "KAZ", "CAN", "MYS", "RUS", "IRL", "DEU", "IRN", "NOR", "SWE"]
    sizes = [20.0, 9.0] + [0.1] * (len(codes) - 2)
    pairs = pd.DataFrame({"origin": "CHN", "destination": codes, "flow_ehs": sizes})
    charts.sankey(ax, pairs)
    figure.draw_without_rendering()
    lowest, highest = ax.get_ylim()
    # A name whose place lies outside the axes is left out by matplotlib.
    assert all(lowest <= text.xy[1] <= highest for text in ax.texts)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_sides_of_a_sankey_are_named_in_the_language_in_use(new, language):
    charts.use(language)
    ax = new().subplots()
    charts.sankey(ax, PAIRS)
    texts = {t.get_text() for t in ax.texts}
    assert f"{words.values.name('USA')}  14.0" in texts
    assert f"{words.translated('new machines')}  4.0" in texts


def test_party_names_regions_and_accounts():
    assert charts.party("USA") == "United States"
    assert charts.party("retired") == "running nowhere"


def test_chord_names_every_region(new):
    ax = new(6).subplots(subplot_kw={"projection": "polar"})
    charts.chord(ax, PAIRS.iloc[:2])
    assert {"China", "United States", "Kazakhstan"} <= {t.get_text() for t in ax.texts}


def test_intervals_label_their_rows(new):
    ax = new().subplots()
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
    charts.intervals(ax, table, {"net": pd.Series({"USA": 0.0})}, "EH/s")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["United States", "Kazakhstan"]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["no link"]
    # Marks stand below the bars, so that they hide none, and within the axes.
    marks = ax.collections[-1].get_offsets()[:, 1]
    assert all(ax.get_ylim()[0] < mark < row for mark, row in zip(marks, [1, 0], strict=True))


ROWS = pd.DataFrame(
    {
        "group": ["abroad", "abroad", "at home", "at home"],
        "label": ["before", "after", "before", "after"],
        "low": [1.0, 2.0, 3.0, 4.0],
        "median": [5.0, 5.0, 6.0, 6.0],
        "high": [9.0, 8.0, 8.0, 7.0],
    }
)


def heights(ax) -> list[str]:
    """Names of rows, from the top down."""
    ticks = zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    return [name.get_text() for _, name in sorted(ticks, key=lambda tick: -tick[0])]


def test_groups_of_intervals_stand_one_under_the_other_with_their_names(new):
    ax = new().subplots()
    charts.compared(ax, ROWS, "EH/s")
    assert heights(ax) == ["abroad", "before", "after", "at home", "before", "after"]
    spans = [line.get_segments()[0] for line in ax.collections[: len(ROWS)]]
    assert [(span[0][0], span[1][0]) for span in spans] == [(1, 9), (2, 8), (3, 8), (4, 7)]
    low, high = ax.get_ylim()
    assert all(low < tick < high for tick in ax.get_yticks())


def test_a_single_group_needs_no_name(new):
    ax = new().subplots()
    charts.compared(ax, ROWS.iloc[:2], "EH/s")
    assert heights(ax) == ["before", "after"]


def test_the_key_of_moves_hides_no_mark(new):
    figure = new()
    ax = figure.subplots()
    table = pd.DataFrame(
        {"abroad": [3.0, -1.0, 3.0], "at home": [-3.0, 0.0, 3.0]}, index=["lag", "supply", "lots"]
    )
    charts.moves(ax, table, table.abs() / 2, 2.0, "EH/s")
    figure.draw_without_rendering()
    assert heights(ax) == ["lag", "supply", "lots"]
    key = ax.get_legend().get_window_extent()
    for marks in ax.collections:
        for place in ax.transData.transform(marks.get_offsets()):
            assert not key.contains(*place)
    # The error of every move is drawn about its mark.
    lines = [lines for lines in ax.collections if isinstance(lines, LineCollection)]
    ends = [sorted(segment[:, 0]) for group in lines for segment in group.get_segments()]
    assert ends[0] == [1.5, 4.5]
    assert len(ends) == table.size


def test_steps_are_marked_and_groups_are_named(new):
    ax = new().subplots()
    days = pd.date_range("2021-06-01", periods=20, freq="D")
    by_day = pd.DataFrame({"ours": 2.0, "theirs": 1.0}, index=days)
    levels = pd.DataFrame({"date": days, "hashrate_ehs": 3.0, "low_ehs": 2.5, "high_ehs": 3.5})
    charts.stepped(ax, by_day, levels, [days[8]])
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["the network's level", "ours", "theirs"]
    assert ax.get_ylim()[0] == 0
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert [pd.Timestamp(line.get_xdata()[0]) for line in dashed] == [days[8]]


def test_labels_of_small_flows_stand_beside_their_boxes(new):
    places = ["CAN", "KAZ", "RUS", "IRN", "MYS", "DEU", "IRL", "OTH", "NOR"]
    pairs = pd.DataFrame(
        {
            "origin": "CHN",
            "destination": ["USA", *places],
            "flow_ehs": [60.0] + [0.5 + 0.1 * number for number in range(9)],
        }
    ).assign(low_ehs=0.1, high_ehs=70.0)
    ax = new().subplots()
    charts.sankey(ax, pairs)
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_x() > 0.5]
    middles = sorted(box.get_y() + box.get_height() / 2 for box in boxes)
    labels = sorted(text.xy[1] for text in ax.texts if text.xy[0] > 0.5)
    assert labels == pytest.approx(middles, abs=0.01 * (middles[-1] - middles[0]))


def test_a_sankey_with_ranges_says_them_at_its_destinations(new):
    ax = new().subplots()
    pairs = pd.DataFrame(
        {
            "origin": "CHN",
            "destination": ["USA", "CHN", "retired"],
            "flow_ehs": [10.0, 5.0, 3.0],
            "low_ehs": [2.0, 1.0, 0.5],
            "high_ehs": [20.0, 9.0, 6.0],
        }
    )
    charts.sankey(ax, pairs)
    assert {t.get_text() for t in ax.texts} == {
        "China  18.0",
        "United States  10.0 (2.0–20.0)",
        "in China again  5.0 (1.0–9.0)",
        "running nowhere  3.0 (0.5–6.0)",
    }


def test_what_stays_is_named_as_such():
    assert charts.party("CHN") == "China"
    assert journeys.arrived("CHN", "CHN") == "in China again"
    assert journeys.arrived("USA", "CHN") == "United States"


def test_arrivals_are_stacked_by_month(new):
    ax = new().subplots()
    months = pd.to_datetime(["2021-07-01", "2021-08-01"])
    table = pd.DataFrame({"abroad": [1.0, 2.0], "new": [3.0, 4.0]}, months)
    charts.arrivals(ax, table, "EH/s")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["Jul\n2021", "Aug\n2021"]
    assert [bar.get_y() for bar in ax.patches] == [0, 0, 1, 2]
    # The key reads from the top of the stack down.
    names = [t.get_text() for t in ax.get_legend().get_texts()]
    assert names == ["new machines", "from China to abroad"]
