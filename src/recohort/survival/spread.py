"""A printed standard deviation of real-valued times: a witness between bounds, or a proof."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from recohort.paper.rounding import Interval
from recohort.survival.linear import Linear, matrices, minimized

CUTS = 60  # tangents by which the least spread is bounded
PARTS = 400  # parts into which ranges are cut to bound the largest
SLACK = 1e-7  # relative: what a linear program calls different is more than its rounding error


class Spread(NamedTuple):
    """The squared deviations of some times, over a divisor, print a standard deviation."""

    positions: tuple
    divisor: int
    interval: Interval  # of the standard deviation

    def squares(self) -> tuple[Fraction, Fraction]:
        """The ends of the sum of squared deviations."""
        low, high = max(self.interval.low, Fraction(0)), self.interval.high
        return low * low * self.divisor, high * high * self.divisor

    def holds(self, times: Sequence[Fraction]) -> bool:
        """Is it true of these times, exactly?"""
        values = [times[i] for i in self.positions]
        center = sum(values, Fraction(0)) / len(values)
        low, high = self.squares()
        _, _, low_closed, high_closed = self.interval
        ends = Interval(low, high, low_closed or not low, high_closed)
        return sum((v - center) ** 2 for v in values) in ends


def settle(linear: Sequence[Linear], spreads: Sequence[Spread], inside: np.ndarray) -> tuple:
    """Times (floats) that have the printed spreads, or whether that is refuted: (times, refuted).

    `inside` are some times within the facts. One spread is settled: squared deviations are convex,
    so their least value comes from cutting planes (Kelley) and their most from chords, range by
    range (branch and bound); every value between is had on the way from one to the other. Of
    several, each may be refuted alone; times that have them all are not looked for.
    """
    facts, found = matrices(linear, len(inside)), []
    for spread in spreads:
        low, high = (float(end) for end in spread.squares())
        least, near = _least(facts, spread, inside)
        if least > high * (1 + SLACK):
            return None, True
        most, far = _most(facts, spread, low)
        if most < low * (1 - SLACK):
            return None, True
        found.append(_between(spread, near, far, low, high))
    return _inwards(found[0], inside), False


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


def _least(facts, spread, inside):
    """A lower bound of the squared deviations and the times it was found at."""
    upper, limit, *_ = facts
    size, positions = upper.shape[1], list(spread.positions)
    times, rows, ends, best = np.array(inside, float), [], [], 0.0
    for _ in range(CUTS):
        away = np.zeros(size)
        away[positions] = times[positions] - times[positions].mean()
        rows.append(np.append(2 * away, -1))
        ends.append(2 * away @ times - away @ away)
        more = np.vstack([np.pad(upper, ((0, 0), (0, 1))), rows]), np.append(limit, ends)
        found = minimized(facts, np.append(np.zeros(size), 1), more=more)
        if found is None:
            break
        times, bound = found[:size], found[size]
        if bound <= best + 1e-7 * max(best, 1):
            break
        best = bound
    return best, times


def _most(facts, spread, wanted):
    """An upper bound of the squared deviations below `wanted`, or times that reach it.

    Deviations from any center are at least those from the mean; on a range they lie below its
    chord, which is linear. Where the chords leave room, the range that they miss most is halved.
    """
    size, positions = facts.upper.shape[1], list(spread.positions)
    corners = [(minimized(facts, e), minimized(facts, -e)) for e in np.eye(size)]
    ranges = [(float(a[i]), float(b[i])) for i, (a, b) in enumerate(corners)]
    most = max((t for pair in corners for t in pair), key=lambda t: _squares(spread, t))
    center, open_parts, highest = most[positions].mean(), [ranges], 0.0
    for _ in range(PARTS):
        if not open_parts or _squares(spread, most) >= wanted * (1 + SLACK):
            break
        part = open_parts.pop()
        found, bound, missed = _chord(facts, positions, part, center)
        if found is None:
            continue
        most = max(most, found, key=lambda t: _squares(spread, t))
        if bound < wanted * (1 - SLACK):
            highest = max(highest, bound)
            continue
        i = int(missed.argmax())
        if missed[i] < 1e-9:
            return np.inf, most
        halves = (part[i][0], found[i]), (found[i], part[i][1])
        open_parts += [[*part[:i], half, *part[i + 1 :]] for half in halves]
    return (np.inf if open_parts else max(highest, _squares(spread, most))), most


def _chord(facts, positions, part, center):
    """The times that make the chords of some ranges largest, their value, and what they miss."""
    low, high = np.array(part).T
    slope = np.zeros(len(part))
    slope[positions] = (low + high - 2 * center)[positions]
    found = minimized(facts, -slope, ranges=part)
    if found is None:
        return None, None, None
    bound = slope @ found + sum(center**2 - low[i] * high[i] for i in positions)
    missed = np.zeros(len(part))
    missed[positions] = ((found - low) * (high - found))[positions]
    return found, bound, missed
