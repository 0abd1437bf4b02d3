"""Bringing newer rows into a table: shown first, checked in a copy, then written.

A row whose key is already there replaces the old one; any other row is added. Rows that
are not named stay as they are, byte for byte.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from babel import Locale

from hashrate_migration.errors import InputError
from hashrate_migration.tables import difficulty, package, read, regions

_EXPORT = {
    "date": "month",
    "country": "region",
    "monthly_hashrate_%": "share_pct",
    "monthly_absolute_hashrate_EH/S": "hashrate_ehs",
}
"""Columns of the mining map as Cambridge's site exports it, and ours."""

_EXPORT_NAMES = {
    "Mainland China": "CHN",
    "Iran, Islamic Rep.": "IRN",
    "Russian Federation": "RUS",
    "Other": "OTH",
}
"""Names in the export that are not the Unicode CLDR's."""


@dataclass(frozen=True)
class Difference:
    """What an update changes.

    Attributes
    ----------
    table : str
    added : DataFrame
        New rows, as text.
    changed : DataFrame
        One row per value: key, column, old, new.
    merged : DataFrame
        The table after the update, as text.
    """

    table: str
    added: pd.DataFrame
    changed: pd.DataFrame
    merged: pd.DataFrame


def _read(source: str) -> pd.DataFrame:
    """A CSV file, or an address if the user gave one, as text."""
    remote = source.startswith(("http://", "https://"))
    if not remote and not Path(source).is_file():
        raise InputError(f"{source}: there is no such file; check the name.")
    try:
        return pd.read_csv(source, dtype=str, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{source}: not a readable CSV file ({reason}); correct it.") from error
    except OSError as error:
        raise InputError(f"{source}: cannot be fetched ({error}); check the address.") from error


def _from_export(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """The mining map as exported, in the form of the table ``mining_map``."""
    rows = rows.rename(columns=_EXPORT)
    english = Locale.parse("en").territories
    known = regions.table()
    codes = {english[row.iso_3166]: code for code, row in known.iterrows() if row.kind == "country"}
    codes |= _EXPORT_NAMES
    # A star marks countries that mostly hold proxies.
    names = rows["region"].str.replace("*", "", regex=False).str.strip()
    unknown = ~names.isin(codes)
    if unknown.any():
        row = names.index[unknown][0]
        raise InputError(
            f"{source}, row {row + 2}: country {rows['region'][row]!r} is unknown; write it as the "
            f"mining map does, such as {', '.join(list(_EXPORT_NAMES)[:3])} or Kazakhstan."
        )
    months = pd.to_datetime(rows["month"], errors="coerce")
    if months.isna().any():
        row = months.index[months.isna()][0]
        raise InputError(f"{source}, row {row + 2}: {rows['month'][row]!r} is not a date.")
    result = pd.DataFrame({"month": months.dt.strftime("%Y-%m"), "region": names.map(codes)})
    for column in ("share_pct", "hashrate_ehs"):
        numbers = pd.to_numeric(rows[column].str.rstrip("% "), errors="coerce")
        if numbers.isna().any():
            row = numbers.index[numbers.isna()][0]
            raise InputError(
                f"{source}, row {row + 2}: {column} {rows[column][row]!r} is not a number."
            )
        result[column] = numbers.round(2).map("{:.2f}".format).str.rstrip("0").str.rstrip(".")
    result["source_id"] = "ccaf-mining-map"
    return result


def _with_hashrate(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """Days with block counts and difficulty; the hashrate they imply is filled in."""
    needed = {"date", "blocks", "difficulty"}
    if not needed <= set(rows.columns):
        raise InputError(f"{source}: give the columns {', '.join(sorted(needed))}.")
    rows = rows.copy()
    if "hashrate_ehs" not in rows.columns:
        blocks = pd.to_numeric(rows["blocks"], errors="coerce")
        level = pd.to_numeric(rows["difficulty"], errors="coerce")
        hashes = level * difficulty.HASHES_PER_DIFFICULTY * blocks / 86_400
        rows["hashrate_ehs"] = (hashes / difficulty.EXAHASH).map("{:.6g}".format)
    return rows


def difference(table: str, source: str) -> Difference:
    """What a file would change in a table.

    Parameters
    ----------
    table : str
        Name of a table.
    source : str
        CSV file in the table's form; for ``mining_map`` also an export of Cambridge's site, for
        ``network_daily`` also date, blocks and difficulty alone. An address that begins with
        ``http`` is fetched.

    Returns
    -------
    Difference

    Raises
    ------
    InputError
        If the file cannot be read, its columns are not the table's, or it names a key twice.
    """
    resource = read.resource(table)
    rows = _read(source)
    if table == "mining_map" and set(_EXPORT) <= set(rows.columns):
        rows = _from_export(rows, source)
    elif table == "network_daily":
        rows = _with_hashrate(rows, source)
    names = [field["name"] for field in resource["schema"]["fields"]]
    given = [name for name in names if name in rows.columns]
    if table == "network_daily":
        for column, value in (("price_usd", np.nan), ("source_id", "network-daily-compilation")):
            if column not in given:
                rows[column] = value
    if set(rows.columns) != set(names):
        raise InputError(
            f"{source}: the columns are {', '.join(rows.columns)}; {table} takes {', '.join(names)}."
        )
    rows = rows[names]
    key = resource["schema"]["primaryKey"]
    twice = rows.duplicated(key)
    if twice.any():
        row = rows.index[twice][0]
        raise InputError(
            f"{source}, row {row + 2}: the same {', '.join(key)} stands above; keep one of them."
        )
    old = read.read_text(read.data_folder() / resource["path"])
    old_keys, new_keys = (pd.MultiIndex.from_frame(frame[key]) for frame in (old, rows))
    added = rows[~new_keys.isin(old_keys)].sort_values(key)
    known = new_keys.isin(old_keys)
    same = rows[known].set_index(pd.Index(old_keys.get_indexer(new_keys[known])))
    merged = old.copy()
    changes = []
    for position, row in same.sort_index().iterrows():
        # A column that the file lacks says nothing about a row that is there already.
        for column in given:
            before, after = old.loc[position, column], row[column]
            if not _equal(before, after):
                merged.loc[position, column] = after
                label = " ".join(str(old.loc[position, name]) for name in key)
                changes.append({"key": label, "column": column, "old": before, "new": after})
    return Difference(
        table,
        added.reset_index(drop=True),
        pd.DataFrame(changes, columns=["key", "column", "old", "new"]),
        pd.concat([merged, added], ignore_index=True),
    )


def _text(value: object) -> str:
    return "nothing" if pd.isna(value) else str(value)


def _equal(before: object, after: object) -> bool:
    """Whether two texts say the same: 1.0 is 1, and nothing is nothing."""
    if pd.isna(before) or pd.isna(after):
        return bool(pd.isna(before) and pd.isna(after))
    try:
        return float(str(before)) == float(str(after))
    except ValueError:
        return before == after


def apply(change: Difference) -> None:
    """Write an update if, and only if, all tables with it pass all checks.

    Parameters
    ----------
    change : Difference
        From :func:`difference`.

    Raises
    ------
    InputError
        With the first problem; nothing is written then.
    """
    folder = read.data_folder()
    file = read.resource(change.table)["path"]
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "data"
        shutil.copytree(folder, copy)
        change.merged.to_csv(copy / file, index=False, lineterminator="\n")
        package.seal(copy)
        problems = package.check(copy)
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise InputError(
                f"Nothing was written, for with the new rows a check fails: {problems[0]}{more}"
            )
        for name in (file, read.PACKAGE_FILE):
            temporary = folder / f"{name}.tmp"
            shutil.copyfile(copy / name, temporary)
            temporary.replace(folder / name)
    read.forget()


def described(change: Difference, limit: int = 20) -> str:
    """The difference in words: rows added, values changed.

    Parameters
    ----------
    change : Difference
        From :func:`difference`.
    limit : int
        Rows of each kind to print.

    Returns
    -------
    str
        Lines of text.
    """
    key = read.resource(change.table)["schema"]["primaryKey"]
    lines = [
        f"{change.table}: {len(change.added)} rows added, {len(change.changed)} values changed"
    ]
    lines += [f"  + {' '.join(map(str, row))}" for row in change.added[key].head(limit).to_numpy()]
    if len(change.added) > limit:
        lines.append(f"  + ... and {len(change.added) - limit} more")
    for row in change.changed.head(limit).itertuples():
        lines.append(f"  ~ {row.key}: {row.column} {_text(row.old)} -> {_text(row.new)}")
    if len(change.changed) > limit:
        lines.append(f"  ~ ... and {len(change.changed) - limit} more")
    return "\n".join(lines)
