"""Tables of claims, read and checked: ours, and those of others in the same form.

A file of one's own needs the columns of :data:`NEEDED` alone, in any order; what else a claim may have
(:func:`hashrate_migration.describe` of ``claims`` says what) may be left out.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration import arguments
from hashrate_migration.errors import InputError
from hashrate_migration.findings.claim_metrics import METRICS
from hashrate_migration.findings.claim_verdicts import ANY, FIRST, JUDGED, NONE, WITHOUT_VALUE
from hashrate_migration.tables import text
from hashrate_migration.tables.read import load, resource, validated

NEEDED = ("claim_id", "claim", "metric")
"""Columns without which a table is none of claims."""

EXAMPLE = "docs/claims_example.csv"
"""A table of claims to begin with."""

_MANY = 40
"""Of so many choices only the nearest are named."""

TABLE_PARTS = ("subject", "match", "start_month", "end_month", "comparison", "value", "tolerance")
"""Columns that ask the tables: a judged part has none of them."""


def _check_choice(
    row: pd.Series, column: str, where: str, known: Callable[[], list[str]] | None
) -> None:
    """Stop if a subject or match is none of those there are."""
    if known is None or row[column] in (choices := known()):
        return
    named = ", ".join(choices)
    if len(choices) > _MANY:
        near = text.nearest(str(row[column]), choices)
        named = f"{len(choices)}, from {choices[0]} to {choices[-1]}{near}"
    raise InputError(
        f"{where}: {column} {row[column]!r} is unknown to {row['metric']}; choose one of {named}."
    )


def _check_about(row: pd.Series, where: str) -> None:
    """Stop if subject or match is missing, unknown, or not used by the metric."""
    metric = METRICS[row["metric"]]
    for column, meaning, known, needed in (
        ("subject", metric.subject, metric.subjects, metric.needs_subject),
        ("match", metric.match, metric.matches, True),
    ):
        if pd.notna(row[column]):
            if not meaning:
                raise InputError(
                    f"{where}: {metric.name} takes no {column}, and {row[column]!r} would not be used; "
                    "leave it out."
                )
            _check_choice(row, column, where, known)
        elif meaning and needed:
            raise InputError(f"{where}: {metric.name} needs a {column} ({meaning}); add it.")


def _check_row(row: pd.Series, where: str) -> None:
    """Stop if a row cannot be read as a check."""
    if row["metric"] == JUDGED:
        if pd.isna(row["verdict"]) or pd.isna(row["reason"]):
            raise InputError(f"{where}: a judged claim needs a verdict and a reason; add them.")
        for column in TABLE_PARTS:
            if pd.notna(row[column]):
                raise InputError(
                    f"{where}: a judged claim asks no table, and its {column} would not be used; leave "
                    "it out, or name a metric."
                )
        return
    if row["metric"] not in METRICS:
        raise InputError(
            f"{where}: metric {row['metric']!r} is unknown"
            f"{text.nearest(str(row['metric']), METRICS)}; choose one of "
            f"{', '.join([JUDGED, *METRICS])}."
        )
    if pd.notna(row["verdict"]):
        raise InputError(
            f"{where}: a verdict is typed in beside a check that computes it; leave it out."
        )
    for column in ("start_month", "end_month", "comparison"):
        if pd.isna(row[column]):
            raise InputError(f"{where}: {column} is missing; add it.")
    _check_value(row, where)
    _check_comparison(row, where)
    _check_about(row, where)


def _check_value(row: pd.Series, where: str) -> None:
    """Stop if a comparison with a number has none, or one without has one."""
    if row["comparison"] not in WITHOUT_VALUE:
        if pd.isna(row["value"]):
            raise InputError(f"{where}: value is missing; add it.")
        return
    if pd.notna(row["value"]):
        raise InputError(
            f"{where}: {row['comparison']} takes no value, and {row['value']:g} would not be used; "
            "leave it out."
        )


def _check_comparison(row: pd.Series, where: str) -> None:
    """Stop if a comparison does not go with the metric or the tolerance."""
    metric, comparison = METRICS[row["metric"]], str(row["comparison"])
    if comparison.startswith("always") and not metric.monthly:
        raise InputError(
            f"{where}: {comparison} asks for every month, and {metric.name} has one answer for the "
            f"whole period; write {comparison.removeprefix('always_')}."
        )
    for kinds, able, what in (
        ((ANY, NONE), "counts", "counts"),
        ((FIRST,), "ranked", "can be ranked"),
    ):
        if comparison in kinds and not getattr(metric, able):
            able_ones = ", ".join(name for name, one in METRICS.items() if getattr(one, able))
            raise InputError(
                f"{where}: {comparison} goes with what {what} ({able_ones}), which {metric.name} does "
                "not; choose another comparison."
            )
    if comparison != "equals" and pd.notna(row["tolerance"]):
        raise InputError(
            f"{where}: {comparison} takes no tolerance, and {row['tolerance']:g} would not be used; "
            "leave it out."
        )


def _check_same(rows: pd.DataFrame, file: str) -> None:
    """Stop if parts of one claim are worded otherwise: only one wording could be shown."""
    for column in ("claim", "claim_zh", "source_id"):
        texts = rows[column].fillna("")
        first = texts.groupby(rows["claim_id"]).transform("first")
        other = rows.index[texts != first]
        if len(other):
            claim = rows["claim_id"][other[0]]
            raise InputError(
                f"{file}, row {other[0]} ({claim}): {column} is not that of the first row of {claim}; "
                "write the same in all rows of a claim, or give it a claim_id of its own."
            )


def _in_own_order(written: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Typed rows in the order in which they were written, indexed by line."""
    # Tables come in order of their key; messages name the lines of the file.
    keys = pd.MultiIndex.from_arrays([written["claim_id"], written["part"].astype(int)])
    lines = pd.Series(written.index + 2, index=keys)
    rows.index = pd.Index(lines[pd.MultiIndex.from_frame(rows[["claim_id", "part"]])])
    return rows.sort_index()


def _completed(written: pd.DataFrame, file: str) -> pd.DataFrame:
    """Rows as written with every column that a claim may have, in the order of the description."""
    names = [field["name"] for field in resource("claims")["schema"]["fields"]]
    if missing := [name for name in NEEDED if name not in written]:
        others = ", ".join(name for name in names if name not in NEEDED)
        raise InputError(
            f"{file}: the column {missing[0]} is missing; a table of claims has "
            f"{', '.join(NEEDED)}, and as they are needed {others} (an example: {EXAMPLE})."
        )
    unknown = [str(name) for name in written if name not in names]
    if unknown:
        raise InputError(
            f"{file}: the column {unknown[0]!r} is unknown{text.nearest(unknown[0], names)}; a table of "
            f"claims has {', '.join(names)}."
        )
    # Columns that are left out are text without a value, as if they stood there empty.
    full = written.reindex(columns=names).astype(dict.fromkeys(names, written["claim_id"].dtype))
    if "part" not in written:
        full["part"] = (written.groupby("claim_id").cumcount() + 1).astype(str)
    return full


def _schema() -> dict[str, Any]:
    """The description of claims for tables of others: where a claim is from is theirs to say."""
    schema: dict[str, Any] = deepcopy(resource("claims")["schema"])
    for field in schema["fields"]:
        if field["name"] == "source_id":
            field["constraints"].pop("required")
    return schema


def _read(table: pd.DataFrame | Path, file: str) -> pd.DataFrame:
    """Claims of a file or a frame in their own order, indexed by their lines."""
    if isinstance(table, Path):
        if not table.is_file():
            raise InputError(f"{table}: there is no such file; check the name.")
        written = text.read_csv(table)
    else:
        names = [field["name"] for field in resource("claims")["schema"]["fields"]]
        # A frame may be one that `parts` has made; a first row stands under the names.
        used = [name for name in table if name in names or not set(NEEDED) <= set(table)]
        written = text.as_written(table[used].reset_index(drop=True))
    written = _completed(written, file)
    if written.empty:
        raise InputError(f"{file} holds no claim; add a row for each.")
    return _in_own_order(written, validated(written, "claims", Path(file), schema=_schema()))


def rows(table: pd.DataFrame | str | Path | None) -> pd.DataFrame:
    """Rows that can be read as claims, in their own order.

    Parameters
    ----------
    table : DataFrame or path, optional
        Claims in the form of the table ``claims``; default: that table.

    Raises
    ------
    InputError
        Naming the file and row of a claim that cannot be read, and what is known.
    """
    if isinstance(table, str | Path):
        file = str(table)
        found = _read(Path(table), file)
    elif table is None:
        file, found = "claims.csv", load("claims")
        found.index += 2
    else:
        arguments.instance(table, "table", pd.DataFrame, "a table of claims or the path of one")
        file, found = "claims", _read(table, "claims")
    for line, row in found.iterrows():
        _check_row(row, f"{file}, row {line} ({row['claim_id']})")
    _check_same(found, file)
    return found.reset_index(drop=True)
