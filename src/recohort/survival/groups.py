"""Groups that fit in orders: stage two of the search.

All orders are walked at once, patient by patient: those that begin alike are one node of a tree.
A group takes the patient or leaves it to the others; at each landmark both sides have to print
their rates.
"""

from collections.abc import Iterator
from math import comb
from typing import NamedTuple

import numpy as np

from recohort.survival.orders import Orders
from recohort.survival.problem import Problem, group_sizes
from recohort.survival.tables import lowest_later, marks_of

PART = 2**17  # beginnings of groups walked at once


def fitting_groups(
    problem: Problem, orders: Orders, column: str, level: str
) -> tuple[np.ndarray, np.ndarray]:
    """Stage two: the sets of patients that print all rates of one level and of the others.

    Returns two arrays: indices into `orders` and the sets, as bits, that fit there.
    """
    found_at, found = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in group_sizes(problem, column, level):
        walk = _Walker(problem, orders, (column, level), size)
        for _, node, sets in walk.parts():
            at, which = walk.tree.orders_of(problem.size, node)
            found_at.append(at)
            found.append(sets[which])
    at, sets = np.concatenate(found_at), np.concatenate(found)
    ranked = np.lexsort((sets, at))
    return at[ranked], sets[ranked]


def counted_groups(problem: Problem, orders: Orders, column: str, level: str) -> np.ndarray:
    """How many sets `fitting_groups` has in each order, without a list of them."""
    total = np.zeros(len(orders.pattern))
    for size in group_sizes(problem, column, level):
        walk = _Walker(problem, orders, (column, level), size)
        for depth, node, sets in walk.parts(early=True):
            left = problem.size - depth
            ways = np.array([comb(left, k) for k in range(left + 1)], float)
            own = ways[size - np.bitwise_count(sets).astype(int)]
            by_node = np.bincount(node, own, minlength=len(walk.tree.first[depth]))
            total += by_node[walk.tree.ids[depth]]
    return total


class _Begun(NamedTuple):
    """Beginnings of groups in orders, as parallel arrays."""

    node: np.ndarray  # of the tree of orders, at one depth
    sets: np.ndarray  # bits: who is inside
    inside: np.ndarray  # bits by order in the group: who of those inside died
    outside: np.ndarray
    rate_inside: np.ndarray  # Kaplan-Meier, in floating point
    rate_outside: np.ndarray

    def some(self, kept):
        return _Begun(*(array[kept] for array in self))


class _Tree:
    """Orders by what is told of their first patients: each depth's nodes, numbered.

    Two orders have one node as long as the same patients died and the same landmarks were passed;
    behind the last landmark the rest does not matter.
    """

    def __init__(self, orders, size):
        """`orders` with the counts of those landmarks that matter."""
        self.landmarks = orders.counts.shape[1]
        self.ids, self.first, self.placed = [], [], []
        self.here, self.child, self.died = [], [], []
        before = np.zeros(len(orders.pattern), np.int64)
        for depth in range(size + 1):
            here = orders.counts == depth
            key = before * (self.landmarks + 1) + here.sum(axis=1)
            if depth:
                matters = (orders.counts >= depth).any(axis=1)
                died = (orders.pattern >> (depth - 1) & 1) * matters
                key += died * (len(before) + 1) * (self.landmarks + 1)
            _, first, before = np.unique(key, return_index=True, return_inverse=True)
            self._add(depth, before, first, here[first], orders)

    def _add(self, depth, ids, first, here, orders):
        """Nodes in the order of their parents, so that children stand together."""
        if depth:
            parent = self.ids[-1][first]
            rank = np.argsort(parent, kind="stable")
            back = np.argsort(rank)
            ids, first, here, parent = back[ids], first[rank], here[rank], parent[rank]
            self.child.append(np.searchsorted(parent, np.arange(len(self.first[-1]) + 1)))
            self.died.append(orders.pattern[first] >> (depth - 1) & 1)
        self.ids.append(ids)
        self.first.append(first)
        self.here.append(here)
        self.placed.append((orders.counts[first] <= depth).sum(axis=1))

    def children(self, depth, node):
        """For each of many nodes all its children, one depth down, and whose they are."""
        start = self.child[depth][node]
        many = self.child[depth][node + 1] - start
        return _ranges(start, many)

    def orders_of(self, depth, node):
        """For each of many nodes all its orders, and whose they are."""
        ranked = np.argsort(self.ids[depth], kind="stable")
        start = np.searchsorted(self.ids[depth][ranked], np.arange(len(self.first[depth]) + 1))
        found, which = _ranges(start[node], start[node + 1] - start[node])
        return ranked[found], which


def _ranges(start, many):
    """The whole numbers of several ranges, one after the other, and whose each of them is."""
    which = np.repeat(np.arange(len(start)), many)
    within = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    return start[which] + within, which


class _Walker:
    """The walk for one level and one size of its group."""

    def __init__(self, problem, orders, step, size):
        """`step` is the column and the level."""
        sides = [marks_of(problem, (*step, side)) for side in (False, True)]
        own = [j for j, pair in enumerate(zip(*sides, strict=True)) if any(m.rows for m in pair)]
        self.sizes = size, problem.size - size
        self.marks = [[side[j] for j in own] for side in sides]
        self.lows = [lowest_later(marks) for marks in self.marks]
        self.tree = _Tree(Orders(orders.pattern, orders.counts[:, own]), problem.size)

    def parts(self, early: bool = False) -> Iterator[tuple]:
        """All groups in parts: depth (the number of patients), nodes and sets.

        `early`: only their beginnings up to the last landmark, behind which all goes.
        """
        tree, size = self.tree, sum(self.sizes)
        waiting = [(0, self._start())]
        while waiting:
            depth, some = waiting.pop()
            if len(some.node) > PART:
                starts = range(0, len(some.node), PART)[::-1]
                waiting += [(depth, some.some(slice(k, k + PART))) for k in starts]
                continue
            some = self._cut(depth, some)
            done = np.full(len(some.node), depth == size)
            if early:
                done |= tree.placed[depth][some.node] == tree.landmarks
            if done.any():
                yield depth, some.node[done], some.sets[done]
            if depth < size and not done.all():
                waiting.append((depth + 1, self._next(depth, some.some(~done))))

    def _start(self):
        node = np.arange(len(self.tree.first[0]))
        none = np.zeros(len(node), np.int64)
        return _Begun(node, none, none, none, np.ones(len(node)), np.ones(len(node)))

    def _cut(self, depth, some):
        """The beginnings at which both sides print what is printed at the landmarks just here."""
        placed = self.tree.placed[depth][some.node]
        some = some.some(
            (some.rate_inside >= self.lows[0][placed]) & (some.rate_outside >= self.lows[1][placed])
        )
        for j in range(self.tree.landmarks):
            here = self.tree.here[depth][some.node, j]
            if not here.any():
                continue
            good = ~here
            ended = np.bitwise_count(some.sets)
            good[here] = self.marks[0][j].allows(
                self.sizes[0], ended[here], some.inside[here], some.rate_inside[here]
            )
            here &= good
            good[here] = self.marks[1][j].allows(
                self.sizes[1], depth - ended[here], some.outside[here], some.rate_outside[here]
            )
            some = some.some(good)
        return some

    def _next(self, depth, some):
        """The beginnings with the next patient inside, and with that patient outside."""
        node, which = self.tree.children(depth, some.node)
        some = some.some(which)
        died = self.tree.died[depth][node].astype(np.int64)
        taken = np.bitwise_count(some.sets).astype(np.int64)
        inside = taken < self.sizes[0]
        outside = depth - taken < self.sizes[1]
        left = [
            np.maximum(n - k, 1) for n, k in zip(self.sizes, (taken, depth - taken), strict=True)
        ]
        falls = [1 - died / n for n in left]
        within = _Begun(
            node,
            some.sets | 1 << depth,
            some.inside | died << taken,
            some.outside,
            some.rate_inside * falls[0],
            some.rate_outside,
        ).some(inside)
        beyond = some._replace(
            node=node,
            outside=some.outside | died << (depth - taken),
            rate_outside=some.rate_outside * falls[1],
        ).some(outside)
        return _Begun(*(np.concatenate(pair) for pair in zip(within, beyond, strict=True)))
