"""A witness in one line, and back: a cohort of the survival search, or columns of tables.

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


def cohort_from_words(text: str, landmarks: tuple) -> Cohort:
    """The cohort that `cohort_in_words` wrote."""
    times, *sets = text.split("; ")
    times = times.split(" ")
    pattern = sum(t.endswith("+") << i for i, t in enumerate(times))
    months = tuple(float(t.rstrip("+")) for t in times)
    masks = []
    for name, _, numbers in (part.partition(":") for part in sets):
        column, _, level = name.partition("=")
        masks.append(((column, level), sum(1 << (int(k) - 1) for k in numbers.split())))
    counts = tuple(sum(t <= m for t in months) for m in landmarks)
    return Cohort(pattern, counts, tuple(masks), months)


def cells_in_words(cells: pd.Series) -> str:
    """The cells of a column."""
    return " ".join(EMPTY if pd.isna(v) else str(v) for v in cells)


def tables_in_words(tables: dict, columns: Collection) -> str:
    """Some (table, column) pairs of tables in one line, in the tables' order."""
    named = ((t, c) for t, frame in tables.items() for c in frame if (t, c) in columns)
    return "; ".join(f"{t}.{c}: {cells_in_words(tables[t][c])}" for t, c in named)


def differing(tables: dict, edition: dict) -> set[tuple[str, str]]:
    """The (table, column) pairs in which tables are not the edition's; all where rows differ."""
    return {
        (name, column)
        for name, frame in tables.items()
        for column in frame
        if len(frame) != len(edition[name])
        or cells_in_words(frame[column]) != cells_in_words(edition[name][column])
    }
