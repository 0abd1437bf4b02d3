"""The score and the scenarios."""

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import country_panel
from hashrate_migration.charts import colours
from hashrate_migration.errors import InputError
from hashrate_migration.findings import outlook
from hashrate_migration.findings.outlook import Scenario


class TestScore:
    def test_one_weight_alone_ranks_by_that_component(self):
        table = outlook.score({"carbon": 1, "reliability": 0, "policy": 0})
        assert table["carbon"].is_monotonic_increasing
        assert table["score"].iloc[0] == pytest.approx(1)
        assert table["score"].iloc[-1] == pytest.approx(0)

    def test_only_proportions_of_weights_matter(self):
        one = outlook.score({"carbon": 1, "reliability": 2, "policy": 3})
        ten = outlook.score({"carbon": 10, "reliability": 20, "policy": 30})
        pd.testing.assert_frame_equal(one, ten)

    def test_components_are_counted_from_the_tables(self):
        table = outlook.components()
        events = hm.load("policy_events")
        own = events[(events["region"] == "KAZ") & (events["date"] >= "2021-01-01")]
        assert table.loc["KAZ", "reliability"] == own["kind"].isin(["grid", "weather"]).sum()
        assert table.loc["KAZ", "policy"] == own["kind"].isin(["policy", "enforcement"]).sum()
        assert table["kept"].between(0, 1).all()
        assert not set(hm.regions.proxies()) & set(table.index)

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            ({"luck": 1}, "'luck'"),
            ({"carbon": -1}, "-1 for carbon"),
            ({"carbon": float("nan")}, "nan for carbon"),
            ({"carbon": float("inf")}, "inf for carbon"),
            ({"carbon": 0, "reliability": 0, "policy": 0}, "all 0"),
        ],
    )
    def test_wrong_weights_are_refused(self, weights, message):
        with pytest.raises(InputError, match=message):
            outlook.score(weights)

    def test_ranks_under_all_weights(self):
        table = outlook.sensitivity(200)
        assert (table["low"] <= table["median"]).all()
        assert (table["median"] <= table["high"]).all()
        assert table["low"].min() >= 1
        assert table["high"].max() <= len(table)


class TestScenarios:
    def test_shares_begin_with_the_panels_paths_and_have_a_band(self):
        table = outlook.run(Scenario(), months=3, draws=200)
        paths = country_panel.paths(200, 0)
        last = paths.index.get_level_values("month").max()
        first = table[(table["month"] == last) & (table["region"] == "USA")].iloc[0]
        assert first["median"] == pytest.approx(paths.xs(last, level="month")["USA"].median())
        assert (table["low"] <= table["median"]).all()
        assert table["month"].nunique() == 4

    def test_without_steps_only_the_scenario_moves(self):
        calm = outlook.run(Scenario(), months=12, draws=100, walk_sd=0.0)
        wide = calm.pivot(index="month", columns="region", values="median")
        assert wide.iloc[0].to_numpy() == pytest.approx(wide.iloc[-1].to_numpy())
        ban = outlook.run(
            Scenario(second_ban_pct=80, shock_month=6), months=12, draws=100, walk_sd=0.0
        ).pivot(index="month", columns="region", values="median")
        assert ban["CHN"].iloc[5] == pytest.approx(wide["CHN"].iloc[5])
        # A fifth is left, of a network that has become smaller by what went.
        part = wide["CHN"].iloc[6] / 100
        assert ban["CHN"].iloc[6] / 100 == pytest.approx(0.2 * part / (1 - 0.8 * part), rel=0.05)
        assert ban["USA"].iloc[6] > wide["USA"].iloc[6]

    def test_a_power_crisis_ends(self):
        table = outlook.run(
            Scenario(power_crisis_pct=50, shock_month=2, crisis_months=3), 8, 100, walk_sd=0.0
        ).pivot(index="month", columns="region", values="median")["KAZ"]
        assert table.iloc[2:5].max() < 0.6 * table.iloc[0]
        assert table.iloc[5] == pytest.approx(table.iloc[0])

    def test_growth_goes_on_by_the_year(self):
        table = outlook.run(Scenario(gulf_africa_growth_pct=100), 12, 100, walk_sd=0.0).pivot(
            index="month", columns="region", values="median"
        )
        assert table["OMN"].iloc[12] > 1.7 * table["OMN"].iloc[0]

    @pytest.mark.parametrize(
        ("case", "months", "message"),
        [
            (Scenario(second_ban_pct=100), 12, "second_ban_pct = 100"),
            (Scenario(us_growth_pct=-100), 12, "us_growth_pct = -100"),
            (Scenario(us_growth_pct=float("nan")), 12, "us_growth_pct = nan is not a number"),
            (Scenario(gulf_africa_growth_pct=float("inf")), 12, "gulf_africa_growth_pct = inf"),
            (Scenario(second_ban_pct=float("nan")), 12, "second_ban_pct = nan"),
            (Scenario(), 0, "months = 0"),
            (Scenario(shock_month=0), 12, "shock_month"),
        ],
    )
    def test_impossible_scenarios_are_refused(self, case, months, message):
        with pytest.raises(InputError, match=message):
            outlook.run(case, months, 100)

    def test_all_scenarios_side_by_side(self):
        table = outlook.scenarios(months=12, draws=100)
        assert table["scenario"].unique().tolist() == list(outlook.SCENARIOS)
        assert set(outlook.CONCERNED) == set(outlook.SCENARIOS) - {outlook.AS_IT_GOES}

    def test_every_scenario_has_a_colour(self):
        assert list(colours.SCENARIOS) == list(outlook.SCENARIOS)

    def test_the_step_is_that_of_the_vendors_lists(self):
        assert 0.02 < outlook.recent_step() < country_panel.DEFAULT.walk_sd

    def test_most_recent_figures_come_from_vendors(self):
        rows = country_panel.published_figures(pd.Timestamp("2025-01-01"))
        used = rows[rows["enters"]]
        by_hand = 100 * (used["kind"] == "vendor").sum() / len(used)
        assert outlook.vendors_part() == pytest.approx(by_hand)
