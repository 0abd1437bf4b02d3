"""The effect of the ban: by hand, its identities, and what the tables say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import hashrate_migration as hm
from hashrate_migration import chronology
from hashrate_migration.energy import counterfactual, drawn
from hashrate_migration.energy.counterfactual import PARTS, split

AMOUNTS = arrays.arrays(float, 4, elements=st.floats(0, 1000))


def test_a_difference_by_hand():
    # 10 TWh at 500 g before, 8 TWh at 440 g now; the old places would give 480 g on the grids of now.
    given_ = [np.array(value) for value in (10.0, 8.0)]
    grams = {name: np.array(value) for name, value in (("neither", 500.0), ("time", 480.0))}
    found = split(*given_, **grams, both=np.array(440.0))
    expected = {"place": -0.32, "volume": -1.0, "time": -0.2, "residual": 0.04, "total": -1.48}
    assert {name: float(value) for name, value in found.items()} == pytest.approx(expected)


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_parts_and_residual_add_up_to_the_whole(before, now, neither, time, both):
    found = split(before, now, neither=neither, time=time, both=both)
    assert sum(found[name] for name in PARTS) == pytest.approx(found["total"], abs=1e-9)
    assert found["total"] == pytest.approx((now * both - before * neither) / 1000)
    # What is left over is what power and grids do together.
    assert found["residual"] == pytest.approx((now - before) * (time - neither) / 1000, abs=1e-9)


@given(AMOUNTS, AMOUNTS)
def test_where_nothing_changed_there_is_no_effect(energy, grams):
    found = split(energy, energy, neither=grams, time=grams, both=grams)
    assert all((values == 0).all() for values in found.values())


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_one_change_alone_leaves_no_residual(before, now, grams):
    found = split(before, now, neither=grams, time=grams, both=grams)
    assert found["volume"] == pytest.approx(found["total"])
    assert found["residual"] == pytest.approx(0, abs=1e-9)


class TestTwoRegions:
    """China at 60 percent before and 10 after; provinces on coal in winter, on water in summer."""

    @pytest.fixture
    def both(self, two_regions) -> counterfactual.Worlds:
        return counterfactual.worlds(two_regions())

    def test_the_world_without_the_ban(self, both):
        july = both.months.get_loc(pd.Timestamp("2021-07-01"))
        # .6 x 0 + .4 x 400, on the grids of before and of now alike; 10 GW for 744 hours.
        assert both.neither[:, july] == pytest.approx(160)
        assert both.time[:, july] == pytest.approx(160)
        assert both.energy_before[:, july] == pytest.approx(7.44)
        # 8 GW; .1 x 0 or 500, .9 x 400.
        assert both.energy_now[:, july] == pytest.approx(5.952)
        assert both.both[:, july] == pytest.approx([360, 410])

    def test_its_parts(self, both):
        found = both.parts(pd.DatetimeIndex(["2021-07-01"]))
        # 5.952 x 200 and 250; (5.952 - 7.44) x 160.
        assert found["place"] == pytest.approx([1.1904, 1.488])
        assert found["volume"] == pytest.approx([-0.23808, -0.23808])
        assert found["time"] == pytest.approx(0)
        assert found["residual"] == pytest.approx(0, abs=1e-12)
        assert found["total"] == pytest.approx([0.95232, 1.24992])

    def test_in_winter_the_sign_turns(self, both):
        found = both.parts(pd.DatetimeIndex(["2022-01-01"]))
        # .1 x 1000 or 500 + .9 x 400 beside .6 x 1000 + .4 x 400 = 760; 8 GW for 744 hours.
        assert found["place"] == pytest.approx([5.952 * (460 - 760) / 1000, 5.952 * -350 / 1000])

    def test_grids_that_went_on_are_time(self, two_regions):
        cleaner = two_regions(america=(0.4, 0.2))
        found = counterfactual.worlds(cleaner).parts(pd.DatetimeIndex(["2021-07-01"]))
        # America burns half the coal since: .4 x (200 - 400) at 7.44 TWh.
        assert found["time"] == pytest.approx(-0.5952)
        # (5.952 - 7.44) x -80.
        assert found["residual"] == pytest.approx(0.11904)

    def test_arrivals_on_coal(self, both):
        # America gained half the network; its coal at 1000 for its mix at 400.
        july = both.months.get_loc(pd.Timestamp("2021-07-01"))
        assert both.fossil[:, july] - both.both[:, july] == pytest.approx(0.5 * 600)


@pytest.fixture(scope="module")
def both(main) -> counterfactual.Worlds:
    return counterfactual.worlds(main)


class TestTheTables:
    def test_it_runs_from_the_call_to_the_maps_end(self, both):
        assert both.months[0] == chronology.AFTER
        assert list(counterfactual.window()) == list(both.months[: len(counterfactual.window())])
        assert counterfactual.window()[-1] == hm.shares().index[-1]

    def test_in_every_draw_the_parts_are_the_whole(self, both):
        found = both.parts(counterfactual.window())
        assert sum(found[name] for name in PARTS) == pytest.approx(found["total"])

    def test_patterns_add_to_one_with_seasons_kept(self, main):
        found = counterfactual.patterns(main)
        assert found.sum(axis=2) == pytest.approx(1, abs=1e-4)
        # Of the last twelve months each calendar month is one month: the path's own.
        last_year = main.choices.baseline == "last_year"
        place = main.months.get_loc(pd.Timestamp("2020-09-01"))
        assert found[last_year, 8] == pytest.approx(main.shares[last_year, place])

    def test_dirtier_arrivals_emit_more(self, both):
        assert (both.fossil >= both.both - 1e-9).all()

    def test_volume_turns_on_the_power_that_it_is_held_against(self, main, both):
        volume = both.parts(counterfactual.window())["volume"]
        taken = main.choices.power_months
        assert set(taken) == set(drawn.POWER_MONTHS)
        assert (volume[taken == 1] < 0).all()
        assert (volume[taken == 12] > 0).mean() > 0.9
