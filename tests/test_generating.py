"""Facts that leave the same cohorts as all: the committed set, its witnesses, and a way back."""

import pytest

from committed import kept_problem
from recohort.audit.generating import size_facts
from recohort.audit.sufficient import (
    cohort_key,
    other_cohort,
    sufficient,
    too_many,
)
from recohort.paper.rows import Row
from recohort.survival.cohorts import cohorts
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.printing import printed_facts
from recohort.survival.problem import Problem
from recohort.witness import cohort_from_words
from thirteen.data import read_table

MADE = read_table("generating")
GIVEN = MADE.loc[MADE["role"] == "given", "fact"].tolist()
PROBLEM = kept_problem()
FOUND = list(cohorts(PROBLEM, every_word=True))
WANTED = {cohort_key(cohort) for cohort in FOUND}


def witnesses() -> dict:
    """The cohort beside each given fact, by fact."""
    kept = MADE[MADE["witness"] != ""].set_index("fact")["witness"]
    return {fact: cohort_from_words(text, PROBLEM.landmarks) for fact, text in kept.items()}


@pytest.mark.slow
def test_the_given_facts_leave_the_cohorts_of_all_facts():
    """The complete search, told the given facts only: the same cohorts, none more, none less."""
    again = [cohort_key(c) for c in cohorts(keeping(PROBLEM, GIVEN), every_word=True)]
    assert len(again) == len(WANTED) == len(FOUND)
    assert {*again} == WANTED


@pytest.mark.slow
def test_the_hazard_ratio_and_its_interval_can_be_predicted():
    """Two rates in its place leave the same cohorts; one of them alone does not."""
    traded = {*GIVEN, "os.nsclc.1y", "os.others.3y"} - {"hr.nsclc"}
    assert other_cohort(PROBLEM, traded, WANTED) is None
    assert other_cohort(PROBLEM, traded - {"os.nsclc.1y"}, WANTED) is not None
    needed = read_table("roles").query("role != 'confirmed'")["fact"]
    assert {f for f in traded if f.startswith(("p.", "hr."))} <= {*needed}


def test_none_can_be_spared():
    """Each given fact has a cohort that fits all others given, but not it: so it is no answer."""
    others = witnesses()
    for fact in (f for f in GIVEN if f not in others and f not in size_facts(PROBLEM)):
        assert too_many(PROBLEM, {*GIVEN} - {fact}), fact  # not asked to the end
    for fact, cohort in others.items():
        printed = printed_facts(PROBLEM, cohort)
        assert {*GIVEN} - printed == {fact}


def test_every_fact_has_its_place_and_predictions_come_true():
    """Each fact of the search once; every one is printed by the cohorts that are left."""
    assert MADE["fact"].tolist() == facts_of(PROBLEM)
    assert set(MADE["role"]) == {"given", "predicted"}
    assert (MADE["role"] == "predicted").sum() > len(GIVEN)
    for cohort in FOUND[::27]:
        assert printed_facts(PROBLEM, cohort) == {*MADE["fact"]}


def test_of_a_small_paper_what_can_be_spared_goes():
    """Three times and one death: the mean and the number of the living say nothing new."""
    asked = [("n", "count", "3", ()), ("dead", "count", "1", (("event", "=", "True"),)),
             ("alive", "count", "2", (("event", "=", "False"),)), ("least", "minimum", "1.0", ()),
             ("middle", "median", "2.0", ()), ("most", "maximum", "3.0", ()),
             ("mean", "mean", "2.0", ())]  # fmt: skip
    rows = tuple(Row(f, f, s, filters, (), "rounds to", value) for f, s, value, filters in asked)
    paper = Problem(3, (), (), rows, PROBLEM.conventions)
    found = list(cohorts(paper, every_word=True))
    assert [tuple(map(round, c.times)) for c in found] == [(1, 2, 3)] * 3
    chosen = sufficient(paper, found, [], size_facts(paper))
    assert chosen.facts == ("n", "dead", "least", "middle", "most")
    wanted = {cohort_key(cohort) for cohort in found}
    assert other_cohort(paper, chosen.facts, wanted) is None
    assert other_cohort(paper, chosen.facts[:-1], wanted) is not None
    with pytest.raises(AssertionError):
        other_cohort(paper, chosen.facts, {*wanted, "another"})
