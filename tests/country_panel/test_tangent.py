"""The coordinates' help: where it starts, what it aims at, how paths follow biases."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("numpyro", reason="needs the extra fit")

import made_up

from hashrate_migration.country_panel import density, evidence, tangent
from hashrate_migration.country_panel.prior import DEFAULT

MONTHS = pd.date_range("2022-02-01", periods=5, freq="MS")
CODES = ["USA", "KAZ", "OTH"]

ROWS = made_up.table(
    *(
        made_up.figure(month, code, share, error_sd=0.01, printed_sd=0.0)
        for month, shares in (("2022-02-01", (40.0, 20.0)), ("2022-06-01", (50.0, 10.0)))
        for code, share in zip(CODES, shares, strict=False)
    )
)
"""Lone figures, precise and of one publisher."""


@pytest.fixture(scope="module")
def case():
    import numpyro

    numpyro.enable_x64()
    seen = evidence.gather(ROWS, MONTHS, CODES)
    shape = density.shape_of(MONTHS, CODES, DEFAULT)
    begin = tangent.start(seen.rows, MONTHS, CODES)
    # From far away: the best path does not depend on where the search begins.
    far = begin + np.random.default_rng(1).normal(0, 1.0, begin.shape)
    aid = tangent.best(seen, shape, DEFAULT, far)
    return SimpleNamespace(seen=seen, shape=shape, begin=begin, aid=aid)


def figures(case, logs, bias):
    """What publishers would print of a path, without the error."""
    log_shares = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    return np.asarray(density.expected(case.seen, log_shares, np.asarray(bias), np.zeros(0)))


def test_a_path_starts_with_figures_joined_by_straight_lines(case):
    shares = np.exp(case.begin)
    assert shares.sum(axis=1) == pytest.approx(1.0)
    ratio = case.begin[:, 0] - case.begin[:, 1]
    assert ratio == pytest.approx(np.linspace(np.log(2), np.log(5), len(MONTHS)))


def test_a_country_without_a_figure_starts_small():
    begin = tangent.start(ROWS, MONTHS, ["USA", "KAZ", "CAN", "OTH"])
    assert np.isfinite(begin).all()
    assert (np.exp(begin[:, 2]) < 0.01).all()


def test_limits_are_no_points_of_the_start(case):
    limit = made_up.figure("2022-04-01", "KAZ", 90.0, reads="ceiling")
    rows = pd.concat([ROWS, made_up.table(limit)], ignore_index=True)
    assert tangent.start(rows, MONTHS, CODES) == pytest.approx(case.begin)


def test_the_best_path_goes_through_precise_figures(case):
    found = figures(case, case.aid["centre"], np.zeros(2))
    # A few times the error of 0.01, against steps of 0.1 a month.
    assert found == pytest.approx(case.seen.value, abs=0.05)
    assert np.exp(case.aid["centre"]).sum(axis=1) == pytest.approx(1.0, abs=density.HOLD)


@pytest.mark.parametrize("number", [0, 1])
def test_paths_follow_a_bias_so_that_precise_figures_stay(case, number):
    step = 1e-4
    bias = np.eye(2)[number] * step
    moved = (case.aid["response"] @ bias).reshape(len(MONTHS), len(CODES))
    before = figures(case, case.aid["centre"], np.zeros(2))
    follow = figures(case, case.aid["centre"] + moved, bias)
    alone = figures(case, case.aid["centre"], bias)
    own = case.seen.bias == number
    assert (alone - before)[own] == pytest.approx(step)
    # The error is a tenth of a month's step: of a bias hardly a twentieth is left.
    assert np.abs(follow - before).max() < 0.05 * step


def test_without_a_response_paths_stay(case):
    aid = tangent.around(case.seen, case.begin, case.shape, DEFAULT, respond=False)
    assert aid.response.shape == (len(MONTHS) * len(CODES), 2)
    assert not aid.response.any()


def test_all_precisions_are_positive(case):
    """Else no Cholesky root would be real."""
    aid = case.aid
    assert (aid["held"] > 0).all()
    assert (aid["slope"] * aid["whole"] > 0).all()
    assert (aid["strength"] > 0).all()
    assert (aid["others"] >= 0).all()
