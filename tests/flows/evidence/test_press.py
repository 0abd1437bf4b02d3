from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from hashrate_migration.errors import InputError
from hashrate_migration.flows.evidence import counted_hashrate, press, press_counts
from hashrate_migration.tables.read import data_folder, load


def test_russias_machines_are_3_to_14_exahash():
    """205,000 machines of 14 to 68 TH/s."""
    row = counted_hashrate().set_index("report_id").loc["to-russia"]
    assert (row["old_ehs"], row["new_ehs"]) == pytest.approx((2.87, 13.94))


def test_counts_over_all_destinations_are_left_out():
    assert set(counted_hashrate()["destination"]) == {"KAZ", "RUS", "USA"}


def test_those_not_back_are_no_part_of_those_that_were_moved():
    rows = load("relocation_reports").set_index("report_id")
    assert rows.loc["not-back", "source_id"] != rows.loc["all-out", "source_id"]
    assert not rows.loc["not-back", "statement"].startswith("of these")


def test_one_floor_is_the_probability_that_it_lies_below():
    row = counted_hashrate().set_index("report_id").loc["to-russia"]
    drawn = np.array([0.5, 2.0, 8.0])
    exact = norm.logcdf(np.log(drawn / row["median_ehs"]) / row["log_sd"])
    assert press_counts({"RUS": drawn}) == pytest.approx(exact, abs=1e-3)


def test_counts_of_a_publisher_err_together():
    """Two floors of one publisher, by an integral over what they share."""
    rows = counted_hashrate().set_index("report_id")
    machines = load("reference_machines").set_index("role")["hashrate_ths"]
    shared = np.sqrt(press.PUBLISHER_CORRELATION) * np.log(machines["new"] / machines["old"]) / 3.29
    drawn = {"RUS": 1.5, "USA": 0.8}

    def together(u: float) -> float:
        chance = norm.pdf(u)
        for report, place in (("to-russia", "RUS"), ("to-usa", "USA")):
            row = rows.loc[report]
            own = np.sqrt(row["log_sd"] ** 2 - shared**2)
            chance *= norm.cdf((np.log(drawn[place] / row["median_ehs"]) - shared * u) / own)
        return chance

    found = press_counts({place: [value] for place, value in drawn.items()})[0]
    assert found == pytest.approx(np.log(quad(together, -8, 8)[0]), abs=1e-3)
    alone = sum(press_counts({place: [value]})[0] for place, value in drawn.items())
    assert found > alone


def test_floor_and_ceiling_of_kazakhstan_leave_a_middle():
    found = press_counts({"KAZ": [0.05, 2.0, 60.0]})
    assert found.argmax() == 1
    assert (found[[0, 2]] < found[1] - 3).all()


def test_a_plain_count_is_two_sided(edit):
    rows = list(pd.read_csv(data_folder() / "relocation_reports.csv")["report_id"])
    edit("relocation_reports", rows.index("to-russia"), "bound", "about")
    centre = counted_hashrate().set_index("report_id").loc["to-russia", "median_ehs"]
    low, middle, high = press_counts({"RUS": centre * np.array([0.2, 1, 5])})
    assert low == pytest.approx(high)
    assert middle > low


@given(st.lists(st.floats(0.01, 50), min_size=2, max_size=6))
@settings(max_examples=25, deadline=None)
def test_floors_never_speak_against_more(values):
    drawn = np.sort(values)
    found = press_counts({"USA": drawn, "RUS": drawn})
    assert (np.diff(found) >= -1e-12).all()
    assert (found <= 1e-12).all()


def test_nothing_received_cannot_be():
    assert press_counts({"RUS": [0.0]})[0] == -np.inf


@pytest.mark.parametrize(
    ("received", "message"),
    [
        ({"CAN": [1.0]}, "names CAN, but relocation_reports.csv counts machines for KAZ, RUS, USA"),
        ({"RUS": [-1.0]}, "below zero"),
        ({"RUS": [1.0], "USA": [1.0, 2.0]}, "equally many"),
        ({"RUS": [np.inf]}, "not finite"),
        (3, "not a mapping"),
    ],
)
def test_bad_input(received, message):
    with pytest.raises(InputError, match=message):
        press_counts(received)
