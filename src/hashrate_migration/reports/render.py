"""Render reports: run them side by side, write their pages, say how it goes."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hashrate_migration.errors import InputError
from hashrate_migration.reports import files, kernels, page, site
from hashrate_migration.reports.catalogue import Catalogue, Report
from hashrate_migration.reports.execute import Outcome, execute, execute_in_place, one_line
from hashrate_migration.tables import locks

Tick = Callable[[str], None]


@contextmanager
def progress(total: int) -> Iterator[Tick]:
    """A bar on a terminal, plain lines elsewhere.

    Yields
    ------
    callable
        To be called with a line of text when one piece is done.
    """
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        count = 0

        def plain(text: str) -> None:
            nonlocal count
            count += 1
            print(f"[{count}/{total}] {text}", file=sys.stderr, flush=True)

        yield plain
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("rendering", total=total)

        def advance(text: str) -> None:
            bar.console.print(text, highlight=False, markup=False)
            bar.advance(task)

        yield advance


@contextmanager
def executor(jobs: int, scheduler: str | None = None) -> Iterator[Executor]:
    """Where reports run: threads of this process, or a Dask cluster.

    Threads are enough here: each report has a kernel, a process of its own.

    Raises
    ------
    InputError
        If the cluster does not answer.
    """
    if scheduler is None:
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            yield pool
        return
    from distributed import Client

    try:
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        raise InputError(
            f"--scheduler {scheduler}: no Dask scheduler answers there ({type(error).__name__}); "
            "start one or leave the option out."
        ) from None
    try:
        with client.get_executor(pure=False) as pool:
            yield pool
    finally:
        client.close()


@contextmanager
def interruptible(futures: Iterable[Any]) -> Iterator[None]:
    """After an interruption what has not begun does not begin, and what runs ends at once."""

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    # A request to end (SIGTERM) is taken like Ctrl-C. Only the main thread may set handlers.
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if main else None
    try:
        with kernels.stopping_on_error():
            yield
    finally:
        for future in list(futures):
            future.cancel()
        if main:
            signal.signal(signal.SIGTERM, before)


def render(
    catalogue: Catalogue,
    reports: Iterable[Report],
    out: Path,
    jobs: int = 1,
    scheduler: str | None = None,
) -> dict[str, Outcome]:
    """Render reports into a folder.

    A report that fails does not stop the others: its notebook is kept as ``ID.failed.ipynb`` and
    its older page, if there is one, stays.

    Parameters
    ----------
    catalogue : Catalogue
        Where template and gallery order come from.
    reports : iterable of Report
        With all their parameters.
    out : Path
        Folder of the pages.
    jobs : int
        How many run at the same time.
    scheduler : str, optional
        Address of a Dask scheduler whose workers run the reports.

    Returns
    -------
    dict
        Id to outcome, in the order of `reports`.
    """
    reports = list(reports)
    template = catalogue.path.parent / "template"
    sources = {r.notebook: nbformat.read(r.notebook, as_version=4) for r in reports}
    outcomes: dict[str, Outcome] = {}
    links: dict[str, str] = {}
    for report in catalogue.reports:
        links.setdefault(report.notebook.name, report.id)
    if not (template / "index.html.j2").is_file():
        raise InputError(f"{template}: there is no page template; restore it.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        site.check_ours(template, out)
        with locks.alone(out) as alone:
            if alone:
                site.sweep(out)
            site.write_assets(template, out)
    except OSError as error:
        raise InputError(
            f"{out}: cannot be made ({error.strerror}); choose another folder."
        ) from None
    futures: dict[Any, Report] = {}
    with (
        executor(jobs, scheduler) as pool,
        progress(len(reports)) as tick,
        interruptible(futures),
    ):
        # The cluster has no use for the pages: it runs notebooks, this process writes.
        for report in reports:
            futures[pool.submit(execute, report, sources[report.notebook])] = report
        for future in as_completed(futures):
            report = futures[future]
            result = _result(future, sources[report.notebook])
            outcome = _written(report, result, template, out, links)
            outcomes[report.id] = outcome
            note = f" ({len(outcome.warnings)} warnings)" if outcome.warnings else ""
            tick(f"{report.id} FAILED" if outcome.error else f"{report.id} done{note}")
    with locks.alone(out):
        site.build(catalogue, template, out)
    return {report.id: outcomes[report.id] for report in reports}


def _result(future: Future[Outcome], source: NotebookNode) -> Outcome:
    try:
        return future.result()
    except Exception as failure:
        # execute() gives its errors back: what is raised befell the worker.
        sentence = one_line(f"the worker was lost: {type(failure).__name__}: {failure}")
        return Outcome(source, sentence, None, [])


def _written(
    report: Report, outcome: Outcome, template: Path, out: Path, links: dict[str, str]
) -> Outcome:
    """Write a report's page, or keep the notebook of one that failed."""
    failed = site.failed_notebook(out, report.id)
    if outcome.error is None:
        try:
            page.build(
                report, outcome.notebook, template, out / report.id, links, outcome.provenance
            )
        except page.OutputError as failure:
            outcome = replace(outcome, error=str(failure))
        except OSError as failure:
            # A full disk, a folder that may not be written: the other reports go on.
            where = failure.filename or out
            outcome = replace(outcome, error=f"{where} cannot be written ({failure.strerror})")
        else:
            failed.unlink(missing_ok=True)
    if outcome.error is not None and outcome.input_error is None:
        # What cannot be written cannot be kept either.
        with contextlib.suppress(OSError), locks.alone(out):
            files.write(failed, nbformat.writes(outcome.notebook).encode("utf-8"))
    return outcome


def refresh_notebooks(paths: list[Path], jobs: int = 1) -> dict[str, Outcome]:
    """Run notebooks in place.

    Returns
    -------
    dict
        Name of the notebook to what came of it, in the order of `paths`.
    """
    for folder in {path.parent for path in paths}:
        with locks.alone(folder) as alone:
            if alone:
                files.sweep(folder)
    results: dict[str, Outcome] = {}
    futures: dict[Future[Outcome], Path] = {}
    with (
        ThreadPoolExecutor(max_workers=jobs) as pool,
        progress(len(paths)) as tick,
        interruptible(futures),
    ):
        for path in paths:
            futures[pool.submit(execute_in_place, path)] = path
        for future in as_completed(futures):
            name, outcome = futures[future].name, future.result()
            results[name] = outcome
            tick(f"{name} {'FAILED' if outcome.error else 'done'}")
    return {path.name: results[path.name] for path in paths}
