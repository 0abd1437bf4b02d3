"""Nothing of the user's is deleted, and nothing is half written."""

from __future__ import annotations

import pytest

from hashrate_migration.reports import files


def test_a_page_of_ours_gives_way(tmp_path):
    old, new = tmp_path / "one", tmp_path / "new"
    for folder, text in ((old, "old"), (new, "new")):
        folder.mkdir()
        (folder / files.MARK).write_text(text)
    files.replace_folder(new, old)
    assert (old / files.MARK).read_text() == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one"]


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
    with pytest.raises(files.NotOursError, match="holds something that is no report"):
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
