"""The facts in ``data/``: read, described, checked, updated."""
