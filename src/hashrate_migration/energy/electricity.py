"""From which sources the electricity of a region comes, month by month.

A country has the mix of its grid in the year; China, as long as the mining map has provinces, the
mixes of these, weighted with the hashrate that stood there; proxies and all other countries have
the mix of the world, as Cambridge does. What was taken for whom stands in the column ``basis``.
"""

from __future__ import annotations

import pandas as pd

from hashrate_migration.arguments import chosen
from hashrate_migration.errors import InputError
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load

SOURCES = ("coal", "gas", "oil", "nuclear", "hydro", "wind", "solar", "other")
"""Sources of electricity as shown; other is bioenergy and geothermal."""

FUELS = ("coal", "gas", "oil", "nuclear", "hydro", "wind", "solar", "bioenergy", "geothermal")
"""Sources as counted, each with an emission factor."""

MOST_YEARS_CARRIED = 1
"""A grid may stand in for the year after it, and no longer: 2025 for 2026."""


def national_mixes() -> pd.DataFrame:
    """Parts of each fuel by country and year, adding to one."""
    table = load("grid_by_country").set_index(["country", "year"])
    parts = table[[f"{fuel}_pct" for fuel in FUELS[:7]]].copy()
    parts.columns = list(FUELS[:7])
    parts["bioenergy"] = table["bioenergy_pct"]
    parts["geothermal"] = (table["other_pct"] - table["bioenergy_pct"]).clip(lower=0)
    # Rounding and small sources that are not listed: shares add to 98 to 101.
    return parts.div(parts.sum(axis=1), axis=0)


def _world(grids: pd.DataFrame) -> pd.DataFrame:
    """Parts of each fuel in the generation of all countries of the table, by year."""
    twh = load("grid_by_country").set_index(["country", "year"])["generation_twh"]
    total = grids.mul(twh, axis=0).groupby("year").sum()
    return total.div(total.sum(axis=1), axis=0)


def province_mixes() -> pd.DataFrame:
    """Parts of each fuel by province and year."""
    table = load("china_generation")
    twh = table.pivot_table(
        index=["region", "year"], columns="fuel", values="generation_twh", aggfunc="sum"
    )
    twh = twh.reindex(columns=list(FUELS)).fillna(0.0)
    return twh.div(twh.sum(axis=1), axis=0)


TRENDS = ("national", "own", "frozen")
"""How a province's mix goes on after its statistics end: as the nation's, as its own before, or not."""


def carried_provinces(year: int, trend: str = "national") -> pd.DataFrame:
    """Mixes of provinces in a year, carried beyond their statistics.

    Parameters
    ----------
    year : int
        Calendar year. Before the first year of the statistics, that of the first is taken.
    trend : {"national", "own", "frozen"}
        After the last year: each fuel's part grows as it does in the nation's mix, or by the yearly
        factor by which it grew over the province's own statistics, or it stays. Parts are made to add
        to one again. ``frozen`` is there to show what it does; no range of ours uses it.

    Returns
    -------
    DataFrame
        Province x fuel, adding to one.

    Raises
    ------
    InputError
        For another trend, or if China's grid has neither that year nor the one before.

    Examples
    --------
    Half coal, half hydro in the last year; the nation's coal went from 60 to 45 percent since, its hydro
    stayed: 0.5 x 0.75 to 0.5 x 1, or three to four.
    """
    chosen(trend, "trend", TRENDS)
    known = province_mixes()
    years = known.index.get_level_values("year")
    first, last = int(years.min()), int(years.max())
    base = known.xs(min(max(year, first), last), level="year")
    if year <= last or trend == "frozen":
        return base
    if trend == "national":
        now, then = country_mix("CHN", year)[0], country_mix("CHN", last)[0]
        growth = (now / then.where(then > 0)).fillna(1.0)
        parts = base * growth
    else:
        start = known.xs(first, level="year").reindex(base.index)
        growth_a_year = (base / start.where(start > 0)) ** (1 / (last - first))
        # A fuel that was not there before has no rate; it stays as it is.
        parts = base * growth_a_year.fillna(1.0) ** (year - last)
    return parts.div(parts.sum(axis=1), axis=0)


def _of_year(known: pd.DataFrame, year: int, what: str) -> tuple[pd.Series, int]:
    """Row of a year, or of the year before it; the year that was taken."""
    for taken in range(year, year - MOST_YEARS_CARRIED - 1, -1):
        if taken in known.index:
            return known.loc[taken], taken
    years = f"{known.index.min()} to {known.index.max()}" if len(known) else "none"
    raise InputError(
        f"There is no electricity mix for {what} in {year} (years at hand: {years}); add a row to its "
        "table or choose another window."
    )


def country_mix(country: str, year: int) -> tuple[pd.Series, str]:
    """Mix of a country's grid in a year.

    Parameters
    ----------
    country : str
        ISO 3166-1 alpha-3 code.
    year : int
        Calendar year.

    Returns
    -------
    parts : Series
        Fuel to part of generation, adding to one.
    basis : str
        ``national mix``, with the year if an older one was taken.

    Raises
    ------
    InputError
        If the table has neither that year nor the one before.
    """
    return _national(national_mixes(), country, year)


def _national(grids: pd.DataFrame, country: str, year: int) -> tuple[pd.Series, str]:
    known = grids.loc[country] if country in grids.index.levels[0] else grids.iloc[:0]
    parts, taken = _of_year(known, year, country)
    return parts, "national mix" if taken == year else f"national mix of {taken}"


def china_mix(months: pd.DatetimeIndex) -> pd.DataFrame:
    """Mix of Chinese mining by month: its provinces', or the nation's without them.

    Parameters
    ----------
    months : DatetimeIndex
        Month starts.

    Returns
    -------
    DataFrame
        Indexed by month: parts of each fuel, adding to one, and basis (``provinces`` or as
        :func:`country_mix`).

    Raises
    ------
    InputError
        If a province with hashrate has no mix in that year.
    """
    table = load("china_provinces")
    table = table[table["share_of_china_pct"] > 0].set_index("month")
    grids, known = national_mixes(), province_mixes()
    rows = []
    for month in months:
        national, basis = _national(grids, "CHN", month.year)
        if month not in table.index:
            rows.append(national.to_dict() | {"basis": basis})
            continue
        here = table.loc[[month]].set_index("region")["share_of_china_pct"]
        for region in here.index.drop("CN-OTH", errors="ignore"):
            if (region, month.year) not in known.index:
                raise InputError(
                    f"china_generation.csv has no mix for {region} ({regions.name(str(region))}) in "
                    f"{month.year}, where the mining map shows hashrate; add its rows."
                )
        own = known.xs(month.year, level="year").T.assign(**{"CN-OTH": national})
        parts = (own[here.index] * here).sum(axis=1) / here.sum()
        rows.append(parts.to_dict() | {"basis": "provinces"})
    return pd.DataFrame(rows, index=months)


def mixes(months: pd.DatetimeIndex, codes: list[str]) -> pd.DataFrame:
    """Mix of every region in every month.

    Parameters
    ----------
    months : DatetimeIndex
        Month starts.
    codes : list of str
        Countries or ``OTH``.

    Returns
    -------
    DataFrame
        Indexed by month and region: one column per fuel (parts that add to one) and basis:
        ``provinces``, ``national mix``, ``world mix``, each with a year where an older one was taken.

    Raises
    ------
    InputError
        If a grid has no row for a year or a province no mix.
    """
    grids, proxies = national_mixes(), regions.proxies()
    world = _world(grids)
    by_year: dict[tuple[str, int], dict[str, object]] = {}
    for year in months.year.unique():
        everyone, taken = _of_year(world, int(year), "the world")
        suffix = "" if taken == year else f" of {taken}"
        for code in codes:
            if code == regions.REST or code in proxies:
                parts, basis = everyone, f"world mix{suffix}"
            else:
                parts, basis = _national(grids, code, int(year))
            by_year[code, year] = parts.to_dict() | {"basis": basis}
    china = china_mix(months) if "CHN" in codes else pd.DataFrame()
    rows = [
        china.loc[month].to_dict() if code == "CHN" else by_year[code, month.year]
        for month in months
        for code in codes
    ]
    index = pd.MultiIndex.from_product([months, codes], names=["month", "region"])
    return pd.DataFrame(rows, index=index)[[*FUELS, "basis"]]


SURVEY = "CCAF report 2025"
"""Study whose mix, told by the firms that answered, is a scenario."""

SURVEY_TOLERANCE_PCT = 0.5
"""Figures of the survey are rounded to a tenth; what its sources leave over is at least nothing."""


def survey_mix() -> pd.Series:
    """Mix that the surveyed firms told, of 2024.

    Returns
    -------
    Series
        Fuel to part, adding to one. The survey names renewables and what is sustainable as wholes: what
        its hydro and wind leave over of renewables is taken for solar, what its coal and gas leave over
        of the rest for oil.

    Raises
    ------
    InputError
        If a figure is missing, or they do not fit together.
    """
    table = load("energy_studies")
    own = table[(table["study"] == SURVEY) & (table["scope"] == "firms")]
    told = own.set_index(own["quantity"].astype(str))["value"]
    named = ("coal", "gas", "nuclear", "hydro", "wind", "renewable", "sustainable")
    if missing := [name for name in named if f"share_{name}" not in told.index]:
        raise InputError(
            f"energy_studies.csv: {SURVEY} has no share_{missing[0]} of the firms; its mix needs "
            f"{', '.join(named)}: add the row."
        )
    pct = {name: float(told[f"share_{name}"]) for name in named}
    left = {
        "solar": pct["renewable"] - pct["hydro"] - pct["wind"],
        "oil": 100 - pct["sustainable"] - pct["coal"] - pct["gas"],
    }
    whole = pct["sustainable"] - pct["renewable"] - pct["nuclear"]
    if min(left.values()) < -SURVEY_TOLERANCE_PCT or abs(whole) > SURVEY_TOLERANCE_PCT:
        sums = pct["coal"] + pct["gas"] + pct["nuclear"] + pct["hydro"] + pct["wind"]
        row = int(own.index[own["quantity"].astype(str) == "share_sustainable"][0]) + 2
        raise InputError(
            f"energy_studies.csv, row {row}: the mix of {SURVEY} does not add up (named sources "
            f"{sums:.1f}, renewable {pct['renewable']:.1f}, sustainable {pct['sustainable']:.1f} "
            "percent); correct its shares."
        )
    fuels = ("coal", "gas", "nuclear", "hydro", "wind")
    parts = pd.Series({fuel: pct[fuel] for fuel in fuels} | left).reindex(list(FUELS))
    parts = parts.fillna(0.0).clip(lower=0)
    return parts / parts.sum()


def as_shown(parts: pd.DataFrame) -> pd.DataFrame:
    """Fuels as the eight sources of a figure: bioenergy and geothermal are other."""
    shown = parts[list(FUELS[:7])].copy()
    return shown.assign(other=parts["bioenergy"] + parts["geothermal"])


def mixes_shown(months: pd.DatetimeIndex, code: str) -> pd.DataFrame:
    """Mix of one region by month, as the eight sources of a figure."""
    return as_shown(mixes(months, [code])).xs(code, level="region")


def us_states(year: int) -> pd.DataFrame:
    """Mixes of the states in which US mining stood when the map had states.

    Parameters
    ----------
    year : int
        A year of the table ``us_generation``.

    Returns
    -------
    DataFrame
        Indexed by state: weight (part of US mining, adding to one) and one column per fuel (parts that
        add to one). States that the map adds up have the national mix. A state's other sources count
        as bioenergy.

    Raises
    ------
    InputError
        If a state has no generation in that year.
    """
    table = load("us_generation")
    table["fuel"] = table["fuel"].astype(str).replace("other", "bioenergy")
    twh = table.pivot_table(
        index=["region", "year"], columns="fuel", values="generation_twh", aggfunc="sum"
    )
    twh = twh.reindex(columns=list(FUELS)).fillna(0.0).clip(lower=0)
    known = twh.div(twh.sum(axis=1), axis=0)
    national, _basis = country_mix("USA", year)
    weight = load("us_states").set_index("region")["share_of_us_pct"]
    missing = [s for s in weight.index if s != "US-OTH" and (s, year) not in known.index]
    if missing:
        raise InputError(
            f"us_generation.csv has no rows for {missing[0]} in {year}; add them or choose another year."
        )
    mixes_of = {s: national if s == "US-OTH" else known.loc[(s, year)] for s in weight.index}
    states = pd.DataFrame(mixes_of).T[list(FUELS)].rename_axis("region")
    states.insert(0, "weight", weight / weight.sum())
    return states


def us_by_states(year: int) -> pd.Series:
    """Mix of US mining if it stood as in the month for which the map has states: theirs, weighted.

    Parameters
    ----------
    year : int
        A year of the table ``us_generation``.

    Returns
    -------
    Series
        Fuel to part, adding to one.

    Raises
    ------
    InputError
        If a state has no generation in that year.
    """
    states = us_states(year)
    return states[list(FUELS)].mul(states["weight"], axis=0).sum()
