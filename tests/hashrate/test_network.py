from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrate_migration import network_hashrate
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import (
    SMOOTHED_DAYS,
    drawdown,
    network_fall,
    work_by_day,
    work_by_epoch,
)
from hashrate_migration.tables.difficulty import from_compact_target
from hashrate_migration.tables.read import load


@pytest.fixture(scope="module")
def implied_by_map() -> pd.Series:
    return load("mining_map").groupby("month")["hashrate_ehs"].sum()


@pytest.mark.parametrize(("method", "tolerance"), [("daily", 0.001), ("epochs", 0.02)])
def test_the_mining_map_implies_the_same_network(implied_by_map, method, tolerance):
    ours = network_hashrate("2019-09", "2022-01", method=method)
    assert len(ours) == 29
    assert ((ours / implied_by_map - 1).abs() < tolerance).all()


def test_counting_by_height_beats_one_difficulty_per_day(implied_by_map):
    daily = load("network_daily").set_index("date")
    plain = (daily["difficulty"] * 2**32 * daily["blocks"].astype(float) / 86_400 / 1e18).resample(
        "MS"
    )
    error_plain = (plain.mean().loc[implied_by_map.index] / implied_by_map - 1).abs().max()
    error = (network_hashrate("2019-09", "2022-01") / implied_by_map - 1).abs().max()
    assert error < error_plain / 3


def test_hand_worked_epoch():
    # 2016 blocks of one difficulty between two starts; a whole day inside them has the rate
    # D * 2^32 * 2016 / seconds.
    epochs = load("difficulty_epochs")
    row = epochs[epochs["start_time"] < "2021-06-20"].iloc[-1]
    following = epochs.loc[row.name + 1]
    seconds = (following["start_time"] - row["start_time"]).total_seconds()
    expected = row["difficulty"] * 2**32 * 2016 / seconds / 1e18
    day = network_hashrate("2021-06-20", "2021-06-20", freq="D", method="epochs").item()
    assert day == pytest.approx(expected, rel=1e-9)


def test_hand_worked_day():
    # 2021-06-27: 58 blocks at difficulty 19932791027262.74 (no change on that day).
    day = network_hashrate("2021-06-27", "2021-06-27", freq="D").item()
    assert day == pytest.approx(58 * 19932791027262.74 * 2**32 / 86_400 / 1e18, rel=1e-9)
    # Cambridge published 57.47 EH/s as the low of the network.
    assert day == pytest.approx(57.47, abs=0.005)


def test_longer_periods_are_the_mean_of_their_days():
    days = network_hashrate("2021-01", "2021-12", freq="D")
    for freq in ("MS", "QS", "YS"):
        coarse = network_hashrate("2021-01", "2021-12", freq=freq)
        pd.testing.assert_series_equal(
            coarse, days.resample(freq).mean(), check_names=False, check_freq=False, rtol=1e-9
        )


@settings(max_examples=30, deadline=None)
@given(
    first=st.integers(0, 190),
    length=st.integers(1, 30),
    method=st.sampled_from(["daily", "epochs"]),
)
def test_work_adds_up_over_any_window(first, length, method):
    months = pd.period_range("2010-01", "2026-07", freq="M")
    start, end = months[first], months[min(first + length, len(months) - 1)]
    rate = network_hashrate(start, end, method=method)
    seconds = rate.index.days_in_month * 86_400
    work = {"daily": work_by_day, "epochs": work_by_epoch}[method]()
    edges = pd.DatetimeIndex([start.start_time, (end + 1).start_time])
    known = np.interp(
        edges.asi8 / edges.as_unit("ns").asi8 * edges.as_unit("ns").asi8,
        work.index.as_unit(edges.unit).asi8,
        work,
    )
    assert (rate * seconds).sum() == pytest.approx(np.diff(known).item(), rel=1e-9)


def test_work_never_falls():
    for work in (work_by_day(), work_by_epoch()):
        assert (np.diff(work) >= 0).all()


def test_default_is_all_whole_periods():
    months = network_hashrate()
    assert months.index[0] == pd.Timestamp("2009-02-01")
    assert months.index[-1] == pd.Timestamp("2026-07-01")
    assert months.notna().all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"start": "2021-05", "end": "2021-01"}, "start = 2021-05 is after end = 2021-01"),
        (
            {"start": "2009-01", "end": "2021-01"},
            r"^start = 2009-01 is outside the months .* \(daily\) cover whole, from 2009-02 to",
        ),
        ({"start": "2026-01", "end": "2026-08"}, "^end = 2026-08 .* from 2009-02 to 2026-07.$"),
        ({"start": "2026-08"}, "^start = 2026-08 is outside the months"),
        ({"end": "2009-01-31"}, "^end = 2009-01-31 is outside the months"),
        (
            {"start": "2026", "freq": "YS", "method": "epochs"},
            r"^start = 2026 is outside the years .* \(epochs\) cover whole, from 2010 to 2025.$",
        ),
        ({"start": "spring"}, "start = 'spring' is not a date"),
        ({"end": "spring"}, "end = 'spring' is not a date"),
        ({"freq": "fortnight"}, "^freq = 'fortnight' .* choose one of D, W, MS, QS, YS.$"),
        ({"method": "guess"}, "^method = 'guess' .* choose one of daily, epochs.$"),
    ],
)
def test_bad_input(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        network_hashrate(**arguments)


class TestSmallTables:
    """Own tables: 91 days that are 13 weeks, 3 months and a quarter; and three levels of difficulty.

    The first 2016 blocks take a week, so the difficulty doubles; the next 2016 take ten days. Block
    2016 comes within the eighth day: 250 are counted on the first and 288 on each of six more. From
    March on no blocks are counted, and a hashrate is published.
    """

    DAYS = pd.date_range("2024-01-01", "2024-03-31")
    BLOCKS = (250, *[288] * 6, *[144] * 53)
    PUBLISHED = 1.7e-11
    STARTS = ("2023-12-31T18:00:00Z", "2024-01-07T18:00:00Z", "2024-01-17T18:00:00Z")
    TARGETS = ("0x1d00ffff", "0x1c7fff80", "0x1c5b6d1b")
    WORK = 2**32 / 1e18
    """Exahashes of a block of difficulty 1."""

    @pytest.fixture
    def levels(self, data_copy: Path) -> list[float]:
        levels = [from_compact_target(target) for target in self.TARGETS]
        assert levels == pytest.approx([1, 2, 2.8], rel=1e-4)
        table = pd.DataFrame({"date": self.DAYS, "difficulty": 2.0, "price_usd": ""})
        table.loc[:6, "difficulty"] = 1.0
        table["blocks"] = pd.Series(self.BLOCKS, dtype="Int64")
        each = self.WORK * table["difficulty"] * table["blocks"].astype(float) / 86_400
        table["hashrate_ehs"] = each.fillna(self.PUBLISHED)
        table["source_id"] = "network-daily-late"
        names = ["date", "blocks", "difficulty", "hashrate_ehs", "price_usd", "source_id"]
        table[names].to_csv(data_copy / "network_daily.csv", index=False)
        epochs = pd.DataFrame({"height": [0, 2016, 4032], "start_time": self.STARTS})
        epochs["compact_target"], epochs["difficulty"] = self.TARGETS, levels
        epochs["source_id"] = "bitcoin-headers"
        epochs.to_csv(data_copy / "difficulty_epochs.csv", index=False)
        described = json.loads((data_copy / "datapackage.json").read_text())
        for resource in described["resources"]:
            if resource["name"] in ("network_daily", "difficulty_epochs"):
                resource["schema"].pop("rules", None)
        (data_copy / "datapackage.json").write_text(json.dumps(described))
        return levels

    def test_each_block_counts_with_the_difficulty_of_its_height(self, levels):
        each = np.repeat(levels, [2016, 2016, 99_999])
        # Block 0 came before the first day and is in no day's count.
        upto = np.append(0, 1 + np.cumsum(self.BLOCKS))
        by_hand = [each[a:b].sum() * self.WORK for a, b in zip(upto, upto[1:], strict=False)]
        # The eighth day has 37 blocks of the first level and 107 of the second.
        assert by_hand[7] == pytest.approx((37 * levels[0] + 107 * levels[1]) * self.WORK)

        work = work_by_day()
        assert list(work.index) == [*self.DAYS, pd.Timestamp("2024-04-01")]
        assert work.iloc[0] == 0
        np.testing.assert_allclose(work.diff().iloc[1:61], by_hand, rtol=1e-9)
        np.testing.assert_allclose(work.diff().iloc[61:], self.PUBLISHED * 86_400, rtol=1e-9)
        daily = network_hashrate(freq="D")
        np.testing.assert_allclose(daily.iloc[:60], np.divide(by_hand, 86_400), rtol=1e-9)
        np.testing.assert_allclose(daily.iloc[60:], self.PUBLISHED, rtol=1e-9)

    @pytest.mark.parametrize(
        ("freq", "name", "starts"),
        [
            ("D", "day", DAYS),
            ("W", "week", DAYS[::7]),
            ("MS", "month", pd.DatetimeIndex(["2024-01-01", "2024-02-01", "2024-03-01"])),
            ("QS", "quarter", DAYS[:1]),
        ],
    )
    def test_a_period_that_the_data_cover_to_its_edges_is_whole(self, levels, freq, name, starts):
        found = network_hashrate(freq=freq)
        assert list(found.index) == list(starts)
        assert found.index.name == name
        assert found.name == "hashrate_ehs"
        # Edges asked for by name are those by default.
        pd.testing.assert_series_equal(
            network_hashrate("2024-01-01", "2024-03-31", freq=freq), found
        )
        if freq != "QS":
            assert found.iloc[-1] == pytest.approx(self.PUBLISHED, rel=1e-9)

    def test_a_day_less_and_the_last_period_is_not_whole(self, levels, data_copy):
        path = data_copy / "network_daily.csv"
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[0], *lines[2:-1]]) + "\n")
        assert list(network_hashrate().index) == [pd.Timestamp("2024-02-01")]
        days = network_hashrate(freq="D")
        assert (days.index[0], days.index[-1]) == (self.DAYS[1], self.DAYS[-2])
        with pytest.raises(InputError, match=r"\(daily\) hold no whole quarter; choose a shorter"):
            network_hashrate(freq="QS")

    def test_by_epochs_the_pace_is_even_between_two_starts(self, levels):
        work = work_by_epoch()
        assert [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in work.index] == list(self.STARTS)
        by_hand = [0, 2016 * levels[0] * self.WORK, 2016 * (levels[0] + levels[1]) * self.WORK]
        np.testing.assert_allclose(work, by_hand, rtol=1e-12)
        days = network_hashrate(freq="D", method="epochs")
        # The first block came in the evening before, the last period begins in one, too.
        assert list(days.index) == list(pd.date_range("2024-01-01", "2024-01-16"))
        first = 2016 * levels[0] * self.WORK / (7 * 86_400)
        second = 2016 * levels[1] * self.WORK / (10 * 86_400)
        np.testing.assert_allclose(days.iloc[:6], first)
        assert days.iloc[6] == pytest.approx(0.75 * first + 0.25 * second)
        np.testing.assert_allclose(days.iloc[7:], second)


class TestDrawdown:
    months = pd.date_range("2021-01-01", periods=7, freq="MS")
    # A lower value after the way back is another fall.
    network = pd.Series([80.0, 100, 60, 70, 100, 130, 20], months)

    def test_worked_example(self):
        fall = drawdown(self.network, end="2021-03")
        assert fall.to_dict() == {
            "peak_date": self.months[1],
            "peak_ehs": 100,
            "trough_date": self.months[2],
            "trough_ehs": 60,
            "fall_pct": pytest.approx(40),
            "regained_date": self.months[4],
            "periods_to_regain": 3,
        }

    @pytest.mark.parametrize(
        ("window", "peak"),
        [
            ({}, 5),
            ({"start": "2021-03", "end": "2021-05"}, 4),
            ({"start": "2021-02", "end": "2021-02"}, 1),
            ({"end": "2021-01-31"}, 0),
            ({"start": "2021-07"}, 6),
        ],
    )
    def test_the_peak_is_looked_for_within_the_window_with_its_ends(self, window, peak):
        assert drawdown(self.network, **window)["peak_date"] == self.months[peak]

    def test_the_last_value_may_be_the_peak(self):
        rising = pd.Series([1.0, 2], self.months[:2])
        assert drawdown(rising)["peak_date"] == self.months[1]
        assert drawdown(rising)["fall_pct"] == 0

    def test_a_peak_that_was_never_regained(self):
        fall = drawdown(pd.Series([100.0, 60, 50, 70, 80, 90], self.months[:6]))
        assert fall["regained_date"] is pd.NaT
        assert fall["periods_to_regain"] is pd.NA
        assert fall["trough_ehs"] == 50

    @pytest.mark.parametrize(
        ("window", "sentence"),
        [
            (
                {"start": "2030-01", "end": "2030-02"},
                "^There is no hashrate between 2030-01-01 and 2030-02-28.$",
            ),
            ({"start": "May"}, "^start = 'May' is not a date"),
            ({"end": "June"}, "^end = 'June' is not a date"),
        ],
    )
    def test_bad_input(self, window, sentence):
        with pytest.raises(InputError, match=sentence):
            drawdown(self.network, **window)

    @pytest.mark.parametrize(
        ("series", "sentence"),
        [
            ([1, 2], r"^hashrate = \[1, 2\] is not a series by date; give one.$"),
            (network[:0], "^The series of hashrate holds no numbers; give EH/s by period.$"),
            (network.astype(str), "^The series of hashrate holds no numbers"),
            (
                network[::-1],
                "^The series of hashrate is not indexed by dates in order; index it by the first "
                "days of its periods.$",
            ),
            (network.reset_index(drop=True), "^The series of hashrate is not indexed by dates"),
        ],
    )
    def test_what_has_no_peak(self, series, sentence):
        with pytest.raises(InputError, match=sentence):
            drawdown(series)


def test_the_fall_of_2021():
    table = network_fall()
    assert list(table.index) == ["monthly", "daily"]
    assert list(table) == list(drawdown(pd.Series([1.0, 2], TestDrawdown.months[:2])).index)
    monthly, daily = table.loc["monthly"], table.loc["daily"]
    assert f"{monthly['peak_date']:%Y-%m}" == "2021-05"
    assert f"{monthly['trough_date']:%Y-%m}" == "2021-07"
    network = network_hashrate("2021-05", "2021-12")
    assert monthly["fall_pct"] == pytest.approx(100 * (1 - network.min() / network.iloc[0]))
    assert monthly["periods_to_regain"] == 7
    assert network[monthly["regained_date"]] >= network.iloc[0]
    assert (network.iloc[1:7] < network.iloc[0]).all()

    # A mean of seven days is the work of seven days, which end with the day named.
    work = work_by_day()
    week = (work - work.shift(SMOOTHED_DAYS)) / (SMOOTHED_DAYS * 86_400)
    week.index = week.index - pd.Timedelta(days=1)
    half = week["2021-01-07":"2021-06-30"]
    assert daily["peak_date"] == half.idxmax()
    assert daily["peak_ehs"] == pytest.approx(half.max())
    after = week[daily["peak_date"] :].iloc[1:]
    back = after.index[after >= half.max()][0]
    assert daily["regained_date"] == back
    assert daily["periods_to_regain"] == (back - half.idxmax()).days
    assert daily["trough_date"] == after[:back].idxmin()
    assert daily["fall_pct"] == pytest.approx(100 * (1 - after[:back].min() / half.max()))
