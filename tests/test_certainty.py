"""Sentences that claim more than the tables know, by their kind.

Each kind has been on a page. A sentence of it is refused wherever it stands; what may be said instead
stands beside it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

KINDS = {
    # Hiding was never seen: say what may have been, or who says so.
    "hiding as a fact": re.compile(
        r"\b(it|they|miners|machines|mining|china|hashrate)( \w+)? (hid|hides?|hiding)\b"
        r"|\b(it|they|miners|machines|hashrate) (was|were|is|are) hidden\b",
        re.IGNORECASE,
    ),
    # "No country has held half" is a statement on every draw: say in how many it is so.
    "never, of what a band leaves open": re.compile(
        r"\b(no (country|state|region|province)|none of them) (has|had|have|will|would)\b"
        r"(?! a drift)",
        re.IGNORECASE,
    ),
    # What people could not have done is no finding of a table: say what no source records.
    "what cannot have been done": re.compile(
        r"\bno (fleet|miner|mine|machine|firm|country)s? (can|could) (leave|move|cross|return|hide)\b"
        r"|\b(cannot|could not) have (left|moved|crossed|returned|hidden)\b",
        re.IGNORECASE,
    ),
    # An announcement is no act.
    "a plan as an act": re.compile(
        r"\b(norway|british columbia|ethiopia)('s)? (has )?(banned|ban on)\b", re.IGNORECASE
    ),
}

MAY_SAY = {
    # One of three readings that the page sets side by side, each in bold with its colon.
    "- **It was hidden.** Miners who went on reached their pools through proxies abroad.",
    # A belief of the model, which has its probability.
    "how likely machines hide where a sample shows none",
    "chance that machines hid where the map's sample shows none",
}
"""Sentences of a kind that say it as a possibility."""


def sentences() -> list[tuple[str, str]]:
    """Notebook and sentence of all prose, and of what the package's messages say."""
    found = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] == "markdown" or text.startswith("%%prose"):
                found += [(path.name, line) for line in text.splitlines() if line.strip()]
    for path in sorted((ROOT / "src" / "hashrate_migration" / "chapters").glob("*.py")):
        text = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))
        found += [(path.name, told) for told in re.findall(r'_\(\s*"([^"]+)"', text)]
    return found


ALL = sentences()


@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_is_of_a_kind_that_claims_too_much(kind):
    pattern = KINDS[kind]
    claimed = [
        f"{where}: {sentence}"
        for where, sentence in ALL
        if pattern.search(sentence) and not any(said in sentence for said in MAY_SAY)
    ]
    assert not claimed


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("hiding as a fact", "Mining did not leave: it hid, behind proxies."),
        ("hiding as a fact", "The machines were hidden abroad."),
        (
            "never, of what a band leaves open",
            "No country has held half of the network since the ban.",
        ),
        (
            "what cannot have been done",
            "No fleet can leave a country, cross no border and return within weeks.",
        ),
        ("what cannot have been done", "The machines cannot have left and come back."),
        ("a plan as an act", "In 2025 Norway banned new sites."),
    ],
)
def test_the_sentences_that_stood_on_a_page_are_found(kind, sentence):
    assert KINDS[kind].search(sentence)


def test_there_are_sentences_to_look_at():
    assert len(ALL) > 300
    assert any(said in sentence for said in MAY_SAY for _, sentence in ALL)
