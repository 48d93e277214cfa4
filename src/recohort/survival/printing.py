"""Which rows one cohort prints: a check of the search that uses none of its stages."""

from fractions import Fraction

import numpy as np

from recohort.paper.reading import DASHES
from recohort.survival.cohorts import Cohort, ties_in
from recohort.survival.comparisons import is_joint, prints_joint, prints_test
from recohort.survival.join import members, row_terms
from recohort.survival.problem import (
    COUNTS,
    RATES,
    TESTS,
    Problem,
    agrees,
    mask_of,
)
from recohort.survival.reals import spreads_of
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
        return prints_joint(problem, row, cohort.pattern, ties_in(cohort), dict(cohort.masks))
    if row.statistic in TESTS:
        return _test_agrees(problem, row, mask, cohort)
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


def _test_agrees(problem, row, mask, cohort):
    arrays = cohort.pattern, ties_in(cohort), mask
    return bool(prints_test(problem, row, *(np.array([x], np.int64) for x in arrays))[0])


def _time_agrees(problem, row, positions, pattern, times):
    if row.statistic == "sd":
        return any(spread.holds(times) for spread in spreads_of(problem, row, positions))
    return any(
        agrees(problem, row, sum(w * times[i] for i, w in terms) / divisor)
        for terms, divisor in row_terms(problem, row, positions, pattern)
    )


def _count_agrees(problem, row, cohort, times):
    span = count_span(problem, row, cohort.pattern, dict(cohort.masks), times, times, 1)
    if span is None:
        return False
    value = Fraction(span[0])
    return agrees(problem, row, value * 100 / problem.size if row.statistic == "percent" else value)
