"""The outlook in tables and titles."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.chapters import outlook as chapter
from hashrate_migration.findings import concentration, outlook


@pytest.fixture(scope="module")
def spread():
    return concentration.countries("2019-09")


@pytest.fixture(scope="module")
def cases():
    return outlook.scenarios(months=12)


def test_concentration_is_shown_at_the_maps_ends_and_now(spread):
    table = chapter.concentration_table(spread)
    assert list(table["month"][:3]) == list(pd.to_datetime(["2019-09", "2021-05", "2022-01"]))
    assert table["month"].iloc[-1] == spread.index[-1]
    first = spread.iloc[0]
    assert table["holding_half_band"].iloc[0] == "1 (1–1)"
    assert table["effective_number_band"].iloc[0].startswith(f"{first['effective_number']:.1f} (")


def test_holders_have_the_ends_of_the_band(spread):
    last = chapter.holders(spread.iloc[-1])
    assert last.month == spread.index[-1]
    assert 1 <= last.low <= spread["holding_half"].iloc[-1] <= last.high
    title = chapter.effective_title(spread)
    peak = spread["effective_number"].idxmax()
    assert f"{spread['effective_number'].max():.1f} at its peak in {peak:%B %Y}" in title
    rising = spread.assign(effective_number=range(1, len(spread) + 1))
    assert "peak" not in chapter.effective_title(rising)
    assert "in July 2021 and August 2021 are taken for what they are" in chapter.effective_caption()


def test_the_searches_are_those_of_the_destinations():
    told = chapter.searched()
    searches = hm.load("event_searches")
    own = searches[
        searches["region"].isin(outlook.destinations()) & searches["protocol"].eq("fixed")
    ]
    assert told.countries * told.each == len(own)
    assert (told.results, told.hits) == (own["results"].sum(), own["hits"].sum())
    assert own.groupby("region")["hits"].sum().min() == told.fewest_hits
    assert own[own["region"] == told.fewest]["hits"].sum() == told.fewest_hits


def test_the_title_of_ranks_names_whom_the_score_sets_apart():
    ranks = pd.DataFrame(
        {"low": [1.0, 1.0, 3.0, 4.0], "median": [1.0, 2.0, 3.0, 4.0], "high": [2.0, 3.0, 3.0, 4.0]},
        index=["PRY", "USA", "IRN", "KAZ"],
    )
    assert chapter.behind(ranks) == ["IRN", "KAZ"]
    title = chapter.ranks_title(ranks)
    assert "Iran and Kazakhstan rank behind the middle" in title
    assert "the order of the other two is open" in title
    assert chapter.ranks_title(ranks.assign(low=1.0)).startswith("No destination ranks behind")


def test_the_link_with_what_lasted_has_two_ends():
    low, high = chapter.link_with_what_lasted(outlook.WEIGHTS, seed=0)
    assert -1 <= low < high <= 1
    most, staying = chapter.by_source(outlook.WEIGHTS)
    assert 0 <= staying <= len(outlook.destinations())
    assert 1 <= most < len(outlook.destinations())


def test_half_of_the_network_is_said_with_the_draws_in_which_it_was_held():
    half = chapter.half_since_the_ban()
    own = hm.country_panel.paths()[half.country].unstack("month").loc[:, half.since :]
    assert half.ever_pct == pytest.approx(100 * (own >= 50).any(axis=1).mean())
    assert half.since == pd.Timestamp("2021-09-01")


def test_scenarios_are_shown_at_their_turns_beside_none(cases):
    table = chapter.moments(cases)
    months = list(table)[2:]
    assert months == list(pd.to_datetime(["2026-07", "2027-01", "2027-07"]))
    crisis = table[table["country"] == "KAZ"].set_index("scenario")
    assert list(crisis.index) == [outlook.POWER_CRISIS, outlook.AS_IT_GOES]
    # They start alike, and are apart when the crisis strikes and when it is over.
    struck, plain = (crisis.loc[name, months].tolist() for name in crisis.index)
    assert [one == other for one, other in zip(struck, plain, strict=True)] == [True, False, False]


def test_single_paths_are_some_of_those_in_the_band():
    paths = chapter.single_paths(3, 0, count=5)
    whole = outlook.drawn(outlook.Scenario(), 3)
    assert len(paths.index.unique("draw")) == 5
    pd.testing.assert_frame_equal(paths, whole.loc[paths.index])


def test_final_shares_have_every_scenario_and_country(cases):
    table = chapter.final_table(cases, ["USA", "CHN"])
    assert table["scenario"].tolist() == list(outlook.SCENARIOS)
    final = chapter.at_end(cases).loc[(outlook.SECOND_BAN, "CHN")]
    ban = table.set_index("scenario").loc[outlook.SECOND_BAN, "CHN"]
    assert ban.startswith(f"{final['median']:.1f} ({final['low']:.1f}–")


def test_the_title_follows_the_months(cases):
    assert chapter.strikes(cases)
    assert chapter.is_over(cases)
    left = chapter.at_end(cases).loc[(outlook.SECOND_BAN, "CHN"), "median"]
    assert f"would leave China {left:.0f} percent" in chapter.scenarios_title(cases, 80.0)
    start = cases["month"].min()
    early = cases[cases["month"] <= start + pd.DateOffset(months=3)]
    assert not chapter.strikes(early)
    assert not chapter.is_over(early)
    assert chapter.scenarios_title(early, 80.0).startswith(
        "As it goes, the United States would hold"
    )


def test_every_scenario_starts_where_the_panel_ends(cases):
    course = chapter.as_it_goes(cases, "USA")
    last = cases["month"].min()
    panel = hm.panel(last, last, ["USA"])["share_pct"].item()
    assert course.start == pytest.approx(panel, rel=1e-5)
    own = cases[(cases["scenario"] == outlook.SECOND_BAN) & (cases["region"] == "USA")]
    assert course.start == own.set_index("month").loc[last, "median"]
    assert course.end == chapter.at_end(cases).loc[(outlook.AS_IT_GOES, "USA"), "median"]


def test_a_scenario_is_inside_if_all_its_countries_are(cases):
    found = chapter.inside(cases)
    assert outlook.SECOND_BAN not in found
    assert outlook.POWER_CRISIS in found
    wide = cases.copy()
    plain = wide["scenario"] == outlook.AS_IT_GOES
    wide.loc[plain, ["low", "high"]] = [0.0, 100.0]
    assert chapter.inside(wide) == list(outlook.CONCERNED)
    assert chapter.named([outlook.US_GROWTH]) == ["“US growth”"]


def test_forecasts_are_claims_with_verdicts():
    table = chapter.forecasts()
    assert len(table) == len(chapter.FORECASTS)
    assert list(table) == ["claim", "verdict", "tables_say"]
    # Where no table is asked, the reader's reason stands.
    assert (table["tables_say"].str.len() > 10).all()
