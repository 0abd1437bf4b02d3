"""The panel as it is kept in ``data/derived``: sampled once, read everywhere.

Three files: draws of all shares (``panel_draws.parquet``), the table that they make (``panel.csv``),
and what both were made from (``panel.json``). A panel that was made from other tables is not read;
whether its code is of today, :func:`stale` says. ``hashrate-migration fit panel`` samples it anew.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hashrate_migration.country_panel import bands
from hashrate_migration.errors import InputError
from hashrate_migration.tables.derived import changes, checksums
from hashrate_migration.tables.read import data_folder, load, version

if TYPE_CHECKING:
    from hashrate_migration.country_panel.posterior import Posterior

METHOD_VERSION = "2"
"""Raised whenever the method changes the panel's numbers."""

INPUTS = (
    *("mining_map", "share_estimates", "share_lists", "estimate_kinds", "mining_begins"),
    *("network_daily", "network_power", "fleet_efficiency", "regions"),
)
"""Tables from which the panel is made."""

CODE = (
    *("bands.py", "density.py", "estimates.py", "evidence.py", "kept.py"),
    *("posterior.py", "prior.py", "tangent.py", "whitening.py"),
)
"""Files of this package that the panel depends on."""

COMMAND = "hashrate-migration fit panel"

SEED = 0
"""Of the sampler."""

DRAWS = 1000
"""Draws that are kept, evenly spaced among all: ends of a band of 90 percent rest on fifty each."""

LOG_STEP = 0.004
"""Draws are kept as whole numbers of such steps of the log: each share to 0.2 percent of itself, a
small part of the narrowest band."""

_STEP = "_step"
"""Ending of the columns with the sizes of steps."""

_DIGITS = 7
"""Significant digits of the table: the last bits of a processor's arithmetic do not show."""

_FILES = ("panel_draws.parquet", "panel.csv", "panel.json")
_DRAWS, _TABLE, _ABOUT = _FILES


@dataclass(frozen=True, eq=False)
class Kept:
    """The kept draws.

    Attributes
    ----------
    months : DatetimeIndex
    codes : list of str
        Countries, then ``OTH``.
    shares : ndarray of float32, draw x month x region
        Fractions; those of a month add to one.
    steps : ndarray of float32, draw x region
        Standard deviation of a month's step of the log of the share, of the time since the mining
        map ended.
    """

    months: pd.DatetimeIndex
    codes: list[str]
    shares: np.ndarray
    steps: np.ndarray


def _path(name: str) -> Path:
    return data_folder() / "derived" / name


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _content(name: str) -> bytes:
    try:
        return _path(name).read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no {_path(name)}; run `{COMMAND}`.") from None


def _versions() -> dict[str, str]:
    """Checksums of the tables of today."""
    return {name: version(name)[1] for name in INPUTS}


def _made_from() -> dict[str, Any]:
    """Version, seed and checksums of today."""
    made_from = {"method": METHOD_VERSION, "seed": SEED}
    return made_from | checksums(Path(__file__).resolve().parent, CODE, INPUTS)


def _in_steps(values: np.ndarray) -> np.ndarray:
    """Logs as whole numbers of :data:`LOG_STEP`."""
    return np.rint(np.log(values) / LOG_STEP).astype(np.int16)


def taken(draws: int) -> np.ndarray:
    """Which of so many draws are kept."""
    return np.unique(np.linspace(0, draws - 1, min(draws, DRAWS)).round().astype(int))


def _as_written(posterior: Posterior) -> bytes:
    """The kept draws as Parquet: a row per draw and month, a column per region, and its steps."""
    chosen = taken(len(posterior.shares))
    months = pd.DatetimeIndex(posterior.months)
    columns = {
        "draw": np.repeat(np.arange(len(chosen), dtype=np.int16), len(months)),
        "month": np.tile(months.year * 100 + months.month, len(chosen)).astype(np.int32),
    }
    shares = _in_steps(posterior.shares[chosen]).reshape(-1, len(posterior.codes))
    steps = np.repeat(_in_steps(posterior.steps[chosen]), len(months), axis=0)
    columns |= {code: shares[:, place] for place, code in enumerate(posterior.codes)}
    columns |= {f"{code}{_STEP}": steps[:, place] for place, code in enumerate(posterior.codes)}
    alike = [name for name in columns if name.endswith(_STEP) or name in ("draw", "month")]
    buffer = BytesIO()
    pd.DataFrame(columns).to_parquet(
        buffer,
        engine="pyarrow",
        index=False,
        compression="zstd",
        # From month to month a log moves little: differences take a few bits each.
        use_dictionary=alike,
        column_encoding=dict.fromkeys(posterior.codes, "DELTA_BINARY_PACKED"),
    )
    return buffer.getvalue()


def _parsed(content: bytes) -> Kept:
    table = pd.read_parquet(BytesIO(content))
    codes = [name for name in table if f"{name}{_STEP}" in table]
    count = int(table["draw"].iloc[-1]) + 1
    months = pd.to_datetime(table["month"].iloc[: len(table) // count].astype(str), format="%Y%m")
    shares = np.exp(table[codes].to_numpy(dtype=np.float32) * LOG_STEP)
    shares /= shares.sum(axis=1, dtype=np.float64, keepdims=True)
    steps = table[[f"{code}{_STEP}" for code in codes]].iloc[:: len(months)]
    return Kept(
        months=pd.DatetimeIndex(months, name="month").as_unit("us"),
        codes=codes,
        shares=shares.reshape(count, len(months), len(codes)),
        steps=np.exp(steps.to_numpy(dtype=np.float32) * LOG_STEP),
    )


def _written(table: pd.DataFrame) -> bytes:
    """The table as CSV."""
    rounded = table.assign(month=table["month"].dt.strftime("%Y-%m"))
    for name in table.select_dtypes("number"):
        rounded[name] = [f"{value:.{_DIGITS}g}" for value in table[name]]
    return rounded.to_csv(index=False, lineterminator="\n").encode()


def write(posterior: Posterior, diagnostics: dict[str, Any]) -> list[Path]:
    """Keep draws, and the table that they make.

    Parameters
    ----------
    posterior : Posterior
        Of all estimates of the tables.
    diagnostics : dict
        What the sampler says of itself, in numbers and texts.

    Returns
    -------
    list of Path
        The three files.
    """
    # Here, since reading needs neither.
    from hashrate_migration.country_panel import estimates
    from hashrate_migration.tables.updates import replace_together

    made_from = _made_from()
    draws = _as_written(posterior)
    # Line and band come of the draws as they are kept, so that whoever counts finds the same.
    read_back = _parsed(draws)
    table = bands.summary(
        read_back.shares, read_back.months, read_back.codes, estimates.observations()
    )
    contents = {_DRAWS: draws, _TABLE: _written(table)}
    described = {
        "title": "Country panel: draws of the posterior, and the table that they make",
        "files": list(contents),
        "made_with": COMMAND,
        "made_from": made_from | {"chains": posterior.chains, "draws": len(posterior.shares)},
        "kept_draws": len(read_back.shares),
        "log_step": LOG_STEP,
        "codes": read_back.codes,
        "diagnostics": diagnostics,
        "sha256": {name: _sha256(content) for name, content in contents.items()},
    }
    contents[_ABOUT] = (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode()
    _path(_ABOUT).parent.mkdir(exist_ok=True)
    replace_together({_path(name): content for name, content in contents.items()})
    return [_path(name) for name in _FILES]


@dataclass(frozen=True)
class _File:
    """A file told apart by its checksum alone."""

    name: str
    digest: str
    path: Path = field(compare=False)
    content: bytes = field(compare=False)


def _file(name: str) -> _File:
    content = _content(name)
    return _File(name, _sha256(content), _path(name), content)


@lru_cache(maxsize=4)
def _described(file: _File) -> dict[str, Any]:
    try:
        described: dict[str, Any] = json.loads(file.content)
        described["made_from"]["tables"], described["diagnostics"], described["codes"]
        for name in (_DRAWS, _TABLE):
            described["sha256"][name]
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{file.path}: is no description of the kept panel; run `{COMMAND}`."
        ) from None
    return described


def description() -> dict[str, Any]:
    """What is written beside the draws.

    Returns
    -------
    dict
        Among others ``made_from`` (method, seed, chains, draws, checksums of code and tables),
        ``codes`` and ``diagnostics``.

    Raises
    ------
    InputError
        If the panel is not kept, or its description cannot be read.
    """
    return _described(_file(_ABOUT))


def _of_today(name: str) -> _File:
    """A kept file, if it is what was kept and belongs to the tables in use.

    Raises
    ------
    InputError
        If not.
    """
    described, file = description(), _file(name)
    if file.digest != described["sha256"][name]:
        raise InputError(f"{file.path}: has been changed since it was made; run `{COMMAND}`.")
    before, today = described["made_from"]["tables"], _versions()
    changed = sorted(table for table in today if before.get(table) != today[table])
    if changed:
        raise InputError(
            f"{file.path}: belongs to other tables ({', '.join(changed)} changed since); "
            f"run `{COMMAND}`."
        )
    _count_as_read(tuple(today.values()))
    return file


@lru_cache(maxsize=2)
def _count_as_read(checksums: tuple[str, ...]) -> None:
    """Read the tables once: a page names those that it read, and which are not the published ones."""
    for name in INPUTS:
        load(name)


@lru_cache(maxsize=2)
def _draws(file: _File) -> Kept:
    return _parsed(file.content)


@lru_cache(maxsize=2)
def _panel(file: _File) -> pd.DataFrame:
    table = pd.read_csv(BytesIO(file.content))
    table["month"] = pd.to_datetime(table["month"], format="%Y-%m").dt.as_unit("us")
    return table


def read() -> Kept:
    """The kept draws.

    Raises
    ------
    InputError
        If there are none, they are not what was kept, or belong to other tables.
    """
    return _draws(_of_today(_DRAWS))


def table() -> pd.DataFrame:
    """The panel that the kept draws make; a copy.

    Returns
    -------
    DataFrame
        As :func:`hashrate_migration.country_panel.bands.summary` gives it.

    Raises
    ------
    InputError
        As :func:`read`.
    """
    return _panel(_of_today(_TABLE)).copy()


def stale() -> list[str]:
    """What the kept panel is older than.

    Returns
    -------
    list of str
        Parts of what it was made from that have changed since, such as ``code prior.py``; empty if it
        belongs to today's code and tables.

    Raises
    ------
    InputError
        If it is not kept.
    """
    described = description()
    changed = [
        f"file {name}"
        for name in (_DRAWS, _TABLE)
        if _file(name).digest != described["sha256"][name]
    ]
    return changed + changes(described["made_from"], _made_from())
