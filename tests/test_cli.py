"""The command as a process of its own: exit status and what a user sees."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hashrate_migration.tables import read


def command(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", "from hashrate_migration.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_version_and_help():
    assert "hashrate-migration, version" in command("--version").stdout
    assert "render" in command("--help").stdout


def test_help_does_not_import_the_heavy_packages():
    code = (
        "import sys; from hashrate_migration.cli import cli; "
        "cli(['--help'], standalone_mode=False); "
        "print([m for m in ('pandas', 'matplotlib', 'papermill') if m in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed.rstrip().endswith("[]")


def test_data_check_and_describe():
    checked = command("data", "check")
    assert checked.returncode == 0, checked.stderr
    assert f"{len(read.table_names())} tables checked, 0 problems" in checked.stdout
    assert "hashrate_ehs" in command("data", "describe", "mining_map").stdout
    assert "difficulty_epochs" in command("data", "describe").stdout


def test_the_panel_is_written_with_its_description(tmp_path):
    out = tmp_path / "panel.csv"
    done = command("panel", "--out", str(out), "--start", "2022-01", "--region", "KAZ")
    assert done.returncode == 0, done.stderr
    assert out.read_text().startswith("month,region,share_pct,low,high,hashrate_ehs")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["panel.csv", "panel.datapackage.json"]


def test_an_update_is_shown_before_it_is_written(data_copy, tmp_path):
    new = tmp_path / "new.csv"
    new.write_text(
        "month,region,share_pct,hashrate_ehs,source_id\n2022-01,KAZ,50,24.8,ccaf-mining-map\n"
    )
    before = (data_copy / "mining_map.csv").read_bytes()
    # The checks run in the dry run as well: what would be refused is refused.
    for options in (("--dry-run",), ()):
        refused = command("data", "update", "mining_map", str(new), *options)
        assert refused.returncode == 2
        assert "2022-01 adds up to 136.77" in refused.stderr
        assert "nothing was written" in refused.stderr
    assert (data_copy / "mining_map.csv").read_bytes() == before
    new.write_text(
        "month,region,share_pct,hashrate_ehs,source_id\n2022-01,KAZ,13.22,24.9,ccaf-mining-map\n"
    )
    shown = command("data", "update", "mining_map", str(new), "--dry-run")
    assert shown.returncode == 0
    assert "2022-01 KAZ: hashrate_ehs 24.8 -> 24.9" in shown.stdout
    assert "nothing written (--dry-run)" in shown.stdout
    assert (data_copy / "mining_map.csv").read_bytes() == before
    assert command("data", "update", "mining_map", str(new)).returncode == 0
    assert (data_copy / "mining_map.csv").read_bytes() != before


def test_list():
    assert "rise-and-ban" in command("list").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("data", "describe", "nothing"), "There is no table 'nothing'"),
        (("render", "nothing"), "There is no report 'nothing'"),
        (("render", "--all", "--jobs", "0"), "--jobs"),
        (("render", "one", "--catalogue", "gone.yml"), "gone.yml"),
        (("migrate",), "No such command"),
        (("panel", "--out", "panel.txt"), "ends with .csv or .parquet"),
        (("panel", "--out", "p.csv", "--kinds", "gone.csv"), "gone.csv: there is no such file"),
        (("data", "update", "nothing", "README.md"), "no table 'nothing'"),
    ],
)
def test_a_mistake_is_a_sentence_and_status_2(arguments, sentence):
    result = command(*arguments)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_broken_table_is_named(data_copy):
    (data_copy / "us_states.csv").write_text("month\n", encoding="utf-8")
    result = command("data", "describe")
    assert result.returncode == 2
    assert "us_states.csv" in result.stderr
    assert "Traceback" not in result.stderr
    assert command("data", "check").returncode == 1
