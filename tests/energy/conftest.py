"""Tables that several tests of energy read."""

from __future__ import annotations

import pandas as pd
import pytest

from hashrate_migration import energy


@pytest.fixture(scope="session")
def by_region() -> pd.DataFrame:
    return energy.emissions()


@pytest.fixture(scope="session")
def monthly() -> pd.DataFrame:
    return energy.network_emissions(draws=100)
