"""Printed figures and statements as constraints on the cells of related tables.

Every row is held only while its own literal is true, so that a solver may give it up.
"""

from fractions import Fraction
from math import ceil

from ortools.sat.python import cp_model

from thirteen.registry import restrictions, table_of
from thirteen.rounding import printed_bounds, prints_as
from thirteen.search.cells import Cells
from thirteen.search.curves import RATES, add_rates
from thirteen.search.filters import meets

SUMS = ("mean", "sd", "minimum", "maximum")
COUNTS = ("count", "percent", "ratio", "fraction")
KNOWN = (*COUNTS, *SUMS, *RATES)  # statistics that become constraints; the rest are judged after


def agrees(row, value, conventions) -> bool:
    """Does an exact `value` print the row's figure, or stand in the row's relation to it?"""
    if row.relation == "rounds to":
        return prints_as(value, row.printed, conventions["halves"])
    bound = Fraction(row.printed)
    return {"=": value == bound, "<=": value <= bound, ">=": value >= bound, "<": value < bound,
            ">": value > bound}[row.relation]  # fmt: skip


def add_fact(cells: Cells, rows, held, conventions) -> None:
    """Add the constraints of a fact's rows, enforced by the literal `held`.

    Raises ValueError for a statistic that is not among `KNOWN`.
    """
    curves = {}
    for row in rows:
        own = conventions | dict(row.switches)
        if row.statistic in RATES:  # a rate and its limits are one question to a curve
            curves.setdefault((row.filters, row.options), []).append(row)
        else:
            _add_row(cells, row, held, own)
    for group in curves.values():
        own = conventions | dict(group[0].switches)
        add_rates(cells, group, members(cells, group[0]), held, own)


def _add_row(cells, row, held, conventions):
    options = dict(row.options)
    if row.statistic == "fraction":
        value = 100 * Fraction(options["numerator"]) / Fraction(options["denominator"])
        _only(cells, agrees(row, value, conventions), held)
    elif row.statistic in COUNTS:
        _add_count(cells, row, held, conventions, options)
    elif row.statistic in SUMS:
        _add_values(cells, row, held, conventions)
    else:
        raise ValueError(f"{row.id}: {row.statistic} is not a constraint on related tables")


def members(cells: Cells, row, filtered=True) -> list:
    """The slots of the row's table, each with its literal of being in the group."""
    filters = restrictions(row) + row.filters if filtered else restrictions(row)
    return [(slot, meets(cells, slot, filters)) for slot in cells.slots[table_of(row)].values()]


def _only(cells, good, *held):
    """Where `good` is false, not all of `held` are true."""
    if not good:
        cells.m.add_bool_or([cells.negated(h) for h in held])


def _add_count(cells, row, held, conventions, options):
    inside = [literal for _, literal in members(cells, row)]
    if row.statistic == "count":
        fitting = [n for n in range(len(inside) + 1) if agrees(row, Fraction(n), conventions)]
        return _among(cells, inside, fitting, held)
    by = 100 if row.statistic == "percent" else 1
    other = options.get("of")
    if other and other.isdigit():
        whole = [(int(other), cells.true)]
    else:
        base = [s.present for s in cells.slots[other].values()] if other else [
            literal for _, literal in members(cells, row, filtered=False)]  # fmt: skip
        whole = totals(cells, base)
    for size, is_size in whole:
        fitting = [
            n for n in range(len(inside) + 1)
            if size and agrees(row, Fraction(by * n, size), conventions)
        ]  # fmt: skip
        _among(cells, inside, fitting, held, is_size)
    return None


def totals(cells: Cells, literals) -> list:
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
    name = dict(row.options)["column"]
    chosen = [
        (slot.cells[name], cells.all_of([inside, cells.negated(slot.cells[name].empty)]))
        for slot, inside in members(cells, row)
    ]
    unit = chosen[0][0].column.scale * Fraction(1) / Fraction(dict(row.options).get("scale", 1))
    low, high = _bounds(row)
    low, high = (None if end is None else end * unit for end in (low, high))
    if row.statistic in ("minimum", "maximum"):
        return _add_end(cells, row, chosen, low, high, held)
    values = [_part(cells, cell.number, inside, 1) for cell, inside in chosen]
    if row.statistic == "sd":
        squares = [_part(cells, cell.number, inside, 2) for cell, inside in chosen]
        total = _total(cells, values, 2)
    for size, is_size in totals(cells, [inside for _, inside in chosen]):
        held_so = (held, is_size)
        lost = size - (conventions["sd"] == "sample")
        if not size or (row.statistic == "sd" and not lost):
            _only(cells, False, *held_so)
        elif row.statistic == "mean":
            _between(cells, sum(values), low, high, size, held_so)
        else:
            spread = size * sum(squares) - total
            squared = [None if end is None else max(end, 0) ** 2 for end in (low, high)]
            _between(cells, spread, *squared, size * lost, held_so)
    return None


def _bounds(row):
    """Half-open interval of values that the row allows; None where there is no end."""
    if row.relation == "rounds to":
        return printed_bounds(row.printed)
    value = Fraction(row.printed)
    least = Fraction(1, 10**9)  # finer than any unit: turns a closed end into an open one
    return {"=": (value, value + least), "<=": (None, value + least), ">=": (value, None),
            "<": (None, value), ">": (value + least, None)}[row.relation]  # fmt: skip


def _between(cells, total, low, high, by, held):
    if low is not None:
        cells.m.add(total >= ceil(low * by)).only_enforce_if(*held)
    if high is not None:
        cells.m.add(total <= ceil(high * by) - 1).only_enforce_if(*held)


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
