"""Who went where: flows of hashrate between regions, from monthly stocks.

Stocks say what stood where; flows are not observed. What can be known is said by
:func:`bounds`; what is most plausible under a stated assumption by :func:`estimate`; how sure
that is by :func:`monte_carlo`; and how far these can be trusted at all by :func:`truth_table`, on
simulated worlds whose flows are known (:mod:`.worlds`; :func:`truth` has the table that is shown).
"""

from __future__ import annotations

from hashrate_migration.flows.accounts import accounts, residuals
from hashrate_migration.flows.bounds import bounds
from hashrate_migration.flows.coverage import truth_table
from hashrate_migration.flows.demography import (
    fit_margins,
    flows_from_net_totals,
)
from hashrate_migration.flows.estimators import (
    METHODS,
    Method,
    Minimum,
    Net,
    Proportional,
    Transport,
    estimate,
)
from hashrate_migration.flows.indices import (
    connectivity,
    flow_table,
    impact,
    intensity,
    spatial_focus,
)
from hashrate_migration.flows.kept import truth
from hashrate_migration.flows.published import (
    pairs_table,
    priors_table,
    resting_table,
    scenarios_table,
)
from hashrate_migration.flows.resting import doubled, rests_on
from hashrate_migration.flows.stock_changes import (
    flows_from_differences,
    flows_from_growth,
    flows_from_shares,
)
from hashrate_migration.flows.stock_tables import flows_from_stock_tables, pseudo_bayes_flows
from hashrate_migration.flows.uncertainty import Assumptions, monte_carlo

__all__ = [
    "METHODS",
    "Assumptions",
    "Method",
    "Minimum",
    "Net",
    "Proportional",
    "Transport",
    "accounts",
    "bounds",
    "connectivity",
    "doubled",
    "estimate",
    "fit_margins",
    "flow_table",
    "flows_from_differences",
    "flows_from_growth",
    "flows_from_net_totals",
    "flows_from_shares",
    "flows_from_stock_tables",
    "impact",
    "intensity",
    "monte_carlo",
    "pairs_table",
    "priors_table",
    "pseudo_bayes_flows",
    "residuals",
    "resting_table",
    "rests_on",
    "scenarios_table",
    "spatial_focus",
    "truth",
    "truth_table",
]
