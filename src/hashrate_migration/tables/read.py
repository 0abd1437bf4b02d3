"""The tables of facts: found, typed, validated.

``data/datapackage.json`` is the only description of the tables. It is read here, turned
into pandera schemas and enforced on every load.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.tables import rules

DATA_VARIABLE = "HASHRATE_MIGRATION_DATA"
"""Environment variable that names another data folder."""

PACKAGE_FILE = "datapackage.json"

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
        folder = Path(override).expanduser()
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
    if table not in known:
        raise InputError(f"There is no table {table!r}; the tables are: {', '.join(known)}.")
    return known[table]


def load_from(folder: Path, table: str) -> pd.DataFrame:
    """:func:`load` from another folder, not copied: for reading only."""
    _path, changed_ns = version(table, folder)
    return _load_version(folder, table, changed_ns)


def version(table: str, folder: Path | None = None) -> tuple[Path, int]:
    """A table's file and when it was last changed (nanoseconds): equal as long as the table is.

    Raises
    ------
    InputError
        If there is no such table or no such file.
    """
    folder = folder or data_folder()
    path = folder / resource(table, folder)["path"]
    if not path.is_file():
        raise InputError(f"{path}: the file is missing; restore it from the repository.")
    return path, path.stat().st_mtime_ns


@lru_cache(maxsize=64)
def _load_version(folder: Path, table: str, changed_ns: int) -> pd.DataFrame:
    # Kept until the file changes: `changed_ns` is there for the cache alone.
    known = resource(table, folder)
    path = folder / known["path"]
    frame = _validated(read_text(path), known["schema"], path)
    for key in known["schema"].get("foreignKeys", []):
        _check_reference(folder, frame, key, path)
    if table in rules.RULES:
        rules.RULES[table](frame)
    return frame


def read_text(path: Path) -> pd.DataFrame:
    """Read a CSV file as text, nothing converted."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{path}: not a readable CSV file ({reason}); correct it.") from error


def _validated(frame: pd.DataFrame, schema: dict[str, Any], path: Path) -> pd.DataFrame:
    # pandera's reader of package descriptions brings in frictionless: imported here so
    # that `import hashrate_migration` stays quick.
    import pandera.errors
    from pandera.io.pandas_io import from_frictionless_schema

    names = [field["name"] for field in schema["fields"]]
    if list(frame.columns) != names:
        raise InputError(
            f"{path}: the columns are {', '.join(frame.columns)}; {PACKAGE_FILE} asks for "
            f"{', '.join(names)}."
        )
    checker = from_frictionless_schema(schema)
    for field in schema["fields"]:
        # pandera maps every whole number to int64, which holds no gaps.
        if field["type"] == "integer" and not field.get("constraints", {}).get("required"):
            checker = checker.update_column(field["name"], dtype="Int64")
        if field["type"] == "boolean":
            frame[field["name"]] = _truth(frame[field["name"]], path)
    try:
        frame = checker.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        case = errors.failure_cases.sort_values("index", na_position="last").iloc[0]
        row = f", row {int(case['index']) + 2}" if pd.notna(case["index"]) else ""
        if case["check"] == "multiple_fields_uniqueness":
            raise InputError(
                f"{path}{row}: another row has the same {', '.join(schema['primaryKey'])}; keep one "
                "of them."
            ) from None
        raise InputError(
            f"{path}{row}: column {case['column']} holds {case['failure_case']!r}, which fails "
            f"{case['check']}; correct the value or its description in {PACKAGE_FILE}."
        ) from None
    for field in schema["fields"]:
        if field["type"] in ("date", "yearmonth", "datetime"):
            frame[field["name"]] = _timestamps(frame[field["name"]], field, path)
    return frame


def _truth(column: pd.Series, path: Path) -> pd.Series:
    # Left to itself, the text "false" would be coerced to a true value.
    wrong = ~column.isin(["true", "false"])
    if wrong.any():
        row = column.index[wrong][0]
        raise InputError(
            f"{path}, row {row + 2}: column {column.name} holds {column[row]!r}; write true or false."
        )
    return column == "true"


def _timestamps(column: pd.Series, field: dict[str, Any], path: Path) -> pd.Series:
    pattern = {"date": "%Y-%m-%d", "yearmonth": "%Y-%m"}.get(field["type"])
    times = pd.to_datetime(column, format=pattern, errors="coerce")
    wrong = times.isna() & column.notna()
    if wrong.any():
        row = column.index[wrong][0]
        raise InputError(
            f"{path}, row {row + 2}: column {field['name']} holds {column[row]!r}, which is not a "
            f"{field['type']} written {pattern}; correct it."
        )
    return times.dt.as_unit("us")


def _check_reference(folder: Path, frame: pd.DataFrame, key: dict[str, Any], path: Path) -> None:
    (column,), target = key["fields"], key["reference"]
    known = load_from(folder, target["resource"])[target["fields"][0]]
    unknown = frame[column].notna() & ~frame[column].isin(known)
    if unknown.any():
        row = frame.index[unknown][0]
        raise InputError(
            f"{path}, row {row + 2}: {column} {frame[column][row]!r} is not in "
            f"{target['resource']}.csv; add it there or correct it."
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
        Typed like ``load(table)``.

    Raises
    ------
    InputError
        If the file is missing or breaks the description or the rules of the table.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; check the name.")
    folder = data_folder()
    schema = resource(table, folder)["schema"]
    frame = _validated(read_text(path), schema, path)
    for key in schema.get("foreignKeys", []):
        _check_reference(folder, frame, key, path)
    if table in rules.RULES:
        rules.RULES[table](frame)
    return frame


def forget() -> None:
    """Read everything anew from now on."""
    _read_description.cache_clear()
    _load_version.cache_clear()
