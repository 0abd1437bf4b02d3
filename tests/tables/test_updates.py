"""Bringing newer rows into the tables."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import hashrate_migration as hm
from hashrate_migration.errors import InputError
from hashrate_migration.tables import read, updates

HEADER = (
    "estimate_id,region,members,place,start_month,end_month,kind,share_pct,share_high_pct,"
    "hashrate_ehs,network_ehs,power_mw,power_high_mw,energy_gwh,bitcoin,family,list_id,repeats,note,"
    "source_id"
)
ROW = "new-2026-06-kaz,KAZ,,Kazakhstan,2026-06,2026-06,statement,3.0,,,,,,,,ours,,,,project-convention"
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
    assert "new-2026-06-kaz" in set(ids)
    # It is sealed: sizes and checksums are those of the new file.
    assert "share_estimates" not in read.changed_tables()
    assert read.resource("share_estimates")["bytes"] == len(after["share_estimates.csv"])


def test_what_a_new_row_holds_is_shown_before_it_is_written(data_copy, write):
    shown = updates.described(updates.difference("share_estimates", write(HEADER, ROW)))
    assert "+ new-2026-06-kaz: region KAZ, place Kazakhstan" in shown
    assert "share_pct 3.0" in shown


def test_an_update_to_a_table_that_changed_meanwhile_is_refused(data_copy, write):
    first = updates.difference("share_estimates", write(HEADER, ROW))
    second = updates.difference(
        "share_estimates", write(HEADER, ROW.replace("new-2026-06", "also-2026-06"))
    )
    updates.apply(first)
    before = files(data_copy)
    with pytest.raises(InputError, match=r"share_estimates\.csv has changed meanwhile"):
        updates.apply(second)
    assert files(data_copy) == before


def test_what_is_written_while_the_difference_is_taken_is_not_lost(data_copy, write, monkeypatch):
    path = data_copy / "share_estimates.csv"
    read_csv, other = updates.text.read_csv, ROW.replace("new-2026-06", "also-2026-06")

    def and_then_another_writes(file):
        rows = read_csv(file)
        if file == path and other not in path.read_text(encoding="utf-8"):
            path.write_text(f"{path.read_text(encoding='utf-8')}{other}\n", encoding="utf-8")
        return rows

    with monkeypatch.context() as patch:
        patch.setattr(updates.text, "read_csv", and_then_another_writes)
        change = updates.difference("share_estimates", write(HEADER, ROW))
    before = files(data_copy)
    with pytest.raises(InputError, match="has changed meanwhile"):
        updates.apply(change)
    assert files(data_copy) == before


def test_a_text_with_a_carriage_return_is_refused(data_copy, tmp_path):
    path = tmp_path / "sources.csv"
    head = (data_copy / "sources.csv").read_text().splitlines()[0]
    row = 'new-one,Publisher,"a title\rof an old Mac",none,https://example.org/x,CC0,primary,2026,'
    path.write_bytes(f"{head}\n{row}\n".encode())
    with pytest.raises(InputError, match=r"row 2: column title holds a carriage return"):
        updates.difference("sources", str(path))


class _CutOff(BaseHTTPRequestHandler):
    """Promises more than it sends."""

    content = b""

    def do_GET(self):  # noqa: N802
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content) + 4))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_):
        pass


def test_a_download_that_was_cut_off_is_refused(data_copy, monkeypatch):
    monkeypatch.setattr(_CutOff, "content", f"{HEADER}\n{ROW}".encode())
    server = HTTPServer(("127.0.0.1", 0), _CutOff)
    threading.Thread(target=server.handle_request, daemon=True).start()
    with pytest.raises(InputError, match=r"cut off after \d+ of \d+ bytes"):
        updates.difference("share_estimates", f"HTTP://127.0.0.1:{server.server_port}/cut.csv")
    server.server_close()


def test_an_address_with_a_blank_is_one_sentence(data_copy):
    with pytest.raises(InputError, match="cannot be fetched"):
        updates.difference("mining_map", "http://127.0.0.1:9/a b")


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


def new_month(shares=("{:g}", 1.0), hashrates=1.0):
    """A month for the map in the form of the table."""
    form, factor = shares
    old = hm.load("mining_map")
    old = old[old["month"] == "2022-01-01"]
    return [
        f"2022-02,{row.region},{form.format(row.share_pct * factor)},{row.hashrate_ehs * hashrates:g},"
        f"{row.source_id}"
        for row in old.itertuples()
    ]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (new_month()[:9], "nothing was written, .* no row for USA in 2022-02"),
        (
            new_month(("{:.2f}", 1.01)),
            r"nothing was written, .* of 2022-02 adds up to 10[01]\.\d\d, not to 100",
        ),
        (new_month(("{:.4f}", 0.01)), "nothing was written, .* percent are wanted"),
        (new_month(hashrates=0.001), "nothing was written, .* is it in another unit"),
        ([line.replace("KAZ", "KAX") for line in new_month()], "row 7: .*'KAX'.*nearest: KAZ"),
        (["2022-02-01" + line[7:] for line in new_month()], "row 2: .*written like 2021-05"),
        (["2/1/22" + line[7:] for line in new_month()], "row 2: .*written like 2021-05"),
        ([*new_month(), new_month()[4]], "row 12: the same month, region stands above"),
        ([], "no row follows its head"),
    ],
)
def test_a_month_of_the_map_that_does_not_hold_is_refused(write, lines, sentence):
    head = "month,region,share_pct,hashrate_ehs,source_id"
    with pytest.raises(InputError, match=rf"new\.csv(: |, ){sentence}"):
        updates.difference("mining_map", write(head, *lines))


def test_a_row_of_the_table_is_not_blamed_for_the_one_before(write):
    # A rule names the later of two rows; here it stands in the table, and the user's is the cause.
    head = "date,blocks,difficulty,hashrate_ehs"
    with pytest.raises(InputError, match=r"new\.csv, row 2: .*2021-06-15 before it has none"):
        updates.difference("network_daily", write(head, "2021-06-15,,19932791027263,95"))
    path = read.data_folder() / "difficulty_epochs.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    moved = lines[3].replace(lines[3].split(",")[1], "2012-01-01T00:00:00Z")
    with pytest.raises(InputError, match=r"new\.csv, row 2: start time"):
        updates.difference("difficulty_epochs", write(lines[0], moved))
    doubled = f"0{lines[-1]}"  # the same height, written otherwise
    with pytest.raises(InputError, match=r"new\.csv, row 2: another row has the same height"):
        updates.difference("difficulty_epochs", write(lines[0], doubled))


def test_a_halving_on_another_day_is_refused(write):
    path = read.data_folder() / "policy_events.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    halving = next(line for line in lines if line.startswith("2020-05-11-network-1"))
    moved = halving.replace(",2020-05-11,", ",2020-06-11,", 1)
    with pytest.raises(
        InputError, match=r"new\.csv: nothing was written.*2020-05-11-network-1 is not"
    ):
        updates.difference("policy_events", write(lines[0], moved))


@pytest.mark.parametrize(
    ("table", "lines", "sentence"),
    [
        ("china_provinces", (HEADER, ROW), "those of share_estimates, not of china_provinces"),
        ("network_daily", (HEADER, ROW), "data update share_estimates FILE"),
        ("network_daily", (EXPORT, "2022-02,Canada,1,2"), "those of mining_map"),
        ("share_estimates", (HEADER,), "no row follows its head"),
        ("network_daily", ("date,blocks,difficulty",), "no row follows its head"),
        ("mining_map", (EXPORT,), "no row follows its head"),
        ("network_daily", ('{"hashrates": [', '{"timestamp": 1}]}'), "a JSON file"),
        ("network_daily", ("[[1, 2]]",), "a JSON file"),
        ("network_daily", ("<!DOCTYPE html>", "<html>"), "a web page"),
    ],
)
def test_a_file_of_another_kind_is_named(write, table, lines, sentence):
    with pytest.raises(InputError, match=rf"new\.csv: .*{sentence}"):
        updates.difference(table, write(*lines))


def test_rows_that_the_table_has_are_nothing_new(write):
    daily = hm.load("network_daily").dropna(subset="blocks").iloc[::20]
    lines = [f"{r.date:%Y-%m-%d},{r.blocks},{r.difficulty!r}" for r in daily.itertuples()]
    change = updates.difference("network_daily", write("date,blocks,difficulty", *lines))
    said = updates.described(change)
    assert "nothing new" in said
    assert f"all {len(daily)} rows of {change.source}" in said


def test_a_series_of_an_explorer_is_brought_in(data_copy, write):
    level = float(hm.load("network_daily")["difficulty"].iloc[-1])
    lines = (f"{1787356800 + day * 86400},{level!r},{9.1e8 + day}" for day in range(3))
    change = updates.difference(
        "network_daily", write("timestamp,difficulty,hash-rate (TH/s)", *lines)
    )
    updates.apply(change)
    new = hm.load("network_daily").tail(3)
    assert new["date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2026-08-22",
        "2026-08-23",
        "2026-08-24",
    ]
    assert new["hashrate_ehs"].tolist() == [910, 910.000001, 910.000002]
    assert new["blocks"].isna().all()
    assert "network_daily" not in read.changed_tables()


def test_an_incomplete_month_is_refused(write):
    with pytest.raises(InputError, match="nothing was written.*no row for CAN in 2022-02"):
        updates.difference("mining_map", write(EXPORT, "2022-02-01,Kazakhstan,13.2%,24"))


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


def test_other_separators_are_named(write):
    for delimiter, words in ((";", "semicolons"), ("\t", "tabs")):
        with pytest.raises(InputError, match=rf"new\.csv: .*separated by {words}"):
            updates.difference("mining_map", write(EXPORT.replace(",", delimiter), "x"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("2026-04-22,1400,1.35e14", "1400 blocks in a day cannot be"),
        ("2026-04-22,0,1.35e14", "0 blocks in a day cannot be"),
        ("2021-06-15,100,135594880000000.0", "does not fit 2021-06-15"),
    ],
)
def test_days_that_cannot_be(write, line, sentence):
    with pytest.raises(InputError, match=rf"new\.csv, row 2: .*{sentence}"):
        updates.difference("network_daily", write("date,blocks,difficulty", line))


def test_a_first_line_that_is_no_head_is_named(write):
    note = "Average electricity cost assumption: 0.05 USD/kWh,,,,"
    with pytest.raises(InputError, match="first line is no head of columns"):
        updates.difference("network_power", write(note, "Timestamp,a,b,c,d", "1,2,3,4,5"))


@pytest.mark.parametrize(("name", "content"), [("x.zip", b"PK\x03\x04"), ("x.csv.gz", b"\x1f\x8b")])
def test_packed_files_are_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="a packed or spreadsheet file"):
        updates.difference("mining_map", str(tmp_path / name))


def test_an_update_is_written_in_order_of_the_key(data_copy, write):
    path = data_copy / "network_power.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    power = hm.load("network_power")
    newest_first = [lines[0], *lines[1:][::-1]]
    path.write_text("\n".join(newest_first) + "\n", encoding="utf-8")
    assert hm.load("network_power").equals(power)
    last = lines[-1].split(",")
    year, month = map(int, last[0].split("-"))
    following = f"{year + month // 12}-{month % 12 + 1:02d}"
    change = updates.difference("network_power", write(lines[0], ",".join([following, *last[1:]])))
    updates.apply(change)
    months = [row.split(",")[0] for row in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert months == sorted(months)
    assert months[-1] == following
    hm.load("network_power")
    assert "network_power" not in read.changed_tables()


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
