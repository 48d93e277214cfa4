"""Is the truth behind a printed paper among the answers of the search?"""

from fractions import Fraction

import numpy as np
import pandas as pd

from recohort.paper.statistics import COUNTS, RATES, TESTS
from recohort.survival.cohorts import tied_deaths
from recohort.survival.comparisons import prints_joint, prints_tests
from recohort.survival.groups import fitting_groups
from recohort.survival.orders import Orders, walked_orders
from recohort.survival.problem import (
    ANY_TIES,
    Problem,
    about,
    bits,
    group_sizes,
    is_joint,
    rows_for,
)
from recohort.survival.questions import meets, question
from recohort.survival.stages import Stage, joints, possible, survival_steps


def truth_passes(problem: Problem, truth: pd.DataFrame) -> bool:
    """Do all stages of the search let the drawn cohort pass: order, groups, and its very times?

    The stages that `rebuild` runs, from its first list of orders on held to one candidate each,
    so that the answer is had even where a whole list is not.
    """
    counts = [int((truth["time"] <= float(m)).sum()) for m in problem.landmarks]
    drawn, masks = bits(truth["event"]), true_masks(problem, truth)
    order = Orders(np.array([drawn]), np.array([counts], np.int64))
    known = any(
        ((part.pattern == drawn) & (part.counts == counts).all(axis=1)).any()
        for part in walked_orders(problem)
    )
    times = [Fraction(str(t)) for t in truth["time"]]
    same = tied_deaths(drawn, times)
    groups = {s: _true_set(problem, order, s, m, same) for s, m in masks.items()} if known else {}
    if not (known and possible(problem) and all(len(sets) for _, sets, _ in groups.values())):
        return False
    together = [row for row in problem.rows if is_joint(problem, row)]
    return any(
        joint.masks == {s: masks[s] for s in joint.masks}
        and all(prints_joint(problem, row, drawn, same, joint.masks) for row in together)
        and meets(question(problem, joint.pattern, joint.counts, joint.masks, same), times)
        for joint in joints(problem, Stage(order, groups), [*masks])
    )


def _true_set(problem, order, step, mask, same):
    """The true set of one step, as a stage holds it, if it prints rates and, so tied, the tests."""
    if about(problem, step, RATES).rows:
        _, sets = fitting_groups(about(problem, step, RATES + COUNTS), order, *step)
        good = mask in sets
    else:
        good = mask.bit_count() in group_sizes(problem, *step)
    for side, own in ((False, mask), (True, problem.everyone - mask)):
        arrays = (np.array([bits]) for bits in (order.pattern[0], same, own))
        good = good and prints_tests(problem, rows_for(problem, TESTS, (*step, side)), *arrays)[0]
    kept = slice(int(good))
    return np.zeros(1, int)[kept], np.array([mask])[kept], np.array([ANY_TIES], object)[kept]


def true_masks(problem: Problem, truth: pd.DataFrame) -> dict:
    """The drawn groups as the search writes them: one set of bits a level that it follows."""
    steps, words = survival_steps(problem)
    return {(c, level): bits(truth[c].astype(str) == level) for c, level in steps + words}
