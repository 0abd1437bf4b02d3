"""Energy, emissions and the effect of the ban with their ranges, as they are kept in ``data/derived``.

Computed by ``hashrate-migration fit energy`` from :mod:`hashrate_migration.energy.drawn`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration import arguments
from hashrate_migration.country_panel import kept as panel_kept
from hashrate_migration.energy import counterfactual, demand
from hashrate_migration.energy.drawn import (
    BASELINES,
    BASES,
    DRAWN,
    POWER_MONTHS,
    SEED,
    Drawn,
    choices,
    drawn,
    ends,
)
from hashrate_migration.energy.electricity import FUELS, SURVEY, TRENDS, survey_mix
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.periods import When, month_window
from hashrate_migration.tables.derived import Derived, checksums
from hashrate_migration.tables.read import load

METHOD_VERSION = "2"
"""Changes with the meaning of the tables' columns."""

MEDIANS = "medians"
"""Factors drawn from the same sets, each as it stands: without the spread that two reviews show."""

COMMAND = "hashrate-migration fit energy"

CODE = ("carbon.py", "counterfactual.py", "demand.py", "drawn.py", "electricity.py", "kept.py")
"""Files that the tables depend on, from this folder; the panel's draws come besides."""

TABLES = (
    *("mining_map", "china_provinces", "network_daily", "network_power", "grid_by_country"),
    *("china_generation", "emission_factors", "energy_studies", "regions"),
)
"""Tables of facts that they depend on."""

_DECIMALS = 4

_MONTHS = Derived("energy_months", "Power, intensity and emissions by month, with ranges", COMMAND)
_YEARS = Derived(
    "energy_years", "Electricity, intensity and emissions by year, with ranges", COMMAND
)
_BESIDE = Derived("energy_beside", "Ours for the period of every study", COMMAND)
_PARTS = Derived("ban_parts", "Effect of the ban on emissions, by parts and choices", COMMAND)
_WORLDS = Derived("ban_months", "Intensity by month with the ban and without it", COMMAND)
_LONGER = Derived("ban_years", "Effect of places by year, by how provinces go on", COMMAND)
_SCENARIOS = Derived("energy_scenarios", "Years of the network under other mixes", COMMAND)
_ALL = (_MONTHS, _YEARS, _BESIDE, _PARTS, _WORLDS, _LONGER, _SCENARIOS)

SCENARIOS = ("grid", "survey", "off_grid_flared", "off_grid_gas", "marginal")
"""Mixes of a year: every grid's own; what the surveyed firms told; a part off the grid that burns gas
which is flared anyway, or gas that is not; all on the largest fossil source of their grid."""

HOURS_OF_A_YEAR = 8760

_CLEAN = ("nuclear", "hydro", "wind", "solar", "bioenergy", "geothermal")

SHARES = {
    "share_sustainable": _CLEAN,
    "share_renewable": _CLEAN[1:],
    "share_fossil": ("coal", "gas", "oil"),
    **{f"share_{fuel}": (fuel,) for fuel in ("coal", "gas", "hydro", "nuclear", "wind")},
}
"""Fuels that are counted together in a study's share; sustainable is renewable and nuclear."""

COMPARED = ("electricity", "emissions", "intensity", "power", "efficiency", *SHARES)
"""Quantities of studies that ours can stand beside."""


def _made_from() -> dict[str, Any]:
    """Versions, options and checksums of today."""
    options = {"method": METHOD_VERSION, "seed": SEED}
    panel = {"panel": panel_kept.description()["made_from"]}
    return options | panel | checksums(Path(__file__).resolve().parent, CODE, TABLES)


def _in_columns(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """Middle, lower and upper end of draws: NAME, low_UNIT, high_UNIT."""
    low, middle, high = ends(values)
    unit = name.split("_", 1)[1]
    return {name: middle, f"low_{unit}": low, f"high_{unit}": high}


def _monthly(found: Drawn) -> pd.DataFrame:
    intensity, energy = found.intensity(), found.energy_twh()
    columns = _in_columns("power_gw", found.power_gw)
    columns |= _in_columns("intensity_g_per_kwh", intensity)
    columns |= _in_columns("emissions_mt", energy * intensity / 1000)
    return pd.DataFrame({"month": found.months, **columns})


def _yearly(found: Drawn, intensity: np.ndarray | None = None) -> pd.DataFrame:
    intensity = found.intensity() if intensity is None else intensity
    energy = found.energy_twh()
    rows = []
    for year in found.months.year.unique():
        own = found.months.year == year
        twh, mt = energy[:, own].sum(axis=1), (energy * intensity)[:, own].sum(axis=1) / 1000
        columns = _in_columns("energy_twh", twh)
        columns |= _in_columns("intensity_g_per_kwh", 1000 * mt / twh)
        columns |= _in_columns("emissions_mt", mt)
        rows.append({"year": year, "months": int(own.sum()), **columns})
    return pd.DataFrame(rows)


def off_grid_part() -> float:
    """Part of the surveyed hashrate that is off the grid.

    Raises
    ------
    InputError
        If the survey's figure is missing.
    """
    table = load("energy_studies")
    own = table[(table["study"] == SURVEY) & (table["quantity"] == "share_off_grid")]
    if len(own) != 1:
        raise InputError(
            f"energy_studies.csv has {len(own)} rows of {SURVEY} on share_off_grid; one is wanted."
        )
    return float(own["value"].iloc[0]) / 100


def other_intensities(found: Drawn) -> dict[str, np.ndarray]:
    """g/kWh of the network under each of :data:`SCENARIOS`, draw x month."""
    grid = found.intensity()
    gas = found.choices.factors[:, [FUELS.index("gas")]]
    told = (found.choices.factors @ survey_mix().to_numpy())[:, None]
    fossil = counterfactual.largest_fossil(found)
    part = off_grid_part()
    return {
        "grid": grid,
        "survey": np.broadcast_to(told, grid.shape),
        # Gas that would be flared anyway is counted as nothing.
        "off_grid_flared": (1 - part) * grid,
        "off_grid_gas": (1 - part) * grid + part * gas,
        "marginal": (found.shares * fossil).sum(axis=2),
    }


def _scenarios(found: Drawn) -> pd.DataFrame:
    tables = [
        _yearly(found, grams).assign(scenario=name)
        for name, grams in other_intensities(found).items()
    ]
    return pd.concat(tables, ignore_index=True)


def _of_period(
    found: Drawn, mix: np.ndarray, intensity: np.ndarray, item: pd.Series
) -> np.ndarray | None:
    """Ours in the quantity, unit and period of a study's figure, for each draw; none if it cannot be."""
    span = pd.date_range(item["start_month"], item["end_month"], freq="MS")
    covered = span.isin(found.months).all()
    if not covered or item["scope"] not in ("network", "firms") or item["quantity"] not in COMPARED:
        return None
    own = found.months.isin(span)
    twh = found.energy_twh()[:, own]
    whole = twh.sum(axis=1)
    mt = (twh * intensity[:, own]).sum(axis=1) / 1000
    length = demand.hours(span).sum()
    a_year = HOURS_OF_A_YEAR / length if str(item["unit"]).endswith("/yr") else 1.0
    if item["quantity"] in SHARES:
        fuels = [FUELS.index(fuel) for fuel in SHARES[str(item["quantity"])]]
        part = mix[:, own][:, :, fuels].sum(axis=2)
        return np.asarray(100 * (twh * part).sum(axis=1) / whole)
    gw = 1000 * whole / length
    ehs = float(network_hashrate().loc[span].mean())
    return {
        "electricity": whole * a_year,
        "emissions": mt * a_year,
        "intensity": 1000 * mt / whole,
        "power": gw,
        # GW over EH/s are nJ per 1e9 hashes: a thousand of them are J/TH.
        "efficiency": 1000 * gw / ehs if item["unit"] == "J/TH" else ehs / gw,
    }[str(item["quantity"])]


def _beside(found: Drawn) -> pd.DataFrame:
    mix, intensity = found.mix(), found.intensity()
    rows = []
    for _number, item in load("energy_studies").iterrows():
        ours = _of_period(found, mix, intensity, item)
        if ours is not None:
            low, middle, high = ends(ours)
            rows.append({"figure_id": item["figure_id"], "ours": middle, "low": low, "high": high})
    return pd.DataFrame(rows)


def _said(values: np.ndarray) -> dict[str, float]:
    low, middle, high = ends(values)
    return {
        "effect_mt": middle,
        "low_mt": low,
        "high_mt": high,
        "mean_mt": float(values.mean()),
        "raised_pct": counterfactual.raised_pct(values),
    }


def _parts(found: Drawn, both: counterfactual.Worlds) -> pd.DataFrame:
    """The parts, and what places do under every choice."""
    months = counterfactual.window()
    rows = [
        {"effect": name, "choice": "all", "draws": len(values), **_said(values)}
        for name, values in both.parts(months).items()
    ]
    taken = found.choices
    picks = {"all": np.full(len(taken.level), True)}
    picks |= {f"baseline {name}": taken.baseline == name for name in BASELINES}
    picks |= {f"factors {name}": taken.basis == name for name in BASES}
    picks |= {
        f"provinces {name}": taken.in_provinces == stays
        for name, stays in (("kept", True), ("left", False))
    }
    for effect, fossil in (("place", False), ("place_fossil", True)):
        values = both.effect_of_places(months, fossil=fossil)
        for name, own in picks.items():
            if (effect, name) == ("place", "all"):
                continue  # among the parts already
            said = _said(values[own])
            rows.append({"effect": effect, "choice": name, "draws": int(own.sum()), **said})
    for effect in ("volume", "total"):
        values = both.parts(months)[effect]
        for count in POWER_MONTHS:
            own = taken.power_months == count
            said = _said(values[own])
            rows.append(
                {"effect": effect, "choice": f"power {count}", "draws": int(own.sum()), **said}
            )
    own = both.months.isin(months)
    unused = (both.energy_now - both.energy_before)[:, own].sum(axis=1)
    rows.append({"effect": "volume_twh", "choice": "all", "draws": len(unused), **_said(unused)})
    return pd.DataFrame(rows)


def _by_month(both: counterfactual.Worlds) -> pd.DataFrame:
    """Grams with the ban and without it, and what places did in each month."""
    low, middle, high = ends(both.both)
    without = ends(both.time)
    effect = both.energy_now * (both.both - both.time) / 1000
    place_low, place, place_high = ends(effect)
    return pd.DataFrame(
        {
            "month": both.months,
            "intensity_g_per_kwh": middle,
            "low_g_per_kwh": low,
            "high_g_per_kwh": high,
            "without_ban_g_per_kwh": without[1],
            "without_low_g_per_kwh": without[0],
            "without_high_g_per_kwh": without[2],
            "effect_mt": place,
            "low_mt": place_low,
            "high_mt": place_high,
        }
    )


def _by_year(found: Drawn, own_choice: counterfactual.Worlds) -> pd.DataFrame:
    """What places do in each year, by how China's provinces go on."""
    rows = []
    for trend in ("each", *TRENDS):
        both = own_choice if trend == "each" else counterfactual.worlds(found, trend)
        for year in both.months.year.unique():
            months = both.months[both.months.year == year]
            said = _said(both.effect_of_places(months))
            rows.append({"trend": trend, "year": year, "months": len(months), **said})
    return pd.DataFrame(rows)


def write() -> list[Path]:
    """Compute and keep all of them.

    Returns
    -------
    list of Path
        The tables and their descriptions.
    """
    made_from = _made_from()
    main = drawn()
    of = {DRAWN: main, MEDIANS: drawn(spread=False)}
    of |= {name: drawn(name) for name in choices() if name != DRAWN}
    both = counterfactual.worlds(main)

    def each(table: Any) -> pd.DataFrame:
        parts = [table(one).assign(factors=name) for name, one in of.items()]
        joined = pd.concat(parts, ignore_index=True)
        return joined[["factors", *joined.columns.drop("factors")]]

    tables = {
        _MONTHS: each(_monthly),
        _YEARS: each(_yearly),
        _BESIDE: _beside(main),
        _PARTS: _parts(main, both),
        _WORLDS: _by_month(both),
        _LONGER: _by_year(main, both),
        _SCENARIOS: _scenarios(main),
    }
    return [
        path for kept, table in tables.items() for path in kept.write(table, made_from, _DECIMALS)
    ]


def ranges(
    start: When | None = None, end: When | None = None, factors: str = DRAWN
) -> pd.DataFrame:
    """Power, intensity and emissions of the network by month, with ranges that carry everything.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month; default: all months with shares and power. They reach back to 2018.
    factors : str
        ``drawn``: each draw has a set of its own; ``medians``: the same, without the spread of the sets;
        or one set for all.

    Returns
    -------
    DataFrame
        Indexed by month: power_gw, low_gw, high_gw, intensity_g_per_kwh, low_g_per_kwh, high_g_per_kwh,
        emissions_mt, low_mt, high_mt. Line and ends are median, 5 and 95 percent of the same draws.

    Raises
    ------
    InputError
        If it is not kept, or is not what was kept; for unknown factors, or months outside.
    """
    arguments.chosen(factors, "factors", [DRAWN, MEDIANS, *choices()[1:]])
    table = pd.read_csv(_MONTHS.path(), parse_dates=["month"])
    table = table[table["factors"] == factors].drop(columns="factors").set_index("month")
    if start is None and end is None:
        return table.loc[demand.months()[0] :]
    known = pd.DatetimeIndex(table.index)
    low, high = month_window(start, end, known, "the months that are drawn")
    return table.loc[low:high]


def ranges_by_year(factors: str = DRAWN) -> pd.DataFrame:
    """The same by year.

    Parameters
    ----------
    factors : str
        As of :func:`ranges`.

    Returns
    -------
    DataFrame
        Indexed by year: months, energy_twh, low_twh, high_twh, intensity_g_per_kwh, low_g_per_kwh,
        high_g_per_kwh, emissions_mt, low_mt, high_mt. Draws are added up first.
    """
    arguments.chosen(factors, "factors", [DRAWN, MEDIANS, *choices()[1:]])
    table = pd.read_csv(_YEARS.path())
    return table[table["factors"] == factors].drop(columns="factors").set_index("year")


def beside_studies() -> pd.DataFrame:
    """Ours for the period and quantity of each study's figure: figure_id, ours, low, high.

    Figures of which ours says nothing (single mines, projections, months before the first that is
    drawn) have no row. Of surveyed firms, ours is the whole network.
    """
    return pd.read_csv(_BESIDE.path())


def ban_parts() -> pd.DataFrame:
    """Effect of the ban from the first month after the call to the end of the map.

    Returns
    -------
    DataFrame
        effect (``place``, ``volume``, ``time``, ``residual``, ``total``: see
        :mod:`hashrate_migration.energy.counterfactual`; ``place_fossil``: place with arrivals on the
        largest fossil source; ``volume_twh``: change of electricity, in TWh), choice (``all`` or one
        choice held), draws, effect_mt (median), low_mt, high_mt, mean_mt and raised_pct (percent of the
        draws in which emissions went up).
    """
    return pd.read_csv(_PARTS.path())


def ban_months() -> pd.DataFrame:
    """Intensity with the ban and without it, and the effect of places, by month."""
    return pd.read_csv(_WORLDS.path(), parse_dates=["month"]).set_index("month")


def ban_years() -> pd.DataFrame:
    """Effect of places by year and by how China's provinces go on.

    Returns
    -------
    DataFrame
        trend (``each``: every draw its own, ``national``, ``own``, ``frozen``), year, months, effect_mt,
        low_mt, high_mt, mean_mt, raised_pct.
    """
    return pd.read_csv(_LONGER.path())


def scenarios() -> pd.DataFrame:
    """The network by year under other mixes.

    Returns
    -------
    DataFrame
        scenario (of :data:`SCENARIOS`) and the columns of :func:`ranges_by_year`.
    """
    table = pd.read_csv(_SCENARIOS.path())
    return table[["scenario", *table.columns.drop("scenario")]]


def stale() -> list[str]:
    """What the kept tables are older than.

    Returns
    -------
    list of str
        Parts of what they were made from that have changed since.

    Raises
    ------
    InputError
        If one is not kept.
    """
    today = _made_from()
    found = [part for kept in _ALL for part in kept.stale(today)]
    return list(dict.fromkeys(found))
