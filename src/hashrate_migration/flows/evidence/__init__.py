"""What the world says of the flows, as likelihoods: one module per kind of evidence.

Each turns a table of ``data/`` into the log-likelihood of arrays of draws, with its own uncertainty,
and none needs another. Which draws meet a piece of evidence is for the caller to weigh; a draw that
cannot have been has the log-likelihood minus infinity.

==================  =====================================================  ====================
module              says something of                                      table
==================  =====================================================  ====================
:mod:`.supply`      new machines per month                                 `hardware_makers`
:mod:`.fleets`      what was retired, and when moved machines ran again    `followed_fleets`
:mod:`.press`       what countries received                                `relocation_reports`
:mod:`.miners`      what the United States and Canada gained at least      `miner_output`
:mod:`.pools`       the same, of both together                             `pool_blocks_daily`
==================  =====================================================  ====================
"""

from __future__ import annotations

from hashrate_migration.flows.evidence.fleets import fleet_likelihood, followed, lag_mixture
from hashrate_migration.flows.evidence.miners import miners_floor, output_growth
from hashrate_migration.flows.evidence.pools import pool_growth, pools_floor
from hashrate_migration.flows.evidence.press import counted_hashrate, press_counts
from hashrate_migration.flows.evidence.supply import (
    market_share,
    supply_likelihood,
    supply_range,
)

__all__ = [
    "counted_hashrate",
    "fleet_likelihood",
    "followed",
    "lag_mixture",
    "market_share",
    "miners_floor",
    "output_growth",
    "pool_growth",
    "pools_floor",
    "press_counts",
    "supply_likelihood",
    "supply_range",
]
