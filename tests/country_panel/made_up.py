"""Evidence that is made up, and the model written anew without the sampler's code.

Everything here works on many worlds at once: a world is one table of shares with the biases, shifts
and factors that go with it. Nothing is shared with ``density``, ``evidence`` or ``whitening``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit, logit, logsumexp

import hashrate_migration as hm
from hashrate_migration.country_panel.prior import Prior

HOLD = 0.25
"""Spread of the log of the sum of a month's shares before they are made to add to one."""

CALM, RUNNING = "2021-04-01", ("2021-07-01", "2021-08-01")
"""Month before the call, and those in which the machines abroad ran on."""


def figure(month: str, members: str, share_pct: float | None, **values: Any) -> dict[str, Any]:
    """One row in the form of ``estimates.observations``: a vendor's share of one month."""
    start = pd.Timestamp(month)
    row = {
        "estimate_id": f"{members}-{month}",
        "month": start,
        "start_month": start,
        "end_month": start,
        "members": members,
        "kind": "vendor",
        "family": "luxor",
        "list_id": None,
        "listed": None,
        "reads": "share",
        "share_pct": share_pct,
        "log_odds": np.nan if share_pct is None else logit(share_pct / 100),
        "printed_sd": 0.02,
        "error_sd": 0.12,
        "offset_sd": 0.2,
        "tail_df": 4.0,
    }
    ends = {"end_month": pd.Timestamp(values.pop("end_month", start))}
    return row | ends | values


def whole(month: str, shares: dict[str, float], **values: Any) -> list[dict[str, Any]]:
    """A list whose shares (percent) add to 100."""
    given = {"list_id": f"list-{month}", "listed": "+".join(shares)} | values
    return [figure(month, members, share, **given) for members, share in shares.items()]


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


@dataclass
class Worlds:
    """Worlds side by side: the first axis of every array is that of worlds.

    ``logs`` are logs of shares before they are made to add to one, world x month x code; biases are
    keyed by publisher and members, shifts by list, factors by kind. Steps are those of the last era.
    """

    months: pd.DatetimeIndex
    codes: list[str]
    logs: np.ndarray
    steps: np.ndarray | None = None
    biases: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    shifts: dict[str, np.ndarray] = field(default_factory=dict)
    factors: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def total(self) -> np.ndarray:
        """Logs of the sums of months, world x month."""
        return logsumexp(self.logs, axis=2)

    @property
    def shares(self) -> np.ndarray:
        """Fractions, world x month x code."""
        return np.exp(self.logs - self.total[..., None])

    def share(self, members: str, start: pd.Timestamp, end: pd.Timestamp) -> np.ndarray:
        """Mean over a period of the summed shares of members, by world."""
        span = (self.months >= start) & (self.months <= end)
        place = [self.codes.index(code) for code in members.split("+")]
        return self.shares[:, span][:, :, place].sum(axis=2).mean(axis=1)


def eras(months: pd.DatetimeIndex) -> list[int]:
    mapped = hm.load("mining_map")["month"]
    return [0 if month < mapped.min() else 2 if month > mapped.max() else 1 for month in months]


def in_break(month: pd.Timestamp) -> bool:
    return pd.Timestamp("2021-06-01") <= month <= pd.Timestamp("2021-09-01")


def middle(code: str, prior: Prior) -> tuple[float, float]:
    """Usual log share of a country, and its spread."""
    if code == "OTH":
        return np.log(prior.rest_pct / 100), prior.rest_sd
    return np.log(prior.usual_pct / 100), prior.usual_sd


def bent(prior: Prior, logs: np.ndarray) -> np.ndarray:
    """Steps from how far their logs would lie from the middle, between the smallest and the largest."""
    ratio = prior.largest_step / prior.step
    up, down = ratio ** (logs / np.log(ratio) ** 2), ratio ** (-logs / np.log(ratio) ** 2)
    return prior.step * ratio ** ((up - down) / (up + down))


def drawn_steps(
    months: pd.DatetimeIndex, codes: list[str], prior: Prior, by_era: np.ndarray
) -> np.ndarray:
    """Size of every month's step, with the break, world x month x code."""
    steps = by_era[:, eras(months)].copy()
    for place, month in enumerate(months):
        if in_break(month):
            for number, code in enumerate(codes):
                more = prior.banned_break if code == "CHN" else prior.other_break
                steps[:, place, number] = np.sqrt(steps[:, place, number] ** 2 + more**2)
    return steps


def from_prior(
    rows: pd.DataFrame,
    months: pd.DatetimeIndex,
    codes: list[str],
    prior: Prior,
    count: int,
    seed: int,
) -> Worlds:
    """Worlds as they are believed to be before a figure is seen, but for the hold on their sums."""
    generator = np.random.default_rng(seed)
    normal = generator.standard_normal
    by_era = prior.step_sd * normal((count, 3, 1))
    by_era = by_era + prior.country_sd * normal((count, 1, len(codes)))
    by_era = bent(prior, by_era + prior.era_sd * normal((count, 3, len(codes))))
    steps = drawn_steps(months, codes, prior, by_era)
    logs = np.empty((count, len(months), len(codes)))
    usual = np.empty((count, len(codes)))
    for number, code in enumerate(codes):
        centre, spread = middle(code, prior)
        usual[:, number] = centre + spread * normal(count)
    away = prior.start_sd * normal((count, len(codes)))
    abroad = np.array([code != "CHN" for code in codes])
    for place, month in enumerate(months):
        if place:
            stay = 0.5 ** (1 / prior.half_life)
            away = stay * away + steps[:, place] * normal((count, len(codes)))
        if in_break(month):
            away = away + prior.growth_sd * normal(count)[:, None] * abroad
        logs[:, place] = usual + away
    worlds = Worlds(months, codes, logs, by_era[:, -1])
    for row in rows[rows["reads"] != "none_seen"].itertuples():
        pair = (row.family, row.members)
        if row.offset_sd > 0 and pair not in worlds.biases:
            # Figures of several kinds: the widest of what is believed.
            same = rows["family"].eq(row.family) & rows["members"].eq(row.members)
            worlds.biases[pair] = rows.loc[same, "offset_sd"].max() * normal(count)
        if row.reads != "share":
            continue
        if row.kind not in worlds.factors:
            free = np.exp(prior.kind_sd * normal(count))
            worlds.factors[row.kind] = prior.least_factor + (1 - prior.least_factor) * free
        alone = pd.notna(row.list_id) and pd.isna(row.listed)
        if alone and row.list_id not in worlds.shifts:
            worlds.shifts[row.list_id] = prior.list_sd * normal(count)
    return worlds


def hold(worlds: Worlds) -> np.ndarray:
    """Log probability that the shares of all months add to one, up to a constant."""
    return -0.5 * ((worlds.total / HOLD) ** 2).sum(axis=1)


def expected(rows: pd.DataFrame, worlds: Worlds) -> np.ndarray:
    """Log-odds that would be printed but for errors, world x row."""
    shares = [
        worlds.share(row.members, row.start_month, row.end_month) for row in rows.itertuples()
    ]
    biases = [
        worlds.biases[row.family, row.members] if row.offset_sd > 0 else 0.0
        for row in rows.itertuples()
    ]
    found = []
    for row, share, bias in zip(rows.itertuples(), shares, biases, strict=True):
        if pd.notna(row.listed):
            own = np.flatnonzero(rows["list_id"].eq(row.list_id) & rows["listed"].notna())
            total = sum(shares[one] * np.exp(biases[one]) for one in own)
            spoken = {code for one in own for code in rows["members"].iloc[one].split("+")}
            left = "+".join(sorted(set(row.listed.split("+")) - spoken))
            if left:
                total = total + worlds.share(left, row.start_month, row.end_month)
            found.append(logit(share * np.exp(bias) / total))
        else:
            shift = worlds.shifts.get(row.list_id, 0.0) if row.reads == "share" else 0.0
            found.append(logit(share) + bias + shift)
    return np.column_stack(found)


def log_likelihood(rows: pd.DataFrame, worlds: Worlds, prior: Prior) -> np.ndarray:
    """Log probability of all figures, and of what the chain shows, by world."""
    figures = rows[rows["reads"] != "none_seen"]
    found = np.zeros(len(worlds.logs))
    for row, printed in zip(figures.itertuples(), expected(figures, worlds).T, strict=True):
        if row.reads == "share":
            scale = np.sqrt((row.error_sd * worlds.factors[row.kind]) ** 2 + row.printed_sd**2)
            found += stats.t.logpdf(row.log_odds, row.tail_df, printed, scale)
        else:
            scale = np.sqrt(row.error_sd**2 + row.printed_sd**2)
            off = (printed - row.log_odds) / scale
            found += stats.norm.logcdf(off if row.reads == "floor" else -off)
    for row in rows[rows["reads"] == "none_seen"].itertuples():
        share = worlds.share(row.members, row.start_month, row.end_month)
        small = stats.norm.cdf((np.log(prior.seen_pct / 100) - np.log(share)) / row.error_sd)
        found += np.log(prior.hidden + (1 - prior.hidden) * small)
    if "CHN" in worlds.codes and pd.Timestamp(CALM) in worlds.months:
        network = hm.network_hashrate()
        abroad = {
            month: network[month]
            * (1 - worlds.share("CHN", pd.Timestamp(month), pd.Timestamp(month)))
            for month in (CALM, *RUNNING)
            if pd.Timestamp(month) in worlds.months
        }
        for month in RUNNING:
            if month in abroad:
                kept = np.log(abroad[month]) - np.log(abroad[CALM])
                found += stats.norm.logcdf(kept / prior.kept_running_sd)
    return found


def truth(months: pd.DatetimeIndex) -> tuple[list[str], np.ndarray]:
    """Shares that move by trends and one sudden fall, not as the model believes.

    Returns
    -------
    codes : list of str
    shares : ndarray, month x code
        Fractions.
    """
    time = np.linspace(0, 1, len(months))
    logs = np.column_stack(
        [
            np.log(0.35) + 0.25 * time,  # USA: steady growth
            np.log(0.20) - 0.7 * (time > 0.5),  # KAZ: half of it gone from one month to the next
            np.log(0.10) + 0.15 * np.sin(2 * np.pi * time),  # CAN: there and back
            np.full(len(months), np.log(0.35)),
        ]
    )
    shares = np.exp(logs)
    return ["USA", "KAZ", "CAN", "OTH"], shares / shares.sum(axis=1, keepdims=True)


def printed(
    months: pd.DatetimeIndex, codes: list[str], shares: np.ndarray, seed: int
) -> pd.DataFrame:
    """Figures of a truth: whole lists of one vendor, lone ones of another, and floors.

    Errors are normal; each publisher has its own lasting bias of every country.
    """
    generator = np.random.default_rng(seed)
    bias = 0.15 * generator.standard_normal(len(codes))
    other = 0.15 * generator.standard_normal(len(codes))
    rows = []
    for place, month in enumerate(months.strftime("%Y-%m-%d")):
        if place % 3 == 0:
            seen = shares[place] * np.exp(bias + 0.1 * generator.standard_normal(len(codes)))
            listed = dict(zip(codes, 100 * seen / seen.sum(), strict=True))
            rows += whole(month, listed, family="vendor")
        if place % 4 == 1:
            number = place // 4 % (len(codes) - 1)
            error = 0.3 * generator.standard_normal()
            share = 100 * expit(logit(shares[place, number]) + other[number] + error)
            rows.append(
                figure(month, codes[number], share, family="press", kind="expert", error_sd=0.3)
            )
        if place % 6 == 2:
            least = 70 * shares[place, 0]
            rows.append(figure(month, "USA", least, reads="floor", kind="floor", offset_sd=0.0))
    return table(*rows)
