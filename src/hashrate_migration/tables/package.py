"""The tables as a package: what they mean, where they come from, whether they are as described."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.tables import locks, rules
from hashrate_migration.tables.read import (
    PACKAGE_FILE,
    changed_tables,
    data_folder,
    forget,
    load,
    load_from,
    resource,
    resources,
    sha256,
    used_tables,
    validated,
)
from hashrate_migration.tables.text import read_csv

_VERSIONS = ("pandas", "numpy", "matplotlib", "papermill")
"""Packages whose versions a page names."""


def describe(table: str | None = None) -> pd.DataFrame:
    """What the tables hold, or what the columns of one table mean.

    Parameters
    ----------
    table : str, optional
        Name of a table.

    Returns
    -------
    DataFrame
        Without a name: one row per table with columns table, title, rows, vintage and
        licence. With a name: one row per column with field, type, unit, constraints and
        description.

    Raises
    ------
    InputError
        If there is no such table.
    """
    folder = data_folder()
    known = resources(folder)
    if table is None:
        return pd.DataFrame(
            {
                "table": name,
                "title": entry["title"],
                "rows": len(load_from(folder, name)),
                "vintage": entry["vintage"],
                "licence": entry["licenses"][0]["name"],
            }
            for name, entry in known.items()
        )
    return pd.DataFrame(
        {
            "field": field["name"],
            "type": field["type"],
            "unit": field.get("unit", ""),
            "constraints": ", ".join(
                f"{name}: {value}" for name, value in field.get("constraints", {}).items()
            ),
            "description": field["description"],
        }
        for field in resource(table, folder)["schema"]["fields"]
    )


def sources(table: str | None = None) -> pd.DataFrame:
    """The sources, all or those that the rows of one table name.

    Parameters
    ----------
    table : str, optional
        Name of a table.

    Returns
    -------
    DataFrame
        Rows of the table ``sources``; with a table's name, also the number of its rows
        that rest on each source, as column ``rows``.
    """
    known = load("sources")
    if table is None:
        return known
    counts = load(table)["source_id"].value_counts().rename("rows")
    return known.merge(counts, left_on="source_id", right_index=True).reset_index(drop=True)


def provenance() -> pd.DataFrame:
    """Vintage and checksum of every table as it is on disk now.

    Returns
    -------
    DataFrame
        Columns table, vintage, sha256 (of the file's bytes) and source.
    """
    folder = data_folder()
    return pd.DataFrame(
        {
            "table": name,
            "vintage": entry["vintage"],
            "sha256": sha256((folder / entry["path"]).read_bytes()).removeprefix("sha256:"),
            "source": "; ".join(source["title"] for source in entry["sources"]),
        }
        for name, entry in resources(folder).items()
    )


def provenance_of_run() -> dict[str, Any]:
    """What the running program rests on: the tables that it has read, and versions.

    Returns
    -------
    dict
        ``tables``: for each table read, in the order of the description, its name, vintage, sha256,
        source and whether it is the published one; ``terms``: for each licence its title, path and
        the tables under it; ``versions``: name to version.
    """
    read = set(used_tables())
    entries = {name: entry for name, entry in resources(data_folder()).items() if name in read}
    found = provenance()
    found = found[found["table"].isin(read)]
    found = found.assign(published=~found["table"].isin(changed_tables()))
    terms: dict[str, dict[str, Any]] = {}
    for name, entry in entries.items():
        for licence in entry["licenses"]:
            kept = terms.setdefault(licence["name"], {**licence, "tables": []})
            kept["tables"].append(name)
    return {
        "tables": found.to_dict("records"),
        "terms": list(terms.values()),
        "versions": {
            "hashrate-migration": version("hashrate-migration"),
            "Python": platform.python_version(),
            **{name: version(name) for name in _VERSIONS},
        },
    }


def show_provenance() -> None:
    """Show :func:`provenance_of_run` as an output of a notebook, for its page."""
    from IPython.display import display

    display({"application/json": provenance_of_run(), "text/plain": "provenance"}, raw=True)


def _broken(folder: Path) -> Iterator[str]:
    """What of the tables does not hold, whatever their checksums: one sentence for each."""
    found = False
    for name, entry in resources(folder).items():
        try:
            # In full, also where the checksum is the sealed one.
            path = folder / entry["path"]
            validated(read_csv(path), name, path, folder)
        except InputError as error:
            found = True
            yield str(error)
    if found:
        return
    for tables, rule in rules.ACROSS.items():
        try:
            rule(*(load_from(folder, table) for table in tables))
        except InputError as error:
            yield str(error)


def check(folder: Path | None = None) -> list[str]:
    """Check every table against its description, its rules and its checksum.

    Parameters
    ----------
    folder : Path, optional
        Another folder than the one in use.

    Returns
    -------
    list of str
        One sentence per problem; empty if all is well.
    """
    import frictionless

    folder = folder or data_folder()
    forget()
    problems = list(_broken(folder))
    # The external validator also compares sizes and checksums.
    report = frictionless.validate(str(folder / PACKAGE_FILE))
    problems += [f"{PACKAGE_FILE}: {error.message}" for error in report.errors]
    for task in report.tasks:
        problems += [f"{task.name}: {error.message}" for error in task.errors]
    return problems


def seal(folder: Path | None = None) -> list[str]:
    """Write the size and checksum of every table into the package description.

    To be run after a table was changed on purpose.

    Parameters
    ----------
    folder : Path, optional
        Another folder than the one in use.

    Returns
    -------
    list of str
        Names of the tables whose checksum changed.

    Raises
    ------
    InputError
        If a table breaks its description or its rules, or refers to what another no longer has; nothing
        is written then.
    """
    folder = folder or data_folder()
    with locks.alone(folder):
        return _seal(folder)


def _seal(folder: Path) -> list[str]:
    forget()
    # What does not hold is not sealed, for a sealed table is read without a check. What a changed table
    # lacks breaks those that refer to it, so all are held to their rules.
    for problem in _broken(folder):
        raise InputError(problem)
    written = json.loads((folder / PACKAGE_FILE).read_text(encoding="utf-8"))
    changed = []
    for entry in written["resources"]:
        content = (folder / entry["path"]).read_bytes()
        if entry.get("hash") != sha256(content):
            changed.append(entry["name"])
            entry |= {"hash": sha256(content), "bytes": len(content)}
    if changed:
        path = folder / PACKAGE_FILE
        temporary = path.with_suffix(".json.tmp")
        temporary.write_bytes(_as_bytes(written))
        temporary.replace(path)
        forget()
    return changed


def _as_bytes(description: dict[str, Any]) -> bytes:
    return (json.dumps(description, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def description_with(
    table: str, content: bytes, table_rules: dict[str, Any], folder: Path
) -> bytes:
    """The package description with another file for a table: checksum, size, first and last month."""
    written = json.loads((folder / PACKAGE_FILE).read_text(encoding="utf-8"))
    for entry in written["resources"]:
        if entry["name"] == table:
            entry |= {"hash": sha256(content), "bytes": len(content)}
            if table_rules:
                entry["schema"]["rules"] = table_rules
    return _as_bytes(written)
