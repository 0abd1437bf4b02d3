"""Scores of predictions: right where the answer is known, and bad where the prediction is."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import norm

from hashrate_migration.country_panel import checks
from hashrate_migration.errors import InputError

COUNT = 2000
"""Figures: the standard error of a coverage of 90 percent is 0.7 points, of 50 percent 1.1."""


@pytest.fixture(scope="module")
def figures():
    """Figures that follow a normal distribution about -3 with a standard deviation of 0.5."""
    return -3 + 0.5 * np.random.default_rng(1).standard_normal(COUNT)


def predicted(mean, sd, seed=2):
    return mean + sd * np.random.default_rng(seed).standard_normal((500, COUNT))


def rates(table):
    return 100 * table[["inside50", "inside90", "above"]].astype(float).mean()


def test_bands_of_an_honest_prediction_hold_what_they_promise(figures):
    held = rates(checks.scores(predicted(-3, 0.5), figures))
    # Four standard errors, and the ends of the band are known from 500 draws only.
    assert held["inside50"] == pytest.approx(50, abs=5)
    assert held["inside90"] == pytest.approx(90, abs=3)
    assert held["above"] == pytest.approx(50, abs=5)


def test_too_narrow_and_too_wide_and_too_low_are_found_out(figures):
    narrow, wide, low = (
        checks.scores(predicted(mean, sd), figures)
        for mean, sd in ((-3, 0.2), (-3, 1.5), (-3.5, 0.5))
    )
    assert rates(narrow)["inside90"] < 60
    assert rates(wide)["inside50"] > 65
    assert rates(low)["above"] > 80
    honest = checks.scores(predicted(-3, 0.5), figures)
    for wrong in (narrow, wide, low):
        assert wrong["log_score"].mean() < honest["log_score"].mean() - 0.1
        assert wrong["crps"].mean() > 1.05 * honest["crps"].mean()


def test_ranks_are_even_if_the_prediction_is_honest(figures):
    honest = checks.scores(predicted(-3, 0.5), figures)["rank"]
    counts = np.histogram(honest, bins=10, range=(0, 1))[0]
    # 200 in each of ten, with a standard deviation of 13.
    assert counts.min() > 140
    assert counts.max() < 260
    narrow = np.histogram(
        checks.scores(predicted(-3, 0.2), figures)["rank"], bins=10, range=(0, 1)
    )[0]
    assert min(narrow[0], narrow[-1]) > 2 * narrow[4]


def test_scores_are_those_of_the_normal_distribution(figures):
    draws = predicted(-3, 0.5)
    exact = norm.logpdf(figures, -3, 0.5)
    # The kernel's width costs hundredths on average.
    assert checks.log_scores(draws, figures).mean() == pytest.approx(exact.mean(), abs=0.05)
    z = (figures + 3) / 0.5
    # Gneiting and Raftery 2007, eq. 5: the score of a normal distribution.
    crps = 0.5 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert checks.crps(draws, figures).mean() == pytest.approx(crps.mean(), rel=0.02)


def test_the_score_of_a_few_draws_by_hand():
    draws = np.array([[0.0], [1.0], [3.0]])
    # Distances from 2 are 2, 1 and 1; among the nine pairs twice 1, 2 and 3.
    assert checks.crps(draws, np.array([2.0])) == pytest.approx([4 / 3 - 12 / 9 / 2])


def test_a_figure_far_beyond_all_draws_has_a_score_that_can_be_averaged():
    draws = np.random.default_rng(3).standard_normal((500, 1))
    far, farther = (float(checks.log_scores(draws, np.array([x]))[0]) for x in (10.0, 20.0))
    assert -20 < farther < far < -5


def test_nothing_predicted_is_missing_and_not_wrong():
    draws = np.array([[np.nan, 0.0], [np.nan, 1.0], [np.nan, 2.0]])
    table = checks.scores(draws, np.array([0.5, 0.5]))
    assert table.iloc[0].isna().all()
    assert table.iloc[1].notna().all()
    assert table.loc[1, "median_pct"] == pytest.approx(100 * expit(1.0))
    assert table.loc[1, "rank"] == pytest.approx(1 / 3)


@pytest.fixture
def left_out():
    """Two figures of the map and two others left out by quarter, one by family."""
    return pd.DataFrame(
        {
            "by": ["quarter"] * 4 + ["family"],
            "group": ["map", "map", "vendor", "other", "map"],
            "inside50": [True, False, False, True, True],
            "inside90": [True, True, False, True, True],
            "above": [True, False, True, True, False],
            "low90": [1.0, 2.0, 3.0, 4.0, 5.0],
            "high90": [2.0, 5.0, 4.0, 6.0, 6.0],
            "log_score": [1.0, 0.0, -1.0, -4.0, 0.5],
            "crps": [0.1, 0.2, 0.4, 0.8, 0.2],
            "lines_log_score": [0.0, 0.5, -2.0, np.nan, 1.0],
            "lines_crps": [0.2, 0.2, 0.3, np.nan, 0.1],
            "lines_inside90": pd.array([True, True, True, None, False], dtype="boolean"),
            "walk_log_score": [0.0, 0.0, 0.0, np.nan, 0.0],
            "walk_crps": [0.2, 0.2, 0.2, np.nan, 0.2],
            "walk_inside90": pd.array([False, True, True, None, True], dtype="boolean"),
        }
    )


def test_the_summary_is_by_way_and_group(left_out):
    table = checks.summary(left_out).set_index(["by", "group"])
    assert table.index.tolist() == [
        *(("quarter", group) for group in ("map", "vendor", "other", "all")),
        *(("family", group) for group in ("map", "all")),
    ]
    whole = table.loc[("quarter", "all")]
    assert whole[["figures", "alone"]].tolist() == [4, 1]
    assert whole["inside50_pct"] == 50
    assert whole["inside90_pct"] == whole["above_pct"] == 75
    assert whole["width_points"] == 1.5
    # The figure that no yardstick predicts is compared with none.
    assert whole["log_score"] == whole["walk_log_score"] == 0
    assert whole["lines_log_score"] == -0.5
    assert whole["crps"] == pytest.approx(0.7 / 3)
    assert whole["walk_inside90_pct"] == pytest.approx(200 / 3)
    assert np.isnan(table.loc[("quarter", "other"), "log_score"])


def test_a_target_that_is_missed_is_said_to_be(left_out):
    table = checks.targets(checks.summary(left_out))
    reached = table.set_index(["target", "by", "group"])["reached"].to_dict()
    # Each is asked of each group: what all together reach hides none of them.
    assert reached == {
        ("within the band of 90 percent", "quarter", "map"): False,
        ("within the band of 90 percent", "quarter", "vendor"): False,
        ("within the band of 90 percent", "quarter", "other"): False,
        ("within the band of 90 percent", "quarter", "all"): False,
        ("within the inner band", "quarter", "map"): True,
        ("within the inner band", "quarter", "vendor"): False,
        ("within the inner band", "quarter", "other"): False,
        ("within the inner band", "quarter", "all"): True,
        ("above the median", "quarter", "map"): True,
        ("above the median", "quarter", "vendor"): False,
        ("above the median", "quarter", "other"): False,
        ("above the median", "quarter", "all"): False,
        ("within the band of 90 percent", "family", "map"): True,
        ("within the band of 90 percent", "family", "all"): True,
        (checks.BEYOND_LINES, "quarter", "map"): True,
        (checks.BEYOND_LINES, "quarter", "vendor"): True,
        (checks.BEYOND_LINES, "family", "map"): False,
    }


def test_a_table_that_is_not_of_figures_left_out_is_refused(left_out):
    for name in left_out.columns:
        with pytest.raises(InputError) as caught:
            checks.summary(left_out.drop(columns=name))
        assert str(caught.value) == (
            f"left_out has no column {name}; "
            "give a table as country_panel.validation.table gives it."
        )
