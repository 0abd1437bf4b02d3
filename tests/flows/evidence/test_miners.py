from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.flows.evidence import miners_floor, output_growth
from hashrate_migration.flows.evidence.miners import own_hashrate
from hashrate_migration.hashrate.mining_map import stocks
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables.read import load


def test_all_new_coins_of_a_month_are_the_whole_network():
    blocks = load("network_daily").set_index("date")["blocks"].loc["2021-07"].sum()
    found = own_hashrate(6.25 * blocks, "2021-07", "2021-07")
    assert found == pytest.approx(network_hashrate("2021-07", "2021-07").iloc[0])


def test_american_firms_gained_half_an_exahash_where_the_map_shows_nine():
    """Riot and Marathon: 508.6 bitcoin in June 2021, 886 in July (table of The Block)."""
    found = output_growth("2021-06", "2021-07")
    assert found.loc["USA", "firms"] == "Marathon+Riot"
    assert found.loc["USA", "before_ehs"] == pytest.approx(508.6 / (6.25 * 3538) * 120.1, rel=1e-3)
    assert found.loc["USA", "after_ehs"] == pytest.approx(886 / (6.25 * 4371) * 100.3, rel=1e-3)
    assert found.loc["USA", "growth_ehs"] == pytest.approx(0.5, abs=0.05)
    mapped = stocks()["USA"]
    assert mapped["2021-07-01"] - mapped["2021-06-01"] == pytest.approx(9.1, abs=0.05)


def test_luck_is_that_of_so_many_blocks():
    found = output_growth().loc["USA"]
    june, july = (
        found[name] / np.sqrt(coins / 6.25)
        for name, coins in (("before_ehs", 508.6), ("after_ehs", 886))
    )
    assert found["luck_ehs"] == pytest.approx(np.hypot(june, july))


def test_sums_in_the_table_of_shares_are_those_of_the_firms():
    """The panel's rows of listed firms for June and July 2021 are sums of rows here."""
    shares = load("share_estimates")
    summed = shares[shares["estimate_id"].str.match(r"listed-2021-0[67]-(usa|can)$")]
    output = load("miner_output")
    assert len(summed) == 4
    for row in summed.itertuples():
        own = output[(output["place"] == row.region) & (output["start_month"] == row.start_month)]
        own = own[own["end_month"] == own["start_month"]]
        assert own["bitcoin"].sum() == pytest.approx(row.bitcoin)


class TestFloor:
    def test_a_growth_far_above_the_floor_is_not_judged(self):
        assert miners_floor({"USA": [9.1, 30.0]}) == pytest.approx(0, abs=0.02)

    def test_at_the_floor_it_is_even(self):
        floor = output_growth().loc["USA", "growth_ehs"]
        assert miners_floor({"USA": [floor]}) == pytest.approx(np.log(0.5))

    def test_it_never_falls_with_growth(self):
        found = miners_floor({"USA": np.linspace(-10, 10, 50), "CAN": np.linspace(-5, 5, 50)})
        assert (np.diff(found) >= 0).all()

    def test_countries_add_up_and_others_do_not_count(self):
        usa, can = np.array([0.0, 1.0]), np.array([0.2, -0.3])
        both = miners_floor({"USA": usa, "CAN": can, "RUS": [5.0, -5.0]})
        assert both == pytest.approx(miners_floor({"USA": usa}) + miners_floor({"CAN": can}))

    def test_it_is_softer_the_more_others_may_have_lost(self):
        hard, soft = (miners_floor({"USA": [-3.0]}, others_ehs=lost) for lost in (0.5, 3.0))
        assert hard < soft

    @pytest.mark.parametrize(
        ("growth", "options", "message"),
        [
            ({"RUS": [1.0]}, {}, "names RUS, but miner_output.csv has figures for CAN, USA"),
            ({}, {}, "equally many draws of one place or more"),
            ({"USA": [1.0], "CAN": [1.0, 2.0]}, {}, "equally many"),
            ([1.0], {}, "not a mapping"),
            ({"USA": [1.0]}, {"before": "2019-06"}, "no firm with figures for 2019-06"),
            ({"USA": [1.0]}, {"before": "2021-07", "after": "2021-06"}, "choose other months"),
            ({"USA": [1.0]}, {"others_ehs": -1}, "others_ehs"),
        ],
    )
    def test_bad_input(self, growth, options, message):
        with pytest.raises(InputError, match=message):
            miners_floor(growth, **options)


def test_other_halvings_are_refused():
    with pytest.raises(InputError, match=r"when a block brought 6\.25 bitcoin"):
        own_hashrate(100, "2020-01", "2020-02")
    with pytest.raises(InputError, match="must run forward"):
        own_hashrate(100, pd.Timestamp("2021-07-01"), "2021-06")
