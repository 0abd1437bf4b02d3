"""What is believed before a figure is seen."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.country_panel import prior
from hashrate_migration.country_panel.prior import DEFAULT, Prior
from hashrate_migration.errors import InputError


def test_the_default_is_sound():
    DEFAULT.check()


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Prior)])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), "much"])
def test_a_number_that_cannot_be_is_refused(name, value):
    with pytest.raises(InputError, match=f"^{name} = .* is not a number above 0"):
        dataclasses.replace(DEFAULT, **{name: value}).check()


@pytest.mark.parametrize("name", ["hidden", "least_factor"])
def test_a_part_is_below_one(name):
    with pytest.raises(InputError) as caught:
        dataclasses.replace(DEFAULT, **{name: 1.0}).check()
    assert str(caught.value) == f"{name} = 1.0 is not below 1."


@pytest.mark.parametrize("least", [0.1, 0.5, 0.9])
def test_errors_of_a_kind_are_what_the_table_says_unless_learned_otherwise(least):
    belief = Prior(least_factor=least)
    assert belief.factor(1.0) == pytest.approx(1)
    # However little the figures scatter, a part of the error stays; upwards there is no end.
    assert belief.factor(0.0) == pytest.approx(least)
    assert belief.factor(np.array([0.5, 2.0])) == pytest.approx([(1 + least) / 2, 2 - least])


@pytest.mark.parametrize("half_life", [1.0, 12.0, 48.0])
def test_half_of_a_distance_is_forgotten_in_a_half_life(half_life):
    belief = Prior(half_life=half_life)
    assert belief.persistence**half_life == pytest.approx(0.5)


def test_a_country_may_be_twenty_times_smaller_or_larger_than_usual():
    # As the description of the spread says: nineteen of twenty within a factor of twenty.
    within = np.exp(1.96 * DEFAULT.usual_sd)
    assert within == pytest.approx(20, rel=0.1)


def test_eras_are_before_within_and_after_the_mining_map():
    mapped = hm.load("mining_map")["month"]
    months = pd.date_range("2013-01-01", "2024-12-01", freq="MS")
    eras = pd.Series(prior.eras(months), months)
    one = pd.DateOffset(months=1)
    assert eras[mapped.min() - one] == 0
    assert eras[mapped.min()] == eras[mapped.max()] == 1
    assert eras[mapped.max() + one] == 2
    assert eras.is_monotonic_increasing
    assert set(eras) == {0, 1, 2}
    assert (eras == 1).sum() == mapped.nunique()


def test_the_break_lasts_from_the_clearance_to_the_return():
    months = pd.date_range("2021-01-01", "2022-01-01", freq="MS")
    found = months[prior.breaks(months)].strftime("%Y-%m").tolist()
    # The call came on 2021-05-21; the map shows China again in September.
    assert found == ["2021-06", "2021-07", "2021-08", "2021-09"]
    china = hm.load("mining_map").set_index(["month", "region"])["share_pct"].xs("CHN", level=1)
    assert (china["2021-07":"2021-08"] == 0).all()
    assert china["2021-09"].item() > 0


def test_the_largest_step_is_above_the_middle():
    with pytest.raises(InputError) as caught:
        Prior(step=0.2, largest_step=0.2).check()
    assert str(caught.value) == "largest_step = 0.2 is not above step = 0.2."
