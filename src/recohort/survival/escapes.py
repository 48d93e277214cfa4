"""Does every choice of real times of a solution agree with a further row, or can some miss it?"""

from fractions import Fraction
from itertools import product

from recohort.paper.rounding import Interval
from recohort.paper.statistics import TIMES
from recohort.survival.cohorts import Cohort, ties_in
from recohort.survival.linear import Linear
from recohort.survival.problem import Problem
from recohort.survival.questions import counted, question
from recohort.survival.reals import Times, real_times, settled
from recohort.survival.words import counting_rows

FARTHEST = Fraction(10**4)  # months: no standard deviation of times reaches it


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


def missed_by(problem: Problem, own: Problem, cohort: Cohort) -> Cohort | None:
    """The cohort with times that miss some row of `own`, or None where none of its times do."""
    found = escape(problem, own, cohort)
    return cohort._replace(times=tuple(map(float, found.witness))) if found.witness else None


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
    sides = [[(Linear(f.terms, one),) for one in _outside(f.interval)] for (f,) in ways]
    return tuple(sum(chosen, ()) for chosen in product(*sides))


def _outside(interval):
    low, high, low_closed, high_closed = interval
    return (
        Interval(None, low, False, not low_closed),
        Interval(high, None, not high_closed, False),
    )


def _beside(spread):
    low, high, low_closed, high_closed = spread.interval
    if low > 0:
        yield spread._replace(interval=Interval(Fraction(0), low, True, not low_closed))
    yield spread._replace(interval=Interval(high, FARTHEST, not high_closed, True))
