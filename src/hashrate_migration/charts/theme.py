"""The look of every figure: fonts, lines, title, subtitle and source line."""

from __future__ import annotations

import re
from importlib.resources import as_file, files

import matplotlib as mpl
import seaborn as sns
from IPython.core.getipython import get_ipython
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import text_to_path

from hashrate_migration.charts.colours import FAINT, INK, SOFT
from hashrate_migration.words import _, catalogue, prose

WIDTH_IN = 7.2
TITLE_PT, SUBTITLE_PT, TEXT_PT, FOOT_PT = 13.5, 10.5, 10, 8
_LINE_IN_PER_PT = 1.36 / 72
_ON_DOTS = 0.985  # letters set on a grid of dots run up to two percent wider than measured

_FONT = "Hashrate Migration Sans"
"""A name that no system font has, so that figures look alike on every machine."""

_FONT_FILE = "HashrateMigrationSans-Regular.otf"


def use(language: str = catalogue.SOURCE_LANGUAGE) -> None:
    """Set the language and the look for all that follows, and make ``%%prose`` known.

    Parameters
    ----------
    language : str
        A language of :func:`hashrate_migration.words.languages`.

    Raises
    ------
    InputError
        If there are no catalogues for the language.

    Notes
    -----
    The font holds Latin and Chinese letters and comes with this package (``fonts/OFL.txt``).
    """
    catalogue.use(language)
    prose.register(get_ipython())
    with as_file(files("hashrate_migration.charts") / "fonts" / _FONT_FILE) as path:
        _know_only(str(path))
    # Other packages, and a user's own settings file, leave traces in matplotlib's settings.
    mpl.rcdefaults()
    # These two stay with rcdefaults(), and move the months of an axis.
    mpl.rcParams.update({name: mpl.rcParamsDefault[name] for name in ("timezone", "date.epoch")})
    sns.set_theme(
        style="ticks",
        rc={
            "font.family": _FONT,
            "font.size": TEXT_PT,
            "axes.labelsize": TEXT_PT,
            "xtick.labelsize": TEXT_PT,
            "ytick.labelsize": TEXT_PT,
            "axes.edgecolor": SOFT,
            "axes.labelcolor": INK,
            "text.color": INK,
            "xtick.color": SOFT,
            "ytick.color": SOFT,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "axes.axisbelow": True,
            "grid.color": FAINT,
            "grid.linewidth": 0.6,
            "lines.linewidth": 2.0,
            "legend.frameon": False,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            # Letters as outlines, and names of SVG parts that do not change from run to run.
            "svg.fonttype": "path",
            "svg.hashsalt": "hashrate-migration",
        },
    )


def _know_only(path: str) -> None:
    """The font of a file under our name, and no other: a user may have an older copy installed."""
    known = font_manager.fontManager
    ours = [font for font in known.ttflist if font.name == _FONT]
    if [font.fname for font in ours] != [path]:
        known.ttflist = [font for font in known.ttflist if font.name != _FONT]
        known.addfont(path)  # which also forgets what was found before


# Pieces that a line may be broken between: words with the blank behind them, and single Chinese
# letters with the punctuation that must not begin a line. A no-break space is no blank.
_CJK = "\u2e80-\u9fff\uff00-\uffef"
_CLOSING = "，。、；：？！）》」』％"
_BLANK = r" \t\n"
_PIECE = re.compile(
    rf"[{_CJK}][{_CLOSING}]*[{_BLANK}]*|[^{_BLANK}{_CJK}]+[{_CLOSING}]*[{_BLANK}]*|[{_BLANK}]+"
)


def wrapped(text: str, points: float, width_in: float) -> list[str]:
    """A text in lines that are no wider than a width.

    Parameters
    ----------
    text : str
        In any language; Chinese is broken between letters, all else between words.
    points : float
        Size of the letters.
    width_in : float
        Inches.
    """
    font = font_manager.FontProperties(family=_FONT, size=points)
    lines = [""]
    for piece in _PIECE.findall(text):
        longer = lines[-1] + piece
        width, _height, _descent = text_to_path.get_text_width_height_descent(
            longer.rstrip(), font, ismath=False
        )
        if lines[-1] and width > width_in * 72:
            lines.append(piece.lstrip())
        else:
            lines[-1] = longer
    return [line.rstrip() for line in lines]


def new_figure(
    title: str, subtitle: str, source: str, height: float = 4.2, width: float = WIDTH_IN
) -> Figure:
    """An empty figure with its title, subtitle and source line in place.

    Parameters
    ----------
    title : str
        The finding, as a sentence.
    subtitle : str
        The measure and its unit.
    source : str
        Where the numbers come from, without the word "Source".
    height, width : float
        Inches; titles and source line are set inside the height.

    Returns
    -------
    Figure
        With a constrained layout that keeps the axes clear of the texts. Axes are added by
        ``figure.subplots()``.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    head, room = 0.08, _ON_DOTS * (width - 0.16)
    for text, points, colour, gap in (
        (title, TITLE_PT, INK, 0.04),
        (subtitle, SUBTITLE_PT, SOFT, 0.10),
    ):
        rows = wrapped(text, points, room)
        figure.text(
            0.08 / width,
            1 - head / height,
            "\n".join(rows),
            fontsize=points,
            color=colour,
            ha="left",
            va="top",
            linespacing=1.25,
        )
        head += len(rows) * points * _LINE_IN_PER_PT + gap
    rows = wrapped(_("Source: {source}", source=source), FOOT_PT, room)
    figure.text(
        0.08 / width,
        0.06 / height,
        "\n".join(rows),
        fontsize=FOOT_PT,
        color=SOFT,
        ha="left",
        va="bottom",
        linespacing=1.25,
    )
    foot = 0.12 + len(rows) * FOOT_PT * _LINE_IN_PER_PT
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        # (left, bottom, width, height) of the part that the axes may fill.
        engine.set(rect=(0, foot / height, 1, 1 - (head + foot) / height))
    return figure
