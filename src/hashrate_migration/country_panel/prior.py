"""What is held of shares before a figure is seen, and how far each belief reaches.

Nothing here is tuned on the figures on which the panel is judged: the numbers are judgements that a
historian of mining could make, wide enough that several years of figures overrule them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration import arguments, chronology
from hashrate_migration.errors import InputError
from hashrate_migration.tables.read import load

BANNED = "CHN"
"""The country whose machines left in the months of the break."""


@dataclass(frozen=True)
class Prior:
    """How shares lie and move when no figure says so; all in logs of shares.

    Attributes
    ----------
    usual_pct, usual_sd : float
        Middle (percent) and spread of the share around which a country moves. A spread of 1.5
        lets nineteen of twenty lie between a twentieth and twenty times the middle.
    rest_pct, rest_sd : float
        The same of all countries together that the panel does not tell apart.
    start_sd : float
        How far from its usual share a country may begin, in the first month.
    half_life : float
        Months in which half of the distance to the usual share is forgotten when no figure comes.
    step : float
        Middle of the standard deviation of a month's step.
    largest_step : float
        What it stays below outside of the break, and above as small a part of the middle: no share
        moves by two thirds in an ordinary month, year after year.
    step_sd, country_sd, era_sd : float
        Spread (of its logarithm) of the steps common to an era, of a country's against it, and of a
        country's in one era against its others.
    banned_break, other_break, growth_sd : float
        In the months of the break: standard deviation of a step of the banned country, what is added
        to the steps of the others, and of the growth that they have in common. The first is so wide
        (a factor of twenty) that a share may fall to hardly anything, and come back, within weeks:
        how low it fell is for the figures to say.
    least_factor, kind_sd : float
        The errors of each kind are those of the table times a factor that is learned. It does not fall
        below `least_factor`: what the errors of one publisher have in common from month to month does
        not show as scatter. The rest of it has a spread (of its logarithm) of `kind_sd`.
    list_sd : float
        How far all figures of one list may be off together (its network, its remainder).
    kept_running_sd : float
        How far the hashrate abroad may have fallen, in logs, while the network's machines in China
        were switched off.
    hidden : float
        Probability that machines in China hid behind foreign proxies where the map's sample shows
        none.
    seen_pct : float
        The share below which a sample that is not deceived shows none (percent).
    """

    usual_pct: float = 0.5
    usual_sd: float = 1.5
    rest_pct: float = 8.0
    rest_sd: float = 0.7
    start_sd: float = 1.0
    half_life: float = 48.0
    step: float = 0.1
    largest_step: float = 0.5
    step_sd: float = 0.5
    country_sd: float = 0.5
    era_sd: float = 0.5
    banned_break: float = 3.0
    other_break: float = 0.25
    growth_sd: float = 0.4
    least_factor: float = 0.5
    kind_sd: float = 0.7
    list_sd: float = 0.1
    kept_running_sd: float = 0.05
    hidden: float = 0.5
    seen_pct: float = 0.01

    def check(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        InputError
            Naming the number.
        """
        for name, value in vars(self).items():
            if not (arguments.is_number(value) and value > 0):
                raise InputError(f"{name} = {arguments.shown(value)} is not a number above 0.")
        for name in ("hidden", "least_factor"):
            if getattr(self, name) >= 1:
                raise InputError(f"{name} = {getattr(self, name)} is not below 1.")

        if self.largest_step <= self.step:
            raise InputError(f"largest_step = {self.largest_step} is not above step = {self.step}.")

    @property
    def persistence(self) -> float:
        """Part of the distance to the usual share that is left after a month."""
        return float(0.5 ** (1 / self.half_life))

    def factor(self, free: Any) -> Any:
        """Factor on the errors of a kind, from its free part (middle 1)."""
        return self.least_factor + (1 - self.least_factor) * free


DEFAULT = Prior()


def eras(months: pd.DatetimeIndex) -> np.ndarray:
    """Era of every month: 0 before the mining map, 1 while it ran, 2 since.

    Steps are of one size within an era: the years of pool homes, of the map with its ban, and of
    vendors' lists are three different worlds.
    """
    mapped = load("mining_map")["month"]
    return (months >= mapped.min()).astype(int) + (months > mapped.max()).astype(int)


def breaks(months: pd.DatetimeIndex) -> np.ndarray:
    """Whether a month belongs to the break: the clearance up to China's return to the map."""
    return np.asarray((months >= chronology.AFTER) & (months <= chronology.RETURN))
