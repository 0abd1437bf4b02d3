"""Straight lines and a random walk through the figures of a country."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.structural import UnobservedComponents

from hashrate_migration.country_panel import checks, yardsticks


def walks(step, scatter, seed=0, countries=20, months=60):
    """Figures about random walks, one per country."""
    rng = np.random.default_rng(seed)
    span = pd.date_range("2015-01-01", periods=months, freq="MS")
    parts = []
    for place in range(countries):
        level = -3 + np.cumsum(step * rng.standard_normal(months))
        own = pd.DataFrame({"month": span, "members": f"C{place:02d}"})
        parts.append(own.assign(log_odds=level + scatter * rng.standard_normal(months)))
    return pd.concat(parts, ignore_index=True)


def rows(months, members, log_odds=0.0):
    return pd.DataFrame({"month": pd.to_datetime(months), "members": members, "log_odds": log_odds})


def test_lines_go_through_the_means_of_months_and_are_flat_outside():
    many = walks(0.1, 0.01)
    own = rows(["2020-01-01", "2020-01-01", "2020-11-01"], "KAZ", [1.0, 3.0, 4.0])
    wanted = rows(["2020-06-01", "2019-01-01", "2022-01-01", "2020-06-01"], ["KAZ"] * 3 + ["ETH"])
    drawn = yardsticks.lines(pd.concat([many, own]), wanted, 4000, seed=0)
    # The median of 4000 draws lies within hundredths of the middle.
    assert np.median(drawn[:, :3], axis=0) == pytest.approx([3.0, 2.0, 4.0], abs=0.05)
    assert np.isnan(drawn[:, 3]).all()


def test_lines_grow_less_certain_with_the_distance_if_the_figures_say_so():
    wanted = rows(["2020-02-01", "2024-01-01"], "C00")
    spread = np.ptp(
        np.quantile(yardsticks.lines(walks(0.3, 0.01), wanted, 4000, 0), (0.25, 0.75), axis=0),
        axis=0,
    )
    assert spread[1] > 3 * spread[0]
    # About a level that does not move a far figure is as good as a near one.
    still = np.ptp(
        np.quantile(yardsticks.lines(walks(0.0, 0.3), wanted, 4000, 0), (0.25, 0.75), axis=0),
        axis=0,
    )
    assert still[1] == pytest.approx(still[0], rel=0.15)


def test_errors_are_learned_with_their_tail():
    rng = np.random.default_rng(0)
    heavy = 0.2 * rng.standard_t(2, 3000)
    parameters = yardsticks.fit_residuals(heavy, np.ones(3000))
    assert np.exp(parameters[0]) == pytest.approx(0.2, rel=0.1)
    assert yardsticks._df(parameters) == pytest.approx(2, rel=0.2)


def test_the_figures_to_be_predicted_are_not_looked_at():
    known = walks(0.1, 0.1)
    wanted = rows(["2018-06-01"], "C03", 5.0)
    for yardstick in (yardsticks.lines, yardsticks.walk):
        once = yardstick(known, wanted, 50, 0)
        assert (once == yardstick(known, wanted.assign(log_odds=-5.0), 50, 0)).all()


def test_bands_of_lines_and_walk_hold_what_they_promise_of_walks():
    figures = walks(0.15, 0.1, seed=5)
    out = figures["month"].dt.to_period("Q").map(lambda quarter: quarter.ordinal) % 4 == 0
    known, wanted = figures[~out], figures[out]
    scored = {}
    for name in checks.YARDSTICKS:
        draws = getattr(yardsticks, name)(known, wanted, 500, 0)
        scored[name] = checks.scores(draws, wanted["log_odds"].to_numpy())
        # 300 figures: the standard error is 1.7 points, more since neighbours go together.
        assert 100 * scored[name]["inside90"].astype(float).mean() == pytest.approx(90, abs=6)
    # Where the world is a walk the walk is the better prediction.
    assert scored["walk"]["log_score"].mean() > scored["lines"]["log_score"].mean()


def test_step_and_scatter_of_walks_are_found_again():
    step, scatter = yardsticks.fit_walk(walks(0.2, 0.05, seed=2))
    assert step == pytest.approx(0.2, rel=0.1)
    assert scatter == pytest.approx(0.05, rel=0.4)


def test_the_walk_is_the_local_level_of_statsmodels():
    span = pd.date_range("2019-01-01", periods=24, freq="MS")
    values = pd.Series(np.random.default_rng(3).normal(-2, 0.5, 24), index=span)
    values.iloc[[0, 5, 6, 7, 15, 22, 23]] = np.nan
    step, scatter = 0.2, 0.1
    model = UnobservedComponents(values, "llevel")
    smoothed = model.smooth([scatter**2, step**2])
    known = values.dropna()
    mean, sd = yardsticks.walk_moments(
        rows(known.index, "KAZ", known.to_numpy()), rows(span, "KAZ"), step, scatter
    )
    assert mean == pytest.approx(smoothed.smoothed_state[0], abs=1e-3)
    level_variance = smoothed.smoothed_state_cov[0, 0]
    assert sd[7] == pytest.approx(np.sqrt(level_variance[7] + scatter**2), rel=1e-3)
    assert sd[-1] == pytest.approx(np.sqrt(level_variance[-1] + scatter**2), rel=1e-3)


def test_several_figures_of_a_month_are_more_than_one():
    one = rows(["2020-01-01"], "KAZ", 1.0)
    months = rows(["2020-01-01"], "KAZ")
    sd = [
        yardsticks.walk_moments(pd.concat([one] * count), months, 0.1, 0.2)[1][0]
        for count in (1, 4)
    ]
    assert sd == pytest.approx([np.hypot(0.2, 0.2), np.hypot(0.1, 0.2)], rel=1e-3)


@pytest.mark.parametrize("yardstick", [yardsticks.lines, yardsticks.walk])
def test_too_few_figures_predict_nothing(yardstick):
    known = rows(["2020-01-01", "2020-06-01"], "KAZ", [1.0, 2.0])
    drawn = yardstick(known, rows(["2020-03-01"], "KAZ"), 10, 0)
    assert drawn.shape == (10, 1)
    assert np.isnan(drawn).all()
