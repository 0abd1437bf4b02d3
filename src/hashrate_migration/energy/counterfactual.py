"""What the ban did to emissions: its places, its volume, and what time did besides.

A world without the ban is made for each draw of :mod:`hashrate_migration.energy.drawn`: the network goes
on at the mean power of the months up to that of the call that the draw takes, and every region keeps
the share that it had in the same calendar month before. Beside it stands what happened. The difference
has three parts and a residual:

- *place*: what the new shares do, at the power and on the grids of these months;
- *volume*: what the change of power does, with the places and grids of before;
- *time*: what grids do that have gone on, with the places and the power of before;
- *residual*: what the change of power and that of grids do together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import chronology
from hashrate_migration.energy import demand
from hashrate_migration.energy.drawn import Drawn
from hashrate_migration.energy.electricity import FUELS
from hashrate_migration.hashrate import mining_map

PARTS = ("place", "volume", "time", "residual")
"""Parts of the difference that the ban made; they add up to it."""

FOSSIL = ("coal", "gas", "oil")

BURNS_LEAST = 0.05
"""Part of fossil sources below which a grid is taken to answer new load with its mean mix."""

MONTHS_OF_A_YEAR = 12


def split(
    energy_before: np.ndarray,
    energy_now: np.ndarray,
    *,
    neither: np.ndarray,
    time: np.ndarray,
    both: np.ndarray,
) -> dict[str, np.ndarray]:
    """A difference of emissions as place, volume, time and residual.

    Parameters
    ----------
    energy_before, energy_now : array of float
        Electricity without the ban, and as it was, TWh.
    neither, time, both : array of float
        g/kWh of places and grids as they were before, of places as they were on grids as they became,
        and of both as they became.

    Returns
    -------
    dict
        Each of :data:`PARTS` and ``total``, Mt, in the form of the arrays.

    Notes
    -----
    With 10 TWh at 500 g before and 8 TWh at 440 g now, where the old places would give 480 g on the
    grids of now: place is 8 x (440 - 480) / 1000 = -0.32 Mt, volume (8 - 10) x 500 / 1000 = -1, time
    10 x (480 - 500) / 1000 = -0.2; the whole is 3.52 - 5 = -1.48, the residual (8 - 10) x (480 - 500) /
    1000 = +0.04.
    """
    parts = {
        "place": energy_now * (both - time) / 1000,
        "volume": (energy_now - energy_before) * neither / 1000,
        "time": energy_before * (time - neither) / 1000,
    }
    total = (energy_now * both - energy_before * neither) / 1000
    return parts | {"residual": total - sum(parts.values()), "total": total}


def patterns(found: Drawn) -> np.ndarray:
    """Shares before the ban by calendar month, for each draw.

    Parameters
    ----------
    found : Drawn

    Returns
    -------
    array of float
        Draw x calendar month (January is 0) x region, adding to one: means over the months of the map
        up to that of the call, or over the last twelve of them, by the draw's baseline.
    """
    first = mining_map.shares().index[0]
    months = found.months
    before = (months >= first) & (months <= chronology.BEFORE)
    last_year = before & (months > chronology.BEFORE - pd.DateOffset(months=MONTHS_OF_A_YEAR))
    result = np.empty((len(found.shares), MONTHS_OF_A_YEAR, len(found.codes)))
    for baseline, window in (("mean", before), ("last_year", last_year)):
        own = found.choices.baseline == baseline
        for number in range(MONTHS_OF_A_YEAR):
            chosen = window & (months.month == number + 1)
            result[own, number] = found.shares[own][:, chosen].mean(axis=1)
    return result


@dataclass(frozen=True)
class Worlds:
    """What happened and the world without the ban, draw x month.

    Attributes
    ----------
    months : DatetimeIndex
        From the first after the call.
    energy_now, energy_before : array of float
        TWh as it was, and at the mean power of the months up to that of the call that the draw takes
        (:data:`.drawn.POWER_MONTHS`).
    neither, time, both : array of float
        As :func:`split` takes them, g/kWh.
    fossil : array of float
        As `both`, if what a region gained over its pattern ran on the region's largest fossil source. A
        scenario, not a measurement: which plant answers to new load is not known.
    """

    months: pd.DatetimeIndex
    energy_now: np.ndarray
    energy_before: np.ndarray
    neither: np.ndarray
    time: np.ndarray
    both: np.ndarray
    fossil: np.ndarray

    def parts(self, months: pd.DatetimeIndex) -> dict[str, np.ndarray]:
        """Place, volume, time, residual and total over these months, Mt, one for each draw."""
        own = self.months.isin(months)
        named = {name: getattr(self, name)[:, own] for name in ("neither", "time", "both")}
        found = split(self.energy_before[:, own], self.energy_now[:, own], **named)
        return {name: values.sum(axis=1) for name, values in found.items()}

    def effect_of_places(self, months: pd.DatetimeIndex, *, fossil: bool = False) -> np.ndarray:
        """Place over these months, Mt, for each draw; if asked, with arrivals on fossil sources."""
        own = self.months.isin(months)
        gap = (self.fossil if fossil else self.both) - self.time
        return np.asarray((self.energy_now * gap / 1000)[:, own].sum(axis=1))


def worlds(found: Drawn, trend: str | None = None) -> Worlds:
    """Both worlds for each draw.

    Parameters
    ----------
    found : Drawn
    trend : str, optional
        How China's provinces go on after their statistics, of
        :data:`hashrate_migration.energy.electricity.TRENDS`; default: each draw's own.
    """
    now = np.flatnonzero(found.months > chronology.BEFORE)
    months = found.months[now]
    # Grids of before are those of the same calendar month in the last year before the ban.
    last_year = pd.date_range(end=chronology.BEFORE, periods=MONTHS_OF_A_YEAR, freq="MS")
    place_of = {month.month: found.months.get_loc(month) for month in last_year}
    then = np.array([place_of[month.month] for month in months])
    grams = found.grams()
    grams[:, :, found.home] = 0
    shares, before = found.shares[:, now], patterns(found)[:, months.month - 1]
    china = {
        name: found.home_grams(as_before=stayed, trend=trend, months=now, grids=grids)
        for name, stayed, grids in (
            ("neither", True, then),
            ("time", True, now),
            ("both", False, now),
        )
    }

    def network(whose: np.ndarray, grids: np.ndarray, name: str) -> np.ndarray:
        abroad = (whose * grams[:, grids]).sum(axis=2)
        return np.asarray(abroad + whose[:, :, found.home] * china[name])

    both = network(shares, now, "both")
    gained = (shares - before).clip(min=0)
    gained[:, :, found.home] = 0
    extra = (largest_fossil(found) - grams)[:, now]
    thousand_hours = demand.hours(months).to_numpy() / 1000
    return Worlds(
        months=months,
        energy_now=found.power_gw[:, now] * thousand_hours,
        energy_before=power_before(found)[:, None] * thousand_hours,
        neither=network(before, then, "neither"),
        time=network(before, now, "time"),
        both=both,
        fossil=both + (gained * extra).sum(axis=2),
    )


def power_before(found: Drawn) -> np.ndarray:
    """Mean power of the months up to that of the call that each draw takes, GW."""
    end = found.months.get_loc(chronology.BEFORE) + 1
    result = np.empty(len(found.power_gw))
    for count in np.unique(found.choices.power_months):
        own = found.choices.power_months == count
        result[own] = found.power_gw[own, end - count : end].mean(axis=1)
    return result


def largest_fossil(found: Drawn) -> np.ndarray:
    """g/kWh of each region's largest fossil source, draw x month x region; of its mix without one."""
    fossil = [FUELS.index(fuel) for fuel in FOSSIL]
    parts = found.mixes.parts[:, :, fossil]
    largest = found.choices.factors[:, fossil][:, parts.argmax(axis=2)]
    burns = parts.sum(axis=2) > BURNS_LEAST
    return np.where(burns[None], largest, found.grams())


def window() -> pd.DatetimeIndex:
    """The months from the ban to the end of the mining map."""
    return pd.date_range(
        chronology.AFTER, mining_map.shares().index[-1], freq="MS", name="month"
    ).as_unit("us")


def raised_pct(values: np.ndarray) -> float:
    """Percent of the draws in which emissions went up."""
    return float(100 * (values > 0).mean())
