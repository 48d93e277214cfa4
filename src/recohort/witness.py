"""A witness in one line: a cohort of the survival search, or columns of tables.

A part for each column, parted by ``; ``: of tables ``table.column: cells``, in the order of the
rows, ``-`` for an empty cell. A cohort of the search has its times first, ``+`` after a death, then
``column=level: numbers of its rows``.
"""

from collections.abc import Collection

import pandas as pd

from recohort.survival.cohorts import Cohort

EMPTY = "-"


def cohort_in_words(cohort: Cohort | None) -> str:
    """A cohort of the survival search in one line; nothing for none."""
    if cohort is None:
        return ""
    n = len(cohort.times)
    times = " ".join(f"{t}{'+' * (cohort.pattern >> i & 1)}" for i, t in enumerate(cohort.times))
    sets = (
        f"{column}={level}: " + " ".join(str(i + 1) for i in range(n) if mask >> i & 1)
        for (column, level), mask in cohort.masks
    )
    return "; ".join((times, *sets))


def cells_in_words(cells: pd.Series) -> str:
    """The cells of a column."""
    return " ".join(EMPTY if pd.isna(v) else str(v) for v in cells)


def tables_in_words(tables: dict, columns: Collection) -> str:
    """Some (table, column) pairs of tables in one line, in the tables' order."""
    named = ((t, c) for t, frame in tables.items() for c in frame if (t, c) in columns)
    return "; ".join(f"{t}.{c}: {cells_in_words(tables[t][c])}" for t, c in named)
