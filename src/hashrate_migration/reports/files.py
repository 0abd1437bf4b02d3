"""Writing into the site: whole files and folders or none, and nothing of the user's deleted."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MARK = "report.json"
"""File that says of a folder that it holds a page of ours, and of which files the page is made."""

MAKER = "hashrate-migration"
"""What the mark names as its maker: others write files of that name too."""

_OURS = re.compile(r"\.[0-9a-f]{12}\.\d+\.(tmp|old)")

WORKPLACE = "hashrate-migration-"
"""How the names of temporary folders begin."""

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of Linux's <fcntl.h> and <linux/fs.h>


class NotOursError(Exception):
    """A folder in the way holds something that is no part of a report."""


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


def sweep(folder: Path) -> None:
    """Take out what killed renderings have left; only to be called by who is alone there.

    An older page that was on its way out when its successor was lost comes back.
    """
    for left in sorted(folder.glob(".*")):
        if not _OURS.fullmatch(left.name) or left.is_symlink():
            continue
        if not left.is_dir():
            left.unlink(missing_ok=True)
            continue
        if left.suffix == ".old":
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                home = folder / (made_here(left) or {})["id"]
                if home.parent == folder and not home.exists():
                    left.rename(home)
                    continue
        shutil.rmtree(left, ignore_errors=True)


def made_here(folder: Path) -> dict[str, Any] | None:
    """What the mark of a page says, if the folder holds a page of ours."""
    try:
        mark = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    ours = isinstance(mark, dict) and mark.get("made_by") == MAKER and "id" in mark
    return mark if ours else None


def foreign(folder: Path) -> str | None:
    """What stands in a folder that is no part of a page of ours; nothing if all of it is."""
    mark = made_here(folder)
    known = set(mark.get("files", [])) if mark else set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        held = path.is_symlink() or not path.is_dir()
        if held and name not in known and not _OURS.fullmatch(path.name):
            return name
    return None


def _check_may_replace(folder: Path) -> None:
    """Stop unless a folder may give way to a page: none there, an empty one, or a page of ours."""
    if not folder.exists() and not folder.is_symlink():
        return
    held = folder.name if folder.is_symlink() or not folder.is_dir() else foreign(folder)
    if held is not None:
        raise NotOursError(
            f"{folder} holds something that is no part of a report ({held}); move it away or choose "
            "another folder with --out"
        )


def _exchanged(new: Path, old: Path) -> bool:
    """Let two folders change their names in one step, where the system can."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done = renameat2(
        _AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(old), ctypes.c_uint(_RENAME_EXCHANGE)
    )
    return bool(done == 0)


def replace_folder(new: Path, old: Path) -> None:
    """Put a finished folder in place of an older page.

    There is no moment without a page, where the system can exchange two folders; elsewhere
    :func:`sweep` brings the older one back if this process is killed between two steps.

    Raises
    ------
    NotOursError
        If what stands there is no page of ours.
    """
    _check_may_replace(old)
    gone = new
    if not old.exists():
        new.rename(old)
    elif not _exchanged(new, old):
        gone = beside(old, "old")
        old.rename(gone)
        new.rename(old)
    shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def workplace() -> Iterator[Path]:
    """A temporary folder that is gone afterwards: if its process was killed, with the next one.

    It is in use as long as a process has a shared lock on it, this one or a kernel.
    """
    parent = Path(tempfile.gettempdir())
    _remove_left(parent)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=WORKPLACE, dir=parent))
        try:
            held = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # another process took it for one left, as it was not yet locked
        with contextlib.suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_SH)
        if folder.is_dir():
            break
        os.close(held)  # the same, a moment later
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)
        # Also now: the kernel of a worker that was just killed may have lived when this one began.
        _remove_left(parent)


def _remove_left(parent: Path) -> None:
    for folder in parent.glob(f"{WORKPLACE}*"):
        with contextlib.suppress(OSError):  # in use, somebody else's, or gone by now
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(held).st_uid == os.getuid():
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(held)
