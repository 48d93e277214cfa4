"""Ways that deaths can share a time, and the sets of patients that print the tests under each."""

from collections.abc import Collection
from itertools import combinations, islice
from typing import NamedTuple

import numpy as np

from recohort.paper.statistics import TESTS
from recohort.survival.comparisons import is_joint, prints_tests
from recohort.survival.kernels import Bits
from recohort.survival.orders import Orders
from recohort.survival.problem import ANY_TIES, Problem, rows_for

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


class _Piece(NamedTuple):
    """Sets to be tested in one pattern of deaths under each way to tie them."""

    pattern: int
    ties: tuple
    sets: np.ndarray
    places: np.ndarray  # of the candidates that have one of the sets
    which: np.ndarray  # the set of each

    def flat(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Patterns, ties and sets, one element a test."""
        many = len(self.sets) * len(self.ties)
        ties = np.tile(np.array(self.ties), len(self.sets))
        return np.full(many, self.pattern), ties, np.repeat(self.sets, len(self.ties))


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
    answer, end = np.zeros(len(at), object), 0
    pieces = list(_pieces(problem.size, orders, at, sets, most))
    good = _tested(problem, step, [piece.flat() for piece in pieces])
    for piece in pieces:
        start, end = end, end + len(piece.sets) * len(piece.ties)
        table = good[start:end].reshape(len(piece.sets), -1)
        rows = np.packbits(table, axis=1, bitorder="little")
        found = np.array([int.from_bytes(row.tobytes(), "little") for row in rows], object)
        answer[piece.places] = found[piece.which]
    return answer.tolist()


def _pieces(size, orders, at, sets, most):
    """Candidates by pattern and by what may be tied there; sets that test alike come once."""
    alike = {}
    for o in np.unique(at).tolist():
        pattern, counts = int(orders.pattern[o]), set(orders.counts[o].tolist())
        ties = tuple(death_ties(size, pattern, counts, most))
        alike.setdefault((pattern, ties), []).append(o)
    for (pattern, ties), here in alike.items():
        places = np.flatnonzero(np.isin(at, here))
        found, which = np.unique(_ranked(size, pattern, sets[places]), return_inverse=True)
        yield _Piece(pattern, ties, found, places, which)


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


def _tested(problem, step, parts):
    """Which tests come out: all rows of a step and of the others, `PART` tests at a time."""
    good = [np.zeros(0, bool)]
    patterns, ties, sets = map(np.concatenate, zip(*parts, strict=True)) if parts else [()] * 3
    for start in range(0, len(sets), PART):
        own = slice(start, start + PART)
        good.append(np.ones(len(sets[own]), bool))
        for complemented in (False, True):
            rows = rows_for(problem, TESTS, (*step, complemented))
            masks = problem.everyone - sets[own] if complemented else sets[own]
            good[-1] &= prints_tests(problem, rows, patterns[own], ties[own], masks)
    return np.concatenate(good)
