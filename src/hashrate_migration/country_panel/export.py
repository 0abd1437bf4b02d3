"""The panel as a file for others: a table, and beside it a description of every column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration import __version__
from hashrate_migration.country_panel import kept
from hashrate_migration.country_panel.bands import BAND_PCT
from hashrate_migration.country_panel.kept import INPUTS, METHOD_VERSION
from hashrate_migration.errors import InputError
from hashrate_migration.tables import package
from hashrate_migration.tables.read import data_folder
from hashrate_migration.tables.updates import replace_together

DIGITS = 7
"""Significant digits written, so that the last bits of a processor's arithmetic do not show."""

_FIELDS = {
    "month": ("yearmonth", None, "Calendar month (UTC)"),
    "region": ("string", None, "ISO 3166-1 alpha-3 code of the country, or OTH for all others"),
    "share_pct": (
        "number",
        "%",
        "Share of the network hashrate, median of the draws; medians need not add to 100",
    ),
    "low": ("number", "%", "Lower end of the band of the share, 5 percent of the draws"),
    "high": ("number", "%", "Upper end of the band of the share, 95 percent of the draws"),
    "hashrate_ehs": ("number", "EH/s", "Share times the mean network hashrate of the month"),
    "low_ehs": ("number", "EH/s", "Lower end of the band of the hashrate"),
    "high_ehs": ("number", "EH/s", "Upper end of the band of the hashrate"),
    "basis": (
        "string",
        None,
        "measured: an estimate of the share located machines there in that month; interpolated: "
        "between such estimates; extrapolated: before the first or after the last",
    ),
}


def _as_bytes(table: pd.DataFrame, suffix: str) -> bytes:
    rounded = table.copy()
    for column in table.select_dtypes("number"):
        rounded[column] = [float(f"{value:.{DIGITS}g}") for value in table[column]]
    if suffix == ".csv":
        written = rounded.assign(month=rounded["month"].dt.strftime("%Y-%m"))
        return written.to_csv(index=False, lineterminator="\n").encode()
    buffer = BytesIO()
    rounded.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def description(table: pd.DataFrame, file: str, content: bytes, **how: Any) -> dict[str, Any]:
    """Data package that describes a written panel.

    Parameters
    ----------
    table : DataFrame
        The panel.
    file : str
        Name of its file.
    content : bytes
        What the file holds.
    how
        Arguments with which the panel was made.

    Returns
    -------
    dict
        A Tabular Data Package; ``custom`` fields are ``method`` and ``made_from``.
    """
    tabular = file.endswith(".csv")
    versions = package.provenance().set_index("table")
    return {
        "profile": "tabular-data-package" if tabular else "data-package",
        "name": _NAME,
        "title": "Bitcoin hashrate by country and month, from every published estimate",
        "version": __version__,
        "method": {
            "version": METHOD_VERSION,
            "band": f"{BAND_PCT} percent",
            **how,
        },
        "made_from": [
            {"table": name, "vintage": versions.vintage[name], "sha256": versions.sha256[name]}
            for name in INPUTS
        ],
        "resources": [
            {
                "name": "panel",
                "type": "table",
                "path": file,
                "profile": "tabular-data-resource" if tabular else "data-resource",
                "format": file.rsplit(".", 1)[1],
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "schema": {
                    "fields": [
                        {"name": name, "type": kind, "description": text}
                        | ({"unit": unit} if unit else {})
                        for name, (kind, unit, text) in _FIELDS.items()
                        if name in table.columns
                    ],
                    "primaryKey": ["month", "region"],
                },
            }
        ],
    }


_NAME = "hashrate-migration-panel"


def _beside(path: Path) -> Path:
    """Where the description of a panel is written."""
    return path.with_suffix(".datapackage.json")


def _describes(beside: Path) -> str | None:
    """The file that a description of a panel is about; nothing if it is no description of one."""
    try:
        about = json.loads(beside.read_text(encoding="utf-8"))
        return str(about["resources"][0]["path"]) if about["name"] == _NAME else None
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def check_name(path: Path, *inputs: Path) -> None:
    """Stop if a panel cannot be written to a file of this name; to be asked before it is made.

    Parameters
    ----------
    path : Path
        The file.
    *inputs : Path
        Files of the user's from which the panel is made.

    Raises
    ------
    InputError
        For another kind of file, a folder that does not exist, or a name under which something stands
        that is no older panel.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise InputError(f"{path}: give a name that ends with .csv or .parquet.")
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: there is no such folder; make it first.")
    real = path.resolve()
    if real in [given.resolve() for given in inputs] or real.is_relative_to(data_folder()):
        raise InputError(
            f"{path}: is one of the files from which the panel is made; choose another name."
        )
    beside = _beside(path)
    about = _describes(beside)
    if path.is_file() and about != path.name:
        raise InputError(
            f"{path}: is there already and is no panel with its description; move it away or choose "
            "another name."
        )
    if beside.is_file() and about != path.name:
        raise InputError(
            f"{beside}: is there already and describes something else; choose another name."
        )


def write(
    table: pd.DataFrame,
    path: Path,
    *,
    changed: Mapping[str, str | None] | None = None,
) -> list[Path]:
    """Write the panel, and beside it its description.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.panel`.
    path : Path
        File that ends with ``.csv`` or ``.parquet``.
    changed : mapping, optional
        Files of the user's own that went in, by what they are: they are named in the description with
        their checksums.

    Returns
    -------
    list of Path
        The two files: `path`, and the same name with ``.datapackage.json``.

    Raises
    ------
    InputError
        For another kind of file or a folder that does not exist.
    """
    check_name(path)
    content = _as_bytes(table, path.suffix)
    how: dict[str, Any] = {"seed": kept.SEED}
    for what, file in (changed or {}).items():
        if file:
            own = Path(file)
            how[what] = {"file": own.name, "sha256": hashlib.sha256(own.read_bytes()).hexdigest()}
    about = description(table, path.name, content, **how)
    beside = _beside(path)
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    try:
        replace_together({path: content, beside: text.encode()})
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); choose another name or folder."
        ) from None
    return [path, beside]
