r"""Coordinates in which the posterior of the shares is nearly round.

The path of a country's log share moves by itself like

.. math:: d_t = \phi\, d_{t-1} + \tau_t\, \epsilon_t,

and near a path all figures look like figures of it with a precision :math:`W_t` in every month. Given
the size of the steps, the precision of the path is then the tridiagonal matrix :math:`Q = P(\tau) +
W`, with the Cholesky factor :math:`L`. For standard normal :math:`z` the path

.. math:: d = L^{-T} (L^{-1} r + z)

has the mean :math:`Q^{-1} r` and the covariance :math:`Q^{-1}`. Sampling z instead of d takes most of
the dependence between months, and between the path and the size of its steps, out of the posterior;
that the figures are not quite linear is put right by the density (compare Rue & Held 2005, Gaussian
Markov Random Fields, section 2.4). All countries are done at once, one month after the other.
"""

from __future__ import annotations

from typing import Any

UNROLLED = 4
"""Months done in one turn of the loop: fewer turns, same result."""


def tridiagonal(first_sd: Any, steps: Any, persistence: float) -> tuple[Any, Any]:
    """Precision of paths that move by themselves.

    Parameters
    ----------
    first_sd : array, country
        Standard deviation of the first month.
    steps : array, month x country
        Standard deviation of the step into every month; that of the first is not looked at.
    persistence : float
        Part of a distance that is left after a month.

    Returns
    -------
    diagonal, below : array, month x country
        The diagonal, and the element left of it (that of the first month is 0).
    """
    import jax.numpy as jnp

    inverse = jnp.concatenate([(1 / first_sd**2)[None], 1 / steps[1:] ** 2])
    ahead = jnp.concatenate([inverse[1:], jnp.zeros_like(inverse[:1])])
    diagonal = inverse + persistence**2 * ahead
    below = jnp.concatenate([jnp.zeros_like(inverse[:1]), -persistence * inverse[1:]])
    return diagonal, below


def path(diagonal: Any, below: Any, pull: Any, noise: Any) -> tuple[Any, Any]:
    """Paths from standard normal numbers.

    Parameters
    ----------
    diagonal, below : array, month x country
        The tridiagonal precision, with what the figures add on its diagonal.
    pull : array, month x country
        Precision times mean.
    noise : array, month x country
        Standard normal numbers.

    Returns
    -------
    path : array, month x country
    log_root : array, month x country
        Logarithm of the diagonal of the Cholesky factor; the sum is half the log determinant of the
        precision.
    """
    import jax
    import jax.numpy as jnp

    nothing = jnp.zeros_like(diagonal[0])

    def forward(before: tuple[Any, Any], now: tuple[Any, Any, Any]) -> tuple[Any, Any]:
        root, solved = before
        on, left, pulled = now
        beside = left / root
        root = jnp.sqrt(on - beside**2)
        solved = (pulled - beside * solved) / root
        return (root, solved), (root, beside, solved)

    start = (jnp.ones_like(nothing), nothing)
    _, (root, beside, solved) = jax.lax.scan(
        forward, start, (diagonal, below, pull), unroll=UNROLLED
    )

    def backward(after: tuple[Any, Any], now: tuple[Any, Any, Any]) -> tuple[Any, Any]:
        value, link = after
        here, beside_here, aim = now
        value = (aim - link * value) / here
        return (value, beside_here), value

    _, values = jax.lax.scan(
        backward,
        (nothing, nothing),
        (root, beside, solved + noise),
        reverse=True,
        unroll=UNROLLED,
    )
    return values, jnp.log(root)
