"""How a notebook shows a figure, a table or a computed sentence.

Each output carries what a page needs (name, caption, picture as SVG and PNG, table as CSV), so
a report is made from the executed notebook alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from io import BytesIO, StringIO
from typing import Any

import pandas as pd
from IPython.display import Markdown, display
from matplotlib.figure import Figure

_UNITS = {"_pct_points": "points", "_pct": "%", "_ehs": "EH/s"}

_SHORT = 12  # letters; columns of no more are not broken into lines

_PNG_DPI = 192  # twice the 96 dots per inch of a page


def _show(data: dict[str, str], **about: Any) -> None:
    display(data, metadata={"hashrate_migration": about}, raw=True)


def say(text: str) -> None:
    """Show a paragraph (Markdown) whose numbers were computed."""
    display(Markdown(text))


def show_figure(
    figure: Figure, name: str, caption: str, alt: str | None = None, thumbnail: bool = False
) -> None:
    """Show a figure as SVG and PNG.

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
    svg, png = StringIO(), BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": "hashrate-migration"})
    figure.savefig(png, format="png", dpi=_PNG_DPI, metadata={"Software": "hashrate-migration"})
    _show(
        {
            "image/svg+xml": svg.getvalue(),
            "image/png": base64.b64encode(png.getvalue()).decode("ascii"),
            "text/plain": f"<figure {name}>",
        },
        kind="figure",
        name=name,
        caption=caption,
        alt=alt or caption,
        thumbnail=thumbnail,
    )


def _heading(column: str) -> str:
    """A column's name as a page shows it, its unit in brackets."""
    for ending, unit in _UNITS.items():
        if column.endswith(ending):
            column = f"{column.removesuffix(ending)} ({unit})"
            break
    return column.replace("_", " ")


def show_table(
    table: pd.DataFrame,
    name: str,
    caption: str,
    formats: Mapping[str, str | Callable[[Any], str]] | None = None,
) -> None:
    """Show a table as HTML, with its values as CSV.

    Parameters
    ----------
    table : DataFrame
        Its index is not shown.
    name : str
        Name of its file: lower case, words joined by hyphens, unique in the notebook.
    caption : str
        What the table holds, with units.
    formats : mapping, optional
        Column to format, for the page only (``"{:.1f}"``; numbers with decimals show two if
        nothing is said); the CSV file keeps full precision.
    """
    numbers = [column for column in table if pd.api.types.is_numeric_dtype(table[column])]
    floats = [column for column in table if pd.api.types.is_float_dtype(table[column])]
    short = [
        column
        for column in table
        if pd.api.types.is_datetime64_dtype(table[column])
        or (table[column].map(str).str.len() <= _SHORT).all()
    ]
    styled = (
        table.style.hide(axis="index")
        .format({**dict.fromkeys(floats, "{:.2f}"), **(formats or {})}, na_rep="–")
        .format_index(_heading, axis="columns")
        .set_uuid(name)
        .set_properties(subset=numbers, **{"text-align": "right"})
        .set_properties(subset=short, **{"white-space": "nowrap"})
        .set_table_styles({c: [{"selector": "th", "props": "text-align: right"}] for c in numbers})
    )
    _show(
        {
            "text/html": styled.to_html(),
            "text/csv": table.to_csv(index=False, lineterminator="\n"),
            "text/plain": table.to_string(index=False),
        },
        kind="table",
        name=name,
        caption=caption,
    )
