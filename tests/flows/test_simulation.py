from __future__ import annotations

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
    table = flows.truth_test(worlds=25, draws=200, seed=500, variants=["as assumed"])
    row = table.iloc[0]
    # 25 worlds x 5 pairs: two standard errors of so few are 12 points of what the kept table has.
    assert 78 <= row["coverage_pairs_pct"] <= 99
    assert row["coverage_abroad_pct"] >= 76
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


def test_a_test_says_how_much_it_rests_on():
    table = flows.truth_test(2, 10, variants=list(simulation.VARIANTS)[:2])
    assert list(table["variant"]) == list(simulation.VARIANTS)[:2]
    assert set(table["worlds"]) == {2}
    assert set(table["draws"]) == {10}


def test_no_worlds():
    with pytest.raises(InputError, match="worlds = 0"):
        flows.truth_test(0)
