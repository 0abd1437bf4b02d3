"""The truth test as it is kept in ``data/derived``: computed once, shown everywhere.

Beside the table lies what it was made from: version and options of the method, checksums of the code
files and of the tables that it depends on. A change of any of them makes it stale, and
``hashrate-migration fit truth`` computes it anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration.flows import coverage
from hashrate_migration.tables.derived import Derived, checksums

METHOD_VERSION = "2"
"""Changes with the meaning of the table's columns."""

WORLDS, DRAWS, SEED = 100, 1000, 1000
"""Worlds of each kind, draws per world, and the seed of the first world. Worlds of lower seeds are for
whoever changes the method; those that judge it are never looked at one by one."""

CODE = (
    *("accounts.py", "assumptions.py", "behaviour.py", "block.py", "bounds.py", "checks.py"),
    *("coverage.py", "drawn_stocks.py", "estimators.py", "gross.py", "perturbed.py", "summary.py"),
    *("transport.py", "uncertainty.py", "weights.py", "world_history.py", "world_kinds.py"),
    *("world_lots.py", "world_setting.py", "world_view.py", "worlds.py"),
)
"""Files of this package that the table depends on."""

TABLES: tuple[str, ...] = ()
"""Tables of facts that it depends on: none, since its worlds are simulated."""

COMMAND = "hashrate-migration fit truth"

_DECIMALS = 3

_FIRST = ("as usual", 64)
"""Kind of the world, and draws, by which it is seen whether all comes out as it did."""

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
        Headline to its median, EH/s.
    """
    kind, draws = _FIRST
    table = coverage.answers(kind, SEED, draws=draws)
    own = table[table["figure"].isin(coverage.HEADLINES)].set_index("figure")["median_ehs"]
    return {str(figure): round(float(value), _DECIMALS) for figure, value in own.items()}


def write(*, jobs: int = 1) -> list[Path]:
    """Compute the truth test and keep it.

    Parameters
    ----------
    jobs : int
        Processes that share the worlds.

    Returns
    -------
    list of Path
        The table and its description.
    """
    made_from = _made_from()
    table = coverage.truth_table(worlds=WORLDS, draws=DRAWS, seed=SEED, jobs=jobs)
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
        As :func:`hashrate_migration.flows.truth_table` gives it.

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
