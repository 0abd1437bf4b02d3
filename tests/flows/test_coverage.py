from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows import coverage, worlds


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17: 857-872, table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(hits, count, low, high):
    assert coverage.wilson(hits / count, count) == pytest.approx((low, high), abs=5e-5)


def test_answers_that_always_agree_within_a_world_count_once():
    held = np.repeat([True, False, True, True, False, True], 5)
    world = np.repeat(np.arange(6), 5)
    # With six clusters the variance of their mean is p(1-p)/5, not /6.
    assert coverage.effective_count(held, world) == pytest.approx(5)
    assert coverage.effective_count(held[::5], world[::5]) == pytest.approx(5)
    # Where each world has the same rate, answers lose nothing by sharing one.
    assert coverage.effective_count(np.tile([True, False], 10), np.repeat(np.arange(10), 2)) == 20
    assert coverage.effective_count(np.ones(12, dtype=bool), np.repeat(np.arange(4), 3)) == 4


def test_independent_answers_count_almost_fully():
    generator = np.random.default_rng(0)
    held = generator.uniform(size=2000) < 0.8
    count = coverage.effective_count(held, np.repeat(np.arange(400), 5))
    assert 1600 < count <= 2000


def rows(kind: str, world: int, figure: str, true: float, interval: tuple, limits: tuple) -> dict:
    ends = ["low_ehs", "median_ehs", "high_ehs", "bounds_low_ehs", "bounds_high_ehs"]
    said = {"kind": kind, "world": world, "figure": figure, "departed_ehs": 50.0, "true_ehs": true}
    return said | dict(zip(ends, [*interval, *limits], strict=True))


def test_a_row_sums_up_its_worlds():
    table = pd.DataFrame(
        [
            rows("slow", 0, "back", 4.0, (1, 3, 6), (0, 10)),  # held; width 10 percent
            rows("slow", 1, "back", 9.0, (1, 3, 6), (0, 4)),  # missed, and outside the bounds
            rows("slow", 2, "back", 5.0, (5, 6, 9), (5, 8)),  # held at the end; wider than bounds
            rows("slow", 0, "departed", 50.0, (40, 45, 49), (np.nan, np.nan)),
        ]
    )
    found = coverage.summary(table).set_index("figure")
    back = found.loc["back"]
    assert back["kind"] == "slow"
    assert (back["worlds"], back["answers"]) == (3, 3)
    assert back["coverage_pct"] == pytest.approx(100 * 2 / 3)
    low, high = coverage.wilson(2 / 3, 2)
    assert back["coverage_low_pct"] == pytest.approx(100 * low)
    assert back["coverage_high_pct"] == pytest.approx(100 * high)
    assert back["error_pct"] == pytest.approx(-2.0)
    assert back["width_pct"] == pytest.approx(10)
    assert back["bounds_width_pct"] == pytest.approx(8)
    assert back["bounds_coverage_pct"] == pytest.approx(100 * 2 / 3)
    assert back["wider_than_bounds_pct"] == pytest.approx(100 * 2 / 3)
    departed = found.loc["departed"]
    assert departed["coverage_pct"] == 0
    assert departed["bounds_width_pct"] != departed["bounds_width_pct"]
    assert departed["wider_than_bounds_pct"] != departed["wider_than_bounds_pct"]


def test_the_table_is_what_anyone_would_compute_with_the_public_call():
    kind, draws = "sold", 30
    hits = {figure: [] for figure in coverage.FIGURES}
    for seed in (5, 6):
        world = worlds.make(kind, seed)
        start, end = world.window
        found = flows.monte_carlo(
            *(world.observed, draws, seed),
            origin=world.home,
            start=start,
            end=end,
            assumptions=flows.Assumptions(
                home=world.home, proxies=world.proxies, proxy_share=(0.0, 0.9)
            ),
        )
        own = found.pairs.set_index(["origin", "destination"]).loc["HOME"]
        true = world.pairs.loc["HOME"]
        held = (own["low_ehs"] <= true) & (true <= own["high_ehs"])
        hits["pairs"] += list(held[world.abroad])
        hits["marked"].append(held[world.marked])
        said = found.headlines.set_index("figure")
        parts = {
            "abroad": true[world.abroad].sum(),
            "back": true["HOME"],
            "departed": true.sum(),
            "retired": true["retired"],
        }
        for figure, value in parts.items():
            hits[figure].append(said.loc[figure, "low"] <= value <= said.loc[figure, "high"])
    table = coverage.truth_table([kind], worlds=2, draws=draws, seed=5).set_index("figure")
    assert set(table.index) == set(coverage.FIGURES)
    for figure, held in hits.items():
        assert table.loc[figure, "coverage_pct"] == pytest.approx(100 * np.mean(held))
        assert table.loc[figure, "answers"] == len(held)
    assert (table["width_pct"] > 0).all()


def test_bounds_are_those_of_the_map():
    table = coverage.answers("shrinking", 1, draws=5).set_index(["figure", "destination"])
    world = worlds.make("shrinking", 1)
    start, end = world.window
    for key, to in {("abroad", ""): None, ("back", ""): "HOME", ("pairs", "C1"): "C1"}.items():
        limits = flows.bounds(world.observed, "HOME", to, start=start, end=end)
        row = table.loc[key]
        assert row["bounds_low_ehs"] == pytest.approx(limits["low_ehs"])
        assert row["bounds_high_ehs"] == pytest.approx(limits["high_ehs"])
    same = table.loc[("marked", world.marked)], table.loc[("pairs", world.marked)]
    pd.testing.assert_series_equal(*same, check_names=False)
    assert table.loc[("departed", ""), ["bounds_low_ehs", "bounds_high_ehs"]].isna().all()


def test_processes_and_a_cluster_give_the_same_table():
    from distributed import Client, LocalCluster

    options = {"kinds": ["as usual", "slow"], "worlds": 1, "draws": 10, "seed": 3}
    here = coverage.truth_table(**options)
    pd.testing.assert_frame_equal(coverage.truth_table(**options, jobs=2), here)
    cluster = LocalCluster(n_workers=1, processes=False, dashboard_address=None)
    with cluster, Client(cluster) as client:
        there = coverage.truth_table(**options, client=client)
    pd.testing.assert_frame_equal(there, here)
    assert list(dict.fromkeys(here["kind"])) == ["as usual", "slow"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kinds": ["as feared"]}, "^kinds = 'as feared' is unknown; choose one of as usual, slow"),
        ({"kinds": "slow"}, "^kinds = 'slow' is not a list of names"),
        ({"worlds": 0}, "^worlds = 0 is not a whole number of 1 or more.$"),
        ({"draws": 0}, "^draws = 0 is not a whole number"),
        ({"seed": -1}, "^seed = -1 is not a whole number"),
        ({"jobs": 0}, "^jobs = 0 is not a whole number of 1 or more.$"),
        ({"proxy_share": (0.5, 2)}, "^proxy_share = 2.0 must lie between 0 and 1.$"),
        ({"proxy_share": (0.5, 0.2)}, "^proxy_share = .* must be .lowest, highest"),
        ({"client": "here"}, "^client = 'here' is no Dask client; give one or None.$"),
    ],
)
def test_bad_input(options, sentence):
    with pytest.raises(InputError, match=sentence):
        coverage.truth_table(**options)
