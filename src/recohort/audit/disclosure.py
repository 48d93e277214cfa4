"""What each kind of printed number gives away: this paper again with less of it, or coarser.

Numbers are not rounded twice: what a coarser paper would print is computed from the edition's
cohort, under the same conventions.
"""

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
from recohort.paper.statistics import RATES, REGISTRY, TESTS, TIMES
from recohort.survival import without
from recohort.survival.cohorts import has_times
from recohort.survival.problem import Problem, chosen_settings
from recohort.survival.stages import joints, survival_stages, survival_steps

SOLUTIONS = 5_000  # beyond that no more are listed
LIMITS = ("survival_lower", "survival_upper")


def disclosure_table(folder: Path | str) -> pd.DataFrame:
    """A row for each of `WAYS`: `way`, and what `left_open` says of the paper printed so."""
    problem, tables = run(folder).problem, read_tables(folder)
    ways = {name: printed_otherwise(name, problem, tables) for name in WAYS}
    return pd.DataFrame([{"way": name} | left_open(paper) for name, paper in ways.items()])


def withheld_table(folder: Path | str) -> pd.DataFrame:
    """A row for each `fact` about survival: what is left open when it alone is not printed.

    The first row, without a fact, is the paper as printed.
    """
    problem = run(folder).problem
    facts = ("", *dict.fromkeys(r.fact for r in problem.rows))
    rows = [{"fact": fact} | left_open(without(problem, {fact})) for fact in facts]
    return pd.DataFrame(rows)


def printed_otherwise(name: str, problem: Problem, tables: dict) -> Problem:
    """The problem of the paper printed in one of `WAYS`."""
    rows = problem.rows
    for change in WAYS[name]:
        changed = (change(row, tables, problem) for row in rows)
        rows = [row for row in changed if row]
    at = {Fraction(dict(r.options)["at"]) for r in rows if r.statistic in RATES}
    return problem._replace(rows=tuple(rows), landmarks=tuple(sorted(at)))


def left_open(problem: Problem) -> dict:
    """Solutions, and how far times vary in them.

    `solutions`: orders with all groups that print everything (times on a continuous scale; a spread
    is not asked of them), `SOLUTIONS` at the most; `typical`, `widest`: months between the earliest
    and the latest time that a place in the order has in them, at the most, as the median and the
    greatest of all places; `status`.
    """
    every = joints(problem, survival_stages(problem), survival_steps(problem)[0])
    found = list(islice((j for j in every if has_times(problem, j) == "some"), SOLUTIONS))
    low, high = (np.array([getattr(j, end) for j in found], float) for end in ("low", "high"))
    width = (high.max(axis=0) - low.min(axis=0)) / problem.scale
    return {
        "solutions": len(found),
        "typical": f"{np.median(width):.2f}",
        "widest": f"{width.max():.2f}",
        "status": "many solutions" if len(found) == SOLUTIONS else "complete",
    }


def _less(*statistics, groups=False):
    """A way that leaves out some statistics, or those of groups alone."""
    return lambda row, *_: (
        row if row.statistic not in statistics or (groups and not row.filters) else None
    )


def _coarser(*statistics):
    """A way that prints some statistics without decimals."""

    def printed(row, tables, problem):
        if row.statistic not in statistics or row.relation != ROUNDED:
            return row
        (formed,) = chosen_settings(problem, row, CONVENTIONS)
        value = REGISTRY[row.statistic].compute(tables, row, formed)
        value = value if isinstance(value, Fraction) else round(float(value), 12)
        return row._replace(printed=str(round_to(value, 0)))

    return printed


def _middle_landmark(row, _, problem):
    middle = problem.landmarks[len(problem.landmarks) // 2]
    elsewhere = row.statistic in RATES and Fraction(dict(row.options)["at"]) != middle
    return None if elsewhere else row


WAYS = {  # by name, what is done in turn to each row, None where it is left out
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
    "no sentences that tie factors": (
        lambda row, *_: None if row.fact.startswith(SENTENCE) else row,
    ),
}
