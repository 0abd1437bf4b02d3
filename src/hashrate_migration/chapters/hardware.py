"""Machines and pools: makers through the ban, energy per hash, and what the home of a pool says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from hashrate_migration import chronology
from hashrate_migration.charts import colours
from hashrate_migration.findings import concentration, hardware
from hashrate_migration.hashrate import mining_map
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables.read import load
from hashrate_migration.words import N_, _, values

MAKER, CURRENCY = "Canaan", N_("million CNY")
"""The maker that publishes most, and the currency of its reports through the ban."""

SOLD = N_("computing power sold")

_FIGURES = (N_("revenue"), SOLD, N_("market share"))
"""Figures of makers that the table shows."""

NOT_WHOLE = N_("not found for the whole period, only for the parts listed")
"""Note on a figure of which only parts of the period are known."""

_UNITS = (N_("million USD"), N_("million TH/s"), N_("units"))
"""Further units of these figures, to be translated."""

OTHERS, UNASSIGNED = "others", "unassigned"
"""Columns of :func:`homes` that are no country."""

HOME_COLOURS = {
    "CHN": colours.CHINA,
    "USA": colours.AMERICA,
    OTHERS: colours.SOFT,
    UNASSIGNED: colours.GREY,
}
HOME_LINES: dict[str, Any] = {"CHN": "-", "USA": "-", OTHERS: "--", UNASSIGNED: ":"}

POOLS, MAP = "pools", "on_map"
"""Columns of :func:`pools_and_map`."""

MEASURE_COLOURS = {POOLS: colours.INK, MAP: colours.CHINA}
MEASURE_LINES: dict[str, Any] = {POOLS: "--", MAP: "-"}


def revenue() -> pd.DataFrame:
    """Yearly revenue of :data:`MAKER` in :data:`CURRENCY`, indexed by year: value and change_pct."""
    table = hardware.maker(MAKER, "revenue")
    table = table[table["unit"] == CURRENCY]
    return table.set_axis(table.index.year)[["value", "change_pct"]]


def other_currency_from() -> int | None:
    """First year for which :data:`MAKER` reports in another currency; None if it never did."""
    table = hardware.maker(MAKER, "revenue")
    other = table.index[table["unit"] != CURRENCY]
    return None if other.empty else int(other[0].year)


def year_colours(years: pd.Index) -> list[str]:
    """Colour of each year: that of the ban stands out."""
    return [colours.CHINA if year == chronology.CALL.year else colours.GREY for year in years]


def revenue_title(table: pd.DataFrame) -> str:
    """Revenue in the year of the ban over that of the year before."""
    year = chronology.CALL.year
    return _(
        "In the year of the ban, {year}, {maker}'s revenue was {times:number.1} times that of the year "
        "before",
        year=year,
        maker=MAKER,
        times=1 + table.loc[year, "change_pct"] / 100,
    )


def revenue_caption(table: pd.DataFrame) -> str:
    """Years of the figure, and why it ends."""
    other, years = other_currency_from(), (int(table.index[0]), int(table.index[-1]))
    if other is None:
        return _(
            "Yearly revenue of {maker} in yuan, {first} to {last}; red: the year of the ban.",
            maker=MAKER,
            first=years[0],
            last=years[1],
        )
    return _(
        "Yearly revenue of {maker} in yuan, {first} to {last} (from {other} on it reports in another "
        "currency); red: the year of the ban.",
        maker=MAKER,
        first=years[0],
        last=years[1],
        other=other,
    )


def _known_in_parts(table: pd.DataFrame) -> pd.Series:
    """Whether a figure is missing for a period as a whole, and published for some of its months."""
    missing, known = table[table["value"].isna()], table[table["value"].notna()]
    both = missing.reset_index().merge(known, on=["company", "metric"], suffixes=("", "_part"))
    within = (both["start_month_part"] >= both["start_month"]) & (
        both["end_month_part"] <= both["end_month"]
    )
    return pd.Series(table.index.isin(both.loc[within, "index"]), index=table.index)


def makers_table() -> pd.DataFrame:
    """Revenue, computing power sold and market shares as published.

    Returns
    -------
    DataFrame
        Columns maker, start_month, end_month, figure, published_value, unit and note; a value is
        missing where it was looked for and not found, and a note empty where there is none.
    """
    table = load("hardware_makers")
    table = table[table["metric"].isin(_FIGURES)]
    notes = table["note"].mask(_known_in_parts(table), NOT_WHOLE)
    table = table.assign(note=notes.fillna(""))
    together = table["company"].str.split("+").map(values.items)
    names = {"metric": "figure", "value": "published_value"}
    table = table.drop(columns="company").rename(columns=names)
    table.insert(0, "maker", together)
    return table.drop(columns="source_id").reset_index(drop=True)


@dataclass(frozen=True)
class Makers:
    """Which makers the table knows.

    Attributes
    ----------
    every : list of str
        Single makers.
    sold_known : list of str
        Those of which some computing power sold is known.
    periods : int
        Periods for which it is known, over all makers.
    largest : str
        The maker with the highest of the latest market shares.
    missing : list of str
        Makers of which a figure was looked for and not found.
    """

    every: list[str]
    sold_known: list[str]
    periods: int
    largest: str
    missing: list[str]


def makers() -> Makers:
    """What is known of which maker."""
    table = load("hardware_makers")
    table = table[~table["company"].str.contains("+", regex=False)]
    known = table[(table["metric"] == SOLD) & table["value"].notna()]
    held = table[table["metric"] == "market share"]
    latest = held[held["end_month"] == held["end_month"].max()]
    return Makers(
        every=table["company"].unique().tolist(),
        sold_known=known["company"].unique().tolist(),
        periods=len(known),
        largest=str(latest.loc[latest["value"].idxmax(), "company"]),
        missing=table.loc[table["value"].isna(), "company"].unique().tolist(),
    )


def quarters() -> pd.Series:
    """Computing power that :data:`MAKER` sold by quarter, EH/s, a year before the ban to a year after.

    A million TH/s, the unit of the reports, is an EH/s. A quarter of which nothing was found is missing.
    """
    sold = hardware.maker(MAKER, SOLD, months=3)["value"]
    ban = chronology.CALL.year
    return sold[(sold.index.year >= ban - 1) & (sold.index.year <= ban + 1)]


def quarter_names(months: pd.DatetimeIndex) -> list[str]:
    """Quarters by their first months, such as 2021 Q2."""
    return [f"{month:%Y} Q{month.quarter}" for month in months]


@dataclass(frozen=True)
class BanYear:
    """Sales of :data:`MAKER` in the year of the ban, beside the network.

    Attributes
    ----------
    first, last : float
        Sold in its first and its last quarter, EH/s.
    later : float
        Sold in its second half, when machines of China stood still, EH/s.
    grown : float
        What the network gained from July to December, EH/s (monthly means).
    """

    first: float
    last: float
    later: float
    grown: float


def ban_year() -> BanYear:
    """What the quarters of the year of the ban say."""
    own = quarters()
    own = own[own.index.year == chronology.CALL.year]
    network = network_hashrate()
    december = pd.Timestamp(chronology.CALL.year, 12, 1)
    return BanYear(
        first=float(own.iloc[0]),
        last=float(own.iloc[-1]),
        later=float(own[own.index >= chronology.CLEARED].sum()),
        grown=float(network[december] - network[chronology.CLEARED]),
    )


def quarters_title(year: BanYear) -> str:
    """Sales in the last quarter of the year of the ban over those of the first."""
    return _(
        "In the last quarter of {year:plain} {maker} sold {times:number.1} times the computing power of "
        "the first",
        year=chronology.CALL.year,
        maker=MAKER,
        times=year.last / year.first,
    )


@dataclass(frozen=True)
class Silent:
    """A maker of which nothing is known in the year of the ban.

    Attributes
    ----------
    maker : str
    before, after : Series
        Its last figure that ends before that year and its first that begins after it: rows of
        ``hardware_makers``.
    within : int
        Figures with a value that touch the year.
    looked_for : int
        Figures that touch it and were looked for and not found.
    """

    maker: str
    before: pd.Series
    after: pd.Series
    within: int
    looked_for: int


def silent(maker: str) -> Silent:
    """What was published of a maker before and after the year of the ban.

    Parameters
    ----------
    maker : str
        As in the column ``company``.
    """
    table = load("hardware_makers")
    own = table[table["company"] == maker].sort_values(["start_month", "end_month"], kind="stable")
    year = chronology.CALL.year
    before, after = own["end_month"].dt.year < year, own["start_month"].dt.year > year
    touching = own[~before & ~after]
    known = own["value"].notna()
    return Silent(
        maker=maker,
        before=own[before & known].iloc[-1],
        after=own[after & known].iloc[0],
        within=int(touching["value"].notna().sum()),
        looked_for=int(touching["value"].isna().sum()),
    )


def efficiency() -> pd.DataFrame:
    """:func:`hashrate_migration.findings.hardware.frontier` from the fleet's first month on."""
    table = hardware.frontier()
    return table.loc[table["fleet_j_per_th"].first_valid_index() :]


def efficiency_title(table: pd.DataFrame) -> str:
    """Energy per hash of the machines in use, first and last."""
    fleet = table["fleet_j_per_th"].dropna()
    return _(
        "The machines in use took {before:number} joules per terahash in {first:month} and "
        "{now:number} in {last:month}",
        before=fleet.iloc[0],
        first=fleet.index[0],
        now=fleet.iloc[-1],
        last=fleet.index[-1],
    )


@dataclass(frozen=True)
class Widest:
    """Energy of the worst machines that still paid over that of the mean.

    Attributes
    ----------
    ban : float
        Mean of the year of the ban.
    typical : float
        Median of all months.
    """

    ban: float
    typical: float


def widest(table: pd.DataFrame) -> Widest:
    """How far the machines in use lay apart.

    Parameters
    ----------
    table : DataFrame
        From :func:`efficiency`.
    """
    apart = (table["fleet_high"] / table["fleet_j_per_th"]).dropna()
    return Widest(
        float(apart[apart.index.year == chronology.CALL.year].mean()), float(apart.median())
    )


@dataclass(frozen=True)
class Since:
    """Machines since the ban, and what surveyed firms say of theirs.

    Attributes
    ----------
    before, after : Timestamp
        Months between which the lists have no release: the longest gap.
    at_gap, best : float
        Energy per hash of the best machine at that gap, and at the end of the lists, J/TH.
    last : Timestamp
        Month of the last release.
    year : int
        Of the survey.
    surveyed : float
        Energy per hash of the fleets of the firms that answered, J/TH.
    modelled : float
        Cambridge's estimate for all machines in use, mean of that year's months that it has, J/TH.
    months : int
        How many these are.
    """

    before: pd.Timestamp
    after: pd.Timestamp
    at_gap: float
    best: float
    last: pd.Timestamp
    year: int
    surveyed: float
    modelled: float
    months: int


def since() -> Since:
    """The lists' longest gap, their end, and the survey beside the model."""
    models = load("hardware_models").dropna(subset=["efficiency_j_per_th"])
    releases = pd.Series(sorted(models["release_month"].unique()))
    gap = releases.diff().idxmax()
    best = hardware.frontier()["best_j_per_th"].dropna()
    studies = load("energy_studies")
    told = studies[(studies["quantity"] == "efficiency") & (studies["scope"] == "firms")].iloc[-1]
    year = int(told["start_month"].year)
    fleet = load("fleet_efficiency").set_index("month")["efficiency_best_j_per_th"]
    own = fleet[fleet.index.year == year]
    return Since(
        before=releases[gap - 1],
        after=releases[gap],
        at_gap=float(best[releases[gap - 1]]),
        best=float(best.iloc[-1]),
        last=best.index[-1],
        year=year,
        surveyed=float(told["value"]),
        modelled=float(own.mean()),
        months=len(own),
    )


def homes() -> pd.DataFrame:
    """Part of the blocks by home of the pools, percent.

    Returns
    -------
    DataFrame
        Month x CHN, USA, ``others`` and ``unassigned``; months without labels are missing.
    """
    table = 100 * concentration.pool_homes()
    named = ["CHN", "USA", UNASSIGNED]
    shown = table[named].assign(**{OTHERS: table.drop(columns=named).sum(axis=1)})
    return shown[["CHN", "USA", OTHERS, UNASSIGNED]].asfreq("MS")


def home_names() -> dict[str, str]:
    """Column of :func:`homes` to its name."""
    return {
        **values.names(["CHN", "USA"]),
        OTHERS: _("Other countries"),
        UNASSIGNED: _("Not assigned"),
    }


def gap(table: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """First and last month without labels; None if there is none."""
    missing = table.index[table.isna().all(axis=1)]
    return None if missing.empty else (missing[0], missing[-1])


def homes_title(table: pd.DataFrame) -> str:
    """Blocks of Chinese pools in the first whole year with labels and in the last month."""
    china = table["CHN"].dropna()
    whole = china.groupby(china.index.year).agg(["size", "mean"])
    first = whole[whole["size"] == 12].iloc[0]
    return _(
        "Pools run from {china:place} found {then:number} percent of blocks in {year} and {now:number} "
        "percent in {last:month}; those run from {america:place} found {other:number} percent then",
        china="CHN",
        then=first["mean"],
        year=int(first.name),
        now=china.iloc[-1],
        last=china.index[-1],
        america="USA",
        other=table.loc[china.index[-1], "USA"],
    )


def homes_subtitle(table: pd.DataFrame) -> str:
    """The measure, and the months that it lacks."""
    if (ends := gap(table)) is None:
        return _("Part of all blocks by home country of the pool, percent")
    return _(
        "Part of all blocks by home country of the pool, percent; no labels from {first:month} to "
        "{last:month}",
        first=ends[0],
        last=ends[1],
    )


def pools_and_map() -> pd.DataFrame:
    """China by two measures, percent, in months that have both: pools and on_map."""
    pools = 100 * concentration.pool_homes()["CHN"]
    return pd.DataFrame({POOLS: pools, MAP: mining_map.shares()["CHN"]}).dropna()


def measure_names() -> dict[str, str]:
    """Column of :func:`pools_and_map` to its name."""
    return {POOLS: _("Chinese pools"), MAP: _("on the map")}


def distance_title(both: pd.DataFrame) -> str:
    """How far pools stood from the map, before the ban and after the return.

    Parameters
    ----------
    both : DataFrame
        From :func:`pools_and_map`.
    """
    apart = both[POOLS] - both[MAP]
    before, after = apart.loc[: chronology.BEFORE].mean(), apart.loc[chronology.RETURN :].mean()
    told = {"before": abs(before), "after": abs(after)}
    if before >= 0 and after >= 0:
        return _(
            "Before the ban Chinese pools ran {before:number} points above the map's share of China, "
            "and {after:number} points above it since the autumn of 2021",
            **told,
        )
    if before >= 0:
        return _(
            "Before the ban Chinese pools ran {before:number} points above the map's share of China, "
            "and {after:number} points below it since the autumn of 2021",
            **told,
        )
    if after >= 0:
        return _(
            "Before the ban Chinese pools ran {before:number} points below the map's share of China, "
            "and {after:number} points above it since the autumn of 2021",
            **told,
        )
    return _(
        "Before the ban Chinese pools ran {before:number} points below the map's share of China, "
        "and {after:number} points below it since the autumn of 2021",
        **told,
    )


def concentration_title(measured: pd.DataFrame) -> str:
    """How concentrated pools are in the last month.

    Parameters
    ----------
    measured : DataFrame
        From :func:`hashrate_migration.findings.concentration.pools`.
    """
    last = measured.iloc[-1]
    return _(
        "In {month:month} pools are as concentrated as {number:number.1} equal ones; the {half:count} "
        "largest hold half of the blocks or more",
        month=measured.index[-1],
        number=last["effective_number"],
        half=last["holding_half"],
    )


def spread(pools: pd.DataFrame) -> pd.DataFrame:
    """Effective numbers of pools and of countries, first and last month of the labels since the gap.

    Parameters
    ----------
    pools : DataFrame
        From :func:`hashrate_migration.findings.concentration.pools`.

    Returns
    -------
    DataFrame
        Indexed by the two months: pools and countries.
    """
    countries = concentration.countries(pools.index[0], pools.index[-1])["effective_number"]
    missing = gap(pools.asfreq("MS"))
    first = pools.index[0] if missing is None else missing[1] + pd.DateOffset(months=1)
    months = [first, pools.index[-1]]
    return pd.DataFrame(
        {"pools": pools["effective_number"][months], "countries": countries[months]}
    )
