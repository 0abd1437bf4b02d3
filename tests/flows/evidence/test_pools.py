from __future__ import annotations

import numpy as np
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.flows.evidence import pool_growth, pools_floor
from hashrate_migration.hashrate.mining_map import stocks
from hashrate_migration.tables.read import load


def test_american_pools_gained_far_less_than_the_map_shows():
    """Foundry: 180 of 3,538 blocks in June 2021, 321 of 4,371 in July."""
    found = pool_growth()
    assert found["pools"] == "Foundry USA"
    assert found["before_ehs"] == pytest.approx(180 / 3538 * 120.1, rel=1e-3)
    assert found["after_ehs"] == pytest.approx(321 / 4371 * 100.3, rel=1e-3)
    assert found["growth_ehs"] == pytest.approx(found["after_ehs"] - found["before_ehs"])
    mapped = stocks()[["USA", "CAN"]].sum(axis=1)
    assert found["growth_ehs"] < (mapped["2021-07-01"] - mapped["2021-06-01"]) / 5


def test_no_pool_counts_whose_blocks_are_a_listed_firm_s_output():
    """Marathon's coins of July 2021 are in miner_output, so MARA Pool is not here."""
    output = load("miner_output")
    assert "Marathon" in set(output["firm"])
    assert "MARA" not in pool_growth()["pools"]


def test_luck_is_that_of_so_many_blocks():
    found = pool_growth()
    june, july = found["before_ehs"] / np.sqrt(180), found["after_ehs"] / np.sqrt(321)
    assert found["luck_ehs"] == pytest.approx(np.hypot(june, july))


class TestFloor:
    def test_a_growth_far_above_the_floor_is_not_judged(self):
        assert pools_floor([13.0, 40.0]) == pytest.approx(0, abs=0.01)

    def test_at_the_floor_it_is_even(self):
        """A quarter of the gain came from other pools, so the floor is three quarters of it."""
        floor = 0.75 * pool_growth()["growth_ehs"]
        assert pools_floor([floor]) == pytest.approx(np.log(0.5))

    def test_who_came_from_other_pools_can_only_lower_it(self):
        growth = [pool_growth()["growth_ehs"] - 1.0]
        never, half = (pools_floor(growth, changed_part=(part, part)) for part in (0.0, 0.5))
        assert half > never

    def test_it_never_falls_with_growth(self):
        assert (np.diff(pools_floor(np.linspace(-10, 10, 50))) >= 0).all()

    def test_it_is_softer_the_more_may_have_come_from_other_pools(self):
        narrow, wide = (pools_floor([-3.0], changed_part=ends) for ends in ((0.2, 0.3), (0.0, 0.5)))
        assert narrow < wide

    @pytest.mark.parametrize(
        ("growth", "options", "message"),
        [
            ([], {}, "give one number per draw"),
            ([np.nan], {}, "not finite"),
            ([1.0], {"before": "2019-06"}, "the whole months of pool_blocks_daily.csv"),
            ([1.0], {"before": "2021-07", "after": "2021-06"}, "must run forward"),
            ([1.0], {"changed_part": (-1, 0.5)}, "must run from low to high within 0 to 1"),
            ([1.0], {"changed_part": (0.6, 0.5)}, "must run from low to high within 0 to 1"),
        ],
    )
    def test_bad_input(self, growth, options, message):
        with pytest.raises(InputError, match=message):
            pools_floor(growth, **options)


def test_without_such_pools_it_is_refused(data_copy):
    path = data_copy / "pools.csv"
    path.write_text(path.read_text().replace(",USA,", ",CAN,"))
    with pytest.raises(InputError, match="has no blocks of pools of USA for 2021-06"):
        pool_growth()
