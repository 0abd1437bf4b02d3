from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from hashrate_migration.errors import InputError
from hashrate_migration.flows.evidence import fleet_likelihood, followed, lag_mixture
from hashrate_migration.flows.evidence.fleets import (
    LOTS,
    _dirichlet_multinomial,
    bit_digital_left,
    bit_digital_running,
    bit_mining_running,
)
from hashrate_migration.tables.read import data_folder, load


class TestWhatWasSeen:
    def test_bit_digital_ran_7710_of_27744_machines_after_half_a_year(self):
        fleet = bit_digital_running()
        assert (fleet.running[0], fleet.machines) == (7710, 27744)
        assert fleet.parts == pytest.approx((0.278, 0.377), abs=5e-4)
        assert fleet.after == ((6, 6), (9, 9))

    def test_bit_mining_ran_90_percent_within_a_quarter(self):
        """79 bitcoin from July to September 2021 over 18.2 and 102.3 PH/s sent."""
        fleet = bit_mining_running()
        assert fleet.parts[0] == pytest.approx(0.90, abs=0.02)
        assert fleet.after == ((1, 3),)
        assert fleet.machines == 320 + 2600

    def test_half_of_bit_digitals_machines_left_its_fleet(self):
        left = bit_digital_left()
        assert left.machines == 35090
        # 27,744 in the end, less 8,516 abroad before and 851 (and at most 3,515 more) bought since.
        assert left.left_low == 35090 - (27744 - 8516 - 851)
        assert left.left_high == left.left_low + 3515
        # By the end of June those neither in China nor shipped had been sold: 11,000, it said.
        sold = 35090 - 9484 - 14500
        assert sold == pytest.approx(11000, rel=0.01)

    def test_the_table_shows_both_firms(self):
        table = followed()
        assert list(table["firm"].unique()) == ["Bit Digital", "BIT Mining"]
        assert table["running_pct"].between(0, 100).all()


class TestTheTable:
    @staticmethod
    def row(**wanted: str) -> int:
        rows = pd.read_csv(data_folder() / "followed_fleets.csv", dtype=str)
        chosen = pd.Series(True, rows.index)
        for column, value in wanted.items():
            chosen &= rows[column] == value
        (found,) = rows.index[chosen]
        return int(found)

    def test_machines_counted_twice_are_refused(self, edit):
        """The page's own double count: 2,130 machines in transit that the total holds already."""
        row = self.row(as_of="2021-04-30", place="USA", state="owned")
        edit("followed_fleets", row, "value", str(7090 + 2130))
        with pytest.raises(InputError, match="add up to 45736 by country, .* counted twice"):
            load("followed_fleets")

    def test_more_than_a_firm_owns_cannot_run(self, edit):
        row = self.row(as_of="2021-12-31", state="running", unit="machines")
        edit("followed_fleets", row, "value", "77100")
        with pytest.raises(
            InputError, match="77100 machines of Bit Digital run on 2021-12-31, but it"
        ):
            load("followed_fleets")

    def test_provinces_hold_no_more_than_the_fleet(self, edit):
        edit("followed_fleets", self.row(place="CN-SC", state="owned"), "value", "29060")
        with pytest.raises(
            InputError, match="provinces of Bit Digital .* more than its whole fleet"
        ):
            load("followed_fleets")

    def test_a_row_that_is_gone_is_named(self, data_copy):
        path = data_copy / "followed_fleets.csv"
        rows = pd.read_csv(path, dtype=str)
        rows[rows["state"] != "abandoned"].to_csv(path, index=False)
        with pytest.raises(
            InputError, match="no row of Bit Digital, abandoned in CHN, machines; add"
        ):
            fleet_likelihood(retired=[0.2])


class TestDirichletMultinomial:
    @given(st.integers(0, 50), st.floats(0.05, 0.95), st.floats(0.5, 20))
    @settings(max_examples=50, deadline=None)
    def test_of_two_classes_it_is_the_beta_binomial(self, count, mean, concentration):
        found = _dirichlet_multinomial(
            np.array([count, 50 - count]), np.array([[mean, 1 - mean]]), concentration
        )
        exact = betabinom.logpmf(count, 50, concentration * mean, concentration * (1 - mean))
        assert found[0] == pytest.approx(exact, abs=1e-8)

    def test_parts_of_a_firm_scatter_like_so_many_lots(self):
        """Intra-class correlation 1 / m: the variance of a part is that of m machines."""
        mean, machines = 0.3, 20_000
        a, b = (LOTS - 1) * mean, (LOTS - 1) * (1 - mean)
        variance = betabinom.var(machines, a, b) / machines**2
        assert variance == pytest.approx(mean * (1 - mean) / LOTS, rel=1e-3)

    def test_an_empty_class_that_cannot_occur_is_no_objection(self):
        means = np.array([[0.5, 0.0, 0.5], [0.5, 0.25, 0.25]])
        assert np.isfinite(_dirichlet_multinomial(np.array([3.0, 0.0, 4.0]), means, 3.0)).all()
        assert _dirichlet_multinomial(np.array([3.0, 1.0, 4.0]), means, 3.0)[0] == -np.inf


class TestLag:
    def test_prepared_moves_are_there_within_months(self):
        share = lag_mixture([0.0, 1.0], [4, 4], [12, 12], 9)
        # From the middle of the month of departure: 3.5 months, of 4 weeks and of 12 months.
        assert share[1, 3] == pytest.approx(1 - np.exp(-3.5 / (4 * 7 / (365.25 / 12))))
        assert share[0, 3] == pytest.approx(1 - np.exp(-3.5 / 12))

    @given(st.floats(0, 1), st.floats(0.5, 20), st.floats(1, 40))
    @settings(max_examples=50, deadline=None)
    def test_it_rises_within_0_and_1_and_mixes(self, prepared, weeks, months):
        mixed, fast, slow = lag_mixture([prepared, 1, 0], [weeks] * 3, [months] * 3, 12)
        assert (np.diff(mixed) >= 0).all()
        assert ((mixed >= 0) & (mixed <= 1)).all()
        assert mixed == pytest.approx(prepared * fast + (1 - prepared) * slow)

    @pytest.mark.parametrize(
        ("given_", "message"),
        [(([1.5], [4], [9]), "outside 0 to 1"), (([0.5], [0], [9]), "must be above zero")],
    )
    def test_bad_input(self, given_, message):
        with pytest.raises(InputError, match=message):
            lag_mixture(*given_, 9)


class TestLikelihood:
    def test_a_mixture_is_likelier_than_either_extreme(self):
        prepared = np.array([0.0, 0.4, 1.0])
        running = lag_mixture(prepared, np.full(3, 4.0), np.full(3, 20.0), 9)
        found = fleet_likelihood(running=running)
        assert found.argmax() == 1

    def test_two_firms_rule_out_little(self):
        """Wide weights: between a third and two thirds prepared the data hardly choose."""
        prepared = np.linspace(1 / 3, 2 / 3, 9)
        running = lag_mixture(prepared, np.full(9, 4.0), np.full(9, 20.0), 9)
        assert np.ptp(fleet_likelihood(running=running)) < 2

    def test_more_lots_judge_harder(self):
        running = lag_mixture([0.4, 1.0], [4.0, 4.0], [20.0, 20.0], 9)
        few, many = (fleet_likelihood(running=running, lots=lots) for lots in (2, 20))
        assert many[0] - many[1] > few[0] - few[1]

    def test_what_was_sold_may_run_elsewhere(self):
        """Any part from a few percent to half may be retired; nearly all may not."""
        few, third, half, nearly_all = fleet_likelihood(retired=[0.05, 0.3, 0.5, 0.95])
        assert max(few, third, half) - min(few, third, half) < 1
        assert nearly_all < half - 2

    def test_pieces_add_up(self):
        running = lag_mixture([0.2, 0.6], [4, 4], [15, 15], 9)
        retired = [0.1, 0.4]
        both = fleet_likelihood(running=running, retired=retired)
        assert both == pytest.approx(
            fleet_likelihood(running=running) + fleet_likelihood(retired=retired)
        )

    def test_what_cannot_have_been(self):
        assert fleet_likelihood(running=np.zeros((1, 10)))[0] == -np.inf
        assert fleet_likelihood(retired=[0.0])[0] == -np.inf

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({}, "Neither running nor retired"),
            ({"retired": [1.2]}, "between 0 and 1"),
            (
                {"running": np.full((2, 5), 0.5)},
                "months 0 to 4, but Bit Digital was followed for 9",
            ),
            ({"running": np.linspace(1, 0, 10)[None]}, "falls from one month to the next"),
            ({"running": np.full((2, 10), 0.5), "retired": [0.1]}, "2 draws and retired 1"),
            ({"retired": [0.1], "lots": 1}, "must be above 1"),
            ({"retired": [0.1], "lots": "four"}, "must be above 1"),
        ],
    )
    def test_bad_input(self, arguments, message):
        with pytest.raises(InputError, match=message):
            fleet_likelihood(**arguments)
