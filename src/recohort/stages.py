"""The stages in which everything is made from a paper's printed files, in order.

Each says which stages it comes after; `recohort.resume` runs them.
"""

from collections.abc import Callable
from typing import NamedTuple

from recohort import write
from recohort.audit.conventions import tried_numbers, tried_searches
from recohort.audit.identify import ages_counted, number_cells
from recohort.audit.loosened import loosened, month_lengths
from recohort.audit.one_switch import cells_that_stay
from recohort.audit.related_cells import related_cells
from recohort.audit.roles import free_options, roles
from recohort.audit.sharpness import sharpness
from recohort.edition import edition
from recohort.folder import confirmed_facts, read_survival, read_tables
from recohort.survival.corrections import facts_of
from recohort.write import Work

SLACKS = ("0", "0.05", "0.15", "0.3", None)  # percentage points; at last without limits
DAYS = ("30.4375", "30.44", "30.4", "30.5", "30", "31")  # in a month
RELATED = frozenset({"tumors", "progression", "history"})
EVERY = RELATED | {"ages", "intervals", "renal"}


class Stage(NamedTuple):
    """One step: `make` gives what it writes, tables or texts by name."""

    name: str
    seconds: int  # about, on one idle core
    make: Callable[[Work], dict]
    after: tuple[str, ...] = ()  # stages whose files it needs
    uses: tuple[str, ...] = ()  # stages whose files it reads where they are
    reads: tuple[str, ...] = ()  # further files of the folder
    blocks: frozenset[str] = frozenset()  # of columns; a paper without them skips the stage
    quick: bool = False

    @property
    def says(self) -> str:
        """What it does, in one line."""
        return (self.make.__doc__ or "").partition("\n")[0].rstrip(".")


def numbers(work: Work) -> dict:
    """`number_cells.csv`, `witnesses.csv`, `blocks.csv`: columns of numbers, cell by cell."""
    cells, witnesses = number_cells(work.folder)
    counts = ages_counted(work.folder)
    return {"number_cells": cells, "witnesses": witnesses, "blocks": counts}


def cells(work: Work) -> dict:
    """`related_cells.csv`, `related_witnesses.csv`: related tables, cell by cell."""
    found, witnesses = related_cells(work.folder)
    return {"related_cells": found, "related_witnesses": witnesses}


def sharpened(work: Work) -> dict:
    """`sharpness.csv`: each number of every exhibit one unit off."""
    return {"sharpness": sharpness(work.folder, work.result)}


def left_out(work: Work) -> dict:
    """`roles.csv`: each fact about survival left out, do all others lead to it?"""
    return {"roles": roles(work.result, work.dictionary)}


def free(work: Work) -> dict:
    """`free_options.csv`: what is given back where all other numbers are formed in any way."""
    back, problem = confirmed_facts(work.folder), work.result.problem
    asked = [fact for fact in facts_of(problem) if fact in back]
    return {"free_options": free_options(problem, work.dictionary, asked)}


def stay(work: Work) -> dict:
    """`free_cells.csv`: does a determined cell stay so with every number formed in any way?"""
    cells = write.cells_so_far(work)
    return {"free_cells": cells_that_stay(work.result, cells, work.folder)}


def off(work: Work) -> dict:
    """`loosened.csv`: what is left where limits may be off."""
    return {"loosened": loosened(work.result.problem, SLACKS)}


def months(work: Work) -> dict:
    """`month_lengths.csv`: other months, and the time nearest to the last landmark then."""
    problem, times = work.result.problem, edition(work.result).times
    last = float(problem.landmarks[-1])
    nearest = min(range(len(times)), key=lambda i: abs(times[i] - last))
    return {"month_lengths": month_lengths(problem, DAYS, nearest)}


def held(work: Work) -> dict:
    """`convention_searches.csv`: each option held for all of survival, the others free."""
    aside, excepted = work.result.corrections[0], work.result.exceptions
    given_up = [fact for fact in aside if fact not in excepted]
    published, statements, _ = read_survival(work.folder)
    return {"convention_searches": tried_searches(published, statements, given_up)}


def options(work: Work) -> dict:
    """`convention_numbers.csv`: each number under each combination of its options."""
    return {"convention_numbers": tried_numbers(work.data[0], read_tables(work.folder))}


STAGES = (
    Stage("corrections", 30, write.related, blocks=RELATED, quick=True),
    Stage("cohort", 15, write.cohort, uses=("corrections",), quick=True),
    Stage("numbers", 25, numbers, after=("cohort",)),
    Stage("cells", 230, cells, after=("corrections", "cohort"), blocks=RELATED),
    Stage("conflicts", 70, write.conflicts, uses=("corrections",)),
    Stage("sharpness", 25, sharpened, after=("cohort",), blocks=EVERY),
    Stage("roles", 60, left_out),
    Stage("free", 480, free, after=("roles",)),
    Stage("stay", 80, stay, after=("cohort",), uses=("corrections", "numbers", "cells")),
    Stage("loosened", 30, off),
    Stage("months", 30, months),
    Stage("options", 30, options, after=("cohort",)),
    Stage("held", 60, held),
    Stage(
        "known", 5, write.known, after=("cohort",), uses=("numbers", "cells", "stay"), quick=True
    ),
    Stage("ledger", 5, write.ledger_of, after=("cohort",), uses=("roles",), quick=True),
    Stage("note", 1, write.note, after=("cohort",), reads=(write.NOTE,), quick=True),
)


def stages_for(work: Work) -> list[Stage]:
    """The stages of a paper, in order: those whose blocks of columns it has."""
    return [stage for stage in STAGES if stage.blocks <= work.blocks]
