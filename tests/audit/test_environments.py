"""The same bytes on machines that are set up otherwise, and a sentence where something is missing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont
from kept import keep
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hashrate_migration.charts import display, theme

pytestmark = pytest.mark.audit
ROOT = Path(__file__).resolve().parents[2]

REPORT = "rise-and-ban"
"""Axes of months, numbers, tables, prose; quick."""


@dataclass(frozen=True)
class Place:
    """A machine to render on: where the checkout is, where the user stands, what is set."""

    checkout: Path
    cwd: Path
    set: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    python: Path = Path(sys.executable)

    def run(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        """The command line of the checkout."""
        environment = {k: v for k, v in os.environ.items() if k not in self.unset}
        environment |= {"PYTHONPATH": str(self.checkout / "src"), **self.set}
        return subprocess.run(
            [self.python, "-m", "hashrate_migration.cli", *arguments],
            cwd=self.cwd,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            **options,
        )


def copy_of_checkout(folder: Path) -> Path:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def all_files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rendered(place: Place, out: Path) -> tuple[dict[str, bytes], str]:
    """A report's files, and what the command wrote to stderr."""
    catalogue = place.checkout / "reports" / "catalogue.yml"
    done = place.run("render", REPORT, "--catalogue", str(catalogue), "--out", str(out))
    assert done.returncode == 0, done.stderr
    return all_files(out), done.stderr


def everything(place: Place, out: Path) -> tuple[dict[str, bytes], str]:
    """All that a place makes: a report, the panel, and what the checks say."""
    made, said = rendered(place, out / "pages")
    panel = out / "panel.csv"
    done = place.run("panel", "--out", str(panel), "--start", "2025-01")
    assert done.returncode == 0, done.stderr
    made |= {path.name: path.read_bytes() for path in out.glob("panel.*")}
    said += done.stderr
    for arguments in (("data", "check"), ("claims", "check")):
        done = place.run(*arguments)
        made[" ".join(arguments)] = f"{done.returncode}\n{done.stdout}".encode()
        said += done.stderr
    return made, said


def differing(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> list[str]:
    names = sorted({*first, *second})
    return [name for name in names if first.get(name) != second.get(name)]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the other places are compared with does not change while they are tried."""
    return copy_of_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def ordinary(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], str]:
    out = tmp_path_factory.mktemp("ordinary")
    made, said = everything(Place(checkout, checkout), out)
    # So that "no difference" is not that of two empty folders.
    assert {f"{REPORT}/index.html", "panel.csv"} <= set(made)
    return made, said


SETTINGS = """\
timezone: Asia/Kathmandu
date.epoch: 0000-12-31
font.size: 20
axes.facecolor: red
savefig.dpi: 30
svg.fonttype: none
path.simplify: False
"""

PROFILE = """\
c = get_config()
c.InteractiveShellApp.exec_lines = [
    "import matplotlib.pyplot as plt; plt.style.use('dark_background')",
    "print('from the profile')",
    "import pandas as pd; pd.set_option('display.precision', 1)",
]
c.InlineBackend.figure_formats = {"svg", "retina"}
c.InlineBackend.rc = {"figure.dpi": 30}
c.InteractiveShell.ast_node_interactivity = "all"
"""

STARTUP = """\
import warnings
import matplotlib

warnings.simplefilter("always")
matplotlib.use("pdf")
print("from the startup file")
parameters = charts = None
"""


def another_locale(checkout: Path, tmp: Path) -> Place:
    moved = copy_of_checkout(tmp / "算力 迁移, a copy")
    here = tmp / "我的 文件夹"
    here.mkdir()
    return Place(
        moved,
        here,
        {"LC_ALL": "C", "TZ": "Asia/Kathmandu"},
        ("LANG", "LANGUAGE", "PYTHONUTF8", "PYTHONIOENCODING"),
    )


def no_home(checkout: Path, tmp: Path) -> Place:
    return Place(checkout, tmp, unset=("HOME",))


def home_that_is_no_folder(checkout: Path, tmp: Path) -> Place:
    return Place(checkout, tmp, {"HOME": "/dev/null"})


def settings_that_cannot_be_written(checkout: Path, tmp: Path) -> Place:
    return Place(checkout, tmp, {"MPLCONFIGDIR": "/proc/none"})


def settings_of_a_user(checkout: Path, tmp: Path) -> Place:
    home, here = tmp / "home", tmp / "here"
    profile = home / ".ipython" / "profile_default"
    for path, text in {
        home / ".config" / "matplotlib" / "matplotlibrc": SETTINGS,
        here / "matplotlibrc": SETTINGS,
        tmp / "named" / "matplotlibrc": SETTINGS,
        profile / "ipython_config.py": PROFILE,
        profile / "ipython_kernel_config.py": PROFILE,
        profile / "startup" / "00-mine.py": STARTUP,
        home / "startup.py": STARTUP,
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Place(
        checkout,
        here,
        {
            "HOME": str(home),
            "MATPLOTLIBRC": str(tmp / "named" / "matplotlibrc"),
            "MPLBACKEND": "svg",
            "OMP_NUM_THREADS": "2",
            "OPENBLAS_NUM_THREADS": "2",
            "PANDAS_FUTURE": "legacy",
            "PYTHONHASHSEED": "7",
            "PYTHONSTARTUP": str(home / "startup.py"),
            display.PAGE_VARIABLE: "",
        },
        ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "IPYTHONDIR"),
    )


def settings_beside_the_notebooks(checkout: Path, tmp: Path) -> Place:
    moved = copy_of_checkout(tmp / "checkout")
    (moved / "notebooks" / "matplotlibrc").write_text(SETTINGS, encoding="utf-8")
    (moved / "notebooks" / "numbers.py").write_text("raise RuntimeError", encoding="utf-8")
    return Place(moved, moved)


def another_font_of_our_name(checkout: Path, tmp: Path) -> Place:
    name = "Hashrate Migration Sans"
    assert name == theme._FONT  # else the font below is in nobody's way
    font = TTFont(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf")
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = name
    for folder in (".local/share/fonts", ".fonts"):
        (tmp / folder).mkdir(parents=True)
        font.save(tmp / folder / "sans.ttf")
    unset = ("XDG_DATA_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR")
    return Place(checkout, tmp, {"HOME": str(tmp)}, unset)


PLACES: dict[str, Callable[[Path, Path], Place]] = {
    "another language and time zone, a path with blanks and Chinese letters": another_locale,
    "no HOME": no_home,
    "HOME is no folder": home_that_is_no_folder,
    "folder of settings cannot be written": settings_that_cannot_be_written,
    "settings of matplotlib, IPython, pandas and Python": settings_of_a_user,
    "settings beside the notebooks": settings_beside_the_notebooks,
    "another font under the name of ours": another_font_of_our_name,
}

_held: dict[str, bool] = {}


@pytest.fixture(scope="module", autouse=True)
def _keep():
    yield
    if set(_held) == set(PLACES):
        keep("other machines", "must give the same bytes", len(_held), sum(_held.values()))


@pytest.mark.parametrize("name", PLACES)
def test_another_machine_gives_the_same_bytes(name, checkout, ordinary, tmp_path):
    _held[name] = False
    place = PLACES[name](checkout, tmp_path)
    out = tmp_path / "输出 out"
    out.mkdir()
    made, said = everything(place, out)
    assert differing(ordinary[0], made) == []
    assert said == ordinary[1]  # nothing about caches, folders or settings
    _held[name] = True


# A folder that may be read only -------------------------------------------------------------------


def read_only(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a world of its own in which a folder is mounted for reading only."""
    where = shlex.quote(str(folder))
    mounted = f"mount --bind {where} {where} && mount -o remount,ro,bind {where} || exit 99\n"
    command = ["unshare", "--mount", "--map-root-user"]
    if not shutil.which("unshare"):
        pytest.skip("there is no unshare here, which mounts for one process alone")
    done = subprocess.run(
        [*command, "sh", "-c", f"{mounted}cd {where}\n{script}"],
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 99 or "unshare failed" in done.stderr:
        pytest.skip(f"this user may not mount: {done.stderr.strip()}")
    return done


COMMAND = shlex.join([sys.executable, "-m", "hashrate_migration.cli"])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("data update network_daily day.csv", "data"),
        ("data seal", "data/datapackage.json"),
        ("panel --out panel.csv --start 2025-01", "panel.csv"),
        ("notebooks 06_underground", "notebooks"),
        (f"render {REPORT}", "reports/site"),
        ("words", "locale"),
        ("readme", "README.md"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(arguments, named, checkout, tmp_path):
    folder = copy_of_checkout(tmp_path / "checkout")
    days = (folder / "data" / "network_daily.csv").read_text(encoding="utf-8").splitlines()
    last = days[-1].split(",")
    column = days[0].split(",").index("hashrate_ehs")
    last[column] = str(round(float(last[column]) * 1.01, 3))
    (folder / "day.csv").write_text(f"{days[0]}\n{','.join(last)}\n", encoding="utf-8")
    if arguments == "data seal":
        table = folder / "data" / "sources.csv"
        table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    if arguments in ("words", "readme"):  # both write only what has changed
        for path in [folder / "README.md", *(folder / "locale").rglob("*.po")]:
            path.write_text(
                path.read_text(encoding="utf-8") + "\n<!-- begin: terms -->\n<!-- end -->\n#\n"
            )
    before = all_files(folder)
    done = read_only(folder, f"{COMMAND} {arguments}")
    assert done.returncode == 2, done.stderr
    (sentence,) = [
        line for line in done.stderr.splitlines() if line.startswith("hashrate-migration:")
    ]
    assert named in sentence
    assert re.search(r"cannot be (written|made|used)", sentence)
    assert re.search(r"; (choose|give|name) ", sentence)
    assert "Traceback" not in done.stderr
    assert all_files(folder) == before


def test_a_checkout_that_cannot_be_written_is_rendered_elsewhere(ordinary, checkout, tmp_path):
    folder = copy_of_checkout(tmp_path / "checkout")
    out = tmp_path / "pages"
    done = read_only(folder, f"{COMMAND} render {REPORT} --out {shlex.quote(str(out))}")
    assert done.returncode == 0, done.stderr
    made = all_files(out)
    assert made
    assert [name for name in made if made[name] != ordinary[0].get(name)] == []


# What is installed ---------------------------------------------------------------------------------


def core() -> set[str]:
    """Names of the installed distributions that the package needs without its extras."""
    found: set[str] = set()
    wanted = [
        item
        for item in importlib.metadata.requires("hashrate-migration") or []
        if "extra ==" not in item
    ]
    while wanted:
        need = Requirement(wanted.pop())
        if need.marker and not any(
            need.marker.evaluate({"extra": extra}) for extra in {"", *need.extras}
        ):
            continue
        name = canonicalize_name(need.name)
        if name in found:
            continue
        found.add(name)
        for item in importlib.metadata.requires(name) or []:
            deeper = Requirement(item)
            if not deeper.marker or any(
                deeper.marker.evaluate({"extra": extra}) for extra in {"", *need.extras}
            ):
                deeper.marker = None
                wanted.append(str(deeper))
    return found


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of an environment without extras, and the wheel of this package."""
    home = tmp_path_factory.mktemp("bare")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(home)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    venv.create(home / "env", with_pip=False)
    packages = next((home / "env" / "lib").glob("python*/site-packages"))
    for name in core():
        distribution = importlib.metadata.distribution(name)
        tops = {path.parts[0] for path in distribution.files or [] if path.parts[0] != ".."}
        for top in tops - {"__pycache__"}:
            source, target = Path(str(distribution.locate_file(top))), packages / top
            if not target.exists():
                target.symlink_to(source)
    wheel = next(home.glob("*.whl"))
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(home / "env" / "bin" / "python")]
        + ["install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        check=True,
        capture_output=True,
    )
    return packages


def in_bare(bare: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    python = bare.parents[2] / "bin" / "python"
    return subprocess.run(
        [python, *arguments],
        cwd=bare.parents[3],
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_tables_model_and_figures_need_no_extra(bare):
    code = """
import importlib.util
import hashrate_migration as hm

assert importlib.util.find_spec("papermill") is None, "the extra is here after all"
print(len(hm.load("mining_map")), len(hm.panel("2025-01", "2025-03")))
hm.charts.use("zh")
source = hm.charts.cite("mining_map")
with hm.charts.figure("a", title="t", subtitle="s", caption="c", source=source) as ax:
    hm.charts.world(ax, hm.shares().iloc[-1])
"""
    done = in_bare(bare, "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("290 ")


@pytest.mark.parametrize("way", ["script", "module"])
@pytest.mark.parametrize("without_click", [False, True])
def test_the_command_line_says_which_extra_it_needs(bare, way, without_click):
    click, aside = bare / "click", bare.parents[3] / "click"
    moved = without_click and click.exists()
    if moved:
        click.rename(aside)
    try:
        start = {
            "script": [str(bare.parents[2] / "bin" / "hashrate-migration")],
            "module": ["-m", "hashrate_migration.cli"],
        }[way]
        done = in_bare(bare, *start, "render", REPORT)
    finally:
        if moved:
            aside.rename(click)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert 'pip install "hashrate-migration[reports]"' in done.stderr
    assert ("click" in done.stderr) == (without_click or not click.exists())


# Other Pythons ---------------------------------------------------------------------------------------

PYTHONS_VARIABLE = "HASHRATE_MIGRATION_PYTHONS"
"""Interpreters to try besides, with the path's separator between them."""


def interpreters() -> list[str]:
    named = os.environ.get(PYTHONS_VARIABLE, "").split(os.pathsep)
    return [*filter(None, named), *(f"python3.{minor}" for minor in (11, 12, 13))]


@pytest.mark.parametrize("name", interpreters())
def test_another_python_passes_the_suite_and_gives_the_same_bytes(
    name, checkout, ordinary, tmp_path
):
    found = shutil.which(name)
    code = "import platform; print(platform.python_version())"
    asked = subprocess.run([found or "false", "-c", code], capture_output=True, text=True)
    if asked.returncode:
        pytest.skip(f"there is no {name} here")
    version = asked.stdout.strip()
    if version == platform.python_version():
        pytest.skip(f"{version} is the Python of all other tests")
    folder = copy_of_checkout(tmp_path / "checkout")
    env = tmp_path / "env"
    python = env / "bin" / "python"
    subprocess.run([found, "-m", "venv", str(env)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = str(folder / "requirements.lock")
    done = subprocess.run(
        [*pip, "--require-hashes", "-r", lock], capture_output=True, text=True, check=False
    )
    if re.search(r"No matching distribution|Could not (find|fetch)|ConnectionError", done.stderr):
        pytest.skip(f"the registry does not have the pins for {version}: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr[-2000:]
    subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "--editable", str(folder)], check=True
    )
    made, _said = rendered(Place(folder, folder, python=python), tmp_path / "pages")
    pages = {n: c for n, c in ordinary[0].items() if n in made}
    assert len(pages) == len(made)
    # A page says which Python and which packages made it.
    versions = re.compile(rb"<p>Python 3[^<]*</p>")
    page = f"{REPORT}/index.html"
    assert f"<p>Python {version}, ".encode() in made[page]
    for files in (pages, made):
        files[page] = versions.sub(b"<p>versions</p>", files[page])
    assert differing(pages, made) == []
    light = ["tests/hashrate", "tests/tables", "tests/energy"]
    tests = subprocess.run(
        [str(python), "-m", "pytest", "-p", "no:cacheprovider", "-x", "-q", *light],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout[-3000:]
    keep("other Pythons", f"Python {version.rsplit('.', 1)[0]}: the same bytes, and passes", 1, 1)
