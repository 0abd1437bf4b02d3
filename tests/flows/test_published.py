"""The flows that are published: what is kept of them, and when nothing is."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import flows
from hashrate_migration.cli import main
from hashrate_migration.errors import InputError
from hashrate_migration.flows import published
from hashrate_migration.flows.assumptions import SCALES, SHARES, Assumptions
from hashrate_migration.flows.evidence.pieces import NAMES
from hashrate_migration.flows.summary import HEADLINES
from hashrate_migration.hashrate.mining_map import stocks

IN_EHS = [figure for figure, unit in HEADLINES.items() if unit == "EH/s"]
WHOLE = published.DRAWN

READ = {
    "flow_pairs": flows.pairs_table,
    "flow_scenarios": flows.scenarios_table,
    "flow_evidence": flows.resting_table,
    "flow_priors": flows.priors_table,
}


def run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["hashrate-migration", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_kept_tables_belong_to_todays_code_and_tables():
    assert published.stale() == []


@pytest.mark.parametrize(
    "table", [flows.scenarios_table(), flows.resting_table(), flows.pairs_table()]
)
def test_intervals_are_in_order(table):
    ends = table.filter(regex="low|median|high")
    assert list(ends.columns.str[:3]) == ["low", "med", "hig"]
    assert (np.diff(ends, axis=1) >= 0).all()


def test_headlines_stand_under_every_supply_and_are_worth_enough():
    table = flows.scenarios_table()
    for scenario, own in table.groupby("scenario", sort=False):
        assert list(own["figure"]) == list(HEADLINES)
        least = published.LEAST if scenario == WHOLE else published.LEAST_OF_SCENARIO
        assert (own["effective"] >= least).all()
    assert list(table["scenario"].unique()) == list(published.SCENARIOS)


def test_the_steps_end_with_all_evidence_less_one_piece():
    table = flows.resting_table()
    steps = ["assumptions", "accounts", "evidence", *(f"without {name}" for name in NAMES)]
    assert list(table["figure"].unique()) == list(HEADLINES)
    for _, own in table.groupby("figure"):
        assert list(own["based_on"]) == steps


def test_every_assumption_was_widened():
    table = flows.priors_table()
    assert list(table["prior"].unique()) == [*SHARES, *SCALES, "prior_sd"]
    for _, own in table.groupby("prior"):
        assert list(own["figure"]) == IN_EHS
    # Its range holds every part of one already: nothing can move.
    assert (table.loc[table["prior"] == "proxy_share", "moved"] == 0).all()


def test_the_tables_tell_of_the_same_draws():
    own = published.kept()
    headlines = own.headlines.set_index("figure")
    told = flows.resting_table().query("based_on == 'evidence'").set_index("figure")
    pd.testing.assert_frame_equal(
        headlines[["low", "median", "high", "mean"]], told[["low", "median", "high", "mean"]]
    )
    assert (told["effective"] == own.effective).all()
    # Means add up: what went to each place, and what is back and what never ran again.
    left = own.pairs[own.pairs["origin"] == "CHN"].set_index("destination")["mean_ehs"]
    means = headlines["mean"]
    assert left.sum() == pytest.approx(means["departed"], abs=0.02)
    assert left.drop(["CHN", "retired"]).sum() == pytest.approx(means["abroad"], abs=0.02)
    assert left[["CHN", "retired"]].to_list() == pytest.approx(
        [means["back"], means["retired"]], abs=0.02
    )


def test_one_country_received_most_in_every_draw():
    pairs = flows.pairs_table()
    parts = pairs.groupby("scenario")["most_pct"].sum()
    assert parts.to_list() == pytest.approx([100.0] * len(published.SCENARIOS), abs=0.1)
    told = set(pairs.dropna(subset="most_pct")["destination"])
    assert not told & {"CHN", "OTH", "retired"}


def test_more_new_machines_leave_room_for_fewer_that_moved():
    abroad = flows.scenarios_table().query("figure == 'abroad'").set_index("scenario")["median"]
    assert abroad["low"] > abroad["central"] > abroad["high"]
    assert abroad["low"] - abroad["high"] > 5


def test_a_scenario_of_supply_hears_no_evidence_on_supply():
    assert [piece.name for piece in published.evidence_of(WHOLE)] == list(NAMES)
    for supply in published.SCENARIOS[1:]:
        heard = [piece.name for piece in published.evidence_of(supply)]
        assert heard == [name for name in NAMES if name != "supply"]


def test_scenarios_share_the_range_of_supply_between_them():
    whole = Assumptions()
    ranges = [published.supplied(whole, name).supply_ehs for name in published.SCENARIOS]
    assert ranges[0] == whole.supply_ehs
    assert ranges[1][0] == pytest.approx(whole.supply_ehs[0])
    assert ranges[3][1] == pytest.approx(whole.supply_ehs[1])
    assert ranges[1][1] == ranges[2][0]
    assert ranges[2][1] == ranges[3][0]
    # All else stays.
    low = published.supplied(whole, "low")
    assert low.turnover == whole.turnover


def test_another_scenario_is_one_sentence():
    with pytest.raises(InputError, match="supply = 'plenty'.*drawn"):
        published.kept("plenty")


class Two:
    """Two draws, of which the second weighs three times the first."""

    weights = np.array([0.25, 0.75])
    samples = pd.DataFrame({"A": [5.0, 1.0], "B": [1.0, 2.0], "OTH": [9.0, 9.0], "HUB": [9.0, 9.0]})
    pairs = pd.DataFrame(
        {"origin": ["HUB"] * 5, "destination": ["HUB", "A", "B", "OTH", "retired"]}
    )


def test_who_received_most_is_counted_on_draws_by_their_weight():
    assert published.first(Two, "HUB").to_dict() == {"A": 25.0, "B": 75.0}


@pytest.fixture
def few(monkeypatch):
    """A few draws in place of thousands; no assumption is widened."""
    monkeypatch.setattr(published, "draw", partial(published.draw, 32))
    monkeypatch.setattr(published, "DRAWS", 32)
    monkeypatch.setattr(published, "LEAST", 1)
    monkeypatch.setattr(published, "LEAST_OF_SCENARIO", 1)
    kept = flows.priors_table()
    monkeypatch.setattr(published, "doubled", lambda *_, **__: kept)


def test_tables_written_anew_are_of_today(data_copy, few, monkeypatch, capsys):
    assert published.stale() == ["draws"]
    assert run(monkeypatch, "fit", "flows") == 0
    said = capsys.readouterr().out
    assert published.stale() == []
    for name, read in READ.items():
        assert f"{name}.csv" in said
        assert len(read())
    assert (flows.scenarios_table()["effective"] < published.LEAST * 400).all()


@pytest.mark.usefixtures("few")
def test_draws_that_are_worth_too_few_are_not_kept(data_copy, monkeypatch):
    before = {path.name: path.read_bytes() for path in (data_copy / "derived").iterdir()}
    monkeypatch.setattr(published, "LEAST", 10_000)
    with pytest.raises(InputError, match="scenario drawn are worth .*, fewer than 10000; take"):
        published.write()
    assert before == {path.name: path.read_bytes() for path in (data_copy / "derived").iterdir()}


@pytest.mark.parametrize("name", list(READ))
def test_a_table_that_is_missing_or_was_changed_is_one_sentence(data_copy, name):
    path = data_copy / "derived" / f"{name}.csv"
    path.write_text(path.read_text() + "\n")
    with pytest.raises(InputError, match=rf"{name}\.csv: has been changed since"):
        READ[name]()
    assert published.stale() == [f"table {name}.csv"]
    path.unlink()
    with pytest.raises(InputError, match=rf"no .*{name}\.csv; run `hashrate-migration fit flows`"):
        READ[name]()


def test_the_check_names_what_is_stale(data_copy, monkeypatch, capsys):
    assert run(monkeypatch, "fit", "--check", "flows") == 0
    assert "flows is of today's tables and code" in capsys.readouterr().out
    path = data_copy / "derived" / "flow_pairs.json"
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))
    assert run(monkeypatch, "fit", "--check", "flows") == 1
    said = capsys.readouterr().err
    assert "flows is older than seed; run `hashrate-migration fit flows`" in said


def test_the_window_is_that_in_which_the_map_lost_china():
    china = stocks()["CHN"]
    first, last = pd.Timestamp(published.START), pd.Timestamp(published.END)
    assert china[first] < china[first - pd.DateOffset(months=1)]
    assert china[last] == 0 < china[last + pd.DateOffset(months=1)]
