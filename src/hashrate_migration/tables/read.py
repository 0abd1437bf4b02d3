"""The tables of facts: found, read, typed, and validated where they are not the published ones.

``data/datapackage.json`` is the only description of the tables. A table whose checksum is the sealed
one was checked in full when it was sealed, and is only read. Any other is validated in full, and said
to be another.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration.arguments import listed, shown
from hashrate_migration.errors import InputError
from hashrate_migration.tables import constraints, rules, text

DATA_VARIABLE = "HASHRATE_MIGRATION_DATA"
"""Environment variable that names another data folder."""

PACKAGE_FILE = "datapackage.json"

_OF_A_TABLE = ("name", "path", "title", "vintage", "licenses", "sources", "schema")
"""What the description says of each table."""

_changed: dict[str, None] = {}

_used: dict[str, None] = {}  # in order; a set's order would change from run to run


def used_tables() -> list[str]:
    """Names of the tables that :func:`load` was asked for since the program began, in order."""
    return list(_used)


def data_folder() -> Path:
    """Folder of the tables in use.

    ``HASHRATE_MIGRATION_DATA`` if set; else the folder inside an installed package; else
    ``data/`` at the top of the checkout.

    Returns
    -------
    Path
        A folder that holds ``datapackage.json``.

    Raises
    ------
    InputError
        If the variable names a folder without ``datapackage.json``.
    """
    override = os.environ.get(DATA_VARIABLE)
    if override:
        # Not expanduser(), which fails where there is no such user.
        folder = Path(os.path.expanduser(override))
        if not (folder / PACKAGE_FILE).is_file():
            raise InputError(
                f"{DATA_VARIABLE}={override}: there is no {PACKAGE_FILE} in that folder; name a "
                "folder laid out like data/, or unset the variable."
            )
        return folder.resolve()
    here = Path(__file__).resolve().parents[1]
    installed = here / "data"
    return installed if installed.is_dir() else here.parents[1] / "data"


@lru_cache(maxsize=8)
def _read_description(folder: Path) -> dict[str, Any]:
    path = folder / PACKAGE_FILE
    try:
        description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {error.lineno}: not valid JSON ({error.msg}); correct it."
        ) from error
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text; save the file as UTF-8.") from None
    try:
        for entry in description["resources"]:
            for name in _OF_A_TABLE:
                entry[name]
            for name in ("fields", "primaryKey"):
                entry["schema"][name]
            for described in entry["schema"]["fields"]:
                described["name"], described["type"]
    except (KeyError, TypeError, IndexError) as error:
        raise InputError(
            f"{path}: does not describe every table with its {', '.join(_OF_A_TABLE)}, fields and "
            f"primaryKey ({type(error).__name__}: {error}); restore it."
        ) from None
    return description


def description() -> dict[str, Any]:
    """The package description, as read from ``datapackage.json``."""
    return _read_description(data_folder())


def resources(folder: Path) -> dict[str, dict[str, Any]]:
    """Name of each table to its part of the package description."""
    return {resource["name"]: resource for resource in _read_description(folder)["resources"]}


def table_names() -> list[str]:
    """Names that :func:`load` knows, in the order of the package description."""
    return list(resources(data_folder()))


def load(table: str) -> pd.DataFrame:
    """Read a table, typed and validated.

    Months are month-start timestamps (naive, UTC), days are timestamps at midnight, whole
    numbers with gaps are ``Int64``, fields with a list of allowed values are categories.
    Units and meanings of the columns: ``describe(table)``.

    Parameters
    ----------
    table : str
        Name of the table, for example ``"mining_map"``.

    Returns
    -------
    DataFrame
        One row per row of the file, in its order; a copy that may be changed freely.

    Raises
    ------
    InputError
        If there is no such table, or the file breaks its description or its rules.

    Examples
    --------
    >>> shares = load("mining_map")
    >>> shares.loc[shares["month"].eq("2021-08-01") & shares["region"].eq("CHN"), "share_pct"].item()
    0.0
    """
    frame = load_from(data_folder(), table).copy()
    _used.setdefault(table)
    return frame


def resource(table: str, folder: Path | None = None) -> dict[str, Any]:
    """A table's part of the package description.

    Raises
    ------
    InputError
        If there is no such table.
    """
    known = resources(folder or data_folder())
    if not (isinstance(table, str) and table in known):
        raise InputError(f"There is no table {shown(table)}; the tables are: {', '.join(known)}.")
    return known[table]


def load_from(folder: Path, table: str) -> pd.DataFrame:
    """:func:`load` from another folder, not copied: for reading only."""
    path, content = _content(folder, table)
    return _load_once(folder, table, _Content(sha256(content), content))


def _content(folder: Path, table: str) -> tuple[Path, bytes]:
    path = folder / resource(table, folder)["path"]
    try:
        return path, path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: the file is missing; restore it from the repository.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check it.") from None


def version(table: str, folder: Path | None = None) -> tuple[Path, str]:
    """A table's file and its checksum: equal as long as the table is.

    Raises
    ------
    InputError
        If there is no such table or no such file.
    """
    path, content = _content(folder or data_folder(), table)
    return path, sha256(content)


def sha256(content: bytes) -> str:
    """Checksum of a file's bytes, as the description has it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True)
class _Content:
    """Bytes that are told apart by their checksum alone."""

    digest: str
    content: bytes = field(compare=False)


@lru_cache(maxsize=64)
def _load_once(folder: Path, table: str, file: _Content) -> pd.DataFrame:
    described = resource(table, folder)
    schema, path = described["schema"], folder / described["path"]
    rows = text.parsed(text.decoded(file.content, str(path)), str(path))
    if described.get("hash") == file.digest:
        # The published table: it was checked in full when it was sealed.
        return _in_order(text.typed(rows, schema["fields"]), schema)
    frame = validated(rows, table, path, folder)
    _check_those_that_refer(folder, table, frame)
    _tell_changed(table, path)
    return frame


def _tell_changed(table: str, path: Path) -> None:
    """Say once on stderr that a table is not the published one."""
    if table not in _changed:
        # A notebook keeps what is said while it runs, and must be the same wherever its folder lies.
        where = path.name if "ipykernel" in sys.modules else path
        print(
            f"hashrate-migration: table {table} is not the published one ({where}).",
            file=sys.stderr,
        )
    _changed.setdefault(table)


def changed_tables() -> list[str]:
    """Names of the tables read since the program began whose checksum is not the published one."""
    return list(_changed)


def _in_order(frame: pd.DataFrame, schema: dict[str, Any]) -> pd.DataFrame:
    """Rows in order of their key, whatever order the file has: no number depends on it."""
    return frame.sort_values(_order(schema), kind="stable", ignore_index=True)


def _order(schema: dict[str, Any]) -> list[str]:
    return list(schema.get("orderedBy", schema["primaryKey"]))


def validated(
    rows: pd.DataFrame,
    table: str,
    path: Path,
    folder: Path | None = None,
    schema: dict[str, Any] | None = None,
) -> pd.DataFrame:
    """Text with the types of a table, held against its description and its rules.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.tables.text.parsed`.
    table : str
        Name of the table whose description holds.
    path : Path
        How to call the file in a message.
    folder : Path, optional
        Folder of the tables that it refers to.
    schema : dict, optional
        Another description than the table's.

    Raises
    ------
    InputError
        With file, row, column and what was expected.
    """
    folder = folder or data_folder()
    schema = schema or resource(table, folder)["schema"]
    _check_names(rows, schema, path)
    if rows.empty:
        raise InputError(f"{path}: holds no row; restore it.")
    text.check_spelling(rows, schema["fields"], str(path))
    frame = text.typed(rows, schema["fields"])
    constraints.check_fields(frame, schema, str(path))
    for key in schema.get("foreignKeys", []):
        _check_reference(folder, frame, key, path)
    constraints.check_rules(frame, schema, str(path))
    if table in rules.RULES:
        # In order of the key, each row with its own line.
        ordered = frame.sort_values(_order(schema), kind="stable")
        try:
            rules.RULES[table](ordered)
        except InputError as error:
            # A rule speaks of the table; the file may be one of the user's.
            raise InputError(f"{path}{str(error).removeprefix(f'{table}.csv')}") from None
    return _in_order(frame, schema)


def _check_names(rows: pd.DataFrame, schema: dict[str, Any], path: Path) -> None:
    names = [field["name"] for field in schema["fields"]]
    if list(rows.columns) != names:
        raise InputError(
            f"{path}: the columns are {listed(rows.columns)}; {PACKAGE_FILE} asks for "
            f"{', '.join(names)}."
        )


def _check_reference(folder: Path, frame: pd.DataFrame, key: dict[str, Any], path: Path) -> None:
    (column,), target = key["fields"], key["reference"]
    known = load_from(folder, target["resource"])[target["fields"][0]]
    unknown = frame[column].notna() & ~frame[column].isin(known)
    if unknown.any():
        row = frame.index[unknown][0]
        raise InputError(
            f"{path}, row {row + 2}: {column} {shown(frame[column][row])} is not in "
            f"{target['resource']}.csv{text.nearest(str(frame[column][row]), known)}; add it there or "
            "correct it."
        )


def _check_those_that_refer(folder: Path, table: str, frame: pd.DataFrame) -> None:
    """Stop if another table names what a changed one no longer has."""
    for entry in resources(folder).values():
        for key in entry["schema"].get("foreignKeys", []):
            (column,), target = key["fields"], key["reference"]
            path = folder / entry["path"]
            if target["resource"] != table or not path.is_file():
                continue
            # As text: to load the other would be to hold it against this one in turn.
            named = text.read_csv(path)[column].dropna()
            lost = named[~named.isin(frame[target["fields"][0]].astype(str))]
            if len(lost):
                raise InputError(
                    f"{folder / resource(table, folder)['path']}: has no {shown(lost.iloc[0])}, which "
                    f"{entry['path']}, row {int(lost.index[0]) + 2}, names as its {column}; restore it."
                )


def read_as(table: str, path: Path) -> pd.DataFrame:
    """Read another file under the description of a table.

    Parameters
    ----------
    table : str
        Name of the table whose fields and rules the file must have.
    path : Path
        A CSV file.

    Returns
    -------
    DataFrame
        Typed like ``load(table)``, in order of the key.

    Raises
    ------
    InputError
        If the file is missing or breaks the description or the rules of the table.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; check the name.")
    return validated(text.read_csv(path), table, path)


def forget() -> None:
    """Read everything anew from now on."""
    _read_description.cache_clear()
    _load_once.cache_clear()
    _changed.clear()
