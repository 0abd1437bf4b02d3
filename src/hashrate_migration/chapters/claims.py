"""What the claims say, laid out beside the tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hashrate_migration import country_panel, energy
from hashrate_migration.country_panel import estimates
from hashrate_migration.energy.demand import hours
from hashrate_migration.findings import claim_readers, claims, other_coins
from hashrate_migration.findings.claims import CONTRADICTED, SUPPORTED
from hashrate_migration.hashrate import mining_map
from hashrate_migration.tables.read import load
from hashrate_migration.words import _, translated, values

ENERGY, REVENUE, ROOM = "c16", "c31", "c46"
"""Claims with a figure of their own: electricity of China, makers' revenue, room in Africa and South
America."""

NEAR_POINTS = 0.5
"""A published share so near to a claimed one is taken for the same number."""

_NOTHING_PCT = 5.0
"""A claim of at most so much is drawn as one of nothing."""


@dataclass(frozen=True)
class Tally:
    """How many claims came to which verdict, and how.

    Attributes
    ----------
    claims, supported, partly, contradicted, undecided : int
        All claims, and those of each verdict.
    by_tables, both, judged : int
        Claims decided by the tables alone, by tables and a reader, and by a reader.
    """

    claims: int
    supported: int
    partly: int
    contradicted: int
    undecided: int
    by_tables: int
    both: int
    judged: int


def tally(verdicts: pd.DataFrame) -> Tally:
    """Count verdicts.

    Parameters
    ----------
    verdicts : DataFrame
        From :func:`hashrate_migration.findings.claims.check`.
    """
    counts = verdicts["verdict"].value_counts().reindex(claims.VERDICTS, fill_value=0)
    decided = verdicts["how"].value_counts()
    return Tally(
        claims=len(verdicts),
        supported=int(counts[SUPPORTED]),
        partly=int(counts[claims.PARTLY]),
        contradicted=int(counts[CONTRADICTED]),
        undecided=int(counts[claims.UNDECIDED]),
        by_tables=int(decided.get(claims.BY_TABLES, 0)),
        both=int(decided.get(claims.BOTH, 0)),
        judged=int(decided.get(claims.JUDGED, 0)),
    )


def by_decider(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Verdicts by who decided.

    Parameters
    ----------
    verdicts : DataFrame
        From :func:`hashrate_migration.findings.claims.check`.

    Returns
    -------
    DataFrame
        Columns how (tables, tables and a reader, judged), claims, supported, partly, contradicted and
        undecided.
    """
    table = pd.crosstab(verdicts["how"], verdicts["verdict"])
    deciders = [claims.BY_TABLES, claims.BOTH, claims.JUDGED]
    table = table.reindex(index=deciders, columns=claims.VERDICTS, fill_value=0)
    table = table.rename(columns={claims.UNDECIDED: "undecided"})
    table.insert(0, "claims", table.sum(axis=1))
    return table.rename_axis("how").rename_axis(None, axis=1).reset_index()


@dataclass(frozen=True)
class Contradicted:
    """Claims that are contradicted, by who decided.

    Attributes
    ----------
    tables, read : int
        Contradicted claims that the tables alone decided, and the others.
    on_tables, on_read : int
        All claims of either sort.
    """

    tables: int
    on_tables: int
    read: int
    on_read: int

    @property
    def leans_to_tables(self) -> bool:
        """Whether a larger part of what the tables alone decided is contradicted."""
        return self.tables * self.on_read > self.read * self.on_tables


def contradicted_parts(deciders: pd.DataFrame) -> Contradicted:
    """How many claims are contradicted by the tables alone, and how many by reading.

    Parameters
    ----------
    deciders : DataFrame
        From :func:`by_decider`.
    """
    rows = deciders.set_index("how")[["contradicted", "claims"]]
    tables, read = rows.loc[claims.BY_TABLES], rows.drop(index=claims.BY_TABLES).sum()
    return Contradicted(*map(int, (*tables, *read)))


def asked(parts: pd.DataFrame, claim_id: str) -> pd.DataFrame:
    """The parts of a claim that asked the tables: says and outcome.

    Parameters
    ----------
    parts : DataFrame
        From :func:`hashrate_migration.findings.claims.parts`.
    claim_id : str
        Claim.
    """
    own = parts[(parts["claim_id"] == claim_id) & (parts["metric"] != claims.JUDGED)]
    return own[["says", "outcome"]].reset_index(drop=True)


def shares_claimed(parts: pd.DataFrame, region: str) -> pd.DataFrame:
    """Shares of a country that claims name for one time.

    Parameters
    ----------
    parts : DataFrame
        From :func:`hashrate_migration.findings.claims.parts`.
    region : str
        Country.

    Returns
    -------
    DataFrame
        Columns claim_id, start_month, end_month, month (the middle of the period), claimed_pct, low,
        answer and high (what the tables have), metric and outcome; the first part of each claim.
    """
    metrics = ["map_share_pct", "panel_share_pct"]
    rows = parts[parts["metric"].isin(metrics) & (parts["subject"] == region)]
    pointed = rows["comparison"].eq("equals") | (
        rows["comparison"].eq("at_most") & rows["value"].lt(_NOTHING_PCT)
    )
    rows = rows[pointed].drop_duplicates("claim_id").reset_index(drop=True)
    # A claim of almost nothing is drawn as nothing.
    rows["claimed_pct"] = rows["value"].where(rows["comparison"] == "equals", 0.0)
    rows["month"] = rows["start_month"] + (rows["end_month"] - rows["start_month"]) / 2
    columns = ["claim_id", "start_month", "end_month", "month", "claimed_pct"]
    return rows[[*columns, "low", "answer", "high", "metric", "outcome"]]


def _published(region: str) -> pd.DataFrame:
    """Every figure for a country, with repetitions and with the zeros of the map."""
    rows = estimates.published()
    rows = rows[rows["members"] == region]
    mapped = mining_map.shares()[region]
    on_map = pd.DataFrame(
        {
            "month": mapped.index,
            "share_pct": mapped.to_numpy(),
            "kind": "pool_sample",
            "source_id": estimates.MAP_SOURCE,
        }
    )
    return pd.concat([rows[on_map.columns], on_map]).sort_values("month")


def elsewhere(claimed: pd.DataFrame, region: str) -> pd.DataFrame:
    """Where a claimed share is to be found.

    Parameters
    ----------
    claimed : DataFrame
        From :func:`shares_claimed`.
    region : str
        Country.

    Returns
    -------
    DataFrame
        One row per published figure within :data:`NEAR_POINTS` of a claimed share: claim_id,
        claimed_pct, start_month and end_month (of the claim), month, share_pct, kind (in words) and
        publisher (of the figure).
    """
    published = _published(region)
    found = claimed[["claim_id", "claimed_pct", "start_month", "end_month"]].merge(
        published, how="cross"
    )
    found = found[(found["share_pct"] - found["claimed_pct"]).abs() <= NEAR_POINTS]
    found["kind"] = found["kind"].map(country_panel.kinds()["title"])
    found["publisher"] = found["source_id"].map(load("sources").set_index("source_id")["publisher"])
    return found.drop(columns="source_id").reset_index(drop=True)


def displaced(claimed: pd.DataFrame, region: str) -> pd.DataFrame:
    """Claimed shares that fail for their own time and stand on the mining map in other months.

    Parameters are those of :func:`elsewhere`.

    Returns
    -------
    DataFrame
        Columns claimed_pct, end_month (of the claim), answer (what the tables have for it) and found
        (months of the map, a list).
    """
    mapped = mining_map.shares()[region]
    failed = claimed[claimed["outcome"] == claims.FAILS]
    near = [mapped.index[(mapped - share).abs() <= NEAR_POINTS] for share in failed["claimed_pct"]]
    table = failed[["claimed_pct", "end_month", "answer"]].assign(
        found=[[*months] for months in near]
    )
    return table[table["found"].map(len) > 0]


def undecided(claimed: pd.DataFrame) -> pd.DataFrame:
    """Claimed shares on which the tables do not decide but say something: rows of `claimed`."""
    return claimed[(claimed["outcome"] == claims.OPEN) & claimed["answer"].notna()]


def share_title(claimed: pd.DataFrame, region: str) -> str:
    """What the tables have for the times of the claimed shares that fail."""
    failed = claimed[claimed["outcome"] == claims.FAILS]
    if failed.empty:
        return _(
            "The shares that the article names for {where:place}, beside the country panel",
            where=region,
        )
    if len(failed) == 1:
        row = failed.iloc[0]
        return _(
            "In {month:month} {where:place} held {share:number} percent, where the article has "
            "{claimed:number}",
            month=row["end_month"],
            where=region,
            share=row["answer"],
            claimed=row["claimed_pct"],
        )
    first, last = failed.iloc[0], failed.iloc[-1]
    return _(
        "In {first:month} {where:place} held {share:number} percent and in {last:month} "
        "{share_then:number} percent, where the article has {claimed:number} and {claimed_then:number}",
        first=first["end_month"],
        last=last["end_month"],
        where=region,
        share=first["answer"],
        share_then=last["answer"],
        claimed=first["claimed_pct"],
        claimed_then=last["claimed_pct"],
    )


def claim_labels(claimed: pd.DataFrame) -> list[str]:
    """What to write at each claimed share of a figure."""
    return [_("article: {share:percent}", share=row.claimed_pct) for row in claimed.itertuples()]


@dataclass(frozen=True)
class Electricity:
    """Electricity of one year: claimed for a country, and what the tables have.

    Attributes
    ----------
    year : int
        Year of the claim.
    claimed : float
        TWh.
    bars : DataFrame
        Indexed by what, in words: value, low and high (TWh; low and high missing for the claim): the
        claim, the country, the whole network.
    """

    year: int
    claimed: float
    bars: pd.DataFrame

    @property
    def network(self) -> pd.Series:
        """Value, low and high of the whole network."""
        return self.bars.iloc[-1]


def energy_claimed(parts: pd.DataFrame) -> Electricity:
    """Electricity that the article claims for China, beside that of the tables.

    Parameters
    ----------
    parts : DataFrame
        From :func:`hashrate_migration.findings.claims.parts`.
    """
    claim = parts[parts["claim_id"] == ENERGY].iloc[0]
    network = energy.network_power(claim["start_month"], claim["end_month"])
    length = hours(pd.DatetimeIndex(network.index)) / 1000
    power = network[["power_best_gw", "power_lower_gw", "power_upper_gw"]]
    whole = power.mul(length, axis=0).sum()
    where = values.name(claim["subject"])
    bars = pd.DataFrame(
        [
            [claim["value"], float("nan"), float("nan")],
            [claim["answer"], claim["low"], claim["high"]],
            whole.tolist(),
        ],
        index=[_("the article, for {where}", where=where), where, _("the whole network")],
        columns=["value", "low", "high"],
    )
    return Electricity(int(claim["start_month"].year), float(claim["value"]), bars)


def energy_title(found: Electricity) -> str:
    """The claimed electricity as so many times that of the network."""
    return _(
        "{claimed:twh} would be {times:number.1} times what the whole network used in {year}",
        claimed=found.claimed,
        times=found.claimed / found.network["value"],
        year=found.year,
    )


def revenue_claimed(parts: pd.DataFrame) -> pd.DataFrame:
    """Change of revenue: claimed, and of the makers that publish.

    Parameters
    ----------
    parts : DataFrame
        From :func:`hashrate_migration.findings.claims.parts`.

    Returns
    -------
    DataFrame
        Indexed by what, in words, the claim first: maker, start_month and end_month (missing for the
        claim), value (percent), low and high (missing). Makers of which the tables know nothing are
        left out.
    """
    rows = parts[(parts["claim_id"] == REVENUE) & (parts["metric"] == "maker_change_pct")]
    known = rows.dropna(subset=["answer"])
    labels = [
        _(
            "{maker}, {period}",
            maker=row.subject,
            period=claims.period(row.start_month, row.end_month),
        )
        for row in known.itertuples()
    ]
    table = pd.DataFrame(
        {
            "maker": [None, *known["subject"]],
            "start_month": [pd.NaT, *known["start_month"]],
            "end_month": [pd.NaT, *known["end_month"]],
            "value": [rows["value"].iloc[0], *known["answer"]],
        },
        index=[_("the article"), *labels],
    )
    return table.assign(low=float("nan"), high=float("nan"))


def revenue_title(changes: pd.DataFrame) -> str:
    """Whether the makers' revenue went the way that the article says."""
    claimed, found = changes["value"].iloc[0], changes.iloc[1:]
    makers = values.items(found["maker"])
    if (found["value"] > 0).all():
        return _(
            "Where the article has revenue falling by {claimed:number} percent or more, that of "
            "{makers} rose by {changes}",
            claimed=abs(claimed),
            makers=makers,
            changes=values.items(values.percent(value) for value in found["value"]),
        )
    return _(
        "The article has revenue changing by {claimed:signed} percent, that of {makers} changed by "
        "{changes} percent",
        claimed=claimed,
        makers=makers,
        changes=values.items(values.signed(value) for value in found["value"]),
    )


def not_found(parts: pd.DataFrame) -> pd.DataFrame:
    """Revenue of the year of the claim that was looked for and not found: rows of hardware_makers."""
    year = parts.loc[parts["claim_id"] == REVENUE, "start_month"].iloc[0].year
    makers = load("hardware_makers")
    missing = makers[makers["value"].isna() & (makers["metric"] == "revenue")]
    within = (missing["start_month"].dt.year <= year) & (missing["end_month"].dt.year >= year)
    return missing[within & (missing["start_month"].dt.year == missing["end_month"].dt.year)]


def countries_with_room(parts: pd.DataFrame) -> list[str]:
    """Countries by which the claim on Africa and South America is decided."""
    return parts.loc[parts["claim_id"] == ROOM, "subject"].tolist()


def room_title(parts: pd.DataFrame, panel: pd.DataFrame) -> str:
    """The lowest that the bands of these countries have gone since the claimed period began.

    Parameters
    ----------
    parts : DataFrame
        From :func:`hashrate_migration.findings.claims.parts`.
    panel : DataFrame
        From :func:`hashrate_migration.panel`.
    """
    claim = parts[parts["claim_id"] == ROOM]
    since = claim["start_month"].min()
    rows = panel[panel["month"] >= since]
    least = rows.groupby("region")["low"].min()[countries_with_room(parts)]
    lowest = [
        _("{share:number.1} percent for {where:place}", share=share, where=code)
        for code, share in least.items()
    ]
    return _(
        "Since {year} the bands have not gone below {least}",
        year=since.year,
        least=values.items(lowest),
    )


def judged(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Claims contradicted by a reader: claim_id, claim, reason and source (address of the page)."""
    rows = verdicts[(verdicts["verdict"] == CONTRADICTED) & (verdicts["how"] == claims.JUDGED)]
    links = load("sources").set_index("source_id")["url"]
    table = rows.assign(source=rows["source_id"].map(links))
    return table[["claim_id", "claim", "reason", "source"]]


def supported(verdicts: pd.DataFrame) -> list[str]:
    """Claims that pass the tests set for them, in the language in use."""
    return verdicts.loc[verdicts["verdict"] == SUPPORTED, "claim"].tolist()


def wordings() -> pd.DataFrame:
    """Every claim in English and in Chinese: claim_id, claim and claim_zh."""
    return load("claims").drop_duplicates("claim_id")[["claim_id", "claim", "claim_zh"]]


def _linked(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with the address of the page behind their source; missing if it has none."""
    return table.assign(
        source=table["source_id"].map(load("sources").set_index("source_id")["url"])
    )


def sightings() -> pd.DataFrame:
    """Where statements of the article were met: claim_id, source (address), carries and note."""
    return _linked(load("claim_sightings"))[["claim_id", "source", "carries", "note"]]


def searches() -> pd.DataFrame:
    """Searches made for evidence: looked_for, searched_on, words, pages, found_pages and note."""
    table = load("claim_searches").rename(columns={"found": "found_pages"})
    return table[["looked_for", "searched_on", "words", "pages", "found_pages", "note"]]


ARTICLE = "the-article"
"""The search for the article itself."""


@dataclass(frozen=True)
class Sought:
    """What came of the search for the article.

    Attributes
    ----------
    searches, pages, found : int
        Searches, pages looked at, and pages that are the article.
    sites : list of str
        Publishers of pages that carry statements like its own.
    """

    searches: int
    pages: int
    found: int
    sites: list[str]


def sought() -> Sought:
    """The search for the article that is audited."""
    table = load("claim_searches")
    own = table[table["search_id"] == ARTICLE]
    publishers = load("sources").set_index("source_id")["publisher"]
    met = load("claim_sightings")["source_id"].map(publishers)
    return Sought(len(own), int(own["pages"].sum()), int(own["found"].sum()), sorted(met.unique()))


def ethereum_by_year() -> pd.DataFrame:
    """Bounds for China's part of Ethereum's blocks, mean of the months of each year.

    Returns
    -------
    DataFrame
        Columns year, tagged_china_pct, asian_pct and asian_or_untagged_pct, as in
        :func:`hashrate_migration.findings.other_coins.ethereum`.
    """
    shares = other_coins.ethereum()
    by_year = shares.groupby(pd.DatetimeIndex(shares.index).year).mean()
    return by_year.rename_axis("year").reset_index()


@dataclass(frozen=True)
class Relabelled:
    """A jump between tags that moved no machine.

    Attributes
    ----------
    before, after : Timestamp
        Months between which the share of the tag fell most, two apart.
    tag_fell, others_rose : float
        Points that the Chinese tag lost and the other East Asian tags gained.
    """

    before: pd.Timestamp
    after: pd.Timestamp
    tag_fell: float
    others_rose: float


def relabelled() -> Relabelled:
    """Where the Chinese tag of Ethereum's blocks fell most within two months."""
    shares = other_coins.ethereum()
    change = shares.diff(2)
    after = change["tagged_china_pct"].idxmin()
    other = change["asian_pct"] - change["tagged_china_pct"]
    return Relabelled(
        after - pd.DateOffset(months=2),
        after,
        float(-change.loc[after, "tagged_china_pct"]),
        float(other[after]),
    )


_PRECISION = {"day": "D", "month": "M", "year": "Y"}


def coin_facts() -> pd.DataFrame:
    """What was published of other coins: coin, known_date, measure, value, unit, note and source."""
    table = _linked(other_coins.facts())
    table["known_date"] = [
        str(day.to_period(_PRECISION[precision]))
        for day, precision in zip(table["date"], table["precision"], strict=True)
    ]
    return table[["coin", "known_date", "measure", "value", "unit", "note", "source"]]


_CURRENCIES = {"million CNY": "CNY", "million USD": "USD"}


def sales_claimed(parts: pd.DataFrame, maker: str) -> pd.Series:
    """The part of a claim that asks how the computing power sold by a maker changed.

    Parameters
    ----------
    parts : DataFrame
        From :func:`hashrate_migration.findings.claims.parts`.
    maker : str
        Of ``hardware_makers``.
    """
    asked = parts["metric"].eq("maker_change_pct") & parts["match"].eq("computing power sold")
    return parts[asked & parts["subject"].eq(maker)].iloc[0]


def sales() -> pd.DataFrame:
    """Computing power that makers sold, their revenue, and the one over the other.

    Revenue holds more than the sale of machines, so the last column is an upper end of their price.

    Returns
    -------
    DataFrame
        One row per maker and period of which both are known: maker, start_month, end_month,
        sold_million_ths, revenue_millions, currency, per_ths (of that currency).
    """
    table = load("hardware_makers").dropna(subset=["value"])
    key = ["company", "start_month", "end_month"]
    sold = table[table["metric"] == "computing power sold"].set_index(key)
    revenue = table[table["metric"] == "revenue"].set_index(key)
    both = sold[["value"]].rename(columns={"value": "sold_million_ths"})
    both = both.join(revenue[["value", "unit"]], how="inner").reset_index()
    both = both.rename(columns={"company": "maker", "value": "revenue_millions"})
    both["currency"] = both.pop("unit").map(_CURRENCIES)
    both["per_ths"] = both["revenue_millions"] / both["sold_million_ths"]
    return both


def differing(found: claim_readers.Agreement) -> pd.DataFrame:
    """Claims on which two readers differ.

    Parameters
    ----------
    found : Agreement
        From :func:`hashrate_migration.findings.claim_readers.agreement`.

    Returns
    -------
    DataFrame
        Columns claim_id, claim, first_verdict, second_verdict, first_reason and second_reason.
    """
    table = found.table
    columns = [
        "claim_id",
        "claim",
        "first_verdict",
        "second_verdict",
        "first_reason",
        "second_reason",
    ]
    return table.loc[table["first_verdict"] != table["second_verdict"], columns]


def rules() -> list[str]:
    """The rules by which a verdict is reached, in the language in use."""
    return [translated(rule) for rule in claims.RULES]
