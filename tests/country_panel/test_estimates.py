"""Published estimates on one footing."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

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


@pytest.mark.parametrize(
    ("month", "halving", "before"), [("2012-11", 210_000, 50.0), ("2024-04", 840_000, 6.25)]
)
def test_the_subsidy_halves_with_the_block_of_the_halving(month, halving, before):
    # Not with the day: the blocks of 2012-11-28 and of 2024-04-19 or 20 pay either.
    mined = hm.load("network_daily").set_index("date")["blocks"].astype(float).cumsum()
    when = pd.Timestamp(month)
    first, last = mined[when - pd.DateOffset(days=1)], mined[when + pd.offsets.MonthEnd(1)]
    paid = before * (halving - first) + before / 2 * (last - halving)
    assert share(bitcoin=1000.0, start_month=when, end_month=when) == pytest.approx(1e5 / paid)


def test_the_first_blocks_count_from_the_first():
    # 2009 to 2010, all at 50 bitcoin.
    blocks = hm.load("network_daily").set_index("date")["blocks"].astype(float)
    first = blocks.index[0].to_period("M").to_timestamp() + pd.DateOffset(months=1)
    start, end = first, pd.Timestamp("2010-12-01")
    paid = 50 * blocks.loc[start:"2010-12-31"].sum()
    assert share(bitcoin=1000.0, start_month=start, end_month=end) == pytest.approx(1e5 / paid)


def test_megawatts_go_over_the_power_of_the_network():
    power = hm.load("network_power").set_index("month")["power_best_gw"].loc["2024-03-01"]
    assert share(power_mw=500.0) == pytest.approx(50 / power)


def test_a_period_of_several_months_has_the_mean_of_their_networks():
    period = {"start_month": pd.Timestamp("2024-01-01"), "end_month": pd.Timestamp("2024-03-01")}
    stock = hm.network_hashrate("2024-01", "2024-03")
    power = hm.load("network_power").set_index("month")["power_best_gw"].loc["2024-01":"2024-03"]
    assert len(stock) == len(power) == 3
    assert share(hashrate_ehs=30.0, **period) == pytest.approx(3000 / stock.mean())
    assert share(power_mw=500.0, **period) == pytest.approx(50 / power.mean())


@pytest.mark.parametrize(
    ("values", "first", "last", "message"),
    [
        (
            {"power_mw": 100.0},
            "2026-06",
            "2026-07",
            "share_estimates.csv: x cannot be turned into a share, for there is no network power from "
            "2026-06 to 2026-07; bring it in first.",
        ),
        (
            {"hashrate_ehs": 100.0},
            "2031-01",
            "2031-01",
            "share_estimates.csv: x cannot be turned into a share, for there is no network hashrate "
            "from 2031-01 to 2031-01; bring it in first.",
        ),
        *(
            (
                {"bitcoin": 100.0},
                first,
                last,
                "share_estimates.csv: x cannot be turned into a share, for network_daily.csv has no "
                f"block counts for all days from {first} to {last}; bring them in first.",
            )
            # No counts at all; some days without (of a month, of a longer period); no such days.
            for first, last in (
                ("2026-06", "2026-06"),
                ("2031-01", "2031-01"),
                ("2008-12", "2009-02"),
            )
        ),
    ],
)
def test_what_the_tables_do_not_reach_is_refused(values, first, last, message):
    row = one(start_month=pd.Timestamp(first), end_month=pd.Timestamp(last), **values)
    with pytest.raises(InputError) as caught:
        estimates.published(row)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("printed", "low", "high", "middle", "printed_sd"),
    [
        ({"share_pct": 4.0}, 4.0, 4.0, 4.0, 0.0),
        # The odds in the middle are the geometric mean of those at the ends: of 2:98 and 8:92.
        (
            {"share_pct": 2.0, "share_high_pct": 8.0},
            2.0,
            8.0,
            100 / (1 + np.sqrt(98 * 92 / (2 * 8))),
            np.log(8 * 98 / (92 * 2)) / 3.29,
        ),
        # Only a bound from above: half of it, and wide.
        ({"share_pct": 0.0, "share_high_pct": 0.01}, 0.005, 0.005, 0.005, 1.0),
    ],
)
def test_a_printed_range_has_a_middle_and_an_error(printed, low, high, middle, printed_sd):
    rows = estimates.observations(one(**printed))
    row = rows[rows["estimate_id"] == "x"].iloc[0]
    assert row[["low_pct", "high_pct", "share_pct"]].tolist() == pytest.approx([low, high, middle])
    assert row["log_odds"] == pytest.approx(np.log(middle / (100 - middle)))
    # Beside the error of its kind, 0.6 for what an analyst says.
    assert row["error_sd"] == pytest.approx(np.hypot(0.6, printed_sd))
    assert row[["offset_sd", "drift_sd", "locates"]].tolist() == [0.2, 0.0, True]


def test_megawatts_may_be_a_range_too():
    power = hm.load("network_power").set_index("month")["power_best_gw"].loc["2024-03-01"]
    row = estimates.published(one(power_mw=300.0, power_high_mw=600.0)).iloc[0]
    assert row["low_pct"] == pytest.approx(30 / power)
    assert row["high_pct"] == pytest.approx(60 / power)
    assert not row["bound"]


@pytest.mark.parametrize(
    ("last", "middle"),
    [
        ("2023-01", "2023-01"),
        ("2023-02", "2023-01"),
        ("2023-03", "2023-02"),
        ("2023-12", "2023-06"),
        ("2024-01", "2023-07"),
    ],
)
def test_the_period_of_a_figure_is_its_middle_month(last, middle):
    rows = estimates.published(
        one(
            share_pct=1.0,
            start_month=pd.Timestamp("2023-01-01"),
            end_month=pd.Timestamp(last),
        )
    )
    assert rows["month"].item() == pd.Timestamp(middle)
    assert rows["month"].dtype == hm.load("share_estimates")["start_month"].dtype


def several(*rows):
    return pd.concat(
        [one(**{"estimate_id": f"x{number}", **row}) for number, row in enumerate(rows)],
        ignore_index=True,
    )


def test_only_numbers_of_whole_countries_and_periods_are_published_shares():
    table = several(
        {"share_pct": 4.0},
        {},  # no number
        {"share_pct": 4.0, "start_month": pd.NaT, "end_month": pd.NaT},
        {"share_pct": 4.0, "region": "US-TX"},
        {"share_pct": 4.0, "region": None},
        {"share_pct": 4.0, "region": None, "members": "USA+CAN"},
        {"share_pct": 4.0, "region": None, "members": "USA+"},
        {"bitcoin": 10.0},
        {"hashrate_ehs": 10.0},
        {"power_mw": 10.0},
    )
    rows = estimates.published(table)
    assert rows["estimate_id"].tolist() == ["x0", "x5", "x7", "x8", "x9"]
    assert rows["members"].tolist() == ["KAZ", "USA+CAN", "KAZ", "KAZ", "KAZ"]
    assert rows.index.tolist() == [0, 1, 2, 3, 4]
    added = ["low_pct", "high_pct", "bound", "month"]
    assert rows.columns.tolist() == [*hm.load("share_estimates").columns, *added]
    assert not rows["bound"].any()


def test_a_table_of_estimates_is_held_against_the_form():
    table = one(share_pct=4.0)
    for wrong, message in (
        (
            table.drop(columns="bitcoin"),
            "table has no column bitcoin; give a table as load('share_estimates') gives it.",
        ),
        (
            table.astype({"share_pct": str}),
            "Column share_pct of table is not of the type that load('share_estimates') gives it; "
            "convert it.",
        ),
        (
            table.assign(end_month="2024-03"),
            "Column end_month of table is not of the type that load('share_estimates') gives it; "
            "convert it.",
        ),
    ):
        with pytest.raises(InputError) as caught:
            estimates.published(wrong)
        assert str(caught.value) == message


def test_what_enters_is_decided_by_kind_region_and_month():
    first, last = pd.Timestamp("2013-01-01"), hm.network_hashrate().index[-1]

    def at(month, **values):
        return {"share_pct": 4.0, "start_month": month, "end_month": month, **values}

    ban = pd.Timestamp("2021-05-01")
    step = pd.DateOffset(months=1)
    cases = [
        (at(first), True),
        (at(first - step), False),
        (at(last), True),
        (at(last + step), False),
        (at(ban, kind="pool_home"), True),
        (at(ban + step, kind="pool_home"), False),
        (at(ban, kind="recycled"), False),
        (at(ban, kind="floor", share_pct=100.0), False),  # and may say anything
        (at(ban, repeats="x0"), False),
        (at(ban, region="FRA"), False),  # no country of the panel
        (at(ban, region=None, members="KAZ+FRA"), False),
        (at(ban, region=None, members="KAZ+OTH"), True),
    ]
    rows = estimates.observations(several(*(values for values, _ in cases)))
    used = set(rows["estimate_id"])
    assert [f"x{number}" in used for number in range(len(cases))] == [enters for _, enters in cases]
    assert rows.index.tolist() == list(range(len(rows)))
    assert rows[["month", "estimate_id"]].apply(tuple, axis=1).is_monotonic_increasing
    assert rows.columns.tolist() == [
        *("estimate_id", "month", "start_month", "end_month", "members", "kind"),
        *("low_pct", "high_pct", "share_pct", "log_odds", "error_sd", "offset_sd", "drift_sd"),
        *("locates", "source_id"),
    ]
    assert rows["locates"].dtype == bool
    home = rows[rows["kind"] == "pool_home"].iloc[0]
    spread = ["error_sd", "offset_sd", "drift_sd", "locates"]
    assert home[spread].tolist() == [0.15, 0.6, 0.05, False]


def test_the_mining_map_enters_month_by_month_with_the_unlisted_among_its_rest():
    month = pd.Timestamp("2021-07-01")
    table = hm.load("mining_map")
    table = table[table["month"] == month].set_index("region")["share_pct"]
    assert table["CHN"] == 0
    rows = estimates.observations(one(share_pct=4.0))
    rows = rows[rows["month"] == month].set_index("estimate_id")
    assert rows.index.tolist() == [
        f"ccaf-map-2021-07-{code}" for code in sorted(table.index[table > 0])
    ]
    for code, share_pct in table[table > 0].items():
        row = rows.loc[f"ccaf-map-2021-07-{code}"]
        proxy = code in ("DEU", "IRL")
        members = "+".join([*estimates.newcomers(), "OTH"]) if code == "OTH" else code
        assert (row["members"], row["source_id"]) == (members, "ccaf-mining-map")
        assert row["kind"] == ("pool_sample_proxy" if proxy else "pool_sample")
        assert row["error_sd"] == pytest.approx(0.3 if proxy else 0.12)
        assert row[["start_month", "end_month"]].tolist() == [month, month]
        ends = row[["low_pct", "share_pct", "high_pct"]].tolist()
        assert ends == pytest.approx([share_pct] * 3)
        assert row["log_odds"] == pytest.approx(logit(share_pct / 100))


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


def test_a_list_of_five_countries_leaves_a_remainder_for_those_it_does_not_name():
    month = pd.Timestamp("2023-03-01")
    named = {"USA": 40.0, "RUS": 20.0, "CHN": 10.0, "KAZ": 4.0, "CAN": 6.0}

    def of(shares, **values):
        when = {"start_month": month, "end_month": month, "kind": "vendor"}
        return [
            {"region": code, "share_pct": share_pct, **when, **values}
            for code, share_pct in shares.items()
        ]

    second = of({"KAZ": 6.0})  # two figures count as their mean
    other = of({"ETH": 3.0}, kind="expert") + of({"FRA": 1.0})
    rows = estimates.observations(several(*of(named), *second, *other))
    left = rows[rows["estimate_id"].str.startswith(estimates.REMAINDER)]
    assert left["estimate_id"].tolist() == ["remainder-2023-03"]
    row = left.iloc[0]
    rest = [code for code in [*estimates.countries(), "OTH"] if code not in named]
    assert row["members"] == "+".join(rest)
    # 100 less 40, 20, 10, 5 and 6.
    assert row[["low_pct", "share_pct", "high_pct"]].tolist() == pytest.approx([19.0] * 3)
    assert row[["month", "start_month", "end_month"]].tolist() == [month] * 3
    assert (row["kind"], row["source_id"]) == ("vendor", "project-convention")
    assert row["error_sd"] == pytest.approx(0.12)
    four = {code: share_pct for code, share_pct in named.items() if code != "CAN"}
    fewer = estimates.observations(several(*of(four), *second))["estimate_id"]
    assert not fewer.str.startswith(estimates.REMAINDER).any()


def test_every_month_of_a_list_has_its_own_remainder():
    ids = estimates.observations()["estimate_id"]
    table = hm.load("share_estimates")
    lists = table[(table["kind"] == "vendor") & table["region"].isin(estimates.countries())]
    lists = lists[lists["start_month"] == lists["end_month"]]
    counts = lists[lists["repeats"].isna()].groupby("start_month")["region"].nunique()
    assert set(ids[ids.str.startswith(estimates.REMAINDER)]) >= {
        f"remainder-{month:%Y-%m}" for month in counts.index[counts >= 5]
    }
    assert (counts < 5).any()


def test_the_errors_of_kinds_can_be_replaced(tmp_path):
    changed = estimates.kinds(pd.DataFrame({"kind": ["vendor"], "error_sd": [0.5]}))
    assert changed.loc["vendor", "error_sd"] == 0.5
    assert changed.loc["expert", "error_sd"] == estimates.kinds().loc["expert", "error_sd"]
    file = tmp_path / "kinds.csv"
    text = (read.data_folder() / "estimate_kinds.csv").read_text().replace("0.12", "0.77", 1)
    file.write_text(text)
    assert estimates.kinds(file).loc["pool_sample", "error_sd"] == 0.77


def test_kinds_have_numbers_and_yes_or_no():
    kinds = estimates.kinds()
    assert kinds.index.name == "kind"
    columns = ["title", "locates", "enters", "error_sd", "offset_sd", "drift_sd", "until", "reason"]
    assert kinds.columns.tolist() == [*columns, "source_id"]
    assert kinds[["locates", "enters"]].dtypes.tolist() == [bool, bool]
    assert kinds[["error_sd", "offset_sd", "drift_sd"]].dtypes.tolist() == [float] * 3
    assert kinds.loc["pool_sample", ["error_sd", "offset_sd", "drift_sd"]].tolist() == [0.12, 0, 0]


def test_several_kinds_and_columns_can_be_replaced_at_once():
    until = pd.Timestamp("2020-12-01")
    given = {"kind": ["vendor", "site"], "enters": [False, True], "error_sd": [0.3, 2.0]}
    changed = estimates.kinds(pd.DataFrame(given | {"until": [until, pd.NaT]}))
    assert changed.loc["vendor", ["enters", "error_sd", "until"]].tolist() == [False, 0.3, until]
    assert changed.loc["site", ["enters", "error_sd", "offset_sd"]].tolist() == [True, 2.0, 0.0]
    assert pd.isna(changed.loc["site", "until"])
    rest = changed.index.drop(["vendor", "site"])
    pd.testing.assert_frame_equal(changed.loc[rest], estimates.kinds().loc[rest])
    assert changed.index.tolist() == estimates.kinds().index.tolist()


KINDS = ", ".join(hm.load("estimate_kinds")["kind"])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            pd.DataFrame({"kind": ["rumour"], "error_sd": [1.0]}),
            f"The table of kinds names 'rumour'; the kinds are: {KINDS}.",
        ),
        (
            pd.DataFrame({"kind": ["vendor"], "noise": [1.0]}),
            "The table of kinds has the columns kind, noise; it takes kind and any of title, locates, "
            "enters, error_sd, offset_sd, drift_sd, until, reason, source_id.",
        ),
        (
            pd.DataFrame({"error_sd": [1.0]}),
            "The table of kinds has the columns error_sd; it takes kind and any of title, locates, "
            "enters, error_sd, offset_sd, drift_sd, until, reason, source_id.",
        ),
        (
            pd.DataFrame({"kind": ["vendor"], "error_sd": [0.0]}),
            "Kind 'vendor' enters the panel, so give its error_sd above 0.",
        ),
        (
            pd.DataFrame({"kind": ["site"], "enters": [True]}),
            "Kind 'site' enters the panel, so give its error_sd above 0.",
        ),
        (5, "kinds = 5 is not a table of kinds or the path of one; give one."),
    ],
)
def test_a_wrong_table_of_kinds_is_refused(table, message):
    with pytest.raises(InputError) as caught:
        estimates.kinds(table)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", ["much", -1.0])
def test_a_value_that_no_kind_can_have_is_refused(value):
    with pytest.raises(InputError, match=r"kinds.*error_sd"):
        estimates.kinds(pd.DataFrame({"kind": ["vendor"], "error_sd": [value]}))


@pytest.mark.parametrize(
    ("values", "share_pct"),
    [
        ({"share_pct": 100.0}, "100.00"),
        ({"share_pct": 0.0}, "0.00"),
        ({"share_pct": 90.0, "share_high_pct": 100.0}, "90.00"),
    ],
)
def test_a_share_of_everything_or_nothing_is_refused(values, share_pct):
    with pytest.raises(InputError) as caught:
        estimates.observations(one(**values))
    assert str(caught.value) == (
        f"share_estimates.csv: x comes to {share_pct} percent of the network; a share that enters the "
        "panel lies between 0 and 100, so correct it or give it a kind that does not enter."
    )


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


def test_newcomers_were_located_alone_since_the_map_ended():
    map_end = hm.load("mining_map")["month"].max()
    kinds = hm.load("estimate_kinds").set_index("kind")
    located = set()
    for row in estimates.published().itertuples():
        kind = kinds.loc[row.kind]
        if row.month > map_end and kind["enters"] and kind["locates"] and pd.isna(row.repeats):
            located.add(row.members)
    codes = [
        code for code in hm.regions.table().index if code in located
    ]  # in the order of regions
    assert estimates.newcomers() == [c for c in codes if c not in hm.regions.mapped_countries()]


def test_a_country_located_in_the_last_month_of_the_map_at_the_latest_is_none_of_the_panel(
    data_copy,
):
    file = data_copy / "share_estimates.csv"
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    mine = (table["region"] == "OMN") & (table["share_pct"] != "0")
    first = table.index[mine][0]

    def located(month, kind="vendor"):
        table.loc[mine, "kind"] = "floor"
        table.loc[first, ["start_month", "end_month", "kind", "repeats"]] = [month, month, kind, ""]
        table.to_csv(file, index=False, lineterminator="\n")
        return "OMN" in estimates.countries()

    assert located("2022-02")
    assert not located("2022-01")
    assert not located("2022-02", "pool_home")  # enters, but does not locate
    assert not located("2022-02", "outage")  # locates, but does not enter


def test_figures_of_a_month_are_those_of_the_map_and_of_single_countries():
    rows = estimates.published_figures()
    assert rows.columns.tolist() == [
        *("month", "start_month", "end_month", "region", "kind", "share_pct", "hashrate_ehs"),
        *("enters", "source_id"),
    ]
    assert rows.index.tolist() == list(range(len(rows)))
    month = pd.Timestamp("2021-12-01")
    here = rows[rows["month"] == month].set_index("region")
    on_map = hm.load("mining_map")
    on_map = on_map[(on_map["month"] == month) & (on_map["region"] != "OTH")]
    on_map = on_map.set_index("region")["share_pct"]
    # Luxor's figure for Paraguay is of that month too.
    assert here.index.tolist() == sorted([*on_map.index, "PRY"])
    assert here["share_pct"].drop("PRY").to_dict() == pytest.approx(on_map.to_dict())
    stock = hm.network_hashrate("2021-12", "2021-12").item()
    assert here["hashrate_ehs"].to_dict() == pytest.approx(
        (here["share_pct"] * stock / 100).to_dict()
    )
    assert here["enters"].all()
    assert (here["source_id"].drop("PRY") == "ccaf-mining-map").all()


def test_a_figure_is_shown_unless_it_repeats_bounds_or_sums():
    table = estimates.published()
    shown = table[
        table["repeats"].isna()
        & (table["kind"] != "recycled")
        & ~table["members"].str.contains("+", regex=False)
        & ~table["bound"]
        & table["month"].between(pd.Timestamp("2013-01-01"), hm.network_hashrate().index[-1])
        & (table["members"] != "OTH")
    ]
    assert table["bound"].any()
    rows = estimates.published_figures()
    own = rows[rows["source_id"] != "ccaf-mining-map"]
    assert len(own) == len(shown)
    kinds = hm.load("estimate_kinds").set_index("kind")
    late = (own["kind"] == "pool_home") & (own["month"] > pd.Timestamp("2021-05-01"))
    named = own["region"].isin(estimates.countries())
    assert own["enters"].tolist() == (own["kind"].map(kinds["enters"]) & ~late & named).tolist()
    assert rows["month"].is_monotonic_increasing
    assert rows.groupby("month")["region"].agg(lambda codes: codes.is_monotonic_increasing).all()
    last = rows["month"].max()
    assert (estimates.published_figures(last)["month"] == last).all()
    assert len(estimates.published_figures(last)) > 0
