from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrate_migration.errors import InputError
from hashrate_migration.flows.evidence import market_share, supply_likelihood, supply_range
from hashrate_migration.flows.evidence.supply import monthly_sales
from hashrate_migration.tables.read import data_folder, load

WINDOW = pd.date_range("2021-05-01", "2022-01-01", freq="MS")


def row_of_quarter(start: str) -> int:
    """Where the file has what Canaan sold in the quarter that begins then."""
    rows = pd.read_csv(data_folder() / "hardware_makers.csv", dtype=str)
    own = (rows["company"] == "Canaan") & (rows["metric"] == "computing power sold")
    (row,) = rows.index[own & (rows["start_month"] == start)]
    return int(row)


class TestSales:
    def test_canaans_quarters_are_those_of_its_releases(self):
        """5.9, 6.7 and 7.7 EH/s in the second to fourth quarter of 2021."""
        sold = monthly_sales("Canaan")["sold_ehs"].loc["2021-04":"2021-12"]
        assert sold.resample("QS").sum().tolist() == pytest.approx([5.9, 6.7, 7.7])

    def test_at_15_to_20_percent_of_the_market_all_makers_sold_10_to_17_a_month(self):
        sold = monthly_sales("Canaan")["sold_ehs"].loc["2021-04":"2021-12"]
        assert sold.min() / 0.20 == pytest.approx(5.9 / 3 / 0.20)
        assert (round(sold.min() / 0.20), round(sold.max() / 0.15)) == (10, 17)

    def test_what_quarters_leave_of_a_year_belongs_to_its_other_months(self):
        """6.6 EH/s in 2020, of which 2.9 and 0.2 in its last two quarters."""
        sold = monthly_sales("Canaan")["sold_ehs"]
        assert sold.loc["2020-01":"2020-06"].sum() == pytest.approx(6.6 - 2.9 - 0.2)
        assert sold.loc["2020"].sum() == pytest.approx(6.6)

    def test_a_maker_without_figures(self):
        with pytest.raises(InputError, match="no 'computing power sold' of 'Bitmain'; choose"):
            monthly_sales("Bitmain")

    def test_a_table_that_contradicts_itself(self, edit):
        edit("hardware_makers", row_of_quarter("2020-07"), "value", "29")
        with pytest.raises(InputError, match="sold 6.6 million TH/s from 2020-01 to 2020-12, but"):
            load("hardware_makers")


class TestMarketShare:
    def test_it_is_what_two_publishers_say_of_2019(self):
        # MicroBT: 600,000 machines of 60 TH/s are 36 EH/s, 35 percent of 102.9; Canaan sold 10.5.
        assert market_share() == pytest.approx((10.5 / (0.6 * 60 / 0.35) * 100, 21.9))

    def test_one_figure_is_no_range(self):
        with pytest.raises(InputError, match="holds 1 figures .* of 'Ebang' in 2019, .* share_pct"):
            market_share("Ebang")


class TestRange:
    def test_what_is_delivered_was_sold_one_to_three_months_before(self):
        """December 2021: a month of the third quarter and two of the fourth, at 15 to 20 percent."""
        (row,) = supply_range(["2021-12"], share_pct=(15, 20)).itertuples()
        assert row.median_ehs == pytest.approx((6.7 / 3 + 2 * 7.7 / 3) / 3 / np.sqrt(0.15 * 0.20))

    def test_a_range_is_an_interval_of_its_sd(self):
        table = supply_range(WINDOW)
        assert list(table["month"]) == list(WINDOW)
        assert np.log(table["high_ehs"] / table["low_ehs"]).to_numpy() == pytest.approx(
            2 * 1.6449 * table["log_sd"].to_numpy(), rel=1e-4
        )
        assert (table["log_sd_shared"] < table["log_sd"]).all()

    def test_a_narrower_part_of_the_market_narrows_it(self):
        wide, narrow = (supply_range(WINDOW, share_pct=ends) for ends in ((10, 22), (15, 20)))
        assert (narrow["log_sd"] < wide["log_sd"]).all()

    def test_months_far_from_any_figure_are_wider(self):
        sd = supply_range(["2021-12", "2023-12", "2025-12"], share_pct=(15, 20))["log_sd"]
        assert sd.is_monotonic_increasing
        assert sd.iloc[2] > 1.5 * sd.iloc[0]

    def test_a_quarter_without_goods_is_passed_over(self):
        """Canaan sold 0.2 EH/s in the last quarter of 2020; the market did not vanish."""
        table = supply_range(pd.date_range("2020-11-01", "2021-03-01", freq="MS"))
        at_face_value = 0.2 / 3 / 0.15
        assert (table["median_ehs"] > 5 * at_face_value).all()

    def test_it_follows_the_table(self, edit):
        before = supply_range(["2021-12"], share_pct=(15, 20))["median_ehs"].iloc[0]
        edit("hardware_makers", row_of_quarter("2021-10"), "value", "15.4")
        after = supply_range(["2021-12"], share_pct=(15, 20))["median_ehs"].iloc[0]
        assert after / before == pytest.approx((6.7 + 2 * 15.4) / (6.7 + 2 * 7.7))

    @pytest.mark.parametrize(
        ("months", "share", "message"),
        [
            ([], None, "one month or more"),
            (["2021-07", "2021-06"], None, "in order"),
            (["summer"], None, "is not a date"),
            (["2021-07"], (0, 20), "above 0 and within 100"),
            (["2021-07"], (20, 120), "above 0 and within 100"),
            (["2021-07"], (20, 15), "lowest, highest"),
        ],
    )
    def test_bad_input(self, months, share, message):
        with pytest.raises(InputError, match=message):
            supply_range(months, share_pct=share)


class TestLikelihood:
    @given(st.floats(0.1, 10))
    @settings(max_examples=25, deadline=None)
    def test_it_is_highest_at_the_medians(self, factor):
        median = supply_range(WINDOW)["median_ehs"].to_numpy()
        best, other = supply_likelihood([median, factor * median], WINDOW)
        assert best >= other

    def test_one_month_alone_is_log_normal(self):
        row = supply_range(["2021-09"]).iloc[0]
        z = 1.3
        at, away = supply_likelihood(
            [[row["median_ehs"]], [row["median_ehs"] * np.exp(z * row["log_sd"])]], ["2021-09"]
        )
        assert at - away == pytest.approx(z**2 / 2)

    def test_months_err_together(self):
        """That all months lie off to one side is likelier than that they lie off to both."""
        table = supply_range(WINDOW)
        up = np.exp(table["log_sd"].to_numpy())
        both = up ** np.where(np.arange(len(up)) % 2, 1, -1)
        together, apart = supply_likelihood(table["median_ehs"].to_numpy() * [up, both], WINDOW)
        assert together > apart + 10

    def test_assuming_2_or_8_ehs_a_month_is_no_longer_the_same(self):
        low, high = supply_likelihood(np.outer([2.0, 8.0], np.ones(len(WINDOW))), WINDOW)
        assert high - low > 5

    def test_a_month_without_new_machines_cannot_be(self):
        drawn = np.full((2, len(WINDOW)), 10.0)
        drawn[0, 3] = 0
        none, some = supply_likelihood(drawn, WINDOW)
        assert none == -np.inf
        assert np.isfinite(some)

    @pytest.mark.parametrize(
        ("drawn", "message"),
        [
            (np.ones((3, 2)), "has 2 months and months 9"),
            (np.ones(9), "one row per draw"),
            (-np.ones((1, 9)), "below zero"),
            (np.full((1, 9), np.nan), "not finite"),
            ("many", "no numbers|shape"),
        ],
    )
    def test_bad_input(self, drawn, message):
        with pytest.raises(InputError, match=message):
            supply_likelihood(drawn, WINDOW)
