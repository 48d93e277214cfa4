"""Why facts come back: each proof by a second route, every way of one patient listed plainly.

`second_listing` shares no code with the solver that found the proofs. What it cannot decide, means
and spreads, is listed here in whole numbers.
"""

from functools import cache
from types import SimpleNamespace

import pytest

from second_listing import COLUMN, every_rule, left_to
from thirteen.all_cohorts import listed_cohorts
from thirteen.cohort import DATA, frame_of, read_data, read_table
from thirteen.published import columns_of, rows_of
from thirteen.related_roles import told
from thirteen.search.relations import most_rows

ROLES = read_table("roles").set_index("fact")
PROOFS = read_table("role_proofs")
MEMBERS = {fact: own["member"].tolist() for fact, own in PROOFS.groupby("fact", sort=False)}
PUBLISHED, STATEMENTS, CONVENTIONS = read_data()

pytestmark = pytest.mark.xdist_group("role_proofs")  # one worker: what is told is read once


@cache
def known():
    """All that is told, the survival cohorts, and how many sessions and tumors there can be."""
    problem, found = listed_cohorts()
    frames = [frame_of(SimpleNamespace(problem=problem), cohort) for cohort in found]
    return told(DATA), frames, most_rows(rows_of(PUBLISHED, STATEMENTS)), CONVENTIONS


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


@pytest.mark.parametrize("fact", MEMBERS)
def test_members_leave_no_other_value(fact):
    """By listing: with all members the fact is printed; without one of them it may not be."""
    members = MEMBERS[fact]
    assert left_to(fact, members, *known()) == {True}
    for member in members:
        rest = [m for m in members if m != member]
        assert left_to(fact, rest, *known()) == {True, False}, member
