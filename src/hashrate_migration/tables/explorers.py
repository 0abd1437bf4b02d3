"""Daily series of block explorers, as they circulate, in the form of the table ``network_daily``.

A column is taken by its heading alone, and a hashrate only if its heading names the unit: the same
heading stands over hashes, gigahashes and terahashes per second, and one explorer has changed from one
to another over the years. Which unit would agree with the chain is said, not assumed.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal

import pandas as pd

from hashrate_migration.arguments import listed, shown
from hashrate_migration.errors import InputError
from hashrate_migration.tables import constraints, difficulty, read, rules, text

HEADINGS = {
    "date": "date",
    "day": "date",
    "time": "date",
    "timestamp": "date",
    "blocks": "blocks",
    "blkcnt": "blocks",
    "difficulty": "difficulty",
    "diffmean": "difficulty",
    "price_usd": "price_usd",
    "source_id": "source_id",
}
"""Headings in small letters to columns of ``network_daily``; a hashrate's is read with its unit."""

HASHES = {"": 0, "k": 3, "m": 6, "g": 9, "t": 12, "p": 15, "e": 18, "z": 21}
"""Letter before H/s to its power of ten."""

_EXA = 18

TAKES = (
    "network_daily takes date, difficulty, and blocks or a hashrate with its unit in the heading, like "
    "hashrate (TH/s)"
)

_HASHRATE = re.compile(
    r"((avg|average|mean|daily|network|total)[ _-]*)?hash[ _-]*rate(?P<unit>.*)", re.IGNORECASE
)
_UNIT = re.compile(
    r"[ _-]*[(\[]?(?P<letter>[kmgtpez]?)h(/s|s|ps|ash/s|ashes/s)[)\]]?", re.IGNORECASE | re.ASCII
)
_MIDNIGHT = re.compile(
    r"(\d{4}-\d{2}-\d{2})([T ]00:00(:00(\.0+)?)?( ?(Z|UTC|\+00:00))?)?", re.ASCII
)
_SINCE_1970 = re.compile(r"(\d{10})(000)?", re.ASCII)
"""Ten digits are seconds (as milliseconds they would be days of 1970), thirteen milliseconds."""

_DAY_S = 86_400

_DIGITS = Context(prec=12)
"""More than any explorer knows, fewer than a binary fraction shows."""

_DIFFICULTY_TOLERANCE = 0.001
"""A mean by time of day lies between the periods that the day touches, up to rounding."""


def network_daily(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """Days of an explorer in the columns of ``network_daily``.

    Read are days (also midnight UTC as a time, or as seconds or milliseconds since 1970), difficulty,
    and a count of blocks or a hashrate whose heading names its unit, or both. Where there is no
    hashrate, the one that blocks and difficulty come to is filled in.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.tables.text.parsed`.
    source : str
        How to call the file in a message.

    Returns
    -------
    DataFrame
        Text in columns of ``network_daily``: date, difficulty, hashrate_ehs, blocks, and price_usd and
        source_id if the file has them.

    Raises
    ------
    InputError
        If a column is unknown or missing, a hashrate names no unit, or a value cannot be.
    """
    places = _places(rows, source)
    result = pd.DataFrame(index=rows.index)
    result["date"] = _days(rows[places["date"]], source)
    for ours, theirs in places.items():
        if ours not in ("date", "hashrate_ehs"):
            result[ours] = _checked(rows[theirs], ours, source)
    if "hashrate_ehs" in places:
        result["hashrate_ehs"] = _hashrate(rows[places["hashrate_ehs"]], source)
    days = _typed(result)
    twice = days["date"].duplicated()
    if twice.any():
        raise InputError(
            f"{source}, row {int(twice.idxmax()) + 2}: the same date stands above; keep one of them."
        )
    rules.check_counts(days, source)
    _check_difficulty(result, days, places["difficulty"], source)
    if "hashrate_ehs" in places:
        rules.check_hashrate(days, source, places["hashrate_ehs"])
    else:
        result["hashrate_ehs"] = _filled(days, source)
    return result


def _places(rows: pd.DataFrame, source: str) -> dict[str, str]:
    """Columns of ``network_daily`` to those of the file."""
    places: dict[str, str] = {}
    unknown = []
    for theirs in rows.columns:
        heading = theirs.strip()
        hashrate = _HASHRATE.fullmatch(heading)
        ours = "hashrate_ehs" if hashrate else HEADINGS.get(heading.casefold())
        if ours is None:
            unknown.append(theirs)
        elif ours in places:
            raise InputError(
                f"{source}: the columns {places[ours]!r} and {shown(theirs)} say the same; take one out."
            )
        else:
            places[ours] = theirs
    if "height" in rows.columns and "difficulty" in places:
        raise InputError(
            f"{source}: its rows are difficulty periods (column 'height'), not days; {TAKES}."
        )
    if "hashrate_ehs" in places and _power(places["hashrate_ehs"]) is None:
        theirs = places["hashrate_ehs"]
        found = _HASHRATE.fullmatch(theirs.strip())
        bare = found is not None and not found["unit"]
        what = "names no unit" if bare else "is not a hashrate and its unit alone"
        raise InputError(
            f"{source}: the heading {shown(theirs)} {what}{_agreeing(rows, places)}; {TAKES}."
        )
    missing = not {"date", "difficulty"} <= set(places) or not {"blocks", "hashrate_ehs"} & set(
        places
    )
    if unknown or missing:
        what = (
            f"what {', '.join(map(repr, unknown[:5]))} holds is not known, so take it out or name it"
            if unknown
            else f"the columns are {listed(rows.columns)}"
        )
        raise InputError(f"{source}: {what}; {TAKES}.")
    return places


def _power(heading: str) -> int | None:
    """Power of ten of the hashes per second that a heading names, if it names them."""
    found = _HASHRATE.fullmatch(heading.strip())
    unit = _UNIT.fullmatch(found["unit"]) if found else None
    return HASHES[unit["letter"].lower()] if unit else None


def _agreeing(rows: pd.DataFrame, places: dict[str, str]) -> str:
    """The unit in which a hashrate would agree with the days that the table has, in words."""
    if "date" not in places:
        return ""
    known = read.load("network_daily").set_index("date")["hashrate_ehs"]
    days = pd.to_datetime(rows[places["date"]].map(_day, na_action="ignore"), errors="coerce")
    figures = pd.to_numeric(rows[places["hashrate_ehs"]], errors="coerce")
    ratio = (figures / days.map(known)).median()
    low, high = rules.RATIO_LIMITS
    for letter, power in HASHES.items():
        if low <= ratio / 10.0 ** (_EXA - power) <= high:
            unit = f"{letter if letter == 'k' else letter.upper()}H/s"
            return f" ({unit} would agree with the table)"
    return ""


def _day(written: str) -> str | None:
    if found := _MIDNIGHT.fullmatch(written):
        return found[1]
    found = _SINCE_1970.fullmatch(written)
    if found and int(found[1]) % _DAY_S == 0:
        return f"{pd.Timestamp(int(found[1]), unit='s'):%Y-%m-%d}"
    return None


def _days(column: pd.Series, source: str) -> pd.Series:
    days = column.map(_day, na_action="ignore")
    wrong = days.isna() & column.notna()
    if wrong.any():
        row = wrong.index[wrong][0]
        raise InputError(
            f"{source}, row {int(row) + 2}: {column.name} {shown(column[row])} is no day; write it like "
            "2021-05-21 (midnight UTC, also in seconds or milliseconds since 1970, is read as well)."
        )
    return _checked(days.astype("str"), "date", source)


def _checked(column: pd.Series, ours: str, source: str) -> pd.Series:
    """A column of the file that holds what a column of the table may hold."""
    fields = {field["name"]: field for field in read.resource("network_daily")["schema"]["fields"]}
    field = {**fields[ours], "name": column.name}
    frame = column.to_frame()
    text.check_spelling(frame, [field], source)
    typed = text.typed(frame, [field])[column.name]
    constraints.check_field(typed, field.get("constraints", {}), source)
    return column


def _hashrate(column: pd.Series, source: str) -> pd.Series:
    """A hashrate as text, in EH/s."""
    field = {"name": column.name, "type": "number", "constraints": {"required": True}}
    text.check_spelling(column.to_frame(), [field], source)
    power = _power(str(column.name))
    if power is None or power == _EXA:
        return column
    scale = Decimal(10) ** (power - _EXA)
    return column.map(
        lambda written: f"{_DIGITS.multiply(Decimal(written), scale).normalize(_DIGITS):f}"
    )


def _typed(result: pd.DataFrame) -> pd.DataFrame:
    kinds = {"date": "date", "blocks": "number", "difficulty": "number", "hashrate_ehs": "number"}
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    return text.typed(result.reindex(columns=list(kinds)), fields)


def _filled(days: pd.DataFrame, source: str) -> pd.Series:
    """The hashrate that blocks and difficulty come to; a day that the table has so keeps its own."""
    missing = days["blocks"].isna()
    if missing.any():
        raise InputError(
            f"{source}, row {int(missing.idxmax()) + 2}: no blocks and no hashrate; one of them is "
            "required."
        )
    implied = rules.implied_hashrate(days)
    fields = {field["name"]: field for field in read.resource("network_daily")["schema"]["fields"]}
    most = fields["hashrate_ehs"]["constraints"]["maximum"]
    if (implied > most).any():
        row = implied.index[implied > most][0]
        raise InputError(
            f"{source}, row {int(row) + 2}: blocks and difficulty come to {implied[row]:.6g} EH/s; up "
            f"to {most} are taken, so correct one of them."
        )
    filled = implied.map("{:.6g}".format)
    known = read.load("network_daily").set_index("date").reindex(days["date"]).set_index(days.index)
    blocks = known["blocks"].astype("float64")
    same = (blocks == days["blocks"]) & (known["difficulty"] == days["difficulty"])
    return filled.mask(same, known["hashrate_ehs"].map(repr))


def _check_difficulty(result: pd.DataFrame, days: pd.DataFrame, heading: str, source: str) -> None:
    """Stop at a difficulty that is not that of the day's own period."""
    epochs = read.load("difficulty_epochs")
    starts, levels = epochs["start_time"], epochs["difficulty"]
    for row, day in days["date"].items():
        # The periods that the day touches; after the last known one any step of the rule may come.
        first = int(starts.searchsorted(day, side="right")) - 1
        last = int(starts.searchsorted(day + pd.Timedelta(days=1), side="left")) - 1
        if first < 0 or last == len(levels) - 1:
            continue
        here = levels.iloc[first : last + 1]
        low, high = (
            here.min() * (1 - _DIFFICULTY_TOLERANCE),
            here.max() * (1 + _DIFFICULTY_TOLERANCE),
        )
        given = days["difficulty"][row]
        if not low <= given <= high:
            raw = low <= given / difficulty.HASHES_PER_DIFFICULTY <= high
            raise InputError(
                f"{source}, row {int(str(row)) + 2}: {heading} {result['difficulty'][row]} does not fit "
                f"{day:%Y-%m-%d}, whose period has {here.iloc[-1]:.6g}; "
                + ("it is in hashes, so divide it by 2^32." if raw else "correct one of them.")
            )
