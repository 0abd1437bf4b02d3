from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import charts, flows
from hashrate_migration.chapters import migration
from hashrate_migration.flows import published
from hashrate_migration.flows.checks import RETIRED
from hashrate_migration.periods import Window

WINDOW = Window(pd.Timestamp("2021-05-01"), pd.Timestamp("2021-08-01"))
FEW = {"draws": 60, "seed": 3}


@pytest.fixture(scope="module")
def drawn():
    return migration.drawn_flows(WINDOW)


def lost_by_the_map() -> float:
    stock = hm.stocks()["CHN"]
    return stock[WINDOW.start] - stock[WINDOW.end]


class TestAccounts:
    def test_they_begin_after_the_window_starts_and_end_with_the_map(self):
        table = migration.accounts(WINDOW)
        assert table["month"].iloc[0] == pd.Timestamp("2021-06-01")
        assert table["month"].iloc[-1] == hm.stocks().index[-1]
        balance = table["stock_before_ehs"] - table["departures_ehs"] + table["arrivals_ehs"]
        np.testing.assert_allclose(balance, table["stock_ehs"], atol=1e-9)

    def test_what_was_lost_and_regained(self):
        lost, regained = migration.lost_and_regained(WINDOW)
        assert lost == pytest.approx(lost_by_the_map())
        after = hm.stocks()["CHN"].loc[WINDOW.end :].diff().clip(lower=0)
        assert regained == pytest.approx(after.sum())


class TestMethods:
    def test_every_method_accounts_for_all_that_left(self):
        table = migration.by_method(WINDOW)
        np.testing.assert_allclose(table.sum(), lost_by_the_map())
        assert set(table) == set(flows.METHODS)
        assert list(table.index[-2:]) == ["CHN", RETIRED]

    def test_options_reach_the_methods_that_take_them(self):
        known = migration.methods(lag_months=4, supply="high")
        assert known["transport"].lag_months == 4
        assert known["transport"].supply_ehs == known["proportional"].supply_ehs
        assert known["transport"].supply_ehs > migration.methods()["transport"].supply_ehs

    def test_destinations_have_names(self):
        table = migration.named(migration.by_method(WINDOW))
        names = list(table["party"])
        assert names[0] == "United States"
        assert names[-2:] == ["in China again", "running nowhere"]

    def test_net_links_nothing(self):
        assert migration.between_regions(migration.estimated("net"), WINDOW).empty

    def test_part_of_china_among_flows_between_regions(self):
        pairs = pd.DataFrame(
            {
                "origin": ["CHN", "CHN", "IRN"],
                "destination": ["USA", "CHN", "USA"],
                "flow_ehs": [6.0, 3.0, 3.0],
            }
        )
        # What was switched off and back where it had been did not move.
        assert migration.part_of_origin(pairs) == pytest.approx(100 * 6 / 9)
        title = migration.chord_title(pairs, "minimum")
        assert title.startswith(
            "By the least turnover estimate 67\N{NO-BREAK SPACE}percent of what"
        )

    def test_flows_to_itself_alone_are_no_moves(self):
        pairs = pd.DataFrame({"origin": ["CHN"], "destination": ["CHN"], "flow_ehs": [3.0]})
        assert np.isnan(migration.part_of_origin(pairs))
        assert migration.chord_title(pairs, "net").startswith("Nothing moved")


class TestDestinations:
    def test_bounds_hold_the_estimates_of_the_same_map(self, drawn):
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
        assert table["median"].is_monotonic_decreasing

    TABLE = pd.DataFrame(
        {
            "bound_low": [1.0, 0.01, 0.0],
            "bound_high": [9.0, 8.0, 7.0],
            "low": [4.0, 1.0, 0.5],
            "median": [5.0, 2.0, 1.0],
            "high": [6.0, 3.0, 1.5],
        },
        index=["USA", "KAZ", "CAN"],
    )

    def test_the_title_sets_the_interval_beside_the_bounds(self):
        assert migration.received_title(self.TABLE) == (
            "The United States received 4 to 6 EH/s from China; the accounts alone would allow 1 to 9"
        )

    def test_forced_flows(self):
        assert migration.forced(self.TABLE) == ["USA"]
        assert migration.forced(self.TABLE.iloc[1:]) == []

    def test_overlap_is_of_neighbours_after_the_first(self):
        assert migration.overlap(self.TABLE)
        assert not migration.overlap(self.TABLE.assign(high=[6.0, 3.0, 0.9]))
        assert not migration.overlap(self.TABLE.iloc[:2])

    def test_less_supply_forces_more_abroad(self):
        table = migration.abroad_by_supply(WINDOW)
        assert pd.isna(table["max_supply_ehs"].iloc[0])
        assert table["max_supply_ehs"].iloc[1:].is_monotonic_decreasing
        assert table["low_ehs"].is_monotonic_increasing
        assert table["low_ehs"].iloc[0] == 0
        assert table["low_ehs"].iloc[-1] > 10
        assert (table["high_ehs"] <= lost_by_the_map() + 1e-9).all()

    def test_limits_that_arrivals_do_not_allow_have_no_bounds(self):
        table = migration.abroad_by_supply(
            Window(pd.Timestamp("2020-09-01"), pd.Timestamp("2020-12-01"))
        )
        # By the map more machines arrived in February 2021 than the lowest limit allows.
        assert table.iloc[-1][["low_ehs", "high_ehs"]].isna().all()
        assert table["low_ehs"].iloc[0] == 0

    def test_no_limit_is_said_in_words(self):
        limits = pd.DataFrame({"max_supply_ehs": [np.nan, 12.0], "low_ehs": [0.0, np.nan]})
        shown = migration.limits_table(limits)
        assert list(shown["max_supply_ehs"]) == ["no limit", 12.0]
        assert shown["low_ehs"].isna().tolist() == [False, True]

    def test_the_tightest_limit_that_tells_something(self):
        limits = pd.DataFrame(
            {"max_supply_ehs": [np.nan, 12.0, 8.0, 4.0], "low_ehs": [0.0, 0.0, 3.0, np.nan]}
        )
        assert migration.tightest(limits)["max_supply_ehs"] == 8
        assert migration.tightest(limits.iloc[:2]) is None


class TestPictures:
    def test_the_picture_the_title_and_the_table_have_the_same_numbers(self, drawn):
        pairs = migration.sankey_flows(drawn)
        table = migration.headlines(drawn).set_index("figure")["mean"]
        total = table["stopped in China"]
        assert pairs["flow_ehs"].sum() == pytest.approx(total, abs=0.02)
        back = pairs.loc[pairs["destination"] == "CHN", "flow_ehs"].sum()
        assert back == pytest.approx(table["ran in China again"], abs=0.01)
        figure = charts.new_figure("Title", "Subtitle", "Source")
        ax = figure.subplots()
        charts.sankey(ax, pairs)
        shown = [text.get_text() for text in ax.texts]
        assert f"China  {pairs['flow_ehs'].sum():.1f}" in shown
        # Mean and interval of the picture are those of the table below it.
        beside = migration.where(WINDOW, drawn).set_index("party")
        for name in ("United States", "Russia", "Kazakhstan"):
            _median, interval = beside.loc[name, "drawn_band"].split(" ", 1)
            assert f"{name}  {beside.loc[name, 'mean']:.1f} {interval}" in shown

    def test_every_row_says_what_evidence_speaks_of_it(self, drawn):
        table = migration.where(WINDOW, drawn).set_index("party")
        assert list(table.index[-2:]) == ["in China again", "running nowhere"]
        assert table["mean"].iloc[:-2].is_monotonic_decreasing
        assert "counts by the press" in table.loc["Russia", "evidence_on"]
        assert table.loc["United States", "evidence_on"] == (
            "counts by the press, listed miners and pools run from the United States"
        )
        assert table.loc["running nowhere", "evidence_on"] == "fleets that were followed"
        assert table.loc["Malaysia", "evidence_on"] == "the map alone"
        assert table.loc["running nowhere", "allowed_band"] == "–"

    def test_a_flow_that_the_accounts_force_is_said_to_be(self):
        assert migration._evidence_on("MYS", 2.04, []).startswith("at least 2.0")
        assert migration._evidence_on("MYS", 0.01, []) == "the map alone"

    def test_the_title_of_the_picture_says_the_interval(self, drawn):
        low, high = migration.intervals(drawn)["abroad_pct"].ends
        title = migration.sankey_title(drawn, pd.Timestamp("2022-01-01"))
        assert title.replace("\N{NO-BREAK SPACE}", " ") == (
            f"By January 2022, {low:.0f} to {high:.0f} percent of what stopped in China had run again "
            "abroad"
        )

    def test_arrivals_by_kind_add_up_to_the_accounts(self):
        start = migration.months_of_change(WINDOW).start
        table = migration.arrivals_by_kind(migration.estimated("transport"), start)
        gains = hm.stocks().diff().clip(lower=0).sum(axis=1)
        np.testing.assert_allclose(table.sum(axis=1), gains.loc[table.index])
        new = table["new"].sum() / table.sum().sum()
        assert migration.had_run_before(table) == pytest.approx(100 * (1 - new))

    def test_the_title_of_arrivals_says_whose_number_it_is(self, drawn):
        months = pd.to_datetime(["2021-07-01", "2021-08-01"])
        kinds = pd.DataFrame({"abroad": [1.0, 2.0], "new": [3.0, 4.0]}, months)
        low, high = migration.intervals(drawn)["relocated_pct"].ends
        title = migration.arrivals_title(kinds, "minimum", drawn)
        assert title.replace("\N{NO-BREAK SPACE}", " ") == (
            "By the least turnover estimate 30 percent of what arrived from July 2021 to August 2021 "
            f"had run before ({low:.0f} to {high:.0f} by the draws)"
        )


class TestHeadlines:
    def test_names_and_receivers(self, drawn):
        table = migration.headlines(drawn, ["abroad", "back"], ["USA", "OTH"])
        assert list(table["figure"]) == [
            *("ran abroad", "ran in China again"),
            *("received by the United States", "received by other countries"),
        ]
        every = migration.headlines(drawn)
        assert len(every) == len(migration.FIGURES) + hm.stocks().shape[1] - 1

    def test_intervals_by_code(self, drawn):
        table = drawn.headlines.set_index("figure")
        found = migration.intervals(drawn)["abroad_pct"]
        assert found.median == table.loc["abroad_pct", "median"]
        assert found.ends == (table.loc["abroad_pct", "low"], table.loc["abroad_pct", "high"])

    def test_the_leader_leads_in_most_of_the_draws(self, drawn):
        code, part = migration.leader(drawn)
        own = drawn.pairs[drawn.pairs["origin"] == "CHN"].set_index("destination")
        assert code == own["most_pct"].idxmax()
        assert 0 < part <= 100
        assert own["most_pct"].sum() == pytest.approx(100, abs=0.1)


class TestKept:
    def test_what_is_published_is_read(self, drawn):
        assert migration.kept(WINDOW, "drawn", published.DRAWS, published.SEED)
        pd.testing.assert_frame_equal(drawn.headlines, published.kept("drawn").headlines)

    @pytest.mark.parametrize(
        "asked",
        [
            (Window(pd.Timestamp("2021-04-01"), pd.Timestamp("2021-08-01")), 24_000, 0),
            (WINDOW, 60, 0),
            (WINDOW, published.DRAWS, 1),
        ],
    )
    def test_anything_else_is_drawn(self, asked):
        window, draws, seed = asked
        assert not migration.kept(window, "drawn", draws, seed)

    def test_evidence_is_kept_of_the_whole_range_of_supply_alone(self):
        chance = (published.DRAWS, published.SEED)
        assert migration.published_here(WINDOW, "drawn", *chance)
        assert migration.kept(WINDOW, "low", *chance)
        assert not migration.published_here(WINDOW, "low", *chance)

    def test_other_months_are_drawn_anew(self):
        window = Window(pd.Timestamp("2021-05-01"), pd.Timestamp("2021-07-01"))
        found = migration.drawn_flows(window, supply="low", **FEW)
        heads = found.headlines.set_index("figure")
        assert (heads["low"] <= heads["high"]).all()
        own = found.pairs[found.pairs["origin"] == "CHN"]
        assert own["mean_ehs"].sum() == pytest.approx(heads.loc["departed", "mean"])

    def test_evidence_of_summer_2021_says_nothing_of_other_years(self):
        window = Window(pd.Timestamp("2021-08-01"), pd.Timestamp("2021-12-01"))
        assert migration.heard(window) == ["supply"]
        assert "counts by the press" in migration.silent(window)
        table = migration.where(window, migration.drawn_flows(window, **FEW))
        rest = table.set_index("party")["evidence_on"]
        for words in ("press", "listed", "pools run", "fleets"):
            assert not rest.str.contains(words).any()

    def test_of_the_published_months_no_evidence_is_silent(self):
        assert migration.silent(WINDOW) == []

    def test_few_draws_are_said_to_be_few(self, drawn):
        assert migration.enough(drawn)
        assert not migration.enough(dataclasses.replace(drawn, effective=99.0))


class TestHidden:
    def test_its_ends_are_those_of_the_chain(self):
        most, least = migration.hidden_ends()
        assert most == pytest.approx(56, abs=1)
        assert least == pytest.approx(36, abs=1)


class TestCounts:
    def test_a_count_without_a_country_is_not_used(self):
        table = migration.counts()
        reports = hm.load("relocation_reports").set_index("statement")
        for row in table.itertuples():
            named = isinstance(reports.loc[row.statement, "destination"], str)
            assert (row.counted_band != "–") == named

    def test_parts_follow_their_whole(self):
        statements = list(migration.counts()["statement"])
        parts = [text.startswith("of these") for text in statements]
        first = parts.index(True)
        assert "14 mining firms" in statements[first - 1]
        assert all(parts[first : first + sum(parts)])

    def test_the_largest_count_and_what_it_places(self, edit):
        reports = hm.load("relocation_reports").set_index("report_id")["machines"]
        parts = reports[["to-russia", "to-kazakhstan", "to-usa"]].sum()
        assert migration.unplaced() == pytest.approx(reports["all-out"] / parts)
