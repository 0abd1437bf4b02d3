"""Every published estimate since 2013 joined into one panel of shares with bands."""

from __future__ import annotations

from hashrate_migration.country_panel.additions import with_added
from hashrate_migration.country_panel.estimates import (
    countries,
    kinds,
    newcomers,
    observations,
    published_figures,
)
from hashrate_migration.country_panel.model import (
    BAND,
    BAND_PCT,
    DEFAULT,
    DRAWS_LIMITS,
    EXTRAPOLATED,
    INPUTS,
    INTERPOLATED,
    MEASURED,
    METHOD_VERSION,
    WIDEST_STEP,
    Dynamics,
    compare,
    fit,
    months,
    panel,
    paths,
)
from hashrate_migration.country_panel.reading import (
    at,
    by_year,
    figures_for,
    largest,
    largest_now,
    year_ends,
)

__all__ = [
    "BAND",
    "BAND_PCT",
    "DEFAULT",
    "DRAWS_LIMITS",
    "EXTRAPOLATED",
    "INPUTS",
    "INTERPOLATED",
    "MEASURED",
    "METHOD_VERSION",
    "WIDEST_STEP",
    "Dynamics",
    "at",
    "by_year",
    "compare",
    "countries",
    "figures_for",
    "fit",
    "kinds",
    "largest",
    "largest_now",
    "months",
    "newcomers",
    "observations",
    "panel",
    "paths",
    "published_figures",
    "with_added",
    "year_ends",
]
