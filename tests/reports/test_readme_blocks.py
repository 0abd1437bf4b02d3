"""Tables of the README that a command writes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hashrate_migration import flows, words
from hashrate_migration.errors import InputError
from hashrate_migration.reports import readme
from hashrate_migration.tables.read import data_folder, table_names

ROOT = Path(__file__).resolve().parents[2]


def cells(table: str) -> list[list[str]]:
    """Rows of a table in Markdown, its head left out."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def test_every_report_is_listed_with_its_notebook():
    entries = yaml.safe_load((ROOT / "reports" / "catalogue.yml").read_text(encoding="utf-8"))
    rows = cells(readme.reports(ROOT))
    assert len(rows) == len(entries["reports"])
    for (name, title, summary), entry in zip(rows, entries["reports"], strict=True):
        assert name.strip("`").split("-…")[0] == entry["id"].split("-{")[0]
        assert f"(notebooks/{entry['notebook']})" in title
        assert "{" not in title + summary
    whole = " ".join(" ".join(row) for row in rows)
    assert "one for each country of the panel" in whole


def test_the_truth_test_is_the_one_that_is_kept():
    kept = flows.truth()
    rows = cells(readme.truth_test(ROOT))
    assert [row[0] for row in rows] == kept["variant"].tolist()
    covered = kept.filter(like="coverage_")
    for said, (_, row) in zip(rows, covered.iterrows(), strict=True):
        assert [float(text) for text in said[1:]] == pytest.approx(row.tolist(), abs=0.5)


def test_every_table_stands_under_the_terms_of_its_description():
    described = json.loads((data_folder() / "datapackage.json").read_text(encoding="utf-8"))
    rows = cells(readme.terms(ROOT))
    listed = {table: row for row in rows for table in re.findall(r"`(\w+)`", row[1])}
    assert set(listed) == set(table_names())
    for resource in described["resources"]:
        row = listed[resource["name"]]
        assert all(licence["path"] in row[0] for licence in resource["licenses"])
        assert all(source["title"] in row[2] for source in resource["sources"])


MEASURED = """\
benchmark,way,ratio,peak_mib,median_draws_per_s,worst_draws_per_s,case,date,machine
flows,ours,1.0,85.0,,,10 draws,2026-11-25,A machine
flows,theirs,7.04,,,,10 draws,2026-11-25,A machine
"""


@pytest.fixture
def measured(tmp_path):
    """A checkout with results of benchmarks."""
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "results.csv").write_text(MEASURED)
    return tmp_path


def test_speed_is_as_it_was_measured(measured):
    made = readme.speed(measured)
    assert cells(made) == [["ours", "1.0", "85"], ["theirs", "7.0", "–"]]
    assert "10 draws; A machine, 2026-11-25." in made


def test_speed_of_the_panel_is_as_it_was_measured(measured):
    assert readme.panel_speed(measured) == "Not measured yet.\n"
    path = measured / "benchmarks" / "results.csv"
    path.write_text(
        f"{MEASURED}panel,fit of few,1.0,900,12.5,0.254,20 months,2026-11-27,Another machine\n"
    )
    made = readme.panel_speed(measured)
    assert cells(made) == [["fit of few", "1.00", "900", "12.50", "0.25"]]
    assert "20 months; Another machine, 2026-11-27." in made
    assert len(cells(readme.speed(measured))) == 2


def test_the_audit_is_as_it_was_kept(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "audit.csv").write_text(
        "check,part,tried,held,date\n"
        "small faults in the code,energy,1200,1050,2026-11-25\n"
        "kills,kernels,8,8,2026-11-25\n"
    )
    made = readme.audit(tmp_path)
    assert cells(made) == [
        ["small faults in the code", "energy", "1,200", "1,050", "87.5"],
        ["kills", "kernels", "8", "8", "100.0"],
    ]
    assert "`make audit`, 2026-11-25." in made


class TestFilled:
    @pytest.fixture(autouse=True)
    def blocks(self, monkeypatch):
        made = {"a": lambda _: "| A |\n", "b-c": lambda _: "B\n"}
        monkeypatch.setattr(readme, "BLOCKS", made)

    def test_only_what_stands_between_the_marks_changes(self):
        text = "x\n<!-- begin: a -->\nold\n<!-- end -->\ny <!-- end -->\n"
        assert readme.filled(text, ROOT) == (
            "x\n<!-- begin: a -->\n\n| A |\n\n<!-- end -->\ny <!-- end -->\n"
        )

    def test_a_second_time_nothing_changes(self):
        text = "<!-- begin: a -->\n<!-- end -->\n\n<!-- begin: b-c -->\n<!-- end -->\n"
        once = readme.filled(text, ROOT)
        assert readme.filled(once, ROOT) == once

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("<!-- begin: z -->\n<!-- end -->", "no block 'z'; there are: a, b-c"),
            ("<!-- begin: a -->\n", "of the blocks a only none can be read"),
            ("<!-- begin: a -->\n<!-- begin: b-c -->\n<!-- end -->", "a, b-c only a can be read"),
        ],
    )
    def test_marks_that_are_no_block(self, text, sentence):
        with pytest.raises(InputError, match=sentence):
            readme.filled(text, ROOT)

    def test_it_is_written_in_english(self):
        words.use("zh")
        readme.filled("", ROOT)
        assert words.language() == "en"

    def test_update_says_whether_something_changed(self, tmp_path):
        path = tmp_path / "README.md"
        path.write_text("<!-- begin: a -->\n<!-- end -->\n")
        assert readme.update(tmp_path, check=True)
        assert "| A |" not in path.read_text()
        assert readme.update(tmp_path)
        assert "| A |" in path.read_text()
        assert not readme.update(tmp_path)


def test_the_command_says_whether_the_file_is_of_today(tmp_path):
    for folder in ("reports", "notebooks"):
        (tmp_path / folder).mkdir()
    (tmp_path / "notebooks" / "a.ipynb").write_text("{}")
    (tmp_path / "reports" / "catalogue.yml").write_text(
        "reports:\n  - {id: a, title: A title, summary: It shows., notebook: a.ipynb}\n"
    )
    (tmp_path / "README.md").write_text("<!-- begin: reports -->\n<!-- end -->\n")

    def run(*options: str) -> subprocess.CompletedProcess:
        code = "from hashrate_migration.cli import main; main()"
        command = [sys.executable, "-c", code, "readme", *options]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run("--check").returncode == 1
    assert run().returncode == 0
    assert "[A title](notebooks/a.ipynb) | It shows |" in (tmp_path / "README.md").read_text()
    assert run("--check").returncode == 0
