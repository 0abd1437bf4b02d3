"""What a headline rests on: assumptions, accounts, or a piece of evidence."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.flows.assumptions import (
    SCALES,
    SHARES,
    Assumptions,
    doubled_range,
)
from hashrate_migration.flows.evidence.draws import NORMAL_95
from hashrate_migration.flows.summary import HEADLINES, Draws, headline_table
from hashrate_migration.flows.uncertainty import monte_carlo
from hashrate_migration.flows.weights import (
    checked_evidence,
    effective_number,
    normalised,
    refuse_impossible,
)

ROBUST_EHS = 2.0
"""A headline is robust if its median moves by less than that when the range of a prior is doubled. What
is not known well enough to say so is not robust."""

_MEDIAN_ERROR = float(np.sqrt(np.pi / 2))
"""Standard error of the median of n draws, in standard deviations over the root of n, if they are
normal."""

_DRAWN_AS = {
    "prepared_share": ("prepared_share", "back_prepared"),
    "lag_months": ("lag_months", "back_months"),
    "return_share": ("return_share", "others_return_share"),
}
"""Ranges from which two numbers of a draw are taken."""

_NOT_TOLD = ("jump_share", "turnover", "prior_sd")
"""Priors of which a draw does not say where in their range it lies: the first is of the stocks alone,
the others are of every region its own."""

PRIOR, ACCOUNTS, POSTERIOR, WITHOUT = "assumptions", "accounts", "evidence", "without "
"""Steps of :func:`rests_on`: assumptions alone, the accounts with them, all evidence too, and all
evidence but a piece, whose name follows."""


def reweighed(found: Draws, log_weights: np.ndarray, based_on: str) -> pd.DataFrame:
    """The headlines of the same draws under other weights, with based_on and effective."""
    weights = normalised(log_weights)
    table = headline_table(found.samples, weights)
    return table.assign(based_on=based_on, effective=effective_number(weights, found.candidate))


def rests_on(
    stocks: pd.DataFrame,
    draws: int = 1000,
    seed: int = 0,
    *,
    evidence: Sequence[Any] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Headlines from assumptions alone, with the accounts, with all evidence, and without each piece.

    Every row meets the accounts, for no flow can be made without them. `assumptions` are draws of which
    none is more plausible than another; `accounts` weighs them by how likely the arrivals are under
    their behaviour, `evidence` by all pieces as well.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s.
    draws, seed : int
        See :func:`.uncertainty.monte_carlo`.
    evidence : sequence, optional
        Pieces of evidence.
    **options
        Others of :func:`.uncertainty.monte_carlo`: origin, start, end, assumptions, client.

    Returns
    -------
    DataFrame
        figure, based_on, unit, low, median, high, mean, and effective: how many draws the row is worth.

    Raises
    ------
    InputError
        As :func:`.uncertainty.monte_carlo`.
    """
    pieces = checked_evidence(evidence)
    prior = monte_carlo(stocks, draws, seed, accounts=False, **options)
    return by_evidence(monte_carlo(stocks, draws, seed, evidence=pieces, **options), prior)


def by_evidence(found: Draws, prior: Draws) -> pd.DataFrame:
    """The table of :func:`rests_on` from draws that are there.

    Parameters
    ----------
    found : Draws
        With accounts and all evidence.
    prior : Draws
        With neither.
    """
    with np.errstate(divide="ignore"):
        base = np.log(found.accounts_weights)
    total = found.evidence.sum(axis=1).to_numpy()
    tables = [
        prior.headlines.assign(based_on=PRIOR, effective=prior.effective),
        reweighed(found, base, ACCOUNTS),
    ]
    pieces = [*found.evidence]
    if pieces:
        tables.append(reweighed(found, base + total, POSTERIOR))
    for piece in pieces if len(pieces) > 1 else []:
        rest = found.evidence.drop(columns=piece)
        refuse_impossible(base, rest)
        without = base + rest.sum(axis=1).to_numpy()
        tables.append(reweighed(found, without, f"{WITHOUT}{piece}"))
    table = pd.concat(tables, ignore_index=True)
    order = table["figure"].map({figure: place for place, figure in enumerate(HEADLINES)})
    table = table.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)
    return table[["figure", "based_on", "unit", "low", "median", "high", "mean", "effective"]]


def widened(assumptions: Assumptions, name: str) -> Assumptions:
    """The assumptions with the range of one prior doubled on its natural scale.

    Raises
    ------
    InputError
        For a name that is no prior.
    """
    if name == "prior_sd":
        return replace(assumptions, prior_sd=2 * assumptions.prior_sd)
    if name not in (*SHARES, *SCALES):
        known = ", ".join((*SHARES, *SCALES, "prior_sd"))
        raise InputError(f"There is no prior {name!r}; there are: {known}.")
    before = assumptions.correlation if name == "pool_correlation" else getattr(assumptions, name)
    after: Any = doubled_range(name, before)
    return replace(assumptions, **{name: after})


@dataclass(frozen=True)
class _Weighted:
    """Draws of one distribution, of which some count for more."""

    drawn: np.ndarray
    weights: np.ndarray
    effective: float

    @property
    def median(self) -> float:
        return float(np.quantile(self.drawn, 0.5, weights=self.weights, method="inverted_cdf"))

    @property
    def standard_error(self) -> float:
        """Of the median."""
        mean = np.average(self.drawn, weights=self.weights)
        sd = np.sqrt(np.average((self.drawn - mean) ** 2, weights=self.weights))
        return float(_MEDIAN_ERROR * sd / np.sqrt(self.effective))


def _of(found: Draws, figure: str, chosen: np.ndarray) -> _Weighted | None:
    """Those of the draws that are chosen, unless they weigh nothing."""
    weights = found.weights[chosen]
    if not weights.sum() > 0:
        return None
    effective = effective_number(weights, found.candidate[chosen])
    return _Weighted(found.samples[figure].to_numpy()[chosen], weights / weights.sum(), effective)


def _mixed(parts: Sequence[tuple[float, _Weighted]]) -> _Weighted:
    """Draws of which each part has a weight; the error of the whole follows from theirs."""
    total = sum(weight for weight, _ in parts)
    return _Weighted(
        np.concatenate([own.drawn for _, own in parts]),
        np.concatenate([weight / total * own.weights for weight, own in parts]),
        1 / sum((weight / total) ** 2 / own.effective for weight, own in parts),
    )


def _columns(found: Draws, name: str) -> list[str]:
    """Of the samples, those that are drawn from the range of a prior."""
    return [column for column in _DRAWN_AS.get(name, (name,)) if column in found.samples]


def _inside(found: Draws, assumptions: Assumptions, name: str) -> np.ndarray:
    """Draws of a doubled range that are known to lie in the range assumed."""
    if name in _NOT_TOLD:
        return np.zeros(len(found.samples), bool)
    range_ = assumptions.correlation if name == "pool_correlation" else getattr(assumptions, name)
    drawn = found.samples[_columns(found, name)]
    return np.asarray(((drawn >= range_[0]) & (drawn <= range_[1])).all(axis=1))


def doubled(
    stocks: pd.DataFrame,
    draws: int = 1000,
    seed: int = 0,
    *,
    assumptions: Assumptions | None = None,
    priors: Sequence[str] | None = None,
    found: Draws | None = None,
    progress: bool = False,
    **options: Any,
) -> pd.DataFrame:
    """Medians of the headlines when the range of one prior at a time is doubled.

    Ranges widen on the scale on which they are drawn (:func:`.assumptions.doubled_range`), the standard
    deviation of preferences twofold. Draws of a doubled range that lie in the range assumed are draws of
    the posterior as assumed, whichever range was doubled: all of these together stand for it, and what a
    doubled range adds is what lies outside. So the two medians share most of their chance, and the
    difference is known better than either.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s.
    draws, seed : int
        See :func:`.uncertainty.monte_carlo`: for each prior, whose seeds follow on the one given.
    assumptions : Assumptions, optional
        Default: those of the class.
    priors : sequence of str, optional
        Which; default: all.
    found : Draws, optional
        Draws of these stocks, assumptions and options that are there already; default: as many as for
        each prior.
    progress : bool
        Whether to say on stderr which prior is widened.
    **options
        Others of :func:`.uncertainty.monte_carlo`.

    Returns
    -------
    DataFrame
        Of each prior and each headline in EH/s: prior, figure, median (as assumed), doubled (the median
        with the doubled range), moved, error (of what moved: the end of 90 percent on either side), and
        robust: whether the headline moves by less than :data:`ROBUST_EHS`, its error allowed for, under
        every one of the priors.
    """
    a = Assumptions() if assumptions is None else assumptions
    names = (*SHARES, *SCALES, "prior_sd") if priors is None else tuple(priors)
    wide = {name: widened(a, name) for name in names}
    if found is None:
        found = monte_carlo(stocks, draws, seed, assumptions=a, **options)
    # A range that is as wide as can be moves nothing, nor does one that these stocks have no use for.
    moving = [
        name for name in names if wide[name] != a and (name in _NOT_TOLD or _columns(found, name))
    ]
    runs, inside = {}, {}
    for number, name in enumerate(moving, 1):
        if progress:
            print(f"priors {number}/{len(moving)}: {name}", file=sys.stderr, flush=True)
        # Chance of its own, so that all draws together are worth what each is worth alone.
        runs[name] = monte_carlo(stocks, draws, seed + number, assumptions=wide[name], **options)
        inside[name] = _inside(runs[name], a, name)
    rows = []
    for figure in (figure for figure, unit in HEADLINES.items() if unit == "EH/s"):
        every = _of(found, figure, np.full(len(found.samples), True))
        parts = [every, *(_of(runs[name], figure, inside[name]) for name in runs)]
        # By what they are worth, so that the error of the whole is as small as can be.
        assumed = _mixed([(own.effective, own) for own in parts if own is not None])
        for name in names:
            moved, error = 0.0, 0.0
            if name in runs:
                moved, error = _moved(runs[name], figure, inside[name], assumed)
            rows.append((name, figure, assumed.median, assumed.median + moved, moved, error))
    table = pd.DataFrame(rows, columns=["prior", "figure", "median", "doubled", "moved", "error"])
    order = table["prior"].map({name: place for place, name in enumerate(names)})
    table = table.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)
    most = (table["moved"].abs() + table["error"]).groupby(table["figure"]).transform("max")
    return table.assign(robust=most < ROBUST_EHS)


def _moved(run: Draws, figure: str, inside: np.ndarray, assumed: _Weighted) -> tuple[float, float]:
    """By how much a doubled range moves a median, and the error of that at 90 percent, EH/s."""
    outside = _of(run, figure, ~inside)
    if outside is None:
        return 0.0, 0.0
    added = float(run.weights[~inside].sum())
    both = _mixed([(1 - added, assumed), (added, outside)]) if added < 1 else outside
    error = added * np.hypot(outside.standard_error, assumed.standard_error)
    return both.median - assumed.median, float(NORMAL_95 * error)
