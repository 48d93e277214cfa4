"""Second counts of the blocks of numbers, by routes that share nothing with the first ones.

- `count_ages`: every multiset of values on either side of the cut, weighed by the number of
  ways to give its values to patients.
- `count_intervals`: every ranking of a group, ties broken by patient, with its middle values
  pinned in turn; the others are counted by class of value, and the groups are put together.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from fractions import Fraction
from itertools import accumulate, combinations_with_replacement, pairwise, permutations
from math import ceil, factorial

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


def count_intervals(rows, patients, top):
    """Columns of values 0..`top` in units of 0.1 that print quartiles and medians since them.

    `rows` as read from the files; quartiles of all patients are single order statistics, a
    group's median is the middle value or the mean of the middle two, of value and time.
    """
    ranks, groups = [], []
    n = len(patients)
    stated = [row for row in rows if row.statistic == "count"]
    for row in (row for row in rows if row.statistic != "count"):
        low, high = edges(row.printed)
        if row.statistic == "median_survival":
            ((column, _, level),) = row.filters
            members = [i for i, value in enumerate(patients[column]) if value == level]
            groups.append((members, (10 * low, 10 * high)))
        else:
            place = Fraction(dict(row.options).get("q", "1/2")) * (n - 1)
            assert place.denominator == 1
            ranks.append((int(place), ceil(10 * low), ceil(10 * high)))
    cuts = sorted({cut for _, *ends in ranks for cut in ends})
    grouped = {i for members, _ in groups for i in members}
    groups += [([i], None) for i in range(n) if i not in grouped]
    times = [int(10 * Fraction(str(t))) for t in patients["time"]]
    labels = [_labels(i, cuts, top, [_flagged(row, patients) for row in stated]) for i in range(n)]
    total = Counter({(): 1})
    for members, ends in groups:
        total = _together(total, _group(members, ends, times, top, labels))
    return sum(
        ways for classes, ways in total.items()
        if all(_rank_fits(classes, cuts, *rank) for rank in ranks)
        and all(_count_fits(classes, k, row) for k, row in enumerate(stated))
    )  # fmt: skip


def _rank_fits(classes, cuts, k, low, high):
    """Is the k-th smallest value (from zero) in [low, high)?"""
    below, within = (sum(c[0] <= cuts.index(cut) for c in classes) for cut in (low, high))
    return below <= k < within


def _count_fits(classes, k, row):
    found, value = sum(c[1][k] for c in classes), int(row.printed)
    return {"=": found == value, ">=": found >= value}[row.relation]


def _flagged(row, patients):
    """Patients whose values a stated count looks at, and its cut."""
    ((column, _, level),) = [f for f in row.filters if f[1] == "="]
    (cut,) = [f for f in row.filters if f[1] == ">="]
    inside = {i for i, value in enumerate(patients[column]) if str(value) == level}
    return inside, 10 * int(cut[2])


def _labels(i, cuts, top, flags):
    """The class of each value of a patient: cuts at or below it, stated counts that it meets."""
    return [
        (bisect_right(cuts, value), tuple(i in inside and value >= cut for inside, cut in flags))
        for value in range(top + 1)
    ]


def _together(total, more):
    answer = Counter()
    for a, x in total.items():
        for b, y in more.items():
            answer[tuple(sorted(a + b))] += x * y
    return answer


def _group(members, ends, times, top, labels):
    """Ways to fill a group so that its median prints, by the classes of its values."""
    if ends is None:
        (i,) = members
        return Counter((label,) for label in labels[i])
    reach, size = top + max(times) + 2, len(members)
    heap, kinds = {}, {i: sorted(set(labels[i])) for i in members}
    for i in members:  # by patient: number of values with each class and y <= column - 1
        table = np.zeros((len(kinds[i]), reach + 1), np.int64)
        places = [kinds[i].index(label) for label in labels[i]]
        table[places, np.arange(top + 1) + times[i] + 1] = 1
        heap[i] = np.cumsum(table, axis=1)
    first, last = (size - 1) // 2, size // 2 + 1
    assert {first, size - last} <= {0, 1}  # one patient on each side: no orders to divide by
    answer = Counter()
    for order in permutations(members):
        low, pinned, high = order[:first], order[first:last], order[last:]
        for ys in _middles(len(pinned), ends, reach):
            keys = list(zip(ys, pinned, strict=True))
            xs = [y - times[i] for y, i in keys]
            if min(xs) < 0 or max(xs) > top or keys != sorted(keys):
                continue
            ways = {tuple(labels[i][x] for i, x in zip(pinned, xs, strict=True)): 1}
            for i in low:
                ways = _with(ways, kinds[i], heap[i][:, ys[0] + (i < pinned[0])])
            for i in high:
                above = heap[i][:, -1] - heap[i][:, ys[-1] + (i < pinned[-1])]
                ways = _with(ways, kinds[i], above)
            for key, x in ways.items():
                answer[tuple(sorted(key))] += x
    return answer


def _with(ways, kinds, counts):
    """One more patient, whose values of each class are counted."""
    pairs = [(kind, c) for kind, c in zip(kinds, counts.tolist(), strict=True) if c]
    return {(*key, kind): x * c for key, x in ways.items() for kind, c in pairs}


def _middles(pins, ends, reach):
    """Values of the middle one, or of the middle two, whose mean lies between the ends."""
    if pins == 1:
        return [(y,) for y in range(reach) if ends[0] <= y < ends[1]]
    return [
        (y, z) for y in range(reach)
        for z in range(max(y, ceil(2 * ends[0]) - y), min(reach, ceil(2 * ends[1]) - y))
    ]  # fmt: skip


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
