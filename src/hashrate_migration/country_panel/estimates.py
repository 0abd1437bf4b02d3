"""Published estimates of shares, made comparable: one log-odds with one error per row.

An estimate may be printed as a share, as hashrate, as bitcoin mined or as megawatts. All
become a share of the network, in this order of preference:

- share as printed (the middle of a range on the log-odds scale),
- bitcoin mined over the subsidy of all blocks of the period,
- hashrate over the network's hashrate as the source gives it, else over ours,
- megawatts over the network's power (best guess).

What a figure is worth depends on its kind; the table ``estimate_kinds`` says so and can
be replaced.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logit

from hashrate_migration import chronology
from hashrate_migration.arguments import columns, instance, listed, shown
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables import regions, text
from hashrate_migration.tables.difficulty import BLOCKS_PER_HALVING
from hashrate_migration.tables.read import load, read_as, validated

MAP_SOURCE = "ccaf-mining-map"
"""Source of the mining map's rows."""

BOUND_SD = 1.0
"""Where only an upper bound is known (a range from 0), half of it is taken, with this standard
deviation of its log-odds: the bound itself is 0.7 away."""

RANGE_IN_SDS = 2 * 1.645
"""A printed range is taken for a band of 90 percent: so many standard deviations wide."""

SHORTEST_LIST = 5
"""So many countries of one month make a vendor's figures a list."""

REMAINDER = "remainder-"
"""How the ids of what a list leaves over begin."""

FIRST_SUBSIDY = 50.0
"""Bitcoin per block before the first halving (the protocol's rule)."""


def kinds(table: pd.DataFrame | str | Path | None = None) -> pd.DataFrame:
    """Errors by kind of estimate.

    Parameters
    ----------
    table : DataFrame or path, optional
        Rows that replace those of the table ``estimate_kinds``, in the same form: a frame
        with the columns ``kind`` and those to be changed, or a CSV file with all columns.

    Returns
    -------
    DataFrame
        Indexed by kind; columns title, locates, enters, error_sd, offset_sd, drift_sd (all
        in log-odds, 0 for none), until, reason and source_id.

    Raises
    ------
    InputError
        If the table names an unknown kind or column, or a kind enters without an error.
    """
    known = load("estimate_kinds").set_index("kind")
    if table is not None:
        given = read_as("estimate_kinds", Path(table)) if isinstance(table, str | Path) else table
        instance(given, "kinds", pd.DataFrame, "a table of kinds or the path of one")
        if "kind" not in given.columns or not set(given.columns) <= {"kind", *known.columns}:
            raise InputError(
                "The table of kinds has the columns "
                f"{listed(given.columns)}; it takes kind and any of "
                f"{', '.join(known.columns)}."
            )
        order = load("estimate_kinds").columns
        cells = known.astype(object)
        for row in given.to_dict("records"):
            if row["kind"] not in known.index:
                raise InputError(
                    f"The table of kinds names {shown(row['kind'])}; the kinds are: "
                    f"{', '.join(known.index)}."
                )
            for column, value in row.items():
                if column != "kind":
                    # A list for a value would be taken for several rows.
                    cells[column] = cells[column].where(
                        cells.index != row["kind"], pd.Series([value] * len(cells), cells.index)
                    )
        changed = text.as_written(cells.reset_index()[order])
        known = validated(changed, "estimate_kinds", Path("kinds")).set_index("kind")
    spread = ["error_sd", "offset_sd", "drift_sd"]
    known[spread] = known[spread].astype(float).fillna(0.0)
    known["enters"] = known["enters"].astype(bool)
    bare = known.index[known["enters"] & (known["error_sd"] <= 0)]
    if len(bare):
        raise InputError(f"Kind {bare[0]!r} enters the panel, so give its error_sd above 0.")
    return known


def _subsidy(row: pd.Series) -> float:
    """Bitcoin newly issued by all blocks of the months of a row."""
    start, end = row["start_month"], row["end_month"] + pd.offsets.MonthEnd(0)
    blocks = load("network_daily").set_index("date")["blocks"].astype(float)
    within = blocks.loc[start:end]
    if within.isna().any() or len(within) < (end - start).days + 1:
        raise InputError(
            f"share_estimates.csv: {row['estimate_id']} cannot be turned into a share, for "
            f"network_daily.csv has no block counts for all days from {start:%Y-%m} to {end:%Y-%m}; "
            "bring them in first."
        )
    mined = blocks.cumsum()
    return _issued(mined[end]) - _issued(mined[start] - blocks[start])


def _issued(blocks: float) -> float:
    """Bitcoin that the first so many blocks have paid."""
    eras = range(int(blocks // BLOCKS_PER_HALVING) + 1)
    within = [min(blocks - era * BLOCKS_PER_HALVING, BLOCKS_PER_HALVING) for era in eras]
    return sum(count * FIRST_SUBSIDY / 2**era for era, count in enumerate(within))


def _mean_over(series: pd.Series, row: pd.Series, what: str) -> float:
    within = series.loc[row["start_month"] : row["end_month"]]
    if within.empty:
        raise InputError(
            f"share_estimates.csv: {row['estimate_id']} cannot be turned into a share, for there is no "
            f"{what} from {row['start_month']:%Y-%m} to {row['end_month']:%Y-%m}; bring it in first."
        )
    return float(within.mean())


def _as_share(row: pd.Series, network: pd.Series, power: pd.Series) -> tuple[float, float]:
    """Share (fraction) at the lower and at the upper end of what is printed."""
    if pd.notna(row["share_pct"]):
        high = row["share_high_pct"] if pd.notna(row["share_high_pct"]) else row["share_pct"]
        return row["share_pct"] / 100, high / 100
    if pd.notna(row["bitcoin"]):
        share = row["bitcoin"] / _subsidy(row)
        return share, share
    if pd.notna(row["hashrate_ehs"]):
        total = row["network_ehs"]
        share = row["hashrate_ehs"] / (
            total if pd.notna(total) else _mean_over(network, row, "network hashrate")
        )
        return share, share
    total = _mean_over(power, row, "network power") * 1000
    high = row["power_high_mw"] if pd.notna(row["power_high_mw"]) else row["power_mw"]
    return row["power_mw"] / total, high / total


def published(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """All published estimates for countries, as shares of the network.

    Parameters
    ----------
    table : DataFrame, optional
        Rows in the form of the table ``share_estimates``; default: that table.

    Returns
    -------
    DataFrame
        Rows of the table that give a number for whole countries and a period, with the
        columns month (the middle of the period), members (codes joined by ``+``), low_pct,
        high_pct (the printed range), share_pct (its middle on the log-odds scale) and bound
        (whether only an upper bound is printed; then all three are half of it).
    """
    rows = load("share_estimates")
    if table is not None:
        columns(table, "table", rows.columns, "load('share_estimates')")
        for name in rows:
            if rows[name].dtype.kind in "fM" and table[name].dtype.kind != rows[name].dtype.kind:
                raise InputError(
                    f"Column {name} of table is not of the type that load('share_estimates') gives "
                    "it; convert it."
                )
        rows = table
    numbers = ["share_pct", "bitcoin", "hashrate_ehs", "power_mw"]
    rows = rows[rows[numbers].notna().any(axis=1) & rows["start_month"].notna()].copy()
    rows["members"] = rows["members"].fillna(rows["region"])
    whole = rows["members"].str.fullmatch(r"[A-Z]{3}(\+[A-Z]{3})*").fillna(value=False)
    rows = rows[whole].reset_index(drop=True)
    network = network_hashrate()
    power = load("network_power").set_index("month")["power_best_gw"]
    ends = [_as_share(row, network, power) for _, row in rows.iterrows()]
    rows[["low_pct", "high_pct"]] = 100 * np.array(ends)
    rows["bound"] = (rows["low_pct"] == 0) & (rows["high_pct"] > 0)
    rows.loc[rows["bound"], ["low_pct", "high_pct"]] = rows["high_pct"] / 2
    middle = (logit(rows["low_pct"] / 100) + logit(rows["high_pct"] / 100)) / 2
    rows["share_pct"] = 100 / (1 + np.exp(-middle))
    half = (rows["end_month"].dt.to_period("M") - rows["start_month"].dt.to_period("M")).map(
        lambda gap: gap.n // 2
    )
    rows["month"] = [
        start + pd.DateOffset(months=int(months))
        for start, months in zip(rows["start_month"], half, strict=True)
    ]
    rows["month"] = rows["month"].dt.as_unit("us")
    return rows


def published_figures(start: pd.Timestamp = chronology.PANEL_BEGINS) -> pd.DataFrame:
    """Every figure published for a single country: the mining map and all estimates.

    Parameters
    ----------
    start : Timestamp
        First month.

    Returns
    -------
    DataFrame
        Columns month (the middle of the period), start_month, end_month, region, kind, share_pct,
        hashrate_ehs (share times the network's mean hashrate of the month), enters (whether the
        panel uses it) and source_id.
    """
    used = set(observations()["estimate_id"])
    rows = published()
    rows = rows[~rows["kind"].isin(["recycled"]) & rows["repeats"].isna()]
    rows = pd.concat([rows, _mining_map([])], ignore_index=True)
    rows = rows[rows["members"].str.fullmatch("[A-Z]{3}") & (rows["members"] != regions.REST)]
    rows = rows.drop(columns="region").rename(columns={"members": "region"})
    rows["enters"] = rows["estimate_id"].isin(used)
    rows = rows[rows["bound"].ne(other=True)]
    network = network_hashrate()
    rows = rows[rows["month"].between(start, network.index[-1])].copy()
    rows["hashrate_ehs"] = rows["share_pct"] / 100 * rows["month"].map(network)
    columns = [
        *("month", "start_month", "end_month", "region", "kind"),
        *("share_pct", "hashrate_ehs", "enters", "source_id"),
    ]
    return rows.sort_values(["month", "region"], ignore_index=True)[columns]


def countries() -> list[str]:
    """Countries of the panel: those of the mining map, then those that were located since.

    A country that no estimate has located after the last month of the mining map stays among
    the others: its share today would be a guess.

    Returns
    -------
    list of str
        Codes, without ``OTH``.
    """
    rows = published()
    errors = kinds()
    entering = rows[rows["kind"].map(errors["enters"] & errors["locates"]) & rows["repeats"].isna()]
    recent = entering[entering["month"] > load("mining_map")["month"].max()]
    named = set(recent["members"])
    order = regions.table().index
    mapped = regions.mapped_countries()
    return mapped + [code for code in order if code in named and code not in mapped]


def newcomers() -> list[str]:
    """Countries of the panel that the mining map does not list."""
    return [code for code in countries() if code not in regions.mapped_countries()]


def _mining_map(members_of_rest: list[str]) -> pd.DataFrame:
    """The mining map as estimates; a zero says only that the sample shows none, so it is out."""
    rows = load("mining_map")
    rows = rows[rows["share_pct"] > 0]
    proxy = rows["region"].isin(regions.proxies())
    return pd.DataFrame(
        {
            "estimate_id": "ccaf-map-" + rows["month"].dt.strftime("%Y-%m") + "-" + rows["region"],
            "month": rows["month"],
            "start_month": rows["month"],
            "end_month": rows["month"],
            "members": rows["region"].where(
                rows["region"] != regions.REST, "+".join([*members_of_rest, regions.REST])
            ),
            "kind": np.where(proxy, "pool_sample_proxy", "pool_sample"),
            "low_pct": rows["share_pct"],
            "high_pct": rows["share_pct"],
            "share_pct": rows["share_pct"],
            "source_id": rows["source_id"],
        }
    )


def _remainders(rows: pd.DataFrame, listed: list[str]) -> pd.DataFrame:
    """What a list of a vendor leaves for all countries that it does not name.

    The shares of a list add to one, named or not. Without the remainder nothing would bound
    the countries that no estimate names.
    """
    lists = rows[(rows["kind"] == "vendor") & rows["members"].isin(listed)]
    remainders = []
    for month, named in lists.groupby("month"):
        unnamed = [code for code in [*listed, regions.REST] if code not in set(named["members"])]
        if named["members"].nunique() >= SHORTEST_LIST:
            share = 100 - named.groupby("members")["share_pct"].mean().sum()
            remainders.append(
                {
                    "estimate_id": f"{REMAINDER}{month:%Y-%m}",
                    "month": month,
                    "start_month": month,
                    "end_month": month,
                    "members": "+".join(unnamed),
                    "kind": "vendor",
                    "low_pct": share,
                    "high_pct": share,
                    "share_pct": share,
                    "source_id": named["source_id"].iloc[0],
                }
            )
    return pd.DataFrame(remainders)


def observations(
    table: pd.DataFrame | None = None,
    kind_table: pd.DataFrame | str | Path | None = None,
) -> pd.DataFrame:
    """What the panel model sees: the mining map and every estimate that enters.

    Parameters
    ----------
    table : DataFrame, optional
        Rows in the form of ``share_estimates``; default: that table.
    kind_table : DataFrame or path, optional
        See :func:`kinds`.

    Returns
    -------
    DataFrame
        One row per estimate: estimate_id, month, start_month, end_month, members, kind,
        low_pct, high_pct, share_pct, log_odds, error_sd, offset_sd, drift_sd (log-odds),
        locates and source_id, by month.

    Raises
    ------
    InputError
        If an estimate that enters has a share of 0 or of 100 percent or more.
    """
    errors = kinds(kind_table)
    listed = countries()
    rows = published(table)
    rows = rows[rows["repeats"].isna()]
    rows = pd.concat([_mining_map(newcomers()), rows, _remainders(rows, listed)], ignore_index=True)
    until = rows["kind"].map(errors["until"])
    rows = rows[rows["kind"].map(errors["enters"]) & ~(rows["month"] > until)]
    named = rows["members"].str.split("+").map(lambda codes: set(codes) <= {*listed, regions.REST})
    rows = rows[
        named & rows["month"].between(chronology.PANEL_BEGINS, network_hashrate().index[-1])
    ]
    wrong = ~((rows["low_pct"] > 0) & (rows["high_pct"] < 100))
    if wrong.any():
        bad = rows[wrong].iloc[0]
        raise InputError(
            f"share_estimates.csv: {bad['estimate_id']} comes to {bad['low_pct']:.2f} percent of the "
            "network; a share that enters the panel lies between 0 and 100, so correct it or "
            "give it a kind that does not enter."
        )
    rows["log_odds"] = logit(rows["share_pct"] / 100)
    printed = (logit(rows["high_pct"] / 100) - logit(rows["low_pct"] / 100)) / RANGE_IN_SDS
    printed = printed.mask(rows["bound"].eq(other=True), BOUND_SD)
    rows["error_sd"] = np.hypot(rows["kind"].map(errors["error_sd"]), printed)
    for column in ("offset_sd", "drift_sd", "locates"):
        rows[column] = rows["kind"].map(errors[column])
    rows["locates"] = rows["locates"].astype(bool)
    columns = [
        *("estimate_id", "month", "start_month", "end_month", "members", "kind"),
        *("low_pct", "high_pct", "share_pct"),
        *("log_odds", "error_sd", "offset_sd", "drift_sd", "locates", "source_id"),
    ]
    return rows.sort_values(["month", "estimate_id"], ignore_index=True)[columns]
