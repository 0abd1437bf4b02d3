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


def stocks_of(**regions: list[float]) -> pd.DataFrame:
    table = pd.DataFrame(regions, dtype=float)
    return table.set_axis(pd.date_range("2021-01-01", periods=len(table), freq="MS"))


def as_dict(found: pd.DataFrame) -> dict[tuple[str, str, str, str], float]:
    """Origin, destination, month departed and month arrived (as 01 to 12) to EH/s."""
    return {
        (row.origin, row.destination, f"{row.departed:%m}" if row.origin != "new" else "", month): (
            row.flow_ehs
        )
        for row in found.itertuples()
        for month in [f"{row.month:%m}"]
    }


class TestProportional:
    # A loses 6 in February; B gains 4 in March and 3 in April.
    STOCKS = stocks_of(A=[10, 4, 4, 4], B=[5, 5, 9, 12])

    def test_waiting_and_new_machines_are_taken_in_proportion(self):
        # March: of 6 waiting and 2 new 4 are wanted, 3 and 1. April: of 3 and 2, 1.8 and 1.2.
        found = flows.estimate(self.STOCKS, "proportional", supply_ehs=2)
        assert as_dict(found) == pytest.approx(
            {
                ("A", "B", "02", "03"): 3,
                ("new", "B", "", "03"): 1,
                ("A", "B", "02", "04"): 1.8,
                ("new", "B", "", "04"): 1.2,
                ("A", "retired", "02", "02"): 1.2,
            }
        )

    def test_those_that_waited_longer_than_the_limit_are_retired(self):
        found = flows.estimate(self.STOCKS, "proportional", supply_ehs=2, max_lag=1)
        assert as_dict(found) == pytest.approx(
            {
                ("A", "B", "02", "03"): 3,
                ("new", "B", "", "03"): 1,
                ("A", "retired", "02", "02"): 3,
                ("new", "B", "", "04"): 3,
            }
        )

    def test_what_both_together_lack_is_new(self):
        found = flows.estimate(stocks_of(A=[10, 4], B=[5, 25]), "proportional", supply_ehs=2)
        assert as_dict(found) == pytest.approx(
            {("A", "B", "02", "02"): 6, ("new", "B", "", "02"): 14}
        )

    def test_several_origins_and_months_are_mixed_by_what_waits(self):
        # Waiting in March: 4 of A and 2 of C since February, 2 of C since March. With the supply of
        # March (8, not the 1 of February) half of the 4 and 2 that arrive are relocated.
        stocks = stocks_of(A=[10, 6, 6], C=[9, 7, 5], B=[1, 1, 5], D=[3, 3, 5])
        found = as_dict(flows.estimate(stocks, "proportional", supply_ehs=[1, 8]))
        relocated = {key: value for key, value in found.items() if key[1] in "BD"}
        assert relocated == pytest.approx(
            {
                ("A", "B", "02", "03"): 1,
                ("A", "D", "02", "03"): 0.5,
                ("C", "B", "02", "03"): 0.5,
                ("C", "D", "02", "03"): 0.25,
                ("C", "B", "03", "03"): 0.5,
                ("C", "D", "03", "03"): 0.25,
                ("new", "B", "", "03"): 2,
                ("new", "D", "", "03"): 1,
            }
        )
        assert found["A", "retired", "02", "02"] == pytest.approx(2.5)
        assert found["C", "retired", "03", "03"] == pytest.approx(1.25)

    @pytest.mark.parametrize("waited", [11, 12, 13])
    def test_by_default_machines_wait_up_to_twelve_months_and_eight_are_new(self, waited):
        a, b = [10, 2, *[2] * waited], [5, *[5] * waited, 7]
        found = flows.estimate(stocks_of(A=a, B=b), "proportional")
        moved = found.loc[(found["origin"] == "A") & (found["destination"] == "B"), "flow_ehs"]
        # Of 8 waiting and 8 new, one each.
        assert moved.sum() == pytest.approx(1 if waited <= 12 else 0)


def test_least_turnover_follows_the_prior():
    # A and D lose 4 each, B and C gain as much. A prefers B threefold: the odds ratio of the fitted
    # table is 3, so x / (4 - x) is its root.
    stocks = stocks_of(A=[9, 5], B=[1, 5], C=[1, 5], D=[9, 5])
    prior = pd.DataFrame(1.0, list("DCBA"), list("CBAD"))
    prior.loc["A", "B"] = 3
    found = as_dict(flows.estimate(stocks, "minimum", prior=prior))
    root = np.sqrt(3)
    assert found == pytest.approx(
        {
            ("A", "B", "02", "02"): 4 * root / (1 + root),
            ("A", "C", "02", "02"): 4 / (1 + root),
            ("D", "B", "02", "02"): 4 / (1 + root),
            ("D", "C", "02", "02"): 4 * root / (1 + root),
        }
    )


def test_least_turnover_leaves_the_rest_new_or_retired_month_by_month():
    # February: 6 lost, 2 gained. March: 1 lost, 5 gained, of which 4 are new.
    stocks = stocks_of(A=[10, 4, 4], B=[5, 7, 6], C=[3, 3, 8])
    assert as_dict(flows.estimate(stocks, "minimum")) == pytest.approx(
        {
            ("A", "B", "02", "02"): 2,
            ("A", "retired", "02", "02"): 4,
            ("B", "C", "03", "03"): 1,
            ("new", "C", "", "03"): 4,
        }
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
        (
            lambda s: flows.estimate(s, "magic"),
            "^method = 'magic' is unknown; choose one of net, proportional, minimum, transport.$",
        ),
        (
            lambda s: flows.estimate(s, "minimum", lag=1),
            "^The method minimum has no assumption 'lag'; it has: turnover, prior.$",
        ),
        (
            lambda s: flows.estimate(s, flows.Net(), turnover=0.1),
            r"^Give turnover within the method: Net\(",
        ),
        (lambda s: flows.estimate(s, flows.Net(turnover=2)), "turnover = 2 must lie"),
        (lambda s: flows.estimate(s, turnover=2), "^turnover = 2 must lie between 0 and 1.$"),
        (lambda s: flows.estimate(s, turnover=-0.1), "^turnover = -0.1 must lie"),
        (lambda s: flows.estimate(s, supply_ehs=-1), "^supply_ehs = -1.0 must be a number of zero"),
        (lambda s: flows.estimate(s, supply_ehs=np.inf), "^supply_ehs = inf must be a number"),
        (
            lambda s: flows.estimate(s, supply_ehs=[1, 2, 3]),
            "^supply_ehs must be one number or 2 numbers of zero or more.$",
        ),
        (lambda s: flows.estimate(s, supply_ehs=[1, -2]), "^supply_ehs must be one number or 2"),
        (lambda s: flows.estimate(s, supply_ehs=[1, np.nan]), "^supply_ehs must be one number"),
        *(
            (
                lambda s, given=given: flows.estimate(s, supply_ehs=given),
                "^supply_ehs = .* is not one",
            )
            for given in ("8", None, True, [1, "2"], [1, None], [[1, 2], [3]])
        ),
        (
            lambda s: flows.estimate(s, 8),
            r"^method = 8 is no method; give one such as Transport\(\), or one of net, proportional, "
            "minimum, transport.$",
        ),
        (
            lambda s: flows.estimate(s, prior=[1]),
            r"^prior = \[1\] is not a table of origins and destinations; give one.$",
        ),
        (
            lambda s: flows.estimate(s, prior=pd.DataFrame("1", list("AB"), list("AB"))),
            "^The prior holds what are no numbers; convert them.$",
        ),
        (lambda s: flows.estimate(s, "proportional", max_lag=-1), "^max_lag = -1 must be"),
        (
            lambda s: flows.estimate(s.astype(str)),
            "^The stocks of A are not numbers; convert them.$",
        ),
        (lambda s: flows.estimate([1]), r"^stocks = \[1\] is not a table of months and regions;"),
        (
            lambda s: flows.residuals(s, flows.estimate(s).drop(columns="flow_ehs")),
            "flows.*flow_ehs.*flows.estimate",
        ),
        (lambda s: flows.estimate(s, lag_months=-1), "^lag_months = -1 must be a number"),
        (
            lambda s: flows.estimate(s, lag_months={"X": 1, "other": 1}),
            "^lag_months names 'X'; the regions are: A, B.$",
        ),
        (
            lambda s: flows.estimate(s, lag_months={"A": 1}),
            "^lag_months has no value for B and none for 'other'.$",
        ),
        (lambda s: flows.estimate(s, max_lag=-1), "^max_lag = -1 must be a number of months"),
        (lambda s: flows.estimate(s, retired_share=2), "^retired_share = 2 must lie"),
        (lambda s: flows.estimate(s, return_share=-1), "^return_share = -1 must lie"),
        (
            lambda s: flows.estimate(s, prior=pd.DataFrame()),
            "^The prior has no row or column for A; give every region.$",
        ),
        *(
            (
                lambda s, weights=weights: flows.estimate(
                    s, prior=pd.DataFrame(weights, list("AB"), list("AB"))
                ),
                "^The prior needs weights of zero or more, and one above zero per origin.$",
            )
            for weights in ([[1, -1], [2, 1]], [[1, 0], [1, 1]], [[1, np.inf], [1, 1]])
        ),
        (
            lambda s: flows.estimate(s, prior=pd.DataFrame(1, list("AB"), ["A", "C"])),
            "^The prior has no row or column for B",
        ),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        call(GOOD)
    assert "\n" not in str(caught.value)
