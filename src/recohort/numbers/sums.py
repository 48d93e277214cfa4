"""Columns of numbers with a printed mean, spread and range: how many are there, exactly?

Rows that print the sum and the sum of squares tie all patients together; a range, or a count
on either side of a cut-off, bounds each patient's own values. So the number of columns is a
coefficient of a product: patients with equal bounds make one table of ways by (sum, sum of
squares), built up patient by patient, and the tables are joined within the printed intervals.
That some patient attains a printed extreme is counted by inclusion and exclusion. Nothing is
sampled or rounded: all counts are whole numbers.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import ceil, prod
from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort.paper.rounding import decimals_of, first_beyond, printed_interval
from recohort.paper.rows import CUTS, Row, select

ENDS = ("minimum", "maximum")
FAR = 600  # beyond any printed value


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
    n = len(cohort)
    domains, attained = [(0, FAR * scale)] * n, []
    sums, spread = range(n * FAR * scale + 1), (0, n * n * (FAR * scale) ** 2)
    for row in rows:
        inside = np.flatnonzero(select(cohort, _side(row)[0]).to_numpy())
        if row.statistic in ("mean", "sd") and len(inside) == n:
            ends = [bound * scale for bound in printed_interval(row.printed)[:2]]
            if row.statistic == "mean":
                sums = range(ceil(ends[0] * n), ceil(ends[1] * n))
            else:
                by = n * (n - (conventions["sd"] == "sample"))
                spread = tuple(ceil(max(end, 0) ** 2 * by) for end in ends)
            continue
        bound = _bound(row, len(inside), scale)
        if row.statistic in ENDS:
            attained.append((tuple(inside.tolist()), int(Fraction(row.printed) * scale)))
        for i in inside:
            domains[i] = _within(domains[i], *bound)
    return Sums(tuple(domains), tuple(attained), sums, spread)


def _bound(row, size, scale):
    """The lowest and the highest value (None: any) that a row leaves its patients."""
    if row.statistic in ENDS:
        value = int(Fraction(row.printed) * scale)
        return (value, None) if row.statistic == "minimum" else (None, value)
    if row.statistic == "count":
        return _cut(row, size, scale)
    raise NotImplementedError(f"{row.id}: no exact count with a {row.statistic} like this")


def count_columns(column: Sums, fixed: dict[int, int] | None = None) -> int:
    """The number of columns that print all rows; `fixed` maps positions to given values."""
    total = 0
    for size in range(len(column.attained) + 1):
        for missed in combinations(column.attained, size):
            domains = list(column.domains)
            for i, value in (fixed or {}).items():
                domains[i] = _within(domains[i], value, value)
            for positions, value in missed:  # columns in which nobody has the extreme
                for i in positions:
                    domains[i] = _without(domains[i], value)
            total += (-1) ** size * _count(tuple(domains), column.sums, column.spread)
    return total


def values_of(column: Sums, position: int) -> dict[int, int]:
    """Each value that a patient can have, with the number of columns in which he has it."""
    low, high = column.domains[position]
    counts = {v: count_columns(column, {position: v}) for v in range(low, high + 1)}
    return {value: count for value, count in counts.items() if count}


def _side(row):
    """A row's filters that choose patients, and the one that cuts their values (of a count)."""
    cuts = [f for f in row.filters if row.statistic == "count" and f[1] in CUTS]
    return [f for f in row.filters if f not in cuts], cuts


def _cut(row, size, scale):
    """Bounds on values from a count that takes in a whole group, or nobody of it."""
    ((_, operator, value),) = _side(row)[1]
    edge = first_beyond(operator, Fraction(value) * scale)
    all_of_them = int(row.printed) == size
    if row.relation != "=" or int(row.printed) not in (0, size):
        raise NotImplementedError(f"{row.id}: counts of a part of a group")
    return (None, edge - 1) if (operator in ("<", "<=")) == all_of_them else (edge, None)


def _within(domain, low, high):
    """A domain cut to two ends (None: as it was)."""
    lowest, highest = domain
    lowest = lowest if low is None else max(lowest, low)
    return lowest, highest if high is None else min(highest, high)


def _without(domain, value):
    """A domain without its lowest or highest value."""
    low, high = domain
    return low + (low == value), high - (high == value)


def _count(domains, sums, spread):
    """Columns with values in `domains`, a sum in `sums`, a spread in [low, high)."""
    if any(low > high for low, high in domains):
        return 0
    classes = sorted(Counter(domains).items(), key=lambda c: (c[0][1] - c[0][0]) * c[1])
    big = prod(high - low + 1 for low, high in domains) >= 2**62
    *rest, last = [_table(low, high, size, big) for (low, high), size in classes]
    first = {0: {0: 1}}
    for table in rest:
        first = _joined(first, table)
    n = len(domains)
    windows = {s: [-((-x - s * s) // n) for x in spread] for s in sums}
    return _ways_within(first, last, windows, big)


def _ways_within(first, last, windows, big):
    """Ways in which two groups together have a sum, and a sum of squares in its window.

    `windows` maps each sum to the ends [low, high) of its sums of squares; `big` counts in Python's
    own whole numbers.
    """
    total = 0
    for t, ways in first.items():
        keys = np.fromiter(ways, np.int64)
        numbers = np.array(list(ways.values()), object if big else np.int64)
        for s, window in windows.items():
            if s - t in last:
                values, running = last[s - t]
                low, high = (running[np.searchsorted(values, end - keys)] for end in window)
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
def _table(low, high, size, big):
    """Ways of `size` values in low..high: {sum: (sums of squares, running total of ways)}."""
    ways = _steps(high - low + 1, size, big)
    table = {}
    for k, row in enumerate(ways):
        squares = np.flatnonzero(row)
        if len(squares):
            running = np.concatenate(([0], np.cumsum(row[squares])))
            table[size * low + k] = squares + 2 * low * k + size * low * low, running
    return table


@cache
def _steps(width, size, big):
    """Ways of `size` numbers in 0..width-1, as an array by sum and sum of squares."""
    ways = np.zeros((1, 1), object if big else np.int64)
    ways[0, 0] = 1
    for _ in range(size):
        rows, columns = ways.shape
        more = np.zeros((rows + width - 1, columns + (width - 1) ** 2), ways.dtype)
        for k in range(width):
            more[k : k + rows, k * k : k * k + columns] += ways
        ways = more
    return ways
