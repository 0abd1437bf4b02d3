"""No kernel stays when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import subprocess
import sys

import psutil
import pytest

from hashrate_migration.reports import kernels

START = """\
import asyncio
import os
import signal

from hashrate_migration.reports.kernels import ThisPython

manager = ThisPython()
asyncio.run(manager.start_kernel())
with open("pid", "w") as file:
    file.write(str(manager.provisioner.pid))
os.kill(os.getpid(), signal.SIGKILL)"""


@pytest.mark.skipif(sys.platform != "linux", reason="says to Linux where orphans go")
def test_a_kernel_whose_parent_is_killed_while_it_starts_ends_by_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    subreaper = 36  # PR_SET_CHILD_SUBREAPER: orphans come here, not to process 1
    ctypes.CDLL(None).prctl(subreaper, 1, 0, 0, 0)
    try:
        subprocess.run([sys.executable, "-c", START], cwd=tmp_path)
        kernel = psutil.Process(int((tmp_path / "pid").read_text()))
        with contextlib.suppress(psutil.TimeoutExpired):
            kernel.wait(20)  # twice a second would do; a loaded machine is slow to start it
        left = kernel.is_running()
        if left:
            kernel.kill()
            kernel.wait()
        assert not left
    finally:
        ctypes.CDLL(None).prctl(subreaper, 0, 0, 0, 0)


def test_a_kernel_whose_folder_was_taken_for_one_left_ends_before_it_writes_elsewhere(tmp_path):
    # Its parent was killed, and the next rendering has begun.
    argv = [
        part.replace("{connection_file}", str(tmp_path / "gone" / "kernel.json"))
        for part in kernels.ThisPython().kernel_spec.argv
    ]
    env = {**os.environ, "TMPDIR": str(tmp_path), "JPY_PARENT_PID": str(os.getpid())}
    assert subprocess.run(argv, env=env, timeout=60).returncode == 1
    assert not list(tmp_path.iterdir())


def test_a_kernel_that_is_being_started_when_all_are_stopped_ends_too(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(KeyboardInterrupt), kernels.stopping_on_error():
        raise KeyboardInterrupt

    async def start():
        manager = kernels.ThisPython()
        await manager.start_kernel()
        await asyncio.wait_for(manager.provisioner.wait(), 10)

    asyncio.run(start())
    assert not list(tmp_path.iterdir())
    with kernels.stopping_on_error():
        pass  # the next rendering may start kernels again
