"""The exact posterior of steps against enumeration, a published example and simulated truth."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import gamma, poisson

from hashrate_migration.hashrate.changepoints import Posterior, Prior, divisions, spells

COAL = {
    **dict(zip(range(1851, 1861), (4, 5, 4, 1, 0, 4, 3, 4, 0, 6), strict=True)),
    **dict(zip(range(1861, 1871), (3, 3, 4, 0, 2, 6, 3, 3, 5, 4), strict=True)),
    **dict(zip(range(1871, 1881), (5, 3, 1, 4, 4, 1, 5, 5, 3, 4), strict=True)),
    **dict(zip(range(1881, 1891), (2, 5, 2, 2, 3, 4, 2, 1, 3, 2), strict=True)),
    **dict(zip(range(1891, 1901), (2, 1, 1, 1, 1, 3, 0, 0, 1, 0), strict=True)),
    **dict(zip(range(1901, 1911), (1, 1, 0, 0, 3, 1, 0, 3, 2, 2), strict=True)),
    **dict(zip(range(1911, 1921), (0, 1, 1, 1, 0, 1, 0, 1, 0, 0), strict=True)),
    **dict(zip(range(1921, 1931), (0, 2, 1, 0, 0, 0, 1, 1, 0, 2), strict=True)),
    **dict(zip(range(1931, 1941), (3, 3, 1, 1, 2, 1, 1, 1, 1, 2), strict=True)),
    **dict(zip(range(1941, 1951), (3, 3, 0, 0, 0, 1, 4, 0, 0, 0), strict=True)),
    **dict(zip(range(1951, 1963), (1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1), strict=True)),
}
"""British coal-mining disasters by year, 191 in all (Jarrett 1979, Biometrika 66)."""


def enumerated(counts, exposure, prior, number):
    """Log evidence of every division, by nested loops and the integral's closed form."""
    found = {}
    days = len(counts)
    for places in combinations(range(1, days), number):
        edges = [0, *places, days]
        if min(np.diff(edges)) < prior.shortest:
            continue
        found[places] = sum(
            one_spell(counts[a:b], exposure[a:b], prior)
            for a, b in zip(edges, edges[1:], strict=False)
        )
    return found


def one_spell(counts, exposure, prior):
    """Bayes's rule at one level: likelihood times prior over posterior."""
    level = prior.level
    likelihood = poisson.logpmf(counts, level * exposure).sum()
    before = gamma.logpdf(level, prior.shape, scale=1 / prior.rate)
    after = gamma.logpdf(level, prior.shape + counts.sum(), scale=1 / (prior.rate + exposure.sum()))
    return likelihood + before - after


@settings(max_examples=25, deadline=None)
@given(
    counts=st.lists(st.integers(0, 12), min_size=6, max_size=9),
    seed=st.integers(0, 999),
    shortest=st.integers(1, 2),
    next_step=st.sampled_from([0.5, 1.0, 2.0]),
)
def test_the_recursions_count_what_enumeration_counts(counts, seed, shortest, next_step):
    counts = np.array(counts, dtype=float)
    exposure = np.random.default_rng(seed).uniform(0.2, 2, len(counts))
    prior = Prior(4.0, 2.0, next_step, shortest)
    posterior = Posterior(counts, exposure, prior, 2)
    by_number = []
    for number in range(3):
        every = enumerated(counts, exposure, prior, number)
        assert len(every) == divisions(len(counts), number, shortest)
        logs = np.array(list(every.values()))
        by_number.append(logsumexp(logs) - np.log(len(logs)) + number * np.log(next_step))
        chance = np.exp(logs - logsumexp(logs))
        by_hand = np.zeros((number, len(counts)))
        for places, part in zip(every, chance, strict=True):
            for step, place in enumerate(places):
                by_hand[step, place] += part
        np.testing.assert_allclose(posterior.places(number), by_hand, atol=1e-9)
        assert every[posterior.best(number)] == pytest.approx(logs.max())
    evidence = posterior.evidence() + np.log(next_step) * np.arange(3)
    np.testing.assert_allclose(evidence, by_number, atol=1e-8)
    np.testing.assert_allclose(
        posterior.number(), np.exp(by_number - logsumexp(by_number)), atol=1e-9
    )


def test_the_evidence_of_a_spell_is_the_integral_over_its_level():
    counts, exposure, prior = np.array([3.0, 5.0]), np.array([0.8, 1.1]), Prior(4.0, 2.0)
    integral, _ = quad(
        lambda h: poisson.pmf(counts, h * exposure).prod() * gamma.pdf(h, 2.0, scale=2.0), 0, 60
    )
    found = Posterior(counts, exposure, prior, 0).evidence()[0]
    assert found == pytest.approx(np.log(integral), abs=1e-8)
    assert np.isneginf(spells(counts, exposure, prior)[1, 1])


def test_british_coal_mines():
    # Carlin, Gelfand and Smith 1992 (Applied Statistics 41): the mode of the last year at the
    # old rate is the 41st, 1891; Raftery and Akman 1986 (Biometrika 73): 3.1 and 0.9 a year.
    counts = np.array(list(COAL.values()), dtype=float)
    assert counts.sum() == 191
    posterior = Posterior(counts, np.ones(len(counts)), Prior(1.0, 1.0), 1)
    assert posterior.best(1) == (41,)
    assert 1851 + int(posterior.places(1)[0].argmax()) == 1892
    generator = np.random.default_rng(0)
    places = posterior.draw(1, 4000, generator)
    levels = posterior.levels(places, counts, posterior.prior.shape, generator)
    assert np.median(levels, axis=0) == pytest.approx([3.1, 0.9], abs=0.1)
    assert posterior.number()[1] > 0.999


def test_draws_have_the_exact_distribution_of_days():
    counts = np.random.default_rng(3).poisson(np.repeat([20.0, 12.0, 8.0], 8)).astype(float)
    posterior = Posterior(counts, np.ones(24), Prior(15.0, 4.0, shortest=2), 2)
    places = posterior.draw(2, 20_000, np.random.default_rng(1))
    assert (np.diff(places, axis=1) >= 2).all()
    for step, exact in enumerate(posterior.places(2)):
        drawn = np.bincount(places[:, step], minlength=24) / len(places)
        # Five standard errors of a part of 20,000 draws are at most 0.018.
        np.testing.assert_allclose(drawn, exact, atol=0.018)


def test_levels_of_parts_add_up_to_those_of_the_whole():
    counts = np.array([30.0, 28, 33, 12, 10, 14])
    part = np.array([10.0, 9, 11, 8, 8, 7])
    posterior = Posterior(counts, np.full(6, 0.5), Prior(50.0, 4.0), 1)
    places = np.full((40_000, 1), 3)
    generator = np.random.default_rng(2)
    whole = posterior.levels(places, counts, 4.0, generator)
    parts = sum(posterior.levels(places, each, 2.0, generator) for each in (part, counts - part))
    for quantile in (0.05, 0.5, 0.95):
        np.testing.assert_allclose(
            np.quantile(parts, quantile, axis=0), np.quantile(whole, quantile, axis=0), rtol=0.01
        )


@pytest.mark.parametrize(
    ("days", "number", "shortest", "ways"),
    [
        (52, 0, 1, 1),
        (52, 2, 1, 1275),
        (52, 4, 1, 249_900),
        (6, 2, 2, 1),
        (5, 2, 2, 0),
        (7, 1, 3, 2),
    ],
)
def test_ways_to_divide_days(days, number, shortest, ways):
    assert divisions(days, number, shortest) == ways
