"""A computed table that is kept, with what it was made from."""

import json

import pandas as pd
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.tables import derived

KEPT = derived.Derived("moons", "Moons", "make moons", ("diagnostics",))
TABLE = pd.DataFrame({"moon": ["Io", "Europa"], "size": [1.23456, 2.0]})
MADE_FROM = {"method": "1", "code": {"a.py": "x"}}


@pytest.fixture
def kept(data_copy):
    KEPT.write(TABLE, MADE_FROM, 2, diagnostics=[1])
    return KEPT


def test_what_is_kept_is_read_again(kept):
    assert pd.read_csv(kept.path())["size"].tolist() == [1.23, 2.0]
    told = kept.description()
    assert (told["title"], told["table"], told["diagnostics"]) == ("Moons", "moons.csv", [1])
    assert kept.stale(MADE_FROM) == []


def test_what_is_not_kept_is_not_read(data_copy):
    with pytest.raises(InputError, match=r"^There is no .*moons\.csv; run `make moons`\.$"):
        KEPT.path()


def test_a_changed_table_is_not_read(kept):
    kept.table_path.write_text("moon,size\nIo,9\n")
    with pytest.raises(InputError, match=r"moons\.csv: has been changed since it was computed"):
        kept.path()
    assert kept.stale(MADE_FROM) == ["table moons.csv"]


@pytest.mark.parametrize("name", ["made_from", "sha256", "diagnostics"])
def test_a_description_that_says_too_little_is_none(kept, name):
    told = kept.description()
    del told[name]
    kept.about_path.write_text(json.dumps(told))
    with pytest.raises(InputError, match="is no description of the kept result; run `make moons`"):
        kept.description()


def test_what_is_stale_is_named(kept):
    today = {"method": "2", "code": {"a.py": "y", "b.py": "z"}, "seed": 0}
    assert kept.stale(today) == ["method", "code a.py", "code b.py", "seed"]


def test_both_files_are_written_or_none(data_copy):
    KEPT.about_path.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        KEPT.write(TABLE, MADE_FROM, 2, diagnostics=[])
    assert not KEPT.table_path.exists()
