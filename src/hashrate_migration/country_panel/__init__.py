"""Every published estimate since 2013 joined into one panel of shares with bands."""

from __future__ import annotations

from hashrate_migration.country_panel.checks import coverage, leave_out
from hashrate_migration.country_panel.estimates import (
    countries,
    kinds,
    newcomers,
    observations,
    published_figures,
)
from hashrate_migration.country_panel.model import (
    BAND,
    DEFAULT,
    METHOD_VERSION,
    Dynamics,
    compare,
    fit,
    months,
    panel,
    paths,
)
from hashrate_migration.country_panel.reading import at, by_year, figures_for, largest, year_ends

__all__ = [
    "BAND",
    "DEFAULT",
    "METHOD_VERSION",
    "Dynamics",
    "at",
    "by_year",
    "compare",
    "countries",
    "coverage",
    "figures_for",
    "fit",
    "kinds",
    "largest",
    "leave_out",
    "months",
    "newcomers",
    "observations",
    "panel",
    "paths",
    "published_figures",
    "year_ends",
]
