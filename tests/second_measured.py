"""A second route to measured columns: the orders of each group listed, HiGHS for the rest.

It shares no code with the engine. Every order of each group whose median is asked is written out;
quantiles of all are counted by binaries; a mixed-integer program says whether values and times
exist. A `margin` makes every interval wider (so that "none" is safe) or, below zero, narrower (so
that "some" is).
"""

from itertools import pairwise, permutations, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

MOST = 2000.0  # months, for binaries


def middle(order, events, curve):
    """Which places of a sorted group its median averages: plain, or of the curve."""
    size = len(order)
    if not curve:
        return [(size - 1) // 2, size // 2]
    left = 1.0
    for place, i in enumerate(order):
        left *= 1 - events[i] / (size - place)
        if left <= 0.5:
            return [place, place]
    return None


def some_values(ranks, groups, counts, times, events, margin):
    """Values and times of some patients, or None.

    `ranks`: (place among all values, low, high); `groups`: (members, low, high, curve) for a median
    of value and time; `counts`: (members, cut, at least so many); `times`: (low, high) of each.
    """
    orders = [
        [(o, m) for o in permutations(members) if (m := middle(o, events, curve))]
        for members, _, _, curve in groups
    ]
    for chosen in product(*orders):
        found = _solved(chosen, ranks, groups, counts, times, margin)
        if found is not None:
            return found
    return None


def _solved(chosen, ranks, groups, counts, times, margin):
    n, edges = (
        len(times),
        sorted({e for _, *ends in ranks for e in ends} | {c for _, c, _ in counts}),
    )
    width = 2 * n + n * len(edges)  # values, times, and whether each value reaches each edge
    rows, low, high = [], [], []

    def add(terms, least=-np.inf, most=np.inf):
        row = np.zeros(width)
        for place, weight in terms:
            row[place] += weight
        rows.append(row)
        low.append(least)
        high.append(most)

    def reached(i, edge):
        return 2 * n + i * len(edges) + edges.index(edge)

    for i, edge in product(range(n), edges):  # binary 1: value >= edge; 0: value < edge
        add([(i, 1), (reached(i, edge), -MOST)], least=edge - margin - MOST)
        add([(i, 1), (reached(i, edge), -MOST)], most=edge + margin)
    for place, least, most in ranks:
        add([(reached(i, least), 1) for i in range(n)], least=n - place)
        add([(reached(i, most), 1) for i in range(n)], most=n - place - 1)
    for members, cut, wanted in counts:
        add([(reached(i, cut), 1) for i in members], least=wanted)
    for (order, places), (_, least, most, _) in zip(chosen, groups, strict=True):
        for a, b in pairwise(order):
            add([(b, 1), (n + b, 1), (a, -1), (n + a, -1)], least=-margin)
        terms = [(order[p] + half * n, 0.5) for p in places for half in (0, 1)]
        add(terms, least - margin, most + margin)
    whole = np.r_[np.zeros(2 * n), np.ones(n * len(edges))]
    first = [0.0] * n + [t[0] - margin for t in times] + [0.0] * (n * len(edges))
    last = [MOST / 2] * n + [t[1] + margin for t in times] + [1.0] * (n * len(edges))
    found = milp(np.zeros(width), constraints=LinearConstraint(np.array(rows), low, high),
                 bounds=Bounds(first, last), integrality=whole)  # fmt: skip
    return None if found.x is None else (found.x[:n], found.x[n : 2 * n])
