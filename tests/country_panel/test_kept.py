"""The panel as it is kept: written, read back, and refused where it is not of today."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import country_panel
from hashrate_migration.cli import main
from hashrate_migration.country_panel import kept, validation
from hashrate_migration.errors import InputError
from hashrate_migration.tables import read


@pytest.fixture(scope="module")
def drawn():
    return kept.read()


def test_the_kept_panel_belongs_to_todays_code_and_tables():
    assert kept.stale() == []


def test_it_says_what_it_was_made_from():
    about = kept.description()
    assert about["made_from"]["method"] == country_panel.METHOD_VERSION
    assert about["made_from"]["draws"] >= about["kept_draws"]
    assert about["made_from"]["chains"] >= 2
    assert set(about["made_from"]["tables"]) == set(country_panel.INPUTS)
    assert about["diagnostics"]


def test_draws_are_whole_compositions_of_all_months(drawn):
    assert drawn.shares.dtype == np.float32
    assert drawn.shares.shape == (kept.DRAWS, len(drawn.months), len(drawn.codes))
    assert drawn.steps.shape == (kept.DRAWS, len(drawn.codes))
    assert drawn.months.equals(country_panel.months())
    assert drawn.codes == [*country_panel.countries(), "OTH"]
    # Single precision has seven digits.
    assert drawn.shares.sum(axis=2, dtype=float) == pytest.approx(1, abs=1e-6)
    assert (drawn.shares > 0).all()
    assert (drawn.steps > 0).all()


def test_the_table_is_what_the_draws_make(drawn):
    table = kept.table()
    ends = 100 * np.quantile(drawn.shares.astype(float), [0.5, 0.05, 0.95], axis=0)
    for name, values in zip(("share_pct", "low", "high"), ends, strict=True):
        # Seven digits are written.
        assert table[name].to_numpy() == pytest.approx(values.ravel(), rel=2e-6)


def test_rounding_is_far_below_the_bands():
    table = kept.table()
    width = np.log(table["high"] / table["low"])
    # A draw is off by half a step at most; the narrowest band has room for twenty of them.
    assert width.min() > 10 * kept.LOG_STEP


def test_the_files_are_small_enough_to_be_kept():
    folder = read.data_folder() / "derived"
    sizes = [(folder / name).stat().st_size for name in kept._FILES]
    # Of the eight megabytes of all kept results.
    assert sum(sizes) < 7_500_000
    assert sizes[0] < 7_000_000


def test_draws_come_back_as_they_were_kept(data_copy, made_up):
    before = made_up(30)
    paths = kept.write(before, {"divergences": 0})
    assert [path.name for path in paths] == ["panel_draws.parquet", "panel.csv", "panel.json"]
    after = kept.read()
    assert after.codes == before.codes
    assert after.months.equals(before.months)
    off = np.abs(np.log(after.shares / before.shares))
    # Half a step of its own, and what the others' add to the sum.
    assert off.max() < 1.01 * kept.LOG_STEP
    assert np.abs(np.log(after.steps / before.steps)).max() < 0.51 * kept.LOG_STEP
    assert kept.description()["diagnostics"] == {"divergences": 0}
    assert kept.stale() == []
    kept.write(before, {"divergences": 0})
    assert kept.read() is after  # the same bytes


def test_many_draws_are_thinned_evenly_over_all_chains(data_copy, made_up, monkeypatch):
    monkeypatch.setattr(kept, "DRAWS", 5)
    many = made_up(41)
    kept.write(many, {})
    chosen = many.shares[[0, 10, 20, 30, 40]]
    assert kept.read().shares == pytest.approx(chosen, rel=1.01 * kept.LOG_STEP)
    assert kept.description()["made_from"]["draws"] == 41
    assert kept.description()["kept_draws"] == 5


def test_another_file_is_read_anew(data_copy, made_up):
    kept.write(made_up(10), {})
    first, table = kept.read(), hm.panel()
    kept.write(made_up(20), {})
    assert len(kept.read().shares) == 20
    assert len(first.shares) == 10
    assert (hm.panel()["share_pct"] != table["share_pct"]).any()


def test_what_is_read_may_be_changed_freely():
    table, paths = hm.panel(), country_panel.paths()
    table["share_pct"] = 0.0
    paths.loc[:] = 0.0
    assert hm.panel()["share_pct"].min() > 0
    assert country_panel.paths().to_numpy().min() > 0


@pytest.mark.parametrize(
    "call", [hm.panel, country_panel.paths, country_panel.steps, country_panel.means]
)
def test_a_panel_of_other_tables_is_refused_in_one_sentence(edit, data_copy, call):
    edit("mining_map", 0, "share_pct", "7")
    with pytest.raises(InputError) as caught:
        call()
    sentence = str(caught.value)
    assert sentence.endswith(
        "belongs to other tables (mining_map changed since); run `hashrate-migration fit panel`."
    )
    assert sentence.startswith(str(data_copy / "derived" / "panel"))


def test_a_table_that_it_is_not_made_from_may_change(edit):
    edit("policy_events", 0, "place", "elsewhere")
    assert len(hm.panel())


@pytest.mark.parametrize("name", kept._FILES)
def test_a_missing_file_is_one_sentence(data_copy, name):
    (data_copy / "derived" / name).unlink()
    with pytest.raises(
        InputError, match=f"no .*{name}; run `hashrate-migration fit panel`"
    ) as caught:
        (country_panel.paths if name.endswith("parquet") else hm.panel)()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["panel_draws.parquet", "panel.csv"])
def test_a_file_that_was_changed_is_refused(data_copy, name):
    path = data_copy / "derived" / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(InputError, match=f"{name}: has been changed since"):
        (country_panel.paths if name.endswith("parquet") else hm.panel)()
    assert kept.stale() == [f"file {name}"]


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"made_from": {}}'])
def test_a_description_that_is_none_is_one_sentence(data_copy, content):
    (data_copy / "derived" / "panel.json").write_text(content)
    with pytest.raises(InputError, match="is no description of the kept panel"):
        hm.panel()


def test_stale_names_code_tables_and_method(data_copy, edit, monkeypatch):
    edit("share_estimates", 0, "note", "another")
    monkeypatch.setattr(kept, "METHOD_VERSION", "3")
    path = data_copy / "derived" / "panel.json"
    digest = kept.description()["made_from"]["code"]["posterior.py"]
    path.write_text(path.read_text().replace(digest, "0" * 64))
    assert kept.stale() == ["method", "code posterior.py", "table share_estimates"]


def reached(module: str, found: set[str]) -> set[str]:
    """Files of the package that a file of it imports, and those that they import."""
    if module in found:
        return found
    found.add(module)
    folder = Path(kept.__file__).parent
    for node in ast.walk(ast.parse((folder / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.removeprefix("hashrate_migration.country_panel").strip(".")
            inside = node.module.startswith("hashrate_migration.country_panel")
            for name in [parts] if parts else [alias.name for alias in node.names]:
                if inside and (folder / f"{name}.py").is_file():
                    reached(f"{name}.py", found)
    return found


@pytest.mark.parametrize("listed", [kept.CODE, validation.FITTED_BY])
def test_every_file_that_the_draws_depend_on_is_listed(listed):
    assert reached("posterior.py", set()) - set(listed) == set()


def test_the_tables_behind_it_count_as_read():
    code = (
        "import hashrate_migration as hm\n"
        "from hashrate_migration.tables.read import used_tables\n"
        "hm.panel('2024')\n"
        "print(set(hm.country_panel.INPUTS) <= set(used_tables()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "True\n"


def test_the_panel_is_there_at_once():
    """Whoever asks for the panel does not wait for what fits it."""
    code = (
        "import time, sys, pandas\n"
        "begun = time.process_time()\n"
        "import hashrate_migration as hm\n"
        "hm.panel()\n"
        "read = time.process_time()\n"
        "hm.panel()\n"
        "print(read - begun, time.process_time() - read, 'statsmodels' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    first, second, fits = done.stdout.split()
    # Thrice what it takes, for a machine that does other things too.
    assert float(first) < 0.5
    assert float(second) < 0.05
    assert fits == "False"


def run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["hashrate-migration", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def validated(monkeypatch):
    """In place of the validation: what is stale of it, and with how many jobs it was computed."""
    from hashrate_migration.country_panel import validation

    state = {"stale": [], "jobs": []}

    def write(jobs):
        state["jobs"].append(jobs)
        return [read.data_folder() / "derived" / "panel_validation.csv"]

    monkeypatch.setattr(validation, "stale", lambda: state["stale"])
    monkeypatch.setattr(validation, "write", write)
    return state


def test_the_check_names_what_is_stale(edit, validated, monkeypatch, capsys):
    assert run(monkeypatch, "fit", "--check", "panel") == 0
    said = capsys.readouterr().out
    assert said.splitlines() == [
        "panel is of today's tables and code",
        "validation is of today's tables and code",
    ]
    validated["stale"] = ["code posterior.py"]
    edit("share_estimates", 0, "note", "another")
    assert run(monkeypatch, "fit", "--check", "panel") == 1
    assert capsys.readouterr().err.splitlines() == [
        "panel is older than table share_estimates; run `hashrate-migration fit panel`.",
        "validation is older than code posterior.py; run `hashrate-migration fit --validate`.",
    ]


def test_the_validation_is_computed_with_so_many_jobs(validated, monkeypatch, capsys):
    assert run(monkeypatch, "fit", "--validate", "--jobs", "3") == 0
    assert validated["jobs"] == [3]
    assert "panel_validation.csv" in capsys.readouterr().out
    assert run(monkeypatch, "fit", "--validate", "panel") == 2
    assert "--validate computes one result" in capsys.readouterr().err


def test_the_panel_is_fitted_by_the_command(monkeypatch, capsys, tmp_path):
    from hashrate_migration.country_panel import publish

    monkeypatch.setattr(publish, "write", lambda: [tmp_path / "panel.csv"])
    assert run(monkeypatch, "fit", "panel") == 0
    assert capsys.readouterr().out == f"written: {tmp_path / 'panel.csv'}\n"


def test_the_command_names_the_extra_of_the_sampler(monkeypatch, capsys):
    from hashrate_migration.country_panel import publish

    def write():
        raise ModuleNotFoundError("No module named 'jax.numpy'", name="jax.numpy")

    monkeypatch.setattr(publish, "write", write)
    assert run(monkeypatch, "fit", "panel") == 2
    assert 'pip install "hashrate-migration[fit]"' in capsys.readouterr().err


def test_months_are_those_of_the_draws():
    assert isinstance(kept.read().months, pd.DatetimeIndex)
    assert kept.read().months.name == "month"
