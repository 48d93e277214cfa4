"""One cohort of the related tables, chosen by a written rule.

What words and numbers leave open is chosen without chance. The tumors are in the first
shape, in the order of patients and sessions, that can take them. Flags and categories then
are, row by row and column by column as in the dictionary, the first value that leaves a
solution. Numbers come last: each is as near as it can be to the printed
mean of its column or, where none is printed, to the middle of what it can be.
"""

from collections.abc import Collection, Iterable
from fractions import Fraction
from itertools import product

import pandas as pd
from ortools.sat.python import cp_model

from recohort.cells.cells import FIRST
from recohort.cells.relations import Model, Paper, copied, hold_all, model_of, run, solve
from recohort.paper.printed import agrees, without_facts
from recohort.paper.rows import restrictions, table_of
from recohort.paper.statistics import options_of


def kept_facts(paper: Paper, corrections: pd.DataFrame) -> dict:
    """The rows of each fact without those set aside; excepted ones, last, under their option."""
    aside = [f for f in corrections["fact"] if f in paper.facts]
    order = [*(f for f in paper.facts if f not in aside), *aside]
    kept = {f: without_facts(paper.facts[f], corrections) for f in order}
    return {f: rows for f, rows in kept.items() if rows}


def without(paper: Paper, shapes: list, corrections: pd.DataFrame) -> Paper:
    """The paper without the facts of a correction, but with what is left of them.

    A fact that is excepted is kept under its convention. Of one set aside the rows that can
    still be printed, in some of `shapes`, stay, the first of them first.
    """
    kept = kept_facts(paper, corrections)
    for fact in (f for f in paper.facts if f not in kept and len(paper.facts[f]) > 1):
        for row in paper.facts[fact]:
            rows = [*kept.get(fact, []), row]
            if first_shape(paper._replace(facts={**kept, fact: rows}), shapes):
                kept[fact] = rows
    return paper._replace(facts=kept)


def exceptions(paper: Paper, shapes: list[tuple], aside: Collection[str]) -> dict:
    """Of the facts given up, those that another option prints after all; digits cut off come last.

    An option has to print the fact alone before it is tried with all others.
    """
    kept = {fact: rows for fact, rows in paper.facts.items() if fact not in aside}
    found = {}
    for fact in (f for f in paper.facts if f in aside):
        rows = paper.facts[fact]
        options = dict.fromkeys(s for row in rows for s in options_of(row, paper.levels))
        for switch in sorted(options, key=lambda switch: switch[1] == "cut"):
            rows = [row._replace(switches=(switch,)) for row in paper.facts[fact]]
            trials = {fact: rows}, {**kept, fact: rows}
            if all(first_shape(paper._replace(facts=trial), shapes) for trial in trials):
                kept[fact], found[fact] = rows, switch
                break
    return found


def first_shape(paper: Paper, shapes: Iterable[tuple]) -> tuple | None:
    """The first of some shapes in which all facts hold."""
    for shape in shapes:
        model = model_of(paper, None, shape)
        if solve(model, model.held.values()):
            return shape
    return None


def ordered_shapes(paper: Paper) -> list[tuple]:
    """The shapes that the rules and the counts of rows alone allow; more tumors earlier first."""
    most, deepest = paper.most.values()
    every = [s for k in range(most) for s in product(range(1, deepest + 1), repeat=k + 1)]
    alone = [_alone(paper, i) for i in range(paper.size)]
    options = [[s for s in every if run(model_of(own, (), (s,)).cells.m)] for own in alone]
    counts = [r for rows in paper.facts.values() for r in rows if r.statistic == "count"]
    counts = [r for r in counts if not r.filters and not restrictions(r)]
    counts = [r for r in counts if table_of(r) in paper.levels]
    fine = []
    for shape in product(*options):
        sizes = len(shape), sum(map(len, shape)), sum(map(sum, shape))
        number = dict(zip(paper.levels, sizes, strict=True))
        if all(agrees(row, number[table_of(row)], paper.conventions) for row in counts):
            fine.append(shape)
    return sorted(fine, key=lambda shape: [[-n for n in sessions] for sessions in shape])


def _alone(paper, i):
    """The rules about numbers of rows for one patient, who is as in some of the cohorts."""
    own = [cohort.iloc[[i]] for cohort in paper.cohorts]
    own = pd.concat(own).drop_duplicates() if own else pd.DataFrame()
    cohorts = tuple(own.iloc[[k]].reset_index(drop=True) for k in range(len(own)))
    rules = [rule for rule in paper.rules if rule.id.endswith(".rows")]
    return paper._replace(size=1, cohorts=cohorts, rules=rules, within={})


def choose(paper: Paper, shape: tuple) -> dict[str, pd.DataFrame]:
    """The tables of the chosen solution; every fact of the paper holds."""
    model = hold_all(model_of(paper, None, shape))
    solver = _choose_flags(model)
    for table in (*paper.most, FIRST):
        for name in _open_numbers(paper, table):
            slots = model.cells.slots[table].items()
            cells = [s.cells[name] for key, s in slots if table != paper.levels[1] or key[-1]]
            cells = [cell for cell in cells if not solver.value(cell.empty)]
            _choose_numbers(model, cells, _centers(paper, table, name))
    return frames_of(model, run(model.cells.m))


def _open_numbers(paper, table):
    """The columns of numbers that no other cell decides, in the dictionary's order.

    Those of the survival search are decided, what numbers the rows, and what some rule gives from
    the rows of other tables.
    """
    known = {c for frame in paper.cohorts for c in frame.columns}
    for rule in paper.rules:
        for piece in (p for part in rule.then for p in part if p.operator in ("=", "~")):
            if piece.terms and all("." in column for _, column in piece.terms):
                known.add(piece.column)
    numbers = [c for c in paper.columns if c.table == table and not c.values and c.key != "number"]
    return [c.name for c in numbers if c.name not in known]


def _choose_flags(model):
    """Fix every flag and category at the first value that leaves a solution, in order."""
    slots = (slot for own in model.cells.slots.values() for slot in own.values())
    cells = [cell for slot in slots for cell in slot.cells.values()]
    order = [literal for cell in cells for literal in cell.values.values()]
    m = model.cells.m.clone()
    m.add_decision_strategy(copied(m, order), cp_model.CHOOSE_FIRST, cp_model.SELECT_MAX_VALUE)
    solver = run(
        m, search_branching=cp_model.FIXED_SEARCH, keep_all_feasible_solutions_in_presolve=True
    )
    order += [cell.empty for cell in cells if cell.column.empty]  # a flag says: is there a number?
    for literal in order:
        model.cells.m.add(literal == solver.value(literal))
    return solver


def _centers(paper, table, column):
    """The printed means and medians of a column."""
    return [
        row.printed
        for rows in paper.facts.values()
        for row in rows
        if row.statistic in ("mean", "median")
        and (table_of(row), dict(row.options)["column"], row.filters) == (table, column, ())
    ]


def _choose_numbers(model, cells, centers):
    """Fix the numbers of a column, one after the other, as near as can be to what is wanted.

    That is the first of `centers`; or else the middle of what the cell can be. Cells that can be
    the same share their range evenly, in the order of the rows.
    """
    if centers:
        for cell in cells:
            _fix_near(model, cell.number, Fraction(centers[0]) * cell.column.scale)
        return
    ends = [tuple(_least(model, s * c.number, c.number) for s in (1, -1)) for c in cells]
    for k, (cell, (low, high)) in enumerate(zip(cells, ends, strict=True)):
        before = ends[:k].count((low, high)) + 1
        share = Fraction(before, ends.count((low, high)) + 1)
        _fix_near(model, cell.number, low + (high - low) * share)


def _least(model, goal, number):
    """What a number is where a goal is least."""
    model.cells.m.minimize(goal)
    value = run(model.cells.m).value(number)
    model.cells.m.clear_objective()
    return value


def _fix_near(model, number, wanted):
    """Fix a number as near as can be to `wanted`, the lower of two equally near."""
    m, by = model.cells.m, 4 * wanted.denominator
    distance = m.new_int_var(0, 10**9, "")
    m.add_abs_equality(distance, by * number - int(wanted * by) + 1)  # of two as near, the lower
    m.add(number == _least(model, distance, number))


def frames_of(model: Model, solver: cp_model.CpSolver) -> dict[str, pd.DataFrame]:
    """The tables of a solution, with keys; booleans as bool, empty cells as missing."""
    cells, names, tables = model.cells, {}, {}
    for table in cells.levels:
        rows = []
        for key, slot in cells.slots[table].items():
            if solver.value(slot.present):
                names[key] = f"{table[0].upper()}{len(rows) + 1:02d}"
                own = [names[key[: k + 1]] for k in range(len(key))]
                ids = {f"{t[:-1]}_id": name for t, name in zip(cells.levels, own, strict=False)}
                rows.append(ids | {c: _value(solver, cell) for c, cell in slot.cells.items()})
        whole = {c.name: "Int64" for c in cells.columns[table] if not c.values and c.scale == 1}
        tables[table] = pd.DataFrame(rows).astype(whole)
    return tables


def _value(solver, cell):
    if cell.column.values:
        value = next(v for v, literal in cell.values.items() if solver.value(literal))
        return value == "True" if set(cell.values) == {"True", "False"} else value
    if solver.value(cell.empty):
        return None
    number = solver.value(cell.number)
    return number / cell.column.scale if cell.column.scale > 1 else number
