"""What callers hand over as draws, held against what evidence can judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hashrate_migration.arguments import instance, shown
from hashrate_migration.errors import InputError

NORMAL_95 = 1.6448536269514722
"""Standard normal quantile of 95 percent: between it and its negative lie 90 percent."""


def log_sd(low: float, high: float) -> float:
    """Standard deviation of the logarithm whose interval of 90 percent is (low, high)."""
    return float(np.log(high / low) / (2 * NORMAL_95))


def array(values: Any, name: str, dimensions: int = 1) -> np.ndarray:
    """Draws as numbers.

    Parameters
    ----------
    values : array-like
        Draws along the first axis.
    name : str
        Of the argument.
    dimensions : int
        1: a number per draw; 2: a row per draw.

    Raises
    ------
    InputError
        If they are no finite numbers, or of another shape.
    """
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} = {shown(values)} holds no numbers; give draws.") from None
    if found.ndim != dimensions or found.size == 0:
        shape = "one number per draw" if dimensions == 1 else "one row per draw"
        raise InputError(f"{name} has the shape {found.shape}; give {shape}.")
    if not np.isfinite(found).all():
        raise InputError(f"{name} holds values that are not finite; leave those draws out.")
    return found


def by_place(values: Any, name: str) -> dict[str, np.ndarray]:
    """Draws by place, equally many of each.

    Raises
    ------
    InputError
        If they are no mapping of places to draws, or not equally many.
    """
    instance(values, name, Mapping, "a mapping of places to draws")
    found = {str(place): array(draws, f"{name}[{place!r}]") for place, draws in values.items()}
    if len({len(draws) for draws in found.values()}) != 1:
        raise InputError(f"{name} must hold equally many draws of one place or more; correct it.")
    return found
