"""What is kept of energy: of today, from the draws, and complete."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import energy
from hashrate_migration.energy import counterfactual, drawn, kept
from hashrate_migration.energy.electricity import FUELS
from hashrate_migration.errors import InputError


def test_it_is_of_todays_tables_and_code():
    assert kept.stale() == []


def test_months_are_the_ends_of_the_draws(main):
    months = energy.ranges("2018-01", "2025-11")
    low, middle, high = drawn.ends(main.intensity())
    assert months["intensity_g_per_kwh"].to_numpy() == pytest.approx(middle, abs=1e-3)
    assert months["low_g_per_kwh"].to_numpy() == pytest.approx(low, abs=1e-3)
    assert months["high_g_per_kwh"].to_numpy() == pytest.approx(high, abs=1e-3)


def test_the_line_lies_inside_its_range_everywhere():
    for table in (energy.ranges(), energy.ranges_by_year()):
        columns = [c for c in ("intensity_g_per_kwh", "emissions_mt") if c in table]
        for name in columns:
            unit = name.split("_", 1)[1]
            assert (table[f"low_{unit}"] < table[name]).all(), name
            assert (table[name] < table[f"high_{unit}"]).all(), name


def test_without_a_window_they_begin_with_the_map():
    assert list(energy.ranges().index) == list(energy.network_power().index)


def test_draws_of_a_year_are_added_up_before_their_ends_are_taken(main):
    own = main.months.year == 2022
    mt = (main.energy_twh() * main.intensity())[:, own].sum(axis=1) / 1000
    row = energy.ranges_by_year().loc[2022]
    assert row[["low_mt", "emissions_mt", "high_mt"]].tolist() == pytest.approx(
        drawn.ends(mt).tolist(), abs=1e-3
    )


def test_the_spread_of_factors_makes_the_range_wider():
    wide, narrow = energy.ranges(), energy.ranges(factors=kept.MEDIANS)
    for end, sign in (("low_g_per_kwh", -1), ("high_g_per_kwh", 1)):
        assert (sign * (wide[end] - narrow[end]) > 0).all()


class TestBeside:
    def test_electricity_of_a_year_is_that_of_the_power_table(self):
        ours = energy.beside_studies().set_index("figure_id")["ours"]
        best = energy.network_power("2022-01", "2022-12")["best_twh"].sum()
        assert ours["cbeci-electricity-2022-01"] == pytest.approx(best, rel=0.01)

    def test_a_rate_of_a_month_is_counted_up_to_a_year(self, main):
        ours = energy.beside_studies().set_index("figure_id")["ours"]
        place = main.months.get_loc(pd.Timestamp("2021-08-01"))
        mt = main.power_gw[:, place] * 8.76 * main.intensity()[:, place] / 1000
        name = "de-vries-2022-emissions-2021-08"
        assert ours[name] == pytest.approx(np.median(mt), abs=1e-3)

    def test_shares_add_up(self):
        ours = energy.beside_studies().set_index("figure_id")["ours"]
        own = {
            name: ours[f"ccaf-report-2025-share-{name}-2024-01"]
            for name in ("sustainable", "renewable", "nuclear")
        }
        assert own["sustainable"] == pytest.approx(own["renewable"] + own["nuclear"], abs=0.1)

    def test_mines_projections_and_years_before_the_first_have_nothing_of_ours(self):
        table = hm.load("energy_studies").set_index("figure_id")
        known = set(energy.beside_studies()["figure_id"])
        for name in table.index:
            row = table.loc[name]
            if row["scope"] in ("mines", "projection", "counterfactual", "literature"):
                assert name not in known
            if row["start_month"] < drawn.span()[0]:
                assert name not in known


class TestTheBan:
    def test_the_parts_are_those_of_the_draws(self, main):
        both = counterfactual.worlds(main)
        found = both.parts(counterfactual.window())
        table = energy.ban_parts().query("choice == 'all'").set_index("effect")
        for name, values in found.items():
            assert table.loc[name, "effect_mt"] == pytest.approx(np.median(values), abs=1e-3)
            assert table.loc[name, "raised_pct"] == pytest.approx(100 * (values > 0).mean())

    def test_means_add_up(self):
        mean = energy.ban_parts().query("choice == 'all'").set_index("effect")["mean_mt"]
        parts = mean[list(counterfactual.PARTS)].sum()
        assert parts == pytest.approx(mean["total"], abs=1e-3)

    def test_no_part_but_time_has_a_certain_sign(self):
        table = energy.ban_parts().query("choice == 'all'").set_index("effect")
        assert table.loc["volume", "low_mt"] < 0 < table.loc["volume", "high_mt"]
        assert table.loc["total", "low_mt"] < 0 < table.loc["total", "high_mt"]
        assert table.loc["place", "low_mt"] < 0 < table.loc["place", "high_mt"]

    def test_provinces_that_are_frozen_differ_from_those_that_go_on(self):
        years = energy.ban_years().set_index(["trend", "year"])["effect_mt"]
        assert years["frozen", 2021] == pytest.approx(years["each", 2021], abs=1e-3)
        assert years["national", 2024] > years["frozen", 2024]


class TestScenarios:
    def test_the_surveys_mix_is_the_same_in_every_year(self):
        table = energy.scenarios().query("scenario == 'survey'")
        first = table["intensity_g_per_kwh"].iloc[0]
        assert table["intensity_g_per_kwh"].to_numpy() == pytest.approx(first)

    def test_off_the_grid_by_hand(self, main):
        found = kept.other_intensities(main)
        part = kept.off_grid_part()
        assert part == pytest.approx(0.26)
        assert found["off_grid_flared"] == pytest.approx(0.74 * found["grid"])
        gas = main.choices.factors[:, [FUELS.index("gas")]]
        gap = found["off_grid_gas"] - found["off_grid_flared"]
        assert gap == pytest.approx(np.broadcast_to(0.26 * gas, gap.shape))

    def test_the_grids_mix_is_that_of_the_years(self):
        grid = energy.scenarios().query("scenario == 'grid'").set_index("year")
        years = energy.ranges_by_year()
        assert grid["emissions_mt"].to_numpy() == pytest.approx(years["emissions_mt"].to_numpy())


def test_a_file_that_was_changed_is_refused(data_copy):
    path = data_copy / "derived" / "energy_months.csv"
    path.write_text(path.read_text() + "\n")
    with pytest.raises(InputError, match="has been changed since it was computed; run `.*energy`"):
        energy.ranges()
