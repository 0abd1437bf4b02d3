from __future__ import annotations

import pandas as pd
import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.reports import parameters


def test_defaults_are_the_whole_map():
    window = parameters.check()
    assert window.start == pd.Timestamp("2019-09-01")
    assert window.end == pd.Timestamp("2022-01-01")
    assert window.last_day == pd.Timestamp("2022-01-31")
    assert window.top_n == 9
    assert window.language == "en"


def test_values_are_read():
    window = parameters.check(start="2021-01", end="2021-09", country="KAZ", top_n=3, language="zh")
    assert (window.start.month, window.end.month) == (1, 9)
    assert (window.country, window.top_n, window.language) == ("KAZ", 3, "zh")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"start": "2018-01"}, "start = 2018-01 is outside the mining map"),
        ({"end": "2023-01"}, "end = 2023-01 is outside"),
        ({"start": "2021-06", "end": "2021-01"}, "start = 2021-06 is after"),
        ({"start": "2021-06", "end": "2021-06"}, "two months or more"),
        ({"start": "once"}, "start = 'once' is not a date"),
        ({"country": "FRA"}, "country = 'FRA' has no monthly data; the panel has: CHN, USA"),
        ({"first_year": 2012}, "first_year = 2012 is outside the panel; give 2013 to 2025"),
        ({"country": "OTH"}, "country = 'OTH' has no monthly data"),
        ({"country": "kaz"}, "country = 'kaz' has no monthly data"),
        ({"top_n": 0}, "top_n = 0 is not a whole number from 1 to 9"),
        ({"top_n": 10}, "top_n = 10"),
        ({"language": "fr"}, "language = 'fr' is not one of the figures' languages: en, zh"),
    ],
)
def test_bad_values(values, sentence):
    with pytest.raises(InputError, match=sentence):
        parameters.check(**values)


def test_a_notebook_shows_the_sentence_and_no_traceback():
    assert InputError("Give a month.")._render_traceback_() == ["InputError: Give a month."]
