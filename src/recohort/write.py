"""The tables of `cohort/`, generated, never typed: from the printed files alone.

`recohort.stages` says in which order they are made, and writes them.
"""

from functools import cached_property
from pathlib import Path
from string import Template

import pandas as pd

from recohort import NOTICE
from recohort.audit.conflicts import related_conflicts, survival_conflicts
from recohort.audit.known import downloads
from recohort.audit.ledger import arithmetic_slips, ledger
from recohort.cells.related import related_corrections, related_tables, shared_facts
from recohort.edition import (
    corrections_frame,
    frame_of,
    identifiability,
    patients,
    people_over_reals,
)
from recohort.folder import (
    confirmed_facts,
    read_blocks,
    read_data,
    read_if_there,
    read_table,
    read_tables,
    run,
)
from recohort.pairs.table import pair_settings, write_pairs
from recohort.paper.options import read_options
from recohort.paper.reading import read_dictionary
from recohort.paper.rows import SHARE
from recohort.paper.tables import UNWRITTEN
from recohort.survival import Result

KEYS = ["table", "row_id", "column"]
NOTE = "cohort_readme.md"  # in the data folder: what the README beside the cohort says
PLAIN_NOTE = "# A cohort consistent with the paper\n\n**$notice**\n"


class Work:
    """A folder's printed files, and what has been found from them so far, each once."""

    def __init__(self, folder):
        """`folder` holds the printed files; nothing is read before it is asked for."""
        self.folder = Path(folder)

    @cached_property
    def data(self) -> tuple:
        """Printed figures, statements and paper-wide conventions."""
        return read_data(self.folder)

    @cached_property
    def dictionary(self) -> pd.DataFrame:
        """Every column of every file."""
        return read_dictionary(self.folder / "dictionary.csv")

    @cached_property
    def blocks(self) -> set[str]:
        """The blocks of columns that the paper has."""
        return set(self.dictionary["block"]) - {""}

    @cached_property
    def result(self) -> Result:
        """What the survival search finds."""
        return run(self.folder)

    @cached_property
    def _numbers(self):
        return read_blocks("survival", "ages", "intervals", folder=self.folder)[:2]

    @cached_property
    def corrections(self) -> pd.DataFrame:
        """What survival, columns of numbers and plain arithmetic give up."""
        found = corrections_frame(self.result, *self._numbers, self.dictionary)
        return pd.concat([found, arithmetic_slips(self.data[0], self.data[2])])

    @cached_property
    def first(self) -> dict[str, pd.DataFrame]:
        """Patients and their table of pairs: all but what the related tables tell."""
        frame = patients(self.result, *self._numbers, self.dictionary, self.corrections)
        settings = pair_settings(self.folder)
        found = write_pairs(*self.data[:2], frame, settings) if settings else None
        return found or {"patients": frame}


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


def known(work: Work) -> dict:
    """`identifiability.csv`: what each cell can be; and two copies of the patients that say so."""
    cells, free = cells_so_far(work), read_if_there("free_cells", work.folder)
    marked = cells.merge(free, "left", KEYS).fillna("") if len(free) else cells
    return {"identifiability": marked} | downloads(_people(work), cells)


def cells_so_far(work: Work) -> pd.DataFrame:
    """What each cell can be, by all that has been searched so far."""
    return known_cells(identifiability(work.result, _people(work)), work.folder)


def _people(work):
    path = work.folder / "cohort" / "patients.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def known_cells(table, folder):
    """`identifiability.csv` with what longer searches know of its cells."""
    for name in ("number_cells", "related_cells"):
        found = read_if_there(name, folder).astype(str)
        if found.empty:
            continue
        found, here = found.set_index(KEYS), table.set_index(KEYS).astype(object)
        here.update(found.loc[found.index.intersection(here.index)])
        more = found.loc[found.index.difference(here.index, sort=False)]
        table = pd.concat([here, more]).fillna("").reset_index()
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    own = dictionary[dictionary["empty"] == UNWRITTEN]
    hidden = {*zip(own["table"], own["column"], strict=True)}
    kept = [name not in hidden for name in zip(table["table"], table["column"], strict=True)]
    return table[kept]


def ledger_of(work: Work) -> dict:
    """`ledger.csv`: each printed figure beside what the cohort, and every solution, prints."""
    folder = work.folder
    options = read_options(folder / "conventions.csv")
    told = read_table("corrections", folder), work.dictionary, confirmed_facts(folder), options
    return {"ledger": ledger(work.data[0], work.result, read_tables(folder), *told)}


def conflicts(work: Work) -> dict:
    """`conflicts.csv`: minimal conflicts of every block, each member with its witness."""
    found = [survival_conflicts(work.result)]
    given_up = read_if_there("related_corrections", work.folder)
    if not given_up.empty:
        cohort = {"patients": frame_of(work.result, work.result.grid[0])}
        told = people_over_reals(work.result), work.data, given_up, work.folder
        found.append(related_conflicts(cohort, *told))
    return {"conflicts": pd.concat(found)}


def note(work: Work) -> dict:
    """`README.md` beside the cohort: the data folder's own words, with the numbers put in."""
    path = work.folder / NOTE
    words = path.read_text(encoding="utf8") if path.is_file() else PLAIN_NOTE
    stages = read_table("stages", work.folder).set_index("unit")["left"]
    told = {"notice": NOTICE, "cohorts": stages["cohorts"]}
    return {"README.md": Template(words).substitute(told)}
