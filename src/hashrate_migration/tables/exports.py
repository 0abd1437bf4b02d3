"""Public files in the forms in which they circulate, in the form of our tables.

Nothing is guessed: what can be read in two ways is refused with both readings.
"""

from __future__ import annotations

import re

import pandas as pd
from babel import Locale

from hashrate_migration.errors import InputError
from hashrate_migration.tables import difficulty, read, regions

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

RATIO_LIMITS = (0.5, 1.25)
"""Published hashrate over difficulty x 2^32 x blocks / 86400 lies between these in our own rows."""

BLOCKS_LIMIT = 400
"""Blocks of a day: 144 are expected, and since 2012 no day has had more than 260 or fewer than 58."""

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


def _month(text: str) -> set[str]:
    """The months that a text can mean, as 2022-02; months begin on their first day."""
    if found := _ISO.fullmatch(text):
        year, month, day = found[1], int(found[2]), found[4]
        return {f"{year}-{month:02d}"} if day in (None, "01") and 1 <= month <= 12 else set()
    if found := _NAMED.fullmatch(text):
        month = _MONTHS.get(found[1], 0)
        return {f"{found[2]}-{month:02d}"} if month else set()
    if found := _SLASHES.fullmatch(text):
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
    texts = {text: _month(text) for text in column.fillna("").unique()}
    for row, text in column.fillna("").items():
        readings = sorted(texts[text])
        if not readings:
            raise InputError(
                f"{source}, row {int(str(row)) + 2}: {text!r} is not a month; write it like 2022-02."
            )
        if len(readings) > 1:
            raise InputError(
                f"{source}, row {int(str(row)) + 2}: {text!r} can be {' or '.join(readings)}; write it "
                "like 2022-02."
            )
    return column.map({text: readings.pop() for text, readings in texts.items() if readings})


def _numbers(column: pd.Series, source: str) -> pd.Series:
    texts = (
        column.str.replace("\N{NO-BREAK SPACE}", " ").str.strip().str.removesuffix("%").str.strip()
    )
    right = texts.str.fullmatch(r"\d+(\.\d+)?", flags=re.ASCII).fillna(value=False).astype(bool)
    if not right.all():
        row = right.index[~right][0]
        raise InputError(
            f"{source}, row {int(row) + 2}: {column.name} {column[row]!r} is not a number; write it "
            "like 20.5."
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
            f"{source}, row {int(row) + 2}: country {rows['country'][row]!r} is unknown; write it as "
            f"the mining map does, such as {', '.join(list(_EXPORT_NAMES)[:3])} or Kazakhstan."
        )
    result = pd.DataFrame({"month": months(rows["date"], source), "region": names.map(codes)})
    for theirs, ours in (
        ("monthly_hashrate_%", "share_pct"),
        ("monthly_absolute_hashrate_EH/S", "hashrate_ehs"),
    ):
        result[ours] = _numbers(rows[theirs], source)
    _refuse_fractions(result, source)
    for column in ("share_pct", "hashrate_ehs"):
        result[column] = _two_decimals(result[column])
    result["source_id"] = "ccaf-mining-map"
    return result


def _refuse_fractions(rows: pd.DataFrame, source: str) -> None:
    sums = rows.groupby("month")["share_pct"].sum()
    near = sums[(sums - 1).abs() < 0.05]
    if len(near):
        raise InputError(
            f"{source}: the shares of {near.index[0]} add up to {near.iloc[0]:.2f}; percent are wanted, "
            "so multiply them by 100."
        )


def network_daily(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """Days with block counts and difficulty; the hashrate that they imply is filled in.

    Raises
    ------
    InputError
        If columns are missing, or a count, difficulty or hashrate cannot be.
    """
    needed = {"date", "blocks", "difficulty"}
    if not needed <= set(rows.columns):
        raise InputError(f"{source}: give the columns {', '.join(sorted(needed))}.")
    rows = rows.copy()
    blocks = pd.to_numeric(rows["blocks"], errors="coerce")
    level = pd.to_numeric(rows["difficulty"], errors="coerce")
    implied = level * difficulty.HASHES_PER_DIFFICULTY * blocks / 86_400 / difficulty.EXAHASH
    _check_days(rows, blocks, level, source)
    if "hashrate_ehs" not in rows.columns:
        rows["hashrate_ehs"] = implied.map("{:.6g}".format).where(implied.notna())
    else:
        given = pd.to_numeric(rows["hashrate_ehs"], errors="coerce")
        low, high = RATIO_LIMITS
        wrong = ((given / implied) < low) | ((given / implied) > high)
        if wrong.any():
            row = wrong.index[wrong][0]
            raise InputError(
                f"{source}, row {int(row) + 2}: hashrate_ehs {rows['hashrate_ehs'][row]} is not what "
                f"blocks and difficulty come to ({implied[row]:.6g} EH/s); is it in another unit?"
            )
    return rows


def _check_days(rows: pd.DataFrame, blocks: pd.Series, level: pd.Series, source: str) -> None:
    """Block counts that can be, and the difficulty of the day's own period."""
    wrong = (blocks < 1) | (blocks > BLOCKS_LIMIT)
    if wrong.any():
        row = wrong.index[wrong][0]
        raise InputError(
            f"{source}, row {int(row) + 2}: {rows['blocks'][row]} blocks in a day cannot be (144 are "
            f"expected, from 1 to {BLOCKS_LIMIT} are taken); correct the count."
        )
    epochs = read.load("difficulty_epochs")
    starts, levels = epochs["start_time"], epochs["difficulty"]
    days = pd.to_datetime(rows["date"], format="%Y-%m-%d", errors="coerce")
    for row, day in days.dropna().items():
        # The periods that the day touches; after the last known one any step of the rule may come.
        first = int(starts.searchsorted(day, side="right")) - 1
        last = int(starts.searchsorted(day + pd.Timedelta(days=1), side="left")) - 1
        if first < 0 or last == len(levels) - 1 or pd.isna(level[row]):
            continue
        here = levels.iloc[first : last + 1]
        if not here.min() * 0.999 <= level[row] <= here.max() * 1.001:
            raise InputError(
                f"{source}, row {int(str(row)) + 2}: difficulty {rows['difficulty'][row]} does not fit "
                f"{rows['date'][row]}, whose period has {here.iloc[-1]:.6g}; correct one of them."
            )
