"""Columns of numbers: how many there are, what each cell can be, with witnesses."""

from fractions import Fraction

import pandas as pd

from recohort.audit.known import CELLS
from recohort.edition import Work, measured_columns, readings
from recohort.folder import read_patients, read_table
from recohort.numbers.columns import column_with, count_columns, sums_of, values_of
from recohort.numbers.measured import end_of
from recohort.pairs.table import pair_settings
from recohort.survival.reals import Ends

WITNESSES = "table row_id column value aside cells times".split()


def numbers(work: Work) -> dict:
    """`number_cells.csv`, `witnesses.csv`, `blocks.csv`: columns of numbers, cell by cell.

    What each age, measured cell and pair can be, over all smallest corrections; for the lowest and
    the highest value of each age and measured cell a whole column that prints every row; and how
    many columns of ages there are, exactly (what is measured is not counted).
    """
    counts, *ages = _ages(work)
    cells, witnesses = ([*a, *b] for a, b in zip(ages, _measured(work), strict=True))
    cells += _pairs(work)
    return {
        "number_cells": pd.DataFrame(cells, columns=CELLS),
        "witnesses": pd.DataFrame(witnesses, columns=WITNESSES),
        "blocks": pd.DataFrame(counts, columns=["block", "what", "count"]),
    }


def _ages(work):
    """The one column of ages: how many there are; every value that each cell has; witnesses."""
    name = next((column for column in work.numbers if column not in work.measured), None)
    if name is None:
        return [], [], []
    told = work.numbers[name], read_patients(work.folder), work.data[2]
    column, known, cells, witnesses = sums_of(*told), {}, [], []
    for i, patient in enumerate(told[1]["patient_id"]):
        domain = column.domains[i]  # equal bounds, equal values
        if domain not in known:
            known[domain] = set(values_of(column, i))
        values, ends = known[domain], (min(known[domain]), max(known[domain]))
        cells.append(("patients", patient, name, "bounded", len(values), *map(str, ends), ""))
        for value in ends:
            text = " ".join(map(str, column_with(*told, {i: value})))
            witnesses.append(("patients", patient, name, str(value), "", text, ""))
    return [("ages", "columns of ages", count_columns(column))], cells, witnesses


def _measured(work):
    """The ends of each measured cell beside follow-up, each with a whole column.

    Over all least readings, all groups of the survival search and all real follow-up times that go
    with them; `attained` says whether each end is reached.
    """
    cells, witnesses = [], []
    for column in (name for name in work.numbers if name in work.measured):
        every = _columns(work, column)
        for i in range(len(every[0][1].cohort)):
            own = "patients", f"P{i + 1:02d}", column
            (low, *under), (high, *over) = ends = [_end(every, i, sign) for sign in (1, -1)]
            reached = Ends(low, high, under[0], over[0]).attained
            cells.append((*own, "bounded", "", decimal(low), decimal(high), reached))
            for _, _, found, reading in ends:
                values, times = (" ".join(map(decimal, part)) for part in found)
                witnesses.append((*own, decimal(found.values[i]), reading, values, times))
    return cells, witnesses


def _columns(work, column):
    """(What the reading switches, a column of real numbers), one for each way to read it."""
    own = work.dictionary.set_index("column").loc[column]
    given_up = read_table("corrections", work.folder)
    ends = {end: Fraction(own[end]) for end in ("lowest", "highest")}
    return [
        (text, one)
        for text, rows in readings(work.numbers[column], given_up, column)
        for one in measured_columns(work.result, rows, **ends)
    ]


def _end(columns, i, sign):
    """The furthest end of a patient over all readings: end, attained, column, reading."""
    every = [(*end_of(column, i, sign), text) for text, column in columns]
    return min(every, key=lambda end: (sign * end[0], not end[1]))


def decimal(value: Fraction) -> str:
    """A fraction as a decimal where it is one, else as a quotient."""
    text = f"{float(value):.10g}"
    return text if Fraction(text) == value else str(value)


def _pairs(work):
    """Cells of the table of pairs: measured, so that their values are not counted.

    The ends are those of the edition's column. Any patient measured may have any of its rows,
    with the flag that goes with it: no number tells.
    """
    settings, cells = pair_settings(work.folder), []
    if settings is None:
        return cells
    pairs = read_table(settings.table, work.folder).set_index("patient_id")
    for column in pairs:
        low, high = str(pairs[column].min()), str(pairs[column].max())
        cells += [(settings.table, p, column, "bounded", "", low, high, "") for p in pairs.index]
    return cells
