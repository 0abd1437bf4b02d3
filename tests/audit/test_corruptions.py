"""Every damage of every table, placed in two ways."""

from __future__ import annotations

import shutil

import pytest
from corruptions import cases, wrong
from kept import keep

from hashrate_migration.tables import read

pytestmark = pytest.mark.audit
SEEDS = range(2)

COMES = {
    "refused": "must be refused, with table, row and column",
    "same": "must be read as the published table",
    "not silent": "must be refused or said to differ",
}


def test_no_damage_of_a_table_is_silent(tmp_path):
    shutil.copytree(read.data_folder(), tmp_path / "data")
    every = list(
        cases(
            read.description()["resources"],
            lambda path: (read.data_folder() / path).read_bytes(),
            SEEDS,
        )
    )
    faults = []
    for expected, meaning in COMES.items():
        tried = [case for case in every if case.expected == expected]
        found = [words for words in (wrong(case, tmp_path / "data") for case in tried) if words]
        keep("damaged tables", meaning, len(tried), len(tried) - len(found))
        faults += found
    assert not faults, f"{len(faults)} of {len(every)}:\n" + "\n".join(faults[:20])
