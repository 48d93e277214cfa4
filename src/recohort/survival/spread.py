"""A printed deviation or error of real-valued times: a witness between bounds, or a proof."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from recohort.paper.rounding import Interval
from recohort.survival.linear import Linear, Program, matrices

CUTS = 60  # tangents by which the least spread is bounded
PARTS = 400  # parts into which ranges are cut to bound the largest
MOST_ERROR = Fraction(10**6)  # months: no deviation reaches it
SLACK = 1e-7  # relative: what a linear program calls different is more than its rounding error


class Spread(NamedTuple):
    """The root of a sum of weighted squares over a divisor prints a deviation or an error.

    A form is (terms, constant, weight): the weight times the square of a weighted sum of times
    and a constant.
    """

    forms: tuple
    divisor: Fraction | int
    interval: Interval  # of the root
    positions: tuple = ()  # of a standard deviation: about any center its squares are no less

    @classmethod
    def deviations(cls, positions: Sequence[int], divisor: int, interval: Interval) -> "Spread":
        """A standard deviation of the times at some positions."""
        share = Fraction(1, len(positions))
        forms = tuple(
            (tuple((j, (i == j) - share) for j in positions), Fraction(0), Fraction(1))
            for i in positions
        )
        return cls(forms, divisor, interval, tuple(positions))

    def squares(self) -> tuple[Fraction, Fraction]:
        """The ends of the sum of squares."""
        low = max(self.interval.low or Fraction(0), Fraction(0))
        high = MOST_ERROR if self.interval.high is None else self.interval.high
        return low * low * self.divisor, high * high * self.divisor

    def holds(self, times: Sequence[Fraction]) -> bool:
        """Is it true of these times, exactly?"""
        low, high = self.squares()
        _, _, low_closed, high_closed = self.interval
        above = low_closed or (self.interval.low is None or self.interval.low < 0)
        below = high_closed or self.interval.high is None
        forms = ((sum(v * times[i] for i, v in terms) + c, w) for terms, c, w in self.forms)
        total = sum((w * value**2 for value, w in forms), Fraction(0))
        return total in Interval(low, high, above, below)


class _Forms(NamedTuple):
    """The forms as arrays: their sum of squares is ``weights @ (rows @ t + constants) ** 2``."""

    rows: np.ndarray
    constants: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, spread, size):
        rows = np.zeros((len(spread.forms), size))
        for k, (terms, _, _) in enumerate(spread.forms):
            for i, value in terms:
                rows[k, i] = float(value)
        numbers = ([float(form[j]) for form in spread.forms] for j in (1, 2))
        return cls(rows, *map(np.array, numbers))

    def at(self, times):
        """The sum of squares."""
        return float(self.weights @ (self.rows @ times + self.constants) ** 2)

    def slope(self, times):
        """Its derivative."""
        return 2 * (self.weights * (self.rows @ times + self.constants)) @ self.rows


def settle(linear: Sequence[Linear], spreads: Sequence[Spread], inside: np.ndarray) -> tuple:
    """Times (floats) that have the printed spreads, or whether that is refuted: (times, refuted).

    `inside` are some times within the facts. One spread is settled: sums of squares are convex,
    so their least value comes from cutting planes (Kelley) and their most from chords, range by
    range (branch and bound); every value between is had on the way from one to the other. Of
    several, each may be refuted alone; times that have them all are looked for from each.
    """
    facts, found, many = matrices(linear, len(inside)), [], []
    try:
        for spread in spreads:
            forms, ends = _Forms.of(spread, len(inside)), [*map(float, spread.squares())]
            near, far = _around(facts, forms, spread, inside, len(spreads) > 1)
            if near is None:
                return None, True
            found.append(_inwards(_between(forms, near, far, *ends), inside))
            many.append((forms, *ends))
        if len(found) > 1:
            found = [_inwards(_together(facts, many, times), inside) for times in found]
    except ArithmeticError:
        return None, False
    return min(found, key=lambda times: _missed(many, times)), False


def _around(facts, forms, spread, inside, extreme):
    """Times with squares below the middle of the printed ones and times with squares above it.

    They go no further than need be, unless they are to be `extreme`. None and None where all
    squares are less, or more, than what is printed.
    """
    low, high = (float(end) for end in spread.squares())
    wanted, near, far = (low + high) / 2, inside, inside
    if extreme or forms.at(inside) > wanted:
        least, near = _least(
            facts, forms, inside, -np.inf if extreme else wanted, high * (1 + SLACK)
        )
        if least > high * (1 + SLACK):
            return None, None
    if extreme or forms.at(inside) <= wanted:
        most, far = _most(facts, forms, spread.positions, wanted)
        if most < low * (1 - SLACK):
            return None, None
    return near, far


def _missed(many, times):
    """By how much times miss what several sums of squares have to be, in widths of these."""
    sums = ((forms.at(times), low, high) for forms, low, high in many)
    return sum(max(low - here, here - high, 0) / (high - low) for here, low, high in sums)


def _together(facts, many, times):
    """Times nearer to having several spreads: linear programs with tangents, step by step."""
    size, kinds = len(times), len(many)
    goal = np.append(np.zeros(size), [1 / (high - low) for _, low, high in many])
    for _ in range(CUTS):
        program = Program(facts, beyond=kinds)
        for slack, (forms, low, high) in zip(np.eye(kinds), many, strict=True):
            slope = forms.slope(times)
            rest, room = forms.at(times) - slope @ times, (high - low) / 10
            program.keep(np.append(slope, -slack), -np.inf, high - room - rest)
            program.keep(np.append(slope, slack), low + room - rest, np.inf)
        found = program.least(goal)
        if found is None:
            break
        steps = [times + share * (found[:size] - times) for share in (1, 0.5, 0.25, 0.1, 0.03)]
        best = min(steps, key=lambda step: _missed(many, step))
        if _missed(many, best) >= _missed(many, times):
            break
        times = best
    return times


def _between(forms, near, far, low, high):
    """Times on the way from small to large squares, in the middle of what is printed."""
    ends = sorted((forms.at(near), forms.at(far)))
    goal = (max(low, ends[0]) + min(high, ends[1])) / 2
    share = [0.0, 1.0]
    for _ in range(60):
        middle = sum(share) / 2
        share[forms.at(near + middle * (far - near)) > goal] = middle
    return near + share[0] * (far - near)


def _inwards(times, inside):
    """Off the edges of the facts, by a hair."""
    return times + 1e-4 * (np.asarray(inside) - times)


def _least(facts, forms, inside, enough, most):
    """A lower bound of the sum of squares and the times it was found at.

    The first times whose squares are little `enough` end it, or a bound above `most`.
    """
    size = facts.upper.shape[1]
    program, goal = Program(facts, beyond=1), np.append(np.zeros(size), 1)
    times, best = np.array(inside, float), 0.0
    for _ in range(CUTS):
        slope = forms.slope(times)
        program.keep(np.append(slope, -1), -np.inf, slope @ times - forms.at(times))
        found = program.least(goal)
        if found is None:
            break
        times, best = found[:size], found[size]
        if forms.at(times) <= max(enough, best + 1e-7 * max(best, 1)) or best > most:
            break
    return best, times


def _most(facts, forms, positions, wanted):
    """An upper bound of the sum of squares below `wanted`, or times that reach it.

    On a range a square lies below its chord, which is linear. Where the chords leave room, the
    range that they miss most is halved. Deviations from any center are at least those from the
    mean: those of a standard deviation are bounded one time each.
    """
    if not len(forms.rows):
        return 0.0, np.zeros(facts.upper.shape[1])
    above, program = forms, Program(facts)
    if positions:
        rows = np.eye(forms.rows.shape[1])[list(positions)]
        above = _Forms(rows, np.zeros(len(rows)), np.ones(len(rows)))
    corners = [(program.least(row), program.least(-row)) for row in above.rows]
    most = max((t for pair in corners for t in pair), key=forms.at)
    if positions:
        above = above._replace(constants=np.full(len(rows), -most[list(positions)].mean()))
    ranges = [
        (float(row @ a + c), float(row @ b + c))
        for row, c, (a, b) in zip(above.rows, above.constants, corners, strict=True)
    ]
    return _halved(program, forms, above, ranges, most, wanted)


def _halved(program, forms, above, ranges, most, wanted):
    """Branch and bound: ranges are halved until none can hold squares that reach `wanted`."""
    edges = [program.keep(row, -np.inf, np.inf) for row in above.rows]
    open_parts, highest = [ranges], 0.0
    for _ in range(PARTS):
        if not open_parts or forms.at(most) >= wanted * (1 + SLACK):
            break
        part = open_parts.pop()
        found, bound, values, missed = _chord(program, edges, above, part)
        if found is None:
            continue
        most = max(most, found, key=forms.at)
        if bound < wanted * (1 - SLACK):
            highest = max(highest, bound)
            continue
        i = int(missed.argmax())
        if missed[i] < 1e-9:
            return np.inf, most
        halves = (part[i][0], values[i]), (values[i], part[i][1])
        open_parts += [[*part[:i], half, *part[i + 1 :]] for half in halves]
    return (np.inf if open_parts else max(highest, forms.at(most))), most


def _chord(program, edges, above, part):
    """The times that make the chords of some ranges largest; what the chords add up to there.

    Then each form's value, and what its chord misses of the square.
    """
    low, high = np.array(part).T
    rows, constants, weights = above
    for edge, least, most in zip(edges, low - constants, high - constants, strict=True):
        edge.SetBounds(float(least), float(most))
    found = program.least(-(weights * (low + high)) @ rows)
    if found is None:
        return None, None, None, None
    values = rows @ found + constants
    bound = weights @ ((low + high) * values - low * high)
    missed = weights * (values - low) * (high - values)
    return found, bound, values, missed
