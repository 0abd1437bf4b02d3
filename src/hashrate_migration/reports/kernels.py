"""The kernel that runs notebooks: this Python, whatever kernels the machine knows."""

from __future__ import annotations

import contextlib
import os
import signal
import weakref
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from hashrate_migration.charts.display import PAGE_VARIABLE

KERNEL = "python3"

_running: weakref.WeakSet[ThisPython] = weakref.WeakSet()


def stop_all() -> None:
    """End every kernel that this process has started, at once: the user has interrupted."""
    for manager in list(_running):
        pid = getattr(manager.provisioner, "pid", None)
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            manager.cleanup_connection_file()


class ThisPython(AsyncKernelManager):
    """Starts ipykernel in the running interpreter.

    A kernel called python3 may stand anywhere on Jupyter's search path and lead to another
    environment, so no path is searched.
    """

    @property
    def kernel_spec(self) -> KernelSpec:
        """See :class:`jupyter_client.manager.KernelManager`."""
        return KernelSpec(**get_kernel_dict())

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """See :class:`jupyter_client.manager.KernelManager`."""
        _running.add(self)
        await super().start_kernel(**options)


class ForPages(ThisPython):
    """The same for a notebook that becomes a page: its outputs carry what pages need."""

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """See :class:`jupyter_client.manager.KernelManager`."""
        env = {**os.environ, **options.pop("env", {}), PAGE_VARIABLE: "1"}
        await super().start_kernel(env=env, **options)


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
