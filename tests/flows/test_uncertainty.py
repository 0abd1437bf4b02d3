from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows.uncertainty import draw_shares, summer_ranges

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


def test_certainty_gives_the_estimate():
    exact = flows.Assumptions(
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
    found = flows.monte_carlo(STOCKS, 3, 0, assumptions=exact, **OPTIONS)
    point = flows.estimate(STOCKS, "transport")
    own = point[(point["origin"] == "CHN") & point["departed"].between("2021-06", "2021-08-01")]
    for row in found.pairs[found.pairs["origin"] == "CHN"].itertuples():
        wanted = own.loc[own["destination"] == row.destination, "flow_ehs"].sum()
        assert row.median_ehs == pytest.approx(wanted, abs=1e-3)
        assert row.high_ehs - row.low_ehs < 1e-2


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


def test_what_the_chain_says_of_the_zero():
    ranges = summer_ranges(hm.stocks())
    july, august = ranges["2021-07"], ranges["2021-08"]
    assert july[0] == 0
    assert july[1] == pytest.approx(0.33, abs=0.01)
    assert august == pytest.approx((0.48, 1.0), abs=0.01)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda s: flows.monte_carlo(s, 0, origin="A"), "draws = 0"),
        (lambda s: flows.monte_carlo(s, 5), "no region 'CHN'"),
        (lambda s: flows.monte_carlo(s, 5, origin="A", start="2021-01"), "outside the months"),
        (
            lambda s: flows.monte_carlo(
                s, 5, origin="A", assumptions=flows.Assumptions(lag_months=(4, 1))
            ),
            r"lag_months = \(4, 1\)",
        ),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        call(GOOD)
    assert "\n" not in str(caught.value)
