r"""How concentrated hashrate is: over countries, or over pools.

For parts :math:`s_i` that add to one:

- Herfindahl index :math:`\sum s_i^2` (Hirschman 1945; Herfindahl 1950): from 1/n to 1;
- effective number :math:`1 / \sum s_i^2` (Laakso & Taagepera 1979, Comparative Political Studies
  12, p. 4): so many equal parts would be as concentrated;
- smallest set holding half: how many of the largest parts make up at least 50 percent (known for
  miners as the Nakamoto coefficient);
- Shannon entropy :math:`-\sum s_i \log_2 s_i` in bits (Shannon 1948).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration import arguments, country_panel
from hashrate_migration.errors import InputError
from hashrate_migration.periods import When, month_window
from hashrate_migration.tables.read import load
from hashrate_migration.tables.regions import REST

MEASURES = ("herfindahl", "effective_number", "holding_half", "entropy_bits")
"""Columns of :func:`measures`."""

TOLERANCE = 1e-6


def measures(parts: pd.DataFrame, rest: str | None = None) -> pd.DataFrame:
    """Measures of concentration, row by row.

    Parameters
    ----------
    parts : DataFrame
        One row per case, one column per holder; each row adds to 1.
    rest : str, optional
        Column that adds up many small holders. As if it were spread over holders too small to
        matter, it counts nothing in the sum of squares, stands last for the half, and is left
        out of the entropy: which makes the measures bounds (a Herfindahl index that is too low, an
        entropy that is too low).

    Returns
    -------
    DataFrame
        Columns herfindahl, effective_number, holding_half and entropy_bits, indexed as `parts`.

    Raises
    ------
    InputError
        If there is no part, one is missing or below 0, a row does not add to 1, or `rest` is none of
        the columns.

    Examples
    --------
    Four equal parts:

    >>> measures(pd.DataFrame([[0.25] * 4])).iloc[0].tolist()
    [0.25, 4.0, 2.0, 2.0]
    """
    arguments.instance(parts, "parts", pd.DataFrame, "a table of shares")
    if parts.empty:
        raise InputError("There are no shares to measure; give a row of parts of 1.")
    if rest is not None and rest not in parts:
        raise InputError(
            f"rest = {rest!r} is no column of the shares; they have: {', '.join(map(str, parts))}."
        )
    for name in parts:
        if not pd.api.types.is_numeric_dtype(parts[name]):
            raise InputError(f"The shares of {name} are not numbers; convert them.")
    values = parts.to_numpy(dtype=float)
    if np.isnan(values).any():
        row, column = np.argwhere(np.isnan(values))[0]
        raise InputError(
            f"The share of {parts.columns[column]} in row {parts.index[row]} is missing; give 0 if it "
            "is known to be nothing."
        )
    sums = values.sum(axis=1)
    if (values < -TOLERANCE).any() or (np.abs(sums - 1) > 1e-3).any():
        worst = int(np.abs(sums - 1).argmax())
        raise InputError(
            f"Shares of row {parts.index[worst]} add up to {sums[worst]:.4f}; give parts of 1, "
            "none below 0."
        )
    named = parts.drop(columns=rest) if rest is not None else parts
    shares = named.to_numpy(dtype=float)
    squares = (shares**2).sum(axis=1)
    ordered = -np.sort(-shares, axis=1)
    reached = np.cumsum(ordered, axis=1) >= 0.5 - TOLERANCE
    half = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1.0, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(shares > 0, -shares * np.log2(shares), 0.0)
    return pd.DataFrame(
        {
            "herfindahl": squares,
            # Nothing but the rest: no number of holders is too large.
            "effective_number": np.divide(
                1, squares, out=np.full_like(squares, np.inf), where=squares > 0
            ),
            "holding_half": half,
            "entropy_bits": terms.sum(axis=1),
        },
        index=parts.index,
    )


def countries(start: When | None = None, end: When | None = None) -> pd.DataFrame:
    """Concentration over countries by month, measured in each draw of the panel.

    Parameters
    ----------
    start, end : str or date, optional
        First and last month of the panel.

    Returns
    -------
    DataFrame
        Indexed by month: for each measure its median over the draws and, with the endings ``_low``
        and ``_high``, the ends of its band of 90 percent. The others together (``OTH``) are the rest.

    Notes
    -----
    No measure is taken of the medians of shares: they need not add to one.
    """
    drawn = country_panel.paths() / 100
    months = drawn.index.get_level_values("month")
    low, high = month_window(start, end, pd.DatetimeIndex(months.unique()), "the panel")
    drawn = drawn[(months >= low) & (months <= high)]
    by_month = measures(drawn, REST).groupby(level="month")
    quantiles = {"": 0.5, "_low": country_panel.BAND[0], "_high": country_panel.BAND[1]}
    # Values that a draw has: there is no half of a country.
    result = pd.concat(
        [
            by_month.quantile(quantile, interpolation="nearest").add_suffix(ending)
            for ending, quantile in quantiles.items()
        ],
        axis=1,
    )
    return result[[f"{m}{e}" for m in MEASURES for e in quantiles]]


def pool_shares() -> pd.DataFrame:
    """Part of the blocks of each pool by month.

    Returns
    -------
    DataFrame
        Month x pool, each row adding to 1. Months without labels are missing.
    """
    table = load("pool_blocks").pivot(index="month", columns="pool", values="blocks")
    table = table.astype(float).fillna(0.0)
    return table.div(table.sum(axis=1), axis=0)


def pools(draws: int = 500, seed: int = 0) -> pd.DataFrame:
    """Concentration over pools by month, with intervals from the luck of finding blocks.

    Parameters
    ----------
    draws, seed : int
        Draws of shares: given the blocks found, a pool's part of the work follows a Dirichlet
        distribution (blocks are found at random in proportion to work).

    Returns
    -------
    DataFrame
        As :func:`countries`; blocks without a known pool are the rest.
    """
    arguments.draws_and_seed(draws, seed)
    counts = load("pool_blocks").pivot(index="month", columns="pool", values="blocks")
    counts = counts.astype(float).fillna(0.0)
    result = measures(pool_shares(), "unknown")
    generator = np.random.default_rng(seed)
    bounds = {}
    for month, row in counts.iterrows():
        # Half a block for each pool is Jeffreys's prior for counts of many kinds.
        found = row[row > 0]
        drawn = pd.DataFrame(
            generator.dirichlet(found.to_numpy() + 0.5, size=draws), columns=found.index
        )
        rest = "unknown" if "unknown" in drawn else None
        bounds[month] = measures(drawn, rest).quantile(list(country_panel.BAND)).to_numpy().ravel()
    names = [f"{m}_{e}" for e in ("low", "high") for m in MEASURES]
    table = pd.DataFrame.from_dict(bounds, orient="index", columns=names)
    result = result.join(table)
    return result[[f"{m}{e}" for m in MEASURES for e in ("", "_low", "_high")]]


def pool_homes() -> pd.DataFrame:
    """Part of the blocks by home country of the pools, by month.

    Returns
    -------
    DataFrame
        Month x home country, with ``unassigned`` for pools whose home no source names; each row
        adds to 1.
    """
    homes = load("pools").set_index("pool")["home"]
    share = pool_shares()
    labels = [homes.get(pool, "unassigned") for pool in share]
    return share.T.groupby(labels).sum().T
