"""A printed paper rebuilt within bounds, and the question whether the truth is among the answers.

Bounds are counts of work, not seconds, so that every machine stops at the same place.
"""

from itertools import islice
from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort.survival.cohorts import (
    Stage,
    joints,
    possible,
    remembered_groups,
    remembered_orders,
    stages_among,
    survival_stages,
    survival_steps,
    timed,
)
from recohort.survival.comparisons import death_ties
from recohort.survival.join import Joint
from recohort.survival.orders import Orders
from recohort.survival.problem import COUNTS, RANKS, RATES, TIMES, Problem, about, problem_of
from recohort.survival.times import STEP, real_times, scale_of
from recohort.survival.words import counting_rows


class Bounds(NamedTuple):
    """Where a rebuilding stops and says so."""

    orders: int = 500  # orders of deaths and landmarks that print the rates of all patients
    groups: int = 300_000  # sets for one factor in all orders, times the ways to tie deaths
    products: int = 10**8  # orders with one set a factor, after the tests
    solutions: int = 500


class Rebuilt(NamedTuple):
    """`status` is "complete" or says which bound ended the search; then there may be more."""

    status: str
    orders: int  # that print the rates of all patients
    candidates: int | None  # orders with groups that print rates and tests: a product, not a list
    solutions: list  # of Joint: an order with a set of patients for each factor
    problem: Problem


def problem_from(published: pd.DataFrame, conventions: dict) -> Problem:
    """What the search is told: the printed rows and the conventions, nothing of the truth."""
    words = pd.DataFrame(columns=["id", "location", "statement", "statistic", "arguments",
                                  "relation", "value"])  # fmt: skip
    return problem_of(published, words, conventions)


def rebuild(published: pd.DataFrame, conventions: dict, bounds=None) -> Rebuilt:
    """Every order with groups that prints the paper and has times, as far as the bounds allow.

    Times are asked for on the grid of printed times, standard deviation and all.
    """
    bounds, problem = bounds or Bounds(), problem_from(published, conventions)
    if not possible(problem):
        return Rebuilt("complete", 0, 0, [], problem)
    orders = remembered_orders(about(problem, None, RATES + COUNTS + RANKS))
    many = len(orders.pattern)
    if many > bounds.orders:
        return Rebuilt("many orders", many, None, [], problem)
    steps = [step for kind in survival_steps(problem) for step in kind]
    if _work(problem, steps, orders) > bounds.groups:
        return Rebuilt("many groups", many, None, [], problem)
    stages = list(survival_stages(problem, steps))
    candidates = sum(map(_products, stages))
    if candidates > bounds.products:
        return Rebuilt("many groups", many, candidates, [], problem)
    found = list(islice(_solutions(problem, stages), bounds.solutions + 1))
    status = "many solutions" if len(found) > bounds.solutions else "complete"
    return Rebuilt(status, many, candidates, found[: bounds.solutions], problem)


def _solutions(problem, stages):
    steps, _ = survival_steps(problem)
    scale, known = scale_of([r for r in problem.rows if r.statistic in TIMES]), {}
    for stage in stages:
        for joint in joints(problem, stage, steps, scale):
            if _known_times(problem, joint, scale, known):
                yield joint


def _work(problem, steps, orders):
    """For the factor with most: sets in all orders, times the ways to tie deaths in each."""
    ties = [len(death_ties(problem.size, p, set(c))) for p, c in
            zip(orders.pattern.tolist(), orders.counts.tolist(), strict=True)]  # fmt: skip
    packed, most = [array.tobytes() for array in orders], 0
    for step in steps:
        at, _ = remembered_groups(*packed, about(problem, step, RATES + COUNTS), step)
        most = max(most, int(np.take(ties, at).sum()) if len(at) else 0)
    return most


def has_times(problem: Problem, joint: Joint, scale) -> bool:
    """Are there times that print everything: real ones first (quickly), then on the grid?"""
    if not real_times(joint.constraints, joint.low, joint.high):
        return False
    return next(timed(problem, joint, scale), None) is not None


def _known_times(problem, joint, scale, known):
    """`has_times`, asked once for all groups that say the same of the times."""
    apart = [r for r in problem.rows if r.statistic == "sd" and r.filters] + counting_rows(problem)
    key = (joint.pattern, joint.counts, joint.ties, frozenset(joint.constraints))
    key = (*key, tuple(joint.masks.items())) if apart else key
    if key not in known:
        known[key] = has_times(problem, joint, scale)
    return known[key]


def lets_pass(problem: Problem, truth: pd.DataFrame) -> bool:
    """Do all stages of the search let the drawn cohort pass: order, groups, and its very times?

    The stages that `rebuild` runs, from its first list of orders on held to one candidate each,
    so that the answer is had even where a whole list is not.
    """
    steps = [step for kind in survival_steps(problem) for step in kind]
    scale = scale_of([r for r in problem.rows if r.statistic in TIMES])
    counts = [int((truth["time"] <= float(m)).sum()) for m in problem.landmarks]
    orders = remembered_orders(about(problem, None, RATES + COUNTS + RANKS))
    same = (orders.pattern == bits(truth["event"])) & (orders.counts == counts).all(axis=1)
    order = Orders(orders.pattern[same], orders.counts[same])
    for stage in stages_among(problem, steps, order) if possible(problem) else ():
        joint = _only(problem, stage, true_masks(problem, truth), steps, scale)
        return joint is not None and _times_pass(problem, joint, truth["time"], scale)
    return False


def _only(problem, stage, masks, steps, scale):
    """The joint order and groups with just these masks, or None where a stage lost one."""
    groups = {}
    for step, (at, sets, ties) in stage.groups.items():
        kept = sets == masks[step]
        groups[step] = at[kept], sets[kept], ties[kept]
    return next(joints(problem, Stage(stage.orders, groups), steps, scale), None)


def _times_pass(problem, joint, times, scale):
    """Does the last stage let these times pass, each pinned to its place on the grid?"""
    pins = [(((i, 1),), round(t * scale), round(t * scale) + 1) for i, t in enumerate(times)]
    pinned = joint._replace(constraints=joint.constraints + tuple(pins))
    return next(timed(problem, pinned, scale), None) is not None


def true_masks(problem: Problem, truth: pd.DataFrame) -> dict:
    """The drawn groups as the search writes them: one set of bits a level that it follows."""
    steps, words = survival_steps(problem)
    return {(c, level): bits(truth[c].astype(str) == level) for c, level in steps + words}


def bits(flags) -> int:
    """Booleans in order of time as one number."""
    return sum(1 << i for i, flag in enumerate(flags) if flag)


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


def _products(stage):
    total = 0
    for i in range(len(stage.orders.pattern)):
        ways = 1
        for at, *_ in stage.groups.values():
            ways *= int((at == i).sum())
        total += ways
    return total
