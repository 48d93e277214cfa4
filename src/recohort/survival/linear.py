"""Linear facts about times: judged in fractions, solved as a linear program, or told to z3."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import z3
from ortools.linear_solver import pywraplp
from scipy.optimize import linprog

from recohort.paper.rounding import Interval

FARTHEST = 10**6  # months: no printed time reaches it
LEAST_MARGIN = 1e-7  # in widths of intervals: what is less is none


class Linear(NamedTuple):
    """A weighted sum of times lies in an interval."""

    terms: tuple  # (position, weight)
    interval: Interval

    def holds(self, times: Sequence) -> bool:
        """Is it true of these times, exactly?"""
        return sum(w * times[i] for i, w in self.terms) in self.interval


class Matrices(NamedTuple):
    """Facts as arrays: ``upper @ t <= limit`` and ``equal @ t = value``."""

    upper: np.ndarray
    limit: np.ndarray
    equal: np.ndarray
    value: np.ndarray
    widths: np.ndarray  # of each upper row's interval, 1 where it has one end only


def matrices(linear: Iterable[Linear], size: int) -> Matrices:
    """The facts on `size` times in floating point; open ends count as closed."""
    upper, limit, equal, value, widths = [], [], [], [], []
    for terms, (low, high, *_) in linear:
        row = np.zeros(size)
        row[[i for i, _ in terms]] = [float(w) for _, w in terms]
        if low is not None and low == high:
            equal.append(row)
            value.append(float(low))
            continue
        for sign, end in ((-1, low), (1, high)):
            if end is not None:
                upper.append(sign * row)
                limit.append(sign * float(end))
                widths.append(1.0 if low is None or high is None else float(high - low))
    return Matrices(*map(np.array, (upper, limit, equal, value, widths)))


class Program:
    """The facts as a linear program (GLOP) that is solved for one goal after the other."""

    def __init__(self, facts: Matrices, beyond: int = 0):
        """Times lie between 0 and FARTHEST; `beyond` more variables have no end above."""
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        ends = [FARTHEST] * facts.upper.shape[1] + [self.solver.infinity()] * beyond
        self.variables = [self.solver.NumVar(0, end, "") for end in ends]
        for row, end in zip(facts.upper, facts.limit, strict=True):
            self.keep(row, -self.solver.infinity(), end)
        for row, value in zip(facts.equal, facts.value, strict=True):
            self.keep(row, value, value)

    def keep(self, row: np.ndarray, low: float, high: float) -> pywraplp.Constraint:
        """One more fact: a weighted sum lies between two ends, which may be moved later."""
        fact = self.solver.Constraint(float(low), float(high))
        for i in np.flatnonzero(row).tolist():
            fact.SetCoefficient(self.variables[i], float(row[i]))
        return fact

    def least(self, goal: np.ndarray) -> np.ndarray | None:
        """The values that make a weighted sum least; None where there are none.

        Raises ArithmeticError where the solver cannot tell.
        """
        objective = self.solver.Objective()
        for variable, weight in zip(self.variables, goal.tolist(), strict=True):
            objective.SetCoefficient(variable, weight)
        status = self.solver.Solve()
        if status == pywraplp.Solver.INFEASIBLE:
            return None
        if status != pywraplp.Solver.OPTIMAL:
            raise ArithmeticError("a linear program was not solved")
        return np.array([variable.solution_value() for variable in self.variables])


def middle(facts: Matrices) -> np.ndarray | None:
    """Times as far from every edge as can be (floats), or None where there seem to be none.

    The margin counts in widths of each interval, so that narrow ones are not starved. Edges that
    all times lie on have none.
    """
    size = facts.upper.shape[1]
    found = _with_margin(facts, facts.widths)
    if found is not None and found[size] < LEAST_MARGIN:
        better = _with_margin(facts, np.where(_free(facts), facts.widths, 0))
        found = found if better is None else better
    return None if found is None else found[:size]


def _with_margin(facts, widths):
    """Times with the largest margin, which counts in widths, and that margin."""
    size = facts.upper.shape[1]
    rows, goal = np.column_stack([facts.upper, widths]), -np.eye(size + 1)[size]
    return _minimized(facts, goal, rows, [(0, None)] * size + [(0, 1)])


def _free(facts):
    """Which edges some times do not lie on: each may leave a little room, as many as can."""
    many, size = facts.upper.shape
    rows = np.hstack([facts.upper, np.diag(facts.widths)])
    goal, ranges = np.append(np.zeros(size), -np.ones(many)), [(0, None)] * size
    found = _minimized(facts, goal, rows, ranges + [(0, 100 * LEAST_MARGIN)] * many)
    return np.ones(many, bool) if found is None else found[size:] > LEAST_MARGIN


def _minimized(facts, goal, rows, ranges):
    """The values (HiGHS) that make a weighted sum least; None where there seem to be none.

    `rows` are the upper ones, with variables beyond the times.
    """
    beyond = len(goal) - facts.upper.shape[1]
    equal = np.pad(facts.equal, ((0, 0), (0, beyond))) if len(facts.equal) else None
    value = facts.value if len(facts.value) else None
    found = linprog(goal, rows, facts.limit, equal, value, ranges, method="highs")
    return found.x if found.status == 0 else None


def edges(term: z3.ArithRef, interval: Interval) -> list[z3.BoolRef]:
    """What a z3 term in an interval keeps to: a comparison for each end."""
    low, high, low_closed, high_closed = interval
    found = []
    if low is not None:
        end = z3.Q(low.numerator, low.denominator)
        found.append(term >= end if low_closed else term > end)
    if high is not None:
        end = z3.Q(high.numerator, high.denominator)
        found.append(term <= end if high_closed else term < end)
    return found


@lru_cache(maxsize=50_000)
def told(linear: tuple[Linear, ...]) -> z3.BoolRef:
    """Linear facts about z3's reals t0, t1, ... as one formula, made once."""
    found = []
    for terms, interval in linear:
        weighed = [z3.Q(w.numerator, w.denominator) * z3.Real(f"t{i}") for i, w in terms]
        found += edges(z3.Sum(weighed), interval)
    return z3.And(found)


def some_way(ways: Iterable[tuple[Linear, ...]]) -> z3.BoolRef:
    """One of several alternatives as a formula."""
    return z3.Or(list(map(told, ways)))
