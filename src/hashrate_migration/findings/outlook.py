"""What could come: shares run forward under assumptions that anyone may change.

The score of destinations (:mod:`hashrate_migration.findings.destinations`) can be asked for here too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import arguments, chronology, country_panel
from hashrate_migration.country_panel import estimates
from hashrate_migration.errors import InputError
from hashrate_migration.findings.destinations import (
    COMPONENTS,
    SINCE,
    SMALLEST_PCT,
    WEIGHTS,
    components,
    destinations,
    score,
    sensitivity,
)
from hashrate_migration.words import N_

__all__ = [
    "AS_IT_GOES",
    "COMPONENTS",
    "CONCERNED",
    "GULF_AFRICA",
    "NEW_HUBS",
    "POWER_CRISIS",
    "SCENARIOS",
    "SECOND_BAN",
    "SINCE",
    "SMALLEST_PCT",
    "US_GROWTH",
    "WEIGHTS",
    "Scenario",
    "after_the_cut",
    "components",
    "destinations",
    "drawn",
    "recent_steps",
    "run",
    "scenarios",
    "score",
    "sensitivity",
    "vendors_part",
]

AS_IT_GOES, US_GROWTH, SECOND_BAN, POWER_CRISIS, NEW_HUBS = SCENARIOS = (
    N_("as it goes"),
    N_("US growth"),
    N_("second ban"),
    N_("Kazakh power crisis"),
    N_("Gulf and Africa"),
)
"""Names of the scenarios; the first assumes nothing."""

_QUANTILES = [country_panel.BAND[0], 0.5, country_panel.BAND[1]]

WIDEST_STEP = 5
"""At a step of 5, a share goes by more than a hundredfold in a month: no question about mining."""


def recent_steps() -> pd.DataFrame:
    """How far shares have gone in a month since the mining map ended, by the panel's model.

    Returns
    -------
    DataFrame
        Indexed by region: low, median and high (5, 50 and 95 percent of the draws) of the standard
        deviation of a month's step of the log of the share.
    """
    table = country_panel.steps().quantile(_QUANTILES).T
    table.columns = pd.Index(["low", "median", "high"])
    return table.rename_axis("region")


def vendors_part() -> float:
    """Part of the figures that the panel uses since 2025 that come from vendors, percent."""
    rows = estimates.published_figures(chronology.REBOUND_ENDS)
    return 100 * float((rows.loc[rows["enters"], "kind"] == "vendor").mean())


@dataclass(frozen=True)
class Scenario:
    """What is assumed to happen after the last month of the panel.

    Attributes
    ----------
    us_growth_pct : float
        Growth per year of US hashrate beyond the network's, percent.
    gulf_africa_growth_pct : float
        The same for the Emirates, Oman, Ethiopia and Kenya.
    second_ban_pct : float
        Part of Chinese hashrate that goes in `shock_month`, percent, and does not come back.
    power_crisis_pct : float
        Part of Kazakh hashrate that is off for `crisis_months` from `shock_month` on, percent.
    shock_month : int
        Months after the last of the panel.
    crisis_months : int
        How long a power crisis lasts.
    crisis_lost_pct : float
        Part of what was off that does not come back, percent.
    """

    us_growth_pct: float = 0.0
    gulf_africa_growth_pct: float = 0.0
    second_ban_pct: float = 0.0
    power_crisis_pct: float = 0.0
    shock_month: int = 6
    crisis_months: int = 6
    crisis_lost_pct: float = 0.0


GULF_AFRICA = ("ARE", "OMN", "ETH", "KEN")

CONCERNED = {
    US_GROWTH: ("USA",),
    SECOND_BAN: ("CHN",),
    POWER_CRISIS: ("KAZ",),
    NEW_HUBS: GULF_AFRICA,
}
"""Countries whose hashrate a scenario changes."""


_LONGEST_RUN = 60

_FASTEST_PCT = 100_000
"""Percent a year; a thousandfold. Beyond it, shares are one country's whatever else is assumed."""


def _check_scenario(scenario: Scenario) -> None:
    """Stop if a number of a scenario is out of range."""
    arguments.instance(scenario, "scenario", Scenario, "a Scenario(…)")
    for name in ("second_ban_pct", "power_crisis_pct"):
        value = getattr(scenario, name)
        if not (arguments.is_number(value) and 0 <= value < 100):
            raise InputError(
                f"{name} = {arguments.shown(value)} is not a percentage from 0 to below 100."
            )
    lost = scenario.crisis_lost_pct
    if not (arguments.is_number(lost) and 0 <= lost <= 100):
        raise InputError(
            f"crisis_lost_pct = {arguments.shown(lost)} is not a percentage from 0 to 100."
        )
    for name in ("us_growth_pct", "gulf_africa_growth_pct"):
        value = getattr(scenario, name)
        if not (arguments.is_number(value) and value <= _FASTEST_PCT):
            raise InputError(
                f"{name} = {arguments.shown(value)} is not a number of {_FASTEST_PCT:,} or less."
            )
        if value <= -100:
            raise InputError(f"{name} = {value} would leave nothing; give more.")
    for name in ("shock_month", "crisis_months"):
        arguments.whole(getattr(scenario, name), name, 1)


def _pushes(scenario: Scenario, months: int, codes: list[str]) -> np.ndarray:
    """What a scenario adds in each month to the log of each country's hashrate, month x code."""
    push = np.zeros((months, len(codes)))
    push[:, codes.index("USA")] += np.log1p(scenario.us_growth_pct / 100) / 12
    for code in GULF_AFRICA:
        push[:, codes.index(code)] += np.log1p(scenario.gulf_africa_growth_pct / 100) / 12
    off = scenario.power_crisis_pct / 100
    lost = off * scenario.crisis_lost_pct / 100
    shocks = {
        ("CHN", scenario.shock_month): np.log1p(-scenario.second_ban_pct / 100),
        ("KAZ", scenario.shock_month): np.log1p(-off),
        ("KAZ", scenario.shock_month + scenario.crisis_months): np.log1p(-lost) - np.log1p(-off),
    }
    for (code, month), size in shocks.items():
        if month <= months:
            push[month - 1, codes.index(code)] += size
    return push


def _shares(logs: np.ndarray) -> np.ndarray:
    """Shares from logs of hashrate; each draw adds to one."""
    part = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(part / part.sum(axis=1, keepdims=True))


def drawn(
    scenario: Scenario, months: int = 24, seed: int = 0, walk_sd: float | None = None
) -> pd.DataFrame:
    """Paths of shares from the last month of the panel on.

    Parameters
    ----------
    scenario, months, seed, walk_sd
        See :func:`run`.

    Returns
    -------
    DataFrame
        Indexed by draw (those of :func:`hashrate_migration.country_panel.paths`) and month, one column
        per region; percent, each row adds to 100.

    Raises
    ------
    InputError
        If a number is out of range.
    """
    _check_scenario(scenario)
    arguments.whole(months, "months", 1, _LONGEST_RUN)
    arguments.whole(seed, "seed")
    if walk_sd is not None and not (arguments.is_number(walk_sd) and 0 <= walk_sd <= WIDEST_STEP):
        raise InputError(
            f"walk_sd = {arguments.shown(walk_sd)} is not a number from 0 to {WIDEST_STEP}."
        )
    paths = country_panel.paths()
    last = paths.index.get_level_values("month").max()
    start = paths.xs(last, level="month")
    codes = [*start.columns]
    sizes = country_panel.steps()[codes].to_numpy() if walk_sd is None else float(walk_sd)
    sizes = np.broadcast_to(sizes, start.shape)
    push = _pushes(scenario, months, codes)
    # The same steps in every scenario, so that scenarios differ by what they assume alone.
    steps = np.random.default_rng(seed).standard_normal((months, *start.shape))
    logs = np.log(start.to_numpy())
    shares = np.empty((len(start), months + 1, len(codes)))
    shares[:, 0] = _shares(logs)
    for month in range(months):
        level = sizes**2 * (shares[:, month] - 0.5)
        logs = logs + level + sizes * steps[month] + push[month]
        shares[:, month + 1] = _shares(logs)
    span = pd.date_range(last, periods=months + 1, freq="MS")
    index = pd.MultiIndex.from_product([start.index, span], names=["draw", "month"])
    return pd.DataFrame(100 * shares.reshape(-1, len(codes)), index=index, columns=start.columns)


def _summed_up(paths: pd.DataFrame) -> pd.DataFrame:
    """Median and band of paths by month and region, long."""
    by_month = paths.groupby(level="month", sort=True)
    low, median, high = (by_month.quantile(q) for q in _QUANTILES)
    table = pd.DataFrame(
        {"low": low.stack(), "median": median.stack(), "high": high.stack()}
    ).rename_axis(["month", "region"])
    return table.reset_index()


def run(
    scenario: Scenario, months: int = 24, seed: int = 0, walk_sd: float | None = None
) -> pd.DataFrame:
    r"""Run shares forward from the last month of the panel.

    Parameters
    ----------
    scenario : Scenario
        What is assumed.
    months : int
        How far, 1 to 60.
    seed : int
        Of the steps ahead.
    walk_sd : float, optional
        Monthly step of the log of every share; default: in each draw the step of each country that
        the panel's model found with it (:func:`hashrate_migration.country_panel.steps`).

    Returns
    -------
    DataFrame
        Long: month, region, low, median, high (percent of the network; 5, 50 and 95 percent of
        the paths). The first month is the panel's last.

    Raises
    ------
    InputError
        If a number is out of range.

    Notes
    -----
    Every path starts from one of the panel's draws and goes on in steps of the size that this draw
    has for the country; the scenario adds its drift or shock to the log of the countries it names,
    and shares are made to add to one again, so what one gains all others give in proportion.

    With nothing assumed no country has a drift: what is expected of a share is what it is. Steps of
    the log by themselves would not do that. A log that moves by x with variance v grows by
    v / 2 in the mean, and shares that are made to add to one lose what the others gain by this. In
    every month a share s therefore moves in its log by x + v (s - 1 / 2), which leaves the mean of every
    share where it is but for terms of higher order in v (Ito's formula, :math:`d s_i / s_i = x_i -
    \\sum_j s_j x_j`, for independent steps). A scenario is a question, not a forecast.
    """
    return _summed_up(drawn(scenario, months, seed, walk_sd))


def after_the_cut() -> pd.Series:
    """What was left of Kazakhstan's share a year after the power of its miners was cut.

    Returns
    -------
    Series
        Over the panel's draws: low, median and high (5, 50 and 95 percent) of the share in the month
        one year after that of the cut, as a percentage of the share in the month before it.
    """
    cut = chronology.KAZAKH_CUT
    own = country_panel.paths()["KAZ"].unstack("month")
    left = 100 * own[cut + pd.DateOffset(years=1)] / own[cut - pd.DateOffset(months=1)]
    return left.quantile(_QUANTILES).set_axis(["low", "median", "high"])


def scenarios(
    us_growth_pct: float = 20.0,
    gulf_africa_growth_pct: float = 50.0,
    second_ban_pct: float = 80.0,
    power_crisis_pct: float = 60.0,
    months: int = 24,
    seed: int = 0,
    *,
    crisis_lost_pct: float = 50.0,
) -> pd.DataFrame:
    """Four scenarios and none, side by side.

    Parameters
    ----------
    us_growth_pct, gulf_africa_growth_pct, second_ban_pct, power_crisis_pct, crisis_lost_pct : float
        See :class:`Scenario`.
    months, seed : int
        See :func:`run`.

    Returns
    -------
    DataFrame
        Rows of :func:`run` with the column scenario in front.
    """
    cases = {
        AS_IT_GOES: Scenario(),
        US_GROWTH: Scenario(us_growth_pct=us_growth_pct),
        SECOND_BAN: Scenario(second_ban_pct=second_ban_pct),
        POWER_CRISIS: Scenario(power_crisis_pct=power_crisis_pct, crisis_lost_pct=crisis_lost_pct),
        NEW_HUBS: Scenario(gulf_africa_growth_pct=gulf_africa_growth_pct),
    }
    tables = {name: run(case, months, seed) for name, case in cases.items()}
    return pd.concat(tables, names=["scenario"]).reset_index(level=0).reset_index(drop=True)
