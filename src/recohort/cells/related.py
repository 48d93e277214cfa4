"""Sessions, tumors, progression and history of the edition, and what was given up for them."""

from itertools import product
from pathlib import Path

import pandas as pd

from recohort.cells.cells import beside_of
from recohort.cells.edition import choose, exceptions, first_shape, ordered_shapes, without
from recohort.cells.giving_up import any_option, fewest_false, fewest_switches
from recohort.cells.over_reals import over_reals
from recohort.cells.relations import BLOCKS, Paper, paper_of
from recohort.edition import CORRECTIONS, Work, people_over_reals
from recohort.folder import read_table
from recohort.paper.printed import without_facts
from recohort.paper.reading import SENTENCE, columns_of, rows_of
from recohort.paper.rows import SHARE, Row, members
from recohort.paper.rules import read_rules


def related_paper(work: Work, cohort: dict, shared: dict | None = None) -> Paper:
    """All facts about related tables, tied to what `cohort` (tables by name) has filled in.

    `shared` maps facts to the related table whose rows their percentage is of.
    """
    published, statements, conventions = work.data
    patients, shared = cohort["patients"], shared or {}
    rows = list({row[1:]: row for row in rows_of(published, statements)}.values())
    rows = [
        r._replace(switches=((SHARE, shared[r.fact]),)) if r.fact in shared else r for r in rows
    ]
    blocks = work.dictionary.set_index(["table", "column"])["block"]
    beside = beside_of(work.dictionary)
    looked = [columns_of(row) for row in rows]
    tied = {c for names in looked for _, c in names if any(t in beside for t, _ in names)}
    open_columns = [c for c in patients if blocks["patients", c] in BLOCKS and c not in tied]
    known = patients.drop(columns=open_columns).dropna(axis="columns", how="all")
    known = known.assign(**settled(rows, cohort, beside))
    rules = read_rules(work.folder / "rules.csv")
    return paper_of(rows, work.dictionary, rules, [known], conventions, len(known))


def settled(rows: list[Row], cohort: dict, beside: tuple) -> dict:
    """Flags that a count settles: as many patients as it says have the pair that it asks for."""
    found = {}
    cells = tuple(f"{table}.{column}" for table in beside for column in cohort.get(table, ()))
    for row in rows:
        measured = [f for f in row.filters if f[0] in cells]
        others = [f for f in row.filters if f not in measured]
        if row.statistic != "count" or row.options or len(others) != 1 or not measured:
            continue
        (flag, _, value), met = others[0], members(cohort, "patients", measured)
        if met.sum() == int(row.printed) and value in ("True", "False"):
            found[flag] = met if value == "True" else ~met
    return found


def related_corrections(work: Work) -> dict:
    """`related_corrections.csv`: the smallest sets to give up for the related tables.

    Whatever the options are; one row a fact, the edition's set first. Each with the fewest facts
    that then need another option; digits cut off (`halves=cut`) are tried only for what no set
    keeps otherwise. Searched for in the last shape with several rows of the last table for one
    first row of the one before: whose it is makes no difference to the facts that conflict. Over
    real numbers and all cohorts of the survival search: nothing less will do. Columns: block,
    correction, fact, kind, convention.
    """
    paper = related_paper(work, work.first)
    shapes, sure = ordered_shapes(paper), over_reals(paper, *people_over_reals(work.result))
    facts = [f for f in sure.facts if sure.blocks[f] == "tumors"]
    model, ways = any_option(sure, facts, [s for s in shapes if max(n[0] for n in s) > 1][-1])
    found = fewest_false(model.cells.m, model.held, len(facts))
    published, statements, _ = work.data
    printed = published["fact"].tolist()
    order = [*dict.fromkeys(printed), *(SENTENCE + statements["id"])]
    # What is printed least comes first: statements before numbers, the first in the files.
    found.sort(key=lambda own: sorted((printed.count(f), order.index(f)) for f in own))
    rows, always = [], frozenset.intersection(*found)
    sets = [(aside, needed) for aside in found for needed in fewest_switches(model, ways, aside)]
    for number, (aside, needed) in enumerate(sets, 1):
        left = {f: own for f, own in paper.facts.items() if f not in aside - always}
        kept = exceptions(paper._replace(facts=left), shapes, needed | always)
        for fact in sorted(aside | needed):
            kind = "excepted" if fact in kept else "set_aside"
            rows.append(("tumors", number, fact, kind, "=".join(kept.get(fact, ()))))
    return {"related_corrections": pd.DataFrame(rows, columns=CORRECTIONS)}


def shared_facts(work: Work, corrections: pd.DataFrame) -> dict:
    """Of the facts about patients that `corrections` set aside, those that are a share of others.

    By fact, the related table of whose rows its percentages are a share, so that all other facts
    can still be printed under the first correction of the related tables.
    """
    aside = corrections.loc[
        (corrections["block"] == "survival") & (corrections["kind"] == "set_aside"), "fact"
    ]
    published = work.data[0]
    percent = set(published.loc[published["statistic"] == "percent", "fact"])
    first = corrections[(corrections["block"] == "tumors") & (corrections["correction"] == 1)]
    paper, found = related_paper(work, work.first), {}
    shapes = ordered_shapes(paper)
    for fact, table in product((f for f in aside if f in percent), paper.most):
        paper = related_paper(work, work.first, found | {fact: table})
        kept = {f: own for f, rows in paper.facts.items() if (own := without_facts(rows, first))}
        if fact not in found and first_shape(paper._replace(facts=kept), shapes):
            found[fact] = table
    return found


def read_shared(folder: Path | str) -> dict:
    """What `shared_facts` found, from `corrections.csv`."""
    convention = read_table("corrections", folder).set_index("fact")["convention"]
    own = convention[convention.str.startswith(f"{SHARE}=")]
    return own.str.removeprefix(f"{SHARE}=").to_dict()


def related_tables(work: Work, corrections: pd.DataFrame, shared: dict) -> dict:
    """The edition's tables by name, under the first of the corrections."""
    paper = related_paper(work, work.first, shared)
    shapes = ordered_shapes(paper)
    kept = without(paper, shapes, corrections[corrections["correction"] == 1])
    return choose(kept, first_shape(kept, shapes))
