"""The scenarios."""

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import country_panel
from hashrate_migration.charts import colours
from hashrate_migration.errors import InputError
from hashrate_migration.findings import outlook
from hashrate_migration.findings.outlook import Scenario


class TestScenarios:
    def test_shares_begin_with_the_panels_paths_and_have_a_band(self):
        table = outlook.run(Scenario(), months=3)
        paths = country_panel.paths()
        last = paths.index.get_level_values("month").max()
        first = table[(table["month"] == last) & (table["region"] == "USA")].iloc[0]
        assert first["median"] == pytest.approx(paths.xs(last, level="month")["USA"].median())
        assert (table["low"] <= table["median"]).all()
        assert table["month"].nunique() == 4

    def test_without_steps_only_the_scenario_moves(self):
        calm = outlook.run(Scenario(), months=12, walk_sd=0.0)
        wide = calm.pivot(index="month", columns="region", values="median")
        assert wide.iloc[0].to_numpy() == pytest.approx(wide.iloc[-1].to_numpy())
        ban = outlook.run(Scenario(second_ban_pct=80, shock_month=6), months=12, walk_sd=0.0).pivot(
            index="month", columns="region", values="median"
        )
        assert ban["CHN"].iloc[5] == pytest.approx(wide["CHN"].iloc[5])
        # A fifth is left, of a network that has become smaller by what went.
        part = wide["CHN"].iloc[6] / 100
        assert ban["CHN"].iloc[6] / 100 == pytest.approx(0.2 * part / (1 - 0.8 * part), rel=0.05)
        assert ban["USA"].iloc[6] > wide["USA"].iloc[6]

    def test_a_power_crisis_ends(self):
        table = outlook.run(
            Scenario(power_crisis_pct=50, shock_month=2, crisis_months=3), 8, walk_sd=0.0
        ).pivot(index="month", columns="region", values="median")["KAZ"]
        assert table.iloc[2:5].max() < 0.6 * table.iloc[0]
        assert table.iloc[5] == pytest.approx(table.iloc[0])

    def test_of_a_power_crisis_a_part_may_stay(self):
        crisis = Scenario(power_crisis_pct=60, shock_month=2, crisis_months=3, crisis_lost_pct=50)
        table = outlook.drawn(crisis, 8, walk_sd=0.0)["KAZ"].groupby("month").mean()
        # Of sixty parts that were off, thirty come back.
        assert table.iloc[5] / table.iloc[0] == pytest.approx(0.7, abs=0.01)
        assert table.iloc[8] == pytest.approx(table.iloc[5])

    def test_with_nothing_assumed_no_share_drifts(self):
        paths = outlook.drawn(Scenario(), months=24)
        start, end = (
            paths.xs(month, level="month") for month in (paths.index[0][1], paths.index[-1][1])
        )
        # Of small countries a few paths that go far up make the error of the mean no measure of it.
        large = start.columns[start.mean() >= 1]
        moved = (end - start)[large]
        # The mean of a thousand paths strays by its error: three of them, for a dozen countries.
        error = moved.std() / np.sqrt(len(moved))
        assert (moved.mean().abs() < 3 * error).all()
        medians = paths["USA"].groupby("month").median()
        assert medians.iloc[-1] == pytest.approx(medians.iloc[0], abs=1.0)

    def test_paths_go_on_from_the_panels_draws(self):
        paths = outlook.drawn(Scenario(second_ban_pct=50), months=2)
        known = country_panel.paths()
        last = known.index.get_level_values("month").max()
        first = paths.xs(last, level="month")
        np.testing.assert_allclose(first, known.xs(last, level="month"), rtol=1e-9)
        assert paths.sum(axis=1).to_numpy() == pytest.approx(100)
        run = outlook.run(Scenario(second_ban_pct=50), months=2).set_index(["month", "region"])
        end = paths.index.get_level_values("month").max()
        for name, part in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
            own = paths.xs(end, level="month")["CHN"].quantile(part)
            assert run.loc[(end, "CHN"), name] == pytest.approx(own)

    def test_a_power_crisis_is_not_as_it_goes(self):
        table = outlook.scenarios(months=24)
        end = table[table["month"] == table["month"].max()].set_index(["scenario", "region"])
        crisis = end.loc[(outlook.POWER_CRISIS, "KAZ"), "median"]
        assert crisis < 0.9 * end.loc[(outlook.AS_IT_GOES, "KAZ"), "median"]

    def test_what_was_left_of_kazakhstan_is_of_the_panels_draws(self):
        left = outlook.after_the_cut()
        own = country_panel.paths()["KAZ"].unstack("month")
        ratio = 100 * own[pd.Timestamp("2023-01-01")] / own[pd.Timestamp("2021-12-01")]
        assert left["median"] == pytest.approx(ratio.median())
        assert left["low"] < left["median"] < left["high"]

    def test_growth_goes_on_by_the_year(self):
        table = outlook.run(Scenario(gulf_africa_growth_pct=100), 12, walk_sd=0.0).pivot(
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
            (Scenario(), 2.5, "months = 2.5"),
            (Scenario(shock_month=2.5), 12, "shock_month"),
            (Scenario(crisis_months=0), 12, "crisis_months"),
            (Scenario(shock_month=0), 12, "shock_month"),
        ],
    )
    def test_impossible_scenarios_are_refused(self, case, months, message):
        with pytest.raises(InputError, match=message):
            outlook.run(case, months)

    @pytest.mark.parametrize(
        ("numbers", "message"),
        [
            ({"seed": -1}, "seed = -1"),
            ({"seed": 1.5}, "seed = 1.5"),
            ({"walk_sd": float("nan")}, "walk_sd = nan"),
            ({"walk_sd": -0.1}, "walk_sd = -0.1"),
        ],
    )
    def test_numbers_that_make_no_paths_are_refused(self, numbers, message):
        with pytest.raises(InputError, match=message):
            outlook.run(Scenario(), 3, **numbers)

    def test_every_scenario_has_a_colour(self):
        assert list(colours.SCENARIOS) == list(outlook.SCENARIOS)

    def test_steps_are_those_that_the_panel_found(self):
        table = outlook.recent_steps()
        steps = country_panel.steps()
        assert list(table) == ["low", "median", "high"]
        assert table.index.tolist() == list(steps)
        assert table.loc["KAZ"].tolist() == pytest.approx(
            steps["KAZ"].quantile([0.05, 0.5, 0.95]).tolist()
        )

    def test_each_country_moves_by_the_steps_of_its_draw(self, monkeypatch):
        paths = country_panel.paths()
        steps = pd.DataFrame(0.0, index=range(len(country_panel.steps())), columns=paths.columns)
        steps["KAZ"] = 0.3
        monkeypatch.setattr(country_panel, "steps", lambda: steps)
        table = outlook.run(Scenario(), months=4)
        wide = table.pivot(index="month", columns="region", values=["low", "median", "high"])
        width = np.log(wide["high"] / wide["low"])
        assert width["KAZ"].iloc[4] > width["KAZ"].iloc[0] + 0.5
        # What stands still moves by what the one country takes or gives alone.
        assert width["USA"].iloc[4] < width["USA"].iloc[0] + 0.3
        steps["KAZ"] = 0.0
        calm = outlook.run(Scenario(), months=4)
        pd.testing.assert_frame_equal(calm, outlook.run(Scenario(), months=4, walk_sd=0))

    def test_the_seed_is_that_of_the_steps_ahead(self):
        one, same = (outlook.run(Scenario(), months=2, seed=3) for _ in range(2))
        pd.testing.assert_frame_equal(one, same)
        other = outlook.run(Scenario(), months=2, seed=4)
        first = one["month"] == one["month"].min()
        pd.testing.assert_frame_equal(one[first], other[first])
        assert (one.loc[~first, "median"] != other.loc[~first, "median"]).any()

    def test_most_recent_figures_come_from_vendors(self):
        rows = country_panel.published_figures(pd.Timestamp("2025-01-01"))
        used = rows[rows["enters"]]
        by_hand = 100 * (used["kind"] == "vendor").sum() / len(used)
        assert outlook.vendors_part() == pytest.approx(by_hand)


class TestByHand:
    """Shares moved on by a pocket calculator."""

    def test_shares_move_by_what_is_assumed_and_give_way_in_proportion(self):
        case = Scenario(
            us_growth_pct=21,
            gulf_africa_growth_pct=44,
            second_ban_pct=75,
            power_crisis_pct=60,
            shock_month=3,
            crisis_months=2,
        )
        table = outlook.run(case, months=6, walk_sd=0)
        assert list(table) == ["month", "region", "low", "median", "high"]
        paths = country_panel.paths()
        last = paths.index.get_level_values("month").max()
        months = pd.date_range(last, periods=7, freq="MS")
        assert table["month"].unique().tolist() == months.tolist()
        start = paths.xs(last, level="month")
        assert table["region"].tolist() == list(start) * 7
        for ahead, month in enumerate(months):
            size = start.copy()
            # After half a year, growth of 21 percent a year is by 1.1, of 44 percent by 1.2.
            size["USA"] *= 1.1 ** (ahead / 6)
            size[["ARE", "OMN", "ETH", "KEN"]] *= 1.2 ** (ahead / 6)
            size["CHN"] *= 0.25 if ahead >= 3 else 1
            size["KAZ"] *= 0.4 if ahead in (3, 4) else 1
            part = 100 * size.div(size.sum(axis=1), axis=0)
            by_hand = part.quantile([0.05, 0.5, 0.95]).T.to_numpy()
            now = table.loc[table["month"] == month, ["low", "median", "high"]]
            assert now.to_numpy() == pytest.approx(by_hand)

    def test_steps_add_up_month_by_month(self):
        table = outlook.run(Scenario(), months=9, walk_sd=0.1)
        wide = table.pivot(index="month", columns="region", values=["low", "median", "high"])
        parts = wide["median"].iloc[0] / 100
        small = parts.index[parts < 0.02]
        # The ends of a band of 90 percent are 1.645 standard deviations from its middle.
        variance = (np.log(wide["high"] / wide["low"]) / 2 / 1.645) ** 2
        added = (variance[small] - variance[small].iloc[0]).mean(axis=1)
        # A small country moves by its own steps and by what the large ones take or give.
        monthly = 0.1**2 * (1 + (parts**2).sum())
        assert added.iloc[4] == pytest.approx(4 * monthly, rel=0.25)
        assert added.iloc[9] == pytest.approx(9 * monthly, rel=0.25)

    def test_each_scenario_is_a_run_of_its_own(self):
        table = outlook.scenarios(30, 40, 50, 60, months=7, seed=2)
        assert list(table) == ["scenario", "month", "region", "low", "median", "high"]
        assert list(table.index) == list(range(len(table)))
        cases = {
            "as it goes": Scenario(),
            "US growth": Scenario(us_growth_pct=30),
            "second ban": Scenario(second_ban_pct=50),
            "Kazakh power crisis": Scenario(power_crisis_pct=60, crisis_lost_pct=50),
            "Gulf and Africa": Scenario(gulf_africa_growth_pct=40),
        }
        assert table["scenario"].unique().tolist() == list(cases) == list(outlook.SCENARIOS)
        assert set(outlook.CONCERNED) == set(outlook.SCENARIOS) - {outlook.AS_IT_GOES}
        for name, case in cases.items():
            own = table[table["scenario"] == name].drop(columns="scenario")
            alone = outlook.run(case, 7, 2)
            pd.testing.assert_frame_equal(own.reset_index(drop=True), alone)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: outlook.run(Scenario(crisis_lost_pct=101)),
            "crisis_lost_pct = 101 is not a percentage from 0 to 100.",
        ),
        (
            lambda: outlook.run(Scenario(power_crisis_pct=-1)),
            "power_crisis_pct = -1 is not a percentage from 0 to below 100.",
        ),
        (
            lambda: outlook.run(Scenario(us_growth_pct=100_001)),
            "us_growth_pct = 100001 is not a number of 100,000 or less.",
        ),
        (
            lambda: outlook.run(Scenario(gulf_africa_growth_pct=-100)),
            "gulf_africa_growth_pct = -100 would leave nothing; give more.",
        ),
        (
            lambda: outlook.run(Scenario(), months=61),
            "months = 61 is not a whole number from 1 to 60.",
        ),
        (
            lambda: outlook.run(Scenario(shock_month=0)),
            "shock_month = 0 is not a whole number of 1 or more.",
        ),
        (
            lambda: outlook.run(Scenario(), walk_sd="0.1"),
            f"walk_sd = '0.1' is not a number from 0 to {outlook.WIDEST_STEP}.",
        ),
        (
            lambda: outlook.run({"us_growth_pct": 1}),
            "scenario = {'us_growth_pct': 1} is not a Scenario(…); give one.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(call, sentence):
    with pytest.raises(InputError) as stopped:
        call()
    assert str(stopped.value) == sentence


def test_what_is_at_its_limit_is_taken():
    whole = Scenario(us_growth_pct=100_000, gulf_africa_growth_pct=-99.9, shock_month=1)
    table = outlook.run(whole, 1, walk_sd=outlook.WIDEST_STEP)
    assert table["median"].notna().all()
