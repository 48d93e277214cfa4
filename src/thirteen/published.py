"""Reading `published.csv` and `statements.csv`; every fault names file, row and column."""

import csv
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
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
DASHES = ("curve_at_zero", "follow_up_ended")  # what a dash in place of a rate may say
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
    levels = _levels(frame)
    for line, row in _lines(frame):
        for column, allowed in {"kind": KINDS, "statistic": [*REGISTRY, ""]}.items():
            _require(row[column] in allowed, path, line, column, row[column], _one_of(allowed))
        _check_printed(path, line, row)
        _check_arguments(path, line, row, groups, levels)
        if not row["statistic"]:
            good = row["reason"] in REASONS
            _require(good, path, line, "reason", row["reason"], _one_of(REASONS))
    _check_unique(path, frame)
    return frame


def read_statements(path, published: pd.DataFrame) -> pd.DataFrame:
    """The facts stated in words, checked against the groups that `published` names."""
    frame = _read(path, STATEMENT_COLUMNS)
    groups = _group_columns(published)
    levels = {c: v for c, v in _levels(published).items() if _cover_everyone(published, c, v)}
    for line, row in _lines(frame):
        for column, allowed in {"statistic": REGISTRY, "relation": RELATIONS}.items():
            _require(row[column] in allowed, path, line, column, row[column], _one_of(allowed))
        _require(_is_number(row["value"]), path, line, "value", row["value"], "a number")
        _check_arguments(path, line, row, groups, levels)
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
    with Path(path).open(encoding="utf8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    for column in header:
        good = column in columns and header.count(column) == 1
        _require(good, path, 1, column, column, "once each, only " + ", ".join(columns))
    for column in columns:
        _require(column in header, path, 1, column, "no such column", f"{column!r}")
    for number, row in enumerate(rows):
        last = header[min(len(row), len(header)) - 1]
        _require(
            len(row) == len(header), path, number + 2, last, f"{len(row)} cells", f"{len(header)}"
        )
    return pd.DataFrame(rows, columns=header, dtype=str)


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


def _levels(published):
    """The values that printed counts name, by column."""
    levels = {}
    for text in published.loc[published["statistic"] == "count", "arguments"]:
        for match in filter(None, map(_FILTER.match, text.split(";"))):
            if match[2] in ("=", "!="):
                levels.setdefault(match[1], set()).add(match[3])
    return levels | {"event": {"True", "False"}}


def _cover_everyone(published, column, levels):
    """Do the printed counts of a column's values leave no patient for another value?"""
    if column in TIMES:
        return True
    counts = published[published["statistic"] == "count"]
    sizes = dict(zip(counts["arguments"], map(number_of, counts["printed"]), strict=True))
    found = [sizes.get(f"{column}={value}", "0") for value in levels]
    return sum(map(int, found)) >= int(sizes.get("", "0"))


def _check_printed(path, line, row):
    expected = {"number": "a number", "bound": "<, >, ≤ or ≥ and a number", "dash": "a dash",
                "word": "a number in words, zero to twenty"}[row["kind"]]  # fmt: skip
    good = {
        "number": _is_number(row["printed"].replace("−", "-")),
        "bound": row["printed"][:1] in tuple("≤≥<>") and _is_number(number_of(row["printed"])),
        "dash": row["printed"] in ("-", "–", "—"),
        "word": row["printed"].lower() in _WORDS,
    }[row["kind"]]
    _require(good, path, line, "printed", row["printed"], expected)
    if row["statistic"]:
        good = (row["kind"] == "dash") == (row["statistic"] in DASHES)
        expected = _one_of(DASHES) if row["kind"] == "dash" else "kind 'dash' for this statistic"
        _require(good, path, line, "statistic", row["statistic"], expected)


def _check_arguments(path, line, row, groups, levels):
    if not row["statistic"]:
        return
    statistic = REGISTRY[row["statistic"]]
    try:
        filters, options = parse_arguments(row["arguments"])
    except ValueError as error:
        expected = "filters and options like column=value"
        raise PublishedError(_fault(path, line, "arguments", f"{error}", expected)) from None
    given = dict(options)
    for name in sorted(statistic.required - set(given)):
        _require(False, path, line, "arguments", row["arguments"], f"{name}=...")
    for name in set(given) - statistic.required - statistic.optional:
        allowed = ", ".join(sorted(statistic.required | statistic.optional)) or "filters alone"
        _require(False, path, line, "arguments", name, allowed)
    for name in {"at", "q"} & set(given):
        good = re.fullmatch(r"\d+([./]\d+)?", given[name]) is not None
        _require(good, path, line, "arguments", f"{name}={given[name]}", "a number")
    other = _FILTER.match(given.get("adjusted_for", ""))
    filters = [*filters, other.groups()] if other else filters
    _require(other or "adjusted_for" not in given, path, line, "arguments", row["arguments"],
             "adjusted_for=column=value")  # fmt: skip
    columns = [given[name] for name in ("column", "since", "multiple") if name in given]
    for column in [c for c, _, _ in filters] + columns:
        expected = "a column that a printed count names: " + ", ".join(sorted(groups))
        _require(column in groups, path, line, "arguments", column, expected)
    for column, operator, value in filters:
        if operator in ("=", "!=") and column != "time":
            known = levels.get(column, {value})
            good, expected = value in known, "a value that a printed count names: "
            expected += ", ".join(sorted(known))
        else:
            good, expected = _is_number(value), f"a number after {operator}"
        _require(good, path, line, "arguments", f"{column}{operator}{value}", expected)


def _check_unique(path, frame):
    for line, row in _lines(frame):
        _require(row["id"], path, line, "id", row["id"], "a name for the row")
    for number in np.flatnonzero(frame.duplicated("id")):
        name = frame["id"].iloc[number]
        first = int(np.flatnonzero(frame["id"] == name)[0]) + 2
        expected = f"an id of its own (row {first} has this one)"
        _require(False, path, int(number) + 2, "id", name, expected)


def _is_number(text):
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _one_of(allowed):
    return "one of " + ", ".join(map(repr, allowed))


def _require(good, path, line, column, found, expected):
    if not good:
        raise PublishedError(_fault(path, line, column, repr(found), expected))


def _fault(path, line, column, found, expected):
    return f"{Path(path).name}, row {line}, column {column!r}: found {found}, expected {expected}"
