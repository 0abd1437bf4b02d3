from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_stocks import MONTHS, random_stocks

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.errors import InputError

GOOD = pd.DataFrame({"A": [10.0, 4, 5], "B": [5.0, 9, 9]}, MONTHS[:3])


@pytest.mark.parametrize("method", list(flows.METHODS))
@settings(max_examples=25, deadline=None)
@given(stocks=random_stocks(), factor=st.sampled_from([1e-3, 1e3]))
def test_neither_order_nor_unit_matter(method, stocks, factor):
    keys = ["origin", "destination", "departed", "month"]
    supply = {"supply_ehs": 8.0} if method in ("proportional", "transport") else {}
    first = flows.estimate(stocks, method, **supply)
    other = flows.estimate(
        stocks[stocks.columns[::-1]] * factor,
        method,
        **{name: value * factor for name, value in supply.items()},
    )
    both = first.merge(other, on=keys, how="outer").fillna({"flow_ehs_x": 0, "flow_ehs_y": 0})
    np.testing.assert_allclose(
        both["flow_ehs_x"],
        both["flow_ehs_y"] / factor,
        atol=1e-6 * stocks.to_numpy().max(),
    )


def test_worked_example():
    stocks = pd.DataFrame({"A": [10.0, 4], "B": [5.0, 9], "C": [5.0, 6]}, MONTHS[:2])
    found = flows.estimate(stocks, "minimum").set_index(["origin", "destination"])["flow_ehs"]
    assert found.to_dict() == pytest.approx(
        {("A", "B"): 4.0, ("A", "C"): 1.0, ("A", "retired"): 1.0}
    )


def test_a_method_as_a_value_gives_what_its_name_gives():
    stocks = hm.stocks("2021-03", "2021-12")
    pd.testing.assert_frame_equal(
        flows.estimate(stocks, flows.Transport(lag_months=1, supply_ehs=4)),
        flows.estimate(stocks, "transport", lag_months=1, supply_ehs=4),
    )
    longer = replace(flows.Transport(supply_ehs=4), lag_months=4)
    pd.testing.assert_frame_equal(
        flows.estimate(stocks, longer),
        flows.estimate(stocks, "transport", lag_months=4, supply_ehs=4),
    )


@pytest.mark.parametrize("name", list(flows.METHODS))
def test_every_option_of_a_method_can_be_given_by_name(name):
    method = flows.METHODS[name]
    defaults = {field.name: field.default for field in fields(method)}
    pd.testing.assert_frame_equal(
        flows.estimate(GOOD, name, **defaults), flows.estimate(GOOD, method())
    )


def test_a_longer_lag_arrives_later():
    stocks = hm.stocks("2021-03", "2021-12")

    def delay(months: float) -> float:
        found = flows.estimate(stocks, lag_months=months)
        moved = found[(found["origin"] == "CHN") & (found["destination"] != "retired")]
        days = (moved["month"] - moved["departed"]).dt.days
        return float(np.average(days, weights=moved["flow_ehs"]))

    assert delay(0.5) < delay(2) < delay(5)


def test_lags_by_destination():
    stocks = hm.stocks("2021-03", "2021-12")
    found = flows.estimate(stocks, lag_months={"KAZ": 0.0, "other": 4.0})
    into = found[(found["destination"] == "KAZ") & (found["origin"] != "new")]
    assert (into["month"] == into["departed"]).all()


def test_a_prior_draws_flows():
    stocks = hm.stocks("2021-03", "2021-12")
    prior = pd.DataFrame(1.0, stocks.columns, stocks.columns)
    plain = flows.estimate(stocks, prior=prior)
    prior.loc["CHN", "KAZ"] = 20
    drawn = flows.estimate(stocks, prior=prior)

    def to_kazakhstan(found):
        chosen = (found["origin"] == "CHN") & (found["destination"] == "KAZ")
        return found.loc[chosen, "flow_ehs"].sum()

    assert to_kazakhstan(drawn) > 1.2 * to_kazakhstan(plain)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda s: flows.estimate(s, "magic"), "choose one of net, proportional, minimum, tra"),
        (
            lambda s: flows.estimate(s, "net", lag=1),
            "has no assumption 'lag'; it has: turnover",
        ),
        (
            lambda s: flows.estimate(s, flows.Net(), turnover=0.1),
            r"Give turnover within the method: Net\(",
        ),
        (lambda s: flows.estimate(s, flows.Net(turnover=2)), "turnover = 2 must lie"),
        (lambda s: flows.estimate(s, turnover=2), "turnover = 2 must lie between 0 and 1"),
        (lambda s: flows.estimate(s, supply_ehs=-1), "supply_ehs = -1"),
        (lambda s: flows.estimate(s, supply_ehs=[1, 2, 3]), "2 numbers"),
        (lambda s: flows.estimate(s, lag_months={"X": 1}), "lag_months names 'X'"),
        (lambda s: flows.estimate(s, lag_months={"A": 1}), "no value for B"),
        (lambda s: flows.estimate(s, retired_share=2), "retired_share = 2"),
        (lambda s: flows.estimate(s, prior=pd.DataFrame()), "no row or column for A"),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        call(GOOD)
    assert "\n" not in str(caught.value)
