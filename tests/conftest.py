"""What several tests need."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from hashrate_migration.tables import read


@pytest.fixture
def data_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of data/ that a test may damage; everything reads it."""
    folder = tmp_path / "data"
    shutil.copytree(read.data_folder(), folder)
    monkeypatch.setenv(read.DATA_VARIABLE, str(folder))
    return folder


@pytest.fixture
def edit(data_copy: Path) -> Callable[..., None]:
    """Change one cell of a table of the copy: edit("mining_map", 0, "share_pct", "7")."""

    def change(table: str, row: int, column: str, value: str) -> None:
        path = data_copy / f"{table}.csv"
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame.loc[row, column] = value
        frame.to_csv(path, index=False, lineterminator="\n")

    return change
