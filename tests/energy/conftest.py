"""Tables that several tests of energy read, and a small world to reckon by hand."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hashrate_migration import chronology, energy
from hashrate_migration.energy import drawn, electricity
from hashrate_migration.tables import read


@pytest.fixture(scope="session")
def by_region() -> pd.DataFrame:
    return energy.emissions()


@pytest.fixture(scope="session")
def monthly() -> pd.DataFrame:
    return energy.network_emissions()


@pytest.fixture(scope="session")
def main() -> drawn.Drawn:
    """Every draw of the chain, as it is kept."""
    return drawn.drawn()


@pytest.fixture
def two_regions():  # type: ignore[no-untyped-def]
    """China and America in round numbers, two draws: one keeps China's provinces, the other does not.

    Coal 1000 g, everything else nothing. China's nation burns half coal, its usual provinces nothing
    from May to October and coal alone in the other months; America two fifths of coal, or as asked
    before the ban and after it. China has six tenths of the network before the ban and a tenth after it;
    power is 10 GW and then 8.
    """

    def made(
        basis: str = "ipcc-2011",
        seen: np.ndarray | None = None,
        america: tuple[float, float] = (0.4, 0.4),
    ) -> drawn.Drawn:
        months = pd.date_range("2019-09-01", "2022-01-01", freq="MS", name="month")
        after = months > chronology.BEFORE
        count, fuels = len(months), len(electricity.FUELS)
        home = np.where(after, 0.1, 0.6)
        shares = np.stack([home, 1 - home], axis=1)
        parts = np.zeros((count, 2, fuels))
        hydro = electricity.FUELS.index("hydro")
        parts[:, 0, 0] = parts[:, 0, hydro] = 0.5
        parts[:, 1, 0] = np.where(after, america[1], america[0])
        parts[:, 1, hydro] = 1 - parts[:, 1, 0]
        usual = np.zeros((count, fuels))
        wet = months.month.isin(range(5, 11))
        usual[wet, hydro] = 1.0
        usual[~wet, 0] = 1.0
        factors = np.zeros((2, fuels))
        factors[:, 0] = 1000.0
        published = np.tile([1000.0, 300.0], (count, 1))
        plain = parts @ drawn.factors_of_basis(drawn.GRID)
        # Published grams are twice and three quarters of those of the factors here.
        published = plain * np.array([2.0, 0.75]) if basis == drawn.GRID else published
        choices = drawn.Choices(
            basis=np.array([basis] * 2),
            factors=factors,
            level=np.zeros(2),
            in_provinces=np.array([True, False]),
            trend=np.array(["national"] * 2),
            baseline=np.array(["mean", "last_year"]),
            power_months=np.array([1, 6]),
            vintage=np.ones((2, 2)),
        )
        return drawn.Drawn(
            months=months,
            codes=["CHN", "USA"],
            shares=np.stack([shares] * 2),
            power_gw=np.tile(np.where(after, 8.0, 10.0), (2, 1)),
            choices=choices,
            mixes=drawn.Mixes(
                parts=parts,
                usual=dict.fromkeys(electricity.TRENDS, usual),
                seen=np.full((count, fuels), np.nan) if seen is None else seen,
                grid=published,
            ),
        )

    return made


FACTORS = {
    # In the order of FUELS: coal, gas, oil, nuclear, hydro, wind, solar, bioenergy, geothermal.
    "ipcc-2011": (1000, 500, 800, 20, 10, 10, 50, 25, 50),
    "ipcc-2014": (800, 600, 700, 10, 20, 20, 40, 200, 40),
    "direct": (900, 400, 700, 0, 0, 0, 0, 0, 0),
    "cambridge": (1000, 500, 800, 20, 20, 20, 40, 30, 30),
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
    june = ("2020-06", "2020-06")
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
            province_power=energy.province_power(),
            rotation=energy.rotation(),
            mixes=electricity.mixes(pd.DatetimeIndex(["2020-06-01"], name="month"), ["USA", "OTH"]),
        )
