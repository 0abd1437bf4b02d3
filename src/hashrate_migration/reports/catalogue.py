"""``reports/catalogue.yml``: which notebook is rendered with which parameters."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hashrate_migration import country_panel
from hashrate_migration.arguments import shown
from hashrate_migration.errors import InputError
from hashrate_migration.words import translated, values

Value = str | int | float | bool

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

ASSETS = "assets"
"""Folder of the site that holds styles and scripts: no report may have its name."""

_YAMLS_OWN = (
    *(AttributeError, IndexError, KeyError, OverflowError),
    *(RecursionError, TypeError, ValueError),
)
"""What PyYAML lets through where a tag does not fit its value, or nesting has no end."""

_PLACE = re.compile(r"\{([a-z_]+)\}")


class _NoDoubles(yaml.SafeLoader):
    """Reads YAML and refuses a key that stands twice, of which YAML itself would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """See :class:`yaml.SafeLoader`."""
        seen = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key if isinstance(key, str) else id(key_node))
        return super().construct_mapping(node, deep)


class Entry(BaseModel):
    """One entry of the catalogue: a report, or a family of reports."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-([a-z0-9]+|\{[a-z_]+\}))*$")
    title: str = Field(min_length=1)
    summary: str = Field(min_length=1)
    notebook: str = Field(pattern=r"^[\w-]+\.ipynb$")
    parameters: dict[str, Value] = {}
    foreach: dict[
        str,
        Annotated[list[Value], Field(min_length=1)] | Literal["countries"],
    ] = Field(default={}, max_length=1)


class Contents(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reports: list[Entry] = Field(min_length=1)


@dataclass(frozen=True)
class Report:
    """A notebook plus parameters: nothing else makes a report."""

    id: str
    title: str
    summary: str
    notebook: Path
    parameters: dict[str, Value] = field(default_factory=dict)
    family: str | None = None
    varies: str | None = None

    def with_parameters(self, parameters: dict[str, Value]) -> Report:
        """The same report with other parameters."""
        return replace(self, parameters=parameters)


@dataclass(frozen=True)
class Catalogue:
    """The reports there are, and where their parts lie."""

    path: Path
    reports: list[Report]

    @property
    def notebooks(self) -> Path:
        """Folder of the notebooks."""
        return self.path.parent.parent / "notebooks"

    @property
    def site(self) -> Path:
        """Folder in which pages are built by default."""
        return self.path.parent / "site"

    def select(self, ids: list[str]) -> list[Report]:
        """Reports by id; the name of a family stands for all its members.

        Raises
        ------
        InputError
            For an unknown id, listing those there are.
        """
        chosen = []
        for wanted in ids:
            found = [r for r in self.reports if wanted in (r.id, r.family)]
            if not found:
                families = dict.fromkeys(r.family or r.id for r in self.reports)
                raise InputError(
                    f"There is no report {wanted!r}; the reports are: {', '.join(families)}"
                    + "".join(
                        f" ({family}: {', '.join(r.id for r in members)})"
                        for family, members in itertools.groupby(
                            (r for r in self.reports if r.family), key=lambda r: r.family
                        )
                    )
                    + "."
                )
            chosen += [report for report in found if report not in chosen]
        return chosen


def find(start: Path) -> Path:
    """The catalogue of the checkout that a folder belongs to.

    Raises
    ------
    InputError
        If neither the folder nor one above it has ``reports/catalogue.yml``.
    """
    for folder in (start, *start.parents):
        candidate = folder / "reports" / "catalogue.yml"
        if candidate.is_file():
            return candidate
    raise InputError(
        f"There is no reports/catalogue.yml in {start} or above it; run the command inside a checkout "
        "or name the file with --catalogue."
    )


def read(path: Path) -> Catalogue:
    """Read and check a catalogue.

    Parameters
    ----------
    path : Path
        The YAML file; notebooks lie in ``../notebooks`` beside its folder.

    Returns
    -------
    Catalogue
        Families spelled out, in the order of the file; titles and summaries in the language in use.

    Raises
    ------
    InputError
        For bad YAML, an unknown or missing key, a doubled id, or a missing notebook.
    """
    written: Any = None
    try:
        written = yaml.load(path.read_text(encoding="utf-8"), Loader=_NoDoubles)
        contents = Contents.model_validate(written)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name another file.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text; save it as such.") from None
    except yaml.reader.ReaderError as error:
        raise InputError(
            f"{path}: not valid YAML (character {error.character:#x}); take it out."
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise InputError(
            f"{path}, line {line}: not valid YAML ({error.problem}); correct it."
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        match first["loc"]:
            case ("reports", int(number), "parameters", str(name), _kind) | (
                "reports",
                int(number),
                "foreach",
                str(name),
                _,
                int(),
                _kind,
            ):
                raise InputError(
                    f"{path}: {written['reports'][number].get('id', number)}: {name} = "
                    f"{shown(first['input'])} is not a text, a number or true/false; write one."
                ) from None
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{path}: {place}: {first['msg']}; correct the entry.") from None
    except _YAMLS_OWN as error:
        raise InputError(
            f"{path}: not valid YAML ({type(error).__name__}); take tags and deep nesting out."
        ) from None
    reports: list[Report] = []
    for entry in contents.reports:
        notebook = path.parent.parent / "notebooks" / entry.notebook
        if not notebook.is_file():
            raise InputError(
                f"{path}: the notebook of {entry.id} is missing: {notebook}; add it or correct its name."
            )
        reports += _members(entry, notebook, path)
    ids = [report.id for report in reports]
    for report in reports:
        if report.id == ASSETS:
            raise InputError(
                f"{path}: the id {ASSETS} is that of the site's own folder; choose another."
            )
        if ids.count(report.id) > 1:
            raise InputError(f"{path}: the id {report.id} stands twice; give each report its own.")
    return Catalogue(path, reports)


def _filled(text: str, words: dict[str, str]) -> str:
    """A text with its places filled; a place is a name in braces and nothing more.

    Raises
    ------
    KeyError
        For a name without a word.
    ValueError
        If there are other braces.
    """
    if re.search(r"[{}]", _PLACE.sub("", text)):
        raise ValueError(text)
    return _PLACE.sub(lambda place: words[place[1]], text)


def _words(name: str, value: Value) -> dict[str, str]:
    """What the places of a family may be filled with, for one of its members."""
    words = {name: translated(str(value))}
    if name == "country":
        words["country_name"] = values.begin(str(value))
        words["country_in_text"] = values.place(str(value))
    return words


def _read(name: str, value: Value, where: str) -> Value:
    """A member's value as its report will have it: a country by any name becomes its code.

    Raises
    ------
    InputError
        For a country that the panel does not have.
    """
    from hashrate_migration.reports.parameters import PARAMETERS  # it imports this module

    if name != "country" or not isinstance(value, str):
        return value
    try:
        return str(PARAMETERS[name].read(value))
    except InputError as error:
        raise InputError(f"{where}: {name} = {shown(value)} {error}") from None


def _members(entry: Entry, notebook: Path, path: Path) -> list[Report]:
    if not entry.foreach:
        if "{" in entry.id:
            raise InputError(f"{path}: {entry.id} has a place to fill but no foreach; add it.")
        title, summary = translated(entry.title), translated(entry.summary)
        return [Report(entry.id, title, summary, notebook, entry.parameters)]
    ((name, over),) = entry.foreach.items()
    if f"{{{name}}}" not in entry.id:
        raise InputError(
            f"{path}: the id {entry.id} must hold {{{name}}}, as foreach goes over it."
        )
    family = entry.id.split("-{")[0]
    members = []
    for written in country_panel.countries() if isinstance(over, str) else over:
        value = _read(name, written, f"{path}: {entry.id}")
        try:
            words = _words(name, value)
        except InputError as error:
            raise InputError(f"{path}: {entry.id}: {error}") from None
        try:
            member = Report(
                _filled(entry.id, {name: str(value).lower()}),
                _filled(translated(entry.title), words),
                _filled(translated(entry.summary), words),
                notebook,
                {**entry.parameters, name: value},
                family,
                name,
            )
        except KeyError as error:
            raise InputError(
                f"{path}: {entry.id}: there is no value for {{{error.args[0]}}}; use one of "
                f"{', '.join(words)}."
            ) from None
        except ValueError as error:
            raise InputError(
                f"{path}: {entry.id}: braces that cannot be filled in {str(error)!r}; use {{name}} with "
                f"one of {', '.join(words)}."
            ) from None
        if not _ID.fullmatch(member.id):
            raise InputError(
                f"{path}: {entry.id}: {value!r} makes the id {member.id!r}; an id has small "
                "letters, digits and single hyphens."
            )
        members.append(member)
    return members
