from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hashrate_migration as hm
from hashrate_migration import chronology
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.mining_map import largest_and_rest, through_the_ban
from hashrate_migration.tables import regions


def test_stocks_are_the_mining_maps_own_hashrate():
    published = hm.load("mining_map").pivot(index="month", columns="region", values="hashrate_ehs")
    ours = hm.stocks()
    # Shares are rounded to 0.01 percent, EH/s to 0.01.
    total = hm.network_hashrate("2019-09", "2022-01")
    allowed = (0.005 + total * 0.00005 + 0.0003 * published.T).T
    assert ((ours - published).abs() <= allowed).all(axis=None)


def test_a_month_adds_up_to_the_network():
    ours = hm.stocks()
    total = hm.network_hashrate("2019-09", "2022-01")
    assert ((ours.sum(axis=1) / total - 1).abs() < 0.0005).all()


def test_shares_of_the_issue_of_may_2022():
    china = hm.shares()["CHN"]
    published = {
        "2019-09": 75.53,
        "2021-05": 43.98,
        "2021-06": 34.25,
        "2021-07": 0.0,
        "2021-08": 0.0,
        "2021-09": 22.29,
        "2022-01": 21.11,
    }
    assert {m: china[pd.Timestamp(m)] for m in published} == published


@settings(max_examples=25, deadline=None)
@given(part=st.floats(0, 1), region=st.sampled_from(["IRL", "DEU", "KAZ", "OTH"]))
def test_moving_a_proxys_hashrate_to_china_keeps_the_total(part, region):
    plain, moved = hm.stocks(), hm.stocks(adjust={region: part})
    pd.testing.assert_series_equal(plain.sum(axis=1), moved.sum(axis=1))
    assert (moved >= 0).all(axis=None)
    assert (moved["CHN"] >= plain["CHN"] - 1e-12).all()
    others = plain.columns.drop(["CHN", region])
    pd.testing.assert_frame_equal(plain[others], moved[others])


def test_several_proxies_give_each_its_part():
    plain, moved = hm.stocks(), hm.stocks(adjust={"IRL": 1.0, "DEU": 0.25})
    assert (moved["IRL"] == 0).all()
    pd.testing.assert_series_equal(moved["DEU"], 0.75 * plain["DEU"])
    pd.testing.assert_series_equal(
        moved["CHN"], plain["CHN"] + plain["IRL"] + plain["DEU"] / 4, check_names=False
    )


def test_months_and_regions_of_a_window_with_its_ends():
    for table in (hm.shares("2021-05", "2021-07"), hm.stocks("2021-05-31", "2021-07-01")):
        assert list(table.index) == list(pd.date_range("2021-05-01", "2021-07-01", freq="MS"))
        assert list(table) == [*regions.mapped_countries(), "OTH"]
        assert (table.index.name, table.columns.name) == ("month", "region")
    pd.testing.assert_frame_equal(hm.stocks("2021-05", "2021-07"), hm.stocks()["2021-05":"2021-07"])
    assert len(hm.shares()) == 29


def test_equals_share_a_rank_and_the_next_is_skipped():
    stock = pd.DataFrame(
        {"A": [5.0, 0], "B": [7.0, 0.5], "C": [5.0, 2], "D": [1.0, 0.5], "OTH": [9.0, 9]}
    )
    found = hm.ranks(stock)
    assert list(found) == ["A", "B", "C", "D"]
    assert found.iloc[0].tolist() == [2, 1, 2, 4]
    assert found.iloc[1, 1:].tolist() == [2, 1, 2]
    assert pd.isna(found.loc[1, "A"])
    # Stocks without the rest are ranked alike.
    pd.testing.assert_frame_equal(hm.ranks(stock.drop(columns="OTH")), found)


def test_ranks_leave_out_the_rest_and_the_absent():
    ranks = hm.ranks(hm.stocks())
    assert "OTH" not in ranks
    assert pd.isna(ranks.loc["2021-07-01", "CHN"])
    assert ranks.loc["2019-09-01", "CHN"] == 1
    assert ranks.loc["2022-01-01", "USA"] == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"start": "2022-01", "end": "2021-01"}, "start = 2022-01 is after end = 2021-01"),
        ({"start": "2018-01"}, "start = 2018-01 is outside the mining map, .* 2019-09 to 2022-01"),
        ({"end": "2022-02"}, "end = 2022-02 is outside the mining map"),
        (
            {"adjust": {"XXX": 0.5}},
            "^adjust names 'XXX'; it takes regions of the mining map other than CHN: "
            "USA, CAN, KAZ, RUS, IRN, MYS, DEU, IRL, OTH.$",
        ),
        ({"adjust": {"CHN": 0.5}}, "^adjust names 'CHN'"),
        ({"adjust": {"IRL": 1.5}}, "^adjust gives 1.5 for IRL; give a part between 0 and 1.$"),
        ({"adjust": {"DEU": -0.1}}, "^adjust gives -0.1 for DEU"),
        (
            {"adjust": {"DEU": "half"}},
            "^adjust gives 'half' for DEU; give a part between 0 and 1.$",
        ),
        (
            {"adjust": ["DEU"]},
            r"^adjust = \['DEU'\] is not a mapping of regions to parts; give one.$",
        ),
        ({"adjust": 0}, "^adjust = 0 is not a mapping"),
    ],
)
def test_bad_input(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        hm.stocks(**arguments)


@pytest.mark.parametrize(
    ("stock", "sentence"),
    [
        ([1, 2], r"^stock = \[1, 2\] is not a table of months and regions; give one.$"),
        (
            pd.DataFrame({"A": [1.0], "B": ["2"]}),
            "^The stock of B is not of numbers; convert it.$",
        ),
    ],
)
def test_what_cannot_be_ranked(stock, sentence):
    with pytest.raises(InputError, match=sentence):
        hm.ranks(stock)


def test_public_names_whatever_is_imported_first():
    import hashrate_migration.hashrate.mining_map  # noqa: F401

    assert {"flows", "events", "regions", "charts"} <= set(hm.__all__)
    for name in hm.__all__:
        assert getattr(hm, name) is not None
    assert callable(hm.stocks)
    assert callable(hm.shares)
    with pytest.raises(AttributeError, match="no attribute 'flow'"):
        hm.flow  # noqa: B018


def test_before_during_and_after_the_clearance():
    table = through_the_ban()
    share = hm.load("mining_map").set_index(["month", "region"])["share_pct"]
    before, cleared, last = pd.to_datetime(["2021-05", "2021-07", "2022-01"])
    network = hm.network_hashrate("2021-05", "2022-01")
    rows = {}
    for region in share[last].index:
        percent = [share[month, region] for month in (before, cleared, last)]
        ehs = [
            part * network[month] / 100
            for part, month in zip(percent, (before, cleared, last), strict=True)
        ]
        rows[region] = [*percent, *ehs, ehs[2] - ehs[0], percent[2] - percent[0]]
    by_hand = pd.DataFrame.from_dict(
        rows,
        orient="index",
        columns=[
            *("share_before_pct", "share_cleared_pct", "share_last_pct"),
            *("before_ehs", "cleared_ehs", "last_ehs", "gain_ehs", "gain_pct_points"),
        ],
    )
    pd.testing.assert_frame_equal(table.sort_index(), by_hand.sort_index(), check_names=False)
    assert table.index.name == "region"
    assert table["gain_ehs"].is_monotonic_decreasing


def test_gains_and_losses_add_up_to_the_networks_change():
    table = through_the_ban()
    network = hm.stocks().sum(axis=1)
    change = network.iloc[-1] - network[chronology.BEFORE]
    assert table["gain_ehs"].sum() == pytest.approx(change)


def test_the_largest_by_name_and_the_rest_keep_the_total():
    stock = hm.stocks()
    shown = largest_and_rest(stock, 3)
    assert list(shown) == ["CHN", "USA", "KAZ", "OTH"]
    pd.testing.assert_series_equal(shown.sum(axis=1), stock.sum(axis=1))
    pd.testing.assert_frame_equal(shown[["CHN", "USA", "KAZ"]], stock[["CHN", "USA", "KAZ"]])
