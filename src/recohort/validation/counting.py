"""How many orders print the rates of one curve: counted, not listed, for larger cohorts.

Beyond fifteen patients the search's tables of all event patterns grow too long. Counting needs
no pattern, only the states that patterns reach: rate, Greenwood's sum and deaths so far. States
whose rate is below the next printed one already are dropped, for rates only fall. Floating point;
rates and limits within 1e-9 of a rounding edge count as on it.
"""

from fractions import Fraction
from math import comb
from typing import NamedTuple

import numpy as np

from recohort.paper.estimates import Z
from recohort.paper.reading import DASHES
from recohort.paper.rounding import decimals_of, printed_bounds
from recohort.survival.problem import RATES, Problem, rows_for, settings
from recohort.validation.draw import FACTORS
from recohort.validation.papers import paper_of
from recohort.validation.rebuild import bits, problem_from

SIZES = (20, 30)
STATES = 300_000  # at one place; beyond that the count is given up, and says so


class States(NamedTuple):
    """Kaplan-Meier states as parallel arrays."""

    rate: np.ndarray
    greenwood: np.ndarray
    died: np.ndarray
    ways: np.ndarray


class TooManyError(Exception):
    """More states than `STATES`."""


def count_one(task) -> dict:
    """A row of `counts.csv`: `task` is (seed, number, size)."""
    seed, number, size = task
    cohort, published, conventions = paper_of(seed, number, size)
    problem, first = problem_from(published, conventions), FACTORS[0]
    row = {"size": size, "number": number, "deaths": int(cohort["event"].sum())}
    levels = dict(problem.columns)[first]
    groups = {"all": (None, cohort)} | {
        level: ((first, levels[0], level != levels[0]), cohort[cohort[first] == level])
        for level in ("yes", "no")
    }
    for name, (group, chosen) in groups.items():
        deaths = row["deaths"] if group is None else None
        counts = [int((chosen["time"] <= float(m)).sum()) for m in problem.landmarks]
        try:
            row[f"orders_{name}"] = count_orders(problem, group, len(chosen), deaths)
        except TooManyError:
            row[f"orders_{name}"] = "too many states"
        true = (bits(chosen["event"]), counts)
        row[f"truth_{name}"] = count_orders(problem, group, len(chosen), deaths, true) > 0
    return row


def count_orders(problem: Problem, group, size: int, deaths=None, only=None) -> int:
    """Event patterns with landmark counts of `size` patients that print a group's rates.

    `group` is as in `rows_for` (None: all patients), `deaths` the total where it is printed;
    `only`, a pattern (bits) and its counts, asks for that order alone. Raises TooManyError.
    """
    marks = [[r for r in rows_for(problem, RATES, group) if Fraction(dict(r.options)["at"]) == m]
             for m in problem.landmarks]  # fmt: skip
    while marks and all(row.statistic in DASHES for row in marks[-1]):
        marks.pop()  # nobody is followed so far: one way, whatever happened before
    layers = [_start()] + [_nothing()] * len(marks)
    total = 0
    for place in range(size + 1):
        for j, rows in enumerate(marks):
            if only is None or only[1][j] == place:
                good = _print_all(problem, rows, layers[j])
                layers[j + 1] = _merged(layers[j + 1], States(*(a[good] for a in layers[j])))
        done, layers[-1] = layers[-1], _nothing()
        total += _ends(done, size - place, deaths)
        if place < size:
            layers = [_next(s, size - place, _least(marks[j:]), deaths, _fate(only, place))
                      for j, s in enumerate(layers[:-1])] + [layers[-1]]  # fmt: skip
    return total


def _start():
    return States(np.ones(1), np.zeros(1), np.zeros(1, int), np.ones(1, object))


def _nothing():
    return States(np.ones(0), np.zeros(0), np.zeros(0, int), np.ones(0, object))


def _fate(only, place):
    return None if only is None else bool(only[0] >> place & 1)


def _ends(states, left, deaths):
    """Ways to go on freely with the patients left, who have no landmark before them."""
    if deaths is None:
        return int(states.ways.sum()) * 2**left
    return sum(w * comb(left, deaths - d) for w, d in zip(states.ways, states.died.tolist(),
               strict=True) if deaths >= d)  # fmt: skip


def _next(states, at_risk, least, deaths, fate):
    """The states after one more patient, who died, or was last seen alive, or either."""
    rate, greenwood, died, ways = states
    part, more = (at_risk - 1) / at_risk, at_risk * (at_risk - 1)
    after = States(rate * part, greenwood + (1 / more if more else 0), died + 1, ways)
    here = [s for s, wanted in ((states, False), (after, True)) if fate in (None, wanted)]
    joined = States(*(np.concatenate(arrays) for arrays in zip(*here, strict=True)))
    good = 100 * joined.rate >= least - 1e-9
    if deaths is not None:
        good &= joined.died <= deaths
    return _merged(_nothing(), States(*(array[good] for array in joined)))


def _merged(one, other):
    joined = States(*(np.concatenate(pair) for pair in zip(one, other, strict=True)))
    key = np.round(joined.died + joined.rate / 2, 13) + 1j * np.round(joined.greenwood, 13)
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    if len(first) > STATES:
        raise TooManyError
    ways = np.zeros(len(first), object)
    np.add.at(ways, back, joined.ways)
    return States(joined.rate[first], joined.greenwood[first], joined.died[first], ways)


def _least(marks):
    rates = [r.printed for rows in marks for r in rows if r.statistic == "survival"]
    return max((float(printed_bounds(p)[0]) for p in rates), default=0)


def _print_all(problem, rows, states):
    """Which states print every figure of one landmark?"""
    good = np.ones(len(states.rate), bool)
    for row in rows:
        if row.statistic in DASHES:
            return good & False  # a dash before a rate: no order
        value, error = states.rate, states.rate * np.sqrt(states.greenwood)
        if row.statistic != "survival":
            if settings(problem, row)["interval_rounding"] == "three_decimals":
                value, error = (np.floor(1000 * x + 0.5 + 1e-9) / 1000 for x in (value, error))
            side = -Z if row.statistic == "survival_lower" else Z
            value = np.clip(value + side * error, 0, 1)
        scale = 10 ** decimals_of(row.printed)
        good &= np.floor(100 * value * scale + 0.5 + 1e-9) == round(float(row.printed) * scale)
    return good
