"""Bringing newer rows into a table: shown first, checked in a copy, then written.

A row whose key is already there replaces the old one; any other row is added. Rows that
are not named stay as they are, byte for byte.
"""

from __future__ import annotations

import errno
import os
import re
import urllib.request
from copy import deepcopy
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration.arguments import listed, shown
from hashrate_migration.errors import InputError
from hashrate_migration.tables import explorers, exports, locks, package, read, rules, text


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
    given : int
        Rows of it.
    before : str
        Checksum of the table from which this is the difference.
    """

    table: str
    added: pd.DataFrame
    changed: pd.DataFrame
    merged: pd.DataFrame
    source: str
    given: int
    before: str


_LIMIT_BYTES = 50_000_000
_WAIT_S = 30
_FROM_SOURCE = 10_000_000  # added to the line of a row that comes from the user's file


def _read(source: str) -> pd.DataFrame:
    """A CSV file, or an address if the user gave one, as text."""
    if not source.lower().startswith(("http://", "https://")):
        if not Path(source).is_file():
            raise InputError(f"{source}: there is no such file; check the name.")
        return text.read_csv(Path(source))
    try:
        with urllib.request.urlopen(source, timeout=_WAIT_S) as answer:
            content = answer.read(_LIMIT_BYTES + 1)
            promised = answer.headers.get("Content-Length")
    except (OSError, ValueError, HTTPException) as error:
        raise InputError(f"{source}: cannot be fetched ({error}); check the address.") from None
    # Python reads what comes and does not miss what does not.
    if promised and promised.isdigit() and len(content) < min(int(promised), _LIMIT_BYTES):
        raise InputError(
            f"{source}: cut off after {len(content):,} of {int(promised):,} bytes; fetch it again."
        )
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
        ``network_daily`` also a daily series of an explorer, see
        :func:`hashrate_migration.tables.explorers.network_daily`. An address that begins with
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
    names = [field["name"] for field in resource["schema"]["fields"]]
    _check_head(rows, table, names, source)
    if table == "mining_map" and set(exports.MAP_EXPORT) <= set(rows.columns):
        rows = exports.mining_map(rows, source)
    elif table == "network_daily":
        rows = explorers.network_daily(rows, source)
    given = [name for name in names if name in rows.columns]
    if table == "network_daily":
        fill = {"blocks": np.nan, "price_usd": np.nan, "source_id": "network-daily-compilation"}
        for column, value in fill.items():
            if column not in given:
                rows[column] = value
    if set(rows.columns) != set(names):
        raise InputError(
            f"{source}: the columns are {listed(rows.columns)}; {table} takes {', '.join(names)}."
        )
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
    # Taken before the rows are: what is written in between is then a change, not overlooked.
    before_it = read.version(table)[1]
    old = text.read_csv(read.data_folder() / resource["path"])
    old_keys, new_keys = (pd.MultiIndex.from_frame(frame[key]) for frame in (old, rows))
    added = rows[~new_keys.isin(old_keys)]
    known = new_keys.isin(old_keys)
    positions = old_keys.get_indexer(new_keys[known])
    same = rows[known].set_index(old.index[positions])
    lines = dict(zip(old.index[positions], rows.index[known], strict=True))
    merged = old.copy()
    changes = []
    # A column that the file lacks says nothing about a row that is there already.
    before, after = old.loc[same.index, given], same[given]
    other = (before != after) & ~(before.isna() & after.isna())
    for position in sorted(other.index[other.any(axis=1)]):
        for column in other.columns[other.loc[position]]:
            was, now = before.loc[position, column], after.loc[position, column]
            if not _equal(was, now):
                merged.loc[position, column] = now
                label = " ".join(str(old.loc[position, name]) for name in key)
                changes.append(
                    {"key": label, "column": column, "old": was, "new": now, "line": position}
                )
    # Where each row comes from: its line in the table, or in the user's file.
    touched = {change["line"] for change in changes}
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
        len(rows),
        before_it,
    )
    _check(change)
    return change


def _check_head(rows: pd.DataFrame, table: str, names: list[str], source: str) -> None:
    """Stop if the first line is no head, the file is another table's, or nothing follows."""
    if sum(bool(column.strip()) for column in rows.columns) < max(2, len(rows.columns) / 2):
        raise InputError(
            f"{source}: its first line is no head of columns ({shown(rows.columns[0])}); take it out. "
            f"{table} takes {', '.join(names)}."
        )
    forms = {
        name: {field["name"] for field in read.resource(name)["schema"]["fields"]}
        for name in read.table_names()
    }
    whose = [name for name, form in forms.items() if form == set(rows.columns)]
    if not whose and set(exports.MAP_EXPORT) <= set(rows.columns):
        whose = ["mining_map"]
    if whose and table not in whose:
        raise InputError(
            f"{source}: its columns are those of {whose[0]}, not of {table}; bring it in by "
            f"`hashrate-migration data update {whose[0]} FILE`."
        )
    if rows.empty:
        raise InputError(
            f"{source}: no row follows its head of columns; give the rows to bring in."
        )


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
        frame = read.validated(
            change.merged, change.table, Path(change.table), schema=_schema_after(change)
        )
        for tables, rule in rules.ACROSS.items():
            if change.table in tables:
                rule(*(frame if name == change.table else read.load(name) for name in tables))
    except InputError as error:
        raise InputError(_in_the_users_words(str(error), change)) from None


def _in_the_users_words(sentence: str, change: Difference) -> str:
    found = re.match(rf"{change.table}(\.csv)?, row (\d+)", sentence)
    line = _users_line(int(found[2]), change) if found else None
    if found and line is not None:
        return f"{change.source}, row {line}{sentence[found.end() :]}"
    rest = re.sub(rf"^{change.table}(\.csv)?", f"{change.table}.csv", sentence)
    return f"{change.source}: nothing was written, for with its rows {rest}"


def _users_line(line: int, change: Difference) -> int | None:
    """The line of the user's file that a rule means, if it is one of the user's.

    A rule that holds a row against the one before it names the later one. The table alone keeps its
    rules, so where that is the table's, the one before is the user's.
    """
    if line >= _FROM_SOURCE:
        return line - _FROM_SOURCE
    key = read.resource(change.table)["schema"]
    ordered = change.merged.sort_values(
        key.get("orderedBy", key["primaryKey"]), kind="stable", key=_sortable
    ).index
    place = ordered.get_loc(line - 2)
    before = int(ordered[place - 1]) + 2 if place else 0
    return before - _FROM_SOURCE if before >= _FROM_SOURCE else None


def _sortable(column: pd.Series) -> pd.Series:
    """Numbers as such; days and months stand in order as text."""
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().all() else column


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
        If the folder of the tables cannot be written, or the table has changed since the difference was
        taken; it is left as it was then.
    """
    folder = read.data_folder()
    with locks.alone(folder):
        read.forget()
        if read.version(change.table)[1] != change.before:
            raise InputError(
                f"{change.source}: {change.table}.csv has changed meanwhile, so nothing was written; "
                "bring it in again."
            )
        _apply(change, folder)


def _apply(change: Difference, folder: Path) -> None:
    schema = _schema_after(change)
    described = read.resource(change.table)
    key = schema.get("orderedBy", schema["primaryKey"])
    typed = text.typed(change.merged, schema["fields"]).reset_index(drop=True)
    order = typed.sort_values(key, kind="stable").index
    merged = change.merged.reset_index(drop=True).loc[order]
    content = merged.to_csv(index=False, lineterminator="\n").encode("utf-8")
    again = text.parsed(content.decode("utf-8"), change.table)
    if not again.reset_index(drop=True).equals(merged.reset_index(drop=True).astype("str")):
        raise InputError(
            f"{change.source}: {change.table}.csv would not read as it was written, so nothing was; "
            "take unusual signs out of its texts."
        )
    package_text = package.description_with(change.table, content, schema.get("rules", {}), folder)
    try:
        replace_together(
            {folder / described["path"]: content, folder / read.PACKAGE_FILE: package_text}
        )
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written ({error.strerror}), and nothing was; choose another folder "
            f"of tables with {read.DATA_VARIABLE}."
        ) from None
    read.forget()


def replace_together(files: dict[Path, bytes]) -> None:
    """Write several files: all are complete beside the old ones before the first is put in place."""
    ready = {}
    try:
        for path, content in files.items():
            if path.is_dir():
                # Found out by the move of this one, others would be in place already.
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            ready[temporary] = path
            temporary.write_bytes(content)
        for temporary, path in ready.items():
            temporary.replace(path)
    finally:
        for temporary in ready:
            temporary.unlink(missing_ok=True)


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
    if change.added.empty and change.changed.empty:
        count = f"all {change.given} rows" if change.given > 1 else "the row"
        return f"{change.table}: nothing new, for it has {count} of {change.source} already"
    key = read.resource(change.table)["schema"]["primaryKey"]
    lines = [
        f"{change.table}: {len(change.added)} rows added, {len(change.changed)} values changed"
    ]
    for _place, row in change.added.head(limit).iterrows():
        values = [f"{name} {value}" for name, value in row.drop(key).dropna().items()]
        lines.append(f"  + {' '.join(map(str, row[key]))}: {', '.join(values)}")
    if len(change.added) > limit:
        lines.append(f"  + ... and {len(change.added) - limit} more")
    for row in change.changed.head(limit).itertuples():
        lines.append(f"  ~ {row.key}: {row.column} {_text(row.old)} -> {_text(row.new)}")
    if len(change.changed) > limit:
        lines.append(f"  ~ ... and {len(change.changed) - limit} more")
    return "\n".join(lines)
