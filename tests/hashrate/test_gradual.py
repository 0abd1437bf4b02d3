"""Evidence of gradual change against numerical integration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.special import polygamma
from scipy.stats import gamma, norm, poisson

from hashrate_migration.hashrate import gradual
from hashrate_migration.hashrate.changepoints import Posterior, Prior

COUNTS = np.array([9.0, 7, 6, 4, 3, 2])
EXPOSURE = np.array([1.0, 1.2, 0.9, 1.0, 1.1, 0.8])
PRIOR = Prior(5.0, 3.0)


def integrated(path):
    """The double integral over level and change."""
    spread = np.sqrt(2 * polygamma(1, PRIOR.shape))

    level = np.linspace(0.005, 40, 1500)
    change = np.linspace(-6 * spread, 6 * spread, 300)[:, None]
    density = gamma.pdf(level, PRIOR.shape, scale=1 / PRIOR.rate) * norm.pdf(change, 0, spread)
    for count, exposed, moved in zip(COUNTS, EXPOSURE, path, strict=True):
        density = density * poisson.pmf(count, level * exposed * np.exp(change * moved))
    return np.log(trapezoid(trapezoid(density, level), change[:, 0]))


def test_a_decline_is_integrated_over_level_and_rate():
    path = np.linspace(0, 1, 6)
    assert gradual.decline(COUNTS, EXPOSURE, PRIOR) == pytest.approx(integrated(path), abs=1e-4)


def test_ramps_are_integrated_and_averaged():
    table = gradual.ramps(COUNTS, EXPOSURE, PRIOR)
    path = np.array([0, 0, 1 / 3, 2 / 3, 1, 1])
    assert table[1, 4] == pytest.approx(integrated(path), abs=1e-4)
    # From each day to each that is two or more later.
    assert np.isfinite(table).sum() == 10
    known = table[np.isfinite(table)]
    assert gradual.mean_evidence(table) == pytest.approx(np.log(np.exp(known).mean()))


def test_a_path_that_never_moves_is_a_flat_line():
    still = gradual.evidence(COUNTS, EXPOSURE, np.zeros((1, 6)), PRIOR)[0]
    assert still == pytest.approx(Posterior(COUNTS, EXPOSURE, PRIOR, 0).evidence()[0])


def test_counts_that_fall_a_thousandfold_are_no_trouble():
    counts = np.round(1e5 * np.exp(-np.linspace(0, 7, 30)))
    found = gradual.decline(counts, np.ones(30), Prior(1e4))
    assert np.isfinite(found)
    assert found > Posterior(counts, np.ones(30), Prior(1e4), 4).evidence().max()
