from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import charts
from hashrate_migration.findings import events


@pytest.fixture
def ax(new):
    drawn = new().subplots()
    charts.lines(drawn, hm.shares()[["CHN"]], "percent")
    return drawn


def test_events_of_a_day_share_a_number(ax):
    chosen = events.events("2021-09", "2021-10", country="CHN", kinds=["policy"])
    numbered = charts.number_events(ax, chosen)
    assert list(numbered)[0] == "number"
    same_day = numbered[numbered["date"] == "2021-09-24"]["number"]
    assert len(same_day) == 2
    assert len(set(same_day)) == 1
    assert numbered["number"].max() == numbered["date"].nunique()


def test_numbers_stand_apart(ax):
    days = pd.DataFrame({"date": pd.date_range("2021-05-18", "2021-05-24")})
    before = len(ax.texts)
    charts.number_events(ax, days)
    ax.get_figure().draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts[before:]]
    assert len(boxes) == 7
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))


def test_no_events_no_marks(ax):
    before = len(ax.lines)
    none = events.events("2019-09", "2019-09").iloc[:0]
    assert charts.number_events(ax, none).empty
    charts.mark_events(ax, none)
    assert len(ax.lines) == before


def test_a_day_is_marked_once(ax):
    before = len(ax.lines)
    charts.mark_events(ax, pd.DataFrame({"date": pd.to_datetime(["2021-05-21"] * 2)}))
    assert len(ax.lines) == before + 1


def test_points_have_their_labels(ax):
    before = len(ax.texts)
    points = pd.DataFrame(
        {
            "date": pd.to_datetime(["2021-05-01", "2021-07-01"]),
            "value": [44.0, 0.0],
            "label": ["last", "none"],
            "below": [False, True],
        }
    )
    charts.mark_points(ax, points)
    assert [text.get_text() for text in ax.texts[before:]] == ["last", "none"]
    assert [text.get_va() for text in ax.texts[before:]] == ["bottom", "top"]


def test_phases_are_named_in_order(ax):
    before = len(ax.texts)
    ends = pd.to_datetime(["2019-09-01", "2021-05-21", "2022-01-31"])
    charts.shade_phases(ax, [(ends[0], ends[1], "open"), (ends[1], ends[2], "closed")])
    assert [text.get_text() for text in ax.texts[before:]] == ["open", "closed"]
