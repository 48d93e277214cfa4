"""The committed tables read back: witnesses in words as tables, and the problem that was kept."""

import pandas as pd

from recohort.folder import read_blocks
from recohort.paper.rows import SHARE
from recohort.survival import problem_of, with_exceptions
from recohort.survival.cohorts import Cohort
from recohort.witness import EMPTY
from thirteen.data import DATA, read_table


def columns_in(text):
    """The (table, column, cells) that `recohort.witness.tables_in_words` wrote."""
    for place, _, cells in (part.partition(": ") for part in text.split("; ") if part):
        yield (*place.split(".", 1), cells.split(" "))


def cohort_from_words(text, landmarks):
    """The cohort that `recohort.witness.cohort_in_words` wrote."""
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


def witness_tables(columns, edition):
    """The edition's tables with the columns of a text, or of a frame of witnesses, changed.

    Where a column has another number of rows than its table, all other columns are emptied.
    """
    tables = {name: frame.copy() for name, frame in edition.items()}
    if isinstance(columns, pd.DataFrame):
        named = columns[["table", "column", "cells"]].itertuples(index=False)
        columns = [(table, column, cells.split(" ")) for table, column, cells in named]
    else:
        columns = columns_in(columns)
    for name, column, words in columns:
        kind = edition[name][column].dtype
        if len(words) != len(tables[name]):
            tables[name] = pd.DataFrame(index=range(len(words)), columns=edition[name].columns)
        tables[name][column] = [typed(word, kind) for word in words]
    return tables


def tables_alone(text, names, size):
    """The tables `names` with the columns of a text alone, and names of their rows.

    The first table has `size` rows, the others as many as their columns.
    """
    found = {name: {} for name in names}
    for name, column, words in columns_in(text):
        found[name][column] = [guessed(word) for word in words]
    tables = {}
    for name, columns in found.items():
        rows = size if name == names[0] else len(next(iter(columns.values())))
        own = [f"{name[0].upper()}{k + 1:02d}" for k in range(rows)]
        frame = pd.DataFrame(columns, index=range(rows))
        tables[name] = frame.assign(**{f"{name[:-1]}_id": own})
    return tables


def typed(word, kind):
    """A cell by the type of its column."""
    if word == EMPTY:
        return None
    if pd.api.types.is_bool_dtype(kind):
        return word == "True"
    return float(word) if pd.api.types.is_numeric_dtype(kind) else word


def guessed(word):
    """A cell by its looks."""
    known = {"True": True, "False": False, EMPTY: None}
    try:
        return known[word] if word in known else float(word)
    except ValueError:
        return word


def kept_problem():
    """The survival block as the search keeps it: `run(...).problem`, read from `corrections.csv`.

    Without what had to be set aside, and with the exceptions.
    """
    return with_exceptions(problem_of(*read_blocks("survival", folder=DATA)), *kept_corrections())


def kept_corrections():
    """The facts that the survival search sets aside, and those of them that it excepts."""
    table = read_table("corrections")
    table = table[(table["block"] == "survival") & (table["correction"] == 1)]
    excepted = table[table["kind"] == "excepted"].set_index("fact")["convention"]
    exceptions = {fact: tuple(text.split("=")) for fact, text in excepted.items()}
    exceptions = {fact: own for fact, own in exceptions.items() if own[0] != SHARE}
    return set(table["fact"]), exceptions
