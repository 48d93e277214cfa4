"""One model of all that is printed but the pairs, with what it takes to leave out one fact."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from recohort.blocks import Related
from recohort.cells.broken import add_broken
from recohort.cells.cells import FIRST
from recohort.cells.facts import KNOWN
from recohort.cells.relations import Model, Paper, model_of, most_rows, paper_of
from recohort.folder import read_data, read_tables
from recohort.paper.reading import columns_of, homes_of, read_dictionary, rows_of
from recohort.paper.rows import Row
from recohort.paper.rules import read_rules, rules_of_columns

EFFORT = 30.0  # deterministic seconds of the solver, for one question
NUMBERS = ("intervals", "ages")  # blocks of numbers that counts tie to the history
SIZE = {(FIRST, "rows")}  # the number of patients is known
SURVIVAL = "survival"


class Trial(NamedTuple):
    """The related tables as a block, and what fixes a column to the edition's."""

    related: Related
    blocks: dict  # (table, column) to its block
    pins: dict  # (table, column) to (variable, the edition's value); "rows" of a table, "survival"

    def solve(
        self, aside: Collection[str], broken: str | None, kept: Collection, known: Collection = ()
    ) -> dict | None:
        """Tables that print all facts but those `aside` and `broken`, and not this one.

        The columns `kept` are the edition's; `known` pins hold as well.
        """
        held = [f for f in self.related.facts if f != broken and f not in aside]
        fixed = [pin for name, own in self.pins.items() if name in kept for pin in own]
        return self.related.solve(held, broken, [*known, *fixed])


def whole_paper(folder: Path | str, rows: list[Row], survival: list[pd.DataFrame]) -> Paper:
    """All blocks but the pairs, tied to cohorts of the survival search (frames).

    Owners have as many rows of other tables as any sentence speaks of, those given up too.
    """
    published, statements, conventions = read_data(folder)
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    merged = dictionary.assign(block=dictionary["block"].replace(dict.fromkeys(NUMBERS, "history")))
    rules = read_rules(Path(folder) / "rules.csv") + rules_of_columns(dictionary)
    paper = paper_of(rows, merged, rules, survival, conventions, len(survival[0]))
    return paper._replace(most=most_rows(rows_of(published, statements), paper.levels))


def trial_of(
    folder: Path | str,
    survival: list[pd.DataFrame],
    rows: list[Row],
    wanted: Collection[str] | None = None,
) -> Trial:
    """The model over cohorts of the survival search (frames), for some facts (all by default).

    `rows` are those of `whole.told`.
    """
    paper = whole_paper(folder, rows, survival)
    model = model_of(paper)
    chosen = [f for f in paper.facts if wanted is None or f in wanted]
    broken = {
        fact: add_broken(model.cells, paper.facts[fact], paper.conventions)
        for fact in chosen
        if asked_whole(fact, paper, rows)
    }
    homes = homes_of(read_dictionary(Path(folder) / "dictionary.csv")) | {SURVIVAL: SURVIVAL}
    pins = pins_of(model, read_tables(folder), survival[0])
    return Trial(Related(paper, model, broken, EFFORT), homes, pins)


def asked_whole(fact: str, paper: Paper, rows: list[Row]) -> bool:
    """Does a model see all that a fact says? Not where some of its rows are no constraints.

    Rows about the number of patients may be missing, and those that another fact has, too.
    """
    own = paper.facts[fact]
    times = Counter((r.statistic, r.filters, r.options, r.printed) for r in rows)
    return all(r.statistic in KNOWN for r in own) and all(
        row in own
        or columns_of(row) <= SIZE
        or times[row.statistic, row.filters, row.options, row.printed] > 1
        for row in rows
        if row.fact == fact
    )


def pins_of(model: Model, edition: dict, people: pd.DataFrame) -> dict:
    """What fixes each column to the edition's cells, each table's rows and the survival cohort."""
    cells, there = model.cells, rows_of_slots(edition, model.cells.levels)
    pins: dict = {}
    for table, key in ((t, k) for t in cells.levels for k in cells.slots[t]):
        slot, row = cells.slots[table][key], there[table].get(key)
        if slot.present.index != cells.true.index:
            pins.setdefault((table, "rows"), []).append((slot.present, int(row is not None)))
        for name, cell in slot.cells.items():
            value = None if row is None else edition[table].at[row, name]
            pins.setdefault((table, name), []).extend(_fixed(cells, cell, value))
    known = [(t, c) for t, c in pins if t == FIRST and c in people]
    pins[SURVIVAL] = [pin for name in known for pin in pins.pop(name)]
    return pins


def rows_of_slots(edition: dict, levels: tuple[str, ...]) -> dict[str, dict]:
    """By table and key of a slot, the index of the edition's row in it."""
    first, *others = levels
    found: dict = {first: {(i,): row for i, row in enumerate(edition[first].index)}}
    for table in others:
        owner, own = f"{first[:-1]}_id", edition[table]
        names = {key: edition[first].at[row, owner] for key, row in found[first].items()}
        found[table] = {
            (*key, k): row
            for key, name in names.items()
            for k, row in enumerate(own.index[own[owner] == name])
        }
        first = table
    return found


def _fixed(cells, cell, value):
    """(variable, value) pairs that give a cell its value; None where the row is missing."""
    if cell.values:
        return [(x, int(value is not None and str(value) == v)) for v, x in cell.values.items()]
    empty = value is None or pd.isna(value)
    number = 0 if empty else round(float(value) * cell.column.scale)
    if cell.empty.index == cells.false.index:
        return [(cell.number, number)]
    return [(cell.number, number), (cell.empty, int(empty and value is not None))]
