"""What each piece of evidence picks from the samples of draws, and which of two draws it prefers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows.assumptions import Assumptions
from hashrate_migration.flows.evidence import fleet_likelihood, pieces, press_counts, supply
from hashrate_migration.flows.evidence.miners import output_growth
from hashrate_migration.flows.evidence.pieces import NAMES, published
from hashrate_migration.flows.weights import normalised
from hashrate_migration.hashrate.mining_map import stocks
from hashrate_migration.tables.read import load

MONTHS = ["2021-06", "2021-07", "2021-08"]


def samples(**columns):
    return pd.DataFrame({name: np.asarray(values, float) for name, values in columns.items()})


def new(*per_month):
    return samples(**{f"new_{month}": per_month for month in MONTHS}).assign(new_ehs=1.0)


def test_all_pieces_have_a_name_in_words():
    assert [piece.name for piece in published()] == list(NAMES)


def test_a_piece_can_be_switched_off():
    assert [piece.name for piece in published(["press", "supply"])] == ["supply", "press"]
    with pytest.raises(InputError, match="evidence = 'rumours'"):
        published(["rumours"])


def test_supply_prefers_what_makers_sold():
    table = supply.supply_range(MONTHS)
    middle = float(table["median_ehs"].mean())
    found = pieces.Supply().log_likelihood(new(middle / 8, 0.8 * middle, 8 * middle))
    assert found[1] == found.max()
    assert (found[1] - found[[0, 2]] > 3).all()


def test_supply_is_blind_to_the_month():
    one, other = new(9.0), new(9.0)
    other[["new_2021-06", "new_2021-08"]] = [[3.0, 15.0]]
    piece = pieces.Supply()
    assert piece.log_likelihood(one) == pytest.approx(piece.log_likelihood(other))


def test_the_sum_of_months_is_as_certain_as_one_month_alone():
    """Of one month the sum is the month: log-normal as :func:`supply_range` says."""
    row = supply.supply_range(["2021-08"]).iloc[0]
    found = supply.total_likelihood([5.0, 12.0], ["2021-08"])
    exact = norm.logpdf(np.log([5.0, 12.0]), np.log(row["median_ehs"]), row["log_sd"])
    assert found == pytest.approx(exact)


def test_the_sum_of_months_has_the_spread_of_drawn_sums():
    months = [f"2021-{month:02d}" for month in range(6, 13)]
    mean, covariance, _ = supply._moments(supply._months(months), supply.MAKER, None)
    logs = np.random.default_rng(0).multivariate_normal(mean, covariance, 40_000)
    sums = np.log(np.exp(logs).sum(axis=1))
    grid = np.log(np.linspace(20, 400, 4000))
    density = np.exp(supply.total_likelihood(np.exp(grid), months))
    weights = density * np.gradient(grid)
    middle = (grid * weights).sum() / weights.sum()
    sd = np.sqrt(((grid - middle) ** 2 * weights).sum() / weights.sum())
    assert middle == pytest.approx(sums.mean(), abs=0.03)
    assert sd == pytest.approx(sums.std(), rel=0.1)


def test_fleets_judge_lag_and_retirement():
    drawn = samples(
        prepared_share=[0.3, 0.3, 0.0], lag_months=[4.0, 4.0, 40.0], retired_share=[0.1, 0.9, 0.1]
    )
    found = pieces.Fleets().log_likelihood(drawn)
    assert found[0] > found[1] + 1
    assert found[0] > found[2] + 1


def test_fleets_that_arrive_at_once_are_those_that_run_at_once():
    drawn = samples(prepared_share=[1.0], lag_months=[5.0], retired_share=[0.1])
    # Of prepared moves 1 - 0.7 / 1.7 arrive in the month, the rest by the same part of what is left.
    late = (0.7 / 1.7) ** (1 + np.arange(Assumptions().max_lag + 1))
    exact = fleet_likelihood(running=[1 - late], retired=[0.1])
    assert pieces.Fleets().log_likelihood(drawn) == pytest.approx(exact)


def test_press_judges_what_counted_countries_received():
    places = {"KAZ": [4.0, 0.01], "RUS": [3.0, 0.01], "USA": [9.0, 0.01], "CAN": [1.0, 1.0]}
    found = pieces.Press().log_likelihood(samples(**places))
    assert found[0] > found[1] + 3
    counted = {code: values for code, values in places.items() if code != "CAN"}
    assert found == pytest.approx(press_counts(counted))


def test_listed_miners_are_a_floor():
    """What fell while its miners gained is unlikely; a gain of any size above theirs is not."""
    gained = [-6.0, 1.5, 20.0]
    drawn = samples(
        **{f"stock_{code}_2021-06": [10.0] * 3 for code in ("USA", "CAN")},
        **{f"stock_{code}_2021-07": np.add(10.0, gained) for code in ("USA", "CAN")},
    )
    found = pieces.Miners().log_likelihood(drawn)
    assert found[1] > found[0] + 5
    assert found[2] >= found[1] > -1


def test_a_firm_with_machines_in_two_countries_stands_for_both():
    both = [place for place in output_growth("2021-06", "2021-07").index if "+" in place]
    assert both == ["USA+CAN"]
    # The one loses what the other gains: together nothing.
    moved = {"stock_USA_2021-06": [20.0], "stock_USA_2021-07": [23.0]}
    moved |= {"stock_CAN_2021-06": [20.0], "stock_CAN_2021-07": [23.0]}
    assert np.isfinite(pieces.Miners().log_likelihood(samples(**moved))).all()


@pytest.mark.parametrize(
    ("piece", "missing"),
    [
        (pieces.Supply(), "new machines by month"),
        (pieces.Fleets(), "prepared_share"),
        (pieces.Press(), "KAZ"),
        (pieces.Miners(), "stock_CAN_2021-07"),
    ],
)
def test_flows_of_another_world_are_refused(piece, missing):
    with pytest.raises(InputError, match=f"{piece.name}.* speaks of {missing}.*; leave it out"):
        piece.log_likelihood(samples(departed=[1.0]))


def test_a_refusal_reaches_who_asked():
    """The sentence of a piece, not one about its likelihood."""
    mapped = stocks().rename(columns={"KAZ": "ATL"})
    with pytest.raises(InputError, match="'press' speaks of KAZ"):
        flows.monte_carlo(mapped, 32, start="2021-06", end="2021-08", evidence=published(["press"]))


@pytest.fixture(scope="module")
def mapped():
    """Flows on the real map with all evidence, and what each piece alone makes of their means."""
    found = flows.monte_carlo(stocks(), 200, start="2021-06", end="2021-08", evidence=published())
    drawn = found.samples.assign(
        gained=found.samples["stock_USA_2021-07"] - found.samples["stock_USA_2021-06"]
    )
    told = {"accounts": found.accounts_weights}
    with np.errstate(divide="ignore"):
        base = np.log(found.accounts_weights)
    for name in found.evidence:
        told[name] = normalised(base + found.evidence[name].to_numpy())
    return drawn, told


def mean(mapped, column, piece):
    drawn, told = mapped
    return np.average(drawn[column], weights=told[piece])


def test_what_was_counted_in_russia_raises_what_went_there(mapped):
    assert "RUS" in set(load("relocation_reports")["destination"])
    assert mean(mapped, "RUS", "press") > mean(mapped, "RUS", "accounts") + 1


def test_fleets_that_waited_lengthen_the_lag(mapped):
    assert mean(mapped, "lag_months", "fleets") > mean(mapped, "lag_months", "accounts")


def test_miners_that_gained_raise_what_their_country_gained(mapped):
    assert mean(mapped, "gained", "miners") > mean(mapped, "gained", "accounts")


def test_sales_bound_new_machines_on_both_sides(mapped):
    """The accounts have new machines where the makers sold them: what strays from there weighs less."""
    drawn, told = mapped
    low, high = np.quantile(drawn["new_ehs"], [0.1, 0.9])
    for outer in (drawn["new_ehs"] < low, drawn["new_ehs"] > high):
        assert told["supply"][outer].sum() < told["accounts"][outer].sum()
