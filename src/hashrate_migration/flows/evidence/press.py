r"""Press counts of machines, as likelihoods of what countries received.

A count of N machines is N times the hashrate of a machine, which nobody reported. It is drawn between
the old and the new reference machine, log-normally, with 90 percent between the two; the counts of one
publisher err together by a part of that, for they come from the same fleets.

The counts are of machines that came. How many of them ran by the end of the stocks is less: BitRiver,
to which 200,000 of Russia's 205,000 are ascribed, had 125 MW in summer 2021 (Reuters, 2021-07), enough
for some 40,000; it spoke of a lack of space.

Counts of the firms that a newspaper asked are floors for a country; an association's count of all
that came is a ceiling. Counts over all destinations are left out. The two million that fourteen firms
are said to have moved are five times what the same report places anywhere, and other reports of the
article speak of 1.8 million machines for which BitRiver had requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from scipy.stats import norm

from hashrate_migration.errors import InputError
from hashrate_migration.flows.evidence.draws import by_place, log_sd
from hashrate_migration.tables.read import load

PUBLISHER_CORRELATION = 0.5
"""Judgement: part of the variance of a machine's hashrate that all counts of a publisher share."""

COUNT_SD = 0.2
"""Judgement: error (in logs) of a count of machines itself."""

RUNNING_PART = (0.2, 1.0)
"""Judgement: interval of 90 percent of the part of the machines that came which ran by the end of the
stocks. Lower end: what BitRiver had power for; upper end: all."""

_NODES = 21
"""Points of Gauss and Hermite's rule over the error that a publisher's counts share; with 41 the
log-likelihood moves by less than a billionth."""


def counted_hashrate() -> pd.DataFrame:
    """The counts by destination, as running hashrate.

    Returns
    -------
    DataFrame
        report_id, destination, bound, machines, source_id; old_ehs and new_ehs, the count with the
        old and the new reference machine; median_ehs and log_sd of the hashrate that runs.
    """
    machines = load("reference_machines").set_index("role")["hashrate_ths"]
    reports = load("relocation_reports")
    reports = reports[reports["destination"].notna()].reset_index(drop=True)
    each = np.sqrt(machines["old"] * machines["new"]) * np.sqrt(np.prod(RUNNING_PART))
    # TH/s of so many machines, in EH/s.
    scale = reports["machines"].astype(float) / 1e6
    sd = np.linalg.norm([log_sd(machines["old"], machines["new"]), COUNT_SD, log_sd(*RUNNING_PART)])
    return reports[["report_id", "destination", "bound", "machines", "source_id"]].assign(
        old_ehs=scale * machines["old"],
        new_ehs=scale * machines["new"],
        median_ehs=scale * each,
        log_sd=sd,
    )


def _log_likelihood(bound: str, z: np.ndarray, sd: float) -> np.ndarray:
    """Of draws that lie z standard deviations above a count."""
    if bound == "at least":
        return norm.logcdf(z)
    return norm.logsf(z) if bound == "at most" else norm.logpdf(z) - np.log(sd)


def press_counts(received: Mapping[str, Any]) -> np.ndarray:
    """How well draws of what countries received agree with the press counts.

    Parameters
    ----------
    received : mapping of country to array
        EH/s that came from China and ran by the end of the stocks, a number per draw. Countries
        without a count do not count.

    Returns
    -------
    ndarray
        Log-likelihood per draw: for a floor the probability that it lies below what was received,
        for a ceiling that it lies above, for a plain count the density of the logarithm; over the
        error that the counts of a publisher share.

    Raises
    ------
    InputError
        For negative draws, or if no country has a count.
    """
    drawn = by_place(received, "received")
    for country, values in drawn.items():
        if (values < 0).any():
            raise InputError(f"received[{country!r}] holds values below zero; give EH/s received.")
    table = counted_hashrate()
    used = table[table["destination"].isin(list(drawn))]
    if used.empty:
        raise InputError(
            f"received names {', '.join(drawn)}, but relocation_reports.csv counts machines for "
            f"{', '.join(table['destination'].unique())}; give draws of one of these."
        )
    machines = load("reference_machines").set_index("role")["hashrate_ths"]
    shared = np.sqrt(PUBLISHER_CORRELATION) * log_sd(machines["old"], machines["new"])
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    log_weights = np.log(weights / weights.sum())
    total = np.zeros(len(next(iter(drawn.values()))))
    for _, counts in used.groupby("source_id"):
        joint = np.broadcast_to(log_weights, (len(total), _NODES)).copy()
        for count in counts.itertuples():
            own = float(np.sqrt(count.log_sd**2 - shared**2))
            with np.errstate(divide="ignore"):
                above = np.log(drawn[str(count.destination)]) - np.log(count.median_ehs)
            z = (above[:, None] - shared * nodes) / own
            joint += _log_likelihood(str(count.bound), z, own)
        total += logsumexp(joint, axis=1)
    return total
