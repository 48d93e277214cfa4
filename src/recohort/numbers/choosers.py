"""Values of columns that survival leaves open, as the edition writes them.

Nothing printed ties such a value to one patient, so there are very many ways. The edition takes,
patient by patient in order of time, the value nearest to the column's printed mean or median that
leaves a way for the patients after (the lower of two equally near): no random number, no other
preference. Whole numbers are counted (`sums`), what is measured is put to a solver (`measured`);
every row is checked on the result by the registry, as all cells are.
"""

from collections.abc import Iterable
from fractions import Fraction

import pandas as pd

from recohort.numbers.measured import Column, exactly, nearest_column, some_column, unit_of
from recohort.numbers.sums import count_columns, sums_of
from recohort.paper.rows import Row

MOST = 10**8  # entries of a table by sum and sum of squares


def choose_column(
    kind: str, rows: Iterable[Row], cohort: pd.DataFrame, conventions: dict, nearest: bool = False
) -> list | None:
    """Values of one column, one a patient of the frame `cohort`; None where none print all rows.

    `kind` is the column's type, "integer" or "number"; `nearest` asks for the edition's choice.
    """
    rows = list(rows)
    if kind == "integer":
        return column_with(rows, cohort, conventions)
    column = Column(tuple(rows), cohort, exactly(cohort["time"]), conventions, unit=unit_of(rows))
    if nearest:
        center = next(r.printed for r in rows if r.statistic in ("mean", "median"))
        found = nearest_column(column, center)
    else:  # a hundredth of the unit where the unit itself will not do
        found = some_column(column) or some_column(column._replace(unit=column.unit / 100))
    return found and [float(value) for value in found.values]


def column_with(
    rows: Iterable[Row],
    cohort: pd.DataFrame,
    conventions: dict,
    fixed: dict[int, int] | None = None,
) -> list[int] | None:
    """Whole numbers that print every row, with those of `fixed` (by position), the edition's way.

    Ranks and counts that cannot be counted are put to the solver of measured columns, in whole
    numbers; a spread beside them raises ValueError. Raises ArithmeticError where no printed range
    keeps the values few enough to be counted.
    """
    rows, found = list(rows), dict(fixed or {})
    try:
        column = sums_of(rows, cohort, conventions)
    except NotImplementedError:
        own = Column(tuple(rows), cohort, exactly(cohort["time"]), conventions, unit=Fraction(1))
        solved = some_column(own, found)
        return solved and [int(value) for value in solved.values]
    widest = max(high - low for low, high in column.domains)
    if len(cohort) ** 2 * widest**3 > MOST:
        raise ArithmeticError("whole numbers without a printed range: too many to count")
    if not count_columns(column, found):
        return None
    center = Fraction(column.sums[len(column.sums) // 2], len(cohort))
    for i, (low, high) in enumerate(column.domains):
        near = sorted(range(low, high + 1), key=lambda v: (abs(v - round(center)), v))
        ways = (v for v in near if count_columns(column, found | {i: v}))
        found[i] = found[i] if i in found else next(ways)
    return [found[i] for i in range(len(cohort))]
