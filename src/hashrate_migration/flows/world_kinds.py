"""Kinds of worlds on which the flows' intervals are tried, each by how it departs from the usual.

Nothing here, in :mod:`.world_history`, :mod:`.world_view` or :mod:`.worlds` is shared with the
estimator: no function, no constant, no form of a distribution. A range says between what a world
draws its own value. All are judgements of what could have happened to mining in 2021, made wide on
purpose and not fitted to the mining map or to any estimate of flows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Span = tuple[float, float]


@dataclass(frozen=True)
class Options:
    """What a kind of world is like; the defaults are those of a world as usual.

    Spans are (lowest, highest): each world draws one value from each, evenly. Shares are parts of
    one.

    Attributes
    ----------
    home_share : span
        Part of the network that runs at home when the stocks begin.
    supply_ehs : span
        New machines that go to new places, EH/s a month over the whole world; those that replace
        old ones in place come on top (`renewal`).
    home_buys : span
        What the home still buys of new machines when it is cleared, as a part of what it bought
        before: makers are based there.
    renewal : span
        Part of the old machines that is replaced in place each month, for the same power.
    closing : span
        Part of the old machines that is scrapped each month anywhere; of newer ones a fifth of it.
    moving : span
        Part of all machines that moves elsewhere each month without a ban.
    clearance_days : span
        Days from the ban until the last province is cleared.
    hide, wait, retire, sell, ship : span
        How much each decision of an owner weighs at the ban: stay on unseen; switch off and on
        again at home; scrap; sell to whoever buys; ship to a place abroad. They are made to add up
        to one.
    wait_days : span
        Days for which a machine of an owner who waits is off; each machine's own.
    prepared : span
        Part of the owners who ship within weeks; the others need many months.
    scrap_old : span
        Part of the oldest machines that is scrapped rather than shipped or sold.
    sold_at_home, sold_for_scrap : float
        Part of what is sold that goes to a buyer at home, and that never runs again.
    hides_at_proxy : span
        Part of the hidden machines that is shown at a proxy; the others are shown anywhere.
    pool_bias : span
        Standard deviation of the log of a pool's pull on each place.
    pools_change : bool
        Whether that pull is drawn anew at the ban, so that all choose their pool again.
    loads_a_month : int
        Container loads by which everything leaves that is shipped or sold abroad, each to one place
        on one day; 0: each lot goes its own way.
    resale : bool
        Whether what is sold abroad runs in a country of traders for one to five months and then
        moves on.
    shrinking : span
        Part of the machines of before the ban, all but the newest, that the largest region abroad
        (made twice as large, and as favoured as the middle one) loses while it receives.
    price_fall : span
        Part of all but the newest machines that goes off everywhere during the clearance, six in
        ten of them for some months.
    second_ban_days : span
        Days after the ban on which the most favoured destination bans too; (0, 0): it does not.
    """

    home_share: Span = (0.45, 0.70)
    supply_ehs: Span = (3.0, 11.0)
    home_buys: Span = (0.0, 0.6)
    renewal: Span = (0.005, 0.03)
    closing: Span = (0.005, 0.03)
    moving: Span = (0.002, 0.01)
    clearance_days: Span = (25, 75)
    hide: Span = (0.03, 0.15)
    wait: Span = (0.08, 0.30)
    retire: Span = (0.05, 0.20)
    sell: Span = (0.10, 0.30)
    ship: Span = (0.30, 0.60)
    wait_days: Span = (40, 240)
    prepared: Span = (0.2, 0.6)
    scrap_old: Span = (0.1, 0.5)
    sold_at_home: float = 0.1
    sold_for_scrap: float = 0.1
    hides_at_proxy: Span = (0.6, 1.0)
    pool_bias: Span = (0.15, 0.35)
    pools_change: bool = False
    loads_a_month: int = 0
    resale: bool = False
    shrinking: Span = (0.0, 0.0)
    price_fall: Span = (0.0, 0.0)
    second_ban_days: Span = (0, 0)


KINDS: Mapping[str, Options] = {
    "as usual": Options(),
    # Provinces are cleared one by one over half a year, while the first are back within weeks.
    "slow": Options(clearance_days=(160, 200), wait=(0.25, 0.45), wait_days=(15, 120)),
    "lots": Options(loads_a_month=6),
    "pools": Options(pool_bias=(1.2, 1.8), pools_change=True),
    "shrinking": Options(shrinking=(0.6, 0.9)),
    "price": Options(price_fall=(0.5, 0.8)),
    # A third of the home never leaves: it is shown at proxies and anywhere else.
    "hidden": Options(
        hide=(0.30, 0.36),
        wait=(0.05, 0.15),
        retire=(0.05, 0.15),
        sell=(0.08, 0.18),
        ship=(0.25, 0.40),
        hides_at_proxy=(0.4, 0.8),
    ),
    "sold": Options(sell=(0.35, 0.55), ship=(0.20, 0.35), resale=True),
    "second wave": Options(second_ban_days=(130, 200)),
}
"""Name to the options of a kind of world. The last three are those that a hostile referee would add."""
