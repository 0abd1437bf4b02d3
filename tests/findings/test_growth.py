"""Growth: a rate, and whether it was one rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.findings.growth import growth


def monthly(logs):
    months = pd.date_range("2013-01-01", periods=len(logs), freq="MS")
    return pd.Series(2.0 ** np.asarray(logs), months)


def passing(months, seed):
    """Deviations from a line that pass, after some months."""
    drawn = np.random.default_rng(seed).normal(0, 0.1, months)
    return pd.Series(drawn).ewm(com=2).mean().to_numpy()


def staying(months, seed):
    """Deviations that stay, as those of a price do."""
    return np.random.default_rng(seed).normal(0, 0.1, months).cumsum()


def test_a_series_that_doubles_every_year_has_one_rate():
    found = growth(monthly(np.arange(60) / 12))
    assert found.rate == pytest.approx(1)
    assert found.halves == pytest.approx((1, 1))
    assert found.ratio == pytest.approx(1)
    assert found.fit == pytest.approx(1)


def test_a_rate_that_halves_has_the_ratio_of_a_half():
    rates = np.repeat([2.0, 1.0], 30) / 12
    found = growth(monthly(np.concatenate([[0], np.cumsum(rates)])))
    assert found.halves == pytest.approx((2, 1))
    assert found.ratio == pytest.approx(0.5)
    assert found.fit < 1


def test_a_straight_line_grows_ever_more_slowly():
    months = pd.date_range("2013-01-01", periods=60, freq="MS")
    assert growth(pd.Series(np.arange(1.0, 61.0), months)).ratio < 0.5


@pytest.mark.parametrize("noise", [passing, staying])
def test_intervals_hold_the_rate_and_the_ratio_as_often_as_they_say(noise):
    worlds = [growth(monthly(2.5 * np.arange(61) / 12 + noise(61, seed))) for seed in range(200)]
    # 90 percent less three times the error of a share of 200 worlds.
    least = 0.9 - 3 * np.sqrt(0.9 * 0.1 / 200)
    assert np.mean([w.rate_low <= 2.5 <= w.rate_high for w in worlds]) > least
    assert np.mean([w.ratio_low <= 1 <= w.ratio_high for w in worlds]) > least


def test_a_ratio_over_a_rate_that_may_be_zero_has_no_ends():
    flat = np.concatenate([passing(31, 1), np.arange(30) / 12])
    found = growth(monthly(flat))
    assert (found.ratio_low, found.ratio_high) == (-np.inf, np.inf)


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (monthly(np.zeros(12)), "has 12 months; growth needs 24"),
        (monthly(np.zeros(30)) * 0, "values that are not above zero"),
    ],
)
def test_what_has_no_rate_is_refused(series, message):
    with pytest.raises(InputError, match=message):
        growth(series)
