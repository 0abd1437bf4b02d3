from __future__ import annotations

import filecmp
import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from site_checks import problems
from toy_reports import (
    CATALOGUE,
    DIE,
    DRAW,
    FAIL,
    PROSE,
    PROSE_OF_TEXT,
    REFUSE,
    SHOW,
    WARN,
    checkout,
    notebook,
)

from hashrate_migration import cli
from hashrate_migration.errors import InputError
from hashrate_migration.reports import files
from hashrate_migration.tables import read


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Run the command as a user does: exit status, what it printed, what it complained of."""
    result = CliRunner().invoke(cli.cli, [str(a) for a in arguments])
    if isinstance(result.exception, InputError):
        return 2, result.stdout, str(result.exception)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def same(a: Path, b: Path) -> bool:
    compared = filecmp.dircmp(a, b, ignore=[])
    if compared.left_only or compared.right_only:
        return False
    _, mismatch, errors = filecmp.cmpfiles(a, b, compared.common_files, shallow=False)
    return not mismatch and not errors and all(same(a / d, b / d) for d in compared.common_dirs)


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> tuple[Path, Path]:
    """A toy checkout and its site, rendered one at a time."""
    path = checkout(tmp_path_factory.mktemp("toy"))
    status, printed, complaints = run("render", "--all", "--catalogue", path)
    assert status == 0, complaints
    assert "3 of 3 reports rendered" in printed
    # Not a terminal: plain lines.
    assert re.search(r"^\[3/3\] \S+ done$", complaints, re.MULTILINE)
    return path, path.parent / "site"


def test_a_page_and_everything_beside_it(toy):
    _, site = toy
    assert problems(site) == []
    page = site / "family-kaz"
    assert {p.relative_to(page).as_posix() for p in page.rglob("*") if p.is_file()} == {
        *("index.html", "family-kaz.ipynb", "report.json", "thumbnail.png"),
        *("figures/a-figure.svg", "figures/a-figure.png", "tables/a-table.csv"),
    }
    assert pd.read_csv(page / "tables" / "a-table.csv")["share_pct"].tolist() == [0.5, 1 / 3]
    assert json.loads((page / "report.json").read_text())["parameters"] == {
        "country": "KAZ",
        "top_n": 4,
    }
    executed = nbformat.read(page / "family-kaz.ipynb", as_version=4)
    assert "papermill" not in executed.metadata


def test_the_page_says_what_it_should(toy):
    html = (toy[1] / "family-kaz" / "index.html").read_text(encoding="utf-8")
    for text in (
        "<h1>Kazakhstan</h1>",
        "<b>Figure 1.</b> What the figure shows.",
        "<b>Table 1.</b> Values.",
        "There are <strong>4</strong> of them.",
        '<a href="#A-section">A section</a>',
        "pandas",
        "MIT licence",
    ):
        assert text in html, text
    assert "Its own title" not in html
    # Code is there, folded.
    assert '<details class="code">' in html


READ = """\
import hashrate_migration as hm

for name in {names}:
    hm.load(name)"""


@pytest.mark.parametrize(
    ("names", "licences"),
    [
        (["network_daily"], {"CC0-1.0"}),
        (["grid_by_country"], {"CC-BY-4.0"}),
        (["us_states", "network_daily", "fleet_efficiency"], {"CC-BY-NC-SA-4.0", "CC0-1.0"}),
    ],
)
def test_terms_and_checksums_are_those_of_the_tables_that_the_page_read(tmp_path, names, licences):
    path = checkout(tmp_path, READ.format(names=names))
    assert run("render", "one", "--catalogue", path)[0] == 0
    html = (path.parent / "site" / "one" / "index.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    described = {r["name"]: r for r in read.description()["resources"]}
    data = page.find("h3", string="Data").find_next("table")
    assert [c.text for c in data.select("tbody td:first-child")] == sorted(
        names, key=[*described].index
    )
    sums = [code["title"] for code in data.select("code.sum")]
    assert sums == [
        described[n]["hash"].removeprefix("sha256:") for n in sorted(names, key=[*described].index)
    ]
    items = page.select("ul.terms li")[1:]  # the first is the code's
    found = {}
    for item in items:
        for code in item.select("code"):
            found[code.text] = item.a["href"]
    assert found == {n: described[n]["licenses"][0]["path"] for n in names}
    assert len(items) == len(licences)
    assert "provenance_of_run" not in html


def test_every_licence_of_the_tables_reaches_a_page_under_its_own_name():
    for entry in read.description()["resources"]:
        assert all({"name", "title", "path"} <= set(licence) for licence in entry["licenses"])


def test_gallery(toy):
    html = (toy[1] / "index.html").read_text(encoding="utf-8")
    order = [html.index(f'href="{i}/index.html"') for i in ("one", "family-chn", "family-kaz")]
    assert order == sorted(order)
    assert html.count("<img") == 3


@pytest.mark.parametrize("extra", [("--jobs", "2"), ()])
def test_a_second_rendering_gives_the_same_bytes(toy, tmp_path, extra):
    path, site = toy
    status, _, _ = run("render", "--all", "--catalogue", path, "--out", tmp_path, *extra)
    assert status == 0
    assert same(site, tmp_path)


def test_a_cluster_gives_the_same_bytes(toy, tmp_path):
    from distributed import LocalCluster

    path, site = toy
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        arguments = ("--catalogue", path, "--out", tmp_path, "--scheduler", address)
        assert run("render", "--all", *arguments)[0] == 0
    assert same(site, tmp_path)


def test_no_cluster_at_that_address(toy, tmp_path):
    status, _, complaint = run(
        *("render", "one", "--catalogue", toy[0], "--out", tmp_path / "x"),
        *("--scheduler", "tcp://127.0.0.1:9"),
    )
    assert status == 2
    assert "no Dask scheduler answers there" in complaint


def test_one_failure_does_not_stop_the_others_and_is_forgotten_after_success(tmp_path):
    path = checkout(tmp_path, DRAW, PROSE)
    site = path.parent / "site"
    assert run("render", "--all", "--catalogue", path)[0] == 0
    old = (site / "family-kaz" / "index.html").read_bytes()
    good = (tmp_path / "notebooks" / "toy.ipynb").read_bytes()
    bad = nbformat.from_dict(json.loads(good))
    bad.cells.insert(2, nbformat.v4.new_code_cell(FAIL, id="fail"))
    nbformat.write(bad, tmp_path / "notebooks" / "toy.ipynb")

    status, printed, complaints = run("render", "--all", "--catalogue", path, "-p", "top_n", "5")
    assert status == 1
    assert "2 of 3 reports rendered" in printed
    assert "family-kaz: cell 3: RuntimeError: the mine is flooded" in complaints
    assert "Traceback" not in complaints
    failed = site / "family-kaz.failed.ipynb"
    kept = nbformat.read(failed, as_version=4)
    assert any(o.output_type == "error" for c in kept.cells for o in c.get("outputs", []))
    assert (site / "family-kaz" / "index.html").read_bytes() == old
    assert "There are <strong>5</strong>" in (site / "one" / "index.html").read_text()
    assert "The last rendering failed" in (site / "index.html").read_text()
    assert problems(site) == []

    (tmp_path / "notebooks" / "toy.ipynb").write_bytes(good)
    assert run("render", "family-kaz", "--catalogue", path)[0] == 0
    assert not failed.exists()
    assert "The last rendering failed" not in (site / "index.html").read_text()
    assert not list(site.glob(".*"))


def test_a_notebook_that_refuses_its_input(tmp_path):
    path = checkout(tmp_path, REFUSE)
    status, _, complaints = run("render", "one", "--catalogue", path)
    assert status == 2
    assert "one: top_n is too large for this notebook; give less." in complaints
    assert not list((path.parent / "site").glob("*.failed.ipynb"))


@pytest.mark.parametrize("death", ["os._exit(1)", "os.kill(os.getpid(), 9)"])
def test_a_kernel_that_dies_does_not_stop_the_others(tmp_path, death):
    path = checkout(tmp_path, DIE.format(death=death))
    status, printed, complaints = run("render", "--all", "--catalogue", path)
    assert status == 1
    assert "2 of 3 reports rendered" in printed
    assert "family-kaz: cell 3: DeadKernelError: Kernel died" in complaints
    kept = nbformat.read(path.parent / "site" / "family-kaz.failed.ipynb", as_version=4)
    assert [o.ename for c in kept.cells for o in c.get("outputs", [])] == ["DeadKernelError"]
    assert "The last rendering failed" in (path.parent / "site" / "index.html").read_text()


def test_a_failure_over_several_lines_is_told_in_one_and_kept_alike(tmp_path):
    path = checkout(tmp_path, 'raise RuntimeError("first\\nsecond")')
    kept = path.parent / "site" / "one.failed.ipynb"
    status, _, complaints = run("render", "one", "--catalogue", path)
    assert status == 1
    assert "one: cell 3: RuntimeError: first second (kept" in complaints
    first = kept.read_bytes()
    run("render", "one", "--catalogue", path)
    assert kept.read_bytes() == first


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        ({"names": ["../../../evil"]}, "table '../../../evil': a name has"),
        ({"names": ["same", "same"]}, "table 'same' is shown twice"),
        ({"kind": "map"}, "output 'x' is a 'map'"),
        ({"data": ""}, "table 'x' lacks text/csv"),
        (
            {"kind": "figure", "data": '"image/svg+xml": "<svg/>", "image/png": "eHg="'},
            "figure 'x': its PNG is no picture",
        ),
    ],
)
def test_an_output_that_no_page_can_show(tmp_path, shown, sentence):
    parts = {"names": ["x"], "kind": "table", "data": '"text/csv": "a\\n1\\n"', **shown}
    path = checkout(tmp_path, SHOW.format(**parts))
    before = {p for p in tmp_path.rglob("*") if "site" not in p.parts}
    status, _, complaints = run("render", "one", "--catalogue", path)
    assert status == 1
    assert f"one: {sentence}" in complaints
    site = path.parent / "site"
    assert sorted(p.name for p in site.iterdir()) == ["assets", "index.html", "one.failed.ipynb"]
    assert {p for p in tmp_path.rglob("*") if "site" not in p.parts} == before


def test_warnings_are_told_but_not_shown_and_the_kernel_is_this_python(tmp_path, monkeypatch):
    # Another kernel of the same name, first on Jupyter's path.
    other = tmp_path / "jupyter" / "kernels" / "python3"
    other.mkdir(parents=True)
    about = {"argv": ["false", "{connection_file}"], "display_name": "x", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(about), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    path = checkout(tmp_path, WARN)
    site = path.parent / "site"
    status, _, complaints = run("render", "one", "--catalogue", path)
    assert status == 0
    assert "one: warning: UserWarning: mind the gap\n" in complaints
    html = (site / "one" / "index.html").read_text(encoding="utf-8")
    shown = BeautifulSoup(html, "html.parser").find("pre", class_="output").text
    assert shown.splitlines() == [sys.executable, "later"]
    assert "UserWarning" not in html
    # The warning names a file of the kernel's process; the notebook must not.
    executed = (site / "one" / "one.ipynb").read_text(encoding="utf-8")
    assert "mind the gap" in executed
    assert "ipykernel_" not in executed


def test_kernels_run_beside_the_notebooks_and_leave_this_process_where_it_is(tmp_path):
    path = checkout(tmp_path, "import os\n\nprint(os.getcwd())")
    here = Path.cwd()
    assert run("render", "--all", "--jobs", "3", "--catalogue", path)[0] == 0
    assert Path.cwd() == here
    for page in (path.parent / "site").glob("*/index.html"):
        shown = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        assert shown.find("pre", class_="output").text.strip() == str(tmp_path / "notebooks")


def test_contents_lead_to_every_heading_and_to_nothing_else(tmp_path):
    path = checkout(tmp_path)
    text = (
        "## A *b* `c` & d\n\n```\n## no heading\n```\n\n## Twice\n\n## Twice\n\n### To [x](#Twice)"
    )
    code = 'from IPython.display import Markdown\n\nMarkdown("### Computed")'
    toy = notebook(code)
    toy.cells.insert(3, nbformat.v4.new_markdown_cell(text, id="headings"))
    nbformat.write(toy, tmp_path / "notebooks" / "toy.ipynb")
    assert run("render", "one", "--catalogue", path)[0] == 0
    site = path.parent / "site"
    assert problems(site) == []
    page = BeautifulSoup((site / "one" / "index.html").read_text(encoding="utf-8"), "html.parser")
    links = page.select("nav.contents a")
    assert [a.text for a in links] == [
        *("A section", "A b c & d", "Twice", "Twice", "To x", "Computed", "Provenance"),
    ]
    assert [page.find(id=a["href"][1:]).text for a in links[:-1]] == [a.text for a in links[:-1]]
    assert page.select("nav.contents li.level-3 em, nav.contents a a") == []


def test_a_link_to_a_notebook_leads_to_its_page_once_there_is_one(tmp_path):
    both = (
        "reports:\n"
        "  - {id: one, title: One, summary: First., notebook: toy.ipynb}\n"
        "  - {id: two, title: Two, summary: Second., notebook: other.ipynb}\n"
    )
    path = checkout(tmp_path, catalogue=both)
    toy = notebook(DRAW)
    toy.cells.insert(1, nbformat.v4.new_markdown_cell("See [two](other.ipynb).", id="link"))
    nbformat.write(toy, tmp_path / "notebooks" / "toy.ipynb")
    nbformat.write(notebook(DRAW), tmp_path / "notebooks" / "other.ipynb")
    page = path.parent / "site" / "one" / "index.html"

    def target() -> str:
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        return soup.find("a", string="two")["href"]

    assert run("render", "one", "--catalogue", path)[0] == 0
    assert target() == "../index.html"
    assert problems(path.parent / "site") == []
    assert run("render", "two", "--catalogue", path)[0] == 0
    assert target() == "../two/index.html"
    assert problems(path.parent / "site") == []


def test_what_cannot_be_written_or_read_is_a_sentence(tmp_path):
    path = checkout(tmp_path, "1")
    (tmp_path / "file").write_text("", encoding="utf-8")
    status, _, complaint = run("render", "one", "--catalogue", path, "--out", tmp_path / "file/x")
    assert (status, "cannot be made" in complaint) == (2, True)
    assert run("render", "one", "--catalogue", path)[0] == 0
    (path.parent / "site" / "one" / "report.json").write_text("{", encoding="utf-8")
    # A damaged mark may be another program's: its folder is no page, and none is put in its place.
    assert run("render", "family-chn", "--catalogue", path)[0] == 0
    assert "one/index.html" not in (path.parent / "site" / "index.html").read_text("utf-8")
    status, _, complaint = run("render", "one", "--catalogue", path)
    assert (status, "no part of a report (index.html)" in complaint) == (1, True)
    (path.parent / "template" / "index.html.j2").unlink()
    status, _, complaint = run("render", "one", "--catalogue", path)
    assert (status, "there is no page template" in complaint) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("render",), "Name reports or give --all"),
        (("render", "one", "--all"), "Name reports or give --all"),
        (("render", "two"), "There is no report 'two'"),
        (("render", "one", "-p", "colour", "red"), "has no parameter 'colour'"),
        (("render", "one", "-p", "top_n", "x"), "top_n = 'x' is not a whole number"),
        (("render", "one", "-p", "country", "FRA"), "is no country of the panel"),
        (("render", "family", "-p", "country", "USA"), "choose a member instead"),
        (("render", "one", "-p", "top_n", "1", "-p", "top_n", "2"), "-p top_n is given twice"),
        (("notebooks", "nothing"), "There is no notebook 'nothing.ipynb'"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(tmp_path, arguments, sentence):
    path = checkout(tmp_path)
    status, _, complaint = run(*arguments, "--catalogue", path)
    assert status == 2
    assert sentence in complaint
    assert "\n" not in complaint
    assert not (path.parent / "site").exists()


def test_notebooks_in_place_are_the_same_the_second_time(tmp_path):
    path = checkout(tmp_path)
    notebook = tmp_path / "notebooks" / "toy.ipynb"
    assert run("notebooks", "--catalogue", path)[0] == 0
    first = notebook.read_bytes()
    assert b"image/png" in first
    assert b"*What the figure shows.*" in first  # the caption, for JupyterLab
    assert b"image/svg+xml" not in first  # made for pages only
    assert run("notebooks", "toy", "--catalogue", path)[0] == 0
    assert notebook.read_bytes() == first


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import os\n\nos._exit(1)", "DeadKernelError: Kernel died"),
    ],
)
def test_a_failing_notebook_is_left_as_it_was(tmp_path, code, sentence):
    path = checkout(tmp_path, code)
    notebook = tmp_path / "notebooks" / "toy.ipynb"
    before = notebook.read_bytes()
    status, _, complaints = run("notebooks", "--catalogue", path)
    assert status == 1
    assert f"toy.ipynb: {sentence} (left as it was)" in complaints
    assert notebook.read_bytes() == before
    assert list((tmp_path / "notebooks").iterdir()) == [notebook]


def test_a_folder_that_is_no_report_is_not_replaced(tmp_path):
    path = checkout(tmp_path)
    mine = tmp_path / "out" / "one"
    mine.mkdir(parents=True)
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    status, _, complaints = run("render", "one", "--catalogue", path, "--out", tmp_path / "out")
    assert status == 1
    assert "holds something that is no part of a report (thesis.txt); move it away" in complaints
    assert (mine / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    assert [p.name for p in mine.iterdir()] == ["thesis.txt"]


def test_the_page_of_a_removed_report_goes_and_other_folders_stay(tmp_path):
    path = checkout(tmp_path)
    assert run("render", "--all", "--catalogue", path)[0] == 0
    site = path.parent / "site"
    (site / "mine").mkdir()
    (site / "mine" / "notes.txt").write_text("x", encoding="utf-8")
    text = path.read_text(encoding="utf-8").replace("[CHN, KAZ]", "[CHN]")
    path.write_text(text, encoding="utf-8")
    assert run("render", "one", "--catalogue", path)[0] == 0
    assert {p.name for p in site.iterdir() if p.is_dir()} == {"assets", "mine", "one", "family-chn"}


ATTACK = """\
import pandas as pd

from hashrate_migration import charts
charts.use()
bad = "<script>document.title = 'owned'</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
charts.show_table(pd.DataFrame({"note": [bad], "source": [bad]}), "bad", bad)
get_ipython().run_cell_magic("prose", "", "Said: {{ bad }}")"""


def test_text_from_a_table_never_runs(tmp_path):
    path = checkout(tmp_path, ATTACK)
    assert run("render", "one", "--catalogue", path)[0] == 0
    html = (path.parent / "site" / "one" / "index.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    assert [s.get("src") for s in page.find_all("script")] == ["../assets/page.js"]
    assert page.find("img", onerror=True) is None
    assert not [a for a in page.find_all("a") if a.get("href", "").startswith("javascript")]
    assert "document.title" in page.get_text()  # shown, not run
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_changed_table_is_said_on_the_page(tmp_path, data_copy):
    table = data_copy / "pools.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("AntPool", "Ant Pool", 1), encoding="utf-8")
    read.forget()
    path = checkout(tmp_path / "toy", READ.format(names=["pools", "network_daily"]))
    status, _, complaints = run("render", "one", "--catalogue", path)
    read.forget()
    assert status == 0
    assert "table pools is not the published one" in complaints
    html = (path.parent / "site" / "one" / "index.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    assert [p.code.text for p in page.select("p.warning")] == ["pools"]
    assert html.count("not the published one</b>") == 1


def changed_copy(folder: Path, table: str = "pools") -> str:
    """A copy of the tables of which one is not the published one; its checksum."""
    shutil.copytree(read.data_folder(), folder)
    path = folder / f"{table}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("AntPool", "Ant Pool", 1), "utf-8")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_page_made_on_a_cluster_says_what_the_worker_read(tmp_path):
    from distributed import LocalCluster

    digest = changed_copy(tmp_path / "theirs")
    path = checkout(tmp_path / "toy", READ.format(names=["pools", "network_daily"]))
    # The worker has other tables than the command.
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        dashboard_address=None,
        env={read.DATA_VARIABLE: str(tmp_path / "theirs")},
    ) as cluster:
        arguments = ("--catalogue", path, "--scheduler", cluster.scheduler_address)
        status, _, complaints = run("render", "one", *arguments)
    assert status == 0
    assert "one: warning: hashrate-migration: table pools is not the published one" in complaints
    html = (path.parent / "site" / "one" / "index.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    sums = {
        row.td.code.text: row.select_one("code.sum")["title"]
        for row in page.find("h3", string="Data").find_next("table").select("tbody tr")
    }
    ours = {r["name"]: r["hash"].removeprefix("sha256:") for r in read.description()["resources"]}
    assert sums == {"pools": digest, "network_daily": ours["network_daily"]}
    assert [p.code.text for p in page.select("p.warning")] == ["pools"]


WARN_BY_PATH = """\
import os
import warnings

import hashrate_migration as hm

hm.load("pools")
warnings.warn_explicit("of age", UserWarning, os.path.join(os.getcwd(), "a b.py"), 7)"""


def test_an_executed_notebook_holds_no_path_whatever_is_complained_of(tmp_path, monkeypatch):
    made = []
    for name in ("one", "my proj ü 中文"):
        folder = tmp_path / name
        changed_copy(folder / "data")
        monkeypatch.setenv(read.DATA_VARIABLE, str(folder / "data"))
        path = checkout(folder, WARN_BY_PATH)
        status, _, complaints = run("notebooks", "--catalogue", path)
        assert status == 0
        assert "toy.ipynb: warning: hashrate-migration: table pools is not the" in complaints
        assert run("render", "one", "--catalogue", path)[0] == 0
        kept = [folder / "notebooks" / "toy.ipynb", path.parent / "site" / "one" / "one.ipynb"]
        texts = [file.read_text(encoding="utf-8") for file in kept]
        for text in texts:
            assert "table pools is not the published one (pools.csv)" in text
            assert "a b.py:7: UserWarning: of age" in text
            assert str(tmp_path) not in text
        made.append(texts)
    assert made[0] == made[1]


def test_many_jobs_in_a_folder_of_any_name_with_a_kernel_that_does_not_exist(tmp_path):
    folder = tmp_path / "my proj ü 中文"
    path = checkout(folder, "print(top_n)")
    toy = notebook("print(top_n)")
    toy.metadata.kernelspec.name = "no-such-kernel"
    nbformat.write(toy, folder / "notebooks" / "toy.ipynb")
    status, printed, complaints = run("render", "--all", "--jobs", "12", "--catalogue", path)
    assert status == 0, complaints
    assert "3 of 3 reports rendered" in printed
    assert problems(path.parent / "site") == []
    assert run("notebooks", "--jobs", "12", "--catalogue", path)[0] == 0


def test_two_renderings_into_one_site_at_the_same_time(tmp_path):
    path = checkout(tmp_path, "print(top_n)")
    command = [sys.executable, "-c", "from hashrate_migration.cli import main; main()"]
    command += ["render", "--all", "--jobs", "3", "--catalogue", str(path)]
    site = path.parent / "site"
    both = [subprocess.Popen([*command, "--out", str(site)]) for _ in range(2)]
    assert [process.wait(timeout=300) for process in both] == [0, 0]
    assert problems(site) == []
    assert run("render", "--all", "--catalogue", path, "--out", tmp_path / "alone")[0] == 0
    assert same(site, tmp_path / "alone")


@pytest.mark.parametrize("written", ["quote ' \" \\ {x} {{ x }} </pre><script>alert(1)</script>"])
def test_a_parameter_is_text_whatever_it_holds(tmp_path, written):
    path = checkout(tmp_path)
    show = "from hashrate_migration import charts\n\ncharts.use()\nprint(text)"
    toy = notebook(show, PROSE_OF_TEXT, parameters='text: str = "x"  # <b>any</b>')
    nbformat.write(toy, tmp_path / "notebooks" / "toy.ipynb")
    path.write_text(CATALOGUE.split("  - id: family")[0], encoding="utf-8")
    assert run("render", "one", "--catalogue", path, "-p", "text", written)[0] == 0
    html = (path.parent / "site" / "one" / "index.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    assert page.find("pre", class_="output").text.strip() == written
    assert [s.get("src") for s in page.find_all("script")] == ["../assets/page.js"]
    assert "<b>any" not in html
    assert problems(path.parent / "site") == []


def test_what_a_killed_rendering_left_is_gone_after_the_next(tmp_path):
    path = checkout(tmp_path, "print(1)")
    site = path.parent / "site"
    assert run("render", "one", "--catalogue", path)[0] == 0
    for place in (site / "one", site / "one" / "index.html", site / "assets" / "page.js"):
        files.beside(place).write_text("half")
    half = files.beside(tmp_path / "notebooks" / "toy.ipynb")
    half.write_text("half")
    assert run("render", "one", "--catalogue", path)[0] == 0
    assert run("notebooks", "--catalogue", path)[0] == 0
    assert not [*site.rglob(".*"), *(tmp_path / "notebooks").glob(".*")]


SLEEP = """\
import time

open("started", "w").close()
time.sleep(600)"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_everything_at_once(tmp_path, number):
    path = checkout(tmp_path, SLEEP)
    command = [sys.executable, "-c", "from hashrate_migration.cli import main; main()"]
    process = subprocess.Popen(
        [*command, "render", "one", "--catalogue", str(path)],
        stderr=subprocess.PIPE,
        text=True,
        # What a shell starts in the background does not hear Ctrl-C, nor does what that starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    started = tmp_path / "notebooks" / "started"
    for _ in range(300):
        if started.exists():
            break
        time.sleep(0.1)
    assert started.exists()
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    asked = time.monotonic()
    process.send_signal(number)
    process.wait(timeout=20)
    took = time.monotonic() - asked
    assert process.returncode != 0
    assert took < 10  # the cell would have run for ten minutes; a loaded machine is slow
    psutil.wait_procs(children, timeout=5)
    assert not [child for child in children if child.is_running() and child.status() != "zombie"]
    left = {p.name for p in (path.parent / "site").iterdir()}
    assert left <= {"assets"}
