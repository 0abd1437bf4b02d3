"""The world without the ban: its pattern, its difference, and bad choices."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import chronology, energy
from hashrate_migration.energy import counterfactual
from hashrate_migration.errors import InputError


def test_the_pattern_adds_to_one_with_seasons():
    for baseline in counterfactual.BASELINES:
        table = counterfactual.pattern(baseline)
        assert table.sum(axis=1).to_numpy() == pytest.approx(1)
        assert list(table.index) == list(range(1, 13))
        assert table.loc[8, "CN-SC"] > 2 * table.loc[2, "CN-SC"]


def test_before_the_ban_the_pattern_is_what_was():
    # One calendar month seen once in the last twelve: the pattern is that month itself.
    table = counterfactual.pattern("last_year").loc[9]
    share = hm.shares("2020-09", "2020-09").iloc[0]
    assert table["KAZ"] == pytest.approx(share["KAZ"] / share.sum())


def test_the_difference_is_that_of_intensities():
    table = energy.no_ban()
    twh = energy.network_power("2021-06", "2022-01")["best_twh"]
    gap = table["intensity_g_per_kwh"] - table["without_ban_g_per_kwh"]
    assert table["difference_mt"].to_numpy() == pytest.approx((twh * gap / 1000).to_numpy())


def test_dirtier_arrivals_emit_more():
    assert (energy.no_ban(marginal=True)["emissions_mt"] >= energy.no_ban()["emissions_mt"]).all()


def test_hydro_countries_keep_their_mean_at_the_margin():
    span = pd.DatetimeIndex(["2021-12-01"], name="month")
    table = counterfactual._marginal(span, ["KAZ", "PRY", "USA"], "ipcc-2011")
    assert table["KAZ"].item() == 1001
    assert table["USA"].item() == 469
    assert table["PRY"].item() < 30


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"baseline": "ever"}, "baseline = 'ever'"),
        ({"shares": "guess"}, "shares = 'guess'"),
        ({"factors": "mine"}, "factors = 'mine'"),
    ],
)
def test_bad_choices_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        energy.no_ban(**arguments)


def test_it_runs_from_the_call_to_the_maps_end():
    months = energy.no_ban().index
    assert months[0] == chronology.AFTER
    assert months[-1] == hm.shares().index[-1]


@pytest.mark.parametrize("shares", ["map", "panel"])
def test_months_beyond_the_networks_power_are_refused(shares):
    # The panel goes on for longer than the table of power does.
    with pytest.raises(InputError, match="outside the months with shares and power"):
        energy.no_ban(end=hm.country_panel.months()[-1], shares=shares)


def test_the_map_as_far_as_it_goes_then_the_panel():
    short, long = energy.no_ban(), energy.no_ban(end="2023-12")
    pd.testing.assert_frame_equal(long.loc[short.index], short)
    panel = energy.no_ban(end="2023-12", shares="panel")
    later = long.index[len(short) :]
    pd.testing.assert_frame_equal(long.loc[later], panel.loc[later])
