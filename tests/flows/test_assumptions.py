from __future__ import annotations

import numpy as np
import pytest

from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows.assumptions import (
    SCALES,
    SHARES,
    SUPPLY_SCENARIOS,
    doubled_range,
    drawn,
    scenario,
)


def test_the_pools_that_the_derivation_speaks_of():
    a = flows.Assumptions(pool_correlation=0.05)
    assert a.concentration == pytest.approx(107, abs=0.5)
    for share, sd in ((0.44, 0.048), (0.07, 0.025)):
        assert np.sqrt(share * (1 - share) / (a.concentration + 1)) == pytest.approx(sd, abs=5e-4)


def test_scenarios_are_the_thirds_of_the_supply():
    """Of its logarithm: each is as likely as the others."""
    edges = [4 * (18 / 4) ** (number / 3) for number in range(4)]
    assert [scenario(name) for name in SUPPLY_SCENARIOS] == [
        pytest.approx(pair) for pair in zip(edges[:-1], edges[1:], strict=True)
    ]
    with pytest.raises(InputError) as caught:
        scenario("medium")
    assert str(caught.value) == "supply = 'medium' is unknown; choose one of low, central, high."


def test_draws_fill_their_range():
    generator = np.random.default_rng(0)
    even = drawn(generator, (2.0, 4.0), 4000)
    scaled = drawn(generator, (1.0, 100.0), 4000, logarithmic=True)
    assert 2 <= even.min() < 2.01
    assert 3.99 < even.max() <= 4
    assert np.median(even) == pytest.approx(3, abs=0.05)
    assert np.median(scaled) == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize("name", [*SHARES, *SCALES])
def test_a_doubled_range_holds_the_range_and_can_be_assumed(name):
    before = getattr(flows.Assumptions(), name)
    low, high = doubled_range(name, before)
    assert low <= before[0] < before[1] <= high
    flows.Assumptions(**{name: (low, high)}).check()


def test_ranges_double_on_their_own_scale():
    assert doubled_range("lot_ehs", (1.0, 4.0)) == pytest.approx((0.5, 8.0))
    assert doubled_range("supply_ehs", (4.0, 16.0)) == pytest.approx((2.0, 32.0))
    assert doubled_range("turnover", (0.1, 0.9)) == pytest.approx((0.1 / 3, 1.0))
    assert doubled_range("return_share", (0.2, 0.8)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("assumed", "sentence"),
    [
        ({"lag_months": (4, 1)}, "lag_months = (4, 1) must be (lowest, highest), from 0 up."),
        ({"supply_ehs": (-1, 1)}, "supply_ehs = (-1, 1) must be (lowest, highest), from 0 up."),
        ({"retired_share": (0, 1.5)}, "retired_share = 1.5 must lie between 0 and 1."),
        ({"return_share": (0, 1.5)}, "return_share = 1.5 must lie between 0 and 1."),
        ({"proxy_share": (0, 1.5)}, "proxy_share = 1.5 must lie between 0 and 1."),
        *(
            (wrong, "coverage must lie in [0, 1), pool_correlation in (0, 1], pools above 0.")
            for wrong in (
                *({"coverage": 1.0}, {"pool_correlation": 0.0}),
                *({"pool_correlation": 1.1}, {"pools": 0.0}),
            )
        ),
        (
            # One pool that is all of its country: n = 1 / (1 x 1) - 1 = 0.
            {"pools": 1.0, "pools_at_zero": 1.0, "pool_correlation": 1.0, "coverage": 0.0},
            "These pools carry no information: raise pools or coverage.",
        ),
        ({"coverage": -0.1}, "coverage = -0.1 must be a number of zero or more."),
        ({"blocks_per_month": -1}, "blocks_per_month = -1 must be a number of zero or more."),
        ({"prior_sd": 11}, "prior_sd = 11 must be 10 or less."),
        ({"max_lag": -1}, "max_lag = -1 must be a number of months"),
        ({"turnover": (0, 2)}, "turnover = 2.0 must lie between 0 and 1."),
        ({"lot_ehs": (0, 2)}, "lot_ehs = (0.0, 2.0) must begin above zero; raise its lower end."),
        ({"pools_at_zero": 9.0}, "pools_at_zero = 9.0 must lie above 0 and be no more than pools."),
        ({"undelivered_share": 0.0}, "undelivered_share must lie above 0 and below 1"),
        (
            {"pool_correlation": (0.2, 0.1)},
            "pool_correlation = (0.2, 0.1) must be (lowest, highest)",
        ),
        ({"proxies": "DEU"}, "proxies = 'DEU' is not a list of names; give one or more."),
        ({"home": 1}, "home = 1 is not a region; give one."),
        ({"hidden_reference": "May"}, "hidden_reference = 'May' is not a date"),
        ({"hidden": [1]}, "hidden = [1] is not a mapping of months to ranges; give one."),
        ({"hidden": {"July": (0, 1)}}, "hidden names 'July'; write months like 2021-07."),
        ({"hidden": {"2021-07": (1, 0)}}, "hidden['2021-07'] = (1, 0) must be (lowest, highest)"),
        ({"hidden": {"2021-07": (0, 2)}}, "hidden['2021-07'] = 2.0 must lie between 0 and 1."),
        ({"persistence": 1.1}, "persistence = 1.1 must lie between 0 and 1."),
        ({"persistence": -0.1}, "persistence = -0.1 must lie between 0 and 1."),
    ],
)
def test_assumptions_that_cannot_be(assumed, sentence):
    with pytest.raises(InputError) as caught:
        flows.Assumptions(**assumed).check()
    assert str(caught.value).startswith(sentence)
