"""Claims: every metric, every comparison, and verdicts that follow the tables."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.errors import InputError
from hashrate_migration.findings import claim_verdicts, claim_words, claims
from hashrate_migration.findings.claim_files import TABLE_PARTS
from hashrate_migration.tables import read

ROOT = Path(__file__).resolve().parents[2]


def one(**values):
    """A claim of one part."""
    row = dict.fromkeys(hm.load("claims").columns)
    row |= {
        "claim_id": "x",
        "part": 1,
        "claim": "Something",
        "metric": "map_share_pct",
        "subject": "CHN",
        "start_month": "2021-05",
        "end_month": "2021-05",
        "comparison": "equals",
        "value": 44.0,
        "tolerance": 1.0,
        "source_id": "project-convention",
    }
    # A judged part asks the tables nothing, and equals alone has a tolerance.
    if values.get("metric") == "judged":
        row |= dict.fromkeys(TABLE_PARTS)
    elif values.get("comparison", "equals") != "equals":
        row["tolerance"] = None
    if values.get("comparison") in claim_verdicts.WITHOUT_VALUE:
        row["value"] = None
    row |= values
    frame = pd.DataFrame([row])
    for column in ("start_month", "end_month"):
        frame[column] = pd.to_datetime(frame[column])
    return frame


def verdict(*parts):
    table = pd.concat([one(**part) for part in parts], ignore_index=True)
    return claims.check(table)["verdict"].item()


@pytest.fixture(scope="module")
def audit():
    return claims.check().set_index("claim_id")


class TestTheArticle:
    def test_every_claim_has_one_verdict(self, audit):
        assert list(audit.index) == hm.load("claims")["claim_id"].unique().tolist()
        assert set(audit["verdict"]) <= set(claims.VERDICTS)
        assert audit.index.is_unique

    def test_no_verdict_is_typed_in_beside_a_check(self):
        rows = hm.load("claims")
        assert rows.loc[rows["metric"] != "judged", "verdict"].isna().all()
        assert rows.loc[rows["metric"] == "judged", "verdict"].notna().all()

    @pytest.mark.parametrize(
        ("claim", "expected"),
        [
            ("c10", "cannot be decided"),  # an event that an incomplete table lacks
            ("c20", "contradicted"),  # 44 percent in September 2020
            ("c21", "contradicted"),  # near zero in April 2022
            ("c16", "contradicted"),  # 150 TWh
            ("c31", "contradicted"),  # revenue down by 60 percent in 2021
            ("c01", "supported"),
            ("c06", "cannot be decided"),
            ("c03", "partly"),
            ("c05", "partly"),  # it more than doubled every year, but at no one rate
            ("c14", "partly"),  # Inner Mongolia began before June
            ("c22", "partly"),  # Georgia stands before Texas
            ("c35", "partly"),  # that it went on is measured, where is not
            ("c38", "cannot be decided"),  # a ban does not show that no pilot ran
            ("c45", "partly"),  # what came first did not certainly make the other happen
        ],
    )
    def test_known_verdicts_follow(self, audit, claim, expected):
        assert audit.loc[claim, "verdict"] == expected

    def test_a_changed_table_changes_the_verdict(self, edit):
        table = hm.load("mining_map")
        month = table["month"] == "2020-09-01"
        china, other = (
            table.index[month & (table["region"] == code)][0] for code in ("CHN", "OTH")
        )
        rest = table["share_pct"][china] + table["share_pct"][other] - 44
        edit("mining_map", china, "share_pct", "44")
        edit("mining_map", other, "share_pct", f"{rest:.2f}")
        rows = hm.load("claims")
        assert claims.check(rows[rows["claim_id"] == "c20"])["verdict"].item() == "supported"


class TestComparisons:
    def test_equals_within_its_tolerance(self):
        assert verdict({"value": 44.0, "tolerance": 0.1}) == "supported"
        assert verdict({"value": 45.0, "tolerance": 0.1}) == "contradicted"

    def test_at_least_and_at_most(self):
        assert verdict({"comparison": "at_least", "value": 43.0}) == "supported"
        assert verdict({"comparison": "at_least", "value": 45.0}) == "contradicted"
        assert verdict({"comparison": "at_most", "value": 45.0}) == "supported"
        assert verdict({"comparison": "at_most", "value": 43.0}) == "contradicted"

    def test_always_asks_every_month(self):
        months = {"start_month": "2021-05", "end_month": "2021-07"}
        assert verdict({**months, "comparison": "always_at_most", "value": 50.0}) == "supported"
        assert verdict({**months, "comparison": "always_at_least", "value": 30.0}) == "partly"
        assert verdict({**months, "comparison": "always_at_least", "value": 60.0}) == "contradicted"

    def test_an_interval_across_the_line_is_open(self):
        row = {"metric": "panel_share_pct", "start_month": "2024-06", "end_month": "2024-06"}
        band = hm.panel("2024-06", "2024-06", ["CHN"]).iloc[0]
        inside = (band["low"] + band["high"]) / 2
        assert verdict({**row, "comparison": "at_least", "value": inside}) == "cannot be decided"
        assert verdict({**row, "comparison": "at_least", "value": 1.0}) == "supported"
        assert verdict({**row, "comparison": "at_most", "value": 1.0}) == "contradicted"
        assert verdict({**row, "comparison": "equals", "value": inside}) == "cannot be decided"

    def test_parts_join(self):
        good, bad = {"value": 44.0}, {"value": 10.0, "part": 2}
        nothing = {"start_month": "2023-01", "end_month": "2023-01", "part": 3}
        assert verdict(good, {**good, "part": 2}) == "supported"
        assert verdict(good, bad) == "partly"
        assert verdict(good, nothing) == "partly"
        assert verdict(bad, {**bad, "part": 3}) == "contradicted"
        assert verdict(bad, nothing) == "contradicted"
        assert verdict(nothing) == "cannot be decided"

    def test_a_judged_part_counts_like_the_others(self):
        judged = {"metric": "judged", "reason": "read", "part": 2}
        assert verdict({"value": 44.0}, {**judged, "verdict": "contradicted"}) == "partly"
        assert verdict({**judged, "verdict": "supported"}) == "supported"
        assert verdict({**judged, "verdict": "cannot be decided"}) == "cannot be decided"


YEAR = {"start_month": "2020-01", "end_month": "2020-12"}
METRICS = {
    "map_share_pct": ({}, 43.98, 0.01),
    "map_change_points": ({"subject": "KAZ", "end_month": "2021-10"}, 18.31 - 7.37, 0.02),
    "panel_rank": ({"start_month": "2021-05"}, 1, 0),
    "state_share_pct": (
        {"subject": "US-GA", "start_month": "2021-12", "end_month": "2021-12"},
        30.8,
        0.3,
    ),
    "province_fuel_pct": ({"subject": "CN-SC", "match": "hydro", **YEAR}, 84, 1),
    "network_ratio": (
        {"subject": None, "start_month": "2019-01", "end_month": "2020-12"},
        1.85,
        0.15,
    ),
    "price_ratio": (
        {"subject": None, "start_month": "2021-03", "end_month": "2021-06"},
        0.66,
        0.05,
    ),
    "effective_countries_ratio": ({"subject": None, "end_month": "2021-05"}, 1, 0),
    "events": ({"match": "Crack down on bitcoin mining"}, 1, 0),
    "maker_value": (
        {"subject": "Canaan", "match": "revenue", "start_month": "2021-01", "end_month": "2021-12"},
        4990,
        0,
    ),
    "maker_change_pct": (
        {"subject": "Ebang", "match": "revenue", "start_month": "2021-01", "end_month": "2021-06"},
        65.8,
        0.1,
    ),
}


class TestWhoComesFirst:
    def test_the_largest_is_first_and_no_other(self):
        row = {"metric": "state_share_pct", "start_month": "2021-12", "end_month": "2021-12"}
        row |= {"comparison": "ranks_first"}
        assert verdict({**row, "subject": "US-GA"}) == "supported"
        assert verdict({**row, "subject": "US-TX"}) == "contradicted"
        said = claims.check(one(**row, subject="US-TX"))["tables_say"].item()
        assert said.endswith(
            "11.2 percent, and Georgia has 30.8 percent (claimed: more than any other)"
        )

    def test_a_rest_is_no_subject_that_comes_first(self, edit):
        table = pd.read_csv(read.data_folder() / "us_states.csv")["region"].tolist()
        edit("us_states", table.index("US-OTH"), "share_of_us_pct", "34.09")
        edit("us_states", table.index("US-GA"), "share_of_us_pct", "10")
        row = {"metric": "state_share_pct", "start_month": "2021-12", "end_month": "2021-12"}
        assert verdict({**row, "comparison": "ranks_first", "subject": "US-TX"}) == "supported"

    def test_intervals_that_overlap_leave_it_open(self):
        row = {"metric": "flow_from_china_ehs", "start_month": "2021-06", "end_month": "2021-08"}
        pairs = hm.flows.published.kept().pairs.set_index(["origin", "destination"]).loc["CHN"]
        usa, kaz = pairs.loc["USA"], pairs.loc["KAZ"]
        assert usa["low_ehs"] < kaz["high_ehs"]
        assert (
            verdict({**row, "comparison": "ranks_first", "subject": "USA"}) == "cannot be decided"
        )

    def test_what_the_tables_do_not_cover_has_no_first(self):
        row = {"metric": "map_share_pct", "start_month": "2030-01", "end_month": "2030-01"}
        text = claims.check(one(**row, comparison="ranks_first"))["tables_say"].item()
        assert "nothing in the tables: mining map runs from" in text


class TestWhoDecided:
    @pytest.mark.parametrize(
        ("parts", "how"),
        [
            ([{}], "tables"),
            ([{"metric": "judged", "verdict": "partly", "reason": "Read"}], "judged"),
            (
                [{}, {"metric": "judged", "verdict": "partly", "reason": "Read"}],
                "tables and a reader",
            ),
            # Words in titles that this project wrote, and an event that a reader chose.
            ([{"metric": "events", "match": "Crack", "comparison": "any"}], "judged"),
            (
                [
                    {"metric": "event_dated", "subject": None, "match": "2021-05-21-chn-1"}
                    | {"comparison": "any"}
                ],
                "judged",
            ),
            (
                [{}, {"metric": "events", "match": "Crack", "comparison": "any"}],
                "tables and a reader",
            ),
        ],
    )
    def test_what_a_reader_chose_counts_as_judged(self, parts, how):
        rows = [one(part=number, **part) for number, part in enumerate(parts, 1)]
        assert claims.check(pd.concat(rows, ignore_index=True))["how"].item() == how

    def test_no_claim_of_the_article_matches_words_in_our_own_titles(self):
        assert "events" not in set(hm.load("claims")["metric"])


class TestFiles:
    def test_the_example_is_read_as_it_stands(self):
        path = ROOT / claims.EXAMPLE
        found = claims.check(path).set_index("claim_id")
        assert set(found["verdict"]) >= {"supported", "contradicted", "cannot be decided"}
        assert set(found["how"]) == {"tables", "judged"}

    def test_as_json_has_the_parts(self):
        table = pd.concat([one(), one(claim_id="y", value=10.0)], ignore_index=True)
        told = json.loads(claims.as_json(claims.parts(table), ["y"]))
        assert [claim["claim_id"] for claim in told] == ["y"]
        part = told[0]["parts"][0]
        assert part["answer"] == pytest.approx(43.98)
        assert (part["outcome"], part["start_month"], part["value"]) == ("fails", "2021-05", 10.0)

    def test_json_has_no_number_without_end(self):
        row = one(metric="counted_machines", subject="RUS", comparison="any")
        row["start_month"] = row["end_month"] = pd.Timestamp("2021-11-01")
        part = json.loads(claims.as_json(claims.parts(row)))[0]["parts"][0]
        assert part["answer"] == 205_000
        assert part["high"] is None


class TestMetrics:
    @pytest.mark.parametrize("metric", METRICS)
    def test_a_metric_gives_what_the_table_has(self, metric):
        values, expected, slack = METRICS[metric]
        row = {"metric": metric, **values, "comparison": "at_least"}
        assert verdict({**row, "value": expected - slack}) == "supported"
        row |= {"comparison": "equals", "tolerance": slack}
        if metric == "events":  # there may be more than the table has
            assert verdict({**row, "value": 2.0}) == "cannot be decided"
            assert verdict({**row, "value": 0.0}) == "contradicted"
            return
        assert verdict({**row, "value": expected}) == "supported"
        assert verdict({**row, "value": expected + 2 * slack + 1}) == "contradicted"

    def test_electricity_has_the_bounds_of_power(self):
        row = {"metric": "energy_twh", **YEAR, "comparison": "at_least"}
        assert verdict({**row, "value": 20.0}) == "supported"
        assert verdict({**row, "value": 45.0}) == "cannot be decided"
        assert verdict({**row, "value": 75.0}) == "contradicted"
        assert verdict({**row, "subject": None, "value": 75.0}) == "cannot be decided"

    def test_a_flow_has_the_interval_that_is_published(self):
        row = {"metric": "flow_from_china_ehs", "subject": "USA", "comparison": "at_least"}
        months = {"start_month": "2021-06", "end_month": "2021-08"}
        own = hm.flows.published.kept().pairs.set_index(["origin", "destination"])
        low, high = own.loc[("CHN", "USA"), ["low_ehs", "high_ehs"]]
        assert verdict({**row, **months, "value": low - 0.1}) == "supported"
        assert verdict({**row, **months, "value": (low + high) / 2}) == "cannot be decided"
        assert verdict({**row, **months, "value": high + 0.1}) == "contradicted"
        other = claims.check(one(**row, start_month="2021-05", end_month="2021-08", value=1.0))
        assert "flows runs from 2021-06 to 2021-08" in other["tables_say"].item()

    def test_counts_are_bounds(self):
        months = {"start_month": "2021-10", "end_month": "2021-11"}
        row = {"metric": "counted_machines", "subject": "KAZ", **months}
        # At least 87,849 by one count, at most 250,000 by another.
        assert verdict({**row, "comparison": "at_least", "value": 87_849.0}) == "supported"
        assert verdict({**row, "comparison": "at_least", "value": 100_000.0}) == "cannot be decided"
        assert verdict({**row, "comparison": "at_most", "value": 250_000.0}) == "supported"
        assert verdict({**row, "comparison": "at_most", "value": 50_000.0}) == "contradicted"
        table = claims.check(
            one(
                **{
                    **row,
                    "subject": "RUS",
                    "start_month": "2021-05",
                    "end_month": "2021-06",
                    "comparison": "at_least",
                    "value": 1.0,
                }
            )
        )
        assert "counts runs from 2021-10 to 2021-11" in table["tables_say"].item()

    def test_a_change_in_the_panel_is_taken_in_each_draw(self):
        months = {"start_month": "2021-05", "end_month": "2022-01"}
        row = claims.parts(one(metric="panel_change_points", subject="ARE", **months)).iloc[0]
        paths = hm.country_panel.paths()["ARE"].unstack("month")
        change = paths[pd.Timestamp("2022-01-01")] - paths[pd.Timestamp("2021-05-01")]
        ends = change.quantile([0.05, 0.5, 0.95])
        assert row[["low", "answer", "high"]].tolist() == pytest.approx(list(ends))

    def test_quarters_that_fill_a_year_stand_for_it(self):
        asked = {"metric": "maker_change_pct", "subject": "Canaan", "match": "computing power sold"}
        year = {"start_month": "2021-01", "end_month": "2021-12"}
        row = claims.parts(one(**asked, **year)).iloc[0]
        assert row["answer"] == pytest.approx(100 * ((2.0 + 5.9 + 6.7 + 7.7) / 6.6 - 1))
        # Of 2020 some quarters are missing, so nine months of 2021 have nothing beside them.
        part = claims.check(one(**asked, start_month="2021-04", end_month="2021-12"))
        assert "nothing in the tables" in part["tables_say"].item()

    def test_that_hashrate_moved_to_russia_looks_at_the_count(self):
        own = claims.parts().query("claim_id == 'c25'").set_index("metric")
        assert own.loc["counted_machines", "answer"] == 205_000

    def test_growth_is_a_rate_and_whether_it_stayed(self):
        row = {"subject": None, "start_month": "2013-01", "end_month": "2017-12"}
        rate = claims.parts(one(metric="network_growth_pct", **row)).iloc[0]
        assert rate["low"] < rate["answer"] < rate["high"]
        logs = np.log(hm.network_hashrate("2013-01", "2017-12", freq="MS").to_numpy())
        yearly = (logs[-1] - logs[0]) / 59 * 12
        assert rate["answer"] == pytest.approx(100 * (np.exp(yearly) - 1))
        ratio = claims.parts(one(metric="network_growth_ratio", **row)).iloc[0]
        early, late = (logs[29] - logs[0]) / 29, (logs[-1] - logs[29]) / 30
        assert ratio["answer"] == pytest.approx(late / early)

    def test_too_short_a_time_has_no_rate(self):
        row = {"subject": None, "start_month": "2017-01", "end_month": "2017-12"}
        for metric in ("network_growth_pct", "network_growth_ratio"):
            text = claims.check(one(metric=metric, **row))["tables_say"].item()
            assert "nothing in the tables: growth needs 24 months" in text

    def test_an_event_lies_within_a_period_or_does_not(self):
        row = {"metric": "event_dated", "subject": None, "match": "2021-05-21-chn-1"}
        may, june = ({"start_month": m, "end_month": m} for m in ("2021-05", "2021-06"))
        assert verdict({**row, **may, "comparison": "any"}) == "supported"
        assert verdict({**row, **june, "comparison": "any"}) == "contradicted"
        assert verdict({**row, **june, "comparison": "none"}) == "supported"
        year = {**row, "match": "2017-01-01-chn-1"}  # known to the year
        whole = {"start_month": "2017-01", "end_month": "2017-12"}
        january = {"start_month": "2017-01", "end_month": "2017-01"}
        assert verdict({**year, **whole, "comparison": "any"}) == "supported"
        assert verdict({**year, **january, "comparison": "any"}) == "cannot be decided"

    def test_a_search_that_found_nothing_decides_only_if_it_saw_all(self, edit):
        row = {"metric": "searched", "subject": None, "match": "florida"}
        row |= {"start_month": "2021-05", "end_month": "2022-01"}
        assert verdict({**row, "comparison": "any"}) == "cannot be decided"
        assert verdict({**row, "comparison": "none"}) == "cannot be decided"
        searches = hm.load("claim_searches")
        line = searches.index[searches["search_id"] == "florida"][0]
        edit("claim_searches", line, "whole", "true")
        assert verdict({**row, "comparison": "any"}) == "contradicted"
        assert verdict({**row, "comparison": "none"}) == "supported"
        edit("claim_searches", line, "found", "1")
        assert verdict({**row, "comparison": "any"}) == "supported"

    def test_ethereum_has_the_bounds_of_its_tags(self):
        row = {"metric": "ethereum_from_china_pct", "subject": None}
        row |= {"start_month": "2021-05", "end_month": "2021-05"}
        own = claims.parts(one(**row)).iloc[0]
        table = hm.load("ethereum_blocks")
        tags = table[table["month"] == "2021-05-01"].set_index("tag")["share_pct"]
        assert own["low"] == pytest.approx(tags["china"])
        asian = tags.reindex(
            ["asia", "asia-east", "china", "singapore", "south korea", "taiwan", "japan"]
        )
        assert own["high"] == pytest.approx(asian.sum() + tags["others"])

    def test_electricity_over_generation(self):
        row = {"metric": "energy_over_generation", **YEAR, "comparison": "at_most", "value": 1.0}
        assert verdict({**row, "match": "CN-SC"}) == "supported"
        assert verdict({**row, "match": "CN-BJ"}) == "cannot be decided"

    def test_every_metric_is_tested(self):
        elsewhere = {"panel_share_pct", "energy_twh", "energy_over_generation"}
        elsewhere |= {"flow_from_china_ehs", "counted_machines", "event_dated", "searched"}
        elsewhere |= {"network_growth_pct", "network_growth_ratio", "ethereum_from_china_pct"}
        elsewhere |= {"panel_change_points"}
        assert set(METRICS) | elsewhere == set(claims.METRICS)

    @pytest.mark.parametrize(
        ("metric", "values"),
        [
            ("map_change_points", {"end_month": "2023-01"}),
            ("panel_share_pct", {"start_month": "2031-01", "end_month": "2031-02"}),
            ("state_share_pct", {"subject": "US-GA"}),
            ("energy_twh", {"start_month": "2018-01", "end_month": "2018-12"}),
            (
                "maker_value",
                {
                    "subject": "Bitmain",
                    "match": "revenue",
                    "start_month": "2021-01",
                    "end_month": "2021-12",
                },
            ),
            ("price_ratio", {"subject": None, "start_month": "2005-01"}),
        ],
    )
    def test_where_the_tables_have_nothing_nothing_is_decided(self, metric, values):
        row = {"metric": metric, "comparison": "at_least", "value": 0.0, **values}
        table = claims.check(one(**row))
        assert table["verdict"].item() == "cannot be decided"
        assert "nothing in the tables" in table["tables_say"].item()


PERIODS = {
    "long before": ("1600-01", "1600-12"),
    "straddling the start": ("1600-01", "2021-12"),
    "straddling the end": ("2021-01", "2300-12"),
    "all of it and more": ("1600-01", "2300-12"),
    "long after": ("2300-01", "2300-12"),
}
ASKED = [("at_least", 1e6), ("at_most", 1e6), ("equals", 0.0)]
"""What would be decided at once if nothing were taken for zero, or a part for the whole."""


def about(metric):
    """A subject and a match that a metric knows."""
    found = {"metric": metric.name, "subject": None, "match": None}
    if metric.subject:
        found["subject"] = metric.subjects()[0]
    if metric.match:
        found["match"] = metric.matches()[0] if metric.matches else "no such words"
    return found


@pytest.mark.parametrize("metric", claims.METRICS.values(), ids=list(claims.METRICS))
class TestEveryMetric:
    """Generated from the list of metrics, so that a new one is held to the same."""

    def test_what_the_tables_do_not_cover_is_open_and_the_others_go_on(self, metric):
        rows = [
            one(
                claim_id=f"{number}-{asked}".replace("_", "-"),
                **{**about(metric), "start_month": start, "end_month": end},
                comparison=asked,
                value=value,
            )
            for number, (start, end) in enumerate(PERIODS.values())
            for asked, value in ASKED
        ]
        if metric.name == "event_dated":
            # An event of the table has a date, and lies within a period or does not.
            return
        known = one(claim_id="known", comparison="at_least", value=43.0)
        parts = claims.parts(pd.concat([*rows, known], ignore_index=True)).set_index("claim_id")
        assert parts["outcome"]["known"] == claims.HOLDS
        asked = parts.drop(index="known")
        assert set(asked["outcome"]) == {claims.OPEN}
        if metric.name == "events":
            assert asked["says"].str.contains("there may be more than the table has").all()
        elif metric.name == "searched":
            assert asked["says"].str.contains("searched on|the search was made on").all()
        else:
            assert asked["answer"].isna().all()
            reason = (
                r"nothing in the tables: .*(?:runs from|has whole years, from|figure for) \d{4}"
            )
            assert asked["says"].str.contains(reason).all()

    @pytest.mark.parametrize("column", ["subject", "match"])
    def test_subject_and_match_are_known_needed_and_used(self, metric, column):
        takes = getattr(metric, column)
        known = metric.subjects if column == "subject" else metric.matches
        good = about(metric) | {"start_month": "2021-01", "end_month": "2021-12"}

        def refused(value, message):
            with pytest.raises(InputError, match=rf"^claims, row 2 \(x\): {message}"):
                claims.check(one(**{**good, column: value}))

        if not takes:
            refused("CHN", f"{metric.name} takes no {column}, and 'CHN' would not be used")
            return
        if column == "match" or metric.needs_subject:
            refused(None, f"{metric.name} needs a {column}")
        if known:
            for wrong in ("nonsense", known()[0].swapcase(), known()[0] + "x"):
                refused(wrong, f"{column} '{re.escape(wrong)}' is unknown to {metric.name}; choose")

    def test_every_month_is_asked_only_where_there_is_one_value_for_each(self, metric):
        row = one(**about(metric), comparison="always_at_least", value=0.0)
        if metric.monthly:
            claims.check(row)
        else:
            with pytest.raises(InputError, match=r"has one answer for the whole period; write at_"):
                claims.check(row)


class TestPeriods:
    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"end_month": "2022-02"}, "mining map runs from 2019-09 to 2022-01"),
            ({"start_month": "2019-08"}, "mining map runs from 2019-09 to 2022-01"),
            (
                {"metric": "panel_share_pct", "start_month": "2012-12"},
                "country panel runs from 2013-01 to 2026-07",
            ),
            (
                {"metric": "state_share_pct", "subject": "US-GA", "end_month": "2021-12"},
                "us_states runs from 2021-12 to 2021-12",
            ),
            (
                # Half a year is not the year.
                {"metric": "province_fuel_pct", "subject": "CN-SC", "match": "hydro"},
                "china_generation has whole years, from 2019 to 2021",
            ),
            (
                # Statistics count all thermal as coal: gas is not known to be nothing.
                {"metric": "province_fuel_pct", "subject": "CN-SC", "match": "gas", **YEAR},
                "china_generation has no gas of Sichuan",
            ),
            (
                # Nine months of mining over twelve of generation.
                {
                    "metric": "energy_over_generation",
                    "match": "CN-SC",
                    "start_month": "2020-04",
                    "end_month": "2020-12",
                },
                "china_generation has whole years, from 2019 to 2021",
            ),
            (
                {"metric": "energy_twh", "end_month": "2025-12"},
                "electricity of mining runs from 2019-09 to 2025-11",
            ),
            (
                # Not on the map: eight of twelve months would have been summed.
                {"metric": "energy_twh", "subject": "NOR", "end_month": "2022-09"},
                "electricity of mining runs from 2022-02 to 2025-11",
            ),
            (
                {"metric": "energy_twh", "subject": "OTH", "end_month": "2022-09"},
                "after 2022-01 the others are fewer countries",
            ),
            (
                # Three weeks of August are not its mean.
                {"metric": "price_ratio", "subject": None, "end_month": "2026-08"},
                "price runs from 2010-08 to 2026-07",
            ),
            (
                {"metric": "network_ratio", "subject": None, "end_month": "2021-12"},
                "network_daily has whole years, from 2010 to 2025",
            ),
            (
                {"metric": "maker_value", "subject": "Ebang", "match": "market share"},
                "hardware_makers has no such figure of this maker",
            ),
            (
                {"metric": "maker_value", "subject": "MicroBT", "match": "market share"},
                "hardware_makers has this figure for 2019",
            ),
            (
                # Yuan in 2022, dollars in 2023.
                {
                    "metric": "maker_change_pct",
                    "subject": "Canaan",
                    "match": "revenue",
                    "start_month": "2023-01",
                    "end_month": "2023-12",
                },
                "the figure of the year before is in another unit",
            ),
            (
                # From a loss to a profit: no percentage.
                {
                    "metric": "maker_change_pct",
                    "subject": "Canaan",
                    "match": "net profit",
                    "start_month": "2021-01",
                    "end_month": "2021-12",
                },
                "the figure of the year before is not above zero",
            ),
        ],
    )
    def test_the_reason_says_what_the_tables_have(self, values, reason):
        row = claims.parts(one(**values)).iloc[0]
        assert row["outcome"] == claims.OPEN
        assert f": nothing in the tables: {reason}" in row["says"]

    @pytest.mark.parametrize("month", ["2021", "2021Q1", "2021-05-21", "05/2021", "2021-13"])
    @pytest.mark.parametrize("form", ["file", "frame"])
    def test_what_is_no_month_is_refused(self, tmp_path, month, form):
        frame = one().astype(object)
        frame["start_month"], frame["end_month"] = "2021-05", month
        path = tmp_path / "mine.csv"
        frame.to_csv(path, index=False)
        name = path if form == "file" else "claims"
        message = rf"^{name}, row 2: column end_month holds '{month}'; write a month written like"
        with pytest.raises(InputError, match=message):
            claims.check(path if form == "file" else frame)

    @pytest.mark.parametrize(
        "month", [pd.Timestamp("2021-05-21"), pd.Period("2021Q2"), pd.Period("2021")]
    )
    def test_objects_that_are_no_month_are_refused(self, month):
        frame = one().astype(object)
        frame["end_month"] = [month]
        with pytest.raises(InputError, match=r"^claims, row 2: column end_month holds '2021"):
            claims.check(frame)

    def test_months_may_be_of_any_type(self):
        for month in ("2021-05", pd.Timestamp("2021-05-01"), pd.Period("2021-05")):
            frame = one().astype(object)
            frame["start_month"] = frame["end_month"] = [month]
            assert claims.check(frame)["verdict"].item() == "supported"

    def test_several_years_of_mining_stand_over_the_generation_of_all(self):
        row = {
            "metric": "energy_over_generation",
            "match": "CN-SC",
            "start_month": "2020-01",
            "end_month": "2021-12",
        }
        answer = claims.parts(one(**row))["answer"].item()
        mining = hm.energy.power("2020-01", "2021-12").query("region == 'CHN'")["energy_twh"].sum()
        table = hm.load("china_generation").query("region == 'CN-SC' and year in [2020, 2021]")
        assert answer == pytest.approx(mining / table["generation_twh"].sum())

    def test_an_event_known_to_the_year_is_not_one_of_a_month(self):
        table = hm.load("policy_events")
        event = table[(table["precision"] == "year") & table["region"].notna()].iloc[0]
        row = {"metric": "events", "subject": event["region"], "match": event["title_en"]}
        row |= {"comparison": "at_least", "value": 1.0}
        year = event["date"].year
        january = {"start_month": f"{year}-01", "end_month": f"{year}-01"}
        whole = {"start_month": f"{year}-01", "end_month": f"{year}-12"}
        assert verdict({**row, **january}) == "cannot be decided"
        assert verdict({**row, **whole}) == "supported"


class TestEveryMonth:
    """Statements on every month of the panel look at the months' bands, not at their middles."""

    @pytest.mark.parametrize(
        ("place", "at_least", "at_most"),
        [
            ("below all", "supported", "contradicted"),
            ("within the bands", "cannot be decided", "cannot be decided"),
            ("above all", "contradicted", "supported"),
        ],
    )
    def test_a_value_within_the_bands_is_open(self, place, at_least, at_most):
        band = hm.panel("2023-01", "2023-06", ["CHN"])
        value = {
            "below all": band["low"].min() - 0.1,
            "within the bands": band["share_pct"].mean(),
            "above all": band["high"].max() + 0.1,
        }[place]
        row = {"metric": "panel_share_pct", "start_month": "2023-01", "end_month": "2023-06"}
        row |= {"value": value}
        assert verdict({**row, "comparison": "always_at_least"}) == at_least
        assert verdict({**row, "comparison": "always_at_most"}) == at_most


def test_the_last_digit_of_a_float_decides_nothing():
    # 18.31 - 7.37 is 10.939999999999998.
    row = {"metric": "map_change_points", "subject": "KAZ", "end_month": "2021-10"}
    share = hm.shares()["KAZ"]
    claimed = round(share["2021-10-01"] - share["2021-05-01"], 2)
    assert verdict({**row, "value": claimed, "tolerance": None}) == "supported"
    for comparison in ("at_least", "at_most"):
        assert verdict({**row, "value": claimed, "comparison": comparison}) == "supported"
    assert verdict({**row, "value": claimed + 0.01, "comparison": "at_least"}) == "contradicted"
    assert verdict({**row, "value": claimed - 0.01, "comparison": "at_most"}) == "contradicted"


class TestWords:
    def said(self, **values):
        return claims.check(one(**values))["tables_say"].item()

    def test_the_claimed_value_stands_beside_the_answer_with_its_unit(self):
        assert self.said(comparison="at_least", value=0.33, tolerance=None) == (
            "China, share on the mining map, 2021-05: 44 percent (claimed: at least 0.33 percent)"
        )
        assert self.said(value=44.0, tolerance=1.0).endswith(
            "(claimed: 44 percent, give or take 1)"
        )
        assert self.said(value=44.0, tolerance=None).endswith("(claimed: 44 percent)")

    def test_a_statement_on_every_month_has_the_range_of_the_months(self):
        text = self.said(start_month="2021-03", comparison="always_at_most", value=50.0)
        assert "by month 44 to 49.1" in text
        assert "(claimed: at most 50 percent in every month)" in text

    def test_an_interval_has_its_ends(self):
        text = self.said(metric="energy_twh", start_month="2020-01", end_month="2020-12", value=1.0)
        assert "2020: 43.5 TWh, between 23.4 and 71.4" in text

    def test_whole_parts_are_never_rounded(self):
        text = self.said(
            metric="maker_value",
            subject="Bitmain",
            match="revenue",
            value=1.0,
            start_month="2018-01",
            end_month="2018-06",
        )
        assert "Bitmain, published figure (revenue), 2018-01 to 2018-06: 2,845 million USD" in text

    def test_one_has_no_plural(self):
        months = {"start_month": "2021-05", "end_month": "2022-01"}
        text = self.said(metric="map_change_points", comparison="at_least", value=1.0, **months)
        assert text.endswith("(claimed: at least 1 point)")
        text = self.said(
            metric="price_ratio", subject=None, comparison="at_least", value=1.0, **months
        )
        assert text.endswith("(claimed: at least as much)")

    def test_digits_are_few_unless_they_decide(self):
        assert "2021-05: 43.98 percent" in self.said(value=44.0)
        assert "2021-05: 44 percent" in self.said(value=10.0)

    def test_events_are_said_to_be_events(self):
        text = self.said(metric="events", match="orderly exit", comparison="at_least", value=1.0)
        assert text.startswith("events on record in China that mention “orderly exit”, 2021-05: ")

    def test_parts_of_a_market_have_the_unit_in_words(self):
        text = self.said(
            metric="maker_value",
            subject="MicroBT",
            match="market share",
            value=10.0,
            start_month="2019-01",
            end_month="2019-12",
        )
        assert "2019: 35 percent (claimed: 10 percent" in text

    def test_whole_years_are_said_as_years(self):
        def period(*ends):
            return claims.period(*map(pd.Timestamp, ends))

        assert period("2020-01", "2020-12") == "2020"
        assert period("2013-01", "2017-12") == "2013 to 2017"
        assert period("2020-02", "2020-12") == "2020-02 to 2020-12"
        assert period("2020-01", "2020-01") == "2020-01"

    def test_what_has_no_subject_begins_with_the_question(self):
        text = self.said(metric="price_ratio", subject=None, value=1.0, end_month="2021-06")
        assert text.startswith("price, last over first month, 2021-05 to 2021-06: ")

    def test_parts_are_joined(self):
        table = pd.concat([one(), one(part=2)], ignore_index=True)
        assert claims.check(table)["tables_say"].item().count("; ") == 1


class TestParts:
    def test_numbers_and_outcomes_stand_beside_the_rows(self):
        row = claims.parts(one(value=44.0, tolerance=0.1)).iloc[0]
        assert row["answer"] == pytest.approx(43.98)
        assert row["low"] == row["high"] == row["answer"]
        assert row["outcome"] == claims.HOLDS

    def test_where_the_tables_have_nothing_the_numbers_are_missing(self):
        rows = claims.parts(one(start_month="2023-01", end_month="2023-01"))
        assert rows[["low", "answer", "high"]].isna().all(axis=None)
        assert rows["outcome"].item() == claims.OPEN

    def test_verdicts_follow_from_the_parts(self, audit):
        rows = claims.parts().groupby("claim_id")["outcome"].agg(set)
        for claim in audit.index[audit["verdict"] == claims.SUPPORTED]:
            assert rows[claim] == {claims.HOLDS}
        for claim in audit.index[audit["verdict"] == claims.CONTRADICTED]:
            assert claims.FAILS in rows[claim]
            assert not rows[claim] & {claims.HOLDS, claims.SOME}
        for claim in audit.index[audit["verdict"] == claims.UNDECIDED]:
            assert rows[claim] == {claims.OPEN}


def test_the_list_of_what_can_be_asked_is_that_of_the_metrics():
    table = claims.metrics().set_index("metric")
    assert list(table.index) == list(claims.METRICS)
    assert table.loc["price_ratio", ["subject", "match"]].isna().all()
    assert table.loc["events", "match"]
    with_match = {name for name, metric in claims.METRICS.items() if metric.match}
    assert set(table.index[table["match"].notna()]) == with_match


class TestBadClaims:
    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"metric": "vibes"}, r"row 2 \(x\): metric 'vibes' is unknown"),
            ({"metric": "panel_shares_pct"}, r"is unknown \(nearest: panel_share_pct"),
            ({"comparison": "any"}, "any goes with what counts .* map_share_pct does not"),
            (
                {"metric": "panel_rank", "comparison": "ranks_first"},
                "ranks_first goes with what can be ranked .* panel_rank does not",
            ),
            (
                {"comparison": "ranks_first", "value": 3.0},
                "ranks_first takes no value, and 3 would not be used",
            ),
            ({"subject": "ATL"}, r"row 2 \(x\): subject 'ATL' is unknown"),
            ({"value": None}, "value is missing"),
            ({"comparison": None}, "comparison is missing"),
            (
                {"end_month": "2021-01"},
                "row 2: start_month 2021-05-01 is above end_month 2021-01-01; correct",
            ),
            ({"comparison": "about"}, "comparison holds 'about'; choose one of equals, at_least"),
            ({"value": float("inf")}, "column value holds 'inf'; write a number"),
            (
                {"comparison": "at_most", "tolerance": 2.0},
                "at_most takes no tolerance, and 2 would",
            ),
            (
                {"metric": "judged", "verdict": "true", "reason": "x"},
                "verdict holds 'true'; choose",
            ),
            (
                {"metric": "judged", "verdict": "partly", "reason": "x", "value": 44.0},
                "a judged claim asks no table, and its value would not be used",
            ),
            ({"source_id": "hearsay"}, "source_id 'hearsay' is not in sources.csv"),
            ({"metric": "events"}, r"events needs a match \(words that"),
            ({"subject": None}, r"map_share_pct needs a subject \(region of the mining map\)"),
            ({"metric": "network_ratio"}, "network_ratio takes no subject, and 'CHN' would not"),
            ({"metric": "price_ratio"}, "price_ratio takes no subject"),
            ({"metric": "effective_countries_ratio"}, "takes no subject"),
            ({"match": "summer"}, "map_share_pct takes no match, and 'summer' would not be used"),
            (
                {"metric": "energy_twh", "subject": "us"},
                "'us' is unknown to energy_twh; choose one of CHN",
            ),
            ({"metric": "energy_twh", "subject": "United States"}, "unknown to energy_twh"),
            (
                {"metric": "province_fuel_pct", "subject": "CN-SC", "match": "water"},
                "match 'water' is unknown to province_fuel_pct; choose one of",
            ),
            (
                {"metric": "energy_over_generation", "match": "Sichuan"},
                "match 'Sichuan' is unknown to energy_over_generation",
            ),
            (
                {"metric": "maker_value", "subject": "Canaan", "match": "beauty"},
                "match 'beauty' is unknown to maker_value",
            ),
            ({"verdict": "supported"}, "a verdict is typed in"),
            ({"metric": "judged", "verdict": None}, "needs a verdict and a reason"),
        ],
    )
    def test_a_claim_that_cannot_be_read_names_its_row(self, values, message):
        with pytest.raises(InputError, match=message):
            claims.check(one(**values))

    @pytest.mark.parametrize("column", ["claim", "claim_zh", "source_id"])
    def test_parts_of_one_claim_are_of_one_wording_and_source(self, column):
        other = "ccaf-mining-map" if column == "source_id" else "Something else"
        rows = pd.concat([one(), one(part=2, **{column: other})], ignore_index=True)
        with pytest.raises(
            InputError, match=rf"row 3 \(x\): {column} is not that of the first row"
        ):
            claims.check(rows)

    @pytest.mark.parametrize("column", ["claim_id", "claim", "metric"])
    def test_a_frame_without_a_needed_column_is_refused(self, column):
        with pytest.raises(
            InputError, match=rf"^claims: the column {column} is missing; a table of"
        ):
            claims.check(one().drop(columns=column))

    def test_what_a_claim_does_not_need_may_be_left_out(self):
        needed = ["claim_id", "claim", "metric", "subject", "start_month", "end_month"]
        rows = pd.concat([one(), one()], ignore_index=True)[[*needed, "comparison", "value"]]
        found = claims.parts(rows.assign(value=43.98))
        assert found["part"].tolist() == [1, 2]
        assert claims.check(rows.assign(value=43.98))["verdict"].item() == "supported"

    def test_a_column_that_is_none_is_named(self, tmp_path):
        path = tmp_path / "mine.csv"
        one().rename(columns={"tolerance": "tolerances"}).to_csv(path, index=False)
        with pytest.raises(
            InputError, match=r"mine.csv: the column 'tolerances' is unknown \(nearest: tolerance\)"
        ):
            claims.check(path)

    def test_many_choices_are_not_all_named(self):
        with pytest.raises(
            InputError, match=r"match '2021-05-21-chn-9' is unknown .*nearest: 2021"
        ):
            claims.check(
                one(metric="event_dated", subject=None, match="2021-05-21-chn-9", comparison="any")
            )

    def test_a_frame_may_have_more_columns_in_any_order(self):
        rows = claims.parts(one())
        assert claims.check(rows[rows.columns[::-1]])["verdict"].item() == "supported"

    def test_a_table_without_rows_holds_no_claim(self, tmp_path):
        with pytest.raises(InputError, match="holds no claim"):
            claims.check(one().iloc[:0])
        path = tmp_path / "none.csv"
        hm.load("claims").iloc[:0].to_csv(path, index=False)
        done = self.command(str(path))
        assert done.returncode == 2
        assert "none.csv holds no claim" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_file_keeps_its_order_and_its_lines(self, tmp_path):
        rows = hm.load("claims")
        mine = rows[rows["claim_id"].isin(["c20", "c01"])].iloc[::-1].copy()
        for column in ("start_month", "end_month"):
            mine[column] = mine[column].dt.strftime("%Y-%m")
        path = tmp_path / "mine.csv"
        mine.to_csv(path, index=False)
        assert claims.check(path)["claim_id"].tolist() == ["c20", "c01"]
        mine.loc[mine["claim_id"] == "c01", "subject"] = "ATL"
        mine.to_csv(path, index=False)
        with pytest.raises(InputError, match=r"mine.csv, row 3 \(c01\): subject 'ATL'"):
            claims.check(path)

    @staticmethod
    def command(*arguments):
        return subprocess.run(
            [
                sys.executable,
                "-c",
                "from hashrate_migration.cli import main; main()",
                "claims",
                "check",
                *arguments,
            ],
            capture_output=True,
            text=True,
            check=False,
        )

    def test_a_file_of_ones_own(self, tmp_path):
        rows = hm.load("claims")
        path = tmp_path / "mine.csv"

        def write(ids):
            mine = rows[rows["claim_id"].isin(ids)].copy()
            for column in ("start_month", "end_month"):
                mine[column] = mine[column].dt.strftime("%Y-%m")
            mine.to_csv(path, index=False)

        write(["c01"])
        done = self.command(str(path))
        assert done.returncode == 0, done.stderr
        assert "c01: SUPPORTED" in done.stdout
        write(["c01", "c20"])
        done = self.command(str(path))
        assert done.returncode == 1
        assert "1 supported, 0 partly, 1 contradicted, 0 cannot be decided" in done.stdout
        done = self.command(str(path), "--format", "csv", "--only", "contradicted")
        assert done.returncode == 1
        assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["claim_id", "c20"]
        done = self.command(str(path), "--format", "json", "--only", "supported")
        assert done.returncode == 1  # what is printed does not change what was found
        assert [claim["claim_id"] for claim in json.loads(done.stdout)] == ["c01"]
        path.write_text(path.read_text().replace("panel_share_pct", "vibes"))
        done = self.command(str(path))
        assert done.returncode == 2
        assert "row 2" in done.stderr
        assert "Traceback" not in done.stderr


def answer(low, value=None, high=None):
    return claims.Answer(low, low if value is None else value, low if high is None else high)


class TestAnswersByHand:
    """What is asked of the tables, reckoned from their rows."""

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            # Both ends of a period are in its mean.
            ({"start_month": "2021-03", "end_month": "2021-05"}, (49.06 + 46.04 + 43.98) / 3),
            ({"metric": "map_change_points", "start_month": "2021-03"}, 43.98 - 49.06),
            (
                {"metric": "maker_change_pct", "subject": "Canaan", "match": "revenue"}
                | {"start_month": "2018-01", "end_month": "2018-12"},
                100 * (2705 / 1308 - 1),
            ),
            (
                {"metric": "maker_value", "subject": "Canaan", "match": "revenue"}
                | {"start_month": "2021-07", "end_month": "2021-09"},
                1317.6,
            ),
        ],
    )
    def test_one_number_stands_in_all_three_columns(self, values, expected):
        row = claims.parts(one(**values)).iloc[0]
        assert list(row[["low", "answer", "high"]]) == pytest.approx([expected] * 3)

    def test_shares_of_several_months_have_the_band_of_their_mean(self):
        months = {"start_month": "2023-01", "end_month": "2023-02"}
        row = claims.parts(one(metric="panel_share_pct", **months)).iloc[0]
        paths = hm.country_panel.paths()["CHN"].unstack("month")[pd.to_datetime([*months.values()])]
        ends = paths.mean(axis=1).quantile([0.05, 0.5, 0.95])
        assert row[["low", "answer", "high"]].tolist() == pytest.approx(list(ends))

    def test_a_rank_has_the_band_of_the_draws(self):
        months = {"start_month": "2024-06", "end_month": "2024-06"}
        row = claims.parts(one(metric="panel_rank", **months)).iloc[0]
        shares = hm.country_panel.paths().xs("2024-06-01", level="month").drop(columns="OTH")
        larger = shares.gt(shares["CHN"], axis=0).sum(axis=1) + 1
        ends = np.quantile(larger, [0.05, 0.5, 0.95], method="nearest")
        assert row[["low", "answer", "high"]].tolist() == ends.tolist()


@pytest.mark.parametrize(
    ("found", "wanted", "slack", "equals", "at_least", "at_most"),
    [
        (answer(5), 5, 0, "holds", "holds", "holds"),
        (answer(5), 4, 1, "holds", "holds", "holds"),
        (answer(5), 3, 1, "fails", "holds", "fails"),
        (answer(5), 7, 1, "fails", "fails", "holds"),
        (answer(4, 5, 6), 5, 1, "holds", "holds", "holds"),
        (answer(4, 5, 6), 5, 0, "open", "open", "open"),
        (answer(4, 5, 6), 6, 0, "open", "open", "holds"),
        (answer(4, 5, 6), 4, 0, "open", "holds", "open"),
        (answer(4, 5, 6), 7, 0, "fails", "fails", "holds"),
        (answer(2, 2, float("inf")), 1, 0, "fails", "holds", "fails"),
        (answer(2, 2, float("inf")), 3, 0, "open", "open", "open"),
    ],
)
def test_an_interval_lies_within_the_claim_apart_from_it_or_across(
    found, wanted, slack, equals, at_least, at_most
):
    came_to = [
        claim_verdicts.compared(found, kind, wanted, slack)
        for kind in ("equals", "at_least", "at_most")
    ]
    assert came_to == [equals, at_least, at_most]


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        (["holds", "holds"], "supported"),
        (["holds", "open"], "partly"),
        (["some"], "partly"),
        (["some", "fails"], "partly"),
        (["fails", "fails"], "contradicted"),
        (["fails", "open"], "contradicted"),
        (["open"], "cannot be decided"),
    ],
)
def test_a_verdict_follows_from_what_came_of_the_parts(outcomes, verdict):
    assert claim_verdicts.verdict(outcomes) == verdict


@pytest.mark.parametrize(
    ("value", "beside", "text"),
    [
        (1234.4, 0, "1,234"),
        (100.4, 0, "100"),
        (99.96, 0, "100"),
        (12.34, 0, "12.3"),
        (1.04, 0, "1"),
        (0.333, 0, "0.33"),
        (-0.333, 0, "-0.33"),
        (43.98, 44, "43.98"),
        (99.996, 100, "99.996"),
        (5.00001, 5, "5"),
    ],
)
def test_a_number_has_as_many_digits_as_show_its_side(value, beside, text):
    assert claim_words.figures(value, beside).replace("−", "-") == text


def test_columns_are_those_of_the_manual():
    rows = claims.parts(one())
    assert list(rows) == [*hm.load("claims").columns, "low", "answer", "high", "says", "outcome"]
    table = claims.check(pd.concat([one(), one(part=2, reason="Read")], ignore_index=True))
    assert list(table) == [
        "claim_id",
        "claim",
        "verdict",
        "tables_say",
        "how",
        "reason",
        "source_id",
    ]
    row = table.iloc[0]
    assert list(row.drop("tables_say")) == [
        "x",
        "Something",
        "supported",
        "tables",
        "Read",
        "project-convention",
    ]
    judged = one(metric="judged", verdict="partly", reason="Read")
    assert list(claims.check(judged).iloc[0]) == [
        "x",
        "Something",
        "partly",
        "",
        "judged",
        "Read",
        "project-convention",
    ]
    assert list(claims.metrics()) == ["metric", "asks", "unit", "subject", "match"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"metric": "judged", "verdict": "partly"},
            "claims, row 2 (x): a judged claim needs a verdict and a reason; add them.",
        ),
        (
            {"metric": "judged", "verdict": "partly", "reason": "r", "match": "m"},
            "claims, row 2 (x): a judged claim asks no table, and its match would not be used; leave it "
            "out, or name a metric.",
        ),
        (
            {"verdict": "partly"},
            "claims, row 2 (x): a verdict is typed in beside a check that computes it; leave it out.",
        ),
        ({"end_month": None}, "claims, row 2 (x): end_month is missing; add it."),
        (
            {"comparison": "at_least", "tolerance": 0.5},
            "claims, row 2 (x): at_least takes no tolerance, and 0.5 would not be used; leave it out.",
        ),
        (
            {"metric": "price_ratio", "subject": None, "comparison": "always_at_most"},
            "claims, row 2 (x): always_at_most asks for every month, and price_ratio has one answer for "
            "the whole period; write at_most.",
        ),
        (
            {"match": "m"},
            "claims, row 2 (x): map_share_pct takes no match, and 'm' would not be used; leave it out.",
        ),
        (
            {"subject": None},
            "claims, row 2 (x): map_share_pct needs a subject (region of the mining map); add it.",
        ),
    ],
)
def test_a_wrong_row_is_said_with_what_to_do(values, sentence):
    with pytest.raises(InputError) as stopped:
        claims.check(one(**values))
    assert str(stopped.value) == sentence
