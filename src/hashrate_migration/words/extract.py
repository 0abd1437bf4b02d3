"""Messages gathered from notebooks and package into the catalogues, and catalogues checked.

A message is a paragraph of a Markdown cell, a paragraph of a ``%%prose`` cell, or the first argument
of ``_()`` or ``N_()``. Each notebook has a catalogue of its name; what the package says is in
``package.po``. Titles that come from ``datapackage.json`` and the reports' catalogue are there too.
"""

from __future__ import annotations

import io
import json
import re
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta
from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract

from hashrate_migration.tables.read import description, load
from hashrate_migration.words import prose
from hashrate_migration.words.catalogue import SOURCE_LANGUAGE, languages, locale_folder, read_po
from hashrate_migration.words.values import WAYS

TABLE_TEXTS = {
    "claim_searches": ("looked_for", "note"),
    "claim_sightings": ("note",),
    "claims": ("reason",),
    "energy_estimates": ("note",),
    "energy_studies": ("method",),
    "estimate_kinds": ("title", "reason"),
    "hardware_makers": ("note",),
    "other_coins": ("coin", "measure", "note"),
    "relocation_reports": ("statement",),
}
"""Columns of tables whose texts a page shows, where the table has no column in another language."""

PACKAGE = "package"
"""Name of the catalogue of everything that is not in a notebook."""

_KEYWORDS: dict[str, None] = {"_": None, "N_": None}

_WORDS = re.compile(r"[^\W\d_]{2,}")

Found = Iterator[tuple[str, str]]


def _of_code(source: bytes, place: str) -> Found:
    for line, message, _comments, _context in extract("python", io.BytesIO(source), _KEYWORDS):
        if isinstance(message, str) and message:
            yield message, f"{place}:{line}"


def cell_paragraphs(cell: dict[str, Any]) -> list[str]:
    """The paragraphs of a cell that a reader sees as text: of Markdown, or of ``%%prose``."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        text = source
    elif source.startswith(f"%%{prose.MAGIC}"):
        text = source.partition("\n")[2]
    else:
        return []
    # Without a word (a rule, a lone value) there is nothing to translate.
    return [
        part for part, is_message in prose.paragraphs(text) if is_message and _WORDS.search(part)
    ]


def of_notebook(path: Path) -> Found:
    """Messages of a notebook, with the cell that each stands in."""
    for index, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        place = f"{path.name}, cell {index}"
        source = "".join(cell["source"])
        yield from ((text, place) for text in cell_paragraphs(cell))
        if cell["cell_type"] == "code" and not source.startswith("%%"):
            for message, _line in _of_code(source.encode(), place):
                yield message, place


def of_package(package: Path, described: dict[str, Any], reports: Path | None) -> Found:
    """Messages of the package's code, of the tables' titles and of the reports' catalogue."""
    for path in sorted(package.rglob("*.py")):
        yield from _of_code(path.read_bytes(), path.relative_to(package).as_posix())
    for resource in described["resources"]:
        yield resource["title"], f"datapackage.json, {resource['name']}"
        for source in resource["sources"]:
            yield source["title"], f"datapackage.json, {resource['name']}"
    for table, columns in TABLE_TEXTS.items():
        for column in columns:
            for text in load(table)[column].dropna().unique():
                yield text, f"{table}.csv, {column}"
    if reports is not None:
        import yaml

        for entry in yaml.safe_load(reports.read_text(encoding="utf-8"))["reports"]:
            for key in ("title", "summary"):
                yield entry[key], f"catalogue.yml, {entry['id']}"


def _template(found: Found) -> Catalog:
    """A catalogue without translations, and without line numbers: it changes with its texts only."""
    catalogue = Catalog(fuzzy=False)
    for message, place in found:
        catalogue.add(message, locations=[(place.rpartition(":")[0] or place, 0)])
    return catalogue


def templates(checkout: Path) -> dict[str, Catalog]:
    """Name of each catalogue to what it must hold.

    Parameters
    ----------
    checkout : Path
        Top folder of the repository.
    """
    made = {
        path.stem: _template(of_notebook(path))
        for path in sorted((checkout / "notebooks").glob("*.ipynb"))
    }
    made[PACKAGE] = _template(
        of_package(
            checkout / "src" / "hashrate_migration",
            description(),
            checkout / "reports" / "catalogue.yml",
        )
    )
    return made


def _read(path: Path, language: str) -> Catalog:
    if not path.is_file():
        return Catalog(locale=language)
    return read_po(path, language)


def _as_bytes(catalogue: Catalog) -> bytes:
    text = io.BytesIO()
    pofile.write_po(text, catalogue, width=100, omit_header=True, ignore_obsolete=True)
    return text.getvalue()


def updated(path: Path, template: Catalog, language: str) -> bytes:
    """A catalogue's file with the messages of a template: translations kept, what is gone left out."""
    catalogue = _read(path, language)
    catalogue.update(template, no_fuzzy_matching=True)
    return _as_bytes(catalogue)


def update(checkout: Path) -> list[str]:
    """Write the catalogues of all languages anew.

    Returns
    -------
    list of str
        One line per language: how many messages it has, and how many are translated.
    """
    made = templates(checkout)
    lines = []
    for language in languages()[1:]:
        folder = locale_folder() / language
        for path in folder.glob("*.po"):
            if path.stem not in made:
                path.unlink()
        for name, template in made.items():
            (folder / f"{name}.po").write_bytes(updated(folder / f"{name}.po", template, language))
        messages = [m for name in made for m in _read(folder / f"{name}.po", language) if m.id]
        ready = sum(bool(message.string) for message in messages)
        lines.append(f"{language}: {len(messages)} messages, {ready} translated")
    return lines


def _places_of_format(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def _places_of_prose(message: str) -> set[str]:
    return jinja2.meta.find_undeclared_variables(prose.ENVIRONMENT.parse(message))


def places(message: str) -> set[str]:
    """Names of the values that a message holds.

    Raises
    ------
    ValueError
        If its braces cannot be read.
    """
    read: Callable[[str], set[str]]
    read = _places_of_prose if re.search(r"\{[{%]", message) else _places_of_format
    try:
        return read(message)
    except (jinja2.TemplateSyntaxError, ValueError) as error:
        raise ValueError(f"{message[:60]!r}: braces that cannot be read ({error})") from None


_ALIKE = {"begin": "place", "whose": "place"}
"""Ways that differ by their place in a sentence alone, which another language may order otherwise."""

_EXPRESSION = re.compile(r"\{\{\s*(.*?)\s*\}\}")


def said(message: str) -> list[str]:
    """What a message says of which values, sorted: each value with the way it is said.

    Raises
    ------
    ValueError
        If its braces cannot be read, or it names a way that there is none.
    """
    places(message)
    if re.search(r"\{[{%]", message):
        parts = [re.split(r"\s*\|\s*", found) for found in _EXPRESSION.findall(message)]
        pairs = [(value, re.split(r"[.(]", way[0])[0] if way else "") for value, *way in parts]
        known = {*WAYS, *prose.ENVIRONMENT.filters}
    else:
        fields = string.Formatter().parse(message)
        pairs = [(name, (spec or "").partition(".")[0]) for _, name, spec, _ in fields if name]
        known = {*WAYS}
    for value, way in pairs:
        if way and way not in known:
            raise ValueError(f"{message[:60]!r}: {way!r} of {value} is no way to say a value")
    return sorted(f"{value}:{_ALIKE.get(way, way)}" for value, way in pairs)


def problems(checkout: Path) -> list[str]:
    """What is wrong with the catalogues.

    Returns
    -------
    list of str
        One sentence for each catalogue that does not hold the messages of today, and for each
        translation that holds other values than its message.
    """
    made = templates(checkout)
    found = []
    for name, template in made.items():
        for message in template:
            if message.id:
                try:
                    said(str(message.id))
                except ValueError as error:
                    found.append(f"{name}: {error}")
    for language in languages():
        if language == SOURCE_LANGUAGE:
            continue
        for name, template in made.items():
            path = locale_folder() / language / f"{name}.po"
            if not path.is_file() or path.read_bytes() != updated(path, template, language):
                found.append(f"locale/{language}/{name}.po is not of today: run `make words`.")
                continue
            for message in _read(path, language):
                if not (message.id and message.string):
                    continue
                try:
                    wanted, there = said(str(message.id)), said(str(message.string))
                except ValueError as error:
                    found.append(f"locale/{language}/{name}.po: {error}")
                    continue
                if wanted != there:
                    found.append(
                        f"locale/{language}/{name}.po: {str(message.id)[:60]!r} holds "
                        f"{wanted}, its translation {there}."
                    )
    return found
