"""Facts that subtraction gives: the count of the last of a column's levels, all others told."""

import pandas as pd

from recohort.paper.printed import ROUNDED
from recohort.paper.reading import Row, columns_of
from recohort.paper.statistics import table_of

SHARES = ("count", "percent")


def complements(rows: list[Row], dictionary: pd.DataFrame) -> set[str]:
    """The facts that say nothing but the count, or percentage, that all other levels leave.

    Of a column whose every level is counted, and of two sides of a cut-off, the last fact in the
    file is the complement of the others.
    """
    levels = {(r["table"], r["column"]): set(r["values"].split()) for _, r in dictionary.iterrows()}
    counted = {}
    for row in rows:
        if row.statistic == "count" and len(row.filters) == 1 and row.relation == ROUNDED:
            ((column, operator, value),) = row.filters
            cut = value if operator in ("<", ">=") else ""
            told = counted.setdefault((table_of(row), column, row.options, cut), {})
            told.setdefault((operator, value), row.fact)
    found = set()
    for (table, column, _, cut), told in counted.items():
        values = levels.get((table, column), ())
        whole = {("<", cut), (">=", cut)} if cut else {("=", value) for value in values}
        if whole and whole <= set(told):
            found.add(list(told.values())[-1])
    return {fact for fact in found if _counts_only(fact, rows)}


def _counts_only(fact, rows):
    return all(r.statistic in SHARES or not columns_of(r) for r in rows if r.fact == fact)
