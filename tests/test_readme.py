"""What is written for people: README, CONTRIBUTING, naming, changelog, hooks."""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
import yaml

import hashrate_migration as hm
from hashrate_migration.cli import cli
from hashrate_migration.reports import readme

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "hashrate_migration"
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/naming.md"]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))

# What stands for something else in a path of a document.
PLACEHOLDERS = ("NAME", "NN_", "name.", "NOTEBOOK", "ID")


def of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def test_the_readme_is_of_today():
    assert readme.filled(README, ROOT) == README, f"run `{readme.COMMAND}`"


def test_every_block_is_shown():
    shown = set(re.findall(r"<!-- begin: (.*?) -->", README))
    assert shown == set(readme.BLOCKS)


def test_the_example_runs_and_prints(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(example.splitlines()) <= 10
    exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    stock = hm.stocks("2021-05", "2022-01")["USA"]
    assert f"'USA': {stock.iloc[-1] - stock.iloc[0]:.1f}" in printed
    fall = hm.network.drawdown(hm.network_hashrate("2021-01", "2022-01"), end="2021-06")
    assert str(fall) in printed
    for headline in ("departed", "abroad", "back", "retired"):
        assert re.search(rf"^\d+ +{headline}\b", printed, re.MULTILINE)


def calls() -> list[str]:
    """Calls of the table, as written."""
    (table,) = re.findall(r"\| call \| gives \|\n(.*?)\n\n", README, re.DOTALL)
    firsts = [line.split(" | ")[0] for line in table.splitlines()[1:]]
    return [call for first in firsts for call in re.findall(r"`([^`]+)`", first)]


@pytest.mark.parametrize("call", calls())
def test_what_it_says_can_be_called(call):
    name, given = re.fullmatch(r"([a-z_.]+)\((.*)\)", call).groups()
    function = hm
    for part in name.split("."):
        function = getattr(function, part)
    known = inspect.signature(function).parameters
    words = [
        word for word in re.split(r",\s*(?![^()]*\))", given) if re.fullmatch(r"[a-z_]+", word)
    ]
    # One that takes any names, or a value whose name says what it is.
    loose = {"series", "stocks", "table", "file", "left_out", "code"}
    assert set(words) <= set(known) | loose, known


def test_every_public_name_is_in_the_table():
    told = {call.split("(")[0].split(".")[0] for call in calls()}
    assert told == set(dir(hm)) - {"InputError"}


def test_the_picture_shows_every_folder_from_left_to_right():
    (picture,) = re.findall(r"```\n(data/ ─► .*?)\n", README)
    steps = [room for step in picture.split(" ─► ") for room in step.split(", ")]
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    # Words stand beside the row: tables, charts and chapters use them.
    assert rooms - {"words"} <= {step.strip("/") for step in steps}
    for room in rooms:
        assert f"`{room}`" in README


def test_every_folder_of_the_checkout_has_its_rule():
    rows = re.findall(r"^\| `([a-z_/]+)/` \|", README, re.MULTILINE)
    assert {"data", "src/hashrate_migration", "notebooks", "reports", "tests"} <= set(rows)
    for row in rows:
        assert (ROOT / row).is_dir(), row


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_it_links_to_are_there(document):
    folder = (ROOT / document).parent
    for target in re.findall(r"\]\((?!http)([^)#]+)(?:#[^)]*)?\)", of(document)):
        assert (folder / target).exists(), target


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/naming.md"])
def test_files_that_it_names_are_there(document):
    for name in re.findall(
        r"`([\w./-]+\.(?:py|md|yml|toml|csv|json|ipynb|po|yaml))\b", of(document)
    ):
        if any(word in name for word in PLACEHOLDERS) or "/" not in name:
            continue
        assert any((folder / name).exists() for folder in (ROOT, PACKAGE, ROOT / "data")), name


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/naming.md"])
def test_names_in_a_module_are_there(document):
    for path, name in re.findall(r"`([\w/]+\.py):(\w+)`", of(document)):
        assert re.search(rf"^{name}\b", (PACKAGE / path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_targets_that_it_names_are_there(document):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^|`)make ([a-z]+)", of(document), re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def known_command(words: list[str]) -> bool:
    """Whether a line of the command line names a command that there is, with its options."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    options = {option for parameter in command.params for option in parameter.opts}
    return command is not cli and all(w in options for w in words if w.startswith("-"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_that_it_names_are_there(document):
    for line in re.findall(r"hashrate-migration ([^`\n]*)", of(document)):
        words = shlex.split(line.split("  #")[0])
        if words and words[0].isalpha():
            assert known_command(words), line


def test_hooks_are_local_and_their_commands_are_there():
    for repo in HOOKS["repos"]:
        assert repo["repo"] == "local"
        for hook in repo["hooks"]:
            assert hook["language"] == "system"
            if (words := shlex.split(hook["entry"]))[0].endswith("hashrate-migration"):
                assert known_command(words[1:]), hook["id"]


def test_files_that_a_hook_watches_are_there():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    if not listed:
        pytest.skip("no checkout of git")
    for repo in HOOKS["repos"]:
        for hook in repo["hooks"]:
            if "files" in hook:
                assert any(re.search(hook["files"], path) for path in listed), hook["id"]


def test_the_changelog_has_the_version():
    assert f"## [{hm.__version__}]" in of("CHANGELOG.md")
    assert "## [Unreleased]" in of("CHANGELOG.md")


def test_a_word_has_one_meaning():
    rows = re.findall(r"^\| ([^|`]+) \| [^|]*\| [^|]+ \|$", of("docs/naming.md"), re.MULTILINE)
    terms = [term.strip() for row in rows for term in row.split(",") if term.strip() != "word"]
    assert len(terms) == len(set(terms))
