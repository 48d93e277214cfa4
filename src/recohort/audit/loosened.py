"""Does the answer hang on how limits are rounded, or on how long a month is?"""

from fractions import Fraction

import pandas as pd

from recohort.edition import Work, edition
from recohort.paper.rounding import printed_interval
from recohort.paper.rules import MONTH
from recohort.paper.statistics import RATES
from recohort.survival.cohorts import cohorts, filled_joints, ties_of
from recohort.survival.orders import remembered_orders
from recohort.survival.problem import Problem, about
from recohort.survival.questions import question
from recohort.survival.reals import real_times, spans
from recohort.survival.stages import rated_groups, survival_steps

SLACKS = ("0", "0.05", "0.15", "0.3", None)  # percentage points; at last without limits
DAYS = ("30.4375", "30.44", "30.4", "30.5", "30", "31")  # in a month
LIMITS = ("survival_lower", "survival_upper")


def with_slack(problem: Problem, slack: str | Fraction | None) -> Problem:
    """The paper with each limit of a rate up to `slack` further off than rounding allows.

    Without a slack (None) all limits are left out.
    """
    if slack is None:
        kept = tuple(row for row in problem.rows if row.statistic not in LIMITS)
        return problem._replace(rows=kept)
    rows, slack = [], Fraction(slack)
    for row in problem.rows:
        if row.statistic in LIMITS:
            low, high = printed_interval(row.printed)[:2]
            for sign, end in ((">=", low - slack), ("<=", high + slack)):
                rows.append(row._replace(relation=sign, printed=str(end)))
        else:
            rows.append(row)
    return problem._replace(rows=tuple(rows))


def loosened(work: Work) -> dict:
    """`loosened.csv`: what is left where limits may be off.

    One row a slack, in percentage points (None: no limit).

    Columns: `slack`, `orders` (of deaths and landmarks that fit all patients),
    `orders_with_groups` (after the rates of every group), `assignments` (of every factor, that
    fit everything) and `solutions` (words included).
    """
    rows = []
    for slack in SLACKS:
        trial = with_slack(work.result.problem, slack)
        found = list(cohorts(trial, every_word=True))
        rated = {s for s in survival_steps(trial)[0] if about(trial, s, RATES).rows}
        kept = {
            (c.pattern, c.counts, frozenset(m for m in c.masks if m[0] in rated)) for c in found
        }
        orders = remembered_orders(trial)
        rows.append((slack, len(orders.pattern), rated_groups(trial), len(kept), len(found)))
    names = "slack orders orders_with_groups assignments solutions".split()
    return {"loosened": pd.DataFrame(rows, columns=names)}


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


def month_lengths(work: Work) -> dict:
    """`month_lengths.csv`: other months, and the time nearest to the last landmark then.

    One row a length. Columns: `days` (in a month), `five_years` (the last landmark, months),
    `solutions`, `lowest` and `highest` (of the time nearest to that landmark, months).
    """
    problem, times, rows = work.result.problem, edition(work.result).times, []
    last = float(problem.landmarks[-1])
    patient = min(range(len(times)), key=lambda i: abs(times[i] - last))
    for days in DAYS:
        trial = in_months(problem, Fraction(days))
        asked = [
            question(trial, joint.pattern, joint.counts, joint.masks, ties)
            for joint in filled_joints(trial, every_word=True)
            for ties in ties_of(trial, joint)
        ]
        good = [one for one in asked if real_times(one).status == "some"]
        ends = map(float, spans(good)[patient][:2]) if good else ("", "")
        rows.append((days, round(float(trial.landmarks[-1]), 3), len(good), *ends))
    names = "days five_years solutions lowest highest".split()
    return {"month_lengths": pd.DataFrame(rows, columns=names)}
