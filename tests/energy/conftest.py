"""Tables that several tests of energy read, and a small world to reckon by hand."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from hashrate_migration import energy
from hashrate_migration.energy import counterfactual, electricity
from hashrate_migration.tables import read


@pytest.fixture(scope="session")
def by_region() -> pd.DataFrame:
    return energy.emissions()


@pytest.fixture(scope="session")
def monthly() -> pd.DataFrame:
    return energy.network_emissions()


FACTORS = {
    # In the order of FUELS: coal, gas, oil, nuclear, hydro, wind, solar, bioenergy, geothermal.
    "ipcc-2011": (1000, 500, 800, 20, 10, 10, 50, 25, 50),
    "ipcc-2014": (800, 600, 700, 10, 20, 20, 40, 200, 40),
    "direct": (900, 400, 700, 0, 0, 0, 0, 0, 0),
}
GRIDS = {
    # TWh, then percent: coal, gas, oil, nuclear, hydro, wind, solar, other, bioenergy (of other).
    "CHN": (500, 60, 0, 0, 10, 20, 10, 0, 0, 0),
    "KAZ": (100, 70, 20, 0, 0, 10, 0, 0, 0, 0),
    "USA": (400, 20, 40, 0, 20, 5, 5, 0, 10, 4),
}
BEFORE = {"CHN": 60, "KAZ": 20, "USA": 10, "OTH": 10}
AFTER = {"CHN": 10, "KAZ": 50, "USA": 30, "OTH": 10}
WET = {"CN-SC": 70, "CN-XJ": 20, "CN-OTH": 10}
DRY = {"CN-SC": 20, "CN-XJ": 70, "CN-OTH": 10}
POWER_GW = (5, 10, 20)


def _write_small_world(folder: Path) -> None:
    """Four regions, two provinces, round numbers; the files keep their rows and their form."""

    def change(table: str, into) -> None:  # type: ignore[no-untyped-def]
        path = folder / f"{table}.csv"
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        into(rows)
        rows.to_csv(path, index=False, lineterminator="\n")

    def power(rows: pd.DataFrame) -> None:
        for name, value in zip(("lower", "best", "upper"), POWER_GW, strict=True):
            rows[f"power_{name}_gw"] = str(value)

    def shares(rows: pd.DataFrame) -> None:
        before = rows["month"] <= "2021-05"
        for when, held in ((before, BEFORE), (~before, AFTER)):
            rows.loc[when, "share_pct"] = rows.loc[when, "region"].map(held).fillna(0).astype(str)

    def provinces(rows: pd.DataFrame) -> None:
        wet = rows["month"].str[5:].isin(["05", "06", "07", "08", "09", "10"])
        for when, held in ((wet, WET), (~wet, DRY)):
            column = rows.loc[when, "region"].map(held).fillna(0).astype(str)
            rows.loc[when, "share_of_china_pct"] = column
        # As in the published table, China is at nothing in July 2021.
        rows.loc[rows["month"] == "2021-07", "share_of_china_pct"] = "0"

    def generation(rows: pd.DataFrame) -> None:
        twh = {("CN-SC", "hydro"): 80, ("CN-SC", "coal"): 20}
        twh |= {("CN-XJ", "coal"): 90, ("CN-XJ", "wind"): 10}
        keys = zip(rows["region"], rows["fuel"], strict=True)
        own = rows["region"].isin(["CN-SC", "CN-XJ"])
        new = pd.Series([str(twh.get(key, 0)) for key in keys], index=rows.index)
        rows["generation_twh"] = rows["generation_twh"].mask(own, new)

    def grids(rows: pd.DataFrame) -> None:
        names = [f"{fuel}_pct" for fuel in electricity.FUELS[:7]] + ["other_pct", "bioenergy_pct"]
        rows["generation_twh"] = "0"
        for country, (twh, *parts) in GRIDS.items():
            own = rows["country"] == country
            rows.loc[own, "generation_twh"] = str(twh)
            for name, part in zip(names, parts, strict=True):
                rows.loc[own, name] = str(part)

    def factors(rows: pd.DataFrame) -> None:
        known = {
            (name, fuel): str(value)
            for name, values in FACTORS.items()
            for fuel, value in zip(electricity.FUELS, values, strict=True)
        }
        rows["g_per_kwh"] = [known[key] for key in zip(rows["factors"], rows["fuel"], strict=True)]

    change("network_power", power)
    change("mining_map", shares)
    change("china_provinces", provinces)
    change("china_generation", generation)
    change("grid_by_country", grids)
    change("emission_factors", factors)


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """What the public functions give where every number can be reckoned by hand.

    Computed once, and only for months of the mining map, so that no panel is fitted to it. June 2020 is
    wet, before the ban, and has 720 hours; December 2021 is dry, after it, and has 744.
    """
    folder = tmp_path_factory.mktemp("small_world") / "data"
    shutil.copytree(read.data_folder(), folder)
    _write_small_world(folder)
    june, ban = ("2020-06", "2020-06"), {"end": "2021-12"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(read.DATA_VARIABLE, str(folder))
        return SimpleNamespace(
            power=energy.power(*june).set_index("region"),
            network_power=energy.network_power(*june).iloc[0],
            emissions={
                name: energy.emissions(*june, factors=name).set_index("region") for name in FACTORS
            },
            network={
                name: energy.network_emissions("2020-06", "2021-12", factors=name)
                for name in FACTORS
            },
            pattern=counterfactual.pattern(),
            no_ban=energy.no_ban(**ban),
            no_ban_marginal=energy.no_ban(**ban, marginal=True),
            province_power=energy.province_power(),
            rotation=energy.rotation(),
            mixes=electricity.mixes(pd.DatetimeIndex(["2020-06-01"], name="month"), ["USA", "OTH"]),
        )
