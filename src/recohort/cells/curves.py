"""Kaplan-Meier rates of related tables as constraints.

A rate and its Greenwood error depend only on how many rows were still at risk at each event
before the landmark, events at one time taken one after another and before censorings. All
sets of such numbers that print a rate are listed once; the solver picks one.
"""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import floor

from ortools.sat.python import cp_model

from recohort.cells.cells import Cells
from recohort.paper.limits import PATH, limits, paths
from recohort.paper.options import settings_of
from recohort.paper.rounding import printed_interval, prints_as, square_root
from recohort.paper.rows import Row
from recohort.paper.statistics import of_kind

CURVES = of_kind("rate")


def add_rates(
    cells: Cells, rows: list[Row], members: list[tuple], held: cp_model.IntVar, conventions: dict
) -> None:
    """One curve of the members (pairs of slot and literal) prints all `rows` while `held`.

    The rows are the rate, or limits, of one curve at one landmark.
    """
    most = sum(x.index != cells.false.index for _, x in members)
    printed = tuple(sorted({(r.statistic, r.printed) for r in rows}))
    settings = settings_of({s: conventions[s] for s in ("halves", *PATH) if s in conventions})
    sizes, ways = tuple(range(1, most + 1)), tuple(paths(settings))
    allowed = printing_sets(sizes, printed, settings["halves"], ways)
    if not allowed:
        cells.never(held)
        return
    some = sorted(frozenset().union(*allowed))
    numbers = _numbers_at_risk(cells, rows[0], members, some, held)
    tuples = [tuple(int(size in found) for size in some) for found in allowed]
    if some:  # else 100%: nobody has an event, which the numbers at risk say already
        cells.m.add_allowed_assignments(numbers, tuples)


@cache
def printing_sets(sizes: tuple[int, ...], printed: tuple, halves: tuple, ways: tuple) -> tuple:
    """All sets of numbers at risk, at the events before a landmark, that print what is given.

    `printed` pairs statistics with numbers, in one of the `ways` (`limits.paths`) to form limits
    and to round `halves`. A rate only falls: a set whose rate is too low already is not extended.
    """
    low = min((printed_interval(p).low / 100 for s, p in printed if s == "survival"), default=0)
    found = []

    def prints(statistic, number, rate, greenwood):
        if statistic == "survival":
            return prints_as(100 * rate, number, halves)
        error = Decimal(0) if greenwood is None else square_root(rate**2 * greenwood)
        ends = (limits(rate, error, path)[statistic == "survival_upper"] for path in ways)
        return any(prints_as(end, number, halves) for end in ends)

    def extend(k, chosen, rate, greenwood):
        if rate < low:
            return
        if k == len(sizes):
            if all(prints(*number, rate, greenwood) for number in printed):
                found.append(frozenset(chosen))
            return
        n = sizes[k]
        grown = None if n == 1 or greenwood is None else greenwood + Fraction(1, n * (n - 1))
        extend(k + 1, chosen, rate, greenwood)
        extend(k + 1, [*chosen, n], rate * (n - 1) / n, grown)

    extend(0, [], Fraction(1), Fraction(0))
    return tuple(found)


def _numbers_at_risk(cells, row, members, sizes, held):
    """For each of `sizes`, a literal: while `held`, so many were at risk at an event.

    No event before the row's landmark then has another number at risk.
    """
    options = dict(row.options)
    at = Fraction(options["at"])
    times, events = options.get("time_column", "time"), options.get("event_column", "event")
    scale = members[0][0].cells[times].column.scale
    rows = [
        (slot.cells[times].number, cells.holds(slot.cells[events], "=", "True"), inside)
        for slot, inside in members
        if inside.index != cells.false.index
    ]
    found = {size: [] for size in sizes}
    for i, (time, event, inside) in enumerate(rows):
        early = cells.all_of([inside, event, cells.compared(time, "<=", floor(at * scale))])
        rank = _rank(cells, rows, i)
        here = {n: cells.all_of([early, cells.compared(rank, "=", n)]) for n in sizes}
        cells.m.add_bool_or([*here.values(), cells.negated(early), cells.negated(held)])
        for size, literal in here.items():
            found[size].append(literal)
    copies = [cells.m.new_bool_var("") for _ in sizes]  # free while the fact is given up
    for copy, literals in zip(copies, found.values(), strict=True):
        cells.m.add(copy == cells.any_of(literals)).only_enforce_if(held)
    return copies


def _rank(cells, rows, i):
    """How many rows are at risk when row i has its event, itself among them.

    A row is that ends later, or at that time and is next in line.
    """
    time, _, _ = rows[i]
    key = ("rank", time.index, tuple((t.index, e.index, x.index) for t, e, x in rows))
    if key not in cells.known:
        rank, after = cells.m.new_int_var(0, len(rows), ""), []
        for j, (other, event, inside) in ((j, row) for j, row in enumerate(rows) if j != i):
            there = cells.compared(other - time, ">=", 0)
            if j < i:
                later = cells.compared(other - time, ">=", 1)
                there = cells.any_of([later, cells.all_of([there, cells.negated(event)])])
            after.append(cells.all_of([inside, there]))
        cells.m.add(rank == 1 + sum(after))
        cells.known[key] = rank
    return cells.known[key]
