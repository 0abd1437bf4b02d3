"""The joint density, against the same written anew in NumPy and SciPy."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

pytest.importorskip("numpyro", reason="needs the extra fit")

import made_up

from hashrate_migration.country_panel import density, evidence, tangent
from hashrate_migration.country_panel.prior import Prior

MONTHS = pd.date_range("2021-03-01", "2021-10-01", freq="MS")
"""Around the ban: the chain's limit, the break, and zeros of the map."""

CODES = ["USA", "CHN", "KAZ", "OTH"]

PRIOR = Prior(half_life=12.0, usual_pct=10.0, rest_pct=20.0, seen_pct=10.0)
"""A zero speaks of shares of the size that these worlds have: else it is the same for all of them."""

ROWS = made_up.table(
    *made_up.whole("2021-03-01", {"USA": 20.0, "CHN": 50.0, "KAZ": 10.0, "OTH": 20.0}),
    # China is empty: the list goes without it.
    *made_up.whole("2021-07-01", {"USA": 40.0, "KAZ+OTH": 60.0}, kind="pool_sample"),
    made_up.figure("2021-07-01", "CHN", None, reads="none_seen", error_sd=0.5),
    made_up.figure("2021-08-01", "CHN", None, reads="none_seen", error_sd=0.5),
    # Of this list two are given, the others are its gap.
    *made_up.whole("2021-09-01", {"USA": 35.0, "CHN": 20.0, "KAZ": 15.0, "OTH": 30.0})[:2],
    # A list that is not whole, and a figure of several months and countries.
    made_up.figure("2021-05-01", "KAZ", 9.0, list_id="part", family="press", kind="expert"),
    made_up.figure("2021-05-01", "USA", 22.0, list_id="part", family="press", tail_df=3.0),
    made_up.figure("2021-04-01", "USA+KAZ", 33.0, end_month="2021-06-01", offset_sd=0.6),
    made_up.figure("2021-10-01", "CHN", 5.0, reads="floor", kind="floor", error_sd=0.4),
    made_up.figure("2021-10-01", "KAZ", 30.0, reads="ceiling", kind="unlisted", offset_sd=0.0),
    # A limit of a kind and a list of figures: neither its factor nor its shift.
    made_up.figure("2021-05-01", "OTH", 30.0, reads="ceiling", list_id="part"),
)
"""Every kind of evidence."""

POINTS = 8
"""Worlds at random in which densities are compared."""


@pytest.fixture(scope="module")
def world():
    import jax
    import numpyro

    numpyro.enable_x64()
    seen = evidence.gather(ROWS, MONTHS, CODES)
    shape = density.shape_of(MONTHS, CODES, PRIOR)
    begin = tangent.start(seen.rows, MONTHS, CODES)

    @jax.jit
    def energy(aid, coordinates):
        return jax.vmap(density.energy_of(seen, aid, shape, PRIOR))(coordinates)

    return SimpleNamespace(
        energy=energy,
        seen=seen,
        shape=shape,
        begin=begin,
        aid=vars(tangent.around(seen, begin, shape, PRIOR)),
        sizes=density.sizes(seen, shape),
    )


def points(world, count, seed=0):
    """Coordinates at random."""
    generator = np.random.default_rng(seed)
    return {
        name: 0.7 * generator.standard_normal((count, *size)) for name, size in world.sizes.items()
    }


def log_density(world, aid, coordinates):
    return -np.asarray(world.energy(aid, coordinates))


def logs_of(world, aid, coordinates):
    return density.followed(world.seen, aid, world.shape, PRIOR, coordinates)["logs"]


def with_units(world, aid, coordinates):
    """Paths of points, and of each with one number of the noise in turn raised by one.

    Returns
    -------
    ndarray, point x (itself, then every number of the noise) x (month and code)
    """
    count, cells = len(coordinates["noise"]), len(MONTHS) * len(CODES)
    many = {name: np.repeat(value, cells + 1, axis=0) for name, value in coordinates.items()}
    units = np.vstack([np.zeros(cells), np.eye(cells)]).reshape(-1, len(MONTHS), len(CODES))
    many["noise"] = many["noise"] + np.tile(units, (count, 1, 1))
    return logs_of(world, aid, many).reshape(count, cells + 1, cells)


def log_determinant(logs):
    """How much a volume of noise grows when it becomes paths, point by point; from `with_units`.

    Paths are linear in the noise, so that a unit of each number in turn gives the whole matrix.
    """
    return np.linalg.slogdet(logs[:, 1:] - logs[:, :1])[1]


def worlds(world, coordinates, logs):
    """What coordinates mean, by the descriptions of the prior alone."""
    found = made_up.Worlds(MONTHS, CODES, logs)
    figures = ROWS[ROWS["reads"] != "none_seen"]
    sd = figures[figures["offset_sd"] > 0].drop_duplicates(["family", "members"])
    sd = dict(zip(zip(sd["family"], sd["members"], strict=True), sd["offset_sd"], strict=True))
    for number, pair in enumerate(world.seen.biases):
        found.biases[pair] = sd[pair] * coordinates["bias"][:, number]
    for number, name in enumerate(world.seen.parts):
        found.shifts[name] = PRIOR.list_sd * coordinates["list"][:, number]
    for number, kind in enumerate(world.seen.kinds):
        free = np.exp(PRIOR.kind_sd * coordinates["kind"][:, number])
        found.factors[kind] = PRIOR.least_factor + (1 - PRIOR.least_factor) * free
    return found


def by_hand(world, coordinates, logs):
    """Log density of everything but the noise, and of paths in its place; up to a constant."""
    found = sum(
        stats.norm.logpdf(value).reshape(len(logs), -1).sum(axis=1)
        for name, value in coordinates.items()
        if name != "noise"
    )
    era = PRIOR.step_sd * coordinates["era"][:, :, None]
    own = PRIOR.country_sd * coordinates["country"][:, None]
    by_era = made_up.bent(PRIOR, era + own + PRIOR.era_sd * coordinates["country_era"])
    steps = made_up.drawn_steps(MONTHS, CODES, PRIOR, by_era)
    centre, spread = np.transpose([made_up.middle(code, PRIOR) for code in CODES])
    away = logs - (centre + spread * coordinates["usual"])[:, None]
    abroad = np.array([code != "CHN" for code in CODES])
    growth = iter(coordinates["growth"].T)
    for place, month in enumerate(MONTHS):
        mean = 0.5 ** (1 / PRIOR.half_life) * away[:, place - 1] if place else 0.0
        if made_up.in_break(month):
            mean = mean + PRIOR.growth_sd * next(growth)[:, None] * abroad
        size = steps[:, place] if place else PRIOR.start_sd
        found = found + stats.norm.logpdf(away[:, place], mean, size).sum(axis=1)
    assert next(growth, None) is None
    told = worlds(world, coordinates, logs)
    return found + made_up.hold(told) + made_up.log_likelihood(ROWS, told, PRIOR)


def test_the_density_is_that_of_the_model_written_anew(world):
    """Of the paths, by hand, and of how the noise becomes paths: the same, but for one constant."""
    coordinates = points(world, POINTS)
    sampled = log_density(world, world.aid, coordinates)
    logs = with_units(world, world.aid, coordinates)
    anew = by_hand(world, coordinates, logs[:, 0].reshape(coordinates["noise"].shape))
    difference = sampled - anew - log_determinant(logs)
    assert np.ptp(sampled) > 10  # the points are no neighbours
    assert difference == pytest.approx(difference[0], abs=1e-6)


def test_the_density_of_a_world_does_not_depend_on_the_tangent(world):
    """Around another path the noise means something else; what a world is worth stays."""
    generator = np.random.default_rng(5)
    far = world.begin + generator.normal(0, 1.0, world.begin.shape)
    other = vars(tangent.around(world.seen, far, world.shape, PRIOR))
    first = points(world, POINTS, seed=1)
    logs = with_units(world, world.aid, first)
    # Which noise gives the same paths around the other path.
    second = first | {"noise": np.zeros_like(first["noise"])}
    others = with_units(world, other, second)
    matrix = (others[:, 1:] - others[:, :1]).transpose(0, 2, 1)
    noise = np.linalg.solve(matrix, (logs[:, 0] - others[:, 0])[..., None])
    second["noise"] = noise.reshape(first["noise"].shape)
    assert logs_of(world, other, second).reshape(POINTS, -1) == pytest.approx(logs[:, 0])
    assert np.abs(second["noise"] - first["noise"]).max() > 1
    here = log_density(world, world.aid, first) - log_determinant(logs)
    there = log_density(world, other, second) - log_determinant(others)
    assert here == pytest.approx(there, abs=1e-6)


def test_what_follows_from_coordinates_is_what_they_mean(world):
    coordinates = points(world, 3)
    found = density.followed(world.seen, world.aid, world.shape, PRIOR, coordinates)
    told = worlds(world, coordinates, found["logs"])
    assert found["biases"] == pytest.approx(np.column_stack(list(told.biases.values())))
    assert found["factors"] == pytest.approx(np.column_stack(list(told.factors.values())))
    assert found["steps"].shape == (3, 3, len(CODES))
    assert (found["factors"] > PRIOR.least_factor).all()


def seen_by(rows, logs, bias, shift=()):
    """Expected figures of one world."""
    seen = evidence.gather(rows, MONTHS, CODES)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    return np.asarray(density.expected(seen, logs, np.asarray(bias), np.asarray(shift)))


@pytest.fixture
def logs(world):
    return world.begin


def test_figures_are_expected_as_written_anew(world, logs):
    coordinates = points(world, 1)
    told = worlds(world, coordinates, logs[None])
    figures = ROWS[ROWS["reads"] != "none_seen"].reset_index(drop=True)
    bias = [value.item() for value in told.biases.values()]
    shift = [value.item() for value in told.shifts.values()]
    found = seen_by(ROWS, logs, bias, shift)
    assert found == pytest.approx(made_up.expected(figures, told)[0])


def test_in_a_whole_list_only_differences_of_biases_count(logs):
    shares = {"USA": 20.0, "CHN": 50.0, "KAZ": 10.0, "OTH": 20.0}
    rows = made_up.table(*made_up.whole("2021-03-01", shares))
    bias = np.array([0.1, -0.2, 0.3, 0.0])
    assert seen_by(rows, logs, bias + 0.5) == pytest.approx(seen_by(rows, logs, bias))
    assert np.abs(seen_by(rows, logs, bias) - seen_by(rows, logs, 0 * bias)).min() > 0.01


def test_a_whole_list_adds_to_one_whatever_its_biases(logs):
    shares = {"USA": 20.0, "CHN+KAZ": 60.0, "OTH": 20.0}
    rows = made_up.table(*made_up.whole("2021-03-01", shares))
    found = seen_by(rows, logs, [1.0, -2.0, 0.5])
    assert (1 / (1 + np.exp(-found))).sum() == pytest.approx(1)


def test_a_lone_figure_moves_by_its_bias_and_by_the_shift_of_its_list(logs):
    rows = made_up.table(
        made_up.figure("2021-03-01", "USA", 20.0),
        made_up.figure("2021-03-01", "KAZ", 10.0, list_id="part"),
    )
    moved = seen_by(rows, logs, [0.3, -0.4], [0.05]) - seen_by(rows, logs, [0.0, 0.0], [0.0])
    assert moved == pytest.approx([0.3, -0.35])
