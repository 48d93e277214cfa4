"""Groups that fit in orders: stage two of the search.

All orders are walked at once, patient by patient; those that are alike up to the last landmark at
which something is printed are walked as one. A group takes the patient or leaves it to the others;
at each landmark both sides have to print their rates.
"""

from collections.abc import Iterator
from math import comb
from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort.survival.orders import Orders, depth_first
from recohort.survival.problem import Problem, group_sizes
from recohort.survival.tables import lowest_later, marks_of


def fitting_groups(
    problem: Problem, orders: Orders, column: str, level: str
) -> tuple[np.ndarray, np.ndarray]:
    """Stage two: the sets of patients that print all rates of one level and of the others.

    Returns two arrays: indices into `orders` and the sets, as bits, that fit there.
    """
    parts, empty = [], np.zeros(0, np.int64)
    for size in group_sizes(problem, column, level):
        walk = _Walker(problem, orders, (column, level), size)
        parts += [(begun.place, begun.sets) for _, begun in walk.parts()]
    if not parts:
        return empty, empty
    place, sets = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    told = pd.DataFrame({"place": walk.places, "at": np.arange(len(walk.places))})
    pairs = pd.DataFrame({"place": place, "sets": sets}).merge(told).sort_values(["at", "sets"])
    return pairs["at"].to_numpy(), pairs["sets"].to_numpy()


def counted_groups(problem: Problem, orders: Orders, column: str, level: str) -> np.ndarray:
    """How many sets `fitting_groups` has in each order, without a list of them."""
    total = np.zeros(len(orders.pattern))
    for size in group_sizes(problem, column, level):
        walk = _Walker(problem, orders, (column, level), size)
        for depth, begun in walk.parts(early=True):
            left = problem.size - depth
            ways = np.array([comb(left, k) for k in range(left + 1)], float)
            own = ways[size - np.bitwise_count(begun.sets).astype(int)]
            total += np.bincount(begun.place, own, minlength=len(walk.pattern))[walk.places]
    return total


class _Begun(NamedTuple):
    """Beginnings of groups in orders, as parallel arrays."""

    place: np.ndarray  # of the order, among those that the walk tells apart
    sets: np.ndarray  # bits: who is inside
    inside: np.ndarray  # bits by order in the group: who of those inside died
    outside: np.ndarray
    rate_inside: np.ndarray  # Kaplan-Meier, in floating point
    rate_outside: np.ndarray

    def some(self, kept):
        return _Begun(*(array[kept] for array in self))


class _Walker:
    """The walk for one level and one size of its group."""

    def __init__(self, problem, orders, step, size):
        """`step` is the column and the level."""
        sides = [marks_of(problem, (*step, side)) for side in (False, True)]
        own = [j for j, pair in enumerate(zip(*sides, strict=True)) if any(m.rows for m in pair)]
        self.sizes = size, problem.size - size
        self.marks = [[side[j] for j in own] for side in sides]
        self.lows = [lowest_later(marks) for marks in self.marks]
        counts = orders.counts[:, own]
        last = counts.max(axis=1, initial=0)
        told = np.column_stack([orders.pattern & (1 << last) - 1, counts])
        told, self.places = np.unique(told, axis=0, return_inverse=True)
        self.pattern, self.counts = told[:, 0], told[:, 1:]

    def parts(self, early: bool = False) -> Iterator[tuple[int, _Begun]]:
        """All groups in parts, with their depth: the number of patients.

        `early`: only their beginnings up to the last landmark, behind which all goes.
        """
        size, place = sum(self.sizes), np.arange(len(self.pattern))
        none, one = np.zeros(len(place), np.int64), np.ones(len(place))
        waiting = [(0, _Begun(place, none, none, none, one, one))]
        for depth, some in depth_first(waiting):
            some = self._cut(depth, some)
            done = np.full(len(some.place), depth == size)
            if early:
                done |= (self.counts[some.place] <= depth).all(axis=1)
            if done.any():
                yield depth, some.some(done)
            if depth < size and not done.all():
                waiting.append((depth + 1, self._next(depth, some.some(~done))))

    def _cut(self, depth, some):
        """The beginnings at which both sides print what is printed at the landmarks just here."""
        placed = (self.counts[some.place] <= depth).sum(axis=1)
        some = some.some(
            (some.rate_inside >= self.lows[0][placed]) & (some.rate_outside >= self.lows[1][placed])
        )
        for j in range(self.counts.shape[1]):
            here = self.counts[some.place, j] == depth
            if not here.any():
                continue
            good, ended = here.copy(), np.bitwise_count(some.sets)
            sides = (
                (ended, some.inside, some.rate_inside),
                (depth - ended, some.outside, some.rate_outside),
            )
            for marks, size, side in zip(self.marks, self.sizes, sides, strict=True):
                good[good] = marks[j].allows(size, *(array[good] for array in side))
            some = some.some(good | ~here)
        return some

    def _next(self, depth, some):
        """The beginnings with the next patient inside, and with that patient outside."""
        died = self.pattern[some.place] >> depth & 1
        taken = np.bitwise_count(some.sets).astype(np.int64)
        inside = taken < self.sizes[0]
        outside = depth - taken < self.sizes[1]
        left = [
            np.maximum(n - k, 1) for n, k in zip(self.sizes, (taken, depth - taken), strict=True)
        ]
        falls = [1 - died / n for n in left]
        within = some._replace(
            sets=some.sets | 1 << depth,
            inside=some.inside | died << taken,
            rate_inside=some.rate_inside * falls[0],
        ).some(inside)
        beyond = some._replace(
            outside=some.outside | died << (depth - taken),
            rate_outside=some.rate_outside * falls[1],
        ).some(outside)
        return _Begun(*(np.concatenate(pair) for pair in zip(within, beyond, strict=True)))
