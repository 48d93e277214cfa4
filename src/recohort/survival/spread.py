"""A printed standard deviation of real-valued times: witnesses by climbing, proofs by bounds."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog, minimize

from recohort.paper.rounding import Interval

CUTS = 60  # tangents by which the least spread is bounded
PARTS = 400  # parts into which ranges are cut to bound the largest
SLACK = 1e-7  # relative: what a linear program calls different is more than its rounding error
FARTHEST = 10**6  # months: no printed time reaches it


class Spread(NamedTuple):
    """The squared deviations of some times, over a divisor, print a standard deviation."""

    positions: tuple
    divisor: int
    interval: Interval  # of the standard deviation

    def squares(self) -> tuple:
        """The ends of the sum of squared deviations."""
        low, high = max(self.interval.low, Fraction(0)), self.interval.high
        return low * low * self.divisor, high * high * self.divisor

    def holds(self, times) -> bool:
        """Is it true of these times (fractions), exactly?"""
        values = [times[i] for i in self.positions]
        center = sum(values, Fraction(0)) / len(values)
        square = sum((v - center) ** 2 for v in values)
        low, high = self.squares()
        above = square > low or (self.interval.low_closed and square == low) or not low
        return above and (square < high or (self.interval.high_closed and square == high))


def settle(linear, spreads, inside):
    """Times (floats) that have the printed spreads, or whether that is refuted: (times, refuted).

    `inside` are some times within the facts. One spread is settled: squared deviations are convex,
    so their least value comes from cutting planes (Kelley) and their most from chords, range by
    range (branch and bound); every value between is had on the way from one to the other. Of
    several, each is refuted alone, or all are climbed for together (SLSQP): neither may end.
    """
    matrices, found = _matrices(linear, len(inside)), []
    for spread in spreads:
        low, high = (float(end) for end in spread.squares())
        least, near = _least(matrices, spread, inside)
        if least > high * (1 + SLACK):
            return None, True
        most, far = _most(matrices, spread, low)
        if most < low * (1 - SLACK):
            return None, True
        found.append(_between(spread, near, far, low, high))
    if len(spreads) == 1:
        return _inwards(found[0], inside), False
    return next(filter(None, (_climb(matrices, spreads, s, inside) for s in found)), None), False


def _between(spread, near, far, low, high):
    """Times on the way from small to large deviations, in the middle of what is printed."""
    ends = sorted((_squares(spread, near), _squares(spread, far)))
    goal = (max(low, ends[0]) + min(high, ends[1])) / 2
    share = [0.0, 1.0]
    for _ in range(60):
        middle = sum(share) / 2
        here = _squares(spread, near + middle * (far - near))
        share[here > goal] = middle
    return near + share[0] * (far - near)


def _squares(spread, times):
    values = times[list(spread.positions)]
    return float(((values - values.mean()) ** 2).sum())


def _inwards(times, inside):
    """Off the edges of the facts, by a hair."""
    return times + 1e-4 * (np.asarray(inside) - times)


def _climb(matrices, spreads, start, inside):
    found = _inwards(_nearest(matrices, spreads, start), inside)
    good = all(low <= _squares(s, found) < high for s in spreads for low, high in [s.squares()])
    return found if good else None


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

    hold = [{"type": "ineq", "fun": lambda t: limit - upper @ t, "jac": lambda _: -upper}]
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


def _best(matrices, goal, ranges=None, more=()):
    """The times that make a weighted sum least (with extra rows `more`: upper, limit), or None."""
    upper, limit, equal, value = matrices
    size = upper.shape[1]
    rows, ends = more or (upper, limit)
    found = linprog(
        goal, A_ub=rows, b_ub=ends,
        A_eq=np.pad(equal, ((0, 0), (0, len(goal) - size))) if len(equal) else None,
        b_eq=value if len(value) else None,
        bounds=ranges or [(0, FARTHEST)] * size + [(0, None)] * (len(goal) - size), method="highs",
    )  # fmt: skip
    return found.x if found.status == 0 else None


def _least(matrices, spread, inside):
    """A lower bound of the squared deviations and the times it was found at."""
    upper, limit, *_ = matrices
    size, positions = upper.shape[1], list(spread.positions)
    times, rows, ends, best = np.array(inside, float), [], [], 0.0
    for _ in range(CUTS):
        away = np.zeros(size)
        away[positions] = times[positions] - times[positions].mean()
        rows.append(np.append(2 * away, -1))
        ends.append(2 * away @ times - away @ away)
        more = np.vstack([np.pad(upper, ((0, 0), (0, 1))), rows]), np.append(limit, ends)
        found = _best(matrices, np.append(np.zeros(size), 1), more=more)
        if found is None:
            break
        times, bound = found[:size], found[size]
        if bound <= best + 1e-7 * max(best, 1):
            break
        best = bound
    return best, times


def _most(matrices, spread, wanted):
    """An upper bound of the squared deviations below `wanted`, or times that reach it.

    Deviations from any center are at least those from the mean; on a range they lie below its
    chord, which is linear. Where the chords leave room, the range that they miss most is halved.
    """
    size, positions = matrices[0].shape[1], list(spread.positions)
    corners = [(_best(matrices, e), _best(matrices, -e)) for e in np.eye(size)]
    ranges = [(float(a[i]), float(b[i])) for i, (a, b) in enumerate(corners)]
    best = max((t for pair in corners for t in pair), key=lambda t: _squares(spread, t))
    center, open_parts, highest = best[positions].mean(), [ranges], 0.0
    for _ in range(PARTS):
        if not open_parts or _squares(spread, best) >= wanted * (1 + SLACK):
            break
        part = open_parts.pop()
        low, high = np.array(part).T
        slope = np.zeros(size)
        slope[positions] = (low + high - 2 * center)[positions]
        found = _best(matrices, -slope, ranges=part)
        if found is None:
            continue
        bound = slope @ found + sum(center**2 - low[i] * high[i] for i in positions)
        best = max(best, found, key=lambda t: _squares(spread, t))
        if bound < wanted * (1 - SLACK):
            highest = max(highest, bound)
            continue
        missed = np.zeros(size)
        missed[positions] = ((found - low) * (high - found))[positions]
        i = int(missed.argmax())
        if missed[i] < 1e-9:
            return np.inf, best
        halves = (part[i][0], found[i]), (found[i], part[i][1])
        open_parts += [[*part[:i], half, *part[i + 1 :]] for half in halves]
    done = not open_parts
    return (max(highest, _squares(spread, best)) if done else np.inf), best
