"""The flows that are published: kept with what they were made from, and read everywhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hashrate_migration
from hashrate_migration import flows
from hashrate_migration.errors import InputError
from hashrate_migration.flows import published
from hashrate_migration.flows.assumptions import SUPPLY_SCENARIOS, Assumptions, scenario
from hashrate_migration.flows.checks import NEW, RETIRED
from hashrate_migration.flows.evidence.pieces import NAMES
from hashrate_migration.flows.resting import POSTERIOR
from hashrate_migration.flows.summary import HEADLINES
from hashrate_migration.hashrate.mining_map import stocks

FEW = 64


@pytest.fixture(scope="module")
def drawn():
    return published.draw(FEW)


def test_what_is_kept_belongs_to_todays_code_and_tables():
    assert published.stale() == []


def test_every_scenario_has_all_headlines():
    table = flows.scenarios_table()
    assert list(table["scenario"].unique()) == list(published.SCENARIOS)
    for _, own in table.groupby("scenario"):
        assert list(own["figure"]) == list(HEADLINES)
        assert (own["low"] <= own["median"]).all()
        assert (own["median"] <= own["high"]).all()
    effective = table.groupby("scenario")["effective"].first()
    assert effective[published.DRAWN] >= published.LEAST
    assert effective.min() >= published.LEAST_OF_SCENARIO


@pytest.mark.parametrize("supply", published.SCENARIOS)
def test_pairs_and_headlines_are_of_the_same_draws(supply):
    found = published.kept(supply)
    own = found.pairs[found.pairs["origin"] == published.ORIGIN].set_index("destination")
    means = found.headlines.set_index("figure")["mean"]
    assert own["mean_ehs"].sum() == pytest.approx(means["departed"], abs=0.02)
    assert own.loc[published.ORIGIN, "mean_ehs"] == pytest.approx(means["back"], abs=0.002)
    assert own.loc[RETIRED, "mean_ehs"] == pytest.approx(means["retired"], abs=0.002)
    assert own["most_pct"].sum() == pytest.approx(100, abs=0.01)


def test_the_published_row_is_that_of_all_evidence():
    table = flows.resting_table()
    own = table[table["based_on"] == POSTERIOR].set_index("figure")
    heads = published.kept().headlines.set_index("figure")
    for end in ("low", "median", "high", "mean"):
        assert own[end].to_numpy() == pytest.approx(heads.loc[own.index, end].to_numpy())
    without = {f"without {name}" for name in NAMES}
    assert without <= set(table["based_on"])


def test_every_prior_is_widened():
    table = flows.priors_table()
    ranges = {"prior_sd"} | {
        name
        for name in Assumptions.__dataclass_fields__
        if isinstance(getattr(Assumptions(), name), tuple) and name != "proxies"
    }
    assert set(table["prior"]) == ranges
    np.testing.assert_allclose(table["moved"], table["doubled"] - table["median"], atol=0.002)


def test_russias_interval_meets_its_count():
    """205,000 machines of the old to the new reference machine."""
    own = published.kept().pairs.set_index(["origin", "destination"]).loc[("CHN", "RUS")]
    assert own["low_ehs"] < 13.9
    assert own["high_ehs"] > 2.9


def test_new_machines_lie_within_the_supply():
    table = flows.pairs_table()
    new = table[table["origin"] == NEW].groupby("scenario")["mean_ehs"].sum()
    # From June to January: the first month of departures to the last of the map.
    months = 8
    for name in SUPPLY_SCENARIOS:
        low, high = scenario(name)
        assert low * 0.97 <= new[name] / months <= high * 1.03, name


def test_a_scenario_leaves_out_makers_sales():
    assert [piece.name for piece in published.evidence_of("low")] == [
        name for name in NAMES if name != "supply"
    ]
    assert len(published.evidence_of(published.DRAWN)) == len(NAMES)
    told = published.supplied(Assumptions(), "high")
    assert told.supply_ehs == scenario("high")
    assert published.supplied(Assumptions(), published.DRAWN) == Assumptions()


@pytest.mark.parametrize(
    ("start", "end", "heard"),
    [
        (published.START, published.END, [*NAMES]),
        # Counts by the press are of all that left in the summer.
        ("2021-06", "2021-07", ["supply", "fleets", "miners", "pools"]),
        ("2021-08", "2021-09", ["supply", "fleets"]),
        # What was counted in 2021 did not leave in 2020.
        ("2020-05", "2020-10", ["supply"]),
        ("2021-10", "2022-01", ["supply"]),
        ("2021-05", "2021-12", [*NAMES]),
        # Who left in the years before is in no count: a ceiling of machines would be too low.
        ("2019-10", "2022-01", ["supply", "fleets", "miners", "pools"]),
    ],
)
def test_evidence_counts_for_the_months_of_which_it_speaks(start, end, heard):
    assert [piece.name for piece in published.evidence_of(published.DRAWN, start, end)] == heard


def test_the_window_is_that_in_which_the_map_lost_china():
    china = stocks()["CHN"]
    first, last = pd.Timestamp(published.START), pd.Timestamp(published.END)
    assert china[first] < china[first - pd.DateOffset(months=1)]
    assert china[last] == 0 < china[last + pd.DateOffset(months=1)]


def test_more_new_machines_leave_room_for_fewer_that_moved():
    abroad = flows.scenarios_table().query("figure == 'abroad'").set_index("scenario")["median"]
    assert abroad["low"] > abroad["central"] > abroad["high"]
    assert abroad["low"] - abroad["high"] > 5


def imported(path: Path, found: set[Path]) -> set[Path]:
    """Files of the package that a file imports, and those that they import."""
    if path in found:
        return found
    found.add(path)
    package = Path(hashrate_migration.__file__).parent
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package.name):
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                file = package.joinpath(*name.split(".")[1:]).with_suffix(".py")
                if file.is_file():
                    imported(file, found)
    return found


@pytest.mark.parametrize("module", [published, flows.kept])
def test_every_file_that_a_kept_table_depends_on_is_listed(module):
    own = Path(module.__file__)
    needed = {
        file
        for file in imported(own, set())
        if file.parent.name in ("flows", "evidence", "hashrate") and file.name != "kept.py"
    }
    assert needed == {(own.parent / name).resolve() for name in module.CODE}


def test_who_is_first_is_counted_on_draws(drawn):
    found = published.first(drawn, "CHN")
    assert found.sum() == pytest.approx(100)
    assert "OTH" not in found.index
    places = list(found.index)
    most = drawn.samples[places].idxmax(axis=1)
    assert found["USA"] == pytest.approx(100 * drawn.weights[(most == "USA").to_numpy()].sum())


def test_draws_are_told_as_what_is_kept(drawn):
    told = published.told(drawn)
    assert list(told.pairs) == list(published.kept().pairs)
    assert list(told.headlines) == list(published.kept().headlines)
    assert told.effective == drawn.effective


def test_draws_worth_too_few_are_not_kept(data_copy, monkeypatch):
    before = {path: path.read_bytes() for path in (data_copy / "derived").iterdir()}
    monkeypatch.setattr(published, "draw", lambda *_a, **_k: _cheap())
    with pytest.raises(InputError, match="scenario drawn are worth .*, fewer than 400; take more"):
        published.write()
    assert {path: path.read_bytes() for path in (data_copy / "derived").iterdir()} == before


def _cheap():
    window = {"start": published.START, "end": published.END}
    return flows.monte_carlo(stocks(), FEW, **window)


def test_what_is_kept_is_written_and_read(data_copy, monkeypatch):
    for name in ("LEAST", "LEAST_OF_SCENARIO"):
        monkeypatch.setattr(published, name, 1)
    monkeypatch.setattr(published, "draw", lambda *_a, **_k: _cheap())
    monkeypatch.setattr(published, "DRAWS", FEW)
    moved = published.priors_table()
    monkeypatch.setattr(published, "doubled", lambda *_a, **_k: moved)
    written = published.write()
    assert len(written) == 8
    assert published.stale() == []
    assert set(published.scenarios_table()["scenario"]) == set(published.SCENARIOS)


@pytest.mark.parametrize("name", ["pairs", "scenarios", "evidence", "priors"])
def test_a_table_that_was_changed_is_refused(data_copy, name):
    path = data_copy / "derived" / f"flow_{name}.csv"
    path.write_text(path.read_text() + "\n")
    readers = {
        "pairs": flows.pairs_table,
        "scenarios": flows.scenarios_table,
        "evidence": flows.resting_table,
        "priors": flows.priors_table,
    }
    said = f"flow_{name}.csv: has been changed since it was computed; run `hashrate-migration fit flows`"
    with pytest.raises(InputError, match=re.escape(said)):
        readers[name]()


def test_other_tables_make_it_stale(edit):
    edit("relocation_reports", 0, "statement", "another")
    assert published.stale() == ["table relocation_reports"]


def test_an_unknown_scenario():
    with pytest.raises(InputError, match="supply = 'medium' is unknown; choose one of drawn, low"):
        published.kept("medium")


def test_pairs_have_a_row_for_every_pair_and_scenario():
    table = flows.pairs_table()
    sizes = table.groupby("scenario").size()
    assert (sizes == sizes.iloc[0]).all()
    assert isinstance(table, pd.DataFrame)
