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
    numbers += ["power_high_mw", "energy_gwh", "bitcoin"]
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


def test_electricity_goes_over_that_of_the_network_in_the_same_hours():
    power = hm.load("network_power").set_index("month")["power_best_gw"].loc["2024-01":"2024-03"]
    period = {"start_month": pd.Timestamp("2024-01-01"), "end_month": pd.Timestamp("2024-03-01")}
    # January to March 2024: 31 + 29 + 31 days.
    whole_gwh = power.mean() * 24 * 91
    assert share(energy_gwh=0.04 * whole_gwh, **period) == pytest.approx(4.0)
    # One month ends with its own last hour.
    march = power.loc["2024-03-01"] * 24 * 31
    assert share(energy_gwh=0.04 * march) == pytest.approx(4.0)


def test_electricity_used_says_more_than_megawatts():
    power = hm.load("network_power").set_index("month")["power_best_gw"].loc["2024-03-01"]
    energy = 0.02 * power * 24 * 31
    assert share(energy_gwh=energy, power_mw=900.0) == pytest.approx(2.0)


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


def of_table(rows):
    """Observations of given rows alone, without the map and what follows from other tables."""
    found = estimates.observations(rows)
    given = found["estimate_id"].isin(rows["estimate_id"])
    return found[given].set_index("estimate_id")


def rounding_sd(share_pct, unit_pct):
    """Of log-odds, if a figure is rounded to such a unit: uniform over it, so over root 12."""
    share = share_pct / 100
    return unit_pct / 100 / np.sqrt(12) / (share * (1 - share))


@pytest.mark.parametrize(
    ("share_pct", "unit_pct"),
    [(4.0, 1.0), (40.0, 1.0), (4.5, 0.1), (4.25, 0.01), (0.02, 0.01), (4.12345, 0.01)],
)
def test_a_printed_figure_is_as_sure_as_its_last_decimal(share_pct, unit_pct):
    row = of_table(one(share_pct=share_pct)).loc["x"]
    assert row[["low_pct", "share_pct", "high_pct"]].tolist() == pytest.approx([share_pct] * 3)
    assert row["log_odds"] == pytest.approx(np.log(share_pct / (100 - share_pct)))
    assert row["printed_sd"] == pytest.approx(rounding_sd(share_pct, unit_pct))
    # What the kind adds stands apart: 0.6 and 0.2 for what an analyst says.
    assert row[["error_sd", "offset_sd", "tail_df"]].tolist() == [0.6, 0.2, 3.0]
    assert (row["reads"], row["locates"]) == ("share", True)


def test_a_printed_range_has_a_middle_and_an_error():
    row = of_table(one(share_pct=2.0, share_high_pct=8.0)).loc["x"]
    # The odds in the middle are the geometric mean of those at the ends: of 2:98 and 8:92.
    middle = 100 / (1 + np.sqrt(98 * 92 / (2 * 8)))
    ends = row[["low_pct", "share_pct", "high_pct"]].tolist()
    assert ends == pytest.approx([2.0, middle, 8.0])
    assert row["log_odds"] == pytest.approx(np.log(middle / (100 - middle)))
    # Two ends that hold 90 percent lie 3.29 standard deviations apart.
    range_sd = np.log(8 * 98 / (92 * 2)) / 3.29
    assert row["printed_sd"] == pytest.approx(np.hypot(range_sd, rounding_sd(middle, 0.01)))


def test_a_bound_from_above_is_a_ceiling():
    row = of_table(one(share_pct=0.0, share_high_pct=0.01)).loc["x"]
    assert row["reads"] == "ceiling"
    assert row[["low_pct", "share_pct", "high_pct"]].tolist() == pytest.approx([0.01] * 3)
    assert row["log_odds"] == pytest.approx(np.log(0.01 / 99.99))
    # A limit locates nobody, whatever its kind.
    assert not row["locates"]


@pytest.mark.parametrize(
    ("kind", "reads"),
    [("vendor", "share"), ("floor", "floor"), ("power_floor", "floor"), ("listed_floor", "floor")],
)
def test_a_figure_reads_as_its_kind_says(kind, reads):
    row = of_table(one(share_pct=3.0, kind=kind)).loc["x"]
    assert row["reads"] == reads
    assert row["locates"] == (reads == "share")


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


COLUMNS = [
    *("estimate_id", "month", "start_month", "end_month", "members", "kind", "family"),
    *("list_id", "listed", "reads", "low_pct", "high_pct", "share_pct"),
    *("log_odds", "printed_sd", "error_sd", "offset_sd", "tail_df", "locates", "source_id"),
]


def test_what_enters_is_decided_by_kind_region_and_month():
    first, last = pd.Timestamp("2013-01-01"), hm.network_hashrate().index[-1]

    def at(month, **values):
        return {"share_pct": 4.0, "start_month": month, "end_month": month, **values}

    ban = pd.Timestamp("2021-05-01")
    step = pd.DateOffset(months=1)
    # A period whose middle is the month of the ban, and one month later; the homes of pools for
    # longer than a month stay as they are.
    homes = {"kind": "pool_home", "start_month": ban - step}
    cases = [
        (at(first), True),
        (at(first - step), False),
        (at(last), True),
        (at(last + step), False),
        (at(ban) | homes, True),
        (at(ban) | homes | {"end_month": ban + 4 * step}, False),
        (at(ban, kind="recycled"), False),
        (at(ban, kind="site", share_pct=100.0), False),  # and may say anything
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
    assert rows.columns.tolist() == COLUMNS
    assert rows["locates"].dtype == bool
    home = rows[rows["estimate_id"] == "x4"].iloc[0]
    spread = ["error_sd", "offset_sd", "locates"]
    assert home[spread].tolist() == [0.15, 0.6, False]


def test_without_a_family_a_page_is_its_own_publisher():
    rows = of_table(several({"share_pct": 4.0}, {"share_pct": 4.0, "family": "luxor"}))
    assert rows["family"].tolist() == ["project-convention", "luxor"]


def test_homes_of_pools_count_once_a_year():
    def home(month, share_pct, **values):
        when = {"start_month": pd.Timestamp(month), "end_month": pd.Timestamp(month)}
        return {"kind": "pool_home", "share_pct": share_pct, "family": "f", **when, **values}

    longer = {"end_month": pd.Timestamp("2017-12-01")}
    rows = estimates.observations(
        several(
            home("2016-02", 2.0),
            home("2016-03", 3.0),
            home("2016-07", 7.0),
            home("2017-01", 5.0),
            home("2016-05", 9.0, family="g"),
            home("2016-05", 9.0, region="CAN"),
            home("2017-01", 8.0, **longer),
            home("2016-05", 9.0, kind="vendor"),
        )
    )
    used = rows["estimate_id"]
    years = rows[used.str.startswith(estimates.YEAR)].set_index("estimate_id")
    assert set(years.index) == {
        "year-f-kaz-2016",
        "year-f-kaz-2017",
        "year-g-kaz-2016",
        "year-f-can-2016",
    }
    # A mean over the months that there are, and over the period that they span.
    row = years.loc["year-f-kaz-2016"]
    assert row["share_pct"] == pytest.approx(4.0)
    assert row["start_month"] == pd.Timestamp("2016-02-01")
    assert row["end_month"] == pd.Timestamp("2016-07-01")
    assert row["month"] == pd.Timestamp("2016-04-01")
    assert (row["kind"], row["source_id"]) == ("pool_home", "project-convention")
    # What already covers a longer period, and other kinds, stay as they are.
    assert {"x6", "x7"} <= set(used)
    assert not {"x0", "x1", "x2", "x3", "x4", "x5"} & set(used)


def test_the_mining_map_enters_month_by_month_with_the_unlisted_among_its_rest():
    month = pd.Timestamp("2021-07-01")
    table = hm.load("mining_map")
    table = table[table["month"] == month].set_index("region")["share_pct"]
    assert table["CHN"] == 0
    rows = estimates.observations(one(share_pct=4.0))
    rows = rows[(rows["month"] == month) & (rows["source_id"] == "ccaf-mining-map")]
    rows = rows.set_index("estimate_id")
    assert set(rows.index) == {f"ccaf-map-2021-07-{code}" for code in table.index}
    assert set(rows["list_id"]) == {"ccaf-map-2021-07"}
    assert set(rows["family"]) == {"cambridge"}
    rest = [*estimates.newcomers(), "OTH"]
    seen = rows[rows["reads"] == "share"]
    for code, share_pct in table[table > 0].items():
        row = rows.loc[f"ccaf-map-2021-07-{code}"]
        proxy = code in ("DEU", "IRL")
        assert row["members"] == ("+".join(rest) if code == "OTH" else code)
        assert row["kind"] == ("pool_sample_proxy" if proxy else "pool_sample")
        assert row["error_sd"] == pytest.approx(0.3 if proxy else 0.12)
        assert row[["start_month", "end_month"]].tolist() == [month, month]
        ends = row[["low_pct", "share_pct", "high_pct"]].tolist()
        assert ends == pytest.approx([share_pct] * 3)
        assert row["log_odds"] == pytest.approx(logit(share_pct / 100))
        # The figures of a month add to one, without those that it shows empty.
        assert set(row["listed"].split("+")) == set("+".join(seen["members"]).split("+"))
        assert "CHN" not in row["listed"]
    assert len(seen) == (table > 0).sum()


def test_a_zero_of_the_map_says_that_its_sample_shows_none():
    rows = estimates.observations()
    none = rows[rows["kind"] == "none_seen"]
    table = hm.load("mining_map")
    assert len(none) == (table["share_pct"] == 0).sum() > 0
    assert set(none["reads"]) == {"none_seen"}
    assert none["log_odds"].isna().all()
    assert not none["locates"].any()
    china = none[none["members"] == "CHN"]["month"].dt.strftime("%Y-%m").tolist()
    assert china == ["2021-07", "2021-08"]
    assert np.isfinite(rows.loc[rows["reads"] != "none_seen", "log_odds"]).all()
    assert np.isfinite(rows["printed_sd"]).all()


def test_what_repeats_another_row_or_does_not_locate_stays_out():
    rows, used = hm.load("share_estimates"), set(estimates.observations()["estimate_id"])
    assert not used & set(rows.loc[rows["repeats"].notna(), "estimate_id"])
    assert not used & set(rows.loc[rows["kind"].isin(["recycled", "pool_count"]), "estimate_id"])


def test_homes_of_pools_enter_until_the_ban_only():
    rows = estimates.observations()
    assert rows.loc[rows["kind"] == "pool_home", "month"].max() < pd.Timestamp("2021-06-01")


MONTH = pd.Timestamp("2023-03-01")
NAMED = {"USA": 40.0, "RUS": 20.0, "CHN": 10.0, "KAZ": 5.0}


@pytest.fixture
def a_list(data_copy):
    """Adds a list to the tables: a_list("id", largest=..., whole=...)."""

    def add(list_id, *, largest=False, whole=False):
        path = data_copy / "share_lists.csv"
        flags = f"{str(largest).lower()},{str(whole).lower()}"
        row = f"{list_id},project,2023-03,{flags},project-convention\n"
        path.write_text(path.read_text() + row)

    return add


def listing(list_id, shares, **values):
    """Rows of a list."""
    when = {"start_month": MONTH, "end_month": MONTH, "kind": "vendor", "family": "project"}
    return [
        {"region": code, "share_pct": share_pct, "list_id": list_id, **when, **values}
        for code, share_pct in shares.items()
    ]


def derived(rows, prefix, list_id):
    return rows[rows["estimate_id"].str.startswith(f"{prefix}{list_id}")]


def test_a_whole_list_leaves_a_remainder_for_those_it_does_not_name(a_list):
    a_list("mine", whole=True)
    beside = [{"share_pct": 3.0, "region": "ETH", "start_month": MONTH, "end_month": MONTH}]
    rows = estimates.observations(several(*listing("mine", NAMED), *beside))
    left = derived(rows, estimates.REMAINDER, "mine")
    assert left["estimate_id"].tolist() == ["remainder-mine"]
    row = left.iloc[0]
    rest = [code for code in [*estimates.countries(), "OTH"] if code not in NAMED]
    assert row["members"] == "+".join(rest)
    # 100 less 40, 20, 10 and 5; the figure beside the list is none of it.
    assert row[["low_pct", "share_pct", "high_pct"]].tolist() == pytest.approx([25.0] * 3)
    assert row[["month", "start_month", "end_month"]].tolist() == [MONTH] * 3
    assert (row["kind"], row["reads"], row["family"]) == ("vendor", "share", "project")
    assert (row["list_id"], row["source_id"]) == ("mine", "project-convention")
    assert row["error_sd"] == pytest.approx(0.12)
    # Its shares add to one: it, and those named, know all countries of the list.
    own = rows[rows["list_id"] == "mine"]
    assert own["listed"].notna().all()
    for codes in own["listed"]:
        assert sorted(codes.split("+")) == sorted([*estimates.countries(), "OTH"])
    assert rows.loc[rows["estimate_id"] == "x4", "listed"].isna().all()


def test_a_list_that_is_not_whole_leaves_none(a_list):
    a_list("mine")
    rows = estimates.observations(several(*listing("mine", NAMED)))
    assert derived(rows, estimates.REMAINDER, "mine").empty
    assert derived(rows, estimates.UNNAMED, "mine").empty
    assert rows.loc[rows["list_id"] == "mine", "listed"].isna().all()


def test_a_list_that_prints_its_rest_needs_no_remainder(a_list):
    a_list("mine", whole=True)
    rest = "+".join([code for code in estimates.countries() if code not in NAMED] + ["OTH"])
    printed = {"region": None, "members": rest, "share_pct": 25.0}
    last = listing("mine", {"OTH": 25.0})[0] | printed
    rows = estimates.observations(several(*listing("mine", NAMED), last))
    assert derived(rows, estimates.REMAINDER, "mine").empty
    own = rows[rows["list_id"] == "mine"]
    assert len(own) == 5
    assert own["listed"].notna().all()


def test_whom_a_list_of_the_largest_does_not_name_is_smaller_than_its_smallest(a_list):
    a_list("mine", largest=True)
    rows = estimates.observations(several(*listing("mine", NAMED)))
    limits = derived(rows, estimates.UNNAMED, "mine")
    unnamed = [code for code in estimates.countries() if code not in NAMED]
    # The rest is many countries: of it, nothing is said.
    assert sorted(limits["members"]) == sorted(unnamed)
    assert set(limits["reads"]) == {"ceiling"}
    assert set(limits["kind"]) == {"unlisted"}
    assert limits["share_pct"].tolist() == pytest.approx([5.0] * len(unnamed))
    assert limits["error_sd"].tolist() == pytest.approx([0.25] * len(unnamed))
    assert not limits["locates"].any()
    assert limits["listed"].isna().all()


def test_a_sum_of_a_list_speaks_for_all_its_countries(a_list):
    a_list("mine", largest=True, whole=True)
    both = listing("mine", {"x": 12.0}, members="CAN+NOR")[0] | {"region": None}
    rows = estimates.observations(several(*listing("mine", NAMED), both))
    left = derived(rows, estimates.REMAINDER, "mine").iloc[0]
    assert left["share_pct"] == pytest.approx(13.0)
    assert not {"CAN", "NOR"} & set(left["members"].split("+"))
    assert not {"CAN", "NOR"} & set(derived(rows, estimates.UNNAMED, "mine")["members"])


@pytest.mark.parametrize("last", [25.01, 60.0])
def test_a_list_of_more_than_everything_is_refused(a_list, last):
    a_list("mine", whole=True)
    rows = several(*listing("mine", NAMED | {"CAN": last}))
    with pytest.raises(InputError) as caught:
        estimates.observations(rows)
    assert str(caught.value) == (
        f"share_estimates.csv: the list mine adds to {75 + last:.2f} percent; the shares of a list "
        "add to less than 100, so correct one of them."
    )


def test_a_list_without_a_rest_leaves_room_for_those_it_does_not_name(a_list):
    a_list("mine", whole=True)
    with pytest.raises(InputError, match=r"the list mine adds to 100\.00 percent"):
        estimates.observations(several(*listing("mine", NAMED | {"CAN": 25.0})))


def test_an_unknown_list_is_refused():
    with pytest.raises(InputError) as caught:
        estimates.observations(several(*listing("nobody", NAMED)))
    assert str(caught.value) == (
        "share_estimates.csv: list_id 'nobody' is no list of share_lists.csv; correct it or leave it "
        "out."
    )


def test_the_lists_of_the_tables_have_what_they_should():
    rows, lists = estimates.observations(), hm.load("share_lists")
    used = lists[lists["list_id"].isin(rows["list_id"])]
    for about in used.itertuples():
        own = rows[rows["list_id"] == about.list_id]
        ids = own["estimate_id"]
        assert ids.str.startswith(estimates.REMAINDER).sum() == int(about.whole), about.list_id
        assert ids.str.startswith(estimates.UNNAMED).any() == about.largest, about.list_id
        if about.whole:
            figures = own[own["reads"] == "share"]
            assert figures["share_pct"].sum() == pytest.approx(100)


def test_before_mining_began_a_country_had_little():
    rows = estimates.observations()
    begins = hm.load("mining_begins").set_index("region")["first_month"]
    limits = rows[rows["estimate_id"].str.startswith(estimates.BEGINS)]
    assert set(limits["reads"]) == {"ceiling"}
    assert set(limits["kind"]) == {"before_mining"}
    assert limits["share_pct"].tolist() == pytest.approx([estimates.LITTLE_PCT] * len(limits))
    later = begins[begins > pd.Timestamp("2013-01-01")]
    assert set(limits["members"]) == set(later.index) & set(estimates.countries())
    for code, own in limits.groupby("members"):
        # A row for each year, up to the month before the first.
        assert own["start_month"].min() == pd.Timestamp("2013-01-01")
        assert own["end_month"].max() == begins[code] - pd.DateOffset(months=1)
        assert (own["start_month"].dt.year == own["end_month"].dt.year).all()
        length = (own["end_month"].dt.to_period("M") - own["start_month"].dt.to_period("M")).map(
            lambda months: months.n + 1
        )
        whole = (begins[code].to_period("M") - pd.Period("2013-01")).n
        assert length.sum() == whole


def test_a_country_that_mined_from_the_first_month_has_no_such_limit(data_copy):
    path = data_copy / "mining_begins.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[table["region"] == "KAZ", "first_month"] = "2013-01"
    table.loc[table["region"] == "RUS", "first_month"] = "2013-02"
    table.to_csv(path, index=False, lineterminator="\n")
    ids = set(estimates.observations()["estimate_id"])
    assert not {name for name in ids if name.startswith("before-kaz")}
    assert {name for name in ids if name.startswith("before-rus")} == {"before-rus-2013"}


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
    assert kinds.columns.tolist() == [
        *("title", "locates", "enters", "reads", "error_sd", "offset_sd", "tail_df", "until"),
        *("reason", "source_id"),
    ]
    assert kinds[["locates", "enters"]].dtypes.tolist() == [bool, bool]
    numbers = ["error_sd", "offset_sd", "tail_df"]
    assert kinds[numbers].dtypes.tolist() == [float] * 3
    assert kinds.loc["pool_sample", numbers].tolist() == [0.12, 0.2, 4]
    # What does not enter has no error.
    assert kinds.loc["recycled", ["error_sd", "offset_sd"]].tolist() == [0, 0]
    assert (kinds.loc[kinds["enters"], ["error_sd", "tail_df"]] > 0).all(axis=None)


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
            "enters, reads, error_sd, offset_sd, tail_df, until, reason, source_id.",
        ),
        (
            pd.DataFrame({"error_sd": [1.0]}),
            "The table of kinds has the columns error_sd; it takes kind and any of title, locates, "
            "enters, reads, error_sd, offset_sd, tail_df, until, reason, source_id.",
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


@pytest.mark.parametrize("value", ["much", -1.0, 0.0])
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
    # A zero is one of the mining map, whose sample shows none.
    assert ((rows["share_pct"] == 0) == (rows["kind"] == "none_seen")).all()
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
        reads = kind["enters"] and kind["locates"] and kind["reads"] == "share"
        if row.month > map_end and reads and pd.isna(row.repeats) and not row.bound:
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
    here = rows[(rows["month"] == month) & (rows["source_id"] == "ccaf-mining-map")]
    here = here.set_index("region")
    on_map = hm.load("mining_map")
    on_map = on_map[(on_map["month"] == month) & (on_map["region"] != "OTH")]
    on_map = on_map.set_index("region")["share_pct"]
    assert here.index.tolist() == sorted(on_map.index)
    assert here["share_pct"].to_dict() == pytest.approx(on_map.to_dict())
    stock = hm.network_hashrate("2021-12", "2021-12").item()
    assert here["hashrate_ehs"].to_dict() == pytest.approx(
        (here["share_pct"] * stock / 100).to_dict()
    )
    assert here["enters"].all()
    # Luxor's figure for Paraguay is of that month too.
    others = rows[(rows["month"] == month) & (rows["source_id"] != "ccaf-mining-map")]
    assert "PRY" in set(others["region"])


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
