"""Other values than those known of cells of related tables, for two tests over real numbers."""

from fractions import Fraction
from math import ceil, floor

from recohort.cells.values import cells_of


def other_values(model, known):
    """Literals that cells have other values than those known, written as in the tables.

    Pairs of literal and cell; what a cell cannot be anyway is left out.
    """
    found = []
    for name, cell in ((n, c) for n, c in cells_of(model) if n in known):
        value = str(known[name])
        if cell.values:
            other = [x for v, x in cell.values.items() if v != value]
        elif value == "":
            other = [model.cells.negated(cell.empty)]
        else:
            same = model.cells.compared(cell.number, "=", round(float(value) * cell.column.scale))
            other = [model.cells.negated(same)]
        found += [(x, name) for x in other if x.index != model.cells.false.index]
    return [(x if x.index >= 0 else named(model, x), name) for x, name in found]


def named(model, negation):
    """A literal of its own that implies a negation."""
    literal = model.cells.m.new_bool_var("")
    model.cells.m.add_implication(literal, negation)
    return literal


def beyond(model, cells):
    """Literals that numbers are beyond the ends told: below the lowest or above the highest.

    Pairs of literal and cell; whole numbers have the next whole number outside, or more.
    """
    ends = {(c.table, c.row_id, c.column): c for c in cells.itertuples() if c.lowest != c.highest}
    found = []
    for name, cell in ((n, c) for n, c in cells_of(model) if n in ends and not c.values):
        by, whole = cell.column.scale, ends[name].attained == "both"
        low, high = (Fraction(end) * by for end in (ends[name].lowest, ends[name].highest))
        below = model.cells.compared(cell.number, "<=", ceil(low) - (by if whole else 1))
        above = model.cells.compared(cell.number, ">=", floor(high) + (by if whole else 1))
        outside = model.cells.any_of([below, above])
        found.append((model.cells.all_of([outside, model.cells.negated(cell.empty)]), name))
    return [(x if x.index >= 0 else named(model, x), name) for x, name in found]
