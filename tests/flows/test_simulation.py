from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows import simulation


def test_worlds_keep_their_accounts():
    for seed in range(5):
        world = flows.simulate(seed)
        assert (world.stocks > 0).all(axis=None)
        hub = world.pairs.loc[simulation.HUB]
        assert hub.sum() == pytest.approx(world.departed_ehs)
        assert (world.observed >= 0).all(axis=None)


def test_intervals_hold_the_truth_where_the_assumptions_are_true():
    table = flows.truth_test(worlds=10, draws=64, seed=500, variants=["as assumed"])
    row = table.iloc[0]
    # 10 worlds x 5 pairs: three standard errors of 90 percent are 13 points, and of 10 worlds 28.
    assert row["coverage_pairs_pct"] >= 77
    assert row["coverage_abroad_pct"] >= 62
    # Knowing how machines behave must be worth something.
    assert row["error_transport_pct"] < row["error_net_pct"]
    assert row["error_transport_pct"] < row["error_minimum_pct"]


def test_the_hub_is_cleared_by_as_much_as_is_said():
    world = flows.simulate(0)
    hub = world.stocks[simulation.HUB]
    before = simulation.BAN
    for step, part in enumerate(simulation.CLEARANCE):
        left = hub.iloc[before + step + 1] / hub.iloc[before + step]
        assert left == pytest.approx(1 - part)
    assert list(world.pairs.index) == [*simulation.REGIONS, "new"]


CERTAIN = replace(
    simulation.WORLD,
    pools=1e12,
    blocks_per_month=1e24,
    lag_months=(0, 0),
    supply_ehs=(6, 6),
    retired_share=(0.2, 0.2),
    return_share=(0, 0),
    proxy_share=(0.25, 0.25),
)
"""All that is drawn from ranges is known, and what leaves arrives at once."""


def test_what_left_the_hub_arrived_by_the_shares_assumed():
    world = flows.simulate(3, CERTAIN)
    stocks = world.stocks
    assert list(stocks.index) == list(pd.date_range("2020-01-01", "2021-12-01", freq="MS"))
    assert list(stocks) == list(world.observed) == ["HUB", "A", "B", "C", "D", "PRX"]
    assert stocks.iloc[0].tolist() == [70, 25, 12, 12, 10, 5]
    # Half of what stood there in November 2020 left in December, 0.7 of the rest in January.
    left = -stocks["HUB"].diff()[["2020-12-01", "2021-01-01"]]
    assert left.iloc[0] == pytest.approx(0.5 * stocks.loc["2020-11-01", "HUB"])
    assert left.iloc[1] == pytest.approx(0.7 * stocks.loc["2020-12-01", "HUB"])
    assert world.departed_ehs == pytest.approx(left.sum())

    assert list(world.pairs.index) == [*stocks, "new"]
    assert list(world.pairs) == [*stocks, "retired"]
    hub = world.pairs.loc["HUB"]
    assert hub["retired"] == pytest.approx(0.2 * left.sum())
    assert hub["HUB"] == 0
    assert hub[list(simulation.ABROAD)].sum() == pytest.approx(0.8 * left.sum())
    # The hub alone was cleared.
    others = world.pairs.drop(index=["HUB", "new"])
    assert (others == 0).all(axis=None)
    # In the two months of the clearance the others gained that and what was new.
    gained = stocks.loc["2021-01-01"] - stocks.loc["2020-11-01"]
    fresh = gained.drop("HUB").sum() - 0.8 * left.sum()
    assert 2 * 6 * 0.8 * (1 - 0.6) < fresh < 2 * 6 * 1.2
    # New machines of 13 months, December 2020 to December 2021, 6 give or take a fifth each.
    new = world.pairs.loc["new"]
    assert new["retired"] == 0
    assert 13 * 6 * 0.8 * 0.5 < new.sum() < 13 * 6 * 1.2


def test_machines_return_or_are_still_under_way_when_the_stocks_end():
    home = flows.simulate(3, replace(CERTAIN, return_share=(0.5, 0.5))).pairs.loc["HUB"]
    assert home["HUB"] == pytest.approx(0.5 * 0.8 / 0.2 * home["retired"])
    slow = flows.simulate(3, replace(CERTAIN, max_lag=30), lag_months=(20, 20))
    # Of a negative binomial with shape 2 and mean 20, what left in the first month of the clearance
    # and is back within 12 months more, or in the second within 11.
    p = 2 / 22
    chances = np.array([(k + 1) * p**2 * (1 - p) ** k for k in range(31)])
    within = chances.cumsum() / chances.sum()
    left = -slow.stocks["HUB"].diff()[["2020-12-01", "2021-01-01"]].to_numpy()
    back = slow.pairs.loc["HUB"].drop("retired").sum()
    assert back == pytest.approx(0.8 * (left[0] * within[12] + left[1] * within[11]))
    assert slow.pairs.loc["HUB", "retired"] == pytest.approx(left.sum() - back)
    assert (slow.pairs.drop(index=["HUB", "new"]) == 0).all(axis=None)


def test_the_map_shows_a_part_of_the_hub_in_the_proxy():
    world = flows.simulate(3, CERTAIN)
    stocks, shown = world.stocks, world.observed
    # A quarter of what the proxy shows is the hub's: a third on top of its own.
    by_hand = stocks.copy()
    by_hand["PRX"] += stocks["PRX"] / 3
    by_hand["HUB"] -= stocks["PRX"] / 3
    pd.testing.assert_frame_equal(shown, by_hand, check_freq=False, rtol=1e-4)
    # It cannot hide more than there is.
    all_of_it = flows.simulate(3, replace(CERTAIN, proxy_share=(0.99, 0.99)))
    assert (all_of_it.observed["HUB"] >= 0).all()
    assert all_of_it.observed["HUB"].iloc[-1] == 0


def test_turnover_is_not_seen_in_the_stocks_but_in_the_flows():
    plain, turned = flows.simulate(2), flows.simulate(2, turnover=0.1)
    pd.testing.assert_frame_equal(turned.stocks, plain.stocks)
    pd.testing.assert_frame_equal(turned.observed, plain.observed)
    # A tenth of what stands at the hub before each of the two months of the clearance is scrapped and
    # replaced on top of what leaves.
    scrapped = 0.1 * plain.stocks.loc[["2020-11-01", "2020-12-01"], "HUB"].sum()
    assert turned.departed_ehs == pytest.approx(plain.departed_ehs + scrapped)
    more = turned.pairs - plain.pairs
    assert more.loc["HUB", "retired"] == pytest.approx(scrapped)
    since = 0.1 * plain.stocks.loc["2020-11-01":"2021-11-01"].sum()
    np.testing.assert_allclose(more.loc["new", plain.stocks.columns], since)
    assert turned.pairs.loc["HUB"].sum() == pytest.approx(turned.departed_ehs)


def test_the_luck_and_the_noise_of_a_map():
    lucky = flows.simulate(4, replace(CERTAIN, blocks_per_month=100.0))
    luck = lucky.observed.sum(axis=1) / lucky.stocks.sum(axis=1) - 1
    # 24 months: the standard error of a deviation is 15 percent of it.
    assert luck.std() == pytest.approx(0.1, rel=0.45)
    # Four times the variance is twice the deviation, with the same chance.
    misses = []
    for noise in (1, 4):
        noisy = flows.simulate(4, replace(CERTAIN, pools=1e6), noise=noise)
        exact = flows.simulate(4, CERTAIN)
        misses.append((noisy.observed / exact.observed - 1).drop(columns="HUB").to_numpy())
    np.testing.assert_allclose(misses[1], 2 * misses[0], atol=1e-4)
    assert np.abs(misses[0]).max() > 1e-4


def test_a_row_counts_hits_and_misses_of_its_worlds():
    hits = {figure: [] for figure in ("pairs", "abroad", "back", "retired")}
    errors = {method: [] for method in flows.METHODS}
    months = pd.to_datetime(["2020-12-01", "2021-01-01"])
    for number in (7, 8):
        world = flows.simulate(number, lag_months=(4.0, 8.0))
        true = world.pairs.loc["HUB"]
        found = flows.monte_carlo(
            *(world.observed, 20, number),
            origin="HUB",
            start="2020-12",
            end="2021-01",
            assumptions=simulation.WORLD,
        )
        own = found.pairs.set_index(["origin", "destination"]).loc["HUB"]
        held = {
            code: own["low_ehs"][code] <= true[code] <= own["high_ehs"][code] for code in true.index
        }
        hits["pairs"] += [held[code] for code in ("A", "B", "C", "D", "PRX")]
        hits["back"].append(held["HUB"])
        hits["retired"].append(held["retired"])
        abroad = found.headlines.set_index("figure").loc["abroad"]
        gone = world.departed_ehs - true["HUB"] - true["retired"]
        hits["abroad"].append(abroad["low"] <= gone <= abroad["high"])
        for method in flows.METHODS:
            guess = flows.estimate(world.observed, method)
            guess = guess[(guess["origin"] == "HUB") & guess["departed"].isin(months)]
            guess = guess.groupby("destination")["flow_ehs"].sum()
            miss = sum(abs(guess.get(code, 0.0) - true[code]) for code in true.index)
            errors[method].append(100 * miss / world.departed_ehs)
    by_hand = {
        "variant": "longer lags",
        "worlds": 2,
        "draws": 20,
        **{f"coverage_{figure}_pct": 100 * np.mean(held) for figure, held in hits.items()},
        **{f"error_{method}_pct": np.mean(two) for method, two in errors.items()},
    }
    table = flows.truth_test(2, 20, seed=7, variants=["longer lags"])
    assert list(table) == list(by_hand)
    assert table.iloc[0].to_dict() == pytest.approx(by_hand)


def test_a_test_says_how_much_it_rests_on():
    table = flows.truth_test(2, 10, variants=list(simulation.VARIANTS)[:2])
    assert list(table["variant"]) == list(simulation.VARIANTS)[:2]
    assert set(table["worlds"]) == {2}
    assert set(table["draws"]) == {10}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: flows.truth_test(0), "^worlds = 0 is not a whole number of 1 or more.$"),
        (lambda: flows.truth_test(1, 0), "^draws = 0 is not a whole number"),
        (lambda: flows.truth_test(1, 5, -1), "^seed = -1 is not a whole number"),
        (
            lambda: flows.truth_test(1, 5, variants=["as feared"]),
            "^variants = 'as feared' is unknown; choose one of as assumed, longer lags, ",
        ),
        (lambda: flows.truth_test(1, 5, variants=[]), r"^variants = \[\] is not a list of names"),
        (lambda: flows.simulate(-1), "^seed = -1 is not a whole number of 0 or more.$"),
        (lambda: flows.simulate(0, {}), r"^assumptions = {} is not an Assumptions\(…\); give one"),
        (lambda: flows.simulate(0, replace(CERTAIN, home=1)), "^home = 1 is not a region"),
        (lambda: flows.simulate(0, lag_months=(4, 1)), r"^lag_months = \(4, 1\) must be \(lowest"),
        (lambda: flows.simulate(0, noise=-1), "^noise = -1 must be a number of zero or more.$"),
        (lambda: flows.simulate(0, turnover=2), "^turnover = 2 must lie between 0 and 1.$"),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
