"""What is printed of one group at a landmark, judged by that group's own event pattern alone.

Bit i of the pattern: the group's i-th patient died. Floating point sorts out what is far off.
"""

from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from recohort.paper.limits import level_of, limits, paths
from recohort.paper.rounding import decimals_of, square_root
from recohort.paper.rows import ROUNDED, Row
from recohort.paper.statistics import AT_RISK, DASHES, RATES
from recohort.survival.problem import Problem, agrees, rows_for, settings

GUARD = 1e-6  # percent: far above the error of a rate in floating point


class State(NamedTuple):
    """A group at a landmark: all that its printed rates, errors, dashes and numbers ask for."""

    rate: Fraction  # Kaplan-Meier
    greenwood: Fraction | None  # sum of d / (n (n - d)) (Greenwood 1926); None: curve at zero
    left: int  # patients followed beyond the landmark
    events: int  # deaths up to it


@lru_cache(maxsize=500_000)
def state_of(size: int, ended: int, died: int) -> State:
    """The state of a group of `size` whose first `ended` have ended; bits of `died` say how.

    Of tied deaths, each in turn.
    """
    if not ended:
        return State(Fraction(1), Fraction(0), size, 0)
    last = 1 << ended - 1
    rate, greenwood, left, events = state_of(size, ended - 1, died & ~last)
    if not died & last:
        return State(rate, greenwood, left - 1, events)
    if left == 1:
        return State(Fraction(0), None, 0, events + 1)
    greenwood += Fraction(1, left * (left - 1))
    return State(rate * Fraction(left - 1, left), greenwood, left - 1, events + 1)


def prints_rate(problem: Problem, row: Row, state: State) -> bool:
    """Is a group in this state consistent with a row about it at a landmark?

    A rate, its limits or its error, a dash, a number of deaths. Of a number at risk no more than
    that it counts all who are left: who ended at that very time is for the times to show.
    """
    own = settings(problem, row)
    if row.statistic in DASHES:
        reasons = {"curve_at_zero": state.rate == 0, "follow_up_ended": state.rate > 0}
        known = "nobody_left" in own["dash"] or reasons.get(row.statistic, True)
        return not state.left and known
    if row.statistic == "events_by":
        return agrees(problem, row, state.events)
    if row.statistic == AT_RISK:
        most = problem.size if "at_or_after" in own["boundary"] else state.left
        return any(agrees(problem, row, number) for number in range(state.left, most + 1))
    if own["beyond"] == ("followed",) and is_carried(state):
        return False
    if row.statistic == "survival":
        return agrees(problem, row, 100 * state.rate)
    error = standard_error(state.rate, state.greenwood)
    if row.statistic == "standard_error":
        return agrees(problem, row, 100 * error)
    side, level = row.statistic == "survival_upper", level_of(row)
    return any(
        agrees(problem, row, limits(state.rate, error, path, level)[side]) for path in paths(own)
    )


def is_carried(state: State) -> bool:
    """Is a rate here only carried on: nobody is followed any more, and the curve is not at zero?"""
    return not state.left and state.rate > 0


@cache
def standard_error(rate: Fraction, greenwood: Fraction | None) -> Decimal:
    """Greenwood's standard error of a rate, to 60 digits; 0 once the curve is at zero."""
    return Decimal(0) if greenwood is None else square_root(rate**2 * greenwood)


class Mark(NamedTuple):
    """What is printed of a group at one landmark; nothing, perhaps."""

    problem: Problem  # without rows: how numbers may be formed
    rows: tuple  # rates before limits
    dashed: bool
    low: float  # no rate below it prints the rows (percent)
    high: float

    def allows(self, size: int, ended: np.ndarray, died: np.ndarray, rate: np.ndarray):
        """Which of many groups of `size` print every row: booleans, shape (K,).

        `ended` says how many patients ended by the landmark, `died` who of them died (bits by
        order in the group), `rate` the Kaplan-Meier estimate in floating point.
        """
        good = (100 * rate >= self.low) & (100 * rate <= self.high)
        if self.dashed:
            good &= ended == size
        if self.rows and good.any():
            left = np.flatnonzero(good)
            keys, back = np.unique(died[left] << 8 | ended[left], return_inverse=True)
            exact = [_prints(self.problem, self.rows, size, k & 255, k >> 8) for k in keys.tolist()]
            good[left] = np.array(exact)[back]
        return good


@lru_cache(maxsize=500_000)
def _prints(problem, rows, size, ended, died):
    return all(prints_rate(problem, row, state_of(size, ended, died)) for row in rows)


def marks_of(problem: Problem, group: tuple | None) -> list[Mark]:
    """What is printed of a group (None: of all patients) at each of the problem's landmarks."""
    told, bare, marks = rows_for(problem, RATES, group), problem._replace(rows=()), []
    told = sorted(told, key=lambda row: row.statistic != "survival")
    for at in problem.landmarks:
        rows = tuple(r for r in told if Fraction(dict(r.options)["at"]) == at)
        ends = [
            (unit * float(r.printed), unit * 10.0 ** -decimals_of(r.printed) + GUARD)
            for r, unit in ((r, 100 if ("unit", "share") in r.options else 1) for r in rows)
            if r.statistic == "survival" and r.relation == ROUNDED
        ]
        low = max((p - w for p, w in ends), default=-1)
        high = min((p + w for p, w in ends), default=101)
        marks.append(Mark(bare, rows, any(r.statistic in DASHES for r in rows), low, high))
    return marks


def lowest_later(marks: list[Mark]) -> np.ndarray:
    """For each number of landmarks passed: a rate (0 to 1) below which no later one is printed.

    Curves only fall.
    """
    lows = [mark.low for mark in marks]
    return np.array([max([*lows[j:], -1.0]) for j in range(len(lows) + 1)]) / 100
