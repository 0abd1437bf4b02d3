"""The flows that are published, and what they rest on, as they are kept in ``data/derived``.

Four tables, computed by ``hashrate-migration fit flows``: flows by pair (``flow_pairs``) and headlines
(``flow_scenarios``) under each supply of new machines, what the headlines rest on
(``flow_evidence``), and how they move with each assumption (``flow_priors``).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration import arguments
from hashrate_migration.errors import InputError
from hashrate_migration.flows.assumptions import SUPPLY_SCENARIOS, Assumptions, scenario
from hashrate_migration.flows.checks import RETIRED
from hashrate_migration.flows.evidence.pieces import NAMES, published
from hashrate_migration.flows.resting import by_evidence, doubled
from hashrate_migration.flows.summary import Draws
from hashrate_migration.flows.uncertainty import monte_carlo
from hashrate_migration.hashrate.mining_map import stocks
from hashrate_migration.tables.derived import Derived, checksums
from hashrate_migration.tables.regions import REST

METHOD_VERSION = "1"
"""Changes with the meaning of the tables' columns."""

ORIGIN = "CHN"
"""Whose flows are published."""

START, END = "2021-06", "2021-08"
"""First and last month of change whose departures count: from the first orders to clear out to the
second month in which the map shows nothing in China."""

DRAWS, PRIOR_DRAWS, SEED = 24_000, 12_000, 0
"""Draws of what is published, draws of the assumptions alone and for each of them that is widened, and
the first seed."""

LEAST, LEAST_OF_SCENARIO = 400, 100
"""Effective draws below which nothing is kept: an end of a band of 90 percent then has twenty draws
beyond it. Of a scenario, which accounts and counts may contradict, five are enough."""

DRAWN = "drawn"
"""Scenario in which the supply of new machines is drawn over its whole range, and evidence on it
counts."""

SCENARIOS = (DRAWN, *SUPPLY_SCENARIOS)

CODE = (
    *("accounts.py", "assumptions.py", "behaviour.py", "block.py", "checks.py", "drawn_stocks.py"),
    *("gross.py", "perturbed.py", "published.py", "resting.py", "summary.py", "uncertainty.py"),
    *("weights.py", "evidence/draws.py", "evidence/fleets.py", "evidence/miners.py"),
    *("evidence/pieces.py", "evidence/press.py", "evidence/supply.py"),
)
"""Files of this package that the tables depend on."""

TABLES = (
    *("mining_map", "network_daily", "hardware_makers", "followed_fleets", "relocation_reports"),
    *("reference_machines", "miner_output"),
)
"""Tables of facts that they depend on."""

COMMAND = "hashrate-migration fit flows"

_DECIMALS = 3

_PAIRS = Derived("flow_pairs", "Flows between regions, with intervals", COMMAND)
_SCENARIOS = Derived("flow_scenarios", "Headlines of the flows by supply of machines", COMMAND)
_EVIDENCE = Derived("flow_evidence", "What the headlines of the flows rest on", COMMAND)
_PRIORS = Derived("flow_priors", "How the headlines move with each assumption", COMMAND)
_ALL = (_PAIRS, _SCENARIOS, _EVIDENCE, _PRIORS)


def _made_from() -> dict[str, Any]:
    """Versions, options and checksums of today."""
    options = {"method": METHOD_VERSION, "seed": SEED, "draws": DRAWS, "prior_draws": PRIOR_DRAWS}
    return options | checksums(Path(__file__).resolve().parent, CODE, TABLES)


def evidence_of(supply: str) -> Sequence[Any]:
    """Evidence by which the draws of a scenario are weighed.

    A scenario says what is supplied: evidence on it then stays out, so that scenarios differ by what
    they assume.

    Parameters
    ----------
    supply : str
        One of :data:`SCENARIOS`.
    """
    return published(None if supply == DRAWN else [name for name in NAMES if name != "supply"])


def supplied(assumptions: Assumptions, supply: str) -> Assumptions:
    """The assumptions with the supply of a scenario.

    Raises
    ------
    InputError
        For a scenario that there is not.
    """
    if supply == DRAWN:
        return assumptions
    return replace(assumptions, supply_ehs=scenario(supply))


def first(found: Draws, origin: str) -> pd.Series:
    """Weight of the draws in which each country received more from the origin than any other, percent.

    Parameters
    ----------
    found : Draws
        Of any flows.
    origin : str
        Their origin. What is not told apart (``OTH``) is no country.
    """
    own = found.pairs.loc[found.pairs["origin"] == origin, "destination"]
    places = [place for place in own if place not in (origin, RETIRED, REST)]
    most = found.samples[places].to_numpy().argmax(axis=1)
    parts = np.bincount(most, found.weights, len(places))
    return pd.Series(100 * parts, index=pd.Index(places, name="destination"))


@dataclass(frozen=True)
class Published:
    """Flows out of China as a page shows them.

    Attributes
    ----------
    pairs : DataFrame
        As :attr:`.summary.Draws.pairs`, with most_pct: of flows from China, the weight of draws in
        which the destination received most of it (percent).
    headlines : DataFrame
        As :attr:`.summary.Draws.headlines`.
    effective : float
        How many equal and independent draws they are worth.
    """

    pairs: pd.DataFrame
    headlines: pd.DataFrame
    effective: float


def told(found: Draws) -> Published:
    """Draws as a page shows them."""
    most = first(found, ORIGIN).rename("most_pct").reset_index().assign(origin=ORIGIN)
    pairs = found.pairs.merge(most, how="left", on=["origin", "destination"])
    return Published(pairs, found.headlines, found.effective)


def draw(
    draws: int = DRAWS,
    seed: int = SEED,
    *,
    start: Any = START,
    end: Any = END,
    supply: str = DRAWN,
    assumptions: Assumptions | None = None,
) -> Draws:
    """Flows out of China as they are published, with all evidence; of other months too.

    Parameters
    ----------
    draws, seed : int
        See :func:`.uncertainty.monte_carlo`.
    start, end : When
        First and last month of departures.
    supply : str
        One of :data:`SCENARIOS`.
    assumptions : Assumptions, optional
        Default: those of the class.

    Returns
    -------
    Draws
        As :func:`.uncertainty.monte_carlo` gives them.

    Raises
    ------
    InputError
        As :func:`.uncertainty.monte_carlo`.
    """
    return monte_carlo(
        stocks(),
        draws,
        seed,
        origin=ORIGIN,
        start=start,
        end=end,
        assumptions=supplied(assumptions or Assumptions(), supply),
        evidence=evidence_of(supply),
    )


def _checked(found: Draws, supply: str) -> Draws:
    least = LEAST if supply == DRAWN else LEAST_OF_SCENARIO
    if found.effective < least:
        raise InputError(
            f"The draws of the scenario {supply} are worth {found.effective:.0f}, fewer than {least}; "
            "take more draws in published.py."
        )
    return found


def write(*, progress: bool = True) -> list[Path]:
    """Compute the published flows and keep them.

    Parameters
    ----------
    progress : bool
        Whether to say on stderr how far it is.

    Returns
    -------
    list of Path
        The tables and their descriptions.

    Raises
    ------
    InputError
        If the draws are worth too few.
    """
    made_from = _made_from()
    window: dict[str, Any] = {"origin": ORIGIN, "start": START, "end": END}
    found = {}
    for number, name in enumerate(SCENARIOS, 1):
        if progress:
            said = f"supply {number}/{len(SCENARIOS)}: {name}"
            print(said, file=sys.stderr, flush=True)
        found[name] = _checked(draw(supply=name), name)
    shown = {name: told(one) for name, one in found.items()}
    pairs = pd.concat([one.pairs.assign(scenario=name) for name, one in shown.items()])
    headlines = pd.concat(
        one.headlines.assign(scenario=name, effective=one.effective) for name, one in shown.items()
    )
    prior = monte_carlo(stocks(), PRIOR_DRAWS, SEED, accounts=False, **window)
    moved = doubled(
        *(stocks(), PRIOR_DRAWS, SEED),
        found=found[DRAWN],
        progress=progress,
        evidence=published(),
        **window,
    )
    return [
        *_PAIRS.write(_scenario_first(pairs), made_from, _DECIMALS),
        *_SCENARIOS.write(_scenario_first(headlines), made_from, _DECIMALS),
        *_EVIDENCE.write(by_evidence(found[DRAWN], prior), made_from, _DECIMALS),
        *_PRIORS.write(moved, made_from, _DECIMALS),
    ]


def _scenario_first(table: pd.DataFrame) -> pd.DataFrame:
    return table[["scenario", *table.columns.drop("scenario")]]


def _read(kept: Derived) -> pd.DataFrame:
    return pd.read_csv(kept.path())


def pairs_table() -> pd.DataFrame:
    """Flows by pair and supply of new machines, as kept.

    Returns
    -------
    DataFrame
        scenario (of :data:`SCENARIOS`), and the columns of :attr:`Published.pairs`.

    Raises
    ------
    InputError
        If it is not kept, or is not what was kept.
    """
    return _read(_PAIRS)


def scenarios_table() -> pd.DataFrame:
    """Headlines by supply of new machines, as kept.

    Returns
    -------
    DataFrame
        scenario (of :data:`SCENARIOS`), figure, unit, low, median, high, mean and effective.

    Raises
    ------
    InputError
        If it is not kept, or is not what was kept.
    """
    return _read(_SCENARIOS)


def kept(supply: str = DRAWN) -> Published:
    """The published flows of a scenario.

    Parameters
    ----------
    supply : str
        One of :data:`SCENARIOS`.

    Raises
    ------
    InputError
        For another scenario, or if they are not kept, or not what was kept.
    """
    arguments.chosen(supply, "supply", SCENARIOS)
    pairs, headlines = (
        table[table["scenario"] == supply].drop(columns="scenario").reset_index(drop=True)
        for table in (pairs_table(), scenarios_table())
    )
    effective = float(headlines["effective"].iloc[0])
    return Published(pairs, headlines.drop(columns="effective"), effective)


def resting_table() -> pd.DataFrame:
    """What the headlines rest on, as kept: as :func:`.resting.rests_on` gives it.

    Raises
    ------
    InputError
        If it is not kept, or is not what was kept.
    """
    return _read(_EVIDENCE)


def priors_table() -> pd.DataFrame:
    """How the headlines move with each assumption, as kept: as :func:`.resting.doubled` gives it.

    Raises
    ------
    InputError
        If it is not kept, or is not what was kept.
    """
    return _read(_PRIORS)


def stale() -> list[str]:
    """What the kept tables are older than.

    Returns
    -------
    list of str
        Parts of what they were made from that have changed since; empty if they belong to today's
        code and tables.

    Raises
    ------
    InputError
        If one is not kept.
    """
    today = _made_from()
    found = [part for kept in _ALL for part in kept.stale(today)]
    return list(dict.fromkeys(found))
