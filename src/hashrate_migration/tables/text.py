"""CSV files as text, and text as values: nothing is guessed, and every row keeps its line.

A file is read into a table of text whose index are the lines of the file, so that a message names the
row that a reader finds in an editor. Values are then read by the types of the description: a number is
digits with a point, a month is written 2021-05, and what only looks like one is refused.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration.arguments import shown
from hashrate_migration.errors import InputError

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
"""How numbers are written; Python itself would read 1_0 and full-width digits."""

_MOST_DIGITS = 18
"""Of a whole number; the machine has no longer ones."""

_HOW = {
    "number": "a number written like 12.5",
    "integer": f"a whole number written like 12, of at most {_MOST_DIGITS} digits",
    "boolean": "true or false",
    "yearmonth": "a month written like 2021-05",
    "date": "a day written like 2021-05-21",
    "datetime": "a time written like 2021-05-21T00:00:00Z",
}
"""Type of a field to how its values are written, for messages."""

_DATES = {"date": "%Y-%m-%d", "yearmonth": "%Y-%m", "datetime": "%Y-%m-%dT%H:%M:%SZ"}

_SHAPES = {
    "date": re.compile(r"[12]\d{3}-\d{2}-\d{2}", re.ASCII),
    "yearmonth": re.compile(r"[12]\d{3}-\d{2}", re.ASCII),
    "datetime": re.compile(r"[12]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII),
}

_PACKED = (".zip", ".gz", ".bz2", ".xz", ".zst", ".tar", ".xlsx", ".xls", ".ods")

_NO_TABLES = {"{": "a JSON file", "[": "a JSON file", "<": "a web page or an XML file"}
"""First letter of a file to what it is; no name of a column begins so."""

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def nearest(written: str, known: Iterable[str]) -> str:
    """What a misspelt name may have been, in words that follow it; nothing if none is near."""
    found = get_close_matches(written, sorted(known), n=3)
    return f" (nearest: {', '.join(found)})" if found else ""


def decoded(content: bytes, name: str) -> str:
    """The bytes of a file as text.

    Raises
    ------
    InputError
        If it is packed, not UTF-8, or holds NUL bytes.
    """
    if (
        content[:4] in (b"PK\x03\x04", b"\xfd7zX")
        or content[:2] == b"\x1f\x8b"
        or (name.lower().endswith(_PACKED))
    ):
        raise InputError(f"{name}: a packed or spreadsheet file; unpack it or save it as CSV.")
    try:
        # A byte order mark at the beginning is no part of the first name.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{name}, row {line}: not UTF-8 text; save the file as UTF-8.") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError(f"{name}, row {line}: holds a NUL byte, so it is no text; restore it.")
    return text


def parsed(text: str, name: str) -> pd.DataFrame:
    """A CSV text as a table of text.

    Parameters
    ----------
    text : str
        Fields separated by commas, the names of the columns in the first line.
    name : str
        How to call the file in a message.

    Returns
    -------
    DataFrame
        Columns of text, missing where a field is empty; indexed by line less two, so that the first
        row after the head is 0.

    Raises
    ------
    InputError
        If it is empty, has a row with more or fewer fields than names, or another separator.
    """
    if kind := _NO_TABLES.get(text.lstrip()[:1]):
        raise InputError(f"{name}: {kind}, not a CSV file; give its rows as CSV.")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    names: list[str] | None = None
    before = 0
    try:
        for fields in reader:
            line, before = before + 1, reader.line_num
            if not fields:
                continue  # a blank line
            if names is None:
                names = _names(fields, name)
            elif len(fields) != len(names):
                raise InputError(
                    f"{name}, row {line}: {len(fields)} fields where the head has {len(names)}; a comma "
                    "too many or too few, or a text with a comma that is not in quotation marks."
                )
            else:
                rows.append(fields)
                lines.append(line - 2)
    except csv.Error as error:
        raise InputError(
            f"{name}, row {before + 1}: not a readable CSV file ({error}); correct it."
        ) from None
    if names is None:
        raise InputError(f"{name}: not a readable CSV file (it is empty); restore it.")
    frame = pd.DataFrame(rows, columns=names, index=pd.Index(lines, dtype="int64"), dtype="str")
    return frame.mask(frame == "")


def _names(fields: list[str], name: str) -> list[str]:
    if len(fields) == 1:
        for separator, words in _SEPARATORS.items():
            if separator in fields[0]:
                raise InputError(
                    f"{name}: the columns are separated by {words}; they must be separated by commas "
                    "(and decimals written with a point): save it so."
                )
    if sum(not field.strip() for field in fields) > len(fields) / 2:
        raise InputError(
            f"{name}: the first line is no head of columns ({shown(fields[0])} and blanks); take it "
            "out, so that the names of the columns stand first."
        )
    twice = sorted({field for field in fields if fields.count(field) > 1})
    if twice:
        raise InputError(f"{name}: two columns are called {shown(twice[0])}; keep one of them.")
    return fields


def _written(value: Any) -> Any:
    if isinstance(value, str) or pd.isna(value):
        return value
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    if isinstance(value, date):
        moment = pd.Timestamp(value)
        return f"{moment:%Y-%m}" if moment == moment.to_period("M").start_time else str(moment)
    number = pd.api.types.is_number(value)
    if number and float(value).is_integer():
        return str(int(value))
    return repr(float(value)) if number else str(value)


def as_written(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame's values as a file would have them, so that frames are held to the same rules as files.

    Raises
    ------
    InputError
        If a cell holds several values.
    """
    for name in frame:
        several = frame[name].map(pd.api.types.is_list_like).astype(bool)
        if several.any():
            raise InputError(
                f"Column {name} holds {shown(frame[name][several].iloc[0])}; give one value a cell."
            )
    return frame.astype(object).map(_written).astype("str").mask(frame.isna())


def read_csv(path: Path) -> pd.DataFrame:
    """A CSV file as a table of text; see :func:`parsed`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check it.") from None
    return parsed(decoded(content, str(path)), str(path))


def _first_wrong(column: pd.Series, right: Callable[[str], object], kind: str, name: str) -> None:
    for row, value in column.dropna().items():
        if not right(value):
            raise InputError(
                f"{name}, row {int(str(row)) + 2}: column {column.name} holds {shown(value)}; write "
                f"{_HOW[kind]}."
            )


def check_spelling(frame: pd.DataFrame, fields: list[dict[str, Any]], name: str) -> None:
    """Stop at the first value that is not written as its type asks.

    Parameters
    ----------
    frame : DataFrame
        From :func:`parsed`.
    fields : list of dict
        From the description: ``name``, ``type``, whether required, and allowed values are used.
    name : str
        How to call the file in a message.

    Raises
    ------
    InputError
        Naming row, column, value, and how it is to be written.
    """
    for field in fields:
        breaks = frame[field["name"]].str.contains("\r", regex=False).eq(other=True)
        if breaks.any():
            raise InputError(
                f"{name}, row {int(breaks.idxmax()) + 2}: column {field['name']} holds a carriage "
                "return; take it out."
            )
    shapes: dict[str, Callable[[str], object]] = {
        "number": lambda value: NUMBER.fullmatch(value) and math.isfinite(float(value)),
        "integer": lambda value: INTEGER.fullmatch(value) and len(value) <= _MOST_DIGITS,
        "boolean": {"true", "false"}.__contains__,
        **{kind: shape.fullmatch for kind, shape in _SHAPES.items()},
    }
    for field in fields:
        if field.get("constraints", {}).get("required"):
            empty = frame[field["name"]].isna()
            if empty.any():
                raise InputError(
                    f"{name}, row {int(empty.idxmax()) + 2}: column {field['name']} holds nothing; a "
                    "value is required."
                )
        if field["type"] in shapes:
            _first_wrong(frame[field["name"]], shapes[field["type"]], field["type"], name)
        if field["type"] in _DATES:
            column = frame[field["name"]]
            times = pd.to_datetime(column, format=_DATES[field["type"]], errors="coerce", utc=True)
            real = set(column[times.notna()])
            _first_wrong(column, real.__contains__, field["type"], name)
        if allowed := field.get("constraints", {}).get("enum"):
            column = frame[field["name"]].dropna()
            unknown = column[~column.isin(allowed)]
            if len(unknown):
                raise InputError(
                    f"{name}, row {int(unknown.index[0]) + 2}: column {field['name']} holds "
                    f"{shown(unknown.iloc[0])}; choose one of {', '.join(allowed)}."
                )
        if field["type"] == "string":
            column = frame[field["name"]].dropna()
            padded = column[column != column.str.strip()]
            if len(padded):
                raise InputError(
                    f"{name}, row {int(padded.index[0]) + 2}: column {field['name']} holds "
                    f"{shown(padded.iloc[0])}; take the blanks around it out."
                )


def typed(frame: pd.DataFrame, fields: list[dict[str, Any]]) -> pd.DataFrame:
    """A table of text with the types of its description.

    Months are month-start timestamps, days timestamps at midnight (naive, UTC), whole numbers with
    gaps are ``Int64``, fields with a list of allowed values are categories.
    """
    result = {}
    for field in fields:
        column, kind = frame[field["name"]], field["type"]
        constraints = field.get("constraints", {})
        if kind == "number":
            values = pd.to_numeric(column).astype("float64")
        elif kind == "integer":
            whole = pd.to_numeric(column)
            values = whole.astype("int64" if constraints.get("required") else "Int64")
        elif kind == "boolean":
            values = column == "true"
        elif kind in _DATES:
            times = pd.to_datetime(column, format=_DATES[kind], utc=True)
            values = times.dt.tz_localize(None).dt.as_unit("us")
        elif "enum" in constraints:
            values = column.astype(pd.CategoricalDtype(sorted(constraints["enum"])))
        else:
            values = column
        result[field["name"]] = values
    return pd.DataFrame(result, index=frame.index)
