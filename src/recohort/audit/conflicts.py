"""Why facts have to be given up: for each, facts that no cohort prints together, none to spare."""

import pandas as pd

from recohort.blocks import Related, minimal_conflict
from recohort.cells.curves import CURVES
from recohort.cells.facts import SUMS
from recohort.cells.giving_up import any_option
from recohort.cells.over_reals import over_reals
from recohort.cells.related import related_paper
from recohort.cells.relations import SEES_SUMS, model_of
from recohort.edition import Work, frame_of, people_over_reals
from recohort.folder import read_if_there
from recohort.survival.corrections import Pool, facts_of
from recohort.survival.corrections import minimal_conflict as survival_conflict
from recohort.witness import cohort_in_words, tables_in_words


def conflicts(work: Work) -> dict:
    """`conflicts.csv`: minimal conflicts of every block, each member with its witness.

    For each fact of the first correction of survival, and of every correction of related tables, a
    minimal set of facts that no cohort prints together. One row a member: `block`, `fact`,
    `member`, `witness`, a cohort that prints all the other members (empty where the fact
    contradicts itself). Minutes.
    """
    result, rows = work.result, []
    pool, aside = Pool(result.paper), result.corrections[0]
    for fact in sorted(aside):
        facts = [f for f in facts_of(result.paper) if f not in aside or f == fact]
        found = survival_conflict(pool, facts)
        rows += [("survival", fact, m, cohort_in_words(found[m])) for m in sorted(found)]
    given_up = read_if_there("related_corrections", work.folder)
    if not given_up.empty:
        rows += _of_related(work, given_up)
    return {"conflicts": pd.DataFrame(rows, columns="block fact member witness".split())}


def _of_related(work, corrections):
    """Judged over real numbers, all cohorts of survival, any number of sessions and tumors told.

    The other facts of a fact's first correction stay out of its set. A witness is in the columns
    that the other members name.
    """
    paper = related_paper(work, {"patients": frame_of(work.result, work.result.grid[0])})
    paper, rows = over_reals(paper, *people_over_reals(work.result)), []
    own = corrections.groupby("correction")["fact"].agg(set)
    for first in corrections.drop_duplicates("fact").itertuples():
        asked = [first.fact, *_quick_facts(paper, first.block, own[first.correction])]
        model = model_of(paper, asked)
        members = minimal_conflict(Related(model, SEES_SUMS), asked)
        # what is set aside conflicts under any options
        free = first.kind == "set_aside" and any_option(paper, members)[0]
        if free and Related(free, SEES_SUMS).solve(members):
            raise ArithmeticError(f"{first.fact}: another option mends {members}")
        for member in sorted(members):
            witness = _without(paper, Related(model, {}), members, member)
            rows.append((first.block, first.fact, member, witness))
    return rows


def _quick_facts(paper, block, aside):
    """A block's facts but those `aside`, without sums and curves; few columns come first."""
    quick = [
        f
        for f, rows in paper.facts.items()
        if paper.blocks[f] == block
        and f not in aside
        and all(r.statistic not in SUMS + CURVES for r in rows)
    ]
    return sorted(quick, key=lambda f: len({c for _, c in paper.named(f)} - {"rows"}))


def _without(paper, block, members, member):
    """A cohort that prints the members but one, as text."""
    others = [f for f in members if f != member]
    if not others:
        return ""
    levels = paper.levels
    keys = {(t, f"{o[:-1]}_id") for t in levels for o in levels if o != t}
    return tables_in_words(block.solve(others), paper.named(*others) | keys)
