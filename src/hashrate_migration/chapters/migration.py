"""What left a country in a window and who received it: the tables of the migration report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration import flows
from hashrate_migration.flows.checks import NEW, RETIRED
from hashrate_migration.flows.uncertainty import (
    SUPPLY_SCENARIOS,
    Assumptions,
    Draws,
    monte_carlo,
    scenario,
    summer_ranges,
)
from hashrate_migration.hashrate.mining_map import stocks
from hashrate_migration.reports.parameters import Window
from hashrate_migration.tables.read import load

ORIGIN = "CHN"


def months_of_change(window: Window) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last month of change of a window of stocks."""
    return window.start + pd.DateOffset(months=1), window.end


def assumed(window: Window) -> Assumptions:
    """The assumptions that a report's parameters stand for.

    The mean lag is drawn from 0.4 to 1.6 times `lag_months`, the supply from its scenario, and
    China's hidden hashrate of summer 2021 from what the chain allows.
    """
    return replace(
        Assumptions(),
        lag_months=(0.4 * window.lag_months, 1.6 * window.lag_months),
        supply_ehs=scenario(window.supply),
        hidden=summer_ranges(stocks()),
    )


def draws(window: Window) -> Draws:
    """Flows that left China within the window, with intervals."""
    start, end = months_of_change(window)
    return monte_carlo(
        stocks(),
        window.draws,
        window.seed,
        origin=ORIGIN,
        start=start,
        end=end,
        assumptions=assumed(window),
    )


def _options(method: str, lag_months: float, supply_ehs: float) -> dict[str, Any]:
    options = {"lag_months": lag_months, "supply_ehs": supply_ehs}
    known = {"transport": ["lag_months", "supply_ehs"], "proportional": ["supply_ehs"]}
    return {name: options[name] for name in known.get(method, [])}


def estimated(window: Window, method: str, **changes: Any) -> pd.DataFrame:
    """Point estimate of all flows on the map as published, by a method.

    Parameters
    ----------
    window : Window
        For lag and supply (the middle of the scenario).
    method : str
        See :func:`hashrate_migration.flows.estimate`.
    **changes
        Other assumptions.
    """
    stock = changes.pop("stock", None)
    options = _options(method, window.lag_months, float(np.mean(scenario(window.supply))))
    return flows.estimate(stocks() if stock is None else stock, method, **{**options, **changes})


def departed(table: pd.DataFrame, window: Window) -> pd.Series:
    """Flows out of China within the window, by destination, EH/s."""
    start, end = months_of_change(window)
    chosen = (table["origin"] == ORIGIN) & table["departed"].between(start, end)
    return table[chosen].groupby("destination")["flow_ehs"].sum()


def by_method(window: Window) -> pd.DataFrame:
    """What left China within the window, by destination and method.

    Returns
    -------
    DataFrame
        Destination x method, EH/s; destinations in order of the transport estimate, with CHN (came
        back) and retired last.
    """
    table = pd.DataFrame(
        {name: departed(estimated(window, name), window) for name in flows.METHODS}
    ).fillna(0.0)
    last = [code for code in (ORIGIN, RETIRED) if code in table.index]
    order = table["transport"].drop(index=last).sort_values(ascending=False).index
    return table.loc[[*order, *last]]


def destinations(window: Window, drawn: Draws, top_n: int) -> pd.DataFrame:
    """Bounds and intervals of the flow from China to its largest destinations.

    Returns
    -------
    DataFrame
        Indexed by destination, largest median first: bound_low, bound_high (accounts of the map as
        published, lags up to the longest assumed), low, median, high; EH/s.
    """
    own = drawn.pairs[drawn.pairs["origin"] == ORIGIN].set_index("destination")
    own = own.drop(index=[ORIGIN, RETIRED]).sort_values("median_ehs", ascending=False).head(top_n)
    start, end = months_of_change(window)
    limits = {
        str(code): flows.bounds(
            stocks(), ORIGIN, str(code), start=start, end=end, max_lag=Assumptions().max_lag
        )
        for code in own.index
    }
    table = pd.DataFrame(limits).T[["low_ehs", "high_ehs"]]
    table.columns = ["bound_low", "bound_high"]
    intervals = own[["low_ehs", "median_ehs", "high_ehs"]]
    intervals.columns = ["low", "median", "high"]
    return table.join(intervals)


def abroad_by_supply(window: Window) -> pd.DataFrame:
    """Bounds of what went from China abroad, under limits on the supply of new machines.

    Only machines that departed after the window's start count: what had departed before is taken
    to have arrived or to stay away.

    Returns
    -------
    DataFrame
        max_supply_ehs (per month; missing for no limit), low_ehs, high_ehs.
    """
    start, end = months_of_change(window)
    later = stocks(window.start)
    rows = []
    for limit in (
        np.inf,
        *sorted({edge for name in SUPPLY_SCENARIOS for edge in scenario(name)})[::-1],
    ):
        found = flows.bounds(
            later,
            ORIGIN,
            start=start,
            end=end,
            max_lag=Assumptions().max_lag,
            max_supply=limit,
        )
        rows.append({"max_supply_ehs": limit, **found[["low_ehs", "high_ehs"]]})
    table = pd.DataFrame(rows)
    return table.assign(max_supply_ehs=table["max_supply_ehs"].replace(np.inf, np.nan))


def arrivals_by_kind(table: pd.DataFrame, start: pd.Timestamp) -> pd.DataFrame:
    """Arrivals by month and kind of origin.

    Parameters
    ----------
    table : DataFrame
        Flows, as given by :func:`estimated`.
    start : Timestamp
        First month.

    Returns
    -------
    DataFrame
        Month x kind, EH/s: from China, back to China, from elsewhere, new.
    """
    into = table[(table["destination"] != RETIRED) & (table["month"] >= start)]
    from_home, to_home = into["origin"] == ORIGIN, into["destination"] == ORIGIN
    kind = np.select(
        [from_home & ~to_home, from_home & to_home, into["origin"] == NEW],
        ["China to abroad", "back to China", "new machines"],
        "between other countries, or from them to China",
    )
    wide = into.groupby(["month", kind])["flow_ehs"].sum().unstack(fill_value=0.0)
    order = [
        "China to abroad",
        "back to China",
        "between other countries, or from them to China",
        "new machines",
    ]
    return wide.reindex(columns=order, fill_value=0.0)


def went_abroad(table: pd.DataFrame, window: Window) -> float:
    """What left China within the window and arrived in another country, EH/s."""
    return float(departed(table, window).drop(index=[ORIGIN, RETIRED], errors="ignore").sum())


def sensitivity(window: Window) -> pd.DataFrame:
    """How what went abroad answers to one assumption at a time.

    Returns
    -------
    DataFrame
        Indexed by assumption: low_label, low, high_label, high (EH/s that went abroad).
    """
    a = Assumptions()
    lag = assumed(window).lag_months
    plain = stocks()
    september, july, august = (plain.index.get_loc(f"2021-{m}-01") for m in ("09", "07", "08"))

    def shown(part: float) -> pd.DataFrame:
        moved = plain.copy()
        china = moved.columns.get_loc(ORIGIN)
        for month in (july, august):
            low, high = summer_ranges(plain)[f"{plain.index[month]:%Y-%m}"]
            hidden = (low + part * (high - low)) * plain.iloc[september, china]
            total = moved.iloc[month].sum()
            moved.iloc[month] *= 1 - hidden / (total - moved.iloc[month, china])
            moved.iloc[month, china] += total - moved.iloc[month].sum()
        return moved

    def result(**changes: Any) -> float:
        return went_abroad(estimated(window, "transport", **changes), window)

    cases: dict[str, tuple[str, dict, str, dict]] = {
        "mean lag": (
            f"{lag[0]:.1f} months",
            {"lag_months": lag[0]},
            f"{lag[1]:.1f} months",
            {"lag_months": lag[1]},
        ),
        "supply of new machines": (
            f"{a.supply_ehs[0]:.0f} EH/s a month",
            {"supply_ehs": a.supply_ehs[0]},
            f"{a.supply_ehs[1]:.0f} EH/s a month",
            {"supply_ehs": a.supply_ehs[1]},
        ),
        "retired": (
            f"{100 * a.retired_share[0]:.0f} %",
            {"retired_share": a.retired_share[0]},
            f"{100 * a.retired_share[1]:.0f} %",
            {"retired_share": a.retired_share[1]},
        ),
        "expected to return": (
            f"{100 * a.return_share[0]:.0f} %",
            {"return_share": a.return_share[0]},
            f"{100 * a.return_share[1]:.0f} %",
            {"return_share": a.return_share[1]},
        ),
        "proxies counted in China": (
            "none",
            {},
            "all",
            {"stock": stocks(adjust=dict.fromkeys(a.proxies, 1.0))},
        ),
        "hidden in summer 2021": ("least", {"stock": shown(0)}, "most", {"stock": shown(1)}),
        "unseen turnover": ("none", {}, "3 % a month", {"turnover": 0.03}),
    }
    return pd.DataFrame(
        {
            "low_label": low_label,
            "low": result(**low),
            "high_label": high_label,
            "high": result(**high),
        }
        for low_label, low, high_label, high in cases.values()
    ).set_index(pd.Index(cases, name="assumption"))


def evidence(window: Window, drawn: Draws) -> pd.DataFrame:
    """Press counts of machines beside the reconstruction.

    Returns
    -------
    DataFrame
        One row per count: statement, bound, machines; low_ehs, middle_ehs, high_ehs (with the old,
        the middle and the new reference machine); ours_low_ehs, ours_median_ehs, ours_high_ehs
        (90 percent interval of the flow that the count is about); verdict.
    """
    machines = load("reference_machines").set_index("role")["hashrate_ths"]
    reports = load("relocation_reports")
    own = drawn.pairs[drawn.pairs["origin"] == ORIGIN].set_index("destination")
    headlines = drawn.headlines.set_index("figure")
    rows = []
    for report in reports.itertuples():
        if isinstance(report.destination, str):
            ours = own.loc[report.destination, ["low_ehs", "median_ehs", "high_ehs"]].to_list()
        else:
            figure = "departed" if report.report_id == "all-out" else "retired or still off"
            ours = headlines.loc[figure, ["low", "median", "high"]].to_list()
        low, middle, high = (
            report.machines * machines[role] / 1e6 for role in ("old", "middle", "new")
        )
        rows.append(
            {
                "statement": report.statement,
                "bound": report.bound,
                "machines": report.machines,
                "low_ehs": low,
                "middle_ehs": middle,
                "high_ehs": high,
                "ours_low_ehs": ours[0],
                "ours_median_ehs": ours[1],
                "ours_high_ehs": ours[2],
                "verdict": _verdict(str(report.bound), low, high, ours),
            }
        )
    return pd.DataFrame(rows)


def _verdict(bound: str, low: float, high: float, ours: list[float]) -> str:
    if bound == "at least":
        return "agrees" if ours[2] >= low else "count is higher"
    if bound == "at most":
        return "agrees" if ours[0] <= high else "count is lower"
    if high < ours[0]:
        return "count is lower"
    return "count is higher" if low > ours[2] else "agrees"
