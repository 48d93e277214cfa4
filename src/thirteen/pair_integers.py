"""No table of pairs prints all of some rows: shown in whole numbers, by a solver of constraints.

A second route beside the weights of `pair_proofs`: no sums of greatest values, no linear program
of our own, no margins. Each row of the table has its two numbers, their change and the change in
percent as whole numbers of units; printed means, spreads and ends of ranges are inequalities
between whole numbers, their ends as fractions. CP-SAT then shows that nothing fits. Of percentages
the whole units below are taken, which moves a mean, a spread or an end by less than a unit: more
is allowed than can be, never less.

What it shares with the other route: the printed intervals as `pairs_of` has them, the patterns of
changes that the signed ranks leave (`pair_proofs.small_changes`), and how these become cases.
"""

from fractions import Fraction
from itertools import product
from math import ceil, floor

from ortools.sat.python import cp_model

from thirteen.pair_proofs import in_every_case
from thirteen.pairs_search import Pairs

UNITS = 100  # of a percent
EFFORT = 5.0  # deterministic seconds of the solver, before a part is halved
SHORT = 0.3  # the same, where it has been halved or will be in any case
MOST = 400  # parts of a case


def no_table_of_integers(problem: Pairs, patterns, most=MOST) -> int | None:
    """In how many parts the solver shows that no table prints the problem under any pattern.

    `patterns` are those of `small_changes`, or [None] for all changes. None where a part has a
    solution (which proves nothing, as percentages are loose by a unit), or where `most` parts of
    a case do not suffice.
    """
    return in_every_case(problem, patterns, lambda case, parts=most: _parts(case, parts))


def _parts(problem, most):
    """So many parts show that a problem has no table; None where one has a solution, or more.

    A part that takes the solver long is halved, at the widest span of a row's first number or
    percentage; with `most` 1 it is given up soon instead.
    """
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    left, done = [{}], 0
    while left:
        bounds = left.pop()
        solver.parameters.max_deterministic_time = SHORT if bounds or most == 1 else EFFORT
        model, rows = integer_model(problem, bounds)
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            done += 1
        elif status != cp_model.UNKNOWN or done + len(left) + 2 > most:
            return None
        else:
            left += [bounds | half for half in _halves(rows, bounds)]
    return done


def _halves(rows, bounds):
    """Two spans of the widest of first numbers and percentages, in their units."""
    spans = {}
    for i, k in product(range(len(rows)), (FIRST, PERCENT)):
        own = list(rows[i][k].proto.domain)
        spans[i, k] = bounds.get((i, k), (own[0], own[-1]))
    widest = max(spans, key=lambda place: spans[place][1] - spans[place][0])
    low, high = spans[widest]
    middle = (low + high) // 2
    return {widest: (middle + 1, high)}, {widest: (low, middle)}


FIRST, SECOND, CHANGE, PERCENT = range(4)


def integer_model(problem: Pairs, bounds=()) -> tuple[cp_model.CpModel, list]:
    """The problem in whole numbers, and the variables of each row of the table.

    These are first number, second, change, and percentage. `bounds` maps (row, which of them) to
    lowest and highest. Rows that are alike stand by rising percentages: whichever way they are
    named, the tables are the same.
    """
    model = cp_model.CpModel()
    rows = [
        _row(model, *own) for own in zip(problem.boxes, problem.changes, strict=True)
    ]  # fmt: skip
    for (i, k), (low, high) in dict(bounds).items():
        model.add_linear_constraint(rows[i][k], low, high)
    squares = {}
    for figure in problem.figures:
        k, scale, loose = _place(problem, figure.quantity)
        own = [rows[i][k] for i in figure.rows]
        low, high = (_exact(end) * scale for end in (figure.low, figure.high))
        if figure.statistic == "mean":
            total, n = sum(own), len(own)
            model.add(total >= ceil(low * n) - loose * n)
            model.add(total < ceil(high * n))
        elif figure.statistic == "sd":
            _add_spread(model, own, max(low - loose, 0), high + loose, figure.sample, squares)
        else:
            _add_end(model, own, ceil(low) - loose, ceil(high) - 1, figure.statistic)
    _order(model, problem, rows)
    return model, rows


def _row(model, box, change):
    """First number, second, change, and the change in whole units of percent below it."""
    (a, b), (c, d) = box
    low, high = max(change[0], a - d), min(change[1], b - c)
    if low > high:
        low = high = 0
        model.add_bool_or([])  # no such row
    first, second = model.new_int_var(a, b, ""), model.new_int_var(c, d, "")
    less = model.new_int_var(low, high, "")
    model.add(first - second == less)
    whole = 100 * UNITS
    ends = [floor(Fraction(whole * end, number)) for end in (low, high) for number in (a, b)]
    percent = model.new_int_var(min(ends), max(ends), "")
    ends = [end * number for end in (min(ends), max(ends)) for number in (a, b)]
    multiplied = model.new_int_var(min(ends), max(ends), "")
    model.add_multiplication_equality(multiplied, [percent, first])
    model.add(multiplied <= whole * less)
    model.add(whole * less < multiplied + first)
    return first, second, less, percent


def _place(problem, quantity):
    """Which of a row's variables a quantity is, its units in one, and by how many it is loose."""
    column, minus, relative = quantity
    first, second = problem.columns
    if relative:
        if quantity != (first, second, first):
            raise NotImplementedError("a percentage of another number than the first")
        return PERCENT, UNITS, 1
    if minus and (column, minus) != (first, second):
        raise NotImplementedError("another difference than first less second")
    place = CHANGE if minus else (FIRST, SECOND)[column != first]
    return place, problem.scale, 0


def _add_spread(model, own, low, high, sample, squares):
    """Of n numbers x, n sum(x^2) - sum(x)^2 is n (n - 1 or n) squared spreads."""
    n, by = len(own), len(own) - sample
    for x in own:
        if x.index not in squares:
            ends = list(x.proto.domain)
            most = max(ends[0] ** 2, ends[-1] ** 2)
            squares[x.index] = model.new_int_var(0, most, "")
            model.add_multiplication_equality(squares[x.index], [x, x])
    reach = max(abs(end) for x in own for end in list(x.proto.domain)) * n
    total = model.new_int_var(-reach, reach, "")
    model.add(total == sum(own))
    squared = model.new_int_var(0, reach**2, "")
    model.add_multiplication_equality(squared, [total, total])
    spread = n * sum(squares[x.index] for x in own) - squared
    model.add(spread >= ceil(low**2 * n * by))
    model.add(spread <= floor(high**2 * n * by))


def _add_end(model, own, low, high, statistic):
    """No number beyond the printed end of a range, and some number at it."""
    at = []
    for x in own:
        at.append(model.new_bool_var(""))
        if statistic == "minimum":
            model.add(x >= low)
            model.add(x <= high).only_enforce_if(at[-1])
        else:
            model.add(x <= high)
            model.add(x >= low).only_enforce_if(at[-1])
    model.add_bool_or(at)


def _order(model, problem, rows):
    """Rows of one class, flag and interval of changes: by rising percentages."""
    last = {}
    for i, own in enumerate(zip(problem.boxes, problem.flags, problem.changes, strict=True)):
        alike = (*own, *(i in f.rows for f in problem.figures))
        if alike in last:
            model.add(rows[last[alike]][PERCENT] <= rows[i][PERCENT])
        last[alike] = i


def _exact(end):
    return Fraction(str(round(end, 6)))
