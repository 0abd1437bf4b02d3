"""China's share beside the decisions of its authorities, and what the low of 2021 can mean."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hashrate_migration import chronology, periods
from hashrate_migration.findings import events
from hashrate_migration.hashrate.mining_map import shares, stocks
from hashrate_migration.hashrate.network import (
    SMOOTHED_DAYS,
    drawdown,
    network_fall,
    network_hashrate,
)
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load
from hashrate_migration.words import _

MONTHS_BEFORE, MONTHS_AFTER = 3, 6
"""Months before and after the call over which the share is averaged."""

_DRAFT = "2021-02-25-chn-1"
"""Inner Mongolia's draft: all mining out by the end of April 2021."""


def acts_of_authorities() -> pd.DataFrame:
    """Acts of Chinese authorities on mining or trading in the phases of policy that are told apart."""
    end = chronology.REBOUND_ENDS - pd.Timedelta(days=1)
    return events.events(
        chronology.PANEL_BEGINS, end, country="CHN", kinds=["policy", "enforcement"]
    )


def national_acts(window: periods.Window) -> pd.DataFrame:
    """National policy acts of a window."""
    acts = events.events(window.start, window.last_day, country="CHN", kinds=["policy"])
    return acts[acts["place"].isna()]


@dataclass(frozen=True)
class LongRun:
    """The network through the phases of Chinese policy.

    Attributes
    ----------
    network : Series
        EH/s by month.
    fall_pct : float
        Fall of 2021, from its peak to its low.
    other_pct, other_month : float, Timestamp
        The deepest fall below an earlier peak outside of the months from the peak of 2021 to its
        recovery, and its month.
    grew, shrank : list of str
        Names of the phases at whose end the network was larger or smaller than at their start.
    """

    network: pd.Series
    fall_pct: float
    other_pct: float
    other_month: pd.Timestamp
    grew: list[str]
    shrank: list[str]


def long_run() -> LongRun:
    """The network since 2013, its falls, and its growth by phase."""
    network = network_hashrate(
        chronology.PANEL_BEGINS, chronology.REBOUND_ENDS - pd.Timedelta(days=1)
    )
    fall = drawdown(network, "2021-01", "2021-06")
    below_peak = 100 * (1 - network / network.cummax())
    episode = network.loc[fall["peak_date"] : fall["regained_date"]].index
    elsewhere = below_peak.drop(episode)
    grew: list[str] = []
    shrank: list[str] = []
    for start, end, name in events.phases():
        months = network.loc[start.replace(day=1) : end]
        (grew if months.iloc[-1] > months.iloc[0] else shrank).append(name)
    return LongRun(
        network, fall["fall_pct"], float(elsewhere.max()), elsewhere.idxmax(), grew, shrank
    )


def long_run_title(run: LongRun) -> str:
    """Whether the fall of 2021 was the deepest, and the deepest of the others."""
    said = {
        "fall": run.fall_pct,
        "start": run.network.index[0],
        "end": run.network.index[-1],
        "other": run.other_pct,
        "then": run.other_month,
    }
    if run.fall_pct > run.other_pct:
        return _(
            "In the clearance of 2021 the network fell by {fall:percent}, more than in any other fall "
            "from {start:year} to {end:year} ({other:percent} in {then:year})",
            **said,
        )
    return _(
        "In the clearance of 2021 the network fell by {fall:percent}; the deepest fall from "
        "{start:year} to {end:year} was {other:percent} in {then:year}",
        **said,
    )


def china_title(china: pd.Series) -> str:
    """From China's first share on the map over its lowest to that of September 2021.

    It speaks of a return only if the map had China at zero after the clearance.

    Parameters
    ----------
    china : Series
        China's share by month, the whole map.
    """
    low, back = china.min(), china[chronology.RETURN]
    said = {"first": china.iloc[0], "low": low, "back": back, "then": chronology.RETURN}
    if low == china.iloc[0]:
        return _(
            "China held {first:percent} of the network when the map begins, and {back:number.1} in "
            "{then:month}",
            **said,
        )
    if china[chronology.CLEARED] == 0 < back:
        return _(
            "China fell from {first:percent} of the network to nothing on the map, and came back at "
            "{back:number}",
            **said,
        )
    if low == back:
        return _(
            "China fell from {first:percent} of the network to {low:number.1} on the map of "
            "{then:month}",
            **said,
        )
    return _(
        "China fell from {first:percent} of the network to {low:number.1} on the map, and stood at "
        "{back:number.1} in {then:month}",
        **said,
    )


def months_of_china() -> pd.DataFrame:
    """China's share and hashrate beside the network, every month of the map.

    Returns
    -------
    DataFrame
        Indexed by month: share_pct, change_pct_points (on the month before), hashrate_ehs and
        network_ehs.
    """
    china = shares()["CHN"]
    return pd.DataFrame(
        {
            "share_pct": china,
            "change_pct_points": china.diff(),
            "hashrate_ehs": stocks()["CHN"],
            "network_ehs": network_hashrate(china.index[0], china.index[-1]),
        }
    )


def month_by_month(steps: pd.DataFrame) -> pd.DataFrame:
    """The first month of the map, and all from some months before the call on.

    Parameters
    ----------
    steps : DataFrame
        From :func:`months_of_china`.
    """
    since = chronology.BEFORE - pd.DateOffset(months=MONTHS_BEFORE)
    return pd.concat([steps.iloc[:1], steps.loc[since:]]).reset_index()


@dataclass(frozen=True)
class Drift:
    """What China lost before the call of May 2021.

    Attributes
    ----------
    months : int
        From the first month of the map to that of the call.
    lost_points : float
        Share lost in these months.
    calm : Timestamp
        Last month that lies wholly before the call.
    calm_points, calm_pct : float
        Share lost up to that month, in points and as a part of what was lost in all, percent;
        missing if nothing was lost.
    provincial : int
        Policy acts of single provinces from the first month of the map to the day before the call.
    draft : Timestamp
        Day of Inner Mongolia's draft, one of them.
    """

    months: int
    lost_points: float
    calm: pd.Timestamp
    calm_points: float
    calm_pct: float
    provincial: int
    draft: pd.Timestamp


def drift(china: pd.Series) -> Drift:
    """How much of China's loss came before the call.

    Parameters
    ----------
    china : Series
        China's share by month, the whole map.
    """
    first, before = china.index[0], chronology.BEFORE
    calm = before - pd.DateOffset(months=1)
    lost, calm_points = china[first] - china[before], china[first] - china[calm]
    acts = events.events(
        first, chronology.CALL - pd.Timedelta(days=1), country="CHN", kinds=["policy"]
    )
    return Drift(
        len(china.loc[:before]) - 1,
        float(lost),
        calm,
        float(calm_points),
        float(100 * calm_points / lost) if lost > 0 else float("nan"),
        int(acts["place"].notna().sum()),
        load("policy_events").set_index("event_id").loc[_DRAFT, "date"],
    )


@dataclass(frozen=True)
class Summer:
    """What the chain says of China's low in July and August 2021; all in EH/s.

    Attributes
    ----------
    lost : float
        What the map takes from China from May to July.
    network_lost : float
        What the network lost in the same months.
    hidden_july : float
        What of China's May can have run in July at most, there or elsewhere, if all that the network
        lost stood in China.
    proxies_gained : float
        What the map adds in the same months in countries that proxies stand for.
    returned : float
        What the map puts back into China from August to September.
    network_gained : float
        What the network gained in that month.
    running_august : float
        What of the returned must have run in August already.
    fell : bool
        Whether China's share and its hashrate were lower in July than in May.
    """

    lost: float
    network_lost: float
    hidden_july: float
    proxies_gained: float
    returned: float
    network_gained: float
    running_august: float
    fell: bool

    @property
    def hidden_july_pct(self) -> float:
        """Hidden or moved in July at most, percent of what China had lost."""
        return 100 * self.hidden_july / self.lost if self.lost > 0 else float("nan")


def summer() -> Summer:
    """The low of summer 2021 held against the chain."""
    stock = stocks()
    share = shares()["CHN"]
    china, proxies = stock["CHN"], stock[regions.proxies()].sum(axis=1)
    network = network_hashrate(stock.index[0], stock.index[-1])
    before, cleared = chronology.BEFORE, chronology.CLEARED
    zero, back = chronology.ZERO_AGAIN, chronology.RETURN
    lost, network_lost = china[before] - china[cleared], network[before] - network[cleared]
    returned, gained = china[back] - china[zero], network[back] - network[zero]
    return Summer(
        lost=float(lost),
        network_lost=float(network_lost),
        hidden_july=float(max(0.0, lost - max(0.0, network_lost))),
        proxies_gained=float(proxies[cleared] - proxies[before]),
        returned=float(returned),
        network_gained=float(gained),
        running_august=float(max(0.0, returned - max(0.0, gained))),
        fell=bool(lost > 0 and share[before] > share[cleared]),
    )


@dataclass(frozen=True)
class DifficultyStep:
    """The largest fall of the difficulty in one step."""

    day: pd.Timestamp
    fall_pct: float
    periods: int
    first: pd.Timestamp


def largest_step() -> DifficultyStep:
    """The largest fall of the difficulty from one period of 2016 blocks to the next."""
    difficulty = load("difficulty_epochs").set_index("start_time")["difficulty"]
    step = 100 * difficulty.pct_change()
    return DifficultyStep(step.idxmin(), float(-step.min()), len(difficulty), difficulty.index[0])


@dataclass(frozen=True)
class Recovery:
    """The network by days from the start of 2021 to the spring of 2022.

    Attributes
    ----------
    smooth : Series
        EH/s by day, mean of the days around it, :data:`.network.SMOOTHED_DAYS` in all.
    points : DataFrame
        Columns date, value, label and below (whether the label stands under the point): peak, low
        and the day on which the peak was regained.
    fall_pct : float
        From the peak to the low.
    days_down, days_back : int
        From the peak to the low, and to the day on which it was regained.
    """

    smooth: pd.Series
    points: pd.DataFrame
    fall_pct: float
    days_down: int
    days_back: int


def recovery() -> Recovery:
    """The fall of 2021 and the way back, by days."""
    daily = network_fall().loc["daily"]
    network = network_hashrate("2021-01", "2022-03", freq="D")
    smooth = network.rolling(SMOOTHED_DAYS, center=True).mean().dropna()
    # The fall is dated by the last of its days, the curve by the middle one.
    middle = pd.Timedelta(days=SMOOTHED_DAYS // 2)
    peak, low, regained = (
        daily[name] - middle for name in ("peak_date", "trough_date", "regained_date")
    )
    labels = [
        _("peak\n{when:day}\n{value:ehs}", when=peak, value=smooth[peak]),
        _("low\n{when:day}\n{value:ehs}", when=low, value=smooth[low]),
        _("regained\n{when:day}\n{value:ehs}", when=regained, value=smooth[regained]),
    ]
    points = pd.DataFrame({"date": [peak, low, regained], "label": labels})
    points["value"] = smooth[points["date"]].to_numpy()
    points["below"] = [False, True, False]
    return Recovery(
        smooth,
        points,
        daily["fall_pct"],
        (low - peak).days,
        int(daily["periods_to_regain"]),
    )


def recovery_title(found: Recovery) -> str:
    """How deep and how fast the network fell, and when it was back."""
    return _(
        "The network lost {fall:percent} in {down:number} days and needed {back:number} from its peak "
        "to be back",
        fall=found.fall_pct,
        down=found.days_down,
        back=found.days_back,
    )


def around_the_call(china: pd.Series) -> pd.Series:
    """What China's share did around the State Council committee's call.

    See :func:`hashrate_migration.findings.events.response`.
    """
    return events.response(china, chronology.CALL, before=MONTHS_BEFORE, after=MONTHS_AFTER)


def ending_title(share: pd.DataFrame) -> str:
    """Who leads when the map ends, and where China stands.

    Parameters
    ----------
    share : DataFrame
        The whole map.
    """
    last = share.iloc[-1].drop(regions.REST)
    leader = str(last.idxmax())
    if leader == "CHN":
        return _("When the map ends, China leads with {share:percent}", share=last["CHN"])
    return _(
        "When the map ends, {leader:place} leads with {share:percent}; China holds {china:number}",
        leader=leader,
        share=last[leader],
        china=last["CHN"],
    )
