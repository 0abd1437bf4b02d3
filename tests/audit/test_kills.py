"""Kernels, the command and workers of a cluster killed at random moments of real renderings."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from kept import keep
from site_checks import problems

pytestmark = pytest.mark.audit

KILLS = {"a kernel": 14, "the command": 16, "a worker of a cluster": 10}
SEED = 0
REPORTS = ["profile-kaz", "profile-can"]
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
GONE_S = 10
"""Kernels look for their parent twice a second; the rest is for a loaded machine."""
ROOT = Path(__file__).parents[2]
COMMAND = """\
import signal

# A shell that starts the audit in the background may have it ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

from hashrate_migration.cli import main

main()"""


@pytest.fixture(scope="module", autouse=True)
def orphans_come_here():
    """Make this process the parent of orphans, as a desktop or a container does.

    Orphans that go to process 1 end more easily: ipykernel looks for that number.
    """
    subreaper = 36  # PR_SET_CHILD_SUBREAPER of Linux's <sys/prctl.h>
    ctypes.CDLL(None).prctl(subreaper, 1, 0, 0, 0)
    yield
    ctypes.CDLL(None).prctl(subreaper, 0, 0, 0, 0)


@dataclass
class Place:
    """Where one rendering happens: its site and its temporary folders."""

    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "site"

    def start(self, *arguments: str) -> psutil.Popen:
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        return psutil.Popen(
            [
                *(sys.executable, "-c", COMMAND),
                *("render", *arguments, "--jobs", "2", "--out", str(self.site)),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "TMPDIR": str(self.folder / "tmp"),
                "JUPYTER_RUNTIME_DIR": str(self.folder / "tmp" / "jupyter"),
            },
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr.txt").open("w"),
        )

    def render(self, *arguments: str) -> int:
        return int(self.start(*arguments).wait(timeout=600))

    def said(self) -> str:
        return (self.folder / "stderr.txt").read_text()

    def strays(self) -> list[str]:
        """What no finished rendering leaves behind."""
        here = list(self.site.rglob(".*"))
        there = [p for p in (self.folder / "tmp").rglob("*") if p.is_file()]
        return [f"left behind: {p.relative_to(self.folder)}" for p in here + there]


def sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def differ(found: Path, wanted: Path) -> list[str]:
    a, b = sums(found), sums(wanted)
    return [f"other bytes: {name}" for name in sorted(a | b) if a.get(name) != b.get(name)]


def without_links(folder: Path) -> dict[str, str]:
    """Checksums of a page whose links to other pages may not yet be led to them."""
    found = sums(folder)
    page = (folder / "index.html").read_text(encoding="utf-8") if "index.html" in found else ""
    found["index.html"] = re.sub(r'(data-report="[^"]*") href="[^"]*"', r"\1", page)
    return found


def half_written(trial: Trial, versions: Versions) -> list[str]:
    """Pages that are neither a whole version nor, if there was none before, absent."""
    found = []
    for name in trial.reports:
        page = trial.place.site / name
        known = [versions.new / name, *([versions.older / name] if trial.has_older else [])]
        if not page.exists():
            found += [f"{name}: the older page is gone"] if trial.has_older else []
            continue
        if without_links(page) not in map(without_links, known):
            found.append(f"{name}: neither the older page nor the new one")
        # Whatever is linked is there; the gallery is put in place last.
        found += [f"{name}: {p}" for p in problems(page) if not p.endswith(": ../index.html")]
    others = [name for name in REPORTS if name not in trial.reports]
    return found + [f for n in others for f in differ(trial.place.site / n, versions.new / n)]


def kernels_of(place: Path) -> list[psutil.Process]:
    """Living kernels of a place, whoever their parent is by now."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.status() != psutil.STATUS_ZOMBIE and any(
                argument.startswith(str(place)) and argument.endswith("kernel.json")
                for argument in process.cmdline()
            ):
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def orphans(place: Path) -> list[str]:
    """Kernels that stay."""
    end = time.monotonic() + GONE_S
    while True:
        left = [k for k in kernels_of(place) if k.is_running()]
        if not left or time.monotonic() > end:
            return [f"process {k.pid} stays" for k in left]
        time.sleep(0.1)


@dataclass
class Versions:
    """The site that every undisturbed rendering gives, and pages as of an older day."""

    new: Path
    older: Path
    seconds: float
    """How long one report takes."""


@pytest.fixture(scope="module")
def versions(tmp_path_factory) -> Versions:
    place, older = (Place(tmp_path_factory.mktemp(name)) for name in ("new", "older"))
    assert older.render(*REPORTS, "-p", "language", "zh") == 0, older.said()
    assert place.render(*REPORTS) == 0, place.said()
    began = time.monotonic()
    assert place.render(REPORTS[0]) == 0, place.said()
    assert place.strays() == []
    return Versions(place.site, older.site, time.monotonic() - began)


@dataclass
class Trial:
    """One kill: a site that lacks what is to be rendered, or has older pages of it."""

    place: Place
    reports: list[str]
    number: int
    chance: random.Random

    @property
    def has_older(self) -> bool:
        return self.number % 2 == 1

    def start(self, versions: Versions, *arguments: str) -> psutil.Popen:
        """Begin, and wait for a random moment."""
        shutil.copytree(versions.new, self.place.site)
        for name in self.reports:
            shutil.rmtree(self.place.site / name)
            if self.has_older:
                shutil.copytree(versions.older / name, self.place.site / name)
        command = self.place.start(*self.reports, *arguments)
        time.sleep(self.chance.uniform(0.05, 0.9) * versions.seconds)
        return command

    def next(self, versions: Versions, reports: list[str]) -> list[str]:
        status = self.place.render(*reports)
        found = [] if status == 0 else [f"the next gives {status}: {self.place.said()}"]
        return found + self.place.strays() + differ(self.place.site, versions.new)


def kill_all(kind: str, folder: Path, kill: Callable[[Trial], list[str]]) -> None:
    """Make all trials of a kind, two at a time; one in seven renders two reports."""
    trials = [
        Trial(
            Place(folder / str(number)),
            REPORTS if number % 7 == 0 else REPORTS[:1],
            number,
            random.Random(f"{SEED} {kind} {number}"),
        )
        for number in range(KILLS[kind])
    ]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(kill, trials))
    keep("kills", kind, len(trials), results.count([]))
    faults = [f"{number}: {', '.join(found)}" for number, found in enumerate(results) if found]
    assert not faults, "\n".join(faults)


def kill_one(kernels: Callable[[], list[psutil.Process]], trial: Trial, command) -> psutil.Process:
    """Choose a kernel, as soon as there is one."""
    while command.poll() is None:
        if running := kernels():
            return trial.chance.choice(running)
        time.sleep(0.02)
    raise AssertionError(f"no kernel was there to be killed: {trial.place.said()}")


def test_a_kernel_that_is_killed_costs_its_own_report_alone(tmp_path, versions):
    def kill(trial: Trial) -> list[str]:
        place = trial.place
        command = trial.start(versions)
        kill_one(lambda: kernels_of(place.folder), trial, command).kill()
        status = command.wait(timeout=600)
        found = orphans(place.folder) + half_written(trial, versions)
        kept = [p.name.removesuffix(".failed.ipynb") for p in place.site.glob("*.failed.ipynb")]
        # A kernel that has done its work and is about to end may be killed without harm.
        if status != len(kept) or len(kept) > 1:
            found.append(f"status {status}, kept: {kept}: {place.said()}")
        return found + trial.next(versions, kept or trial.reports)

    kill_all("a kernel", tmp_path, kill)


def test_the_command_that_is_killed_leaves_whole_pages_and_no_process(tmp_path, versions):
    def kill(trial: Trial) -> list[str]:
        command = trial.start(versions)
        # With and without older pages, each signal comes as often.
        command.send_signal(SIGNALS[trial.number // 2 % len(SIGNALS)])
        asked = time.monotonic()
        status = command.wait(timeout=600)
        found = orphans(trial.place.folder) + half_written(trial, versions)
        if status != 0 and time.monotonic() - asked > 2 * GONE_S:
            found.append("did not end at once")
        return found + trial.next(versions, trial.reports)

    kill_all("the command", tmp_path, kill)


def test_a_worker_that_is_killed_costs_nothing(tmp_path, versions):
    from distributed import LocalCluster

    def kill(trial: Trial) -> list[str]:
        theirs, scratch = (trial.place.folder / name for name in ("workers", "scratch"))
        theirs.mkdir(parents=True)
        with LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            local_directory=str(scratch),
            env={"TMPDIR": str(theirs)},
        ) as cluster:
            command = trial.start(versions, "--scheduler", cluster.scheduler_address)
            kernel = kill_one(lambda: kernels_of(theirs), trial, command)
            with contextlib.suppress(psutil.NoSuchProcess):  # it has just done its work
                psutil.Process(kernel.ppid()).kill()
            # Another worker renders it anew.
            status = command.wait(timeout=600)
            found = [] if status == 0 else [f"status {status}: {trial.place.said()}"]
            found += orphans(theirs)
        found += [f"left behind by the worker: {path.name}" for path in theirs.iterdir()]
        return found + trial.place.strays() + differ(trial.place.site, versions.new)

    kill_all("a worker of a cluster", tmp_path, kill)
