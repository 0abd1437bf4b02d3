"""Measures of concentration against values worked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hashrate_migration as hm
from hashrate_migration import country_panel
from hashrate_migration.country_panel import kept
from hashrate_migration.errors import InputError
from hashrate_migration.findings import concentration


def measured(*parts, rest=None, names=None):
    return concentration.measures(pd.DataFrame([parts], columns=names), rest).iloc[0]


@pytest.mark.parametrize(
    ("parts", "herfindahl", "effective", "half", "entropy"),
    [
        ((1.0,), 1.0, 1.0, 1, 0.0),
        ((0.5, 0.5), 0.5, 2.0, 1, 1.0),
        ((0.25,) * 4, 0.25, 4.0, 2, 2.0),
        # 0.36 + 0.09 + 0.01 = 0.46; entropy 0.6*0.737 + 0.3*1.737 + 0.1*3.322.
        ((0.6, 0.3, 0.1), 0.46, 1 / 0.46, 1, 1.2955),
        # Half, a quarter, two eighths: 1.75 bits is the textbook value.
        ((0.5, 0.25, 0.125, 0.125), 0.34375, 2.9091, 1, 1.75),
        ((0.4, 0.35, 0.25), 0.345, 2.8986, 2, 1.5589),
    ],
)
def test_worked_values(parts, herfindahl, effective, half, entropy):
    row = measured(*parts)
    assert row["herfindahl"] == pytest.approx(herfindahl)
    assert row["effective_number"] == pytest.approx(effective, abs=1e-4)
    assert row["holding_half"] == half
    assert row["entropy_bits"] == pytest.approx(entropy, abs=1e-4)


def test_a_rest_counts_as_many_small_ones():
    row = measured(0.3, 0.2, 0.5, rest="OTH", names=["A", "B", "OTH"])
    assert row["herfindahl"] == pytest.approx(0.13)
    assert row["holding_half"] == 2
    assert np.isnan(measured(0.3, 0.1, 0.6, rest="OTH", names=["A", "B", "OTH"])["holding_half"])


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=12))
def test_bounds_hold_for_any_shares(raw):
    parts = np.array(raw) / np.sum(raw)
    row = measured(*parts)
    n = len(parts)
    assert 1 / n - 1e-9 <= row["herfindahl"] <= 1 + 1e-9
    assert 1 <= row["effective_number"] + 1e-9 <= n + 1e-6
    assert -1e-9 <= row["entropy_bits"] <= np.log2(n) + 1e-9
    assert 1 <= row["holding_half"] <= n
    # Rényi: two to the entropy is at least the effective number.
    assert 2 ** row["entropy_bits"] >= row["effective_number"] - 1e-6


@pytest.mark.parametrize("parts", [(0.5, 0.4), (1.2, -0.2)])
def test_what_does_not_add_up_is_refused(parts):
    with pytest.raises(InputError, match="add up to"):
        measured(*parts)


def test_countries_have_bands_around_the_middle():
    table = concentration.countries("2020-01", "2024-12")
    # The map of September 2020: China 67 percent and nine others.
    share = hm.shares("2020-09", "2020-09").iloc[0] / 100
    by_hand = 1 / (share.drop("OTH") ** 2).sum()
    then = table.loc["2020-09-01"]
    # The map leans by what any publisher may lean by, so the middle need not be its own number: it is
    # enough that the band holds it.
    assert then["effective_number_low"] < by_hand < then["effective_number_high"]
    # The middle and the ends are those of the kept draws, counted here without the table's own code.
    drawn = kept.read()
    month = drawn.shares[:, drawn.months.get_loc("2020-09-01")].astype(float)
    told_apart = [place for place, code in enumerate(drawn.codes) if code != "OTH"]
    numbers = 1 / (month[:, told_apart] ** 2).sum(axis=1)
    for part, ending in ((0.05, "_low"), (0.5, ""), (0.95, "_high")):
        counted = np.quantile(numbers, part, method="nearest")
        assert then[f"effective_number{ending}"] == pytest.approx(counted, rel=1e-3)
    # The pools' sample is the best that the month has: the middle does not stray far from it.
    assert then["effective_number"] == pytest.approx(by_hand, rel=0.15)
    width = table["effective_number_high"] - table["effective_number_low"]
    assert width["2023-06-01"] > width["2020-06-01"]
    assert (table["effective_number_low"] < table["effective_number_high"]).all()


def test_pools_add_up_and_have_intervals():
    assert concentration.pool_shares().sum(axis=1).to_numpy() == pytest.approx(1)
    homes = concentration.pool_homes()
    assert homes.sum(axis=1).to_numpy() == pytest.approx(1)
    assert homes.loc["2021-07-01", "CHN"] > 0.5
    table = concentration.pools(draws=200)
    inside = table["effective_number"].between(
        table["effective_number_low"] - 0.3, table["effective_number_high"] + 0.3
    )
    assert inside.all()
    assert "2019-01-01" not in table.index


def test_every_assigned_pool_stands_in_the_blocks():
    assert set(hm.load("pools")["pool"]) <= set(hm.load("pool_blocks")["pool"])


@pytest.mark.parametrize(
    ("parts", "rest", "sentence"),
    [
        (pd.DataFrame([]), None, "no shares to measure"),
        (pd.DataFrame([], columns=["A"]), None, "no shares to measure"),
        (
            pd.DataFrame({"A": [1.0, 0.5], "B": [0.0, np.nan]}),
            None,
            "share of B in row 1 is missing",
        ),
        (pd.DataFrame({"A": [0.5], "B": [0.5]}), "OTH", "rest = 'OTH' is no column .*: A, B"),
    ],
)
def test_what_is_missing_is_not_taken_for_nothing(parts, rest, sentence):
    with pytest.raises(InputError, match=sentence):
        concentration.measures(parts, rest)


def test_nothing_but_the_rest_is_without_limit():
    row = measured(0.0, 1.0, rest="OTH", names=["A", "OTH"])
    assert row["herfindahl"] == 0
    assert row["effective_number"] == np.inf
    assert np.isnan(row["holding_half"])


@pytest.mark.parametrize("numbers", [{"draws": 0}, {"seed": -1}, {"draws": 1.5}])
def test_draws_that_make_no_band_are_refused(numbers):
    with pytest.raises(InputError, match=r"(draws|seed) = "):
        concentration.pools(**numbers)


def test_measures_are_row_by_row_and_named():
    parts = pd.DataFrame(
        {"A": [0.5, 0.5 - 1e-7, 0.499], "B": [0.5, 0.5 + 1e-7, 0.251], "C": [0.0, 0.0, 0.25]},
        index=["even", "even but for a digit", "uneven"],
    )
    table = concentration.measures(parts)
    assert list(table) == ["herfindahl", "effective_number", "holding_half", "entropy_bits"]
    assert list(table.index) == list(parts.index)
    assert list(table["holding_half"]) == [1, 1, 2]
    assert table["entropy_bits"]["even"] == 1
    # 0.249001 + 0.063001 + 0.0625
    assert table["herfindahl"]["uneven"] == pytest.approx(0.374502)
    # As tables round: a thousandth may lack, and a last digit below 0 is none.
    assert measured(0.5, 0.4995)["herfindahl"] == pytest.approx(0.49950025)
    assert measured(1.0, -5e-7)["entropy_bits"] == pytest.approx(0)
    rest = concentration.measures(parts.rename(columns={"C": "OTH"}), "OTH").loc["uneven"]
    assert rest["holding_half"] == 2
    # Without the rest: 0.499 and 0.251; 1/(0.249001 + 0.063001).
    assert rest["effective_number"] == pytest.approx(3.205108)
    assert rest["entropy_bits"] == pytest.approx(0.500442 + 0.500552, abs=1e-4)


@pytest.mark.parametrize(
    ("parts", "rest", "sentence"),
    [
        (
            pd.DataFrame({"A": [0.5, 0.3, 0.5], "B": [0.5, 0.6, 0.502]}, index=["x", "y", "z"]),
            None,
            "Shares of row y add up to 0.9000; give parts of 1, none below 0.",
        ),
        (
            pd.DataFrame({"A": [1.01], "B": [-0.01]}, index=["x"]),
            None,
            "Shares of row x add up to 1.0000; give parts of 1, none below 0.",
        ),
        (
            pd.DataFrame({"A": ["1"], "B": ["0"]}),
            None,
            "The shares of A are not numbers; convert them.",
        ),
        (
            pd.DataFrame({"A": [1.0], "B": [np.nan]}, index=["x"]),
            None,
            "The share of B in row x is missing; give 0 if it is known to be nothing.",
        ),
        (
            pd.DataFrame({"A": [1.0], "B": [0.0]}),
            "C",
            "rest = 'C' is no column of the shares; they have: A, B.",
        ),
        (
            pd.DataFrame({"A": []}),
            None,
            "There are no shares to measure; give a row of parts of 1.",
        ),
        ([0.5, 0.5], None, "parts = [0.5, 0.5] is not a table of shares; give one."),
    ],
)
def test_what_cannot_be_measured_is_said_with_what_to_do(parts, rest, sentence):
    with pytest.raises(InputError) as stopped:
        concentration.measures(parts, rest)
    assert str(stopped.value) == sentence


ENDINGS = ("", "_low", "_high")


def test_bands_over_countries_are_those_of_the_paths():
    table = concentration.countries("2023-06", "2023-07")
    assert list(table) == [f"{name}{end}" for name in concentration.MEASURES for end in ENDINGS]
    assert table.index.strftime("%Y-%m").tolist() == ["2023-06", "2023-07"]
    assert table.index.name == "month"
    drawn = country_panel.paths().xs("2023-07-01", level="month").drop(columns="OTH") / 100
    squares = (drawn**2).sum(axis=1)
    july = table.loc["2023-07-01"]
    for name, values in (("herfindahl", squares), ("effective_number", 1 / squares)):
        for ending, quantile in (("", 0.5), ("_low", 0.05), ("_high", 0.95)):
            by_hand = np.quantile(values, quantile, method="nearest")
            assert july[f"{name}{ending}"] == pytest.approx(by_hand)
    # There is no half of a country.
    counts = table.filter(like="holding_half")
    assert (counts == counts.round()).all(axis=None)
    with pytest.raises(InputError, match="the panel"):
        concentration.countries("1990-01", "1990-02")


@pytest.fixture
def two_months_of_blocks(data_copy):
    """Sixty, thirty and ten unlabelled; then fifty and fifty."""
    path = data_copy / "pool_blocks.csv"
    rows = [
        ("2016-02", "antpool", 60),
        ("2016-02", "f2pool", 30),
        ("2016-02", "unknown", 10),
        ("2026-04", "antpool", 50),
        ("2026-04", "f2pool", 50),
    ]
    table = pd.DataFrame(rows, columns=["month", "pool", "blocks"])
    table.assign(source_id="pool-labels-early").to_csv(path, index=False, lineterminator="\n")


def test_pools_worked_by_hand(two_months_of_blocks):
    share = concentration.pool_shares()
    assert share.loc["2016-02-01"].to_dict() == {"antpool": 0.6, "f2pool": 0.3, "unknown": 0.1}
    assert share.loc["2026-04-01"].to_dict() == {"antpool": 0.5, "f2pool": 0.5, "unknown": 0}
    homes = concentration.pool_homes()
    assert list(homes) == ["CHN", "unassigned"]
    assert homes.to_numpy() == pytest.approx(np.array([[0.9, 0.1], [1, 0]]))
    table = concentration.pools(draws=3000, seed=5)
    assert list(table) == [f"{name}{end}" for name in concentration.MEASURES for end in ENDINGS]
    middle = table[list(concentration.MEASURES)]
    assert middle.to_numpy() == pytest.approx(
        np.array([[0.45, 1 / 0.45, 1, 0.963269], [0.5, 2, 1, 1]]), abs=1e-6
    )
    # Gamma variates over their sum are a Dirichlet; half a block beside those found.
    work = np.random.default_rng(99).gamma([60.5, 30.5, 10.5], size=(100_000, 3))
    squares = ((work / work.sum(axis=1, keepdims=True))[:, :2] ** 2).sum(axis=1)
    february = table.loc["2016-02-01"]
    bounds = [february["herfindahl_low"], february["herfindahl_high"]]
    # Of 3,000 draws, a quantile is known to about half a percent.
    assert bounds == pytest.approx(np.quantile(squares, [0.05, 0.95]), rel=0.015)
    # A pool without a block takes no part: with two, the squares are 1/2 at the least.
    assert 0.5 <= table.loc["2026-04-01", "herfindahl_low"] < 0.5005
    pd.testing.assert_frame_equal(table, concentration.pools(draws=3000, seed=5))
    assert (concentration.pools(draws=3000, seed=6)["herfindahl_low"] != bounds[0]).all()


def test_a_share_of_nothing_is_measured_without_a_warning(recwarn):
    measured(1.0, 0.0)
    measured(1.0, -5e-7)
    measured(0.0, 1.0, rest="OTH", names=["A", "OTH"])
    assert [str(warning.message) for warning in recwarn] == []
