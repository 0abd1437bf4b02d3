"""The dated steps of the network's hashrate, from the blocks of each day.

Blocks come as a Poisson process: at the hashrate H a day of difficulty D has
``H x 86400 / (D x 2^32)`` of them on average. Where H stands at levels, the days on which it steps from
one to the next have a posterior that can be counted out
(:mod:`hashrate_migration.hashrate.changepoints`). Whether H stood at levels at all is another
question: the same counts are put to a flat line, a straight decline, and a ramp
(:mod:`hashrate_migration.hashrate.gradual`), and :attr:`Steps.shapes` has the answer. Where a ramp is as
probable as steps, dates and sizes of steps hold *if* there were steps, and the blocks do not say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from scipy.stats import gamma

from hashrate_migration import arguments, periods
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate import gradual
from hashrate_migration.hashrate.changepoints import Posterior, Prior, divisions
from hashrate_migration.periods import When
from hashrate_migration.tables import difficulty as consensus
from hashrate_migration.tables.read import load

START, END = "2021-05-20", "2021-07-10"
"""The window of the clearance: from the day before the call to a month after the orders."""

DAYS_BEFORE = 30
"""Days before a window whose mean hashrate is the prior mean of its levels."""

SHORTEST_DAYS = 3
"""A judgement: what lasts a day or two is an outage, and no level."""

MOST_STEPS = 10
"""More steps than this are no account of anything."""

LONGEST_DAYS = 366
"""Ramps are compared one by one, half the square of the days of them."""

SET_PCT = 90
"""What the set of days of a step holds, and the interval of its size, percent."""

QUANTILES = (0.5, 0.5 - SET_PCT / 200, 0.5 + SET_PCT / 200)
"""Median, lower and upper end of an interval."""


@dataclass(frozen=True)
class Steps:
    """What the blocks say of steps in a window.

    Attributes
    ----------
    posterior : Posterior
        Of the whole network's counts.
    dates : DatetimeIndex
        Days of the window.
    number : int
        Number of steps that `table`, `days` and `spells` are given.
    shapes : DataFrame
        Row per account of the window (``flat``, ``1 step`` …, ``decline``, ``ramp``): steps,
        log_evidence (natural logarithm of the marginal likelihood) and probability_pct, all accounts
        being alike probable beforehand but for the prior of the number of steps.
    numbers : DataFrame
        Row per number of steps: steps, probability_pct, if there were steps and nothing else.
    table : DataFrame
        Row per step: step, date (first day of the new level, the most probable together with those of
        the other steps), date_pct (probability of that day), dates (smallest set of days that holds 90
        percent), before_ehs, after_ehs, change_ehs (medians), low_ehs, high_ehs (interval of 90
        percent of the change). Days and levels are drawn together: an interval knows that
        the days are uncertain.
    days : DataFrame
        Row per step and day: step, date, probability_pct, in_set.
    ramp : Series
        If it was a ramp: begins, ends (last day at the old level and first at the new, most probable
        together) and begins_low, begins_high, ends_low, ends_high (intervals of 90 percent).
    spells : DataFrame
        Row per level between the most probable days: start, end, blocks, hashrate_ehs (their
        plain mean) and low_ehs, high_ehs, given the days.
    levels : DataFrame
        Row per day: date, hashrate_ehs, low_ehs, high_ehs, over all numbers of steps.
    changes : DataFrame
        Row per draw and step, over all numbers of steps: draw, steps, date, change_ehs.
    draws : int
        Draws behind `changes`.
    dispersion : float
        Pearson's statistic of the counts around `spells`, per degree of freedom: 1 where counts
        spread as Poisson's do, more where the hashrate moves within a level.
    """

    posterior: Posterior
    dates: pd.DatetimeIndex
    number: int
    shapes: pd.DataFrame
    numbers: pd.DataFrame
    table: pd.DataFrame
    days: pd.DataFrame
    ramp: pd.Series
    spells: pd.DataFrame
    levels: pd.DataFrame
    changes: pd.DataFrame
    draws: int
    dispersion: float

    def near(self, date: When, within_days: int = 2) -> pd.Series:
        """What stepped around a date, over all numbers of steps.

        Parameters
        ----------
        date : str or date
            A day of the window.
        within_days : int
            Steps so many days before and after count.

        Returns
        -------
        Series
            chance_pct (that there was a step) and change_ehs, low_ehs, high_ehs, given that there was.

        Raises
        ------
        InputError
            If the day is not within the window.
        """
        day = _day(date, "date")
        if not self.dates[0] <= day <= self.dates[-1]:
            raise InputError(
                f"date = {day:%Y-%m-%d} is outside the window from {self.dates[0]:%Y-%m-%d} to "
                f"{self.dates[-1]:%Y-%m-%d}."
            )
        return near(self.changes, day, within_days, self.draws)["change_ehs"]


def steps(
    start: When = START,
    end: When = END,
    most: int = 4,
    *,
    number: int | None = None,
    prior: Prior | None = None,
    draws: int = 4000,
    seed: int = 0,
) -> Steps:
    """Number, days and sizes of the steps of the network's hashrate in a window.

    Parameters
    ----------
    start, end : str or date
        First and last day.
    most : int
        Largest number of steps that is held possible.
    number : int, optional
        Number of steps whose days and sizes are wanted; default: the most probable one.
    prior : Prior, optional
        Default: :func:`default_prior`; :func:`by_prior` shows what it does.
    draws, seed : int
        For levels and sizes; days and their probabilities are exact.

    Returns
    -------
    Steps

    Raises
    ------
    InputError
        If the window is reversed, outside the days with counted blocks, or too short for so many
        steps.

    Examples
    --------
    >>> steps().table["date"].dt.strftime("%m-%d").tolist()
    ['06-09', '06-19']
    """
    arguments.draws_and_seed(draws, seed)
    dates, posterior = counted(start, end, most, prior)
    if number is None:
        number = int(posterior.number().argmax())
    arguments.whole(number, "number", 0, most)
    return answer(posterior, dates, number, draws, seed)


def answer(
    posterior: Posterior, dates: pd.DatetimeIndex, number: int, draws: int = 4000, seed: int = 0
) -> Steps:
    """What :func:`steps` gives, from any counts by day.

    Parameters
    ----------
    posterior : Posterior
    dates : DatetimeIndex
        Days of the counts.
    number, draws, seed : int
        As for :func:`steps`.
    """
    generator = np.random.default_rng(seed)
    everything = {"ehs": posterior.counts}
    places = posterior.draw(number, draws, generator)
    given = levels_between(posterior, everything, places, generator)["ehs"]
    mixed = drawn_over_numbers(posterior, everything, draws, generator)
    ramps = gradual.ramps(posterior.counts, posterior.exposure, posterior.prior)
    chance = 100 * posterior.number()
    return Steps(
        posterior=posterior,
        dates=dates,
        number=number,
        shapes=shapes(posterior, ramps),
        numbers=pd.DataFrame({"steps": range(len(chance)), "probability_pct": chance}),
        table=_table(posterior, dates, number, given),
        days=_days(posterior, dates, number),
        ramp=_ramp(ramps, dates),
        spells=_spells(posterior, dates, number),
        levels=_levels(mixed, dates),
        changes=changes(mixed, dates),
        draws=draws,
        dispersion=_dispersion(posterior, number),
    )


def default_prior(start: When = START) -> Prior:
    """The prior of a window that begins on a day: judgements, but for the mean of levels.

    The mean of a level is that of the network over the :data:`DAYS_BEFORE` days before the window,
    which the counts of the window have no part in.

    Raises
    ------
    InputError
        If blocks were not counted on so many days before.
    """
    first = _day(start, "start")
    before = pd.date_range(end=first - pd.Timedelta(days=1), periods=DAYS_BEFORE)
    blocks = load("network_daily").set_index("date")["blocks"].dropna()
    if not before.isin(blocks.index).all():
        raise InputError(
            f"start = {first:%Y-%m-%d} has not {DAYS_BEFORE} days with counted blocks before it, from "
            "which levels are judged; start later, or give a prior."
        )
    level = blocks[before].sum() / blocks_per_ehs(before).sum()
    return Prior(level=float(level), shortest=SHORTEST_DAYS)


def blocks_per_ehs(dates: pd.DatetimeIndex) -> pd.Series:
    """Blocks that one EH/s finds on average on each of consecutive days.

    A day on which the difficulty changes is divided at the moment of the change.

    Parameters
    ----------
    dates : DatetimeIndex
        Days in order, without a gap.

    Returns
    -------
    Series
        By day.

    Examples
    --------
    >>> day = pd.DatetimeIndex(["2021-06-27"])
    >>> round(58 / blocks_per_ehs(day).item(), 2)
    57.47
    """
    epochs = load("difficulty_epochs")
    begins = pd.DatetimeIndex(epochs["start_time"])
    edges = dates.union(dates + pd.Timedelta(days=1))
    inside = begins[(begins > edges[0]) & (begins < edges[-1])]
    cuts = edges.union(inside)
    level = epochs["difficulty"].to_numpy()[begins.searchsorted(cuts[:-1], side="right") - 1]
    seconds = np.diff(cuts) / pd.Timedelta(seconds=1)
    found = consensus.EXAHASH * seconds / (level * consensus.HASHES_PER_DIFFICULTY)
    return pd.Series(found, cuts[:-1].normalize()).groupby(level=0).sum()


def counted(
    start: When, end: When, most: int, prior: Prior | None
) -> tuple[pd.DatetimeIndex, Posterior]:
    """Days of a window, and the posterior of the steps of the network in it.

    Raises
    ------
    InputError
        As :func:`steps`.
    """
    arguments.whole(most, "most", 0, MOST_STEPS)
    first, last = _day(start, "start"), _day(end, "end", last=True)
    if first > last:
        raise InputError(f"start = {first:%Y-%m-%d} is after end = {last:%Y-%m-%d}; swap them.")
    blocks = load("network_daily").set_index("date")["blocks"].dropna()
    for label, day in (("start", first), ("end", last)):
        if not blocks.index[0] <= day <= blocks.index[-1]:
            raise InputError(
                f"{label} = {day:%Y-%m-%d} is outside the days with counted blocks, from "
                f"{blocks.index[0]:%Y-%m-%d} to {blocks.index[-1]:%Y-%m-%d}."
            )
    dates = pd.date_range(first, last)
    if len(dates) > LONGEST_DAYS:
        raise InputError(
            f"The window from {first:%Y-%m-%d} to {last:%Y-%m-%d} has {len(dates)} days, but at most "
            f"{LONGEST_DAYS} are searched; shorten it."
        )
    chosen = default_prior(first) if prior is None else checked(prior)
    if len(dates) < SHORTEST_DAYS or divisions(len(dates), most, chosen.shortest) < 1:
        raise InputError(
            f"The window from {first:%Y-%m-%d} to {last:%Y-%m-%d} has {len(dates)} days, too few for "
            f"{most} steps between levels of {chosen.shortest} days and more; widen it or lower most."
        )
    counts = blocks[dates].to_numpy(dtype=float)
    return dates, Posterior(counts, blocks_per_ehs(dates).to_numpy(), chosen, most)


def checked(prior: Prior) -> Prior:
    """Refuse a prior that cannot be."""
    arguments.instance(prior, "prior", Prior, "a Prior of steps")
    for name in ("level", "shape", "next_step"):
        value = getattr(prior, name)
        if not (arguments.is_number(value) and value > 0):
            raise InputError(f"prior: {name} = {arguments.shown(value)} is not a number above 0.")
    arguments.whole(prior.shortest, "prior: shortest", 1)
    return prior


def _day(value: When, label: str, last: bool = False) -> pd.Timestamp:
    period = periods.read(value, label)
    return (period.end_time if last else period.start_time).normalize()


Drawn = tuple[np.ndarray, dict[str, np.ndarray]]
"""Places of steps (draw x step), and for each part of the counts its levels (draw x step + 1)."""


def levels_between(
    posterior: Posterior,
    parts: Mapping[str, np.ndarray],
    places: np.ndarray,
    generator: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Levels of the parts of the counts between given days.

    Parameters
    ----------
    posterior : Posterior
        Of the whole.
    parts : mapping of str to ndarray
        Counts by day that add up to those of the whole; the prior's shape is divided evenly, so
        that their levels add up to one with the prior of the whole.
    places : ndarray of int, draw x step
    generator : Generator

    Returns
    -------
    dict of str to ndarray
        Part to its levels, draw x step + 1.
    """
    shape = posterior.prior.shape / len(parts)
    return {
        name: posterior.levels(places, counts, shape, generator) for name, counts in parts.items()
    }


def drawn_over_numbers(
    posterior: Posterior,
    parts: Mapping[str, np.ndarray],
    draws: int,
    generator: np.random.Generator,
) -> list[Drawn]:
    """Number and days of steps of the whole, and levels of its parts; one element per number.

    Parameters are those of :func:`levels_between`.
    """
    shared = generator.multinomial(draws, posterior.number())
    every = [posterior.draw(number, int(count), generator) for number, count in enumerate(shared)]
    return [(places, levels_between(posterior, parts, places, generator)) for places in every]


def changes(drawn: list[Drawn], dates: pd.DatetimeIndex) -> pd.DataFrame:
    """What :func:`drawn_over_numbers` gives, as a row per draw and step.

    Returns
    -------
    DataFrame
        Columns draw, steps, date and for each part ``change_`` with its name.
    """
    frames, before = [], 0
    for places, parts in drawn:
        count, number = places.shape
        frame = pd.DataFrame(
            {
                "draw": np.repeat(np.arange(before, before + count), number),
                "steps": number,
                "date": dates[places.ravel()],
            }
        )
        for name, levels in parts.items():
            frame[f"change_{name}"] = np.diff(levels, axis=1).ravel()
        before += count
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def near(table: pd.DataFrame, day: pd.Timestamp, within_days: int, draws: int) -> pd.DataFrame:
    """Changes around a day, for each column of a table that :func:`changes` gives.

    Two steps of one draw count together.

    Returns
    -------
    DataFrame
        Rows chance_pct, change_ehs, low_ehs and high_ehs; the last three missing where no draw has a
        step.
    """
    arguments.whole(within_days, "within_days")
    inside = (table["date"] - day).abs() <= pd.Timedelta(days=within_days)
    wanted = [name for name in table if name.startswith("change_")]
    moved = table[inside].groupby("draw")[wanted].sum()
    rows = moved.quantile(list(QUANTILES)).set_axis(["change_ehs", "low_ehs", "high_ehs"])
    chance = pd.DataFrame(100 * len(moved) / draws, index=["chance_pct"], columns=wanted)
    return pd.concat([chance, rows])


def shapes(posterior: Posterior, ramps: np.ndarray) -> pd.DataFrame:
    """Every account of the counts, held against the others.

    Parameters
    ----------
    posterior : Posterior
    ramps : ndarray, day x day
        From :func:`hashrate_migration.hashrate.gradual.ramps`.

    Returns
    -------
    DataFrame
        :attr:`Steps.shapes`.
    """
    numbers = range(posterior.most + 1)
    stepwise = pd.DataFrame(
        {
            "shape": ["flat", *(f"{k} step{'s' if k > 1 else ''}" for k in numbers if k)],
            "steps": pd.array(numbers, dtype="Int64"),
            "log_evidence": posterior.evidence(),
            # In units of the mean weight of a number of steps.
            "weight": posterior.prior.numbers(posterior.most) + np.log(len(numbers)),
        }
    )
    decline = gradual.decline(posterior.counts, posterior.exposure, posterior.prior)
    smooth = pd.DataFrame(
        {
            "shape": ["decline", "ramp"],
            "steps": pd.array([pd.NA, pd.NA], dtype="Int64"),
            "log_evidence": [decline, gradual.mean_evidence(ramps)],
            "weight": 0.0,
        }
    )
    table = pd.concat([stepwise, smooth], ignore_index=True)
    weights = table["log_evidence"] + table.pop("weight")
    table["probability_pct"] = 100 * np.exp(weights - logsumexp(weights))
    return table


def _ramp(ramps: np.ndarray, dates: pd.DatetimeIndex) -> pd.Series:
    chance = np.exp(ramps - logsumexp(ramps))
    best = np.unravel_index(ramps.argmax(), ramps.shape)
    found = {"begins": dates[best[0]], "ends": dates[best[1]]}
    for axis, name in ((1, "begins"), (0, "ends")):
        below = chance.sum(axis=axis).cumsum()
        for end, part in zip(("low", "high"), QUANTILES[1:], strict=True):
            found[f"{name}_{end}"] = dates[int((below < part).sum())]
    return pd.Series(found)


def _days(posterior: Posterior, dates: pd.DatetimeIndex, number: int) -> pd.DataFrame:
    frames = []
    for step, chance in enumerate(posterior.places(number), start=1):
        order = np.argsort(-chance, kind="stable")
        # Days are taken until they hold the part; the one that reaches it is within.
        below = np.cumsum(chance[order]) - chance[order]
        in_set = np.empty(len(chance), dtype=bool)
        in_set[order] = below < SET_PCT / 100
        frames.append(
            pd.DataFrame(
                {"step": step, "date": dates, "probability_pct": 100 * chance, "in_set": in_set}
            )
        )
    columns = ["step", "date", "probability_pct", "in_set"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _table(
    posterior: Posterior, dates: pd.DatetimeIndex, number: int, levels: np.ndarray
) -> pd.DataFrame:
    days, best = _days(posterior, dates, number), posterior.best(number)
    rows = []
    for step in range(number):
        own = days[days["step"] == step + 1]
        middle, low, high = np.quantile(levels[:, step + 1] - levels[:, step], QUANTILES)
        rows.append(
            {
                "step": step + 1,
                "date": dates[best[step]],
                "date_pct": own["probability_pct"].iloc[best[step]],
                "dates": tuple(own.loc[own["in_set"], "date"]),
                "before_ehs": np.median(levels[:, step]),
                "after_ehs": np.median(levels[:, step + 1]),
                "change_ehs": middle,
                "low_ehs": low,
                "high_ehs": high,
            }
        )
    columns = ["step", "date", "date_pct", "dates", "before_ehs", "after_ehs"]
    return pd.DataFrame(rows, columns=[*columns, "change_ehs", "low_ehs", "high_ehs"])


def _edges(posterior: Posterior, number: int) -> list[tuple[int, int]]:
    edges = [0, *posterior.best(number), posterior.days]
    return list(zip(edges[:-1], edges[1:], strict=True))


def _spells(posterior: Posterior, dates: pd.DatetimeIndex, number: int) -> pd.DataFrame:
    rows = []
    for start, end in _edges(posterior, number):
        blocks, each = posterior.counts[start:end].sum(), posterior.exposure[start:end].sum()
        level = gamma(posterior.prior.shape + blocks, scale=1 / (posterior.prior.rate + each))
        rows.append(
            {
                "start": dates[start],
                "end": dates[end - 1],
                "blocks": int(blocks),
                "hashrate_ehs": blocks / each,
                "low_ehs": level.ppf(QUANTILES[1]),
                "high_ehs": level.ppf(QUANTILES[2]),
            }
        )
    return pd.DataFrame(rows)


def _dispersion(posterior: Posterior, number: int) -> float:
    statistic = 0.0
    for start, end in _edges(posterior, number):
        counts, exposure = posterior.counts[start:end], posterior.exposure[start:end]
        mean = exposure * counts.sum() / exposure.sum()
        statistic += float(((counts - mean) ** 2 / mean).sum())
    return statistic / (posterior.days - number - 1)


def _levels(drawn: list[Drawn], dates: pd.DatetimeIndex) -> pd.DataFrame:
    days = np.arange(len(dates))
    by_day = []
    for places, parts in drawn:
        spell = (places[:, :, None] <= days).sum(axis=1)
        by_day.append(np.take_along_axis(parts["ehs"], spell, axis=1))
    middle, low, high = np.quantile(np.concatenate(by_day), QUANTILES, axis=0)
    return pd.DataFrame({"date": dates, "hashrate_ehs": middle, "low_ehs": low, "high_ehs": high})


PRIORS: Mapping[str, Mapping[str, float]] = {
    "as judged": {},
    "levels of any size": {"shape": 1.0},
    "levels much alike": {"shape": 16.0},
    "levels half as high": {"level": 0.5},
    "levels twice as high": {"level": 2.0},
    "each further step half as probable": {"next_step": 0.5},
    "each further step twice as probable": {"next_step": 2.0},
    "a level may last a day": {"shortest": 1},
    "a level lasts a week": {"shortest": 7},
}
"""Other priors, by what they say; `level` is a factor."""


def by_prior(start: When = START, end: When = END, most: int = 4) -> pd.DataFrame:
    """How the answer moves with each judgement of the prior.

    Parameters
    ----------
    start, end, most
        As for :func:`steps`.

    Returns
    -------
    DataFrame
        Row per prior of :data:`PRIORS`: prior, steps (the most probable number), ``steps_0_pct`` and so
        on (probability of each number), dates (the most probable days of that number), and
        ramp_log_odds, decline_log_odds (natural logarithm of how much more probable each makes the
        counts than that number of steps).

    Raises
    ------
    InputError
        As :func:`steps`.
    """
    judged = default_prior(start)
    rows = []
    for name, other in PRIORS.items():
        prior = Prior(
            level=judged.level * other.get("level", 1.0),
            shape=other.get("shape", judged.shape),
            next_step=other.get("next_step", judged.next_step),
            shortest=int(other.get("shortest", judged.shortest)),
        )
        dates, posterior = counted(start, end, most, prior)
        ramps = gradual.ramps(posterior.counts, posterior.exposure, posterior.prior)
        evidence = shapes(posterior, ramps).set_index("shape")["log_evidence"]
        chance = posterior.number()
        number = int(chance.argmax())
        rows.append(
            {
                "prior": name,
                "steps": number,
                **{f"steps_{k}_pct": 100 * chance[k] for k in range(most + 1)},
                "dates": tuple(dates[place] for place in posterior.best(number)),
                "ramp_log_odds": evidence["ramp"] - evidence.iloc[number],
                "decline_log_odds": evidence["decline"] - evidence.iloc[number],
            }
        )
    return pd.DataFrame(rows)
