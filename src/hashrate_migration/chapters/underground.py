"""Mining in China after the ban: its figures, its provinces, and the drought of 2022."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hashrate_migration import chronology, country_panel, energy
from hashrate_migration.findings import concentration, events
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables.read import load
from hashrate_migration.words import _

_TOLD = ("policy", "enforcement", "weather", "grid")
"""Kinds of events that may tell of mining in China."""

_DROUGHT = "2022-08"
"""Month in which Sichuan's rivers failed and its industry was cut off."""

_SICHUAN_OFF = "2021-06-19-chn-1"
"""Event with which switching off in Sichuan began."""

WEEKS_BEFORE, WEEKS_OF_DROUGHT = 4, 3
"""The weeks from the first event of the drought on are held against those before it."""

HELD_MORE_THAN = (1, 5, 10)
"""Percent of the network: marks against which China's share of the summer of 2021 is held."""

SMOOTHED_DAYS = 7
"""Days over which the luck of finding blocks is evened out."""


def acts(last: pd.Timestamp) -> pd.DataFrame:
    """Acts of policy and enforcement, weather and grid events in China since July 2021."""
    table = events.events(chronology.CLEARED, last + pd.offsets.MonthEnd(), country="CHN")
    return table[table["kind"].isin(_TOLD) & (table["date"] >= chronology.CLEARED)]


def marked(table: pd.DataFrame) -> pd.DataFrame:
    """Of many acts those that the figure numbers: national ones, weather and grid."""
    natural = table["kind"].isin(["weather", "grid"])
    return table[natural | table["place"].isna()]


def summer() -> pd.DataFrame:
    """What the panel's draws say of the months in which the map showed nothing in China.

    Returns
    -------
    DataFrame
        Indexed by month: for each of :data:`HELD_MORE_THAN` the percent of the draws in which China
        held more.
    """
    china = country_panel.paths()["CHN"].unstack("month")
    months = china[[chronology.CLEARED, chronology.ZERO_AGAIN]]
    return pd.DataFrame({share: 100 * (months > share).mean() for share in HELD_MORE_THAN})


def held_title(held: pd.DataFrame) -> str:
    """How sure it is that China held something in the summer of 2021, as the title of a figure.

    Parameters
    ----------
    held : DataFrame
        From :func:`summer`.
    """
    month, mark = held.index[0], HELD_MORE_THAN[1]
    return _(
        "In {chance:percent} of the panel's draws China held more than {mark:percent} of the network in "
        "{month:month}",
        chance=held.loc[month, mark],
        mark=mark,
        month=month,
    )


def provinces() -> pd.DataFrame:
    """Hashrate by province before the clearance and in the last month that the map shows.

    Returns
    -------
    DataFrame
        Columns province (code), april_ehs, june_ehs and change_ehs, the largest of June first.
    """
    wide = energy.province_power().pivot(index="region", columns="month", values="hashrate_ehs")
    table = pd.DataFrame({"april_ehs": wide[chronology.CALM], "june_ehs": wide.iloc[:, -1]})
    table["change_ehs"] = table["june_ehs"] - table["april_ehs"]
    table = table.sort_values("june_ehs", ascending=False)
    return table.rename_axis("province").reset_index()


def remaining() -> pd.Series:
    """Part of what stood in China in the last month with provinces, by province, percent."""
    return 100 * energy.provinces().iloc[-1]


def sichuan_off() -> pd.Timestamp:
    """Day on which the first mine of Sichuan whose owner says so was switched off."""
    table = load("policy_events").set_index("event_id")
    return pd.Timestamp(table.loc[_SICHUAN_OFF, "date"])


def chinese_pools() -> tuple[pd.Timestamp, float]:
    """Last month with labels, and the part of all blocks found by pools run from China, percent."""
    homes = concentration.pool_homes()["CHN"]
    return homes.index[-1], 100 * float(homes.iloc[-1])


def last_list(figures: pd.DataFrame) -> pd.Timestamp:
    """Month of the last list of a vendor that has a figure for China.

    Parameters
    ----------
    figures : DataFrame
        From :func:`hashrate_migration.country_panel.published_figures`.
    """
    listed = figures[(figures["region"] == "CHN") & (figures["kind"] == "vendor")]
    return listed["month"].max()


@dataclass(frozen=True)
class Drought:
    """The network through Sichuan's drought of August 2022.

    Attributes
    ----------
    network : Series
        EH/s by day, means of the seven days before.
    events : DataFrame
        Weather and grid events of that month.
    change_pct : float
        Mean of the three weeks from the first event over that of the four weeks before, less one.
    """

    network: pd.Series
    events: pd.DataFrame
    change_pct: float


def drought_title(change_pct: float) -> str:
    """What the network did in the weeks of the drought, as the title of a figure."""
    weeks = {"drought": WEEKS_OF_DROUGHT, "before": WEEKS_BEFORE, "change": abs(change_pct)}
    if change_pct > 0:
        return _(
            "In the {drought:count} weeks of the drought the network ran {change:percent} above the "
            "{before:count} weeks before it",
            **weeks,
        )
    return _(
        "In the {drought:count} weeks of the drought the network ran {change:percent} below the "
        "{before:count} weeks before it",
        **weeks,
    )


def drought(table: pd.DataFrame) -> Drought:
    """What the network did through the drought.

    Parameters
    ----------
    table : DataFrame
        Events, as :func:`acts` gives them.
    """
    natural = table["kind"].isin(["weather", "grid"])
    then = table[natural & (table["date"].dt.strftime("%Y-%m") == _DROUGHT)]
    day = then["date"].min()
    network = (
        network_hashrate("2022-06-01", "2022-11-30", freq="D")
        .rolling(SMOOTHED_DAYS)
        .mean()
        .dropna()
    )
    before = network.loc[day - pd.Timedelta(weeks=WEEKS_BEFORE) : day - pd.Timedelta(days=1)]
    after = network.loc[day : day + pd.Timedelta(weeks=WEEKS_OF_DROUGHT) - pd.Timedelta(days=1)]
    return Drought(network, then, 100 * (after.mean() / before.mean() - 1))
