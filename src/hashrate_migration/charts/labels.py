"""Names beside the things they name, instead of legends."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

_SWATCH = 0.004
"""Middle of a swatch beyond the left end of its label, in widths of the axes."""


def spread(positions: np.ndarray, gap: float) -> np.ndarray:
    """Move positions apart until neighbours are at least `gap` from each other.

    Groups that collide are set evenly around their mean, so labels stay near what they name.

    Parameters
    ----------
    positions : ndarray
        Wanted places, in any order.
    gap : float
        Smallest distance, in the same unit.

    Returns
    -------
    ndarray
        Places in the same order as given.
    """
    if len(positions) == 0:
        return np.asarray(positions, dtype=float)
    order = np.argsort(positions, kind="stable")
    groups: list[tuple[float, int]] = []  # mean of the wanted places, number of members
    for value in np.asarray(positions, dtype=float)[order]:
        groups.append((value, 1))
        while len(groups) > 1:
            (mean, count), (next_mean, next_count) = groups[-2:]
            if next_mean - mean >= gap * (count + next_count) / 2 - 1e-9:
                break
            total = count + next_count
            groups[-2:] = [((mean * count + next_mean * next_count) / total, total)]
    placed = np.concatenate(
        [mean + gap * (np.arange(count) - (count - 1) / 2) for mean, count in groups]
    )
    result = np.empty(len(placed))
    result[order] = placed
    return result


def label_ends(
    ax: Axes,
    values: dict[str, float],
    names: dict[str, str],
    colours: dict[str, str],
    x: float = 1.012,
    size: float = 10,
    swatches: Mapping[str, str] | None = None,
) -> None:
    """Name lines at the right edge of the axes, clear of one another.

    Parameters
    ----------
    ax : Axes
        With its vertical limits set.
    values : dict
        Height in data units of each label.
    names, colours : dict
        Text and colour of each label.
    x : float
        Place, in widths of the axes.
    size : float
        Points.
    swatches : mapping, optional
        Colour of a small square before each label.
    """
    low, high = ax.get_ylim()
    figure = ax.get_figure(root=True)
    assert figure is not None
    # Titles and margins take their part of the height only when the figure is drawn.
    axes_points = figure.get_figheight() * 72 * ax.get_position().height * 0.82
    heights = np.array([ax.transData.transform((0, v))[1] for v in values.values()])
    bottom, top = (ax.transData.transform((0, v))[1] for v in (low, high))
    places = spread((heights - bottom) / (top - bottom), size * 1.25 / axes_points)
    for key, place in zip(values, places, strict=True):
        if swatches:
            square = Line2D(
                [x + _SWATCH],
                [place],
                transform=ax.transAxes,
                marker="s",
                markersize=0.75 * size,
                linestyle="none",
                color=swatches[key],
                clip_on=False,
            )
            ax.add_artist(square)
        ax.annotate(
            names[key],
            (x, place),
            xycoords="axes fraction",
            xytext=(size if swatches else 0, 0),
            textcoords="offset points",
            color=colours[key],
            fontsize=size,
            va="center",
            annotation_clip=False,
        )
