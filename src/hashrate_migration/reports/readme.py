"""Tables and picture of ``README.md`` that are written by a command, so that no result is typed into it.

Between the marks ``<!-- begin: NAME -->`` and ``<!-- end -->`` stands what :func:`blocks` makes of the
catalogue of reports, of the description of the tables and of kept results; all else in the file is
written by hand. ``hashrate-migration readme`` brings the blocks up to date.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd
import yaml

from hashrate_migration import flows, words
from hashrate_migration.errors import InputError
from hashrate_migration.reports.catalogue import Contents, Entry
from hashrate_migration.tables.read import description
from hashrate_migration.words import catalogue, columns, values

COMMAND = "hashrate-migration readme"

_BLOCK = re.compile(
    r"(?P<begin><!-- begin: (?P<name>[a-z-]+) -->\n)(?P<body>.*?)(?P<end><!-- end -->)", re.DOTALL
)

_PLACE = re.compile(r"\{([a-z_]+)\}")


def _markdown(headings: Iterable[str], rows: Iterable[Iterable[str]], numbers: int = 0) -> str:
    """A table in Markdown; its last columns, as many as are `numbers`, stand to the right."""
    heads = list(headings)
    rules = ["---"] * (len(heads) - numbers) + ["---:"] * numbers
    lines = [heads, rules, *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _of_family(entry: Entry, text: str) -> str:
    """A text of the catalogue as it holds for all members of a family."""
    chosen = {"country_name": "A country", "country_in_text": "a country"}
    for name, members in entry.foreach.items():
        if not isinstance(members, str):
            *others, last = map(str, members)
            chosen[name] = f"{', '.join(others)} or {last}" if others else last
    return _PLACE.sub(lambda place: chosen[place[1]], text)


def _members(entry: Entry) -> str:
    """Which reports a family has."""
    if not entry.foreach:
        return ""
    (members,) = entry.foreach.values()
    return "; one for each country of the panel" if isinstance(members, str) else "; one for each"


def reports(checkout: Path) -> str:
    """The reports of the catalogue: id, title with its notebook, and what each shows."""
    path = checkout / "reports" / "catalogue.yml"
    contents = Contents.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    rows = [
        (
            f"`{_PLACE.sub('…', entry.id)}`",
            f"[{_of_family(entry, entry.title)}](notebooks/{entry.notebook})",
            _of_family(entry, entry.summary).removesuffix(".") + _members(entry),
        )
        for entry in contents.reports
    ]
    return _markdown(("report", "title and notebook", "what it shows"), rows)


def truth_test(_checkout: Path) -> str:
    """How often the intervals of the flows hold the truth of simulated worlds."""
    table = flows.truth()
    covered = [name for name in table if name.startswith("coverage_")]
    shown = ["variant", *covered]
    rows = ([columns.column(name).said(row[name]) for name in shown] for _, row in table.iterrows())
    made = _markdown((columns.column(name).title for name in shown), rows, len(covered))
    worlds, draws = (values.items(sorted(set(table[name]))) for name in ("worlds", "draws"))
    return f"{made}\n{worlds} worlds a row, {draws} draws a world, intervals of 90 percent.\n"


def terms(_checkout: Path) -> str:
    """The terms of the tables, each with its tables and where they come from."""
    titles: dict[str, str] = {}
    tables: dict[str, list[str]] = {}
    origins: dict[str, dict[str, None]] = {}
    for resource in description()["resources"]:
        for licence in resource["licenses"]:
            titles[licence["name"]] = f"[{licence['title']}]({licence['path']})"
            tables.setdefault(licence["name"], []).append(f"`{resource['name']}`")
            for source in resource["sources"]:
                origins.setdefault(licence["name"], {})[source["title"]] = None
    rows = ((titles[n], ", ".join(tables[n]), "; ".join(origins[n])) for n in tables)
    return _markdown(("terms", "tables", "from"), rows)


def speed(checkout: Path) -> str:
    """What the benchmark of the flows kept when it was last run, with machine and date."""
    table = _measured(checkout, "flows")
    rows = (
        (row["way"], values.number(row["ratio"], 1), values.number(row["peak_mib"]))
        for _, row in table.iterrows()
    )
    made = _markdown(("way", "processor time, as a multiple", "peak memory (MiB)"), rows, 2)
    about = table.iloc[0]
    return f"{made}\n{about['case']}; {about['machine']}, {about['date']}.\n"


def panel_speed(checkout: Path) -> str:
    """What the benchmark of the panel kept, with the effective draws that a second gives."""
    table = _measured(checkout, "panel")
    if table.empty:
        return "Not measured yet.\n"
    rows = (
        (
            row["way"],
            values.number(row["ratio"], 2),
            values.number(row["peak_mib"]),
            values.number(row["median_draws_per_s"], 2),
            values.number(row["worst_draws_per_s"], 2),
        )
        for _, row in table.iterrows()
    )
    heads = (
        *("way", "processor time, as a multiple", "peak memory (MiB)"),
        *("effective draws of the median share per second", "of the worst share"),
    )
    about = table.iloc[0]
    made = _markdown(heads, rows, 4)
    return f"{made}\n{about['case']}; {about['machine']}, {about['date']}.\n"


def _measured(checkout: Path, benchmark: str) -> pd.DataFrame:
    """Rows that a benchmark kept."""
    table = pd.read_csv(checkout / "benchmarks" / "results.csv")
    return table[table["benchmark"] == benchmark]


def audit(checkout: Path) -> str:
    """What the last audit tried, and how much of it came out as it should."""
    table = pd.read_csv(checkout / "benchmarks" / "audit.csv")
    rows = (
        (
            row["check"],
            row["part"],
            values.number(row["tried"]),
            values.number(row["held"]),
            values.number(100 * row["held"] / row["tried"], 1),
        )
        for _, row in table.iterrows()
    )
    made = _markdown(("what was tried", "on what", "cases", "held", "percent"), rows, 3)
    days = values.items(sorted(set(table["date"])))
    return f"{made}\n`make audit`, {days}.\n"


BLOCKS: Mapping[str, Callable[[Path], str]] = {
    "reports": reports,
    "audit": audit,
    "truth-test": truth_test,
    "speed": speed,
    "panel-speed": panel_speed,
    "terms": terms,
}
"""Name of each block to what makes it from a checkout."""


def filled(text: str, checkout: Path) -> str:
    """A text with all its blocks of today, in English.

    Parameters
    ----------
    text : str
        Markdown with marks.
    checkout : Path
        Top folder of the repository.

    Returns
    -------
    str
        The same outside of the marks.

    Raises
    ------
    InputError
        If a block is unknown, or begins without an end.
    """
    words.use(catalogue.SOURCE_LANGUAGE)
    begun = re.findall(r"<!-- begin: (.*?) -->", text)
    closed = [match["name"] for match in _BLOCK.finditer(text)]
    if begun != closed:
        raise InputError(
            f"README.md: of the blocks {', '.join(begun)} only {', '.join(closed) or 'none'} can be "
            "read; end each with <!-- end --> before the next begins."
        )
    for name in closed:
        if name not in BLOCKS:
            raise InputError(
                f"README.md: there is no block {name!r}; there are: {', '.join(BLOCKS)}."
            )
    return _BLOCK.sub(
        lambda match: f"{match['begin']}\n{BLOCKS[match['name']](checkout)}\n{match['end']}", text
    )


PICTURE = "hashrate-by-country"
"""The figure of the overview that the README shows."""


def picture(checkout: Path) -> bytes:
    """The README's picture, as the overview's notebook has it.

    Raises
    ------
    InputError
        If the notebook does not hold the figure.
    """
    path = checkout / "notebooks" / "00_overview.ipynb"
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            about = output.get("metadata", {}).get("hashrate_migration", {})
            if about.get("name") == PICTURE:
                return base64.b64decode("".join(output["data"]["image/png"]))
    raise InputError(f"{path}: has no figure {PICTURE}; run it with `make notebooks`.")


def update(checkout: Path, check: bool = False) -> bool:
    """Bring the blocks and the picture of a checkout's ``README.md`` up to date.

    Parameters
    ----------
    checkout : Path
        Top folder of the repository.
    check : bool
        Only look; write nothing.

    Returns
    -------
    bool
        Whether they were of an older day.
    """
    path = checkout / "README.md"
    before = path.read_text(encoding="utf-8")
    after = filled(before, checkout)
    files = {path: after.encode("utf-8")}
    if f"reports/{PICTURE}.png" in before:
        files[checkout / "reports" / f"{PICTURE}.png"] = picture(checkout)
    older = [file for file, new in files.items() if not file.is_file() or file.read_bytes() != new]
    if not check:
        for file in older:
            file.write_bytes(files[file])
    return bool(older)
