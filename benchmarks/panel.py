"""Speed and memory of the country panel: fitting it, by number of countries, and reading the kept one.

    python benchmarks/panel.py          # long; keeps what it measures in benchmarks/results.csv
    python benchmarks/panel.py --quick  # few countries, months and draws; keeps nothing

Each fit runs in a process of its own, on one thread, and sees a simulated world like the real data:
shares that walk, a ban that empties the largest country, a monthly map of the ten largest countries
for thirty months, and a quarterly list of the ten largest since, both whole, with a remainder for
everybody else. Times are those of the processor and hold all that a user waits for, compiling too;
how well chains of so few draws mix is only told by their effective draws (bulk, as ArviZ computes
them), the worst and the median of all published shares.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import argparse
import multiprocessing
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import results
from scipy.special import logit, softmax

COUNTRIES, MONTHS, CHAINS, WARMUP, DRAWS = (25, 50, 100), 164, 1, 100, 100
QUICK = (6,), 164, 1, 4, 4
"""Countries of each fit, months, chains, steps of warm-up and draws."""

STEP, BANNED_LOSS = 0.1, (3.0, 1.5)
"""Standard deviation of a month's step of the log share; what the ban takes from the log share of the
largest country, and what of that comes back."""

NAMED, LIST_EVERY = 10, 3
"""Countries that map and lists name; months from a list to the next."""

ERROR_SD, OFFSET_SD, PRINTED_SD, TAIL_DF = 0.12, {"map": 0.1, "vendor": 0.2}, 0.01, 4.0
"""Errors of figures, as of the kinds ``pool_sample`` and ``vendor``."""


def truth(countries: int, months: pd.DatetimeIndex) -> tuple[list[str], np.ndarray]:
    """Codes and shares, month x code, of a simulated world."""
    random = np.random.default_rng(countries)
    codes = ["CHN", *(f"C{number:02d}" for number in range(1, countries)), "OTH"]
    logs = random.normal(0, 1.2, countries + 1)
    # The banned country holds most of the network, as the chain's limit on it wants.
    logs[0] = logs.max() + np.log(countries)
    paths = logs + random.normal(0, STEP, (len(months), countries + 1)).cumsum(axis=0)
    away, back = BANNED_LOSS
    paths[:, 0] -= away * (months >= "2021-06-01") - back * (months >= "2021-09-01")
    return codes, softmax(paths, axis=1)


def listing(
    family: str,
    month: pd.Timestamp,
    codes: list[str],
    shares: np.ndarray,
    random: np.random.Generator,
) -> list[dict[str, object]]:
    """Rows of a whole list of the largest: its figures, and what it leaves over."""
    largest = np.argsort(-shares[:-1])[:NAMED]
    members = [*([place] for place in largest), np.setdiff1d(np.arange(len(codes)), largest)]
    seen = np.array([shares[own].sum() for own in members])
    seen = seen * np.exp(random.normal(0, ERROR_SD, len(seen)))
    list_id = f"{family}-{month:%Y-%m}"
    return [
        {
            "estimate_id": f"{list_id}-{number}",
            "month": month,
            "start_month": month,
            "end_month": month,
            "members": "+".join(codes[place] for place in own),
            "kind": family,
            "family": family,
            "list_id": list_id,
            "listed": "+".join(codes),
            "reads": "share",
            "share_pct": 100 * share,
            "log_odds": logit(share),
            "printed_sd": PRINTED_SD,
            "error_sd": ERROR_SD,
            "offset_sd": OFFSET_SD[family],
            "tail_df": TAIL_DF,
        }
        for number, (own, share) in enumerate(zip(members, seen / seen.sum(), strict=True))
    ]


def world(countries: int, length: int) -> tuple[pd.DataFrame, pd.DatetimeIndex, list[str]]:
    """Estimates, months and codes of a simulated world."""
    months = pd.date_range("2013-01-01", periods=length, freq="MS")
    codes, shares = truth(countries, months)
    random = np.random.default_rng(1000 + countries)
    mapped = np.flatnonzero((months >= "2019-08-01") & (months < "2022-02-01"))
    listed = np.flatnonzero(months >= "2022-04-01")[::LIST_EVERY]
    rows = []
    for family, places in (("map", mapped), ("vendor", listed)):
        for place in places:
            rows += listing(family, months[place], codes, shares[place], random)
    return pd.DataFrame(rows), months, codes


def fit(
    countries: int, length: int, chains: int, warmup: int, draws: int
) -> tuple[float, float, float, float]:
    """Processor seconds, peak memory (MiB), and the median and the fewest effective draws of a fit."""
    import arviz

    from hashrate_migration.country_panel import posterior

    rows, months, codes = world(countries, length)
    begin = time.process_time()
    found = posterior.sample(
        rows, months, codes, chains=chains, warmup=warmup, draws=draws, pilot=0
    )
    took = time.process_time() - begin
    # Kibibytes on Linux.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    shares = found.shares.reshape(chains, draws, length, len(codes))
    effective = arviz.ess(arviz.convert_to_dataset({"share": shares}), method="bulk")
    numbers = effective["share"].to_numpy()
    return took, peak, float(np.nanmedian(numbers)), float(np.nanmin(numbers))


READ = """\
import time
import pandas
begun = time.process_time()
import hashrate_migration as hm
hm.panel()
first = time.process_time()
hm.panel()
print(begun, first - begun, time.process_time() - first)
"""


def read() -> list[float]:
    """Processor seconds of ``import pandas``, of the first ``hm.panel()`` beyond it, of a second."""
    runs = [
        subprocess.run([sys.executable, "-c", READ], check=True, capture_output=True, text=True)
        for _ in range(3)
    ]
    return np.median([[float(x) for x in run.stdout.split()] for run in runs], axis=0).tolist()


def main(quick: bool) -> None:
    """Measure; print seconds, keep ratios."""
    sizes, length, *steps = QUICK if quick else (COUNTRIES, MONTHS, CHAINS, WARMUP, DRAWS)
    context = multiprocessing.get_context("spawn")
    found = []
    for countries in sizes:
        with context.Pool(1) as pool:
            found.append(pool.apply(fit, (countries, length, *steps)))
        print(
            "{} countries: {:.1f} s, {:.0f} MiB, effective draws {:.0f}, at least {:.0f}".format(
                countries, *found[-1]
            ),
            flush=True,
        )
    seconds, peak, median, worst = np.array(found).T
    fits = pd.DataFrame(
        {
            "way": [f"fit, {countries} countries" for countries in sizes],
            "ratio": seconds / seconds[0],
            "peak_mib": peak,
            "median_draws_per_s": median / seconds,
            "worst_draws_per_s": worst / seconds,
        }
    )
    pandas, first, second = read()
    print(f"import pandas {pandas:.2f} s, hm.panel() {first:.3f} s, again {second:.4f} s")
    ways = ["`import pandas`", "first `hm.panel()` after it", "second `hm.panel()`"]
    reading = pd.DataFrame({"way": ways, "ratio": np.array([pandas, first, second]) / pandas})
    print(pd.concat([fits, reading], ignore_index=True).to_string(index=False, na_rep=""))
    chains, warmup, draws = steps
    case = (
        f"{length} months, {chains} chain of {warmup} steps of warm-up and {draws} draws; the fits "
        "beside the smallest, reading the kept panel beside `import pandas`"
    )
    if not quick:
        results.keep("panel", pd.concat([fits, reading], ignore_index=True), case)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small; keeps nothing")
    main(parser.parse_args().quick)
