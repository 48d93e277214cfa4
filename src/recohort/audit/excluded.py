"""Which patients cannot have some cells, because no measured column exists beside them.

A sentence may tie a whole number of one table to a measured column ("nine years before, so the
primary tumor is as old"). The solver of related tables does not know measured columns; what they
exclude is found here, by z3, and told to it.
"""

from collections.abc import Iterable
from itertools import permutations

from recohort.cells.cells import Cells
from recohort.cells.relations import BLOCKS
from recohort.edition import Work, measured_columns, number_columns, readings
from recohort.folder import read_blocks, read_table
from recohort.numbers.measured import some_column
from recohort.paper.rows import select


def excluded(work: Work) -> list[dict]:
    """Cells that leave no measured column beside any cohort of the survival search, over the reals.

    Each answer maps (patient, column) to a value, all of them excluded together; patients are
    places, from 0.
    """
    parts = read_blocks("survival", "ages", "intervals", *BLOCKS, folder=work.folder)
    found = []
    for column, rows in number_columns(*parts[:2]).items():
        own = work.numbers.get(column, ())
        ties = [r for r in rows if r not in own and r.statistic == "count"]
        if own and ties and column in work.measured:
            found += _excluded(column, rows, ties, work)
    return found


def _excluded(column, rows, ties, work):
    given_up = read_table("corrections", work.folder)
    (cell,) = {name for row in ties for name, _, _ in row.filters} - {column}
    values = [int(v) for row in ties for name, _, v in row.filters if name == cell]
    ways, found = [own for _, own in readings(rows, given_up, column)], []
    every = [one for own in ways for one in measured_columns(work.result, own)]
    frames = [one.cohort for one in every]
    for places in permutations(_candidates(column, rows, frames), len(values)):
        cells = dict(zip(places, values, strict=True))
        beside = [f.assign(**{cell: [cells.get(i) for i in range(len(f))]}) for f in frames]
        columns = (one._replace(cohort=f) for one, f in zip(every, beside, strict=True))
        if not any(some_column(one) for one in columns):
            found.append({(i, cell): value for i, value in cells.items()})
    return found


def _candidates(column, rows, frames):
    """The patients who in some cohort are of the groups that counts with the column are about."""
    known = {column, *frames[0]}
    counts = [r for r in rows if r.statistic == "count" and {f[0] for f in r.filters} <= known]
    groups = [[f for f in row.filters if f[0] != column] for row in counts]
    met = [select(frame, filters) for frame in frames for filters in groups if filters]
    return [i for i in range(len(frames[0])) if any(good.iloc[i] for good in met)]


def exclude(cells: Cells, without: Iterable[dict]) -> None:
    """Tell a model's cells what `excluded` found."""
    people = list(cells.slots["patients"].values())
    for together in without:
        literals = []
        for (i, column), value in together.items():
            cell = people[i].cells[column]
            there = [cells.negated(cell.empty), cells.compared(cell.number, "=", value)]
            literals.append(cells.negated(cells.all_of(there)))
        cells.m.add_bool_or(literals)
