from __future__ import annotations

import pytest

import hashrate_migration as hm
from hashrate_migration import charts, country_panel
from hashrate_migration.charts import maps
from hashrate_migration.errors import InputError


def test_every_mapped_country_and_every_country_of_the_panel_has_an_outline():
    wanted = {*hm.regions.mapped_countries(), *country_panel.countries()}
    assert wanted <= set(maps.outlines().index)


def test_unknown_country(new):
    with pytest.raises(InputError, match="no outline for 'OTH'"):
        charts.world(new().subplots(), hm.shares().iloc[0], highlight="OTH")


def test_classes_hold_every_share():
    assert hm.shares().max(axis=None) <= maps.STEPS_PCT[-1]
    assert list(maps.STEPS_PCT) == sorted(maps.STEPS_PCT)


@pytest.mark.parametrize(("language", "text"), [("en", "not listed"), ("zh", None)])
def test_the_key_names_the_classes(new, language, text):
    charts.use(language)
    ax = new().subplots()
    charts.world(ax, hm.shares().iloc[0])
    texts = [drawn.get_text() for drawn in ax.texts]
    assert texts[0] == "0–1"
    assert len(texts) == len(maps.STEPS_PCT)
    assert text is None or texts[-1] == text


def test_several_maps_share_one_key(new):
    figure = new()
    charts.worlds(figure, {"A": hm.shares().iloc[0], "B": hm.shares().iloc[-1]})
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == ["A", "B", ""]
    texts = [text.get_text() for text in figure.axes[-1].texts]
    assert texts[0] == "0–1"
    assert texts[-1] == "not listed"
