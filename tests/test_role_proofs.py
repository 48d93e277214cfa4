"""Why facts come back: each proof by a second route, every way of one patient listed plainly.

`second_listing` shares no code with the solver that found the proofs. What it cannot decide, means
and spreads, is listed here in whole numbers.
"""

import operator
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from types import SimpleNamespace

import pytest

from committed import kept_problem
from recohort.audit.whole import told
from recohort.cells.cells import levels_of
from recohort.cells.relations import most_rows
from recohort.edition import frame_of
from recohort.paper.reading import columns_of, read_dictionary, rows_of
from recohort.paper.rounding import printed_bounds, prints_as
from recohort.survival.cohorts import cohorts
from second_listing import COLUMN, every_rule, left_to, values_of
from thirteen.data import DATA, read_data, read_table
from tiers import first

ROLES = read_table("roles").set_index("fact")
PROOFS = read_table("role_proofs")
MEMBERS = {fact: own["member"].tolist() for fact, own in PROOFS.groupby("fact", sort=False)}
PUBLISHED, STATEMENTS, CONVENTIONS = read_data()

LEVELS = levels_of(read_dictionary(DATA / "dictionary.csv"))
KEPT = {">=": operator.ge, "<": operator.lt}

pytestmark = pytest.mark.xdist_group("role_proofs")  # one worker: what is told is read once


@cache
def known():
    """All that is told, the survival cohorts, and how many sessions and tumors there can be."""
    problem = kept_problem()
    found = cohorts(problem, every_word=True)
    frames = [frame_of(SimpleNamespace(problem=problem), cohort) for cohort in found]
    return told(DATA), frames, most_rows(rows_of(PUBLISHED, STATEMENTS), LEVELS), CONVENTIONS


def test_every_member_is_known():
    """Members are facts, rules or columns of survival; what is proved is confirmed."""
    rows, frames, *_ = known()
    names = {r.fact for r in rows} | {name for name, *_ in every_rule()}
    names |= {COLUMN + name for name in frames[0]}
    assert set(PROOFS["member"]) <= names
    assert not any(fact in own for fact, own in MEMBERS.items())
    assert set(ROLES.loc[list(MEMBERS), "role"]) == {"confirmed"}


def test_sentences_about_the_same_columns_only_where_words_are_said():
    """A fact that numbers confirm has no sentence about its own columns among its members."""
    rows, *_ = known()
    for fact in ROLES.index[ROLES["by"] == "numbers"].intersection(list(MEMBERS)):
        own = {c for r in rows if r.fact == fact for c in columns_of(r) if c[1] != "rows"}
        words = [r for r in rows if r.fact in MEMBERS[fact] and r.fact.startswith("statement.")]
        assert not any(columns_of(r) & own for r in words), fact


@pytest.mark.parametrize("fact", first(10, [*MEMBERS]))
def test_members_leave_no_other_value(fact):
    """By listing: with all members the fact is printed; without one of them it may not be."""
    members = MEMBERS[fact]
    assert left_to(fact, members, *known()) == {True}
    for member in members:
        rest = [m for m in members if m != member]
        assert left_to(fact, rest, *known()) == {True, False}, member


CYCLES = ["cycles.minimum", "cycles.maximum"]


def test_what_has_no_row_is_proved_elsewhere():
    """Ends of ranges that follow from sums, and a share that is arithmetic alone."""
    asked = ROLES.index[(ROLES["role"] == "confirmed") & (ROLES["by"] != "")]
    assert set(asked) - set(MEMBERS) == {*CYCLES, "n.institution"}


@pytest.mark.parametrize("fact", CYCLES)
def test_ends_of_cycles_by_every_sample(fact):
    """All samples of so many whole numbers, in plain integers; the SD is needed for it."""
    n, ends = int(figure("n.tumors.cryoablation")), [int(figure(f)) for f in CYCLES]
    every = values_of(("tumors", "freeze_thaw_cycles"), (), ())
    kept = [int(k) for k in every if k and (fact == CYCLES[0] or k >= ends[0])
            and (fact == CYCLES[1] or k <= ends[1])]  # fmt: skip
    other = max if fact == CYCLES[0] else min
    samples = [s for s in combinations_with_replacement(kept, n)
               if other(s) == ends[fact == CYCLES[0]]
               and prints_as(Fraction(sum(s), n), figure("cycles.mean"), "up")]  # fmt: skip
    by = n * (n - (CONVENTIONS["sd"] == "sample"))
    low, high = (by * end**2 for end in printed_bounds(figure("cycles.sd")))
    spread = [s for s in samples if low <= n * sum(k * k for k in s) - sum(s) ** 2 < high]
    own = min if fact == CYCLES[0] else max
    assert {own(s) for s in spread} == {int(figure(fact))}
    assert {own(s) for s in samples} > {int(figure(fact))}


def figure(fact):
    """The printed number of a fact with one row, as text."""
    return next(r.printed for r in known()[0] if r.fact == fact)
