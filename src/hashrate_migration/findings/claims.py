"""Claims held against the tables.

A claim is one or more rows of a table in the form of ``claims``: what the tables are asked (metric,
subject, match, months) and how their answer is to compare (comparison, value, tolerance). No
verdict is typed in where a check can compute it. :func:`metrics` lists what can be asked; a new
question is one more :class:`Metric` in :mod:`hashrate_migration.findings.claim_metrics`.

An answer may be a number or an interval (shares of the panel; flows; electricity, by the bounds of
power; events, searches and counts of machines, of which there may be more than the table has). What
makes a verdict of answers stands in :data:`RULES`, which are applied as they are written
(:mod:`hashrate_migration.findings.claim_verdicts`).
"""

from __future__ import annotations

import json
from math import isfinite
from numbers import Integral, Real
from pathlib import Path

import pandas as pd

from hashrate_migration.findings import claim_files
from hashrate_migration.findings.claim_answers import Answer, Nothing
from hashrate_migration.findings.claim_files import EXAMPLE
from hashrate_migration.findings.claim_metrics import METRICS, Metric, metrics
from hashrate_migration.findings.claim_verdicts import (
    ANY,
    BOTH,
    BY_TABLES,
    CONTRADICTED,
    FAILS,
    FIRST,
    HOLDS,
    JUDGED,
    JUDGEMENTS,
    NONE,
    OPEN,
    PARTLY,
    RULES,
    SOME,
    SUPPORTED,
    UNDECIDED,
    VERDICTS,
    outcome,
    verdict,
)
from hashrate_migration.findings.claim_words import joined, period, say
from hashrate_migration.words import language

__all__ = [
    "BOTH",
    "BY_TABLES",
    "CONTRADICTED",
    "EXAMPLE",
    "FAILS",
    "HOLDS",
    "JUDGED",
    "METRICS",
    "OPEN",
    "PARTLY",
    "RULES",
    "SOME",
    "SUPPORTED",
    "UNDECIDED",
    "VERDICTS",
    "Answer",
    "Metric",
    "Nothing",
    "as_json",
    "check",
    "comparisons",
    "joined_parts",
    "metrics",
    "parts",
    "period",
    "worded",
]


def parts(table: pd.DataFrame | str | Path | None = None) -> pd.DataFrame:
    """What came of each part of each claim.

    Parameters
    ----------
    table : DataFrame or path, optional
        Claims in the form of the table ``claims``; default: that table.

    Returns
    -------
    DataFrame
        The rows of claims with the columns low, answer and high (what the tables say; missing if
        they say nothing), says (that in words) and outcome (``holds``, ``some``, ``fails`` or
        ``open``).

    Raises
    ------
    InputError
        Naming the file and row of a claim that cannot be read.
    """
    rows = claim_files.rows(table)
    found: list[dict[str, float | str]] = []
    for _line, row in rows.iterrows():
        if row["metric"] == JUDGED:
            found.append({"says": "", "outcome": JUDGEMENTS[str(row["verdict"])]})
            continue
        metric = METRICS[row["metric"]]
        answer = metric.answer(row)
        came_to: dict[str, float | str] = {
            "says": say(row, answer, metric),
            "outcome": outcome(answer, row),
        }
        if isinstance(answer, Answer):
            came_to |= {"low": answer.low, "answer": answer.value, "high": answer.high}
        found.append(came_to)
    columns = ["low", "answer", "high", "says", "outcome"]
    return rows.join(pd.DataFrame(found, index=rows.index).reindex(columns=columns))


def _how(asked: pd.Series) -> str:
    """Who decided a claim with these metrics."""
    read = [metric == JUDGED or METRICS[metric].read for metric in asked]
    return JUDGED if all(read) else BOTH if any(read) else BY_TABLES


def worded(own: pd.DataFrame) -> str:
    """A claim in the language in use, as far as its table has it."""
    chinese = own["claim_zh"].iloc[0]
    return str(chinese if language() == "zh" and pd.notna(chinese) else own["claim"].iloc[0])


def check(table: pd.DataFrame | str | Path | None = None) -> pd.DataFrame:
    """Verdicts on claims.

    Parameters
    ----------
    table : DataFrame or path, optional
        Claims in the form of the table ``claims``; default: that table.

    Returns
    -------
    DataFrame
        One row per claim: claim_id, claim (in the language in use), verdict, tables_say (what each
        part came to), how (``tables``, ``judged``, or both), reason and source_id.

    Raises
    ------
    InputError
        Naming the file and row of a claim that cannot be read, or the file if it holds none.
    """
    return joined_parts(parts(table))


def joined_parts(found: pd.DataFrame) -> pd.DataFrame:
    """Verdicts on claims from what came of their parts: :func:`check` of what :func:`parts` gave."""
    results = []
    for claim, own in found.groupby("claim_id", sort=False):
        results.append(
            {
                "claim_id": claim,
                "claim": worded(own),
                "verdict": verdict(own["outcome"].tolist()),
                "tables_say": joined(own.loc[own["metric"] != JUDGED, "says"].tolist()),
                "how": _how(own["metric"]),
                "reason": joined(own["reason"].dropna().unique().tolist()),
                "source_id": own["source_id"].iloc[0],
            }
        )
    return pd.DataFrame(results)


_PART = ("part", "metric", "subject", "match", "start_month", "end_month", "comparison", "value")


def _plain(value: object) -> object:
    """A value as JSON has it: months as text, and nothing for what is missing or without end."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m}"
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if isfinite(float(value)) else None
    return None if pd.isna(value) else str(value)


def as_json(found: pd.DataFrame, chosen: list[str] | None = None) -> str:
    """Verdicts with the parts that they come of, as JSON.

    Parameters
    ----------
    found : DataFrame
        From :func:`parts`.
    chosen : list of str, optional
        Only these claims.

    Returns
    -------
    str
        A list of claims: claim_id, claim, verdict, how, reason, source_id, and parts, each with what was
        asked and claimed, low, answer and high (null if the tables say nothing, or have no upper end),
        says and outcome.
    """
    told = []
    for row in joined_parts(found).drop(columns="tables_say").to_dict("records"):
        if chosen is not None and row["claim_id"] not in chosen:
            continue
        own = found[found["claim_id"] == row["claim_id"]]
        names = [*_PART, "tolerance", "low", "answer", "high", "says", "outcome"]
        parts_of = [{name: _plain(part[name]) for name in names} for part in own.to_dict("records")]
        told.append({name: _plain(value) for name, value in row.items()} | {"parts": parts_of})
    return json.dumps(told, ensure_ascii=False, indent=2)


def comparisons(metric: Metric) -> list[str]:
    """How an answer to a metric may be compared with what is claimed."""
    kinds = ["equals", "at_least", "at_most"]
    if metric.monthly:
        kinds += ["always_at_least", "always_at_most"]
    if metric.counts:
        kinds += [ANY, NONE]
    return [*kinds, FIRST] if metric.ranked else kinds
