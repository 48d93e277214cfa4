"""The search from end to end: orders, groups, comparisons, all columns together, times."""

from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import islice
from math import prod
from typing import NamedTuple

import numpy as np

from recohort.survival.comparisons import death_ties, fitting_ties, is_joint, prints_joint
from recohort.survival.join import (
    Candidate,
    Joint,
    extend,
    joint_groups,
    order_bounds,
    time_constraints,
    times_accept,
)
from recohort.survival.orders import Orders, fitting_groups, fitting_orders, group_exists
from recohort.survival.problem import (
    COUNTS,
    RANKS,
    RATES,
    TESTS,
    TIMES,
    Problem,
    about,
    agrees,
    group_of,
    level_masks,
    rows_for,
    steps_of,
)
from recohort.survival.reals import Times, question, real_times
from recohort.survival.times import grid_times, scale_of
from recohort.survival.words import counting_rows

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


@lru_cache(maxsize=64)
def remembered_orders(problem: Problem) -> Orders:
    """`fitting_orders`, remembered by the rows on all patients that it uses."""
    return fitting_orders(problem)


@lru_cache(maxsize=2048)
def exists(group_rows: Problem, step) -> bool:
    """`group_exists`, remembered by the rows that it uses."""
    return group_exists(group_rows, *step)


@lru_cache(maxsize=512)
def remembered_masks(count_rows: Problem, step) -> list[int]:
    """`level_masks` as a list, remembered by the counts that it uses."""
    return level_masks(count_rows, *step).tolist()


@lru_cache(maxsize=512)
def remembered_groups(patterns: bytes, counts: bytes, group_rows: Problem, step) -> tuple:
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
        exists(rows, step) for step, rows in groups.items() if rows.rows
    )


def survival_stages(problem: Problem, steps, near=None, tests=True) -> Iterator[Stage]:
    """Stages one to three: orders that keep a candidate for every step, a part at a time.

    Few orders make one part, which is remembered; many come in parts of `PART`, so that a
    search that needs only one cohort can stop early; those like the cohort `near` go first.
    Without `tests`, stage three is left out.
    """
    if not possible(problem):
        return
    order_rows = about(problem, None, RATES + COUNTS + RANKS)
    orders = remembered_orders(order_rows)
    if len(orders.pattern) <= PART:
        rows = _rows_by_step(problem, steps)
        packed = [array.tobytes() for array in orders]
        found = {s: partial(_all_groups, packed, r, s) for s, r in rows.items()}
        yield from _survivors(problem, orders, found, tests)
        return
    orders = _nearest_first(orders, near) if near else orders
    yield from stages_among(problem, steps, orders, tests)


def stages_among(problem: Problem, steps, orders: Orders, tests=True) -> Iterator[Stage]:
    """Stages two and three for some of the orders, a part of `PART` at a time."""
    rows = _rows_by_step(problem, steps)
    for start in range(0, len(orders.pattern), PART):
        part = Orders(*(array[start : start + PART] for array in orders))
        found = {s: partial(_groups_in, r, part, s) for s, r in rows.items()}
        yield from _survivors(problem, part, found, tests)


def _rows_by_step(problem, steps):
    """The rows on each level that rates or tests are printed for, smallest groups first."""
    rows = {step: about(problem, step, RATES + COUNTS) for step in steps}
    rows = {s: r for s, r in rows.items() if about(problem, s, RATES + TESTS).rows}
    few_first = sorted(rows, key=lambda s: len(remembered_masks(about(problem, s, COUNTS), s)))
    return {s: rows[s] for s in few_first}


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


def _survivors(problem, orders, found, tests):
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
        ties = fitting_ties(rows, orders, at, sets, step)
        good = np.array([t > 0 for t in ties], bool)
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
    used = [s for s in steps if about(problem, s, RATES + TESTS + TIMES).rows]
    return used, [s for s in steps if s not in used]


def ordered_groups(stages) -> int:
    """Orders with one rated group for every column: products of what each order keeps."""
    total = 0
    for stage in stages:
        for i in range(len(stage.orders.pattern)):
            total += prod(int((at == i).sum()) for at, *_ in stage.groups.values())
    return total


def joints(problem: Problem, stage: Stage, steps, scale) -> Iterator[Joint]:
    """Stage four: one candidate a step in every order, as far as times and words allow."""
    for i in range(len(stage.orders.pattern)):
        pattern, counts = int(stage.orders.pattern[i]), tuple(stage.orders.counts[i].tolist())
        candidates = {
            step: _candidates(problem, pattern, stage.groups.get(step), i, step, scale)
            for step in steps
        }
        if all(candidates.values()):
            yield from joint_groups(problem, pattern, counts, candidates, scale)


class UndecidedError(Exception):
    """Some order with groups was neither shown nor refuted, and nothing else was found."""


def cohorts(problem: Problem, near: Cohort | None = None, every_word=False) -> Iterator[Cohort]:
    """Every cohort consistent with every row of the problem, its times being real numbers.

    A cohort stands for all times that its order (ties included), landmarks and groups admit;
    `times` are one choice, well inside. Levels that nothing but counts and words bear on are
    given in the first way that fits; with `every_word`, or where words tie them to times, in
    every way. Where there are very many orders, those like the cohort `near` are tried first.
    Raises UndecidedError at the end where an order with groups remains open.
    """
    known, left_open = set(), 0
    for joint in filled_joints(problem, near, every_word):
        for ties in ties_of(problem, joint):
            key = joint.pattern, joint.counts, tuple(sorted(joint.masks.items())), ties
            if key in known:
                continue
            found = times_for(problem, joint, ties)
            left_open += found.status == "open"
            if found.status == "some":
                known.add(key)
                times = tuple(map(float, found.witness))
                yield Cohort(joint.pattern, joint.counts, tuple(joint.masks.items()), times)
    if left_open:
        raise UndecidedError(f"{left_open} orders with groups are neither shown nor refuted")


def some_cohort(problem: Problem, near=None) -> tuple[str, Cohort | None]:
    """Whether a cohort exists (some, none or open), and the first that was found."""
    try:
        found = next(cohorts(problem, near), None)
    except UndecidedError:
        return "open", None
    return ("some" if found else "none"), found


def filled_joints(problem: Problem, near=None, every_word=False) -> Iterator[Joint]:
    """Orders with groups of every column, words included, that leave room for times."""
    used, words = survival_steps(problem)
    every_word = every_word or _words_with_time(problem, words)
    scale = scale_of([r for r in problem.rows if r.statistic in TIMES])
    for stage in survival_stages(problem, used + words, near):
        for joint in joints(problem, stage, used, scale):
            whole = _with_words(problem, stage, joint, words, scale)
            yield from whole if every_word else islice(whole, 1)


def ties_of(problem: Problem, joint: Joint) -> list[int]:
    """The ways to tie deaths under which the order and groups are consistent with the tests."""
    every = death_ties(problem.size, joint.pattern, set(joint.counts))
    together = [row for row in problem.rows if is_joint(problem, row)]
    fitting = [ties for t, ties in enumerate(every) if joint.ties >> t & 1]
    return [
        ties for ties in fitting
        if all(prints_joint(problem, row, joint.pattern, ties, joint.masks) for row in together)
    ]  # fmt: skip


def ties_in(cohort: Cohort) -> int:
    """Bit i: patients i and i + 1 die at one time."""
    pairs = (i for i in range(len(cohort.times) - 1) if cohort.pattern >> i & 3 == 3)
    return sum(1 << i for i in pairs if cohort.times[i] == cohort.times[i + 1])


def has_times(problem: Problem, joint: Joint) -> str:
    """Are there real times for an order with groups, under some ties: some, none or open?

    Any ties are asked for first: mostly that settles all ways to tie deaths at once.
    """
    every = ties_of(problem, joint)
    found = times_for(problem, joint, None) if len(every) > 1 else Times("open")
    if found.status == "none" or not every:
        return "none"
    if found.status == "some" and _tied(problem, joint, found.witness) in every:
        return "some"
    left = "none"
    for ties in every:
        status = times_for(problem, joint, ties).status
        if status == "some":
            return status
        left = status if status == "open" else left
    return left


def _tied(problem, joint, times):
    """The deaths that these times tie, as bits."""
    died = joint.pattern & joint.pattern >> 1
    return sum(
        1 << i for i in range(problem.size - 1) if died >> i & 1 and times[i] == times[i + 1]
    )


def times_for(problem: Problem, joint: Joint, ties: int | None) -> Times:
    """Real times for an order with groups and tied deaths (None: any): some, none or open."""
    return real_times(question(problem, joint.pattern, joint.counts, joint.masks, ties))


def grid_cohorts(problem: Problem, every_word=False) -> Iterator[Cohort]:
    """The cohorts whose times are whole units of the last printed decimal, one for each choice.

    An assumption, not a fact: what it alone decides is told beside what holds for real times.
    """
    scale = scale_of([r for r in problem.rows if r.statistic in TIMES])
    for joint in filled_joints(problem, every_word=every_word):
        yield from timed(problem, joint, scale)


def _words_with_time(problem, words):
    """Does a counting row name both time and a level that only words tell of?"""
    for row in counting_rows(problem):
        groups = [f for f in row.filters if f[0] not in ("time", "event")]
        levels = {group_of(problem, f)[:2] for f in groups}
        if "time" in {column for column, _, _ in row.filters} and levels & {*words}:
            return True
    return False


def _with_words(problem, stage, joint, words, scale):
    i = _order_index(stage, joint)
    candidates = {
        s: _candidates(problem, joint.pattern, stage.groups.get(s), i, s, scale) for s in words
    }
    return extend(problem, candidates, joint, scale)


def timed(problem: Problem, joint: Joint, scale) -> Iterator[Cohort]:
    """Stage five: every choice of times on the grid for one joint order and groups.

    Deaths are tied just as in one of the tie patterns that print the tests; a death that
    follows a censored patient follows strictly, else the order would be another.
    """
    accept = times_accept(problem, joint, scale)
    low, high = order_bounds(problem, joint.counts, scale, grid=True)
    strict = (joint.pattern >> 1) & (2 ** (problem.size - 1) - 1)
    for ties in ties_of(problem, joint):
        for found in grid_times(joint.constraints, low, high, accept, ties, strict & ~ties):
            times = tuple(x / scale for x in found)
            yield Cohort(joint.pattern, joint.counts, tuple(joint.masks.items()), times)


def _order_index(stage, joint):
    same = (stage.orders.pattern == joint.pattern) & (stage.orders.counts == joint.counts).all(1)
    return int(np.flatnonzero(same)[0])


def _renumber(found, kept):
    at, *others = found
    here = np.isin(at, kept)
    return np.searchsorted(kept, at[here]), *(array[here] for array in others)


def _candidates(problem, pattern, found, i, step, scale):
    """The candidates of one step in the i-th order, with the times that they imply."""
    masks, ties = _sets_of(problem, found, i, step)
    inside, outside = (rows_for(problem, TIMES, (*step, side)) for side in (False, True))
    if not inside + outside:
        return [Candidate(mask, tie, ()) for mask, tie in zip(masks, ties, strict=True)]
    everyone, bare, answer = 2**problem.size - 1, problem._replace(rows=()), []
    for mask, tie in zip(masks, ties, strict=True):
        within = time_constraints(bare, pattern, mask, inside, scale)
        beyond = time_constraints(bare, pattern, everyone & ~mask, outside, scale)
        answer += [Candidate(mask, tie, a + b) for a in within for b in beyond]
    return answer


def _sets_of(problem, found, i, step):
    if found is None:
        masks = remembered_masks(about(problem, step, COUNTS), step)
        return masks, [-1] * len(masks)
    at, sets, ties = found
    here = slice(*np.searchsorted(at, [i, i + 1]))
    return sets[here].tolist(), ties[here].tolist()
