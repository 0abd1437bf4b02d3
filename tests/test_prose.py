"""No sentence holds a typed result.

Quantities stand in places that are computed: ``{{ … }}`` in a cell of prose, ``{name:way}`` in a
message. What is left of the text may hold years, dates and the phrases of ``prose_exceptions.yml``,
each with its reason.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

from hashrate_migration.tables.read import load
from hashrate_migration.words import extract

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXCEPTIONS = yaml.safe_load((ROOT / "tests" / "prose_exceptions.yml").read_text(encoding="utf-8"))

_PLACE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[a-z_]+(:[a-z_]+(\.\d)?)?\}", re.DOTALL)
_LITERAL = re.compile(r"(?<![\w.])\d+(\.\d+)?(?!\w)")
_INSIDE = re.compile(r"\[[^\]]*\]|\w+\([^()]*\)|(?<=- )1\b|\b100 \*")
"""Places of a list, arguments of a call, one less, and fractions turned into percent."""

_VALUE = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_SET = re.compile(r"\{%\s*set\b")
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)")
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"\b(\d{{1,2}} )?({_MONTH}) (\d{{1,2}}, )?(19|20)\d\d\b|\b(19|20)\d\d(-\d\d){{0,2}}\b"
)
_UNITS = ("CO2e", "CO2")
_WORD = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?"
    r"|dozens?|half|halves|thirds?|quarters?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?"
    r"|twice|double[ds]?|tripled?|\w+-?fold)\b",
    re.IGNORECASE,
)


def typed(text: str, allowed: list[str]) -> list[str]:
    """Digits and number words of a text that are neither computed nor a date nor allowed."""
    for phrase in allowed:
        text = text.replace(phrase, " ")
    for pattern in (_PLACE, _CODE, _DATE):
        text = pattern.sub(" ", text)
    for unit in _UNITS:
        text = text.replace(unit, " ")
    found = [m for line in text.splitlines() for m in re.findall(r"\S*\d\S*", line)]
    return found + [m.group() for m in _WORD.finditer(text)]


def literals(text: str) -> list[str]:
    """Numbers written where a value belongs: ``{{ 22.3 | percent }}``, ``{% set x = 22.3 %}``."""
    values = [_INSIDE.sub("", value.split("|")[0]) for value in _VALUE.findall(text)]
    found = [m.group() for value in values for m in _LITERAL.finditer(value)]
    return found + _SET.findall(text)


def phrases(place: str) -> list[str]:
    return [entry["phrase"] for entry in EXCEPTIONS if entry["where"] in (place, "anywhere")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a seventh of the network is there", ["seventh"]),
        ("more than half of all blocks", ["half"]),
        ("## China in 2020: 43 TWh, not 150", ["43", "150"]),
        ("forty-seven statements", ["forty", "seven"]),
        ("It fell by 38.5 percent on 3 July 2021.", ["38.5"]),
        ("from May to October 2020, in 2021-06 and on 2021-05-21", []),
        ("{{ share | percent(1) }} in {{ month | month }}, {n:number.1} and {who}", []),
        ("three-fold", ["three"]),
        ("grew tenfold", ["tenfold"]),
    ],
)
def test_the_search_itself(text, found):
    assert typed(text, []) == found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_notebook_holds_a_typed_result(path):
    found = {}
    for index, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        texts = extract.cell_paragraphs(cell)
        if cell["cell_type"] == "code" and not texts:
            source = "".join(cell["source"])
            texts = [m for m, _ in extract._of_code(source.encode(), "")]
        if hits := [hit for text in texts for hit in typed(text, phrases(path.stem))]:
            found[index] = hits
    assert not found, f"typed quantities by cell: {found}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ 22.3 | percent }}", ["22.3"]),
        ("{{ (5.0, 37.0) | between }}", ["5.0", "37.0"]),
        ("{% set back = 22.3 %}{{ back | percent }}", ["{% set"]),
        ("{{ share | percent(1) }} {{ rows[0].x | ehs }} {{ remaining['CN-SC'] | percent }}", []),
    ],
)
def test_the_search_for_literals_itself(text, found):
    assert literals(text) == found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_value_of_prose_is_a_number_written_there(path):
    for index, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        for text in extract.cell_paragraphs(cell):
            assert literals(text) == [], f"cell {index}"


def test_no_message_of_the_package_holds_a_typed_result():
    found = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for message, place in extract._of_code(path.read_bytes(), path.name):
            if hits := typed(message, phrases("package")):
                found[f"{place} {message[:50]}"] = hits
    assert not found


def test_the_catalogue_holds_no_typed_result():
    entries = yaml.safe_load((ROOT / "reports" / "catalogue.yml").read_text(encoding="utf-8"))
    for entry in entries["reports"]:
        for key in ("title", "summary"):
            assert typed(entry[key], phrases("catalogue")) == [], entry["id"]


def test_the_readme_holds_no_typed_result():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    # What stands between these marks is written by a command from kept results.
    text = re.sub(r"<!-- begin: .*?<!-- end", "", text, flags=re.DOTALL)
    assert typed(text, phrases("README")) == []


def test_exceptions_have_a_reason_and_are_still_needed():
    sources = {path.stem: path.read_text(encoding="utf-8") for path in NOTEBOOKS}
    sources["README"] = (ROOT / "README.md").read_text(encoding="utf-8")
    sources["catalogue"] = (ROOT / "reports" / "catalogue.yml").read_text(encoding="utf-8")
    sources["package"] = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py"))
    )
    for entry in EXCEPTIONS:
        assert entry["reason"].endswith("."), entry
        places = sources.values() if entry["where"] == "anywhere" else [sources[entry["where"]]]
        assert any(entry["phrase"] in text for text in places), entry


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_reader_sees_an_f_string(path):
    """Text that a reader sees is a message: it can be translated, and its values are said one way."""
    texts = {"title", "subtitle", "caption"}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code" or source.startswith("%%"):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.keyword) and node.arg in texts:
                assert not any(isinstance(part, ast.JoinedStr) for part in ast.walk(node.value))
                assert not isinstance(node.value, ast.Constant), ast.unparse(node)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("show_table"):
                assert not any(isinstance(part, ast.JoinedStr) for part in ast.walk(node))
                # The caption is a message, wherever it stands among the arguments.
                assert not any(isinstance(part, ast.Constant) for part in node.args[2:])


def test_reasons_of_claims_hold_no_result_that_a_table_computes():
    reasons = load("claims")["reason"].dropna().unique()
    allowed = phrases("claims.csv")
    found = {reason: typed(reason, allowed) for reason in reasons}
    assert not {reason: words for reason, words in found.items() if words}
