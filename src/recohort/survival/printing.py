"""Which rows one cohort prints: a check of the search that uses none of its stages."""

from fractions import Fraction

import numpy as np

from recohort.paper.rows import Row
from recohort.paper.statistics import AT_RISK, COUNTS, PATIENTS, RATES, REGISTRY, SQUARES, TESTS
from recohort.survival.cohorts import Cohort, ties_in
from recohort.survival.comparisons import is_joint, prints_joint, prints_test
from recohort.survival.join import Joint
from recohort.survival.patients import placements
from recohort.survival.problem import (
    Problem,
    agrees,
    bits,
    count_value,
    mask_of_row,
    members,
    settings,
)
from recohort.survival.questions import ended_by, hold
from recohort.survival.tables import is_carried, prints_rate, state_of
from recohort.survival.terms import spread_ways, time_facts
from recohort.survival.words import count_span


def printed_facts(problem: Problem, cohort: Cohort) -> set[str]:
    """The facts of which the cohort prints every row; a row about an open level fails."""
    failed = {row.fact for row in problem.rows if not prints_row(problem, row, cohort)}
    return {row.fact for row in problem.rows} - failed


def prints_row(problem: Problem, row: Row, cohort: Cohort) -> bool:
    """Does the cohort print one row, recomputed from its times, deaths and groups?"""
    times, masks = [Fraction(str(t)) for t in cohort.times], dict(cohort.masks)
    if row.statistic in PATIENTS:
        ways = placements(problem, cohort.pattern, cohort.counts, masks)
        return any(hold(facts, times) for facts in ways)
    if row.statistic in COUNTS:
        span = count_span(problem, row, cohort.pattern, masks, times, times)
        return span is not None and agrees(problem, row, count_value(row, span[0], problem.size))
    if row.statistic in TESTS and is_joint(problem, row):
        return prints_joint(problem, row, cohort.pattern, ties_in(cohort), masks)
    mask = mask_of_row(problem, row, masks)
    if not mask:
        return False
    if row.statistic in TESTS:
        arrays = (np.array([x], np.int64) for x in (cohort.pattern, ties_in(cohort), mask))
        return bool(prints_test(problem, row, *arrays)[0])
    found = _prints_rate if row.statistic in RATES else _prints_time
    return found(problem, row, members(mask, problem.size), cohort.pattern, times)


def _prints_rate(problem, row, positions, pattern, times):
    """Kaplan-Meier by its definition: one factor a death up to the landmark."""
    landmark = Fraction(dict(row.options)["at"])
    early = [i for i in positions if times[i] <= landmark]
    if row.statistic == AT_RISK:
        own, later = settings(problem, row)["boundary"], len(positions) - len(early)
        there = {"after": later, "at_or_after": sum(times[i] >= landmark for i in positions)}
        return any(agrees(problem, row, there[boundary]) for boundary in own)
    return prints_rate(problem, row, _state(positions, len(early), pattern))


def _state(positions, ended, pattern):
    died = bits(pattern >> i & 1 for i in positions[:ended])
    return state_of(len(positions), ended, died)


def _prints_time(problem, row, positions, pattern, times):
    to = dict(row.options).get("to")
    ended = None if to is None else sum(times[i] <= Fraction(to) for i in positions)
    if row.statistic in SQUARES:
        ways = spread_ways(problem, row, tuple(positions), pattern, ended)
        return any(spread.holds(times) for spread in ways)
    return any(hold(way, times) for way in time_facts(problem, row, positions, pattern, ended))


def carried(problem: Problem, joint: Joint | Cohort) -> list[Row]:
    """The rows of a rate that comes out only where it is carried on, nobody being followed.

    The curve is not at zero there, and the paper's conventions leave open whether such a rate is
    printed.
    """
    masks, found = dict(joint.masks), []
    for row in (r for r in problem.rows if "beyond" in REGISTRY[r.statistic].named):
        mask = mask_of_row(problem, row, masks)
        positions = members(mask or 0, problem.size)
        ended = ended_by(problem, row, positions, joint.counts)
        if positions and is_carried(_state(positions, ended, joint.pattern)):
            found.append(row)
    return found
