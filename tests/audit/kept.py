"""What the audit found, kept for the README."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

RESULTS = Path(__file__).parents[2] / "benchmarks" / "audit.csv"


def keep(check: str, part: str, tried: int, held: int) -> None:
    """Put one line of the audit in the place of its older one.

    Parameters
    ----------
    check, part : str
        What was tried, and on what.
    tried, held : int
        How many cases, and how many came out as they should.
    """
    table = pd.read_csv(RESULTS) if RESULTS.is_file() else pd.DataFrame()
    row = {"check": check, "part": part, "tried": tried, "held": held}
    new = pd.DataFrame([{**row, "date": date.today().isoformat()}])
    both = pd.concat([table, new]).drop_duplicates(["check", "part"], keep="last")
    both.sort_values(["check", "part"], kind="stable").to_csv(
        RESULTS, index=False, lineterminator="\n"
    )
