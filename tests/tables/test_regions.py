from __future__ import annotations

import itertools

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE

from hashrate_migration.errors import InputError
from hashrate_migration.tables import regions

ACCENTS = ["CHN", "USA", "KAZ", "RUS", "CAN", "IRN"]


def test_codes_of_the_mining_map():
    assert set(regions.mapped_regions()) == {
        *("CHN", "USA", "CAN", "KAZ", "RUS", "IRN", "MYS", "DEU", "IRL"),
        "OTH",
    }
    assert "OTH" not in regions.mapped_countries()
    assert regions.proxies() == ["DEU", "IRL"]


@pytest.mark.parametrize(
    ("code", "language", "expected"),
    [
        ("CHN", "en", "China"),
        ("CHN", "zh", "中国"),
        ("USA", "de", "Vereinigte Staaten"),
        ("KAZ", "kk", "Қазақстан"),
        ("CN-NM", "zh", "内蒙古"),
        ("CN-NM", "fr", "Inner Mongolia"),
        ("OTH", "zh-CN", "其他国家"),
        ("CHN", "pt_BR", "China"),
    ],
)
def test_names(code, language, expected):
    assert regions.name(code, language) == expected


def test_subdivisions_share_the_group_and_colour_of_their_country():
    for code in regions.subdivisions("CHN") + regions.subdivisions("USA"):
        parent = {"C": "CHN", "U": "USA"}[code[0]]
        assert regions.colour(code) == regions.colour(parent)
        assert regions.group(code) == regions.group(parent)


@pytest.mark.parametrize("call", [regions.name, regions.group, regions.colour])
def test_unknown_region(call):
    with pytest.raises(InputError, match="Unknown region 'Atlantis'"):
        call("Atlantis")


def test_unknown_language():
    with pytest.raises(InputError, match="Unknown language 'klingon'"):
        regions.name("CHN", "klingon")


def _rgb(code: str) -> np.ndarray:
    text = regions.colour(code)
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255


@pytest.mark.parametrize("vision", [None, "deuteranomaly", "protanomaly", "tritanomaly"])
def test_accent_colours_differ_for_every_kind_of_vision(vision):
    # Simulation: Machado, Oliveira and Fernandes 2009, full severity. A difference of 10 in
    # CAM02-UCS is plain to see between lines.
    seen = {code: _rgb(code) for code in ACCENTS}
    if vision:
        space = {"name": "sRGB1+CVD", "cvd_type": vision, "severity": 100}
        seen = {c: np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1) for c, rgb in seen.items()}
    for a, b in itertools.combinations(ACCENTS, 2):
        assert deltaE(seen[a], seen[b], input_space="sRGB1") > 14, (a, b)


def test_accent_colours_differ_in_grey():
    lightness = sorted(cspace_convert(_rgb(code), "sRGB1", "CIELab")[0] for code in ACCENTS)
    # Canada and Kazakhstan are the lightest and close; no chart joins them without names.
    assert min(np.diff(lightness)) > 2.5


def test_other_regions_are_grey():
    for code in set(regions.mapped_regions()) - set(ACCENTS):
        assert np.ptp(_rgb(code)) == 0
