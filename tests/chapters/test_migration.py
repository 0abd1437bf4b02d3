from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import charts, flows
from hashrate_migration.chapters import migration
from hashrate_migration.flows.checks import RETIRED
from hashrate_migration.periods import Window
from hashrate_migration.words import translated

WINDOW = Window(pd.Timestamp("2021-05-01"), pd.Timestamp("2021-08-01"))
FEW = {"draws": 60, "seed": 0}


@pytest.fixture(scope="module")
def drawn():
    return migration.draws(WINDOW, **FEW)


@pytest.fixture(scope="module")
def tried(drawn):
    return migration.tried(WINDOW, drawn, **FEW)


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
        assert names[-2:] == ["back to China", "retired or still off"]

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
        assert migration.chord_title(pairs).startswith("67\N{NO-BREAK SPACE}percent of what moved")

    def test_flows_to_itself_alone_are_no_moves(self):
        pairs = pd.DataFrame({"origin": ["CHN"], "destination": ["CHN"], "flow_ehs": [3.0]})
        assert np.isnan(migration.part_of_origin(pairs))
        assert migration.chord_title(pairs).startswith("Nothing moved")


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
    def test_the_picture_the_title_and_the_table_have_the_same_total(self, drawn):
        pairs = migration.sankey_flows(drawn)
        table = migration.headlines(drawn).set_index("figure")["mean"]
        assert pairs["flow_ehs"].sum() == pytest.approx(table["departed"])
        back = pairs.loc[pairs["destination"] == "CHN", "flow_ehs"].sum()
        assert back == pytest.approx(table["came back"])
        figure = charts.new_figure("Title", "Subtitle", "Source")
        ax = figure.subplots()
        charts.sankey(ax, pairs)
        shown = [text.get_text() for text in ax.texts]
        total = f"{table['departed']:.1f}"
        assert f"China  {total}" in shown
        assert f"Of {total}\N{NO-BREAK SPACE}EH/s that left China" in migration.sankey_title(pairs)

    def test_the_title_of_a_picture_is_made_of_its_bands(self):
        pairs = pd.DataFrame(
            {
                "origin": "CHN",
                "destination": ["USA", "KAZ", "CHN", "retired"],
                "flow_ehs": [5.0, 1.0, 3.0, 1.0],
            }
        )
        assert migration.sankey_title(pairs).replace("\N{NO-BREAK SPACE}", " ") == (
            "Of 10.0 EH/s that left China 60 percent went abroad and 30 percent came back"
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
            *("went abroad", "came back"),
            *("received by the United States", "received by other countries"),
        ]
        every = migration.headlines(drawn)
        assert len(every) == len(migration.FIGURES) + hm.stocks().shape[1] - 1

    def test_intervals_by_code(self, drawn):
        table = drawn.headlines.set_index("figure")
        found = migration.intervals(drawn)["abroad_pct"]
        assert found.median == table.loc["abroad_pct", "median"]
        assert found.ends == (table.loc["abroad_pct", "low"], table.loc["abroad_pct", "high"])

    def test_scenarios_differ_and_are_named(self):
        shares = [
            migration.intervals(migration.draws(WINDOW, supply=supply, draws=100))
            for supply in ("low", "central", "high")
        ]
        relocated = [found["relocated_pct"].median for found in shares]
        assert relocated[0] > relocated[1] > relocated[2]

    def test_a_window_of_months_before_the_ban_works_too(self):
        window = Window(pd.Timestamp("2020-09-01"), pd.Timestamp("2020-12-01"))
        found = migration.draws(window, draws=20)
        assert (found.samples["departed"] > 0).all()
        assert isinstance(migration.sensitivity(window), pd.DataFrame)


class TestSensitivity:
    @pytest.fixture(scope="class")
    @classmethod
    def table(cls):
        return migration.sensitivity(WINDOW)

    def test_each_assumption_moves_the_answer_the_way_it_must(self, table):
        centre = migration.went_abroad(migration.estimated("transport"), WINDOW)
        # More new machines, more retirement and more returns leave less to have gone abroad.
        for name in ("supply", "retired", "return"):
            assert table.loc[name, "high"] < centre < table.loc[name, "low"], name
        assert table.loc["proxies", "low"] == pytest.approx(centre)
        assert table.loc["turnover", "low"] == pytest.approx(centre)

    def test_ends_are_labelled_with_what_was_assumed(self, table):
        a = migration.assumed()
        assert table.loc["lag", "low_label"] == f"{a.lag_months[0]:.1f} months"
        assert table.loc["retired", "high_label"] == (
            f"{100 * a.retired_share[1]:.0f}\N{NO-BREAK SPACE}percent"
        )

    def test_the_widest(self, table):
        width = (table["high"] - table["low"]).abs()
        assert width[migration.widest(table).name] == width.max()

    def test_a_range_beside_the_centre(self):
        row = pd.Series({"low": 30.0, "high": 24.0})
        assert migration.beside(row, 31.0)
        assert migration.beside(row, 23.0)
        assert not migration.beside(row, 30.0)
        assert not migration.beside(row, 27.0)

    def test_hidden_hashrate_keeps_the_network(self):
        for part in (0, 1):
            moved = migration._with_hidden(part)
            np.testing.assert_allclose(moved.sum(axis=1), hm.stocks().sum(axis=1))
            assert (moved >= 0).all(axis=None)
        assert moved.loc["2021-08-01", "CHN"] == pytest.approx(hm.stocks().loc["2021-09-01", "CHN"])


class TestWhatHolds:
    def test_every_assumption_is_widened_beyond_what_is_assumed(self):
        base = migration.assumed()
        for name, change in migration.WIDER.items():
            for field, wide in change.items():
                narrow = getattr(base, field)
                if field == "hidden":
                    pairs = [(narrow[month], wide[month]) for month in narrow]
                elif isinstance(wide, tuple):
                    pairs = [(narrow, wide)]
                else:
                    pairs = [((narrow, narrow), (wide, wide))]
                for before, after in pairs:
                    assert after[1] >= before[1], name
                assert any(after != before for before, after in pairs), name

    def test_the_first_row_is_what_is_assumed(self, tried, drawn):
        first = tried.loc["none"]
        assert first["abroad_median"] == migration.intervals(drawn)["abroad"].median
        assert set(tried.index) == {"none", *migration.WIDER}
        assert tried.loc["retired", "range_after"] == "20–60 percent"
        assert first["range_after"] == "none"

    def test_more_retirement_leaves_less_abroad(self, tried):
        assert tried.loc["retired", "abroad_median"] < tried.loc["none", "abroad_median"]

    def test_what_holds_is_the_outermost_of_the_table(self, tried):
        found = migration.holds(tried)
        assert found.count == len(tried)
        assert found.departed == tried["departed_low"].min()
        assert found.back == tried["back_low"].min()
        assert found.abroad_pct == (tried["abroad_pct_low"].min(), tried["abroad_pct_high"].max())
        moves = (tried["abroad_median"] - tried.loc["none", "abroad_median"]).abs()
        assert found.strongest["assumption"] == tried.loc[moves.idxmax(), "assumption"]
        assert found.abroad[0] == tried.loc["none", "abroad_median"]

    def test_leaders_that_differ_are_all_named(self, tried):
        other = tried.copy()
        other.loc["lag", "most_received"] = "KAZ"
        assert migration.holds(other).leaders == ["USA", "KAZ"]

    def test_the_chance_of_being_first(self, drawn):
        countries = [c for c in hm.stocks() if c not in ("CHN", "OTH")]
        chances = [migration.chance_of_first(drawn, code) for code in countries]
        assert sum(chances) == pytest.approx(100)
        assert chances[countries.index("USA")] == max(chances)

    def test_its_table_can_be_shown(self, tried):
        shown = migration.tried_table(tried)
        row = tried.loc["none"]
        assert shown.loc["none", "abroad_pct_band"] == (
            f"{row['abroad_pct_median']:.0f} ({row['abroad_pct_low']:.0f}–{row['abroad_pct_high']:.0f})"
        )


class TestCounts:
    def test_they_are_converted_by_the_reference_machines(self, drawn):
        table = migration.evidence(drawn)
        machines = hm.load("reference_machines").set_index("role")["hashrate_ths"]
        assert len(table) == len(hm.load("relocation_reports"))
        for row in table.itertuples():
            assert row.with_old_ehs == pytest.approx(row.machines * machines["old"] / 1e6)
            assert row.with_new_ehs == pytest.approx(row.machines * machines["new"] / 1e6)
        assert set(table["verdict"]) <= {migration.AGREES, migration.HIGHER, migration.LOWER}
        assert migration.machine_factor() == pytest.approx(machines["new"] / machines["old"])

    def test_a_verdict_follows_the_table(self, edit, drawn):
        before = migration.evidence(drawn).set_index("statement")["verdict"]
        edit("relocation_reports", 3, "machines", "90000000")
        counts = migration.evidence(drawn)
        after = counts.set_index("statement")["verdict"]
        (changed,) = after.index[after != before.reindex(after.index)]
        assert before[changed] != migration.HIGHER
        assert after[changed] == migration.HIGHER
        subject = counts.set_index("statement").loc[changed, "subject"]
        assert any(subject in text for text in migration.verdicts(counts)[1])

    def test_a_part_can_be_read_without_its_whole(self, drawn):
        subjects = migration.evidence(drawn).set_index("statement")["subject"]
        assert not subjects.str.contains("of these").any()
        assert subjects["of these, to Russia"] == "machines said to have gone to Russia"
        for whole in (
            "machines that 14 mining firms moved out of China",
            "machines of Chinese miners not back on the network: a separate estimate",
        ):
            assert subjects[whole] == whole

    def test_parts_follow_their_whole(self, drawn):
        statements = list(migration.evidence(drawn)["statement"])
        parts = [text.startswith("of these") for text in statements]
        # One whole of one source, then its parts; other sources come before or after.
        first = parts.index(True)
        assert "14 mining firms" in statements[first - 1]
        assert all(parts[first : first + sum(parts)])

    @pytest.mark.parametrize(
        ("bound", "counted", "verdict"),
        [
            ("about", (1, 2), migration.LOWER),
            ("about", (2, 4), migration.AGREES),
            ("about", (7, 9), migration.HIGHER),
            ("at least", (1, 2), migration.AGREES),
            ("at least", (7, 9), migration.HIGHER),
            ("at most", (7, 9), migration.AGREES),
            ("at most", (1, 2), migration.LOWER),
        ],
    )
    def test_what_agrees(self, bound, counted, verdict):
        assert migration._verdict(bound, *counted, [3, 4, 6]) == verdict

    def test_every_count_is_in_one_list(self, drawn):
        counts = migration.evidence(drawn)
        assert sum(map(len, migration.verdicts(counts))) == len(counts)
        assert len(migration.counts_table(counts)) == len(counts)


class TestTruth:
    def test_it_is_the_kept_table(self):
        table = flows.truth()
        found = migration.truth(table)
        assert found.assumed["coverage_pairs_pct"] == table.loc[0, "coverage_pairs_pct"]
        coverage = table.filter(like="coverage_")
        assert found.worst_pct == coverage.min(axis=None)
        row = coverage.min(axis=1).idxmin()
        assert found.worst_worlds == translated(table.loc[row, "variant"])

    @pytest.mark.parametrize(("lowest", "too_narrow"), [(80.0, True), (86.0, False)])
    def test_chance_is_allowed_for(self, lowest, too_narrow):
        table = flows.truth().assign(worlds=100)
        coverage = [c for c in table if c.startswith("coverage_")]
        table.loc[0, coverage] = [95.0, 92.0, lowest, 90.0]
        found = migration.truth(table)
        assert found.margin == pytest.approx(6)
        assert found.too_narrow is too_narrow

    def test_both_tables_have_every_variant(self):
        table = flows.truth()
        assert len(migration.coverage(table)) == len(migration.errors(table)) == len(table)
        assert set(migration.coverage(table)) | set(migration.errors(table)) == set(table)
