from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrate_migration import shares
from hashrate_migration.errors import InputError
from hashrate_migration.findings import events
from hashrate_migration.tables.read import load, resource

MONTHS = pd.date_range("2020-01-01", periods=24, freq="MS")


class TestSelection:
    def test_by_period_and_country(self):
        chosen = events.events("2021-05-01", "2021-05-31", country="CHN")
        assert chosen["date"].between("2021-05-01", "2021-05-31").all()
        assert set(chosen["region"]) == {"CHN"}
        assert "2021-05-21-chn-1" in set(chosen["event_id"])

    def test_a_month_takes_in_all_its_days(self):
        assert len(events.events("2021-06", "2021-06")) == len(
            events.events("2021-06-01", "2021-06-30")
        )

    def test_an_event_known_to_the_month_counts_on_any_of_its_days(self):
        late = events.events("2021-02-27", "2021-02-28", country="USA")
        assert list(late["precision"]) == ["month"]

    def test_kinds(self):
        assert set(events.events(kinds=["halving"])["kind"]) == {"halving"}

    def test_all_without_limits(self):
        assert len(events.events()) == len(load("policy_events"))

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ({"country": "Narnia"}, "Unknown country 'Narnia'"),
            ({"kinds": ["rumour"]}, "Unknown kind of event 'rumour'; the kinds are: company"),
            ({"start": "2022-01", "end": "2021-01"}, "is after"),
            ({"start": "x"}, "start = 'x' is not a date"),
        ],
    )
    def test_bad_input(self, arguments, sentence):
        with pytest.raises(InputError, match=sentence):
            events.events(**arguments)


class TestResponse:
    def test_worked_example(self):
        values = [10.0] * 6 + [8, 4, 0, 2, 6, 9, 11] + [12.0] * 11
        found = events.response(pd.Series(values, MONTHS), "2020-07-15", before=3, after=4)
        assert found["level_before"] == 10
        assert found["level_after"] == np.mean([4, 0, 2, 6])
        assert found["change"] == np.mean([4, 0, 2, 6]) - 10
        assert found["trough"] == 0
        assert found["months_to_trough"] == 2
        assert found["months_to_recovery"] == 6

    def test_no_recovery(self):
        values = [10.0] * 6 + [3.0] * 18
        found = events.response(pd.Series(values, MONTHS), "2020-07")
        assert pd.isna(found["months_to_recovery"])

    def test_china_and_the_call_of_may_2021(self):
        found = events.response(shares()["CHN"], "2021-05-21")
        assert found["level_before"] == pytest.approx(np.mean([51.58, 49.06, 46.04]))
        assert found["months_to_trough"] == 2
        assert pd.isna(found["months_to_recovery"])

    @given(level=st.floats(0.1, 1e3), month=st.integers(3, 17))
    def test_a_constant_series_answers_nothing(self, level, month):
        found = events.response(pd.Series(level, MONTHS), MONTHS[month])
        assert found["change"] == pytest.approx(0, abs=1e-9 * level)
        assert found["months_to_recovery"] == 0

    @pytest.mark.parametrize(
        ("when", "window", "sentence"),
        [
            ("2020-02", {}, "reaches outside the series"),
            ("2021-12", {}, "reaches outside the series"),
            ("2021-01", {"before": 0}, "before = 0 is not a whole number from 1 to 24"),
            ("soon", {}, "when = 'soon' is not a date"),
            ("2020", {}, "when = 2020 is not one month"),
            (pd.Period("2020Q3"), {}, "when = 2020Q3 is not one month"),
        ],
    )
    def test_bad_input(self, when, window, sentence):
        with pytest.raises(InputError, match=sentence):
            events.response(pd.Series(1.0, MONTHS), when, **window)


class TestBreaks:
    @settings(max_examples=25, deadline=None)
    @given(
        at=st.integers(6, 18), step=st.sampled_from([-30.0, 30.0]), seed=st.integers(0, 2**32 - 1)
    )
    def test_a_simulated_break_is_found_in_its_month(self, at, step, seed):
        noise = np.random.default_rng(seed).normal(0, 1, len(MONTHS))
        series = pd.Series(50 + noise + step * (np.arange(len(MONTHS)) >= at), MONTHS)
        found = events.breaks(series)
        strongest = found.loc[found["change"].abs().idxmax()]
        assert strongest["month"] == MONTHS[at]
        assert strongest["change"] == pytest.approx(step, abs=5)

    def test_noise_alone_seldom_breaks(self):
        rng = np.random.default_rng(7)
        false = [
            len(events.breaks(pd.Series(rng.normal(0, 1, len(MONTHS)), MONTHS))) > 0
            for _ in range(200)
        ]
        assert np.mean(false) < 0.2

    def test_a_straight_decline_has_breaks_too(self):
        """So that nobody takes their number for evidence of breaks: the docstring says so."""
        rng = np.random.default_rng(7)
        decline = np.linspace(70, 0, len(MONTHS))
        found = [
            len(events.breaks(pd.Series(decline + rng.normal(0, 1, len(MONTHS)), MONTHS)))
            for _ in range(50)
        ]
        assert np.mean(np.array(found) >= 2) > 0.9
        assert "A straight decline is cut" in events.breaks.__doc__

    def test_the_unit_does_not_matter(self):
        series = shares()["CHN"]
        one, two = events.breaks(series), events.breaks(series * 1000)
        assert list(one["month"]) == list(two["month"])

    def test_the_ban_is_found(self):
        found = events.breaks(shares()["CHN"])
        deepest = found.loc[found["change"].idxmin()]
        assert deepest["month"] == pd.Timestamp("2021-07-01")

    def test_levels_are_the_means_between_breaks(self):
        series = shares()["CHN"]
        found = events.breaks(series)
        levels = events.levels(series, found)
        assert levels.nunique() == len(found) + 1
        assert levels.mean() == pytest.approx(series.mean())
        assert levels.iloc[-1] == pytest.approx(found["level_after"].iloc[-1])

    def test_a_series_with_gaps_or_too_short(self):
        with pytest.raises(InputError, match="1 are missing"):
            events.breaks(pd.Series([1.0, 2, np.nan, 4, 5, 6]))
        with pytest.raises(InputError, match="at least 4 months"):
            events.breaks(pd.Series([1.0, 2]))

    def test_nearest_event(self):
        found = pd.DataFrame({"month": pd.to_datetime(["2021-07-01", "2020-03-01"]), "change": 1.0})
        known = events.events(country="CHN", kinds=["policy"])
        near = events.nearest(found, known).set_index("month")
        assert near.loc["2021-07-01", "days"] == 11
        assert near.loc["2021-07-01", "event_date"] == pd.Timestamp("2021-06-20")
        assert pd.isna(near.loc["2020-03-01", "event_id"])


def test_phases_follow_one_another_and_hold_every_event_of_their_years():
    phases = events.phases()
    for (_, end, _), (start, _, _) in zip(phases, phases[1:], strict=False):
        assert end == start
    chosen = events.events("2013-01", "2024-12", country="CHN")
    assert events.by_phase(chosen).sum() == len(chosen)


STEPS = pd.Series(np.arange(24.0), MONTHS)
AROUND = "2020-07"


class TestNothingIsNotZero:
    """No event, no value, no month: said, or an empty table, never a number."""

    @pytest.mark.parametrize("window", [("1990", "1991"), ("1600", "1700"), ("2300-01", None)])
    def test_a_time_without_events_has_no_rows(self, window):
        found = events.events(*window)
        assert found.empty
        assert list(found.columns) == list(events.events().columns)
        assert events.by_phase(found).eq(0).all()

    @pytest.mark.parametrize("country", ["CN-SC", "OTH", "CHina", "XXX"])
    def test_what_is_no_country_is_not_one_without_events(self, country):
        with pytest.raises(InputError, match=f"Unknown country '{country}'; events are known for"):
            events.events(country=country)

    def test_breaks_and_events_that_are_not_there_match_nothing(self):
        none, known = events.events("1990", "1991"), events.events()
        no_breaks = events.breaks(pd.Series(3.0, MONTHS))
        assert no_breaks.empty
        assert events.nearest(no_breaks, known).empty
        assert events.levels(STEPS, no_breaks).eq(STEPS.mean()).all()
        found = pd.DataFrame({"month": [MONTHS[6]], "change": 1.0})
        near = events.nearest(found, none).iloc[0]
        assert near[["event_id", "event_date", "days"]].isna().all()
        with pytest.raises(InputError, match="within_days = -1"):
            events.nearest(found, known, within_days=-1)

    @pytest.mark.parametrize(
        ("series", "sentence"),
        [
            (STEPS.iloc[:0], "The series holds no month"),
            (STEPS.iloc[:1], "before = 3 is not a whole number from 1 to 1"),
            (STEPS.drop(MONTHS[6]), "has 2020-08-01 where another month is due"),
            (STEPS.drop(MONTHS[8]), "has 2020-10-01 where another month is due"),
            (STEPS[::-1], "has 2021-11-01 where another month is due"),
            (pd.concat([STEPS, STEPS]).sort_index(), "has 2020-01-01 where another month is due"),
            (pd.Series(1.0, pd.date_range("2020-01-01", "2022-01-01")), "has 2020-01-02 where"),
            (pd.Series(1.0, range(24)), "not indexed by months"),
            (STEPS.astype(str), "not numbers"),
            (STEPS * np.nan, "no value for 2020-04"),
            (STEPS.where(STEPS != 8), "no value for 2020-09"),
            (STEPS.replace(5.0, np.inf), "no value for 2020-06"),
            # After the window, where the recovery would be looked for.
            (STEPS.where(STEPS != 20), "no value for 2021-09"),
        ],
    )
    def test_a_series_with_holes_has_no_response(self, series, sentence):
        with pytest.raises(InputError, match=sentence):
            events.response(series, AROUND)

    def test_holes_before_the_window_do_not_matter(self):
        late = STEPS.where(MONTHS >= "2020-04-01")
        pd.testing.assert_series_equal(
            events.response(late, AROUND), events.response(STEPS, AROUND)
        )

    @pytest.mark.parametrize("window", [{"before": 2.5}, {"after": 0.5}, {"after": -1}])
    def test_a_window_has_whole_months(self, window):
        with pytest.raises(InputError, match="is not a whole number from 1 to"):
            events.response(STEPS, AROUND, **window)

    @pytest.mark.parametrize(
        ("series", "arguments", "sentence"),
        [
            (STEPS.iloc[:0], {}, "this one has 0"),
            (STEPS.iloc[:1], {}, "this one has 1"),
            (STEPS.drop(MONTHS[8]), {}, "has 2020-10-01 where another month is due"),
            (STEPS.replace(5.0, np.inf), {}, "not finite"),
            (STEPS.astype(str), {}, "not numbers"),
            (STEPS, {"min_months": 0}, "min_months = 0"),
            (STEPS, {"min_months": 1.5}, "min_months = 1.5"),
            (STEPS, {"penalty": np.nan}, "penalty = nan"),
            (STEPS, {"penalty": -1}, "penalty = -1"),
        ],
    )
    def test_a_series_with_holes_has_no_breaks(self, series, arguments, sentence):
        with pytest.raises(InputError, match=sentence):
            events.breaks(series, **arguments)


class TestEdges:
    """First and last days, months and levels, each just inside and just outside."""

    @pytest.mark.parametrize(
        ("start", "end", "inside"),
        [
            ("2021-05-21", "2021-05-21", True),
            ("2021-05-22", "2021-05-24", False),
            ("2021-05-19", "2021-05-20", False),
            ("2021-05-21", None, True),
            (None, "2021-05-21", True),
            (None, "2021-05-20", False),
            ("2021-05-22", None, False),
        ],
    )
    def test_both_days_of_a_period_are_in_it(self, start, end, inside):
        found = events.events(start, end, country="CHN", kinds=["policy"])
        assert ("2021-05-21-chn-1" in set(found["event_id"])) is inside

    @pytest.mark.parametrize(
        ("event", "first", "last"),
        [
            ("2017-01-01-chn-1", "2017-01-01", "2017-12-31"),
            ("2021-02-01-usa-1", "2021-02-01", "2021-02-28"),
            ("2021-05-21-chn-1", "2021-05-21", "2021-05-21"),
        ],
    )
    def test_an_event_may_have_been_on_any_day_of_its_precision(self, event, first, last):
        table = events.events()
        columns = [field["name"] for field in resource("policy_events")["schema"]["fields"]]
        assert list(table) == [*columns, "last_date"]
        assert list(table.index) == list(range(len(table)))
        row = table.set_index("event_id").loc[event]
        assert [row["date"], row["last_date"]] == [pd.Timestamp(first), pd.Timestamp(last)]
        on_last_day = events.events(last, last)["event_id"]
        assert event in set(on_last_day)

    def test_kinds_add_up_and_order_is_that_of_days(self):
        both = events.events(country="CHN", kinds=["grid", "weather"])
        assert set(both["kind"]) == {"grid", "weather"}
        assert list(both["event_id"]) == sorted(both["event_id"])
        same_day = events.events("2021-06-09", "2021-06-09", country="CHN")
        assert list(same_day["event_id"]) == ["2021-06-09-chn-1", "2021-06-09-chn-2"]

    def test_a_window_may_fill_the_whole_series(self):
        series = pd.Series([5.0, 7, 6, 1, 1, 6, 7], MONTHS[:7])
        found = events.response(series, "2020-03", before=2, after=4)
        assert found.to_dict() == {
            "level_before": 6,
            "level_after": 3.75,
            "change": -2.25,
            "trough": 1,
            "months_to_trough": 1,
            "months_to_recovery": 3,
        }
        # The lowest value may be that of the last month of the window, and is not sought beyond.
        low = events.response(pd.Series([5.0, 5, 4, 3, 2, 0], MONTHS[:6]), "2020-02", 1, 3)
        assert [low["trough"], low["months_to_trough"]] == [2, 3]
        assert pd.isna(low["months_to_recovery"])

    @pytest.mark.parametrize(
        ("when", "before", "after", "sentence"),
        [
            (
                "2020-03",
                3,
                4,
                "The window from 2019-12 to 2020-07 around 2020-03 reaches outside the series, "
                "which runs from 2020-01 to 2020-07.",
            ),
            (
                "2020-03",
                2,
                5,
                "The window from 2020-01 to 2020-08 around 2020-03 reaches outside the series, "
                "which runs from 2020-01 to 2020-07.",
            ),
            (
                "2020-08",
                1,
                1,
                "when = 2020-08 is outside the series, which runs from 2020-01 to 2020-07.",
            ),
            ("2020-03", 1, 8, "after = 8 is not a whole number from 1 to 7."),
        ],
    )
    def test_one_month_more_than_there_is_is_refused(self, when, before, after, sentence):
        series = pd.Series(np.arange(7.0), MONTHS[:7])
        with pytest.raises(InputError) as stopped:
            events.response(series, when, before, after)
        assert str(stopped.value) == sentence

    @pytest.mark.parametrize(
        ("call", "sentence"),
        [
            (
                lambda: events.events("2022-01", "2021-01"),
                "start = 2022-01 is after end = 2021-01; swap them.",
            ),
            (
                lambda: events.events(kinds=["rumour"]),
                "Unknown kind of event 'rumour'; the kinds are: company, data, enforcement, grid, "
                "halving, network, policy, weather.",
            ),
            (
                lambda: events.response(pd.Series(dtype=float), "2020-01"),
                "The series holds no month; give one with values.",
            ),
            (
                lambda: events.response(pd.Series(True, MONTHS).astype(object), "2020-07"),
                "The series holds object, not numbers; convert it.",
            ),
            (
                lambda: events.response(pd.Series(1.0, range(9)), "2020-07"),
                "The series is not indexed by months; index it by their first days.",
            ),
            (
                lambda: events.response(pd.Series(1.0, MONTHS).drop(MONTHS[1]), "2020-07"),
                "The series has 2020-03-01 where another month is due; index it by the first days of "
                "months, every month once and in order.",
            ),
            (
                lambda: events.response([1.0], "2020-07"),
                "series = [1.0] is not a series by month; give one.",
            ),
            (
                lambda: events.breaks([1.0]),
                "series = [1.0] is not a series by month; give one.",
            ),
            (
                lambda: events.breaks(pd.Series([1.0, np.nan, 3], MONTHS[:3])),
                "Breaks need a series without gaps of at least 4 months; this one has 3, of which 1 "
                "are missing.",
            ),
            (
                lambda: events.breaks(pd.Series([1.0, np.inf, 3, 4], MONTHS[:4])),
                "The series holds a value that is not finite; take it out.",
            ),
            (
                lambda: events.breaks(pd.Series(1.0, MONTHS), penalty=-1),
                "penalty = -1 is not a number of 0 or more.",
            ),
        ],
    )
    def test_what_is_wrong_is_said_with_what_to_do(self, call, sentence):
        with pytest.raises(InputError) as stopped:
            call()
        assert str(stopped.value) == sentence


class TestBreaksByHand:
    """Twelve months of +1, -1 about 0, twelve about a step.

    Neighbours differ by 2, so the noise is 2 / (0.6745 * sqrt 2) = 2.0967, and telling the levels
    apart saves 24 (step / 2)**2 = 6 step**2 of squared error: 8.53 noise variances for a step of 2.5,
    and 10.7 for one of 2.8. One break more costs 3 ln 24 = 9.53 by default.
    """

    @staticmethod
    def series(step):
        return pd.Series(np.tile([1.0, -1.0], 12) + step * (np.arange(24) >= 12), MONTHS)

    @pytest.mark.parametrize(
        ("step", "penalty", "found"),
        [(2.5, None, 0), (2.8, None, 1), (2.5, 9, 0), (2.5, 8, 1), (2.8, 11, 0)],
    )
    def test_a_step_is_a_break_if_it_saves_more_than_it_costs(self, step, penalty, found):
        table = events.breaks(self.series(step), penalty)
        assert list(table) == ["month", "level_before", "level_after", "change"]
        assert len(table) == found
        if found:
            row = table.iloc[0]
            assert row["month"] == MONTHS[12]
            assert list(row.iloc[1:]) == pytest.approx([0, step, step])

    def test_no_level_is_shorter_than_asked(self):
        spike = pd.Series([0.0] * 4 + [9.0] + [0.0] * 4, MONTHS[:9])
        single = events.breaks(spike, min_months=1)
        assert list(single["month"]) == [MONTHS[4], MONTHS[5]]
        assert list(single["change"]) == [9, -9]
        for months in (2, 3):
            edges = [0, *events.breaks(spike, min_months=months)["month"].dt.month - 1, 9]
            assert min(np.diff(edges)) == months
        # Twice the shortest level is long enough, and a level series has no noise and no break.
        two = pd.Series([0.0, 0, 7, 7], MONTHS[:4])
        assert list(events.breaks(two)["month"]) == [MONTHS[2]]
        assert events.breaks(pd.Series(7.0, MONTHS[:4])).empty


def test_the_nearest_event_is_one_within_the_days_asked():
    known = pd.DataFrame(
        {
            "event_id": ["late", "early"],
            "date": pd.to_datetime(["2021-08-05", "2021-06-25"]),
            "title_en": ["Late", "Early"],
            "title_zh": ["晚", "早"],
            "kind": "policy",
        }
    )
    months = pd.to_datetime(["2021-10-07", "2021-10-06", "2021-07-01", "2021-04-24", "2021-04-23"])
    near = events.nearest(pd.DataFrame({"month": months, "change": [5, 4, 3, 2, 1]}), known)
    columns = ["month", "change", "event_id", "event_date", "title_en", "title_zh", "days"]
    assert list(near) == columns
    assert list(near["month"]) == sorted(months)
    assert list(near["change"]) == [1, 2, 3, 4, 5]
    # 62 days count and 63 do not, before and after.
    assert near["event_id"].fillna("none").tolist() == ["none", "early", "early", "late", "none"]
    assert near["days"].fillna(0).tolist() == [0, -62, 6, 62, 0]
    assert near["title_zh"].tolist()[1:4] == ["早", "早", "晚"]
    exact = events.nearest(pd.DataFrame({"month": [known["date"][0]]}), known, within_days=0)
    assert exact["days"].tolist() == [0]


def test_a_phase_begins_on_its_day_and_ends_before_that_of_the_next():
    days = ["2012-12-31", "2013-01-01", "2017-09-03", "2017-09-04", "2021-05-20", "2021-05-21"]
    days += ["2021-09-23", "2021-09-24", "2024-12-31", "2025-01-01"]
    counted = events.by_phase(pd.DataFrame({"date": pd.to_datetime(days)}))
    assert counted.to_dict() == {
        "Boom": 2,
        "Regulation": 2,
        "Clearance": 2,
        "Covert rebound": 2,
    }
    assert [name for _, _, name in events.phases()] == list(counted.index)
