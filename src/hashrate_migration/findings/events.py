"""Dated events, and what a share did around them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import ruptures

from hashrate_migration import arguments, chronology, periods
from hashrate_migration.errors import InputError
from hashrate_migration.tables import regions
from hashrate_migration.tables.read import load
from hashrate_migration.words import N_, translated

NEAR_DAYS = 62
"""Events farther from a break than this, two months, do not count as near."""

STATUSES = (
    *(N_("in force"), N_("enacted"), N_("announced"), N_("proposed"), N_("rejected")),
    N_("reported"),
)
"""How far an event got; what was announced, proposed or rejected is no act."""

_MOST_DAYS = 36_525
"""A hundred years: longer than anything here."""

_PRECISION = {"day": "D", "month": "M", "year": "Y"}


def last_days(table: pd.DataFrame) -> pd.Series:
    """The last day on which each event may have been, by the precision of its date."""
    ends = [
        day.to_period(_PRECISION[precision]).end_time.normalize()
        for day, precision in zip(table["date"], table["precision"], strict=True)
    ]
    return pd.Series(pd.DatetimeIndex(ends), index=table.index)


def events(
    start: periods.When | None = None,
    end: periods.When | None = None,
    country: str | None = None,
    kinds: list[str] | None = None,
) -> pd.DataFrame:
    """Events of a period and a country.

    Parameters
    ----------
    start, end : str or date, optional
        Both included. An event known to the month or year counts if any of its possible
        days lies in the period.
    country : str, optional
        ISO 3166-1 alpha-3 code; default: all, with those of the network itself.
    kinds : list of str, optional
        Kinds to keep, for example ``["policy", "grid"]``.

    Returns
    -------
    DataFrame
        Rows of ``policy_events`` in order of date, with ``last_date`` (the last day that the
        precision allows).

    Raises
    ------
    InputError
        For what is no country or kind, or reversed dates.
    """
    table = load("policy_events")
    known = regions.table()
    # A province or a rest has no row of its own, which would look as if nothing had come to pass.
    countries = set(known.index[known["kind"] == "country"])
    if country is not None and not (isinstance(country, str) and country in countries):
        raise InputError(
            f"Unknown country {arguments.shown(country)}; events are known for: "
            f"{', '.join(sorted(table['region'].dropna().unique()))}."
        )
    known_kinds = table["kind"].cat.categories
    asked = [] if kinds is None else arguments.names(kinds, "kinds")
    unknown = sorted(set(asked) - set(known_kinds))
    if unknown:
        raise InputError(
            f"Unknown kind of event {unknown[0]!r}; the kinds are: {', '.join(known_kinds)}."
        )
    low = None if start is None else periods.read(start, "start").start_time
    high = None if end is None else periods.read(end, "end").end_time
    if low is not None and high is not None and low > high:
        raise InputError(f"start = {start} is after end = {end}; swap them.")
    table["last_date"] = last_days(table)
    keep = pd.Series(True, index=table.index)
    if low is not None:
        keep &= table["last_date"] >= low
    if high is not None:
        keep &= table["date"] <= high
    if country is not None:
        keep &= table["region"] == country
    if kinds is not None:
        keep &= table["kind"].isin(kinds)
    return table.loc[keep].sort_values(["date", "event_id"]).reset_index(drop=True)


def _check_months(series: pd.Series) -> None:
    """Stop if a series is not one of numbers by month, each month once and in order."""
    arguments.instance(series, "series", pd.Series, "a series by month")
    if series.empty:
        raise InputError("The series holds no month; give one with values.")
    if not pd.api.types.is_numeric_dtype(series):
        raise InputError(f"The series holds {series.dtype}, not numbers; convert it.")
    if not isinstance(series.index, pd.DatetimeIndex):
        raise InputError("The series is not indexed by months; index it by their first days.")
    due = pd.date_range(series.index[0], periods=len(series), freq="MS")
    wrong = series.index[series.index != due]
    if len(wrong):
        raise InputError(
            f"The series has {wrong[0]:%Y-%m-%d} where another month is due; index it by the first days "
            "of months, every month once and in order."
        )


def response(share: pd.Series, when: periods.When, before: int = 3, after: int = 6) -> pd.Series:
    """What a monthly series did in the window around an event.

    Parameters
    ----------
    share : Series
        Values by month (share in percent, or EH/s), every month present.
    when : str or date
        Day or month of the event.
    before, after : int
        Months before and after the month of the event that make up the window.

    Returns
    -------
    Series
        level_before
            Mean of the `before` months that precede the event's month.
        level_after
            Mean of the `after` months that follow it.
        change
            level_after - level_before, in the unit of the series.
        trough, months_to_trough
            Lowest value from the event's month to the end of the window, and how many months
            after the event it first came.
        months_to_recovery
            Months from the event until the series is back at level_before, after the trough;
            missing if it is not back by the end of the series.

    Raises
    ------
    InputError
        If the window is empty or reaches outside the series, or the series lacks a month or a value
        from there on.
    """
    _check_months(share)
    for name, months in (("before", before), ("after", after)):
        arguments.whole(months, name, 1, len(share))
    month = periods.month(when, "when")
    if month != periods.last_month(when, "when"):
        raise InputError(f"when = {when} is not one month; name the month or the day of the event.")
    if not share.index[0] <= month <= share.index[-1]:
        raise InputError(
            f"when = {when} is outside the series, which runs from {share.index[0]:%Y-%m} to "
            f"{share.index[-1]:%Y-%m}."
        )
    first, last = month - pd.DateOffset(months=before), month + pd.DateOffset(months=after)
    if first < share.index[0] or last > share.index[-1]:
        raise InputError(
            f"The window from {first:%Y-%m} to {last:%Y-%m} around {month:%Y-%m} reaches outside the "
            f"series, which runs from {share.index[0]:%Y-%m} to {share.index[-1]:%Y-%m}."
        )
    # A month without a value after the window could be that of the recovery.
    missing = share.loc[first:].index[~np.isfinite(share.loc[first:].to_numpy(dtype=float))]
    if len(missing):
        raise InputError(
            f"The series has no value for {missing[0]:%Y-%m}; fill it or choose another window."
        )
    event = share.index.get_loc(month)
    level_before = share.iloc[event - before : event].mean()
    window = share.iloc[event : event + after + 1]
    trough = int(window.argmin())
    later = share.iloc[event + trough :]
    # A mean of equal values may differ from them in the last digit.
    back = np.flatnonzero(later >= level_before * (1 - 1e-12))
    return pd.Series(
        {
            "level_before": level_before,
            "level_after": window.iloc[1:].mean(),
            "change": window.iloc[1:].mean() - level_before,
            "trough": window.iloc[trough],
            "months_to_trough": trough,
            "months_to_recovery": trough + int(back[0]) if len(back) else pd.NA,
        }
    )


def breaks(series: pd.Series, penalty: float | None = None, min_months: int = 2) -> pd.DataFrame:
    r"""Months in which the level of a series breaks.

    The exact search of Killick, Fearnhead and Eckley (2012, JASA 107, PELT), as implemented in
    ruptures, for the piecewise constant level that minimises squared error plus a penalty per
    break.

    Parameters
    ----------
    series : Series
        Values by month.
    penalty : float, optional
        Cost of one more break, in units of the noise variance. Default: :math:`3 \ln n`, the
        penalty of Yao's criterion with a margin for the estimated variance.
    min_months : int
        Shortest level, in months.

    Returns
    -------
    DataFrame
        One row per break: month (first of the new level), level_before, level_after and
        change, in the unit of the series.

    Raises
    ------
    InputError
        If the series is too short or has gaps, or a number is out of range.

    Notes
    -----
    The noise is estimated from the median absolute difference between neighbours (divided by
    0.6745 times the square root of 2), which breaks themselves hardly move.

    The search takes for granted that the series stands at levels. A straight decline is cut into
    several levels too, so the number of breaks is no evidence that anything broke: see
    :func:`hashrate_migration.hashrate.steps.steps`, which holds steps against a decline.
    """
    arguments.whole(min_months, "min_months", 1)
    if penalty is not None and not (arguments.is_number(penalty) and penalty >= 0):
        raise InputError(f"penalty = {arguments.shown(penalty)} is not a number of 0 or more.")
    arguments.instance(series, "series", pd.Series, "a series by month")
    if series.isna().any() or len(series) < 2 * min_months:
        raise InputError(
            f"Breaks need a series without gaps of at least {2 * min_months} months; this one has "
            f"{len(series)}, of which {int(series.isna().sum())} are missing."
        )
    _check_months(series)
    values = series.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise InputError("The series holds a value that is not finite; take it out.")
    noise = np.median(np.abs(np.diff(values))) / (0.6745 * np.sqrt(2))
    if noise == 0:
        noise = max(values.std(), 1.0) * 1e-6
    cost = 3 * np.log(len(values)) if penalty is None else penalty
    search = ruptures.Pelt(model="l2", min_size=min_months, jump=1).fit(values / noise)
    # ruptures closes the list with the length of the series.
    edges = [0, *search.predict(pen=cost)]
    levels = [values[a:b].mean() for a, b in zip(edges[:-1], edges[1:], strict=True)]
    return pd.DataFrame(
        {
            "month": series.index[edges[1:-1]],
            "level_before": levels[:-1],
            "level_after": levels[1:],
            "change": np.diff(levels),
        }
    )


def nearest(found: pd.DataFrame, known: pd.DataFrame, within_days: int = NEAR_DAYS) -> pd.DataFrame:
    """The event nearest to each break.

    Parameters
    ----------
    found : DataFrame
        Breaks, as given by :func:`breaks`.
    known : DataFrame
        Events, as given by :func:`events`.
    within_days : int
        Events farther away do not count as near.

    Returns
    -------
    DataFrame
        The breaks with event_id, event_date, title_en, title_zh and days (from the event to the first
        day of the new level); missing where no event is near.

    Raises
    ------
    InputError
        If `within_days` is negative.
    """
    arguments.whole(within_days, "within_days", 0, _MOST_DAYS)
    candidates = known[["event_id", "date", "title_en", "title_zh"]]
    candidates = candidates.rename(columns={"date": "event_date"})
    merged = pd.merge_asof(
        found.sort_values("month"),
        candidates.sort_values("event_date"),
        left_on="month",
        right_on="event_date",
        direction="nearest",
        tolerance=pd.Timedelta(days=within_days),
    )
    merged["days"] = (merged["month"] - merged["event_date"]).dt.days.astype("Int64")
    return merged


def levels(series: pd.Series, found: pd.DataFrame) -> pd.Series:
    """The level of each month that breaks imply: the mean between two breaks.

    Parameters
    ----------
    series : Series
        Values by month.
    found : DataFrame
        Breaks, as given by :func:`breaks`.

    Returns
    -------
    Series
        Same index as `series`.
    """
    segment = pd.Series(series.index.isin(found["month"]), index=series.index).cumsum()
    return series.groupby(segment).transform("mean")


PHASES = (
    (chronology.PANEL_BEGINS, chronology.SEVEN_BODIES, N_("Boom")),
    (chronology.SEVEN_BODIES, chronology.CALL, N_("Regulation")),
    (chronology.CALL, chronology.NOTICES, N_("Clearance")),
    (chronology.NOTICES, chronology.REBOUND_ENDS, N_("Covert rebound")),
)
"""Phases of Chinese policy (start, end excluded, name): from the year in which Chinese exchanges and
mines grew, to the notice of seven bodies, to the State Council committee's call, to the two notices
of September 2021, and on."""


def phases() -> list[tuple[pd.Timestamp, pd.Timestamp, str]]:
    """The phases of Chinese policy, as (start, end excluded, name in the language in use)."""
    return [(start, end, translated(name)) for start, end, name in PHASES]


def by_phase(chosen: pd.DataFrame) -> pd.Series:
    """Number of events in each phase.

    Parameters
    ----------
    chosen : DataFrame
        Events, as given by :func:`events`.

    Returns
    -------
    Series
        Count by English name of the phase, whatever the language in use.
    """
    return pd.Series(
        {
            name: int(chosen["date"].between(start, end, inclusive="left").sum())
            for start, end, name in PHASES
        }
    )
