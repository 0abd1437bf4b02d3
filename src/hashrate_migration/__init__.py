"""How Bitcoin mining moved after China's crackdown: tables, reconstruction, figures.

The public names are imported when first used, so ``import hashrate_migration`` is quick.

>>> import hashrate_migration as hm
>>> round(hm.stocks("2021-05", "2021-07")["CHN"].iloc[0])
73
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any

__version__ = version("hashrate-migration")

_WHERE = {
    "InputError": "errors",
    "describe": "datasets",
    "load": "datasets",
    "sources": "datasets",
    "network_hashrate": "network",
    "panel": "country_panel",
    "ranks": "hashrate_stocks",
    "shares": "hashrate_stocks",
    "stocks": "hashrate_stocks",
}
_MODULES = (
    "charts",
    "claims",
    "claims_story",
    "concentration",
    "country_panel",
    "datasets",
    "energy",
    "energy_story",
    "estimates",
    "events",
    "flows",
    "hardware",
    "migration",
    "network",
    "outlook",
    "outlook_story",
    "panel_checks",
    "panel_story",
    "parameters",
    "profile",
    "regions",
    "summary",
    "updates",
)

__all__ = [*_WHERE, *_MODULES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        module = import_module(f"hashrate_migration.{_WHERE[name]}")
        value = getattr(module, name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return import_module(f"hashrate_migration.{name}")
    raise AttributeError(f"module 'hashrate_migration' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
