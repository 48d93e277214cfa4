"""A printed standard deviation of real-valued times: witnesses by climbing, proofs by bounds."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog, minimize

from recohort.paper.rounding import Interval

TRIES = 12  # starts of the climb, drawn from one seed
CUTS = 60  # tangents by which the least spread is bounded


class Spread(NamedTuple):
    """The squared deviations of some times, over a divisor, print a standard deviation."""

    positions: tuple
    divisor: int
    interval: Interval  # of the standard deviation

    def squares(self) -> tuple:
        """The ends of the sum of squared deviations."""
        low, high = max(self.interval.low, 0), self.interval.high
        return low * low * self.divisor, high * high * self.divisor

    def holds(self, times) -> bool:
        """Is it true of these times (fractions), exactly?"""
        values = [times[i] for i in self.positions]
        center = sum(values, Fraction(0)) / len(values)
        square = sum((v - center) ** 2 for v in values)
        low, high = self.squares()
        above = square > low or (self.interval.low_closed and square == low) or not low
        return above and (square < high or (self.interval.high_closed and square == high))


def climb(linear, spreads, start):
    """Times (floats) within the linear facts, drawn towards the middle of each printed spread.

    SLSQP from the given times and from corners of the facts in random directions.
    """
    rng, size = np.random.default_rng(1), len(start)
    matrices = _matrices(linear, size)
    for attempt in range(TRIES):
        if attempt:
            start = _corner(matrices, rng.normal(size=size), size)
        if start is not None:
            yield _nearest(matrices, spreads, start)


def _nearest(matrices, spreads, start):
    upper, limit, equal, value = matrices
    goals = [(list(s.positions), [float(e) for e in s.squares()]) for s in spreads]

    def miss(times):
        total, slope = 0.0, np.zeros(len(times))
        for positions, (low, high) in goals:
            away = times[positions] - times[positions].mean()
            gap = (away @ away - (low + high) / 2) / (high - low)
            total += gap**2
            slope[positions] += 4 * gap * away / (high - low)
        return total, slope

    room = limit - upper @ start
    hold = [{"type": "ineq", "fun": lambda t: limit - upper @ t - np.minimum(room, 1e-7),
             "jac": lambda _: -upper}]  # fmt: skip
    if len(equal):
        hold.append({"type": "eq", "fun": lambda t: equal @ t - value, "jac": lambda _: equal})
    return minimize(miss, start, jac=True, method="SLSQP", constraints=hold).x


def _matrices(linear, size):
    """Facts as arrays: upper @ t <= limit, and equal @ t = value."""
    upper, limit, equal, value = [], [], [], []
    for terms, (low, high, *_) in linear:
        row = np.zeros(size)
        row[[i for i, _ in terms]] = [float(w) for _, w in terms]
        if low is not None and low == high:
            equal.append(row)
            value.append(float(low))
            continue
        for sign, end in ((-1, low), (1, high)):
            if end is not None:
                upper.append(sign * row)
                limit.append(sign * float(end))
    return np.array(upper), np.array(limit), np.array(equal), np.array(value)


def _corner(matrices, goal, size):
    upper, limit, equal, value = matrices
    found = linprog(
        goal, A_ub=upper, b_ub=limit, A_eq=equal if len(equal) else None,
        b_eq=value if len(value) else None, bounds=[(0, 10**6)] * size, method="highs",
    )  # fmt: skip
    return found.x if found.status == 0 else None


def refuted(linear, spread: Spread, inside) -> bool:
    """Can no times within the facts have the printed spread? True only where it is proven.

    `inside` are some times within the facts. Two bounds: squared deviations are at least what
    tangents at the nearest times say (convex), and at most what they are with every time at an
    end of its own range.
    """
    low, high = (float(end) for end in spread.squares())
    size = len(inside)
    matrices = _matrices(linear, size)
    return _least(matrices, spread, [float(t) for t in inside]) > high * (1 + 1e-9) or (
        _most(matrices, spread, size) < low * (1 - 1e-9)
    )


def _least(matrices, spread, inside):
    """A lower bound: the best of Kelley's cutting planes of the squared deviations."""
    upper, limit, equal, value = matrices
    size, positions = len(inside), list(spread.positions)
    times, rows, ends, best = np.array(inside), [], [], 0.0
    for _ in range(CUTS):
        away = np.zeros(size)
        away[positions] = times[positions] - times[positions].mean()
        rows.append(np.append(2 * away, -1))
        ends.append(2 * away @ times - away @ away)
        found = linprog(
            np.append(np.zeros(size), 1),
            A_ub=np.vstack([np.column_stack([upper, np.zeros(len(upper))]), rows]),
            b_ub=np.append(limit, ends),
            A_eq=np.column_stack([equal, np.zeros(len(equal))]) if len(equal) else None,
            b_eq=value if len(value) else None,
            bounds=[(0, 10**6)] * size + [(0, None)], method="highs",
        )  # fmt: skip
        if found.status != 0:
            break
        times = found.x[:size]
        if found.fun <= best + 1e-9 * max(best, 1):
            return max(best, found.fun)
        best = max(best, found.fun)
    return best


def _most(matrices, spread, size):
    """An upper bound: deviations from any center, each time at an end of its range."""
    ranges = []
    for i in spread.positions:
        goal = np.eye(size)[i]
        ends = [_corner(matrices, sign * goal, size) for sign in (1, -1)]
        if None in [e if e is None else 0 for e in ends]:
            return np.inf
        ranges.append((ends[0][i], ends[1][i]))
    low, high = np.array(ranges).T
    centers = np.linspace(low.min(), high.max(), 200)[:, None]
    return np.maximum((low - centers) ** 2, (high - centers) ** 2).sum(axis=1).min()
