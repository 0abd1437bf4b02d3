"""The country panel: what it rests on, its eras, and whether it knows what it was not told."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

import pandas as pd

import hashrate_migration as hm
from hashrate_migration import chronology, country_panel
from hashrate_migration.country_panel import MEASURED
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_, _, values
from hashrate_migration.words.values import banded

STOCKS_FROM = pd.Timestamp("2018-01-01")
"""Before this month a country's hashrate would not be seen on the scale of today's."""

STACKED = 6
"""Countries with an area of their own in the stack of shares."""

IN_YEAR_TABLE = 12
"""Countries in the table by year."""

NEWCOMERS_SHOWN = 4
"""Countries with a chart of their own among those that the mining map does not list."""

CHANGES_SHOWN = 8
"""Rows in the table of what the latest figures change."""


def entering_kinds() -> pd.DataFrame:
    """Kinds of estimates that enter the panel: how many figures, with which errors, and why.

    Returns
    -------
    DataFrame
        Columns kind (in words), figures_used, error_sd, offset_sd and drift_sd (log-odds), until
        (last month of use, missing for no end) and reason.
    """
    table = country_panel.kinds().query("enters")
    counts = country_panel.observations()["kind"].value_counts()
    table["figures_used"] = counts.reindex(table.index, fill_value=0)
    shown = ["title", "figures_used", "error_sd", "offset_sd", "drift_sd", "until", "reason"]
    return table[shown].rename(columns={"title": "kind"}).reset_index(drop=True)


def kinds_left_out() -> pd.DataFrame:
    """Kinds of estimates that do not enter the panel (kind, in words) and the reason."""
    table = country_panel.kinds().query("not enters")[["title", "reason"]]
    return table.rename(columns={"title": "kind"}).reset_index(drop=True)


def last_pool_home() -> pd.Timestamp:
    """The last month for which the home of a pool is taken to say something of places."""
    until: pd.Timestamp = country_panel.kinds().loc["pool_home", "until"]
    return until


def _mean_width(panel: pd.DataFrame) -> float:
    return float((panel["high"] - panel["low"]).mean())


def shares_title(panel: pd.DataFrame, largest: Sequence[str]) -> str:
    """How well the shares of the two largest countries are known, on the mining map and outside.

    Parameters
    ----------
    panel : DataFrame
        From :func:`hashrate_migration.panel`.
    largest : sequence of str
        Countries, the largest first.
    """
    leaders = panel[panel["region"].isin(largest[:2])]
    on_map = leaders["month"].isin(mining_map.shares().index)
    widths = {"on_map": _mean_width(leaders[on_map]), "outside": _mean_width(leaders[~on_map])}
    if len(largest) == 1:
        return _(
            "{first:begin} has held the largest share; the band is {on_map:number} points wide on "
            "average on the mining map and {outside:number} outside of it",
            first=largest[0],
            **widths,
        )
    return _(
        "{first:begin} and {second:place} have held the largest shares; their bands are "
        "{on_map:number} points wide on average on the mining map and {outside:number} outside of it",
        first=largest[0],
        second=largest[1],
        **widths,
    )


def network_growth() -> int:
    """How many times the network of the panel's first month that of the last one is.

    Returns
    -------
    int
        Of its digits the first two; the others are 0.
    """
    network = hm.network_hashrate(chronology.PANEL_BEGINS)
    factor = network.iloc[-1] / network.iloc[0]
    return int(round(factor, 1 - floor(log10(factor))))


def grown(panel: pd.DataFrame, codes: Sequence[str]) -> list[str]:
    """Countries whose hashrate by the bands is above that of the month of the call.

    Returns
    -------
    list of str
        Those of `codes` whose lower end in the last month lies above their upper end in May 2021.
    """
    last = panel["month"].max()
    return [
        code
        for code in codes
        if country_panel.at(panel, code, last)["low_ehs"]
        > country_panel.at(panel, code, chronology.BEFORE)["high_ehs"]
    ]


def hashrate_title(panel: pd.DataFrame, codes: Sequence[str]) -> str:
    """Which countries have more hashrate than in the month of the call, by the bands."""
    more = grown(panel, codes)
    when = {"last": panel["month"].max(), "before": chronology.BEFORE, "of": len(codes)}
    if not more:
        return _(
            "By the bands none of the {of:count} countries has more hashrate in {last:month} than in "
            "{before:month}",
            **when,
        )
    if len(more) == 1:
        return _(
            "By the bands one of the {of:count} countries has more hashrate in {last:month} than in "
            "{before:month}: {codes:places}",
            codes=more,
            **when,
        )
    return _(
        "By the bands {number:count} of the {of:count} countries have more hashrate in {last:month} "
        "than in {before:month}: {codes:places}",
        number=len(more),
        codes=more,
        **when,
    )


def borders(last: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp, str]]:
    """First month, last month and name of each era of the panel.

    Parameters
    ----------
    last : Timestamp
        Last month of the panel.
    """
    mapped = mining_map.shares().index
    month = pd.DateOffset(months=1)
    return [
        (chronology.PANEL_BEGINS, mapped[0] - month, N_("before the map")),
        (mapped[0], chronology.BEFORE, N_("on the map, before the ban")),
        (chronology.AFTER, mapped[-1], N_("ban and relocation")),
        (mapped[-1] + month, last, N_("after the map")),
    ]


def eras(panel: pd.DataFrame) -> pd.DataFrame:
    """Who led in each era, with how much, and on what the numbers rest.

    Parameters
    ----------
    panel : DataFrame
        From :func:`hashrate_migration.panel`, all regions and months.

    Returns
    -------
    DataFrame
        One row per era: era, start, end, leader (code of the country with the highest mean share),
        leader_pct, second, second_pct, china_pct (means over the months) and measured_pct (part of
        the rows of China, the leader and the second that is measured).
    """
    rows = []
    for start, end, name in borders(panel["month"].max()):
        within = panel[panel["month"].between(start, end)]
        means = within[within["region"] != REST].groupby("region")["share_pct"].mean()
        first, second = means.nlargest(2).index
        chosen = within[within["region"].isin({first, second, "CHN"})]
        rows.append(
            {
                "era": name,
                "start": start,
                "end": end,
                "leader": first,
                "leader_pct": means[first],
                "second": second,
                "second_pct": means[second],
                "china_pct": means["CHN"],
                "measured_pct": 100 * (chosen["basis"] == MEASURED).mean(),
            }
        )
    return pd.DataFrame(rows)


def stack(panel: pd.DataFrame) -> pd.DataFrame:
    """Shares of the largest countries and of all others, to be set on top of one another.

    Returns
    -------
    DataFrame
        Month x region, percent; the last column, ``OTH``, holds all that have none of their own.
    """
    wide = panel.pivot(index="month", columns="region", values="share_pct")
    named = country_panel.largest(panel, STACKED)
    return wide[named].assign(**{REST: wide.drop(columns=named).sum(axis=1)})


def stack_title(panel: pd.DataFrame) -> str:
    """The highest share since the ban, and the highest that the bands allow."""
    since = panel[(panel["month"] >= chronology.AFTER) & (panel["region"] != REST)]
    top, edge = (since.loc[since[column].idxmax()] for column in ("share_pct", "high"))
    return _(
        "The highest share of a country since the ban has been {share:percent} ({who:name}, "
        "{when:month}); the bands allow up to {high:percent} ({whose:name}, {then:month})",
        share=top["share_pct"],
        who=top["region"],
        when=top["month"],
        high=edge["high"],
        whose=edge["region"],
        then=edge["month"],
    )


def zeros(code: str) -> list[pd.Timestamp]:
    """Months in which the mining map shows nothing in a country."""
    own = mining_map.shares()[code]
    return own.index[own == 0].tolist()


def figures_by_kind(code: str, since: pd.Timestamp) -> pd.DataFrame:
    """Published figures for a country, counted by kind.

    Parameters
    ----------
    code : str
        Country.
    since : Timestamp
        First month.

    Returns
    -------
    DataFrame
        One row per kind and use: kind (in words), used (whether by the panel), estimates (how
        many), start and end (first month of the first, last month of the last).
    """
    rows = country_panel.figures_for(code, since)
    table = rows.groupby(["kind", "used"], sort=False).agg(
        estimates=("kind", "size"), start=("start", "min"), end=("end", "max")
    )
    return table.reset_index().sort_values("used", ascending=False, kind="stable")


def peak_and_last(panel: pd.DataFrame, code: str) -> tuple[pd.Series, pd.Series]:
    """A country's rows of the month of its highest share and of the last month."""
    own = panel[panel["region"] == code]
    return own.loc[own["share_pct"].idxmax()], own.iloc[-1]


def peak_title(panel: pd.DataFrame, code: str) -> str:
    """A country's highest share, and its band in the last month."""
    peak, now = peak_and_last(panel, code)
    if peak["month"] == now["month"]:
        return _(
            "{who:begin} has its highest share in {last:month}: the band runs from {ends:between.1} "
            "percent",
            who=code,
            last=now["month"],
            ends=(now["low"], now["high"]),
        )
    return _(
        "{who:begin} held {peak:percent} of the network in {top:month}; the band of {last:month} runs "
        "from {ends:between.1} percent",
        who=code,
        peak=peak["share_pct"],
        top=peak["month"],
        last=now["month"],
        ends=(now["low"], now["high"]),
    )


def newcomers(panel: pd.DataFrame) -> list[str]:
    """The largest countries of the last month among those that the mining map does not list."""
    ranked = country_panel.largest_now(panel, panel["region"].nunique())
    unlisted = set(country_panel.newcomers())
    return [code for code in ranked if code in unlisted][:NEWCOMERS_SHOWN]


def first_figures(panel: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Since when figures of countries have been published, and what the panel makes of them.

    Returns
    -------
    DataFrame
        Columns country, estimates (published figures), start and end (months of the first and
        the last figure) and share_band (of the panel's last month).
    """
    published = country_panel.published_figures()
    months = published[published["region"].isin(codes)].groupby("region")["month"]
    last = panel["month"].max()
    rows = [country_panel.at(panel, code, last) for code in codes]
    return pd.DataFrame(
        {
            "country": [*codes],
            "estimates": months.size().loc[codes].to_numpy(),
            "start": months.min().loc[codes].to_numpy(),
            "end": months.max().loc[codes].to_numpy(),
            "share_band": [banded((row["share_pct"], row["low"], row["high"]), 1) for row in rows],
        }
    )


def newcomers_title(panel: pd.DataFrame, codes: Sequence[str]) -> str:
    """The part of the network that some countries hold together, and held at the end of the map."""
    together = panel[panel["region"].isin(codes)].groupby("month")["share_pct"].sum()
    end = mining_map.shares().index[-1]
    return _(
        "Together {codes:places} hold {now:percent} of the network in {last:month}; in {end:month} it "
        "was {then:percent}",
        codes=codes,
        now=together.iloc[-1],
        last=together.index[-1],
        end=end,
        then=together[end],
    )


def snapshots(panel: pd.DataFrame) -> pd.DataFrame:
    """Shares at dates that matter: exchanges close, the call, the map's end, the last month.

    Returns
    -------
    DataFrame
        Month x region, percent.
    """
    closed = chronology.SEVEN_BODIES.replace(day=1)
    dates = [closed, chronology.BEFORE, mining_map.shares().index[-1], panel["month"].max()]
    return panel.pivot(index="month", columns="region", values="share_pct").loc[dates]


def snapshots_title(shares: pd.DataFrame) -> str:
    """Who led at the first and at the last of several dates."""
    leaders = shares.drop(columns=REST).idxmax(axis=1)
    first, last = leaders.index[0], leaders.index[-1]
    if leaders.iloc[0] == leaders.iloc[-1]:
        return _(
            "{who:begin} leads in {last:month} as in {first:month}",
            who=leaders.iloc[0],
            first=first,
            last=last,
        )
    return _(
        "{who:begin} led in {first:month}, {then:place} in {last:month}",
        who=leaders.iloc[0],
        first=first,
        then=leaders.iloc[-1],
        last=last,
    )


def by_month_name(shares: pd.DataFrame) -> dict[str, pd.Series]:
    """Rows of a table of months under the months' names."""
    return {values.month(month): row for month, row in shares.iterrows()}


def found_again(by_source: pd.DataFrame, by_quarter: pd.DataFrame) -> pd.DataFrame:
    """How well figures were found that had been left out.

    Parameters
    ----------
    by_source, by_quarter : DataFrame
        From :func:`hashrate_migration.country_panel.leave_out`.

    Returns
    -------
    DataFrame
        Rows of :func:`hashrate_migration.country_panel.coverage` for both, with the columns
        left_out and group before them.
    """
    both = {
        N_("each source"): country_panel.coverage(by_source),
        N_("each quarter"): country_panel.coverage(by_quarter),
    }
    return pd.concat(both, names=["left_out", "group"]).reset_index()


def found_by_source(by_source: pd.DataFrame) -> pd.DataFrame:
    """The same, source by source, the most figures first.

    Returns
    -------
    DataFrame
        Columns source (its title), publisher, estimates, inside, error_points and
        interpolation_points (:func:`hashrate_migration.country_panel.by_label`).
    """
    table = country_panel.by_label(by_source).reset_index(names="source")
    known = load("sources").set_index("source_id")
    table.insert(1, "publisher", table["source"].map(known["publisher"]))
    return table.assign(source=table["source"].map(known["title"]))


def latest_figures() -> pd.Timestamp:
    """Month of the latest published figures."""
    latest: pd.Timestamp = load("share_estimates")["start_month"].max()
    return latest


def moved_by_the_latest(panel: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """What the latest figures change in the panel.

    Parameters
    ----------
    panel : DataFrame
        From :func:`hashrate_migration.panel`, all regions and months.
    draws, seed : int
        With which it was made.

    Returns
    -------
    DataFrame
        Columns region, month (of the largest change of its share), without_pct and with_pct (the
        share in that month) and change_pct_points, the largest change first.
    """
    rows = load("share_estimates")
    without = hm.panel(table=rows[rows["start_month"] != latest_figures()], draws=draws, seed=seed)
    moves = country_panel.compare(without, panel).head(CHANGES_SHOWN).reset_index()
    return moves.rename(
        columns={
            "before_pct": "without_pct",
            "after_pct": "with_pct",
            "change": "change_pct_points",
        }
    )
