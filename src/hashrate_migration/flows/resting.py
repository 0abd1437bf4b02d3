"""What a headline rests on: assumptions, accounts, or a piece of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
from hashrate_migration.flows.summary import HEADLINES, Draws, headline_table
from hashrate_migration.flows.uncertainty import monte_carlo
from hashrate_migration.flows.weights import (
    checked_evidence,
    effective_number,
    normalised,
    refuse_impossible,
)

ROBUST_EHS = 2.0
"""A headline is robust if its median moves by less than that when the range of a prior is doubled."""

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


def doubled(
    stocks: pd.DataFrame,
    draws: int = 1000,
    seed: int = 0,
    *,
    assumptions: Assumptions | None = None,
    priors: Sequence[str] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Medians of the headlines when the range of one prior at a time is doubled.

    Ranges widen on the scale on which they are drawn (:func:`.assumptions.doubled_range`), the standard
    deviation of preferences twofold. The same seed is used throughout. A median of n effective draws
    with a standard deviation of s is known to 1.25 s / sqrt(n): take enough draws for 2 EH/s to be
    seen.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s.
    draws, seed : int
        See :func:`.uncertainty.monte_carlo`.
    assumptions : Assumptions, optional
        Default: those of the class.
    priors : sequence of str, optional
        Which; default: all.
    **options
        Others of :func:`.uncertainty.monte_carlo`.

    Returns
    -------
    DataFrame
        Of each prior and each headline in EH/s: prior, figure, median (as assumed), doubled (the median
        with the doubled range), moved, and robust: whether the headline moves by less than
        :data:`ROBUST_EHS` under every one of the priors.
    """
    a = Assumptions() if assumptions is None else assumptions
    every = (*SHARES, *SCALES, "prior_sd")
    names = every if priors is None else tuple(priors)
    wide = {name: widened(a, name) for name in names}
    figures = [figure for figure, unit in HEADLINES.items() if unit == "EH/s"]

    def medians(told: Assumptions) -> pd.Series:
        found = monte_carlo(stocks, draws, seed, assumptions=told, **options)
        return found.headlines.set_index("figure").loc[figures, "median"]

    plain = medians(a)
    rows = []
    for name, told in wide.items():
        after = medians(told)
        rows += [(name, figure, plain[figure], after[figure]) for figure in figures]
    table = pd.DataFrame(rows, columns=["prior", "figure", "median", "doubled"])
    table["moved"] = table["doubled"] - table["median"]
    most = table["moved"].abs().groupby(table["figure"]).transform("max")
    return table.assign(robust=most < ROBUST_EHS)
