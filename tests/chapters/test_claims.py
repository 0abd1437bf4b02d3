"""The claims laid out beside the tables."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import words
from hashrate_migration.chapters import claims as chapter
from hashrate_migration.findings import claim_readers, claims


@pytest.fixture(scope="module")
def parts():
    return claims.parts()


@pytest.fixture(scope="module")
def verdicts():
    return claims.check()


@pytest.fixture(scope="module")
def claimed(parts):
    return chapter.shares_claimed(parts, "CHN")


def test_the_tally_adds_up(verdicts):
    tally = chapter.tally(verdicts)
    assert tally.claims == hm.load("claims")["claim_id"].nunique()
    assert tally.supported + tally.partly + tally.contradicted + tally.undecided == tally.claims
    assert tally.by_tables + tally.both + tally.judged == tally.claims
    read = hm.load("claims").assign(
        read=lambda rows: rows["metric"].isin(["judged", "events", "event_dated", "searched"])
    )
    own = read.groupby("claim_id")["read"]
    assert tally.judged == own.all().sum()
    assert tally.by_tables == (~own.any()).sum()


def test_a_verdict_that_does_not_occur_counts_nothing(verdicts):
    tally = chapter.tally(verdicts[verdicts["verdict"] == claims.SUPPORTED])
    assert (tally.contradicted, tally.undecided) == (0, 0)


def test_every_claim_has_one_decider(verdicts):
    table = chapter.by_decider(verdicts).set_index("how")
    assert table["claims"].sum() == len(verdicts)
    columns = ["supported", "partly", "contradicted", "undecided"]
    assert (table[columns].sum(axis=1) == table["claims"]).all()
    failed = chapter.contradicted_parts(table.reset_index())
    assert failed.tables == table.loc[claims.BY_TABLES, "contradicted"]
    assert failed.tables + failed.read == (verdicts["verdict"] == claims.CONTRADICTED).sum()
    assert failed.on_tables + failed.on_read == len(verdicts)


def test_parts_that_fail_are_compared_by_their_share():
    assert chapter.Contradicted(2, 10, 1, 10).leans_to_tables
    assert not chapter.Contradicted(2, 10, 1, 5).leans_to_tables
    assert not chapter.Contradicted(1, 5, 2, 10).leans_to_tables


def test_claimed_shares_are_those_of_one_time(claimed):
    own = claimed.set_index("claim_id")
    assert own.loc["c20", "claimed_pct"] == 44
    assert own.loc["c21", "claimed_pct"] == 0
    assert own.loc["c20", "answer"] == pytest.approx(hm.shares()["CHN"]["2020-09-01"])
    assert "c01" not in own.index  # at least so much, in every month


def test_a_claimed_share_is_found_in_the_months_that_have_it(claimed):
    found = chapter.elsewhere(claimed, "CHN")
    assert ((found["share_pct"] - found["claimed_pct"]).abs() <= chapter.NEAR_POINTS).all()
    zero = found[found["claimed_pct"] == 0]
    assert list(zero["month"]) == list(pd.to_datetime(["2021-07-01", "2021-08-01"]))
    assert pd.Timestamp("2021-05-01") in set(found.loc[found["claim_id"] == "c20", "month"])
    assert pd.Timestamp("2019-12-01") in set(found.loc[found["claim_id"] == "c06", "month"])
    assert found["publisher"].notna().all()


def test_displaced_shares_fail_and_stand_on_the_map(claimed):
    table = chapter.displaced(claimed, "CHN").set_index("claimed_pct")
    assert table.loc[44.0, "found"] == [pd.Timestamp("2021-05-01")]
    assert 66.0 not in table.index  # not decided
    assert list(chapter.undecided(claimed)["claim_id"]) == ["c06"]


def test_the_title_follows_the_outcomes(claimed):
    then = claimed.set_index("claim_id").loc["c21", "answer"]
    assert chapter.share_title(claimed, "CHN") == (
        f"In September 2020 China held 67 percent and in April 2022 {then:.0f} percent, where the "
        "article has 44 and 0"
    )
    one = claimed[claimed["claim_id"] == "c20"]
    assert chapter.share_title(one, "CHN") == (
        "In September 2020 China held 67 percent, where the article has 44"
    )
    none = claimed.assign(outcome=claims.HOLDS)
    assert "beside the country panel" in chapter.share_title(none, "CHN")
    assert chapter.claim_labels(one) == ["article: 44\N{NO-BREAK SPACE}percent"]


def test_electricity_is_that_of_the_claimed_year(parts):
    found = chapter.energy_claimed(parts)
    assert (found.year, found.claimed) == (2020, 150)
    power = hm.load("network_power").set_index("month").loc["2020"]
    span = power.index.days_in_month * 24 / 1000
    assert found.network["value"] == pytest.approx((power["power_best_gw"] * span).sum())
    assert found.network["high"] == pytest.approx((power["power_upper_gw"] * span).sum())
    assert found.bars["value"].iloc[1] == pytest.approx(43.47, abs=0.01)
    assert "2.2 times" in chapter.energy_title(found)


def test_revenue_is_claimed_first_and_then_published(parts):
    changes = chapter.revenue_claimed(parts)
    assert changes["value"].tolist() == pytest.approx([-60, 1014.6, 65.8], abs=0.1)
    title = chapter.revenue_title(changes)
    assert "that of Canaan and Ebang rose by 1,015" in title
    fell = changes.assign(value=[-60.0, 10.0, -20.0])
    assert "that of Canaan and Ebang changed by +10 and −20 percent" in chapter.revenue_title(fell)
    assert "Bitmain" not in set(changes["maker"])  # it has published nothing
    assert list(chapter.not_found(parts)["company"]) == ["Bitmain"]


def test_room_is_told_from_the_claimed_period_on(parts):
    codes = chapter.countries_with_room(parts)
    panel = hm.panel("2024-01")
    title = chapter.room_title(parts, panel)
    low = panel[(panel["region"] == codes[0]) & (panel["month"] >= "2025-01-01")]["low"].min()
    assert title.startswith("Since 2025 the bands have not gone below")
    assert f"{low:.1f}" in title


def test_judged_claims_have_the_page_that_was_read(verdicts):
    table = chapter.judged(verdicts)
    assert table["source"].str.startswith("http").all()
    assert table["reason"].str.len().gt(0).all()
    right = chapter.supported(verdicts)
    assert len(right) == (verdicts["verdict"] == claims.SUPPORTED).sum()


def test_every_claim_has_both_languages():
    table = chapter.wordings()
    assert table["claim_id"].is_unique
    assert table["claim_zh"].str.contains(r"[\u4e00-\u9fff]").all()


def test_the_language_in_use_words_the_claims(verdicts):
    rows = hm.load("claims")
    words.use("zh")
    try:
        found = claims.check(rows[rows["claim_id"] == "c01"])
    finally:
        words.use("en")
    assert found["claim"].item() == rows["claim_zh"].iloc[0]
    assert verdicts["claim"].iloc[0] == rows["claim"].iloc[0]


def test_sightings_are_of_claims_that_there_are():
    table = chapter.sightings()
    assert set(table["claim_id"]) <= set(hm.load("claims")["claim_id"])
    assert table["source"].str.startswith("http").all()
    # What is near and not the same says in what.
    assert table.loc[table["carries"] == "near", "note"].notna().all()


def test_the_article_is_sought_and_its_sites_are_named():
    sought = chapter.sought()
    own = hm.load("claim_searches").query("search_id == @chapter.ARTICLE")
    assert (sought.searches, sought.pages) == (len(own), own["pages"].sum())
    assert sought.sites == sorted(set(sought.sites))
    assert len(chapter.searches()) == len(hm.load("claim_searches"))


def test_every_search_that_a_claim_names_is_on_record():
    rows = hm.load("claims").query("metric == 'searched'")
    assert set(rows["match"]) <= set(hm.load("claim_searches")["search_id"])


def test_labels_moved_from_china_to_its_neighbours():
    moved = chapter.relabelled()
    table = hm.load("ethereum_blocks").pivot(index="month", columns="tag", values="share_pct")
    fell = table["china"][moved.before] - table["china"][moved.after]
    assert moved.tag_fell == pytest.approx(fell)
    assert moved.others_rose > 0.5 * moved.tag_fell
    years = chapter.ethereum_by_year()
    assert years["year"].tolist() == list(range(2015, 2023))


def test_facts_on_coins_are_dated_as_closely_as_they_are_known():
    table = chapter.coin_facts()
    assert table["known_date"].str.fullmatch(r"\d{4}(-\d\d){0,2}").all()
    assert len(table) == len(hm.load("other_coins"))


def test_sales_are_of_the_same_maker_and_months():
    table = chapter.sales().set_index(["maker", "start_month"])
    row = table.loc[("Canaan", pd.Timestamp("2021-10-01"))]
    assert row["sold_million_ths"] == 7.7
    assert row["revenue_millions"] == 2184.6
    assert row["per_ths"] == pytest.approx(2184.6 / 7.7)
    assert row["currency"] == "CNY"
    assert table["currency"].notna().all()


def test_readers_differ_where_their_verdicts_do(verdicts):
    coded = verdicts[["claim_id", "verdict"]].assign(reason="read")
    coded.loc[0, "verdict"] = claims.UNDECIDED
    table = chapter.differing(claim_readers.agreement(coded))
    assert table["claim_id"].tolist() == [verdicts["claim_id"].iloc[0]]


def test_the_rules_are_those_that_are_applied():
    assert chapter.rules() == list(claims.RULES)
