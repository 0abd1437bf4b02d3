"""The language in use, and the messages translated into it.

English is the language in which everything is written. Another language is a folder of message
catalogues, ``locale/LANGUAGE/*.po``: one per notebook and one for the package.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog

from hashrate_migration.arguments import shown
from hashrate_migration.errors import InputError

SOURCE_LANGUAGE = "en"
"""The language of the notebooks and of the code."""

_in_use = SOURCE_LANGUAGE


def locale_folder() -> Path:
    """Folder of the message catalogues: inside an installed package, or of the checkout."""
    here = Path(__file__).resolve().parents[1]
    installed = here / "locale"
    return installed if installed.is_dir() else here.parents[1] / "locale"


def languages() -> list[str]:
    """Codes of the languages there are: English, and one for each folder of catalogues."""
    folder = locale_folder()
    others = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return [SOURCE_LANGUAGE, *others]


def use(language: str) -> None:
    """Set the language of all text that follows.

    Raises
    ------
    InputError
        If there are no catalogues for it.
    """
    global _in_use
    known = languages()
    if not (isinstance(language, str) and language in known):
        raise InputError(
            f"language = {shown(language)} is not one of the languages there are: {', '.join(known)}."
        )
    _in_use = language


def language() -> str:
    """The language in use."""
    return _in_use


@lru_cache(maxsize=8)
def _messages(language: str) -> dict[str, str]:
    """Message to translation, from all catalogues of a language."""
    known: dict[str, str] = {}
    for path in sorted((locale_folder() / language).glob("*.po")):
        for message in read_po(path, language):
            if message.id and message.string and not message.fuzzy:
                known[str(message.id)] = str(message.string)
    return known


def read_po(path: Path, language: str) -> Catalog:
    """A catalogue of messages.

    Raises
    ------
    InputError
        If the file is not UTF-8 text.
    """
    try:
        with path.open("rb") as file:
            return pofile.read_po(file, locale=language)
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text; save the file as UTF-8.") from None


def translated(message: str) -> str:
    """A message in the language in use; the message itself where no translation is known."""
    if _in_use == SOURCE_LANGUAGE:
        return message
    return _messages(_in_use).get(message, message)
