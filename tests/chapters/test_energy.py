"""Energy: tables against their identities, and titles for both signs."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import energy
from hashrate_migration.chapters import energy as chapter
from hashrate_migration.energy.seasons import WET_MONTHS


@pytest.fixture(scope="module")
def rows():
    return energy.emissions()


@pytest.fixture(scope="module")
def monthly():
    return energy.network_emissions()


@pytest.fixture(scope="module")
def variants():
    return chapter.ban_variants()


def test_only_years_with_all_their_months_are_whole(monthly):
    assert list(chapter.whole_years(energy.yearly(monthly)).index) == [2020, 2021, 2022, 2023, 2024]


def test_intensities_by_factors_are_those_of_the_years(monthly):
    table = chapter.yearly_by_factors()
    assert list(table) == ["ipcc-2011", "ipcc-2014", "direct"]
    assert set(table) == set(energy.factor_sets())
    years = energy.yearly(monthly)["intensity_g_per_kwh"]
    assert table["ipcc-2011"].to_numpy() == pytest.approx(years.to_numpy())


def test_widths_are_upper_over_lower(monthly):
    widths = chapter.widths(monthly)
    years = energy.yearly(monthly).loc[2020:2024]
    assert widths.power == pytest.approx((years["high_twh"] / years["low_twh"]).min())
    assert (monthly["intensity_high"] <= widths.intensity * monthly["intensity_low"] + 1e-9).all()


def test_countries_and_the_rest_add_up_to_the_network(rows, monthly):
    table = chapter.power_by_country(rows)
    assert list(table)[-1] == "OTH"
    assert len(list(table)) == chapter.COUNTRIES_SHOWN + 1
    assert table.sum(axis=1).to_numpy() == pytest.approx(monthly["power_gw"].to_numpy())
    leader = chapter.largest_now(rows)
    last = rows[(rows["month"] == rows["month"].max()) & (rows["region"] != "OTH")]
    assert leader["power_gw"] == last["power_gw"].max()


def test_sources_of_a_year_are_weighted_with_electricity(monthly):
    table = chapter.sources_by_year(monthly)
    assert table.sum(axis=1).to_numpy() == pytest.approx(100)
    year = monthly.loc["2020"]
    coal = (year["coal"] * year["energy_twh"]).sum() / year["energy_twh"].sum()
    assert table.loc[2020, "coal"] == pytest.approx(100 * coal)


def test_ends_of_seasons_are_on_the_map(monthly):
    table = chapter.ends_of_seasons(monthly)
    months = [f"{month:%Y-%m}" for month in table["month"]]
    assert months == ["2019-09", "2020-03", "2020-09", "2021-03", "2021-09", "2022-01"]
    assert table.filter(like="_pct").sum(axis=1).to_numpy() == pytest.approx(100)
    assert table["intensity_band"].iloc[1] == "599 (511–599)"


def test_american_states_even_out():
    us = chapter.us_by_place()
    assert us.loc["states", "intensity_g_per_kwh"] == pytest.approx(406, abs=1)
    assert us.loc["nation", "intensity_g_per_kwh"] == pytest.approx(408, abs=1)
    assert chapter.us_states_with_most("coal", 1) == ["US-KY"]
    assert chapter.us_states_with_most("hydro", 2) == ["US-WA", "US-NY"]


class TestClaimOnChina:
    def test_the_figure_is_the_claims(self, rows, monthly):
        claim = chapter.claim_on_china(rows, monthly)
        assert claim.claimed == hm.load("claims").set_index("claim_id").loc["c16", "value"]
        assert claim.year == 2020
        assert claim.china == pytest.approx(43.5, abs=0.05)
        assert claim.china < claim.china_high < claim.network_high < claim.claimed
        assert claim.peak == pd.Timestamp("2021-03-01")
        # A year has 8760 hours.
        assert claim.annualised == pytest.approx(8.76 * monthly.loc[claim.peak, "power_gw"])

    def test_another_claim_gives_another_figure(self, rows, monthly, data_copy, edit):
        claims = pd.read_csv(data_copy / "claims.csv")
        edit("claims", int(claims.query("claim_id == 'c16'").index[0]), "value", "44")
        assert chapter.claim_on_china(rows, monthly).claimed == 44


class TestBesideOthers:
    def test_the_network_stands_beside_cambridges_years(self):
        table = chapter.beside_others().set_index(["area", "period", "published"])
        ours = float(table.loc[("the whole network", "2022", "95.6"), "computed_here"].split()[0])
        assert ours == pytest.approx(95.6, abs=0.3)

    def test_years_that_are_not_covered_whole_are_left_out(self):
        table = chapter.beside_others()
        assert len(table) == len(hm.load("energy_estimates")) - 1
        assert "2019" not in set(table["period"])

    def test_figures_keep_their_decimals(self):
        assert {"67", "89.06", "25–91", "1,000–1,200"} <= set(chapter.beside_others()["published"])


class TestTheBan:
    def test_every_variant_is_listed(self, variants):
        assert len(variants) == 16
        assert not variants.duplicated(["arrivals", "shares_of", "pattern", "factors"]).any()
        gap = variants["emissions_mt"] - variants["without_ban_mt"]
        assert variants["difference_mt"].to_numpy() == pytest.approx(gap.to_numpy())

    def test_the_verdict_counts_signs(self, variants):
        said = chapter.verdict(variants)
        assert said.variants == 16
        assert said.raised == (variants["difference_mt"] > 0).sum()
        assert said.mean[0] < said.mean[1] < said.fossil[0]
        lifted = chapter.verdict(variants.assign(difference_mt=variants["difference_mt"].abs() + 1))
        assert lifted.raised == 16
        assert lifted.mean[0] > 0
        fewer = chapter.verdict(variants.assign(difference_mt=variants["difference_mt"] - 1))
        assert fewer.raised == (variants["difference_mt"] > 1).sum() < 16
        assert fewer.mean[0] < 0

    @pytest.mark.parametrize(
        ("gaps", "expected"),
        [
            ((10, 90, -20), "In July 2021 a kilowatt-hour of mining caused 90 grams more"),
            ((10, 90, -20), "in August 2021 20 less"),
            ((10, 90, 20), "and still 20 more in August 2021"),
            ((10, 20, 90), "In August 2021 a kilowatt-hour of mining caused 90 grams more"),
            (
                (10, -90, 20),
                "90 grams less than with the shares of before the ban, in August 2021 20",
            ),
            ((10, -90, -20), "and still 20 less in August 2021"),
            ((10, 20, -90), "In August 2021 a kilowatt-hour of mining caused 90 grams less"),
        ],
    )
    def test_the_title_says_what_the_picture_shows(self, gaps, expected):
        months = pd.DataFrame(
            {"intensity_g_per_kwh": [500.0 + gap for gap in gaps], "without_ban_g_per_kwh": 500.0},
            index=pd.date_range("2021-06-01", periods=3, freq="MS"),
        )
        assert expected in chapter.ban_title(months)

    def test_seasons_add_up(self):
        months = energy.no_ban()
        wet, dry = chapter.by_season(months)
        assert wet + dry == pytest.approx(months["difference_mt"].sum())
        assert wet == pytest.approx(
            months.loc[months.index.month.isin(WET_MONTHS), "difference_mt"].sum()
        )

    def test_the_longer_run(self):
        since = chapter.longer("ipcc-2011")
        assert since.year == 2024
        table = energy.no_ban(end="2024-12")
        assert since.difference == pytest.approx(table.loc["2024", "difference_mt"].sum())
        assert since.china_kept > since.china_now
        assert since.gained[0] == "USA"
        assert "OTH" not in since.gained

    def test_china_in_the_year_before(self):
        share = chapter.china_before()
        assert [f"{month:%Y-%m}" for month in share.index] == ["2020-05", "2021-05"]
        assert share.iloc[1] == hm.shares().loc["2021-05-01", "CHN"]


def test_the_caption_says_where_the_set_of_the_page_lies(monthly):
    ends = monthly.assign(intensity_g_per_kwh=monthly["intensity_high"])
    assert "highest of them" in chapter.seasons_caption(ends)
    ends = monthly.assign(intensity_g_per_kwh=monthly["intensity_low"])
    assert "lowest of them" in chapter.seasons_caption(ends)
    between = (monthly["intensity_low"] + monthly["intensity_high"]) / 2
    neither = chapter.seasons_caption(monthly.assign(intensity_g_per_kwh=between))
    assert "est of them" not in neither


def test_factors_have_one_name(variants):
    assert chapter.factors_name("ipcc-2011") == "life cycle, IPCC 2011"
    assert chapter.factors_name("ipcc-2011") in set(variants["factors"])
