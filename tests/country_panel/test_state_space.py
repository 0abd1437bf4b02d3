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


class Dense:
    """The same model as one large Gaussian: no filter, slopes by differences of the formula."""

    length, walk, jump = 6, 0.3, 0.9
    countries = CODES[:-1]
    biases = [
        ("pool_home", "CHN", 0.6, 0.05),
        ("vendor", "USA", 0.2, 0.0),
    ]  # kind, whose, sd, drift

    def __init__(self):
        span = months(self.length)
        self.break_month = span[3]
        rows = [
            estimate(span[0], "CHN", 0.6, 0.2),
            estimate(span[0], "CHN", 0.75, 0.1, "pool_home", 0.6, 0.05),
            estimate(span[1], "USA", 0.15, 0.2, "vendor", 0.2),
            estimate(span[2], "CHN", 0.7, 0.1, "pool_home", 0.6, 0.05),
            estimate(span[3], "USA+OTH", 0.5, 0.3, "survey", 0.4),  # seen once: bias is scatter
            estimate(span[4], "USA", 0.3, 0.2, "vendor", 0.2),
            estimate(span[4], "USA", 0.25, 0.4, "pool_sample"),
            estimate(span[5], "CHN", 0.3, 0.1, "pool_home", 0.6, 0.05),
        ]
        self.rows = pd.DataFrame(rows, index=range(10, 18))
        self.shared = {(kind, whose): n for n, (kind, whose, *_) in enumerate(self.biases)}
        prior = self.prior()
        at = np.zeros(len(prior))
        noise = np.diag([self.scatter(row) for row in self.rows.itertuples()])
        for _ in range(60):
            slopes = self.slopes(self.rows, at)
            gain = prior @ slopes.T @ np.linalg.inv(slopes @ prior @ slopes.T + noise)
            surprise = self.rows["log_odds"].to_numpy() - self.seen(self.rows, at) + slopes @ at
            at, before = gain @ surprise, at
            if np.abs(at - before).max() < 1e-7:
                break
        else:
            pytest.fail("The dense computation has not come to rest.")
        self.mean, self.covariance = at, prior - gain @ slopes @ prior
        self.log_ratios = at[: 3 * self.length].reshape(self.length, 3)

    def prior(self):
        """Covariance of log-ratios (month by month) and biases: what a random walk adds up to."""
        month = np.arange(self.length)
        until = np.minimum.outer(month, month)
        steps = np.array([0.0, *[self.walk**2] * 2, self.jump**2, *[self.walk**2] * 2])
        ratios = state_space.START_SD**2 + np.cumsum(steps)[until]
        blocks = [np.kron(ratios, np.eye(3) + 1)]
        for *_, sd, drift in self.biases:
            blocks.append(sd**2 + max(drift, state_space.LEAST_DRIFT) ** 2 * until)
        whole = np.zeros((5 * self.length, 5 * self.length))
        whole[: 3 * self.length, : 3 * self.length] = blocks[0]
        for n, block in enumerate(blocks[1:]):
            part = slice((3 + n) * self.length, (4 + n) * self.length)
            whole[part, part] = block
        return whole

    def scatter(self, row):
        once = (row.kind, row.members) not in self.shared
        return row.error_sd**2 + once * row.offset_sd**2

    def seen(self, rows, at):
        ratios = at[: 3 * self.length].reshape(self.length, 3)
        parts = np.exp(np.column_stack([ratios, np.zeros(self.length)]))
        values = []
        for row in rows.itertuples():
            here = parts[row.month.month - 1]
            named = [CODES.index(code) for code in row.members.split("+")]
            value = np.log(here[named].sum() / (here.sum() - here[named].sum()))
            if (row.kind, row.members) in self.shared:
                first = (3 + self.shared[row.kind, row.members]) * self.length
                value += at[first + row.month.month - 1]
            values.append(value)
        return np.array(values)

    def slopes(self, rows, at):
        steps = 1e-5 * np.eye(len(at))
        return np.column_stack(
            [(self.seen(rows, at + step) - self.seen(rows, at - step)) / 2e-5 for step in steps]
        )


@pytest.fixture(scope="module")
def dense():
    return Dense()


def smoothed(dense):
    """The smoother on the problem of `dense`."""
    breaks = pd.DatetimeIndex([dense.break_month])
    return state_space.smooth(
        dense.rows, CODES, months(dense.length), dense.walk, dense.jump, breaks
    )


def test_path_and_biases_are_those_of_the_dense_computation(dense):
    tiny = smoothed(dense)
    assert tiny.codes == CODES
    assert tiny.months.equals(months(dense.length))
    # The path stands still at 1e-5 of a share, so its log-ratios at some 1e-4.
    assert tiny.log_ratios == pytest.approx(dense.log_ratios, abs=1e-3)
    assert tiny.biases.index.equals(months(dense.length))
    assert tiny.biases.columns.names == ["kind", "members"]
    assert tiny.biases.columns.tolist() == [("pool_home", "CHN"), ("vendor", "USA")]
    wanted = dense.mean[3 * dense.length :].reshape(2, dense.length).T
    assert tiny.biases.to_numpy() == pytest.approx(wanted, abs=1e-3)


def test_figures_to_come_are_expected_as_by_the_dense_computation(dense):
    tiny = smoothed(dense)
    span = months(dense.length)
    new = pd.DataFrame(
        [
            estimate(span[1], "CHN", 0.5, 0.1, "pool_home", 0.6, 0.05),  # its bias is known
            estimate(span[5], "USA", 0.5, 0.3, "survey", 1.0),  # its bias is not
            estimate(span[2], "KAZ+OTH", 0.5, 0.2),
            estimate(span[3], "KAZ", 0.5, 0.5),
        ],
        index=[7, 5, 3, 1],
    )
    guess = state_space.expected(tiny, new)
    slopes = dense.slopes(new, dense.mean)
    variance = np.einsum("ij,jk,ik->i", slopes, dense.covariance, slopes)
    variance += [dense.scatter(row) for row in new.itertuples()]
    assert guess.columns.tolist() == ["log_odds", "sd"]
    assert guess.index.tolist() == [7, 5, 3, 1]
    assert guess["log_odds"].to_numpy() == pytest.approx(dense.seen(new, dense.mean), abs=2e-3)
    assert guess["sd"].to_numpy() == pytest.approx(np.sqrt(variance), rel=2e-3)


def test_draws_scatter_as_the_dense_computation_says(dense):
    tiny = smoothed(dense)
    count = 40_000
    drawn = tiny.draw(count, 3)
    assert drawn.shape == (count, dense.length, 4)
    flat = np.log(drawn[:, :, :3] / drawn[:, :, 3:]).reshape(count, -1)
    wanted = dense.covariance[: flat.shape[1], : flat.shape[1]]
    spread = np.sqrt(np.diag(wanted))
    # A mean of draws has an error of 1/200 standard deviations, a covariance one of at most 1/140:
    # five of them.
    assert (flat.mean(axis=0) - dense.mean[: flat.shape[1]]) / spread == pytest.approx(0, abs=0.025)
    off = (np.cov(flat.T) - wanted) / np.outer(spread, spread)
    assert off == pytest.approx(np.zeros_like(off), abs=0.036)


@pytest.mark.parametrize(
    ("whose", "gap"),
    # The rest that is seen together with others only is what the sum leaves over.
    [(CODES, 4), (["CHN", "USA", "KAZ", "KAZ+OTH"], 1)],
)
def test_exact_figures_need_no_second_round(whose, gap):
    """The walk between exact figures for all parts is straight in the log, as is the first guess."""
    span = months(gap + 2)
    early, late = np.array([0.5, 0.2, 0.2, 0.1]), np.array([0.2, 0.3, 0.1, 0.4])
    rows = [
        estimate(span[t], name, sum(shares[CODES.index(c)] for c in name.split("+")), 1e-3)
        for t, shares in ((0, early), (gap, late))
        for name in whose
    ]
    path = state_space.smooth(pd.DataFrame(rows), CODES, span, 0.5, 0.5, NO_BREAK)
    for t in range(gap + 2):
        part = min(t / gap, 1)  # after the last figure the path stays
        wanted = early ** (1 - part) * late**part
        assert path.shares()[t] == pytest.approx(wanted / wanted.sum(), abs=1e-3)
    assert path.rounds == 1


def test_messages_of_the_smoother_say_what_to_do():
    _, rows = simulate(1, count=12)
    with pytest.raises(InputError) as caught:
        state_space.smooth(rows, CODES, months(12), 0.1, -1.0, NO_BREAK)
    assert str(caught.value) == (
        "walk_sd = 0.1 and break_sd = -1.0 must be above 0; they are standard deviations of "
        "monthly steps."
    )
    with pytest.raises(InputError) as caught:
        state_space.smooth(rows.iloc[:0], CODES, months(12), 0.1, 0.1, NO_BREAK)
    assert str(caught.value) == "No estimate enters the panel; let at least one kind enter."
