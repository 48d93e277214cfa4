"""Printed numbers and statements as constraints on the cells of related tables.

Every row is held only while its own literal is true, so that a solver may give it up.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil

from ortools.sat.python import cp_model

from recohort.cells.cells import Cells
from recohort.cells.curves import CURVES, add_rates
from recohort.paper.printed import agrees, values_of
from recohort.paper.rows import Row, of_related, restrictions, table_of

SUMS = ("mean", "sd", "minimum", "maximum")
PARTS = ("count", "percent", "ratio")


def add_fact(cells: Cells, rows: list[Row], held: cp_model.IntVar, conventions: dict) -> None:
    """Add the constraints of a fact's rows, enforced by the literal `held`.

    Rows of other statistics than `PARTS`, `SUMS` and `CURVES` are judged after.
    """
    curves = {}
    for row in map(of_related, rows):
        own = conventions | dict(row.switches)
        if row.statistic in CURVES:  # a rate and its limits are one question to a curve
            curves.setdefault((row.filters, row.options), []).append(row)
        elif row.statistic in PARTS:
            _add_count(cells, row, held, own)
        elif row.statistic in SUMS:
            _add_values(cells, row, held, own)
    for group in curves.values():
        own = conventions | dict(group[0].switches)
        add_rates(cells, group, members(cells, group[0]), held, own)


def members(cells: Cells, row: Row, filtered: bool = True) -> list:
    """The slots of the row's table, each with its literal of being in the group."""
    filters = restrictions(row) + row.filters if filtered else restrictions(row)
    return [(slot, cells.meets(slot, filters)) for slot in cells.slots[table_of(row)].values()]


def _add_count(cells, row, held, conventions):
    """A plain count, or what it is of a whole as a percentage or a ratio."""
    inside = [literal for _, literal in members(cells, row)]
    by = Fraction(100 if row.statistic == "percent" else 1)
    other = "1" if row.statistic == "count" else dict(row.options).get("of", "")
    if other.isdigit():
        wholes = [(int(other), cells.true)]
    elif other:
        wholes = totals(cells, [slot.present for slot in cells.slots[other].values()])
    else:
        wholes = totals(cells, [literal for _, literal in members(cells, row, filtered=False)])
    for size, is_size in wholes:
        ways = range(len(inside) + 1) if size else ()
        fitting = [n for n in ways if agrees(row, by * n / size, conventions)]
        if fitting:
            among = cp_model.Domain.from_values(fitting)
            told = cells.m.add_linear_expression_in_domain(sum(inside), among)
            told.only_enforce_if(held, is_size)
        else:
            cells.never(held, is_size)


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


def _add_values(cells, row, held, conventions):
    """Mean, SD, minimum or maximum of a column, in units of its last decimal."""
    options = dict(row.options)
    slots = [(slot.cells[options["column"]], inside) for slot, inside in members(cells, row)]
    chosen = [(c, cells.all_of([inside, cells.negated(c.empty)])) for c, inside in slots]
    unit = chosen[0][0].column.scale / Fraction(options.get("scale", 1))
    low, high = (None if end is None else end * unit for end in _bounds(row))
    if row.statistic in ("minimum", "maximum"):
        _add_end(cells, row, chosen, low, high, held)
        return
    spread = row.statistic == "sd"
    values = [_part(cells, cell.number, inside, 1) for cell, inside in chosen]
    if spread:  # n times the sum of the squares less the squared sum
        low, high = (None if end is None else max(end, 0) ** 2 for end in (low, high))
        squares = sum(_part(cells, cell.number, inside, 2) for cell, inside in chosen)
        whole = cells.m.new_int_var(0, sum(map(cells.highest, values)), "")
        cells.m.add(whole == sum(values))
        squared = _square(cells, whole)
    for size, is_size in totals(cells, [inside for _, inside in chosen]):
        by = size * (size - (conventions["sd"] == "sample")) if spread else size
        if not by:  # so few values have no such number
            cells.never(held, is_size)
            continue
        total = size * squares - squared if spread else sum(values)
        if low is not None:
            cells.m.add(total >= ceil(low * by)).only_enforce_if(held, is_size)
        if high is not None:
            cells.m.add(total < ceil(high * by)).only_enforce_if(held, is_size)


def _bounds(row):
    """Half-open interval of values that the row allows; None where there is no end."""
    least = Fraction(1, 10**9)  # finer than any unit: turns a closed end into an open one
    halves = dict(row.switches).get("halves", "up")
    ways = (halves,) if isinstance(halves, str) else halves
    low, high, lower, upper = values_of(row, ways)
    low = None if low is None else low + least * (not lower)
    return low, None if high is None else high + least * upper


def _part(cells, number, inside, power):
    """The number, or its square, of a cell inside the group; 0 outside."""
    if power == 1 and inside.index == cells.true.index:
        return number
    key = ("part", number.index, inside.index, power)
    if key not in cells.known:
        answer = cells.known[key] = cells.m.new_int_var(0, cells.highest(number) ** power, "")
        value = _square(cells, number) if power == 2 else number
        cells.m.add(answer == value).only_enforce_if(inside)
        cells.m.add(answer == 0).only_enforce_if(cells.negated(inside))
    return cells.known[key]


def _square(cells, number):
    square = cells.m.new_int_var(0, cells.highest(number) ** 2, "")
    cells.m.add_multiplication_equality(square, [number, number])
    return square


def _add_end(cells, row, chosen, low, high, held):
    """All values on this side of the printed one, and some value that prints it."""
    ends = [(low, ">="), (high, "<")]
    (outer, sign), (inner, other) = ends if row.statistic == "minimum" else reversed(ends)
    for cell, inside in chosen:
        if outer is not None:
            good = cells.compared(cell.number, sign, ceil(outer))
            cells.m.add_bool_or([good, cells.negated(inside)]).only_enforce_if(held)
    some = []
    for cell, inside in chosen:
        prints = cells.true if inner is None else cells.compared(cell.number, other, ceil(inner))
        some.append(cells.all_of([inside, prints]))
    cells.m.add_bool_or(some).only_enforce_if(held)
