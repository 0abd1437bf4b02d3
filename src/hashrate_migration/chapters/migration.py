"""What left a country in a window and who received it: the tables of the migration report."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration import flows
from hashrate_migration.charts.journeys import KINDS, method_name, party
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import NEW, RETIRED
from hashrate_migration.flows.simulation import AS_ASSUMED
from hashrate_migration.flows.uncertainty import (
    SUPPLY_SCENARIOS,
    Assumptions,
    Draws,
    monte_carlo,
    scenario,
    summer_ranges,
)
from hashrate_migration.hashrate.mining_map import stocks
from hashrate_migration.periods import Window
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_, _, translated, values
from hashrate_migration.words.columns import COLUMNS

ORIGIN = "CHN"

LAG_MONTHS = 2.5
"""Mean months between departure and arrival, unless a report asks for others."""

SUPPLY = "central"
"""Scenario of the supply of new machines, unless a report asks for another."""

LAG_RANGE = (0.6, 3.2)
"""The mean lag of moves that were not prepared is drawn between these multiples of the one asked for."""


def months_of_change(window: Window) -> Window:
    """First and last month of change of a window of stocks."""
    return Window(window.start + pd.DateOffset(months=1), window.end)


def assumed(lag_months: float = LAG_MONTHS, supply: str = SUPPLY) -> Assumptions:
    """The assumptions of the draws that a report's parameters stand for.

    Parameters
    ----------
    lag_months : float
        The mean lag is drawn around it: :data:`LAG_RANGE`.
    supply : str
        The supply is drawn within this scenario: :func:`hashrate_migration.flows.uncertainty.scenario`.

    Returns
    -------
    Assumptions
        With China's hidden hashrate of summer 2021 within what the chain allows.
    """
    low, high = LAG_RANGE
    return replace(
        Assumptions(),
        lag_months=(low * lag_months, high * lag_months),
        supply_ehs=scenario(supply),
        hidden=summer_ranges(stocks()),
    )


def _drawn(window: Window, assumptions: Assumptions, draws: int, seed: int) -> Draws:
    months = months_of_change(window)
    return monte_carlo(
        stocks(),
        draws,
        seed,
        origin=ORIGIN,
        start=months.start,
        end=months.end,
        assumptions=assumptions,
    )


def draws(
    window: Window,
    *,
    lag_months: float = LAG_MONTHS,
    supply: str = SUPPLY,
    draws: int = 1000,
    seed: int = 0,
) -> Draws:
    """Flows that left China within the window, with intervals.

    Parameters
    ----------
    window : Window
        Stocks before the departures, and the last month of departures.
    lag_months, supply
        See :func:`assumed`.
    draws, seed : int
        See :func:`hashrate_migration.flows.monte_carlo`.
    """
    return _drawn(window, assumed(lag_months, supply), draws, seed)


FIGURES = {
    "departed": N_("departed"),
    "abroad": N_("went abroad"),
    "back": N_("came back"),
    "retired": N_("retired or still off"),
    "abroad_pct": N_("went abroad, part of departed"),
    "relocated_pct": N_("relocated, part of all arrivals"),
}
"""Headline of the draws to its name."""


def headlines(
    drawn: Draws, figures: Iterable[str] = FIGURES, receivers: Iterable[str] | None = None
) -> pd.DataFrame:
    """The headlines of the draws, by name.

    Parameters
    ----------
    drawn : Draws
        From :func:`draws`.
    figures : iterable of str
        Which of :data:`FIGURES`.
    receivers : iterable of str, optional
        Countries whose flow from China follows; default: all, the largest first.

    Returns
    -------
    DataFrame
        Columns figure (in the language in use), unit, low, median, high and mean.
    """
    chosen = drawn.headlines.set_index("figure").loc[[*figures]].reset_index()
    chosen["figure"] = [translated(FIGURES[code]) for code in chosen["figure"]]
    own = from_origin(drawn).drop(index=[ORIGIN, RETIRED])
    received = own.loc[list(own.index if receivers is None else receivers)]
    received = received.assign(
        figure=[
            _("received by other countries")
            if code == REST
            else _("received by {country:place}", country=str(code))
            for code in received.index
        ],
        unit="EH/s",
    )
    return pd.concat([chosen, received], ignore_index=True)[
        ["figure", "unit", "low", "median", "high", "mean"]
    ]


@dataclass(frozen=True)
class Interval:
    """Median and 90 percent interval of a headline.

    Attributes
    ----------
    median : float
        In the unit of the headline.
    ends : tuple of float
        Lowest and highest.
    """

    median: float
    ends: tuple[float, float]


def intervals(drawn: Draws) -> dict[str, Interval]:
    """The headlines of the draws, by code (:data:`FIGURES`)."""
    return {
        str(row.figure): Interval(float(row.median), (float(row.low), float(row.high)))
        for row in drawn.headlines.itertuples()
    }


def from_origin(drawn: Draws) -> pd.DataFrame:
    """What left China, by destination.

    Returns
    -------
    DataFrame
        Indexed by destination, largest median first: low, median, high and mean, EH/s.
    """
    own = drawn.pairs[drawn.pairs["origin"] == ORIGIN].set_index("destination")
    own = own.drop(columns="origin").rename(columns=lambda name: name.removesuffix("_ehs"))
    return own.sort_values("median", ascending=False)


def methods(lag_months: float = LAG_MONTHS, supply: str = SUPPLY) -> dict[str, flows.Method]:
    """Every method with the assumptions of a report: name to method.

    Parameters
    ----------
    lag_months : float
        Mean lag.
    supply : str
        Scenario whose middle is the supply of new machines.
    """
    middle = float(np.mean(scenario(supply)))
    known: tuple[flows.Method, ...] = (
        flows.Net(),
        flows.Proportional(supply_ehs=middle),
        flows.Minimum(),
        flows.Transport(lag_months=lag_months, supply_ehs=middle),
    )
    return {method.name: method for method in known}


def estimated(method: str, *, lag_months: float = LAG_MONTHS, supply: str = SUPPLY) -> pd.DataFrame:
    """Point estimate of all flows on the map as published, by a method.

    Parameters
    ----------
    method : str
        See :func:`hashrate_migration.flows.estimate`.
    lag_months, supply
        See :func:`methods`.
    """
    return flows.estimate(stocks(), methods(lag_months, supply)[method])


def accounts(window: Window) -> pd.DataFrame:
    """China's accounts as the map has them, from the window's first month of change on.

    Returns
    -------
    DataFrame
        Columns month, stock_before_ehs, departures_ehs, arrivals_ehs and stock_ehs.
    """
    table = flows.accounts(stocks())
    own = table[(table["region"] == ORIGIN) & (table["month"] > window.start)]
    return own.drop(columns="region").reset_index(drop=True)


def lost_and_regained(window: Window) -> tuple[float, float]:
    """What China lost within the window, and what it gained after it, by the map as published, EH/s."""
    table = accounts(window)
    within = table["month"] <= window.end
    return (
        float(table.loc[within, "departures_ehs"].sum()),
        float(table.loc[~within, "arrivals_ehs"].sum()),
    )


def departed(table: pd.DataFrame, window: Window) -> pd.Series:
    """Flows out of China within the window, by destination, EH/s."""
    months = months_of_change(window)
    chosen = (table["origin"] == ORIGIN) & table["departed"].between(months.start, months.end)
    return table[chosen].groupby("destination")["flow_ehs"].sum()


def went_abroad(table: pd.DataFrame, window: Window) -> float:
    """What left China within the window and arrived in another country, EH/s."""
    return float(departed(table, window).drop(index=[ORIGIN, RETIRED], errors="ignore").sum())


def by_method(
    window: Window, *, lag_months: float = LAG_MONTHS, supply: str = SUPPLY
) -> pd.DataFrame:
    """What left China within the window, by destination and method.

    Returns
    -------
    DataFrame
        Destination x method, EH/s; destinations in order of the transport estimate, with CHN (came
        back) and retired last.
    """
    known = methods(lag_months, supply)
    table = pd.DataFrame(
        {name: departed(flows.estimate(stocks(), how), window) for name, how in known.items()}
    ).fillna(0.0)
    last = [code for code in (ORIGIN, RETIRED) if code in table.index]
    order = table["transport"].drop(index=last).sort_values(ascending=False).index
    return table.loc[[*order, *last]]


def named(table: pd.DataFrame) -> pd.DataFrame:
    """A table indexed by destinations with their names in a first column, ``party``."""
    names = [_("back to China") if code == ORIGIN else party(str(code)) for code in table.index]
    return table.reset_index(drop=True).assign(party=names)[["party", *table.columns]]


def destinations(window: Window, drawn: Draws, top_n: int) -> pd.DataFrame:
    """Bounds and intervals of the flow from China to its largest destinations.

    Returns
    -------
    DataFrame
        Indexed by destination, largest median first: bound_low, bound_high (accounts of the map as
        published, lags up to the longest assumed), low, median, high; EH/s.
    """
    own = from_origin(drawn).drop(index=[ORIGIN, RETIRED]).head(top_n)
    months = months_of_change(window)
    limits = {
        str(code): flows.bounds(
            stocks(),
            ORIGIN,
            str(code),
            start=months.start,
            end=months.end,
            max_lag=Assumptions().max_lag,
        )
        for code in own.index
    }
    table = pd.DataFrame(limits).T[["low_ehs", "high_ehs"]]
    table.columns = ["bound_low", "bound_high"]
    return table.join(own[["low", "median", "high"]])


def received_title(table: pd.DataFrame) -> str:
    """What the largest destination received, beside what the accounts allow.

    Parameters
    ----------
    table : DataFrame
        From :func:`destinations`.
    """
    row = table.iloc[0]
    return _(
        "{lead:begin} received {ours:between} EH/s from China; the accounts alone would allow "
        "{allowed:between}",
        lead=str(table.index[0]),
        ours=(row["low"], row["high"]),
        allowed=(row["bound_low"], row["bound_high"]),
    )


_FORCED_EHS = 0.05
"""A lowest flow below this is shown as nothing."""


def forced(table: pd.DataFrame) -> list[str]:
    """Destinations to which the accounts alone force a flow.

    Parameters
    ----------
    table : DataFrame
        From :func:`destinations`.
    """
    return [str(code) for code in table.index[table["bound_low"] > _FORCED_EHS]]


def overlap(table: pd.DataFrame) -> bool:
    """Whether the interval of every destination but the first overlaps that of the next.

    Parameters
    ----------
    table : DataFrame
        From :func:`destinations`.
    """
    rest = table.iloc[1:]
    return len(rest) > 1 and bool((rest["low"].iloc[:-1] <= rest["high"].iloc[1:].to_numpy()).all())


def abroad_by_supply(window: Window) -> pd.DataFrame:
    """Bounds of what went from China abroad, under limits on the supply of new machines.

    Only machines that departed after the window's start count: what had departed before is taken
    to have arrived or to stay away.

    Returns
    -------
    DataFrame
        max_supply_ehs (per month; missing for no limit), low_ehs, high_ehs (missing where so few new
        machines could not have met the arrivals).
    """
    months = months_of_change(window)
    later = stocks(window.start)
    edges = sorted({edge for name in SUPPLY_SCENARIOS for edge in scenario(name)}, reverse=True)
    rows = []
    for limit in (np.inf, *edges):
        row = {"max_supply_ehs": limit, "low_ehs": np.nan, "high_ehs": np.nan}
        with suppress(InputError):
            found = flows.bounds(
                later,
                ORIGIN,
                start=months.start,
                end=months.end,
                max_lag=Assumptions().max_lag,
                max_supply=limit,
            )
            row |= found[["low_ehs", "high_ehs"]].to_dict()
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(max_supply_ehs=table["max_supply_ehs"].replace(np.inf, np.nan))


def limits_table(limits: pd.DataFrame) -> pd.DataFrame:
    """The table of :func:`abroad_by_supply`, with words where supply has no limit."""
    supply = limits["max_supply_ehs"]
    return limits.assign(max_supply_ehs=supply.astype(object).where(supply.notna(), _("no limit")))


def tightest(limits: pd.DataFrame) -> pd.Series | None:
    """The lowest limit on new machines under which something must have gone abroad, if there is one.

    Parameters
    ----------
    limits : DataFrame
        From :func:`abroad_by_supply`.
    """
    telling = limits[limits["max_supply_ehs"].notna() & (limits["low_ehs"] > 0)]
    return None if telling.empty else telling.iloc[-1]


def sankey_flows(drawn: Draws) -> pd.DataFrame:
    """What left China, by destination, as means of the draws: means add up, medians do not.

    Returns
    -------
    DataFrame
        Columns origin, destination and flow_ehs.
    """
    own = drawn.pairs[drawn.pairs["origin"] == ORIGIN]
    return own.rename(columns={"mean_ehs": "flow_ehs"})[["origin", "destination", "flow_ehs"]]


def sankey_title(pairs: pd.DataFrame) -> str:
    """What went abroad and what came back, by the numbers of the picture itself.

    Parameters
    ----------
    pairs : DataFrame
        From :func:`sankey_flows`.
    """
    flow = pairs.set_index("destination")["flow_ehs"]
    total, back = flow.sum(), flow[ORIGIN]
    return _(
        "Of {total:ehs.1} that left China {abroad:percent} went abroad and {back:percent} came back",
        total=total,
        abroad=100 * (total - back - flow[RETIRED]) / total,
        back=100 * back / total,
    )


def between_regions(table: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Flows between regions that departed within the window.

    Parameters
    ----------
    table : DataFrame
        Flows, as given by :func:`estimated`.
    window : Window
        Stocks before the departures, and the last month of departures.

    Returns
    -------
    DataFrame
        Columns origin, destination and flow_ehs; no rows if nothing is linked.
    """
    months = months_of_change(window)
    moved = table[(table["origin"] != NEW) & (table["destination"] != RETIRED)]
    moved = moved[moved["departed"].between(months.start, months.end)]
    return moved.groupby(["origin", "destination"], as_index=False)["flow_ehs"].sum()


def part_of_origin(pairs: pd.DataFrame) -> float:
    """What of the flows from one region to another came from China, percent; NaN if there are none."""
    moved = pairs[pairs["origin"] != pairs["destination"]]
    total = moved["flow_ehs"].sum()
    from_home = moved.loc[moved["origin"] == ORIGIN, "flow_ehs"].sum()
    return float(100 * from_home / total) if total > 0 else float("nan")


def chord_title(pairs: pd.DataFrame) -> str:
    """What of the flows from one region to another came from China.

    Parameters
    ----------
    pairs : DataFrame
        From :func:`between_regions`.
    """
    part = part_of_origin(pairs)
    if np.isnan(part):
        return _("Nothing moved from one region to another in these months")
    return _(
        "{part:percent} of what moved from one region to another in these months came from China",
        part=part,
    )


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
        Month x kind (see :data:`hashrate_migration.charts.journeys.KINDS`), EH/s.
    """
    into = table[(table["destination"] != RETIRED) & (table["month"] >= start)]
    from_home, to_home = into["origin"] == ORIGIN, into["destination"] == ORIGIN
    kind = np.select(
        [from_home & ~to_home, from_home & to_home, into["origin"] == NEW],
        ["abroad", "back", "new"],
        "others",
    )
    wide = into.groupby(["month", kind])["flow_ehs"].sum().unstack(fill_value=0.0)
    return wide.reindex(columns=[*KINDS], fill_value=0.0)


def had_run_before(kinds: pd.DataFrame) -> float:
    """What of all arrivals was not new, percent.

    Parameters
    ----------
    kinds : DataFrame
        From :func:`arrivals_by_kind`.
    """
    total = kinds.sum().sum()
    return float(100 * (total - kinds["new"].sum()) / total)


def arrivals_title(kinds: pd.DataFrame, method: str, drawn: Draws) -> str:
    """What of all arrivals had run before, by an estimate and by the draws.

    Parameters
    ----------
    kinds : DataFrame
        From :func:`arrivals_by_kind`.
    method : str
        The method of the estimate that they are made of.
    drawn : Draws
        From :func:`draws`.
    """
    return _(
        "By the {method} estimate {part:percent} of what arrived from {start:month} to {end:month} "
        "had run before ({ends:between} by the draws)",
        method=method_name(method),
        part=had_run_before(kinds),
        ends=intervals(drawn)["relocated_pct"].ends,
        start=kinds.index[0],
        end=kinds.index[-1],
    )


TURNOVER = 0.03
"""Part of each stock that is replaced each month, as tried by :func:`sensitivity`."""

ASSUMPTIONS = {
    "lag": N_("mean lag"),
    "supply": N_("supply of new machines"),
    "retired": N_("part retired"),
    "return": N_("part expected to return"),
    "proxies": N_("proxies counted in China"),
    "hidden": N_("hidden in summer 2021"),
    "turnover": N_("unseen turnover"),
    "preferences": N_("preferences of places"),
    "sample": N_("error of the map's sample"),
}
"""Assumption to its name."""


def _with_hidden(part: float) -> pd.DataFrame:
    """Stocks with a part, from least to most, of what can have been hidden in summer 2021."""
    moved = stocks()
    ranges, home = summer_ranges(moved), moved.columns.get_loc(ORIGIN)
    reference = moved.loc[pd.Timestamp(Assumptions().hidden_reference), ORIGIN]
    for month, (low, high) in ranges.items():
        row = moved.index.get_loc(pd.Timestamp(month))
        hidden = (low + part * (high - low)) * reference
        total = moved.iloc[row].sum()
        moved.iloc[row] *= 1 - hidden / (total - moved.iloc[row, home])
        moved.iloc[row, home] += total - moved.iloc[row].sum()
    return moved


def sensitivity(
    window: Window, *, lag_months: float = LAG_MONTHS, supply: str = SUPPLY
) -> pd.DataFrame:
    """How what went abroad answers to one assumption at a time, by transport on the published map.

    Returns
    -------
    DataFrame
        Indexed by assumption (of :data:`ASSUMPTIONS`): assumption (its name), low_label, low,
        high_label, high (EH/s that went abroad).
    """
    a = assumed(lag_months, supply)
    everywhere = Assumptions().supply_ehs
    middle = methods(lag_months, supply)["transport"]
    plain, proxies = stocks(), stocks(adjust=dict.fromkeys(a.proxies, 1.0))

    def result(stock: pd.DataFrame = plain, **changes: Any) -> float:
        return went_abroad(flows.estimate(stock, replace(middle, **changes)), window)

    def lag(value: float) -> str:
        return _("{months:number.1} months", months=value)

    def new(value: float) -> str:
        return _("{supply:ehs} a month", supply=value)

    def part(value: float) -> str:
        return values.percent(100 * value)

    rows = {
        name: [(say(end), result(**{option: end})) for end in ends]
        for name, option, ends, say in (
            ("lag", "lag_months", a.lag_months, lag),
            ("supply", "supply_ehs", everywhere, new),
            ("retired", "retired_share", a.retired_share, part),
            ("return", "return_share", a.return_share, part),
        )
    } | {
        "proxies": [(_("none"), result()), (_("all"), result(proxies))],
        "hidden": [
            (_("least"), result(_with_hidden(0))),
            (_("most"), result(_with_hidden(1))),
        ],
        "turnover": [
            (_("none"), result()),
            (_("{part:percent} a month", part=100 * TURNOVER), result(turnover=TURNOVER)),
        ],
    }
    return pd.DataFrame(
        [(translated(ASSUMPTIONS[name]), *low, *high) for name, (low, high) in rows.items()],
        index=pd.Index(rows),
        columns=["assumption", "low_label", "low", "high_label", "high"],
    )


def widest(table: pd.DataFrame) -> pd.Series:
    """The assumption that moves the answer most.

    Parameters
    ----------
    table : DataFrame
        From :func:`sensitivity`.
    """
    return table.loc[(table["high"] - table["low"]).abs().idxmax()]


def beside(row: pd.Series, centre: float) -> bool:
    """Whether the whole range of an assumption lies to one side of the central estimate.

    Parameters
    ----------
    row : Series
        Of :func:`sensitivity`.
    centre : float
        What went abroad by the central estimate, EH/s.
    """
    low, high = sorted((row["low"], row["high"]))
    return bool(centre < low - _TINY_EHS or centre > high + _TINY_EHS)


_TINY_EHS = 1e-6


def percents(ends: tuple[float, float]) -> tuple[float, float]:
    """Two parts of one as percentages."""
    return 100 * ends[0], 100 * ends[1]


def hidden_ends(assumptions: Assumptions) -> tuple[float, float]:
    """The most that was hidden in July and the least that was in August 2021, percent of September."""
    (_low, july), (august, _high) = (assumptions.hidden or {}).values()
    return 100 * july, 100 * august


WIDER: dict[str, dict[str, Any]] = {
    "lag": {"lag_months": (0.75, 16.0)},
    "supply": {"supply_ehs": (2.0, 24.0)},
    "retired": {"retired_share": (0.2, 0.6)},
    "return": {"return_share": (0.0, 0.9)},
    "preferences": {"prior_sd": 2.0},
    "sample": {"pool_correlation": (0.2, 0.4)},
    "hidden": {"hidden": {"2021-07": (0.0, 1.0), "2021-08": (0.0, 1.0)}},
}
"""Assumption to a range well beyond the one assumed, as fields of the draws' assumptions."""


def _range(name: str, assumptions: Assumptions) -> str:
    """What the draws take for an assumption, in words."""
    ends = {
        "retired": assumptions.retired_share,
        "return": assumptions.return_share,
    }
    if name in ends:
        return _("{ends:span} percent", ends=percents(ends[name]))
    if name == "lag":
        return _("{ends:span.1} months", ends=assumptions.lag_months)
    if name == "supply":
        return _("{ends:span.1} EH/s a month", ends=assumptions.supply_ehs)
    if name == "preferences":
        return _("log spread {size:number.1}", size=assumptions.prior_sd)
    if name == "sample":
        middle = float(np.sqrt(np.prod(assumptions.correlation)))
        return _("correlation in a pool {size:number.2}", size=middle)
    july, august = (assumptions.hidden or {}).values()
    return _(
        "July {july:span}, August {august:span} percent",
        july=percents(july),
        august=percents(august),
    )


def tried(
    window: Window,
    drawn: Draws,
    *,
    lag_months: float = LAG_MONTHS,
    supply: str = SUPPLY,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """The headlines when one assumption at a time is widened far beyond what is assumed.

    Parameters
    ----------
    window : Window
        Stocks before the departures, and the last month of departures.
    drawn : Draws
        With the assumptions as they are, from :func:`draws`.
    lag_months, supply, draws, seed
        As for :func:`draws`.

    Returns
    -------
    DataFrame
        Indexed by assumption, the first row (``none``) with nothing widened: assumption (its name),
        before and after (its range, in words); for each of departed, abroad, back and abroad_pct
        its low, median and high (``departed_low`` …); most_received, the country with most by
        median.
    """
    base = assumed(lag_months, supply)
    found, words = {"none": drawn}, {"none": (_("none"), _("none"))}
    for name, change in WIDER.items():
        wide = replace(base, **change)
        found[name] = _drawn(window, wide, draws, seed)
        words[name] = (_range(name, base), _range(name, wide))
    rows = []
    for name, result in found.items():
        heads = result.headlines.set_index("figure")
        received = from_origin(result).drop(index=[ORIGIN, RETIRED, REST], errors="ignore")
        rows.append(
            {
                "assumption": translated(ASSUMPTIONS[name]) if name != "none" else _("as assumed"),
                "range_before": words[name][0],
                "range_after": words[name][1],
                **{
                    f"{figure}_{end}": float(heads.loc[figure, end])
                    for figure in ("departed", "abroad", "back", "abroad_pct")
                    for end in ("low", "median", "high")
                },
                "most_received": str(received.index[0]),
            }
        )
    return pd.DataFrame(rows, index=pd.Index(found, name="widened"))


def tried_table(table: pd.DataFrame) -> pd.DataFrame:
    """The table of :func:`tried` with its intervals as text."""
    shown = table[["assumption", "range_after"]].copy()
    for figure in ("departed", "abroad", "back", "abroad_pct"):
        ends = table[[f"{figure}_{end}" for end in ("median", "low", "high")]].to_numpy()
        shown[f"{figure}_band"] = [values.banded(row) for row in ends]
    return shown.assign(most_received=table["most_received"])


@dataclass(frozen=True)
class Holds:
    """What holds under all assumptions tried.

    Attributes
    ----------
    count : int
        Sets of assumptions.
    departed, back : float
        Lowest lower end of what departed and of what came back, EH/s.
    abroad_pct : tuple of float
        Outer ends of what went abroad, percent of what departed.
    leaders : list of str
        Countries that received most in one set or another.
    strongest : str
        Assumption that moves the median of what went abroad most when it is widened.
    abroad : tuple of float
        That median before and after, EH/s.
    """

    count: int
    departed: float
    back: float
    abroad_pct: tuple[float, float]
    leaders: list[str]
    strongest: pd.Series
    abroad: tuple[float, float]


def holds(table: pd.DataFrame) -> Holds:
    """What holds under all assumptions tried.

    Parameters
    ----------
    table : DataFrame
        From :func:`tried`.
    """
    medians = table["abroad_median"]
    strongest = (medians - medians["none"]).abs().idxmax()
    return Holds(
        len(table),
        float(table["departed_low"].min()),
        float(table["back_low"].min()),
        (float(table["abroad_pct_low"].min()), float(table["abroad_pct_high"].max())),
        list(table["most_received"].unique()),
        table.loc[strongest],
        (float(medians["none"]), float(medians[strongest])),
    )


def chance_of_first(drawn: Draws, country: str) -> float:
    """Weight of the draws in which a country received more from China than any other, percent."""
    own = drawn.pairs.loc[drawn.pairs["origin"] == ORIGIN, "destination"]
    received = drawn.samples[[c for c in own if c not in (ORIGIN, RETIRED, REST)]]
    return float(100 * drawn.weights[(received.idxmax(axis=1) == country).to_numpy()].sum())


AGREES = N_("agrees")
HIGHER = N_("the count is higher")
LOWER = N_("the count is lower")

_BOUNDS = {"at least": N_("at least"), "about": N_("about"), "at most": N_("at most")}

_ALL_OUT = "all-out"
"""Report of all that was moved out; others without a destination count what was not back."""


_PART = "of these, "
"""How the statement of a part of another count begins."""


def _subject(statement: str, destination: object) -> str:
    """What was counted, so that it can be read without the count that it is a part of."""
    if statement.startswith(_PART) and isinstance(destination, str):
        return _("machines said to have gone to {country:place}", country=destination)
    return translated(statement)


def evidence(drawn: Draws) -> pd.DataFrame:
    """Press counts of machines beside the reconstruction.

    Returns
    -------
    DataFrame
        One row per count, parts after their whole: statement, subject (the same, to be read alone),
        bound, machines; with_old_ehs,
        with_middle_ehs, with_new_ehs (with the old, the middle and the new reference machine);
        ours_low_ehs, ours_median_ehs, ours_high_ehs (90 percent interval of the flow that the count
        is about); verdict
        (:data:`AGREES`, :data:`HIGHER` or :data:`LOWER`).
    """
    machines = load("reference_machines").set_index("role")["hashrate_ths"]
    ends = ["low", "median", "high"]
    own = from_origin(drawn)[ends]
    heads = drawn.headlines.set_index("figure")[ends]
    # Parts of a count ("of these, …") follow the whole of the same source.
    reports = load("relocation_reports").sort_values("machines", ascending=False)
    order = {source: place for place, source in enumerate(reports["source_id"].unique())}
    rows = []
    for report in reports.sort_values("source_id", key=lambda s: s.map(order)).itertuples():
        if isinstance(report.destination, str):
            ours = own.loc[report.destination].to_list()
        else:
            ours = heads.loc["departed" if report.report_id == _ALL_OUT else "retired"].to_list()
        counted = {role: report.machines * machines[role] / 1e6 for role in machines.index}
        rows.append(
            {
                "statement": report.statement,
                "subject": _subject(str(report.statement), report.destination),
                "bound": translated(_BOUNDS[str(report.bound)]),
                "machines": report.machines,
                "with_old_ehs": counted["old"],
                "with_middle_ehs": counted["middle"],
                "with_new_ehs": counted["new"],
                "ours_low_ehs": ours[0],
                "ours_median_ehs": ours[1],
                "ours_high_ehs": ours[2],
                "verdict": _verdict(str(report.bound), counted["old"], counted["new"], ours),
            }
        )
    return pd.DataFrame(rows)


def counts_table(counts: pd.DataFrame) -> pd.DataFrame:
    """The table of :func:`evidence` with its ranges as text.

    Returns
    -------
    DataFrame
        Columns statement, bound, machines, counted_band (with the middle, the old and the new
        machine), reconstructed_band and verdict.
    """
    counted = counts[["with_middle_ehs", "with_old_ehs", "with_new_ehs"]].to_numpy()
    ours = counts[["ours_median_ehs", "ours_low_ehs", "ours_high_ehs"]].to_numpy()
    return counts[["statement", "bound", "machines"]].assign(
        counted_band=[values.banded(row, 1) for row in counted],
        reconstructed_band=[values.banded(row, 1) for row in ours],
        verdict=counts["verdict"],
    )


def _verdict(bound: str, low: float, high: float, ours: list[float]) -> str:
    if bound == "at least":
        return AGREES if ours[2] >= low else HIGHER
    if bound == "at most":
        return AGREES if ours[0] <= high else LOWER
    if high < ours[0]:
        return LOWER
    return HIGHER if low > ours[2] else AGREES


def machine_factor() -> float:
    """By what factor the strongest of the reference machines exceeds the weakest."""
    machines = load("reference_machines")["hashrate_ths"]
    return float(machines.max() / machines.min())


def listed(counts: pd.DataFrame, verdict: str) -> list[str]:
    """The counts with a verdict, each with its hashrate and ours.

    Parameters
    ----------
    counts : DataFrame
        From :func:`evidence`.
    verdict : str
        :data:`AGREES`, :data:`HIGHER` or :data:`LOWER`.
    """
    return [
        _(
            "{subject} ({counted:between.1} EH/s, here {ours:between.1})",
            subject=str(row.subject),
            counted=(row.with_old_ehs, row.with_new_ehs),
            ours=(row.ours_low_ehs, row.ours_high_ehs),
        )
        for row in counts[counts["verdict"] == verdict].itertuples()
    ]


def verdicts(counts: pd.DataFrame) -> tuple[list[str], list[str], list[str]]:
    """The counts that agree, those that are higher and those that are lower: see :func:`listed`."""
    return listed(counts, AGREES), listed(counts, HIGHER), listed(counts, LOWER)


@dataclass(frozen=True)
class Truth:
    """What the truth test says, in short.

    Attributes
    ----------
    assumed : Series
        The row of the worlds in which the assumptions are true.
    margin : float
        By how much chance alone moves the part of worlds, two standard errors, points.
    too_narrow : bool
        Whether the coverage of a figure lies further below 90 percent there than chance explains.
    worst_pct : float
        The lowest coverage of all worlds and figures, percent.
    worst_worlds, worst_figure : str
        Where it is, in the language in use.
    """

    assumed: pd.Series
    margin: float
    too_narrow: bool
    worst_pct: float
    worst_worlds: str
    worst_figure: str


def truth(table: pd.DataFrame) -> Truth:
    """The truth test in short.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.truth`.
    """
    rows = table.set_index("variant")
    coverage = rows.filter(like="coverage_")
    variant, figure = coverage.stack().idxmin()
    assumed = rows.loc[AS_ASSUMED]
    margin = 100 * 2 * float(np.sqrt(0.9 * 0.1 / assumed["worlds"]))
    return Truth(
        assumed,
        margin,
        bool(coverage.loc[AS_ASSUMED].min() < 90 - margin),
        float(coverage.loc[variant, figure]),
        translated(str(variant)),
        translated(COLUMNS[str(figure)].heading),
    )


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """How often intervals hold the truth: the first part of the truth test."""
    return table[["variant", "worlds", "draws", *table.filter(like="coverage_")]]


def errors(table: pd.DataFrame) -> pd.DataFrame:
    """How far each method's flows lie from the truth: the second part of the truth test."""
    return table[["variant", *table.filter(like="error_")]]
