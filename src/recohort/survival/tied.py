"""Ways that deaths can share a time, and the sets of patients that print the tests under each."""

from collections.abc import Collection
from itertools import combinations, islice

import numpy as np

from recohort.paper.statistics import TESTS
from recohort.survival.comparisons import prints_tests
from recohort.survival.kernels import Bits
from recohort.survival.orders import Orders
from recohort.survival.problem import ANY_TIES, Problem, is_joint, rows_for

PART = 2**17  # sets and ways to tie deaths tested at once


def death_ties(
    size: int, pattern: int, counts: Collection[int], most: int | None = None
) -> list[int]:
    """Ways that deaths can share a time without crossing a landmark, as bits: the fewest first.

    All of them, or the first `most`.
    """
    free = free_ties(size, pattern, counts)
    chosen = (c for r in range(len(free) + 1) for c in combinations(free, r))
    return [sum(1 << i for i in c) for c in islice(chosen, most)]


def free_ties(size: int, pattern: int, counts: Collection[int]) -> list[int]:
    """The deaths that may be at one time with the next patient's, as places in the order."""
    return [
        i
        for i in range(size - 1)
        if pattern >> i & 1 and pattern >> (i + 1) & 1 and i + 1 not in counts
    ]


def fitting_ties(
    problem: Problem, orders: Orders, at: Bits, sets: Bits, step: tuple, most: int | None = None
) -> list[int]:
    """For each candidate group, the tie patterns that print its tests, as bits.

    Bit t of an answer stands for the t-th of `death_ties` of the candidate's order; with `most`,
    only so many are tried. Without tests any ties will do.
    """
    rows = [r for c in (False, True) for r in rows_for(problem, TESTS, (*step, c))]
    if all(is_joint(problem, row) for row in rows):
        return [ANY_TIES] * len(at)
    answer, alike = np.zeros(len(at), object), {}
    for o in np.unique(at).tolist():
        pattern, counts = int(orders.pattern[o]), set(orders.counts[o].tolist())
        ties = tuple(death_ties(problem.size, pattern, counts, most))
        alike.setdefault((pattern, ties), []).append(o)
    for (pattern, ties), here in alike.items():  # orders in which the same can be tied
        places = np.flatnonzero(np.isin(at, here))
        found, which = np.unique(_ranked(problem.size, pattern, sets[places]), return_inverse=True)
        good = _tested(problem, step, pattern, ties, found)
        flags = np.packbits(good, axis=1, bitorder="little")
        whole = [int.from_bytes(row.tobytes(), "little") for row in flags]
        answer[places] = np.array(whole, object)[which]
    return answer.tolist()


def _ranked(size, pattern, sets):
    """Sets with those who are censored between two deaths in a standard order.

    Every test goes by who dies and by how many are at risk then.
    """
    start, answer = 0, sets & pattern
    for end in [i for i in range(size) if pattern >> i & 1] + [size]:
        many = np.bitwise_count(sets >> start & ((1 << end - start) - 1)).astype(np.int64)
        answer |= ((1 << many) - 1) << start
        start = end + 1
    return answer


def _tested(problem, step, pattern, ties, sets):
    """Under which ties (columns) which sets (rows) and their complements print every test."""
    good, rows = np.ones((len(sets), len(ties)), bool), max(1, PART // len(ties))
    for start in range(0, len(sets), rows):
        own = good[start : start + rows]
        masks = np.repeat(sets[start : start + rows], len(ties))
        order = np.full(len(masks), pattern), np.tile(np.array(ties), len(own))
        for complemented, turned in ((False, masks), (True, problem.everyone - masks)):
            tests = rows_for(problem, TESTS, (*step, complemented))
            own &= prints_tests(problem, tests, *order, turned).reshape(own.shape)
    return good
