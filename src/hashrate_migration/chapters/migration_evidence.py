"""What the flows rest on: evidence, assumptions and scenarios, as the migration report shows them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from hashrate_migration.chapters.migration import FIGURES
from hashrate_migration.flows.assumptions import SUPPLY_SCENARIOS, Assumptions, scenario
from hashrate_migration.flows.evidence.pieces import NAMES, Miners
from hashrate_migration.flows.published import DRAWN
from hashrate_migration.flows.resting import (
    ACCOUNTS,
    POSTERIOR,
    PRIOR,
    ROBUST_EHS,
    WITHOUT,
)
from hashrate_migration.words import N_, _, translated, values

STEPS = {
    PRIOR: N_("assumptions alone"),
    ACCOUNTS: N_("with the accounts"),
    POSTERIOR: N_("with all evidence"),
}
"""What a row rests on to its name."""

IN_EHS = ("departed", "abroad", "back", "retired")
"""Headlines in EH/s."""

ASSUMPTIONS = {
    "return_share": (
        N_("part of what runs again that does so in China"),
        N_("nobody counted it"),
    ),
    "retired_share": (
        N_("part of a loss that never runs again"),
        N_("from what Bit Digital left behind to all that left its fleet"),
    ),
    "lag_months": (
        N_("mean months under way, if not prepared"),
        N_("from six weeks to what Bit Digital needed"),
    ),
    "prepared_share": (
        N_("part that left with a place to go"),
        N_("from none to most: BIT Mining had prepared its move, Bit Digital had not"),
    ),
    "supply_ehs": (
        N_("new machines a month, EH/s"),
        N_("from the network's growth before the ban to Canaan's best quarter at a small share"),
    ),
    "supply_spread": (
        N_("spread of that from month to month, logarithm"),
        N_("Canaan's quarters stray more, the market less"),
    ),
    "turnover": (
        N_("part of each stock that is replaced a month"),
        N_("machines last from little more than a year to five"),
    ),
    "worn_out_share": (
        N_("part of the replaced that never runs again"),
        N_("a judgement: the rest is sold on"),
    ),
    "lot_ehs": (
        N_("hashrate that moves as one lot, EH/s"),
        N_("from 5,000 machines to what one host is said to have taken"),
    ),
    "pool_correlation": (
        N_("how alike miners of a pool are in place"),
        N_("from pools open to all to pools with a home"),
    ),
    "jump_share": (
        N_("part of the map's error that is drawn anew at the ban"),
        N_("a judgement: the pools' miners were others afterwards"),
    ),
    "proxy_share": (
        N_("part of the proxies that is China's"),
        N_("Germany and Ireland hardly have mines: from none to all"),
    ),
    "hidden_share": (
        N_("part of what vanished that stood there hidden"),
        N_("used where the chain says nothing of it"),
    ),
    "prior_sd": (
        N_("spread of the preferences of places, logarithm"),
        N_("counts of machines by country differ by factors of two to ten"),
    ),
}
"""Assumption to what it is and why its range is what it is."""

_PARTS = (
    *("return_share", "retired_share", "prepared_share", "turnover", "worn_out_share"),
    *("jump_share", "proxy_share", "hidden_share"),
)
"""Assumptions that are said in percent."""


def _range(name: str) -> str:
    a = Assumptions()
    if name == "prior_sd":
        return values.number(a.prior_sd, 1)
    low, high = a.correlation if name == "pool_correlation" else getattr(a, name)
    if name in _PARTS:
        return _("{ends:span} percent", ends=(100 * low, 100 * high))
    return values.span((low, high), 1 if high >= 1 else 2)


def assumptions(priors: pd.DataFrame) -> pd.DataFrame:
    """Every assumption with its range, its reason, and what it moves.

    Parameters
    ----------
    priors : DataFrame
        From :func:`hashrate_migration.flows.priors_table`.

    Returns
    -------
    DataFrame
        assumption, range_assumed and reason (words), and by how much the medians move when its range is
        doubled: moves_departed, moves_abroad, moves_back, moves_retired, EH/s. What moves most is first.
    """
    moved = priors.pivot(index="prior", columns="figure", values="moved")[[*IN_EHS]]
    moved = moved.loc[moved.abs().max(axis=1).sort_values(ascending=False).index]
    told = [ASSUMPTIONS[str(name)] for name in moved.index]
    return pd.DataFrame(
        {
            "assumption": [translated(name) for name, _why in told],
            "range_assumed": [_range(str(name)) for name in moved.index],
            "reason": [translated(why) for _name, why in told],
            **{f"moves_{figure}": moved[figure].to_numpy() for figure in IN_EHS},
        }
    )


def robust(priors: pd.DataFrame) -> list[str]:
    """Headlines of which "robust" may be said, in words.

    Parameters
    ----------
    priors : DataFrame
        From :func:`hashrate_migration.flows.priors_table`. A headline is robust if no doubled range
        moves its median by :data:`hashrate_migration.flows.resting.ROBUST_EHS` or more.
    """
    most = priors["moved"].abs().groupby(priors["figure"]).max()
    return [translated(FIGURES[figure]) for figure in IN_EHS if most[figure] < ROBUST_EHS]


def strongest(priors: pd.DataFrame, figure: str) -> tuple[str, float]:
    """The assumption that moves a headline most, in words, and by how much, EH/s.

    Parameters
    ----------
    priors : DataFrame
        From :func:`hashrate_migration.flows.priors_table`.
    figure : str
        Of :data:`IN_EHS`.
    """
    own = priors[priors["figure"] == figure].set_index("prior")["moved"]
    name = str(own.abs().idxmax())
    return translated(ASSUMPTIONS[name][0]), float(abs(own[name]))


def based_on(code: str) -> str:
    """What a row of :func:`hashrate_migration.flows.resting_table` rests on, in words."""
    if code in STEPS:
        return translated(STEPS[code])
    piece = code.removeprefix(WITHOUT)
    return _("without {piece}", piece=translated(NAMES[piece]))


def rests_on(table: pd.DataFrame, figures: Iterable[str] = IN_EHS) -> pd.DataFrame:
    """The headlines by what they rest on, one row for each.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.resting_table`.
    figures : iterable of str
        Which headlines.

    Returns
    -------
    DataFrame
        rests_on (in words), effective, and for each figure its median and interval as text
        (``departed_band`` …).
    """
    rows = []
    for code, own in table.groupby("based_on", sort=False):
        heads = own.set_index("figure")
        bands = {
            f"{figure}_band": values.banded(heads.loc[figure, ["median", "low", "high"]], 1)
            for figure in figures
        }
        effective = float(own["effective"].iloc[0])
        rows.append({"rests_on": based_on(str(code)), **bands, "effective": effective})
    return pd.DataFrame(rows)


def compared(table: pd.DataFrame) -> pd.DataFrame:
    """Intervals of the headlines by step, for a figure.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.resting_table`.

    Returns
    -------
    DataFrame
        group (headline) and label (what it rests on), in words; low, median and high, EH/s; those
        without a piece left out.
    """
    rows = table[table["based_on"].isin(STEPS) & table["figure"].isin(IN_EHS)]
    return pd.DataFrame(
        {
            "group": [translated(FIGURES[str(code)]) for code in rows["figure"]],
            "label": [based_on(str(code)) for code in rows["based_on"]],
            **{end: rows[end].to_numpy() for end in ("low", "median", "high")},
        }
    )


def said(table: pd.DataFrame, figure: str, step: str) -> tuple[float, float]:
    """Interval of a headline at a step, EH/s.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.resting_table`.
    figure, step : str
        Of :data:`IN_EHS` and :data:`STEPS`.
    """
    row = table[(table["figure"] == figure) & (table["based_on"] == step)].iloc[0]
    return float(row["low"]), float(row["high"])


def told_most(table: pd.DataFrame, figure: str) -> tuple[str, float]:
    """The piece of evidence without which a median moves most, in words, and by how much, EH/s.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.resting_table`.
    figure : str
        Of :data:`IN_EHS`.
    """
    own = table[table["figure"] == figure].set_index("based_on")["median"]
    without = own[[name for name in own.index if name.startswith(WITHOUT)]] - own[POSTERIOR]
    name = str(without.abs().idxmax())
    return translated(NAMES[name.removeprefix(WITHOUT)]), float(abs(without[name]))


def floor_months() -> tuple[pd.Timestamp, pd.Timestamp]:
    """The months between which listed miners bound what their countries gained."""
    piece = Miners()
    return pd.Timestamp(piece.before), pd.Timestamp(piece.after)


def moves(table: pd.DataFrame) -> pd.DataFrame:
    """What doubling a range does to the medians, for a figure.

    Parameters
    ----------
    table : DataFrame
        From :func:`assumptions`.

    Returns
    -------
    DataFrame
        Assumption x headline, both in words, EH/s.
    """
    named = {f"moves_{figure}": translated(FIGURES[figure]) for figure in IN_EHS}
    return table.set_index("assumption")[[*named]].rename(columns=named)


SUPPLIES = {
    DRAWN: N_("drawn, with makers' sales"),
    "low": N_("low"),
    "central": N_("central"),
    "high": N_("high"),
}
"""Scenario of the supply of new machines to its name."""


def scenarios(table: pd.DataFrame) -> pd.DataFrame:
    """The headlines by supply of new machines.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.scenarios_table`.

    Returns
    -------
    DataFrame
        scenario (its name), supply_range (EH/s a month, text), and for each headline in EH/s its median
        and interval as text (``departed_band`` …).
    """
    rows = []
    for name, own in table.groupby("scenario", sort=False):
        heads = own.set_index("figure")
        ends = scenario(str(name)) if name in SUPPLY_SCENARIOS else Assumptions().supply_ehs
        bands = {
            f"{figure}_band": values.banded(heads.loc[figure, ["median", "low", "high"]], 1)
            for figure in IN_EHS
        }
        named = translated(SUPPLIES[str(name)])
        rows.append({"scenario": named, "supply_range": values.span(ends, 1), **bands})
    return pd.DataFrame(rows)


def supply_title(table: pd.DataFrame) -> str:
    """What ran abroad under a low and a high supply of new machines.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.scenarios_table`.
    """
    medians = table[table["figure"] == "abroad"].set_index("scenario")["median"]
    return _(
        "With few new machines {few:ehs} ran abroad by median, with many {many:ehs}",
        few=float(medians["low"]),
        many=float(medians["high"]),
    )


def of_supply(table: pd.DataFrame, figure: str = "abroad") -> pd.DataFrame:
    """A headline by supply of new machines, for a figure.

    Parameters
    ----------
    table : DataFrame
        From :func:`hashrate_migration.flows.scenarios_table`.
    figure : str
        Of :data:`IN_EHS`.

    Returns
    -------
    DataFrame
        group and label (the scenario) in words, low, median and high, EH/s.
    """
    rows = table[table["figure"] == figure]
    return pd.DataFrame(
        {
            "group": translated(FIGURES[figure]),
            "label": [translated(SUPPLIES[str(name)]) for name in rows["scenario"]],
            **{end: rows[end].to_numpy() for end in ("low", "median", "high")},
        }
    )
