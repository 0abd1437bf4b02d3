"""A computed table that is kept in ``data/derived``, with what it was made from beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.tables.read import data_folder, version


def sha256(path: Path) -> str:
    """Checksum of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checksums(package: Path, code: Iterable[str], tables: Iterable[str]) -> dict[str, Any]:
    """Checksums of code and tables of facts that a result depends on.

    Parameters
    ----------
    package : Path
        Folder of the code files.
    code, tables : iterable of str
        Names of the files, with their ending, and of the tables, without.
    """
    return {
        "code": {name: sha256(package / name) for name in code},
        "tables": {name: version(name)[1] for name in tables},
    }


def changes(before: Mapping[str, Any], today: Mapping[str, Any]) -> list[str]:
    """Parts of what a result was made from that are others today, such as ``code prior.py``."""
    changed = []
    for name, now in today.items():
        then = before.get(name)
        if isinstance(now, dict):
            then = then or {}
            kind, parts = name.removesuffix("s"), sorted({*now, *then})
            changed += [f"{kind} {part}" for part in parts if now.get(part) != then.get(part)]
        elif then != now:
            changed.append(name)
    return changed


@dataclass(frozen=True)
class Derived:
    """A kept table and its description.

    Attributes
    ----------
    name : str
        Of the files, without ending.
    title : str
        What the table is.
    command : str
        What computes it anew.
    needed : tuple of str
        What the description says besides checksums.
    """

    name: str
    title: str
    command: str
    needed: tuple[str, ...] = ()

    @property
    def table_path(self) -> Path:
        """The table."""
        return data_folder() / "derived" / f"{self.name}.csv"

    @property
    def about_path(self) -> Path:
        """Its description."""
        return self.table_path.with_suffix(".json")

    def write(
        self, table: pd.DataFrame, made_from: Mapping[str, Any], decimals: int, **more: Any
    ) -> list[Path]:
        """Keep a table: both files or none.

        Parameters
        ----------
        table : DataFrame
        made_from : mapping
            Versions, options and checksums, from before the computation began.
        decimals : int
            Of numbers.
        **more
            What else the description says.

        Returns
        -------
        list of Path
            The table and its description.
        """
        # Here, since reading does not need it.
        from hashrate_migration.tables.updates import replace_together

        numbers = table.select_dtypes("float").columns
        rounded = table.round(dict.fromkeys(numbers, decimals))
        content = rounded.to_csv(index=False, lineterminator="\n", date_format="%Y-%m").encode()
        described = {
            "title": self.title,
            "table": self.table_path.name,
            "made_with": self.command,
            "made_from": made_from,
            **more,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
        self.table_path.parent.mkdir(exist_ok=True)
        replace_together({self.table_path: content, self.about_path: text.encode()})
        return [self.table_path, self.about_path]

    def description(self) -> dict[str, Any]:
        """What is written beside the table.

        Raises
        ------
        InputError
            If the table is not kept, or its description cannot be read.
        """
        self._look()
        try:
            described: dict[str, Any] = json.loads(self.about_path.read_text(encoding="utf-8"))
            for name in ("made_from", "sha256", *self.needed):
                described[name]
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f"{self.about_path}: is no description of the kept result; run `{self.command}`."
            ) from None
        return described

    def path(self) -> Path:
        """The table, if it is what was kept.

        Raises
        ------
        InputError
            If it is not kept, or has been changed.
        """
        described = self.description()
        if sha256(self.table_path) != described["sha256"]:
            raise InputError(
                f"{self.table_path}: has been changed since it was computed; run `{self.command}`."
            )
        return self.table_path

    def stale(self, today: Mapping[str, Any]) -> list[str]:
        """What the kept table is older than.

        Parameters
        ----------
        today : mapping
            What it would be made from now.

        Returns
        -------
        list of str
            Empty if it belongs to today's code and tables.

        Raises
        ------
        InputError
            If it is not kept.
        """
        described = self.description()
        unchanged = sha256(self.table_path) == described["sha256"]
        own = [] if unchanged else [f"table {self.table_path.name}"]
        return own + changes(described["made_from"], today)

    def _look(self) -> None:
        for path in (self.table_path, self.about_path):
            if not path.is_file():
                raise InputError(f"There is no {path}; run `{self.command}`.")
