"""The steps of June 2021, and what the search finds in worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import network_hashrate
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate import gradual
from hashrate_migration.hashrate.changepoints import Posterior, Prior
from hashrate_migration.hashrate.steps import (
    LONGEST_DAYS,
    PRIORS,
    answer,
    blocks_per_ehs,
    by_prior,
    default_prior,
    shapes,
    steps,
)
from hashrate_migration.tables.read import load

DATES = pd.date_range("2021-05-20", "2021-07-10")


@pytest.fixture(scope="module")
def june():
    return steps()


def dates(*days):
    return [pd.Timestamp(f"2021-{day}") for day in days]


class TestJune2021:
    def test_two_steps_on_the_days_of_the_orders(self, june):
        assert june.number == 2
        assert list(june.table["date"]) == dates("06-09", "06-19")
        # Nine days in ten lie within four days of the one and two of the other.
        assert [len(days) for days in june.table["dates"]] == [4, 2]
        assert (june.table["high_ehs"] < 0).all()
        # Counts spread as Poisson's do: the levels are levels.
        assert june.dispersion == pytest.approx(1, abs=0.3)

    def test_sizes_with_the_weak_third_step(self):
        third = steps(number=3)
        assert list(third.spells["start"][1:]) == dates("06-09", "06-19", "06-26")
        fell = -third.spells["hashrate_ehs"].diff().dropna()
        # As first computed by another program: 148.7, 127.7, 101.9 and 92.0 EH/s.
        assert fell.tolist() == pytest.approx([21, 26, 10], abs=0.5)
        # It is weak: its interval holds no change at all, and two steps are more probable.
        assert third.table["high_ehs"].iloc[2] > 0
        assert third.numbers["probability_pct"].idxmax() == 2

    def test_a_straight_decline_is_refuted_and_a_ramp_is_not(self, june):
        evidence = june.shapes.set_index("shape")["log_evidence"]
        assert evidence["2 steps"] - evidence["decline"] > np.log(1000)
        assert evidence["2 steps"] - evidence["1 step"] > np.log(20)
        # What the page has to say: a fall from early to late June explains the counts at least as well.
        assert evidence["ramp"] > evidence["2 steps"]
        assert june.ramp["begins"] < pd.Timestamp("2021-06-09")
        assert june.ramp["ends"] > pd.Timestamp("2021-06-19")

    def test_levels_follow_the_network(self, june):
        weekly = network_hashrate("2021-05-24", "2021-07-04", freq="W")
        level = june.levels.set_index("date")["hashrate_ehs"].resample("W-MON", label="left")
        # In weeks of a level seven days of blocks have an error of three percent or so.
        assert weekly.iloc[0] == pytest.approx(june.levels["hashrate_ehs"].iloc[5], rel=0.1)
        assert level.mean().iloc[-1] == pytest.approx(weekly.iloc[-1], rel=0.1)
        assert (june.levels["low_ehs"] < june.levels["high_ehs"]).all()

    def test_near_a_date(self, june):
        zhundong, calm = june.near("2021-06-09"), june.near("2021-05-28", within_days=0)
        assert zhundong["chance_pct"] > 90
        assert zhundong["low_ehs"] < zhundong["change_ehs"] < zhundong["high_ehs"] < 0
        assert calm["chance_pct"] < 5

    def test_days_add_up(self, june):
        by_step = june.days.groupby("step")["probability_pct"]
        assert by_step.sum().to_numpy() == pytest.approx(100)
        held = june.days[june.days["in_set"]].groupby("step")["probability_pct"].sum()
        assert (held >= 90).all()
        assert june.shapes["probability_pct"].sum() == pytest.approx(100)


def test_every_judgement_leaves_the_two_days_in_place():
    table = by_prior().set_index("prior")
    assert list(table.index) == list(PRIORS)
    for found in table["dates"]:
        assert set(dates("06-09", "06-19")) <= set(found)
    share = table[[f"steps_{k}_pct" for k in range(5)]]
    assert share.sum(axis=1).to_numpy() == pytest.approx(100)
    # A decline is refuted and a ramp preferred whatever is judged of levels and numbers.
    assert (table["decline_log_odds"] < -np.log(1000)).all()
    assert (table["ramp_log_odds"] > 0).all()
    more, less = "each further step twice as probable", "each further step half as probable"
    assert table.loc[more, "steps_4_pct"] > table.loc[less, "steps_4_pct"]


def test_the_prior_does_not_look_at_the_window():
    before = network_hashrate("2021-04-20", "2021-05-19", freq="D")
    assert default_prior("2021-05-20").level == pytest.approx(before.mean(), rel=0.02)


def test_blocks_per_ehs_divides_a_day_at_the_change_of_difficulty():
    days = pd.date_range("2021-07-02", "2021-07-04")
    epochs = load("difficulty_epochs").set_index("start_time")["difficulty"]
    old, new = epochs[:"2021-07-02"].iloc[-1], epochs["2021-07-03"].iloc[0]
    moment = epochs["2021-07-03"].index[0] - pd.Timestamp("2021-07-03")
    before = moment.total_seconds()
    by_hand = [86_400 / old, before / old + (86_400 - before) / new, 86_400 / new]
    found = blocks_per_ehs(days)
    np.testing.assert_allclose(found, np.multiply(by_hand, 1e18 / 2**32), rtol=1e-12)
    assert list(found.index) == list(days)


class World:
    """Blocks one by one, with a difficulty of the world's own: no part of the model is used."""

    EASIEST = 2**32 / 1e18
    """Exahashes of a block of difficulty 1."""

    def __init__(self, generator: np.random.Generator):
        """Draw two steps, and mine."""
        first = int(generator.integers(8, 25))
        self.places = (first, first + int(generator.integers(7, 18)))
        high = generator.uniform(100, 180)
        falls = generator.uniform(0.12, 0.35, size=2)
        self.levels = high * np.cumprod([1, *(1 - falls)])
        self.counts, self.exposure = np.zeros(52), np.zeros(52)
        self._mine(generator)

    def _mine(self, generator: np.random.Generator) -> None:
        difficulty = 600 * self.levels[0] / self.EASIEST * generator.uniform(0.9, 1.1)
        now, begun, found = 0.0, 0.0, int(generator.integers(0, 2016))
        begun -= found * 600
        while now < 52 * 86_400:
            day = int(now // 86_400)
            hashrate = self.levels[sum(day >= place for place in self.places)]
            wait = generator.exponential(difficulty * self.EASIEST / hashrate)
            # Nothing is remembered at midnight, when a level may end.
            until = min(now + wait, (day + 1) * 86_400.0)
            self.exposure[day] += (until - now) / (difficulty * self.EASIEST)
            if now + wait <= until:
                self.counts[day] += 1
                found += 1
                if found == 2016:
                    difficulty *= 2016 * 600 / (until - begun)
                    begun, found = until, 0
            now = until


def test_days_and_sizes_are_covered_in_worlds_that_are_not_the_models():
    generator = np.random.default_rng(13)
    days, sizes, off = [], [], []
    for _ in range(40):
        world = World(generator)
        prior = Prior(level=140.0, shortest=3)
        posterior = Posterior(world.counts, world.exposure, prior, 4)
        found = answer(posterior, DATES, 2, draws=1000).table
        for step, row in found.iterrows():
            true = DATES[world.places[step]]
            days.append(true in row["dates"])
            off.append(abs((row["date"] - true).days))
            change = world.levels[step + 1] - world.levels[step]
            sizes.append(row["low_ehs"] <= change <= row["high_ehs"])
    # 80 steps at 90 percent: fewer than 66 would come by chance in 2 of 100 suites.
    assert len(days) == 80
    assert np.sum(days) >= 66
    assert np.sum(sizes) >= 66
    assert np.median(off) <= 1


def told(level, exposure, generator):
    """The most probable account of Poisson counts at a level, and that without a gradual one."""
    counts = generator.poisson(level * exposure).astype(float)
    posterior = Posterior(counts, exposure, Prior(level=165.0, shortest=3), 4)
    table = shapes(posterior, gradual.ramps(counts, exposure, posterior.prior)).set_index("shape")
    return table["probability_pct"].idxmax(), int(posterior.number().argmax())


class TestFalseAlarms:
    EXPOSURE = np.full(52, 144 / 150)

    def test_on_a_flat_line(self):
        generator = np.random.default_rng(21)
        found = [told(np.full(52, 150.0), self.EXPOSURE, generator)[0] for _ in range(25)]
        # 2 in 150 when it was tried at length.
        assert sum("step" in shape for shape in found) <= 2

    def test_on_a_straight_decline(self):
        generator = np.random.default_rng(22)
        level = 150 * np.exp(np.linspace(0, np.log(0.6), 52))
        found = [told(level, self.EXPOSURE, generator) for _ in range(20)]
        # 0 in 150 when it was tried at length.
        assert sum("step" in shape for shape, _ in found) <= 1
        # Nothing but the comparison protects: a search for steps alone finds some every time.
        assert all(number >= 1 for _, number in found)

    def test_two_large_steps_are_told_from_a_ramp(self):
        generator = np.random.default_rng(23)
        level = np.repeat([150.0, 100, 60], [20, 15, 17])
        found = [told(level, self.EXPOSURE, generator)[0] for _ in range(10)]
        assert sum(shape == "2 steps" for shape in found) >= 7


def test_a_window_without_steps():
    calm = steps("2021-02-01", "2021-02-14", most=1, number=0)
    assert calm.table.empty
    assert calm.days.empty
    assert len(calm.spells) == 1
    blocks = load("network_daily").set_index("date")["blocks"]["2021-02-01":"2021-02-14"].sum()
    assert calm.spells["blocks"].item() == blocks


def test_the_same_seed_gives_the_same_numbers(june):
    pd.testing.assert_frame_equal(steps().table, june.table)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"start": "2026-04-01", "end": "2026-05-01"},
            "^end = 2026-05-01 is outside the days with counted blocks, from 2009-01-09 to 2026-04-21.$",
        ),
        ({"start": "2008-12-01"}, "^start = 2008-12-01 is outside the days"),
        (
            {"start": "2009-01-20", "end": "2009-03-01"},
            "^start = 2009-01-20 has not 30 days with counted blocks before it.*give a prior.$",
        ),
        (
            {"start": "2021-07-10", "end": "2021-05-20"},
            "^start = 2021-07-10 is after end = 2021-05-20; swap them.$",
        ),
        (
            {"start": "2021-06-01", "end": "2021-06-14"},
            "has 14 days, too few for 4 steps between levels of 3 days and more; widen it or lower",
        ),
        (
            {"start": "2021-06-01", "end": "2021-06-02", "most": 0},
            "has 2 days, too few for 0 steps",
        ),
        (
            {"start": "2020", "end": "2021"},
            f"has 731 days, but at most {LONGEST_DAYS} are searched; shorten it.$",
        ),
        ({"start": "June"}, "^start = 'June' is not a date"),
        ({"most": 2.5}, "^most = 2.5 is not a whole number from 0 to 10.$"),
        ({"most": 2, "number": 3}, "^number = 3 is not a whole number from 0 to 2.$"),
        ({"draws": 0}, "^draws = 0 is not"),
        ({"seed": -1}, "^seed = -1 is not"),
        ({"prior": 4}, "^prior = 4 is not a Prior of steps; give one.$"),
        ({"prior": Prior(level=0)}, "^prior: level = 0 is not a number above 0.$"),
        ({"prior": Prior(150.0, shape=-1)}, "^prior: shape = -1 is not a number above 0.$"),
        ({"prior": Prior(150.0, next_step=0)}, "^prior: next_step = 0 is not a number above 0.$"),
        ({"prior": Prior(150.0, shortest=0)}, "^prior: shortest = 0 is not a whole number"),
    ],
)
def test_bad_input(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        steps(**arguments)


@pytest.mark.parametrize(
    ("date", "within", "sentence"),
    [
        (
            "2021-08-01",
            2,
            "^date = 2021-08-01 is outside the window from 2021-05-20 to 2021-07-10.$",
        ),
        ("2021-06-09", -1, "^within_days = -1 is not a whole number of 0 or more.$"),
    ],
)
def test_near_what_is_not_there(june, date, within, sentence):
    with pytest.raises(InputError, match=sentence):
        june.near(date, within)
