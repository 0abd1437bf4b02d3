from __future__ import annotations

from unittest import mock

import jinja2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

from hashrate_migration.words import prose

LINES = st.sampled_from(
    [
        *("", "  ", "## Heading", "A sentence with {{ x | number(1) }}.", "- an item"),
        *(
            "{% if x > 1 %}",
            "{% else %}",
            "  {% endif %}",
            "{% if x % 2 %}",
            "A {% if x %}b{% endif %}",
        ),
    ]
)


class TestParagraphs:
    @given(st.lists(LINES, max_size=12) | st.lists(st.text(st.characters(exclude_characters="\n"))))
    def test_joined_they_are_the_template(self, lines):
        template = "\n".join(lines)
        assert "\n".join(part for part, _ in prose.paragraphs(template)) == template

    @given(st.lists(LINES, max_size=12))
    def test_messages_hold_no_line_of_structure_and_no_blank_line(self, lines):
        for part, is_message in prose.paragraphs("\n".join(lines)):
            for line in part.split("\n"):
                alone = line.strip().startswith("{%") and line.strip().endswith("%}")
                assert is_message == (bool(line.strip()) and not alone)

    def test_a_paragraph_of_several_lines_is_one_message(self):
        parts = prose.paragraphs("{% if x %}\nOne\ntwo\n{% endif %}\n\nThree")
        assert [part for part, is_message in parts if is_message] == ["One\ntwo", "Three"]


class TestSaid:
    def test_values_are_filled_where_they_stand(self):
        text = "In {{ when | month }} {{ where | place }} held {{ share | percent }}."
        given_values = {"when": pd.Timestamp("2021-05-01"), "where": "CHN", "share": 44.2}
        said = prose.said(text, given_values)
        assert said == "In May 2021 China held 44\N{NO-BREAK SPACE}percent."

    @pytest.mark.parametrize(("x", "text"), [(2, "It rose."), (0, "It fell.")])
    def test_a_whole_sentence_is_chosen(self, x, text):
        template = "{% if x > 1 %}\nIt rose.\n{% else %}\nIt fell.\n{% endif %}"
        assert prose.said(template, {"x": x}) == text

    def test_a_name_that_is_not_there_stops_the_cell(self):
        with pytest.raises(jinja2.UndefinedError, match="share"):
            prose.said("{{ share | percent }}", {})
        with pytest.raises(jinja2.UndefinedError, match="who"):
            prose.said("{{ who }}", {})

    @pytest.mark.parametrize(
        "value", [1.5, np.float64(2.0), None, True, pd.Timestamp("2021-05-01")]
    )
    def test_a_bare_place_holds_text_or_a_whole_number(self, value):
        with pytest.raises(TypeError, match="say how"):
            prose.said("{{ x }}", {"x": value})

    def test_text_and_whole_numbers_may_stand_bare(self):
        assert prose.said("{{ a }} {{ b }}", {"a": "ten", "b": np.int64(10)}) == "ten 10"

    @given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"])))
    def test_a_value_is_no_template(self, value):
        assert prose.said("|{{ x }}|", {"x": value}) == f"|{value}|"

    def test_each_paragraph_is_translated_by_itself(self):
        known = {"One.": "一。", "Two {{ x }}.": "二{{ x }}。"}
        with mock.patch.object(prose, "translated", lambda text: known.get(text, text)):
            assert (
                prose.said("One.\n\nTwo {{ x }}.\n\nThree.", {"x": 2}) == "一。\n\n二2。\n\nThree."
            )


class TestMagic:
    def test_a_cell_shows_markdown_with_the_notebooks_values(self):
        shell = InteractiveShell()
        prose.register(shell)
        shell.run_cell("x = 3")
        with (
            mock.patch.object(prose, "get_ipython", return_value=shell),
            mock.patch.object(prose, "display") as shown,
        ):
            shell.run_cell("%%prose\nThere are {{ x | count }}.")
        assert shown.call_args.args[0].data == "There are three."

    def test_outside_of_a_notebook_nothing_happens(self):
        prose.register(None)
