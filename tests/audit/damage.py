"""Ways in which a file or a value of a user's may come out wrong, drawn by Hypothesis.

Each begins with a file that is right, so that what is drawn reaches the checks behind the first.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import yaml
from hypothesis import strategies as st

WEIRD = (
    *("", " ", "nan", "NaN", "inf", "-inf", "1e400", "-1e400", "1e-400", "-0", "-0.0", "1_0"),
    *("１２", "٣", "0x10", "1,5", "12 %", "1.2.3", "--1", "9" * 30, "9" * 5000, "null", "None"),
    *("true", "TRUE", "yes", "0", "1", "-1", "100", "101", "2021", "2021-5", "2021-05", "2021-13"),
    *("2021-05-21", "2021-02-30", "21/05/2021", "05/06/2021", "2021Q3", "0000-01", "9999-12"),
    *("2261-01", "1677-09", "2021-05-21T00:00:00Z", "2021-05-21 12:30", "12:30", "May 2021"),
    *("=cmd|' /C calc'!A0", "+1", "@x", '"', '""', "'", "a\nb", "a\r\nb", "a,b", ";", "\t", "\0"),
    *("\u200fabc", "\ufeff", "é", "e\u0301", "中国", "🪙", "<script>x</script>", "{{ 7 * 7 }}"),
    *("{country}", "{x", "%s", "\\", "../../x", "/etc/passwd", "~", "CHN", "USA", "XXX", "CN-XJ"),
    *("CHN+USA", "CHN+CHN", "+", "pool_sample", "vendor", "judged", "map_share_pct", "supported"),
)
"""Texts that other programs write, or that mean something to a parser."""

texts = st.one_of(st.sampled_from(WEIRD), st.text(max_size=12))


def _csv(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerows(rows)
    return out.getvalue()


@st.composite
def _rows(draw: st.DrawFn, good: str) -> list[list[str]]:
    """Rows of a good file, a few things in them changed."""
    rows = list(csv.reader(io.StringIO(good, newline="")))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(len(rows) - 1, 0)))
        column = draw(st.integers(0, max(len(rows[at]) - 1, 0))) if rows and rows[at] else 0
        match draw(st.integers(0, 9)):
            case 0 | 1 | 2 | 3 if rows and rows[at]:
                # Values more often than names of columns, which are refused at once.
                at = draw(st.integers(min(1, len(rows) - 1), len(rows) - 1))
                if column < len(rows[at]):
                    rows[at][column] = draw(texts)
            case 4 if rows and rows[at]:
                rows[at][column] = draw(texts)
            case 5:
                rows = [[t for c, t in enumerate(row) if c != column] for row in rows]
            case 6:
                rows = [[*row, *row[column : column + 1]] for row in rows]
            case 7:
                other = draw(st.integers(0, 12))
                for row in rows:
                    if max(column, other) < len(row):
                        row[column], row[other] = row[other], row[column]
            case 8 if rows:
                rows.insert(draw(st.integers(0, len(rows))), list(rows[at]))
            case 9 if rows:
                del rows[at]
    return rows


@st.composite
def tables(draw: st.DrawFn, good: str) -> bytes:
    """Bytes of a CSV file that began as a good one."""
    form = draw(st.integers(0, 15))
    if form == 0:
        return draw(
            st.sampled_from((b"", b"\n\n", good.splitlines()[0].encode(), b"\0", b"{}", b"<a>"))
        )
    if form == 1:
        head = ",".join(f"c{number}" for number in range(10_000))
        return f"{head}\n{head}\n".encode()
    text = _csv(draw(_rows(good)))
    if form == 2:
        return text.encode("utf-16")
    if form == 3:
        return text.encode("latin-1", errors="replace") + b"\xe9"
    if form == 4:
        return text.replace(",", draw(st.sampled_from((";", "\t", "|")))).encode()
    if form == 5:
        return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    return (
        draw(scratched(text.encode("utf-8", errors="replace")))
        if form == 6
        else text.encode("utf-8", errors="replace")
    )


@st.composite
def scratched(draw: st.DrawFn, good: bytes) -> bytes:
    """Bytes with a few of them changed, taken out or put in."""
    content = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        match draw(st.integers(0, 2)):
            case 0:
                content[at : at + 1] = draw(st.binary(min_size=1, max_size=3))
            case 1:
                del content[at : at + draw(st.integers(1, 200))]
            case 2:
                content[at:at] = draw(st.sampled_from(WEIRD)).encode("utf-8")
    return bytes(content)


values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.dates(),
        st.binary(max_size=4),
        texts,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
"""Anything that YAML can say, or a caller hand over."""

YAML_ODDITIES = (
    "&a [*a]",
    "&a {b: *a}",
    "!!int abc",
    '!!int ""',
    "!!bool maybe",
    "!!timestamp x",
    "2021-13-45",
    "!!binary x",
    "!!python/object/apply:os.getcwd []",
    "{? [1, 2] : 3}",
    "1:99:99",
    "0o9",
    "09",
    ".inf",
    ".nan",
    "9" * 5000,
    "[" * 3000,
    "{<<: 1}",
    "{<<: [1]}",
    "'\\0'",
    "|\n text",
    "*nothing",
    "%TAG",
    "--- \n...\n---\n",
)
"""Fragments at which parsers of YAML trip."""


@st.composite
def _structures(draw: st.DrawFn, tree: Any) -> Any:
    """A tree of lists and mappings with one place changed."""
    if isinstance(tree, dict) and tree and draw(st.integers(0, 4)):
        tree = dict(tree)
        key = draw(st.sampled_from(sorted(tree, key=str)))
        match draw(st.integers(0, 5)):
            case 0:
                del tree[key]
            case 1:
                tree[draw(texts)] = tree.pop(key)
            case 2:
                tree[draw(texts)] = draw(values)
            case _:
                tree[key] = draw(_structures(tree[key]))
        return tree
    if isinstance(tree, list) and tree and draw(st.integers(0, 4)):
        tree = list(tree)
        at = draw(st.integers(0, len(tree) - 1))
        match draw(st.integers(0, 5)):
            case 0:
                del tree[at]
            case 1:
                tree.insert(at, tree[at])
            case _:
                tree[at] = draw(_structures(tree[at]))
        return tree
    return draw(values)


@st.composite
def catalogues(draw: st.DrawFn, good: str) -> bytes:
    """Bytes of a catalogue of reports that began as a good one."""
    match draw(st.integers(0, 5)):
        case 0:
            return draw(scratched(good.encode()))
        case 1:
            lines = good.splitlines()
            at = draw(st.integers(0, len(lines) - 1))
            head, colon, _ = lines[at].partition(": ")
            lines[at] = head + colon + draw(st.sampled_from(YAML_ODDITIES))
            return "\n".join(lines).encode()
        case 2:
            form = draw(st.sampled_from(("utf-16", "utf-8-sig", "latin-1")))
            return good.encode(form, errors="replace")
        case _:
            tree = draw(_structures(yaml.safe_load(good)))
            return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode(
                "utf-8", errors="replace"
            )
