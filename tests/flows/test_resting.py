from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import flows
from hashrate_migration.errors import InputError

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
    assert list(found) == ["prior", "figure", "median", "doubled", "moved", "robust"]
    assert list(found["figure"].unique()) == ["departed", "abroad", "back", "retired"]
    np.testing.assert_allclose(found["moved"], found["doubled"] - found["median"])
    for _, own in found.groupby("figure"):
        assert (own["median"] == own["median"].iloc[0]).all()
        assert own["robust"].all() == (own["moved"].abs().max() < 2)


def test_an_unknown_prior():
    with pytest.raises(InputError, match="^There is no prior 'weather'; there are: proxy_share, "):
        flows.doubled(STOCKS, 64, 0, priors=["weather"], **TOLD)
