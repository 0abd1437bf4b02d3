"""Bringing newer rows into the tables."""

from pathlib import Path

import pytest

import hashrate_migration as hm
from hashrate_migration.errors import InputError
from hashrate_migration.tables import package, updates

HEADER = (
    "estimate_id,region,members,place,start_month,end_month,kind,share_pct,share_high_pct,"
    "hashrate_ehs,network_ehs,power_mw,power_high_mw,bitcoin,repeats,note,source_id"
)
ROW = "new-2026-06-kaz,KAZ,,Kazakhstan,2026-06,2026-06,statement,3.0,,,,,,,,,project-convention"
EXPORT = "date,country,monthly_hashrate_%,monthly_absolute_hashrate_EH/S"


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def write(tmp_path):
    def _write(*lines):
        path = tmp_path / "new.csv"
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    return _write


def test_a_new_estimate_is_shown_and_written(data_copy, write):
    change = updates.difference("share_estimates", write(HEADER, ROW))
    assert "1 rows added, 0 values changed" in updates.described(change)
    assert "+ new-2026-06-kaz" in updates.described(change)
    before = files(data_copy)
    updates.apply(change)
    after = files(data_copy)
    assert {name for name in after if after[name] != before.get(name)} == {
        "share_estimates.csv",
        "datapackage.json",
    }
    # What was there stays, text for text; rows stand in order of their key.
    old, new = (set(x["share_estimates.csv"].splitlines()) for x in (before, after))
    assert len(new - old) == 1
    assert old < new
    ids = hm.load("share_estimates")["estimate_id"]
    assert ids.is_monotonic_increasing
    assert package.check() == []
    assert "new-2026-06-kaz" in set(hm.load("share_estimates")["estimate_id"])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("KAZ", "ATL"), "ATL"),
        (ROW.replace("3.0", "300"), "300"),
        (ROW.replace("project-convention", "nobody"), "nobody"),
        (ROW.replace("2026-06,2026-06", "2026-06,2026-01"), "above end_month"),
    ],
)
def test_nothing_is_written_if_a_check_fails(data_copy, write, row, message):
    before = files(data_copy)
    with pytest.raises(InputError, match=rf"new\.csv, row 2: .*{message}"):
        updates.difference("share_estimates", write(HEADER, row))
    assert files(data_copy) == before


def test_an_export_of_the_map_adds_a_month_and_shows_changes(data_copy, write):
    old = hm.load("mining_map")
    old = old[old["month"] == "2022-01-01"]
    english = {"CHN": "Mainland China", "IRN": "Iran, Islamic Rep.", "RUS": "Russian Federation"}
    english |= {"OTH": "Other", "DEU": "Germany *", "IRL": "Ireland *"}
    names = [english.get(code, hm.regions.name(code)) for code in old["region"]]
    lines = [
        f'2022-02-01,"{name}",{row.share_pct}%,{row.hashrate_ehs}'
        for name, row in zip(names, old.itertuples(), strict=True)
    ]
    lines.append("2022-01-01,Kazakhstan,13.22%,99")
    change = updates.difference("mining_map", write(EXPORT, *lines))
    assert len(change.added) == 10
    assert "2022-01 KAZ: hashrate_ehs 24.8 -> 99" in updates.described(change)
    updates.apply(change)
    assert hm.load("mining_map")["month"].max().strftime("%Y-%m") == "2022-02"
    assert hm.shares().index[-1].strftime("%Y-%m") == "2022-02"


def test_an_incomplete_month_is_refused(data_copy, write):
    with pytest.raises(InputError, match="nothing was written.*no row for CAN in 2022-02"):
        updates.difference("mining_map", write(EXPORT, "2022-02-01,Kazakhstan,13.2%,24"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2022-02-01,Atlantis,1%,2", "Atlantis"),
        ("soon,Kazakhstan,1%,2", "'soon' is not a month"),
        ("2022-02-01,Kazakhstan,much,2", "'much' is not a number"),
    ],
)
def test_a_broken_export_names_its_row(write, line, message):
    with pytest.raises(InputError, match=f"row 2.*{message}"):
        updates.difference("mining_map", write(EXPORT, line))


def test_newer_blocks_fill_in_counts_and_leave_the_rest(data_copy, write):
    daily = hm.load("network_daily")
    first = daily.loc[daily["blocks"].isna(), "date"].iloc[0]
    row = daily[daily["date"] == first].iloc[0]
    line = f"{first:%Y-%m-%d},150,{float(row.difficulty)!r}"
    change = updates.difference("network_daily", write("date,blocks,difficulty", line))
    assert set(change.changed["column"]) == {"blocks", "hashrate_ehs"}
    updates.apply(change)
    new = hm.load("network_daily").set_index("date").loc[first]
    assert new["blocks"] == 150
    assert new["price_usd"] == row["price_usd"]
    assert new["hashrate_ehs"] == pytest.approx(
        row.difficulty * 2**32 * 150 / 86_400 / 1e18, rel=1e-5
    )


def test_a_gap_between_days_is_refused(data_copy, write):
    before = files(data_copy)
    with pytest.raises(InputError, match=r"new\.csv, row 2: .*does not follow the day"):
        updates.difference("network_daily", write("date,blocks,difficulty", "2027-01-01,150,1e14"))
    assert files(data_copy) == before


def test_equal_numbers_written_otherwise_change_nothing(write):
    row = hm.load("mining_map").iloc[0]
    line = (
        f"{row.month:%Y-%m},{row.region},{row.share_pct:.4f},{row.hashrate_ehs:.3f},{row.source_id}"
    )
    header = "month,region,share_pct,hashrate_ehs,source_id"
    change = updates.difference("mining_map", write(header, line))
    assert change.added.empty
    assert change.changed.empty


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("a,b", "1,2"), "the columns are a, b"),
        ((HEADER, ROW, ROW), "stands above"),
        ((), "not a readable CSV"),
    ],
)
def test_a_wrong_file_is_refused(write, tmp_path, lines, message):
    path = write(*lines)
    if not lines:
        (tmp_path / "new.csv").write_text("")
    with pytest.raises(InputError, match=message):
        updates.difference("share_estimates", path)


def test_missing_files_and_dead_addresses_are_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        updates.difference("mining_map", str(tmp_path / "none.csv"))
    with pytest.raises(InputError, match="cannot be fetched"):
        updates.difference("mining_map", "http://127.0.0.1:9/none.csv")


def of_february(write, months="2022-02-01", shares="{:.2f}%", delimiter=",", head=EXPORT, more=""):
    """An export of the mining map with one new month."""
    names = {
        "Mainland China": 20.5,
        "United States": 38,
        "Kazakhstan": 13,
        "Canada": 7,
        "Russian Federation": 5,
        "Malaysia": 2.5,
        "Germany *": 3,
        "Ireland\N{NO-BREAK SPACE}*": 2,
        "Iran, Islamic Rep.": 2,
        "Other": 7,
    }
    lines = [
        delimiter.join([months, f'"{name}"', shares.format(share), f"{2 * share:g}"]) + more
        for name, share in names.items()
    ]
    return write(head.replace(",", delimiter), *lines)


@pytest.mark.parametrize(
    "written", ["2022-02-01", "2022-02", "2/1/22", "2/1/2022", "Feb 2022", "February 2022"]
)
@pytest.mark.parametrize("shares", ["{:.2f}%", "{:.1f} %", "{:g}"])
def test_copies_of_the_export_are_read_alike(data_copy, write, written, shares):
    change = updates.difference("mining_map", of_february(write, written, shares))
    assert len(change.added) == 10
    assert set(change.added["month"]) == {"2022-02"}
    assert change.changed.empty
    updates.apply(change)
    new = hm.shares().loc["2022-02-01"]
    assert (new["CHN"], new["USA"], new["IRL"]) == (20.5, 38, 2)
    assert package.check() == []


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("Feb-22", "'Feb-22' is not a month; write it like 2022-02"),
        ("22-Feb", "'22-Feb' is not a month"),
        ("202202", "'202202' is not a month"),
        ("44593", "'44593' is not a month"),
        ("févr. 2022", "is not a month"),
        ("2022-02-03", "is not a month"),
        ("3/2/22", "is not a month"),
        ("1/2/22", None),
        ("12:30", "'12:30' is not a month"),
    ],
)
def test_a_date_is_never_guessed(data_copy, write, written, sentence):
    path = of_february(write, written)
    if sentence is None:
        # Months begin on their first day: only one of the two numbers can be it.
        assert set(updates.difference("mining_map", path).added["month"]) == {"2022-02"}
        return
    with pytest.raises(InputError, match=rf"new\.csv, row 2: .*{sentence}"):
        updates.difference("mining_map", path)


def test_other_separators_are_named(data_copy, write):
    for delimiter, words in ((";", "semicolons"), ("\t", "tabs")):
        with pytest.raises(InputError, match=f"separated by {words}"):
            updates.difference("mining_map", of_february(write, delimiter=delimiter))


def test_fractions_are_no_percent(data_copy, write):
    path = of_february(write)
    text = Path(path).read_text(encoding="utf-8")
    for share in ("20.50%", "38.00%", "13.00%", "7.00%", "5.00%", "2.50%", "3.00%", "2.00%"):
        text = text.replace(f",{share}", f",{float(share[:-1]) / 100:g}")
    with pytest.raises(InputError, match=r"2022-02 add up to 1\.00; percent are wanted"):
        updates.difference("mining_map", write(*text.splitlines()))


def test_columns_of_ones_own_are_passed_over_unless_they_clash(data_copy, write):
    passed = of_february(write, head=f"{EXPORT},continent", more=",x")
    assert len(updates.difference("mining_map", passed).added) == 10
    clash = of_february(write, head=f"{EXPORT},region", more=",Asia")
    with pytest.raises(InputError, match="a column 'region' say the same"):
        updates.difference("mining_map", clash)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("2026-04-22,1400,1.35e14", "1400 blocks in a day cannot be"),
        ("2026-04-22,0,1.35e14", "0 blocks in a day cannot be"),
        ("2021-06-15,100,135594880000000.0", "does not fit 2021-06-15"),
    ],
)
def test_days_that_cannot_be(data_copy, write, line, sentence):
    before = files(data_copy)
    with pytest.raises(InputError, match=rf"new\.csv, row 2: .*{sentence}"):
        updates.difference("network_daily", write("date,blocks,difficulty", line))
    assert files(data_copy) == before


def test_hashrate_in_another_unit_is_noticed(data_copy, write):
    head = "date,blocks,difficulty,hashrate_ehs"
    line = "2021-06-15,100,19932791027263,{}"  # 99 EH/s
    with pytest.raises(InputError, match="is it in another unit"):
        updates.difference("network_daily", write(head, line.format(99_000)))
    assert updates.difference("network_daily", write(head, line.format(95.0)))


def test_a_first_line_that_is_no_head_is_named(data_copy, write):
    note = "Average electricity cost assumption: 0.05 USD/kWh,,,,"
    with pytest.raises(InputError, match="first line is no head of columns"):
        updates.difference("network_power", write(note, "Timestamp,a,b,c,d", "1,2,3,4,5"))


@pytest.mark.parametrize(("name", "content"), [("x.zip", b"PK\x03\x04"), ("x.csv.gz", b"\x1f\x8b")])
def test_packed_files_are_named(data_copy, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="a packed or spreadsheet file"):
        updates.difference("mining_map", str(tmp_path / name))


def test_an_update_is_written_in_order_of_the_key(data_copy, write):
    path = data_copy / "network_power.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    power = hm.energy.power("2020-01", "2021-12")
    newest_first = [lines[0], *lines[1:][::-1]]
    path.write_text("\n".join(newest_first) + "\n", encoding="utf-8")
    assert hm.energy.power("2020-01", "2021-12").equals(power)
    last = lines[-1].split(",")
    year, month = map(int, last[0].split("-"))
    following = f"{year + month // 12}-{month % 12 + 1:02d}"
    change = updates.difference("network_power", write(lines[0], ",".join([following, *last[1:]])))
    updates.apply(change)
    months = [row.split(",")[0] for row in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert months == sorted(months)
    assert months[-1] == following
    assert package.check() == []


def test_a_folder_that_cannot_be_written_is_left_as_it_was(data_copy, write, monkeypatch):
    change = updates.difference("share_estimates", write(HEADER, ROW))
    before = files(data_copy)

    def refuse(self, content):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    with pytest.raises(InputError, match="cannot be written .Read-only file system."):
        updates.apply(change)
    monkeypatch.undo()
    assert files(data_copy) == before
