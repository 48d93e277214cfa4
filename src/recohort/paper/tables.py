"""Reading the edition's cohort: four tables, held to the dictionary and to one another.

Pandera (Niels Bantilan and others) applies the rules. The schema of each table is built from
`dictionary.csv`, so that the page of the dictionary and the validation cannot differ.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pandera.pandas as pa

from recohort.cells.rules import read_rules
from recohort.paper.reading import (
    RULE,
    PublishedError,
    fault,
    parse_arguments,
    read_cells,
    read_dictionary,
)
from recohort.paper.statistics import members, related

TABLES = ("patients", "sessions", "tumors", "renal_function")
UNWRITTEN = "unwritten"  # under `empty` of the dictionary: a column that its rule tells
DAYS_PER_MONTH = 365.25 / 12
NEAR = 1e-9
COMPARED = {  # of a difference, left less right; ~ is equal once rounded
    "=": lambda d: d.abs() < NEAR, "<=": lambda d: d < NEAR, ">=": lambda d: d > -NEAR,
    "<": lambda d: d < -NEAR, ">": lambda d: d > NEAR, "~": lambda d: d.abs() < HALF_UNIT,
}  # fmt: skip
HALF_UNIT = 0.05 + 1e-9  # months are written to one decimal
PATTERNS = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?"}


def read_tables(folder) -> dict[str, pd.DataFrame]:
    """The tables of `folder`/cohort by name, every cell and every tie between them checked.

    Booleans are bool, numbers float or int, empty cells missing. Raises PublishedError that
    names file, row, column and rule at the first fault.
    """
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    paths = {name: Path(folder) / "cohort" / f"{name}.csv" for name in TABLES}
    written = dictionary[dictionary["empty"] != UNWRITTEN]
    columns = {name: written[written["table"] == name] for name in TABLES}
    cells = {
        n: read_cells(p, columns[n]["column"].tolist()) for n, p in paths.items() if p.exists()
    }
    tables = {n: typed(cells[n], columns[n], paths[n]) for n in cells}
    tables = with_unwritten(tables, dictionary)
    between = rules_between(Path(folder) / "rules.csv")
    for rules in (KEYS, RULES, between, rules_of(written)):
        for name, table in tables.items():
            own = [rule for rule in rules if rule.table == name and rule.column in table]
            check_rules(own, tables, cells[name], paths[name])
    return tables


def with_unwritten(tables: dict, dictionary: pd.DataFrame) -> dict:
    """The tables with the columns that no file has, as their rule and their other value say."""
    for row in dictionary[dictionary["empty"] == UNWRITTEN].to_dict("records"):
        table, (value, _, words) = row["table"], RULE.fullmatch(row["rule"]).groups()
        (other,) = (v for v in row["values"].split() if v != value)
        if table in tables:
            met = members(tables, table, parse_arguments(words)[0])
            cells = met.map({True: value, False: other})
            tables = tables | {table: tables[table].assign(**{row["column"]: cells})}
    return tables


def typed(cells: pd.DataFrame, columns: pd.DataFrame, path) -> pd.DataFrame:
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


class Rule(NamedTuple):
    """What the cells of one column have to be, given others."""

    table: str
    column: str
    text: str
    holds: Callable  # tables to a boolean series, a value a row of `table`


def rules_of(dictionary) -> list[Rule]:
    """The rules that the dictionary writes, in the words of the rows' filters.

    ``True where age_years>=55`` says which rows have the value, and no others have it;
    ``True only where event=True`` that only these may. ``filled`` is any cell that is not empty.
    """
    rows = dictionary[dictionary["rule"] != ""]
    return [
        Rule(row["table"], row["column"], text, _kept(row["table"], row["column"], text))
        for _, row in rows.iterrows()
        for text in row["rule"].split(" | ")
    ]


def _kept(table, column, text):
    value, only, words = RULE.fullmatch(text).groups()
    filters, _ = parse_arguments(words)

    def holds(tables):
        cells = tables[table][column]
        has = cells.notna() if value == "filled" else cells.astype(str) == value
        may = members(tables, table, filters)
        return may | ~has if only else may == has

    return holds


def rules_between(path) -> list[Rule]:
    """The rules of `rules.csv`, to which the search holds the cells as well; none without it."""
    if not Path(path).exists():
        return []
    return [Rule(r.table, _subject(r), r.meaning, partial(_keeps, r)) for r in read_rules(path)]


def _subject(rule):
    """The first column of the rule's own table that it names: there a fault is shown."""
    pieces = [*(piece for part in rule.then for piece in part), *rule.given]
    return next(piece.column for piece in pieces if "." not in piece.column)


def _keeps(rule, tables):
    sessions = tables["sessions"]
    following = sessions.groupby("patient_id")["session_id"].shift(-1)
    tables = tables | {"previous": sessions.assign(session_id=following)}
    given = _meets(tables, rule.table, rule.given)
    then = [_meets(tables, rule.table, part) for part in rule.then]
    return ~given | pd.concat(then, axis="columns").any(axis="columns")


def _meets(tables, table, pieces):
    """Rows that meet every piece of a rule, as a boolean series."""
    good = members(tables, table, [piece[:3] for piece in pieces if not piece.terms])
    for piece in (piece for piece in pieces if piece.terms):
        right = sum(float(by) * _cells(tables, table, column) for by, column in piece.terms)
        left = _related(tables, table, piece.column).assign(right=lambda x, r=right: r.loc[x.index])
        met = COMPARED[piece.operator](left["value"] - left["right"])
        good &= met.groupby(level=0).any().reindex(good.index, fill_value=False)
    return good


def _cells(tables, table, column):
    """A column's cells, or those of the row of another table that each row belongs to."""
    other, _, name = column.rpartition(".")
    if name == "rows":
        return related(tables[table], tables[other])
    return _related(tables, table, column)["value"].reindex(tables[table].index)


def _related(tables, table, column):
    """The cells of every related row, as the column `value`; by the row that they relate to."""
    other, _, name = column.rpartition(".")
    frame = tables[table]
    if not other:
        return frame[name].to_frame("value")
    keys = [c for c in frame.columns if c.endswith("_id") and c in tables[other]]
    cells = tables[other][[*keys, name]].rename(columns={name: "value"})
    return frame[keys].reset_index().merge(cells, on=keys).set_index("index")[["value"]]


def check_rules(rules, tables: dict, cells: pd.DataFrame, path) -> None:
    """Raise PublishedError at the first row of one table that breaks one of its rules."""
    checks = {}
    for rule in rules:
        good = _kept_by(rule, tables)
        check = pa.Check(lambda _, good=good: good, error=rule.text, ignore_na=False)
        checks.setdefault(rule.column, []).append(check)
    columns = {name: pa.Column(nullable=True, checks=some) for name, some in checks.items()}
    _validate(pa.DataFrameSchema(columns), tables[path.stem], cells, path)


def _kept_by(rule, tables):
    """Which rows keep the rule; all of them, where it is about a table that is not there."""
    try:
        return rule.holds(tables)
    except KeyError:
        if len(tables) == len(TABLES):
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


def _of_patient(tables, name, column):
    """A patient's value for each row of another table."""
    values = tables["patients"].set_index("patient_id")[column]
    return tables[name]["patient_id"].map(values)


def _of_session(tables, column):
    """A session's value for each tumor."""
    values = tables["sessions"].set_index("session_id")[column]
    return tables["tumors"]["session_id"].map(values)


def _days(tables):
    """Months from the patient's first session to each row of sessions."""
    return tables["sessions"]["days_after_first"] / DAYS_PER_MONTH


def _known(table, column, other):
    return lambda t: t[table][column].isin(t[other][column])


def _has(table, other):
    return lambda t: related(t[table], t[other]) > 0


def _next_number(tables):
    sessions = tables["sessions"]
    return sessions["session_number"] == sessions.groupby("patient_id").cumcount() + 1


def _months(tables):
    """Months from the patient's first session to each session."""
    return tables["sessions"]["days_after_first"] / DAYS_PER_MONTH


def _larger_elsewhere(tables):
    """Is the largest tumor elsewhere larger than the largest renal one?"""
    patients = tables["patients"]
    elsewhere = patients[[c for c in patients if c.endswith("_mm")]].max(axis=1) / 10
    renal = tables["tumors"].groupby("patient_id")["diameter_cm"].max()
    return elsewhere > patients["patient_id"].map(renal)


# Rules that neither the words of the dictionary nor `rules.csv` can say.
KEYS = [
    Rule("sessions", "patient_id", "a patient of patients.csv",
         _known("sessions", "patient_id", "patients")),
    Rule("tumors", "session_id", "a session of sessions.csv",
         _known("tumors", "session_id", "sessions")),
    Rule("tumors", "patient_id", "the patient of its session",
         lambda t: t["tumors"]["patient_id"] == _of_session(t, "patient_id")),
    Rule("renal_function", "patient_id", "a patient of patients.csv",
         _known("renal_function", "patient_id", "patients")),
]  # fmt: skip
RULES = [
    Rule("patients", "patient_id", "a patient with a session", _has("patients", "sessions")),
    Rule("sessions", "session_id", "a session with a tumor", _has("sessions", "tumors")),
    Rule("sessions", "session_number", "the next number of its patient, from 1", _next_number),
    Rule("patients", "extrarenal_larger", "True where a tumor elsewhere is the largest of all",
         lambda t: t["patients"]["extrarenal_larger"] == _larger_elsewhere(t)),
    Rule("patients", "time", "no shorter than in the row before",
         lambda t: t["patients"]["time"] >= t["patients"]["time"].cummax()),
    Rule("sessions", "days_after_first", "within the patient's time",
         lambda t: _months(t) <= _of_patient(t, "sessions", "time") + HALF_UNIT),
]  # fmt: skip
