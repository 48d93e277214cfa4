"""What each cell of the related tables can be: every value of a category, each with a witness.

No two solutions are taken for one because they look alike. The solver is asked for any value that
no witness shows yet until there is none. For the ends of numbers see `cells.ends`.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import pandas as pd
from ortools.sat.python import cp_model

from recohort.cells.cells import FIRST
from recohort.cells.edition import frames_of
from recohort.cells.relations import Model, Paper, copied, run
from recohort.paper.printed import printed_by

ENDS = ("time_column", "event_column")
EFFORT = 4.0  # deterministic seconds to look for a solution with many ends at once


class Place(NamedTuple):
    """One shape under one correction: `free` has every solution.

    `tied` has those with progressions at one time but for one patient (`apart`): hardly a factor
    is significant there, as the paper says of progression-free survival.
    """

    correction: int
    paper: Paper
    free: Model
    tied: Model
    apart: list


def place_of(correction: int, paper: Paper, free: Model, tied: Model) -> Place:
    """A place of two models that are alike; the second is tied."""
    return Place(correction, paper, free, tied, _together(paper, tied))


class Seen(NamedTuple):
    """What the witnesses show: `values` maps a cell to its values and the witness of each."""

    values: dict
    witnesses: list  # (correction, tables)


def search_cells(every: list) -> Seen:
    """All values of categories, over all places.

    Raises ArithmeticError where the P values keep a value from getting its witness.
    """
    seen = Seen({}, [])
    for place in every:
        _show_some(place, seen)
        for model in (place.tied, place.free):
            _show_values(place, model, seen)
    return seen


def _together(paper, model):
    m, apart, (time, _) = model.cells.m, [], ends_compared(paper)
    slots = model.cells.slots[FIRST].values()
    latest = max(slot.cells[time].column.highest for slot in slots)
    common = m.new_int_var(0, latest, "")
    events = _progressed(paper, model)
    for slot, event in zip(slots, events, strict=True):
        apart.append(m.new_bool_var(""))
        m.add(slot.cells[time].number == common).only_enforce_if(event, ~apart[-1])
    m.add(sum(apart) <= 1)
    return apart


def _show_some(place, seen):
    """Show a solution of every place: which rows belong to whom differs between places."""
    while solver := run(place.tied.cells.m):
        if _add(place, place.tied, solver, seen):
            return
        _avoid(place, solver)
    if not _show_one(place, [place.free.cells.true], partial(_add, seen=seen)):
        raise ArithmeticError("a way to spread rows has no witness that the P values allow")


def _show_values(place, model, seen):
    """Ask for any value not shown yet until there is none; prefer many at once."""
    while wanted := _new_values(model, seen):
        m = model.cells.m.clone()
        literals = copied(m, wanted)
        m.add_bool_or(literals)
        m.add_decision_strategy(literals, cp_model.CHOOSE_FIRST, cp_model.SELECT_MAX_VALUE)
        solver = run(m, search_branching=cp_model.FIXED_SEARCH)
        if solver is None:
            return
        if not _add(place, model, solver, seen):
            raise ArithmeticError("a value has no witness that the P values allow")


def show(place: Place, wanted: Callable, keep: Callable) -> None:
    """Show what is wanted by solutions: as many at a time as a short search can.

    `wanted` gives the literals of a model that are not shown yet; `keep` takes the place, the model
    and a solver, and says whether P values allow for the solution.
    """
    while literals := wanted(place.tied):
        m = place.tied.cells.m.clone()
        own = copied(m, literals)
        m.add_bool_or(own)
        m.maximize(sum(own))
        solver = run(m, max_deterministic_time=EFFORT)
        if solver is None:
            break
        if not keep(place, place.tied, solver):
            _avoid(place, solver)
    while (literals := wanted(place.free)) and _show_one(place, literals, keep):
        continue


def _avoid(place, solver):
    """Keep who did not progress, and who did so apart, from meeting again in tied solutions."""
    clause = [~x for x in place.apart if solver.value(x)]
    clause += [x for x in _progressed(place.paper, place.tied) if not solver.value(x)]
    place.tied.cells.m.add_bool_or(clause)


def _progressed(paper, model):
    """The literals that patients have the event that the paper compares."""
    _, event = ends_compared(paper)
    return [slot.cells[event].values["True"] for slot in model.cells.slots[FIRST].values()]


def ends_compared(paper: Paper) -> tuple[str, str]:
    """The columns of times and of events whose P values the paper prints."""
    rows = (row for rows in paper.facts.values() for row in rows if row.statistic == "p_value")
    ((time, event),) = {tuple(dict(r.options)[k] for k in ENDS) for r in rows}
    return time, event


def _show_one(place, literals, keep):
    """Show some of the ends, trying one patient after another without progression."""
    m = place.free.cells.m.clone()
    m.add_bool_or(copied(m, literals))
    while (solver := run(m)) is not None:
        if keep(place, place.free, solver):
            return True
        spared = [x for x in _progressed(place.paper, place.free) if not solver.value(x)]
        m.add_bool_or(copied(m, spared))
    return False


def allowed_by_p_values(place: Place, tables: dict) -> bool:
    """Are the P values of tables as the paper says?"""
    rows = [r for own in place.paper.facts.values() for r in own if r.statistic == "p_value"]
    return all(printed_by(row, tables, place.paper.conventions) for row in rows)


def _add(place, model, solver, seen) -> bool:
    """Keep a solution if it shows something new; False where a P value speaks against it."""
    tables = frames_of(model, solver)
    if not allowed_by_p_values(place, tables):
        return False
    new = [(cell, v) for cell, v in cells_in(tables) if v not in seen.values.get(cell, {})]
    for cell, value in new:
        seen.values.setdefault(cell, {})[value] = len(seen.witnesses)
    if new:
        seen.witnesses.append((place.correction, tables))
    return True


def cells_in(tables: dict) -> Iterator[tuple]:
    """Every cell of the tables but the rows' own names: ((table, row, column), value)."""
    for table, frame in tables.items():
        names = frame[f"{table[:-1]}_id"]
        for column in frame.columns.drop(names.name):
            for name, value in zip(names, frame[column], strict=True):
                yield (table, name, column), "" if pd.isna(value) else value


def cells_of(model: Model) -> Iterator[tuple]:
    """The cells of a model by ((table, name of the row), column)."""
    for table in model.cells.levels:
        for k, slot in enumerate(model.cells.slots[table].values(), 1):
            for column, cell in slot.cells.items():
                yield (table, f"{table[0].upper()}{k:02d}", column), cell


def _new_values(model, seen):
    """Literals of the values of categories, and of empty or filled cells, not shown yet."""
    found = []
    for name, cell in cells_of(model):
        known = {str(v) for v in seen.values.get(name, {})}
        found += [x for value, x in cell.values.items() if value not in known]
        if cell.column.empty:
            found += [cell.empty] * ("" not in known) + [~cell.empty] * (known <= {""})
    return _named(model, found)


def other_than(model: Model, known: dict) -> list:
    """Literals that cells have other values than is known of them, in text, "" of an empty one."""
    cells = ((cell, known[name]) for name, cell in cells_of(model) if name in known)
    others = [model.cells.negated(_holds(model.cells, cell, text)) for cell, text in cells]
    return _named(model, [x for x in others if x.index != model.cells.false.index])


def _holds(cells, cell, text):
    if cell.values:
        return cell.values[text]
    if text == "":
        return cell.empty
    bound = round(Fraction(text) * cell.column.scale)
    return cells.all_of([cells.negated(cell.empty), cells.compared(cell.number, "=", bound)])


def _named(model, literals):
    """The literals, with those that are negations replaced by ones of their own that imply them."""
    found = []
    for literal in literals:
        if literal.index < 0:
            found.append(model.cells.m.new_bool_var(""))
            model.cells.m.add_implication(found[-1], literal)
        else:
            found.append(literal)
    return found
