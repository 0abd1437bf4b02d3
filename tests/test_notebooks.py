"""What every notebook must look like; that they run is nbval's to check."""

from __future__ import annotations

import ast
import base64
import re
from pathlib import Path

import nbformat
import pytest
import yaml

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
LINE = re.compile(r"^[a-z_]+: (str|int|float|bool) = .+  # .+$")


LONGEST_CELL = 17
"""Lines; the aim is fifteen, and a call with a long message may take two more."""

HEAVIEST_BYTES = 4_000_000
"""All notebooks together: what a clone and a diff can carry."""

COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\b")


def is_prose(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "code" and cell.source.startswith("%%prose")


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks():
    assert {"00_overview", "01_rise_and_ban", "11_country_profile"} <= {n.stem for n in NOTEBOOKS}


def test_all_notebooks_together_are_light():
    assert sum(path.stat().st_size for path in NOTEBOOKS) < HEAVIEST_BYTES


def test_the_reading_order_is_the_order_of_the_files():
    numbers = [int(path.stem.split("_")[0]) for path in NOTEBOOKS]
    assert numbers == list(range(len(NOTEBOOKS)))
    catalogue = yaml.safe_load(
        (NOTEBOOKS[0].parents[1] / "reports" / "catalogue.yml").read_text(encoding="utf-8")
    )
    used = list(dict.fromkeys(entry["notebook"] for entry in catalogue["reports"]))
    assert used == [path.name for path in NOTEBOOKS]


def test_the_picture_of_the_readme_is_that_of_the_overview():
    pictures = [
        output.data["image/png"]
        for cell in read(NOTEBOOKS[0]).cells
        for output in cell.get("outputs", [])
        if output.get("metadata", {}).get("hashrate_migration", {}).get("name")
        == "hashrate-by-country"
    ]
    committed = NOTEBOOKS[0].parents[1] / "reports" / "hashrate-by-country.png"
    assert [committed.read_bytes()] == [base64.b64decode(picture) for picture in pictures]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestEveryNotebook:
    def test_defines_no_function(self, path):
        for cell in read(path).cells:
            if cell.cell_type == "code" and not is_prose(cell):
                kinds = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
                assert not any(isinstance(node, kinds) for node in ast.walk(ast.parse(cell.source)))

    def test_has_one_typed_and_explained_parameters_cell(self, path):
        cells = [c for c in read(path).cells if "parameters" in c.metadata.get("tags", [])]
        assert len(cells) == 1
        for line in cells[0].source.splitlines():
            assert LINE.match(line), line

    def test_a_cell_is_one_thought(self, path):
        for index, cell in enumerate(read(path).cells):
            if cell.cell_type == "code" and not is_prose(cell):
                assert len(cell.source.splitlines()) <= LONGEST_CELL, f"cell {index}"

    def test_defines_no_constant_and_no_colour(self, path):
        for index, cell in enumerate(read(path).cells):
            if cell.cell_type != "code" or is_prose(cell):
                continue
            assert not COLOUR.search(cell.source), f"cell {index}"
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Assign):
                    names = [ast.unparse(target) for target in node.targets]
                    assert not any(name.isupper() for name in names), f"cell {index}: {names}"

    def test_the_language_is_set_once(self, path):
        code = [c.source for c in read(path).cells if c.cell_type == "code" and not is_prose(c)]
        assert sum(source.count("charts.use(language)") for source in code) == 1
        # Declared, checked, used: nowhere else.
        assert sum(len(re.findall(r"\blanguage\b(?!:)", s)) for s in code) <= 6

    def test_pictures_are_small_and_their_captions_visible(self, path):
        for cell in read(path).cells:
            outputs = cell.get("outputs", [])
            for place, output in enumerate(outputs):
                about = output.get("metadata", {}).get("hashrate_migration", {})
                if about.get("kind") not in ("figure", "table"):
                    continue
                assert not {"image/svg+xml", "text/csv"} & set(output.data)
                caption = outputs[place + 1]
                assert caption.metadata["hashrate_migration"]["kind"] == "caption"
                assert caption.data["text/markdown"] == f"*{about['caption']}*"

    def test_begins_with_prose_and_has_sections(self, path):
        cells = read(path).cells
        assert cells[0].cell_type == "markdown"
        assert cells[0].source.startswith("# ")
        assert any(
            re.search(r"^## ", cell.source, re.MULTILINE)
            for cell in cells
            if cell.cell_type == "markdown" or is_prose(cell)
        )

    def test_was_executed_in_order_without_errors(self, path):
        code = [c for c in read(path).cells if c.cell_type == "code"]
        assert [c.execution_count for c in code] == list(range(1, len(code) + 1))
        kinds = {o.output_type for c in code for o in c.outputs}
        assert "error" not in kinds
        assert "stream" not in kinds  # no warnings left lying about

    def test_every_figure_and_table_is_named_once_and_captioned(self, path):
        about = [
            output.metadata["hashrate_migration"]
            for cell in read(path).cells
            if cell.cell_type == "code"
            for output in cell.outputs
            if "hashrate_migration" in output.get("metadata", {})
            and output.metadata["hashrate_migration"]["kind"] != "caption"
        ]
        names = [(item["kind"], item["name"]) for item in about]
        assert len(names) == len(set(names))
        assert any(item["kind"] == "figure" for item in about)
        for item in about:
            assert re.fullmatch(r"[a-z0-9-]+", item["name"])
            assert item["caption"].endswith(".")

    def test_carries_no_machine_path(self, path):
        assert not re.search(r"/(home|Users|root|work|tmp)/", path.read_text(encoding="utf-8"))
