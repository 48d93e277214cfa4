"""What the times of an order with groups have to meet, as facts about real numbers.

A printed time says an interval, open or closed at its ends; an order says which times follow
which, strictly or not. Both are linear. A standard deviation is not: it is a `Spread`.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import NamedTuple

from recohort.paper.rounding import Interval, printed_interval
from recohort.paper.rows import Row
from recohort.paper.statistics import TIMES
from recohort.survival.join import row_terms
from recohort.survival.linear import Linear
from recohort.survival.problem import Problem, agrees, count_value, mask_of, members, settings
from recohort.survival.spread import Spread
from recohort.survival.words import count_span, counting_rows, steps_named


class Question(NamedTuple):
    """What the times of an order with groups and ties have to meet."""

    size: int
    order: tuple  # of Linear
    facts: tuple  # for each printed time or count, its alternatives: tuples of Linear
    spreads: tuple  # of Spread alternatives, one tuple a printed standard deviation


def question(
    problem: Problem, pattern: int, counts: Sequence[int], masks: dict, ties: int | None
) -> Question:
    """The linear facts and spreads of an order with groups and tied deaths.

    Bit i of `ties` says that patients i and i + 1 die at one time; None leaves ties open.
    `masks` maps (column, level) to bits; rows about a level that it does not name ask nothing. A
    printed time that no option gives has no alternative.
    """
    order = _order_facts(problem.size, pattern, counts, problem.landmarks, ties)
    return Question(problem.size, order, *asked_of(problem, pattern, masks))


def asked_of(problem: Problem, pattern: int, masks: dict) -> tuple[tuple, tuple]:
    """The facts and the spreads that the printed times and timed counts of some groups ask for."""
    facts, spreads = [], []
    for row in (r for r in problem.rows if r.statistic in TIMES):
        mask = mask_of(problem, row.filters[0], masks) if row.filters else 2**problem.size - 1
        if mask is None:
            continue
        positions = members(mask, problem.size)
        if row.statistic == "sd":
            spreads.append(spreads_of(problem, row, positions))
        else:
            facts.append(_ways(problem, row, positions, pattern))
    facts += [counted(problem, row, pattern, masks) for row in counting_rows(problem)]
    return tuple(facts), tuple(spreads)


def _ways(problem, row, positions, pattern):
    """A printed time as alternatives of one linear fact each."""
    interval, found = printed_interval(row.printed, settings(problem, row)["halves"]), []
    for terms, divisor in row_terms(problem, row, positions, pattern) if positions else ():
        shares = tuple((i, Fraction(weight, divisor)) for i, weight in terms)
        found.append((Linear(shares, interval),))
    return tuple(found)


def _order_facts(size, pattern, counts, landmarks, ties):
    """Times sorted, deaths before censorings at one time, landmarks where they stand.

    With `ties` None, deaths in a row may or may not be at one time.
    """
    found = [Linear(((0, Fraction(1)),), _at_least(Fraction(0)))]
    for i in range(size - 1):
        step = ((i + 1, Fraction(1)), (i, Fraction(-1)))
        strict = pattern >> (i + 1) & 1 and not (ties is None and pattern >> i & 1)
        if ties is not None and ties >> i & 1:
            found.append(Linear(step, Interval(Fraction(0), Fraction(0), True, True)))
        else:
            found.append(Linear(step, _at_least(Fraction(0), not strict)))
    for count, landmark in zip(counts, landmarks, strict=True):
        if count:
            last = ((count - 1, Fraction(1)),)
            found.append(Linear(last, Interval(None, Fraction(landmark), False, True)))
        if count < size:
            found.append(Linear(((count, Fraction(1)),), _at_least(Fraction(landmark), False)))
    return tuple(found)


def _at_least(value, closed=True):
    return Interval(value, None, closed, False)


def spreads_of(problem: Problem, row: Row, positions: Sequence[int]) -> tuple[Spread, ...]:
    """What a printed standard deviation asks of the times at `positions`, one an option."""
    interval = printed_interval(row.printed, settings(problem, row)["halves"])
    return tuple(
        Spread(tuple(positions), len(positions) - (divisor == "sample"), interval)
        for divisor in settings(problem, row)["sd"]
        if len(positions) > (divisor == "sample")
    )


def counted(problem: Problem, row: Row, pattern: int, masks: dict, good: bool = True) -> tuple:
    """A count with a condition on time: where the sorted times may be cut so that it comes out.

    Without `good`, so that it does not. One empty way where the row asks nothing of times.
    """
    cuts = [(op, Fraction(value)) for column, op, value in row.filters if column == "time"]
    if row.statistic == "units_lost":
        cuts = [("<", Fraction(dict(row.options)["at"]))]
    if not cuts or not steps_named(problem, row) <= {*masks}:
        return ((),)
    found = []
    for places in product(range(problem.size + 1), repeat=len(cuts)):
        facts = [f for cut, k in zip(cuts, places, strict=True) for f in _cut(problem.size, cut, k)]
        times = _times_at(problem.size, cuts, places)
        span = times and count_span(problem, row, pattern, masks, times, times)
        if span and agrees(problem, row, count_value(row, span[0], problem.size)) == good:
            found.append(tuple(facts))
    return tuple(found)


def _cut(size, cut, k):
    """Just the first `k` times lie below a value (at or below it for <= and >)."""
    operator, value = cut
    inside = operator in ("<=", ">")
    if k:
        yield Linear(((k - 1, Fraction(1)),), Interval(None, value, False, inside))
    if k < size:
        yield Linear(((k, Fraction(1)),), _at_least(value, not inside))


def _times_at(size, cuts, places):
    """Times that stand for a choice of cuts, each on its side of their values; None: no such."""
    marks = sorted((value, k) for (_, value), k in zip(cuts, places, strict=True))
    values, ranks = [value for value, _ in marks], [k for _, k in marks]
    if ranks != sorted(ranks):
        return None
    between = [(a + b) / 2 for a, b in pairwise(values)]
    points = [values[0] - 1, *between, values[-1] + 1] if values else [Fraction(0)]
    return [points[sum(k <= i for k in ranks)] for i in range(size)]


def meets(asked: Question, times: Sequence[Fraction]) -> bool:
    """Do these very times meet the question, with some way to form each number?"""
    return (
        hold(asked.order, times)
        and all(any(hold(way, times) for way in ways) for ways in asked.facts)
        and all(any(spread.holds(times) for spread in ways) for ways in asked.spreads)
    )


def hold(facts: Iterable, times: Sequence[Fraction]) -> bool:
    """Are linear facts, or spreads, all true of these times?"""
    return all(fact.holds(times) for fact in facts)
