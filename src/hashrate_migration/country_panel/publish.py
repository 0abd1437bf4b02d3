"""The fit that is published: sampled from the tables of facts, looked at, and kept if it is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration.country_panel import kept, model, posterior
from hashrate_migration.country_panel.bands import BAND
from hashrate_migration.country_panel.posterior import Posterior
from hashrate_migration.errors import InputError

WORST_RHAT, LEAST_ESS = 1.01, 400
"""Chains that agree less, or fewer effective draws of any published number, are no result (Vehtari et
al. 2021, Rank-normalization, folding, and localization, Bayesian Analysis 16, 667-718, section 4)."""

SHOWN = 10
"""Of so many numbers, the worst, the diagnostics are kept one by one."""


def by_number(fit: Posterior) -> pd.DataFrame:
    """Diagnostics of every published share.

    Parameters
    ----------
    fit : Posterior

    Returns
    -------
    DataFrame
        One row per month and region: month, region, rhat (rank-normalised split R-hat), ess_bulk and
        ess_tail (effective draws for the middle and for the ends of the band), as ArviZ computes them.
    """
    import arviz

    draws, months, codes = fit.shares.shape
    data = arviz.convert_to_dataset({"share": fit.shares.reshape(fit.chains, -1, months, codes)})
    found = {
        "rhat": arviz.rhat(data),
        "ess_bulk": arviz.ess(data, method="bulk"),
        "ess_tail": arviz.ess(data, method="tail"),
    }
    table = pd.DataFrame(
        {name: np.asarray(values["share"]).ravel() for name, values in found.items()},
        index=pd.MultiIndex.from_product([fit.months, fit.codes], names=["month", "region"]),
    )
    return table.reset_index()


def diagnostics(fit: Posterior, warmup: int) -> dict[str, Any]:
    """What the chains say of themselves, in one table.

    Parameters
    ----------
    fit : Posterior
    warmup : int
        Steps of each chain before its draws.

    Returns
    -------
    dict
        chains, warmup, draws (of each chain), divergences, rhat_max, ess_bulk_min, ess_tail_min, and
        worst: the numbers with the fewest effective draws.
    """
    table = by_number(fit)
    worst = table.nsmallest(SHOWN, "ess_bulk")
    rows = worst.assign(month=worst["month"].dt.strftime("%Y-%m")).round(4).to_dict("records")
    return {
        "chains": fit.chains,
        "warmup": warmup,
        "draws": len(fit.shares) // fit.chains,
        "divergences": fit.divergences,
        "rhat_max": round(float(table["rhat"].max(skipna=False)), 4),
        "ess_bulk_min": round(float(table["ess_bulk"].min(skipna=False)), 1),
        "ess_tail_min": round(float(table["ess_tail"].min(skipna=False)), 1),
        "worst": rows,
    }


def check(found: dict[str, Any]) -> None:
    """Refuse a fit whose chains do not agree.

    Raises
    ------
    InputError
        Naming what is not good enough.
    """
    effective = min(found["ess_bulk_min"], found["ess_tail_min"])
    # Said this way, what is not a number fails too: chains that stand still have no R-hat.
    sound = found["rhat_max"] < WORST_RHAT and effective > LEAST_ESS
    if found["divergences"] or not sound or not np.isfinite([effective, found["rhat_max"]]).all():
        raise InputError(
            f"The chains do not agree well enough to be kept: {found['divergences']} divergences, "
            f"R-hat up to {found['rhat_max']:.3f} (below {WORST_RHAT}), {effective:.0f} effective "
            f"draws at least (more than {LEAST_ESS}); take more draws in posterior.py."
        )


def write(*, progress: bool = True) -> list[Path]:
    """Sample the panel from the tables of facts and keep it.

    Parameters
    ----------
    progress : bool
        Whether to show a bar.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If the sampler is not installed, or the chains do not agree.
    """
    fit = model.fit(progress=progress)
    found = diagnostics(fit, posterior.WARMUP)
    check(found)
    return kept.write(fit, found | {"kept_off_max": kept_off(fit)})


def kept_off(fit: Posterior) -> float:
    """How far a median of the draws that are kept lies from that of all, in widths of its band.

    Parameters
    ----------
    fit : Posterior

    Returns
    -------
    float
        The largest distance of all months and regions.
    """
    few = fit.shares[kept.taken(len(fit.shares))]
    ends = np.quantile(fit.shares, BAND, axis=0)
    off = np.abs(np.median(few, axis=0) - np.median(fit.shares, axis=0))
    return round(float((off / (ends[1] - ends[0])).max()), 4)
