from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.flows.drawn_stocks import (
    draw_shares,
    draw_stocks,
    hidden_by_default,
    summer_ranges,
)

SURE = flows.Assumptions(
    pool_correlation=1e-9, blocks_per_month=0, proxy_share=(0, 0), hidden={}, jump_share=(0, 0)
)
"""The map as it is."""

STOCKS = hm.stocks("2021-03", "2021-12")


def drawn(stocks: pd.DataFrame, assumptions: flows.Assumptions, start: int = 3, count: int = 2):
    """Stocks drawn around a map: region, month, draw."""
    network = stocks.sum(axis=1).to_numpy()
    months = [f"{month:%Y-%m}" for month in stocks.index]
    shares = (stocks.to_numpy() / network[:, None]).T
    found, _ = draw_stocks(
        *(shares, network, count, list(stocks), months, start, assumptions),
        np.random.default_rng(0),
    )
    return found


def test_shares_vary_as_the_derivation_says():
    assumptions = flows.Assumptions(pool_correlation=0.05)
    shares = np.array([[0.44, 0.44], [0.3, 0.3], [0.19, 0.19], [0.07, 0.07], [0.0, 0.0]])
    found = draw_shares(shares, 40_000, assumptions, np.random.default_rng(0))
    np.testing.assert_allclose(found.sum(axis=0), 1)
    assert (found[4] == 0).all()
    wanted = shares * (1 - shares) / (assumptions.concentration + 1)
    np.testing.assert_allclose(found.var(axis=2)[:4], wanted[:4], rtol=0.1)
    lagged = np.corrcoef(found[0, 0], found[0, 1])[0, 1]
    assert lagged == pytest.approx(assumptions.persistence, abs=0.01)


def test_a_part_of_the_error_changes_when_the_window_starts():
    shares = np.full((4, 4), 0.25)
    a = flows.Assumptions(pool_correlation=0.05, jump_share=(0.6, 0.6), persistence=1.0)
    found = draw_shares(shares, 20_000, a, np.random.default_rng(0), jump=2)
    apart = np.corrcoef(found[0])
    assert apart[0, 1] == pytest.approx(1)
    assert apart[2, 3] == pytest.approx(1)
    # What does not change is two fifths of the variance.
    assert apart[1, 2] == pytest.approx(0.4, abs=0.03)
    # In all it is as large as without.
    plain = draw_shares(shares, 20_000, a, np.random.default_rng(1))
    np.testing.assert_allclose(found.var(axis=2), plain.var(axis=2), rtol=0.06)


def test_the_error_is_wider_where_the_home_shows_nothing():
    shares = np.array([[0.4, 0.0, 0.4], [0.3, 0.5, 0.3], [0.3, 0.5, 0.3]])
    a = flows.Assumptions(pool_correlation=0.05, pools_at_zero=1.75)
    zero = np.array([False, True, False])
    found = draw_shares(shares, 30_000, a, np.random.default_rng(0), zero=zero)
    plain = draw_shares(shares, 30_000, a, np.random.default_rng(0))
    # Half the pools are twice the variance.
    assert found[1, 1].var() / plain[1, 1].var() == pytest.approx(2, rel=0.1)
    np.testing.assert_allclose(found[:, 2].var(axis=1), plain[:, 2].var(axis=1), rtol=0.05)


def test_the_correlation_of_the_pools_is_drawn_evenly_on_a_logarithmic_scale():
    a = flows.Assumptions(pool_correlation=(0.02, 0.2))
    shares = np.full((2, 2), 0.5)
    months = ["2021-01", "2021-02"]
    _, parameters = draw_stocks(
        *(shares, np.ones(2), 20_000, ["A", "B"], months, 1, a), np.random.default_rng(0)
    )
    correlation = parameters["pool_correlation"]
    assert correlation.min() >= 0.02
    assert correlation.max() <= 0.2
    assert np.median(correlation) == pytest.approx(np.sqrt(0.02 * 0.2), rel=0.03)


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


def a_third_of_what_lacks(stocks: pd.DataFrame) -> pd.DataFrame:
    """A third of what China lacked, since June, of its stock of May stood there."""
    moved = stocks.copy()
    others = stocks.columns.drop("CHN")
    for month in stocks.index[3:]:
        lack = max(stocks.loc["2021-05-01", "CHN"] - stocks.loc[month, "CHN"], 0)
        moved.loc[month, others] *= 1 - lack / 3 / stocks.loc[month, others].sum()
        moved.loc[month, "CHN"] += lack / 3
    return moved


@pytest.mark.parametrize(
    ("assumed", "by_hand"),
    [
        ({}, pd.DataFrame.copy),
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
        ({"hidden": None, "hidden_share": (1 / 3, 1 / 3)}, a_third_of_what_lacks),
    ],
)
def test_what_is_assumed_of_the_map_is_what_it_does_to_the_stocks(assumed, by_hand):
    found = drawn(STOCKS, replace(SURE, **assumed))
    np.testing.assert_allclose(found[..., 0].T, by_hand(STOCKS), atol=1e-2)


def test_no_more_than_nine_tenths_of_what_others_show_can_be_hidden():
    stocks = STOCKS.copy()
    stocks.loc["2021-03-01", "CHN"] *= 3
    a = replace(SURE, hidden={"2021-07": (1, 1)}, hidden_reference="2021-03")
    found = drawn(stocks, a)[..., 0].T
    july = list(stocks.index).index(pd.Timestamp("2021-07-01"))
    others = stocks.columns.drop("CHN")
    assert found[july].sum() == pytest.approx(stocks.iloc[july].sum(), rel=1e-3)
    shown = stocks.loc["2021-07-01", others].sum()
    assert found[july][0] == pytest.approx(0.9 * shown, rel=1e-2)


def test_the_luck_of_blocks_is_one_over_the_root_of_their_number():
    found = drawn(STOCKS, replace(SURE, blocks_per_month=100.0), count=4000)
    network = found.sum(axis=0) / STOCKS.sum(axis=1).to_numpy()[:, None]
    np.testing.assert_allclose(network.std(axis=1), 0.1, rtol=0.06)


def test_what_is_hidden_unless_told_otherwise():
    stocks = hm.stocks()
    assert hidden_by_default(stocks, "CHN") == summer_ranges(stocks)
    # Stocks without the summer, in which China did not vanish, or of another home.
    assert hidden_by_default(stocks["2021-06":], "CHN") is None
    assert hidden_by_default(stocks.assign(CHN=stocks["CHN"] + 1), "CHN") is None
    assert hidden_by_default(stocks, "KAZ") is None


def test_what_the_chain_says_of_the_zero():
    ranges = summer_ranges(hm.stocks())
    july, august = ranges["2021-07"], ranges["2021-08"]
    assert july[0] == 0
    assert july[1] == pytest.approx(0.56, abs=0.01)
    assert august == pytest.approx((0.36, 1.0), abs=0.01)


def test_the_zero_of_a_worked_example():
    # The network lost 50 of 160 from May to July: of China's 70 at most 20 can have been left. It
    # grew by 10 in September, so of the 40 shown there at least 30 had been running.
    stocks = pd.DataFrame(
        {"CHN": [70.0, 40, 0, 0, 40], "USA": [90.0, 90, 110, 130, 100]},
        pd.date_range("2021-05-01", "2021-09-01", freq="MS"),
    )
    assert summer_ranges(stocks) == {"2021-07": (0.0, 0.5), "2021-08": (0.75, 1.0)}
    # Iran's 6 of May may be a part of the 50 and 20 + 6 left; its 2 of August may have gone in
    # September, so that China grew by 12.
    iran = stocks.assign(USA=stocks["USA"] - [6, 4, 2, 2, 0], IRN=[6.0, 4, 2, 2, 0])
    assert summer_ranges(iran) == {"2021-07": (0.0, 0.65), "2021-08": (0.7, 1.0)}
    # No more than all of September's, and no less than nothing.
    assert summer_ranges(stocks.assign(USA=[90.0, 90, 150, 130, 100]))["2021-07"] == (0.0, 1.0)
    assert summer_ranges(stocks.assign(USA=[200.0, 90, 110, 90, 190])) == {
        "2021-07": (0.0, 0.0),
        "2021-08": (0.0, 1.0),
    }
