"""Parameters of notebooks: what they may be, and how a report gets its values.

Each parameter is one :class:`Parameter` in one list. A notebook checks what it was given in its first
cell, so that a bad value stops it before anything is computed; ``render`` checks the same before a
kernel is started.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import babel
import babel.core
import pandas as pd

from hashrate_migration import chronology, country_panel, flows, periods
from hashrate_migration.arguments import shown
from hashrate_migration.energy.drawn import choices
from hashrate_migration.energy.seasons import provinces
from hashrate_migration.errors import InputError
from hashrate_migration.flows.published import SCENARIOS
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load
from hashrate_migration.tables.text import INTEGER, NUMBER, nearest
from hashrate_migration.words import languages

if TYPE_CHECKING:
    from hashrate_migration.reports.catalogue import Report, Value

_ABBREVIATIONS = {
    "uae": "AE",
    "emirates": "AE",
    "u.s.": "US",
    "u.s.a.": "US",
    "america": "US",
    "prc": "CN",
    "uk": "GB",
    "drc": "CD",
}
"""What countries are called that is neither a name of the CLDR nor a code, to their ISO codes."""

_NOTHING = ("", "nan", "none", "null", "na", "n/a", "nil")
"""What programs write for a value that is missing: it is no misspelt name."""

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}

_TRUTH = re.compile("true|false", re.IGNORECASE)

_KINDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True)
class Parameter:
    """What a parameter may be.

    Attributes
    ----------
    kind : type
        ``str``, ``int`` or ``float``.
    read : callable
        From a value of that type to the value used; raises :class:`InputError` whose sentence goes on
        after the parameter's name and value.
    """

    kind: type
    read: Callable[[Any], Any]


def _one_of(known: Callable[[], list[str]]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in (there := known()):
            raise InputError(f"is unknown; choose one of {', '.join(there)}.")
        return value

    return read


def _from_to(low: Callable[[], float] | float, high: Callable[[], float] | float, kind: str) -> Any:
    def read(value: float) -> float:
        ends = [end() if callable(end) else end for end in (low, high)]
        if not (math.isfinite(value) and ends[0] <= value <= ends[1]):
            raise InputError(f"is not a {kind} from {ends[0]:g} to {ends[1]:g}.")
        return value

    return read


def _at_least(low: float, kind: str) -> Any:
    def read(value: float) -> float:
        if not (math.isfinite(value) and value >= low):
            raise InputError(f"is not a {kind} of {low:g} or more.")
        return value

    return read


def _region(known: Callable[[], list[str]], what: str) -> Callable[[str], str]:
    """A code in any letters, or a name in a language of the site, to the code."""

    def read(value: str) -> str:
        codes = known()
        spelled = {code.lower(): code for code in codes}
        for language in languages():
            spelled |= {regions.name(code, language).lower(): code for code in codes}
        two_letters = regions.table()["iso_3166"].dropna()
        by_iso = {iso: code for code, iso in two_letters.items() if code in codes}
        wanted = value.strip().lower().removeprefix("the ")
        if wanted in spelled:
            return spelled[wanted]
        place = _territory(wanted)
        if place in by_iso:
            return str(by_iso[place])
        near = difflib.get_close_matches(wanted, spelled, n=1, cutoff=0.6)
        hint = ""
        # Who names another country means that one.
        if near and not place and wanted not in _NOTHING:
            code = spelled[near[0]]
            hint = f" Did you mean {code} ({regions.name(code)})?"
        raise InputError(f"is no {what}; choose one of {', '.join(codes)}.{hint}")

    return read


def _territory(written: str) -> str | None:
    """The ISO code of a country by any code, abbreviation or name of a language of the site."""
    if written in _ABBREVIATIONS:
        return _ABBREVIATIONS[written]
    code = written.upper()
    known = babel.Locale.parse("en").territories
    if len(code) == 3 and (named := babel.core.get_global("territory_aliases").get(code)):
        code = named[0]
    if len(code) == 2 and code.isalpha() and code in known:
        return code
    for language in languages():
        for iso, name in babel.Locale.parse(language).territories.items():
            if name.lower() == written and iso.isalpha():
                return str(iso)
    return None


def _mapped_count() -> int:
    return len(regions.mapped_countries())


def _last_whole_year() -> int:
    return int(load("network_daily")["date"].max().year) - 1


PARAMETERS: dict[str, Parameter] = {
    "country": Parameter(str, _region(country_panel.countries, "country of the panel")),
    "province": Parameter(str, _region(lambda: list(provinces()), "province of the mining map")),
    "top_n": Parameter(int, _from_to(1, _mapped_count, "whole number")),
    "language": Parameter(str, _one_of(languages)),
    "method": Parameter(str, _one_of(lambda: list(flows.METHODS))),
    "lag_months": Parameter(float, _from_to(0.5, 5, "number")),
    "supply": Parameter(str, _one_of(lambda: list(SCENARIOS))),
    "draws": Parameter(int, _from_to(1, 100_000, "whole number")),
    "worlds": Parameter(int, _from_to(1, 1000, "whole number")),
    "seed": Parameter(int, _at_least(0, "whole number")),
    "first_year": Parameter(
        int, _from_to(chronology.PANEL_BEGINS.year, _last_whole_year, "whole number")
    ),
    "factors": Parameter(str, _one_of(choices)),
    "carbon_weight": Parameter(float, _at_least(0, "number")),
    "reliability_weight": Parameter(float, _at_least(0, "number")),
    "policy_weight": Parameter(float, _at_least(0, "number")),
    "us_growth_pct": Parameter(float, _from_to(-100, 1000, "number")),
    "gulf_africa_growth_pct": Parameter(float, _from_to(-100, 1000, "number")),
    "second_ban_pct": Parameter(float, _from_to(0, 100, "number")),
    "power_crisis_pct": Parameter(float, _from_to(0, 100, "number")),
    "crisis_lost_pct": Parameter(float, _from_to(0, 100, "number")),
    "months": Parameter(int, _from_to(1, 60, "whole number")),
}
"""Name to what the parameter may be; ``start`` and ``end`` are read together, as a window."""


def _typed(name: str, value: Any, kind: type) -> Any:
    """A value of the parameter's type, or a sentence."""
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise InputError(f"{name} = {shown(value)} is not {_KINDS[kind]}; write one.")
    return value


def check(**given: Any) -> SimpleNamespace:
    """Check the parameters that a notebook was given.

    Parameters
    ----------
    **given
        Parameters by name. ``start`` and ``end`` are months of the mining map, two or more apart.

    Returns
    -------
    SimpleNamespace
        The values to be used: codes for names of countries; for ``start`` and ``end`` one
        :class:`hashrate_migration.periods.Window`, as ``window``.

    Raises
    ------
    InputError
        Naming the parameter, its value and what it may be.
    """
    asked = SimpleNamespace()
    for name, value in given.items():
        if name in ("start", "end"):
            continue
        known = PARAMETERS[name]
        typed = _typed(name, value, known.kind)
        try:
            setattr(asked, name, known.read(typed))
        except InputError as error:
            raise InputError(f"{name} = {shown(value)} {error}") from None
    if "start" in given or "end" in given:
        ends = [_typed(name, given[name], str) for name in ("start", "end")]
        months = pd.DatetimeIndex(mining_map.shares().index)
        asked.window = periods.window(ends[0], ends[1], months, "the mining map")
    return asked


def declared(notebook: Path) -> dict[str, dict[str, Any]]:
    """What the parameters cell of a notebook declares.

    Returns
    -------
    dict
        Name to papermill's description: ``inferred_type_name``, ``default`` (source text) and
        ``help``.

    Raises
    ------
    InputError
        If the notebook cannot be read.
    """
    import papermill  # heavy, and no need of a notebook's own check

    try:
        return dict(papermill.inspect_notebook(str(notebook)))
    except Exception as error:
        raise InputError(f"{notebook}: not a readable notebook ({error}); restore it.") from None


def from_text(text: str, type_name: str, where: str) -> Value:
    """Turn the text of a command line into a value of a parameter's type.

    Raises
    ------
    InputError
        If the text is no such value.
    """
    forms = {"int": INTEGER, "float": NUMBER, "bool": _TRUTH}
    if type_name in forms and not forms[type_name].fullmatch(text):
        raise InputError(f"{where} = {text!r} is not {_KINDS[_TYPES[type_name]]}; write one.")
    if type_name == "bool":
        return text.lower() == "true"
    try:
        return _TYPES[type_name](text)
    except ValueError:  # Python reads no whole number of thousands of digits
        raise InputError(f"{where} = {text[:20]}… has too many digits; give less.") from None


def _default(source: str, type_name: str, where: str) -> Value:
    value: Any = None
    with contextlib.suppress(ValueError, SyntaxError):
        value = ast.literal_eval(source)
    if type_name == "float" and type(value) is int:
        return float(value)
    # Not isinstance: True is an int to it.
    if not isinstance(value, str | int | float | bool) or type(value) is not _TYPES[type_name]:
        raise InputError(
            f"{where} = {source} is not a value of type {type_name}; correct the notebook."
        )
    return value


def complete(report: Report, overrides: dict[str, str] | None = None) -> Report:
    """A report with all its parameters: defaults, then the catalogue's, then the user's.

    Parameters
    ----------
    report : Report
        As the catalogue has it.
    overrides : dict, optional
        Name to text, as given on the command line.

    Returns
    -------
    Report
        With a value for every declared parameter.

    Raises
    ------
    InputError
        For a name that the notebook does not declare, a value of the wrong type, or a value
        outside the data.
    """
    known = declared(report.notebook)
    overrides = overrides or {}
    for name in [*report.parameters, *overrides]:
        if name not in known and name in overrides and "=" in name:
            own, _, given = name.partition("=")
            raise InputError(
                f"-p {shown(name)}: name and value stand with a blank between; write -p {own} {given}."
            )
        if name not in known:
            raise InputError(
                f"{report.notebook.name} (report {report.id}) has no parameter "
                f"{shown(name)}{nearest(name, known)}; it has: "
                f"{', '.join(known) or 'none'}."
            )
    if report.varies in overrides:
        raise InputError(
            f"{report.varies} is what tells the reports of the family {report.family!r} apart; choose "
            f"a member instead, such as {report.id}."
        )
    values: dict[str, Value] = {}
    for name, declaration in known.items():
        type_name, where = declaration["inferred_type_name"], f"{report.id}: {name}"
        if type_name not in _TYPES:
            raise InputError(
                f"{report.notebook.name}: the parameter {name!r} has no type that can be checked; "
                f"declare it as one of {', '.join(_TYPES)}."
            )
        if name in overrides:
            values[name] = from_text(overrides[name], type_name, where)
        elif name in report.parameters:
            value = report.parameters[name]
            wanted = _TYPES[type_name]
            if wanted is float and type(value) is int:
                value = float(value)  # YAML's 2 for 2.0
            if type(value) is not wanted:
                raise InputError(
                    f"{where} = {value!r} is not a value of type {type_name}; correct the catalogue."
                )
            values[name] = value
        else:
            values[name] = _default(declaration["default"], type_name, where)
    in_list = {*PARAMETERS, "start", "end"}
    try:
        asked = check(**{name: value for name, value in values.items() if name in in_list})
    except InputError as error:
        raise InputError(f"{report.id}: {error}") from None
    # A country given by name becomes its code, so that the same report has the same parameters.
    read = {name: value for name, value in vars(asked).items() if name in values}
    return report.with_parameters(values | read)
