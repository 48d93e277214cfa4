"""A measured column as real numbers beside follow-up times: does one exist, and between what ends?

Z3 decides over exact rationals: "none" is a proof, and every "some" comes with its numbers.
Rounding intervals are half-open, an order that nobody knows is a disjunction, and follow-up times
may be anything within linear constraints, as the values themselves. Each number is asked under
the options that its row names, or under any that there are. A spread is not linear and not asked.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, groupby, pairwise, product
from typing import NamedTuple

import pandas as pd
import z3

from recohort.paper.computing import quantile_terms
from recohort.paper.rounding import COMPARED, Interval, printed_interval
from recohort.paper.rows import CUTS, restrictions, select
from recohort.paper.statistics import options_of, quantile_of
from recohort.survival.linear import Linear, edges, some_way

LIMIT = 60_000  # milliseconds for one question
NEAR = Fraction(1, 10**6)  # of an end that is not attained


class Column(NamedTuple):
    """What is known of a measured column.

    `rows` are about it alone, `cohort` has a row a patient with `event` and the groups; `times` are
    facts about follow-up, each with its alternatives, tuples of `Linear`. Values lie from `lowest`
    to `highest` (None: without end), on a grid where there is a `unit`.
    """

    rows: tuple
    cohort: pd.DataFrame
    times: tuple
    conventions: dict
    lowest: Fraction = Fraction(0)
    highest: Fraction | None = None
    unit: Fraction | None = None


class Found(NamedTuple):
    """Values and follow-up times of the patients that print every row, exact."""

    values: list
    times: list


def exactly(times: Iterable[float]) -> tuple:
    """Follow-up times that are these, to the last digit."""
    found = []
    for i, time in enumerate(Fraction(str(time)) for time in times):
        found.append(((Linear(((i, Fraction(1)),), Interval(time, time, True, True)),),))
    return tuple(found)


def some_column(column: Column, fixed: dict | None = None, free: bool = False) -> Found | None:
    """Values that print every row, with those of `fixed` (by position); None where none do.

    With `free`, each number may be formed by any option there is.
    """
    model = _model(column, free)
    for i, value in (fixed or {}).items():
        model.solver.add(model.values[i] == _exact(value))
    return _found(model)


def fewest_switches(columns: Sequence[Column]) -> list[tuple] | None:
    """All smallest sets of (fact, switch, option) under which one of the columns exists.

    `columns` have the same rows; [()] where one exists as it is, and None where none does even if
    each number may be formed by any option.
    """
    rows, own = columns[0].rows, columns[0].conventions
    if not any(some_column(column, free=True) for column in columns):
        return None
    every = dict.fromkeys(
        (row.fact, *switch)
        for row in rows
        for switch in options_of(row)
        if switch[1] != (own | dict(row.switches))[switch[0]]
    )
    for size in range(len(every) + 1):
        found = [
            c
            for c in combinations(every, size)
            if len({fact for fact, *_ in c}) == size
            and any(some_column(switched(column, c)) for column in columns)
        ]
        if found:
            return found
    raise ArithmeticError("more than one switch of a number is needed")


def switched(column: Column, switches: Iterable[tuple[str, str, str]]) -> Column:
    """The column with facts under other options: (fact, switch, option) each."""
    own = {fact: (name, option) for fact, name, option in switches}
    rows = [r._replace(switches=(own[r.fact],)) if r.fact in own else r for r in column.rows]
    return column._replace(rows=tuple(rows))


def nearest_column(column: Column, center: float | str | Fraction) -> Found | None:
    """Values on the column's grid, one patient after the other as near `center` as can be.

    Of two equally near the lower is taken.
    """
    model, center = _model(column, solver=z3.Optimize()), _exact(center)
    hair = _exact(column.unit / 4)
    for i, value in enumerate(model.values):
        model.solver.push()
        model.solver.minimize(z3.If(value > center, value - center + hair, center - value))
        if (found := _found(model)) is None:
            return None
        model.solver.pop()
        model.solver.add(value == _exact(found.values[i]))
    return _found(model)


def end_of(column: Column, i: int, sign: int) -> tuple[Fraction, bool, Found]:
    """Lowest (`sign` 1) or highest (-1) value of a patient, whether attained, and a column.

    The column has the end itself, or a value within `NEAR` of it. That none is beyond is asked of
    a solver that does not optimize. Raises ArithmeticError where there is no end.
    """
    model = _model(column, solver=z3.Optimize())
    least = model.solver.minimize(sign * model.values[i])
    if model.solver.check() != z3.sat:
        raise ArithmeticError("no column, or no answer in time")
    beyond, end, _ = (_fraction(part) for part in model.solver.lower_values(least))
    if beyond:
        raise ArithmeticError("a value without an end")

    def found_with(met):
        own = _model(column)
        own.solver.add(met(sign * own.values[i]))
        return _found(own)

    at = found_with(lambda x: x == _exact(end))
    near = at or found_with(lambda x: x < _exact(end + NEAR))
    if near is None or found_with(lambda x: x < _exact(end)):
        raise ArithmeticError("two solvers disagree on an end")
    return sign * end, at is not None, near


class _Model(NamedTuple):
    solver: z3.Solver
    values: list
    times: list


def _model(column, free=False, solver=None):
    n, solver = len(column.cohort), z3.Solver() if solver is None else solver
    solver.set("timeout", LIMIT)
    values = z3.Reals([f"x{i}" for i in range(n)])
    model = _Model(solver, values, z3.Reals([f"t{i}" for i in range(n)]))
    for i, value in enumerate(values):
        solver.add(value >= _exact(column.lowest))
        if column.highest is not None:
            solver.add(value <= _exact(column.highest))
        if column.unit is not None:
            solver.add(value == z3.ToReal(z3.Int(f"k{i}")) * _exact(column.unit))
    solver.add(*(some_way(ways) for ways in column.times))
    for row in column.rows:
        own = column.conventions | dict(row.switches)
        by_name = [list(some) for _, some in groupby(options_of(row), lambda switch: switch[0])]
        ways = product(*by_name) if free else [()]
        solver.add(z3.Or([_asks(model, row, column.cohort, own | dict(way)) for way in ways]))
    return model


def _found(model):
    """The numbers of a solution, None where there is none; ArithmeticError where it is open."""
    answer = model.solver.check()
    if answer == z3.unknown:
        raise ArithmeticError("no answer in time: open")
    if answer == z3.unsat:
        return None
    solution = model.solver.model()

    def exact(variables):
        return [_fraction(solution.eval(x, model_completion=True)) for x in variables]

    return Found(exact(model.values), exact(model.times))


def _asks(model, row, cohort, conventions):
    """A row as a formula."""
    options = dict(row.options)
    if row.statistic == "count":
        return _counts(model, row, cohort)
    member = select(cohort, restrictions(row) + row.filters).tolist()
    inside = [i for i, good in enumerate(member) if good]
    own = [model.values[i] + (model.times[i] if "since" in options else 0) for i in inside]
    window = printed_interval(row.printed, (conventions["halves"],))
    if row.statistic == "mean":
        return _within(sum(own) / len(own), window)
    if row.statistic == "median_survival" and conventions["median"] != "follow_up":
        events = cohort["event"].to_numpy()[inside].tolist()
        return _curve_middle(own, events, conventions["median"], window)
    q = Fraction(1, 2) if row.statistic == "median_survival" else quantile_of(row)
    if q is None:
        raise ValueError(f"{row.id}: a {row.statistic} is no question to real numbers")
    method = conventions["quantile"] if row.statistic == "quantile" else "inclusive"
    terms, divisor = quantile_terms(range(len(own)), q, method)
    return _within(sum(w * _ranked(model, own, k) for k, w in terms) / divisor, window)


def _ranked(model, values, k):
    """A variable for the k-th smallest of some terms, counted from zero."""
    ranked = z3.FreshReal("rank")
    model.solver.add(z3.AtLeast(*(v <= ranked for v in values), k + 1))
    model.solver.add(z3.AtLeast(*(v >= ranked for v in values), len(values) - k))
    return ranked


def _curve_middle(values, events, median, window):
    """The Kaplan-Meier median of some values, as programs have it, lies in the window."""
    ways = []
    for order, half, below in _orders_below(events):
        rest = [v for i, v in enumerate(values) if i not in order]
        steps = [
            values[a] <= values[b] if events[a] or not events[b] else values[a] < values[b]
            for a, b in pairwise(order)
        ]
        first, after = (None if i is None else values[i] for i in (half, below))
        if median == "kaplan_meier_midpoint" and below is not None:
            first = (first + after) / 2
        elif median == "kaplan_meier_below":
            first = after
        if first is not None:
            last = values[order[-1]]
            ways.append(z3.And(*steps, *(last <= v for v in rest), _within(first, window)))
    return z3.Or(ways)


def _orders_below(events, order=(), left=Fraction(1), half=None) -> Iterator[tuple]:
    """Who ends, in turn, until the curve is below one half; by whom it is at most that, and below.

    Deaths come before censorings at one time, so that a censoring before a death is earlier. A
    curve may end at one half: then nobody is the last of the three.
    """
    at_risk = len(events) - len(order)
    for i in (i for i in range(len(events)) if i not in order):
        now = left * (1 - Fraction(int(events[i]), at_risk))
        first = i if now <= Fraction(1, 2) and half is None else half
        if now < Fraction(1, 2):
            yield (*order, i), first, i
        elif at_risk > 1:
            yield from _orders_below(events, (*order, i), now, first)
        elif first is not None:
            yield (*order, i), first, None


def _counts(model, row, cohort):
    """A stated count of values on a side of a cut-off within a group."""
    (cut,) = [f for f in row.filters if f[1] in CUTS]
    inside = select(cohort, restrictions(row) + tuple(f for f in row.filters if f is not cut))
    own = [v for v, member in zip(model.values, inside, strict=True) if member]
    met = [z3.If(COMPARED[cut[1]](v, _exact(cut[2])), 1, 0) for v in own]
    number = z3.Sum([z3.IntVal(0), *met])
    return COMPARED["=" if row.relation == "rounds to" else row.relation](number, int(row.printed))


def _within(term, window):
    return z3.And(edges(term, window))


def _exact(value):
    return z3.RealVal(str(Fraction(str(value))))


def _fraction(value) -> Fraction:
    return Fraction(value.as_fraction()) if z3.is_rational_value(value) else Fraction(str(value))
