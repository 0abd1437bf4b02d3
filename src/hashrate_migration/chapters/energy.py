"""Electricity and emissions: their ranges, China's 2020, what others published, and the ban."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import numpy as np
import pandas as pd

from hashrate_migration import chronology, energy
from hashrate_migration.energy.carbon import LIFE_CYCLE
from hashrate_migration.energy.counterfactual import BASELINES, pattern
from hashrate_migration.energy.demand import hours
from hashrate_migration.energy.electricity import national_mixes, us_by_states, us_states
from hashrate_migration.energy.seasons import WET_MONTHS
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST
from hashrate_migration.words import N_, _, translated, values
from hashrate_migration.words.columns import COLUMNS

COUNTRIES_SHOWN = 6
"""Countries with an area of their own in the figure of power; the others are added up."""

_MONTHS_OF_A_YEAR = 12

_ENDS_OF_SEASONS = (3, 9)
"""March and September: late in the dry and late in the wet season of the Chinese rivers."""

_CLAIM_ON_CHINA = "c16"
"""Row of the table ``claims``: what Chinese mining is said to have used in 2020."""

_CLEAN = ("nuclear", "hydro", "wind", "solar", "bioenergy", "geothermal")


def whole_years(years: pd.DataFrame) -> pd.DataFrame:
    """Of a table by year the years with all their months."""
    return years[years["months"] == _MONTHS_OF_A_YEAR]


def yearly_by_factors() -> pd.DataFrame:
    """Mean intensity of the network by year under each set of emission factors.

    Returns
    -------
    DataFrame
        Year x set, g CO2e/kWh, electricity-weighted; the life-cycle sets first.
    """
    table = {}
    for factors in sorted(energy.factor_sets(), key=lambda name: (name not in LIFE_CYCLE, name)):
        rows = energy.emissions(factors=factors)
        sums = rows.groupby(rows["month"].dt.year)[["emissions_mt", "energy_twh"]].sum()
        table[factors] = 1000 * sums["emissions_mt"] / sums["energy_twh"]
    return pd.DataFrame(table).rename_axis("year")


@dataclass(frozen=True)
class Widths:
    """How far apart the ends of the ranges are, as upper over lower end.

    Attributes
    ----------
    power : float
        The network's power; the least of all whole years.
    intensity : float
        Emissions per kilowatt-hour; the most of all months.
    """

    power: float
    intensity: float


def widths(monthly: pd.DataFrame) -> Widths:
    """Which link of the chain has the widest range.

    Parameters
    ----------
    monthly : DataFrame
        From :func:`hashrate_migration.energy.network_emissions`.
    """
    whole = whole_years(energy.yearly(monthly))
    return Widths(
        power=float((whole["high_twh"] / whole["low_twh"]).min()),
        intensity=float((monthly["intensity_high"] / monthly["intensity_low"]).max()),
    )


def power_by_country(rows: pd.DataFrame) -> pd.DataFrame:
    """Power of the largest countries and of all others together.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.energy.emissions`.

    Returns
    -------
    DataFrame
        Month x region, GW.
    """
    wide = rows.pivot(index="month", columns="region", values="power_gw").fillna(0.0)
    return mining_map.largest_and_rest(wide, COUNTRIES_SHOWN)


def largest_now(rows: pd.DataFrame) -> pd.Series:
    """Row of the country that draws most in the last month."""
    last = rows[(rows["month"] == rows["month"].max()) & (rows["region"] != REST)]
    return last.loc[last["power_gw"].idxmax()]


def sources_by_year(monthly: pd.DataFrame) -> pd.DataFrame:
    """Sources of the network's electricity in each whole year, percent.

    Parameters
    ----------
    monthly : DataFrame
        From :func:`hashrate_migration.energy.network_emissions`.

    Returns
    -------
    DataFrame
        Year x source.
    """
    year = pd.DatetimeIndex(monthly.index).year.rename("year")
    twh = monthly[list(energy.SOURCES)].mul(monthly["energy_twh"], axis=0).groupby(year).sum()
    return 100 * twh.div(twh.sum(axis=1), axis=0).loc[whole_years(energy.yearly(monthly)).index]


def ends_of_seasons(monthly: pd.DataFrame) -> pd.DataFrame:
    """Mix and emissions late in each season of the mining map, and in its last month.

    Parameters
    ----------
    monthly : DataFrame
        From :func:`hashrate_migration.energy.network_emissions`.

    Returns
    -------
    DataFrame
        Columns month, one per source (``coal_pct`` …), intensity_band and month_mt.
    """
    last = mining_map.shares().index[-1]
    mapped = monthly.loc[:last]
    chosen = mapped[mapped.index.month.isin(_ENDS_OF_SEASONS) | (mapped.index == last)]
    bands = chosen[["intensity_g_per_kwh", "intensity_low", "intensity_high"]].to_numpy()
    table = 100 * chosen[list(energy.SOURCES)].add_suffix("_pct")
    table["intensity_band"] = [values.banded(band) for band in bands]
    return table.assign(month_mt=chosen["emissions_mt"]).rename_axis("month").reset_index()


def factors_name(factors: str) -> str:
    """Name of a set of emission factors, as over its column."""
    return translated(COLUMNS[factors].heading)


def seasons_caption(monthly: pd.DataFrame) -> str:
    """What the table of the ends of seasons holds, and why its middles may be ends of the ranges.

    Parameters
    ----------
    monthly : DataFrame
        From :func:`hashrate_migration.energy.network_emissions`.
    """
    mapped = monthly.loc[: mining_map.shares().index[-1]]
    if np.isclose(mapped["intensity_g_per_kwh"], mapped["intensity_high"]).all():
        return _(
            "March and September on the mining map, late in the dry and in the wet season, and its "
            "last month: sources, intensity with its range, and emissions. The range is that of the "
            "sets of life-cycle factors; the set of this page is the highest of them."
        )
    if np.isclose(mapped["intensity_g_per_kwh"], mapped["intensity_low"]).all():
        return _(
            "March and September on the mining map, late in the dry and in the wet season, and its "
            "last month: sources, intensity with its range, and emissions. The range is that of the "
            "sets of life-cycle factors; the set of this page is the lowest of them."
        )
    return _(
        "March and September on the mining map, late in the dry and in the wet season, and its last "
        "month: sources, intensity with its range, and emissions. The range is that of the sets of "
        "life-cycle factors."
    )


def us_by_place() -> pd.DataFrame:
    """US mining with the national mix, and with the states' mixes of the map.

    Returns
    -------
    DataFrame
        Indexed by mix (``nation`` and ``states``): coal_pct, gas_pct, low_carbon_pct and
        intensity_g_per_kwh, in the year for which the map has states.
    """
    year = load("us_states")["month"].max().year
    nation = national_mixes().loc[("USA", year)]
    table = pd.DataFrame({"nation": nation, "states": us_by_states(year)}).T
    return pd.DataFrame(
        {
            "coal_pct": 100 * table["coal"],
            "gas_pct": 100 * table["gas"],
            "low_carbon_pct": 100 * table[list(_CLEAN)].sum(axis=1),
            "intensity_g_per_kwh": energy.intensities(table),
        }
    ).rename_axis("mix")


def us_states_with_most(fuel: str, count: int) -> list[str]:
    """States from which the largest parts of a fuel in US mining come."""
    year = load("us_states")["month"].max().year
    states = us_states(year).drop(index="US-OTH")
    return (states["weight"] * states[fuel]).nlargest(count).index.tolist()


@dataclass(frozen=True)
class ClaimOnChina:
    """What China's mining is said to have used in a year, beside what the tables give.

    Attributes
    ----------
    year : int
        Of the claim.
    claimed : float
        TWh.
    china, china_high : float
        TWh at the best guess of the network's power, and at its upper bound.
    network, network_high : float
        The same of all countries together.
    peak : Timestamp
        Month of 2021 in which the network drew most.
    annualised : float
        TWh of a year at the power of that month.
    """

    year: int
    claimed: float
    china: float
    china_high: float
    network: float
    network_high: float
    peak: pd.Timestamp
    annualised: float


def claim_on_china(rows: pd.DataFrame, monthly: pd.DataFrame) -> ClaimOnChina:
    """Hold the figure that is often copied against the tables.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.energy.emissions`.
    monthly : DataFrame
        From :func:`hashrate_migration.energy.network_emissions`.
    """
    claim = load("claims").set_index("claim_id").loc[_CLAIM_ON_CHINA]
    within = rows["month"].between(claim["start_month"], claim["end_month"])
    china = rows[within & (rows["region"] == claim["subject"])]
    network = energy.yearly(monthly).loc[claim["start_month"].year]
    power = monthly["power_gw"].loc[str(chronology.CALL.year)]
    year = pd.date_range(f"{chronology.CALL.year}-01-01", periods=_MONTHS_OF_A_YEAR, freq="MS")
    return ClaimOnChina(
        year=int(claim["start_month"].year),
        claimed=float(claim["value"]),
        china=float(china["energy_twh"].sum()),
        china_high=float((china["high_gw"] * hours(china["month"])).sum() / 1000),
        network=float(network["energy_twh"]),
        network_high=float(network["high_twh"]),
        peak=power.idxmax(),
        annualised=float(power.max() * hours(year).sum() / 1000),
    )


def _as_published(figure: float) -> str:
    """A figure with the decimals with which it was published."""
    decimals = -int(Decimal(str(figure)).normalize().as_tuple().exponent)
    return values.number(figure, max(decimals, 0))


def _ours(
    item: pd.Series, rows: pd.DataFrame, network: pd.DataFrame
) -> tuple[float, float, float] | None:
    """Best guess, lower and upper end over a period; none if it is not covered whole."""
    span = pd.date_range(item["start_month"], item["end_month"], freq="MS")
    if not span.isin(network.index).all():
        return None
    if pd.isna(item["region"]):
        gw = network.loc[span, ["power_best_gw", "power_lower_gw", "power_upper_gw"]]
    else:
        own = rows[(rows["region"] == item["region"]) & rows["month"].isin(span)]
        gw = own.set_index("month")[["power_gw", "low_gw", "high_gw"]]
    in_twh = pd.notna(item["energy_twh"])
    said = gw.mul(hours(span) / 1000, axis=0).sum() if in_twh else 1000 * gw.mean()
    middle, low, high = said
    return middle, low, high


def beside_others() -> pd.DataFrame:
    """Our electricity beside what others have published, where the period is covered whole.

    Returns
    -------
    DataFrame
        Columns area, period, published, computed_here (with the band from the bounds of power and
        share), unit, note and publisher.
    """
    rows, network = energy.power(), energy.network_power()
    publishers = load("sources").set_index("source_id")["publisher"]
    result = []
    for _number, item in load("energy_estimates").iterrows():
        if (ours := _ours(item, rows, network)) is None:
            continue
        in_twh = pd.notna(item["energy_twh"])
        ends = item[["energy_twh", "energy_high_twh"] if in_twh else ["power_mw", "power_high_mw"]]
        start, end = item["start_month"], item["end_month"]
        code = item["region"]
        result.append(
            {
                "area": _("the whole network") if pd.isna(code) else values.name(str(code)),
                "period": values.iso_month(start) if start == end else values.year(start),
                "published": "–".join(_as_published(figure) for figure in ends.dropna()),
                "computed_here": values.banded(ours, 1 if in_twh else 0),
                "unit": "TWh" if in_twh else "MW",
                "note": item["note"],
                "publisher": publishers[item["source_id"]],
            }
        )
    return pd.DataFrame(result)


MEAN_MIX, FOSSIL = N_("mean mix"), N_("largest fossil source")
"""What hashrate that a region gained over its pattern is taken to run on."""

_SHARES = {"map": N_("map"), "panel": N_("panel")}

_PATTERNS = {"mean": N_("all months"), "last_year": N_("the last year")}


def ban_variants() -> pd.DataFrame:
    """What the ban did to emissions from June 2021 to the map's end, under every choice.

    Returns
    -------
    DataFrame
        One row per choice: arrivals (:data:`MEAN_MIX` or :data:`FOSSIL`), shares_of (map or panel),
        pattern before the ban, emission factors (in words), emissions_mt, without_ban_mt and
        difference_mt.
    """
    rows = []
    for marginal, shares, baseline, factors in product(
        (False, True), _SHARES, BASELINES, LIFE_CYCLE
    ):
        table = energy.no_ban(
            baseline=baseline, factors=factors, marginal=marginal, shares=shares
        ).sum()
        rows.append(
            {
                "arrivals": FOSSIL if marginal else MEAN_MIX,
                "shares_of": _SHARES[shares],
                "pattern": _PATTERNS[baseline],
                "factors": COLUMNS[factors].heading,
                "emissions_mt": table["emissions_mt"],
                "without_ban_mt": table["without_ban_mt"],
                "difference_mt": table["difference_mt"],
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Verdict:
    """What the variants say together.

    Attributes
    ----------
    variants, raised : int
        How many there are, and in how many emissions were higher than without the ban.
    mean, fossil : tuple of float
        Lowest and highest difference (Mt) with arrivals on mean mixes, and on the largest fossil
        source.
    most : float
        Largest effect of all: the higher of the two worlds' emissions over the lower.
    """

    variants: int
    raised: int
    mean: tuple[float, float]
    fossil: tuple[float, float]
    most: float


def verdict(variants: pd.DataFrame) -> Verdict:
    """Count the variants and their signs.

    Parameters
    ----------
    variants : DataFrame
        From :func:`ban_variants`.
    """
    ends = variants.groupby("arrivals")["difference_mt"].agg(["min", "max"])
    ratio = variants["emissions_mt"] / variants["without_ban_mt"]
    return Verdict(
        variants=len(variants),
        raised=int((variants["difference_mt"] > 0).sum()),
        mean=(float(ends.loc[MEAN_MIX, "min"]), float(ends.loc[MEAN_MIX, "max"])),
        fossil=(float(ends.loc[FOSSIL, "min"]), float(ends.loc[FOSSIL, "max"])),
        most=float(max(ratio.max(), (1 / ratio).max())),
    )


def ban_title(months: pd.DataFrame) -> str:
    """Where grams with and without the ban lie farthest apart, and how the map ends, as a title.

    Parameters
    ----------
    months : DataFrame
        From :func:`hashrate_migration.energy.no_ban`.
    """
    gap = months["intensity_g_per_kwh"] - months["without_ban_g_per_kwh"]
    widest, end = gap.abs().idxmax(), gap.index[-1]
    given = {"top": widest, "most": abs(gap[widest]), "end": end, "last": abs(gap[end])}
    if widest == end and gap[end] > 0:
        return _(
            "In {top:month} a kilowatt-hour of mining caused {most:number} grams more than with the "
            "shares of before the ban",
            **given,
        )
    if widest == end:
        return _(
            "In {top:month} a kilowatt-hour of mining caused {most:number} grams less than with the "
            "shares of before the ban",
            **given,
        )
    if gap[widest] > 0 > gap[end]:
        return _(
            "In {top:month} a kilowatt-hour of mining caused {most:number} grams more than with the "
            "shares of before the ban, in {end:month} {last:number} less",
            **given,
        )
    if gap[widest] > 0:
        return _(
            "A kilowatt-hour of mining caused {most:number} grams more in {top:month} than with the "
            "shares of before the ban, and still {last:number} more in {end:month}",
            **given,
        )
    if gap[end] > 0:
        return _(
            "In {top:month} a kilowatt-hour of mining caused {most:number} grams less than with the "
            "shares of before the ban, in {end:month} {last:number} more",
            **given,
        )
    return _(
        "A kilowatt-hour of mining caused {most:number} grams less in {top:month} than with the "
        "shares of before the ban, and still {last:number} less in {end:month}",
        **given,
    )


def by_season(months: pd.DataFrame) -> tuple[float, float]:
    """Difference that the ban made in the wet and in the dry months, Mt.

    Parameters
    ----------
    months : DataFrame
        From :func:`hashrate_migration.energy.no_ban`.
    """
    wet = pd.DatetimeIndex(months.index).month.isin(WET_MONTHS)
    return (
        float(months.loc[wet, "difference_mt"].sum()),
        float(months.loc[~wet, "difference_mt"].sum()),
    )


@dataclass(frozen=True)
class Longer:
    """The same comparison carried on, with the pattern of before the ban kept to this day.

    Attributes
    ----------
    year : int
        Last whole year.
    difference : float
        Emissions of that year less those without the ban, Mt.
    china_kept, china_now : float
        China's share in the pattern, and in that year, percent.
    gained : list of str
        Countries whose shares grew most since the months of the pattern, the largest first.
    """

    year: int
    difference: float
    china_kept: float
    china_now: float
    gained: list[str]


def longer(factors: str, count: int = 3) -> Longer:
    """What the ban's change of places means in the last whole year.

    Parameters
    ----------
    factors : str
        Set of emission factors.
    count : int
        Countries to name.
    """
    shares = energy.shares().pivot(index="month", columns="region", values="share_pct").fillna(0.0)
    table = energy.no_ban(end=shares.index[-1], factors=factors)
    year = int(whole_years(shares.groupby(shares.index.year).size().to_frame("months")).index[-1])
    now, before = shares.loc[str(year)].mean(), shares.loc[: chronology.BEFORE].mean()
    gains = (now - before).drop(REST)
    kept = pattern().filter(like="CN-").sum(axis=1).mean()
    return Longer(
        year=year,
        difference=float(table.loc[str(year), "difference_mt"].sum()),
        china_kept=100 * float(kept),
        china_now=float(now["CHN"]),
        gained=gains.nlargest(count).index.tolist(),
    )


def china_before() -> pd.Series:
    """China's share on the map in the month of the call and a year before, percent."""
    share = mining_map.shares()["CHN"]
    return share.loc[[chronology.BEFORE - pd.DateOffset(years=1), chronology.BEFORE]]


def power_title(leader: pd.Series, month: pd.Timestamp) -> str:
    """How much the largest country drew, as the title of a figure.

    Parameters
    ----------
    leader : Series
        From :func:`largest_now`.
    month : Timestamp
        Its month.
    """
    return _(
        "Mining in {country:place} drew {power:gw} in {month:month} ({ends:between} by the bounds)",
        country=leader["region"],
        power=leader["power_gw"],
        month=month,
        ends=(leader["low_gw"], leader["high_gw"]),
    )


def sources_title(sources: pd.DataFrame, first: int, last: int) -> str:
    """What coal and gas gave in two years, as the title of a figure.

    Parameters
    ----------
    sources : DataFrame
        From :func:`sources_by_year`.
    first, last : int
        Years.
    """
    return _(
        "Coal gave {coal_then:percent} of mining's electricity in {first} and {coal_now:percent} in "
        "{last}, gas {gas_then:percent} and {gas_now:percent}",
        coal_then=sources["coal"][first],
        first=first,
        coal_now=sources["coal"][last],
        last=last,
        gas_then=sources["gas"][first],
        gas_now=sources["gas"][last],
    )


def intensity_title(before: pd.Series, mean: float, last: int) -> str:
    """How far the intensity swung before the ban, and where it is now, as the title of a figure.

    Parameters
    ----------
    before : Series
        g CO2e/kWh by month, before the ban.
    mean : float
        g CO2e/kWh of the year `last`.
    last : int
        A whole year.
    """
    return _(
        "Before the ban a kilowatt-hour of mining swung from {ends:between} grams; in {last} its mean "
        "was {mean:number}",
        ends=(before.min(), before.max()),
        last=last,
        mean=mean,
    )
