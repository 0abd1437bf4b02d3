r"""Stocks drawn around the map: the pools' sample, proxies, hidden machines, the luck of blocks.

**Shares.** The mining map is a sample of k pools that find a part c of all blocks. Pools differ in
where their miners are: let delta be the intra-pool correlation of location (0: every pool has the
world's mix, 1: every pool sits in one country). A share p measured on such a cluster sample, drawn
without replacement, has the variance

.. math:: \mathrm{Var}(\hat p) = p (1 - p) \, \frac{\delta (1 - c)}{k},

that of a Dirichlet distribution around the map with concentration
:math:`n = k / (\delta (1 - c)) - 1` (Cochran 1977, Sampling Techniques, ch. 9, for cluster
sampling and the finite population correction). With k = 3.5 pools, c = 0.35 and delta = 0.05 that
is n = 107: a share of 44 percent is known within 4.8 points (one standard deviation), one of 7
within 2.5. delta is not known: it is drawn. Draws are log-normal weights, normalised, whose
variances match the Dirichlet's to first order.

**In time.** The same pools report every month, so one part of their error is a stationary series with
the correlation `persistence`. The other part, also drawn, is a constant that changes when the window
starts: pools that lose their miners to a ban no longer report what they did. In months in which the map
shows nothing at home, what is left of the sample is worth fewer pools, and the error that this adds is
one of those months alone.

**Proxies.** A part of what the map shows in the proxies' regions belongs to the home.

**Hidden.** Machines that stand at home and are shown elsewhere did not depart.

**Network.** Blocks come by chance: N blocks in a month leave a relative error of
:math:`1/\sqrt N`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration.flows.assumptions import Assumptions, Range, drawn

ALSO_OFF = ("IRN",)
"""Countries that ordered mines off in the same months: Iran did from 26 May 2021 to 22 September."""

_MOST_HIDDEN = 0.9
"""No more of what others show than this can be the home's."""

_ZERO = 1e-3
"""A share that the map rounds to nothing."""


def summer_ranges(stocks: pd.DataFrame) -> dict[str, Range]:
    """What the chain says of China's zero in July and August 2021, as parts of September's stock.

    July: if all that the network lost since May stood in China, at most the rest of China's stock
    of May can have been hidden. August: what came back in September beyond the growth of the
    network must have been running, so at least that much was hidden. Both allow for what other
    countries switched off in the same months: no more than Iran had (:data:`ALSO_OFF`), for the
    network's loss of July may in part be theirs, and its growth of September the more China's.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s, with the months 2021-05 to 2021-09.

    Returns
    -------
    dict
        Month to (lowest, highest), for ``Assumptions.hidden``.
    """
    may, july, august, september = pd.to_datetime(["2021-05", "2021-07", "2021-08", "2021-09"])
    network, china = stocks.sum(axis=1), stocks["CHN"]
    also = stocks[[code for code in ALSO_OFF if code in stocks]].sum(axis=1)
    at_most = china[may] - (network[may] - network[july]) + also[may]
    at_least = china[september] - (network[september] - network[august]) - also[august]
    return {
        "2021-07": (0.0, float(np.clip(at_most / china[september], 0, 1))),
        "2021-08": (float(np.clip(at_least / china[september], 0, 1)), 1.0),
    }


def hidden_by_default(stocks: pd.DataFrame, home: str) -> dict[str, Range] | None:
    """:func:`summer_ranges` of stocks in which China vanished in summer 2021; of others None."""
    summer = pd.date_range("2021-05-01", "2021-09-01", freq="MS")
    known = home == "CHN" and home in stocks.columns and summer.isin(stocks.index).all()
    return summer_ranges(stocks) if known and stocks.loc["2021-08-01", home] == 0 else None


def draw_shares(
    shares: np.ndarray,
    count: int,
    assumptions: Assumptions,
    generator: np.random.Generator,
    *,
    jump: int | None = None,
    zero: np.ndarray | None = None,
    correlation: np.ndarray | None = None,
) -> np.ndarray:
    """Shares drawn around the map.

    Parameters
    ----------
    shares : ndarray
        Region, month; parts that add to one in each month. Zeros stay zero.
    count : int
        Draws.
    assumptions : Assumptions
        For pools, their correlation, and the error's ways in time.
    generator : Generator
        Source of chance.
    jump : int, optional
        Number of the month from which on the other constant part of the error holds; default: there is
        no such part.
    zero : ndarray of bool, optional
        Months in which the map shows nothing at home.
    correlation : ndarray, optional
        Intra-pool correlation of each draw; default: drawn.

    Returns
    -------
    ndarray
        Region, month, draw.
    """
    a = assumptions
    regions, months = shares.shape
    if correlation is None:
        correlation = drawn(generator, a.correlation, count, logarithmic=True)
    noise = generator.standard_normal((regions, months, count))
    keep = a.persistence
    for month in range(1, months):
        noise[:, month] = keep * noise[:, month - 1] + np.sqrt(1 - keep**2) * noise[:, month]
    if jump is not None:
        constant = generator.standard_normal((regions, 2, count))
        part = drawn(generator, a.jump_share, count)
        after = (np.arange(months) >= jump).astype(int)
        noise = np.sqrt(1 - part) * noise + np.sqrt(part) * constant[:, after]
    if zero is not None and zero.any():
        more = np.sqrt(a.pools / a.pools_at_zero - 1)
        noise[:, zero] += more * generator.standard_normal((regions, 1, count))
    concentration = a.pools / (correlation * (1 - a.coverage)) - 1
    shown = shares > 0
    safe = np.where(shown, shares, 1.0)[..., None]
    spread = np.sqrt(np.log1p(1 / (concentration * safe)))
    weights = shares[..., None] * np.exp(spread * noise - spread**2 / 2)
    return np.asarray(weights / weights.sum(axis=0))


def _with_hidden(stocks: np.ndarray, home: int, month: int, hidden: np.ndarray) -> None:
    """Count at home what was hidden in a month: all others showed it alike. In place."""
    others = stocks[:, month].sum(axis=0) - stocks[home, month]
    hidden = np.minimum(hidden, _MOST_HIDDEN * others)
    kept_home = stocks[home, month] + hidden
    stocks[:, month] *= 1 - hidden / np.maximum(others, 1e-300)
    stocks[home, month] = kept_home


def draw_stocks(
    shares: np.ndarray,
    network: np.ndarray,
    count: int,
    codes: list[str],
    months: list[str],
    start: int,
    assumptions: Assumptions,
    generator: np.random.Generator,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Stocks drawn around the map.

    Parameters
    ----------
    shares : ndarray
        Region, month; parts.
    network : ndarray
        EH/s by month.
    count : int
        Draws.
    codes, months : list of str
        Regions, and months like 2021-07, in the order of the shares.
    start : int
        Number of the first month of the window.
    assumptions : Assumptions
        With `hidden` as it is to be taken: None for `hidden_share`.
    generator : Generator
        Source of chance.

    Returns
    -------
    stocks : ndarray
        Region, month, draw; EH/s.
    parameters : dict
        What was drawn once for each draw, by name.
    """
    a = assumptions
    home = codes.index(a.home) if a.home in codes else None
    zero = None
    if home is not None:
        zero = (shares[home] < _ZERO) & (np.arange(len(network)) >= start)
    correlation = drawn(generator, a.correlation, count, logarithmic=True)
    stocks = draw_shares(
        *(shares, count, a, generator), jump=start, zero=zero, correlation=correlation
    )
    stocks *= network[:, None]
    if a.blocks_per_month:
        luck = generator.standard_normal((len(network), count)) / np.sqrt(a.blocks_per_month)
        stocks *= np.maximum(1 + luck, 0.0)
    proxied = drawn(generator, a.proxy_share, count)
    quantile = generator.uniform(size=count)
    hidden_part = drawn(generator, a.hidden_share, count)
    parameters = {"pool_correlation": correlation, "proxy_share": proxied}
    if home is None:
        return stocks, parameters
    for proxy in a.proxies:
        if proxy in codes and proxy != a.home:
            moved = proxied * stocks[codes.index(proxy)]
            stocks[home] += moved
            stocks[codes.index(proxy)] -= moved
    if a.hidden is None:
        before = stocks[home, start - 1].copy()
        for month in range(start, len(network)):
            _with_hidden(
                stocks, home, month, hidden_part * np.maximum(before - stocks[home, month], 0)
            )
        parameters["hidden_share"] = hidden_part
    elif a.hidden_reference in months:
        reference = stocks[home, months.index(a.hidden_reference)].copy()
        for name, (low, high) in a.hidden.items():
            if name in months:
                hidden = (low + (high - low) * quantile) * reference
                _with_hidden(stocks, home, months.index(name), hidden)
    return stocks, parameters
