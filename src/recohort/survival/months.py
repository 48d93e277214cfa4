"""The same paper, its landmarks read in months of another length."""

from fractions import Fraction

from recohort.paper.rules import MONTH
from recohort.survival.problem import Problem


def in_months(problem: Problem, days: str | int | Fraction) -> Problem:
    """The problem where printed times are in months of `days`, landmarks still in whole years.

    Five years are 60 months of 365.25/12 days, or 60.875 of 30.
    """
    by = MONTH / Fraction(days)

    def moved(option):
        name, value = option
        landmark = name in ("at", "to") and Fraction(value) in problem.landmarks
        return (name, str(Fraction(value) * by)) if landmark else option

    rows = tuple(r._replace(options=tuple(map(moved, r.options))) for r in problem.rows)
    return problem._replace(rows=rows, landmarks=tuple(m * by for m in problem.landmarks))
