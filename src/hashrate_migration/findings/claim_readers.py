"""A second reader of the claims, and how far two readers agree.

The second reader gets a sheet with every claim, the rules, what the tables say and what was read, but
no verdict and no outcome. What they decide stands in ``claim_second_coding`` (claim_id, verdict, reason)
and is held against our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.findings import claims
from hashrate_migration.findings.claim_verdicts import JUDGED, RULES, VERDICTS
from hashrate_migration.tables import text
from hashrate_migration.tables.read import load, table_names
from hashrate_migration.words import _, translated

SECOND_CODING = "claim_second_coding"
"""Table of a second reader's verdicts, once there is one."""

COLUMNS = ("claim_id", "verdict", "reason")


def _evidence(own: pd.DataFrame) -> list[str]:
    """What the sheet says of the parts of a claim."""
    lines = []
    for row in own.itertuples():
        if row.metric == JUDGED:
            lines.append(
                _(
                    "part {number}, for a reader. What was read: {reason}",
                    number=row.part,
                    reason=row.reason,
                )
            )
        else:
            lines.append(_("part {number}. {says}", number=row.part, says=row.says))
    notes = own.loc[own["metric"] != JUDGED, "reason"].dropna().unique()
    return [*lines, *(_("note: {note}", note=translated(note)) for note in notes)]


def sheet(table: pd.DataFrame | str | Path | None = None) -> str:
    """A sheet for a second reader: claims, rules and what the tables say, without verdicts.

    Parameters
    ----------
    table : DataFrame or path, optional
        Claims in the form of the table ``claims``; default: that table.

    Returns
    -------
    str
        Markdown.
    """
    parts = claims.parts(table)
    pages = load("sources").set_index("source_id")["url"]
    lines = [
        "# " + _("Claims to be judged a second time"),
        "",
        _(
            "Judge each claim by the rules, from what stands here and from the page that is named, and "
            "from nothing else. Do not look at the verdicts of the project. Write a table with the "
            "columns {columns}, one row for each claim; a verdict is one of: {verdicts}.",
            columns=", ".join(COLUMNS),
            verdicts="; ".join(VERDICTS),
        ),
        "",
        "## " + _("Rules"),
        "",
        *(f"{number}. {translated(rule)}" for number, rule in enumerate(RULES, 1)),
        "",
        "## " + _("Claims"),
    ]
    for claim, own in parts.groupby("claim_id", sort=False):
        lines += ["", f"### {claim}: {claims.worded(own)}", ""]
        lines += [f"- {line}" for line in _evidence(own)]
        page = pages.get(own["source_id"].iloc[0])
        if isinstance(page, str):
            lines.append("- " + _("page: {page}", page=page))
    return "\n".join(lines) + "\n"


def _coded(second: pd.DataFrame | str | Path, known: pd.Series) -> pd.DataFrame:
    """A second reader's verdicts, checked."""
    if isinstance(second, str | Path):
        file = str(second)
        if not Path(second).is_file():
            raise InputError(f"{file}: there is no such file; check the name.")
        second = text.read_csv(Path(second))
    else:
        file = f"{SECOND_CODING}.csv"
        second = second.reset_index(drop=True)
    if missing := [name for name in COLUMNS if name not in second]:
        raise InputError(
            f"{file}: the column {missing[0]} is missing; it has the columns {', '.join(COLUMNS)}."
        )
    seen: set[str] = set()
    for line, row in second.iterrows():
        where = f"{file}, row {int(str(line)) + 2}"
        claim, verdict = str(row["claim_id"]), str(row["verdict"])
        if claim not in set(known):
            raise InputError(
                f"{where}: claim_id {claim!r} is no claim{text.nearest(claim, known)}; the claims go "
                f"from {known.iloc[0]} to {known.iloc[-1]}."
            )
        if claim in seen:
            raise InputError(f"{where}: {claim} is judged twice; leave one of the two.")
        if verdict not in VERDICTS:
            raise InputError(
                f"{where}: verdict {verdict!r} is unknown; choose one of {', '.join(VERDICTS)}."
            )
        seen.add(claim)
    if left := [claim for claim in known if claim not in seen]:
        raise InputError(f"{file}: {left[0]} is not judged; add a row for each claim.")
    return second[[*COLUMNS]].astype(object)


@dataclass(frozen=True)
class Agreement:
    """How far two readers agree.

    Attributes
    ----------
    claims, same : int
        Claims, and those with the same verdict.
    kappa : float
        Cohen's kappa (1960): agreement beyond that of two readers who hand out their verdicts at
        random, each as often as they did; 1 if they agree on all.
    table : DataFrame
        Columns claim_id, claim, how, first_verdict, second_verdict, first_reason and second_reason.
    """

    claims: int
    same: int
    kappa: float
    table: pd.DataFrame

    @property
    def share_pct(self) -> float:
        """Percent of the claims with the same verdict."""
        return 100 * self.same / self.claims


def agreement(
    second: pd.DataFrame | str | Path, table: pd.DataFrame | str | Path | None = None
) -> Agreement:
    """How far a second reader agrees with our verdicts.

    Parameters
    ----------
    second : DataFrame or path
        Verdicts of the second reader, with the columns claim_id, verdict and reason.
    table : DataFrame or path, optional
        The claims; default: the table ``claims``.

    Raises
    ------
    InputError
        Naming the row of a claim or verdict that is unknown, and claims that are not judged.
    """
    first = claims.check(table)
    coded = _coded(second, first["claim_id"])
    both = first[["claim_id", "claim", "how", "verdict", "reason", "tables_say"]].merge(
        coded, on="claim_id", suffixes=("", "_second")
    )
    # Where the tables decide, what they say is the reason.
    both["first_reason"] = both["tables_say"].where(both["tables_say"] != "", both["reason"])
    both = both.rename(
        columns={
            "verdict": "first_verdict",
            "verdict_second": "second_verdict",
            "reason_second": "second_reason",
        }
    )
    same = both["first_verdict"] == both["second_verdict"]
    often = [
        both[name].value_counts(normalize=True) for name in ("first_verdict", "second_verdict")
    ]
    by_chance = float(often[0].mul(often[1], fill_value=0).sum())
    observed = float(same.mean())
    columns = ["claim_id", "claim", "how", "first_verdict", "second_verdict"]
    return Agreement(
        claims=len(both),
        same=int(same.sum()),
        kappa=1.0 if by_chance == 1 else (observed - by_chance) / (1 - by_chance),
        table=both[[*columns, "first_reason", "second_reason"]],
    )


def kept_agreement() -> Agreement | None:
    """Agreement with the second reader whose verdicts are kept in ``data/``; None if there is none."""
    return agreement(load(SECOND_CODING)) if SECOND_CODING in table_names() else None
