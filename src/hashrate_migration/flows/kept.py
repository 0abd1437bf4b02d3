"""The truth test as it is kept in ``data/derived``: computed once, shown everywhere.

Beside the table lies what it was made from: version and options of the method, checksums of the code
files and of the tables that it depends on. A change of any of them makes it stale, and
``hashrate-migration fit truth`` computes it anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration.flows import simulation
from hashrate_migration.tables.derived import Derived, checksums

METHOD_VERSION = "1"
"""Changes with the meaning of the table's columns."""

WORLDS, DRAWS, SEED = 100, 400, 1000
"""Worlds per variant, draws per world, and the seed of the first world."""

CODE = (
    *("accounts.py", "checks.py", "demography.py", "estimators.py"),
    *("simulation.py", "transport.py", "uncertainty.py"),
)
"""Files of this package that the table depends on."""

TABLES: tuple[str, ...] = ()
"""Tables of facts that it depends on: none, since its worlds are simulated."""

COMMAND = "hashrate-migration fit truth"

_DECIMALS = 3


_KEPT = Derived(
    "truth_test", "Truth test of the flow methods on simulated worlds", COMMAND, ("first_world",)
)


def _made_from() -> dict[str, Any]:
    """Versions, options and checksums of today."""
    options = {"method": METHOD_VERSION, "worlds": WORLDS, "draws": DRAWS, "seed": SEED}
    return options | checksums(Path(__file__).resolve().parent, CODE, TABLES)


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
    table = simulation.truth_test(WORLDS, DRAWS, SEED)
    return _KEPT.write(table, made_from, _DECIMALS, first_world=probe())


def description() -> dict[str, Any]:
    """What is written beside the table.

    Raises
    ------
    InputError
        If the table is not kept, or its description cannot be read.
    """
    return _KEPT.description()


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
    return pd.read_csv(_KEPT.path())


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
    return _KEPT.stale(_made_from())
