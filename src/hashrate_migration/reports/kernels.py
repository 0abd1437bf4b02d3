"""The kernel that runs notebooks: this Python, whatever kernels the machine knows."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import matplotlib
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from matplotlib import font_manager

from hashrate_migration.charts.display import PAGE_VARIABLE
from hashrate_migration.reports import files, surroundings

KERNEL = "python3"

# ipykernel ends when its parent does, but not if that happens while it is being imported and orphans
# go to another process than number 1, as on a desktop or in a container. Until then its folder is in
# use; one that is gone already means that nobody waits.
_LAUNCH = """\
import contextlib
import fcntl
import os
import sys
import threading
import time


def end_with_parent(parent=int(os.environ["JPY_PARENT_PID"])):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


threading.Thread(target=end_with_parent, daemon=True).start()
folder = os.path.dirname(sys.argv[sys.argv.index("-f") + 1])
with contextlib.suppress(OSError):  # gone, or on a file system without locks
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)
if not os.path.isdir(folder):
    os._exit(1)
if sys.path[0] == "":  # no file in the folder of the notebooks stands for a package
    del sys.path[0]

from ipykernel.kernelapp import IPKernelApp


class Kernel(IPKernelApp):
    def load_config_file(self, *_, **__):
        "No settings, neither the user's nor the machine's."


Kernel.launch_instance()
"""

_running: weakref.WeakSet[ThisPython] = weakref.WeakSet()
_interrupted = threading.Event()
_changing = threading.Lock()


@contextmanager
def stopping_on_error() -> Iterator[None]:
    """If the body is left by an exception, end every kernel that this process runs, at once."""
    _interrupted.clear()
    try:
        yield
    except BaseException:
        _interrupted.set()  # one that is just being started ends as soon as it has a process
        with _changing:
            managers = list(_running)
        for manager in managers:
            manager.end()
        raise


def _matplotlib_folder(parent: Path) -> Path:
    """A folder of settings without settings, and with matplotlib's own fonts only.

    The font of the figures comes with this package. To look for those of the machine takes time, and
    matplotlib says so on stderr, which would stand on the page.
    """
    folder = parent / "matplotlib"
    folder.mkdir()
    known = copy(font_manager.fontManager)
    own = Path(matplotlib.get_data_path())
    known.ttflist = [font for font in known.ttflist if Path(font.fname).is_relative_to(own)]
    known.afmlist = [font for font in known.afmlist if Path(font.fname).is_relative_to(own)]
    font_manager.json_dump(known, folder / f"fontlist-v{known.__version__}.json")
    return folder


class ThisPython(AsyncKernelManager):
    """Starts ipykernel in the running interpreter.

    A kernel called python3 may stand anywhere on Jupyter's search path and lead to another
    environment, so no path is searched.
    """

    @property
    def kernel_spec(self) -> KernelSpec:
        """See :class:`jupyter_client.manager.KernelManager`."""
        about = get_kernel_dict()
        return KernelSpec(
            **{**about, "argv": [sys.executable, "-c", _LAUNCH, "-f", "{connection_file}"]}
        )

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """See :class:`jupyter_client.manager.KernelManager`."""
        # Not in Jupyter's folder, where the file of a killed process would stay for ever.
        self._folder = ExitStack()
        folder = self._folder.enter_context(files.workplace())
        self.connection_file = str(folder / "kernel.json")
        user = {name: value for name, value in os.environ.items() if name != PAGE_VARIABLE}
        env = {
            **surroundings.without(user),
            # Profiles, settings and caches of its own; the user's home may not be writable either.
            "IPYTHONDIR": str(folder / "ipython"),
            "MPLCONFIGDIR": str(_matplotlib_folder(folder)),
            **options.pop("env", {}),
        }
        with _changing:
            _running.add(self)
        await super().start_kernel(env=env, **options)
        if _interrupted.is_set():
            self.end()

    def cleanup_connection_file(self) -> None:
        """See :class:`jupyter_client.manager.KernelManager`."""
        super().cleanup_connection_file()
        if folder := getattr(self, "_folder", None):
            folder.close()

    def end(self) -> None:
        """End the kernel without asking it."""
        if pid := getattr(self.provisioner, "pid", None):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.cleanup_connection_file()


class ForPages(ThisPython):
    """The same for a notebook that becomes a page: its outputs carry what pages need."""

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """See :class:`jupyter_client.manager.KernelManager`."""
        options["env"] = {**options.get("env", {}), PAGE_VARIABLE: "1"}
        await super().start_kernel(**options)


def settings(folder: str, timeout_s: int, for_page: bool = False) -> dict[str, Any]:
    """What nbclient, and papermill through it, needs to know.

    Parameters
    ----------
    folder : str
        Working directory of the kernel. papermill's own ``cwd`` would move the whole process, and
        reports that run side by side would move each other.
    timeout_s : int
        Longest time for one cell, in seconds.
    for_page : bool
        Whether a page is made of the executed notebook.

    Returns
    -------
    dict
        Keyword arguments.
    """
    return {
        "kernel_name": KERNEL,
        "kernel_manager_class": ForPages if for_page else ThisPython,
        # Kernels talk to this process alone, over the loopback address; their note that such talk
        # is not encrypted would stand in every log.
        "extra_arguments": ["--log-level=CRITICAL"],
        "resources": {"metadata": {"path": folder}},
        "timeout": timeout_s,
        # How often a cell's text is flushed depends on its speed.
        "coalesce_streams": True,
    }
