from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_stocks import MONTHS, random_stocks

from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows.accounts import margins

GOOD = pd.DataFrame({"A": [10.0, 4, 5], "B": [5.0, 9, 9]}, MONTHS[:3])


@pytest.mark.parametrize("method", list(flows.METHODS))
@settings(max_examples=25, deadline=None)
@given(stocks=random_stocks(), turnover=st.sampled_from([0.0, 0.05]))
def test_every_methods_flows_meet_the_accounts(method, stocks, turnover):
    found = flows.estimate(stocks, method, turnover=turnover)
    scale = stocks.to_numpy().max()
    assert (found["flow_ehs"] >= 0).all()
    assert flows.residuals(stocks, found).abs().max(axis=None) <= 1e-9 * scale
    departures, arrivals = margins(stocks, turnover)
    moved = found[found["origin"] != "new"]
    out = moved.groupby("departed")["flow_ehs"].sum().reindex(departures.index, fill_value=0)
    np.testing.assert_allclose(out, departures.sum(axis=1), atol=1e-9 * scale)
    stayed_on = found[found["destination"] != "retired"]
    into = stayed_on.groupby("month")["flow_ehs"].sum().reindex(arrivals.index, fill_value=0)
    np.testing.assert_allclose(into, arrivals.sum(axis=1), atol=1e-9 * scale)
    assert (moved["month"] >= moved["departed"]).all()


THREE = pd.DataFrame({"A": [10, 4, 5], "B": [5, 9, 9], "C": [1, 1, 4]}, MONTHS[:3])
FEBRUARY, MARCH = MONTHS[1], MONTHS[2]


def test_accounts_of_a_worked_example():
    # A tenth of what stood there the month before is replaced, on top of the net change.
    by_hand = pd.DataFrame(
        [
            (FEBRUARY, "A", 10.0, 7.0, 1.0, 4.0),
            (FEBRUARY, "B", 5.0, 0.5, 4.5, 9.0),
            (FEBRUARY, "C", 1.0, 0.1, 0.1, 1.0),
            (MARCH, "A", 4.0, 0.4, 1.4, 5.0),
            (MARCH, "B", 9.0, 0.9, 0.9, 9.0),
            (MARCH, "C", 1.0, 0.1, 3.1, 4.0),
        ],
        columns=[
            *("month", "region", "stock_before_ehs"),
            *("departures_ehs", "arrivals_ehs", "stock_ehs"),
        ],
    )
    found = flows.accounts(THREE, turnover=0.1)
    pd.testing.assert_frame_equal(found, by_hand, check_dtype=False)
    plain = flows.accounts(THREE)
    assert plain["departures_ehs"].tolist() == [6, 0, 0, 0, 0, 0]
    assert plain["arrivals_ehs"].tolist() == [0, 4, 0, 1, 0, 3]


def test_the_table_of_flows_is_in_order_with_the_months_of_loss_and_gain():
    by_hand = pd.DataFrame(
        [
            ("A", "retired", FEBRUARY, FEBRUARY, 6.0),
            ("new", "B", pd.NaT, FEBRUARY, 4.0),
            ("new", "A", pd.NaT, MARCH, 1.0),
            ("new", "C", pd.NaT, MARCH, 3.0),
        ],
        columns=["origin", "destination", "departed", "month", "flow_ehs"],
    )
    found = flows.estimate(THREE, "net")
    pd.testing.assert_frame_equal(found, by_hand, check_dtype=False)
    assert found["departed"].dtype == found["month"].dtype == THREE.index.dtype
    # Codes come first by origin, then by destination, whatever the order of the columns.
    other = flows.estimate(THREE[["C", "B", "A"]], "net")
    pd.testing.assert_frame_equal(other, found)


def test_stocks_that_do_not_change_have_no_flows():
    found = flows.estimate(pd.concat([GOOD.iloc[:1]] * 2).set_axis(MONTHS[:2]), "net")
    assert found.empty
    assert list(found) == ["origin", "destination", "departed", "month", "flow_ehs"]


def test_residuals_are_what_is_missing_in_its_month_and_region():
    found = flows.estimate(THREE, "net")
    zero = pd.DataFrame(0.0, THREE.index[1:], THREE.columns)
    pd.testing.assert_frame_equal(flows.residuals(THREE, found), zero)
    # Without what A lost, 6 too many stand there; without what B gained, 4 too few.
    for row, month, region, miss in ((0, FEBRUARY, "A", 6.0), (1, FEBRUARY, "B", -4.0)):
        wanted = zero.copy()
        wanted.loc[month, region] = miss
        pd.testing.assert_frame_equal(flows.residuals(THREE, found.drop(index=row)), wanted)


@pytest.mark.parametrize(
    ("stocks", "sentence"),
    [
        (GOOD.replace(4.0, -4), "^The stock of A in 2021-02 is negative; correct it.$"),
        (GOOD.replace(4.0, np.nan), "^The stock of A in 2021-02 is not a number; correct it.$"),
        (GOOD.replace(9.0, np.inf), "^The stock of B in 2021-02 is not a number"),
        (
            GOOD.drop(index=MONTHS[1]),
            "^The stocks have no row for 2021-02; give every month from 2021-01 to 2021-03.$",
        ),
        (GOOD[["A"]], "^Flows need at least two regions; the stocks have 1.$"),
        (GOOD.mul([1, 0, 1], axis=0), "^All stocks of 2021-02 are zero; leave the month out.$"),
        (
            GOOD.rename(columns={"A": "new"}),
            "^A region cannot be called 'new': that is an account.$",
        ),
        (GOOD.rename(columns={"B": "retired"}), "^A region cannot be called 'retired'"),
        (GOOD.reset_index(drop=True), "^Stocks need an index of at least two month-start time"),
        (GOOD.iloc[:1], "^Stocks need an index of at least two month-start timestamps.$"),
        (
            GOOD.iloc[[0, 1, 1, 2]],
            "^The months of the stocks are not month starts in order, each once.$",
        ),
        (GOOD.iloc[::-1], "in order"),
    ],
)
def test_stocks(stocks, sentence):
    for call in (flows.estimate, flows.accounts, lambda s: flows.bounds(s, "A")):
        with pytest.raises(InputError, match=sentence) as caught:
            call(stocks)
        assert "\n" not in str(caught.value)
