"""Daily series of explorers: read rightly, or refused in a sentence that says what is wanted."""

from __future__ import annotations

import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.tables import explorers, read, text

DIFFICULTY = 19_932_791_027_263
"""That of 15 June 2021, in the middle of a period."""

TAKES = (
    r"network_daily takes date, difficulty, and blocks or a hashrate with its unit in the heading"
)


def of(head, *lines):
    return explorers.network_daily(
        text.parsed("\n".join([head, *lines]) + "\n", "days.csv"), "days.csv"
    )


@pytest.mark.parametrize(
    "day",
    [
        "2021-06-15",
        "2021-06-15 00:00:00",
        "2021-06-15 00:00",
        "2021-06-15T00:00:00Z",
        "2021-06-15T00:00:00.000000000Z",
        "2021-06-15 00:00:00 UTC",
        "2021-06-15T00:00:00+00:00",
        "1623715200",
        "1623715200000",
    ],
)
@pytest.mark.parametrize("heading", ["date", "Date", "time", "Timestamp"])
def test_a_day_is_read_however_its_midnight_is_written(day, heading):
    days = of(f"{heading},blocks,difficulty", f"{day},100,{DIFFICULTY}")
    assert days["date"].tolist() == ["2021-06-15"]


@pytest.mark.parametrize(
    "day",
    [
        "1/2/22",
        "15.06.2021",
        "20210615",
        "44362",
        "2021-06-15T00:00:00+08:00",
        "2021-06-15 12:00:00",
        "1623758400",
        "1623715200001",
        "1623715200.0",
        "162371520",
        "-1623715200",
        "16237152000",
        "2021-06",
        "1623715200000000",
        "2021-02-30",
    ],
)
def test_a_day_is_never_guessed(day):
    with pytest.raises(InputError, match=r"days\.csv, row 2: .*time.* like 2021-05-21"):
        of("time,blocks,difficulty", f"{day},100,{DIFFICULTY}")


@pytest.mark.parametrize(
    ("heading", "figure", "ehs"),
    [
        ("hashrate_ehs", "95.1234567890123", "95.1234567890123"),
        ("avgHashrate (H/s)", "95123456700000000000", "95.1234567"),
        ("hashrate H/s", "9.51234567e19", "95.1234567"),
        ("Hash Rate [kH/s]", "9.51234567e16", "95.1234567"),
        ("hash_rate_mhs", "9.51234567E13", "95.1234567"),
        ("hash-rate (GH/s)", "95123456700", "95.1234567"),
        ("hash-rate (TH/s)", "9.51234567E7", "95.1234567"),
        ("HashRate TH/s", "95123456.7", "95.1234567"),
        ("hashrate_ths", "95123456.7", "95.1234567"),
        ("Mean Hash Rate (PH/s)", "95123.4567", "95.1234567"),
        ("network hashrate, ZH/s".replace(",", ""), "0.0951234567", "95.1234567"),
    ],
)
def test_a_hashrate_is_read_in_the_unit_that_its_heading_names(heading, figure, ehs):
    days = of(f"date,difficulty,{heading}", f"2021-06-15,{DIFFICULTY},{figure}")
    assert days["hashrate_ehs"].tolist() == [ehs]
    assert set(days) == {"date", "difficulty", "hashrate_ehs"}


def test_blocks_and_difficulty_of_another_name_and_in_powers_of_ten():
    (day,) = of("time,BlkCnt,DiffMean", "1623715200,100,1.9932791027263E13").to_dict("records")
    # 1.9932791027263e13 x 2^32 x 100 / 86400 hashes per second
    assert day == {
        "date": "2021-06-15",
        "blocks": "100",
        "difficulty": "1.9932791027263E13",
        "hashrate_ehs": "99.0864",
    }


def test_a_day_that_stands_in_the_table_keeps_its_published_hashrate():
    daily = read.load("network_daily")
    implied = daily["difficulty"] * 2**32 * daily["blocks"].astype("float64") / 86_400 / 1e18
    other = daily[(daily["hashrate_ehs"] / implied - 1).abs() > 0.05].iloc[-1]
    days = of(
        "date,blocks,difficulty",
        f"{other['date']:%Y-%m-%d},{other['blocks']},{float(other['difficulty'])!r}",
    )
    assert float(days["hashrate_ehs"].item()) == other["hashrate_ehs"]


@pytest.mark.parametrize(
    ("head", "line", "sentence"),
    [
        # As mempool.space, blockchain.com, Coin Metrics and Glassnode give them out.
        (
            "timestamp,avgHashrate",
            "1623715200,9.5e19",
            r"'avgHashrate' names no unit \(H/s would agree",
        ),
        ("Timestamp,hash-rate", "2021-06-15 00:00:00,9.5E7", r"names no unit \(TH/s would agree"),
        ("Timestamp,hash-rate", "2021-06-15 00:00:00,9.5E10", r"names no unit \(GH/s would agree"),
        ("Timestamp,hash-rate", "2021-06-15 00:00:00,4", "'hash-rate' names no unit; "),
        ("Timestamp,hash-rate", "2027-06-15 00:00:00,9.5E7", "'hash-rate' names no unit; "),
        (
            "time,HashRate,DiffMean,BlkCnt",
            f"2021-06-15T00:00:00.000000000Z,9.5E7,{DIFFICULTY},100",
            r"'HashRate' names no unit \(TH/s would agree",
        ),
        ("date,difficulty,hashrate (TH)", f"2021-06-15,{DIFFICULTY},9.5E7", "its unit alone"),
        ("date,difficulty,hashrate 7d (TH/s)", f"2021-06-15,{DIFFICULTY},9.5E7", "its unit alone"),
        ("time,difficulty,height,adjustment", f"1,{DIFFICULTY},1,1", "rows are difficulty periods"),
        ("timestamp,value", "1623715200,9.5e19", "what 'value' holds is not known"),
        ("date,value", "2021-06-15,95", "what 'value' holds is not known"),
        (
            "date,blocks,difficulty,x",
            f"2021-06-15,100,{DIFFICULTY},1",
            "what 'x' holds is not known",
        ),
        ("date,difficulty", f"2021-06-15,{DIFFICULTY}", "the columns are date, difficulty;"),
        ("date,blocks", "2021-06-15,100", "the columns are date, blocks;"),
        ("date,hashrate (TH/s)", "2021-06-15,9.5e7", "the columns are date, hashrate"),
    ],
)
def test_a_file_that_does_not_say_what_it_holds_is_told_what_to_say(head, line, sentence):
    with pytest.raises(
        InputError, match=rf"^days\.csv: .*{sentence}.*{TAKES}, like hashrate \(TH/s\)\.$"
    ):
        of(head, line)


@pytest.mark.parametrize(
    ("head", "line", "sentence"),
    [
        ("date,hashrate (EH/s),difficulty", f"2021-06-15,9.5e7,{DIFFICULTY}", "another unit"),
        ("date,hashrate (GH/s),difficulty", f"2021-06-15,9.5e7,{DIFFICULTY}", "another unit"),
        ("date,hashrate (EH/s),difficulty", f"2021-06-15,0,{DIFFICULTY}", "another unit"),
        (
            "date,blocks,hashrate (EH/s),difficulty",
            f"2021-06-15,100,49,{DIFFICULTY}",
            "come to 99.08",
        ),
        (
            "date,blocks,hashrate (EH/s),difficulty",
            f"2021-06-15,100,125,{DIFFICULTY}",
            "come to 99.08",
        ),
        (
            "date,hashrate (EH/s),difficulty",
            f"2021-06-15,much,{DIFFICULTY}",
            r"\(EH/s\) holds 'much'",
        ),
        ("date,hashrate (EH/s),difficulty", f"2021-06-15,,{DIFFICULTY}", r"\(EH/s\) holds nothing"),
        ("date,BlkCnt,difficulty", f"2021-06-15,0,{DIFFICULTY}", "0 blocks in a day cannot be"),
        ("date,BlkCnt,difficulty", f"2021-06-15,401,{DIFFICULTY}", "401 blocks in a day cannot be"),
        ("date,BlkCnt,difficulty", "2010-07-15,1001,181", "1001 blocks in a day cannot be"),
        ("date,BlkCnt,difficulty", f"2021-06-15,-3,{DIFFICULTY}", "BlkCnt holds -3"),
        ("date,BlkCnt,difficulty", f"2021-06-15,1.5,{DIFFICULTY}", "BlkCnt holds '1.5'"),
        ("date,BlkCnt,difficulty", f"2021-06-15,,{DIFFICULTY}", "no blocks and no hashrate"),
        ("date,blocks,DiffMean", "2021-06-15,100,0.5", "DiffMean holds 0.5; it must be 1 or more"),
        ("date,blocks,DiffMean", "2021-06-15,100,2e13x", "DiffMean holds '2e13x'"),
        (
            "date,blocks,DiffMean",
            "2021-06-15,100,2.1e13",
            "DiffMean 2.1e13 does not fit 2021-06-15",
        ),
        ("date,blocks,DiffMean", f"2021-06-15,100,{DIFFICULTY * 2**32}", r"so divide it by 2\^32"),
        ("date,blocks,DiffMean", "2027-01-01,144,1e18", "come to .* EH/s; up to 5000 are taken"),
    ],
)
def test_a_figure_that_cannot_be_names_its_row_and_its_own_column(head, line, sentence):
    with pytest.raises(InputError, match=rf"^days\.csv, row 2: .*{sentence}"):
        of(head, line)


def test_two_columns_of_the_same_are_refused():
    with pytest.raises(InputError, match="the columns 'date' and 'Timestamp' say the same"):
        of("date,Timestamp,blocks,difficulty", f"2021-06-15,1623715200,100,{DIFFICULTY}")


@pytest.mark.parametrize("last", ["blocks", "hashrate_ehs"])
def test_a_day_that_stands_twice_is_refused(last):
    lines = [f"2021-06-15,{DIFFICULTY},100", f"1623715200,{DIFFICULTY},100"]
    with pytest.raises(InputError, match=r"^days\.csv, row 3: the same date stands above"):
        of(f"date,difficulty,{last}", *lines)


def test_counts_of_the_early_days_are_taken():
    daily = read.load("network_daily")
    most = daily.loc[daily["blocks"].astype("float64").idxmax()]
    assert most["blocks"] > 400
    line = f"{most['date']:%Y-%m-%d},{most['blocks']},{float(most['difficulty'])!r}"
    assert of("date,blocks,difficulty", line)["blocks"].tolist() == [str(most["blocks"])]
