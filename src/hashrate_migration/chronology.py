"""The dates on which everything turns, each once.

Months are month-start timestamps. Where a month follows from a table (the first and the last month
of the mining map, the last month of the network), it is read from the table and does not stand here.
"""

from __future__ import annotations

import pandas as pd

PANEL_BEGINS = pd.Timestamp("2013-01-01")
"""First month of the country panel: the year in which mining with purpose-built machines began."""

SEVEN_BODIES = pd.Timestamp("2017-09-04")
"""Notice of seven Chinese bodies against the sale of coins; exchanges close, mining is next."""

CALL = pd.Timestamp("2021-05-21")
"""The State Council's financial committee calls to crack down on mining."""

NOTICES = pd.Timestamp("2021-09-24")
"""Two notices are published: mining is an industry to be eliminated, trading is illegal."""

CALM = pd.Timestamp("2021-04-01")
"""Last month before that of the call: seasons are fitted to the months up to it."""

BEFORE = pd.Timestamp("2021-05-01")
"""Month of the call: the last whose sample is mostly from before the clearance."""

AFTER = pd.Timestamp("2021-06-01")
"""First month after the call; with it the clearance begins."""

CLEARED = pd.Timestamp("2021-07-01")
"""First month after the provinces' deadlines of June 2021; China is at zero on the map."""

ZERO_AGAIN = pd.Timestamp("2021-08-01")
"""The other month in which the map shows nothing in China; the last of departures."""

RETURN = pd.Timestamp("2021-09-01")
"""Month in which China is on the map again."""

KAZAKH_CUT = pd.Timestamp("2022-01-01")
"""Month in which Kazakhstan cut the power of its miners (from the 24th on)."""

REBOUND_ENDS = pd.Timestamp("2025-01-01")
"""End of the phases of Chinese policy that are told apart here: the vendor's lists begin."""
