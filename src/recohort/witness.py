"""A witness in one line, and back: a cohort of the survival search, or columns of tables.

A part for each column, parted by ``; ``: of tables ``table.column: cells``, in the order of the
rows, ``-`` for an empty cell. A cohort of the search has its times first, ``+`` after a death, then
``column=level: numbers of its rows``.
"""

from collections.abc import Collection

import pandas as pd

from recohort.survival.cohorts import Cohort

EMPTY = "-"
TYPES = {"True": True, "False": False, EMPTY: None}


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


def columns_in(text: str) -> list[tuple[str, str, str]]:
    """The (table, column, cells) that `tables_in_words` wrote."""
    found = []
    for place, _, cells in (part.partition(": ") for part in text.split("; ") if part):
        table, _, column = place.partition(".")
        found.append((table, column, cells))
    return found


def witness_tables(columns: str | pd.DataFrame, edition: dict) -> dict[str, pd.DataFrame]:
    """The edition's tables with the columns of a text, or of a frame of witnesses, changed.

    Where a column has another number of rows than its table, all other columns are emptied.
    """
    if isinstance(columns, pd.DataFrame):
        columns = columns[["table", "column", "cells"]].itertuples(index=False)
    else:
        columns = columns_in(columns)
    tables = {name: frame.copy() for name, frame in edition.items()}
    for name, column, cells in columns:
        kind, words = edition[name][column].dtype, cells.split(" ")
        if len(words) != len(tables[name]):
            tables[name] = pd.DataFrame(index=range(len(words)), columns=edition[name].columns)
        tables[name][column] = [_typed(word, kind) for word in words]
    return tables


def tables_alone(text: str, names: tuple, size: int) -> dict[str, pd.DataFrame]:
    """The tables `names` with the columns of a text alone, and names of their rows.

    The first table has `size` rows, the others as many as their columns.
    """
    found = {name: {} for name in names}
    for name, column, cells in columns_in(text):
        found[name][column] = [_guessed(word) for word in cells.split(" ")]
    tables = {}
    for name, columns in found.items():
        rows = size if name == names[0] else len(next(iter(columns.values())))
        own = [f"{name[0].upper()}{k + 1:02d}" for k in range(rows)]
        frame = pd.DataFrame(columns, index=range(rows))
        tables[name] = frame.assign(**{f"{name[:-1]}_id": own})
    return tables


def times_of_witness(text: str, edition: dict) -> str:
    """The times of whole tables in words, in their order, with a dagger after a death."""
    people = witness_tables(text, edition)["patients"].sort_values("time", kind="stable")
    pairs = zip(people["time"], people["event"], strict=True)
    return " ".join(f"{time}{'†' if died else ''}" for time, died in pairs)


def _typed(word, kind):
    """A cell by the type of its column."""
    if word == EMPTY:
        return None
    if pd.api.types.is_bool_dtype(kind):
        return word == "True"
    return float(word) if pd.api.types.is_numeric_dtype(kind) else word


def _guessed(word):
    """A cell by its looks."""
    try:
        return TYPES[word] if word in TYPES else float(word)
    except ValueError:
        return word
