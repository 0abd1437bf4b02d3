"""What makes a destination last, and what could come: a score and scenarios, both open to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import arguments, chronology, country_panel
from hashrate_migration.country_panel import estimates
from hashrate_migration.energy.carbon import DEFAULT_FACTORS, intensities
from hashrate_migration.energy.electricity import mixes
from hashrate_migration.errors import InputError
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_

COMPONENTS = {
    "carbon": N_("carbon intensity of the grid (g CO2e/kWh)"),
    "reliability": N_("grid and weather events since 2021"),
    "policy": N_("acts of policy and enforcement since 2021"),
}
"""What counts against a country; each runs from 0 (best of all) to 1 (worst of all)."""

WEIGHTS = {"carbon": 1.0, "reliability": 1.0, "policy": 1.0}
"""Equal weights: no one knows better ones, which is why :func:`sensitivity` varies them."""

SINCE = pd.Timestamp("2021-01-01")
"""First day from which events are counted and shares are compared."""

SMALLEST_PCT = 1.0
"""Share of the network that makes a destination."""

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


def destinations() -> list[str]:
    """Countries that have held one percent of the network or more since 2021; no proxies."""
    panel = country_panel.panel(SINCE)
    peak = panel[panel["region"] != REST].groupby("region")["share_pct"].max()
    order = peak.drop(index=regions.proxies()).sort_values(ascending=False)
    return order.index[order >= SMALLEST_PCT].tolist()


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


def components() -> pd.DataFrame:
    """What counts against each destination.

    Returns
    -------
    DataFrame
        Indexed by country: carbon (g CO2e/kWh of the grid in its last year), reliability and policy
        (events in the table ``policy_events`` since 2021, which is not complete), and kept (share
        today over the highest share since 2021, of the panel's medians): what lasted.
    """
    codes = destinations()
    month = pd.DatetimeIndex([pd.Timestamp("2024-12-01")], name="month")
    carbon = intensities(mixes(month, codes), DEFAULT_FACTORS).droplevel("month")
    events = load("policy_events")
    events = events[events["date"] >= SINCE]
    counted = {
        "reliability": events["kind"].isin(["grid", "weather"]),
        "policy": events["kind"].isin(["policy", "enforcement"]),
    }
    table = pd.DataFrame({"carbon": carbon.reindex(codes)})
    for name, chosen in counted.items():
        table[name] = events[chosen].groupby("region").size().reindex(codes).fillna(0).astype(int)
    panel = country_panel.panel(SINCE).pivot(index="month", columns="region", values="share_pct")
    table["kept"] = (panel.iloc[-1] / panel.max())[codes]
    return table.rename_axis("region")


def _scaled(table: pd.DataFrame) -> pd.DataFrame:
    """Components from 0 (best of all) to 1 (worst of all); 0 where all are alike."""
    raw = table[list(COMPONENTS)].astype(float)
    width = raw.max() - raw.min()
    return (raw - raw.min()) / width.where(width > 0, 1.0)


def score(weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """A score of endurance from 0 (worst in everything) to 1 (best in everything).

    Parameters
    ----------
    weights : mapping, optional
        Weight of each of :data:`COMPONENTS`, 0 or more; only their proportions matter.

    Returns
    -------
    DataFrame
        :func:`components` with the column score, the best first.

    Raises
    ------
    InputError
        For an unknown component, a negative weight, or weights that are all 0.

    Notes
    -----
    Each component is scaled to 0 to 1 over the destinations; the score is one less their weighted
    mean. It describes; it has not been fitted to what lasted.
    """
    arguments.instance({} if weights is None else weights, "weights", Mapping, "a mapping")
    given = {**WEIGHTS, **(weights or {})}
    for name, weight in given.items():
        if name not in COMPONENTS:
            raise InputError(
                f"weights names {arguments.shown(name)}; the components are: {', '.join(COMPONENTS)}."
            )
        if not (arguments.is_number(weight) and weight >= 0):
            raise InputError(f"weights gives {arguments.shown(weight)} for {name}; give 0 or more.")
    total = sum(given.values())
    if not np.isfinite(total):
        raise InputError("The weights add up to more than can be counted; give smaller ones.")
    if total == 0:
        raise InputError("The weights are all 0; give at least one above 0.")
    table = components()
    scaled = _scaled(table)
    against = sum(given[name] / total * scaled[name] for name in COMPONENTS)
    return table.assign(score=1 - against).sort_values("score", ascending=False, kind="stable")


def sensitivity(draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """How the ranks move when the weights are not known.

    Parameters
    ----------
    draws : int
        Draws of weights, all proportions alike likely (Dirichlet with ones).
    seed : int
        Seed of the draws.

    Returns
    -------
    DataFrame
        Indexed by country, by median rank: low, median and high (5, 50 and 95 percent of the ranks,
        1 for the highest score).
    """
    arguments.draws_and_seed(draws, seed)
    scaled = _scaled(components())
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(COMPONENTS)), size=draws)
    scores = pd.DataFrame(1 - scaled.to_numpy() @ weights.T, index=scaled.index)
    ranks = scores.rank(ascending=False, method="average")
    table = ranks.quantile(_QUANTILES, axis=1).T
    table.columns = pd.Index(["low", "median", "high"])
    return table.sort_values(["median", "low"], kind="stable")


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
    """

    us_growth_pct: float = 0.0
    gulf_africa_growth_pct: float = 0.0
    second_ban_pct: float = 0.0
    power_crisis_pct: float = 0.0
    shock_month: int = 6
    crisis_months: int = 6


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


def run(
    scenario: Scenario, months: int = 24, seed: int = 0, walk_sd: float | None = None
) -> pd.DataFrame:
    """Run shares forward from the last month of the panel.

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
    and shares are made to add to one again, so what one gains all others give in proportion. A
    scenario is a question, not a forecast.
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
    codes = list(start.columns)
    sizes = country_panel.steps()[codes].to_numpy() if walk_sd is None else float(walk_sd)
    sizes = np.broadcast_to(sizes, start.shape)[:, None, :]
    # The same steps in every scenario, so that scenarios differ by what they assume alone.
    generator = np.random.default_rng(seed)
    walks = (sizes * generator.standard_normal((len(start), months, len(codes)))).cumsum(axis=1)
    logs = np.log(start.to_numpy())[:, None, :] + np.concatenate(
        [np.zeros((len(start), 1, len(codes))), walks], axis=1
    )
    ahead = np.arange(months + 1)
    years = ahead / 12
    logs[:, :, codes.index("USA")] += np.log1p(scenario.us_growth_pct / 100) * years
    for code in GULF_AFRICA:
        logs[:, :, codes.index(code)] += np.log1p(scenario.gulf_africa_growth_pct / 100) * years
    after = ahead >= scenario.shock_month
    logs[:, after, codes.index("CHN")] += np.log1p(-scenario.second_ban_pct / 100)
    during = after & (ahead < scenario.shock_month + scenario.crisis_months)
    logs[:, during, codes.index("KAZ")] += np.log1p(-scenario.power_crisis_pct / 100)
    shares = np.exp(logs)
    shares = 100 * shares / shares.sum(axis=2, keepdims=True)
    low, median, high = np.quantile(shares, _QUANTILES, axis=0)
    index = pd.MultiIndex.from_product(
        [pd.date_range(last, periods=months + 1, freq="MS"), codes], names=["month", "region"]
    )
    return pd.DataFrame(
        {"low": low.ravel(), "median": median.ravel(), "high": high.ravel()}, index=index
    ).reset_index()


def scenarios(
    us_growth_pct: float = 20.0,
    gulf_africa_growth_pct: float = 50.0,
    second_ban_pct: float = 80.0,
    power_crisis_pct: float = 60.0,
    months: int = 24,
    seed: int = 0,
) -> pd.DataFrame:
    """Four scenarios and none, side by side.

    Parameters
    ----------
    us_growth_pct, gulf_africa_growth_pct, second_ban_pct, power_crisis_pct : float
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
        POWER_CRISIS: Scenario(power_crisis_pct=power_crisis_pct),
        NEW_HUBS: Scenario(gulf_africa_growth_pct=gulf_africa_growth_pct),
    }
    tables = {name: run(case, months, seed) for name, case in cases.items()}
    return pd.concat(tables, names=["scenario"]).reset_index(level=0).reset_index(drop=True)
