"""The panel as a file for others."""

import json

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration import country_panel
from hashrate_migration.country_panel import export as panel_export
from hashrate_migration.errors import InputError


@pytest.fixture(scope="module")
def panel():
    return hm.panel()


@pytest.mark.parametrize("name", ["panel.csv", "panel.parquet"])
def test_the_product_is_the_same_byte_for_byte(panel, tmp_path, name):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        panel_export.write(panel, folder / name, draws=1000, seed=0)
    files = [sorted(folder.iterdir()) for folder in folders]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]
    assert [file.name for file in files[0]] == sorted([name, "panel.datapackage.json"])


def test_the_product_describes_itself(panel, tmp_path):
    import frictionless

    _, beside = panel_export.write(panel, tmp_path / "panel.csv", draws=1000, seed=0)
    about = json.loads(beside.read_text())
    assert about["method"]["seed"] == 0
    assert about["method"]["band"] == "90 percent"
    assert about["method"]["dynamics"]["break_start"] == "2021-06"
    assert about["method"]["version"] == country_panel.METHOD_VERSION
    assert {entry["table"] for entry in about["made_from"]} == set(country_panel.INPUTS)
    fields = [field["name"] for field in about["resources"][0]["schema"]["fields"]]
    assert fields == list(panel.columns)
    assert frictionless.validate(str(beside)).valid
    back = pd.read_csv(tmp_path / "panel.csv", parse_dates=["month"])
    assert back["share_pct"].to_numpy() == pytest.approx(panel["share_pct"].to_numpy(), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "message"), [("panel.xls", r"\.csv or \.parquet"), ("no/p.csv", "no such folder")]
)
def test_a_wrong_file_is_refused(panel, tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        panel_export.write(panel, tmp_path / name, draws=1000, seed=0)
    assert not list(tmp_path.iterdir())
