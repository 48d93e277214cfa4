"""Columns of numbers: how many there are, what each cell can be, with witnesses."""

import pandas as pd

from recohort.audit.measured_ends import measured_ends
from recohort.edition import number_columns
from recohort.folder import read_blocks, read_patients, read_table
from recohort.numbers.choosers import column_with
from recohort.numbers.sums import count_columns, sums_of, values_of
from recohort.pairs.table import pair_settings

CELLS = "table row_id column status values lowest highest attained".split()
WITNESSES = "table row_id column value aside cells times".split()


def ages_counted(folder) -> pd.DataFrame:
    """How many columns of ages there are, exactly: `block`, `what`, `count`.

    Only whole numbers are counted; what is measured is not. No row where no age is printed.
    """
    rows, patients, conventions = age_rows(folder)
    counts = [count_columns(sums_of(rows, patients, conventions))] if rows else []
    found = [("ages", "columns of ages", n) for n in counts]
    return pd.DataFrame(found, columns=["block", "what", "count"])


def age_rows(folder):
    """The rows about the one column of ages, the edition's patients and the conventions.

    No rows where the paper has no such column.
    """
    published, statements, conventions = read_blocks("survival", "ages", folder=folder)
    rows = next(iter(number_columns(published, statements).values()), [])
    return rows, read_patients(folder), conventions


def number_cells(folder) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each age, measured cell and pair can be, over all smallest corrections, and witnesses.

    The second frame has, for the lowest and highest value of each cell, a whole column that
    prints every row: table, row_id, column, value, aside, cells, times.
    """
    parts = [_age_cells(folder), measured_ends(folder), (_pair_cells(folder), [])]
    cells = [(*row, "")[: len(CELLS)] for own, _ in parts for row in own]
    witnesses = [(*row, "")[: len(WITNESSES)] for _, own in parts for row in own]
    return pd.DataFrame(cells, columns=CELLS), pd.DataFrame(witnesses, columns=WITNESSES)


def _age_cells(folder):
    """Ages: every value that some column has, counted."""
    rows, patients, conventions = age_rows(folder)
    if not rows:
        return [], []
    column, known = sums_of(rows, patients, conventions), {}
    cells, witnesses = [], []
    (name,) = {dict(r.options)["column"] for r in rows if r.options}
    for i, patient in enumerate(patients["patient_id"]):
        domain = column.domains[i]  # equal bounds, equal values
        if domain not in known:
            known[domain] = set(values_of(column, i))
        values, ends = known[domain], (min(known[domain]), max(known[domain]))
        cells.append(("patients", patient, name, "bounded", len(values), *map(str, ends)))
        for value in ends:
            text = " ".join(map(str, column_with(rows, patients, conventions, {i: value})))
            witnesses.append(("patients", patient, name, str(value), "", text))
    return cells, witnesses


def _pair_cells(folder):
    """Cells of the table of pairs: measured, so that their values are not counted.

    The ends are those of the edition's column. Any patient measured may have any of its rows,
    with the flag that goes with it: no figure tells.
    """
    settings, cells = pair_settings(folder), []
    if settings is None:
        return cells
    table = settings[2]
    pairs = read_table(table, folder).set_index("patient_id")
    for column in pairs:
        low, high = str(pairs[column].min()), str(pairs[column].max())
        cells += [(table, p, column, "bounded", "", low, high) for p in pairs.index]
    return cells
