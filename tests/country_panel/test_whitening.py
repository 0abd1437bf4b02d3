"""Paths from standard normal numbers, against dense matrices."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("numpyro", reason="needs the extra fit")

from hashrate_migration.country_panel import whitening

LENGTH, CODES = 9, 3
"""Not a multiple of the unrolled months, and more than one country."""

PERSISTENCE = 0.9


@pytest.fixture(scope="module", autouse=True)
def _precise():
    import numpyro

    numpyro.enable_x64()


@pytest.fixture
def case():
    """A precision: a walk with steps of its own in every month, and figures on some."""
    generator = np.random.default_rng(3)
    first = np.exp(generator.normal(0, 0.3, CODES))
    steps = np.exp(generator.normal(-1, 0.5, (LENGTH, CODES)))
    figures = generator.uniform(0, 4, (LENGTH, CODES)) * (generator.random((LENGTH, CODES)) < 0.5)
    diagonal, below = whitening.tridiagonal(first, steps, PERSISTENCE)
    return SimpleNamespace(
        first=first,
        steps=steps,
        figures=figures,
        diagonal=np.asarray(diagonal) + figures,
        below=np.asarray(below),
        pull=generator.normal(0, 2, (LENGTH, CODES)),
    )


def dense(case, country):
    """The precision of one country as a whole matrix."""
    matrix = np.diag(case.diagonal[:, country])
    return matrix + np.diag(case.below[1:, country], -1) + np.diag(case.below[1:, country], 1)


def path(case, noise):
    values, log_root = whitening.path(case.diagonal, case.below, case.pull, noise)
    return np.asarray(values), np.asarray(log_root)


@pytest.mark.parametrize("country", range(CODES))
def test_the_precision_is_that_of_a_walk_with_memory(case, country):
    """By the textbook: the covariance of an autoregression, computed step by step, inverted."""
    covariance = np.zeros((LENGTH, LENGTH))
    covariance[0, 0] = case.first[country] ** 2
    for month in range(1, LENGTH):
        covariance[month, :month] = PERSISTENCE * covariance[month - 1, :month]
        covariance[:month, month] = covariance[month, :month]
        before = covariance[month - 1, month - 1]
        covariance[month, month] = PERSISTENCE**2 * before + case.steps[month, country] ** 2
    by_itself = dense(case, country) - np.diag(case.figures[:, country])
    assert by_itself == pytest.approx(np.linalg.inv(covariance), abs=1e-9)


def test_the_step_into_the_first_month_is_not_looked_at(case):
    other = case.steps.copy()
    other[0] = 99.0
    before = whitening.tridiagonal(case.first, case.steps, PERSISTENCE)
    after = whitening.tridiagonal(case.first, other, PERSISTENCE)
    for one, two in zip(before, after, strict=True):
        assert np.array_equal(one, two)


@pytest.mark.parametrize("country", range(CODES))
def test_without_noise_the_path_is_its_mean(case, country):
    values, _ = path(case, np.zeros((LENGTH, CODES)))
    mean = np.linalg.solve(dense(case, country), case.pull[:, country])
    assert values[:, country] == pytest.approx(mean)


@pytest.mark.parametrize("country", range(CODES))
def test_the_covariance_of_the_paths_is_the_inverse_of_the_precision(case, country):
    # The path is linear in the noise: a unit of it in each month in turn gives the root of the
    # covariance, column by column.
    mean, _ = path(case, np.zeros((LENGTH, CODES)))
    columns = []
    for month in range(LENGTH):
        noise = np.zeros((LENGTH, CODES))
        noise[month] = 1.0
        columns.append(path(case, noise)[0][:, country] - mean[:, country])
    root = np.column_stack(columns)
    assert root @ root.T == pytest.approx(np.linalg.inv(dense(case, country)), abs=1e-9)


def test_one_country_does_not_move_another(case):
    noise = np.zeros((LENGTH, CODES))
    noise[:, 1] = 1.0
    moved = path(case, noise)[0] - path(case, np.zeros_like(noise))[0]
    assert np.abs(moved[:, [0, 2]]).max() == 0
    assert (np.abs(moved[:, 1]) > 0).all()


@pytest.mark.parametrize("country", range(CODES))
def test_the_log_root_is_half_the_log_determinant(case, country):
    _, log_root = path(case, np.zeros((LENGTH, CODES)))
    sign, log_determinant = np.linalg.slogdet(dense(case, country))
    assert sign == 1
    assert log_root[:, country].sum() == pytest.approx(log_determinant / 2)
    # Month by month it is the root of Cholesky.
    diagonal = np.diag(np.linalg.cholesky(dense(case, country)))
    assert log_root[:, country] == pytest.approx(np.log(diagonal))


def test_paths_have_a_slope(case):
    """The sampler follows the gradient through both turns of the loop."""
    import jax

    def total(scale):
        return whitening.path(
            case.diagonal * scale, case.below, case.pull, np.ones((LENGTH, CODES))
        )[0].sum()

    step = 1e-6
    by_hand = (total(1 + step) - total(1 - step)) / (2 * step)
    assert float(jax.grad(total)(1.0)) == pytest.approx(float(by_hand), rel=1e-5)
