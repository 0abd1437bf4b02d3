"""Figures left out and looked for again."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

import hashrate_migration as hm
from hashrate_migration import country_panel
from hashrate_migration.country_panel import checks, estimates
from hashrate_migration.country_panel.state_space import expected, smooth
from hashrate_migration.errors import InputError


def held_against_its_band(left, rows):
    """Whether columns and arithmetic are right; `rows` are the estimates in the same order."""
    assert left.columns.tolist() == [
        *("left_out", "estimate_id", "month", "members", "kind", "share_pct"),
        *("expected_pct", "low_pct", "high_pct", "inside", "interpolated_pct", "distance"),
    ]
    assert left.index.tolist() == list(range(len(left)))
    for name in ("estimate_id", "month", "members", "kind", "share_pct"):
        assert left[name].tolist() == rows[name].tolist()
    # The band is as far below as above in log-odds, 1.645 standard deviations; the figure lies in it
    # if it is less far from the middle.
    middle, low, high, figure = (
        logit(left[name].to_numpy() / 100)
        for name in ("expected_pct", "low_pct", "high_pct", "share_pct")
    )
    assert middle - low == pytest.approx(high - middle, rel=1e-6)
    distance = (figure - middle) / ((high - low) / 2) * 1.6448536
    assert left["distance"].to_numpy() == pytest.approx(distance, rel=1e-5)
    assert left["inside"].tolist() == (abs(distance) <= 1.6448536).tolist()


def foretold(left, source):
    """Whether the figures of a source are those that a path through all others expects."""
    rows = estimates.observations()
    out = rows["source_id"] == source
    # What the list of a month leaves over contains the vendor's figure of that month.
    vendors = rows.loc[out & (rows["kind"] == "vendor"), "month"]
    out |= rows["estimate_id"].str.startswith("remainder-") & rows["month"].isin(vendors)
    codes, default = [*estimates.countries(), "OTH"], country_panel.DEFAULT
    guess = country_panel.fit().log_ratios
    steps = (default.walk_sd, default.break_sd, default.breaks())
    path = smooth(rows[~out], codes, country_panel.months(), *steps, guess)
    mine = left[left["left_out"] == source]
    wanted = expected(path, rows[rows["source_id"] == source])["log_odds"]
    assert len(mine) == len(wanted) > 0
    assert logit(mine["expected_pct"] / 100).tolist() == pytest.approx(wanted.tolist(), abs=1e-9)
    return out.sum() - len(mine)


def test_what_is_left_out_is_mostly_found_again():
    left = checks.leave_out()
    table = checks.coverage(left)
    assert set(left["estimate_id"]) == {
        name
        for name in estimates.observations()["estimate_id"]
        if not name.startswith(estimates.REMAINDER)
    }
    assert table.loc["other estimates", "inside_pct"] > 90
    assert table.loc["all", "inside_pct"] > 85
    assert table.loc["all", "error_points"] <= table.loc["all", "interpolation_points"]
    rows = estimates.observations().set_index("estimate_id", drop=False).loc[left["estimate_id"]]
    assert left["left_out"].tolist() == rows["source_id"].tolist()
    held_against_its_band(left, rows)
    # With one remainder of a list by others, and with none.
    assert foretold(left, "hashrate-index-binance-bh") == 1
    assert foretold(left, "stoll-2019-sonnenseite-com") == 0


def test_quarters_are_left_out_under_the_kinds_and_steps_asked_for():
    """Few figures: three statements, in three quarters, and the survey."""
    kinds = hm.load("estimate_kinds")
    shut = kinds[kinds["enters"] & ~kinds["kind"].isin(["statement", "survey"])]
    few = pd.DataFrame({"kind": shut["kind"], "enters": False})
    calm = country_panel.Dynamics(0.1, 0.3, "2021-05", "2021-12")
    left = checks.leave_out("quarter", few, calm)
    rows = estimates.observations(kind_table=few)
    assert set(rows["kind"]) == {"statement", "survey"}
    quarters = rows["month"].dt.year.astype(str) + "Q" + rows["month"].dt.quarter.astype(str)
    assert left["left_out"].tolist() == quarters.tolist()
    held_against_its_band(left, rows)
    codes, span = [*estimates.countries(), "OTH"], country_panel.months()
    quarter = "2024Q2"
    breaks = pd.date_range("2021-05", "2021-12", freq="MS")
    path = smooth(rows[quarters != quarter], codes, span, 0.1, 0.3, breaks)
    wanted = expected(path, rows[quarters == quarter])
    mine = left[left["left_out"] == quarter]
    assert len(mine) == 5
    lines = checks.interpolated(rows[quarters != quarter], rows[quarters == quarter])
    assert mine["interpolated_pct"].tolist() == pytest.approx(lines.tolist(), nan_ok=True)
    assert lines.notna().any()
    assert logit(mine["expected_pct"].to_numpy() / 100) == pytest.approx(
        wanted["log_odds"].to_numpy(),
        abs=1e-2,  # the path comes to rest from another side
    )
    half = (logit(mine["high_pct"] / 100) - logit(mine["low_pct"] / 100)) / 2
    assert half.to_numpy() == pytest.approx(1.6448536 * wanted["sd"].to_numpy(), rel=1e-2)


def test_left_out_by_something_else_is_refused():
    with pytest.raises(InputError) as caught:
        checks.leave_out("weather")
    assert str(caught.value) == "by = 'weather' is unknown; choose one of source, quarter."


def test_straight_lines_between_estimates():
    days = pd.to_datetime(["2020-12-31", "2020-01-01", "2020-12-31", "2020-07-01"])
    members, shares = ["KAZ", "KAZ", "KAZ", "USA"], [3.0, 2.0, 5.0, 40.0]  # 3 and 5 count as 4
    known = pd.DataFrame({"month": days, "members": members, "share_pct": shares})
    wanted = pd.DataFrame(
        {
            "month": pd.to_datetime(
                ["2020-07-01", "2021-06-01", "2020-07-01", "2019-06-01", "2022-01-01"]
            ),
            "members": ["KAZ", "KAZ", "ETH", "KAZ", "USA"],
        },
        index=[4, 2, 0, 8, 6],
    )
    values = checks.interpolated(known, wanted)
    assert values.index.tolist() == [4, 2, 0, 8, 6]
    assert values.tolist() == pytest.approx(
        [2 + 2 * 182 / 365, 4.0, np.nan, 2.0, 40.0], nan_ok=True
    )


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
    # What a caller adds changes nothing.
    table = country_panel.coverage(left_out.assign(note=np.nan))
    nothing = pd.DataFrame(
        {
            "estimates": [1, 2, 3],
            "inside_pct": [100, 50, 200 / 3],
            # Panel and straight lines are held against the same figures.
            "error_points": [1.0, 0.5, 0.75],
            "interpolation_points": [3.0, 0.2, 1.6],
        },
        index=["mining map", "other estimates", "all"],
    )
    pd.testing.assert_frame_equal(table, nothing)
    proxies = country_panel.coverage(left_out.assign(kind="pool_sample_proxy"))
    assert proxies["estimates"].tolist() == [3, 0, 3]


def test_each_source_has_its_own_row(left_out):
    table = country_panel.by_label(left_out)
    wanted = pd.DataFrame(
        {
            "estimates": [2, 1],
            "inside": [1, 1],
            "error_points": [1.75, 1.0],
            "interpolation_points": [0.2, 3.0],
        },
        index=pd.Index(["b", "a"], name="left_out"),  # the most figures first
    )
    pd.testing.assert_frame_equal(table, wanted)
    nothing = country_panel.by_label(left_out.iloc[2:])
    assert np.isnan(nothing.loc["b", "interpolation_points"])
    # Where several have as many figures, in the order of their names.
    letters = "qwertyuiopasdfghjklzxcvbnm"
    alike = pd.concat(
        [left_out.iloc[n % 2 :].assign(left_out=one) for n, one in enumerate(letters)],
        ignore_index=True,
    )
    wanted = sorted(letters[::2]) + sorted(letters[1::2])
    assert country_panel.by_label(alike).index.tolist() == wanted


@pytest.mark.parametrize("summary", [country_panel.coverage, country_panel.by_label])
def test_a_table_that_is_not_of_figures_left_out_is_refused(left_out, summary):
    for name in left_out.columns:
        with pytest.raises(InputError) as caught:
            summary(left_out.drop(columns=name))
        assert str(caught.value) == (
            f"left_out has no column {name}; give a table as country_panel.leave_out gives it."
        )
    with pytest.raises(InputError, match="left_out = 5 is not a table as country_panel.leave_out"):
        summary(5)
