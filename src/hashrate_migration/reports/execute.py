"""Run notebooks: a report by papermill, a notebook in place by nbclient."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from hashrate_migration.reports.catalogue import Report

KERNEL = "python3"

_TIMEOUT_S = 1800


@dataclass(frozen=True)
class Outcome:
    """What came of running a report.

    Attributes
    ----------
    notebook : NotebookNode
        Executed, up to the error if there was one, without volatile metadata.
    error : str or None
        One line: the cell and the error.
    input_error : str or None
        The sentence, if the notebook refused its input.
    warnings : list of str
        What cells wrote to stderr.
    """

    notebook: NotebookNode
    error: str | None
    input_error: str | None
    warnings: list[str]


def _kernel_settings() -> dict[str, Any]:
    # The kernel of this environment wins over one that the user has installed elsewhere.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    # Sets and dictionaries of strings in the same order every time.
    os.environ.setdefault("PYTHONHASHSEED", "0")
    # Kernels talk to this process alone, over the loopback address; their note that such talk is
    # not encrypted would stand in every log.
    return {"kernel_name": KERNEL, "extra_arguments": ["--log-level=CRITICAL"]}


def without_volatile(notebook: NotebookNode) -> NotebookNode:
    """Take out what changes from run to run: times, versions, random ids.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place.

    Returns
    -------
    NotebookNode
        The same object.
    """
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(
            display_name="Python 3 (ipykernel)", language="python", name=KERNEL
        ),
        language_info=NotebookNode(name="python"),
    )
    count = 0
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count if cell.execution_count is not None else None
            for output in cell.outputs:
                if "execution_count" in output:
                    output["execution_count"] = cell.execution_count
    return notebook


def _warnings(notebook: NotebookNode) -> list[str]:
    return [
        output.text.strip()
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]


def execute(report: Report, source: NotebookNode) -> Outcome:
    """Run a notebook with a report's parameters.

    Nothing is written but a temporary file, so that it may run anywhere: in a thread, in another
    process, on another machine.

    Parameters
    ----------
    report : Report
        With all its parameters.
    source : NotebookNode
        The notebook.

    Returns
    -------
    Outcome
        Also if a cell failed.
    """
    folder = report.notebook.parent
    error = input_error = None
    with tempfile.TemporaryDirectory() as temporary:
        output = Path(temporary) / "executed.ipynb"
        try:
            papermill.execute_notebook(
                source,
                str(output),
                parameters=report.parameters,
                cwd=str(folder) if folder.is_dir() else temporary,
                progress_bar=False,
                request_save_on_cell_execute=False,
                execution_timeout=_TIMEOUT_S,
                **_kernel_settings(),
            )
        except PapermillExecutionError as failure:
            error = f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
            if failure.ename == "InputError":
                input_error = str(failure.evalue)
        notebook = nbformat.read(output, as_version=4)
    return Outcome(without_volatile(notebook), error, input_error, _warnings(notebook))


def execute_in_place(path: Path) -> str | None:
    """Run a notebook with its own parameters and keep the outputs in it.

    The file is replaced when all cells have run; a notebook that fails is left as it was.

    Parameters
    ----------
    path : Path
        The notebook.

    Returns
    -------
    str or None
        One line on the error, if there was one.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=_TIMEOUT_S,
        resources={"metadata": {"path": str(path.parent)}},
        **_kernel_settings(),
    )
    try:
        client.execute()
    except CellExecutionError as failure:
        return f"{failure.ename}: {failure.evalue}"
    temporary = path.with_suffix(".ipynb.tmp")
    nbformat.write(without_volatile(notebook), temporary)
    temporary.replace(path)
    return None
