"""Speed and memory of the country panel, and how both grow with the number of countries.

    python benchmarks/panel.py

Each size runs in a process of its own: 164 months, shares that walk, a monthly sample of all
countries for 29 months and a quarterly list of ten for the last five years, as in the real data.
Threads of the linear algebra are held to two.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_NUM_THREADS", "2")

import multiprocessing
import resource
import time

import numpy as np
import pandas as pd
from scipy.special import logit, softmax

MONTHS = 164
DRAWS = 1000


def world(countries: int) -> tuple[pd.DataFrame, list[str], pd.DatetimeIndex]:
    """Estimates of a simulated world."""
    random = np.random.default_rng(countries)
    codes = [f"C{number:02d}" for number in range(countries)] + ["OTH"]
    months = pd.date_range("2013-01-01", periods=MONTHS, freq="MS")
    logs = random.normal(0, 1.5, countries + 1)
    steps = random.normal(0, 0.1, (MONTHS, countries + 1))
    truth = softmax(logs + np.cumsum(steps, axis=0), axis=1)
    seen = [(t, c, "pool_sample", 0.12, 0.0) for t in range(80, 109) for c in range(countries + 1)]
    largest = np.argsort(-truth[-1])[:10]
    seen += [(t, c, "vendor", 0.12, 0.2) for t in range(110, MONTHS, 3) for c in largest]
    rows = pd.DataFrame(
        {
            "month": [months[t] for t, *_ in seen],
            "members": [codes[c] for _, c, *_ in seen],
            "kind": [kind for _, _, kind, *_ in seen],
            "share_pct": [100 * truth[t, c] for t, c, *_ in seen],
            "log_odds": [
                logit(truth[t, c]) + random.normal(0, error) for t, c, _, error, _ in seen
            ],
            "error_sd": [error for *_, error, _ in seen],
            "offset_sd": [offset for *_, offset in seen],
            "drift_sd": 0.005,
        }
    )
    return rows, codes, months


def measure(countries: int) -> tuple[int, int, float, float, float]:
    """Seconds to smooth and to draw, and megabytes at the most beyond what was loaded."""
    from hashrate_migration.country_panel.state_space import smooth

    rows, codes, months = world(countries)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    path = smooth(rows, codes, months, 0.2, 0.6, pd.DatetimeIndex([]))
    smoothed = time.perf_counter()
    path.draw(DRAWS, 0)
    drawn = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return countries, len(rows), smoothed - start, drawn - smoothed, (peak - before) / 1024


def main() -> None:
    """Measure sizes from 5 to 60 countries."""
    context = multiprocessing.get_context("spawn")
    print(f"{MONTHS} months; {DRAWS} draws; best of three")
    print("countries  estimates  fit and smooth (s)  draws (s)  memory (MB)")
    for countries in (5, 10, 20, 30, 60):
        with context.Pool(1, maxtasksperchild=1) as pool:
            runs = [pool.apply(measure, (countries,)) for _ in range(3)]
        seconds, draws = min(run[2] for run in runs), min(run[3] for run in runs)
        print(
            f"{countries:9d}  {runs[0][1]:9d}  {seconds:18.2f}  {draws:9.2f}  "
            f"{max(run[4] for run in runs):11.0f}"
        )


if __name__ == "__main__":
    main()
