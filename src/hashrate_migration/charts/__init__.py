"""Figures and tables: one look for the whole work."""

from __future__ import annotations

from hashrate_migration.charts.bands import (
    band,
    finish,
    key_of_marks,
    marks,
    ranged_bars,
    rank_ranges,
)
from hashrate_migration.charts.display import say, show_figure, show_table
from hashrate_migration.charts.flows import arrivals, chord, intervals, sankey, swings
from hashrate_migration.charts.labels import label_ends
from hashrate_migration.charts.maps import world, worlds
from hashrate_migration.charts.series import (
    dumbbell,
    lines,
    rank_lines,
    signed_bars,
    stacked,
    time_axis,
)
from hashrate_migration.charts.theme import new_figure, use
from hashrate_migration.charts.timeline import mark_events, number_events, shade_phases

__all__ = [
    "arrivals",
    "band",
    "chord",
    "dumbbell",
    "finish",
    "intervals",
    "key_of_marks",
    "label_ends",
    "lines",
    "mark_events",
    "marks",
    "new_figure",
    "number_events",
    "rank_lines",
    "rank_ranges",
    "ranged_bars",
    "sankey",
    "say",
    "shade_phases",
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
