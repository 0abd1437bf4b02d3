from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hashrate_migration import flows
from hashrate_migration.errors import InputError

MONTHS = pd.date_range("2021-01-01", periods=2, freq="MS")

# Published worked examples.
BEFORE = np.array([[1000, 100, 10, 0], [55, 555, 50, 5], [80, 40, 800, 40], [20, 25, 20, 200]])
AFTER = np.array([[950, 100, 60, 0], [80, 505, 75, 5], [90, 30, 800, 40], [40, 45, 0, 180]])

# Those with births and deaths: after the same stocks before.
GROWN = np.array([[1060, 60, 10, 10], [45, 540, 40, 0], [70, 75, 770, 70], [30, 30, 20, 230]])
BIRTHS, DEATHS = np.array([80, 20, 40, 60]), np.array([70, 30, 50, 10])

# As printed in the reference of migest 2.0.5, without stayers.
FREE = np.array(
    [
        [873.0, 137.8, 126.9, 17.3],
        [159.9, 436.0, 101.3, 22.8],
        [92.6, 67.3, 672.8, 47.3],
        [34.5, 39.0, 33.9, 137.6],
    ]
)


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
    # The same tables without stayers.
    found = flows.flows_from_stock_tables(BEFORE, AFTER, stayers=False)
    np.testing.assert_allclose(found, FREE, atol=0.051)


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


def test_stock_tables_add_up_groups_with_a_seed():
    # One make: region 0 loses 4, regions 1 and 2 gain 2 each; another: 1 and 2 lose 3 each.
    before, after = [[9, 1, 1], [0, 5, 5]], [[5, 3, 3], [6, 2, 2]]
    seed = [[1, 9, 2], [4, 1, 1], [3, 1, 1]]
    found = flows.flows_from_stock_tables(before, after, seed)
    np.testing.assert_allclose(found, [[0, 2, 2], [3, 0, 0], [3, 0, 0]], atol=1e-9)
    alone = flows.flows_from_stock_tables(before[0], after[0])
    np.testing.assert_allclose(alone, [[0, 2, 2], [0, 0, 0], [0, 0, 0]], atol=1e-9)


def test_abel_2018_place_of_birth_tables():
    # Abel (2018), International Migration Review 52(3), as printed in the reference of migest.
    before = [[100, 10, 10, 0], [20, 55, 25, 10], [10, 40, 140, 65], [20, 25, 20, 200]]
    after = [[70, 30, 10, 10], [25, 60, 10, 15], [10, 55, 140, 50], [40, 45, 0, 180]]
    published = [[0, 20, 0, 10], [0, 0, 0, 0], [15, 15, 0, 5], [10, 25, 0, 0]]
    found = flows.flows_from_stock_tables(before, after)
    np.testing.assert_allclose(found, published, atol=1e-9)


def test_abel_2013_births_and_deaths_in_an_open_system():
    # The example of Abel (2013) with births and deaths, as printed in the reference of migest
    # 2.0.5 (e3): leavers in proportion to the stock before, arrivals to the stock after.
    published = [
        [0.00000, 8.502866, 0.0000000, 3.695332],
        [26.42296, 0.000000, 0.4234563, 9.855274],
        [0.00000, 34.183358, 0.0000000, 25.077888],
        [11.46761, 10.933241, 1.3928875, 0.000000],
    ]
    found = flows.flows_from_stock_tables(
        BEFORE, GROWN, births=BIRTHS, deaths=DEATHS, balance="open"
    )
    np.testing.assert_allclose(found, published, atol=1e-5)


def test_abel_and_sander_2014_births_and_deaths_in_a_closed_system():
    # The example of their supplement as printed in the reference of migest 2.0.5 (e5), which stops
    # its fitting at misses of 0.001; ours differs by as much.
    births = np.array([80, 20, 60, 60])
    published = [
        [0.000000000, 3.328563, 0.0000000, 3.242990],
        [34.120952437, 0.000000, 0.5838738, 9.809336],
        [0.004365738, 27.127753, 0.0000000, 25.711331],
        [12.446119999, 9.058478, 2.2595262, 0.000000],
    ]
    found = flows.flows_from_stock_tables(
        BEFORE, GROWN, births=births, deaths=DEATHS, balance="closed"
    )
    np.testing.assert_allclose(found, published, atol=2e-3)
    # What the closed system is for: net flows are those of the accounts of each region.
    net = GROWN.sum(axis=0) - BEFORE.sum(axis=0) - births + DEATHS
    np.testing.assert_allclose(found.sum(axis=0) - found.sum(axis=1), net, atol=1e-6)


def test_abel_2018_more_births_than_natives():
    # The example of the supplement of Abel (2018), as printed in the reference of migest 2.0.5
    # (e6): region B has 50 births and 45 natives, so births there are shared out among all groups.
    before = np.array([[100, 10, 10, 0], [20, 55, 25, 10], [10, 40, 140, 65], [20, 25, 20, 200]])
    after = np.array([[75, 25, 5, 0], [20, 45, 30, 15], [30, 40, 150, 60], [30, 30, 20, 230]])
    published = [
        [0.00000, 8.126216, 0.000000, 0.000000],
        [15.45535, 0.000000, 18.081832, 5.712864],
        [0.00000, 1.125679, 0.000000, 0.000000],
        [17.66941, 0.000000, 8.043363, 0.000000],
    ]
    found = flows.flows_from_stock_tables(
        before, after, births=[10, 50, 25, 60], deaths=[30, 10, 40, 10], balance="closed"
    )
    np.testing.assert_allclose(found, published, atol=2e-3)


def test_azose_and_raftery_2019_between_two_published_tables():
    # Neither paper prints an example. The estimate is the mean of the two tables printed in the
    # reference of migest, weighted 0.87 and 0.13 as in the code of Abel and Cohen (2019).
    fewest = np.array([[0, 0, 50, 0], [35, 0, 25, 0], [10, 10, 0, 0], [10, 10, 0, 0]])
    expected = 0.87 * fewest + 0.13 * FREE
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(flows.pseudo_bayes_flows(BEFORE, AFTER), expected, atol=0.007)


def test_new_and_retired_machines_by_make():
    # Two makes in three regions. Of the first, 4 were retired in region 0 and 3 new came to region
    # 2: so of 10, 6 are left, of which 2 went to region 1. The second only has 5 new in region 1.
    before, after = [[10, 0, 1], [2, 2, 2]], [[4, 2, 4], [2, 7, 2]]
    found = flows.flows_from_stock_tables(
        before,
        after,
        births=[[0, 0, 3], [0, 5, 0]],
        deaths=[[4, 0, 0], [0, 0, 0]],
        by_group=True,
    )
    expected = np.zeros((2, 3, 3))
    expected[0, 0, 1] = 2
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_deaths_by_region_strike_groups_in_proportion_to_their_stock():
    # 6 deaths among 20 and 10: 4 and 2. Without them 16 and 8, all of which stay.
    found = flows.flows_from_stock_tables([[20, 1], [10, 1]], [[16, 1], [8, 1]], deaths=[6, 0])
    np.testing.assert_array_equal(found, np.zeros((2, 2)))


def test_in_an_open_system_a_group_may_come_from_and_leave_for_elsewhere():
    # The first group lost 6 of 12 to the rest of the world, half of its stock everywhere, the
    # second came from there altogether; of the first 1 of 4 left in region 0 moved to region 1.
    found = flows.flows_from_stock_tables([[8, 4], [0, 0]], [[3, 3], [5, 1]], balance="open")
    np.testing.assert_allclose(found, [[0, 1], [0, 0]], atol=1e-12)


def test_closed_natives_bear_what_the_grand_totals_miss():
    # Stocks grow by 4 with neither births nor deaths: natives are 2 too few before and 2 too many
    # after, each by its part: 9 and 3 become 10.5 and 3.5, 6 and 6 become 5 and 5.
    before, after = np.array([[9.0, 2], [1, 3]]), np.array([[6.0, 3], [4, 6]])
    found = flows.flows_from_stock_tables(before, after, balance="closed", by_group=True)
    mended = np.array([[10.5, 2], [1, 3.5]]), np.array([[5.0, 3], [4, 5]])
    expected = flows.flows_from_stock_tables(*mended, balance="closed", by_group=True)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert mended[0].sum() == mended[1].sum() == 17


def test_rounding_is_no_move():
    third = np.array([[1 / 3, 1 / 3, 1 / 3]]) * 7
    assert not flows.flows_from_stock_tables(third, third + [[1e-15, 0, -1e-15]]).any()


STOCKS = hnp.arrays(float, (3, 4), elements=st.floats(0.1, 1e3))
PARTS = hnp.arrays(float, (3, 4), elements=st.floats(0, 0.9))


@settings(max_examples=30, deadline=None)
@given(before=STOCKS, after=STOCKS, dying=PARTS, weight=st.floats(0, 1))
def test_each_group_meets_its_accounts(before, after, dying, weight):
    deaths = before * dying
    # What a group has more after is new, what it has less is retired, everywhere in proportion.
    survived = before - deaths
    scale = np.minimum(after.sum(axis=1), survived.sum(axis=1)) / after.sum(axis=1)
    births = after * (1 - scale)[:, None]
    survived *= ((after - births).sum(axis=1) / survived.sum(axis=1))[:, None]
    deaths = (before - survived).clip(min=0)
    options = {"births": births, "deaths": deaths, "by_group": True}
    fewest = flows.flows_from_stock_tables(before, after, **options)
    free = flows.flows_from_stock_tables(before, after, stayers=False, **options)
    mixed = flows.pseudo_bayes_flows(before, after, weight=weight, **options)
    for found in (fewest, free, mixed):
        assert (found >= 0).all()
        end = before - deaths - found.sum(axis=2) + found.sum(axis=1) + births
        np.testing.assert_allclose(end, after, rtol=1e-6, atol=1e-6 * before.max())
    # No table with these accounts has fewer moves: each region only loses or only gains.
    moved = (survived - (after - births)).clip(min=0).sum()
    assert fewest.sum() == pytest.approx(moved, rel=1e-6, abs=1e-6 * before.max())
    off = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(
        mixed[:, off], weight * fewest[:, off] + (1 - weight) * free[:, off], rtol=1e-9, atol=1e-12
    )


@settings(max_examples=20, deadline=None)
@given(
    before=hnp.arrays(float, (4, 4), elements=st.floats(0.5, 1e3)),
    after=hnp.arrays(float, (4, 4), elements=st.floats(0.5, 1e3)),
)
def test_with_equal_totals_all_balances_agree(before, after):
    after = after * (before.sum(axis=1) / after.sum(axis=1))[:, None]
    exact = flows.flows_from_stock_tables(before, after)
    for balance in ("closed", "open"):
        found = flows.flows_from_stock_tables(before, after, balance=balance)
        np.testing.assert_allclose(found, exact, rtol=1e-5, atol=1e-6 * before.max())


@settings(max_examples=20, deadline=None)
@given(
    before=hnp.arrays(float, (3, 3), elements=st.floats(1, 1e3)),
    after=hnp.arrays(float, (3, 3), elements=st.floats(1, 1e3)),
)
def test_a_closed_system_keeps_the_net_flows_of_regions(before, after):
    # Births and deaths that explain the growth of the world, but of no group.
    growth = after.sum() - before.sum()
    births = max(growth, 0) * after.sum(axis=0) / after.sum()
    deaths = max(-growth, 0) * before.sum(axis=0) / before.sum()
    found = flows.flows_from_stock_tables(
        before, after, births=births, deaths=deaths, balance="closed"
    )
    net = after.sum(axis=0) - before.sum(axis=0) - births + deaths
    assert (found >= 0).all()
    np.testing.assert_allclose(
        found.sum(axis=0) - found.sum(axis=1), net, atol=1e-6 * max(before.max(), after.max())
    )


def tables(*arguments, **options):
    return lambda: flows.flows_from_stock_tables(*arguments, **options)


SQUARE = [[5, 1], [1, 5]]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            tables([[1, 1], [2, 2]], [[1, 1], [2, 4]]),
            "^Group 2 has 4 before and 6 after, births and deaths taken out; give those that explain "
            "it, or say balance='closed' or 'open'.$",
        ),
        (
            tables([[1, 1]], [[1, 1, 0]]),
            "^The two stock tables must have the same groups and regions.$",
        ),
        (
            tables([[1, -1]], [[0, 0]]),
            "^The stock table before must hold numbers of zero or more.$",
        ),
        (
            tables([[1, 1]], [[2, np.nan]]),
            "^The stock table after must hold numbers of zero or more.$",
        ),
        (
            tables(SQUARE, SQUARE, births=[1]),
            "^births must have a number for each of the 2 regions, or a table of 2 groups x 2 "
            "regions.$",
        ),
        (tables(SQUARE, SQUARE, deaths=[1, -1]), "^deaths must be numbers of zero or more.$"),
        (
            tables(SQUARE, SQUARE, deaths=[7, 0]),
            "^Region 1 has 7 deaths but a stock of 6 before; correct one of them.$",
        ),
        (
            tables(SQUARE, SQUARE, births=[0, 8]),
            "^Region 2 has 8 births but a stock of 6 after; correct one of them.$",
        ),
        (
            tables(SQUARE, SQUARE, births=[[0, 2], [0, 0]]),
            "^Group 1 has 2 births in region 2 but a stock of 1 after; correct one of them.$",
        ),
        (
            tables([[1, 1]], [[1, 2]], births=[0, 1]),
            "^births by region need one group per region, its natives, but there are 1 groups and 2 "
            "regions; give births as a table of groups x regions.$",
        ),
        (
            tables([[1, 1]], [[1, 2]], balance="closed"),
            "^The grand total changes by 1 and births less deaths are 0; tables without natives, one "
            "group per region, close only if they agree.$",
        ),
        (
            tables([[1, 50], [1, 1]], [[1, 1], [1, 1]], balance="closed"),
            "^There are 2 natives, too few to bear a difference of 24.5 between the grand totals and "
            "births less deaths; correct the tables.$",
        ),
        (
            tables([[2, 0], [0, 4]], [[3, 0], [1, 2]], balance="closed"),
            "^The stock table before has too many zeros to be closed: no table with these zeros "
            "gives each group and each region its total; say balance='open'.$",
        ),
        (
            tables(SQUARE, SQUARE, balance="ajar"),
            "^balance = 'ajar' is unknown; choose one of exact, closed, open.$",
        ),
        (
            lambda: flows.pseudo_bayes_flows(SQUARE, SQUARE, weight=1.2),
            "^weight = 1.2 must lie between 0 and 1.$",
        ),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
