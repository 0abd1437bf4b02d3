"""Reading the panel: single rows, the largest countries, tables by year, published figures."""

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import country_panel


@pytest.fixture(scope="module")
def panel():
    return hm.panel()


def toy(rows):
    """A panel of months, regions and shares."""
    table = pd.DataFrame(rows, columns=["month", "region", "share_pct"])
    return table.assign(month=pd.to_datetime(table["month"]))


FELL_AND_ROSE = toy(
    [
        ("2019-08", "IRN", 90.0),  # before the map began: not counted
        ("2021-05", "CHN", 60.0),
        ("2021-05", "USA", 25.0),
        ("2021-05", "IRN", 5.0),
        ("2021-05", "OTH", 10.0),
        ("2026-07", "CHN", 10.0),
        ("2026-07", "USA", 35.0),
        ("2026-07", "IRN", 15.0),
        ("2026-07", "OTH", 40.0),
    ]
)


def test_the_largest_ever_and_the_largest_now():
    assert country_panel.largest(FELL_AND_ROSE, 3) == ["CHN", "USA", "IRN"]
    assert country_panel.largest_now(FELL_AND_ROSE, 3) == ["USA", "IRN", "CHN"]
    assert country_panel.largest_now(FELL_AND_ROSE, 1) == ["USA"]


def test_the_largest_now_stand_in_the_order_of_the_last_month(panel):
    codes = country_panel.largest_now(panel, 12)
    last = panel[panel["month"] == panel["month"].max()].set_index("region")["share_pct"]
    assert len(codes) == 12
    assert last[codes].is_monotonic_decreasing
    assert last[codes].min() >= last.drop([*codes, "OTH"]).max()


def test_a_row_of_the_panel(panel):
    row = country_panel.at(panel, "KAZ", "2021-10")
    assert (row["region"], row["month"]) == ("KAZ", pd.Timestamp("2021-10-01"))
    assert row["low"] < row["share_pct"] < row["high"]


def test_year_ends_are_said_with_their_bands(panel):
    table = country_panel.year_ends(panel, ["CHN", "USA"], first_year=2024)
    last = panel["month"].max()
    decembers = [m for m in pd.date_range("2024-12-01", last, freq="12MS") if m < last]
    assert table.columns.tolist() == ["country", *decembers, last]
    assert table["country"].tolist() == ["CHN", "USA"]
    row = country_panel.at(panel, "USA", last)
    assert table.loc[1, last] == f"{row['share_pct']:.1f} ({row['low']:.1f}–{row['high']:.1f})"


def test_a_panel_that_ends_in_december_has_it_once(panel):
    until = panel[panel["month"] <= "2025-12-01"]
    table = country_panel.year_ends(until, ["CHN"], first_year=2025)
    assert table.columns.tolist() == ["country", pd.Timestamp("2025-12-01")]


def test_a_country_year_by_year(panel):
    table = country_panel.by_year(panel, "CHN")
    assert table["month"].iloc[-1] == panel["month"].max()
    assert (table["month"].iloc[:-1].dt.month == 12).all()
    first = country_panel.at(panel, "CHN", table["month"].iloc[0])
    assert table["share_band"].iloc[0].startswith(f"{first['share_pct']:.2f} (")


def test_figures_for_a_country_say_kind_use_and_publisher():
    kinds = country_panel.kinds()["title"]
    assert kinds["pool_sample"] not in set(
        country_panel.figures_for("CHN").query("start > '2020-12-31'")["kind"]
    )
    since = country_panel.figures_for("CHN", pd.Timestamp("2021-06-01"))
    # With a first month the map's own figures are there; its zeros are no figures.
    on_map = since[since["kind"] == kinds["pool_sample"]]
    assert on_map["start"].dt.strftime("%Y-%m").tolist()[:2] == ["2021-06", "2021-09"]
    homes = since[since["kind"] == kinds["pool_home"]]
    assert len(homes)
    assert not homes["used"].any()
    assert since["publisher"].notna().all()


def test_a_figure_for_a_period_keeps_its_first_and_last_month():
    figures = country_panel.published_figures().query("start_month < end_month")
    longer = figures.iloc[0]
    table = country_panel.figures_for(longer["region"]).query("start < end")
    assert (table.iloc[0][["start", "end"]] == longer[["start_month", "end_month"]].array).all()
    assert (figures["month"].between(figures["start_month"], figures["end_month"])).all()


def test_nothing_above_zero_is_said_to_be_zero(panel):
    for code in ("CHL", "KEN", "COD"):
        table = country_panel.by_year(panel, code)
        for cell in [*table["share_band"], *table["hashrate_band"]]:
            assert "0.000" not in cell, cell
    tiny = [0.0004, 0.0001, 0.0012]
    names = [f"{name}_ehs" for name in ("hashrate", "low", "high")]
    toy = banded_toy().assign(**dict(zip(names, tiny, strict=True)))
    stocks = set(country_panel.by_year(toy, "KAZ")["hashrate_band"])
    assert stocks == {"<0.001 (<0.001–0.001)"}


def banded_toy():
    """Two countries over four months: the first half known, the last month no December."""
    rows = []
    for month in ("2023-11", "2023-12", "2024-12", "2025-03"):
        rows.append((month, "KAZ", 12.341, 11.0, 14.0, 10.0, 9.04, 12.06, "measured"))
        rows.append((month, "USA", 40.06, 39.94, 42.0, 9.9994, 8.0, 12.06, "interpolated"))
    names = ["month", "region", "share_pct", "low", "high", "hashrate_ehs", "low_ehs", "high_ehs"]
    table = pd.DataFrame(rows, columns=[*names, "basis"])
    return table.assign(month=pd.to_datetime(table["month"]))


def test_year_ends_by_hand():
    table = country_panel.year_ends(banded_toy(), ["USA", "KAZ"], first_year=2024)
    december, march = pd.Timestamp("2024-12-01"), pd.Timestamp("2025-03-01")
    wanted = {"country": ["USA", "KAZ"]} | dict.fromkeys(
        (december, march), ["40.1 (39.9–42.0)", "12.3 (11.0–14.0)"]
    )
    pd.testing.assert_frame_equal(table, pd.DataFrame(wanted))
    # By default from the year of the ban on.
    early = banded_toy().assign(month=lambda t: t["month"] - pd.DateOffset(years=3))
    columns = country_panel.year_ends(early, ["USA"]).columns.tolist()
    assert columns == ["country", pd.Timestamp("2021-12-01"), pd.Timestamp("2022-03-01")]


def test_a_country_by_year_by_hand():
    table = country_panel.by_year(banded_toy(), "KAZ")
    months = pd.to_datetime(["2023-12-01", "2024-12-01", "2025-03-01"])
    wanted = pd.DataFrame(
        {
            "month": months,
            "share_band": ["12.34 (11.00–14.00)"] * 3,
            "hashrate_band": ["10.0 (9.0–12.1)"] * 3,  # from 10 EH/s on with one decimal
            "basis": ["measured"] * 3,
        }
    )
    pd.testing.assert_frame_equal(table, wanted, check_dtype=False)
    other = country_panel.by_year(banded_toy(), "USA")
    assert other["hashrate_band"].tolist() == ["9.999 (8.000–12.060)"] * 3
    assert other["basis"].tolist() == ["interpolated"] * 3


@pytest.mark.parametrize(
    ("share", "written"),
    [
        ((0.0012, 0.0004, 0.0051), "0.001 (<0.001–0.005)"),
        ((0.0004, 0.0, 0.0051), "<0.001 (0.000–0.005)"),
        ((0.0004, 0.0001, 0.0009), "<0.001 (<0.001–0.001)"),
        ((0.0002, 0.0001, 0.0004), "<0.001"),
        ((0.0, 0.0, 0.0), "0.000 (0.000–0.000)"),
    ],
)
def test_what_is_too_small_to_be_said(share, written):
    stocks = dict(zip(["hashrate_ehs", "low_ehs", "high_ehs"], share, strict=True))
    table = country_panel.by_year(banded_toy().assign(**stocks), "KAZ")
    assert table["hashrate_band"].tolist() == [written] * 3


def test_the_first_month_of_the_map_counts_among_the_largest():
    first = hm.shares().index[0]
    table = toy(
        [
            (first, "IRN", 50.0),
            (first - pd.DateOffset(months=1), "KAZ", 90.0),
            (first + pd.DateOffset(months=1), "KAZ", 40.0),
            (first, "OTH", 70.0),
        ]
    )
    assert country_panel.largest(table, 2) == ["IRN", "KAZ"]


def test_figures_for_a_country_by_hand():
    table = country_panel.figures_for("ARE", pd.Timestamp("2026-07-01"))
    publisher = (
        hm.load("sources").set_index("source_id").loc["hashrate-index-github-com", "publisher"]
    )
    month = pd.Timestamp("2026-07-01")
    wanted = pd.DataFrame(
        {
            "start": [month],
            "end": [month],
            "share_pct": [3.0],
            "kind": ["Estimate of a vendor of mining data"],
            "used": [True],
            "publisher": [publisher],
        }
    )
    pd.testing.assert_frame_equal(table, wanted, check_dtype=False)
