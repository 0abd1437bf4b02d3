from __future__ import annotations

import pytest
from toy_reports import CATALOGUE, checkout

from hashrate_migration import regions
from hashrate_migration.errors import InputError
from hashrate_migration.reports import catalogue
from hashrate_migration.reports.notebook_parameters import complete


def test_the_catalogue_of_the_project_names_a_profile_for_each_mapped_country():
    reports = catalogue.read(catalogue.find(catalogue.Path(__file__).parent)).reports
    ids = {report.id for report in reports}
    assert {"overview", "rise-and-ban"} <= ids
    assert {f"profile-{code.lower()}" for code in regions.mapped_countries()} <= ids
    assert len(regions.mapped_countries()) == 9


def test_families_are_spelled_out(tmp_path):
    reports = catalogue.read(checkout(tmp_path)).reports
    assert [report.id for report in reports] == ["one", "family-chn", "family-kaz"]
    kazakhstan = reports[-1]
    assert kazakhstan.title == "Kazakhstan"
    assert kazakhstan.summary == "About Kazakhstan."
    assert kazakhstan.parameters == {"country": "KAZ", "top_n": 4}


def test_select(tmp_path):
    known = catalogue.read(checkout(tmp_path))
    assert [r.id for r in known.select(["family"])] == ["family-chn", "family-kaz"]
    assert [r.id for r in known.select(["family-kaz", "family"])] == ["family-kaz", "family-chn"]
    with pytest.raises(InputError, match=r"no report 'two'; .* one, family \(family: family-chn"):
        known.select(["two"])


def test_it_is_found_from_any_folder_of_the_checkout(tmp_path):
    path = checkout(tmp_path)
    deep = tmp_path / "notebooks" / "a" / "b"
    deep.mkdir(parents=True)
    assert catalogue.find(deep) == path
    with pytest.raises(InputError, match=r"no reports/catalogue\.yml"):
        catalogue.find(tmp_path.parent)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("summary: It", "sumary: It"), r"reports\.0\.summary: Field required"),
        (("notebook: toy.ipynb}", "notebook: toy.ipynb, x: 1}"), r"Extra inputs"),
        (("id: one", "id: One report"), r"reports\.0\.id"),
        (("id: one", "id: family-chn"), "the id family-chn stands twice"),
        (("notebook: toy.ipynb}", "notebook: gone.ipynb}"), "notebook of one is missing"),
        (("[CHN, KAZ]", "[CHN, KAZ"), r"line \d+: not valid YAML"),
        (("[CHN, KAZ]", "all_countries"), r"foreach"),
        (("family-{country}", "family-{region}"), r"must hold {country}"),
        (('"{country_name}"', '"{nation}"'), "no value for {nation}"),
        (("    foreach: {country: [CHN, KAZ]}", ""), "no foreach"),
        ((CATALOGUE, ""), "valid dictionary"),
        ((CATALOGUE, "reports: []"), "at least 1"),
    ],
)
def test_bad_catalogues(tmp_path, change, sentence):
    text = CATALOGUE.replace(*change)
    assert text != CATALOGUE
    with pytest.raises(InputError, match=sentence) as caught:
        catalogue.read(checkout(tmp_path, catalogue=text))
    assert "\n" not in str(caught.value)
    assert "catalogue.yml" in str(caught.value)


class TestParameters:
    def test_defaults_then_catalogue_then_user(self, tmp_path):
        one, china, _ = catalogue.read(checkout(tmp_path)).reports
        assert complete(one).parameters == {"country": "CHN", "top_n": 3}
        assert complete(china).parameters == {"country": "CHN", "top_n": 4}
        assert complete(china, {"top_n": "5"}).parameters["top_n"] == 5

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"topn": "3"}, r"toy\.ipynb \(report one\) has no parameter 'topn'.*country, top_n"),
            ({"top_n": "many"}, "one: top_n = 'many' is not a value of type int"),
            ({"top_n": "99"}, "one: top_n = 99 is not a whole number from 1 to 9"),
            ({"country": "GBR"}, "one: country = 'GBR' has no monthly data"),
        ],
    )
    def test_bad_values(self, tmp_path, given, sentence):
        one = catalogue.read(checkout(tmp_path)).reports[0]
        with pytest.raises(InputError, match=sentence):
            complete(one, given)

    def test_a_family_keeps_what_tells_its_members_apart(self, tmp_path):
        china = catalogue.read(checkout(tmp_path)).reports[1]
        with pytest.raises(InputError, match="choose a member instead"):
            complete(china, {"country": "USA"})

    def test_a_wrong_type_or_name_in_the_catalogue(self, tmp_path):
        text = CATALOGUE.replace("top_n: 4", "top_n: four")
        china = catalogue.read(checkout(tmp_path / "a", catalogue=text)).reports[1]
        with pytest.raises(InputError, match="not a value of type int; correct the catalogue"):
            complete(china)
        text = CATALOGUE.replace("top_n: 4", "topn: 4")
        china = catalogue.read(checkout(tmp_path / "b", catalogue=text)).reports[1]
        with pytest.raises(InputError, match="has no parameter 'topn'"):
            complete(china)

    def test_a_broken_notebook(self, tmp_path):
        one = catalogue.read(checkout(tmp_path)).reports[0]
        one.notebook.write_text("{", encoding="utf-8")
        with pytest.raises(InputError, match="not a readable notebook"):
            complete(one)
