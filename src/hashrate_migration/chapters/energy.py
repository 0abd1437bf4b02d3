"""Electricity and emissions: their ranges, China's 2020, what others published, and the ban."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from hashrate_migration import chronology, energy
from hashrate_migration.energy.carbon import DEFAULT_FACTORS, LIFE_CYCLE, factors_of
from hashrate_migration.energy.counterfactual import window
from hashrate_migration.energy.demand import hours
from hashrate_migration.energy.drawn import DRAWN, POWER_MONTHS
from hashrate_migration.energy.electricity import (
    SURVEY,
    national_mixes,
    survey_mix,
    us_by_states,
    us_states,
)
from hashrate_migration.energy.kept import MEDIANS
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

_CAMBRIDGE_OF_2022 = "CCAF GHG 2022"
"""Study of which two yearly intensities were quoted."""

_SMALL = 10
"""Figures below it are said with two decimals."""

_CLEAN = ("nuclear", "hydro", "wind", "solar", "bioenergy", "geothermal")


def whole_years(years: pd.DataFrame) -> pd.DataFrame:
    """Of a table by year the years with all their months."""
    return years[years["months"] == _MONTHS_OF_A_YEAR]


def one_set(factors: str) -> str:
    """The set of emission factors for tables that take one: that asked for, or the default."""
    return DEFAULT_FACTORS if factors == DRAWN else factors


def years_shown(factors: str) -> pd.DataFrame:
    """Years from the first that the mining map has whole, with their ranges.

    Parameters
    ----------
    factors : str
        As of :func:`hashrate_migration.energy.ranges`.
    """
    years = energy.ranges_by_year(factors)
    known = pd.Series(energy.network_power().index.year).value_counts()
    first = min(year for year, months in known.items() if months == _MONTHS_OF_A_YEAR)
    return years.loc[first:]


def yearly_by_factors() -> pd.DataFrame:
    """Mean intensity of the network by year under each set of emission factors.

    Returns
    -------
    DataFrame
        Year x set, g CO2e/kWh, electricity-weighted, medians of the draws; the life-cycle sets first.
    """
    table = {}
    for factors in sorted(energy.factor_sets(), key=lambda name: (name not in LIFE_CYCLE, name)):
        table[factors] = years_shown(factors)["intensity_g_per_kwh"]
    return pd.DataFrame(table).rename_axis("year")


@dataclass(frozen=True)
class Cambridge:
    """Cambridge's intensity beside ours, in the months for which it is published.

    Attributes
    ----------
    months : int
        How many there are.
    held : int
        In how many it lies in our range.
    held_by_medians : int
        The same if each set of factors is taken as it stands.
    correlation : float
        Of its intensity and our median.
    above_pct : float
        How far it lies above our median, in the mean.
    said_of : int
        Year for which a figure was quoted that is not the mean of its months.
    quoted, mean : float
        The figure quoted for that year, and the mean of its days, g/kWh.
    """

    months: int
    held: int
    held_by_medians: int
    correlation: float
    above_pct: float
    said_of: int
    quoted: float
    mean: float


def cambridge_line() -> pd.Series:
    """Cambridge's intensity by month, g/kWh."""
    months = load("cambridge_intensity").set_index("month")["intensity_g_per_kwh"]
    return months.rename("Cambridge")


def cambridge() -> Cambridge:
    """Hold Cambridge's monthly intensity against our range."""
    theirs = cambridge_line()
    held = {}
    for name in (DRAWN, MEDIANS):
        ours = energy.ranges(factors=name).reindex(theirs.index)
        held[name] = int(theirs.between(ours["low_g_per_kwh"], ours["high_g_per_kwh"]).sum())
    middle = energy.ranges().reindex(theirs.index)["intensity_g_per_kwh"]
    quoted = load("energy_studies")
    quoted = quoted[(quoted["quantity"] == "intensity") & (quoted["study"] == _CAMBRIDGE_OF_2022)]
    # Its yearly figures are means of days.
    days = pd.Series(pd.DatetimeIndex(theirs.index).days_in_month, index=theirs.index)
    year = pd.DatetimeIndex(theirs.index).year
    by_year = (theirs * days).groupby(year).sum() / days.groupby(year).sum()
    said = quoted.assign(year=quoted["start_month"].dt.year).set_index("year")["value"]
    off = (said - by_year.reindex(said.index)).abs().idxmax()
    return Cambridge(
        months=len(theirs),
        held=held[DRAWN],
        held_by_medians=held[MEDIANS],
        correlation=float(np.corrcoef(theirs, middle)[0, 1]),
        above_pct=float(100 * (theirs / middle - 1).mean()),
        said_of=int(off),
        quoted=float(said[off]),
        mean=float(by_year[off]),
    )


@dataclass(frozen=True)
class Widths:
    """How far apart the ends of the ranges are, as upper over lower end.

    Attributes
    ----------
    power : float
        The network's electricity; the least of all whole years.
    intensity : float
        Emissions per kilowatt-hour; the most of all months.
    """

    power: float
    intensity: float


def widths(years: pd.DataFrame, monthly: pd.DataFrame) -> Widths:
    """Which link of the chain has the widest range.

    Parameters
    ----------
    years : DataFrame
        From :func:`years_shown`.
    monthly : DataFrame
        From :func:`hashrate_migration.energy.ranges`.
    """
    whole = whole_years(years)
    return Widths(
        power=float((whole["high_twh"] / whole["low_twh"]).min()),
        intensity=float((monthly["high_g_per_kwh"] / monthly["low_g_per_kwh"]).max()),
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


def ends_of_seasons(monthly: pd.DataFrame, ranges: pd.DataFrame) -> pd.DataFrame:
    """Mix and emissions late in each season of the mining map, and in its last month.

    Parameters
    ----------
    monthly : DataFrame
        From :func:`hashrate_migration.energy.network_emissions`.
    ranges : DataFrame
        From :func:`hashrate_migration.energy.ranges`.

    Returns
    -------
    DataFrame
        Columns month, one per source (``coal_pct`` …), intensity_band and month_mt.
    """
    last = mining_map.shares().index[-1]
    mapped = monthly.loc[:last]
    chosen = mapped[mapped.index.month.isin(_ENDS_OF_SEASONS) | (mapped.index == last)]
    own = ranges.loc[chosen.index]
    bands = own[["intensity_g_per_kwh", "low_g_per_kwh", "high_g_per_kwh"]].to_numpy()
    table = 100 * chosen[list(energy.SOURCES)].add_suffix("_pct")
    table["intensity_band"] = [values.banded(band) for band in bands]
    return table.assign(month_mt=own["emissions_mt"]).rename_axis("month").reset_index()


def factors_name(factors: str) -> str:
    """Name of a set of emission factors, as over its column."""
    if factors == DRAWN:
        return _("a set for each draw")
    return translated(COLUMNS[factors].heading)


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


QUANTITIES = {
    "electricity": N_("electricity"),
    "emissions": N_("emissions"),
    "intensity": N_("emissions per kilowatt-hour"),
    "power": N_("power"),
    "efficiency": N_("efficiency"),
    "share_sustainable": N_("renewable and nuclear"),
    "share_renewable": N_("renewable"),
    "share_fossil": N_("fossil"),
    "share_coal": N_("coal"),
    "share_gas": N_("gas"),
    "share_hydro": N_("hydro"),
    "share_nuclear": N_("nuclear"),
    "share_wind": N_("wind"),
    "share_off_grid": N_("off the grid"),
    "share_surveyed": N_("part of the network that answered"),
    "share_of_national_electricity": N_("part of the country's electricity"),
    "share_of_studies": N_("studies that build on no theory"),
    "sites": N_("sites known"),
    "water": N_("water"),
    "energy_per_value": N_("energy per dollar of bitcoin"),
    "electricity_outlook": N_("electricity, outlook"),
    "electricity_projected": N_("electricity, projected without policy"),
    "emissions_projected": N_("emissions, projected"),
    "intensity_change_by_ban": N_("change of intensity through the ban"),
    "emissions_change_by_ban": N_("change of emissions through the ban"),
    "emissions_change_by_a_ban": N_("change of emissions if mining were banned there"),
}
"""What figures of studies are of, in words."""

SCOPES = {
    "network": N_("the whole network"),
    "country": N_("a country"),
    "firms": N_("firms that answered"),
    "mines": N_("single mines"),
    "coins": N_("several coins"),
    "projection": N_("a projection"),
    "counterfactual": N_("a world that is not"),
    "literature": N_("studies"),
}
"""Of what they speak, in words."""


def _period(item: pd.Series) -> str:
    """A month, a year, or from one month to another."""
    start, end = item["start_month"], item["end_month"]
    if start == end:
        return values.iso_month(start)
    whole = (start.month, end.month) == (1, _MONTHS_OF_A_YEAR)
    if whole and start.year == end.year:
        return values.year(start)
    if whole:
        return f"{values.year(start)}–{values.year(end)}"
    return f"{values.iso_month(start)}–{values.iso_month(end)}"


def _with_year(item: pd.Series) -> str:
    """Name of a study with its year, if the name has none."""
    name, year = str(item["study"]), str(item["published"])
    return name if name[-1].isdigit() else f"{name}, {year}"


def _printed(item: pd.Series) -> str:
    """A study's figure with its ends, as printed."""
    known = item[["value", "low", "high"]].astype(float)
    ends = "–".join(_as_published(figure) for figure in known[["low", "high"]].dropna())
    if pd.isna(known["low"]) and ends:
        ends = f"≤ {ends}"
    if pd.isna(known["value"]):
        return ends
    middle = _as_published(known["value"])
    return f"{middle} ({ends})" if ends else middle


def studies() -> pd.DataFrame:
    """Every figure of the studies with ours beside it: rows of the table and of the kept ones.

    Returns
    -------
    DataFrame
        Columns of the table ``energy_studies``, and ours, ours_low and ours_high (missing where ours
        says nothing of it).
    """
    ours = energy.beside_studies().rename(columns={"low": "ours_low", "high": "ours_high"})
    table = load("energy_studies").merge(ours, on="figure_id", how="left")
    order = ["study", "published", "start_month", "figure_id"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def everybody() -> pd.DataFrame:
    """The table of everybody's figures, as a page shows it.

    Returns
    -------
    DataFrame
        Columns study, quantity_of, scope, period, published, unit, computed_here and method.
    """
    rows = []
    for _number, item in studies().iterrows():
        place = item["region"]
        scope = translated(SCOPES[str(item["scope"])])
        ours = item[["ours", "ours_low", "ours_high"]].astype(float)
        finest = 2 if ours["ours"] < _SMALL else 1
        rows.append(
            {
                "study": _with_year(item),
                "quantity_of": translated(QUANTITIES[str(item["quantity"])]),
                "scope": scope if pd.isna(place) else f"{scope}: {values.name(str(place))}",
                "period": _period(item),
                "published": _printed(item),
                "unit": item["unit"],
                "computed_here": (
                    values.MISSING if ours.isna().any() else values.banded(tuple(ours), finest)
                ),
                "method": "" if pd.isna(item["method"]) else translated(str(item["method"])),
            }
        )
    return pd.DataFrame(rows)


def drawn_beside(quantity: str) -> pd.DataFrame:
    """Figures of the whole network with ours, for a figure; the oldest period first.

    Parameters
    ----------
    quantity : str
        ``electricity`` or ``emissions``.

    Returns
    -------
    DataFrame
        Indexed by study and period: value, theirs_low, theirs_high, ours, low, high. Of an index that
        gives several years all are shown; bounds that are wider than the axes are cut off by them.
    """
    table = studies()
    own = table[
        (table["quantity"] == quantity) & (table["scope"] == "network") & table["ours"].notna()
    ]
    own = own.sort_values(["start_month", "end_month", "study"], kind="stable")
    names = [f"{item['study']}, {_period(item)}" for _number, item in own.iterrows()]
    renamed = own.rename(
        columns={"low": "theirs_low", "high": "theirs_high", "ours_low": "low", "ours_high": "high"}
    )
    columns = ["value", "theirs_low", "theirs_high", "ours", "low", "high"]
    return renamed[columns].set_axis(pd.Index(names, name="study"))


def why() -> pd.DataFrame:
    """Why emissions of others differ from ours: by electricity, and by grams per kilowatt-hour.

    Returns
    -------
    DataFrame
        One row per study and period that gives both electricity and emissions of the network: study,
        period, theirs_mt, ours_mt, theirs_twh, ours_twh, theirs_g_per_kwh, ours_g_per_kwh, and how much
        of the difference comes of electricity and how much of grams (by_electricity_mt, by_grams_mt).

    Notes
    -----
    A difference of products is the difference of each factor times the mean of the other, with nothing
    left over: 138 TWh at 288 g beside 159 TWh at 390 g are 39.7 and 62.0 Mt; 21 TWh less at 339 g are
    7.1 Mt, 102 g less at 148.5 TWh are 15.1, together 22.3.
    """
    table = studies()
    table = table[(table["scope"] == "network") & table["ours"].notna()]
    middle = table["value"].fillna((table["low"] + table["high"]) / 2)
    table = table.assign(value=middle).dropna(subset=["value"])
    keys = ["study", "published", "start_month", "end_month"]
    twh, mt = (table[table["quantity"] == name] for name in ("electricity", "emissions"))
    both = mt.merge(twh, on=keys, suffixes=("_mt", "_twh"))
    rows = []
    for _number, item in both.iterrows():
        theirs = (item["value_twh"], 1000 * item["value_mt"] / item["value_twh"])
        ours = (item["ours_twh"], 1000 * item["ours_mt"] / item["ours_twh"])
        rows.append(
            {
                "study": item["study"],
                "period": _period(item),
                "theirs_mt": item["value_mt"],
                "ours_mt": item["ours_mt"],
                "theirs_twh": theirs[0],
                "ours_twh": ours[0],
                "theirs_g_per_kwh": theirs[1],
                "ours_g_per_kwh": ours[1],
                "by_electricity_mt": (theirs[0] - ours[0]) * (theirs[1] + ours[1]) / 2000,
                "by_grams_mt": (theirs[1] - ours[1]) * (theirs[0] + ours[0]) / 2000,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Survey:
    """Cambridge's survey of the firms beside our account of the same year.

    Attributes
    ----------
    year : int
    emissions, energy, grams : float
        What its report gives: Mt, TWh, and the one over the other in g/kWh.
    ours : tuple of float
        Our emissions: middle, lower and upper end, Mt.
    our_energy, our_grams : tuple of float
        The same of electricity, TWh, and of intensity, g/kWh.
    with_its_mix : tuple of float
        Our emissions if the whole network ran on the survey's mix, Mt.
    recomputed : float
        The survey's mix with the factors that Cambridge takes, g/kWh.
    by_factors : float
        The same with the default set, g/kWh.
    coal, our_coal : float
        Percent of the mix.
    part : float
        Percent of the network that answered.
    off_grid : float
        Percent of it that is off the grid.
    """

    year: int
    emissions: float
    energy: float
    grams: float
    ours: tuple[float, float, float]
    our_energy: tuple[float, float, float]
    our_grams: tuple[float, float, float]
    with_its_mix: tuple[float, float, float]
    recomputed: float
    by_factors: float
    coal: float
    our_coal: float
    part: float
    off_grid: float

    @property
    def inside(self) -> bool:
        """Whether its emissions lie in our range."""
        return self.ours[1] <= self.emissions <= self.ours[2]

    @property
    def grams_inside(self) -> bool:
        """Whether its grams lie in our range."""
        return self.our_grams[1] <= self.grams <= self.our_grams[2]


def survey() -> Survey:
    """Hold the survey against our account."""
    table = studies()
    own = table[table["study"] == SURVEY].set_index("quantity")
    year = int(own.loc["emissions", "start_month"].year)
    by = energy.scenarios().query("year == @year").set_index("scenario")

    def ends(scenario: str, what: str, unit: str) -> tuple[float, float, float]:
        row = by.loc[scenario]
        return float(row[what]), float(row[f"low_{unit}"]), float(row[f"high_{unit}"])

    mix = survey_mix()
    emitted, used = float(own.loc["emissions", "value"]), float(own.loc["electricity", "value"])
    return Survey(
        year=year,
        emissions=emitted,
        energy=used,
        grams=1000 * emitted / used,
        ours=ends("grid", "emissions_mt", "mt"),
        our_energy=ends("grid", "energy_twh", "twh"),
        our_grams=ends("grid", "intensity_g_per_kwh", "g_per_kwh"),
        with_its_mix=ends("survey", "emissions_mt", "mt"),
        recomputed=float(mix @ factors_of("cambridge")),
        by_factors=float(mix @ factors_of()),
        coal=float(own.loc["share_coal", "value"]),
        our_coal=float(own.loc["share_coal", "ours"]),
        part=float(own.loc["share_surveyed", "value"]),
        off_grid=float(own.loc["share_off_grid", "value"]),
    )


SCENARIO_NAMES = {
    "grid": N_("the grid's mix"),
    "survey": N_("the survey's mix"),
    "off_grid_flared": N_("a part off the grid, on gas that is flared anyway"),
    "off_grid_gas": N_("a part off the grid, on gas that is not"),
    "marginal": N_("the largest fossil source of each grid"),
}
"""Mixes of the network, in words."""


def scenario_years() -> pd.DataFrame:
    """Whole years after the mining map under other mixes.

    Returns
    -------
    DataFrame
        Columns mix_of (in words), year, intensity_band and emissions_band.
    """
    table = energy.scenarios()
    ends = mining_map.shares().index[-1]
    table = table[(table["year"] > ends.year) & (table["months"] == _MONTHS_OF_A_YEAR)]
    columns = {
        "intensity_band": (("intensity_g_per_kwh", "low_g_per_kwh", "high_g_per_kwh"), 0),
        "emissions_band": (("emissions_mt", "low_mt", "high_mt"), 1),
    }
    said = {
        name: [values.banded(tuple(row), digits) for row in table[list(which)].to_numpy()]
        for name, (which, digits) in columns.items()
    }
    names = [translated(SCENARIO_NAMES[name]) for name in table["scenario"]]
    return pd.DataFrame({"mix_of": names, "year": table["year"].to_numpy(), **said})


EFFECTS = {
    "place": N_("place"),
    "volume": N_("volume"),
    "time": N_("time"),
    "residual": N_("residual"),
    "total": N_("all together"),
}
"""Parts of the effect of the ban, in words."""

CHOICES = {
    "all": N_("all draws"),
    "baseline mean": N_("pattern: all months"),
    "baseline last_year": N_("pattern: the last year"),
    "factors ipcc-2011": N_("factors: IPCC 2011"),
    "factors ipcc-2014": N_("factors: IPCC 2014"),
    "factors grid": N_("factors: published for each grid"),
    "provinces kept": N_("rest of China where it stood"),
    "provinces left": N_("rest of China on the nation's mix"),
}
"""Choices of the reckoning, in words."""


def ban_effects() -> pd.DataFrame:
    """Parts of the effect of the ban: indexed by part in words, the columns of the kept table."""
    table = energy.ban_parts().set_index("effect")
    table = table[table["choice"] == "all"].loc[list(EFFECTS)]
    return table.set_axis(
        pd.Index([translated(EFFECTS[name]) for name in table.index], name="part_of")
    )


def ban_choices() -> pd.DataFrame:
    """What places did under each choice.

    Returns
    -------
    DataFrame
        Columns choice (in words), draws, mean_mix_band and raised_pct (arrivals on mean mixes), and
        fossil_band (arrivals on the largest fossil source).
    """
    table = energy.ban_parts().set_index(["effect", "choice"])
    rows = []
    for choice, name in CHOICES.items():
        plain, fossil = table.loc[("place", choice)], table.loc[("place_fossil", choice)]
        rows.append(
            {
                "choice": translated(name),
                "draws": int(plain["draws"]),
                "mean_mix_band": _signed_band(plain),
                "raised_pct": plain["raised_pct"],
                "fossil_band": _signed_band(fossil),
            }
        )
    return pd.DataFrame(rows)


def power_name(months: int) -> str:
    """So many months whose mean power stands for a network without the ban, in words."""
    if months == 1:
        return _("power of the month of the call")
    return _("mean power of the {months:count} months up to it", months=months)


def ban_powers() -> pd.DataFrame:
    """What the ban did, by the power at which the network would have gone on.

    Returns
    -------
    DataFrame
        Columns choice (in words), draws, volume_band and total_band (Mt CO2e), and raised_pct (draws in
        which all together sent emissions up).
    """
    table = energy.ban_parts().set_index(["effect", "choice"])
    rows = []
    names = {"all": translated(CHOICES["all"])}
    names |= {f"power {months}": power_name(months) for months in POWER_MONTHS}
    for choice, name in names.items():
        volume, total = table.loc[("volume", choice)], table.loc[("total", choice)]
        rows.append(
            {
                "choice": name,
                "draws": int(total["draws"]),
                "volume_band": _signed_band(volume),
                "total_band": _signed_band(total),
                "raised_pct": total["raised_pct"],
            }
        )
    return pd.DataFrame(rows)


def _signed_band(row: pd.Series) -> str:
    ends = " … ".join(values.signed(row[name], 1) for name in ("low_mt", "high_mt"))
    return f"{values.signed(row['effect_mt'], 1)} ({ends})"


@dataclass(frozen=True)
class Ban:
    """The effect of the ban on emissions, from the first month after the call to the map's end.

    Attributes
    ----------
    start, end : Timestamp
        First and last month.
    place, volume, time, residual, total, fossil : Series
        Rows of :func:`hashrate_migration.energy.ban_parts`: effect_mt, low_mt, high_mt, raised_pct …
    by_power : dict of Series
        The total by months whose mean power stands for a network without the ban.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    place: pd.Series
    volume: pd.Series
    time: pd.Series
    residual: pd.Series
    total: pd.Series
    fossil: pd.Series
    by_power: dict[int, pd.Series]

    @property
    def months(self) -> int:
        """How many months they are."""
        return len(pd.date_range(self.start, self.end, freq="MS"))


def ban() -> Ban:
    """The parts of the effect of the ban over all draws."""
    every = energy.ban_parts().set_index(["effect", "choice"])
    table = every.xs("all", level="choice")
    months = window()
    kept = {name: table.loc[name] for name in EFFECTS}
    return Ban(
        months[0],
        months[-1],
        **kept,
        fossil=table.loc["place_fossil"],
        by_power={count: every.loc[("total", f"power {count}")] for count in POWER_MONTHS},
    )


def ends_of(row: pd.Series) -> tuple[float, float]:
    """Lower and upper end of an effect."""
    return float(row["low_mt"]), float(row["high_mt"])


def parts_title(said: Ban) -> str:
    """What the parts say, as the title of a figure.

    Parameters
    ----------
    said : Ban
    """
    given = {
        "volume": -said.volume["effect_mt"],
        "low": said.place["low_mt"],
        "high": said.place["high_mt"],
    }
    if said.volume["high_mt"] < 0 and said.place["low_mt"] < 0 < said.place["high_mt"]:
        return _(
            "Machines that stood still took {volume:number.1} Mt off; what the change of places did has "
            "no certain sign, {low:signed.1} to {high:signed.1} Mt",
            **given,
        )
    return _(
        "The change of power made {volume_low:signed.1} to {volume_high:signed.1} Mt, by what it is "
        "held against, the change of places {low:signed.1} to {high:signed.1} Mt",
        **given,
        volume_low=said.volume["low_mt"],
        volume_high=said.volume["high_mt"],
    )


@dataclass(frozen=True)
class OnTheBan:
    """What two others said of the ban.

    Attributes
    ----------
    dirtier, fewer : str
        Study that found a dirtier kilowatt-hour, and one that projected fewer emissions.
    up_pct, down_pct : float
        Their figures, percent.
    until : int
        Year to which the projection goes.
    """

    dirtier: str
    up_pct: float
    fewer: str
    down_pct: float
    until: int


def on_the_ban() -> OnTheBan:
    """What others said of what the ban did."""
    table = load("energy_studies").set_index("quantity")
    up, down = table.loc["intensity_change_by_ban"], table.loc["emissions_change_by_ban"]
    return OnTheBan(
        str(up["study"]),
        float(up["value"]),
        str(down["study"]),
        float(down["value"]),
        int(down["end_month"].year),
    )


def studies_title(table: pd.DataFrame) -> str:
    """In how many of others' figures on emissions lie in our range, as the title of a figure.

    Parameters
    ----------
    table : DataFrame
        From :func:`drawn_beside`.
    """
    value = table["value"].fillna((table["theirs_low"] + table["theirs_high"]) / 2)
    inside = value.between(table["low"], table["high"])
    above = value > table["ours"]
    return _(
        "Of {all} published figures on emissions {inside} lie in our range, {above} above its middle",
        all=len(table),
        inside=int(inside.sum()),
        above=int(above.sum()),
    )


def studies_height(rows: int) -> float:
    """Height of the figure of so many rows, inches."""
    return 1.9 + 0.27 * rows


def ban_title(months: pd.DataFrame) -> str:
    """Where grams with and without the ban lie farthest apart, and how the map ends, as a title.

    Parameters
    ----------
    months : DataFrame
        From :func:`hashrate_migration.energy.ban_months`.
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


@dataclass(frozen=True)
class Longer:
    """The effect of places carried on, with the pattern of before the ban kept to this day.

    Attributes
    ----------
    year : int
        Last whole year.
    row : Series
        effect_mt, low_mt, high_mt and raised_pct of that year; each draw with a trend of its own.
    frozen : float
        The same, in the middle, if China's provinces stayed as their statistics ended, Mt.
    china_kept, china_now : float
        China's share in the pattern, and in that year, percent.
    gained : list of str
        Countries whose shares grew most since the months of the pattern, the largest first.
    """

    year: int
    row: pd.Series
    frozen: float
    china_kept: float
    china_now: float
    gained: list[str]


def longer(count: int = 3) -> Longer:
    """What the ban's change of places means in the last whole year.

    Parameters
    ----------
    count : int
        Countries to name.
    """
    table = energy.ban_years().set_index(["trend", "year"])
    whole = table.xs("each")["months"] == _MONTHS_OF_A_YEAR
    year = int(whole[whole].index[-1])
    shares = energy.shares().pivot(index="month", columns="region", values="share_pct").fillna(0.0)
    now, before = shares.loc[str(year)].mean(), shares.loc[: chronology.BEFORE].mean()
    gains = (now - before).drop(REST)
    return Longer(
        year=year,
        row=table.loc[("each", year)],
        frozen=float(table.loc[("frozen", year), "effect_mt"]),
        china_kept=float(before["CHN"]),
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
