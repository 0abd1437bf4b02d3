from __future__ import annotations

import nbformat
import pytest
from toy_reports import CATALOGUE, checkout, notebook

from hashrate_migration import country_panel, words
from hashrate_migration.errors import InputError
from hashrate_migration.reports import catalogue
from hashrate_migration.reports.parameters import complete


def test_the_catalogue_of_the_project_names_a_profile_for_each_country_of_the_panel():
    reports = catalogue.read(catalogue.find(catalogue.Path(__file__).parent)).reports
    assert {"overview", "rise-and-ban"} <= {report.id for report in reports}
    profiles = {r.parameters["country"]: r for r in reports if r.family == "profile"}
    assert list(profiles) == country_panel.countries()
    assert {r.notebook.name for r in profiles.values()} == {"11_country_profile.ipynb"}
    assert profiles["USA"].id == "profile-usa"
    assert profiles["USA"].title == "Bitcoin mining in the United States"


def test_titles_speak_the_language_in_use(tmp_path):
    words.use("zh")
    try:
        last = catalogue.read(checkout(tmp_path)).reports[-1]
    finally:
        words.use("en")
    assert (last.id, last.title) == ("family-kaz", "哈萨克斯坦")
    assert last.parameters["country"] == "KAZ"


def test_families_are_spelled_out(tmp_path):
    reports = catalogue.read(checkout(tmp_path)).reports
    assert [report.id for report in reports] == ["one", "family-chn", "family-kaz"]
    kazakhstan = reports[-1]
    assert kazakhstan.title == "Kazakhstan"
    assert kazakhstan.summary == "About Kazakhstan."
    assert kazakhstan.parameters == {"country": "KAZ", "top_n": 4}


@pytest.mark.parametrize("written", ["kaz", "Kazakhstan", "哈萨克斯坦"])
def test_a_family_understands_a_country_by_any_name(tmp_path, written):
    text = CATALOGUE.replace("[CHN, KAZ]", f"[the United States, {written}]")
    _one, states, member = catalogue.read(checkout(tmp_path, catalogue=text)).reports
    assert (states.id, states.title) == ("family-usa", "The United States")
    assert (member.id, member.title) == ("family-kaz", "Kazakhstan")
    assert member.parameters["country"] == "KAZ"


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
        (("[CHN, KAZ]", "[]"), "at least 1"),
        (
            ("[CHN, KAZ]", "[CHN, XXX]"),
            r"family-\{country\}: country = 'XXX' is no country of the panel",
        ),
        (('"{country_name}"', '"{0}"'), "braces that cannot be filled"),
        (('"{country_name}"', '"{country_name"'), "braces that cannot be filled"),
        (('"{country_name}"', '"{country.x}"'), "braces that cannot be filled"),
        (('"{country_name}"', '"{country.__class__}"'), "braces that cannot be filled"),
        (('"{country_name}"', '"{country:>999999999}"'), "braces that cannot be filled"),
        (('"{country_name}"', '"{country!r}"'), "braces that cannot be filled"),
        (('"{country_name}"', '"{{country}}"'), "braces that cannot be filled"),
        (("family-{country}", "family-{country}-{nation}"), "no value for {nation}"),
        (("[CHN, KAZ]", "mapped_countries"), "foreach"),
        (("[CHN, KAZ]", "[kaz, Kazakhstan]"), "the id family-kaz stands twice"),
        (
            ("top_n: 4", "top_n: null"),
            r"yml: family-\{country\}: top_n = None is not a text, a number or true/false",
        ),
        (("top_n: 4", "top_n: [4]"), r"top_n = \[4\] is not a text, a number or true/false"),
        (("[CHN, KAZ]", "[CHN, null]"), r"country = None is not a text, a number or true/false"),
        (("It shows one thing", "A bell: \a"), "character 0x7"),
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


def test_a_value_that_makes_no_id(tmp_path):
    text = CATALOGUE.replace("{country}", "{language}").replace(
        "country: [CHN, KAZ]", "language: [../x]"
    )
    text = text.replace("{country_name}", "T").replace("{country_in_text}", "T")
    with pytest.raises(InputError, match=r"makes the id 'family-\.\./x'"):
        catalogue.read(checkout(tmp_path, catalogue=text))


def test_a_catalogue_in_another_encoding(tmp_path):
    path = checkout(tmp_path)
    path.write_bytes("reports: [é]".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        catalogue.read(path)


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
            ({"topn": "3"}, r"'topn' \(nearest: top_n\); it has"),
            ({"top_n=6": "3"}, "a blank between; write -p top_n 6"),
            ({"top_n": "many"}, "one: top_n = 'many' is not a whole number; write one."),
            ({"top_n": "99"}, "one: top_n = 99 is not a whole number from 1 to 9"),
            ({"country": "GBR"}, "one: country = 'GBR' is no country of the panel"),
        ],
    )
    def test_bad_values(self, tmp_path, given, sentence):
        one = catalogue.read(checkout(tmp_path)).reports[0]
        with pytest.raises(InputError, match=sentence):
            complete(one, given)

    @pytest.mark.parametrize("written", ["KAZ", "kaz", "Kazakhstan", "哈萨克斯坦"])
    def test_a_country_by_any_name_is_the_same_report(self, tmp_path, written):
        one = catalogue.read(checkout(tmp_path)).reports[0]
        assert complete(one, {"country": written}).parameters == {"country": "KAZ", "top_n": 3}

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

    def test_types(self, tmp_path):
        lines = ["ratio: float = 2  # r", "sign: int = -1  # s", "flag: bool = False  # f"]
        cells = "\n".join([*lines, 'word: str = "it\'s"  # w'])
        one = catalogue.read(checkout(tmp_path)).reports[0]
        nbformat.write(notebook("1", parameters=cells), one.notebook)
        defaults = {"ratio": 2.0, "sign": -1, "flag": False, "word": "it's"}
        assert complete(one).parameters == defaults
        ready = complete(one.with_parameters({"ratio": 3}), {"flag": "True"})
        assert ready.parameters == {**defaults, "ratio": 3.0, "flag": True}
        assert [type(v) for v in ready.parameters.values()] == [float, int, bool, str]
        for bad in ({"ratio": True}, {"sign": True}, {"sign": 1.0}, {"flag": 1}, {"word": 1}):
            with pytest.raises(InputError, match="correct the catalogue"):
                complete(one.with_parameters(bad))

    @pytest.mark.parametrize(
        ("cell", "sentence"),
        [
            ("x = 1", "'x' has no type that can be checked"),
            ("x: list = []", "'x' has no type that can be checked"),
            ("x: int = make()", r"x = make\(\) is not a value of type int; correct the notebook"),
            ('x: int = "1"', "correct the notebook"),
        ],
    )
    def test_a_parameters_cell_that_cannot_be_checked(self, tmp_path, cell, sentence):
        one = catalogue.read(checkout(tmp_path)).reports[0]
        nbformat.write(notebook("1", parameters=cell), one.notebook)
        with pytest.raises(InputError, match=sentence):
            complete(one)

    def test_a_broken_notebook(self, tmp_path):
        one = catalogue.read(checkout(tmp_path)).reports[0]
        one.notebook.write_text("{", encoding="utf-8")
        with pytest.raises(InputError, match="not a readable notebook"):
            complete(one)
