r"""Shares of countries as hidden states, seen through estimates of unequal worth.

The state of month t is the vector of log-ratios :math:`z_c = \log(s_c / s_{OTH})` of each
country to all others (Aitchison 1986, The Statistical Analysis of Compositional Data, ch. 6),
so that shares from any state add to one:

.. math:: s_c = \frac{e^{z_c}}{1 + \sum_k e^{z_k}}.

It moves as a random walk whose steps are alike for every part of the whole: the log of each
part, `OTH` included, takes independent steps, so the steps of the log-ratios have the covariance
:math:`\sigma^2 (I + \mathbf{1}\mathbf{1}')`. In the months of a break the steps are larger.

An estimate of the share S of one or several countries is seen in log-odds,

.. math:: y = \log\frac{S}{1 - S} + b_{kind,countries} + e,

where the bias b is a state too: it begins with the standard deviation of its kind and drifts. A
bias that is seen in one estimate only cannot be told from scatter and is counted as such.

The log-odds are not linear in z. They are made so around a path of shares, the Kalman smoother
of statsmodels gives a better path, and so on until the path stands still: the iterated
extended Kalman smoother, which is Gauss-Newton for the most likely path (Bell 1994, The iterated
Kalman smoother as a Gauss-Newton method, SIAM Journal on Optimization 4, 626-636).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import logit, softmax
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother, SmootherResults

from hashrate_migration.errors import InputError
from hashrate_migration.tables.regions import REST

START_SD = 4.0
"""Standard deviation of the log-ratios before the first month: nothing is known."""

LEAST_DRIFT = 1e-3
"""Every bias drifts a little, so that the covariance of a step has an inverse."""

TOLERANCE = 1e-5
"""The path stands still when no share moves by more."""

MOST_ROUNDS = 100

LONGEST_STEP = 2.0
"""A step goes at most so many times as far as the linear model asks."""


@dataclass(frozen=True)
class Smoothed:
    """The path of shares, given all estimates.

    Attributes
    ----------
    months : DatetimeIndex
    codes : list of str
        Countries, then ``OTH``.
    log_ratios : ndarray, month x country
        Smoothed log-ratios to ``OTH``.
    biases : DataFrame
        Smoothed bias in log-odds by month, one column per (kind, countries).
    filtered : SmootherResults
        What statsmodels' filter and smoother give for the model made linear around the path.
    rounds : int
        Linearisations until the path stood still.
    """

    months: pd.DatetimeIndex
    codes: list[str]
    log_ratios: np.ndarray
    biases: pd.DataFrame
    filtered: SmootherResults
    rounds: int

    def shares(self) -> np.ndarray:
        """Shares of the smoothed path: the centre of the composition, month x code."""
        return _shares(self.log_ratios)

    def draw(self, draws: int, seed: int) -> np.ndarray:
        """Paths of shares drawn from what the estimates leave open.

        Parameters
        ----------
        draws : int
            How many.
        seed : int
            Seed of the random numbers.

        Returns
        -------
        ndarray, draw x month x code
            Fractions; those of a month add to one.

        Notes
        -----
        Backward sampling: the last month from its filtered distribution, then each month
        given the one after it (Carter & Kohn 1994, On Gibbs sampling for state space models,
        Biometrika 81, 541-553). All draws go back together, which takes one decomposition
        per month instead of one smoother run per draw.
        """
        known = self.filtered
        generator = np.random.default_rng(seed)
        states, length = known.filtered_state.shape
        paths = np.empty((draws, length, len(self.codes)))
        state = _normal(generator, draws, np.zeros(states), known.filtered_state_cov[:, :, -1])
        state += known.filtered_state[:, -1]
        for period in reversed(range(length)):
            if period < length - 1:
                # What month `period` can still be, once the month after it is drawn.
                here = known.filtered_state_cov[:, :, period]
                ahead = known.predicted_state_cov[:, :, period + 1]
                gain = np.linalg.solve(ahead, here).T
                surprise = state - known.predicted_state[:, period + 1]
                left = here - gain @ here
                state = _normal(generator, draws, known.filtered_state[:, period], left)
                state += surprise @ gain.T
            paths[:, period] = _shares(state[:, : len(self.codes) - 1])
        return paths


def expected(path: Smoothed, estimates: pd.DataFrame) -> pd.DataFrame:
    """What a smoothed path lets one expect of estimates that it need not have seen.

    Parameters
    ----------
    path : Smoothed
        From :func:`smooth`.
    estimates : DataFrame
        In the form of :func:`hashrate_migration.country_panel.estimates.observations`.

    Returns
    -------
    DataFrame
        Columns log_odds and sd: mean and standard deviation of the figure that would be
        printed, with the bias and the scatter of its kind; index as in `estimates`.
    """
    layout, _ = _lay_out(estimates, path.months, path.codes)
    value, slope = _tangent(layout, path.log_ratios)
    countries = path.log_ratios.shape[1]
    weights = np.zeros((len(estimates), path.filtered.k_states))
    weights[:, :countries] = slope
    known = list(path.biases.columns)
    pairs = list(zip(estimates["kind"], estimates["members"], strict=True))
    apart = np.where([pair in known for pair in pairs], 0.0, estimates["offset_sd"])
    for row, pair in enumerate(pairs):
        if pair in known:
            weights[row, countries + known.index(pair)] = 1.0
    states = path.filtered.smoothed_state.T[layout.period]
    covariances = path.filtered.smoothed_state_cov.transpose(2, 0, 1)[layout.period]
    bias = (weights[:, countries:] * states[:, countries:]).sum(axis=1)
    variance = np.einsum("ij,ijk,ik->i", weights, covariances, weights)
    return pd.DataFrame(
        {
            "log_odds": value + bias,
            "sd": np.sqrt(variance + estimates["error_sd"].to_numpy() ** 2 + apart**2),
        },
        index=estimates.index,
    )


def _normal(
    generator: np.random.Generator, draws: int, mean: np.ndarray, covariance: np.ndarray
) -> np.ndarray:
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    return mean + generator.standard_normal((draws, len(mean))) @ root.T


def _shares(log_ratios: np.ndarray) -> np.ndarray:
    rest = np.zeros((*log_ratios.shape[:-1], 1))
    return softmax(np.concatenate([log_ratios, rest], axis=-1), axis=-1)


def _shared_biases(observations: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of kind and countries whose bias several estimates share."""
    biased = observations[observations["offset_sd"] > 0]
    counts = biased.groupby(["kind", "members"]).size()
    return [(str(kind), str(members)) for kind, members in counts.index[counts > 1]]


@dataclass(frozen=True)
class _Layout:
    """Which estimate sits where in the arrays of the model."""

    period: np.ndarray
    slot: np.ndarray
    counted: np.ndarray
    bias: np.ndarray
    variance: np.ndarray
    log_odds: np.ndarray


def _lay_out(
    observations: pd.DataFrame, months: pd.DatetimeIndex, codes: list[str]
) -> tuple[_Layout, list[tuple[str, str]]]:
    biases = _shared_biases(observations)
    pairs = list(zip(observations["kind"], observations["members"], strict=True))
    shared = np.array([biases.index(pair) if pair in biases else -1 for pair in pairs])
    once = np.where(shared < 0, observations["offset_sd"], 0.0)
    counted = np.array([[code in members.split("+") for code in codes] for _, members in pairs])
    layout = _Layout(
        period=months.get_indexer(pd.DatetimeIndex(observations["month"])),
        slot=observations.groupby("month").cumcount().to_numpy(),
        counted=counted,
        bias=shared,
        variance=(observations["error_sd"] ** 2 + once**2).to_numpy(),
        log_odds=observations["log_odds"].to_numpy(),
    )
    return layout, biases


def _tangent(layout: _Layout, log_ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of the estimates at a path, and their slopes in the log-ratios."""
    shares = _shares(log_ratios)[layout.period]
    total = (shares * layout.counted).sum(axis=1)
    inside = shares / total[:, None]
    outside = -shares / (1 - total)[:, None]
    slope = np.where(layout.counted, inside, outside)[:, : log_ratios.shape[1]]
    return logit(total), slope


def _linearise(model: KalmanSmoother, layout: _Layout, log_ratios: np.ndarray) -> None:
    """Set design and intercept so that the model is tangent to the log-odds at a path."""
    value, slope = _tangent(layout, log_ratios)
    countries = log_ratios.shape[1]
    slots, periods = model.endog.shape
    design = np.zeros((slots, model.k_states, periods))
    design[layout.slot, :countries, layout.period] = slope
    biased = layout.bias >= 0
    design[layout.slot[biased], countries + layout.bias[biased], layout.period[biased]] = 1.0
    intercept = np.zeros((slots, periods))
    at_path = (slope * log_ratios[layout.period]).sum(axis=1)
    intercept[layout.slot, layout.period] = value - at_path
    model["design"] = design
    model["obs_intercept"] = intercept


def _misfit(layout: _Layout, path: np.ndarray, start: np.ndarray, steps: np.ndarray) -> float:
    """Minus the log of a path's posterior density, up to a constant.

    `start` and `steps` are the inverse covariances of the first state and of every step.
    """
    countries = layout.counted.shape[1] - 1
    value, _ = _tangent(layout, path[:countries].T)
    biased = layout.bias >= 0
    bias = np.zeros(len(value))
    bias[biased] = path[countries + layout.bias[biased], layout.period[biased]]
    residual = layout.log_odds - value - bias
    moves = np.diff(path, axis=1).T
    walk = (np.matmul(moves[:, None, :], steps)[:, 0] * moves).sum()
    begun = path[:, 0] @ start @ path[:, 0]
    return float((residual**2 / layout.variance).sum() + begun + walk) / 2


def _start(observations: pd.DataFrame, months: pd.DatetimeIndex, codes: list[str]) -> np.ndarray:
    """A path to begin with: estimates joined by straight lines in the log."""
    logs = np.log(observations["share_pct"] / 100)
    by_members = logs.groupby([observations["month"], observations["members"]]).mean().unstack()
    table = by_members.reindex(months).interpolate(limit_direction="both")
    for members in by_members.columns.difference(codes):
        # A rest that is only seen together with others: what these leave of the sum, or a tenth.
        named = members.split("+")
        if REST in named:
            others = np.exp(table.reindex(columns=named)).sum(axis=1)
            total = np.exp(table[members])
            table[REST] = np.log(np.maximum(total - others, total / 10))
    table = table.reindex(columns=codes).fillna(np.log(0.01))
    return (table.drop(columns=REST).sub(table[REST], axis=0)).to_numpy()


def smooth(
    observations: pd.DataFrame,
    codes: list[str],
    months: pd.DatetimeIndex,
    walk_sd: float,
    break_sd: float,
    breaks: pd.DatetimeIndex,
    guess: np.ndarray | None = None,
) -> Smoothed:
    """Find the most likely path of shares.

    Parameters
    ----------
    observations : DataFrame
        From :func:`hashrate_migration.country_panel.estimates.observations`.
    codes : list of str
        Countries, then ``OTH``.
    months : DatetimeIndex
        All months of the path.
    walk_sd, break_sd : float
        Standard deviation of a month's step of the log of a share, in ordinary months and in
        the months of a break.
    breaks : DatetimeIndex
        The months of the break.
    guess : ndarray, month x country, optional
        Log-ratios from which to begin, such as those of a path through nearly the same
        estimates; the answer is the same, sooner.

    Returns
    -------
    Smoothed

    Raises
    ------
    InputError
        If a standard deviation is not above 0, there is no estimate, or the path does not
        come to rest.
    """
    if not (walk_sd > 0 and break_sd > 0):
        raise InputError(
            f"walk_sd = {walk_sd} and break_sd = {break_sd} must be above 0; they are standard "
            "deviations of monthly steps."
        )
    if observations.empty:
        raise InputError("No estimate enters the panel; let at least one kind enter.")
    layout, biases = _lay_out(observations, months, codes)
    countries = len(codes) - 1
    states = countries + len(biases)
    values = np.full((layout.slot.max() + 1, len(months)), np.nan)
    values[layout.slot, layout.period] = layout.log_odds
    model = KalmanSmoother(k_endog=values.shape[0], k_states=states, k_posdef=states)
    model.bind(np.ascontiguousarray(values.T))
    model["transition"] = np.eye(states)
    model["selection"] = np.eye(states)
    # Slots without an estimate are missing values; any variance will do for them.
    noise = np.repeat(np.eye(values.shape[0])[:, :, None], len(months), axis=2)
    noise[layout.slot, layout.slot, layout.period] = layout.variance
    model["obs_cov"] = noise
    first = observations.groupby(["kind", "members"])[["offset_sd", "drift_sd"]].first()
    spread = np.array([first.loc[pair].to_numpy() for pair in biases]).reshape(-1, 2)
    steps = np.zeros((states, states, len(months)))
    sd = np.where(months.isin(breaks), break_sd, walk_sd)
    # The covariance of month t moves the state from t to t + 1.
    sd = np.append(sd[1:], walk_sd)
    alike = np.eye(countries) + np.ones((countries, countries))
    steps[:countries, :countries] = alike[:, :, None] * sd**2
    steps[range(countries, states), range(countries, states)] = (
        np.maximum(spread[:, 1:], LEAST_DRIFT) ** 2
    )
    model["state_cov"] = steps
    before = np.zeros((states, states))
    before[:countries, :countries] = alike * START_SD**2
    before[range(countries, states), range(countries, states)] = spread[:, 0] ** 2
    model.initialize_known(np.zeros(states), before)
    # One estimate at a time: their errors are independent.
    model.filter_univariate = True
    path = np.zeros((states, len(months)))
    path[:countries] = (_start(observations, months, codes) if guess is None else guess).T
    inverses = np.linalg.inv(before), np.linalg.inv(steps.transpose(2, 0, 1)[:-1])
    for rounds in range(1, MOST_ROUNDS + 1):  # noqa: B007
        _linearise(model, layout, path[:countries].T)
        result = model.smooth()
        direction = result.smoothed_state - path
        # A whole step may overshoot, so the best length along the way is looked for.
        length = minimize_scalar(
            lambda part: _misfit(layout, path + part * direction, *inverses),  # noqa: B023
            bounds=(0, LONGEST_STEP),
            method="bounded",
            options={"xatol": 1e-2},
        )
        ahead = path + length.x * direction
        moved = np.abs(_shares(ahead[:countries].T) - _shares(path[:countries].T)).max()
        path = ahead
        if moved < TOLERANCE:
            break
    else:
        raise InputError(
            f"The panel did not settle in {MOST_ROUNDS} rounds (shares still move by {moved:.1e}); "
            "check new estimates for contradictions, or raise the errors of their kind."
        )
    return Smoothed(
        months=months,
        codes=codes,
        log_ratios=path[:countries].T,
        biases=pd.DataFrame(
            path[countries:].T,
            index=months,
            columns=pd.MultiIndex.from_tuples(biases, names=["kind", "members"]),
        ),
        filtered=result,
        rounds=rounds,
    )
