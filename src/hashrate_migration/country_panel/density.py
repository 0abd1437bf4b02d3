"""The joint density of shares, steps, biases and figures; what it says is in :mod:`posterior`.

JAX and NumPyro are imported within functions: only who samples needs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hashrate_migration.country_panel import prior as beliefs
from hashrate_migration.country_panel import whitening
from hashrate_migration.country_panel.evidence import Evidence
from hashrate_migration.country_panel.prior import BANNED, Prior
from hashrate_migration.tables.regions import REST

HOLD = 0.25
"""How closely the shares whose logs wander are held to add to one (in logs of their sum) before they are
made to. Without it all logs could move together while no share changes; held more closely, the path of
a country of which no figure is known would run against a wall."""

ERAS = 3
"""Eras of :func:`hashrate_migration.country_panel.prior.eras`."""


@dataclass(frozen=True)
class Shape:
    """Sizes, eras and beliefs as arrays.

    Attributes
    ----------
    length, codes : int
        Months, and countries with ``OTH``.
    era : ndarray of int, month
    breaks : ndarray of bool, month
    break_sd, others, usual, usual_sd : ndarray, code
        What the break adds to a step, 1 for all but the banned country, and middle and spread of the
        usual log share.
    banned : int, optional
        Position of the banned country, if it is among them.
    """

    length: int
    codes: int
    era: np.ndarray
    breaks: np.ndarray
    break_sd: np.ndarray
    others: np.ndarray
    usual: np.ndarray
    usual_sd: np.ndarray
    banned: int | None


def shape_of(months: pd.DatetimeIndex, codes: list[str], prior: Prior) -> Shape:
    """Sizes of a fit, its eras, and beliefs of each country."""
    banned = np.array([code == BANNED for code in codes])
    rest = np.array([code == REST for code in codes])
    return Shape(
        length=len(months),
        codes=len(codes),
        era=beliefs.eras(months),
        breaks=beliefs.breaks(months),
        break_sd=np.where(banned, prior.banned_break, prior.other_break),
        others=np.where(banned, 0.0, 1.0),
        usual=np.log(np.where(rest, prior.rest_pct, prior.usual_pct) / 100),
        usual_sd=np.where(rest, prior.rest_sd, prior.usual_sd),
        banned=codes.index(BANNED) if BANNED in codes else None,
    )


def sizes(seen: Evidence, shape: Shape) -> dict[str, tuple[int, ...]]:
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


def expected(seen: Evidence, log_shares: Any, bias: Any, shift: Any) -> Any:
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
    gap = (
        jnp.zeros(len(seen.lists) + 1)
        .at[seen.gap_list]
        .add(seen.gap_weight * shares[seen.gap_cell])
    )
    whole = gap.at[seen.in_list].add(biased)
    part = jnp.clip(biased / whole[seen.in_list], 1e-12, 1 - 1e-12)
    return jnp.where(seen.in_list < len(seen.lists), jnp.log(part) - jnp.log1p(-part), alone)


def model(seen: Evidence, aid: dict[str, Any], shape: Shape, prior: Prior) -> None:
    """The joint density of shares, steps, biases and figures, in NumPyro's language."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax.scipy.stats import norm, t

    length, codes = shape.length, shape.codes

    unit = {
        name: numpyro.sample(name, dist.Normal(0, 1).expand(size).to_event(len(size)))
        for name, size in sizes(seen, shape).items()
    }
    common = prior.step_sd * unit["era"]
    own = prior.country_sd * unit["country"]
    apart = prior.era_sd * unit["country_era"]
    # Far from the middle it bends: a step of any size would let a country without figures be all.
    most = np.log(prior.largest_step / prior.step)
    bent = most * jnp.tanh((common[:, None] + own + apart) / most)
    by_era = numpyro.deterministic("steps", prior.step * jnp.exp(bent))
    usual = shape.usual + shape.usual_sd * unit["usual"]
    growth = prior.growth_sd * unit["growth"]
    bias = numpyro.deterministic("biases", seen.bias_sd * unit["bias"])
    shift = numpyro.deterministic("shifts", prior.list_sd * unit["list"])
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
    away = away + (aid["response"] @ jnp.concatenate([bias, shift])[aid["followed"]]).reshape(
        length, codes
    )
    logs = numpyro.deterministic("logs", tendency + away)

    # The density of the path, in place of that of the noise.
    moves = (away[1:] - stay * away[:-1]) / steps[1:]
    by_itself = -(jnp.sum(moves**2) + jnp.sum((away[0] / first) ** 2)) / 2
    by_itself -= jnp.sum(jnp.log(steps[1:]))
    numpyro.factor("path", by_itself - jnp.sum(log_root) + jnp.sum(noise**2) / 2)
    total = jax.nn.logsumexp(logs, axis=1, keepdims=True)
    numpyro.factor("hold", -jnp.sum((total / HOLD) ** 2) / 2)
    log_shares = logs - total
    shares = jnp.exp(log_shares)

    off = (seen.value - expected(seen, log_shares, bias, shift)) / scale
    as_figure = t.logpdf(off, seen.tail_df) - jnp.log(scale)
    as_limit = norm.logcdf(-seen.sign * off)
    numpyro.factor("figures", jnp.sum(jnp.where(seen.sign == 0, as_figure, as_limit)))
    if len(seen.none_seen):
        small = norm.logcdf(
            (np.log(prior.seen_pct / 100) - log_shares.ravel()[seen.none_seen]) / seen.none_sd
        )
        numpyro.factor(
            "none_seen",
            jnp.sum(jnp.logaddexp(np.log(prior.hidden), np.log(1 - prior.hidden) + small)),
        )
    if len(seen.running) and shape.banned is not None:
        abroad = 1 - shares[:, shape.banned]
        held = jnp.log(abroad[seen.running] * seen.running_ratio / abroad[seen.calm])
        numpyro.factor("kept_running", jnp.sum(norm.logcdf(held / prior.kept_running_sd)))


def energy_of(seen: Evidence, aid: dict[str, Any], shape: Shape, prior: Prior) -> Any:
    """Minus the log density, as a function of the coordinates."""
    import jax
    from numpyro.infer.util import log_density

    def energy(values: dict[str, Any]) -> Any:
        return -log_density(model, (seen, aid, shape, prior), {}, values)[0]

    # Compiled as a whole: bit by bit it would be compiled hundreds of times.
    return jax.jit(energy)


def followed(
    seen: Evidence, aid: dict[str, Any], shape: Shape, prior: Prior, drawn: dict[str, Any]
) -> dict[str, np.ndarray]:
    """What follows from drawn coordinates: logs of shares, steps, biases, shifts and factors."""
    import jax
    from numpyro.infer.util import constrain_fn

    def follow(values: dict[str, Any]) -> dict[str, Any]:
        found = constrain_fn(
            model, (seen, aid, shape, prior), {}, values, return_deterministic=True
        )
        return {name: found[name] for name in ("logs", "steps", "biases", "shifts", "factors")}

    found = jax.jit(lambda many: jax.lax.map(follow, many))(drawn)
    return {name: np.asarray(value) for name, value in found.items()}
