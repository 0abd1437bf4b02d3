"""Provinces and seasons: titles and sentences against the numbers, for every province."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import chronology, energy
from hashrate_migration.chapters import provinces as chapter
from hashrate_migration.energy.seasons import WET_MONTHS
from hashrate_migration.errors import InputError
from hashrate_migration.reports import parameters
from hashrate_migration.words import values

PROVINCES = list(energy.provinces())


def test_hashrate_adds_up_to_china():
    table = chapter.hashrate()
    china = hm.stocks()["CHN"][table.index]
    assert table.sum(axis=1).to_numpy() == pytest.approx(china.to_numpy())
    assert set(table) == set(PROVINCES)


def test_title_of_hashrate_holds_the_tables_numbers():
    parts = 100 * energy.provinces()["CN-SC"]
    title = chapter.hashrate_title()
    high = parts.loc["2020-05":"2021-04"].idxmax()
    assert f"In {values.month(high)} Sichuan held {values.percent(parts[high])}" in title
    later = high + pd.DateOffset(months=6)
    assert f"in {values.month(later)} {values.percent(parts[later])}" in title


def test_the_title_of_swings_names_both_ends():
    rotation = pd.DataFrame({"swing_ehs": [-3.0, 7.0]}, index=["CN-NM", "CN-YN"])
    title = chapter.swings_title(rotation)
    assert title.startswith("Yunnan held 7")
    assert title.endswith("Inner Mongolia 3 less")


def test_what_moved_is_the_sum_of_the_gains():
    table = energy.rotation()
    moved = chapter.moved(table)
    for column in moved.index:
        assert moved[column] == pytest.approx(table[column].abs().sum() / 2)


@pytest.mark.parametrize("province", PROVINCES)
def test_the_title_says_where_the_months_lie(province):
    cycle = energy.annual_cycle(province)
    ahead = chapter.forecast(cycle)
    assert list(ahead.index) == list(energy.provinces().loc["2021-05":].index)
    title = chapter.cycle_title(province, ahead)
    assert title.startswith(f"{values.whose(province)} part ")
    over = ahead.index[ahead["observed"] > ahead["high"]]
    under = ahead.index[ahead["observed"] < ahead["low"]]
    # "lay above … in MONTHS": each month stands behind the word that is true of it.
    for word, months in (("above", over), ("below", under)):
        assert (word in title) == (len(months) > 0 and len({*ahead["lies"]} - {"within"}) == 1)
        for month in months:
            assert values.month(month) in title
    assert ("stayed" in title) == (len(over) + len(under) == 0)
    assert not ("stayed" in title and "outside" in title)
    assert "on its seasonal path until the end" not in title


@pytest.mark.parametrize(
    ("lies", "expected"),
    [
        (
            ["within", "within"],
            "stayed on its seasonal path: in May 2021 and June 2021 it lay within",
        ),
        (["above", "above"], "left its seasonal path: in May 2021 and June 2021 it lay above"),
        (["below", "below"], "left its seasonal path: in May 2021 and June 2021 it lay below"),
        (
            ["above", "within"],
            "lay above the expected band in May 2021, and within it in June 2021",
        ),
        (
            ["within", "below"],
            "lay below the expected band in June 2021, and within it in May 2021",
        ),
        (["below", "above"], "to both sides: May 2021 and June 2021 lie outside"),
    ],
)
def test_every_wording_of_the_title(lies, expected):
    ahead = pd.DataFrame({"lies": lies}, index=pd.to_datetime(["2021-05-01", "2021-06-01"]))
    assert expected in chapter.cycle_title("CN-XJ", ahead)


@pytest.mark.parametrize(
    ("province", "lies"),
    [
        ("CN-SC", ["within", "within"]),
        ("CN-XJ", ["above", "within"]),
        ("CN-YN", ["below", "within"]),
        ("CN-NM", ["below", "below"]),
    ],
)
def test_where_the_large_provinces_lay(province, lies):
    assert chapter.forecast(energy.annual_cycle(province))["lies"].tolist() == lies


@pytest.mark.parametrize("province", PROVINCES)
def test_the_wave_is_that_of_the_cycle(province):
    cycle = energy.annual_cycle(province)
    wave = chapter.wave(cycle)
    odds = np.exp(cycle["cycle"].dropna())
    assert wave.factor == pytest.approx(odds.max() / odds.min())
    assert wave.is_wet == (odds.idxmax().month in WET_MONTHS)


def test_hydro_and_coal_provinces_have_opposite_waves():
    assert chapter.wave(energy.annual_cycle("CN-SC")).is_wet
    assert not chapter.wave(energy.annual_cycle("CN-XJ")).is_wet


def test_what_remained_is_no_majority_of_sichuans():
    left = chapter.remaining()
    assert left.sum() == pytest.approx(100)
    assert left.index[0] == "CN-SC"
    assert left.iloc[0] == pytest.approx(42.6, abs=0.05)
    assert left.is_monotonic_decreasing


def test_what_changed_adds_up_to_china():
    china = hm.stocks()["CHN"]
    changed = chapter.changed_since_calm()
    assert changed.sum() == pytest.approx(china["2021-06-01"] - china["2021-04-01"])
    assert changed.is_monotonic_increasing


def test_acts_are_of_provinces_and_in_order():
    acts = chapter.acts()
    assert acts["place"].notna().all()
    assert acts["date"].is_monotonic_increasing
    assert acts["date"].between("2021-01-01", "2021-07-31").all()


def test_china_goes_to_nothing():
    china = chapter.china_through_the_clearance()
    assert list(china.index) == [chronology.BEFORE, chronology.AFTER, chronology.CLEARED]
    assert china.iloc[-1] == 0


@pytest.mark.parametrize("said", ["CN-XJ", "cn-xj", "Xinjiang", "xinjiang", "新疆"])
def test_a_province_goes_by_code_or_name(said):
    assert parameters.check(province=said).province == "CN-XJ"


def test_an_unknown_province_is_refused():
    with pytest.raises(InputError, match="Did you mean CN-SC"):
        parameters.check(province="Sichuon")
