"""Estimates of the user's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import hashrate_migration as hm
from hashrate_migration import country_panel
from hashrate_migration.cli import cli
from hashrate_migration.errors import InputError
from hashrate_migration.tables import read

HEAD = ",".join(hm.load("share_estimates").columns)


@pytest.fixture
def file(tmp_path):
    """A file of estimates: one of the United States in June 2026, or several, each changed."""

    def write(*rows, **values):
        lines = []
        for number, changed in enumerate(rows or (values,), start=1):
            row = dict.fromkeys(HEAD.split(","), "")
            row |= {"estimate_id": f"t-{number}", "region": "USA", "place": "United States"}
            row |= {"start_month": "2026-06", "end_month": "2026-06", "kind": "vendor"}
            row |= {"share_pct": "37", "source_id": "project-convention", **changed}
            lines.append(",".join(row.values()))
        path = tmp_path / "own.csv"
        path.write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
        return path

    return write


def test_a_row_that_enters_reaches_the_sampler(file, sampler):
    table, unused = country_panel.with_added(file(share_pct="60"))
    assert unused == []
    assert len(table) == len(hm.load("share_estimates")) + 1
    rows = country_panel.observations(table)
    assert set(rows["estimate_id"]) - set(country_panel.observations()["estimate_id"]) == {"t-1"}
    country_panel.fit(table)
    assert sampler.calls[0].rows.equals(rows)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"region": "", "members": "KAZ+KAZ"}, r"members KAZ\+KAZ names a country twice"),
        ({"repeats": "no-such-id"}, "repeats 'no-such-id', which is no other estimate"),
        (
            {"share_pct": "5", "hashrate_ehs": "200", "network_ehs": "300"},
            r"share_pct 5 and 200 of 300 EH/s \(66\.7 percent\) are two different shares",
        ),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(file, values, message):
    with pytest.raises(InputError, match=rf"own\.csv: t-1: {message}"):
        country_panel.with_added(file(**values))


def test_two_printings_of_one_share_are_no_contradiction(file):
    values = {"share_pct": "30", "share_high_pct": "40", "hashrate_ehs": "360"}
    _, unused = country_panel.with_added(file(**values, network_ehs="1000"))
    assert unused == []


LAST = f"{hm.network_hashrate().index[-1]:%Y-%m}"
AFTER_LAST = f"{hm.network_hashrate().index[-1] + pd.DateOffset(months=1):%Y-%m}"
OUTSIDE = f"its period is outside the panel, 2013-01 to {LAST}"
NOT_WHOLE = "it is not about whole countries of the panel"


REASONS = [
    ({"share_pct": ""}, "it gives no number"),
    ({"share_pct": "", "start_month": "", "end_month": ""}, "it gives no number"),
    ({"start_month": "", "end_month": ""}, "it names no period"),
    ({"start_month": "2012-11", "end_month": "2012-12"}, OUTSIDE),
    ({"start_month": AFTER_LAST, "end_month": AFTER_LAST}, OUTSIDE),
    ({"kind": "recycled"}, "figures of the kind recycled do not enter"),
    (
        {"kind": "recycled", "repeats": "kaiser-2018-2015-01-chn"},
        "figures of the kind recycled do not enter",
    ),
    ({"kind": "pool_home"}, "figures of its kind enter until 2021-05 only"),
    (
        {"kind": "pool_home", "start_month": "2021-06", "end_month": "2021-06"},
        "figures of its kind enter until 2021-05 only",
    ),
    ({"repeats": "kaiser-2018-2015-01-chn"}, "it repeats another row"),
    ({"region": "US-TX"}, NOT_WHOLE),
    ({"region": "IND"}, NOT_WHOLE),
    ({"region": "", "members": "USA+IND"}, NOT_WHOLE),
    # In its first and its last month a period still touches the panel and its kind's time.
    ({"region": "US-TX", "start_month": "2013-01", "end_month": "2013-01"}, NOT_WHOLE),
    ({"region": "US-TX", "start_month": LAST, "end_month": LAST}, NOT_WHOLE),
    (
        {
            "region": "US-TX",
            "kind": "pool_home",
            "start_month": "2021-05",
            "end_month": "2021-05",
        },
        NOT_WHOLE,
    ),
]


def test_rows_that_do_not_enter_are_named_with_their_reasons(file):
    # Rows stand in the order of their ids; the first enters.
    names = [f"t-{number:02}" for number in range(len(REASONS) + 1)]
    rows = [{}, *(values for values, _ in REASONS)]
    path = file(*({**row, "estimate_id": name} for row, name in zip(rows, names, strict=True)))
    table, unused = country_panel.with_added(path)
    assert unused == [
        f"{name} does not enter the panel: {reason}."
        for name, (_, reason) in zip(names[1:], REASONS, strict=True)
    ]
    known = hm.load("share_estimates")["estimate_id"].tolist()
    assert table["estimate_id"].tolist() == known + names
    assert table.index.tolist() == list(range(len(table)))


def test_any_number_and_a_sum_with_the_rest_enter(file):
    month = {"share_pct": "", "start_month": "2024-03", "end_month": "2024-03"}
    numbers = ["share_pct", "hashrate_ehs", "power_mw", "energy_gwh", "bitcoin"]
    rows = [{**month, number: "30"} for number in numbers]
    _table, unused = country_panel.with_added(file(*rows, {"region": "", "members": "USA+CAN+OTH"}))
    assert unused == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"estimate_id": "kaiser-2018-2015-01-chn"},
            "kaiser-2018-2015-01-chn is an id that share_estimates.csv has; give the row another.",
        ),
        (
            {"region": "", "members": "USA+XXX"},
            "t-1: 'XXX' is no region of regions.csv; correct the code.",
        ),
        ({"region": "XXX"}, "row 2: region 'XXX' is not in regions.csv"),
        (
            {"share_pct": "", "hashrate_ehs": "340", "network_ehs": "0"},
            "t-1: network_ehs 0 makes no share; give the network or leave it out.",
        ),
        (
            {"share_pct": "", "hashrate_ehs": "0", "network_ehs": "900"},
            "t-1 comes to 0.00 percent of ",
        ),
        (
            {"share_pct": "", "hashrate_ehs": "5000", "network_ehs": "1000"},
            "t-1 comes to 500.00 percent of ",
        ),
        ({"share_pct": "", "hashrate_ehs": "340000000"}, "row 2: column hashrate_ehs"),
        ({"share_pct": "300"}, "row 2: column share_pct"),
        (
            {"share_pct": "", "bitcoin": "100", "start_month": "2008-01", "end_month": "2008-01"},
            "t-1 cannot be turned into a share, for network_daily.csv has no block counts",
        ),
    ],
)
def test_a_row_that_cannot_be_is_refused(file, values, sentence):
    path = file(**values)
    with pytest.raises(InputError) as caught:
        country_panel.with_added(path)
    message = str(caught.value)
    assert sentence in message
    assert "\n" not in message
    assert message.startswith(str(path))
    assert "share_estimates.csv:" not in message


def test_a_row_without_a_family_belongs_to_its_source(file):
    table, _unused = country_panel.with_added(file({"family": ""}, {"family": "luxor"}))
    families = table.set_index("estimate_id")["family"]
    assert families[["t-1", "t-2"]].tolist() == ["project-convention", "luxor"]


def test_a_file_from_before_there_were_families_is_read(file):
    path = file()
    rows = pd.read_csv(path, dtype=str).drop(columns=["family", "list_id", "energy_gwh"])
    rows.to_csv(path, index=False)
    table, unused = country_panel.with_added(path)
    assert unused == []
    assert table["family"].iloc[-1] == "project-convention"
    rows.drop(columns="place").to_csv(path, index=False)
    with pytest.raises(InputError, match="the columns are"):
        country_panel.with_added(path)


KNOWN = hm.load("share_estimates")
LISTED = KNOWN[KNOWN["list_id"].notna() & KNOWN["region"].eq("USA") & KNOWN["repeats"].isna()].iloc[
    -1
]
ON_LIST = {
    "list_id": LISTED["list_id"],
    "start_month": f"{LISTED['start_month']:%Y-%m}",
    "end_month": f"{LISTED['end_month']:%Y-%m}",
    "kind": LISTED["kind"],
}
NAMED = set(KNOWN.loc[KNOWN["list_id"] == LISTED["list_id"], "region"])
UNNAMED = [code for code in country_panel.countries() if code not in NAMED]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"list_id": "no-such-list"}], "row 2: list_id 'no-such-list' is not in share_lists.csv"),
        ([ON_LIST], f"t-1 names a place that its list has already ({LISTED['list_id']})"),
        (
            [{**ON_LIST, "region": UNNAMED[0], "family": "kaiser"}],
            f"t-1 is of another family than its list ({LISTED['list_id']})",
        ),
        (
            [{**ON_LIST, "region": UNNAMED[0], "share_pct": "60"}],
            f"t-1: with it the shares of {LISTED['list_id']} come to 1",
        ),
        (
            [{"region": "USA", "share_pct": "60"}, {"region": "RUS", "share_pct": "50"}],
            "t-2: with it the shares of project-convention 2026-06 to 2026-06 come to 110.0 percent",
        ),
        ([{"source_id": ""}], "t-1 names no publisher; give its source_id"),
    ],
    ids=[
        "no list",
        "twice",
        "other family",
        "list over the whole",
        "source over the whole",
        "nobody",
    ],
)
def test_a_row_that_makes_a_list_impossible_is_refused(file, rows, sentence):
    path = file(*rows)
    with pytest.raises(InputError) as caught:
        country_panel.with_added(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert sentence in message
    assert "\n" not in message


def test_parts_of_a_whole_may_be_rounded_and_one_country_printed_twice(file):
    rounded = [{"region": "USA", "share_pct": "60"}, {"region": "RUS", "share_pct": "40.4"}]
    assert country_panel.with_added(file(*rounded))[1] == []
    twice = [{"region": "USA", "share_pct": "60"}, {"region": "USA", "share_pct": "55"}]
    assert country_panel.with_added(file(*twice))[1] == []


def test_a_region_asked_for_twice_is_refused():
    with pytest.raises(InputError, match="Region 'USA' is asked for twice"):
        hm.panel("2026-06", regions=["USA", "USA"])


def test_a_file_of_kinds_with_a_negative_error_is_one_sentence(tmp_path):
    path = tmp_path / "kinds.csv"
    table = pd.read_csv(read.data_folder() / "estimate_kinds.csv", dtype=str)
    table.loc[table["kind"] == "vendor", "error_sd"] = "-0.1"
    table.to_csv(path, index=False)
    row = 2 + int(table.index[table["kind"] == "vendor"][0])
    with pytest.raises(InputError, match=rf"kinds\.csv, row {row}: column error_sd holds -0\.1"):
        hm.panel(kinds=path)


def test_what_went_into_a_written_panel_is_named_in_its_description(file, tmp_path, sampler):
    import hashlib
    import json

    from hashrate_migration.country_panel import export

    own = file()
    table, _unused = country_panel.with_added(own)
    made = hm.panel("2026-06", table=table)
    written = export.write(made, tmp_path / "p.csv", changed={"added": str(own), "kinds": None})
    method = json.loads(written[1].read_text(encoding="utf-8"))["method"]
    assert method["added"] == {
        "file": "own.csv",
        "sha256": hashlib.sha256(own.read_bytes()).hexdigest(),
    }
    assert "kinds" not in method
    assert pd.read_csv(written[0])["region"].nunique() == made["region"].nunique()


def run(*arguments):
    return CliRunner().invoke(cli, ["panel", *arguments])


def test_the_command_refits_with_a_bar_and_says_what_changes(file, tmp_path, sampler):
    own, out = file(), tmp_path / "p.csv"
    result = run("--out", str(out), "--with", str(own), "--start", "2026-06", "--region", "USA")
    assert result.exit_code == 0, result.output
    (call,) = sampler.calls
    assert call.progress is True
    assert "t-1" in set(call.rows["estimate_id"])
    assert f"Largest changes by {own} (percent of the network):" in result.output
    made = pd.read_csv(out)
    drawn = sampler.gives.shares[:, -1, sampler.gives.codes.index("USA")]
    assert made["share_pct"].iloc[-1] == pytest.approx(100 * np.median(drawn), rel=1e-6)


def test_the_command_does_not_fit_to_write_the_kept_panel_or_for_a_wrong_month(
    file, tmp_path, sampler
):
    assert run("--out", str(tmp_path / "p.csv"), "--start", "2026-06").exit_code == 0
    wrong = run("--out", str(tmp_path / "q.csv"), "--with", str(file()), "--start", "1999-01")
    assert isinstance(wrong.exception, InputError)
    assert not sampler.calls
    assert not (tmp_path / "q.csv").exists()
    kept = pd.read_csv(tmp_path / "p.csv")
    assert kept["share_pct"].tolist() == hm.panel("2026-06")["share_pct"].tolist()
