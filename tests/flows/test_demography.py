from __future__ import annotations

import numpy as np
import pytest
from ipfn import ipfn

from hashrate_migration import flows
from hashrate_migration.errors import InputError

# Published worked example.
SEED = np.array([[0, 100, 30, 70], [50, 0, 45, 5], [60, 35, 0, 40], [20, 25, 20, 0]])


def test_published_net_totals():
    # Results as printed in the reference of migest 2.0.5 for this table of flows.
    published = [
        [0, 80.58, 26.05, 34.78],
        [62.05, 0, 48.48, 3.08],
        [69.11, 32.48, 0, 22.89],
        [40.25, 40.55, 34.95, 0],
    ]
    found = flows.flows_from_net_totals([30, 40, -15, -55], SEED)
    np.testing.assert_allclose(found, published, atol=0.0051)
    published = [
        [0, 124.97056, 27.96585, 71.12191],
        [40.00942, 0, 33.56693, 4.065067],
        [64.36422, 46.92119, 0, 43.597199],
        [19.68451, 30.7498, 18.3498, 0],
    ]
    found = flows.flows_from_net_totals([-100, 125, -75, 50], SEED)
    np.testing.assert_allclose(found, published, atol=5e-4)


def test_published_net_totals_with_diagonal_and_grand_total():
    counting = np.arange(1, 17).reshape(4, 4).T
    published = [
        [1, 3.242583, 2.32515, 2.249068],
        [3.083961, 6, 3.983707, 3.73479],
        [11.612152, 17.571573, 11, 10.044818],
        [23.120683, 29.988296, 17.919688, 16],
    ]
    net = [30, 40, -15, -55]
    found = flows.flows_from_net_totals(net, counting, keep_diagonal=True)
    np.testing.assert_allclose(found, published, atol=1e-5)
    published = [
        [1.331944, 4.352851, 3.652964, 3.754375],
        [4.07566, 7.991663, 6.209906, 6.185921],
        [13.112639, 19.997919, 14.651381, 14.215708],
        [24.571829, 32.120731, 22.463416, 21.3111],
    ]
    found = flows.flows_from_net_totals(net, counting, keep_diagonal=True, total=200)
    np.testing.assert_allclose(found, published, atol=2e-4)
    assert found.sum() == pytest.approx(200)


def test_published_least_total():
    # The smallest total is 70 (published); which table has it is not unique.
    found = flows.flows_from_net_totals([30, 40, -15, -55], SEED, "least")
    assert found.sum() == pytest.approx(70)
    np.testing.assert_allclose(found.sum(axis=0) - found.sum(axis=1), [30, 40, -15, -55])


def test_published_three_regions():
    found = flows.fit_margins(
        [170, 120, 410], [500, 140, 60], [[50, 120, 545], [10, 120, 0], [220, 30, 10]]
    )
    np.testing.assert_array_equal(found.round(), [[72, 40, 59], [32, 88, 0], [396, 12, 1]])


def test_willekens_1999_two_by_two():
    # Margins 18, 20 and 16, 22 with the seed 5, 2, 1, 7. The fitted table keeps the seed's
    # odds ratio 17.5, so its first cell solves x (4 + x) = 17.5 (18 - x) (16 - x).
    found = flows.fit_margins([18, 20], [16, 22], [[5, 2], [1, 7]])
    first = np.roots([16.5, -599.0, 5040.0]).min()
    np.testing.assert_allclose(found, [[first, 18 - first], [16 - first, 4 + first]], rtol=1e-9)
    odds = found[0, 0] * found[1, 1] / (found[0, 1] * found[1, 0])
    assert odds == pytest.approx(17.5)


def test_independence_when_all_weights_are_equal():
    rows, columns = np.array([250.0, 100, 140, 110]), np.array([150.0, 150, 180, 120])
    np.testing.assert_allclose(flows.fit_margins(rows, columns), np.outer(rows, columns) / 600)


def test_raymer_abel_smith_2007_margins_against_ipfn():
    rows, columns = np.array([250.0, 100, 140, 110]), np.array([150.0, 150, 180, 120])
    ours = flows.fit_margins(rows, columns, SEED)
    theirs = ipfn.ipfn(
        SEED.astype(float), [rows, columns], [[0], [1]], convergence_rate=1e-12
    ).iteration()
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert (np.diag(ours) == 0).all()


def test_net_totals_by_entropy():
    # Abel and Cohen (2019): y_ij = m_ij a_i / a_j with the given net totals.
    net = np.array([30.0, 40, -15, -55])
    found = flows.flows_from_net_totals(net, SEED)
    np.testing.assert_allclose(found.sum(axis=0) - found.sum(axis=1), net, atol=1e-8)
    off = ~np.eye(4, dtype=bool)
    ratio = np.ones((4, 4))
    ratio[off] = found[off] / SEED[off]
    # The ratio of a pair is the inverse of that of the opposite pair, and ratios multiply
    # along a path.
    np.testing.assert_allclose(ratio * ratio.T, 1, rtol=1e-8)
    assert ratio[0, 1] * ratio[1, 2] == pytest.approx(ratio[0, 2], rel=1e-8)


def test_net_totals_of_the_seed_itself_change_nothing():
    net = SEED.sum(axis=0) - SEED.sum(axis=1)
    for method in ("entropy", "lp"):
        found = flows.flows_from_net_totals(net, SEED, method)
        np.testing.assert_allclose(found, SEED, atol=1e-7)


def test_net_totals_by_linear_programme_deviate_least():
    net = np.array([30.0, 40, -15, -55])
    by_lp = flows.flows_from_net_totals(net, SEED, "lp")
    by_entropy = flows.flows_from_net_totals(net, SEED)
    np.testing.assert_allclose(by_lp.sum(axis=0) - by_lp.sum(axis=1), net, atol=1e-8)
    assert np.abs(by_lp - SEED).sum() <= np.abs(by_entropy - SEED).sum()


def test_two_regions_by_each_method():
    # Region 0 must lose 1 net; the seed has 5 one way, 3 the other. Entropy scales by a and 1 / a
    # with 5 a - 3 / a = 1; the linear programme takes the one step that is too much off; the least
    # total moves one. What stays at home counts for nothing.
    seed = [[9, 5], [3, 7]]
    a = (1 + np.sqrt(61)) / 10
    by_entropy = flows.flows_from_net_totals([-1, 1], seed)
    np.testing.assert_allclose(by_entropy, [[0, 5 * a], [3 / a, 0]], rtol=1e-9)
    least = flows.flows_from_net_totals([-1, 1], seed, "least")
    np.testing.assert_allclose(least, [[0, 1], [0, 0]], atol=1e-9)
    by_lp = flows.flows_from_net_totals([-1, 1], seed, "lp")
    assert np.abs(by_lp - [[0, 5], [3, 0]]).sum() == pytest.approx(1)
    assert by_lp[0, 1] - by_lp[1, 0] == pytest.approx(1)
    kept = flows.flows_from_net_totals([-1, 1], seed, "lp", keep_diagonal=True)
    np.testing.assert_allclose(np.diag(kept), [9, 7])


def test_of_all_least_totals_the_one_nearest_to_the_seed():
    # Two units go from the first to the last region, by the second or the third; the seed is one
    # of the tables with the least total.
    seed = np.zeros((4, 4))
    seed[0, 1] = seed[1, 3] = 1.5
    seed[0, 2] = seed[2, 3] = 0.5
    found = flows.flows_from_net_totals([-2, 0, 0, 2], seed, "least")
    np.testing.assert_allclose(found, seed, atol=1e-9)


def test_large_and_small_units_give_the_same_flows():
    net = np.array([30.0, 40, -15, -55])
    one = flows.flows_from_net_totals(net, SEED)
    for factor in (1e-6, 1e6):
        found = flows.flows_from_net_totals(net * factor, SEED * factor)
        np.testing.assert_allclose(found / factor, one, rtol=1e-7, atol=1e-9)


def test_margins_of_a_table_that_is_not_square():
    found = flows.fit_margins([3, 0, 6], [2, 7], [[1, 1], [1, 1], [0, 1]])
    np.testing.assert_allclose(found, [[2, 1], [0, 0], [0, 6]], atol=1e-9)
    nothing = flows.fit_margins([0, 0, 0], [0, 0])
    np.testing.assert_array_equal(nothing, np.zeros((3, 2)))


def test_a_looser_tolerance_stops_earlier_but_columns_are_met():
    rows, columns = [500.0, 140, 60], [170.0, 120, 410]
    seed = [[50, 10, 220], [120, 120, 30], [545, 0, 10]]
    exact = flows.fit_margins(rows, columns, seed)
    np.testing.assert_allclose(exact.sum(axis=1), rows, atol=1e-9)
    loose = flows.fit_margins(rows, columns, seed, tolerance=0.01)
    np.testing.assert_allclose(loose.sum(axis=0), columns)
    miss = np.abs(loose.sum(axis=1) - rows).max()
    assert 1e-6 < miss <= 0.01 * 700
    with pytest.raises(InputError, match="No table with the zeros"):
        flows.fit_margins(rows, columns, seed, most=1)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: flows.fit_margins([1, 2], [1, 1]),
            "^The rows add up to 3 and the columns to 2; make them equal.$",
        ),
        (
            lambda: flows.fit_margins([1, 1], [1, 1], [[0, 0], [1, 1]], most=99),
            "^No table with the zeros of the seed has these row and column sums; allow more flows.$",
        ),
        (
            lambda: flows.fit_margins([1, 1], [1, 1], [[1, 0], [1, 0]], most=99),
            "^No table with the zeros",
        ),
        *(
            (
                lambda seed=seed: flows.fit_margins([1, 1, 2], [2, 2], seed),
                "^The seed must be a table of 3 x 2 numbers of zero or more.$",
            )
            for seed in (np.ones((2, 3)), [[1, 1], [1, 1], [1, -1]])
        ),
        (
            lambda: flows.flows_from_net_totals([1, 1], np.ones((2, 2))),
            "^Net totals must add up to zero; these add up to 2.$",
        ),
        (lambda: flows.flows_from_net_totals([-1, 0], np.ones((2, 2))), "these add up to -1"),
        *(
            (
                lambda seed=seed: flows.flows_from_net_totals([1, -1], seed),
                "^The seed must be a table of 2 x 2 numbers of zero or more.$",
            )
            for seed in (np.ones((2, 3)), [[1, -1], [1, 1]])
        ),
        (
            lambda: flows.flows_from_net_totals([1, -1], np.ones((2, 2)), "x"),
            "^method = 'x' is unknown; choose one of entropy, lp, least.$",
        ),
        *(
            (
                lambda method=method: flows.flows_from_net_totals(
                    [1, -1], [[0, 1], [0, 0]], method
                ),
                "^No flows between the pairs of the seed give these net totals.$",
            )
            for method in ("entropy", "lp", "least")
        ),
        (
            lambda: flows.flows_from_net_totals([1, -1], np.ones((2, 2)), "lp", total=3),
            "^A total can be asked for with the method entropy only.$",
        ),
        (
            lambda: flows.flows_from_net_totals([9, -9], np.ones((2, 2)), total=3),
            "^No flows with these net totals add up to 3; ask for more.$",
        ),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
