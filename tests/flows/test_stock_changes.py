from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hashrate_migration import flows
from hashrate_migration.errors import InputError

# The example of `ffs_diff` and `ffs_rates` in the reference of migest 2.0.5.
BEFORE = np.array([[100, 10, 10, 0], [20, 55, 25, 10], [10, 40, 140, 65], [20, 25, 20, 200]])
AFTER = np.array([[75, 25, 5, 15], [20, 45, 30, 15], [30, 40, 150, 35], [10, 50, 5, 200]])


def test_published_differences_without_those_that_shrink():
    published = [[0, 15, 0, 15], [0, 0, 5, 5], [20, 0, 0, 0], [0, 25, 0, 0]]
    found = flows.flows_from_differences(BEFORE, AFTER, "zero")
    np.testing.assert_array_equal(found, published)


def test_published_differences_with_those_who_went_back():
    published = [[0, 15, 0, 25], [0, 0, 5, 5], [25, 0, 0, 15], [0, 25, 30, 0]]
    np.testing.assert_array_equal(flows.flows_from_differences(BEFORE, AFTER), published)


def test_published_shares():
    # Dennett (2016): all moves are the sum of the absolute net changes, 40 here.
    total = np.abs(AFTER.sum(axis=0) - BEFORE.sum(axis=0)).sum()
    published = [
        [0.000000, 2.352941, 2.352941, 0.000000],
        [4.705882, 0.000000, 5.882353, 2.352941],
        [2.352941, 9.411765, 0.000000, 15.294118],
        [4.705882, 5.882353, 4.705882, 0.000000],
    ]
    np.testing.assert_allclose(flows.flows_from_shares(BEFORE, total), published, atol=1e-6)


def test_published_rates():
    # Rogers and von Rabenau (1971): flows below zero are part of the answer.
    published = np.array(
        [
            [0.000000, 26.584620, -10.22741, 24.16653],
            [3.474032, 0.000000, 11.71799, 20.12425],
            [34.097610, -0.125662, 0.00000, -51.85130],
            [-12.047899, 38.857311, -24.36993, 0.00000],
        ]
    )
    np.testing.assert_allclose(flows.flows_from_growth(BEFORE, AFTER), published, atol=1e-5)
    found = flows.flows_from_growth(BEFORE, AFTER, "zero")
    np.testing.assert_allclose(found, published.clip(min=0), atol=1e-5)


POSITIVE = hnp.arrays(float, (4, 4), elements=st.floats(0, 100))


@settings(max_examples=40, deadline=None)
@given(before=POSITIVE, after=POSITIVE)
def test_differences_add_up_to_all_changes_and_turn_with_time(before, after):
    off = ~np.eye(4, dtype=bool)
    found = flows.flows_from_differences(before, after)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(np.abs(after - before)[off].sum())
    # Back in time all who went return.
    np.testing.assert_array_equal(flows.flows_from_differences(after, before), found.T)
    grown = flows.flows_from_differences(before, after, "zero")
    assert ((grown >= 0) & (grown <= found)).all()


@settings(max_examples=40, deadline=None)
@given(spread=POSITIVE, rates=POSITIVE)
def test_rates_that_are_the_same_for_all_are_found(spread, rates):
    # Natives are most everywhere, so that the table can be solved.
    before = spread + np.diag(spread.sum(axis=1) + 1)
    rates = rates + np.eye(4)
    rates /= rates.sum(axis=1, keepdims=True)
    expected = before.sum(axis=0)[:, None] * rates
    np.fill_diagonal(expected, 0)
    found = flows.flows_from_growth(before, before @ rates)
    np.testing.assert_allclose(found, expected, atol=1e-8 * before.sum())
    # Then nobody is born or dies, and the net flows are the changes of the regions.
    net = (before @ rates).sum(axis=0) - before.sum(axis=0)
    np.testing.assert_allclose(found.sum(axis=0) - found.sum(axis=1), net, atol=1e-8 * before.sum())


@settings(max_examples=40, deadline=None)
@given(stocks=POSITIVE.map(lambda x: x + 1), total=st.floats(0, 1e6))
def test_shares_add_up_to_the_total_and_keep_ratios(stocks, total):
    found = flows.flows_from_shares(stocks, total)
    assert found.sum() == pytest.approx(total)
    assert (np.diag(found) == 0).all()
    assert found[0, 1] * stocks[2, 3] == pytest.approx(found[2, 3] * stocks[0, 1])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: flows.flows_from_differences(BEFORE, AFTER, "drop"),
            "^decreases = 'drop' is unknown; choose one of return, zero.$",
        ),
        (
            lambda: flows.flows_from_differences(BEFORE[:3], AFTER),
            "^The stock table before must have a place of birth for each region, in the same order.$",
        ),
        (
            lambda: flows.flows_from_differences(BEFORE, -AFTER),
            "^The stock table after must hold numbers of zero or more.$",
        ),
        (
            lambda: flows.flows_from_growth(BEFORE, AFTER[:3, :3]),
            "^The two stock tables must have the same regions.$",
        ),
        (
            lambda: flows.flows_from_growth([[1, 2], [2, 4]], [[1, 2], [2, 4]]),
            "^The stock table before has places of birth spread over regions in the same way; rates "
            "cannot be told apart, so use flows_from_stock_tables.$",
        ),
        (
            lambda: flows.flows_from_growth(BEFORE, AFTER, "abs"),
            "^negatives = 'abs' is unknown; choose one of keep, zero.$",
        ),
        (
            lambda: flows.flows_from_shares(np.eye(3), 4),
            "^In the stocks nobody lives where they were not born; there is no share.$",
        ),
        (
            lambda: flows.flows_from_shares(BEFORE, -1),
            "^total = -1 must be a number of zero or more.$",
        ),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
