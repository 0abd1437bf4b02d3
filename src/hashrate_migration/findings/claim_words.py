"""What a claim says and what the tables answer, in words."""

from __future__ import annotations

from functools import reduce
from math import isinf
from typing import TYPE_CHECKING

import pandas as pd

from hashrate_migration.findings import claim_verdicts as verdicts
from hashrate_migration.findings.claim_answers import Answer, Nothing
from hashrate_migration.tables import regions
from hashrate_migration.words import _, translated, values

if TYPE_CHECKING:
    from hashrate_migration.findings.claim_metrics import Metric

_FINEST = 4
"""Decimals of what the tables say where fewer would hide on which side of a claim it lies."""

_CLAIMED_DIGITS = 10
"""Significant digits of what a claim says: as it is written."""


def figures(value: float, beside: float) -> str:
    """A number as finely as a reader needs, and so that its side of the claim shows."""
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2
    while round(value, decimals) == beside != value and decimals < _FINEST:
        decimals += 1
    return plain(round(value, decimals))


def plain(value: float) -> str:
    """A number without zeros behind its last decimal."""
    digits = max(_CLAIMED_DIGITS, len(str(int(abs(value)))))
    decimals = f"{float(f'{value:.{digits}g}'):.10f}".rstrip("0").partition(".")[2]
    return values.number(value, len(decimals))


def measured(number: str, unit: str) -> str:
    """A number with its unit, as it is said."""
    if number == values.number(1):
        if unit == "points":
            return _("{number} point", number=number)
        if unit == "times":
            return _("as much")
    return _("{number} {unit}", number=number, unit=translated(unit)) if unit else number


def period(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Months of a claim in words: "2020", "2013 to 2017", "2021-05" or "2021-05 to 2022-01"."""
    if start.month == 1 and end.month == 12:
        if start.year == end.year:
            return values.year(start)
        return _("{start:year} to {end:year}", start=start, end=end)
    if start == end:
        return values.iso_month(start)
    return _("{start:iso_month} to {end:iso_month}", start=start, end=end)


def named(code: str) -> str:
    """The name of a place, or a word of a table, in the language in use."""
    return values.name(code) if code in regions.table().index else translated(code)


def _asked(row: pd.Series, metric: Metric) -> str:
    """What a part asks of the tables, in words."""
    when = period(row["start_month"], row["end_month"])
    if metric.name == "events":
        return _(
            "events on record in {where:place} that mention “{match}”, {when}",
            where=row["subject"],
            match=str(row["match"]),
            when=when,
        )
    what = translated(metric.words)
    if pd.notna(row["match"]):
        match = metric.named(row["match"]) if metric.named else named(row["match"])
        what = _("{what} ({match})", what=what, match=match)
    if pd.isna(row["subject"]):
        return _("{what}, {when}", what=what, when=when)
    return _("{who}, {what}, {when}", who=named(row["subject"]), what=what, when=when)


def _ranked(answer: Answer, unit: str) -> str:
    """A number beside the largest of the others."""
    code, other = max(answer.others, key=lambda pair: pair[1].value)
    own, largest = (
        measured(figures(one.value, beside.value), unit)
        for one, beside in ((answer, other), (other, answer))
    )
    message = (
        _("{value}, more than {other} ({largest})", value=own, other=named(code), largest=largest)
        if answer.value > other.value
        else _("{value}, and {other} has {largest}", value=own, other=named(code), largest=largest)
    )
    return _with_ends(message, answer, other.value)


def _with_ends(said: str, answer: Answer, beside: float) -> str:
    """A number with the ends of its interval."""
    if answer.high - answer.low <= 1e-9 or isinf(answer.high):
        return said
    return _(
        "{value}, between {low} and {high}",
        value=said,
        low=figures(answer.low, beside),
        high=figures(answer.high, beside),
    )


def _answered(row: pd.Series, answer: Answer | Nothing, unit: str) -> str:
    """The tables' answer, in words."""
    if isinstance(answer, Nothing):
        return _("nothing in the tables: {reason}", reason=answer.reason)
    if answer.said:
        return answer.said
    if row["comparison"] == verdicts.FIRST:
        return _ranked(answer, unit)
    wanted = 0.0 if row["comparison"] in verdicts.WITHOUT_VALUE else float(row["value"])
    said = measured(figures(answer.value, wanted), unit)
    if isinf(answer.low):
        return _("{value}, and the interval has no end", value=said)
    if isinf(answer.high):
        if verdicts.outcome(answer, row) == verdicts.OPEN:
            return _("{value}, and there may be more than the table has", value=said)
        return said
    said = _with_ends(said, answer, wanted)
    if str(row["comparison"]).startswith("always"):
        said = _(
            "{value}, by month {low} to {high}",
            value=said,
            low=figures(min(month.low for month in answer.each), wanted),
            high=figures(max(month.high for month in answer.each), wanted),
        )
    return said


def _claimed(row: pd.Series, unit: str) -> str:
    """What a part claims, in words: a slip in a unit shows here."""
    if row["metric"] == "event_dated":
        return _("yes") if row["comparison"] == verdicts.ANY else _("no")
    if row["comparison"] == verdicts.FIRST:
        return _("more than any other")
    if row["comparison"] == verdicts.ANY:
        return _("at least one")
    if row["comparison"] == verdicts.NONE:
        return _("none")
    value = measured(plain(float(row["value"])), unit)
    if row["comparison"] == "equals":
        if pd.isna(row["tolerance"]) or row["tolerance"] == 0:
            return value
        slack = plain(float(row["tolerance"]))
        return _("{value}, give or take {slack}", value=value, slack=slack)
    return {
        "at_least": _("at least {value}", value=value),
        "at_most": _("at most {value}", value=value),
        "always_at_least": _("at least {value} in every month", value=value),
        "always_at_most": _("at most {value} in every month", value=value),
    }[str(row["comparison"])]


def say(row: pd.Series, answer: Answer | Nothing, metric: Metric) -> str:
    """What the tables say on a part, and what was claimed, in words."""
    unit = (answer.unit if isinstance(answer, Answer) else "") or metric.unit
    return _(
        "{asked}: {answered} (claimed: {claimed})",
        asked=_asked(row, metric),
        answered=_answered(row, answer, unit),
        claimed=_claimed(row, unit),
    )


def joined(texts: list[str]) -> str:
    """Several sentences in one cell."""
    return reduce(lambda one, more: _("{one}; {more}", one=one, more=more), texts) if texts else ""
