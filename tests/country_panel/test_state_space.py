"""The smoother: does it find the most likely path, and is it honest about the rest?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import logit, softmax

from hashrate_migration.country_panel import state_space
from hashrate_migration.errors import InputError

CODES = ["CHN", "USA", "KAZ", "OTH"]
NO_BREAK = pd.DatetimeIndex([])


def months(count):
    return pd.date_range("2020-01-01", periods=count, freq="MS")


def estimate(month, members, share, error=0.1, kind="pool_sample", offset=0.0, drift=0.0):
    return {
        "estimate_id": f"{month:%Y-%m}-{members}-{kind}",
        "month": month,
        "members": members,
        "kind": kind,
        "share_pct": 100 * share,
        "log_odds": logit(share),
        "error_sd": error,
        "offset_sd": offset,
        "drift_sd": drift,
    }


def simulate(seed, count=60, walk=0.1, error=0.1):
    """A true path of shares, and estimates of some of them."""
    random = np.random.default_rng(seed)
    logs = np.log([0.5, 0.2, 0.1, 0.2]) + np.cumsum(random.normal(0, walk, (count, 4)), axis=0)
    truth = softmax(logs, axis=1)
    rows = [
        estimate(
            month, code, 1 / (1 + np.exp(-(logit(truth[t, c]) + random.normal(0, error)))), error
        )
        for t, month in enumerate(months(count))
        for c, code in enumerate(CODES)
        if random.random() < 0.35
    ]
    return truth, pd.DataFrame(rows)


def test_the_band_holds_a_simulated_truth():
    inside = []
    for seed in range(6):
        truth, rows = simulate(seed)
        path = state_space.smooth(rows, CODES, months(60), 0.1, 0.1, NO_BREAK)
        low, high = np.quantile(path.draw(400, seed), [0.05, 0.95], axis=0)
        inside.append((truth >= low) & (truth <= high))
    assert 0.84 < np.mean(inside) < 0.95


def test_the_path_is_the_most_likely_one():
    # The same posterior, written out and given to a general optimiser.
    rows = pd.DataFrame(
        [
            estimate(pd.Timestamp("2020-01-01"), "CHN", 0.6),
            estimate(pd.Timestamp("2020-03-01"), "USA+KAZ", 0.3, error=0.2),
            estimate(pd.Timestamp("2020-04-01"), "CHN", 0.4, error=0.3),
            estimate(pd.Timestamp("2020-02-01"), "USA", 0.1),
        ]
    )
    walk, length = 0.2, 4
    path = state_space.smooth(rows, CODES, months(length), walk, walk, NO_BREAK)
    alike = np.linalg.inv(np.eye(3) + 1)
    inside = {"CHN": [0], "USA": [1], "USA+KAZ": [1, 2]}

    def misfit(flat):
        z = flat.reshape(length, 3)
        shares = softmax(np.column_stack([z, np.zeros(length)]), axis=1)
        total = z[0] @ alike @ z[0] / state_space.START_SD**2
        total += sum(step @ alike @ step for step in np.diff(z, axis=0)) / walk**2
        for row in rows.itertuples():
            share = shares[row.month.month - 1, inside[row.members]].sum()
            total += ((row.log_odds - logit(share)) / row.error_sd) ** 2
        return total

    best = minimize(misfit, np.zeros(length * 3), options={"gtol": 1e-9})
    best_shares = softmax(np.column_stack([best.x.reshape(length, 3), np.zeros(length)]), axis=1)
    assert path.shares() == pytest.approx(best_shares, abs=2e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 0.5))
def test_shares_add_to_one_in_the_middle_and_in_every_draw(seed, walk):
    _, rows = simulate(seed, count=12)
    if rows.empty:
        return
    path = state_space.smooth(rows, CODES, months(12), walk, walk, NO_BREAK)
    assert path.shares().sum(axis=1) == pytest.approx(1)
    draws = path.draw(20, seed)
    assert draws.sum(axis=2) == pytest.approx(1)
    assert (draws > 0).all()


def test_the_band_widens_away_from_estimates():
    month = months(24)
    rows = pd.DataFrame([estimate(month[0], code, 0.25) for code in CODES])
    path = state_space.smooth(rows, CODES, month, 0.1, 0.1, NO_BREAK)
    low, high = np.quantile(path.draw(2000, 0)[:, :, 0], [0.05, 0.95], axis=0)
    width = high - low
    assert width[23] > width[12] > width[3] > width[0]


def test_a_break_lets_shares_jump():
    month = months(6)
    rows = pd.DataFrame([estimate(month[0], "CHN", 0.7, 0.3), estimate(month[5], "CHN", 0.1, 0.3)])
    calm = state_space.smooth(rows, CODES, month, 0.1, 0.1, NO_BREAK).shares()[:, 0]
    broken = state_space.smooth(rows, CODES, month, 0.1, 1.0, month[3:4]).shares()[:, 0]
    assert broken[2] - broken[3] > 0.3
    assert calm[2] - calm[3] < 0.15


def test_a_bias_is_learned_where_a_kind_overlaps_a_better_one():
    month = months(24)
    shifted = 1 / (1 + np.exp(-(logit(0.4) + 0.8)))
    rows = [estimate(month[t], "CHN", 0.4, 0.05) for t in range(12)]
    rows += [estimate(month[t], "CHN", shifted, 0.05, "pool_home", 1.0) for t in range(24)]
    path = state_space.smooth(pd.DataFrame(rows), CODES, month, 0.05, 0.05, NO_BREAK)
    assert path.biases[("pool_home", "CHN")].iloc[0] == pytest.approx(0.8, abs=0.05)
    # Alone, the biased kind still says 40 percent, not the 60 that it prints.
    assert path.shares()[20, 0] == pytest.approx(0.4, abs=0.03)


def test_a_bias_seen_once_is_only_scatter():
    month = months(3)
    rows = pd.DataFrame([estimate(month[1], "CHN", 0.4, 0.1, "survey", 1.0)])
    path = state_space.smooth(rows, CODES, month, 0.1, 0.1, NO_BREAK)
    assert path.biases.empty
    guess = state_space.expected(path, rows)
    assert guess["sd"].item() > 1.0


def test_a_guess_leads_to_the_same_path():
    _, rows = simulate(3)
    cold = state_space.smooth(rows, CODES, months(60), 0.1, 0.1, NO_BREAK)
    warm = state_space.smooth(rows, CODES, months(60), 0.1, 0.1, NO_BREAK, cold.log_ratios)
    assert warm.shares() == pytest.approx(cold.shares(), abs=1e-4)
    assert warm.rounds <= cold.rounds


def test_draws_repeat_with_their_seed():
    _, rows = simulate(1, count=12)
    path = state_space.smooth(rows, CODES, months(12), 0.1, 0.1, NO_BREAK)
    assert (path.draw(5, 7) == path.draw(5, 7)).all()
    assert (path.draw(5, 7) != path.draw(5, 8)).any()


@pytest.mark.parametrize(("walk", "jump"), [(0.0, 0.1), (0.1, -1.0)])
def test_steps_must_be_possible(walk, jump):
    _, rows = simulate(1, count=12)
    with pytest.raises(InputError, match="must be above 0"):
        state_space.smooth(rows, CODES, months(12), walk, jump, NO_BREAK)


def test_without_estimates_there_is_no_panel():
    _, rows = simulate(1, count=12)
    with pytest.raises(InputError, match="No estimate enters"):
        state_space.smooth(rows.iloc[:0], CODES, months(12), 0.1, 0.1, NO_BREAK)
