"""Estimates that a user adds: read, held against the table, and said of each whether it enters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from hashrate_migration import chronology
from hashrate_migration.country_panel import estimates
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables import regions, rules, text
from hashrate_migration.tables.read import load, resource, validated

_NUMBERS = ["share_pct", "hashrate_ehs", "power_mw", "energy_gwh", "bitcoin"]

_MAY_LACK = ("energy_gwh", "family", "list_id")
"""Columns that a file of the user's own may leave out."""

_ROUNDING_POINTS = 0.5
"""So much more than 100 percent the rounded figures of a list may come to."""


def with_added(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The table of estimates with the rows of a file added.

    Parameters
    ----------
    path : Path
        A CSV file in the form of the table ``share_estimates``. A row without a family of publishers
        belongs to that of its list, or to none but its source.

    Returns
    -------
    table : DataFrame
        All rows.
    unused : list of str
        One sentence for each added row that does not enter the panel, with the reason.

    Raises
    ------
    InputError
        If the file breaks the description of the table, names an id that the table has, a country or a
        list that there is none, or a country twice in one list; if it gives a network of nothing, or
        a list that comes to more than the whole.
    """
    known, added = load("share_estimates"), _read(path)
    ids = {*known["estimate_id"], *added["estimate_id"]}
    for row in added.itertuples():
        _check(row, known, path)
        _check_figures(row, ids, path)
    table = pd.concat([known, added], ignore_index=True)
    try:
        rules.lists(table, load("share_lists"))
        _check_sums(estimates.published(table), set(added["estimate_id"]))
        used = set(estimates.observations(table)["estimate_id"])
    except InputError as error:
        # The table's own rows enter and agree: what does not is the user's.
        raise InputError(str(error).replace("share_estimates.csv", str(path))) from None
    unused = [
        f"{row.estimate_id} does not enter the panel: {_reason(row)}."
        for row in added.itertuples()
        if row.estimate_id not in used
    ]
    return table, unused


def _read(path: Path) -> pd.DataFrame:
    """The file under the description of the table, families filled in."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; check the name.")
    rows = text.read_csv(path)
    for name in _MAY_LACK:
        if name not in rows:
            rows[name] = None
    order = [described["name"] for described in resource("share_estimates")["schema"]["fields"]]
    if set(order) == set(rows):
        rows = rows[order]
        of_list = load("share_lists").set_index("list_id")["family"]
        rows["family"] = rows["family"].fillna(rows["list_id"].map(of_list))
        rows["family"] = rows["family"].fillna(rows["source_id"])
        nobody = rows.index[rows["family"].isna()]
        if len(nobody):
            raise InputError(
                f"{path}: {rows['estimate_id'][nobody[0]]} names no publisher; give its source_id, and "
                "its family if other pages print the same figures."
            )
    return validated(rows, "share_estimates", path)


def _check_sums(shares: pd.DataFrame, added: set[str]) -> None:
    """Stop if an added row makes a list, or what one source prints for one time, more than the whole."""
    kinds = estimates.kinds()
    parts = shares["kind"].map(kinds["enters"] & (kinds["reads"] == "share"))
    parts &= shares["repeats"].isna() & shares["members"].str.fullmatch("[A-Z]{3}")
    shares = shares[parts]
    of_one = shares["source_id"] + shares["start_month"].dt.strftime(" %Y-%m")
    of_one += shares["end_month"].dt.strftime(" to %Y-%m")
    for name, group in shares.groupby(shares["list_id"].fillna(of_one)):
        theirs = group.loc[group["estimate_id"].isin(added), "estimate_id"]
        # Two figures of a source for one country are no two parts.
        total = group.groupby("members")["share_pct"].max().sum()
        if len(theirs) and total > 100 + _ROUNDING_POINTS:
            raise InputError(
                f"share_estimates.csv: {theirs.iloc[-1]}: with it the shares of {name} come to "
                f"{total:.1f} percent of the network; correct them."
            )


def _check(row: Any, known: pd.DataFrame, path: Path) -> None:
    where = f"{path}: {row.estimate_id}"
    if row.estimate_id in set(known["estimate_id"]):
        raise InputError(f"{where} is an id that share_estimates.csv has; give the row another.")
    for code in _members(row):
        if code not in regions.table().index:
            raise InputError(f"{where}: {code!r} is no region of regions.csv; correct the code.")
    if row.network_ehs == 0:
        raise InputError(
            f"{where}: network_ehs 0 makes no share; give the network or leave it out."
        )


_APART = 1.5
"""Two figures of one row that differ by more are not two printings of one share."""


def _check_figures(row: Any, ids: set[str], path: Path) -> None:
    where = f"{path}: {row.estimate_id}"
    members = [*_members(row)]
    if len(set(members)) < len(members):
        raise InputError(f"{where}: members {row.members} names a country twice; name each once.")
    if pd.notna(row.repeats) and row.repeats not in ids:
        raise InputError(
            f"{where}: repeats {row.repeats!r}, which is no other estimate; correct the id or leave it "
            "out."
        )
    if pd.notna(row.share_pct) and pd.notna(row.hashrate_ehs) and pd.notna(row.network_ehs):
        other = 100 * row.hashrate_ehs / row.network_ehs
        highest = row.share_pct if pd.isna(row.share_high_pct) else row.share_high_pct
        if not row.share_pct / _APART <= other <= highest * _APART:
            raise InputError(
                f"{where}: share_pct {row.share_pct:g} and {row.hashrate_ehs:g} of "
                f"{row.network_ehs:g} EH/s ({other:.3g} percent) are two different shares; "
                "correct one of them."
            )


def _members(row: Any) -> Iterator[str]:
    members = row.members if pd.notna(row.members) else row.region
    if pd.notna(members):
        yield from str(members).split("+")


def _reason(row: Any) -> str:
    """Why an estimate does not enter, the first reason that holds."""
    if all(pd.isna(getattr(row, name)) for name in _NUMBERS):
        return "it gives no number"
    if pd.isna(row.start_month):
        return "it names no period"
    first, last = chronology.PANEL_BEGINS, network_hashrate().index[-1]
    months = (row.start_month, row.end_month)
    if months[1] < first or months[0] > last:
        return f"its period is outside the panel, {first:%Y-%m} to {last:%Y-%m}"
    kind = estimates.kinds().loc[row.kind]
    if not kind["enters"]:
        return f"figures of the kind {row.kind} do not enter"
    if pd.notna(kind["until"]) and months[0] > kind["until"]:
        return f"figures of its kind enter until {kind['until']:%Y-%m} only"
    if pd.notna(row.repeats):
        return "it repeats another row"
    return "it is not about whole countries of the panel"
