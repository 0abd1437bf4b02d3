"""What a country profile says: its passage through the ban, in tables and sentences."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from hashrate_migration import charts
from hashrate_migration.chapters import overview as summary
from hashrate_migration.hashrate.mining_map import ranks, shares, stocks
from hashrate_migration.reports.parameters import Window
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load

_MAP = "Cambridge Centre for Alternative Finance, mining map"
_MONTH_CHINA_RETURNS = pd.Timestamp("2021-09-01")


def passage(country: str) -> pd.DataFrame:
    """A country at four dates: before, cleared, China's return, end of the map.

    Parameters
    ----------
    country : str
        Code of the mining map.

    Returns
    -------
    DataFrame
        Indexed by month: share_pct, hashrate_ehs, rank (missing for ``OTH`` and where there is
        no hashrate) and gain_ehs since the first of the dates.
    """
    share, stock = shares()[country], stocks()
    months = [
        summary.LAST_MONTH_BEFORE,
        summary.FIRST_MONTH_CLEARED,
        _MONTH_CHINA_RETURNS,
        share.index[-1],
    ]
    table = pd.DataFrame(
        {
            "share_pct": share,
            "hashrate_ehs": stock[country],
            "rank": ranks(stock)[country],
            "gain_ehs": stock[country] - stock.loc[months[0], country],
        }
    )
    return table.loc[months]


def headline(country: str) -> str:
    """The finding of a profile in one sentence."""
    share = shares()[country]
    name, peak, last = regions.in_text(country, first=True), share.idxmax(), share.index[-1]
    start = f"{name} peaked at {share[peak]:.1f} percent of the network in {peak:%B %Y}"
    if peak == last:
        return f"{name} ends the map at its highest share, {share[last]:.1f} percent of the network"
    return f"{start} and ends the map at {share[last]:.1f}"


def _rank_words(rank: float) -> str:
    return "no rank" if pd.isna(rank) else f"rank {rank:.0f}"


def rank_headline(country: str) -> str:
    """Where a country ranked before the clearance and at the end of the map."""
    table = passage(country)["rank"]
    before, after = _rank_words(table.iloc[0]), _rank_words(table.iloc[-1])
    name = regions.in_text(country, first=True)
    if before == after:
        return f"{name} held {after} both before the clearance and at the end of the map"
    return f"{name} went from {before} before the clearance to {after} at the end of the map"


def gain_headline(country: str) -> str:
    """How much hashrate a country gained or lost through the ban, and how that compares."""
    gains = summary.through_the_ban()["gain_ehs"].drop(index=regions.REST)
    own, place = gains[country], int(gains.rank(ascending=False)[country])
    name, verb = regions.in_text(country, first=True), "gained" if own >= 0 else "lost"
    return (
        f"{name} {verb} {abs(own):.1f} EH/s through the ban, number {place} of {len(gains)} "
        "countries by change"
    )


def summary_sentences(country: str) -> str:
    """The opening paragraph of a profile (Markdown)."""
    share, stock, table = shares()[country], stocks()[country], passage(country)
    first, last = share.index[0], share.index[-1]
    before, cleared = table.index[:2]
    gain = table["gain_ehs"].iloc[-1]
    name = regions.in_text(country, first=True)
    return (
        f"**{name}** held {share[first]:.2f} percent of the network in {first:%B %Y} "
        f"({stock[first]:.1f} EH/s) and {share[last]:.2f} percent in {last:%B %Y} "
        f"({stock[last]:.1f} EH/s). Its highest share was {share.max():.2f} percent, in "
        f"{share.idxmax():%B %Y}; its largest hashrate {stock.max():.1f} EH/s, in "
        f"{stock.idxmax():%B %Y}. Through the clearance of China's mines its share went from "
        f"{share[before]:.2f} percent in {before:%B} to {share[cleared]:.2f} in {cleared:%B} 2021, "
        f"and by the end of the map it had {'gained' if gain >= 0 else 'lost'} {abs(gain):.1f} EH/s on "
        f"{before:%B} 2021 ({_rank_words(table['rank'].iloc[0])} then, "
        f"{_rank_words(table['rank'].iloc[-1])} at the end)."
    )


def caveat(country: str) -> str:
    """What a reader should keep in mind about this country (Markdown)."""
    if country == "CHN":
        text = (
            "The zero of July and August 2021 is in part an artefact of proxies and of changes in "
            "the sample. Cambridge published no provinces after July 2021."
        )
    elif country in regions.proxies():
        text = (
            "Cambridge marks this country as one with little real mining: most of what the map "
            "shows here are addresses of proxies and private networks, behind which miners of other "
            "countries, China among them, reach their pools. Its share says more about hiding than "
            "about mining."
        )
    else:
        text = (
            "A share in the mining map is a share of the sample of three to four pools. Where "
            "miners prefer other pools, or reach these through proxies, the map sees too little or "
            "too much; part of what it shows here in the summer of 2021 may have stood in China."
        )
    return f"**Keep in mind.** {text}"


def subdivisions(country: str) -> pd.DataFrame | None:
    """Hashrate of a country by province or state.

    Parameters
    ----------
    country : str
        Code of the mining map.

    Returns
    -------
    DataFrame or None
        Indexed by month and name: share_pct (of the country's hashrate) and hashrate_ehs. None
        where no source has subdivisions. Months in which a country has no measured hashrate are
        left out.
    """
    tables = {
        "CHN": ("china_provinces", "share_of_china_pct"),
        "USA": ("us_states", "share_of_us_pct"),
    }
    if country not in tables:
        return None
    table, column = tables[country]
    rows = load(table).rename(columns={column: "share_pct"})
    national = stocks()[country].rename("national_ehs")
    rows = rows.merge(national, left_on="month", right_index=True)
    rows["hashrate_ehs"] = rows["share_pct"] / 100 * rows["national_ehs"]
    rows = rows[rows["national_ehs"] > 0]
    rows["name"] = rows["region"].map(regions.name)
    return rows.set_index(["month", "name"])[["region", "share_pct", "hashrate_ehs"]]


def subdivisions_table(country: str) -> pd.DataFrame | None:
    """The same, laid out to be read: months as rows, or one row per state.

    Returns
    -------
    DataFrame or None
        For China, month and EH/s by province, the largest first; for the United States, state,
        share_pct and hashrate_ehs.
    """
    rows = subdivisions(country)
    if rows is None:
        return None
    if len(set(rows.index.get_level_values("month"))) == 1:
        return rows.reset_index()[["name", "share_pct", "hashrate_ehs"]]
    wide = rows["hashrate_ehs"].unstack()
    return wide[wide.mean().sort_values(ascending=False).index].reset_index()


def subdivisions_caption(country: str) -> str:
    """What the figure and table of subdivisions hold."""
    if country == "CHN":
        return (
            "Hashrate by province (EH/s): share of the Chinese hashrate times the hashrate located "
            "in China. The last month with Chinese hashrate on the map is June 2021."
        )
    return (
        "Hashrate by state in December 2021: share of the US hashrate (percent), and that times the "
        "hashrate located in the United States (EH/s). No other month was published."
    )


# Light to dark of one hue would hide neighbours; these keep apart in grey and for
# colour-blind readers, and the large provinces take the strongest.
PROVINCE_COLOURS = {
    "CN-XJ": "#8C510A",
    "CN-SC": "#35978F",
    "CN-NM": "#BF812D",
    "CN-YN": "#80CDC1",
    "CN-GS": "#DFC27D",
    "CN-QH": "#B8E0DA",
    "CN-SX": "#F0E2BD",
    "CN-BJ": "#8A8A8A",
    "CN-OTH": "#C4C4C4",
}


def subdivisions_figure(country: str, window: Window, language: str) -> Figure | None:
    """Provinces over time for China, states in December 2021 for the United States.

    Parameters
    ----------
    country : str
        Code of the mining map.
    window : Window
        Months to show, where there are several.
    language : str
        Of the names.

    Returns
    -------
    Figure or None
        None where no source has subdivisions in the window.
    """
    rows = subdivisions(country)
    if rows is None:
        return None
    if country == "USA":
        states = rows.reset_index().set_index("region")["hashrate_ehs"]
        month = rows.index.get_level_values("month")[0]
        top = states.drop("US-OTH").idxmax()
        share = rows.set_index("region")["share_pct"]
        figure = charts.new_figure(
            f"{regions.name(top)} held {share[top]:.0f} percent of US hashrate in {month:%B %Y}",
            f"Hashrate by state in {month:%B %Y}, EH/s",
            f"{_MAP} with Foundry (2022); Bitcoin block chain",
            height=4.3,
        )
        charts.signed_bars(figure.subplots(), states, "EH/s", language)
        return figure
    table = rows.reset_index().pivot(index="month", columns="region", values="hashrate_ehs")
    table = table.loc[window.start : window.end, list(PROVINCE_COLOURS)]
    if len(table) < 2:
        return None
    wet = table[table.index.month.isin(range(6, 11))]
    dry = table[table.index.month.isin([12, 1, 2, 3])]
    parts = table.div(table.sum(axis=1), axis=0) * 100
    title = "Chinese hashrate by province"
    if len(wet) and len(dry):
        title = (
            f"Mining moved with the rain: Sichuan's part of China was "
            f"{parts.loc[wet.index, 'CN-SC'].mean():.0f} percent from June to October and "
            f"{parts.loc[dry.index, 'CN-SC'].mean():.0f} from December to March"
        )
    figure = charts.new_figure(
        title,
        "Hashrate by province, EH/s, monthly mean",
        f"{_MAP}, provinces (2022); Bitcoin block chain",
        height=4.8,
    )
    charts.stacked(figure.subplots(), table, "EH/s", language, colours=PROVINCE_COLOURS)
    return figure
