"""How numbers, names and sentences are said, in the language in use.

``_`` translates a message and fills it; ``N_`` marks one that is translated where it is shown.
"""

from __future__ import annotations

from typing import Any

from hashrate_migration.words.catalogue import language, languages, translated, use
from hashrate_migration.words.values import filled

__all__ = ["N_", "_", "language", "languages", "translated", "use"]


def _(message: str, /, **given: Any) -> str:
    """A message in the language in use, its places filled with values.

    Parameters
    ----------
    message : str
        English, with places such as ``{share:percent.1}``: the name of a value and how to say it
        (:mod:`hashrate_migration.words.values`).
    **given
        A value for each name.

    Examples
    --------
    >>> _("{where:begin} held {share:number.1} percent.", where="USA", share=37.02)
    'The United States held 37.0 percent.'
    """
    return filled(translated(message), **given)


def N_(message: str) -> str:  # noqa: N802 - the usual name
    """Mark a message for translation; it is translated where it is shown."""
    return message
