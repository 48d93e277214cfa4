"""A printed paper rebuilt within bounds, and the question whether the truth is among the answers.

Bounds are counts of work, not seconds, so that every machine stops at the same place.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort.paper.options import ANY
from recohort.paper.statistics import COUNTS, RATES
from recohort.survival.cohorts import has_times, tied_deaths, ties_of
from recohort.survival.comparisons import death_ties
from recohort.survival.orders import Orders, remembered_orders
from recohort.survival.problem import STEP, Problem, about, bits, problem_of
from recohort.survival.questions import meets, question
from recohort.survival.stages import (
    Stage,
    joints,
    ordered_groups,
    possible,
    remembered_groups,
    stages_among,
    survival_stages,
    survival_steps,
)


class Bounds(NamedTuple):
    """Where a rebuilding stops and says so."""

    orders: int = 500  # orders of deaths and landmarks that print the rates of all patients
    groups: int = 300_000  # sets for one factor in all orders, times the ways to tie deaths
    products: int = 10**8  # orders with one set a factor, after the tests
    times: int = 5_000  # orders with groups whose times are asked for
    solutions: int = 500


class Rebuilt(NamedTuple):
    """What was found, and whether that is all.

    `status` is "complete", "open" (some order with groups is neither shown nor refuted), or says
    which bound ended the search; then there may be more.
    """

    status: str
    orders: int  # that print the rates of all patients
    candidates: int | None  # orders with groups that print rates and tests: a product, not a list
    solutions: list  # of Joint: an order with a set of patients for each factor
    problem: Problem


def problem_from(published: pd.DataFrame, conventions: dict | None = None) -> Problem:
    """What the search is told: the printed rows and how they may be formed, nothing of the truth.

    Without conventions each number may be formed in any named way.
    """
    words = pd.DataFrame(
        columns=["id", "location", "statement", "statistic", "arguments", "relation", "value"]
    )
    return problem_of(published, words, conventions or ANY)


def rebuild(
    published: pd.DataFrame, conventions: dict | None = None, bounds: Bounds | None = None
) -> Rebuilt:
    """Every order with groups that is consistent with the paper, as far as the bounds allow.

    `published` has the rows of `published.csv`, `conventions` the options of each switch (any
    named one where nothing is said). Times are real numbers; "complete" says that nothing was
    left out and nothing open, and with no solution that none exists.
    """
    return rebuild_problem(problem_from(published, conventions), bounds)


def rebuild_problem(problem: Problem, bounds: Bounds | None = None) -> Rebuilt:
    """`rebuild` of a paper that is compiled already."""
    bounds = bounds or Bounds()
    if not possible(problem):
        return Rebuilt("complete", 0, 0, [], problem)
    orders = remembered_orders(problem)
    many = len(orders.pattern)
    if many > bounds.orders:
        return Rebuilt("many orders", many, None, [], problem)
    steps = [step for kind in survival_steps(problem) for step in kind]
    if _work(problem, steps, orders) > bounds.groups:
        return Rebuilt("many groups", many, None, [], problem)
    stages = list(survival_stages(problem, steps))
    candidates = ordered_groups(stages)
    if candidates > bounds.products:
        return Rebuilt("many groups", many, candidates, [], problem)
    status, found = _solutions(problem, stages, bounds)
    return Rebuilt(status, many, candidates, found, problem)


def _solutions(problem, stages, bounds):
    """Orders with groups that have times, each once, and what can be said of the list."""
    steps, _ = survival_steps(problem)
    found, known, asked = [], {}, 0
    for joint in (j for s in stages for j in joints(problem, s, steps)):
        key = joint.pattern, joint.counts, tuple(sorted(joint.masks.items()))
        if known.get(key) == "some":
            continue
        asked += 1
        if asked > bounds.times:
            return "many groups", found
        status = has_times(problem, joint)
        if status == "some":
            found.append(joint)
            if len(found) > bounds.solutions:
                return "many solutions", found[: bounds.solutions]
        known[key] = "open" if known.get(key) == "open" else status
    return ("open" if "open" in known.values() else "complete"), found


def _work(problem, steps, orders):
    """For the factor with most: sets in all orders, times the ways to tie deaths in each."""
    ties = [
        len(death_ties(problem.size, p, set(c)))
        for p, c in zip(orders.pattern.tolist(), orders.counts.tolist(), strict=True)
    ]
    packed, most = [array.tobytes() for array in orders], 0
    for step in steps:
        at, _ = remembered_groups(*packed, about(problem, step, RATES + COUNTS), step)
        most = max(most, int(np.take(ties, at).sum()) if len(at) else 0)
    return most


def truth_passes(problem: Problem, truth: pd.DataFrame) -> bool:
    """Do all stages of the search let the drawn cohort pass: order, groups, and its very times?

    The stages that `rebuild` runs, from its first list of orders on held to one candidate each,
    so that the answer is had even where a whole list is not.
    """
    steps = [step for kind in survival_steps(problem) for step in kind]
    counts = [int((truth["time"] <= float(m)).sum()) for m in problem.landmarks]
    orders = remembered_orders(problem)
    same = (orders.pattern == bits(truth["event"])) & (orders.counts == counts).all(axis=1)
    order = Orders(orders.pattern[same], orders.counts[same])
    for stage in stages_among(problem, steps, order) if possible(problem) else ():
        return _has_truth(problem, stage, truth, steps)
    return False


def _has_truth(problem, stage, truth, steps):
    """Is some joint order with just these groups left, and do these very times meet it?"""
    groups, masks = {}, true_masks(problem, truth)
    for step, (at, sets, ties) in stage.groups.items():
        kept = sets == masks[step]
        groups[step] = at[kept], sets[kept], ties[kept]
    times = [Fraction(str(t)) for t in truth["time"]]
    same = tied_deaths(bits(truth["event"]), times)
    return any(
        joint.masks == {s: masks[s] for s in joint.masks}
        and same in ties_of(problem, joint)
        and meets(question(problem, joint.pattern, joint.counts, joint.masks, same), times)
        for joint in joints(problem, Stage(stage.orders, groups), steps)
    )


def true_masks(problem: Problem, truth: pd.DataFrame) -> dict:
    """The drawn groups as the search writes them: one set of bits a level that it follows."""
    steps, words = survival_steps(problem)
    return {(c, level): bits(truth[c].astype(str) == level) for c, level in steps + words}


def known_cells(rebuilt: Rebuilt) -> dict:
    """What all solutions agree on: `events`, `times` and one a factor, each an array of booleans.

    Patients are told apart by their place in order of time. A time is known where every
    solution leaves it one value on the grid of printed times.
    """
    places, found = range(rebuilt.problem.size), rebuilt.solutions
    masks = {"events": [joint.pattern for joint in found]}
    masks |= {step[0]: [joint.masks[step] for joint in found] for step in found[0].masks}
    known = {}
    for name, sets in masks.items():
        known[name] = np.array([len({mask >> i & 1 for mask in sets}) == 1 for i in places])
    low = np.min([[float(x) for x in joint.low] for joint in found], axis=0)
    high = np.max([[float(x) for x in joint.high] for joint in found], axis=0)
    known["times"] = np.floor(high / STEP) <= np.ceil(low / STEP)
    return known
