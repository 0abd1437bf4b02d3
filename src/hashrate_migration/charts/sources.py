"""Source lines by the names of tables."""

from __future__ import annotations

from hashrate_migration.country_panel import INPUTS
from hashrate_migration.tables.read import resource
from hashrate_migration.words import _, translated

_OF_THE_PROJECT = {"country_panel": INPUTS}
"""Results that a figure may cite, and the tables from which they are computed."""


def cite(*names: str) -> str:
    """Where a figure's numbers come from, in words.

    Parameters
    ----------
    *names : str
        Tables of ``data/``, or ``"country_panel"`` for the panel with the tables behind it.

    Returns
    -------
    str
        Each source once, with the tables that come from it: "Bitcoin block chain (network_daily)".

    Raises
    ------
    InputError
        If there is no such table.
    """
    tables: dict[str, list[str]] = {}
    parts = []
    for name in names:
        if not isinstance(name, str):
            resource(name)  # which says so
        if name in _OF_THE_PROJECT:
            parts.append(_("country panel of this project"))
        for table in _OF_THE_PROJECT.get(name, (name,)):
            title = "; ".join(translated(source["title"]) for source in resource(table)["sources"])
            listed = tables.setdefault(title, [])
            if table not in listed:
                listed.append(table)
    parts += [f"{title} ({', '.join(listed)})" for title, listed in tables.items()]
    return "; ".join(parts)
