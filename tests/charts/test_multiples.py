from __future__ import annotations

import pandas as pd
import pytest

from hashrate_migration import charts
from hashrate_migration.charts.multiples import _DASHES

MONTHS = pd.date_range("2021-01-01", periods=6, freq="MS")


@pytest.fixture
def panel() -> pd.DataFrame:
    rows = pd.DataFrame({"month": MONTHS, "share_pct": 10.0, "low": 8.0, "high": 12.0})
    rows = rows.assign(hashrate_ehs=15.0, low_ehs=12.0, high_ehs=18.0, basis="measured")
    return pd.concat([rows.assign(region=code) for code in ("CHN", "USA", "KAZ")])


@pytest.fixture
def published() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "month": [MONTHS[1], pd.Timestamp("2019-01-01")],
            "region": "CHN",
            "kind": ["vendor", "expert"],
            "enters": True,
            "share_pct": [30.0, 90.0],
            "hashrate_ehs": [45.0, 90.0],
        }
    )


def test_each_country_has_an_axes_with_its_name(new, panel, published):
    figure = new(6)
    charts.multiples(figure, panel, published, ["CHN", "USA", "KAZ"])
    *axes, key = figure.axes
    names = [ax.get_title(loc="left") for ax in axes]
    assert names == ["China", "United States", "Kazakhstan"]
    # Only what lies within the months shown has a mark, and only its kind is in the key.
    texts = [text.get_text() for text in key.get_legend().get_texts()]
    assert texts[:-1] == ["vendor"]  # the last says what an open mark is
    # A figure above the band is still inside the axes.
    assert axes[0].get_ylim()[1] > 30


def test_a_country_alone_needs_no_name(new, panel, published):
    figure = new()
    charts.multiples(figure, panel, published, ["CHN"], unit="EH/s", columns=1)
    ax = figure.axes[0]
    assert ax.get_title(loc="left") == ""
    assert ax.get_ylabel() == "EH/s"
    assert ax.get_ylim()[1] > 45


def test_a_country_without_figures(new, panel, published):
    figure = new()
    charts.multiples(figure, panel, published.iloc[:0], ["USA"])
    assert figure.axes[0].get_ylim()[1] > 12


def test_share_above_hashrate(new, panel, published):
    figure = new(6)
    charts.share_and_stock(figure, panel, published, "CHN")
    assert [ax.get_ylabel() for ax in figure.axes[:2]] == ["percent", "EH/s"]


def test_more_charts_need_more_height():
    heights = [charts.height_of(count) for count in range(1, 8)]
    assert heights == sorted(heights)
    assert charts.height_of(3) == charts.height_of(4)


def test_every_scenario_has_a_line_of_its_own(new):
    rows = pd.DataFrame({"month": MONTHS, "low": 5.0, "median": 10.0, "high": 20.0})
    cases = pd.concat(
        [
            rows.assign(region=code, scenario=name)
            for code in ("USA", "RUS", "KAZ")
            for name in _DASHES
        ]
    )
    figure = new(6)
    charts.fans(figure, cases, ["USA", "RUS", "KAZ"])
    *axes, key = figure.axes
    assert [ax.get_title(loc="left") for ax in axes] == ["United States", "Russia", "Kazakhstan"]
    looks = {
        (
            line.get_color(),
            str(line.get_dashes() if hasattr(line, "get_dashes") else line.get_linestyle()),
        )
        for line in axes[0].lines
    }
    assert len(looks) == len(_DASHES)
    assert len(key.get_legend().get_texts()) == len(_DASHES)


def test_single_paths_are_thin_lines_within_the_scale(new):
    rows = pd.DataFrame({"month": MONTHS, "low": 5.0, "median": 10.0, "high": 20.0})
    cases = pd.concat([rows.assign(region="USA", scenario=name) for name in _DASHES])
    index = pd.MultiIndex.from_product([[3, 7], MONTHS], names=["draw", "month"])
    paths = pd.DataFrame({"USA": 30.0}, index=index)
    figure = new(6)
    charts.fans(figure, cases, ["USA"], paths)
    ax, key = figure.axes
    thin = [line for line in ax.lines if line.get_linewidth() < 1]
    assert len(thin) == 2
    assert all((line.get_ydata() == 30).all() for line in thin)
    assert ax.get_ylim()[1] > 30
    assert key.get_legend().get_texts()[-1].get_text() == "single paths"
