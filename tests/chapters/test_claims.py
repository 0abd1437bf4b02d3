"""The claims laid out beside the tables."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.chapters import claims as chapter
from hashrate_migration.findings import claims


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
    assert tally.by_tables + tally.judged == tally.claims
    judged = hm.load("claims").groupby("claim_id")["metric"].agg(lambda m: (m == "judged").all())
    assert tally.judged == judged.sum()


def test_a_verdict_that_does_not_occur_counts_nothing(verdicts):
    tally = chapter.tally(verdicts[verdicts["verdict"] == claims.SUPPORTED])
    assert (tally.contradicted, tally.undecided) == (0, 0)


def test_every_claim_is_about_one_thing(parts, verdicts):
    table = chapter.by_subject(parts, verdicts).set_index("about")
    assert table["claims"].sum() == len(verdicts)
    columns = ["supported", "partly", "contradicted", "undecided"]
    assert (table[columns].sum(axis=1) == table["claims"]).all()
    assert table.loc[claims.JUDGED, "claims"] == (verdicts["how"] == claims.JUDGED).sum()
    failed = chapter.contradicted_parts(table.reset_index())
    assert failed.events == table.loc[chapter.EVENTS, "contradicted"]
    assert failed.on_quantities == table.loc[chapter.QUANTITIES, "claims"]


def test_parts_that_fail_are_compared_by_their_share():
    assert chapter.Contradicted(1, 10, 2, 10).leans_to_quantities
    assert not chapter.Contradicted(1, 5, 2, 10).leans_to_quantities
    assert not chapter.Contradicted(2, 5, 2, 10).leans_to_quantities


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
