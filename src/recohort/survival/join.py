"""Stages four and five: groups of all columns together, and the times that fit them."""

from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import NamedTuple

from recohort.paper.rounding import printed_bounds
from recohort.survival.problem import (
    RANKS,
    TIMES,
    Problem,
    levels_of,
    rows_for,
    settings,
)
from recohort.survival.times import (
    STEP,
    constraint,
    merge,
    quantile_terms,
    scale_of,
    squares_within,
    tighten,
    whole,
)
from recohort.survival.words import counting_rows, may_hold, steps_named

FAR = 10**6  # months: no printed time reaches it


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


def members(mask: int, size: int) -> list[int]:
    """Positions, in order of time, of the patients in `mask`."""
    return [i for i in range(size) if mask >> i & 1]


def order_bounds(problem: Problem, counts, scale, grid=False):
    """Lowest and highest times by position from the landmarks alone, in half units."""
    low, high = [0] * problem.size, [FAR * scale] * problem.size
    for count, landmark in zip(counts, problem.landmarks, strict=True):
        edge = whole(landmark * scale)
        for i in range(problem.size):
            if i < count:
                high[i] = min(high[i], edge)
            else:
                low[i] = max(low[i], STEP * (floor(Fraction(edge) / STEP) + 1) if grid else edge)
    return low, high


@lru_cache(maxsize=200_000)
def time_constraints(problem: Problem, pattern, mask, rows, scale):
    """Constraints from the printed times of a group, or None where one cannot be had."""
    found, positions = [], members(mask, problem.size)
    for row in rows:
        if row.statistic != "sd":  # not linear: judged with the times themselves
            terms = row_terms(problem, row, positions, pattern) if positions else None
            if terms is None:
                return None
            found.append(constraint(*terms, row.printed, scale))
    return tuple(found)


def row_terms(problem: Problem, row, positions, pattern):
    """A printed time as a weighted mean of times: terms and divisor, or None."""
    if row.statistic == "median_survival":
        if settings(problem, row)["median"] == "kaplan_meier":
            half = kaplan_meier_half(positions, pattern)
            return None if half is None else (((half, 1),), 1)
        return quantile_terms(positions, Fraction(1, 2))
    if row.statistic == "mean":
        return tuple((i, 1) for i in positions), len(positions)
    q = {"minimum": 0, "median": Fraction(1, 2), "maximum": 1}.get(row.statistic)
    q = Fraction(dict(row.options)["q"]) if q is None else q
    return quantile_terms(positions, q, settings(problem, row)["quantile"])


def kaplan_meier_half(positions, pattern):
    """Position at which the group's Kaplan-Meier curve first is at or below one half."""
    rate, at_risk = Fraction(1), len(positions)
    for i in positions:
        if pattern >> i & 1:
            rate *= Fraction(at_risk - 1, at_risk)
        at_risk -= 1
        if rate <= Fraction(1, 2):
            return i
    return None


@lru_cache(maxsize=20_000)
def room_for_times(problem: Problem, counts) -> bool:
    """Do the ranked times of all patients leave room for so many ended by each landmark?"""
    rows = rows_for(problem, RANKS)
    scale = scale_of(rows)
    base = time_constraints(problem._replace(rows=()), 0, 2**problem.size - 1, tuple(rows), scale)
    return tighten(base, *order_bounds(problem, counts, scale)) is not None


def joint_groups(problem: Problem, pattern, counts, candidates, scale):
    """Every combination of one candidate a level that leaves room for times and statements.

    `candidates` maps (column, level) to Candidates; yields `Joint`s.
    """
    rows = tuple(rows_for(problem, TIMES))
    base = time_constraints(problem._replace(rows=()), pattern, 2**problem.size - 1, rows, scale)
    base = base if base is None else merge(base)
    start = base is not None and tighten(base, *order_bounds(problem, counts, scale))
    if start:
        yield from extend(problem, candidates, Joint(pattern, counts, {}, -1, base, *start), scale)


def extend(problem: Problem, candidates, joint: Joint, scale):
    """Every way to add one candidate for each level in `candidates` to a `Joint`."""
    statements = _by_column(problem)
    fitting = {
        step: [c for c, _ in _added(problem, statements, joint, step, found, scale)]
        for step, found in candidates.items()
    }
    steps = sorted(fitting, key=lambda step: (len(fitting[step]), step))
    yield from _extend(problem, steps, fitting, statements, joint, scale)


def _extend(problem, steps, candidates, statements, joint, scale):
    if not steps:
        yield joint
        return
    step, *rest = steps
    smallest, largest = _room(problem, joint, step[0], rest, candidates)
    fitting = (c for c in candidates[step] if smallest <= c.mask.bit_count() <= largest)
    for _, wider in _added(problem, statements, joint, step, fitting, scale):
        yield from _extend(problem, rest, candidates, statements, wider, scale)


def _room(problem, joint, column, rest, candidates):
    """Sizes that a level may have, so that the column's levels can still cover everyone."""
    levels = levels_of(problem, column)
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


def _added(problem, statements, joint, step, candidates, scale):
    """Candidates for one more level that times and statements admit, each with its `Joint`."""
    bounds, taken, known = {}, _union(joint.masks, step[0]), {*joint.masks, step}
    rows = [row for row, needed in statements.get(step[0], ()) if needed <= known]
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
            if all(may_hold(problem, r, joint.pattern, masks, *found, scale) for r in rows):
                order = joint.pattern, joint.counts
                yield candidate, Joint(*order, masks, ties, constraints, *found)


def _by_column(problem):
    """The counting rows about each column, with all levels that have to be known to judge them."""
    rows = {}
    for row in counting_rows(problem):
        needed = steps_named(problem, row)
        for column in {c for c, _ in needed}:
            rows.setdefault(column, []).append((row, needed))
    return rows


def _union(masks, column):
    union = 0
    for (other, _), mask in masks.items():
        if other == column:
            union |= mask
    return union


def times_accept(problem: Problem, joint: Joint, scale):
    """A test for `grid_times`: can the printed SDs and the stated counts still come out?"""
    everyone = 2**problem.size - 1
    spreads = [(r, everyone) for r in rows_for(problem, ("sd",))]
    for step, mask in joint.masks.items():
        for complemented, side in ((False, mask), (True, everyone & ~mask)):
            spreads += [(r, side) for r in rows_for(problem, ("sd",), (*step, complemented))]
    spreads = [(r, members(m, problem.size), _total(joint, m, problem.size)) for r, m in spreads]
    counting = counting_rows(problem)

    def accept(low, high):
        return all(_sd_may_print(problem, *s, low, high, scale) for s in spreads) and all(
            may_hold(problem, r, joint.pattern, joint.masks, low, high, scale) for r in counting
        )

    return accept


def _total(joint, mask, size):
    """Bounds on the sum of the times in `mask` from a printed mean, if there is one."""
    for terms, least, most in joint.constraints:
        if sum(1 << i for i, _ in terms) == mask and all(w == 1 for _, w in terms):
            return least, most
    return 0, size * FAR * FAR


def _sd_may_print(problem, row, positions, total, low, high, scale):
    n = len(positions)
    least, most = squares_within([low[i] for i in positions], [high[i] for i in positions], total)
    divisor = n * (n if settings(problem, row)["sd"] == "population" else n - 1)
    smallest, largest = (b * scale for b in printed_bounds(row.printed))
    return least < largest**2 * divisor and most >= smallest**2 * divisor
