"""The outlook in tables and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hashrate_migration import chronology, country_panel
from hashrate_migration.findings import claims, outlook
from hashrate_migration.findings.concentration import MEASURES
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables.read import load
from hashrate_migration.words import _, translated
from hashrate_migration.words.values import banded

CHARTED = ("USA", "CHN", "KAZ", "ARE")
"""Countries with a chart of the scenarios."""

LISTED = ("USA", "CHN", "RUS", "KAZ", "ARE", "ETH")
"""Countries in the table of the scenarios."""

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


def best_told(count: int = 3) -> list[str]:
    """Countries of which the table of events tells most since the score begins to count."""
    events = load("policy_events")
    return (
        events.loc[events["date"] >= outlook.SINCE, "region"].value_counts().index[:count].tolist()
    )


def ranks_title(ranks: pd.DataFrame) -> str:
    """Which ranks do not depend on the weights.

    Parameters
    ----------
    ranks : DataFrame
        From :func:`hashrate_migration.findings.outlook.sensitivity`.
    """
    first, last = ranks.index[0], ranks.index[-1]
    moving = int((ranks["high"] > ranks["low"]).sum())
    told = {"of": len(ranks), "moving": moving, "sure": 100 * country_panel.BAND[1]}
    if ranks.loc[first, "high"] == 1 and ranks.loc[last, "low"] == len(ranks):
        return _(
            "{first:begin} comes first and {last:place} last under {sure:number} percent of the weights "
            "or more; of {of} ranks {moving:count} move with the weights",
            first=first,
            last=last,
            **told,
        )
    return _(
        "Which country comes first and which last depends on the weights; of {of} ranks "
        "{moving:count} move with them",
        **told,
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
    """The article's forecasts: claim, verdict and tables_say."""
    rows = load("claims")
    verdicts = claims.check(rows[rows["claim_id"].isin(FORECASTS)])
    return verdicts[["claim", "verdict", "tables_say"]]
