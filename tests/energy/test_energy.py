"""Power, mixes and emissions: units by hand, identities, and missing rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hashrate_migration as hm
from hashrate_migration import energy
from hashrate_migration.chapters import energy as energy_story
from hashrate_migration.energy import carbon, counterfactual, demand, electricity
from hashrate_migration.errors import InputError

ALL = demand.months()


@pytest.fixture(scope="module")
def by_region():
    return energy.emissions()


@pytest.fixture(scope="module")
def monthly():
    return energy.network_emissions(draws=100)


class TestPower:
    def test_units_by_hand(self):
        # China in May 2020: share of the map times best guess; 744 hours.
        share = hm.shares("2020-05", "2020-05")
        part = share["CHN"].item() / share.sum(axis=1).item()
        gw = hm.load("network_power").set_index("month")["power_best_gw"]["2020-05-01"]
        rows = energy.power("2020-05", "2020-05").set_index("region")
        assert rows.loc["CHN", "power_gw"] == pytest.approx(part * gw)
        assert rows.loc["CHN", "energy_twh"] == pytest.approx(part * gw * 744 / 1000)

    def test_regions_add_up_to_the_network(self, by_region):
        network = energy.network_power()
        sums = by_region.groupby("month")[["power_gw", "energy_twh"]].sum()
        assert sums["power_gw"].to_numpy() == pytest.approx(network["power_best_gw"].to_numpy())
        assert sums["energy_twh"].to_numpy() == pytest.approx(network["best_twh"].to_numpy())

    def test_bounds_enclose(self, by_region):
        assert (by_region["low_gw"] <= by_region["power_gw"]).all()
        assert (by_region["power_gw"] <= by_region["high_gw"]).all()

    def test_machines_come_to_the_model_of_their_own_source(self):
        table = energy.machine_power()
        assert table["ratio"].between(0.9, 1.1).all()
        row = table.iloc[0]
        # EH/s times J/TH are MW.
        megawatts = row["hashrate_ehs"] * row["efficiency_j_per_th"] * energy.OVERHEAD
        assert row["machine_gw"] == pytest.approx(megawatts / 1000)

    def test_china_in_2020_is_near_43_twh(self, by_region):
        china = by_region[(by_region["region"] == "CHN") & (by_region["month"].dt.year == 2020)]
        assert china["energy_twh"].sum() == pytest.approx(43.4, abs=0.5)

    def test_shares_are_the_maps_then_the_panels(self, by_region):
        last = by_region[by_region["source"] == "map"]["month"].max()
        assert last == pd.Timestamp("2022-01-01")
        assert by_region[by_region["source"] == "panel"]["month"].min() == pd.Timestamp(
            "2022-02-01"
        )
        assert by_region.groupby("month")["share_pct"].sum().to_numpy() == pytest.approx(100)

    @pytest.mark.parametrize(
        ("window", "message"), [(("2019-01", None), "outside"), (("2021-01", "2020-01"), "swap")]
    )
    def test_windows_outside_are_refused(self, window, message):
        with pytest.raises(InputError, match=message):
            energy.power(*window)


class TestMixes:
    @settings(max_examples=30, deadline=None)
    @given(
        st.integers(0, len(ALL) - 1), st.sampled_from(["CHN", "USA", "KAZ", "ARE", "IRL", "OTH"])
    )
    def test_parts_add_to_one_in_every_month_and_region(self, number, code):
        parts = electricity.mixes(ALL[[number]], [code])[list(electricity.FUELS)]
        assert parts.sum(axis=1).item() == pytest.approx(1)
        assert (parts.to_numpy() >= 0).all()

    def test_shown_sources_add_to_one(self, by_region):
        sums = by_region[list(energy.SOURCES)].sum(axis=1)
        assert sums.to_numpy() == pytest.approx(1)

    def test_the_basis_is_said(self, by_region):
        basis = by_region.set_index(["region", "month"])["basis"]
        assert basis["CHN", pd.Timestamp("2021-06-01")] == "provinces"
        assert basis["CHN", pd.Timestamp("2021-07-01")] == "national mix"
        assert basis["IRL", pd.Timestamp("2020-01-01")] == "world mix"
        assert basis["OTH", pd.Timestamp("2020-01-01")] == "world mix"
        assert basis["KAZ", pd.Timestamp("2020-01-01")] == "national mix"
        # The grid table has no row for the Emirates in 2025.
        assert basis["ARE", pd.Timestamp("2025-01-01")] == "national mix of 2024"

    def test_china_is_its_provinces_weighted(self):
        month = pd.Timestamp("2020-08-01")
        table = hm.load("china_provinces")
        here = table[table["month"] == month].set_index("region")["share_of_china_pct"]
        generation = hm.load("china_generation")
        generation = generation[generation["year"] == 2020]
        hydro = generation[generation["fuel"] == "hydro"].set_index("region")["generation_twh"]
        part = hydro / generation.groupby("region")["generation_twh"].sum()
        part["CN-OTH"] = electricity.country_mix("CHN", 2020)[0]["hydro"]
        expected = (part[here.index] * here).sum() / here.sum()
        assert energy.mixes_shown(pd.DatetimeIndex([month]), "CHN")[
            "hydro"
        ].item() == pytest.approx(expected)

    def test_the_wet_season_is_wetter(self):
        mix = energy.mixes_shown(pd.DatetimeIndex(["2020-02-01", "2020-08-01"]), "CHN")
        assert mix["hydro"].iloc[1] > 2 * mix["hydro"].iloc[0]
        assert mix["coal"].iloc[1] < mix["coal"].iloc[0]

    def test_no_province_is_counted_twice(self):
        table = hm.load("china_generation")
        assert not table.duplicated(["region", "year", "source"]).any()
        # Generation of Beijing in 2020 as the statistics print it.
        assert table[(table["region"] == "CN-BJ") & (table["year"] == 2020)][
            "generation_twh"
        ].sum() == pytest.approx(44.1, rel=0.02)

    def test_a_year_without_a_grid_row_is_an_error(self):
        with pytest.raises(
            InputError, match=r"no electricity mix for USA in 2017 \(years at hand: 2018 to"
        ):
            electricity.country_mix("USA", 2017)
        with pytest.raises(InputError, match="no electricity mix for XXX"):
            electricity.country_mix("XXX", 2020)

    def test_a_grid_stands_in_for_one_year_only(self):
        assert electricity.country_mix("USA", 2026)[1] == "national mix of 2025"
        with pytest.raises(InputError, match="no electricity mix for USA in 2027"):
            electricity.country_mix("USA", 2027)

    def test_a_province_without_a_mix_is_an_error(self, data_copy):
        path = data_copy / "china_generation.csv"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(x for x in lines if not x.startswith("CN-XJ,2020")) + "\n")
        with pytest.raises(InputError, match=r"no mix for CN-XJ \(Xinjiang\) in 2020"):
            energy.emissions("2020-05", "2020-05")

    def test_states_without_rows_are_an_error(self):
        assert electricity.us_by_states(2021).sum() == pytest.approx(1)
        with pytest.raises(InputError, match="no rows for US-"):
            electricity.us_by_states(2018)

    @pytest.mark.parametrize(
        ("column", "value", "message"),
        [("coal_pct", "99", "add up to"), ("bioenergy_pct", "99", "above other_pct")],
    )
    def test_a_grid_that_does_not_add_up_is_refused(self, edit, column, value, message):
        row = hm.load("grid_by_country").query("country == 'NOR' and year == 2020").index[0]
        edit("grid_by_country", row, column, value)
        with pytest.raises(InputError, match=rf"row {row + 2} \(NOR 2020\).*{message}"):
            hm.load("grid_by_country")


class TestEmissions:
    def test_units_by_hand(self):
        rows = energy.emissions("2020-05", "2020-05").set_index("region")
        kaz = rows.loc["KAZ"]
        assert kaz["emissions_mt"] == pytest.approx(
            kaz["energy_twh"] * kaz["intensity_g_per_kwh"] / 1000
        )
        # Kazakhstan's grid of 2020, source by source.
        parts, _ = electricity.country_mix("KAZ", 2020)
        assert kaz["intensity_g_per_kwh"] == pytest.approx((parts * carbon.factors_of()).sum())

    def test_regions_add_up_to_the_network(self, by_region, monthly):
        sums = by_region.groupby("month")["emissions_mt"].sum()
        assert sums.to_numpy() == pytest.approx(monthly["emissions_mt"].to_numpy())
        mean = monthly["energy_twh"] * monthly["intensity_g_per_kwh"] / 1000
        assert mean.to_numpy() == pytest.approx(monthly["emissions_mt"].to_numpy())

    def test_ranges_enclose(self, monthly):
        for middle, low, high in (
            ("intensity_g_per_kwh", "intensity_low", "intensity_high"),
            ("emissions_mt", "low_mt", "high_mt"),
        ):
            assert (monthly[low] <= monthly[middle] + 1e-9).all()
            assert (monthly[middle] <= monthly[high] + 1e-9).all()

    def test_after_the_map_the_band_of_shares_is_carried_through(self, monthly):
        width = (monthly["intensity_high"] - monthly["intensity_low"]) / monthly[
            "intensity_g_per_kwh"
        ]
        assert width["2023-06-01"] > width["2022-01-01"]

    @pytest.mark.parametrize("factors", carbon.LIFE_CYCLE)
    def test_an_own_intensity_lies_near_embers(self, factors):
        # Ember counts life cycles too, with factors of its own.
        rows = energy.emissions("2021-01", "2021-01", factors=factors).set_index("region")
        grid = hm.load("grid_by_country").set_index(["country", "year"])["intensity_g_per_kwh"]
        for code in ("KAZ", "USA", "CAN", "RUS"):
            assert rows.loc[code, "intensity_g_per_kwh"] == pytest.approx(
                grid[code, 2021], rel=0.25
            )

    def test_direct_emissions_are_lower_than_life_cycles(self):
        table = energy_story.yearly_by_factors()
        assert (table["direct"] < table["ipcc-2014"]).all()

    def test_unknown_and_incomplete_sets_are_refused(self, data_copy):
        with pytest.raises(
            InputError, match="factors = 'mine' is unknown; choose one of ipcc-2011"
        ):
            energy.emissions(factors="mine")
        path = data_copy / "emission_factors.csv"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(x for x in lines if not x.startswith("ipcc-2014,oil")) + "\n")
        with pytest.raises(InputError, match=r"ipcc-2014 has no factor for oil"):
            energy.emissions("2020-05", "2020-05")

    def test_years(self, monthly):
        years = energy.yearly(monthly)
        assert years.loc[2020, "months"] == 12
        assert years.loc[2020, "energy_twh"] == pytest.approx(67.0, abs=0.3)
        ratio = 1000 * years["emissions_mt"] / years["energy_twh"]
        assert years["intensity_g_per_kwh"].to_numpy() == pytest.approx(ratio.to_numpy())


class TestWithoutTheBan:
    def test_the_pattern_adds_to_one_with_seasons(self):
        for baseline in counterfactual.BASELINES:
            table = counterfactual.pattern(baseline)
            assert table.sum(axis=1).to_numpy() == pytest.approx(1)
            assert list(table.index) == list(range(1, 13))
            assert table.loc[8, "CN-SC"] > 2 * table.loc[2, "CN-SC"]

    def test_before_the_ban_the_pattern_is_what_was(self):
        # One calendar month seen once in the last twelve: the pattern is that month itself.
        table = counterfactual.pattern("last_year").loc[9]
        share = hm.shares("2020-09", "2020-09").iloc[0]
        assert table["KAZ"] == pytest.approx(share["KAZ"] / share.sum())

    def test_the_difference_is_that_of_intensities(self):
        table = energy.no_ban()
        twh = energy.network_power("2021-06", "2022-01")["best_twh"]
        gap = table["intensity_g_per_kwh"] - table["without_ban_g_per_kwh"]
        assert table["difference_mt"].to_numpy() == pytest.approx((twh * gap / 1000).to_numpy())

    def test_dirtier_arrivals_emit_more(self):
        assert (
            energy.no_ban(marginal=True)["emissions_mt"] >= energy.no_ban()["emissions_mt"]
        ).all()

    def test_hydro_countries_keep_their_mean_at_the_margin(self):
        span = pd.DatetimeIndex(["2021-12-01"], name="month")
        table = counterfactual._marginal(span, ["KAZ", "PRY", "USA"], "ipcc-2011")
        assert table["KAZ"].item() == 1001
        assert table["USA"].item() == 469
        assert table["PRY"].item() < 30

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"baseline": "ever"}, "baseline = 'ever'"),
            ({"shares": "guess"}, "shares = 'guess'"),
            ({"factors": "mine"}, "factors = 'mine'"),
        ],
    )
    def test_bad_choices_are_refused(self, arguments, message):
        with pytest.raises(InputError, match=message):
            energy.no_ban(**arguments)


class TestSeasons:
    def test_provinces_add_up_to_china(self):
        rows = energy.province_power()
        china = hm.stocks()["CHN"]
        sums = rows.groupby("month")["hashrate_ehs"].sum()
        assert sums.to_numpy() == pytest.approx(china[sums.index].to_numpy())

    def test_what_one_province_loses_others_gain(self):
        table = energy.rotation()
        assert table["swing_points"].sum() == pytest.approx(0, abs=1e-9)
        assert table.index[0] == "CN-SC"
        assert table.index[-1] == "CN-XJ"

    def test_the_cycle_finds_the_wet_season(self):
        table = energy.annual_cycle("CN-SC")
        assert table["cycle"].loc["2020-08-01"] > 0.5
        assert table["cycle"].loc["2020-02-01"] < -0.5
        assert energy.annual_cycle("CN-XJ")["cycle"].loc["2020-08-01"] < 0
        # The last two months are a forecast with a band.
        assert table["low"].notna().sum() == 2

    def test_an_unknown_province_is_refused(self):
        with pytest.raises(InputError, match="'CN-HK' is unknown"):
            energy.annual_cycle("CN-HK")


class TestStory:
    def test_a_country_by_year(self):
        table = energy_story.country_years("KAZ")
        rows = energy.emissions()
        own = rows[(rows["region"] == "KAZ") & (rows["month"].dt.year == 2021)]
        assert table.loc[2021, "energy_twh"] == pytest.approx(own["energy_twh"].sum())
        grid = hm.load("grid_by_country").set_index(["country", "year"])["generation_twh"]
        part = 100 * own["energy_twh"].sum() / grid["KAZ", 2021]
        assert table.loc[2021, "of generation_pct"] == pytest.approx(part)
        assert np.isnan(table.loc[2019, "of generation_pct"])

    def test_the_network_stands_beside_cambridges_years(self):
        table = energy_story.beside_others().set_index(["what", "period"])
        ours = float(table.loc[("the network", "2022"), "ours"].split(" ")[0])
        assert ours == pytest.approx(95.6, abs=0.3)

    def test_every_variant_of_the_counterfactual_is_listed(self):
        assert len(energy_story.ban_variants()) == 16

    @pytest.mark.parametrize("code", ["CHN", "ARE", "IRL", "NOR"])
    def test_sentences_name_the_country(self, code):
        assert hm.regions.in_text(code) in energy_story.country_sentences(code)
