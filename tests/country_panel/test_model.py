"""The panel as users see it."""

import json

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import country_panel
from hashrate_migration.chapters import panel as panel_story
from hashrate_migration.country_panel import checks as panel_checks
from hashrate_migration.country_panel import estimates
from hashrate_migration.country_panel import export as panel_product
from hashrate_migration.errors import InputError


@pytest.fixture(scope="module")
def panel():
    return hm.panel()


def test_it_covers_every_month_and_country(panel):
    span = pd.date_range("2013-01-01", hm.network_hashrate().index[-1], freq="MS")
    assert sorted(panel["month"].unique()) == list(span)
    assert set(panel["region"]) == {*estimates.countries(), "OTH"}
    assert len(panel) == len(span) * panel["region"].nunique()
    assert {"ARE", "OMN", "PRY", "ETH", "NOR", *hm.regions.mapped_regions()} <= set(panel["region"])


def test_shares_add_up_and_lie_within_their_bands(panel):
    sums = panel.groupby("month")["share_pct"].sum()
    assert sums.to_numpy() == pytest.approx(100)
    assert ((panel["low"] <= panel["share_pct"]) & (panel["share_pct"] <= panel["high"])).all()
    hashrate = panel.groupby("month")["hashrate_ehs"].sum()
    assert hashrate.to_numpy() == pytest.approx(hm.network_hashrate("2013-01").to_numpy())


def test_it_follows_the_mining_map_where_there_is_one(panel):
    wide = panel.pivot(index="month", columns="region", values="share_pct")
    mapped = hm.shares().loc["2021-10":, ["CHN", "USA", "KAZ", "RUS"]]
    off = (np.log(wide.loc[mapped.index, mapped.columns] / mapped)).abs()
    assert off.to_numpy().max() < 0.25
    assert off.to_numpy().mean() < 0.08


def test_ignorance_shows_before_2019(panel):
    china = panel[panel["region"] == "CHN"].set_index("month")
    width = china["high"] - china["low"]
    assert width["2013-06-01"] > 40
    assert width["2020-06-01"] < 10


def test_the_basis_says_what_a_month_rests_on(panel):
    basis = panel.pivot(index="month", columns="region", values="basis")
    assert (basis.loc["2019-09":"2022-01", "KAZ"] == "measured").all()
    assert (basis.loc["2021-07":"2021-08", "CHN"] == "interpolated").all()
    assert (basis.loc["2022-02":"2022-12", "USA"] == "interpolated").all()
    assert (basis.loc[:"2019-08", "RUS"] == "extrapolated").all()
    assert basis.loc["2026-07-01", "OMN"] == "measured"
    # The home of a pool is no measurement of a place.
    assert (basis.loc["2016", "CHN"] == "interpolated").all()


def test_a_window_and_regions_are_parts_of_the_whole(panel):
    part = hm.panel("2023-01", "2023-03", ["USA", "ARE"])
    assert part["region"].tolist() == ["USA", "ARE"] * 3
    whole = panel.merge(part[["month", "region"]])
    pd.testing.assert_frame_equal(whole, part.reset_index(drop=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start": "2012-12"}, "outside the panel"),
        ({"start": "2024-01", "end": "2023-01"}, "swap them"),
        ({"regions": ["ATL"]}, "'ATL' is not in the panel"),
        ({"draws": 10}, "100 or more"),
        ({"dynamics": country_panel.Dynamics(break_start="2022-01")}, "swap them"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(InputError, match=message):
        hm.panel(**arguments)


def test_one_more_estimate_moves_the_panel(panel):
    rows = hm.load("share_estimates")
    extra = rows[rows["estimate_id"] == "mubarakov-2025-2025-02-kaz"].assign(
        estimate_id="new",
        share_pct=9.0,
        start_month=pd.Timestamp("2025-06-01"),
        end_month=pd.Timestamp("2025-06-01"),
        kind="statement",
    )
    moved = hm.panel(table=pd.concat([rows, extra], ignore_index=True))
    change = country_panel.compare(panel, moved)
    assert change.loc["KAZ", "change"] > 0.3
    assert abs((change.loc["KAZ", "month"] - pd.Timestamp("2025-06-01")).days) < 100


def test_a_kind_can_be_shut_out(panel):
    out = hm.panel(kinds=pd.DataFrame({"kind": ["pool_home"], "enters": [False]}))
    early = [
        frame[(frame["region"] == "CHN") & (frame["month"] == "2016-06-01")].iloc[0]
        for frame in (panel, out)
    ]
    assert early[1]["high"] - early[1]["low"] > 1.3 * (early[0]["high"] - early[0]["low"])


def test_paths_are_those_of_the_bands(panel):
    paths = country_panel.paths(draws=1000, seed=0)
    assert paths.sum(axis=1).to_numpy() == pytest.approx(100)
    month = pd.Timestamp("2024-06-01")
    row = panel_story.at(panel, "USA", month)
    assert paths.xs(month, level="month")["USA"].quantile(0.05) == pytest.approx(row["low"])


def test_what_is_left_out_is_mostly_found_again():
    left = panel_checks.leave_out("source")
    table = panel_checks.coverage(left)
    assert set(left["estimate_id"]) == {
        name
        for name in estimates.observations()["estimate_id"]
        if not name.startswith(estimates.REMAINDER)
    }
    assert table.loc["other estimates", "inside_pct"] > 90
    assert table.loc["all", "inside_pct"] > 85
    assert table.loc["all", "error_points"] <= table.loc["all", "interpolation_points"]


def test_left_out_by_something_else_is_refused():
    with pytest.raises(InputError, match="by = 'weather'"):
        panel_checks.leave_out("weather")


def test_straight_lines_between_estimates():
    days = pd.to_datetime(["2020-01-01", "2020-12-31"])
    known = pd.DataFrame({"month": days, "members": "KAZ", "share_pct": [2.0, 4.0]})
    wanted = pd.DataFrame(
        {
            "month": pd.to_datetime(["2020-07-01", "2021-06-01", "2020-07-01"]),
            "members": ["KAZ", "KAZ", "ETH"],
        }
    )
    values = panel_checks.interpolated(known, wanted)
    assert values[0] == pytest.approx(2 + 2 * 182 / 365)
    assert values[1] == 4.0
    assert np.isnan(values[2])


@pytest.mark.parametrize("name", ["panel.csv", "panel.parquet"])
def test_the_product_is_the_same_byte_for_byte(panel, tmp_path, name):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        panel_product.write(panel, folder / name, draws=1000, seed=0)
    files = [sorted(folder.iterdir()) for folder in folders]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]
    assert [file.name for file in files[0]] == sorted([name, "panel.datapackage.json"])


def test_the_product_describes_itself(panel, tmp_path):
    import frictionless

    _, beside = panel_product.write(panel, tmp_path / "panel.csv", draws=1000, seed=0)
    about = json.loads(beside.read_text())
    assert about["method"]["seed"] == 0
    assert about["method"]["version"] == country_panel.METHOD_VERSION
    assert {entry["table"] for entry in about["made_from"]} == set(panel_product.INPUTS)
    fields = [field["name"] for field in about["resources"][0]["schema"]["fields"]]
    assert fields == list(panel.columns)
    assert frictionless.validate(str(beside)).valid
    back = pd.read_csv(tmp_path / "panel.csv", parse_dates=["month"])
    assert back["share_pct"].to_numpy() == pytest.approx(panel["share_pct"].to_numpy(), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "message"), [("panel.xls", r"\.csv or \.parquet"), ("no/p.csv", "no such folder")]
)
def test_a_wrong_file_is_refused(panel, tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        panel_product.write(panel, tmp_path / name, draws=1000, seed=0)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("code", ["KAZ", "ARE", "MYS", "CHN"])
def test_the_story_names_the_band(panel, code):
    text = panel_story.after_the_map(code, panel)
    row = panel_story.at(panel, code, panel["month"].max())
    assert f"({row['low']:.1f} to {row['high']:.1f})" in text
    assert hm.regions.in_text(code, first=True) in text
    assert panel_story.recent_headline(code, panel).startswith(hm.regions.in_text(code, first=True))


def test_the_eras_go_from_china_to_america(panel):
    table = panel_story.eras(panel).set_index("era")
    assert table["leader"].tolist() == ["China", "China", "United States", "United States"]
    assert table.loc["China-led, on the map", "measured_pct"] == 100
    assert table.loc["Before the map", "measured_pct"] < 10
