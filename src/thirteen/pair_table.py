"""The edition's table of pairs (renal function before and after), and who its rows belong to."""

from fractions import Fraction

import pandas as pd

from recohort.paper.reading import rows_of, without_facts
from recohort.paper.rounding import prints_as
from recohort.paper.statistics import REGISTRY, select, table_of
from thirteen.pairs_search import table_of_pairs

RELATIONS = {"=": "__eq__", "<=": "__le__", ">=": "__ge__", "<": "__lt__"}


def pair_rows(published, statements, table) -> list:
    """The rows about a table of pairs, copies once."""
    rows = {r[1:]: r for r in rows_of(published, statements) if table_of(r) == table}
    return list(rows.values())


def holds(row, tables, conventions) -> bool:
    """Do the tables print a row, or agree with a statement, by the registry?"""
    value = REGISTRY[row.statistic].compute(tables, row, conventions | dict(row.switches))
    if row.relation == "rounds to":
        return value == value and prints_as(value, row.printed, conventions["halves"])
    return getattr(Fraction(value), RELATIONS[row.relation])(Fraction(row.printed))


def flag_column(rows) -> str:
    """The patients' column that marks a part of the pairs."""
    names = {
        column.rpartition(".")[2]
        for row in rows for column, _, _ in row.filters if column.startswith("patients.")
    }  # fmt: skip
    (name,) = names
    return name


def flags_of(rows, tables, table) -> tuple:
    """Of each row of the tables' pairs, flagged ones first: is its patient flagged?"""
    marked = tables["patients"].set_index("patient_id")[flag_column(rows)]
    return tuple(sorted(map(bool, marked[tables[table]["patient_id"]]), reverse=True))


def measured(rows, patients, table) -> list[str]:
    """Names of the patients who have pairs: all whom a statement says to be measured.

    Such a row counts patients with one row of the table under conditions of their own.
    Raises ValueError where the conditions leave more patients than the statement counts.
    """
    mark = (f"{table}.rows", "=", "1")
    for row in rows:
        plain = [f for f in row.filters if "." not in f[0]]
        known = all(f[0] in patients and patients[f[0]].notna().all() for f in plain)
        if plain and known and mark in row.filters and row.relation == "=":
            found = patients.loc[select(patients, plain), "patient_id"].tolist()
            if len(found) != int(row.printed):
                raise ValueError(f"{row.id}: {len(found)} patients, not {row.printed}")
            return found
    raise ValueError(f"statements: none says who has a row in {table}")


def write_pairs(published, statements, patients, settings, corrections, starts=4):
    """The edition's table of pairs, and the column of the patients whom its part is about.

    `settings` are the conventions and the bounds of the two numbers (by column); the
    patients' column is kept where it is filled, else its patients are the first who are
    measured. Both parts go to their patients in order of time, by rising numbers.
    Returns None where no table is found.
    """
    conventions, bounds, table = settings
    every = rows_of(published, statements)
    rows = without_facts(pair_rows(published, statements, table), corrections)
    names, flag = measured(every, patients, table), flag_column(rows)
    marked = patients.set_index("patient_id")[flag] if flag in patients else pd.Series(dtype=object)

    def tables_of(frame):
        """Both tables, the pairs given to their patients."""
        flagged = int(frame["flagged"].sum())
        chosen = [n for n in names if marked.get(n) is True] or names[:flagged]
        order = [n for n in names if n in chosen] + [n for n in names if n not in chosen]
        pairs = frame.drop(columns="flagged")
        pairs.insert(0, "patient_id", order[: len(frame)])
        people = patients.assign(**{flag: patients["patient_id"].isin(chosen)})
        return {"patients": people, table: pairs.sort_values("patient_id", ignore_index=True)}

    def prints(row, frame):
        """Does the frame, given to its patients, print a row?"""
        return holds(row, tables_of(frame), conventions)

    found = table_of_pairs(rows, conventions, bounds, prints, starts)
    return None if found is None else tables_of(found)
