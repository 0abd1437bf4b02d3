from __future__ import annotations

import numpy as np
import pandas as pd

from hashrate_migration.flows.world_view import by_day, by_month


def test_hashrate_runs_from_the_first_day_of_a_spell_to_the_day_before_its_last():
    found = by_day(
        region=np.array([0, 0, 1, 1]),
        on=np.array([0, 2, 1, 9]),
        off=np.array([3, 4, 1, 20]),
        ehs=np.array([1.0, 2.0, 4.0, 8.0]),
        regions=2,
        days=5,
    )
    # The third never ran and the fourth begins after the last day.
    np.testing.assert_array_equal(found, [[1, 1, 3, 2, 0], [0, 0, 0, 0, 0]])


def test_a_month_is_the_mean_of_its_days():
    months = pd.date_range("2020-02-01", periods=2, freq="MS")
    days = np.concatenate([np.arange(29.0), np.full(31, 7.0)])
    np.testing.assert_allclose(by_month(np.array([days, 2 * days]), months), [[14, 28], [7, 14]])
