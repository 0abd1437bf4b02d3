"""What the machine of a user has set for other programs, kept away from results and pictures."""

from __future__ import annotations

from collections.abc import Mapping

SET = {
    # One thread for linear algebra: the matrices are small, reports run side by side, and sums come
    # out in the same order on every machine, also on one of a cluster.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Sets and dictionaries of strings in the same order every time.
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
}
"""Variables that every process of ours has, whatever the user's are."""

UNSET = (
    "MATPLOTLIBRC",
    "MPLBACKEND",
    "PANDAS_COPY_ON_WRITE",
    "PANDAS_FUTURE",
    "PYTHONDEVMODE",
    "PYTHONINSPECT",
    "PYTHONOPTIMIZE",
    "PYTHONSTARTUP",  # IPython runs it in kernels too
    "PYTHONWARNINGS",  # warnings of other packages would stand on pages
)
"""Variables that no process of ours has."""


def without(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment with what is set and without what is unset.

    Parameters
    ----------
    environment : mapping
        Of a user.

    Returns
    -------
    dict
        For a process of ours.
    """
    kept = {name: value for name, value in environment.items() if name not in UNSET}
    return {**kept, **SET}
