"""What each kind of printed figure gives away: this paper again with less of it, or coarser.

Figures are not rounded twice: what a coarser paper would print is computed from the edition's
cohort, under the same conventions.
"""

from fractions import Fraction
from itertools import islice

import numpy as np
import pandas as pd

from recohort.folder import read_tables, run
from recohort.paper.reading import SENTENCE
from recohort.paper.rounding import round_to
from recohort.paper.statistics import CONVENTIONS, REGISTRY
from recohort.survival import without
from recohort.survival.cohorts import (
    has_times,
    joints,
    remembered_orders,
    survival_stages,
    survival_steps,
)
from recohort.survival.orders import Orders, fitting_groups
from recohort.survival.problem import COUNTS, RANKS, RATES, TESTS, TIMES, about, chosen_settings
from recohort.survival.times import scale_of
from recohort.validation.papers import time_limit

SECONDS = 60  # for one way to print
ORDERS = 3_000  # beyond that the groups are not counted
SOLUTIONS = 5_000  # beyond that no more are listed
LIMITS = ("survival_lower", "survival_upper")
YEARS = "times in years, one decimal"


def ways_to_print() -> dict:
    """Each way's name with a function of the rows, the tables and the problem."""
    return {
        "as printed": lambda rows, *_: rows,
        "rates in whole percents": lambda rows, *more: _coarser(rows, RATES[:3], 0, *more),
        "no limits": lambda rows, *_: [r for r in rows if r.statistic not in LIMITS],
        "no limits, whole percents": lambda rows, *more: _coarser(
            [r for r in rows if r.statistic not in LIMITS], RATES[:1], 0, *more
        ),
        "one landmark in place of three": _middle_landmark,
        "no rates of groups": lambda rows, *_: [
            r for r in rows if not (r.statistic in RATES and r.filters)
        ],
        "no P values, no hazard ratio": lambda rows, *_: [
            r for r in rows if r.statistic not in TESTS
        ],
        "no medians of groups": lambda rows, *_: [
            r for r in rows if not (r.statistic in TIMES and r.filters)
        ],
        "no tests, no medians of groups": lambda rows, *_: [
            r for r in rows if r.statistic not in TESTS and not (r.statistic in TIMES and r.filters)
        ],
        "no rates, no medians of groups": lambda rows, *_: [
            r for r in rows if not (r.statistic in RATES + TIMES and r.filters)
        ],
        "times in whole months": lambda rows, *more: _coarser(rows, TIMES, 0, *more),
        YEARS: _years,
        "no sentences that tie factors": lambda rows, *_: [
            r for r in rows if not r.fact.startswith(SENTENCE)
        ],
    }


def disclosure_table(folder) -> pd.DataFrame:
    """A row for each of `ways_to_print`.

    `way`; `figures` printed; `orders` that print the rates of all patients; `with_groups`:
    orders with groups that print the rates; `solutions`: orders with all groups that print
    everything (times on a continuous scale; a spread is not asked of them); `typical`, `widest`:
    months between the earliest and the latest time that a place in the order has in them, at the
    most, as the median and the greatest of all places; `status`.
    """
    result, tables = run(folder), read_tables(folder)
    rows = [disclosed(name, result.problem, tables) for name in ways_to_print()]
    return pd.DataFrame(rows)


def withheld_table(folder) -> pd.DataFrame:
    """A row for each `fact` about survival: what is left open when it alone is not printed.

    `figures` that print it; `solutions`, `typical`, `widest` and `status` as in `disclosure_table`.
    The first row, without a fact, is the paper as printed.
    """
    problem, rows = run(folder).problem, []
    for fact in ("", *dict.fromkeys(r.fact for r in problem.rows)):
        own = sum(r.fact == fact for r in problem.rows)
        rows.append({"fact": fact, "figures": own} | left_open(without(problem, {fact})))
    return pd.DataFrame(rows)


def disclosed(name: str, problem, tables) -> dict:
    """One row of `disclosure_table`."""
    printed = printed_otherwise(name, problem, tables)
    row: dict = {"way": name, "figures": len(printed.rows), "orders": "", "with_groups": ""}
    nothing = dict.fromkeys(("solutions", "typical", "widest"), "")
    try:
        with time_limit(SECONDS):
            orders = remembered_orders(about(printed, None, RATES + COUNTS + RANKS))
            row["orders"] = len(orders.pattern)
            if row["orders"] > ORDERS:
                return row | nothing | {"status": "many orders"}
            row["with_groups"] = with_groups(printed, orders)
            return row | left_open(printed, 12 if name == YEARS else 1)
    except TimeoutError:
        return row | nothing | {"status": "time-out"}


def printed_otherwise(name: str, problem, tables):
    """The problem of the paper printed in one of `ways_to_print`."""
    rows = ways_to_print()[name](list(problem.rows), tables, problem)
    at = {Fraction(dict(r.options)["at"]) for r in rows if r.statistic in RATES}
    return problem._replace(rows=tuple(rows), landmarks=tuple(sorted(at)))


def left_open(problem, months=1):
    """Solutions, and how far times vary in them; `months` in a unit of the paper's times."""
    found = list(islice(_joint(problem), SOLUTIONS))
    unit = Fraction(scale_of([r for r in problem.rows if r.statistic in TIMES]), months)
    low, high = (np.array([getattr(j, end) for j in found], float) for end in ("low", "high"))
    width = (high.max(axis=0) - low.min(axis=0)) / float(unit)
    status = "many solutions" if len(found) == SOLUTIONS else "complete"
    return {
        "solutions": len(found),
        "typical": f"{np.median(width):.2f}",
        "widest": f"{width.max():.2f}",
        "status": status,
    }


def with_groups(problem, orders: Orders) -> int:
    """Orders with one set of patients a rated factor that print all rates: exact, not listed."""
    total = np.ones(len(orders.pattern), object)
    for step in survival_steps(problem)[0]:
        if about(problem, step, RATES + TESTS).rows:
            rows = about(problem, step, RATES + COUNTS)
            for start in range(0, len(orders.pattern), 200):
                part = Orders(*(array[start : start + 200] for array in orders))
                at, _ = fitting_groups(rows, part, *step)
                total[start : start + 200] *= np.bincount(at, minlength=len(part.pattern))
    return int(total.sum())


def _joint(problem):
    used, words = survival_steps(problem)
    scale = scale_of([r for r in problem.rows if r.statistic in TIMES])
    for stage in survival_stages(problem, used + words):
        for joint in joints(problem, stage, used, scale):
            if has_times(problem, joint) == "some":
                yield joint


def _coarser(rows, statistics, decimals, tables, problem):
    return [
        r._replace(printed=_printed(r, decimals, tables, problem))
        if r.statistic in statistics and r.relation == "rounds to"
        else r
        for r in rows
    ]


def _printed(row, decimals, tables, problem, divisor=1):
    (formed,) = chosen_settings(problem, row, CONVENTIONS)
    value = REGISTRY[row.statistic].compute(tables, row, formed)
    value = value / divisor if isinstance(value, Fraction) else round(float(value), 12) / divisor
    return str(round_to(value, decimals))


def _middle_landmark(rows, _, problem):
    middle = problem.landmarks[len(problem.landmarks) // 2]
    return [
        r for r in rows if r.statistic not in RATES or Fraction(dict(r.options)["at"]) == middle
    ]


def _years(rows, tables, problem):
    """Every time in years: landmarks and cut-offs exactly, printed times with one decimal."""
    changed = []
    for row in rows:
        if row.statistic in TIMES and row.relation == "rounds to":
            row = row._replace(printed=_printed(row, 1, tables, problem, 12))
        options = tuple((k, _twelfth(v) if k == "at" else v) for k, v in row.options)
        filters = tuple((c, op, _twelfth(v) if c == "time" else v) for c, op, v in row.filters)
        changed.append(row._replace(options=options, filters=filters))
    return changed


def _twelfth(months):
    return str(Fraction(months) / 12)
