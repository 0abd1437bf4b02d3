"""Bringing newer rows into the tables."""

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
    # What was there stays byte for byte.
    assert after["share_estimates.csv"].startswith(before["share_estimates.csv"])
    assert package.check() == []
    assert "new-2026-06-kaz" in set(hm.load("share_estimates")["estimate_id"])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("KAZ", "ATL"), "ATL"),
        (ROW.replace("3.0", "300"), "300"),
        (ROW.replace("project-convention", "nobody"), "nobody"),
        (ROW.replace("2026-06,2026-06", "2026-06,2026-01"), "before start_month"),
    ],
)
def test_nothing_is_written_if_a_check_fails(data_copy, write, row, message):
    before = files(data_copy)
    change = updates.difference("share_estimates", write(HEADER, row))
    with pytest.raises(InputError, match=f"Nothing was written.*{message}"):
        updates.apply(change)
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
    change = updates.difference("mining_map", write(EXPORT, "2022-02-01,Kazakhstan,13.2%,24"))
    with pytest.raises(InputError, match="Nothing was written"):
        updates.apply(change)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2022-02-01,Atlantis,1%,2", "Atlantis"),
        ("soon,Kazakhstan,1%,2", "'soon' is not a date"),
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
    change = updates.difference(
        "network_daily", write("date,blocks,difficulty", "2027-01-01,150,1e14")
    )
    with pytest.raises(InputError, match="does not follow the day"):
        updates.apply(change)
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
