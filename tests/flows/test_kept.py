from __future__ import annotations

import pytest

from hashrate_migration import flows
from hashrate_migration.cli import main
from hashrate_migration.errors import InputError
from hashrate_migration.flows import kept, simulation


def test_the_kept_table_belongs_to_todays_code_and_tables():
    assert kept.stale() == []


def test_the_first_world_comes_out_as_it_did():
    # Shares of hits are whole; errors may differ in the last bits of a processor's arithmetic.
    assert kept.probe() == pytest.approx(kept.description()["first_world"], abs=0.01)


def test_the_table_has_every_variant_and_says_what_it_rests_on():
    table = flows.truth()
    assert list(table["variant"]) == list(simulation.VARIANTS)
    assert set(table["worlds"]) == {kept.WORLDS}
    assert set(table["draws"]) == {kept.DRAWS}
    assert table.filter(like="coverage_").stack().between(0, 100).all()


def test_knowing_how_machines_behave_is_worth_something():
    row = flows.truth().set_index("variant").loc[simulation.AS_ASSUMED]
    others = [f"error_{name}_pct" for name in flows.METHODS if name != "transport"]
    assert row["error_transport_pct"] < row[others].min()
    # An interval of 90 percent that held the truth in fewer than 4 worlds of 5 would mislead.
    assert row.filter(like="coverage_").min() >= 80


@pytest.mark.parametrize("name", ["truth_test.csv", "truth_test.json"])
def test_a_missing_table_is_one_sentence(data_copy, name):
    (data_copy / "derived" / name).unlink()
    with pytest.raises(
        InputError, match=f"no .*{name}; run `hashrate-migration fit truth`"
    ) as caught:
        flows.truth()
    assert "\n" not in str(caught.value)


def test_a_table_that_was_changed_is_refused(data_copy):
    path = data_copy / "derived" / "truth_test.csv"
    path.write_text(path.read_text().replace("as assumed,100,400,9", "as assumed,100,400,1"))
    with pytest.raises(InputError, match=r"truth_test\.csv: has been changed since"):
        flows.truth()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"sha256": "x"}'])
def test_a_description_that_is_none_is_one_sentence(data_copy, content):
    (data_copy / "derived" / "truth_test.json").write_text(content)
    with pytest.raises(InputError, match="is no description of the kept result"):
        flows.truth()


def run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["hashrate-migration", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_check_names_what_is_stale(data_copy, monkeypatch, capsys):
    assert run(monkeypatch, "fit", "--check", "truth") == 0
    path = data_copy / "derived" / "truth_test.json"
    digest = kept.description()["made_from"]["code"]["transport.py"]
    path.write_text(path.read_text().replace(digest, "0" * 64).replace('"seed": 1000', '"seed": 1'))
    assert kept.stale() == ["seed", "code transport.py"]
    assert run(monkeypatch, "fit", "--check", "truth") == 1
    said = capsys.readouterr().err
    assert "truth is older than seed, code transport.py; run `hashrate-migration fit truth`" in said


def test_a_table_changed_by_hand_is_stale(data_copy):
    before = kept.stale()
    path = data_copy / "derived" / "truth_test.csv"
    path.write_text(path.read_text().replace("as assumed,100", "as assumed,1000"))
    assert kept.stale() == ["table truth_test.csv", *before]


def test_a_table_written_anew_is_of_today(data_copy, monkeypatch):
    before = kept.stale()
    monkeypatch.setattr(kept, "WORLDS", 1)
    monkeypatch.setattr(kept, "DRAWS", 5)
    assert kept.stale() == ["worlds", "draws", *before]
    assert run(monkeypatch, "fit", "truth") == 0
    assert kept.stale() == []
    assert set(flows.truth()["worlds"]) == {1}


def test_there_is_nothing_else_to_fit(monkeypatch, capsys):
    assert run(monkeypatch, "fit", "moon") == 2
    assert "no result 'moon' to fit; there are: panel, truth" in capsys.readouterr().err
