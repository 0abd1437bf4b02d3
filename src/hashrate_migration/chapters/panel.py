"""What the country panel says, in tables, figures and sentences."""

from __future__ import annotations

import pandas as pd

from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST

SOURCE = (
    "country panel of this project, from the mining map of the Cambridge Centre for Alternative "
    "Finance and share_estimates; Bitcoin block chain"
)

ERAS = (
    ("2013-01", "2019-08", "Before the map"),
    ("2019-09", "2021-05", "China-led, on the map"),
    ("2021-06", "2022-01", "Ban and relocation"),
    ("2022-02", None, "After the map"),
)
"""First and last month of each era; the last runs to the end of the panel."""


def eras(panel: pd.DataFrame) -> pd.DataFrame:
    """The four eras: who led, with how much, and on what the numbers rest.

    Parameters
    ----------
    panel : DataFrame
        From :func:`hashrate_migration.panel`, all regions.

    Returns
    -------
    DataFrame
        One row per era: era, start, end, leader (country with the highest mean share), leader_pct,
        china_pct, second, second_pct (means over the months) and measured_pct (part of the months
        and of China's, the leader's and the second's rows that are measured).
    """
    last = panel["month"].max()
    rows = []
    for start, end, name in ERAS:
        within = panel[panel["month"].between(start, pd.Timestamp(end) if end else last)]
        if within.empty:
            continue
        means = within[within["region"] != REST].groupby("region")["share_pct"].mean()
        first, second = means.nlargest(2).index
        chosen = within[within["region"].isin({first, second, "CHN"})]
        rows.append(
            {
                "era": name,
                "start": within["month"].min(),
                "end": within["month"].max(),
                "leader": regions.name(first),
                "leader_pct": means[first],
                "second": regions.name(second),
                "second_pct": means[second],
                "china_pct": means["CHN"],
                "measured_pct": 100 * (chosen["basis"] == "measured").mean(),
            }
        )
    return pd.DataFrame(rows)


def after_the_map(code: str, panel: pd.DataFrame) -> str:
    """What the panel says of a country since the map ended (Markdown).

    Parameters
    ----------
    code : str
        Country of the panel.
    panel : DataFrame
        From :func:`hashrate_migration.panel`.
    """
    own = panel[panel["region"] == code].set_index("month")
    end = load("mining_map")["month"].max()
    since, last = own.loc[own.index > end], own.index[-1]
    name = regions.in_text(code, first=True)
    located = since[since["basis"] == "measured"]
    peak = own["share_pct"].idxmax()
    sentences = [
        f"**{name}** holds {with_band(own.loc[last])} of the network in {last:%B %Y} by the country "
        f"panel, {own.loc[last, 'hashrate_ehs']:.1f} EH/s."
    ]
    if len(located):
        months = "month" if len(located) == 1 else "months"
        sentences.append(
            f"Since the mining map ended, estimates located machines there in {len(located)} {months} "
            f"of {len(since)}, the last in {located.index[-1]:%B %Y}; all other months are drawn "
            "between them or beyond them."
        )
    else:
        sentences.append(
            f"No estimate has located machines there since the mining map ended in {end:%B %Y}: what "
            "follows is carried forward, with a band that grows wider every month."
        )
    if own.loc[peak, "basis"] != "extrapolated":
        sentences.append(f"Its highest share was {with_band(own.loc[peak])}, in {peak:%B %Y}.")
    return " ".join(sentences)


def recent_headline(code: str, panel: pd.DataFrame) -> str:
    """The finding of a country's panel figure, in one sentence."""
    own = panel[panel["region"] == code].set_index("month")
    last = own.iloc[-1]
    start = own.loc[load("mining_map")["month"].max()]
    name = regions.in_text(code, first=True)
    span = (
        f"between {last['low']:.1f} and {last['high']:.1f} percent of the network in "
        f"{own.index[-1]:%Y}"
    )
    if last["low"] > start["high"]:
        return f"{name} has grown since the map ended: {span}"
    if last["high"] < start["low"]:
        return f"{name} has shrunk since the map ended: {span}"
    return f"{name}: {span}, no sure change since the map ended"
