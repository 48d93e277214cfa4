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
from recohort.audit.identify import numbers
from recohort.audit.known import known
from recohort.audit.ledger import ledger
from recohort.audit.loosened import loosened, month_lengths
from recohort.audit.one_switch import cells_that_stay
from recohort.audit.related_cells import related_cells
from recohort.audit.roles import free_options, roles
from recohort.audit.sharpness import sharpness
from recohort.cells.related import related_corrections, related_tables, shared_facts
from recohort.edition import Work
from recohort.folder import confirmed_facts, read_if_there, read_table, read_tables
from recohort.paper.options import read_options
from recohort.paper.rows import SHARE
from recohort.paper.tables import UNWRITTEN

RELATED = frozenset({"tumors", "progression", "history"})
EVERY = RELATED | {"ages", "intervals", "renal"}
NOTE = "cohort_readme.md"  # in the data folder: what the README beside the cohort says
PLAIN_NOTE = "# A cohort consistent with the paper\n\n**$notice**\n"


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


def cohort(work: Work) -> dict:
    """One cohort's tables, `corrections.csv` (what was given up for them) and `stages.csv`."""
    given_up = read_if_there("related_corrections", work.folder)
    corrections = pd.concat([work.corrections, given_up], ignore_index=True)
    tables = dict(work.first)
    if not given_up.empty:
        shared = shared_facts(work, corrections)
        for fact, table in shared.items():
            kept = ["excepted", f"{SHARE}={table}"]
            corrections.loc[corrections["fact"] == fact, ["kind", "convention"]] = kept
        tables |= _related(work, given_up, shared)
    return tables | {"corrections": corrections, "stages": work.result.stages}


def _related(work, given_up, shared):
    """Patients and the tables related to them, in the dictionary's columns."""
    found = related_tables(work, given_up, shared)
    people = work.first["patients"].copy()
    for column in found["patients"]:
        if people[column].isna().all():
            people[column] = found["patients"][column].array
    shown = work.dictionary[work.dictionary["empty"] != UNWRITTEN]
    tables = found | {"patients": people}
    orders = {name: shown.loc[shown["table"] == name, "column"] for name in tables}
    return {n: t.reindex(columns=[c for c in orders[n] if c in t]) for n, t in tables.items()}


def ledger_of(work: Work) -> dict:
    """`ledger.csv`: each printed number beside what the cohort, and every solution, prints."""
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


STAGES = (
    Stage("corrections", 30, related_corrections, blocks=RELATED, quick=True),
    Stage("cohort", 15, cohort, uses=("corrections",), quick=True),
    Stage("numbers", 25, numbers, after=("cohort",)),
    Stage("cells", 230, related_cells, after=("corrections", "cohort"), blocks=RELATED),
    Stage("conflicts", 70, conflicts, uses=("corrections",)),
    Stage("sharpness", 25, sharpness, after=("cohort",), blocks=EVERY),
    Stage("roles", 60, roles),
    Stage("free", 480, free_options, after=("roles",)),
    Stage("stay", 80, cells_that_stay, after=("cohort",), uses=("corrections", "numbers", "cells")),
    Stage("loosened", 30, loosened),
    Stage("months", 30, month_lengths),
    Stage("options", 30, tried_numbers, after=("cohort",)),
    Stage("held", 60, tried_searches),
    Stage("known", 5, known, after=("cohort",), uses=("numbers", "cells", "stay"), quick=True),
    Stage("ledger", 5, ledger_of, after=("cohort",), uses=("roles",), quick=True),
    Stage("note", 1, note, after=("cohort",), reads=(NOTE,), quick=True),
)


def stages_for(work: Work) -> list[Stage]:
    """The stages of a paper, in order: those whose blocks of columns it has."""
    return [stage for stage in STAGES if stage.blocks <= set(work.dictionary["block"])]
