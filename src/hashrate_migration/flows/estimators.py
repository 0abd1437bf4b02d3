"""Point estimates of flows, each with its assumption stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from hashrate_migration.arguments import instance, shown
from hashrate_migration.errors import InputError
from hashrate_migration.flows.accounts import margins, tidy
from hashrate_migration.flows.checks import checked, longest_lag, part, positive
from hashrate_migration.flows.demography import fit_margins
from hashrate_migration.flows.transport import Problem, lag_kernel

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def prior_table(prior: pd.DataFrame | None, regions: list[str]) -> np.ndarray:
    """Weights of destinations by origin as an array, rows adding to one, zero diagonal.

    Parameters
    ----------
    prior : DataFrame or None
        Origin x destination weights; None: all the same.
    regions : list of str
        Codes in the wanted order.

    Raises
    ------
    InputError
        If a region is missing, a weight is negative, or an origin has no destination.
    """
    if prior is None:
        weights = np.ones((len(regions), len(regions)))
    else:
        instance(prior, "prior", pd.DataFrame, "a table of origins and destinations")
        missing = [r for r in regions if r not in prior.index or r not in prior.columns]
        if missing:
            raise InputError(f"The prior has no row or column for {missing[0]}; give every region.")
        if not all(pd.api.types.is_numeric_dtype(prior[region]) for region in regions):
            raise InputError("The prior holds what are no numbers; convert them.")
        weights = prior.loc[regions, regions].to_numpy(dtype=float).copy()
    np.fill_diagonal(weights, 0)
    sums = weights.sum(axis=1, keepdims=True)
    if (weights < 0).any() or (sums == 0).any() or not np.isfinite(weights).all():
        raise InputError("The prior needs weights of zero or more, and one above zero per origin.")
    return weights / sums


def with_returns(prior: np.ndarray, return_share: float | np.ndarray) -> np.ndarray:
    """A prior in which a part of what departs is expected to come back to its own region.

    A machine that is switched off, stored and switched on again where it was makes no journey,
    but in the accounts it departs and arrives.
    """
    return (1 - return_share) * prior + return_share * np.eye(len(prior))


def mean_lags(lag_months: float | Mapping[str, float], regions: list[str]) -> np.ndarray:
    """Mean lag per destination.

    Parameters
    ----------
    lag_months : float or mapping
        One number, or destination to number with ``"other"`` for those not named.
    regions : list of str
        Codes in the wanted order.

    Raises
    ------
    InputError
        For a negative lag, an unknown destination, or a missing ``"other"``.
    """
    if isinstance(lag_months, Mapping):
        unknown = [r for r in lag_months if r not in regions and r != "other"]
        if unknown:
            raise InputError(
                f"lag_months names {unknown[0]!r}; the regions are: {', '.join(regions)}."
            )
        left = [r for r in regions if r not in lag_months]
        if left and "other" not in lag_months:
            raise InputError(f"lag_months has no value for {left[0]} and none for 'other'.")
        values = [lag_months.get(r, lag_months.get("other", 0.0)) for r in regions]
    else:
        values = [lag_months] * len(regions)
    return np.array([positive(value, "lag_months") for value in values])


def _nothing_moved(departures: np.ndarray) -> np.ndarray:
    regions, months = departures.shape
    return np.zeros((regions, months, regions, months))


def numbers_of(values: Any, name: str) -> np.ndarray:
    """One number or several as an array.

    Raises
    ------
    InputError
        If there is something else among them.
    """
    try:
        # numpy takes None for a number that is missing, and True for 1.
        listed = [*values] if np.ndim(values) else [values]
        if any(value is None or isinstance(value, str | bool) for value in listed):
            raise TypeError
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} = {shown(values)} is not one number, or one a month.") from None


def supply_by_month(
    supply_ehs: float | pd.Series | np.ndarray, months: int, name: str = "supply_ehs"
) -> np.ndarray:
    """A supply of new machines per month as an array.

    Raises
    ------
    InputError
        For a negative supply or a series of the wrong length.
    """
    values = numbers_of(supply_ehs, name)
    if values.ndim == 0:
        return np.full(months, positive(float(values), name))
    if values.shape != (months,) or (values < 0).any() or not np.isfinite(values).all():
        raise InputError(f"{name} must be one number or {months} numbers of zero or more.")
    return values


@dataclass(frozen=True, kw_only=True, eq=False)
class Method:
    """A way to estimate flows, with what it assumes.

    Attributes
    ----------
    name : str
        By which :func:`estimate` knows the method.
    turnover : float
        Part of each stock replaced per month beyond the net change.
    """

    name: ClassVar[str]

    turnover: float = 0.0

    def split(self, departures: np.ndarray, arrivals: np.ndarray, regions: list[str]) -> Arrays:
        """Departures and arrivals shared out among relocated, new and retired.

        Parameters
        ----------
        departures, arrivals : ndarray
            Region x month, EH/s.
        regions : list of str
            Codes, in the order of the arrays.

        Returns
        -------
        flows : ndarray
            Origin, month departed, destination, month arrived.
        new, retired : ndarray
            Region x month.
        """
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True, eq=False)
class Net(Method):
    """No link is made: losses go to ``retired``, gains come from ``new``."""

    name = "net"

    def split(self, departures: np.ndarray, arrivals: np.ndarray, regions: list[str]) -> Arrays:
        """See :meth:`Method.split`."""
        return _nothing_moved(departures), arrivals, departures


@dataclass(frozen=True, kw_only=True, eq=False)
class Proportional(Method):
    """One pool of waiting machines.

    What departed waits up to `max_lag` months; arrivals take from the waiting and from the supply of
    new machines in proportion to what there is of each.

    Attributes
    ----------
    supply_ehs : float or array
        New machines per month, EH/s.
    max_lag : int
        Longest time under way, months.
    """

    name = "proportional"

    supply_ehs: float | pd.Series = 8.0
    max_lag: int = 12

    def split(self, departures: np.ndarray, arrivals: np.ndarray, regions: list[str]) -> Arrays:
        """See :meth:`Method.split`."""
        count, months = departures.shape
        supply = supply_by_month(self.supply_ehs, months)
        longest_lag(self.max_lag)
        flows, new, retired = _nothing_moved(departures), np.zeros_like(arrivals), departures * 0
        waiting = np.zeros((count, months))
        for month in range(months):
            waiting[:, month] += departures[:, month]
            expired = month - self.max_lag
            if expired >= 1:
                retired[:, expired - 1] += waiting[:, expired - 1]
                waiting[:, expired - 1] = 0
            into, there = arrivals[:, month], waiting.sum()
            wanted = into.sum()
            if wanted == 0:
                continue
            # New machines and waiting ones are taken in proportion to what there is of each; if
            # both together are too few, the shortfall is new.
            taken = wanted * there / (there + supply[month]) if there > 0 else 0.0
            taken = min(taken, there)
            if there > 0:
                mix = waiting / there
                flows[:, :, :, month] += mix[:, :, None] * (taken * into / wanted)
                waiting -= mix * taken
            new[:, month] = into * (1 - taken / wanted)
        return flows, new, retired + waiting


@dataclass(frozen=True, kw_only=True, eq=False)
class Minimum(Method):
    """Least turnover, as demographers do (Abel 2013).

    All that can stay stays; arrivals of a month are met by departures of the same month, fitted to
    `prior`; what is left over is new or retired.

    Attributes
    ----------
    prior : DataFrame, optional
        Weights of destinations by origin; default: all the same.
    """

    name = "minimum"

    prior: pd.DataFrame | None = None

    def split(self, departures: np.ndarray, arrivals: np.ndarray, regions: list[str]) -> Arrays:
        """See :meth:`Method.split`."""
        count, months = departures.shape
        seed = np.ones((count + 1, count + 1))
        if self.prior is not None:
            seed[:count, :count] = prior_table(self.prior, regions)
        # New machines are not retired in the month in which they come.
        seed[count, count] = 0
        flows, new, retired = _nothing_moved(departures), np.zeros_like(arrivals), departures * 0
        for month in range(months):
            out, into = departures[:, month], arrivals[:, month]
            slack = into.sum() - out.sum()
            rows, columns = np.append(out, max(slack, 0)), np.append(into, max(-slack, 0))
            table = fit_margins(rows, columns, seed)
            flows[:, month, :, month] = table[:count, :count]
            new[:, month], retired[:, month] = table[count, :count], table[:count, count]
        return flows, new, retired


@dataclass(frozen=True, kw_only=True, eq=False)
class Transport(Method):
    """Entropic transport in place and time with a lag kernel.

    See :mod:`hashrate_migration.flows.transport`.

    Attributes
    ----------
    lag_months : float or mapping
        Mean time under way, for all or by destination.
    max_lag : int
        Longest time under way, months.
    supply_ehs : float or array
        New machines per month, EH/s.
    retired_share : float
        Expected part of departures that never comes back.
    return_share : float
        Expected part of what comes back that does so in its own region.
    prior : DataFrame, optional
        Weights of destinations by origin; default: all the same.
    """

    name = "transport"

    lag_months: float | Mapping[str, float] = 2.5
    max_lag: int = 8
    supply_ehs: float | pd.Series = 8.0
    retired_share: float = 0.1
    return_share: float = 0.3
    prior: pd.DataFrame | None = None

    def split(self, departures: np.ndarray, arrivals: np.ndarray, regions: list[str]) -> Arrays:
        """See :meth:`Method.split`."""
        count, months = departures.shape
        problem = Problem(
            with_returns(prior_table(self.prior, regions), part(self.return_share, "return_share")),
            lag_kernel(mean_lags(self.lag_months, regions), longest_lag(self.max_lag)),
            part(self.retired_share, "retired_share"),
            np.full(count, 1 / count),
            months,
        )
        supply = supply_by_month(self.supply_ehs, months)
        rows, columns = problem.solve(departures[..., None], arrivals[..., None], supply[:, None])
        flows = problem.flows(rows[..., 0], columns[..., 0])
        # The last rounding of the scaling goes into the slack accounts, so that the identity holds
        # exactly.
        new = (arrivals - flows.sum(axis=(0, 1))).clip(min=0)
        retired = (departures - flows.sum(axis=(2, 3))).clip(min=0)
        return flows, new, retired


METHODS: dict[str, type[Method]] = {
    method.name: method for method in (Net, Proportional, Minimum, Transport)
}
"""Name to method, in the order of how much they assume."""


def _called(name: str, assumptions: Mapping[str, Any]) -> Method:
    """The method of a name, with the given assumptions."""
    if name not in METHODS:
        raise InputError(f"method = {name!r} is unknown; choose one of {', '.join(METHODS)}.")
    known = [field.name for field in fields(METHODS[name])]
    for option in assumptions:
        if option not in known:
            raise InputError(
                f"The method {name} has no assumption {option!r}; it has: {', '.join(known)}."
            )
    return METHODS[name](**assumptions)


def estimate(
    stocks: pd.DataFrame, method: str | Method = "transport", **assumptions: Any
) -> pd.DataFrame:
    """Flows between regions, by month.

    Parameters
    ----------
    stocks : DataFrame
        Month x region, EH/s; see :func:`hashrate_migration.stocks`.
    method : str or Method
        A method with its assumptions, ``Transport(lag_months=2)``, or the name of one:
        ``net`` (:class:`Net`), ``proportional`` (:class:`Proportional`), ``minimum``
        (:class:`Minimum`) or ``transport`` (:class:`Transport`).
    **assumptions
        Of the method that is named: its attributes. Those not given have their defaults.

    Returns
    -------
    DataFrame
        Columns origin, destination, departed, month and flow_ehs. `departed` is the month of the
        loss, `month` that of the gain (for ``retired`` that of the loss). Origin ``new``:
        machines that were new; destination ``retired``: machines that did not come back within
        the window. The accounts hold: see :func:`hashrate_migration.flows.residuals`.

    Raises
    ------
    InputError
        For stocks that no account can be made of, an unknown method or assumption, or an
        assumption outside its range.

    Examples
    --------
    Two ways to ask for the same::

        estimate(stocks, "transport", lag_months=2)
        estimate(stocks, Transport(lag_months=2))
    """
    if isinstance(method, str):
        chosen = _called(method, assumptions)
    elif assumptions:
        raise InputError(
            f"Give {next(iter(assumptions))} within the method: {type(method).__name__}(…)."
        )
    elif isinstance(method, Method):
        chosen = method
    else:
        raise InputError(
            f"method = {shown(method)} is no method; give one such as Transport(), or one of "
            f"{', '.join(METHODS)}."
        )
    stocks = checked(stocks)
    departures, arrivals = margins(stocks, chosen.turnover)
    regions = [str(region) for region in stocks.columns]
    arrays = chosen.split(departures.to_numpy().T, arrivals.to_numpy().T, regions)
    return tidy(*arrays, pd.DatetimeIndex(departures.index), regions)
