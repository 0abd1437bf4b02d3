"""What the description asks of a table, held against its values.

The constraints of a field are those of the Table Schema (required, unique, minimum, maximum, enum,
pattern); ``primaryKey`` is unique. Beyond them the description of a table may hold ``rules``:

``increasing``
    Lists of columns whose values do not fall from left to right (lower, best, upper); missing ones
    are passed over.
``oneOf``
    Lists of columns of which each row has at least one.
``grid``
    A month or a year and codes: every combination of codes stands in every month or year.
``consecutive``
    Columns of months without a gap from the first to the last.
``ends``
    A column with its first and its last month or day: a table cut at one of its ends is found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from hashrate_migration.arguments import shown
from hashrate_migration.errors import InputError


def _stop(name: str, row: object, sentence: str) -> None:
    raise InputError(f"{name}, row {int(str(row)) + 2}: {sentence}")


def _first(wrong: pd.Series) -> Any:
    return wrong.index[wrong.to_numpy(dtype=bool, na_value=False)][0]


def _any(wrong: pd.Series) -> bool:
    return bool(wrong.to_numpy(dtype=bool, na_value=False).any())


def _shown(value: Any) -> str:
    if pd.isna(value):
        return "nothing"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str):
        return shown(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def check_field(column: pd.Series, asked: dict[str, Any], name: str) -> None:
    """Hold the values of a field against its constraints.

    Whether a value is there, and one of those allowed, was seen in the text.

    Parameters
    ----------
    column : Series
        Typed values, named after the field.
    asked : dict
        Constraints of the Table Schema.
    name : str
        How to call the file in a message.

    Raises
    ------
    InputError
        Naming row, column, value and what was expected.
    """
    text = column.astype("str")
    there = column.notna()
    cases: list[tuple[str, Callable[[Any], pd.Series], str]] = [
        ("pattern", lambda shape: there & ~text.str.fullmatch(shape), "it must have the form {}"),
        ("minimum", lambda least: there & (column < least), "it must be {} or more"),
        ("maximum", lambda limit: there & (column > limit), "it must be {} or less"),
        ("unique", lambda asked: there & column.duplicated() & asked, "another row has the same"),
    ]
    for constraint, find, expected in cases:
        if constraint in asked:
            wrong = find(asked[constraint])
            if _any(wrong):
                row = _first(wrong)
                _stop(
                    name,
                    row,
                    f"column {column.name} holds {_shown(column[row])}; "
                    f"{expected.format(asked[constraint])}.",
                )


def check_key(frame: pd.DataFrame, key: list[str], name: str) -> None:
    """Stop if two rows have the same key, at the later one."""
    twice = frame.duplicated(key)
    if _any(twice):
        _stop(name, _first(twice), f"another row has the same {', '.join(key)}; keep one of them.")


def _increasing(frame: pd.DataFrame, columns: list[str], name: str) -> None:
    for low, high in zip(columns[:-1], columns[1:], strict=True):
        wrong = frame[low] > frame[high]
        if _any(wrong):
            row = _first(wrong)
            _stop(
                name,
                row,
                f"{low} {_shown(frame[low][row])} is above {high} {_shown(frame[high][row])}; correct "
                "one of them.",
            )


def _one_of(frame: pd.DataFrame, columns: list[str], name: str) -> None:
    none = frame[columns].isna().all(axis=1)
    if _any(none):
        _stop(name, _first(none), f"one of {', '.join(columns)} is required.")


def _every(values: pd.Series) -> list[Any]:
    """All months, or all years, from the first to the last."""
    if pd.api.types.is_datetime64_dtype(values):
        return list(pd.date_range(values.min(), values.max(), freq="MS"))
    return list(range(int(values.min()), int(values.max()) + 1))


def _said(value: Any) -> str:
    return f"{value:%Y-%m}" if isinstance(value, pd.Timestamp) else str(value)


def _consecutive(frame: pd.DataFrame, column: str, name: str) -> None:
    missing = sorted(set(_every(frame[column])) - set(frame[column]))
    if missing:
        raise InputError(
            f"{name}: no row for {_said(missing[0])} ({len(missing)} missing in all); add it."
        )


def _grid(frame: pd.DataFrame, columns: list[str], name: str) -> None:
    when, *codes = columns
    groups = frame[codes].drop_duplicates().itertuples(index=False, name=None)
    wanted = {(time, *code) for code in groups for time in _every(frame[when])}
    missing = sorted(wanted - set(frame[columns].itertuples(index=False, name=None)))
    if missing:
        time, *code = missing[0]
        raise InputError(
            f"{name}: no row for {' '.join(map(str, code))} in {_said(time)} ({len(missing)} missing in "
            "all); add it, with 0 if it was measured as nothing."
        )


def _first_and_last(frame: pd.DataFrame, ends: dict[str, Any], name: str) -> None:
    column = ends["column"]
    for which, found in (("first", frame[column].min()), ("last", frame[column].max())):
        written = _said(found) if len(str(ends[which])) == 7 else f"{found:%Y-%m-%d}"
        if written != str(ends[which]):
            raise InputError(
                f"{name}: the {which} {column} is {written}, by its description {ends[which]}; restore "
                "the rows that are missing, or correct the description."
            )


_RULES: dict[str, Callable[[pd.DataFrame, Any, str], None]] = {
    "increasing": _increasing,
    "oneOf": _one_of,
    "grid": _grid,
    "consecutive": _consecutive,
    "ends": _first_and_last,
}
"""Name of a rule of the description to what checks it; a rule holds a list of its cases."""


def check_fields(frame: pd.DataFrame, schema: dict[str, Any], name: str) -> None:
    """Hold the values of a table against the constraints of its fields, and its key.

    Parameters
    ----------
    frame : DataFrame
        Typed; indexed by line of the file less two.
    schema : dict
        The table's schema: fields with constraints, ``primaryKey``.
    name : str
        How to call the file in a message.

    Raises
    ------
    InputError
        At the first value that is wrong.
    """
    for field in schema["fields"]:
        check_field(frame[field["name"]], field.get("constraints", {}), name)
    check_key(frame, schema["primaryKey"], name)


def check_rules(frame: pd.DataFrame, schema: dict[str, Any], name: str) -> None:
    """Hold a table against the ``rules`` of its description; see :func:`check_fields`."""
    for rule, cases in schema.get("rules", {}).items():
        for case in cases:
            _RULES[rule](frame, case, name)
