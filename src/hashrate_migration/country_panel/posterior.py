r"""The one posterior of all shares, given every estimate.

The log of a country's share wanders around a usual share (see :mod:`prior`); the shares of a month add
to one. A figure for the share S of one or several countries over a period is seen in log-odds,

.. math:: y = \log\frac{S}{1 - S} + b_{family,countries} + k_{list} + e,

with a bias b of its publisher (pages that copy one another are one family), a shift k common to a
list that is not whole, and an error e with the heavy tails of a t distribution, whose size is that
of its kind times a factor that is learned. A floor or a ceiling is a figure of which only one side
counts: its probability is that of the share lying beyond it, seen with the same error. A zero of
the mining map says that either the machines hid behind foreign proxies or their share was too small
for the sample. The shares of a whole list, the map of a month or a vendor's list with its
remainder, add to one with all biases, so that only differences of biases count there, and without a
country that the list shows empty. In July and August 2021 the machines abroad made at least what
they made before the call, which limits China from above by the chain itself.

Sampled with the No-U-Turn sampler (Hoffman & Gelman 2014, Journal of Machine Learning Research 15,
1593-1623) of NumPyro, in the coordinates of :mod:`whitening`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit, logsumexp

from hashrate_migration.country_panel import density, evidence, tangent
from hashrate_migration.country_panel import prior as beliefs
from hashrate_migration.country_panel.density import Shape
from hashrate_migration.country_panel.estimates import SHARE
from hashrate_migration.country_panel.evidence import Evidence
from hashrate_migration.country_panel.prior import Prior
from hashrate_migration.errors import InputError

CHAINS, WARMUP, DRAWS = 4, 500, 4200
"""Chains of the kept fit, and steps of each before and while draws are taken."""

PILOT = 400
"""Draws of a run before it, from whose middle the coordinates are made."""

TARGET, DEPTH = 0.9, 8
"""Acceptance aimed at, and doublings of a trajectory at most."""


@dataclass(frozen=True)
class Posterior:
    """Draws of everything, chain after chain.

    Attributes
    ----------
    months : DatetimeIndex
    codes : list of str
        Countries, then ``OTH``.
    chains : int
    shares : ndarray, draw x month x code
        Fractions; those of a month add to one.
    steps : ndarray, draw x code
        Standard deviation of a month's step of the log of a share, since the mining map ended.
    biases : ndarray, draw x bias
        Biases of publishers (log-odds), in the order of ``evidence.biases``.
    shifts : ndarray, draw x list
        Shifts of the lists that are not whole, in the order of ``evidence.parts``.
    factors : ndarray, draw x kind
        By what the errors of a kind are multiplied, in the order of ``evidence.kinds``.
    evidence : Evidence
    divergences : int
    prior : Prior
    """

    months: pd.DatetimeIndex
    codes: list[str]
    chains: int
    shares: np.ndarray
    steps: np.ndarray
    biases: np.ndarray
    shifts: np.ndarray
    factors: np.ndarray
    evidence: Evidence
    divergences: int
    prior: Prior = field(default_factory=Prior)

    def true_log_odds(self, rows: pd.DataFrame) -> np.ndarray:
        """Log-odds of the shares that figures speak of, without bias or error.

        Parameters
        ----------
        rows : DataFrame
            In the form of ``estimates.observations``.

        Returns
        -------
        ndarray, draw x row
        """
        inside = self._inside(*evidence.atoms(rows, self.months, self.codes), len(rows))
        return np.asarray(logit(np.clip(inside, 1e-12, 1 - 1e-12)))

    def _inside(
        self, figure: np.ndarray, cell: np.ndarray, weight: np.ndarray, count: int
    ) -> np.ndarray:
        flat = self.shares.reshape(len(self.shares), -1)
        total = np.zeros((len(flat), count))
        for number, position, part in zip(figure, cell, weight, strict=True):
            total[:, number] += part * flat[:, position]
        return total

    def predict(self, rows: pd.DataFrame, seed: int = 0) -> np.ndarray:
        """Figures as they would be printed: with the publisher's bias and the scatter of the kind.

        Parameters
        ----------
        rows : DataFrame
            In the form of ``estimates.observations``. A publisher that the fit has not seen gets a
            bias drawn for it, the same for all of its figures of the same countries.
        seed : int

        Returns
        -------
        ndarray, draw x row
            Log-odds.
        """
        generator = np.random.default_rng(seed)
        asked = len(rows)
        # Of a list that is left out in part, the fit knows how the rest of it leans.
        rows = pd.concat([rows, self._beside(rows)], ignore_index=True)
        bias = self._lean(rows, generator)
        inside = self._inside(*evidence.atoms(rows, self.months, self.codes), len(rows))
        lists, number_of, cell, weight = evidence.gaps(rows, self.months, self.codes)
        rest = self._inside(number_of, cell, weight, len(lists))
        seen = inside * np.exp(bias)
        for number, list_id in enumerate(lists):
            own = (rows["list_id"].eq(list_id) & rows["listed"].notna()).to_numpy()
            seen[:, own] /= rest[:, [number]] + seen[:, own].sum(axis=1, keepdims=True)
        alone = rows["listed"].isna().to_numpy()
        whole = logit(np.clip(seen, 1e-12, 1 - 1e-12))
        odds = logit(np.clip(inside, 1e-12, 1 - 1e-12)) + bias
        printed = np.where(alone, odds, whole)[:, :asked]
        return np.asarray(printed + self._scatter(rows[:asked], generator))

    def _beside(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Figures of the fit that stand in the whole lists of other figures."""
        fitted = self.evidence.rows
        lists = rows.loc[rows["listed"].notna(), "list_id"]
        same = fitted["list_id"].isin(lists) & fitted["listed"].notna()
        return fitted[same & ~fitted["estimate_id"].isin(rows["estimate_id"])]

    def _lean(self, rows: pd.DataFrame, generator: np.random.Generator) -> np.ndarray:
        """Biases of publishers and shifts of lists: learned, or drawn once for all they touch."""
        draws, known = len(self.shares), self.evidence
        drawn: dict[object, np.ndarray] = {}

        def once(name: object) -> np.ndarray:
            if name not in drawn:
                drawn[name] = generator.standard_normal(draws)
            return drawn[name]

        bias = np.zeros((draws, len(rows)))
        for number, row in enumerate(rows.itertuples()):
            pair = (row.family, row.members)
            if row.offset_sd > 0 and pair in known.biases:
                bias[:, number] = self.biases[:, known.biases.index(pair)]
            elif row.offset_sd > 0:
                bias[:, number] = row.offset_sd * once(pair)
            if pd.notna(row.list_id) and pd.isna(row.listed) and row.reads == SHARE:
                if row.list_id in known.parts:
                    bias[:, number] += self.shifts[:, known.parts.index(row.list_id)]
                else:
                    bias[:, number] += self.prior.list_sd * once(row.list_id)
        return bias

    def _scatter(self, rows: pd.DataFrame, generator: np.random.Generator) -> np.ndarray:
        """Errors of figures, with the factor of their kind: learned, or drawn once for all of it."""
        draws, known = len(self.shares), self.evidence
        drawn: dict[str, np.ndarray] = {}
        error = np.zeros((draws, len(rows)))
        for number, row in enumerate(rows.itertuples()):
            if row.reads != SHARE:
                factor = np.ones(draws)  # limits have no factor
            elif row.kind in known.kinds:
                factor = self.factors[:, known.kinds.index(row.kind)]
            else:
                if row.kind not in drawn:
                    free = np.exp(self.prior.kind_sd * generator.standard_normal(draws))
                    drawn[row.kind] = self.prior.factor(free)
                factor = drawn[row.kind]
            scale = np.hypot(row.error_sd * factor, row.printed_sd)
            error[:, number] = scale * generator.standard_t(row.tail_df, draws)
        return error


def _libraries() -> None:
    """Say what is missing, before anything is computed."""
    try:
        import numpyro
    except ImportError:
        raise InputError(
            "Sampling the panel needs NumPyro; install the extra: pip install 'hashrate-migration[fit]'."
        ) from None
    numpyro.enable_x64()


def sample(
    rows: pd.DataFrame,
    months: pd.DatetimeIndex,
    codes: list[str],
    *,
    chains: int = CHAINS,
    warmup: int = WARMUP,
    draws: int = DRAWS,
    pilot: int = PILOT,
    seed: int = 0,
    prior: Prior = beliefs.DEFAULT,
    progress: bool = False,
) -> Posterior:
    """Sample the posterior.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.country_panel.estimates.observations`.
    months : DatetimeIndex
        All months of the panel.
    codes : list of str
        Countries, then ``OTH``.
    chains, warmup, draws : int
        Chains, and steps of each before and while draws are taken.
    pilot : int
        Draws of the run from whose middle the coordinates are made; 0 for none, which is as right
        but slower where few figures pin a country.
    seed : int
    prior : Prior
    progress : bool
        Whether to show a bar.

    Returns
    -------
    Posterior

    Raises
    ------
    InputError
        If NumPyro is not installed or there is no figure.
    """
    prior.check()
    seen = evidence.gather(rows, months, codes)
    if "jax" not in sys.modules:  # chains run side by side only if it is said before
        os.environ.setdefault("XLA_FLAGS", f"--xla_force_host_platform_device_count={CHAINS}")
    _libraries()
    shape = density.shape_of(months, codes, prior)
    aid = tangent.best(seen, shape, prior, tangent.start(seen.rows, months, codes))
    if pilot:
        # The most likely path is no typical one: it leaves too little to small countries, and so
        # too much to the rest. Coordinates around the middle of some draws are rounder.
        first = _run(seen, aid, shape, prior, 1, pilot // 2, pilot, seed + 1, progress)
        drawn = density.followed(seen, aid, shape, prior, first.get_samples())
        aid = tangent.at(seen, shape, prior, _closed(drawn["logs"]).mean(axis=0))
    sampler = _run(seen, aid, shape, prior, chains, warmup, draws, seed, progress)
    drawn = density.followed(seen, aid, shape, prior, sampler.get_samples())
    return Posterior(
        months=months,
        codes=codes,
        chains=chains,
        shares=np.exp(_closed(drawn["logs"])),
        steps=drawn["steps"][:, -1],
        biases=drawn["biases"],
        shifts=drawn["shifts"],
        factors=drawn["factors"],
        evidence=seen,
        divergences=int(sampler.get_extra_fields()["diverging"].sum()),
        prior=prior,
    )


def _closed(logs: np.ndarray) -> np.ndarray:
    """Logs of shares that add to one in every draw and month, from the paths of all countries."""
    return np.asarray(logs - logsumexp(logs, axis=2, keepdims=True))


def _run(
    seen: Evidence,
    aid: dict[str, Any],
    shape: Shape,
    prior: Prior,
    chains: int,
    warmup: int,
    draws: int,
    seed: int,
    progress: bool,
) -> Any:
    """Chains of the sampler in given coordinates."""
    import jax
    from numpyro.infer import MCMC, NUTS

    sampler = MCMC(
        NUTS(
            potential_fn=density.energy_of(seen, aid, shape, prior),
            target_accept_prob=TARGET,
            max_tree_depth=DEPTH,
        ),
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="parallel" if jax.local_device_count() >= chains else "sequential",
        progress_bar=progress,
    )
    # Chains begin as far apart as the beliefs, and the figures as they look linear, allow.
    generator = np.random.default_rng(seed)
    many = (chains,) if chains > 1 else ()
    begin = {
        name: jax.numpy.asarray(generator.standard_normal((*many, *size)) / 2)
        for name, size in density.sizes(seen, shape).items()
    }
    sampler.run(jax.random.PRNGKey(seed), init_params=begin, extra_fields=("diverging",))
    return sampler
