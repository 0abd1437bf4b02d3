from __future__ import annotations

from pathlib import Path

import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.tables import read

TABLES = read.table_names()


@pytest.mark.parametrize("table", TABLES)
def test_every_row_names_a_known_source(table):
    known = set(read.load("sources")["source_id"])
    named = read.load(table)["source_id"]
    assert named.notna().all()
    assert set(named) <= known


def test_every_source_is_used():
    used = set().union(*(read.load(t)["source_id"] for t in TABLES if t != "sources"))
    assert set(read.load("sources")["source_id"]) == used


def test_months_are_month_starts():
    for table in ("mining_map", "china_provinces", "us_states"):
        months = read.load(table)["month"]
        assert (months == months.dt.to_period("M").dt.start_time).all()


def test_load_gives_a_copy():
    frame = read.load("mining_map")
    frame["share_pct"] = -1.0
    assert (read.load("mining_map")["share_pct"] >= 0).all()


def test_unknown_table_lists_those_there_are():
    with pytest.raises(InputError, match=r"no table 'mining_maps'.*mining_map, china_provinces"):
        read.load("mining_maps")


class TestBrokenFiles:
    """Each case: what is done to the copy, and what the sentence must name."""

    @pytest.mark.parametrize(
        ("table", "row", "column", "value", "sentence"),
        [
            ("mining_map", 1, "share_pct", "70", r"2019-09 adds up to 94\.46"),
            ("mining_map", 1, "share_pct", "-3", r"row 3: column share_pct"),
            ("mining_map", 1, "share_pct", "many", r"row 3: column share_pct holds 'many'"),
            ("mining_map", 1, "share_pct", "", r"row 3: column share_pct"),
            ("mining_map", 1, "month", "2019-13", r"row 3: column month"),
            ("mining_map", 1, "month", "September", r"row 3: column month"),
            ("mining_map", 1, "region", "China", r"row 3: column region holds 'China'"),
            ("mining_map", 1, "region", "XXX", r"row 3: region 'XXX' is not in regions\.csv"),
            ("mining_map", 1, "source_id", "me", r"row 3: source_id 'me' is not in sources\.csv"),
            ("mining_map", 1, "region", "CAN", r"row 3: another row has the same month, region"),
            ("difficulty_epochs", 5, "height", "10081", r"row 7: height 10081"),
            ("difficulty_epochs", 5, "start_time", "2009-02-01T00:00:00Z", r"row 7: start time"),
            ("difficulty_epochs", 50, "difficulty", "7.5", r"row 52: difficulty 7\.5"),
            ("difficulty_epochs", 300, "start_time", "2017-08-06T22:00:00Z", r"row 30[23]"),
            ("network_daily", 100, "date", "2009-04-20", r"row 10[123]"),
            ("network_daily", 100, "blocks", "", "row 103: .* but 2009-04-19 before it has none"),
            ("network_daily", 100, "blocks", "-1", r"row 102: column blocks holds -1; it must"),
            ("network_daily", 4500, "hashrate_ehs", "0.18", r"row 4502: .*another unit"),
            ("us_states", 0, "region", "US-GX", r"'US-GX' is not .*nearest: .*US-GA"),
            ("policy_events", 3, "kind", "rumour", r"row 5: column kind holds 'rumour'"),
            ("us_states", 0, "share_of_us_pct", "10", r"2021-12 adds up to"),
        ],
    )
    def test_a_wrong_cell_is_named(self, edit, table, row, column, value, sentence):
        edit(table, row, column, value)
        with pytest.raises(InputError, match=sentence) as caught:
            read.load(table)
        assert "\n" not in str(caught.value)
        assert f"{table}.csv" in str(caught.value)

    def test_fractions_are_told_that_percent_are_wanted(self, data_copy: Path):
        path = data_copy / "us_states.csv"
        head, *rows = (line.split(",") for line in path.read_text(encoding="utf-8").splitlines())
        for row in rows:
            row[2] = f"{float(row[2]) / 100:g}"
        path.write_text("\n".join(map(",".join, [head, *rows])) + "\n", encoding="utf-8")
        with pytest.raises(InputError, match="percent are wanted, so multiply by 100"):
            read.load("us_states")

    def test_a_missing_row_is_named(self, data_copy: Path):
        path = data_copy / "mining_map.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        gone = next(i for i, line in enumerate(lines) if line.startswith("2020-02,KAZ"))
        path.write_text("".join(lines[:gone] + lines[gone + 1 :]), encoding="utf-8")
        with pytest.raises(InputError, match="no row for KAZ in 2020-02"):
            read.load("mining_map")

    def test_a_missing_column_is_named(self, data_copy: Path):
        path = data_copy / "us_states.csv"
        path.write_text("month,region\n2021-12,US-GA\n", encoding="utf-8")
        with pytest.raises(InputError, match="asks for month, region, share_of_us_pct"):
            read.load("us_states")

    @pytest.mark.parametrize("content", [b"", b"a,b\n1,2,3\n4\n", b"\xff\xfe\x00bad"])
    def test_no_csv_at_all(self, data_copy: Path, content: bytes):
        (data_copy / "us_states.csv").write_bytes(content)
        with pytest.raises(InputError, match=r"us_states\.csv"):
            read.load("us_states")

    def test_a_missing_file(self, data_copy: Path):
        (data_copy / "us_states.csv").unlink()
        with pytest.raises(InputError, match=r"us_states\.csv: the file is missing"):
            read.load("us_states")

    def test_a_broken_description(self, data_copy: Path):
        (data_copy / "datapackage.json").write_text('{"resources": [', encoding="utf-8")
        with pytest.raises(InputError, match=r"datapackage\.json, line 1: not valid JSON"):
            read.load("us_states")

    def test_a_folder_without_description(self, tmp_path, monkeypatch):
        monkeypatch.setenv(read.DATA_VARIABLE, str(tmp_path))
        with pytest.raises(InputError, match="HASHRATE_MIGRATION_DATA"):
            read.load("us_states")


def test_a_rule_names_the_file_that_broke_it(tmp_path: Path):
    path = tmp_path / "mine.csv"
    head = "estimate_id,region,members,place,start_month,end_month,kind,share_pct,share_high_pct,"
    head += (
        "hashrate_ehs,network_ehs,power_mw,power_high_mw,energy_gwh,bitcoin,family,list_id,repeats,"
    )
    head += "note,source_id"
    row = "a,USA,,X,2026-06,,vendor,37,,,,,,,,ours,,,,project-convention"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read.read_as("share_estimates", path)
    assert str(caught.value).startswith(f"{path}, row 2 (a): only one of start_month and end_month")
