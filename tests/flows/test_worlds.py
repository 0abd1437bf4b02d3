from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.flows import world_history, world_kinds, worlds
from hashrate_migration.flows.world_history import CAUSES
from hashrate_migration.flows.world_setting import GENERATIONS, LOT
from hashrate_migration.flows.worlds import KINDS, NEW, RETIRED, World

SEEDS = range(6)
MONTH = pd.DateOffset(months=1)

make = cache(worlds.make)


def days_of(world: World) -> int:
    return int(np.sum(world.stocks.index.days_in_month))


def day_number(world: World, day: pd.Timestamp) -> int:
    return (day - world.stocks.index[0]).days


def left_home(world: World) -> pd.DataFrame:
    """Spells that count as departed, by the definition of the module."""
    s = world.spells
    ban = day_number(world, world.ban)
    last = day_number(world, world.window[1] + MONTH) - 1
    return s[(s["region"] == 0) & (s["on"] < ban) & s["off"].between(ban, last)]


def followers(world: World) -> dict[int, int]:
    """Spell to the one that follows it."""
    come = world.spells[world.spells["came_from"] >= 0]
    return dict(zip(come["came_from"], come.index, strict=True))


def mean_over(kind: str, figure) -> float:  # noqa: ANN001
    return float(np.mean([figure(make(kind, seed)) for seed in SEEDS]))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_world_and_another_does_not(kind):
    one, two, other = make(kind, 3), worlds.make(kind, 3), make(kind, 4)
    pd.testing.assert_frame_equal(one.observed, two.observed)
    pd.testing.assert_frame_equal(one.spells, two.spells)
    pd.testing.assert_frame_equal(one.pairs, two.pairs)
    assert one.departed_ehs != other.departed_ehs


def test_a_seed_gives_all_kinds_the_same_places_and_the_same_ban():
    for seed in (0, 1):
        usual = make("as usual", seed)
        for kind in KINDS:
            world = make(kind, seed)
            assert list(world.stocks) == list(usual.stocks)
            assert (world.ban, world.proxies) == (usual.ban, usual.proxies)


@pytest.mark.parametrize("kind", ["as usual", "hidden"])
def test_stocks_are_the_running_machines_summed_by_day_and_averaged_by_month(kind):
    world = make(kind, 1)
    s = world.spells
    days = pd.date_range(world.stocks.index[0], periods=days_of(world))
    names = list(world.stocks)
    rows = []
    for number in range(len(days)):
        runs = s[(s["on"] <= number) & (number < s["off"])]
        rows.append(np.bincount(runs["region"], runs["ehs"], len(names)))
    by_day = pd.DataFrame(rows, days, names)
    monthly = by_day.groupby(by_day.index.to_period("M").start_time).mean()
    np.testing.assert_allclose(world.stocks, monthly, atol=1e-8)
    # The account of the home from the eve of the ban to the last day.
    eve = day_number(world, world.ban) - 1
    home = s[s["region"] == 0]
    out = home[(home["off"] > eve) & (home["off"] < len(days))]["ehs"].sum()
    into = home[(home["on"] > eve)]["ehs"].sum()
    assert by_day["HOME"].iloc[-1] == pytest.approx(by_day["HOME"].iloc[eve] - out + into)


@pytest.mark.parametrize("kind", KINDS)
def test_flows_are_what_the_diary_of_each_lot_says(kind):
    world = make(kind, 2)
    s, follows, names = world.spells, followers(world), list(world.stocks)
    next_, last = dict.fromkeys([*names, RETIRED], 0.0), dict.fromkeys([*names, RETIRED], 0.0)
    moved_on = 0.0
    for row, lot in left_home(world).iterrows():
        chain = [row]
        while chain[-1] in follows:
            chain.append(follows[chain[-1]])
        first = names[s["region"][chain[1]]] if len(chain) > 1 else RETIRED
        final = s.loc[chain[-1]]
        end = names[final["region"]] if final["off"] >= days_of(world) else RETIRED
        next_[first] += lot["ehs"]
        last[end] += lot["ehs"]
        moved_on += lot["ehs"] * (first != end)
    assert world.pairs.loc["HOME"].to_dict() == pytest.approx(next_)
    assert world.settled.to_dict() == pytest.approx(last)
    assert world.departed_ehs == pytest.approx(sum(next_.values()))
    parts = world.abroad_ehs + world.back_ehs + world.retired_ehs
    assert parts == pytest.approx(world.departed_ehs)
    # What has gained or lost since it first ran again has moved a second time, or stopped.
    change = (world.settled - world.pairs.loc["HOME"]).abs().sum() / 2
    assert 0 < change <= moved_on + 1e-9
    np.testing.assert_allclose(world.arrivals.sum(), world.pairs.loc["HOME", names], atol=1e-9)
    before = world.arrivals[: world.ban.to_period("M").start_time - MONTH]
    assert (before == 0).all(axis=None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lot_goes_from_spell_to_spell_as_it_is(kind):
    world = make(kind, 5)
    s = world.spells
    assert (s["off"] > s["on"]).all()
    come = s[s["came_from"] >= 0]
    before = s.loc[come["came_from"]]
    assert come["came_from"].is_unique
    assert not come["new"].any()
    assert (come["on"].to_numpy() > before["off"].to_numpy()).all()
    for what in ("ehs", "machines", "generation"):
        assert (come[what].to_numpy() == before[what].to_numpy()).all()
    # Who ran at home before the ban and neither left nor hid is not there any more.
    ban, end = day_number(world, world.ban), day_number(world, world.window[1])
    stayed = s[(s["region"] == 0) & (s["on"] < ban) & (s["off"] >= end)]
    assert (stayed["shown_from"] < end).all()
    # What is hidden did not depart.
    hiding = stayed[stayed["off"] >= days_of(world)].index
    assert len(hiding) > 0
    assert not hiding.isin(left_home(world).index).any()


def test_new_machines_are_those_of_makers_from_the_first_day_of_the_window():
    for kind in ("as usual", "shrinking"):
        world = make(kind, 0)
        s = world.spells
        fresh = s[s["new"] & (s["on"] >= day_number(world, world.window[0]))]
        by_region = fresh.groupby("region")["ehs"].sum()
        assert world.new_ehs == pytest.approx(fresh["ehs"].sum())
        for number, name in enumerate(world.stocks):
            assert world.pairs.loc[NEW, name] == pytest.approx(by_region.get(number, 0.0))
        assert world.pairs.loc[NEW, RETIRED] == 0
        # Some stand in the place of old machines: more power for the same electricity.
        replaced = s[s["cause"] == CAUSES.index("replaced")]
        replaced = replaced[replaced["off"] < days_of(world)]
        assert len(replaced) > 5
        assert s["came_from"].isin(replaced.index).sum() == 0
        at = set(zip(replaced["region"], replaced["off"], strict=True))
        new_there = s[s["new"] & s["on"].isin(replaced["off"])]
        assert at <= set(zip(new_there["region"], new_there["on"], strict=True))


def test_worlds_are_of_the_size_that_is_said():
    generations, shares = set(), []
    for seed in range(12):
        world = make("as usual", seed)
        first = world.spells[world.spells["on"] == 0]
        generations.add(first["generation"].nunique())
        shares.append(first.loc[first["region"] == 0, "ehs"].sum() / first["ehs"].sum())
        assert 5 <= len(world.abroad) <= 8
        assert 1 <= len(world.proxies) <= 2
        assert 24 <= len(world.stocks) <= 26
        assert 335 <= day_number(world, world.ban) <= 395
        assert world.window[0] >= world.ban.to_period("M").start_time
        assert world.window[1] < world.stocks.index[-1] - 5 * MONTH
        assert first["machines"].between(1, LOT).all()
        terahash = first["ehs"] * 1e6 / first["machines"]
        np.testing.assert_allclose(terahash, np.array(GENERATIONS)[first["generation"]])
    assert generations == {2, 3}
    low, high = world_kinds.Options().home_share
    assert low - 0.03 < min(shares) < 0.53 < 0.62 < max(shares) < high + 0.03


def test_the_map_shows_the_network_and_hides_what_is_hidden():
    for seed in SEEDS:
        world = make("as usual", seed)
        luck = world.observed.sum(axis=1) / world.stocks.sum(axis=1) - 1
        # About 4,400 blocks a month leave 1.5 percent.
        assert luck.std() == pytest.approx(0.015, rel=0.6)
        assert (world.hidden >= -1e-9).all()
        assert (world.hidden <= world.stocks["HOME"] + 1e-9).all()
    # Homes look smaller than they are by what is hidden, and proxies larger.
    after = [make("hidden", seed) for seed in SEEDS]
    seen = np.array([w.observed.loc[w.window[1], "HOME"] for w in after])
    true = np.array([w.stocks.loc[w.window[1], "HOME"] for w in after])
    hidden = np.array([w.hidden[w.window[1]] for w in after])
    assert (seen < true).all()
    assert np.mean(true - seen) == pytest.approx(np.mean(hidden), rel=0.25)
    for world in after:
        month, proxies = world.window[1], list(world.proxies)
        assert world.observed.loc[month, proxies].sum() > world.stocks.loc[month, proxies].sum()


def test_slow_exits_take_half_a_year_and_returns_overlap_them():
    def months(world: World) -> int:
        return len(world.stocks[world.window[0] : world.window[1]])

    def back_in_time(world: World) -> float:
        return world.arrivals.loc[: world.window[1], "HOME"].sum() / world.departed_ehs

    assert min(months(make("slow", seed)) for seed in SEEDS) >= 6
    assert max(months(make("as usual", seed)) for seed in SEEDS) <= 5
    assert mean_over("slow", back_in_time) > 3 * mean_over("as usual", back_in_time)


def test_lots_go_in_six_loads_a_month_each_to_one_place_on_one_day():
    def loads_a_month(world: World) -> float:
        gone = left_home(world)
        gone = gone[gone["cause"] == CAUSES.index("cleared")]
        come = world.spells[world.spells["came_from"].isin(gone.index)]
        come = come[come["region"] != 0]
        since = gone["off"][come["came_from"]].to_numpy() - day_number(world, world.ban)
        month = (since // world_history.MONTH).astype(int)
        loads = come.assign(month=month)[["month", "region", "on"]].drop_duplicates()
        return loads.groupby("month").size().max()

    assert max(loads_a_month(make("lots", seed)) for seed in SEEDS) <= 6
    assert min(loads_a_month(make("as usual", seed)) for seed in SEEDS) > 20


def test_pools_misrepresent_places_otherwise_after_the_ban_than_before():
    def misrepresented(world: World, months: slice) -> pd.Series:
        shares = [table.div(table.sum(axis=1), axis=0) for table in (world.observed, world.stocks)]
        countries = [name for name in world.abroad if name not in world.proxies]
        seen, true = (table.loc[months, countries].mean() for table in shares)
        return np.log(seen / true)

    def jump(world: World) -> float:
        before = misrepresented(world, slice(world.ban - 5 * MONTH, world.ban - MONTH))
        after = misrepresented(world, slice(world.ban + MONTH, world.ban + 5 * MONTH))
        return (after - before).std()

    assert mean_over("pools", jump) > 2 * mean_over("as usual", jump)
    # The truth is the same: pools only look.
    pd.testing.assert_frame_equal(make("pools", 1).stocks, make("as usual", 1).stocks)


def test_the_shrinking_destination_loses_old_machines_while_it_receives():
    falls, net = [], []
    for seed in SEEDS:
        world = make("shrinking", seed)
        ban, s = day_number(world, world.ban), world.spells
        there = (s["region"] == list(world.stocks).index(world.marked)) & (s["on"] < ban)
        there &= (s["off"] >= ban) & (s["generation"] < len(GENERATIONS) - 1)
        lost = s[there & (s["cause"] == CAUSES.index("lost"))]["ehs"].sum()
        assert lost > 0.4 * s[there]["ehs"].sum()
        assert world.pairs.loc["HOME", world.marked] > 0

        # Its net change says nothing of what came from home.
        before, after = world.stocks[world.marked][[world.window[0] - MONTH, world.window[1]]]
        falls.append(after - before < 0)
        net.append((after - before) - world.arrivals.loc[: world.window[1], world.marked].sum())
    assert np.mean(falls) > 0.5
    assert np.mean(net) < -3


def test_a_fall_of_the_price_switches_old_machines_off_everywhere():
    def off_abroad(world: World) -> float:
        """Part of what ran abroad on the eve of the ban that goes off within the window."""
        s, ban = world.spells, day_number(world, world.ban)
        end = day_number(world, world.window[1])
        ran = s[(s["region"] != 0) & (s["on"] < ban) & (s["off"] >= ban)]
        return ran.loc[ran["off"] < end, "ehs"].sum() / ran["ehs"].sum()

    assert mean_over("as usual", off_abroad) < 0.08
    assert mean_over("price", off_abroad) > 0.15
    world = make("price", 0)
    s = world.spells
    idle = s[s["cause"] == CAUSES.index("unprofitable")]
    again = s[s["came_from"].isin(idle.index)]
    assert (again["region"].to_numpy() == s["region"][again["came_from"]].to_numpy()).all()
    assert 0.4 < len(again) / len(idle) < 0.8


def test_a_third_of_the_home_hides():
    def part(world: World) -> float:
        return world.hidden[world.window[1]] / world.stocks.loc[world.window[0] - MONTH, "HOME"]

    assert mean_over("hidden", part) == pytest.approx(1 / 3, abs=0.08)
    assert mean_over("as usual", part) < 0.15


def test_sold_machines_leave_the_country_of_the_traders():
    def stays(world: World) -> float:
        return world.settled[world.marked] / world.pairs.loc["HOME", world.marked]

    def moves_on(world: World) -> float:
        gap = (world.settled - world.pairs.loc["HOME"]).abs().sum() / 2
        return gap / world.departed_ehs

    assert mean_over("sold", stays) < 0.5
    assert mean_over("sold", moves_on) > 3 * mean_over("as usual", moves_on)
    assert mean_over("sold", lambda w: w.pairs.loc["HOME", w.marked] / w.abroad_ehs) > 0.3


def test_a_second_ban_empties_the_most_favoured_destination():
    for seed in SEEDS:
        world = make("second wave", seed)
        stock = world.stocks[world.marked]
        assert stock[world.window[1]] > 1
        assert stock.iloc[-1] == 0
        assert world.settled[world.marked] == 0 < world.pairs.loc["HOME", world.marked]


def test_only_some_kinds_are_about_one_place():
    marked = {kind for kind in KINDS if make(kind, 0).marked is not None}
    assert marked == {"shrinking", "sold", "second wave"}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: worlds.make("as feared", 0),
            "^kind = 'as feared' is unknown; choose one of as usual",
        ),
        (
            lambda: worlds.make(None, 0),
            "^kind = None is unknown; choose one of as usual, slow, lots",
        ),
        (lambda: worlds.make("slow", -1), "^seed = -1 is not a whole number of 0 or more.$"),
        (lambda: worlds.make("slow", 1.5), "^seed = 1.5 is not a whole number of 0 or more.$"),
    ],
)
def test_bad_input(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()


def test_worlds_share_nothing_with_the_estimator():
    own = "hashrate_migration.flows.world"
    allowed = {"hashrate_migration", "hashrate_migration.arguments"}
    files = sorted(Path(worlds.__file__).parent.glob("world*.py"))
    assert len(files) == 6
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "."]
            else:
                continue
            for name in names:
                ours = name.split(".")[0] == "hashrate_migration"
                assert not ours or name.startswith(own) or name in allowed, f"{file.name}: {name}"
                taken = {alias.name for alias in node.names}
                assert name != "hashrate_migration" or taken <= {"arguments"}
