"""Sessions, tumors, progression and history: all that is printed of them, held together.

The cells of the related tables are variables, the rules between tables always hold, and
each fact (the rows that print the same thing) holds while its literal is true. Patients are
tied to the cohorts that the survival search found.
"""

from typing import NamedTuple

import pandas as pd
from ortools.sat.python import cp_model

from recohort.cells.cells import MEASURED, Cells, columns_of
from recohort.cells.facts import KNOWN, add_fact
from recohort.cells.rules import add_rule, columns_of_rule
from recohort.paper.reading import columns_of as columns_in

BLOCKS = ("tumors", "progression", "history")
SEES_SUMS = {"linearization_level": 2}  # of CP-SAT; without it a printed spread can take an hour


class Paper(NamedTuple):
    """What is printed of the related tables: `rows` by fact, and what surrounds them."""

    size: int
    columns: list
    rules: list
    facts: dict  # of each fact, its rows
    blocks: dict  # of each fact, its block
    cohorts: tuple  # frames of patients that the survival search found; () leaves them open
    most: dict  # most sessions a patient, most tumors a session
    conventions: dict


class Model(NamedTuple):
    """The cells with each fact's literal; `choice` is the number of the survival cohort."""

    cells: Cells
    held: dict
    choice: object


def paper_of(rows, dictionary: pd.DataFrame, rules, cohorts, conventions, size) -> Paper:
    """The part of the paper's rows that the related tables have to print."""
    block = {(r["table"], r["column"]): r["block"] for _, r in dictionary.iterrows()}
    block |= {("patients", "rows"): "survival", (MEASURED, "rows"): "progression"}
    block |= {(table, "rows"): "tumors" for table in ("sessions", "tumors")}
    known = {block["patients", column] for frame in cohorts for column in frame}
    facts, blocks = {}, {}
    for row in rows:
        found = {block[name] for name in columns_in(row)}
        if found & set(BLOCKS) and found <= {*BLOCKS, *known, "survival"}:
            facts.setdefault(row.fact, []).append(row)
            blocks[row.fact] = max(found & set(BLOCKS), key=BLOCKS.index)
    return Paper(
        size,
        columns_of(dictionary, {*BLOCKS, *known, "survival"}),
        rules,
        facts,
        blocks,
        tuple(cohorts),
        most_rows(rows),
        conventions,
    )


def most_rows(rows) -> dict:
    """The most sessions of a patient and tumors of a session that any row speaks of."""
    most = {"sessions": 1, "tumors": 1}
    for row in rows:
        home = dict(row.options).get("table", "patients")
        for column, operator, value in row.filters:
            for table, owner in (("sessions", "patients"), ("tumors", "sessions")):
                if home == owner and operator == "=" and column in (f"{table}.rows", table):
                    most[table] = max(most[table], int(value))
    return most


def model_of(paper: Paper, facts=None, shape=None) -> Model:
    """The model of some facts (all by default); `shape` fixes the rows of each patient.

    Rules about columns that the paper does not have are left out.
    """
    facts = paper.facts if facts is None else {f: paper.facts[f] for f in facts}
    used = {name for rows in facts.values() for row in rows for name in columns_in(row)}
    used |= {name for rule in paper.rules for name in columns_of_rule(rule)}
    columns = [c for c in paper.columns if (c.table, c.name) in used]
    cells = Cells(columns, paper.size, paper.most, shape)
    choice = _tie(cells, paper.cohorts)
    known = {(c.table, c.name) for c in columns}
    for rule in paper.rules:
        if {n for n in columns_of_rule(rule) if n[1] != "rows" and n[0] != "previous"} <= known:
            add_rule(cells, rule)
    held = {}
    for fact, rows in facts.items():
        held[fact] = cells.m.new_bool_var(f"holds {fact}")
        known_rows = [row for row in rows if row.statistic in KNOWN]
        add_fact(cells, known_rows, held[fact], paper.conventions)
    _order(cells)
    return Model(cells, held, choice)


def _tie(cells, cohorts):
    """Patients are those of one of the survival search's cohorts."""
    if not cohorts:
        return None
    open_cells, kept = [], []
    for (i,), slot in cells.slots["patients"].items():
        for name, cell in slot.cells.items():
            if name not in cohorts[0]:
                continue
            codes = [_code(cell, frame.at[i, name]) for frame in cohorts]
            variable = cell.number
            if cell.values:
                variable = cells.m.new_int_var(0, len(cell.values) - 1, "")
                for k, literal in enumerate(cell.values.values()):
                    cells.m.add(variable == k).only_enforce_if(literal)
            if len(set(codes)) == 1:
                cells.m.add(variable == codes[0])
            else:
                open_cells.append(variable)
                kept.append(codes)
    if not open_cells:
        return None
    choices = sorted(set(zip(*kept, strict=True)))
    choice = cells.m.new_int_var(0, len(choices) - 1, "cohort")
    cells.m.add_allowed_assignments(
        [choice, *open_cells], [(k, *codes) for k, codes in enumerate(choices)]
    )
    return choice


def _code(cell, value):
    if cell.values:
        return list(cell.values).index(str(value))
    return round(float(value) * cell.column.scale)


def _order(cells):
    """Tumors of a session stand by size from the largest, then by side in alphabetical order."""
    for key, slot in cells.slots["tumors"].items():
        before = cells.slots["tumors"].get((*key[:-1], key[-1] - 1))
        if before is None or "diameter_cm" not in slot.cells:
            continue
        larger, smaller = before.cells["diameter_cm"].number, slot.cells["diameter_cm"].number
        cells.m.add(larger >= smaller).only_enforce_if(slot.present)
        if "side" in slot.cells:
            ranks = [_rank(s.cells["side"].values) for s in (before, slot)]
            tied = cells.compared(larger - smaller, "=", 0)
            cells.m.add(ranks[0] <= ranks[1]).only_enforce_if(tied, slot.present)


def _rank(values):
    return sum(k * values[name] for k, name in enumerate(sorted(values)))


def solve(model: Model, true=(), fixed=(), effort=None, **parameters):
    """A solver with a solution in which the literals `true` hold; None where there is none.

    `fixed` pairs variables with their values; `effort` limits the solver's deterministic time;
    `parameters` are CP-SAT's own.
    Raises ArithmeticError where the solver gives up.
    """
    m, restore = model.cells.m, []
    for variable, value in [*((x, 1) for x in true), *fixed]:
        if variable.index < 0:  # the negation of a literal
            variable, value = variable.negated(), 1 - value
        domain = m.proto.variables[variable.index].domain
        restore.append((domain, list(domain)))
        domain[0] = domain[1] = value
    limit = {} if effort is None else {"max_deterministic_time": effort}
    try:
        return run(m, **limit, **parameters)
    finally:
        for domain, ends in reversed(restore):
            domain[0], domain[1] = ends


def run(m, **parameters):
    """Solve a CP-SAT model, alike at every run; None where it has no solution."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # one worker gives the same answer at every run
    for name, value in parameters.items():
        setattr(solver.parameters, name, value)
    status = solver.solve(m)
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise ArithmeticError(f"the solver gave up: {solver.status_name(status)}")
    return solver
