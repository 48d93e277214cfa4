"""What each cell of the related tables can be, with whole cohorts as witnesses.

Judged over every smallest correction, every cohort of the survival search and every shape
(tumors in each session of each patient); no two solutions are taken for one because they
look alike. The solver is asked for any value that no witness shows yet until there is none,
then for a number beyond the ends seen so far until there is none. A few witnesses show all
values of categories, and two of each number that can be more than one; no number is beyond the
ends, P values aside.
"""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
from ortools.sat.python import cp_model

from recohort.audit.excluded import exclude, excluded
from recohort.cells.cells import LEVELS, Cell
from recohort.cells.edition import first_shape, frames_of, ordered_shapes
from recohort.cells.related import read_shared, related_paper
from recohort.cells.relations import BLOCKS, Model, Paper, model_of, run
from recohort.edition import frame_of, number_columns
from recohort.folder import read_blocks, read_data, read_table, read_tables
from recohort.folder import run as run_search
from recohort.numbers.choosers import CHOOSERS
from recohort.paper.by_block import without_facts
from recohort.paper.printed import printed_by
from recohort.paper.reading import read_dictionary

CELLS = "table row_id column status values lowest highest".split()
WITNESSES = "witness correction table column cells".split()
IDS = {"patients": "patient_id", "sessions": "session_id", "tumors": "tumor_id"}
EMPTY = "-"
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


class Seen(NamedTuple):
    """What the witnesses show: `values` maps a cell to its values and the witness of each.

    `ends` maps a cell to its lowest and highest number, in units of the last decimal.
    """

    values: dict
    witnesses: list  # (correction, tables)
    ends: dict


def related_cells(folder) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells as in `identifiability.csv`, and their witnesses. Minutes."""
    result = run_search(folder)
    survival = [frame_of(result, cohort) for cohort in result.grid]
    seen = search_cells(list(places(survival, folder)))
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    return cells_frame(seen, dictionary), witnesses_frame(seen, survival, folder)


def places(survival, folder):
    """Every shape with a solution, under each smallest correction."""
    without = excluded(survival, folder)
    for correction, paper in corrected_papers(survival, folder):
        for shape in ordered_shapes(paper):
            if first_shape(paper, [shape]):
                free, tied = (_held(paper, shape, without) for _ in range(2))
                yield Place(correction, paper, free, tied, _together(tied))


def corrected_papers(survival, folder):
    """Each smallest correction with the facts that it leaves, tied to the cohorts `survival`."""
    paper = related_paper(
        {"patients": survival[0]}, *read_data(folder), folder, read_shared(folder)
    )
    paper = paper._replace(cohorts=tuple(survival))
    for correction, own in read_table("related_corrections", folder).groupby("correction"):
        aside = own.set_index("fact")["convention"].to_dict()
        kept = {fact: rows for fact, rows in paper.facts.items() if fact not in aside}
        for fact in (f for f in aside if aside[f]):
            switch = tuple(aside[fact].split("="))
            kept[fact] = [row._replace(switches=(switch,)) for row in paper.facts[fact]]
        yield int(correction), paper._replace(facts=kept)


def _held(paper, shape, without=()):
    model = model_of(paper, None, shape)
    for literal in model.held.values():
        model.cells.m.add(literal == 1)
    exclude(model.cells, without)
    return model


def _together(model):
    m, apart = model.cells.m, []
    common = m.new_int_var(0, 10**4, "")
    for slot in model.cells.slots["patients"].values():
        apart.append(m.new_bool_var(""))
        event = slot.cells["progression_event"].values["True"]
        m.add(slot.cells["progression_time"].number == common).only_enforce_if(event, ~apart[-1])
    m.add(sum(apart) <= 1)
    return apart


def search_cells(every) -> Seen:
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


def _show_values(place, model, seen):
    """Ask for any value not shown yet until there is none; prefer many at once."""
    while wanted := _new_values(model, seen):
        m = model.cells.m.clone()
        literals = [m.get_bool_var_from_proto_index(x.index) for x in wanted]
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
        literals = [m.get_bool_var_from_proto_index(x.index) for x in wanted]
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
    clause += [x for x in _progressed(place.tied) if not solver.value(x)]
    place.tied.cells.m.add_bool_or(clause)


def _progressed(model):
    slots = model.cells.slots["patients"].values()
    return [slot.cells["progression_event"].values["True"] for slot in slots]


def _show_one(place, literals, seen):
    """Show some of the ends, trying one patient after another without progression."""
    m = place.free.cells.m.clone()
    m.add_bool_or([m.get_bool_var_from_proto_index(x.index) for x in literals])
    while (solver := run(m)) is not None:
        if _add(place, place.free, solver, seen):
            return True
        spared = [x for x in _progressed(place.free) if not solver.value(x)]
        m.add_bool_or([m.get_bool_var_from_proto_index(x.index) for x in spared])
    return False


def _add(place, model, solver, seen) -> bool:
    """Keep a solution that shows something new, unless a P value speaks against it."""
    tables = frames_of(model, solver)
    rows = [r for own in place.paper.facts.values() for r in own if r.statistic == "p_value"]
    for row in rows:
        if not printed_by(row, tables, place.paper.conventions):
            return False
    new = [(cell, v) for cell, v in cells_in(tables) if v not in seen.values.get(cell, {})]
    for cell, value in new:
        seen.values.setdefault(cell, {})[value] = len(seen.witnesses)
    if new:
        seen.witnesses.append((place.correction, tables))
    return bool(new)


def cells_in(tables):
    """Every cell of the tables but the rows' own names: ((table, row, column), value)."""
    for table in LEVELS:
        frame = tables[table]
        for column in frame.columns.drop(IDS[table]):
            for name, value in zip(frame[IDS[table]], frame[column], strict=True):
                yield (table, name, column), "" if pd.isna(value) else value


def _cells(model):
    """The cells of a model by ((table, name of the row), column)."""
    for table in LEVELS:
        for k, slot in enumerate(model.cells.slots[table].values(), 1):
            for column, cell in slot.cells.items():
                yield (table, f"{table[0].upper()}{k:02d}", column), cell


def _new_values(model, seen):
    """Literals of the values of categories, and of empty or filled cells, not shown yet."""
    found = []
    for name, cell in _cells(model):
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
    return [(name, cell) for name, cell in _cells(model) if not cell.values]


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
                _take(ends, name, _end(model, cell, sign))


def _end(model, cell: Cell, sign):
    """The least (`sign` 1) or greatest number that the cell can have when it has one."""
    m = model.cells.m.clone()
    if cell.empty.index != model.cells.false.index:
        m.add(m.get_bool_var_from_proto_index(cell.empty.index) == 0)
    number = m.get_int_var_from_proto_index(cell.number.index)
    m.minimize(sign * number)
    return run(m).value(number)


def _take(ends, name, value):
    low, high = ends.get(name, (value, value))
    ends[name] = min(low, value), max(high, value)


def cells_frame(seen: Seen, dictionary) -> pd.DataFrame:
    """One row a cell of the related tables; columns as in `identifiability.csv`."""
    info = dictionary.set_index(["table", "column"])
    rows = []
    for (table, name, column), found in seen.values.items():
        if table == "patients" and info.at[(table, column), "block"] not in BLOCKS:
            continue
        ordered = sorted({str(v) for v in found if v != ""})
        if (table, name, column) in seen.ends:
            scale = 10 if info.at[(table, column), "type"] == "number" else 1
            low, high = seen.ends[table, name, column]
            ordered = [str(v / scale if scale > 1 else v) for v in (low, *[high] * (high > low))]
        every = len(info.at[(table, column), "values"].split())
        alone = len(ordered) < 2 and ("" not in found or not ordered)
        status = "determined" if alone else "chosen" if len(found) == every else "bounded"
        count = "" if len(ordered) > 1 and (table, name, column) in seen.ends else len(found)
        ends = [ordered[0], ordered[-1]] if ordered else ["", ""]
        rows.append((table, name, column, status, count, *ends))
    order = {t: k for k, t in enumerate(LEVELS)}
    columns = dictionary["column"].tolist()
    rows.sort(key=lambda r: (order[r[0]], columns.index(r[2]), r[1]))
    return pd.DataFrame(rows, columns=CELLS)


def witnesses_frame(seen: Seen, survival, folder) -> pd.DataFrame:
    """The whole columns in which witnesses differ from the edition; as few of them as will do."""
    edition, complete = read_tables(folder), completion(survival, folder)
    rows = []
    for k, (correction, tables) in enumerate(seen.witnesses, 1):
        for table, frame in complete(tables, k).items():
            for column in frame:
                cells = in_words(frame[column])
                if cells != in_words(edition[table][column]):
                    rows.append((f"W{k:03d}", correction, table, column, cells))
    return few_witnesses(pd.DataFrame(rows, columns=WITNESSES), edition)


def few_witnesses(rows, edition) -> pd.DataFrame:
    """The witnesses, the one with most new cells first, that change all cells that any changes."""
    changed = {}
    for row in rows.itertuples():
        own = in_words(edition[row.table][row.column]).split(" ")
        changed.setdefault(row.witness, set()).update(
            (row.table, row.column, i)
            for i, (a, b) in enumerate(zip(own, row.cells.split(" "), strict=True))
            if a != b
        )
    left, chosen = set().union(*changed.values()), []
    while left:
        chosen.append(max(changed, key=lambda name: len(changed[name] & left)))
        left -= changed[chosen[-1]]
    return rows[rows["witness"].isin(chosen)].reset_index(drop=True)


def completion(survival, folder):
    """A function that gives a solution all that is not searched for with it.

    That is the rest of a cohort of `survival` (the k-th that fits); ages, intervals from
    diagnosis and filtration rates, the edition's wherever they print all rows about them. The
    rates go to other patients, so that pairs stay with chemotherapy afterwards or without.
    """
    edition = read_tables(folder)
    published, statements, conventions = read_blocks(
        "survival", "ages", "intervals", *BLOCKS, folder=folder
    )
    given = read_table("corrections", folder).groupby(["block", "correction"])
    columns = {
        column: [without_facts(rows, own) for (block, _), own in given if block == column] or [rows]
        for column, rows in number_columns(published, statements).items()
        if column in CHOOSERS
    }

    def complete(tables, k):
        people = _with_survival(tables["patients"], survival, k)
        for column, readings in columns.items():
            people[column] = edition["patients"][column]
            trial = tables | {"patients": people}
            if not any(all(printed_by(r, trial, conventions) for r in rows) for rows in readings):
                people[column] = _column(column, readings, people, conventions)
        renal = _pairs_for(people, edition)
        people = people.reindex(columns=edition["patients"].columns)
        return tables | {"patients": people, "renal_function": renal}

    return complete


def _column(column, readings, people, conventions):
    """A column under the first of its readings that leaves one.

    Raises ArithmeticError where none does.
    """
    for rows in readings:
        found = CHOOSERS[column](rows, people, conventions)
        if found is not None:
            return found
    raise ArithmeticError(f"a solution without {column}")


def _with_survival(people, survival, k):
    """Patients with every column of a cohort that agrees with them."""
    shared = [c for c in survival[0] if c in people]
    words = people[shared].astype(str)
    fitting = [frame for frame in survival if frame[shared].astype(str).equals(words)]
    found = fitting[k % len(fitting)]
    return people.assign(**{c: found[c] for c in found if c not in people})


def _pairs_for(people, edition):
    """The edition's pairs, handed to patients alike: with contrast or not, chemotherapy or not."""
    flags = ["chemotherapy_after", "contrast_at_followup"]
    pairs = edition["renal_function"]
    kinds = [
        frame.set_index("patient_id")
        .loc[pairs["patient_id"], flags]
        .astype(str)
        .agg("".join, axis=1)
        for frame in (edition["patients"], people)
    ]
    if (kinds[0] == kinds[1]).all():
        return pairs
    old, new = (kind.reset_index(drop=True).sort_values(kind="stable").index for kind in kinds)
    found = pairs.iloc[old].assign(patient_id=pairs["patient_id"].iloc[new].tolist())
    return found.sort_values("patient_id", ignore_index=True)


def in_words(cells) -> str:
    """A column in one line, ``-`` for an empty cell."""
    return " ".join(EMPTY if pd.isna(v) else str(v) for v in cells)


def witness_tables(rows, edition) -> dict:
    """The tables of one witness (its rows in the witnesses' frame), over the edition's."""
    tables = {name: frame.copy() for name, frame in edition.items()}
    for row in rows.itertuples():
        kind = edition[row.table][row.column].dtype
        tables[row.table][row.column] = typed(row.cells.split(" "), kind)
    return tables


def typed(words, kind) -> list:
    """The cells of a column that `in_words` wrote, by the type of the edition's."""
    return [None if word == EMPTY else _typed(word, kind) for word in words]


def _typed(text, kind):
    if pd.api.types.is_bool_dtype(kind):
        return text == "True"
    return float(text) if pd.api.types.is_numeric_dtype(kind) else text
