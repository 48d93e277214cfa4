"""The table of what each cell of the related tables can be, with whole cohorts as witnesses.

Judged over every smallest correction, every cohort of the survival search and every shape
(tumors in each session of each patient). Witnesses are looked for in tenths; then no other value
of a flag is left over the reals, and no number beyond the ends; solutions in hundredths come near.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import permutations
from pathlib import Path

import pandas as pd

from recohort.audit.known import CELLS
from recohort.audit.whole import Completion
from recohort.cells.cells import DECIMALS, FIRST, levels_of
from recohort.cells.edition import first_shape, kept_facts, ordered_shapes
from recohort.cells.ends import Ends, add_near, ends_seen, finer, not_near_yet, widen
from recohort.cells.over_reals import over_reals
from recohort.cells.related import read_shared, related_paper
from recohort.cells.relations import BLOCKS, Model, Paper, hold_all, model_of
from recohort.cells.values import Seen, add_new, any_of, new_values, show
from recohort.edition import (
    Work,
    frame_of,
    measured_columns,
    number_columns,
    people_at_ends,
    people_over_reals,
    readings,
)
from recohort.folder import read_blocks, read_table, read_tables
from recohort.numbers.measured import some_column
from recohort.paper.rows import select
from recohort.witness import cells_in_words

WITNESSES = "witness correction table column cells".split()


def related_cells(work: Work) -> dict:
    """`related_cells.csv`, `related_witnesses.csv`: related tables, cell by cell.

    Cells as in `identifiability.csv`, and their witnesses. Minutes.
    """
    result, folder = work.result, work.folder
    survival = [frame_of(result, cohort) for cohort in result.grid]
    without, paper = excluded(work), every_fact(work, survival)
    found = [own for own in places(paper, folder) if first_shape(own[1], own[2:])]
    seen = Seen({}, [])
    for number, own, shape in found:
        model = held(own, shape, without)
        show(own, model, partial(new_values, seen), partial(add_new, seen, number))
    ends, people = ends_seen(seen, paper), people_at_ends(result, DECIMALS["number"] + 1)
    for _, own, shape in places(over_reals(paper, *people_over_reals(result)), folder):
        model = held(own, shape, without)
        if any_of(model, new_values(seen, model)):
            raise ArithmeticError("a value has no witness that the P values allow")
        widen(ends, model)
    for number, own, shape in found:
        if set(ends.values) - ends.near - ends.open:
            model = held(finer(own, people), shape, without)
            show(own, model, partial(not_near_yet, ends), partial(add_near, ends, number))
    witnesses = witnesses_frame(seen, ends, [*survival, *people], folder)
    return {
        "related_cells": cells_frame(seen, ends, work.dictionary),
        "related_witnesses": witnesses,
    }


def every_fact(work: Work, survival: list[pd.DataFrame]) -> Paper:
    """All facts about the related tables, tied to the cohorts `survival`."""
    paper = related_paper(work, {"patients": survival[0]}, read_shared(work.folder))
    return paper._replace(cohorts=tuple(survival))


def places(paper: Paper, folder: Path | str) -> Iterator[tuple[int, Paper, tuple]]:
    """Each smallest correction's number, the paper with what it leaves, and each shape."""
    for correction, own in read_table("related_corrections", folder).groupby("correction"):
        left = paper._replace(facts=kept_facts(paper, own))
        yield from ((int(correction), left, shape) for shape in ordered_shapes(left))


def held(paper: Paper, shape: tuple, without: Iterable[dict] = ()) -> Model:
    """A model of one shape in which all facts hold, without the cells that are excluded."""
    model = hold_all(model_of(paper, None, shape))
    cells, people = model.cells, list(model.cells.slots[FIRST].values())
    for together in without:
        literals = []
        for (i, column), value in together.items():
            own = people[i].cells[column]
            there = cells.negated(own.empty), cells.compared(own.number, "=", value)
            literals.append(cells.all_of(there))
        cells.never(*literals)
    return model


def cells_frame(seen: Seen, ends: Ends, dictionary: pd.DataFrame) -> pd.DataFrame:
    """One row a cell of the related tables; columns as in `identifiability.csv`."""
    info, rows = dictionary.set_index(["table", "column"]), []
    for name, found in seen.values.items():
        own = info.loc[(name[0], name[2])]
        if name[0] == FIRST and own["block"] not in BLOCKS:
            continue
        texts = sorted({str(v) for v in found if v != ""})
        ordered = ends.written(name) if name in ends.steps else texts
        every = len(own["values"].split())
        alone = len(ordered) < 2 and ("" not in found or not ordered)
        status = "determined" if alone else "chosen" if len(found) == every else "bounded"
        wide = name in ends.steps and len(ordered) > 1
        low, high = (ordered[0], ordered[-1]) if ordered else ("", "")
        reached = ends.attained(name) if wide else ""
        rows.append((*name, status, "" if wide else len(found), low, high, reached))
    levels, columns = levels_of(dictionary), dictionary["column"].tolist()
    rows.sort(key=lambda r: (levels.index(r[0]), columns.index(r[2]), r[1]))
    return pd.DataFrame(rows, columns=CELLS)


def witnesses_frame(
    seen: Seen, ends: Ends, survival: list[pd.DataFrame], folder: Path | str
) -> pd.DataFrame:
    """The whole columns in which witnesses differ from the edition.

    All that come near to ends, and as few of the others as will do.
    """
    edition, complete, rows, changed = read_tables(folder), Completion(survival, folder), [], {}
    for k, (correction, tables) in enumerate((*ends.witnesses, *seen.witnesses), 1):
        name, whole = f"W{k:03d}", complete(tables, k)
        changed[name] = set()
        for table, column in ((table, c) for table, frame in whole.items() for c in frame):
            own, cells = (cells_in_words(t[table][column]) for t in (edition, whole))
            if own != cells:
                rows.append((name, correction, table, column, cells))
                pairs = enumerate(zip(own.split(" "), cells.split(" "), strict=True))
                changed[name] |= {(table, column, i) for i, (old, new) in pairs if old != new}
    chosen = list(changed)[: len(ends.witnesses)]
    left = set().union(*changed.values()).difference(*(changed[name] for name in chosen))
    while left:  # the witness with most new cells, till none has new ones
        chosen.append(max(changed, key=lambda name: len(changed[name] & left)))
        left -= changed[chosen[-1]]
    found = pd.DataFrame(rows, columns=WITNESSES)
    return found[found["witness"].isin(chosen)].reset_index(drop=True)


def excluded(work: Work) -> list[dict]:
    """Cells that leave no measured column beside any cohort of the survival search, over the reals.

    A sentence may tie a whole number of one table to a measured column ("nine years before, so the
    primary tumor is as old"). The solver of related tables does not know measured columns; what
    they exclude is found here, by z3, and told to it.

    Each answer maps (patient, column) to a value, all of them excluded together; patients are
    places, from 0.
    """
    parts = read_blocks("survival", "ages", "intervals", *BLOCKS, folder=work.folder)
    found = []
    for column, rows in number_columns(*parts[:2]).items():
        own = work.numbers.get(column, ())
        ties = [r for r in rows if r not in own and r.statistic == "count"]
        if own and ties and column in work.measured:
            found += _excluded(column, rows, ties, work)
    return found


def _excluded(column, rows, ties, work):
    given_up = read_table("corrections", work.folder)
    (cell,) = {name for row in ties for name, _, _ in row.filters} - {column}
    values = [int(v) for row in ties for name, _, v in row.filters if name == cell]
    ways, found = [own for _, own in readings(rows, given_up, column)], []
    every = [one for own in ways for one in measured_columns(work.result, own)]
    frames = [one.cohort for one in every]
    for places in permutations(_candidates(column, rows, frames), len(values)):
        cells = dict(zip(places, values, strict=True))
        beside = [f.assign(**{cell: [cells.get(i) for i in range(len(f))]}) for f in frames]
        columns = (one._replace(cohort=f) for one, f in zip(every, beside, strict=True))
        if not any(some_column(one) for one in columns):
            found.append({(i, cell): value for i, value in cells.items()})
    return found


def _candidates(column, rows, frames):
    """The patients who in some cohort are of the groups that counts with the column are about."""
    known = {column, *frames[0]}
    counts = [r for r in rows if r.statistic == "count" and {f[0] for f in r.filters} <= known]
    groups = [[f for f in row.filters if f[0] != column] for row in counts]
    met = [select(frame, filters) for frame in frames for filters in groups if filters]
    return [i for i in range(len(frames[0])) if any(good.iloc[i] for good in met)]
