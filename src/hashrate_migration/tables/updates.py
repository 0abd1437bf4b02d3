"""Bringing newer rows into a table: shown first, checked in a copy, then written.

A row whose key is already there replaces the old one; any other row is added. Rows that
are not named stay as they are, byte for byte.
"""

from __future__ import annotations

import os
import re
import urllib.request
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.tables import exports, package, read, text


@dataclass(frozen=True)
class Difference:
    """What an update changes.

    Attributes
    ----------
    table : str
    added : DataFrame
        New rows, as text.
    changed : DataFrame
        One row per value: key, column, old, new.
    merged : DataFrame
        The table after the update, as text; indexed by line of the table or of the user's file.
    source : str
        The user's file or address.
    """

    table: str
    added: pd.DataFrame
    changed: pd.DataFrame
    merged: pd.DataFrame
    source: str


_LIMIT_BYTES = 50_000_000
_WAIT_S = 30
_FROM_SOURCE = 10_000_000  # added to the line of a row that comes from the user's file


def _read(source: str) -> pd.DataFrame:
    """A CSV file, or an address if the user gave one, as text."""
    if not source.startswith(("http://", "https://")):
        if not Path(source).is_file():
            raise InputError(f"{source}: there is no such file; check the name.")
        return text.read_csv(Path(source))
    try:
        with urllib.request.urlopen(source, timeout=_WAIT_S) as answer:
            content = answer.read(_LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"{source}: cannot be fetched ({error}); check the address.") from None
    if len(content) > _LIMIT_BYTES:
        raise InputError(f"{source}: larger than {_LIMIT_BYTES:,} bytes; give a smaller file.")
    return text.parsed(text.decoded(content, source), source)


def difference(table: str, source: str) -> Difference:
    """What a file would change in a table.

    Parameters
    ----------
    table : str
        Name of a table.
    source : str
        CSV file in the table's form; for ``mining_map`` also an export of Cambridge's site, for
        ``network_daily`` also date, blocks and difficulty alone. An address that begins with
        ``http`` is fetched.

    Returns
    -------
    Difference

    Raises
    ------
    InputError
        If the file cannot be read, its columns are not the table's, or it names a key twice.
    """
    resource = read.resource(table)
    rows = _read(source)
    if table == "mining_map" and set(exports.MAP_EXPORT) <= set(rows.columns):
        rows = exports.mining_map(rows, source)
    elif table == "network_daily":
        rows = exports.network_daily(rows, source)
    names = [field["name"] for field in resource["schema"]["fields"]]
    given = [name for name in names if name in rows.columns]
    if table == "network_daily":
        for column, value in (("price_usd", np.nan), ("source_id", "network-daily-compilation")):
            if column not in given:
                rows[column] = value
    if set(rows.columns) != set(names):
        raise InputError(_other_columns(rows, table, names, source))
    rows = rows[names]
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    text.check_spelling(rows[given], [fields[name] for name in given], source)
    key = resource["schema"]["primaryKey"]
    twice = rows.duplicated(key)
    if twice.any():
        row = rows.index[twice][0]
        raise InputError(
            f"{source}, row {row + 2}: the same {', '.join(key)} stands above; keep one of them."
        )
    old = text.read_csv(read.data_folder() / resource["path"])
    old_keys, new_keys = (pd.MultiIndex.from_frame(frame[key]) for frame in (old, rows))
    added = rows[~new_keys.isin(old_keys)]
    known = new_keys.isin(old_keys)
    positions = old_keys.get_indexer(new_keys[known])
    same = rows[known].set_index(old.index[positions])
    lines = dict(zip(old.index[positions], rows.index[known], strict=True))
    merged = old.copy()
    changes = []
    for position, row in same.sort_index().iterrows():
        # A column that the file lacks says nothing about a row that is there already.
        for column in given:
            before, after = old.loc[position, column], row[column]
            if not _equal(before, after):
                merged.loc[position, column] = after
                label = " ".join(str(old.loc[position, name]) for name in key)
                changes.append({"key": label, "column": column, "old": before, "new": after})
    # Where each row comes from: its line in the table, or in the user's file.
    touched = {line for line in lines if not merged.loc[line].equals(old.loc[line])}
    merged.index = pd.Index(
        [lines[line] + _FROM_SOURCE if line in touched else line for line in merged.index]
    )
    joined = pd.concat([merged, added.set_index(added.index + _FROM_SOURCE)])
    change = Difference(
        table,
        added.sort_values(key).reset_index(drop=True),
        pd.DataFrame(changes, columns=["key", "column", "old", "new"]),
        joined,
        source,
    )
    _check(change)
    return change


def _other_columns(rows: pd.DataFrame, table: str, names: list[str], source: str) -> str:
    if sum(bool(column.strip()) for column in rows.columns) < max(2, len(rows.columns) / 2):
        return (
            f"{source}: its first line is no head of columns ({rows.columns[0]!r}); take it out. "
            f"{table} takes {', '.join(names)}."
        )
    return f"{source}: the columns are {', '.join(rows.columns)}; {table} takes {', '.join(names)}."


def _schema_after(change: Difference) -> dict[str, Any]:
    """The table's description with the first and last month that it has after the update."""
    schema = deepcopy(read.resource(change.table)["schema"])
    for ends in schema.get("rules", {}).get("ends", []):
        values = change.merged[ends["column"]]
        ends["first"] = min(ends["first"], values.min())
        ends["last"] = max(ends["last"], values.max())
    return schema


def _check(change: Difference) -> None:
    """Hold the table with the update against its description and its rules.

    Raises
    ------
    InputError
        Naming the user's file and its row where the row is the user's.
    """
    try:
        read.validated(
            change.merged, change.table, Path(change.table), schema=_schema_after(change)
        )
    except InputError as error:
        raise InputError(_in_the_users_words(str(error), change)) from None


def _in_the_users_words(sentence: str, change: Difference) -> str:
    found = re.match(rf"{change.table}(\.csv)?, row (\d+)", sentence)
    if found and int(found[2]) >= _FROM_SOURCE:
        return f"{change.source}, row {int(found[2]) - _FROM_SOURCE}{sentence[found.end() :]}"
    rest = re.sub(rf"^{change.table}(\.csv)?", f"{change.table}.csv", sentence)
    return f"{change.source}: nothing was written, for with its rows {rest}"


def _text(value: object) -> str:
    return "nothing" if pd.isna(value) else str(value)


def _equal(before: object, after: object) -> bool:
    """Whether two texts say the same: 1.0 is 1, and nothing is nothing."""
    if pd.isna(before) or pd.isna(after):
        return bool(pd.isna(before) and pd.isna(after))
    try:
        return float(str(before)) == float(str(after))
    except ValueError:
        return before == after


def apply(change: Difference) -> None:
    """Write an update that was checked, in order of the key, and seal the table.

    Parameters
    ----------
    change : Difference
        From :func:`difference`, which has checked the whole table.

    Raises
    ------
    InputError
        If the folder of the tables cannot be written; the table is left as it was then.
    """
    folder = read.data_folder()
    schema = _schema_after(change)
    described = read.resource(change.table)
    key = schema.get("orderedBy", schema["primaryKey"])
    typed = text.typed(change.merged, schema["fields"]).reset_index(drop=True)
    order = typed.sort_values(key, kind="stable").index
    merged = change.merged.reset_index(drop=True).loc[order]
    content = merged.to_csv(index=False, lineterminator="\n").encode("utf-8")
    package_text = package.description_with(change.table, content, schema.get("rules", {}), folder)
    try:
        replace_together(
            {folder / described["path"]: content, folder / read.PACKAGE_FILE: package_text}
        )
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written ({error.strerror}); nothing was written."
        ) from None
    read.forget()


def replace_together(files: dict[Path, bytes]) -> None:
    """Write several files: all are complete beside the old ones before the first is put in place."""
    ready = {}
    try:
        for path, content in files.items():
            temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            ready[temporary] = path
            temporary.write_bytes(content)
    except OSError:
        for temporary in ready:
            temporary.unlink(missing_ok=True)
        raise
    for temporary, path in ready.items():
        temporary.replace(path)


def described(change: Difference, limit: int = 20) -> str:
    """The difference in words: rows added, values changed.

    Parameters
    ----------
    change : Difference
        From :func:`difference`.
    limit : int
        Rows of each kind to print.

    Returns
    -------
    str
        Lines of text.
    """
    key = read.resource(change.table)["schema"]["primaryKey"]
    lines = [
        f"{change.table}: {len(change.added)} rows added, {len(change.changed)} values changed"
    ]
    lines += [f"  + {' '.join(map(str, row))}" for row in change.added[key].head(limit).to_numpy()]
    if len(change.added) > limit:
        lines.append(f"  + ... and {len(change.added) - limit} more")
    for row in change.changed.head(limit).itertuples():
        lines.append(f"  ~ {row.key}: {row.column} {_text(row.old)} -> {_text(row.new)}")
    if len(change.changed) > limit:
        lines.append(f"  ~ ... and {len(change.changed) - limit} more")
    return "\n".join(lines)
