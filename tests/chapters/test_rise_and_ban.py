from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import chronology, periods
from hashrate_migration.chapters import rise_and_ban as chapter
from hashrate_migration.findings import events


@pytest.fixture(scope="module")
def china() -> pd.Series:
    return hm.shares()["CHN"]


def test_acts_of_authorities_are_all_in_a_phase():
    acts = chapter.acts_of_authorities()
    assert set(acts["kind"]) <= {"policy", "enforcement"}
    assert set(acts["region"]) == {"CHN"}
    assert events.by_phase(acts).sum() == len(acts)


def test_national_acts_have_no_place():
    window = periods.Window(pd.Timestamp("2021-05-01"), pd.Timestamp("2021-09-01"))
    acts = chapter.national_acts(window)
    assert acts["place"].isna().all()
    # The last day of the window counts: the two notices of 24 September lie within.
    assert chronology.CALL in set(acts["date"])
    assert chronology.NOTICES in set(acts["date"])


class TestLongRun:
    def test_the_fall_of_2021_and_the_deepest_other(self):
        run = chapter.long_run()
        below = 100 * (1 - run.network / run.network.cummax())
        assert run.fall_pct == pytest.approx(below["2021-07-01"])
        assert run.other_pct == pytest.approx(below[run.other_month])
        assert run.other_month.year == 2018
        assert run.shrank == ["Clearance"]
        assert set(run.grew + run.shrank) == {name for _, _, name in events.phases()}

    def test_the_title_claims_the_deepest_fall_only_if_it_is(self):
        run = chapter.long_run()
        assert "more than in any other fall" in chapter.long_run_title(run)
        deeper = chapter.LongRun(run.network, 20.0, 30.0, pd.Timestamp("2018-12-01"), [], [])
        title = chapter.long_run_title(deeper)
        assert "more than in any other fall" not in title
        assert title.endswith("30\N{NO-BREAK SPACE}percent in 2018")


def test_chinas_title_says_nothing_only_of_a_zero(china):
    assert "to nothing on the map" in chapter.china_title(china)
    assert "to 1.0 on the map" in chapter.china_title(china.clip(lower=1))


def test_chinas_title_speaks_of_a_return_only_after_a_zero(china):
    assert "came back" in chapter.china_title(china)
    above = china.clip(lower=5)
    assert "and stood at" in chapter.china_title(above)
    lowest_in_return = above.copy()
    lowest_in_return[chronology.RETURN] = 2
    for altered in (above, lowest_in_return, china.clip(lower=80)):
        title = chapter.china_title(altered)
        assert "came back" not in title
        assert "nothing" not in title


def test_a_rise_before_the_call_has_no_part_that_was_lost(china):
    risen = china.copy()
    risen.iloc[0] = 20
    drift = chapter.drift(risen)
    assert drift.lost_points < 0
    assert pd.isna(drift.calm_pct)


def test_month_by_month_begins_with_the_maps_first_month(china):
    steps = chapter.months_of_china()
    shown = chapter.month_by_month(steps)
    assert shown["month"].iloc[0] == china.index[0]
    assert shown["month"].iloc[1] == pd.Timestamp("2021-02-01")
    assert shown["month"].iloc[-1] == china.index[-1]
    july = shown.set_index("month").loc[chronology.CLEARED]
    assert july["change_pct_points"] == pytest.approx(-34.25)
    assert july["network_ehs"] == pytest.approx(100.3, abs=0.05)


def test_most_of_the_drift_came_before_the_call(china):
    drift = chapter.drift(china)
    assert drift.months == 20
    assert drift.lost_points == pytest.approx(75.53 - 43.98)
    assert drift.calm_points == pytest.approx(75.53 - 46.04)
    assert drift.calm_pct == pytest.approx(100 * drift.calm_points / drift.lost_points)
    assert drift.draft < chronology.CALL
    assert drift.provincial == 3


class TestSummer:
    def test_what_the_chain_says_of_the_zero(self):
        stock = hm.stocks()
        summer = chapter.summer()
        assert summer.lost == pytest.approx(stock.loc["2021-05-01", "CHN"])
        assert summer.hidden_july == pytest.approx(summer.lost - summer.network_lost)
        assert summer.running_august == pytest.approx(summer.returned - summer.network_gained)
        assert summer.hidden_july_pct == pytest.approx(14, abs=0.5)

    def test_a_network_that_loses_more_than_china_leaves_nothing_hidden(self, edit):
        # Had China held less in May, the network's loss would be more than all it had.
        table = hm.load("mining_map")
        may = table["month"].eq("2021-05-01")
        china, rest = (table.index[may & table["region"].eq(code)][0] for code in ("CHN", "OTH"))
        edit("mining_map", int(china), "share_pct", "30.00")
        edit("mining_map", int(rest), "share_pct", "20.40")
        summer = chapter.summer()
        assert summer.network_lost > summer.lost
        assert summer.hidden_july == summer.hidden_july_pct == 0


def test_the_largest_step_of_the_difficulty():
    step = chapter.largest_step()
    assert f"{step.day:%Y-%m-%d}" == "2021-07-03"
    assert step.fall_pct == pytest.approx(27.9, abs=0.05)
    assert step.periods == len(hm.load("difficulty_epochs"))


def test_the_marks_of_the_recovery_lie_on_the_curve():
    recovery = chapter.recovery()
    points = recovery.points.set_index("date")
    assert (recovery.smooth[points.index] == points["value"]).all()
    peak, low, regained = points["value"]
    assert low == pytest.approx(peak * (1 - recovery.fall_pct / 100))
    assert regained >= peak
    days = recovery.points["date"]
    assert (days[1] - days[0]).days == recovery.days_down
    assert (days[2] - days[0]).days == recovery.days_back
    assert recovery.points["label"].str.contains("EH/s").all()


def test_around_the_call(china):
    found = chapter.around_the_call(china)
    assert found["level_before"] == pytest.approx(china["2021-02":"2021-04"].mean())
    assert found["level_after"] == pytest.approx(china["2021-06":"2021-11"].mean())
    assert pd.isna(found["months_to_recovery"])


def test_the_ending_says_who_leads():
    share = hm.shares()
    assert chapter.ending_title(share).startswith("When the map ends, the United States leads")
    assert "China leads with" in chapter.ending_title(share.loc[:"2021-05"])
