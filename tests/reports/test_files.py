"""Nothing of the user's is deleted, and nothing is half written."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hashrate_migration.reports import files
from hashrate_migration.tables import locks


def test_a_page_of_ours_gives_way(tmp_path):
    old, new = page(tmp_path / "one", "old"), page(tmp_path / "new", "new")
    files.replace_folder(new, old)
    assert json.loads((old / files.MARK).read_text())["text"] == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one"]


def test_a_page_to_which_a_user_has_added_a_file_stays(tmp_path):
    old, new = page(tmp_path / "one", "old"), page(tmp_path / "new", "new")
    (old / "figures").mkdir()
    (old / "figures" / "my-notes.md").write_text("mine")
    with pytest.raises(files.NotOursError, match=r"\(figures/my-notes\.md\)"):
        files.replace_folder(new, old)
    assert (old / "figures" / "my-notes.md").read_text() == "mine"


def test_a_link_to_a_folder_of_the_users_in_a_page_stays(tmp_path):
    old, new = page(tmp_path / "one", "old"), page(tmp_path / "new", "new")
    (old / "mine").symlink_to(tmp_path)
    with pytest.raises(files.NotOursError, match=r"\(mine\)"):
        files.replace_folder(new, old)
    assert (old / "mine").is_symlink()


@pytest.mark.parametrize(
    "mark", ['{"tests": 12}', "[]", "no JSON", '{"id": "one"}', '{"made_by": "hashrate-migration"}']
)
def test_a_file_of_the_same_name_makes_no_page_of_ours(tmp_path, mark):
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / files.MARK).write_text(mark)
    assert files.made_here(folder) is None
    assert files.foreign(folder) == files.MARK


def test_an_empty_folder_or_none_gives_way(tmp_path):
    for name in ("there", "not-there"):
        new = tmp_path / f"new-{name}"
        new.mkdir()
        (new / "x").write_text("x")
        if name == "there":
            (tmp_path / name).mkdir()
        files.replace_folder(new, tmp_path / name)
        assert (tmp_path / name / "x").is_file()


@pytest.mark.parametrize("what", ["folder", "file", "link"])
def test_what_is_not_ours_is_kept(tmp_path, what):
    old, new = tmp_path / "thesis", tmp_path / "new"
    new.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "chapter.txt").write_text("years of work")
    if what == "folder":
        old.mkdir()
        (old / "chapter.txt").write_text("years of work")
    elif what == "file":
        old.write_text("years of work")
    else:
        old.symlink_to(elsewhere)
    with pytest.raises(files.NotOursError, match="holds something that is no part of a report"):
        files.replace_folder(new, old)
    kept = old if what == "file" else old / "chapter.txt"
    assert kept.read_text() == "years of work"
    assert new.is_dir()


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    files.write(path, b"old")

    def full(self, content):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", full)
        with pytest.raises(OSError, match="No space left"):
            files.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_two_writers_never_share_a_name(tmp_path):
    names = {files.beside(tmp_path / "index.html") for _ in range(1000)}
    assert len(names) == 1000
    assert all(len(name.name) < 60 for name in names)


def page(folder, text):
    folder.mkdir()
    mark = {"id": "one", "text": text, "made_by": files.MAKER, "files": [files.MARK]}
    (folder / files.MARK).write_text(json.dumps(mark))
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot exchange two folders")
def test_there_is_no_moment_without_a_page(tmp_path, monkeypatch):
    old, new = page(tmp_path / "one", "old"), page(tmp_path / "new", "new")
    moments = []
    rename = Path.rename

    def step(self, target):
        rename(self, target)
        moments.append((old / files.MARK).is_file())

    monkeypatch.setattr(Path, "rename", step)
    files.replace_folder(new, old)
    assert all(moments)
    assert json.loads((old / files.MARK).read_text())["text"] == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["one"]


def test_a_page_gives_way_on_a_system_that_cannot_exchange(tmp_path, monkeypatch):
    old, new = page(tmp_path / "one", "old"), page(tmp_path / "new", "new")
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: object())
    files.replace_folder(new, old)
    assert json.loads((old / files.MARK).read_text())["text"] == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["one"]


def test_what_killed_renderings_left_is_taken_out_and_nothing_else(tmp_path):
    page(files.beside(tmp_path / "one"), "half a page")
    page(files.beside(tmp_path / "one", "old"), "older")
    page(tmp_path / "one", "newer")
    files.beside(tmp_path / "index.html").write_text("half")
    mine = [".gitignore", ".0123456789ab.tmp", ".0123456789ab.7.tmp.txt", "0123456789ab.7.tmp"]
    for name in mine:
        (tmp_path / name).write_text("mine")
    files.sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*mine, "one"])
    assert json.loads((tmp_path / "one" / files.MARK).read_text())["text"] == "newer"


@pytest.mark.parametrize("named", ["one", "../one", "/one"])
def test_an_older_page_whose_successor_was_lost_comes_back_to_its_place_alone(tmp_path, named):
    site = tmp_path / "site"
    site.mkdir()
    left = page(files.beside(site / "one", "old"), "older")
    (left / files.MARK).write_text(json.dumps({"id": named, "made_by": files.MAKER}))
    files.sweep(site)
    assert [p.name for p in site.iterdir()] == (["one"] if named == "one" else [])
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


HOLD = """\
import sys
import time
from pathlib import Path

from hashrate_migration.tables import locks
from hashrate_migration.reports import files

with {what} as held:
    print(held, flush=True)
    time.sleep(600)"""


@pytest.fixture
def holder(tmp_path, monkeypatch):
    """Start a process that writes into a folder, or has a temporary one, and does not end."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    started = []

    def start(what):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD.format(what=what)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_one_writes_and_others_wait_until_it_ends_or_is_killed(tmp_path, holder):
    process, held = holder(f"locks.alone(Path({str(tmp_path)!r}))")
    assert held == "True"
    came = threading.Event()

    def wait():
        with locks.alone(tmp_path):
            came.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not came.wait(0.3)
    process.kill()
    assert came.wait(10)
    waiting.join()


def test_a_temporary_folder_outlives_its_process_no_longer_than_until_the_next(tmp_path, holder):
    process, theirs = holder("files.workplace()")
    with files.workplace() as ours:
        assert sorted(map(str, tmp_path.iterdir())) == sorted([theirs, str(ours)])
    assert [str(p) for p in tmp_path.iterdir()] == [theirs]
    process.kill()
    process.wait()
    with files.workplace() as ours:
        assert list(tmp_path.iterdir()) == [ours]
    assert not list(tmp_path.iterdir())
