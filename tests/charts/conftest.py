"""Figures to draw on, and what a notebook would show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from matplotlib.figure import Figure

from hashrate_migration import charts
from hashrate_migration.charts import display


@pytest.fixture(autouse=True)
def look(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The look of all figures, English, outside of a page."""
    monkeypatch.delenv(display.PAGE_VARIABLE, raising=False)
    charts.use()
    yield
    charts.use()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a kernel whose notebook becomes a page."""
    monkeypatch.setenv(display.PAGE_VARIABLE, "1")


@pytest.fixture
def new() -> Callable[..., Figure]:
    """Make an empty figure."""

    def make(height: float = 4) -> Figure:
        return charts.new_figure("Finding", "Measure, unit", "Maker", height=height)

    return make


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """What is shown, in order: the data, and what is said about it."""
    outputs: list[tuple[Any, dict[str, Any]]] = []

    def display_(data: Any, metadata: dict[str, Any], raw: bool = False) -> None:
        outputs.append((data if raw else data.data, metadata["hashrate_migration"]))

    monkeypatch.setattr(display, "display", display_)
    return outputs
