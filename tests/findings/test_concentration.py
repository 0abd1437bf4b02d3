"""Measures of concentration against values worked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hashrate_migration as hm
from hashrate_migration.errors import InputError
from hashrate_migration.findings import concentration


def measured(*parts, rest=None, names=None):
    return concentration.measures(pd.DataFrame([parts], columns=names), rest).iloc[0]


@pytest.mark.parametrize(
    ("parts", "herfindahl", "effective", "half", "entropy"),
    [
        ((1.0,), 1.0, 1.0, 1, 0.0),
        ((0.5, 0.5), 0.5, 2.0, 1, 1.0),
        ((0.25,) * 4, 0.25, 4.0, 2, 2.0),
        # 0.36 + 0.09 + 0.01 = 0.46; entropy 0.6*0.737 + 0.3*1.737 + 0.1*3.322.
        ((0.6, 0.3, 0.1), 0.46, 1 / 0.46, 1, 1.2955),
        # Half, a quarter, two eighths: 1.75 bits is the textbook value.
        ((0.5, 0.25, 0.125, 0.125), 0.34375, 2.9091, 1, 1.75),
        ((0.4, 0.35, 0.25), 0.345, 2.8986, 2, 1.5589),
    ],
)
def test_worked_values(parts, herfindahl, effective, half, entropy):
    row = measured(*parts)
    assert row["herfindahl"] == pytest.approx(herfindahl)
    assert row["effective_number"] == pytest.approx(effective, abs=1e-4)
    assert row["holding_half"] == half
    assert row["entropy_bits"] == pytest.approx(entropy, abs=1e-4)


def test_a_rest_counts_as_many_small_ones():
    row = measured(0.3, 0.2, 0.5, rest="OTH", names=["A", "B", "OTH"])
    assert row["herfindahl"] == pytest.approx(0.13)
    assert row["holding_half"] == 2
    assert np.isnan(measured(0.3, 0.1, 0.6, rest="OTH", names=["A", "B", "OTH"])["holding_half"])


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=12))
def test_bounds_hold_for_any_shares(raw):
    parts = np.array(raw) / np.sum(raw)
    row = measured(*parts)
    n = len(parts)
    assert 1 / n - 1e-9 <= row["herfindahl"] <= 1 + 1e-9
    assert 1 <= row["effective_number"] + 1e-9 <= n + 1e-6
    assert -1e-9 <= row["entropy_bits"] <= np.log2(n) + 1e-9
    assert 1 <= row["holding_half"] <= n
    # Rényi: two to the entropy is at least the effective number.
    assert 2 ** row["entropy_bits"] >= row["effective_number"] - 1e-6


@pytest.mark.parametrize("parts", [(0.5, 0.4), (1.2, -0.2)])
def test_what_does_not_add_up_is_refused(parts):
    with pytest.raises(InputError, match="add up to"):
        measured(*parts)


def test_countries_have_bands_around_the_middle():
    table = concentration.countries("2020-01", "2024-12", draws=200)
    # The map of September 2020: China 67 percent and nine others.
    share = hm.shares("2020-09", "2020-09").iloc[0] / 100
    by_hand = 1 / (share.drop("OTH") ** 2).sum()
    assert table.loc["2020-09-01", "effective_number"] == pytest.approx(by_hand, rel=0.05)
    width = table["effective_number_high"] - table["effective_number_low"]
    assert width["2023-06-01"] > width["2020-06-01"]
    assert (table["effective_number_low"] < table["effective_number_high"]).all()


def test_pools_add_up_and_have_intervals():
    assert concentration.pool_shares().sum(axis=1).to_numpy() == pytest.approx(1)
    homes = concentration.pool_homes()
    assert homes.sum(axis=1).to_numpy() == pytest.approx(1)
    assert homes.loc["2021-07-01", "CHN"] > 0.5
    table = concentration.pools(draws=200)
    inside = table["effective_number"].between(
        table["effective_number_low"] - 0.3, table["effective_number_high"] + 0.3
    )
    assert inside.all()
    assert "2019-01-01" not in table.index


def test_every_assigned_pool_stands_in_the_blocks():
    assert set(hm.load("pools")["pool"]) <= set(hm.load("pool_blocks")["pool"])
