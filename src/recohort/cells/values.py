"""What each cell of the related tables can be: every value of a category, the ends of numbers.

No two solutions are taken for one because they look alike. The solver is asked for any value that
no witness shows yet until there is none, then for a number beyond the ends seen so far until there
is none. A few witnesses show all values of categories, and two of each number that can be more
than one; no number is beyond the ends, P values aside.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
from ortools.sat.python import cp_model

from recohort.cells.cells import FIRST
from recohort.cells.edition import frames_of
from recohort.cells.relations import Model, Paper, copied, end_of, run
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
    """What the witnesses show: `values` maps a cell to its values and the witness of each.

    `ends` maps a cell to its lowest and highest number, in units of the last decimal.
    """

    values: dict
    witnesses: list  # (correction, tables)
    ends: dict


def search_cells(every: list) -> Seen:
    """All values of categories and the ends of numbers, over all places.

    Raises ArithmeticError where the P values keep a value from getting its witness.
    """
    seen = Seen({}, [], {})
    for place in every:
        for model in (place.tied, place.free):
            _show_values(place, model, seen)
        _widen(place.free, seen.ends)
    for place in every:
        _show_numbers(place, seen)
    if missing := _alone(seen):
        raise ArithmeticError(f"no second witness that the P values allow for {sorted(missing)}")
    return seen


def _together(paper, model):
    m, apart, (time, _) = model.cells.m, [], ends_compared(paper)
    common = m.new_int_var(0, 10**4, "")
    events = _progressed(paper, model)
    for slot, event in zip(model.cells.slots[FIRST].values(), events, strict=True):
        apart.append(m.new_bool_var(""))
        m.add(slot.cells[time].number == common).only_enforce_if(event, ~apart[-1])
    m.add(sum(apart) <= 1)
    return apart


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


def _show_numbers(place, seen):
    """Show a second value of numbers that have one: as many as a short search can at a time."""
    while wanted := _new_numbers(place.tied, seen):
        m = place.tied.cells.m.clone()
        literals = copied(m, wanted)
        m.add_bool_or(literals)
        m.maximize(sum(literals))
        solver = run(m, max_deterministic_time=EFFORT)
        if solver is None:
            break
        if not _add(place, place.tied, solver, seen):
            _avoid(place, solver)
    while wanted := _new_numbers(place.free, seen):
        if not _show_one(place, wanted, seen):
            return


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


def _show_one(place, literals, seen):
    """Show some of the ends, trying one patient after another without progression."""
    m = place.free.cells.m.clone()
    m.add_bool_or(copied(m, literals))
    while (solver := run(m)) is not None:
        if _add(place, place.free, solver, seen):
            return True
        spared = [x for x in _progressed(place.paper, place.free) if not solver.value(x)]
        m.add_bool_or(copied(m, spared))
    return False


def _add(place, model, solver, seen) -> bool:
    """Keep a solution that shows something new, unless a P value speaks against it."""
    tables = frames_of(model, solver)
    rows = [r for own in place.paper.facts.values() for r in own if r.statistic == "p_value"]
    if not all(printed_by(row, tables, place.paper.conventions) for row in rows):
        return False
    new = [(cell, v) for cell, v in cells_in(tables) if v not in seen.values.get(cell, {})]
    for cell, value in new:
        seen.values.setdefault(cell, {})[value] = len(seen.witnesses)
    if new:
        seen.witnesses.append((place.correction, tables))
    return bool(new)


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
    return [x for x in found if x.index >= 0] + [_named(model, x) for x in found if x.index < 0]


def _named(model, negation):
    """A literal of its own that implies a negation."""
    literal = model.cells.m.new_bool_var("")
    model.cells.m.add_implication(literal, negation)
    return literal


def _numbers(model):
    """The cells of numbers."""
    return [(name, cell) for name, cell in cells_of(model) if not cell.values]


def _filled(model, cell, *literals):
    return model.cells.all_of([model.cells.negated(cell.empty), *literals])


def _alone(seen):
    """The cells of numbers that can be several and of which witnesses show one."""
    return {
        name
        for name, (low, high) in seen.ends.items()
        if low < high and len(_units(seen, name)) < 2
    }


def _new_numbers(model, seen):
    """Literals of a second number for cells that need one: at an end, in any direction."""
    found, alone = [], _alone(seen)
    for name, cell in _numbers(model):
        if name in alone:
            ends = set(seen.ends[name]) - _units(seen, name)
            same = [model.cells.compared(cell.number, "=", end) for end in sorted(ends)]
            found += [_filled(model, cell, literal) for literal in same]
    return [x for x in found if x.index != model.cells.false.index]


def _units(seen, name):
    """The numbers of a cell that witnesses show, in units of its last decimal."""
    shown = [v for v in seen.values.get(name, {}) if v != ""]
    return {round(v * 10) if isinstance(v, float) else v for v in shown}


def _widen(model, ends):
    """Ask for a number beyond the ends until there is none; then take it as far as it goes."""
    cells = _numbers(model)
    while True:
        m, beyond = model.cells.m.clone(), []
        for name, cell in cells:
            low, high = ends.get(name, (10**6, -1))
            for sign, end in ((1, low), (-1, high)):
                literal = m.new_bool_var("")
                number = m.get_int_var_from_proto_index(cell.number.index)
                m.add(sign * number < sign * end).only_enforce_if(literal)
                if cell.empty.index != model.cells.false.index:
                    empty = m.get_bool_var_from_proto_index(cell.empty.index)
                    m.add_implication(literal, ~empty)
                beyond.append((literal, name, cell, sign))
        m.add_bool_or([literal for literal, *_ in beyond])
        solver = run(m)
        if solver is None:
            return
        for literal, name, cell, sign in beyond:
            if solver.value(literal):
                filled = [] if cell.empty.index == model.cells.false.index else [(cell.empty, 0)]
                _take(ends, name, end_of(model, cell.number, sign, filled))


def _take(ends, name, value):
    low, high = ends.get(name, (value, value))
    ends[name] = min(low, value), max(high, value)
