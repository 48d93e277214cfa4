"""Follow-up times that fit an order: bounds by propagation, then all times on the grid.

Times are whole numbers of half units of the last printed decimal, as edges of rounding intervals
are. *Relaxed* bounds hold for real times, *grid* bounds for times in whole units.
"""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from math import ceil

from recohort.survival.problem import STEP

Constraint = tuple  # (terms, low, high) of a weighted sum of times, terms of (position, weight)
Constraints = Iterable[Constraint]
ROUNDS = 60  # of narrowing relaxed bounds, which may creep towards a limit for ever


def tighten(
    constraints: Constraints,
    low: list,
    high: list,
    ties: int = 0,
    apart: int = 0,
    grid: bool = False,
) -> tuple[list, list] | None:
    """Bounds on sorted times under all constraints at once, or None where there are none.

    `low` and `high` are lists by position; bit i of `ties` makes positions i and i+1 equal,
    of `apart` different (on the grid). With `grid`, rounding intervals are half-open and
    times are whole units. Relaxed bounds hold whenever the narrowing stops.
    """
    low, high = list(low), list(high)
    before, left = None, ROUNDS
    while before != (low, high) and (left or grid):
        before, left = (low[:], high[:]), left - 1
        _keep_order(low, high, ties, apart)
        for terms, least, most in constraints:
            _narrow(terms, least, ceil(most) - 1 if grid else most, low, high)
        if grid:
            low = [STEP * -(-x // STEP) for x in low]
            high = [STEP * (x // STEP) for x in high]
        if any(a > b for a, b in zip(low, high, strict=True)):
            return None
    return low, high


def _keep_order(low, high, ties, apart):
    last = len(low) - 1
    for i in range(last):
        low[i + 1] = max(low[i + 1], low[i] + STEP * (apart >> i & 1))
        j = last - 1 - i
        high[j] = min(high[j], high[j + 1] - STEP * (apart >> j & 1))
    for i in (i for i in range(last) if ties >> i & 1):
        low[i] = low[i + 1] = max(low[i], low[i + 1])
        high[i] = high[i + 1] = min(high[i], high[i + 1])


def whole(value: Fraction) -> int | Fraction:
    """A whole fraction as an integer: most bounds are whole, and integers many times faster."""
    return int(value) if value == int(value) else value


def merge(constraints: Constraints) -> tuple[Constraint, ...] | None:
    """Constraints with equal terms made one; None where two of them exclude each other.

    Two medians printed for one pair of patients contradict each other at once this way,
    where bounds on single times would only creep.
    """
    merged = {}
    for terms, least, most in constraints:
        if terms in merged:
            a, b = merged[terms]
            least, most = max(a, least), min(b, most)
            if least > most:
                return None
        merged[terms] = least, most
    return tuple((terms, *bounds) for terms, bounds in merged.items())


def _narrow(terms, least, most, low, high):
    lowest = highest = 0  # plain loops: this is the innermost step of the search
    for i, w in terms:
        lowest += w * low[i]
        highest += w * high[i]
    if lowest >= least and highest <= most:
        return
    for i, w in terms:
        room, need = most - lowest + w * low[i], least - highest + w * high[i]
        high[i] = min(high[i], room if w == 1 else Fraction(room) / w)
        low[i] = max(low[i], need if w == 1 else Fraction(need) / w)


def grid_times(
    constraints: Constraints, low: list, high: list, accept: Callable, ties: int = 0, apart: int = 0
) -> Iterator[tuple]:
    """Every sorted tuple of times on the grid that meets the constraints and `accept`.

    Halves the widest range, tightening after each choice; `accept(low, high)` says
    whether times within the bounds may still do.
    """
    bounds = tighten(constraints, low, high, ties, apart, grid=True)
    if bounds is None or not accept(*bounds):
        return
    low, high = bounds
    i = max(range(len(low)), key=lambda p: (high[p] - low[p], p))
    if low[i] == high[i]:
        yield tuple(low)
        return
    middle = low[i] + (high[i] - low[i]) // (2 * STEP) * STEP
    rest = accept, ties, apart
    yield from grid_times(constraints, low, [*high[:i], middle, *high[i + 1 :]], *rest)
    yield from grid_times(constraints, [*low[:i], middle + STEP, *low[i + 1 :]], high, *rest)
