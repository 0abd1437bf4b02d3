"""Power, electricity mix and emissions of mining by country and month."""

from __future__ import annotations

from hashrate_migration.energy.carbon import (
    emissions,
    factor_sets,
    intensities,
    network_emissions,
    yearly,
)
from hashrate_migration.energy.counterfactual import no_ban
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
    "country_years",
    "emissions",
    "factor_sets",
    "hours",
    "intensities",
    "machine_power",
    "mixes",
    "mixes_shown",
    "network_emissions",
    "network_power",
    "no_ban",
    "power",
    "province_power",
    "provinces",
    "rotation",
    "shares",
    "yearly",
]
