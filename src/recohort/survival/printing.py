"""Which rows one cohort prints: a check of the search that uses none of its stages."""

from fractions import Fraction

import numpy as np

from recohort.paper.rows import Row
from recohort.paper.statistics import COUNTS, RATES, TESTS
from recohort.survival.cohorts import Cohort, ties_in
from recohort.survival.comparisons import is_joint, prints_joint, prints_test
from recohort.survival.join import row_terms
from recohort.survival.problem import Problem, agrees, count_value, mask_of, members
from recohort.survival.questions import spreads_of
from recohort.survival.tables import after_censoring, after_death, at_start, prints_rate
from recohort.survival.words import count_span


def printed_facts(problem: Problem, cohort: Cohort) -> set[str]:
    """The facts of which the cohort prints every row; a row about an open level fails."""
    failed = {row.fact for row in problem.rows if not prints_row(problem, row, cohort)}
    return {row.fact for row in problem.rows} - failed


def prints_row(problem: Problem, row: Row, cohort: Cohort) -> bool:
    """Does the cohort print one row, recomputed from its times, deaths and groups?"""
    times, masks = [Fraction(str(t)) for t in cohort.times], dict(cohort.masks)
    if row.statistic in COUNTS:
        span = count_span(problem, row, cohort.pattern, masks, times, times)
        return span is not None and agrees(problem, row, count_value(row, span[0], problem.size))
    mask = mask_of(problem, row.filters[0], masks) if row.filters else 2**problem.size - 1
    if not mask:
        return False
    if row.statistic in TESTS and is_joint(problem, row):
        return prints_joint(problem, row, cohort.pattern, ties_in(cohort), masks)
    if row.statistic in TESTS:
        arrays = (np.array([x], np.int64) for x in (cohort.pattern, ties_in(cohort), mask))
        return bool(prints_test(problem, row, *arrays)[0])
    found = _prints_rate if row.statistic in RATES else _prints_time
    return found(problem, row, members(mask, problem.size), cohort.pattern, times)


def _prints_rate(problem, row, positions, pattern, times):
    """Kaplan-Meier by its definition: one factor a death up to the landmark."""
    landmark = Fraction(dict(row.options)["at"])
    early = [i for i in positions if times[i] <= landmark]
    state = at_start(len(positions))
    for i in early:
        state = after_death(state) if pattern >> i & 1 else after_censoring(state)
    return prints_rate(problem, row, state)


def _prints_time(problem, row, positions, pattern, times):
    if row.statistic == "sd":
        return any(spread.holds(times) for spread in spreads_of(problem, row, positions))
    return any(
        agrees(problem, row, sum(w * times[i] for i, w in terms) / divisor)
        for terms, divisor in row_terms(problem, row, positions, pattern)
    )
