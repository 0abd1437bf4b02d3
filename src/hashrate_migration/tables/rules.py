"""What must hold in a table beyond the types of its fields.

Each rule takes a validated table and raises :class:`InputError` naming the rows that
break it. ``read.load`` runs the rules of a table every time it is read.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from hashrate_migration.errors import InputError
from hashrate_migration.tables import difficulty as consensus

SHARE_TOLERANCE_PCT = 0.05
"""Shares are rounded to 0.01, so ten of them add to 100 within 0.05."""

RETARGET_TOLERANCE_S = 2 * 3600
"""Start-to-start time exceeds the measured time by one block interval, and a time stamp
may run up to two hours ahead of the clock of the network's nodes."""


RATIO_LIMITS = (0.5, 1.25)
"""Published hashrate over difficulty x 2^32 x blocks / 86400: 0.52 to 1.19 in our own rows, and a power
of ten is far outside."""

UNCOUNTED_LIMITS = (1 / 3, 3.0)
"""The same where blocks were not counted and 144 are put in their place: 0.40 to 1.81 since 2012."""

BLOCKS_EXPECTED = 144
"""Blocks of a day of one every ten minutes."""

BLOCKS_LIMIT = 400
"""Most blocks of a day: since 2012 no day has had more than 260 or fewer than 58."""

BLOCKS_LIMIT_EARLY = 1000
"""The same before 2012, when the difficulty ran behind: up to 692 in July 2010."""

_EARLY = pd.Timestamp("2012-01-01")


def _check_sums(table: pd.DataFrame, column: str, file: str, zero_allowed: bool) -> None:
    sums = table.groupby("month")[column].sum()
    off = (sums - 100).abs() > SHARE_TOLERANCE_PCT + 1e-9
    if zero_allowed:
        off &= sums != 0
    if off.any():
        month = sums.index[off][0]
        raise InputError(
            f"{file}: the column {column} of {month:%Y-%m} adds up to {sums[month]:.2f}, not to "
            f"100 within {SHARE_TOLERANCE_PCT}; "
            + (
                "percent are wanted, so multiply by 100."
                if abs(sums[month] - 1) < SHARE_TOLERANCE_PCT
                else "correct the shares of that month."
            )
        )


def _check_grid(table: pd.DataFrame, file: str) -> None:
    months = pd.date_range(table["month"].min(), table["month"].max(), freq="MS")
    wanted = pd.MultiIndex.from_product([months, sorted(table["region"].unique())])
    missing = wanted.difference(pd.MultiIndex.from_frame(table[["month", "region"]]))
    if len(missing):
        month, region = missing[0]
        raise InputError(
            f"{file}: no row for {region} in {month:%Y-%m} ({len(missing)} missing in all); add it, "
            "with 0 if the share was measured as nothing."
        )


def mining_map(table: pd.DataFrame) -> None:
    """Every month has every region once, and its shares add to 100."""
    _check_grid(table, "mining_map.csv")
    _check_sums(table, "share_pct", "mining_map.csv", zero_allowed=False)


def china_provinces(table: pd.DataFrame) -> None:
    """Every month has every province, and shares add to 100, or all are zero."""
    _check_grid(table, "china_provinces.csv")
    _check_sums(table, "share_of_china_pct", "china_provinces.csv", zero_allowed=True)


def us_states(table: pd.DataFrame) -> None:
    """The shares of a month add to 100."""
    _check_grid(table, "us_states.csv")
    _check_sums(table, "share_of_us_pct", "us_states.csv", zero_allowed=False)


def difficulty_epochs(table: pd.DataFrame) -> None:
    """Epochs follow one another by 2016 blocks and obey the retarget rule."""
    file = "difficulty_epochs.csv"
    steps = table["height"].diff().dropna()
    if table["height"].iloc[0] != 0 or (steps != consensus.BLOCKS_PER_EPOCH).any():
        at_start = table["height"].iloc[0] != 0
        row = table.index[0] if at_start else steps.index[steps != consensus.BLOCKS_PER_EPOCH][0]
        raise InputError(
            f"{file}, row {row + 2}: height {table['height'][row]} does not follow the row before "
            f"by {consensus.BLOCKS_PER_EPOCH} blocks, starting from 0; add or correct the row."
        )
    order = table["start_time"].diff().dropna() <= pd.Timedelta(0)
    if order.any():
        row = order.index[order][0]
        raise InputError(
            f"{file}, row {row + 2}: start time {table['start_time'][row]} is not after that of the "
            "row before; correct the times."
        )
    implied = table["compact_target"].map(consensus.from_compact_target)
    wrong = ~np.isclose(table["difficulty"], implied, rtol=1e-12, atol=0)
    if wrong.any():
        row = table.index[wrong][0]
        raise InputError(
            f"{file}, row {row + 2}: difficulty {table['difficulty'][row]} is not what the compact "
            f"target {table['compact_target'][row]} says ({implied[row]}); correct one of them."
        )
    step = table["difficulty"].shift(-1) / table["difficulty"]
    limit = consensus.RETARGET_LIMIT * (1 + 1e-4)
    beyond = (step > limit) | (step < 1 / limit)
    took = table["start_time"].diff().shift(-1).dt.total_seconds()
    error = took - consensus.implied_seconds(table["difficulty"])
    beyond |= (error.abs() > RETARGET_TOLERANCE_S) & ~consensus.at_limit(table["difficulty"])
    if beyond.any():
        place = int(beyond.to_numpy().argmax())
        row, following = table.index[place], table.index[place + 1]
        raise InputError(
            f"{file}, row {following + 2}: the step from difficulty {table['difficulty'][row]} to "
            f"{table['difficulty'][following]} does not follow from the {took[row]:.0f} seconds of the "
            "period before; correct the times or the targets."
        )


def check_counts(table: pd.DataFrame, file: str) -> None:
    """Stop at a count of blocks that no day can have had."""
    limit = np.where(table["date"] < _EARLY, BLOCKS_LIMIT_EARLY, BLOCKS_LIMIT)
    blocks = table["blocks"].astype("float64")
    wrong = (blocks < 1) | (blocks > limit)
    if wrong.any():
        row = wrong.index[wrong][0]
        most = limit[wrong.to_numpy().argmax()]
        raise InputError(
            f"{file}, row {row + 2}: {blocks[row]:.0f} blocks in a day cannot be ({BLOCKS_EXPECTED} are "
            f"expected, from 1 to {most} are taken); correct the count."
        )


def implied_hashrate(table: pd.DataFrame) -> pd.Series:
    """EH/s of blocks and difficulty; where blocks were not counted, of those to be expected."""
    blocks = table["blocks"].astype("float64").fillna(BLOCKS_EXPECTED)
    hashes = table["difficulty"] * consensus.HASHES_PER_DIFFICULTY * blocks
    return hashes / 86_400 / consensus.EXAHASH


def check_hashrate(table: pd.DataFrame, file: str, column: str = "hashrate_ehs") -> None:
    """Stop at a hashrate that blocks and difficulty do not bear out, as one in another unit.

    Parameters
    ----------
    table : DataFrame
        Columns date, blocks, difficulty and hashrate_ehs, indexed by line less two.
    file, column : str
        How to call the file and the hashrate in a message.

    Raises
    ------
    InputError
        Naming the first row that is wrong.
    """
    implied = implied_hashrate(table)
    ratio = table["hashrate_ehs"] / implied
    counted = table["blocks"].notna().to_numpy()
    low, high = (
        np.where(counted, exact, rough)
        for exact, rough in zip(RATIO_LIMITS, UNCOUNTED_LIMITS, strict=True)
    )
    wrong = (ratio < low) | (ratio > high)
    if wrong.any():
        row = wrong.index[wrong][0]
        means = (
            "blocks and difficulty come"
            if counted[wrong.to_numpy().argmax()]
            else "difficulty comes"
        )
        raise InputError(
            f"{file}, row {row + 2}: {column} comes to {table['hashrate_ehs'][row]:.6g} EH/s, but "
            f"{means} to {implied[row]:.6g}; is it in another unit?"
        )


def network_daily(table: pd.DataFrame) -> None:
    """Days follow one another, and counts, difficulty and hashrate bear one another out."""
    file = "network_daily.csv"
    gaps = table["date"].diff().dropna() != pd.Timedelta(days=1)
    if gaps.any():
        row = gaps.index[gaps][0]
        raise InputError(
            f"{file}, row {row + 2}: {table['date'][row]:%Y-%m-%d} does not follow the day "
            "of the row before; add the missing days or put the rows in order."
        )
    check_counts(table, file)
    step = table["difficulty"] / table["difficulty"].shift()
    beyond = (step > consensus.RETARGET_LIMIT) | (step < 1 / consensus.RETARGET_LIMIT)
    if beyond.any():
        place = int(beyond.to_numpy().argmax())
        row, before = table.index[place], table.index[place - 1]
        raise InputError(
            f"{file}, row {row + 2}: difficulty {table['difficulty'][row]:.6g} of "
            f"{table['date'][row]:%Y-%m-%d} is not within a factor of {consensus.RETARGET_LIMIT:g} of "
            f"{table['difficulty'][before]:.6g} of the day before; correct one of them."
        )
    check_hashrate(table, file)
    counted = table["blocks"].notna()
    late = counted & (~counted).cummax()
    if late.any():
        row, missing = table.index[late][0], table["date"][~counted].iloc[0]
        raise InputError(
            f"{file}, row {row + 2}: {table['date'][row]:%Y-%m-%d} has a block count, but "
            f"{missing:%Y-%m-%d} before it has none; heights are sums of block counts, so fill that in."
        )


def share_estimates(table: pd.DataFrame) -> None:
    """Periods run forward, ranges upward, and a row repeats one that stands by itself."""
    file = "share_estimates.csv"
    known = set(table["estimate_id"])
    alone = set(table.loc[table["repeats"].isna(), "estimate_id"])
    together = table.groupby(["source_id", "start_month", "end_month", "kind"], observed=True)
    sums, counts = (together["share_pct"].transform(how) for how in ("sum", "count"))
    problems = {
        "end_month is before start_month": table["end_month"] < table["start_month"],
        "only one of start_month and end_month is given": table["start_month"].isna()
        != table["end_month"].isna(),
        "share_high_pct is below share_pct": table["share_high_pct"] < table["share_pct"],
        "power_high_mw is below power_mw": table["power_high_mw"] < table["power_mw"],
        # Countries of one list that make 1 together; one share alone may well be below a percent.
        f"the shares of its list add up to 1 within {SHARE_TOLERANCE_PCT}, but percent are wanted": (
            (sums - 1).abs() < SHARE_TOLERANCE_PCT
        )
        & (counts > 2),
        # A row may be added to the table by itself: what it repeats may stand elsewhere.
        "it repeats a row that repeats another": table["repeats"].isin(known - alone),
    }
    for problem, wrong in problems.items():
        if wrong.any():
            row = table.index[wrong][0]
            raise InputError(
                f"{file}, row {row + 2} ({table['estimate_id'][row]}): {problem}; correct it."
            )


def grid_by_country(table: pd.DataFrame) -> None:
    """The shares of a grid add to 100, and bioenergy is a part of the others."""
    file = "grid_by_country.csv"
    named = ["coal_pct", "gas_pct", "oil_pct", "nuclear_pct", "hydro_pct", "wind_pct", "solar_pct"]
    sums = table[[*named, "other_pct"]].sum(axis=1)
    problems = {
        f"the shares add up to {{}}, not to 100 within {SHARE_TOLERANCE_PCT}": (sums - 100).abs()
        > SHARE_TOLERANCE_PCT,
        "bioenergy_pct is above other_pct, of which it is a part": table["bioenergy_pct"]
        > table["other_pct"] + SHARE_TOLERANCE_PCT,
    }
    for problem, wrong in problems.items():
        if wrong.any():
            row = table.index[wrong][0]
            raise InputError(
                f"{file}, row {row + 2} ({table['country'][row]} {table['year'][row]}): "
                f"{problem.format(f'{sums[row]:.2f}')}; correct them."
            )


MACHINES_TOLERANCE = 0.001
"""Parts of a fleet add up to the whole within a thousandth: some figures are round."""


def _check_fleet(own: pd.DataFrame, firm: str, file: str) -> None:
    """The machines of one firm: parts make the whole, and no more run than there are."""
    owned = own[own["state"] == "owned"]
    whole = owned[owned["place"].str.contains("+", regex=False)].set_index("as_of")["value"]
    moving = own[(own["state"] == "in transit") & ~own["place"].str.contains("+", regex=False)]
    single = pd.concat([owned[owned["place"].str.len() == 3], moving])
    for day, parts in single.groupby("as_of"):
        # One country alone, such as the zero after a move, is no list of parts.
        if day in whole.index and len(parts) > 1:
            total = parts["value"].sum()
            if abs(total - whole[day]) > MACHINES_TOLERANCE * whole[day]:
                raise InputError(
                    f"{file}, row {parts.index[0] + 2}: the machines of {firm} on {day:%Y-%m-%d} add up "
                    f"to {total:.0f} by country, but its whole fleet has {whole[day]:.0f}; leave out "
                    "what is counted twice."
                )
    for day, parts in owned[owned["place"].str.contains("-", regex=False)].groupby("as_of"):
        if day in whole.index and parts["value"].sum() > whole[day] * (1 + MACHINES_TOLERANCE):
            raise InputError(
                f"{file}, row {parts.index[0] + 2}: the provinces of {firm} on {day:%Y-%m-%d} hold "
                f"{parts['value'].sum():.0f} machines, more than its whole fleet; correct them."
            )
    for row in own[own["state"] == "running"].itertuples():
        known = whole[whole.index <= row.as_of]
        if len(known) and row.value > known.iloc[-1]:
            raise InputError(
                f"{file}, row {row.Index + 2}: {row.value:.0f} machines of {firm} run on "
                f"{row.as_of:%Y-%m-%d}, but it owns {known.iloc[-1]:.0f}; correct one of them."
            )


def followed_fleets(table: pd.DataFrame) -> None:
    """Machines by country add up to the whole fleet, and no more run than are owned."""
    machines = table[table["unit"] == "machines"]
    for firm, own in machines.groupby("firm", sort=False):
        _check_fleet(own.sort_values("as_of", kind="stable"), str(firm), "followed_fleets.csv")


SALES_TOLERANCE = 0.06
"""Sales are rounded to 0.1, so each quarter adds an error of 0.05 and a little for floats."""


def hardware_makers(table: pd.DataFrame) -> None:
    """What a maker sold in the quarters of a year is no more than what it sold in the year."""
    sold = table[(table["metric"] == "computing power sold") & table["value"].notna()]
    for row in sold.itertuples():
        inside = sold[
            (sold["company"] == row.company)
            & (sold["start_month"] >= row.start_month)
            & (sold["end_month"] <= row.end_month)
            & (sold.index != row.Index)
        ]
        if inside["value"].sum() > row.value + SALES_TOLERANCE * (len(inside) + 1):
            raise InputError(
                f"hardware_makers.csv, row {row.Index + 2}: {row.company} sold {row.value:g} million "
                f"TH/s from {row.start_month:%Y-%m} to {row.end_month:%Y-%m}, but the periods within "
                f"add up to {inside['value'].sum():g}; correct one of them."
            )


def policy_events(table: pd.DataFrame) -> None:
    """A later step of a measure names an earlier event of the same country."""
    known = table.set_index("event_id")
    for row in table[table["follows"].notna()].itertuples():
        place = f"policy_events.csv, row {row.Index + 2}: {row.event_id} follows {row.follows}"
        if row.follows not in known.index:
            raise InputError(f"{place}, which is no event_id of the table; correct it.")
        before = known.loc[row.follows]
        if before["region"] != row.region or before["date"] > row.date:
            raise InputError(
                f"{place}, which is not an earlier event of the same country; correct one of the two."
            )


def event_searches(table: pd.DataFrame) -> None:
    """Every result of a search is a hit or a miss."""
    wrong = table.index[table["hits"] + table["misses"] != table["results"]]
    if len(wrong):
        row = table.loc[wrong[0]]
        raise InputError(
            f"event_searches.csv, row {wrong[0] + 2}: {row['hits']} hits and {row['misses']} misses are "
            f"not {row['results']} results; correct them."
        )


RULES: dict[str, Callable[[pd.DataFrame], None]] = {
    "mining_map": mining_map,
    "china_provinces": china_provinces,
    "us_states": us_states,
    "difficulty_epochs": difficulty_epochs,
    "network_daily": network_daily,
    "share_estimates": share_estimates,
    "grid_by_country": grid_by_country,
    "followed_fleets": followed_fleets,
    "hardware_makers": hardware_makers,
    "policy_events": policy_events,
    "event_searches": event_searches,
}
"""Table name to its rule."""


MAP_LIMITS = (1 / 3, 3.0)
"""Sum of the map's EH/s over the mean of the days of the month: 0.99 to 1.01 in our own rows, and a
power of ten is far outside."""


def map_hashrate(mapped: pd.DataFrame, daily: pd.DataFrame) -> None:
    """The map's hashrates of a month add up to that of the network, at least in their power of ten.

    Parameters
    ----------
    mapped, daily : DataFrame
        The tables ``mining_map`` and ``network_daily``.

    Raises
    ------
    InputError
        Naming the first month in which they do not.
    """
    sums = mapped.groupby("month")["hashrate_ehs"].sum()
    means = daily.groupby(daily["date"].dt.to_period("M").dt.to_timestamp())["hashrate_ehs"].mean()
    ratio = sums / means.reindex(sums.index)
    low, high = MAP_LIMITS
    wrong = (ratio < low) | (ratio > high)
    if wrong.any():
        month = wrong.index[wrong][0]
        raise InputError(
            f"mining_map.csv: hashrate_ehs of {month:%Y-%m} adds up to {sums[month]:.6g}, but the "
            f"network had {means[month]:.6g} EH/s; is it in another unit?"
        )


def halvings(epochs: pd.DataFrame, events: pd.DataFrame) -> None:
    """The dated halvings fall in the epochs that hold blocks 210000, 420000 and so on.

    Parameters
    ----------
    epochs, events : DataFrame
        The tables ``difficulty_epochs`` and ``policy_events``.

    Raises
    ------
    InputError
        Naming the event outside its epoch.
    """
    dates = events.loc[events["kind"] == "halving"].sort_values("date")
    for number, event in enumerate(dates.itertuples(), start=1):
        height = number * consensus.BLOCKS_PER_HALVING
        position = int(epochs["height"].searchsorted(height, side="right")) - 1
        first = epochs["start_time"].iloc[position].normalize()
        if position + 1 == len(epochs):
            # Nobody knows yet when the last known period ends.
            raise InputError(
                f"policy_events.csv: the halving {event.event_id} would be block {height}, which is not "
                f"before the last known difficulty period of {first:%Y-%m-%d}; take it out, or bring in "
                "newer difficulty_epochs first."
            )
        last = epochs["start_time"].iloc[position + 1]
        if not first <= event.date <= last:
            raise InputError(
                f"policy_events.csv: the halving {event.event_id} is not between {first:%Y-%m-%d} and "
                f"{last:%Y-%m-%d}, when block {height} was found; correct its date."
            )


def lists(estimates: pd.DataFrame, published: pd.DataFrame) -> None:
    """The figures of a list are of its publisher and month, and each country stands in it once.

    Parameters
    ----------
    estimates, published : DataFrame
        The tables ``share_estimates`` and ``share_lists``.

    Raises
    ------
    InputError
        Naming the first figure that does not fit its list.
    """
    rows = estimates[estimates["list_id"].notna()]
    rows = rows.merge(published, on="list_id", suffixes=("", "_of_list"))
    place = rows["members"].fillna(rows["region"])
    problems = {
        "repeats another figure, so it belongs to no list": rows["repeats"].notna(),
        "is of another family than its list": rows["family"] != rows["family_of_list"],
        "begins in another month than its list": rows["start_month"] != rows["month"],
        "names a place that its list has already": place.groupby(rows["list_id"]).transform(
            lambda places: places.duplicated()
        ),
    }
    for problem, wrong in problems.items():
        if wrong.any():
            bad = rows[wrong].iloc[0]
            raise InputError(
                f"share_estimates.csv: {bad['estimate_id']} {problem} ({bad['list_id']}); correct "
                "one of the two tables."
            )


def pool_days(days: pd.DataFrame, months: pd.DataFrame) -> None:
    """The days of a pool add up to its months, for every month of which there are days.

    Parameters
    ----------
    days, months : DataFrame
        The tables ``pool_blocks_daily`` and ``pool_blocks``.

    Raises
    ------
    InputError
        Naming the first pool and month in which they do not.
    """
    month = days["date"].dt.to_period("M").dt.to_timestamp()
    sums = days.groupby([month.rename("month"), "pool"])["blocks"].sum()
    whole = months[months["month"].isin(month)].set_index(["month", "pool"])["blocks"]
    both = pd.concat({"days": sums, "months": whole}, axis=1).fillna(0).astype(int).sort_index()
    wrong = both["days"] != both["months"]
    if wrong.any():
        when, pool = both.index[wrong][0]
        raise InputError(
            f"pool_blocks_daily.csv: the days of {pool} in {when:%Y-%m} add up to "
            f"{both['days'][wrong].iloc[0]} blocks, but pool_blocks.csv has "
            f"{both['months'][wrong].iloc[0]}; correct one of the two tables."
        )


def pool_sums(days: pd.DataFrame, network: pd.DataFrame) -> None:
    """The pools of a day add up to the blocks of the network, on every day from first to last.

    Parameters
    ----------
    days, network : DataFrame
        The tables ``pool_blocks_daily`` and ``network_daily``.

    Raises
    ------
    InputError
        Naming the first day on which they do not.
    """
    every = pd.date_range(days["date"].min(), days["date"].max())
    sums = days.groupby("date")["blocks"].sum().reindex(every, fill_value=0)
    counted = network.set_index("date")["blocks"].reindex(every).fillna(0).astype(int)
    wrong = sums != counted
    if wrong.any():
        day = every[wrong][0]
        raise InputError(
            f"pool_blocks_daily.csv: the pools of {day:%Y-%m-%d} add up to {sums[day]} blocks, but "
            f"network_daily.csv has {counted[day]}; correct one of the two tables."
        )


ACROSS: dict[tuple[str, str], Callable[[pd.DataFrame, pd.DataFrame], None]] = {
    ("difficulty_epochs", "policy_events"): halvings,
    ("mining_map", "network_daily"): map_hashrate,
    ("pool_blocks_daily", "pool_blocks"): pool_days,
    ("pool_blocks_daily", "network_daily"): pool_sums,
    ("share_estimates", "share_lists"): lists,
}
"""Two tables to the rule between them; ``data check`` and ``data update`` run it."""
