"""Claims held against the tables.

A claim is one or more rows of a table in the form of ``claims``: what the tables are asked (metric,
subject, match, months) and how their answer is to compare (comparison, value, tolerance). No
verdict is typed in where a check can compute it. The metrics:

================================ ======================= ================ ========================
metric                           subject                 match            value
================================ ======================= ================ ========================
map_share_pct                    country                 -                share on the mining map
map_change_points                country                 -                last less first month
panel_share_pct                  country                 -                mean share of the panel
panel_rank                       country                 -                rank in the last month
state_share_pct                  US state                -                part of the US hashrate
province_fuel_pct                Chinese province        fuel             part of generation
energy_twh                       country or none         -                electricity of mining
energy_over_generation           country                 Chinese province mining over generation
network_ratio                    none                    -                last over first year
price_ratio                      none                    -                last over first month
effective_countries_ratio        none                    -                last over first month
events                           country                 words            events that hold them
maker_value                      maker                   figure           as published
maker_change_pct                 maker                   figure           on the year before
================================ ======================= ================ ========================

An answer may be a number or an interval (shares of the panel; electricity, by the bounds of power).
A comparison holds or fails if it does so over the whole interval, and is open otherwise, as
when the tables have nothing. A claim is supported if all its parts hold, contradicted if none holds
and none is open, partly right if some hold, and cannot be decided otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hashrate_migration import country_panel, energy
from hashrate_migration.energy import demand
from hashrate_migration.energy.demand import hours
from hashrate_migration.errors import InputError
from hashrate_migration.findings import concentration
from hashrate_migration.hashrate import mining_map
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load, read_as

VERDICTS = ("supported", "partly", "contradicted", "cannot be decided")


@dataclass(frozen=True)
class Answer:
    """What the tables say: an interval, and for statements on every month one value each.

    Attributes
    ----------
    low, value, high : float
        The three are the same for a plain number.
    each : tuple of float
        Values month by month, where there are several.
    unit : str
        For the text.
    """

    low: float
    value: float
    high: float
    each: tuple[float, ...] = ()
    unit: str = ""


def _number(value: float, unit: str = "", each: tuple[float, ...] = ()) -> Answer:
    return Answer(value, value, value, each, unit)


def _map_share(row: pd.Series) -> Answer | None:
    share = mining_map.shares()[row["subject"]].loc[row["start_month"] : row["end_month"]]
    if share.empty:
        return None
    return _number(float(share.mean()), "percent", tuple(share))


def _map_change(row: pd.Series) -> Answer | None:
    share = mining_map.shares()[row["subject"]]
    if not {row["start_month"], row["end_month"]} <= set(share.index):
        return None
    return _number(float(share[row["end_month"]] - share[row["start_month"]]), "points")


def _panel(row: pd.Series) -> pd.DataFrame:
    months = country_panel.months()
    end = min(row["end_month"], months[-1])
    if row["start_month"] > end:
        return pd.DataFrame()
    return country_panel.panel(max(row["start_month"], months[0]), end)


def _panel_share(row: pd.Series) -> Answer | None:
    table = _panel(row)
    if table.empty:
        return None
    own = table[table["region"] == row["subject"]]
    middle = own["share_pct"]
    # The mean over months: paths, not bands of single months, say how sure it is.
    paths = country_panel.paths()[row["subject"]].unstack("month")[list(own["month"])].mean(axis=1)
    low, high = paths.quantile(list(country_panel.BAND))
    return Answer(float(low), float(middle.mean()), float(high), tuple(middle), "percent")


def _panel_rank(row: pd.Series) -> Answer | None:
    table = _panel(row)
    if table.empty:
        return None
    last = table[(table["month"] == table["month"].max()) & (table["region"] != regions.REST)]
    ranks = last.set_index("region")["share_pct"].rank(ascending=False)
    return _number(float(ranks[row["subject"]]), "(rank)")


def _state_share(row: pd.Series) -> Answer | None:
    table = load("us_states")
    own = table[(table["region"] == row["subject"]) & (table["month"] == row["start_month"])]
    return None if own.empty else _number(float(own["share_of_us_pct"].iloc[0]), "percent")


def _province_fuel(row: pd.Series) -> Answer | None:
    table = load("china_generation")
    own = table[(table["region"] == row["subject"]) & (table["year"] == row["start_month"].year)]
    total = own["generation_twh"].sum()
    if not total:
        return None
    part = own.loc[own["fuel"] == row["match"], "generation_twh"].sum() / total
    return _number(100 * float(part), "percent")


def _energy(row: pd.Series) -> Answer | None:
    months = pd.date_range(row["start_month"], row["end_month"], freq="MS")
    if not set(months) <= set(demand.months()):
        return None
    table = energy.power(months[0], months[-1])
    if pd.notna(row["subject"]):
        table = table[table["region"] == row["subject"]]
    if table.empty:
        return None
    length = hours(table["month"]) / 1000
    low, value, high = (
        float((table[name] * length).sum()) for name in ("low_gw", "power_gw", "high_gw")
    )
    return Answer(low, value, high, unit="TWh")


def _energy_over_generation(row: pd.Series) -> Answer | None:
    mining = _energy(row)
    table = load("china_generation")
    own = table[(table["region"] == row["match"]) & (table["year"] == row["start_month"].year)]
    total = float(own["generation_twh"].sum())
    if mining is None or not total:
        return None
    return Answer(mining.low / total, mining.value / total, mining.high / total, unit="times")


def _network_ratio(row: pd.Series) -> Answer | None:
    rate = network_hashrate(freq="YS")
    first, last = (pd.Timestamp(row[name].year, 1, 1) for name in ("start_month", "end_month"))
    if not {first, last} <= set(rate.index):
        return None
    return _number(float(rate[last] / rate[first]), "times")


def _price_ratio(row: pd.Series) -> Answer | None:
    price = load("network_daily").set_index("date")["price_usd"].resample("MS").mean()
    if not {row["start_month"], row["end_month"]} <= set(price.dropna().index):
        return None
    return _number(float(price[row["end_month"]] / price[row["start_month"]]), "times")


def _effective_ratio(row: pd.Series) -> Answer | None:
    share = mining_map.shares()
    if not {row["start_month"], row["end_month"]} <= set(share.index):
        return None
    parts = share.div(share.sum(axis=1), axis=0)
    number = concentration.measures(parts, regions.REST)["effective_number"]
    return _number(float(number[row["end_month"]] / number[row["start_month"]]), "times")


def _events(row: pd.Series) -> Answer | None:
    table = load("policy_events")
    end = row["end_month"] + pd.offsets.MonthEnd(0)
    own = table[
        (table["region"] == row["subject"]) & table["date"].between(row["start_month"], end)
    ]
    text = own[["title_en", "actor", "place"]].fillna("").agg(" ".join, axis=1)
    found = text.str.contains(str(row["match"]), case=False, regex=False).sum()
    return _number(float(found), "events")


def _maker(company: str, figure: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series | None:
    table = load("hardware_makers")
    own = table[
        (table["company"] == company)
        & (table["metric"] == figure)
        & (table["start_month"] == start)
        & (table["end_month"] == end)
        & table["value"].notna()
    ]
    return None if own.empty else own.iloc[0]


def _maker_value(row: pd.Series) -> Answer | None:
    found = _maker(row["subject"], row["match"], row["start_month"], row["end_month"])
    return None if found is None else _number(float(found["value"]), str(found["unit"]))


def _maker_change(row: pd.Series) -> Answer | None:
    year = pd.DateOffset(years=1)
    now = _maker(row["subject"], row["match"], row["start_month"], row["end_month"])
    before = _maker(
        row["subject"], row["match"], row["start_month"] - year, row["end_month"] - year
    )
    if now is None or before is None or now["unit"] != before["unit"]:
        return None
    return _number(100 * (float(now["value"]) / float(before["value"]) - 1), "percent")


METRICS: dict[str, Callable[[pd.Series], Answer | None]] = {
    "map_share_pct": _map_share,
    "map_change_points": _map_change,
    "panel_share_pct": _panel_share,
    "panel_rank": _panel_rank,
    "state_share_pct": _state_share,
    "province_fuel_pct": _province_fuel,
    "energy_twh": _energy,
    "energy_over_generation": _energy_over_generation,
    "network_ratio": _network_ratio,
    "price_ratio": _price_ratio,
    "effective_countries_ratio": _effective_ratio,
    "events": _events,
    "maker_value": _maker_value,
    "maker_change_pct": _maker_change,
}
"""Name of a metric to the function that asks the tables; None if they have nothing."""

_SUBJECTS: dict[str, Callable[[], list[str]]] = {
    "map_share_pct": regions.mapped_regions,
    "map_change_points": regions.mapped_regions,
    "panel_share_pct": lambda: [*country_panel.fit().codes],
    "panel_rank": lambda: country_panel.fit().codes[:-1],
    "state_share_pct": lambda: load("us_states")["region"].tolist(),
    "province_fuel_pct": lambda: load("china_generation")["region"].unique().tolist(),
    "energy_over_generation": regions.mapped_regions,
    "events": lambda: regions.table().query("kind == 'country'").index.tolist(),
    "maker_value": lambda: load("hardware_makers")["company"].unique().tolist(),
    "maker_change_pct": lambda: load("hardware_makers")["company"].unique().tolist(),
}
_NEEDS_MATCH = (
    *("province_fuel_pct", "energy_over_generation", "events", "maker_value", "maker_change_pct"),
)


def _check_rows(table: pd.DataFrame, file: str) -> None:
    """Stop at the first row that cannot be read as a check."""
    subjects = {
        metric: find() for metric, find in _SUBJECTS.items() if metric in set(table["metric"])
    }
    for index, row in table.iterrows():
        where = f"{file}, row {index + 2} ({row['claim_id']})"
        metric = row["metric"]
        if metric == "judged":
            if pd.isna(row["verdict"]) or pd.isna(row["reason"]):
                raise InputError(f"{where}: a judged claim needs a verdict and a reason; add them.")
            continue
        if metric not in METRICS:
            raise InputError(
                f"{where}: metric {metric!r} is unknown; choose one of judged, {', '.join(METRICS)}."
            )
        if pd.notna(row["verdict"]):
            raise InputError(
                f"{where}: a verdict is typed in beside a check that computes it; leave it out."
            )
        for column in ("start_month", "end_month", "comparison", "value"):
            if pd.isna(row[column]):
                raise InputError(f"{where}: {column} is missing; add it.")
        if row["start_month"] > row["end_month"]:
            raise InputError(f"{where}: start_month is after end_month; swap them.")
        if metric in subjects and row["subject"] not in subjects[metric]:
            raise InputError(
                f"{where}: subject {row['subject']!r} is unknown to {metric}; choose one of "
                f"{', '.join(subjects[metric])}."
            )
        if metric in _NEEDS_MATCH and pd.isna(row["match"]):
            raise InputError(f"{where}: {metric} needs a match; see the documentation.")


def _outcome(answer: Answer | None, row: pd.Series) -> str:
    """``holds``, ``fails``, ``open`` or ``some`` (a statement on every month that some months meet)."""
    if answer is None:
        return "open"
    wanted, kind = float(row["value"]), str(row["comparison"])
    if kind.startswith("always"):
        values = pd.Series(answer.each or (answer.value,))
        met = values >= wanted if kind == "always_at_least" else values <= wanted
        return "holds" if met.all() else "some" if met.any() else "fails"
    if kind == "equals":
        slack = 0.0 if pd.isna(row["tolerance"]) else float(row["tolerance"])
        if wanted - slack <= answer.low and answer.high <= wanted + slack:
            return "holds"
        apart = answer.high < wanted - slack or answer.low > wanted + slack
        return "fails" if apart else "open"
    if kind == "at_least":
        return "holds" if answer.low >= wanted else "fails" if answer.high < wanted else "open"
    return "holds" if answer.high <= wanted else "fails" if answer.low > wanted else "open"


def _verdict(outcomes: list[str]) -> str:
    if all(outcome == "holds" for outcome in outcomes):
        return "supported"
    if any(outcome in ("holds", "some") for outcome in outcomes):
        return "partly"
    if all(outcome == "fails" for outcome in outcomes):
        return "contradicted"
    return "cannot be decided"


_WORDS = {
    "map_share_pct": "share on the mining map",
    "map_change_points": "change on the mining map",
    "panel_share_pct": "share in the country panel",
    "panel_rank": "rank in the country panel",
    "state_share_pct": "part of US hashrate",
    "province_fuel_pct": "part of generation",
    "energy_twh": "electricity of mining",
    "energy_over_generation": "electricity of mining over generation",
    "network_ratio": "network hashrate, last over first year",
    "price_ratio": "price, last over first month",
    "effective_countries_ratio": "effective number of countries, last over first month",
    "events": "events found",
    "maker_value": "published figure",
    "maker_change_pct": "change on the year before",
}


def _named(code: str) -> str:
    return regions.name(code) if code in regions.table().index else code


def _say(row: pd.Series, answer: Answer | None) -> str:
    """What the tables say on a part, in words."""
    start, end = f"{row['start_month']:%Y-%m}", f"{row['end_month']:%Y-%m}"
    when = start if start == end else f"{start} to {end}"
    who = "" if pd.isna(row["subject"]) else f"{_named(row['subject'])}, "
    what = "" if pd.isna(row["match"]) else f" ({_named(row['match'])})"
    head = f"{who}{_WORDS[row['metric']]}{what}, {when}"
    if answer is None:
        return f"{head}: nothing in the tables"
    if answer.unit == "events":
        return f"{head}: {answer.value:.0f}"
    text = f"{head}: {answer.value:.4g} {answer.unit}".rstrip()
    if answer.high - answer.low > 1e-9:
        text += f" ({answer.low:.3g} to {answer.high:.3g})"
    if str(row["comparison"]).startswith("always") and answer.each:
        text += f", by month {min(answer.each):.3g} to {max(answer.each):.3g}"
    return text


def check(table: pd.DataFrame | str | Path | None = None) -> pd.DataFrame:
    """Verdicts on claims.

    Parameters
    ----------
    table : DataFrame or path, optional
        Claims in the form of the table ``claims``; default: that table.

    Returns
    -------
    DataFrame
        One row per claim: claim_id, claim, verdict, tables_say (what each part came to), how
        (``tables`` or ``judged``), reason and source_id.

    Raises
    ------
    InputError
        Naming the file and row of a claim that cannot be read.
    """
    if table is None:
        rows, file = load("claims"), "claims.csv"
    elif isinstance(table, str | Path):
        rows, file = read_as("claims", Path(table)), str(table)
    else:
        rows, file = table.reset_index(drop=True), "claims"
    _check_rows(rows, file)
    results = []
    for claim, parts in rows.groupby("claim_id", sort=False):
        outcomes, said = [], []
        for _, row in parts.iterrows():
            if row["metric"] == "judged":
                judged = str(row["verdict"])
                outcomes.append(
                    {"supported": "holds", "partly": "some", "contradicted": "fails"}.get(
                        judged, "open"
                    )
                )
                continue
            answer = METRICS[row["metric"]](row)
            outcomes.append(_outcome(answer, row))
            said.append(_say(row, answer))
        reasons = parts["reason"].dropna().unique()
        results.append(
            {
                "claim_id": claim,
                "claim": parts["claim"].iloc[0],
                "verdict": _verdict(outcomes),
                "tables_say": "; ".join(said),
                "how": "tables" if said else "judged",
                "reason": "; ".join(reasons),
                "source_id": parts["source_id"].iloc[0],
            }
        )
    return pd.DataFrame(results)
