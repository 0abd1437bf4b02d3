"""Questions to the tables: each takes a row of claims and gives an answer.

The row is that of a part of a claim, checked: its subject, match and months are known to the metric.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

import pandas as pd

from hashrate_migration import country_panel, energy
from hashrate_migration.energy import demand
from hashrate_migration.energy.demand import hours
from hashrate_migration.findings import concentration, other_coins
from hashrate_migration.findings.claim_answers import (
    Answer,
    Nothing,
    interval,
    mean,
    number,
    of_draws,
)
from hashrate_migration.findings.claim_words import named, period
from hashrate_migration.findings.events import last_days
from hashrate_migration.findings.growth import LEAST_MONTHS, Growth, growth
from hashrate_migration.flows import published
from hashrate_migration.hashrate import mining_map
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load
from hashrate_migration.words import N_, _, language, translated, values

_MAP, _PANEL = N_("mining map"), N_("country panel")
_FLOWS, _COUNTS = N_("reconstruction of flows"), N_("table of counts")


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


def map_share(row: pd.Series) -> Answer | Nothing:
    """Mean share on the mining map, and that of each month."""
    share = mining_map.shares()[row["subject"]]
    if not _covered(row, share.index):
        return _runs(translated(_MAP), share.index)
    return mean(share.loc[row["start_month"] : row["end_month"]])


def map_change(row: pd.Series) -> Answer | Nothing:
    """Points that a share on the mining map went from the first month to the last."""
    share = mining_map.shares()[row["subject"]]
    if not _ends_covered(row, share.index):
        return _runs(translated(_MAP), share.index)
    return number(float(share[row["end_month"]] - share[row["start_month"]]))


def flow(row: pd.Series) -> Answer | Nothing:
    """EH/s that went there from China, as the published flows have it."""
    months = pd.DatetimeIndex([published.START, published.END])
    # What left in some of these months is not kept.
    if list(row[["start_month", "end_month"]]) != list(months):
        return _runs(translated(_FLOWS), months)
    pairs = published.kept().pairs.set_index(["origin", "destination"])
    own = pairs.loc[(published.ORIGIN, row["subject"])]
    return interval(own[["low_ehs", "median_ehs", "high_ehs"]])


def counted(row: pd.Series) -> Answer | Nothing:
    """Machines counted as moved there; counts say at least so many, or at most."""
    table = load("relocation_reports")
    months = pd.Index(table["as_of"].sort_values().unique())
    own = table[table["as_of"].between(row["start_month"], row["end_month"])]
    own = own[own["destination"] == row["subject"]]
    if own.empty or not _ends_covered(row, months):
        return _runs(translated(_COUNTS), months)
    counts = own.groupby("bound", observed=True)["machines"]
    low = float(counts.max().get("at least", 0))
    return Answer(low, low, float(counts.min().get("at most", inf)))


def panel_share(row: pd.Series) -> Answer | Nothing:
    """Share in the country panel, with the band of its mean and of each month."""
    if not _covered(row, months := country_panel.months()):
        return _runs(translated(_PANEL), months)
    paths = country_panel.paths()[row["subject"]].unstack("month")
    paths = paths.loc[:, row["start_month"] : row["end_month"]]
    each = tuple(of_draws(paths[month]) for month in paths)
    # The mean over months is taken in each draw: bands of single months do not say how sure it is.
    return replace(of_draws(paths.mean(axis=1)), each=each)


def panel_change(row: pd.Series) -> Answer | Nothing:
    """Points that a share in the country panel changed by, from the first month to the last."""
    if not _ends_covered(row, months := country_panel.months()):
        return _runs(translated(_PANEL), months)
    paths = country_panel.paths()[row["subject"]].unstack("month")
    return of_draws(paths[row["end_month"]] - paths[row["start_month"]])


def panel_rank(row: pd.Series) -> Answer | Nothing:
    """Rank in the country panel in the last month, with its band."""
    if not _covered(row, months := country_panel.months()):
        return _runs(translated(_PANEL), months)
    shares = country_panel.paths().xs(row["end_month"], level="month")[panel_countries()]
    ranks = shares.rank(axis=1, ascending=False, method="min")
    # The nearest rank that occurs: there is none between two.
    return of_draws(ranks[row["subject"]], "nearest")


def state_share(row: pd.Series) -> Answer | Nothing:
    """Mean share of a state of the hashrate of the United States."""
    table = load("us_states")
    own = table[table["region"] == row["subject"]].set_index("month")["share_of_us_pct"]
    if not _covered(row, own.index):
        return _runs("us_states", own.index)
    return mean(own.loc[row["start_month"] : row["end_month"]])


def _generation(row: pd.Series, province: str) -> pd.DataFrame | Nothing:
    """Rows of a province's generation in the years of a period."""
    table = load("china_generation")
    own = table[table["region"] == province]
    if not (years := _whole_years(row, pd.Index(own["year"]))):
        return _has_years("china_generation", pd.Index(own["year"]))
    return own[own["year"].isin(years)]


def province_fuel(row: pd.Series) -> Answer | Nothing:
    """Percent of a province's generation that a fuel gave."""
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
                where=named(row["subject"]),
            )
        )
    return number(100 * float(of_fuel.sum() / own["generation_twh"].sum()))


def electricity(row: pd.Series) -> Answer | Nothing:
    """TWh of mining in a region or the network, by the bounds of power."""
    known, on_map = demand.months(), mining_map.shares().index
    if row["subject"] in set(panel_regions()) - set(regions.mapped_regions()):
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
    return interval((power[name] * length).sum() for name in ends)


def energy_over_generation(row: pd.Series) -> Answer | Nothing:
    """Electricity of mining over a province's generation."""
    mining, own = electricity(row), _generation(row, row["match"])
    if isinstance(own, Nothing):
        return own
    if isinstance(mining, Nothing):
        return mining
    total = float(own["generation_twh"].sum())
    return Answer(mining.low / total, mining.value / total, mining.high / total)


def network_ratio(row: pd.Series) -> Answer | Nothing:
    """Mean hashrate of the last year over the first year's."""
    rate = network_hashrate(freq="YS")
    rate.index = pd.DatetimeIndex(rate.index).year
    if not (years := _whole_years(row, rate.index)):
        return _has_years("network_daily", rate.index)
    return number(float(rate[years[-1]] / rate[years[0]]))


def _growth(row: pd.Series) -> Growth | Nothing:
    rate = network_hashrate(freq="MS")
    if not _covered(row, pd.DatetimeIndex(rate.index)):
        return _runs("network_daily", rate.index)
    own = rate.loc[row["start_month"] : row["end_month"]]
    if len(own) < LEAST_MONTHS:
        return Nothing(_("growth needs {months} months", months=LEAST_MONTHS))
    return growth(own)


def growth_rate(row: pd.Series) -> Answer | Nothing:
    """Percent a year by which the network grew."""
    found = _growth(row)
    if isinstance(found, Nothing):
        return found
    return interval(100 * (2**rate - 1) for rate in (found.rate_low, found.rate, found.rate_high))


def growth_ratio(row: pd.Series) -> Answer | Nothing:
    """Rate of growth of the later half of the months over that of the earlier half."""
    found = _growth(row)
    if isinstance(found, Nothing):
        return found
    return interval((found.ratio_low, found.ratio, found.ratio_high))


def price_ratio(row: pd.Series) -> Answer | Nothing:
    """Mean price of the last month over the first month's."""
    price = load("network_daily").set_index("date")["price_usd"].resample("MS")
    # The mean of the days of a month that has only begun is not the month's.
    whole = price.count() == pd.DatetimeIndex(price.count().index).days_in_month
    known = price.mean()[whole]
    if not _ends_covered(row, known.index):
        return _runs(_("price"), known.index)
    return number(float(known[row["end_month"]] / known[row["start_month"]]))


def effective_ratio(row: pd.Series) -> Answer | Nothing:
    """Effective number of countries of the last month over the first month's."""
    share = mining_map.shares()
    if not _ends_covered(row, share.index):
        return _runs(translated(_MAP), share.index)
    parts = share.div(share.sum(axis=1), axis=0)
    effective = concentration.measures(parts, regions.REST)["effective_number"]
    return number(float(effective[row["end_month"]] / effective[row["start_month"]]))


def events(row: pd.Series) -> Answer | Nothing:
    """How many events of a country have these words in title, actor or place: at least so many."""
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


def event_dated(row: pd.Series) -> Answer | Nothing:
    """Whether an event of the table, which a reader chose, is dated within the period: one or none."""
    table = load("policy_events")
    own = table[table["event_id"] == row["match"]].iloc[0]
    first, last = own["date"], last_days(table)[own.name]
    start, end = row["start_month"], row["end_month"] + pd.offsets.MonthEnd(0)
    if start <= first and last <= end:
        return Answer(1, 1, 1, said=_("yes"))
    if last < start or first > end:
        return Answer(0, 0, 0, said=_("no"))
    # Some of the days that it may have been lie outside.
    return Answer(0, 0, 1, said=_("perhaps: its day is not known"))


def event_named(event_id: str) -> str:
    """Date and title of an event, in the language in use."""
    table = load("policy_events").set_index("event_id")
    own = table.loc[event_id]
    title = own["title_zh"] if language() == "zh" and pd.notna(own["title_zh"]) else own["title_en"]
    days = own["date"].to_period({"day": "D", "month": "M", "year": "Y"}[own["precision"]])
    return _("{days}: {title}", days=str(days), title=str(title))


def searched(row: pd.Series) -> Answer | Nothing:
    """Pages that recorded searches found; exact if they went through the whole."""
    table = load("claim_searches")
    own = table[table["search_id"] == row["match"]]
    if (last := own["searched_on"].min()) < row["end_month"]:
        return Nothing(_("the search was made on {day:iso_day}", day=last))
    found = float(own["found"].sum())
    said = _(
        "{found} of {pages} pages, searched on {day:iso_day} with {searches}",
        found=values.number(found),
        pages=values.number(int(own["pages"].sum())),
        searches=_("one set of words")
        if len(own) == 1
        else _("{sets} sets of words", sets=values.number(len(own))),
        day=last,
    )
    return Answer(found, found, found if own["whole"].any() else inf, said=said)


def search_named(search_id: str) -> str:
    """What recorded searches looked for."""
    table = load("claim_searches")
    return translated(str(table.loc[table["search_id"] == search_id, "looked_for"].iloc[0]))


def ethereum(row: pd.Series) -> Answer | Nothing:
    """Percent of Ethereum's blocks that may have been mined for Chinese pools.

    At least those whose tag names China, at most those with any East Asian tag or none: labels moved
    between these in 2020.
    """
    shares = other_coins.ethereum()
    if not _covered(row, shares.index):
        return _runs("ethereum_blocks", shares.index)
    own = shares.loc[row["start_month"] : row["end_month"]].mean()
    low, high = float(own["tagged_china_pct"]), float(own["asian_or_untagged_pct"])
    return Answer(low, (low + high) / 2, high)


def ranked(
    row: pd.Series, ask: Callable[[pd.Series], Answer | Nothing], subjects: list[str]
) -> Answer | Nothing:
    """The answer for a subject beside those for all others; rests are no subjects."""
    kinds = regions.table()["kind"]
    answer, others = ask(row), []
    for code in subjects:
        if code == row["subject"] or kinds.get(code) == "rest":
            continue
        other = ask(pd.Series({**row, "subject": code}))
        if isinstance(other, Nothing):
            return other
        others.append((code, other))
    return answer if isinstance(answer, Nothing) else replace(answer, others=tuple(others))


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


def maker_value(row: pd.Series) -> Answer | Nothing:
    """A figure that a maker published, or others published of it."""
    own, key = _figures_of(row), (row["start_month"], row["end_month"])
    if key not in own.index:
        return _only_for(own)
    unit = str(own.loc[key, "unit"])
    return number(float(own.loc[key, "value"]), "percent" if unit == "%" else unit)


def _in_period(own: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series | None:
    """The figure of a period, or the sum of the figures that fill it month by month; None without."""
    if (start, end) in own.index:
        return own.loc[(start, end)]
    parts = own.sort_index()
    starts = parts.index.get_level_values(0)
    ends = parts.index.get_level_values(1)
    parts = parts[(starts >= start) & (ends <= end)]
    expected = start
    for first, last in parts.index:
        if first != expected:
            return None
        expected = last + pd.DateOffset(months=1)
    whole = expected == end + pd.DateOffset(months=1)
    if parts.empty or not whole or len(set(parts["unit"])) > 1:
        return None
    return pd.Series({"value": parts["value"].sum(), "unit": parts["unit"].iloc[0]})


def maker_change(row: pd.Series) -> Answer | Nothing:
    """Percent that such a figure changed on the year before."""
    own, key = _figures_of(row), (row["start_month"], row["end_month"])
    year_before = tuple(month - pd.DateOffset(years=1) for month in key)
    now, before = _in_period(own, *key), _in_period(own, *year_before)
    if now is None or before is None:
        return _only_for(own)
    if now["unit"] != before["unit"]:
        return Nothing(_("the figure of the year before is in another unit"))
    if before["value"] <= 0:
        # From a loss to a profit is no percentage.
        return Nothing(_("the figure of the year before is not above zero"))
    return number(100 * (float(now["value"]) / float(before["value"]) - 1))


def panel_regions() -> list[str]:
    """Regions of the country panel."""
    return country_panel.codes()


def panel_countries() -> list[str]:
    """Countries of the country panel."""
    return [code for code in panel_regions() if code != regions.REST]


def values_of(table: str, column: str) -> list[str]:
    """What a column of a table holds, each once."""
    return load(table)[column].unique().tolist()
