"""Codes, names, groups and colours of regions.

Countries go by their ISO 3166-1 alpha-3 code, subdivisions by ISO 3166-2, everything else
of a table by OTH. Names of countries come from the Unicode CLDR by way of Babel.
"""

from __future__ import annotations

from functools import lru_cache

import babel
import pandas as pd

from hashrate_migration.arguments import instance, shown
from hashrate_migration.errors import InputError
from hashrate_migration.tables.read import load

REST = "OTH"
"""Code of all countries that the mining map does not list."""


def table() -> pd.DataFrame:
    """The table ``regions``, indexed by code."""
    return load("regions").drop(columns="order").set_index("region")


def mapped_regions() -> list[str]:
    """Codes of the mining map: nine countries and ``OTH``, in the table's order."""
    known = table()
    return known.index[known["parent"].isna() & (known["role"] != "unmapped")].tolist()


def mapped_countries() -> list[str]:
    """Codes of the countries that the mining map lists, without ``OTH``."""
    return [region for region in mapped_regions() if region != REST]


def proxies() -> list[str]:
    """Codes of mapped countries whose hashrate is mostly addresses of proxies."""
    known = table()
    return known.index[known["role"] == "proxy"].tolist()


def _row(region: str) -> pd.Series:
    known = table()
    if not (isinstance(region, str) and region in known.index):
        raise InputError(
            f"Unknown region {shown(region)}; the codes are: {', '.join(known.index)}."
        )
    return known.loc[region]


@lru_cache(maxsize=64)
def _locale(language: str) -> babel.Locale:
    try:
        return babel.Locale.parse(language.replace("-", "_"))
    except (ValueError, babel.UnknownLocaleError):
        raise InputError(
            f"Unknown language {shown(language)}; give a code that the Unicode CLDR has, such as "
            "'en', 'zh' or 'kk'."
        ) from None


def name(region: str, language: str = "en") -> str:
    """Name of a region in a language.

    Parameters
    ----------
    region : str
        Code of the table ``regions``.
    language : str
        Any language of the Unicode CLDR. Provinces, states and rests, which the CLDR does
        not name, have Chinese names in ``zh`` and English names in every other language.

    Returns
    -------
    str
        The name.

    Raises
    ------
    InputError
        For an unknown region or language.

    Examples
    --------
    >>> name("KAZ"), name("KAZ", "zh"), name("CN-SC")
    ('Kazakhstan', '哈萨克斯坦', 'Sichuan')
    """
    row = _row(region)
    instance(language, "language", str, "the code of a language")
    locale = _locale(language)
    if pd.notna(row["name_en"]):
        return str(row["name_zh"] if locale.language == "zh" else row["name_en"])
    return str(locale.territories[row["iso_3166"]])


def group(region: str) -> str:
    """Group of countries that a region belongs to, for example ``"North America"``."""
    return str(_row(region)["group"])


def colour(region: str) -> str:
    """Colour that a country keeps in every figure, as ``"#RRGGBB"``.

    Subdivisions take the colour of their country.
    """
    row = _row(region)
    return str(row["colour"]) if pd.isna(row["parent"]) else colour(str(row["parent"]))


def subdivisions(country: str) -> list[str]:
    """Codes of the provinces or states that the tables name for a country."""
    _row(country)
    known = table()
    return known.index[known["parent"] == country].tolist()
