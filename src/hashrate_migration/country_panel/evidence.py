"""Estimates as arrays: which share of which months each figure speaks of, and how sure it is.

A figure speaks of the mean, over the months of its period, of the summed shares of its members. It
is laid out in atoms, one for every month and member, so that every figure is a sum over atoms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hashrate_migration import chronology
from hashrate_migration.country_panel.estimates import CEILING, FLOOR, NONE_SEEN, SHARE
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import network_hashrate

SIGNS = {SHARE: 0.0, FLOOR: 1.0, CEILING: -1.0}
"""Which way a figure bounds the share: not at all, from below, from above."""


@dataclass(frozen=True)
class Evidence:
    """All figures of a fit.

    Attributes
    ----------
    rows : DataFrame
        The figures (shares and limits), as from ``estimates.observations``.
    figure, cell, weight : ndarray
        One entry per atom: number of the figure, position in the flattened month x country table,
        and one over the months of the period.
    value, error_sd, printed_sd, tail_df, sign : ndarray
        One entry per figure; log-odds.
    kind, bias, in_list, in_part : ndarray of int
        Position of the figure's kind (limits have none), of its publisher's bias, of its list if
        that is whole, and if it is not; the last position (one past the end) stands for none.
    kinds, biases, lists, parts : list
        What the positions stand for; biases are pairs (family, members).
    bias_sd : ndarray
        Standard deviation of each bias before a figure is seen.
    gap_list, gap_cell, gap_weight : ndarray
        Atoms of what whole lists have besides these figures.
    none_seen, none_sd : ndarray
        Cells that a sample showed empty, and the error of that (in logs).
    running : ndarray of int
        Months in which the machines abroad ran on, and `running_ratio`, the network of these over the
        network of the month before the break; `calm` is the position of that month.
    """

    rows: pd.DataFrame
    figure: np.ndarray
    cell: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    error_sd: np.ndarray
    printed_sd: np.ndarray
    tail_df: np.ndarray
    sign: np.ndarray
    kind: np.ndarray
    bias: np.ndarray
    in_list: np.ndarray
    in_part: np.ndarray
    kinds: list[str]
    biases: list[tuple[str, str]]
    lists: list[str]
    parts: list[str]
    bias_sd: np.ndarray
    gap_list: np.ndarray
    gap_cell: np.ndarray
    gap_weight: np.ndarray
    none_seen: np.ndarray
    none_sd: np.ndarray
    calm: int
    running: np.ndarray
    running_ratio: np.ndarray


def atoms(
    rows: pd.DataFrame, months: pd.DatetimeIndex, codes: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every month and member that a figure speaks of.

    Parameters
    ----------
    rows : DataFrame
        Figures with start_month, end_month and members.
    months : DatetimeIndex
    codes : list of str

    Returns
    -------
    figure, cell, weight : ndarray
        Number of the row, position in the flattened table month x code, one over the months of the
        row's period that lie within `months`.
    """
    place = {code: number for number, code in enumerate(codes)}
    starts = months.searchsorted(pd.DatetimeIndex(rows["start_month"]))
    ends = months.searchsorted(pd.DatetimeIndex(rows["end_month"]), side="right")
    figure, cell, weight = [], [], []
    for number, (start, end, members) in enumerate(zip(starts, ends, rows["members"], strict=True)):
        if start >= end:
            raise InputError(
                f"Estimate {rows['estimate_id'].iloc[number]} lies outside the panel's months."
            )
        for code in members.split("+"):
            span = np.arange(start, end)
            figure.append(np.full(len(span), number))
            cell.append(span * len(codes) + place[code])
            weight.append(np.full(len(span), 1 / len(span)))
    return np.concatenate(figure), np.concatenate(cell), np.concatenate(weight)


def gaps(
    rows: pd.DataFrame, months: pd.DatetimeIndex, codes: list[str]
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """What a whole list has besides the rows that are given of it.

    Returns
    -------
    lists : list of str
        Lists whose shares add to one.
    number, cell, weight : ndarray
        Atoms, as of :func:`atoms`, of the countries of each list that no row given speaks of.
    """
    whole = rows.dropna(subset=["listed"])
    lists = whole["list_id"].unique().tolist()
    missing = []
    for number, (_, own) in enumerate(whole.groupby("list_id", sort=False)):
        spoken = set("+".join(own["members"]).split("+"))
        left = [code for code in own["listed"].iloc[0].split("+") if code not in spoken]
        if left:
            missing.append(own.iloc[0].to_dict() | {"members": "+".join(left), "number": number})
    if not missing:
        return lists, np.array([], dtype=int), np.array([], dtype=int), np.array([])
    table = pd.DataFrame(missing)
    figure, cell, weight = atoms(table, months, codes)
    return lists, table["number"].to_numpy()[figure], cell, weight


def _positions(labels: Sequence[object], known: Sequence[object]) -> np.ndarray:
    """Position of every label among the known; one past the end for none."""
    place = {label: number for number, label in enumerate(known)}
    return np.array([place.get(label, len(known)) for label in labels])


def gather(rows: pd.DataFrame, months: pd.DatetimeIndex, codes: list[str]) -> Evidence:
    """Lay out estimates for a fit.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hashrate_migration.country_panel.estimates.observations`.
    months : DatetimeIndex
        Months of the panel.
    codes : list of str
        Countries, then ``OTH``.

    Raises
    ------
    InputError
        If there is no figure.
    """
    empty = rows["reads"] == NONE_SEEN
    figures = rows[~empty].reset_index(drop=True)
    if not figures["reads"].eq(SHARE).any():
        raise InputError("No estimate enters the panel; let at least one kind enter.")
    figure, cell, weight = atoms(figures, months, codes)
    pairs = list(zip(figures["family"], figures["members"], strict=True))
    # A publisher leans as far as the least trusted kind of its figures may.
    biased = figures[figures["offset_sd"] > 0]
    spread = biased.groupby(["family", "members"], sort=False)["offset_sd"].max()
    biases = [(str(family), str(members)) for family, members in spread.index]
    lists, gap_list, gap_cell, gap_weight = gaps(figures, months, codes)
    whole = figures["list_id"].where(figures["listed"].notna())
    # Of a list that is not whole, all figures may be off together. Limits are no figures of a list.
    partly = figures["list_id"].where(figures["listed"].isna() & (figures["reads"] == SHARE))
    parts = partly.dropna().unique().tolist()
    # A limit could be explained away by an ever larger error: only figures teach how large errors are.
    shares = figures["reads"] == SHARE
    kinds = figures.loc[shares, "kind"].unique().tolist()
    nothing = rows[empty]
    if len(nothing):
        zero, seen, _ = atoms(nothing, months, codes)
        seen_sd = nothing["error_sd"].to_numpy(float)[zero]
    else:
        seen, seen_sd = np.array([], dtype=int), np.array([])
    calm, running, ratio = _kept_running(months)
    return Evidence(
        rows=figures,
        figure=figure,
        cell=cell,
        weight=weight,
        value=figures["log_odds"].to_numpy(),
        error_sd=figures["error_sd"].to_numpy(float),
        printed_sd=figures["printed_sd"].to_numpy(float),
        tail_df=figures["tail_df"].fillna(4.0).to_numpy(float),
        sign=figures["reads"].map(SIGNS).to_numpy(float),
        kind=_positions(figures["kind"].where(shares).tolist(), kinds),
        bias=np.where(figures["offset_sd"] > 0, _positions(pairs, biases), len(biases)),
        in_list=_positions(whole.tolist(), lists),
        in_part=_positions(partly.tolist(), parts),
        kinds=kinds,
        biases=biases,
        lists=lists,
        parts=parts,
        bias_sd=spread.to_numpy(float),
        gap_list=gap_list,
        gap_cell=gap_cell,
        gap_weight=gap_weight,
        none_seen=seen,
        none_sd=seen_sd,
        calm=calm,
        running=running,
        running_ratio=ratio,
    )


def _kept_running(months: pd.DatetimeIndex) -> tuple[int, np.ndarray, np.ndarray]:
    """The chain's limit on China in the summer of 2021.

    Machines abroad had no cause to stop while those in China were switched off, so in July and August
    they made at least what they made before the call. The chain gives the network of each month.
    """
    network = network_hashrate()
    base = chronology.CALM
    after = pd.DatetimeIndex([chronology.CLEARED, chronology.ZERO_AGAIN])
    after = after[after.isin(months)]
    if base not in months:
        return 0, np.array([], dtype=int), np.array([])
    ratio = network[after].to_numpy() / network[base]
    return int(months.get_loc(base)), months.get_indexer(after), ratio
