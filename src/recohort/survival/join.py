"""Stages four and five: groups of all columns together, and the times that fit them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from itertools import chain, product
from typing import NamedTuple

from recohort.paper.printed import values_of
from recohort.paper.rows import Row
from recohort.paper.statistics import COUNTS, RANKS, SQUARES, TIMES
from recohort.survival.linear import FARTHEST
from recohort.survival.patients import patients_fit
from recohort.survival.problem import (
    ANY_TIES,
    STEP,
    Problem,
    about,
    level_masks,
    members,
    rows_for,
    settings,
)
from recohort.survival.terms import time_ways
from recohort.survival.times import merge, tighten, whole
from recohort.survival.words import counting_rows, may_hold, steps_named


class Candidate(NamedTuple):
    """A set of patients for one level in one order, with what it implies."""

    mask: int
    ties: int  # bits over the order's tie patterns
    constraints: tuple  # on the times


class Joint(NamedTuple):
    """An order with a set of patients for every level of every column."""

    pattern: int
    counts: tuple
    masks: dict  # (column, level) to bits
    ties: int
    constraints: tuple
    low: list
    high: list


@lru_cache(maxsize=200_000)
def time_constraints(
    problem: Problem, pattern: int, mask: int, rows: tuple[Row, ...], scale: int
) -> list[tuple]:
    """Constraints from the printed times of a group: each way to form its medians, [] for none.

    A quantile that options put between different patients bounds the outer two alone; what is
    not linear, or goes to a landmark, is judged with the times themselves.
    """
    found, positions = [()], members(mask, problem.size)
    for row in rows:
        if row.statistic in SQUARES or "to" in dict(row.options):
            continue
        ways = time_ways(problem, row, positions, pattern)
        halves = settings(problem, row)["halves"]
        own = [
            ((way.terms, *_scaled(row, halves, way.divisor * scale)),) if way.terms else ()
            for way in ways
        ]
        own = list(dict.fromkeys(own))
        if len(own) > 1 and row.statistic == "quantile":
            own = [_between(own)]
        found = [(*before, *way) for before in found for way in own]
    return found


@cache
def _scaled(row, halves, factor):
    """The ends of the values that print a row, times a factor: whole numbers mostly."""
    low, high = values_of(row, halves)[:2]
    most = FARTHEST * FARTHEST * factor
    return (
        -most if low is None else whole(low * factor),
        most if high is None else whole(high * factor),
    )


def _between(ways):
    """What holds whichever way a quantile is formed: its patients reach from first to last."""
    ends = []
    for ((terms, least, most),) in ways:
        weight = sum(w for _, w in terms)
        ends.append((Fraction(least) / weight, Fraction(most) / weight))
    places = [i for ((terms, _, _),) in ways for i, _ in terms]
    low, high = whole(min(a for a, _ in ends)), whole(max(b for _, b in ends))
    return (((min(places), 1),), 0, high), (((max(places), 1),), low, FARTHEST * FARTHEST)


@lru_cache(maxsize=20_000)
def room_for_times(problem: Problem, counts: tuple[int, ...]) -> bool:
    """Do the ranked times of all patients leave room for so many ended by each landmark?"""
    rows = rows_for(problem, RANKS)
    rows = tuple(row for row in rows if "event" not in dict(row.options))
    return next(_with_room(problem, 0, counts, rows), None) is not None


def _with_room(problem, pattern, counts, rows):
    """Constraints and bounds of all times for each way to form some rows that leaves room."""
    bare, everyone = problem._replace(rows=()), problem.everyone
    for way in time_constraints(bare, pattern, everyone, rows, problem.scale):
        base = merge(way)
        bounds = base is not None and tighten(base, *order_bounds(problem, counts))
        if bounds:
            yield base, *bounds


def order_bounds(problem: Problem, counts: Sequence[int], grid: bool = False) -> tuple[list, list]:
    """Lowest and highest times by position from the landmarks alone, in half units."""
    edges = [whole(landmark * problem.scale) for landmark in problem.landmarks]
    later = [0, *(STEP * (edge // STEP + 1) if grid else edge for edge in edges)]
    passed = [bisect_right(counts, i) for i in range(problem.size)]
    return [later[k] for k in passed], [[*edges, FARTHEST * problem.scale][k] for k in passed]


def starts_of(problem: Problem, pattern: int, counts: tuple) -> list[Joint]:
    """An order before any groups, for each way to form the times of all that leaves room."""
    if not patients_fit(problem, pattern, counts):
        return []
    ways = _with_room(problem, pattern, counts, rows_for(problem, TIMES))
    return [Joint(pattern, counts, {}, ANY_TIES, *way) for way in ways]


def start_of(problem: Problem, pattern: int, counts: tuple) -> Joint | None:
    """The same with what all ways ask; None without room."""
    ways = starts_of(problem, pattern, counts)
    if not ways:
        return None
    low = [min(ends) for ends in zip(*(way.low for way in ways), strict=True)]
    high = [max(ends) for ends in zip(*(way.high for way in ways), strict=True)]
    constraints = _common([way.constraints for way in ways])
    return ways[0]._replace(constraints=constraints, low=low, high=high)


def _common(ways):
    """The constraints of every way."""
    first, *others = ways
    return tuple(c for c in first if all(c in way for way in others))


def candidates(
    problem: Problem,
    pattern: int,
    step: tuple,
    sets: Sequence[int] | None = None,
    ties: Sequence[int] = (),
    apart: bool = False,
) -> list[Candidate]:
    """The sets of one step in an order that can print its times, with what all ways to do so ask.

    Without `sets`, all those of a printed size; without `ties`, any. Ways `apart`: a set for each.
    """
    if sets is None:
        sets = level_masks(about(problem, step, COUNTS), *step).tolist()
    bare, everyone, found = problem._replace(rows=()), problem.everyone, []
    rows = [(rows_for(problem, TIMES, (*step, side)), -side) for side in (False, True)]
    rows = [(own, turned) for own, turned in rows if own]
    for mask, tie in zip(sets, ties or [ANY_TIES] * len(sets), strict=True):
        ways = [
            time_constraints(bare, pattern, (mask ^ turned) & everyone, own, problem.scale)
            for own, turned in rows
        ]
        asked = product(*ways) if apart else [map(_common, ways)] if all(ways) else []
        found += [Candidate(mask, tie, tuple(chain(*own))) for own in asked]
    return found


def extend(problem: Problem, candidates: dict, joint: Joint) -> Iterator[Joint]:
    """Every way to add one candidate for each level in `candidates` to a `Joint`."""
    fitting = {
        step: [c for c, _ in _added(problem, joint, step, found)]
        for step, found in candidates.items()
    }
    steps = sorted(fitting, key=lambda step: (len(fitting[step]), step))
    yield from _extend(problem, steps, fitting, joint)


def _extend(problem, steps, candidates, joint):
    if not steps:
        yield joint
        return
    step, *rest = steps
    smallest, largest = _room(problem, joint, step[0], rest, candidates)
    fitting = (c for c in candidates[step] if smallest <= c.mask.bit_count() <= largest)
    for _, wider in _added(problem, joint, step, fitting):
        yield from _extend(problem, rest, candidates, wider)


def _room(problem, joint, column, rest, candidates):
    """Sizes that a level may have, so that the column's levels can still cover everyone."""
    levels = problem.levels[column]
    if len(levels) == 2 or None in levels:
        return 0, problem.size
    left = problem.size - _union(joint.masks, column).bit_count()
    later = [candidates[step] for step in rest if step[0] == column]
    if len(later) + 1 + sum(c == column for c, _ in joint.masks) < len(levels):
        return 0, left  # some level is chosen only afterwards
    sizes = [[c.mask.bit_count() for c in found] for found in later]
    if not all(sizes):
        return 1, 0
    return left - sum(map(max, sizes)), left - sum(map(min, sizes))


def _added(problem, joint, step, candidates):
    """Candidates for one more level that times and statements admit, each with its `Joint`."""
    bounds, taken, known = {}, _union(joint.masks, step[0]), {*joint.masks, step}
    rows = [row for row, needed in _statements(problem) if step in needed and needed <= known]
    for candidate in candidates:
        mask, ties, implied = candidate
        ties &= joint.ties
        if mask & taken or not ties:
            continue
        if implied not in bounds:
            both = merge(joint.constraints + implied) if implied else joint.constraints
            found = None if both is None else tighten(both, joint.low, joint.high)
            bounds[implied] = found and (both, *found)
        if bounds[implied]:
            constraints, *found = bounds[implied]
            masks = joint.masks | {step: mask}
            if all(may_hold(problem, r, joint.pattern, masks, *found) for r in rows):
                order = joint.pattern, joint.counts
                yield candidate, Joint(*order, masks, ties, constraints, *found)


@lru_cache(maxsize=64)
def _statements(problem):
    """The counting rows, each with the levels that have to be known to judge it."""
    return [(row, steps_named(problem, row)) for row in counting_rows(problem)]


def _union(masks, column):
    union = 0
    for (other, _), mask in masks.items():
        if other == column:
            union |= mask
    return union
