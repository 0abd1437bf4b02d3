"""The floor plan: what lives where, which way imports point, which names are public."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import hashrate_migration as hm

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "hashrate_migration"

LAYERS = (
    ("errors", "arguments", "chronology", "periods"),
    ("tables",),
    ("words",),
    ("hashrate",),
    ("flows", "country_panel"),
    ("energy",),
    ("findings",),
    ("charts",),
    ("chapters",),
    ("reports",),
    ("cli",),
)
"""From left to right: a module imports from its own layer and from those to its left."""

PUBLIC_FUNCTIONS = (
    "describe",
    "load",
    "network_hashrate",
    "panel",
    "ranks",
    "shares",
    "sources",
    "stocks",
)
PUBLIC_MODULES = (
    *("charts", "claims", "concentration", "country_panel", "energy", "events", "flows"),
    *("hardware", "network", "outlook", "regions"),
)

LAYER_OF = {name: place for place, names in enumerate(LAYERS) for name in names}

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room(path: Path) -> str:
    """The package of a module, or the module itself at the root."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """Rooms that a module imports, at its head or within a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise AssertionError(f"{path}: imports are written in full")
        elif isinstance(node, ast.ImportFrom) and node.module == "hashrate_migration":
            names = [f"hashrate_migration.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        found |= {n.split(".")[1] for n in names if n.startswith("hashrate_migration.")}
    return found - {"__version__"}


def test_every_room_is_in_the_plan():
    assert {room(path) for path in MODULES} == set(LAYER_OF)


def test_only_a_few_modules_stand_at_the_root():
    root = {path.stem for path in PACKAGE.glob("*.py")}
    assert root == {"__init__", "errors", "arguments", "chronology", "periods", "cli"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_to_the_left(path):
    own = LAYER_OF[room(path)]
    right = {name for name in imported(path) if LAYER_OF[name] > own}
    assert not right, f"{path.name} imports {sorted(right)}, which stand to its right"


def test_reports_know_no_chapter():
    for path in (PACKAGE / "reports").glob("*.py"):
        assert "chapters" not in imported(path)


def test_tests_mirror_the_package():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()} - {"__pycache__"}
    for folder in rooms:
        for test in (ROOT / "tests" / folder).glob("test_*.py"):
            module = test.stem.removeprefix("test_")
            known = {path.stem for path in (PACKAGE / folder).glob("*.py")} | {folder}
            # Whole sites, what in them is not ours, and the corruption of all tables belong to none.
            assert module in known | {"site", "owners", "readme_blocks", "corruptions"}, test


def test_dir_lists_the_public_names_alone():
    assert set(dir(hm)) == {*PUBLIC_FUNCTIONS, *PUBLIC_MODULES, "InputError"}


HOMES = {
    "describe": "tables.package",
    "load": "tables.read",
    "network_hashrate": "hashrate.network",
    "panel": "country_panel.model",
    "ranks": "hashrate.mining_map",
    "shares": "hashrate.mining_map",
    "sources": "tables.package",
    "stocks": "hashrate.mining_map",
}


@pytest.mark.parametrize("name", PUBLIC_FUNCTIONS)
def test_a_public_function_is_the_one_of_its_name(name):
    module = importlib.import_module(f"hashrate_migration.{HOMES[name]}")
    assert getattr(hm, name) is getattr(module, name)


@pytest.mark.parametrize(
    "first",
    [
        "hashrate_migration.country_panel.model",
        "hashrate_migration.findings.claims",
        "hashrate_migration.hashrate.mining_map",
        "hashrate_migration.chapters.panel",
        "hashrate_migration.reports.parameters",
    ],
)
def test_public_names_mean_the_same_whatever_is_imported_first(first):
    code = (
        f"import importlib; importlib.import_module({first!r})\n"
        "import hashrate_migration as hm\n"
        f"for _ in range(2):\n"
        f"    assert all(callable(getattr(hm, n)) for n in {PUBLIC_FUNCTIONS})\n"
        f"    assert all(hasattr(getattr(hm, n), '__path__') or getattr(hm, n).__file__"
        f" for n in {PUBLIC_MODULES})\n"
        "assert callable(hm.claims.check)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_function_says_what_it_does():
    for name in PUBLIC_FUNCTIONS:
        text = getattr(hm, name).__doc__
        assert "Returns\n" in text, name
