"""Published estimates on one footing."""

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.country_panel import estimates
from hashrate_migration.errors import InputError
from hashrate_migration.tables import read


def one(**values):
    """One row in the form of share_estimates."""
    row = dict.fromkeys(hm.load("share_estimates").columns)
    row |= {
        "estimate_id": "x",
        "region": "KAZ",
        "start_month": pd.Timestamp("2024-03-01"),
        "end_month": pd.Timestamp("2024-03-01"),
        "kind": "expert",
        "source_id": "project-convention",
    }
    frame = pd.DataFrame([row | values])
    numbers = ["share_pct", "share_high_pct", "hashrate_ehs", "network_ehs", "power_mw"]
    numbers += ["power_high_mw", "bitcoin"]
    return frame.astype(dict.fromkeys(numbers, float))


def share(**values):
    return estimates.published(one(**values))["share_pct"].item()


def test_a_printed_share_is_taken_as_it_is():
    assert share(share_pct=4.0, hashrate_ehs=999.0) == pytest.approx(4.0)


def test_hashrate_goes_over_the_network_that_the_source_names():
    assert share(hashrate_ehs=30.0, network_ehs=600.0) == pytest.approx(5.0)


def test_hashrate_without_a_network_goes_over_ours():
    ours = hm.network_hashrate("2024-03", "2024-03").item()
    assert share(hashrate_ehs=30.0) == pytest.approx(3000 / ours)


def test_bitcoin_mined_goes_over_the_subsidy_of_the_period():
    # From 1 to 31 March 2024 each block paid 6.25 bitcoin.
    days = hm.load("network_daily").set_index("date")["blocks"].loc["2024-03-01":"2024-03-31"]
    assert share(bitcoin=1000.0) == pytest.approx(1e5 / (6.25 * float(days.sum())))


def test_the_subsidy_halves_within_a_period():
    # The halving of 2024-04-20: blocks before it pay twice as much as blocks after it.
    april = hm.load("network_daily").set_index("date")["blocks"].loc["2024-04-01":"2024-04-30"]
    paid = (
        100
        * 1000
        / share(
            bitcoin=1000.0,
            start_month=pd.Timestamp("2024-04-01"),
            end_month=pd.Timestamp("2024-04-01"),
        )
    )
    assert 3.125 * float(april.sum()) < paid < 6.25 * float(april.sum())


def test_megawatts_go_over_the_power_of_the_network():
    power = hm.load("network_power").set_index("month")["power_best_gw"].loc["2024-03-01"]
    assert share(power_mw=500.0) == pytest.approx(50 / power)


@pytest.mark.parametrize(
    ("values", "message"),
    [({"power_mw": 100.0}, "no network power"), ({"bitcoin": 100.0}, "no block counts")],
)
def test_what_the_tables_do_not_reach_is_refused(values, message):
    month = pd.Timestamp("2026-06-01")
    with pytest.raises(InputError, match=message):
        estimates.published(one(start_month=month, end_month=month, **values))


def test_a_range_counts_as_its_middle_and_widens_the_error():
    narrow = estimates.observations(one(share_pct=4.0))
    wide = estimates.observations(one(share_pct=2.0, share_high_pct=8.0))
    row, other = (rows[rows["estimate_id"] == "x"].iloc[0] for rows in (wide, narrow))
    assert 2 < row["share_pct"] < 8
    assert row["error_sd"] > other["error_sd"]


def test_a_bound_from_above_counts_as_half_of_it_with_a_wide_error():
    rows = estimates.observations(one(share_pct=0.0, share_high_pct=0.01))
    row = rows[rows["estimate_id"] == "x"].iloc[0]
    assert row["share_pct"] == pytest.approx(0.005)
    assert row["error_sd"] > estimates.BOUND_SD


def test_the_period_of_a_figure_is_its_middle_month():
    rows = estimates.published(
        one(
            share_pct=1.0,
            start_month=pd.Timestamp("2023-01-01"),
            end_month=pd.Timestamp("2023-12-01"),
        )
    )
    assert rows["month"].item() == pd.Timestamp("2023-06-01")


def test_what_repeats_another_row_or_does_not_locate_stays_out():
    rows, used = hm.load("share_estimates"), set(estimates.observations()["estimate_id"])
    assert not used & set(rows.loc[rows["repeats"].notna(), "estimate_id"])
    assert not used & set(rows.loc[rows["kind"].isin(["recycled", "pool_count"]), "estimate_id"])


def test_homes_of_pools_enter_until_the_ban_only():
    rows = estimates.observations()
    assert rows.loc[rows["kind"] == "pool_home", "month"].max() < pd.Timestamp("2021-06-01")


def test_zeros_of_the_map_are_no_estimates():
    rows = estimates.observations()
    july = rows[(rows["month"] == "2021-07-01") & (rows["members"] == "CHN")]
    assert july.empty
    assert np.isfinite(rows["log_odds"]).all()


def test_a_list_leaves_a_remainder_for_those_it_does_not_name():
    rows = estimates.observations()
    month = pd.Timestamp("2026-07-01")
    here = rows[(rows["month"] == month) & (rows["kind"] == "vendor")]
    named = here[~here["estimate_id"].str.startswith(estimates.REMAINDER)]
    left = here[here["estimate_id"].str.startswith(estimates.REMAINDER)]
    assert left["share_pct"].item() == pytest.approx(100 - named["share_pct"].sum())
    assert not set(left["members"].item().split("+")) & set(named["members"])


def test_the_errors_of_kinds_can_be_replaced(tmp_path):
    changed = estimates.kinds(pd.DataFrame({"kind": ["vendor"], "error_sd": [0.5]}))
    assert changed.loc["vendor", "error_sd"] == 0.5
    assert changed.loc["expert", "error_sd"] == estimates.kinds().loc["expert", "error_sd"]
    file = tmp_path / "kinds.csv"
    text = (read.data_folder() / "estimate_kinds.csv").read_text().replace("0.12", "0.77", 1)
    file.write_text(text)
    assert estimates.kinds(file).loc["pool_sample", "error_sd"] == 0.77


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"kind": ["rumour"], "error_sd": [1.0]}), "'rumour'"),
        (pd.DataFrame({"kind": ["vendor"], "noise": [1.0]}), "noise"),
        (pd.DataFrame({"kind": ["vendor"], "error_sd": [0.0]}), "error_sd above 0"),
    ],
)
def test_a_wrong_table_of_kinds_is_refused(table, message):
    with pytest.raises(InputError, match=message):
        estimates.kinds(table)


def test_a_share_of_everything_is_refused():
    with pytest.raises(InputError, match=r"x comes to 100\.00"):
        estimates.observations(one(share_pct=100.0))


def test_every_figure_is_drawn_once_whether_used_or_not():
    rows = estimates.published_figures()
    assert {True, False} <= set(rows["enters"])
    assert (rows["share_pct"] > 0).all()
    vendor = rows[(rows["region"] == "ARE") & (rows["month"] == "2026-07-01")]
    assert vendor["share_pct"].tolist() == [3.0]


def test_published_figures_begin_where_they_are_asked_to():
    start = pd.Timestamp("2025-01-01")
    rows, whole = estimates.published_figures(start), estimates.published_figures()
    assert rows["month"].min() >= start
    assert len(rows) == (whole["month"] >= start).sum()
    assert not (rows["source_id"] == estimates.MAP_SOURCE).any()


def test_newcomers_are_the_countries_that_the_map_does_not_list():
    newcomers = estimates.newcomers()
    assert {"ARE", "OMN", "PRY", "ETH"} <= set(newcomers)
    assert not set(newcomers) & set(hm.regions.mapped_countries())
    assert estimates.countries() == [*hm.regions.mapped_countries(), *newcomers]
