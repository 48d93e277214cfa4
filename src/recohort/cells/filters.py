"""Filters of rows as literals: which slots hold a row that meets them."""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, floor

from ortools.sat.python import cp_model

from recohort.cells.cells import Cells, Slot


def meets(cells: Cells, slot: Slot, filters: Iterable[tuple]) -> cp_model.IntVar:
    """A literal: the slot holds a row that meets every ``(column, operator, value)``."""
    return cells.all_of([slot.present, *(_meets_one(cells, slot, f) for f in filters)])


def _meets_one(cells, slot, condition):
    column, operator, value = condition
    other, _, name = column.rpartition(".")
    if not other or other == slot.table:
        return holds(cells, slot, (name, operator, value))
    rows = cells.related(slot, other)
    if name == "rows":
        return cells.compared(sum(r.present for r in rows), operator, int(value))
    return cells.any_of([meets(cells, r, [(name, operator, value)]) for r in rows])


def holds(cells: Cells, slot: Slot, condition: tuple) -> cp_model.IntVar:
    """A literal for one comparison of a slot's own cell; an empty cell fulfils only ``!=``."""
    name, operator, value = condition
    cell = slot.cells[name]
    if cell.column.values:
        literal = cell.values.get(value, cells.false)
        return literal if operator == "=" else cells.negated(literal)
    bound = Fraction(value) * cell.column.scale
    if bound.denominator > 1 and operator in ("=", "!="):
        return cells.false if operator == "=" else cells.true
    bound = ceil(bound) if operator in ("<", ">=") else floor(bound)
    found = cells.compared(cell.number, operator, bound)
    if operator == "!=":
        return cells.any_of([found, cell.empty])
    return cells.all_of([found, cells.negated(cell.empty)])
