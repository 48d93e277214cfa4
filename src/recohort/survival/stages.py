"""Stages one to four: orders, groups, comparisons, and all columns together."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from math import prod
from typing import NamedTuple

import numpy as np

from recohort.paper.statistics import COUNTS, RATES, TESTS, TIMES
from recohort.survival.groups import fitting_groups
from recohort.survival.join import Joint, candidates, extend, start_of
from recohort.survival.orders import Orders, group_exists, remembered_orders
from recohort.survival.problem import (
    Problem,
    about,
    agrees,
    joined_columns,
    many_sets,
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


class Stage(NamedTuple):
    """Candidates of every step, as parallel arrays sorted by order: order, set, ties."""

    orders: Orders
    groups: dict

    def by_order(self) -> Iterator[tuple]:
        """Each order's pattern, counts and, by step, the sets that fit there, with their ties."""
        for i, order in enumerate(self.orders.listed()):
            here = {
                s: slice(*np.searchsorted(at, [i, i + 1])) for s, (at, *_) in self.groups.items()
            }
            yield *order, {s: [a[here[s]].tolist() for a in self.groups[s][1:]] for s in here}


@lru_cache(maxsize=512)
def remembered_groups(patterns: bytes, counts: bytes, group_rows: Problem, step: tuple) -> tuple:
    """`fitting_groups` in every order, remembered by the orders and the rows that it uses.

    Orders come as the bytes of their arrays: different rows often leave the same orders.
    """
    patterns, counts = np.frombuffer(patterns, int), np.frombuffer(counts, int)
    orders = Orders(patterns, counts.reshape(len(patterns), len(group_rows.landmarks)))
    return fitting_groups(group_rows, orders, *step)


def possible(problem: Problem) -> bool:
    """Can all patients, and every group by itself, print their sizes and rates?

    If not, no cohort can.
    """
    n = {"count": problem.size, "percent": 100}
    whole = [r for r in problem.rows if r.statistic in n and not r.filters]
    groups = {step: about(problem, step, COUNTS + RATES) for step in steps_of(problem)}
    return all(agrees(problem, r, n[r.statistic]) for r in whole) and all(
        group_exists(rows, *step) for step, rows in groups.items() if rows.rows
    )


def survival_stages(
    problem: Problem, steps: Sequence[tuple], near: Cohort | None = None, tests: bool = True
) -> Iterator[Stage]:
    """Stages one to three: orders that keep a candidate for every step, a part at a time.

    Few orders make one part, which is remembered; many come in parts of `PART`, so that a
    search that needs only one cohort can stop early; those like the cohort `near` go first.
    Without `tests`, stage three is left out.
    """
    if not possible(problem):
        return
    orders = remembered_orders(problem)
    if len(orders.pattern) <= PART:
        rows = _rows_by_step(problem, steps)
        packed = [array.tobytes() for array in orders]
        found = {s: partial(_all_groups, packed, r, s) for s, r in rows.items()}
        yield from _survivors(problem, orders, found, tests)
        return
    orders = _nearest_first(orders, near) if near else orders
    yield from stages_among(problem, steps, orders, tests)


def stages_among(
    problem: Problem,
    steps: Sequence[tuple],
    orders: Orders,
    tests: bool = True,
    most: int | None = None,
) -> Iterator[Stage]:
    """Stages two and three for some of the orders, a part of `PART` at a time.

    With `most`, only so many ways to tie deaths are tried in an order.
    """
    rows = _rows_by_step(problem, steps)
    for start in range(0, len(orders.pattern), PART):
        part = Orders(*(array[start : start + PART] for array in orders))
        found = {s: partial(_groups_in, r, part, s) for s, r in rows.items()}
        yield from _survivors(problem, part, found, tests, most)


def _rows_by_step(problem, steps):
    """The rows on each level that rates or tests are printed for, smallest groups first."""
    asked = [step for step in steps if about(problem, step, RATES + TESTS).rows]
    few_first = sorted(asked, key=lambda s: many_sets(about(problem, s, COUNTS), *s))
    return {step: about(problem, step, RATES + COUNTS) for step in few_first}


def _all_groups(packed, group_rows, step, _):
    return remembered_groups(*packed, group_rows, step)


def _groups_in(group_rows, orders, step, kept):
    part = Orders(orders.pattern[kept], orders.counts[kept])
    at, sets = fitting_groups(group_rows, part, *step)
    return kept[at], sets


def _nearest_first(orders, near):
    apart = np.bitwise_count(orders.pattern ^ near.pattern).astype(int)
    apart += np.abs(orders.counts - np.array(near.counts)).sum(axis=1)
    ranked = np.argsort(apart, kind="stable")
    return Orders(orders.pattern[ranked], orders.counts[ranked])


def _survivors(problem, orders, found, tests, most=None):
    """At most one `Stage`: the orders in which every step finds a candidate.

    Rates go first, for all steps; P values and hazard ratios, with ties, come on what is left.
    """
    kept, groups = np.arange(len(orders.pattern)), {}
    for step, find in found.items():
        groups[step] = find(kept)
        kept = kept[np.isin(kept, groups[step][0])]
    orders = Orders(orders.pattern[kept], orders.counts[kept])
    groups = {step: _renumber(some, kept) for step, some in groups.items()}
    kept = np.arange(len(kept))
    for step, (at, sets) in groups.items():
        rows = about(problem, step, TESTS if tests else ())
        ties = fitting_ties(rows, orders, at, sets, step, most)
        good = np.array([t != 0 for t in ties], bool)
        groups[step] = at[good], sets[good], np.array(ties, object)[good]
        kept = kept[np.isin(kept, at[good])]
    if len(kept):
        orders = Orders(orders.pattern[kept], orders.counts[kept])
        yield Stage(orders, {step: _renumber(some, kept) for step, some in groups.items()})


def survival_steps(problem: Problem) -> tuple[list, list]:
    """Levels that some rate, test or time is printed for, and those that only counts name."""
    named = {c for r in problem.rows for c, _, _ in r.filters}
    named |= {value for r in problem.rows for name, value in r.options if name == "multiple"}
    steps = [s for s in steps_of(problem) if s[0] in named]
    joined = joined_columns(problem)
    used = [s for s in steps if s[0] in joined or about(problem, s, RATES + TESTS + TIMES).rows]
    return used, [s for s in steps if s not in used]


def ordered_groups(stages: Iterable[Stage]) -> int:
    """Orders with one rated group for every column: products of what each order keeps."""
    total = 0
    for stage in stages:
        for i in range(len(stage.orders.pattern)):
            total += prod(int((at == i).sum()) for at, *_ in stage.groups.values())
    return total


def joints(problem: Problem, stage: Stage, steps: Iterable[tuple]) -> Iterator[Joint]:
    """Stage four: one candidate a step in every order, as far as times and words allow."""
    for pattern, counts, groups in stage.by_order():
        start = start_of(problem, pattern, counts)
        if start:
            own = {s: candidates(problem, pattern, s, *groups.get(s, ())) for s in steps}
            yield from extend(problem, own, start)


def _renumber(found, kept):
    at, *others = found
    here = np.isin(at, kept)
    return np.searchsorted(kept, at[here]), *(array[here] for array in others)
