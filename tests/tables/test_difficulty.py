from __future__ import annotations

import numpy as np
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.tables import difficulty, read, rules


def test_published_examples_of_compact_targets():
    # Bitcoin developer reference: 0x1b0404cb has difficulty 16307.420938523983.
    assert difficulty.from_compact_target("0x1b0404cb") == pytest.approx(16307.420938523983)
    assert difficulty.from_compact_target("0x1d00ffff") == 1.0


def test_all_478_difficulties_are_what_their_targets_say():
    epochs = read.load("difficulty_epochs")
    assert len(epochs) == 478
    computed = epochs["compact_target"].map(difficulty.from_compact_target)
    np.testing.assert_allclose(computed, epochs["difficulty"], rtol=1e-14)


def test_the_largest_fall_of_difficulty_is_that_of_july_2021():
    epochs = read.load("difficulty_epochs").set_index("start_time")["difficulty"]
    step = epochs.pct_change()
    assert f"{step.idxmin():%Y-%m}" == "2021-07"
    assert step.min() == pytest.approx(-0.2794, abs=5e-4)  # reported as 27.94 percent


def test_the_step_at_the_limit_is_known():
    # The difficulty has once risen by the full factor four (July 2010).
    epochs = read.load("difficulty_epochs")
    step = epochs["difficulty"].shift(-1) / epochs["difficulty"]
    cut = difficulty.at_limit(epochs["difficulty"]) & (epochs["difficulty"] > 1)
    assert cut.sum() == 1
    assert step[cut].item() == pytest.approx(4, rel=1e-4)


def test_a_step_beyond_the_limit_is_refused():
    epochs = read.load("difficulty_epochs").copy()
    epochs.loc[400, "compact_target"] = epochs.loc[300, "compact_target"]
    epochs.loc[400, "difficulty"] = epochs.loc[300, "difficulty"]
    with pytest.raises(InputError, match="does not follow from"):
        rules.difficulty_epochs(epochs)


def test_halvings_fall_in_their_epochs():
    rules.halvings(read.load("difficulty_epochs"), read.load("policy_events"))
    dates = read.load("policy_events").query("kind == 'halving'")
    assert len(dates) == 4
