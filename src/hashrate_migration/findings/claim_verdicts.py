"""From what tables answer to a verdict: the rules, written down and applied as written."""

from __future__ import annotations

from math import inf

import pandas as pd

from hashrate_migration.findings.claim_answers import Answer, Nothing
from hashrate_migration.words import N_

SUPPORTED, PARTLY, CONTRADICTED, UNDECIDED = (
    N_("supported"),
    N_("partly"),
    N_("contradicted"),
    N_("cannot be decided"),
)
VERDICTS = (SUPPORTED, PARTLY, CONTRADICTED, UNDECIDED)

BY_TABLES, BOTH, JUDGED = N_("tables"), N_("tables and a reader"), N_("judged")
"""How a verdict came about; ``judged`` stands in the place of a metric too."""

HOLDS, SOME, FAILS, OPEN = "holds", "some", "fails", "open"
"""What came of a part of a claim; ``some``: a statement on every month that some months meet."""

JUDGEMENTS = {SUPPORTED: HOLDS, PARTLY: SOME, CONTRADICTED: FAILS, UNDECIDED: OPEN}
"""A reader's verdict as the outcome of a part."""

ANY, NONE, FIRST = "any", "none", "ranks_first"
"""Comparisons that claim no number: that there is one, that there is none, that nobody has more."""

WITHOUT_VALUE = (ANY, NONE, FIRST)

_LAST_DIGIT = 1e-9
"""Relative; 18.31 - 7.37 is 10.94 but for the last digit of a float, and no claim turns on that."""

RULES = (
    N_(
        "A statement is taken apart. Each part is one question with one comparison, and asks what the "
        "statement says: a rank where it says *above all*, a way of growing where it names one, a date "
        "where it says when. Where it names no number, this project sets the least that it can mean; "
        "that stands beside every answer."
    ),
    N_(
        "A part that asks a table holds or fails if it does so over the whole interval of the answer. "
        "It is open if the interval lies on both sides, or if the table does not cover the whole "
        "period. A statement on every month that some months meet and others do not is right in part."
    ),
    N_(
        "Who comes first is first if the whole of its interval lies above those of all others, and not "
        "first if it lies below one of them."
    ),
    N_(
        "Events, counts of machines and searches are not complete. What they hold is there; what they "
        "lack is open, unless the search went through the whole of what is asked about."
    ),
    N_(
        "A reader finds that a part holds only if a page that was read says so, and that it fails only "
        "if a page says what cannot be true together with it. That nothing was found contradicts "
        "nothing; that a thing was forbidden does not show that nobody did it. Such a part is open."
    ),
    N_(
        "That one thing made another happen is held only where a source has measured the effect. That "
        "one came after the other leaves it open."
    ),
    N_(
        "Of a part that is right in one respect and wrong in another, a reader says that it is right in "
        "part. A forecast is judged by what has come to pass since."
    ),
    N_(
        "A claim is *supported* if all its parts hold, and *partly* right if some do or if one is right "
        "in part. It is *contradicted* if none is known to hold and one fails: whoever says several "
        "things says all of them. It *cannot be decided* if every part is open."
    ),
    N_(
        "The tables decide a claim if every part asks a table of measurements. Which dated event, or "
        "which search, a statement speaks of is a reader's choice, and so is every match of words in "
        "titles that this project wrote: such parts count as judged."
    ),
)
"""How a verdict is reached, for readers, second coders and this module alike."""


def compared(answer: Answer, kind: str, wanted: float, slack: float) -> str:
    """Whether an interval lies within what is claimed, apart from it, or across its ends."""
    least = -inf if kind == "at_most" else wanted - slack
    most = inf if kind == "at_least" else wanted + slack
    if least <= answer.low and answer.high <= most:
        return HOLDS
    return FAILS if answer.high < least or answer.low > most else OPEN


def _first(answer: Answer) -> str:
    """Whether a subject has more than all others."""
    others = [other for _code, other in answer.others]
    if all(answer.low > other.high for other in others):
        return HOLDS
    return FAILS if any(answer.high < other.low for other in others) else OPEN


def outcome(answer: Answer | Nothing, row: pd.Series) -> str:
    """What came of a part that asked the tables."""
    if isinstance(answer, Nothing):
        return OPEN
    kind = str(row["comparison"])
    if kind == FIRST:
        return _first(answer)
    if kind == ANY:
        return compared(answer, "at_least", 1.0, 0.0)
    if kind == NONE:
        return compared(answer, "at_most", 0.0, 0.0)
    wanted = float(row["value"])
    slack = 0.0 if pd.isna(row["tolerance"]) else float(row["tolerance"])
    slack += _LAST_DIGIT * max(1.0, abs(wanted))
    if not kind.startswith("always"):
        return compared(answer, kind, wanted, slack)
    kind = kind.removeprefix("always_")
    came_to = {compared(month, kind, wanted, slack) for month in answer.each}
    if len(came_to) == 1:
        return came_to.pop()
    # Some months meet it and some do not, whatever the open ones do; else it is not known.
    return SOME if came_to >= {HOLDS, FAILS} else OPEN


def verdict(outcomes: list[str]) -> str:
    """What the outcomes of its parts make of a claim."""
    if all(part == HOLDS for part in outcomes):
        return SUPPORTED
    if any(part in (HOLDS, SOME) for part in outcomes):
        return PARTLY
    return CONTRADICTED if FAILS in outcomes else UNDECIDED
