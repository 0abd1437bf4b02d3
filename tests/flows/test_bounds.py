from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_stocks import MONTHS, random_stocks

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.errors import InputError

GOOD = pd.DataFrame({"A": [10.0, 4, 5], "B": [5.0, 9, 9]}, MONTHS[:3])


@settings(max_examples=25, deadline=None)
@given(stocks=random_stocks(3, 5), method=st.sampled_from(["minimum", "proportional", "transport"]))
def test_every_estimate_lies_within_the_bounds(stocks, method):
    lag = {"max_lag": 8} if method != "minimum" else {}
    found = flows.estimate(stocks, method, **lag)
    pair = (found["origin"] == "A") & (found["destination"] == "B")
    limits = flows.bounds(stocks, "A", "B", max_lag=8)
    slack = 1e-6 * stocks.to_numpy().max()
    assert limits["low_ehs"] - slack <= found.loc[pair, "flow_ehs"].sum()
    assert found.loc[pair, "flow_ehs"].sum() <= limits["high_ehs"] + slack


def test_worked_example():
    # A loses 6; B gains 4 and C gains 1, all in the same month.
    stocks = pd.DataFrame({"A": [10.0, 4], "B": [5.0, 9], "C": [5.0, 6]}, MONTHS[:2])
    free = flows.bounds(stocks, "A", "B")
    assert (free["low_ehs"], free["high_ehs"], free["departed_ehs"]) == (0, 4, 6)
    # With at most 3 new machines, at least 2 of the 5 arrivals come from A; 1 may be C's.
    tight = flows.bounds(stocks, "A", "B", max_supply=3)
    assert (tight["low_ehs"], tight["high_ehs"]) == pytest.approx((1, 4))
    abroad = flows.bounds(stocks, "A", max_supply=3)
    assert (abroad["low_ehs"], abroad["high_ehs"]) == pytest.approx((2, 5))
    # Half of the departures retired at the most: at least 3 went somewhere.
    kept = flows.bounds(stocks, "A", retired_share=(0, 0.5))
    assert kept["low_ehs"] == pytest.approx(3)


def test_longer_lags_allow_more():
    stocks = hm.stocks("2021-03", "2021-12")
    highest = [flows.bounds(stocks, "CHN", "USA", max_lag=lag)["high_ehs"] for lag in (0, 1, 2, 4)]
    assert highest == sorted(highest)
    assert highest[0] < highest[-1]


def test_infeasible_assumptions_are_named():
    stocks = pd.DataFrame({"A": [10.0, 4], "B": [5.0, 9], "C": [5.0, 16]}, MONTHS[:2])
    with pytest.raises(
        InputError,
        match=r"supply of 5 EH/s .* too low for the arrivals of 2021-02: it needs 9\.00",
    ):
        flows.bounds(stocks, "A", max_supply=5)
    with pytest.raises(InputError, match=r"At least 90 percent retired is too high.* 16\.7"):
        flows.bounds(stocks, "A", max_supply=10, retired_share=(0.9, 1))
    stocks = pd.DataFrame({"A": [10.0, 4], "B": [5.0, 6]}, MONTHS[:2])
    with pytest.raises(InputError, match=r"At most 50 percent retired is too low.* 83\.3"):
        flows.bounds(stocks, "A", retired_share=(0, 0.5))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda s: flows.bounds(s, "X"), "no region 'X'"),
        (lambda s: flows.bounds(s, "A", start="2030-01"), "outside the months of change"),
        (lambda s: flows.bounds(s, "A", max_lag=-1), "max_lag = -1"),
        (lambda s: flows.bounds(s, "A", retired_share=(0.5, 0.1)), "reversed"),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        call(GOOD)
    assert "\n" not in str(caught.value)
