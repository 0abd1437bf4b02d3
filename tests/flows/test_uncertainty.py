from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows.drawn_stocks import summer_ranges
from hashrate_migration.flows.uncertainty import BLOCK, ENOUGH, HEADLINES, LIMIT, scenario

STOCKS = hm.stocks("2021-01", "2022-01")
OPTIONS = {"start": "2021-06", "end": "2021-08"}
GOOD = pd.DataFrame(
    {"A": [10.0, 4, 5], "B": [5.0, 9, 9]}, pd.date_range("2021-01-01", periods=3, freq="MS")
)


@pytest.fixture(scope="module")
def real():
    """The real map."""
    return flows.monte_carlo(STOCKS, 5 * BLOCK, 0, **OPTIONS)


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    one, two, other = (flows.monte_carlo(GOOD, 40, seed, origin="A") for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.samples, two.samples)
    assert not np.allclose(one.samples, other.samples)


def test_more_draws_begin_with_the_same_ones(real):
    few = flows.monte_carlo(STOCKS, BLOCK + 7, 0, **OPTIONS).samples
    pd.testing.assert_frame_equal(few, real.samples.head(BLOCK + 7))


def test_a_dask_cluster_gives_the_same_numbers():
    from distributed import Client, LocalCluster

    here = flows.monte_carlo(GOOD, BLOCK + 3, 4, origin="A")
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        there = flows.monte_carlo(GOOD, BLOCK + 3, 4, origin="A", client=client)
    pd.testing.assert_frame_equal(here.samples, there.samples, check_exact=True)
    pd.testing.assert_frame_equal(here.pairs, there.pairs, check_exact=True)


def test_intervals_are_ordered_and_headlines_add_up(real):
    for table, ending in ((real.pairs, "_ehs"), (real.headlines, "")):
        assert (table[f"low{ending}"] <= table[f"median{ending}"]).all()
        assert (table[f"median{ending}"] <= table[f"high{ending}"]).all()
    samples = real.samples
    np.testing.assert_allclose(
        samples[["abroad", "back", "retired"]].sum(axis=1), samples["departed"]
    )
    received = samples[[c for c in STOCKS if c != "CHN"]].sum(axis=1)
    np.testing.assert_allclose(received, samples["abroad"])


def test_means_add_up(real):
    means = real.headlines.set_index("figure")["mean"]
    assert means[["abroad", "back", "retired"]].sum() == pytest.approx(means["departed"])
    own = real.pairs[real.pairs["origin"] == "CHN"].set_index("destination")["mean_ehs"]
    assert own.sum() == pytest.approx(means["departed"])
    assert own["CHN"] == pytest.approx(means["back"])


def test_new_machines_lie_within_the_supply_assumed():
    went = {}
    for name in ("low", "high"):
        low, high = scenario(name)
        a = flows.Assumptions(supply_ehs=(low, high))
        found = flows.monte_carlo(STOCKS, 4 * BLOCK, 0, assumptions=a, **OPTIONS)
        inside = found.samples["new_ehs"].between(0.98 * low, 1.02 * high)
        assert found.weights[inside].sum() > 0.9
        went[name] = found.headlines.set_index("figure").loc["abroad", "median"]
    # Supply binds: the more is new, the less can have come from China.
    assert went["low"] > went["high"] + 5


def test_a_country_with_a_net_loss_receives(real):
    # Russia shows less in January 2022 than in May 2021.
    assert STOCKS.loc["2022-01-01", "RUS"] < STOCKS.loc["2021-05-01", "RUS"]
    russia = real.pairs.set_index(["origin", "destination"]).loc[("CHN", "RUS")]
    # 205,000 machines are 2.9 EH/s at the least.
    assert russia["high_ehs"] > 2.9


def test_no_machine_departs_twice(real):
    samples = real.samples
    stood = samples["stock_CHN_2021-05"]
    lost = sum(
        (samples[f"stock_CHN_{before}"] - samples[f"stock_CHN_{after}"]).clip(lower=0)
        for before, after in (
            ("2021-05", "2021-06"),
            ("2021-06", "2021-07"),
            ("2021-07", "2021-08"),
        )
    )
    assert (samples["departed"] <= np.maximum(stood, lost) + 1e-6).all()


def test_each_draw_lies_within_the_bounds_of_its_own_stocks():
    # Nothing but net changes: then bounds and draws speak of the same departures and arrivals.
    still = {"turnover": (0, 0), "return_share": (0, 0), "hidden": {}}
    a = flows.Assumptions(home="A", proxies=(), **still)
    g = np.random.default_rng(0)
    values = np.column_stack([[60.0, 58, 35, 20, 20, 21], *g.uniform(10, 40, (2, 6))])
    stocks = pd.DataFrame(values, pd.date_range("2021-01-01", periods=6, freq="MS"), list("ABC"))
    window = {"start": "2021-02", "end": "2021-04"}
    found = flows.monte_carlo(stocks, 4, 0, origin="A", assumptions=a, **window)
    for _, row in found.samples.iterrows():
        own = stocks.copy()
        for name in row.index[row.index.str.startswith("stock_")]:
            _, region, month = name.split("_")
            own.loc[month, region] = row[name]
        for region in "BC":
            allowed = flows.bounds(own, "A", region, max_lag=12, **window)
            assert allowed["low_ehs"] - 0.05 <= row[region] <= allowed["high_ehs"] + 0.05


def test_the_zero_of_summer_2021_is_allowed_for_without_being_asked(real):
    told = flows.Assumptions(hidden=summer_ranges(STOCKS))
    same = flows.monte_carlo(STOCKS, BLOCK, 0, assumptions=told, **OPTIONS)
    pd.testing.assert_frame_equal(same.samples, real.samples.head(BLOCK))


WORLD = pd.DataFrame(
    {
        "HUB": [60.0, 60, 60, 40, 15, 15, 18, 20, 22],
        "A": [30.0, 30, 31, 33, 40, 46, 50, 55, 60],
        "B": [20.0, 20, 20, 21, 24, 27, 30, 33, 36],
        "PRX": [6.0, 6, 6, 7, 8, 9, 9, 9, 9],
    },
    pd.date_range("2030-01-01", periods=9, freq="MS"),
)
TOLD = flows.Assumptions(home="HUB", proxies=("PRX",), proxy_share=(0.0, 0.9))
SPAN = {"origin": "HUB", "start": "2030-04", "end": "2030-05", "assumptions": TOLD}


def test_anybody_can_run_a_world_of_their_own():
    found = flows.monte_carlo(WORLD, 100, 0, **SPAN)
    heads = found.headlines.set_index("figure")
    # 45 were lost to the map, of which a part may be hidden; no more than 60 and what proxies hide.
    assert 25 < heads.loc["departed", "low"] < heads.loc["departed", "high"] < 80
    own = found.pairs[found.pairs["origin"] == "HUB"]
    assert list(own["destination"]) == ["HUB", "A", "B", "PRX", "retired"]
    assert len(found.samples) == 100
    assert found.note == ""
    assert len(found.weights) == 100
    assert 25 < found.effective <= 100


class Said:
    """Evidence that A received so much."""

    def __init__(self, name: str, mean: float, sd: float) -> None:
        self.name, self.mean, self.sd = name, mean, sd

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        return -0.5 * ((samples["A"].to_numpy() - self.mean) / self.sd) ** 2


class Never:
    name = "never"

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        return np.full(len(samples), -np.inf)


def test_evidence_is_multiplied_in():
    plain = flows.monte_carlo(WORLD, 100, 0, **SPAN)
    told = flows.monte_carlo(
        WORLD, 100, 0, evidence=[Said("one", 14, 5), Said("two", 14, 5)], **SPAN
    )
    once = flows.monte_carlo(WORLD, 100, 0, evidence=[Said("both", 14, 5 / np.sqrt(2))], **SPAN)
    assert list(told.evidence) == ["one", "two"]
    np.testing.assert_allclose(told.weights, once.weights)
    log_weights = np.log(told.accounts_weights) + told.evidence.sum(axis=1)
    wanted = np.exp(log_weights - log_weights.max())
    np.testing.assert_allclose(told.weights, wanted / wanted.sum())
    first = told.samples.head(100)
    pd.testing.assert_frame_equal(first, plain.samples)
    apart = [
        abs(d.pairs.set_index(["origin", "destination"]).loc[("HUB", "A"), "median_ehs"] - 14)
        for d in (plain, told)
    ]
    assert apart[1] < apart[0]


def test_more_draws_follow_where_evidence_leaves_few():
    sharp = flows.monte_carlo(WORLD, BLOCK, 0, evidence=[Said("sharp", 25, 0.05)], **SPAN)
    assert BLOCK < len(sharp.samples) <= LIMIT * BLOCK
    if sharp.effective < min(ENOUGH, BLOCK / 4):
        assert sharp.note.startswith(f"The {len(sharp.samples)} draws made are worth")
        assert "\n" not in sharp.note


def test_evidence_that_no_draw_can_meet():
    with pytest.raises(InputError, match="^No draw can meet the evidence 'never'; widen the"):
        flows.monte_carlo(GOOD, 5, 0, origin="A", evidence=[Never()])


def test_without_accounts_the_assumptions_alone_speak():
    low, high = TOLD.return_share
    prior = flows.monte_carlo(WORLD, 4 * BLOCK, 0, accounts=False, **SPAN)
    np.testing.assert_allclose(prior.weights, 1 / len(prior.weights))
    # Each value of a prior is as likely as any other.
    assert np.quantile(prior.samples["return_share"], 0.5) == pytest.approx(
        (low + high) / 2, abs=0.08
    )
    low, high = TOLD.supply_ehs
    middle = np.sqrt(low * high)
    assert np.quantile(prior.samples["supply_ehs"], 0.5) == pytest.approx(middle, rel=0.15)


def weighted_quantile(values, weights, part):
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return values[order][np.searchsorted(reached, part * reached[-1])]


def test_intervals_are_weighted_quantiles_of_the_draws():
    backwards = WORLD[WORLD.columns[::-1]]
    found = flows.monte_carlo(backwards, 60, 0, **SPAN)
    samples, weights = found.samples, found.weights
    assert list(found.headlines) == ["figure", "unit", "low", "median", "high", "mean"]
    assert dict(zip(found.headlines["figure"], found.headlines["unit"], strict=True)) == HEADLINES
    head = [*HEADLINES, *(code for code in backwards if code != "HUB"), "new_ehs"]
    assert list(samples)[: len(head)] == head
    assert {"return_share", "new_2030-04", "new_2030-09", "stock_A_2030-03"} < {*samples}
    codes = [*backwards]
    assert list(found.pairs) == [
        *("origin", "destination", "low_ehs", "median_ehs", "high_ehs", "mean_ehs")
    ]
    assert list(zip(found.pairs["origin"], found.pairs["destination"], strict=True)) == [
        *((i, j) for i in codes for j in [*codes, "retired"]),
        *(("new", j) for j in codes),
    ]
    own = found.pairs[found.pairs["origin"] == "HUB"].set_index("destination")
    own.columns = [name.removesuffix("_ehs") for name in own]
    drawn = {figure: figure for figure in HEADLINES} | {"HUB": "back", "retired": "retired"}
    table = pd.concat([found.headlines.set_index("figure"), own])
    for name, row in table.iterrows():
        values = samples[drawn.get(name, name)].to_numpy()
        for column, part in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
            assert row[column] == weighted_quantile(values, weights, part)
        assert row["mean"] == pytest.approx((values * weights).sum())
    assert own["high"].max() > own["low"].max() > 0


@pytest.mark.parametrize(
    "assumed",
    [
        {"coverage": 0.0, "pools": 3, "pool_correlation": 1.0},
        {"persistence": 0.0, "lag_months": (0, 0), "supply_ehs": (9, 9)},
        {"persistence": 1.0, "proxy_share": (1, 1), "retired_share": (0, 0.5)},
        {"supply_ehs": (0, 0), "turnover": (0, 0), "return_share": (1, 1)},
    ],
)
def test_assumptions_at_their_limits(assumed):
    found = flows.monte_carlo(GOOD, 5, origin="A", assumptions=flows.Assumptions(**assumed))
    assert np.isfinite(found.samples["departed"]).all()
    assert np.isfinite(found.pairs["median_ehs"]).all()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda s: flows.monte_carlo(s, 0, origin="A"),
            "^draws = 0 is not a whole number from 1 to 100000.$",
        ),
        (lambda s: flows.monte_carlo(s, 2.5, origin="A"), "^draws = 2.5 is not a whole number"),
        (lambda s: flows.monte_carlo(s, 5), "^There is no region 'CHN'; the stocks have: A, B.$"),
        (
            lambda s: flows.monte_carlo(s, 5, origin="A", start="2021-01"),
            "^start = 2021-01 is outside the months of change, which runs",
        ),
        (lambda s: flows.monte_carlo(s, 5, origin="A", end="2021-04"), "^end = 2021-04 is outside"),
        (lambda s: flows.monte_carlo(s, 5, -1, origin="A"), "^seed = -1 is not a whole number"),
        (
            lambda s: flows.monte_carlo(s, 5, origin="A", client="here"),
            "^client = 'here' is no Dask client; give one or None.$",
        ),
        (
            lambda s: flows.monte_carlo(s, 5, origin="A", assumptions={}),
            r"^assumptions = {} is not an Assumptions\(…\); give one.$",
        ),
        (lambda s: flows.monte_carlo(-s, 5, origin="A"), "^The stock of A in 2021-01 is negative"),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        call(GOOD)
    assert "\n" not in str(caught.value)


def test_a_part_of_nothing_is_no_number():
    # Nothing leaves B, and what is replaced is nothing too.
    a = replace(TOLD, turnover=(0, 0), pool_correlation=1e-9, blocks_per_month=0, hidden={})
    options = SPAN | {"origin": "B", "assumptions": a}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = flows.monte_carlo(WORLD, 5, 0, **options)
    assert (drawn.samples["departed"] < 1e-6).all()
    said = drawn.headlines.set_index("figure")
    assert said.loc["departed", "high"] < 1e-6
    assert drawn.samples.loc[drawn.samples["departed"] == 0, "abroad_pct"].isna().all()
