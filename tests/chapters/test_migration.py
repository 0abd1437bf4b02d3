from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.chapters import migration
from hashrate_migration.errors import InputError
from hashrate_migration.reports import parameters

WINDOW = parameters.check(start="2021-05", end="2021-08", draws=60)


@pytest.fixture(scope="module")
def drawn():
    return migration.draws(WINDOW)


def test_every_method_accounts_for_all_that_left():
    table = migration.by_method(WINDOW)
    stock = hm.stocks()["CHN"]
    np.testing.assert_allclose(table.sum(), stock["2021-05-01"] - stock["2021-08-01"])
    assert set(table) == {"net", "proportional", "minimum", "transport"}


def test_bounds_hold_the_estimates_of_the_same_map(drawn):
    table = migration.destinations(WINDOW, drawn, 5)
    methods = migration.by_method(WINDOW)
    for code in table.index:
        # The pool may wait longer than the bounds' longest lag.
        inside = (
            methods.loc[code]
            .drop("proportional")
            .between(table.loc[code, "bound_low"] - 1e-6, table.loc[code, "bound_high"] + 1e-6)
        )
        assert inside.all(), code
    assert (table["low"] <= table["median"]).all()
    assert (table["median"] <= table["high"]).all()


def test_less_supply_forces_more_abroad():
    table = migration.abroad_by_supply(WINDOW)
    assert pd.isna(table["max_supply_ehs"].iloc[0])
    assert table["max_supply_ehs"].iloc[1:].is_monotonic_decreasing
    assert table["low_ehs"].is_monotonic_increasing
    assert table["low_ehs"].iloc[0] == 0
    assert table["low_ehs"].iloc[-1] > 10
    stock = hm.stocks()["CHN"]
    lost = stock["2021-05-01"] - stock["2021-08-01"]
    assert (table["high_ehs"] <= lost + 1e-9).all()


def test_arrivals_by_kind_add_up_to_the_accounts():
    start, _ = migration.months_of_change(WINDOW)
    table = migration.arrivals_by_kind(migration.estimated(WINDOW, "transport"), start)
    gains = hm.stocks().diff().clip(lower=0).sum(axis=1)
    np.testing.assert_allclose(table.sum(axis=1), gains.loc[table.index])


def test_each_assumption_moves_the_answer_the_way_it_must():
    table = migration.sensitivity(WINDOW)
    centre = migration.went_abroad(migration.estimated(WINDOW, "transport"), WINDOW)
    # More new machines, more retirement and more returns leave less to have gone abroad.
    for name in ("supply of new machines", "retired", "expected to return"):
        assert table.loc[name, "high"] < centre < table.loc[name, "low"], name
    assert table.loc["proxies counted in China", "low"] == pytest.approx(centre)


def test_scenarios_differ_and_are_named():
    shares = []
    for supply in ("low", "central", "high"):
        window = parameters.check(start="2021-05", end="2021-08", draws=100, supply=supply)
        figures = migration.draws(window).headlines.set_index("figure")
        shares.append(figures.loc["relocated, part of all arrivals", "median"])
    assert shares[0] > shares[1] > shares[2]


def test_counts_are_converted_by_the_reference_machines(drawn):
    table = migration.evidence(WINDOW, drawn)
    machines = hm.load("reference_machines").set_index("role")["hashrate_ths"]
    assert len(table) == len(hm.load("relocation_reports"))
    for row in table.itertuples():
        assert row.low_ehs == pytest.approx(row.machines * machines["old"] / 1e6)
        assert row.high_ehs == pytest.approx(row.machines * machines["new"] / 1e6)
    assert set(table["verdict"]) <= {"agrees", "count is higher", "count is lower"}


def test_a_verdict_follows_the_table(edit, drawn):
    before = migration.evidence(WINDOW, drawn).iloc[3]
    edit("relocation_reports", 3, "machines", "90000000")
    after = migration.evidence(WINDOW, drawn).iloc[3]
    assert after["verdict"] == "count is higher"
    assert before["verdict"] != after["verdict"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"method": "magic"}, "method = 'magic' is unknown; choose one of net"),
        ({"lag_months": 0.1}, "lag_months = 0.1 is not a number from 0.5 to 5"),
        ({"supply": "huge"}, "supply = 'huge' is unknown; choose one of low, central, high"),
        ({"draws": 0}, "draws = 0"),
        ({"seed": -1}, "seed = -1"),
    ],
)
def test_bad_parameters(values, sentence):
    with pytest.raises(InputError, match=sentence):
        parameters.check(**values)


def test_a_window_of_months_before_the_ban_works_too():
    window = parameters.check(start="2020-09", end="2020-12", draws=20)
    found = migration.draws(window)
    assert (found.samples["departed"] > 0).all()
    assert isinstance(migration.sensitivity(window), pd.DataFrame)
