"""Columns of whole numbers that survival leaves open (ages in completed years).

Nothing printed ties such a value to one patient, so there are very many ways. The edition
takes, patient by patient in order of time, the value nearest to the column's printed mean
or median that leaves a way for the patients after (the lower of two equally near): no
random number, no other preference. OR-tools' CP-SAT finds each nearest value; every row
is checked on the result by the registry, as all cells are. What is measured is in `measured`.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil

import pandas as pd
from ortools.sat.python import cp_model

from recohort.numbers.sums import FAR
from recohort.paper.quantiles import quantile_terms
from recohort.paper.rounding import COMPARED, first_beyond, printed_bounds
from recohort.paper.rows import CUTS, Row, select
from recohort.paper.statistics import quantile_of


def choose_column(
    rows: Iterable[Row], cohort: pd.DataFrame, conventions: dict, center: float | str | None = None
) -> list[int] | None:
    """Values of one column, one a patient of the frame `cohort` (sorted by `time`).

    `rows` print the column's mean, SD, ranks, or counts on a side of a cut-off; the values are as
    near `center` as they can be, or any. None where no values print all rows.
    """
    if center is None:
        return column_with(rows, cohort, conventions, {})
    return _nearest(*_model(rows, cohort, conventions), round(Fraction(center)))


def column_with(
    rows: Iterable[Row], cohort: pd.DataFrame, conventions: dict, fixed: dict[int, int]
) -> list[int] | None:
    """Some values of the column that print every row, with those of `fixed` (by position)."""
    model, values = _model(rows, cohort, conventions)
    for position, value in fixed.items():
        model.add(values[position] == int(value))
    solver = _solver()
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return [solver.value(v) for v in values]


def _model(rows, cohort, conventions):
    model = cp_model.CpModel()
    values = [model.new_int_var(0, FAR, f"x{i}") for i in range(len(cohort))]
    for row in rows:
        _add_row(model, values, row, cohort, conventions | dict(row.switches))
    return model, values


def _solver():
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False  # an interruption is not an answer
    solver.parameters.num_workers = 1  # one worker gives the same answer at every run
    return solver


def _nearest(model, values, center):
    """Fix each value in turn as near `center` as the rows and the earlier values allow."""
    found = []
    for value in values:
        distance = model.new_int_var(0, 2 * 10**6, "")
        above = model.new_bool_var("")
        model.add(value > center).only_enforce_if(above)
        model.add(value <= center).only_enforce_if(above.negated())
        model.add_abs_equality(distance, value - center)
        model.minimize(2 * distance + above)
        solver = _solver()
        if solver.solve(model) != cp_model.OPTIMAL:
            return None
        found.append(solver.value(value))
        model.add(value == found[-1])
    return found


def _add_row(model, values, row, cohort, conventions):
    if row.statistic == "count":
        return _add_count(model, values, row, cohort)
    member = select(cohort, row.filters).tolist()
    inside = [v for v, good in zip(values, member, strict=True) if good]
    low, high = printed_bounds(row.printed)
    if row.statistic == "sd":
        return _add_spread(model, inside, low, high, conventions["sd"])
    if row.statistic == "mean":
        return _add_between(model, sum(inside), low * len(inside), high * len(inside))
    method = conventions["quantile"] if row.statistic == "quantile" else "inclusive"
    terms, divisor = quantile_terms(range(len(inside)), quantile_of(row), method)
    total = sum(w * _ranked(model, inside, k) for k, w in terms)
    return _add_between(model, total, low * divisor, high * divisor)


def _ranked(model, values, k):
    """A variable for the k-th smallest value, counted from zero."""
    ranked = model.new_int_var(0, 10**6, "")
    for at_least, wanted in ((False, k + 1), (True, len(values) - k)):
        flags = []
        for value in values:
            flags.append(model.new_bool_var(""))
            held = value >= ranked if at_least else value <= ranked
            model.add(held).only_enforce_if(flags[-1])
        model.add(sum(flags) >= wanted)
    return ranked


def _add_between(model, total, low, high):
    """`low` <= total < `high`, in whole numbers."""
    model.add(total >= ceil(low))
    model.add(total <= ceil(high) - 1)


def _add_spread(model, values, low, high, divisor):
    n = len(values)
    squares = []
    for value in [*values, sum(values)]:
        squares.append(model.new_int_var(0, 10**12, ""))
        root = model.new_int_var(0, 10**6, "")
        model.add(root == value)
        model.add_multiplication_equality(squares[-1], [root, root])
    by = n * (n if divisor == "population" else n - 1)
    _add_between(model, n * sum(squares[:-1]) - squares[-1], low**2 * by, high**2 * by)


def _add_count(model, values, row, cohort):
    """A stated count of values below, or not below, a cut-off within a group."""
    (cut,) = [f for f in row.filters if f[1] in CUTS]
    inside = select(cohort, [f for f in row.filters if f is not cut]).tolist()
    edge = first_beyond(cut[1], Fraction(cut[2]))
    flags = []
    for value in (v for v, member in zip(values, inside, strict=True) if member):
        flags.append(model.new_bool_var(""))
        below = flags[-1] if cut[1] in ("<", "<=") else flags[-1].negated()
        model.add(value < edge).only_enforce_if(below)
        model.add(value >= edge).only_enforce_if(below.negated())
    number, value = sum(flags), int(row.printed)
    model.add(COMPARED["=" if row.relation == "rounds to" else row.relation](number, value))
