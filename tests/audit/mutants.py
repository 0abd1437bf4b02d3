"""Small faults put into the model packages, one at a time: do the tests of the package notice?

mutmut makes the mutants and runs the tests that reach each. A package is judged by its own tests
alone; what a test of a page happens to notice counts for nothing.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ["hashrate", "flows", "country_panel", "energy", "findings"]
SAMPLE = 300
"""Mutants tried in each package; the standard error of a share of 85 percent is then 2 points."""
SEED = 0
LEFT_OUT = {"flows": ["kept.py"]}
"""Not models: what keeps a table compares checksums of the code, and every mutant changes those."""
DESELECTED = [
    "tests/flows/test_kept.py::test_the_kept_table_belongs_to_todays_code_and_tables",
    "tests/flows/test_kept.py::test_the_check_names_what_is_stale",
]
"""These compare the bytes of the code itself with those that it had."""
KILLED = {1, 3, 24, 36, 152, 255, -24}
"""mutmut's exit codes for a test that failed and for one that did not end in time."""


@dataclass
class Outcome:
    """What came of the mutants of one package."""

    package: str
    all: int
    tried: int
    survivors: list[str]

    @property
    def killed_pct(self) -> float:
        return 100 * (1 - len(self.survivors) / self.tried)


def copy_of_the_checkout(folder: Path) -> None:
    """What git knows and what it would take in, without what is built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)


def settings(package: str) -> str:
    source = f"src/hashrate_migration/{package}"
    lines = [
        "[mutmut]",
        "source_paths=src",
        f"only_mutate={source}/*",
        f"pytest_add_cli_args_test_selection=tests/{package}",
        "mutate_only_covered_lines=true",
        "use_setproctitle=false",
        "also_copy=",
        *(f"    {name}" for name in ["data", "reports", "notebooks", "locale", "README.md"]),
    ]
    if package in LEFT_OUT:
        lines += ["do_not_mutate=", *(f"    {source}/{name}" for name in LEFT_OUT[package])]
    tests = [name for name in DESELECTED if name.startswith(f"tests/{package}/")]
    if tests:
        lines += ["pytest_add_cli_args=", *(f"    --deselect={name}" for name in tests)]
    return "\n".join(lines) + "\n"


def codes(folder: Path, package: str) -> dict[str, int | None]:
    """Exit code of each mutant, None where it was not tried."""
    found: dict[str, int | None] = {}
    for path in sorted((folder / "mutants/src/hashrate_migration" / package).glob("*.meta")):
        found |= json.loads(path.read_text())["exit_code_by_key"]
    return found


def mutate(package: str, folder: Path, sample: int | None = SAMPLE) -> Outcome:
    """Try mutants of a package in a copy of the checkout; None tries all of them."""
    copy_of_the_checkout(folder)
    (folder / "setup.cfg").write_text(settings(package))
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 1)]
    # No mutant has this name: mutmut makes them all and stops before it tries one.
    made = subprocess.run([*command, "none"], cwd=folder, capture_output=True, text=True)
    names = sorted(codes(folder, package))
    assert names, made.stdout[-3000:] + made.stderr[-3000:]
    if sample is not None and sample < len(names):
        names = sorted(random.Random(SEED).sample(names, sample))
    ran = subprocess.run([*command, *names], cwd=folder, capture_output=True, text=True)
    came = codes(folder, package)
    tried = [name for name in names if came[name] is not None]
    assert tried, ran.stdout[-3000:] + ran.stderr[-3000:]
    survivors = [name for name in tried if came[name] not in KILLED]
    return Outcome(package, len(came), len(tried), survivors)


def change(folder: Path, mutant: str) -> str:
    """The lines that a mutant changes."""
    shown = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", mutant], cwd=folder, capture_output=True, text=True
    ).stdout
    lines = [
        line
        for line in shown.splitlines()
        if line[:1] in "+-" and not line.startswith(("+++", "---"))
    ]
    return "\n".join([mutant.removeprefix("hashrate_migration."), *lines])


def main(arguments: list[str]) -> None:
    """mutants.py FOLDER PACKAGE [SAMPLE]: try them, and print what survived."""
    folder, package = Path(arguments[0]), arguments[1]
    outcome = mutate(package, folder, int(arguments[2]) if arguments[2:] else SAMPLE)
    print(f"{package}: {outcome.killed_pct:.1f} percent of {outcome.tried} of {outcome.all} killed")
    for name in outcome.survivors:
        print(change(folder, name))


if __name__ == "__main__":
    main(sys.argv[1:])
