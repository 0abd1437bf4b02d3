from __future__ import annotations

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.textpath import text_to_path

from hashrate_migration import charts, words
from hashrate_migration.charts import theme
from hashrate_migration.errors import InputError

CHINESE = "2021年5月以后，中国在全网算力中的占比在两个月内从百分之四十四降到地图上的零，" * 4

# Words that fit into a line by themselves, Chinese letters, and marks between them.
PIECES = st.sampled_from(
    [
        "China",
        "held",
        "44\N{NO-BREAK SPACE}percent",
        "of",
        "the",
        "network,",
        "中国",
        "占比，",
        "。",
    ]
)


def width_in(text: str, points: float) -> float:
    font = font_manager.FontProperties(family=mpl.rcParams["font.family"], size=points)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 72


class TestUse:
    def test_it_sets_the_language(self):
        charts.use("zh")
        assert words.language() == "zh"

    def test_an_unknown_language(self):
        with pytest.raises(InputError, match="language = 'xx'"):
            charts.use("xx")

    def test_other_packages_do_not_change_the_look(self):
        mpl.rcParams["savefig.bbox"] = "tight"
        charts.use()
        assert mpl.rcParams["savefig.bbox"] is None


class TestWrapped:
    @given(st.lists(PIECES, min_size=1, max_size=40), st.sampled_from([1.5, 3.0, 7.0]))
    def test_no_line_is_too_wide_and_nothing_is_lost(self, pieces, width):
        text = " ".join(pieces)
        lines = theme.wrapped(text, 10, width)
        assert all(width_in(line, 10) <= width + 1e-6 for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")

    def test_words_stay_whole(self):
        text = "A finding of several long words that do not fit into one line of a figure"
        lines = theme.wrapped(text, 10, 1.5)
        assert len(lines) > 1
        assert " ".join(lines) == text

    def test_number_and_unit_stay_together(self):
        text = "China held as much as 44\N{NO-BREAK SPACE}percent"
        for width in (0.8, 1.0, 1.2, 1.4, 1.6, 1.8):
            assert any("44\N{NO-BREAK SPACE}percent" in s for s in theme.wrapped(text, 10, width))

    def test_chinese_is_broken_between_letters(self):
        lines = theme.wrapped(CHINESE, 13.5, 7)
        assert len(lines) > 1
        assert "".join(lines) == CHINESE

    def test_no_line_begins_with_a_mark_that_closes(self):
        for width in (2.0, 2.2, 2.4, 2.6, 2.8, 3.0):
            assert not any(line[0] in "，。、" for line in theme.wrapped(CHINESE, 13.5, width))


class TestNewFigure:
    @pytest.mark.parametrize("dpi", [110, 192])
    @pytest.mark.parametrize(
        ("language", "title", "subtitle", "source"),
        [
            ("en", "A finding " * 20, "A measure " * 20, "A maker " * 30),
            ("zh", CHINESE, CHINESE, CHINESE),
        ],
    )
    def test_all_texts_lie_inside_the_figure_and_clear_of_the_axes(
        self, language, title, subtitle, source, dpi
    ):
        charts.use(language)
        figure = charts.new_figure(title, subtitle, source)
        figure.set_dpi(dpi)
        ax = figure.subplots()
        figure.draw_without_rendering()
        width, height = figure.bbox.size
        axes = ax.get_tightbbox()
        for text in figure.texts:
            box = text.get_window_extent()
            assert 0 <= box.x0 < box.x1 <= width
            assert 0 <= box.y0 < box.y1 <= height
            assert not axes.overlaps(box)

    def test_the_source_is_called_so(self):
        figure = charts.new_figure("Finding", "Measure", "Maker")
        assert [t.get_text() for t in figure.texts] == ["Finding", "Measure", "Source: Maker"]
