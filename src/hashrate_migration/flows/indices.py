r"""What a table of flows is like as a whole: intensity, impact, connectivity, spatial focus.

The measures by which demographers compare migration between countries. They hold for flows from one
region to another: machines that are new or retired, and those that came back to the region that
they left, are not counted.

With :math:`M_{ij}` the flow from region i to j, :math:`M` the sum of all flows, :math:`O_i` what
departs from i and :math:`D_i` what arrives there, :math:`P_i` its stock and n the number of regions,
each function states its formulas.

References
----------
Bell, M., Blake, M., Boyle, P., Duke-Williams, O., Rees, P., Stillwell, J. and Hugo, G. (2002).
Cross-national comparison of internal migration: issues and measures. Journal of the Royal
Statistical Society A 165(3), 435-464.

Courgeau, D. (1973). Migrants et migrations. Population 28(1), 95-129.

Plane, D. A. and Mulligan, G. F. (1997). Measuring spatial focusing in a migration system. Demography
34(2), 251-262.

Rogers, A. and Sweeney, S. (1998). Measuring the spatial focus of migration patterns. The
Professional Geographer 50(2), 232-242.

Theil, H. (1967). Economics and Information Theory. North-Holland.

The examples that the tests reproduce are printed in the references of the R packages
migration.indices 0.3.1 (with the tables of Plane and Mulligan) and migest 2.0.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from hashrate_migration.arguments import columns, instance, names
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import NEW, RETIRED, positive


def flow_table(flows: pd.DataFrame, regions: Sequence[str] | None = None) -> pd.DataFrame:
    """All flows from one region to another, added up over the months.

    Parameters
    ----------
    flows : DataFrame
        As given by :func:`hashrate_migration.flows.estimate`; only the columns origin, destination
        and flow_ehs are used.
    regions : sequence of str, optional
        Regions of the system, also those without flows; default: all that the flows name.

    Returns
    -------
    DataFrame
        Origin x destination, EH/s, zeros on the diagonal.

    Raises
    ------
    InputError
        For a table without these columns, flows that are missing or negative, a region that is not
        among those given, or fewer than two regions.
    """
    columns(flows, "flows", ["origin", "destination", "flow_ehs"], "flows.estimate")
    if not np.isfinite(flows["flow_ehs"]).all() or (flows["flow_ehs"] < 0).any():
        raise InputError("The flows must be numbers of zero or more; correct flow_ehs.")
    between = flows[(flows["origin"] != NEW) & (flows["destination"] != RETIRED)]
    named = sorted({*between["origin"], *between["destination"]})
    wanted = named if regions is None else names(regions, "regions")
    unknown = [region for region in named if region not in wanted]
    if unknown:
        raise InputError(f"The flows name {unknown[0]}, which is not among the regions; add it.")
    if len(set(wanted)) != len(wanted) or len(wanted) < 2:
        raise InputError("regions must name two regions or more, each once.")
    table = between.pivot_table(
        index="origin", columns="destination", values="flow_ehs", aggfunc="sum", fill_value=0.0
    ).reindex(index=wanted, columns=wanted, fill_value=0.0)
    return table.mask(np.eye(len(wanted), dtype=bool), 0.0).astype(float)


def intensity(flows: pd.DataFrame, stocks: pd.Series) -> pd.Series:
    r"""How much moves, for the stocks there are (Bell et al. 2002; Courgeau 1973).

    Parameters
    ----------
    flows : DataFrame
        See :func:`flow_table`.
    stocks : Series
        Stock of each region of the system, EH/s: those who could move, as the stocks at the start
        of the months that the flows cover.

    Returns
    -------
    Series
        ``crude_intensity_pct``, :math:`100 M / \sum P_i`, and ``courgeau_k``,
        :math:`100 M / \sum P_i / \ln n^2`, which can be compared between systems with different
        numbers of regions.

    Raises
    ------
    InputError
        As :func:`flow_table`, and for stocks that are negative or all zero.
    """
    population = _population(stocks)
    crude = 100 * _values(flows, list(population.index)).sum() / population.sum()
    return pd.Series(
        {"crude_intensity_pct": crude, "courgeau_k": crude / np.log(len(population) ** 2)}
    )


def impact(flows: pd.DataFrame, stocks: pd.Series) -> pd.Series:
    r"""How far moves change where the stocks are (Bell et al. 2002).

    Parameters
    ----------
    flows, stocks
        As in :func:`intensity`.

    Returns
    -------
    Series
        ``effectiveness_pct``, :math:`100 \sum |D_i - O_i| / \sum (D_i + O_i)`: 0 where all moves
        cancel out, 100 where they all go one way; and ``net_rate_pct``, the aggregate net migration
        rate :math:`100 \cdot \frac12 \sum |D_i - O_i| / \sum P_i`, which is the crude intensity
        times effectiveness.

    Raises
    ------
    InputError
        As :func:`intensity`, and where nothing moves.
    """
    population = _population(stocks)
    table = _values(flows, list(population.index), moving=True)
    net = np.abs(table.sum(axis=0) - table.sum(axis=1)).sum()
    return pd.Series(
        {
            "effectiveness_pct": 100 * net / (2 * table.sum()),
            "net_rate_pct": 100 * 0.5 * net / population.sum(),
        }
    )


def spatial_focus(flows: pd.DataFrame, regions: Sequence[str] | None = None) -> pd.DataFrame:
    r"""How unequally each region's departures are spread over destinations, arrivals over origins.

    Of the n - 1 flows x of a region, with mean :math:`\mu`: the Gini index :math:`\sum_k \sum_l |x_k -
    x_l| / (2 (n - 2) \sum x)` of Plane and Mulligan (1997) with the denominator of Bell et al.
    (2002), from 0 (all the same) to 1 (one partner); the coefficient of variation, standard
    deviation to mean, of Rogers and Sweeney (1998), up to :math:`\sqrt{n - 2}`; and Theil's index
    :math:`\frac1{n-1} \sum \frac x\mu \ln \frac x\mu`, up to :math:`\ln (n - 1)`.

    Parameters
    ----------
    flows, regions
        See :func:`flow_table`; three regions or more.

    Returns
    -------
    DataFrame
        Index region; columns departures_ehs and arrivals_ehs; destinations_gini, destinations_cv,
        destinations_theil of the departures; origins_gini, origins_cv, origins_theil of the
        arrivals. Missing where a region has no departures or arrivals.

    Raises
    ------
    InputError
        As :func:`flow_table`, and for fewer than three regions.
    """
    table = flow_table(flows, regions)
    values = table.to_numpy()
    count = len(values)
    if count < 3:
        raise InputError(f"Spatial focus needs three regions or more; there are {count}.")
    off = ~np.eye(count, dtype=bool)
    partners = {
        "destinations": [values[i, off[i]] for i in range(count)],
        "origins": [values[off[:, j], j] for j in range(count)],
    }
    measures = {
        f"{end}_{name}": [measure(streams) for streams in fields]
        for end, fields in partners.items()
        for name, measure in _FOCUS.items()
    }
    totals = {"departures_ehs": values.sum(axis=1), "arrivals_ehs": values.sum(axis=0)}
    return pd.DataFrame(totals | measures, index=table.index.rename("region"))


def connectivity(
    flows: pd.DataFrame, regions: Sequence[str] | None = None, *, least_ehs: float = 0.0
) -> pd.Series:
    r"""How many pairs are linked by flows, and how unequally.

    Parameters
    ----------
    flows, regions
        See :func:`flow_table`; three regions or more. All of the system should be named, for those
        without flows count.
    least_ehs : float
        Flows up to this size do not link a pair.

    Returns
    -------
    Series
        ``connected_part``
            of the n (n - 1) pairs, those with a flow (Bell et al. 2002).
        ``inequality``
            :math:`\frac12 \sum |M_{ij} / M - 1 / (n (n - 1))|`, the part of all flow that would
            have to change its pair to make all pairs equal (Bell et al. 2002).
        ``pairs_gini``, ``pairs_theil``
            Gini index of all pairs, corrected by Bell et al. (2002) so that it reaches 1, and
            Theil's.
        ``destinations_gini``, ``destinations_cv``, ``destinations_theil``
            means of the columns of :func:`spatial_focus`, weighted by departures; of the
            coefficient of variation this is the aggregate one of Rogers and Sweeney (1998).
        ``origins_gini``, ``origins_cv``, ``origins_theil``
            the same by arrivals.
        ``system_cv``
            sum of the two aggregate coefficients of variation (Rogers and Sweeney 1998).

    Raises
    ------
    InputError
        As :func:`spatial_focus`, for a negative least flow, and where nothing moves.

    Notes
    -----
    Theil's index of all pairs is that of departures between origins plus the weighted mean of
    ``destinations_theil`` (Theil 1967).

    The weighted Gini indices that the R package migration.indices computes are smaller: it divides
    by the number of regions once more, and weighs a region's destinations by its arrivals where its
    own formula has departures. The means here are between 0 and 1 like what they average.
    """
    least = positive(least_ehs, "least_ehs")
    focus = spatial_focus(flows, regions)
    values = _values(flows, list(focus.index), moving=True)
    pairs = values[~np.eye(len(values), dtype=bool)]
    found = {
        "connected_part": (pairs > least).mean(),
        "inequality": 0.5 * np.abs(pairs / pairs.sum() - 1 / len(pairs)).sum(),
        "pairs_gini": _gini(pairs),
        "pairs_theil": _theil(pairs),
    }
    for end, weights in (
        ("destinations", focus["departures_ehs"]),
        ("origins", focus["arrivals_ehs"]),
    ):
        for name in _FOCUS:
            # A region without flows has no focus, and no weight.
            weighted = (focus[f"{end}_{name}"] * weights).sum() / weights.sum()
            found[f"{end}_{name}"] = weighted
    found["system_cv"] = found["destinations_cv"] + found["origins_cv"]
    return pd.Series(found)


def _population(stocks: pd.Series) -> pd.Series:
    instance(stocks, "stocks", pd.Series, "a series with the stock of each region")
    values = stocks.astype(float)
    if not np.isfinite(values).all() or (values < 0).any() or values.sum() == 0:
        raise InputError("The stocks must be numbers of zero or more, one of them above zero.")
    return values


def _values(flows: pd.DataFrame, regions: list[str], moving: bool = False) -> np.ndarray:
    """Flows between regions as an array; if asked, one in which something moves."""
    values = flow_table(flows, regions).to_numpy()
    if moving and values.sum() == 0:
        raise InputError("Nothing moves from one region to another; there is nothing to measure.")
    return values


def _gini(streams: np.ndarray) -> float:
    """Gini index with comparisons of a stream with itself left out: it reaches 1."""
    total = streams.sum()
    if total == 0:
        return np.nan
    # In order of size, the k-th of K is above k - 1 of the others and below K - k.
    places = 2 * np.arange(1, len(streams) + 1) - len(streams) - 1
    return (places * np.sort(streams)).sum() / ((len(streams) - 1) * total)


def _cv(streams: np.ndarray) -> float:
    mean = streams.mean()
    return streams.std() / mean if mean else np.nan


def _theil(streams: np.ndarray) -> float:
    mean = streams.mean()
    if mean == 0:
        return np.nan
    ratios = streams[streams > 0] / mean
    return (ratios * np.log(ratios)).sum() / len(streams)


_FOCUS: dict[str, Callable[[np.ndarray], float]] = {"gini": _gini, "cv": _cv, "theil": _theil}
"""Measures of how unequal the flows of one region are."""
