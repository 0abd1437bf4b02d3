from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ipfn import ipfn

from hashrate_migration import flows
from hashrate_migration.errors import InputError

MONTHS = pd.date_range("2021-01-01", periods=2, freq="MS")

# Published worked examples.
BEFORE = np.array([[1000, 100, 10, 0], [55, 555, 50, 5], [80, 40, 800, 40], [20, 25, 20, 200]])
AFTER = np.array([[950, 100, 60, 0], [80, 505, 75, 5], [90, 30, 800, 40], [40, 45, 0, 180]])
SEED = np.array([[0, 100, 30, 70], [50, 0, 45, 5], [60, 35, 0, 40], [20, 25, 20, 0]])


def test_abel_2013_place_of_birth_tables():
    # Abel (2013), Demographic Research 28(18): the stock tables of the dummy example (no
    # births and deaths) and the flows that follow from them.
    expected = [[0, 0, 50, 0], [35, 0, 25, 0], [10, 10, 0, 0], [10, 10, 0, 0]]
    np.testing.assert_allclose(flows.flows_from_stock_tables(BEFORE, AFTER), expected, atol=1e-9)


def test_the_method_minimum_is_the_same_formula():
    total = np.zeros((4, 4))
    for before, after in zip(BEFORE, AFTER, strict=True):
        stocks = pd.DataFrame([before, after], MONTHS[:2], list("ABCD"), dtype=float)
        found = flows.estimate(stocks, "minimum")
        assert not set(found["destination"]) & {"retired"}
        for row in found.itertuples():
            total["ABCD".index(row.origin), "ABCD".index(row.destination)] += row.flow_ehs
    np.testing.assert_allclose(total, flows.flows_from_stock_tables(BEFORE, AFTER), atol=1e-9)


def test_abel_2013_under_independence():
    # The same tables without stayers, as printed in the reference of R's migest 2.0.5.
    published = [
        [873.0, 137.8, 126.9, 17.3],
        [159.9, 436.0, 101.3, 22.8],
        [92.6, 67.3, 672.8, 47.3],
        [34.5, 39.0, 33.9, 137.6],
    ]
    found = flows.flows_from_stock_tables(BEFORE, AFTER, stayers=False)
    np.testing.assert_allclose(found, published, atol=0.051)


def test_abel_and_cohen_2019_place_of_birth_tables():
    # Abel and Cohen (2019), Scientific Data 6; result as printed in the reference of migest.
    before = [[100, 10, 10, 0], [80, 180, 10, 90], [30, 10, 140, 40], [60, 70, 10, 160]]
    after = [[95, 5, 15, 5], [75, 225, 5, 55], [55, 0, 115, 50], [35, 25, 25, 215]]
    published = [
        [0, 5, 7.857143, 22.142857],
        [7.142857, 0, 12.142857, 40.714286],
        [17.857143, 5, 0, 7.142857],
        [0, 35, 0, 0],
    ]
    found = flows.flows_from_stock_tables(before, after)
    np.testing.assert_allclose(found, published, atol=1e-5)


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


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: flows.fit_margins([1, 2], [1, 1]), "rows add up to 3 and the columns to 2"),
        (
            lambda: flows.fit_margins([1, 1], [1, 1], [[0, 0], [1, 1]]),
            "No table with the zeros",
        ),
        (lambda: flows.fit_margins([1, 1], [1, 1], [[1, 1]]), "table of 2 x 2"),
        (lambda: flows.flows_from_net_totals([1, 1], np.ones((2, 2))), "add up to zero"),
        (lambda: flows.flows_from_net_totals([1, -1], np.ones((2, 2)), "x"), "choose one of"),
        (lambda: flows.flows_from_net_totals([1, -1], [[0, 1], [0, 0]]), "No flows between"),
        (
            lambda: flows.flows_from_net_totals([1, -1], [[0, 1], [0, 0]], "least"),
            "No flows between",
        ),
        (
            lambda: flows.flows_from_net_totals([1, -1], np.ones((2, 2)), "lp", total=3),
            "entropy only",
        ),
        (
            lambda: flows.flows_from_net_totals([9, -9], np.ones((2, 2)), total=3),
            "add up to 3; ask for more",
        ),
        (lambda: flows.flows_from_stock_tables([[1, 1]], [[1, 2]]), "Group 1 has 2 before"),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
