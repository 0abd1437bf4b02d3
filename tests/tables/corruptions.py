"""Ways in which a table can be damaged, generated from the description of the tables.

Each way names what must come of it: ``refused`` (one sentence that names file, and row and
column where one is damaged), ``same`` (read as if nothing had happened), or ``not silent`` (refused, or
read and said to differ from the published table). What must never come of it is another number without
a word.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.tables import read

Rows = list[list[str]]


@dataclass(frozen=True)
class Case:
    """One damaged file.

    Attributes
    ----------
    table, kind : str
        What was damaged and how.
    content : bytes
        The file.
    expected : str
        ``refused``, ``same`` or ``not silent``.
    names : tuple of str
        What the sentence of a refusal must hold.
    """

    table: str
    kind: str
    content: bytes
    expected: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.table}: {self.kind}"


def rows_of(content: bytes) -> Rows:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def written(
    rows: Rows, delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL
) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue().encode("utf-8")


def line_of(rows: Rows, row: int) -> int:
    """Line of a row of the file, whose texts may hold line breaks."""
    return 1 + sum(1 + sum(text.count("\n") for text in r) for r in rows[:row])


BAD_TEXT = {
    "number": ("many", "1_0", "１２", "0x10", "nan", "inf", "-inf", "1,5", "12 %", "1e999"),
    "integer": ("many", "1_0", "１２", "1.5", "nan", "1e3"),
    "boolean": ("yes", "TRUE", "1", "0"),
    "yearmonth": (
        "0000-01",
        "2021-13",
        "2021-5",
        "May 2021",
        "2021",
        "2021-05-01",
        "Feb-22",
        "202105",
    ),
    "date": ("2021-02-30", "2021-05", "5/21/2021", "21.05.2021", "2021-5-1"),
    "datetime": ("2021-05-21", "2021-05-21 00:00:00", "yesterday", "2021-05-21T25:00:00Z"),
}
"""Type of a field to texts that are no value of it."""


def of_fields(table: str, rows: Rows, fields: list[dict[str, Any]], pick: Random) -> Iterator[Case]:
    """Damages of a single field: one row of the file each."""

    def damaged(column: int, text: str, kind: str, expected: str = "refused") -> Case:
        row = pick.randrange(1, len(rows))
        copy = [list(r) for r in rows]
        copy[row][column] = text
        place = (f"row {line_of(rows, row)}", f"column {rows[0][column]}")
        return Case(table, f"{kind} in {rows[0][column]}", written(copy), expected, place)

    for column, field in enumerate(fields):
        asked = field.get("constraints", {})
        for text in BAD_TEXT.get(field["type"], ()):
            yield damaged(column, text, f"{text!r}")
        if asked.get("required"):
            yield damaged(column, "", "nothing")
        if "enum" in asked:
            yield damaged(column, "rumour", "a value outside the list")
            yield damaged(column, asked["enum"][0].upper(), "capital letters")
        if "pattern" in asked:
            yield damaged(column, "no such form!", "another form")
        if "minimum" in asked and field["type"] in ("number", "integer"):
            yield damaged(column, str(asked["minimum"] - 1), "too small")
        if "maximum" in asked:
            yield damaged(
                column, str(int(asked["maximum"]) * 1000 + 1), "a thousand times too large"
            )
        if field["type"] == "string" and asked.get("required"):
            row = pick.randrange(1, len(rows))
            yield damaged(column, f" {rows[row][column]}", "a blank before the text")


def of_rows(table: str, rows: Rows, schema: dict[str, Any], pick: Random) -> Iterator[Case]:
    """Damages of whole rows."""
    head, body = rows[0], rows[1:]
    shuffled = list(body)
    pick.shuffle(shuffled)
    yield Case(table, "rows shuffled", written([head, *shuffled]), "same")
    yield Case(table, "rows reversed", written([head, *body[::-1]]), "same")
    row = pick.randrange(len(body))
    doubled = [head, *body, body[row]]
    yield Case(table, "a row twice", written(doubled), "refused", ("another row has the same",))
    yield Case(table, "no row", written([head]), "refused", ("holds no row",))
    yield Case(table, "nothing at all", b"", "refused", ("empty",))
    rules = schema.get("rules", {})
    if "grid" in rules or "consecutive" in rules:
        middle = pick.randrange(len(body) // 3, 2 * len(body) // 3) if len(body) > 3 else 0
        if len({tuple(r[:1]) for r in body}) > 1:
            gap = [head, *body[:middle], *body[middle + 1 :]]
            yield Case(table, "a row missing", written(gap), "refused", ("no row for",))
    for ends in rules.get("ends", ()):
        column = head.index(ends["column"])
        for which in ("first", "last"):
            cut = [r for r in body if r[column] != ends[which]]
            if cut:
                yield Case(table, f"cut at its {which}", written([head, *cut]), "refused", (which,))
    for columns in rules.get("increasing", ()):
        places = [head.index(c) for c in columns]
        full = [r for r in body if all(r[p] for p in places) and len({r[p] for p in places}) > 1]
        if full:
            chosen = pick.choice(full)
            swapped = list(chosen)
            swapped[places[0]], swapped[places[-1]] = chosen[places[-1]], chosen[places[0]]
            copy = [head, *[swapped if r is chosen else r for r in body]]
            yield Case(
                table, f"{columns[0]} and {columns[-1]} changed places", written(copy), "refused"
            )


def of_files(table: str, rows: Rows, content: bytes, pick: Random) -> Iterator[Case]:
    """Damages of the file as a whole, and other forms of the same file."""
    head, body = rows[0], rows[1:]
    yield Case(table, "byte order mark", b"\xef\xbb\xbf" + content, "same")
    yield Case(table, "line ends of Windows", written(rows, end="\r\n"), "same")
    yield Case(table, "blank lines at the end", content + b"\n\n", "same")
    yield Case(
        table, "every field in quotation marks", written(rows, quoting=csv.QUOTE_ALL), "same"
    )
    yield Case(table, "semicolons", written(rows, delimiter=";"), "refused", ("semicolons",))
    yield Case(table, "tabs", written(rows, delimiter="\t"), "refused", ("tabs",))
    yield Case(
        table,
        "a comma more in each row",
        written([head, *[[*r, ""] for r in body]]),
        "refused",
        ("row 2", "fields"),
    )
    if len(head) > 1:
        yield Case(
            table,
            "a field less in one row",
            written([head, *body[:-1], body[-1][:-1]]),
            "refused",
            ("fields",),
        )
    column = pick.randrange(len(head))
    dropped = [[t for c, t in enumerate(r) if c != column] for r in rows]
    yield Case(table, f"without {head[column]}", written(dropped), "refused", ("asks for",))
    renamed = [[*head[:column], "other", *head[column + 1 :]], *body]
    yield Case(table, f"{head[column]} renamed", written(renamed), "refused", ("asks for",))
    doubled = [[*r, r[column]] for r in rows]
    yield Case(table, f"{head[column]} twice", written(doubled), "refused", ("two columns",))
    if len(head) > 1 and head != head[::-1]:
        turned = [r[::-1] for r in rows]
        yield Case(table, "columns in another order", written(turned), "refused", ("asks for",))
    yield Case(table, "a NUL byte", content[:40] + b"\0" + content[40:], "refused", ("NUL",))
    yield Case(table, "UTF-16", content.decode("utf-8").encode("utf-16"), "refused", ("UTF-8",))
    yield Case(table, "a letter of Latin-1", content + b"\xe9", "refused", ("UTF-8",))
    yield Case(table, "packed", b"\x1f\x8b\x08\x00" + content[:50], "refused", ("packed",))
    cut = content[: pick.randrange(len(content) // 2, len(content) - 2)]
    yield Case(table, "cut in the middle of a line", cut, "not silent")


def of_numbers(
    table: str, rows: Rows, fields: list[dict[str, Any]], pick: Random
) -> Iterator[Case]:
    """Plausible changes of one number: they may be read, but never without a word."""
    for column, field in enumerate(fields):
        if field["type"] != "number":
            continue
        there = [r for r in range(1, len(rows)) if rows[r][column]]
        for factor, kind in (
            (1.01, "a percent more"),
            (0.001, "a thousandth"),
            (-1, "its negative"),
        ):
            if not there:
                continue
            row = pick.choice(there)
            copy = [list(r) for r in rows]
            copy[row][column] = repr(round(float(copy[row][column]) * factor + (factor == 1.01), 9))
            yield Case(table, f"{kind} in {rows[0][column]}", written(copy), "not silent")


def cases(
    resources: list[dict[str, Any]], read: Callable[[str], bytes], seeds: range
) -> Iterator[Case]:
    """All damages of all tables, once for each seed.

    Parameters
    ----------
    resources : list of dict
        Of the package description.
    read : callable
        From the path of a table to the bytes of its file.
    seeds : range
        Each places the damages elsewhere.
    """
    for seed in seeds:
        for resource in resources:
            pick = Random(f"{seed} {resource['name']}")
            content, schema, table = read(resource["path"]), resource["schema"], resource["name"]
            rows = rows_of(content)
            yield from of_fields(table, rows, schema["fields"], pick)
            yield from of_rows(table, rows, schema, pick)
            yield from of_files(table, rows, content, pick)
            yield from of_numbers(table, rows, schema["fields"], pick)


def outcome(case: Case, folder: Path) -> tuple[str, str]:
    """What came of a damaged file in a copy of the tables, and what was said of it."""
    published = read.load(case.table)
    path = folder / read.resource(case.table)["path"]
    good = path.read_bytes()
    path.write_bytes(case.content)
    read.forget()
    try:
        found = read.load_from(folder, case.table)
        words = ", ".join(read.changed_tables())
    except InputError as error:
        return "refused", str(error)
    finally:
        path.write_bytes(good)
        read.forget()
    try:
        pd.testing.assert_frame_equal(published, found)
    except AssertionError:
        return ("said" if case.table in words else "silent"), words
    return "same", words


def wrong(case: Case, folder: Path) -> str:
    """What is wrong with the way in which a damaged file was met; nothing if it is as expected."""
    came, words = outcome(case, folder)
    right = came == case.expected or (case.expected == "not silent" and came != "silent")
    if came == "refused":
        right &= "\n" not in words and f"{case.table}.csv" in words
        right &= all(name in words for name in case.names)
    return "" if right else f"{case}: {came} ({words}); expected {case.expected} {case.names}"
