from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from random_stocks import random_stocks

from hashrate_migration import flows
from hashrate_migration.errors import InputError


def long(table) -> pd.DataFrame:
    """A table of flows, with only the columns that the indices use, from a square array."""
    regions = list("ABCDEFGH")[: len(table)]
    return pd.DataFrame(
        [
            (origin, destination, float(flow))
            for origin, row in zip(regions, table, strict=True)
            for destination, flow in zip(regions, row, strict=True)
        ],
        columns=["origin", "destination", "flow_ehs"],
    )


# Two tables of Plane and Mulligan (1997, page 253), with the values that the reference of R's
# migration.indices 0.3.1 prints for them.
ONE = long([[0, 10, 10], [20, 0, 20], [30, 30, 0]])
TWO = long([[0, 20, 20], [30, 0, 50], [20, 20, 0]])


def test_published_gini_of_all_pairs():
    assert flows.connectivity(ONE)["pairs_gini"] == pytest.approx(0.2666667, abs=1e-7)
    assert flows.connectivity(TWO)["pairs_gini"] == pytest.approx(0.225)


def test_published_gini_of_each_region():
    one, two = flows.spatial_focus(ONE), flows.spatial_focus(TWO)
    np.testing.assert_allclose(one["destinations_gini"], [0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(two["destinations_gini"], [0, 0.25, 0], atol=1e-12)
    np.testing.assert_allclose(one["origins_gini"], [0.2, 0.5, 0.3333333], atol=1e-7)
    np.testing.assert_allclose(two["origins_gini"], [0.2, 0, 0.4285714], atol=1e-7)


def test_published_coefficients_of_variation():
    one, two = flows.spatial_focus(ONE), flows.spatial_focus(TWO)
    np.testing.assert_allclose(two["destinations_cv"], [0, 0.25, 0], atol=1e-12)
    np.testing.assert_allclose(one["origins_cv"], [0.2, 0.5, 0.3333333], atol=1e-7)
    np.testing.assert_allclose(two["origins_cv"], [0.2, 0, 0.4285714], atol=1e-7)
    aggregate = ["destinations_cv", "origins_cv", "system_cv"]
    np.testing.assert_allclose(flows.connectivity(ONE)[aggregate], [0, 1 / 3, 1 / 3], atol=1e-12)
    np.testing.assert_allclose(flows.connectivity(TWO)[aggregate], [0.125, 0.25, 0.375])


@pytest.mark.parametrize(
    ("table", "by_destinations", "by_origins"),
    [(ONE, 0, 0.1222222), (TWO, 0.02083333, 0.05238095)],
)
def test_published_weighted_gini(table, by_destinations, by_origins):
    # That package weighs a region's destinations by its arrivals, its origins by its departures,
    # and divides by the number of regions.
    focus, total = flows.spatial_focus(table), table["flow_ehs"].sum()
    found = (focus["destinations_gini"] * focus["arrivals_ehs"]).sum() / total / 3
    assert found == pytest.approx(by_destinations, abs=1e-7)
    found = (focus["origins_gini"] * focus["departures_ehs"]).sum() / total / 3
    assert found == pytest.approx(by_origins, abs=1e-7)
    # Ours weighs by what is spread. With two partners each Gini index is a coefficient of variation.
    ours = flows.connectivity(table)
    assert ours["destinations_gini"] == pytest.approx(ours["destinations_cv"])
    assert ours["origins_gini"] == pytest.approx(ours["origins_cv"])


@pytest.mark.parametrize(
    ("moves", "people", "crude", "k"),
    [(2512740, 50948272, 4.93, 0.870), (2384948, 51849861, 4.60, 0.812)],
)
def test_published_intensity(moves, people, crude, k):
    # Moves between the 17 provinces of Korea in 2012 and 2019, as printed in the reference of
    # migest 2.0.5; who moved where does not matter.
    regions = [f"R{number}" for number in range(17)]
    table = pd.DataFrame({"origin": ["R0"], "destination": ["R1"], "flow_ehs": [float(moves)]})
    found = flows.intensity(table, pd.Series(people / 17, regions))
    assert found["crude_intensity_pct"] == pytest.approx(crude, abs=0.005)
    assert found["courgeau_k"] == pytest.approx(k, abs=0.0005)


def test_impact_by_hand():
    # A loses 20 and receives 50, B 40 and 40, C 60 and 30: net 30, 0 and 30 of 240.
    found = flows.impact(ONE, pd.Series({"A": 100.0, "B": 300.0, "C": 200.0}))
    assert found["effectiveness_pct"] == pytest.approx(100 * 60 / 240)
    assert found["net_rate_pct"] == pytest.approx(100 * 30 / 600)


def test_connectivity_by_hand():
    # Five of twelve pairs have a flow; one of 3 against four of 1.
    table = np.zeros((4, 4))
    table[0, 1] = table[1, 2] = table[2, 3] = table[3, 0] = 1
    table[0, 2] = 3
    found = flows.connectivity(long(table))
    assert found["connected_part"] == pytest.approx(5 / 12)
    assert flows.connectivity(long(table), least_ehs=1)["connected_part"] == pytest.approx(1 / 12)
    # Parts 3/7 and four times 1/7 against 1/12 each.
    assert found["inequality"] == pytest.approx(3 / 7 + 4 / 7 - 5 / 12)
    # B, C and D each have one destination: 1. A has 1, 3 and 0: differences 2, 1 and 3, each twice,
    # over 2 (n - 2) times 4.
    assert found["destinations_gini"] == pytest.approx((3 * 1 + 4 * 2 * (2 + 1 + 3) / 16) / 7)
    theil = (0.75 * np.log(9 / 4) + 0.25 * np.log(3 / 4)) * 4 / 7 + np.log(3) * 3 / 7
    assert found["destinations_theil"] == pytest.approx(theil)


def test_extremes():
    alike, alone = np.ones((4, 4)), np.zeros((4, 4))
    alone[0, 1] = 5
    same = flows.connectivity(long(alike))
    assert same.drop("connected_part").abs().max() < 1e-12
    assert same["connected_part"] == 1
    one = flows.connectivity(long(alone))
    gini = ["pairs_gini", "destinations_gini", "origins_gini"]
    np.testing.assert_allclose(one[gini], 1)
    np.testing.assert_allclose(one[["destinations_cv", "origins_cv"]], np.sqrt(2))
    np.testing.assert_allclose(one[["destinations_theil", "origins_theil"]], np.log(3))
    assert one["pairs_theil"] == pytest.approx(np.log(12))
    assert one["inequality"] == pytest.approx(11 / 12)
    focus = flows.spatial_focus(long(alone))
    assert focus["destinations_gini"].isna().tolist() == [False, True, True, True]
    stocks = pd.Series(10.0, list("ABCD"))
    assert flows.impact(long(alone), stocks)["effectiveness_pct"] == pytest.approx(100)
    assert flows.impact(long(alike), stocks)["effectiveness_pct"] == pytest.approx(0)


def test_only_moves_between_regions_count():
    extra = pd.DataFrame(
        [("new", "A", 9.0), ("B", "retired", 9.0), ("C", "C", 9.0), ("A", "B", 10.0)],
        columns=["origin", "destination", "flow_ehs"],
    )
    table = flows.flow_table(pd.concat([ONE, extra]))
    assert table.to_numpy().tolist() == [[0, 20, 10], [20, 0, 20], [30, 30, 0]]
    wider = flows.flow_table(ONE, ["C", "B", "A", "D"])
    assert wider.loc["C", "A"] == 30
    assert wider.index.tolist() == wider.columns.tolist() == ["C", "B", "A", "D"]
    assert wider["D"].sum() == wider.loc["D"].sum() == 0


TABLES = hnp.arrays(float, (4, 4), elements=st.one_of(st.just(0.0), st.floats(1e-3, 1e3))).filter(
    lambda x: x.sum() > np.trace(x)
)


@settings(max_examples=20, deadline=None)
@given(table=TABLES, factor=st.sampled_from([1e-3, 7.0]))
def test_identities(table, factor):
    found = flows.connectivity(long(table))
    # Size does not matter, and turning all moves round swaps origins and destinations.
    pd.testing.assert_series_equal(flows.connectivity(long(table * factor)), found, rtol=1e-6)
    turned = flows.connectivity(long(table.T))
    for name in ("gini", "cv", "theil"):
        assert turned[f"origins_{name}"] == pytest.approx(found[f"destinations_{name}"])
    for name in ("connected_part", "inequality", "pairs_gini", "pairs_theil", "system_cv"):
        assert turned[name] == pytest.approx(found[name])
    parts = ["connected_part", "inequality", "pairs_gini", "destinations_gini", "origins_gini"]
    assert found[parts].between(-1e-12, 1 + 1e-12).all()
    # Theil (1967): inequality of all is that between origins and that within.
    departures = flows.spatial_focus(long(table))["departures_ehs"].to_numpy()
    parted = departures[departures > 0] / departures.sum()
    between = (parted * np.log(parted * 4)).sum()
    assert found["pairs_theil"] == pytest.approx(between + found["destinations_theil"])
    # Bell et al. (2002): the net rate is intensity times effectiveness.
    stocks = pd.Series([1.0, 20, 300, 0], list("ABCD"))
    impact, intensity = flows.impact(long(table), stocks), flows.intensity(long(table), stocks)
    crude = intensity["crude_intensity_pct"]
    assert impact["net_rate_pct"] == pytest.approx(crude * impact["effectiveness_pct"] / 100)
    assert intensity["courgeau_k"] == pytest.approx(crude / (2 * np.log(4)))


@settings(max_examples=15, deadline=None)
@given(stocks=random_stocks(months=2))
def test_the_fewest_moves_of_one_month_are_all_effective(stocks):
    # A region only loses or only gains, so nothing cancels out.
    table = flows.estimate(stocks, "minimum")
    regions = list(stocks.columns)
    if flows.flow_table(table, regions).to_numpy().sum() > 0:
        found = flows.impact(table, stocks.iloc[0])
        assert found["effectiveness_pct"] == pytest.approx(100)


SERIES = pd.Series(1.0, list("ABC"))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: flows.flow_table(ONE.drop(columns="origin")),
            "^flows has no column origin; give a table as flows.estimate gives it.$",
        ),
        (
            lambda: flows.flow_table(ONE.assign(flow_ehs=-1.0)),
            "^The flows must be numbers of zero or more; correct flow_ehs.$",
        ),
        (
            lambda: flows.flow_table(ONE, ["A", "B"]),
            "^The flows name C, which is not among the regions; add it.$",
        ),
        (
            lambda: flows.flow_table(ONE, ["A", "B", "C", "C"]),
            "^regions must name two regions or more, each once.$",
        ),
        (
            lambda: flows.spatial_focus(ONE[ONE["origin"].eq("A") & ONE["destination"].eq("B")]),
            "^Spatial focus needs three regions or more; there are 2.$",
        ),
        (
            lambda: flows.connectivity(ONE.assign(flow_ehs=0.0)),
            "^Nothing moves from one region to another; there is nothing to measure.$",
        ),
        (
            lambda: flows.connectivity(ONE, least_ehs=-1),
            "^least_ehs = -1 must be a number of zero or more.$",
        ),
        (
            lambda: flows.impact(ONE, SERIES * 0),
            "^The stocks must be numbers of zero or more, one of them above zero.$",
        ),
        (
            lambda: flows.intensity(ONE, {"A": 1}),
            "^stocks = {'A': 1} is not a series with the stock of each region; give one.$",
        ),
        (lambda: flows.intensity(ONE, SERIES[:2]), "^The flows name C, which is not among"),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
