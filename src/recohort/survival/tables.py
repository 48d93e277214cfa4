"""What the printed rates of one group allow, by that group's own event pattern alone.

A group of m patients, in order of time, has an event pattern: bit i says whether its
i-th patient died. After its first q patients the Kaplan-Meier estimate and Greenwood's
sum are exact fractions. For each pattern a table keeps, as bits, the numbers q of
patients up to a landmark for which every figure printed at that landmark comes out.
"""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np

from recohort.paper.limits import limits, paths
from recohort.paper.rounding import square_root
from recohort.paper.rows import Row
from recohort.paper.statistics import DASHES
from recohort.survival.problem import Problem, agrees, settings


class State(NamedTuple):
    """A group at a landmark: all that its printed rates, errors, dashes and numbers ask for."""

    rate: Fraction  # Kaplan-Meier
    greenwood: Fraction | None  # sum of d / (n (n - d)) (Greenwood 1926); None: curve at zero
    left: int  # patients followed beyond the landmark
    events: int  # deaths up to it


def at_start(size: int) -> State:
    """A group of so many patients before anything happened."""
    return State(Fraction(1), Fraction(0), size, 0)


def after_death(state: State) -> State:
    """Once the first of those left has died; of tied deaths, each in turn."""
    rate, greenwood, left, events = state
    if left == 1:
        return State(Fraction(0), None, 0, events + 1)
    rate *= Fraction(left - 1, left)
    return State(rate, greenwood + Fraction(1, left * (left - 1)), left - 1, events + 1)


def after_censoring(state: State) -> State:
    """Once the first of those left was last seen alive."""
    return state._replace(left=state.left - 1)


@cache
def prefix_states(size: int) -> tuple[list[State], list[np.ndarray]]:
    """Every state that a group of `size` can reach.

    Returns the distinct states and, for q = 0..size, an array that maps the first q bits of a
    pattern to its state.
    """
    states = {at_start(size): 0}
    levels = [np.zeros(1, np.int32)]
    for _ in range(size):
        known, here = list(states), levels[-1]
        after = np.zeros((2, len(known)), np.int32)
        for i in np.unique(here).tolist():
            for died, step in enumerate((after_censoring, after_death)):
                after[died, i] = states.setdefault(step(known[i]), len(states))
        levels.append(np.concatenate([after[0, here], after[1, here]]))
    return list(states), levels


def prints_rate(problem: Problem, row: Row, state: State) -> bool:
    """Is a group in this state consistent with a row of a rate, of its limits, or of a dash?

    A dash only says that nobody was left to follow beyond the landmark: whether the curve had
    reached zero by then is for the result to show.
    """
    if row.statistic in DASHES:
        return not state.left
    if row.statistic == "survival":
        return agrees(problem, row, 100 * state.rate)
    side = row.statistic == "survival_upper"
    rate, error = state.rate, standard_error(state.rate, state.greenwood)
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
    return np.array([float(state.rate) for state in prefix_states(size)[0]])


@cache
def landmark_table(problem: Problem, rows: tuple, size: int) -> np.ndarray:
    """Allowed landmark counts of each event pattern of a group.

    Shape (2**size,): bit q of element e is set when a group with event pattern e and
    q patients up to the landmark prints every one of `rows` (all at that landmark).
    """
    levels = prefix_states(size)[1]
    allowed = _allowed_states(problem, rows, size)
    patterns = np.arange(2**size)
    table = np.zeros(2**size, np.int64)
    for q in range(size + 1):
        state = levels[q][patterns & (2**q - 1)]
        table |= allowed[state].astype(np.int64) << q
    return table
