"""Names, types and values of a notebook's parameters, checked before it runs."""

from __future__ import annotations

import ast
import contextlib
import inspect
from pathlib import Path
from typing import Any

import papermill

from hashrate_migration import parameters
from hashrate_migration.errors import InputError
from hashrate_migration.reports.catalogue import Report, Value

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


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
    try:
        if type_name == "bool":
            return {"true": True, "false": False}[text.lower()]
        return _TYPES[type_name](text)
    except (ValueError, KeyError):
        raise InputError(f"{where} = {text!r} is not a value of type {type_name}.") from None


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
        if name not in known:
            raise InputError(
                f"{report.notebook.name} (report {report.id}) has no parameter {name!r}; it has: "
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
    checked = inspect.signature(parameters.check).parameters
    arguments: dict[str, Any] = {name: value for name, value in values.items() if name in checked}
    try:
        parameters.check(**arguments)
    except InputError as error:
        raise InputError(f"{report.id}: {error}") from None
    return report.with_parameters(values)
