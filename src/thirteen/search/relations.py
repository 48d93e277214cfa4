"""Sessions, tumors, progression and history: all that is printed of them, held together.

The cells of the related tables are variables, the rules between tables always hold, and
each fact (the rows that print the same thing) holds while its literal is true. Patients are
tied to the cohorts that the survival search found.
"""

from typing import NamedTuple

import pandas as pd
from ortools.sat.python import cp_model

from thirteen.search.cells import Cells, columns_of
from thirteen.search.corrections import smallest_hitting_sets
from thirteen.search.facts import KNOWN, add_fact
from thirteen.search.filters import columns_in
from thirteen.search.rules import add_rule, columns_of_rule

BLOCKS = ("tumors", "progression", "history")


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
    facts, blocks = {}, {}
    for row in rows:
        found = {block[name] for name in columns_in(row) if name in block}
        found |= {"tumors" for table, _ in columns_in(row) if table in ("sessions", "tumors")}
        if found & set(BLOCKS) and found <= {*BLOCKS, "survival"}:
            facts.setdefault(row.fact, []).append(row)
            blocks[row.fact] = next(b for b in (*BLOCKS[::-1],) if b in found)
    return Paper(
        size, columns_of(dictionary, (*BLOCKS, "survival")), rules, facts, blocks, tuple(cohorts),
        most_rows(rows), conventions,
    )  # fmt: skip


def most_rows(rows) -> dict:
    """The most sessions of a patient and tumors of a session that any row speaks of."""
    most = {"sessions": 1, "tumors": 1}
    for row in rows:
        home = dict(row.options).get("table", "patients")
        for column, _, value in row.filters:
            for table, owner in (("sessions", "patients"), ("tumors", "sessions")):
                if home == owner and column in (f"{table}.rows", table):
                    most[table] = max(most[table], int(value))
    return most


def model_of(paper: Paper, facts=None, shape=None) -> Model:
    """The model of some facts (all by default); `shape` fixes the rows of each patient."""
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


def solve(model: Model, true=(), fixed=()):
    """A solver with a solution in which the literals `true` hold; None where there is none.

    `fixed` pairs variables with their values. Raises ArithmeticError where the solver gives up.
    """
    m, restore = model.cells.m, []
    for variable, value in [*((x, 1) for x in true), *fixed]:
        if variable.index < 0:  # the negation of a literal
            variable, value = variable.negated(), 1 - value
        domain = m.proto.variables[variable.index].domain
        restore.append((domain, list(domain)))
        domain[0] = domain[1] = value
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # one worker gives the same answer at every run
    status = solver.solve(m)
    for domain, ends in reversed(restore):
        domain[0], domain[1] = ends
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise ArithmeticError(f"the solver gave up: {solver.status_name(status)}")
    return solver


def smallest_corrections(paper: Paper, facts=None) -> tuple[list, list]:
    """All smallest sets of facts to give up so that the others hold, and conflicts met.

    Each correction has to meet every conflict; when every smallest set that does leaves a
    solution, there is no other.
    """
    model = model_of(paper, facts)
    names, conflicts = list(model.held), []
    while True:
        candidates = smallest_hitting_sets(conflicts, len(names))
        rests = [[f for f in names if f not in aside] for aside in candidates]
        good = [solve(model, [model.held[f] for f in rest]) is not None for rest in rests]
        if any(good):
            return [c for c, fine in zip(candidates, good, strict=True) if fine], conflicts
        conflicts.append(frozenset(minimal_conflict(model, rests[0])))


def minimal_conflict(model: Model, facts) -> list[str]:
    """Out of facts that do not hold together, a set that does not and cannot be made smaller."""
    kept = list(facts)
    for size in (len(kept) // 4, len(kept) // 12, 1):
        for start in range(0, len(kept), max(size, 1)):
            chunk = kept[start : start + max(size, 1)] if size > 1 else facts[start : start + 1]
            rest = [f for f in kept if f not in chunk]
            if len(rest) < len(kept) and solve(model, [model.held[f] for f in rest]) is None:
                kept = rest
    return kept
