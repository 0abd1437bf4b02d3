"""What a claim can ask of the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from hashrate_migration.findings import claim_questions as ask
from hashrate_migration.findings.claim_answers import Answer, Nothing
from hashrate_migration.findings.claim_verdicts import FIRST
from hashrate_migration.flows.evidence import counted_hashrate
from hashrate_migration.tables import regions
from hashrate_migration.words import N_


@dataclass(frozen=True)
class Metric:
    """A question that a claim can put to the tables.

    Attributes
    ----------
    name : str
        As in the column ``metric`` of a table of claims.
    words : str
        What it asks, in English; translated where it is shown.
    ask : callable
        From a row of claims to the answer, or to why there is none.
    unit : str
        Of the claimed value and of the answer.
    subject : str
        What the subject is; empty if the metric takes none.
    subjects : callable, optional
        The subjects there are.
    needs_subject : bool
        Whether the subject may not be left out, if the metric takes one.
    match : str
        What the match is; empty if the metric takes none. A metric that takes one needs it.
    matches : callable, optional
        The matches there are; None if any text will do.
    monthly : bool
        Whether there is a value for every month, so that a claim may be one on every month.
    ranked : bool
        Whether subjects can be compared, so that a claim may be that one of them comes first.
    counts : bool
        Whether it counts, so that a claim may be that there is one, or none.
    read : bool
        Whether a reader chose what is looked at, so that the answer counts as judged.
    named : callable, optional
        A match in words.
    """

    name: str
    words: str
    ask: Callable[[pd.Series], Answer | Nothing]
    unit: str = ""
    subject: str = ""
    subjects: Callable[[], list[str]] | None = None
    needs_subject: bool = True
    match: str = ""
    matches: Callable[[], list[str]] | None = None
    monthly: bool = False
    ranked: bool = False
    counts: bool = False
    read: bool = False
    named: Callable[[str], str] | None = None

    def answer(self, row: pd.Series) -> Answer | Nothing:
        """What the tables say to a row of claims."""
        if row["comparison"] == FIRST and self.subjects is not None:
            return ask.ranked(row, self.ask, self.subjects())
        return self.ask(row)


_MAP_REGION = N_("region of the mining map")
_PANEL_REGION = N_("region of the country panel")
_PROVINCE = N_("Chinese province")
_MAKER = N_("maker, or makers joined by +")
_FIGURE = N_("figure of the maker")

METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            "map_share_pct",
            N_("share on the mining map"),
            ask.map_share,
            unit=N_("percent"),
            subject=_MAP_REGION,
            subjects=regions.mapped_regions,
            monthly=True,
            ranked=True,
        ),
        Metric(
            "map_change_points",
            N_("change on the mining map"),
            ask.map_change,
            unit=N_("points"),
            subject=_MAP_REGION,
            subjects=regions.mapped_regions,
            ranked=True,
        ),
        Metric(
            "flow_from_china_ehs",
            N_("flow from China"),
            ask.flow,
            unit=N_("EH/s"),
            subject=_MAP_REGION,
            subjects=regions.mapped_regions,
            ranked=True,
        ),
        Metric(
            "counted_machines",
            N_("machines counted as moved there"),
            ask.counted,
            subject=N_("country"),
            subjects=lambda: sorted(counted_hashrate()["destination"].unique()),
            ranked=True,
            counts=True,
        ),
        Metric(
            "panel_share_pct",
            N_("share in the country panel"),
            ask.panel_share,
            unit=N_("percent"),
            subject=_PANEL_REGION,
            subjects=ask.panel_regions,
            monthly=True,
        ),
        Metric(
            "panel_change_points",
            N_("change in the country panel"),
            ask.panel_change,
            unit=N_("points"),
            subject=_PANEL_REGION,
            subjects=ask.panel_regions,
        ),
        Metric(
            "panel_rank",
            N_("rank in the country panel"),
            ask.panel_rank,
            subject=N_("country of the country panel"),
            subjects=ask.panel_countries,
        ),
        Metric(
            "state_share_pct",
            N_("part of US hashrate"),
            ask.state_share,
            unit=N_("percent"),
            subject=N_("US state"),
            subjects=lambda: ask.values_of("us_states", "region"),
            monthly=True,
            ranked=True,
        ),
        Metric(
            "province_fuel_pct",
            N_("part of generation"),
            ask.province_fuel,
            unit=N_("percent"),
            subject=_PROVINCE,
            subjects=lambda: ask.values_of("china_generation", "region"),
            match=N_("fuel"),
            matches=lambda: ask.values_of("china_generation", "fuel"),
        ),
        Metric(
            "energy_twh",
            N_("electricity of mining"),
            ask.electricity,
            unit=N_("TWh"),
            subject=N_("region of the country panel, or none for the network"),
            subjects=ask.panel_regions,
            needs_subject=False,
        ),
        Metric(
            "energy_over_generation",
            N_("electricity of mining over generation"),
            ask.energy_over_generation,
            unit=N_("times"),
            subject=_PANEL_REGION,
            subjects=ask.panel_regions,
            match=_PROVINCE,
            matches=lambda: ask.values_of("china_generation", "region"),
        ),
        Metric(
            "network_ratio",
            N_("network hashrate, last over first year"),
            ask.network_ratio,
            unit=N_("times"),
        ),
        Metric(
            "network_growth_pct",
            N_("mean growth of the network hashrate"),
            ask.growth_rate,
            unit=N_("percent a year"),
        ),
        Metric(
            "network_growth_ratio",
            N_("rate of growth of the network hashrate, later months over earlier ones"),
            ask.growth_ratio,
            unit=N_("times"),
        ),
        Metric(
            "price_ratio", N_("price, last over first month"), ask.price_ratio, unit=N_("times")
        ),
        Metric(
            "effective_countries_ratio",
            N_("effective number of countries, last over first month"),
            ask.effective_ratio,
            unit=N_("times"),
        ),
        Metric(
            "events",
            N_("events on record"),
            ask.events,
            subject=N_("country"),
            subjects=lambda: regions.table().query("kind == 'country'").index.tolist(),
            match=N_("words that title, actor or place of the event hold"),
            counts=True,
            read=True,
        ),
        Metric(
            "event_dated",
            N_("event dated within the period"),
            ask.event_dated,
            match=N_("event_id of policy_events"),
            matches=lambda: ask.values_of("policy_events", "event_id"),
            counts=True,
            read=True,
            named=ask.event_named,
        ),
        Metric(
            "searched",
            N_("pages found by recorded searches"),
            ask.searched,
            match=N_("search_id of claim_searches"),
            matches=lambda: ask.values_of("claim_searches", "search_id"),
            counts=True,
            read=True,
            named=ask.search_named,
        ),
        Metric(
            "ethereum_from_china_pct",
            N_(
                "part of Ethereum's blocks that may have been mined in China, by tags of pools' servers"
            ),
            ask.ethereum,
            unit=N_("percent"),
        ),
        Metric(
            "maker_value",
            N_("published figure"),
            ask.maker_value,
            subject=_MAKER,
            subjects=lambda: ask.values_of("hardware_makers", "company"),
            match=_FIGURE,
            matches=lambda: ask.values_of("hardware_makers", "metric"),
        ),
        Metric(
            "maker_change_pct",
            N_("change on the year before"),
            ask.maker_change,
            unit=N_("percent"),
            subject=_MAKER,
            subjects=lambda: ask.values_of("hardware_makers", "company"),
            match=_FIGURE,
            matches=lambda: ask.values_of("hardware_makers", "metric"),
        ),
    )
}
"""Name of a metric to what it asks."""


def metrics() -> pd.DataFrame:
    """What can be asked of the tables.

    Returns
    -------
    DataFrame
        One row per metric: metric, asks (in words), unit, subject and match (what they are, missing
        where the metric takes none).
    """
    table = pd.DataFrame(
        {
            "metric": metric.name,
            "asks": metric.words,
            "unit": metric.unit,
            "subject": metric.subject,
            "match": metric.match,
        }
        for metric in METRICS.values()
    )
    return table.replace("", None)
