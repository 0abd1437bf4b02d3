"""Tables and titles of the chapter on the country panel."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import chronology, country_panel
from hashrate_migration.chapters import panel as chapter


@pytest.fixture(scope="module")
def panel():
    return hm.panel()


def toy(rows):
    """A panel of months, regions, shares and bands; hashrate is the share."""
    table = pd.DataFrame(rows, columns=["month", "region", "share_pct", "low", "high"])
    stocks = table[["share_pct", "low", "high"]].set_axis(
        ["hashrate_ehs", "low_ehs", "high_ehs"], axis=1
    )
    return table.assign(month=pd.to_datetime(table["month"]), basis="measured", **stocks)


TOY = toy(
    [
        ("2021-05", "CHN", 60.0, 55.0, 70.0),
        ("2021-05", "USA", 20.0, 15.0, 25.0),
        ("2021-05", "OTH", 20.0, 10.0, 40.0),
        ("2026-07", "CHN", 10.0, 5.0, 15.0),
        ("2026-07", "USA", 40.0, 30.0, 58.0),
        ("2026-07", "OTH", 50.0, 40.0, 60.0),
    ]
)


def test_kinds_that_enter_are_told_from_those_that_stay_out():
    table, out = chapter.entering_kinds(), chapter.kinds_left_out()
    assert len(table) + len(out) == len(hm.load("estimate_kinds"))
    assert (table["error_sd"] > 0).all()
    assert table["figures_used"].sum() == len(country_panel.observations())
    homes = table.set_index("kind").loc["Home country of pools"]
    assert homes["until"] == chapter.last_pool_home() == pd.Timestamp("2021-05-01")
    assert "Lower bound" in set(out["kind"])


def test_the_eras_meet_and_cover_the_panel(panel):
    last = panel["month"].max()
    borders = chapter.borders(last)
    assert (borders[0][0], borders[-1][1]) == (chronology.PANEL_BEGINS, last)
    for (_, end, _), (start, _, _) in zip(borders, borders[1:], strict=False):
        assert end + pd.DateOffset(months=1) == start


def test_the_eras_go_from_china_to_america(panel):
    table = chapter.eras(panel).set_index("era")
    assert table["leader"].tolist() == ["CHN", "CHN", "USA", "USA"]
    assert table.loc["on the map, before the ban", "measured_pct"] == 100
    assert table.loc["before the map", "measured_pct"] < 10
    assert (table["leader_pct"] >= table["second_pct"]).all()


def test_a_shorter_map_moves_the_eras(data_copy):
    path = data_copy / "mining_map.csv"
    rows = pd.read_csv(path, dtype=str)
    rows[rows["month"] < "2022-01"].to_csv(path, index=False, lineterminator="\n")
    about = data_copy / "datapackage.json"
    # The description says with which month the map ends, so that a cut table is noticed.
    about.write_text(
        about.read_text(encoding="utf-8").replace('"last": "2022-01"', '"last": "2021-12"')
    )
    borders = chapter.borders(pd.Timestamp("2026-07-01"))
    assert borders[2][1] == pd.Timestamp("2021-12-01")
    assert borders[3][0] == pd.Timestamp("2022-01-01")


def test_how_well_shares_are_known_is_said_for_one_and_for_several(panel):
    several = chapter.shares_title(panel, ["CHN", "USA", "KAZ"])
    assert several.startswith("China and the United States have held")
    assert chapter.shares_title(panel, ["CHN"]).startswith("China has held the largest share")
    on_map, outside = TOY["month"] < "2022", TOY["month"] > "2022"
    for rows, place in ((TOY[on_map], "on the mining map"), (TOY[outside], "outside of it")):
        own = rows[rows["region"].isin(["CHN", "USA"])]
        width = f"{(own['high'] - own['low']).mean():.0f}"
        title = chapter.shares_title(TOY, ["CHN", "USA"])
        assert width in title.partition(place)[0].split()


def test_the_network_has_grown_by_its_first_and_last_month():
    network = hm.network_hashrate("2013-01")
    growth = chapter.network_growth()
    assert growth == pytest.approx(network.iloc[-1] / network.iloc[0], rel=0.05)
    assert set(str(growth)[2:]) == {"0"}


@pytest.mark.parametrize(
    ("china", "america", "title"),
    [
        (10.0, 40.0, "By the bands one of the two countries has more hashrate"),
        (90.0, 40.0, "By the bands two of the two countries have more hashrate"),
        (10.0, 20.0, "By the bands none of the two countries has more hashrate"),
    ],
)
def test_who_has_more_hashrate_by_the_bands(china, america, title):
    table = TOY.set_index(["month", "region"])
    last = TOY["month"].max()
    table.loc[(last, "CHN"), "low_ehs"] = china
    table.loc[(last, "USA"), "low_ehs"] = america
    said = chapter.hashrate_title(table.reset_index(), ["CHN", "USA"])
    assert said.startswith(title)
    assert ("the United States" in said) == (america == 40.0)


def test_the_highest_share_and_the_highest_end_since_the_ban():
    # China's of May 2021 is from before the ban; the others together are no country.
    said = chapter.stack_title(TOY).replace("\N{NO-BREAK SPACE}", " ")
    assert "has been 40 percent (United States, July 2026)" in said
    assert "allow up to 58 percent (United States, July 2026)" in said


def test_a_stack_adds_to_the_whole(panel):
    stack = chapter.stack(panel)
    assert len(stack.columns) == chapter.STACKED + 1
    assert stack.columns[-1] == "OTH"
    assert stack.sum(axis=1).to_numpy() == pytest.approx(100)


def test_zeros_of_the_map():
    assert chapter.zeros("CHN") == [chronology.CLEARED, chronology.ZERO_AGAIN]
    assert chapter.zeros("USA") == []


def test_figures_are_counted_by_kind_and_use():
    table = chapter.figures_by_kind("CHN", chronology.AFTER)
    assert table["estimates"].sum() == len(country_panel.figures_for("CHN", chronology.AFTER))
    assert table["used"].is_monotonic_decreasing
    on_map = table.iloc[0]
    assert (on_map["start"], on_map["estimates"]) == (chronology.AFTER, 6)


def test_a_peak_is_held_against_the_last_month():
    peak, last = chapter.peak_and_last(TOY, "CHN")
    assert (peak["share_pct"], last["share_pct"]) == (60.0, 10.0)
    said = chapter.peak_title(TOY, "CHN").replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "China held 60 percent of the network in May 2021; the band of July 2026 runs from 5.0 to 15.0 "
        "percent"
    )
    assert chapter.peak_title(TOY, "USA").startswith(
        "The United States has its highest share in July"
    )


def test_newcomers_are_the_largest_that_the_map_does_not_list(panel):
    codes = chapter.newcomers(panel)
    assert len(codes) == chapter.NEWCOMERS_SHOWN
    assert not set(codes) & set(hm.regions.mapped_countries())
    now = panel[panel["month"] == panel["month"].max()].set_index("region")["share_pct"]
    unlisted = [code for code in country_panel.newcomers() if code not in codes]
    assert now[codes].min() >= now[unlisted].max()
    table = chapter.first_figures(panel, codes).set_index("country")
    published = country_panel.published_figures()
    own = published[published["region"] == "OMN"]
    assert table.loc["OMN", "estimates"] == len(own)
    assert table.loc["OMN", "start"] == own["month"].min()


def test_newcomers_are_added_up_then_and_now(panel):
    said = chapter.newcomers_title(panel, ["ARE", "OMN"]).replace("\N{NO-BREAK SPACE}", " ")
    now, then = (
        sum(country_panel.at(panel, code, month)["share_pct"] for code in ("ARE", "OMN"))
        for month in (panel["month"].max(), hm.shares().index[-1])
    )
    assert f"hold {now:.0f} percent" in said
    assert said.endswith(f"it was {then:.0f} percent")


def test_snapshots_say_who_leads(panel):
    shares = chapter.snapshots(panel)
    assert shares.index.is_monotonic_increasing
    assert shares.index[-1] == panel["month"].max()
    assert chapter.snapshots_title(shares).startswith(
        "China led in September 2017, the United States"
    )
    assert (
        chapter.snapshots_title(shares.iloc[:2]) == "China leads in May 2021 as in September 2017"
    )
    assert list(chapter.by_month_name(shares))[0] == "September 2017"


@pytest.fixture
def left_out():
    return pd.DataFrame(
        {
            "left_out": ["ccaf-mining-map", "kaiser-2018"],
            "kind": ["pool_sample", "pool_home"],
            "share_pct": [10.0, 60.0],
            "expected_pct": [11.0, 63.0],
            "interpolated_pct": [12.0, 61.0],
            "inside": [True, False],
        }
    )


def test_what_was_left_out_is_told_by_test_and_by_source(left_out):
    table = chapter.found_again(left_out, left_out)
    assert table["left_out"].tolist() == ["each source"] * 3 + ["each quarter"] * 3
    assert table["group"].tolist()[:3] == ["mining map", "other estimates", "all"]
    titles = hm.load("sources").set_index("source_id")["title"]
    sources = chapter.found_by_source(left_out).set_index("source")
    assert (
        sources.loc[titles["ccaf-mining-map"], "publisher"]
        == "Cambridge Centre for Alternative Finance"
    )
    assert sources["inside"].to_dict() == {
        titles["ccaf-mining-map"]: 1,
        titles["kaiser-2018"]: 0,
    }


def test_the_latest_figures_move_the_panel(panel):
    latest = chapter.latest_figures()
    assert latest == hm.load("share_estimates")["start_month"].max()
    moves = chapter.moved_by_the_latest(panel, draws=1000, seed=0)
    assert len(moves) == chapter.CHANGES_SHOWN
    assert moves["change_pct_points"].abs().is_monotonic_decreasing
    row = moves.iloc[0]
    assert row["with_pct"] - row["without_pct"] == pytest.approx(row["change_pct_points"])
    assert row["with_pct"] == country_panel.at(panel, row["region"], row["month"])["share_pct"]
