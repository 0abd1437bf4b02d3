"""What is said of draws: intervals by pair, headlines, and how many draws they are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration.flows.block import Drawn
from hashrate_migration.flows.checks import NEW, RETIRED
from hashrate_migration.flows.weights import effective_number

HEADLINES = {
    "departed": "EH/s",
    "abroad": "EH/s",
    "back": "EH/s",
    "retired": "EH/s",
    "abroad_pct": "%",
    "relocated_pct": "%",
}
"""Headline to its unit. What departed from the origin within the window: machines that stopped there;
what was hidden never departed. Of these, by the end of the stocks, running in other regions (abroad),
running again in the origin (back: switched off and on again, not come back from abroad), and running
nowhere (retired). What went abroad as a part of what departed; relocated machines as a part of all
arrivals since the start of the window."""

SUMMARY = ("low", "median", "high", "mean")
"""What is said of the draws of a figure: the ends of an interval of 90 percent, median and mean."""


def summarised(values: np.ndarray, weights: np.ndarray, ending: str = "") -> dict[str, float]:
    """:data:`SUMMARY` of weighted draws. A part of nothing is no number: such draws do not count."""
    known = ~np.isnan(values)
    values, weight = values[known], weights[known]
    if weight.sum() == 0:
        return dict.fromkeys((f"{name}{ending}" for name in SUMMARY), np.nan)
    low, median, high = np.quantile(
        values, [0.05, 0.5, 0.95], weights=weight, method="inverted_cdf"
    )
    found = dict(zip(SUMMARY, (low, median, high, np.average(values, weights=weight)), strict=True))
    return {f"{name}{ending}": float(value) for name, value in found.items()}


def headline_table(samples: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    """figure, unit, low, median, high and mean of each of :data:`HEADLINES`."""
    return pd.DataFrame(
        {"figure": figure, "unit": unit, **summarised(samples[figure].to_numpy(), weights)}
        for figure, unit in HEADLINES.items()
    )


@dataclass(frozen=True)
class Draws:
    """Flows of many draws.

    Attributes
    ----------
    pairs : DataFrame
        origin, destination, low_ehs, median_ehs, high_ehs and mean_ehs: 90 percent intervals and
        means of the flow that departed within the window. Means add up, medians need not. Origin
        ``new``: new machines that arrived from the start of the window to the last month.
    headlines : DataFrame
        figure (of :data:`HEADLINES`), unit, low, median, high and mean.
    samples : DataFrame
        One row per draw: a column per headline; one per destination (its code: what it received
        from the origin, EH/s); new_ehs (new machines per month from the start of the window on) and
        unexplained_ehs (arrivals that nothing explains, all together); what was drawn of behaviour, by
        the name of its assumption; ``new_2021-06`` (new machines of the month) and
        ``stock_USA_2021-06`` (a stock), from the start of the window, or the month before it, on.
        Evidence reads them.
    weights : ndarray
        Weight of each draw; they add to one.
    effective : float
        Number of equal and independent draws that are worth as much.
    evidence : DataFrame
        Log-likelihood of each draw by piece of evidence; no columns without evidence.
    accounts_weights : ndarray
        Weights without any evidence; they add to one.
    candidate : ndarray
        Number of the candidate of each draw: draws of one candidate are not independent.
    note : str
        One sentence if the draws are worth fewer than the ends of an interval need; else empty.
    """

    pairs: pd.DataFrame
    headlines: pd.DataFrame
    samples: pd.DataFrame
    weights: np.ndarray
    effective: float
    evidence: pd.DataFrame
    accounts_weights: np.ndarray
    candidate: np.ndarray
    note: str = ""


def _percent_of(part_: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return 100 * np.divide(part_, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def joined(blocks: list[Drawn]) -> Drawn:
    """The draws of all blocks."""
    names = blocks[0].parameters
    return Drawn(
        np.concatenate([block.table for block in blocks]),
        np.concatenate([block.log_weights for block in blocks]),
        np.concatenate([block.candidate for block in blocks]),
        {name: np.concatenate([block.parameters[name] for block in blocks]) for name in names},
        np.concatenate([block.stocks for block in blocks]),
        np.concatenate([block.new for block in blocks]),
    )


def samples_of(drawn: Drawn, codes: list[str], months: list[str], home: int) -> pd.DataFrame:
    """One row per draw, as :attr:`Draws.samples` describes it.

    Parameters
    ----------
    drawn : Drawn
        Draws.
    codes : list of str
        Regions.
    months : list of str
        From the month before the window on.
    home : int
        Number of the origin.
    """
    table = drawn.table
    own = table[:, home]
    departed = own.sum(axis=1)
    abroad = departed - own[:, home] - own[:, -1]
    arrived = table[:, -1, -1]
    new = table[:, -1, :-1].sum(axis=1)
    relocated = np.maximum(arrived - new - drawn.parameters["unexplained_ehs"], 0)
    columns = {
        "departed": departed,
        "abroad": abroad,
        "back": own[:, home],
        "retired": own[:, -1],
        "abroad_pct": _percent_of(abroad, departed),
        "relocated_pct": _percent_of(relocated, arrived),
    }
    columns |= {code: own[:, j] for j, code in enumerate(codes) if j != home}
    columns |= {"new_ehs": drawn.new.mean(axis=1)} | drawn.parameters
    columns |= {f"new_{month}": drawn.new[:, t] for t, month in enumerate(months[1:])}
    columns |= {
        f"stock_{code}_{month}": drawn.stocks[:, j, t]
        for j, code in enumerate(codes)
        for t, month in enumerate(months)
    }
    return pd.DataFrame(columns)


def summary(
    drawn: Drawn,
    samples: pd.DataFrame,
    weights: np.ndarray,
    *,
    accounts_weights: np.ndarray,
    evidence: pd.DataFrame,
    codes: list[str],
    note: str,
) -> Draws:
    """Intervals and headlines of weighted draws; parameters as the attributes of :class:`Draws`."""
    pairs = pd.DataFrame(
        {"origin": source, "destination": target}
        | summarised(drawn.table[:, i, j], weights, "_ehs")
        for i, source in enumerate([*codes, NEW])
        for j, target in enumerate([*codes, RETIRED])
        if (source, target) != (NEW, RETIRED)
    )
    return Draws(
        pairs=pairs,
        headlines=headline_table(samples, weights),
        samples=samples,
        weights=weights,
        effective=effective_number(weights, drawn.candidate),
        evidence=evidence,
        accounts_weights=accounts_weights,
        candidate=drawn.candidate,
        note=note,
    )
