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


# A loses 6 in February and 2 in March; B gains 4 in March, C gains 5 in April.
LATER = pd.DataFrame(
    {"A": [10.0, 4, 2, 2], "B": [5.0, 5, 9, 9], "C": [5.0, 5, 5, 10], "D": 3.0}, MONTHS[:4]
)


@pytest.mark.parametrize(
    ("arguments", "low", "high", "departed"),
    [
        # What left in March can arrive in March ...
        ({"destination": "B", "max_lag": 0}, 0, 2, 8),
        # ... and in April; what left in February in March.
        ({"destination": "B", "max_lag": 1}, 0, 4, 8),
        ({"destination": "C", "max_lag": 1}, 0, 2, 8),
        ({"max_lag": 1}, 0, 6, 8),
        ({"max_lag": 2}, 0, 8, 8),
        ({}, 0, 8, 8),
        ({"destination": ["B", "C"]}, 0, 8, 8),
        ({"destination": "D"}, 0, 0, 8),
        # Only what departed in the window counts.
        ({"end": "2021-02", "max_lag": 1}, 0, 4, 6),
        ({"end": "2021-02"}, 0, 6, 6),
        ({"start": "2021-03", "max_lag": 1}, 0, 2, 2),
        ({"start": "2021-04"}, 0, 0, 0),
        # B needs 3 that are not new, C may be all new.
        ({"destination": "B", "max_lag": 1, "max_supply": [0, 1, 5]}, 3, 4, 8),
        # C needs 2 that are not new, and only March is within reach of it: B has them of February.
        ({"start": "2021-03", "max_lag": 1, "max_supply": [9, 1, 3]}, 2, 2, 2),
        # Half of the 8 at least are retired, or a quarter at most.
        ({"retired_share": (0.5, 1)}, 0, 4, 8),
        ({"retired_share": (0, 0.25)}, 6, 8, 8),
        ({"retired_share": (0.25, 0.25)}, 6, 6, 8),
        ({"origin": ["A", "B"], "destination": "C"}, 0, 5, 8),
    ],
)
def test_bounds_worked_by_hand(arguments, low, high, departed):
    found = flows.bounds(LATER, **{"origin": "A"} | arguments)
    assert list(found.index) == ["low_ehs", "high_ehs", "departed_ehs"]
    assert found.tolist() == pytest.approx([low, high, departed], abs=1e-9)


def test_what_comes_back_has_not_gone_abroad():
    stocks = pd.DataFrame({"A": [10.0, 4, 7], "B": [5.0, 5, 6], "C": [5.0, 2, 2]}, MONTHS[:3])
    assert flows.bounds(stocks, "A", "A")["high_ehs"] == pytest.approx(3)
    assert flows.bounds(stocks, "A")["high_ehs"] == pytest.approx(1)
    # For two origins together, their exchange is not abroad, either.
    both = flows.bounds(stocks, ["A", "C"])
    assert both.tolist() == pytest.approx([0, 1, 9])
    assert flows.bounds(stocks, ["A", "C"], "A")["high_ehs"] == pytest.approx(3)


def test_turnover_adds_to_what_departs_and_arrives():
    stocks = pd.DataFrame({"A": [10.0, 4], "B": [5.0, 9]}, MONTHS[:2])
    found = flows.bounds(stocks, "A", turnover=0.1)
    # 6 and a tenth of 10 depart; 4 and a tenth of 5 arrive in B.
    assert found.tolist() == pytest.approx([0, 4.5, 7])


def test_stocks_that_do_not_change_bound_all_flows_by_zero():
    still = pd.DataFrame({"A": [10.0, 10], "B": [5.0, 5]}, MONTHS[:2])
    found = flows.bounds(still, "A")
    assert found.to_dict() == {"low_ehs": 0.0, "high_ehs": 0.0, "departed_ehs": 0.0}


def test_longer_lags_allow_more():
    stocks = hm.stocks("2021-03", "2021-12")
    highest = [flows.bounds(stocks, "CHN", "USA", max_lag=lag)["high_ehs"] for lag in (0, 1, 2, 4)]
    assert highest == sorted(highest)
    assert highest[0] < highest[-1]


def test_infeasible_assumptions_are_named():
    # A loses 6; B gains 4 and C 11, of which 9 at least are new.
    stocks = pd.DataFrame({"A": [10.0, 4], "B": [5.0, 9], "C": [5.0, 16]}, MONTHS[:2])
    with pytest.raises(InputError) as caught:
        flows.bounds(stocks, "A", max_supply=5)
    assert str(caught.value) == (
        "A supply of 5 EH/s of new machines is too low for the arrivals of 2021-02: it needs 9.00; "
        "raise max_supply or max_lag."
    )
    # With 10 new machines 5 of the 6 must come back: a sixth, 16.7 percent, may be retired.
    with pytest.raises(InputError) as caught:
        flows.bounds(stocks, "A", max_supply=10, retired_share=(0.9, 1))
    assert str(caught.value) == (
        "At least 90 percent retired is too high: the arrivals need more of the departures back, at "
        "most 16.7 percent can be retired; lower retired_share or raise max_supply."
    )
    # Only 1 of 6 has a place to go to: 5 of 6, 83.3 percent, have none.
    stocks = pd.DataFrame({"A": [10.0, 4], "B": [5.0, 6]}, MONTHS[:2])
    with pytest.raises(InputError) as caught:
        flows.bounds(stocks, "A", retired_share=(0, 0.5))
    assert str(caught.value) == (
        "At most 50 percent retired is too low: the arrivals within reach leave 83.3 percent of the "
        "departures without a place; raise retired_share or max_lag."
    )


def test_the_first_month_that_needs_more_supply_is_named_and_the_others_counted():
    # One EH/s departs and ten arrive in each month but the first.
    stocks = pd.DataFrame({"A": [10.0, 10, 9, 8], "B": [5.0, 5, 15, 25]}, MONTHS[:4])
    with pytest.raises(InputError) as caught:
        flows.bounds(stocks, "A", max_lag=0, max_supply=[1, 2, 8.5])
    assert str(caught.value) == (
        "A supply of 2 EH/s of new machines is too low for the arrivals of 2021-03: it needs 9.00; "
        "other months that need more: 1; raise max_supply or max_lag."
    )
    with pytest.raises(InputError, match="of 3 EH/s .* arrivals of 2021-04: it needs 9.00; raise"):
        flows.bounds(stocks, "A", max_lag=0, max_supply=[1, 9, 3])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda s: flows.bounds(s, "X"), "^There is no region 'X'; the stocks have: A, B.$"),
        (lambda s: flows.bounds(s, "A", ["B", "Y"]), "^There is no region 'Y'"),
        (lambda s: flows.bounds(s, "A", start="2030-01"), "outside the months of change"),
        (lambda s: flows.bounds(s, "A", end="2021-01"), "^end = 2021-01 is outside the months of"),
        (lambda s: flows.bounds(s, "A", max_lag=-1), "^max_lag = -1 must be a number of months"),
        (
            lambda s: flows.bounds(s, "A", retired_share=(0.5, 0.1)),
            r"^retired_share = \(0.5, 0.1\) is reversed; give \(lowest, highest\).$",
        ),
        (lambda s: flows.bounds(s, "A", retired_share=(0, 2)), "^retired_share = 2 must lie"),
        (
            lambda s: flows.bounds(s, "A", retired_share=0.5),
            r"^retired_share = 0.5 is no pair; give \(lowest, highest\).$",
        ),
        (lambda s: flows.bounds(s, "A", retired_share=(0, 1, 1)), "is no pair; give"),
        (lambda s: flows.bounds(s, []), r"^origin = \[\] is not a list of names; give one or more"),
        (lambda s: flows.bounds(s, "A", [1]), r"^destination = \[1\] is not a list of names"),
        (lambda s: flows.bounds(s, "A", max_lag=1.5), "^max_lag = 1.5 must be a number of months"),
        (lambda s: flows.bounds(s, "A", max_lag=121), "months, whole and from 0 to 120.$"),
        (
            lambda s: flows.bounds(s, "A", max_supply=[1, 2, 3]),
            "^max_supply must be one number or 2 numbers of zero or more.$",
        ),
        (
            lambda s: flows.bounds(s, "A", max_supply="all"),
            "^max_supply = 'all' is not one number, or one a month.$",
        ),
        (lambda s: flows.bounds(s, "A", max_supply=-1), "^max_supply = -1.0 must be a number of"),
        (lambda s: flows.bounds(s, "A", turnover=-1), "^turnover = -1 must lie between 0 and 1.$"),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        call(GOOD)
    assert "\n" not in str(caught.value)
