"""Estimates as sums over months and countries."""

import numpy as np
import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.country_panel import estimates, evidence, model
from hashrate_migration.errors import InputError

MONTHS = pd.date_range("2021-01-01", periods=6, freq="MS")
CODES = ["CHN", "USA", "KAZ", "OTH"]


def figure(number=0, **values):
    """One row in the form of observations: a vendor's share of Kazakhstan in February 2021."""
    start = pd.Timestamp(values.get("start_month", "2021-02-01"))
    row = {
        "estimate_id": f"x{number}",
        "month": start,
        "start_month": start,
        "end_month": pd.Timestamp(values.get("end_month", start)),
        "members": "KAZ",
        "kind": "vendor",
        "family": "luxor",
        "list_id": None,
        "listed": None,
        "reads": "share",
        "share_pct": 5.0,
        "log_odds": np.log(5 / 95),
        "printed_sd": 0.01,
        "error_sd": 0.12,
        "offset_sd": 0.2,
        "tail_df": 4.0,
    }
    values = {k: v for k, v in values.items() if k not in ("start_month", "end_month")}
    return row | values


def table(*rows):
    return pd.DataFrame([figure(number, **row) for number, row in enumerate(rows)])


def gathered(*rows):
    return evidence.gather(table(*rows), MONTHS, CODES)


def spoken(number, atoms):
    """Months and countries of a figure, with their weights."""
    which, cell, weight = atoms
    own = which == number
    return {
        (int(position // len(CODES)), CODES[position % len(CODES)]): part
        for position, part in zip(cell[own], weight[own], strict=True)
    }


def test_a_figure_of_one_country_and_month_is_one_atom():
    atoms = evidence.atoms(table({}), MONTHS, CODES)
    assert spoken(0, atoms) == {(1, "KAZ"): 1.0}


def test_a_figure_of_several_months_is_their_mean_and_of_several_countries_their_sum():
    row = {"members": "USA+OTH", "start_month": "2021-03-01", "end_month": "2021-05-01"}
    atoms = evidence.atoms(table({}, row), MONTHS, CODES)
    third = pytest.approx(1 / 3)
    assert spoken(1, atoms) == {
        (month, code): third for month in (2, 3, 4) for code in ("USA", "OTH")
    }
    assert spoken(0, atoms) == {(1, "KAZ"): 1.0}


def test_of_a_period_only_the_months_of_the_panel_count():
    row = {"start_month": "2020-11-01", "end_month": "2021-02-01"}
    assert spoken(0, evidence.atoms(table(row), MONTHS, CODES)) == {
        (0, "KAZ"): 0.5,
        (1, "KAZ"): 0.5,
    }


@pytest.mark.parametrize("month", ["2020-12-01", "2021-07-01"])
def test_a_figure_outside_the_months_is_refused(month):
    with pytest.raises(InputError) as caught:
        evidence.atoms(table({}, {"start_month": month}), MONTHS, CODES)
    assert str(caught.value) == "Estimate x1 lies outside the panel's months."


@pytest.mark.parametrize(("reads", "sign"), [("share", 0.0), ("floor", 1.0), ("ceiling", -1.0)])
def test_a_limit_counts_on_one_side(reads, sign):
    seen = gathered({}, {"reads": reads, "kind": "other"})
    assert seen.sign.tolist() == [0.0, sign]
    # Limits teach nothing of the size of errors, so they have no kind: one past the end.
    assert seen.kinds == (["vendor", "other"] if reads == "share" else ["vendor"])
    assert seen.kind[1] == 1
    assert seen.value.tolist() == pytest.approx([np.log(5 / 95)] * 2)


def test_a_zero_of_a_sample_is_no_figure():
    zero = {"reads": "none_seen", "members": "CHN", "start_month": "2021-04-01"}
    seen = gathered({}, zero, {"members": "USA"})
    assert seen.rows["estimate_id"].tolist() == ["x0", "x2"]
    assert seen.none_seen.tolist() == [3 * len(CODES) + CODES.index("CHN")]
    assert len(gathered({}).none_seen) == 0


def test_a_bias_is_one_of_publisher_and_countries():
    seen = gathered(
        {},
        {"start_month": "2021-03-01"},
        {"members": "USA"},
        {"family": "bitooda", "offset_sd": 0.6},
        {"family": "filings", "offset_sd": 0.0},
    )
    assert seen.biases == [("luxor", "KAZ"), ("luxor", "USA"), ("bitooda", "KAZ")]
    assert seen.bias.tolist() == [0, 0, 1, 2, 3]
    assert seen.bias_sd.tolist() == [0.2, 0.2, 0.6]


WHOLE = {"list_id": "map", "listed": "CHN+USA+KAZ+OTH"}


def test_of_a_whole_list_the_countries_not_given_make_the_gap():
    seen = gathered(
        {"members": "USA", **WHOLE}, {"members": "KAZ", **WHOLE}, {"list_id": "p", "members": "CHN"}
    )
    assert (seen.lists, seen.parts) == (["map"], ["p"])
    assert seen.in_list.tolist() == [0, 0, 1]
    assert seen.in_part.tolist() == [1, 1, 0]
    gap = (seen.gap_list, seen.gap_cell, seen.gap_weight)
    assert spoken(0, gap) == {(1, "CHN"): 1.0, (1, "OTH"): 1.0}


def test_a_whole_list_that_is_given_whole_has_no_gap():
    rows = [{"members": "CHN", **WHOLE}, {"members": "USA", **WHOLE}]
    seen = gathered(*rows, {"members": "KAZ+OTH", **WHOLE})
    assert seen.lists == ["map"]
    assert [len(part) for part in (seen.gap_list, seen.gap_cell, seen.gap_weight)] == [0, 0, 0]


def test_a_country_that_the_list_shows_empty_is_none_of_its_gap():
    without = {"list_id": "map", "listed": "USA+KAZ+OTH"}
    lists, number, cell, _ = evidence.gaps(table({"members": "USA", **without}), MONTHS, CODES)
    assert lists == ["map"]
    assert number.tolist() == [0, 0]
    assert [CODES[position % len(CODES)] for position in cell] == ["KAZ", "OTH"]


def test_gaps_go_with_their_own_lists():
    other = {"list_id": "list", "listed": "USA+OTH", "start_month": "2021-05-01"}
    rows = table({"members": "CHN+USA+KAZ+OTH", **WHOLE}, {}, {"members": "USA", **other})
    lists, number, cell, weight = evidence.gaps(rows, MONTHS, CODES)
    assert lists == ["map", "list"]
    assert spoken(1, (number, cell, weight)) == {(4, "OTH"): 1.0}
    assert set(number) == {1}


def test_limits_belong_to_no_list():
    seen = gathered({"list_id": "p"}, {"list_id": "p", "reads": "ceiling", "members": "USA"})
    assert seen.in_part.tolist() == [0, 1]
    assert seen.in_list.tolist() == [0, 0]  # there is no whole list: the end is the beginning


@pytest.mark.parametrize("rows", [[], [{"reads": "ceiling"}], [{"reads": "none_seen"}]])
def test_without_a_figure_there_is_no_panel(rows):
    # An empty table has the columns all the same.
    given = table(*rows) if rows else table({}).iloc[:0]
    with pytest.raises(InputError) as caught:
        evidence.gather(given, MONTHS, CODES)
    assert str(caught.value) == "No estimate enters the panel; let at least one kind enter."


def test_the_chain_says_how_much_ran_on_in_the_summer_of_the_ban():
    months = pd.date_range("2021-01-01", "2021-12-01", freq="MS")
    seen = evidence.gather(table({}), months, CODES)
    network = hm.network_hashrate("2021-01", "2021-12")
    before = months[seen.calm]
    assert before < pd.Timestamp("2021-05-21")  # the call to crack down
    after = months[seen.running]
    assert after.strftime("%Y-%m").tolist() == ["2021-07", "2021-08"]
    assert seen.running_ratio == pytest.approx((network[after] / network[before]).to_numpy())
    assert (seen.running_ratio < 1).all()


def test_months_before_the_ban_know_nothing_of_it():
    months = pd.date_range("2020-01-01", "2020-12-01", freq="MS")
    seen = evidence.gather(table({"start_month": "2020-02-01"}), months, CODES)
    assert len(seen.running) == len(seen.running_ratio) == 0


def test_all_figures_of_the_tables_are_laid_out():
    rows = estimates.observations()
    months, codes = model.months(), [*estimates.countries(), "OTH"]
    seen = evidence.gather(rows, months, codes)
    figures = rows[rows["reads"] != "none_seen"]
    assert seen.rows["estimate_id"].tolist() == figures["estimate_id"].tolist()
    # Every figure is a mean: its weights are one for each of its members.
    weights = np.bincount(seen.figure, seen.weight, len(figures))
    members = figures["members"].str.count(r"\+").to_numpy() + 1
    assert weights == pytest.approx(members)
    for name in ("value", "error_sd", "printed_sd", "tail_df", "sign"):
        assert np.isfinite(getattr(seen, name)).all(), name
    assert (seen.error_sd > 0).all()
    assert len(seen.none_seen) == (rows["reads"] == "none_seen").sum()
    assert seen.cell.max() < len(months) * len(codes)
