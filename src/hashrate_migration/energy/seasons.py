"""The seasons inside China: provinces through the wet and the dry months."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from statsmodels.tsa.statespace.structural import UnobservedComponents

from hashrate_migration import chronology
from hashrate_migration.arguments import shown
from hashrate_migration.energy.demand import network_power_in
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.mining_map import stocks
from hashrate_migration.tables.read import load

WET_MONTHS = (5, 6, 7, 8, 9, 10)
"""May to October: the rivers of Sichuan and Yunnan run high."""

BAND_PCT = 90
"""Percent of a forecast's outcomes that its band is to hold."""


def provinces() -> pd.DataFrame:
    """Part of the Chinese hashrate in each province, by month.

    Returns
    -------
    DataFrame
        Month x region, fractions; only months with Chinese hashrate.
    """
    table = load("china_provinces").pivot(
        index="month", columns="region", values="share_of_china_pct"
    )
    table = table[table.sum(axis=1) > 0]
    return table.div(table.sum(axis=1), axis=0)


def province_power() -> pd.DataFrame:
    """Hashrate and power of each province.

    Returns
    -------
    DataFrame
        Long: month, region, part (of China), hashrate_ehs, power_gw, season (``wet`` or ``dry``).
    """
    parts = provinces()
    china = stocks().loc[parts.index]
    share = china["CHN"] / china.sum(axis=1)
    power = network_power_in(pd.DatetimeIndex(parts.index))["power_best_gw"] * share
    rows = parts.stack().rename("part").rename_axis(["month", "region"]).reset_index()
    rows["hashrate_ehs"] = rows["part"] * rows["month"].map(china["CHN"])
    rows["power_gw"] = rows["part"] * rows["month"].map(power)
    wet = rows["month"].dt.month.isin(WET_MONTHS)
    return rows.assign(season=np.where(wet, "wet", "dry"))


def months_of_rotation() -> pd.DatetimeIndex:
    """The last wet season before the crackdown and the dry one after it: twelve months."""
    return pd.date_range(end=chronology.CALM, periods=12, freq="MS", name="month").as_unit("us")


def rotation() -> pd.DataFrame:
    """How much moved with the seasons: provinces in the wet and the dry months.

    Returns
    -------
    DataFrame
        Indexed by region: wet_pct and dry_pct (mean part of China in the wet season of 2020 and
        in the dry season after it, the twelve :func:`months_of_rotation`), swing_points, and the
        same swing in EH/s and GW at the China of those twelve months. The sum of the positive
        swings is what moved.
    """
    rows = province_power()
    window = rows[rows["month"].isin(months_of_rotation())]
    part = window.groupby(["region", "season"])["part"].mean().unstack("season")
    monthly = window.groupby("month")[["hashrate_ehs", "power_gw"]].sum().mean()
    swing = part["wet"] - part["dry"]
    return pd.DataFrame(
        {
            "wet_pct": 100 * part["wet"],
            "dry_pct": 100 * part["dry"],
            "swing_points": 100 * swing,
            "swing_ehs": swing * monthly["hashrate_ehs"],
            "swing_gw": swing * monthly["power_gw"],
        }
    ).sort_values("swing_points", ascending=False)


def annual_cycle(region: str) -> pd.DataFrame:
    """A province's part of China taken apart: level, annual cycle, and what would have followed.

    Parameters
    ----------
    region : str
        Code of a province of the mining map.

    Returns
    -------
    DataFrame
        Indexed by month, all of :func:`provinces`: observed, level and expected (fractions), low and
        high (the band of the forecast, after April 2021), cycle (log-odds that the season adds).

    Raises
    ------
    InputError
        For an unknown province.

    Notes
    -----
    A structural time series (statsmodels' UnobservedComponents, after Harvey 1989, Forecasting,
    Structural Time Series Models and the Kalman Filter) of the log-odds: a level that walks and one
    wave of twelve months that stays. Twenty months hold less than two years, too few for
    classical decompositions; one wave has two coefficients. It is fitted to the months up to
    :data:`hashrate_migration.chronology.CALM`.
    """
    parts = provinces()
    if not (isinstance(region, str) and region in parts):
        raise InputError(
            f"Province {shown(region)} is unknown; the mining map has: {', '.join(parts.columns)}."
        )
    observed = parts[region].asfreq("MS")
    known = logit(observed.loc[: chronology.CALM])
    model = UnobservedComponents(
        known,
        level="local level",
        freq_seasonal=[{"period": 12, "harmonics": 1}],
        stochastic_freq_seasonal=[False],
    )
    fitted = model.fit(disp=False)
    ahead = len(observed) - len(known)
    forecast = fitted.get_forecast(ahead)
    interval = forecast.conf_int(alpha=1 - BAND_PCT / 100)
    cycle = pd.Series(fitted.freq_seasonal[0]["smoothed"], index=known.index)
    level = pd.Series(fitted.level["smoothed"], index=known.index)
    table = pd.DataFrame({"observed": observed})
    table["level"] = expit(level)
    table["expected"] = pd.concat([expit(level + cycle), expit(forecast.predicted_mean)])
    table["low"], table["high"] = expit(interval.iloc[:, 0]), expit(interval.iloc[:, 1])
    table["cycle"] = cycle
    return table
