"""The one error that a user's mistake raises."""

from __future__ import annotations


class InputError(ValueError):
    """Something the user gave (a file, a row, a parameter) cannot be used.

    The message is one sentence that names the file, row or parameter and says what
    to do. The command line prints it and exits with status 2; a notebook shows the
    sentence instead of a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython calls this hook in place of its own traceback.
        return [f"InputError: {self}"]
