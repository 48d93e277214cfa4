"""Sessions, tumors, progression and history of the edition, and what was given up for them."""

from pathlib import Path

import pandas as pd

from recohort.cells.cells import MEASURED
from recohort.cells.edition import choose, exceptions, first_shape, ordered_shapes, without
from recohort.cells.giving_up import fewest_false
from recohort.cells.relations import BLOCKS, model_of, paper_of
from recohort.cells.rules import read_rules
from recohort.paper.reading import SENTENCE, columns_of, read_dictionary, rows_of
from recohort.paper.statistics import members


def related_paper(cohort: dict, published, statements, conventions, folder):
    """All facts about related tables, tied to what `cohort` (tables by name) has filled in."""
    patients = cohort["patients"]
    rows = list({row[1:]: row for row in rows_of(published, statements)}.values())
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    blocks = dictionary.set_index(["table", "column"])["block"]
    looked = [columns_of(row) for row in rows]
    tied = {c for names in looked for _, c in names if any(t == MEASURED for t, _ in names)}
    open_columns = [
        c for c in patients if blocks["patients", c] in BLOCKS and c not in tied
    ]  # fmt: skip
    known = patients.drop(columns=open_columns).dropna(axis="columns", how="all")
    known = known.assign(**settled(rows, cohort))
    rules = read_rules(Path(folder) / "rules.csv")
    return paper_of(rows, dictionary, rules, [known], conventions, len(known))


def settled(rows, cohort) -> dict:
    """Flags that a count settles: as many patients as it says have the pair that it asks for."""
    found = {}
    for row in rows if "renal_function" in cohort else ():
        measured = [f for f in row.filters if f[0].startswith("renal_function.egfr")]
        others = [f for f in row.filters if f not in measured]
        if row.statistic != "count" or row.options or len(others) != 1 or not measured:
            continue
        (flag, _, value), met = others[0], members(cohort, "patients", measured)
        if met.sum() == int(row.printed) and value in ("True", "False"):
            found[flag] = met if value == "True" else ~met
    return found


def related_corrections(cohort, published, statements, conventions, folder) -> pd.DataFrame:
    """The smallest sets to give up; one row a fact of a set, the edition's set first. Minutes.

    Searched for in the shape with the two tumors in the first session of the last patient
    with several; which patient it is makes no difference to the facts that conflict.
    What the paper prints least often is given up first: statements before figures, and the
    first in the files. Columns: block, correction, fact, kind, convention.
    """
    paper = related_paper(cohort, published, statements, conventions, folder)
    shapes = ordered_shapes(paper)
    facts = [f for f, block in paper.blocks.items() if block == "tumors"]
    model = model_of(paper, facts, [s for s in shapes if max(n[0] for n in s) > 1][-1])
    found = fewest_false(model.cells.m, model.held, len(facts))
    printed = published["fact"].tolist()
    order = [*dict.fromkeys(printed), *(SENTENCE + statements["id"])]
    found.sort(key=lambda facts: sorted((printed.count(f), order.index(f)) for f in facts))
    rows = []
    for number, aside in enumerate(found, 1):
        kept = exceptions(paper, shapes, aside)
        for fact in sorted(aside):
            kind = "excepted" if fact in kept else "set_aside"
            rows.append(("tumors", number, fact, kind, "=".join(kept.get(fact, ()))))
    return pd.DataFrame(rows, columns=["block", "correction", "fact", "kind", "convention"])


def related_tables(cohort, published, statements, conventions, folder, corrections) -> dict:
    """The edition's tables by name, under the first of the corrections."""
    paper = related_paper(cohort, published, statements, conventions, folder)
    shapes = ordered_shapes(paper)
    kept = without(paper, shapes, corrections[corrections["correction"] == 1])
    return choose(kept, first_shape(kept, shapes))
