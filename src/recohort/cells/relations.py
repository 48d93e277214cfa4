"""Sessions, tumors, progression and history: all that is printed of them, held together.

The cells of the related tables are variables, the rules between tables always hold, and
each fact (the rows that print the same thing) holds while its literal is true. Patients are
tied to the cohorts that the survival search found.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise, product
from math import ceil, floor, lcm
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd
from ortools.sat.python import cp_model

from recohort.cells.cells import FIRST, Cells, beside_of, columns_of, levels_of
from recohort.cells.facts import add_fact
from recohort.paper.reading import blocks_of, homes_of
from recohort.paper.reading import columns_of as columns_in
from recohort.paper.rows import Row, table_of
from recohort.paper.rules import columns_of_rule

BLOCKS = ("tumors", "progression", "history")
ORDERS = ("falling", "rising")
SEES_SUMS = {"linearization_level": 2}  # of CP-SAT; without it a printed spread can take an hour


class Paper(NamedTuple):
    """What is printed of the related tables: `rows` by fact, and what surrounds them."""

    size: int
    columns: list
    rules: list
    facts: dict  # of each fact, its rows
    blocks: dict  # of each fact, its block
    cohorts: tuple  # frames of patients that the survival search found; () leaves them open
    most: dict  # of each table below the first, the most rows an owner
    conventions: dict
    beside: tuple  # tables with at most a row a patient
    within: Mapping = MappingProxyType({})  # ends of real numbers: see `cells.over_reals`

    @property
    def levels(self) -> tuple[str, ...]:
        """The related tables; rows of each belong to a row of the one before."""
        return (FIRST, *self.most)

    def named(self, *facts: str) -> set[tuple[str, str]]:
        """The (table, column) pairs that some facts name."""
        return {name for fact in facts for row in self.facts[fact] for name in columns_in(row)}


class Model(NamedTuple):
    """The cells with each fact's literal."""

    cells: Cells
    held: dict


def paper_of(
    rows: list[Row],
    dictionary: pd.DataFrame,
    rules: list,
    cohorts: list[pd.DataFrame],
    conventions: dict,
    size: int,
) -> Paper:
    """The part of the paper's rows that the related tables have to print."""
    levels, beside = levels_of(dictionary), beside_of(dictionary)
    most = dict.fromkeys(levels[1:], 1)
    for row, (owner, table) in product(rows, pairwise(levels)):
        for column, operator, value in row.filters if table_of(row) == owner else ():
            if operator == "=" and column in (f"{table}.rows", table):
                most[table] = max(most[table], int(value))
    homes = homes_of(dictionary) | {(table, "rows"): BLOCKS[1] for table in beside}
    known = {homes[FIRST, c] for frame in cohorts for c in frame if (FIRST, c) in homes}
    facts, blocks = {}, {}
    for row in rows:
        found = blocks_of(row, homes)
        if found & set(BLOCKS) and found <= {*BLOCKS, *known, "survival"}:
            facts.setdefault(row.fact, []).append(row)
            blocks[row.fact] = max(found & set(BLOCKS), key=BLOCKS.index)
    columns = columns_of(dictionary, {*BLOCKS, *known, "survival"})
    return Paper(size, columns, rules, facts, blocks, tuple(cohorts), most, conventions, beside)


def model_of(
    paper: Paper, facts: Collection[str] | None = None, shape: tuple | None = None
) -> Model:
    """The model of some facts (all by default); `shape` fixes the rows of each patient.

    Rules about columns that the paper does not have are left out.
    """
    facts = paper.facts if facts is None else {f: paper.facts[f] for f in facts}
    used = {name for rows in facts.values() for row in rows for name in columns_in(row)}
    used |= {name for rule in paper.rules for name in columns_of_rule(rule)}
    columns = [c for c in paper.columns if (c.table, c.name) in used]
    cells = Cells(columns, paper.size, paper.most, shape, paper.beside)
    _tie(cells, paper.cohorts)
    _keep_within(cells, paper.within)
    known = {(c.table, c.name) for c in columns}
    for rule in paper.rules:
        named = {n for n in columns_of_rule(rule) if n[1] != "rows" and n[0] != "previous"}
        if not named <= known:
            continue
        for slot in cells.slots[rule.table].values():
            given = cells.meets(slot, [p[:3] for p in rule.given])
            parts = ([_holds(cells, slot, piece) for piece in part] for part in rule.then)
            cells.m.add_bool_or([cells.negated(given), *map(cells.all_of, parts)])
    held = {}
    for fact, rows in facts.items():
        held[fact] = cells.m.new_bool_var(f"holds {fact}")
        add_fact(cells, rows, held[fact], paper.conventions)
    _order(cells)
    return Model(cells, held)


def _holds(cells, slot, piece):
    """A literal under which the piece is true (it may be false and the piece still true)."""
    if not piece.terms:
        return cells.meets(slot, [piece[:3]])
    other, _, name = piece.column.rpartition(".")
    slots = cells.related(slot, other) if other else [slot]
    return cells.any_of([_compare(cells, slot, s, name, piece) for s in slots])


def _compare(cells, slot, left, name, piece):
    """Enforce ``left operator terms`` under a new literal, in whole numbers."""
    terms = [_term(cells, slot, column) for _, column in piece.terms]
    if None in terms:
        return cells.false
    literal, cell = cells.m.new_bool_var(""), left.cells[name]
    pairs = zip(piece.terms, terms, strict=True)
    factors = [factor * cell.column.scale / scale for (factor, _), (_, scale, _) in pairs]
    by = 2 * lcm(*(f.denominator for f in factors))
    right = sum(int(f * by) * number for f, (number, _, _) in zip(factors, terms, strict=True))
    less = by * cell.number - right  # 0 where both sides are equal
    low, high = {
        "=": (0, 0),
        "<=": (None, 0),
        ">=": (0, None),
        "<": (None, -1),
        ">": (1, None),
        "~": (1 - by // 2, by // 2) if cell.column.parts == 1 else (0, 0),  # a real is not rounded
    }[piece.operator]
    if low is not None:
        cells.m.add(less >= low).only_enforce_if(literal)
    if high is not None:
        cells.m.add(less <= high).only_enforce_if(literal)
    empty = [cell.empty, *(empty for _, _, empty in terms)]
    return cells.all_of([literal, left.present, *map(cells.negated, empty)])


def _term(cells, slot, column):
    """A cell's variable, scale and literal of being empty, or a number of rows; None for none."""
    other, _, name = column.rpartition(".")
    rows = cells.related(slot, other) if other else [slot]
    if name == "rows":
        return sum(s.present for s in rows), 1, cells.false
    if not rows:
        return None
    cell = rows[0].cells[name]
    return cell.number, cell.column.scale, cell.empty


def hold_all(model: Model) -> Model:
    """The model, in which every fact has to hold from now on."""
    for literal in model.held.values():
        model.cells.m.add(literal == 1)
    return model


def _tie(cells, cohorts):
    """Patients are those of one of the survival search's cohorts."""
    if not cohorts:
        return
    open_cells, kept = [], []
    for (i,), slot in cells.slots[FIRST].items():
        for name, cell in slot.cells.items():
            if name not in cohorts[0]:
                continue
            known = [frame.at[i, name] for frame in cohorts]
            if cell.values:
                codes = [list(cell.values).index(str(value)) for value in known]
                variable = cells.m.new_int_var(0, len(cell.values) - 1, "")
                for k, literal in enumerate(cell.values.values()):
                    cells.m.add(variable == k).only_enforce_if(literal)
            else:
                codes = [round(float(value) * cell.column.scale) for value in known]
                variable = cell.number
            if len(set(codes)) == 1:
                cells.m.add(variable == codes[0])
            else:
                open_cells.append(variable)
                kept.append(codes)
    if not open_cells:
        return
    choices = sorted(set(zip(*kept, strict=True)))
    choice = cells.m.new_int_var(0, len(choices) - 1, "cohort")
    cells.m.add_allowed_assignments(
        [choice, *open_cells], [(k, *codes) for k, codes in enumerate(choices)]
    )


def _keep_within(cells, within):
    """Measured columns of patients keep to their ends; on a grid an open end is a step away."""
    slots = cells.slots[FIRST].values()
    for name, ends in within.items():
        for slot, (low, high, low_closed, high_closed) in zip(slots, ends, strict=True):
            if (cell := slot.cells.get(name)) is None:  # no fact or rule names it
                continue
            first, last = low * cell.column.scale, high * cell.column.scale
            cells.m.add(cell.number >= (ceil(first) if low_closed else floor(first) + 1))
            cells.m.add(cell.number <= (floor(last) if high_closed else ceil(last) - 1))


def _order(cells):
    """Rows of one owner of the last table stand by its columns that fall, then those that rise."""
    ordered = [c for c in cells.columns[cells.levels[-1]] if c.key in ORDERS]
    ordered.sort(key=lambda column: ORDERS.index(column.key))
    for key, slot in cells.slots[cells.levels[-1]].items():
        before = cells.slots[slot.table].get((*key[:-1], key[-1] - 1))
        tied, less = [slot.present], None
        for column in ordered if before is not None else ():
            if less is not None:
                tied = [cells.compared(less, "=", 0), *tied]
            one, other = (_rank(s.cells[column.name]) for s in (before, slot))
            less = one - other
            inside = one >= other if column.key == "falling" else one <= other
            cells.m.add(inside).only_enforce_if(tied)


def _rank(cell):
    """A number, or the place of a category in alphabetical order."""
    if not cell.values:
        return cell.number
    return sum(k * cell.values[name] for k, name in enumerate(sorted(cell.values)))


def solve(model: Model, true: Iterable = (), **parameters) -> cp_model.CpSolver | None:
    """A solver with a solution in which the literals `true` hold; None where there is none.

    `parameters` are CP-SAT's own. Raises ArithmeticError where the solver gives up.
    """
    m = model.cells.m.clone()
    for literal in true:
        m.proto.variables[literal.index].domain[0] = 1  # 0 to 1 before
    return run(m, **parameters)


def copied(m: cp_model.CpModel, literals: Iterable) -> list:
    """The literals of a model in its clone."""
    return [m.get_bool_var_from_proto_index(x.index) for x in literals]


def run(m: cp_model.CpModel, **parameters) -> cp_model.CpSolver | None:
    """Solve a CP-SAT model, alike at every run; None where it has no solution."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # one worker gives the same answer at every run
    solver.parameters.catch_sigint_signal = False  # an interruption is not an answer
    for name, value in parameters.items():
        setattr(solver.parameters, name, value)
    status = solver.solve(m)
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise ArithmeticError(f"the solver gave up: {solver.status_name(status)}")
    return solver
