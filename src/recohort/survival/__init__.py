"""The exhaustive search: all cohorts consistent with a paper's numbers, from its two files."""

from collections.abc import Iterable
from math import comb, prod
from typing import NamedTuple

import pandas as pd

from recohort.paper.options import CONVENTIONS
from recohort.paper.statistics import RATES, REGISTRY, TESTS
from recohort.survival.cohorts import Cohort, cohorts, grid_cohorts
from recohort.survival.corrections import Pool, smallest_corrections
from recohort.survival.orders import all_orders, remembered_orders
from recohort.survival.problem import STEP, Problem, about, group_sizes, problem_of, without
from recohort.survival.stages import joints, rated_groups, survival_stages, survival_steps

STAGES = {  # and what each of them counts
    "Orders of deaths and landmarks: overall rates": "orders",
    "Groups in each order: rates of every group": "orders with groups",
    "Comparisons: P values and hazard ratio, each with ties of its own": "orders with groups",
    "Medians, other groups and words, all together": "orders with all groups",
    "Times that exist, as real numbers": "orders with all groups",
    "Choices of what only words and counts tell": "cohorts",
}
TIMED = "cohorts with times"


class Result(NamedTuple):
    """What the search found: `problem` is the paper without what had to be set aside."""

    paper: Problem
    corrections: list  # all smallest sets of facts to set aside
    conflicts: list  # sets of facts that no cohort is consistent with
    exceptions: dict  # facts of the correction that fit under another convention
    problem: Problem
    stages: pd.DataFrame  # stage, unit, entered, left
    cohorts: list  # every Cohort, one for all real times that its order and groups admit
    grid: list  # every Cohort with times in whole units of the last decimal, an option
    unprinted: dict  # of a column all but one of whose levels are printed, that one


def search_cohorts(published: pd.DataFrame, statements: pd.DataFrame, conventions: dict) -> Result:
    """Find all cohorts consistent with `published` and `statements` (frames as read).

    Where no cohort does, all smallest corrections are found, and the search goes on
    without the facts of the first of them; a fact that another named convention would
    print is not given up but excepted, and keeps its place under that convention.
    Raises ValueError where the number of patients is not printed.
    """
    paper = problem_of(published, statements, conventions)
    corrections, conflicts = smallest_corrections(Pool(paper))
    exceptions = excepted(paper, corrections[0])
    problem = with_exceptions(paper, corrections[0], exceptions)
    found, grid = list(cohorts(problem, every_word=True)), list(grid_cohorts(problem, True))
    stages = stages_of(problem, found, grid)
    return Result(paper, corrections, conflicts, exceptions, problem, stages, found, grid, {})


def excepted(paper: Problem, aside: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of the facts set aside, those that a single other convention prints after all.

    Maps each such fact to its (convention, option). They are tried in order, each beside
    those already excepted, so that in the end one cohort prints them all.
    """
    found = {}
    for fact in sorted(aside):
        names = {n for r in paper.rows if r.fact == fact for n in REGISTRY[r.statistic].switches}
        for switch in [(name, option) for name in sorted(names) for option in CONVENTIONS[name]]:
            if switch not in paper.conventions:
                trial = with_exceptions(paper, aside, found | {fact: switch})
                if next(cohorts(trial), None):
                    found[fact] = switch
                    break
    return found


def with_exceptions(paper: Problem, aside: Iterable[str], exceptions: dict) -> Problem:
    """The paper without `aside`, but with the excepted facts under their own conventions."""
    gone = set(aside) - set(exceptions)
    rows = tuple(
        row._replace(switches=(exceptions[row.fact],)) if row.fact in exceptions else row
        for row in without(paper, gone).rows
    )
    return paper._replace(rows=rows)


def stages_of(problem: Problem, found: list[Cohort], grid: list[Cohort]) -> pd.DataFrame:
    """How many candidates enter and leave each stage of the search, and how many fit a grid."""
    used, _ = survival_steps(problem)
    with_rates = [s for s in used if about(problem, s, RATES + TESTS).rows]
    groups = _ways(problem, with_rates)
    spread = _ways(problem, with_rates + [s for s in used if s not in with_rates]) // groups
    orders = len(remembered_orders(problem).pattern)
    rated, entered = rated_groups(problem), list(survival_stages(problem))
    tested = sum(prod(len(own) for own, _ in sets.values()) for *_, sets in entered)
    joined = sum(1 for _ in joints(problem, entered, used))
    solutions = len({(c.pattern, c.counts, frozenset(c.masks[: len(used)])) for c in found})
    first, whole = all_orders(problem), len(found)
    units = STAGES | {f"As an option: times in whole units of {STEP / problem.scale:g}": TIMED}
    return pd.DataFrame(
        {
            "stage": list(units),
            "unit": list(units.values()),
            "entered": [first, orders * groups, rated, tested * spread, joined, solutions, whole],
            "left": [orders, rated, tested, joined, solutions, whole, len(grid)],
        }
    )


def _ways(problem, steps):
    """In how many ways patients can be given these levels, each in its printed number."""
    left, total = dict.fromkeys((column for column, _ in steps), problem.size), 1
    for column, level in steps:
        sizes = group_sizes(problem, column, level)
        total *= sum(comb(left[column], m) for m in sizes)
        left[column] -= max(sizes)
    return total
