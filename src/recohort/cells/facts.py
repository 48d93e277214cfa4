"""Printed figures and statements as constraints on the cells of related tables.

Every row is held only while its own literal is true, so that a solver may give it up.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil

from ortools.sat.python import cp_model

from recohort.cells.cells import Cells
from recohort.cells.curves import CURVES, add_rates
from recohort.cells.filters import meets
from recohort.paper.printed import agrees, values_of
from recohort.paper.rows import Row, of_related, restrictions, table_of

SUMS = ("mean", "sd", "minimum", "maximum")
PARTS = ("count", "percent", "ratio")
KNOWN = (*PARTS, *SUMS, *CURVES)  # statistics that become constraints; the rest are judged after


def add_fact(cells: Cells, rows: list[Row], held: cp_model.IntVar, conventions: dict) -> None:
    """Add the constraints of a fact's rows, enforced by the literal `held`.

    Raises ValueError for a statistic that is not among `KNOWN`.
    """
    curves = {}
    for row in map(of_related, rows):
        own = conventions | dict(row.switches)
        if row.statistic in CURVES:  # a rate and its limits are one question to a curve
            curves.setdefault((row.filters, row.options), []).append(row)
        else:
            _add_row(cells, row, held, own)
    for group in curves.values():
        own = conventions | dict(group[0].switches)
        add_rates(cells, group, members(cells, group[0]), held, own)


def _add_row(cells, row, held, conventions):
    if row.statistic in PARTS:
        _add_count(cells, row, held, conventions)
    elif row.statistic in SUMS:
        _add_values(cells, row, held, conventions)
    else:
        raise ValueError(f"{row.id}: {row.statistic} is not a constraint on related tables")


def members(cells: Cells, row: Row, filtered: bool = True) -> list:
    """The slots of the row's table, each with its literal of being in the group."""
    filters = restrictions(row) + row.filters if filtered else restrictions(row)
    return [(slot, meets(cells, slot, filters)) for slot in cells.slots[table_of(row)].values()]


def _only(cells, good, *held):
    """Where `good` is false, not all of `held` are true."""
    if not good:
        cells.m.add_bool_or([cells.negated(h) for h in held])


def _add_count(cells, row, held, conventions):
    inside = [literal for _, literal in members(cells, row)]
    for size, is_size in wholes(cells, row):
        fitting = [n for n in range(len(inside) + 1) if fits(row, n, size, conventions)]
        _among(cells, inside, fitting, held, is_size)


def fits(row: Row, n: int, size: int, conventions: dict) -> bool:
    """Does a count of `n` out of a whole print the row (a percentage, a ratio or, of 1, itself)?"""
    by = 100 if row.statistic == "percent" else 1
    return bool(size) and agrees(row, Fraction(by * n, size), conventions)


def wholes(cells: Cells, row: Row) -> list:
    """What a count is a part of: each size with a literal for it; 1 for a plain count."""
    other = dict(row.options).get("of")
    if row.statistic == "count":
        return [(1, cells.true)]
    if other and other.isdigit():
        return [(int(other), cells.true)]
    base = (
        [s.present for s in cells.slots[other].values()]
        if other
        else [literal for _, literal in members(cells, row, filtered=False)]
    )
    return totals(cells, base)


def totals(cells: Cells, literals: Iterable) -> list:
    """How many of `literals` can be true: each number with a literal for it."""
    sure = sum(x.index == cells.true.index for x in literals)
    free = [x for x in literals if x.index not in (cells.true.index, cells.false.index)]
    if not free:
        return [(sure, cells.true)]
    key = ("totals", sure, *sorted(x.index for x in free))
    if key not in cells.known:
        flags = [cells.m.new_bool_var("") for _ in range(len(free) + 1)]
        cells.m.add_exactly_one(flags)
        cells.m.add(sum(free) == sum(k * flag for k, flag in enumerate(flags)))
        cells.known[key] = [(sure + k, flag) for k, flag in enumerate(flags)]
    return cells.known[key]


def _among(cells, literals, fitting, *held):
    """While `held`, the number of true literals is one of `fitting`."""
    _only(cells, fitting, *held)
    if fitting:
        domain = cp_model.Domain.from_values(fitting)
        cells.m.add_linear_expression_in_domain(sum(literals), domain).only_enforce_if(*held)


def _add_values(cells, row, held, conventions):
    """Mean, SD, minimum or maximum of a column, in units of its last decimal."""
    asked = summarized(cells, row)
    if row.statistic in ("minimum", "maximum"):
        return _add_end(cells, row, *asked, held)
    for is_size, total, low, high in sums_within(cells, row, asked, conventions):
        if total is None:
            _only(cells, False, held, is_size)
        else:
            _between(cells, total, low, high, (held, is_size))
    return None


def summarized(cells: Cells, row: Row) -> tuple:
    """The cells that a row summarizes, each with its literal, and the ends of its interval.

    The ends are in units of the cells' last decimal, half-open, None where there is none.
    """
    name = dict(row.options)["column"]
    chosen = [
        (slot.cells[name], cells.all_of([inside, cells.negated(slot.cells[name].empty)]))
        for slot, inside in members(cells, row)
    ]
    unit = chosen[0][0].column.scale * Fraction(1) / Fraction(dict(row.options).get("scale", 1))
    return chosen, *(None if end is None else end * unit for end in _bounds(row))


def sums_within(cells: Cells, row: Row, asked: tuple, conventions: dict) -> Iterator[tuple]:
    """For each number of values: its literal, a sum, and whole ends [low, high) that print it.

    `asked` is as from `summarized`; the sum is that of the values, or for an SD n times that of
    the squares less the squared sum. It is None where so few values have no such figure.
    """
    chosen, low, high = asked
    values = [_part(cells, cell.number, inside, 1) for cell, inside in chosen]
    if row.statistic == "sd":
        squares = [_part(cells, cell.number, inside, 2) for cell, inside in chosen]
        total = _total(cells, values, 2)
    for size, is_size in totals(cells, [inside for _, inside in chosen]):
        lost = size - (conventions["sd"] == "sample")
        if not size or (row.statistic == "sd" and not lost):
            yield is_size, None, None, None
        elif row.statistic == "mean":
            yield is_size, sum(values), _times(low, size), _times(high, size)
        else:
            ends = [None if end is None else max(end, 0) ** 2 for end in (low, high)]
            spread = size * sum(squares) - total
            yield is_size, spread, *(_times(end, size * lost) for end in ends)


def _times(end, by):
    return None if end is None else ceil(end * by)


def _bounds(row):
    """Half-open interval of values that the row allows; None where there is no end."""
    least = Fraction(1, 10**9)  # finer than any unit: turns a closed end into an open one
    halves = dict(row.switches).get("halves", "up")
    ways = (halves,) if isinstance(halves, str) else halves
    low, high, lower, upper = values_of(row, ways)
    low = None if low is None else low + least * (not lower)
    return low, None if high is None else high + least * upper


def _between(cells, total, low, high, held):
    if low is not None:
        cells.m.add(total >= low).only_enforce_if(*held)
    if high is not None:
        cells.m.add(total < high).only_enforce_if(*held)


def _part(cells, number, inside, power):
    """The number, or its square, of a cell inside the group; 0 outside."""
    key = ("part", number.index, inside.index, power)
    if key not in cells.known:
        if power == 1 and inside.index == cells.true.index:
            cells.known[key] = number
            return number
        highest = cells.highest(number)
        answer = cells.known[key] = cells.m.new_int_var(0, highest**power, "")
        value = number
        if power == 2:
            value = cells.m.new_int_var(0, highest**2, "")
            cells.m.add_multiplication_equality(value, [number, number])
        cells.m.add(answer == value).only_enforce_if(inside)
        cells.m.add(answer == 0).only_enforce_if(cells.negated(inside))
    return cells.known[key]


def _total(cells, values, power):
    """The sum of `values`, or its square, as a variable."""
    highest = sum(cells.highest(v) for v in values)
    total = cells.m.new_int_var(0, highest, "")
    cells.m.add(total == sum(values))
    square = cells.m.new_int_var(0, highest**power, "")
    cells.m.add_multiplication_equality(square, [total, total])
    return square


def _add_end(cells, row, chosen, low, high, held):
    """All values on this side of the printed one, and some value that prints it."""
    least = row.statistic == "minimum"
    sign = (low if least else high, ">=" if least else "<")
    inner = (high if least else low, "<" if least else ">=")
    if sign[0] is not None:
        for cell, inside in chosen:
            good = cells.compared(cell.number, sign[1], ceil(sign[0]))
            cells.m.add_bool_or([good, cells.negated(inside)]).only_enforce_if(held)
    some = [inside for _, inside in chosen]
    if inner[0] is not None:
        some = [
            cells.all_of([inside, cells.compared(cell.number, inner[1], ceil(inner[0]))])
            for cell, inside in chosen
        ]
    cells.m.add_bool_or(some).only_enforce_if(held)
