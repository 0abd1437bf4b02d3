"""No silent wrong number: every damage of every table is refused, without effect, or said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from corruptions import cases, wrong

from hashrate_migration.tables import read

FOLDER = read.data_folder()
EVERY = list(
    cases(read.description()["resources"], lambda path: (FOLDER / path).read_bytes(), range(1))
)
# Damages of single fields are many and alike: the suite tries every third, the audit all of them.
ALL = [case for place, case in enumerate(EVERY) if place % 3 == 0 or not case.names[1:]]
TABLES = [resource["name"] for resource in read.description()["resources"]]


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tables") / "data"
    shutil.copytree(FOLDER, folder)
    return folder


@pytest.mark.parametrize("table", TABLES)
def test_no_damage_of_a_table_is_silent(table, copy):
    found = [wrong(case, copy) for case in ALL if case.table == table]
    faults = [words for words in found if words]
    assert not faults, f"{len(faults)} of {len(found)}:\n" + "\n".join(faults[:20])


def test_the_harness_is_not_empty():
    assert len(EVERY) > 1500
    assert {case.expected for case in ALL} == {"refused", "same", "not silent"}
