"""What ties the cells of a cohort's tables together: keys, `rules.csv` and the dictionary's words.

A rule says of every row of its table: if the filters of `if` are met, so is one of the
alternatives of `then` (parted by ``or``, each of filters parted by ``;``). A name in braces
is another cell of the row or of what it belongs to; ``{other.rows}`` is the number of
related rows, ``month`` the days of a month, and ``~`` means equal once rounded to the
decimals of the left side, halves up.

A column that ends in `_id` names a row of another table, unless it names the row itself. The
dictionary's rules and those of `rules.csv` are also kept by the search; `checks.csv`, of the same
form, has what only the files are held to.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from recohort.paper.files import PublishedError, one_of, read_lines, require
from recohort.paper.reading import RULE, read_dictionary
from recohort.paper.rounding import COMPARED
from recohort.paper.rows import cells_of, members

MONTH = Fraction(36525, 1200)  # days
NEAR = 1e-9
HALF_UNIT = 0.05  # months are written to one decimal
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

    @property
    def names(self) -> list[str]:
        """All columns that it names, those that are compared before those that they are held to."""
        terms = [column for piece in self.pieces for _, column in piece.terms]
        return [piece.column for piece in self.pieces] + terms


class Tie(NamedTuple):
    """What the cells of one column have to be, given others."""

    table: str
    column: str
    text: str
    holds: Callable  # tables to a boolean series, a value a row of `table`


def read_rules(path: str | Path) -> list[Rule]:
    """The rules of a file; PublishedError at the first piece that is malformed."""
    found = []
    for line, row in read_lines(path, "id table if then rule".split()):
        where = f"{Path(path).name}, row {line}"
        then = [_pieces(f"{where}, column 'then'", part) for part in row["then"].split(" or ")]
        given = _pieces(f"{where}, column 'if'", row["if"])
        found.append(Rule(row["id"], row["table"], given, tuple(then), row["rule"]))
    return found


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
    """One side of a rule, parsed; PublishedError at the first piece that is malformed."""
    found = []
    for piece in filter(str.strip, text.split(";")):
        match, terms = _PIECE.fullmatch(piece), []
        if not match:
            raise PublishedError(f"{where}: found {piece!r}, expected the form column=value")
        value = match[3]
        if "{" in value:
            signed = value if value[0] in "+-" else "+ " + value
            if _TERM.sub("", signed).strip():
                expected = "sums of cells like {column}"
                raise PublishedError(f"{where}: found {value!r}, expected {expected}")
            for sign, by, column, over in _TERM.findall(signed):
                divisor = MONTH if over == "month" else Fraction(over or 1)
                terms.append((Fraction(sign + (by or "1")) / divisor, column))
        found.append(Piece(*match.groups(), tuple(terms)))
    return tuple(found)


def columns_of_rule(rule: Rule) -> set[tuple[str, str]]:
    """The (table, column) pairs that a rule names."""
    parts = (name.rpartition(".") for name in rule.names)
    return {(table or rule.table, column) for table, _, column in parts}


def rule_groups(folder: str | Path) -> list[list[Tie]]:
    """The rules of a folder's tables, in groups: each is understood where those before hold."""
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    # of each table, the columns that name rows: its own, then those of what it belongs to
    named = dictionary[(dictionary["block"] != "") & dictionary["column"].str.endswith("_id")]
    ranked = named.assign(other=named["key"] != "yes").sort_values("other", kind="stable")
    keys = ranked.groupby("table", sort=False)["column"].agg(list).to_dict()
    told = [_rules_between(Path(folder) / n, dictionary, keys) for n in ("checks.csv", "rules.csv")]
    return [
        _rules_of_keys(keys),
        _rules_of_order(dictionary, keys) + told[0],
        told[1],
        [
            Tie(rule.table, rule.id.rpartition(".")[2], rule.meaning, partial(_keeps, rule, keys))
            for rule in rules_of_columns(dictionary)
        ],
    ]


def _rules_of_keys(keys):
    """Each key names a row that is there; of several, they are of one owner."""

    def is_there(table, key, tables):
        return tables[table][key].isin(tables[homes[key]][key])

    def same_owner(table, key, via, tables):
        owners = tables[homes[via]].set_index(via)[key]
        return tables[table][key] == tables[table][via].map(owners)

    homes, known, owned = {}, [], []
    for table, (own, *_) in keys.items():
        homes.setdefault(own, table)
    for table, names in keys.items():
        others = [name for name in names if homes.get(name, table) != table]
        for key in others:
            between = [via for via in others if via != key and key in keys[homes[via]]]
            word = key.removesuffix("_id")
            if between:
                text = f"the {word} of its {between[0].removesuffix('_id')}"
                holds = partial(same_owner, table, key, between[0])
                owned.append(Tie(table, key, text, holds))
            else:
                text = f"a {word} of {homes[key]}.csv"
                known.append(Tie(table, key, text, partial(is_there, table, key)))
    return known + owned


def _rules_of_order(dictionary, keys):
    """Patients stand in order of time, and what is numbered within its owner by its number."""

    def rising(tables):
        return tables["patients"]["time"] >= tables["patients"]["time"].cummax()

    def numbered(table, column, owner, tables):
        return tables[table][column] == tables[table].groupby(owner).cumcount() + 1

    found = [Tie("patients", "time", "no shorter than in the row before", rising)]
    numbers = dictionary[dictionary["key"] == "number"]
    for table, column in zip(numbers["table"], numbers["column"], strict=True):
        owner = keys[table][1]
        text = f"the next number of its {owner.removesuffix('_id')}, from 1"
        found.append(Tie(table, column, text, partial(numbered, table, column, owner)))
    return found


def _rules_between(path, dictionary, keys):
    """The rules of a file like `rules.csv`, each told of its own first column; none without it."""
    if not path.exists():
        return []
    known, found = {*zip(dictionary["table"], dictionary["column"], strict=True)}, []
    for line, rule in enumerate(read_rules(path), 2):
        require(rule.table in keys, path, line, "table", rule.table, one_of(keys))
        for table, column in columns_of_rule(rule):
            home = rule.table if table == "previous" else table
            good = (home, column) in known or (column == "rows" and home in keys)
            require(good, path, line, "then", f"{table}.{column}", "columns of dictionary.csv")
        subject = next((name for name in rule.names if "." not in name), keys[rule.table][0])
        found.append(Tie(rule.table, subject, rule.meaning, partial(_keeps, rule, keys)))
    return found


def _keeps(rule, keys, tables):
    """Which rows keep the rule; `previous` is the row before one, of the same owner."""
    own, *owners = keys[rule.table]
    if owners:
        frame = tables[rule.table]
        following = frame.groupby(owners[0])[own].shift(-1)
        tables = tables | {"previous": frame.assign(**{own: following})}
    given = _meets(tables, rule.table, rule.given)
    then = [_meets(tables, rule.table, part) for part in rule.then]
    return ~given | pd.concat(then, axis="columns").any(axis="columns")


def _meets(tables, table, pieces):
    """Rows that meet every piece of a rule, as a boolean series."""
    good = members(tables, table, [piece[:3] for piece in pieces if not piece.terms])
    for piece in (piece for piece in pieces if piece.terms):
        right = sum(float(by) * cells_of(tables, table, column) for by, column in piece.terms)
        left = cells_of(tables, table, piece.column)
        less = left - right.reindex(left.index)
        if piece.operator == "~":  # equal once rounded
            met = less.abs() < HALF_UNIT + NEAR
        else:
            met = COMPARED[piece.operator](less.mask(less.abs() < NEAR, 0), 0)
        good &= met.groupby(level=0).any().reindex(good.index, fill_value=False)
    return good
