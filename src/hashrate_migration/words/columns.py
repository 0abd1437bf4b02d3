"""Every column that a page shows: its heading, its unit and how its values are said.

One vocabulary for all tables, so that a column is described once and looks alike everywhere. A name
has one meaning; a table that wants another heading renames its column to the name that has it.
"""

from __future__ import annotations

import numbers
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration.tables import regions
from hashrate_migration.words import N_, translated, values


@dataclass(frozen=True)
class Column:
    """How a column is shown.

    Attributes
    ----------
    heading : str
        English; translated where it is shown.
    unit : str
        Stands behind the heading, in brackets; none for text and counts.
    decimals : int
        Of numbers.
    signed : bool
        Whether the values are changes, shown with their sign.
    way : str
        Name of another way of :mod:`hashrate_migration.words.values` to say the values.
    """

    heading: str
    unit: str = ""
    decimals: int = 0
    signed: bool = False
    way: str = ""

    @property
    def title(self) -> str:
        """Heading with unit, in the language in use."""
        unit = f" ({translated(self.unit)})" if self.unit else ""
        return translated(self.heading) + unit

    @property
    def is_number(self) -> bool:
        """Whether values stand to the right, figure under figure."""
        return not self.way or self.way in ("number", "signed", "percent")

    def said(self, value: object) -> str:
        """A value as text; a dash if there is none."""
        if not isinstance(value, list | tuple | str) and pd.isna(value):
            return values.MISSING
        if self.way:
            return values.WAYS[self.way](value)
        if isinstance(value, bool | np.bool_):
            return translated(N_("yes") if value else N_("no"))
        if isinstance(value, numbers.Real):
            say = values.signed if self.signed else values.number
            return say(float(value), self.decimals)
        return translated(str(value))


_PERCENT = N_("%")
_POINTS = N_("points")

COLUMNS: dict[str, Column] = {
    # when and where
    "month": Column(N_("month"), way="iso_month"),
    "start": Column(N_("from"), way="iso_month"),
    "end": Column(N_("to"), way="iso_month"),
    "start_month": Column(N_("from"), way="iso_month"),
    "end_month": Column(N_("to"), way="iso_month"),
    "date": Column(N_("date"), way="iso_day"),
    "year": Column(N_("year"), way="plain"),
    "region": Column(N_("region"), way="name"),
    "country": Column(N_("country"), way="name"),
    "province": Column(N_("province"), way="name"),
    "state": Column(N_("state"), way="name"),
    "destination": Column(N_("destination"), way="name"),
    # shares and stocks
    "share_pct": Column(N_("share"), _PERCENT, 2),
    "share_before_pct": Column(N_("share before"), _PERCENT, 1),
    "share_last_pct": Column(N_("share at the map's end"), _PERCENT, 1),
    "hashrate_ehs": Column(N_("hashrate"), "EH/s", 1),
    "network_ehs": Column(N_("network"), "EH/s", 1),
    "change_pct_points": Column(N_("change"), _POINTS, 2, signed=True),
    "gain_ehs": Column(N_("gain"), "EH/s", 1, signed=True),
    "gain_pct_points": Column(N_("gain of share"), _POINTS, 1, signed=True),
    "before_ehs": Column(N_("before"), "EH/s", 1),
    "last_ehs": Column(N_("at the map's end"), "EH/s", 1),
    "rank": Column(N_("rank")),
    "basis": Column(N_("basis")),
    "kind": Column(N_("kind of figure")),
    "used": Column(N_("used by the panel")),
    "april_ehs": Column(N_("April 2021"), "EH/s", 1),
    "june_ehs": Column(N_("June 2021"), "EH/s", 1),
    "change_ehs": Column(N_("change"), "EH/s", 1, signed=True),
    "share_band": Column(N_("share with band"), _PERCENT),
    "hashrate_band": Column(N_("hashrate with band"), "EH/s"),
    # intervals
    "low": Column(N_("lowest"), decimals=1),
    "median": Column(N_("median"), decimals=1),
    "high": Column(N_("highest"), decimals=1),
    "low_ehs": Column(N_("lowest"), "EH/s", 1),
    "median_ehs": Column(N_("median"), "EH/s", 1),
    "high_ehs": Column(N_("highest"), "EH/s", 1),
    # figures in words
    "figure": Column(N_("figure")),
    "value": Column(N_("value"), decimals=1),
    "unit": Column(N_("unit")),
    "when": Column(N_("when")),
    "rule": Column(N_("how it is computed")),
    "note": Column(N_("note")),
    "publisher": Column(N_("publisher")),
    "source": Column(N_("source")),
    # events
    "number": Column(N_("no.")),
    "place": Column(N_("place")),
    "actor": Column(N_("actor")),
    "what_happened": Column(N_("what happened")),
    # energy
    "months": Column(N_("months")),
    "power_gw": Column(N_("power"), "GW", 2),
    "low_gw": Column(N_("lowest"), "GW", 2),
    "high_gw": Column(N_("highest"), "GW", 2),
    "of_generation_pct": Column(N_("part of generation"), _PERCENT, 2),
    "energy_twh": Column(N_("electricity"), "TWh", 1),
    "intensity_g_per_kwh": Column(N_("intensity"), "g/kWh"),
    "emissions_mt": Column(N_("emissions"), "Mt CO2e", 1),
    "coal_pct": Column(N_("coal"), _PERCENT),
    "gas_pct": Column(N_("gas"), _PERCENT),
    "oil_pct": Column(N_("oil"), _PERCENT),
    "low_carbon_pct": Column(N_("low carbon"), _PERCENT),
}
"""Name of a column to how it is shown."""


def column(name: object, unit: str = "") -> Column:
    """How a column is shown.

    Parameters
    ----------
    name : object
        A name of :data:`COLUMNS`; or, in a table that has regions or months side by side, the code of
        a region or a month.
    unit : str
        Unit of columns that are regions or months.

    Raises
    ------
    KeyError
        If nothing says how to show it.
    """
    if isinstance(name, pd.Timestamp):
        return Column(values.iso_month(name), unit, 1)
    if name in COLUMNS:
        return COLUMNS[str(name)]
    if name in regions.table().index:
        return Column(values.name(str(name)), unit, 1)
    raise KeyError(
        f"{name!r} is no column of words/columns.py: describe it there, or rename it to one that is."
    )
