"""The longer work on the blocks of numbers: counts, what each cell can be, with witnesses.

`make identify` writes it beside the cohort; `make cohort` reads it again.
"""

from decimal import Decimal
from pathlib import Path

import pandas as pd

from recohort.numbers.columns import column_with
from recohort.numbers.sums import count_columns, sums_of, values_of
from recohort.paper.rounding import printed_bounds
from thirteen.cohort import (
    number_columns,
    read_blocks,
    read_data,
    read_patients,
    read_table,
    read_tables,
)
from thirteen.measured_ends import measured_ends
from thirteen.negatives import least_p, negative_changes
from thirteen.pair_blocks import pair_blocks
from thirteen.pair_facts import pair_facts
from thirteen.pair_table import pair_rows, without_facts, write_pairs
from thirteen.pairs_search import attainable, pairs_of
from thirteen.related import related_corrections
from thirteen.related_blocks import related_blocks
from thirteen.related_cells import related_cells

CELLS = "table row_id column status values lowest highest attained".split()
WITNESSES = "table row_id column value aside cells times".split()
COUNTS = "block what count_lower count_upper ratio method".split()


def pair_settings(dictionary, conventions, block="renal"):
    """Conventions, bounds of both numbers and the name of the table of a block of pairs."""
    own = dictionary[(dictionary["block"] == block) & (dictionary["type"] == "number")]
    bounds = {r["column"]: (float(r["lowest"]), float(r["highest"])) for _, r in own.iterrows()}
    (table,) = set(own["table"])
    return conventions, bounds, table


def pair_exceptions(published, statements, patients, settings, starts=2) -> pd.DataFrame:
    """Spreads of percentages whose other divisor lets every figure of the pairs print.

    Only they can make fewer changes negative (see `search.negatives`); those that leave more
    than the printed P of the signed ranks allows are passed over. One row an exception that
    leaves a table: fact, kind, convention. That none is found for a fact proves nothing.
    """
    conventions, _, table = settings
    (other,) = {"sample", "population"} - {conventions["sd"]}
    facts = dict.fromkeys(
        r.fact for r in pair_rows(published, statements, table)
        if r.statistic == "sd" and "relative" in dict(r.options)
    )  # fmt: skip
    found = []
    for fact in facts:
        trial = pd.DataFrame([(fact, "excepted", f"sd={other}")], columns=list(_CORRECTION))
        kept = without_facts(pair_rows(published, statements, table), trial)
        if _negative_enough(kept, settings) and write_pairs(
            published, statements, patients, settings, trial, starts
        ):
            found.append(trial)
    return pd.concat(found, ignore_index=True)


def pair_corrections(facts: pd.DataFrame, exceptions: pd.DataFrame) -> pd.DataFrame:
    """All smallest corrections of the pairs, one fact each: fact, kind, convention.

    `facts` is the frame of `pair_facts`. Exceptions come first: the edition keeps the first row.
    """
    aside = facts.loc[(facts["mends"] == "yes") & ~facts["fact"].isin(exceptions["fact"]), "fact"]
    more = pd.DataFrame({"fact": aside, "kind": "set_aside", "convention": ""})
    return pd.concat([exceptions, more], ignore_index=True)


def _negative_enough(rows, settings):
    """May the percentages leave so few negative changes that the printed P is not too small?"""
    conventions, bounds, _ = settings
    tests = [printed_bounds(r.printed)[1] for r in rows if r.statistic == "paired_p"]
    problems = [p for p in pairs_of(rows, conventions, bounds) if attainable(p)]
    return any(
        least_p(len(p.boxes), negative_changes(p)[1]) < min(tests, default=2) for p in problems
    )


def needed_facts(rows, settings) -> list[str]:
    """The facts without which the argument from negative changes no longer holds.

    What leaves it standing when it is given up is no correction by itself. Without a class
    of the pairs there is no argument either.
    """
    found = []
    for fact in dict.fromkeys(r.fact for r in rows):
        rest = [r for r in rows if r.fact != fact]
        if not any(r.statistic == "paired_p" for r in rest) or _may_be_enough(rest, settings):
            found.append(fact)
    return found


def _may_be_enough(rows, settings):
    try:
        return _negative_enough(rows, settings)
    except (KeyError, NotImplementedError, StopIteration, ValueError):
        return True  # the argument cannot be made


_CORRECTION = ("fact", "kind", "convention")


def blocks_frame(folder, cells, settings) -> pd.DataFrame:
    """How many solutions each block has: exact, or a pair of bounds with their ratio.

    `cells` is the first frame of `related_cells`, all cells as text; `settings` are those of
    `pair_settings`.
    """
    found = [
        *_column_blocks(folder), *related_blocks(folder, cells), *pair_blocks(folder, settings)
    ]  # fmt: skip
    rows = [(b, w, low, high, _ratio(low, high), m) for b, w, low, high, m in found]
    return pd.DataFrame(rows, columns=COUNTS)


def _column_blocks(folder):
    """Ages: whole columns, counted exactly. What is measured is not counted."""
    rows, patients, conventions = age_rows(folder)
    n = count_columns(sums_of(rows, patients, conventions))
    return [("ages", "columns of ages", n, n, "exact: sums and squares")]


def age_rows(folder):
    """The rows about the one column of ages, the edition's patients and the conventions."""
    published, statements, conventions = read_blocks("survival", "ages", folder=folder)
    ((_, rows),) = number_columns(published, statements).items()
    return rows, read_patients(folder), conventions


def _ratio(low, high):
    """How many times the lower count the upper one is, to two digits; 1 where they are equal."""
    return "1" if low == high else f"{Decimal(high) / Decimal(low):.1e}"


def number_cells(folder) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each age, measured cell and pair can be, over all smallest corrections, and witnesses.

    The second frame has, for the lowest and highest value of each cell, a whole column that
    prints every row: table, row_id, column, value, aside, cells, times. For the table of pairs it
    has one more value of each cell.
    """
    parts = [_age_cells(folder), measured_ends(folder), _pair_cells(folder, read_patients(folder))]
    cells = [(*row, "")[: len(CELLS)] for own, _ in parts for row in own]
    witnesses = [(*row, "")[: len(WITNESSES)] for _, own in parts for row in own]
    return pd.DataFrame(cells, columns=CELLS), pd.DataFrame(witnesses, columns=WITNESSES)


def _age_cells(folder):
    """Ages: every value that some column has, counted."""
    rows, patients, conventions = age_rows(folder)
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


def _pair_cells(folder, patients):
    """Cells of the table of pairs: within the printed range, and not the edition's alone.

    A witness has the pairs of two patients exchanged, both of the flagged part or neither: no
    figure can tell them apart.
    """
    pairs = read_table("renal_function", folder).set_index("patient_id")
    marked = patients.set_index("patient_id").loc[pairs.index, "chemotherapy_after"]
    cells, witnesses = [], []
    for column in pairs:
        for name in pairs.index:
            low, high = str(pairs[column].min()), str(pairs[column].max())
            cells.append(("renal_function", name, column, "bounded", "", low, high))
            others = pairs[(marked == marked[name]) & (pairs[column] != pairs.at[name, column])]
            changed = pairs[column].copy()
            changed[name], changed[others.index[0]] = changed[others.index[0]], changed[name]
            text = " ".join(map(str, changed))
            witnesses.append(("renal_function", name, column, str(changed[name]),
                              f"exchanged with {others.index[0]}", text))  # fmt: skip
    return cells, witnesses


def write_identify(folder, out=None) -> None:
    """Write the corrections of pairs and of related tables, cells, witnesses and counts."""
    out = Path(out) if out else Path(folder) / "cohort"
    published, statements, conventions = read_data(folder)
    dictionary = pd.read_csv(Path(folder) / "dictionary.csv", dtype=str, keep_default_na=False)
    settings = pair_settings(dictionary, conventions)
    rows = pair_rows(published, statements, settings[2])
    exceptions = pair_exceptions(published, statements, read_patients(folder), settings)
    facts = pair_facts(
        rows, needed_facts(rows, settings), set(exceptions["fact"]), read_tables(folder), settings
    )
    tables = {
        "pair_facts": lambda: facts,
        "pair_corrections": lambda: pair_corrections(facts, exceptions),
        "related_corrections": lambda: related_corrections(
            read_tables(folder), published, statements, conventions, folder
        ),
    }
    for name, make in tables.items():
        make().to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    found = [*number_cells(folder), *related_cells(folder)]
    names = ("number_cells", "witnesses", "related_cells", "related_witnesses")
    for name, frame in zip(names, found, strict=True):
        frame.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    counts = blocks_frame(folder, found[2].astype(str), settings)
    counts.to_csv(out / "blocks.csv", index=False, lineterminator="\n")
