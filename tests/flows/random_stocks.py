"""Random stocks for property tests."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

MONTHS = pd.date_range("2021-01-01", periods=6, freq="MS")


def random_stocks(regions: int = 4, months: int = 6) -> st.SearchStrategy[pd.DataFrame]:
    """Random stocks: some zero, some of very different size, no month empty."""
    values = hnp.arrays(
        float,
        (months, regions),
        elements=st.one_of(st.just(0.0), st.floats(1e-3, 1e3, allow_subnormal=False)),
    )
    return values.filter(lambda x: (x.sum(axis=1) > 0).all()).map(
        lambda x: pd.DataFrame(x, MONTHS[:months], list("ABCDEFGH")[:regions])
    )
