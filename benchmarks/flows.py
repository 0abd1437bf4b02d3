"""Speed and memory of the flow methods, beside Python Optimal Transport.

    python benchmarks/flows.py          # some minutes; keeps the ratios in benchmarks/results.csv
    python benchmarks/flows.py --quick  # fewer draws; keeps nothing

Times are those of the processor, with one thread for all: other programs on the machine do not count.
How well the intervals cover the truth is measured by ``hashrate-migration fit truth``.

POT (Python Optimal Transport) solves the same problems one by one in a loop, in two ways. `lean`:
its cost matrix is made once, and of each draw it gets only the regions and months in which
something departs or arrives. `plain`: each draw makes its cost matrix from place and lag, as draws
of behaviour need, and hands over all regions and months. Both are told the totals of new and
retired, which make the problem balanced and which only our solution knows.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import time
import tracemalloc

import numpy as np
import ot
import pandas as pd
import results

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.flows.estimators import prior_table, with_returns
from hashrate_migration.flows.transport import Problem, lag_kernel
from hashrate_migration.flows.uncertainty import Assumptions, draw_shares

TOLERANCE = 1e-6


def problem_of(regions: int, months: int) -> Problem:
    """A transport problem with central assumptions."""
    names = [f"R{number}" for number in range(regions)]
    return Problem(
        with_returns(prior_table(None, names), 0.3),
        lag_kernel(np.full(regions, 2.5), 8),
        0.1,
        np.full(regions, 1 / regions),
        months,
    )


def draws_of(stocks: pd.DataFrame, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Departures and arrivals of many draws: region, month, draw."""
    network = stocks.sum(axis=1).to_numpy()
    shares = (stocks.to_numpy() / network[:, None]).T
    drawn = draw_shares(shares, count, Assumptions(), np.random.default_rng(0))
    change = np.diff(drawn * network[:, None], axis=1)
    return np.maximum(-change, 0), np.maximum(change, 0)


def more_regions(stocks: pd.DataFrame, regions: int) -> pd.DataFrame:
    """Stocks of more regions: each is split at random, with its own small movements."""
    generator = np.random.default_rng(1)
    parts = -(-regions // stocks.shape[1])
    weights = generator.dirichlet(np.ones(parts), stocks.shape[1])
    wobble = np.exp(0.05 * generator.standard_normal((len(stocks), stocks.shape[1], parts)))
    split = stocks.to_numpy()[:, :, None] * weights * wobble
    table = split.reshape(len(stocks), -1)[:, :regions]
    return pd.DataFrame(table, stocks.index, [f"R{number}" for number in range(regions)])


def seconds(function, repeats: int = 3) -> float:  # noqa: ANN001
    """Median processor time of several runs."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        function()
        times.append(time.process_time() - begin)
    return float(np.median(times))


def pot_loop(
    problem: Problem,
    departures: np.ndarray,
    arrivals: np.ndarray,
    supply: np.ndarray,
    lean: bool,
) -> tuple[float, float]:
    """Seconds per draw of POT in a loop, and the largest difference from our flows."""
    count, months, draws = departures.shape
    fresh = (problem.new_share[:, None] * supply[:, 0]).ravel()

    def cost_matrix() -> np.ndarray:
        kernel = problem.place[:, None, :, None] * problem.arrive.transpose(1, 0, 2)[None]
        table = np.vstack([kernel.reshape(count * months, count * months), fresh])
        return -np.log(np.maximum(table, 1e-250))

    cost = cost_matrix()
    rows, columns = problem.solve(departures, arrivals, supply, tolerance=1e-11)
    moved = rows * problem.spread(columns)
    new = (problem.new_share[:, None, None] * supply * columns).sum(axis=(0, 1))
    spent, worst = 0.0, 0.0
    for draw in range(draws):
        out = np.append(moved[..., draw].ravel(), new[draw])
        into = arrivals[..., draw].ravel()
        begin = time.process_time()
        total = out.sum()
        if lean:
            keep, met = np.flatnonzero(out > 0), np.flatnonzero(into > 0)
            from_, to, price = out[keep], into[met], cost[np.ix_(keep, met)]
        else:
            # POT divides by the masses, so empty places need a trace of one.
            keep, met = np.arange(len(out)), np.arange(len(into))
            from_, to, price = (
                np.maximum(out, 1e-9 * total),
                np.maximum(into, 1e-9 * total),
                cost_matrix(),
            )
        plan = ot.sinkhorn(
            from_ / from_.sum(),
            to / to.sum(),
            price,
            1.0,
            stopThr=TOLERANCE,
            numItermax=10_000,
            warn=False,
        )
        spent += time.process_time() - begin
        ours = problem.flows(rows[..., draw], columns[..., draw]).reshape(count * months, -1)
        theirs = plan[:-1] * total if keep[-1] == count * months else plan * total
        inside = keep[keep < count * months]
        if lean:
            worst = max(worst, float(np.abs(theirs - ours[np.ix_(inside, met)]).max()))
    return spent / draws, worst


def peak_mib(function) -> float:  # noqa: ANN001
    """Largest memory held while a function runs, MiB."""
    tracemalloc.start()
    function()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


def speed(quick: bool) -> None:
    """Print the tables of speed and memory."""
    stocks = hm.stocks()
    count = 1000 if quick else 10_000
    sample = 50 if quick else 300
    problem = problem_of(stocks.shape[1], len(stocks) - 1)
    departures, arrivals = draws_of(stocks, count)
    supply = np.full((len(stocks) - 1, count), 8.0)

    def ours() -> None:
        problem.solve(departures, arrivals, supply, tolerance=TOLERANCE)

    own = seconds(ours)
    memory = peak_mib(ours)
    cut = slice(0, sample)
    samples = departures[..., cut], arrivals[..., cut], supply[:, cut]
    lean, difference = pot_loop(problem, *samples, lean=True)
    plain, _ = pot_loop(problem, *samples, lean=False)
    whole = seconds(lambda: flows.monte_carlo(stocks, count, 0), repeats=1)
    case = f"{count:,} draws, {len(stocks)} months, {stocks.shape[1]} regions"
    ways = pd.DataFrame(
        [
            ("transport, all draws at once", own, memory),
            (f"POT, lean loop ({sample} draws, scaled)", lean * count, np.nan),
            (f"POT, plain loop ({sample} draws, scaled)", plain * count, np.nan),
            ("`flows.monte_carlo`, drawing and behaviour included", whole, np.nan),
        ],
        columns=["way", "median seconds", "peak_mib"],
    )
    ways["ratio"] = ways["median seconds"] / own
    print(f"\n{case}")
    print(ways.to_string(index=False, float_format="{:.2f}".format, na_rep=""))
    print(f"largest difference from POT (lean) {difference:.1e} EH/s")
    if not quick:
        results.keep("flows", ways, case)

    rows = []
    for regions in (10, 50, 200):
        wide = more_regions(stocks, regions)
        larger = problem_of(regions, len(stocks) - 1)
        for draws in (1, 10, 100) if quick else (1, 100, 1000):
            if regions * draws > 100_000:
                continue
            out, into = draws_of(wide, draws)
            new = np.full((len(stocks) - 1, draws), 8.0)
            took = seconds(
                lambda p=larger, d=out, a=into, s=new: p.solve(d, a, s, tolerance=TOLERANCE)
            )
            rows.append((regions, draws, took, 1000 * took / draws))
    print("\ngrowth with regions and draws")
    table = pd.DataFrame(rows, columns=["regions", "draws", "median seconds", "ms per draw"])
    print(table.to_string(index=False, float_format="{:.3f}".format))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer draws; keeps nothing")
    speed(parser.parse_args().quick)
