"""The country panel: what it rests on, its eras, and whether it knows what it was not told."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

import numpy as np
import pandas as pd

import hashrate_migration as hm
from hashrate_migration import chronology, country_panel
from hashrate_migration.country_panel import MEASURED, checks
from hashrate_migration.country_panel.checks import ALL
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_, _, translated, values
from hashrate_migration.words.values import banded

STOCKS_FROM = pd.Timestamp("2018-01-01")
"""Before this month a country's hashrate would not be seen on the scale of today's."""

STACKED = 6
"""Countries with an area of their own in the stack of shares."""

IN_YEAR_TABLE = 12
"""Countries in the table by year."""

NEWCOMERS_SHOWN = 4
"""Countries with a chart of their own among those that the mining map does not list."""

RANK_BINS = 10
"""Bars in the figure of ranks."""

READS = {
    "share": N_("so much"),
    "floor": N_("at least"),
    "ceiling": N_("at most"),
    "none_seen": N_("none seen"),
}
"""What a figure says of a share, in words."""

LEFT_OUT = {
    "quarter": N_("each quarter"),
    "family": N_("each family of publishers"),
    "kind": N_("each kind of figure"),
}
"""Ways of the validation, in words."""

GROUPS = {
    "map": N_("mining map"),
    "vendor": N_("lists of vendors"),
    "other": N_("other estimates"),
    ALL: N_("all"),
}
"""Groups of figures of the validation, in words."""


def entering_kinds() -> pd.DataFrame:
    """Kinds of estimates that enter the panel: how many figures, with which errors, and why.

    Returns
    -------
    DataFrame
        Columns kind (in words), figures_used, reads (share, floor, ceiling or none_seen), error_sd and
        offset_sd (log-odds), tail_df (degrees of freedom of Student's t), until (last month of use,
        missing for no end) and reason.
    """
    table = country_panel.kinds().query("enters")
    counts = country_panel.observations()["kind"].value_counts()
    table["figures_used"] = counts.reindex(table.index, fill_value=0)
    table["reads"] = table["reads"].map(READS)
    shown = [
        *("title", "figures_used", "reads", "error_sd", "offset_sd", "tail_df"),
        *("until", "reason"),
    ]
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


def eras(panel: pd.DataFrame, paths: pd.DataFrame) -> pd.DataFrame:
    """Who led in each era, with how much, and on what the numbers rest.

    Parameters
    ----------
    panel : DataFrame
        From :func:`hashrate_migration.panel`, all regions and months.
    paths : DataFrame
        From :func:`hashrate_migration.country_panel.paths`.

    Returns
    -------
    DataFrame
        One row per era: era, start, end, leader (code of the country with the highest mean share),
        leader_pct, agreeing_pct (part of the draws in which its mean is the highest), second,
        second_pct, china_pct (medians of the draws' means over the months) and measured_pct (part of
        the rows of China, the leader and the second that is measured).
    """
    rows = []
    months = paths.index.get_level_values("month")
    for start, end, name in borders(panel["month"].max()):
        within = panel[panel["month"].between(start, end)]
        chosen = paths[months.to_series().between(start, end).to_numpy()].drop(columns=REST)
        drawn = chosen.groupby(level="draw").mean()
        means = drawn.median()
        first, second = means.nlargest(2).index
        shown = within[within["region"].isin({first, second, "CHN"})]
        rows.append(
            {
                "era": name,
                "start": start,
                "end": end,
                "leader": first,
                "leader_pct": means[first],
                "agreeing_pct": 100 * (drawn.idxmax(axis=1) == first).mean(),
                "second": second,
                "second_pct": means[second],
                "china_pct": means["CHN"],
                "measured_pct": 100 * (shown["basis"] == MEASURED).mean(),
            }
        )
    return pd.DataFrame(rows)


def stack(panel: pd.DataFrame, paths: pd.DataFrame) -> pd.DataFrame:
    """Shares of the largest countries and of all others, to be set on top of one another.

    Returns
    -------
    DataFrame
        Month x region, percent: means of the draws, which add to 100 as medians would not; the last
        column, ``OTH``, holds all that have none of their own.
    """
    wide = paths.groupby(level="month").mean()
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


def newcomers_title(paths: pd.DataFrame, codes: Sequence[str]) -> str:
    """The part of the network that some countries hold together, and held at the end of the map.

    Parameters
    ----------
    paths : DataFrame
        From :func:`hashrate_migration.country_panel.paths`.
    codes : sequence of str
        Countries.
    """
    # Added up in each draw: medians of countries do not add up to that of their sum.
    together = paths[[*codes]].sum(axis=1).groupby(level="month").median()
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


def leaders(paths: pd.DataFrame, months: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """Who led in each of several months, and in how many draws.

    Parameters
    ----------
    paths : DataFrame
        From :func:`hashrate_migration.country_panel.paths`.
    months : sequence of Timestamp
        Months.

    Returns
    -------
    DataFrame
        Indexed by month: leader (the country that leads in most draws) and agreeing_pct (percent of
        the draws).
    """
    rows = {}
    for month in months:
        first = paths.xs(month, level="month").drop(columns=REST).idxmax(axis=1)
        parts = first.value_counts(normalize=True)
        rows[month] = {"leader": parts.index[0], "agreeing_pct": 100 * parts.iloc[0]}
    return pd.DataFrame.from_dict(rows, orient="index")


def snapshots_title(paths: pd.DataFrame, months: Sequence[pd.Timestamp]) -> str:
    """Who led at the first and at the last of several dates, and how sure that is."""
    led = leaders(paths, months)
    first, last = led.iloc[0], led.iloc[-1]
    when = {
        "first": led.index[0],
        "last": led.index[-1],
        "then": first["agreeing_pct"],
        "now": last["agreeing_pct"],
    }
    if first["leader"] == last["leader"]:
        return _(
            "{who:begin} leads in {last:month} (in {now:percent} of the draws) as in {first:month} "
            "({then:percent})",
            who=last["leader"],
            **when,
        )
    return _(
        "{who:begin} led in {first:month} (in {then:percent} of the draws), {other:place} in "
        "{last:month} ({now:percent})",
        who=first["leader"],
        other=last["leader"],
        **when,
    )


def by_month_name(shares: pd.DataFrame) -> dict[str, pd.Series]:
    """Rows of a table of months under the months' names."""
    return {values.month(month): row for month, row in shares.iterrows()}


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    """A table by way and group with both in words."""
    named = table.assign(by=table["by"].map(LEFT_OUT), group=table["group"].map(GROUPS))
    return named.rename(columns={"by": "left_out", "figures": "estimates"})


def way(by: str) -> str:
    """A way of the validation in words."""
    return translated(LEFT_OUT[by])


def bands_held(left_out: pd.DataFrame) -> pd.DataFrame:
    """How often the bands held figures that had been left out.

    Parameters
    ----------
    left_out : DataFrame
        From :func:`hashrate_migration.country_panel.validation.table`.

    Returns
    -------
    DataFrame
        Columns left_out and group (in words), estimates, inside50_pct, inside90_pct, above_pct,
        width_points and, of the yardsticks, lines_inside90_pct and walk_inside90_pct
        (:func:`hashrate_migration.country_panel.checks.summary`).
    """
    shown = [
        *("left_out", "group", "estimates", "inside50_pct", "inside90_pct", "above_pct"),
        *("width_points", "lines_inside90_pct", "walk_inside90_pct"),
    ]
    return _in_words(checks.summary(left_out))[shown]


def scores(left_out: pd.DataFrame) -> pd.DataFrame:
    """Mean scores of the panel, of straight lines and of a random walk per country.

    Returns
    -------
    DataFrame
        Columns left_out and group (in words), compared (figures that all of them predict), alone
        (figures that only the panel predicts), log_score, lines_log_score, walk_log_score, crps,
        lines_crps and walk_crps.
    """
    table = _in_words(checks.summary(left_out))
    shown = [
        *("left_out", "group", "compared", "alone"),
        *("log_score", "lines_log_score", "walk_log_score"),
        *("crps", "lines_crps", "walk_crps"),
    ]
    return table.assign(compared=table["estimates"] - table["alone"])[shown]


def targets(left_out: pd.DataFrame) -> pd.DataFrame:
    """What the panel has to reach, and whether it does.

    Returns
    -------
    DataFrame
        Columns target, left_out and group (in words), reached_value, least, most and reached.
    """
    table = _in_words(checks.targets(checks.summary(left_out)))
    return table.rename(columns={"value": "reached_value"})


def by_family(left_out: pd.DataFrame) -> pd.DataFrame:
    """How well the figures of each family of publishers were found without it.

    Returns
    -------
    DataFrame
        The most figures first: family, estimates, inside and above (how many within the band of 90
        percent, and above the median), log_score and lines_log_score (means over the figures to which
        a straight line can be drawn, missing if there are none).
    """
    rows = left_out[left_out["by"] == "family"]
    own = rows["log_score"].where(rows["lines_log_score"].notna())
    table = (
        rows.assign(log_score=own)
        .groupby("family")
        .agg(
            estimates=("inside90", "size"),
            inside=("inside90", "sum"),
            above=("above", "sum"),
            log_score=("log_score", "mean"),
            lines_log_score=("lines_log_score", "mean"),
        )
    )
    whole = {"inside": int, "above": int}
    ordered = table.astype(whole).sort_values("estimates", ascending=False, kind="stable")
    return ordered.reset_index()


def ranks(left_out: pd.DataFrame, by: str) -> pd.Series:
    """How many figures lie in each part of what was predicted for them, from its low end up.

    Parameters
    ----------
    left_out : DataFrame
        From :func:`hashrate_migration.country_panel.validation.table`.
    by : str
        Way of the validation.

    Returns
    -------
    Series
        Count by lower end of the part (0 to 1). Honest bands give bars of one height; too narrow
        ones a bowl, too wide ones a hill, a slope if all is predicted too low or too high.
    """
    own = left_out.loc[left_out["by"] == by, "rank"]
    counts, edges = np.histogram(own, bins=RANK_BINS, range=(0, 1))
    return pd.Series(counts, index=edges[:-1], name="estimates")


def ranks_title(left_out: pd.DataFrame, by: str) -> str:
    """How many figures lie above the median, and how many outside the band."""
    own = left_out[left_out["by"] == by]
    return _(
        "Of the figures left out {above:percent} lie above the median, {outside:percent} outside the "
        "band of 90 percent",
        above=100 * own["above"].mean(),
        outside=100 * (1 - own["inside90"].mean()),
    )


def widths_title(left_out: pd.DataFrame, by: str) -> str:
    """How far predictions lie from the figures, and how wide their bands are."""
    own = left_out[left_out["by"] == by]
    return _(
        "The prediction's median distance from the figure is {off:number.1} points, the band's median "
        "width {wide:number.1} points",
        off=(own["median_pct"] - own["share_pct"]).abs().median(),
        wide=(own["high90"] - own["low90"]).median(),
    )


def by_group(left_out: pd.DataFrame, by: str) -> dict[str, pd.DataFrame]:
    """Rows of one way of the validation, by group of figures in words; empty groups are left out."""
    own = left_out[left_out["by"] == by]
    parts = {name: own[own["group"] == group] for group, name in GROUPS.items()}
    return {name: rows for name, rows in parts.items() if len(rows)}


def latest_list(left_out: pd.DataFrame) -> pd.DataFrame:
    """The latest list of a vendor beside what was predicted when its quarter was left out.

    Returns
    -------
    DataFrame
        Columns country, month, share_pct (as published), predicted_band (median with band of 90
        percent) and within (whether it holds the figure), the largest share first.
    """
    rows = left_out[left_out["by"].eq("quarter") & left_out["group"].eq("vendor")]
    rows = rows[rows["members"].str.fullmatch("[A-Z]{3}")]
    rows = rows[rows["month"] == rows["month"].max()].sort_values("share_pct", ascending=False)
    bands = rows[["median_pct", "low90", "high90"]].itertuples(index=False)
    table = rows[["members", "month", "share_pct"]].rename(columns={"members": "country"})
    table["predicted_band"] = [banded(band, 1) for band in bands]
    return table.assign(within=rows["inside90"].astype(bool)).reset_index(drop=True)
