from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def wanted() -> set[str]:
    extras = PROJECT["optional-dependencies"].values()
    return {*PROJECT["dependencies"], *(item for extra in extras for item in extra)}


def test_environment_and_pyproject_name_the_same_packages():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    by_pip = next(item["pip"] for item in listed if isinstance(item, dict))
    conda = {item for item in listed if isinstance(item, str)}
    assert f"python{PROJECT['requires-python']}" in conda
    named = conda - {"pip", f"python{PROJECT['requires-python']}"}
    named |= {item for item in by_pip if not item.startswith("--")}
    assert named == wanted()


def test_lock_pins_everything_with_hashes_and_carries_no_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.split("\n", 2)[2])
    pinned = set()
    for entry in entries:
        name = re.match(r"([A-Za-z0-9._-]+)==", entry)
        assert name, entry
        assert "--hash=sha256:" in entry, name[1]
        pinned.add(name[1].lower())
    names = {re.match(r"[A-Za-z0-9._-]+", item)[0].lower() for item in wanted()}
    assert names <= pinned


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_loads_its_tables_from_any_folder(wheel: Path, tmp_path: Path):
    # An environment of its own, so that the checkout is out of reach; what the package
    # depends on comes from the environment that runs the tests.
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    packages = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
        + ["--target", str(packages), str(wheel)],
        check=True,
    )
    borrowed = tmp_path / "borrowed"
    borrowed.mkdir()
    for item in Path(yaml.__file__).parents[1].iterdir():
        if not re.search(r"hashrate|editable", item.name):
            (borrowed / item.name).symlink_to(item)
    (packages / "borrowed.pth").write_text(str(borrowed) + "\n", encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = (
        "import hashrate_migration as hm; print(hm.__file__); "
        "from hashrate_migration.tables.read import data_folder; "
        "print(len(hm.load('mining_map')), data_folder())"
    )
    # The path of the checkout may be said to the process that runs the tests.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [python, "-c", code],
        cwd=elsewhere,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert result[0].startswith(str(packages))
    assert result[1].startswith("290 " + str(packages))
