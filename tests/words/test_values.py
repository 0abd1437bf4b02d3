from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hashrate_migration import words
from hashrate_migration.words import _, values

ROW = {"share_pct": 12.41, "low": 7.9, "high": 14.92}
MAY = pd.Timestamp("2021-05-21")

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)
NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)


def back(text: str) -> float:
    """The number that a text says."""
    return float(text.replace(",", "").replace("−", "-").replace("+", ""))


class TestNumbers:
    @given(NUMBERS, st.integers(0, 3))
    @example(-0.04, 1)
    @example(0.5, 0)
    @example(999.95, 1)
    def test_the_text_says_the_rounded_value(self, value, decimals):
        text = values.number(value, decimals)
        assert abs(back(text) - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9) + 1e-6
        assert len(text.partition(".")[2]) == decimals

    @given(NUMBERS, st.integers(0, 3))
    @example(-0.04, 1)
    def test_nothing_has_no_sign_and_the_minus_is_a_true_one(self, value, decimals):
        for text in (values.number(value, decimals), values.signed(value, decimals)):
            assert "-" not in text
            assert ("−" in text) == (back(text) < 0)
        assert values.signed(value, decimals).startswith("+") == (back(text) > 0)

    def test_thousands_are_grouped(self):
        assert values.number(1234567.8, 1) == "1,234,567.8"

    @pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
    def test_what_is_not_there_is_a_dash(self, missing):
        assert values.number(missing) == values.signed(missing) == values.MISSING

    @given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=5), st.integers(0, 3))
    def test_with_enough_decimals_nothing_is_said_to_be_zero(self, given_values, decimals):
        enough = values.enough(given_values, decimals)
        assert decimals <= enough <= 3
        assert all(back(values.number(value, enough)) > 0 for value in given_values)

    def test_a_small_share_keeps_a_figure(self):
        assert values.percent(0.021) == "0.02\N{NO-BREAK SPACE}percent"
        assert values.percent(0) == "0\N{NO-BREAK SPACE}percent"

    @pytest.mark.parametrize(
        ("way", "text"),
        [
            ("percent", "44.2 percent"),
            ("ehs", "44.2 EH/s"),
            ("twh", "44.2 TWh"),
            ("gw", "44.2 GW"),
            ("mt", "44.2 Mt"),
        ],
    )
    def test_number_and_unit_stay_on_one_line(self, way, text):
        assert values.WAYS[way](44.21, 1) == text.replace(" ", "\N{NO-BREAK SPACE}")


class TestRanges:
    def test_in_a_sentence_and_in_a_table(self):
        assert values.between((7.9, 14.92), 1) == "7.9 to 14.9"
        assert values.span((7.9, 14.92), 1) == "7.9–14.9"
        assert values.span((-25.5, -12.2), 1) == "−25.5 to −12.2"
        assert values.banded((12.41, 7.9, 14.92), 1) == "12.4 (7.9–14.9)"

    def test_a_band_too_small_for_its_decimals_is_less_than_the_last_of_them(self):
        assert values.banded((0.0002, 0.0, 0.0004), 3) == "<0.001"
        assert values.banded((0.0, 0.0, 0.0), 1) == "0.0 (0.0–0.0)"

    def test_a_share_with_its_band(self):
        assert values.share(ROW) == "12.4\N{NO-BREAK SPACE}percent (7.9 to 14.9)"
        assert values.share_range(pd.Series(ROW)) == "7.9 to 14.9"

    def test_all_numbers_of_a_share_have_the_same_decimals(self):
        small = {"share_pct": 0.04, "low": 0.01, "high": 0.2}
        assert values.share(small) == "0.04\N{NO-BREAK SPACE}percent (0.01 to 0.20)"

    def test_chinese(self):
        words.use("zh")
        assert values.between((7.9, 14.92), 1) == "7.9至14.9"
        assert values.share(ROW) == "12.4%（7.9至14.9）"


class TestDates:
    def test_english(self):
        assert values.month(MAY) == "May 2021"
        assert values.month_name(MAY) == "May"
        assert values.day(MAY) == "21 May 2021"
        assert values.short_month(MAY) == "May\n2021"

    def test_chinese(self):
        words.use("zh")
        assert values.month(MAY) == "2021年5月"
        assert values.month_name(MAY) == "5月"
        assert values.day(MAY) == "2021年5月21日"

    def test_tables_write_dates_that_sort_and_dashes(self):
        assert (values.iso_month(MAY), values.iso_day(MAY)) == ("2021-05", "2021-05-21")
        assert values.iso_month(pd.NaT) == values.iso_day(pd.NaT) == values.MISSING
        assert values.year(MAY) == "2021"


class TestNames:
    def test_the_article_stands_in_sentences_alone(self):
        assert values.name("USA") == "United States"
        assert values.place("USA") == "the United States"
        assert values.begin("USA") == "The United States"
        assert values.place("KAZ") == values.begin("KAZ") == "Kazakhstan"
        assert values.whose("CN-SC") == "Sichuan's"
        assert values.whose("CN-OTH") == "Other provinces'"

    def test_chinese_has_no_article(self):
        words.use("zh")
        assert values.place("USA") == values.begin("USA") == "美国"
        assert values.whose("USA") == "美国的"

    @pytest.mark.parametrize(
        ("codes", "text"),
        [
            ([], ""),
            (["USA"], "the United States"),
            (["USA", "KAZ"], "the United States and Kazakhstan"),
            (["CHN", "USA", "KAZ"], "China, the United States and Kazakhstan"),
        ],
    )
    def test_several_places(self, codes, text):
        assert values.places(codes) == text

    @given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6))
    @example(["bread, and butter", "b", "c"])
    def test_no_item_is_changed_by_the_others(self, texts):
        joined = values.items(texts)
        assert all(text in joined for text in texts)
        assert len(joined) == sum(map(len, texts)) + (
            0 if len(texts) == 1 else 2 * (len(texts) - 2) + len(" and ")
        )

    def test_items_in_chinese(self):
        words.use("zh")
        assert values.places(["CHN", "USA", "KAZ"]) == "中国、美国和哈萨克斯坦"

    def test_several_months(self):
        months = pd.to_datetime(["2021-07-01", "2021-08-01"])
        assert values.months(months) == "July 2021 and August 2021"


class TestCounts:
    def test_words_up_to_ten(self):
        said = [values.count(n) for n in (0, 1, 10, 11, 1200)]
        assert said == ["no", "one", "ten", "11", "1,200"]
        assert values.count(np.int64(2)) == values.count(2.0) == "two"

    def test_chinese_takes_digits(self):
        words.use("zh")
        assert values.count(2) == "2"

    def test_a_part_is_no_count(self):
        with pytest.raises(ValueError, match="no count"):
            values.count(2.5)


class Secret:
    """What a message must not look into."""

    hidden = "hidden"

    def __repr__(self) -> str:
        return self.hidden

    __str__ = __repr__

    def __getitem__(self, _key: object) -> str:
        return self.hidden


class TestFilled:
    def test_a_way_with_its_decimals(self):
        text = _("{where:begin} held {share:number.1} percent.", where="USA", share=37.02)
        assert text == "The United States held 37.0 percent."

    @given(st.sampled_from(sorted(values.WAYS)))
    def test_prose_and_messages_know_the_same_ways(self, way):
        from hashrate_migration.words import prose

        assert prose.ENVIRONMENT.filters[way] is values.WAYS[way]

    @given(NAMES, st.sampled_from([".hidden", ".__class__", "[0]", "[hidden]", ".a.b", "[0].x"]))
    def test_a_message_never_reaches_into_a_value(self, name, path):
        with pytest.raises(ValueError, match="plain name"):
            values.filled(f"{{{name}{path}}}", **{name: Secret()})

    @pytest.mark.parametrize("place", ["{0}", "{}", "{0.hidden}"])
    def test_a_message_has_names_alone(self, place):
        with pytest.raises(ValueError, match="plain name"):
            values.filled(place, x=Secret())

    @pytest.mark.parametrize("conversion", ["!r", "!s", "!a"])
    def test_a_value_is_not_converted(self, conversion):
        with pytest.raises(ValueError, match="no way to say a value"):
            values.filled(f"{{x{conversion}}}", x=Secret())

    @given(st.text(), st.text())
    def test_braces_in_a_value_are_text(self, first, second):
        assert values.filled("{a}|{b}", a=first, b=second) == f"{first}|{second}"

    @pytest.mark.parametrize("value", [1.5, np.float64(2), True, np.True_, None, Secret(), MAY])
    def test_what_is_neither_text_nor_a_whole_number_needs_a_way(self, value):
        with pytest.raises(TypeError, match="say how"):
            values.filled("{x}", x=value)

    def test_whole_numbers_stand_as_they_are(self):
        assert values.filled("{x} {y}", x=2021, y=np.int64(7)) == "2021 7"

    def test_an_unknown_way_lists_those_there_are(self):
        with pytest.raises(ValueError, match=r"'\.1f' is no way to say a value.*percent"):
            values.filled("{x:.1f}", x=1.5)

    def test_a_value_may_have_any_name(self):
        assert _("{message}", message="a") == "a"

    def test_a_missing_value_is_named(self):
        with pytest.raises(KeyError, match="share"):
            values.filled("{share:percent}", other=1)
