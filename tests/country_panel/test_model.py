"""The panel as users see it."""

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import chronology, country_panel
from hashrate_migration.country_panel import estimates, model, state_space
from hashrate_migration.errors import InputError
from hashrate_migration.tables import read


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
        ({"draws": 10}, "a whole number from 100 to"),
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
    row = country_panel.at(panel, "USA", month)
    assert paths.xs(month, level="month")["USA"].quantile(0.05) == pytest.approx(row["low"])


def test_the_break_runs_from_the_clearance_to_the_return():
    breaks = country_panel.DEFAULT.breaks()
    assert [breaks[0], breaks[-1]] == [chronology.AFTER, chronology.RETURN]
    assert len(breaks) == 4


def test_the_band_is_as_wide_as_it_says():
    low, high = country_panel.BAND
    assert pytest.approx(100 * (high - low)) == country_panel.BAND_PCT


@pytest.fixture
def counted(monkeypatch):
    """Calls of the smoother."""
    calls = []

    def smooth(*arguments, **options):
        calls.append(arguments)
        return state_space.smooth(*arguments, **options)

    monkeypatch.setattr(model, "smooth", smooth)
    return calls


def test_the_same_panel_is_fitted_once(panel, counted):
    country_panel.fit()
    assert not counted  # it was fitted for the fixture
    rows = hm.load("share_estimates")
    fewer = rows[rows["region"] != "KEN"]
    once, again = country_panel.fit(fewer), country_panel.fit(fewer.copy())
    assert len(counted) == 1
    assert once is again


def test_other_estimates_kinds_or_dynamics_are_fitted_anew(panel, counted, tmp_path):
    whole = country_panel.fit()
    rows = hm.load("share_estimates")
    other = rows["share_pct"].mask(rows["estimate_id"] == "hashrate-index-2026-07-omn", 2.0)
    fitted = [whole, country_panel.fit(rows.assign(share_pct=other))]
    file = tmp_path / "kinds.csv"
    text = (read.data_folder() / "estimate_kinds.csv").read_text()
    for scatter in ("0.13", "0.14"):
        # The same file with other content is another table of kinds.
        file.write_text(text.replace("0.12", scatter, 1))
        fitted.append(country_panel.fit(kinds=file))
    fitted.append(country_panel.fit(dynamics=country_panel.Dynamics(walk_sd=0.21)))
    assert len(counted) == 4
    assert len({path.log_ratios.tobytes() for path in fitted}) == 5


def test_a_changed_table_is_noticed(panel, edit):
    table = hm.load("mining_map")
    here = table["month"].eq("2021-12-01")
    before = country_panel.at(hm.panel(draws=100), "KAZ", "2021-12")["share_pct"]
    for code, step in (("KAZ", 2.0), ("OTH", -2.0)):
        row = table.index[here & table["region"].eq(code)][0]
        edit("mining_map", int(row), "share_pct", f"{table.loc[row, 'share_pct'] + step:.2f}")
    after = country_panel.at(hm.panel(draws=100), "KAZ", "2021-12")["share_pct"]
    assert after > before + 0.5
