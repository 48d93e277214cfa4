"""The search from end to end: orders, groups, comparisons, all columns together, times."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from thirteen.search.comparisons import fitting_ties
from thirteen.search.join import (
    Candidate,
    Joint,
    counting_rows,
    extend,
    joint_groups,
    order_bounds,
    time_constraints,
    times_accept,
)
from thirteen.search.orders import Orders, fitting_groups, fitting_orders
from thirteen.search.problem import (
    COUNTS,
    RATES,
    TESTS,
    TIMES,
    Problem,
    about,
    group_sizes,
    rows_for,
    steps_of,
)
from thirteen.search.times import grid_times, scale_of


class Cohort(NamedTuple):
    """One cohort that prints every row of a problem; patients stand in order of time."""

    pattern: int  # bit i: patient i died
    counts: tuple  # patients ended by each landmark
    masks: tuple  # of ((column, level), bits)
    times: tuple  # months


class Stage(NamedTuple):
    """Candidates of every step, as parallel arrays sorted by order: order, set, ties."""

    orders: Orders
    groups: dict


@lru_cache(maxsize=64)
def remembered_orders(problem: Problem) -> Orders:
    """`fitting_orders`, remembered by the rows on all patients that it uses."""
    return fitting_orders(problem)


@lru_cache(maxsize=512)
def remembered_groups(order_rows: Problem, group_rows: Problem, step) -> tuple:
    """Candidates of one level in every order, with their ties, remembered by their rows."""
    orders = remembered_orders(order_rows)
    at, sets = fitting_groups(group_rows, orders, *step)
    ties = fitting_ties(group_rows, orders, at, sets, step)
    good = np.array([t > 0 for t in ties], bool)
    return at[good], sets[good], np.array(ties, object)[good]


def survival_stage(problem: Problem, steps) -> Stage | None:
    """Stages one to three: orders that keep a candidate for every step; None if there are none."""
    if any(not group_sizes(about(problem, step), *step) for step in steps_of(problem)):
        return None
    order_rows = about(problem, None, RATES + COUNTS)
    orders = remembered_orders(order_rows)
    kept, groups = np.arange(len(orders.pattern)), {}
    for step in steps:
        rows = about(problem, step, RATES + COUNTS + TESTS)
        groups[step] = remembered_groups(order_rows, rows, step)
        kept = kept[np.isin(kept, groups[step][0])]
        if not len(kept):
            return None
    picked = Orders(orders.pattern[kept], orders.counts[kept])
    return Stage(picked, {step: _renumber(found, kept) for step, found in groups.items()})


def survival_steps(problem: Problem) -> list[tuple]:
    """Levels that some rate, test or time is printed for."""
    used = RATES + TESTS + TIMES
    steps = [s for s in steps_of(problem) if about(problem, s, used).rows]
    columns = {c for r in counting_rows(problem) for c, _, _ in r.filters if len(r.filters) > 1}
    columns |= {dict(r.options)["multiple"] for r in counting_rows(problem) if "multiple" in dict(r.options)}
    return steps, [s for s in steps_of(problem) if s not in steps and s[0] in columns]


def joints(problem: Problem, stage: Stage, steps, scale) -> Iterator[Joint]:
    """Stage four: one candidate a step in every order, as far as times and words allow."""
    for i in range(len(stage.orders.pattern)):
        pattern, counts = int(stage.orders.pattern[i]), tuple(stage.orders.counts[i].tolist())
        candidates = {
            step: _candidates(problem, pattern, stage.groups[step], i, step, scale)
            for step in steps
        }
        if all(candidates.values()):
            yield from joint_groups(problem, pattern, counts, candidates, scale)


def cohorts(problem: Problem) -> Iterator[Cohort]:
    """Every cohort on the grid of printed times that prints every row of the problem."""
    used, words = survival_steps(problem)
    stage = survival_stage(problem, used + words)
    if stage is None:
        return
    scale = scale_of([r for r in problem.rows if r.statistic in TIMES])
    for joint in joints(problem, stage, used, scale):
        if not words or next(_with_words(problem, stage, joint, words, scale), None):
            yield from timed(problem, joint, scale)


def _with_words(problem, stage, joint, words, scale):
    i = _order_index(stage, joint)
    candidates = {
        s: _candidates(problem, joint.pattern, stage.groups[s], i, s, scale) for s in words
    }
    return extend(problem, candidates, joint, scale)


def timed(problem: Problem, joint: Joint, scale) -> Iterator[Cohort]:
    """Stage five: every choice of times on the grid for one joint order and groups."""
    accept = times_accept(problem, joint, scale)
    low, high = order_bounds(problem, joint.counts, scale, grid=True)
    for found in grid_times(joint.constraints, low, high, accept):
        times = tuple(t / scale for t in found)
        yield Cohort(joint.pattern, joint.counts, tuple(joint.masks.items()), times)


def _order_index(stage, joint):
    same = (stage.orders.pattern == joint.pattern) & (stage.orders.counts == joint.counts).all(1)
    return int(np.flatnonzero(same)[0])


def _renumber(found, kept):
    at, sets, ties = found
    here = np.isin(at, kept)
    return np.searchsorted(kept, at[here]), sets[here], ties[here]


def _candidates(problem, pattern, found, i, step, scale):
    """The candidates of one step in the i-th order, with the times that they imply."""
    at, sets, ties = found
    here = slice(*np.searchsorted(at, [i, i + 1]))
    sides = [
        (complemented, rows_for(problem, TIMES, (*step, complemented)))
        for complemented in (False, True)
    ]
    everyone, answer = 2**problem.size - 1, []
    for mask, tie in zip(sets[here].tolist(), ties[here].tolist(), strict=True):
        both = ()
        for complemented, rows in sides:
            side = everyone & ~mask if complemented else mask
            implied = time_constraints(problem, pattern, side, rows, scale) if rows else ()
            both = None if both is None or implied is None else both + implied
        if both is not None:
            answer.append(Candidate(mask, tie, both))
    return answer
