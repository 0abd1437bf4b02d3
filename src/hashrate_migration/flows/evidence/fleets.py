r"""What became of two fleets that were followed: how much was given up, and when the rest ran again.

**Bit Digital** had 35,090 machines in China on 30 April 2021. Some 14,500 had been shipped to the
United States by the end of June and the rest by September; half a year after its mining in China had
stopped, 7,710 of its 27,744 machines ran, and 10,462 after nine months. What it had sold left its
fleet, not the network: only that the retired part lies between the 372 machines that it left behind
and all that left the fleet is known.

**BIT Mining** had prepared its move. Of the 120.5 PH/s that it sent to Kazakhstan by 1 July some 90
percent ran on average of July to September, by the 79 bitcoin that it mined.

They are two firms with two extreme lags, and no sample. The machines of a firm share its decisions, so
a firm's parts follow a Dirichlet-multinomial (beta-binomial) distribution around those of all
machines: with intra-class correlation :math:`\rho = 1 / m` its concentration is
:math:`1/\rho - 1 = m - 1`, and its parts scatter like those of m independent machines, however many it
has (:data:`LOTS`; Johnson, Kotz and Balakrishnan 1997, Discrete Multivariate Distributions, ch. 35).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betainc, gammaln

from hashrate_migration import chronology
from hashrate_migration.arguments import is_number, shown
from hashrate_migration.errors import InputError
from hashrate_migration.flows.checks import part, positive
from hashrate_migration.flows.evidence.draws import array
from hashrate_migration.flows.evidence.miners import own_hashrate
from hashrate_migration.tables.read import load

LOTS = 4.0
"""Judgement: a firm is worth so many machines that are decided upon independently. Bit Digital shipped
a fleet in a handful of transports and had it hosted at a handful of places."""

FILE = "followed_fleets.csv"

_PHS_PER_EHS = 1000.0


@dataclass(frozen=True)
class Running:
    """When the machines that a firm took along ran again.

    Attributes
    ----------
    firm : str
        Its name.
    machines : float
        Machines followed.
    after : tuple of (int, int)
        First and last month since departure of each observation; of several months the mean.
    running : tuple of float
        Machines that ran then, one number per observation, rising.
    """

    firm: str
    machines: float
    after: tuple[tuple[int, int], ...]
    running: tuple[float, ...]

    @property
    def parts(self) -> tuple[float, ...]:
        """Part of the machines that ran at each observation."""
        return tuple(number / self.machines for number in self.running)


@dataclass(frozen=True)
class Left:
    """What of a firm's machines in the country left its fleet.

    Attributes
    ----------
    firm : str
        Its name.
    machines : float
        Machines in the country before the ban.
    abandoned, left_low, left_high : float
        Machines left behind at the end of their life, and bounds of all that were sold, disposed of or
        abandoned. What was retired lies between `abandoned` and `left_high`.
    """

    firm: str
    machines: float
    abandoned: float
    left_low: float
    left_high: float


def _rows(firm: str, state: str, unit: str = "machines", place: str | None = None) -> pd.DataFrame:
    table = load("followed_fleets")
    own = table[(table["firm"] == firm) & (table["state"] == state) & (table["unit"] == unit)]
    own = own if place is None else own[own["place"] == place]
    if own.empty:
        where = "" if place is None else f" in {place}"
        raise InputError(f"{FILE} has no row of {firm}, {state}{where}, {unit}; add it.")
    return own.sort_values("as_of")


def _whole(firm: str) -> pd.Series:
    """The whole fleet by date: what stands in several countries together."""
    owned = _rows(firm, "owned")
    return owned[owned["place"].str.contains("+", regex=False)].set_index("as_of")["value"]


def _months_since_stop(day: pd.Timestamp) -> int:
    stop = chronology.AFTER
    return 12 * (day.year - stop.year) + day.month - stop.month


def bit_digital_left() -> Left:
    """What left Bit Digital's fleet, from its books.

    The fleet after the move, less what had been abroad before, less what was bought since, is what was
    moved; the rest of what was in China left the fleet. Of machines bought in the quarter of the first
    count it is not known whether they were in it: that makes two bounds.
    """
    firm = "Bit Digital"
    china, whole = _rows(firm, "owned", place="CHN").set_index("as_of")["value"], _whole(firm)
    before, after = china.index[0], china.index[china == 0][0]
    abroad = whole[before] - china[before]
    bought = _rows(firm, "bought").set_index("as_of")["value"]
    bought = bought[(bought.index > before) & (bought.index <= after)]
    quarter_begins = bought.index.to_period("Q").start_time
    surely, perhaps = bought[quarter_begins > before].sum(), bought.sum()
    moved_high, moved_low = whole[after] - abroad - surely, whole[after] - abroad - perhaps
    return Left(
        firm=firm,
        machines=float(china[before]),
        abandoned=float(_rows(firm, "abandoned", place="CHN")["value"].sum()),
        left_low=float(china[before] - moved_high),
        left_high=float(china[before] - moved_low),
    )


def bit_digital_running() -> Running:
    """When Bit Digital's machines ran in North America: of all that it owned then.

    8,516 of them had been there before the ban, so of those that had been moved fewer may have run.
    """
    firm = "Bit Digital"
    running, whole = _rows(firm, "running"), _whole(firm)
    owned = float(whole[whole.index <= running["as_of"].iloc[0]].iloc[-1])
    months = [_months_since_stop(day) for day in running["as_of"]]
    return Running(
        firm=firm,
        machines=owned,
        after=tuple((month, month) for month in months),
        running=tuple(running["value"].astype(float)),
    )


def bit_mining_running() -> Running:
    """How much of what BIT Mining sent to Kazakhstan ran in the quarter after it came.

    The hashrate that ran, by the bitcoin mined, over that of all machines sent.
    """
    firm = "BIT Mining"
    sent = {
        unit: sum(
            _rows(firm, state, unit, "KAZ")["value"].sum() for state in ("arrived", "shipped")
        )
        for unit in ("machines", "PH/s")
    }
    table = load("miner_output")
    mined = table[(table["firm"] == firm) & (table["place"] == "KAZ")]
    if mined.empty:
        raise InputError(f"miner_output.csv has no row of {firm} in KAZ; add it.")
    row = mined.sort_values("start_month").iloc[0]
    start, end = row["start_month"], row["end_month"]
    ran = _PHS_PER_EHS * own_hashrate(float(row["bitcoin"]), start, end) / sent["PH/s"]
    return Running(
        firm=firm,
        machines=float(sent["machines"]),
        after=((_months_since_stop(start), _months_since_stop(end)),),
        running=(float(min(ran, 1.0) * sent["machines"]),),
    )


def followed() -> pd.DataFrame:
    """What was seen of the fleets, as a page shows it.

    Returns
    -------
    DataFrame
        One row per observation: firm, first_month and last_month (since June 2021), machines
        (followed), running, running_pct.
    """
    return pd.DataFrame(
        {
            "firm": fleet.firm,
            "first_month": first,
            "last_month": last,
            "machines": fleet.machines,
            "running": number,
            "running_pct": 100 * number / fleet.machines,
        }
        for fleet in (bit_digital_running(), bit_mining_running())
        for (first, last), number in zip(fleet.after, fleet.running, strict=True)
    )


def lag_mixture(prepared: Any, weeks: Any, months: Any, longest: int) -> np.ndarray:
    """Part of moved machines that run again by the end of each month since departure.

    A mixture of prepared moves, under way for weeks, and of all others, under way for many months,
    each with an exponential time under way that begins in the middle of the month of departure.

    Parameters
    ----------
    prepared : array-like
        Part of prepared moves, a number per draw.
    weeks, months : array-like
        Mean time under way of prepared moves in weeks and of others in months, a number per draw.
    longest : int
        Last month.

    Returns
    -------
    ndarray
        Draw x month 0 to `longest`.

    Raises
    ------
    InputError
        For parts outside 0 to 1 or times that are not above zero.
    """
    share, short, long = (
        array(np.atleast_1d(value), name)
        for value, name in ((prepared, "prepared"), (weeks, "weeks"), (months, "months"))
    )
    if (share < 0).any() or (share > 1).any():
        raise InputError("prepared holds values outside 0 to 1; give parts.")
    if (short <= 0).any() or (long <= 0).any():
        raise InputError("weeks and months must be above zero; give mean times under way.")
    since = np.arange(longest + 1) + 0.5
    weeks_per_month = 365.25 / 12 / 7
    fast = 1 - np.exp(-since / (short[:, None] / weeks_per_month))
    slow = 1 - np.exp(-since / long[:, None])
    return share[:, None] * fast + (1 - share[:, None]) * slow


def _dirichlet_multinomial(
    counts: np.ndarray, means: np.ndarray, concentration: float
) -> np.ndarray:
    """Log-probability of counts (classes) by means (draw x classes): Johnson et al. 1997, (35.152)."""
    alpha, total = concentration * means, counts.sum()
    possible = alpha > 0
    safe = np.where(possible, alpha, 1.0)
    each = gammaln(counts + safe) - gammaln(safe) - gammaln(counts + 1)
    # A class that cannot occur is no objection as long as it holds nothing.
    each = np.where(possible, each, np.where(counts > 0, -np.inf, 0.0))
    whole = gammaln(concentration) + gammaln(total + 1) - gammaln(total + concentration)
    return np.asarray(whole + each.sum(axis=1))


def _of_running(fleet: Running, running: np.ndarray, concentration: float) -> np.ndarray:
    last = max(last for _, last in fleet.after)
    if running.shape[1] <= last:
        raise InputError(
            f"running has months 0 to {running.shape[1] - 1}, but {fleet.firm} was followed for {last}; "
            "give a column for each."
        )
    by_then = np.column_stack(
        [running[:, first : last + 1].mean(axis=1) for first, last in fleet.after]
    )
    edges = np.column_stack([np.zeros(len(running)), by_then, np.ones(len(running))])
    counts = np.diff([0.0, *fleet.running, fleet.machines])
    # Sums of floats may fall by a last digit where nothing was added.
    means = np.maximum(np.diff(edges, axis=1), 0.0)
    return _dirichlet_multinomial(counts, means, concentration)


def _of_retired(left: Left, retired: np.ndarray, concentration: float) -> np.ndarray:
    """Log-probability that the retired part lies between what was abandoned and all that left.

    The beta distribution to which the beta-binomial of so many machines comes close.
    """
    low, high = left.abandoned / left.machines, left.left_high / left.machines
    inside = (retired > 0) & (retired < 1)
    safe = np.where(inside, retired, 0.5)
    a, b = concentration * safe, concentration * (1 - safe)
    with np.errstate(divide="ignore"):
        found = np.log(betainc(a, b, high) - betainc(a, b, low))
    return np.where(inside, found, -np.inf)


def fleet_likelihood(*, running: Any = None, retired: Any = None, lots: float = LOTS) -> np.ndarray:
    """How well draws agree with the fleets that were followed.

    Parameters
    ----------
    running : array-like, optional
        Draw x month since departure (0, 1, … at least 9): part of the machines that their owners took
        along which runs again by the end of the month. :func:`lag_mixture` makes it of a lag; times
        what is left of retirement, if some of those taken along never run again.
    retired : array-like, optional
        Part of the machines in the country before the ban that never ran again, a number per draw.
    lots : float
        How many independent machines a firm is worth, above 1: see the module.

    Returns
    -------
    ndarray
        Log-likelihood per draw: of Bit Digital's and BIT Mining's machines running, and of what left
        Bit Digital's fleet. Where only one of the two is given the other says nothing.

    Raises
    ------
    InputError
        If neither is given, or for parts outside 0 to 1, parts that fall from month to month, or
        months that end before the fleets were last seen.
    """
    if not is_number(lots) or positive(lots, "lots") <= 1:
        raise InputError(f"lots = {shown(lots)} must be above 1: one machine scatters most.")
    concentration = float(lots) - 1
    total: np.ndarray | None = None
    if running is not None:
        drawn = array(running, "running", 2)
        part(float(drawn.min()), "running"), part(float(drawn.max()), "running")
        if (np.diff(drawn, axis=1) < -1e-9).any():
            raise InputError("running falls from one month to the next; give the part by its end.")
        seen = (bit_digital_running(), bit_mining_running())
        total = sum(
            (_of_running(fleet, drawn, concentration) for fleet in seen), np.zeros(len(drawn))
        )
    if retired is not None:
        given_up = array(retired, "retired")
        part(float(given_up.min()), "retired"), part(float(given_up.max()), "retired")
        if total is not None and len(total) != len(given_up):
            raise InputError(
                f"running has {len(total)} draws and retired {len(given_up)}; give equally many."
            )
        found = _of_retired(bit_digital_left(), given_up, concentration)
        total = found if total is None else total + found
    if total is None:
        raise InputError("Neither running nor retired is given; give one of them.")
    return total
