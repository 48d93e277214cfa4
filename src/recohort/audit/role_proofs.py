"""Why a fact comes back when it is left out: the few others that leave it no other value.

`role_proofs.csv`. A proof's members are printed facts and sentences, rules (of `rules.csv` and of
the dictionary, which sentences of the paper stand behind) and columns of survival, as the cohorts
of the survival search have them. Together they allow the fact no other value; without any one of
them some tables do. Looked for among what names the same columns first, then farther away.
"""

from collections import Counter
from collections.abc import Collection
from functools import partial
from pathlib import Path

import pandas as pd

from recohort.audit.related_roles import fixed_by_its_column
from recohort.audit.sums import fixed_by_sums
from recohort.audit.trial import EFFORT, SIZE, whole_paper
from recohort.audit.whole import Judge, judge_of
from recohort.cells.broken import add_broken
from recohort.cells.facts import PARTS
from recohort.cells.relations import SEES_SUMS, Paper, model_of, run
from recohort.minimal import irreducible
from recohort.paper.reading import SENTENCE, columns_of
from recohort.paper.rows import table_of
from recohort.paper.rules import columns_of_rule

COLUMN, RULE = "column.", "rule."  # what a member's name begins with, where it is no fact
QUICK = (*PARTS, "minimum", "maximum")  # means, spreads and curves are slow and never needed
FARTHEST = 6  # steps from column to column


def role_proofs(
    folder: Path | str, roles: pd.DataFrame, survival: list[pd.DataFrame]
) -> pd.DataFrame:
    """A proof of each confirmed fact outside survival that one model decides. Minutes.

    `roles` are the table of that name, `survival` frames of all cohorts of the survival search.
    One row a member. Columns: fact, member. Facts about means and spreads (see
    `related_roles.fixed_by_its_column`) and about the pairs have proofs of another kind.
    """
    judge = judge_of(folder)
    paper = whole_paper(folder, judge.rows, survival)
    asked = roles[(roles["role"] == "confirmed") & (roles["by"] != "")]
    found = []
    for fact, by in zip(asked["fact"], asked["by"], strict=True):
        members, own = sums_of(fact, judge), paper.facts.get(fact)
        if members and own and follows(paper, fact, members):  # shares may do without a sum
            members = irreducible(members, partial(follows, paper, fact))
        elif not members and own and not fixed_by_its_column(own, judge):
            members = proof_of(paper, fact, words=by == "words")
        found += [(fact, member) for member in members]
    return pd.DataFrame(found, columns=["fact", "member"])


def sums_of(fact: str, judge: Judge) -> list[str]:
    """Other facts that fix a fact's counts by sums alone; none where they do not.

    See `sums.fixed_by_sums`.
    """
    rows = [r for r in judge.rows if r.statistic == "count" and not r.fact.startswith(SENTENCE)]
    names, tables, sizes = {}, {}, Counter(r.fact for r in rows)
    for row in rows:
        names.setdefault(row.fact, set()).update(columns_of(row))
        tables.setdefault(row.fact, set()).add(table_of(row))
    own = names.get(fact, set())

    def fixed(facts):
        told = [r for r in judge.rows if r.fact in {fact, *facts} or columns_of(r) == SIZE]
        return fixed_by_sums(fact, told, judge.edition, judge.dictionary)

    pool = [f for f in names if f != fact and tables[f] & tables.get(fact, set())]
    pool = [f for f in pool if names[f] != SIZE]
    pool.sort(key=lambda other: (len(names[other] - own), sizes[other], other))
    return irreducible(pool, fixed) if fixed(pool) else []


def proof_of(paper: Paper, fact: str, words: bool = False) -> list[str]:
    """Members that leave the fact no other value, none of which can be spared.

    With `words`, sentences about the same columns may be among them. Raises ArithmeticError where
    all that is told does leave it another value, or the solver gives up.
    """
    near = paper.named(fact) - SIZE
    cells = {name for name in near if name[1] != "rows"}
    told = {
        f
        for f, rows in paper.facts.items()
        if f != fact and all(r.statistic in QUICK for r in rows)
    }
    if not words:
        told -= {f for f in told if f.startswith(SENTENCE) and paper.named(f) & cells}
    for _ in range(FARTHEST):
        members = [f for f in told if paper.named(f) & near]
        members += [r for r, columns in rules_by_name(paper).items() if columns & near]
        members += [f"{COLUMN}{c}" for t, c in near if t == "patients" and c in paper.cohorts[0]]
        if follows(paper, fact, members):
            members.sort(key=_preferred(paper, fact))
            return irreducible(members, partial(follows, paper, fact))
        near = near.union(*(places(paper, m) for m in members)) - SIZE
    raise ArithmeticError(f"{fact}: nothing was found that it follows from")


def rules_by_name(paper: Paper) -> dict:
    """Names of the paper's rules as members have them, each with the columns that it names."""
    found = {}
    for rule in paper.rules:
        found.setdefault(RULE + rule.id, set()).update(columns_of_rule(rule))
    return found


def places(paper: Paper, member: str) -> set:
    """The (table, column) pairs that a member names."""
    if member.startswith(COLUMN):
        return {("patients", member.removeprefix(COLUMN))}
    return rules_by_name(paper)[member] if member.startswith(RULE) else paper.named(member)


def _preferred(paper, fact):
    """Printed numbers first, those about few other columns; then columns, rules, sentences."""
    own = paper.named(fact)

    def key(member):
        kinds = [member.startswith(start) for start in (SENTENCE, RULE, COLUMN)]
        return *kinds, len(places(paper, member) - own), member

    return key


def follows(paper: Paper, fact: str, members: Collection[str]) -> bool:
    """Do the members leave a fact no other value, whatever else is printed?"""
    frames = [f[[c for c in f if COLUMN + c in members]] for f in paper.cohorts]
    part = paper._replace(
        rules=[r for r in paper.rules if RULE + r.id in members], cohorts=tuple(frames)
    )
    model = model_of(part, [fact, *(m for m in members if m in paper.facts)])
    broken = add_broken(model.cells, paper.facts[fact], paper.conventions)
    for literal in (broken, *(x for name, x in model.held.items() if name != fact)):
        model.cells.m.add(literal == 1)
    try:
        return run(model.cells.m, max_deterministic_time=EFFORT, **SEES_SUMS) is None
    except ArithmeticError:
        return False
