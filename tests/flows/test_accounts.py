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
@settings(max_examples=60, deadline=None)
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


def test_residuals_see_a_missing_flow():
    stocks = pd.DataFrame({"A": [10.0, 4], "B": [5.0, 9]}, MONTHS[:2])
    found = flows.estimate(stocks, "net")
    assert flows.residuals(stocks, found.iloc[1:]).abs().max(axis=None) > 1


def test_accounts_of_a_worked_example():
    stocks = pd.DataFrame({"A": [10.0, 4], "B": [5.0, 9], "C": [5.0, 6]}, MONTHS[:2])
    table = flows.accounts(stocks).set_index("region")
    assert table.loc["A", "departures_ehs"] == 6
    assert table.loc["B", "arrivals_ehs"] == 4


@pytest.mark.parametrize(
    ("stocks", "sentence"),
    [
        (GOOD.replace(4.0, -4), "stock of A in 2021-02 is negative"),
        (GOOD.replace(4.0, np.nan), "stock of A in 2021-02 is not a number"),
        (GOOD.drop(index=MONTHS[1]), "no row for 2021-02"),
        (GOOD[["A"]], "at least two regions"),
        (GOOD.mul([1, 0, 1], axis=0), "All stocks of 2021-02 are zero"),
        (GOOD.rename(columns={"A": "new"}), "cannot be called 'new'"),
        (GOOD.reset_index(drop=True), "month-start timestamps"),
        (GOOD.iloc[::-1], "in order"),
    ],
)
def test_stocks(stocks, sentence):
    for call in (flows.estimate, flows.accounts, lambda s: flows.bounds(s, "A")):
        with pytest.raises(InputError, match=sentence) as caught:
            call(stocks)
        assert "\n" not in str(caught.value)
