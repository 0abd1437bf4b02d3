"""Draws that are made up, for all that does not depend on what the sampler finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import country_panel
from hashrate_migration.country_panel import estimates, model, posterior


@dataclass(frozen=True, eq=False)
class MadeUp:
    """Draws in the form of a posterior."""

    months: pd.DatetimeIndex
    codes: list[str]
    shares: np.ndarray
    steps: np.ndarray
    chains: int = 4


def _made_up(
    draws: int = 40, months: pd.DatetimeIndex | None = None, codes: list[str] | None = None
) -> MadeUp:
    months = country_panel.months() if months is None else months
    codes = codes or [*estimates.countries(), "OTH"]
    generator = np.random.default_rng(7)
    walks = generator.normal(0, 0.1, (draws, len(months), len(codes))).cumsum(axis=1)
    shares = np.exp(walks - 0.3 * np.arange(len(codes)))
    steps = np.exp(generator.normal(-2.5, 0.3, (draws, len(codes))))
    return MadeUp(months, codes, shares / shares.sum(axis=2, keepdims=True), steps)


@pytest.fixture
def made_up() -> Callable[..., MadeUp]:
    """Makes draws: a few, of the months and regions of today or of those given."""
    return _made_up


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """In place of the sampler: its calls, and what it gives, the same every time."""
    there = SimpleNamespace(calls=[], gives=_made_up())

    def sample(rows: pd.DataFrame, months: Any, codes: Any, **options: Any) -> MadeUp:
        there.calls.append(SimpleNamespace(rows=rows, months=months, codes=codes, **options))
        return there.gives

    monkeypatch.setattr(posterior, "sample", sample)
    model._fit.cache_clear()
    yield there
    model._fit.cache_clear()
