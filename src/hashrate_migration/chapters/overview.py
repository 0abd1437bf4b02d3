"""The key figures of the story, each computed from the tables by a stated rule, and its titles."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hashrate_migration import chronology
from hashrate_migration.chapters import migration
from hashrate_migration.energy import ban_parts
from hashrate_migration.findings import claims
from hashrate_migration.flows.published import Published
from hashrate_migration.hashrate.mining_map import shares, stocks, through_the_ban
from hashrate_migration.hashrate.network import SMOOTHED_DAYS, network_fall, network_hashrate
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load
from hashrate_migration.words import _

COUNTRIES_TODAY = 12
"""Countries of the table of the country panel: the largest of its last month."""

RECEIVERS = 4
"""Countries for which the table of flows says what they received."""

_NOTICEABLE_POINTS = 1.0
"""A country that lost less of its share than this is not called a loser."""

_MAIN_FLOWS = ("departed", "abroad", "back", "retired")
"""Headlines of the draws of which the table of flows speaks."""


def key_figures() -> pd.DataFrame:
    """The numbers that the overview states.

    Returns
    -------
    DataFrame
        Columns figure, value, unit, when and rule (how it is computed); texts in the language in use.
    """
    share, stock = shares(), stocks()
    china, kazakh = share["CHN"], share["KAZ"]
    fall = network_fall()
    gains = through_the_ban().drop(index=["CHN", regions.REST])["gain_ehs"]
    winner, last, before = gains.idxmax(), share.index[-1], chronology.BEFORE
    back = china.loc[chronology.CLEARED :]
    returned = back.index[back > 0][0]
    peak, trough, regained = fall["peak_date"], fall["trough_date"], fall["regained_date"]
    on_map, product = _("mining map"), _("share times network")

    def months(start: pd.Timestamp, end: pd.Timestamp) -> str:
        return _("{start:month} to {end:month}", start=start, end=end)

    def month(when: pd.Timestamp) -> str:
        return _("{when:month}", when=when)

    rows = [
        (_("China's highest share"), china.max(), "%", month(china.idxmax()), on_map),
        (_("China's share before the clearance"), china[before], "%", month(before), on_map),
        (
            _("China's hashrate before the clearance"),
            stock["CHN"][before],
            "EH/s",
            month(before),
            product,
        ),
        (
            _("China's share on its return to the map"),
            china[returned],
            "%",
            month(returned),
            _("first month above zero from {cleared:month} on", cleared=chronology.CLEARED),
        ),
        (_("China's share at the map's end"), china[last], "%", month(last), on_map),
        (
            _("Fall of the network, monthly means"),
            fall.loc["monthly", "fall_pct"],
            "%",
            months(peak["monthly"], trough["monthly"]),
            _("peak to trough"),
        ),
        (
            _("Fall of the network, means of {days:count} days", days=SMOOTHED_DAYS),
            fall.loc["daily", "fall_pct"],
            "%",
            _(
                "{start:day} to {end:day}",
                start=peak["daily"],
                end=trough["daily"],
            ),
            _("peak to trough"),
        ),
        (
            _("Months until the network regained its peak"),
            fall.loc["monthly", "periods_to_regain"],
            _("months"),
            months(peak["monthly"], regained["monthly"]),
            _("monthly means"),
        ),
        (
            _("Largest gain: {country:name}", country=winner),
            gains[winner],
            "EH/s",
            months(before, last),
            _("change of share times network"),
        ),
        (
            _("Share of {country:place} at the map's end", country=winner),
            share[winner][last],
            "%",
            month(last),
            on_map,
        ),
        (_("Kazakhstan's highest share"), kazakh.max(), "%", month(kazakh.idxmax()), on_map),
    ]
    table = pd.DataFrame(rows, columns=["figure", "value", "unit", "when", "rule"])
    return table.astype({"value": float})


def said(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures with their values in words, each with as many decimals as it has.

    Parameters
    ----------
    figures : DataFrame
        From :func:`key_figures`.

    Returns
    -------
    DataFrame
        Columns figure, value (text with its unit), when and rule.
    """
    values = [
        _("{value:number} {unit}", value=row.value, unit=row.unit)
        if float(row.value).is_integer()
        else _("{value:number.1} {unit}", value=row.value, unit=row.unit)
        for row in figures.itertuples()
    ]
    return figures.assign(value=values).drop(columns="unit")


def winners(ban: pd.DataFrame) -> pd.DataFrame:
    """Countries other than China through the ban, the largest gain of hashrate first.

    Parameters
    ----------
    ban : DataFrame
        From :func:`hashrate_migration.hashrate.mining_map.through_the_ban`.
    """
    return ban.drop(index=["CHN", regions.REST]).sort_values("gain_ehs", ascending=False)


def moved_title(ban: pd.DataFrame, last: pd.Timestamp) -> str:
    """What China lost on the map, and who had gained most when it ends.

    Parameters
    ----------
    ban : DataFrame
        From :func:`hashrate_migration.hashrate.mining_map.through_the_ban`.
    last : Timestamp
        Last month of the map.
    """
    china, winner = ban.loc["CHN"], winners(ban).iloc[0]
    said = {
        "lost": china["before_ehs"] - china["cleared_ehs"],
        "before": chronology.BEFORE,
        "cleared": chronology.CLEARED,
        "country": winner.name,
        "gained": winner["gain_ehs"],
        "last": last,
    }
    if china["cleared_ehs"] == 0:
        return _(
            "All of China's {lost:ehs} of {before:month} had vanished from the map by {cleared:month}; "
            "{country:place} gained {gained:number} until {last:month}",
            **said,
        )
    return _(
        "China lost {lost:ehs} on the map from {before:month} to {cleared:month}; {country:place} "
        "gained {gained:number} until {last:month}",
        **said,
    )


def most_before_or_after(ban: pd.DataFrame, count: int) -> pd.DataFrame:
    """Countries that had the largest shares before the clearance or at the end of the map.

    Parameters
    ----------
    ban : DataFrame
        From :func:`hashrate_migration.hashrate.mining_map.through_the_ban`.
    count : int
        How many.

    Returns
    -------
    DataFrame
        Their rows, the largest share before the clearance first.
    """
    countries = ban.drop(index=regions.REST)
    largest = countries[["share_before_pct", "share_last_pct"]].max(axis=1).nlargest(count).index
    return countries.loc[largest].sort_values("share_before_pct", ascending=False)


def before_after_title(ban: pd.DataFrame) -> str:
    """Who gained most points of share through the ban, and who lost beside China.

    Parameters
    ----------
    ban : DataFrame
        From :func:`hashrate_migration.hashrate.mining_map.through_the_ban`.
    """
    change = ban.drop(index=["CHN", regions.REST])["gain_pct_points"].sort_values(ascending=False)
    said = {
        "first": change.index[0],
        "most": change.iloc[0],
        "second": change.index[1],
        "next_most": change.iloc[1],
    }
    losers = change.index[change < -_NOTICEABLE_POINTS][::-1]
    if len(losers):
        return _(
            "{first:begin} gained {most:number} points, {second:place} {next_most:number}; not only "
            "China lost, so did {losers:places}",
            **said,
            losers=list(losers),
        )
    return _(
        "{first:begin} gained {most:number} points, {second:place} {next_most:number}; no country but "
        "China lost much",
        **said,
    )


def leaders_title(share: pd.DataFrame) -> str:
    """Who led the map in its first and in its last month.

    Parameters
    ----------
    share : DataFrame
        From :func:`hashrate_migration.shares`.
    """
    leader = share.drop(columns=regions.REST).idxmax(axis=1)
    said = {"start": share.index[0], "end": share.index[-1], "first": leader.iloc[0]}
    if leader.iloc[0] == leader.iloc[-1]:
        return _("{first:begin} led the map in {start:year} and in {end:year}", **said)
    return _(
        "{first:begin} led the map in {start:year}, {last:place} in {end:year}",
        **said,
        last=leader.iloc[-1],
    )


def network_title(network: pd.Series, fall: pd.Series) -> str:
    """How long the network took to regain its peak, and how it stands to it now.

    Parameters
    ----------
    network : Series
        EH/s by month.
    fall : Series
        Row ``monthly`` of :func:`hashrate_migration.hashrate.network.network_fall`.
    """
    return _(
        "The network regained its peak after {months:count} months and is now {times:number.1} times "
        "as large",
        months=fall["periods_to_regain"],
        times=network.iloc[-1] / fall["peak_ehs"],
    )


def published_since() -> pd.Timestamp:
    """First day whose hashrate is a published figure; missing if all are counted from blocks."""
    daily = load("network_daily")
    return daily.loc[daily["blocks"].isna(), "date"].min()


def network_caption(network: pd.Series) -> str:
    """What the figure of the network shows, and from which day its figures are not counted.

    Parameters
    ----------
    network : Series
        EH/s by month.
    """
    said = {"start": network.index[0], "end": network.index[-1]}
    if pd.isna(since := published_since()):
        return _("The whole network from {start:month} to {end:month}.", **said)
    return _(
        "The whole network from {start:month} to {end:month}. From {since:day} on the daily hashrate "
        "is a published figure, not counted from blocks.",
        **said,
        since=since,
    )


def today_title(today: pd.Timestamp, america: pd.Series, china: pd.Series) -> str:
    """Bands of the United States and of China in the panel's last month.

    Parameters
    ----------
    today : Timestamp
        That month.
    america, china : Series
        Their rows of the panel.
    """
    return _(
        "In {today:month} the United States holds {america:between} percent, China {china:between}",
        today=today,
        america=(america["low"], america["high"]),
        china=(china["low"], china["high"]),
    )


def flow_figures(drawn: Published) -> pd.DataFrame:
    """What left China and where it was at the end of the map, with intervals.

    Parameters
    ----------
    drawn : Draws
        From :func:`hashrate_migration.chapters.migration.drawn_flows`.

    Returns
    -------
    DataFrame
        Columns figure, unit, low, median and high: the main flows, then the countries that received
        most, by median.
    """
    received = migration.from_origin(drawn)
    abroad = set(regions.mapped_countries()) - {migration.ORIGIN}
    received = received[received.index.isin(abroad)]
    table = migration.headlines(drawn, _MAIN_FLOWS, received.index[:RECEIVERS])
    return table.drop(columns="mean")


@dataclass(frozen=True)
class Abroad:
    """How much of what left China went abroad, and how widely the answers range.

    Attributes
    ----------
    ends : tuple of float
        90 percent interval of what went abroad, percent of what departed.
    departed_width, returned_width : float
        Width of the interval of what departed and of what came back, percent of its median.
    """

    ends: tuple[float, float]
    departed_width: float
    returned_width: float


def abroad(drawn: Published) -> Abroad:
    """How much went abroad, and how sure that and the rest are.

    Parameters
    ----------
    drawn : Draws
        From :func:`hashrate_migration.chapters.migration.drawn_flows`.
    """
    known = drawn.headlines.set_index("figure")[["low", "median", "high"]].astype(float)
    width = 100 * (known["high"] - known["low"]) / known["median"]
    part = known.loc["abroad_pct"]
    return Abroad(
        (float(part["low"]), float(part["high"])),
        float(width["departed"]),
        float(width["back"]),
    )


def agreement() -> pd.Series:
    """How far the network from blocks lies from the totals of the mining map, percent by month."""
    implied = load("mining_map").groupby("month")["hashrate_ehs"].sum()
    computed = network_hashrate(implied.index[0], implied.index[-1])
    return 100 * (computed / implied - 1).abs()


def carbon_title(years: pd.DataFrame) -> str:
    """Emissions of the first and the last whole year, and whether each kilowatt-hour is cleaner.

    Parameters
    ----------
    years : DataFrame
        Whole years of :func:`hashrate_migration.energy.ranges_by_year`.
    """
    first, last = years.iloc[0], years.iloc[-1]
    said = {
        "start": int(years.index[0]),
        "end": int(years.index[-1]),
        "early": first["emissions_mt"],
        "late": last["emissions_mt"],
        "before": first["intensity_g_per_kwh"],
        "now": last["intensity_g_per_kwh"],
    }
    if last["intensity_g_per_kwh"] < first["intensity_g_per_kwh"]:
        return _(
            "Mining caused {early:mt} CO2e in {start} and {late:number} in {end}; each kilowatt-hour "
            "is cleaner, {now:number} grams instead of {before:number}",
            **said,
        )
    return _(
        "Mining caused {early:mt} CO2e in {start} and {late:number} in {end}; each kilowatt-hour is "
        "no cleaner, {now:number} grams after {before:number}",
        **said,
    )


@dataclass(frozen=True)
class ChangeOfPlaces:
    """What the ban did to emissions, by the kept draws.

    Attributes
    ----------
    months : int
        From the first month after the call to the last of the map.
    low_mt, high_mt : float
        Ends of what the change of places did, Mt CO2e.
    raised_pct : float
        Percent of the draws in which it sent emissions up.
    whole_mt, whole_low_mt, whole_high_mt : float
        The whole effect, place, volume and time together: middle and ends.
    """

    months: int
    low_mt: float
    high_mt: float
    raised_pct: float
    whole_mt: float
    whole_low_mt: float
    whole_high_mt: float


def change_of_places() -> ChangeOfPlaces:
    """The effect of the ban on emissions, of places alone and of all together."""
    kept = ban_parts().query("choice == 'all'").set_index("effect")
    place, whole = kept.loc["place"], kept.loc["total"]
    return ChangeOfPlaces(
        len(shares().loc[chronology.AFTER :]),
        float(place["low_mt"]),
        float(place["high_mt"]),
        float(place["raised_pct"]),
        float(whole["effect_mt"]),
        float(whole["low_mt"]),
        float(whole["high_mt"]),
    )


@dataclass(frozen=True)
class Verdicts:
    """How many claims there are, and how many of them hold or are contradicted."""

    claims: int
    hold: int
    contradicted: int


def verdicts() -> Verdicts:
    """Claims of the audit by their verdict."""
    found = claims.check()["verdict"].astype(str)
    return Verdicts(
        len(found), int((found == "supported").sum()), int((found == "contradicted").sum())
    )
