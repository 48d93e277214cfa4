"""What a standard deviation of real times can be: from corners, not by a search.

Its square is convex. The times that keep some linear facts form a body without dents; the most is
at a corner, the least is the point of all mixtures of corners that lies nearest to equal times,
and everything between is had on the way.
"""

from itertools import product

import numpy as np
from scipy.optimize import linprog, nnls
from scipy.spatial import HalfspaceIntersection

LAST = 1000.0  # no time is later
CLOSE = 1e-7  # a spread so near an end of what is printed is not decided here


class UndecidedError(Exception):
    """A spread lies on the very end of what is printed."""


def has_spread(moment, facts, forms, low, high):
    """Has some choice of one way a fact times whose spread lies between two numbers?

    `facts` are lists of ways, each a list of (weights, low, high); `moment` says which times are
    one; the spread is the root of `forms`: weighted squares of sums of times with a constant.
    """
    places = {m: k for k, m in enumerate(dict.fromkeys(moment))}
    join = np.zeros((len(moment), len(places)))
    join[range(len(moment)), [places[m] for m in moment]] = 1
    rows, constants = np.zeros((len(forms), len(moment))), np.zeros(len(forms))
    for k, (weight, weights, constant) in enumerate(forms):
        for i, w in weights.items():
            rows[k, i] = float(weight) ** 0.5 * float(w)
        constants[k] = float(weight) ** 0.5 * float(constant)
    return any(
        _reaches([fact for way in chosen for fact in way], join, (rows, constants), low, high)
        for chosen in product(*facts)
    )


def _reaches(facts, join, forms, low, high):
    corners = _corners(facts, join)
    if corners is None:
        return False
    values = corners @ forms[0].T + forms[1]
    most, least = np.sqrt((values**2).sum(axis=1).max()), _nearest(values)
    low, high = max(float(low), 0), float(high)
    if (low and abs(most - low) < CLOSE) or abs(least - high) < CLOSE:
        raise UndecidedError(f"{least} to {most} against {low} to {high}")
    return least < high and most >= low


def _corners(facts, join):
    """The corners of the times that keep all facts; None where no times are well inside."""
    size, distinct = join.shape
    rows = [(np.eye(size)[-1], LAST)]
    for weights, low, high in facts:
        row = np.zeros(size)
        for place, weight in weights:
            row[place] = float(weight)
        rows += [(row, float(high))] if high is not None else []
        rows += [(-row, -float(low))] if low is not None else []
    left = np.array([row @ join for row, _ in rows])
    right = np.array([end for _, end in rows])
    kept = np.abs(left).sum(axis=1) > 1e-12
    if (right[~kept] < 0).any():
        return None
    left, right = left[kept], right[kept]
    room = np.column_stack([left, np.linalg.norm(left, axis=1)])
    goal = np.append(np.zeros(distinct), -1)
    bounds = [(None, None)] * distinct + [(0, None)]
    inside = linprog(goal, room, right, bounds=bounds)
    if inside.status or inside.x[-1] < 1e-9:
        return None
    body = HalfspaceIntersection(np.column_stack([left, -right]), inside.x[:-1])
    return body.intersections @ join.T


def _nearest(points):
    """The least length of a mixture of points."""
    weight = 1e5
    mixed, _ = nnls(np.vstack([points.T, np.full(len(points), weight)]),
                    np.append(np.zeros(points.shape[1]), weight), maxiter=10_000)  # fmt: skip
    return float(np.linalg.norm(mixed / mixed.sum() @ points))
