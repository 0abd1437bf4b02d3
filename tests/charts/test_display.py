from __future__ import annotations

import base64
import io

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from PIL import Image

import hashrate_migration as hm
from hashrate_migration import charts
from hashrate_migration.findings import events

TEXTS = {
    "title": "A finding",
    "subtitle": "Measure",
    "caption": "What it shows.",
    "source": "Maker",
}


def picture(data: dict[str, str]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"])))


class TestFigure:
    def test_a_notebook_shows_one_light_picture_and_its_caption(self, shown):
        with charts.figure("a-name", **TEXTS) as ax:
            charts.lines(ax, hm.shares(), "percent")
        (data, about), (caption, about_caption) = shown
        assert set(data) == {"image/png", "text/plain"}
        # What a clone and a diff can carry, with some fifty figures.
        assert len(data["image/png"]) < 60_000
        assert picture(data).mode == "P"
        assert about == {
            "kind": "figure",
            "name": "a-name",
            "caption": "What it shows.",
            "alt": "A finding. What it shows.",
            "thumbnail": False,
        }
        assert caption == "*What it shows.*"
        assert about_caption == {"kind": "caption"}

    @pytest.mark.usefixtures("page")
    def test_a_page_gets_vectors_and_a_picture_for_printing(self, shown):
        with charts.figure("a-name", **TEXTS, thumbnail=True) as ax:
            ax.plot([1, 2])
        ((data, about),) = shown
        assert data["image/svg+xml"].lstrip().startswith("<?xml")
        assert picture(data).width == round(7.2 * 192)
        assert about["thumbnail"]

    def test_if_its_body_fails_nothing_is_shown(self, shown):
        with pytest.raises(ZeroDivisionError), charts.figure("a-name", **TEXTS):
            1 / 0  # noqa: B018
        assert shown == []

    def test_axes_as_asked_for(self, shown):
        with charts.figure("one", **TEXTS) as ax:
            assert ax.plot([1])
        with charts.figure("two", **TEXTS, axes=2, sharex=True) as (upper, lower):
            assert upper.get_shared_x_axes().joined(upper, lower)
        with charts.figure("four", **TEXTS, axes=(2, 2)) as grid:
            assert grid.shape == (2, 2)
        with charts.figure("none", **TEXTS, axes=None) as figure:
            assert figure.axes == []
        assert [about["name"] for _, about in shown[::2]] == ["one", "two", "four", "none"]

    @pytest.mark.parametrize("for_page", [False, True])
    def test_the_same_bytes_twice(self, shown, for_page, request):
        if for_page:
            request.getfixturevalue("page")
        for _ in range(2):
            with charts.figure("twice", **TEXTS) as ax:
                charts.lines(ax, hm.shares()[["CHN", "USA"]], "percent")
        half = len(shown) // 2
        assert shown[:half] == shown[half:]


class TestTable:
    FRAME = pd.DataFrame({"region": ["CHN", "USA"], "share_pct": [100 / 3, np.nan]})

    def test_headings_units_and_values_go_by_the_names_of_columns(self, shown):
        charts.show_table(self.FRAME, "t", "Shares.")
        (data, about), (caption, _) = shown
        soup = BeautifulSoup(data["text/html"], "html.parser")
        assert [cell.text for cell in soup.find_all("th")] == ["region", "share (%)"]
        rows = [[cell.text for cell in row.find_all("td")] for row in soup.find_all("tr")[1:]]
        assert rows == [["China", "33.33"], ["United States", "–"]]
        assert soup.find_all("td")[1]["class"] == ["number"]
        assert about == {"kind": "table", "name": "t", "caption": "Shares."}
        assert caption == "*Shares.*"
        assert "text/csv" not in data

    @pytest.mark.usefixtures("page")
    def test_a_page_gets_codes_and_full_precision_as_csv(self, shown):
        charts.show_table(self.FRAME, "t", "Shares.")
        ((data, _),) = shown
        back = pd.read_csv(io.StringIO(data["text/csv"]))
        pd.testing.assert_frame_equal(back, self.FRAME, check_exact=True, check_dtype=False)

    def test_what_looks_like_html_is_text(self, shown):
        evil = "<script>alert(1)</script>"
        charts.show_table(pd.DataFrame({"note": [evil]}), "t", "Notes.")
        html = shown[0][0]["text/html"]
        assert "<script" not in html
        assert BeautifulSoup(html, "html.parser").td.text == evil

    def test_an_address_is_a_link_with_the_name_of_its_site(self, shown):
        addresses = ["https://www.example.org/a/long?way&to=it", "javascript:alert(1)"]
        charts.show_table(pd.DataFrame({"source": addresses}), "read", "Pages.")
        html = shown[0][0]["text/html"]
        assert '<a href="https://www.example.org/a/long?way&amp;to=it">example.org</a>' in html
        assert html.count("<a ") == 1

    def test_an_unknown_column_is_refused(self, shown):
        with pytest.raises(KeyError, match="'power gw' is no column"):
            charts.show_table(pd.DataFrame({"power gw": [1.0]}), "t", "Power.")
        assert shown == []

    def test_regions_side_by_side_have_names_and_the_unit(self, shown):
        table = hm.stocks().tail(1)[["CHN", "USA"]].reset_index()
        charts.show_table(table, "t", "Hashrate.", unit="EH/s")
        soup = BeautifulSoup(shown[0][0]["text/html"], "html.parser")
        headings = [cell.text for cell in soup.find_all("th")]
        assert headings == ["month", "China (EH/s)", "United States (EH/s)"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_events_are_told_in_the_language_in_use(shown, language):
    charts.use(language)
    table = events.events("2021-05-21", "2021-05-21", country="CHN")
    charts.show_events(table, "events", "Acts.")
    html = shown[0][0]["text/html"]
    assert BeautifulSoup(html, "html.parser").find_all("th")
    assert table[f"title_{language}"].iloc[0] in BeautifulSoup(html, "html.parser").text


def test_judgements_have_a_tone_and_rows_can_be_chosen_by_it(shown):
    table = pd.DataFrame({"claim_id": ["a", "b"], "verdict": ["supported", "contradicted"]})
    charts.show_table(table, "verdicts", "Verdicts.")
    html = BeautifulSoup(shown[0][0]["text/html"], "html.parser")
    assert html.table.has_attr("data-filter")
    assert [row["data-tone"] for row in html.select("tbody tr")] == ["good", "bad"]
    assert [mark.text for mark in html.select(".tone-good")] == ["supported"]


def test_other_tables_have_no_tones(shown):
    charts.show_table(pd.DataFrame({"claim_id": ["a"]}), "claims", "Claims.")
    html = shown[0][0]["text/html"]
    assert "tone" not in html
    assert "data-filter" not in html


def test_a_proposal_is_shown_as_one(shown):
    table = events.events("2021-11", "2021-11", country="KAZ")
    charts.show_events(table, "events", "Acts.")
    soup = BeautifulSoup(shown[0][0]["text/html"], "html.parser")
    assert [cell.text for cell in soup.find_all("th")][-1] == "how far it got"
    rows = [[cell.text for cell in row.find_all("td")] for row in soup.find_all("tr")[1:]]
    assert [row[-1] for row in rows] == table["status"].tolist()
    assert "proposed" in {row[-1] for row in rows}
