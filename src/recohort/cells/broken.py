"""The opposite of a printed fact: some row of it is not printed.

A fact is confirmed by all others where no solution of these breaks it. Each row fails in its own
ways: another number of rows, a sum too small or too large, a curve with other numbers at risk.
"""

from math import ceil

from ortools.sat.python import cp_model

from recohort.cells.cells import Cells
from recohort.cells.curves import CURVES, add_other_rates
from recohort.cells.facts import (
    PARTS,
    SUMS,
    fits,
    members,
    ratio_of,
    summarized,
    sums_within,
    wholes,
)
from recohort.paper.printed import agrees
from recohort.paper.rows import Row, of_related


def add_broken(cells: Cells, rows: list[Row], conventions: dict) -> cp_model.IntVar:
    """A literal that is true only where at least one of a fact's rows is not printed.

    Raises ValueError for a statistic that is no constraint on related tables.
    """
    ways, curves = [], {}
    for row in map(of_related, rows):
        own = conventions | dict(row.switches)
        if row.statistic == "fraction":
            ways += [] if agrees(row, ratio_of(row), own) else [cells.true]
        elif row.statistic in CURVES:
            curves.setdefault((row.filters, row.options), []).append(row)
        elif row.statistic in PARTS:
            ways += _other_counts(cells, row, own)
        elif row.statistic in SUMS:
            ways += _other_values(cells, row, own)
        else:
            raise ValueError(f"{row.id}: {row.statistic} is not a constraint on related tables")
    for group in curves.values():
        own = conventions | dict(group[0].switches)
        ways.append(cells.m.new_bool_var(""))
        add_other_rates(cells, group, members(cells, group[0]), ways[-1], own)
    return cells.any_of(ways)


def _other_counts(cells, row, conventions):
    """The number of rows inside is one that does not print the figure."""
    inside, ways = [literal for _, literal in members(cells, row)], []
    for size, is_size in wholes(cells, row):
        other = [n for n in range(len(inside) + 1) if not fits(row, n, size, conventions)]
        if other:
            fails = cells.m.new_bool_var("")
            domain = cp_model.Domain.from_values(other)
            total = sum(inside)
            cells.m.add_linear_expression_in_domain(total, domain).only_enforce_if(fails)
            ways.append(cells.all_of([fails, is_size]))
    return ways


def _other_values(cells, row, conventions):
    """A mean or SD beyond its interval, or an end of a range elsewhere."""
    asked = summarized(cells, row)
    if row.statistic in ("minimum", "maximum"):
        return _other_ends(cells, row, *asked)
    ways = []
    for is_size, total, low, high in sums_within(cells, row, asked, conventions):
        if total is None:
            ways.append(is_size)
            continue
        for end, below in ((low, True), (high, False)):
            if end is not None:
                fails = cells.m.new_bool_var("")
                beyond = total < end if below else total >= end
                cells.m.add(beyond).only_enforce_if(fails)
                ways.append(cells.all_of([fails, is_size]))
    return ways


def _other_ends(cells, row, chosen, low, high):
    """Some value beyond the printed end, or none at it."""
    early = [cells.all_of([x, cells.negated(_from(cells, c, low, cells.true))]) for c, x in chosen]
    late = [cells.all_of([x, _from(cells, c, high, cells.false)]) for c, x in chosen]
    at_it = [
        cells.all_of([inside, cells.negated(a), cells.negated(b)])
        for (_, inside), a, b in zip(chosen, early, late, strict=True)
    ]
    beyond = early if row.statistic == "minimum" else late
    return [cells.any_of(beyond), cells.negated(cells.any_of(at_it))]


def _from(cells, cell, end, without_end):
    """The cell's number is at `end` or beyond."""
    return without_end if end is None else cells.compared(cell.number, ">=", ceil(end))
