"""No silent wrong number: every damage of every table is refused, without effect, or said."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from corruptions import Case, cases

from hashrate_migration.errors import InputError
from hashrate_migration.tables import read

SEEDS = range(int(os.environ.get("HASHRATE_MIGRATION_AUDIT_SEEDS", "1")))
"""One in the suite; `make audit` sets more."""

FOLDER = read.data_folder()
EVERY = list(
    cases(read.description()["resources"], lambda path: (FOLDER / path).read_bytes(), SEEDS)
)
# Damages of single fields are many and alike: the suite tries every third, the audit all of them.
ALL = [
    case
    for place, case in enumerate(EVERY)
    if place % 3 == 0 or not case.names[1:] or "HASHRATE_MIGRATION_AUDIT_SEEDS" in os.environ
]
TABLES = [resource["name"] for resource in read.description()["resources"]]


def outcome(case: Case, folder: Path) -> tuple[str, str]:
    """What came of a damaged file, and what was said of it."""
    published = read.load(case.table)
    path = folder / read.resource(case.table)["path"]
    good = path.read_bytes()
    path.write_bytes(case.content)
    read.forget()
    try:
        found = read.load_from(folder, case.table)
        words = ", ".join(read.changed_tables())
    except InputError as error:
        return "refused", str(error)
    finally:
        path.write_bytes(good)
        read.forget()
    try:
        pd.testing.assert_frame_equal(published, found)
    except AssertionError:
        return ("said" if case.table in words else "silent"), words
    return "same", words


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tables") / "data"
    shutil.copytree(FOLDER, folder)
    return folder


@pytest.mark.parametrize("table", TABLES)
def test_no_damage_of_a_table_is_silent(table, copy, capsys):
    wrong = []
    for case in ALL:
        if case.table != table:
            continue
        came, words = outcome(case, copy)
        right = came == case.expected or (case.expected == "not silent" and came != "silent")
        if came == "refused":
            right &= "\n" not in words and f"{table}.csv" in words
            right &= all(name in words for name in case.names)
        if not right:
            wrong.append(f"{case}: {came} ({words}); expected {case.expected} {case.names}")
    assert not wrong, f"{len(wrong)} of {len(ALL)}:\n" + "\n".join(wrong[:20])


def test_the_harness_is_not_empty():
    assert len(EVERY) > 1500
    assert {case.expected for case in ALL} == {"refused", "same", "not silent"}
