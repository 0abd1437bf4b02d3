"""What the benchmarks keep: ratios and memory, with the day and the machine of the measurement."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

RESULTS = Path(__file__).with_name("results.csv")
"""What the README shows, by ``hashrate-migration readme``."""

MEASURED = ["ratio", "peak_mib", "median_draws_per_s", "worst_draws_per_s"]


def machine() -> str:
    """What the processor calls itself."""
    try:
        described = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(x.partition(": ")[2] for x in described if x.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def keep(benchmark: str, ways: pd.DataFrame, case: str) -> None:
    """Keep the rows of a benchmark in place of those that it kept before.

    Parameters
    ----------
    benchmark : str
        Its name.
    ways : DataFrame
        One row per way, with the columns way and those of :data:`MEASURED` that it has.
    case : str
        What was done, in words.
    """
    table = pd.read_csv(RESULTS)
    about = {
        "benchmark": benchmark,
        "case": case,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
    }
    places = {"ratio": 2, "peak_mib": 0, "median_draws_per_s": 3, "worst_draws_per_s": 3}
    new = ways.reindex(columns=["way", *MEASURED]).round(places).assign(**about)
    others = table[table["benchmark"] != benchmark]
    kept = pd.concat([others, new[table.columns]], ignore_index=True)
    kept.to_csv(RESULTS, index=False, lineterminator="\n")
