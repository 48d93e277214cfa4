"""Is the truth behind a paper among the answers of the search? Drawn ones, `data/examples/`."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from recohort.digests import write_beside
from recohort.own.search import rebuild
from recohort.paper.short_file import read_own
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
from recohort.survival.stages import joints, possible, survival_steps

MONTH = Fraction("30.4375")  # days


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
    if not (known and possible(problem) and all(sets for sets, _ in groups.values())):
        return False
    together = [row for row in problem.rows if is_joint(problem, row)]
    return any(
        joint.masks == {s: masks[s] for s in joint.masks}
        and all(prints_joint(problem, row, drawn, same, joint.masks) for row in together)
        and meets(question(problem, joint.pattern, joint.counts, joint.masks, same), times)
        for joint in joints(problem, [(drawn, tuple(counts), groups)], [*masks])
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
    return ([mask], [ANY_TIES]) if good else ([], [])


def true_masks(problem: Problem, truth: pd.DataFrame) -> dict:
    """The drawn groups as the search writes them: one set of bits a level that it follows."""
    steps, words = survival_steps(problem)
    return {(c, level): bits(truth[c].astype(str) == level) for c, level in steps + words}


def read_truth(example: Path) -> pd.DataFrame:
    """The patients behind a table, in order of time: `time` (exact), `event`, factors as text.

    Days in the file are months of 30.4375 days in the paper.
    """
    truth = pd.read_csv(example / "truth.csv", dtype=str)
    unit = MONTH if "days" in truth else 1
    truth.insert(0, "time", [Fraction(t) / unit for t in truth.pop(truth.columns[0])])
    return truth.assign(event=truth["event"] == "True")


def example_one(example: Path) -> dict:
    """A row of `results.csv`: a table, what came back, and whether the truth is among it.

    `deaths`, and each factor: at how many places in order of time all solutions agree.
    """
    published, truth = read_own(example / "published.csv"), read_truth(example)
    found = rebuild(published)
    shared = {
        name: sum(len(levels) == 1 for levels in cells)
        for name, cells in (found.shared or {}).items()
    }
    return {
        "example": example.name,
        "patients": len(truth),
        "numbers": len(published),
        "status": found.status,
        "least": found.least,
        "most": found.most,
        "truth": truth_passes(found.problem, truth),
        "deaths": shared.pop("event", ""),
        "factors": "; ".join(f"{name} {number}" for name, number in shared.items()),
    }


def write_examples(folder: Path) -> None:
    """Write `results.csv` of a folder: one row a table, in order of their numbers."""
    rows = [example_one(path.parent) for path in sorted(folder.glob("*/published.csv"))]
    table = pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")
    write_beside(folder / "results.csv", table)
