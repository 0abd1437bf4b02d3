"""Writing into the site: whole files and folders or none, and nothing of the user's deleted."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

MARK = "report.json"
"""File by which a folder is known to hold a page of ours."""


class NotOursError(Exception):
    """A folder in the way holds something that is no report."""


def beside(path: Path, ending: str = "tmp") -> Path:
    """A name beside a path that no other rendering takes: hidden, short, and never the same twice."""
    return path.parent / f".{uuid.uuid4().hex[:12]}.{os.getpid()}.{ending}"


def write(path: Path, content: bytes) -> None:
    """Put a file in place in one step."""
    temporary = beside(path)
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def may_replace(folder: Path) -> bool:
    """Whether a folder may give way to a page: none there, an empty one, or a page of ours."""
    if folder.is_symlink():
        return False
    if not folder.exists():
        return True
    return folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))


def replace_folder(new: Path, old: Path) -> None:
    """Put a finished folder in place of an older page.

    Raises
    ------
    NotOursError
        If what stands there is no page of ours.
    """
    if not may_replace(old):
        raise NotOursError(
            f"{old} holds something that is no report; move it away or choose another folder with --out"
        )
    gone = beside(old, "old")
    if old.exists():
        old.rename(gone)
    new.rename(old)
    shutil.rmtree(gone, ignore_errors=True)
