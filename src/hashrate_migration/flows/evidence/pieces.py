"""The pieces of evidence as :func:`hashrate_migration.flows.monte_carlo` takes them.

Each picks from the samples of draws (:attr:`.summary.Draws.samples`) what it can judge. A piece is a
switch: leave it out of the list, and the answer rests on the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from hashrate_migration import arguments
from hashrate_migration.errors import InputError
from hashrate_migration.flows.assumptions import Assumptions
from hashrate_migration.flows.behaviour import lag_pmf
from hashrate_migration.flows.evidence.draws import log_sd
from hashrate_migration.flows.evidence.fleets import fleet_likelihood
from hashrate_migration.flows.evidence.miners import miners_floor, output_growth
from hashrate_migration.flows.evidence.pools import PLACES, pools_floor
from hashrate_migration.flows.evidence.press import counted_hashrate, press_counts
from hashrate_migration.flows.evidence.supply import total_likelihood
from hashrate_migration.flows.weights import Evidence
from hashrate_migration.words import N_

RUNNING_PART = (0.6, 1.0)
"""Judgement: interval of 90 percent of the part of the machines delivered that run. Of Marathon's of
2021 at most 55 percent ran at the year's end (see :mod:`.supply`); the whole market waited less, for
most of it did not build sites of a hundred megawatts anew."""

_NODES = 15
"""Points of Gauss and Hermite's rule over that part."""

_NEW, _STOCK = "new_", "stock_"


def _taken(samples: pd.DataFrame, names: Iterable[str], piece: str, remedy: str) -> pd.DataFrame:
    """Columns of the samples."""
    wanted = [*names]
    missing = [name for name in wanted if name not in samples]
    if missing:
        raise InputError(
            f"The evidence {piece!r} speaks of {missing[0]}, which these flows do not have; {remedy}."
        )
    return samples[wanted]


def _gained(
    samples: pd.DataFrame, places: Iterable[str], piece: str, between: tuple[str, str]
) -> np.ndarray:
    """What places gained together between two months, by draw, EH/s."""
    remedy = "leave it out, or begin the window in that month"
    after, before = (
        _taken(samples, [f"{_STOCK}{place}_{month}" for place in places], piece, remedy)
        for month in reversed(between)
    )
    return np.asarray(after.sum(axis=1) - before.sum(axis=1))


@dataclass(frozen=True)
class Supply:
    """What makers sold, of the new machines of each month: :mod:`.supply`.

    New machines of the flows run, whether they were added or took the place of old ones; those of the
    makers were delivered. The part that runs is drawn for all months together. Only their sum is held
    against sales: in which month a machine that was delivered found power, no sale tells.
    """

    name: str = "supply"

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        """Of each draw."""
        months = [
            name
            for name in samples
            if name.startswith(_NEW) and name.removeprefix(_NEW)[:4].isdigit()
        ]
        if not months:
            raise InputError(
                f"The evidence {self.name!r} speaks of new machines by month, which these flows do not "
                "have; leave it out."
            )
        drawn = samples[months].sum(axis=1).to_numpy()
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        low, high = RUNNING_PART
        parts = np.exp(np.log(low * high) / 2 + log_sd(low, high) * nodes)
        names = [name.removeprefix(_NEW) for name in months]
        each = [total_likelihood(drawn / part, names) for part in parts]
        return np.asarray(logsumexp(np.array(each), axis=0, b=weights[:, None] / weights.sum()))


@dataclass(frozen=True)
class Fleets:
    """What became of two fleets, of lag and retirement: :mod:`.fleets`.

    They tell of machines that the ban switched off, so of the part of a net loss that never runs again,
    not of what turnover wears out anywhere, and not of what is under way when the map ends.

    Attributes
    ----------
    max_lag : int
        Longest lag of the flows, months.
    """

    name: str = "fleets"
    max_lag: int = Assumptions().max_lag

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        """Of each draw."""
        told = ("prepared_share", "lag_months", "retired_share")
        drawn = _taken(samples, told, self.name, "leave it out")
        lag = lag_pmf(
            drawn["prepared_share"].to_numpy(), drawn["lag_months"].to_numpy(), self.max_lag
        )
        running = np.minimum(lag.cumsum(axis=1), 1.0)
        return fleet_likelihood(running=running, retired=drawn["retired_share"].to_numpy())


@dataclass(frozen=True)
class Press:
    """Counts of machines by the press, of what countries received: :mod:`.press`."""

    name: str = "press"

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        """Of each draw."""
        places = sorted(set(counted_hashrate()["destination"]))
        drawn = _taken(samples, places, self.name, "leave it out")
        return press_counts({place: drawn[place].to_numpy() for place in places})


@dataclass(frozen=True)
class Miners:
    """What listed miners found, of what their countries gained at least: :mod:`.miners`.

    Attributes
    ----------
    before, after : str
        Months like 2021-07.
    """

    name: str = "miners"
    before: str = "2021-06"
    after: str = "2021-07"

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        """Of each draw."""
        places = [str(place) for place in output_growth(self.before, self.after).index]
        between = self.before, self.after
        # A firm with machines in two countries that it does not tell apart stands for both.
        gained = {place: _gained(samples, place.split("+"), self.name, between) for place in places}
        return miners_floor(gained, before=self.before, after=self.after)


@dataclass(frozen=True)
class Pools:
    """What pools run from the United States found, of what North America gained at least: :mod:`.pools`.

    Attributes
    ----------
    before, after : str
        Months like 2021-07.
    """

    name: str = "pools"
    before: str = "2021-06"
    after: str = "2021-07"

    def log_likelihood(self, samples: pd.DataFrame) -> np.ndarray:
        """Of each draw."""
        gained = _gained(samples, PLACES, self.name, (self.before, self.after))
        return pools_floor(gained, before=self.before, after=self.after)


NAMES = {
    "supply": N_("makers' sales"),
    "fleets": N_("fleets that were followed"),
    "press": N_("counts by the press"),
    "miners": N_("listed miners"),
    "pools": N_("pools run from the United States"),
}
"""Piece to what it is, in words."""

_KNOWN = {
    "supply": Supply,
    "fleets": Fleets,
    "press": Press,
    "miners": Miners,
    "pools": Pools,
}


def published(names: Sequence[str] | None = None) -> list[Evidence]:
    """The pieces of evidence that the published flows are weighed by.

    They speak of what left China in the summer of 2021. For other months
    :func:`hashrate_migration.flows.published.evidence_of` leaves out those that say nothing of them; for
    another origin none but ``supply`` says anything.

    Parameters
    ----------
    names : sequence of str, optional
        Which of :data:`NAMES`; default: all.

    Returns
    -------
    list
        In this order.

    Raises
    ------
    InputError
        For a piece that there is not.
    """
    wanted = [*_KNOWN] if names is None else names
    # None at all is a choice too.
    wanted = arguments.names(wanted, "evidence") if len(wanted) else []
    for name in wanted:
        arguments.chosen(name, "evidence", _KNOWN)
    return [piece() for name, piece in _KNOWN.items() if name in wanted]
