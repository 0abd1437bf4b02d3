"""Any file and any value of a user's, many times over: read, or refused in one sentence."""

from __future__ import annotations

import pytest
from fuzzing import FILES, tried_catalogues, tried_files, tried_settings
from kept import keep

pytestmark = pytest.mark.audit

EXAMPLES = 300
MEANING = "read, or refused in one sentence, with nothing changed"


@pytest.mark.parametrize("what", FILES)
def test_a_file_of_a_users_own(what, data_copy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    counts = tried_files(what, tmp_path, EXAMPLES)
    keep("strange files", f"{what}: {MEANING}", counts.total(), counts.total())
    # Were all refused at the first check, the others would not have been tried.
    assert counts[True]
    assert counts[False]


def test_a_catalogue(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    counts = tried_catalogues(tmp_path, EXAMPLES)
    keep("strange files", f"catalogue of reports: {MEANING}", counts.total(), counts.total())
    assert counts[True]
    assert counts[False]


def test_parameters_of_a_command():
    counts = tried_settings(EXAMPLES)
    keep("strange values", f"-p NAME VALUE: {MEANING}", counts.total(), counts.total())
    assert counts[True]
    assert counts[False]
