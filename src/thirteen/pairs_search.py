"""A table of pairs (a measure before and after): found by construction, judged by the registry.

Means, spreads and ranges of both numbers, of their change and of the change in percent, for all
rows and for a flagged part of them, leave more tables than can be listed. One is built by a
written rule with no chance in it: from the points of a Halton sequence in turn, the best single
or double step is taken until every figure lies in its printed interval. Where only one end of a
range is left that no row quite has, each row in turn is given it: a damped Gauss-Newton descent
in real numbers, the nearest grid point, and steps again. Intervals are floating here; whether a
table prints every row is asked of the registry, exactly.

A P value of the signed ranks of the changes is met by the pattern of the smallest changes: how
many are zero, smaller than the one that is negative, or tied with it.
"""

from fractions import Fraction
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort.paper.rounding import decimals_of, printed_bounds
from recohort.paper.statistics import filter_of

STEPS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144)  # of the grid, tried up and down
NEAR = 2.0  # widths in all: worth mending
MARGIN = 0.25  # of an interval's width: the descent aims inside
SUMS = ("mean", "sd", "minimum", "maximum")


class Figure(NamedTuple):
    """A printed mean, spread or end of a range of one quantity, as an interval."""

    quantity: tuple  # (column, column subtracted or None, column it is a percentage of or None)
    rows: tuple  # of the table: all, the flagged ones, or a single one
    statistic: str
    low: float
    high: float
    sample: bool


class Pairs(NamedTuple):
    """What the rows of a table of pairs ask of it; values in whole units of the grid."""

    columns: tuple  # names of the first and the second number
    scale: int  # units in one
    boxes: tuple  # by row of the table: (low, high) of the first, (low, high) of the second
    flags: tuple  # by row of the table: is it flagged?
    figures: tuple
    changes: tuple  # by row of the table: (low, high) of first less second


def columns_of_pairs(rows) -> tuple:
    """Names of the two numbers: of a figure's column and of the one it subtracts."""
    return next((o["column"], o["minus"]) for o in (dict(r.options) for r in rows) if "minus" in o)


def pairs_of(rows, conventions, bounds) -> list[Pairs]:
    """Compile the rows about a table of pairs, once for each way to spread the flags.

    `bounds` maps each column to the lowest and highest value it may have. Counts must divide
    the table into classes by both numbers; of the flagged rows, classes without a printed
    count take what is left in every way.
    """
    columns = columns_of_pairs(rows)
    figures = [r for r in rows if r.statistic in SUMS]
    scale = 10 ** max(decimals_of(r.printed) for r in figures if "relative" not in dict(r.options))
    size = _size(rows, lambda r: not r.filters and not _flag(r)[0])
    flagged = _size(rows, lambda r: not _flag(r)[1] and _flag(r)[0])
    classes, inside = {}, {}
    for row in (r for r in rows if r.statistic == "count" and _flag(r)[1]):
        flag, filters = _flag(row)
        (inside if flag else classes)[_box(filters, columns, bounds, scale)] = int(row.printed)
    if sum(classes.values()) != size:
        raise NotImplementedError("counts by both numbers that do not make up the whole table")
    found = []
    for numbers in product(*(range(k + 1) for k in classes.values())):
        given = dict(zip(classes, numbers, strict=True))
        if sum(numbers) == flagged and all(given[box] == k for box, k in inside.items()):
            slots = [(box, i < given[box]) for box, k in classes.items() for i in range(k)]
            slots.sort(key=lambda slot: not slot[1])
            found.append(_compiled(slots, figures, columns, scale, conventions))
    return found


def _size(rows, chosen):
    (number,) = {r.printed for r in rows if r.statistic == "count" and chosen(r)}
    return int(number)


def _flag(row):
    """A row's condition on a related table, and its filters on the pairs themselves."""
    within = [filter_of(value) for name, value in row.options if name == "within"]
    filters = [*row.filters, *within]
    return tuple(f for f in filters if "." in f[0]), tuple(f for f in filters if "." not in f[0])


def _box(filters, columns, bounds, scale):
    box = {c: [round(b * scale) for b in bounds[c]] for c in columns}
    for column, operator, value in filters:
        edge = int(Fraction(value) * scale)
        if operator == ">=":
            box[column][0] = max(box[column][0], edge)
        else:
            box[column][1] = min(box[column][1], edge - (operator == "<"))
    return tuple(tuple(box[c]) for c in columns)


def plain_problem(box, flags, rows, columns, conventions) -> Pairs:
    """The problem of means, spreads and ends of ranges alone, without classes.

    `box` has lowest and highest of both numbers, `flags` go row by row of the table.
    """
    slots = [(tuple(tuple(round(10 * end) for end in own) for own in box), f) for f in flags]
    return _compiled(slots, rows, columns, 10, conventions)


def _compiled(slots, rows, columns, scale, conventions):
    figures = []
    for row in rows:
        options, sample = dict(row.options), dict(conventions, **dict(row.switches))["sd"]
        quantity = tuple(options.get(name) for name in ("column", "minus", "relative"))
        low, high = map(float, printed_bounds(row.printed))
        inside = tuple(i for i, (_, flag) in enumerate(slots) if flag or not _flag(row)[0])
        figures.append(Figure(quantity, inside, row.statistic, low, high, sample == "sample"))
    boxes, (first, second) = [box for box, _ in slots], columns
    ends = [_ends(figures, (c, None, None), scale, len(slots)) for c in columns]
    boxes = tuple(
        tuple((max(a, x), min(b, y)) for (a, b), (x, y) in zip(box, ends, strict=True))
        for box in boxes
    )
    boxes = _pinned(boxes, figures, columns, scale)
    change = _ends(figures, (first, second, None), scale, len(slots))
    flags = tuple(flag for _, flag in slots)
    return Pairs(columns, scale, boxes, flags, tuple(figures), (change,) * len(slots))


def _pinned(boxes, figures, columns, scale):
    """The boxes, where a printed end of a range can be one row's alone that row bound to it."""
    boxes = [list(box) for box in boxes]
    for f in figures:
        if f.statistic in ("minimum", "maximum") and f.quantity[1] is None:
            k = columns.index(f.quantity[0])
            end = int(np.ceil(f.low * scale - 1e-9)), int(np.ceil(f.high * scale - 1e-9)) - 1
            able = [i for i in f.rows if boxes[i][k][0] <= end[1] and boxes[i][k][1] >= end[0]]
            if len(able) == 1:
                boxes[able[0]][k] = _both(boxes[able[0]][k], end)
    return tuple(tuple(box) for box in boxes)


def _ends(figures, quantity, scale, size):
    """The printed range of a quantity of all rows in units, or a wide one."""
    ends = {f.statistic: f for f in figures if f.quantity == quantity and len(f.rows) == size}
    low, high = (ends.get(name) for name in ("minimum", "maximum"))
    return (
        int(np.ceil(low.low * scale - 1e-9)) if low else -(10**4),
        int(np.ceil(high.high * scale - 1e-9)) - 1 if high else 10**4,
    )


def with_changes(problem: Pairs, intervals) -> list[Pairs]:
    """The problem with some changes bound to intervals and all others to the last of them.

    `intervals` are (low, high); each but the last is given to one row, in every way that
    differs (rows of one class and flag are alike) and leaves each printed end to some row; ways
    that take unflagged rows come first.
    """
    *single, rest = intervals
    alike = {}
    for i, key in enumerate(zip(problem.boxes, problem.flags, strict=True)):
        alike.setdefault(key, []).append(i)
    found = []
    for chosen in product(list(alike.values())[::-1], repeat=len(single)):  # unflagged first
        rows = [group[sum(g is group for g in chosen[:k])] if sum(g is group for g in chosen[:k])
                < len(group) else None for k, group in enumerate(chosen)]  # fmt: skip
        if None not in rows:
            changes = [_both(c, rest) for c in problem.changes]
            for i, interval in zip(rows, single, strict=True):
                changes[i] = _both(problem.changes[i], interval)
            trial = problem._replace(changes=tuple(changes))
            if attainable(trial) and trial not in found:
                found.append(trial)
    return found


def _both(a, b):
    return max(a[0], b[0]), min(a[1], b[1])


def attainable(problem):
    """Can each row have some values, and each printed end of a range be some row's value?"""
    low, high = _limits(problem)
    if (low > high).any():
        return False
    for f in problem.figures:
        if f.statistic in ("minimum", "maximum"):
            least, most = reach(problem, f.quantity)
            below, above = least < f.high, most >= f.low
            every = (above if f.statistic == "minimum" else below)[list(f.rows)].all()
            if not every or not (below & above)[list(f.rows)].any():
                return False
    return True


def reach(problem, quantity) -> tuple[np.ndarray, np.ndarray]:
    """Ends between which a quantity of each row must lie: those at the corners of its box."""
    low, high = _limits(problem)
    n = len(low) // 2
    corners = [np.stack([(low, high)[i][:n], (low, high)[i][:n] - (low, high)[j][n:]])
               for i in (0, 1) for j in (0, 1)]  # fmt: skip
    reached = np.stack([_quantity(problem, quantity, *c / problem.scale) for c in corners])
    return reached.min(axis=0), reached.max(axis=0)


def _quantity(problem, quantity, first, second):
    """Values of a quantity; extremes are at corners, all are monotonic in both numbers."""
    column, minus, relative = quantity
    values = dict(zip(problem.columns, (first, second), strict=True))
    value = values[column] - values[minus] if minus else values[column]
    return 100 * value / values[relative] if relative else value


def construct(problems, good=lambda *_: True, starts=4) -> tuple[Pairs, np.ndarray] | None:
    """The first of the problems with a table, and its first and second numbers (in units).

    Tries so many points of the Halton sequence for each problem in turn, and takes the first
    table that `good(problem, table)` approves; None where none is found (which proves nothing).
    """
    for problem in problems:
        low, high = _limits(problem)
        for k in range(1, starts + 1):
            point = np.rint(low + (high - low) * _halton(k, len(low))).astype(int)
            found = _settle(problem, point, low, high)
            if found is not None:
                n = len(problem.boxes)
                table = np.array([found[:n], found[:n] - found[n:]])
                if good(problem, table):
                    return problem, table
    return None


def mended(problem: Pairs, table, quick=False) -> np.ndarray | None:
    """A table that prints all figures, by steps from a given one (two rows, in units), or None.

    The steps are those of `construct`; `quick` leaves out the descent between them.
    """
    low, high = _limits(problem)
    if (low > high).any() or not attainable(problem):
        return None
    point = np.clip(np.concatenate([table[0], table[0] - table[1]]), low, high)
    if quick:
        found, left = _mend(problem, point, low, high)
        found = None if left else found
    else:
        found = _settle(problem, point, low, high)
    n = len(problem.boxes)
    return None if found is None else np.array([found[:n], found[:n] - found[n:]])


def sign_patterns(size, smallest, largest, p_of) -> list[tuple]:
    """Intervals of changes (as for `with_changes`) whose signed ranks print a P value.

    `smallest` is the one negative change, in units; `p_of(changes)` says whether changes like
    these print it. Up to three changes each are zero, smaller than it, or tied with it.
    """
    step, found = -smallest, []
    for zeros, tied, smaller in product(range(3), repeat=3):
        rest = size - 1 - zeros - smaller - tied
        example = [smallest, *[0] * zeros, *range(1, smaller + 1), *[step] * tied]
        example += range(step + 1, step + 1 + rest)
        if smaller < step and p_of(example):
            single = [(smallest, smallest), *[(step, step)] * tied, *[(1, step - 1)] * smaller]
            found.append((*single, *[(0, 0)] * zeros, (step + 1, largest)))
    return found


def _settle(problem, point, low, high):
    """A grid point near `point` whose figures all print, or None.

    Where mending ends with one end of a range that no row quite has, each row in turn is given
    it, and all is mended again.
    """
    point, left = _mend(problem, point, low, high)
    if not left:
        return point
    missed = np.flatnonzero(_misses(problem, point[None])[0])
    if left > NEAR or len(missed) > 1 or missed[0] >= len(problem.figures):
        return None
    end = problem.figures[missed[0]]
    for row in end.rows:
        own = end._replace(rows=(row,), statistic="mean")
        bound = problem._replace(figures=(*problem.figures, own))
        trial = np.clip(_given(problem, point, row, end), low, high)
        trial = _descend(bound, trial.astype(float), low, high)
        if _misses(bound, trial[None], MARGIN).sum() < NEAR:
            trial, left = _mend(bound, np.rint(trial).astype(int), low, high)
            if not left:
                return trial
    return None


def _given(problem, point, row, figure):
    """The point with one row's value of a figure's quantity in the middle of its interval."""
    trial, n = point.copy(), len(problem.boxes)
    _, minus, relative = figure.quantity
    target = (figure.low + figure.high) / 2
    if relative:
        target *= point[row] / problem.scale / 100
    target = round(target * problem.scale)
    if minus:
        trial[n + row] = target
    elif figure.quantity[0] == problem.columns[0]:
        trial[row] = target
    else:
        trial[n + row] = point[row] - target
    return trial


def _limits(problem):
    """Lowest and highest first numbers and changes, as two arrays."""
    firsts = [box[0] for box in problem.boxes]
    changes = [
        (max(low, a[0] - b[1]), min(high, a[1] - b[0]))
        for (low, high), (a, b) in zip(problem.changes, problem.boxes, strict=True)
    ]
    return tuple(np.array(ends) for ends in zip(*firsts, *changes, strict=True))


def _halton(k, dimensions):
    primes = [p for p in range(2, 400) if all(p % q for q in range(2, int(p**0.5) + 1))]
    point = []
    for base in primes[:dimensions]:
        value, part, rest = 0.0, 1.0, k
        while rest:
            part /= base
            value, rest = value + part * (rest % base), rest // base
        point.append(value)
    return np.array(point)


def _misses(problem, points, margin=0.0):
    """By how many widths each figure misses its interval, and values their boxes (m x k)."""
    n = len(problem.boxes)
    first = points[:, :n] / problem.scale
    second = first - points[:, n:] / problem.scale
    known = {
        quantity: _quantity(problem, quantity, first, second)
        for quantity in {f.quantity for f in problem.figures}
    }
    misses = []
    for f in problem.figures:
        value = known[f.quantity][:, f.rows]
        found = {
            "mean": lambda v=value: v.mean(axis=1),
            "sd": lambda v=value, f=f: v.std(axis=1, ddof=int(f.sample)),
            "minimum": lambda v=value: v.min(axis=1),
            "maximum": lambda v=value: v.max(axis=1),
            "t": lambda v=value: v.mean(axis=1) / v.std(axis=1, ddof=1) * v.shape[1] ** 0.5,
        }[f.statistic]()
        width = f.high - f.low
        low, high = f.low + margin * width, f.high - margin * width - 1e-9 * (margin == 0)
        misses.append(np.maximum(0, np.maximum(low - found, found - high)) / width)
    second = points[:, :n] - points[:, n:]  # in units
    ends = np.array([box[1] for box in problem.boxes])
    beyond = np.maximum(0, np.maximum(ends[:, 0] - second, second - ends[:, 1]))
    return np.concatenate([np.stack(misses, axis=1), beyond], axis=1)


def _descend(problem, point, low, high, rounds=200):
    """A damped Gauss-Newton descent of the misses in real numbers, kept within the limits."""
    damping, free = 1.0, np.flatnonzero(low < high)
    misses = _misses(problem, point[None], MARGIN)[0]
    for _ in range(rounds):
        if not misses.any():
            break
        moved = np.repeat(point[None], len(free), axis=0)
        moved[np.arange(len(free)), free] += 0.01
        slopes = (_misses(problem, moved, MARGIN) - misses).T / 0.01
        square = slopes.T @ slopes
        step = np.linalg.solve(
            square + damping * (1e-6 + np.diag(np.diag(square))) + 1e-9 * np.eye(len(free)),
            -slopes.T @ misses,
        )
        trial = point.copy()
        trial[free] = np.clip(point[free] + step, low[free], high[free])
        there = _misses(problem, trial[None], MARGIN)[0]
        if (there**2).sum() < (misses**2).sum():
            point, misses, damping = trial, there, max(damping / 3, 1e-6)
        else:
            damping *= 4
            if damping > 1e8:
                break
    return point


def _mend(problem, point, low, high):
    """The best single step, or the best of two at once, as long as one lessens the misses."""
    free = [i for i in range(len(low)) if low[i] < high[i]]
    moves = np.zeros((2 * len(free) * len(STEPS), len(low)), int)
    for row, (i, step, sign) in enumerate(product(free, STEPS, (1, -1))):
        moves[row, i] = sign * step
    left = _misses(problem, point[None]).sum()
    while left > 0:
        single = _total(problem, point + moves, low, high)
        order = np.argsort(single, kind="stable")
        best, there = point + moves[order[0]], single[order[0]]
        tries = order[:12], order[12:60], order[60:]
        for some in tries if there > 0 else ():
            if there < 0.98 * left:
                break
            trials = (point + moves[some][:, None] + moves).reshape(-1, len(low))
            double = _total(problem, trials, low, high)
            if double.min() < there:
                best, there = trials[double.argmin()], double.min()
        if there >= left:
            break
        point, left = best, there
    return point, left


def _total(problem, points, low, high):
    good = ((points >= low) & (points <= high)).all(axis=1)
    total = np.full(len(points), np.inf)
    total[good] = _misses(problem, points[good]).sum(axis=1)
    return total


def table_of_pairs(rows, conventions, bounds, prints, starts=4) -> pd.DataFrame | None:
    """A table of pairs that prints all `rows`, by the written rule; None where none is found.

    Columns: `flagged`, then both numbers; flagged rows first, each part by rising numbers.
    `bounds` are those of `pairs_of`; `prints(row, frame)` says whether such a frame prints a
    row. Where a P value is among the rows, the changes keep to a pattern that prints it.
    """
    columns, tests = columns_of_pairs(rows), [r for r in rows if r.statistic == "paired_p"]

    def good(problem, table):
        frame = _frame(problem, table, columns)
        return all(prints(row, frame) for row in rows)

    for problem in pairs_of(rows, conventions, bounds):
        trials = [problem]
        for row in tests:
            trials = [t for p in _patterns(problem, row, prints) for t in with_changes(problem, p)]
        found = construct([t for t in trials if attainable(t)], good, starts)
        if found:
            return _frame(*found, columns)
    return None


def _patterns(problem, row, prints):
    """`sign_patterns` of a printed P value, with the range of the changes as compiled."""
    (low, high), size = problem.changes[0], len(problem.boxes)

    def p_of(changes):
        first = np.array(changes) + 10**5
        table = np.array([first, np.full(size, 10**5)])
        return prints(row, _frame(problem, table, problem.columns))

    return sign_patterns(size, low, high, p_of) if low < 0 else [((low, high),)]


def _frame(problem, table, columns):
    frame = pd.DataFrame(dict(zip(columns, table / problem.scale, strict=True)))
    frame.insert(0, "flagged", problem.flags)
    order = np.lexsort((frame[columns[1]], frame[columns[0]], ~frame["flagged"]))
    return frame.iloc[order].reset_index(drop=True)
