"""Reading a cohort's tables: held to the dictionary, to one another and to the rules of a paper.

Pandera (Niels Bantilan and others) applies the rules. The schema of each table is built from
`dictionary.csv`, so that the page of the dictionary and the validation cannot differ.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from recohort.paper.faults import PublishedError, fault
from recohort.paper.reading import RULE, parse_arguments, read_cells, read_dictionary
from recohort.paper.rows import Tables, members
from recohort.paper.ties import Tie, names_of, rule_groups

UNWRITTEN = "unwritten"  # under `empty` of the dictionary: a column that its rule tells
PATTERNS = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?"}


def read_tables(folder: str | Path) -> Tables:
    """The tables of `folder`/cohort by name, every cell and every tie between them checked.

    Booleans are bool, numbers float or int, empty cells missing. Raises PublishedError that
    names file, row, column and rule at the first fault.
    """
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    written = dictionary[dictionary["empty"] != UNWRITTEN]
    names = names_of(dictionary)
    paths = {name: Path(folder) / "cohort" / f"{name}.csv" for name in names}
    paths = {name: path for name, path in paths.items() if path.exists()}
    columns = {name: written[written["table"] == name] for name in paths}
    cells = {
        name: read_cells(path, columns[name]["column"].tolist()) for name, path in paths.items()
    }
    tables = {name: typed(cells[name], columns[name], path) for name, path in paths.items()}
    tables = with_unwritten(tables, dictionary)
    for rules in rule_groups(folder):
        for name, table in tables.items():
            own = [rule for rule in rules if rule.table == name and rule.column in table]
            kept = [_kept_by(rule, tables, len(tables) == len(names)) for rule in own]
            _check_rules(own, kept, table, cells[name], paths[name])
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
    schema = pa.DataFrameSchema(
        {row["column"]: pa.Column(checks=_cell_checks(row)) for _, row in filled.iterrows()}
    )
    _validate(schema, cells, cells, path)
    return pd.DataFrame({r["column"]: _typed(cells[r["column"]], r) for _, r in filled.iterrows()})


def _cell_checks(row):
    """What the dictionary says of one column, as checks of its cells as written."""
    may_be_empty = row["empty"] == "yes"
    if row["type"] == "text":
        return [pa.Check(lambda cells: cells != "", error="a name"), *_of_its_own(row)]
    if row["type"] in ("category", "boolean"):
        known = row["values"].split() + [""] * may_be_empty
        return [pa.Check.isin(known, error="one of " + ", ".join(known))]
    low, high = float(row["lowest"] or "-inf"), float(row["highest"] or "inf")

    def number(cells):
        return cells.str.fullmatch(PATTERNS[row["type"]]) | (may_be_empty & (cells == ""))

    def between(cells):
        values = pd.to_numeric(cells, errors="coerce")
        return values.isna() | values.between(low, high)

    kind = {"integer": "a whole number", "number": "a number"}[row["type"]]
    return [pa.Check(number, error=kind), pa.Check(between, error=f"{low:g} to {high:g}")]


def _of_its_own(row):
    """The first column of a table names its rows."""
    unique = pa.Check(lambda cells: ~cells.duplicated(), error="a name of its own")
    return [unique] if row["key"] == "yes" else []


def _typed(cells, row):
    if row["type"] == "boolean" and (cells != "").all():
        return cells == "True"
    return pd.to_numeric(cells) if row["type"] in PATTERNS else cells.where(cells != "")


def _check_rules(rules: Sequence[Tie], kept, table, cells, path):
    """Raise PublishedError at the first row of one table that breaks one of its rules."""
    checks = {}
    for rule, good in zip(rules, kept, strict=True):
        check = pa.Check(lambda _, good=good: good, error=rule.text, ignore_na=False)
        checks.setdefault(rule.column, []).append(check)
    columns = {name: pa.Column(nullable=True, checks=some) for name, some in checks.items()}
    _validate(pa.DataFrameSchema(columns), table, cells, path)


def _kept_by(rule, tables, complete):
    """Which rows keep the rule; all of them, where it is about a table that is not there."""
    try:
        return rule.holds(tables)
    except KeyError:
        if complete:
            raise
        return pd.Series(True, index=tables[rule.table].index)


def _validate(schema, frame, cells, path):
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        if cases["index"].isna().any():
            raise  # a check that could not be run is a fault here, not in the file
        first = cases.sort_values("index", kind="stable").iloc[0]
        found = repr(cells.at[first["index"], first["column"]])
        text = fault(path, int(first["index"]) + 2, first["column"], found, first["check"])
        raise PublishedError(text) from None
