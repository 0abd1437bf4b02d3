"""Figures left out and looked for again."""

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import country_panel
from hashrate_migration.country_panel import checks, estimates
from hashrate_migration.errors import InputError


def test_what_is_left_out_is_mostly_found_again():
    left = checks.leave_out("source")
    table = checks.coverage(left)
    assert set(left["estimate_id"]) == {
        name
        for name in estimates.observations()["estimate_id"]
        if not name.startswith(estimates.REMAINDER)
    }
    assert table.loc["other estimates", "inside_pct"] > 90
    assert table.loc["all", "inside_pct"] > 85
    assert table.loc["all", "error_points"] <= table.loc["all", "interpolation_points"]


def test_left_out_by_something_else_is_refused():
    with pytest.raises(InputError, match="by = 'weather'"):
        checks.leave_out("weather")


def test_straight_lines_between_estimates():
    days = pd.to_datetime(["2020-01-01", "2020-12-31"])
    known = pd.DataFrame({"month": days, "members": "KAZ", "share_pct": [2.0, 4.0]})
    wanted = pd.DataFrame(
        {
            "month": pd.to_datetime(["2020-07-01", "2021-06-01", "2020-07-01"]),
            "members": ["KAZ", "KAZ", "ETH"],
        }
    )
    values = checks.interpolated(known, wanted)
    assert values[0] == pytest.approx(2 + 2 * 182 / 365)
    assert values[1] == 4.0
    assert np.isnan(values[2])


@pytest.fixture
def left_out():
    """Three figures of two sources, the last with nothing to draw a line through."""
    return pd.DataFrame(
        {
            "left_out": ["a", "b", "b"],
            "kind": ["pool_sample", "vendor", "vendor"],
            "share_pct": [10.0, 4.0, 6.0],
            "expected_pct": [11.0, 4.5, 9.0],
            "interpolated_pct": [13.0, 4.2, np.nan],
            "inside": [True, True, False],
        }
    )


def test_coverage_tells_the_map_from_the_rest(left_out):
    table = country_panel.coverage(left_out)
    assert table["estimates"].tolist() == [1, 2, 3]
    assert table["inside_pct"].tolist() == pytest.approx([100, 50, 200 / 3])
    # Panel and straight lines are held against the same figures.
    assert table.loc["other estimates", "error_points"] == pytest.approx(0.5)
    assert table.loc["other estimates", "interpolation_points"] == pytest.approx(0.2)


def test_each_source_has_its_own_row(left_out):
    table = country_panel.by_label(left_out)
    assert table.index.tolist() == ["b", "a"]  # the most figures first
    assert table.loc["b", ["estimates", "inside"]].tolist() == [2, 1]
    assert table.loc["b", "error_points"] == pytest.approx(1.75)
    assert table.loc["b", "interpolation_points"] == pytest.approx(0.2)
    nothing = country_panel.by_label(left_out.iloc[2:])
    assert np.isnan(nothing.loc["b", "interpolation_points"])
