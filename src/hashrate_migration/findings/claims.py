"""Claims held against the tables.

A claim is one or more rows of a table in the form of ``claims``: what the tables are asked (metric,
subject, match, months) and how their answer is to compare (comparison, value, tolerance). No
verdict is typed in where a check can compute it. :func:`metrics` lists what can be asked; a new
question is one more :class:`Metric` in the list of this module.

An answer may be a number or an interval (shares of the panel; electricity, by the bounds of power).
A comparison holds or fails if it does so over the whole interval, and is open otherwise, as
when the tables have nothing. A claim is supported if all its parts hold, contradicted if none holds
and none is open, partly right if some hold, and cannot be decided otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import pandas as pd

from hashrate_migration import country_panel, energy
from hashrate_migration.energy import demand
from hashrate_migration.energy.demand import hours
from hashrate_migration.errors import InputError
from hashrate_migration.findings import concentration
from hashrate_migration.hashrate import mining_map
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables import regions, text
from hashrate_migration.tables.read import load, read_as
from hashrate_migration.words import N_, _, translated, values

SUPPORTED, PARTLY, CONTRADICTED, UNDECIDED = (
    N_("supported"),
    N_("partly"),
    N_("contradicted"),
    N_("cannot be decided"),
)
VERDICTS = (SUPPORTED, PARTLY, CONTRADICTED, UNDECIDED)

BY_TABLES, JUDGED = N_("tables"), N_("judged")
"""How a verdict came about; ``judged`` stands in the place of a metric too."""

HOLDS, SOME, FAILS, OPEN = "holds", "some", "fails", "open"
"""What came of a part of a claim; ``some``: a statement on every month that some months meet."""

_JUDGEMENTS = {SUPPORTED: HOLDS, PARTLY: SOME, CONTRADICTED: FAILS, UNDECIDED: OPEN}
"""A reader's verdict as the outcome of a part."""

_FINEST = 4
"""Decimals of what the tables say where fewer would hide on which side of a claim it lies."""

_CLAIMED_DIGITS = 10
"""Significant digits of what a claim says: as it is written."""


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
        Where the rows of a table have units of their own; default: the unit of the metric.
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
    return _number(float(share.mean()), each=tuple(share))


def _map_change(row: pd.Series) -> Answer | None:
    share = mining_map.shares()[row["subject"]]
    if not {row["start_month"], row["end_month"]} <= set(share.index):
        return None
    return _number(float(share[row["end_month"]] - share[row["start_month"]]))


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
    return Answer(float(low), float(middle.mean()), float(high), tuple(middle))


def _panel_rank(row: pd.Series) -> Answer | None:
    table = _panel(row)
    if table.empty:
        return None
    last = table[(table["month"] == table["month"].max()) & (table["region"] != regions.REST)]
    ranks = last.set_index("region")["share_pct"].rank(ascending=False)
    return _number(float(ranks[row["subject"]]))


def _state_share(row: pd.Series) -> Answer | None:
    table = load("us_states")
    own = table[(table["region"] == row["subject"]) & (table["month"] == row["start_month"])]
    return None if own.empty else _number(float(own["share_of_us_pct"].iloc[0]))


def _province_fuel(row: pd.Series) -> Answer | None:
    table = load("china_generation")
    own = table[(table["region"] == row["subject"]) & (table["year"] == row["start_month"].year)]
    total = own["generation_twh"].sum()
    if not total:
        return None
    part = own.loc[own["fuel"] == row["match"], "generation_twh"].sum() / total
    return _number(100 * float(part))


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
    return Answer(low, value, high)


def _energy_over_generation(row: pd.Series) -> Answer | None:
    mining = _energy(row)
    table = load("china_generation")
    own = table[(table["region"] == row["match"]) & (table["year"] == row["start_month"].year)]
    total = float(own["generation_twh"].sum())
    if mining is None or not total:
        return None
    return Answer(mining.low / total, mining.value / total, mining.high / total)


def _network_ratio(row: pd.Series) -> Answer | None:
    rate = network_hashrate(freq="YS")
    first, last = (pd.Timestamp(row[name].year, 1, 1) for name in ("start_month", "end_month"))
    if not {first, last} <= set(rate.index):
        return None
    return _number(float(rate[last] / rate[first]))


def _price_ratio(row: pd.Series) -> Answer | None:
    price = load("network_daily").set_index("date")["price_usd"].resample("MS").mean()
    if not {row["start_month"], row["end_month"]} <= set(price.dropna().index):
        return None
    return _number(float(price[row["end_month"]] / price[row["start_month"]]))


def _effective_ratio(row: pd.Series) -> Answer | None:
    share = mining_map.shares()
    if not {row["start_month"], row["end_month"]} <= set(share.index):
        return None
    parts = share.div(share.sum(axis=1), axis=0)
    number = concentration.measures(parts, regions.REST)["effective_number"]
    return _number(float(number[row["end_month"]] / number[row["start_month"]]))


def _events(row: pd.Series) -> Answer | None:
    table = load("policy_events")
    end = row["end_month"] + pd.offsets.MonthEnd(0)
    own = table[
        (table["region"] == row["subject"]) & table["date"].between(row["start_month"], end)
    ]
    told = own[["title_en", "actor", "place"]].fillna("").agg(" ".join, axis=1)
    found = told.str.contains(str(row["match"]), case=False, regex=False).sum()
    return _number(float(found))


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
    if found is None:
        return None
    unit = str(found["unit"])
    return _number(float(found["value"]), "percent" if unit == "%" else unit)


def _maker_change(row: pd.Series) -> Answer | None:
    year = pd.DateOffset(years=1)
    now = _maker(row["subject"], row["match"], row["start_month"], row["end_month"])
    before = _maker(
        row["subject"], row["match"], row["start_month"] - year, row["end_month"] - year
    )
    if now is None or before is None or now["unit"] != before["unit"]:
        return None
    return _number(100 * (float(now["value"]) / float(before["value"]) - 1))


def _panel_regions() -> list[str]:
    return [*country_panel.fit().codes]


def _panel_countries() -> list[str]:
    return [code for code in _panel_regions() if code != regions.REST]


def _of(table: str, column: str) -> list[str]:
    return load(table)[column].unique().tolist()


@dataclass(frozen=True)
class Metric:
    """A question that a claim can put to the tables.

    Attributes
    ----------
    name : str
        As in the column ``metric`` of a table of claims.
    words : str
        What it asks, in English; translated where it is shown.
    ask : callable
        From a row of claims to the answer; None if the tables have nothing.
    unit : str
        Of the claimed value and of the answer.
    subject : str
        What the subject is; empty if the metric takes none.
    subjects : callable, optional
        The subjects there are.
    needs_subject : bool
        Whether the subject may not be left out, if the metric takes one.
    match : str
        What the match is; empty if the metric takes none. A metric that takes one needs it.
    matches : callable, optional
        The matches there are; None if any text will do.
    """

    name: str
    words: str
    ask: Callable[[pd.Series], Answer | None]
    unit: str = ""
    subject: str = ""
    subjects: Callable[[], list[str]] | None = None
    needs_subject: bool = True
    match: str = ""
    matches: Callable[[], list[str]] | None = None


_MAP_REGION = N_("region of the mining map")
_PANEL_REGION = N_("region of the country panel")
_PROVINCE = N_("Chinese province")
_MAKER = N_("maker, or makers joined by +")
_FIGURE = N_("figure of the maker")

METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            "map_share_pct",
            N_("share on the mining map"),
            _map_share,
            unit=N_("percent"),
            subject=_MAP_REGION,
            subjects=regions.mapped_regions,
        ),
        Metric(
            "map_change_points",
            N_("change on the mining map"),
            _map_change,
            unit=N_("points"),
            subject=_MAP_REGION,
            subjects=regions.mapped_regions,
        ),
        Metric(
            "panel_share_pct",
            N_("share in the country panel"),
            _panel_share,
            unit=N_("percent"),
            subject=_PANEL_REGION,
            subjects=_panel_regions,
        ),
        Metric(
            "panel_rank",
            N_("rank in the country panel"),
            _panel_rank,
            subject=N_("country of the country panel"),
            subjects=_panel_countries,
        ),
        Metric(
            "state_share_pct",
            N_("part of US hashrate"),
            _state_share,
            unit=N_("percent"),
            subject=N_("US state"),
            subjects=lambda: _of("us_states", "region"),
        ),
        Metric(
            "province_fuel_pct",
            N_("part of generation"),
            _province_fuel,
            unit=N_("percent"),
            subject=_PROVINCE,
            subjects=lambda: _of("china_generation", "region"),
            match=N_("fuel"),
            matches=lambda: _of("china_generation", "fuel"),
        ),
        Metric(
            "energy_twh",
            N_("electricity of mining"),
            _energy,
            unit=N_("TWh"),
            subject=N_("region of the country panel, or none for the network"),
            subjects=_panel_regions,
            needs_subject=False,
        ),
        Metric(
            "energy_over_generation",
            N_("electricity of mining over generation"),
            _energy_over_generation,
            unit=N_("times"),
            subject=_PANEL_REGION,
            subjects=_panel_regions,
            match=_PROVINCE,
            matches=lambda: _of("china_generation", "region"),
        ),
        Metric(
            "network_ratio",
            N_("network hashrate, last over first year"),
            _network_ratio,
            unit=N_("times"),
        ),
        Metric("price_ratio", N_("price, last over first month"), _price_ratio, unit=N_("times")),
        Metric(
            "effective_countries_ratio",
            N_("effective number of countries, last over first month"),
            _effective_ratio,
            unit=N_("times"),
        ),
        Metric(
            "events",
            N_("events on record"),
            _events,
            subject=N_("country"),
            subjects=lambda: regions.table().query("kind == 'country'").index.tolist(),
            match=N_("words that title, actor or place of the event hold"),
        ),
        Metric(
            "maker_value",
            N_("published figure"),
            _maker_value,
            subject=_MAKER,
            subjects=lambda: _of("hardware_makers", "company"),
            match=_FIGURE,
            matches=lambda: _of("hardware_makers", "metric"),
        ),
        Metric(
            "maker_change_pct",
            N_("change on the year before"),
            _maker_change,
            unit=N_("percent"),
            subject=_MAKER,
            subjects=lambda: _of("hardware_makers", "company"),
            match=_FIGURE,
            matches=lambda: _of("hardware_makers", "metric"),
        ),
    )
}
"""Name of a metric to what it asks."""


def metrics() -> pd.DataFrame:
    """What can be asked of the tables.

    Returns
    -------
    DataFrame
        One row per metric: metric, asks (in words), unit, subject and match (what they are, missing
        where the metric takes none).
    """
    table = pd.DataFrame(
        {
            "metric": metric.name,
            "asks": metric.words,
            "unit": metric.unit,
            "subject": metric.subject,
            "match": metric.match,
        }
        for metric in METRICS.values()
    )
    return table.replace("", None)


def _check_choice(
    row: pd.Series, column: str, where: str, known: Callable[[], list[str]] | None
) -> None:
    """Stop if a subject or match is none of those there are."""
    if known is not None and row[column] not in (choices := known()):
        raise InputError(
            f"{where}: {column} {row[column]!r} is unknown to {row['metric']}; choose one of "
            f"{', '.join(choices)}."
        )


def _check_about(row: pd.Series, where: str) -> None:
    """Stop if subject or match is missing, unknown, or not used by the metric."""
    metric = METRICS[row["metric"]]
    for column, meaning, known, needed in (
        ("subject", metric.subject, metric.subjects, metric.needs_subject),
        ("match", metric.match, metric.matches, True),
    ):
        if pd.notna(row[column]):
            if not meaning:
                raise InputError(
                    f"{where}: {metric.name} takes no {column}, and {row[column]!r} would not be used; "
                    "leave it out."
                )
            _check_choice(row, column, where, known)
        elif meaning and needed:
            raise InputError(f"{where}: {metric.name} needs a {column} ({meaning}); add it.")


def _check_row(row: pd.Series, where: str) -> None:
    """Stop if a row cannot be read as a check."""
    if row["metric"] == JUDGED:
        if pd.isna(row["verdict"]) or pd.isna(row["reason"]):
            raise InputError(f"{where}: a judged claim needs a verdict and a reason; add them.")
        return
    if row["metric"] not in METRICS:
        raise InputError(
            f"{where}: metric {row['metric']!r} is unknown; choose one of "
            f"{', '.join([JUDGED, *METRICS])}."
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
    _check_about(row, where)


def _outcome(answer: Answer | None, row: pd.Series) -> str:
    """What came of a part."""
    if answer is None:
        return OPEN
    wanted, kind = float(row["value"]), str(row["comparison"])
    if kind.startswith("always"):
        each = pd.Series(answer.each or (answer.value,))
        met = each >= wanted if kind == "always_at_least" else each <= wanted
        return HOLDS if met.all() else SOME if met.any() else FAILS
    if kind == "equals":
        slack = 0.0 if pd.isna(row["tolerance"]) else float(row["tolerance"])
        if wanted - slack <= answer.low and answer.high <= wanted + slack:
            return HOLDS
        apart = answer.high < wanted - slack or answer.low > wanted + slack
        return FAILS if apart else OPEN
    if kind == "at_least":
        return HOLDS if answer.low >= wanted else FAILS if answer.high < wanted else OPEN
    return HOLDS if answer.high <= wanted else FAILS if answer.low > wanted else OPEN


def _verdict(outcomes: list[str]) -> str:
    if all(outcome == HOLDS for outcome in outcomes):
        return SUPPORTED
    if any(outcome in (HOLDS, SOME) for outcome in outcomes):
        return PARTLY
    if all(outcome == FAILS for outcome in outcomes):
        return CONTRADICTED
    return UNDECIDED


def _figures(value: float, beside: float) -> str:
    """A number as finely as a reader needs, and so that its side of the claim shows."""
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2
    while round(value, decimals) == beside != value and decimals < _FINEST:
        decimals += 1
    return _plain(round(value, decimals))


def _plain(value: float) -> str:
    """A number without zeros behind its last decimal."""
    digits = max(_CLAIMED_DIGITS, len(str(int(abs(value)))))
    decimals = f"{float(f'{value:.{digits}g}'):.10f}".rstrip("0").partition(".")[2]
    return values.number(value, len(decimals))


def _measured(number: str, unit: str) -> str:
    if number == values.number(1):
        if unit == "points":
            return _("{number} point", number=number)
        if unit == "times":
            return _("as much")
    return _("{number} {unit}", number=number, unit=translated(unit)) if unit else number


def period(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Months of a claim in words: "2020", "2013 to 2017", "2021-05" or "2021-05 to 2022-01"."""
    if start.month == 1 and end.month == 12:
        if start.year == end.year:
            return values.year(start)
        return _("{start:year} to {end:year}", start=start, end=end)
    if start == end:
        return values.iso_month(start)
    return _("{start:iso_month} to {end:iso_month}", start=start, end=end)


def _named(code: str) -> str:
    return values.name(code) if code in regions.table().index else translated(code)


def _asked(row: pd.Series) -> str:
    """What a part asks of the tables, in words."""
    when = period(row["start_month"], row["end_month"])
    if row["metric"] == "events":
        return _(
            "events on record in {where:place} that mention “{match}”, {when}",
            where=row["subject"],
            match=str(row["match"]),
            when=when,
        )
    what = translated(METRICS[row["metric"]].words)
    if pd.notna(row["match"]):
        what = _("{what} ({match})", what=what, match=_named(row["match"]))
    if pd.isna(row["subject"]):
        return _("{what}, {when}", what=what, when=when)
    return _("{who}, {what}, {when}", who=_named(row["subject"]), what=what, when=when)


def _answered(row: pd.Series, answer: Answer | None) -> str:
    """The tables' answer, in words."""
    if answer is None:
        return _("nothing in the tables")
    wanted = float(row["value"])
    said = _measured(_figures(answer.value, wanted), answer.unit or METRICS[row["metric"]].unit)
    if answer.high - answer.low > 1e-9:
        said = _(
            "{value}, between {low} and {high}",
            value=said,
            low=_figures(answer.low, wanted),
            high=_figures(answer.high, wanted),
        )
    if str(row["comparison"]).startswith("always") and answer.each:
        said = _(
            "{value}, by month {low} to {high}",
            value=said,
            low=_figures(min(answer.each), wanted),
            high=_figures(max(answer.each), wanted),
        )
    return said


def _claimed(row: pd.Series, unit: str) -> str:
    """What a part claims, in words: a slip in a unit shows here."""
    value = _measured(_plain(float(row["value"])), unit)
    if row["comparison"] == "equals":
        if pd.isna(row["tolerance"]) or row["tolerance"] == 0:
            return value
        slack = _plain(float(row["tolerance"]))
        return _("{value}, give or take {slack}", value=value, slack=slack)
    return {
        "at_least": _("at least {value}", value=value),
        "at_most": _("at most {value}", value=value),
        "always_at_least": _("at least {value} in every month", value=value),
        "always_at_most": _("at most {value} in every month", value=value),
    }[str(row["comparison"])]


def _say(row: pd.Series, answer: Answer | None) -> str:
    """What the tables say on a part, and what was claimed, in words."""
    unit = (answer.unit if answer else "") or METRICS[row["metric"]].unit
    return _(
        "{asked}: {answered} (claimed: {claimed})",
        asked=_asked(row),
        answered=_answered(row, answer),
        claimed=_claimed(row, unit),
    )


def _joined(texts: list[str]) -> str:
    """Several sentences in one cell."""
    return reduce(lambda one, more: _("{one}; {more}", one=one, more=more), texts) if texts else ""


def _read(path: Path) -> pd.DataFrame:
    """A file of claims in its own order, indexed by its lines."""
    if path.is_file() and text.read_csv(path).empty:
        raise InputError(f"{path} holds no claim; add a row for each.")
    rows = read_as("claims", path)
    # Tables come in order of their key; messages name the lines of the file.
    written = text.read_csv(path)
    keys = pd.MultiIndex.from_arrays([written["claim_id"], written["part"].astype(int)])
    lines = pd.Series(written.index + 2, index=keys)
    rows.index = pd.Index(lines[pd.MultiIndex.from_frame(rows[["claim_id", "part"]])])
    return rows.sort_index()


def _rows(table: pd.DataFrame | str | Path | None) -> pd.DataFrame:
    """Rows that can be read as claims."""
    if isinstance(table, str | Path):
        rows, file = _read(Path(table)), str(table)
    else:
        given, file = (load("claims"), "claims.csv") if table is None else (table, "claims")
        if given.empty:
            raise InputError(f"{file} holds no claim; add a row for each.")
        rows = given.reset_index(drop=True)
        rows.index += 2  # a first row stands under the names
    for line, row in rows.iterrows():
        _check_row(row, f"{file}, row {line} ({row['claim_id']})")
    return rows.reset_index(drop=True)


def parts(table: pd.DataFrame | str | Path | None = None) -> pd.DataFrame:
    """What came of each part of each claim.

    Parameters
    ----------
    table : DataFrame or path, optional
        Claims in the form of the table ``claims``; default: that table.

    Returns
    -------
    DataFrame
        The rows of claims with the columns low, answer and high (what the tables say; missing if
        they say nothing), says (that in words) and outcome (``holds``, ``some``, ``fails`` or
        ``open``).

    Raises
    ------
    InputError
        Naming the file and row of a claim that cannot be read.
    """
    rows = _rows(table)
    found: list[dict[str, float | str]] = []
    for _line, row in rows.iterrows():
        if row["metric"] == JUDGED:
            found.append({"says": "", "outcome": _JUDGEMENTS[str(row["verdict"])]})
            continue
        answer = METRICS[row["metric"]].ask(row)
        came_to: dict[str, float | str] = {
            "says": _say(row, answer),
            "outcome": _outcome(answer, row),
        }
        if answer is not None:
            came_to |= {"low": answer.low, "answer": answer.value, "high": answer.high}
        found.append(came_to)
    columns = ["low", "answer", "high", "says", "outcome"]
    return rows.join(pd.DataFrame(found, index=rows.index).reindex(columns=columns))


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
        Naming the file and row of a claim that cannot be read, or the file if it holds none.
    """
    results = []
    for claim, own in parts(table).groupby("claim_id", sort=False):
        said = own.loc[own["metric"] != JUDGED, "says"].tolist()
        results.append(
            {
                "claim_id": claim,
                "claim": own["claim"].iloc[0],
                "verdict": _verdict(own["outcome"].tolist()),
                "tables_say": _joined(said),
                "how": BY_TABLES if said else JUDGED,
                "reason": _joined(own["reason"].dropna().unique().tolist()),
                "source_id": own["source_id"].iloc[0],
            }
        )
    return pd.DataFrame(results)
