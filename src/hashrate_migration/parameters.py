"""Parameters of the notebooks, checked before anything is computed or drawn."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hashrate_migration import regions
from hashrate_migration.datasets import load
from hashrate_migration.errors import InputError
from hashrate_migration.estimates import FIRST_MONTH, countries
from hashrate_migration.flows import METHODS
from hashrate_migration.flows.uncertainty import SUPPLY_SCENARIOS
from hashrate_migration.periods import When, month_window

LANGUAGES = ("en", "zh")
"""Languages in which figures name regions and events."""


@dataclass(frozen=True)
class Window:
    """Checked parameters; months are month-start timestamps."""

    start: pd.Timestamp
    end: pd.Timestamp
    country: str | None
    top_n: int
    language: str
    method: str
    lag_months: float
    supply: str
    draws: int
    seed: int
    first_year: int
    factors: str

    @property
    def last_day(self) -> pd.Timestamp:
        """Last day of the last month, for windows over days."""
        return self.end + pd.offsets.MonthEnd()


def check(
    *,
    start: When | None = None,
    end: When | None = None,
    country: str | None = None,
    top_n: int | None = None,
    language: str | None = None,
    method: str | None = None,
    lag_months: float | None = None,
    supply: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    first_year: int | None = None,
    factors: str | None = None,
) -> Window:
    """Check the parameters that a notebook was given.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month; default: those of the mining map. At least two months.
    country : str, optional
        ISO 3166-1 alpha-3 code of a country of the panel.
    top_n : int, optional
        Number of countries to show by name; default: all nine.
    language : {"en", "zh"}, optional
        Default: English.
    method : str, optional
        Method of :func:`hashrate_migration.flows.estimate`; default: transport.
    lag_months : float, optional
        Mean months under way, 0.5 to 5; default: 2.5.
    supply : {"low", "central", "high"}, optional
        Scenario of the supply of new machines; default: central.
    draws : int, optional
        Draws of a Monte Carlo estimate, 1 to 100000; default: 1000.
    seed : int, optional
        Seed of the draws; default: 0.
    first_year : int, optional
        First year shown of the country panel, from 2013 to the year before its last; default:
        2013.
    factors : str, optional
        Set of the table ``emission_factors``; default: ipcc-2011.

    Returns
    -------
    Window
        The values, months as timestamps.

    Raises
    ------
    InputError
        Naming the parameter that is outside the data.
    """
    months = pd.DatetimeIndex(load("mining_map")["month"].unique())
    low, high = month_window(start, end, months, "the mining map")
    if low == high:
        raise InputError(
            f"start and end are both {low:%Y-%m}; give a window of two months or more."
        )
    mapped = regions.mapped_countries()
    if country is not None and country not in (listed := countries()):
        raise InputError(
            f"country = {country!r} has no monthly data; the panel has: {', '.join(listed)}."
        )
    if top_n is not None and not (isinstance(top_n, int) and 1 <= top_n <= len(mapped)):
        raise InputError(f"top_n = {top_n!r} is not a whole number from 1 to {len(mapped)}.")
    if language is not None and language not in LANGUAGES:
        raise InputError(
            f"language = {language!r} is not one of the figures' languages: {', '.join(LANGUAGES)}."
        )
    if method is not None and method not in METHODS:
        raise InputError(f"method = {method!r} is unknown; choose one of {', '.join(METHODS)}.")
    if lag_months is not None and not 0.5 <= lag_months <= 5:
        raise InputError(f"lag_months = {lag_months} is not a number from 0.5 to 5.")
    if supply is not None and supply not in SUPPLY_SCENARIOS:
        raise InputError(
            f"supply = {supply!r} is unknown; choose one of {', '.join(SUPPLY_SCENARIOS)}."
        )
    if draws is not None and not 1 <= draws <= 100_000:
        raise InputError(f"draws = {draws} is not a whole number from 1 to 100000.")
    if seed is not None and seed < 0:
        raise InputError(f"seed = {seed} is not a whole number of zero or more.")
    years = (FIRST_MONTH.year, int(load("network_daily")["date"].max().year) - 1)
    if first_year is not None and not years[0] <= first_year <= years[1]:
        raise InputError(
            f"first_year = {first_year} is outside the panel; give {years[0]} to {years[1]}."
        )
    sets = load("emission_factors")["factors"].unique()
    if factors is not None and factors not in sets:
        raise InputError(f"factors = {factors!r} is unknown; choose one of {', '.join(sets)}.")
    return Window(
        low,
        high,
        country,
        top_n or len(mapped),
        language or "en",
        method or "transport",
        2.5 if lag_months is None else float(lag_months),
        supply or "central",
        1000 if draws is None else draws,
        seed or 0,
        years[0] if first_year is None else first_year,
        factors or "ipcc-2011",
    )
