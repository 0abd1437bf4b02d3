"""Every published estimate since 2013 joined into one panel of shares with bands.

The names are imported when first used: reading the kept panel needs nothing of what fits it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Module to the public names that it has.
_NAMES = {
    "additions": ("with_added",),
    "bands": ("BAND", "BAND_PCT", "EXTRAPOLATED", "INTERPOLATED", "MEASURED"),
    "estimates": ("countries", "kinds", "newcomers", "observations", "published_figures"),
    "kept": ("INPUTS", "METHOD_VERSION"),
    "model": ("codes", "compare", "fit", "means", "months", "panel", "paths", "steps"),
    "reading": ("at", "by_year", "figures_for", "largest", "largest_now", "year_ends"),
}
_ADDRESSES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_ADDRESSES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _ADDRESSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_ADDRESSES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
