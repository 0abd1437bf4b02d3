"""The panel as users see it."""

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import country_panel
from hashrate_migration.country_panel import bands, estimates, kept, model, posterior
from hashrate_migration.errors import InputError
from hashrate_migration.tables import read


@pytest.fixture(scope="module")
def panel():
    return hm.panel()


def test_it_covers_every_month_and_country(panel):
    span = pd.date_range("2013-01-01", hm.network_hashrate().index[-1], freq="MS")
    assert sorted(panel["month"].unique()) == list(span)
    assert set(panel["region"]) == {*estimates.countries(), "OTH"}
    assert panel["region"].iloc[: panel["region"].nunique()].tolist() == country_panel.codes()
    assert len(panel) == len(span) * panel["region"].nunique()
    assert {"ARE", "OMN", "PRY", "ETH", "NOR", *hm.regions.mapped_regions()} <= set(panel["region"])


def test_medians_lie_within_their_bands(panel):
    assert ((panel["low"] <= panel["share_pct"]) & (panel["share_pct"] <= panel["high"])).all()
    network = panel["month"].map(hm.network_hashrate("2013-01")) / 100
    for share, stock in (("share_pct", "hashrate_ehs"), ("low", "low_ehs"), ("high", "high_ehs")):
        # Seven digits are kept.
        assert panel[stock].to_numpy() == pytest.approx((panel[share] * network).array, rel=2e-6)


def test_means_add_up_where_medians_need_not(panel):
    means = country_panel.means()
    assert means.sum(axis=1).to_numpy() == pytest.approx(100)
    paths = country_panel.paths()
    wanted = paths.xs("2024-06-01", level="month").mean()
    assert means.loc["2024-06-01"].to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-6)
    assert means.columns.tolist() == country_panel.codes()
    # In the years of which little is known a distribution leans, and its median is not its mean.
    assert (panel.groupby("month")["share_pct"].sum().sub(100).abs() > 0.01).any()


def test_it_follows_the_mining_map_where_there_is_one(panel):
    wide = panel.pivot(index="month", columns="region", values="share_pct")
    mapped = hm.shares().loc["2021-10":, ["CHN", "USA", "KAZ", "RUS"]]
    off = (np.log(wide.loc[mapped.index, mapped.columns] / mapped)).abs()
    # The map is a sample that may lean by a quarter.
    assert off.to_numpy().max() < 0.4


def test_ignorance_shows_before_2019(panel):
    china = panel[panel["region"] == "CHN"].set_index("month")
    width = china["high"] - china["low"]
    assert width["2013-06-01"] > 1.5 * width["2020-06-01"]


def test_the_basis_says_what_a_month_rests_on(panel):
    basis = panel.pivot(index="month", columns="region", values="basis")
    assert (basis.loc["2019-09":"2022-01", "KAZ"] == "measured").all()
    assert basis.loc["2026-07-01", "OMN"] == "measured"
    # The home of a pool is no measurement of a place.
    assert (basis.loc["2016", "CHN"] == "interpolated").all()


def test_a_window_and_regions_are_parts_of_the_whole(panel):
    part = hm.panel("2023-01", "2023-03", ["USA", "ARE"])
    assert part["region"].tolist() == ["USA", "ARE"] * 3
    assert part.index.tolist() == list(range(6))
    whole = panel.merge(part[["month", "region"]])
    pd.testing.assert_frame_equal(whole, part.reset_index(drop=True))
    turned = hm.panel("2023-01", "2023-03", ["ARE", "USA"])
    assert turned["region"].tolist() == ["ARE", "USA"] * 3


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
        ({"table": 5}, "table = 5 is not a table of estimates; give one."),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    calls = [hm.panel]
    if not {"start", "regions"} & set(arguments):
        calls += [country_panel.paths, country_panel.steps]
    for call in calls:
        with pytest.raises(InputError) as caught:
            call(**arguments)
        assert str(caught.value) == message


def test_months_go_from_2013_to_the_last_of_the_network():
    months = country_panel.months()
    assert months.name == "month"
    assert (months[0], months[-1]) == (pd.Timestamp("2013-01-01"), LAST)
    assert months.freqstr == "MS"
    assert months.dtype == hm.load("mining_map")["month"].dtype


def test_every_number_of_the_panel_is_one_of_its_draws(sampler):
    """Quantiles of the draws, and the network's hashrate times each."""
    own = hm.load("share_estimates")
    table = hm.panel(table=own)
    assert table.columns.tolist() == [
        *("month", "region", "share_pct", "low", "high"),
        *("hashrate_ehs", "low_ehs", "high_ehs", "basis"),
    ]
    assert table.index.tolist() == list(range(len(table)))
    drawn = sampler.gives
    paths, steps = country_panel.paths(table=own), country_panel.steps(table=own)
    assert paths.columns.tolist() == steps.columns.tolist() == drawn.codes
    assert paths.index.equals(
        pd.MultiIndex.from_product(
            [range(len(drawn.shares)), drawn.months], names=["draw", "month"]
        )
    )
    assert paths.sum(axis=1).to_numpy() == pytest.approx(100)
    assert paths.to_numpy().ravel() == pytest.approx(100 * drawn.shares.ravel())
    assert steps.to_numpy() == pytest.approx(drawn.steps)
    order = [(month, code) for month in drawn.months for code in drawn.codes]
    assert list(zip(table["month"], table["region"], strict=True)) == order
    ends = 100 * np.quantile(drawn.shares, [0.5, 0.05, 0.95], axis=0)
    network = hm.network_hashrate("2013-01").to_numpy().repeat(len(drawn.codes))
    for share, stock, wanted in zip(
        ("share_pct", "low", "high"), ("hashrate_ehs", "low_ehs", "high_ehs"), ends, strict=True
    ):
        assert table[share].to_numpy() == pytest.approx(wanted.ravel())
        assert table[stock].to_numpy() == pytest.approx(wanted.ravel() / 100 * network)


def estimate(name, first, last, members, reads="share", *, locates=True, source="somebody"):
    return {
        "estimate_id": name,
        "start_month": pd.Timestamp(first),
        "end_month": pd.Timestamp(last),
        "members": members,
        "reads": reads,
        "locates": locates,
        "source_id": source,
    }


def test_the_basis_by_hand():
    """Months of a figure, months between figures, and all others, country by country."""
    rows = pd.DataFrame(
        [
            estimate("a", "2014-02", "2014-04", "KEN"),
            # What a home of pools is for lies between estimates, but nothing was located there.
            estimate("b", "2015-06", "2015-08", "KEN", locates=False),
            # A sum over two countries says where neither of them is.
            estimate("c", "2016-01", "2016-01", "CHN+BRA"),
            # Floors, ceilings and empty samples read no share.
            estimate("d", "2014-01", "2014-01", "ETH", "floor"),
            estimate("e", "2014-03", "2014-03", "ETH"),
            estimate("f", "2014-06", "2014-06", "ETH", "ceiling"),
            estimate("g", "2014-09", "2014-09", "ETH", "none_seen"),
            # The rest is seen by the map alone.
            estimate("h", "2014-05", "2014-05", "OTH"),
            estimate("i", "2014-06", "2014-06", "KEN+OTH", source=estimates.MAP_SOURCE),
        ]
    )
    span = pd.date_range("2013-01-01", "2016-12-01", freq="MS")
    basis = bands.basis(rows, span, ["KEN", "CHN", "BRA", "ETH", "OTH"])
    wanted = pd.Series("extrapolated", index=span)
    wanted["2014-02":"2015-08"] = "interpolated"
    wanted["2014-02":"2014-04"] = "measured"
    assert basis["KEN"].tolist() == wanted.tolist()
    assert (basis[["CHN", "BRA"]] == "extrapolated").all(axis=None)
    for code, month in (("ETH", "2014-03-01"), ("OTH", "2014-06-01")):
        reached = basis.index[basis[code] != "extrapolated"]
        assert reached.tolist() == [pd.Timestamp(month)]
        assert basis.loc[month, code] == "measured"


def test_table_and_kinds_reach_the_sampler(sampler):
    rows = hm.load("share_estimates")
    fewer = rows[rows["region"] != "KEN"]
    kinds = pd.DataFrame({"kind": ["expert"], "error_sd": [0.9]})
    country_panel.fit(fewer, kinds, progress=True)
    (call,) = sampler.calls
    pd.testing.assert_frame_equal(call.rows, estimates.observations(fewer, kinds))
    assert call.months.equals(country_panel.months())
    assert call.codes == [*estimates.countries(), "OTH"]
    assert call.seed == kept.SEED
    assert call.progress is True


def test_the_packages_own_tables_are_never_fitted_to_be_read(sampler):
    hm.panel()
    country_panel.paths()
    country_panel.steps()
    assert not sampler.calls


def test_the_same_panel_is_fitted_once(sampler):
    rows = hm.load("share_estimates")
    fewer = rows[rows["region"] != "KEN"]
    once, again = country_panel.fit(fewer), country_panel.fit(fewer.copy(), progress=True)
    hm.panel(table=fewer)
    country_panel.paths(table=fewer)
    assert len(sampler.calls) == 1
    assert once is again


def test_other_estimates_kinds_or_tables_are_fitted_anew(sampler, edit):
    rows = hm.load("share_estimates")
    other = rows["share_pct"].mask(rows["estimate_id"] == "hashrate-index-2026-07-omn", 2.0)
    country_panel.fit(rows)
    country_panel.fit(rows.assign(share_pct=other))
    country_panel.fit(rows, pd.DataFrame({"kind": ["expert"], "error_sd": [0.9]}))
    edit("estimate_kinds", 0, "title", "other words")
    country_panel.fit(rows)
    assert len(sampler.calls) == 4


def test_without_the_sampler_the_sentence_names_the_extra(monkeypatch):
    def sample(*arguments, **options):
        raise ModuleNotFoundError("No module named 'numpyro'", name="numpyro")

    monkeypatch.setattr(posterior, "sample", sample)
    model._fit.cache_clear()
    with pytest.raises(InputError) as caught:
        country_panel.fit()
    assert str(caught.value) == (
        "To fit the panel numpyro is needed, which is not installed; "
        'run pip install "hashrate-migration[fit]".'
    )


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


def test_paths_are_those_of_the_bands(panel):
    month = pd.Timestamp("2024-06-01")
    row = hm.panel(month, month, ["USA"]).iloc[0]
    paths = country_panel.paths()
    assert len(paths) == kept.DRAWS * len(country_panel.months())
    assert paths.sum(axis=1).to_numpy() == pytest.approx(100)
    drawn = paths.xs(month, level="month")["USA"]
    assert drawn.quantile([0.05, 0.5, 0.95]).tolist() == pytest.approx(
        row[["low", "share_pct", "high"]].tolist(), rel=1e-5
    )


def test_the_band_is_as_wide_as_it_says():
    low, high = country_panel.BAND
    assert pytest.approx(100 * (high - low)) == country_panel.BAND_PCT


def test_a_table_read_from_a_file_of_kinds_is_taken(sampler, tmp_path):
    file = tmp_path / "kinds.csv"
    file.write_text((read.data_folder() / "estimate_kinds.csv").read_text(encoding="utf-8"))
    hm.panel("2024-01", "2024-01", kinds=str(file))
    hm.panel("2024-01", "2024-01", kinds=file)
    assert len(sampler.calls) == 1
