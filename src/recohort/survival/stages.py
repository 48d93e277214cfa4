"""Stages one to four: orders, groups, comparisons, and all columns together."""

from collections.abc import Iterable, Iterator
from math import prod
from typing import NamedTuple

import numpy as np

from recohort.paper.statistics import COUNTS, PATIENTS, RATES, TESTS, TIMES
from recohort.survival.groups import counted_groups, fitting_groups
from recohort.survival.join import Joint, candidates, extend, starts_of
from recohort.survival.orders import Orders, group_exists, remembered_orders
from recohort.survival.problem import (
    Problem,
    about,
    agrees,
    count_value,
    group_columns,
    is_joint,
    many_sets,
    rows_for,
    steps_of,
)
from recohort.survival.tied import fitting_ties

PART = 500  # orders held at once


class Cohort(NamedTuple):
    """One cohort that prints every row of a problem; patients stand in order of time."""

    pattern: int  # bit i: patient i died
    counts: tuple  # patients ended by each landmark
    masks: tuple  # of ((column, level), bits)
    times: tuple  # months


def possible(problem: Problem) -> bool:
    """Can all patients, and every group by itself, print their sizes and rates?

    If not, no cohort can.
    """
    n, whole = problem.size, rows_for(problem, ("count", "percent"))
    groups = {step: about(problem, step, COUNTS + RATES) for step in steps_of(problem)}
    return all(agrees(problem, r, count_value(r, n, n)) for r in whole) and all(
        group_exists(rows, *step) for step, rows in groups.items() if rows.rows
    )


def survival_stages(problem: Problem, near: Cohort | None = None) -> Iterator[tuple]:
    """Stages one to three: orders that keep a candidate for every step, as `stages_among` has them.

    Where orders make several parts those like the cohort `near` go first, so that a search that
    needs only one cohort can stop early.
    """
    if possible(problem):
        orders = remembered_orders(problem)
        if near and len(orders.pattern) > PART:
            apart = np.bitwise_count(orders.pattern ^ near.pattern).astype(int)
            apart += np.abs(orders.counts - np.array(near.counts)).sum(axis=1)
            orders = orders.some(np.argsort(apart, kind="stable"))
        yield from stages_among(problem, orders)


def stages_among(problem: Problem, orders: Orders, most: int | None = None) -> Iterator[tuple]:
    """Stages two and three for some of the orders, a part of `PART` at a time.

    Of each order that is left its pattern, counts and, by step, the sets that fit there with their
    ties. With `most`, only so many ways to tie deaths are tried in an order.
    """
    rows = _rows_by_step(problem)
    for start in range(0, len(orders.pattern), PART):
        left, groups = orders.some(slice(start, start + PART)), {}
        kept = np.arange(len(left.pattern))
        for step, own in rows.items():  # rates of all steps go first: tests, with ties, cost more
            at, sets = fitting_groups(own, left.some(kept), *step)
            groups[step] = kept[at], sets
            kept = kept[np.isin(kept, groups[step][0])]
        left, groups = left.some(kept), _renumber(groups, kept)
        kept = np.arange(len(kept))
        for step, (at, sets) in groups.items():
            ties = fitting_ties(about(problem, step, TESTS), left, at, sets, step, most)
            good = np.array([t != 0 for t in ties], bool)
            groups[step] = at[good], sets[good], np.array(ties, object)[good]
            kept = kept[np.isin(kept, at[good])]
        left, groups = left.some(kept), _renumber(groups, kept)
        for i, order in enumerate(left.listed()):
            here = {s: slice(*np.searchsorted(at, [i, i + 1])) for s, (at, *_) in groups.items()}
            yield *order, {s: [a[here[s]].tolist() for a in groups[s][1:]] for s in here}


def _rows_by_step(problem):
    """The rows on each level that rates or tests are printed for, smallest groups first."""
    asked = [step for step in steps_of(problem) if about(problem, step, RATES + TESTS).rows]
    few_first = sorted(asked, key=lambda s: many_sets(about(problem, s, COUNTS), *s))
    return {step: about(problem, step, RATES + COUNTS) for step in few_first}


def _renumber(groups, kept):
    """By step, the candidates of the orders that are kept, each with the new number of its own."""
    found = {}
    for step, (at, *others) in groups.items():
        here = np.isin(at, kept)
        found[step] = np.searchsorted(kept, at[here]), *(array[here] for array in others)
    return found


def rated_sets(problem: Problem, orders: Orders, steps: Iterable[tuple]) -> dict[tuple, list]:
    """For each step, how many sets print its rates in each order, if those before have some."""
    numbers, kept = {}, np.arange(len(orders.pattern))
    for step in steps:
        own = np.zeros(len(orders.pattern))
        if about(problem, step, RATES).rows:
            rows = about(problem, step, RATES + COUNTS)
            own[kept] = counted_groups(rows, orders.some(kept), *step)
        else:
            own[kept] = many_sets(problem, *step)
        numbers[step], kept = own.astype(np.int64).tolist(), kept[own[kept] > 0]
    return numbers


def multiplied(numbers: Iterable[list[int]], orders: Orders) -> list[int]:
    """For each order the product of some numbers that it has; 1 without any."""
    return [prod(own) for own in zip([1] * len(orders.pattern), *numbers, strict=True)]


def rated_groups(problem: Problem) -> int:
    """Orders with a set that prints the rates for each step of which rates or tests are printed."""
    if not possible(problem):
        return 0
    orders = remembered_orders(problem)
    numbers = rated_sets(problem, orders, _rows_by_step(problem))
    return sum(multiplied(numbers.values(), orders))


def survival_steps(problem: Problem) -> tuple[list, list]:
    """Levels that some rate, test or time is printed for, and those that only counts name."""
    named = set().union(*map(group_columns, problem.rows))
    together = (r for r in problem.rows if r.statistic in PATIENTS or is_joint(problem, r))
    joined = set().union(*map(group_columns, together))
    steps = [s for s in steps_of(problem) if s[0] in named]
    used = [s for s in steps if s[0] in joined or about(problem, s, RATES + TESTS + TIMES).rows]
    return used, [s for s in steps if s not in used]


def joints(problem: Problem, entered: Iterable[tuple], steps: Iterable[tuple]) -> Iterator[Joint]:
    """Stage four: one candidate a step in every order, as far as times and words allow.

    `entered` are orders with their groups, as `stages_among` has them.
    """
    for pattern, counts, groups in entered:
        starts = starts_of(problem, pattern, counts)
        own = {
            s: candidates(problem, pattern, s, *groups.get(s, (None, ())), True)
            for s in (steps if starts else ())
        }
        for start in starts:
            yield from extend(problem, own, start)
