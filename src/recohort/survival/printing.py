"""Which rows one cohort prints: a check of the search that uses none of its stages."""

from fractions import Fraction

import numpy as np

from recohort.paper.reading import DASHES
from recohort.paper.rounding import printed_bounds
from recohort.survival.cohorts import Cohort
from recohort.survival.comparisons import is_joint, prints_joint, rounds_to, test_values
from recohort.survival.join import members, row_terms
from recohort.survival.problem import (
    COUNTS,
    RATES,
    TESTS,
    Problem,
    agrees,
    mask_of,
    settings,
)
from recohort.survival.tables import prints_rate
from recohort.survival.words import count_span


def printed_facts(problem: Problem, cohort: Cohort) -> set[str]:
    """The facts of which the cohort prints every row; a row about an open level fails."""
    failed = {row.fact for row in problem.rows if not prints_row(problem, row, cohort)}
    return {row.fact for row in problem.rows} - failed


def prints_row(problem: Problem, row, cohort: Cohort) -> bool:
    """Does the cohort print one row, recomputed from its times, deaths and groups?"""
    times = [Fraction(str(t)) for t in cohort.times]
    if row.statistic in COUNTS:
        return _count_agrees(problem, row, cohort, times)
    mask = 2**problem.size - 1
    if row.filters:
        mask = mask_of(problem, row.filters[0], dict(cohort.masks))
    if not mask:
        return False
    if row.statistic in RATES:
        return _rate_agrees(problem, row, members(mask, problem.size), cohort.pattern, times)
    if row.statistic in TESTS and is_joint(problem, row):
        return prints_joint(problem, row, cohort)
    if row.statistic in TESTS:
        return _test_agrees(problem, row, mask, cohort, times)
    return _time_agrees(problem, row, members(mask, problem.size), cohort.pattern, times)


def _rate_agrees(problem, row, positions, pattern, times):
    """Kaplan-Meier by its definition: one factor a death up to the landmark."""
    landmark, rate, greenwood = Fraction(dict(row.options)["at"]), Fraction(1), Fraction(0)
    for rank, i in enumerate(positions):
        if times[i] > landmark:
            break
        if pattern >> i & 1:
            n = len(positions) - rank
            rate, greenwood = (
                rate * (n - 1) / n,
                None if n == 1 else greenwood + Fraction(1, n * (n - 1)),
            )
    if row.statistic in DASHES:
        return all(times[i] <= landmark for i in positions)
    return prints_rate(problem, row, (rate, greenwood))


def _test_agrees(problem, row, mask, cohort, times):
    n, pattern = problem.size, cohort.pattern
    ties = sum(1 << i for i in range(n - 1) if times[i] == times[i + 1] and pattern >> i & 3 == 3)
    conventions = settings(problem, row)
    arrays = [np.array([x], np.int64) for x in (pattern, ties, mask)]
    return bool(rounds_to(test_values(n, *arrays, row, conventions), row, conventions)[0])


def _time_agrees(problem, row, positions, pattern, times):
    if row.statistic == "sd":
        values = [times[i] for i in positions]
        mean = sum(values) / len(values)
        divisor = len(values) - (settings(problem, row)["sd"] == "sample")
        square = sum((v - mean) ** 2 for v in values) / divisor
        low, high = printed_bounds(row.printed)
        return max(low, 0) ** 2 <= square < high**2
    found = row_terms(problem, row, positions, pattern)
    if found is None:
        return False
    terms, divisor = found
    return agrees(problem, row, sum(w * times[i] for i, w in terms) / divisor)


def _count_agrees(problem, row, cohort, times):
    span = count_span(problem, row, cohort.pattern, dict(cohort.masks), times, times, 1)
    if span is None:
        return False
    value = Fraction(span[0])
    return agrees(problem, row, value * 100 / problem.size if row.statistic == "percent" else value)
