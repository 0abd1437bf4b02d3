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

# Public name to the module that has it, and to the name there; None: the module itself.
_ADDRESSES: dict[str, tuple[str, str | None]] = {
    "InputError": ("errors", "InputError"),
    "charts": ("charts", None),
    "claims": ("findings.claims", None),
    "concentration": ("findings.concentration", None),
    "country_panel": ("country_panel", None),
    "describe": ("tables.package", "describe"),
    "energy": ("energy", None),
    "events": ("findings.events", None),
    "flows": ("flows", None),
    "hardware": ("findings.hardware", None),
    "load": ("tables.read", "load"),
    "network": ("hashrate.network", None),
    "network_hashrate": ("hashrate.network", "network_hashrate"),
    "outlook": ("findings.outlook", None),
    "panel": ("country_panel.model", "panel"),
    "ranks": ("hashrate.mining_map", "ranks"),
    "regions": ("tables.regions", None),
    "shares": ("hashrate.mining_map", "shares"),
    "sources": ("tables.package", "sources"),
    "stocks": ("hashrate.mining_map", "stocks"),
}

__all__ = [*_ADDRESSES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _ADDRESSES:
        raise AttributeError(f"module 'hashrate_migration' has no attribute {name!r}")
    path, attribute = _ADDRESSES[name]
    module = import_module(f"hashrate_migration.{path}")
    value = module if attribute is None else getattr(module, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
