from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import charts


@pytest.fixture
def rows():
    return pd.DataFrame(
        {
            "share_pct": [10.0, 1.0, 30.0],
            "median_pct": [9.0, 2.0, 28.0],
            "low90": [5.0, 1.5, 0.001],
            "high90": [15.0, 4.0, 99.0],
            "inside90": pd.array([True, False, True], dtype="boolean"),
        }
    )


def test_figures_stand_over_their_predictions_and_misses_look_otherwise(new, rows):
    axes = new().subplots(1, 3)
    charts.observed_against_predicted(axes, {"mining map": rows, "other estimates": rows})
    diagonal, held, missed = axes[0].lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata())
    assert (held.get_xdata().tolist(), held.get_ydata().tolist()) == ([9.0, 28.0], [10.0, 30.0])
    assert (missed.get_xdata().tolist(), missed.get_ydata().tolist()) == ([2.0], [1.0])
    assert held.get_marker() != missed.get_marker()
    assert axes[1].get_title(loc="left") == "other estimates"
    assert not axes[2].axison
    # All charts have one scale, so that they can be compared.
    assert axes[0].get_xlim() == axes[0].get_ylim() == axes[1].get_xlim()


def test_bands_that_leave_the_scale_are_cut_at_its_end(new, rows):
    axes = new().subplots(1, 1, squeeze=False)[0]
    charts.observed_against_predicted(axes, {"all": rows})
    low, high = axes[0].get_xlim()
    ends = np.concatenate([path.get_segments() for path in axes[0].collections])[:, :, 0]
    assert ends.min() >= low
    assert ends.max() <= high


def test_bars_of_ranks_stand_on_zero_beside_what_chance_would_give(new):
    ax = new().subplots()
    counts = pd.Series([30, 10, 10, 50], index=[0.0, 0.25, 0.5, 0.75])
    charts.rank_bars(ax, counts, "each quarter")
    assert [bar.get_height() for bar in ax.patches[1:]] == counts.tolist()
    assert ax.get_ylim()[0] == 0
    low, high = ax.patches[0].get_y(), ax.patches[0].get_y() + ax.patches[0].get_height()
    # A quarter of 100 figures, with a standard deviation of 4.3: 1.645 of them to either side.
    assert (low, high) == (18, 32)
    assert ax.lines[0].get_ydata()[0] == 25


def test_forecasts_stand_in_time_with_zero_below_and_room_for_the_key(new, rows):
    rows = rows.assign(month=pd.to_datetime(["2021-01-01", "2021-06-01", "2022-01-01"]))
    axes = new().subplots(2, 1)
    charts.forecast_bands(axes, {"China": rows, "United States": rows.head(1)})
    assert [ax.get_title(loc="left") for ax in axes] == ["China", "United States"]
    bands = np.array(axes[0].collections[0].get_segments())[:, :, 1]
    assert bands.tolist() == rows[["low90", "high90"]].to_numpy().tolist()
    _, held, missed = axes[0].lines
    assert held.get_ydata().tolist() == [10.0, 30.0]
    assert missed.get_ydata().tolist() == [1.0]
    assert held.get_marker() != missed.get_marker()
    assert [ax.get_ylim()[0] for ax in axes] == [0, 0]
    # Above the highest band stands the key.
    assert axes[0].get_ylim()[1] > 1.3 * 99
    assert axes[1].get_legend() is None
