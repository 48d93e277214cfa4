"""How many tables of pairs (kidney function) there are: a row of `blocks.csv`."""

from pathlib import Path

import numpy as np
import pandas as pd

from thirteen.cohort import read_data, read_table, read_tables
from thirteen.pair_bounds import lower_bound, upper_bound
from thirteen.pair_table import flag_column, holds, pair_rows, without_facts
from thirteen.pairs_search import attainable, pairs_of


def pair_blocks(folder, settings) -> list[tuple]:
    """Block, what, lower, upper, method: under the first exception of `pair_corrections.csv`.

    `settings` are those of `identify.pair_settings`.
    """
    published, statements, conventions = read_data(folder)
    edition, table = read_tables(Path(folder)), settings[2]
    first = read_table("pair_corrections", folder).head(1)
    rows = without_facts(pair_rows(published, statements, table), first)
    problems = [p for p in pairs_of(rows, *settings[:2]) if attainable(p)]
    upper = sum(upper_bound(p) for p in problems)
    problem, pairs, names = _of_the_edition(problems, edition, table, flag_column(rows))

    def prints(numbers):
        frame = pd.DataFrame(dict(zip(problem.columns, numbers / problem.scale, strict=True)))
        trial = edition | {table: frame.assign(patient_id=names)}
        return all(holds(row, trial, conventions) for row in rows)

    method = ("lower: small steps from the edition's pairs, each tried, in every order; "
              "upper: Chernoff's bound from means, spreads and ranges, P aside")  # fmt: skip
    return [("renal", "tables of pairs", lower_bound(problem, pairs, prints), upper, method)]


def _of_the_edition(problems, edition, table, flag):
    """The problem that the edition's table solves, its pairs in whole units, its patients.

    Raises ArithmeticError where none of them does.
    """
    for problem in problems:
        found = pairs_in_order(problem, edition[table], edition["patients"], flag)
        if found is not None:
            return problem, *found
    raise ArithmeticError("the edition's pairs are in no class of the printed counts")


def pairs_in_order(problem, table, patients, flag):
    """The pairs in the order of the problem's rows, in whole units (2 x rows), and their patients.

    None where they do not fit.
    """
    flags = patients.set_index("patient_id")[flag]
    units = (table[list(problem.columns)] * problem.scale).round().astype(int).to_numpy()
    left = list(zip(table["patient_id"], units.tolist(), strict=True))
    found = []
    for box, flagged in _narrowest_first(problem):
        fits = [
            own for own in left if flags[own[0]] == flagged
            and all(low <= v <= high for v, (low, high) in zip(own[1], box, strict=True))
        ]  # fmt: skip
        if not fits:
            return None
        found.append(fits[0])
        left.remove(fits[0])
    names, numbers = zip(*_in_order(problem, found), strict=True)
    return np.array(numbers).T, list(names)


def _rows(problem):
    return list(zip(problem.boxes, problem.flags, strict=True))


def _area(row):
    (a, b), (c, d) = row[0]
    return (b - a + 1) * (d - c + 1)


def _narrowest_first(problem):
    return sorted(_rows(problem), key=_area)


def _in_order(problem, found):
    """What was found for the rows, narrowest first, put back in the rows' own order."""
    rows = _rows(problem)
    order = sorted(range(len(rows)), key=lambda i: _area(rows[i]))
    return [own for _, own in sorted(zip(order, found, strict=True), key=lambda pair: pair[0])]
