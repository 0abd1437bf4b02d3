"""Figures left out in turn: what goes, what stays, what is kept, and a test that can fail."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from hashrate_migration.country_panel import checks, estimates, validation
from hashrate_migration.errors import InputError

MONTHS = pd.date_range("2019-01-01", "2023-12-01", freq="MS")
CODES = ["CHN", "USA", "KAZ", "RUS"]
LEVEL, SCATTER = -2.0, 0.3


def rows_of(months, code, family, kind, reads="share", list_id=None, name=""):
    return pd.DataFrame(
        {
            "estimate_id": [f"{name or family}-{code}-{month:%Y-%m}" for month in months],
            "month": months,
            "start_month": months,
            "end_month": months,
            "members": code,
            "kind": kind,
            "family": family,
            "list_id": list_id,
            "reads": reads,
            "source_id": family,
        }
    )


@pytest.fixture(scope="module")
def rows():
    """Figures that scatter about a level: a map, a vendor with lists, and some that say little."""
    parts = [rows_of(MONTHS[:30], code, "cambridge", "pool_sample") for code in CODES]
    for month in MONTHS[36::4]:
        which = f"luxor-{month:%Y-%m}"
        parts += [rows_of([month], code, "luxor", "vendor", list_id=which) for code in CODES[1:]]
        parts.append(
            rows_of([month], "CHN+OTH", "luxor", "vendor", list_id=which, name="remainder")
        )
        parts.append(rows_of([month], "CHN", "luxor", "unlisted", "ceiling", which, "unlisted"))
    parts.append(rows_of(MONTHS[30:33], "CHN", "cambridge", "none_seen", "none_seen"))
    parts.append(rows_of(MONTHS[40:41], "KAZ", "ministry", "power_floor", "floor"))
    for place, family in enumerate("abcdef"):
        parts.append(rows_of(MONTHS[[7 * place]], "USA", family, "expert"))
    rows = pd.concat(parts, ignore_index=True).sort_values(["month", "estimate_id"])
    rng = np.random.default_rng(0)
    rows["log_odds"] = LEVEL + SCATTER * rng.standard_normal(len(rows))
    rows["share_pct"] = 100 * expit(rows["log_odds"])
    rows["list_id"] = rows["list_id"].astype("string")
    return rows.reset_index(drop=True)


class Known:
    """A posterior that says of every figure: about so much, give or take so much."""

    chains, divergences = 2, 3

    def __init__(self, sd, mean=LEVEL):
        self.sd, self.mean = sd, mean
        self.shares = np.random.default_rng(0).dirichlet(np.ones(3), size=(500, 4))

    def predict(self, rows, seed):
        return self.mean + self.sd * np.random.default_rng(seed).standard_normal((500, len(rows)))


def sampler(sd, mean=LEVEL):
    """In place of the panel's sampler, with a note of what it was shown."""
    shown = []

    def sample(rows, months, codes, **options):
        shown.append(rows)
        return Known(sd, mean)

    sample.shown = shown
    return sample


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("folds")


@pytest.fixture(scope="module")
def honest(rows, cache):
    """What comes of a posterior that knows level and scatter, by way."""
    sample = sampler(SCATTER)
    runs = {by: validation.run(by, rows=rows, sample=sample, cache=cache) for by in checks.BY}
    return runs | {"shown": sample.shown}


def test_every_figure_is_left_out_once_in_each_way(rows):
    figures = set(rows.loc[validation.is_figure(rows), "estimate_id"])
    assert not any(name.startswith("remainder") for name in figures)
    for by in checks.BY:
        hidden = [
            name for f in validation.folds(rows, by) for name in rows["estimate_id"][f.labels.index]
        ]
        assert sorted(hidden) == sorted(figures)


def test_what_is_left_out_is_not_shown_to_the_sampler(honest):
    shown = iter(honest["shown"])
    for by in checks.BY:
        for _fold, own in honest[by][0].groupby("fold"):
            assert set(own["estimate_id"]).isdisjoint(next(shown)["estimate_id"])
    assert next(shown, None) is None


def test_a_quarter_is_never_left_out_with_the_next_one(rows):
    found = list(validation.folds(rows, "quarter"))
    assert len(found) == validation.QUARTER_FOLDS
    for fold in found:
        ordinals = sorted({pd.Period(label, freq="Q").ordinal for label in fold.labels})
        assert (np.diff(ordinals) >= validation.QUARTER_FOLDS).all()


def test_means_over_longer_periods_go_with_the_quarters_they_tell_of(rows):
    year = rows_of([pd.Timestamp("2019-07-01")], "USA", "cambridge", "pool_sample", name="year")
    year["start_month"], year["end_month"] = pd.to_datetime(["2019-01-01", "2019-12-01"])
    other = year.assign(estimate_id="other", family="luxor")
    whole = pd.concat([rows, year, other], ignore_index=True)
    whole["list_id"] = whole["list_id"].astype("string")
    own, others = len(rows), len(rows) + 1
    told, predicted = set(), set()
    for fold in validation.folds(whole, "quarter"):
        quarters = set(fold.labels[fold.labels.index < len(rows)])
        if own in fold.labels.index:
            predicted.add(fold.labels[own])
        if not fold.known[own]:
            told |= {quarter for quarter in quarters if quarter.startswith("2019")}
        # Another family's figure goes with the quarter of its middle month alone.
        assert fold.known[others] == ("2019Q3" not in quarters)
    assert predicted == {"2019Q3"}
    assert told == {"2019Q1", "2019Q2", "2019Q3", "2019Q4"}


def test_what_a_list_says_besides_goes_with_its_figures(rows):
    for by in ("quarter", "kind"):
        for fold in validation.folds(rows, by):
            lists = rows["list_id"][fold.labels.index].dropna()
            assert not rows.loc[fold.known, "list_id"].isin(lists).any()
            # Of other lists all stays.
            others = ~rows["list_id"].isin(lists) & rows["list_id"].notna()
            assert fold.known[others].all()


def test_floors_and_zeros_stay_unless_their_family_goes(rows):
    little = rows["reads"].isin(["floor", "none_seen"])
    for by in ("quarter", "kind"):
        assert all(fold.known[little].all() for fold in validation.folds(rows, by))
    families = {fold.name: fold for fold in validation.folds(rows, "family")}
    map_out = families["cambridge"]
    assert not map_out.known[rows["family"] == "cambridge"].any()
    assert map_out.known[rows["family"] == "ministry"].all()
    # A family that printed no figure is never left out.
    assert "ministry" not in families


def test_small_families_go_several_at_a_time(rows):
    found = {fold.name: set(fold.labels) for fold in validation.folds(rows, "family")}
    assert set(found) == {"cambridge", "luxor"} | {
        f"small-{n}" for n in range(validation.FAMILY_FOLDS)
    }
    # The first with the fourth: in turn, so that those that follow one another go apart.
    assert found["small-0"] == {"a", "d"}


def test_an_honest_posterior_reaches_its_targets(honest):
    table = checks.summary(pd.concat([honest[by][0] for by in checks.BY], ignore_index=True))
    whole = table[table["group"] == "all"]
    # 144 figures by way: the standard errors are 2.5 and 4 points.
    assert whole["inside90_pct"].between(82, 98).all()
    assert whole["inside50_pct"].between(38, 62).all()
    reached = checks.targets(table).query("by == 'quarter' and group == 'all'")
    reached = reached.set_index("target")["reached"]
    assert reached["within the band of 90 percent"]
    assert reached["above the median"]


@pytest.mark.parametrize(
    ("sd", "mean", "missed"),
    [
        (SCATTER / 4, LEVEL, "within the band of 90 percent"),
        (SCATTER * 4, LEVEL, "within the inner band"),
        (SCATTER, LEVEL - 0.3, "above the median"),
    ],
)
def test_a_posterior_that_is_too_sure_or_too_shy_or_too_low_fails(rows, sd, mean, missed):
    left_out = validation.run("quarter", rows=rows, sample=sampler(sd, mean))[0]
    table = checks.targets(checks.summary(left_out))
    whole = table[table["group"].eq("all")].set_index("target")
    assert not whole.loc[missed, "reached"]
    if sd != SCATTER:
        assert not table.loc[table["target"] == checks.BEYOND_LINES, "reached"].all()


def test_the_table_says_what_was_predicted_for_each_figure(rows, honest):
    table, about = honest["family"]
    assert table["group"].value_counts().to_dict() == {"map": 120, "vendor": 18, "other": 6}
    assert table["share_pct"].tolist() == [
        rows.set_index("estimate_id")["share_pct"][name] for name in table["estimate_id"]
    ]
    assert table["median_pct"].between(11, 13).all()  # 100 expit(-2) = 11.9
    assert (table["low90"] < table["low50"]).all()
    # China has a figure of the map only: without it nothing can draw a line.
    china = table[table["members"] == "CHN"]
    assert china["lines_log_score"].isna().all()
    assert china["log_score"].notna().all()
    assert [row["by"] for row in about] == ["family"] * (2 + validation.FAMILY_FOLDS)
    assert {row["divergences"] for row in about} == {3}
    # Independent draws: the chains agree.
    assert all(0.98 < row["rhat_max"] < 1.05 for row in about)


def test_chains_that_disagree_are_seen():
    shares = np.random.default_rng(0).dirichlet(np.ones(3), size=(500, 4))
    apart = shares.copy()
    apart[250:, 2, 0] *= 10
    assert validation.worst_rhat(shares, 2) < 1.05
    assert validation.worst_rhat(apart, 2) > 1.3
    # A chain that drifts is not the same in its second half.
    drifting = shares * np.exp(np.linspace(0, 3, 500))[:, None, None]
    assert validation.worst_rhat(drifting, 1) > 1.3


def test_finished_folds_are_not_run_again(rows, honest, cache, tmp_path):
    again = sampler(SCATTER)
    for path in cache.glob("*.npz"):
        shutil.copy(path, tmp_path)
    after, same = validation.run("kind", rows=rows, sample=again, cache=tmp_path)
    pd.testing.assert_frame_equal(after, honest["kind"][0])
    assert (same, again.shown) == (honest["kind"][1], [])
    # What was cut short is run again.
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(b"PK")
    validation.run("kind", rows=rows, sample=again, cache=tmp_path)
    assert len(again.shown) == 3
    # Another figure makes other folds.
    changed = rows.assign(log_odds=rows["log_odds"] + 0.1)
    validation.run("kind", rows=changed, sample=again, cache=tmp_path)
    assert len(again.shown) == 6


def test_an_interrupted_run_goes_on_where_it_was(rows, tmp_path):
    count = 0

    def stopped(*given, **options):
        nonlocal count
        count += 1
        if count > 3:
            raise KeyboardInterrupt
        return Known(SCATTER)

    with pytest.raises(KeyboardInterrupt):
        validation.run("quarter", rows=rows, sample=stopped, cache=tmp_path)
    rest = sampler(SCATTER)
    validation.run("quarter", rows=rows, sample=rest, cache=tmp_path)
    assert len(rest.shown) == validation.QUARTER_FOLDS - 3


def test_folds_in_several_processes_give_the_same(rows, honest, cache):
    """Finished folds are read in processes of their own: no sampler is at hand there."""
    quarters = validation.run("quarter", jobs=2, rows=rows, cache=cache)
    pd.testing.assert_frame_equal(quarters[0], honest["quarter"][0])
    assert quarters[1] == honest["quarter"][1]


@pytest.mark.parametrize("jobs", [0, -1, 1.5, True])
def test_jobs_that_are_none_are_refused(rows, jobs):
    with pytest.raises(InputError, match="jobs = .* is not a whole number of 1 or more"):
        validation.run("quarter", jobs=jobs, rows=rows)


def test_left_out_by_something_else_is_refused(rows):
    with pytest.raises(InputError) as caught:
        validation.run("weather", rows=rows)
    assert str(caught.value) == ("by = 'weather' is unknown; choose one of quarter, family, kind.")


@pytest.fixture
def kept(data_copy, rows, honest, cache, monkeypatch):
    """The result for made-up figures, kept in a copy of data/."""
    monkeypatch.setattr(estimates, "observations", lambda: rows)
    paths = validation.write(progress=False, sample=sampler(SCATTER), cache=cache)
    assert [path.parent for path in paths] == [data_copy / "derived"] * 2
    return paths


def test_what_is_kept_is_read_again(kept):
    table = validation.table()
    figures = 144
    assert table["by"].value_counts().to_dict() == dict.fromkeys(checks.BY, figures)
    assert table["month"].dtype.kind == "M"
    assert checks.summary(table)["inside90_pct"].notna().all()
    assert table.loc[table["lines_log_score"].isna(), "lines_inside90"].isna().all()
    assert {row["by"] for row in validation.description()["diagnostics"]} == set(checks.BY)
    assert validation.stale() == []


def test_what_it_was_made_from_is_looked_at(kept, data_copy):
    with (data_copy / "share_estimates.csv").open("a") as file:
        file.write("\n")
    assert validation.stale() == ["table share_estimates"]
    described = validation.description()
    described["made_from"]["draws"] += 1
    described["made_from"]["code"]["checks.py"] = "another"
    kept[1].write_text(json.dumps(described))
    assert validation.stale() == ["draws", "code checks.py", "table share_estimates"]


def test_a_changed_or_missing_result_is_refused(kept):
    table, description = kept
    table.write_text(table.read_text() + "\n")
    assert validation.stale() == ["table panel_validation.csv"]
    with pytest.raises(InputError, match="has been changed since it was computed; run `hashrate"):
        validation.table()
    description.write_text(json.dumps({"made_from": {}}))
    with pytest.raises(InputError, match="is no description of the kept result"):
        validation.table()
    table.unlink()
    with pytest.raises(InputError, match=r"There is no .*panel_validation\.csv; run `hashrate"):
        validation.stale()
