from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrate_migration import shares
from hashrate_migration.errors import InputError
from hashrate_migration.findings import events

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
        assert len(events.events()) == 85

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
            ("2021-01", {"before": 0}, "at least one month"),
            ("soon", {}, "when = 'soon' is not a date"),
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
