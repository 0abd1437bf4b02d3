"""What left a country in a window and who received it: the tables of the migration report."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import flows
from hashrate_migration.charts.journeys import KINDS, method_name, party
from hashrate_migration.errors import InputError
from hashrate_migration.flows import published
from hashrate_migration.flows.assumptions import SUPPLY_SCENARIOS, Assumptions, scenario
from hashrate_migration.flows.checks import NEW, RETIRED
from hashrate_migration.flows.drawn_stocks import summer_ranges
from hashrate_migration.flows.evidence import counted_hashrate, output_growth
from hashrate_migration.flows.evidence.pieces import NAMES
from hashrate_migration.flows.published import DRAWN, Published
from hashrate_migration.hashrate.mining_map import stocks
from hashrate_migration.periods import Window
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_, _, translated, values

ORIGIN = published.ORIGIN

LAG_MONTHS = 2.5
"""Mean months between departure and arrival, of point estimates."""


def months_of_change(window: Window) -> Window:
    """First and last month of change of a window of stocks."""
    return Window(window.start + pd.DateOffset(months=1), window.end)


def kept(window: Window, supply: str, draws: int, seed: int) -> bool:
    """Whether the flows that a page asks for are those that are published and kept.

    Parameters
    ----------
    window : Window
        Stocks before the departures, and the last month of departures.
    supply : str
        Scenario of the supply of new machines: each is kept.
    draws, seed : int
        As asked for.
    """
    months = months_of_change(window)
    asked = (f"{months.start:%Y-%m}", f"{months.end:%Y-%m}", draws, seed)
    known = (published.START, published.END, published.DRAWS, published.SEED)
    return asked == known and supply in published.SCENARIOS


def drawn_flows(
    window: Window,
    *,
    supply: str = DRAWN,
    draws: int = published.DRAWS,
    seed: int = published.SEED,
) -> Published:
    """Flows that left China within the window, with intervals: as kept, or drawn anew.

    Parameters
    ----------
    window : Window
        Stocks before the departures, and the last month of departures.
    supply : str
        Scenario of the supply of new machines: :data:`hashrate_migration.flows.published.SCENARIOS`.
    draws, seed : int
        See :func:`hashrate_migration.flows.monte_carlo`.
    """
    if kept(window, supply, draws, seed):
        return published.kept(supply)
    months = months_of_change(window)
    return published.told(
        published.draw(draws, seed, start=months.start, end=months.end, supply=supply)
    )


FIGURES = {
    "departed": N_("stopped in China"),
    "abroad": N_("ran abroad"),
    "back": N_("ran in China again"),
    "retired": N_("ran nowhere"),
    "abroad_pct": N_("ran abroad, part of what stopped"),
    "relocated_pct": N_("relocated, part of all arrivals"),
}
"""Headline of the draws to its name."""


def headlines(
    drawn: Published, figures: Iterable[str] = FIGURES, receivers: Iterable[str] | None = None
) -> pd.DataFrame:
    """The headlines of the draws, by name.

    Parameters
    ----------
    drawn : Draws
        From :func:`drawn_flows`.
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


def intervals(drawn: Published) -> dict[str, Interval]:
    """The headlines of the draws, by code (:data:`FIGURES`)."""
    return {
        str(row.figure): Interval(float(row.median), (float(row.low), float(row.high)))
        for row in drawn.headlines.itertuples()
    }


def from_origin(drawn: Published) -> pd.DataFrame:
    """What left China, by destination.

    Returns
    -------
    DataFrame
        Indexed by destination, largest median first: low, median, high and mean, EH/s.
    """
    own = drawn.pairs[drawn.pairs["origin"] == ORIGIN].set_index("destination")
    own = own.drop(columns="origin").rename(columns=lambda name: name.removesuffix("_ehs"))
    return own.sort_values("median", ascending=False)


def methods(lag_months: float = LAG_MONTHS, supply: str = DRAWN) -> dict[str, flows.Method]:
    """Every method with the assumptions of a report: name to method.

    Parameters
    ----------
    lag_months : float
        Mean lag.
    supply : str
        Scenario whose middle is the supply of new machines.
    """
    ends = Assumptions().supply_ehs if supply == DRAWN else scenario(supply)
    middle = float(np.sqrt(np.prod(ends)))
    known: tuple[flows.Method, ...] = (
        flows.Net(),
        flows.Proportional(supply_ehs=middle),
        flows.Minimum(),
        flows.Transport(lag_months=lag_months, supply_ehs=middle),
    )
    return {method.name: method for method in known}


def estimated(method: str, *, lag_months: float = LAG_MONTHS, supply: str = DRAWN) -> pd.DataFrame:
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
    window: Window, *, lag_months: float = LAG_MONTHS, supply: str = DRAWN
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
    return table.reset_index(drop=True).assign(party=_parties(table.index))[
        ["party", *table.columns]
    ]


def _parties(codes: Iterable[object]) -> list[str]:
    return [_("in China again") if code == ORIGIN else party(str(code)) for code in codes]


def destinations(window: Window, drawn: Published, top_n: int) -> pd.DataFrame:
    """Bounds and intervals of the flow from China to its largest destinations.

    Returns
    -------
    DataFrame
        Indexed by destination, largest median first: bound_low, bound_high (accounts of the map as
        published, lags up to the longest assumed), low, median, high; EH/s.
    """
    own = from_origin(drawn).drop(index=[ORIGIN, RETIRED]).head(top_n)
    table = _limits(window, [str(code) for code in own.index])
    table.columns = ["bound_low", "bound_high"]
    return table.join(own[["low", "median", "high"]])


def _rests_on(code: str, bound_low: float) -> str:
    """What a flow from China rests on, besides assumptions, in words."""
    found = []
    if bound_low > _FORCED_EHS:
        found.append(_("at least {least:ehs.1} by the accounts", least=bound_low))
    if code in set(counted_hashrate()["destination"]):
        found.append(translated(NAMES["press"]))
    if code in set(output_growth("2021-06", "2021-07").index):
        found.append(translated(NAMES["miners"]))
    if code == RETIRED:
        found.append(translated(NAMES["fleets"]))
    if not found:
        found.append(_("the map alone"))
    return values.items(found)


def where(window: Window, drawn: Published) -> pd.DataFrame:
    """Where what left China was when the map ends: the table beside the flow picture.

    Returns
    -------
    DataFrame
        One row per destination, the largest mean first, then China and nowhere: party (its name), mean,
        drawn_band (median and interval), allowed_band (bounds of the accounts; none for nowhere), all in
        EH/s, and rests_on, in words.
    """
    own = drawn.pairs[drawn.pairs["origin"] == ORIGIN].set_index("destination")
    last = [ORIGIN, RETIRED]
    order = [*own.drop(index=last)["mean_ehs"].sort_values(ascending=False).index, *last]
    own = own.loc[order]
    limits = _limits(window, [str(code) for code in order if code != RETIRED])
    ends = own[["median_ehs", "low_ehs", "high_ehs"]].to_numpy()
    return pd.DataFrame(
        {
            "party": _parties(order),
            "mean": own["mean_ehs"].to_numpy(),
            "drawn_band": [values.banded(row, 1) for row in ends],
            "allowed_band": [
                values.span(limits.loc[code].tolist(), 1)
                if code in limits.index
                else values.MISSING
                for code in order
            ],
            "rests_on": [
                _rests_on(
                    str(code), float(limits["low_ehs"].get(code, 0.0)) if code != ORIGIN else 0.0
                )
                for code in order
            ],
        }
    )


def _limits(window: Window, codes: Iterable[str]) -> pd.DataFrame:
    """Bounds of the flow from China to regions: low_ehs and high_ehs by region."""
    months = months_of_change(window)
    found = {
        code: flows.bounds(
            stocks(),
            ORIGIN,
            code,
            start=months.start,
            end=months.end,
            max_lag=Assumptions().max_lag,
        )
        for code in codes
    }
    return pd.DataFrame(found).T[["low_ehs", "high_ehs"]].astype(float)


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


def sankey_flows(drawn: Published) -> pd.DataFrame:
    """What left China, by destination, as means of the draws with their intervals.

    Means add up, medians do not.

    Returns
    -------
    DataFrame
        Columns origin, destination, flow_ehs, low_ehs and high_ehs.
    """
    own = drawn.pairs[drawn.pairs["origin"] == ORIGIN]
    own = own.rename(columns={"mean_ehs": "flow_ehs"})
    return own[["origin", "destination", "flow_ehs", "low_ehs", "high_ehs"]]


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
        "Of {total:ehs.1} that stopped in China {abroad:percent} ran abroad when the map ends and "
        "{back:percent} in China again",
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


def arrivals_title(kinds: pd.DataFrame, method: str, drawn: Published) -> str:
    """What of all arrivals had run before, by an estimate and by the draws.

    Parameters
    ----------
    kinds : DataFrame
        From :func:`arrivals_by_kind`.
    method : str
        The method of the estimate that they are made of.
    drawn : Draws
        From :func:`drawn_flows`.
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


def leader(drawn: Published) -> tuple[str, float]:
    """Who received most from China in most of the draws, and in how many of them, percent."""
    own = drawn.pairs[drawn.pairs["origin"] == ORIGIN].set_index("destination")["most_pct"].dropna()
    return str(own.idxmax()), float(own.max())


def percents(ends: tuple[float, float]) -> tuple[float, float]:
    """Two parts of one as percentages."""
    return 100 * ends[0], 100 * ends[1]


def hidden_ends() -> tuple[float, float]:
    """The most that was hidden in July and the least that was in August 2021, percent of September."""
    (_low, july), (august, _high) = summer_ranges(stocks()).values()
    return 100 * july, 100 * august


def counts() -> pd.DataFrame:
    """Press counts of machines, parts after their whole.

    Returns
    -------
    DataFrame
        statement, bound (in words), machines, counted_band: the hashrate that ran of them (median and
        interval of 90 percent), EH/s; a dash for counts that no country is named with, since they are
        not used.
    """
    bounds = {"at least": N_("at least"), "about": N_("about"), "at most": N_("at most")}
    used = counted_hashrate().set_index("report_id")
    reports = load("relocation_reports").sort_values("machines", ascending=False)
    order = {source: place for place, source in enumerate(reports["source_id"].unique())}
    reports = reports.sort_values("source_id", key=lambda s: s.map(order), kind="stable")
    bands = []
    for report in reports["report_id"]:
        if report not in used.index:
            bands.append(values.MISSING)
            continue
        row = used.loc[report]
        ends = np.exp(np.log(row["median_ehs"]) + row["log_sd"] * np.array([0, -1.645, 1.645]))
        bands.append(values.banded(ends, 1))
    return pd.DataFrame(
        {
            "statement": reports["statement"].to_numpy(),
            "bound": [translated(bounds[str(bound)]) for bound in reports["bound"]],
            "machines": reports["machines"].to_numpy(),
            "counted_band": bands,
        }
    )


def unplaced() -> float:
    """How many times the machines that the largest report places anywhere it says were moved."""
    reports = load("relocation_reports")
    whole = reports.loc[reports["machines"].idxmax()]
    parts = reports[(reports["source_id"] == whole["source_id"]) & reports["destination"].notna()]
    return float(whole["machines"] / parts["machines"].sum())
