"""Claims held against the tables.

A claim is one or more rows of a table in the form of ``claims``: what the tables are asked (metric,
subject, match, months) and how their answer is to compare (comparison, value, tolerance). No
verdict is typed in where a check can compute it. :func:`metrics` lists what can be asked; a new
question is one more :class:`Metric` in the list of this module.

An answer may be a number or an interval (shares of the panel; electricity, by the bounds of power;
events, of which there may be more than the table has). A comparison holds or fails if it does so over
the whole interval, and is open otherwise, as when the tables have nothing: they must cover the whole
period that a part asks about. A claim is supported if all its parts hold, contradicted if none holds
and none is open, partly right if some hold, and cannot be decided otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from math import inf, isinf
from pathlib import Path

import pandas as pd

from hashrate_migration import arguments, country_panel, energy
from hashrate_migration.energy import demand
from hashrate_migration.energy.demand import hours
from hashrate_migration.errors import InputError
from hashrate_migration.findings import concentration
from hashrate_migration.findings.events import last_days
from hashrate_migration.hashrate import mining_map
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables import regions, text
from hashrate_migration.tables.read import load, read_as, resource, validated
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

_LAST_DIGIT = 1e-9
"""Relative; 18.31 - 7.37 is 10.94 but for the last digit of a float, and no claim turns on that."""

_TABLE_PARTS = ("subject", "match", "start_month", "end_month", "comparison", "value", "tolerance")
"""Columns that ask the tables: a judged part has none of them."""


@dataclass(frozen=True)
class Answer:
    """What the tables say: an interval, and for statements on every month one for each.

    Attributes
    ----------
    low, value, high : float
        The three are the same for a plain number.
    each : tuple of Answer
        Month by month, for metrics that have a value in every month.
    unit : str
        Where the rows of a table have units of their own; default: the unit of the metric.
    """

    low: float
    value: float
    high: float
    each: tuple[Answer, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Nothing:
    """That the tables do not cover what is asked.

    Attributes
    ----------
    reason : str
        What they have instead, in words.
    """

    reason: str


def _number(value: float, unit: str = "", each: tuple[Answer, ...] = ()) -> Answer:
    return Answer(value, value, value, each, unit)


def _mean(values: pd.Series) -> Answer:
    """The mean of months, and each of them."""
    return _number(float(values.mean()), each=tuple(_number(float(value)) for value in values))


def _interval(ends: Iterable[float]) -> Answer:
    low, value, high = (float(end) for end in ends)
    return Answer(low, value, high)


def _of_draws(values: pd.Series, interpolation: str = "linear") -> Answer:
    """Median and band of the draws."""
    low, high = country_panel.BAND
    ends = values.quantile([low, 0.5, high], interpolation=interpolation)
    return _interval(ends)


_MAP, _PANEL = N_("mining map"), N_("country panel")


def _runs(what: str, months: pd.Index) -> Nothing:
    return Nothing(
        _(
            "{what} runs from {start:iso_month} to {end:iso_month}",
            what=what,
            start=months.min(),
            end=months.max(),
        )
    )


def _has_years(what: str, years: pd.Index) -> Nothing:
    return Nothing(
        _(
            "{what} has whole years, from {start:year} to {end:year}",
            what=what,
            start=pd.Timestamp(years.min(), 1, 1),
            end=pd.Timestamp(years.max(), 1, 1),
        )
    )


def _covered(row: pd.Series, months: pd.Index) -> bool:
    """Whether every month of the period is among these."""
    asked = pd.date_range(row["start_month"], row["end_month"], freq="MS")
    return bool(asked.isin(months).all())


def _ends_covered(row: pd.Series, months: pd.Index) -> bool:
    return row["start_month"] in months and row["end_month"] in months


def _whole_years(row: pd.Series, years: pd.Index) -> list[int]:
    """The years of a period, if it has whole ones and all are among these; else none."""
    start, end = row["start_month"], row["end_month"]
    asked = list(range(start.year, end.year + 1))
    whole = start.month == 1 and end.month == 12
    return asked if whole and pd.Index(asked).isin(years).all() else []


def _map_share(row: pd.Series) -> Answer | Nothing:
    share = mining_map.shares()[row["subject"]]
    if not _covered(row, share.index):
        return _runs(translated(_MAP), share.index)
    return _mean(share.loc[row["start_month"] : row["end_month"]])


def _map_change(row: pd.Series) -> Answer | Nothing:
    share = mining_map.shares()[row["subject"]]
    if not _ends_covered(row, share.index):
        return _runs(translated(_MAP), share.index)
    return _number(float(share[row["end_month"]] - share[row["start_month"]]))


def _panel_share(row: pd.Series) -> Answer | Nothing:
    if not _covered(row, months := country_panel.months()):
        return _runs(translated(_PANEL), months)
    paths = country_panel.paths()[row["subject"]].unstack("month")
    paths = paths.loc[:, row["start_month"] : row["end_month"]]
    each = tuple(_of_draws(paths[month]) for month in paths)
    # The mean over months is taken in each draw: bands of single months do not say how sure it is.
    return replace(_of_draws(paths.mean(axis=1)), each=each)


def _panel_rank(row: pd.Series) -> Answer | Nothing:
    if not _covered(row, months := country_panel.months()):
        return _runs(translated(_PANEL), months)
    shares = country_panel.paths().xs(row["end_month"], level="month")[_panel_countries()]
    ranks = shares.rank(axis=1, ascending=False, method="min")
    # The nearest rank that occurs: there is none between two.
    return _of_draws(ranks[row["subject"]], "nearest")


def _state_share(row: pd.Series) -> Answer | Nothing:
    table = load("us_states")
    own = table[table["region"] == row["subject"]].set_index("month")["share_of_us_pct"]
    if not _covered(row, own.index):
        return _runs("us_states", own.index)
    return _mean(own.loc[row["start_month"] : row["end_month"]])


def _generation(row: pd.Series, province: str) -> pd.DataFrame | Nothing:
    """Rows of a province's generation in the years of a period."""
    table = load("china_generation")
    own = table[table["region"] == province]
    if not (years := _whole_years(row, pd.Index(own["year"]))):
        return _has_years("china_generation", pd.Index(own["year"]))
    return own[own["year"].isin(years)]


def _province_fuel(row: pd.Series) -> Answer | Nothing:
    own = _generation(row, row["subject"])
    if isinstance(own, Nothing):
        return own
    of_fuel = own.loc[own["fuel"] == row["match"], "generation_twh"]
    # What the statistics do not list is not known to be nothing: they count all thermal as coal.
    if of_fuel.empty or not own["generation_twh"].sum():
        return Nothing(
            _(
                "china_generation has no {fuel} of {where}",
                fuel=row["match"],
                where=_named(row["subject"]),
            )
        )
    return _number(100 * float(of_fuel.sum() / own["generation_twh"].sum()))


def _energy(row: pd.Series) -> Answer | Nothing:
    known, on_map = demand.months(), mining_map.shares().index
    if row["subject"] in set(_panel_regions()) - set(regions.mapped_regions()):
        known = known[known > on_map[-1]]
    if not _covered(row, known):
        return _runs(_("electricity of mining"), known)
    if row["subject"] == regions.REST and row["start_month"] <= on_map[-1] < row["end_month"]:
        # One sum would add up two things: the panel tells more countries apart than the map.
        return Nothing(
            _("after {month:iso_month} the others are fewer countries", month=on_map[-1])
        )
    if pd.isna(row["subject"]):
        # Not the sum over countries: ends of their bands add up to more than the network can vary.
        power = energy.network_power(row["start_month"], row["end_month"]).reset_index()
        ends = ("power_lower_gw", "power_best_gw", "power_upper_gw")
    else:
        power = energy.power(row["start_month"], row["end_month"])
        power = power[power["region"] == row["subject"]]
        ends = ("low_gw", "power_gw", "high_gw")
    length = hours(power["month"]) / 1000
    return _interval((power[name] * length).sum() for name in ends)


def _energy_over_generation(row: pd.Series) -> Answer | Nothing:
    mining, own = _energy(row), _generation(row, row["match"])
    if isinstance(own, Nothing):
        return own
    if isinstance(mining, Nothing):
        return mining
    total = float(own["generation_twh"].sum())
    return Answer(mining.low / total, mining.value / total, mining.high / total)


def _network_ratio(row: pd.Series) -> Answer | Nothing:
    rate = network_hashrate(freq="YS")
    rate.index = pd.DatetimeIndex(rate.index).year
    if not (years := _whole_years(row, rate.index)):
        return _has_years("network_daily", rate.index)
    return _number(float(rate[years[-1]] / rate[years[0]]))


def _price_ratio(row: pd.Series) -> Answer | Nothing:
    price = load("network_daily").set_index("date")["price_usd"].resample("MS")
    # The mean of the days of a month that has only begun is not the month's.
    whole = price.count() == pd.DatetimeIndex(price.count().index).days_in_month
    known = price.mean()[whole]
    if not _ends_covered(row, known.index):
        return _runs(_("price"), known.index)
    return _number(float(known[row["end_month"]] / known[row["start_month"]]))


def _effective_ratio(row: pd.Series) -> Answer | Nothing:
    share = mining_map.shares()
    if not _ends_covered(row, share.index):
        return _runs(translated(_MAP), share.index)
    parts = share.div(share.sum(axis=1), axis=0)
    number = concentration.measures(parts, regions.REST)["effective_number"]
    return _number(float(number[row["end_month"]] / number[row["start_month"]]))


def _events(row: pd.Series) -> Answer | Nothing:
    table = load("policy_events")
    end = row["end_month"] + pd.offsets.MonthEnd(0)
    # What is known to the year did not certainly come to pass in one of its months.
    inside = (table["date"] >= row["start_month"]) & (last_days(table) <= end)
    own = table[(table["region"] == row["subject"]) & inside]
    title, actor, place = (own[name].fillna("") for name in ("title_en", "actor", "place"))
    told = title + " " + actor + " " + place
    found = float(told.str.contains(str(row["match"]), case=False, regex=False).sum())
    # The table is not complete: what it lacks may have come to pass all the same.
    return Answer(found, found, inf)


def _figures_of(row: pd.Series) -> pd.DataFrame:
    """A maker's figure by first and last month, as far as it was found."""
    table = load("hardware_makers")
    own = table[
        (table["company"] == row["subject"])
        & (table["metric"] == row["match"])
        & table["value"].notna()
    ]
    return own.set_index(["start_month", "end_month"])


def _only_for(own: pd.DataFrame) -> Nothing:
    """Which periods of a figure there are."""
    if own.empty:
        return Nothing(_("hardware_makers has no such figure of this maker"))
    there = ", ".join(period(*ends) for ends in own.index)
    return Nothing(_("hardware_makers has this figure for {periods}", periods=there))


def _maker_value(row: pd.Series) -> Answer | Nothing:
    own, key = _figures_of(row), (row["start_month"], row["end_month"])
    if key not in own.index:
        return _only_for(own)
    unit = str(own.loc[key, "unit"])
    return _number(float(own.loc[key, "value"]), "percent" if unit == "%" else unit)


def _maker_change(row: pd.Series) -> Answer | Nothing:
    own, key = _figures_of(row), (row["start_month"], row["end_month"])
    year_before = tuple(month - pd.DateOffset(years=1) for month in key)
    if not {key, year_before} <= set(own.index):
        return _only_for(own)
    now, before = own.loc[key], own.loc[year_before]
    if now["unit"] != before["unit"]:
        return Nothing(_("the figure of the year before is in another unit"))
    if before["value"] <= 0:
        # From a loss to a profit is no percentage.
        return Nothing(_("the figure of the year before is not above zero"))
    return _number(100 * (float(now["value"]) / float(before["value"]) - 1))


def _panel_regions() -> list[str]:
    return country_panel.codes()


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
        From a row of claims to the answer, or to why there is none.
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
    monthly : bool
        Whether there is a value for every month, so that a claim may be one on every month.
    """

    name: str
    words: str
    ask: Callable[[pd.Series], Answer | Nothing]
    unit: str = ""
    subject: str = ""
    subjects: Callable[[], list[str]] | None = None
    needs_subject: bool = True
    match: str = ""
    matches: Callable[[], list[str]] | None = None
    monthly: bool = False


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
            monthly=True,
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
            monthly=True,
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
            monthly=True,
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
        for column in _TABLE_PARTS:
            if pd.notna(row[column]):
                raise InputError(
                    f"{where}: a judged claim asks no table, and its {column} would not be used; leave "
                    "it out, or name a metric."
                )
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
    _check_comparison(row, where)
    _check_about(row, where)


def _check_comparison(row: pd.Series, where: str) -> None:
    """Stop if a comparison does not go with the metric or the tolerance."""
    metric, comparison = METRICS[row["metric"]], str(row["comparison"])
    if comparison.startswith("always") and not metric.monthly:
        raise InputError(
            f"{where}: {comparison} asks for every month, and {metric.name} has one answer for the "
            f"whole period; write {comparison.removeprefix('always_')}."
        )
    if comparison != "equals" and pd.notna(row["tolerance"]):
        raise InputError(
            f"{where}: {comparison} takes no tolerance, and {row['tolerance']:g} would not be used; "
            "leave it out."
        )


def _check_same(rows: pd.DataFrame, file: str) -> None:
    """Stop if parts of one claim are worded otherwise: only one wording could be shown."""
    for column in ("claim", "source_id"):
        first = rows.groupby("claim_id")[column].transform("first")
        other = rows.index[rows[column] != first]
        if len(other):
            claim = rows["claim_id"][other[0]]
            raise InputError(
                f"{file}, row {other[0]} ({claim}): {column} is not that of the first row of {claim}; "
                "write the same in all rows of a claim, or give it a claim_id of its own."
            )


def _compared(answer: Answer, kind: str, wanted: float, slack: float) -> str:
    """Whether an interval lies within what is claimed, apart from it, or across its ends."""
    least = -inf if kind == "at_most" else wanted - slack
    most = inf if kind == "at_least" else wanted + slack
    if least <= answer.low and answer.high <= most:
        return HOLDS
    return FAILS if answer.high < least or answer.low > most else OPEN


def _outcome(answer: Answer | Nothing, row: pd.Series) -> str:
    """What came of a part."""
    if isinstance(answer, Nothing):
        return OPEN
    wanted, kind = float(row["value"]), str(row["comparison"])
    slack = 0.0 if pd.isna(row["tolerance"]) else float(row["tolerance"])
    slack += _LAST_DIGIT * max(1.0, abs(wanted))
    if not kind.startswith("always"):
        return _compared(answer, kind, wanted, slack)
    kind = kind.removeprefix("always_")
    came_to = {_compared(month, kind, wanted, slack) for month in answer.each}
    if len(came_to) == 1:
        return came_to.pop()
    # Some months meet it and some do not, whatever the open ones do; else it is not known.
    return SOME if came_to >= {HOLDS, FAILS} else OPEN


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


def _answered(row: pd.Series, answer: Answer | Nothing) -> str:
    """The tables' answer, in words."""
    if isinstance(answer, Nothing):
        return _("nothing in the tables: {reason}", reason=answer.reason)
    wanted = float(row["value"])
    said = _measured(_figures(answer.value, wanted), answer.unit or METRICS[row["metric"]].unit)
    if isinf(answer.high):
        if _outcome(answer, row) == OPEN:
            return _("{value}, and there may be more than the table has", value=said)
        return said
    if answer.high - answer.low > 1e-9:
        said = _(
            "{value}, between {low} and {high}",
            value=said,
            low=_figures(answer.low, wanted),
            high=_figures(answer.high, wanted),
        )
    if str(row["comparison"]).startswith("always"):
        said = _(
            "{value}, by month {low} to {high}",
            value=said,
            low=_figures(min(month.low for month in answer.each), wanted),
            high=_figures(max(month.high for month in answer.each), wanted),
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


def _say(row: pd.Series, answer: Answer | Nothing) -> str:
    """What the tables say on a part, and what was claimed, in words."""
    unit = (answer.unit if isinstance(answer, Answer) else "") or METRICS[row["metric"]].unit
    return _(
        "{asked}: {answered} (claimed: {claimed})",
        asked=_asked(row),
        answered=_answered(row, answer),
        claimed=_claimed(row, unit),
    )


def _joined(texts: list[str]) -> str:
    """Several sentences in one cell."""
    return reduce(lambda one, more: _("{one}; {more}", one=one, more=more), texts) if texts else ""


def _in_own_order(written: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Typed rows in the order in which they were written, indexed by line."""
    # Tables come in order of their key; messages name the lines of the file.
    keys = pd.MultiIndex.from_arrays([written["claim_id"], written["part"].astype(int)])
    lines = pd.Series(written.index + 2, index=keys)
    rows.index = pd.Index(lines[pd.MultiIndex.from_frame(rows[["claim_id", "part"]])])
    return rows.sort_index()


def _read(table: pd.DataFrame | Path, file: str) -> pd.DataFrame:
    """Claims of a file or a frame in their own order, indexed by their lines."""
    if isinstance(table, Path):
        if not table.is_file():
            return read_as("claims", table)  # which says so
        written = text.read_csv(table)
    else:
        names: list[Hashable] = [field["name"] for field in resource("claims")["schema"]["fields"]]
        used = [name for name in names if name in table] if set(names) <= set(table) else [*table]
        # A first row stands under the names.
        written = text.as_written(table[used].reset_index(drop=True))
    if written.empty:
        raise InputError(f"{file} holds no claim; add a row for each.")
    if isinstance(table, Path):
        return _in_own_order(written, read_as("claims", table))
    return _in_own_order(written, validated(written, "claims", Path(file)))


def _rows(table: pd.DataFrame | str | Path | None) -> pd.DataFrame:
    """Rows that can be read as claims."""
    if isinstance(table, str | Path):
        file = str(table)
        rows = _read(Path(table), file)
    elif table is None:
        file, rows = "claims.csv", load("claims")
        rows.index += 2
    else:
        arguments.instance(table, "table", pd.DataFrame, "a table of claims or the path of one")
        file, rows = "claims", _read(table, "claims")
    for line, row in rows.iterrows():
        _check_row(row, f"{file}, row {line} ({row['claim_id']})")
    _check_same(rows, file)
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
        if isinstance(answer, Answer):
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
