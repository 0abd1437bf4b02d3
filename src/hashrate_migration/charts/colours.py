"""Colours by name: one for each thing, the same in every figure.

Countries keep the colours of the table ``regions`` (:func:`hashrate_migration.regions.colour`).
"""

from __future__ import annotations

INK = "#222222"
"""Text, and the line that a figure is about."""

SOFT = "#5F5F5F"
"""Text beside the main thing."""

FAINT = "#D9D9D9"
"""Grids, and lines in the background."""

GREY = "#8A8A8A"
"""A line or bar for comparison."""

PALE = "#BBBBBB"
"""Bands around grey lines."""

TINT = "#F1F1F1"
"""Tint behind part of the axes."""

NETWORK = "#333333"
"""The whole network."""

CHINA = "#D62F3A"
"""China's red, as in the table ``regions``, for things Chinese that are no region."""

CHINA_PALE = "#F0A7AB"
"""What stays with China or comes back to it."""

AMERICA = "#4189E0"
"""The United States' blue, as in the table ``regions``."""

NEW_MACHINES = "#B9B4A7"
"""Machines that had not run before."""

RETIRED = "#D8D5CC"
"""Machines that do not run again."""

FLEET = "#2C6FA6"
"""The machines in use."""

ASSUMPTION = "#3A6FA8"
"""What an assumption does to a number."""

CARBON = "#7C4129"
"""Emissions per kilowatt-hour."""

RAISES = "#B4552D"
"""What sends emissions up."""

LOWERS = "#3E7F6B"
"""What brings them down."""

SOURCES = {
    "coal": "#2E2E2E",
    "oil": "#7B4B2A",
    "gas": "#C98F4E",
    "nuclear": "#9A86C8",
    "hydro": "#2C6FA6",
    "wind": "#7DB8D8",
    "solar": "#F1CE63",
    "other": "#C9C9C9",
}
"""Sources of electricity from the bottom of a stack up; they keep apart in grey."""

# Light to dark of one hue would hide neighbours; these keep apart in grey and for colour-blind
# readers, and the large provinces take the strongest.
PROVINCES = {
    "CN-XJ": "#8C510A",
    "CN-SC": "#35978F",
    "CN-NM": "#BF812D",
    "CN-YN": "#80CDC1",
    "CN-GS": "#DFC27D",
    "CN-QH": "#B8E0DA",
    "CN-SX": "#F0E2BD",
    "CN-BJ": "#8A8A8A",
    "CN-OTH": "#C4C4C4",
}
"""Provinces of China in the order of a stack."""

SCENARIOS = {
    "as it goes": "#222222",
    "US growth": "#4189E0",
    "second ban": "#D62F3A",
    "Kazakh power crisis": "#B37A00",
    "Gulf and Africa": "#2E7D5B",
}
"""Scenarios of the outlook."""
