"""How many tables of pairs print their figures: a bound above by proof, one below by trying.

Above: for any weights, the sum over all tables of exp(weights · what they miss the printed
intervals by) is no less than their number, and it is a product over the rows (Chernoff's
bound; weights are searched for, any are valid). That some row has each
printed end of a range is counted for every choice of that row. Below: many small steps away from
one table are all tried, and those tables counted that print everything.
"""

from collections import Counter
from itertools import product
from math import factorial, floor, log10, prod

import numpy as np
from scipy.optimize import minimize

from thirteen.pairs_search import Pairs, _misses, _quantity

ENDS = ("minimum", "maximum")
SLACK = 1e-6  # of a decimal digit: far more than the errors of floating sums
STEPS = 18  # taken or not: all ways to do so are tried
APART = 4  # units: more than steps can bring two rows together


def upper_bound(problem: Pairs) -> int:
    """No more tables than this print the means, spreads and ends of ranges; P values aside."""
    sizes = Counter(zip(problem.boxes, problem.flags, strict=True))
    grids = [(_grid(problem, *key), key[1]) for key in sizes]
    sums, intervals = _sums(problem)
    features = [_features(problem, sums, *own) for own in grids]
    low, high = (np.array(end) for end in zip(*intervals, strict=True))
    weights = _best_weights(features, list(sizes.values()), low, high)
    missed = (weights * np.where(weights > 0, low, high)).sum()
    ends = [f for f in problem.figures if f.statistic in ENDS]
    parts = [
        (weights @ f, [_attains(problem, end, *own) for end in ends])
        for f, own in zip(features, grids, strict=True)
    ]
    found = _with_ends(parts, sizes.values(), len(ends)) - missed
    return _whole(found / np.log(10) + log10(_arrangements(problem)) + SLACK)


def _whole(digits):
    """A whole number no less than ten to the `digits`."""
    power = max(0, floor(digits) - 15)
    return (int(10 ** (digits - power)) + 1) * 10**power


def _grid(problem, box, flag, change=None):
    """All pairs of a class that keep every range, as two arrays: first numbers and second.

    Their changes keep to `change`, in units; by default to that of the first row.
    """
    (a, b), (c, d) = box
    first, second = np.meshgrid(np.arange(a, b + 1), np.arange(c, d + 1), indexing="ij")
    first, second = first.ravel(), second.ravel()
    low, high = change or problem.changes[0]
    good = (first - second >= low) & (first - second <= high)
    first, second = first[good] / problem.scale, second[good] / problem.scale
    good = np.ones(len(first), bool)
    for f in (f for f in problem.figures if f.statistic in ENDS and _is_about(problem, f, flag)):
        value = _quantity(problem, f.quantity, first, second)
        good &= value < f.high + 1e-9 if f.statistic == "maximum" else value >= f.low - 1e-9
    return first[good], second[good]


def _is_about(problem, figure, flag):
    """Is a figure about rows like these: about all rows, or are they flagged?"""
    return flag or len(figure.rows) == len(problem.flags)


def _attains(problem, figure, grid, flag):
    """Which pairs of the grid have the printed end of a range?"""
    value = _quantity(problem, figure.quantity, *grid)
    good = (value >= figure.low - 1e-9) & (value < figure.high + 1e-9)
    return good & _is_about(problem, figure, flag)


def _sums(problem):
    """Each mean and spread as a sum over rows of a power about a center, and its interval.

    The squares about a center near the mean are those about the mean, and n times the squared
    distance of the two.
    """
    sums, intervals = [], []
    means = {(f.quantity, f.rows): f for f in problem.figures if f.statistic == "mean"}
    for f in (f for f in problem.figures if f.statistic in ("mean", "sd")):
        mean, n = means[f.quantity, f.rows], len(f.rows)
        center, half = (mean.low + mean.high) / 2, (mean.high - mean.low) / 2
        if f.statistic == "mean":
            sums.append((f, center, 1))
            intervals.append((-n * half, n * half))
        else:
            by = n - f.sample
            sums.append((f, center, 2))
            intervals.append((by * f.low**2, by * f.high**2 + n * half**2))
    return sums, intervals


def _features(problem, sums, grid, flag):
    """What each pair of a grid adds to each sum (sums x pairs); nothing, to those of others."""
    return np.stack([
        (_quantity(problem, f.quantity, *grid) - center) ** power * _is_about(problem, f, flag)
        for f, center, power in sums
    ])  # fmt: skip


def _best_weights(features, sizes, low, high):
    """Weights that make the bound about as small as it gets; any would be valid."""
    scale = np.maximum(high - low, 1e-9)

    def logarithm(weights):
        weights = weights / scale
        edge = np.where(weights > 0, low, high)
        total, slope = -(weights * edge).sum(), -edge
        for size, f in zip(sizes, features, strict=True):
            power = weights @ f
            share = np.exp(power - power.max())
            total += size * (power.max() + np.log(share.sum()))
            slope = slope + size * (f @ share) / share.sum()
        return total, slope / scale

    start = np.zeros(len(scale))
    return minimize(logarithm, start, jac=True, method="L-BFGS-B").x / scale


def _with_ends(parts, sizes, ends):
    """Logarithm of the sum over rows' pairs, for every choice of the row that has each end.

    `parts` has for each class of rows the exponents of its pairs, and which pairs have each end.
    """
    total, shift = {(False,) * ends: 1.0}, 0.0
    for (power, attains), size in zip(parts, sizes, strict=True):
        own = _sums_with_ends(np.exp(power - power.max()), attains)
        for _ in range(size):
            total, grown = _one_more(total, own)
            shift += grown + power.max()
    return np.log(total[(True,) * ends]) + shift


def _sums_with_ends(share, attains):
    """The sum over the pairs that have certain ends, for every choice of these."""
    found = {}
    for chosen in product((False, True), repeat=len(attains)):
        wanted = [has for asked, has in zip(chosen, attains, strict=True) if asked]
        good = np.logical_and.reduce(wanted) if wanted else np.ones(len(share), bool)
        if weight := share[good].sum():
            found[chosen] = weight
    return found


def _one_more(total, own):
    """The sums by ends given so far with one row more, scaled to at most 1; log of the scale."""
    more = Counter()
    for (done, ways), (chosen, weight) in product(total.items(), own.items()):
        if not any(a and b for a, b in zip(done, chosen, strict=True)):
            more[tuple(a or b for a, b in zip(done, chosen, strict=True))] += ways * weight
    largest = max(more.values())
    return {key: ways / largest for key, ways in more.items()}, np.log(largest)


def _arrangements(problem) -> int:
    """Ways to give the classes of the rows to patients, flagged and not."""
    ways = 1
    for flag in (True, False):
        boxes = [b for b, f in zip(problem.boxes, problem.flags, strict=True) if f == flag]
        ways *= factorial(len(boxes)) // prod(map(factorial, Counter(boxes).values()))
    return ways


def lower_bound(problem: Pairs, table, prints) -> int:
    """So many tables at least: small steps from one that prints all, in every order.

    `table` has two rows of whole numbers; `prints` says of such a table whether it prints every
    row. Each found counts once for each way to give its pairs to patients of its part. Raises
    ValueError where two rows are so near that steps could make them equal or exchange them.
    """
    _check_apart(problem, table)
    points = np.concatenate([table[0], table[0] - table[1]])
    steps, found = _steps(len(problem.boxes)), 0
    for chunk in np.array_split(np.arange(2 ** len(steps)), 64):
        taken = (chunk[:, None] >> np.arange(len(steps))) & 1
        near = _within_boxes(problem, points + taken @ steps)
        found += sum(prints(own) for own in near)
    flagged = sum(problem.flags)
    return found * factorial(flagged) * factorial(len(problem.flags) - flagged)


def _steps(n):
    """Steps that leave a sum: one row's first number (or change) up by a unit, the next one's down.

    Their sums are all different, as each has a row that no earlier one has.
    """
    steps = np.zeros((2 * (n - 1), 2 * n), int)
    for k in range(2 * (n - 1)):
        at = k // 2 + (k % 2) * n
        steps[k, at], steps[k, at + 1] = 1, -1
    return steps[:STEPS]


def _within_boxes(problem, points):
    """The tables at some points that keep all intervals and boxes, apart from P values."""
    n = len(problem.boxes)
    good = points[_misses(problem, points).sum(axis=1) == 0]
    tables = np.stack([good[:, :n], good[:, :n] - good[:, n:]], axis=1)
    low, high = np.array(problem.boxes).transpose(2, 1, 0)  # numbers x rows, each
    return tables[((tables >= low) & (tables <= high)).all(axis=(1, 2))]


def _check_apart(problem, table):
    flags = np.array(problem.flags)
    for flag in (True, False):
        own = table.T[flags == flag]
        apart = np.abs(own[:, None] - own).max(axis=2)
        if (apart[~np.eye(len(own), dtype=bool)] <= APART).any():
            raise ValueError("rows too near to each other to be told apart")
