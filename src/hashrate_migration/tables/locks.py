"""One process at a time in a folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Wait until no other process writes into a folder, and keep others waiting.

    A process that is killed holds nothing any more: the lock is the system's.

    Yields
    ------
    bool
        False on a file system without locks; then each file and folder is still put in place in one
        step.
    """
    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(held)
