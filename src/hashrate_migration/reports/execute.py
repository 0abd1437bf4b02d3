"""Run notebooks: a report by papermill, a notebook in place by nbclient."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from hashrate_migration.reports import files
from hashrate_migration.reports.catalogue import Report
from hashrate_migration.reports.kernels import KERNEL, settings
from hashrate_migration.tables import locks

_TIMEOUT_S = 1800

# What ipykernel calls the file of a cell: it holds the number of the process.
_CELL_FILE = re.compile(r"[^\s\"']*ipykernel_\d+[/\\]\d+\.py")

# A warning begins with the path of the file that gave it, which may have blanks.
_WARNING_FILE = re.compile(r"^[^\n]*[/\\]([^/\\\n]+\.py:\d+: \w*Warning:)", re.MULTILINE)


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
        One line for each warning, or for each cell that wrote something else to stderr.
    provenance : dict
        Tables that the kernel read and versions that it ran, as
        :func:`hashrate_migration.tables.package.provenance_of_run` has them; empty after an error.
    """

    notebook: NotebookNode
    error: str | None
    input_error: str | None
    warnings: list[str]
    provenance: dict[str, Any] = field(default_factory=dict)


# Run after a report's own cells, in the same kernel: what its page says it rests on is what it read.
_PROVENANCE = "from hashrate_migration.tables import package\n\npackage.show_provenance()"


def _with_provenance(source: NotebookNode) -> NotebookNode:
    notebook = deepcopy(source)
    cell = nbformat.v4.new_code_cell(_PROVENANCE)
    cell["id"] = "provenance"
    notebook.cells.append(cell)
    return notebook


def _take_provenance(notebook: NotebookNode) -> dict[str, Any]:
    """The provenance of an executed notebook, and its cell out of it."""
    if not notebook.cells or notebook.cells[-1].get("id") != "provenance":
        return {}
    cell = notebook.cells.pop()
    for output in cell.get("outputs", []):
        if found := output.get("data", {}).get("application/json"):
            return dict(found)
    return {}


def _settings(folder: Path, for_page: bool) -> dict[str, Any]:
    return settings(str(folder), _TIMEOUT_S, for_page)


def one_line(text: str) -> str:
    """A message as one line, without the colours of a terminal."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())


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
    count = marks = 0
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "papermill-error-cell-tag" in cell.metadata.get("tags", []):
            marks += 1
            cell["id"] = f"error-mark-{marks}"
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        if cell.cell_type == "code":
            if cell.execution_count is not None:
                count += 1
                cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "stream":
                    text = _CELL_FILE.sub("<cell>", output.text)
                    output.text = _WARNING_FILE.sub(r"\1", text)
                elif output.output_type == "error":
                    output.traceback = [_CELL_FILE.sub("<cell>", line) for line in output.traceback]
                if "execution_count" in output:
                    output["execution_count"] = cell.execution_count
    return notebook


# warnings.warn() writes its sentence first and the line of code that called it last.
_SENTENCE = re.compile(r"^.*?\b(\w*Warning: .*)$|^(hashrate-migration: .*)$", re.MULTILINE)


def _sentences(text: str) -> list[str]:
    found = [one_line(match[1] or match[2]) for match in _SENTENCE.finditer(text)]
    return found or [one_line(text.strip().splitlines()[-1])]


def _warnings(notebook: NotebookNode) -> list[str]:
    return [
        sentence
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr" and output.text.strip()
        for sentence in _sentences(output.text)
    ]


def _broken_off(output: Path, source: NotebookNode, failure: Exception) -> tuple[NotebookNode, str]:
    """The notebook as far as it came when the kernel died, and what happened where."""
    reason = one_line(str(failure)) or "no more is known"
    notebook = nbformat.read(output, as_version=4) if output.is_file() else deepcopy(source)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    begun = [cell for cell in code if cell.metadata.get("papermill", {}).get("start_time")]
    if not begun:
        return notebook, f"before the first cell: {type(failure).__name__}: {reason}"
    begun[-1].outputs.append(
        nbformat.v4.new_output(
            "error", ename=type(failure).__name__, evalue=reason, traceback=[reason]
        )
    )
    return notebook, f"cell {len(begun)}: {type(failure).__name__}: {reason}"


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
        Also if a cell failed, took too long, or ended its kernel.
    """
    folder = report.notebook.parent
    error = input_error = None
    with files.workplace() as temporary:
        output = temporary / "executed.ipynb"
        try:
            papermill.execute_notebook(
                _with_provenance(source),
                str(output),
                parameters=report.parameters,
                progress_bar=False,
                **_settings(folder if folder.is_dir() else temporary, for_page=True),
            )
            notebook = nbformat.read(output, as_version=4)
        except PapermillExecutionError as failure:
            error = one_line(f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}")
            if failure.ename == "InputError":
                input_error = one_line(failure.evalue)
            notebook = nbformat.read(output, as_version=4)
        except Exception as failure:
            # A cell that takes too long, a kernel that dies or does not start: nbclient and
            # jupyter_client have many errors for it, and none of them may stop other reports.
            notebook, error = _broken_off(output, source, failure)
    provenance = _take_provenance(notebook)
    return Outcome(without_volatile(notebook), error, input_error, _warnings(notebook), provenance)


def execute_in_place(path: Path) -> Outcome:
    """Run a notebook with its own parameters and keep the outputs in it.

    The file is replaced when all cells have run; a notebook that fails is left as it was.

    Parameters
    ----------
    path : Path
        The notebook.

    Returns
    -------
    Outcome
        With the error, if there was one, and without provenance.
    """
    error = None
    notebook = nbformat.v4.new_notebook()
    before = b""
    try:
        before = path.read_bytes()
        notebook = nbformat.reads(before.decode("utf-8"), as_version=4)
        NotebookClient(notebook, **_settings(path.parent, for_page=False)).execute()
    except CellExecutionError as failure:
        error = one_line(f"{failure.ename}: {failure.evalue}")
    except Exception as failure:  # as in execute()
        error = one_line(f"{type(failure).__name__}: {failure}")
    without_volatile(notebook)
    if error is None:
        try:
            with locks.alone(path.parent):
                if path.read_bytes() == before:
                    files.write(path, (nbformat.writes(notebook) + "\n").encode("utf-8"))
                else:
                    error = "changed while it ran, and was left as it was; run it again"
        except OSError as failure:
            error = f"cannot be written ({failure.strerror})"
    return Outcome(notebook, error, None, _warnings(notebook))
