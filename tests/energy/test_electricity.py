"""Mixes: parts that add to one, whose mix is taken, and rows that are missing."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hashrate_migration as hm
from hashrate_migration import energy
from hashrate_migration.energy import demand, electricity
from hashrate_migration.errors import InputError

ALL = demand.months()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(ALL) - 1), st.sampled_from(["CHN", "USA", "KAZ", "ARE", "IRL", "OTH"]))
def test_parts_add_to_one_in_every_month_and_region(number, code):
    parts = electricity.mixes(ALL[[number]], [code])[list(electricity.FUELS)]
    assert parts.sum(axis=1).item() == pytest.approx(1)
    assert (parts.to_numpy() >= 0).all()


def test_shown_sources_add_to_one(by_region):
    sums = by_region[list(energy.SOURCES)].sum(axis=1)
    assert sums.to_numpy() == pytest.approx(1)


def test_the_basis_is_said(by_region):
    basis = by_region.set_index(["region", "month"])["basis"]
    assert basis["CHN", pd.Timestamp("2021-06-01")] == "provinces"
    assert basis["CHN", pd.Timestamp("2021-07-01")] == "national mix"
    assert basis["IRL", pd.Timestamp("2020-01-01")] == "world mix"
    assert basis["OTH", pd.Timestamp("2020-01-01")] == "world mix"
    assert basis["KAZ", pd.Timestamp("2020-01-01")] == "national mix"
    # The grid table has no row for the Emirates in 2025.
    assert basis["ARE", pd.Timestamp("2025-01-01")] == "national mix of 2024"


def test_china_is_its_provinces_weighted():
    month = pd.Timestamp("2020-08-01")
    table = hm.load("china_provinces")
    here = table[table["month"] == month].set_index("region")["share_of_china_pct"]
    generation = hm.load("china_generation")
    generation = generation[generation["year"] == 2020]
    hydro = generation[generation["fuel"] == "hydro"].set_index("region")["generation_twh"]
    part = hydro / generation.groupby("region")["generation_twh"].sum()
    part["CN-OTH"] = electricity.country_mix("CHN", 2020)[0]["hydro"]
    expected = (part[here.index] * here).sum() / here.sum()
    assert energy.mixes_shown(pd.DatetimeIndex([month]), "CHN")["hydro"].item() == pytest.approx(
        expected
    )


def test_the_wet_season_is_wetter():
    mix = energy.mixes_shown(pd.DatetimeIndex(["2020-02-01", "2020-08-01"]), "CHN")
    assert mix["hydro"].iloc[1] > 2 * mix["hydro"].iloc[0]
    assert mix["coal"].iloc[1] < mix["coal"].iloc[0]


def test_no_province_is_counted_twice():
    table = hm.load("china_generation")
    assert not table.duplicated(["region", "year", "source"]).any()
    # Generation of Beijing in 2020 as the statistics print it.
    assert table[(table["region"] == "CN-BJ") & (table["year"] == 2020)][
        "generation_twh"
    ].sum() == pytest.approx(44.1, rel=0.02)


def test_a_year_without_a_grid_row_is_an_error():
    with pytest.raises(
        InputError, match=r"no electricity mix for USA in 2017 \(years at hand: 2018 to"
    ):
        electricity.country_mix("USA", 2017)
    with pytest.raises(InputError, match="no electricity mix for XXX"):
        electricity.country_mix("XXX", 2020)


def test_a_grid_stands_in_for_one_year_only():
    assert electricity.country_mix("USA", 2026)[1] == "national mix of 2025"
    with pytest.raises(InputError, match="no electricity mix for USA in 2027"):
        electricity.country_mix("USA", 2027)


def test_a_province_without_a_mix_is_an_error(data_copy):
    path = data_copy / "china_generation.csv"
    lines = path.read_text().splitlines()
    # All years of the province: a single year that is missing is found when the table is read.
    path.write_text("\n".join(x for x in lines if not x.startswith("CN-XJ,")) + "\n")
    with pytest.raises(InputError, match=r"no mix for CN-XJ \(Xinjiang\) in 2020"):
        energy.emissions("2020-05", "2020-05")


def test_states_without_rows_are_an_error():
    assert electricity.us_by_states(2021).sum() == pytest.approx(1)
    with pytest.raises(InputError, match="no rows for US-"):
        electricity.us_by_states(2018)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [("coal_pct", "99", "add up to"), ("bioenergy_pct", "99", "above other_pct")],
)
def test_a_grid_that_does_not_add_up_is_refused(data_copy, edit, column, value, message):
    rows = pd.read_csv(data_copy / "grid_by_country.csv", keep_default_na=False)
    row = int(rows.query("country == 'NOR' and year == 2020").index[0])
    edit("grid_by_country", row, column, value)
    with pytest.raises(InputError, match=rf"row {row + 2} \(NOR 2020\).*{message}"):
        hm.load("grid_by_country")


def test_states_add_up_to_the_nation_of_miners():
    states = electricity.us_states(2021)
    assert states["weight"].sum() == pytest.approx(1)
    fuels = list(electricity.FUELS)
    assert states[fuels].sum(axis=1).to_numpy() == pytest.approx(1)
    weighted = (states[fuels].T * states["weight"]).sum(axis=1)
    assert electricity.us_by_states(2021).to_numpy() == pytest.approx(weighted.to_numpy())
    # States that the map adds up have the national mix.
    national, _basis = electricity.country_mix("USA", 2021)
    assert states.loc["US-OTH", "coal"] == pytest.approx(national["coal"])


def test_mixes_by_hand(small_world):
    usa = small_world.mixes.loc[(pd.Timestamp("2020-06-01"), "USA")]
    assert usa[list(electricity.FUELS)].tolist() == pytest.approx(
        # Other is 10 percent, of which bioenergy is 4.
        [0.2, 0.4, 0, 0.2, 0.05, 0.05, 0, 0.04, 0.06]
    )
    world = small_world.mixes.loc[(pd.Timestamp("2020-06-01"), "OTH")]
    assert world[list(electricity.FUELS)].tolist() == pytest.approx(
        # 500 TWh of China, 100 of Kazakhstan, 400 of the USA: (300 + 70 + 80) / 1000 and so on.
        [0.45, 0.18, 0, 0.13, 0.13, 0.07, 0, 0.016, 0.024]
    )
    shown = small_world.emissions["ipcc-2011"].loc["USA", list(electricity.SOURCES)]
    assert shown.tolist() == pytest.approx([0.2, 0.4, 0, 0.2, 0.05, 0.05, 0, 0.1])


def test_states_by_hand():
    states = electricity.us_states(2021)
    map_of_states = hm.load("us_states").set_index("region")["share_of_us_pct"]
    assert states["weight"].to_numpy() == pytest.approx(
        (map_of_states[states.index] / map_of_states.sum()).to_numpy()
    )
    rows = hm.load("us_generation").query("region == 'US-GA' and year == 2021")
    twh = rows.set_index(rows["fuel"].astype(str))["generation_twh"].clip(lower=0)
    for fuel, named in (("coal", "coal"), ("hydro", "hydro"), ("bioenergy", "other")):
        assert states.loc["US-GA", fuel] == pytest.approx(twh[named] / twh.sum())


class TestCarriedProvinces:
    def test_within_the_statistics_nothing_is_carried(self):
        known = electricity.province_mixes()
        for trend in electricity.TRENDS:
            found = electricity.carried_provinces(2020, trend)
            pd.testing.assert_frame_equal(found, known.xs(2020, level="year"))

    @pytest.mark.parametrize("trend", electricity.TRENDS)
    def test_parts_add_to_one(self, trend):
        found = electricity.carried_provinces(2024, trend)
        assert found.sum(axis=1).to_numpy() == pytest.approx(1)

    def test_by_the_nations_trend(self):
        found = electricity.carried_provinces(2024, "national")
        known = electricity.province_mixes().xs(2021, level="year")
        now, then = (electricity.country_mix("CHN", year)[0] for year in (2024, 2021))
        # Ratios of two fuels move as the nation's do.
        ratio = found.loc["CN-SC", "coal"] / found.loc["CN-SC", "hydro"]
        before = known.loc["CN-SC", "coal"] / known.loc["CN-SC", "hydro"]
        moved = (now["coal"] / then["coal"]) / (now["hydro"] / then["hydro"])
        assert ratio / before == pytest.approx(moved)

    def test_by_its_own(self):
        found = electricity.carried_provinces(2023, "own")
        known = electricity.province_mixes()
        first, last = known.loc[("CN-XJ", 2019)], known.loc[("CN-XJ", 2021)]
        # Two years more at the rate of the two years that are known.
        ratio = found.loc["CN-XJ", "wind"] / found.loc["CN-XJ", "coal"]
        grown = (last["wind"] / first["wind"]) / (last["coal"] / first["coal"])
        assert ratio == pytest.approx(last["wind"] / last["coal"] * grown)

    def test_another_trend_is_refused(self):
        with pytest.raises(InputError, match="trend = 'mine' is unknown; choose one of national"):
            electricity.carried_provinces(2024, "mine")


class TestSurvey:
    def test_with_cambridges_factors_it_is_the_reports_own_intensity(self):
        """Its emissions over its electricity: what the report does not print."""
        table = hm.load("energy_studies").set_index("figure_id")["value"]
        grams = 1000 * table["ccaf-report-2025-emissions-2024-01"] / 138
        found = electricity.survey_mix() @ energy.carbon.factors_of("cambridge")
        assert found == pytest.approx(grams, abs=0.5)

    def test_it_adds_to_one(self):
        mix = electricity.survey_mix()
        assert list(mix.index) == list(electricity.FUELS)
        assert mix.sum() == pytest.approx(1)
        # Renewables are 42.6 percent, of which hydro and wind 38.8.
        assert mix["solar"] == pytest.approx(0.038)

    def test_a_mix_that_does_not_add_up_is_named(self, edit, data_copy):
        rows = pd.read_csv(data_copy / "energy_studies.csv")
        row = int(rows.query("figure_id == 'ccaf-report-2025-share-coal-2024-01'").index[0])
        edit("energy_studies", row, "value", "18.9")
        with pytest.raises(InputError) as error:
            electricity.survey_mix()
        said = str(error.value)
        assert "energy_studies.csv, row" in said
        assert "does not add up (named sources 105.7, renewable 42.6, sustainable 52.4" in said

    def test_a_share_that_is_missing_is_named(self, data_copy):
        path = data_copy / "energy_studies.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith("ccaf-report-2025-share-wind")]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
        with pytest.raises(InputError, match="has no share_wind of the firms; its mix needs coal"):
            electricity.survey_mix()


def test_a_factor_without_a_source_is_refused(edit):
    edit("emission_factors", 3, "source_id", "")
    with pytest.raises(InputError, match=r"emission_factors.csv, row 5.*source_id"):
        hm.load("emission_factors")
