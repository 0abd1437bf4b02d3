"""The outlook in tables and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import chronology, country_panel
from hashrate_migration.findings import claims, destinations, outlook
from hashrate_migration.findings.concentration import MEASURES
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import _, translated, values
from hashrate_migration.words.values import banded

CHARTED = ("USA", "CHN", "KAZ", "ARE")
"""Countries with a chart of the scenarios."""

LISTED = ("USA", "CHN", "RUS", "KAZ", "ARE", "ETH")
"""Countries in the table of the scenarios."""

FORETOLD = ("CHN", "USA")
"""Countries with a chart of the forecasts."""

HALF_PCT = 50.0
"""Half of the network."""

NO_MATTER = 0.02
"""Mean scores (CRPS, log-odds) nearer than this are called alike: two percent of a share."""

FORECASTS = ("c42", "c46", "c47")
"""Claims of the article about what was to come."""

_DECIMALS = dict(zip(MEASURES, (3, 1, 0, 2), strict=True))


@dataclass(frozen=True)
class Holders:
    """How many countries together hold half of the network.

    Attributes
    ----------
    month : Timestamp
        When.
    low, high : int
        Ends of the band.
    """

    month: pd.Timestamp
    low: int
    high: int


def holders(row: pd.Series) -> Holders:
    """Read a row of :func:`hashrate_migration.findings.concentration.countries`."""
    return Holders(row.name, int(row["holding_half_low"]), int(row["holding_half_high"]))


def effective_title(spread: pd.DataFrame) -> str:
    """The effective number of countries before the ban, at its peak and now."""
    number = spread["effective_number"]
    peak = number.idxmax()
    if not chronology.CALM < peak < number.index[-1]:
        return _(
            "The effective number of countries was {before:number.1} in {first:month} and "
            "{now:number.1} in {last:month}",
            before=number[chronology.CALM],
            first=chronology.CALM,
            now=number.iloc[-1],
            last=number.index[-1],
        )
    return _(
        "The effective number of countries was {before:number.1} in {first:month}, {then:number.1} at "
        "its peak in {peak:month} and {now:number.1} in {last:month}",
        before=number[chronology.CALM],
        first=chronology.CALM,
        then=number[peak],
        peak=peak,
        now=number.iloc[-1],
        last=number.index[-1],
    )


def effective_caption() -> str:
    """What the number means, and what the panel makes of the map's zeros for China."""
    china = mining_map.shares()["CHN"]
    zeros = [*china.index[china == 0]]
    if not zeros:
        return _(
            "So many equal countries would be as concentrated. Countries that no one names are taken as "
            "too small to count."
        )
    return _(
        "So many equal countries would be as concentrated. Countries that no one names are taken as too "
        "small to count. The map's zeros for China in {zeros:months} are taken for what they are: a "
        "sample in which nobody was seen.",
        zeros=zeros,
    )


def concentration_table(spread: pd.DataFrame) -> pd.DataFrame:
    """Measures of concentration with their bands, at the map's ends, in the month of the call, and now.

    Parameters
    ----------
    spread : DataFrame
        From :func:`hashrate_migration.findings.concentration.countries`.

    Returns
    -------
    DataFrame
        Columns month and, as text, herfindahl_band, effective_number_band, holding_half_band and
        entropy_bits_band.
    """
    mapped = mining_map.shares().index
    rows = spread.loc[[mapped[0], chronology.BEFORE, mapped[-1], spread.index[-1]]]
    table: dict[str, object] = {"month": rows.index}
    for name in MEASURES:
        ends = rows[[name, f"{name}_low", f"{name}_high"]].to_numpy()
        table[f"{name}_band"] = [banded(row, _DECIMALS[name]) for row in ends]
    return pd.DataFrame(table)


@dataclass(frozen=True)
class Half:
    """Whether one country alone held half of the network.

    Attributes
    ----------
    since : Timestamp
        First month looked at.
    country : str
        The country that held most in the most draws.
    ever_pct : float
        Of the draws, those in which it held half or more in some month since then, percent.
    month_pct : float
        The same of a single month, of that in which they are most.
    """

    since: pd.Timestamp
    country: str
    ever_pct: float
    month_pct: float


def half_since_the_ban() -> Half:
    """In how many draws one country held half of the network in some month since China's return."""
    since = chronology.RETURN
    paths = country_panel.paths().drop(columns=REST)
    later = paths[paths.index.get_level_values("month") >= since]
    held = later >= HALF_PCT
    ever = 100 * held.groupby(level="draw").any().mean()
    most = str(ever.idxmax())
    by_month = 100 * held[most].groupby(level="month").mean()
    return Half(since, most, float(ever.max()), float(by_month.max()))


@dataclass(frozen=True)
class Searched:
    """What the score's counts rest on.

    Attributes
    ----------
    countries, each : int
        Destinations, and searches made alike for each of them.
    results, hits : int
        Results that were read for them, and those that bear on events there.
    fewest, fewest_hits
        The destination with the fewest hits, and how many.
    found_pct : float
        See :func:`hashrate_migration.findings.destinations.found_pct`.
    """

    countries: int
    each: int
    results: int
    hits: int
    fewest: str
    fewest_hits: int
    found_pct: float


def searched() -> Searched:
    """The searches behind the counts of the score."""
    own = destinations.searches().loc[destinations.destinations()]
    return Searched(
        countries=len(own),
        each=int(own["searches"].min()),
        results=int(own["results"].sum()),
        hits=int(own["hits"].sum()),
        fewest=str(own["hits"].idxmin()),
        fewest_hits=int(own["hits"].min()),
        found_pct=destinations.found_pct(),
    )


def behind(ranks: pd.DataFrame) -> list[str]:
    """Countries that rank in the lower half in 95 percent of the draws or more.

    Parameters
    ----------
    ranks : DataFrame
        From :func:`hashrate_migration.findings.destinations.sensitivity`.
    """
    return ranks.index[ranks["low"] > len(ranks) / 2].tolist()


def ranks_title(ranks: pd.DataFrame) -> str:
    """Which countries the score sets apart, and that it does not order the others.

    Parameters
    ----------
    ranks : DataFrame
        From :func:`hashrate_migration.findings.destinations.sensitivity`.
    """
    last = behind(ranks)
    told = {"sure": 100 * country_panel.BAND[1], "of": len(ranks), "others": len(ranks) - len(last)}
    if not last:
        return _(
            "No destination ranks behind the middle in {sure:number} percent of the draws: the score "
            "sets none of the {of} apart",
            **told,
        )
    return _(
        "In {sure:number} percent of the draws {last:places} rank behind the middle; the order of the "
        "other {others:count} is open",
        last=last,
        **told,
    )


def link_with_what_lasted(weights: Mapping[str, float], seed: int) -> tuple[float, float]:
    """Ends of the rank correlation between score and part kept, over what is not known of the score.

    Parameters
    ----------
    weights : mapping
        As of :func:`hashrate_migration.findings.destinations.score`.
    seed : int
        Of the draws.
    """
    ranks = destinations.drawn_ranks(seed=seed, unknown=["events"], weights=weights)
    kept = destinations.components()["kept"].rank(ascending=False)
    low, high = ranks.T.corrwith(kept).quantile([*country_panel.BAND])
    return float(low), float(high)


def by_source(weights: Mapping[str, float]) -> tuple[int, int]:
    """How far a rank moves at most when one page had not been read, and how many ranks stay.

    Parameters
    ----------
    weights : mapping
        As of :func:`hashrate_migration.findings.destinations.score`.
    """
    turns = destinations.without_a_source(weights)
    moved = np.maximum(turns["high"] - turns["rank"], turns["rank"] - turns["low"])
    return int(np.ceil(moved.max())), int((moved < 1).sum())


def moments(cases: pd.DataFrame) -> pd.DataFrame:
    """Every scenario at its turns: the countries that it names, now, at the shock, after it, at the end.

    Parameters
    ----------
    cases : DataFrame
        From :func:`hashrate_migration.findings.outlook.scenarios`.

    Returns
    -------
    DataFrame
        Columns scenario, country and, as text, the share with its band in each of the months
        (timestamps); beside each country that a scenario names stands what it does as it goes.
    """
    plain = outlook.Scenario()
    start, end = cases["month"].min(), cases["month"].max()
    turns = [0, plain.shock_month, plain.shock_month + plain.crisis_months]
    months = [start + pd.DateOffset(months=ahead) for ahead in turns]
    shown = [*dict.fromkeys(month for month in [*months, end] if month <= end)]
    table = cases.set_index(["scenario", "region", "month"])[["median", "low", "high"]]
    rows = []
    for scenario, codes in outlook.CONCERNED.items():
        for code in codes:
            for case in (scenario, outlook.AS_IT_GOES):
                texts = {month: banded(table.loc[(case, code, month)], 1) for month in shown}
                rows.append({"scenario": case, "country": code} | texts)
    return pd.DataFrame(rows).drop_duplicates(ignore_index=True)


def single_paths(months: int, seed: int, count: int = 8) -> pd.DataFrame:
    """Some paths of the scenario without assumptions, evenly spaced among the draws.

    Parameters
    ----------
    months, seed : int
        See :func:`hashrate_migration.findings.outlook.run`.
    count : int
        How many.
    """
    paths = outlook.drawn(outlook.Scenario(), months, seed)
    known = paths.index.unique("draw")
    chosen = known[np.linspace(0, len(known) - 1, count).round().astype(int)]
    return paths[paths.index.get_level_values("draw").isin(chosen)]


def forecast_groups(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Forecasts of the countries of :data:`FORETOLD`, by their names.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.findings.forecasts.table`.
    """
    return {values.name(code): table[table["members"] == code] for code in FORETOLD}


def forecast_title(scores: pd.DataFrame) -> str:
    """What the bands held in the year of the ban and in the others, as the title of a figure.

    Parameters
    ----------
    scores : DataFrame
        From :func:`hashrate_migration.findings.forecast_scores.summary`.
    """
    years = scores.dropna(subset=["ahead"]).set_index("ahead")
    ban = chronology.CALL.year
    others = years.drop(index=ban)
    held = float(np.average(others["inside90_pct"], weights=others["figures"]))
    return _(
        "Bands meant to hold {meant:percent} held {ban:percent} of the figures in {year:plain}, the "
        "year of the ban, and {others:percent} in the other years",
        meant=country_panel.BAND_PCT,
        ban=years.loc[ban, "inside90_pct"],
        year=ban,
        others=held,
    )


def at_end(cases: pd.DataFrame) -> pd.DataFrame:
    """Last month of every scenario, indexed by scenario and region: low, median and high."""
    last = cases[cases["month"] == cases["month"].max()]
    return last.set_index(["scenario", "region"])[["low", "median", "high"]]


def final_table(cases: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Shares in the last month of every scenario, median and band.

    Returns
    -------
    DataFrame
        Columns scenario and, as text, one per country (its code).
    """
    final = at_end(cases)
    names = list(dict.fromkeys(cases["scenario"]))
    columns = ["median", "low", "high"]
    return pd.DataFrame(
        {
            "scenario": names,
            **{c: [banded(final.loc[(n, c), columns], 1) for n in names] for c in codes},
        }
    )


def scenarios_title(cases: pd.DataFrame, second_ban_pct: float) -> str:
    """What a second ban would leave; if the months end before it, how wide the band has become.

    Parameters
    ----------
    cases : DataFrame
        From :func:`hashrate_migration.findings.outlook.scenarios`.
    second_ban_pct : float
        Part of Chinese hashrate that goes.
    """
    final, end = at_end(cases), cases["month"].max()
    if not strikes(cases):
        row = final.loc[(outlook.AS_IT_GOES, CHARTED[0])]
        return _(
            "As it goes, {where:place} would hold {ends:between} percent of the network in {end:month}",
            where=CHARTED[0],
            ends=(row["low"], row["high"]),
            end=end,
        )
    return _(
        "A second ban that takes {part:number} percent would leave {where:place} {left:number} percent "
        "of the network in {end:month}",
        part=second_ban_pct,
        where="CHN",
        left=final.loc[(outlook.SECOND_BAN, "CHN"), "median"],
        end=end,
    )


@dataclass(frozen=True)
class Course:
    """Share of a country where no scenario strikes, percent.

    Attributes
    ----------
    start, end : float
        Medians of the draws in the panel's last month and at the end.
    """

    start: float
    end: float


def as_it_goes(cases: pd.DataFrame, region: str) -> Course:
    """From the panel's last month to the end, as it goes.

    Parameters
    ----------
    cases : DataFrame
        From :func:`hashrate_migration.findings.outlook.scenarios`.
    region : str
        Country.
    """
    own = cases[(cases["scenario"] == outlook.AS_IT_GOES) & (cases["region"] == region)]
    medians = own.sort_values("month")["median"]
    return Course(float(medians.iloc[0]), float(medians.iloc[-1]))


def strikes(cases: pd.DataFrame) -> bool:
    """Whether the months reach the shocks."""
    return cases["month"].nunique() - 1 >= outlook.Scenario().shock_month


def is_over(cases: pd.DataFrame) -> bool:
    """Whether the power crisis ends within the months."""
    plain = outlook.Scenario()
    return cases["month"].nunique() - 1 >= plain.shock_month + plain.crisis_months


def inside(cases: pd.DataFrame) -> list[str]:
    """Scenarios that end, for all countries they change, within the band of none."""
    final = at_end(cases)
    band = final.loc[outlook.AS_IT_GOES]
    within = {
        name: final.loc[name]
        .loc[[*codes], "median"]
        .between(band["low"][[*codes]], band["high"][[*codes]])
        for name, codes in outlook.CONCERNED.items()
    }
    return [name for name, held in within.items() if held.all()]


def named(scenarios: Sequence[str]) -> list[str]:
    """Names of scenarios in the language in use, in quotation marks."""
    return [_("“{name}”", name=translated(name)) for name in scenarios]


def forecasts() -> pd.DataFrame:
    """The article's forecasts: claim, verdict and tables_say, or the reason of a reader's judgement."""
    rows = load("claims")
    verdicts = claims.check(rows[rows["claim_id"].isin(FORECASTS)])
    said = verdicts["tables_say"].replace("", None).fillna(verdicts["reason"])
    return verdicts.assign(tables_say=said)[["claim", "verdict", "tables_say"]]
