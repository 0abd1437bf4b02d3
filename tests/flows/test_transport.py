from __future__ import annotations

import numpy as np
import ot
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipfn import ipfn

import hashrate_migration as hm
from hashrate_migration.flows.accounts import margins
from hashrate_migration.flows.estimators import prior_table, with_returns
from hashrate_migration.flows.transport import STIFFNESS, Problem, lag_kernel


@pytest.fixture(scope="module")
def solved():
    """The map's accounts solved, with kernel and margins of the balanced problem."""
    stocks = hm.stocks("2021-03", "2021-12")
    departures, arrivals = (frame.to_numpy().T for frame in margins(stocks))
    count, months = departures.shape
    prior = with_returns(prior_table(None, list(stocks)), 0.3)
    lag = lag_kernel(np.full(count, 2.5), 8)
    problem = Problem(prior, lag, 0.1, np.full(count, 1 / count), months)
    supply = np.full((months, 1), 8.0)
    rows, columns = problem.solve(
        departures[..., None], arrivals[..., None], supply, tolerance=1e-12
    )
    moved = problem.flows(rows[..., 0], columns[..., 0]).reshape(count * months, -1)
    new = (problem.new_share[:, None] * supply[:, 0] * columns[..., 0]).ravel()
    kernel = (problem.place[:, None, :, None] * problem.arrive.transpose(1, 0, 2)[None]).reshape(
        count * months, -1
    )
    # The same problem with totals: relocated departures and one row of new machines.
    weights = np.vstack([kernel, (problem.new_share[:, None] * supply[:, 0]).ravel()])
    answer = np.vstack([moved, new])
    keep = answer.sum(axis=1) > 0, answer.sum(axis=0) > 0
    return (
        answer[np.ix_(*keep)],
        weights[np.ix_(*keep)],
        (problem, departures, rows, moved),
    )


def test_agrees_with_pot(solved):
    answer, weights, _ = solved
    total = answer.sum()
    with np.errstate(divide="ignore"):
        cost = -np.log(np.maximum(weights, 1e-250))
    theirs = ot.sinkhorn(
        answer.sum(axis=1) / total,
        answer.sum(axis=0) / total,
        cost,
        reg=1.0,
        numItermax=100_000,
        stopThr=1e-14,
    )
    np.testing.assert_allclose(theirs * total, answer, atol=1e-6)


def test_agrees_with_ipfn(solved):
    answer, weights, _ = solved
    theirs = ipfn.ipfn(
        weights.copy(),
        [answer.sum(axis=1), answer.sum(axis=0)],
        [[0], [1]],
        convergence_rate=1e-13,
        max_iteration=100_000,
    ).iteration()
    np.testing.assert_allclose(theirs, answer, atol=1e-6)


def test_the_retired_follow_their_scaling(solved):
    _, _, (problem, departures, rows, moved) = solved
    some = departures > 0
    scaling = rows[..., 0][some] / departures[some]
    retired = departures[some] - moved.sum(axis=1).reshape(departures.shape)[some]
    expected = departures[some] * problem.gone[some] * scaling ** (1 / STIFFNESS)
    np.testing.assert_allclose(retired, expected, rtol=1e-6)


def test_many_draws_at_once_are_the_same_as_one_by_one():
    stocks = hm.stocks("2021-03", "2021-12")
    departures, arrivals = (frame.to_numpy().T[..., None] for frame in margins(stocks))
    factors = np.linspace(0.5, 2, 300)
    problem = Problem(
        with_returns(prior_table(None, list(stocks)), 0.3),
        lag_kernel(np.full(10, 2.0), 8),
        *(0.1, np.full(10, 0.1), 9),
    )
    supply = np.full((9, 300), 8.0)
    rows, columns = problem.solve(departures * factors, arrivals * factors, supply)
    together = problem.by_pair(rows, columns)
    for draw in (0, 127, 128, 299):
        alone = problem.by_pair(
            *problem.solve(
                departures * factors[draw], arrivals * factors[draw], supply[:, draw : draw + 1]
            )
        )
        np.testing.assert_allclose(together[..., draw], alone[..., 0], atol=1e-6)


def test_pairs_are_sums_of_flows(solved):
    _, _, (problem, _, rows, moved) = solved
    count, months, _ = rows.shape
    columns = np.ones_like(rows)
    full = problem.flows(rows[..., 0], columns[..., 0])
    np.testing.assert_allclose(
        problem.by_pair(rows, columns)[..., 0], full.sum(axis=(1, 3)), rtol=1e-12
    )


@given(mean=st.floats(0, 12), longest=st.integers(0, 12))
def test_lags_are_probabilities(mean, longest):
    kernel = lag_kernel(np.array([mean]), longest)
    assert kernel.shape == (1, longest + 1)
    assert (kernel >= 0).all()
    assert kernel.sum() == pytest.approx(1)


def test_divergence_is_what_its_formula_says():
    stocks = hm.stocks("2021-01", "2022-01")
    departures, arrivals = (frame.to_numpy().T[..., None] for frame in margins(stocks))
    count, months, _ = departures.shape
    problem = Problem(
        with_returns(prior_table(None, list(stocks)), 0.3),
        lag_kernel(np.full(count, 2.0), 8),
        *(0.1, np.full(count, 1 / count), months),
    )
    supply = np.full((months, 1), 8.0)
    rows, columns = problem.solve(departures, arrivals, supply)
    moved = problem.flows(rows[..., 0], columns[..., 0])
    expected = problem.flows(departures[..., 0], np.ones((count, months)))
    new = problem.new_share[:, None] * supply[:, 0] * columns[..., 0]
    wanted_new = problem.new_share[:, None] * supply[:, 0] * np.ones_like(new)
    retired = departures[..., 0] - moved.sum(axis=(2, 3))
    wanted_retired = departures[..., 0] * problem.gone

    def kl(y, m):
        log = np.log(np.where(y > 0, y, 1) / np.where(y > 0, m, 1))
        return (y * log - y + m).sum()

    by_hand = kl(moved, expected) + kl(new, wanted_new) + STIFFNESS * kl(retired, wanted_retired)
    ours = problem.divergence(rows, columns, departures, arrivals, supply).item()
    assert ours == pytest.approx(by_hand, rel=1e-6)
