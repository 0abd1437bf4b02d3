"""Power, electricity mix and emissions of mining by country and month."""

from __future__ import annotations

from hashrate_migration.energy.carbon import (
    distance_from_grids,
    emissions,
    factor_sets,
    intensities,
    network_emissions,
    yearly,
)
from hashrate_migration.energy.countries import country_years
from hashrate_migration.energy.demand import (
    OVERHEAD,
    hours,
    machine_power,
    network_power,
    power,
    shares,
)
from hashrate_migration.energy.electricity import SOURCES, mixes, mixes_shown
from hashrate_migration.energy.kept import (
    ban_months,
    ban_parts,
    ban_years,
    beside_studies,
    ranges,
    ranges_by_year,
    scenarios,
)
from hashrate_migration.energy.seasons import (
    annual_cycle,
    province_power,
    provinces,
    rotation,
)

__all__ = [
    "OVERHEAD",
    "SOURCES",
    "annual_cycle",
    "ban_months",
    "ban_parts",
    "ban_years",
    "beside_studies",
    "country_years",
    "distance_from_grids",
    "emissions",
    "factor_sets",
    "hours",
    "intensities",
    "machine_power",
    "mixes",
    "mixes_shown",
    "network_emissions",
    "network_power",
    "power",
    "province_power",
    "provinces",
    "ranges",
    "ranges_by_year",
    "rotation",
    "scenarios",
    "shares",
    "yearly",
]
