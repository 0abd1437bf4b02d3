"""Cells of prose: Markdown whose values are computed where they stand.

A notebook's cell that begins with ``%%prose`` holds Markdown with Jinja2 places::

    %%prose
    In {{ before | month }} China held {{ share | percent }} of the network.

The ways of :mod:`hashrate_migration.words.values` are its filters. A name that the notebook has not
defined stops the cell. Each paragraph is one message for translation; lines with nothing but
``{% … %}`` belong to none.
"""

from __future__ import annotations

import numbers
import re
from collections.abc import Mapping
from typing import Any

import jinja2
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import Markdown, display

from hashrate_migration.words.catalogue import translated
from hashrate_migration.words.values import WAYS

MAGIC = "prose"

_STRUCTURE = re.compile(r"^\s*\{%(?:(?!%\}).)*%\}\s*$")


def _refuse_bare_floats(value: Any) -> Any:
    """What a place without a filter may hold: text and whole numbers."""
    if isinstance(value, str | numbers.Integral | jinja2.Undefined) and not isinstance(value, bool):
        return value
    raise TypeError(f"{value!r} is neither text nor a whole number: say how, as in | number(1)")


ENVIRONMENT = jinja2.Environment(
    undefined=jinja2.StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
    finalize=_refuse_bare_floats,
)
ENVIRONMENT.filters |= WAYS


def paragraphs(template: str) -> list[tuple[str, bool]]:
    """The parts of a cell of prose in order, and whether each is a message.

    Parts are paragraphs, lines of structure and the blank lines between; joined they give the
    template again.
    """
    parts: list[tuple[str, bool]] = []
    text: list[str] = []

    def close() -> None:
        if text:
            parts.append(("\n".join(text), True))
            text.clear()

    for line in template.split("\n"):
        if _STRUCTURE.match(line) or not line.strip():
            close()
            parts.append((line, False))
        else:
            text.append(line)
    close()
    return parts


def said(template: str, values: Mapping[str, Any]) -> str:
    """A template in the language in use, its places filled.

    Parameters
    ----------
    template : str
        Markdown with Jinja2 places.
    values : mapping
        What its names stand for.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for a name that is not there.
    """
    text = "\n".join(
        translated(part) if is_message else part for part, is_message in paragraphs(template)
    )
    return ENVIRONMENT.from_string(text).render(values).strip()


def _magic(line: str, cell: str) -> None:
    shell = get_ipython()
    assert shell is not None  # a magic runs in a shell
    display(Markdown(said(cell, shell.user_ns)))


def register(shell: InteractiveShell | None) -> None:
    """Make ``%%prose`` known to a shell; nothing to do outside of one."""
    if shell is not None:
        shell.register_magic_function(_magic, "cell", MAGIC)  # type: ignore[arg-type]
