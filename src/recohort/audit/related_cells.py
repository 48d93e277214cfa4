"""The table of what each cell of the related tables can be, with whole cohorts as witnesses.

Judged over every smallest correction, every cohort of the survival search and every shape
(tumors in each session of each patient). What is measured counts whole tenths here; that no other
flag, category or count is possible over the reals either is shown by `cells.over_reals`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from recohort.audit.excluded import exclude, excluded
from recohort.audit.whole import completion
from recohort.cells.cells import levels_of
from recohort.cells.edition import first_shape, kept_facts, ordered_shapes
from recohort.cells.related import read_shared, related_paper
from recohort.cells.relations import BLOCKS, Model, Paper, model_of
from recohort.cells.values import Seen, place_of, search_cells
from recohort.edition import frame_of
from recohort.folder import read_data, read_table, read_tables
from recohort.folder import run as run_search
from recohort.paper.reading import read_dictionary
from recohort.witness import cells_in_words, differing

CELLS = "table row_id column status values lowest highest".split()
WITNESSES = "witness correction table column cells".split()


def related_cells(folder: Path | str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells as in `identifiability.csv`, and their witnesses. Minutes."""
    result = run_search(folder)
    survival = [frame_of(result, cohort) for cohort in result.grid]
    without, every = excluded(survival, folder), []
    for correction, own, shape in places(every_fact(survival, folder), folder):
        every.append(place_of(correction, own, *(held(own, shape, without) for _ in range(2))))
    seen = search_cells(every)
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    return cells_frame(seen, dictionary), witnesses_frame(seen, survival, folder)


def every_fact(survival: list[pd.DataFrame], folder: Path | str) -> Paper:
    """All facts about the related tables, tied to the cohorts `survival`."""
    paper = related_paper({"patients": survival[0]}, read_data(folder), folder, read_shared(folder))
    return paper._replace(cohorts=tuple(survival))


def places(paper: Paper, folder: Path | str) -> Iterator[tuple[int, Paper, tuple]]:
    """Under each smallest correction the facts that it leaves, in every shape with a solution."""
    for correction, own in read_table("related_corrections", folder).groupby("correction"):
        left = paper._replace(facts=kept_facts(paper, own))
        yield from (
            (int(correction), left, shape)
            for shape in ordered_shapes(left)
            if first_shape(left, [shape])
        )


def held(paper: Paper, shape: tuple, without: Iterable[dict] = ()) -> Model:
    """A model of one shape in which all facts hold, without the cells that are excluded."""
    model = model_of(paper, None, shape)
    for literal in model.held.values():
        model.cells.m.add(literal == 1)
    exclude(model.cells, without)
    return model


def cells_frame(seen: Seen, dictionary: pd.DataFrame) -> pd.DataFrame:
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
    levels, columns = levels_of(dictionary), dictionary["column"].tolist()
    rows.sort(key=lambda r: (levels.index(r[0]), columns.index(r[2]), r[1]))
    return pd.DataFrame(rows, columns=CELLS)


def witnesses_frame(seen: Seen, survival: list[pd.DataFrame], folder: Path | str) -> pd.DataFrame:
    """The whole columns in which witnesses differ from the edition; as few of them as will do."""
    edition, complete, rows = read_tables(folder), completion(survival, folder), []
    for k, (correction, tables) in enumerate(seen.witnesses, 1):
        whole = complete(tables, k)
        changed = differing(whole, edition)
        for table, column in ((t, c) for t, frame in whole.items() for c in frame):
            if (table, column) in changed:
                cells = cells_in_words(whole[table][column])
                rows.append((f"W{k:03d}", correction, table, column, cells))
    return few_witnesses(pd.DataFrame(rows, columns=WITNESSES), edition)


def few_witnesses(rows: pd.DataFrame, edition: dict) -> pd.DataFrame:
    """The witnesses, the one with most new cells first, that change all cells that any changes."""
    changed = {}
    for row in rows.itertuples():
        own = cells_in_words(edition[row.table][row.column]).split(" ")
        pairs = enumerate(zip(own, row.cells.split(" "), strict=True))
        cells = {(row.table, row.column, i) for i, (old, new) in pairs if old != new}
        changed.setdefault(row.witness, set()).update(cells)
    left, chosen = set().union(*changed.values()), []
    while left:
        chosen.append(max(changed, key=lambda name: len(changed[name] & left)))
        left -= changed[chosen[-1]]
    return rows[rows["witness"].isin(chosen)].reset_index(drop=True)
