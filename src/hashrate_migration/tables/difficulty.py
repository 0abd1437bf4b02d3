"""The consensus rules that difficulty obeys: compact target and retargeting.

Sources: Bitcoin developer reference, "Target nBits" and "Difficulty"; the constants
are consensus parameters of the Bitcoin main network.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

BLOCKS_PER_EPOCH = 2016
"""Blocks between two changes of difficulty."""

SECONDS_PER_EPOCH = 14 * 24 * 3600
"""The time that 2016 blocks should take."""

RETARGET_LIMIT = 4.0
"""Largest factor by which the difficulty may rise or fall in one step."""

BLOCKS_PER_HALVING = 210_000
"""Blocks between two halvings of the reward."""

HASHES_PER_DIFFICULTY = 2.0**32
"""Expected hashes for a block of difficulty 1."""

EXAHASH = 1e18
"""Hashes in one exahash."""

_LARGEST_TARGET_COEFFICIENT = 0xFFFF
_LARGEST_TARGET_EXPONENT = 0x1D


def from_compact_target(compact: str) -> float:
    """Difficulty of a compact target.

    The four bytes hold an exponent e (first byte) and a coefficient c (the other
    three): target = c * 256**(e - 3). Difficulty is the largest target, 0x1d00ffff,
    divided by the target.

    Parameters
    ----------
    compact : str
        Hexadecimal text, for example ``"0x1b0404cb"``.

    Returns
    -------
    float
        Difficulty, in units of 2^32 expected hashes.

    Examples
    --------
    The developer reference works this one out as 16307.42:

    >>> round(from_compact_target("0x1b0404cb"), 2)
    16307.42
    """
    value = int(compact, 16)
    exponent, coefficient = value >> 24, value & 0xFFFFFF
    return (
        _LARGEST_TARGET_COEFFICIENT / coefficient * 256.0 ** (_LARGEST_TARGET_EXPONENT - exponent)
    )


def implied_seconds(difficulty: pd.Series) -> pd.Series:
    """Duration of each epoch that the next epoch's difficulty implies.

    The rule sets new = old * (two weeks / measured time), so measured time = two weeks
    * old / new. The measured time runs from the first to the *last* block of an epoch,
    one block less than from start to start.

    Parameters
    ----------
    difficulty : Series
        Difficulty by epoch, in order.

    Returns
    -------
    Series
        Seconds; missing for the last epoch.
    """
    return SECONDS_PER_EPOCH * difficulty / difficulty.shift(-1)


def at_limit(difficulty: pd.Series) -> pd.Series:
    """Whether the step to the next epoch's difficulty was cut off by a limit.

    True where the difficulty rose or fell by the factor 4 (up to the rounding of the
    compact form), or stayed at its floor of 1.
    """
    step = difficulty.shift(-1) / difficulty
    cut = np.isclose(step, RETARGET_LIMIT, rtol=1e-4) | np.isclose(
        step, 1 / RETARGET_LIMIT, rtol=1e-4
    )
    return pd.Series(cut, index=difficulty.index) | ((difficulty == 1.0) & (step == 1.0))
