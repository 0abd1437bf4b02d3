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


def test_the_best_told_countries_have_most_events():
    events = hm.load("policy_events")
    counts = events[events["date"] >= "2021-01-01"].groupby("region").size()
    told = chapter.best_told(3)
    assert counts[told].min() >= counts.drop(told).max()


def test_the_title_of_ranks_says_whether_the_ends_hold():
    ranks = pd.DataFrame(
        {"low": [1.0, 2.0, 4.0], "median": [1.0, 2.0, 4.0], "high": [1.0, 3.0, 4.0]},
        index=["PRY", "USA", "CHN"],
    )
    ranks.loc["CHN", "low"] = 3.0
    assert chapter.ranks_title(ranks.assign(low=[1.0, 2.0, 3.0])).startswith(
        "Paraguay comes first and China last under 95 percent"
    )
    assert chapter.ranks_title(ranks.assign(high=[2.0, 3.0, 3.0])).startswith(
        "Which country comes first and which last depends on the weights"
    )


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
