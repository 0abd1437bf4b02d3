"""The panel as a file for others."""

import hashlib
import json

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import country_panel
from hashrate_migration.country_panel import export
from hashrate_migration.errors import InputError
from hashrate_migration.tables import read


@pytest.fixture(scope="module")
def panel():
    return hm.panel()


@pytest.mark.parametrize("name", ["panel.csv", "panel.parquet"])
def test_the_product_is_the_same_byte_for_byte(panel, tmp_path, name):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        export.write(panel, folder / name)
    files = [sorted(folder.iterdir()) for folder in folders]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]
    assert [file.name for file in files[0]] == sorted([name, "panel.datapackage.json"])


def test_the_product_describes_itself(panel, tmp_path):
    import frictionless

    _, beside = export.write(panel, tmp_path / "panel.csv")
    about = json.loads(beside.read_text())
    assert about["method"]["seed"] == 0
    assert about["method"]["band"] == "90 percent"
    assert about["method"]["version"] == country_panel.METHOD_VERSION
    assert {entry["table"] for entry in about["made_from"]} == set(country_panel.INPUTS)
    fields = [field["name"] for field in about["resources"][0]["schema"]["fields"]]
    assert fields == list(panel.columns)
    assert frictionless.validate(str(beside)).valid
    back = pd.read_csv(tmp_path / "panel.csv", parse_dates=["month"])
    assert back["share_pct"].to_numpy() == pytest.approx(panel["share_pct"].to_numpy(), rel=1e-6)


@pytest.fixture
def rows():
    """Two rows with more digits than are written."""
    return pd.DataFrame(
        {
            "month": pd.to_datetime(["2024-01-01", "2024-02-01"]).as_unit("us"),
            "region": ["KAZ", "OTH"],
            "share_pct": [12.3456789, 0.000123456789],
            "low_ehs": [1234.56789, 2.0],
            "basis": ["measured", "interpolated"],
        }
    )


def test_a_csv_file_has_seven_digits_and_months(rows, tmp_path):
    before = rows.copy()
    export.write(rows, tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_bytes() == (
        b"month,region,share_pct,low_ehs,basis\n"
        b"2024-01,KAZ,12.34568,1234.568,measured\n"
        b"2024-02,OTH,0.0001234568,2.0,interpolated\n"
    )
    pd.testing.assert_frame_equal(rows, before)


def test_a_parquet_file_has_the_same_columns_and_no_index(rows, tmp_path):
    import pyarrow.parquet

    rows.index = [7, 9]
    export.write(rows, tmp_path / "p.parquet")
    assert pyarrow.parquet.read_schema(tmp_path / "p.parquet").names == rows.columns.tolist()
    back = pd.read_parquet(tmp_path / "p.parquet")
    assert back.index.tolist() == [0, 1]
    assert back["month"].tolist() == rows["month"].tolist()
    assert back["share_pct"].tolist() == [12.34568, 0.0001234568]


@pytest.mark.parametrize(
    ("suffix", "profile", "resource"),
    [
        ("csv", "tabular-data-package", "tabular-data-resource"),
        ("parquet", "data-package", "data-resource"),
    ],
)
def test_the_description_says_all_of_it(rows, tmp_path, suffix, profile, resource):
    own = tmp_path / "my kinds.csv"
    own.write_text("kind\n", encoding="utf-8")
    files = export.write(
        rows,
        tmp_path / f"p.{suffix}",
        changed={"kinds": str(own), "added": None},
    )
    assert files == [tmp_path / f"p.{suffix}", tmp_path / "p.datapackage.json"]
    content = files[0].read_bytes()
    text = files[1].read_text(encoding="utf-8")
    about = json.loads(text)
    made_from = about.pop("made_from")
    assert about == {
        "profile": profile,
        "name": "hashrate-migration-panel",
        "title": "Bitcoin hashrate by country and month, from every published estimate",
        "version": hm.__version__,
        "method": {
            "version": country_panel.METHOD_VERSION,
            "band": "90 percent",
            "seed": 0,
            "kinds": {"file": "my kinds.csv", "sha256": hashlib.sha256(b"kind\n").hexdigest()},
        },
        "resources": [
            {
                "name": "panel",
                "type": "table",
                "path": f"p.{suffix}",
                "profile": resource,
                "format": suffix,
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "schema": {
                    # Only the columns that there are, those with a unit with it.
                    "fields": [
                        {
                            "name": "month",
                            "type": "yearmonth",
                            "description": "Calendar month (UTC)",
                        },
                        {
                            "name": "region",
                            "type": "string",
                            "description": "ISO 3166-1 alpha-3 code of the country, or OTH for all "
                            "others",
                        },
                        {
                            "name": "share_pct",
                            "type": "number",
                            "description": "Share of the network hashrate, median of the draws; "
                            "medians need not add to 100",
                            "unit": "%",
                        },
                        {
                            "name": "low_ehs",
                            "type": "number",
                            "description": "Lower end of the band of the hashrate",
                            "unit": "EH/s",
                        },
                        {
                            "name": "basis",
                            "type": "string",
                            "description": "measured: an estimate of the share located machines "
                            "there in that month; interpolated: between such estimates; "
                            "extrapolated: before the first or after the last",
                        },
                    ],
                    "primaryKey": ["month", "region"],
                },
            }
        ],
    }
    assert [entry["table"] for entry in made_from] == list(country_panel.INPUTS)
    for entry in made_from:
        file = read.data_folder() / f"{entry['table']}.csv"
        assert entry["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert entry["vintage"]
        assert set(entry) == {"table", "vintage", "sha256"}
    # Two blanks a level and a line feed at the end, as the repository's own.
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("panel.xls", "{}/panel.xls: give a name that ends with .csv or .parquet."),
        ("no/p.csv", "{}/no: there is no such folder; make it first."),
        (
            "taken.csv",
            "{}/taken.csv: cannot be written (Is a directory); choose another name or folder.",
        ),
        (
            "described.csv",
            "{}/described.csv: cannot be written (Is a directory); choose another name or folder.",
        ),
    ],
)
def test_a_wrong_file_is_refused(rows, tmp_path, name, message):
    (tmp_path / "taken.csv").mkdir()
    (tmp_path / "described.datapackage.json").mkdir()
    with pytest.raises(InputError) as caught:
        export.write(rows, tmp_path / name)
    assert str(caught.value) == message.format(tmp_path)
    there = {"taken.csv", "described.datapackage.json"}
    assert {path.name for path in tmp_path.rglob("*")} == there


@pytest.mark.parametrize("name", ["thesis.csv", "panel.csv"])
def test_a_file_that_is_no_panel_is_not_written_over(tmp_path, name):
    path = tmp_path / name
    path.write_text("years of work")
    with pytest.raises(InputError, match="is there already and is no panel"):
        export.check_name(path)


def test_an_older_panel_gives_way_but_not_to_one_of_another_kind(panel, tmp_path):
    export.write(panel.head(3), tmp_path / "p.csv")
    export.check_name(tmp_path / "p.csv")
    with pytest.raises(InputError, match=r"p\.datapackage\.json: is there already"):
        export.check_name(tmp_path / "p.parquet")


def test_what_the_panel_is_made_from_is_not_written_over(tmp_path, data_copy):
    own = tmp_path / "estimates.csv"
    own.write_text("mine")
    (tmp_path / "link.csv").symlink_to(own)
    for path in (own, tmp_path / "link.csv", data_copy / "mining_map.csv"):
        with pytest.raises(InputError, match="one of the files from which the panel is made"):
            export.check_name(path, own)
