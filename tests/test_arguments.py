"""What a public call says to an argument that it cannot use."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import arguments, country_panel, energy, flows
from hashrate_migration.errors import InputError

NOT_WHOLE = ["many", True, 1e9, -1, math.nan, None, 1.5, [1], np.float64(3)]
"""What is no number of draws."""

NO_SEED = ["abc", True, -1, math.nan, None, 1.5]

NO_NAME = [3, None, ["x"], {}, "no such name", "", math.nan, True]

NOT_A_DATE = [
    *("2021-13", "nowhere", "2021Q5", "2021-5", "", 20.5, True, math.nan, [1], {}, b"2021"),
    *(pd.NaT, pd.NaT.to_numpy(), pd.Timestamp("2021-05-01", tz="UTC"), 10**20),
]

SUMMER = pd.date_range("2021-05-01", periods=4, freq="MS")
STOCKS = pd.DataFrame({"A": [4.0, 2, 1, 1], "B": [1.0, 2, 3, 4]}, SUMMER)
SERIES = pd.Series(np.arange(12.0), pd.date_range("2021-01-01", periods=12, freq="MS"))
FLOWS = flows.estimate(STOCKS)


def refused(call, name: str | None = None) -> str:
    """The sentence with which a call is refused."""
    with pytest.raises(InputError) as caught:
        call()
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    assert name is None or name in sentence, sentence
    return sentence


DRAWS = {
    "pools": lambda n: hm.concentration.pools(n),
    "sensitivity": lambda n: hm.outlook.sensitivity(n),
    "monte_carlo": lambda n: flows.monte_carlo(STOCKS, n, origin="A"),
    "truth_table": lambda n: flows.truth_table(["as usual"], 1, n),
}

SEEDS = {
    "pools": lambda n: hm.concentration.pools(5, n),
    "sensitivity": lambda n: hm.outlook.sensitivity(5, n),
    "monte_carlo": lambda n: flows.monte_carlo(STOCKS, 5, n, origin="A"),
    "truth_table": lambda n: flows.truth_table(["as usual"], 1, 1, n),
    "outlook": lambda n: hm.outlook.run(hm.outlook.Scenario(), 1, n),
}


@pytest.mark.parametrize("value", NOT_WHOLE, ids=repr)
@pytest.mark.parametrize("call", DRAWS.values(), ids=DRAWS)
def test_draws_are_a_whole_number(call, value):
    refused(lambda: call(value), "draws = ")


@pytest.mark.parametrize("value", NO_SEED, ids=repr)
@pytest.mark.parametrize("call", SEEDS.values(), ids=SEEDS)
def test_a_seed_is_a_whole_number(call, value):
    refused(lambda: call(value), "seed = ")


WINDOWS = {
    "shares": hm.shares,
    "stocks": hm.stocks,
    "network_hashrate": hm.network_hashrate,
    "drawdown": lambda start, end: hm.network.drawdown(SERIES, start, end),
    "events": hm.events.events,
    "power": energy.power,
    "emissions": energy.emissions,
    "network_power": energy.network_power,
    "machine_power": energy.machine_power,
    "monte_carlo": lambda a, b: flows.monte_carlo(STOCKS, 5, origin="A", start=a, end=b),
    "bounds": lambda start, end: flows.bounds(STOCKS, "A", start=start, end=end),
}


@pytest.mark.parametrize("value", NOT_A_DATE, ids=repr)
@pytest.mark.parametrize("call", WINDOWS.values(), ids=WINDOWS)
def test_what_is_no_date_is_neither_a_start_nor_an_end(call, value):
    refused(lambda: call(value, None), "start = ")
    refused(lambda: call(None, value), "end = ")


@pytest.mark.parametrize("call", WINDOWS.values(), ids=WINDOWS)
def test_a_start_after_its_end_is_refused(call):
    refused(lambda: call("2021-08", "2021-06"))


CHOICES = {
    "load": hm.load,
    "freq": lambda n: hm.network_hashrate(freq=n),
    "method of the network": lambda n: hm.network_hashrate(method=n),
    "factors": lambda n: energy.emissions("2021-01", "2021-02", factors=n),
    "factors of ranges": lambda n: energy.ranges(factors=n),
    "factors by year": lambda n: energy.ranges_by_year(n),
    "method": lambda n: flows.estimate(STOCKS, n),
    "origin": lambda n: flows.bounds(STOCKS, n),
    "origin of draws": lambda n: flows.monte_carlo(STOCKS, 5, origin=n),
    "kinds of worlds": lambda n: flows.truth_table([n], 1, 1),
    "region": hm.regions.name,
    "language": lambda n: hm.regions.name("CHN", n),
    "colour": hm.regions.colour,
    "subdivisions": hm.regions.subdivisions,
    "look": hm.charts.use,
    "source": hm.charts.cite,
    "province": energy.annual_cycle,
    "maker": lambda n: hm.hardware.maker(n, "revenue"),
    "figure of a maker": lambda n: hm.hardware.maker("Canaan", n),
    "length": lambda n: hm.hardware.maker("Canaan", "revenue", 7 if n == 3 else n),
    "country": lambda n: hm.events.events(country=n if n is not None else 3),
    "kinds": lambda n: hm.events.events(kinds=n if n is not None else "policy"),
}


@pytest.mark.parametrize("value", NO_NAME, ids=repr)
@pytest.mark.parametrize("call", CHOICES.values(), ids=CHOICES)
def test_a_name_that_there_is_not_is_refused(call, value):
    refused(lambda: call(value))


FRAMES = {
    "stocks": flows.estimate,
    "stocks of bounds": lambda f: flows.bounds(f, "A"),
    "stocks of accounts": flows.accounts,
    "stocks of draws": lambda f: flows.monte_carlo(f, 5),
    "flows": lambda f: flows.residuals(STOCKS, f),
    "ranks": hm.ranks,
    "shares": hm.concentration.measures,
    "series": lambda f: hm.events.response(f, "2021-05"),
    "series of breaks": hm.events.breaks,
    "series of drawdown": hm.network.drawdown,
}


@pytest.mark.parametrize(
    "value",
    ["x", 3, None, [1, 2], pd.DataFrame({"A": ["x", "y"]}), SERIES.iloc[:0], SERIES.astype(str)],
    ids=["text", "number", "none", "list", "frame of text", "no month", "series of text"],
)
@pytest.mark.parametrize("call", FRAMES.values(), ids=FRAMES)
def test_what_is_no_table_of_numbers_is_refused(call, value):
    refused(lambda: call(value))


T, A = flows.Transport, flows.Assumptions
SCENARIO = hm.outlook.Scenario


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: hm.panel(regions="CHN"), "regions = 'CHN'"),
        (lambda: hm.panel(regions=[]), "regions = []"),
        (lambda: hm.panel(kinds=3), "kinds = 3"),
        (lambda: hm.panel(table="x"), "table = 'x'"),
        (lambda: country_panel.paths(table="x"), "table = 'x'"),
        (lambda: country_panel.steps(kinds=3), "kinds = 3"),
        (lambda: hm.stocks(adjust="x"), "adjust = 'x'"),
        (lambda: hm.stocks(adjust={"IRL": "x"}), "adjust gives 'x' for IRL"),
        (lambda: hm.stocks(adjust={"IRL": True}), "adjust gives True for IRL"),
        (lambda: hm.stocks(adjust={"IRL": math.nan}), "adjust gives nan for IRL"),
        (lambda: hm.events.response(SERIES, "9999-12"), "when = 9999-12 is outside the series"),
        (lambda: hm.events.response(SERIES, "2021-05", True), "before = True"),
        (lambda: hm.events.response(SERIES, "2021-05", after=1e9), "after = 1000000000.0"),
        (lambda: hm.events.breaks(SERIES, "x"), "penalty = 'x'"),
        (lambda: hm.events.breaks(SERIES, min_months="x"), "min_months = 'x'"),
        (lambda: hm.events.nearest(None, None, 10**9), "within_days = 1000000000"),
        (lambda: hm.network.drawdown(SERIES[::-1]), "not indexed by dates in order"),
        (lambda: hm.network.drawdown(SERIES * math.nan), "There is no hashrate between"),
        (lambda: energy.machine_power(overhead="x"), "overhead = 'x'"),
        (lambda: energy.machine_power(overhead=0.9), "overhead = 0.9"),
        (lambda: flows.estimate(STOCKS, T(lag_months="x")), "lag_months = 'x'"),
        (lambda: flows.estimate(STOCKS, T(lag_months=True)), "lag_months = True"),
        (lambda: flows.estimate(STOCKS, T(max_lag=1.5)), "max_lag = 1.5"),
        (lambda: flows.estimate(STOCKS, T(max_lag=10**9)), "max_lag = 1000000000"),
        (lambda: flows.estimate(STOCKS, T(supply_ehs=None)), "supply_ehs = None"),
        (lambda: flows.estimate(STOCKS, T(supply_ehs=[1])), "supply_ehs must be one number or 3"),
        (lambda: flows.estimate(STOCKS, T(prior="x")), "prior = 'x'"),
        (lambda: flows.estimate(STOCKS, flows.Proportional(max_lag=None)), "max_lag = None"),
        (lambda: flows.estimate(STOCKS, T), "is no method"),
        (lambda: flows.bounds(STOCKS, "A", []), "destination = []"),
        (lambda: flows.bounds(STOCKS, "A", max_lag="x"), "max_lag = 'x'"),
        (lambda: flows.bounds(STOCKS, "A", max_supply="x"), "max_supply = 'x'"),
        (lambda: flows.bounds(STOCKS, "A", max_supply=[1]), "max_supply must be one number or 3"),
        (lambda: flows.bounds(STOCKS, "A", retired_share=0.5), "retired_share = 0.5 is no pair"),
        (lambda: flows.bounds(STOCKS, "A", retired_share=("a", 1)), "retired_share = 'a'"),
        (lambda: flows.monte_carlo(STOCKS, 5, origin="A", client="x"), "client = 'x'"),
        (lambda: flows.monte_carlo(STOCKS, 5, origin="A", assumptions={}), "assumptions = {}"),
        (lambda: A(lag_months=2).check(), "lag_months = 2"),
        (lambda: A(supply_ehs=(1, "x")).check(), "supply_ehs = (1, 'x')"),
        (lambda: A(proxies="DEU").check(), "proxies = 'DEU'"),
        (lambda: A(hidden={"July": (0, 1)}).check(), "hidden names 'July'"),
        (lambda: A(hidden={"2021-07": 1}).check(), "hidden['2021-07'] = 1"),
        (lambda: A(lot_ehs=(0, 1)).check(), "lot_ehs = (0.0, 1.0)"),
        (lambda: A(prior_sd=1e9).check(), "prior_sd = 1000000000.0"),
        (lambda: A(max_lag=1.5).check(), "max_lag = 1.5"),
        (lambda: flows.truth_table(worlds=-1), "worlds = -1"),
        (lambda: flows.truth_table(worlds=True), "worlds = True"),
        (lambda: flows.truth_table("as usual", 1, 1), "kinds = 'as usual'"),
        (lambda: hm.outlook.score("x"), "weights = 'x'"),
        (lambda: hm.outlook.score({"carbon": True}), "weights gives True for carbon"),
        (lambda: hm.outlook.score({"carbon": 1e308, "policy": 1e308}), "more than can be counted"),
        (lambda: hm.outlook.run("x"), "scenario = 'x'"),
        (lambda: hm.outlook.run(SCENARIO(math.nan)), "us_growth_pct = nan"),
        (lambda: hm.outlook.run(SCENARIO(1e308)), "us_growth_pct = 1e+308"),
        (lambda: hm.outlook.run(SCENARIO(second_ban_pct="x")), "second_ban_pct = 'x'"),
        (lambda: hm.outlook.run(SCENARIO(shock_month="x")), "shock_month = 'x'"),
        (lambda: hm.outlook.run(SCENARIO(), months=True), "months = True"),
        (lambda: hm.outlook.run(SCENARIO(), walk_sd="x"), "walk_sd = 'x'"),
        (lambda: hm.claims.check(3), "table = 3"),
    ],
)
def test_a_wrong_argument_is_named(call, name):
    refused(call, name)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"error_sd": ["x"]}, "column error_sd holds 'x'"),
        ({"error_sd": [math.inf]}, "column error_sd holds 'inf'"),
        ({"offset_sd": [-1.0]}, "column offset_sd holds -1"),
        ({"enters": ["no"]}, "column enters holds 'no'"),
        ({"locates": [None]}, "column locates holds nothing"),
        ({"until": ["x"]}, "column until holds 'x'"),
        ({"error_sd": [[1.0]]}, r"Column error_sd holds \[1.0\]"),
    ],
)
def test_a_frame_of_kinds_is_held_to_the_rules_of_its_table(change, sentence):
    with pytest.raises(InputError, match=sentence):
        country_panel.kinds(pd.DataFrame({"kind": ["vendor"], **change}))


def test_a_frame_of_kinds_may_change_what_its_table_may_hold():
    changed = country_panel.kinds(
        pd.DataFrame({"kind": ["vendor"], "error_sd": [0.7], "until": [pd.Timestamp("2024-03-01")]})
    )
    assert changed.loc["vendor", "error_sd"] == 0.7
    assert changed.loc["vendor", "until"] == pd.Timestamp("2024-03-01")
    rest = country_panel.kinds().drop(index="vendor")
    pd.testing.assert_frame_equal(changed.drop(index="vendor"), rest)


def test_an_origin_named_twice_counts_once():
    once, twice = flows.bounds(STOCKS, "A"), flows.bounds(STOCKS, ["A", "A"])
    pd.testing.assert_series_equal(once, twice)


def test_a_value_is_shown_on_one_line_and_in_short():
    assert "\n" not in arguments.shown(STOCKS)
    assert len(arguments.shown("x" * 10_000)) < 100
