"""Published estimates of shares, made comparable: one log-odds with one error per row.

An estimate may be printed as a share, as hashrate, as bitcoin mined or as megawatts. All
become a share of the network, in this order of preference:

- share as printed (the middle of a range on the log-odds scale),
- bitcoin mined over the subsidy of all blocks of the period,
- hashrate over the network's hashrate as the source gives it, else over ours,
- electricity over that of the network in the same months (best guess),
- megawatts over the network's power (best guess).

What a figure is worth depends on its kind; the table ``estimate_kinds`` says so and can
be replaced. Some rows say no share but a limit: a floor (legal miners alone, listed firms), a
ceiling (a list of the largest does not name the country; industrial mining had not begun there),
or that a sample found none.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from hashrate_migration import chronology
from hashrate_migration.arguments import columns, instance, listed, shown
from hashrate_migration.errors import InputError
from hashrate_migration.hashrate.network import network_hashrate
from hashrate_migration.tables import regions, text
from hashrate_migration.tables.difficulty import BLOCKS_PER_HALVING
from hashrate_migration.tables.read import load, read_as, validated

MAP_SOURCE = "ccaf-mining-map"
"""Source of the mining map's rows."""

MAP_FAMILY = "cambridge"
"""Publisher family of the mining map."""

SHARE, FLOOR, CEILING, NONE_SEEN = "share", "floor", "ceiling", "none_seen"
"""What a row says of the share: what it is, what it is at least, what it is at most, or that a sample
found none."""

LITTLE_PCT = 0.5
"""Before industrial mining began, a country had hobbyists: hardly more than this share (a judgement)."""

RANGE_IN_SDS = 2 * 1.645
"""A printed range is taken for a band of 90 percent: so many standard deviations wide."""

ROUNDED = 0.5
"""By so many points the rounded shares of a list that names all may add to more than 100."""

REMAINDER, UNNAMED, BEGINS, YEAR = "remainder-", "unnamed-", "before-", "year-"
"""How the ids of derived rows begin: what a list leaves over, whom a list of the largest does not name,
who had not begun, and the mean of a publisher's months over a year."""

POOL_HOME = "pool_home"
"""Kind whose monthly figures are one series of a publisher: its errors last, so a year of them counts
once."""

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
        Indexed by kind; columns title, locates, enters, reads, error_sd, offset_sd (both in
        log-odds, 0 for none), tail_df (degrees of freedom of the t distribution of errors), until,
        reason and source_id.

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
    spread = ["error_sd", "offset_sd"]
    known[spread] = known[spread].astype(float).fillna(0.0)
    known["tail_df"] = known["tail_df"].astype(float)
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
    if pd.notna(row["energy_gwh"]):
        after = row["end_month"] + pd.DateOffset(months=1)
        hours = (after - row["start_month"]) / pd.Timedelta(hours=1)
        share = row["energy_gwh"] * 1000 / (total * hours)
        return share, share
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
        (whether only an upper bound is printed; then all three are that bound).
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
    numbers = ["share_pct", "bitcoin", "hashrate_ehs", "power_mw", "energy_gwh"]
    rows = rows[rows[numbers].notna().any(axis=1) & rows["start_month"].notna()].copy()
    rows["members"] = rows["members"].fillna(rows["region"])
    whole = rows["members"].str.fullmatch(r"[A-Z]{3}(\+[A-Z]{3})*").fillna(value=False)
    rows = rows[whole].reset_index(drop=True)
    network = network_hashrate()
    power = load("network_power").set_index("month")["power_best_gw"]
    ends = [_as_share(row, network, power) for _, row in rows.iterrows()]
    rows[["low_pct", "high_pct"]] = 100 * np.array(ends)
    rows["bound"] = (rows["low_pct"] == 0) & (rows["high_pct"] > 0)
    rows.loc[rows["bound"], "low_pct"] = rows["high_pct"]
    rows["share_pct"] = _middle(rows["low_pct"], rows["high_pct"])
    rows["month"] = _middle_month(rows["start_month"], rows["end_month"])
    return rows


def _middle(low: pd.Series, high: pd.Series) -> pd.Series:
    """Middle of a printed range on the log-odds scale, percent."""
    return 100 * expit((logit(low / 100) + logit(high / 100)) / 2)


def _middle_month(start: pd.Series, end: pd.Series) -> pd.Series:
    """The month in the middle of a period; of two, the earlier."""
    gap = (end.dt.year - start.dt.year) * 12 + end.dt.month - start.dt.month
    middle = [
        first + pd.DateOffset(months=int(months) // 2)
        for first, months in zip(start, gap, strict=True)
    ]
    return pd.Series(middle, index=start.index, dtype=start.dtype).dt.as_unit("us")


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
    # Months of pools' homes enter by the mean of their year.
    by_year = rows["kind"].eq(POOL_HOME) & rows["start_month"].eq(rows["end_month"])
    enters_as = rows["estimate_id"].mask(by_year, _year_id(rows))
    rows["enters"] = enters_as.isin(used)
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
    locating = errors["enters"] & errors["locates"] & errors["reads"].eq(SHARE)
    entering = rows[rows["kind"].map(locating) & rows["repeats"].isna() & ~rows["bound"]]
    recent = entering[entering["month"] > load("mining_map")["month"].max()]
    named = set(recent["members"])
    order = regions.table().index
    mapped = regions.mapped_countries()
    return mapped + [code for code in order if code in named and code not in mapped]


def newcomers() -> list[str]:
    """Countries of the panel that the mining map does not list."""
    return [code for code in countries() if code not in regions.mapped_countries()]


def _mining_map(members_of_rest: list[str]) -> pd.DataFrame:
    """The mining map as estimates, every month one list; a zero says that its sample shows none."""
    rows = load("mining_map")
    proxy = rows["region"].isin(regions.proxies())
    kind = np.where(proxy, "pool_sample_proxy", "pool_sample")
    return pd.DataFrame(
        {
            "estimate_id": "ccaf-map-" + rows["month"].dt.strftime("%Y-%m") + "-" + rows["region"],
            "month": rows["month"],
            "start_month": rows["month"],
            "end_month": rows["month"],
            "members": rows["region"].where(
                rows["region"] != regions.REST, "+".join([*members_of_rest, regions.REST])
            ),
            "kind": np.where(rows["share_pct"] > 0, kind, "none_seen"),
            "low_pct": rows["share_pct"],
            "high_pct": rows["share_pct"],
            "share_pct": rows["share_pct"],
            "family": MAP_FAMILY,
            "list_id": "ccaf-map-" + rows["month"].dt.strftime("%Y-%m"),
            "source_id": rows["source_id"],
        }
    )


def _derived(like: pd.Series, **values: object) -> dict[str, object]:
    """A row that follows from others, with the period and the publisher of one of them."""
    kept = ("month", "start_month", "end_month", "family", "list_id", "source_id")
    return {name: like[name] for name in kept} | values


def _of_lists(rows: pd.DataFrame, listed: list[str]) -> pd.DataFrame:
    """What a list says of the countries that it does not name.

    The shares of a whole list add to one, named or not: without the remainder nothing would bound
    the countries that no estimate names. A list of the largest says besides that each of the others
    is smaller than its smallest.
    """
    lists = load("share_lists").set_index("list_id")
    found = []
    for list_id, named in rows.dropna(subset=["list_id"]).groupby("list_id"):
        if list_id not in lists.index:
            raise InputError(
                f"share_estimates.csv: list_id {shown(list_id)} is no list of share_lists.csv; "
                "correct it or leave it out."
            )
        about, first = lists.loc[list_id], named.iloc[0]
        spoken_for = {code for members in named["members"] for code in members.split("+")}
        unnamed = [code for code in [*listed, regions.REST] if code not in spoken_for]
        left = 100 - named.groupby("members")["share_pct"].mean().sum()
        if left <= 0 and not (regions.REST in spoken_for and left > -ROUNDED):
            raise InputError(
                f"share_estimates.csv: the list {list_id} adds to {100 - left:.2f} percent; the shares "
                "of a list add to less than 100, so correct one of them."
            )
        if about["whole"] and unnamed and regions.REST in unnamed:
            found.append(
                _derived(
                    first,
                    estimate_id=f"{REMAINDER}{list_id}",
                    members="+".join(unnamed),
                    kind=first["kind"],
                    **dict.fromkeys(("low_pct", "high_pct", "share_pct"), left),
                )
            )
        if about["largest"]:
            least = named["share_pct"].min()
            found += [
                _derived(
                    first,
                    estimate_id=f"{UNNAMED}{list_id}-{code.lower()}",
                    members=code,
                    kind="unlisted",
                    **dict.fromkeys(("low_pct", "high_pct", "share_pct"), least),
                )
                for code in unnamed
                if code != regions.REST
            ]
    return pd.DataFrame(found)


def _before_mining(listed: list[str]) -> pd.DataFrame:
    """That a country had hardly more than hobbyists before industrial mining began there, by year."""
    found = []
    for row in load("mining_begins").itertuples():
        months = pd.date_range(
            chronology.PANEL_BEGINS, row.first_month - pd.DateOffset(months=1), freq="MS"
        )
        if row.region not in listed or months.empty:
            continue
        for year, within in pd.Series(months, months).groupby(months.year):
            found.append(
                {
                    "estimate_id": f"{BEGINS}{row.region.lower()}-{year}",
                    "start_month": within.iloc[0],
                    "end_month": within.iloc[-1],
                    "members": row.region,
                    "kind": "before_mining",
                    **dict.fromkeys(("low_pct", "high_pct", "share_pct"), LITTLE_PCT),
                    "family": "mining-begins",
                    "source_id": row.source_id,
                }
            )
    if not found:
        return pd.DataFrame()
    table = pd.DataFrame(found)
    for name in ("start_month", "end_month"):
        table[name] = table[name].astype("datetime64[us]")
    table["month"] = _middle_month(table["start_month"], table["end_month"])
    return table


def _year_id(rows: pd.DataFrame) -> pd.Series:
    """Id of the mean over a year to which a monthly figure belongs."""
    members = (rows["members"] if "members" in rows else rows["region"]).str.lower()
    family = rows["family"].fillna(rows["source_id"])
    return YEAR + family + "-" + members + "-" + rows["start_month"].dt.year.astype(str)


def _by_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Monthly figures of pools' homes by one publisher, as one figure a year.

    Month by month they repeat the same doubt, where the miners of a pool are, so twelve of them say no
    more of it than one.
    """
    single = rows["start_month"] == rows["end_month"]
    chosen = (rows["kind"] == POOL_HOME) & single
    found = []
    keys = [rows["family"], rows["members"], rows["start_month"].dt.year]
    for (_, members, _), group in rows[chosen].groupby(keys):
        share = group["share_pct"].mean()
        found.append(
            _derived(
                group.iloc[0],
                estimate_id=_year_id(group).iloc[0],
                members=members,
                kind=POOL_HOME,
                start_month=group["start_month"].min(),
                end_month=group["end_month"].max(),
                **dict.fromkeys(("low_pct", "high_pct", "share_pct"), share),
            )
        )
    if not found:
        return rows
    years = pd.DataFrame(found)
    years["month"] = _middle_month(years["start_month"], years["end_month"])
    return pd.concat([rows[~chosen], years], ignore_index=True)


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
        One row per estimate, by month: estimate_id, month (the middle of its period), start_month,
        end_month, members, kind, family, list_id, listed (all countries of a whole list, whose
        shares add to 100: its own and those of its remainder, but none that it shows empty), reads
        (share, floor, ceiling or none_seen), low_pct, high_pct, share_pct, log_odds, printed_sd
        (what rounding or a printed range leaves open), error_sd, offset_sd (log-odds), tail_df,
        locates and source_id.

    Raises
    ------
    InputError
        If an estimate that enters has a share of 0 or of 100 percent or more, or a list adds to
        more than 100.
    """
    errors = kinds(kind_table)
    listed = countries()
    rows = published(table)
    rows = rows[rows["repeats"].isna() & rows["kind"].map(errors["enters"])]
    rows = pd.concat(
        [_mining_map(newcomers()), rows, _of_lists(rows, listed), _before_mining(listed)],
        ignore_index=True,
    )
    rows["family"] = rows["family"].fillna(rows["source_id"])
    until = rows["kind"].map(errors["until"])
    rows = _by_year(rows[rows["kind"].map(errors["enters"]) & ~(rows["end_month"] > until)])
    named = rows["members"].str.split("+").map(lambda codes: set(codes) <= {*listed, regions.REST})
    rows = rows[
        named & rows["month"].between(chronology.PANEL_BEGINS, network_hashrate().index[-1])
    ].copy()
    bound = rows["bound"].eq(other=True)
    rows["reads"] = rows["kind"].map(errors["reads"]).mask(bound, CEILING)
    seen = rows["reads"] != NONE_SEEN
    wrong = seen & ~((rows["low_pct"] > 0) & (rows["high_pct"] < 100))
    if wrong.any():
        bad = rows[wrong].iloc[0]
        raise InputError(
            f"share_estimates.csv: {bad['estimate_id']} comes to {bad['low_pct']:.2f} percent of the "
            "network; a share that enters the panel lies between 0 and 100, so correct it or "
            "give it a kind that does not enter."
        )
    rows["log_odds"] = logit(rows["share_pct"].where(seen) / 100)
    rows["printed_sd"] = _printed_sd(rows).where(seen, 0.0)
    for column in ("error_sd", "offset_sd", "tail_df", "locates"):
        rows[column] = rows["kind"].map(errors[column])
    rows["locates"] = rows["locates"].astype(bool) & rows["reads"].eq(SHARE)
    rows["listed"] = _listed(rows)
    columns = [
        *("estimate_id", "month", "start_month", "end_month", "members", "kind", "family"),
        *("list_id", "listed", "reads", "low_pct", "high_pct", "share_pct"),
        *("log_odds", "printed_sd", "error_sd", "offset_sd", "tail_df", "locates", "source_id"),
    ]
    return rows.sort_values(["month", "estimate_id"], ignore_index=True)[columns]


def _listed(rows: pd.DataFrame) -> pd.Series:
    """All countries of the list of a row, if its figures are the whole of it."""
    figures = rows[rows["reads"].eq(SHARE) & rows["list_id"].notna()]
    codes = figures.groupby("list_id")["members"].agg("+".join)
    whole = codes[codes.str.split("+").map(lambda named: regions.REST in named)]
    return rows["list_id"].map(whole).where(rows["reads"].eq(SHARE))


def _printed_sd(rows: pd.DataFrame) -> pd.Series:
    """What a printed range, or the rounding of a printed figure, leaves open (log-odds).

    A share is printed to some decimals; the rounding error is uniform over one unit of the last,
    whose standard deviation is the unit over the root of 12.
    """
    range_sd = (logit(rows["high_pct"] / 100) - logit(rows["low_pct"] / 100)) / RANGE_IN_SDS
    share = rows["share_pct"] / 100
    rounding = _unit(rows["share_pct"]) / 100 / np.sqrt(12) / (share * (1 - share))
    return np.hypot(range_sd, rounding)


def _unit(percent: pd.Series) -> pd.Series:
    """Unit of the last decimal of a printed figure, percent; at least two decimals are believed."""
    decimals = pd.Series(2, index=percent.index)
    for places in (1, 0):
        decimals[np.isclose(percent, percent.round(places), rtol=0, atol=1e-9)] = places
    return 10.0**-decimals
