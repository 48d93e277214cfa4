"""What the printed rates of one group allow, by that group's own event pattern alone.

A group of m patients, in order of time, has an event pattern: bit i says whether its
i-th patient died. After its first q patients the Kaplan-Meier estimate and Greenwood's
sum are exact fractions. For each pattern a table keeps, as bits, the numbers q of
patients up to a landmark for which every figure printed at that landmark comes out.
"""

from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np

from recohort.paper.limits import limits, paths
from recohort.paper.rounding import square_root
from recohort.paper.rows import Row
from recohort.paper.statistics import DASHES
from recohort.survival.problem import Problem, agrees, settings

State = tuple[Fraction, Fraction | None]  # Kaplan-Meier rate, Greenwood's sum


@cache
def prefix_states(size: int) -> tuple[list[State], list[np.ndarray]]:
    """Every Kaplan-Meier state that a group of `size` can reach.

    Returns the distinct states ``(rate, greenwood)`` and, for q = 0..size, an array
    that maps the first q bits of a pattern to its state. ``greenwood`` is the sum of
    d / (n (n - d)) (Greenwood 1926), None once the curve is at zero.
    """
    states = {(Fraction(1), Fraction(0)): 0}
    levels = [np.zeros(1, np.int32)]
    for q in range(size):
        at_risk, known = size - q, list(states)
        after = {
            i: states.setdefault(after_death(known[i], at_risk), len(states))
            for i in set(levels[-1].tolist())
        }
        deaths = np.array([after[i] for i in levels[-1].tolist()], np.int32)
        levels.append(np.concatenate([levels[-1], deaths]))
    return list(states), levels


def after_death(state: State, at_risk: int) -> State:
    """Rate and Greenwood's sum once one of so many at risk has died; of tied deaths, each."""
    rate, greenwood = state
    if at_risk == 1:
        return Fraction(0), None
    return rate * Fraction(at_risk - 1, at_risk), greenwood + Fraction(1, at_risk * (at_risk - 1))


def prints_rate(problem: Problem, row: Row, state: State) -> bool:
    """Is a group in Kaplan-Meier `state` consistent with this row of a rate or of its limits?"""
    rate, greenwood = state
    if row.statistic == "survival":
        return agrees(problem, row, 100 * rate)
    side, error = row.statistic == "survival_upper", standard_error(rate, greenwood)
    return any(
        agrees(problem, row, limits(rate, error, path)[side])
        for path in paths(settings(problem, row))
    )


@cache
def standard_error(rate: Fraction, greenwood: Fraction | None) -> Decimal:
    """Greenwood's standard error of a rate, to 60 digits; 0 once the curve is at zero."""
    return Decimal(0) if greenwood is None else square_root(rate**2 * greenwood)


def _allowed_states(problem, rows, size):
    """Which Kaplan-Meier states of a group of `size` print all of `rows`, as a boolean array."""
    states, allowed = prefix_states(size)[0], np.ones(len(prefix_states(size)[0]), bool)
    for row in sorted(rows, key=lambda row: row.statistic != "survival"):  # the narrowest first
        if row.statistic == "survival":  # far off: no need to round exactly
            allowed &= np.abs(_rates(size) * 100 - float(row.printed)) <= 1
        for i in np.flatnonzero(allowed):
            allowed[i] = prints_rate(problem, row, states[i])
    return allowed


@cache
def _rates(size):
    return np.array([float(rate) for rate, _ in prefix_states(size)[0]])


@cache
def landmark_table(problem: Problem, rows: tuple, size: int) -> np.ndarray:
    """Allowed landmark counts of each event pattern of a group.

    Shape (2**size,): bit q of element e is set when a group with event pattern e and
    q patients up to the landmark prints every one of `rows` (all at that landmark).
    A dash only says that nobody was left to follow beyond the landmark (q = size):
    whether the curve had reached zero by then is for the result to show.
    """
    levels = prefix_states(size)[1]
    allowed = _allowed_states(problem, [r for r in rows if r.statistic not in DASHES], size)
    dashed = any(row.statistic in DASHES for row in rows)
    patterns = np.arange(2**size)
    table = np.zeros(2**size, np.int64)
    for q in range(size + 1):
        state = levels[q][patterns & (2**q - 1)]
        here = allowed[state] & (q == size or not dashed)
        table |= here.astype(np.int64) << q
    return table
