"""What callers hand over, held against what a function takes: whole numbers, numbers, choices, frames.

Python would take True for 1, compare a text with a number, or fail far from the call; here a wrong
argument is one sentence that names it.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import pandas as pd

from hashrate_migration.errors import InputError

MOST_DRAWS = 100_000
"""More draws take gigabytes of memory and move nothing."""


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80

_MOST_NAMES = 40
"""No table has so many columns; a list of more is no help to a reader."""


def shown(value: Any) -> str:
    """A value as a message shows it: on one line, and not for ever."""
    return " ".join(_SHORT.repr(value).split())


def listed(names: Iterable[object]) -> str:
    """Names separated by commas, each as it is written if it is short; the first of many."""
    every = [str(name) for name in names]
    short = [name if len(name) <= 80 else f"{name[:77]}..." for name in every[:_MOST_NAMES]]
    more = f" … and {len(every) - _MOST_NAMES} more" if len(every) > _MOST_NAMES else ""
    # A name of a column may hold a line break; a sentence does not.
    return " ".join(", ".join(short).split()) + more


def is_number(value: Any) -> bool:
    """Whether a value is a finite number; True and False are none."""
    try:
        return (
            isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(float(value))
        )
    except OverflowError:
        return False


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def whole(value: Any, name: str, least: int = 0, most: int | None = None) -> int:
    """A whole number within limits.

    Parameters
    ----------
    value : object
        What the caller gave.
    name : str
        Of the argument.
    least, most : int
        Limits, both included; None: no upper one.

    Raises
    ------
    InputError
        Naming the argument, its value and what it may be.
    """
    if is_whole(value) and least <= value and (most is None or value <= most):
        return int(value)
    limits = f"of {least} or more" if most is None else f"from {least} to {most}"
    raise InputError(f"{name} = {shown(value)} is not a whole number {limits}.")


def draws_and_seed(draws: Any, seed: Any, least: int = 1, most: int = MOST_DRAWS) -> None:
    """Stop unless draws are a whole number within limits and the seed one of 0 or more.

    Raises
    ------
    InputError
        As :func:`whole`.
    """
    whole(draws, "draws", least, most)
    whole(seed, "seed")


def chosen(value: Any, name: str, known: Iterable[str]) -> str:
    """One of several names.

    Raises
    ------
    InputError
        Naming the argument, its value and what there is to choose from.
    """
    there = list(known)
    if isinstance(value, str) and value in there:
        return value
    raise InputError(f"{name} = {shown(value)} is unknown; choose one of {', '.join(there)}.")


def names(value: Any, name: str) -> list[str]:
    """A list of names; a single text would be taken apart into its letters.

    Raises
    ------
    InputError
        If it is none, or empty.
    """
    listed = isinstance(value, Sequence | pd.Index | pd.Series) and not isinstance(value, str)
    if not listed or not len(value) or not all(isinstance(one, str) for one in value):
        raise InputError(f"{name} = {shown(value)} is not a list of names; give one or more.")
    return list(value)


def instance(value: Any, name: str, kind: type, what: str) -> None:
    """Stop if a value is of another kind.

    Raises
    ------
    InputError
        Naming the argument, its value and what it takes.
    """
    if not isinstance(value, kind):
        raise InputError(f"{name} = {shown(value)} is not {what}; give one.")


def columns(value: Any, name: str, wanted: Iterable[str], made_by: str) -> None:
    """Stop if a value is no table with these columns.

    Parameters
    ----------
    value : object
        What the caller gave.
    name : str
        Of the argument.
    wanted : iterable of str
        Columns that are used.
    made_by : str
        The function that makes such tables.

    Raises
    ------
    InputError
        Naming the argument and the column that it lacks.
    """
    instance(value, name, pd.DataFrame, f"a table as {made_by} gives it")
    missing = [column for column in wanted if column not in value]
    if missing:
        raise InputError(f"{name} has no column {missing[0]}; give a table as {made_by} gives it.")
