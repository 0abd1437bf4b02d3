"""A fit is published only if its chains agree."""

import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("arviz", reason="needs the extra fit")

from hashrate_migration.country_panel import kept, publish
from hashrate_migration.country_panel.posterior import Posterior
from hashrate_migration.errors import InputError

MONTHS = pd.date_range("2022-02-01", periods=2, freq="MS")
CODES = ["USA", "KAZ", "OTH"]

SOUND = {"divergences": 0, "rhat_max": 1.004, "ess_bulk_min": 900.0, "ess_tail_min": 800.0}


def fit(logs, divergences=0):
    """Draws of four chains from logs of shares, chain x draw x month x code."""
    chains, draws = logs.shape[:2]
    shares = np.exp(logs.reshape(chains * draws, len(MONTHS), len(CODES)))
    return Posterior(
        months=MONTHS,
        codes=CODES,
        chains=chains,
        shares=shares / shares.sum(axis=2, keepdims=True),
        steps=np.full((chains * draws, len(CODES)), 0.1),
        biases=np.zeros((chains * draws, 0)),
        shifts=np.zeros((chains * draws, 0)),
        factors=np.zeros((chains * draws, 0)),
        evidence=None,
        divergences=divergences,
    )


@pytest.fixture
def noise():
    generator = np.random.default_rng(0)
    return 0.1 * generator.standard_normal((4, 500, len(MONTHS), len(CODES)))


def test_a_sound_fit_passes():
    publish.check(SOUND)


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("divergences", 3, "3 divergences"),
        ("rhat_max", publish.WORST_RHAT, r"R-hat up to 1\.010 \(below 1\.01\)"),
        ("ess_bulk_min", 123.0, r"123 effective draws at least \(more than 400\)"),
        ("ess_tail_min", 400.0, r"400 effective draws at least \(more than 400\)"),
    ],
)
def test_chains_that_do_not_agree_are_refused(name, value, named):
    with pytest.raises(InputError, match=f"^The chains do not agree .*{named}"):
        publish.check(SOUND | {name: value})


def test_of_independent_draws_all_are_effective(noise):
    table = publish.by_number(fit(noise))
    assert table.columns.tolist() == ["month", "region", "rhat", "ess_bulk", "ess_tail"]
    assert table["month"].tolist() == [month for month in MONTHS for _ in CODES]
    assert table["region"].tolist() == CODES * len(MONTHS)
    assert (table["rhat"] < publish.WORST_RHAT).all()
    assert (table["ess_bulk"] > 1200).all()
    assert (table["ess_tail"] > 1200).all()


def test_a_chain_that_lies_elsewhere_shows_and_is_refused(noise):
    noise[0, :, 1, 0] += 1.0  # one chain, the second month
    made = fit(noise)
    table = publish.by_number(made).set_index(["month", "region"])
    assert table.loc[(MONTHS[1], "USA"), "rhat"] > 1.2
    assert (table.loc[MONTHS[0], "rhat"] < publish.WORST_RHAT).all()
    with pytest.raises(InputError, match="R-hat up to"):
        publish.check(publish.diagnostics(made, 800))


def test_a_chain_that_wanders_has_few_effective_draws(noise):
    made = fit(noise.cumsum(axis=1))
    table = publish.by_number(made)
    assert (table["ess_bulk"] < publish.LEAST_ESS).all()
    with pytest.raises(InputError, match="do not agree"):
        publish.check(publish.diagnostics(made, 800))


def test_chains_that_stand_still_are_refused(noise):
    """Each at its own place: that is no agreement, however it is counted."""
    still = np.broadcast_to(noise[:, :1], noise.shape)
    with pytest.raises(InputError, match="do not agree"):
        publish.check(publish.diagnostics(fit(still), 800))


def test_diagnostics_say_all_that_is_checked_and_written(noise):
    found = publish.diagnostics(fit(noise, divergences=2), 800)
    assert list(found) == [
        *("chains", "warmup", "draws", "divergences"),
        *("rhat_max", "ess_bulk_min", "ess_tail_min", "worst"),
    ]
    assert (found["chains"], found["warmup"], found["draws"], found["divergences"]) == (
        4,
        800,
        500,
        2,
    )
    least = [row["ess_bulk"] for row in found["worst"]]
    assert least == sorted(least)
    assert least[0] == pytest.approx(found["ess_bulk_min"], abs=0.1)
    assert {row["month"] for row in found["worst"]} == {"2022-02", "2022-03"}
    json.dumps(found, allow_nan=False)


def test_the_kept_medians_are_compared_with_all(noise):
    # Of few draws all are kept.
    assert publish.kept_off(fit(noise[:, :200])) == 0
    assert 0 < publish.kept_off(fit(noise)) < 0.1


def test_a_fit_that_is_refused_is_not_kept(noise, monkeypatch):
    written = []
    monkeypatch.setattr(publish.model, "fit", lambda **_: fit(noise, divergences=1))
    monkeypatch.setattr(kept, "write", lambda *given: written.append(given))
    with pytest.raises(InputError, match="1 divergences"):
        publish.write(progress=False)
    assert not written


def test_a_sound_fit_is_kept_with_its_diagnostics(noise, monkeypatch):
    made, written = fit(noise), []
    monkeypatch.setattr(publish.model, "fit", lambda **_: made)
    monkeypatch.setattr(kept, "write", lambda *given: written.append(given) or ["panel.csv"])
    assert publish.write(progress=False) == ["panel.csv"]
    [(given, found)] = written
    assert given is made
    assert found["divergences"] == 0
    assert found["kept_off_max"] == publish.kept_off(made)


def test_chains_that_stand_still_are_no_result():
    standing = fit(np.zeros((4, 50, len(MONTHS), len(CODES))))
    with pytest.raises(InputError, match="do not agree"):
        publish.check(publish.diagnostics(standing, 10))
