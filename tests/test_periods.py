"""Windows: what a year, a quarter, a month and a day mean as a start and as an end."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest
from click.testing import CliRunner

import hashrate_migration as hm
from hashrate_migration import energy, flows, periods
from hashrate_migration.cli import cli
from hashrate_migration.errors import InputError
from hashrate_migration.reports import parameters

MONTHS = pd.date_range("2019-09-01", "2022-01-01", freq="MS")


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2021", "2021-01", "2021-12"),
        ("2021-05", "2021-05", "2021-05"),
        ("2021-05-21", "2021-05", "2021-05"),
        ("2021Q3", "2021-07", "2021-09"),
        (pd.Period("2021"), "2021-01", "2021-12"),
        (pd.Period("2021Q2"), "2021-04", "2021-06"),
        (pd.Period("2021-05"), "2021-05", "2021-05"),
        (pd.Timestamp("2021-05-31 23:00"), "2021-05", "2021-05"),
        (datetime.date(2021, 5, 31), "2021-05", "2021-05"),
    ],
)
def test_a_start_is_the_first_month_of_what_is_named_and_an_end_the_last(value, first, last):
    low, high = periods.month_window(value, value, MONTHS, "the map")
    assert f"{low:%Y-%m}" == first
    assert f"{high:%Y-%m}" == last


STOCKS = hm.stocks("2020", "2021")[["CHN", "USA", "KAZ"]]

ASK = {
    "shares": hm.shares,
    "stocks": hm.stocks,
    "network_hashrate": hm.network_hashrate,
    "network_hashrate by day": lambda *ends: hm.network_hashrate(*ends, freq="D"),
    "drawdown": lambda *ends: hm.network.drawdown(hm.network_hashrate(), *ends),
    "events": hm.events.events,
    "panel": hm.panel,
    "concentration": hm.concentration.countries,
    "power": energy.power,
    "shares of energy": energy.shares,
    "network_power": energy.network_power,
    "machine_power": energy.machine_power,
    "emissions": energy.emissions,
    "network_emissions": energy.network_emissions,
    "ranges": energy.ranges,
    "bounds": lambda a, b: flows.bounds(STOCKS, "CHN", start=a, end=b),
    "monte_carlo": lambda a, b: flows.monte_carlo(STOCKS, 5, start=a, end=b).pairs,
    "parameters": lambda a, b: [parameters.check(start=a, end=b).window],
}
"""Whatever takes a first and a last month."""


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_a_year_and_a_quarter_are_all_of_their_months_everywhere(ask):
    of_periods, of_months = ask("2021Q3", "2021"), ask("2021-07", "2021-12")
    assert len(of_periods)
    if isinstance(of_periods, pd.DataFrame):
        pd.testing.assert_frame_equal(of_periods, of_months)
    else:
        assert list(of_periods) == list(of_months)


def test_the_command_reads_years_and_quarters_alike(tmp_path):
    out = tmp_path / "panel.csv"
    arguments = ["--out", str(out), "--start", "2021Q3", "--end", "2021"]
    result = CliRunner().invoke(cli, ["panel", *arguments])
    assert result.exit_code == 0, result.output
    months = [line.split(",")[0] for line in out.read_text(encoding="utf-8").splitlines()[1:]]
    assert (months[0], months[-1]) == ("2021-07", "2021-12")


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("2019", None, "start = 2019-01 is outside the map, which runs from 2019-09 to 2022-01"),
        (None, "2022", "end = 2022-12 is outside the map"),
        ("2021", "2020", "start = 2021-01 is after end = 2020-12; swap them"),
        ("2021-5", None, "start = '2021-5' is not a date"),
        ("12:30", None, "start = '12:30' is not a date"),
    ],
)
def test_a_window_that_is_not_there_is_refused(start, end, sentence):
    with pytest.raises(InputError, match=sentence):
        periods.month_window(start, end, MONTHS, "the map")
