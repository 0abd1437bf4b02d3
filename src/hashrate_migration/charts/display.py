"""How a notebook shows a figure or a table.

In a notebook a figure is one small PNG with its caption under it, and a table is HTML. When a report
is rendered (:data:`PAGE_VARIABLE`), each output carries what its page needs besides: the picture as
SVG and as a PNG for printing, the table as CSV. So a page is made from the executed notebook alone,
and the notebooks in the repository stay light.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import urlsplit

import jinja2
import pandas as pd
from IPython.display import Markdown, display
from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from hashrate_migration.charts.theme import WIDTH_IN, new_figure
from hashrate_migration.words import _, columns, language

PAGE_VARIABLE = "HASHRATE_MIGRATION_PAGE"
"""Environment variable of a kernel whose notebook becomes a page."""

_SCREEN_DPI = 110
_PRINT_DPI = 192  # twice the 96 dots per inch of a page

_PALETTE = 96
"""Colours of a notebook's picture: enough for soft edges, a third of the weight."""

_SHORT = 12  # letters; columns of no more are not broken into lines

_BAND = re.compile(r"[<−\d.,]+ \(.*\)|–")
"""A middle with its band: kept on one line."""

_ADDRESS = re.compile(r"https?://[^\s/]+\S*")

_ROWS = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<table{% if toned %} data-filter{% endif %}>
<thead>
<tr>{% for head in heads %}<th{{ head.look }}>{{ head.text }}</th>{% endfor %}</tr>
</thead>
<tbody>
{% for row in rows %}
<tr{{ row.look }}>
{%- for text in row.texts %}<td{{ heads[loop.index0].look }}>{{ text }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
"""
)


def for_page() -> bool:
    """Whether the running notebook becomes a page."""
    return bool(os.environ.get(PAGE_VARIABLE))


def _show(data: dict[str, str], **about: Any) -> None:
    display(data, metadata={"hashrate_migration": about}, raw=True)


def _show_caption(text: str) -> None:
    """The caption under an output of a notebook; a page sets its own."""
    if not for_page():
        display(Markdown(f"*{text}*"), metadata={"hashrate_migration": {"kind": "caption"}})


def _screen_png(figure: Figure) -> bytes:
    drawn, small = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png", dpi=_SCREEN_DPI)
    with Image.open(drawn) as picture:
        # Median cut without dithering: flat areas stay flat, and the bytes are always the same.
        reduced = picture.convert("RGB").quantize(_PALETTE, dither=Image.Dither.NONE)
        reduced.save(small, format="png", optimize=True, dpi=(_SCREEN_DPI, _SCREEN_DPI))
    return small.getvalue()


def show_figure(
    figure: Figure, name: str, caption: str, alt: str | None = None, thumbnail: bool = False
) -> None:
    """Show a figure.

    Parameters
    ----------
    figure : Figure
        Finished figure.
    name : str
        Name of its files: lower case, words joined by hyphens, unique in the notebook.
    caption : str
        What the figure shows, for the text under it.
    alt : str, optional
        Description for readers who do not see the picture; default: the caption.
    thumbnail : bool
        Whether the gallery shows this figure for the report.
    """
    data = {"text/plain": f"<figure {name}>"}
    if for_page():
        svg, png = StringIO(), BytesIO()
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": "hashrate-migration"})
        figure.savefig(
            png, format="png", dpi=_PRINT_DPI, metadata={"Software": "hashrate-migration"}
        )
        data |= {"image/svg+xml": svg.getvalue()}
        picture = png.getvalue()
    else:
        picture = _screen_png(figure)
    data |= {"image/png": base64.b64encode(picture).decode("ascii")}
    about = {"name": name, "caption": caption, "alt": alt or caption, "thumbnail": thumbnail}
    _show(data, kind="figure", **about)
    _show_caption(caption)


@contextmanager
def figure(
    name: str,
    *,
    title: str,
    subtitle: str,
    caption: str,
    source: str,
    height: float = 4.2,
    width: float = WIDTH_IN,
    axes: int | tuple[int, int] | None = 1,
    thumbnail: bool = False,
    **options: Any,
) -> Iterator[Any]:
    """A figure from its first line to its showing.

    Parameters
    ----------
    name : str
        Name of its files: lower case, words joined by hyphens, unique in the notebook.
    title : str
        The finding, as a sentence.
    subtitle : str
        The measure and its unit.
    caption : str
        What the figure shows, for the text under it.
    source : str
        Where the numbers come from: :func:`hashrate_migration.charts.cite`.
    height, width : float
        Inches.
    axes : int or tuple of int, optional
        Axes above one another, or rows and columns of axes; None for an empty figure.
    thumbnail : bool
        Whether the gallery shows this figure for the report.
    **options
        For :meth:`matplotlib.figure.Figure.subplots`.

    Yields
    ------
    Axes, array of Axes or Figure
        The one axes, the array of several, or the figure if `axes` is None.

    Examples
    --------
    ::

        with charts.figure("network", title=…, source=cite("network_daily"), …) as ax:
            ax.plot(network.index, network)
    """
    drawn = new_figure(title, subtitle, source, height, width)
    if axes is None:
        yield drawn
    else:
        rows, cols = (axes, 1) if isinstance(axes, int) else axes
        yield drawn.subplots(rows, cols, **options)
    alt = _("{title}. {caption}", title=title, caption=caption)
    show_figure(drawn, name, caption, alt, thumbnail)


def _linked(text: str) -> str:
    """The address of a page as a link that shows the name of its site; other text as it is."""
    if not _ADDRESS.fullmatch(text):
        return text
    site = urlsplit(text).netloc.removeprefix("www.")
    return Markup('<a href="{address}">{site}</a>').format(address=text, site=site)


def _toned(text: str, tone: str) -> str:
    """A judgement in its tone, which colour alone does not say."""
    if not tone:
        return text
    return Markup('<span class="tone tone-{tone}">{text}</span>').format(tone=tone, text=text)


def _tones(table: pd.DataFrame, described: list[columns.Column]) -> list[list[str]]:
    """Tone of every cell, row by row; none for what is no judgement."""
    by_column = [
        [dict(how.tones).get(str(value), "") for value in table[name]]
        for name, how in zip(table, described, strict=True)
    ]
    return [list(row) for row in zip(*by_column, strict=True)]


def _html(table: pd.DataFrame, described: list[columns.Column]) -> str:
    texts = [
        [_linked(how.said(value)) for value in table[name]]
        for name, how in zip(table, described, strict=True)
    ]
    heads = []
    for name, how, column in zip(table, described, texts, strict=True):
        if pd.api.types.is_numeric_dtype(table[name]) and not pd.api.types.is_bool_dtype(
            table[name]
        ):
            look = Markup(' class="number"')
        elif all(len(text) <= _SHORT or _BAND.fullmatch(text) for text in column):
            look = Markup(' class="short"')
        else:
            look = Markup()
        heads.append({"text": how.title, "look": look})
    rows = []
    for row, tones in zip(zip(*texts, strict=True), _tones(table, described), strict=True):
        tone = next((tone for tone in tones if tone), "")
        rows.append(
            {
                "look": Markup(' data-tone="{}"').format(tone) if tone else "",
                "texts": [_toned(text, own) for text, own in zip(row, tones, strict=True)],
            }
        )
    return _ROWS.render(heads=heads, rows=rows, toned=any(row["look"] for row in rows))


def show_table(table: pd.DataFrame, name: str, caption: str, unit: str = "") -> None:
    """Show a table as HTML; its page has its values as CSV, in full precision.

    Parameters
    ----------
    table : DataFrame
        Its index is not shown. Columns go by the names of
        :data:`hashrate_migration.words.columns.COLUMNS`, which has their headings, units and decimals;
        regions and months may be columns too.
    name : str
        Name of its file: lower case, words joined by hyphens, unique in the notebook.
    caption : str
        What the table holds.
    unit : str
        Of columns that are regions or months.
    """
    described = [columns.column(column, unit).fitted(table[column]) for column in table]
    data = {"text/html": _html(table, described), "text/plain": f"<table {name}>"}
    if for_page():
        data["text/csv"] = table.to_csv(index=False, lineterminator="\n")
    _show(data, kind="table", name=name, caption=caption)
    _show_caption(caption)


def show_events(table: pd.DataFrame, name: str, caption: str) -> None:
    """Show dated events as a table, what happened in the language in use, and how far it got.

    Parameters
    ----------
    table : DataFrame
        Rows of :func:`hashrate_migration.events.events`, with a column ``number`` where a figure
        numbers them.
    name, caption : str
        As for :func:`show_table`.
    """
    title = "title_zh" if language() == "zh" else "title_en"
    told = table.rename(columns={title: "what_happened"})
    told = (
        told.assign(status=told["status"].astype("string").fillna("")) if "status" in told else told
    )
    wanted = ("number", "date", "place", "actor", "what_happened", "status")
    shown = [c for c in wanted if c in told]
    show_table(told[shown], name, caption)
