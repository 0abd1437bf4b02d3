from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrate_migration import network_hashrate
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import (
    drawdown,
    network_fall,
    work_by_day,
    work_by_epoch,
)
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
        ({"start": "2008-01", "end": "2021-01"}, "not covered whole"),
        ({"start": "2026-01", "end": "2026-08"}, "not covered whole"),
        ({"start": "spring"}, "start = 'spring' is not a date"),
        ({"freq": "fortnight"}, "choose one of D, W, MS, QS, YS"),
        ({"method": "guess"}, "choose one of daily, epochs"),
    ],
)
def test_bad_input(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        network_hashrate(**arguments)


class TestDrawdown:
    months = pd.date_range("2021-01-01", periods=6, freq="MS")

    def test_worked_example(self):
        fall = drawdown(pd.Series([80.0, 100, 60, 70, 100, 130], self.months), end="2021-03")
        assert fall["peak_date"] == self.months[1]
        assert fall["trough_ehs"] == 60
        assert fall["fall_pct"] == pytest.approx(40)
        assert fall["regained_date"] == self.months[4]
        assert fall["periods_to_regain"] == 3

    def test_a_peak_that_was_never_regained(self):
        fall = drawdown(pd.Series([100.0, 60, 50, 70, 80, 90], self.months))
        assert pd.isna(fall["regained_date"])
        assert pd.isna(fall["periods_to_regain"])
        assert fall["trough_ehs"] == 50

    def test_an_empty_window(self):
        with pytest.raises(InputError, match="no hashrate between"):
            drawdown(pd.Series([1.0] * 6, self.months), start="2030-01", end="2030-02")


def test_the_fall_of_2021():
    monthly = network_fall().loc["monthly"]
    assert f"{monthly['peak_date']:%Y-%m}" == "2021-05"
    assert f"{monthly['trough_date']:%Y-%m}" == "2021-07"
    network = network_hashrate("2021-05", "2021-12")
    assert monthly["fall_pct"] == pytest.approx(100 * (1 - network.min() / network.iloc[0]))
    assert monthly["periods_to_regain"] == 7
    assert network[monthly["regained_date"]] >= network.iloc[0]
    assert (network.iloc[1:7] < network.iloc[0]).all()
