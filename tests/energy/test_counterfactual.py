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


# The small world (g/kWh by ipcc-2011; see test_carbon): KAZ 801, USA 409, OTH 546.2, China by its
# provinces 386.3 in wet months and .2 * 208 + .7 * 901 + .1 * 605 = 732.8 in dry ones, by the nation
# 605. 60, 20, 10 and 10 percent before the ban; 10 (CHN), 50 (KAZ), 30 (USA) and 10 after.


def test_the_pattern_by_hand(small_world):
    june, december = small_world.pattern.loc[6], small_world.pattern.loc[12]
    for code, part in {"KAZ": 0.2, "USA": 0.1, "OTH": 0.1, "CN-SC": 0.42, "CN-XJ": 0.12}.items():
        assert june[code] == pytest.approx(part), code
    # 60 percent of the network times 20 and 70 percent of China.
    assert december[["CN-SC", "CN-XJ", "CN-OTH"]].tolist() == pytest.approx([0.12, 0.42, 0.06])


@pytest.mark.parametrize(
    ("month", "twh", "actual", "without"),
    [
        # 720 hours of 10 GW; .1 * 386.3 + .5 * 801 + .3 * 409 + .1 * 546.2, and the wet pattern.
        ("2021-06-01", 7.2, 616.45, 487.5),
        # 744 hours; .1 * 605 + 400.5 + 122.7 + 54.62, and .6 * 732.8 + 160.2 + 40.9 + 54.62.
        ("2021-12-01", 7.44, 638.32, 695.4),
    ],
)
def test_the_difference_by_hand(small_world, month, twh, actual, without):
    row = small_world.no_ban.loc[month]
    assert row["intensity_g_per_kwh"] == pytest.approx(actual)
    assert row["without_ban_g_per_kwh"] == pytest.approx(without)
    assert row["emissions_mt"] == pytest.approx(twh * actual / 1000)
    assert row["without_ban_mt"] == pytest.approx(twh * without / 1000)
    assert row["difference_mt"] == pytest.approx(twh * (actual - without) / 1000)


def test_the_margin_by_hand(small_world):
    plain, margin = small_world.no_ban, small_world.no_ban_marginal
    # Kazakhstan gained 30 points, run on coal (1000 for 801), the USA 20, on gas (500 for 409):
    # .3 * 199 + .2 * 91 = 77.9.
    gap = margin["intensity_g_per_kwh"] - plain["intensity_g_per_kwh"]
    assert gap.to_numpy() == pytest.approx(77.9)
    assert margin.loc["2021-06-01", "emissions_mt"] == pytest.approx(7.2 * 694.35 / 1000)
    pd.testing.assert_series_equal(margin["without_ban_mt"], plain["without_ban_mt"])
