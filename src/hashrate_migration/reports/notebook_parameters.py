"""Names, types and values of a notebook's parameters, checked before it runs."""

from __future__ import annotations

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
        return _TYPES.get(type_name, str)(text)
    except (ValueError, KeyError):
        raise InputError(f"{where} = {text!r} is not a value of type {type_name}.") from None


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
                f"{', '.join(known)}."
            )
    if report.varies in overrides:
        raise InputError(
            f"{report.varies} is what tells the reports of the family {report.family!r} apart; choose "
            f"a member instead, such as {report.id}."
        )
    values: dict[str, Value] = {}
    for name, declaration in known.items():
        type_name, where = declaration["inferred_type_name"], f"{report.id}: {name}"
        if name in overrides:
            values[name] = from_text(overrides[name], type_name, where)
        elif name in report.parameters:
            value = report.parameters[name]
            wanted = _TYPES.get(type_name, object)
            if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
                raise InputError(
                    f"{where} = {value!r} is not a value of type {type_name}; correct the catalogue."
                )
            values[name] = value
        else:
            values[name] = from_text(declaration["default"].strip("\"'"), type_name, where)
    checked = inspect.signature(parameters.check).parameters
    arguments: dict[str, Any] = {name: value for name, value in values.items() if name in checked}
    try:
        parameters.check(**arguments)
    except InputError as error:
        raise InputError(f"{report.id}: {error}") from None
    return report.with_parameters(values)
