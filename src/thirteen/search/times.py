"""Follow-up times that fit an order: bounds by propagation, then all times on the grid.

Times are whole numbers of half units, a unit being the last printed decimal (0.1 month:
half units of 0.05), so that every edge of a rounding interval is a whole number. A
constraint ``(terms, low, high)`` bounds a weighted sum of times; terms are (position,
weight). *Relaxed* bounds are closed and hold for real-valued times: where they run
empty, no real times exist. *Grid* bounds are exact for times in whole units.
"""

from fractions import Fraction
from math import ceil, floor

from thirteen.rounding import decimals_of, printed_bounds

STEP = 2  # half units in a unit


def scale_of(rows) -> int:
    """Half units per month, from the most decimals that any printed time has."""
    decimals = [decimals_of(r.printed) for r in rows if r.relation == "rounds to"]
    return STEP * 10 ** max(decimals, default=1)


def quantile_terms(positions, q, method="inclusive"):
    """A quantile of the times at `positions` as terms with whole weights, and their divisor.

    ``"inclusive"`` interpolates at (n - 1) q, ``"exclusive"`` at (n + 1) q - 1 (types 7
    and 6 of Hyndman and Fan 1996).
    """
    n, q = len(positions), Fraction(q)
    h = (n - 1) * q if method == "inclusive" else (n + 1) * q - 1
    h = min(max(h, Fraction(0)), Fraction(n - 1))
    below, part = floor(h), h - floor(h)
    divisor = part.denominator
    terms = [(positions[below], int((1 - part) * divisor))]
    if part:
        terms.append((positions[below + 1], int(part * divisor)))
    return tuple(terms), divisor


def constraint(terms, divisor, printed, scale) -> tuple:
    """The constraint that the weighted mean `terms`/`divisor` prints so, in half units."""
    low, high = (bound * divisor * scale for bound in printed_bounds(printed))
    return tuple(terms), _whole(low), _whole(high)


def tighten(constraints, low, high, ties=0, apart=0, grid=False):
    """Bounds on sorted times under all constraints at once, or None where there are none.

    `low` and `high` are lists by position; bit i of `ties` makes positions i and i+1 equal,
    of `apart` different (on the grid). With `grid`, rounding intervals are half-open and
    times are whole units.
    """
    low, high, n = list(low), list(high), len(low)
    before = None
    while before != (low, high):
        before = (low[:], high[:])
        for i in range(1, n):
            low[i] = max(low[i], low[i - 1] + STEP * (apart >> (i - 1) & 1))
            j = n - 1 - i
            high[j] = min(high[j], high[j + 1] - STEP * (apart >> j & 1))
        for i in (i for i in range(n - 1) if ties >> i & 1):
            low[i] = low[i + 1] = max(low[i], low[i + 1])
            high[i] = high[i + 1] = min(high[i], high[i + 1])
        for terms, least, most in constraints:
            _narrow(terms, least, ceil(most) - 1 if grid else most, low, high)
        if grid:
            low = [STEP * ceil(Fraction(x, STEP)) for x in low]
            high = [STEP * floor(Fraction(x, STEP)) for x in high]
        if any(a > b for a, b in zip(low, high, strict=True)):
            return None
    return low, high


def _whole(value):
    """Integers are many times faster than fractions; most bounds are whole."""
    return int(value) if Fraction(value).denominator == 1 else value


def _narrow(terms, least, most, low, high):
    lowest = sum(w * low[i] for i, w in terms)
    highest = sum(w * high[i] for i, w in terms)
    for i, w in terms:
        room, need = most - lowest + w * low[i], least - highest + w * high[i]
        high[i] = min(high[i], room if w == 1 else Fraction(room) / w)
        low[i] = max(low[i], need if w == 1 else Fraction(need) / w)


def grid_times(constraints, low, high, accept, ties=0, apart=0):
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


def squares_within(low, high, total) -> tuple:
    """Least and most that n^2 times the variance of times can be, their sum within `total`.

    Two pairs of bounds: from squared distances to a mean that the sum holds in place, and
    from the box alone: the times nearest to one center, or each at an end of its range.
    """
    n, box = len(low), list(zip(low, high, strict=True))
    first, last = max(sum(low), total[0]), min(sum(high), total[1])
    least = sum(max(n * a - last, first - n * b, 0) ** 2 for a, b in box)
    most = sum(max(last - n * a, n * b - first, 0) ** 2 for a, b in box)
    box.sort(key=sum)
    ends = ([a for a, _ in box[:k]] + [b for _, b in box[k:]] for k in range(n + 1))
    widest = max(n * sum(t * t for t in times) - sum(times) ** 2 for times in ends)
    return max(Fraction(least, n), _closest(box)), min(Fraction(most, n), widest)


def _closest(box):
    """n^2 times the least variance in a box, a hair below it: all times as near one center."""
    n = len(box)
    center = sum(a + b for a, b in box) / (2 * n)
    for _ in range(20):  # the mean of the nearest times moves the center to the optimum
        center = sum(min(max(center, a), b) for a, b in box) / n
    slopes = sum(min(max(center, a), b) - center for a, b in box)
    apart = sum(max(float(a) - center, center - float(b), 0.0) ** 2 for a, b in box)
    return n * apart - abs(slopes) * 2 * n * float(max(b for _, b in box)) - 1e-6 * n * apart - 1e-6
