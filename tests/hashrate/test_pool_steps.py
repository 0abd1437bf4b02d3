"""What each group of pools lost at the steps of June 2021."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.pool_steps import (
    ACTS,
    CHINA,
    CONTROL,
    NETWORK,
    UNASSIGNED,
    by_act,
    by_pools,
    group_blocks,
)
from hashrate_migration.hashrate.steps import blocks_per_ehs, steps
from hashrate_migration.tables.read import load

GIVEN = ["2021-06-09", "2021-06-19"]


def test_groups_are_by_home_and_add_up_to_the_network():
    blocks = group_blocks()
    network = load("network_daily").set_index("date")["blocks"][blocks.index]
    assert (blocks.sum(axis=1) == network).all()
    daily = load("pool_blocks_daily")
    on_day = daily[daily["date"] == "2021-06-09"].set_index("pool")["blocks"]
    by_hand = on_day.reindex(["braiinspool", "foundryusa", "marapool"]).sum()
    assert blocks.loc["2021-06-09", CONTROL] == by_hand
    # A pool that no source places is in neither.
    assert blocks.loc["2021-06-09", UNASSIGNED] >= on_day["binancepool"]


def test_pools_run_from_china_lost_and_the_control_did_not():
    table = by_pools().set_index(["step", "group"])
    assert (table.xs(CHINA, level="group")["high_ehs"] < 0).all()
    control = table.xs(CONTROL, level="group")
    assert (control["low_ehs"] < 0).all()
    assert (control["high_ehs"] > 0).all()
    whole = steps().table["change_ehs"]
    found = table.xs(NETWORK, level="group")["change_ehs"]
    # Other draws of the same posterior.
    np.testing.assert_allclose(found, whole, atol=0.6)


def test_on_given_days_a_change_is_that_of_mean_hashrates():
    table = by_pools(at=GIVEN).set_index(["step", "group"])
    each = blocks_per_ehs(pd.date_range("2021-05-20", "2021-07-10"))
    spell = pd.cut(
        each.index,
        pd.DatetimeIndex(["2021-05-20", *GIVEN, "2021-07-11"]),
        right=False,
        labels=False,
    )
    blocks = group_blocks().loc[each.index]
    mean = blocks.groupby(spell).sum().div(each.groupby(spell).sum(), axis=0)
    for group in (CHINA, CONTROL, UNASSIGNED):
        plain = mean[group].diff().dropna()
        # The prior and the draws move a mean of ten days by a quarter of an EH/s at most.
        found = table.xs(group, level="group")["change_ehs"]
        np.testing.assert_allclose(found, plain, atol=0.5)
    parts = table["before_ehs"].drop(NETWORK, level="group").groupby("step").sum()
    np.testing.assert_allclose(parts, table.xs(NETWORK, level="group")["before_ehs"], rtol=0.01)


def test_the_control_is_taken_off():
    row = by_pools(at=GIVEN).set_index(["step", "group"])
    china, control = row.loc[(2, CHINA)], row.loc[(2, CONTROL)]
    by_hand = (
        china["after_ehs"] - china["before_ehs"] * control["after_ehs"] / control["before_ehs"]
    )
    assert china["beyond_ehs"] == pytest.approx(by_hand, abs=1.5)
    assert china["beyond_low_ehs"] < china["beyond_ehs"] < china["beyond_high_ehs"]
    assert np.isnan(control["beyond_ehs"])


def test_what_left_beside_each_act():
    table = by_act().set_index(["act", "group"])
    assert set(table.index.get_level_values("act")) == set(ACTS)
    china = table.xs(CHINA, level="group")
    assert (china["chance_pct"] > 85).all()
    assert (china["high_ehs"] < 0).all()
    # Nearly all that stopped, stopped at pools run from China.
    network = table.xs(NETWORK, level="group")["change_ehs"]
    assert (china["change_ehs"] / network).between(0.8, 1.05).all()
    events = load("policy_events").set_index("event_id")
    for name, event in ACTS.items():
        assert (table.loc[name, "act_date"] == events.loc[event, "date"]).all()
    assert "Zhundong" in events.loc[ACTS["north-west"], "place"]
    assert events.loc[ACTS["Sichuan"], "place"] == "Sichuan"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: by_pools("2021-03-20", "2021-05-10"),
            "^start = 2021-03-20 is outside pool_blocks_daily, which runs from 2021-04-01 to",
        ),
        (lambda: by_pools(end="2022-02-10"), "^end = 2022-02-10 is outside pool_blocks_daily"),
        (lambda: by_pools(number=5), "^number = 5 is not a whole number from 0 to 4.$"),
        (
            lambda: by_pools(at=GIVEN[::-1]),
            "^The days of `at` are not in order, each once; sort them.$",
        ),
        (lambda: by_pools(at=["2021-05-20"]), "^at: 2021-05-20 is not after 2021-05-20 and up to"),
        (lambda: by_pools(at=["2021-08-01"]), "^at: 2021-08-01 is not after .* widen it.$"),
        (lambda: by_pools(at="2021-06-09"), "^at = '2021-06-09' is not a list of days"),
        (lambda: by_act({"a": "nothing"}), "^acts: a names 'nothing', which is no event_id of"),
        (
            lambda: by_act({"call": "2021-05-18-chn-1"}),
            "^acts: call .2021-05-18-chn-1. took place on 2021-05-18, outside the window from",
        ),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
