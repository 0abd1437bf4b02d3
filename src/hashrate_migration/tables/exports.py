"""Public files in the forms in which they circulate, in the form of our tables.

Nothing is guessed: what can be read in two ways is refused with both readings.
"""

from __future__ import annotations

import re

import pandas as pd
from babel import Locale

from hashrate_migration.arguments import shown
from hashrate_migration.errors import InputError
from hashrate_migration.tables import constraints, read, regions, text

MAP_EXPORT = {
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

_MONTHS = {
    name: number
    for number, names in enumerate(
        zip(
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
            [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            strict=True,
        ),
        start=1,
    )
    for name in names
}

_ISO = re.compile(r"(\d{4})-(\d{2})(-(\d{2})(T00:00:00(\.0+)?Z?| 00:00:00)?)?", re.ASCII)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})", re.ASCII)
_NAMED = re.compile(r"([A-Z][a-z]+)\.? (\d{4})", re.ASCII)


def _month(written: str) -> set[str]:
    """The months that a text can mean, as 2022-02; months begin on their first day."""
    if found := _ISO.fullmatch(written):
        year, month, day = found[1], int(found[2]), found[4]
        return {f"{year}-{month:02d}"} if day in (None, "01") and 1 <= month <= 12 else set()
    if found := _NAMED.fullmatch(written):
        month = _MONTHS.get(found[1], 0)
        return {f"{found[2]}-{month:02d}"} if month else set()
    if found := _SLASHES.fullmatch(written):
        first, second, year = int(found[1]), int(found[2]), found[3]
        century = "" if len(year) == 4 else "20"
        # One of the two is the day, and it must be a first.
        readings = {month for month, day in ((first, second), (second, first)) if day == 1}
        return {f"{century}{year}-{month:02d}" for month in readings if 1 <= month <= 12}
    return set()


def months(column: pd.Series, source: str) -> pd.Series:
    """Months of an export as 2022-02.

    Raises
    ------
    InputError
        If one can be read in no way, or in two.
    """
    texts = {written: _month(written) for written in column.fillna("").unique()}
    for row, written in column.fillna("").items():
        readings = sorted(texts[written])
        if not readings:
            raise InputError(
                f"{source}, row {int(str(row)) + 2}: {shown(written)} is not a month; write it "
                "like 2022-02."
            )
        if len(readings) > 1:
            raise InputError(
                f"{source}, row {int(str(row)) + 2}: {shown(written)} can be {' or '.join(readings)}; "
                "write it like 2022-02."
            )
    _one_order(column, source)
    return column.map({written: readings.pop() for written, readings in texts.items() if readings})


def _one_order(column: pd.Series, source: str) -> None:
    """Day and month stand in one order in a file: in two, one of them is a slip."""
    seen: dict[bool, str] = {}
    for row, written in column.dropna().items():
        found = _SLASHES.fullmatch(written)
        if found and int(found[1]) != int(found[2]):
            day_first = int(found[1]) == 1
            seen.setdefault(day_first, written)
            if len(seen) == 2:
                raise InputError(
                    f"{source}, row {int(str(row)) + 2}: {shown(written)} has day and month in another "
                    f"order than {seen[not day_first]!r} above; write months like 2022-02."
                )


def _numbers(column: pd.Series, source: str) -> pd.Series:
    texts = (
        column.str.replace("\N{NO-BREAK SPACE}", " ").str.strip().str.removesuffix("%").str.strip()
    )
    right = texts.str.fullmatch(r"\d+(\.\d+)?", flags=re.ASCII).fillna(value=False).astype(bool)
    if not right.all():
        row = right.index[~right][0]
        raise InputError(
            f"{source}, row {int(row) + 2}: {column.name} {shown(column[row])} is not a number; write "
            "it like 20.5."
        )
    return texts.astype("float64")


def _two_decimals(numbers: pd.Series) -> pd.Series:
    return numbers.round(2).map("{:.2f}".format).str.rstrip("0").str.rstrip(".")


def mining_map(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """The mining map as Cambridge's site exports it, in the form of the table ``mining_map``.

    Raises
    ------
    InputError
        For an unknown country or month, a number that is none, or a column that stands twice.
    """
    clash = [ours for ours in MAP_EXPORT.values() if ours in rows.columns]
    if clash:
        raise InputError(
            f"{source}: the export's columns and a column {clash[0]!r} say the same; take one out."
        )
    rows = rows[list(MAP_EXPORT)]
    fields = {field["name"]: field for field in read.resource("mining_map")["schema"]["fields"]}
    english = Locale.parse("en").territories
    known = regions.table()
    codes = {english[row.iso_3166]: code for code, row in known.iterrows() if row.kind == "country"}
    codes |= _EXPORT_NAMES
    # A star marks countries that mostly hold proxies; copies have other blanks.
    names = (
        rows["country"]
        .fillna("")
        .str.replace("*", "", regex=False)
        .str.replace("\N{NO-BREAK SPACE}", " ")
        .str.strip()
    )
    unknown = ~names.isin(codes)
    if unknown.any():
        row = names.index[unknown][0]
        raise InputError(
            f"{source}, row {int(row) + 2}: country {shown(rows['country'][row])} is unknown"
            f"{text.nearest(names[row], codes)}; write it as the mining map does, such as "
            f"{', '.join(list(_EXPORT_NAMES)[:3])} or Kazakhstan."
        )
    result = pd.DataFrame({"month": months(rows["date"], source), "region": names.map(codes)})
    for theirs, ours in (
        ("monthly_hashrate_%", "share_pct"),
        ("monthly_absolute_hashrate_EH/S", "hashrate_ehs"),
    ):
        result[ours] = _numbers(rows[theirs], source)
        asked = fields[ours]["constraints"]
        constraints.check_field(result[ours].rename(theirs), asked, source)
    _refuse_fractions(result, source)
    for column in ("share_pct", "hashrate_ehs"):
        result[column] = _two_decimals(result[column])
    result["source_id"] = "ccaf-mining-map"
    return result


def _refuse_fractions(rows: pd.DataFrame, source: str) -> None:
    months = rows.groupby("month")["share_pct"]
    # One small country alone may well have a percent.
    sums = months.sum()[months.size() > 2]
    near = sums[(sums - 1).abs() < 0.05]
    if len(near):
        raise InputError(
            f"{source}: the shares of {near.index[0]} add up to {near.iloc[0]:.2f}; percent are wanted, "
            "so multiply them by 100."
        )
