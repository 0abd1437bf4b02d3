from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows import weights
from hashrate_migration.flows.behaviour import draw_behaviour
from hashrate_migration.flows.gross import Gross, Window, expected

WINDOW = Window(origin=0, start=1, end=1)


def test_the_likelihood_of_a_worked_example():
    # Two regions alike, one of which is the origin; nothing departs; of 8 new machines half go abroad.
    stocks = np.full((1, 2, 3), 50.0)
    a = flows.Assumptions(prior_sd=0.0, lot_ehs=(2.0, 2.0), supply_spread=(0.25, 0.25))
    b = draw_behaviour(a, 2, 1, np.random.default_rng(0))
    b = replace(b, size_power=np.zeros(1), still_buying=np.ones(1))
    e = expected(stocks, b, WINDOW, 12)
    gained = np.array([[[1.0, 2.0], [1.0, 7.0]]])
    found = Gross(left=0 * gained, gained=gained, replaced=np.full_like(gained, 1.0))
    arrived = np.array([[[0.0, 3.0], [0.0, 2.0]]])
    got = weights.accounts_likelihood(found, e, arrived, b, WINDOW, np.array([[8.0]]))
    # Abroad 8 came, 6 were expected; at home 3 and 7. Lots of 2 for what is expected and for turnover,
    # and a quarter of 2 and 4, of 3 and 4.
    abroad = norm.logpdf(8, 6, np.sqrt(2 * (6 + 1) + (4 + 16) / 16))
    home = norm.logpdf(3, 7, np.sqrt(2 * (7 + 1) + (9 + 16) / 16))
    assert got[0, 0] == pytest.approx(abroad + home)


def test_levels_of_supply_are_drawn_by_their_likelihood():
    generator = np.random.default_rng(0)
    levels = weights.supply_levels((4.0, 12.0), 20_000, generator)
    assert levels.shape == (20_000, weights.GRID)
    edges = np.geomspace(4, 12, weights.GRID + 1)
    assert ((levels >= edges[:-1] * 0.9999) & (levels <= edges[1:] * 1.0001)).all()
    likelihood = norm.logpdf(np.log(levels), np.log(7), 0.1)
    drawn, mean = weights.one_level(likelihood, levels, generator)
    assert np.log(drawn).mean() == pytest.approx(np.log(7), abs=0.005)
    assert np.log(drawn).std() == pytest.approx(0.1, abs=0.01)
    # The mean over an even range (of logs) of a density that lies within it.
    assert np.exp(mean).mean() == pytest.approx(1 / np.log(3), rel=0.02)


def test_candidates_are_kept_in_proportion_to_their_likelihood():
    likelihood = np.log([1.0, 2.0, 0.0001, 5.0])
    kept, mean = weights.resampled(likelihood, 8000, np.random.default_rng(0))
    np.testing.assert_allclose(
        np.bincount(kept, minlength=4) / 8000, [1 / 8, 2 / 8, 0, 5 / 8], atol=1e-3
    )
    assert np.exp(mean) == pytest.approx(8 / 4, rel=1e-3)


def test_draws_of_one_candidate_count_as_one():
    even = np.full(4, 0.25)
    assert weights.effective_number(even, np.arange(4)) == pytest.approx(4)
    assert weights.effective_number(even, np.array([0, 0, 1, 1])) == pytest.approx(2)
    assert weights.effective_number(np.array([1.0, 0, 0, 0]), np.arange(4)) == pytest.approx(1)


def test_what_nothing_explains_is_punished_in_lots():
    size = np.array([1.0, 2.0])
    much = np.zeros((2, 1, 1)) + 3.0
    found = weights.unexplained_likelihood(much, size)
    assert found[0] == pytest.approx(2 * found[1])
    assert found[1] < -10
    tiny = weights.unexplained_likelihood(much * 0 + weights.UNEXPLAINED_EHS, size)
    np.testing.assert_allclose(tiny, 0, atol=1e-9)


class Piece:
    """Evidence whose likelihood is told."""

    def __init__(self, name: str, values) -> None:
        self.name, self.values = name, values

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        return self.values


SAMPLES = pd.DataFrame({"departed": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        ("press", "evidence = 'press' is not a list of pieces"),
        ([3], "evidence holds 3, which has no name and log_likelihood"),
        ([Piece("a", 0), Piece("a", 1)], "evidence holds 'a' twice; give each piece once."),
    ],
)
def test_what_is_no_evidence(evidence, sentence):
    with pytest.raises(InputError) as caught:
        weights.checked_evidence(evidence)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("values", [0.0, [1.0], [np.nan, 0.0], [np.inf, 0.0], ["x", "y"], None])
def test_evidence_that_gives_no_number_for_a_draw(values):
    with pytest.raises(InputError, match="^The evidence 'press' must give one number per draw"):
        weights.evidence_table([Piece("press", values)], SAMPLES)


def test_evidence_that_no_draw_can_meet():
    one, other = Piece("one", [-np.inf, 0.0]), Piece("other", [0.0, -np.inf])
    never = Piece("never", [-np.inf, -np.inf])
    table = weights.evidence_table([one, other], SAMPLES)
    with pytest.raises(
        InputError, match="^No draw can meet the evidence of 'one', 'other' together"
    ):
        weights.refuse_impossible(np.zeros(2), table)
    weights.refuse_impossible(np.zeros(2), table[["one"]])
    with pytest.raises(InputError, match="^No draw can meet the evidence 'never'; widen"):
        weights.refuse_impossible(np.zeros(2), weights.evidence_table([never], SAMPLES))
