"""The script of a page, in a browser: tables of judgements can be narrowed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

ASSETS = Path(__file__).resolve().parents[2] / "reports" / "template" / "assets"

PAGE = """<!doctype html><meta charset="utf-8"><script src="page.js" defer></script>
<div class="contents"><details open></details></div><button id="code-button"></button>
<div class="table"><div class="scroll"><table {filter}><tbody>{rows}</tbody></table></div></div>"""

ROW = '<tr data-tone="{tone}"><td><span class="tone tone-{tone}">{text}</span></td></tr>'


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no Chromium with its driver is installed (Debian: chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(flag)
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield window
    window.quit()


def opened(browser, folder: Path, tones: list[tuple[str, str]], mark: str = "data-filter"):
    shutil.copy(ASSETS / "page.js", folder)
    rows = "".join(ROW.format(tone=tone, text=text) for tone, text in tones)
    page = folder / "page.html"
    page.write_text(PAGE.format(filter=mark, rows=rows), encoding="utf-8")
    browser.get(page.as_uri())
    assert [e for e in browser.get_log("browser") if e["level"] == "SEVERE"] == []
    return browser.find_elements("css selector", ".filter button")


TONES = [("good", "supported"), ("bad", "contradicted"), ("good", "supported")]


def test_a_button_hides_the_rows_of_its_verdict_and_shows_them_again(browser, tmp_path):
    buttons = opened(browser, tmp_path, TONES)
    assert [button.text for button in buttons] == ["supported (2)", "contradicted (1)"]
    rows = browser.find_elements("css selector", "tbody tr")
    buttons[0].click()
    assert [row.is_displayed() for row in rows] == [False, True, False]
    assert buttons[0].get_attribute("aria-pressed") == "false"
    buttons[0].click()
    assert all(row.is_displayed() for row in rows)


@pytest.mark.parametrize(
    ("tones", "mark"), [(TONES[:1], "data-filter"), ([], "data-filter"), (TONES, "")]
)
def test_where_there_is_nothing_to_choose_there_is_no_button(browser, tmp_path, tones, mark):
    assert opened(browser, tmp_path, tones, mark) == []
