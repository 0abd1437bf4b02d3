"""Any file and any value of a user's: read, or refused in one sentence; `make audit` tries more."""

from __future__ import annotations

import pytest
from fuzzing import FILES, tried_catalogues, tried_files, tried_settings

EXAMPLES = 15


@pytest.mark.parametrize("what", FILES)
def test_a_file_of_a_users_own(what, data_copy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert tried_files(what, tmp_path, EXAMPLES)[False]


def test_a_catalogue(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert tried_catalogues(tmp_path, EXAMPLES)[False]


def test_parameters_of_a_command():
    assert tried_settings(EXAMPLES)[False]
