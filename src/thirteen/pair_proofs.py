"""No table of pairs prints all of some rows: shown by weights, part by part.

For any weights, no table has a weighted sum of its squares, numbers and ends of ranges above
the sum of the greatest that a row of each class can have; where the printed intervals ask for
more, there is no table. Weights come from a linear program (any are valid, so its errors of
rounding cost nothing but success). Where none suffice, the pairs of a class are parted at a
value, its rows go to both parts in every way, and each way is shown by weights of its own.
"""

from collections import Counter

import numpy as np
from scipy.optimize import linprog

from thirteen.pair_bounds import ENDS, _attains, _features, _grid, _sums
from thirteen.pairs_search import Figure, Pairs, attainable, with_changes

ENOUGH = 1e-3  # of an interval's width: far more than the errors of floating sums
ROUNDS = 60  # of the linear program, in which pairs are added where they are missed most
NARROW = 0.5  # of a mean that is not printed: parts of its span


def small_changes(size, least_change, highest, below, printed=True) -> list[tuple]:
    """Intervals of changes (as for `with_changes`) outside which the signed ranks' P is too great.

    Let g changes be negative, the least of them `least_change` (in units), and m others no
    greater in size. The choices of signs that are as extreme include each choice of negative
    ones, and each of the m alone; a change of zero halves all choices and loses one of these.
    So P >= 2 (2^g + m) / 2^size, which has to be `below` a bound. The m are not bound to be
    small here: more is allowed than can be, never less. `printed` says whether `least_change` is a
    printed figure; where it is only a bound, nothing is known of the sizes of the others. At least
    one change has to be negative. Where the positive ones are the fewer instead, they are as few.

    Raises ValueError where a least change that is printed is not negative.
    """
    if printed and least_change >= 0:
        raise ValueError("the least change is no rise")
    found, negative = [], 1
    while 2 * 2**negative < below * 2**size:
        first = (least_change, least_change if printed else -1)
        others = max(m for m in range(size) if 2 * (2**negative + m) < below * 2**size)
        single = [first] + [(least_change, -1)] * (negative - 1)
        rest = [(0, highest)] * (min(others, size - negative) if printed else 0)
        found.append((*single, *rest, (1 - least_change if printed else 0, highest)))
        negative += 1
    return [*found, (*[(least_change, highest)] * (negative - 1), (least_change, 0))]


def no_table(problem: Pairs, patterns, most=2000) -> int | None:
    """In how many parts weights show that no table prints the problem under any pattern.

    `patterns` are those of `small_changes`, or [None] for all changes. None where `most` parts of
    a case do not suffice.
    """
    return in_every_case(problem, patterns, lambda case, parts=most: _parts(case, parts))


def in_every_case(problem: Pairs, patterns, parts_of) -> int | None:
    """The sum of `parts_of(case)` over all cases of the patterns; None where it is None of one.

    Of a spread without a printed mean the cases are spans of what the mean can be; wide ones get
    one part, `parts_of(case, 1)`, and are halved where that does not suffice.
    """
    total = 0
    for pattern in patterns:
        for case in [problem] if pattern is None else with_changes(problem, pattern):
            parts = _by_mean(case, parts_of) if attainable(case) else 0
            if parts is None:
                return None
            total += parts
    return total


def _by_mean(problem, parts_of):
    """Parts of a case; where a spread has no printed mean, by spans of what the mean can be."""
    known = {(f.quantity, f.rows) for f in problem.figures if f.statistic == "mean"}
    bare = [f for f in problem.figures if f.statistic == "sd" and (f.quantity, f.rows) not in known]
    if not bare:
        return parts_of(problem)
    first = bare[0]
    ends = {f.statistic: f for f in problem.figures if f[:2] == first[:2]}
    if not set(ENDS) <= set(ends):
        rest = tuple(f for f in problem.figures if f != first)  # allows more, never less
        return _by_mean(problem._replace(figures=rest), parts_of)
    total, spans = 0, [(ends["minimum"].low, ends["maximum"].high)]
    while spans:
        low, high = spans.pop()
        mean = Figure(first.quantity, first.rows, "mean", low, high, False)
        case, wide = problem._replace(figures=(*problem.figures, mean)), high - low > NARROW
        parts = parts_of(case, 1) if wide else parts_of(case)
        if parts is None and not wide:
            return None
        total += parts or 0
        if parts is None:
            spans += [((low + high) / 2, high), (low, (low + high) / 2)]
    return total


def _parts(problem, most):
    """So many parts are needed to show that a problem has no table; None where `most` are not."""
    sums, intervals = _sums(problem)
    ends = [f for f in problem.figures if f.statistic in ENDS]
    low = np.array([low for low, _ in intervals] + [1.0] * len(ends))
    high = np.array([high for _, high in intervals] + [float(len(problem.boxes))] * len(ends))
    scale = np.where(np.isin(np.arange(len(low)), range(len(intervals))), high - low, 0.2)
    root = []
    for (box, flag, change), rows in _classes(problem).items():
        grid = _grid(problem, box, flag, change)
        shown = [_attains(problem, end, grid, flag) for end in ends]
        features = np.concatenate([_features(problem, sums, grid, flag), np.array(shown, float)])
        root.append((np.stack(grid), features / scale[:, None], rows))
    left, done = [root], 0
    while left:
        node, done = left.pop(), done + 1
        if done > most:
            return None
        if all(own[1].shape[1] for own in node):
            shares = _shares([own[1:] for own in node], low / scale, high / scale)
            if shares is not None:
                left += _split(node, shares)
    return done


def _classes(problem):
    return Counter(zip(problem.boxes, problem.flags, problem.changes, strict=True))


def _shares(parts, low, high):
    """None where weights show that no rows fit; else shares of pairs that fit, by class.

    `parts` has for each class what each pair adds to each sum (sums x pairs), and how many rows
    it has. Shares are (pairs, how much of each) by class.
    """
    chosen = [np.unique([*f.argmin(axis=1), *f.argmax(axis=1)]) for f, _ in parts]
    sums = len(low)
    for _ in range(ROUNDS):
        columns = np.concatenate([f[:, c] for (f, _), c in zip(parts, chosen, strict=True)], axis=1)
        own = np.repeat(np.arange(len(parts)), [len(c) for c in chosen])
        apart = np.concatenate([np.eye(sums), -np.eye(sums)], axis=1)
        above = np.concatenate([columns, apart], axis=1)
        whole = np.zeros((len(parts), above.shape[1]))
        whole[own, np.arange(len(own))] = 1
        found = linprog(
            np.repeat([0.0, 1.0], [len(own), 2 * sums]),
            A_ub=np.concatenate([above, -above]), b_ub=np.concatenate([high, -low]),
            A_eq=whole, b_eq=[rows for _, rows in parts], method="highs",
        )  # fmt: skip
        weights = found.ineqlin.marginals[:sums] - found.ineqlin.marginals[sums:]
        reached = [weights @ f for f, _ in parts]
        asked = np.where(weights > 0, weights * low, weights * high).sum()
        if asked - sum(r.max() * k for r, (_, k) in zip(reached, parts, strict=True)) > ENOUGH:
            return None
        shares = [(c, found.x[: len(own)][own == i]) for i, c in enumerate(chosen)]
        more = [np.argsort(-r, kind="stable")[:5] for r in reached]
        if found.fun < 1e-7 or all(set(m) <= set(c) for m, c in zip(more, chosen, strict=True)):
            break
        chosen = [np.union1d(c, m) for c, m in zip(chosen, more, strict=True)]
    return shares


def _split(node, shares):
    """All ways to part the rows of the class that is spread most, at the mean of what spreads."""
    widest, at = -1.0, None
    for i, (((first, second), _, rows), (pairs, share)) in enumerate(
        zip(node, shares, strict=True)
    ):
        share = np.maximum(share, 0) / np.maximum(share, 0).sum()
        change = first - second
        for value, by in ((first, 1), (change, 2), (100 * change / first, 3)):
            mean = share @ value[pairs]
            spread = by * (rows * (share @ (value[pairs] - mean) ** 2)) ** 0.5
            if spread > widest:
                widest, at = spread, (i, value <= mean)
    i, below = at
    grid, features, rows = node[i]
    rest, found = node[:i] + node[i + 1 :], []
    for k in range(rows + 1):
        halves = [(grid[:, s], features[:, s], n) for s, n in ((below, k), (~below, rows - k)) if n]
        found.append([*rest, *halves])
    return found
