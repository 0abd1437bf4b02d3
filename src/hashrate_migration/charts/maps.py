"""World maps of shares.

Outlines: Natural Earth, public domain, 1:110 million, as they come with the package pyogrio.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import as_file, files

import geopandas as gpd
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hashrate_migration.charts.colours import INK, SOFT
from hashrate_migration.errors import InputError
from hashrate_migration.tables import regions
from hashrate_migration.words import _

STEPS_PCT = (0, 1, 2, 5, 10, 20, 40, 80)
"""Borders of the classes of a share map, percent."""

# One hue, light to dark: the order stays readable in grey and to colour-blind readers.
_SHADES = ("#F3EFE4", "#E9D9A8", "#DFBE78", "#CB955A", "#A9683F", "#7C4129", "#471F16")
_NO_DATA = "#ECECEC"
_PROJECTION = "+proj=eqearth"


@lru_cache(maxsize=1)
def outlines() -> gpd.GeoDataFrame:
    """Outlines of the countries, without Antarctica, in the Equal Earth projection.

    Returns
    -------
    GeoDataFrame
        Indexed by ISO 3166-1 alpha-3 code.

    Raises
    ------
    InputError
        If the installed pyogrio came without the outlines.
    """
    folder = files("pyogrio") / "tests" / "fixtures" / "naturalearth_lowres"
    if not folder.is_dir():
        raise InputError(
            "The installed pyogrio has no country outlines; install the version that "
            "requirements.lock pins, from a wheel."
        )
    with as_file(folder) as path:
        world_table = gpd.read_file(path / "naturalearth_lowres.shp")
    world_table = world_table[world_table["continent"] != "Antarctica"]
    # Natural Earth leaves some codes open (-99), Norway's among them; names tell.
    codes = {
        regions.name(code, "en"): code for code in regions.table().query("kind == 'country'").index
    }
    open_code = world_table["iso_a3"] == "-99"
    world_table["iso_a3"] = world_table["iso_a3"].mask(open_code, world_table["name"].map(codes))
    world_table = world_table.to_crs(_PROJECTION).set_index("iso_a3")
    # Finer than a hundredth of an inch on the page is only weight.
    world_table["geometry"] = world_table.simplify(30_000)
    return world_table[["name", "geometry"]]


def world(ax: Axes, shares: pd.Series, highlight: str | None = None, key: bool = True) -> None:
    """Shade countries by their share of the network.

    Parameters
    ----------
    ax : Axes
        Where to draw; its frame is taken away.
    shares : Series
        Percent by ISO code; other codes (``OTH``) are left out, countries without a value are
        grey.
    highlight : str, optional
        Code of a country to outline.
    key : bool
        Whether to draw the key of classes under the map.

    Raises
    ------
    InputError
        If `highlight` is no country of the outlines.
    """
    table = outlines()
    if highlight is not None and highlight not in table.index:
        raise InputError(f"There is no outline for {highlight!r}; give an ISO 3166 alpha-3 code.")
    known = shares[shares.index.isin(table.index)]
    norm = BoundaryNorm(STEPS_PCT, len(_SHADES))
    table.join(known.rename("share")).plot(
        column="share",
        ax=ax,
        cmap=ListedColormap(_SHADES),
        norm=norm,
        edgecolor="white",
        linewidth=0.4,
        missing_kwds={"color": _NO_DATA, "edgecolor": "white", "linewidth": 0.4},
    )
    if highlight is not None:
        table.loc[[highlight]].boundary.plot(
            ax=ax, color=regions.colour(highlight), linewidth=1.4, zorder=3
        )
    ax.set_axis_off()
    ax.margins(0.005)
    ax.autoscale(tight=False)
    if key:
        _draw_key(ax)


def _draw_key(ax: Axes) -> None:
    step = 0.075
    left = 0.5 - step * (len(_SHADES) + 1.6) / 2
    for index, (shade, low, high) in enumerate(
        zip(_SHADES, STEPS_PCT[:-1], STEPS_PCT[1:], strict=True)
    ):
        _key_box(ax, left + index * step, step, shade, f"{low}–{high}")
    _key_box(ax, left + (len(_SHADES) + 0.6) * step, step, _NO_DATA, _("not listed"))


def worlds(
    figure: Figure,
    shares: Mapping[str, pd.Series],
    columns: int = 2,
    highlight: str | None = None,
) -> None:
    """Several maps with one key.

    Parameters
    ----------
    figure : Figure
        From :func:`hashrate_migration.charts.new_figure`.
    shares : mapping of str to Series
        Title of each map to percent by ISO code.
    columns : int
        Maps beside one another.
    highlight : str, optional
        Code of a country to outline.
    """
    rows = -(-len(shares) // columns)
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[*[1] * rows, 0.16])
    for place, (title, values) in enumerate(shares.items()):
        ax = figure.add_subplot(grid[divmod(place, columns)])
        world(ax, values, highlight, key=False)
        ax.set_title(title, loc="left", fontsize=10, color=SOFT)
    key = figure.add_subplot(grid[rows, :])
    key.set_axis_off()
    step = 0.8 / (len(_SHADES) + 1.6)
    classes = zip(_SHADES, STEPS_PCT[:-1], STEPS_PCT[1:], strict=True)
    for index, (shade, low, high) in enumerate(classes):
        _key_box(key, 0.1 + index * step, step, shade, f"{low}–{high}", 0.6, 0.4)
    _key_box(key, 0.1 + (len(_SHADES) + 0.6) * step, step, _NO_DATA, _("not listed"), 0.6, 0.4)


def _key_box(
    ax: Axes,
    x: float,
    width: float,
    shade: str,
    text: str,
    bottom: float = -0.06,
    height: float = 0.035,
) -> None:
    ax.add_patch(
        Rectangle(
            (x, bottom),
            width * 0.96,
            height,
            transform=ax.transAxes,
            facecolor=shade,
            clip_on=False,
            linewidth=0,
        )
    )
    ax.annotate(
        text,
        (x + width * 0.48, bottom - 0.43 * height),
        xycoords="axes fraction",
        ha="center",
        va="top",
        fontsize=8,
        color=INK if text[0].isdigit() else SOFT,
        annotation_clip=False,
    )
