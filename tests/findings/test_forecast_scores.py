"""What forecasts were worth, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.findings import forecast_scores as scores

TABLE = pd.DataFrame(
    {
        "year": [2020, 2020, 2020, 2022],
        "members": ["CHN", "CHN", "USA", "CHN"],
        "month": pd.to_datetime(["2021-12-01", "2021-02-01", "2021-03-01", "2023-01-01"]),
        "share_pct": [19.0, 50.0, 16.0, 15.0],
        "low90": [40.0, 45.0, 5.0, 10.0],
        "high90": [70.0, 60.0, 20.0, 30.0],
        "inside90": [False, True, True, True],
        "rank": [0.002, 0.4, 0.8, 0.3],
        "crps": [1.5, 0.1, 0.2, 0.2],
        "still_inside90": [False, False, True, True],
        "still_crps": [1.6, 0.1, 0.4, 0.1],
    }
)


def test_coverage_and_scores_by_year_and_of_all():
    table = scores.summary(TABLE)
    assert table["ahead"].tolist()[:2] == [2021, 2023]
    assert pd.isna(table["ahead"].iloc[2])
    assert table["figures"].tolist() == [3, 1, 4]
    assert table["inside90_pct"].tolist() == pytest.approx([200 / 3, 100, 75])
    assert table["still_inside90_pct"].tolist() == pytest.approx([100 / 3, 100, 50])
    # Medians of 30, 15 and 15; of 20; and of all four.
    assert table["width_points"].tolist() == pytest.approx([15, 20, 17.5])
    assert table["crps"].tolist() == pytest.approx([0.6, 0.2, 0.5])
    assert table["still_crps"].tolist() == pytest.approx([0.7, 0.1, 0.55])


def test_the_ban_is_the_last_figure_of_its_year():
    found = scores.the_ban(TABLE)
    assert found == scores.Surprise(pd.Timestamp("2021-12-01"), 19.0, 40.0, 70.0, 0.2)


def test_a_table_of_another_kind_is_refused():
    with pytest.raises(InputError, match="table"):
        scores.summary(TABLE.drop(columns="still_crps"))
