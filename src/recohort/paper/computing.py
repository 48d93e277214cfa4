"""How each statistic is computed from a cohort's tables: (tables, row, conventions) to a number."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import numpy as np
from scipy.stats import rankdata, ttest_1samp

from recohort.paper.rounding import Number, prints_as
from recohort.paper.rows import Row, Tables, cohort_of, column_of, group_of, of_related, select

NO_NUMBER = float("nan")  # where nothing can be printed
TIME_IS = ("time", "=")  # a filter on a patient's printed time


def count(tables: Tables, row: Row, _: dict) -> Number:
    """Number of rows (patients, or those of `table`) in the group."""
    return len(group_of(tables, row))


def percent(tables: Tables, row: Row, conventions: dict) -> Number:
    """The group as a percentage, exact: of its table's rows `within`, or of another number."""
    return 100 * ratio(tables, of_related(row), conventions)


def ratio(tables: Tables, row: Row, _: dict) -> Number:
    """Rows of the group per row of the table `of`, exact."""
    whole = whole_of(tables, row)
    return Fraction(len(group_of(tables, row)), whole) if whole else NO_NUMBER


def fraction(_: Tables, row: Row, __: dict) -> Number:
    """Printed `numerator` over printed `denominator`, in percent: arithmetic alone."""
    options = dict(row.options)
    return 100 * Fraction(options["numerator"]) / Fraction(options["denominator"])


def whole_of(tables: Tables, row: Row) -> int:
    """Rows that a share is of: those `within`, a number `of`, or the rows of another table."""
    other = dict(row.options).get("of")
    if other is None:
        return len(cohort_of(tables, row))
    return int(other) if other.isdigit() else len(tables[other])


def units_lost(tables: Tables, row: Row, _: dict) -> Number:
    """Units gone before `at` months at the least: one a patient, two where `multiple` is True."""
    options, chosen = dict(row.options), group_of(tables, row)
    gone = chosen[chosen["time"] < float(options["at"])]
    return len(gone) + int(select(gone, [(options["multiple"], "=", "True")]).sum())


def mean(tables: Tables, row: Row, _: dict) -> Number:
    """Arithmetic mean, exact."""
    values = column_of(tables, row)
    return sum(values) / len(values) if values else NO_NUMBER


def sd(tables: Tables, row: Row, conventions: dict) -> Number:
    """Standard deviation; divisor n - 1 (sample) or n (population)."""
    values, ddof = column_of(tables, row), conventions["sd"] == "sample"
    return float(np.std([float(v) for v in values], ddof=ddof)) if len(values) > 1 else NO_NUMBER


def quantile(tables: Tables, row: Row, conventions: dict, q: Fraction | None = None) -> Number:
    """The quantile `q`, or that of the row, exact: ranked values as `quantile_ranks` weighs them.

    Of the lowest, the middle and the largest value all conventions are the same.
    """
    values = sorted(column_of(tables, row))
    if not values:
        return NO_NUMBER
    share = Fraction(dict(row.options)["q"]) if q is None else q
    ranks = quantile_ranks(len(values), share, conventions.get("quantile", "inclusive"))
    return sum(weight * values[rank] for rank, weight in ranks)


@cache
def quantile_ranks(n: int, q: Fraction, method: str) -> tuple[tuple[int, Fraction], ...]:
    """The ranks (from 0) of `n` sorted values that a quantile averages, with their weights.

    ``"exclusive"`` interpolates at (n + 1) q, ``"inclusive"`` at (n - 1) q + 1, ``"averaged"``
    takes the value after n q or, where that is whole, the mean of two. Types 6, 7 and 2 of Hyndman
    and Fan (1996).
    """
    if method == "averaged":
        at = n * q
        h = at - Fraction(1, 2) if at.denominator == 1 else Fraction(int(at))
    else:
        h = (n + 1) * q - 1 if method == "exclusive" else (n - 1) * q
    h = min(max(h, Fraction(0)), Fraction(n - 1))
    below, part = int(h), h - int(h)
    return ((below, 1 - part), (below + 1, part)) if part else ((below, Fraction(1)),)


def quantile_terms(
    positions: Sequence[int], q: Fraction, method: str = "inclusive"
) -> tuple[tuple, int]:
    """A quantile of the values at `positions` as terms with whole weights, and their divisor."""
    ranks = quantile_ranks(len(positions), Fraction(q), method)
    divisor = max(weight.denominator for _, weight in ranks)
    return tuple((positions[rank], int(weight * divisor)) for rank, weight in ranks), divisor


def patient(tables: Tables, row: Row, conventions: dict) -> Number:
    """1 where some patient is as the row says: a printed time, event and groups; else 0."""
    exact = [value for column, operator, value in row.filters if (column, operator) == TIME_IS]
    rest = tuple(f for f in row.filters if f[:2] != TIME_IS)
    chosen = group_of(tables, row._replace(filters=rest))
    times = [Fraction(str(time)) for time in chosen["time"]]
    return int(any(all(prints_as(t, v, conventions["halves"]) for v in exact) for t in times))


def paired_p(tables: Tables, row: Row, conventions: dict) -> Number:
    """Two-sided P of `column` against `minus`, pair by pair.

    Student's t test of the differences, or Wilcoxon's signed-rank test, exact with ties:
    every choice of signs counts once, differences of zero are dropped.
    """
    changes = column_of(tables, row)
    if conventions["paired_test"] == "student":
        return float(ttest_1samp([float(c) for c in changes], 0).pvalue)
    changes = [c for c in changes if c]
    ranks = [round(2 * r) for r in rankdata([abs(float(c)) for c in changes])]  # halves at ties
    ways = Counter({0: 1})  # how many choices of signs give each sum
    for rank in ranks:
        ways += Counter({total + rank: n for total, n in ways.items()})
    found = sum(r for r, c in zip(ranks, changes, strict=True) if c > 0)
    least = min(found, sum(ranks) - found)
    extreme = sum(n for t, n in ways.items() if t <= least)
    return min(Fraction(2 * extreme, 2 ** len(ranks)), Fraction(1))
