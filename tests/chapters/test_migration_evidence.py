"""What the migration report says of evidence and assumptions follows the kept tables."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from hashrate_migration import flows
from hashrate_migration.chapters import migration_evidence as basis
from hashrate_migration.flows.assumptions import SCALES, SHARES, Assumptions
from hashrate_migration.flows.resting import ACCOUNTS, POSTERIOR, PRIOR, ROBUST_EHS
from hashrate_migration.words import prose


def priors(error=0.0, **moved):
    """Kept table of one prior that moves the headlines as given."""
    rows = [
        ("lag_months", figure, 10.0, 10.0 + by, by, error, abs(by) + error < ROBUST_EHS)
        for figure, by in ((figure, moved.get(figure, 0.0)) for figure in basis.IN_EHS)
    ]
    names = ["prior", "figure", "median", "doubled", "moved", "error", "robust"]
    return pd.DataFrame(rows, columns=names)


@pytest.fixture
def resting():
    rows = [
        (figure, step, "EH/s", low, low + 2, low + 4, low + 2, 100.0)
        for figure in basis.IN_EHS
        for step, low in ((PRIOR, 1), (ACCOUNTS, 2), (POSTERIOR, 3), ("without press", 0.5))
    ]
    names = ["figure", "based_on", "unit", "low", "median", "high", "mean", "effective"]
    return pd.DataFrame(rows, columns=names)


def test_every_assumption_has_a_name_and_a_reason():
    assert set(basis.ASSUMPTIONS) == {*SHARES, *SCALES, "prior_sd"}


def test_robust_is_said_of_what_moves_by_less_than_the_limit_alone():
    moved = priors(departed=0.5, abroad=-ROBUST_EHS, back=1.9, retired=9)
    assert basis.robust(moved) == ["stopped in China", "ran in China again"]
    assert basis.robust(priors(**dict.fromkeys(basis.IN_EHS, 3.0))) == []


def test_what_chance_may_have_made_is_not_robust():
    assert len(basis.robust(priors())) == len(basis.IN_EHS)
    assert basis.robust(priors(error=2.5)) == []


def test_robust_is_said_of_nothing_that_the_kept_table_moves():
    table = flows.priors_table()
    named = set(basis.robust(table))
    most = (table["moved"].abs() + table["error"]).groupby(table["figure"]).max()
    assert named == {
        basis.translated(basis.FIGURES[figure]) for figure in basis.IN_EHS if most[figure] < 2
    }


def cells() -> list[str]:
    """Sources of the cells of the page."""
    page = Path(__file__).parents[2] / "notebooks" / "02_migration.ipynb"
    return ["".join(cell["source"]) for cell in json.loads(page.read_text("utf-8"))["cells"]]


WORDS = re.compile(r"robust|holds firmly|well supported|well-supported|certain(ly)? that", re.I)


@pytest.mark.parametrize("moved", [0.0, 1.9, -1.9, 2.0, -5.0])
@pytest.mark.parametrize("published_here", [True, False])
def test_the_page_says_robust_of_what_the_tables_call_so(moved, published_here):
    table = priors(abroad=moved, departed=9, back=9, retired=9)
    names = basis.robust(table)
    (template,) = [text for text in cells() if "robust | length" in text]
    given = {
        "robust": names,
        "published_here": published_here,
        "ROBUST_EHS": ROBUST_EHS,
        "lean": {"abroad": (-19.0, -4.0)},
        "enough": True,
        "silent": [],
        "first": "USA",
        "first_pct": 70.0,
    }
    told = prose.said(template.removeprefix("%%prose\n"), given)
    (sentence,) = [line for line in told.splitlines() if WORDS.search(line)]
    if not published_here:
        assert sentence.endswith("nothing is said here of how robust the figures above are.")
    elif abs(moved) < ROBUST_EHS:
        assert sentence.startswith("Robust, ")
        assert sentence.endswith("is here: ran abroad.")
    else:
        assert sentence.startswith("None of these figures is robust ")


def test_nothing_else_on_the_page_is_said_to_be_robust():
    others = [text for text in cells() if "robust | length" not in text]
    lines = [line.strip() for text in others for line in text.splitlines()]
    said = [line for line in lines if WORDS.search(line.replace("ROBUST_EHS", ""))]
    # Code that asks for it, and the line of a caption that says what it means.
    (caption,) = [line for line in said if not line.startswith(("from ", "robust = "))]
    assert caption.startswith('"robust if all its moves, errors included, stood between the dashed')


def test_the_assumption_that_moves_most_is_first():
    table = pd.concat(
        [
            priors(abroad=1.0),
            priors(back=-4.0).assign(prior="return_share"),
        ]
    )
    shown = basis.assumptions(table)
    assert shown["assumption"].iloc[0].startswith("part of what runs again")
    assert shown["moves_back"].tolist() == [-4.0, 0.0]
    assert basis.strongest(table, "back") == (shown["assumption"].iloc[0], 4.0, 0.0)


def test_what_may_move_it_as_much_is_told():
    table = pd.concat(
        [
            priors(abroad=-2.0),
            priors(abroad=1.5, error=0.6).assign(prior="turnover"),
            priors(abroad=1.9).assign(prior="return_share"),
        ]
    )
    assert basis.as_large(table, "abroad") == 1
    assert "up to 2.0" in basis.most_moved(table, "abroad")


def test_moves_and_their_errors_stand_in_one_order():
    table = pd.concat([priors(abroad=1.0, error=0.5), priors(back=-4.0).assign(prior="turnover")])
    moved, errors = basis.moves(table)
    assert list(moved.index) == list(errors.index)
    assert moved.index[0] == basis.translated(basis.ASSUMPTIONS["turnover"][0])
    assert moved.iloc[1]["ran abroad"] == 1.0
    assert errors.iloc[1]["ran abroad"] == 0.5


def test_ranges_are_those_of_the_class():
    shown = basis.assumptions(flows.priors_table()).set_index("assumption")["range_assumed"]
    low, high = Assumptions().retired_share
    assert shown["part of a loss that never runs again"] == (
        f"{100 * low:.0f}–{100 * high:.0f} percent"
    )
    fields = {field.name for field in dataclasses.fields(Assumptions)}
    assert set(basis.ASSUMPTIONS) <= fields


def test_a_row_for_everything_that_it_rests_on(resting):
    shown = basis.rests_on(resting)
    assert list(shown["rests_on"]) == [
        *("assumptions alone", "with the accounts", "with all evidence"),
        "without counts by the press",
    ]
    assert shown.loc[1, "abroad_band"] == "4.0 (2.0–6.0)"
    assert basis.said(resting, "back", PRIOR) == (1, 5)


def test_the_piece_that_tells_most(resting):
    more = resting[resting["based_on"] == "without press"].assign(based_on="without supply")
    table = pd.concat([resting, more.assign(median=4.9)])
    name, by = basis.told_most(table, "abroad")
    assert name == "counts by the press"
    assert by == pytest.approx(2.5)


def test_the_figure_has_the_steps_without_the_pieces(resting):
    shown = basis.compared(resting)
    assert len(shown) == 3 * len(basis.IN_EHS)
    assert list(shown["label"].unique()) == list(map(basis.based_on, basis.STEPS))


def test_scenarios_side_by_side():
    table = flows.scenarios_table()
    shown = basis.scenarios(table)
    assert list(shown["scenario"]) == [
        "drawn, with makers' sales",
        *("low", "central", "high"),
    ]
    medians = table[table["figure"] == "abroad"].set_index("scenario")["median"]
    # Supply binds: the more is new, the less can have come from China.
    assert medians["low"] - medians["high"] > 5
    assert f"{medians['low']:.0f}" in basis.supply_title(table)
    assert basis.supply_medians(table) == (medians["low"], medians["high"])
