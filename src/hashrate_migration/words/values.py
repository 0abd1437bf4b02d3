"""Values in words: numbers, ranges, months and names as a sentence holds them.

Each way of saying a value has a name, the same in a message, ``_("… {share:percent.1} …", share=x)``,
and in a cell of prose, ``{{ x | percent(1) }}``. The language in use decides about the rest.
"""

from __future__ import annotations

import numbers
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import babel
import pandas as pd
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from hashrate_migration.tables import regions
from hashrate_migration.words import catalogue

MISSING = "–"
"""What stands for a value that is not there."""

_MINUS = "−"

# Names that take an article within an English sentence.
_WITH_ARTICLE = frozenset({"USA", "GBR", "ARE"})

# Names that the CLDR writes in a way that a page does not: language and code to the name.
_SHORT = {("en", "COD"): "DR Congo"}

# Languages whose running text takes a percent sign, and binds words without blanks.
_CJK = frozenset({"zh", "ja"})


def _locale() -> babel.Locale:
    return babel.Locale.parse(catalogue.language().replace("-", "_"))


def _is_cjk() -> bool:
    return _locale().language in _CJK


def number(value: float, decimals: int = 0) -> str:
    """A number with its decimals, thousands grouped and a true minus.

    A value that rounds to nothing has no sign.

    Examples
    --------
    >>> number(1234.56, 1), number(-0.4, 1), number(-0.04, 1)
    ('1,234.6', '−0.4', '0.0')
    """
    if pd.isna(value):
        return MISSING
    rounded = round(float(value), decimals) + 0.0  # turns -0.0 into 0.0
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(rounded, pattern, locale=_locale())).replace("-", _MINUS)


def signed(value: float, decimals: int = 0) -> str:
    """A change: with its sign, also if it is a plus.

    Examples
    --------
    >>> signed(3.21, 1), signed(-3.21, 1), signed(0.01, 1)
    ('+3.2', '−3.2', '0.0')
    """
    text = number(value, decimals)
    return "+" + text if pd.notna(value) and round(float(value), decimals) > 0 else text


_MOST_DECIMALS = 3
"""A sentence says no value more finely than this."""


def enough(values: Iterable[float], decimals: int = 0) -> int:
    """Decimals at which no value is said to be zero that is not, three at most.

    Parameters
    ----------
    values : iterable of float
        What is to be said with one number of decimals.
    decimals : int
        The fewest.

    Examples
    --------
    >>> enough([12.4, 0.3], 1), enough([0.021, 0.007], 1), enough([0.0, 1e-9], 1)
    (1, 2, 1)
    """
    known = [abs(float(value)) for value in values if pd.notna(value)]
    for finer in range(decimals, _MOST_DECIMALS + 1):
        if all(round(value, finer) or round(value, _MOST_DECIMALS) == 0 for value in known):
            return finer
    return decimals


def small(value: float, decimals: int = 0) -> str:
    """A number with more decimals where it would be said to be zero.

    Examples
    --------
    >>> small(12.41, 1), small(0.021, 1), small(0, 1)
    ('12.4', '0.02', '0.0')
    """
    return number(value, enough([value], decimals))


def _with_unit(text: str, unit: str) -> str:
    # A no-break space keeps number and unit on one line.
    return f"{text}\N{NO-BREAK SPACE}{unit}"


def percent(value: float, decimals: int = 0) -> str:
    """A part of a hundred: "44 percent", in Chinese "44%"."""
    text = small(value, decimals)
    return f"{text}%" if _is_cjk() else _with_unit(text, "percent")


def ehs(value: float, decimals: int = 0) -> str:
    """A hashrate with its unit."""
    return _with_unit(small(value, decimals), "EH/s")


def twh(value: float, decimals: int = 0) -> str:
    """Electricity with its unit."""
    return _with_unit(small(value, decimals), "TWh")


def gw(value: float, decimals: int = 0) -> str:
    """Power with its unit."""
    return _with_unit(small(value, decimals), "GW")


def mt(value: float, decimals: int = 0) -> str:
    """Emissions with their unit."""
    return _with_unit(small(value, decimals), "Mt")


def between(ends: Sequence[float], decimals: int = 0) -> str:
    """Two ends of a range, as within a sentence: "8 to 15"."""
    low, high = (number(end, decimals) for end in ends)
    return f"{low}至{high}" if _is_cjk() else f"{low} to {high}"


def span(ends: Sequence[float], decimals: int = 0) -> str:
    """Two ends of a range, as within a table: "8–15"."""
    low, high = (number(end, decimals) for end in ends)
    return f"{low}–{high}"


def banded(values: Sequence[float], decimals: int = 0) -> str:
    """Middle, lower and upper end, as within a table: "12.4 (7.9–14.9)".

    Examples
    --------
    >>> banded((12.4, 7.9, 14.9), 1), banded((0.002, 0.001, 0.004), 1)
    ('12.4 (7.9–14.9)', '<0.1')
    """
    middle, *ends = values
    if ends[1] > 0 and round(ends[1], decimals) == 0:
        return f"<{number(10**-decimals, decimals)}"
    return f"{number(middle, decimals)} ({span(ends, decimals)})"


def share(row: Mapping[str, Any] | pd.Series, decimals: int = 1) -> str:
    """A share of the panel with its band, within a sentence: "12.4 percent (7.9 to 14.9)".

    Parameters
    ----------
    row : mapping
        With ``share_pct``, ``low`` and ``high``, as a row of :func:`hashrate_migration.panel`.
    decimals : int
        Of all three; more where a share would be said to be zero.
    """
    decimals = enough((row["share_pct"], row["low"], row["high"]), decimals)
    ends = between((row["low"], row["high"]), decimals)
    if _is_cjk():
        return f"{percent(row['share_pct'], decimals)}（{ends}）"
    return f"{percent(row['share_pct'], decimals)} ({ends})"


def share_range(row: Mapping[str, Any] | pd.Series, decimals: int = 1) -> str:
    """The band alone of a share of the panel, within a sentence: "7.9 to 14.9".

    Parameters are those of :func:`share`.
    """
    ends = (row["low"], row["high"])
    return between(ends, enough(ends, decimals))


def month(when: pd.Timestamp) -> str:
    """A month: "May 2021", in Chinese "2021年5月"."""
    return str(format_date(when, "y年M月" if _is_cjk() else "MMMM y", locale=_locale()))


def month_name(when: pd.Timestamp) -> str:
    """A month without its year: "May"."""
    return str(format_date(when, "M月" if _is_cjk() else "MMMM", locale=_locale()))


def short_month(when: pd.Timestamp) -> str:
    """A month in two lines, for an axis: "May" over "2021"."""
    return str(format_date(when, "M月\ny" if _is_cjk() else "MMM\ny", locale=_locale()))


def short_day(when: pd.Timestamp) -> str:
    """A day without its year, for an axis: "9 Jun"."""
    return str(format_date(when, "M月d日" if _is_cjk() else "d MMM", locale=_locale()))


def day(when: pd.Timestamp) -> str:
    """A day: "21 May 2021"."""
    return str(format_date(when, "y年M月d日" if _is_cjk() else "d MMMM y", locale=_locale()))


def year(when: pd.Timestamp) -> str:
    """The year of a date."""
    return f"{when:%Y}"


def iso_month(when: pd.Timestamp) -> str:
    """A month as in tables: "2021-05"."""
    return MISSING if pd.isna(when) else f"{when:%Y-%m}"


def iso_day(when: pd.Timestamp) -> str:
    """A day as in tables: "2021-05-21"."""
    return MISSING if pd.isna(when) else f"{when:%Y-%m-%d}"


def name(region: str) -> str:
    """Name of a region, as a label: "United States"."""
    short = _SHORT.get((_locale().language, region))
    return short or regions.name(region, catalogue.language())


def names(codes: Iterable[str]) -> dict[str, str]:
    """Code to name, for several regions."""
    return {code: name(code) for code in codes}


def place(region: str) -> str:
    """Name of a region within a sentence: "the United States"."""
    article = "the " if not _is_cjk() and region in _WITH_ARTICLE else ""
    return article + name(region)


def begin(region: str) -> str:
    """Name of a region at the beginning of a sentence: "The United States"."""
    text = place(region)
    return text[:1].upper() + text[1:]


def items(values: Iterable[object]) -> str:
    """Several things joined as in a sentence: "a, b and c"."""
    texts = [str(value) for value in values]
    if not texts:
        return ""
    if len(texts) > 2 and _locale().language == "en":
        # CLDR's English puts a comma before the last "and"; this project's does not.
        return f"{', '.join(texts[:-1])} and {texts[-1]}"
    return str(format_list(texts, locale=_locale()))


def whose(region: str) -> str:
    """Name of a region as an owner at the beginning of a sentence: "The United States'"."""
    text = begin(region)
    if _is_cjk():
        return f"{text}的"
    return f"{text}'" if text.endswith("s") else f"{text}'s"


def places(codes: Iterable[str]) -> str:
    """Several regions joined as in a sentence."""
    return items(place(code) for code in codes)


def months(values: Iterable[pd.Timestamp]) -> str:
    """Several months joined as in a sentence."""
    return items(month(value) for value in values)


def plain(value: object) -> str:
    """A value as it is: a year, a code."""
    return str(value)


_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(value: int) -> str:
    """A count in words up to ten, in digits above: "two".

    Raises
    ------
    ValueError
        If it is no whole number.
    """
    if value != int(value):
        raise ValueError(f"{value!r} is no count; say it as a number with its decimals")
    if not _is_cjk() and 0 <= value < len(_SMALL):
        return _SMALL[int(value)]
    return number(value)


WAYS: dict[str, Callable[..., str]] = {
    way.__name__: way
    for way in (
        *(number, signed, percent, ehs, twh, gw, mt, between, span, banded, share),
        *(share_range, small),
        *(month, month_name, day, year, iso_month, iso_day),
        *(name, place, begin, whose, places, months, items, count, plain),
    )
}
"""Name of each way to say a value to its function."""


class _Sayer(string.Formatter):
    """``str.format`` whose format specs are the ways of this module: ``{x:percent.1}``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec:
            if isinstance(value, str):
                return value
            if isinstance(value, numbers.Integral) and not isinstance(value, bool):
                return str(value)
            raise TypeError(
                f"{value!r} is neither text nor a whole number: say how, as in {{x:number.1}}"
            )
        way, _, decimals = format_spec.partition(".")
        if way not in WAYS:
            raise ValueError(f"{format_spec!r} is no way to say a value; there are {sorted(WAYS)}")
        return WAYS[way](value, int(decimals)) if decimals else WAYS[way](value)

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion:
            raise ValueError(f"!{conversion} is no way to say a value; write {{name:way}}")
        return value

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        # Names alone: what a message may reach is what the call hands over.
        if not field_name.isidentifier():
            raise ValueError(f"{{{field_name}}}: a place to fill in a message is a plain name")
        return kwargs[field_name], field_name


def filled(message: str, /, **given: Any) -> str:
    """A message with its places filled.

    Parameters
    ----------
    message : str
        With places such as ``{share:percent.1}``: a name and a way to say it. Text and whole numbers
        may stand without a way.
    **given
        A value for each name.
    """
    return _Sayer().vformat(message, (), given)
