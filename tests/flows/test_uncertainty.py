from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows.uncertainty import (
    BLOCK,
    HEADLINES,
    SUPPLY_SCENARIOS,
    draw_shares,
    scenario,
    summer_ranges,
)

STOCKS = hm.stocks("2021-01", "2022-01")
OPTIONS = {"start": "2021-06", "end": "2021-08"}
GOOD = pd.DataFrame(
    {"A": [10.0, 4, 5], "B": [5.0, 9, 9]}, pd.date_range("2021-01-01", periods=3, freq="MS")
)


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    one, two, other = (flows.monte_carlo(STOCKS, 40, seed, **OPTIONS) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.samples, two.samples)
    assert not np.allclose(one.samples, other.samples)


def test_more_draws_begin_with_the_same_ones():
    few = flows.monte_carlo(STOCKS, 7, 3, **OPTIONS).samples
    many = flows.monte_carlo(STOCKS, 40, 3, **OPTIONS).samples
    np.testing.assert_allclose(few, many.head(7), atol=1e-4)


def test_a_dask_cluster_gives_the_same_numbers():
    from distributed import Client, LocalCluster

    here = flows.monte_carlo(STOCKS, 23, 4, **OPTIONS)
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        there = flows.monte_carlo(STOCKS, 23, 4, client=client, **OPTIONS)
    pd.testing.assert_frame_equal(here.samples, there.samples, check_exact=True)
    pd.testing.assert_frame_equal(here.pairs, there.pairs, check_exact=True)


def test_intervals_are_ordered_and_headlines_add_up():
    found = flows.monte_carlo(STOCKS, 60, 0, **OPTIONS)
    for table, ending in ((found.pairs, "_ehs"), (found.headlines, "")):
        assert (table[f"low{ending}"] <= table[f"median{ending}"]).all()
        assert (table[f"median{ending}"] <= table[f"high{ending}"]).all()
    parts = found.samples[["abroad", "back", "retired"]].sum(axis=1)
    np.testing.assert_allclose(parts, found.samples["departed"])
    received = found.samples[[c for c in STOCKS if c != "CHN"]].sum(axis=1)
    np.testing.assert_allclose(received, found.samples["abroad"])


def test_means_add_up():
    found = flows.monte_carlo(STOCKS, 60, 0, **OPTIONS)
    means = found.headlines.set_index("figure")["mean"]
    assert means[["abroad", "back", "retired"]].sum() == pytest.approx(means["departed"])
    own = found.pairs[found.pairs["origin"] == "CHN"].set_index("destination")["mean_ehs"]
    assert own.sum() == pytest.approx(means["departed"])
    assert own["CHN"] == pytest.approx(means["back"])


def test_shares_vary_as_the_derivation_says():
    assumptions = flows.Assumptions()
    shares = np.array([[0.44, 0.44], [0.3, 0.3], [0.19, 0.19], [0.07, 0.07], [0.0, 0.0]])
    drawn = draw_shares(shares, 40_000, assumptions, np.random.default_rng(0))
    np.testing.assert_allclose(drawn.sum(axis=0), 1)
    assert (drawn[4] == 0).all()
    wanted = shares * (1 - shares) / (assumptions.concentration + 1)
    np.testing.assert_allclose(drawn.var(axis=2)[:4], wanted[:4], rtol=0.1)
    lagged = np.corrcoef(drawn[0, 0], drawn[0, 1])[0, 1]
    assert lagged == pytest.approx(assumptions.persistence, abs=0.01)


EXACT = flows.Assumptions(
    pools=1e12,
    blocks_per_month=0,
    proxy_share=(0, 0),
    hidden={},
    lag_months=(2.5, 2.5),
    supply_ehs=(8, 8),
    retired_share=(0.1, 0.1),
    return_share=(0.3, 0.3),
    prior_sd=0,
)
"""Nothing is left to chance."""


def test_certainty_gives_the_estimate():
    found = flows.monte_carlo(STOCKS, 3, 0, assumptions=EXACT, **OPTIONS)
    point = flows.estimate(STOCKS, "transport")
    own = point[(point["origin"] == "CHN") & point["departed"].between("2021-06", "2021-08-01")]
    for row in found.pairs[found.pairs["origin"] == "CHN"].itertuples():
        wanted = own.loc[own["destination"] == row.destination, "flow_ehs"].sum()
        assert row.median_ehs == pytest.approx(wanted, abs=1e-3)
        assert row.high_ehs - row.low_ehs < 1e-2

    # New machines count from the start of the window to the last month, whenever it ends.
    since = point[point["month"] >= "2021-06-01"]
    fresh = since[since["origin"] == "new"].groupby("destination")["flow_ehs"].sum()
    pairs = found.pairs.set_index(["origin", "destination"])
    for region in STOCKS:
        new = pairs.loc[("new", region), "median_ehs"]
        assert new == pytest.approx(fresh.get(region, 0.0), abs=1e-3)
    arrived = since.loc[since["destination"] != "retired", "flow_ehs"].sum()
    median = found.headlines.set_index("figure")["median"]
    assert median["relocated_pct"] == pytest.approx(100 * (1 - fresh.sum() / arrived), abs=1e-3)
    assert median["abroad_pct"] == pytest.approx(100 * median["abroad"] / median["departed"])


def moved_home(stocks: pd.DataFrame) -> pd.DataFrame:
    """Half of what stands in Germany and Ireland, counted in China."""
    moved = stocks.copy()
    for proxy in ("DEU", "IRL"):
        moved["CHN"] += stocks[proxy] / 2
        moved[proxy] /= 2
    return moved


def hidden_in_july(stocks: pd.DataFrame) -> pd.DataFrame:
    """A quarter of China's stock of October stood there in July, shown by all others alike."""
    moved = stocks.copy()
    july = pd.Timestamp("2021-07-01")
    hidden = stocks.loc["2021-10-01", "CHN"] / 4
    others = stocks.columns.drop("CHN")
    moved.loc[july, others] *= 1 - hidden / stocks.loc[july, others].sum()
    moved.loc[july, "CHN"] += hidden
    return moved


@pytest.mark.parametrize(
    ("assumed", "by_hand"),
    [
        ({"proxy_share": (0.5, 0.5)}, moved_home),
        ({"proxy_share": (0.5, 0.5), "proxies": ("XXX", "DEU", "IRL")}, moved_home),
        ({"proxy_share": (0.5, 0.5), "home": "XXX"}, pd.DataFrame.copy),
        (
            {
                # A month that the stocks do not have changes nothing.
                "hidden": {"2020-07": (0.5, 0.5), "2021-07": (0.25, 0.25)},
                "hidden_reference": "2021-10",
            },
            hidden_in_july,
        ),
        ({"hidden": {"2021-07": (0.5, 0.5)}, "hidden_reference": "2020-10"}, pd.DataFrame.copy),
    ],
)
def test_what_is_assumed_of_the_map_is_what_it_does_to_the_stocks(assumed, by_hand):
    told = flows.monte_carlo(STOCKS, 2, 0, assumptions=replace(EXACT, **assumed), **OPTIONS)
    known = flows.monte_carlo(by_hand(STOCKS), 2, 0, assumptions=EXACT, **OPTIONS)
    columns = ["departed", "abroad", "back", "retired", "relocated_pct"]
    np.testing.assert_allclose(told.samples[columns], known.samples[columns], atol=1e-3)


def test_no_more_than_nine_tenths_of_what_others_show_can_be_hidden():
    # China's stock of January would be more than all others together in July.
    stocks, july = STOCKS.copy(), pd.Timestamp("2021-07-01")
    stocks.loc["2021-01-01", "CHN"] *= 3
    others = stocks.columns.drop("CHN")
    moved = stocks.copy()
    moved.loc[july, "CHN"] += 0.9 * stocks.loc[july, others].sum()
    moved.loc[july, others] *= 0.1
    a = replace(EXACT, hidden={"2021-07": (1, 1)}, hidden_reference="2021-01")
    told = flows.monte_carlo(stocks, 2, 0, assumptions=a, **OPTIONS)
    known = flows.monte_carlo(moved, 2, 0, assumptions=EXACT, **OPTIONS)
    columns = ["departed", "abroad", "back", "retired", "relocated_pct"]
    np.testing.assert_allclose(told.samples[columns], known.samples[columns], atol=1e-3)


def test_behaviour_is_drawn_once_for_each_block_of_draws():
    a = replace(EXACT, prior_sd=0.7, lag_months=(1, 4), return_share=(0.1, 0.5))
    found = flows.monte_carlo(STOCKS, 3 * BLOCK - 1, 0, assumptions=a, **OPTIONS).samples
    assert len(found) == 3 * BLOCK - 1
    abroad = found["abroad"].to_numpy()
    blocks = abroad[:BLOCK], abroad[BLOCK : 2 * BLOCK], abroad[2 * BLOCK :]
    for block in blocks:
        np.testing.assert_allclose(block, block[0], atol=1e-3)
    assert len({round(block[0], 1) for block in blocks}) == 3


def test_the_luck_of_blocks_is_one_over_the_root_of_their_number():
    # With 100 blocks a month its network is known to a tenth; A falls from 60 to 30, each month
    # with its own luck.
    stocks = pd.DataFrame(
        {"A": [60.0, 30], "B": [40.0, 140]}, pd.date_range("2021-01-01", periods=2, freq="MS")
    )
    a = replace(EXACT, blocks_per_month=100.0, supply_ehs=(90, 90))
    departed = flows.monte_carlo(stocks, 400, 1, origin="A", assumptions=a).samples["departed"]
    # Standard errors of 400 draws: 0.34 of the mean, 3.5 percent of the deviation.
    assert departed.mean() == pytest.approx(30, abs=1)
    assert departed.std() == pytest.approx(0.1 * np.hypot(60, 30), rel=0.12)


def weighted_quantile(values, weights, part):
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return values[order][np.searchsorted(reached, part * reached[-1])]


def test_intervals_are_weighted_quantiles_of_the_draws():
    backwards = STOCKS[STOCKS.columns[::-1]]
    found = flows.monte_carlo(backwards, 60, 0, **OPTIONS)
    samples, weights = found.samples, found.weights
    assert list(found.headlines) == ["figure", "unit", "low", "median", "high", "mean"]
    assert dict(zip(found.headlines["figure"], found.headlines["unit"], strict=True)) == HEADLINES
    assert list(samples) == [
        *HEADLINES,
        *(code for code in backwards if code != "CHN"),
        "divergence_ehs",
    ]
    codes = [*backwards]
    assert list(found.pairs) == [
        *("origin", "destination", "low_ehs", "median_ehs", "high_ehs", "mean_ehs")
    ]
    assert list(zip(found.pairs["origin"], found.pairs["destination"], strict=True)) == [
        *((i, j) for i in codes for j in [*codes, "retired"]),
        *(("new", j) for j in codes),
    ]
    own = found.pairs[found.pairs["origin"] == "CHN"].set_index("destination")
    own.columns = [name.removesuffix("_ehs") for name in own]
    drawn = {figure: figure for figure in HEADLINES} | {"CHN": "back", "retired": "retired"}
    table = pd.concat([found.headlines.set_index("figure"), own])
    for name, row in table.iterrows():
        values = samples[drawn.get(name, name)].to_numpy()
        for column, part in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
            assert row[column] == weighted_quantile(values, weights, part)
        assert row["mean"] == pytest.approx((values * weights).sum())
    assert own["high"].max() > own["low"].max() > 0


def test_the_weight_of_a_draw_is_that_of_its_divergence():
    for dispersion in (0.1, 0.5):
        a = flows.Assumptions(dispersion=dispersion)
        found = flows.monte_carlo(STOCKS, 10, 0, assumptions=a, **OPTIONS)
        # All departures and arrivals of the stocks, whatever the window.
        event = dispersion * STOCKS.diff().abs().to_numpy()[1:].sum()
        plain = np.exp(-found.samples["divergence_ehs"].to_numpy() / event)
        np.testing.assert_allclose(found.weights, plain / plain.sum())


def test_weights_prefer_draws_that_fit():
    found = flows.monte_carlo(STOCKS, 60, 0, **OPTIONS)
    assert found.weights.sum() == pytest.approx(1)
    order = np.argsort(found.samples["divergence_ehs"].to_numpy())
    assert (np.diff(found.weights[order]) <= 0).all()
    even = flows.monte_carlo(
        STOCKS, 60, 0, assumptions=flows.Assumptions(dispersion=np.inf), **OPTIONS
    )
    np.testing.assert_allclose(even.weights, 1 / 60)
    pd.testing.assert_frame_equal(even.samples, found.samples)


def test_the_zero_of_summer_2021_is_allowed_for_without_being_asked():
    plain = flows.monte_carlo(STOCKS, 40, 0, **OPTIONS).headlines
    taken = flows.monte_carlo(
        STOCKS, 40, 0, assumptions=flows.Assumptions(hidden={}), **OPTIONS
    ).headlines
    departed = plain.set_index("figure").loc["departed", "median"]
    assert departed < taken.set_index("figure").loc["departed", "median"]


@pytest.mark.parametrize(
    ("stocks", "hidden"),
    [
        (STOCKS, summer_ranges(STOCKS)),
        # Stocks without the summer, or in which China did not vanish, have nothing to explain.
        (STOCKS["2021-06":], {}),
        (STOCKS.assign(CHN=STOCKS["CHN"] + 1), {}),
    ],
)
def test_what_is_hidden_unless_told_otherwise(stocks, hidden):
    plain = flows.monte_carlo(stocks, 5, 0, start="2021-07", end="2021-08")
    told = flows.monte_carlo(
        stocks, 5, 0, start="2021-07", end="2021-08", assumptions=flows.Assumptions(hidden=hidden)
    )
    pd.testing.assert_frame_equal(plain.samples, told.samples)


def test_what_the_chain_says_of_the_zero():
    ranges = summer_ranges(hm.stocks())
    july, august = ranges["2021-07"], ranges["2021-08"]
    assert july[0] == 0
    assert july[1] == pytest.approx(0.33, abs=0.01)
    assert august == pytest.approx((0.48, 1.0), abs=0.01)


def test_the_zero_of_a_worked_example():
    # The network lost 50 of 160 from May to July: of China's 70 at most 20 can have been left. It
    # grew by 10 in September, so of the 40 shown there at least 30 had been running.
    stocks = pd.DataFrame(
        {"CHN": [70.0, 40, 0, 0, 40], "USA": [90.0, 90, 110, 130, 100]},
        pd.date_range("2021-05-01", "2021-09-01", freq="MS"),
    )
    assert summer_ranges(stocks) == {"2021-07": (0.0, 0.5), "2021-08": (0.75, 1.0)}
    # No more than all of September's, and no less than nothing.
    assert summer_ranges(stocks.assign(USA=[90.0, 90, 150, 130, 100]))["2021-07"] == (0.0, 1.0)
    assert summer_ranges(stocks.assign(USA=[200.0, 90, 110, 90, 190])) == {
        "2021-07": (0.0, 0.0),
        "2021-08": (0.0, 1.0),
    }


def test_the_pools_that_the_derivation_speaks_of():
    a = flows.Assumptions()
    assert a.concentration == pytest.approx(107, abs=0.5)
    for share, sd in ((0.44, 0.048), (0.07, 0.025)):
        assert np.sqrt(share * (1 - share) / (a.concentration + 1)) == pytest.approx(sd, abs=5e-4)


def test_scenarios_are_the_thirds_of_the_supply():
    assert [scenario(name) for name in SUPPLY_SCENARIOS] == [
        pytest.approx((4, 20 / 3)),
        pytest.approx((20 / 3, 28 / 3)),
        pytest.approx((28 / 3, 12)),
    ]
    with pytest.raises(InputError) as caught:
        scenario("medium")
    assert str(caught.value) == "supply = 'medium' is unknown; choose one of low, central, high."


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
            {"pools": 1.0, "pool_correlation": 1.0, "coverage": 0.0},
            "These pools carry no information: raise pools or coverage.",
        ),
        ({"coverage": -0.1}, "coverage = -0.1 must be a number of zero or more."),
        ({"blocks_per_month": -1}, "blocks_per_month = -1 must be a number of zero or more."),
        ({"prior_sd": 11}, "prior_sd = 11 must be 10 or less."),
        ({"max_lag": -1}, "max_lag = -1 must be a number of months"),
        ({"dispersion": 0}, "dispersion = 0 would leave one draw alone; give more."),
        ({"dispersion": -1}, "dispersion = -1 must be a number of zero or more."),
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
        flows.monte_carlo(GOOD, 5, origin="A", assumptions=flows.Assumptions(**assumed))
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    "assumed",
    [
        {"coverage": 0.0, "pools": 3, "pool_correlation": 1.0},
        {"persistence": 0.0, "lag_months": (0, 0), "supply_ehs": (9, 9)},
        {"persistence": 1.0, "proxy_share": (1, 1), "retired_share": (0, 0.5)},
    ],
)
def test_assumptions_at_their_limits(assumed):
    found = flows.monte_carlo(GOOD, 5, origin="A", assumptions=flows.Assumptions(**assumed))
    assert np.isfinite(found.samples["departed"]).all()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda s: flows.monte_carlo(s, 0, origin="A"),
            "^draws = 0 is not a whole number from 1 to 100000.$",
        ),
        (lambda s: flows.monte_carlo(s, 2.5, origin="A"), "^draws = 2.5 is not a whole number"),
        (lambda s: flows.monte_carlo(s, 5), "^There is no region 'CHN'; the stocks have: A, B.$"),
        (
            lambda s: flows.monte_carlo(s, 5, origin="A", start="2021-01"),
            "^start = 2021-01 is outside the months of change, which runs",
        ),
        (lambda s: flows.monte_carlo(s, 5, origin="A", end="2021-04"), "^end = 2021-04 is outside"),
        (lambda s: flows.monte_carlo(s, 5, -1, origin="A"), "^seed = -1 is not a whole number"),
        (
            lambda s: flows.monte_carlo(s, 5, origin="A", client="here"),
            "^client = 'here' is no Dask client; give one or None.$",
        ),
        (
            lambda s: flows.monte_carlo(s, 5, origin="A", assumptions={}),
            r"^assumptions = {} is not an Assumptions\(…\); give one.$",
        ),
        (lambda s: flows.monte_carlo(-s, 5, origin="A"), "^The stock of A in 2021-01 is negative"),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        call(GOOD)
    assert "\n" not in str(caught.value)


def test_a_part_of_nothing_is_no_number():
    # In some draws nothing leaves a small country within three months.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = flows.monte_carlo(STOCKS, 60, 0, origin="KAZ", **OPTIONS)
    left = drawn.samples["departed"] > 0
    assert 0 < left.sum() < len(left)
    part = drawn.samples["abroad_pct"]
    assert part[left].between(0, 100).all()
    assert part[~left].isna().all()
    said = drawn.headlines.set_index("figure").loc["abroad_pct"]
    weights = drawn.weights[left]
    assert said["mean"] == pytest.approx((part[left] * weights).sum() / weights.sum())
    assert part[left].min() <= said["low"] <= said["median"] <= said["high"] <= 100
