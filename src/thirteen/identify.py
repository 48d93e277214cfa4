"""The longer work on the blocks of numbers: counts, what each cell can be, with witnesses.

`make identify` writes it beside the cohort; `make cohort` reads it again.
"""

from decimal import Decimal
from pathlib import Path

import pandas as pd

from recohort.numbers.columns import column_with
from recohort.numbers.ranks import count_ranks, intervals_of, ranks_of
from recohort.numbers.sums import count_columns, sums_of, values_of
from thirteen.cohort import (
    number_columns,
    read_blocks,
    read_data,
    read_patients,
    read_table,
    read_tables,
)
from thirteen.related import related_corrections
from thirteen.related_blocks import related_blocks
from thirteen.related_cells import related_cells

BLOCKS = {"age_years": "ages", "diagnosis_interval": "intervals"}
CELLS = "table row_id column status values lowest highest".split()
COUNTS = "block what count_lower count_upper ratio method".split()


def blocks_frame(folder, cells) -> pd.DataFrame:
    """How many solutions each block has: exact, or a pair of bounds with their ratio.

    `cells` is the first frame of `related_cells`, all cells as text. What is measured in real
    numbers (kidney function) is not counted.
    """
    found = [*_column_blocks(folder), *related_blocks(folder, cells)]
    rows = [(b, w, low, high, _ratio(low, high), m) for b, w, low, high, m in found]
    return pd.DataFrame(rows, columns=COUNTS)


def _column_blocks(folder):
    """Ages and intervals: whole columns, counted exactly."""
    published, statements, conventions = read_blocks("survival", "ages", "intervals", folder=folder)
    patients, found = read_patients(folder), []
    for column, rows in number_columns(published, statements).items():
        if column == "age_years":
            n = count_columns(sums_of(rows, patients, conventions))
            found.append((BLOCKS[column], "columns of ages", n, n, "exact: sums and squares"))
            continue
        for fact in [None, *_facts(read_table("corrections", folder), column)]:
            kept = [r for r in rows if r.fact != fact]
            n = count_ranks(ranks_of(kept, patients, conventions))
            what = f"columns of intervals without {fact}" if fact else "columns of intervals"
            found.append((BLOCKS[column], what, n, n, "exact: edges and tallies"))
    return found


def _ratio(low, high):
    """How many times the lower count the upper one is, to two digits; 1 where they are equal."""
    return "1" if low == high else f"{Decimal(high) / Decimal(low):.1e}"


def _facts(corrections, block):
    return corrections.loc[corrections["block"] == block, "fact"].tolist()


def number_cells(folder) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each age, interval and pair can be, over all smallest corrections, and witnesses.

    The second frame has, for the lowest and highest value of each cell, a whole column that
    prints every row (but the one set aside): table, row_id, column, value, aside, cells.
    """
    published, statements, conventions = read_blocks("survival", "ages", "intervals", folder=folder)
    patients, corrections = read_patients(folder), read_table("corrections", folder)
    cells, witnesses = [], []
    for column, rows in number_columns(published, statements).items():
        asides = _facts(corrections, column) or [None]
        spans = [_spans([r for r in rows if r.fact != a], patients, conventions) for a in asides]
        for i, patient in enumerate(patients["patient_id"]):
            values = set().union(*(own[i] for own in spans))
            ends = str(min(values)), str(max(values))
            cells.append(("patients", patient, column, "bounded", len(values), *ends))
            for value in (min(values), max(values)):
                aside = next(a for a, own in zip(asides, spans, strict=True) if value in own[i])
                kept = [r for r in rows if r.fact != aside]
                found = column_with(kept, patients, conventions, {i: value})
                text = " ".join(map(str, found))
                witnesses.append(("patients", patient, column, str(value), aside or "", text))
    cells += _pair_cells(folder)
    names = "table row_id column value aside cells".split()
    return pd.DataFrame(cells, columns=CELLS), pd.DataFrame(witnesses, columns=names)


def _pair_cells(folder):
    """Cells of the table of pairs: measured, so that their values are not counted.

    The ends are those of the edition's column. Any patient measured may have any of its rows: a
    witness has the pair of another patient of the same part in exchange, which no figure tells.
    """
    pairs, cells = read_table("renal_function", folder).set_index("patient_id"), []
    for column in pairs:
        low, high = str(pairs[column].min()), str(pairs[column].max())
        cells += [("renal_function", p, column, "bounded", "", low, high) for p in pairs.index]
    return cells


def _spans(rows, patients, conventions):
    """The values of each patient, as sets."""
    n = len(patients)
    if any(r.statistic == "mean" for r in rows):
        column, known = sums_of(rows, patients, conventions), {}
        for i, domain in enumerate(column.domains):  # equal bounds, equal values
            if domain not in known:
                known[domain] = set(values_of(column, i))
        return [known[domain] for domain in column.domains]
    column = ranks_of(rows, patients, conventions)
    return [
        {v / 10 for low, high in intervals_of(column, i) for v in range(low, high)}
        for i in range(n)
    ]


def write_identify(folder, out=None) -> None:
    """Write the corrections of related tables, cells, witnesses and counts."""
    out = Path(out) if out else Path(folder) / "cohort"
    published, statements, conventions = read_data(folder)
    given_up = related_corrections(read_tables(folder), published, statements, conventions, folder)
    given_up.to_csv(out / "related_corrections.csv", index=False, lineterminator="\n")
    found = [*number_cells(folder), *related_cells(folder)]
    names = ("number_cells", "witnesses", "related_cells", "related_witnesses")
    for name, frame in zip(names, found, strict=True):
        frame.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    counts = blocks_frame(folder, found[2].astype(str))
    counts.to_csv(out / "blocks.csv", index=False, lineterminator="\n")
