"""Rules that tie a cohort's tables together, as `rules.csv` and the dictionary write them.

A rule says of every row of its table: if the filters of `if` are met, so is one of the
alternatives of `then` (parted by ``or``, each of filters parted by ``;``). A name in braces
is another cell of the row or of what it belongs to; ``{other.rows}`` is the number of
related rows, ``month`` the days of a month, and ``~`` means equal once rounded to the
decimals of the left side, halves up.
"""

import re
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from recohort.paper.faults import PublishedError
from recohort.paper.files import read_lines
from recohort.paper.reading import RULE

MONTH = Fraction(36525, 1200)  # days
_PIECE = re.compile(r"\s*([\w.]+)\s*(!=|>=|<=|=|<|>|~)\s*(\S.*?)\s*")
_TERM = re.compile(r"([+-])\s*(?:([\d.]+)\s*\*\s*)?\{([\w.]+)\}(?:\s*/\s*(month|[\d.]+))?")


class Piece(NamedTuple):
    """`column operator value`, or with `terms` in place of the value: (factor, column)."""

    column: str
    operator: str
    value: str
    terms: tuple = ()


class Rule(NamedTuple):
    """One row of `rules.csv`, parsed."""

    id: str
    table: str
    given: tuple
    then: tuple  # of alternatives, each a tuple of pieces
    meaning: str

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All that it is made of."""
        return (*chain(*self.then), *self.given)


def read_rules(path: str | Path) -> list[Rule]:
    """The rules of a file; PublishedError at the first piece that is malformed."""
    lines = read_lines(path, "id table if then rule".split())
    return [_rule(f"{Path(path).name}, row {line}", row) for line, row in lines]


def _rule(where, row):
    then = row["then"].split(" or ")
    alternatives = tuple(_pieces(f"{where}, column 'then'", part) for part in then)
    given = _pieces(f"{where}, column 'if'", row["if"])
    return Rule(row["id"], row["table"], given, alternatives, row["rule"])


def rules_of_columns(dictionary: pd.DataFrame) -> list[Rule]:
    """The rules of the dictionary's `rule` column, in the words of the rows' filters.

    ``True where years>=55`` says which rows have the value, and no others have it: one rule a
    direction; ``True only where event=True`` that only these may. ``filled`` is any cell that is
    not empty: one with a number from its lowest up.
    """
    found = []
    for _, row in dictionary[dictionary["block"] != ""].iterrows():
        for text in row["rule"].split(" | ") if row["rule"] else ():
            value, only, words = RULE.fullmatch(text).groups()
            name = f"{row['table']}.{row['column']}"
            asked = (">=", row["lowest"]) if value == "filled" else ("=", value)
            cell, where = (Piece(row["column"], *asked),), _pieces(f"dictionary.csv, {name}", words)
            found.append(Rule(name, row["table"], cell, (where,), text))
            if not only:
                found.append(Rule(name, row["table"], where, (cell,), text))
    return found


def _pieces(where, text):
    return tuple(_piece(where, piece) for piece in text.split(";") if piece.strip())


def _piece(where, text):
    match = _PIECE.fullmatch(text)
    if not match:
        raise PublishedError(f"{where}: found {text!r}, expected the form column=value")
    column, operator, value = match.groups()
    if "{" not in value:
        return Piece(column, operator, value)
    signed = value if value[0] in "+-" else "+ " + value
    terms, rest = _TERM.findall(signed), _TERM.sub("", signed).strip()
    if rest:
        raise PublishedError(f"{where}: found {value!r}, expected sums of cells like {{column}}")
    return Piece(column, operator, value, tuple((_factor(*t), t[2]) for t in terms))


def _factor(sign, by, _, over):
    divisor = MONTH if over == "month" else Fraction(over or 1)
    return Fraction(by or 1) / divisor * (-1 if sign == "-" else 1)


def columns_of_rule(rule: Rule) -> set[tuple[str, str]]:
    """The (table, column) pairs that a rule names."""
    names = {n for p in rule.pieces for n in (p.column, *(column for _, column in p.terms))}
    return {tuple(n.split(".")) if "." in n else (rule.table, n) for n in names}
