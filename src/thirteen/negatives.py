"""How many changes must be negative: a bound from printed means and spreads alone.

Mean and spread of a percentage change, of all rows and of a flagged part, leave the other rows
a sum and a sum of squares. Rows whose numbers are pinned by printed ranges are taken out. Among
the rest, at most k negative ones can make up squares of so much and no more; where that is less
than what is left to them, there are more than k. Exact, in fractions.
"""

from fractions import Fraction
from itertools import product

from thirteen.pairs_search import Pairs

UNBOUNDED = Fraction(-(10**6))  # percent: no gain is so great


def negative_changes(problem: Pairs) -> tuple[int, int]:
    """The least number of negative changes among the unflagged rows, and among all.

    Raises ValueError where the percentages of the flagged rows or of all lack mean or spread.
    """
    n = len(problem.boxes)
    whole, part = _printed(problem, n), _printed(problem, sum(problem.flags))
    pinned = [(_percent(box),) for box, flag in zip(problem.boxes, problem.flags, strict=True)
              if not flag and _is_pinned(box)]  # fmt: skip
    free = n - sum(problem.flags) - len(pinned)
    least = next((k for k in range(free) if _fits(whole, part, pinned, k)), free)
    return least, least + (part["maximum_of_minimum"] < 0)


def fewest_gains(problem: Pairs) -> int:
    """The least number of negative changes by figures of percentages alone, classes aside.

    The printed greatest percentage is some row's; where the flagged part's spread is too small
    for it (no value is further from a mean than the spread times the root of n - 1), that row
    is an unflagged one, and is taken out. 0 where a figure that this needs is not there.
    """
    n, m = len(problem.boxes), sum(problem.flags)
    whole, part = ({f.statistic: f for f in problem.figures if f.quantity[2] and len(f.rows) == k}
                   for k in (n, m))  # fmt: skip
    if not {"mean", "sd", "maximum"} <= set(whole) or not {"mean", "sd"} <= set(part):
        return 0
    deepest = [_exact(end) for end in (whole["maximum"].low, whole["maximum"].high)]
    away = deepest[0] - _exact(part["mean"].high)
    if away <= 0 or away**2 <= _exact(part["sd"].high) ** 2 * (m - part["sd"].sample) * (m - 1) / m:
        return 0
    sides = [_moments(own, k) for own, k in ((whole, n), (part, m))]
    sides[0]["floor"] = _exact(whole["minimum"].low) if "minimum" in whole else UNBOUNDED
    least = next((k for k in range(n - m - 1) if _fits(*sides, [deepest], k)), n - m - 1)
    return least + ("minimum" in part and part["minimum"].high < 0)


def least_p(pairs: int, negative: int) -> Fraction:
    """The least two-sided P of exact signed ranks with so many negative changes of `pairs`.

    The choices of signs that give a rank sum no larger include all those that leave out some
    of the negative changes: 2^negative of them, ties and zeros or not.
    """
    return min(Fraction(2 * 2**negative, 2**pairs), Fraction(1))


def _printed(problem, size):
    own = {f.statistic: f for f in problem.figures if f.quantity[2] and len(f.rows) == size}
    if not {"mean", "sd", "minimum"} <= set(own):
        raise ValueError("no mean, spread and range of percentages of so many rows")
    ends = {"floor": _exact(own["minimum"].low), "maximum_of_minimum": _exact(own["minimum"].high)}
    return _moments(own, size) | ends


def _moments(own, size):
    """Intervals of the sum and of the squares about the mean."""
    mean, sd = own["mean"], own["sd"]
    by = size - sd.sample
    return {
        "size": size,
        "sums": [_exact(end) * size for end in (mean.low, mean.high)],
        "squares": [_exact(end) ** 2 * by for end in (sd.low, sd.high)],
    }


def _exact(end):
    return Fraction(str(round(end, 6)))


def _is_pinned(box):
    return all(low == high for low, high in box)


def _percent(box):
    (before, _), (after, _) = box
    return Fraction(100 * (before - after), before)


def _fits(whole, part, pinned, k):
    """May the rest have k negative changes? What is left less what they can is concave.

    So its least value over the printed intervals of both sums, and over those of the percentages
    that are taken out, is at a corner of them.
    """
    for total, own, *taken in product(whole["sums"], part["sums"], *pinned):
        left = total - own - sum(taken)
        least = whole["squares"][0] + total**2 / whole["size"]
        least -= part["squares"][1] + own**2 / part["size"] + sum(p * p for p in taken)
        for negative in range(k + 1):  # so many at the floor, one with all the rest
            floor = whole["floor"]
            if least <= negative * floor**2 + (left - negative * floor) ** 2:
                return True
    return False
