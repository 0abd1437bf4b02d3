"""The suite runs nearly every line of the package."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest
from kept import keep
from mutants import ROOT

pytestmark = pytest.mark.audit
LEAST_PCT = 95
FRESH_README = "tests/test_readme.py::test_the_readme_is_of_today"
"""The audit writes the README when it is through: until then it shows what was found before."""


def test_nearly_every_line_is_run(tmp_path):
    report = tmp_path / "lines.json"
    data = tmp_path / "coverage"
    coverage = [sys.executable, "-m", "coverage"]
    ran = subprocess.run(
        [
            *coverage,
            "run",
            f"--data-file={data}",
            "--source=hashrate_migration",
            "-m",
            "pytest",
            "-q",
            f"--deselect={FRESH_README}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
    subprocess.run(
        [*coverage, "json", f"--data-file={data}", "-q", "-o", report], cwd=ROOT, check=True
    )
    lines, run = Counter(), Counter()
    for name, found in json.loads(report.read_text())["files"].items():
        _, _, inside = name.partition("hashrate_migration/")
        package = inside.split("/")[0] if "/" in inside else "modules at the root"
        lines[package] += found["summary"]["num_statements"]
        run[package] += found["summary"]["covered_lines"]
    for package in lines:
        keep("lines that the suite runs", package, lines[package], run[package])
    assert 100 * run.total() / lines.total() >= LEAST_PCT
