"""The score of destinations: what it counts, and how far what is not known moves it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.errors import InputError
from hashrate_migration.findings import destinations, outlook

THREE = pd.DataFrame(
    # At its best, at its worst, and a quarter of the way, half of it and at the worst.
    {
        "carbon": [100.0, 500.0, 200.0],
        "reliability": [0, 4, 2],
        "policy": [1, 3, 3],
        "kept": [0.9, 0.1, 0.5],
    },
    index=pd.Index(["AAA", "BBB", "CCC"], name="region"),
)

WEIGHTS = ["weights"]


def three(monkeypatch, table=THREE):
    monkeypatch.setattr(destinations, "components", lambda without=(): table)


def test_every_destination_in_the_score_has_a_recorded_search():
    searches = hm.load("event_searches")
    fixed = searches[searches["protocol"] == "fixed"]
    alike = fixed.groupby("region").size()
    scored = destinations.score().index
    assert len(scored) > 10
    # The same number of searches for each, with the same words but for the country's name.
    assert set(alike[scored]) == {3}
    ends = fixed[fixed["region"].isin(scored)]["words"].str.split().str[-2:].str.join(" ")
    assert ends.nunique() == 3


def test_what_was_searched_for_elsewhere_only_is_not_counted():
    found = destinations.measures()
    events = hm.load("policy_events").set_index("event_id")
    counts = destinations.components()
    for region, own in found[found["alike"]].groupby("region"):
        by_hand = own["component"].value_counts()
        for component in ("reliability", "policy"):
            assert counts.loc[region, component] == by_hand.get(component, 0)
    # Paraguay's tariffs were found by searches in Spanish, which other countries did not have.
    tariff = "2022-09-16-pry-1"
    assert events.loc[tariff, "found_by"] == "local"
    assert not found.loc[tariff, "alike"]


def test_a_proposal_is_no_act_and_a_measure_counts_once():
    found = destinations.measures()
    events = hm.load("policy_events").set_index("event_id")
    status = events.loc[found.index[found["component"] == "policy"], "status"]
    # A bill that became a law counts from its first step on; one that did not, not at all.
    later = events[events["follows"].isin(status.index)].set_index("follows")["status"]
    begun = status[~status.isin(["in force", "enacted"])]
    assert set(later[begun.index]) <= {"in force", "enacted"}
    assert "2022-07-11-kaz-1" in found.index
    assert "2023-01-01-kaz-1" not in found.index
    assert "2025-06-20-nor-1" not in found.index


def test_one_weight_alone_ranks_by_that_component():
    table = destinations.score({"carbon": 1, "reliability": 0, "policy": 0})
    assert table["carbon"].is_monotonic_increasing
    assert table["score"].iloc[0] == pytest.approx(1)
    assert table["score"].iloc[-1] == pytest.approx(0)


def test_only_proportions_of_weights_matter():
    one = destinations.score({"carbon": 1, "reliability": 2, "policy": 3})
    ten = destinations.score({"carbon": 10, "reliability": 20, "policy": 30})
    pd.testing.assert_frame_equal(one, ten)


def test_components_are_those_of_the_tables():
    table = destinations.components()
    assert list(table) == ["carbon", "reliability", "policy", "kept"]
    assert list(table.index) == destinations.destinations()
    assert table.notna().all(axis=None)
    assert table["kept"].between(0, 1).all()
    shares = hm.panel("2021-01").pivot(index="month", columns="region", values="share_pct")
    peak = shares.max()
    assert (peak[table.index] >= 1).all()
    assert peak[table.index].is_monotonic_decreasing
    left_out = set(peak.index[peak >= 1]) - set(table.index)
    # The origin, two proxies and the rest.
    assert left_out == {"CHN", "DEU", "IRL", "OTH"}
    for country in table.index:
        last = shares[country].iloc[-1]
        assert table.loc[country, "kept"] == pytest.approx(last / peak[country])
    # Coal at 820, hydro at 24: a grid of coal counts far more than one of water.
    assert table.loc["KAZ", "carbon"] > 500
    assert table.loc["CAN", "carbon"] < 250


class TestByHand:
    def test_a_score_is_one_less_the_weighted_mean(self, monkeypatch):
        three(monkeypatch)
        table = destinations.score({"carbon": 4, "reliability": 2, "policy": 2})
        assert list(table) == ["carbon", "reliability", "policy", "kept", "score"]
        assert list(table.index) == ["AAA", "CCC", "BBB"]
        # 1 - (4 * 0.25 + 2 * 0.5 + 2 * 1) / 8
        assert list(table["score"]) == pytest.approx([1, 0.5, 0])
        # A weight that is not given is 1: 1 - (0 * 0.25 + 0.5 + 1) / 2.
        assert destinations.score({"carbon": 0})["score"]["CCC"] == pytest.approx(0.25)
        # 1 - (0.25 + 0.5 + 1) / 3
        assert destinations.score()["score"]["CCC"] == pytest.approx(1.25 / 3)

    def test_a_component_in_which_all_are_alike_counts_nothing(self, monkeypatch):
        three(monkeypatch, THREE.assign(policy=0))
        without = destinations.score({"policy": 0})
        # A third of the weight goes to what tells no one apart.
        assert destinations.score()["score"][without.index].to_numpy() == pytest.approx(
            (2 * without["score"] + 1) / 3
        )
        assert destinations.sensitivity(50).notna().all(axis=None)

    def test_ranks_follow_whatever_the_weights(self, monkeypatch):
        three(monkeypatch)
        table = destinations.sensitivity(50, unknown=WEIGHTS)
        assert list(table) == ["low", "median", "high"]
        assert table.index.name == "region"
        assert table.T.to_dict("list") == {"AAA": [1, 1, 1], "CCC": [2, 2, 2], "BBB": [3, 3, 3]}

    def test_all_proportions_of_weights_are_alike_likely(self, monkeypatch):
        # One is best in carbon alone, the other in both others: ahead where carbon has over half of
        # the weight, which is a quarter of the triangle of proportions, and with 0.76 of it 0.0576.
        table = THREE.iloc[:2].assign(carbon=[1.0, 0], reliability=[0, 1], policy=[0, 1])
        three(monkeypatch, table)
        ranks = destinations.sensitivity(400, unknown=WEIGHTS)
        assert ranks.T.to_dict("list") == {"AAA": [1, 1, 2], "BBB": [1, 2, 2]}
        assert list(ranks.index) == ["AAA", "BBB"]

    def test_nothing_unknown_moves_nothing(self, monkeypatch):
        three(monkeypatch)
        ranks = destinations.drawn_ranks(3, unknown=())
        assert ranks.to_numpy().tolist() == [[1, 3, 2]] * 3


def test_what_is_missed_follows_what_the_searches_find():
    counts = np.array([[0, 4], [1, 0]])
    drawn = destinations.missed(counts, 20_000, np.random.default_rng(0))
    alike = destinations.measures()["alike"]
    found, not_found = alike.sum(), (~alike).sum()
    # Of a beta with a and b the odds of the complement have the mean b / (a - 1).
    odds = (1 + not_found) / found
    # The mean error of 20,000 draws is below two percent of the largest.
    assert drawn.mean(axis=0) == pytest.approx((counts + 1) * odds, rel=0.05)
    assert destinations.found_pct() == pytest.approx(100 * found / (found + not_found))


def test_events_that_no_search_found_move_the_ranks():
    sure = destinations.sensitivity(200, unknown=())
    unsure = destinations.sensitivity(200, unknown=["events"])
    assert (sure["low"] == sure["high"]).all()
    moving = (unsure["high"] > unsure["low"]).sum()
    assert moving > len(unsure) / 2
    both = destinations.sensitivity(200)
    # What is not known twice is not known better.
    width, alone = both["high"] - both["low"], unsure["high"] - unsure["low"]
    assert width.sum() > alone.sum()
    assert both["low"].min() >= 1
    assert both["high"].max() <= len(both)


def test_a_page_that_was_not_read_takes_its_events_with_it():
    whole = destinations.components()
    ban = hm.load("policy_events").set_index("event_id").loc["2024-05-23-are-1", "source_id"]
    less = destinations.components([ban])
    assert less.loc["ARE", "policy"] == whole.loc["ARE", "policy"] - 1
    turns = destinations.without_a_source()
    assert (turns["low"] <= turns["rank"]).all()
    assert (turns["rank"] <= turns["high"]).all()
    assert turns.loc["ARE", "low"] < turns.loc["ARE", "rank"]


@pytest.mark.parametrize("numbers", [{"draws": 0}, {"draws": 1.5}, {"seed": -1}])
def test_draws_are_whole_numbers(numbers):
    with pytest.raises(InputError, match="is not a whole number"):
        destinations.sensitivity(**numbers)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: outlook.score({"luck": 1}),
            "weights names 'luck'; the components are: carbon, reliability, policy.",
        ),
        (lambda: outlook.score({"carbon": -1}), "weights gives -1 for carbon; give 0 or more."),
        (
            lambda: outlook.score({"carbon": float("nan")}),
            "weights gives nan for carbon; give 0 or more.",
        ),
        (lambda: outlook.score([1]), "weights = [1] is not a mapping; give one."),
        (
            lambda: outlook.score(dict.fromkeys(outlook.COMPONENTS, 0)),
            "The weights are all 0; give at least one above 0.",
        ),
        (
            lambda: outlook.score(dict.fromkeys(outlook.COMPONENTS, 1e308)),
            "The weights add up to more than can be counted; give smaller ones.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(call, sentence):
    with pytest.raises(InputError) as stopped:
        call()
    assert str(stopped.value) == sentence


def test_what_is_unknown_is_one_of_two():
    with pytest.raises(InputError, match="unknown = 'luck'"):
        destinations.sensitivity(2, unknown=["luck"])
