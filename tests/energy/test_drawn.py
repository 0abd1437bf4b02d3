"""The chain drawn as a whole: levels of power, choices, and grams by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import hashrate_migration as hm
from hashrate_migration.energy import carbon, drawn
from hashrate_migration.energy.electricity import FUELS, SOURCES
from hashrate_migration.errors import InputError

CHANCES = arrays.arrays(float, st.integers(1, 30), elements=st.floats(0, 1))


class TestPower:
    @given(CHANCES)
    def test_it_never_leaves_its_bounds(self, chance):
        level = drawn.levels(chance)
        gw = drawn.between(np.array([5.0]), np.array([10.0]), np.array([40.0]), level)
        assert ((gw >= 5 - 1e-9) & (gw <= 40 + 1e-9)).all()

    @given(CHANCES)
    def test_it_lies_above_the_best_guess_as_often_as_the_chance_is_above_a_half(self, chance):
        level = drawn.levels(chance)
        assert np.array_equal(level > 0, (chance > 0.5) & (level != 0))
        assert np.allclose(level, -drawn.levels(1 - chance), atol=1e-7)

    def test_by_hand(self):
        # A twentieth lies below 1 - the root of .1, 0.684 of the way down: 10 x (1/2)^0.684 = 6.23 GW.
        level = drawn.levels(np.array([0.05]))
        gw = drawn.between(np.array([5.0]), np.array([10.0]), np.array([40.0]), level)
        assert gw.item() == pytest.approx(6.2255, abs=1e-3)


class TestChoices:
    def test_a_set_that_is_asked_for_is_taken_as_it_is(self):
        taken = drawn.choices_taken(7, 2, "ipcc-2014")
        assert set(taken.basis) == {"ipcc-2014"}
        assert (taken.factors == carbon.factors_of("ipcc-2014").to_numpy()).all()

    def test_whatever_the_factors_the_rest_is_the_same(self):
        one, other = drawn.choices_taken(7, 2), drawn.choices_taken(7, 2, "direct")
        for name in ("level", "in_provinces", "trend", "baseline", "vintage"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name

    def test_cambridges_own_factors_are_not_among_those_that_are_drawn(self):
        """Its intensity is what the draws are held against."""
        assert "cambridge" not in drawn.BASES
        assert set(drawn.choices_taken(200, 2).basis) == set(drawn.BASES)

    def test_errors_are_as_large_as_the_reviews_are_apart(self):
        apart = abs(carbon.factors_of("ipcc-2011") - carbon.factors_of("ipcc-2014"))
        assert drawn.factor_errors() == pytest.approx((apart / np.sqrt(2)).to_numpy())

    def test_levels_are_spread_evenly(self):
        level = drawn.choices_taken(1000, 2).level
        assert np.median(level) == pytest.approx(0, abs=0.01)
        assert (level < 0).mean() == pytest.approx(0.5)

    def test_unknown_factors_are_refused(self):
        with pytest.raises(InputError, match="factors = 'mine' is unknown; choose one of .*drawn"):
            drawn.drawn("mine")


@pytest.fixture
def two(two_regions) -> drawn.Drawn:
    return two_regions()


class TestByHand:
    """China's provinces burn nothing but coal in winter and run on water in summer."""

    def at(self, found: drawn.Drawn, month: str) -> int:
        return found.months.get_loc(pd.Timestamp(month))

    def test_before_the_ban_it_stands_where_it_stood(self, two):
        # .6 x 0 + .4 x 400 in July 2020; .6 x 1000 + .4 x 400 in January 2021.
        grams = two.intensity()
        assert grams[:, self.at(two, "2020-07-01")] == pytest.approx(160)
        assert grams[:, self.at(two, "2021-01-01")] == pytest.approx(760)

    def test_after_it_each_draw_has_its_choice(self, two):
        # July 2021: .1 x 0 + .9 x 400 where it stood; .1 x 500 + .9 x 400 on the nation's mix.
        grams = two.intensity()[:, self.at(two, "2021-07-01")]
        assert grams == pytest.approx([360, 410])

    def test_provinces_that_the_map_shows_count(self, two_regions):
        seen = np.full((29, len(FUELS)), np.nan)
        found = two_regions(seen=seen)
        place = self.at(found, "2021-07-01")
        seen[place] = [1.0, *[0.0] * 8]
        # All on coal, whatever a draw has chosen: .1 x 1000 + .9 x 400.
        assert found.intensity()[:, place] == pytest.approx([460, 460])

    def test_published_grams_of_a_grid_replace_its_own(self, two_regions):
        found = two_regions(basis="grid")
        # The USA's 400 are published as 300; of China's provinces the nation's 500 as 1000.
        grams = found.intensity()[:, self.at(found, "2021-07-01")]
        assert grams == pytest.approx([0.9 * 300, 0.1 * 1000 + 0.9 * 300])

    def test_mixes_add_to_one(self, two):
        mix = two.mix()
        assert mix.sum(axis=2) == pytest.approx(1)
        # July 2020: .6 water; coal .4 x .4, and the rest of America's is water too.
        assert mix[0, self.at(two, "2020-07-01"), FUELS.index("coal")] == pytest.approx(0.16)

    def test_electricity(self, two):
        # 10 GW for the 744 hours of July.
        assert two.energy_twh()[:, self.at(two, "2020-07-01")] == pytest.approx(7.44)


class TestTheTables:
    def test_every_path_of_the_panel_is_one_draw(self, main):
        draws = hm.country_panel.paths().index.get_level_values("draw").nunique()
        assert main.shares.shape == (draws, len(main.months), len(main.codes))
        assert main.shares.sum(axis=2) == pytest.approx(1, abs=1e-4)

    def test_china_is_not_at_nothing_in_the_summer_of_the_ban(self, main):
        for month in ("2021-07-01", "2021-08-01"):
            place = main.months.get_loc(pd.Timestamp(month))
            assert main.shares[:, place, main.home].mean() > 0.01

    def test_the_upper_end_is_not_the_middle(self, main):
        low, middle, high = drawn.ends(main.intensity())
        assert (high > 1.1 * middle).all()
        assert (low < 0.95 * middle).all()

    def test_mixes_are_whole(self, main):
        assert main.mixes.parts.sum(axis=2) == pytest.approx(1)
        for usual in main.mixes.usual.values():
            assert usual.sum(axis=1) == pytest.approx(1)
        assert len(SOURCES) < len(FUELS) == main.mixes.parts.shape[2]

    def test_power_has_the_best_guess_in_its_middle(self, main):
        power = hm.load("network_power").set_index("month").loc[main.months]
        middle = np.median(main.power_gw, axis=0)
        assert middle == pytest.approx(power["power_best_gw"].to_numpy(), rel=0.01)
        assert (main.power_gw >= power["power_lower_gw"].to_numpy()).all()
        assert (main.power_gw <= power["power_upper_gw"].to_numpy()).all()

    def test_the_usual_provinces_add_to_one(self):
        usual = drawn.usual_provinces()
        assert list(usual.index) == list(range(1, 13))
        assert usual.sum(axis=1).to_numpy() == pytest.approx(1)
        assert usual.loc[8, "CN-SC"] > 2 * usual.loc[2, "CN-SC"]
