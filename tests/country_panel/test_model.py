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


LAST = hm.network_hashrate().index[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"start": "2012-12"},
            f"start = 2012-12 is outside the panel, which runs from 2013-01 to {LAST:%Y-%m}.",
        ),
        (
            {"start": "2024-01", "end": "2023-01"},
            "start = 2024-01 is after end = 2023-01; swap them.",
        ),
        (
            {"regions": ["ATL"]},
            "Region 'ATL' is not in the panel; it has: "
            f"{', '.join([*estimates.countries(), 'OTH'])}.",
        ),
        ({"regions": ["USA", "KAZ", "USA"]}, "Region 'USA' is asked for twice; name it once."),
        ({"regions": "USA"}, "regions = 'USA' is not a list of names; give one or more."),
        ({"draws": 99}, "draws = 99 is not a whole number from 100 to 20000."),
        ({"draws": 20_001}, "draws = 20001 is not a whole number from 100 to 20000."),
        ({"seed": -1}, "seed = -1 is not a whole number of 0 or more."),
        ({"table": 5}, "table = 5 is not a table of estimates; give one."),
        ({"dynamics": 0.2}, "dynamics = 0.2 is not a Dynamics(…); give one."),
        (
            {"dynamics": country_panel.Dynamics(break_start="2022-01")},
            "break_start = 2022-01 is after break_end = 2021-09; swap them.",
        ),
        *(
            (
                {"dynamics": country_panel.Dynamics(**{name: value})},
                f"{name} = {value!r} is not a number above 0, up to 5.",
            )
            for name, value in [("walk_sd", 0.0), ("break_sd", 5.001), ("walk_sd", True)]
        ),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    calls = [hm.panel]
    if not {"start", "regions"} & set(arguments):
        calls.append(country_panel.paths)
    for call in calls:
        with pytest.raises(InputError) as caught:
            call(**arguments)
        assert str(caught.value) == message


def test_steps_may_be_as_wide_as_five():
    country_panel.Dynamics(walk_sd=5, break_sd=1e-9).check()


def test_months_go_from_2013_to_the_last_of_the_network():
    months = country_panel.months()
    assert months.name == "month"
    assert (months[0], months[-1]) == (pd.Timestamp("2013-01-01"), LAST)
    assert months.freqstr == "MS"
    assert months.dtype == hm.load("mining_map")["month"].dtype


def test_every_number_of_the_panel_is_one_of_its_paths():
    """Quantiles of the draws, the centre of the path, and the network's hashrate times each."""
    table = hm.panel(draws=200, seed=4)
    assert table.columns.tolist() == [
        *("month", "region", "share_pct", "low", "high"),
        *("hashrate_ehs", "low_ehs", "high_ehs", "basis"),
    ]
    assert table.index.tolist() == list(range(len(table)))
    paths = country_panel.paths(200, 4)
    codes = [*estimates.countries(), "OTH"]
    assert paths.columns.tolist() == codes
    assert paths.index.names == ["draw", "month"]
    assert paths.index.equals(
        pd.MultiIndex.from_product([range(200), country_panel.months()], names=["draw", "month"])
    )
    order = [(month, code) for month in country_panel.months() for code in codes]
    assert list(zip(table["month"], table["region"], strict=True)) == order
    cube = paths.to_numpy().reshape(200, -1)
    assert table["low"].to_numpy() == pytest.approx(np.quantile(cube, 0.05, axis=0))
    assert table["high"].to_numpy() == pytest.approx(np.quantile(cube, 0.95, axis=0))
    shares = country_panel.fit().shares()
    assert table["share_pct"].to_numpy() == pytest.approx(100 * shares.ravel())
    network = hm.network_hashrate("2013-01").to_numpy().repeat(len(codes))
    for share, stock in (("share_pct", "hashrate_ehs"), ("low", "low_ehs"), ("high", "high_ehs")):
        assert table[stock].to_numpy() == pytest.approx(table[share].to_numpy() / 100 * network)
    # The seed matters.
    assert (hm.panel(draws=200, seed=5)["low"] != table["low"]).any()


@pytest.fixture(scope="module")
def few():
    """A handful of estimates under calmer steps; the arguments with which it was made."""

    def row(name, first, last, kind="expert", **values):
        template = (
            hm.load("share_estimates")
            .iloc[[0]]
            .assign(
                estimate_id=name,
                region=None,
                start_month=pd.Timestamp(first),
                end_month=pd.Timestamp(last),
                kind=kind,
                share_pct=2.0,
                repeats=None,
            )
        )
        return template.assign(**values)

    table = pd.concat(
        [
            row("a", "2014-02-01", "2014-04-01", members="KEN"),
            row("b", "2015-06-01", "2015-08-01", kind="pool_home", members="KEN"),
            row("c", "2016-01-01", "2016-01-01", members="CHN+BRA"),
            row("d", "2017-01-01", "2017-01-01", members="OTH"),
        ],
        ignore_index=True,
    )
    kinds = pd.DataFrame({"kind": ["expert"], "error_sd": [0.2]})
    return {"table": table, "kinds": kinds, "dynamics": country_panel.Dynamics(0.15, 0.7)}


def test_the_basis_by_hand(few):
    """Months of a figure, months between figures, and all others, country by country."""
    table = hm.panel(draws=100, **few)
    basis = table.pivot(index="month", columns="region", values="basis")
    wanted = pd.Series("extrapolated", index=basis.index)
    wanted["2014-02":"2015-08"] = "interpolated"
    wanted["2014-02":"2014-04"] = "measured"
    # What a home of pools is for lies between estimates, but nothing was located there.
    assert basis["KEN"].tolist() == wanted.tolist()
    # A sum over two countries says where neither of them is.
    assert (basis["BRA"] == "extrapolated").all()
    on_map = hm.load("mining_map")
    for code in ("CHN", "DEU", "OTH"):
        seen = on_map.loc[(on_map["region"] == code) & (on_map["share_pct"] > 0), "month"]
        wanted = pd.Series("extrapolated", index=basis.index)
        wanted[seen.min() : seen.max()] = "interpolated"
        wanted[seen] = "measured"
        assert basis[code].tolist() == wanted.tolist()


def test_table_kinds_and_steps_reach_the_smoother(few):
    rows = estimates.observations(few["table"], few["kinds"])
    codes = [*estimates.countries(), "OTH"]
    breaks = pd.date_range("2021-06", "2021-09", freq="MS")
    path = state_space.smooth(rows, codes, country_panel.months(), 0.15, 0.7, breaks)
    fitted = country_panel.fit(few["table"], few["kinds"], few["dynamics"])
    assert fitted.log_ratios == pytest.approx(path.log_ratios, abs=1e-9)
    table = hm.panel("2014-02", "2014-02", ["KEN"], draws=100, seed=1, **few)
    drawn = 100 * path.draw(100, 1)[:, 13, codes.index("KEN")]
    assert table[["low", "high"]].iloc[0].tolist() == pytest.approx(
        np.quantile(drawn, [0.05, 0.95]).tolist()
    )
    paths = country_panel.paths(100, 1, **few)
    assert paths["KEN"].xs("2014-02-01", level="month").to_numpy() == pytest.approx(drawn)


def test_the_largest_changes_come_first():
    month = pd.to_datetime(["2020-01-01", "2020-02-01"])
    regions = ["CHN", "KAZ", "USA", "IRN"]
    before = pd.DataFrame(
        {
            "month": month.repeat(4),
            "region": regions * 2,
            "share_pct": [50.0, 10.0, 30.0, 10.0, 50.0, 20.0, 20.0, 10.0],
            "low": 0.0,
        }
    )
    after = before.assign(share_pct=[50.0, 11.0, 31.0, 10.0, 48.0, 16.0, 26.0, 10.0])
    table = country_panel.compare(before, after)
    wanted = pd.DataFrame(
        {
            "month": month[[1, 1, 1, 0]],
            "before_pct": [20.0, 20.0, 50.0, 10.0],
            "after_pct": [26.0, 16.0, 48.0, 10.0],
            "change": [6.0, -4.0, -2.0, 0.0],
        },
        index=pd.Index(["USA", "KAZ", "CHN", "IRN"], name="region"),
    )
    pd.testing.assert_frame_equal(table, wanted)
    # Regions in another order are matched by month and name.
    mixed = country_panel.compare(before, after.iloc[::-1])
    pd.testing.assert_frame_equal(mixed, wanted)
    # As much a change: in the order of their codes.
    codes = [f"{letter}AA" for letter in "QWERTYUIOPASDFGHJKLZXCVBNM"]
    flat = pd.DataFrame({"month": month[0], "region": codes, "share_pct": 3.0})
    moved = flat.assign(share_pct=[1.0, 4.0, 5.0, 2.0] * 6 + [1.0, 4.0])
    assert country_panel.compare(flat, moved).index.tolist() == (
        sorted(codes[::2]) + sorted(codes[1::2])
    )


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


def test_paths_are_those_of_the_bands():
    """By default too: as many draws, of the same seed."""
    month = pd.Timestamp("2024-06-01")
    row = hm.panel(month, month, ["USA"]).iloc[0]
    paths = country_panel.paths()
    assert len(paths) == 1000 * len(country_panel.months())
    assert paths.sum(axis=1).to_numpy() == pytest.approx(100)
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
