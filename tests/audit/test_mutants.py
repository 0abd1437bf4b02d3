"""The tests of each model package notice small faults put into it."""

from __future__ import annotations

import os

import pytest
from kept import keep
from mutants import PACKAGES, SAMPLE, change, mutate

pytestmark = pytest.mark.audit
LEAST_PCT = 85
"""What the project asks of its tests; the last of the survivors are texts of messages."""


@pytest.mark.parametrize("package", PACKAGES)
def test_most_small_faults_are_noticed(package, tmp_path):
    every = "HASHRATE_MIGRATION_ALL_MUTANTS" in os.environ
    outcome = mutate(package, tmp_path, None if every else SAMPLE)
    keep("small faults in the code", package, outcome.tried, outcome.tried - len(outcome.survivors))
    shown = "\n".join(change(tmp_path, name) for name in outcome.survivors)
    assert outcome.killed_pct >= LEAST_PCT, f"{outcome.killed_pct:.1f} percent; left are\n{shown}"
