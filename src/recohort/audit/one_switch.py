"""One more switch: does a determined cell survive it?

A switch is one named option, digits cut off included, for one number, or for as many numbers as it
is one for: a column, a section, all of them. What the least readings switch stays switched.
Survival is asked more: there every number may be formed in any way, each in its own.
"""

from pathlib import Path

import pandas as pd

from recohort.audit.excluded import exclude, excluded
from recohort.audit.related_cells import every_fact, places
from recohort.audit.roles import any_way
from recohort.cells.giving_up import any_option
from recohort.cells.over_reals import over_reals
from recohort.cells.relations import Model, Paper, copied, run
from recohort.cells.values import other_values
from recohort.edition import frame_of, people_over_reals
from recohort.survival import Result
from recohort.survival.cohorts import UndecidedError, cohorts

CELLS = "table row_id column one_more_switch".split()


def one_switch(paper: Paper, shape: tuple | None = None) -> Model:
    """The model of a paper in which some facts may be formed under one other option."""
    model, ways = any_option(paper, list(paper.facts), shape, cut=True)
    switched = [(s, literal) for own in ways.values() for s, literal in own.items() if s]
    options = {s: model.cells.m.new_bool_var("") for s, _ in switched}
    for switch, literal in switched:
        model.cells.m.add_implication(literal, options[switch])
    model.cells.m.add_at_most_one(options.values())
    return model


def cells_that_stay(folder: Path | str, result: Result, cells: pd.DataFrame) -> pd.DataFrame:
    """For each determined cell whether one more switch leaves it so. Minutes.

    `cells` are those of the survival search and of related tables. "yes" is a proof, "no" has a
    cohort with another value, "open" has neither.
    """
    fixed = cells[cells["status"] == "determined"].set_index(["table", "row_id", "column"])
    known = fixed["lowest"].to_dict()
    people = [frame_of(result, cohort) for cohort in result.grid]
    lost = _lost_in_survival(result, known)
    real = over_reals(every_fact(people, folder), *people_over_reals(result))
    without = excluded(people, folder)
    for _, own, shape in places(real, folder):
        model = one_switch(own, shape)
        for literal in model.held.values():
            model.cells.m.add(literal == 1)
        exclude(model.cells, without)
        lost |= dict.fromkeys(_lost(model, known, lost), "open")
    rows = [(*cell, lost.get(cell, "yes")) for cell in known]
    return pd.DataFrame(rows, columns=CELLS)


def _lost_in_survival(result, known):
    """Cells of patients that vary once every number of survival may be formed in any way."""
    frames, status = [], "no"
    try:
        frames.extend(cohorts(any_way(result.problem), every_word=True))
    except UndecidedError:
        status = "open"
    frames = [frame_of(result, cohort).astype(str) for cohort in frames]
    rows = dict(zip(frames[0]["patient_id"], frames[0].index, strict=True))
    own = [c for c in known if c[0] == "patients" and c[2] in frames[0]]
    varied = [c for c in own if len({f.at[rows[c[1]], c[2]] for f in frames}) > 1]
    return dict.fromkeys(own if status == "open" else varied, status)


def _lost(model, known, lost):
    """Further cells that can have other values than these."""
    found: set = set()
    while True:
        left = {cell: v for cell, v in known.items() if cell not in lost and cell not in found}
        other, m = other_values(model, left), model.cells.m.clone()
        m.add_bool_or(copied(m, (literal for literal, _ in other)))
        solver = run(m)
        if solver is None:
            return found
        found |= {cell for literal, cell in other if solver.value(literal)}
