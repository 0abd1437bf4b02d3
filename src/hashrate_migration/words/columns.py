"""Every column that a page shows: its heading, its unit and how its values are said.

One vocabulary for all tables, so that a column is described once and looks alike everywhere. A name
has one meaning; a table that wants another heading renames its column to the name that has it.
"""

from __future__ import annotations

import numbers
from dataclasses import dataclass, replace

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
    tones : tuple of (str, str)
        Values that are judgements, each with its tone: ``good``, ``mixed``, ``bad`` or ``open``. A
        page colours them, and lets a reader choose among the rows.
    """

    heading: str
    unit: str = ""
    decimals: int = 0
    signed: bool = False
    way: str = ""
    tones: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """Heading with unit, in the language in use."""
        unit = f" ({translated(self.unit)})" if self.unit else ""
        return translated(self.heading) + unit

    def fitted(self, column: pd.Series) -> Column:
        """The same, with more decimals where its numbers are too small for those it has."""
        if self.way or not pd.api.types.is_float_dtype(column) or (column.dropna() % 1 == 0).all():
            return self
        largest = column.abs().max()
        finer = values.enough([largest, largest / _TELLING], self.decimals)
        return replace(self, decimals=finer)

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


_TELLING = 2
"""A column whose largest value is less than so many of its last digit says little of the others."""

_VERDICTS = (
    ("supported", "good"),
    ("partly", "mixed"),
    ("contradicted", "bad"),
    ("cannot be decided", "open"),
)

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
    "level_before_pct": Column(N_("level before"), _PERCENT, 1),
    "level_after_pct": Column(N_("level after"), _PERCENT, 1),
    "rank": Column(N_("rank")),
    "part_of_country_pct": Column(N_("part of the country"), _PERCENT, 2),
    "basis": Column(N_("basis")),
    "kind": Column(N_("kind of figure")),
    "used": Column(N_("used by the panel")),
    "april_ehs": Column(N_("April 2021"), "EH/s", 1),
    "june_ehs": Column(N_("June 2021"), "EH/s", 1),
    "change_ehs": Column(N_("change"), "EH/s", 1, signed=True),
    "share_band": Column(N_("share with band"), _PERCENT),
    "hashrate_band": Column(N_("hashrate with band"), "EH/s"),
    # eras
    "era": Column(N_("era")),
    "leader": Column(N_("largest share"), way="name"),
    "leader_pct": Column(N_("its mean"), _PERCENT, 1),
    "second": Column(N_("second"), way="name"),
    "second_pct": Column(N_("its mean"), _PERCENT, 1),
    "china_pct": Column(N_("China's mean"), _PERCENT, 1),
    "measured_pct": Column(N_("measured"), _PERCENT),
    # estimates and their errors
    "figures_used": Column(N_("figures used")),
    "error_sd": Column(N_("scatter"), N_("log-odds"), 2),
    "offset_sd": Column(N_("shared bias"), N_("log-odds"), 2),
    "reads": Column(N_("what it says")),
    "tail_df": Column(N_("degrees of freedom")),
    "until": Column(N_("used until"), way="iso_month"),
    "reason": Column(N_("why")),
    "left_out": Column(N_("left out")),
    "group": Column(N_("which figures")),
    "estimates": Column(N_("number of figures")),
    "inside": Column(N_("within the band")),
    # figures left out and predicted
    "family": Column(N_("family")),
    "inside50_pct": Column(N_("within the inner band"), _PERCENT),
    "inside90_pct": Column(N_("within the band"), _PERCENT),
    "above_pct": Column(N_("above the median"), _PERCENT),
    "above": Column(N_("above the median")),
    "width_points": Column(N_("median width of the band"), _POINTS, 1),
    "lines_inside90_pct": Column(N_("within that of straight lines"), _PERCENT),
    "still_inside90_pct": Column(N_("within that of nothing changes"), _PERCENT),
    "walk_inside90_pct": Column(N_("within that of a walk"), _PERCENT),
    "compared": Column(N_("figures compared")),
    "alone": Column(N_("figures that the panel alone predicts")),
    "log_score": Column(N_("log score"), decimals=2),
    "lines_log_score": Column(N_("log score of straight lines"), decimals=2),
    "walk_log_score": Column(N_("log score of a walk"), decimals=2),
    "crps": Column(N_("CRPS"), decimals=2),
    "lines_crps": Column(N_("CRPS of straight lines"), decimals=2),
    "still_crps": Column(N_("CRPS of nothing changes"), decimals=2),
    "figures": Column(N_("figures")),
    "ahead": Column(N_("year ahead"), way="plain"),
    "walk_crps": Column(N_("CRPS of a walk"), decimals=2),
    "target": Column(N_("target")),
    "reached_value": Column(N_("value"), decimals=2),
    "least": Column(N_("at least")),
    "most": Column(N_("at most")),
    "reached": Column(N_("reached")),
    "predicted_band": Column(N_("predicted with band"), _PERCENT),
    "within": Column(N_("band holds it")),
    "agreeing_pct": Column(N_("draws that agree"), _PERCENT),
    # how the chains did
    "check": Column(N_("check")),
    "belief": Column(N_("belief")),
    "size": Column(N_("size"), decimals=2),
    "result": Column(N_("result")),
    "rhat": Column(N_("R-hat"), decimals=3),
    "ess_bulk": Column(N_("effective draws, middle")),
    "ess_tail": Column(N_("effective draws, tails")),
    "folds": Column(N_("fits")),
    "divergences": Column(N_("divergences")),
    # intervals
    "low": Column(N_("lowest"), decimals=1),
    "median": Column(N_("median"), decimals=1),
    "high": Column(N_("highest"), decimals=1),
    "low_ehs": Column(N_("lowest"), "EH/s", 1),
    "median_ehs": Column(N_("median"), "EH/s", 1),
    "high_ehs": Column(N_("highest"), "EH/s", 1),
    "mean": Column(N_("mean"), decimals=1),
    # flows
    "party": Column(N_("destination")),
    "stock_before_ehs": Column(N_("stock before"), "EH/s", 1),
    "departures_ehs": Column(N_("departures"), "EH/s", 1),
    "arrivals_ehs": Column(N_("arrivals"), "EH/s", 1),
    "stock_ehs": Column(N_("stock"), "EH/s", 1),
    "max_supply_ehs": Column(N_("new machines a month, at most"), "EH/s", 1),
    "net": Column(N_("no link"), "EH/s", 1),
    "proportional": Column(N_("one pool"), "EH/s", 1),
    "minimum": Column(N_("least turnover"), "EH/s", 1),
    "transport": Column(N_("transport"), "EH/s", 1),
    "assumption": Column(N_("assumption")),
    "range_assumed": Column(N_("range")),
    "moves_departed": Column(N_("moves what stopped"), "EH/s", 1, signed=True),
    "moves_abroad": Column(N_("abroad"), "EH/s", 1, signed=True),
    "moves_back": Column(N_("in China again"), "EH/s", 1, signed=True),
    "moves_retired": Column(N_("nowhere"), "EH/s", 1, signed=True),
    "rests_on": Column(N_("rests on")),
    "evidence_on": Column(N_("evidence that speaks of it")),
    "effective": Column(N_("effective draws")),
    "supply_range": Column(N_("new machines a month"), "EH/s"),
    "drawn_band": Column(N_("median (interval)"), "EH/s"),
    "allowed_band": Column(N_("bounds"), "EH/s"),
    "departed_band": Column(N_("stopped"), "EH/s"),
    "abroad_band": Column(N_("abroad"), "EH/s"),
    "back_band": Column(N_("in China again"), "EH/s"),
    "retired_band": Column(N_("nowhere"), "EH/s"),
    "pool_group": Column(N_("blocks of")),
    "after_ehs": Column(N_("after"), "EH/s", 1),
    "change_band": Column(N_("change, with interval"), "EH/s"),
    "statement": Column(N_("what was counted")),
    "bound": Column(N_("kind of count")),
    "machines": Column(N_("machines")),
    "counted_band": Column(N_("hashrate that ran of them"), "EH/s"),
    "variant": Column(N_("simulated worlds")),
    "worlds": Column(N_("number of worlds")),
    "coverage_pairs_pct": Column(N_("holds a pair's flow"), _PERCENT),
    "coverage_abroad_pct": Column(N_("holds what ran abroad"), _PERCENT),
    "coverage_back_pct": Column(N_("holds what ran in place again"), _PERCENT),
    "coverage_departed_pct": Column(N_("holds what stopped"), _PERCENT),
    "coverage_retired_pct": Column(N_("holds what ran nowhere"), _PERCENT),
    "coverage_marked_pct": Column(N_("holds the flow to the country it is about"), _PERCENT),
    "off_pairs_pct": Column(N_("a pair's flow"), _PERCENT, signed=True),
    "off_abroad_pct": Column(N_("what ran abroad"), _PERCENT, signed=True),
    "off_back_pct": Column(N_("what ran in place again"), _PERCENT, signed=True),
    "off_departed_pct": Column(N_("what stopped"), _PERCENT, signed=True),
    "off_retired_pct": Column(N_("what ran nowhere"), _PERCENT, signed=True),
    "off_marked_pct": Column(N_("the flow to the country it is about"), _PERCENT, signed=True),
    "width_pairs_pct": Column(N_("width of a pair's flow"), _PERCENT),
    "width_abroad_pct": Column(N_("of what ran abroad"), _PERCENT),
    "width_back_pct": Column(N_("of what ran in place again"), _PERCENT),
    "width_departed_pct": Column(N_("of what stopped"), _PERCENT),
    "width_retired_pct": Column(N_("of what ran nowhere"), _PERCENT),
    "width_marked_pct": Column(N_("of the flow to the country it is about"), _PERCENT),
    "bounds_pairs_pct": Column(N_("bounds of a pair's flow"), _PERCENT),
    "bounds_abroad_pct": Column(N_("bounds of what ran abroad"), _PERCENT),
    "error_net_pct": Column(N_("error of no link"), _PERCENT),
    "error_proportional_pct": Column(N_("error of one pool"), _PERCENT),
    "error_minimum_pct": Column(N_("error of least turnover"), _PERCENT),
    "error_transport_pct": Column(N_("error of transport"), _PERCENT),
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
    "dates_of_acts": Column(N_("acts")),
    "actor": Column(N_("actor")),
    "what_happened": Column(N_("what happened")),
    "status": Column(N_("how far it got")),
    "event_date": Column(N_("date of the act"), way="iso_day"),
    "nearest_act": Column(N_("nearest policy act")),
    "days_after_act": Column(N_("days from the act to the break"), signed=True),
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
    "nuclear_pct": Column(N_("nuclear"), _PERCENT),
    "hydro_pct": Column(N_("hydro"), _PERCENT),
    "wind_pct": Column(N_("wind"), _PERCENT),
    "solar_pct": Column(N_("solar"), _PERCENT),
    "other_pct": Column(N_("other"), _PERCENT),
    "low_twh": Column(N_("lowest"), "TWh", 1),
    "high_twh": Column(N_("highest"), "TWh", 1),
    "low_mt": Column(N_("lowest"), "Mt CO2e", 1),
    "high_mt": Column(N_("highest"), "Mt CO2e", 1),
    "intensity_band": Column(N_("intensity with range"), "g/kWh"),
    "month_mt": Column(N_("emitted"), "Mt CO2e", 2),
    "area": Column(N_("where")),
    "period": Column(N_("period")),
    "published": Column(N_("published")),
    "computed_here": Column(N_("computed here")),
    # sets of emission factors, side by side
    "ipcc-2011": Column(N_("life cycle, IPCC 2011"), "g/kWh"),
    "ipcc-2014": Column(N_("life cycle, IPCC 2014"), "g/kWh"),
    "direct": Column(N_("at the plant"), "g/kWh"),
    "cambridge": Column(N_("as Cambridge takes them"), "g/kWh"),
    # beside others
    "study": Column(N_("study")),
    "quantity_of": Column(N_("what")),
    "scope": Column(N_("of what")),
    "method": Column(N_("method")),
    "theirs_mt": Column(N_("theirs"), "Mt CO2e", 1),
    "ours_mt": Column(N_("ours"), "Mt CO2e", 1),
    "theirs_twh": Column(N_("theirs"), "TWh", 1),
    "ours_twh": Column(N_("ours"), "TWh", 1),
    "theirs_g_per_kwh": Column(N_("theirs"), "g/kWh"),
    "ours_g_per_kwh": Column(N_("ours"), "g/kWh"),
    "by_electricity_mt": Column(N_("because of electricity"), "Mt CO2e", 1, signed=True),
    "by_grams_mt": Column(N_("because of grams"), "Mt CO2e", 1, signed=True),
    "mix_of": Column(N_("mix")),
    "emissions_band": Column(N_("emissions with range"), "Mt CO2e"),
    # with and without the ban
    "choice": Column(N_("choice")),
    "draws": Column(N_("draws")),
    "mean_mix_band": Column(N_("arrivals on mean mixes"), "Mt CO2e"),
    "fossil_band": Column(N_("on the largest fossil source"), "Mt CO2e"),
    "volume_band": Column(N_("volume"), "Mt CO2e"),
    "total_band": Column(N_("all together"), "Mt CO2e"),
    "raised_pct": Column(N_("draws above zero"), _PERCENT),
    "part_of": Column(N_("part")),
    "effect_mt": Column(N_("effect"), "Mt CO2e", 1, signed=True),
    "low_g_per_kwh": Column(N_("lowest"), "g/kWh"),
    "high_g_per_kwh": Column(N_("highest"), "g/kWh"),
    # seasons in China
    "wet_pct": Column(N_("wet season"), _PERCENT, 1),
    "dry_pct": Column(N_("dry season"), _PERCENT, 1),
    "swing_points": Column(N_("wet less dry"), _POINTS, 1, signed=True),
    "swing_ehs": Column(N_("wet less dry"), "EH/s", 1, signed=True),
    "swing_gw": Column(N_("wet less dry"), "GW", 2, signed=True),
    # claims
    "claim_id": Column(N_("no.")),
    "claim": Column(N_("claim")),
    "verdict": Column(N_("verdict"), tones=_VERDICTS),
    "tables_say": Column(N_("what the tables say")),
    "how": Column(N_("decided by")),
    "about": Column(N_("about")),
    "claims": Column(N_("claims")),
    "supported": Column(N_("supported")),
    "partly": Column(N_("partly")),
    "contradicted": Column(N_("contradicted")),
    "undecided": Column(N_("cannot be decided")),
    "claimed_pct": Column(N_("claimed"), _PERCENT),
    "metric": Column(N_("metric")),
    "asks": Column(N_("what it asks")),
    "subject": Column(N_("subject")),
    "claim_zh": Column(N_("in Chinese")),
    "read_with_tables": Column(N_("tables and a reader")),
    "first_verdict": Column(N_("first reader"), tones=_VERDICTS),
    "second_verdict": Column(N_("second reader"), tones=_VERDICTS),
    "first_reason": Column(N_("why, first reader")),
    "second_reason": Column(N_("why, second reader")),
    "carries": Column(N_("what it says")),
    "looked_for": Column(N_("looked for")),
    "searched_on": Column(N_("searched on"), way="iso_day"),
    "words": Column(N_("words of the search")),
    "pages": Column(N_("pages looked at")),
    "found_pages": Column(N_("that hold it")),
    # other coins
    "coin": Column(N_("coin")),
    "known_date": Column(N_("date")),
    "measure": Column(N_("what was measured")),
    "tagged_china_pct": Column(N_("tagged China"), _PERCENT, 1),
    "asian_pct": Column(N_("any East Asian tag"), _PERCENT, 1),
    "asian_or_untagged_pct": Column(N_("East Asian or no tag"), _PERCENT, 1),
    # sales of makers
    "sold_million_ths": Column(N_("computing power sold"), N_("million TH/s"), 1),
    "revenue_millions": Column(N_("revenue"), N_("millions"), 1),
    "currency": Column(N_("currency")),
    "per_ths": Column(N_("revenue for each TH/s sold"), decimals=1),
    "match": Column(N_("match")),
    # makers
    "maker": Column(N_("maker")),
    "published_value": Column(N_("value"), decimals=1),
    # concentration and outlook
    "herfindahl_band": Column(N_("Herfindahl index")),
    "effective_number_band": Column(N_("effective number of countries")),
    "holding_half_band": Column(N_("countries that hold half")),
    "entropy_bits_band": Column(N_("Shannon entropy"), N_("bits")),
    "carbon": Column(N_("carbon intensity of the grid"), "g/kWh"),
    "reliability": Column(N_("events of grid and weather")),
    "policy": Column(N_("acts of policy and enforcement")),
    "kept": Column(N_("part kept of the highest share"), decimals=2),
    "score": Column(N_("score"), decimals=2),
    "scenario": Column(N_("scenario")),
    # tables and checks
    "table": Column(N_("table")),
    "title": Column(N_("what it holds")),
    "rows": Column(N_("rows")),
    "vintage": Column(N_("vintage")),
    "licence": Column(N_("terms")),
    "comparison": Column(N_("comparison")),
    "lowest_ratio": Column(N_("lowest"), decimals=4),
    "highest_ratio": Column(N_("highest"), decimals=4),
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
