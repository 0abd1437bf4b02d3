"""The command as a process of its own: exit status and what a user sees."""

from __future__ import annotations

import subprocess
import sys

import pytest


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
    assert "10 tables checked, 0 problems" in checked.stdout
    assert "hashrate_ehs" in command("data", "describe", "mining_map").stdout
    assert "difficulty_epochs" in command("data", "describe").stdout


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
