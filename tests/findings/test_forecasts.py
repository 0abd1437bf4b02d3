"""Forecasts of the panel's model: what a fit is told, what it is asked, and what was kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from hashrate_migration.country_panel import estimates, prior
from hashrate_migration.errors import InputError
from hashrate_migration.findings import forecasts

DRAWS = 40


@pytest.fixture(scope="module")
def rows():
    return estimates.observations()


@dataclass
class Fake:
    """A posterior whose shares grow from month to month, and that predicts their last month."""

    months: pd.DatetimeIndex
    shares: np.ndarray
    chains: int = 1
    divergences: int = 0

    def predict(self, rows, seed):
        level = self.shares[:, -1, [0]]
        noise = np.random.default_rng(seed).normal(0, 0.1, (len(level), len(rows)))
        return logit(level) + noise


def sampler(told):
    """In place of the panel's, with a note of what it was told."""

    def sample(rows, months, codes, **options):
        told.update(options, rows=rows, months=months)
        growth = np.linspace(0.2, 0.3, len(months))
        spread = 1 + 0.01 * np.random.default_rng(0).standard_normal((DRAWS, 1))
        first = spread * growth
        shares = np.stack([first, 1 - first], axis=2)
        return Fake(months, shares)

    return sample


@pytest.mark.parametrize("year", forecasts.YEARS)
def test_a_fit_is_told_nothing_of_the_year_it_is_asked_about(rows, year):
    told, asked = forecasts.known(rows, year), forecasts.asked(rows, year)
    assert told["end_month"].max() <= pd.Timestamp(year, 12, 1)
    assert asked["start_month"].min() >= pd.Timestamp(year + 1, 1, 1)
    assert asked["end_month"].max() <= pd.Timestamp(year + 1, 12, 1)
    assert not set(told["estimate_id"]) & set(asked["estimate_id"])
    assert asked["reads"].eq("share").all()
    assert not asked["estimate_id"].str.startswith("remainder-").any()
    assert forecasts.span(year)[-1] <= pd.Timestamp(year + 1, 12, 1)


def test_before_the_ban_nobody_knows_of_it():
    for year in (2019, 2020):
        belief = forecasts.belief(year)
        # Steps in the months of the break are those of other months.
        assert max(belief.banned_break, belief.other_break, belief.growth_sd) < 1e-3
        # What the chain says of July 2021 tells nothing.
        assert belief.kept_running_sd > 1e3
        belief.check()
    assert forecasts.belief(2021) == prior.DEFAULT


def test_nothing_changes_after_december():
    months = pd.date_range("2020-10-01", periods=6, freq="MS")
    shares = np.arange(12.0).reshape(1, 6, 2)
    frozen = forecasts.still(shares, months, 2020)
    assert frozen[0, :, 0].tolist() == [0, 2, 4, 4, 4, 4]
    # What was drawn stays as it was.
    assert shares[0, -1, 0] == 10


def test_a_forecast_is_scored_beside_nothing_changes(rows):
    told = {}
    table, about = forecasts.forecast(rows, 2023, sampler(told))
    assert told["rows"]["end_month"].max() <= pd.Timestamp("2023-12-01")
    assert told["months"][-1] == pd.Timestamp("2024-12-01")
    assert told["prior"] == prior.DEFAULT
    asked = forecasts.asked(rows, 2023)
    assert table["estimate_id"].tolist() == asked["estimate_id"].tolist()
    assert set(table["year"]) == {2023}
    # The made-up share has grown in the year after; held still it has not.
    assert (table["median_pct"] > table["still_median_pct"]).all()
    inside = table["share_pct"].between(table["low90"], table["high90"])
    assert table["inside90"].astype(bool).tolist() == inside.tolist()
    assert about["asked"] == len(asked)
    assert about["divergences"] == 0


def test_the_kept_forecasts_belong_to_todays_code_and_tables():
    assert forecasts.stale() == []


def test_every_figure_of_every_year_after_was_forecast(rows):
    table = forecasts.table()
    assert list(table["year"].unique()) == list(forecasts.YEARS)
    for year, own in table.groupby("year"):
        asked = forecasts.asked(rows, year)
        assert own["estimate_id"].tolist() == asked["estimate_id"].tolist()
        np.testing.assert_allclose(own["share_pct"], asked["share_pct"], atol=1e-3)
    assert (table["low90"] <= table["median_pct"]).all()
    assert (table["median_pct"] <= table["high90"]).all()
    assert table[["crps", "still_crps"]].ge(0).all(axis=None)


def test_the_chains_of_the_kept_forecasts_are_sound():
    for about in forecasts.description()["diagnostics"]:
        # One of twelve hundred draws moves no end of a band.
        assert about["divergences"] <= 1
        # A single short chain per year: its halves agree to a third of the spread of a share. The
        # published panel is held to 1.01, with four chains of thousands of draws.
        assert about["rhat_max"] < 1.3


def test_no_walk_foresaw_the_ban():
    table = forecasts.table()
    china = table[table["members"].eq("CHN") & table["month"].ge("2021-09-01")]
    china = china[china["year"] == 2020]
    assert len(china) == 4
    assert not china["inside90"].any()
    # Not one draw in a hundred went as low.
    assert (china["rank"] < 0.01).all()


def test_a_missing_or_changed_table_is_one_sentence(data_copy):
    path = data_copy / "derived" / "panel_forecasts.csv"
    path.write_text(path.read_text() + "\n")
    assert forecasts.stale() == ["table panel_forecasts.csv"]
    with pytest.raises(InputError, match="has been changed .* run `hashrate-migration fit forec"):
        forecasts.table()
    path.unlink()
    with pytest.raises(InputError, match="no .*panel_forecasts.csv; run `hashrate-migration fit"):
        forecasts.table()


def test_jobs_are_a_whole_number():
    with pytest.raises(InputError, match="jobs = 0"):
        forecasts.write(jobs=0)
