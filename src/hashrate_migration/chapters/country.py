"""One country of the panel: what it holds, its way through the ban, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hashrate_migration import chronology, country_panel
from hashrate_migration.country_panel import estimates
from hashrate_migration.findings import events
from hashrate_migration.hashrate import mining_map
from hashrate_migration.periods import Window
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load
from hashrate_migration.words import N_, _, values

SHOWN_FROM = pd.Timestamp("2018-01-01")
"""First month of a profile's panel figure; the bands of earlier months would fill it."""

SURE_PCT = 95
"""Percent of the draws that must agree before a share is said to have grown or shrunk."""

_MARKED_AT_MOST = 12
"""Of more events than these a figure numbers the national acts of policy only."""

_WITHIN = {
    "CHN": ("china_provinces", "share_of_china_pct"),
    "USA": ("us_states", "share_of_us_pct"),
}
"""Countries whose map has provinces or states: the table, and its column of parts."""

_BY_STATE = frozenset({"USA"})
"""Countries whose parts are states; those of the others are provinces."""

_HIGH_WATER = (6, 7, 8, 9, 10)
"""June to October: Sichuan's rivers run high."""

_LOW_WATER = (12, 1, 2, 3)
"""December to March."""

_PANEL_TITLES = {
    "grown": N_(
        "{country:begin} has a larger share than when the mining map ended: {now:share_range} percent "
        "of the network in {month:month}, {then:share_range} in {map_end:month}"
    ),
    "shrunk": N_(
        "{country:begin} has a smaller share than when the mining map ended: {now:share_range} percent "
        "of the network in {month:month}, {then:share_range} in {map_end:month}"
    ),
    "unsure": N_(
        "{country:begin} held {now:share_range} percent of the network in {month:month}; whether that "
        "is more than in {map_end:month}, when the mining map ended, is open"
    ),
}
"""How a country's share has changed since the map ended, to the title that says so."""


@dataclass(frozen=True)
class Standing:
    """What the panel says of a country today, and beside the last month of the mining map.

    Attributes
    ----------
    month : Timestamp
        Last month of the panel.
    now : Series
        The panel's row of that month.
    map_end : Timestamp
        Last month of the mining map.
    then : Series
        The panel's row of that month.
    grown_pct : float
        Percent of the draws in which today's share is larger than that of the map's last month.
    change : str
        ``"grown"`` or ``"shrunk"`` if that is so, or not so, in :data:`SURE_PCT` percent of the draws;
        else ``"unsure"``.
    months : int
        Months of the panel since the map ended.
    located : list of Timestamp
        Those of them in which an estimate located machines in the country.
    peak_month : Timestamp
        Month of the highest share between the first and the last estimate.
    peak : Series
        The panel's row of that month.
    """

    month: pd.Timestamp
    now: pd.Series
    map_end: pd.Timestamp
    then: pd.Series
    grown_pct: float
    change: str
    months: int
    located: list[pd.Timestamp]
    peak_month: pd.Timestamp
    peak: pd.Series

    @property
    def shrunk_pct(self) -> float:
        """Percent of the draws in which today's share is smaller."""
        return 100 - self.grown_pct


def standing(panel: pd.DataFrame, country: str) -> Standing:
    """What the panel says of a country today.

    Parameters
    ----------
    panel : DataFrame
        From :func:`hashrate_migration.panel`, all months.
    country : str
        Code of the panel.
    """
    own = panel[panel["region"] == country].set_index("month")
    map_end = mining_map.shares().index[-1]
    now, then, since = own.iloc[-1], own.loc[map_end], own.loc[own.index > map_end]
    # In each draw both months: bands may overlap where every draw has grown.
    paths = country_panel.paths()[country].unstack("month")
    grown_pct = 100 * float((paths[own.index[-1]] > paths[map_end]).mean())
    change = "unsure"
    if grown_pct >= SURE_PCT:
        change = "grown"
    elif grown_pct <= 100 - SURE_PCT:
        change = "shrunk"
    reached = own[own["basis"] != "extrapolated"]
    # Of some countries nothing is known but floors.
    reached = own if reached.empty else reached
    peak_month = reached["share_pct"].idxmax()
    return Standing(
        own.index[-1],
        now,
        map_end,
        then,
        grown_pct,
        change,
        len(since),
        since.index[since["basis"] == "measured"].tolist(),
        peak_month,
        own.loc[peak_month],
    )


def panel_title(country: str, standing: Standing) -> str:
    """The finding of a country's panel figure."""
    return _(
        _PANEL_TITLES[standing.change],
        country=country,
        now=standing.now,
        month=standing.month,
        then=standing.then,
        map_end=standing.map_end,
    )


def passage(country: str) -> pd.DataFrame:
    """A mapped country at four dates: before, cleared, China's return, end of the map.

    Parameters
    ----------
    country : str
        Code of the mining map.

    Returns
    -------
    DataFrame
        One row per date: month, share_pct, hashrate_ehs, rank (missing where there is no hashrate)
        and gain_ehs since the first of the dates.
    """
    share, stock = mining_map.shares()[country], mining_map.stocks()
    table = pd.DataFrame(
        {
            "share_pct": share,
            "hashrate_ehs": stock[country],
            "rank": mining_map.ranks(stock)[country],
            "gain_ehs": stock[country] - stock.loc[chronology.BEFORE, country],
        }
    )
    dates = [chronology.BEFORE, chronology.CLEARED, chronology.RETURN, share.index[-1]]
    return table.loc[dates].rename_axis("month").reset_index()


def nothing_shown(country: str) -> list[pd.Timestamp]:
    """Months right after the clearance in which the mining map has a country at zero.

    Parameters
    ----------
    country : str
        Code of the panel.

    Returns
    -------
    list of Timestamp
        None for a country that the map does not list.
    """
    shares = mining_map.shares()
    if country not in shares:
        return []
    summer = [chronology.CLEARED, chronology.ZERO_AGAIN]
    return [month for month in summer if shares.loc[month, country] == 0]


@dataclass(frozen=True)
class OnTheMap:
    """First and last month, highest share and largest hashrate of a country on the mining map."""

    first: pd.Timestamp
    last: pd.Timestamp
    first_pct: float
    last_pct: float
    first_ehs: float
    last_ehs: float
    peak_month: pd.Timestamp
    peak_pct: float
    largest_month: pd.Timestamp
    largest_ehs: float


def on_the_map(country: str) -> OnTheMap:
    """What the mining map says of a country that it lists."""
    share, stock = mining_map.shares()[country], mining_map.stocks()[country]
    return OnTheMap(
        share.index[0],
        share.index[-1],
        share.iloc[0],
        share.iloc[-1],
        stock.iloc[0],
        stock.iloc[-1],
        share.idxmax(),
        share.max(),
        stock.idxmax(),
        stock.max(),
    )


def map_title(country: str) -> str:
    """The finding of a country's figure of the mining map."""
    own = on_the_map(country)
    if own.peak_month == own.last:
        return _(
            "{country:begin} ends the map at its highest share, {last:small.1} percent of the network",
            country=country,
            last=own.last_pct,
        )
    return _(
        "{country:begin} peaked at {peak:small.1} percent of the network in {month:month} and ends the "
        "map at {last:small.1}",
        country=country,
        peak=own.peak_pct,
        month=own.peak_month,
        last=own.last_pct,
    )


def gains() -> pd.Series:
    """Gain or loss of every region of the map through the ban, EH/s, the largest gain first."""
    return mining_map.through_the_ban()["gain_ehs"]


def gain_title(country: str) -> str:
    """How much hashrate a mapped country gained or lost through the ban, beside the others."""
    countries = gains().drop(index=regions.REST)
    own = countries[country]
    others = len(countries) - 1
    gained_more, lost_more = int((countries > own).sum()), int((countries < own).sum())
    if own >= 0 and not gained_more:
        return _(
            "{country:begin} gained {gain:ehs.1} through the ban, more than any other country of the "
            "map",
            country=country,
            gain=own,
        )
    if own >= 0:
        return _(
            "{country:begin} gained {gain:ehs.1} through the ban; of the {others:count} other countries "
            "of the map {more:count} gained more",
            country=country,
            gain=own,
            others=others,
            more=gained_more,
        )
    if not lost_more:
        return _(
            "{country:begin} lost {loss:ehs.1} through the ban, more than any other country of the map",
            country=country,
            loss=-own,
        )
    return _(
        "{country:begin} lost {loss:ehs.1} through the ban; of the {others:count} other countries of "
        "the map {more:count} lost more",
        country=country,
        loss=-own,
        others=others,
        more=lost_more,
    )


def ranks_on_the_map(country: str, window: Window, top_n: int) -> pd.DataFrame:
    """Ranks by month of the largest countries of the mining map and of one country.

    Parameters
    ----------
    country : str
        Code of the mining map; among the columns also where it is not among the largest.
    window : Window
        Months.
    top_n : int
        How many of the largest.

    Returns
    -------
    DataFrame
        Month x country, 1 for the largest; missing where a country has no hashrate.
    """
    ranks = mining_map.ranks(mining_map.stocks(window.start, window.end))
    largest = ranks.mean().nsmallest(top_n).index
    return ranks[largest.union([country], sort=False)]


def rank_title(country: str) -> str:
    """Where a mapped country ranked before the clearance and at the end of the map."""
    dates = passage(country)
    first, last = dates.iloc[0], dates.iloc[-1]
    if pd.isna(first["rank"]) or pd.isna(last["rank"]):
        return _("Rank of {country:place} on the mining map", country=country)
    if first["rank"] == last["rank"]:
        return _(
            "{country:begin} held rank {rank:number} on the mining map both in {before:month} and in "
            "{end:month}",
            country=country,
            rank=first["rank"],
            before=first["month"],
            end=last["month"],
        )
    return _(
        "{country:begin} went from rank {first:number} on the mining map in {before:month} to rank "
        "{last:number} in {end:month}",
        country=country,
        first=first["rank"],
        last=last["rank"],
        before=first["month"],
        end=last["month"],
    )


def ranks_today() -> pd.DataFrame:
    """Ranks of all countries of the panel in its last month, with their bands.

    Returns
    -------
    DataFrame
        Indexed by country, the largest first: low, median and high of the rank among the panel's
        draws, in each of which the countries are ranked anew.
    """
    paths = country_panel.paths()
    last = paths.index.get_level_values("month").max()
    shares = paths.xs(last, level="month").drop(columns=regions.REST)
    ranks = shares.rank(axis=1, ascending=False, method="min")
    low, high = country_panel.BAND
    # The nearest rank that occurs: there is no rank between two.
    table = ranks.quantile([low, 0.5, high], interpolation="nearest").T.astype(int)
    table.columns = pd.Index(["low", "median", "high"])
    order = shares.mean().sort_values(ascending=False).index
    return table.loc[order].sort_values("median", kind="stable").rename_axis("country")


def rank_today_title(country: str, ranks: pd.DataFrame, month: pd.Timestamp) -> str:
    """A country's rank in the panel's last month.

    Parameters
    ----------
    country : str
        Code of the panel.
    ranks : DataFrame
        From :func:`ranks_today`.
    month : Timestamp
        Their month.
    """
    own = ranks.loc[country]
    if own["low"] == own["high"]:
        return _(
            "In {month:month} {country:place} had rank {rank:number} of the {count:number} countries "
            "of the panel",
            month=month,
            country=country,
            rank=own["low"],
            count=len(ranks),
        )
    return _(
        "In {month:month} {country:place} had a rank between {low:number} and {high:number} among the "
        "{count:number} countries of the panel",
        month=month,
        country=country,
        low=own["low"],
        high=own["high"],
        count=len(ranks),
    )


def acts(country: str, panel: pd.DataFrame) -> pd.DataFrame:
    """Everything that happened in a country within the months of the panel."""
    months = panel["month"]
    return events.events(months.min(), months.max() + pd.offsets.MonthEnd(), country=country)


def marked(table: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Events that a figure numbers: all within its months, or of many the national acts of policy.

    Parameters
    ----------
    table : DataFrame
        From :func:`acts`.
    window : Window
        Months of the figure.
    """
    within = table[table["date"].between(window.start, window.last_day)]
    if len(within) <= _MARKED_AT_MOST:
        return within
    return within[within["place"].isna() & within["kind"].eq("policy")]


def map_subtitle(events_marked: int) -> str:
    """Measure and unit of the figure of the mining map, and what its numbers mean."""
    if events_marked:
        return _(
            "Share of the network (percent, above) and hashrate (EH/s, below); numbers: events in the "
            "table further down"
        )
    return _("Share of the network (percent, above) and hashrate (EH/s, below)")


def maps(country: str, panel: pd.DataFrame) -> dict[str, pd.Series]:
    """Shares of all countries for the maps of a profile.

    Parameters
    ----------
    country : str
        Code of the panel.
    panel : DataFrame
        From :func:`hashrate_migration.panel`.

    Returns
    -------
    dict
        Month in words to percent by code: for a country of the mining map, the map before the
        clearance and in its last month; for every country, the last month of the panel.
    """
    last = panel["month"].max()
    today = panel[panel["month"] == last].set_index("region")["share_pct"]
    shares = mining_map.shares()
    earlier = [chronology.BEFORE, shares.index[-1]] if country in shares else []
    return {
        **{values.month(month): shares.loc[month] for month in earlier},
        values.month(last): today,
    }


def world_title(country: str, standing: Standing) -> str:
    """A country's shares in the months of its maps."""
    shares = mining_map.shares()
    if country not in shares:
        return _(
            "{country:begin} in {month:month}: {now:share} of the network",
            country=country,
            month=standing.month,
            now=standing.now,
        )
    return _(
        "{country:begin}: {before_pct:small.1} percent of the network in {before:month}, "
        "{end_pct:small.1} in {end:month}, {now_pct:small.1} in {now:month}",
        country=country,
        before=chronology.BEFORE,
        before_pct=shares.loc[chronology.BEFORE, country],
        end=shares.index[-1],
        end_pct=shares[country].iloc[-1],
        now=standing.month,
        now_pct=standing.now["share_pct"],
    )


def world_caption(country: str) -> str:
    """What the maps of a profile show."""
    if country in mining_map.shares():
        return _(
            "Shares by country: before the clearance and at the end of the mining map as the map has "
            "them, and in the last month of the panel; {country:place} outlined.",
            country=country,
        )
    return _(
        "Shares by country in the last month of the panel; {country:place} outlined.",
        country=country,
    )


def subdivisions_sources(country: str) -> tuple[str, ...]:
    """Tables behind the provinces or states of a country that has them."""
    return (_WITHIN[country][0], "mining_map", "network_daily")


def subdivisions(country: str, window: Window) -> pd.DataFrame:
    """Hashrate of a country by province or state.

    Parameters
    ----------
    country : str
        Code of the panel.
    window : Window
        Months to show, where there are several.

    Returns
    -------
    DataFrame
        Month x region, EH/s, the largest first; empty where no table has parts of the country. Months
        in which the map shows no hashrate in the country are left out.
    """
    if country not in _WITHIN:
        return pd.DataFrame()
    name, column = _WITHIN[country]
    parts = load(name).pivot(index="month", columns="region", values=column)
    national = mining_map.stocks()[country].reindex(parts.index)
    inside = parts.mul(national, axis=0)[national > 0] / 100
    if len(inside) > 1:
        inside = inside.loc[window.start : window.end]
    return inside[inside.mean().sort_values(ascending=False).index]


def subdivisions_table(inside: pd.DataFrame) -> pd.DataFrame:
    """The same, laid out to be read: months as rows; of a single month, its parts as rows.

    Parameters
    ----------
    inside : DataFrame
        From :func:`subdivisions`, not empty.

    Returns
    -------
    DataFrame
        Columns month and one per region (EH/s); or region, part_of_country_pct and hashrate_ehs.
    """
    if len(inside) > 1:
        return inside.rename_axis(columns=None).reset_index()
    only = inside.iloc[0]
    table = pd.DataFrame({"part_of_country_pct": 100 * only / only.sum(), "hashrate_ehs": only})
    return table.rename_axis("region").reset_index()


def subdivisions_title(country: str, inside: pd.DataFrame) -> str:
    """The finding of a figure of provinces or states.

    Parameters
    ----------
    country : str
        Code of the panel.
    inside : DataFrame
        From :func:`subdivisions`, not empty.
    """
    parts = 100 * inside.div(inside.sum(axis=1), axis=0)
    month = inside.index[-1]
    if len(inside) == 1:
        named = parts.loc[month].drop([c for c in parts if str(c).endswith(f"-{regions.REST}")])
        return _(
            "{region:begin} held {part:percent} of the hashrate in {country:place} in {month:month}",
            region=named.idxmax(),
            part=named.max(),
            country=country,
            month=month,
        )
    if "CN-SC" in parts:
        sichuan = parts["CN-SC"]
        wet = sichuan[inside.index.month.isin(_HIGH_WATER)].mean()
        dry = sichuan[inside.index.month.isin(_LOW_WATER)].mean()
        if wet > dry:
            return _(
                "Mining moved with the rain: Sichuan held {wet:percent} of the hashrate in China from "
                "June to October, {dry:number} from December to March",
                wet=wet,
                dry=dry,
            )
    if country in _BY_STATE:
        return _("Hashrate in {country:place} by state", country=country)
    return _("Hashrate in {country:place} by province", country=country)


def subdivisions_subtitle(country: str) -> str:
    """Measure and unit of a figure of provinces or states."""
    if country in _BY_STATE:
        return _("Hashrate by state, EH/s, monthly mean")
    return _("Hashrate by province, EH/s, monthly mean")


def subdivisions_caption(country: str) -> str:
    """What the table of provinces or states holds."""
    if country in _BY_STATE:
        return _("Hashrate within {country:place} by state.", country=country)
    return _("Hashrate within {country:place} by province.", country=country)


def is_divided(country: str) -> bool:
    """Whether any table has parts of a country."""
    return country in _WITHIN


def bounds(country: str) -> pd.DataFrame:
    """Figures for a country that the panel uses and that give an upper bound only.

    Returns
    -------
    DataFrame
        Columns start and end: first and last month of the period.
    """
    rows = estimates.published()
    used = set(estimates.observations()["estimate_id"])
    own = rows[rows["members"].eq(country) & rows["bound"] & rows["estimate_id"].isin(used)]
    table = own[["start_month", "end_month"]].set_axis(["start", "end"], axis=1)
    return table.reset_index(drop=True)
