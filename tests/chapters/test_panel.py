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


@pytest.fixture(scope="module")
def paths():
    return country_panel.paths()


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
    assert set(table["reads"]) <= set(chapter.READS.values())
    assert table["tail_df"].gt(2).all()
    homes = table.set_index("kind").loc["Home country of pools"]
    assert homes["until"] == chapter.last_pool_home() == pd.Timestamp("2021-05-01")


def test_the_eras_meet_and_cover_the_panel(panel):
    last = panel["month"].max()
    borders = chapter.borders(last)
    assert (borders[0][0], borders[-1][1]) == (chronology.PANEL_BEGINS, last)
    for (_, end, _), (start, _, _) in zip(borders, borders[1:], strict=False):
        assert end + pd.DateOffset(months=1) == start


def test_the_eras_go_from_china_to_america(panel, paths):
    table = chapter.eras(panel, paths).set_index("era")
    assert table["leader"].tolist() == ["CHN", "CHN", "USA", "USA"]
    assert table.loc["on the map, before the ban", "measured_pct"] == 100
    assert table.loc["on the map, before the ban", "agreeing_pct"] > 99
    assert table.loc["before the map", "measured_pct"] < 50
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


def test_a_stack_adds_to_the_whole(panel, paths):
    stack = chapter.stack(panel, paths)
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


def test_snapshots_are_of_dates_that_matter(panel):
    shares = chapter.snapshots(panel)
    assert shares.index.is_monotonic_increasing
    assert shares.index[-1] == panel["month"].max()
    assert list(chapter.by_month_name(shares))[0] == "September 2017"


def found(by, group, members, share, low, high, **more):
    """A figure left out whose band is centred on the logarithmic scale."""
    inside = low <= share <= high
    middle = (low * high) ** 0.5
    row = {"by": by, "left_out": "x", "group": group, "members": members, "family": "luxor"}
    row |= {"month": pd.Timestamp("2026-07-01"), "source_id": "kaiser-2018", "share_pct": share}
    row |= {"median_pct": middle, "low90": low, "high90": high, "rank": 0.5}
    row |= {"inside50": inside, "inside90": inside, "above": share > middle}
    for name in ("", "lines_", "walk_"):
        row |= {f"{name}log_score": -1.0, f"{name}crps": 0.2}
    row |= {"lines_inside90": True, "walk_inside90": True}
    return row | more


@pytest.fixture
def left_out():
    """Three figures of vendors and one of the map by quarter, two by family."""
    rows = [
        found("quarter", "map", "CHN", 10.0, 5.0, 20.0, month=pd.Timestamp("2021-01-01"), rank=0.5),
        found("quarter", "vendor", "USA", 40.0, 30.0, 50.0, rank=0.55, log_score=0.0),
        found("quarter", "vendor", "KAZ", 4.0, 1.0, 2.0, rank=1.0, lines_log_score=0.5),
        found("quarter", "vendor", "CHN+OTH", 20.0, 30.0, 40.0, rank=0.0),
        found("family", "map", "CHN", 10.0, 5.0, 20.0, family="cambridge"),
        found("family", "vendor", "USA", 40.0, 20.0, 30.0, lines_log_score=None),
        found("family", "vendor", "CAN", 4.0, 2.0, 9.0, log_score=1.0),
    ]
    table = pd.DataFrame(rows)
    flags = ["inside50", "inside90", "above", "lines_inside90", "walk_inside90"]
    return table.astype(dict.fromkeys(flags, "boolean") | {"lines_log_score": float})


def test_bands_and_scores_are_told_by_way_and_group(left_out):
    table = chapter.bands_held(left_out)
    assert table["left_out"].tolist() == ["each quarter"] * 3 + ["each family of publishers"] * 3
    assert table["group"].tolist() == ["mining map", "lists of vendors", "all"] * 2
    assert table["estimates"].tolist() == [1, 3, 4, 1, 2, 3]
    assert table["inside90_pct"].tolist() == pytest.approx([100, 100 / 3, 50, 100, 50, 200 / 3])
    scored = chapter.scores(left_out)
    assert scored["compared"].tolist() == [1, 3, 4, 1, 1, 2]
    assert scored["alone"].tolist() == [0, 0, 0, 0, 1, 1]
    assert scored["log_score"].iloc[-1] == 0.0  # of the two that are compared: -1 and 1


def test_targets_that_are_missed_stay_in_the_table(left_out):
    table = chapter.targets(left_out)
    assert table["left_out"].isin(chapter.LEFT_OUT.values()).all()
    reached = table.set_index(["target", "left_out", "group"])["reached"]
    assert not reached["within the band of 90 percent", "each quarter", "all"]


def test_families_are_told_apart(left_out):
    table = chapter.by_family(left_out).set_index("family")
    assert table.index.tolist() == ["luxor", "cambridge"]  # the most figures first
    assert table.loc["luxor", ["estimates", "inside", "above"]].tolist() == [2, 1, 1]
    # Of the figure to which a line can be drawn alone.
    assert table.loc["luxor", ["log_score", "lines_log_score"]].tolist() == [1.0, -1.0]


def test_ranks_are_counted_from_the_low_end_up(left_out):
    counts = chapter.ranks(left_out, "quarter")
    assert len(counts) == chapter.RANK_BINS
    assert counts.tolist() == [1, 0, 0, 0, 0, 2, 0, 0, 0, 1]
    assert chapter.ranks(left_out, "kind").sum() == 0


def test_titles_say_how_far_off_the_predictions_are(left_out):
    said = chapter.ranks_title(left_out, "quarter").replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "Of the figures left out 50 percent lie above the median, 50 percent outside the band of "
        "90 percent"
    )
    off = abs(left_out["median_pct"] - left_out["share_pct"])[:4].median()
    assert f"figure is {off:.1f} points" in chapter.widths_title(left_out, "quarter")
    assert chapter.widths_title(left_out, "quarter").endswith("12.5 points")


def test_groups_without_figures_are_left_out(left_out):
    groups = chapter.by_group(left_out, "family")
    assert {name: len(rows) for name, rows in groups.items()} == {
        "mining map": 1,
        "lists of vendors": 2,
    }


def test_the_latest_list_is_held_against_its_prediction(left_out):
    table = chapter.latest_list(left_out)
    # What several countries hold together is no country's figure.
    assert table["country"].tolist() == ["USA", "KAZ"]
    assert table["within"].tolist() == [True, False]
    assert table["predicted_band"].tolist() == ["38.7 (30.0–50.0)", "1.4 (1.0–2.0)"]


def drawn(rows):
    """Paths of draws: {month: {region: shares by draw}}."""
    parts = {
        pd.Timestamp(month): pd.DataFrame(shares).rename_axis("draw")
        for month, shares in rows.items()
    }
    return pd.concat(parts, names=["month"]).swaplevel().sort_index()


PATHS = drawn(
    {
        "2021-05": {
            "CHN": [60.0, 30.0, 30.0],
            "USA": [20.0, 40.0, 20.0],
            "OTH": [20.0, 30.0, 50.0],
        },
        "2022-01": {"CHN": [1.0, 0.5, 2.0], "USA": [40.0, 50.0, 60.0], "OTH": [59.0, 49.5, 38.0]},
        "2026-07": {"CHN": [9.0, 10.0, 20.0], "USA": [40.0, 30.0, 50.0], "OTH": [51.0, 60.0, 30.0]},
    }
)


def test_who_led_is_told_by_the_draws_with_their_part():
    months = PATHS.index.unique("month")
    led = chapter.leaders(PATHS, months)
    assert led["leader"].tolist() == ["CHN", "USA", "USA"]
    assert led["agreeing_pct"].tolist() == pytest.approx([200 / 3, 100, 100])
    said = chapter.snapshots_title(PATHS, months).replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "China led in May 2021 (in 67 percent of the draws), the United States in July 2026 "
        "(100 percent)"
    )
    same = chapter.snapshots_title(PATHS, months[1:])
    assert same.startswith("The United States leads in July 2026")


def test_sums_of_countries_are_made_in_each_draw():
    said = chapter.newcomers_title(PATHS, ["CHN", "USA"]).replace("\N{NO-BREAK SPACE}", " ")
    # 49, 40 and 70; the medians of the two would add to 50.
    assert "hold 49 percent of the network in July 2026" in said
    assert said.endswith("in January 2022 it was 50 percent")  # 41, 50.5 and 62


def test_eras_say_in_how_many_draws_their_leader_leads(monkeypatch):
    months = pd.to_datetime(["2021-05-01", "2026-07-01"])
    spans = [(months[0], months[0], "then"), (months[1], months[1], "now")]
    monkeypatch.setattr(chapter, "borders", lambda last: spans)
    table = chapter.eras(TOY, PATHS).set_index("era")
    assert table["leader"].tolist() == ["CHN", "USA"]
    assert table["agreeing_pct"].tolist() == pytest.approx([200 / 3, 100])
    assert table["leader_pct"].tolist() == [30, 40]
    assert table["china_pct"].tolist() == [30, 10]
