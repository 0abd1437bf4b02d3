from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrate_migration.errors import InputError
from hashrate_migration.reports import parameters


def test_a_window_is_parsed_once():
    asked = parameters.check(start="2021-01", end="2021-09")
    assert asked.window.start == pd.Timestamp("2021-01-01")
    assert asked.window.end == pd.Timestamp("2021-09-01")
    assert asked.window.last_day == pd.Timestamp("2021-09-30")


def test_only_what_was_asked_comes_back():
    assert vars(parameters.check(top_n=3, language="zh")) == {"top_n": 3, "language": "zh"}


@pytest.mark.parametrize(
    "written", ["KAZ", "kaz", "Kazakhstan", "kazakhstan", "哈萨克斯坦", " KAZ "]
)
def test_a_country_is_understood_however_it_is_written(written):
    assert parameters.check(country=written).country == "KAZ"


@pytest.mark.parametrize("written", ["UAE", "the Emirates", "AE", "ARE"])
def test_a_country_is_understood_by_its_abbreviations(written):
    assert parameters.check(country=written).country == "ARE"


@pytest.mark.parametrize("written", ["FRA", "FR", "France", "法国", "UK", "IRQ", "nan", "", "None"])
def test_who_names_another_country_or_none_gets_no_hint_of_a_third(written):
    with pytest.raises(InputError, match="is no country of the panel") as caught:
        parameters.check(country=written)
    assert "Did you mean" not in str(caught.value)


def test_a_province_that_is_missing_is_no_misspelt_one():
    with pytest.raises(InputError) as caught:
        parameters.check(province="nan")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((text, "int") for text in ("1_0", "１２", " 5", "1.0", "", "9" * 5000)),
        *((text, "float") for text in ("1_0", "１２", "nan", "inf", "1,5", "")),
        *((text, "bool") for text in ("yes", "1", "")),
    ],
)
def test_values_are_read_as_they_are_to_be_written(text, kind):
    with pytest.raises(InputError, match="^one: x = "):
        parameters.from_text(text, kind, "one: x")


def test_an_article_does_not_hide_a_country():
    assert parameters.check(country="the United States").country == "USA"


def test_a_province_is_understood_by_name():
    assert parameters.check(province="Xinjiang").province == "CN-XJ"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"start": "2018-01", "end": "2022-01"}, "start = 2018-01 is outside the mining map"),
        ({"start": "2019-09", "end": "2023-01"}, "end = 2023-01 is outside"),
        ({"start": "2021-06", "end": "2021-01"}, "start = 2021-06 is after"),
        ({"start": "2021-06", "end": "2021-06"}, "two months or more"),
        ({"start": "once", "end": "2022-01"}, "start = 'once' is not a date"),
        ({"start": "12:30", "end": "2022-01"}, "start = '12:30' is not a date"),
        ({"start": "Feb-21", "end": "2022-01"}, "start = 'Feb-21' is not a date"),
        ({"start": 2021, "end": "2022-01"}, "start = 2021 is not a text"),
        ({"start": None, "end": "2022-01"}, "start = None is not a text"),
        ({"country": "FRA"}, "country = 'FRA' is no country of the panel; choose one of CHN, USA"),
        ({"country": "OTH"}, "country = 'OTH' is no country of the panel"),
        ({"country": "Kazakstan"}, r"Did you mean KAZ \(Kazakhstan\)\?"),
        ({"country": "kax"}, "Did you mean KAZ"),
        ({"country": 7}, "country = 7 is not a text"),
        ({"province": "CN-SCH"}, r"Did you mean CN-SC \(Sichuan\)\?"),
        ({"first_year": 2012}, "first_year = 2012 is not a whole number from 2013 to 2025"),
        ({"first_year": "2020-01"}, "first_year = '2020-01' is not a whole number"),
        ({"top_n": 0}, "top_n = 0 is not a whole number from 1 to 9"),
        ({"top_n": 10}, "top_n = 10 is not a whole number from 1 to 9"),
        ({"top_n": None}, "top_n = None is not a whole number"),
        ({"top_n": True}, "top_n = True is not a whole number"),
        ({"draws": "many"}, "draws = 'many' is not a whole number"),
        ({"draws": 1e6}, "draws = 1000000.0 is not a whole number"),
        ({"draws": 0}, "draws = 0 is not a whole number from 1 to 100000"),
        ({"seed": "abc"}, "seed = 'abc' is not a whole number"),
        ({"seed": -1}, "seed = -1 is not a whole number of 0 or more"),
        ({"lag_months": 9.0}, "lag_months = 9.0 is not a number from 0.5 to 5"),
        ({"us_growth_pct": math.nan}, "us_growth_pct = nan is not a number from -100 to 1000"),
        ({"us_growth_pct": math.inf}, "us_growth_pct = inf is not a number"),
        ({"carbon_weight": -1.0}, "carbon_weight = -1.0 is not a number of 0 or more"),
        ({"method": "guess"}, "method = 'guess' is unknown; choose one of net"),
        (
            {"factors": "mine"},
            "factors = 'mine' is unknown; choose one of drawn, cambridge, direct",
        ),
        ({"language": "fr"}, "language = 'fr' is unknown; choose one of en, zh"),
    ],
)
def test_bad_values(values, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        parameters.check(**values)
    assert "\n" not in str(caught.value)


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())
)


@given(name=st.sampled_from(sorted(parameters.PARAMETERS)), value=ANYTHING)
@settings(max_examples=300, deadline=None)
def test_any_value_is_read_or_refused_in_one_sentence(name, value):
    refused = None
    try:
        parameters.check(**{name: value})
    except InputError as error:
        refused = str(error)
    assert refused is None or refused.startswith(f"{name} = ")


def test_a_notebook_shows_the_sentence_and_no_traceback():
    assert InputError("Give a month.")._render_traceback_() == ["InputError: Give a month."]
