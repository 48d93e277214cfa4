"""What each cell of the related tables can be: every value of a category, each with a witness.

No two solutions are taken for one because they look alike. The solver is asked for any value that
no witness shows yet until there is none. For the ends of numbers see `cells.ends`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pandas as pd
from ortools.sat.python import cp_model

from recohort.cells.cells import FIRST, Cell, Column
from recohort.cells.edition import frames_of
from recohort.cells.relations import Model, Paper, copied, run
from recohort.paper.printed import printed_by

ENDS = ("time_column", "event_column")
EFFORT = 4.0  # deterministic seconds to look for a solution with much at once


class Seen(NamedTuple):
    """What the witnesses show: `values` maps a cell to its values."""

    values: dict
    witnesses: list  # (correction, tables)


def any_of(
    model: Model, literals: list, most: bool = False, **parameters
) -> cp_model.CpSolver | None:
    """A solution in which some of the literals hold, or with `most` as many as can be."""
    m = model.cells.m.clone()
    own = copied(m, literals)
    m.add_bool_or(own)
    if most:
        m.maximize(sum(own))
    return run(m, **parameters)


def show(paper: Paper, model: Model, wanted: Callable, keep: Callable) -> None:
    """Show what is wanted by solutions: as many at a time as a short search can.

    Progressions are at one time but for one patient: hardly a factor is significant then, as the
    paper says of progression-free survival. `wanted` gives the literals of the model that are not
    shown yet; `keep` takes the tables that the P values allow, and may refuse them: False. What it
    does not show is not refuted.
    """
    rows = [r for own in paper.facts.values() for r in own if r.statistic == "p_value"]
    progressed, apart = _together(model, rows)
    while literals := wanted(model):
        solver = any_of(model, literals, most=True, max_deterministic_time=EFFORT)
        if solver is None:
            return
        tables = frames_of(model, solver)
        allowed = all(printed_by(row, tables, paper.conventions) for row in rows)
        if not allowed or keep(tables) is False:
            # Who did not progress, and who did so apart, do not meet again.
            others = [~x for x in apart if solver.value(x)]
            others += [x for x in progressed if not solver.value(x)]
            model.cells.m.add_bool_or(others)


def _together(model, rows):
    """Tie the events that P values compare; the literals of events, and of times apart."""
    ((time, event),) = {tuple(dict(r.options)[k] for k in ENDS) for r in rows}
    m, apart, slots = model.cells.m, [], model.cells.slots[FIRST].values()
    progressed = [slot.cells[event].values["True"] for slot in slots]
    latest = max(slot.cells[time].column.highest for slot in slots)
    common = m.new_int_var(0, latest, "")
    for slot, there in zip(slots, progressed, strict=True):
        apart.append(m.new_bool_var(""))
        m.add(slot.cells[time].number == common).only_enforce_if(there, ~apart[-1])
    m.add(sum(apart) <= 1)
    return progressed, apart


def add_new(seen: Seen, correction: int, tables: dict) -> None:
    """Keep a solution if it shows something new."""
    new = [(cell, v) for cell, v in cells_in(tables) if v not in seen.values.get(cell, ())]
    for cell, value in new:
        seen.values.setdefault(cell, set()).add(value)
    if new:
        seen.witnesses.append((correction, tables))


def cells_in(tables: dict) -> Iterator[tuple]:
    """Every cell of the tables but the rows' own names: ((table, row, column), value)."""
    for table, frame in tables.items():
        names = frame[f"{table[:-1]}_id"]
        for column in frame.columns.drop(names.name):
            for name, value in zip(names, frame[column], strict=True):
                yield (table, name, column), "" if pd.isna(value) else value


def cells_of(model: Model) -> Iterator[tuple]:
    """The cells of a model of one shape by ((table, name of the row), column), keys too."""
    names, true = {}, model.cells.true
    for table in model.cells.levels:
        for k, (key, slot) in enumerate(model.cells.slots[table].items(), 1):
            names[key] = f"{table[0].upper()}{k:02d}"
            for depth, owner in enumerate(model.cells.levels[: len(key) - 1], 1):
                column = Column(table, f"{owner[:-1]}_id", ())
                yield (table, names[key], column.name), Cell(column, {names[key[:depth]]: true})
            for column, cell in slot.cells.items():
                yield (table, names[key], column), cell


def new_values(seen: Seen, model: Model) -> list:
    """Literals of the values of categories, and of empty or filled cells, not shown yet."""
    found = []
    for name, cell in cells_of(model):
        known = {str(v) for v in seen.values.get(name, ())}
        found += [x for value, x in cell.values.items() if value not in known]
        if cell.column.empty:
            found += [cell.empty] * ("" not in known) + [~cell.empty] * (known <= {""})
    return _named(model, found)


def other_than(model: Model, known: dict) -> list:
    """Literals that cells have other values than is known of them, in text, "" of an empty one."""
    cells = ((cell, known[name]) for name, cell in cells_of(model) if name in known)
    alike = [model.cells.holds(c, "=", text) if text else c.empty for c, text in cells]
    others = [model.cells.negated(x) for x in alike if x.index != model.cells.true.index]
    return _named(model, others)


def _named(model, literals):
    """The literals, negations replaced by literals of their own that imply them."""
    found = []
    for literal in literals:
        found.append(literal)
        if literal.index < 0:
            found[-1] = model.cells.m.new_bool_var("")
            model.cells.m.add_implication(found[-1], literal)
    return found
