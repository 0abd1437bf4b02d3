"""Tests of words begin and end in English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hashrate_migration import words


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    words.use("en")
    yield
    words.use("en")
