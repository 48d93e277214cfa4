"""More switches: does a determined cell stay so?

Asked where every number about survival, and of the related tables, may be formed in any named way,
each in its own: more than one switch. What the least readings give up stays given up. That a cell
of the related tables stays is proven over the reals; of one that does not there is a whole cohort.
"""

from collections.abc import Iterable
from pathlib import Path

from recohort.audit.known import KEYS, cells_so_far
from recohort.audit.related_cells import every_fact, places
from recohort.audit.roles import any_way
from recohort.audit.whole import Completion
from recohort.cells.cells import DECIMALS, FIRST
from recohort.cells.edition import frames_of
from recohort.cells.ends import finer
from recohort.cells.giving_up import any_option, each_freely
from recohort.cells.over_reals import over_reals
from recohort.cells.relations import Model, Paper, hold_all
from recohort.cells.values import any_of, cells_in, other_than, show
from recohort.edition import Work, frame_of, people_over_reals
from recohort.folder import read_if_there
from recohort.paper.files import is_number
from recohort.survival import Result
from recohort.survival.cohorts import UndecidedError, cohorts


def cells_that_stay(work: Work) -> dict:
    """`free_cells.csv`: does a determined cell stay so with every number formed in any way?

    `one_more_switch`: "yes" is a proof, "no" has a cohort with another value, "open" has neither.
    """
    own = cells_so_far(work).query("status == 'determined'").set_index(KEYS)
    known, moved = own["lowest"].astype(str).to_dict(), {}
    free, every = freest(work.result)
    frames = [frame_of(free, cohort) for cohort in free.cohorts]
    for frame in frames:
        compare(moved, {FIRST: frame}, known)
    found = {name: "no" if moves else "yes" for name, moves in moved.items()}
    if not read_if_there("related_corrections", work.folder).empty:
        more = {name: value for name, value in known.items() if name not in found}
        found |= _related(frames, people_over_reals(free), more, work)
    answers = [found.get(name, "open") for name in known]
    answers = [answer if every or answer == "no" else "open" for answer in answers]
    return {"free_cells": own[[]].assign(one_more_switch=answers).reset_index()}


def freest(result: Result) -> tuple[Result, bool]:
    """The search with every number of survival formed in any way; and are these all cohorts?"""
    problem, found, every = any_way(result.problem), [], True
    try:
        found.extend(cohorts(problem, every_word=True))
    except UndecidedError:
        every = False
    return result._replace(problem=problem, cohorts=found), every


def compare(moved: dict[tuple, bool], tables: dict, known: dict) -> None:
    """Tell `moved` which known cells some tables have, and which have another value there."""
    for name, value in cells_in(tables):
        if name in known:
            moved[name] = moved.get(name, False) or not _same(value, known[name])


def _same(value, text):
    return float(value) == float(text) if value != "" and is_number(text) else str(value) == text


def _related(frames, people, known, work):
    """Of each known cell of the related tables "yes", "no" or "open"."""
    paper = every_fact(work, frames)
    over = places(over_reals(paper, *people), work.folder)
    moved = moving((held_freely(left, shape) for _, left, shape in over), known)
    may = {name: known[name] for name, moves in moved.items() if moves}
    shown = witnessed(paper, frames, may, work.folder)
    return {n: "no" if n in shown else "open" if n in may else "yes" for n in moved}


def held_freely(paper: Paper, shape: tuple) -> Model:
    """A model of one shape in which all numbers hold, each formed in any named way."""
    free = each_freely(paper)
    model, _ = any_option(free, free.facts, shape)
    return hold_all(model)


def moving(models: Iterable[Model], known: dict) -> dict[tuple, bool]:
    """Of each known cell: has it another value in some solution? "No" is a proof.

    All cells that no solution has moved yet are asked at once.
    """
    moved: dict[tuple, bool] = {}
    for model in models:
        wanted = [model.cells.true]
        while wanted and (solver := any_of(model, wanted)):
            compare(moved, frames_of(model, solver), known)
            left = {name: value for name, value in known.items() if not moved.get(name)}
            wanted = other_than(model, left)
    return moved


def witnessed(paper: Paper, frames: list, known: dict, folder: Path | str) -> set[tuple]:
    """The known cells that have another value in a whole cohort, its times in hundredths.

    P values are as the paper forms them, columns of numbers beside survival as in a least reading.
    """
    decimals, moved = DECIMALS["number"] + 1, dict.fromkeys(known, False)
    people = [f for f in frames if (f["time"] == f["time"].round(decimals)).all()]
    whole = Completion(people, folder)

    def wanted(model):
        return other_than(model, {n: known[n] for n, moves in moved.items() if not moves})

    def keep(tables):
        try:
            whole(tables, 0)
        except ArithmeticError:  # no columns of numbers beside it
            return False
        return compare(moved, tables, known)

    for _, left, shape in places(finer(paper, people), folder):
        if not all(moved.values()):
            show(left, held_freely(left, shape), wanted, keep)
    return {name for name, moves in moved.items() if moves}
