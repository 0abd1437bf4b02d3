"""What must hold in a table beyond its types, and between two tables."""

from __future__ import annotations

import pandas as pd
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.tables import read, rules

EARLY, LATE, UNCOUNTED = 100, 4500, 6430
"""Rows of network_daily: 2009-04-19, 2021-05-06, and 2026-08-18, whose blocks were not counted."""


def test_the_published_tables_keep_their_rules():
    for table, rule in rules.RULES.items():
        rule(read.load(table))
    for tables, across in rules.ACROSS.items():
        across(*map(read.load, tables))


@pytest.mark.parametrize(
    ("row", "column", "value", "named", "sentence"),
    [
        (EARLY, "blocks", 0, EARLY, "0 blocks in a day cannot be"),
        (EARLY, "blocks", 1001, EARLY, "1001 blocks .* from 1 to 1000 are taken"),
        (LATE, "blocks", 401, LATE, "401 blocks .* from 1 to 400 are taken"),
        (LATE, "blocks", 1000, LATE, "1000 blocks in a day cannot be"),
        (EARLY, "blocks", pd.NA, EARLY + 1, "but 2009-04-19 before it has none"),
        (LATE, "difficulty", 5.0e12, LATE, "of 2021-05-06 is not within a factor of 4"),
        (LATE, "difficulty", 9.0e13, LATE, "of 2021-05-06 is not within a factor of 4"),
        (LATE, "hashrate_ehs", 0.18, LATE, "0.18 EH/s, but blocks and difficulty come to 1.*unit"),
        (LATE, "hashrate_ehs", 180_000.0, LATE, "another unit"),
        (LATE, "hashrate_ehs", 80.0, LATE, "another unit"),
        (LATE, "hashrate_ehs", 240.0, LATE, "another unit"),
        (UNCOUNTED, "hashrate_ehs", 0.9, UNCOUNTED, "but difficulty comes to 9.*another unit"),
        (UNCOUNTED, "hashrate_ehs", 3000.0, UNCOUNTED, "but difficulty comes to 9"),
    ],
)
def test_a_day_that_cannot_be_is_named(row, column, value, named, sentence):
    daily = read.load("network_daily")
    daily.loc[row, column] = value
    with pytest.raises(InputError, match=rf"^network_daily\.csv, row {named + 2}: .*{sentence}"):
        rules.network_daily(daily)


@pytest.mark.parametrize("factor", [1e-3, 0.3, 3.1, 1e3])
def test_a_month_of_the_map_in_another_unit_is_named(factor):
    mapped = read.load("mining_map")
    mapped.loc[mapped["month"] == "2021-10-01", "hashrate_ehs"] *= factor
    with pytest.raises(
        InputError, match=r"^mining_map\.csv: .* of 2021-10 adds up to .*another unit"
    ):
        rules.map_hashrate(mapped, read.load("network_daily"))


def test_fractions_in_a_list_of_estimates_are_no_percent():
    table = read.load("share_estimates")
    listed = table.head(3).assign(
        start_month=pd.Timestamp("2026-06-01"),
        end_month=pd.Timestamp("2026-06-01"),
        kind="vendor",
        source_id="project-convention",
        share_pct=[0.37, 0.4, 0.23],
        share_high_pct=float("nan"),
        repeats=None,
    )
    with pytest.raises(InputError, match="shares of its list add up to 1 .* percent are wanted"):
        rules.share_estimates(listed)
    rules.share_estimates(listed.assign(share_pct=[37.0, 0.4, 0.23]))
    rules.share_estimates(listed.head(2).assign(share_pct=[0.6, 0.4]))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"family": "another"}, "is of another family than its list"),
        ({"start_month": pd.Timestamp("2013-01-01")}, "begins in another month than its list"),
        ({"repeats": "something"}, "repeats another figure, so it belongs to no list"),
    ],
)
def test_a_figure_fits_the_list_to_which_it_belongs(change, sentence):
    estimates, published = read.load("share_estimates"), read.load("share_lists")
    rules.lists(estimates, published)
    row = estimates.index[estimates["list_id"].notna()][0]
    wrong = estimates.copy()
    for column, value in change.items():
        wrong[column] = wrong[column].astype(object)
        wrong.loc[row, column] = value
    with pytest.raises(InputError, match=f"{estimates['estimate_id'][row]} {sentence}"):
        rules.lists(wrong, published)


def test_a_list_has_each_country_once():
    estimates, published = read.load("share_estimates"), read.load("share_lists")
    twice = pd.concat([estimates, estimates[estimates["list_id"].notna()].head(1)])
    with pytest.raises(InputError, match="names a place that its list has already"):
        rules.lists(twice, published)


def test_a_halving_after_the_last_known_period_is_refused():
    events = read.load("policy_events")
    last = events[events["kind"] == "halving"].tail(1)
    newer = last.assign(event_id="2026-08-20-network-1", date=pd.Timestamp("2026-08-20"))
    with pytest.raises(InputError, match=r"2026-08-20-network-1 would be block 1050000, .* newer"):
        rules.halvings(read.load("difficulty_epochs"), pd.concat([events, newer]))


@pytest.mark.parametrize(
    ("rule", "other", "sentence"),
    [
        (rules.pool_days, "pool_blocks", "days of antpool in 2021-06 .* pool_blocks.csv has"),
        (rules.pool_sums, "network_daily", "pools of 2021-06-09 .* network_daily.csv has 126;"),
    ],
)
@pytest.mark.parametrize("change", ["more", "missing", "month"])
def test_days_of_pools_add_up(rule, other, sentence, change):
    days = read.load("pool_blocks_daily")
    row = days.index[(days["date"] == "2021-06-09") & (days["pool"] == "antpool")][0]
    if change == "more":
        days.loc[row, "blocks"] += 1
    else:
        days = days.drop(row)
    if change == "month" and rule is rules.pool_days:
        # A pool of the month that has no day at all.
        days = days[(days["date"].dt.month != 6) | (days["pool"] != "antpool")]
    with pytest.raises(InputError, match=rf"^pool_blocks_daily\.csv: the {sentence}"):
        rule(days, read.load(other))


def test_a_day_without_pools_is_named():
    days = read.load("pool_blocks_daily")
    with pytest.raises(InputError, match="pools of 2021-06-09 add up to 0 blocks"):
        rules.pool_sums(days[days["date"] != "2021-06-09"], read.load("network_daily"))


@pytest.mark.parametrize(
    ("event", "follows", "sentence"),
    [
        ("2023-01-01-kaz-1", "2023-01-01-kaz-9", "which is no event_id of the table"),
        ("2023-01-01-kaz-1", "2021-05-26-irn-1", "not an earlier event of the same country"),
        ("2022-07-11-kaz-1", "2023-01-01-kaz-1", "not an earlier event of the same country"),
    ],
)
def test_a_step_of_a_measure_follows_an_earlier_one_of_its_country(event, follows, sentence):
    table = read.load("policy_events")
    row = table.index[table["event_id"] == event][0]
    table.loc[row, "follows"] = follows
    with pytest.raises(InputError, match=rf"^policy_events\.csv, row {row + 2}: .*{sentence}"):
        rules.policy_events(table)


def test_results_of_a_search_are_hits_and_misses():
    table = read.load("event_searches")
    table.loc[4, "hits"] += 1
    with pytest.raises(
        InputError, match=r"^event_searches\.csv, row 6: 6 hits and 3 misses are not 8"
    ):
        rules.event_searches(table)
