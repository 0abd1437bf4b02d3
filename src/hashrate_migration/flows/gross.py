"""Gross departures and arrivals of drawn stocks, and what behaviour leads one to expect of them.

The accounts know net changes. What leaves and what comes is more: see :mod:`.behaviour` for turnover
and overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from hashrate_migration.flows.behaviour import SMALLEST_PART, Behaviour, by_month, lag_pmf, lots


@dataclass(frozen=True)
class Window:
    """Whose departures count, and when.

    Attributes
    ----------
    origin : int
        Number of the region.
    start, end : int
        Numbers of the first and last month of change that count.
    """

    origin: int
    start: int
    end: int

    @property
    def months(self) -> slice:
        """The window as a slice of months of change."""
        return slice(self.start, self.end + 1)


@dataclass(frozen=True)
class Gross:
    """Gross flows of each region and month: draw x region x month of change, EH/s.

    Attributes
    ----------
    left, gained : ndarray
        Net losses and net gains, and in the window what leaves the origin and is back, in both.
    replaced : ndarray
        Turnover: departs and arrives.
    """

    left: np.ndarray
    gained: np.ndarray
    replaced: np.ndarray

    @property
    def departures(self) -> np.ndarray:
        """All that departs."""
        return self.left + self.replaced

    @property
    def arrivals(self) -> np.ndarray:
        """All that arrives: departures and the net change."""
        return self.gained + self.replaced

    def running(self, b: Behaviour) -> np.ndarray:
        """What of the departures is expected to run again some time, EH/s."""
        again = self.left * (1 - b.retired_share[:, None, None])
        return again + self.replaced * (1 - b.worn_out_share[:, None, None])

    def take(self, chosen: np.ndarray) -> Gross:
        """The draws of these numbers."""
        return Gross(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def gross(
    stocks: np.ndarray, b: Behaviour, window: Window, max_lag: int, generator: np.random.Generator
) -> Gross:
    """Departures and arrivals with overlap, and with turnover at its mean.

    Parameters
    ----------
    stocks : ndarray
        Draw x region x month, EH/s.
    b : Behaviour
        As drawn.
    window : Window
        Of the origin.
    max_lag : int
        Longest lag, months.
    generator : Generator
        Source of chance.
    """
    change, before = np.diff(stocks, axis=2), stocks[:, :, :-1]
    left, gained = np.maximum(-change, 0), np.maximum(change, 0)
    replaced = np.minimum(b.turnover, 1.0)[:, :, None] * before
    home = window.origin
    replaced[:, home, window.start :] *= b.still_buying[:, None]
    # What leaves the origin in the window and is back in it: departures so far, by their lag.
    back = (1 - b.retired_share) * b.return_share
    lag = back[:, None] * lag_pmf(b.back_prepared, b.back_months, max_lag)
    for month in range(window.start, window.end + 1):
        due = left[:, home, month] * lag[:, 0]
        for earlier in range(max(window.start, month - max_lag), month):
            due += left[:, home, earlier] * lag[:, month - earlier]
        due = lots(generator, due / (1 - lag[:, 0]), b.lot_ehs)
        # What is due is part of a net gain first.
        due = np.maximum(due - gained[:, home, month], 0)
        due = np.minimum(due, _may_leave(left, stocks, window))
        left[:, home, month] += due
        gained[:, home, month] += due
    _limit_turnover(replaced, left, stocks, window)
    return Gross(left, gained, replaced)


def _may_leave(left: np.ndarray, stocks: np.ndarray, window: Window) -> np.ndarray:
    """What can still leave the origin in the window: a machine that stood there counts once."""
    lost = left[:, window.origin, window.months].sum(axis=1)
    return np.asarray(np.maximum(stocks[:, window.origin, window.start] - lost, 0))


def _limit_turnover(
    replaced: np.ndarray, left: np.ndarray, stocks: np.ndarray, window: Window
) -> None:
    """Turnover of the origin in the window within what can still leave. In place."""
    own = replaced[:, window.origin, window.months]
    total = own.sum(axis=1)
    part = _may_leave(left, stocks, window) / np.maximum(total, 1e-12)
    own *= np.minimum(part, 1.0)[:, None]


def uneven(
    flows: Gross,
    stocks: np.ndarray,
    expected_arrivals: np.ndarray,
    variance: np.ndarray,
    b: Behaviour,
    window: Window,
    generator: np.random.Generator,
) -> Gross:
    """Turnover in lots, drawn given the arrivals.

    Arrivals with turnover at its mean miss what is expected by a sum of errors, of which that of the
    turnover of all regions together has the variance lot x mean. Its posterior is drawn; regions share
    the total as gamma variables share their sum (a Dirichlet variable). Before the window turnover
    stays at its mean, for its unevenness then moves no headline.

    Parameters
    ----------
    flows : Gross
        With turnover at its mean.
    stocks : ndarray
        Draw x region x month, EH/s.
    expected_arrivals, variance : ndarray
        Draw x month: of all regions together, without turnover's own variance.
    b : Behaviour
        As drawn.
    window : Window
        Of the origin.
    generator : Generator
        Source of chance.
    """
    since = slice(window.start, None)
    mean, lot = flows.replaced[:, :, since], b.lot_ehs[:, None]
    total = mean.sum(axis=1)
    residual = (flows.arrivals.sum(axis=1) - expected_arrivals)[:, since]
    own = lot * total
    gain = own / np.maximum(own + variance[:, since], 1e-12)
    noise = np.sqrt((1 - gain) * own) * generator.standard_normal(total.shape)
    drawn = np.maximum(total - gain * residual + noise, 0.1 * total)
    split = lots(generator, mean, lot[..., None])
    split /= np.maximum(split.sum(axis=1, keepdims=True), 1e-300)
    replaced = flows.replaced.copy()
    replaced[:, :, since] = split * drawn[:, None]
    _limit_turnover(replaced, flows.left, stocks, window)
    return Gross(flows.left, flows.gained, replaced)


@dataclass(frozen=True)
class Expected:
    """Where machines are expected to arrive, before looking at arrivals.

    Attributes
    ----------
    place : ndarray
        Draw x origin x destination: rows add to one.
    lag : ndarray
        Draw x month departed x month arrived.
    back_lag : ndarray
        The same for what returns to the origin that it left in the window.
    new : ndarray
        Draw x region x month: parts of the new machines of the month.
    """

    place: np.ndarray
    lag: np.ndarray
    back_lag: np.ndarray
    new: np.ndarray


def expected(stocks: np.ndarray, b: Behaviour, window: Window, max_lag: int) -> Expected:
    """Places and lags as drawn.

    Parameters
    ----------
    stocks : ndarray
        Draw x region x month, EH/s.
    b : Behaviour
        As drawn.
    window : Window
        Of the origin.
    max_lag : int
        Longest lag, months.
    """
    count, regions, months = stocks.shape
    part = stocks[:, :, window.start] / stocks[:, :, window.start].sum(axis=1, keepdims=True)
    size = np.maximum(part, SMALLEST_PART) ** b.size_power[:, None]
    place = size[:, None, :] * np.exp(b.preference)
    own = np.arange(regions)
    place[:, own, own] = 0
    place /= place.sum(axis=2, keepdims=True)
    stays = np.repeat(b.others_return_share[:, None], regions, axis=1)
    stays[:, window.origin] = b.return_share
    place *= (1 - stays)[:, :, None]
    place[:, own, own] = stays
    new = np.repeat((size * np.exp(b.new_preference))[:, :, None], months - 1, axis=2)
    new[:, window.origin, window.start :] *= b.still_buying[:, None]
    return Expected(
        place,
        by_month(lag_pmf(b.prepared_share, b.lag_months, max_lag), months - 1),
        by_month(lag_pmf(b.back_prepared, b.back_months, max_lag), months - 1),
        new / new.sum(axis=1, keepdims=True),
    )


def landed(flows: Gross, e: Expected, b: Behaviour, window: Window) -> np.ndarray:
    """What is expected to arrive of all that departed: draw x region x month, EH/s."""
    running = flows.running(b)
    arrived = e.place.transpose(0, 2, 1) @ (running @ e.lag)
    # What returns to the origin has its own lag.
    home = window.origin
    own = e.place[:, home, home, None] * running[:, home]
    own[:, : window.start] = 0
    own[:, window.end + 1 :] = 0
    arrived[:, home] += (own[:, None, :] @ (e.back_lag - e.lag))[:, 0]
    return np.maximum(arrived, 0)
