"""Why a fact comes back when it is left out: the few others that leave it no other value.

`role_proofs.csv`. A proof's members are printed facts and sentences, rules (of `rules.csv` and of
the dictionary, which sentences of the paper stand behind) and columns of survival, as the cohorts
of the survival search have them. Together they allow the fact no other value; without any one of
them some tables do. Looked for among what names the same columns first, then farther away.
"""

from functools import partial
from pathlib import Path

import pandas as pd

from recohort.audit.class_roles import fixed_by_sums
from recohort.audit.related_roles import (
    EFFORT,
    SIZE,
    SIZES,
    fixed_by_its_column,
    judge_of,
    whole_paper,
)
from recohort.cells.broken import add_broken
from recohort.cells.facts import COUNTS
from recohort.cells.relations import SEES_SUMS, model_of, run
from recohort.cells.rules import columns_of_rule
from recohort.paper.reading import SENTENCE, columns_of, read_dictionary
from recohort.paper.statistics import table_of

COLUMN, RULE = "column.", "rule."  # what a member's name begins with, where it is no fact
QUICK = (*COUNTS, "minimum", "maximum")  # means, spreads and curves are slow and never needed
FARTHEST = 6  # steps from column to column


def role_proofs(folder, roles, survival) -> pd.DataFrame:
    """A proof of each confirmed fact outside survival that one model decides. Minutes.

    `roles` are the table of that name, `survival` frames of all cohorts of the survival search.
    One row a member. Columns: fact, member. Facts about means and spreads (see
    `related_roles.fixed_by_its_column`) and about the pairs have proofs of another kind.
    """
    judge = judge_of(folder)
    paper = whole_paper(Path(folder), judge.rows, survival)
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    asked = roles[(roles["role"] == "confirmed") & (roles["by"] != "")]
    found = []
    for fact, by in zip(asked["fact"], asked["by"], strict=True):
        members, own = sums_of(fact, judge, dictionary), paper.facts.get(fact)
        if members and own and follows(paper, fact, members):  # shares may do without a sum
            members = irreducible(members, partial(follows, paper, fact))
        elif not members and own and not fixed_by_its_column(own, judge):
            members = proof_of(paper, fact, words=by == "words")
        found += [(fact, member) for member in members]
    return pd.DataFrame(found, columns=["fact", "member"])


def sums_of(fact, judge, dictionary) -> list[str]:
    """Other facts that fix a fact's counts by sums alone; none where they do not.

    See `class_roles.fixed_by_sums`.
    """
    counts = {}
    for row in judge.rows:
        if row.fact.startswith(SENTENCE) or row.statistic != "count":
            continue
        counts.setdefault(row.fact, []).append(row)
    own = counts.pop(fact, [])
    tables = {table_of(r) for r in own}

    def fixed(facts):
        rows = [r for r in judge.rows if r.fact in {fact, *facts} or columns_of(r) == SIZE]
        return fixed_by_sums(fact, rows, judge.edition, dictionary)

    def key(other):
        return len(named_by(counts[other]) - named_by(own)), len(counts[other]), other

    pool = [
        f
        for f, rows in counts.items()
        if tables & {table_of(r) for r in rows} and named_by(rows) != SIZE
    ]
    return irreducible(sorted(pool, key=key), fixed) if fixed(pool) else []


def proof_of(paper, fact, words=False) -> list[str]:
    """Members that leave the fact no other value, none of which can be spared.

    With `words`, sentences about the same columns may be among them. Raises ArithmeticError where
    all that is told does leave it another value, or the solver gives up.
    """
    near = named(paper, fact) - SIZE
    told = {
        f
        for f, rows in paper.facts.items()
        if f != fact and all(r.statistic in QUICK for r in rows)
    }
    if not words:
        told -= {f for f in told if f.startswith(SENTENCE) and named(paper, f) & near - SIZES}
    for _ in range(FARTHEST):
        members = [f for f in told if named(paper, f) & near]
        members += [r for r, columns in rules_by_name(paper).items() if columns & near]
        members += [f"{COLUMN}{c}" for t, c in near if t == "patients" and c in paper.cohorts[0]]
        if follows(paper, fact, members):
            members.sort(key=_preferred(paper, fact))
            return irreducible(members, partial(follows, paper, fact))
        near = near.union(*(places(paper, m) for m in members)) - SIZE
    raise ArithmeticError(f"{fact}: nothing was found that it follows from")


def named_by(rows) -> set:
    """The (table, column) pairs that rows name."""
    return {name for row in rows for name in columns_of(row)}


def named(paper, fact) -> set:
    """The (table, column) pairs that a fact names."""
    return named_by(paper.facts[fact])


def rules_by_name(paper) -> dict:
    """Names of the paper's rules as members have them, each with the columns that it names."""
    found = {}
    for rule in paper.rules:
        found.setdefault(RULE + rule.id, set()).update(columns_of_rule(rule))
    return found


def places(paper, member) -> set:
    """The (table, column) pairs that a member names."""
    if member.startswith(COLUMN):
        return {("patients", member.removeprefix(COLUMN))}
    return rules_by_name(paper)[member] if member.startswith(RULE) else named(paper, member)


def _preferred(paper, fact):
    """Printed numbers first, those about few other columns; then columns, rules, sentences."""
    own = named(paper, fact)

    def key(member):
        kinds = [member.startswith(start) for start in (SENTENCE, RULE, COLUMN)]
        return *kinds, len(places(paper, member) - own), member

    return key


def follows(paper, fact, members) -> bool:
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


def irreducible(members, sufficient, known=(), added=True) -> list:
    """Out of members that are `sufficient`, some that are and of which none can be spared.

    Earlier ones are preferred to later ones (QuickXplain: Junker, AAAI 2004); `known` are kept
    anyway, and `added` says whether some of them are new.
    """
    if added and sufficient([*known]):
        return []
    if len(members) == 1:
        return list(members)
    half = len(members) // 2
    first, last = members[:half], members[half:]
    late = irreducible(last, sufficient, [*known, *first], bool(first))
    return [*irreducible(first, sufficient, [*known, *late], bool(late)), *late]
