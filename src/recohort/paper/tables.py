"""Reading a cohort's tables: held to the dictionary, to one another and to the rules of a paper.

What a cell may be is read from `dictionary.csv`, so that the page of the dictionary and the
validation cannot differ.
"""

from contextlib import suppress
from pathlib import Path

import pandas as pd

from recohort.paper.files import PublishedError, fault
from recohort.paper.reading import RULE, parse_arguments, read_cells, read_dictionary
from recohort.paper.rows import Tables, members
from recohort.paper.rules import rule_groups

UNWRITTEN = "unwritten"  # under `empty` of the dictionary: a column that its rule tells
PATTERNS = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?"}


def read_tables(folder: str | Path) -> Tables:
    """The tables of `folder`/cohort by name, every cell and every tie between them checked.

    Booleans are bool, numbers float or int, empty cells missing. Raises PublishedError that
    names file, row, column and rule at the first fault.
    """
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    written = dictionary[dictionary["empty"] != UNWRITTEN]
    names = dictionary.loc[dictionary["block"] != "", "table"].unique()
    paths = {name: Path(folder) / "cohort" / f"{name}.csv" for name in names}
    tables, cells = {}, {}
    for name in [name for name in names if paths[name].exists()]:
        columns = written[written["table"] == name]
        cells[name] = read_cells(paths[name], columns["column"].tolist())
        tables[name] = typed(cells[name], columns, paths[name])
    tables = with_unwritten(tables, dictionary)
    passed_over = [KeyError] if len(tables) < len(names) else []  # rules about a table not there
    for rules in rule_groups(folder):
        for name, table in tables.items():
            checks = []
            for rule in [rule for rule in rules if rule.table == name and rule.column in table]:
                with suppress(*passed_over):
                    checks.append((rule.column, rule.text, rule.holds(tables)))
            _check(checks, cells[name], paths[name])
    return tables


def with_unwritten(tables: Tables, dictionary: pd.DataFrame) -> Tables:
    """The tables with the columns that no file has, as their rule and their other value say."""
    for row in dictionary[dictionary["empty"] == UNWRITTEN].to_dict("records"):
        table, (value, _, words) = row["table"], RULE.fullmatch(row["rule"]).groups()
        (other,) = (v for v in row["values"].split() if v != value)
        if table in tables:
            met = members(tables, table, parse_arguments(words)[0])
            cells = met.map({True: value, False: other})
            tables = tables | {table: tables[table].assign(**{row["column"]: cells})}
    return tables


def typed(cells: pd.DataFrame, columns: pd.DataFrame, path: Path) -> pd.DataFrame:
    """One table, its cells as `columns` (rows of the dictionary) describe them.

    A column that may not have empty cells is left out while all of them are: not rebuilt yet.
    """
    known = columns["column"].map(lambda column: (cells[column] != "").any())
    filled = columns[(columns["empty"] == "yes") | known]
    rows = filled.to_dict("records")
    checks = [(r["column"], *check) for r in rows for check in _cell_checks(cells[r["column"]], r)]
    _check(checks, cells, path)
    found = {}
    for row in rows:
        own = cells[row["column"]]
        if row["type"] == "boolean" and (own != "").all():
            found[row["column"]] = own == "True"
        else:
            numeric = row["type"] in PATTERNS
            found[row["column"]] = pd.to_numeric(own) if numeric else own.where(own != "")
    return pd.DataFrame(found)


def _cell_checks(cells, row):
    """What the dictionary says of one column: what is expected, and which cells are so."""
    may_be_empty = row["empty"] == "yes"
    if row["type"] == "text":
        names = [("a name", cells != "")]
        return names + [("a name of its own", ~cells.duplicated())] * (row["key"] == "yes")
    if row["type"] in ("category", "boolean"):
        known = row["values"].split() + [""] * may_be_empty
        return [("one of " + ", ".join(known), cells.isin(known))]
    low, high = float(row["lowest"] or "-inf"), float(row["highest"] or "inf")
    kind = {"integer": "a whole number", "number": "a number"}[row["type"]]
    good = cells.str.fullmatch(PATTERNS[row["type"]]) | (may_be_empty & (cells == ""))
    values = pd.to_numeric(cells, errors="coerce")
    return [(kind, good), (f"{low:g} to {high:g}", values.isna() | values.between(low, high))]


def _check(checks, cells, path):
    """Raise PublishedError at the first row that is not as one of the checks expects it."""
    broken = [
        (int((~good).to_numpy().argmax()), k)
        for k, (*_, good) in enumerate(checks)
        if not good.all()
    ]
    if broken:
        line, k = min(broken)
        column, expected, _ = checks[k]
        raise PublishedError(fault(path, line + 2, column, repr(cells.at[line, column]), expected))
