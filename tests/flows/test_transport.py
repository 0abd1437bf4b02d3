from __future__ import annotations

import numpy as np
import ot
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipfn import ipfn
from scipy.optimize import minimize

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.errors import InputError
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


@settings(deadline=None)
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


def lag_by_hand(mean: float, longest: int) -> list[float]:
    """Two successes of chance p = 2 / (2 + mean): k failures come first in (k + 1) p^2 (1 - p)^k."""
    p = 2 / (2 + mean)
    weights = [(k + 1) * p**2 * (1 - p) ** k for k in range(longest + 1)]
    return [weight / sum(weights) for weight in weights]


def test_lags_are_a_negative_binomial_cut_off():
    found = lag_kernel(np.array([0.5, 2.0, 0.0]), 3)
    by_hand = [lag_by_hand(0.5, 3), lag_by_hand(2.0, 3), [1, 0, 0, 0]]
    np.testing.assert_allclose(found, by_hand, rtol=1e-9)


class TestNearestFlows:
    """A world small enough to minimise the divergence of the module's formula cell by cell."""

    CODES = ("A", "B", "C")
    STOCKS = pd.DataFrame(
        {"A": [20.0, 12, 10, 14, 14], "B": [5.0, 9, 8, 12, 12], "C": [6.0, 6, 9, 9, 15]},
        pd.date_range("2021-01-01", periods=5, freq="MS"),
    )
    SUPPLY = (3.0, 1.0, 2.0, 4.0)
    LONGEST, RETIRED, RETURNED = 2, 0.2, 0.25
    LAG = {"A": 2.0, "B": 0.5, "C": 2.0}
    PRIOR = {"A": {"B": 0.75, "C": 0.25}, "B": {"A": 0.5, "C": 0.5}, "C": {"A": 0.2, "B": 0.8}}

    def nearest(self) -> dict[tuple, float]:
        """The solution by its dual: one number per departure and arrival, found by BFGS."""
        change = self.STOCKS.diff().iloc[1:].to_numpy()
        departed = {(i, s): -change[s, i] for i in range(3) for s in range(4) if change[s, i] < 0}
        arrived = {(j, t): change[t, j] for j in range(3) for t in range(4) if change[t, j] > 0}
        expected = {}  # what is nearest to be met: (departure, arrival), either may be None
        for (i, s), amount in departed.items():
            placed = 0.0
            for j, code in enumerate(self.CODES):
                to = (1 - self.RETURNED) * self.PRIOR[self.CODES[i]].get(code, 0.0)
                to += self.RETURNED * (i == j)
                lags = lag_by_hand(self.LAG[code], self.LONGEST)
                for t in range(s, min(s + self.LONGEST + 1, 4)):
                    placed += to * lags[t - s]
                    if (j, t) in arrived:
                        expected[(i, s), (j, t)] = amount * (1 - self.RETIRED) * to * lags[t - s]
            expected[(i, s), None] = amount * (self.RETIRED + (1 - self.RETIRED) * (1 - placed))
        for j, t in arrived:
            expected[None, (j, t)] = self.SUPPLY[t] / 3
        names = [*departed, *(("to", *key) for key in arrived)]
        amounts = np.array([*departed.values(), *arrived.values()])
        place = {name: number for number, name in enumerate(names)}
        cells = list(expected)
        uses = np.zeros((len(cells), len(names)))
        stiff = np.array([STIFFNESS if into is None else 1 for _, into in cells])
        for row, (out, into) in enumerate(cells):
            if out is not None:
                uses[row, place[out]] = 1
            if into is not None:
                uses[row, place["to", *into]] = 1
        weights = np.array([expected[cell] for cell in cells])

        def flow(tilt):
            return weights * np.exp(uses @ tilt / stiff)

        solved = minimize(
            lambda tilt: (stiff * flow(tilt)).sum() - tilt @ amounts,
            np.zeros(len(names)),
            jac=lambda tilt: uses.T @ flow(tilt) - amounts,
            method="BFGS",
            options={"gtol": 1e-9},
        )
        return dict(zip(cells, flow(solved.x), strict=True))

    def test_every_flow_is_that_of_the_formula(self):
        prior = pd.DataFrame(self.PRIOR).T.fillna(0.0) * 7  # rows are scaled to one
        found = flows.estimate(
            self.STOCKS,
            lag_months={"B": self.LAG["B"], "other": 2.0},
            max_lag=self.LONGEST,
            supply_ehs=list(self.SUPPLY),
            retired_share=self.RETIRED,
            return_share=self.RETURNED,
            prior=prior,
        )
        months = list(self.STOCKS.index[1:])
        ours = {}
        for row in found.itertuples():
            out = into = None
            if row.origin != "new":
                out = self.CODES.index(row.origin), months.index(row.departed)
            if row.destination != "retired":
                into = self.CODES.index(row.destination), months.index(row.month)
            ours[out, into] = row.flow_ehs
        wanted = {cell: flow for cell, flow in self.nearest().items() if flow > 0}
        assert ours.keys() == wanted.keys()
        assert ours == pytest.approx(wanted, abs=1e-6)

    def test_by_pair_counts_what_departed_in_the_months_asked_for(self):
        departures, arrivals = (frame.to_numpy().T for frame in margins(self.STOCKS))
        problem = Problem(
            np.array(
                [[pair.get(code, 0.0) for code in self.CODES] for pair in self.PRIOR.values()]
            ),
            lag_kernel(np.array(list(self.LAG.values())), self.LONGEST),
            *(self.RETIRED, np.full(3, 1 / 3), 4),
        )
        rows, columns = problem.solve(
            departures[..., None], arrivals[..., None], np.array(self.SUPPLY)[:, None]
        )
        each = problem.flows(rows[..., 0], columns[..., 0])
        np.testing.assert_allclose(
            problem.by_pair(rows, columns, slice(1, 3))[..., 0], each[:, 1:3].sum(axis=(1, 3))
        )


def test_arrivals_out_of_reach_without_supply_are_refused():
    # B gains in February, A loses in March.
    stocks = pd.DataFrame(
        {"A": [10.0, 10, 4], "B": [5.0, 9, 9]}, pd.date_range("2021-01-01", periods=3, freq="MS")
    )
    with pytest.raises(InputError) as caught:
        flows.estimate(stocks, supply_ehs=0)
    assert str(caught.value) == (
        "Some arrivals have no departure within reach and no supply of new machines; allow longer "
        "lags or more supply."
    )


def test_it_gives_up_after_as_many_rounds_as_are_allowed(solved):
    _, _, (problem, departures, _, _) = solved
    months = departures.shape[1]
    task = departures[..., None], departures[::-1, :, None], np.full((months, 1), 8.0)
    with pytest.raises(InputError) as caught:
        problem.solve(*task, most=3)
    assert str(caught.value) == (
        "The departures and arrivals cannot be joined under these assumptions; allow longer lags, "
        "more retirement or more supply."
    )
