"""What the country panel says, in tables, figures and sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from hashrate_migration import charts, estimates, regions
from hashrate_migration.datasets import load
from hashrate_migration.regions import REST

SOURCE = (
    "country panel of this project, from the mining map of the Cambridge Centre for Alternative "
    "Finance and share_estimates; Bitcoin block chain"
)

ERAS = (
    ("2013-01", "2019-08", "Before the map"),
    ("2019-09", "2021-05", "China-led, on the map"),
    ("2021-06", "2022-01", "Ban and relocation"),
    ("2022-02", None, "After the map"),
)
"""First and last month of each era; the last runs to the end of the panel."""


def with_band(row: pd.Series, decimals: int = 1) -> str:
    """A share with its band, as in ``12.3 percent (8.1 to 17.6)``."""
    return (
        f"{row['share_pct']:.{decimals}f} percent ({row['low']:.{decimals}f} to "
        f"{row['high']:.{decimals}f})"
    )


def at(panel: pd.DataFrame, region: str, month: str | pd.Timestamp) -> pd.Series:
    """The panel's row of a region and month."""
    rows = panel[(panel["region"] == region) & (panel["month"] == pd.Timestamp(month))]
    return rows.iloc[0]


def largest(panel: pd.DataFrame, count: int) -> list[str]:
    """Countries with the highest share at any time since the map began, the largest first."""
    since = panel[(panel["month"] >= ERAS[1][0]) & (panel["region"] != REST)]
    order = since.groupby("region")["share_pct"].max().sort_values(ascending=False)
    return order.index[:count].tolist()


def eras(panel: pd.DataFrame) -> pd.DataFrame:
    """The four eras: who led, with how much, and on what the numbers rest.

    Parameters
    ----------
    panel : DataFrame
        From :func:`hashrate_migration.panel`, all regions.

    Returns
    -------
    DataFrame
        One row per era: era, start, end, leader (country with the highest mean share), leader_pct,
        china_pct, second, second_pct (means over the months) and measured_pct (part of the months
        and of China's, the leader's and the second's rows that are measured).
    """
    last = panel["month"].max()
    rows = []
    for start, end, name in ERAS:
        within = panel[panel["month"].between(start, pd.Timestamp(end) if end else last)]
        if within.empty:
            continue
        means = within[within["region"] != REST].groupby("region")["share_pct"].mean()
        first, second = means.nlargest(2).index
        chosen = within[within["region"].isin({first, second, "CHN"})]
        rows.append(
            {
                "era": name,
                "start": within["month"].min(),
                "end": within["month"].max(),
                "leader": regions.name(first),
                "leader_pct": means[first],
                "second": regions.name(second),
                "second_pct": means[second],
                "china_pct": means["CHN"],
                "measured_pct": 100 * (chosen["basis"] == "measured").mean(),
            }
        )
    return pd.DataFrame(rows)


def year_ends(panel: pd.DataFrame, codes: Sequence[str], first_year: int = 2021) -> pd.DataFrame:
    """Share with band at the end of each year, one row per country, and at the last month.

    Parameters
    ----------
    panel : DataFrame
        From :func:`hashrate_migration.panel`.
    codes : sequence of str
        Countries.
    first_year : int
        First year whose December is shown.

    Returns
    -------
    DataFrame
        Columns country and one per December and the last month, as ``37.4 (26.7-43.2)``.
    """
    months = panel["month"].drop_duplicates()
    shown = months[(months.dt.month == 12) & (months.dt.year >= first_year)].tolist()
    shown += [months.max()] if months.max() not in shown else []
    table: dict[str, list[str]] = {"country": [regions.name(code) for code in codes]}
    for month in shown:
        cells = [at(panel, code, month) for code in codes]
        table[f"{month:%Y-%m}"] = [
            f"{row['share_pct']:.1f} ({row['low']:.1f}–{row['high']:.1f})" for row in cells
        ]
    return pd.DataFrame(table)


def multiples(
    figure: Figure,
    panel: pd.DataFrame,
    codes: Sequence[str],
    unit: str = "percent",
    language: str = "en",
    columns: int = 2,
) -> None:
    """One small chart per country: line, band and every published figure.

    Parameters
    ----------
    figure : Figure
        From :func:`hashrate_migration.charts.new_figure`.
    panel : DataFrame
        From :func:`hashrate_migration.panel`.
    codes : sequence of str
        Countries.
    unit : {"percent", "EH/s"}
        Shares or hashrate.
    language : str
        Of the names.
    columns : int
        Charts beside one another.
    """
    value = "share_pct" if unit == "percent" else "hashrate_ehs"
    names = (value, "low", "high") if unit == "percent" else (value, "low_ehs", "high_ehs")
    drawn = estimates.drawn(panel["month"].min())
    drawn = drawn[drawn["month"] <= panel["month"].max()]
    rows = -(-len(codes) // columns)
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[*[1] * rows, 0.28])
    for place, code in enumerate(codes):
        ax = figure.add_subplot(grid[divmod(place, columns)])
        own = panel[panel["region"] == code]
        marks = drawn[drawn["region"] == code]
        charts.band(ax, own, regions.colour(code), names)
        charts.marks(ax, marks, value, regions.colour(code))
        ax.set_xlim(own["month"].iloc[0], own["month"].iloc[-1] + pd.offsets.MonthEnd())
        top = max(own[names[2]].quantile(0.98), marks[value].max() if len(marks) else 0)
        charts.finish(ax, unit, top * 1.1, regions.name(code, language))
    kinds = drawn.loc[drawn["region"].isin(codes), "kind"].unique().tolist()
    charts.key_of_marks(figure.add_subplot(grid[rows, :]), kinds)


def share_and_stock(figure: Figure, panel: pd.DataFrame, code: str, language: str = "en") -> None:
    """One country's share above its hashrate, with bands and every published figure."""
    drawn = estimates.drawn(panel["month"].min())
    marks = drawn[drawn["region"] == code]
    own = panel[panel["region"] == code]
    upper, lower, key = figure.subplots(3, height_ratios=[1, 1, 0.18])
    for ax, unit, names in (
        (upper, "percent", ("share_pct", "low", "high")),
        (lower, "EH/s", ("hashrate_ehs", "low_ehs", "high_ehs")),
    ):
        charts.band(ax, own, regions.colour(code), names)
        charts.marks(ax, marks, names[0], regions.colour(code))
        ax.set_xlim(own["month"].iloc[0], own["month"].iloc[-1] + pd.offsets.MonthEnd())
        top = max(own[names[2]].quantile(0.98), marks[names[0]].max() if len(marks) else 0)
        charts.finish(ax, unit, top * 1.1)
    charts.key_of_marks(key, marks["kind"].unique().tolist())


def by_year(panel: pd.DataFrame, code: str) -> pd.DataFrame:
    """A country at the end of each year and in the last month.

    Returns
    -------
    DataFrame
        Columns month, share_pct, share band, hashrate_ehs, hashrate band and basis.
    """
    own = panel[panel["region"] == code].set_index("month")
    ends = own[(own.index.month == 12) | (own.index == own.index[-1])].reset_index()
    return pd.DataFrame(
        {
            "month": ends["month"].dt.strftime("%Y-%m"),
            "share_pct": ends["share_pct"],
            "share band": ends.apply(lambda row: f"{row['low']:.2f}–{row['high']:.2f}", axis=1),
            "hashrate_ehs": ends["hashrate_ehs"],
            "hashrate band": ends.apply(
                lambda row: f"{row['low_ehs']:.3g}–{row['high_ehs']:.3g}", axis=1
            ),
            "basis": ends["basis"],
        }
    )


def published(code: str, since: pd.Timestamp | None = None) -> pd.DataFrame:
    """Every figure published for a country.

    Parameters
    ----------
    code : str
        Country.
    since : Timestamp, optional
        First month, the mining map's own months then among them; default: all months, without the
        map.

    Returns
    -------
    DataFrame
        Columns month, share_pct, kind (in words), used (by the panel) and publisher.
    """
    rows = estimates.drawn(since or estimates.FIRST_MONTH)
    rows = rows[rows["region"] == code]
    if since is None:
        rows = rows[rows["source_id"] != estimates.MAP_SOURCE]
    names = estimates.kinds()["title"]
    publishers = load("sources").set_index("source_id")["publisher"]
    return pd.DataFrame(
        {
            "month": rows["month"],
            "share_pct": rows["share_pct"],
            "kind": rows["kind"].map(names),
            "used": rows["enters"].map({True: "yes", False: "no"}),
            "publisher": rows["source_id"].map(publishers),
        }
    ).reset_index(drop=True)


def after_the_map(code: str, panel: pd.DataFrame) -> str:
    """What the panel says of a country since the map ended (Markdown).

    Parameters
    ----------
    code : str
        Country of the panel.
    panel : DataFrame
        From :func:`hashrate_migration.panel`.
    """
    own = panel[panel["region"] == code].set_index("month")
    end = load("mining_map")["month"].max()
    since, last = own.loc[own.index > end], own.index[-1]
    name = regions.in_text(code, first=True)
    located = since[since["basis"] == "measured"]
    peak = own["share_pct"].idxmax()
    sentences = [
        f"**{name}** holds {with_band(own.loc[last])} of the network in {last:%B %Y} by the country "
        f"panel, {own.loc[last, 'hashrate_ehs']:.1f} EH/s."
    ]
    if len(located):
        months = "month" if len(located) == 1 else "months"
        sentences.append(
            f"Since the mining map ended, estimates located machines there in {len(located)} {months} "
            f"of {len(since)}, the last in {located.index[-1]:%B %Y}; all other months are drawn "
            "between them or beyond them."
        )
    else:
        sentences.append(
            f"No estimate has located machines there since the mining map ended in {end:%B %Y}: what "
            "follows is carried forward, with a band that grows wider every month."
        )
    if own.loc[peak, "basis"] != "extrapolated":
        sentences.append(f"Its highest share was {with_band(own.loc[peak])}, in {peak:%B %Y}.")
    return " ".join(sentences)


def recent_headline(code: str, panel: pd.DataFrame) -> str:
    """The finding of a country's panel figure, in one sentence."""
    own = panel[panel["region"] == code].set_index("month")
    last = own.iloc[-1]
    start = own.loc[load("mining_map")["month"].max()]
    name = regions.in_text(code, first=True)
    span = (
        f"between {last['low']:.1f} and {last['high']:.1f} percent of the network in "
        f"{own.index[-1]:%Y}"
    )
    if last["low"] > start["high"]:
        return f"{name} has grown since the map ended: {span}"
    if last["high"] < start["low"]:
        return f"{name} has shrunk since the map ended: {span}"
    return f"{name}: {span}, no sure change since the map ended"
