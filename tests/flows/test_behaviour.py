from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrate_migration import flows
from hashrate_migration.flows.behaviour import (
    PREPARED_MONTHS,
    by_month,
    draw_behaviour,
    lag_pmf,
    lots,
)


def test_lots_have_the_mean_expected_and_the_variance_of_their_number():
    # Half a lot is expected in one cell, ten in the other.
    expected = np.broadcast_to([1.0, 20.0, 0.0], (40_000, 3))
    found = lots(np.random.default_rng(0), expected, np.float64(2.0))
    np.testing.assert_allclose(found.mean(axis=0), [1, 20, 0], rtol=0.03)
    np.testing.assert_allclose(found.var(axis=0), [2, 40, 0], rtol=0.05)
    # Where less than a lot is expected there is mostly nearly nothing.
    assert np.median(found[:, 0]) < 0.5


def test_a_lag_is_a_mixture_of_weeks_and_months():
    whole = lag_pmf(np.array([1.0, 0.0, 0.25]), np.array([9.0, 4.0, 4.0]), 400)
    lag = np.arange(401)
    np.testing.assert_allclose(whole.sum(axis=1), 1)
    np.testing.assert_allclose(whole @ lag, [PREPARED_MONTHS, 4, 0.25 * PREPARED_MONTHS + 0.75 * 4])
    # A negative binomial with shape 2 and mean 4: p = 1/3, so p^2, 2 p^2 (1 - p), 3 p^2 (1 - p)^2.
    np.testing.assert_allclose(whole[1, :3], [1 / 9, 4 / 27, 12 / 81])


@settings(max_examples=30, deadline=None)
@given(
    prepared=st.floats(0, 1),
    months=st.floats(0.1, 30),
    max_lag=st.integers(0, 15),
    count=st.integers(1, 12),
)
def test_machines_arrive_once_at_most_and_never_before_they_left(prepared, months, max_lag, count):
    lag = lag_pmf(np.array([prepared]), np.array([months]), max_lag)
    table = by_month(lag, count)[0]
    assert (np.tril(table, -1) == 0).all()
    assert (np.triu(table, max_lag + 1) == 0).all()
    assert (table.sum(axis=1) <= 1 + 1e-12).all()
    for s in range(count):
        np.testing.assert_allclose(table[s, s : s + max_lag + 1], lag[0, : count - s])


def test_behaviour_stays_within_what_is_assumed():
    a = flows.Assumptions()
    b = draw_behaviour(a, 3, 2000, np.random.default_rng(0))
    for name in ("lag_months", "prepared_share", "retired_share", "return_share", "lot_ehs"):
        low, high = getattr(a, name)
        values = getattr(b, name)
        assert low <= values.min()
        assert values.max() <= high
    # Rates differ by region around a mean within the range.
    assert b.turnover.shape == (2000, 3)
    assert a.turnover[0] < b.turnover.mean() < a.turnover[1]
    assert b.preference.std() == pytest.approx(a.prior_sd, rel=0.05)
    few = b.take(np.array([5, 5, 7]))
    np.testing.assert_array_equal(few.lag_months, b.lag_months[[5, 5, 7]])
