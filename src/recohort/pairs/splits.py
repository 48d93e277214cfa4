"""What rows ask of a table of pairs: who is in which class, and numbers as intervals."""

from fractions import Fraction
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from scipy.stats import t

from recohort.paper.rounding import printed_interval
from recohort.paper.rows import Row, restrictions

ROUNDOFF = 1e-9  # so that an end that is just met counts as met
SMALLEST = 1e-12  # a P value, or a number that another is divided by
KNOWN = ("mean", "sd", "minimum", "maximum", "paired_p")  # all other rows are judged at the end


class Number(NamedTuple):
    """A printed number about one quantity of some rows, as the interval of what prints so."""

    quantity: tuple  # (column, column taken away or None, column it is a percentage of or None)
    scale: float
    rows: np.ndarray  # of the table: is the row looked at?
    statistic: str  # of `KNOWN`; a paired P is held as the ratio of mean to standard error
    low: float
    high: float
    ddof: int


class Split(NamedTuple):
    """One way to tell who is in which class and in the flagged part; rows in a fixed order."""

    columns: tuple  # names of the first and the second number
    low: np.ndarray  # 2 x rows
    high: np.ndarray
    flags: np.ndarray
    numbers: tuple


def splits_of(rows: list[Row], options: dict, bounds: dict) -> list[Split]:
    """Every way to put the rows of the table into the classes that are counted.

    `bounds` maps both columns, in order, to the lowest and the highest value they may have. Of the
    flagged rows, classes without a printed count take what is left, in every way; ways that leave
    some printed end of a range no room are left out. No way at all proves that no table fits.
    Raises NotImplementedError for classes that overlap or are counted in the part alone, and for
    two different parts.
    """
    if len({flag_of(r)[0] for r in rows} - {()}) > 1:
        raise NotImplementedError("numbers about two different parts of the rows")
    rows = [r for r in rows if r.relation in ("rounds to", "=")]
    size = _printed(rows, lambda r: not r.filters and not flag_of(r)[0])
    flagged = _printed(rows, lambda r: flag_of(r)[0] and not flag_of(r)[1], 0)
    classes, inside = {}, {}
    for row in (r for r in rows if r.statistic == "count" and flag_of(r)[1]):
        flag, filters = flag_of(row)
        (inside if flag else classes)[_box(filters, bounds)] = int(row.printed)
    if set(inside) - set(classes) or any(_overlap(a, b) for a, b in combinations(classes, 2)):
        raise NotImplementedError("counted classes that overlap, or that only the part has")
    rest = size - sum(classes.values())
    classes = classes | ({_box((), bounds): rest} if rest > 0 else {})
    found = []
    for numbers in product(*(range(k + 1) for k in classes.values())):
        given = dict(zip(classes, numbers, strict=True))
        if sum(numbers) == flagged and all(given.get(box) == k for box, k in inside.items()):
            slots = [(i >= given[box], box) for box, k in classes.items() for i in range(k)]
            split = _compiled(sorted(slots, key=lambda s: s[0]), rows, options, tuple(bounds))
            found += [split] if _has_room(split) else []
    return found


def flag_of(row: Row) -> tuple[tuple, tuple]:
    """A row's conditions on a related table, and those on the pairs themselves."""
    filters = row.filters + restrictions(row)
    return tuple(f for f in filters if "." in f[0]), tuple(f for f in filters if "." not in f[0])


def _printed(rows, chosen, default=None):
    numbers = {int(r.printed) for r in rows if r.statistic == "count" and chosen(r)} or {default}
    (number,) = numbers
    return number


def _box(filters, bounds):
    """Lowest and highest of both numbers under the filters, ends included."""
    box = {name: list(ends) for name, ends in bounds.items()}
    for column, operator, value in filters:
        if operator in (">", ">=", "="):
            box[column][0] = max(box[column][0], float(value))
        if operator in ("<", "<=", "="):
            box[column][1] = min(box[column][1], float(value))
    return tuple(tuple(ends) for ends in box.values())


def _overlap(one, two):
    """Do two boxes share more than an edge?"""
    return all(a < d and c < b for (a, b), (c, d) in zip(one, two, strict=True))


def _compiled(slots, rows, options, columns):
    flags = np.array([not other for other, _ in slots])
    low, high = np.array([box for _, box in slots], dtype=float).transpose(2, 1, 0)
    plain = [r for r in rows if r.statistic in KNOWN and not flag_of(r)[1]]
    numbers = [_number(r, flags, options | dict(r.switches)) for r in plain]
    numbers = [f for f in numbers if f is not None]
    ends = [f for f in numbers if f.quantity[1] is None and f.statistic in ("minimum", "maximum")]
    for f in ends:
        own = (low, high)[f.statistic == "maximum"][columns.index(f.quantity[0])]
        limit = (np.maximum, f.low) if f.statistic == "minimum" else (np.minimum, f.high)
        own[f.rows] = limit[0](own[f.rows], limit[1])
    for f in ends:  # an end that can be one row's alone is that row's
        k = columns.index(f.quantity[0])
        able = np.flatnonzero(f.rows & (low[k] <= f.high) & (high[k] >= f.low))
        if len(able) == 1:
            low[k, able], high[k, able] = max(low[k, able[0]], f.low), min(high[k, able[0]], f.high)
    return Split(columns, low, high, flags, tuple(numbers))


def _number(row, flags, options):
    """The row as an interval; None for a P value of another test, which is judged at the end."""
    told = dict(row.options)
    quantity = tuple(told.get(name) for name in ("column", "minus", "relative"))
    low, high = map(float, printed_interval(row.printed)[:2])
    rows = flags if flag_of(row)[0] else np.ones(len(flags), bool)
    if row.statistic == "paired_p":
        if options["paired_test"] != "student":
            return None
        low, high = t.isf([min(high, 1) / 2, max(low, SMALLEST) / 2], rows.sum() - 1)
    scale = float(Fraction(told.get("scale", 1)))
    return Number(quantity, scale, rows, row.statistic, low, high, int(options["sd"] == "sample"))


def quantity_of(split: Split, number: Number, tables: np.ndarray) -> np.ndarray:
    """A number's quantity, row by row; `tables` have the shape (..., 2, rows)."""
    column, minus, relative = (
        None if name is None else tables[..., split.columns.index(name), :]
        for name in number.quantity
    )
    value = column if minus is None else column - minus
    value = value if relative is None else 100 * value / relative
    return (number.scale * value)[..., number.rows]


def value_of(split: Split, number: Number, tables: np.ndarray) -> np.ndarray:
    """What a number comes to in one table or many."""
    values = quantity_of(split, number, tables)
    if number.statistic == "paired_p":
        error = values.std(axis=-1, ddof=1) / values.shape[-1] ** 0.5
        return np.abs(values.mean(axis=-1)) / error
    if number.statistic == "sd":
        return values.std(axis=-1, ddof=number.ddof)
    ends = {"minimum": np.min, "maximum": np.max}
    return ends.get(number.statistic, np.mean)(values, axis=-1)


def _has_room(split):
    """May every printed end of a range be some row's, and can all rows keep to it?

    Each quantity rises or falls with either number: the corners of a row's box have its ends.
    """
    first, second = zip(split.low, split.high, strict=True)
    corners = np.array([*product(first, second)])
    for f in (f for f in split.numbers if f.statistic in ("minimum", "maximum")):
        reached = quantity_of(split, f, np.maximum(corners, SMALLEST))
        least, most = reached.min(axis=0), reached.max(axis=0)
        below, above = least <= f.high + ROUNDOFF, most >= f.low - ROUNDOFF
        every = above if f.statistic == "minimum" else below
        if not (every.all() and (below & above).any()):
            return False
    return True
