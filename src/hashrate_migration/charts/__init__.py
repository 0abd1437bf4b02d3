"""Figures and tables: one look for the whole work."""

from __future__ import annotations

from hashrate_migration.charts import colours
from hashrate_migration.charts.bands import (
    band,
    finish,
    key_of_marks,
    marks,
    ranged_bars,
    rank_ranges,
)
from hashrate_migration.charts.display import figure, show_events, show_figure, show_table
from hashrate_migration.charts.journeys import arrivals, chord, intervals, party, sankey, swings
from hashrate_migration.charts.labels import label_ends
from hashrate_migration.charts.maps import world, worlds
from hashrate_migration.charts.multiples import fans, multiples, share_and_stock
from hashrate_migration.charts.series import (
    dumbbell,
    lines,
    rank_lines,
    series_line,
    signed_bars,
    stacked,
    time_axis,
)
from hashrate_migration.charts.sources import cite
from hashrate_migration.charts.theme import new_figure, use
from hashrate_migration.charts.timeline import mark_events, number_events, shade_phases

__all__ = [
    "arrivals",
    "band",
    "chord",
    "cite",
    "colours",
    "dumbbell",
    "fans",
    "figure",
    "finish",
    "intervals",
    "key_of_marks",
    "label_ends",
    "lines",
    "mark_events",
    "marks",
    "multiples",
    "new_figure",
    "number_events",
    "party",
    "rank_lines",
    "rank_ranges",
    "ranged_bars",
    "sankey",
    "series_line",
    "shade_phases",
    "share_and_stock",
    "show_events",
    "show_figure",
    "show_table",
    "signed_bars",
    "stacked",
    "swings",
    "time_axis",
    "use",
    "world",
    "worlds",
]
