"""A small checkout with toy notebooks, for the tests of the report machinery."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]

PARAMETERS = 'country: str = "CHN"  # a country\ntop_n: int = 3  # how many'

DRAW = """\
import pandas as pd

from hashrate_migration import charts

charts.use()
with charts.figure(
    "a-figure",
    title=f"Finding on {country}",
    subtitle="Measure, unit",
    caption="What the figure shows.",
    source=charts.cite("mining_map"),
    thumbnail=True,
) as ax:
    ax.plot([1, 2, top_n])
table = pd.DataFrame({"number": [1, 2], "share_pct": [0.5, 1 / 3]})
charts.show_table(table, "a-table", "Values.")
"""

PROSE = """\
%%prose
There are **{{ top_n }}** of them."""

PROSE_OF_TEXT = """\
%%prose
Said: {{ text }}"""

FAIL = """\
if country == "KAZ":
    raise RuntimeError("the mine is flooded")"""

REFUSE = """\
from hashrate_migration.errors import InputError

raise InputError("top_n is too large for this notebook; give less.")"""

DIE = """\
import os

if country == "KAZ":
    {death}"""

WARN = """\
import sys
import time
import warnings

print(sys.executable, flush=True)
warnings.warn("mind the gap")
time.sleep(0.5)
print("later")"""

SHOW = """\
from IPython.display import display

for name in {names}:
    display(
        {{"text/html": "<table><tr><td>1</td></tr></table>", {data}}},
        metadata={{"hashrate_migration": {{"kind": {kind!r}, "name": name, "caption": "A."}}}},
        raw=True,
    )"""

CATALOGUE = """\
reports:
  - {id: one, title: One report, summary: It shows one thing., notebook: toy.ipynb}
  - id: family-{country}
    title: "{country_name}"
    summary: About {country_in_text}.
    notebook: toy.ipynb
    parameters: {top_n: 4}
    foreach: {country: [CHN, KAZ]}
"""


def notebook(*code: str, parameters: str = PARAMETERS) -> nbformat.NotebookNode:
    """A notebook with prose, a parameters cell and cells of code."""
    cells = [
        nbformat.v4.new_markdown_cell("# Its own title\n\nProse first.", id="prose"),
        nbformat.v4.new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_markdown_cell("## A section", id="section"),
    ]
    cells += [nbformat.v4.new_code_cell(text, id=f"code-{i}") for i, text in enumerate(code)]
    return nbformat.v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "x"}},
    )


def checkout(folder: Path, *code: str, catalogue: str = CATALOGUE) -> Path:
    """Lay out a checkout and give the path of its catalogue."""
    (folder / "notebooks").mkdir(parents=True)
    nbformat.write(notebook(*(code or (DRAW, PROSE))), folder / "notebooks" / "toy.ipynb")
    shutil.copytree(ROOT / "reports" / "template", folder / "reports" / "template")
    path = folder / "reports" / "catalogue.yml"
    path.write_text(catalogue, encoding="utf-8")
    return path
