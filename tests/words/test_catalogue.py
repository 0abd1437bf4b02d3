from __future__ import annotations

from pathlib import Path

import pytest

from hashrate_migration import words
from hashrate_migration.errors import InputError
from hashrate_migration.words import N_, _, catalogue

PO = """
msgid "known"
msgstr "已知"

msgid "unfinished"
msgstr ""

#, fuzzy
msgid "guessed"
msgstr "猜"

msgid "{where:place} held {share:percent}."
msgstr "{where:place}占{share:percent}。"
"""


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two catalogues of Chinese; everything reads them."""
    folder = tmp_path / "locale" / "zh"
    folder.mkdir(parents=True)
    (folder / "package.po").write_text(PO, encoding="utf-8")
    other = 'msgid "of a notebook"\nmsgstr "笔记"\n'
    (folder / "00_overview.po").write_text(other, encoding="utf-8")
    monkeypatch.setattr(catalogue, "locale_folder", lambda: tmp_path / "locale")
    catalogue._messages.cache_clear()
    yield tmp_path / "locale"
    catalogue._messages.cache_clear()


def test_a_language_is_a_folder(locale):
    (locale / "kk").mkdir()
    (locale / "README").touch()
    assert words.languages() == ["en", "kk", "zh"]


def test_an_unknown_language_lists_those_there_are(locale):
    with pytest.raises(InputError, match="language = 'xx' is not one of .*: en, zh"):
        words.use("xx")
    assert words.language() == "en"


def test_english_is_the_message_itself(locale):
    assert _("known") == "known"


def test_messages_of_all_catalogues_are_known(locale):
    words.use("zh")
    assert (_("known"), _("of a notebook")) == ("已知", "笔记")


@pytest.mark.parametrize("message", ["unfinished", "guessed", "never seen"])
def test_without_a_finished_translation_the_english_stands(locale, message):
    words.use("zh")
    assert _(message) == message


def test_a_translation_is_filled_in_its_own_order_and_language(locale):
    words.use("zh")
    text = _("{where:place} held {share:percent}.", where="USA", share=37)
    assert text == "美国占37%。"


def test_a_marked_message_is_translated_where_it_is_shown(locale):
    message = N_("known")
    assert message == "known"
    words.use("zh")
    assert words.translated(message) == "已知"


def test_the_project_speaks_chinese():
    assert {"en", "zh"} <= set(words.languages())
