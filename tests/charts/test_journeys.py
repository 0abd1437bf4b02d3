from __future__ import annotations

import pandas as pd
import pytest

from hashrate_migration import charts, words

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
        *("United States  14.0", "Kazakhstan  5.0", "retired or still off  3.0"),
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
    assert charts.party("retired") == "retired or still off"


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


def test_the_widest_swing_is_on_top(new):
    ax = new().subplots()
    table = pd.DataFrame(
        {
            "assumption": ["lag", "supply"],
            "low_label": ["1", "a"],
            "low": [3, 5],
            "high_label": ["4", "b"],
            "high": [8, 5.5],
        }
    )
    charts.swings(ax, table, 5, "EH/s")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["supply", "lag"]


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
