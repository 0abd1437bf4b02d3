from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrate_migration import flows
from hashrate_migration.flows.behaviour import draw_behaviour
from hashrate_migration.flows.gross import Window, expected, gross, landed, uneven

WINDOW = Window(origin=0, start=1, end=3)

EVEN = flows.Assumptions(
    lot_ehs=(1e-6, 1e-6),
    prior_sd=0.0,
    retired_share=(0.2, 0.2),
    return_share=(0.5, 0.5),
    prepared_share=(1.0, 1.0),
)
"""No lots: what is expected happens."""


def behaviour(a: flows.Assumptions = EVEN, count: int = 1, regions: int = 3):
    return draw_behaviour(a, regions, count, np.random.default_rng(0))


def still(turnover: float = 0.0, count: int = 1):
    """Behaviour without differences between regions."""
    b = behaviour(count=count)
    return replace(b, turnover=np.full_like(b.turnover, turnover), still_buying=np.ones(count))


def random_stocks(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).gamma(2.0, 10.0, (4, 3, 8))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_arrivals_less_departures_are_the_net_change(seed):
    stocks = random_stocks(seed)
    b = behaviour(flows.Assumptions(), 4)
    found = gross(stocks, b, WINDOW, 12, np.random.default_rng(seed))
    turned = uneven(
        *(found, stocks, np.zeros((4, 7)), np.ones((4, 7)), b, WINDOW, np.random.default_rng(1))
    )
    for one in (found, turned):
        np.testing.assert_allclose(
            one.arrivals - one.departures, np.diff(stocks, axis=2), atol=1e-9
        )
        assert (one.departures >= 0).all()
        assert (one.running(b) <= one.departures + 1e-12).all()
        # Who stood at the origin when the window began counts once.
        lost = np.maximum(-np.diff(stocks, axis=2), 0)[:, 0, WINDOW.months].sum(axis=1)
        left = one.departures[:, 0, WINDOW.months].sum(axis=1)
        assert (left <= np.maximum(stocks[:, 0, WINDOW.start], lost) + 1e-6).all()


def test_a_country_with_a_net_loss_receives():
    stocks = np.array([[[50.0, 50, 50], [30, 29, 28], [20, 21, 22]]])
    window = Window(0, 0, 1)
    found = gross(stocks, still(0.1), window, 12, np.random.default_rng(0))
    np.testing.assert_allclose(found.arrivals[0, 1], [3.0, 2.9])
    np.testing.assert_allclose(found.departures[0, 1], [4.0, 3.9])


def test_exits_and_returns_overlap():
    # 20 leave each month of the window; of what leaves 0.8 run again, half of them at home, of these
    # 1 / 1.7 within the month by the lag of prepared moves.
    stocks = np.array([[[100.0, 100, 80, 60, 40, 40], [50] * 6, [50] * 6]])
    found = gross(stocks, still(), WINDOW, 12, np.random.default_rng(0))
    at_once = 0.8 * 0.5 / 1.7
    first = 20 * at_once / (1 - at_once)
    assert found.departures[0, 0, 1] == pytest.approx(20 + first, rel=1e-3)
    assert found.arrivals[0, 0, 1] == pytest.approx(first, rel=1e-3)
    # In the second month a part of what left in the first is due as well.
    late = 0.8 * 0.5 * (1 - 1 / 1.7) / 1.7
    second = (20 * at_once + (20 + first) * late) / (1 - at_once)
    assert found.arrivals[0, 0, 2] == pytest.approx(second, rel=1e-3)
    # Outside the window, and elsewhere, nothing is added.
    assert found.departures[0, 0, 0] == found.departures[0, 0, 4] == 0
    assert (found.departures[0, 1:] == 0).all()


def test_turnover_in_lots_leans_to_what_arrivals_say():
    stocks = np.full((4000, 3, 8), 50.0)
    b = replace(still(0.05, 4000), lot_ehs=np.full(4000, 2.0))
    found = gross(stocks, b, WINDOW, 12, np.random.default_rng(0))
    own, total = 2.0 * 7.5, 7.5

    def drawn(expected_arrivals: float) -> np.ndarray:
        there = np.full((4000, 7), expected_arrivals)
        generator = np.random.default_rng(1)
        return uneven(found, stocks, there, np.full((4000, 7), own), b, WINDOW, generator).replaced

    # Arrivals as expected: the mean; half of a surplus of 4 is put down to turnover, for half of the
    # variance is its own.
    month = drawn(total)[:, 1:, 5].sum(axis=1)
    assert month.mean() == pytest.approx(total * 2 / 3, rel=0.04)
    more = drawn(total - 4)[:, :, 5].sum(axis=1)
    assert more.mean() == pytest.approx(total - 2, rel=0.05)
    # Before the window it stays at its mean.
    np.testing.assert_allclose(drawn(total)[:, 1:, 0], 2.5)


def test_what_is_expected_to_land():
    stocks = np.array([[[100.0, 100, 60, 60, 60, 60, 60, 60], [50] * 8, [50] * 8]])
    b = still()
    b = replace(b, back_prepared=np.zeros(1), back_months=np.full(1, 2.0))
    found = gross(stocks, b, WINDOW, 12, np.random.default_rng(0))
    e = expected(stocks, b, WINDOW, 12)
    np.testing.assert_allclose(e.place.sum(axis=2), 1)
    np.testing.assert_allclose(e.new.sum(axis=1), 1)
    arrived = landed(found, e, b, WINDOW)[0]
    # Half of 0.8 of each month's departures goes home by its own lag (p = 1/2), the rest to the others.
    left = found.departures[0, 0]
    own = [(k + 1) * 0.25 * 0.5**k for k in range(7)]
    fast = [(0.7 / 1.7) ** k / 1.7 for k in range(7)]
    home = [sum(0.4 * left[s] * own[t - s] for s in range(t + 1)) for t in range(7)]
    each = [sum(0.2 * left[s] * fast[t - s] for s in range(t + 1)) for t in range(7)]
    np.testing.assert_allclose(arrived[0], home, atol=1e-9)
    np.testing.assert_allclose(arrived[1], each, atol=1e-9)
