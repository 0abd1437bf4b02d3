from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashrate_migration.words import catalogue, extract

NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)

CODE = """
from hashrate_migration.words import N_, _
PLAIN = "no message"
MARKED = N_("marked")
x = _("filled {n:number.1}", n=1.5)
y = _("joined "
      "of two", z=_("inner"))
"""

CATALOGUE = "reports:\n  - {id: one, title: A title, summary: A summary., notebook: 00_toy.ipynb}\n"


def cell(source: str, kind: str = "code") -> dict:
    return {"cell_type": kind, "source": source}


class TestCellParagraphs:
    def test_markdown_and_prose_are_text(self):
        assert extract.cell_paragraphs(cell("# One\n\nTwo.", "markdown")) == ["# One", "Two."]
        prose = "%%prose\n{% if x %}\nAt {{ x }}.\n{% endif %}"
        assert extract.cell_paragraphs(cell(prose)) == ["At {{ x }}."]

    def test_code_is_none(self):
        assert extract.cell_paragraphs(cell('print("text")')) == []

    def test_without_a_word_there_is_nothing_to_translate(self):
        assert extract.cell_paragraphs(cell("---\n\n1 2 3", "markdown")) == []


class TestPlaces:
    @given(st.lists(NAMES, unique=True))
    def test_of_a_message(self, names):
        message = "a " + " b ".join(f"{{{name}:number.1}}" for name in names)
        assert extract.places(message) == set(names)

    @given(st.lists(NAMES.filter(lambda name: name not in _JINJA), min_size=1, unique=True))
    def test_of_prose(self, names):
        message = " b ".join(f"{{{{ {name} | percent(1) }}}}" for name in names)
        assert extract.places(message) == set(names)

    def test_of_prose_with_conditions(self):
        text = "{% if rose %}A {{ row.share | percent }}{% endif %}"
        assert extract.places(text) == {"rose", "row"}

    @pytest.mark.parametrize("message", ["{share", "{{ share | percent }", "{{ x | no_such_way }}"])
    def test_broken_braces(self, message):
        with pytest.raises(ValueError, match="braces that cannot be read"):
            extract.places(message)


_JINJA = {
    *("if", "in", "is", "or", "and", "not", "for", "else", "elif", "true", "false", "none", "loop"),
    *("self", "super", "import", "from", "as", "with", "without", "ignore", "recursive", "block"),
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout with one notebook, one module and no translation yet."""
    for folder in ("notebooks", "reports", "src/hashrate_migration", "locale/zh"):
        (tmp_path / folder).mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# A toy"),
            nbformat.v4.new_code_cell('title = _("grew by {x:percent}", x=x)'),
            nbformat.v4.new_code_cell("%%prose\nIt has {{ x | number(1) }}."),
        ]
    )
    nbformat.write(notebook, tmp_path / "notebooks" / "00_toy.ipynb")
    (tmp_path / "src" / "hashrate_migration" / "toy.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "reports" / "catalogue.yml").write_text(CATALOGUE, encoding="utf-8")
    for module in (catalogue, extract):
        monkeypatch.setattr(module, "locale_folder", lambda: tmp_path / "locale")
    return tmp_path


def ids(template) -> set[str]:
    return {str(message.id) for message in template if message.id}


def translate(checkout: Path, name: str, message: str, translation: str) -> None:
    path = checkout / "locale" / "zh" / f"{name}.po"
    text = path.read_text(encoding="utf-8")
    before = f'msgid "{message}"\nmsgstr ""'
    assert before in text
    path.write_text(
        text.replace(before, f'msgid "{message}"\nmsgstr "{translation}"'), encoding="utf-8"
    )


class TestTemplates:
    def test_a_notebook_has_the_catalogue_of_its_name(self, checkout):
        made = extract.templates(checkout)
        assert set(made) == {"00_toy", extract.PACKAGE}
        assert ids(made["00_toy"]) == {
            "# A toy",
            "grew by {x:percent}",
            "It has {{ x | number(1) }}.",
        }

    def test_the_package_holds_code_titles_of_tables_and_of_reports(self, checkout):
        found = ids(extract.templates(checkout)[extract.PACKAGE])
        assert {"marked", "filled {n:number.1}", "joined of two", "inner"} <= found
        assert {"A title", "A summary.", "Bitcoin block chain"} <= found
        assert "no message" not in found


class TestUpdate:
    def test_a_second_time_nothing_changes(self, checkout):
        extract.update(checkout)
        folder = checkout / "locale" / "zh"
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert set(before) == {"00_toy.po", "package.po"}
        extract.update(checkout)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

    def test_translations_stay_and_what_is_gone_goes(self, checkout):
        extract.update(checkout)
        translate(checkout, "package", "marked", "标记")
        translate(checkout, "package", "inner", "内")
        module = checkout / "src" / "hashrate_migration" / "toy.py"
        module.write_text(CODE.replace('"inner"', '"other"'), encoding="utf-8")
        extract.update(checkout)
        text = (checkout / "locale" / "zh" / "package.po").read_text(encoding="utf-8")
        assert "标记" in text
        assert "内" not in text
        assert 'msgid "other"\nmsgstr ""' in text

    def test_a_line_more_in_the_code_changes_no_catalogue(self, checkout):
        extract.update(checkout)
        module = checkout / "src" / "hashrate_migration" / "toy.py"
        module.write_text("\n\n" + CODE, encoding="utf-8")
        assert extract.problems(checkout) == []

    def test_the_catalogue_of_a_notebook_that_is_gone_goes_with_it(self, checkout):
        extract.update(checkout)
        (checkout / "notebooks" / "00_toy.ipynb").unlink()
        extract.update(checkout)
        assert [p.name for p in (checkout / "locale" / "zh").iterdir()] == ["package.po"]


class TestProblems:
    def test_a_catalogue_that_is_not_of_today(self, checkout):
        assert extract.problems(checkout) == [
            "locale/zh/00_toy.po is not of today: run `make words`.",
            "locale/zh/package.po is not of today: run `make words`.",
        ]
        extract.update(checkout)
        assert extract.problems(checkout) == []

    @pytest.mark.parametrize(
        ("translation", "fault"),
        [
            ("增加{y:percent}", r"holds \['x:percent'\], its translation \['y:percent'\]"),
            ("增加", r"holds \['x:percent'\], its translation \[\]"),
            ("增加{x", "braces that cannot be read"),
        ],
    )
    def test_a_translation_with_other_values(self, checkout, translation, fault):
        extract.update(checkout)
        translate(checkout, "00_toy", "grew by {x:percent}", translation)
        (problem,) = extract.problems(checkout)
        assert problem.startswith("locale/zh/00_toy.po: ")
        assert re.search(fault, problem)

    def test_an_order_of_its_own_is_no_fault(self, checkout):
        extract.update(checkout)
        translate(checkout, "00_toy", "grew by {x:percent}", "{x:percent.1}的增长")
        assert extract.problems(checkout) == []

    def test_a_message_whose_braces_cannot_be_read(self, checkout):
        module = checkout / "src" / "hashrate_migration" / "toy.py"
        module.write_text('x = _("open {brace")\n', encoding="utf-8")
        extract.update(checkout)
        assert any("open {brace" in problem for problem in extract.problems(checkout))


def test_the_catalogues_of_the_project_are_of_today():
    assert extract.problems(Path(__file__).resolve().parents[2]) == []


@pytest.mark.parametrize(
    ("message", "translation", "alike"),
    [
        ("{a:percent.1} in {m:month}", "{m:month}: {a:percent.1}", True),
        ("{where:begin} held {a:percent}", "{a:percent}在{where:place}", True),
        ("{a:percent} in {m:month}", "{a:percent}", False),
        ("{a:percent} and {b:ehs}", "{a:ehs} and {b:percent}", False),
        ("{{ c.before | percent }} and {{ c.last | percent }}", "{{ c.last | percent }}", False),
        (
            "{{ c.before | percent }} and {{ c.last | percent(1) }}",
            "{{ c.last | percent }} {{ c.before | percent }}",
            True,
        ),
        ("{{ c.before | percent }}", "{{ c.last | percent }}", False),
    ],
)
def test_a_translation_says_the_same_values(message, translation, alike):
    assert (extract.said(message) == extract.said(translation)) is alike


@pytest.mark.parametrize("message", ["{m:mnth}", "{{ m | mnth }}"])
def test_a_way_that_there_is_none_is_a_problem(message):
    with pytest.raises(ValueError, match="mnth"):
        extract.said(message)
