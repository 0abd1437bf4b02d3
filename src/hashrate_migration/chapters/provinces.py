"""Chinese provinces through the wet and the dry months: where mining stood, and where it broke."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import chronology, energy
from hashrate_migration.charts import colours
from hashrate_migration.energy.seasons import WET_MONTHS, months_of_rotation
from hashrate_migration.findings import events
from hashrate_migration.hashrate.mining_map import stocks
from hashrate_migration.words import _

_OTHER_SEASON = pd.DateOffset(months=6)


def hashrate() -> pd.DataFrame:
    """Hashrate by month and province, EH/s, in the order of a stack."""
    rows = energy.province_power()
    wide = rows.pivot(index="month", columns="region", values="hashrate_ehs")
    return wide[list(colours.PROVINCES)]


def hashrate_title() -> str:
    """The province that moved most: at its highest in the year of rotation, and a season later."""
    parts = 100 * energy.provinces()
    province = energy.rotation().index[0]
    high = parts.loc[months_of_rotation(), province].idxmax()
    later = high + _OTHER_SEASON
    return _(
        "In {high:month} {province:place} held {most:percent} of China's hashrate, in {later:month} "
        "{then:percent}",
        high=high,
        province=province,
        most=parts.loc[high, province],
        later=later,
        then=parts.loc[later, province],
    )


def moved(rotation: pd.DataFrame) -> pd.Series:
    """What changed provinces: the gains of those that gained in the wet season.

    Parameters
    ----------
    rotation : DataFrame
        From :func:`hashrate_migration.energy.rotation`.

    Returns
    -------
    Series
        swing_points, swing_ehs and swing_gw.
    """
    return rotation[rotation["swing_points"] > 0][["swing_points", "swing_ehs", "swing_gw"]].sum()


def swings_title(rotation: pd.DataFrame) -> str:
    """The provinces with most more and most less in the wet season, as the title of a figure.

    Parameters
    ----------
    rotation : DataFrame
        From :func:`hashrate_migration.energy.rotation`.
    """
    swing = rotation["swing_ehs"].sort_values(ascending=False)
    return _(
        "{first:begin} held {gain:ehs} more in the wet season than in the dry one, {last:place} "
        "{loss:number} less",
        first=swing.index[0],
        gain=swing.iloc[0],
        last=swing.index[-1],
        loss=-swing.iloc[-1],
    )


def forecast(cycle: pd.DataFrame) -> pd.DataFrame:
    """The months after the fit, and where they lie.

    Parameters
    ----------
    cycle : DataFrame
        From :func:`hashrate_migration.energy.annual_cycle`.

    Returns
    -------
    DataFrame
        Indexed by month: observed, expected, low and high (fractions) and lies: ``above``, ``below`` or
        ``within`` the band.
    """
    ahead = cycle.loc[cycle["low"].notna(), ["observed", "expected", "low", "high"]]
    above, below = ahead["observed"] > ahead["high"], ahead["observed"] < ahead["low"]
    return ahead.assign(lies=np.select([above, below], ["above", "below"], "within"))


def cycle_title(province: str, ahead: pd.DataFrame) -> str:
    """Whether a province was on its seasonal path to the end, as the title of a figure.

    Parameters
    ----------
    province : str
        Code.
    ahead : DataFrame
        From :func:`forecast`.
    """
    within = ahead["lies"] == "within"
    said = {
        "province": province,
        "inside": list(ahead.index[within]),
        "outside": list(ahead.index[~within]),
    }
    kinds = set(ahead["lies"])
    if kinds == {"within"}:
        return _(
            "{province:whose} part stayed on its seasonal path: in {inside:months} it lay "
            "within the expected band",
            **said,
        )
    if kinds == {"above"}:
        return _(
            "{province:whose} part left its seasonal path: in {outside:months} it lay above "
            "the expected band",
            **said,
        )
    if kinds == {"below"}:
        return _(
            "{province:whose} part left its seasonal path: in {outside:months} it lay below "
            "the expected band",
            **said,
        )
    if kinds == {"above", "within"}:
        return _(
            "{province:whose} part lay above the expected band in {outside:months}, and within "
            "it in {inside:months}",
            **said,
        )
    if kinds == {"below", "within"}:
        return _(
            "{province:whose} part lay below the expected band in {outside:months}, and within "
            "it in {inside:months}",
            **said,
        )
    return _(
        "{province:whose} part left its seasonal path to both sides: {outside:months} lie "
        "outside the expected band",
        **said,
    )


@dataclass(frozen=True)
class Wave:
    """The annual wave of a province.

    Attributes
    ----------
    factor : float
        Odds of the highest month over those of the lowest.
    highest : Timestamp
        A month in which it is highest.
    is_wet : bool
        Whether that month is one of the wet season.
    """

    factor: float
    highest: pd.Timestamp
    is_wet: bool


def wave(cycle: pd.DataFrame) -> Wave:
    """How strong the season is, and when it is highest.

    Parameters
    ----------
    cycle : DataFrame
        From :func:`hashrate_migration.energy.annual_cycle`.
    """
    added = cycle["cycle"].dropna()
    highest = added.idxmax()
    return Wave(
        factor=float(np.exp(added.max() - added.min())),
        highest=highest,
        is_wet=highest.month in WET_MONTHS,
    )


def remaining() -> pd.Series:
    """Where the hashrate stood in the last month with provinces, percent of China, largest first."""
    return 100 * energy.provinces().iloc[-1].sort_values(ascending=False)


def changed_since_calm() -> pd.Series:
    """What provinces had in the last month that shows them less what they had in April 2021, EH/s.

    Returns
    -------
    Series
        By province, the largest loss first.
    """
    wide = hashrate()
    return (wide.iloc[-1] - wide.loc[chronology.CALM]).sort_values()


def acts() -> pd.DataFrame:
    """Events of provinces and cities, from the first month of 2021 to that of the zero on the map."""
    first = chronology.CLEARED.replace(month=1)
    table = events.events(first, chronology.CLEARED + pd.offsets.MonthEnd(), country="CHN")
    return table[table["place"].notna()]


def china_through_the_clearance() -> pd.Series:
    """China's hashrate on the map from the month of the call to that of the clearance, EH/s."""
    return stocks()["CHN"].loc[chronology.BEFORE : chronology.CLEARED]


def coal_title(coal: pd.Series) -> str:
    """Between which parts coal swung, as the title of a figure.

    Parameters
    ----------
    coal : Series
        Percent by month.
    """
    lowest, highest = coal.idxmin(), coal.idxmax()
    return _(
        "Coal's part in Chinese mining was {least:percent} in {lowest:month} and {greatest:percent} in "
        "{highest:month}",
        least=coal[lowest],
        lowest=lowest,
        greatest=coal[highest],
        highest=highest,
    )
