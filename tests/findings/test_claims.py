"""Claims: every metric, every comparison, and verdicts that follow the tables."""

import subprocess
import sys

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.errors import InputError
from hashrate_migration.findings import claims


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
            ("c20", "contradicted"),  # 44 percent in September 2020
            ("c21", "contradicted"),  # near zero in April 2022
            ("c16", "contradicted"),  # 150 TWh
            ("c31", "contradicted"),  # revenue down by 60 percent in 2021
            ("c01", "supported"),
            ("c06", "cannot be decided"),
            ("c03", "partly"),
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
        assert verdict(bad, nothing) == "cannot be decided"
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


class TestMetrics:
    @pytest.mark.parametrize("metric", METRICS)
    def test_a_metric_gives_what_the_table_has(self, metric):
        values, expected, slack = METRICS[metric]
        row = {"metric": metric, **values, "tolerance": slack + 1e-9}
        assert verdict({**row, "value": expected}) == "supported"
        assert verdict({**row, "value": expected + 2 * slack + 1}) == "contradicted"

    def test_electricity_has_the_bounds_of_power(self):
        row = {"metric": "energy_twh", **YEAR, "comparison": "at_least"}
        assert verdict({**row, "value": 20.0}) == "supported"
        assert verdict({**row, "value": 45.0}) == "cannot be decided"
        assert verdict({**row, "value": 75.0}) == "contradicted"
        assert verdict({**row, "subject": None, "value": 75.0}) == "cannot be decided"

    def test_electricity_over_generation(self):
        row = {"metric": "energy_over_generation", **YEAR, "comparison": "at_most", "value": 1.0}
        assert verdict({**row, "match": "CN-SC"}) == "supported"
        assert verdict({**row, "match": "CN-BJ"}) == "cannot be decided"

    def test_every_metric_is_tested(self):
        elsewhere = {"panel_share_pct", "energy_twh", "energy_over_generation"}
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
            assert rows[claim] == {claims.FAILS}


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
            ({"subject": "ATL"}, r"row 2 \(x\): subject 'ATL' is unknown"),
            ({"value": None}, "value is missing"),
            ({"comparison": None}, "comparison is missing"),
            ({"end_month": "2021-01"}, "start_month is after end_month"),
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
        path.write_text(path.read_text().replace("map_share_pct", "vibes"))
        done = self.command(str(path))
        assert done.returncode == 2
        assert "row 2" in done.stderr
        assert "Traceback" not in done.stderr
