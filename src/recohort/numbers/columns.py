"""Columns of numbers with a printed mean, spread and range: how many are there, and which is taken?

Rows that print the sum and the sum of squares tie all patients together; a range, or a count
on either side of a cut-off, bounds each patient's own values. So the number of columns is a
coefficient of a product: patients with equal bounds make one table of ways by (sum, sum of
squares), built up patient by patient, and the tables are joined within the printed intervals.
That some patient attains a printed extreme is counted by inclusion and exclusion. Nothing is
sampled or rounded: all counts are whole numbers.

Nothing printed ties such a value to one patient, so there are very many ways. The edition takes,
patient by patient in order of time, the value nearest to the column's printed mean or median that
leaves a way for the patients after (the lower of two equally near): no random number, no other
preference. What is measured is put to a solver (`measured`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import ceil, prod
from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort.numbers.measured import Column, exactly, nearest_column, some_column
from recohort.paper.rounding import decimals_of, first_beyond, printed_interval
from recohort.paper.rows import CUTS, Row, select

ENDS = ("minimum", "maximum")
FAR = 600  # beyond any printed value
MOST = 10**8  # entries of a table by sum and sum of squares


class Sums(NamedTuple):
    """What the rows of a column ask of it, in whole units of its last printed decimal."""

    domains: tuple  # of (lowest, highest), one a patient
    attained: tuple  # of (positions, value): some patient of these has this very value
    sums: range  # sums of all values that print the mean
    spread: tuple  # n times the sum of squares less the squared sum: [lowest, highest)


def sums_of(rows: Sequence[Row], cohort: pd.DataFrame, conventions: dict) -> Sums:
    """Compile the rows about a column of the frame `cohort`.

    Values lie in 0..`FAR` unless rows say more. Raises NotImplementedError for a row
    that the count cannot use: a quantile, or a mean or SD of a part of the patients.
    """
    ranks = [r for r in rows if r.statistic in ENDS]
    scale = 10 ** max((decimals_of(r.printed) for r in ranks), default=0)
    n, top = len(cohort), FAR * scale
    domains, attained = [(0, top)] * n, []
    sums, spread = range(n * top + 1), (0, (n * top) ** 2)
    for row in rows:
        cuts = [f for f in row.filters if row.statistic == "count" and f[1] in CUTS]
        members = select(cohort, [f for f in row.filters if f not in cuts])
        inside = np.flatnonzero(members.to_numpy()).tolist()
        if row.statistic in ("mean", "sd") and len(inside) == n:
            ends = [bound * scale for bound in printed_interval(row.printed)[:2]]
            if row.statistic == "mean":
                sums = range(ceil(ends[0] * n), ceil(ends[1] * n))
            else:
                by = n * (n - (conventions["sd"] == "sample"))
                spread = tuple(ceil(max(end, 0) ** 2 * by) for end in ends)
            continue
        low, high = _bounds(row, cuts, len(inside), scale)
        if row.statistic in ENDS:
            attained.append((tuple(inside), high if row.statistic == "maximum" else low))
        for i in inside:
            domains[i] = max(domains[i][0], low), min(domains[i][1], high)
    return Sums(tuple(domains), tuple(attained), sums, spread)


def _bounds(row, cuts, size, scale):
    """The lowest and the highest value that a row leaves its patients.

    A count has to take in a whole group on one side of its cut-off, or nobody of it.
    """
    if row.statistic in ENDS:
        value = int(Fraction(row.printed) * scale)
        return (0, value) if row.statistic == "maximum" else (value, FAR * scale)
    if row.statistic != "count":
        raise NotImplementedError(f"{row.id}: no exact count with a {row.statistic} like this")
    ((_, operator, value),) = cuts
    edge = first_beyond(operator, Fraction(value) * scale)
    if row.relation != "=" or int(row.printed) not in (0, size):
        raise NotImplementedError(f"{row.id}: counts of a part of a group")
    below = (operator in ("<", "<=")) == (int(row.printed) == size)
    return (0, edge - 1) if below else (edge, FAR * scale)


def count_columns(column: Sums, fixed: dict[int, int] | None = None) -> int:
    """The number of columns that print all rows; `fixed` maps positions to given values."""
    total = 0
    for size in range(len(column.attained) + 1):
        for missed in combinations(column.attained, size):
            domains = list(column.domains)
            for i, value in (fixed or {}).items():
                domains[i] = max(domains[i][0], value), min(domains[i][1], value)
            for positions, value in missed:  # columns in which nobody has the extreme
                for i in positions:
                    low, high = domains[i]
                    domains[i] = low + (low == value), high - (high == value)
            total += (-1) ** size * _count(domains, column.sums, column.spread)
    return total


def values_of(column: Sums, position: int) -> dict[int, int]:
    """Each value that a patient can have, with the number of columns in which he has it."""
    low, high = column.domains[position]
    counts = {v: count_columns(column, {position: v}) for v in range(low, high + 1)}
    return {value: count for value, count in counts.items() if count}


def _count(domains, sums, spread):
    """Columns with values in `domains`, a sum in `sums`, a spread in [low, high)."""
    if any(low > high for low, high in domains):
        return 0
    classes = sorted(Counter(domains).items(), key=lambda c: (c[0][1] - c[0][0]) * c[1])
    big = prod(high - low + 1 for low, high in domains) >= 2**62
    kind = object if big else np.int64  # Python's own whole numbers, or the machine's
    *rest, last = [_table(low, high, size, kind) for (low, high), size in classes]
    first, total = {0: {0: 1}}, 0
    for table in rest:
        first = _joined(first, table)
    for t, ways in first.items():
        squares = np.fromiter(ways, np.int64)
        numbers = np.array(list(ways.values()), kind)
        for s in (s for s in sums if s - t in last):
            values, running = last[s - t]
            ends = (-((-x - s * s) // len(domains)) - squares for x in spread)
            low, high = (running[np.searchsorted(values, end)] for end in ends)
            total += int((numbers * (high - low)).sum())
    return total


def _joined(first, table):
    """Ways by sum and sum of squares of two groups together, as {sum: {squares: ways}}."""
    answer = {}
    for t, ways in first.items():
        for s, (squares, running) in table.items():
            row, own = answer.setdefault(s + t, {}), np.diff(running).tolist()
            for q, more in ways.items():
                for r, w in zip(squares.tolist(), own, strict=True):
                    row[q + r] = row.get(q + r, 0) + w * more
    return answer


@cache
def _table(low, high, size, kind):
    """Ways of `size` values in low..high: {sum: (sums of squares, running total of ways)}."""
    width, ways, table = high - low + 1, np.ones((1, 1), kind), {}
    for _ in range(size):  # by sum and sum of squares of what is above the lowest
        rows, columns = ways.shape
        more = np.zeros((rows + width - 1, columns + (width - 1) ** 2), kind)
        for k in range(width):
            more[k : k + rows, k * k : k * k + columns] += ways
        ways = more
    for k, row in enumerate(ways):
        squares = np.flatnonzero(row)
        if len(squares):
            running = np.concatenate(([0], np.cumsum(row[squares])))
            table[size * low + k] = squares + 2 * low * k + size * low * low, running
    return table


def choose_column(
    kind: str, rows: Iterable[Row], cohort: pd.DataFrame, conventions: dict, nearest: bool = False
) -> list | None:
    """Values of one column, one a patient of the frame `cohort`; None where none print all rows.

    `kind` is the column's type, "integer" or "number"; `nearest` asks for the edition's choice.
    """
    rows = list(rows)
    if kind == "integer":
        return column_with(rows, cohort, conventions)
    unit = Fraction(1, 10 ** max(decimals_of(row.printed) for row in rows))
    column = Column(tuple(rows), cohort, exactly(cohort["time"]), conventions, unit=unit)
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
