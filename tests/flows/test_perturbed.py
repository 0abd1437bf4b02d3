from __future__ import annotations

import numpy as np
import pytest

from hashrate_migration.flows.perturbed import STIFFNESS, UNEXPLAINED_EHS, Perturbed, solve

REGIONS, MONTHS, COUNT = 3, 5, 4


def problem(seed: int = 0):
    """A kernel, and departures and arrivals that some flows meet."""
    g = np.random.default_rng(seed)
    place = g.dirichlet(np.ones(REGIONS), (COUNT, REGIONS))
    lag = np.triu(g.uniform(size=(COUNT, MONTHS, MONTHS)))
    lag /= 1.2 * lag.sum(axis=2, keepdims=True)
    moving = g.uniform(0.5, 0.9, (COUNT, REGIONS, MONTHS))
    gone = 1 - moving * lag.sum(axis=2)[:, None]
    cells = g.gamma(0.3, 0.1, (COUNT, 2, REGIONS, MONTHS)) + 1e-3
    for row, month in enumerate((1, 2)):
        cells[:, row, :, :month] = 0
    new = g.dirichlet(np.ones(REGIONS), (COUNT, MONTHS)).transpose(0, 2, 1)
    factor = g.gamma(2.0, 0.5, (COUNT, REGIONS, MONTHS))
    kernel = Perturbed(place, lag, moving, gone, cells, factor, new, 0.05, 0, slice(1, 3))
    departures = g.gamma(1.0, 5.0, (COUNT, REGIONS, MONTHS))
    arrivals = 3 + g.gamma(1.0, 5.0, (COUNT, REGIONS, MONTHS))
    return kernel, departures, arrivals, np.full((COUNT, MONTHS), 6.0)


def whole_kernel(kernel: Perturbed) -> np.ndarray:
    """Draw, origin, month left, destination, month arrived."""
    table = np.einsum(
        "nis,nij,nst,njt->nisjt", kernel.moving, kernel.place, kernel.lag, kernel.factor
    )
    table[:, 0, 1:3] = kernel.cells
    return table


def test_products_are_those_of_the_whole_kernel():
    kernel, departures, arrivals, _ = problem()
    table = whole_kernel(kernel)
    np.testing.assert_allclose(
        kernel.spread(arrivals), np.einsum("nisjt,njt->nis", table, arrivals), atol=1e-12
    )
    np.testing.assert_allclose(
        kernel.gather(departures), np.einsum("nisjt,nis->njt", table, departures), atol=1e-12
    )
    np.testing.assert_allclose(
        kernel.by_pair(departures, arrivals),
        np.einsum("nisjt,nis,njt->nij", table[:, :, 1:3], departures[:, :, 1:3], arrivals),
        atol=1e-12,
    )


def test_a_solution_meets_departures_arrivals_and_supply():
    kernel, departures, arrivals, supply = problem()
    found = solve(kernel, departures, arrivals, supply)
    moved = found.rows * kernel.spread(found.columns)
    assert (moved <= departures + 1e-6).all()
    into = kernel.gather(found.rows) * found.columns + found.new + found.unexplained
    np.testing.assert_allclose(into, arrivals, atol=0.01)
    assert (found.new.sum(axis=1) <= supply).all()
    # Stiff slack: nearly all that is sold is delivered.
    assert (found.new.sum(axis=1) > 0.85 * supply).all()


def test_a_solution_is_the_nearest_to_what_is_expected():
    """The conditions of the minimum: every cell is its expectation times a factor of row and column."""
    kernel, departures, arrivals, supply = problem(3)
    found = solve(kernel, departures, arrivals, supply)
    u, v = found.rows / departures, found.columns
    # Retired: u times what was expected, as for a flow; so rows add up to what departed.
    retired = departures * kernel.gone * u
    np.testing.assert_allclose(
        retired + found.rows * kernel.spread(v), departures, rtol=2e-2, atol=0.02
    )
    # Undelivered: expected times the factor of its row to the power of one over the stiffness.
    undelivered = supply - found.new.sum(axis=1)
    factor = found.new / (supply[:, None] * kernel.new * v)
    np.testing.assert_allclose(factor, factor[:, :1].repeat(REGIONS, axis=1))
    wanted = kernel.waiting * factor[:, 0] ** (1 / STIFFNESS) * supply
    np.testing.assert_allclose(undelivered, wanted, atol=0.03)


def test_what_nothing_can_explain_is_told():
    kernel, departures, arrivals, supply = problem()
    # Nothing departs and 6 are new in each month, but 30 arrive.
    arrivals = np.full_like(arrivals, 10.0)
    found = solve(kernel, departures * 0, arrivals, supply)
    unexplained = found.unexplained.sum(axis=1)
    np.testing.assert_allclose(unexplained, 24, rtol=0.02)
    plenty = solve(kernel, departures * 100, arrivals, supply)
    assert plenty.unexplained.sum() < 100 * UNEXPLAINED_EHS * COUNT * REGIONS * MONTHS


@pytest.mark.parametrize("nothing", ["departures", "arrivals", "supply"])
def test_nothing_is_a_number_too(nothing):
    kernel, departures, arrivals, supply = problem()
    given = {"departures": departures, "arrivals": arrivals, "supply": supply}
    given[nothing] = 0 * given[nothing]
    found = solve(kernel, **given)
    for array in (found.rows, found.columns, found.new, found.unexplained):
        assert np.isfinite(array).all()
