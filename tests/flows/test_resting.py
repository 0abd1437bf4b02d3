from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows import resting

MONTHS = pd.date_range("2021-01-01", periods=8, freq="MS")
STOCKS = pd.DataFrame(
    {
        "HUB": [60.0, 60, 40, 15, 15, 18, 20, 22],
        "A": [30.0, 31, 33, 40, 46, 50, 55, 60],
        "B": [20.0, 20, 21, 24, 27, 30, 33, 36],
    },
    MONTHS,
)
TOLD = {
    "origin": "HUB",
    "start": "2021-03",
    "end": "2021-04",
    "assumptions": flows.Assumptions(home="HUB", proxies=()),
}


class Normal:
    """What A received is known with a normal error."""

    def __init__(self, name: str, column: str, mean: float, sd: float) -> None:
        self.name, self.column, self.mean, self.sd = name, column, mean, sd

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        return -0.5 * ((samples[self.column].to_numpy() - self.mean) / self.sd) ** 2


@pytest.fixture(scope="module")
def table():
    pieces = [Normal("count", "A", 15.0, 3.0), Normal("sales", "new_ehs", 8.0, 2.0)]
    return flows.rests_on(STOCKS, 192, 0, evidence=pieces, **TOLD)


def test_every_headline_has_its_steps(table):
    steps = ["assumptions", "accounts", "evidence", "without count", "without sales"]
    for _, own in table.groupby("figure"):
        assert list(own["based_on"]) == steps
    assert (table["low"] <= table["median"]).all()
    assert (table["median"] <= table["high"]).all()
    assert (table["effective"] > 0).all()


def test_evidence_moves_the_headline_that_it_speaks_of(table):
    abroad = table[table["figure"] == "abroad"].set_index("based_on")
    # The count of A is above what the accounts lead one to expect.
    assert abroad.loc["without sales", "median"] > abroad.loc["accounts", "median"] + 1
    assert abroad.loc["without sales", "median"] > abroad.loc["without count", "median"]


def test_the_accounts_row_is_the_answer_without_evidence(table):
    plain = flows.monte_carlo(STOCKS, 192, 0, **TOLD).headlines.set_index("figure")
    own = table[table["based_on"] == "accounts"].set_index("figure")
    # More draws may have been taken for the evidence; they begin with the same ones.
    if own["effective"].iloc[0] < 192:
        for figure in ("departed", "abroad", "back"):
            assert own.loc[figure, "median"] == pytest.approx(plain.loc[figure, "median"], abs=3)


def test_doubled_ranges():
    found = flows.doubled(STOCKS, 64, 0, priors=["supply_ehs", "prior_sd"], **TOLD)
    columns = ["prior", "figure", "median", "doubled", "moved", "error", "robust"]
    assert list(found) == columns
    assert list(found["figure"].unique()) == ["departed", "abroad", "back", "retired"]
    np.testing.assert_allclose(found["moved"], found["doubled"] - found["median"])
    assert (found["error"] >= 0).all()
    for _, own in found.groupby("figure"):
        assert (own["median"] == own["median"].iloc[0]).all()
        assert own["robust"].all() == ((own["moved"].abs() + own["error"]).max() < 2)


def made_up(scale, asked):
    """Draws whose headlines are the part retired times a number, evenly over its range."""

    def draw(_stocks, draws, seed, *, assumptions, **_):
        asked.append(seed)
        low, high = assumptions.retired_share
        part = low + (high - low) * (np.arange(draws) + 0.5) / draws
        samples = pd.DataFrame(dict.fromkeys(resting.HEADLINES, scale * part))
        weights = np.full(draws, 1 / draws)
        return SimpleNamespace(
            samples=samples.assign(retired_share=part, proxy_share=0.5),
            weights=weights,
            candidate=np.arange(draws),
        )

    return draw


@pytest.mark.parametrize(("scale", "robust"), [(100.0, False), (10.0, True)])
def test_what_a_doubled_range_adds_moves_the_median(monkeypatch, scale, robust):
    asked = []
    monkeypatch.setattr(resting, "monte_carlo", made_up(scale, asked))
    # Doubled this range ends at 0.6: its middle moves from 0.2 to 0.3.
    told = flows.Assumptions(retired_share=(0.0, 0.4))
    found = flows.doubled(STOCKS, 6000, priors=["retired_share"], assumptions=told)
    assert found["median"].to_list() == pytest.approx([0.2 * scale] * 4, rel=1e-2)
    assert found["moved"].to_list() == pytest.approx([0.1 * scale] * 4, rel=1e-2)
    # Of an evenly drawn part of 0.2 (a third of the weight), and of one of 0.4.
    deviations = np.array([0.2, 0.4]) / np.sqrt(12)
    errors = np.sqrt(np.pi / 2) * deviations / np.sqrt([2000, 6000 + 4000])
    error = 1.645 * scale / 3 * np.hypot(*errors)
    assert found["error"].to_list() == pytest.approx([error] * 4, rel=1e-2)
    assert (found["robust"] == robust).all()


@pytest.mark.parametrize(("draws", "robust"), [(6000, True), (12, False)])
def test_what_is_not_known_well_enough_is_not_robust(monkeypatch, draws, robust):
    monkeypatch.setattr(resting, "monte_carlo", made_up(19.0, []))
    told = flows.Assumptions(retired_share=(0.0, 0.4))
    found = flows.doubled(STOCKS, draws, priors=["retired_share"], assumptions=told)
    assert (found["robust"] == robust).all()


def test_a_range_that_is_as_wide_as_can_be_or_not_used_moves_nothing(monkeypatch):
    asked = []
    monkeypatch.setattr(resting, "monte_carlo", made_up(100.0, asked))
    found = flows.doubled(STOCKS, 60, 5, priors=["proxy_share", "hidden_share"])
    assert (found[["moved", "error"]] == 0).all(axis=None)
    # Only the draws as assumed were made.
    assert asked == [5]


def test_draws_that_are_there_are_not_made_again(monkeypatch):
    asked = []
    draw = made_up(100.0, asked)
    monkeypatch.setattr(resting, "monte_carlo", draw)
    there = draw(None, 60, 0, assumptions=flows.Assumptions())
    flows.doubled(STOCKS, 60, 5, priors=["retired_share"], found=there)
    # Chance of its own for each prior.
    assert asked == [0, 6]


def test_an_unknown_prior():
    with pytest.raises(InputError, match="^There is no prior 'weather'; there are: proxy_share, "):
        flows.doubled(STOCKS, 64, 0, priors=["weather"], **TOLD)
