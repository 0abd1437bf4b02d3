"""The truth test as it is kept in ``data/derived``: computed once, shown everywhere.

Beside the table lies what it was made from: version and options of the method, checksums of the code
files and of the tables that it depends on. A change of any of them makes it stale, and
``hashrate-migration fit truth`` computes it anew.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.flows import simulation
from hashrate_migration.tables.read import data_folder

METHOD_VERSION = "1"
"""Changes with the meaning of the table's columns."""

WORLDS, DRAWS, SEED = 100, 400, 1000
"""Worlds per variant, draws per world, and the seed of the first world."""

CODE = (
    *("accounts.py", "checks.py", "demography.py", "estimators.py"),
    *("simulation.py", "transport.py", "uncertainty.py", "assumptions.py", "drawn_stocks.py"),
    *("behaviour.py", "gross.py", "perturbed.py", "weights.py", "block.py", "summary.py"),
)
"""Files of this package that the table depends on."""

TABLES: tuple[str, ...] = ()
"""Tables of facts that it depends on: none, since its worlds are simulated."""

COMMAND = "hashrate-migration fit truth"

_DECIMALS = 3


def _files() -> tuple[Path, Path]:
    """The table and its description."""
    folder = data_folder() / "derived"
    return folder / "truth_test.csv", folder / "truth_test.json"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _made_from() -> dict[str, Any]:
    """Versions, options and checksums of today."""
    here = Path(__file__).resolve().parent
    return {
        "method": METHOD_VERSION,
        "worlds": WORLDS,
        "draws": DRAWS,
        "seed": SEED,
        "code": {name: _sha256(here / name) for name in CODE},
        "tables": {name: _sha256(data_folder() / f"{name}.csv") for name in TABLES},
    }


def probe() -> dict[str, float]:
    """The first world alone: cheap to compute, to see whether it comes out as it did.

    Returns
    -------
    dict
        Column of the table to its value.
    """
    row = simulation.truth_test(1, DRAWS, SEED, [simulation.AS_ASSUMED]).iloc[0]
    return row.drop(["variant", "worlds", "draws"]).astype(float).round(_DECIMALS).to_dict()


def write() -> list[Path]:
    """Compute the truth test and keep it.

    Returns
    -------
    list of Path
        The table and its description.
    """
    made_from = _made_from()
    table = simulation.truth_test(WORLDS, DRAWS, SEED).round(_DECIMALS)
    paths = _files()
    paths[0].parent.mkdir(exist_ok=True)
    table.to_csv(paths[0], index=False, lineterminator="\n")
    described = {
        "title": "Truth test of the flow methods on simulated worlds",
        "table": paths[0].name,
        "made_with": COMMAND,
        "made_from": made_from,
        "first_world": probe(),
        "sha256": _sha256(paths[0]),
    }
    text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    paths[1].write_text(text, encoding="utf-8")
    return list(paths)


def _there() -> tuple[Path, Path]:
    for path in (paths := _files()):
        if not path.is_file():
            raise InputError(f"There is no {path}; run `{COMMAND}`.")
    return paths


def description() -> dict[str, Any]:
    """What is written beside the table.

    Raises
    ------
    InputError
        If the table is not kept, or its description cannot be read.
    """
    path = _there()[1]
    try:
        described: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        described["made_from"], described["sha256"]
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{path}: is no description of the kept result; run `{COMMAND}`."
        ) from None
    return described


def truth() -> pd.DataFrame:
    """The truth test of the flow methods, as kept.

    Returns
    -------
    DataFrame
        As :func:`hashrate_migration.flows.truth_test` gives it.

    Raises
    ------
    InputError
        If it is not kept, or is not what was kept.
    """
    path = _there()[0]
    if _sha256(path) != description()["sha256"]:
        raise InputError(f"{path}: has been changed since it was computed; run `{COMMAND}`.")
    return pd.read_csv(path)


def stale() -> list[str]:
    """What the kept table is older than.

    Returns
    -------
    list of str
        Parts of what it was made from that have changed since, such as ``code transport.py``; empty
        if it belongs to today's code and tables.

    Raises
    ------
    InputError
        If it is not kept.
    """
    described = description()
    before, today = described["made_from"], _made_from()
    changed = [] if _sha256(_files()[0]) == described["sha256"] else ["table truth_test.csv"]
    for name, now in today.items():
        then = before.get(name)
        if isinstance(now, dict):
            files = sorted({*now, *(then or {})})
            changed += [
                f"{name} {file}" for file in files if now.get(file) != (then or {}).get(file)
            ]
        elif then != now:
            changed.append(name)
    return changed
