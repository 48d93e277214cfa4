"""Reading `published.csv` and `statements.csv`; every fault names file, row and column."""

import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from thirteen.registry import REGISTRY

PUBLISHED_COLUMNS = (
    "id fact location position quantity kind printed unit statistic arguments reason".split()
)
STATEMENT_COLUMNS = "id location statement statistic arguments relation value".split()
KINDS = ("number", "bound", "word", "dash")
REASONS = "dose device criterion calendar institution other_study experience".split()
RELATIONS = ("=", "<=", ">=", "<")
TIMES = ("time", "event")  # the columns that every cohort has
_FILTER = re.compile(r"\s*(\w+)\s*(!=|>=|<=|=|<|>)\s*(\S.*?)\s*$")
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()


class PublishedError(ValueError):
    """A fault in a data file; its text names the file, row, column and what was expected."""


class Row(NamedTuple):
    """One printed figure, or one statement, as the search and the ledger use it."""

    id: str
    fact: str
    statistic: str
    filters: tuple  # of (column, operator, value), in the order written
    options: tuple  # of (name, value): at, q, column, since, adjusted_for
    relation: str  # "rounds to" for a printed figure
    printed: str
    switches: tuple = ()  # of (convention, option): exceptions from the paper-wide ones


def parse_arguments(text: str) -> tuple[tuple, tuple]:
    """Split ``"at=12; sex=male"`` into filters and options.

    Raises ValueError for a piece that has no operator between a name and a value.
    """
    filters, options = [], []
    for piece in filter(None, (p.strip() for p in text.split(";"))):
        match = _FILTER.match(piece)
        if not match:
            raise ValueError(f"{piece!r} is not of the form column=value")
        name, operator, value = match.groups()
        if operator == "=" and name in ("at", "q", "column", "since", "adjusted_for", "multiple"):
            options.append((name, value))
        else:
            filters.append((name, operator, value))
    return tuple(filters), tuple(options)


def number_of(printed: str) -> str:
    """The number that a printed figure or number word stands for, as digits."""
    word = printed.lower()
    return str(_WORDS.index(word)) if word in _WORDS else printed.lstrip("≤≥<>= ").replace("−", "-")


def read_published(path) -> pd.DataFrame:
    """The printed figures, checked; one row an occurrence, every cell a string.

    Raises PublishedError at the first malformed row.
    """
    frame = _read(path, PUBLISHED_COLUMNS)
    groups = _group_columns(frame)
    for line, row in _lines(frame):
        for column, allowed in {"kind": KINDS, "statistic": [*REGISTRY, ""]}.items():
            _require(row[column] in allowed, path, line, column, row[column], _one_of(allowed))
        _check_printed(path, line, row)
        _check_arguments(path, line, row, groups)
        if not row["statistic"]:
            good = row["reason"] in REASONS
            _require(good, path, line, "reason", row["reason"], _one_of(REASONS))
    _check_unique(path, frame)
    return frame


def read_statements(path, published: pd.DataFrame) -> pd.DataFrame:
    """The facts stated in words, checked against the groups that `published` names."""
    frame = _read(path, STATEMENT_COLUMNS)
    groups = _group_columns(published)
    for line, row in _lines(frame):
        for column, allowed in {"statistic": REGISTRY, "relation": RELATIONS}.items():
            _require(row[column] in allowed, path, line, column, row[column], _one_of(allowed))
        _require(_is_number(row["value"]), path, line, "value", row["value"], "a number")
        _check_arguments(path, line, row, groups)
    _check_unique(path, frame)
    return frame


def rows_of(published: pd.DataFrame, statements: pd.DataFrame | None = None) -> list[Row]:
    """Both files as one list of rows, each with its arguments parsed."""
    rows = [
        Row(r["id"], r["fact"], r["statistic"], *parse_arguments(r["arguments"]),
            "rounds to", number_of(r["printed"]))
        for _, r in published.iterrows() if r["statistic"]
    ]  # fmt: skip
    if statements is not None:
        rows += [
            Row(r["id"], "statement." + r["id"], r["statistic"], *parse_arguments(r["arguments"]),
                r["relation"], r["value"])
            for _, r in statements.iterrows()
        ]  # fmt: skip
    return rows


def _read(path, columns):
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf8")
    for column in frame.columns:
        _require(column in columns, path, 1, column, column, "only " + ", ".join(columns))
    for column in columns:
        _require(column in frame.columns, path, 1, column, "no such column", f"{column!r}")
    return frame


def _lines(frame):
    """Rows with the line they stand on in the file (the header is line 1)."""
    return ((number + 2, row) for number, (_, row) in enumerate(frame.iterrows()))


def _group_columns(published):
    """Columns that rows may name: of a group with a printed size, or of printed values."""
    counts = published[published["statistic"] == "count"]
    pieces = ";".join(counts["arguments"]).split(";")
    groups = {m.group(1) for m in map(_FILTER.match, pieces) if m}
    pieces = ";".join(published["arguments"]).split(";")
    options = [m.group(1, 3) for m in map(_FILTER.match, pieces) if m]
    return groups | {value for name, value in options if name in ("column", "since")} | set(TIMES)


def _check_printed(path, line, row):
    expected = {"number": "a number", "bound": "a number after a bound", "dash": "a dash",
                "word": "a number in words, zero to twenty"}[row["kind"]]  # fmt: skip
    good = {
        "number": _is_number(row["printed"].replace("−", "-")),
        "bound": _is_number(number_of(row["printed"])),
        "dash": row["printed"] in ("-", "–", "—"),
        "word": row["printed"].lower() in _WORDS,
    }[row["kind"]]
    _require(good, path, line, "printed", row["printed"], expected)


def _check_arguments(path, line, row, groups):
    if not row["statistic"]:
        return
    statistic = REGISTRY[row["statistic"]]
    try:
        filters, options = parse_arguments(row["arguments"])
    except ValueError as error:
        raise PublishedError(f"{path}, row {line}, column 'arguments': {error}") from None
    for column, _, _ in filters:
        expected = "a column that a printed count names: " + ", ".join(sorted(groups))
        _require(column in groups, path, line, "arguments", column, expected)
    given = {name for name, _ in options}
    for name in statistic.required - given:
        _require(False, path, line, "arguments", row["arguments"], f"{name}=...")
    for name in given - statistic.required - statistic.optional:
        allowed = ", ".join(sorted(statistic.required | statistic.optional)) or "filters alone"
        _require(False, path, line, "arguments", name, allowed)


def _check_unique(path, frame):
    for line, row in _lines(frame[frame.duplicated("id")]):
        raise PublishedError(f"{path}, column 'id': {row['id']!r} stands twice, expected once")


def _is_number(text):
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _one_of(allowed):
    return "one of " + ", ".join(map(repr, allowed))


def _require(good, path, line, column, found, expected):
    if not good:
        name = Path(path).name
        raise PublishedError(
            f"{name}, row {line}, column {column!r}: found {found!r}, expected {expected}"
        )
