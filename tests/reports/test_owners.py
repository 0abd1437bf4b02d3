"""What stands in the folder of the pages and is not ours stays."""

from __future__ import annotations

import threading

import nbformat
import pytest
from test_render import run
from toy_reports import CATALOGUE, checkout

from hashrate_migration.reports import catalogue, site
from hashrate_migration.reports.execute import execute_in_place

PLAIN = "print(top_n)"


@pytest.fixture
def toy(tmp_path):
    """A checkout whose one notebook draws nothing, and a folder for its pages."""
    return checkout(tmp_path / "checkout", PLAIN), tmp_path / "out"


def test_a_folder_of_another_program_and_pages_of_another_catalogue_stay(toy, tmp_path):
    path, out = toy
    other = checkout(tmp_path / "other", PLAIN, catalogue=CATALOGUE.replace("id: one", "id: two"))
    foreign = out / "mytests"
    foreign.mkdir(parents=True)
    (foreign / "report.json").write_text('{"tests": 12}')
    (foreign / "thesis.txt").write_text("precious")
    assert run("render", "two", "--catalogue", other, "--out", out)[0] == 0
    assert run("render", "one", "--catalogue", path, "--out", out)[0] == 0
    assert (foreign / "thesis.txt").read_text() == "precious"
    assert (out / "two" / "index.html").is_file()
    assert (out / "one" / "index.html").is_file()


def test_a_page_of_a_report_that_is_gone_leaves_the_catalogues_own_site(toy):
    path, _ = toy
    assert run("render", "one", "--catalogue", path)[0] == 0
    path.write_text(CATALOGUE.replace("id: one", "id: two"), encoding="utf-8")
    assert run("render", "two", "--catalogue", path)[0] == 0
    assert not (path.parent / "site" / "one").exists()


def test_a_page_whose_html_was_taken_away_stops_no_other(toy):
    path, out = toy
    assert run("render", "one", "--catalogue", path, "--out", out)[0] == 0
    (out / "one" / "index.html").unlink()
    assert run("render", "family-chn", "--catalogue", path, "--out", out)[0] == 0
    assert (out / "family-chn" / "index.html").is_file()


def test_a_file_of_the_users_in_a_page_is_named_and_stays(toy):
    path, out = toy
    assert run("render", "one", "--catalogue", path, "--out", out)[0] == 0
    (out / "one" / "my-notes.md").write_text("mine")
    status, _, complaints = run("render", "one", "--catalogue", path, "--out", out)
    assert status != 0
    assert "my-notes.md" in complaints
    assert (out / "one" / "my-notes.md").read_text() == "mine"


@pytest.mark.parametrize("name", ["index.html", f"{catalogue.ASSETS}/style.css"])
def test_a_home_page_or_style_of_the_users_is_not_written_over(toy, name):
    path, out = toy
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("mine")
    status, _, complaints = run("render", "one", "--catalogue", path, "--out", out)
    assert status == 2
    assert f"{name} is no page of ours" in complaints
    assert (out / name).read_text() == "mine"


def test_the_assets_of_a_rendering_that_was_killed_at_its_beginning_are_ours(toy):
    path, out = toy
    template = catalogue.read(path).path.parent / "template"
    out.mkdir()
    site.write_assets(template, out)
    site.check_ours(template, out)


def test_what_is_saved_into_a_notebook_while_it_runs_stays(toy):
    path, _ = toy
    slow = "import time\nopen('started', 'w').close()\ntime.sleep(3)"
    path = checkout(path.parent.parent.parent / "slow", slow)
    notebook = path.parent.parent / "notebooks" / "toy.ipynb"
    outcomes = []
    running = threading.Thread(target=lambda: outcomes.append(execute_in_place(notebook)))
    running.start()
    while running.is_alive() and not (notebook.parent / "started").exists():
        running.join(0.1)
    edited = nbformat.read(notebook, as_version=4)
    edited.cells[0].source += " The user saved this."
    nbformat.write(edited, notebook)
    running.join()
    assert "changed while it ran" in outcomes[0].error
    assert "The user saved this." in notebook.read_text()
