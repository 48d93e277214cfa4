"""One made-up paper after the other: drawn, printed, rebuilt, compared; one row each."""

from itertools import product

import numpy as np

from recohort.own.search import one_cohort, rebuild
from recohort.own.verdict import outcome
from recohort.paper.options import CONVENTIONS, settings_of
from recohort.survival.found import Bounds
from recohort.survival.known import ORDERS, TESTED
from recohort.survival.problem import bits
from recohort.validation.draw import FACTORS, LEVELS, draw_cohort, exactly, setting_of
from recohort.validation.errors import DIGITS, KINDS, plant, simple_checks
from recohort.validation.printers import OPTIONS, PROGRAMS, Program, Template, print_paper
from recohort.validation.scores import SCORES, score_curves, score_search, spaced
from recohort.validation.truth import true_masks, truth_passes

LISTED = Bounds(solutions=200)
ONE = LISTED._replace(solutions=1, first=True)
SWITCHES = ("halves", "interval_scale", "median", "test", "sd", "quantile")
WAYS = tuple(product(KINDS, DIGITS))  # of planting an error
TOLD = ("right options", "one wrong option", "one program of three", "nothing, of three programs")


def paper_of(seed: int, number: int, program: Program | None = None) -> tuple:
    """A drawn cohort, its factors, the name of its program and its printed rows.

    Programs and decimals take turns. `program` (a `Program`) prints it in place of its own.
    """
    cohort, setting = draw_cohort(seed, number), setting_of(number)
    factors = dict.fromkeys(FACTORS[: setting["factors"]], LEVELS)
    name = list(PROGRAMS)[number % len(PROGRAMS)]
    rows = print_paper(cohort, factors, program or PROGRAMS[name], template_of(number))
    return cohort, factors, name, rows


def template_of(number: int) -> Template:
    """What a paper prints: every fifth in whole months, every seventh in whole percents."""
    landmarks = (12, 24, 36) if number // 6 % 2 else (12, 36, 60)
    return Template(landmarks, int(number % 7 != 0), int(number % 5 != 0), 2)


def validate_one(seed: int, number: int) -> dict:
    """A row of `papers.csv`: one paper, and the search is told no convention."""
    cohort, _, program, published = paper_of(seed, number)
    found, cells = _rebuilt(published, None, LISTED, exactly(cohort, setting_of(number)["month"]))
    row = {"number": number, **setting_of(number), "program": program}
    row |= {"deaths": int(cohort["event"].sum()), "figures": len(published), **cells}
    cohorts = [one_cohort(found.problem, j) for j in spaced(found.solutions)]
    for method, scores in (
        ("search", score_search(cohort, FACTORS[0], cohorts)),
        ("curve", score_curves(cohort, FACTORS[0])),
    ):
        row |= {f"{method}_{name}": _cell(scores[name]) for name in SCORES}
    return row


def options_one(seed: int, number: int, told: str) -> dict:
    """A row of `options.csv`: what the search is told of how the figures were formed."""
    random = np.random.default_rng(np.random.SeedSequence([seed, number, TOLD.index(told)]))
    names, switch, option = [list(PROGRAMS)[number % len(PROGRAMS)]], "", ""
    conventions = OPTIONS[names[0]]
    if told.endswith("wrong option"):
        switch = random.choice(SWITCHES)
        right = settings_of(conventions)[switch]
        option = random.choice([o for o in CONVENTIONS[switch] if o not in right])
        conventions = conventions | {switch: option}
    does = PROGRAMS[names[0]]
    if "three" in told:
        names += random.choice([n for n in PROGRAMS if n != names[0]], 2, replace=False).tolist()
        curve, tests = (PROGRAMS[name] for name in names[1:])
        does = does._replace(curve=curve.curve, p_value=tests.p_value, cox=tests.cox)
        conventions = None if told.startswith("nothing") else conventions
    cohort, _, _, published = paper_of(seed, number, does)
    cells = _rebuilt(published, conventions, ONE, exactly(cohort, setting_of(number)["month"]))[1]
    return {
        "number": number,
        "told": told,
        "programs": "; ".join(names),
        "switch": switch,
        "option": option,
        **cells,
    }


def err_one(seed: int, number: int) -> dict:
    """A row of `errors.csv`: one digit of a paper is wrong; no convention is told."""
    _, _, program, published = paper_of(seed, number)
    random = np.random.default_rng(np.random.SeedSequence([seed, number, 9]))
    kind, digit = WAYS[number // len(PROGRAMS) % len(WAYS)]
    planted = plant(published, kind, digit, random)
    row = {"number": number, "program": program, "kind": kind, "digit": digit}
    if planted is None:  # no figure of the kind stands in this paper
        return row | dict.fromkeys(("row", "printed", "planted", "checks", "answer", "status"), "")
    changed, place = planted
    cells = _rebuilt(changed, None, ONE)[1]
    return row | {
        "row": published.loc[place, "id"],
        "printed": published.loc[place, "printed"],
        "planted": changed.loc[place, "printed"],
        "checks": " ".join(simple_checks(changed)),
        "answer": cells["answer"],
        "status": cells["status"],
    }


def _rebuilt(published, conventions, bounds, truth=None):
    """The rebuilding, and its cells: `answer` is none, some or open.

    `truth`: does every stage let the drawn cohort pass; `listed`: is it in a list that is whole.
    """
    found = rebuild(published, conventions, bounds)
    cells = {
        "answer": "some" if found.least else outcome(found),
        "status": found.status,
        "orders": found.left(ORDERS),
        "candidates": found.left(TESTED),
        "solutions": found.least,
    }
    if truth is not None:
        cells["truth"] = truth_passes(found.problem, truth)
        cells["listed"] = is_listed(found, truth) if found.status == "complete" else None
    return found, cells


def is_listed(found, truth):
    """Is the drawn order with its landmarks and groups one of the solutions?"""
    counts = tuple(int((truth["time"] <= float(m)).sum()) for m in found.problem.landmarks)
    drawn, masks = (bits(truth["event"]), counts), true_masks(found.problem, truth).items()
    return any(
        (j.pattern, tuple(j.counts)) == drawn and masks <= j.masks.items() for j in found.solutions
    )


def _cell(value):
    return "" if np.isnan(value) else f"{value:.3f}"
