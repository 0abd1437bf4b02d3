"""What must come of any file or value that a user hands over, whatever is in it."""

from __future__ import annotations

import ast
import hashlib
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from damage import catalogues, tables, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashrate_migration import country_panel
from hashrate_migration.errors import InputError
from hashrate_migration.findings import claims
from hashrate_migration.reports import catalogue, parameters
from hashrate_migration.tables import read, updates

ROOT = Path(__file__).parents[2]

LONGEST_S = 20
"""Seconds of the processor, whatever else runs; the slowest of these reads takes about one."""


def state(*folders: Path) -> dict[str, str]:
    """Every file under folders, with the checksum of what it holds."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_or_refused(read_it: Callable[[], object]) -> bool:
    """Whether something could be read; if not, it was said in one sentence, and in good time."""
    began = time.process_time()
    try:
        read_it()
    except InputError as error:
        sentence = str(error)
        assert sentence.strip(), "refused without a word"
        assert "\n" not in sentence, f"more than one line: {sentence!r}"
        assert "Traceback" not in sentence
        assert len(sentence) < 2500, f"a sentence of {len(sentence)} letters"
        return False
    finally:
        assert time.process_time() - began < LONGEST_S
    return True


@contextmanager
def untouched(*folders: Path) -> Iterator[None]:
    """Nothing under these folders may change."""
    before = state(*folders)
    yield
    assert state(*folders) == before


def _table(name: str, rows: int) -> str:
    """The first rows of a published table."""
    text = (read.data_folder() / f"{name}.csv").read_text(encoding="utf-8")
    return "".join(text.splitlines(keepends=True)[: rows + 1])


def _quick_claims() -> str:
    """Claims whose answers need no fit of the panel."""
    head, *body = (read.data_folder() / "claims.csv").read_text("utf-8").splitlines(keepends=True)
    slow = ("panel_", "energy_")
    quick = [line for line in body if not any(name in line for name in slow)]
    return head + "".join(quick[:12])


def _new_ids(text: str) -> str:
    """Estimates that are not in the table yet."""
    head, *body = text.splitlines(keepends=True)
    return head + "".join(f"mine-{line}" for line in body)


def _later_rows() -> str:
    """A month more of the mining map: rows that can be brought in."""
    head, *body = (read.data_folder() / "mining_map.csv").read_text("utf-8").splitlines()
    last = max(line.split(",")[0] for line in body)
    year, month = int(last[:4]), int(last[5:])
    following = f"{year + month // 12}-{month % 12 + 1:02}"
    rows = [line.replace(last, following, 1) for line in body if line.startswith(last)]
    return "\n".join([head, *rows, *body[-3:]]) + "\n"


def _small_catalogue() -> str:
    """Reports of each form that the catalogue has, without the countries, which take long."""
    entries = yaml.safe_load((ROOT / "reports" / "catalogue.yml").read_text("utf-8"))["reports"]
    plain = [entry for entry in entries if not entry.get("foreach")][:2]
    families = [entry for entry in entries if "country" not in entry.get("foreach", {"country": 0})]
    small = [*plain, *families[:1], FAMILY]
    return yaml.safe_dump({"reports": small}, allow_unicode=True, sort_keys=False)


FAMILY = {
    "id": "profile-{country}",
    "title": "Mining in {country_name}",
    "summary": "About {country_in_text}",
    "notebook": "11_country_profile.ipynb",
    "foreach": {"country": ["CHN"]},
}

FILES: dict[str, tuple[st.SearchStrategy[bytes], Callable[[Path], object]]] = {
    "claims": (tables(_quick_claims()), lambda path: claims.check(path)),
    "kinds": (tables(_table("estimate_kinds", 20)), lambda path: country_panel.kinds(path)),
    "estimates": (
        tables(_new_ids(_table("share_estimates", 12))),
        lambda path: country_panel.with_added(path),
    ),
    "update of the mining map": (
        tables(_later_rows()),
        lambda path: updates.described(updates.difference("mining_map", str(path))),
    ),
    "update of events": (
        tables(_table("policy_events", 6)),
        lambda path: updates.described(updates.difference("policy_events", str(path))),
    ),
    "update of the network": (
        tables(_table("network_daily", 6)),
        lambda path: updates.described(updates.difference("network_daily", str(path))),
    ),
}
"""Files of a user's own: how they come out wrong, and what reads them."""

catalogue_files = catalogues(_small_catalogue())


def every_report_completed(path: Path) -> None:
    """Read a catalogue as far as `render` does before the first notebook runs."""
    for report in catalogue.read(path).reports:
        parameters.complete(report)


def settings_of(report: catalogue.Report) -> st.SearchStrategy[dict[str, str]]:
    """What may follow `-p` for a report: names of its notebook with good values, and others."""
    own = [
        (name, str(ast.literal_eval(declaration["default"])))
        for name, declaration in sorted(parameters.declared(report.notebook).items())
    ]
    good = st.sampled_from(own)
    pairs = st.one_of(
        good,
        st.tuples(good.map(lambda pair: pair[0]), texts),
        st.tuples(st.sampled_from(["topn", "top_n=6", ""]) | texts, texts),
    )
    return st.lists(pairs, min_size=1, max_size=2).map(dict)


def tried(drawn: st.SearchStrategy, try_it: Callable[[object], bool], examples: int) -> Counter:
    """How many of what was drawn could be read, and how many were refused.

    Up to a hundred examples are the same on every run, so that the suite does not find by chance what
    a change has not to do with.
    """
    counts: Counter = Counter()

    @settings(
        max_examples=examples,
        derandomize=examples < 100,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(value=drawn)
    def held(value: object) -> None:
        counts[try_it(value)] += 1

    held()
    return counts


def tried_files(what: str, folder: Path, examples: int) -> Counter:
    """A file of one kind, drawn again and again; nothing else in the folder may change."""
    drawn, read_it = FILES[what]
    path = folder / "mine.csv"

    def one(content: bytes) -> bool:
        path.write_bytes(content)
        with untouched(folder):
            return read_or_refused(lambda: read_it(path))

    return tried(drawn, one, examples)


def tried_catalogues(folder: Path, examples: int) -> Counter:
    """Catalogues of a checkout with the notebooks of this one."""
    (folder / "reports").mkdir()
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    path = folder / "reports" / "catalogue.yml"

    def one(content: bytes) -> bool:
        path.write_bytes(content)
        with untouched(folder):
            return read_or_refused(lambda: every_report_completed(path))

    return tried(catalogue_files, one, examples)


def tried_settings(examples: int) -> Counter:
    """What stands behind `-p`, for one report of each notebook."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    one_of_each = [catalogue.Report(path.stem, "Title", "Summary.", path) for path in notebooks]

    drawn = st.sampled_from(one_of_each).flatmap(
        lambda report: st.tuples(st.just(report), settings_of(report))
    )

    def one(asked: tuple[catalogue.Report, dict[str, str]]) -> bool:
        report, overrides = asked
        return read_or_refused(lambda: parameters.complete(report, overrides))

    return tried(drawn, one, examples)
