"""What the times of an order with groups have to meet, as facts about real numbers.

A printed time says an interval, open or closed at its ends; an order says which times follow
which, strictly or not. Both are linear. A standard deviation is not, nor is the error of a mean:
they are a `Spread`.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from recohort.paper.rounding import Interval
from recohort.paper.rows import Row
from recohort.paper.statistics import AT_RISK, PATIENTS, RATES, SQUARES, TIMES
from recohort.survival.linear import Linear
from recohort.survival.patients import placements
from recohort.survival.problem import Problem, agrees, count_value, mask_of_row, members, settings
from recohort.survival.terms import spread_ways, time_facts
from recohort.survival.words import counted_among, counting_rows, cuts_of, steps_named


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
    return Question(problem.size, order, *asked_of(problem, pattern, counts, masks))


def asked_of(
    problem: Problem, pattern: int, counts: Sequence[int], masks: dict
) -> tuple[tuple, tuple]:
    """The facts and the spreads that the printed times and timed counts of some groups ask for."""
    facts, spreads = [], []
    for row in problem.rows:
        mask = mask_of_row(problem, row, masks) if row.statistic in TIMES + RATES else None
        if mask is None:
            continue
        positions = members(mask, problem.size)
        ended = ended_by(problem, row, positions, counts)
        if row.statistic == AT_RISK:
            facts.append(at_risk_ways(problem, row, positions, ended))
        elif row.statistic in SQUARES:
            spreads.append(spread_ways(problem, row, tuple(positions), pattern, ended))
        elif row.statistic in TIMES:
            facts.append(time_facts(problem, row, positions, pattern, ended))
    if any(row.statistic in PATIENTS for row in problem.rows):
        facts.append(tuple(placements(problem, pattern, counts, masks)))
    facts += [counted(problem, row, pattern, masks) for row in counting_rows(problem)]
    return tuple(facts), tuple(spreads)


def ended_by(
    problem: Problem, row: Row, positions: Sequence[int], counts: Sequence[int]
) -> int | None:
    """How many of some patients have ended by the time that a row goes `to`, or stands `at`."""
    options = dict(row.options)
    mark = options.get("at", options.get("to"))
    if mark is None:
        return None
    ended = counts[problem.landmarks.index(Fraction(mark))]
    return sum(i < ended for i in positions)


def at_risk_ways(
    problem: Problem, row: Row, positions: Sequence[int], ended: int
) -> tuple[tuple[Linear, ...], ...]:
    """A number at risk: of the `ended`, those whose time is the landmark may be among them."""
    at, boundaries = Fraction(dict(row.options)["at"]), settings(problem, row)["boundary"]
    if "after" in boundaries and agrees(problem, row, len(positions) - ended):
        return ((),)
    if "at_or_after" not in boundaries:
        return ()
    found = []
    for before in range(ended + 1):  # how many ended earlier than that
        if agrees(problem, row, len(positions) - before):
            early, late = positions[before - 1 : before], positions[before:ended]
            facts = [Linear(((i, Fraction(1)),), Interval(None, at, False, False)) for i in early]
            facts += [Linear(((i, Fraction(1)),), _at_least(at)) for i in late]
            found.append(tuple(facts))
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


def counted(problem: Problem, row: Row, pattern: int, masks: dict, good: bool = True) -> tuple:
    """A count with a condition on time: where the sorted times may be cut so that it comes out.

    Without `good`, so that it does not. One empty way where the row asks nothing of times.
    """
    cuts = [(operator, Fraction(value)) for operator, value in cuts_of(row)]
    if not cuts or not steps_named(problem, row) <= {*masks}:
        return ((),)
    found = []
    for places in product(range(problem.size + 1), repeat=len(cuts)):
        chosen, inside = list(zip(cuts, places, strict=True)), problem.everyone
        for (operator, _), k in chosen:
            below = (1 << k) - 1
            inside &= below if operator in ("<", "<=") else ~below
        number = counted_among(problem, row, pattern, masks, inside)
        if agrees(problem, row, count_value(row, number, problem.size)) == good:
            found.append(tuple(f for cut, k in chosen for f in _cut(problem.size, cut, k)))
    return tuple(found)


def _cut(size, cut, k):
    """Just the first `k` times lie below a value (at or below it for <= and >)."""
    operator, value = cut
    inside = operator in ("<=", ">")
    if k:
        yield Linear(((k - 1, Fraction(1)),), Interval(None, value, False, inside))
    if k < size:
        yield Linear(((k, Fraction(1)),), _at_least(value, not inside))


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
