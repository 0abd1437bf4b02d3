r"""How machines behave, drawn: when they leave, where they go, when they run again, what replaces them.

For each draw, with D the departures, A the arrivals and X the stocks of regions i, j and months s, t:

**Turnover.** A part of each stock leaves and is replaced in the month: the rate of a region times the
stock of the month before, in lots. It departs and arrives on top of the net change. A part of it is worn
out, the rest moves. In the window the origin replaces less, by a drawn factor: who is told to stop buys
less.

**Overlap.** Of what leaves the origin in the window some is back within it, while others still leave.
Both then depart and arrive on top of the net change: what is expected back in the month by return share
and lag, in lots.

**Lag.** A mixture: prepared moves, geometric with a mean of three weeks
(:data:`PREPARED_MONTHS`), and all others, a negative binomial with shape 2 around a mean of many
months. What returns home has its own draw of both, for to wait is not to travel.

**Preference.** Weights of destinations are log-normal around a power of their size, drawn between 0 (all
alike) and 1 (as large as they are); so are those of new machines.

**Lots.** Machines move in lots, each to one place at one time. If a cell (left, to, arrived) is expected
to receive m EH/s in lots of l, the number of its lots is a Poisson variable and what it receives has the
variance l m. A gamma variable with shape m / l and scale l has the same mean and variance, and is as
uneven where less than one lot is expected.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from hashrate_migration.flows.assumptions import Assumptions, drawn

PREPARED_MONTHS = 0.7
"""Judgement: mean months under way of prepared moves, three weeks."""

REGIONAL_SD = 0.5
"""Judgement: how far (in logs) the rates of turnover of regions lie apart."""

SMALLEST_PART = 0.002
"""A region with less of the network than that is preferred like one with that."""


def lots(generator: np.random.Generator, expected: np.ndarray, size: np.ndarray) -> np.ndarray:
    """What arrives where `expected` is expected in lots of `size`: same mean, variance size x mean."""
    shape = np.maximum(expected / size, 0.0)
    return generator.standard_gamma(shape) * size


def lag_pmf(prepared: np.ndarray, months: np.ndarray, max_lag: int) -> np.ndarray:
    """Probability of each number of months under way, of a mixture: see the module.

    Parameters
    ----------
    prepared, months : ndarray
        Part of prepared moves, and mean of all others, by draw.
    max_lag : int
        Longest lag, months.

    Returns
    -------
    ndarray
        Draw x lag (0 to max_lag). What is missing from one is under way for longer.
    """
    lag = np.arange(max_lag + 1)
    fast = (1 - 1 / (1 + PREPARED_MONTHS)) ** lag / (1 + PREPARED_MONTHS)
    chance = (2 / (2 + months))[:, None]
    slow = (lag + 1) * chance**2 * (1 - chance) ** lag
    return prepared[:, None] * fast + (1 - prepared[:, None]) * slow


def by_month(lag: np.ndarray, months: int) -> np.ndarray:
    """A lag as a matrix: draw, month departed, month arrived."""
    apart = np.arange(months)[None, :] - np.arange(months)[:, None]
    inside = (apart >= 0) & (apart < lag.shape[1])
    return np.where(inside, lag[:, np.where(inside, apart, 0)], 0.0)


@dataclass(frozen=True)
class Behaviour:
    """What was drawn of behaviour, the first axis of every array the draw.

    Attributes
    ----------
    lag_months, prepared_share : ndarray
        Of what goes to other regions.
    back_months, back_prepared : ndarray
        Of what runs again where it was.
    retired_share, worn_out_share : ndarray
        Parts that never run again: of net losses and overlaps, and of turnover.
    return_share, others_return_share : ndarray
        Parts of what runs again that do so where they were: of what leaves the origin in the window, and
        of all other departures.
    supply_ehs, supply_spread : ndarray
        New machines per month, and the standard deviation of their logarithm from month to month.
    lot_ehs : ndarray
        Size of a lot.
    size_power, still_buying : ndarray
        Power of a place's size in its weight; the part of its turnover and new machines that the origin
        keeps in the window and after.
    turnover : ndarray
        Draw x region: rate per month.
    preference : ndarray
        Draw x origin x destination: standard normal.
    new_preference : ndarray
        Draw x region: standard normal.
    """

    lag_months: np.ndarray
    prepared_share: np.ndarray
    back_months: np.ndarray
    back_prepared: np.ndarray
    retired_share: np.ndarray
    worn_out_share: np.ndarray
    return_share: np.ndarray
    others_return_share: np.ndarray
    supply_ehs: np.ndarray
    supply_spread: np.ndarray
    lot_ehs: np.ndarray
    size_power: np.ndarray
    still_buying: np.ndarray
    turnover: np.ndarray
    preference: np.ndarray
    new_preference: np.ndarray

    def take(self, chosen: np.ndarray) -> Behaviour:
        """The draws of these numbers."""
        return Behaviour(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def named(self) -> dict[str, np.ndarray]:
        """What is one number per draw, by name; of turnover the mean over regions."""
        single = {f.name: getattr(self, f.name) for f in fields(self)[:-3]}
        return single | {"turnover": self.turnover.mean(axis=1)}


def draw_behaviour(
    a: Assumptions, regions: int, count: int, generator: np.random.Generator
) -> Behaviour:
    """Draw behaviour from the ranges assumed.

    Parameters
    ----------
    a : Assumptions
        The ranges.
    regions, count : int
        Regions and draws.
    generator : Generator
        Source of chance.
    """

    def one(name: str, logarithmic: bool = False) -> np.ndarray:
        return drawn(generator, getattr(a, name), count, logarithmic=logarithmic)

    return Behaviour(
        lag_months=one("lag_months", True),
        prepared_share=one("prepared_share"),
        back_months=one("lag_months", True),
        back_prepared=one("prepared_share"),
        retired_share=one("retired_share"),
        worn_out_share=one("worn_out_share"),
        return_share=one("return_share"),
        others_return_share=one("return_share"),
        supply_ehs=one("supply_ehs", True),
        supply_spread=one("supply_spread", True),
        lot_ehs=one("lot_ehs", True),
        size_power=generator.uniform(size=count),
        still_buying=generator.uniform(size=count),
        turnover=one("turnover", True)[:, None]
        * np.exp(REGIONAL_SD * generator.standard_normal((count, regions)) - REGIONAL_SD**2 / 2),
        preference=a.prior_sd * generator.standard_normal((count, regions, regions)),
        new_preference=a.prior_sd * generator.standard_normal((count, regions)),
    )
