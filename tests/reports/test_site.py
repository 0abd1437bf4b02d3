"""Two real reports, rendered, checked and opened in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_checks import problems

from hashrate_migration.reports import catalogue
from hashrate_migration.reports.parameters import complete
from hashrate_migration.reports.render import render

REPORTS = ["overview", "profile-usa"]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    known = catalogue.read(catalogue.find(Path(__file__).parent))
    out = tmp_path_factory.mktemp("site")
    # Names in Chinese: the fonts must hold them.
    ready = [complete(r, {"language": "zh"}) for r in known.select(REPORTS)]
    outcomes = render(known, ready, out, jobs=2)
    assert {name: o.error for name, o in outcomes.items()} == dict.fromkeys(REPORTS)
    assert {name: o.warnings for name, o in outcomes.items()} == {name: [] for name in REPORTS}
    return out


def test_pages_are_whole(site):
    assert problems(site) == []


def test_every_figure_and_table_is_beside_its_page(site):
    for report in REPORTS:
        page = site / report
        html = (page / "index.html").read_text(encoding="utf-8")
        figures = sorted(p.stem for p in (page / "figures").glob("*.svg"))
        assert figures == sorted(p.stem for p in (page / "figures").glob("*.png"))
        assert len(figures) == html.count("<figure") >= 4
        assert len(list((page / "tables").glob("*.csv"))) == html.count('class="table"')


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
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic"),
        *("--no-first-run", "--disable-background-networking", "--disable-sync"),
        *("--disable-component-update", "--disable-dev-shm-usage"),
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(flag)
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield window
    window.quit()


class TestInABrowser:
    @pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
    def width(self, request, browser) -> int:
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": True},
        )
        return request.param

    def open(self, browser, page: Path) -> None:
        browser.get(page.as_uri())
        # Pictures below the fold load late: call for all of them now.
        loaded = browser.execute_async_script(
            """
            const done = arguments[0];
            const pictures = [...document.images];
            pictures.forEach((picture) => { picture.loading = "eager"; });
            Promise.all(pictures.map((picture) => picture.decode().catch(() => null)))
              .then(() => done(pictures.map((picture) => picture.naturalWidth)));
            """
        )
        assert loaded
        assert all(natural > 0 for natural in loaded)
        complaints = [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]
        assert complaints == []

    @pytest.mark.parametrize("page", ["index.html", "overview/index.html"])
    def test_nothing_runs_off_the_page(self, site, browser, width, page):
        self.open(browser, site / page)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width

    def test_from_the_gallery_to_a_report_and_its_code(self, site, browser, width):
        self.open(browser, site / "index.html")
        link = browser.find_element("css selector", 'a[href="overview/index.html"]')
        browser.execute_script("arguments[0].click()", link)
        assert browser.find_element("css selector", "h1").text.startswith("How Bitcoin mining left")
        code = browser.find_elements("css selector", "details.code")
        assert code
        assert not any(block.get_property("open") for block in code)
        button = browser.find_element("id", "code-button")
        button.click()
        assert all(block.get_property("open") for block in code)
        assert button.text == "Hide code"
        button.click()
        assert not any(block.get_property("open") for block in code)
        folded = not browser.find_element("css selector", ".contents details").get_property("open")
        assert folded == (width < 1024)
