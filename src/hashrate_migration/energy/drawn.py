"""The chain of reckoning drawn as a whole: shares, power, mixes and factors, all in one draw.

A draw of the country panel brings the shares of all months; what else is uncertain is taken once for
each draw and kept through all months, for a model that is off in one month is off in the next. Line
and band of whatever follows (power, grams per kilowatt-hour, megatonnes, the effect of the ban) come
from these same draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import arguments, chronology, country_panel
from hashrate_migration.energy import demand
from hashrate_migration.energy.carbon import LIFE_CYCLE, factor_sets, factors_of
from hashrate_migration.energy.electricity import (
    FUELS,
    TRENDS,
    carried_provinces,
    mixes,
    national_mixes,
)
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load

DRAWN = "drawn"
"""Instead of one set of factors: each draw takes one of :data:`BASES`."""

GRID = "grid"
"""Grams per kWh that Ember publishes for each grid, with plants as they are there."""

BASES = (*LIFE_CYCLE, GRID)
"""What a draw may take for the grams of a kilowatt-hour, each as likely as the others: two sets of
life-cycle factors on the mix, or the grid's published intensity. The set that Cambridge uses is not
among them, for Cambridge's intensity is what these draws are held against."""

BASELINES = ("mean", "last_year")
"""Months before the ban from which the pattern is taken: all of the map's, or its last twelve."""

POWER_MONTHS = (1, 6, 12)
"""Months up to that of the call whose mean power is what a network without the ban would have gone on
at, each as likely as the others. Power had grown with the price until that month, so the choice decides
how much of it went unused; nothing says which is right."""

VINTAGE_SD = 0.044
"""Error of a grid's grams per kWh, as a standard deviation of their log, one for each country. Two
vintages of the same table give 387 and 412 g/kWh for the United States of 2020 (see its source): their
logs are 0.063 apart, the error of either is that over the root of two."""

HOME = "CHN"
"""The country whose provinces are known."""

SEED = 0


def choices() -> list[str]:
    """What a user may ask for as factors: all drawn, or one set."""
    return [DRAWN, *factor_sets()]


def between(low: np.ndarray, best: np.ndarray, high: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Power at a level between its bounds.

    Parameters
    ----------
    low, best, high : array of float
        Bounds and best guess of each month, GW.
    level : array of float
        One for each draw, from -1 (the lower bound) over 0 (the best guess) to 1 (the upper bound).

    Returns
    -------
    array of float
        Draw x month, GW; on a log scale.

    Examples
    --------
    Halfway from 10 up to 40 GW on a log scale is 20:

    >>> between(np.array([5.0]), np.array([10.0]), np.array([40.0]), np.array([-1, 0, 0.5, 1])).ravel()
    array([ 5., 10., 20., 40.])
    """
    down, up = np.log(best / low), np.log(high / best)
    way = np.where(level[:, None] < 0, down[None, :], up[None, :])
    return np.asarray(best[None, :] * np.exp(level[:, None] * way))


def levels(chance: np.ndarray) -> np.ndarray:
    """Where power stands between its bounds, from even chances.

    Parameters
    ----------
    chance : array of float
        From 0 to 1.

    Returns
    -------
    array of float
        From -1 to 1. As often below the best guess as above it, and ever more seldom towards a bound:
        on either side the density falls in a straight line to nothing, for at a bound every machine
        would be the best that is sold, or the worst that still pays.

    Examples
    --------
    A quarter of all draws lie below -1 + the root of one half, 0.293 below the best guess:

    >>> levels(np.array([0.0, 0.25, 0.5, 1.0])).round(3)
    array([-1.   , -0.293,  0.   ,  1.   ])
    """
    away = np.abs(2 * chance - 1)
    return np.asarray(np.sign(chance - 0.5) * (1 - np.sqrt(1 - away)))


@dataclass(frozen=True)
class Choices:
    """What each draw takes besides its shares.

    Attributes
    ----------
    basis : array of str
        Of :data:`BASES`, or the one set asked for.
    factors : array of float
        Draw x fuel, g/kWh.
    level : array of float
        Of power, see :func:`between`.
    in_provinces : array of bool
        Whether Chinese mining after the map's provinces still stands where it stood, by the calendar
        month, or runs on the nation's mix.
    trend : array of str
        How provinces go on: ``national`` or ``own``.
    baseline : array of str
        Of :data:`BASELINES`.
    power_months : array of int
        Of :data:`POWER_MONTHS`.
    vintage : array of float
        Draw x region: what the grams of each grid are multiplied with.
    """

    basis: np.ndarray
    factors: np.ndarray
    level: np.ndarray
    in_provinces: np.ndarray
    trend: np.ndarray
    baseline: np.ndarray
    power_months: np.ndarray
    vintage: np.ndarray


def factor_errors() -> np.ndarray:
    """Standard deviation of each fuel's factor, g/kWh.

    Returns
    -------
    array of float
        In the order of FUELS: the distance of the two life-cycle sets over the root of two. Two
        measurements of one thing that are so far apart have errors of that size.

    Examples
    --------
    Coal is 1001 and 820 in the two reviews, 181 apart:

    >>> factor_errors()[0].round()
    128.0
    """
    first, second = (factors_of(name).to_numpy() for name in LIFE_CYCLE)
    return np.asarray(np.abs(first - second) / np.sqrt(2))


def choices_taken(
    draws: int, count: int, factors: str = DRAWN, *, spread: bool = True, seed: int = SEED
) -> Choices:
    """Choices for so many draws and regions.

    Parameters
    ----------
    draws, count : int
        Draws and regions.
    factors : str
        Of :func:`choices`. With one set asked for, all draws take it as it is.
    spread : bool
        Whether factors that are drawn have the errors of :func:`factor_errors`.
    seed : int
        The same seed takes the same of everything else, whatever the factors.
    """
    rng = np.random.default_rng(seed)
    basis = rng.choice(BASES, draws)
    level = levels((rng.permutation(draws) + 0.5) / draws)
    in_provinces = rng.random(draws) < 0.5
    trend = rng.choice(["national", "own"], draws)
    baseline = rng.choice(BASELINES, draws)
    vintage = np.exp(VINTAGE_SD * rng.standard_normal((draws, count)))
    error = rng.standard_normal((draws, len(FUELS))) * factor_errors()
    power_months = rng.choice(POWER_MONTHS, draws)
    if factors != DRAWN:
        basis = np.full(draws, factors)
    if factors != DRAWN or not spread:
        error = 0.0 * error
    middle = np.stack([factors_of_basis(str(name)) for name in basis])
    return Choices(
        basis=basis,
        factors=np.clip(middle + error, 0, None),
        level=level,
        in_provinces=in_provinces,
        trend=trend,
        baseline=baseline,
        power_months=power_months,
        vintage=vintage,
    )


def factors_of_basis(basis: str) -> np.ndarray:
    """g/kWh by fuel; of the published grids the mean of the life-cycle sets, to tell fuels apart."""
    names = LIFE_CYCLE if basis == GRID else (basis,)
    return np.mean([factors_of(name).to_numpy() for name in names], axis=0)


def usual_provinces() -> pd.DataFrame:
    """Parts of China's hashrate by province and calendar month before the ban, adding to one."""
    table = _province_shares().loc[: chronology.BEFORE]
    usual = table.groupby(pd.DatetimeIndex(table.index).month).mean()
    return usual.div(usual.sum(axis=1), axis=0)


def _province_shares() -> pd.DataFrame:
    """Month x province, parts of China, in the months in which the map shows any."""
    table = load("china_provinces").pivot(
        index="month", columns="region", values="share_of_china_pct"
    )
    table = table[table.sum(axis=1) > 0]
    return table.div(table.sum(axis=1), axis=0)


def _weighed(weights: pd.DataFrame, national: pd.DataFrame, trend: str) -> np.ndarray:
    """China's mix by months with provinces so weighted; the rest of China has the nation's mix."""
    rows = []
    by_year = {year: carried_provinces(int(year), trend) for year in weights.index.year.unique()}
    for month, weight in weights.iterrows():
        own = by_year[month.year].reindex(columns=list(FUELS)).copy()
        own.loc["CN-OTH"] = national.loc[month]
        rows.append(weight.to_numpy() @ own.loc[weight.index].to_numpy())
    return np.array(rows)


@dataclass(frozen=True)
class Mixes:
    """Where the electricity of each region comes from.

    Attributes
    ----------
    parts : array of float
        Month x region x fuel, adding to one; of China those of the nation.
    usual : dict
        By trend: China's month x fuel if it stood where it usually stood in each calendar month.
    seen : array of float
        China's month x fuel by the provinces of the map; missing where it has none.
    grid : array of float
        Month x region, g/kWh as published for the grid; of the factors where nothing is published.
    """

    parts: np.ndarray
    usual: dict[str, np.ndarray]
    seen: np.ndarray
    grid: np.ndarray


def mixes_of(months: pd.DatetimeIndex, codes: list[str]) -> Mixes:
    """Mixes of regions in months, and of China by its provinces."""
    grids = national_mixes()
    others = [code for code in codes if code != HOME]
    abroad = mixes(months, others)[list(FUELS)]
    own = grids.loc[HOME]
    national = own.loc[months.year, list(FUELS)].set_axis(months)
    parts = np.empty((len(months), len(codes), len(FUELS)))
    parts[:, [codes.index(code) for code in others]] = abroad.to_numpy().reshape(
        len(months), len(others), len(FUELS)
    )
    parts[:, codes.index(HOME)] = national.to_numpy()
    usual = usual_provinces().loc[months.month].set_axis(months)
    by_trend = {trend: _weighed(usual, national, trend) for trend in TRENDS}
    seen = np.full((len(months), len(FUELS)), np.nan)
    shown = _province_shares().reindex(months).dropna()
    seen[months.get_indexer(shown.index)] = _weighed(shown, national, "frozen")
    middle = parts @ factors_of_basis(GRID)
    return Mixes(parts, by_trend, seen, _published(months, codes, middle))


def _published(months: pd.DatetimeIndex, codes: list[str], middle: np.ndarray) -> np.ndarray:
    """Published g/kWh of each grid in the year of the month, or the year before."""
    table = load("grid_by_country").dropna(subset=["intensity_g_per_kwh"])
    grams = table.pivot(index="year", columns="country", values="intensity_g_per_kwh")
    weighted = (table["intensity_g_per_kwh"] * table["generation_twh"]).groupby(table["year"]).sum()
    world = weighted / table.groupby("year")["generation_twh"].sum()
    whose = dict.fromkeys((regions.REST, *regions.proxies()), world)
    columns = [whose.get(code, grams.get(code, pd.Series(dtype=float))) for code in codes]
    known = pd.concat(columns, axis=1).reindex(grams.index).ffill(limit=1)
    found = known.loc[months.year].to_numpy(float)
    return np.where(np.isnan(found), middle, found)


def span() -> pd.DatetimeIndex:
    """Months that are drawn: from the first for which there are grids to the last of the power table.

    They begin before the mining map does, for studies of those months; there shares are the panel's.
    """
    first = pd.Timestamp(int(load("grid_by_country")["year"].min()), 1, 1)
    return pd.date_range(first, demand.months()[-1], freq="MS", name="month").as_unit("us")


@dataclass(frozen=True)
class Drawn:
    """Every draw of the chain.

    Attributes
    ----------
    months : DatetimeIndex
    codes : list of str
        Regions.
    shares : array of float
        Draw x month x region, adding to one.
    power_gw : array of float
        Draw x month, the network's.
    choices : Choices
    mixes : Mixes
    """

    months: pd.DatetimeIndex
    codes: list[str]
    shares: np.ndarray
    power_gw: np.ndarray
    choices: Choices
    mixes: Mixes

    @property
    def home(self) -> int:
        """Place of China among the regions."""
        return self.codes.index(HOME)

    def _scale(self) -> np.ndarray:
        """Draw x month x region: published grams over those of the factors, and the vintage."""
        plain = self.mixes.parts @ factors_of_basis(GRID)
        scale = np.where(
            (self.choices.basis == GRID)[:, None, None], (self.mixes.grid / plain)[None], 1.0
        )
        return np.asarray(scale * self.choices.vintage[:, None, :])

    def grams(self) -> np.ndarray:
        """g/kWh of every region by its grid, draw x month x region; of China by the nation's."""
        plain = np.einsum("mcf,if->imc", self.mixes.parts, self.choices.factors)
        return np.asarray(plain * self._scale())

    def home_grams(
        self,
        *,
        as_before: bool = False,
        trend: str | None = None,
        months: np.ndarray | None = None,
        grids: np.ndarray | None = None,
    ) -> np.ndarray:
        """China's g/kWh by its provinces, draw x month.

        Parameters
        ----------
        as_before : bool
            As if it stood where it usually stood before the ban; else where it is taken to stand: as
            the map's provinces say as long as it has them, then by each draw's choice.
        trend : str, optional
            How provinces go on; default: each draw's own.
        months, grids : array of int, optional
            Places of the months asked for (default: all), and of those whose grids are taken for them
            (default: their own), the same calendar months of another year.
        """
        months = np.arange(len(self.months)) if months is None else months
        grids = months if grids is None else grids
        parts = self.home_mix(as_before=as_before, trend=trend, months=months, grids=grids)
        plain = np.einsum("imf,if->im", parts, self.choices.factors)
        return np.asarray(plain * self._scale()[:, grids, self.home])

    def home_mix(
        self, *, as_before: bool, trend: str | None, months: np.ndarray, grids: np.ndarray
    ) -> np.ndarray:
        """China's mix, draw x month x fuel; as :meth:`home_grams`."""
        parts = np.stack([self.mixes.usual[trend or name][grids] for name in self.choices.trend])
        if as_before:
            return parts
        nation = self.mixes.parts[grids, self.home]
        still = self.months[months] <= chronology.BEFORE
        stays = self.choices.in_provinces[:, None] | still[None]
        parts = np.where(stays[:, :, None], parts, nation[None])
        seen = self.mixes.seen[months]
        return np.where(np.isnan(seen)[None], parts, seen[None])

    def mix(self) -> np.ndarray:
        """Mix of the network, draw x month x fuel, adding to one."""
        every = np.arange(len(self.months))
        china = self.home_mix(as_before=False, trend=None, months=every, grids=every)
        shares = self.shares.copy()
        shares[:, :, self.home] = 0
        abroad = np.einsum("imc,mcf->imf", shares, self.mixes.parts)
        return np.asarray(abroad + self.shares[:, :, [self.home]] * china)

    def intensity(self) -> np.ndarray:
        """g/kWh of the network, draw x month."""
        grams = self.grams()
        grams[:, :, self.home] = self.home_grams()
        return np.asarray((self.shares * grams).sum(axis=2))

    def energy_twh(self) -> np.ndarray:
        """TWh of each month, draw x month."""
        return np.asarray(self.power_gw * demand.hours(self.months).to_numpy() / 1000)


def drawn(factors: str = DRAWN, *, spread: bool = True, seed: int = SEED) -> Drawn:
    """Draw the whole chain, once for each draw of the panel.

    Parameters
    ----------
    factors : str
        Of :func:`choices`: :data:`DRAWN`, or one set for all draws.
    spread : bool
        See :func:`choices_taken`.
    seed : int
        Of what is drawn besides the shares.

    Returns
    -------
    Drawn

    Raises
    ------
    InputError
        For unknown factors, or if the panel's draws are not those of today's tables.
    """
    arguments.chosen(factors, "factors", choices())
    months = span()
    paths = country_panel.paths()
    codes = [str(code) for code in paths.columns]
    within = paths.index.get_level_values("month").isin(months)
    shares = paths.to_numpy()[within].reshape(-1, len(months), len(codes)) / 100
    taken = choices_taken(len(shares), len(codes), factors, spread=spread, seed=seed)
    power = load("network_power").set_index("month").loc[months]
    low, best, high = (power[f"power_{name}_gw"].to_numpy() for name in ("lower", "best", "upper"))
    network = between(low, best, high, taken.level)
    return Drawn(months, codes, shares, network, taken, mixes_of(months, codes))


ENDS = (0.05, 0.5, 0.95)
"""Lower end, middle and upper end of what is shown: 90 percent of the draws lie between the ends."""


def ends(values: np.ndarray) -> np.ndarray:
    """Lower end, middle and upper end of draws, which are the first axis."""
    return np.quantile(values, ENDS, axis=0)
