"""Second counts of the blocks of numbers, by routes that share nothing with the first ones.

- `count_ages`: every multiset of values on either side of the cut, weighed by the number of
  ways to give its values to patients.
"""

from bisect import bisect_left
from fractions import Fraction
from itertools import accumulate, combinations_with_replacement, pairwise
from math import factorial

import numpy as np


def edges(printed: str) -> tuple[Fraction, Fraction]:
    """The half-open interval of values that round to `printed`, halves going up."""
    decimals = len(printed.partition(".")[2])
    half = Fraction(1, 2 * 10**decimals)
    return Fraction(printed) - half, Fraction(printed) + half


def multisets(low, high, size, needed):
    """Ways by (sum, sum of squares) to give `size` patients values that include `needed`."""
    values = np.array(list(combinations_with_replacement(range(low, high + 1), size)))
    values = values[(values == needed).any(axis=1)]
    orders, run = np.full(len(values), factorial(size)), np.ones(len(values), int)
    for before, after in pairwise(values.T):
        run = np.where(before == after, run + 1, 1)
        orders //= run
    keys = values.sum(axis=1) * 10**6 + (values**2).sum(axis=1)
    keys, places = np.unique(keys, return_inverse=True)
    ways = np.zeros(len(keys), np.int64)
    np.add.at(ways, places, orders)
    return {divmod(k, 10**6): w for k, w in zip(keys.tolist(), ways.tolist(), strict=True)}


def count_ages(lowest, cut, highest, below, above, mean, sd, divisor):
    """Columns of `below` whole numbers under `cut` and `above` others that print mean and SD.

    The smallest is `lowest` and the largest `highest`; `divisor` is that of the variance.
    """
    n = below + above
    young = multisets(lowest, cut - 1, below, lowest)
    old = {}
    for (total, squares), ways in sorted(multisets(cut, highest, above, highest).items()):
        old.setdefault(total, ([], [0]))[0].append(squares)
        old[total][1].append(ways)
    old = {total: (keys, list(accumulate(ways))) for total, (keys, ways) in old.items()}
    (low, high), (least, most) = edges(mean), edges(sd)
    answer = 0
    for (total, squares), ways in young.items():
        for other, (keys, running) in old.items():
            s = total + other
            if low * n <= s < high * n:
                window = [(e * e * divisor * n + s * s) / n - squares for e in (least, most)]
                first, last = (running[bisect_left(keys, end)] for end in window)
                answer += ways * (last - first)
    return answer


def fewest_negative(whole, part, pinned, floor):
    """Fewest negative of three percentages, by halving boxes until each is decided.

    `whole` and `part` are (number, mean, SD) as printed, SDs of a population; `pinned` are the
    ends of one more percentage. A box bounds both sums and two of the percentages; the third one,
    and the squares, are bounded from them.
    """
    (n, *_), (m, *_) = whole, part
    sums = [tuple(k * e for e in edges(x[1])) for k, x in ((n, whole), (m, part))]
    spreads = n * edges(whole[2])[0] ** 2 - m * edges(part[2])[1] ** 2 - pinned[1] ** 2
    for negative in range(4):
        signs = [(floor, Fraction(0))] * negative + [(Fraction(0), Fraction(60))] * (3 - negative)
        boxes = [(*sums, *signs[:2])]
        while boxes:
            total, own, x, y = box = boxes.pop()
            low = max(total[0] - own[1] - pinned[1] - x[1] - y[1], signs[2][0])
            high = min(total[1] - own[0] - pinned[0] - x[0] - y[0], signs[2][1])
            most = sum(max(a * a, b * b) for a, b in (x, y, (low, high)))
            if low > high or most < spreads + total[0] ** 2 / n - own[1] ** 2 / m:
                continue
            widths = [b - a for a, b in box]
            if max(widths) < Fraction(1, 50):
                return negative
            k = widths.index(max(widths))
            middle = sum(box[k]) / 2
            boxes += [(*box[:k], half, *box[k + 1 :])
                      for half in ((box[k][0], middle), (middle, box[k][1]))]  # fmt: skip
    return 3
