from __future__ import annotations

import json

import frictionless
import pandas as pd
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.tables import package, read

TABLES = read.table_names()


@pytest.mark.parametrize("table", TABLES)
def test_every_table_loads_with_the_types_of_its_description(table):
    frame = read.load(table)
    fields = package.describe(table).set_index("field")
    assert list(frame) == list(fields.index)
    assert len(frame) > 0
    for column, kind in fields["type"].items():
        if kind in ("date", "yearmonth", "datetime"):
            assert pd.api.types.is_datetime64_dtype(frame[column])
        elif kind == "number":
            assert frame[column].dtype == "float64"
        elif kind == "integer":
            assert pd.api.types.is_integer_dtype(frame[column])


def test_external_validator_accepts_the_package():
    report = frictionless.validate(str(read.data_folder() / "datapackage.json"))
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])


def test_check_finds_nothing_wrong():
    assert package.check() == []


def test_every_field_has_a_meaning_and_every_measure_a_unit():
    for table in TABLES:
        fields = package.describe(table)
        assert (fields["description"] != "").all()
        numbers = fields[fields["type"].isin(["number", "integer"])]
        assert (numbers["unit"] != "").all(), table


def test_sources_of_a_table_count_its_rows():
    rows = package.sources("difficulty_epochs")["rows"]
    assert rows.sum() == len(read.load("difficulty_epochs"))


def test_provenance_is_that_of_the_description():
    described = {
        r["name"]: r["hash"].removeprefix("sha256:") for r in read.description()["resources"]
    }
    found = package.provenance().set_index("table")["sha256"].to_dict()
    assert found == described


class TestBrokenPackages:
    def test_a_halving_outside_its_epoch(self, edit):
        events = read.load("policy_events")
        row = int(events.index[events["event_id"] == "2020-05-11-network-1"][0])
        edit("policy_events", row, "date", "2020-06-11")
        assert any("2020-05-11-network-1" in problem for problem in package.check())

    def test_what_others_need_is_not_sealed_away(self, data_copy):
        path = data_copy / "regions.csv"
        path.write_text(
            "".join(
                line
                for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
                if ",CHN," not in line
            ),
            encoding="utf-8",
        )
        before = (data_copy / "datapackage.json").read_bytes()
        with pytest.raises(InputError, match="has no 'CHN'"):
            package.seal()
        assert (data_copy / "datapackage.json").read_bytes() == before
        # Nor is it read unsealed, whichever table is asked for first.
        with pytest.raises(
            InputError, match=r"regions\.csv: has no 'CHN', which .*, row \d+, names"
        ):
            read.load("regions")

    def test_a_number_against_another_table_is_not_sealed(self, edit):
        # Within what the map's own rules allow, but five times the network that the chain shows.
        table = read.load("mining_map")
        for row in table.index[table["month"] == "2021-01-01"]:
            edit("mining_map", int(row), "hashrate_ehs", f"{5 * table['hashrate_ehs'][row]:.4f}")
        with pytest.raises(InputError, match="mining_map"):
            package.seal()

    @pytest.mark.parametrize(
        "content",
        [
            b"[]",
            b"{}",
            b'{"resources": 5}',
            b'{"resources": [{}]}',
            '{"title": "é"}'.encode("latin-1"),
        ],
    )
    def test_a_description_that_is_none_is_one_sentence(self, data_copy, content):
        (data_copy / "datapackage.json").write_bytes(content)
        read.forget()
        with pytest.raises(InputError, match=r"datapackage\.json") as caught:
            read.load("mining_map")
        assert "\n" not in str(caught.value)

    def test_a_changed_number_breaks_the_checksum_until_it_is_sealed(self, edit, data_copy):
        edit("network_daily", 4000, "price_usd", "1")
        assert any("network_daily" in problem for problem in package.check())
        assert package.seal() == ["network_daily"]
        assert package.check() == []
        assert package.seal() == []
        written = json.loads((data_copy / "datapackage.json").read_text(encoding="utf-8"))
        assert written["resources"][0]["name"] == "mining_map"
