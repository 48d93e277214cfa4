"""The curve of being censored, where who dies at the time of a censoring is still at risk of it.

So it is where event and censoring are exchanged in a program: ties of both kinds then matter.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from recohort.paper.rounding import Interval
from recohort.survival.linear import Linear


def reverse_falls(positions: Sequence[int], pattern: int) -> Iterator[tuple]:
    """Where the curve of being censored comes to one half: places, and the ties under which.

    Yields the first place at which it is at most one half (None if it never is), the first below
    it, and what the times have to meet, as linear facts.
    """
    yield from _falls(positions, pattern, 0, Fraction(1), None, 0, ())


def _falls(positions, pattern, k, rate, half, still, ties):
    """The same from a patient on; `still` are the deaths at the time of the last censoring."""
    j = next((j for j in range(k, len(positions)) if not pattern >> positions[j] & 1), None)
    if j is None:
        yield half, None, ties
        return
    for many, conditions in _tied_deaths(positions, pattern, k, j, still):
        at_risk = len(positions) - j + many
        left = rate * Fraction(at_risk - 1, at_risk)
        first = positions[j] if half is None and left <= Fraction(1, 2) else half
        told = *ties, *conditions
        if left < Fraction(1, 2):
            yield first, positions[j], told
        else:
            yield from _falls(positions, pattern, j + 1, left, first, many, told)


def _tied_deaths(positions, pattern, k, j, still):
    """How many deaths may fall at the time of a censoring, each number with its conditions."""
    place, dead = positions[j], positions[k:j]
    if not dead and not still:
        yield 0, ()
    elif not dead:
        yield still, (later_than(positions[k - 1], place, tied=True),)
        yield 0, (later_than(positions[k - 1], place),)
    for first in range(len(dead), -1, -1) if dead else ():
        tied, apart = dead[first : first + 1], dead[:first][-1:]
        between = (pattern & (1 << place) - 1) >> tied[0] if tied else 0
        if not between & between + 1:  # else a censoring before a death: they are apart
            conditions = [later_than(i, place, tied=True) for i in tied]
            yield len(dead) - first, (*conditions, *(later_than(i, place) for i in apart))


def later_than(place: int, than: int, tied: bool = False) -> Linear:
    """The time at `than` is later than that at `place`; or, if `tied`, the same."""
    zero = Fraction(0)
    inside = Interval(zero, zero, True, True) if tied else Interval(zero, None, False, False)
    return Linear(((than, Fraction(1)), (place, Fraction(-1))), inside)
