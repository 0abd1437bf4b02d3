"""Figures and tables: one look for the whole work."""

from __future__ import annotations

from hashrate_migration.charts import colours
from hashrate_migration.charts.bands import (
    band,
    effective_number,
    finish,
    key_of_marks,
    mark_claims,
    marks,
    ranged_bars,
    rank_ranges,
)
from hashrate_migration.charts.display import figure, show_events, show_figure, show_table
from hashrate_migration.charts.electricity import (
    annual_cycle,
    beside,
    effects,
    mix,
    ranged_line,
    source_names,
    two_worlds,
)
from hashrate_migration.charts.journeys import (
    arrivals,
    chord,
    compared,
    intervals,
    moves,
    party,
    sankey,
    stepped,
)
from hashrate_migration.charts.labels import label_ends
from hashrate_migration.charts.maps import world, worlds
from hashrate_migration.charts.multiples import fans, height_of, multiples, share_and_stock
from hashrate_migration.charts.predictions import (
    forecast_bands,
    observed_against_predicted,
    rank_bars,
)
from hashrate_migration.charts.series import (
    dumbbell,
    fleet_and_frontier,
    growth_line,
    lines,
    named_lines,
    rank_lines,
    ratio_line,
    series_line,
    signed_bars,
    stacked,
    time_axis,
)
from hashrate_migration.charts.sources import cite
from hashrate_migration.charts.theme import new_figure, use
from hashrate_migration.charts.timeline import (
    mark_events,
    mark_points,
    number_events,
    shade_phases,
)

__all__ = [
    "annual_cycle",
    "arrivals",
    "band",
    "beside",
    "chord",
    "cite",
    "colours",
    "compared",
    "dumbbell",
    "effective_number",
    "effects",
    "fans",
    "figure",
    "finish",
    "fleet_and_frontier",
    "forecast_bands",
    "growth_line",
    "height_of",
    "intervals",
    "key_of_marks",
    "label_ends",
    "lines",
    "mark_claims",
    "mark_events",
    "mark_points",
    "marks",
    "mix",
    "moves",
    "multiples",
    "named_lines",
    "new_figure",
    "number_events",
    "observed_against_predicted",
    "party",
    "ranged_bars",
    "ranged_line",
    "rank_bars",
    "rank_lines",
    "rank_ranges",
    "ratio_line",
    "sankey",
    "series_line",
    "shade_phases",
    "share_and_stock",
    "show_events",
    "show_figure",
    "show_table",
    "signed_bars",
    "source_names",
    "stacked",
    "stepped",
    "time_axis",
    "two_worlds",
    "use",
    "world",
    "worlds",
]
