r"""Steps in the rate of a Poisson count: exact posterior of their number and places.

Day d has the count :math:`n_d` and the exposure :math:`e_d`; while the level is :math:`H` it is Poisson
with the mean :math:`H e_d`. Levels of different spells are independent with the prior
:math:`\Gamma(a, b)` (shape and rate), so that a spell with the sums N and E has the marginal
likelihood

.. math::
    \prod_d \frac{e_d^{n_d}}{n_d!} \cdot
    \frac{b^a}{\Gamma(a)} \frac{\Gamma(a + N)}{(b + E)^{a + N}}

(Gelman et al. 2013, Bayesian Data Analysis, 3rd ed., sec. 2.6; the model of steps in a Poisson rate is
that of Green 1995, Biometrika 82, pp. 711-732). All divisions of the days into k + 1 spells are alike
probable beforehand. Their sum is not sampled but counted by the recursions of Fearnhead (2006,
Statistics and Computing 16, pp. 203-213): with :math:`F_k(t)` the summed evidence of the days before
t in k + 1 spells,

.. math:: F_k(t) = \sum_{s < t} F_{k-1}(s) \, M(s, t),

and :math:`B_k(t)` the same for the days from t on, the j-th of k steps falls on day t with a
probability proportional to :math:`F_{j-1}(t) B_{k-j}(t)`. Days of draws are taken from the last step to
the first, each given the next (ibid.): draws are independent, there is no chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import comb

import numpy as np
from scipy.special import gammaln, logsumexp


@dataclass(frozen=True)
class Prior:
    """What is believed of steps before a count is seen: judgements, each a named number.

    Attributes
    ----------
    level : float
        Mean of every level, in the unit of the rate.
    shape : float
        Shape a of the Gamma distribution of every level, whose standard deviation is the mean over the
        root of a. 4, the default: two levels differ by half and more of each other without surprise.
    next_step : float
        How much less probable one step more is: the number k has a prior proportional to
        ``next_step ** k``. 1, the default, holds all numbers alike.
    shortest : int
        Days that a level lasts at least.
    """

    level: float
    shape: float = 4.0
    next_step: float = 1.0
    shortest: int = 1

    @property
    def rate(self) -> float:
        """Rate b of the Gamma distribution: shape over mean."""
        return self.shape / self.level

    def numbers(self, most: int) -> np.ndarray:
        """Logarithm of the prior probability of 0 to `most` steps."""
        weights = np.arange(most + 1) * np.log(self.next_step)
        return np.asarray(weights - logsumexp(weights))


def divisions(days: int, steps: int, shortest: int = 1) -> int:
    """In how many ways days fall into spells of at least so many days each.

    Parameters
    ----------
    days, steps, shortest : int
        Days in all, steps between them, days of the shortest spell.

    Examples
    --------
    >>> divisions(52, 2), divisions(6, 2, shortest=2)
    (1275, 1)
    """
    free = days - (steps + 1) * (shortest - 1) - 1
    return comb(free, steps) if free >= steps else 0


def constant(counts: np.ndarray, exposure: np.ndarray) -> float:
    """Logarithm of the factor of a likelihood that no level changes."""
    return float((counts * np.log(exposure) - gammaln(counts + 1)).sum())


def spells(counts: np.ndarray, exposure: np.ndarray, prior: Prior) -> np.ndarray:
    """Log evidence M of every spell, without the factor of :func:`constant`.

    Parameters
    ----------
    counts, exposure : ndarray, day
        Counts, and what they would be at a level of 1.
    prior : Prior
        Of levels, and the shortest spell.

    Returns
    -------
    ndarray, day x day + 1
        ``[s, t]``: of the days from s to t, t excluded; minus infinity where that is no spell.
    """
    sums = np.concatenate([[0.0], np.cumsum(counts)])
    exposed = np.concatenate([[0.0], np.cumsum(exposure)])
    size = len(sums)
    start, end = np.triu_indices(size, prior.shortest)
    n, e = sums[end] - sums[start], exposed[end] - exposed[start]
    a, b = prior.shape, prior.rate
    evidence = np.full((size, size), -np.inf)
    evidence[start, end] = a * np.log(b) - gammaln(a) + gammaln(a + n) - (a + n) * np.log(b + e)
    return evidence


@dataclass(frozen=True)
class Posterior:
    """What counts say of the number of steps, their days and the levels.

    Attributes
    ----------
    counts, exposure : ndarray, day
    prior : Prior
    most : int
        Largest number of steps that is held possible.
    """

    counts: np.ndarray
    exposure: np.ndarray
    prior: Prior
    most: int
    _spells: np.ndarray = field(init=False, repr=False)
    _before: list[np.ndarray] = field(init=False, repr=False)
    _after: list[np.ndarray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Run the recursions, forward and backward."""
        table = spells(self.counts, self.exposure, self.prior)
        before, after = [table[0]], [table[:, -1]]
        for _ in range(self.most):
            before.append(_summed(before[-1][:, None] + table, axis=0))
            after.append(_summed(table + after[-1], axis=1))
        for name, value in (("_spells", table), ("_before", before), ("_after", after)):
            object.__setattr__(self, name, value)

    @property
    def days(self) -> int:
        """Number of days."""
        return len(self.counts)

    def evidence(self) -> np.ndarray:
        """Log marginal likelihood of the counts, given 0 to `most` steps."""
        ways = [divisions(self.days, k, self.prior.shortest) for k in range(self.most + 1)]
        sums = np.array([self._before[k][-1] for k in range(self.most + 1)])
        return np.asarray(sums - np.log(ways) + constant(self.counts, self.exposure))

    def number(self) -> np.ndarray:
        """Posterior probability of 0 to `most` steps."""
        weights = self.evidence() + self.prior.numbers(self.most)
        return np.asarray(np.exp(weights - logsumexp(weights)))

    def places(self, number: int) -> np.ndarray:
        """Probability of each day to be the first after a step, given the number of steps.

        Returns
        -------
        ndarray, step x day
            Every row adds to 1.
        """
        rows = [
            self._before[step][:-1] + self._after[number - 1 - step][:-1] for step in range(number)
        ]
        weights = np.array(rows).reshape(number, self.days)
        return np.exp(weights - self._before[number][-1])

    def best(self, number: int) -> tuple[int, ...]:
        """The most probable days of all steps together, counted from 0.

        Not the most probable day of each: two steps may have the same one.
        """
        value, back = self._spells[0], []
        for _ in range(number):
            reached = value[:, None] + self._spells
            back.append(reached.argmax(axis=0))
            value = reached.max(axis=0)
        places, following = [], self.days
        for last in reversed(back):
            following = int(last[following])
            places.append(following)
        return tuple(reversed(places))

    def draw(self, number: int, draws: int, generator: np.random.Generator) -> np.ndarray:
        """Independent draws of the days of steps, given their number.

        Returns
        -------
        ndarray of int, draw x step
            Days, counted from 0, on which new levels begin.
        """
        places = np.empty((draws, number), dtype=int)
        following = np.full(draws, self.days)
        for step in reversed(range(number)):
            # Column t: where the last step before t fell.
            weights = self._before[step][:, None] + self._spells
            odds = np.exp(weights - np.maximum(_summed(weights, axis=0), -1e300))
            below = np.cumsum(odds, axis=0)[:, following]
            chosen = generator.uniform(size=draws) * below[-1]
            places[:, step] = following = (below <= chosen).sum(axis=0)
        return places

    def levels(
        self,
        places: np.ndarray,
        counts: np.ndarray,
        shape: float,
        generator: np.random.Generator,
    ) -> np.ndarray:
        """A level for each spell of each draw, from its posterior given the days.

        Parameters
        ----------
        places : ndarray of int, draw x step
            As :meth:`draw` gives them.
        counts : ndarray, day
            The counts, or a part of them, whose level is wanted.
        shape : float
            Of the prior of that part's levels; its rate is that of the whole. Shapes that add up to
            that of the whole make parts whose levels add up to it, in the prior and after.
        generator : Generator

        Returns
        -------
        ndarray, draw x step + 1
        """
        ends = np.full((len(places), 1), self.days)
        edges = np.concatenate([np.zeros_like(ends), places, ends], axis=1)
        found = np.diff(np.concatenate([[0.0], np.cumsum(counts)])[edges], axis=1)
        exposed = np.diff(np.concatenate([[0.0], np.cumsum(self.exposure)])[edges], axis=1)
        return generator.gamma(shape + found) / (self.prior.rate + exposed)


def _summed(logs: np.ndarray, axis: int) -> np.ndarray:
    """Logarithm of a sum of numbers of which all may be nothing."""
    with np.errstate(divide="ignore"):
        return np.asarray(logsumexp(logs, axis=axis))
