"""The stages in which everything is made from a paper's printed files, in order.

Each says which stages it comes after; `recohort.resume` runs them.
"""

from collections.abc import Callable
from string import Template
from typing import NamedTuple

import pandas as pd

from recohort import NOTICE
from recohort.audit.conflicts import conflicts
from recohort.audit.conventions import tried_numbers, tried_searches
from recohort.audit.identify import ages_counted, number_cells
from recohort.audit.known import cells_so_far, known
from recohort.audit.ledger import ledger
from recohort.audit.loosened import loosened, month_lengths
from recohort.audit.one_switch import cells_that_stay
from recohort.audit.related_cells import related_cells
from recohort.audit.roles import free_options, roles
from recohort.audit.sharpness import sharpness
from recohort.cells.related import related_corrections, related_tables, shared_facts
from recohort.edition import Work, edition, people_over_reals
from recohort.folder import (
    confirmed_facts,
    read_if_there,
    read_survival,
    read_table,
    read_tables,
)
from recohort.paper.by_block import read_options
from recohort.paper.rows import SHARE
from recohort.paper.tables import UNWRITTEN
from recohort.survival.corrections import facts_of

SLACKS = ("0", "0.05", "0.15", "0.3", None)  # percentage points; at last without limits
DAYS = ("30.4375", "30.44", "30.4", "30.5", "30", "31")  # in a month
RELATED = frozenset({"tumors", "progression", "history"})
NOTE = "cohort_readme.md"  # in the data folder: what the README beside the cohort says
PLAIN_NOTE = "# A cohort consistent with the paper\n\n**$notice**\n"
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


def related(work: Work) -> dict:
    """`related_corrections.csv`: the smallest sets to give up for the related tables."""
    told = work.first, people_over_reals(work.result), work.data, work.folder
    return {"related_corrections": related_corrections(*told)}


def cohort(work: Work) -> dict:
    """One cohort's tables, `corrections.csv` (what was given up for them) and `stages.csv`."""
    given_up = read_if_there("related_corrections", work.folder)
    corrections = pd.concat([work.corrections, given_up], ignore_index=True)
    tables = dict(work.first)
    if not given_up.empty:
        shared = shared_facts(tables, work.data, work.folder, corrections)
        for fact, table in shared.items():
            kept = ["excepted", f"{SHARE}={table}"]
            corrections.loc[corrections["fact"] == fact, ["kind", "convention"]] = kept
        tables |= _related(work, given_up, shared)
    return tables | {"corrections": corrections, "stages": work.result.stages}


def _related(work, given_up, shared):
    """Patients and the tables related to them, in the dictionary's columns."""
    found = related_tables(work.first, work.data, work.folder, given_up, shared)
    people = work.first["patients"].copy()
    for column in found["patients"]:
        if people[column].isna().all():
            people[column] = found["patients"][column].array
    shown = work.dictionary[work.dictionary["empty"] != UNWRITTEN]
    tables = found | {"patients": people}
    orders = {name: shown.loc[shown["table"] == name, "column"] for name in tables}
    return {n: t.reindex(columns=[c for c in orders[n] if c in t]) for n, t in tables.items()}


def ledger_of(work: Work) -> dict:
    """`ledger.csv`: each printed figure beside what the cohort, and every solution, prints."""
    folder = work.folder
    options = read_options(folder / "conventions.csv")
    told = read_table("corrections", folder), work.dictionary, confirmed_facts(folder), options
    return {"ledger": ledger(work.data[0], work.result, read_tables(folder), *told)}


def note(work: Work) -> dict:
    """`README.md` beside the cohort: the data folder's own words, with the numbers put in."""
    path = work.folder / NOTE
    words = path.read_text(encoding="utf8") if path.is_file() else PLAIN_NOTE
    stages = read_table("stages", work.folder).set_index("unit")["left"]
    told = {"notice": NOTICE, "cohorts": stages["cohorts"]}
    return {"README.md": Template(words).substitute(told)}


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
    cells = cells_so_far(work)
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
    Stage("corrections", 30, related, blocks=RELATED, quick=True),
    Stage("cohort", 15, cohort, uses=("corrections",), quick=True),
    Stage("numbers", 25, numbers, after=("cohort",)),
    Stage("cells", 230, cells, after=("corrections", "cohort"), blocks=RELATED),
    Stage("conflicts", 70, conflicts, uses=("corrections",)),
    Stage("sharpness", 25, sharpened, after=("cohort",), blocks=EVERY),
    Stage("roles", 60, left_out),
    Stage("free", 480, free, after=("roles",)),
    Stage("stay", 80, stay, after=("cohort",), uses=("corrections", "numbers", "cells")),
    Stage("loosened", 30, off),
    Stage("months", 30, months),
    Stage("options", 30, options, after=("cohort",)),
    Stage("held", 60, held),
    Stage("known", 5, known, after=("cohort",), uses=("numbers", "cells", "stay"), quick=True),
    Stage("ledger", 5, ledger_of, after=("cohort",), uses=("roles",), quick=True),
    Stage("note", 1, note, after=("cohort",), reads=(NOTE,), quick=True),
)


def stages_for(work: Work) -> list[Stage]:
    """The stages of a paper, in order: those whose blocks of columns it has."""
    return [stage for stage in STAGES if stage.blocks <= work.blocks]
