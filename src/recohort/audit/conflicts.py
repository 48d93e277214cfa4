"""Why facts have to be given up: for each, facts that no cohort prints together, none to spare."""

from collections.abc import Collection
from functools import partial

import pandas as pd

from recohort.cells.curves import CURVES
from recohort.cells.edition import frames_of
from recohort.cells.facts import SUMS
from recohort.cells.giving_up import any_option
from recohort.cells.over_reals import over_reals
from recohort.cells.related import related_paper
from recohort.cells.relations import SEES_SUMS, Paper, model_of, solve
from recohort.edition import Work, frame_of, people_over_reals
from recohort.folder import read_if_there
from recohort.minimal import irreducible
from recohort.survival.corrections import Pool, facts_of, minimal_conflict
from recohort.witness import cohort_in_words, tables_in_words


def conflicts(work: Work) -> dict:
    """`conflicts.csv`: minimal conflicts of every block, each member with its witness.

    For each fact of the first correction of survival, and of every correction of related tables, a
    minimal set of facts that no cohort prints together. One row a member: `block`, `fact`,
    `member`, `witness`, a cohort that prints all the other members (empty where the fact
    contradicts itself). Minutes.
    """
    rows, given_up = _of_survival(work.result), read_if_there("related_corrections", work.folder)
    if not given_up.empty:
        rows += _of_related(work, given_up)
    return {"conflicts": pd.DataFrame(rows, columns="block fact member witness".split())}


def _of_survival(result):
    pool, aside, rows = Pool(result.paper), result.corrections[0], []
    for fact in sorted(aside):
        facts = [f for f in facts_of(result.paper) if f not in aside or f == fact]
        found = minimal_conflict(pool, facts)
        rows += [("survival", fact, m, cohort_in_words(found[m])) for m in sorted(found)]
    return rows


def _of_related(work, corrections):
    """The other facts of a fact's correction stay out of its set.

    Judged over real numbers, all cohorts of the survival search and any number of sessions and
    tumors that the paper speaks of. A witness is in the columns that the other members name.
    """
    cohort = {"patients": frame_of(work.result, work.result.grid[0])}
    paper = related_paper(cohort, work.data, work.folder)
    paper, rows, done = over_reals(paper, *people_over_reals(work.result)), [], set()
    for _, aside in corrections.groupby("correction"):
        for fact, block_name, kind in aside[["fact", "block", "kind"]].itertuples(index=False):
            if fact not in done:
                others = quick_facts(paper, block_name, {fact, *aside["fact"]})
                members, model = _conflict(paper, fact, others, kind == "set_aside")
                witness = partial(_without, paper, model, members)
                rows += [(block_name, fact, m, witness(m)) for m in sorted(members)]
            done.add(fact)
    return rows


def quick_facts(paper: Paper, block: str, aside: Collection[str]) -> list[str]:
    """A block's facts but those `aside`, without sums and curves; few columns come first."""
    quick = [
        f
        for f, rows in paper.facts.items()
        if paper.blocks[f] == block
        and f not in aside
        and all(r.statistic not in SUMS + CURVES for r in rows)
    ]
    return sorted(quick, key=lambda f: len({c for _, c in paper.named(f)} - {"rows"}))


def _conflict(paper, fact, quick, free):
    """A minimal conflict of a fact with quick ones; and the model that shows it.

    With `free`, they do not hold together under any options either. Facts that come first are
    preferred. Raises ValueError where quick facts do not do.
    """
    facts, model = [fact, *quick], model_of(paper, [fact, *quick])
    if _solved(model, facts, **SEES_SUMS):
        raise ValueError(f"{fact}: no conflict with quick facts")
    members = irreducible(facts, lambda some: _solved(model, some, **SEES_SUMS) is None)
    if free and _solved(any_option(paper, members)[0], members, **SEES_SUMS):
        raise ArithmeticError(f"{fact}: another option mends {members}")
    return members, model


def _solved(model, facts, **parameters):
    return solve(model, [model.held[fact] for fact in facts], **parameters)


def _without(paper, model, members, member):
    """A cohort that prints the members but one, as text."""
    others = [f for f in members if f != member]
    if not others:
        return ""
    levels = paper.levels
    keys = {(t, f"{o[:-1]}_id") for t in levels for o in levels if o != t}
    tables = frames_of(model, _solved(model, others))
    return tables_in_words(tables, paper.named(*others) | keys)
