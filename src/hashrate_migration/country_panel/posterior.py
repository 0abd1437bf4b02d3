r"""The one posterior of all shares, given every estimate.

The log of a country's share wanders around a usual share (see :mod:`prior`); the shares of a month add
to one. A figure for the share S of one or several countries over a period is seen in log-odds,

.. math:: y = \log\frac{S}{1 - S} + b_{family,countries} + k_{list} + e,

with a bias b of its publisher (pages that copy one another are one family), a shift k common to
a list that is not whole, and an error e with the heavy tails of a t distribution, whose size is that of its kind times a
factor that is learned. A floor or a ceiling is a figure of which only one side counts: its
probability is that of the share lying beyond it, seen with the same error. A zero of the mining map
says that either the machines hid behind foreign proxies or their share was too small for the sample. The
shares of a whole list, the map of a month or a vendor's list with its remainder, add to one with all
biases, so that only differences of biases count there, and without a country that the list shows
empty. In July and August 2021 the machines abroad made at least what they made before the call, which
limits China from above by the chain itself.

Sampled with the No-U-Turn sampler (Hoffman & Gelman 2014, Journal of Machine Learning Research 15,
1593-1623) of NumPyro, in the coordinates of :mod:`whitening`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from hashrate_migration.country_panel import evidence, whitening
from hashrate_migration.country_panel import prior as beliefs
from hashrate_migration.country_panel.evidence import Evidence
from hashrate_migration.country_panel.prior import BANNED, Prior
from hashrate_migration.errors import InputError
from hashrate_migration.tables.regions import REST

HOLD = 0.1
"""How closely the logs of shares are held to shares that add to one before they are made to; it only
takes the direction out in which all logs move together and no share changes."""

CHAINS, WARMUP, DRAWS = 4, 800, 1500
"""Chains of the kept fit, and steps of each before and while draws are taken."""

TARGET, DEPTH = 0.85, 8
"""Acceptance aimed at, and doublings of a trajectory at most."""

LARGE = 0.25
"""Share from which on a figure is looked at from both sides."""

ERAS = 3
"""Eras of :func:`hashrate_migration.country_panel.prior.eras`."""

TOGETHER = ("era", "country", "country_era", "usual", "growth", "kind")
"""Coordinates beside the paths that hang together: their covariance is learned as a whole."""

ROUNDS = 3
"""Times that the figures are made linear anew, around the best path found so far."""


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
        draws, known = len(self.shares), self.evidence
        drawn: dict[object, np.ndarray] = {}

        def once(name: object) -> np.ndarray:
            if name not in drawn:
                drawn[name] = generator.standard_normal(draws)
            return drawn[name]

        bias = np.zeros((draws, len(rows)))
        error = np.zeros_like(bias)
        for number, row in enumerate(rows.itertuples()):
            pair = (row.family, row.members)
            if pair in known.biases:
                bias[:, number] = self.biases[:, known.biases.index(pair)]
            else:
                bias[:, number] = row.offset_sd * once(pair)
            if pd.notna(row.list_id) and pd.isna(row.listed):
                bias[:, number] += self.prior.list_sd * once(row.list_id)
            if row.kind in known.kinds:
                factor = self.factors[:, known.kinds.index(row.kind)]
            else:
                factor = self.prior.factor(np.exp(self.prior.kind_sd * once(row.kind)))
            scale = np.hypot(row.error_sd * factor, row.printed_sd)
            error[:, number] = scale * generator.standard_t(row.tail_df, draws)
        inside = self._inside(*evidence.atoms(rows, self.months, self.codes), len(rows))
        lists, *gap = evidence.gaps(rows, self.months, self.codes)
        rest = self._inside(*gap, len(lists))
        seen = inside * np.exp(bias)
        for number, list_id in enumerate(lists):
            own = (rows["list_id"].eq(list_id) & rows["listed"].notna()).to_numpy()
            seen[:, own] /= rest[:, [number]] + seen[:, own].sum(axis=1, keepdims=True)
        alone = rows["listed"].isna().to_numpy()
        whole = logit(np.clip(seen, 1e-12, 1 - 1e-12))
        odds = logit(np.clip(inside, 1e-12, 1 - 1e-12)) + bias
        return np.where(alone, odds, whole) + error


@dataclass(frozen=True)
class _Aid:
    """The figures made linear around a path: what the whitening needs of them."""

    centre: np.ndarray
    held: np.ndarray
    pull: np.ndarray
    figure: np.ndarray
    cell: np.ndarray
    slope: np.ndarray
    whole: np.ndarray
    others: np.ndarray
    strength: np.ndarray
    rest: np.ndarray
    response: np.ndarray


def _libraries() -> None:
    """Say what is missing, before anything is computed."""
    try:
        import numpyro
    except ImportError:
        raise InputError(
            "Sampling the panel needs NumPyro; install the extra: pip install 'hashrate-migration[fit]'."
        ) from None
    numpyro.enable_x64()


def _start(rows: pd.DataFrame, months: pd.DatetimeIndex, codes: list[str]) -> np.ndarray:
    """Logs of shares to begin with: estimates joined by straight lines in the log, month x code."""
    rows = rows[rows["reads"] == "share"]
    logs = np.log(rows["share_pct"] / 100)
    table = logs.groupby([rows["month"], rows["members"]]).mean().unstack()
    table = table.reindex(months).interpolate(limit_direction="both")
    path = table.reindex(columns=codes).fillna(np.log(0.004))
    path[REST] = np.log(0.08)
    values = path.to_numpy()
    return np.asarray(values - np.log(np.exp(values).sum(axis=1, keepdims=True)))


def _aid(
    seen: Evidence,
    logs: np.ndarray,
    shape: _Shape,
    prior: Prior,
    *,
    respond: bool = True,
) -> _Aid:
    """Make the figures linear around a path.

    Parameters
    ----------
    logs : ndarray, month x code
        Logs of shares before they are made to add to one.
    respond : bool
        Whether to find how the paths follow biases; without it they do not.
    """
    from scipy.special import logsumexp
    from scipy.stats import norm

    total = logsumexp(logs, axis=1, keepdims=True)
    shares = np.exp(logs - total)
    flat, codes = shares.ravel(), shares.shape[1]
    count = len(seen.value)
    inside = np.clip(np.bincount(seen.figure, seen.weight * flat[seen.cell], count), 1e-9, 1 - 1e-9)
    biases = np.zeros(len(seen.biases) + len(seen.parts))
    scale = np.hypot(seen.error_sd, seen.printed_sd)
    expected = np.asarray(
        _expected(seen, logs - total, *np.split(biases, [len(seen.biases)]))
    )
    off = seen.value - expected
    # A t error pulls like a normal one whose weight falls with its distance.
    strength = (seen.tail_df + 1) / (seen.tail_df * scale**2 + off**2)
    beyond = -seen.sign * off / scale
    hazard = np.exp(norm.logpdf(beyond) - norm.logcdf(beyond))
    limit = seen.sign != 0
    strength = np.where(limit, np.maximum(hazard * (hazard + beyond), 1e-6) / scale**2, strength)
    rest = np.where(limit, seen.sign * hazard / scale / strength, off)
    steps = np.where(shape.breaks[:, None], np.hypot(prior.step, shape.break_sd), prior.step)
    figure, cell, weight = _both_sides(seen, inside, shares)
    slope = weight * flat[cell] / (inside * (1 - inside))[figure]
    atoms = pd.DataFrame({"figure": figure, "code": cell % codes, "side": weight > 0})
    whole = slope.copy()
    precision = np.zeros(shares.shape)
    for _ in range(ROUNDS):
        spread = _spread(precision, steps, prior)
        # Seen from one member of a sum, what the others leave open is error of the figure.
        atoms["slope"] = slope
        whole = atoms.groupby(["figure", "code", "side"])["slope"].transform("sum").to_numpy()
        atoms["open"] = slope * whole * spread.ravel()[cell]
        all_open = atoms.groupby(["figure", "side"])["open"].transform("sum").to_numpy()
        own = atoms.groupby(["figure", "code", "side"])["open"].transform("sum").to_numpy()
        each = 1 / (1 / strength[figure] + np.maximum(all_open - own, 0))
        open_ = shares**2 * spread
        held = shares**2 / (HOLD**2 + open_.sum(axis=1, keepdims=True) - open_)
        found = np.bincount(cell, each * slope * whole, flat.size)
        precision = found.reshape(shares.shape) + held
    return _Aid(
        centre=logs,
        held=held,
        pull=-held / np.maximum(shares, 1e-12) * total,
        figure=figure,
        cell=cell,
        slope=slope,
        whole=whole,
        others=np.maximum(all_open - own, 0),
        strength=strength * scale**2,
        rest=rest,
        response=(
            _response(seen, logs, biases, strength, steps, prior)
            if respond
            else np.zeros((flat.size, len(biases)))
        ),
    )


def _both_sides(
    seen: Evidence, inside: np.ndarray, shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Atoms of the figures' members and, of large figures, of all others too, with a minus.

    Whatever a figure adds to its members is taken from the others, which matters where it is large.
    """
    codes = shares.shape[1]
    table = pd.DataFrame(
        {"figure": seen.figure, "month": seen.cell // codes, "weight": seen.weight}
    )
    large = table[inside[seen.figure] > LARGE].drop_duplicates()
    figure = np.repeat(large["figure"].to_numpy(), codes)
    cell = (large["month"].to_numpy()[:, None] * codes + np.arange(codes)).ravel()
    weight = -np.repeat(large["weight"].to_numpy(), codes)
    mine = pd.MultiIndex.from_arrays([seen.figure, seen.cell])
    others = ~pd.MultiIndex.from_arrays([figure, cell]).isin(mine)
    return (
        np.concatenate([seen.figure, figure[others]]),
        np.concatenate([seen.cell, cell[others]]),
        np.concatenate([seen.weight, weight[others]]),
    )


def _spread(precision: np.ndarray, steps: np.ndarray, prior: Prior) -> np.ndarray:
    """Variance of every month's log share, given figures that count alone, month x code."""
    length, codes = precision.shape
    stay = prior.persistence
    spread = np.empty_like(precision)
    for code in range(codes):
        inverse = np.append(prior.start_sd**-2, steps[1:, code] ** -2)
        ahead = np.append(inverse[1:], 0.0)
        below = -stay * inverse[1:]
        matrix = np.diag(inverse + stay**2 * ahead + precision[:, code])
        matrix += np.diag(below, 1) + np.diag(below, -1)
        spread[:, code] = np.diagonal(np.linalg.inv(matrix))
    return spread


def _expected(seen: Evidence, log_shares: Any, bias: Any, shift: Any) -> Any:
    """Log-odds that the publishers would print, but for errors.

    Parameters
    ----------
    log_shares : array, month x code
    bias, shift : array
        Biases of publishers, and shifts of lists that are not whole.
    """
    import jax.numpy as jnp

    shares = jnp.exp(log_shares).ravel()
    inside = jnp.zeros(len(seen.value)).at[seen.figure].add(seen.weight * shares[seen.cell])
    inside = jnp.clip(inside, 1e-12, 1 - 1e-12)
    moved = jnp.append(bias, 0.0)[seen.bias] + jnp.append(shift, 0.0)[seen.in_part]
    alone = jnp.log(inside) - jnp.log1p(-inside) + moved
    # The shares of a whole list, biases and all, add to one.
    biased = inside * jnp.exp(moved)
    gap = jnp.zeros(len(seen.lists) + 1).at[seen.gap_list].add(
        seen.gap_weight * shares[seen.gap_cell]
    )
    whole = gap.at[seen.in_list].add(biased)
    part = jnp.clip(biased / whole[seen.in_list], 1e-12, 1 - 1e-12)
    return jnp.where(
        seen.in_list < len(seen.lists), jnp.log(part) - jnp.log1p(-part), alone
    )


def _response(
    seen: Evidence,
    logs: np.ndarray,
    biases: np.ndarray,
    strength: np.ndarray,
    steps: np.ndarray,
    prior: Prior,
) -> np.ndarray:
    """How all paths together follow when a bias changes, near a path.

    Returns
    -------
    ndarray, (month x code) x bias
        Change of the log shares by unit of bias: the solution of the normal equations of all figures
        and of what is believed of paths.
    """
    import jax
    from jax.scipy.special import logsumexp
    from scipy.linalg import cho_factor, cho_solve

    length, codes = logs.shape

    def printed(path: Any, values: Any) -> Any:
        log_shares = path - logsumexp(path, axis=1, keepdims=True)
        return _expected(seen, log_shares, *np.split(values, [len(seen.biases)]))

    def each(path: Any, values: Any) -> Any:
        return printed(path.reshape(length, codes), values)

    by_path = np.asarray(jax.jit(jax.jacrev(each))(logs.ravel(), biases))
    by_bias = np.asarray(jax.jit(jax.jacfwd(each, argnums=1))(logs.ravel(), biases))
    weighted = by_path.T * strength
    matrix = weighted @ by_path
    shares = np.exp(logs)
    shares /= shares.sum(axis=1, keepdims=True)
    inverse = np.vstack([np.full(codes, prior.start_sd**-2), steps[1:] ** -2])
    ahead = np.vstack([inverse[1:], np.zeros(codes)])
    diagonal = inverse + prior.persistence**2 * ahead
    place = np.arange(length * codes)
    matrix[place, place] += diagonal.ravel()
    side = (-prior.persistence * inverse[1:]).ravel()
    matrix[place[codes:], place[:-codes]] += side
    matrix[place[:-codes], place[codes:]] += side
    for month in range(length):
        own = slice(month * codes, (month + 1) * codes)
        matrix[own, own] += np.outer(shares[month], shares[month]) / HOLD**2
    return np.asarray(-cho_solve(cho_factor(matrix, lower=True), weighted @ by_bias))


def _model(seen: Evidence, aid: dict[str, Any], shape: _Shape, prior: Prior) -> None:
    """The joint density of shares, steps, biases and figures, in NumPyro's language."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax.scipy.stats import norm, t

    length, codes = shape.length, shape.codes

    unit = {
        name: numpyro.sample(name, dist.Normal(0, 1).expand(size).to_event(len(size)))
        for name, size in _sizes(seen, shape).items()
    }
    common = np.log(prior.step) + prior.step_sd * unit["era"]
    own = prior.country_sd * unit["country"]
    apart = prior.era_sd * unit["country_era"]
    by_era = numpyro.deterministic("steps", jnp.exp(common[:, None] + own + apart))
    usual = shape.usual + shape.usual_sd * unit["usual"]
    growth = prior.growth_sd * unit["growth"]
    bias = numpyro.deterministic("biases", seen.bias_sd * unit["bias"])
    shift = prior.list_sd * unit["list"]
    factor = numpyro.deterministic("factors", prior.factor(jnp.exp(prior.kind_sd * unit["kind"])))
    noise = unit["noise"]

    # The path by itself: where it tends to, and how far a month takes it.
    steps = jnp.where(
        shape.breaks[:, None], jnp.hypot(by_era[shape.era], shape.break_sd), by_era[shape.era]
    )
    grown = jnp.zeros(length).at[shape.breaks.nonzero()[0]].set(growth)
    added = grown[:, None] * shape.others
    stay = prior.persistence

    def ahead(before: Any, add: Any) -> tuple[Any, Any]:
        value = stay * before + add
        return value, value

    _, raised = jax.lax.scan(ahead, jnp.zeros(codes), added, unroll=whitening.UNROLLED)
    tendency = usual + raised
    # The path that the figures, made linear, would give, and noise around it.
    scale = jnp.hypot(seen.error_sd * jnp.append(factor, 1.0)[seen.kind], seen.printed_sd)
    each = aid["slope"] / ((scale**2 / aid["strength"])[aid["figure"]] + aid["others"])
    tug = each * aid["rest"][aid["figure"]]
    both = jnp.stack([each * aid["whole"], tug], axis=1)
    summed = jnp.zeros((length * codes, 2)).at[aid["cell"]].add(both)
    precision = summed[:, 0].reshape(length, codes) + aid["held"]
    pulled = summed[:, 1].reshape(length, codes)
    pull = precision * (aid["centre"] - tendency) + pulled + aid["pull"]
    first = jnp.full(codes, prior.start_sd)
    diagonal, below = whitening.tridiagonal(first, steps, stay)
    away, log_root = whitening.path(diagonal + precision, below, pull, noise)
    # What the figures ask for when a bias is another.
    away = away + (aid["response"] @ jnp.concatenate([bias, shift])).reshape(length, codes)
    logs = numpyro.deterministic("logs", tendency + away)

    if os.environ.get("LEVEL"):
        total = jax.nn.logsumexp(logs, axis=1, keepdims=True)
        log_shares = logs - total
        apart_from = log_shares - tendency
        moves = (apart_from[1:] - stay * apart_from[:-1]) / steps[1:]
        by_itself = -(jnp.sum(moves**2) + jnp.sum((apart_from[0] / first) ** 2)) / 2 - jnp.sum(
            jnp.log(steps[1:])
        )
        numpyro.factor("path", by_itself - jnp.sum(log_root) + jnp.sum(noise**2) / 2)
        height = jnp.append(total[0] / HOLD, (total[1:] - 0.8 * total[:-1]) / 0.05)
        numpyro.factor("hold", -jnp.sum(height**2) / 2)
    else:
        # The density of the path, in place of that of the noise.
        moves = (away[1:] - stay * away[:-1]) / steps[1:]
        by_itself = -(jnp.sum(moves**2) + jnp.sum((away[0] / first) ** 2)) / 2 - jnp.sum(
            jnp.log(steps[1:])
        )
        numpyro.factor("path", by_itself - jnp.sum(log_root) + jnp.sum(noise**2) / 2)

        total = jax.nn.logsumexp(logs, axis=1, keepdims=True)
        numpyro.factor("hold", -jnp.sum((total / HOLD) ** 2) / 2)
        log_shares = logs - total
    shares = jnp.exp(log_shares)

    expected = _expected(seen, log_shares, bias, shift)
    off = (seen.value - expected) / scale
    as_figure = t.logpdf(off, seen.tail_df) - jnp.log(scale)
    as_limit = norm.logcdf(-seen.sign * off)
    numpyro.factor("figures", jnp.sum(jnp.where(seen.sign == 0, as_figure, as_limit)))
    if len(seen.none_seen):
        small = norm.logcdf(
            (np.log(prior.seen_pct / 100) - log_shares.ravel()[seen.none_seen]) / shape.none_sd
        )
        numpyro.factor(
            "none_seen",
            jnp.sum(jnp.logaddexp(np.log(prior.hidden), np.log(1 - prior.hidden) + small)),
        )
    if len(seen.running):
        abroad = 1 - shares[:, shape.banned]
        held = jnp.log(abroad[seen.running] * seen.running_ratio / abroad[seen.calm])
        numpyro.factor("kept_running", jnp.sum(norm.logcdf(held / prior.kept_running_sd)))


@dataclass(frozen=True)
class _Shape:
    """Sizes, eras and beliefs as arrays."""

    length: int
    codes: int
    era: np.ndarray
    breaks: np.ndarray
    break_sd: np.ndarray
    others: np.ndarray
    usual: np.ndarray
    usual_sd: np.ndarray
    banned: int
    none_sd: float


def _shape(rows: pd.DataFrame, months: pd.DatetimeIndex, codes: list[str], prior: Prior) -> _Shape:
    banned = np.array([code == BANNED for code in codes])
    rest = np.array([code == REST for code in codes])
    none = rows.loc[rows["reads"] == "none_seen", "error_sd"]
    return _Shape(
        length=len(months),
        codes=len(codes),
        era=beliefs.eras(months),
        breaks=beliefs.breaks(months),
        break_sd=np.where(banned, prior.banned_break, prior.other_break),
        others=np.where(banned, 0.0, 1.0),
        usual=np.log(np.where(rest, prior.rest_pct, prior.usual_pct) / 100),
        usual_sd=np.where(rest, prior.rest_sd, prior.usual_sd),
        banned=codes.index(BANNED) if BANNED in codes else 0,
        none_sd=float(none.max()) if len(none) else 1.0,
    )


def sample(
    rows: pd.DataFrame,
    months: pd.DatetimeIndex,
    codes: list[str],
    *,
    chains: int = CHAINS,
    warmup: int = WARMUP,
    draws: int = DRAWS,
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
    if "jax" not in os.sys.modules:  # chains run side by side only if it is said before
        os.environ.setdefault("XLA_FLAGS", f"--xla_force_host_platform_device_count={CHAINS}")
    _libraries()
    import jax
    from numpyro.infer import MCMC, NUTS

    shape = _shape(rows, months, codes, prior)
    aid = _best(seen, shape, prior, _start(seen.rows, months, codes))
    sizes = _sizes(seen, shape)
    sampler = MCMC(
        NUTS(
            potential_fn=_energy(seen, aid, shape, prior),
            target_accept_prob=TARGET,
            max_tree_depth=DEPTH,
            # The paths are round already; sizes, biases and usual shares hang together.
            dense_mass=[TOGETHER],
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
        for name, size in sizes.items()
    }
    sampler.run(jax.random.PRNGKey(seed), init_params=begin, extra_fields=("diverging", "num_steps"))
    if os.environ.get("TRY"): f=np.asarray(sampler.get_extra_fields()["num_steps"]); print("steps",np.median(f),f.mean(), sampler.last_state.adapt_state.step_size)
    drawn = _named(seen, aid, shape, prior, sampler.get_samples())
    path = drawn["logs"]
    shares = np.exp(path - path.max(axis=2, keepdims=True))
    shares /= shares.sum(axis=2, keepdims=True)
    return Posterior(
        months=months,
        codes=codes,
        chains=chains,
        shares=shares,
        steps=drawn["steps"][:, -1],
        biases=drawn["biases"],
        factors=drawn["factors"],
        evidence=seen,
        divergences=int(sampler.get_extra_fields()["diverging"].sum()),
        prior=prior,
    )


def _sizes(seen: Evidence, shape: _Shape) -> dict[str, tuple[int, ...]]:
    """Sizes of all coordinates; each of them is standard normal before a figure is seen."""
    return {
        "era": (ERAS,),
        "country": (shape.codes,),
        "country_era": (ERAS, shape.codes),
        "usual": (shape.codes,),
        "growth": (int(shape.breaks.sum()),),
        "bias": (len(seen.biases),),
        "list": (len(seen.parts),),
        "kind": (len(seen.kinds),),
        "noise": (shape.length, shape.codes),
    }


def _energy(seen: Evidence, aid: dict[str, Any], shape: _Shape, prior: Prior) -> Any:
    """Minus the log density, as a function of the coordinates."""
    from numpyro.infer.util import log_density

    def energy(values: dict[str, Any]) -> Any:
        return -log_density(_model, (seen, aid, shape, prior), {}, values)[0]

    return energy


def _named(
    seen: Evidence, aid: dict[str, Any], shape: _Shape, prior: Prior, drawn: dict[str, Any]
) -> dict[str, np.ndarray]:
    """What follows from drawn coordinates: logs of shares, steps, biases and factors."""
    import jax
    from numpyro.infer.util import constrain_fn

    def follow(values: dict[str, Any]) -> dict[str, Any]:
        found = constrain_fn(
            _model, (seen, aid, shape, prior), {}, values, return_deterministic=True
        )
        return {name: found[name] for name in ("logs", "steps", "biases", "factors")}

    found = jax.jit(lambda many: jax.lax.map(follow, many))(drawn)
    return {name: np.asarray(value) for name, value in found.items()}


def _best(seen: Evidence, shape: _Shape, prior: Prior, logs: np.ndarray) -> dict[str, Any]:
    """Make the figures linear around a path, find the most likely path, and do so again from there.

    Returns what the whitening needs of the last path.
    """
    import jax
    from jax.flatten_util import ravel_pytree
    from scipy.optimize import minimize

    # All else stays at its middle: the most likely sizes of steps and errors are no typical ones.
    free = ("noise", "growth")
    fixed = {name: np.zeros(size) for name, size in _sizes(seen, shape).items()}
    point = {name: fixed.pop(name) for name in free}
    _, unravel = ravel_pytree(point)

    @jax.jit
    def slope(flat: Any, aid: dict[str, Any]) -> Any:
        energy = _energy(seen, aid, shape, prior)
        return jax.value_and_grad(lambda values: energy(fixed | unravel(values)))(flat)

    for _ in range(ROUNDS):
        aid = vars(_aid(seen, logs, shape, prior, respond=False))
        # Around another path the noise means something else; all else keeps its meaning.
        begin, _ = ravel_pytree(point | {"noise": np.zeros_like(point["noise"])})

        def downhill(flat: np.ndarray, aid: dict[str, Any] = aid) -> tuple[float, np.ndarray]:
            value, gradient = slope(flat, aid)
            return float(value), np.asarray(gradient)

        result = minimize(
            downhill, np.asarray(begin), jac=True, method="L-BFGS-B", options={"maxiter": 150}
        )
        point = unravel(result.x)
        one = {name: np.asarray(value)[None] for name, value in (fixed | point).items()}
        logs = _named(seen, aid, shape, prior, one)["logs"][0]
    return vars(_aid(seen, logs, shape, prior))
