"""Which rows one cohort prints, and whether some other times of its order and groups miss one."""

from fractions import Fraction
from itertools import product

import numpy as np

from recohort.paper.rounding import Interval
from recohort.paper.rows import Row
from recohort.paper.statistics import COUNTS, PATIENTS, RATES, REGISTRY, TESTS, TIMES
from recohort.survival.cohorts import Cohort, ties_in
from recohort.survival.comparisons import prints_joint, prints_test
from recohort.survival.join import Joint
from recohort.survival.linear import Linear
from recohort.survival.problem import (
    Problem,
    agrees,
    bits,
    count_value,
    is_joint,
    mask_of_row,
    members,
)
from recohort.survival.questions import counted, ended_by, meets, question
from recohort.survival.reals import Times, real_times, settled
from recohort.survival.tables import State, is_carried, prints_rate, state_of
from recohort.survival.words import count_span, counting_rows

FARTHEST = Fraction(10**4)  # months: no standard deviation of times reaches it


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
    if row.statistic in TESTS and is_joint(problem, row):
        return prints_joint(problem, row, cohort.pattern, ties_in(cohort), masks)
    mask = problem.everyone if row.statistic in PATIENTS else mask_of_row(problem, row, masks)
    if not mask:
        return False
    if row.statistic in TESTS:
        arrays = (np.array([x], np.int64) for x in (cohort.pattern, ties_in(cohort), mask))
        return bool(prints_test(problem, row, *arrays)[0])
    alone, place = problem._replace(rows=(row,)), (cohort.pattern, cohort.counts)
    on_curve = row.statistic not in RATES or prints_rate(
        problem, row, _state(problem, row, mask, *place)
    )
    return on_curve and meets(question(alone, *place, masks, ties_in(cohort)), times)


def _state(problem: Problem, row: Row, mask: int, pattern: int, counts: tuple) -> State:
    """A group at the time at which a row stands."""
    positions = members(mask, problem.size)
    ended = ended_by(problem, row, positions, counts)
    return state_of(len(positions), ended, bits(bool(pattern >> i & 1) for i in positions[:ended]))


def carried(problem: Problem, joint: Joint | Cohort) -> list[Row]:
    """The rows of a rate that comes out only where it is carried on, nobody being followed.

    The curve is not at zero there, and the paper's conventions leave open whether such a rate is
    printed.
    """
    masks, found = dict(joint.masks), []
    for row in (r for r in problem.rows if "beyond" in REGISTRY[r.statistic].named):
        mask = mask_of_row(problem, row, masks)
        if mask and is_carried(_state(problem, row, mask, joint.pattern, joint.counts)):
            found.append(row)
    return found


def escape(problem: Problem, own: Problem, cohort: Cohort) -> Times:
    """Times of the cohort's order and groups that meet `problem` and miss some row of `own`.

    Rows that depend on order and groups alone are not asked. Some (with a witness), none or open.
    """
    place = cohort.pattern, cohort.counts, dict(cohort.masks)
    asked = question(problem, *place, ties_in(cohort))
    return settled(
        real_times(asked._replace(facts=asked.facts + facts, spreads=asked.spreads + spreads))
        for facts, spreads in _misses(own, *place, ties_in(cohort))
    )


def _misses(own, pattern, counts, masks, ties):
    """For each row about times, what times have to meet to miss it: facts and spreads."""
    for row in own.rows:
        if row.statistic in TIMES:
            one = question(own._replace(rows=(row,)), pattern, counts, masks, ties)
            for ways in one.facts:
                yield (_negated(ways),), ()
            for spreads in one.spreads:
                yield (), tuple(tuple(_beside(spread)) for spread in spreads)
        elif row in counting_rows(own._replace(rows=(row,))):
            ways = counted(own, row, pattern, masks, good=False)
            if ways != ((),):
                yield (ways,), ()


def _negated(ways):
    """Alternatives under which none of several ways, each one linear fact, holds."""
    sides = []
    for (fact,) in ways:
        low, high, low_closed, high_closed = fact.interval
        below = Interval(None, low, False, not low_closed)
        above = Interval(high, None, not high_closed, False)
        sides.append([(Linear(fact.terms, beyond),) for beyond in (below, above)])
    return tuple(sum(chosen, ()) for chosen in product(*sides))


def _beside(spread):
    low, high, low_closed, high_closed = spread.interval
    if low > 0:
        yield spread._replace(interval=Interval(Fraction(0), low, True, not low_closed))
    yield spread._replace(interval=Interval(high, FARTHEST, not high_closed, True))
