"""What each kind of printed figure gives away: this paper again with less of it, or coarser.

Figures are not rounded twice: what a coarser paper would print is computed from the edition's
cohort, under the same conventions.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from recohort.folder import read_tables, run
from recohort.paper.options import CONVENTIONS
from recohort.paper.printed import ROUNDED
from recohort.paper.reading import SENTENCE
from recohort.paper.rounding import round_to
from recohort.paper.statistics import COUNTS, RATES, REGISTRY, TESTS, TIMES
from recohort.survival import without
from recohort.survival.cohorts import has_times
from recohort.survival.groups import fitting_groups
from recohort.survival.join import Joint
from recohort.survival.orders import Orders, remembered_orders
from recohort.survival.problem import Problem, about, chosen_settings
from recohort.survival.stages import joints, survival_stages, survival_steps
from recohort.validation.papers import time_limit

SECONDS = 60  # for one way to print
ORDERS = 3_000  # beyond that the groups are not counted
SOLUTIONS = 5_000  # beyond that no more are listed
LIMITS = ("survival_lower", "survival_upper")
YEARS = "times in years, one decimal"


def disclosure_table(folder: Path | str) -> pd.DataFrame:
    """A row for each of `WAYS`.

    `way`; `figures` printed; `orders` that print the rates of all patients; `with_groups`:
    orders with groups that print the rates; `solutions`: orders with all groups that print
    everything (times on a continuous scale; a spread is not asked of them); `typical`, `widest`:
    months between the earliest and the latest time that a place in the order has in them, at the
    most, as the median and the greatest of all places; `status`.
    """
    result, tables = run(folder), read_tables(folder)
    rows = [disclosed(name, result.problem, tables) for name in WAYS]
    return pd.DataFrame(rows)


def withheld_table(folder: Path | str) -> pd.DataFrame:
    """A row for each `fact` about survival: what is left open when it alone is not printed.

    `figures` that print it; `solutions`, `typical`, `widest` and `status` as in `disclosure_table`.
    The first row, without a fact, is the paper as printed.
    """
    problem, rows = run(folder).problem, []
    for fact in ("", *dict.fromkeys(r.fact for r in problem.rows)):
        own = sum(r.fact == fact for r in problem.rows)
        rows.append({"fact": fact, "figures": own} | left_open(without(problem, {fact})))
    return pd.DataFrame(rows)


def disclosed(name: str, problem: Problem, tables: dict) -> dict:
    """One row of `disclosure_table`."""
    printed = printed_otherwise(name, problem, tables)
    row: dict = {"way": name, "figures": len(printed.rows), "orders": "", "with_groups": ""}
    nothing = dict.fromkeys(("solutions", "typical", "widest"), "")
    try:
        with time_limit(SECONDS):
            orders = remembered_orders(printed)
            row["orders"] = len(orders.pattern)
            if row["orders"] > ORDERS:
                return row | nothing | {"status": "many orders"}
            row["with_groups"] = with_groups(printed, orders)
            return row | left_open(printed, 12 if name == YEARS else 1)
    except TimeoutError:
        return row | nothing | {"status": "time-out"}


def printed_otherwise(name: str, problem: Problem, tables: dict) -> Problem:
    """The problem of the paper printed in one of `WAYS`."""
    rows = list(problem.rows)
    for change in WAYS[name]:
        rows = change(rows, tables, problem)
    at = {Fraction(dict(r.options)["at"]) for r in rows if r.statistic in RATES}
    return problem._replace(rows=tuple(rows), landmarks=tuple(sorted(at)))


def left_open(problem: Problem, months: int = 1) -> dict:
    """Solutions, and how far times vary in them; `months` in a unit of the paper's times."""
    found = list(islice(timed_joints(problem, *survival_steps(problem)), SOLUTIONS))
    unit = Fraction(problem.scale, months)
    low, high = (np.array([getattr(j, end) for j in found], float) for end in ("low", "high"))
    width = (high.max(axis=0) - low.min(axis=0)) / float(unit)
    status = "many solutions" if len(found) == SOLUTIONS else "complete"
    return {
        "solutions": len(found),
        "typical": f"{np.median(width):.2f}",
        "widest": f"{width.max():.2f}",
        "status": status,
    }


def with_groups(problem: Problem, orders: Orders) -> int:
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


def timed_joints(problem: Problem, used: list[tuple], words=()) -> Iterator[Joint]:
    """Orders with the groups of some steps that print all rows and leave room for real times."""
    for stage in survival_stages(problem, [*used, *words]):
        for joint in joints(problem, stage, used):
            if has_times(problem, joint) == "some":
                yield joint


def _less(*statistics, groups=False):
    """A way that leaves out some statistics, or those of groups alone."""
    return lambda rows, *_: [
        r for r in rows if r.statistic not in statistics or (groups and not r.filters)
    ]


def _coarser(*statistics):
    """A way that prints some statistics without decimals."""
    return lambda rows, tables, problem: [
        r._replace(printed=_printed(r, 0, tables, problem))
        if r.statistic in statistics and r.relation == ROUNDED
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
        if row.statistic in TIMES and row.relation == ROUNDED:
            row = row._replace(printed=_printed(row, 1, tables, problem, 12))
        options = tuple((k, _twelfth(v) if k == "at" else v) for k, v in row.options)
        filters = tuple((c, op, _twelfth(v) if c == "time" else v) for c, op, v in row.filters)
        changed.append(row._replace(options=options, filters=filters))
    return changed


def _twelfth(months):
    return str(Fraction(months) / 12)


def _untied(rows, *_):
    return [r for r in rows if not r.fact.startswith(SENTENCE)]


WAYS = {  # by name, what is done in turn to rows, tables and problem
    "as printed": (),
    "rates in whole percents": (_coarser(*RATES[:3]),),
    "no limits": (_less(*LIMITS),),
    "no limits, whole percents": (_less(*LIMITS), _coarser(RATES[0])),
    "one landmark in place of three": (_middle_landmark,),
    "no rates of groups": (_less(*RATES, groups=True),),
    "no P values, no hazard ratio": (_less(*TESTS),),
    "no medians of groups": (_less(*TIMES, groups=True),),
    "no tests, no medians of groups": (_less(*TESTS), _less(*TIMES, groups=True)),
    "no rates, no medians of groups": (_less(*RATES, *TIMES, groups=True),),
    "times in whole months": (_coarser(*TIMES),),
    YEARS: (_years,),
    "no sentences that tie factors": (_untied,),
}
